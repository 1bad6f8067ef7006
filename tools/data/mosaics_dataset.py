#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Large fields with small targets, made of breast ultrasound images (BUSI; needs numpy and pillow).

Usage: mosaics_dataset.py BUSI OUT [--size 2048x2048] [--train 60] [--val 20] [--test 200] [--reduce
1] [--seed 1]

BUSI is a folder with images/, labels/ and groups.csv (image,group).  A field is covered by
`normal_*` images in rows, mirrored at random and cut where they meet;
one to three images with a tumour are set in whole, and one to three more normal ones in the same
way, so that a seam is no sign of a tumour.  Images keep their own
pixels; --reduce N averages blocks of N x N of them (labels by majority).

Groups of near-duplicates are split between training, validation and test before anything is drawn,
so no image and no near-duplicate is in two of them.  Fields of
one part share images: fields of the test part are not independent cases, and folds within the
training part would leak.

OUT/train/{images,labels}   fields train_000... and val_000...; OUT/train.txt and OUT/val.txt name
                            them
OUT/test/{images,labels}    fields test_000...
OUT/sources.csv             part,field,image,group,use,left,top,width,height: every image, in pixels
                            of its field; use: ground, decoy or tumour
A set is a function of BUSI's files and of the options."""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
from PIL import Image

TEST_SHARE, VAL_SHARE = 1 / 3, 1 / 9
PARTS = ("train", "val", "test")


def arguments():
    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("busi", type=Path)
    p.add_argument("out", type=Path)
    p.add_argument("--size", default="2048x2048", help="height and width of a field")
    for part, count in zip(PARTS, (60, 20, 200)):
        p.add_argument(
            f"--{part}", type=int, default=count, help=f"fields of this part (default: {count})"
        )
    p.add_argument(
        "--reduce",
        type=int,
        default=1,
        help="average blocks of N x N pixels of every image (default: 1)",
    )
    p.add_argument("--seed", type=int, default=1)
    o = p.parse_args()
    try:
        o.size = tuple(int(n) for n in o.size.split("x"))
    except ValueError:
        o.size = ()
    if len(o.size) != 2 or min(o.size) < 64 or o.reduce < 1 or min(o.train, o.val, o.test) < 0:
        p.error(
            "give a size such as 2048x2048 from 64 on, --reduce from 1 on, and no negative number"
            " of fields"
        )
    if o.out.exists():
        p.error(f"{o.out} exists already: name a new folder")
    return o


# ---- which images belong to which part


def read_groups(busi):
    """Image name -> group; images that groups.csv does not name are their own group."""
    names = sorted(f.stem for f in (busi / "images").glob("*.png"))
    groups = {n: n for n in names}
    with open(busi / "groups.csv", newline="") as f:
        groups.update(
            (row["image"], row["group"]) for row in csv.DictReader(f) if row["image"] in groups
        )
    return groups


def split(groups, rng):
    """Part -> (normal images, images with a tumour).  Groups that hold a tumour and groups that
    hold none are dealt out apart, so that each part gets its share of both."""
    sick = {g for name, g in groups.items() if not name.startswith("normal_")}
    parts = {part: ([], []) for part in PARTS}
    for some in sorted(sick), sorted(set(groups.values()) - sick):
        order = rng.permutation(len(some))
        test, val = round(len(some) * TEST_SHARE), round(len(some) * VAL_SHARE)
        for place, k in enumerate(order):
            part = "test" if place < test else "val" if place < test + val else "train"
            for name in sorted(n for n, g in groups.items() if g == some[k]):
                parts[part][not name.startswith("normal_")].append(name)
    return parts


# ---- images


def blocks(x, n):
    h, w = x.shape[0] // n, x.shape[1] // n
    return x[: h * n, : w * n].reshape(h, n, w, n).mean((1, 3))


class Deck:
    """Deals images in random order, all of them before any comes again, each mirrored half of the
    time."""

    def __init__(self, busi, names, reduce, rng):
        self.busi, self.names, self.reduce, self.rng, self.left = busi, names, reduce, rng, []

    def deal(self):
        if not self.left:
            self.left = list(self.rng.permutation(self.names))
        name = str(self.left.pop())
        image = np.asarray(Image.open(self.busi / "images" / f"{name}.png").convert("L"))
        label = np.asarray(Image.open(self.busi / "labels" / f"{name}.png").convert("L")) > 0
        if self.reduce > 1:
            image, label = (
                np.rint(blocks(image, self.reduce)).astype(np.uint8),
                blocks(label, self.reduce) > 0.5,
            )
        if self.rng.random() < 0.5:
            image, label = image[:, ::-1], label[:, ::-1]
        return name, image, label


