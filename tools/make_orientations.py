#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All 48 orientations of a small volume, by nibabel and SimpleITK, for tests/unit/format/test_orientations.c (needs numpy, nibabel, SimpleITK).

Usage: make_orientations.py tests/fixtures

Writes orientations/: headers.bin, 144 NIfTI-1 headers (48 orientations; sform alone, qform alone, both); affines.bin, what nibabel reads of
each, as 12 doubles; written.bin, the 48 as NRRD and as MetaImage files written by SimpleITK, each behind its length (uint32); itk.bin, the
affine in RAS of each of these by what SimpleITK reads of it (direction times spacing, origin).  The volume is 3x4x5, sample k in file order
is 7 k mod 120.  That both programs read these samples, and places that agree, is checked here.  Same bytes on every run."""
import itertools
import struct
import sys
import tempfile
from pathlib import Path

import nibabel as nib
import numpy as np
import SimpleITK as sitk

SHAPE = (3, 4, 5)
ZOOMS = (0.5, 0.75, 2.0)
ORIGIN = (-10.0, 20.5, 3.0)
RAMP = ((7 * np.arange(60)) % 120).astype("u1").reshape(SHAPE, order="F")


def orientations():
    for axes in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            affine = np.eye(4)
            affine[:3, :3] = 0
            for column, (row, sign) in enumerate(zip(axes, signs)):
                affine[row, column] = sign * ZOOMS[column]
            affine[:3, 3] = ORIGIN
            yield affine


def by_itk(path):
    """What SimpleITK reads: samples, and the affine turned from LPS to RAS."""
    image = sitk.ReadImage(str(path))
    assert (sitk.GetArrayFromImage(image) == RAMP.transpose(2, 1, 0)).all(), path
    affine = np.eye(4)
    affine[:3, :3] = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, 3] = image.GetOrigin()
    return image, np.diag([-1.0, -1, 1, 1]) @ affine + 0.0


def main():
    folder = Path(sys.argv[1]) / "orientations"
    folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp())
    headers, affines, written, itk = b"", b"", b"", b""
    for affine in orientations():
        for form in ("sform", "qform", "both"):
            image = nib.Nifti1Image(RAMP, None)
            image.header.set_zooms(ZOOMS)
            if form != "qform":
                image.header.set_sform(affine, 2)
            if form != "sform":
                image.header.set_qform(affine, 1)
            header = image.header
            header["vox_offset"], header["magic"] = 352, b"n+1"
            header["scl_slope"], header["scl_inter"] = 0, 0
            path = scratch / "one.nii"
            path.write_bytes(header.binaryblock + bytes(4) + RAMP.tobytes(order="F"))
            read = nib.load(path)
            assert (np.asarray(read.dataobj) == RAMP).all() and np.allclose(read.affine, affine, atol=1e-6)
            headers += header.binaryblock
            affines += read.affine[:3].astype("<f8").tobytes()
            picture, there = by_itk(path)
            assert np.allclose(there, affine, atol=1e-5), (form, affine, there)
        for key in picture.GetMetaDataKeys():
            picture.EraseMetaData(key)
        for ending in ("nrrd", "mha"):
            path = scratch / ("one." + ending)
            sitk.WriteImage(picture, str(path))
            data = path.read_bytes()
            written += struct.pack("<I", len(data)) + data
            itk += by_itk(path)[1][:3].astype("<f8").tobytes()
    for name, data in (("headers", headers), ("affines", affines), ("written", written), ("itk", itk)):
        (folder / (name + ".bin")).write_bytes(data)


main()
