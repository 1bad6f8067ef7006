#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Values and gradients of losses as MONAI and PyTorch compute them, for
tests/unit/ops/test_losses.c (needs numpy, scipy, torch, monai).

Usage: torch_losses.py tests/fixtures

losses/torch.txt holds cases of four lines: the objective as attunet spells it; N C D H W and the
number of regions (0: classes, softmax); one digit per pixel's
label, x where it is to be ignored; the value, and the gradient by every logit.  Logit i, in
memory's order, is 2 sin(0.7 i + 0.01 i^2).  Region k is all labels
above k.  All in double, the same bytes on every run."""

import sys
import warnings

import numpy as np
import torch
from monai.losses import FocalLoss, GeneralizedDiceLoss, TverskyLoss
from monai.losses.cldice import soft_skel
from scipy.ndimage import distance_transform_edt

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
                y[image][
                    ((grid - centre[:, None, None, None]) ** 2).sum(0) <= rng.uniform(1, 9)
                ] = k
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
    tp, fp, fn = (
        (p * t).sum((2, 3, 4)),
        (p * (1 - t) * valid).sum((2, 3, 4)),
        ((1 - p) * t).sum((2, 3, 4)),
    )
    return (tp + smooth) / (tp + alpha * fp + beta * fn + smooth)


CASES = []


def case(text, shape, regions, y, loss):
    z = logits_of(shape).requires_grad_()
    value = loss(z, one_hot(y, shape[1], regions), y)
    value.backward()
    CASES.append(
        [
            text,
            " ".join(map(str, (*shape, shape[1] if regions else 0))),
            "".join("x" if v == IGNORE else str(v) for v in y.ravel()),
            " ".join(f"{v:.12g}" for v in [value.item(), *z.grad.ravel().tolist()]),
        ]
    )


def overlaps():
    flat, solid = (2, 3, 1, 6, 7), (1, 3, 4, 5, 4)
    for shape in (flat, solid):
        y = labels_of(shape, 3)
        case(
            "tversky(smooth=1e-5)",
            shape,
            False,
            y,
            monai(
                TverskyLoss(
                    softmax=True,
                    include_background=False,
                    alpha=0.3,
                    beta=0.7,
                    smooth_nr=1e-5,
                    smooth_dr=1e-5,
                )
            ),
        )
        case(
            "tversky(alpha=.8,beta=.4,batch=yes,background=yes,smooth=1)",
            shape,
            False,
            y,
            monai(
                TverskyLoss(softmax=True, alpha=0.8, beta=0.4, batch=True, smooth_nr=1, smooth_dr=1)
            ),
        )
        case(
            "gdice(smooth=0)",
            shape,
            False,
            y,
            monai(GeneralizedDiceLoss(softmax=True, smooth_nr=0, smooth_dr=0)),
        )
        case(
            "gdice(batch=yes,background=no,smooth=0)",
            shape,
            False,
            y,
            monai(
                GeneralizedDiceLoss(
                    softmax=True, include_background=False, batch=True, smooth_nr=0, smooth_dr=0
                )
            ),
        )
    # a class that is nowhere, and regions
    y = labels_of(flat, 2)
    case(
        "gdice(smooth=0)",
        flat,
        False,
        y,
        monai(GeneralizedDiceLoss(softmax=True, smooth_nr=0, smooth_dr=0)),
    )
    y = labels_of(flat, 4)
    case("tversky", flat, True, y, monai(TverskyLoss(sigmoid=True, alpha=0.3, beta=0.7)))
    case(
        "gdice(smooth=0)",
        flat,
        True,
        y,
        monai(GeneralizedDiceLoss(sigmoid=True, smooth_nr=0, smooth_dr=0)),
    )
    y = labels_of(flat, 3, 0.2)
    case(
        "tversky(smooth=.5)",
        flat,
        False,
        y,
        lambda z, t, y: (1 - tversky_index(z, t, y, 0.3, 0.7, 0.5, 1)).mean(),
    )
    case(
        "focal-tversky",
        flat,
        False,
        y,
        lambda z, t, y: ((1 - tversky_index(z, t, y, 0.3, 0.7, 1e-5, 1)) ** 0.75).mean(),
    )
    case(
        "focal-tversky(alpha=.7,beta=.3,gamma=2,background=yes)",
        flat,
        False,
        y,
        lambda z, t, y: ((1 - tversky_index(z, t, y, 0.7, 0.3, 1e-5, 0)) ** 2).mean(),
    )
    case(
        "focal-tversky(gamma=1.5)",
        flat,
        True,
        y,
        lambda z, t, y: ((1 - tversky_index(z, t, y, 0.3, 0.7, 1e-5, None)) ** 1.5).mean(),
    )


def focal_terms(z, y, gamma, first, others):
    """Of every pixel's true class."""
    nll = torch.nn.functional.cross_entropy(
        z, torch.tensor(y), reduction="none", ignore_index=IGNORE
    )
    balance = torch.tensor(np.where(y == 0, first, others))
    return balance * (1 - torch.exp(-nll)) ** gamma * nll


def topk(percent, weight=None):
    """nnU-Net's TopKLoss, but the share is that of the pixels that count, and weights divide as in
    cross_entropy."""

    def loss(z, t, y):
        w = torch.tensor(weight or [1.0] * z.shape[1], dtype=torch.float64)
        nll = torch.nn.functional.cross_entropy(
            z, torch.tensor(y), w, reduction="none", ignore_index=IGNORE
        ).ravel()
        nll, of = nll[y.ravel() != IGNORE], w[torch.tensor(y.ravel()[y.ravel() != IGNORE])]
        best = torch.topk(nll, int(len(nll) * percent / 100)).indices
        return nll[best].sum() / of[best].sum()

    return loss


