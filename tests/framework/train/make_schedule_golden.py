#!/usr/bin/env python3
"""Prints PyTorch's learning rates of the schedules in schedule_test.cpp: peak 1, twelve updates."""

import torch
from torch.optim import lr_scheduler as schedulers

WARMUP, STEPS, FINAL = 4, 12, 0.1


def rates(after):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    rise = schedulers.LinearLR(optimizer, start_factor=1 / WARMUP, total_iters=WARMUP - 1)
    schedule = schedulers.SequentialLR(optimizer, [rise, after(optimizer)], [WARMUP - 1])
    for _ in range(STEPS):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        schedule.step()


print("cosine", *rates(lambda optimizer: schedulers.CosineAnnealingLR(
    optimizer, T_max=STEPS - WARMUP, eta_min=FINAL)), sep=", ")
print("linear", *rates(lambda optimizer: schedulers.LinearLR(
    optimizer, start_factor=1, end_factor=FINAL, total_iters=STEPS - WARMUP)), sep=", ")
