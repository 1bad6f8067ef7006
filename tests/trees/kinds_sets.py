# SPDX-License-Identifier: Apache-2.0
"""Trees of kinds of data sets that a rule once read wrong; no public set is meant."""
import random
import uuid

from other_pictures import other
from public_sets import shifted
from tree import Scene, coloured, field_of_view, numbers, stripped

ASKS = 'counted from different numbers'


def add(name, source, make, **facts):
    make.__name__ = name
    other(source, **facts)(make)


def counted(t, image, label, move, moved=(1, 2, 3, 4), missing=()):
    """Four patients, whose images are counted from 0; labels of `moved` ones from another number.
    Nothing here is a case, as nobody can know which label belongs to which image."""
    for p in range(1, 5):
        for k in range((5, 7, 3, 12)[p - 1]):
            scene = t.scene('%d %d' % (p, k))
            number = k + (move if p in moved else 0)
            t.image(image.format(p=p, n=k), scene)
            if (p, k) not in missing:
                t.label(label.format(p=p, n=number), scene)


def register(name, source, image, label, move=1, **options):
    def make(t):
        counted(t, image, label, move, **options)
    add(name, source, make, expect='refuse', says=ASKS)


register('counted_names', 'patients in names, masks counted from 1', 'p{p:02d}_img_{n}.png',
         'p{p:02d}_mask_{n}.png')
register('counted_first', 'the number before the patient', '{n}_p{p}_img.png',
         '{n:03d}_p{p}_mask.png')
register('counted_folders', 'a folder for each patient', 'p{p:02d}/p{p:02d}_img_{n:02d}.png',
         'p{p:02d}/p{p:02d}_mask_{n}.png')
register('counted_one', 'one patient whose masks are counted from 1', 'img/p{p}/{n}.png',
         'mask/p{p}/{n}.png', moved=(3,))
register('counted_gaps', 'masks counted from 2, some of which are missing', 'p{p}/img_{n}.png',
         'p{p}/mask_{n}.png', 2, missing=((1, 2), (2, 5), (4, 0)))
register('counted_last', 'the last mask of each is missing', 'img/{n}_p{p}.png', 'gt/{n}_p{p}.png',
         missing=((1, 4), (2, 6), (3, 2), (4, 11)))


@other('zeros before the numbers of images alone', channels=3, classes=2)
def counted_zeros(t):
    for p in range(1, 5):
        for k in range((5, 7, 3, 12)[p - 1]):
            t.pair('%d %d' % (p, k), 'p%02d_img_%02d.png' % (p, k), 'p%02d_mask_%d.png' % (p, k))


# ---- what lies beside images and labels

def outline(scene):
    """The scene with the edges of its shapes as label."""
    side, label = scene.side, scene.label
    edges = Scene('', side=side)
    edges.grey, edges.shapes = scene.grey, scene.shapes
    size = len(label)
    edges.label = bytes(
        v if any(label[(at + d) % size] != v for d in (-1, 1, -side, side)) else 0
        for at, v in enumerate(label))
    return edges


def overlay(scene):
    """Its image with red edges."""
    grey, edges = coloured(scene.grey), outline(scene).label
    return b''.join(b'\xff\0\0' if v else grey[3 * at:3 * at + 3] for at, v in enumerate(edges))


def moved(scene):
    """Its label one pixel to the right, as another reader, or a program, draws it."""
    other_one = Scene('', side=scene.side)
    other_one.label = b'\0' + scene.label[:-1]
    return other_one


def beside(name, source, image, label, more, write, **facts):
    def make(t):
        for k in range(1, 9):
            scene = t.scene(name + str(k))
            t.image(image % k, scene)
            t.label(label % k, scene)
            write(t, more % k, scene)
            t.case(str(k), image % k, label % k)
    add(name, source, make, channels=3, classes=2, **facts)


def save_outline(t, path, scene):
    t.label(path, outline(scene))


def save_moved(t, path, scene):
    t.label(path, moved(scene))


def save_overlay(t, path, scene):
    t.save(path, overlay(scene), scene, 3)


