# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets whose labels have colours, or whose folders are of kinds of their own."""
import hashlib

from other_pictures import other
from tree import numbers


@other('DeepGlobe Land Cover Classification, whose masks have colours', channels=3,
       classes='objects')
def deepglobe_land(t):
    for i in range(8):
        name = 'train/%d' % (119 + 7919 * i)
        scene = t.scene(name, 3)
        t.image(name + '_sat.jpg', scene)
        t.label(name + '_mask.png', scene, numbers(3), 'colour')
        t.case(name, name + '_sat.jpg', name + '_mask.png')
    t.lone(*('valid/%d_sat.jpg' % (207 + 13 * i) for i in range(3)))
    t.notes('class_dict.csv', 'metadata.csv')


@other('UAVid, whose labels have colours', channels=3, classes='objects', groups=True)
def uavid(t):
    for part, first in (('uavid_train', 1), ('uavid_val', 16)):
        for k in range(3):
            for i in (0, 1):
                root = 'uavid_v1.5_official_release_image/%s/seq%d/' % (part, first + k)
                scene = t.scene(root + str(i), 4)
                t.image(root + 'Images/%06d.png' % (100 * i), scene)
                t.label(root + 'Labels/%06d.png' % (100 * i), scene, numbers(4), 'colour')
                t.case('%s %d %d' % (part, k, i), root + 'Images/%06d.png' % (100 * i),
                       root + 'Labels/%06d.png' % (100 * i), group=first + k)


@other('SUIM, whose masks are BMP files with colours', channels=3, classes='objects')
def suim(t):
    for i in range(9):
        name = '%s_%s_%d_' % ('dfw'[i % 3], 'ruw'[i % 3], 7 * i + 1)
        scene = t.scene(name, 3)
        t.image('train_val/images/%s.jpg' % name, scene)
        t.label('train_val/masks/%s.bmp' % name, scene, numbers(3), 'colour')
        t.case(name, 'train_val/images/%s.jpg' % name, 'train_val/masks/%s.bmp' % name)
    for i in range(3):
        name = 'TEST/%s/%s_r_%d_' % ('%s', 'dfw'[i], 40 + i)
        scene = t.scene(name, 3)
        t.image(name % 'images' + '.jpg', scene)
        t.label(name % 'masks' + '.bmp', scene, numbers(3), 'colour')
        t.case(name, name % 'images' + '.jpg', name % 'masks' + '.bmp', optional=True)


@other('FloodNet', channels=3, classes=4)
def floodnet(t):
    for part, count in (('train', 7), ('val', 3), ('test', 3)):
        for i in range(count):
            name = str(6000 + 100 * len(part) + i)
            root = 'FloodNet-Supervised_v1.0/%s/' % part
            t.pair(name, root + '%s-org-img/%s.jpg' % (part, name),
                   root + '%s-label-img/%s_lab.png' % (part, name), 3, numbers(3))


@other('Landcover.ai', channels=3, classes=4)
def landcover_ai(t):
    for i in range(8):
        name = 'M-%d-%d-%s-b-1-2.tif' % (33 + i % 2, 7 + i, 'ABCD'[i % 4])
        t.pair(name, 'images/' + name, 'masks/' + name, 3, numbers(3))
    t.notes('train.txt', 'val.txt', 'test.txt', 'split.py')


@other('TopCoW 2023', channels=1, classes=4)
def topcow(t):
    for kind in ('ct', 'mr'):
        for i in range(1, 8):
            name = 'topcow_%s_whole_%03d' % (kind, i)
            t.pair(name, 'imagesTr/%s_0000.nii.gz' % name,
                   'cow_seg_labelsTr/topcow_%s_seg_%03d.nii.gz' % (kind, i), 3, numbers(3))


@other('HECKTOR 2022', channels=2, classes=3)
def hecktor(t):
    for i in range(1, 10):
        name = '%s-%03d' % (('CHUM', 'MDA', 'USZ')[i % 3], i)
        root = 'hecktor2022_training/hecktor2022/'
        scene = t.scene(name, 2)
        images = [root + 'imagesTr/%s__%s.nii.gz' % (name, k) for k in ('CT', 'PT')]
        for look, image in enumerate(images):
            t.image(image, scene, look=look)
        t.label(root + 'labelsTr/%s.nii.gz' % name, scene, numbers(2))
        t.case(name, images, root + 'labelsTr/%s.nii.gz' % name)
    t.notes('hecktor2022_training/hecktor2022/hecktor2022_clinical_info_training.csv')


