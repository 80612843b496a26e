"""check_tables.py SWEEP: whether pandas finds in SWEEP/export, in each format, what runs wrote."""

import sqlite3
import sys

import pandas

from runs import read_runs

# Of a number that was not measured, pandas makes NaN, and so a real of an integer.
INTEGERS = ["steps", "parameters", "train_rows", "val_rows", "batch_size", "seed"]
REALS = ["optimizer.learning_rate", "train_accuracy", "val_loss", "steps_to_memorize"]


def read_tables(export):
    as_written = {"dtype": {"cell": str}, "float_precision": "round_trip"}
    yield "csv", *(pandas.read_csv(f"{export}/{name}.csv", **as_written)
                   for name in ["cells", "metrics"])
    as_written = {"dtype": {"cell": str}, "precise_float": True}
    yield "jsonl", *(pandas.read_json(f"{export}/{name}.jsonl", lines=True, **as_written)
                     for name in ["cells", "metrics"])
    database = sqlite3.connect(f"{export}/results.sqlite")
    yield "sqlite", *(pandas.read_sql(f"SELECT * FROM {name}", database)
                      for name in ["cells", "metrics"])


def check(condition, *what):
    if not condition:
        sys.exit("wrong: " + " ".join(map(str, what)))


def same(found, written):
    """Equal to the last bit; null is NaN."""
    return pandas.isna(found) if written is None else found == written


def check_cells(where, cells, runs):
    check(sorted(cells["cell"]) == sorted(runs), where, "cells", list(cells["cell"]))
    for column in INTEGERS:
        check(cells[column].dtype == "int64", where, column, cells[column].dtype)
    for column in REALS:
        check(cells[column].dtype == "float64", where, column, cells[column].dtype)
    for _, row in cells.iterrows():
        record = runs[row["cell"]][1]
        check(row["operation.name"] == record["settings"]["operation.name"], where, row)
        check(row["optimizer.learning_rate"] ==
              float(record["settings"]["optimizer.learning_rate"]), where, row)
        check(row["seed"] == int(record["settings"]["seed.split"]), where, row)
        check(row["status"] == record["status"], where, row)
        for name, value in record["summary"].items():
            if name in row:
                check(same(row[name], value), where, row["cell"], name, row[name], value)


def check_metrics(where, metrics, runs):
    written = [(cell, row) for cell, (rows, _) in runs.items() for row in rows]
    names = {name for _, row in written for name in row}
    check(set(metrics.columns) == names | {"cell"}, where, metrics.columns)
    check(len(metrics) == len(written), where, len(metrics), "rows")
    check(metrics["step"].dtype == "int64", where, metrics["step"].dtype)
    for name in names - {"step"}:
        check(metrics[name].dtype == "float64", where, name, metrics[name].dtype)
    found = metrics.set_index(["cell", "step"])
    check(found.index.is_unique, where, "steps of a run twice")
    for cell, row in written:
        for name in names - {"step"}:
            value = found.at[(cell, row["step"]), name]
            check(same(value, row.get(name)), where, cell, row["step"], name, value)
    return sum(value is None for _, row in written for value in row.values())


def main():
    sweep = sys.argv[1]
    runs = read_runs(sweep)
    for where, cells, metrics in read_tables(f"{sweep}/export"):
        check_cells(where, cells, runs)
        nulls = check_metrics(where, metrics, runs)
        print(f"{where}: {len(cells)} cells, {len(metrics)} rows, {nulls} numbers not finite")


main()
