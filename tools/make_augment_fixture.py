#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes of training patches as scipy and numpy make them, for tests/unit/image/test_augment_filter.c (needs numpy and scipy).

Usage: make_augment_fixture.py tests/fixtures

Writes augment/changes.txt.  Each case is a line KIND D H W A B C and a line of numbers: what becomes of a patch of D H W whose sample i is
number(i) / 2^22 - 500.  "blur" has deviations A B C; "coarse" has a share A of the resolution, and axis B - 1 keeps all of it (B = 0: none);
"contrast" has factor A; "gamma" and "inverted" have exponent A.  Same bytes on every run."""
import sys
from pathlib import Path

import numpy as np
from scipy import ndimage

SIZES = [(5, 6, 7), (1, 9, 8), (2, 3, 4), (12, 1, 1), (1, 2, 40)]
CASES = [("blur", s, p) for s in SIZES for p in [(0.5, 0.75, 1), (1, 1, 0.6)]]
CASES += [("coarse", s, p) for s in SIZES for p in [(0.5, 0, 0), (0.77, 0, 0), (0.9, 1, 0)]]
CASES += [(k, s, (p, 0, 0)) for s in SIZES[:2] for k, p in [("contrast", 0.75), ("contrast", 1.25), ("gamma", 0.7), ("gamma", 1.5),
                                                            ("inverted", 0.7), ("inverted", 1.5)]]


def numbers(shape):
    """Below 2^32, without a pattern."""
    n = (np.arange(np.prod(shape)) + 1).astype(np.uint32) * np.uint32(2654435761)
    n = (n ^ (n >> np.uint32(15))) * np.uint32(2246822519)
    return (n ^ (n >> np.uint32(13))).reshape(shape)


def blur(x, sigma):
    for axis, s in enumerate(sigma):
        if x.shape[axis] > 1:
            x = ndimage.gaussian_filter1d(x, s, axis, mode="mirror", radius=3)
    return x


def coarse(x, share, kept):
    for axis, n in enumerate(x.shape):
        low = n if axis == kept - 1 else max(1, int(np.floor(n * np.float32(share) + np.float32(0.5))))
        small = np.take(x, np.floor((np.arange(low) + 0.5) * n / low).astype(int), axis)
        place = (np.arange(n) + 0.5) * low / n - 0.5
        x = np.apply_along_axis(lambda line: np.interp(place, np.arange(low), line), axis, small)
    return x


def contrast(x, by):
    return np.clip((x - x.mean()) * by + x.mean(), x.min(), x.max())


def gamma(x, by):
    y = ((x - x.min()) / np.ptp(x)) ** by * np.ptp(x) + x.min()
    return (y - y.mean()) / y.std() * x.std() + x.mean()


def case(kind, size, p):
    x = numbers(size) / 2.0**22 - 500
    if kind == "blur":
        y = blur(x, p)
    elif kind == "coarse":
        y = coarse(x, p[0], p[1])
    elif kind == "contrast":
        y = contrast(x, p[0])
    else:
        y = gamma(x, p[0]) if kind == "gamma" else -gamma(-x, p[0])
    return " ".join(map(str, [kind, *size, *p])) + "\n" + " ".join(f"{v:.9g}" for v in y.ravel()) + "\n"


def main():
    folder = Path(sys.argv[1]) / "augment"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "changes.txt").write_text("".join(case(*c) for c in CASES))


main()
