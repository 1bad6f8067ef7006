#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small NRRD, MetaImage and NPY files by SimpleITK, pynrrd and NumPy, and nasty ones (needs numpy, SimpleITK, pynrrd).

Usage: make_volume_fixtures.py tests/fixtures

Writes nrrd/, metaimage/ and npy/ (volumes of 3x4x5 whose sample k in file order is 7 k mod 120, less 60 in types with a sign; channel c of
those with channels adds c) and the beginnings of fuzz/nrrd, fuzz/metaimage, fuzz/npy.  Same bytes on every run."""
import gzip
import re
import sys
from pathlib import Path

import nrrd
import numpy as np
import SimpleITK as sitk
from numpy.lib import format as npy

SHAPE = (3, 4, 5)
TYPES = "u1 i1 u2 i2 u4 i4 u8 i8 f4 f8".split()
PLACE = {"space": "left-posterior-superior", "space origin": np.array([10, -20.5, 3.25]), "kinds": ["domain"] * 3,
         "space directions": np.array([[0.5, 0.125, 0], [-0.25, 0.75, 0], [0, 0.5, 2.0]])}


def ramp(dtype, shape=SHAPE):
    v = (7 * np.arange(np.prod(shape))) % 120
    if np.dtype(dtype).kind not in "ub":
        v = v - 60
    return v.reshape(shape, order="F").astype(dtype)


def picture(values, vector=False):
    """i, j, k and perhaps c to SimpleITK's order."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(values.transpose(*range(values.ndim - 1 - vector, -1, -1), *[values.ndim - 1] * vector)), isVector=vector)
    if image.GetDimension() == 3:
        image.SetSpacing((0.5, 0.75, 2.0))
        image.SetOrigin((10, -20.5, 3.25))
        image.SetDirection((0, 0, 1, 1, 0, 0, 0, 1, 0))
    return image


def channels(dtype, count):
    return np.stack([ramp(dtype) + np.dtype(dtype).type(c) for c in range(count)], axis=-1)


def by_itk(folder, ending, plain, packed):
    for t in TYPES:
        sitk.WriteImage(picture(ramp(t)), str(folder / f"{t}.{ending}"), useCompression=t in ("u2", "f4"), imageIO=plain)
    sitk.WriteImage(picture(channels("u1", 3), True), str(folder / f"vector.{ending}"), imageIO=plain)
    sitk.WriteImage(picture(ramp("i2", (3, 4))), str(folder / f"2d.{ending}"), imageIO=plain)
    sitk.WriteImage(picture(ramp("i2")), str(folder / f"beside.{packed}"), useCompression=True, imageIO=plain)