def save_view(t, path, scene):
    t.label(path, field_of_view())


beside('contours', 'contours beside masks', 'img/%d.png', 'mask/%d.png', 'contours/%d.png',
       save_outline)
beside('contours_flat', 'contours with the names of images', 'a%d.png', 'a%d_mask.png',
       'a%d_contour.png', save_outline)
beside('contours_case', 'contours in a folder for each case', 'c%d/img.png', 'c%d/mask.png',
       'c%d/contour.png', save_outline)
beside('view_gt', 'masks of the field of view in masks, labels in gt', 'images/%d.png',
       'gt/%d.png', 'masks/%d.png', save_view)
beside('view_segmentation', 'the same with segmentation', 'images/%d.png',
       'segmentation/%d.png', 'masks/%d.png', save_view)
beside('view_vessels', 'the same without a word for labels', 'images/%d.png', 'vessels/%d.png',
       'masks/%d.png', save_view, flag=True)
beside('view_case', 'the same in a folder for each case', 'c%d/image.png', 'c%d/vessels.png',
       'c%d/mask.png', save_view, flag=True)


def region(name, source, around, label, **facts):
    """Masks of a region that differs from image to image, and labels inside it."""
    def make(t):
        for k in range(1, 9):
            scene = t.scene(name + str(k), 2, nested=True)
            paths = ['%s/%d.png' % (folder, k) for folder in ('images', label, around)]
            t.image(paths[0], scene)
            t.label(paths[1], scene, {2: 255})
            t.label(paths[2], scene, 255)
            t.case(str(k), *paths[:2])
    add(name, source, make, channels=3, classes=2, **facts)


region('region_gt', 'masks of an organ in masks, labels in gt', 'masks', 'gt')
region('region_lesions', 'masks of an organ in masks, labels in lesions', 'masks', 'lesions')


@other('masks of an organ, and labels with other names than the images', channels=3, classes=2,
       expect='asks')
def region_renamed(t):
    for k in range(1, 9):
        scene = t.scene('renamed' + str(k), 2, nested=True)
        t.image('images/%d.png' % k, scene)
        t.label('masks/%d.png' % k, scene, 255)
        t.label('gt/%s.png' % 'vokzambi'[k - 1:k + 4], scene, {2: 255})
        t.case(str(k), 'images/%d.png' % k, 'masks/%d.png' % k)


@other('images in lesions, and labels in images', channels=3, classes=2, expect='asks')
def region_exchanged(t):
    for k in range(1, 9):
        scene = t.scene('exchanged' + str(k), 2, nested=True)
        t.image('lesions/%d.png' % k, scene)
        t.label('images/%d.png' % k, scene, {2: 255})
        t.label('masks/%d.png' % k, scene, 255)
        t.case(str(k), 'lesions/%d.png' % k, 'images/%d.png' % k)


@other('the same in images of several sizes', channels=3, classes=2)
def view_sizes(t):
    for k in range(1, 9):
        side = 24 + 4 * k
        t.pair(str(k), 'images/%d.png' % k, 'gt/%d.png' % k, side=side)
        t.label('masks/%d.png' % k, field_of_view(side))


beside('filled', 'filled masks beside their outlines, in folders of unknown words',
       'img/%d.png', 'filled/%d.png', 'cnt/%d.png', save_outline, expect='asks')
beside('filled_last', 'the same in another order of names', 'img/%d.png', 'solid/%d.png',
       'ring/%d.png', save_outline, expect='asks')
beside('by_program', 'masks by hand and by a program', 'img/%d.png', 'mask/human/%d.png',
       'mask/computer/%d.png', save_moved)
beside('by_name', 'masks and a folder without a word for labels', 'img/%d.png', 'mask/%d.png',
       'generated/%d.png', save_moved)
beside('overlays', 'overlays beside images', 'img/%d.png', 'mask/%d.png', 'check/%d.png',
       save_overlay, expect='asks')
beside('parallel', 'a second class of patients without masks', 'tumor/img/%d.png',
       'tumor/mask/%d.png', 'normal/img/%d.png', lambda t, path, scene: t.lone(path),
       expect='asks')