@other('CETUS 2014', channels=1, classes=2, groups=True)
def cetus(t):
    for i in range(1, 10):
        for phase in ('ED', 'ES'):
            name = 'patient%02d/patient%02d_%s' % (i, i, phase)
            t.pair('%d%s' % (i, phase), name + '.nii.gz', name + '_gt.nii.gz', 1, 1, group=i)


@other('EVICAN, whose masks are COCO JSON', expect='refuse', says='JSON|COCO')
def evican(t):
    for part in ('train', 'val'):
        for i in range(6):
            t.lone('Images/EVICAN_%s2019/%d_ACHN.jpg' % (part, i))
        t.data('EVICAN_annotations/instances_%s2019_EVICAN2.json' % part,
               '{"images": [], "annotations": [], "categories": []}')


@other('SpaceNet 2, whose outlines are GeoJSON', expect='refuse', says='JSON')
def spacenet2(t):
    for i in range(1, 8):
        t.lone('AOI_2_Vegas_Train/RGB-PanSharpen/RGB-PanSharpen_AOI_2_Vegas_img%d.tif' % i)
        t.data('AOI_2_Vegas_Train/geojson/buildings/buildings_AOI_2_Vegas_img%d.geojson' % i,
               '{"type": "FeatureCollection", "features": []}')


@other('MSLesSeg, where a time has the name of a channel', channels=3, classes=2, groups=True)
def mslesseg(t):
    for i in range(1, 8):
        for k in range(1, 1 + i % 3):
            root = 'train/P%d/T%d/P%d_T%d_' % (i, k, i, k)
            scene = t.scene(root, 2)
            images = [root + n + '.nii.gz' for n in ('FLAIR', 'T1', 'T2')]
            for look, image in enumerate(images):
                t.image(image, scene, look=look)
            t.label(root + 'MASK.nii.gz', scene, 1)
            t.case(root, images, root + 'MASK.nii.gz', group=i)


@other('NSCLC-Radiomics as Kaggle has it in NIfTI', channels=1, classes=2)
def lung_nifti(t):
    for i in range(1, 10):
        t.pair(str(i), 'images/lung_%03d.nii.gz' % i, 'masks/lung_%03d_mask.nii.gz' % i, 1, 1)


@other('Covid-19 CT scans of Kaggle, with lungs, infections and both', channels=1,
       expect='either')
def covid_scans(t):
    for i in range(1, 10):
        name = 'coronacases_org_%03d.nii' % i if i < 6 else 'radiopaedia_org_%d_dcm.nii' % i
        scene = t.scene(name, 3)
        image = 'ct_scans/' + name
        t.image(image, scene)
        short = name.replace('org_', '').replace('_dcm', '')
        both = 'lung_and_infection_mask/' + short
        lung, sick = 'lung_mask/' + short, 'infection_mask/' + short
        t.label(both, scene, numbers(3))
        t.label(lung, scene, {1: 1, 2: 2, 3: 2})
        t.label(sick, scene, {3: 1})
        t.case(name, image, both, also=[lung, sick])
    t.notes('metadata.csv')


@other('Chest X-ray masks, grey and coloured pictures', channels=3, classes=2)
def mixed_pictures(t):
    for i in range(1, 10):
        t.pair(str(i), 'data/CXR_png/%s_%04d.png' % (('CHNCXR', 'MCUCXR')[i % 2], i),
               'data/masks/%s_%04d_mask.png' % (('CHNCXR', 'MCUCXR')[i % 2], i), grey=i % 3 == 1)


@other('Kvasir-Instrument', channels=3, classes=2)
def kvasir_instrument(t):
    for i in range(9):
        name = 'ckcu%s' % hashlib.md5(b'%d' % i).hexdigest()[:20]
        t.pair(name, 'images/%s.jpg' % name, 'masks/%s.png' % name)
    t.data('bboxes.json', '{}')
    t.notes('train.txt', 'test.txt')
