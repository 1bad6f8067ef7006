#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""files.py ATTUNET_DICOM FOLDER...: every DICOM file below the folders alone, beside pydicom and
SimpleITK; prints each refusal and each file whose values neither has, then counts."""

import collections
import os
import sys
import tempfile
import warnings

import nibabel
import numpy
import pydicom

sys.path.insert(0, os.path.dirname(__file__))
from compare import read_itk, run, values_of  # noqa: E402

warnings.simplefilter("ignore")
counts = collections.Counter()


def of_pydicom(path):
    """[x][y][frame][sample] after the modality rescale, in RGB; None: it reads no pixels."""
    try:
        d = pydicom.dcmread(path, force=True)
        a = pydicom.pixels.pixel_array(d) if d.file_meta.get("TransferSyntaxUID") else d.pixel_array
        if d.PhotometricInterpretation == "PALETTE COLOR":
            a = pydicom.pixels.apply_color_lut(a, d)
            a = a >> 8 if a.dtype == numpy.uint16 else a
            samples = 3
        else:
            samples = d.SamplesPerPixel
            if samples == 1:
                a = pydicom.pixels.apply_modality_lut(a, d) * float(d.get("DoseGridScaling", 1))
        a = a.reshape(-1, d.Rows, d.Columns, samples)
        groups = d.get("PerFrameFunctionalGroupsSequence", [])
        shared = d.get("SharedFunctionalGroupsSequence", [{}])[0]
        frames = []
        for i, one in enumerate(a):
            for place in ([groups[i]] if i < len(groups) else []) + [shared]:
                rescale = place.get("PixelValueTransformationSequence")
                if rescale:
                    one = one * float(rescale[0].RescaleSlope) + float(rescale[0].RescaleIntercept)
                    break
            frames.append(one)
        return numpy.array(frames).transpose(2, 1, 0, 3)
    except Exception:  # whatever a damaged file raises
        return None


def of_itk(path):
    try:
        return read_itk([path])[0]
    except RuntimeError:
        return None


def same(ours, theirs):
    """How many values differ, whichever way the frames are sorted; None: another size."""
    if theirs is None or theirs.shape != ours.shape:
        return None
    off = 2e-7 * numpy.abs(ours) if ours.dtype.kind == "f" else 0
    return min(int((numpy.abs(ours - turned.astype(float)) > off).sum())
               for turned in (theirs, theirs[:, :, ::-1]))


def compare(program, path, scratch):
    name = os.path.basename(path)
    out = scratch + "/x.nii"
    for how in ([], ["--allow-gaps"], ["--select", "largest"]):
        code, said = run(program, "volume", path, "-o", out, *how)
        if code == 0:
            break
        if not how:
            first = said
            if "--allow-gaps" not in said and "choose one" not in said:
                break
    peer = of_pydicom(path)
    if code:
        counts["refused, of which pydicom reads an image" if peer is not None else
               "refused"] += 1
        if code not in (2, 3) or first.count("\n") != 1:
            counts["refused without one sentence"] += 1
        print(f"{name}: exit {code}: {'' if peer is None else '(pydicom reads it) '}"
              f"{first.strip().replace(path, name)}", flush=True)
        return
    counts["read"] += 1
    ours = values_of(nibabel.load(out))
    found = {"pydicom": same(ours, peer), "SimpleITK": same(ours, of_itk(path))}
    equal = [k for k, v in found.items() if v == 0]
    counts["equal to " + (" and ".join(equal) or "neither")] += 1
    if not equal:
        print(f"{name}: {ours.shape} {ours.dtype}, values that differ: {found}", flush=True)


def main():
    with tempfile.TemporaryDirectory() as scratch:
        for top in sys.argv[2:]:
            for folder, _, files in sorted(os.walk(top)):
                for one in sorted(files):
                    compare(sys.argv[1], os.path.join(folder, one), scratch)
    for name in sorted(counts):
        print(f"{counts[name]:6} {name}")
    return counts["equal to neither"] + counts["refused without one sentence"] != 0


if __name__ == "__main__":
    sys.exit(main())