def pixels():
    flat, solid = (2, 3, 1, 6, 7), (1, 3, 4, 5, 4)
    y = labels_of(flat, 3)
    # MONAI's mean is over classes too, and it computes in float
    case("focal", flat, False, y, lambda z, t, y: focal_terms(z, y, 2, 1, 1).mean())
    check(
        FocalLoss(use_softmax=True, gamma=2)(logits_of(flat), one_hot(y, 3, False)) * 3,
        focal_terms(logits_of(flat), y, 2, 1, 1).mean(),
    )
    case(
        "focal(gamma=.5,alpha=.25)",
        flat,
        False,
        y,
        lambda z, t, y: focal_terms(z, y, 0.5, 0.75, 0.25).mean(),
    )
    check(
        FocalLoss(use_softmax=True, gamma=0.5, alpha=0.25)(logits_of(flat), one_hot(y, 3, False))
        * 3,
        focal_terms(logits_of(flat), y, 0.5, 0.75, 0.25).mean(),
    )
    y = labels_of(flat, 4)
    case("focal(gamma=3,alpha=.6)", flat, True, y, lambda z, t, y: sigmoid_focal(z, t, 3, 0.6))
    check(
        FocalLoss(gamma=3, alpha=0.6)(logits_of(flat), one_hot(y, 3, True)),
        sigmoid_focal(logits_of(flat), one_hot(y, 3, True), 3, 0.6),
    )
    y = labels_of(solid, 3, 0.2)
    case(
        "focal(gamma=1)",
        solid,
        False,
        y,
        lambda z, t, y: focal_terms(z, y, 1, 1, 1)[torch.tensor(y != IGNORE)].mean(),
    )
    case("topk", solid, False, y, topk(10))
    case("topk(k=35)", flat, False, labels_of(flat, 3), topk(35))
    case("topk(k=20)", flat, False, labels_of(flat, 3), topk(20))


def sigmoid_focal(z, t, gamma, alpha):
    p = torch.sigmoid(z)
    truth = torch.where(t > 0, p, 1 - p)
    return (torch.where(t > 0, alpha, 1 - alpha) * (1 - truth) ** gamma * -torch.log(truth)).mean()


def check(a, b):
    assert abs(float(a) - float(b)) < 1e-5, (a, b)


def signed(inside, outside, sampling):
    """Kervadec's map: `inside` and `outside` are what is known to be of the class, and not."""
    if not inside.any():
        return np.zeros(inside.shape)
    out = distance_transform_edt(~inside, sampling=sampling)
    back = (
        distance_transform_edt(~outside, sampling=sampling)
        if outside.any()
        else np.ones(inside.shape)
    )
    return np.where(inside, -np.maximum(back - 1, 0), out)


def boundary(first, z=1.0, regions=False):
    def loss(x, t, y):
        phi = np.zeros(x.shape)
        for n in range(x.shape[0]):
            for k in range(first, x.shape[1]):
                inside = t[n, k].numpy() > 0
                phi[n, k] = signed(inside, ~inside & (y[n] != IGNORE), (z, 1, 1))
        p = torch.sigmoid(x) if regions else torch.softmax(x, 1)
        valid = torch.tensor(y != IGNORE)[:, None]
        return (p * torch.tensor(phi) * valid)[:, first:].sum() / (
            valid.sum() * (x.shape[1] - first)
        )

    return loss


def boundaries():
    flat, solid = (2, 3, 1, 8, 9), (1, 3, 4, 6, 5)
    case("boundary", flat, False, labels_of(flat, 3), boundary(1))
    case("boundary(background=yes)", flat, False, labels_of(flat, 3, 0.2), boundary(0))
    case("boundary", flat, False, labels_of(flat, 2), boundary(1))
    case("boundary", flat, True, labels_of(flat, 4), boundary(0, regions=True))
    case("boundary(z=3)", solid, False, labels_of(solid, 3, 0.1), boundary(1, 3.0))


def cldice(iterations, first, batch, smooth, regions=False):
    """The authors' formula per class, on MONAI's soft skeletons; ignored pixels are background."""

    def loss(x, t, y):
        p = (torch.sigmoid(x) if regions else torch.softmax(x, 1)) * torch.tensor(y != IGNORE)[
            :, None
        ]
        p, t = p[:, first:], t[:, first:]
        bone_p, bone_t = (soft_skel(squeeze(m), iterations).reshape(m.shape) for m in (p, t))
        over = (0, 2, 3, 4) if batch else (2, 3, 4)
        precision = ((bone_p * t).sum(over) + smooth) / (bone_p.sum(over) + smooth)
        sensitivity = ((bone_t * p).sum(over) + smooth) / (bone_t.sum(over) + smooth)
        return (1 - 2 * precision * sensitivity / (precision + sensitivity)).mean()

    return loss


def centrelines():
    flat, solid = (2, 3, 1, 8, 9), (1, 3, 5, 6, 7)
    case("cldice", flat, False, labels_of(flat, 3), cldice(3, 1, False, 1))
    case(
        "cldice(iterations=2,batch=yes,background=yes,smooth=.1)",
        flat,
        False,
        labels_of(flat, 3, 0.1),
        cldice(2, 0, True, 0.1),
    )
    case("cldice(iterations=0)", flat, False, labels_of(flat, 2), cldice(0, 1, False, 1))
    case("cldice", flat, True, labels_of(flat, 4), cldice(3, 0, False, 1, True))
    case("cldice(iterations=4)", solid, False, labels_of(solid, 3, 0.1), cldice(4, 1, False, 1))


def main():
    overlaps()
    pixels()
    boundaries()
    centrelines()
    with open(f"{sys.argv[1]}/losses/torch.txt", "w") as f:
        f.writelines("\n".join(c) + "\n" for c in CASES)


main()
