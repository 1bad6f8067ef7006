# SPDX-License-Identifier: Apache-2.0
"""Trees of further public sets of pictures, as they unpack: kinds that attunet has not seen."""
import hashlib
import json
import random

import images
from listed_pictures import OBJECTS
from tree import coloured, data_set, field_of_view, numbers


def other(source, **facts):
    return data_set(source, listed=False, **facts)


@other('ISIC Challenge 2017', channels=3, classes=2)
def isic2017(t):
    for i in range(8):
        image = 'ISIC-2017_Training_Data/ISIC_%07d.jpg' % i
        scene = t.pair('ISIC_%07d' % i, image,
                       'ISIC-2017_Training_Part1_GroundTruth/ISIC_%07d_segmentation.png' % i)
        cells = b''.join(bytes((v // 6 % 256, v // 40, 0)) for v in range(len(scene.label)))
        t.save(image[:-4] + '_superpixels.png', cells, scene, 3)
    t.notes('ISIC-2017_Training_Data/ISIC-2017_Training_Data_metadata.csv',
            'ISIC-2017_Training_Part3_GroundTruth.csv')


@other('REFUGE, refuge.grand-challenge.org; documentation of bob.ip.binseg', channels=3, classes=3)
def refuge(t):
    values = {0: 255, 1: 128, 2: 0}
    for kind, short in (('Glaucoma', 'g'), ('Non-Glaucoma', 'n')):
        for i in range(1, 5):
            name = '%s%04d' % (short, i)
            t.pair(name, 'Training400/%s/%s.jpg' % (kind, name),
                   'Annotation-Training400/Disc_Cup_Masks/%s/%s.bmp' % (kind, name), 2, values,
                   nested=True)
    for i in range(1, 4):
        t.pair('V%04d' % i, 'REFUGE-Validation400/V%04d.jpg' % i,
               'REFUGE-Validation400-GT/Disc_Cup_Masks/V%04d.bmp' % i, 2, values, nested=True)
        t.lone('REFUGE-Test400/T%04d.jpg' % i)
    t.notes('Annotation-Training400/Fovea_location.xlsx')


@other('PH2 database, ADDI project', channels=3, classes=2)
def ph2(t):
    for i in range(2, 10):
        root = 'PH2Dataset/PH2 Dataset images/IMD%03d/IMD%03d_' % (i, i)
        scene = t.pair('IMD%03d' % i, root + 'Dermoscopic_Image/IMD%03d.bmp' % i,
                       root + 'lesion/IMD%03d_lesion.bmp' % i, nested=True)
        for k in range(1, 1 + i % 3):
            t.label(root + 'roi/IMD%03d_R%d_Label%d.bmp' % (i, k, k + 2), scene)
    t.notes('PH2Dataset/PH2_dataset.txt', 'PH2Dataset/PH2_dataset.xlsx')


@other('HAM10000, Harvard Dataverse', channels=3, classes=2)
def ham10000(t):
    for part, first in ((1, 24306), (2, 29306)):
        for i in range(first, first + 5):
            t.pair('ISIC_%07d' % i, 'HAM10000_images_part_%d/ISIC_%07d.jpg' % (part, i),
                   'HAM10000_segmentations_lesion_tschandl/ISIC_%07d_segmentation.png' % i)
    t.notes('HAM10000_metadata', 'HAM10000_segmentations_lesion_tschandl/README.txt')


@other('TN3K, Thyroid Dataset of TRFE-Net', channels=3, classes=2)
def tn3k(t):
    for part, count in (('trainval', 8), ('test', 4)):
        for i in range(count):
            t.pair('%s_%04d' % (part, i), 'tn3k/%s-image/%04d.jpg' % (part, i),
                   'tn3k/%s-mask/%04d.jpg' % (part, i))
    t.notes('tn3k/label4test.csv', 'tn3k/tn3k-trainval-fold0.json')


@other('DDTI, Universidad Nacional de Colombia', expect='refuse', says='XML')
def ddti_raw(t):
    for i in range(1, 6):
        for k in range(1, 1 + i % 3):
            t.lone('thyroid/%d_%d.jpg' % (i, k))
        t.data('thyroid/%d.xml' % i, '<case><mark><svg>[]</svg></mark></case>')


@other('DDTI as Kaggle has it', channels=3, classes=2)
def ddti(t):
    for part, image, mask in (('1_or_data', 'image', 'mask'),
                              ('2_preprocessed_data/stage1', 'p_image', 'p_mask')):
        for i in range(5):
            t.pair('%s_%04d' % (part, i), 'DDTI/%s/%s/%04d.PNG' % (part, image, i),
                   'DDTI/%s/%s/%04d.PNG' % (part, mask, i), form='rgb')
    t.notes('DDTI/1_or_data/category.csv', 'DDTI/2_preprocessed_data/readme.txt')


@other('CRAG, MILD-Net', channels=3, classes='objects')
def crag(t):
    for part, name in (('train', 'train'), ('valid', 'test')):
        for i in range(1, 7):
            root = 'CRAG/%s/%%s/%s_%d.png' % (part, name, i)
            shapes = OBJECTS[i]
            scene = t.pair('%s_%d' % (name, i), root % 'Images', root % 'Annotation', shapes,
                           numbers(shapes))
            t.image(root % 'Overlay', scene, look=3)


@other('PanNuke, Warwick TIA Centre', expect='refuse')
def pannuke(t):
    for fold in (1, 2, 3):
        for kind, name, channels in (('images', 'images', 3), ('masks', 'masks', 6),
                                     ('images', 'types', 0)):
            shape = (7, 8, 8, channels) if channels else (7,)
            count = 7 * 64 * channels if channels else 7
            t.data('Fold %d/%s/fold%d/%s.npy' % (fold, kind, fold, name),
                   images.npy([float(v % 7) for v in range(count)], shape, 'float64'))
        t.notes('Fold %d/README.md' % fold)


@other('BCSS, README of its repository', channels=3)
def bcss(t):
    root = '0_Public-data-Amgad2019_0.25MPP/'
    for i in range(8):
        name = 'TCGA-A%d-A0SK-DX1_xmin%d_ymin%d_MPP-0.2500' % (i % 3, 45749 + i, 25055 - i)
        t.pair(name, root + 'rgbs_colorNormalized/%s.png' % name, root + 'masks/%s.png' % name, 4,
               {0: 0, 1: 1, 2: 2, 3: 3, 4: 18})
    t.notes(root + 'meta/gtruth_codes.tsv', root + 'logs/log.txt')


@other('ETIS-Larib, polyp.grand-challenge.org', channels=3, classes=2)
def etis_larib(t):
    for i in range(1, 13):
        t.pair(str(i), 'ETIS-LaribPolypDB/%d.tif' % i, 'Ground Truth/p%d.tif' % i)


@other('CVC-EndoSceneStill, Computer Vision Center', flag=True, channels=3)
def endoscene(t):
    for part, ending in (('CVC-300', 'bmp'), ('CVC-612', 'tif')):
        for i in range(1, 6):
            root = 'CVC-EndoSceneStill/%s/' % part
            image, polyp = root + 'bbdd/%d.bmp' % i, root + 'gtpolyp/%d.%s' % (i, ending)
            scene = t.scene(image, 4)
            t.image(image, scene)
            t.label(polyp, scene, {1: 255})
            labels = [polyp]
            for k, kind in ((2, 'gtlumen'), (3, 'gtspecular'), (4, 'gtvoid')):
                labels.append(root + '%s/%d.bmp' % (kind, i))
                t.label(labels[-1], scene, {k: 255})
            t.case('%s_%d' % (part, i), image, polyp, also=[labels, labels[:3], labels[:2]])


@other('WBC Image Dataset, README of segmentation_WBC', channels=3, classes=3)
def wbc(t):
    for part in (1, 2):
        for i in range(1, 7):
            stem = 'segmentation_WBC-master/Dataset %d/%03d' % (part, i)
            t.pair('%d_%03d' % (part, i), stem + '.bmp', stem + '.png', 2, {1: 128, 2: 255},
                   nested=True)
    root = 'segmentation_WBC-master/'
    t.lone(root + 'Dataset 1.png', root + 'Dataset 2.png')
    t.notes(root + 'Class Labels of Dataset 1.csv', root + 'README.rst')


def cell_tracking(t, root, frames, gold, silver):
    for sequence in ('01', '02'):
        for i in range(frames):
            image = root + '%s/t%03d.tif' % (sequence, i)
            shapes = OBJECTS[i % 10]
            scene = t.scene(image, shapes)
            t.image(image, scene, grey=True)
            t.label(root + '%s_GT/TRA/man_track%03d.tif' % (sequence, i),
                    t.scene(image, shapes), {k: k + 10 for k in range(1, 10)}, kind='uint16')
            labels = []
            for kind, given in (('GT', i in gold), ('ST', silver)):
                if given:
                    labels.append(root + '%s_%s/SEG/man_seg%03d.tif' % (sequence, kind, i))
                    t.label(labels[-1], scene, numbers(shapes), kind='uint16')
            if labels:
                t.case('%s_t%03d' % (sequence, i), image, labels[0], group=sequence,
                       also=[labels[1:]] if labels[1:] else (), optional=i not in gold)
        t.notes(root + '%s_GT/TRA/man_track.txt' % sequence)


@other('Fluo-N2DH-SIM+, Cell Tracking Challenge', flag=True, channels=1, classes='objects')
def ctc_sim(t):
    cell_tracking(t, 'Fluo-N2DH-SIM+/', 6, range(6), False)


@other('PhC-C2DH-U373, Cell Tracking Challenge', flag=True, channels=1, classes='objects')
def ctc_u373(t):
    cell_tracking(t, 'PhC-C2DH-U373/', 7, (1, 3, 4, 6), True)


@other('S-BSST265, BioStudies; documentation of bioimageloader', channels=1, classes='objects')
def s_bsst265(t):
    for tissue in ('Ganglioneuroblastoma', 'HaCaT', 'otherspecimen'):
        for i in range(4):
            name = '%s_%d' % (tissue, i)
            shapes = OBJECTS[i]
            scene = t.pair(name, 'rawimages/%s.tif' % name, 'groundtruth/%s.tif' % name, shapes,
                           numbers(shapes), grey=True)
            t.data('groundtruth_svgs/%s.svg' % name, '<svg/>')
            t.label('singlecell_groundtruth/%s.tif' % name, scene, {1: 1})
            t.image('visualized_groundtruth/%s.tif' % name, scene)
    t.notes('image_description.csv', 'annotation_description.txt')


@other('NuInsSeg, Kaggle and its repository', flag=True, channels=3, classes='objects')
def nuinsseg(t):
    for organ in ('human bladder', 'human brain', 'mouse liver'):
        for i in (1, 2, 3):
            name = '%s_%02d' % (organ.replace(' ', '_'), i)
            shapes = OBJECTS[i]
            image, masks = organ + '/tissue images/%s.png' % name, [
                organ + '/%s/%s.%s' % (folder, name, ending) for folder, ending in (
                    ('label masks', 'tif'), ('label masks modify', 'tif'), ('mask binary', 'png'),
                    ('mask binary without border', 'png'))]
            scene = t.scene(image, shapes)
            t.image(image, scene)
            for k, mask in enumerate(masks):
                t.label(mask, scene, numbers(shapes) if k < 2 else 255)
            t.image(organ + '/overlay/%s.png' % name, scene, look=3)
            t.image(organ + '/distance maps/%s.png' % name, scene, grey=True, look=1)
            t.label(organ + '/vague areas/mask binary/%s.png' % name, scene, {})
            t.data(organ + '/Imagej_zips/%s.zip' % name, b'PK\5\6' + bytes(18))
            t.case(name, image, masks[2], also=[masks[0], masks[1], masks[3]])


@other('BBBC039, Broad Bioimage Benchmark Collection', channels=1, classes='objects')
def bbbc039(t):
    for i in range(8):
        name = 'IXMtest_A%02d_s%d_w1%s' % (2 + i // 2, 1 + i % 2, hashlib.md5(
            b'ixm%d' % i).hexdigest().upper())
        image, label = 'images/%s.tif' % name, 'masks/%s.png' % name
        scene = t.scene(image, OBJECTS[i])
        t.image(image, scene, kind='uint16')
        t.save(label, b''.join(bytes((1 + k % 3 if k else 0, 0, 0, 255)) for k in scene.label),
               scene, 4)
        t.case(name, image, label)
    t.notes('metadata/training.txt', 'metadata/validation.txt', 'metadata/test.txt')


@other('BBBC006, Broad Bioimage Benchmark Collection', flag=True, classes='objects')
def bbbc006(t):
    for i in range(8):
        name = 'mcf-z-stacks-03212011_%s%02d_s%d' % ('ab'[i // 4], 1 + i % 4 // 2, 1 + i % 2)
        shapes = OBJECTS[i]
        scene = t.scene(name, shapes)
        files = []
        for look in (0, 1):
            files.append('BBBC006_v1_images_z_16/%s_w%d%s.tif' % (name, look + 1, hashlib.md5(
                b'%d %d' % (i, look)).hexdigest()))
            t.image(files[-1], scene, look=look, kind='uint16')
        label = 'BBBC006_v1_labels/%s.png' % name
        t.label(label, scene, numbers(shapes))
        t.case(name, files, label, image_also=[files[:1], files[1:]])


@other('TNBC nuclei, Zenodo 1175282', channels=3, classes=2)
def tnbc(t):
    for slide in range(1, 6):
        for i in (1, 2):
            name = '%02d_%d' % (slide, i)
            t.pair(name, 'TNBC_NucleiSegmentation/Slide_%02d/%s.png' % (slide, name),
                   'TNBC_NucleiSegmentation/GT_%02d/%s.png' % (slide, name), group=slide)
    t.data('__MACOSX/TNBC_NucleiSegmentation/GT_01/._01_1.png', b'\0\5\x16\7' + bytes(100))


@other('FIVES, figshare', channels=3, classes=2)
def fives(t):
    root = 'FIVES A Fundus Image Dataset for AI-based Vessel Segmentation/'
    for part, count in (('train', 6), ('test', 4)):
        for i in range(1, count + 1):
            name = '%d_%s' % (i, 'ADGN'[i % 4])
            t.pair('%s_%s' % (part, name), root + '%s/Original/%s.png' % (part, name),
                   root + '%s/Ground truth/%s.png' % (part, name), form='rgb')
    t.notes(root + 'Quality Assessment.xlsx')


@other('RAVIR, ravir.grand-challenge.org', channels=1, classes=3)
def ravir(t):
    for i in range(11, 19):
        t.pair('IR_Case_%03d' % i, 'RAVIR Dataset/train/training_images/IR_Case_%03d.png' % i,
               'RAVIR Dataset/train/training_masks/IR_Case_%03d.png' % i, 2, {1: 128, 2: 255},
               grey=True)
    for i in (6, 24, 31):
        t.lone('RAVIR Dataset/test/IR_Case_%03d.png' % i, grey=True)


@other('IOSTAR, documentation of bob.ip.binseg', channels=3, classes=2)
def iostar(t):
    for i, kind in enumerate(('OSC', 'ODC', 'OSN', 'ODN') * 2, 1):
        name = 'STAR%02d_%s' % (i, kind)
        scene = t.pair(name, 'image/%s.jpg' % name, 'GT/%s_GT.tif' % name)
        t.label('mask/%s_Mask.tif' % name, field_of_view())
        t.label('mask_OD/%s_ODMask.tif' % name, scene, {})
        t.label('AV_GT/%s_AV.tif' % name, scene, {1: 9}, 'colour')


@other('RIM-ONE r3, documentation of bob.ip.binseg', flag=True, channels=3)
def rimone_r3(t):
    for folder, short in (('Healthy', 'N'), ('Glaucoma and suspects', 'G')):
        for i in range(1, 5):
            name = '%s-%d-%s' % (short, i, 'LR'[i % 2])
            image = folder + '/Stereo Images/%s.jpg' % name
            scene = t.scene(image, 2, nested=True)
            t.image(image, scene)
            choices = []
            for hand in ('Average', 'Expert1', 'Expert2'):
                tail = '' if hand == 'Average' else '-' + hand.lower().replace('expert', 'exp')
                for part, values in (('Disc', 255), ('Cup', {2: 255})):
                    choices.append(folder + '/%s_masks/%s-1-%s%s.png' % (hand, name, part, tail))
                    t.label(choices[-1], scene, values)
            t.case(name, image, choices[0], also=choices[1:] + [choices[:2], choices[1::-1]])


@other('Ultrasound Nerve Segmentation, Kaggle', channels=1, classes=2, groups=True)
def ultrasound_nerve(t):
    for subject in range(1, 7):
        for i in (1, 2, 10):
            stem = 'train/%d_%d' % (subject, i)
            t.pair('%d_%d' % (subject, i), stem + '.tif', stem + '_mask.tif', grey=True,
                   values=255 if i < 10 else 0, group=subject)
    t.lone('test/1.tif', 'test/2.tif', 'test/10.tif', grey=True)
    t.notes('sample_submission.csv', 'train_masks.csv')


@other('HC18, Zenodo 1327317', channels=1, classes=2)
def hc18(t):
    for i in range(8):
        stem = 'training_set/%03d_%sHC' % (i, '2' if i == 5 else '')
        t.pair('%03d' % i, stem + '.png', stem + '_Annotation.png', grey=True)
    t.lone(*('test_set/%03d_HC.png' % i for i in range(4)), grey=True)
    t.notes('training_set_pixel_size_and_HC.csv', 'test_set_pixel_size.csv')


@other('Electron Microscopy Dataset, EPFL CVLAB', channels=1, classes=2)
def epfl_mitochondria(t):
    for part in ('training', 'testing'):
        scene = t.scene(part, 3, depth=9, side=24)
        t.image(part + '.tif', scene)
        t.label(part + '_groundtruth.tif', scene)
        t.case(part, part + '.tif', part + '_groundtruth.tif', optional=part == 'testing')


@other('LIDC crops, README of the Hierarchical Probabilistic U-Net', channels=1, classes=2,
       groups=True)
def lidc_crops(t):
    for part, first in (('train', 1), ('test', 9)):
        for i in range(first, first + 5):
            for z in ('z-105.0_c0', 'z105.0_c0'):
                image = '%s/images/LIDC-IDRI-%04d/%s.png' % (part, i, z)
                scene = t.scene(image)
                t.image(image, scene, grey=True)
                labels = ['%s/gt/LIDC-IDRI-%04d/%s_l%d.png' % (part, i, z, k) for k in range(4)]
                for k, label in enumerate(labels):
                    t.label(label, scene, 255 if k < 3 or i % 2 else 0)
                t.case('%d_%s' % (i, z), image, labels[0], group=i)


@other('Drishti-GS1, documentation of bob.ip.binseg', flag=True, channels=3)
def drishti_gs(t):
    for part, truth, first in (('Training', 'GT', 2), ('Test', 'Test_GT', 60)):
        for i in range(first, first + 5):
            name = 'drishtiGS_%03d' % i
            root = 'Drishti-GS1_files/%s/' % part
            image = root + 'Images/%s.png' % name
            scene = t.scene(image, 5, nested=True)
            t.image(image, scene)
            soft = [root + '%s/%s/SoftMap/%s_%ssegSoftmap.png' % (truth, name, name, k)
                    for k in ('OD', 'cup')]
            t.label(soft[0], scene, {1: 64, 2: 191, 3: 255, 4: 255, 5: 255})
            t.label(soft[1], scene, {4: 128, 5: 255})
            t.notes(root + '%s/%s/AvgBoundary/%s_ODAvgBoundary.txt' % (truth, name, name),
                    root + '%s/%s/%s_cdrValues.txt' % (truth, name, name))
            t.case(name, image, soft[0], also=[soft[1], soft, soft[::-1]])


@other('SegPC-2021, Kaggle', channels=3, classes='objects')
def segpc2021(t):
    root = 'TCIA_SegPC_dataset/train/train/train/'
    for i in (106, 108, 109, 1001, 1002, 1005, 1010):
        image = root + 'x/%d.bmp' % i
        scene = t.scene(image, 6)
        t.image(image, scene)
        labels = []
        for k, cell in enumerate(random.Random(i).sample(range(1, 4), 2 + i % 2), 1):
            labels.append(root + 'y/%d_%d.bmp' % (i, k))
            t.label(labels[-1], scene, {2 * cell - 1: 20, 2 * cell: 40})
        t.case(str(i), image, labels)
    t.lone(*('TCIA_SegPC_dataset/test/test/test/x/%d.bmp' % i for i in (405, 406)))


@other('LEVIR-CD+, documentation of MMSegmentation', channels=6, classes=2)
def levir_cd(t):
    for part, count in (('train', 7), ('test', 3)):
        for i in range(1, count + 1):
            files = ['LEVIR-CD+/%s/%s/%s_%d.png' % (part, k, part, i) for k in ('A', 'B', 'label')]
            scene = t.scene(files[0])
            t.image(files[0], scene)
            t.image(files[1], scene, look=1)
            t.label(files[2], scene)
            t.case('%s_%d' % (part, i), files[:2], files[2])


@other('Look Into Person, documentation of MMSegmentation', channels=3, classes=4)
def lip(t):
    for part, count in (('train', 8), ('val', 3)):
        for i in range(count):
            name = '%d_%d' % (77 + 31 * i, 483681 + i)
            t.pair(name + part, 'LIP/%s_images/%s_%s.jpg' % (part, part, name),
                   'LIP/%s_segmentations/%s_%s.png' % (part, part, name), 3, numbers(3))


@other('Nuclei of Janowczyk, documentation of bioimageloader', channels=3, classes=2)
def janowczyk_nuclei(t):
    for i in range(8):
        stem = '%d_500_f00%d' % (12750 + i // 2, i % 2)
        t.pair(stem, stem + '_original.tif', stem + '_mask.png', 4, 1)
    t.lone('12760_500_f00003_original.tif')
    t.notes('README.txt')


@other('NeurIPS 2022 Cell Segmentation, Zenodo 10719375', channels=3, classes='objects')
def neurips_cells(t):
    for part, count in (('Training-labeled', 9), ('Tuning', 3)):
        for i in range(1, count + 1):
            ending = ('bmp', 'png', 'tif')[i % 3]
            shapes = OBJECTS[i]
            t.pair('%s_%05d' % (part, i), '%s/images/cell_%05d.%s' % (part, i, ending),
                   '%s/labels/cell_%05d_label.tiff' % (part, i), shapes, numbers(shapes),
                   label_kind='uint16', grey=i % 3 == 2)
    t.lone('train-unlabeled-part1/unlabeled_cell_00001.png',
           'train-unlabeled-part1/unlabeled_cell_00002.png')


@other('Inria Aerial Image Labeling', channels=3, classes=2)
def inria_aerial(t):
    for city in ('austin', 'chicago', 'tyrol-w'):
        for i in (1, 2, 10):
            t.pair('%s%d' % (city, i), 'AerialImageDataset/train/images/%s%d.tif' % (city, i),
                   'AerialImageDataset/train/gt/%s%d.tif' % (city, i))
    t.lone('AerialImageDataset/test/images/bellingham1.tif',
           'AerialImageDataset/test/images/sfo2.tif')


@other('Massachusetts Roads Dataset', channels=3, classes=2)
def massachusetts_roads(t):
    for part, count in (('train', 7), ('val', 2), ('test', 2)):
        for i in range(count):
            name = '%d_15' % (10078660 + 15 * i)
            t.pair('%s_%s' % (part, name), 'tiff/%s/%s.tiff' % (part, name),
                   'tiff/%s_labels/%s.tif' % (part, name))
    t.notes('metadata.csv')


@other('DeepGlobe Road Extraction, Kaggle', channels=3, classes=2)
def deepglobe_roads(t):
    for i in (104, 119, 10060, 100034, 100081, 100129):
        t.pair(str(i), 'train/%d_sat.jpg' % i, 'train/%d_mask.png' % i, form='rgb')
    t.lone('valid/100794_sat.jpg', 'test/100393_sat.jpg')
    t.notes('metadata.csv', 'class_dict.csv')


@other('Shenzhen X-ray set, NLM, with the masks of Stirenko', channels=1, classes=2)
def shenzhen(t):
    root = 'ChinaSet_AllFiles/'
    for i in range(1, 12):
        name = 'CHNCXR_%04d_%d' % (i, i % 2)
        image = root + 'CXR_png/%s.png' % name
        if i % 4:
            t.pair(name, image, 'mask/%s_mask.png' % name, grey=True)
        else:
            t.lone(image, grey=True)
        t.notes(root + 'ClinicalReadings/%s.txt' % name)
    t.notes(root + 'NLM-ChinaCXRSet-ReadMe.docx')


@other('COCO 2017', expect='refuse', says='JSON')
def coco(t):
    t.lone(*('val2017/%012d.jpg' % i for i in (139, 285, 632, 724, 776, 785)))
    t.data('annotations/instances_val2017.json', json.dumps(
        {'images': [], 'annotations': [{'segmentation': [[1, 2, 3, 4, 5, 6]], 'image_id': 139}]}))


@other('CoNSeP, HoVer-Net, whose labels are MATLAB files', expect='refuse', says=r'\.mat|MATLAB')
def consep(t):
    for part, count in (('Train', 5), ('Test', 3)):
        for i in range(1, count + 1):
            name = '%s_%d' % (part.lower(), i)
            image = 'CoNSeP/%s/Images/%s.png' % (part, name)
            scene = t.scene(image, 5)
            t.image(image, scene)
            t.image('CoNSeP/%s/Overlay/%s.png' % (part, name), scene, look=3)
            t.data('CoNSeP/%s/Labels/%s.mat' % (part, name), 'MATLAB 5.0 MAT-file' + ' ' * 109)
    t.notes('CoNSeP/README.txt')


@other('RITE, University of Iowa', flag=True, channels=3, classes=2)
def rite(t):
    for part, first in (('training', 21), ('test', 1)):
        for i in range(first, first + 5):
            root = 'AV_groundTruth/%s/%%s/%02d_%s' % (part, i, part)
            image, label = root % 'images' + '.tif', root % 'vessel' + '.png'
            scene = t.scene(image)
            t.image(image, scene)
            t.label(label, scene)
            t.label(root % 'av' + '.png', scene, {1: 9}, 'colour')
            t.case('%02d_%s' % (i, part), image, label)
