#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Folds as scikit-learn cuts them, for tests/unit/test_split.c (needs numpy, scikit-learn).

Usage: make_split_fixture.py tests/fixtures

Each line of split/kfold.txt is N FOLDS SEED CRC: KFold(FOLDS, shuffle=True, random_state=SEED) over N cases gives every case a fold, written as one byte; CRC is
the CRC-32 of those N bytes.  Lines of few cases end with the folds themselves as digits.

Each line of split/groupkfold.txt is N FOLDS A B M CRC: GroupKFold(FOLDS) over N cases, of which case i is in group (A*i*i + B*i) mod M.
(scikit-learn's sort of the group sizes is stable from 1.9 on; before, groups of one size came in an order that depended on the machine.)
Same bytes on every run."""
import sys
import zlib

import numpy as np
from sklearn.model_selection import GroupKFold, KFold

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


def group_line(n, folds, a, b, m):
    of = np.empty(n, np.uint8)
    groups = [(a * i * i + b * i) % m for i in range(n)]
    for fold, (_, test) in enumerate(GroupKFold(folds).split(groups, groups=groups)):
        of[test] = fold
    words = [n, folds, a, b, m, f"{zlib.crc32(of.tobytes()):08x}"]
    if n <= SPELT_OUT:
        words.append("".join(map(str, of)))
    return " ".join(map(str, words))


def main():
    lines = [line(n, 5, 12345) for n in range(5, 301)]
    lines += [line(n, folds, seed) for n in (10, 70, 1000) for folds in (2, 3, 10) for seed in (0, 1, 4294967295)]
    with open(f"{sys.argv[1]}/split/kfold.txt", "w") as f:
        f.write("\n".join(lines) + "\n")
    lines = [group_line(*c) for c in ((12, 5, 0, 1, 6), (12, 5, 1, 0, 11), (12, 3, 1, 1, 12), (10, 5, 0, 3, 10))]
    lines += [group_line(n, folds, a, b, m) for n in (40, 208, 623, 1000) for folds in (2, 5) for a, b in ((0, 1), (1, 1), (3, 7))
              for m in (37, 101, 502)]
    with open(f"{sys.argv[1]}/split/groupkfold.txt", "w") as f:
        f.write("\n".join(lines) + "\n")


main()
