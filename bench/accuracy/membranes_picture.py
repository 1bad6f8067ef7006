#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where predicted membranes are wrong, as a picture (needs numpy and pillow).

Usage: membranes_picture.py MASK LABEL OUT.png

Both are 0 in membranes. Black: membrane in both. White: cell in both. Red: a membrane that was
missed. Blue: one that is not there.
"""

import sys

import numpy as np
from PIL import Image

if len(sys.argv) != 4:
    sys.exit(__doc__)
mask, label = (np.asarray(Image.open(path).convert("L")) == 0 for path in sys.argv[1:3])
if mask.shape != label.shape:
    sys.exit(
        f"{sys.argv[1]} is of {mask.shape[1]}x{mask.shape[0]} pixels, {sys.argv[2]} of"
        f" {label.shape[1]}x{label.shape[0]}"
    )
picture = Image.fromarray(
    (mask + 2 * label).astype(np.uint8), "P"
)  # 0 cell, 1 not there, 2 missed, 3 membrane
picture.putpalette([255, 255, 255, 40, 110, 255, 220, 30, 30, 0, 0, 0])
picture.save(sys.argv[3], optimize=True)
