#!/usr/bin/env python3
"""Times the training loop of groklab's paper configuration in PyTorch, on the CPU."""

# What was tried for the fastest loop, in ms a step on two cores of an AMD EPYC (Zen 4, AVX-512) with
# PyTorch 2.11: the fastest of several epochs, since the machine had other work during some, and CPU
# time where one thread ran. 60 % of a step is matrix products in MKL.
#
#   attention, eager       SDPA with is_causal 40.5, SDPA with a mask 41.4, matmul and softmax 40.1,
#                          broadcast and sum 40.7: no difference, so it is the usual call
#   AdamW, eager           fused 40.5, foreach 41.5, one tensor at a time 41.7
#   torch.compile          50.5 with SDPA, 51.5 with matmul and softmax, 50.8 with broadcast and
#                          sum, 50.3 in the mode max-autotune: slower than eager every way
#   malloc                 that keeps freed memory: within the noise in eager mode
#   R replicas, per step   on one thread: a loop 68, torch.func.vmap 72 with matmul and softmax, 80
#                          with SDPA. On two: one after another on both 44, each replica on a
#                          thread of its own 34, so that is what --replicas does

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import harness
from harness import HEADS, LAYERS, LENGTH, MODULUS, WIDTH


class Block(nn.Module):
    """Post-norm: LN(x + attention(x)), then LN(x + mlp(x)). [B, T, d] → [B, T, d]."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.output = nn.Linear(WIDTH, WIDTH, bias=False)
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.expand = nn.Linear(WIDTH, 4 * WIDTH, bias=False)
        self.contract = nn.Linear(4 * WIDTH, WIDTH, bias=False)
        self.mlp_norm = nn.LayerNorm(WIDTH)

    def attend(self, x):
        parts = self.qkv(x).view(-1, LENGTH, 3, HEADS, WIDTH // HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each [B, heads, T, d / heads]
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.output(mixed.transpose(1, 2).flatten(2))

    def forward(self, x):
        x = self.attention_norm(x + self.attend(x))
        return self.mlp_norm(x + self.contract(F.relu(self.expand(x))))


def sinusoidal_positions():
    """Vaswani et al. 2017, arXiv:1706.03762, §3.5. [T, d]"""
    frequencies = 10000.0 ** (-torch.arange(0, WIDTH, 2, dtype=torch.float64) / WIDTH)
    angles = torch.arange(LENGTH).unsqueeze(1) * frequencies
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1).float()


class Decoder(nn.Module):
    """Tokens [B, T] → logits of the answer [B, K]. The paper starts as PyTorch does by default."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(MODULUS + 2, WIDTH)
        self.register_buffer("positions", sinusoidal_positions())
        self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
        self.head = nn.Linear(WIDTH, MODULUS, bias=False)

    def forward(self, tokens):
        stream = self.blocks(self.embedding(tokens) + self.positions)
        return self.head(stream[:, -1])


class Replica:
    def __init__(self, seed, compiled):
        torch.manual_seed(seed)
        self.tokens, self.answers = map(torch.from_numpy, harness.training_set(seed))
        self.random = np.random.default_rng(seed)
        self.model = Decoder()
        assert sum(p.numel() for p in self.model.parameters()) == harness.PARAMETERS
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=harness.LEARNING_RATE, betas=harness.BETAS,
            eps=harness.EPSILON, weight_decay=harness.WEIGHT_DECAY, fused=True)
        self.warmup = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda done: min(1, (done + 1) / harness.WARMUP_STEPS))
        # Static shapes: one graph for the full batch and one for the short batch of an epoch.
        self.network = torch.compile(self.model, dynamic=False) if compiled else self.model

    def step(self, rows):
        loss = F.cross_entropy(self.network(self.tokens[rows]), self.answers[rows])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.warmup.step()
        return loss.detach()

    def train_epoch(self):
        batches = harness.batches(len(self.tokens), self.random)
        return torch.stack([self.step(torch.from_numpy(rows)) for rows in batches]).mean().item()


def main():
    parser = harness.options(__doc__, ["eager", "compile"])
    parser.add_argument("--threads", type=harness.positive, default=torch.get_num_threads(),
                        help="of all replicas together (default %(default)s)")
    arguments = parser.parse_args()
    workers = min(arguments.threads, arguments.replicas)
    torch.set_num_threads(arguments.threads // workers)
    print(f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, mode"
          f" {arguments.mode}, replicas {arguments.replicas}, threads {arguments.threads}"
          f" ({workers} × {torch.get_num_threads()}), parameters {harness.PARAMETERS}", flush=True)
    replicas = [Replica(seed, arguments.mode == "compile") for seed in range(arguments.replicas)]
    with ThreadPoolExecutor(workers) as pool:
        # One worker is the main thread, since malloc serves the others worse: 51 instead of 44 ms.
        each = pool.map if workers > 1 else map
        harness.measure(lambda: np.mean(list(each(Replica.train_epoch, replicas))),
                        arguments.steps, arguments.replicas)


if __name__ == "__main__":
    main()
