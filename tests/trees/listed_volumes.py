# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets of volumes that attunet promises to take, as they unpack."""
import json

from tree import data_set, numbers


@data_set('LiTS, CodaLab competition 17094', channels=1, classes=3)
def lits(t):
    for batch, first in ((1, 0), (2, 28)):
        for i in range(first, first + 5):
            root = 'Training Batch %d/' % batch
            t.pair(str(i), root + 'volume-%d.nii' % i, root + 'segmentation-%d.nii' % i, 2,
                   numbers(2))
    t.lone(*('Testing Data/test-volume-%d.nii' % i for i in range(3)))


@data_set('KiTS23, README of its repository', channels=1, classes=4)
def kits23(t):
    for i in range(7):
        root = 'kits23/dataset/case_%05d/' % i
        image = root + 'imaging.nii.gz'
        scene = t.pair('case_%05d' % i, image, root + 'segmentation.nii.gz', 3, numbers(3))
        kinds = [('kidney', 1, 1), ('kidney', 2, 1), ('tumor', 1, 2)]
        for kind, instance, k in kinds[:3 - i % 2] + [('cyst', 1, 3)] * (i % 3 == 0):
            for hand in (1, 2, 3):
                t.label(root + 'instances/%s_instance-%d_annotation-%d.nii.gz' % (
                    kind, instance, hand), scene, {k: 1})
    t.notes('kits23/README.md', 'kits23/dataset/kits23.json', 'kits23/changelog.md',
            'kits23/setup.py', 'kits23/kits23/download.py')


@data_set('SegTHOR, CodaLab competition 21145', channels=1, classes=5)
def segthor(t):
    for i in range(1, 9):
        root = 'train/Patient_%02d/' % i
        t.pair('Patient_%02d' % i, root + 'Patient_%02d.nii.gz' % i, root + 'GT.nii.gz', 4,
               numbers(4))
    t.lone(*('test/Patient_%02d.nii.gz' % i for i in (41, 42, 43)))


@data_set('ACDC, CREATIS', channels=1, classes=4, groups=True)
def acdc(t):
    for part, first, count in (('training', 1, 6), ('testing', 101, 2)):
        for i in range(first, first + count):
            patient = 'patient%03d' % i
            root = 'database/%s/%s/' % (part, patient)
            for frame in (1, 8 + i % 5):
                stem = '%s%s_frame%02d' % (root, patient, frame)
                scene = t.pair('%s_frame%02d' % (patient, frame), stem + '.nii.gz',
                               stem + '_gt.nii.gz', 3, numbers(3), group=patient, depth=8)
            t.save(root + patient + '_4d.nii.gz', [6 * v for v in scene.grey] * 4, scene,
                   kind='int16', times=4)
            t.notes(root + 'Info.cfg', root + 'MANDATORY_CITATION.md')
    t.notes('database/MANDATORY_CITATION.md')


@data_set('FLARE22, Zenodo', channels=1)
def flare22(t):
    for root, name, count in (('Training/FLARE22_LabeledCase50/', 'FLARE22_Tr_%04d', 7),
                              ('Tuning/', 'FLARETs_%04d', 3)):
        for i in range(1, count + 1):
            t.pair(name % i, root + 'images/%s_0000.nii.gz' % (name % i),
                   root + 'labels/%s.nii.gz' % (name % i), 9, numbers(9))
    for folder, first in (('FLARE22_UnlabeledCase1-1000', 1), ('FLARE22_UnlabeledCase1001-2000',
                                                               1001)):
        t.lone(*('Training/%s/Case_%05d_0000.nii.gz' % (folder, i)
                 for i in range(first, first + 3)))
    t.lone(*('Testing/FLARETs_%04d_0000.nii.gz' % i for i in range(1, 5)))


@data_set('BTCV Abdomen, Synapse syn3193805', channels=1)
def btcv(t):
    for i in range(1, 9):
        t.pair('%04d' % i, 'RawData/Training/img/img%04d.nii.gz' % i,
               'RawData/Training/label/label%04d.nii.gz' % i, 9, numbers(9))
    t.lone(*('RawData/Testing/img/img%04d.nii.gz' % i for i in range(61, 65)))


ORGANS = ('adrenal_gland_left', 'adrenal_gland_right', 'aorta', 'brain', 'colon', 'kidney_left',
          'kidney_right', 'liver', 'lung_upper_lobe_left', 'spleen')