beside('parallel_named', 'the same with names of their own', 'tumor/img/t%d.png',
       'tumor/mask/t%d.png', 'normal/img/n%d.png', lambda t, path, scene: t.lone(path))


def readers(name, source, folders, right, **facts):
    """Masks of several readers, each in a folder, and the one that they agreed on."""
    def make(t):
        for k in range(1, 9):
            scene = t.scene(name + str(k))
            t.image('img/%02d.png' % k, scene)
            for folder in folders:
                t.label('%s/%02d.png' % (folder, k), scene if folder == right else moved(scene))
            t.case(str(k), 'img/%02d.png' % k, '%s/%02d.png' % (right, k))
    add(name, source, make, channels=3, classes=2, **facts)


readers('readers_merged', 'merged masks of three readers', ('anno_1', 'anno_2', 'anno_3', 'merged'),
        'merged')
readers('readers_plain', 'a mask beside those of two readers', ('anno_1', 'anno_2', 'mask'), 'mask')
readers('readers_letters', 'readers with letters', ('annotA', 'annotB', 'mask'), 'mask')
readers('readers_expert', 'experts, and a mask of an unknown hand', ('expert1', 'expert2', 'mask'),
        'expert1', expect='asks')
readers('readers_program', 'readers and a program', ('anno_1', 'anno_2', 'auto'), 'anno_1')


@other('a mask beside its image, and folders of readers', channels=3, classes=2)
def readers_beside(t):
    for k in range(1, 13):
        folder, name = 'v%d/' % (k % 3), '%02d.png' % k
        scene = t.scene('beside' + name)
        t.image(folder + 'image' + name, scene)
        for label in ('mask', 'merged/mask', 'anno_1/mask', 'anno_2/mask'):
            t.label(folder + label + name, scene if label == 'mask' else moved(scene))
        t.case(name, folder + 'image' + name, folder + 'mask' + name)


def cut_out(name, source, images, label, cut, channels=1):
    """Images of the numbers `cut` show nothing outside of the label, so they are no channels where
    others are."""
    def make(t):
        for k in range(1, 9):
            paths = [path.format(k) for path in images]
            scene = t.scene(name + str(k) + label, 2)
            for look, path in enumerate(paths):
                t.image(path, stripped(scene) if look in cut else scene, look=look)
            t.label(label.format(k), scene, 1)
            right = [p for i, p in enumerate(paths) if i not in cut or len(cut) == len(paths)]
            t.case(str(k), right, label.format(k))
    add(name, source, make, channels=channels, classes=2)


cut_out('cut_fsl', 'skull-stripped images beside masks of brains',
        ('s{0}/T1.nii.gz', 's{0}/T1_brain.nii.gz'), 's{0}/T1_brain_mask.nii.gz', (1,))
cut_out('cut_case', 'the same with names of a known layout',
        ('s{0}/image.nii.gz', 's{0}/image_masked.nii.gz'), 's{0}/mask.nii.gz', (1,))
cut_out('cut_folders', 'the same in folders', ('raw/{0}.nii.gz', 'stripped/{0}.nii.gz'),
        'mask/{0}.nii.gz', (1,))
cut_out('cut_picture', 'the same with pictures', ('img/{0}.png', 'cut/{0}.png'), 'mask/{0}.png',
        (1,), channels=3)
cut_out('cut_all', 'all images are skull-stripped', ('s{0}/t1.nii.gz', 's{0}/t2.nii.gz'),
        's{0}/brain_mask.nii.gz', (0, 1), channels=2)
cut_out('cut_none', 'none is', ('s{0}/t1.nii.gz', 's{0}/t2.nii.gz'), 's{0}/seg.nii.gz', (),
        channels=2)


