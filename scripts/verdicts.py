"""What the scripts share that write of verdicts.csv, which `groklab report` makes."""

import csv


def read(file):
    with open(file, newline="") as source:
        return list(csv.DictReader(source))


def number(text):
    if not text:
        return "∞"
    return f"{float(text):.0f}" if 1000 <= abs(float(text)) < 1e9 else f"{float(text):.3g}"


def value(row):
    if not row["n"]:
        return "–"
    low, high = number(row["low"]), number(row["high"])
    text = (low if low == high else f"> {low}" if high == "∞" else
            f"≤ {high}" if low == "0" else f"{low} to {high}")
    return f"{text} ({number(row['interval_low'])} to {number(row['interval_high'])})"


def bound(row):
    return ", ".join(f"{sign} {row[name]}" for name, sign in (("at_least", "≥"), ("at_most", "≤"))
                     if row[name])


def table(rows):
    """In Markdown, a line a claim."""
    lines = ["| claim | verdict | value (95 % interval) | bound | n |", "|---|---|---|---|---|"]
    for row in rows:
        lines.append(f"| {row['claim']} | **{row['verdict']}** | {value(row)} | {bound(row)} | "
                     f"{row['n']} |")
    return "\n".join(lines) + "\n"
