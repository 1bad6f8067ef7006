# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets whose names follow other rules: no word for the label, numbers that each
file has alone, one file of two endings, ids with and without zeros, a folder for each class."""
import hashlib

from listed_pictures import OBJECTS
from other_pictures import other
from tree import field_of_view, numbers


def unique(text, length=6):
    """A number that one file has alone."""
    return str(int(hashlib.md5(text.encode()).hexdigest()[:8], 16))[:length]


def named(t, count, name, image, label, part='', **options):
    """Pairs whose names come from templates with their number and name."""
    for i in range(1, count + 1):
        one = name % i
        t.pair(part + one, image.format(n=one, i=i), label.format(n=one, i=i), **options)


@other('ISIC Challenge 2016', channels=3, classes=2)
def isic2016(t):
    named(t, 8, 'ISIC_%07d', 'ISBI2016_ISIC_Part1_Training_Data/{n}.jpg',
          'ISBI2016_ISIC_Part1_Training_GroundTruth/{n}_Segmentation.png')
    t.lone(*('ISBI2016_ISIC_Part1_Test_Data/ISIC_%07d.jpg' % i for i in range(50, 53)))


@other('CRACK500, whose masks have the names of their images', channels=3, classes=2)
def crack500(t):
    for part, count in (('train', 7), ('val', 3), ('test', 3)):
        for i in range(count):
            name = '%scrop/20160%d22_09%04d_1281_721' % (part, len(part), 7 * i + 11)
            t.pair(name.replace('/', '_'), name + '.jpg', name + '.png')
        t.notes('%s.txt' % part)


@other('DeepCrack, Liu et al.', channels=3, classes=2)
def deepcrack(t):
    for part, first in (('train', 11111), ('test', 11201)):
        named(t, 6, '%d', part + '_img/{i}_%d.jpg' % first, part + '_lab/{i}_%d.png' % first, part)


@other('CelebAMask-HQ, whose masks have zeros before their numbers', channels=3)
def celebamask(t):
    for i in range(12):
        image = 'CelebAMask-HQ/CelebA-HQ-img/%d.jpg' % i
        scene = t.scene(image, 4)
        t.image(image, scene)
        names = ('hair', 'l_eye', 'nose', 'skin')
        paths = ['CelebAMask-HQ/CelebAMask-HQ-mask-anno/%d/%05d_%s.png' % (i // 6, i, n)
                 for n in names]
        for k, path in enumerate(paths, 1):
            t.label(path, scene, {k: 255}, 'rgb')
        t.case(str(i), image, paths)
    t.notes('CelebAMask-HQ/README.txt', 'CelebAMask-HQ/CelebA-HQ-to-CelebA-mapping.txt')


@other('COD10K', channels=3, classes=2)
def cod10k(t):
    for part, count in (('Train', 7), ('Test', 3)):
        for i in range(1, count + 1):
            name = 'COD10K-CAM-%d-Aquatic-%d-Fish-%d' % (len(part), i % 3 + 1, i)
            scene = t.pair(name, 'COD10K-v3/%s/Image/%s.jpg' % (part, name),
                           'COD10K-v3/%s/GT_Object/%s.png' % (part, name))
            t.label('COD10K-v3/%s/GT_Edge/%s.png' % (part, name), scene)
            t.label('COD10K-v3/%s/GT_Instance/%s.png' % (part, name), scene, 8, 'palette')


@other('DUTS', channels=3, classes=2)
def duts(t):
    for part, count in (('TR', 7), ('TE', 4)):
        named(t, count, 'ILSVRC2012_test_%08d', 'DUTS-%s/DUTS-%s-Image/{n}.jpg' % (part, part),
              'DUTS-%s/DUTS-%s-Mask/{n}.png' % (part, part), part)


@other('Weizmann Horses, Kaggle', channels=3, classes=2)
def weizmann(t):
    named(t, 9, 'horse%03d', 'weizmann_horse_db/horse/{n}.png', 'weizmann_horse_db/mask/{n}.png')


@other('Crop/Weed Field Image Dataset', channels=3)
def cwfid(t):
    for i in range(1, 9):
        name = '%03d' % i
        image = 'images/%s_image.png' % name
        scene = t.scene(image, 2)
        t.image(image, scene)
        t.label('masks/%s_mask.png' % name, scene)
        t.label('annotations/%s_annotation.png' % name, scene, numbers(2), 'colour')
        t.case(name, image, 'masks/%s_mask.png' % name)
    t.notes('train_test_split.yaml')


@other('Semantic Drone Dataset', channels=3, classes=4)
def semantic_drone(t):
    root = 'dataset/semantic_drone_dataset/'
    for i in range(8):
        scene = t.pair('%03d' % i, root + 'original_images/%03d.jpg' % i,
                       root + 'label_images_semantic/%03d.png' % i, 3, numbers(3))
        t.label('RGB_color_image_masks/RGB_color_image_masks/%03d.png' % i, scene, numbers(3),
                'colour')
    t.notes('class_dict_seg.csv')


@other('BDD100K', channels=3)
def bdd100k(t):
    for part, count in (('train', 7), ('val', 3)):
        for i in range(count):
            name = '%s-%s' % (hashlib.md5(b'%d%d' % (i, count)).hexdigest()[:8], '%08x' % (i * 77))
            scene = t.pair(name, 'bdd100k/images/10k/%s/%s.jpg' % (part, name),
                           'bdd100k/labels/sem_seg/masks/%s/%s.png' % (part, name), 3,
                           {0: 255, 1: 0, 2: 1, 3: 2})
            t.label('bdd100k/labels/sem_seg/colormaps/%s/%s.png' % (part, name), scene,
                    numbers(3), 'colour')


@other('KITTI semantic segmentation', channels=3)
def kitti(t):
    for i in range(8):
        name = '%06d_10' % i
        scene = t.pair(name, 'training/image_2/%s.png' % name, 'training/semantic/%s.png' % name,
                       3, {0: 7, 1: 11, 2: 21, 3: 26})
        t.label('training/instance/%s.png' % name, scene, {1: 1, 2: 2, 3: 3}, kind='uint16')
        t.label('training/semantic_rgb/%s.png' % name, scene, numbers(3), 'colour')
    t.lone(*('testing/image_2/%06d_10.png' % i for i in range(3)))


@other('LoveDA', channels=3)
def loveda(t):
    for part in ('Train', 'Val'):
        for place, first in (('Rural', 0), ('Urban', 40)):
            for i in range(first, first + 4):
                t.pair('%s%s%d' % (part, place, i), '%s/%s/images_png/%d.png' % (part, place, i),
                       '%s/%s/masks_png/%d.png' % (part, place, i), 3, {0: 1, 1: 2, 2: 3, 3: 4})


@other('OpenEarthMap', channels=3)
def openearthmap(t):
    for place in ('aachen', 'bogota', 'chiangmai', 'daressalaam', 'ngaoundere', 'slippy'):
        for i in range(1, 3):
            t.pair('%s_%d' % (place, i), 'OpenEarthMap/%s/images/%s_%d.tif' % (place, place, i),
                   'OpenEarthMap/%s/labels/%s_%d.tif' % (place, place, i), 2, numbers(2))
    t.notes('OpenEarthMap/train.txt', 'OpenEarthMap/val.txt')


@other('PolypGen', channels=3, classes=2)
def polypgen(t):
    for centre in range(1, 4):
        root = 'PolypGen2021_MultiCenterData_v3/data_C%d/' % centre
        for i in range(1, 5):
            name = '%d_endocv2021_positive_%d' % (centre, 30 * i)
            t.pair(name, root + 'images_C%d/%s.jpg' % (centre, name),
                   root + 'masks_C%d/%s_mask.jpg' % (centre, name))
            t.notes(root + 'bbox_C%d/%s_mask.txt' % (centre, name))


@other('CholecSeg8k', channels=3)
def cholecseg8k(t):
    for video, start in (('video01', 80), ('video09', 28820), ('video12', 15750)):
        for i in range(start, start + 4):
            root = '%s/%s_%05d/frame_%d_endo' % (video, video, start, i)
            scene = t.scene(root, 3)
            t.image(root + '.png', scene)
            t.label(root + '_mask.png', scene, {0: 50, 1: 11, 2: 21, 3: 13}, 'rgb')
            t.label(root + '_color_mask.png', scene, numbers(3), 'colour')
            t.label(root + '_watershed_mask.png', scene, {0: 127, 1: 5, 2: 7, 3: 9}, 'rgb')
            t.case('%s_%d' % (video, i), root + '.png', root + '_mask.png',
                   also=[[root + '_watershed_mask.png']])


@other('CaDIS', channels=3)
def cadis(t):
    for video in range(1, 4):
        for i in range(90, 330, 60):
            name = 'Video%d_frame%06d' % (video, i)
            t.pair(name, 'CaDISv2/Video%02d/Images/%s.png' % (video, name),
                   'CaDISv2/Video%02d/Labels/%s.png' % (video, name), 3, numbers(3))


@other('DDR, lesions of diabetic retinopathy', channels=3)
def ddr(t):
    for part, count in (('train', 7), ('valid', 3)):
        for i in range(1, count + 1):
            name = '007-%04d-%d00' % (3711 + i, i % 3 + 1)
            root = 'lesion_segmentation/%s/' % part
            image = root + 'image/%s.jpg' % name
            scene = t.scene(image, 4)
            t.image(image, scene)
            paths = [root + 'label/%s/%s.tif' % (k, name) for k in ('EX', 'HE', 'MA', 'SE')]
            for k, path in enumerate(paths, 1):
                t.label(path, scene, {k: 255})
            t.case(part + name, image, paths)


@other('e-ophtha EX', channels=3, classes=2)
def eophtha(t):
    for i in range(1, 9):
        t.pair('C%07d' % i, 'e_optha_EX/EX/E%07d/C%07d.jpg' % (404 + i, i),
               'e_optha_EX/Annotation_EX/E%07d/C%07d_EX.png' % (404 + i, i))
        t.lone('e_optha_EX/healthy/E%07d/C%07d.jpg' % (900 + i, 60 + i))


@other('LES-AV', channels=3)
def les_av(t):
    for i in range(276, 285):
        image = 'LES-AV/images/%d.png' % i
        scene = t.scene(image, 2)
        t.image(image, scene)
        t.label('LES-AV/vessel-segmentations/%d.png' % i, scene)
        t.label('LES-AV/arteries-and-veins/%d.png' % i, scene, numbers(2), 'colour')
        t.label('LES-AV/masks/%d_mask.png' % i, field_of_view())
        t.case(str(i), image, 'LES-AV/vessel-segmentations/%d.png' % i)


@other('PALM, iChallenge', channels=3, classes=2)
def palm(t):
    for i in range(1, 9):
        t.pair('P%04d' % i, 'PALM-Training400/P%04d.jpg' % i,
               'PALM-Training400-Annotation-D&F/Disc_Masks/P%04d.bmp' % i,
               values={0: 255, 1: 0})
    t.notes('PALM-Training400-Annotation-D&F/Fovea_Location_train.xlsx')


@other('COVID-19 Radiography Database, Kaggle', classes=2)
def covid_radiography(t):
    root = 'COVID-19_Radiography_Dataset/'
    for kind in ('COVID', 'Normal', 'Viral Pneumonia', 'Lung_Opacity'):
        for i in range(1, 4):
            t.pair('%s-%d' % (kind, i), root + '%s/images/%s-%d.png' % (kind, kind, i),
                   root + '%s/masks/%s-%d.png' % (kind, kind, i), form='rgb', grey=True)
        t.notes(root + '%s.metadata.xlsx' % kind)


@other('BUS-BRA', channels=1, classes=2)
def bus_bra(t):
    for i in range(1, 9):
        for side in 'lr'[:1 + i % 2]:
            name = '%04d-%s' % (i, side)
            t.pair(name, 'BUSBRA/Images/bus_%s.png' % name, 'BUSBRA/Masks/mask_%s.png' % name,
                   grey=True)
    t.notes('BUSBRA/bus_data.csv')


@other('MMOTU, OTU_2d', channels=3)
def mmotu(t):
    for i in range(1, 9):
        image = 'OTU_2d/images/%d.JPG' % i
        scene = t.scene(image, 1)
        t.image(image, scene)
        root = 'OTU_2d/annotations/%d' % i
        t.label(root + '.PNG', scene, {1: i % 8 + 1}, 'colour')
        t.label(root + '_binary.PNG', scene)
        t.label(root + '_binary_binary.PNG', scene)
        t.case(str(i), image, root + '_binary.PNG', also=[[root + '_binary_binary.PNG']])


@other('Finding and Measuring Lungs in CT, Kaggle', channels=1, classes=2)
def finding_lungs(t):
    named(t, 9, 'ID_%04d_Z_0142', '2d_images/{n}.tif', '2d_masks/{n}.tif', grey=True)
    for i in range(2, 5):
        t.pair('IMG_%04d' % i, '3d_images/IMG_%04d.nii.gz' % i, '3d_images/MASK_%04d.nii.gz' % i,
               optional=True)
    t.notes('lung_stats.csv')


@other('BBBC005, Broad Bioimage Benchmark Collection', channels=1, classes=2)
def bbbc005(t):
    for i in range(1, 9):
        name = 'SIMCEPImages_A%02d_C%d_F1_s%02d_w1' % (i, i * 5, i)
        t.pair(name, 'BBBC005_v1_images/%s.TIF' % name, 'BBBC005_v1_ground_truth/%s.TIF' % name,
               grey=True)
        t.lone('BBBC005_v1_images/SIMCEPImages_A%02d_C%d_F23_s%02d_w2.TIF' % (i, i * 5, i),
               grey=True)


@other('BBBC010, Broad Bioimage Benchmark Collection', flag=True)
def bbbc010(t):
    for i in range(1, 9):
        images = []
        scene = t.scene('A%02d' % i)
        for k in (1, 2):
            stem = '1649_1109_0003_Amp5-1_B_20070424_A%02d_w%d_' % (i, k)
            path = 'BBBC010_v1_images/%s%s.tif' % (
                stem, hashlib.md5(stem.encode()).hexdigest().upper())
            t.image(path, scene, grey=True, look=k)
            images.append(path)
        t.label('BBBC010_v1_foreground/A%02d_binary.png' % i, scene)
        t.case('A%02d' % i, images, 'BBBC010_v1_foreground/A%02d_binary.png' % i,
               image_also=[[images[0]], [images[1]]])


@other('CVPPP leaf segmentation, plant scientists', channels=3)
def cvppp(t):
    for part, count in (('A1', 6), ('A2', 3)):
        for i in range(1, count + 1):
            root = 'Training/%s/plant%03d_' % (part, i)
            scene = t.scene(root, 3 + i)
            t.image(root + 'rgb.png', scene)
            t.label(root + 'label.png', scene, numbers(3 + i), 'palette')
            t.label(root + 'fg.png', scene)
            t.case('%s%d' % (part, i), root + 'rgb.png', root + 'label.png',
                   also=[[root + 'fg.png']])


@other('Fluorescence nuclei, one mask for each', channels=1, flag=True, classes='objects')
def nuclei_folders(t):
    for i in range(8):
        root = 'dataset/cell_%02d/' % i
        scene = t.scene(root, 3 + i % 3)
        t.image(root + 'raw.png', scene, grey=True)
        paths = [root + 'nuclei/%d.png' % k for k in range(1, 4 + i % 3)]
        for k, path in enumerate(paths, 1):
            t.label(path, scene, {k: 255})
        t.case('cell_%02d' % i, root + 'raw.png', paths)


@other('ATLAS v2.0, INDI', channels=1, classes=2)
def atlas2(t):
    for site in (1, 2, 9):
        for i in range(1, 5):
            name = 'sub-r%03ds%03d' % (site, i)
            root = 'ATLAS_2/Training/R%03d/%s/ses-1/anat/%s_ses-1_space-MNI152NLin2009aSym_' % (
                site, name, name)
            t.pair(name, root + 'T1w.nii.gz', root + 'label-L_desc-T1lesion_mask.nii.gz')
    t.notes('ATLAS_2/20220425_ATLAS_2.0_MetaData.xlsx')


@other('FLARE 2021', channels=1, classes=5)
def flare21(t):
    named(t, 8, 'train_%03d', 'TrainingImg/{n}_0000.nii.gz', 'TrainingMask/{n}.nii.gz', shapes=4,
          values=numbers(4))
    t.lone(*('ValidationImg/validation_%03d_0000.nii.gz' % i for i in range(1, 4)))


@other('Prostate158', flag=True)
def prostate158(t):
    for i in range(20, 28):
        root = 'prostate158_train/train/%03d/' % i
        scene = t.scene(root + 'x.nii.gz', 3)
        for k, name in enumerate(('t2', 'adc', 'dwi')):
            t.image(root + name + '.nii.gz', scene, look=k)
        t.label(root + 't2_anatomy_reader1.nii.gz', scene, numbers(2))
        t.label(root + 't2_tumor_reader1.nii.gz', scene, {3: 3})
        t.label(root + 'adc_tumor_reader1.nii.gz', scene, {3: 3})
        images = [root + n + '.nii.gz' for n in ('t2', 'adc', 'dwi')]
        t.case('%03d' % i, images, root + 't2_anatomy_reader1.nii.gz',
               also=[[root + 't2_tumor_reader1.nii.gz'], [root + 'adc_tumor_reader1.nii.gz']],
               image_also=[[images[0]], [images[1]], [images[2]], [images[0], images[2]]])
    t.notes('prostate158_train/train.csv', 'prostate158_train/valid.csv')


@other('PI-CAI, labels of csPCa', flag=True)
def picai(t):
    for i in range(8):
        name = '%d_%d' % (10000 + i, 1000000 + i)
        root = 'images/fold0/%d/%s_' % (10000 + i, name)
        scene = t.scene(root + 'x.nii.gz')
        images = [root + n + '.nii.gz' for n in ('adc', 'hbv', 't2w')]
        for k, path in enumerate(images):
            t.image(path, scene, look=k)
        label = 'picai_labels/csPCa_lesion_delineations/human_expert/resampled/%s.nii.gz' % name
        t.label(label, scene, 1)
        t.case(name, images, label, image_also=[[p] for p in images])


@other('BraTS 2015, SMIR, whose files have numbers of their own', flag=True, channels=4)
def brats2015(t):
    for i in range(1, 9):
        root = 'BRATS2015_Training/HGG/brats_2013_pat%04d_1/' % i
        scene = t.scene(root + 'x.mha', 4)
        images = []
        for k, name in enumerate(('Flair', 'T1', 'T1c', 'T2')):
            stem = 'VSD.Brain.XX.O.MR_%s.%s' % (name, unique(root + name))
            images.append(root + '%s/%s.mha' % (stem, stem))
            t.image(images[-1], scene, look=k)
        stem = 'VSD.Brain_3more.XX.O.OT.%s' % unique(root + 'OT')
        t.label(root + '%s/%s.mha' % (stem, stem), scene, numbers(4))
        t.case(str(i), images, root + '%s/%s.mha' % (stem, stem))


@other('ISLES 2018, SMIR, whose files have numbers of their own', flag=True)
def isles2018(t):
    for i in range(1, 9):
        root = 'TRAINING/case_%d/' % i
        scene = t.scene(root + 'x.nii')
        images = []
        for k, name in enumerate(('CT', 'CT_CBF', 'CT_CBV', 'CT_MTT', 'CT_Tmax')):
            stem = 'SMIR.Brain.XX.O.%s.%s' % (name, unique(root + name))
            images.append(root + '%s/%s.nii' % (stem, stem))
            t.image(images[-1], scene, look=k)
        stem = 'SMIR.Brain.XX.O.OT.%s' % unique(root + 'OT')
        t.label(root + '%s/%s.nii' % (stem, stem), scene, 1)
        t.case(str(i), images, root + '%s/%s.nii' % (stem, stem))


@other('RETOUCH, whose cases are folders', channels=1, classes=4)
def retouch(t):
    for device in ('Cirrus', 'Spectralis', 'Topcon'):
        for i in range(3):
            name = hashlib.md5((device + str(i)).encode()).hexdigest()
            root = 'RETOUCH-TrainingSet-%s/%s/' % (device, name)
            t.pair(name, root + 'oct.mhd', root + 'reference.mhd', 3, numbers(3))


@other('GOALS, OCT layers', classes=4)
def goals(t):
    named(t, 8, '%04d', 'Train/Image/{n}.png', 'Train/Layer_Masks/{n}.png', shapes=3,
          values={0: 255, 1: 0, 2: 80, 3: 160}, grey=True)
    t.lone(*('Validation/Image/%04d.png' % i for i in range(101, 104)), grey=True)
    t.notes('Train/Train_GC_GT.xlsx')


@other('MitoEM and SNEMI3D, stacks whose labels number objects', channels=1, flag=True)
def snemi3d(t):
    scene = t.scene('train-input.tif', 6, depth=20)
    t.image('snemi3d/train-input.tif', scene, grey=True)
    t.label('snemi3d/train-labels.tif', scene, numbers(6), kind='uint16')
    t.case('train', 'snemi3d/train-input.tif', 'snemi3d/train-labels.tif')
    t.lone('snemi3d/test-input.tif', grey=True)


@other('Tufts Dental Database', channels=3)
def tufts_dental(t):
    for i in range(1, 9):
        image = 'Radiographs/%d.JPG' % i
        scene = t.scene(image, 3)
        t.image(image, scene)
        t.label('Segmentation/teeth_mask/%d.jpg' % i, scene, {2: 255})
        t.label('Segmentation/maxillomandibular/%d.jpg' % i, scene)
        t.case(str(i), image, 'Segmentation/teeth_mask/%d.jpg' % i,
               also=[['Segmentation/maxillomandibular/%d.jpg' % i]])


@other('Vaihingen and Potsdam, ISPRS, whose labels have colours', channels=3, classes='objects')
def potsdam(t):
    for i in range(10, 16):
        root = 'top_potsdam_2_%d_' % i
        scene = t.scene(root, 3)
        t.image('Potsdam/2_Ortho_RGB/%sRGB.tif' % root, scene)
        t.label('Potsdam/5_Labels_all/%slabel.tif' % root, scene, numbers(3), 'colour')
        t.case(root[:-1], 'Potsdam/2_Ortho_RGB/%sRGB.tif' % root,
               'Potsdam/5_Labels_all/%slabel.tif' % root)


@other('iSAID, whose labels have colours', channels=3, classes='objects')
def isaid(t):
    for i in range(8):
        image = 'iSAID/train/images/P%04d.png' % i
        scene = t.scene(image, 3)
        t.image(image, scene)
        root = 'iSAID/train/Semantic_masks/images/P%04d_instance_color_RGB.png' % i
        t.label(root, scene, numbers(3), 'colour')
        t.label('iSAID/train/Instance_masks/images/P%04d_instance_id_RGB.png' % i, scene,
                numbers(3), 'colour')
        t.case('P%04d' % i, image, root)


@other('BKAI-IGH NeoPolyp, whose masks have colours', channels=3, classes='objects')
def bkai(t):
    for i in range(8):
        name = hashlib.md5(b'%d' % i).hexdigest()
        scene = t.scene(name, 2)
        t.image('train/train/%s.jpeg' % name, scene)
        t.save('train_gt/train_gt/%s.jpeg' % name, b''.join(
            bytes((255 * (k == 1), 255 * (k == 2), 0)) for k in scene.label), scene, channels=3)
        t.case(name, 'train/train/%s.jpeg' % name, 'train_gt/train_gt/%s.jpeg' % name)
        t.lone('test/test/%s.jpeg' % hashlib.md5(b'%d test' % i).hexdigest())


@other('EndoVis 2018, robotic scene segmentation', channels=3, flag=True)
def endovis2017(t):
    for part in (1, 2):
        root = 'instrument_dataset_%d/' % part
        for i in range(6):
            image = root + 'left_frames/frame%03d.png' % i
            scene = t.scene(image, 2)
            t.image(image, scene)
            t.image(root + 'right_frames/frame%03d.png' % i, scene, look=1)
            paths = [root + 'ground_truth/%s_labels/frame%03d.png' % (k, i)
                     for k in ('Left_Prograsp_Forceps', 'Maryland_Bipolar_Forceps')]
            for k, path in enumerate(paths, 1):
                t.label(path, scene, {k: 10 * k})
            t.case('%d_%d' % (part, i), image, paths)
        t.notes(root + 'camera_calibration.txt', 'mappings.json')


@other('Fetal ultrasound of PSFHS', channels=1)
def psfhs(t):
    named(t, 9, '%05d', 'PSFHS/image_mha/{n}.mha', 'PSFHS/label_mha/{n}.mha', shapes=2,
          values=numbers(2), depth=1)


@other('CUB-200-2011, whose masks are grey', channels=3)
def cub200(t):
    for k, bird in enumerate(('001.Black_footed_Albatross', '002.Laysan_Albatross')):
        for i in range(5):
            name = '%s_%04d_%d' % (bird[4:], i, 796000 + 11 * i + k)
            t.pair(name, 'CUB_200_2011/images/%s/%s.jpg' % (bird, name),
                   'segmentations/%s/%s.png' % (bird, name))
    t.notes('CUB_200_2011/images.txt')


@other('Oxford flowers 17, trimaps', channels=3, flag=True)
def flowers17(t):
    for i in range(1, 10):
        t.pair('image_%04d' % i, 'jpg/image_%04d.jpg' % i, 'trimaps/image_%04d.png' % i, 2,
               numbers(2), 'palette')
    t.notes('jpg/files.txt')


@other('WORD, abdominal organs', channels=1, classes=4)
def word_organs(t):
    for part, first in (('Tr', 2), ('Val', 60)):
        for i in range(first, first + 5):
            name = 'word_%04d.nii.gz' % i
            t.pair(name[:9], 'WORD-V0.1.0/images%s/%s' % (part, name),
                   'WORD-V0.1.0/labels%s/%s' % (part, name), 3, numbers(3))
    t.lone(*('WORD-V0.1.0/imagesTs/word_%04d.nii.gz' % i for i in range(90, 93)))


@other('PROSTATE-MRI of ProstateX zones', channels=1)
def prostatex_zones(t):
    for i in range(8):
        name = 'ProstateX-%04d' % i
        t.pair(name, 'ProstateX/images/%s_t2w.nii.gz' % name,
               'ProstateX/zones/%s_zones.nii.gz' % name, 2, numbers(2))


@other('Objects beside images, GlaS in another form', channels=3, classes='objects')
def objects_beside(t):
    for i in range(1, 9):
        t.pair('slide_%d' % i, 'slides/slide_%d.bmp' % i, 'slides/slide_%d_objects.bmp' % i,
               OBJECTS[i],
               numbers(9))
