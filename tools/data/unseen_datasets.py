#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Data sets that attunet was not built with, for trials of `plan` and `train` with defaults (needs
numpy, scipy, nibabel, pillow).

Usage: unseen_datasets.py brain OUT [CASES]     thick slices of heads, 3 classes, in the nnU-Net raw
layout
       unseen_datasets.py glands OUT [CASES]    RGB histology, 775 x 522 and smaller; masks number
       the glands 1, 2, 3...
       unseen_datasets.py vessels OUT [CASES]   RGB fundus photographs, 565 x 584; masks 0 and 255
       unseen_datasets.py odd OUT               small sets that are unusual in one way each

Nothing is downloaded. The heads are one real head (Colin Holmes's average, ch2.nii.gz, with the AAL
atlas), from Debian's package
mricron-data, whose copyright file puts it under the BSD 3-clause licence: a population is made of
it by turning, shifting, scaling and bending, by
another contrast, bias field and noise, and by slices of 7 to 9 mm that average over their
thickness. Glands and vessels are drawn; their
annotators are not exact. A set is a function of its name and of CASES."""

import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

TEMPLATES = Path("/usr/share/mricron/templates")
REGIONS = {"insula": range(29, 31), "striatum": range(71, 77), "thalamus": range(77, 79)}


def smooth(rng, size, sigma):
    """A random field of deviation 1 whose features are about sigma wide; drawn coarsely where sigma
    is large."""
    sigma = np.broadcast_to(np.asarray(sigma, float), (len(size),))
    step = np.maximum(sigma / 4, 1)
    small = np.maximum(np.ceil(np.array(size) / step).astype(int), 2)
    x = ndimage.gaussian_filter(rng.standard_normal(small), sigma / step, mode="wrap")
    x = ndimage.zoom(x, np.array(size) / small, order=1, mode="grid-wrap", grid_mode=True)[
        tuple(slice(n) for n in size)
    ]
    return (x - x.mean()) / (x.std() + 1e-9)


# ---- heads


def turn(angles):
    m = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle)
        r = np.eye(3)
        i, j = [a for a in range(3) if a != axis]
        r[i, i], r[i, j], r[j, i], r[j, j] = c, -s, s, c
        m = m @ r
    return m


def head(rng, image, labels):
    size = np.array(
        [(256, 216, 10), (256, 216, 10), (232, 256, 9), (256, 216, 8), (256, 248, 12)][
            rng.integers(5)
        ]
    )
    spacing = np.array([rng.uniform(0.8, 0.92)] * 2 + [rng.choice([7.0, 8.0, 8.0, 9.0])])
    spacing[:2] *= 256 / size[:2].max() if size[0] < 256 else 1
    thin = 5
    fine, step = size * (1, 1, thin), spacing / (1, 1, thin)
    middle = np.array([90, 108, 74]) + rng.uniform(-6, 6, 3)
    # The files' first axis runs from front to back, the second from side to side.
    axes = (
        turn(rng.normal(0, 0.1, 3))
        @ np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]])
        @ np.diag(rng.normal(1, 0.06, 3))
    )
    grid = np.stack(
        np.meshgrid(*[(np.arange(n) - (n - 1) / 2) * s for n, s in zip(fine, step)], indexing="ij")
    )
    where = np.einsum("ij,j...->i...", axes, grid) + middle[:, None, None, None]
    for axis in range(3):
        where[axis] += rng.uniform(2, 5) * smooth(rng, fine, 25 / step)
    x = ndimage.map_coordinates(image, where, order=1, mode="constant")
    y = ndimage.map_coordinates(labels, where[..., thin // 2 :: thin], order=0, mode="constant")
    x = x.reshape(*size[:2], size[2], thin).mean(3) / 254
    x = (
        x ** rng.uniform(0.7, 1.4)
        * np.exp(0.25 * smooth(rng, size, 80 / spacing))
        * rng.uniform(200, 1500)
    )
    level = rng.uniform(0.01, 0.04) * np.percentile(x, 99)
    x = np.hypot(x + rng.normal(0, level, x.shape), rng.normal(0, level, x.shape))
    affine = np.eye(4)
    affine[:3, :3] = np.diag(spacing)
    affine[:3, 3] = -(size - 1) / 2 * spacing
    return x.astype(np.int16), y.astype(np.uint8), affine


def brain(out, cases=20):
    image = np.asarray(nib.load(TEMPLATES / "ch2.nii.gz").dataobj, np.float32)
    atlas = np.asarray(nib.load(TEMPLATES / "aal.nii.gz").dataobj)
    labels = np.zeros(atlas.shape, np.uint8)
    for value, regions in enumerate(REGIONS.values(), 1):
        labels[np.isin(atlas, list(regions))] = value
    for part in "imagesTr", "labelsTr":
        (out / part).mkdir(parents=True)
    for k in range(cases):
        x, y, affine = head(np.random.default_rng((1, k)), image, labels)
        nib.save(nib.Nifti1Image(x, affine), out / "imagesTr" / f"head_{k:03}_0000.nii.gz")
        nib.save(nib.Nifti1Image(y, affine), out / "labelsTr" / f"head_{k:03}.nii.gz")
    about = {
        "channel_names": {"0": "T1"},
        "labels": {"background": 0, **{n: i for i, n in enumerate(REGIONS, 1)}},
        "numTraining": cases,
        "file_ending": ".nii.gz",
    }
    (out / "dataset.json").write_text(json.dumps(about, indent=1))


# ---- glands

HAEMATOXYLIN, EOSIN = np.array([0.65, 0.70, 0.29]), np.array([0.07, 0.99, 0.11])


def outline(rng, radius, rough, points=96):
    """A closed curve around 0, 0: a few random waves on a circle."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    r = np.ones(points)
    for wave in range(2, 7):
        r += rough * rng.normal() / wave * np.cos(wave * angle + rng.uniform(0, 7))
    stretch, tilt = rng.uniform(0.6, 1), rng.uniform(0, np.pi)
    x, y = (
        radius * np.maximum(r, 0.3) * np.cos(angle),
        radius * np.maximum(r, 0.3) * np.sin(angle) * stretch,
    )
    return np.stack([x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt)], 1)


