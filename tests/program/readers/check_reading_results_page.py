"""check_reading_results_page.py PAGE FOLDER: whether the Python of docs/reading_results.md, run in
FOLDER, where the tables of a sweep are in DIR/export, gives what the runs wrote."""

import os
import sys

import pandas

from page import run_page
from runs import read_runs


def main():
    os.chdir(sys.argv[2])
    found = run_page(sys.argv[1])
    runs = read_runs("DIR")
    assert sorted(found["cells"]["cell"]) == sorted(runs)

    curves = found["curves"].set_index(["cell", "step"])
    assert len(curves) == sum(len(rows) for rows, _ in runs.values())
    finals = {}
    for cell, (rows, record) in runs.items():
        for row in rows:
            found_row = curves.loc[cell, row["step"]]
            assert found_row["val_accuracy"] == row["val_accuracy"], (cell, row, found_row)
            assert found_row["operation.name"] == record["settings"]["operation.name"]
            assert found_row["seed"] == int(record["settings"]["seed.split"])
        finals.setdefault(record["settings"]["operation.name"], []).append(rows[-1]["val_accuracy"])

    means = found["means"].set_index("operation.name")["avg(val_accuracy)"]
    expected = pandas.Series({name: sum(all) / len(all) for name, all in finals.items()})
    pandas.testing.assert_series_equal(means.sort_index(), expected.sort_index(),
                                       check_names=False, rtol=1e-14)


main()
