#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models as ONNX in other runtimes: prints a table of the largest difference of a probability from
attunet's, and of the milliseconds of one window with one thread.

Usage: onnx_times.py FOLDER [measure]

It makes the models in FOLDER; a second call with `measure`, on a quiet machine, prints the table.
It needs onnxruntime and openvino beside the package.
"""

import sys, time
from pathlib import Path

import attunet, numpy, onnxruntime, openvino

FLAT, DEEP = (256, 256), (32, 64, 64)
NETWORKS = [
    ("arch=attunet widths=16,32,64,128", FLAT),
    ("arch=unet widths=16,32,64,128", FLAT),
    ("arch=lee width=16 classes=2", FLAT),
    ("arch=nnunet widths=16,32,64,128", FLAT),
    ("arch=monai widths=16,32,64,128 strides=2,2,2", FLAT),
    ("arch=attunet dims=3 widths=8,16,32,64", DEEP),
    ("arch=unet dims=3 widths=8,16,32,64", DEEP),
    ("arch=oktay width=4", DEEP),
    ("arch=nnunet dims=3 widths=8,16,32,64", DEEP),
    ("arch=monai dims=3 widths=8,16,32,64 strides=2,2,2", DEEP),
]
REPEATS = 9
THREADS = 1


def make(folder):
    for kind, name in ("ultrasound", "flat"), ("organs", "deep"):
        if not (folder / name).exists():
            attunet.phantom(kind, folder / name, count=4, unseen=1)
    for i, (spec, size) in enumerate(NETWORKS):
        if (folder / ("%d.onnx" % i)).exists():
            continue
        data = folder / ("flat" if size == FLAT else "deep")
        run = attunet.train(data, folder / ("run%d" % i), steps=12, batch=2,
                            spec=spec, patch="64x64" if size == FLAT else "16x32x32")
        attunet.convert(run, folder / ("%d.onnx" % i))


def median(work):
    """Of milliseconds."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1000 * sorted(times)[REPEATS // 2]


def chances(logits):
    if logits.shape[1] == 1:
        return 1 / (1 + numpy.exp(-logits))
    powers = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def row(folder, i):
    spec, size = NETWORKS[i]
    file = str(folder / ("%d.onnx" % i))
    image = numpy.random.default_rng(1).normal(50, 20, size).astype(numpy.float32)
    model = attunet.load(folder / ("run%d" % i), threads=THREADS)
    length = (1.5, 1, 1) if size == DEEP else None
    own = model.predict(image, window=size, probabilities=True, spacing=length)
    assert own.windows == 1
    x = ((image - image.mean(dtype=float)) / image.std(dtype=float)).astype(numpy.float32)
    x = x[None, None]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    compiled = openvino.Core().compile_model(
        file, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": THREADS}
    )
    others = lambda: session.run(["logits"], {"image": x})[0], lambda: compiled([x])[0]
    worst = [abs(chances(f().astype(float))[0] - own.probabilities).max() for f in others]
    bench = attunet.bench(spec=model.info["spec"], shape="x".join(map(str, size)), repeat=REPEATS,
                          threads=THREADS)
    times = [1000 * bench["seconds_median"]] + [median(f) for f in others]
    return "| `%s` | %s | %.1e | %.1e | %s |" % (
        spec, "x".join(map(str, size)), *worst, " | ".join("%.1f" % t for t in times))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    if sys.argv[2:] != ["measure"]:
        return make(folder)
    print("| network | window | ONNX Runtime %s differs | OpenVINO %s differs | attunet, ms | "
          "ONNX Runtime, ms | OpenVINO, ms |" % (
              onnxruntime.__version__, openvino.__version__.split("-")[0]))
    print("|---|---|---|---|---|---|---|")
    for i in range(len(NETWORKS)):
        print(row(folder, i), flush=True)


main()