class Field:
    def __init__(self, size):
        self.image, self.label, self.sources = np.zeros(size, np.uint8), np.zeros(size, bool), []

    def put(self, name, use, top, left, image, label):
        """Lays an image on the field; what reaches beyond it is cut off."""
        t, l = max(top, 0), max(left, 0)
        b, r = min(top + image.shape[0], self.image.shape[0]), min(
            left + image.shape[1], self.image.shape[1]
        )
        if b <= t or r <= l:
            return
        self.image[t:b, l:r] = image[t - top : b - top, l - left : r - left]
        self.label[t:b, l:r] = label[t - top : b - top, l - left : r - left]
        self.sources.append((name, use, l, t, r - l, b - t))


def cover(field, deck, rng):
    """Rows of normal images, each row as high as its lowest image."""
    height, width = field.image.shape
    top = -int(rng.integers(0, 200))
    while top < height:
        row, left = [], -int(rng.integers(0, 400))
        while left < width:
            row.append((left, deck.deal()))
            left += row[-1][1][1].shape[1]
        high = min(image.shape[0] for _, (_, image, _) in row)
        for left, (name, image, label) in row:
            cut = int(rng.integers(0, image.shape[0] - high + 1))
            field.put(name, "ground", top, left, image[cut : cut + high], label[cut : cut + high])
        top += high


def layout(size, shapes, rng):
    """Where images go so that none covers another, the largest first: (top, left) of each; None
    when no room was found."""
    boxes = {}
    for k in sorted(range(len(shapes)), key=lambda k: -np.prod(shapes[k])):
        room = np.array(size) - shapes[k]
        if room.min() < 0:
            return None
        for _ in range(500):
            t, l = (int(n) for n in rng.integers(0, room + 1))
            b, r = t + shapes[k][0], l + shapes[k][1]
            if all(b <= y or r <= x or t >= y2 or l >= x2 for y, x, y2, x2 in boxes.values()):
                boxes[k] = t, l, b, r
                break
        else:
            return None
    return [boxes[k][:2] for k in range(len(shapes))]


def make_field(size, normal, sick, rng):
    field = Field(size)
    cover(field, normal, rng)
    decks = {"tumour": sick, "decoy": normal}
    wanted = ["tumour"] * int(rng.integers(1, 4)) + ["decoy"] * int(rng.integers(1, 4))
    for _ in range(50):
        dealt = [decks[use].deal() for use in wanted]
        places = layout(size, [image.shape for _, image, _ in dealt], rng)
        if places:
            for use, (name, image, label), (top, left) in zip(wanted, dealt, places):
                field.put(name, use, top, left, image, label)
            return field
    sys.exit(
        f"a field of {size[0]}x{size[1]} has no room for {len(wanted)} images: choose a larger"
        " --size, or --reduce"
    )


def write(out, part, count, make, groups, rows):
    folder = out / ("test" if part == "test" else "train")
    names, share, lesions = [], [], 0
    for kind in "images", "labels":
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for k in range(count):
        field, name = make(k), f"{part}_{k:03}"
        Image.fromarray(field.image).save(folder / "images" / f"{name}.png", compress_level=4)
        Image.fromarray(np.where(field.label, 255, 0).astype(np.uint8)).save(
            folder / "labels" / f"{name}.png"
        )
        rows += [(part, name, source, groups[source], *rest) for source, *rest in field.sources]
        names.append(name)
        share.append(field.label.mean())
        lesions += sum(s[1] == "tumour" for s in field.sources)
    if part != "test":
        (out / f"{part}.txt").write_text("".join(n + "\n" for n in names))
    if count:
        print(
            f"{part}: {count} fields, {lesions} tumour images set in, foreground"
            f" {100 * np.mean(share):.2f} % ({100 * min(share):.2f} to {100 * max(share):.2f})"
        )


def main():
    o = arguments()
    groups = read_groups(o.busi)
    parts = split(groups, np.random.default_rng((o.seed, 0)))
    rows = []
    for number, part in enumerate(PARTS):
        normal, sick = parts[part]
        if getattr(o, part) and not (normal and sick):
            sys.exit(f"{o.busi} has no normal_* images, or no others, for the part {part}")
        print(f"{part}: {len(normal)} normal images and {len(sick)} with a tumour")
        rng = np.random.default_rng((o.seed, 1 + number))
        decks = Deck(o.busi, normal, o.reduce, rng), Deck(o.busi, sick, o.reduce, rng)
        write(
            o.out, part, getattr(o, part), lambda k: make_field(o.size, *decks, rng), groups, rows
        )
    with open(o.out / "sources.csv", "w", newline="") as f:
        csv.writer(f).writerows(
            [("part", "field", "image", "group", "use", "left", "top", "width", "height"), *rows]
        )


if __name__ == "__main__":
    main()
