#!/usr/bin/env python3
"""Writes golden.safetensors beside it: weights after 10 and 100 updates of each optimizer.

    python3 tests/plugins/optimizers/make_golden.py

needs torch 2.11 (its CPU build will do) and numpy. Adam, AdamW, SGD and RMSprop are torch.optim's;
Lion and Muon, which it lacks or has otherwise, are written here from their papers, in numpy. All is
float64. golden_test.cpp computes the same gradients and reads hyperparameters from the file.
"""

import json
import math
import pathlib

import numpy as np
import torch

RECORDED = (10, 100)

# Name, shape of one replica as groklab has it (inputs, outputs), role; one after another.
LAYOUT = [
    ("wide", (4, 6), "hidden"),
    ("tall", (6, 3), "hidden"),
    ("gain", (5,), "hidden"),
    ("embedding", (5, 3), "embedding"),
    ("head", (3, 5), "head"),
]
COUNT = sum(math.prod(shape) for _, shape, _ in LAYOUT)


def replicas(**columns):
    """One dictionary of hyperparameters a replica from lists of three, or from one for all."""
    return [{name: values[r] if isinstance(values, list) else values
             for name, values in columns.items()} for r in range(3)]


CASES = {
    "adam": ("adam", replicas(
        learning_rate=[0.05, 0.01, 0.1], beta1=[0.9, 0.8, 0.0], beta2=[0.98, 0.999, 0.9],
        epsilon=[1e-8, 1e-5, 1e-3], l2=[0.0, 0.1, 1.0])),
    "adamw": ("adamw", replicas(
        learning_rate=[0.05, 0.01, 0.1], beta1=[0.9, 0.8, 0.0], beta2=[0.98, 0.999, 0.9],
        epsilon=[1e-8, 1e-5, 1e-3], weight_decay=[0.0, 0.1, 1.0])),
    "sgd": ("sgd", replicas(
        learning_rate=[0.1, 0.02, 0.05], momentum=[0.0, 0.9, 0.5], weight_decay=[0.0, 0.1, 0.5],
        nesterov=False)),
    "sgd_nesterov": ("sgd", replicas(
        learning_rate=[0.1, 0.02, 0.05], momentum=[0.3, 0.9, 0.5], weight_decay=[0.0, 0.1, 0.5],
        nesterov=True)),
    "rmsprop": ("rmsprop", replicas(
        learning_rate=[0.01, 0.02, 0.005], alpha=[0.99, 0.9, 0.98], epsilon=[1e-8, 1e-5, 1e-3],
        momentum=[0.0, 0.9, 0.5], weight_decay=[0.0, 0.1, 0.5], centered=False)),
    "rmsprop_centered": ("rmsprop", replicas(
        learning_rate=[0.01, 0.02, 0.005], alpha=[0.99, 0.9, 0.98], epsilon=[1e-8, 1e-5, 1e-3],
        momentum=[0.0, 0.9, 0.5], weight_decay=[0.0, 0.1, 0.5], centered=True)),
    "lion": ("lion", replicas(
        learning_rate=[0.01, 0.003, 0.05], beta1=[0.9, 0.95, 0.5], beta2=[0.99, 0.98, 0.9],
        weight_decay=[0.0, 0.1, 1.0])),
    "muon": ("muon", replicas(
        learning_rate=[0.02, 0.1, 0.05], momentum=[0.95, 0.9, 0.0], adamw_ratio=[0.015, 1.0, 0.3],
        beta1=[0.9, 0.8, 0.0], beta2=[0.98, 0.999, 0.9], epsilon=[1e-8, 1e-5, 1e-3],
        weight_decay=[0.0, 0.1, 1.0])),
}


def initial_weights(replica):
    return np.array([math.sin(1.7 * i + replica) for i in range(COUNT)])


def gradient(weights, step, replica):
    """Of a quadratic that is not diagonal, plus a part that wanders. Seen as matrices it has full
    rank: Muon would blow the rounding errors of small singular values up."""
    return np.array([(0.5 + 0.4 * math.cos(i)) * weights[i] + 0.3 * weights[(i + 1) % COUNT]
                     + math.sin(0.7 * step + 0.9 * i * i + replica) for i in range(COUNT)])


def rate_factor(step):
    return 1 + 0.5 * math.sin(0.1 * step)


class TorchOptimizer:
    """An optimizer of torch.optim over one flat tensor."""

    def __init__(self, weights, make):
        self.weights = torch.from_numpy(weights.copy())
        self.optimizer = make(self.weights)

    def step(self, gradient, rate):
        self.weights.grad = torch.from_numpy(gradient)
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()
        return self.weights.numpy().copy()


def adam_like(kind, decay):
    return lambda h: lambda weights: kind(
        [weights], lr=h["learning_rate"], betas=(h["beta1"], h["beta2"]), eps=h["epsilon"],
        weight_decay=h[decay])


