#!/usr/bin/env python3
"""Times the training loop of groklab's paper configuration in JAX, on the CPU."""

# What was tried for the fastest loop, in ms a step on two idle cores of an AMD EPYC (Zen 4,
# AVX-512) with JAX 0.10.2, fastest of several epochs: jax.nn.dot_product_attention 53.1, einsum and
# softmax 54.3, broadcast and sum 60.9. XLA's flags for vector width, fast math, library fusions and
# its scheduler change nothing.

import os
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

import harness
from harness import HEADS, LAYERS, LENGTH, MODULUS, WIDTH

OPTIMIZER = optax.adamw(
    lambda done: harness.LEARNING_RATE * jnp.minimum(1, (done + 1) / harness.WARMUP_STEPS),
    b1=harness.BETAS[0], b2=harness.BETAS[1], eps=harness.EPSILON,
    weight_decay=harness.WEIGHT_DECAY)


def initial_parameters(key):
    """Weights are [in, out]. Embedding N(0, 1), linear layers U(±1/√in)."""
    keys = iter(jax.random.split(key, 2 + 4 * LAYERS))

    def linear(inputs, outputs):
        bound = inputs**-0.5
        return jax.random.uniform(next(keys), (inputs, outputs), minval=-bound, maxval=bound)

    def norm():
        return {"gain": jnp.ones(WIDTH), "bias": jnp.zeros(WIDTH)}

    def block():
        return {
            "qkv": linear(WIDTH, 3 * WIDTH), "output": linear(WIDTH, WIDTH),
            "attention_norm": norm(),
            "expand": linear(WIDTH, 4 * WIDTH), "contract": linear(4 * WIDTH, WIDTH),
            "mlp_norm": norm(),
        }

    return {
        "embedding": jax.random.normal(next(keys), (MODULUS + 2, WIDTH)),
        "blocks": [block() for _ in range(LAYERS)],
        "head": linear(WIDTH, MODULUS),
    }


def sinusoidal_positions():
    """Vaswani et al. 2017, arXiv:1706.03762, §3.5. [T, d]"""
    angles = np.arange(LENGTH)[:, None] * 10000.0 ** (-np.arange(0, WIDTH, 2) / WIDTH)
    positions = np.stack([np.sin(angles), np.cos(angles)], axis=2)
    return positions.reshape(LENGTH, WIDTH).astype(np.float32)


def layer_norm(x, norm):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = jnp.square(centred).mean(axis=-1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + 1e-5) * norm["gain"] + norm["bias"]


def attend(x, block):
    parts = (x @ block["qkv"]).reshape(-1, LENGTH, 3, HEADS, WIDTH // HEADS)
    query, key, value = jnp.moveaxis(parts, 2, 0)  # each [B, T, heads, d / heads]
    mixed = jax.nn.dot_product_attention(query, key, value, is_causal=True)
    return mixed.reshape(x.shape) @ block["output"]


def forward(parameters, tokens):
    """Tokens [B, T] → logits of the answer [B, K]. Post-norm: LN(x + attention), LN(x + mlp)."""
    x = parameters["embedding"][tokens] + sinusoidal_positions()
    for block in parameters["blocks"]:
        x = layer_norm(x + attend(x, block), block["attention_norm"])
        hidden = jax.nn.relu(x @ block["expand"])
        x = layer_norm(x + hidden @ block["contract"], block["mlp_norm"])
    return x[:, -1] @ parameters["head"]


def mean_loss(parameters, tokens, answers):
    logits = forward(parameters, tokens)
    return optax.softmax_cross_entropy_with_integer_labels(logits, answers).mean()


def step(state, tokens, answers, rows):
    parameters, moments = state
    loss, gradients = jax.value_and_grad(mean_loss)(parameters, tokens[rows], answers[rows])
    updates, moments = OPTIMIZER.update(gradients, moments, parameters)
    return (optax.apply_updates(parameters, updates), moments), loss


def initial_state(key):
    parameters = initial_parameters(key)
    return parameters, OPTIMIZER.init(parameters)


class Replicas:
    """One replica, or with vmap a leading dimension R on everything."""

    def __init__(self, count, mapped):
        seeds = range(count)
        self.random = [np.random.default_rng(seed) for seed in seeds]
        tokens, answers = zip(*map(harness.training_set, seeds))
        keys = jnp.stack([jax.random.key(seed) for seed in seeds])
        self.mapped = mapped
        self.tokens, self.answers = self.shape(tokens), self.shape(answers)
        self.state = jax.vmap(initial_state)(keys) if mapped else initial_state(keys[0])
        # It compiles twice: for the full batch, and for the short batch of an epoch.
        self.step = jax.jit(jax.vmap(step) if mapped else step, donate_argnums=0)

    def shape(self, arrays):
        return jnp.asarray(np.stack(arrays) if self.mapped else arrays[0])

    def train_epoch(self):
        losses = []
        per_replica = [harness.batches(self.tokens.shape[-2], random) for random in self.random]
        for rows in zip(*per_replica):
            self.state, loss = self.step(self.state, self.tokens, self.answers, self.shape(rows))
            losses.append(loss)
        jax.block_until_ready(self.state)
        return float(np.mean(losses))


def main():
    arguments = harness.options(__doc__, ["jit", "vmap"]).parse_args()
    if arguments.mode == "jit" and arguments.replicas > 1:
        sys.exit("--replicas needs --mode vmap")
    print(f"JAX {jax.__version__}, mode {arguments.mode}, replicas {arguments.replicas}, threads"
          f" {len(os.sched_getaffinity(0))}, parameters {harness.PARAMETERS}", flush=True)
    replicas = Replicas(arguments.replicas, arguments.mode == "vmap")
    held = sum(leaf.size for leaf in jax.tree.leaves(replicas.state[0]))
    assert held == arguments.replicas * harness.PARAMETERS
    harness.measure(replicas.train_epoch, arguments.steps, arguments.replicas)


if __name__ == "__main__":
    main()
