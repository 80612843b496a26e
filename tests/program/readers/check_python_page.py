"""check_python_page.py PAGE FOLDER TOLERANCE: runs the Python of docs/python.md in FOLDER, where
`run` is a run, `sweep` a sweep with its tables and trace.safetensors the first steps of the run,
and compares what it found with what groklab wrote. TOLERANCE is that of logits and losses."""

import json
import math
import os
import struct
import sys

import numpy
import torch
from safetensors.torch import load_file

from page import run_page
from runs import read_runs

DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64, "BOOL": numpy.bool_}


def check_checkpoint(found):
    """Every tensor, against the bytes that the format says are its own."""
    with open("run/checkpoint.safetensors", "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    metadata = header.pop("__metadata__")
    assert found["step"] == int(metadata["step"])
    assert set(found["tensors"]) == set(header)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        expected = numpy.frombuffer(body[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
        tensor = found["tensors"][name].numpy()
        assert tensor.dtype == expected.dtype and tensor.shape == expected.shape, name
        assert (tensor == expected).all(), name


def check_analysis(found, rows):
    """The sum modulo p, by the formula; the split, by its sizes; the rows, by the weights."""
    tensors, settings = found["tensors"], found["settings"]
    modulus = int(settings["operation.modulus"])
    assert found["elements"] == [str(z) for z in range(modulus)]
    numbers = torch.arange(modulus)
    answers, labels = tensors["analysis.answers"], tensors["analysis.train_labels"]
    assert torch.equal(answers, (numbers[:, None] + numbers) % modulus)
    assert found["trained"].sum() == rows["train"] and found["held_out"].sum() == rows["val"]
    wrong = (labels != answers)[found["trained"]].sum()
    assert wrong == int(settings["data.outliers"]) > 0, wrong
    assert torch.equal(tensors["analysis.embedding"], tensors["parameters.embedding"][0, :modulus])
    assert torch.equal(tensors["analysis.output_rows"], tensors["parameters.head"][0].T)


def check_evaluation(found, row, tolerance):
    """Accuracies and losses over both sides of the split, against the last row of metrics.jsonl."""
    assert row["step"] == found["step"]
    for side, pairs, labels in [("train", found["trained"], found["train_labels"]),
                                ("val", found["held_out"], found["answers"])]:
        logits = found["logits"][pairs].double()
        right = (logits.argmax(1) == labels[pairs]).double().mean().item()
        assert math.isclose(right, row[side + "_accuracy"], abs_tol=1e-15), (side, right, row)
        loss = torch.nn.functional.cross_entropy(logits, labels[pairs]).item()
        assert math.isclose(loss, row[side + "_loss"], rel_tol=tolerance), (side, loss, row)


def check_logits(found, tolerance):
    """Of batches, with the weights before their step. [replica = 1, row, class]."""
    trace = load_file("trace.safetensors")
    for step in [1, 2, 3]:
        before = "initial." if step == 1 else f"step.{step - 1}.parameters."
        weights = {"parameters." + name[len(before):]: tensor
                   for name, tensor in trace.items() if name.startswith(before)}
        model = found["load"](found["model"], weights)
        with torch.no_grad():
            logits = model(trace[f"step.{step}.x"][0], trace[f"step.{step}.y"][0])
        expected = trace[f"step.{step}.logits"][0]
        assert logits.shape == expected.shape and logits.dtype == expected.dtype
        difference = (logits - expected).abs().max().item()
        assert difference < tolerance * expected.abs().max().item(), (step, difference)


def check_sweep(found):
    runs = read_runs("sweep")
    curves = sorted((int(record["settings"]["seed.split"]), row["step"], row["val_accuracy"])
                    for rows, record in runs.values() for row in rows)
    assert found["curves"] == curves
    last = runs[sorted(runs)[-1]]  # the last round of the page's loop
    assert found["val_accuracy"] == [
        (row["step"], numpy.float32(row["val_accuracy"])) for row in last[0]]
    seed = int(last[1]["settings"]["seed.init"])
    assert found["settings_of_run"]["seed.init"].number_value == seed


def main():
    page, folder, tolerance = sys.argv[1], sys.argv[2], float(sys.argv[3])
    os.chdir(folder)
    found = run_page(page)
    with open("run/metrics.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    with open("run/run.json", encoding="utf-8") as file:
        record = json.load(file)
    assert found["metrics"]["val_loss"].tolist() == [row["val_loss"] for row in rows]
    reached = record["summary"]["steps_to_generalize"]
    assert found["understood"] == reached if reached else math.isnan(found["understood"])
    check_checkpoint(found)
    check_analysis(found, {"train": record["train_rows"], "val": record["val_rows"]})
    check_evaluation(found, rows[-1], tolerance)
    check_logits(found, tolerance)
    check_sweep(found)
    assert 0 < found["waves"].argmax() <= len(found["elements"]) // 2


main()
