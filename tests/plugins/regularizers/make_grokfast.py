#!/usr/bin/env python3
"""Prints grokfast_numbers.h: filtered gradients by the formulas of Lee et al. 2024,
arXiv:2405.20233.

    cd tests/plugins/regularizers && python3 make_grokfast.py > grokfast_numbers.h

Averages are taken over lists of all gradients, exactly (math.fsum); no library is needed.
"""

import math

UPDATES = [1, 2, 3, 50, 99, 100, 101, 130, 199, 200, 201, 250]
NUMBERS = 4
ALPHA, EMA_STRENGTH = 0.98, 2.0
WINDOW, MA_STRENGTH = 100, 5.0


def gradient(update, i):
    return math.sin(0.37 * update + 1.3 * i) * math.exp(-update / 40)


def ema(update, i):
    # The recursion written out: the first gradient has the weight that is left over.
    weights = [(1 - ALPHA) * ALPHA ** (update - s) for s in range(1, update + 1)]
    weights[0] = ALPHA ** (update - 1)
    average = math.fsum(w * gradient(s, i) for s, w in enumerate(weights, start=1))
    return gradient(update, i) + EMA_STRENGTH * average


def ma(update, i, warmup):
    last = [gradient(s, i) for s in range(max(1, update - WINDOW + 1), update + 1)]
    if warmup and len(last) < WINDOW:
        return gradient(update, i)
    return gradient(update, i) + MA_STRENGTH * math.fsum(last) / len(last)


def row(values):
    return "{" + ", ".join(f"{value:.15g}" for value in values) + "}"


def main():
    print("// Made by make_grokfast.py.")
    print("#pragma once\n\n#include <array>\n\nnamespace groklab::test {\n")
    print("// The gradient given to the optimiser at an update, for numbers 0 to 3.")
    print("struct FilteredGradient {\n  int update;")
    print("  std::array<double, 4> ema, ma, ma_without_warmup;\n};\n")
    print("// clang-format off")
    print(f"inline constexpr std::array<FilteredGradient, {len(UPDATES)}> kFilteredGradients{{{{")
    for update in UPDATES:
        numbers = range(NUMBERS)
        print(f"    {{{update},")
        print(f"     {row(ema(update, i) for i in numbers)},")
        print(f"     {row(ma(update, i, True) for i in numbers)},")
        print(f"     {row(ma(update, i, False) for i in numbers)}}},")
    print("}};\n// clang-format on\n\n}  // namespace groklab::test")


if __name__ == "__main__":
    main()
