#!/usr/bin/env python3
"""Writes the golden files of this folder: what PyTorch computes from groklab's weights and batches.

    python3 tests/golden/make_golden.py build/bin/groklab

needs torch 2.11 (its CPU build will do) and numpy. networks.py has the models.
"""

import hashlib
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
from collections import namedtuple

import numpy as np
import torch
from torch.nn import functional as F

from networks import Decoder, Mlp, Quadratic, named_as_in_groklab

FOLDER = pathlib.Path(__file__).resolve().parent

# A tensor of more numbers than `whole_up_to` is represented by every `stride`-th of them. Strides
# are prime, so that the samples of a matrix fall into all its columns.
Sampling = namedtuple("Sampling", "whole_up_to stride")
FULL = Sampling(1024, 101)
SPARSE = Sampling(32, 7)

# One golden file: what it is named, the spec and its overrides, how many updates are made, which
# steps' logits, loss and gradients are written, and whether the parameters after the last update
# are. float32 parameters are not: Adam divides a gradient by its own magnitude, so that where that
# is near zero the rounding error comes out as large as the update.
Case = namedtuple("Case", "name spec precision overrides updates recorded with_parameters sampling")


def training_cases():
    cases = itertools.product(("small", "paper"), ("float64", "float32"))
    return [Case(f"{spec}_{precision}", spec, precision, [], 10, (1, 2), precision == "float64",
                 FULL) for spec, precision in cases]


# Every pair of values of two options occurs in some combination.
OPTIONS = {
    "positions": ("sinusoidal", "learned"),
    "norm": ("post", "pre", "none"),
    "activation": ("relu", "gelu"),
    "biases": ("false", "true"),
    "tied_embeddings": ("false", "true"),
    "dropout": ("0.0", "0.2"),
}


def pairwise_combinations():
    """Takes the combination with the most new pairs, until there are none."""
    def pairs(values):
        return set(itertools.combinations(zip(OPTIONS, values), 2))
    everything = list(itertools.product(*OPTIONS.values()))
    open_pairs = set().union(*map(pairs, everything))
    while open_pairs:
        best = max(everything, key=lambda values: len(pairs(values) & open_pairs))
        open_pairs -= pairs(best)
        yield [f"model.{option}={value}" for option, value in zip(OPTIONS, best)]


# Models with other options than a spec's, one step each, of whole batches.
def option_cases():
    models = [["model.width=8", "model.heads=2"] + options for options in pairwise_combinations()]
    models += [[f"model={{name: mlp, layers: 2, width: 6, hidden: 10, activation: {activation}}}"]
               for activation in ("relu", "gelu")]
    models += [["model={name: quadratic, width: 12}"]]
    return [Case(f"options_{i}", "small", "float64", overrides, 1, (1,), False, SPARSE)
            for i, overrides in enumerate(models)]


def read_safetensors(path):
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    types = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}
    tensors = {}
    header = json.loads(content[8:start])
    metadata = header.pop("__metadata__")
    for name, entry in header.items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        array = np.frombuffer(content[begin:end], types[entry["dtype"]])
        tensors[name] = torch.from_numpy(array.reshape(entry["shape"]).copy())
    return tensors, metadata


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
    zeros = "0" * 64  # in the place of the hash, which is of all of the file
    metadata = metadata | {"sha256": zeros}
    text = json.dumps({"__metadata__": metadata} | header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    content = len(text).to_bytes(8, "little") + text + data
    digits = hashlib.sha256(content).hexdigest()
    path.write_bytes(content.replace(f'"sha256":"{zeros}"'.encode(), f'"sha256":"{digits}"'.encode(), 1))


class Golden:
    """The content of a golden file; `dtype` is only how it is stored."""

    def __init__(self, dtype, case):
        self.dtype = dtype
        self.sampling = case.sampling
        self.tensors = {}
        self.metadata = {
            "torch": torch.__version__.split("+")[0],
            "stride": str(case.sampling.stride),
            "whole_up_to": str(case.sampling.whole_up_to),
        }
        if case.overrides:
            self.metadata["overrides"] = "\n".join(case.overrides)

    def add(self, name, tensor):
        flat = tensor.detach().flatten()
        samples = flat[:: self.sampling.stride if flat.numel() > self.sampling.whole_up_to else 1]
        self.tensors[name] = samples.to(self.dtype, copy=True)
        summary = torch.stack([flat.norm(), flat.abs().max()])
        self.tensors[name + ".summary"] = summary.to(self.dtype)

    def add_parameters(self, prefix, model, of=lambda parameter: parameter):
        for name, (parameter, transposed) in named_as_in_groklab(model).items():
            tensor = of(parameter)
            self.add(prefix + name, tensor.T if transposed else tensor)


def make_model(trace, settings):
    initial = {name.removeprefix("initial."): tensor[0]
               for name, tensor in trace.items() if name.startswith("initial.")}
    elements = int(settings["operation.modulus"])
    own = {key.removeprefix("model."): value
           for key, value in settings.items() if key.startswith("model.")}
    model = {"transformer": lambda: Decoder(elements, own, int(settings["seed.noise"])),
             "mlp": lambda: Mlp(elements, own),
             "quadratic": lambda: Quadratic(elements, own)}[own["name"]]().to(torch.float64)
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


def make(trace, settings, case):
    modulus = int(settings["operation.modulus"])
    # float64 in the float32 cases too, from the same float32 weights: the rounding error that the
    # tolerance is for is then groklab's alone, not the difference of two.
    model = make_model(trace, settings)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-8, weight_decay=1.0)
    warmup = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: min(1, (done + 1) / 10))

    golden = Golden(trace["step.1.logits"].dtype, case)
    golden.add_parameters("initial.", model)
    for step in range(1, case.updates + 1):
        x, y, target, counts = read_batch(trace, step, modulus)
        batch = torch.cat([x, y, target, counts.to(torch.int64)])
        golden.metadata[f"step.{step}.batch"] = hashlib.sha256(batch.numpy().tobytes()).hexdigest()
        logits = model(x, y)
        loss = F.cross_entropy(logits[counts], target[counts])
        optimizer.zero_grad()
        loss.backward()
        if step in case.recorded:
            golden.add(f"step.{step}.logits", logits)
            golden.add(f"step.{step}.loss", loss)
            golden.add_parameters(f"step.{step}.gradients.", model, lambda p: p.grad)
        optimizer.step()
        warmup.step()
    if case.with_parameters:
        golden.add_parameters(f"step.{case.updates}.parameters.", model)
    return golden


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for case in training_cases() + option_cases():
        with tempfile.TemporaryDirectory() as folder:
            traced = pathlib.Path(folder) / "trace.safetensors"
            subprocess.run(
                [sys.argv[1], "trace", FOLDER / f"{case.spec}.yaml",
                 f"precision={case.precision}", *case.overrides, "device=cpu", "--steps",
                 str(case.updates), "--out", traced], check=True)
            golden = make(*read_safetensors(traced), case)
        path = FOLDER / f"{case.name}.safetensors"
        write_safetensors(path, golden.tensors, golden.metadata)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
