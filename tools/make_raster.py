#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small PNG, JPEG and TIFF files of every kind, what Pillow and tifffile read from them, and nasty files (numpy, pillow, tifffile, imagecodecs).

Usage: make_raster.py tests/fixtures

Writes raster/* and raster/expected.txt, one line a file: name, "image" or "labels", channels, d, h, w, spacing of d, h, w in mm (0: not
known), then the values in the order [channel][d][h][w].  Writes fuzz/jpeg and fuzz/tiff, too.  Same bytes on every run."""
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

UM = 1e-3


def ramp(shape, dtype, seed=0):
    """Numbers that use the whole range of a type; floats are multiples of 1/8."""
    n = int(np.prod(shape))
    v = (np.arange(n, dtype=np.uint64) + np.uint64(seed)) * np.uint64(2654435761)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        v = (v % np.uint64(4001)).astype("f8") / 8 - 250
    elif dtype.kind == "b":
        v = (v >> np.uint64(5)) % np.uint64(2)
    else:
        v = v % np.uint64(1 << min(8 * dtype.itemsize, 32))
        if dtype.kind == "i":
            v = v.astype(np.int64) - (1 << (min(8 * dtype.itemsize, 32) - 1))
    return v.reshape(shape).astype(dtype)


def smooth(shape):
    """A picture that JPEG can hold: ramps and a ring."""
    h, w = shape[:2]
    y, x = np.mgrid[:h, :w]
    planes = [x * 255 / (w - 1), y * 255 / (h - 1), 127 + 120 * np.sin((x - w / 2) ** 2 / 20 + (y - h / 2) ** 2 / 20)]
    a = np.stack(planes, -1).round().astype("u1")
    return a if len(shape) == 3 else a[..., 2]


class Maker:
    def __init__(self, folder):
        self.folder, self.lines, self.names = folder, [], []

    def path(self, name):
        self.names.append(name)
        return self.folder / name

    def expect(self, name, values, kind="image", spacing=(0, 0, 0)):
        """values: [c][d][h][w]"""
        values = np.asarray(values)
        assert values.ndim == 4, (name, values.shape)
        words = [name, kind, *map(str, values.shape), *(f"{s:.9g}" for s in spacing)]
        self.lines.append(" ".join(words + [f"{float(v):.9g}" for v in values.astype("f4").ravel()]))


def planar(a):
    """A picture of Pillow's, [h][w] or [h][w][c], as [c][1][h][w]."""
    a = np.asarray(a)
    return a[None, None] if a.ndim == 2 else np.moveaxis(a, -1, 0)[:, None]


# ---------------------------------------------------------------- PNG


def make_png(m):
    grey, rgb, alpha = ramp((3, 5), "u1"), ramp((3, 5, 3), "u1"), ramp((3, 5, 4), "u1")
    bits = ramp((5, 9), "?")

    def save(name, image, expected, labels=None, **how):
        image.save(m.path(name), **how)
        m.expect(name, planar(expected))
        if labels is not None:
            m.expect(name, planar(labels), "labels")

    save("pil_l.png", Image.fromarray(grey), grey, grey)
    save("pil_1.png", Image.fromarray(bits), bits * 255, bits)
    save("pil_la.png", Image.fromarray(alpha[..., :2], "LA"), alpha[..., 0], alpha[..., 0])
    save("pil_rgb.png", Image.fromarray(rgb), rgb)
    save("pil_rgba.png", Image.fromarray(alpha), alpha[..., :3])
    wide = ramp((3, 5), "u2")
    save("pil_i16.png", Image.fromarray(wide), wide, wide)
    for count in (2, 4, 16, 200):
        colours = ramp((count, 3), "u1", 7)
        index = (ramp((3, 5), "u1") % count).astype("u1")
        p = Image.fromarray(index, "P")
        p.putpalette(colours.tobytes())
        save(f"pil_p{count}.png", p, colours[index], index, transparency=1)


# ---------------------------------------------------------------- JPEG


def orientation(value):
    """EXIF that asks viewers to turn the picture."""
    exif = Image.Exif()
    exif[0x112] = value
    return exif


def make_jpeg(m):
    colour, grey = smooth((17, 20, 3)), smooth((17, 20))

    def save(name, a, mode=None, **how):
        image = Image.fromarray(a)
        (image.convert(mode) if mode else image).save(m.path(name), **how)
        if mode != "CMYK":
            m.expect(name, planar(Image.open(m.folder / name)))

    save("grey.jpg", grey, quality=80)
    save("grey_progressive.jpg", grey, quality=80, progressive=True)
    save("rgb_444.jpg", colour, quality=80, subsampling=0)
    save("rgb_420.jpg", colour, quality=60, subsampling=2)
    save("rgb_progressive.jpg", colour, quality=60, subsampling=1, progressive=True, optimize=True)
    save("rgb_kept.jpg", colour, quality=60, keep_rgb=True)
    save("rgb_restart.jpg", colour, quality=60, restart_marker_blocks=1)
    save("orientation.jpg", grey, quality=60, exif=orientation(6))
    save("cmyk.jpg", colour, "CMYK", quality=30)


# ---------------------------------------------------------------- TIFF


def make_tiff(m):
    def save(name, a, expected=None, kind=None, spacing=(0, 0, 0), **how):
        """kind: None for an image, or "both"; expected [c][d][h][w], or of [h][w] and [d][h][w] what tifffile reads."""
        path = m.path(name)
        grey = {} if a.dtype == bool else {"photometric": "minisblack"}  # or tifffile would take four slices for RGBA
        tifffile.imwrite(path, a, software=False, **{"metadata": None, **grey, **how})
        if expected is None:
            expected = tifffile.imread(path)
            expected = expected[None, None] if expected.ndim == 2 else expected[None]
        m.expect(name, expected, "image", spacing)
        if kind:
            m.expect(name, expected, "labels", spacing)

    for t in ("u1", "i1", "u2", "i2", "u4", "i4", "f2", "f4", "f8"):
        for order in "<>":
            save(f"{t}_{'le' if order == '<' else 'be'}.tif", ramp((3, 5), t), byteorder=order)
    save("bool.tif", ramp((5, 9), "?"), ramp((5, 9), "?")[None, None] * 255)
    m.expect("bool.tif", ramp((5, 9), "?")[None, None], "labels")
    save("labels_u1.tif", ramp((3, 5), "u1") % 7, kind="both")
    save("labels_u2.tif", ramp((3, 5), "u2"), kind="both")
    save("labels_u4.tif", ramp((3, 5), "u2").astype("u4"), kind="both")
    save("labels_f4.tif", (ramp((3, 5), "u1") % 7).astype("f4"), kind="both")
    save("big.tif", ramp((2, 3, 5), "u2"), bigtiff=True, kind="both")
    save("big_be.tif", ramp((2, 3, 5), "u2"), bigtiff=True, byteorder=">")
    save("pages.tif", ramp((4, 3, 5), "i2"))
    save("strips.tif", ramp((2, 7, 5), "u1"), rowsperstrip=2)
    for t in ("u1", "u2", "f4"):
        save(f"tiles_{t}.tif", ramp((2, 17, 35), t)[:, :, :], tile=(16, 16), compression="zlib")
    rgb, rgba = ramp((5, 6, 3), "u1"), ramp((5, 6, 4), "u2")
    save("rgb.tif", rgb, planar(rgb), photometric="rgb")
    save("rgb_planes.tif", np.moveaxis(rgb, -1, 0), planar(rgb), photometric="rgb", planarconfig="separate")
    save("rgb_tiles.tif", ramp((20, 18, 3), "u1"), planar(ramp((20, 18, 3), "u1")), photometric="rgb", tile=(16, 16))
    save("rgb_tile_planes.tif", ramp((3, 20, 18), "u1"), ramp((3, 1, 20, 18), "u1"), photometric="rgb", planarconfig="separate", tile=(16, 16))
    save("rgba_u2.tif", rgba, planar(rgba[..., :3]), photometric="rgb", extrasamples=["unassalpha"])
    save("rgb_pages.tif", ramp((2, 5, 6, 3), "u1"), np.moveaxis(ramp((2, 5, 6, 3), "u1"), -1, 0), photometric="rgb")
    save("samples.tif", ramp((5, 6, 2), "u2"), planar(ramp((5, 6, 2), "u2")), photometric="minisblack", planarconfig="contig")
    save("sample_planes.tif", ramp((4, 5, 6), "u1"), ramp((4, 1, 5, 6), "u1"), photometric="minisblack", planarconfig="separate")
    save("white.tif", ramp((3, 5), "u1"), ramp((1, 1, 3, 5), "u1"), "both", photometric="miniswhite")
    colours = ramp((3, 256), "u1", 5).astype("u2") * 257
    index = ramp((3, 5), "u1")
    save("palette.tif", index, (colours[:, index] // 257)[:, None], photometric="palette", colormap=colours)
    m.expect("palette.tif", index[None, None], "labels")
    for c in ("lzw", "packbits", "zlib", "deflate", "zstd", "lzma"):
        save(f"{c}.tif", ramp((2, 9, 8), "u2") // 9, compression=c)
    for c in ("lzw", "zlib", "zstd"):
        save(f"{c}_predictor.tif", ramp((9, 8), "u2"), compression=c, predictor=True)
    save("predictor_f4.tif", ramp((9, 8), "f4"), compression="zlib", predictor=True)
    save("lerc.tif", ramp((9, 8), "f4"), compression="lerc")
    save("webp.tif", ramp((9, 8, 3), "u1"), planar(ramp((9, 8, 3), "u1")), photometric="rgb", compression="webp", compressionargs={"lossless": True})

    def pil(name, image, expected, labels=None, **how):
        image.save(m.path(name), **how)
        m.expect(name, planar(expected))
        if labels is not None:
            m.expect(name, planar(labels), "labels")

    bits = ramp((16, 24), "?") & (np.mgrid[:16, :24][1] > 8)
    for c in ("group3", "group4", "tiff_ccitt", "packbits", None):
        pil(f"pil_1_{c or 'raw'}.tif".lower(), Image.fromarray(bits), bits * 255, bits, **({"compression": c} if c else {}))
    picture = Image.fromarray(smooth((33, 20, 3)))
    pil("pil_jpeg.tif", picture, np.asarray(picture), compression="jpeg", quality=90)
    m.lines.pop()
    m.expect("pil_jpeg.tif", planar(Image.open(m.folder / "pil_jpeg.tif")))
    grey = Image.fromarray(smooth((33, 20)))
    grey.save(m.path("pil_jpeg_grey.tif"), compression="jpeg", quality=90)
    m.expect("pil_jpeg_grey.tif", planar(Image.open(m.folder / "pil_jpeg_grey.tif")))
    nested = Image.fromarray(ramp((3, 5), "u1") % 4, "P")
    nested.putpalette(bytes(range(12)))
    pil("pil_p.tif", nested, np.asarray(nested.convert("RGB")), np.asarray(nested))
    picture.convert("CMYK").save(m.path("cmyk.tif"), compression="tiff_deflate")

    # ---- axes and spacing
    def imagej(name, a, axes, expected, mm, order=">", **meta):
        path = m.path(name)
        resolution = meta.pop("resolution", None)
        tifffile.imwrite(path, a, imagej=True, resolution=resolution, metadata={"axes": axes, **meta}, byteorder=order)
        m.expect(name, expected, "image", mm)

    stack = ramp((4, 3, 5), "u2")
    imagej("ij_stack.tif", stack, "ZYX", stack[None], (2.5 * UM, 0.5 * UM, 0.25 * UM), spacing=2.5, unit="um", resolution=(4, 2))
    imagej("ij_mm.tif", stack, "ZYX", stack[None], (3, 0.5, 0.5), spacing=3.0, unit="mm", resolution=(2, 2))
    imagej("ij_pixel.tif", stack, "ZYX", stack[None], (0, 0, 0), spacing=3.0, unit="pixel", resolution=(2, 2))
    imagej("ij_escape.tif", stack, "ZYX", stack[None], (2 * UM, UM, UM), spacing=2.0, unit="\\u00B5m", resolution=(1, 1))
    zc = ramp((4, 2, 3, 5), "u2")
    imagej("ij_hyper.tif", zc, "ZCYX", np.moveaxis(zc, 1, 0), (2 * UM, UM, UM), spacing=2.0, unit="micron", resolution=(1, 1))
    imagej("ij_channels.tif", zc[:, 0], "CYX", zc[:, :1], (0, 0, 0), order="<")
    imagej("ij_rgb.tif", ramp((2, 3, 5, 3), "u1"), "ZYXS", np.moveaxis(ramp((2, 3, 5, 3), "u1"), -1, 0), (0, 0, 0))
    one = (m.folder / "ij_stack.tif").read_bytes()
    m.path("ij_contiguous.tif").write_bytes(first_page_only(one))
    m.expect("ij_contiguous.tif", stack[None], "image", (2.5 * UM, 0.5 * UM, 0.25 * UM))
    imagej("ij_frames.tif", stack, "TYX", stack[None], (0, 0, 0))
    m.lines.pop()

    def shaped(name, a, axes, expected, **how):
        tifffile.imwrite(m.path(name), a, photometric="minisblack", software=False, metadata={"axes": axes} if axes else {}, **how)
        m.expect(name, expected)

    shaped("shaped_c.tif", stack, "CYX", stack[:, None])
    shaped("shaped_zc.tif", zc, "ZCYX", np.moveaxis(zc, 1, 0))
    shaped("shaped_cz.tif", zc, "CZYX", zc)
    shaped("shaped_pages.tif", stack, None, stack[None])
    shaped("shaped_one.tif", zc, "ZCYX", np.moveaxis(zc, 1, 0), truncate=True)
    shaped("shaped_one_pages.tif", stack, None, stack[None], truncate=True)

    def ome(name, a, axes, expected, spacing, **meta):
        path = m.path(name)
        tifffile.imwrite(path, a, ome=True, metadata={"axes": axes, "UUID": "urn:uuid:0", **meta}, photometric="minisblack")
        m.expect(name, expected, "image", spacing)

    size = dict(PhysicalSizeX=0.25, PhysicalSizeXUnit="µm", PhysicalSizeY=500, PhysicalSizeYUnit="nm", PhysicalSizeZ=0.002, PhysicalSizeZUnit="mm")
    ome("ome_z.ome.tif", stack, "ZYX", stack[None], (0.002, 0.5 * UM, 0.25 * UM), **size)
    ome("ome_zc.ome.tif", zc, "ZCYX", np.moveaxis(zc, 1, 0), (0, 0, 0))
    ome("ome_cz.ome.tif", np.moveaxis(zc, 1, 0), "CZYX", np.moveaxis(zc, 1, 0), (0.002, 0.5 * UM, 0.25 * UM), **size)
    ome("ome_t.ome.tif", stack, "TYX", stack[None], (0, 0, 0))
    m.lines.pop()
    save("cm.tif", ramp((3, 5), "u1"), resolution=(100, 50), resolutionunit="CENTIMETER", spacing=(1, 0.2, 0.1))
    save("inch.tif", ramp((3, 5), "u1"), resolution=(300, 300), resolutionunit="INCH")
    with tifffile.TiffWriter(m.path("thumbnail.tif")) as t:
        t.write(ramp((4, 6), "u1"), metadata=None, software=False)
        t.write(ramp((2, 3), "u1"), metadata=None, software=False, subfiletype=1)
    m.expect("thumbnail.tif", ramp((1, 1, 4, 6), "u1"))
    with tifffile.TiffWriter(m.path("mixed.tif")) as t:
        t.write(ramp((4, 6), "u1"), metadata=None, software=False)
        t.write(ramp((2, 3), "u1"), metadata=None, software=False)


def first_page_only(data):
    """As ImageJ writes stacks of more than 4 GiB: one directory, the samples of all slices in a row behind it.  data: big-endian."""
    (first,) = struct.unpack_from(">I", data, 4)
    (count,) = struct.unpack_from(">H", data, first)
    out = bytearray(data)
    struct.pack_into(">I", out, first + 2 + 12 * count, 0)
    return bytes(out)


# ---------------------------------------------------------------- nasty files


def patched(data, *changes):
    out = bytearray(data)
    for at, fmt, *values in changes:
        struct.pack_into(fmt, out, at, *values)
    return bytes(out)


def many_scans(count):
    """A grey block of 8x8, each of its coefficients in four scans of their own: allowed, and endless work on a large image."""
    def segment(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data

    def scan(first, last, high, low):
        return segment(0xDA, bytes([1, 1, 0, first, last, high << 4 | low])) + b"\x7f"  # one code of one bit: nothing follows

    scans = [scan(0, 0, 0, 0)]
    scans += [scan(k, k, high, low) for k in range(1, 64) for high, low in ((0, 3), (3, 2), (2, 1), (1, 0))]
    tables = segment(0xDB, bytes([0]) + bytes([1] * 64))
    tables += b"".join(segment(0xC4, bytes([kind, 1] + [0] * 15 + [0])) for kind in (0, 0x10))
    frame = segment(0xC2, struct.pack(">BHHB", 8, 8, 8, 1) + bytes([1, 0x11, 0]))
    return b"\xff\xd8" + tables + frame + b"".join(scans[:count]) + b"\xff\xd9"


def fuzz_jpeg(folder, good):
    a, p = good["rgb_420.jpg"], good["rgb_progressive.jpg"]
    frame, scan = a.index(b"\xff\xc0"), a.index(b"\xff\xda")
    scan_p = p.index(b"\xff\xda")
    last = p.rindex(b"\xff\xda")
    nasty = {
        "good": a, "goodgrey": good["grey.jpg"], "goodprogressive": p, "goodrestart": good["rgb_restart.jpg"], "cmyk": good["cmyk.jpg"],
        "short": a[:3], "cut_head": a[:100], "cut_data": a[: scan + 40], "no_end": a[:-2], "cut_scans": p[:last], "surplus": a + bytes(50),
        "huge": patched(a, (frame + 5, ">HH", 65000, 65000)), "wide": patched(a, (frame + 5, ">HH", 17, 65535)),
        "zero": patched(a, (frame + 5, ">HH", 0, 20)), "taller": patched(a, (frame + 5, ">HH", 900, 20)), "twelve": patched(a, (frame + 4, "B", 12)),
        "five": patched(a, (frame + 9, "B", 5)), "sampling": patched(a, (frame + 11, "B", 0x55)),
        "no_tables": a[:2] + a[frame:], "no_frame": a[:frame] + a[scan:], "scans": many_scans(253), "goodscans": many_scans(99), "again": p[:-2] + p[scan_p:-2] + b"\xff\xd9",
        "exif": good["orientation.jpg"], "bits": patched(a, *[(scan + 20 + i, "B", 0x55) for i in range(30)]),
    }
    for name, data in nasty.items():
        (folder / name).write_bytes(data)


def entry(tag, kind, count, value):
    return struct.pack("<HHI", tag, kind, count) + (struct.pack("<HH", value, 0) if kind == 3 else struct.pack("<I", value))


def tiff(*pages, tail=b"", loop=False):
    """pages: lists of entries; the data of all is `tail`, at byte 8."""
    out = bytearray(b"II*\0" + struct.pack("<I", 8 + len(tail)) + tail)
    for i, entries in enumerate(pages):
        here = len(out)
        body = struct.pack("<H", len(entries)) + b"".join(entries)
        then = 0 if i == len(pages) - 1 else here + len(body) + 4
        out += body + struct.pack("<I", 8 + len(tail) if loop and not then else then)
    return bytes(out)


def plain(w, h, size, compression=1, bits=8, rows=None, at=8, **more):
    rows = h if rows is None else rows
    tags = {256: (4, w), 257: (4, h), 258: (3, bits), 259: (3, compression), 262: (3, 1), 273: (4, at), 277: (3, 1), 278: (4, rows), 279: (4, size)}
    tags.update({int(k[1:]): v for k, v in more.items()})
    return [entry(tag, kind, 1, value) for tag, (kind, value) in sorted(tags.items())]


def text_page(text, page, at):
    return sorted(page + [entry(270, 2, len(text), at)], key=lambda e: struct.unpack("<H", e[:2]))


def fuzz_tiff(folder, good):
    data = bytes(range(12))
    blank = zlib.compress(bytes(4000))
    hyper = b"ImageJ=1.53c\nimages=4000000000\nslices=4000000000\nspacing=nan\nunit=mm\n\0"
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><OME>&c;</OME>\0'
    deep = b"<OME>" + b"<a>" * 500 + b"\0"
    sizes = b'<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="4" SizeY="3" SizeZ="99999999999" SizeC="2" SizeT="1" Type="uint8"/></Image></OME>\0'
    kept = ("u1_le.tif", "f8_be.tif", "bool.tif", "big.tif", "big_be.tif", "tiles_u1.tif", "rgb_planes.tif", "rgba_u2.tif", "palette.tif", "lzw.tif", "packbits.tif",
            "zstd.tif", "lzma.tif", "zlib_predictor.tif", "lerc.tif", "webp.tif", "pil_1_group3.tif", "pil_1_group4.tif", "pil_jpeg.tif", "ij_hyper.tif",
            "ij_contiguous.tif", "ome_zc.ome.tif", "ome_z.ome.tif", "thumbnail.tif", "mixed.tif", "white.tif")
    nasty = {f"good_{k.split('.')[0]}": good[k] for k in kept}
    nasty |= {
        "short": b"II*\0", "no_page": b"II*\0" + bytes(4), "far_page": b"II*\0" + struct.pack("<I", 10**9), "cut": good["u1_le.tif"][:-20],
        "huge": tiff(plain(60000, 60000, 12), tail=data), "huge_packed": tiff(plain(60000, 60000, len(blank), 8), tail=blank),
        "huge_fax": tiff(plain(60000, 60000, 12, 4, 1), tail=data), "huge_lerc": tiff(plain(60000, 60000, 12, 34887), tail=data),
        "zero": tiff(plain(0, 3, 12), tail=data), "beyond": tiff(plain(4, 3, 4000), tail=data), "outside": tiff(plain(4, 3, 12, at=4000), tail=data),
        "short_strip": tiff(plain(4, 3, 5), tail=data), "strips": tiff(plain(1, 10**6, 1, rows=1), tail=data),
        "samples": tiff(plain(4, 3, 12, t277=(3, 60000)), tail=data), "bits": tiff(plain(4, 3, 12, bits=77), tail=data),
        "format": tiff(plain(4, 3, 12, t339=(3, 6)), tail=data), "half": tiff(plain(2, 2, 12, bits=24, t339=(3, 3)), tail=data),
        "ojpeg": tiff(plain(4, 3, 12, 6), tail=data), "jbig": tiff(plain(4, 3, 12, 34661, 1), tail=data), "unknown": tiff(plain(4, 3, 12, 12345), tail=data),
        "lab": tiff(plain(4, 3, 12, t262=(3, 8)), tail=data), "loop": tiff(plain(4, 3, 12), plain(4, 3, 12), tail=data, loop=True),
        "aliased": tiff(*[plain(2, 6, 12)] * 60, tail=data), "deep_image": tiff(plain(4, 3, 12, t32997=(4, 9)), tail=data),
        "tile_huge": tiff(plain(4, 3, 12, t322=(4, 2**30), t323=(4, 2**30), t324=(4, 8), t325=(4, 12)), tail=data),
        "tile_odd": tiff(plain(4, 3, 12, t322=(4, 7), t323=(4, 0), t324=(4, 8), t325=(4, 12)), tail=data),
        "bad_zlib": tiff(plain(4, 3, 12, 8), tail=data), "bad_lzw": tiff(plain(4, 3, 12, 5), tail=data), "bad_zstd": tiff(plain(4, 3, 12, 50000), tail=data),
        "bad_lzma": tiff(plain(4, 3, 12, 34925), tail=data), "bad_webp": tiff(plain(4, 3, 12, 50001), tail=data), "bad_jpeg": tiff(plain(4, 3, 12, 7), tail=data),
        "bad_fax": tiff(plain(4, 3, 12, 4, 1), tail=data), "bad_packbits": tiff(plain(4, 3, 12, 32773), tail=data),
        "no_colours": tiff(plain(4, 3, 12, t262=(3, 3)), tail=data),
        "many_slices": tiff(text_page(hyper, plain(4, 3, 12), 20), tail=data + hyper), "xml_bomb": tiff(text_page(bomb, plain(4, 3, 12), 20), tail=data + bomb),
        "xml_deep": tiff(text_page(deep, plain(4, 3, 12), 20), tail=data + deep), "xml_sizes": tiff(text_page(sizes, plain(4, 3, 12), 20), tail=data + sizes),
    }
    for name, content in nasty.items():
        (folder / name).write_bytes(content)


def main():
    root = Path(sys.argv[1])
    for name in ("raster", "fuzz/jpeg", "fuzz/tiff"):
        (root / name).mkdir(parents=True, exist_ok=True)
    m = Maker(root / "raster")
    make_png(m)
    make_jpeg(m)
    make_tiff(m)
    (root / "raster/expected.txt").write_text("\n".join(m.lines) + "\n")
    good = {name: (m.folder / name).read_bytes() for name in m.names}
    fuzz_jpeg(root / "fuzz/jpeg", good)
    fuzz_tiff(root / "fuzz/tiff", good)


main()
