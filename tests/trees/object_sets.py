# SPDX-License-Identifier: Apache-2.0
"""Trees of single objects, each in a mask file of its own, of one type or several; no public set is
meant."""
import hashlib
import random

from kinds_sets import add

TYPES = ['tumour', 'stroma', 'immune', 'other cells', 'cd8']


def objects(t, name, image, label, types=2, counts=(1, 4), missing=False, joined=False, cases=9,
            case='{:02d}', words=TYPES, plain=False):
    """In names: {c} the image, {t} the type, {k} the number of an object, {h} a hash, {n} a number
    of the whole set. `missing`: types that some images lack. `joined`: numbers go on over types.
    `words`: the types. `plain`: the first object of a type has no "_1". Shapes lie in any order."""
    rng = random.Random(name)
    total = 0
    for i in range(1, cases + 1):
        per = [rng.randint(*counts) for _ in range(types)]
        if missing and i % 3 == 0:
            per[-1] = 0
        if missing and types > 2 and i % 4 == 1:
            per[1] = 0
        case_name = case.format(i)
        path = image.format(c=case_name)
        scene = t.scene(name + path, sum(per))
        shapes = list(range(1, sum(per) + 1))
        rng.shuffle(shapes)
        labels = []
        for kind, count in enumerate(per):
            for k in range(1, count + 1):
                total += 1
                labels.append(label.format(
                    c=case_name, t=words[kind], k=len(labels) + 1 if joined else k, n=total,
                    y=kind + 1, h=hashlib.md5(b'%d' % total).hexdigest()[:16]))
                if plain and k == 1:
                    labels[-1] = labels[-1].replace('_1.', '.')
                t.label(labels[-1], scene, {shapes[len(labels) - 1]: 255})
        t.image(path, scene)
        t.case(path, path, labels)


def typed(name, source, image, label, expect='pairs', **options):
    def make(t):
        objects(t, name, image, label, **options)
    add(name, source, make, channels=3, classes=options.get('types', 2) + 1, expect=expect)


# ---- types in folders or names

typed('typed_inside', 'types as folders of an image', '{c}/image.png', '{c}/{t}/{k}.png',
      missing=True)
typed('typed_names', 'the image in the name', 'images/{c}.jpg', 'masks/{t}/{c}_{k}.png', types=3)
typed('typed_outside', 'types above images', 'images/{c}.png', 'masks/{t}/{c}/{k}.png', types=5)
typed('typed_words', 'types in names', 'images/{c}.png', 'masks/{c}/{t}_{k}.png', missing=True)
typed('typed_flat', 'all in one folder', '{c}.png', '{c}_{t}_{k}.png', types=3, case='case-{}_x')
typed('typed_last', 'numbers before types', 'images/{c}.tif', 'masks/{c}-{k}-{t}.tif', missing=True)
typed('typed_beside', 'a folder for each type at the top', 'img/{c}.png', '{t}/{c}_obj{k}.png',
      types=3, missing=True)
typed('typed_nested', 'masks of an image in a folder of their own', 'set/{c}/images/{c}.png',
      'set/{c}/masks/{t}/mask_{k:02d}.png', joined=True)
typed('typed_chance', 'objects with the numbers of images', 'images/{c}.png',
      'masks/{t}/{c}/{k}.png', types=4, case='{}', cases=12)
typed('typed_zeros', 'the same, with zeros', 'images/{c}.png', 'labels/{t}/{c}/mask_{k:02d}.png')
typed('typed_hash', 'hashes in place of numbers', '{c}/image.png', '{c}/{t}/{h}.png', missing=True)
typed('typed_hash_outside', 'the same above images', 'images/{c}.png', 'masks/{t}/{c}/{h}.png',
      types=3)
typed('typed_hash_inside', 'the same below images', '{c}/images/{c}.png', '{c}/masks/{t}/{h}.png',
      counts=(1, 2), missing=True)
