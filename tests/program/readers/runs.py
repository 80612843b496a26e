"""The runs of a sweep as their own files have them, read with the standard library alone."""

import json
import os


def read_runs(sweep):
    """By cell: the rows of metrics.jsonl, and run.json."""
    runs = {}
    for cell in os.listdir(f"{sweep}/cells"):
        with open(f"{sweep}/cells/{cell}/metrics.jsonl", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        with open(f"{sweep}/cells/{cell}/run.json", encoding="utf-8") as file:
            runs[cell] = rows, json.load(file)
    return runs
