# SPDX-License-Identifier: Apache-2.0
"""A tree of tiny made-up images with what is right to read from it; data_set registers the trees.

A scene has shapes on a smooth background: its label holds their numbers from 1, its image shows
them. The ending of a path chooses the format.
"""
import json
import math
import os
import random
import re
import zlib

import images

SIDE = 24          # of a picture
VOLUME = 16        # of a slice of a volume
VOLUME_ENDINGS = re.compile(r'\.(nii|hdr|nhdr|nrrd|mha|mhd)(\.gz)?$', re.IGNORECASE)

SETS = {}          # by name: (function, facts)


def data_set(source, listed=True, expect='pairs', flag=False, channels=None, classes=None,
             groups=False, says='', dims=None):
    """`source`: documentation that shows how the set unpacks. `listed`: one of the sets that
    attunet promises to take; others are of kinds that it has not seen. `expect`: 'pairs',
    'refuse', 'either' where both are right, or 'asks' where the first option is right. `flag`: it
    may ask for flags and name them.
    `channels`, `classes`, `dims`: right numbers; classes count the background; None: any;
    classes 'objects': a warning says that masks number objects, and a training asks; 'asks': it
    asks what the values are.
    `groups`: the groups of the cases are right only as given. `says`: a refusal must match it.
    """
    def register(function):
        assert function.__name__ not in SETS, function.__name__
        SETS[function.__name__] = (function, {
            'name': function.__name__, 'source': source, 'listed': listed, 'expect': expect,
            'flag': flag, 'channels': channels, 'classes': classes, 'groups': groups, 'says': says,
            'dims': dims})
        return function
    return register


def grey_table(factor, offset):
    return bytes(max(0, min(255, int(factor * v + offset))) for v in range(256))


GREEN, BLUE = grey_table(.8, 10), grey_table(.6, 35)
# Channels of one case: the same scene in other greys.
LOOKS = [bytes(range(256)), grey_table(-.9, 240), grey_table(.5, 90), grey_table(1.2, -40),
         grey_table(-.5, 190), grey_table(.7, 0)]