def cultures(name, source, images, label, **facts):
    """Cultures are counted in each condition; labels are objects with the name of a channel."""
    def make(t):
        for condition in ('1h', '2h', 'ctl'):
            for k in range(1, 5):
                key = dict(c=condition, k=k)
                scene = t.scene(name + label.format(o=0, **key), 2 + k % 3)
                paths = [path.format(**key) for path in images]
                for look, path in enumerate(paths):
                    t.image(path, scene, grey=True, look=look)
                labels = [label.format(o=o, **key) for o in range(1, scene.shapes + 1)]
                for o, path in enumerate(labels, 1):
                    t.label(path, scene, {o: 255})
                t.case('%s %d' % (condition, k), paths[-1], labels)
    add(name, source, make, channels=1, classes='objects', expect='asks', **facts)


cultures('cultures_one', 'a folder for each culture', ('im/x-{c} {k}/x-{c} {k}_c1.png',),
         'nuc/x-{c} {k}_c1_{o}.png')
cultures('cultures_two', 'the same with two channels, one of them of the label',
         ('im/x-{c} {k}/x-{c} {k}_c1.png', 'im/x-{c} {k}/x-{c} {k}_c5.png'),
         'nuc/x-{c} {k}_c5_{o}.png')
cultures('cultures_marks', 'the same with other marks',
         ('im/x_{c}_{k}/x_{c}_{k}_c1.png', 'im/x_{c}_{k}/x_{c}_{k}_c5.png'),
         'nuc/x_{c}_{k}_c5_{o}.png')


@other('images of one colour', channels=3, classes=2)
def one_colour(t):
    for k in range(1, 9):
        scene = t.scene('colour%d' % k)
        blue = b''.join(bytes((0, 0, v)) for v in scene.grey)
        t.save('in/%d.png' % k, blue, scene, 3)
        t.label('out/%d.png' % k, scene)
        t.case(str(k), 'in/%d.png' % k, 'out/%d.png' % k)


@other('a channel with a label of its own beside that of another one', channels=3, classes=4,
       expect='asks')
def own_label(t):
    for k in range(1, 11):
        root = 'train/%03d/' % k
        scene = t.scene(root + 't2.nii.gz', 3)
        images = [root + name + '.nii.gz' for name in ('adc', 'dwi', 't2')]
        for look, image in enumerate(images):
            t.image(image, scene, look=look)
        t.label(root + 't2_anatomy_reader1.nii.gz', scene, numbers(3))
        for name in ('t2', 'adc') if k % 3 else ():
            t.label(root + name + '_tumor_reader1.nii.gz', scene, {3: 1})
        t.case(str(k), images, root + 't2_anatomy_reader1.nii.gz')


@other('maps and overlays of two annotators, and the images in one folder', channels=3, classes=2)
def annotators(t):
    for k in range(1, 10):
        name = 'Human_%s_%02d.png' % (('Gland', 'Larynx', 'Node')[k % 3], k)
        scene = t.scene(name, 2)
        t.image('tissue images/' + name, scene)
        for n in '12':
            root = 'Annotator {0}/Annotator {0}/'.format(n)
            t.label(root + 'mask binary/' + name, scene if n == '1' else moved(scene))
            t.image(root + 'weighted_maps/' + name, scene, grey=True, look=1)
            t.save(root + 'mask overlays/' + name, overlay(scene), scene, 3)
        t.case(name, 'tissue images/' + name, 'Annotator 1/Annotator 1/mask binary/' + name)


@other('images whose names end in UUIDs, with a file for each channel', channels=2, classes=4)
def uuids(t):
    for k in range(1, 13):
        well = 'plate-03212011_%s%02d_s1' % ('abcd'[k % 4], k)
        scene = t.scene(well, 3)
        rng = random.Random(well)
        images = ['z16/%s_w%d%s.tif' % (well, w, uuid.UUID(int=rng.getrandbits(128)))
                  for w in (1, 2)]
        for look, image in enumerate(images):
            t.image(image, scene, grey=True, look=look)
        t.label('labels/%s.png' % well, scene, numbers(3))
        t.case(well, images, 'labels/%s.png' % well)


@other('outlines without masks, as BBBC007 has them', channels=3, classes='asks')
def outlines_alone(t):
    for k in range(1, 9):
        scene = t.scene(str(k), 2)
        t.image('images/%d.png' % k, scene)
        t.label('outlines/%d.png' % k, outline(scene))
        t.case(str(k), 'images/%d.png' % k, 'outlines/%d.png' % k)


