#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Python costs: prints the milliseconds of `import attunet`, and those that Model.predict adds
to the same call of the C library.

Usage: overhead.py    with the Python in which the package is installed

The first is the best of several, the second a median of medians: run it on a quiet machine.
"""

import ctypes, subprocess, sys, tempfile, time
from pathlib import Path

import attunet, numpy
from attunet import _images
from attunet._context import Context
from attunet._library import library

IMPORTS = 9
PAIRS, REPEATS = 11, 41
IMPORT = "import time; t = time.process_time(); import attunet; print(time.process_time() - t)"


def import_seconds():
    return float(subprocess.run([sys.executable, "-c", IMPORT], check=True, stdout=-1).stdout)


def made(folder):
    """A small 2D model, and an image."""
    attunet.phantom("ultrasound", folder / "data", count=6, unseen=1)
    spec = "arch=attunet widths=4,8,8"
    run = attunet.train(folder / "data", folder / "run", steps=2, fold=0, patch=64, spec=spec)
    file = next((folder / "data" / "unseen" / "images").iterdir())
    image = _images.from_files(file, Context()).data
    return run.load(threads=1), image.reshape(image.shape[-2:])


def plain_call(model, image):
    """att_model_predict, with the context that the model itself would take."""
    call = library.att_model_predict
    pointer = ctypes.c_void_p
    call.argtypes = [pointer, pointer, pointer, ctypes.c_int, pointer, pointer, pointer]
    labels = numpy.empty(image.shape, numpy.uint16)
    size = (ctypes.c_int * 3)(1, *image.shape)
    context = model._idle[-1]

    def plain():
        context.check(
            call(
                context.handle, model._handle, image.ctypes.data, 1, size, labels.ctypes.data, None
            )
        )

    return plain


def median(work):
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[REPEATS // 2]


def main():
    print(f"import attunet: {1e3 * min(import_seconds() for _ in range(IMPORTS)):.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        model, image = made(Path(folder))
        plain = plain_call(model, image)
        predict = lambda: model.predict(image)
        pairs = [(median(predict), median(plain)) for _ in range(PAIRS)]
    added, call = sorted((1e3 * (python - c), 1e3 * c) for python, c in pairs)[PAIRS // 2]
    print(f"Model.predict: {added:.3f} ms more than the call of C, which takes {call:.3f} ms")


main()
