#!/usr/bin/env python3
"""Prints the eigenvalues that sharpness_test.cpp expects: of the full Hessian of a small network's
mean cross-entropy, by torch.func and numpy. Needs torch 2.11; about a second.

    python3 tests/plugins/probes/hessian_golden.py
"""

import torch
from torch.nn import functional as F

ELEMENTS, WIDTH, HIDDEN, PADDED = 5, 2, 4, 64
torch.set_default_dtype(torch.float64)

pairs = torch.arange(ELEMENTS * ELEMENTS)
x, y = pairs // ELEMENTS, pairs % ELEMENTS
targets = (x + 2 * y) % ELEMENTS


def loss(flat, trained):
    sizes = [ELEMENTS * WIDTH, 2 * WIDTH * HIDDEN, HIDDEN, HIDDEN * ELEMENTS]
    embedding, weight, bias, head = flat.split(sizes)
    embedding = embedding.view(ELEMENTS, WIDTH)
    stream = torch.cat([embedding[x], embedding[y]], 1)
    hidden = F.relu(stream @ weight.view(2 * WIDTH, HIDDEN) + bias)
    logits = hidden @ head.view(HIDDEN, ELEMENTS)
    return F.cross_entropy(logits[trained], targets[trained])


parameters = ELEMENTS * WIDTH + 2 * WIDTH * HIDDEN + HIDDEN + HIDDEN * ELEMENTS
for replica in range(2):
    numbers = torch.sin(torch.arange(2 * PADDED) * 1.7).view(2, PADDED)[replica, :parameters]
    trained = pairs % 3 != replica
    hessian = torch.func.hessian(lambda flat: loss(flat, trained))(numbers)
    values = torch.linalg.eigvalsh(hessian)
    print(f"{replica}: loss {loss(numbers, trained):.15g}, smallest {values[0]:.15g}, "
          f"largest {values[-2]:.15g} {values[-1]:.15g}")
