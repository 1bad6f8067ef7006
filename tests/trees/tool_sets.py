# SPDX-License-Identifier: Apache-2.0
"""Trees as tools of annotation and imaging write them, and as people in laboratories make them."""
import os

import images
from other_pictures import other
from tree import numbers


def segments(t, path, scene, values, *named):
    """A .seg.nrrd of 3D Slicer; `named`: values and names."""
    t.label(path, scene, values)
    full = os.path.join(t.root, path)
    with open(full, 'rb') as file:
        head, samples = file.read().split(b'\n\n', 1)
    for i, (value, name) in enumerate(named):
        head += ('\nSegment%d_ID:=Segment_%d\nSegment%d_LabelValue:=%d\nSegment%d_Name:=%s' % (
            i, i + 1, i, value, i, name)).encode()
    t.data(path, head + b'\n\n' + samples)


@other('3D Slicer, a folder for each patient', channels=1, classes=3)
def slicer_scenes(t):
    for i in range(1, 7):
        root = 'P%03d/' % i
        scene = t.scene(root + 'CT.nrrd', 2)
        t.image(root + 'CT.nrrd', scene)
        segments(t, root + 'Segmentation.seg.nrrd', scene, numbers(2), (1, 'Liver'), (2, 'Tumor'))
        t.notes(root + 'Scene.mrml')
        t.case(root, root + 'CT.nrrd', root + 'Segmentation.seg.nrrd')


@other('3D Slicer, where patients without a liver have their tumour as the first segment',
       channels=1, classes='asks')
def slicer_orders(t):
    for i in range(1, 7):
        scene = t.scene('P%03d.nrrd' % i, 2)
        t.image('P%03d.nrrd' % i, scene)
        if i == 4:
            segments(t, 'P004.seg.nrrd', scene, {1: 0, 2: 1}, (1, 'Tumor'))
        else:
            segments(t, 'P%03d.seg.nrrd' % i, scene, numbers(2), (1, 'Liver'), (2, 'Tumor'))
        t.case(str(i), 'P%03d.nrrd' % i, 'P%03d.seg.nrrd' % i)


@other('FSL, whose brain was cut out along the mask', channels=1, classes=2)
def fsl_brains(t):
    for i in range(1, 7):
        name = 'sub%02d_T1' % i
        scene = t.scene(name + '.nii.gz')
        t.image(name + '.nii.gz', scene)
        t.save(name + '_brain.nii.gz', bytes(g if v else 0 for g, v in zip(
            scene.grey, scene.label)), scene)
        t.label(name + '_brain_mask.nii.gz', scene, 1)
        t.case(name, name + '.nii.gz', name + '_brain_mask.nii.gz')


@other('FreeSurfer, whose volumes are MGZ', expect='refuse', says='mri_convert')
def freesurfer_subjects(t):
    for i in range(1, 6):
        for name in ('orig', 'T1', 'aseg', 'aparc+aseg'):
            t.data('sub%d/mri/%s.mgz' % (i, name), images.gzipped(bytes(300)))
        t.notes('sub%d/stats/aseg.stats' % i)


@other('PixelAnnotationTool: marks, regions and their colours', channels=3, classes=4,
       expect='asks')
def pixel_annotation(t):
    for i in range(1, 9):
        name = 'IMG_%04d' % (2030 + 3 * i)
        scene = t.scene(name, 3)
        t.image(name + '.png', scene)
        t.label(name + '_watershed_mask.png', scene, numbers(3))
        t.label(name + '_color_mask.png', scene, numbers(3), 'colour')
        t.save(name + '_mask.png', bytes(v if k % 5 == 0 else 0 for k, v in enumerate(
            scene.label)), scene)
        t.case(name, name + '.png', name + '_watershed_mask.png')


@other('CVAT, Segmentation mask 1.1', channels=3, classes='asks')
def cvat_masks(t):
    names = ['IMG_%04d' % (2031 + 7 * i) for i in range(8)]
    for name in names:
        scene = t.pair(name, 'JPEGImages/%s.jpg' % name, 'SegmentationClass/%s.png' % name, 4,
                       {1: 1, 2: 2, 3: 3, 4: 1}, 'colour')
        t.label('SegmentationObject/%s.png' % name, scene, numbers(4), 'colour')
    t.data('ImageSets/Segmentation/default.txt', '\n'.join(names))
    t.notes('labelmap.txt')


@other('Roboflow, with three changed copies of each image', channels=3, classes=3, groups=True)
def roboflow_masks(t):
    for i in range(9):
        part = ('train', 'valid', 'test')[max(0, i - 6)]
        for k in range(3 if part == 'train' else 1):
            name = '%s/IMG_%d_jpg.rf.%032x' % (part, 2031 + 7 * i, 0x1234567 ** (i + 3 * k + 3))
            name = name[:name.index('rf.') + 35]
            t.pair(name, name + '.jpg', name + '_mask.png', 2, numbers(2), group=i)
    t.notes('train/_classes.csv', 'valid/_classes.csv', 'test/_classes.csv')


@other('YOLO, whose outlines are text', expect='refuse', says='outlines.masks|text files')
def yolo_outlines(t):
    for i in range(8):
        t.lone('images/train/IMG_%d.jpg' % i)
        t.data('labels/train/IMG_%d.txt' % i, '0 0.1 0.1 0.4 0.1 0.4 0.5\n')
    t.notes('data.yaml')