def filled(size, curve):
    picture = Image.new("1", (size[1], size[0]))
    ImageDraw.Draw(picture).polygon([tuple(p) for p in curve], fill=1)
    return np.asarray(picture)


def nuclei(rng, size, where, density, radius):
    """Ellipses strewn over a mask."""
    picture = Image.new("F", (size[1], size[0]))
    draw = ImageDraw.Draw(picture)
    rows, columns = np.nonzero(where)
    for i in rng.integers(0, len(rows), int(len(rows) * density)) if len(rows) else ():
        curve = outline(rng, radius * rng.uniform(0.7, 1.3), 0.1, 16) + (columns[i], rows[i])
        draw.polygon([tuple(p) for p in curve], fill=float(rng.uniform(0.6, 1.1)))
    return np.asarray(picture)


def slide(rng):
    size = [(522, 775)] * 4 + [(453, 589), (433, 574), (430, 567)]
    size = size[rng.integers(len(size))]
    zoom, ill = size[1] / 775, rng.random() < 0.45
    labels, lumen, cells = np.zeros(size, np.uint8), np.zeros(size, bool), np.zeros(size)
    fibres = ndimage.rotate(
        smooth(rng, (1100, 1100), (2, 12)), rng.uniform(0, 180), reshape=False, order=1, mode="wrap"
    )[150 : 150 + size[0], 150 : 150 + size[1]]
    eosin = 0.35 + 0.10 * fibres + 0.08 * smooth(rng, size, 30)
    for _ in range(rng.integers(25, 90)):
        radius = zoom * (rng.uniform(40, 130) if ill else rng.uniform(35, 85))
        curve = outline(rng, radius, 0.7 if ill else 0.25)
        middle = (rng.uniform(0, size[1]), rng.uniform(0, size[0]))
        gland = filled(size, curve + middle)
        if (
            gland.sum() < 200
            or labels[filled(size, curve * (1 + 12 * zoom / radius) + middle)].any()
        ):
            continue
        depth = np.zeros(size)
        box = ndimage.find_objects(np.uint8(gland))[0]
        depth[box] = ndimage.distance_transform_edt(gland[box])
        wall = zoom * rng.uniform(16, 26) * (1.3 if ill else 1)
        labels[
            filled(size, curve * (1 + rng.normal(0, 0.02)) + middle + rng.normal(0, 1.5, 2))
            & (labels == 0)
        ] = (labels.max() + 1)
        lumen |= (depth > wall * 1.4) & (smooth(rng, size, 8) > (0.3 if ill else -1.2))
        eosin[gland] = 0.28 + 0.05 * fibres[gland]
        rim = gland & (depth < wall * (0.9 if ill else 0.55)) & (depth > 2)
        cells = np.maximum(cells, nuclei(rng, size, rim, 0.02 / zoom**2, 5.5 * zoom))
    stroma = labels == 0
    cells = np.maximum(cells, nuclei(rng, size, stroma, 0.0012 / zoom**2, 4.5 * zoom))
    hole = lumen | (stroma & (smooth(rng, size, 18) > 2.2))
    stain = rng.uniform(0.75, 1.3, 2)
    h = np.where(hole, 0.03, 0.12 + 0.75 * cells + 0.05 * smooth(rng, size, 3)) * stain[0]
    e = np.where(hole, 0.03, eosin + 0.25 * cells) * stain[1]
    vectors = np.stack([HAEMATOXYLIN, EOSIN]) + rng.normal(0, 0.04, (2, 3))
    density = np.maximum(h, 0)[..., None] * vectors[0] + np.maximum(e, 0)[..., None] * vectors[1]
    rgb = 245 * np.exp(
        -1.4 * ndimage.gaussian_filter(density, (rng.uniform(0.7, 1.3),) * 2 + (0,))
    ) + rng.normal(0, 4, (*size, 3))
    return np.clip(rgb, 0, 255).astype(np.uint8), labels