class Scene:
    """`shapes`: how many; `nested`: each inside the one before; `depth` 1 is a picture."""

    def __init__(self, key, shapes=1, depth=1, side=SIDE, nested=False):
        rng = random.Random(zlib.crc32(key.encode()))
        self.depth, self.side = depth, side
        label = bytearray(depth * side * side)
        across = 1 if nested else math.ceil(math.sqrt(shapes))
        cell = side / across
        middle = (side / 2 + rng.uniform(-2, 2), side / 2 + rng.uniform(-2, 2))
        for k in range(1, shapes + 1):
            if nested:
                y, x = middle
                ry = rx = side * .4 * (1 - (k - 1) / shapes)
            else:
                room = cell * .12
                y = cell * ((k - 1) // across + .5) + rng.uniform(-room, room)
                x = cell * ((k - 1) % across + .5) + rng.uniform(-room, room)
                ry, rx = (max(1.2, cell * rng.uniform(.2, .34)) for _ in 'yx')
            z, rz = (depth - 1) / 2, max(.6, depth * .36)
            self._fill(label, k, (z, y, x), (rz, ry, rx))
        self.label = bytes(label)
        self.shapes = shapes
        rows = [18 * math.sin(.21 * y + rng.uniform(0, .3) + self.phase(rng)) for y in range(side)]
        columns = [14 * math.cos(.17 * x + self.phase(rng)) for x in range(side)]
        base = bytes(int(70 + r + c) for r in rows for c in columns) * depth
        noise = rng.randbytes(len(label))
        light = bytes([0] + [60 + 97 * k % 85 for k in range(1, 256)])
        self.grey = bytes(b + light[k] + (n & 15) for b, k, n in zip(base, label, noise))

    @staticmethod
    def phase(rng):
        return rng.choice((0, .4, .9, 1.7))

    def _fill(self, label, k, centre, radius):
        side = self.side
        (cz, cy, cx), (rz, ry, rx) = centre, radius
        for z in range(self.depth):
            dz = ((z - cz) / rz) ** 2 if self.depth > 1 else 0
            for y in range(max(0, int(cy - ry)), min(side, int(cy + ry) + 2)):
                left = 1 - dz - ((y - cy) / ry) ** 2
                if left <= 0:
                    continue
                reach = rx * math.sqrt(left)
                first, last = max(0, math.ceil(cx - reach)), min(side - 1, math.floor(cx + reach))
                at = (z * side + y) * side
                if last >= first:
                    label[at + first:at + last + 1] = bytes([k]) * (last + 1 - first)

    def mapped(self, values):
        """The label with other values: one for all shapes, or a dictionary by shape number."""
        table = bytearray(256)
        for k in range(1, 256):
            table[k] = (values.get(k, 0) if isinstance(values, dict) else values) & 255
        if isinstance(values, dict):
            table[0] = values.get(0, 0)
        return self.label.translate(bytes(table))


def coloured(grey):
    out = bytearray(3 * len(grey))
    out[0::3], out[1::3], out[2::3] = grey, grey.translate(GREEN), grey.translate(BLUE)
    return bytes(out)


def field_of_view(side=SIDE):
    """All of a picture but its corners."""
    scene = Scene('field', side=side)
    last = scene.side - 1
    scene.label = bytes(
        int(min(y, last - y) + min(x, last - x) > 2) for y in range(scene.side)
        for x in range(scene.side))
    return scene


def stripped(scene):
    """The scene with nothing to see outside of its shapes."""
    one = Scene('', side=scene.side)
    one.depth, one.label, one.shapes = scene.depth, scene.label, scene.shapes
    one.grey = bytes(g if v else 0 for g, v in zip(scene.grey, scene.label))
    return one


class Tree:
    def __init__(self, root):
        self.root = root
        self.cases = []

    # ---- files

    def data(self, path, data):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, 'wb') as file:
            file.write(data.encode() if isinstance(data, str) else data)

    def notes(self, *paths):
        for path in paths:
            self.data(path, 'Made up for a test: %s\n' % os.path.basename(path))

    def dicom(self, path):
        self.data(path, bytes(128) + b'DICM' + bytes(64))

    def save(self, path, samples, scene, channels=1, kind='uint8', palette=None, times=0,
             spacing=(1, 1, 2), bits=None):
        """Samples of a scene's size in the format that the path ends in, or of NAME.EXT.gz."""
        side, depth = scene.side, scene.depth
        gz = '.gz' if path.lower().endswith('.gz') else ''
        zipped = images.gzipped if gz else bytes
        name = path[:len(path) - len(gz)]
        ending = name.rsplit('.', 1)[1].lower()
        folder, stem = os.path.split(name[:-len(ending) - 1])
        bits = bits or (16 if kind == 'uint16' else 8)
        size = (side, side, depth) + ((times,) if times else ())
        if ending == 'png':
            data = images.png(samples, side, side, channels, bits, palette)
        elif ending in ('jpg', 'jpeg'):
            data = images.jpeg(samples, side, side, channels)
        elif ending == 'bmp':
            data = images.bmp(samples, side, side, channels)
        elif ending in ('ppm', 'pgm'):
            data = images.pnm(samples, side, side, channels)
        elif ending == 'gif':
            data = images.gif(samples, side, side, palette)
        elif ending in ('tif', 'tiff'):
            plane = side * side * channels
            data = images.tiff([samples[z * plane:(z + 1) * plane] for z in range(depth)], side,
                               side, channels, bits, palette)
        elif ending == 'nii':
            data = images.nifti(samples, size, kind, spacing)
        elif ending == 'hdr':
            data, body = images.nifti(samples, size, kind, spacing, pair=True)
            self.data(os.path.join(folder, stem + '.img' + gz), zipped(body))
        elif ending in ('mhd', 'nhdr'):
            raw = stem + '.raw'
            write = images.metaimage if ending == 'mhd' else images.nrrd
            data = write(samples, size, kind, spacing, data_file=raw)
            self.data(os.path.join(folder, raw + gz), zipped(images.packed(samples, kind)))
        elif ending in ('mha', 'nrrd'):
            write = images.metaimage if ending == 'mha' else images.nrrd
            data = write(samples, size, kind, spacing)
        elif ending == 'npy':
            data = images.npy(samples, (side, side) if depth == 1 else (depth, side, side), kind)
        else:
            raise ValueError('no format for %s' % path)
        self.data(path, zipped(data))

    def scene(self, path, shapes=1, **options):
        """The scene of a case; volumes vary in depth."""
        if VOLUME_ENDINGS.search(path) and 'depth' not in options:
            options['depth'] = 7 + zlib.crc32(path.encode()) % 3
        if options.get('depth', 1) > 1:
            options.setdefault('side', VOLUME)
        return Scene(os.path.basename(self.root) + path, shapes, **options)

    def image(self, path, scene, grey=False, look=0, kind=None, **options):
        """Volumes are grey with 16 bits, pictures have colours unless `grey`."""
        samples = scene.grey.translate(LOOKS[look])
        if scene.depth > 1 and not re.search(r'\.tiff?(\.gz)?$', path.lower()):
            kind = kind or 'int16'
        kind = kind or 'uint8'
        if kind == 'uint16':
            samples = [16 * v for v in samples]
        elif kind == 'int16':
            samples = [6 * v - 500 for v in samples]
        elif kind.startswith('float'):
            samples = [v / 256 for v in samples]
        elif scene.depth == 1 and not grey:
            return self.save(path, coloured(samples), scene, channels=3, **options)
        return self.save(path, samples, scene, kind=kind, **options)

    def label(self, path, scene, values=255, form='grey', kind='uint8', **options):
        """`form`: 'grey', 'rgb' (three equal channels), 'palette', or a colour for each class as
        'colour' or, with alpha, 'rgba'."""
        samples = scene.mapped(values)
        if form == 'palette':
            options['palette'] = images.voc_palette()
        elif form in ('rgb', 'colour', 'rgba'):
            table = images.voc_palette() if form != 'rgb' else [(v, v, v) for v in range(256)]
            more = (255,) if form == 'rgba' else ()
            samples = b''.join(bytes(table[v] + more) for v in samples)
            options['channels'] = 4 if more else 3
        return self.save(path, samples, scene, kind=kind, **options)

    # ---- what is right

    def case(self, name, image, label, group=None, optional=False, also=(), image_also=()):
        """`image`, `label`: a path or several. `optional`: right, and not missed when left out.
        `also`, `image_also`: other right choices of the whole list."""
        def listed(paths):
            return [paths] if isinstance(paths, str) else list(paths)
        self.cases.append({
            'id': name, 'images': listed(image), 'labels': listed(label), 'group': group,
            'optional': optional, 'labels_also': [listed(p) for p in also],
            'images_also': [listed(p) for p in image_also]})

    def pair(self, name, image, label, shapes=1, values=255, form='grey', grey=False, kind=None,
             label_kind='uint8', group=None, optional=False, **options):
        """One image and its label, written and right."""
        scene = self.scene(image, shapes, **options)
        self.image(image, scene, grey=grey, kind=kind)
        self.label(label, scene, values, form, label_kind)
        self.case(name, image, label, group, optional)
        return scene

    def lone(self, *paths, grey=False, kind=None, look=0):
        """Images without labels."""
        for path in paths:
            self.image(path, self.scene(path), grey=grey, kind=kind, look=look)


def numbers(count):
    return {k: k for k in range(1, count + 1)}


def make(name, folder):
    """Makes the tree FOLDER/NAME, and FOLDER/NAME.json with what is right; returns the latter."""
    function, facts = SETS[name]
    tree = Tree(os.path.join(folder, name))
    os.makedirs(tree.root)
    function(tree)
    truth = dict(facts, cases=tree.cases)
    with open(os.path.join(folder, name + '.json'), 'w', encoding='utf-8') as file:
        json.dump(truth, file, indent=1)
    return truth
