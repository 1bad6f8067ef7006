#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small files as torch.save writes them, for tests/unit/format/test_torch_archive.c and the corpora
of fuzzing (needs torch and numpy).

Usage: torch_archives.py tests/fixtures

torch/state.pth is a state dict of two tensors, w of 2x3 (0, 0.5, 1, ...) and b of 3 (-1, 0, 1);
state_4.pth the same in pickle's protocol 4; mixed.pth has that below
"state_dict" among objects of all kinds, lists and scalars of numpy; types.pth holds w in other
types, a part of a larger tensor, a parameter and a number without axes;
last.pth a tensor whose axes lie in another order; state_5.pth, negated.pth, same.pth, flat.pth,
twice.pth, roots.pth and deflated.pth are what their names say; shared.pth has one list of 600
numbers 600 times; module.pth, empty.pth and legacy.pth are files in which there is nothing to be
read.
"""

import os
import shutil
import sys
import warnings
import zipfile
from collections import OrderedDict

import numpy as np
import torch


def main():
    top = sys.argv[1]
    os.makedirs(f"{top}/torch", exist_ok=True)
    save = lambda name, what, **more: torch.save(what, f"{top}/torch/{name}.pth", **more)
    w, b = (
        torch.arange(6, dtype=torch.float32).reshape(2, 3) / 2,
        torch.arange(3, dtype=torch.float32) - 1,
    )
    state = OrderedDict(w=w, b=b)
    save("state", state)
    save("state_4", state, pickle_protocol=4)
    optimiser = torch.optim.SGD([torch.nn.Parameter(w.clone())], 0.1, momentum=0.9)
    optimiser.param_groups[0]["params"][0].sum().backward()
    optimiser.step()
    save(
        "mixed",
        {
            "state_dict": state,
            "same": state,
            "optimizer": optimiser.state_dict(),
            "epoch": 7,
            "huge": 2**70,
            "low": -(2**33),
            "bytes": b"abc",
            "set": {1, 2},
            "frozen": frozenset([1]),
            "list": [1, 2.5, None, True, {"inner": b}],
            "tuple": (1, (2, 3, 4, 5)),
            "scalar": np.float64(3),
            "array": np.arange(4),
            "axes": (1, 2),
            "nothing": None,
            3: b,
        },
    )
    save("state_5", {"w": w, "b": b, "array": np.arange(4.0)}, pickle_protocol=5)
    save("negated", {"w": torch._neg_view(w)})
    save("same", {"a.b": w, "a": {"b": b}})
    save(
        "flat",
        {"w": torch.zeros(0, 3), "far": torch.empty(0).as_strided((0, 2**60, 2**60), (1, 1, 1))},
    )
    wide = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 2
    save(
        "types",
        {
            "half": w.half(),
            "bfloat": w.bfloat16(),
            "double": w.double(),
            "long": w.long(),
            "part": wide[1:3],
            "parameter": torch.nn.Parameter(w),
            "number": w[1, 0].clone(),
        },
    )
    save("last", {"w": torch.zeros(1, 2, 2, 3).to(memory_format=torch.channels_last)})
    save("module", torch.nn.Linear(2, 3))
    save("empty", {})
    numbers = list(range(600))
    save("shared", [numbers] * 600)
    save("legacy", state, _use_new_zipfile_serialization=False)
    with zipfile.ZipFile(f"{top}/torch/state.pth") as whole, zipfile.ZipFile(
        f"{top}/torch/deflated.pth", "w", zipfile.ZIP_DEFLATED
    ) as packed:
        for name in whole.namelist():
            packed.writestr(zipfile.ZipInfo(name), whole.read(name), zipfile.ZIP_DEFLATED)
    for file, root in (("twice", "state"), ("roots", "other")):
        shutil.copy(f"{top}/torch/state.pth", f"{top}/torch/{file}.pth")
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(f"{top}/torch/{file}.pth", "a") as archive:
            for name in ("data.pkl", "data/0"):
                archive.writestr(zipfile.ZipInfo(f"{root}/{name}"), archive.read(f"state/{name}"))
    os.makedirs(f"{top}/fuzz/pickle", exist_ok=True)
    os.makedirs(f"{top}/fuzz/torch", exist_ok=True)
    for name in ("state", "mixed", "last", "deflated", "module", "same", "flat", "twice", "roots"):
        shutil.copy(f"{top}/torch/{name}.pth", f"{top}/fuzz/torch")
    for name in ("state", "state_4", "mixed", "types", "module"):
        with zipfile.ZipFile(f"{top}/torch/{name}.pth") as archive, open(
            f"{top}/fuzz/pickle/{name}", "wb"
        ) as f:
            f.write(archive.read(f"{name}/data.pkl"))


main()
