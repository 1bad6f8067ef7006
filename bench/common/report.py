# SPDX-License-Identifier: Apache-2.0
"""What the reports of all folders share: files of results, means, and 95 % bootstrap intervals."""

import json, os, random

DRAWS = 10000


def load(path):
    with open(path) as f:
        return json.load(f)


def save(path, what):
    """One line: a result is a record."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "w") as f:
        json.dump(what, f, separators=(",", ":"))
        f.write("\n")
    os.replace(path + ".part", path)


def mean(numbers):
    """Of those that are there."""
    numbers = [x for x in numbers if x is not None]
    return sum(numbers) / len(numbers) if numbers else float("nan")


def interval(differences, groups=None):
    """Of their mean.  `groups` names a group for each difference; groups are drawn as wholes."""
    of_group = {}
    for i, x in enumerate(differences):
        of_group.setdefault(groups[i] if groups else i, []).append(x)
    sums = [(sum(found), len(found)) for found in of_group.values()]
    rng, n = random.Random(1), len(sums)
    means = []
    for _ in range(DRAWS if n * DRAWS < 4e6 else 2000):
        drawn = rng.choices(sums, k=n)
        means.append(sum(s for s, _ in drawn) / sum(count for _, count in drawn))
    means.sort()
    return means[int(0.025 * len(means))], means[int(0.975 * len(means)) - 1]
