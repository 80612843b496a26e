#!/usr/bin/env python3
"""table.py EXPORT: the table of docs/open_question.md, from the CSV tables that
`groklab export DIR --format csv --out EXPORT` wrote. Each number is the median over the runs of a
variant, with the least and the greatest. A spike is a training loss of more than 30 times what it was
an evaluation before."""

import collections
import csv
import math
import pathlib
import statistics
import sys


def number(text):
    return float(text) if text else math.nan


def read(file):
    with open(file, newline="") as source:
        return list(csv.DictReader(source))


def shown(values, form):
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return "–"
    middle = statistics.median(known)
    text = [("never" if math.isinf(value) else format(value, form))
            for value in (middle, known[0], known[-1])]
    return text[0] if text[1] == text[2] else f"{text[0]} ({text[1]} to {text[2]})"


def facts(cell, rows):
    """Of one run. `settled`: its evaluations from memorising to generalising, or to its end."""
    memorized = number(cell["steps_to_memorize"])
    generalized = number(cell["steps_to_generalize"])
    end = math.inf if math.isnan(generalized) else generalized
    settled = [row for row in rows if memorized <= number(row["step"]) <= end]
    column = lambda name: [number(row[name]) for row in settled]  # noqa: E731
    zero = column("softmax_collapse.zero_loss_share")
    losses = column("softmax_collapse.train_loss")
    decay, optimizer = column("update_anatomy.decay"), column("update_anatomy.optimizer")
    return {
        "steps to generalise": (end, ".0f"),
        "best validation accuracy": (number(cell["best_val_accuracy"]), ".2f"),
        "least training loss": (min(losses, default=math.nan), ".0e"),
        "spikes of a loss below 1e-5":
            (sum(before < 1e-5 and after > 30 * before for before, after in zip(losses, losses[1:])),
             ".0f"),
        "greatest share of losses exactly 0": (max(zero, default=math.nan), ".2f"),
        "evaluations with 90 % of them 0":
            (sum(share >= 0.9 for share in zero) / len(zero) if zero else math.nan, ".2f"),
        "least gradient norm": (min(column("gradient_norm"), default=math.nan), ".0e"),
        "greatest share of gradient exactly 0":
            (max(column("gradient_norm.zero_share"), default=math.nan), ".2f"),
        "decay's share of the update":
            (statistics.median(d / (d + o) for d, o in zip(decay, optimizer) if d + o > 0)
             if decay else math.nan, ".2f"),
        "cosine of optimiser's part and −g":
            (statistics.median(column("update_anatomy.optimizer_along_descent"))
             if settled else math.nan, ".2f"),
    }


def main(folder):
    folder = pathlib.Path(folder)
    rows = collections.defaultdict(list)
    for row in read(folder / "metrics.csv"):
        rows[row["cell"]].append(row)
    groups = collections.defaultdict(list)
    for cell in read(folder / "cells.csv"):
        key = cell["optimizer.weight_decay"], cell["variant"]
        groups[key].append(facts(cell, rows[cell["cell"]]))
    names = list(next(iter(groups.values()))[0])
    for decay in sorted({decay for decay, variant in groups}):
        print(f"\nWeight decay {decay}:\n\n| variant | n | " + " | ".join(names) + " |")
        print("|---" * (len(names) + 2) + "|")
        for (of, variant), runs in groups.items():
            if of != decay:
                continue
            values = [shown([run[name][0] for run in runs], runs[0][name][1]) for name in names]
            print(f"| {variant} | {len(runs)} | " + " | ".join(values) + " |")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