typed('typed_counted', 'numbers that count all objects of the set', 'images/{c}.png',
      'masks/{t}/{c}_{n:04d}.png', types=3, missing=True)
typed('typed_proteins', 'types whose names end with a number', 'images/{c}.png',
      'masks/{c}/{k}_{t}.png', types=5)

typed('typed_ids', 'images whose numbers are those of objects', '{c}/scan.png',
      'gt/{c}/cell_{k}_{t}.png', types=4, case='{}', missing=True, cases=12)
typed('typed_digits', 'types that differ in a number', 'images/{c}.png', 'masks/{c}/obj{k} {t}.png',
      words=['cd4', 'cd8', 'cd20'], types=3, missing=True)
typed('typed_digits_last', 'the same with a word before it', 'images/{c}.png',
      'masks/{c}_{t}_{k}.png', words=['obj cd4', 'obj cd8'])
typed('typed_colours', 'types with words of colours', '{c}/image.png', '{c}/{t}_{h}.png',
      words=['red_cell', 'white_cell'])
typed('typed_edges', 'types with words of outlines', 'images/{c}.png', 'masks/{t}/{c}.{n}.png',
      words=['edge', 'centre'])
typed('typed_plain', 'the first object of a type without a number', 'images/{c}.png',
      'masks/{t}/{c}_{k}.png', types=3, plain=True, missing=True)
typed('typed_scans', 'two numbers in the name of an image', 'slide{c}/image.png',
      'masks/{t}/{h}.slide{c}.png', case='{}/7', missing=True)

# ---- where nobody can know what the numbers are

typed('typed_equal', 'as many objects of each type everywhere', '{c}/image.png', '{c}/{t}/{k}.png',
      expect='asks', counts=(3, 3))
typed('typed_equal_names', 'the same in names', 'images/{c}.png', 'masks/{t}/{c}_{k}.png',
      expect='asks', counts=(2, 2), types=3)
typed('typed_numbers', 'types with numbers', 'images/{c}.png', 'masks/type{y}/{c}_{k}.png',
      expect='asks')
typed('typed_bare_numbers', 'numbers alone', '{c}/image.png', '{c}/{y}/{k}.png', expect='asks')


def build(name, source, write, classes=3, **facts):
    add(name, source, write, channels=3, classes=classes, **facts)


def single(name, source, image, label, expect='pairs', **options):
    """Objects of one type."""
    def make(t):
        objects(t, name, image, label, types=1, **options)
    build(name, source, make, 'objects', expect=expect)


def disjoint(t):
    for k in range(2):
        objects(t, 'disjoint', 'images/%s{c}.png' % 'ab'[k],
                'masks/%s/%s{c}_{k}.png' % (TYPES[k], 'ab'[k]), types=1)


def readers(t):
    """Two people marked the same objects: the masks of either are right."""
    for i in range(1, 10):
        count = 1 + i % 4
        scene = t.scene('readers%d' % i, count)
        image = 'images/%02d.png' % i
        t.image(image, scene)
        labels = [['masks/%s/%02d_%d.png' % (who, i, k) for k in range(1, count + 1)]
                  for who in ('anna', 'ben')]
        for paths in labels:
            for k, path in enumerate(paths, 1):
                t.label(path, scene, {k: 255})
        t.case(str(i), image, labels[0], also=labels[1:])


def organ(t):
    """Lesions are objects, the organ is one mask."""
    for i in range(1, 10):
        count = 1 + i % 4
        scene = t.scene('organ%d' % i, count + 1)
        labels = ['%02d/masks/lesion_%d.png' % (i, k) for k in range(1, count + 1)]
        labels.append('%02d/masks/liver.png' % i)
        for k, path in enumerate(labels, 1):
            t.label(path, scene, {k: 255})
        t.image('%02d/image.png' % i, scene)
        t.case(str(i), '%02d/image.png' % i, labels)


