# SPDX-License-Identifier: Apache-2.0
"""The numbers of `attunet evaluate --calibration` by numpy, from the definitions.

calibration.py RUN: before.json and after.json are answers of that command before and after the
models got the temperature, raw/ and cooked/ the predictions before and after.
"""
import glob
import json
import sys

import numpy


def read(path, kind=numpy.float32):
    raw = open(path, 'rb').read()
    kind = {2: numpy.uint8, 4: numpy.int16, 16: numpy.float32, 512: numpy.uint16}[raw[70]]
    return numpy.frombuffer(raw, kind, offset=352).astype(float)


def of(folder, case):
    return numpy.stack([read(p) for p in sorted(glob.glob(f'{folder}/{case}_probability_*'))])


def nll(p, truth, t):
    z = numpy.log(p) / t
    return float((numpy.log(numpy.exp(z).sum(0)) - z[truth, numpy.arange(truth.size)]).mean())


def ece(p, truth, of):
    best, sure = p.argmax(0)[of], p.max(0)[of]
    right, bins = best == truth[of], numpy.ceil(sure * 15)
    return sum((bins == b).mean() * abs(right[bins == b].mean() - sure[bins == b].mean())
               for b in numpy.unique(bins))


def main():
    claimed = json.load(open('before.json', encoding='utf-8'))['calibration']
    later = json.load(open('after.json', encoding='utf-8'))['calibration']
    cases = json.load(open(sys.argv[1] + '/settings.json', encoding='utf-8'))['val']
    p = numpy.concatenate([of('raw', c) for c in cases], 1)
    truth = numpy.concatenate([read(f'data/labelsTr/{c}.nii') for c in cases]).astype(int)
    low, high = numpy.log(.05), numpy.log(20)
    for _ in range(200):  # thirds: the likelihood has one maximum
        a, b = low + (high - low) / 3, high - (high - low) / 3
        if nll(p, truth, numpy.exp(a)) < nll(p, truth, numpy.exp(b)):
            high = b
        else:
            low = a
    t = float(numpy.exp(low))
    scaled = numpy.exp(numpy.log(p) / t)
    scaled /= scaled.sum(0)
    every, front = numpy.ones(truth.size, bool), p.argmax(0) > 0
    cooked = numpy.concatenate([of('cooked', c) for c in cases], 1)
    entropy = numpy.concatenate([read(f'cooked/{c}_uncertainty.nii') for c in cases])
    pairs = {'temperature': (claimed['temperature'], t),
             'nll': (claimed['before']['nll'], nll(p, truth, 1)),
             'nll after': (claimed['after']['nll'], nll(p, truth, t)),
             'ece': (claimed['before']['ece'], ece(p, truth, every)),
             'ece after': (claimed['after']['ece'], ece(scaled, truth, every)),
             'ece foreground': (claimed['before']['ece_foreground'], ece(p, truth, front)),
             'cooked': (abs(cooked - scaled).max(), 0),
             'entropy': (abs(entropy + (scaled * numpy.log2(scaled)).sum(0)).max(), 0),
             'voxels': (claimed['voxels'], truth.size),
             'fitted again': (later['temperature'], claimed['temperature'])}
    bad = {name: pair for name, pair in pairs.items() if not abs(pair[0] - pair[1]) < 1e-4}
    print(bad or pairs)
    return bool(bad) or not front.any() or abs(t - 1) < 1e-3


sys.exit(main())
