#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Images and classes on another grid as nnU-Net brings them there, for tests/unit/image/test_resample_order.c (needs numpy, scipy, scikit-image).

Usage: make_resample_fixture.py tests/fixtures

Writes resample/order.txt.  Each case is a line KIND ORDER APART D H W d h w and a line of numbers: KIND "image" is an image of D H W resampled
to d h w, its sample i being number(i) / 2^22 - 500; "classes" does that with classes, number(i) / 2^30 rounded down, and "mask" fills the
holes of what is not class 0.  Same bytes on every run."""
import sys
from pathlib import Path

import numpy as np
from scipy import ndimage
from skimage.transform import resize

CASES = [
    ("image", 3, -1, (5, 7, 9), (8, 5, 13)),
    ("image", 3, -1, (1, 6, 5), (1, 9, 4)),
    ("image", 3, -1, (2, 3, 4), (6, 6, 7)),
    ("image", 3, -1, (9, 4, 1), (4, 9, 3)),
    ("image", 3, -1, (4, 17, 18), (4, 9, 20)),
    ("image", 3, 0, (3, 6, 7), (5, 9, 5)),
    ("image", 3, 2, (6, 7, 5), (9, 5, 2)),
    ("image", 1, -1, (5, 7, 9), (8, 5, 13)),
    ("image", 1, 0, (3, 6, 7), (5, 9, 5)),
    ("classes", 1, -1, (5, 7, 9), (8, 5, 13)),
    ("classes", 1, -1, (6, 8, 4), (3, 4, 12)),
    ("classes", 1, 0, (3, 6, 7), (5, 9, 5)),
    ("classes", 1, -1, (1, 9, 8), (1, 27, 4)),
    ("mask", 0, -1, (5, 9, 11), (5, 9, 11)),
    ("mask", 0, -1, (7, 6, 5), (7, 6, 5)),
    ("mask", 0, -1, (1, 9, 11), (1, 9, 11)),
]


def numbers(shape):
    """Below 2^32, without a pattern."""
    n = (np.arange(np.prod(shape)) + 1).astype(np.uint32) * np.uint32(2654435761)
    n = (n ^ (n >> np.uint32(15))) * np.uint32(2246822519)
    return (n ^ (n >> np.uint32(13))).reshape(shape)


def bring(x, shape, order, apart):
    how = dict(mode="edge", anti_aliasing=False, clip=True, preserve_range=True)
    if apart < 0:
        return resize(x, shape, order, **how)
    flat = np.moveaxis(x, apart, 0)
    plane = [n for axis, n in enumerate(shape) if axis != apart]
    flat = np.stack([resize(p, plane, order, **how) for p in flat])
    places = np.meshgrid((np.arange(shape[apart]) + 0.5) * len(flat) / shape[apart] - 0.5, *map(np.arange, plane), indexing="ij")
    return np.moveaxis(ndimage.map_coordinates(flat, places, order=0, mode="nearest"), 0, apart)


def classes(x, shape, order, apart):
    layers = np.stack([bring((x == c).astype(np.float64), shape, order, apart) for c in range(4)])
    return 3 - np.argmax(np.round(layers, 9)[::-1], axis=0)  # of equals the highest


def case(kind, order, apart, size, shape):
    n = numbers(size)
    if kind == "image":
        y = bring(n / 2.0**22 - 500, shape, order, apart)
        y = [f"{v:.9g}" for v in y.ravel()]
    elif kind == "classes":
        y = map(str, classes(n >> np.uint32(30), shape, order, apart).ravel())
    else:
        y = map(str, ndimage.binary_fill_holes(n >> np.uint32(30)).astype(int).ravel())
    return " ".join(map(str, [kind, order, apart, *size, *shape])) + "\n" + " ".join(y) + "\n"


def main():
    folder = Path(sys.argv[1]) / "resample"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "order.txt").write_text("".join(case(*c) for c in CASES))


main()
