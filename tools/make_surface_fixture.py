#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Distances between surfaces as google-deepmind's surface-distance computes them, for tests/unit/measure/test_surface.c
(needs numpy, scipy, surface-distance).

Usage: make_surface_fixture.py tests/fixtures

measure/surface.json: a list of {"size" (d, h, w), "spacing", "tolerance", "predicted", "truth" (voxels in d, h, w order as bits in hexadecimal, the first voxel
the highest bit), "hd95", "assd", "nsd"}, and measure/surface_areas.json: {"spacing", "areas" by code}.  Same bytes on every run."""
import json
import sys
import warnings

import numpy as np

np.Inf, np.NaN = np.inf, np.nan  # surface-distance 0.1 asks for names that numpy 2 no longer has
warnings.simplefilter("ignore")
import surface_distance as sd  # noqa: E402
from surface_distance import lookup_tables  # noqa: E402


def noise(size, share, seed):
    return np.random.RandomState(seed).random_sample(size) < share


def ball(size, centre, radius):
    grid = np.meshgrid(*[np.arange(n) for n in size], indexing="ij")
    return sum(((g - c) / r) ** 2 for g, c, r in zip(grid, centre, radius)) < 1


def cases():
    whole = np.ones((5, 6, 7), bool)
    yield noise((8, 9, 10), 0.5, 1), noise((8, 9, 10), 0.5, 2), (1, 1, 1), 1
    yield noise((8, 9, 10), 0.1, 3), noise((8, 9, 10), 0.85, 4), (3, 0.7, 1.3), 0.7
    yield noise((9, 9, 9), 0.01, 5), noise((9, 9, 9), 0.02, 6), (0.5, 2.5, 1), 2.5
    yield ball((12, 24, 20), (6, 11, 9), (4.5, 8, 7)), ball((12, 24, 20), (5, 13, 10), (4, 7.5, 8)), (3, 0.8, 0.8), 1.6
    yield ball((12, 24, 20), (0, 3, 19), (5, 9, 6)), ball((12, 24, 20), (2, 0, 17), (5, 9, 6)), (1, 1, 1), 2
    yield whole, whole & (np.arange(7) < 4), (1.5, 1, 2), 3
    yield whole, whole, (1, 1, 1), 0.5
    a, b = np.zeros((6, 7, 8), bool), np.zeros((6, 7, 8), bool)
    a[0, 0, 0] = b[5, 6, 7] = True
    yield a, b, (2, 3, 0.1), 1
    yield noise((17, 23), 0.4, 7), noise((17, 23), 0.6, 8), (1, 1), 1
    yield noise((17, 23), 0.02, 9), noise((17, 23), 0.97, 10), (0.3, 1.7), 1
    yield ball((40, 36), (18, 17), (12, 9)), ball((40, 36), (21, 14), (11, 12)), (1, 1), 2
    yield ball((40, 36), (0, 17), (12, 9)), ball((40, 36), (3, 35), (11, 12)), (0.4, 0.9), 0.9


def pack(mask):
    return np.packbits(mask.ravel()).tobytes().hex()


def measured(predicted, truth, spacing, tolerance):
    d = sd.compute_surface_distances(truth, predicted, spacing)
    areas = d["surfel_areas_gt"], d["surfel_areas_pred"]
    distances = d["distances_gt_to_pred"], d["distances_pred_to_gt"]
    both = sum(np.sum(x * a) for x, a in zip(distances, areas)) / sum(np.sum(a) for a in areas)
    three = len(spacing) == 3
    return {"size": list(predicted.shape) if three else [1, *predicted.shape], "spacing": list(spacing) if three else [1, *spacing],
            "tolerance": tolerance, "predicted": pack(predicted), "truth": pack(truth), "hd95": float(sd.compute_robust_hausdorff(d, 95)),
            "assd": float(both), "nsd": float(sd.compute_surface_dice_at_tolerance(d, tolerance))}


def main():
    with open(f"{sys.argv[1]}/measure/surface.json", "w") as f:
        f.write("[" + ",\n".join(json.dumps(measured(*c)) for c in cases()) + "]\n")
    spacing = (0.7, 1.9, 1.2)
    # Their code has the first voxel in the highest bit.
    turn = lambda code: int(f"{code:08b}"[::-1], 2)  # noqa: E731
    areas = lookup_tables.create_table_neighbour_code_to_surface_area(spacing)
    with open(f"{sys.argv[1]}/measure/surface_areas.json", "w") as f:
        json.dump({"spacing": spacing, "areas": [round(float(areas[turn(c)]), 12) for c in range(256)]}, f)
        f.write("\n")


main()