@other('markers of tracks, where segmentations are of planes alone', expect='asks')
def tracks_alone(t):
    for part in ('01', '02'):
        for i in range(6):
            image = '%s/t%03d.tif' % (part, i)
            scene = t.scene(image, 4, depth=6)
            t.image(image, scene, grey=True)
            tracks = '%s_GT/TRA/man_track%03d.tif' % (part, i)
            t.label(tracks, scene, numbers(4))
            t.case(part + str(i), image, tracks)
        for i, z in ((1, 2), (3, 4)):
            t.label('%s_GT/SEG/man_seg_%03d_%03d.tif' % (part, i, z), t.scene('%d' % i, 3),
                    numbers(3))


def inverted(name, source, label, values, **facts):
    """Masks in which 0 marks an object."""
    def make(t):
        for k in range(1, 13):
            t.pair(name + str(k), 'scan/%d.png' % k, label % k, shapes=2, values=values, **facts)
    add(name, source, make, channels=3, classes='asks')


inverted('inverted', 'black objects on white', 'gt/%d.png', {0: 255})
inverted('inverted_two', 'a palette whose background is 3', 'gt/%d.png', {0: 3, 2: 1},
         form='palette')


@other('the same, where most files have none', channels=3, classes=3)
def uuids_few(t):
    for k in range(1, 13):
        well = '%s%02d' % ('ABCD'[k % 4], k)
        scene = t.scene(well, 2)
        image = 'images/1649_0003_B_%s_w1_%s.tif' % (
            well, uuid.UUID(int=random.Random(well).getrandbits(128)))
        t.image(image, scene)
        labels = ['masks/left/%s.png' % well, 'masks/right/%s.png' % well]
        for value, label in enumerate(labels, 1):
            t.label(label, scene, {value: 255})
        t.case(well, image, labels)


@other('masks of all objects beside one for each', channels=3, expect='asks')
def whole_beside(t):
    for k in range(1, 13):
        well = '%s%02d' % ('ABCD'[k % 4], k)
        scene = t.scene(well, 2 + k % 4)
        t.image('images/1649_0003_B_%s_w1.png' % well, scene)
        t.label('foreground/%s_binary.png' % well, scene)
        each = ['foreground_each/%s_%02d_ground_truth.png' % (well, o)
                for o in range(1, 3 + k % 4)]
        for o, path in enumerate(each, 1):
            t.label(path, scene, {o: 255})
        t.case(well, 'images/1649_0003_B_%s_w1.png' % well, 'foreground/%s_binary.png' % well,
               also=[each])


def objects_of_numbers(name, source, image, label):
    """A mask file for each object; objects and images have the same numbers, and only in one way
    to pair them no objects of an image share pixels."""
    def make(t):
        for i, count in enumerate((3, 5, 2, 7, 4, 6, 1, 8, 5), 1):
            scene = t.scene(name + str(i), count)
            paths = [label.format(i=i, k=k) for k in range(1, count + 1)]
            t.image(image % i, scene)
            for k, path in enumerate(paths, 1):
                t.label(path, scene, {k: 255})
            t.case(str(i), image % i, paths)
    add(name, source, make, channels=3, classes='objects')


objects_of_numbers('numbered_beside', 'objects and images with the same numbers', 'images/%d.png',
                   'masks/{i}_{k}.png')
objects_of_numbers('numbered_inside', 'the same in folders', 'images/%d.png', 'masks/{i}/{k}.png')


# ---- values of masks

def values(name, source, classes, write, shapes=3):
    """write(t, path, scene, k) saves the mask of case k; `shapes`: their number, or by case."""
    def make(t):
        for k in range(1, 11):
            paths = 'images/%d.png' % k, 'masks/%d.png' % k
            scene = t.scene(name + str(k), shapes(k) if callable(shapes) else shapes)
            t.image(paths[0], scene)
            write(t, paths[1], scene, k)
            t.case(str(k), *paths)
    add(name, source, make, channels=3, classes=classes)


