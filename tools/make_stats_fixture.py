#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Paired tests, corrections and intervals as scipy and statsmodels compute them, for tests/unit/measure/test_stats.c
(needs numpy, scipy, statsmodels).

Usage: make_stats_fixture.py tests/fixtures

measure/stats.json: {"wilcoxon": [{"x", "p"}, ...], "permutation": [{"x", "p"}, ...], "holm": [{"p", "corrected"}, ...],
"bootstrap": [{"x", "low", "high"}, ...]}.  Same bytes on every run."""
import json
import sys

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests


def draw(n, shift, digits, seed):
    return [float(x) for x in np.round(np.random.RandomState(seed).standard_normal(n) + shift, digits)]


def wilcoxon(x, **how):
    return {"x": x, "p": float(stats.wilcoxon(x, zero_method="wilcox", correction=False, **how).pvalue)}


def every_sign(x):
    """Exact also with ties: all signs of what is not zero."""
    x = [v for v in x if v != 0]
    return {"x": x, "p": float(stats.wilcoxon(x, method=stats.PermutationMethod(n_resamples=2 ** len(x))).pvalue)}


def permutation(x):
    r = stats.permutation_test((np.array(x),), np.mean, permutation_type="samples", n_resamples=np.inf)
    return {"x": x, "p": float(r.pvalue)}


def holm(p):
    return {"p": p, "corrected": [float(v) for v in multipletests(p, method="holm")[1]]}


def bootstrap(x):
    r = stats.bootstrap((x,), np.mean, n_resamples=400000, batch=1000, confidence_level=0.95, method="percentile", random_state=np.random.RandomState(7))
    return {"x": x, "low": float(r.confidence_interval.low), "high": float(r.confidence_interval.high)}


def main():
    out = {
        "wilcoxon": [wilcoxon(draw(6, 2, 6, 1), method="exact"), wilcoxon(draw(8, 0.4, 6, 2), method="exact"),
                     wilcoxon(draw(31, -0.5, 6, 3), method="exact"), wilcoxon(draw(50, 0.2, 6, 4), method="exact"),
                     every_sign(draw(9, 0.5, 0, 5)), every_sign(draw(13, 0.3, 1, 6)), every_sign(draw(15, -0.6, 0, 7)),
                     wilcoxon(draw(60, 0.2, 6, 8), method="asymptotic"), wilcoxon(draw(120, 0.2, 1, 9), method="asymptotic"),
                     wilcoxon(draw(300, 0.3, 0, 10), method="asymptotic")],
        "permutation": [permutation(draw(5, 1.5, 6, 11)), permutation(draw(10, 0.5, 6, 12)), permutation(draw(14, 0.4, 1, 13))],
        "holm": [holm([0.01, 0.04, 0.03, 0.005]), holm([0.2]), holm([0.5, 0.6, 0.001, 0.001, 0.9, 0.02]), holm([1.0, 0.4, 0.4])],
        "bootstrap": [bootstrap(draw(40, 0.3, 6, 14)), bootstrap(draw(7, 0, 6, 15))],
    }
    with open(f"{sys.argv[1]}/measure/stats.json", "w") as f:
        f.write("{" + ",\n".join(f'"{k}": [' + ",\n".join(map(json.dumps, v)) + "]" for k, v in out.items()) + "}\n")


main()
