#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Values and gradients of losses as MONAI and PyTorch compute them, for tests/unit/test_losses.c (needs numpy, scipy, torch, monai).

Usage: torch_losses.py tests/fixtures

losses/torch.txt holds cases of four lines: the objective as attunet spells it; N C D H W and the number of regions (0: classes, softmax); one digit per pixel's
label, x where it is to be ignored; the value, and the gradient by every logit.  Logit i, in memory's order, is 2 sin(0.7 i + 0.01 i^2).  Region k is all labels
above k.  All in double, the same bytes on every run."""
import sys
import warnings

import numpy as np
import torch
from monai.losses import FocalLoss, GeneralizedDiceLoss, TverskyLoss

warnings.filterwarnings("ignore")
IGNORE = 255


def logits_of(shape):
    i = torch.arange(int(np.prod(shape)), dtype=torch.float64)
    return (2 * torch.sin(0.7 * i + 0.01 * i * i)).reshape(shape)


def labels_of(shape, classes, ignored=0.0, seed=1):
    """Discs and balls of every class on background, so that there are insides and thin parts."""
    rng = np.random.default_rng(seed)
    n, _, d, h, w = shape
    grid = np.stack(np.meshgrid(np.arange(d), np.arange(h), np.arange(w), indexing="ij"))
    y = np.zeros((n, d, h, w), int)
    for image in range(n):
        for k in range(1, classes):
            for _ in range(2):
                centre = rng.uniform(0, (d, h, w))
                y[image][((grid - centre[:, None, None, None]) ** 2).sum(0) <= rng.uniform(1, 9)] = k
    y[rng.uniform(size=y.shape) < ignored] = IGNORE
    return y


def one_hot(y, channels, regions):
    k = np.arange(channels)[None, :, None, None, None]
    t = (y[:, None] > k) if regions else (y[:, None] == k)
    return torch.tensor((t & (y[:, None] != IGNORE)).astype(float))


def squeeze(x):
    return x.squeeze(2) if x.shape[2] == 1 else x


def monai(loss):
    return lambda z, t, y: loss(squeeze(z), squeeze(t))


def tversky_index(z, t, y, alpha, beta, smooth, first):
    """Ignored pixels left out, which MONAI's class cannot do beside regions."""
    valid = torch.tensor(y != IGNORE)[:, None]
    p = (torch.sigmoid(z) if first is None else torch.softmax(z, 1)[:, first:]) * valid
    t = t if first is None else t[:, first:]
    tp, fp, fn = ((p * t).sum((2, 3, 4)), (p * (1 - t) * valid).sum((2, 3, 4)), ((1 - p) * t).sum((2, 3, 4)))
    return (tp + smooth) / (tp + alpha * fp + beta * fn + smooth)


CASES = []


def case(text, shape, regions, y, loss):
    z = logits_of(shape).requires_grad_()
    value = loss(z, one_hot(y, shape[1], regions), y)
    value.backward()
    CASES.append([text, " ".join(map(str, (*shape, shape[1] if regions else 0))), "".join("x" if v == IGNORE else str(v) for v in y.ravel()),
                  " ".join(f"{v:.12g}" for v in [value.item(), *z.grad.ravel().tolist()])])


def overlaps():
    flat, solid = (2, 3, 1, 6, 7), (1, 3, 4, 5, 4)
    for shape in (flat, solid):
        y = labels_of(shape, 3)
        case("tversky(smooth=1e-5)", shape, False, y,
             monai(TverskyLoss(softmax=True, include_background=False, alpha=0.3, beta=0.7, smooth_nr=1e-5, smooth_dr=1e-5)))
        case("tversky(alpha=.8,beta=.4,batch=yes,background=yes,smooth=1)", shape, False, y,
             monai(TverskyLoss(softmax=True, alpha=0.8, beta=0.4, batch=True, smooth_nr=1, smooth_dr=1)))
        case("gdice(smooth=0)", shape, False, y, monai(GeneralizedDiceLoss(softmax=True, smooth_nr=0, smooth_dr=0)))
        case("gdice(batch=yes,background=no,smooth=0)", shape, False, y,
             monai(GeneralizedDiceLoss(softmax=True, include_background=False, batch=True, smooth_nr=0, smooth_dr=0)))
    # a class that is nowhere, and regions
    y = labels_of(flat, 2)
    case("gdice(smooth=0)", flat, False, y, monai(GeneralizedDiceLoss(softmax=True, smooth_nr=0, smooth_dr=0)))
    y = labels_of(flat, 4)
    case("tversky", flat, True, y, monai(TverskyLoss(sigmoid=True, alpha=0.3, beta=0.7)))
    case("gdice(smooth=0)", flat, True, y, monai(GeneralizedDiceLoss(sigmoid=True, smooth_nr=0, smooth_dr=0)))
    y = labels_of(flat, 3, 0.2)
    case("tversky(smooth=.5)", flat, False, y, lambda z, t, y: (1 - tversky_index(z, t, y, 0.3, 0.7, 0.5, 1)).mean())
    case("focal-tversky", flat, False, y, lambda z, t, y: ((1 - tversky_index(z, t, y, 0.3, 0.7, 1e-5, 1)) ** 0.75).mean())
    case("focal-tversky(alpha=.7,beta=.3,gamma=2,background=yes)", flat, False, y,
         lambda z, t, y: ((1 - tversky_index(z, t, y, 0.7, 0.3, 1e-5, 0)) ** 2).mean())
    case("focal-tversky(gamma=1.5)", flat, True, y, lambda z, t, y: ((1 - tversky_index(z, t, y, 0.3, 0.7, 1e-5, None)) ** 1.5).mean())


def main():
    overlaps()
    with open(f"{sys.argv[1]}/losses/torch.txt", "w") as f:
        f.writelines("\n".join(c) + "\n" for c in CASES)


main()
