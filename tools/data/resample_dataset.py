#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A data set on another grid, and its predictions scored where it came from (needs numpy, scipy,
nibabel).

Usage: resample_dataset.py copy DATA OUT X Y Z       DATA/images, DATA/labels -> OUT/..., voxels of
X x Y x Z mm in the files' axis order
       resample_dataset.py ceiling DATA X Y Z         the same Dice of the true labels' shares of
       the voxels of such a copy, linear and cubic
       resample_dataset.py score MASKS DATA [FOLDER]  Dice of masks of such a copy on the grid of
       DATA/labels, where FOLDER gets them

A copy lies obliquely: the scanner's axes are turned and shifted by one rigid motion.  Axes that get
coarser are blurred as thicker slices
are, by a Gaussian with the variance that the new voxel's width adds; images go by cubic splines,
labels class by class, linearly.
Scoring undoes the motion.  Where attunet has written probabilities (CASE_probability_K_NAME.nii.gz,
K being the value in the labels) their
logarithms are interpolated by cubic splines, as images are, and the largest wins: of the true
labels' own shares of a 1x1x3 mm voxel that
gives the labels back with a Dice of 0.994, linear interpolation with 0.980 (`ceiling`).  Masks
alone are interpolated by shape (Raya and Udupa 1990): class by class the
distance in mm from the class's border, inside positive, since between thick slices a mask of 0 and
1 says too little.
"""

import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import ndimage


def motion():
    axis, angle = np.array([1, 2, 3]) / np.sqrt(14), 0.3
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    m = np.eye(4)
    m[:3, :3] += np.sin(angle) * k + (1 - np.cos(angle)) * k @ k
    m[:3, 3] = 10, -20, 5
    return m


def grid(size, old, new):
    """Size of the new grid, and from its voxels to the old ones'; both have one middle."""
    step = np.asarray(new) / old
    count = np.maximum(np.rint(np.array(size) / step), 1).astype(int)
    m = np.diag([*step, 1.0])
    m[:3, 3] = (np.array(size) - 1 - (count - 1) * step) / 2
    return count, m


def bring(x, count, m, order):
    return ndimage.affine_transform(x, m, output_shape=tuple(count), order=order, mode="nearest")


def blur(x, m):
    width = np.linalg.norm(m[:3, :3], axis=0)
    return ndimage.gaussian_filter(x, np.sqrt(np.maximum(width**2 - 1, 0) / 12), mode="nearest")


def vote(layers, values):
    """layers: one array per value. Of equals the highest."""
    stack = np.round(np.stack(layers), 6)
    return np.asarray(values)[len(values) - 1 - np.argmax(stack[::-1], axis=0)]


def copy(data, out, spacing):
    for part in "images", "labels":
        (out / part).mkdir(parents=True, exist_ok=True)
        for path in sorted((data / part).glob("*.nii.gz")):
            file = nib.load(path)
            x = np.asarray(file.dataobj)
            count, m = grid(x.shape, file.header.get_zooms()[:3], spacing)
            if part == "images":
                y = bring(blur(x.astype(np.float64), m), count, m, 3).astype(np.float32)
            else:
                values = np.unique(x)
                y = vote(
                    [bring(blur((x == v).astype(np.float64), m), count, m, 1) for v in values],
                    values,
                ).astype(np.uint8)
            nib.save(nib.Nifti1Image(y, motion() @ file.affine @ m), out / part / path.name)


def depth(inside, spacing):
    """How far inside a mask, below 0 outside."""
    if inside.all() or not inside.any():
        return np.full(inside.shape, 1e6 if inside.all() else -1e6)
    return ndimage.distance_transform_edt(inside, spacing) - ndimage.distance_transform_edt(
        ~inside, spacing
    )


def layers_of(path, labels):
    """Values in the labels and a layer for each, with the affine, and the order of interpolation.
    Layer K is of the K-th value."""
    case = path.name[: -len(".nii.gz")]
    parts = sorted(
        path.parent.glob(f"{case}_probability_*"),
        key=lambda p: int(p.name[len(case) :].split("_")[2]),
    )
    if parts:
        files = [nib.load(p) for p in parts]
        if len(files) != len(labels):
            sys.exit(
                f"{path}: {len(files)} layers of probabilities, and the labels have {len(labels)}"
                " values"
            )
        return (
            labels,
            [np.log(np.maximum(f.get_fdata(), 1e-6)) for f in files],
            files[0].affine,
            LOGARITHM,
        )
    file = nib.load(path)
    x = np.asarray(file.dataobj)
    values = np.unique(x)
    return values, [depth(x == v, file.header.get_zooms()[:3]) for v in values], file.affine, SHAPE


LOGARITHM, SHAPE = 3, 1  # the order in which a layer of either kind is interpolated


def ceiling(data, spacing):
    """What the way back alone costs."""
    rows = {1: [], LOGARITHM: []}
    for path in sorted((data / "labels").glob("*.nii.gz")):
        file = nib.load(path)
        t = np.asarray(file.dataobj)
        count, m = grid(t.shape, file.header.get_zooms()[:3], spacing)
        values = np.unique(t)
        layers = [
            np.log(np.maximum(bring(blur((t == v).astype(np.float64), m), count, m, 1), 1e-6))
            for v in values
        ]
        for order in rows:
            p = vote([bring(x, t.shape, np.linalg.inv(m), order) for x in layers], values)
            rows[order].append(np.mean([dice(p == v, t == v) for v in values if v]))
    print(*(f"order {order}: {np.nanmean(r):.4f}" for order, r in rows.items()))


def dice(a, b):
    total = a.sum() + b.sum()
    return 2 * (a & b).sum() / total if total else np.nan


def score(masks, data, save):
    rows, labels = [], sorted((data / "labels").glob("*.nii.gz"))
    foreground = sorted(
        set().union(*(np.unique(np.asarray(nib.load(p).dataobj)) for p in labels)) - {0}
    )
    for path in labels:
        if not (masks / path.name).exists():
            continue
        truth = nib.load(path)
        t = np.asarray(truth.dataobj)
        values, layers, affine, order = layers_of(masks / path.name, [0, *foreground])
        m = np.linalg.inv(affine) @ motion() @ truth.affine
        p = vote([bring(x, t.shape, m, order) for x in layers], values)
        rows.append([dice(p == v, t == v) for v in foreground])
        if save:
            save.mkdir(parents=True, exist_ok=True)
            nib.save(nib.Nifti1Image(p.astype(np.uint8), truth.affine), save / path.name)
    mean = np.nanmean(rows, axis=0)
    print(
        f"{len(rows)} cases, Dice",
        *(f"{v}: {d:.4f}" for v, d in zip(foreground, mean)),
        f"mean: {mean.mean():.4f}",
    )


def main():
    args = sys.argv[1:]
    if len(args) == 6 and args[0] == "copy":
        copy(Path(args[1]), Path(args[2]), [float(v) for v in args[3:]])
    elif len(args) == 5 and args[0] == "ceiling":
        ceiling(Path(args[1]), [float(v) for v in args[2:]])
    elif len(args) in (3, 4) and args[0] == "score":
        score(Path(args[1]), Path(args[2]), Path(args[3]) if args[3:] else None)
    else:
        sys.exit(__doc__)


main()
