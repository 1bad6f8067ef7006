#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Folds as scikit-learn cuts them, for tests/unit/test_split.c (needs numpy, scikit-learn).

Usage: make_split_fixture.py tests/fixtures/split/kfold.txt

Each line is N FOLDS SEED CRC: KFold(FOLDS, shuffle=True, random_state=SEED) over N cases gives every case a fold, written as one byte; CRC is
the CRC-32 of those N bytes.  Lines of few cases end with the folds themselves as digits.  Same bytes on every run."""
import sys
import zlib

import numpy as np
from sklearn.model_selection import KFold

SPELT_OUT = 12


def line(n, folds, seed):
    of = np.empty(n, np.uint8)
    for fold, (_, test) in enumerate(KFold(folds, shuffle=True, random_state=seed).split(np.zeros(n))):
        assert (np.diff(test) > 0).all()
        of[test] = fold
    words = [n, folds, seed, f"{zlib.crc32(of.tobytes()):08x}"]
    if n <= SPELT_OUT:
        words.append("".join(map(str, of)))
    return " ".join(map(str, words))


def main():
    lines = [line(n, 5, 12345) for n in range(5, 301)]
    lines += [line(n, folds, seed) for n in (10, 70, 1000) for folds in (2, 3, 10) for seed in (0, 1, 4294967295)]
    with open(sys.argv[1], "w") as f:
        f.write("\n".join(lines) + "\n")


main()
