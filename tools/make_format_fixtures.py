#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small synthetic images, tensors and nasty files for the tests of src/format (needs numpy, nibabel, safetensors).

Usage: make_format_fixtures.py tests/fixtures

Writes nifti/, png/, safetensors/ (what the readers must read: values follow formulas that the tests know, affines are nibabel's) and
fuzz/nifti, fuzz/png, fuzz/safetensors (what they must survive).  Same bytes on every run."""
import gzip
import itertools
import json
import struct
import sys
import zlib
from pathlib import Path

import nibabel as nib
import numpy as np
import safetensors

# ---------------------------------------------------------------- NIfTI

TYPES = "u1 i1 u2 i2 u4 i4 u8 i8 f4 f8".split()


def ramp(shape, dtype):
    """Sample k in file order is 7 k mod 120, less 60 where the type has a sign."""
    v = (7 * np.arange(np.prod(shape))) % 120
    if np.dtype(dtype).kind != "u":
        v = v - 60
    return v.reshape(shape, order="F").astype(dtype)


def header_of(version, order, shape, dtype, **fields):
    h = (nib.Nifti1Header if version == 1 else nib.Nifti2Header)(endianness=order)
    h.set_data_dtype(dtype)
    h.set_data_shape(shape)
    h["pixdim"][1 : 1 + len(shape)] = np.array([0.5, 0.75, 2.0, 1, 1, 1, 1])[: len(shape)]
    h["vox_offset"] = 352 if version == 1 else 544
    h["magic"] = b"n+1" if version == 1 else b"n+2"
    h["scl_slope"] = fields.pop("slope", 0)
    h["scl_inter"] = fields.pop("inter", 0)
    for key, value in fields.items():
        h[key] = value
    return h


def nifti(version, order, shape, dtype, samples=None, **fields):
    h = header_of(version, order, shape, dtype, **fields)
    samples = ramp(shape, dtype) if samples is None else samples
    return h.binaryblock + bytes(4) + samples.astype(samples.dtype.newbyteorder(order)).tobytes(order="F")


def oblique():
    """A rotation about a skew axis, as a quaternion exact enough for float32 headers."""
    axis, angle = np.array([1, 2, 3]) / np.sqrt(14), 0.4
    return np.sin(angle / 2) * axis


def make_nifti(folder):
    files = {}
    shape = (3, 4, 5)
    for t in TYPES:
        files[f"{t}.nii"] = nifti(1, "<", shape, t)
    for version, order in itertools.product((1, 2), "<>"):
        for t in ("i2", "f4", "f8"):
            files[f"v{version}{'le' if order == '<' else 'be'}_{t}.nii"] = nifti(version, order, shape, t)
    rgb = np.zeros(shape, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    for i, c in enumerate("RGB"):
        rgb[c] = ramp(shape, "u1") + 40 * i
    files["rgb.nii"] = header_of(1, "<", shape, rgb.dtype).binaryblock + bytes(4) + rgb.tobytes(order="F")
    rgba = np.zeros(shape, dtype=[("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])
    for i, c in enumerate("RGB"):
        rgba[c] = rgb[c]
    rgba["A"] = 7
    files["rgba.nii"] = header_of(1, "<", shape, rgba.dtype).binaryblock + bytes(4) + rgba.tobytes(order="F")
    files["2d.nii"] = nifti(1, "<", (3, 4), "i2")
    files["4d.nii"] = nifti(1, "<", (3, 4, 5, 2), "i2")
    files["5d.nii"] = nifti(1, "<", (3, 4, 1, 2, 3), "i2")
    files["scaled.nii"] = nifti(1, "<", shape, "i2", slope=0.5, inter=-3)
    files["nan_slope.nii"] = nifti(1, "<", shape, "i2", slope=np.nan, inter=np.nan)
    b, c, d = oblique()
    q = dict(quatern_b=b, quatern_c=c, quatern_d=d, qoffset_x=-10, qoffset_y=20.5, qoffset_z=3, qform_code=1)
    rows = dict(srow_x=[-0.5, 0.1, 0, 11], srow_y=[0.1, 0.7, 0.2, -12], srow_z=[0, 0.1, 2.1, 13])
    files["sform.nii"] = nifti(1, "<", shape, "i2", sform_code=2, **rows, **q)
    files["qform.nii"] = nifti(1, "<", shape, "i2", **rows, **q)
    left = header_of(1, "<", shape, "i2", **q)
    left["pixdim"][0] = -1
    files["qform_left.nii"] = left.binaryblock + bytes(4) + ramp(shape, "i2").tobytes(order="F")
    files["v2be_sform.nii"] = nifti(2, ">", shape, "u1", sform_code=1, **rows, **q)
    files["labels_f4.nii"] = nifti(1, "<", shape, "f4", samples=(ramp(shape, "u1") % 3).astype("f4"))
    expected = []
    for name, data in files.items():
        (folder / name).write_bytes(data)
        image = nib.load(folder / name)
        if name not in ("rgb.nii", "rgba.nii"):
            assert np.isfinite(image.get_fdata()).all(), name
        expected.append(" ".join([name] + [repr(float(v)) for v in image.affine[:3].ravel()]))
    (folder / "affines.txt").write_text("\n".join(expected) + "\n")
    packed = gzip.compress(files["i2.nii"], mtime=0)
    (folder / "i2.nii.gz").write_bytes(packed)
    halves = gzip.compress(files["i2.nii"][:300], mtime=0) + gzip.compress(files["i2.nii"][300:], mtime=0)
    (folder / "i2_two_members.nii.gz").write_bytes(halves)
    return files


# ---------------------------------------------------------------- PNG

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pack_row(samples, bits):
    if bits == 16:
        return b"".join(struct.pack(">H", s) for s in samples)
    if bits == 8:
        return bytes(samples)
    text = "".join(format(s, f"0{bits}b") for s in samples)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def png(colour, bits, pixels, interlaced=False, extra=b""):
    """pixels: [height][width][channels] of stored samples."""
    h, w = len(pixels), len(pixels[0])
    raw = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        for y in range(y0, h, dy):
            row = [s for x in range(x0, w, dx) for s in pixels[y][x]]
            if row:
                raw += b"\0" + pack_row(row, bits)
    head = struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def pixels(colour, bits, width=5, height=3):
    """Sample c of pixel (x, y) is (x + 5 y) 11 + 3 c, and in 16 bits 257 times that plus c, cut to the bits."""
    out = []
    for y in range(height):
        row = []
        for x in range(width):
            v = [(x + 5 * y) * 11 + 3 * c for c in range(CHANNELS[colour])]
            row.append([(257 * s + c if bits == 16 else s) % (1 << bits) for c, s in enumerate(v)])
        out.append(row)
    return out


def make_png(folder):
    files = {}
    for name, colour, depths in (("grey", GREY, (1, 2, 4, 8, 16)), ("rgb", RGB, (8, 16)), ("palette", PALETTE, (1, 2, 4, 8)),
                                 ("grey_alpha", GREY_ALPHA, (8, 16)), ("rgba", RGBA, (8, 16))):
        for bits in depths:
            # palette entry i is (i, 2 i, 255 - i) mod 256; entry 0 is transparent
            extra = b""
            if colour == PALETTE:
                n = 1 << bits
                extra = chunk(b"PLTE", bytes(b % 256 for i in range(n) for b in (i, 2 * i, 255 - i))) + chunk(b"tRNS", b"\0")
            files[f"{name}{bits}.png"] = png(colour, bits, pixels(colour, bits), extra=extra)
    files["grey8_interlaced.png"] = png(GREY, 8, pixels(GREY, 8), interlaced=True)
    files["rgb16_interlaced.png"] = png(RGB, 16, pixels(RGB, 16), interlaced=True)
    equal = [[[s[0]] * 3 for s in row] for row in pixels(GREY, 8)]
    files["rgb8_equal.png"] = png(RGB, 8, equal)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


# ---------------------------------------------------------------- safetensors

def make_safetensors(folder):
    numbers = [0, 1, -2, 0.5, 3, -100]
    half = np.array(numbers, "<f2").tobytes()
    bfloat = (np.array(numbers, "<f4").view("<u4") >> 16).astype("<u2").tobytes()
    tensors = {
        "f64": ("float64", [2, 3], np.array(numbers, "<f8").tobytes()),
        "f32": ("float32", [3, 2], np.array(numbers, "<f4").tobytes()),
        "f16": ("float16", [6], half),
        "bf16": ("bfloat16", [1, 6], bfloat),
        "i64": ("int64", [3], np.array([0, -5, 2**40], "<i8").tobytes()),
        "i32": ("int32", [3], np.array([0, -5, 2**30], "<i4").tobytes()),
        "i16": ("int16", [3], np.array([0, -5, 3000], "<i2").tobytes()),
        "i8": ("int8", [3], np.array([0, -5, 100], "i1").tobytes()),
        "u8": ("uint8", [3], bytes([0, 5, 200])),
        "bool": ("bool", [2], bytes([0, 1])),
        "scalar": ("float32", [], np.array([7], "<f4").tobytes()),
        "empty": ("float32", [0, 4], b""),
    }
    kept = {k: np.frombuffer(d, "u1") for k, (_, _, d) in tensors.items()}
    specs = {k: safetensors.TensorSpec(dtype=t, shape=s, data_ptr=kept[k].ctypes.data, data_len=len(d)) for k, (t, s, d) in tensors.items()}
    blob = bytes(safetensors.serialize(specs, {"key": "väl\nue"}))
    (folder / "types.safetensors").write_bytes(blob)
    return {"types": blob}


# ---------------------------------------------------------------- nasty files

def patched(data, *changes):
    out = bytearray(data)
    for at, fmt, value in changes:
        struct.pack_into(fmt, out, at, value)
    return bytes(out)


def fuzz_nifti(folder, good):
    a, b = good["i2.nii"], good["v2be_i2.nii"]
    dims = lambda *d: [(40 + 2 * i, "<h", v) for i, v in enumerate(d)]
    nasty = {
        "good1": a, "good2": b, "goodrgb": good["rgb.nii"], "goodrgba": good["rgba.nii"], "good5d": good["5d.nii"],
        "cut_header": a[:200], "cut_samples": a[:400], "four_bytes": a[:4],
        "negative": patched(a, *dims(3, -3, 4, 5)), "zero": patched(a, *dims(3, 0, 4, 5)), "none": patched(a, *dims(0)),
        "many": patched(a, *dims(7, 2, 2, 2, 2, 2, 2, 2)), "huge": patched(a, *dims(5, 32767, 32767, 32767, 32767, 32767)),
        "overflow2": patched(b, *[(16 + 8 * i, ">q", v) for i, v in enumerate((5, 2**62, 2**62, 2**62, 4, 4))]),
        "offset_nan": patched(a, (108, "<f", float("nan"))), "offset_far": patched(a, (108, "<f", 1e30)), "offset_low": patched(a, (108, "<f", 100)),
        "offset_min2": patched(b, (168, ">q", -(2**63))), "type_complex": patched(a, (70, "<h", 32)), "type_odd": patched(a, (70, "<h", 77)),
        "scale_inf": patched(a, (112, "<f", 2), (116, "<f", float("inf"))), "scale_big": patched(a, (112, "<f", 3e38)),
        "quaternion_nan": patched(a, (252, "<h", 1), (256, "<f", float("nan"))), "srow_zero": patched(a, (254, "<h", 1)),
        "magic_pair": patched(a, (344, "4s", b"ni1")), "magic_none": patched(a, (344, "4s", b"")),
        "bomb.gz": gzip.compress(patched(a, *dims(3, 3000, 3000, 3000)), mtime=0),
        "cut.gz": gzip.compress(a, mtime=0)[:-30], "checksum.gz": gzip.compress(a, mtime=0)[:-8] + bytes(8),
        "zeros.gz": gzip.compress(bytes(20000), mtime=0), "good.gz": gzip.compress(a, mtime=0),
    }
    for name, data in nasty.items():
        (folder / name).write_bytes(data)


def fuzz_png(folder, good):
    a = good["grey8.png"]
    head = lambda w, h, bits, colour: b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, 0))
    end = chunk(b"IEND", b"")
    nasty = {
        "good": a, "good16": good["rgba16.png"], "goodpalette": good["palette2.png"], "goodinterlaced": good["rgb16_interlaced.png"],
        "cut_head": a[:30], "cut_data": a[:-20], "no_end": a[:-12], "checksum": patched(a, (len(a) - 16, ">I", 0)),
        "huge": head(65535, 65535, 16, 6) + chunk(b"IDAT", zlib.compress(b"")) + end, "zero": head(0, 5, 8, 0) + end,
        "too_wide": head(2**31 - 1, 1, 8, 0) + end, "bad_depth": head(4, 4, 3, 0) + end, "bad_colour": head(4, 4, 8, 5) + end,
        "no_data": head(4, 4, 8, 0) + end, "no_palette": head(4, 4, 8, 3) + chunk(b"IDAT", zlib.compress(bytes(20))) + end,
        "short_data": head(40, 40, 8, 0) + chunk(b"IDAT", zlib.compress(bytes(20))) + end,
        "bad_filter": head(4, 1, 8, 0) + chunk(b"IDAT", zlib.compress(b"\x09abcd")) + end,
        "long_chunk": head(1, 1, 8, 0) + struct.pack(">I", 2**30) + b"zTXtk\0\0" + bytes(50),
        "text_bomb": head(1, 1, 8, 0) + chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100000))) + chunk(b"IDAT", zlib.compress(b"\0a")) + end,
    }
    for name, data in nasty.items():
        (folder / name).write_bytes(data)


def fuzz_safetensors(folder, good):
    def file(header, data=b"", length=None):
        text = header if isinstance(header, bytes) else json.dumps(header).encode()
        return struct.pack("<Q", len(text) if length is None else length) + text + data

    def t(begin, end, shape, dtype="F32"):
        return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}

    nasty = {
        "good": good["types"], "cut": good["types"][:-5], "short": b"abc", "empty_object": file({}), "length_huge": file({}, length=2**64 - 1),
        "length_far": file({}, length=5000), "not_json": file(b"{nonsense}"), "array": file(b"[1]"), "deep": file(b'{"a":' + b"[" * 3000),
        "overlap": file({"a": t(0, 8, [2]), "b": t(4, 12, [2])}, bytes(12)), "hole": file({"a": t(0, 4, [1]), "b": t(8, 12, [1])}, bytes(12)),
        "surplus": file({"a": t(0, 4, [1])}, bytes(9)), "beyond": file({"a": t(0, 400, [100])}, bytes(4)),
        "reversed": file({"a": t(4, 0, [1])}, bytes(4)), "negative": file({"a": t(-4, 0, [1])}, bytes(4)),
        "overflow": file({"a": t(0, 4, [2**62, 2**62])}, bytes(4)), "wrong_size": file({"a": t(0, 8, [3])}, bytes(8)),
        "negative_shape": file({"a": t(0, 4, [-1])}, bytes(4)), "nine_dims": file({"a": t(0, 4, [1] * 9)}, bytes(4)),
        "odd_type": file({"a": t(0, 4, [1], "F99")}, bytes(4)), "twice": file(b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{}}', bytes(1)),
        "metadata": file({"__metadata__": {"a": 1}}), "entry_null": file({"a": None}), "big_number": file(b'{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}', bytes(1)),
    }
    for name, data in nasty.items():
        (folder / name).write_bytes(data)


def main():
    root = Path(sys.argv[1])
    for name in ("nifti", "png", "safetensors", "fuzz/nifti", "fuzz/png", "fuzz/safetensors"):
        (root / name).mkdir(parents=True, exist_ok=True)
    fuzz_nifti(root / "fuzz/nifti", make_nifti(root / "nifti"))
    fuzz_png(root / "fuzz/png", make_png(root / "png"))
    fuzz_safetensors(root / "fuzz/safetensors", make_safetensors(root / "safetensors"))


main()