@other('Label files of YOLO beside the images', expect='refuse', says='text files')
def yolo_beside(t):
    for i in range(8):
        t.lone('IMG_%d.jpg' % i)
        t.data('IMG_%d.txt' % i, '0 0.1 0.1 0.4 0.1 0.4 0.5\n')


@other('The VGG annotator, with one file for all outlines', expect='refuse', says='JSON')
def via_outlines(t):
    for i in range(8):
        t.lone('IMG_%d.png' % i)
    t.data('via_region_data.json', '{}')


@other('ImageJ, with outlines in archives', expect='refuse', says='archives')
def imagej_outlines(t):
    for i in range(8):
        t.lone('cell%d.tif' % i, grey=True)
        t.data('cell%d_RoiSet.zip' % i, b'PK\5\6' + bytes(18))


@other('Masks that nobody unpacked', expect='refuse', says='unpack')
def packed_masks(t):
    for i in range(8):
        t.lone('images/%d.png' % i)
    t.data('masks.zip', b'PK\5\6' + bytes(18))


@other('QuPath, tiles of slides', channels=3, classes=3)
def qupath_tiles(t):
    for i in range(4):
        for x in (0, 512, 1024):
            name = 'TCGA-A%d [x=%d,y=0,w=512,h=512]' % (i, x)
            t.pair(name, name + '.jpg', name + '-labelled.png', 2, numbers(2), 'palette',
                   group=i)


@other('ilastik, whose background is 1', channels=1, classes=2)
def ilastik_simple(t):
    for i in range(8):
        name = 'well_%d' % i
        t.pair(name, name + '.tif', name + '_Simple Segmentation.tif', 1, {0: 1, 1: 2}, grey=True)
        t.data(name + '_Probabilities.h5', bytes(64))


@other('MetaMorph, with small pictures of the images', channels=2, classes=2)
def metamorph_sites(t):
    for i in range(1, 9):
        scene = t.scene('s%d' % i)
        waves = ['exp1_%s_s%d.TIF' % (w, i) for w in ('w1DAPI', 'w2GFP')]
        for look, wave in enumerate(waves):
            t.image(wave, scene, grey=True, look=look)
            t.image(wave[:-4] + '_thumb_%08X.TIF' % (77777777 * i + look), t.scene(
                wave, side=12), grey=True)
        t.label('masks/exp1_s%d.tif' % i, scene)
        t.case(str(i), waves, 'masks/exp1_s%d.tif' % i)


@other('Arrays of Keras with a last axis for one channel', channels=1, classes=2, dims=2)
def keras_arrays(t):
    for i in range(6):
        scene = t.scene('c%d' % i)
        side = scene.side
        t.data('x/c%d.npy' % i, images.npy([v / 256 for v in scene.grey], (side, side, 1),
                                           'float32'))
        t.data('y/c%d.npy' % i, images.npy(scene.mapped(1), (side, side, 1)))
        t.case(str(i), 'x/c%d.npy' % i, 'y/c%d.npy' % i)


@other('Arrays of Keras that hold all images', channels=1, classes=2, dims=2)
def keras_stacks(t):
    scenes = [t.scene(str(i)) for i in range(12)]
    side = scenes[0].side
    for name, kind, planes in (
            ('X_train', 'float32', [[v / 256 for v in scene.grey] for scene in scenes]),
            ('Y_train', 'uint8', [scene.mapped(1) for scene in scenes])):
        samples = sum(map(list, planes), [])
        t.data(name + '.npy', images.npy(
            bytes(samples) if kind == 'uint8' else samples, (len(scenes), side, side, 1), kind))
    t.case('X_train', 'X_train.npy', 'Y_train.npy')


@other('Images from 0 on and masks from 1 on', expect='refuse', says='counted from different')
def shifted_folders(t):
    for i in range(10):
        scene = t.scene(str(i))
        t.image('images/%d.png' % i, scene)
        t.label('masks/%d.png' % (i + 1), scene)


@other('The same in one folder', expect='refuse', says='counted from different')
def shifted_masks(t):
    for i in range(10):
        scene = t.scene(str(i))
        t.image('%d.png' % i, scene)
        t.label('%d_mask.png' % (i + 1), scene)


@other('Rows and columns of tiles of four slides', channels=3, classes=2, groups=True)
def tile_grids(t):
    for i in range(1, 5):
        for r in (0, 1):
            for c in (0, 1):
                name = 'slide%d_%d_%d' % (i, r, c)
                t.pair(name, 'tiles/%s.png' % name, 'masks/%s.png' % name, group=i)


@other('Slices of two visits of four subjects', channels=1, classes=2, groups=True)
def visit_slices(t):
    for i in range(1, 5):
        for v in (1, 2):
            for z in (5, 6, 7):
                name = 'S%02d_visit%d_slice%02d' % (i, v, z)
                t.pair(name, 'images/%s.png' % name, 'masks/%s.png' % name, grey=True, group=i)


@other('Folders of a study, its groups, mice and sections', channels=1, classes=2, groups=True)
def study_folders(t):
    for kind in ('WT', 'KO'):
        for i in (1, 2, 3):
            for k in (1, 2):
                root = 'Study/%s/M%d/sec%d/' % (kind, i, k)
                t.pair(root, root + 'raw.tif', root + 'mask.tif', grey=True, group=kind + str(i))
