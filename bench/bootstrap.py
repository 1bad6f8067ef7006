# SPDX-License-Identifier: Apache-2.0
"""How far a mean over cases may be off: 95 % bootstrap percentiles."""
import random

DRAWS = 10000


def mean(numbers):
    numbers = list(numbers)
    return sum(numbers) / len(numbers) if numbers else float("nan")


def interval(differences, groups=None):
    """Of their mean.  What is in one group, a name for each difference, is no evidence of its own: groups are drawn as wholes."""
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