def make_nrrd(folder):
    by_itk(folder, "nrrd", "NrrdImageIO", "nhdr")
    (folder / "deep").mkdir(exist_ok=True)
    nrrd.write(str(folder / "deep" / "raw.nhdr"), ramp("i2"), {**PLACE, "encoding": "raw"}, detached_header=True)
    text = (folder / "deep" / "raw.nhdr").read_text()
    (folder / "below.nhdr").write_text(text.replace("data file: raw.raw", "data file: deep/raw.raw"))
    (folder / "deep" / "above.nhdr").write_text(text.replace("data file: raw.raw", "data file: ../deep/raw.raw"))
    for encoding in ("raw", "gzip", "ascii", "bzip2"):
        nrrd.write(str(folder / f"{encoding}.nrrd"), ramp("i2"), {**PLACE, "encoding": encoding})
    nrrd.write(str(folder / "big.nrrd"), ramp("i2").astype(">i2"), {**PLACE, "encoding": "raw", "endian": "big"})
    for name, space in (("ras", "right-anterior-superior"), ("las", "left-anterior-superior")):
        flip = np.array([-1, -1, 1]) if name == "ras" else np.array([1, -1, 1])
        nrrd.write(str(folder / f"{name}.nrrd"), ramp("i2"), {**PLACE, "space": space, "space origin": PLACE["space origin"] * flip,
                                                             "space directions": PLACE["space directions"] * flip, "encoding": "raw"})
    none = np.full((1, 3), np.nan)
    last = channels("f4", 2)
    nrrd.write(str(folder / "last.nrrd"), last, {**PLACE, "space directions": np.vstack([PLACE["space directions"], none]), "kinds": ["domain"] * 3 + ["list"], "encoding": "raw"})
    nrrd.write(str(folder / "first.nrrd"), np.moveaxis(last, -1, 0).copy(), {**PLACE, "space directions": np.vstack([none, PLACE["space directions"]]), "kinds": ["vector"] + ["domain"] * 3, "encoding": "raw"})
    nrrd.write(str(folder / "middle.nrrd"), np.moveaxis(last, -1, 1).copy(), {"kinds": ["domain", "list", "domain", "domain"], "spacings": [0.5, np.nan, 0.75, 2.0], "encoding": "raw"})
    rgba = np.moveaxis(channels("u1", 4), -1, 0).copy()
    nrrd.write(str(folder / "rgba.nrrd"), rgba, {**PLACE, "space directions": np.vstack([none, PLACE["space directions"]]), "kinds": ["RGBA-color"] + ["domain"] * 3, "encoding": "raw"})
    nrrd.write(str(folder / "plain.nrrd"), ramp("u1"), {"encoding": "raw"})
    for path in [*folder.iterdir(), *(folder / "deep").iterdir()]:  # the day it was written
        if path.is_file():
            path.write_bytes(re.sub(rb"# on [^\n]*\n", b"", path.read_bytes()))
    body = ramp("i2").tobytes(order="F")
    head = "NRRD0001\ntype: short\ndimension: 3\nsizes: 3 4 5\nencoding: raw\nendian: little\nline skip: 2\nbyte skip: 3\ndata file: skipped.bin\n\n"
    (folder / "skipped.nhdr").write_text(head)
    (folder / "skipped.bin").write_bytes(b"one\ntwo\nxyz" + body)
    (folder / "at_the_end.nhdr").write_text(head.replace("line skip: 2\n", "").replace("byte skip: 3", "byte skip: -1"))


def make_metaimage(folder):
    by_itk(folder, "mha", "MetaImageIO", "mhd")
    sitk.WriteImage(picture(ramp("f4")), str(folder / "beside_raw.mhd"), imageIO="MetaImageIO")
    sitk.WriteImage(picture(np.stack([ramp("i2"), ramp("i2") + 1], axis=-1)), str(folder / "4d.mha"), imageIO="MetaImageIO")
    data = (folder / "i2.mha").read_bytes()
    at = data.index(b"LOCAL\n") + 6
    (folder / "big.mha").write_bytes(data[:at].replace(b"ByteOrderMSB = False", b"ByteOrderMSB = True") + ramp("i2").astype(">i2").tobytes(order="F"))
    text = " ".join(str(v) for v in ramp("i2").ravel(order="F")).encode()
    (folder / "text.mha").write_bytes(data[:at].replace(b"BinaryData = True", b"BinaryData = False") + text)


def make_npy(folder):
    for t in TYPES + ["f2", ">i2", ">f8"]:
        np.save(folder / f"{t.replace('>', 'big_')}.npy", np.ascontiguousarray(ramp(t).transpose(2, 1, 0)))
    np.save(folder / "bool.npy", np.ascontiguousarray(ramp("u1").transpose(2, 1, 0)) % 2 == 1)
    np.save(folder / "2d.npy", np.ascontiguousarray(ramp("i2", (3, 4)).T))
    np.save(folder / "4d.npy", np.ascontiguousarray(channels("f4", 2).transpose(3, 2, 1, 0)))
    np.save(folder / "fortran.npy", np.asfortranarray(ramp("i2").transpose(2, 1, 0).copy()))
    for version in ((2, 0), (3, 0)):
        with open(folder / f"v{version[0]}.npy", "wb") as f:
            npy.write_array(f, np.ascontiguousarray(ramp("i2").transpose(2, 1, 0)), version=version)


