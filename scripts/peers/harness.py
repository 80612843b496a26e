"""What the peers share: the data of groklab's paper configuration, the clock and the report."""

import argparse
import statistics
import sys
import time

import numpy as np

MODULUS = 97
WIDTH, LAYERS, HEADS, LENGTH = 128, 2, 4, 4
BATCH = 512
WARMUP_STEPS = 10
LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY = 1e-3, (0.9, 0.98), 1e-8, 1.0
PARAMETERS = 394_240 + (MODULUS + 2) * WIDTH + WIDTH * MODULUS  # blocks, embedding, head
UNTIMED_EPOCHS = 2


def training_set(seed):
    """A random half of the table of x/y mod p: tokens <x> <∘> <y> <=> [N, 4], answers [N]."""
    answer, y = np.divmod(np.arange(MODULUS * (MODULUS - 1)), MODULUS - 1)
    y += 1
    operation = np.full_like(y, MODULUS)
    tokens = np.stack([answer * y % MODULUS, operation, y, operation + 1], axis=1)
    rows = np.random.default_rng(seed).permutation(len(y))[: len(y) // 2]
    return tokens[rows], answer[rows]


def batches(count, random):
    """An epoch's batches of row numbers. The last one is short, and is trained on as it is."""
    return np.split(random.permutation(count), range(BATCH, count, BATCH))


def steps_per_epoch():
    return -(-(MODULUS * (MODULUS - 1) // 2) // BATCH)


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


def options(description, modes):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--steps", type=positive, default=200,
                        help="how many to time, rounded up to whole epochs (default %(default)s)")
    parser.add_argument("--replicas", type=positive, default=1, metavar="R",
                        help="train this many, of different seeds (default %(default)s)")
    return parser


def measure(train_epoch, steps, replicas):
    """Calls train_epoch, which returns the epoch's mean loss, and reports how fast it was.

    The speed is that of the median epoch, since the machine may have had other work during some.
    """
    epoch_steps = steps_per_epoch()
    losses = [train_epoch() for _ in range(UNTIMED_EPOCHS)]  # compiles, fills caches
    seconds = []
    for _ in range(-(-steps // epoch_steps)):
        start = time.perf_counter()
        losses.append(train_epoch())
        seconds.append(time.perf_counter() - start)

    each = [1000 * epoch / epoch_steps for epoch in seconds]
    print(f"epochs timed: {len(each)}, of {epoch_steps} steps; ms a step: fastest {min(each):.2f},"
          f" median {statistics.median(each):.2f}, slowest {max(each):.2f}")
    print(f"mean loss of the first epoch {losses[0]:.4f}, of the last {losses[-1]:.4f}")
    if not losses[-1] < losses[0]:
        sys.exit("the loss did not go down")
    rate = 1000 / statistics.median(each)
    if replicas > 1:
        print(f"replica_steps_per_second: {replicas * rate:.3f}")
    print(f"steps_per_second: {rate:.3f}")
