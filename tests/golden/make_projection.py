#!/usr/bin/env python3
"""Writes projection.json: what scikit-learn makes of two sets of points, which
tests/framework/report/projection_test.cpp makes by the same formulas.

    python3 tests/golden/make_projection.py

needs scikit-learn 1.2 or later and numpy.
"""

import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

WIDTH = 32
SEEDS = range(5)


def noise(count):
    """Uniform in [-1, 1), by the linear congruences of Numerical Recipes."""
    state, numbers = 1, []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        numbers.append(state / 2**31 - 1)
    return np.array(numbers)


def circle():
    angles = 2 * np.pi * np.arange(97)[:, None] / 97
    phases = 2 * np.pi * np.arange(WIDTH)[None, :] / WIDTH
    return np.cos(angles + phases) + 0.3 * noise(97 * WIDTH).reshape(97, WIDTH)


def clusters():
    numbers = noise(12 * WIDTH + 120 * WIDTH)
    centres = numbers[: 12 * WIDTH].reshape(12, WIDTH)
    return np.repeat(centres, 10, axis=0) + 0.3 * numbers[12 * WIDTH :].reshape(120, WIDTH)


def neighbours(points, count):
    return NearestNeighbors(n_neighbors=count).fit(points).kneighbors(return_distance=False)


def preservation(points, plane, count):
    """The share of each point's nearest points that are among its nearest in the plane."""
    pairs = zip(neighbours(points, count), neighbours(plane, count))
    return np.mean([len(np.intersect1d(a, b)) / count for a, b in pairs])


def components(points):
    pca = PCA(n_components=2, svd_solver="full").fit(points)
    largest = np.abs(pca.components_).argmax(axis=1)
    signs = np.sign(pca.components_[np.arange(2), largest])
    return {
        "coordinates": (pca.transform(points) * signs).ravel().tolist(),
        "variance_shares": pca.explained_variance_ratio_.tolist(),
    }


def maps(points, perplexity, count):
    divergences, shares = [], []
    for seed in SEEDS:
        tsne = TSNE(method="exact", init="pca", perplexity=perplexity, random_state=seed)
        plane = tsne.fit_transform(points)
        divergences.append(float(tsne.kl_divergence_))
        shares.append(float(preservation(points, plane, count)))
    return {
        "perplexity": perplexity,
        "divergences": divergences,
        "neighbours": count,
        "preservations": shares,
    }


def main():
    golden = {
        "circle": {"components": components(circle()), "maps": [maps(circle(), 30, 10)]},
        "clusters": {
            "components": components(clusters()),
            "maps": [maps(clusters(), 30, 9), maps(clusters(), 9, 9)],
        },
    }
    file = pathlib.Path(__file__).resolve().parent / "projection.json"
    file.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