def plain(out, name, image, labels):
    for part, x in ("images", image), ("labels", labels):
        (out / part).mkdir(parents=True, exist_ok=True)
        Image.fromarray(x).save(out / part / f"{name}.png")


def glands(out, cases=40):
    for k in range(cases):
        plain(out, f"slide_{k:03}", *slide(np.random.default_rng((2, k))))


# ---- vessels


def branch(rng, strokes, at, angle, width, left, bend):
    """Walks a vessel, narrowing and branching, and notes its strokes."""
    while left > 0 and width > 0.9:
        step = 6
        angle += rng.normal(bend, 0.11)
        to = at + step * np.array([np.cos(angle), np.sin(angle)])
        strokes.append((at, to, width))
        at, left, width = to, left - step, width * 0.992
        if rng.random() < 0.055:
            side = rng.choice([-1, 1])
            share = rng.uniform(0.45, 0.85)
            branch(
                rng,
                strokes,
                at,
                angle + side * rng.uniform(0.5, 1.1),
                width * share,
                left * rng.uniform(0.4, 0.9),
                rng.normal(0, 0.02),
            )
            angle -= side * rng.uniform(0.05, 0.3)
            width *= max(0.75, (1 - share**3) ** (1 / 3))


def stroked(size, strokes, fine=3):
    picture = Image.new("L", (size[1] * fine, size[0] * fine))
    draw = ImageDraw.Draw(picture)
    for a, b, width in strokes:
        w = width * fine
        draw.line([tuple(a * fine), tuple(b * fine)], fill=255, width=max(1, round(w)))
        draw.ellipse([*(b * fine - w / 2), *(b * fine + w / 2)], fill=255)
    return np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BOX), np.float32) / 255


