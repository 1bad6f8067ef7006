#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Python costs: prints the milliseconds of `import attunet`, and those that Model.predict adds
to the same call of the C library.

Usage: overhead.py    with the Python in which the package is installed

The first is the best of several, the second a median of differences: run it on a quiet machine.
"""

import ctypes, subprocess, sys, tempfile, time
from pathlib import Path

import attunet, numpy
from attunet import _images
from attunet._context import Context
from attunet._library import library

IMPORTS = 9
PAIRS = 500
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


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(values):
    return sorted(values)[len(values) // 2]


def compare(model, image):
    """Milliseconds that Python adds, and those of the call of C, in turn."""
    model.predict(image)
    plain = plain_call(model, image)
    pairs = [(seconds(lambda: model.predict(image)), seconds(plain)) for _ in range(PAIRS)]
    return median([1e3 * (python - c) for python, c in pairs]), median([1e3 * c for _, c in pairs])


def main():
    print(f"import attunet: {1e3 * min(import_seconds() for _ in range(IMPORTS)):.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        model, image = made(Path(folder))
        for part in image, image[:16, :16].copy():
            added, call = compare(model, part)
            print(
                "Model.predict of %dx%d pixels: %.3f ms more than the call of C, which takes "
                "%.3f ms" % (*part.shape, added, call)
            )


main()
