# SPDX-License-Identifier: Apache-2.0
"""Recall of lesions: of the connected parts (8 neighbours) of the true masks, the share of which at
least half the pixels were predicted.  Prints JSON (needs numpy, scipy and pillow).

Usage: lesions.py MASKS LABELS"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage


def parts(folder, name):
    return np.asarray(Image.open(folder / name).convert("L")) > 0


def main():
    masks, labels = map(Path, sys.argv[1:3])
    cases = {}
    for path in sorted(labels.glob("*.png")):
        number, count = ndimage.label(parts(labels, path.name), np.ones((3, 3)))
        found = ndimage.mean(parts(masks, path.name), number, range(1, count + 1)) if count else []
        cases[path.stem] = {"lesions": count, "found": int(sum(x >= 0.5 for x in found))}
    lesions, found = (sum(c[k] for c in cases.values()) for k in ("lesions", "found"))
    json.dump(
        {
            "cases": cases,
            "lesions": lesions,
            "found": found,
            "recall": found / lesions if lesions else None,
        },
        sys.stdout,
    )


main()