def fundus(rng):
    size = (584, 565)
    rows, columns = np.indices(size)
    middle, radius = np.array([282, 292]), 270
    side = rng.choice([-1, 1])
    disc = middle + (side * rng.uniform(150, 185), rng.uniform(-25, 25))
    inside = (columns - middle[0]) ** 2 + (rows - middle[1]) ** 2 < radius**2
    veins, arteries = [], []
    for kind, wide in (veins, 1.0), (arteries, 0.75):
        for up in -1, 1:
            start = np.pi / 2 * up + rng.normal(0, 0.25)
            branch(
                rng,
                kind,
                disc + rng.normal(0, 5, 2),
                start,
                rng.uniform(6.5, 8.5) * wide,
                560,
                side * up * rng.uniform(0.012, 0.024),
            )
            branch(
                rng,
                kind,
                disc + rng.normal(0, 5, 2),
                start + side * up * -rng.uniform(0.6, 1.1),
                rng.uniform(3, 5) * wide,
                280,
                0,
            )
    depth = 0.30 * stroked(size, veins) + 0.20 * stroked(size, arteries)
    drawn = stroked(size, veins + arteries)
    light = np.exp(
        0.20 * smooth(rng, size, 140)
        - 0.35 * ((columns - middle[0]) ** 2 + (rows - middle[1]) ** 2) / radius**2
    )
    ground = 1 + 0.03 * smooth(rng, size, 3) + 0.04 * smooth(rng, size, 12)
    fovea = disc - (side * 235, -15)
    ground -= 0.25 * np.exp(-((columns - fovea[0]) ** 2 + (rows - fovea[1]) ** 2) / (2 * 32**2))
    pale = 1 / (1 + np.exp((np.hypot(columns - disc[0], (rows - disc[1]) * 0.92) - 38) / 3))
    spots = np.zeros(size)
    for _ in range(rng.poisson(12) if rng.random() < 0.5 else 0):
        at, wide, depth_of = rng.uniform(60, 500, 2), rng.uniform(1.5, 9), rng.choice([-0.25, 0.35])
        spots += depth_of * np.exp(-((columns - at[0]) ** 2 + (rows - at[1]) ** 2) / (2 * wide**2))
    base = light * (ground + spots)
    green = base * (1 - depth * (0.85 + 0.2 * smooth(rng, size, 40))) + 0.75 * pale * (
        1 - 0.8 * depth
    )
    red, blue = (
        light * (1 - 0.25 * depth) * ground**0.5 + 0.15 * pale,
        0.5 * base * (1 - 0.4 * depth) + 0.45 * pale,
    )
    tone = np.array([205, 92, 48]) * rng.uniform(0.8, 1.15, 3)
    rgb = np.stack([red, green, blue], 2) * tone
    rgb = (
        ndimage.gaussian_filter(rgb, (0.8, 0.8, 0))
        + rng.normal(0, 3.5, (*size, 3))
        + ndimage.gaussian_filter(rng.normal(0, 6, (*size, 3)), (1, 1, 0))
    )
    rgb *= ndimage.gaussian_filter(inside.astype(float), 1)[..., None]
    return np.clip(rgb, 0, 255).astype(np.uint8), np.where((drawn > 0.45) & inside, 255, 0).astype(
        np.uint8
    )


def vessels(out, cases=24):
    for k in range(cases):
        plain(out, f"fundus_{k:02}", *fundus(np.random.default_rng((3, k))))


# ---- odd sets


def blobs(rng, size, classes, channels=1, wide=6, share=0.15):
    """Smooth regions with one mean per class and channel, in noise."""
    fields = np.stack(
        [smooth(rng, size, np.minimum(wide, np.array(size) / 3)) for _ in range(classes)]
    )
    labels = np.where(fields.max(0) > 2.2 - 4 * share, fields.argmax(0) + 1, 0).astype(np.uint8)
    means = np.random.default_rng(7).normal(0, 1, (channels, classes + 1))
    means[:, 0] = 0
    return [m[labels] * 40 + 100 + rng.normal(0, 12, size) for m in means], labels