def fuzz(root):
    def write(kind, name, data):
        (root / "fuzz" / kind / name).write_bytes(data)

    for kind in ("nrrd", "metaimage", "npy"):
        (root / "fuzz" / kind).mkdir(parents=True, exist_ok=True)
        for path in sorted((root / kind).iterdir()):
            if path.is_file() and not re.search(r"raw$|gz$|bin$", path.name) and path.name.split(".")[0] not in ("u4", "i4", "u8", "i8", "f8", "bzip2"):
                write(kind, path.name, path.read_bytes())
    raw = (root / "nrrd/raw.nrrd").read_bytes()
    for name, old, new in (("huge", b"sizes: 3 4 5", b"sizes: 99999999 99999999 99999999"), ("overflow", b"sizes: 3 4 5", b"sizes: 2147483647 2147483647 4"),
                           ("negative", b"sizes: 3 4 5", b"sizes: 3 -4 5"), ("nan", b"sizes: 3 4 5", b"sizes: nan 4 5"),
                           ("many", b"dimension: 3", b"dimension: 16"), ("singular", b"(0,0.5,2)", b"(1,0.25,0)"), ("text", b"encoding: raw", b"encoding: text"),
                           ("skip", b"encoding: raw", b"encoding: raw\nbyte skip: 99999999999999"), ("skip_end", b"encoding: raw", b"encoding: raw\nbyte skip: -1"),
                           ("lines", b"encoding: raw", b"encoding: raw\nline skip: 3"), ("up", b"encoding: raw", b"encoding: raw\ndata file: ../../etc/passwd"),
                           ("root", b"encoding: raw", b"encoding: raw\ndata file: /etc/passwd"), ("list", b"encoding: raw", b"encoding: raw\ndata file: LIST\na\nb")):
        write("nrrd", name, re.sub(re.escape(old), new, raw))
    write("nrrd", "cut", raw[:60])
    write("nrrd", "cut_samples", raw[:-7])
    write("nrrd", "bomb", (root / "nrrd/gzip.nrrd").read_bytes().replace(b"sizes: 3 4 5", b"sizes: 3000 3000 3000"))
    write("nrrd", "whole.gz", gzip.compress(raw, mtime=0))
    meta = (root / "metaimage/i2.mha").read_bytes()
    for name, old, new in (("huge", b"DimSize = 3 4 5", b"DimSize = 99999999 99999999 99999999"), ("negative", b"DimSize = 3 4 5", b"DimSize = 3 -4 5"),
                           ("channels", b"ElementType", b"ElementNumberOfChannels = 2147483647\nElementType"), ("dims", b"NDims = 3", b"NDims = 4"),
                           ("singular", b"ElementSpacing = 0.5", b"ElementSpacing = 0"), ("nan", b"Offset = 10", b"Offset = nan"), ("up", b"= LOCAL", b"= ../up.raw"),
                           ("list", b"= LOCAL", b"= LIST"), ("pattern", b"= LOCAL", b"= a%03d.raw 1 3 1"), ("compressed", b"CompressedData = False", b"CompressedData = True"),
                           ("header_size", b"ElementType", b"HeaderSize = -1\nElementType"), ("text", b"BinaryData = True", b"BinaryData = False")):
        write("metaimage", name, meta.replace(old, new))
    write("metaimage", "cut", meta[:80])
    write("metaimage", "cut_samples", meta[:-7])
    array = (root / "npy/i2.npy").read_bytes()
    for name, old, new in (("huge", b"(5, 4, 3)", b"(999999999, 999999999, 999999999)"), ("negative", b"(5, 4, 3)", b"(-5, 4, 3)"), ("scalar", b"(5, 4, 3)", b"()"),
                           ("object", b"'<i2'", b"'|O'"), ("complex", b"'<i2'", b"'<c8'"), ("record", b"'<i2'", b"[('a', '<i2')]"), ("no_order", b"fortran_order", b"fortran_odrer"),
                           ("five", b"(5, 4, 3)", b"(5, 4, 3, 1, 1)")):
        write("npy", name, array.replace(old, new))
    write("npy", "cut", array[:50])
    write("npy", "cut_samples", array[:-7])
    write("npy", "long", array[:6] + b"\x02\0\xff\xff\xff\x7f" + array[10:])


def main():
    root = Path(sys.argv[1])
    for name, make in (("nrrd", make_nrrd), ("metaimage", make_metaimage), ("npy", make_npy)):
        (root / name).mkdir(parents=True, exist_ok=True)
        make(root / name)
    fuzz(root)


main()
