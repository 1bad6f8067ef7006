#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole heads with small targets, made of one MRI and its atlas (needs numpy, scipy, nibabel, and
Debian's package mricron-data).

Usage: atlas_dataset.py OUT [--reduce 1] [--train 24] [--val 6] [--test 40] [--first-test 0]
[--templates FOLDER] [--seed 1]

One real head (ch2.nii.gz, an average of 27 scans of one man, 181 x 217 x 181 mm) with the AAL atlas
becomes a population: bent by two smooth random fields, turned, scaled,
shifted, seen through fields of view of different sizes, with another contrast, bias field, blur and
noise.  The classes are the hippocampi, the amygdalae and the
pallida of both sides, a third to a half of a percent of the voxels.  --reduce N averages blocks of
N x N x N voxels of 1 mm (labels by their largest share).

It is one brain: what is learned here is to find and to outline these regions under such changes,
not how brains differ.  Test cases are bent and turned by draws
that no training case has, from the same ranges.  A figure on this set says that something is
feasible, and no more.

OUT/train  cases train_000... and val_000..., in nnU-Net's raw layout; OUT/train.txt and OUT/val.txt
           name them
OUT/test   cases test_000..., the same way
A case is a function of its part, its number and the seed."""

import argparse
import json
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
from scipy import ndimage

CLASSES = {
    "hippocampus": (37, 38),
    "amygdala": (41, 42),
    "pallidum": (75, 76),
}  # AAL's numbers, left and right
LARGEST = np.array([181, 217, 181])
PARTS = ("train", "val", "test")


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("out", type=Path)
    for part, count in zip(PARTS, (24, 6, 40)):
        p.add_argument(
            f"--{part}", type=int, default=count, help=f"cases of this part (default: {count})"
        )
    p.add_argument(
        "--first-test",
        type=int,
        default=0,
        help="number of the first test case, for others than were there before (default: 0)",
    )
    p.add_argument(
        "--reduce",
        type=int,
        default=1,
        help="average blocks of N x N x N voxels of every head (default: 1)",
    )
    p.add_argument(
        "--templates",
        type=Path,
        default=Path("/usr/share/mricron/templates"),
        help="folder of ch2.nii.gz and aal.nii.gz",
    )
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    if min(o.train, o.val, o.test, o.first_test) < 0 or not 1 <= o.reduce <= 8:
        p.error(
            "no part can have a negative number of cases or begin with one, and --reduce is a"
            " number from 1 to 8"
        )
    if o.out.exists():
        p.error(f"{o.out} exists already: name a new folder")
    if not (o.templates / "ch2.nii.gz").exists() or not (o.templates / "aal.nii.gz").exists():
        p.error(
            f"{o.templates} does not hold ch2.nii.gz and aal.nii.gz: install Debian's package"
            " mricron-data, or name its folder with --templates"
        )
    return o


def smooth(rng, size, sigma):
    """A random field of deviation 1 with Gaussian correlation, drawn on a grid of a quarter of
    sigma."""
    step = max(sigma / 4, 1)
    small = np.ceil(np.array(size) / step).astype(int) + 2
    x = ndimage.gaussian_filter(
        rng.standard_normal(small).astype(np.float32), sigma / step, mode="wrap"
    )
    x = (x - x.mean()) / x.std()
    for axis, n in enumerate(size):  # linear, axis by axis
        at = np.arange(n) / step
        low = at.astype(int)
        weight = (at - low).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(3)])
        x = np.take(x, low, axis) * (1 - weight) + np.take(x, low + 1, axis) * weight
    return x


def turn(angles):
    m = np.eye(3)
    for axis, angle in enumerate(angles):
        i, j = [a for a in range(3) if a != axis]
        r = np.eye(3)
        r[i, i] = r[j, j] = np.cos(angle)
        r[j, i] = np.sin(angle)
        r[i, j] = -r[j, i]
        m = m @ r
    return m


def places(rng, size):
    """Where in the template every voxel of a case lies, [3][size]."""
    linear = turn(rng.normal(0, np.radians(8), 3)) @ np.diag(rng.uniform(0.92, 1.08, 3))
    middle = (LARGEST - 1) / 2 + rng.uniform(-10, 10, 3)
    where = np.empty((3, *size), np.float32)
    axes = [(np.arange(n) - (n - 1) / 2).astype(np.float32) for n in size]
    wide, narrow = rng.uniform(2, 4), rng.uniform(0.5, 1)  # mm
    for i in range(3):
        along = [
            np.float32(linear[i, a]) * axes[a].reshape([-1 if b == a else 1 for b in range(3)])
            for a in range(3)
        ]
        where[i] = along[0] + along[1] + along[2] + np.float32(middle[i])
        where[i] += np.float32(wide) * smooth(rng, size, 20) + np.float32(narrow) * smooth(
            rng, size, 8
        )
    return where


def labels_at(where, shares, near):
    """The class that has the largest share at every place; only what is near one is looked at."""
    label = np.zeros(where.shape[1:], np.uint8)
    some = ndimage.map_coordinates(near, where, order=0, mode="constant") > 0
    at = where[:, some]
    share = np.stack([ndimage.map_coordinates(s, at, order=1, mode="constant") for s in shares])
    label[some] = np.argmax(np.concatenate([1 - share.sum(0, keepdims=True), share]), 0)
    return label


def intensities(rng, x):
    size = x.shape
    x = np.clip(x / 255, 0, 1) ** np.float32(rng.uniform(0.75, 1.35))
    x *= np.exp(np.float32(0.15) * smooth(rng, size, 60))
    x = ndimage.gaussian_filter(x, rng.uniform(0, 0.6))
    level = np.float32(rng.uniform(0.02, 0.05))
    x = np.hypot(
        x + level * rng.standard_normal(size, np.float32),
        level * rng.standard_normal(size, np.float32),
    )
    return np.clip(np.rint(x * np.float32(rng.uniform(120, 200))), 0, 255).astype(np.uint8)


def blocks(x, n):
    """The means of blocks of n x n x n; what is left at the ends is cut off."""
    x = x[tuple(slice(s // n * n) for s in x.shape)].astype(np.float32)
    return x.reshape([part for s in x.shape for part in (s // n, n)]).mean((1, 3, 5))


def head(rng, image, shares, near, reduce):
    size = [int(rng.integers(n - 24, n + 1)) for n in LARGEST]
    where = places(rng, size)
    label = labels_at(where, shares, near)
    image = intensities(rng, ndimage.map_coordinates(image, where, order=1, mode="constant"))
    if reduce > 1:
        image = np.rint(blocks(image, reduce)).astype(np.uint8)
        label = np.argmax([blocks(label == c, reduce) for c in range(len(CLASSES) + 1)], 0).astype(
            np.uint8
        )
    return image, label


def write(out, part, first, count, number, seed, template, reduce):
    folder, names, share = out / ("test" if part == "test" else "train"), [], []
    for kind in "imagesTr", "labelsTr":
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for k in range(first, first + count):
        image, label = head(np.random.default_rng((seed, number, k)), *template, reduce)
        affine, name = np.diag([reduce, reduce, reduce, 1.0]), f"{part}_{k:03}"
        affine[:3, 3] = [-reduce * (n - 1) / 2 for n in image.shape]
        nib.save(nib.Nifti1Image(image, affine), folder / "imagesTr" / f"{name}_0000.nii.gz")
        nib.save(nib.Nifti1Image(label, affine), folder / "labelsTr" / f"{name}.nii.gz")
        names.append(name)
        share.append([(label == c).mean() for c in range(1, len(CLASSES) + 1)])
    if part != "test":
        (out / f"{part}.txt").write_text("".join(n + "\n" for n in names))
    if count:
        means = ", ".join(f"{name} {100 * s:.3f} %" for name, s in zip(CLASSES, np.mean(share, 0)))
        print(f"{part}: {count} cases, {means}", flush=True)


def main():
    o = arguments()
    image = np.asarray(nib.load(o.templates / "ch2.nii.gz").dataobj, np.float32)
    atlas = np.asarray(nib.load(o.templates / "aal.nii.gz").dataobj)
    if image.shape != tuple(LARGEST) or atlas.shape != tuple(LARGEST):
        sys.exit(
            f"ch2.nii.gz is {image.shape} and aal.nii.gz {atlas.shape}, where both were to be"
            f" {tuple(LARGEST)}"
        )
    image *= 255 / image.max()
    masks = [np.isin(atlas, numbers) for numbers in CLASSES.values()]
    shares = [ndimage.gaussian_filter(m.astype(np.float32), 0.8) for m in masks]
    near = ndimage.binary_dilation(np.any(masks, 0), iterations=4).astype(np.uint8)
    for number, part in enumerate(PARTS):
        first = o.first_test if part == "test" else 0
        write(o.out, part, first, getattr(o, part), number, o.seed, (image, shares, near), o.reduce)
    for folder in "train", "test":
        count = o.test if folder == "test" else o.train + o.val
        about = {
            "channel_names": {"0": "T1"},
            "labels": {"background": 0, **{n: i for i, n in enumerate(CLASSES, 1)}},
            "numTraining": count,
            "file_ending": ".nii.gz",
        }
        (o.out / folder / "dataset.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
