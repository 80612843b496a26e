"""groklab's models in PyTorch, for make_golden.py. The transformer is built from torch.nn after the
description in Power et al. 2022, arXiv:2201.02177, §A.1.2; only the names and the orientation of
the matrices, where the two programs meet, are groklab's, and the random numbers of dropout, written
anew from their definition.
"""

import math
from collections import namedtuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

Affine = namedtuple("Affine", "weight bias")


def uniform_numbers(seed, name, step, count):
    """U[0, 1) of the purpose noise: Philox4x32-10 of Salmon et al. 2011 with the key `seed` and the
    counter (position, hash of the name, step, purpose << 24); 53 of the first 64 bits."""
    name_hash = 0x811C9DC5  # FNV-1a
    for letter in name.encode():
        name_hash = (name_hash ^ letter) * 0x01000193 & 0xFFFFFFFF
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    counter = [np.arange(count, dtype=np.uint64)] + [
        np.full(count, word, np.uint64) for word in (name_hash, step, 4 << 24)]
    key = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b, c, d = counter
        first, second = np.uint64(0xD2511F53) * a, np.uint64(0xCD9E8D57) * c
        counter = [second >> half ^ b ^ np.uint64(key[0]), second & low,
                   first >> half ^ d ^ np.uint64(key[1]), first & low]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    bits = counter[1] << half | counter[0]
    return torch.from_numpy((bits >> np.uint64(11)).astype(np.float64) * 2.0**-53)


class Dropout(nn.Module):
    """Zeroes a number with probability `rate` and scales the rest, in the first step:
    [B, T, d] → [B, T, d]. In groklab each position of a block has a source of its own."""

    def __init__(self, rate, seed, name):
        super().__init__()
        self.rate, self.seed, self.name = rate, seed, name

    def forward(self, x):
        rows, length, width = x.shape
        kept = [uniform_numbers(self.seed, f"{self.name}.{position}", 1, rows * width)
                for position in range(length)]
        mask = torch.stack([numbers.view(rows, width) >= self.rate for numbers in kept], dim=1)
        return x * mask / (1 - self.rate)


def make_norm(width, is_there):
    return nn.LayerNorm(width, eps=1e-5) if is_there else nn.Identity()


