# SPDX-License-Identifier: Apache-2.0
"""How far a mean over cases may be off: 95 % bootstrap percentiles."""
import random

DRAWS = 10000


def mean(numbers):
    numbers = list(numbers)
    return sum(numbers) / len(numbers) if numbers else float("nan")


def interval(differences):
    rng, n = random.Random(1), len(differences)
    means = sorted(mean(rng.choices(differences, k=n)) for _ in range(DRAWS if n * DRAWS < 4e6 else 2000))
    return means[int(0.025 * len(means))], means[int(0.975 * len(means)) - 1]
