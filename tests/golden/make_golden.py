#!/usr/bin/env python3
"""Writes the golden files of this folder: what PyTorch computes from groklab's weights and batches.

    python3 tests/golden/make_golden.py build/bin/groklab

needs torch 2.11 (its CPU build will do) and numpy. The network below is built from torch.nn after
the description in Power et al. 2022, arXiv:2201.02177, §A.1.2; only the names and the orientation
of the matrices, where the two programs meet, are groklab's.
"""

import hashlib
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

FOLDER = pathlib.Path(__file__).resolve().parent
UPDATES = 10

# A tensor of more numbers than this is represented by every STRIDE-th of them. The stride is prime,
# so that the samples of a matrix fall into all its columns.
WHOLE_UP_TO = 1024
STRIDE = 101

# Which steps' logits, loss and gradients are written, and whether the parameters after the last
# update are. float32 parameters are not: Adam divides a gradient by its own magnitude, so that
# where that is near zero the rounding error comes out as large as the update.
CASES = {
    ("small", "float64"): ((1, 2), True),
    ("small", "float32"): ((1, 2), False),
    ("paper", "float64"): ((1, 2), True),
    ("paper", "float32"): ((1, 2), False),
}


def read_safetensors(path):
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    types = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = (start + offset for offset in entry["data_offsets"])
        array = np.frombuffer(content[begin:end], types[entry["dtype"]])
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    return tensors


def write_safetensors(path, tensors, metadata):
    header, data = {}, b""
    for name, tensor in tensors.items():
        begin = len(data)
        data += tensor.numpy().tobytes()
        header[name] = {
            "dtype": {torch.float32: "F32", torch.float64: "F64"}[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [begin, len(data)],
        }
    metadata = metadata | {"sha256": hashlib.sha256(data).hexdigest()}
    text = json.dumps({"__metadata__": metadata} | header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


class Block(nn.Module):
    """Post-norm: LN(x + attention(x)), then LN(x + mlp(x)). [B, T, d] → [B, T, d]."""

    def __init__(self, width, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, bias=False, batch_first=True)
        self.attention_norm = nn.LayerNorm(width, eps=1e-5)
        self.expand = nn.Linear(width, 4 * width, bias=False)
        self.contract = nn.Linear(4 * width, width, bias=False)
        self.mlp_norm = nn.LayerNorm(width, eps=1e-5)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=x.dtype)
        mixed, _ = self.attention(x, x, x, attn_mask=mask, is_causal=True, need_weights=False)
        x = self.attention_norm(x + mixed)
        return self.mlp_norm(x + self.contract(F.relu(self.expand(x))))


class Decoder(nn.Module):
    """Reads <x> <∘> <y> <=>; the tokens are the elements, then <∘> and <=>."""

    def __init__(self, elements, width=128, layers=2, heads=4):
        super().__init__()
        self.elements = elements
        self.embedding = nn.Embedding(elements + 2, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.head = nn.Linear(width, elements, bias=False)

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
        return self.head(stream[:, -1])


def named_as_in_groklab(model):
    """Name in groklab → (parameter, whether groklab holds it transposed)."""
    names = {"embedding": (model.embedding.weight, False)}
    for i, block in enumerate(model.blocks):
        for part, parameter, transposed in (
            ("attention.qkv", block.attention.in_proj_weight, True),
            ("attention.output", block.attention.out_proj.weight, True),
            ("attention.norm.gain", block.attention_norm.weight, False),
            ("attention.norm.bias", block.attention_norm.bias, False),
            ("mlp.input", block.expand.weight, True),
            ("mlp.output", block.contract.weight, True),
            ("mlp.norm.gain", block.mlp_norm.weight, False),
            ("mlp.norm.bias", block.mlp_norm.bias, False),
        ):
            names[f"blocks.{i}.{part}"] = (parameter, transposed)
    names["head"] = (model.head.weight, True)
    return names


class Golden:
    """The content of a golden file; `dtype` is only how it is stored."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.tensors = {}
        self.metadata = {
            "torch": torch.__version__.split("+")[0],
            "stride": str(STRIDE),
            "whole_up_to": str(WHOLE_UP_TO),
        }

    def add(self, name, tensor):
        flat = tensor.detach().flatten()
        samples = flat[:: STRIDE if flat.numel() > WHOLE_UP_TO else 1]
        self.tensors[name] = samples.to(self.dtype, copy=True)
        summary = torch.stack([flat.norm(), flat.abs().max()])
        self.tensors[name + ".summary"] = summary.to(self.dtype)

    def add_parameters(self, prefix, model, of=lambda parameter: parameter):
        for name, (parameter, transposed) in named_as_in_groklab(model).items():
            tensor = of(parameter)
            self.add(prefix + name, tensor.T if transposed else tensor)


def make_model(trace, modulus):
    initial = {name.removeprefix("initial."): tensor[0]
               for name, tensor in trace.items() if name.startswith("initial.")}
    model = Decoder(modulus, width=initial["embedding"].shape[1]).to(torch.float64)
    names = named_as_in_groklab(model)
    if names.keys() != initial.keys():
        sys.exit(f"groklab's parameters are other ones: {sorted(names.keys() ^ initial.keys())}")
    with torch.no_grad():
        for name, (parameter, transposed) in names.items():
            values = initial[name].T if transposed else initial[name]
            if values.shape != parameter.shape:
                sys.exit(f"{name} has the shape {list(values.shape)}, not {list(parameter.shape)}")
            parameter.copy_(values)
    return model


def read_batch(trace, step, modulus):
    x, y, target, weights = (
        trace[f"step.{step}.{part}"][0] for part in ("x", "y", "target", "row_weights"))
    if not torch.equal(target * y % modulus, x):
        sys.exit(f"step {step}: some target is not x/y (mod {modulus})")
    return x, y, target, weights > 0


def make(trace, recorded, with_parameters):
    modulus = trace["initial.head"].shape[-1]
    # float64 in the float32 cases too, from the same float32 weights: the rounding error that the
    # tolerance is for is then groklab's alone, not the difference of two.
    model = make_model(trace, modulus)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-8, weight_decay=1.0)
    warmup = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: min(1, (done + 1) / 10))

    golden = Golden(trace["initial.head"].dtype)
    golden.add_parameters("initial.", model)
    for step in range(1, UPDATES + 1):
        x, y, target, counts = read_batch(trace, step, modulus)
        batch = torch.cat([x, y, target, counts.to(torch.int64)])
        golden.metadata[f"step.{step}.batch"] = hashlib.sha256(batch.numpy().tobytes()).hexdigest()
        logits = model(x, y)
        loss = F.cross_entropy(logits[counts], target[counts])
        optimizer.zero_grad()
        loss.backward()
        if step in recorded:
            golden.add(f"step.{step}.logits", logits)
            golden.add(f"step.{step}.loss", loss)
            golden.add_parameters(f"step.{step}.gradients.", model, lambda p: p.grad)
        optimizer.step()
        warmup.step()
    if with_parameters:
        golden.add_parameters(f"step.{UPDATES}.parameters.", model)
    return golden


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for (spec, precision), (recorded, with_parameters) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            traced = pathlib.Path(folder) / "trace.safetensors"
            subprocess.run(
                [sys.argv[1], "trace", FOLDER / f"{spec}.yaml", f"precision={precision}",
                 "device=cpu", "--steps", str(UPDATES), "--out", traced], check=True)
            golden = make(read_safetensors(traced), recorded, with_parameters)
        path = FOLDER / f"{spec}_{precision}.safetensors"
        write_safetensors(path, golden.tensors, golden.metadata)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