TORCH = {
    "adam": adam_like(torch.optim.Adam, "l2"),
    "adamw": adam_like(torch.optim.AdamW, "weight_decay"),
    "sgd": lambda h: lambda weights: torch.optim.SGD(
        [weights], lr=h["learning_rate"], momentum=h["momentum"],
        weight_decay=h["weight_decay"], nesterov=h["nesterov"]),
    "rmsprop": lambda h: lambda weights: torch.optim.RMSprop(
        [weights], lr=h["learning_rate"], alpha=h["alpha"], eps=h["epsilon"],
        momentum=h["momentum"], weight_decay=h["weight_decay"], centered=h["centered"]),
}


class Lion:
    """Chen et al. 2023, arXiv:2302.06675, algorithm 2."""

    def __init__(self, weights, hyper):
        self.weights, self.hyper = weights.copy(), hyper
        self.momentum = np.zeros_like(weights)

    def step(self, gradient, rate):
        h = self.hyper
        update = np.sign(h["beta1"] * self.momentum + (1 - h["beta1"]) * gradient)
        self.momentum = h["beta2"] * self.momentum + (1 - h["beta2"]) * gradient
        self.weights = self.weights - rate * (update + h["weight_decay"] * self.weights)
        return self.weights.copy()


class Muon:
    """kellerjordan.github.io/posts/muon. Matrices are turned to (outputs, inputs), as there."""

    def __init__(self, weights, hyper):
        self.weights, self.hyper, self.count = weights.copy(), hyper, 0
        self.first, self.second = np.zeros_like(weights), np.zeros_like(weights)

    @staticmethod
    def orthogonalize(matrix):
        rows, columns = matrix.shape
        if rows > columns:
            return Muon.orthogonalize(matrix.T).T
        x = matrix / (np.linalg.norm(matrix) + 1e-7)
        for _ in range(5):
            product = x @ x.T
            x = 3.4445 * x - 4.7750 * product @ x + 2.0315 * product @ product @ x
        return x

    def matrix_step(self, gradient, part, shape, rate):
        mu = self.hyper["momentum"]
        self.first[part] = mu * self.first[part] + (1 - mu) * gradient
        ahead = (1 - mu) * gradient + mu * self.first[part]
        inputs, outputs = shape
        update = self.orthogonalize(ahead.reshape(shape).T).T.reshape(-1)
        return rate * math.sqrt(max(1, outputs / inputs)) * update

    def adam_step(self, gradient, part, rate):
        h = self.hyper
        self.first[part] = h["beta1"] * self.first[part] + (1 - h["beta1"]) * gradient
        self.second[part] = h["beta2"] * self.second[part] + (1 - h["beta2"]) * gradient**2
        first = self.first[part] / (1 - h["beta1"] ** self.count)
        second = self.second[part] / (1 - h["beta2"] ** self.count)
        return rate * h["adamw_ratio"] * first / (np.sqrt(second) + h["epsilon"])

    def step(self, gradient, rate):
        self.count += 1
        offset = 0
        for _, shape, role in LAYOUT:
            part = slice(offset, offset + math.prod(shape))
            offset = part.stop
            if role == "hidden" and len(shape) == 2:
                update = self.matrix_step(gradient[part], part, shape, rate)
            else:
                update = self.adam_step(gradient[part], part, rate)
            kept = 1 - rate * self.hyper["weight_decay"]
            self.weights[part] = kept * self.weights[part] - update
        return self.weights.copy()


def make_optimizer(kind, weights, hyper):
    if kind in TORCH:
        return TorchOptimizer(weights, TORCH[kind](hyper))
    return {"lion": Lion, "muon": Muon}[kind](weights, hyper)


def train(kind, hyper, replica):
    weights = initial_weights(replica)
    optimizer = make_optimizer(kind, weights, hyper)
    recorded = []
    for step in range(1, RECORDED[-1] + 1):
        rate = hyper["learning_rate"] * rate_factor(step)
        weights = optimizer.step(gradient(weights, step, replica), rate)
        if step in RECORDED:
            recorded.append(weights)
    return np.array(recorded)


def main():
    header, data = {}, b""
    for name, (kind, hypers) in CASES.items():
        result = np.array([train(kind, hyper, r) for r, hyper in enumerate(hypers)])
        begin = len(data)
        data += result.astype("<f8").tobytes()  # [replicas, recorded steps, numbers]
        header[name] = {"dtype": "F64", "shape": list(result.shape),
                        "data_offsets": [begin, len(data)]}
    cases = {name: {"optimizer": kind, "replicas": hypers}
             for name, (kind, hypers) in CASES.items()}
    header["__metadata__"] = {"torch": torch.__version__.split("+")[0],
                              "steps": json.dumps(RECORDED), "layout": json.dumps(LAYOUT),
                              "cases": json.dumps(cases)}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = pathlib.Path(__file__).with_name("golden.safetensors")
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