def save_noise(t, path, scene, values_of, noise):
    """Masks that were saved with loss: values along edges differ."""
    rng = random.Random(path)
    t.save(path, bytes(
        max(0, min(255, v + (e and rng.randrange(-noise, noise + 1))))
        for v, e in zip(scene.mapped(values_of), outline(scene).label)), scene)


THIRDS = {1: 85, 2: 170, 3: 255}
values('thirds', 'three classes as greys', 4,
       lambda t, path, scene, k: t.label(path, scene, THIRDS))
values('greys_rgb', 'class numbers as equal channels', 4,
       lambda t, path, scene, k: t.label(path, scene, numbers(3), 'rgb'))
values('palette_part', 'a palette with unused entries', 4,
       lambda t, path, scene, k: t.label(path, scene, {1: 3, 2: 7, 3: 15}, 'palette'))
values('one_hot', 'red tumour, green vessel', 'asks',
       lambda t, path, scene, k: t.save(path, b''.join(
           bytes(255 * (v == c) for c in (1, 2, 3)) for v in scene.label), scene, 3), 2)
values('noisy_thirds', 'three classes with noise', 'asks',
       lambda t, path, scene, k: save_noise(t, path, scene, THIRDS, 3))
values('noisy_dark', 'two classes with noise, none of them white', 'asks',
       lambda t, path, scene, k: save_noise(t, path, scene, {1: 100, 2: 200}, 1), 2)
values('ones_and_255', '0 and 1 in some, 0 and 255 in others', 'asks',
       lambda t, path, scene, k: t.label(path, scene, (1, 255)[k % 2]), 1)
values('numbers_in_some', 'objects numbered in some, of one class in others', 'asks',
       lambda t, path, scene, k: t.label(path, scene, 1 if k % 3 else numbers(9)),
       lambda k: 3 + k % 5)

values('numbers_in_one', 'objects numbered in one mask, of one class in others', 'asks',
       lambda t, path, scene, k: t.label(path, scene, 1 if k != 4 else numbers(9)),
       lambda k: 3 + k % 3)
values('rare_class', 'one mask has a class that others lack', 3,
       lambda t, path, scene, k: t.label(path, scene, {1: 1, 2: 1, 3: 1 + (k == 4), 4: 1}), 4)


# ---- numbers and words behind the names of images

def repeated(name, source, image, label, more=('003_2', '007_2'), second=(), **facts):
    """Images of the same names as their masks; those of `second` have two masks."""
    def make(t):
        for case in ['%03d' % k for k in range(1, 12)] + list(more):
            paths = image.format(case), label.format(case)
            scene = t.scene(name + case, 2)
            t.image(paths[0], scene)
            labels = [paths[1]]
            if case in second:
                labels.append(labels[0].replace('.png', '_1.png'))
            for k, path in enumerate(labels):
                t.label(path, scene, {k + 1: 255} if case in second else 255)
            t.case(case, paths[0], labels)
    add(name, source, make, channels=3, **{'classes': 2, **facts})


repeated('again', 'two patients with a second image', 'in/img_{}.png', 'out/img_{}.png')
repeated('again_nested', 'the same in folders', 'images/a/img_{}.png', 'masks/a/img_{}.png')
repeated('again_words', 'numbers and words', 'in/{}.png', 'out/{}.png',
         ('003_2', '003_final', '005_copy'))
repeated('again_mask', 'the same before a word for masks', 'in/img_{}.png',
         'out/img_{}_mask.png', ('003_2', '003_3', '007_2', '007_final'))
repeated('again_two', 'one image has a second mask', 'in/img_{}.png', 'out/img_{}.png',
         second=('005',), expect='asks')
repeated('again_lost', 'a second mask, or that of a lost image', 'in/img_{}.png',
         'out/img_{}.png', (), second=('005',), expect='asks')

repeated('again_three', 'three images have a second mask, or three are lost', 'in/img_{}.png',
         'out/img_{}.png', (), second=('003', '005', '007'), expect='asks', classes='asks')