def raw(out, cases, channels, classes, spacing=(1, 1, 1)):
    """cases: images of each channel and labels, in the nnU-Net layout."""
    for part in "imagesTr", "labelsTr":
        (out / part).mkdir(parents=True, exist_ok=True)
    for k, (images, labels) in enumerate(cases):
        affine = np.diag([*spacing, 1.0])
        for c, x in enumerate(images):
            nib.save(
                nib.Nifti1Image(x.astype(np.int16), affine),
                out / "imagesTr" / f"case_{k:03}_{c:04}.nii.gz",
            )
        nib.save(nib.Nifti1Image(labels, affine), out / "labelsTr" / f"case_{k:03}.nii.gz")
    about = {
        "channel_names": {str(i): n for i, n in enumerate(channels)},
        "labels": {"background": 0, **{f"class{i}": i for i in range(1, classes + 1)}},
        "numTraining": len(cases),
        "file_ending": ".nii.gz",
    }
    (out / "dataset.json").write_text(json.dumps(about, indent=1))


def grey(x):
    return np.clip(x, 0, 255).astype(np.uint8)


def odd(out):
    rng = np.random.default_rng(4)

    def many(n, *args, **settings):
        return [blobs(rng, *args, **settings) for _ in range(n)]

    raw(out / "one-case", many(1, (40, 48, 36), 1), ["MR"], 1)
    raw(out / "two-cases", many(2, (40, 48, 36), 1), ["MR"], 1)
    raw(out / "seven-channels", many(6, (32, 40, 24), 2, 7), [f"m{i}" for i in range(7)], 2)
    raw(out / "twelve-classes", many(6, (64, 64, 32), 12, share=0.3), ["MR"], 12)
    raw(
        out / "ct",
        [
            ([20 * x[0] - 2400 + np.where(x[0] > 190, 3000, 0)], y)
            for x, y in many(8, (64, 64, 40), 1)
        ],
        ["CT"],
        1,
        (0.8, 0.8, 2.5),
    )
    raw(out / "thin-first-axis", many(6, (200, 24, 20), 1, wide=4), ["MR"], 1, (0.1, 5, 5))
    raw(out / "thick-first-axis", many(6, (9, 120, 100), 1, wide=8), ["MR"], 1, (8, 1, 1))
    raw(out / "one-slice", many(8, (120, 100, 1), 1, wide=8), ["MR"], 1)
    half = many(8, (48, 48, 32), 1)
    raw(
        out / "half-empty",
        [
            (x if k % 2 else [np.where(y > 0, 100, x[0])], y * np.uint8(k % 2))
            for k, (x, y) in enumerate(half)
        ],
        ["MR"],
        1,
    )
    raw(out / "all-empty", [(x, y * np.uint8(0)) for x, y in half[:4]], ["MR"], 1)
    points = []
    for _ in range(8):
        y = np.zeros((48, 48, 32), np.uint8)
        y[tuple(rng.integers(4, (44, 44, 28)))] = 1
        points.append(
            ([rng.normal(100, 10, y.shape) + 150 * ndimage.gaussian_filter(y * 6.0, 0.8)], y)
        )
    raw(out / "one-voxel", points, ["MR"], 1)
    for name, n, size, wide in (
        ("tiny", 12, (16, 16), 4),
        ("huge", 4, (2000, 3000), 60),
        ("strip", 8, (1024, 24), 6),
    ):
        for k in range(n):
            images, labels = blobs(rng, size, 1, wide=wide)
            plain(out / name, f"{k:02}", grey(images[0]), labels)
    for k in range(10):
        images, labels = blobs(rng, [(60, 80), (300, 200), (128, 128)][k % 3], 1, wide=8)
        plain(out / "sizes", f"{k:02}", grey(images[0]), labels)
    for kind in "bmp", "tif", "jpg":
        for part in "images", "labels":
            (out / kind / part).mkdir(parents=True)
            for k in range(4):
                Image.fromarray(grey(images[0]) if part == "images" else labels).save(
                    out / kind / part / f"{k:02}.{kind}"
                )


def main():
    kinds = {f.__name__: f for f in (brain, glands, vessels, odd)}
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    kinds[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))


if __name__ == "__main__":
    main()
