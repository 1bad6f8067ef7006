# SPDX-License-Identifier: Apache-2.0
"""Prints the numbers that tests/unit/train/test_optimiser.c and test_schedule.c hold: what
PyTorch's optimisers, gradient clipping and learning-rate
schedulers do.  Needs PyTorch (2.15 wrote those that are there), so `./dev oracle` does not run it.

    python tools/torch/torch_training.py
"""

import warnings

import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    PolynomialLR,
)

RATES = [0.1, 0.05, 0.2, 0.1, 0.025]
START = ([1.0, -2.0, 0.5], [3.0, -0.25])


def gradient(step, index):
    return ((7 * step + 3 * index) % 11 - 5) / 4


def optimiser(name, make, clip):
    tensors = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in START]
    o = make(tensors)
    print(f"    {{/* {name} */")
    for step, rate in enumerate(RATES):
        for group in o.param_groups:
            group["lr"] = rate
        index = 0
        for t in tensors:
            t.grad = torch.tensor(
                [gradient(step, index + k) for k in range(len(t))], dtype=torch.float64
            )
            index += len(t)
        norm = torch.nn.utils.clip_grad_norm_(tensors, clip or float("inf"))
        o.step()
        values = ", ".join(f"{v:.9g}" for t in tensors for v in t.tolist())
        print(f"     {{{norm.item():.9g}, {{{values}}}}},")
    print("    },")


def schedule(name, make, steps, warmup):
    t = torch.zeros(1, requires_grad=True)
    o = torch.optim.SGD([t], lr=0.02)
    parts = [make(o, steps)]
    if warmup:
        parts.append(LinearLR(o, start_factor=1 / warmup, end_factor=1, total_iters=warmup - 1))
    s = ChainedScheduler(parts)
    rates = []
    for _ in range(steps):
        rates.append(o.param_groups[0]["lr"])
        o.step()
        s.step()
    print(f"    {name}, {steps} steps, warm-up {warmup}: " + ", ".join(f"{r:.9g}" for r in rates))


warnings.simplefilter("ignore")
print("optimisers: norm before clipping, parameters after the step")
sgd, adamw = torch.optim.SGD, torch.optim.AdamW
optimiser(
    "SGD, momentum .9, decay .01",
    lambda p: sgd(p, 1, momentum=0.9, weight_decay=0.01, nesterov=True),
    0,
)
optimiser(
    "SGD, momentum .99, decay 3e-5, clip 1.5",
    lambda p: sgd(p, 1, momentum=0.99, weight_decay=3e-5, nesterov=True),
    1.5,
)
optimiser("AdamW, decay .01", lambda p: adamw(p, weight_decay=0.01), 0)
optimiser("AdamW, decay .5, clip 1.5", lambda p: adamw(p, weight_decay=0.5), 1.5)
print("learning rates")
poly = lambda o, n: PolynomialLR(o, total_iters=n, power=0.9)
cosine = lambda o, n: CosineAnnealingLR(o, T_max=n)
constant = lambda o, n: ConstantLR(o, factor=1, total_iters=n)
for warmup in 0, 4:
    schedule("poly", poly, 10, warmup)
    schedule("cosine", cosine, 10, warmup)
    schedule("constant", constant, 10, warmup)