@data_set('TotalSegmentator v2, Zenodo', channels=1, classes=11)
def totalsegmentator(t):
    for i in range(6):
        root = 's%04d/' % i
        image = root + 'ct.nii.gz'
        scene = t.scene(image, len(ORGANS), side=20)
        t.image(image, scene)
        labels = []
        for k, organ in enumerate(ORGANS, 1):
            labels.append(root + 'segmentations/%s.nii.gz' % organ)
            t.label(labels[-1], scene, {} if organ == 'brain' and i else {k: 1})
        t.case('s%04d' % i, image, labels)
    t.data('meta.csv', 'image_id;age;gender\ns0000;50;m\n')


def brats_at(t, root, name, channels, ending='.nii.gz', values=None, label='seg', lost='',
             mark='_'):
    stem = '%s%s/%s%s' % (root, name, name, mark)
    files = [stem + c + ending for c in channels]
    scene = t.scene(stem + '.nii', 3)
    for look, file in enumerate(files):
        t.image(file, scene, look=look)
    seg = '%s%s/%s' % (root, name, lost) if lost else stem + label + ending
    if values:
        t.label(seg, scene, values)
        t.case(name, files, seg, optional=bool(lost))


BRATS = ('flair', 't1', 't1ce', 't2')
BRATS_VALUES = {1: 1, 2: 2, 3: 4}


@data_set('BraTS 2020, CBICA', channels=4, classes=4)
def brats2020(t):
    for i in range(1, 8):
        brats_at(t, 'MICCAI_BraTS2020_TrainingData/', 'BraTS20_Training_%03d' % i, BRATS,
                 values=BRATS_VALUES)
    for i in range(1, 4):
        brats_at(t, 'MICCAI_BraTS2020_ValidationData/', 'BraTS20_Validation_%03d' % i, BRATS)
    t.notes('MICCAI_BraTS2020_TrainingData/name_mapping.csv',
            'MICCAI_BraTS2020_TrainingData/survival_info.csv')


@data_set('AMOS22, amos22.grand-challenge.org', channels=1, classes=6)
def amos22(t):
    root = 'amos22/'
    for part, first, count in (('Tr', 1, 7), ('Va', 8, 3)):
        for i in range(first, first + count):
            t.pair('amos_%04d' % i, root + 'images%s/amos_%04d.nii.gz' % (part, i),
                   root + 'labels%s/amos_%04d.nii.gz' % (part, i), 5, numbers(5),
                   optional=part == 'Va')
    t.lone(*(root + 'imagesTs/amos_%04d.nii.gz' % i for i in (41, 42)))

    def entry(part, i):
        return {'image': './images%s/amos_%04d.nii.gz' % (part, i),
                'label': './labels%s/amos_%04d.nii.gz' % (part, i)}
    t.data(root + 'dataset.json', json.dumps({
        'name': 'AMOS', 'modality': {'0': 'CT'},
        'labels': dict([('0', 'background')] + [(str(k), n) for k, n in enumerate(
            ('spleen', 'right kidney', 'left kidney', 'gall bladder', 'esophagus'), 1)]),
        'numTraining': 7, 'training': [entry('Tr', i) for i in range(1, 8)],
        'validation': [entry('Va', i) for i in range(8, 11)], 'test': []}))
    t.notes(root + 'readme.md')


@data_set('PROMISE12, Zenodo', channels=1, classes=2)
def promise12(t):
    for i in range(8):
        stem = 'training_data/Case%02d' % i
        t.pair('Case%02d' % i, stem + '.mhd', stem + '_segmentation.mhd', values=1)
    t.lone(*('test_data/Case%02d.mhd' % i for i in range(4)))
    t.notes('LICENSE.TXT')


def covid_masks(t, name, image, lung, infection, both):
    """Infections lie inside of the lungs."""
    scene = t.scene(image, 3)
    t.image(image, scene)
    t.label(lung, scene, {1: 1, 2: 2, 3: 2})
    t.label(infection, scene, {3: 1})
    t.label(both, scene, numbers(3))
    t.case(name, image, both, also=[lung, infection, [lung, infection], [infection, lung]])