def touching(t):
    """Objects of two types share a pixel: the first mask keeps it."""
    for i in range(1, 10):
        scene = t.scene('touching%d' % i, 5)
        shapes = random.Random(i).sample(range(1, 6), 5)
        labels = []
        for k in range(1, 2 + i % 4 + 1):
            labels.append('%02d/%s/%d.png' % (i, TYPES[k % 2], k))
            mask = bytearray(scene.mapped({shapes[k - 1]: 255}))
            mask[scene.label.index(shapes[k % 5])] = 255
            t.save(labels[-1], bytes(mask), scene)
        t.image('%02d/image.png' % i, scene)
        t.case(str(i), '%02d/image.png' % i, labels)


def ribs(t, seen=4):
    """Numbers that are names: each class has its place."""
    for i in range(1, 13):
        names = ['rib_%s_%d' % (side, k) for side in ('left', 'right') for k in range(1, 5)]
        scene = t.scene('ribs%d' % i, len(names))
        labels = []
        for k, name in enumerate(names, 1):
            if int(name[-1]) > 2 + i % 3 and seen < 4:
                continue
            labels.append('masks/%02d/%s.png' % (i, name))
            t.label(labels[-1], scene, {k: 255})
        t.image('images/%02d.png' % i, scene)
        t.case(str(i), 'images/%02d.png' % i, labels)


build('typed_disjoint', 'each image has one type', disjoint, expect='asks')
build('typed_readers', 'two people marked each object', readers, None, expect='asks')
build('typed_organ', 'objects within an image of one organ', organ)
build('typed_touching', 'objects that share pixels', touching)
build('numbers_as_names', 'classes with a word and a number', ribs, 9)
def vertebrae(t):
    """Numbers that are names, of which images show some."""
    for i in range(1, 13):
        scene = t.scene('vertebrae%d' % i, 6)
        labels = ['masks/%02d_%d.png' % (i, k) for k in range(1, 7) if k <= 3 + i % 4]
        for k, path in enumerate(labels, 1):
            t.label(path, scene, {k: 255})
        t.image('images/%02d.png' % i, scene)
        t.case(str(i), 'images/%02d.png' % i, labels)


single('single_equal', 'as many objects everywhere', 'images/{c}.png', 'masks/{c}_{k}.png',
       expect='asks', counts=(3, 3))
single('single_inside', 'the same in folders', '{c}/image.png', '{c}/masks/{k}.png',
       expect='asks', counts=(4, 4))
single('single_jpeg', 'the same in JPEG files', 'img/{c}.jpg', 'masks/{k}_{c}.jpg', expect='asks',
       counts=(3, 3))
single('single_counted', 'numbers that count all objects of the set', 'images/{c}.png',
       'masks/{c}_{n:04d}.png', counts=(2, 4))
single('single_hash', 'hashes in place of numbers, all in one folder', 'images/{c}.png',
       'masks/{c}_{h}.png')
single('single_beside', 'the same beside the images', 'a{c}.png', 'a{c}-{h}.png', counts=(2, 4))
single('single_long', 'long numbers that count all objects of the set', 'images/img_{c}.png',
       'masks/{n:04d}_{c}.png', counts=(2, 5))
single('single_first', 'the first object without a number', '{c}/image.jpg', 'gt/{c}_{k}.png',
       plain=True, counts=(2, 4))
single('single_folders', 'a folder of objects for each image', 'images/img_{c}.png',
       'data/img_{c}/{k:03d}.png', counts=(3, 3), case='{:03d}', expect='asks')
single('single_both', 'objects and images with the same numbers', '{c}/images/{c}.jpg',
       'gt/{c}_({k}).png', counts=(1, 6), case='{}', cases=6)
build('single_places', 'masks with numbers, each at its place', vertebrae, None, expect='asks')
build('numbers_in_view', 'the same, of which images show some', lambda t: ribs(t, 2), None,
      expect='asks')
