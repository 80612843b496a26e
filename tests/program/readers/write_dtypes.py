"""write_dtypes.py FILE: writes FILE by safetensors, a tensor of each dtype that NumPy and PyTorch have,
and prints what its numbers are like as NumPy finds it, as JSON: {name: {numbers, norm, min, …}}."""

import json
import struct
import sys

import numpy
import safetensors.numpy
import safetensors.torch
import torch


def numpy_tensors():
    random = numpy.random.default_rng(0)
    for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        limits = numpy.iinfo(name)
        numbers = random.integers(limits.min, limits.max, 50, name, endpoint=True)
        numbers[:3] = limits.min, limits.max, 0
        yield name, numbers
    yield "bool", random.random(50) < 0.5
    for name in ["float16", "float32", "float64"]:
        numbers = random.normal(size=50).astype(name)
        numbers[:5] = 0, numpy.finfo(name).max, numpy.finfo(name).tiny / 4, numpy.inf, numpy.nan
        yield name, numbers


def statistics(numbers):
    """Squares are summed in long double, as 64-bit integers and the largest doubles need."""
    finite = numbers[numpy.isfinite(numbers)].astype(numpy.longdouble)
    return {"numbers": numbers.size, "norm": float(numpy.sqrt((finite * finite).sum())),
            "min": float(finite.min()), "max": float(finite.max()),
            "zeros": int((numbers == 0).sum()), "not_finite": int((~numpy.isfinite(numbers)).sum())}


def joined(*files):
    """One file of several, which each library writes for itself."""
    header, data = {}, b""
    for file in files:
        size = struct.unpack("<Q", file[:8])[0]
        for name, entry in json.loads(file[8:8 + size]).items():
            entry["data_offsets"] = [offset + len(data) for offset in entry["data_offsets"]]
            header[name] = entry
        data += file[8 + size:]
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


tensors = dict(numpy_tensors())
bfloat16 = torch.from_numpy(tensors["float32"]).to(torch.bfloat16)
with open(sys.argv[1], "wb") as file:
    file.write(joined(safetensors.numpy.save(tensors), safetensors.torch.save({"bfloat16": bfloat16})))
tensors["bfloat16"] = bfloat16.to(torch.float64).numpy()
print(json.dumps({name: statistics(numbers) for name, numbers in tensors.items()}))
