#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Folds as scikit-learn cuts them, for tests/unit/dataset/test_split.c (needs numpy, scikit-learn).

Usage: make_split_fixture.py tests/fixtures

Each line of split/kfold.txt is N FOLDS SEED CRC: KFold(FOLDS, shuffle=True, random_state=SEED) over N cases gives every case a fold, written as one byte; CRC is
the CRC-32 of those N bytes.  Lines of few cases end with the folds themselves as digits.

Each line of split/groupkfold.txt is N FOLDS A B M CRC: GroupKFold(FOLDS) over N cases, of which case i is in group (A*i*i + B*i) mod M.

Each line of split/stratified.txt is WAY N FOLDS A B M C CRC: case i is of kind (A*i*i + B*i) mod M and, where WAY is "groups", in group (3*i*i + 7*i) mod C.  WAY
"cases" is StratifiedKFold(FOLDS, shuffle=True, random_state=12345), "groups" StratifiedGroupKFold(FOLDS), with kinds numbered as they come.  WAY "holdout" is
ShuffleSplit(1, test_size=1/FOLDS, random_state=12345) and "groupholdout" GroupShuffleSplit(1, ...), where cases that validate count as fold 0 and the others as 1.

(scikit-learn's sort of the group sizes is stable from 1.9 on; before, groups of one size came in an order that depended on the machine.)
Same bytes on every run."""
import sys
import zlib

import numpy as np
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold, ShuffleSplit, StratifiedGroupKFold, StratifiedKFold

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


def kinds_of(n, a, b, m):
    seen, kinds = {}, []
    for i in range(n):
        kinds.append(seen.setdefault((a * i * i + b * i) % m, len(seen)))
    return kinds


def stratified_line(way, n, folds, a, b, m, c):
    of = np.ones(n, np.uint8)
    kinds = kinds_of(n, a, b, m)
    groups = [(3 * i * i + 7 * i) % c for i in range(n)]
    cutter = {"cases": lambda: StratifiedKFold(folds, shuffle=True, random_state=12345), "groups": lambda: StratifiedGroupKFold(folds),
              "holdout": lambda: ShuffleSplit(1, test_size=1 / folds, random_state=12345),
              "groupholdout": lambda: GroupShuffleSplit(1, test_size=1 / folds, random_state=12345)}[way]()
    for fold, (_, test) in enumerate(cutter.split(np.zeros(n), kinds, groups)):
        of[test] = fold
    words = [way, n, folds, a, b, m, c, f"{zlib.crc32(of.tobytes()):08x}"]
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
    lines = [stratified_line("cases", *x, 1) for x in ((12, 3, 0, 1, 2), (10, 5, 1, 1, 3))]
    for n in (40, 208, 623, 1000):
        for folds in (2, 5, 10):
            for a, b, m in ((0, 1, 2), (1, 1, 5), (3, 7, 11), (1, 3, 17)) if n > 40 else ((0, 1, 2), (1, 3, 4)):
                lines += [stratified_line("cases", n, folds, a, b, m, 1), stratified_line("groups", n, folds, a, b, m, 37),
                          stratified_line("groups", n, folds, a, b, m, 502)]
            lines += [stratified_line("holdout", n, folds, 0, 1, 2, 1), stratified_line("groupholdout", n, folds, 0, 1, 2, 37)]
    with open(f"{sys.argv[1]}/split/stratified.txt", "w") as f:
        f.write("\n".join(lines) + "\n")


main()