def parts(name, source, label, plain=None, shapes=(2, 3, 1, 4, 2, 3, 2, 5), **facts):
    """A mask for each object of an image whose name ends with a number, too; `plain`: the name of
    the first one."""
    def make(t):
        for case, count in enumerate(shapes):
            image = 'in/img_%03d.png' % case
            scene = t.scene(name + str(case), count)
            t.image(image, scene)
            labels = [plain % case if plain and k == 1 else label % (case, k)
                      for k in range(1, count + 1)]
            order = range(1, count + 1)
            if len(set(shapes)) > 1:  # objects lie anywhere
                order = random.Random(case).sample(order, count)
            for k, path in zip(order, labels):
                t.label(path, scene, {k: 255})
            t.case(str(case), image, labels)
    add(name, source, make, channels=3, classes=3, **facts)


parts('parts_numbers', 'a mask for each object', 'out/img_%03d_%d.png')
parts('parts_words', 'a mask for each object with a word', 'out/img_%03d_%d_mask.png')
parts('parts_plain', 'the first of them without a number', 'out/img_%03d_%d.png',
      'out/img_%03d.png')
parts('parts_plain_word', 'the same with a word', 'out/img_%03d_mask-%d.png',
      'out/img_%03d_mask.png')
parts('parts_brackets', 'the same with brackets', 'out/img_%03d_mask (%d).png',
      'out/img_%03d_mask.png')
parts('parts_equal', 'objects or classes', 'out/img_%03d_mask_%d.png', 'out/img_%03d_mask.png',
      (2, 2, 2, 2, 2, 2, 2, 2), expect='asks')


def folders_with_zeros(t):
    for patient in range(1, 5):
        for frame in range(1, 5):
            name = '%05d.png' % frame
            t.pair('%d_%d' % (patient, frame), 'video/patient%d/%s' % (patient, name),
                   'gt_video/P%02d/%s' % (patient, name))


add('folders_zeros', 'numbers of folders with zeros and without', folders_with_zeros, channels=3,
    expect='asks')


# ---- files that show labels, or images, more than once

@other('lesions in folders that hold all images, as copies', expect='asks', channels=3, classes=4)
def lesion_folders(t):
    for i in range(1, 9):
        scene = t.scene('%d' % i, 3)
        names = [kind + '/%%s/IDR_%02d.png' % i for kind in ('EX', 'HE', 'MA')]
        for k, name in enumerate(names, 1):
            t.image(name % 'image', scene)
            t.label(name % 'label', scene, {k: 255})
        t.case(str(i), names[0] % 'image', [name % 'label' for name in names])


@other('maps of where readers differ, beside their labels', channels=1, classes=2)
def reader_maps(t):
    for i in range(1, 9):
        root = 'case%02d/' % i
        scene = t.scene(root + 'image.nii.gz')
        t.image(root + 'image.nii.gz', scene)
        t.label(root + 'staple.nii.gz', scene, 1)
        for k, name in enumerate('ABC', 1):
            t.label(root + 'reader%s.nii.gz' % name, shifted(scene, k), 1)
        for name in ('entropy', 'variance', 'sdf'):
            t.save(root + name + '.nii.gz', [.01 * (v % 7) for v in scene.grey], scene,
                   kind='float32')
        t.case(str(i), root + 'image.nii.gz', root + 'staple.nii.gz')


def versions(name, image, label, modes, kept, **facts):
    """Images of `modes`, where `kept` are channels and the others the same after processing."""
    def make(t):
        for i in range(1, 8):
            paths = [image % (i, mode) for mode in modes]
            scene = t.scene(paths[0])
            for look, path in enumerate(paths):
                t.image(path, scene, look=look)
            t.label(label % i, scene, 1)
            t.case(str(i), [image % (i, mode) for mode in kept], label % i)
    add(name, 'images of one kind, and the same after processing', make, classes=2,
        channels=len(kept), **facts)


versions('versions_flat', 'all/case%d_%s.nii.gz', 'all/case%d_seg.nii.gz',
         ('t1', 't1_n4', 't1_norm'), ('t1',))
