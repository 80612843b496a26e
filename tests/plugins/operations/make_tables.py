#!/usr/bin/env python3
"""Writes golden_tables.json: what the operations' tables should be, from their definitions alone.

Small tables stand there in full, a line an x, a column a y, "-" where there is no answer. Every
table has the SHA-256 of its rows as CSV, as `groklab table OPERATION --format csv` prints them.

    python3 make_tables.py > golden_tables.json
"""

import hashlib
import itertools
import json

SMALL = 64  # cells of a table that stands here in full


def quotient(x, y, p):
    """The one r with r·y ≡ x, found by trying all."""
    return next(r for r in range(p) if r * y % p == x) if y else None


def permutations(degree):
    return list(itertools.permutations(range(degree)))  # in lexicographic order


def then(*parts):
    """The permutation that does its parts one after another."""
    def image(i):
        for part in parts:
            i = part[i]
        return i
    return tuple(image(i) for i in range(len(parts[0])))


def inverse(x):
    return tuple(x.index(i) for i in range(len(x)))


def symmetries(n):
    """Those of a polygon as permutations of its corners: rotations, then reflections."""
    rotations = [tuple((i + k) % n for i in range(n)) for k in range(n)]
    reflections = [tuple((k - i) % n for i in range(n)) for k in range(n)]
    return rotations + reflections


MODULAR = {
    "add": lambda x, y, p: (x + y) % p,
    "subtract": lambda x, y, p: (x - y) % p,
    "multiply": lambda x, y, p: x * y % p,
    "divide": quotient,
    "divide_or_subtract": lambda x, y, p: quotient(x, y, p) if y % 2 else (x - y) % p,
    "x2_plus_y2": lambda x, y, p: (x**2 + y**2) % p,
    "x2_plus_xy_plus_y2": lambda x, y, p: (x**2 + x * y + y**2) % p,
    "x2_plus_xy_plus_y2_plus_x": lambda x, y, p: (x**2 + x * y + y**2 + x) % p,
    "x3_plus_xy": lambda x, y, p: (x**3 + x * y) % p,
    "x3_plus_xy2_plus_y": lambda x, y, p: (x**3 + x * y**2 + y) % p,
}

S5 = {
    "s5_product": lambda x, y: then(x, y),
    "s5_conjugate": lambda x, y: then(x, y, inverse(x)),
    "s5_aba": lambda x, y: then(x, y, x),
}

POLYNOMIALS = [
    "x^3 + 2*x*y + 1",
    "-x^2 - -y",
    "(x - y)^3*(x + 1000000007) - 2^10*y",
    "x^0*y^100 + 7",
]


def cases():
    for name, rule in MODULAR.items():
        needs_prime = name.startswith("divide")
        large = [997] if name.startswith("x3") else []
        for p in [2, 5, 7] + ([] if needs_prime else [6]) + [97] + large:
            yield name, {"modulus": p}, range(p), lambda x, y, r=rule, p=p: r(x, y, p)
    for name, rule in S5.items():
        yield name, {}, permutations(5), rule
    for degree in [3, 4, 5, 6]:
        yield "symmetric_group", {"degree": degree}, permutations(degree), then
    for degree in [3, 4, 50]:
        yield "dihedral_group", {"degree": degree}, symmetries(degree), then
    for text in POLYNOMIALS:
        code = compile(text.replace("^", "**"), text, "eval")
        for p in [2, 7, 97]:
            rule = lambda x, y, p=p, code=code: eval(code, {"x": x, "y": y}) % p
            yield "polynomial", {"modulus": p, "expression": text}, range(p), rule


def table(elements, rule):
    number = {element: i for i, element in enumerate(elements)}
    return [[number.get(rule(x, y)) for y in elements] for x in elements]


def described(name, parameters, elements, rule):
    cells = table(elements, rule)
    rows = [(x, y, z) for x, line in enumerate(cells) for y, z in enumerate(line) if z is not None]
    csv = "x,y,z\n" + "".join("%d,%d,%d\n" % row for row in rows)
    case = {
        "operation": name,
        "parameters": parameters,
        "size": len(cells),
        "rows": len(rows),
        "sha256": hashlib.sha256(csv.encode()).hexdigest(),
    }
    if len(cells) ** 2 <= SMALL:
        case["table"] = [" ".join("-" if z is None else str(z) for z in line) for line in cells]
    return case


print("[\n" + ",\n".join(json.dumps(described(*case)) for case in cases()) + "\n]")