@data_set('COVID-19 CT scans, Kaggle', flag=True, channels=1)
def covid19_kaggle(t):
    names = [('coronacases_org_%03d' % i, 'coronacases_%03d' % i) for i in range(1, 6)]
    names.append(('coronacases_org_case007', 'coronacases_007'))
    names += [('radiopaedia_org_covid-19-pneumonia-%s-dcm' % n, 'radiopaedia_' + n)
              for n in ('4_85506_1', '10_85902_1', '10_85902_3', '14_85914_0')]
    for image, mask in names:
        covid_masks(t, mask, 'ct_scans/%s.nii' % image, *(
            '%s/%s.nii' % (f, mask) for f in ('lung_mask', 'infection_mask',
                                              'lung_and_infection_mask')))
    t.notes('metadata.csv')


@data_set('COVID-19 CT Lung and Infection Segmentation Dataset, Zenodo 3757476', flag=True,
          channels=1)
def covid19_zenodo(t):
    for name in ['coronacases_%03d' % i for i in range(1, 6)] + ['radiopaedia_10_85902_1',
                                                                 'radiopaedia_4_85506_1']:
        covid_masks(t, name, 'COVID-19-CT-Seg_20cases/%s.nii.gz' % name, *(
            '%s/%s.nii.gz' % (f, name) for f in ('Lung_Mask', 'Infection_Mask',
                                                 'Lung_and_Infection_Mask')))


@data_set('WMH Segmentation Challenge, DataverseNL', flag=True, classes=3)
def wmh2017(t):
    for site, ids in (('Utrecht', (0, 2, 4)), ('Singapore', (50, 51)), ('Amsterdam/GE3T', (100,
                                                                                          101))):
        for i in ids:
            root = 'training/%s/%d/' % (site, i)
            scene = t.scene(root + 'wmh.nii.gz', 2)
            large = t.scene(root + '3DT1.nii.gz', 2, depth=11, side=20)
            for folder in ('pre', 'orig'):
                for look, name in enumerate(('FLAIR', 'T1')):
                    t.image(root + '%s/%s.nii.gz' % (folder, name), scene, look=look)
                t.image(root + folder + '/3DT1.nii.gz', large)
            t.label(root + 'orig/3DT1_mask.nii.gz', large, 1)
            t.notes(root + 'orig/reg_3DT1_to_FLAIR.txt')
            t.label(root + 'wmh.nii.gz', scene, numbers(2))
            pairs = [[root + '%s/%s.nii.gz' % (f, n) for n in ('FLAIR', 'T1')]
                     for f in ('pre', 'orig')]
            t.case('%s_%d' % (site.split('/')[-1], i), pairs[0], root + 'wmh.nii.gz',
                   image_also=[pairs[1], pairs[0] + pairs[1], pairs[0][:1], pairs[0][1:],
                               pairs[1][:1], pairs[1][1:]])
    t.notes('MANIFEST.TXT', 'readme.pdf')


@data_set('iSeg-2017, iseg2017.web.unc.edu, saved as NIfTI pairs', channels=2, classes=4)
def iseg2017(t):
    for i in range(1, 11):
        stem = 'iSeg-2017-Training/subject-%d-' % i
        scene = t.scene(stem + 'T1.hdr', 3)
        for look, name in enumerate(('T1', 'T2')):
            t.image(stem + name + '.hdr', scene, look=look)
        t.label(stem + 'label.hdr', scene, {1: 10, 2: 150, 3: 250})
        t.case('subject-%d' % i, [stem + 'T1.hdr', stem + 'T2.hdr'], stem + 'label.hdr')
    for i in range(11, 14):
        scene = t.scene('iSeg-2017-Testing/subject-%d.hdr' % i, 3)
        for look, name in enumerate(('T1', 'T2')):
            t.image('iSeg-2017-Testing/subject-%d-%s.hdr' % (i, name), scene, look=look)


@data_set('2018 Atria Segmentation Data, Cardiac Atlas Project', channels=1, classes=2)
def la2018(t):
    for part, count in (('Training Set', 7), ('Testing Set', 3)):
        for i in range(count):
            name = '%s%dRZDK210BSMWAA6467LU' % ('XQ'[part[1] == 'e'], i)
            root = '%s/%s/' % (part, name)
            t.pair(name, root + 'lgemri.nrrd', root + 'laendo.nrrd', kind='uint8')
            t.notes(root + 'desktop.ini')