versions('versions_case', 'p%02d/%s.nii.gz', 'p%02d/seg.nii.gz',
         ('t1', 't1_n4', 'flair_norm', 'flair'), ('flair', 't1'))
versions('versions_only', 'p%02d/%s.nii.gz', 'p%02d/seg.nii.gz', ('t1_n4', 't1_norm'),
         ('t1_n4',), expect='asks')
versions('versions_none', 'p%02d/%s_n4.nii.gz', 'p%02d/seg.nii.gz',
         ('flair', 't1', 't1ce', 't1gd', 't2'), ('flair', 't1', 't1ce', 't1gd', 't2'))


def organs(name, source, patients, image, label):
    """A patient of the same number has several organs."""
    def make(t):
        for organ in ('colon', 'liver', 'small_intestine'):
            for patient in patients:
                for i in range(2):
                    at = (organ, patient, i)
                    t.pair('%s %d %d' % at, image % at, label % at, group=patient)
    add(name, source, make, channels=3, classes=2, groups=True)


organs('organs_few', 'folders of organs with those of a few patients', (1, 4, 6),
       '%s/%02d/image%02d.png', '%s/%02d/mask%02d.png')
organs('organs_folders', 'folders of organs with those of patients', range(1, 7),
       '%s/%02d/image%02d.png', '%s/%02d/mask%02d.png')
organs('organs_names', 'organs before the numbers of patients', range(1, 7), 'in/%s_%02d_%d.png',
       'out/%s_%02d_%d.png')


def copies(t):
    """Images and masks, each as PNG and JPEG, where no mask is an image."""
    for i in range(1, 9):
        scene = t.scene(str(i), 3)
        for kind in ('png', 'jpeg'):
            t.image('%s_images/IMAGES/img_%04d.%s' % (kind, i, kind), scene)
            t.label('%s_masks/MASKS/seg_%04d.%s' % (kind, i, kind), scene, {1: 6, 2: 20, 3: 41})
    t.data('labels.csv', ',label_list\n0,background\n6,blazer\n')


add('copies_formats', 'images and masks of clothes, as PNG and JPEG', copies, expect='refuse',
    says='get the original labels, as PNG')


def two_images(name, source, first, second, label, **facts):
    def make(t):
        for i in range(1, 9):
            paths = [first % i, second % i]
            scene = t.scene(str(i))
            for look, path in enumerate(paths):
                t.image(path, scene, look=look, grey=facts['channels'] == 2)
            t.label(label % i, scene)
            t.case(str(i), paths, label % i)
    add(name, source, make, classes=2, **facts)


two_images('fiji_channels', 'channels that Fiji split', 'C1-exp%02d.tif', 'C2-exp%02d.tif',
           'MASK_exp%02d.tif', channels=2)
two_images('named_channels', 'numbers of channels', 'w%02d_ch00.tif', 'w%02d_ch01.tif',
           'w%02d_mask.tif', channels=2)
two_images('changes', 'season changes of CDD', 'subset/A/%05d.jpg', 'subset/B/%05d.jpg',
           'subset/OUT/%05d.jpg', channels=6)


def networks(t):
    for i in range(1, 9):
        scene = t.pair(str(i), 'images/%d.png' % i, 'ground_truth/%d.png' % i)
        for by, name in enumerate(('unet', 'deeplab'), 3):
            t.label('results/%s/%d.png' % (name, i), shifted(scene, by))


add('networks', 'results of two networks beside the truth', networks, channels=3, classes=2)


def some_channels(t):
    for i in range(1, 9):
        root = 'c%02d/' % i
        scene = t.scene(root + 't1.nii.gz')
        for look, name in enumerate(('t1', 't2', 'flair')[:2 + i % 2]):
            t.image(root + name + '.nii.gz', scene, look=look)
        t.label(root + 'seg.nii.gz', scene, 1)


add('channels_some', 'a channel that some cases lack', some_channels, expect='refuse',
    says="to leave out what some cases lack, give .images. '.id./t1.nii.gz;.id./t2.nii.gz'")