class Block(nn.Module):
    """Two residual layers with a norm after, before or nowhere. [B, T, d] → [B, T, d]."""

    def __init__(self, width, heads, norm, activation, biases, dropout):
        super().__init__()
        self.place = norm
        self.activation = {"relu": F.relu, "gelu": F.gelu}[activation]
        self.attention = nn.MultiheadAttention(width, heads, bias=biases, batch_first=True)
        self.expand = nn.Linear(width, 4 * width, bias=biases)
        self.contract = nn.Linear(4 * width, width, bias=biases)
        self.dropout = dropout
        self.attention_norm = make_norm(width, norm != "none")
        self.mlp_norm = make_norm(width, norm != "none")

    def attend(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
        return self.attention(x, x, x, attn_mask=mask, is_causal=True, need_weights=False)[0]

    def mlp(self, x):
        return self.dropout(self.contract(self.activation(self.expand(x))))

    def forward(self, x):
        if self.place == "post":
            x = self.attention_norm(x + self.attend(x))
            return self.mlp_norm(x + self.mlp(x))
        x = x + self.attend(self.attention_norm(x))  # "none" norms nothing
        return x + self.mlp(self.mlp_norm(x))


class Decoder(nn.Module):
    """Reads <x> <∘> <y> <=>; the tokens are the elements, then <∘> and <=>.
    `settings`: those of the spec's model."""

    def __init__(self, elements, settings, seed):
        super().__init__()
        width, heads, layers = (int(settings[key]) for key in ("width", "heads", "layers"))
        biases = settings["biases"] == "true"
        rate = float(settings["dropout"])
        self.elements = elements
        self.embedding = nn.Embedding(elements + 2, width)
        self.blocks = nn.ModuleList(
            Block(width, heads, settings["norm"], settings["activation"], biases,
                  Dropout(rate, seed, f"blocks.{i}.dropout") if rate else nn.Identity())
            for i in range(layers))
        self.final_norm = make_norm(width, settings["norm"] == "pre")
        self.head = nn.Linear(width, elements, bias=biases)
        self.is_tied = settings["tied_embeddings"] == "true"
        if self.is_tied:
            del self.head.weight

        if settings["positions"] == "learned":
            self.positions = nn.Parameter(torch.empty(4, width))
            return
        # Vaswani et al. 2017, arXiv:1706.03762, §3.5.
        positions = torch.zeros(4, width, dtype=torch.float64)
        for position in range(4):
            for pair in range(width // 2):
                angle = position / 10000 ** (2 * pair / width)
                positions[position, 2 * pair] = math.sin(angle)
                positions[position, 2 * pair + 1] = math.cos(angle)
        self.register_buffer("positions", positions)

    def forward(self, x, y):  # [B] → logits [B, K]
        operation = torch.full_like(x, self.elements)
        tokens = torch.stack([x, operation, y, operation + 1], dim=1)
        stream = self.embedding(tokens) + self.positions
        for block in self.blocks:
            stream = block(stream)
        rows = self.embedding.weight[:self.elements] if self.is_tied else self.head.weight
        return F.linear(self.final_norm(stream[:, -1]), rows, self.head.bias)

    def parts(self):
        """Name in groklab, layer; its `weight` and `bias` are those of a matrix or a norm."""
        for i, block in enumerate(self.blocks):
            attention = block.attention
            yield f"blocks.{i}.attention.qkv", Affine(attention.in_proj_weight,
                                                      attention.in_proj_bias)
            yield f"blocks.{i}.attention.output", attention.out_proj
            yield f"blocks.{i}.attention.norm", block.attention_norm
            yield f"blocks.{i}.mlp.input", block.expand
            yield f"blocks.{i}.mlp.output", block.contract
            yield f"blocks.{i}.mlp.norm", block.mlp_norm
        yield "final_norm", self.final_norm
        yield "head", self.head

    def tables(self):
        yield "embedding", self.embedding.weight
        if isinstance(self.positions, nn.Parameter):
            yield "positions", self.positions


class Mlp(nn.Module):
    """Embeddings of both operands side by side, hidden layers, logits."""

    def __init__(self, elements, settings):
        super().__init__()
        layers, width, hidden = (int(settings[key]) for key in ("layers", "width", "hidden"))
        self.activation = {"relu": F.relu, "gelu": F.gelu}[settings["activation"]]
        self.embedding = nn.Embedding(elements, width)
        self.layers = nn.ModuleList(
            nn.Linear(hidden if i else 2 * width, hidden) for i in range(layers))
        self.head = nn.Linear(hidden, elements, bias=False)

    def forward(self, x, y):
        stream = torch.cat([self.embedding(x), self.embedding(y)], dim=1)
        for layer in self.layers:
            stream = self.activation(layer(stream))
        return self.head(stream)

    def parts(self):
        for i, layer in enumerate(self.layers):
            yield f"layers.{i}", layer
        yield "head", self.head

    def tables(self):
        yield "embedding", self.embedding.weight


class Quadratic(nn.Module):
    """Gromov 2023, arXiv:2301.02679: squares of the sum of two embeddings."""

    def __init__(self, elements, settings):
        super().__init__()
        width = int(settings["width"])
        self.left, self.right = nn.Embedding(elements, width), nn.Embedding(elements, width)
        self.head = nn.Linear(width, elements, bias=False)

    def forward(self, x, y):
        return self.head((self.left(x) + self.right(y)) ** 2)

    def parts(self):
        yield "head", self.head

    def tables(self):
        yield "left", self.left.weight
        yield "right", self.right.weight


def named_as_in_groklab(model):
    """Name in groklab → (parameter, whether groklab holds it transposed)."""
    names = {name: (table, False) for name, table in model.tables()}
    for name, part in model.parts():
        weight, bias = getattr(part, "weight", None), getattr(part, "bias", None)
        if isinstance(part, nn.LayerNorm):
            names |= {f"{name}.gain": (weight, False), f"{name}.bias": (bias, False)}
            continue
        if weight is not None:
            in_mlp = isinstance(model, Mlp) and name != "head"
            names[f"{name}.weight" if in_mlp else name] = (weight, True)
        if bias is not None:
            names[f"{name}.bias"] = (bias, False)
    return names
