# SPDX-License-Identifier: Apache-2.0
"""Trees of 40 public sets of many fields that no part of attunet was written for."""
from listed_pictures import OBJECTS
from other_pictures import other
from tree import numbers
from unseen_volumes import volumes


# ---- radiology

@other('VESSEL12, scans and masks of lungs', channels=1, classes=2)
def vessel12(t):
    for i in range(1, 9):
        name = 'VESSEL12_%02d' % i
        t.pair(name, 'Scans/%s.mhd' % name, 'Lungmasks/%s.mhd' % name, 1, 1)


@other('Shifts 2022, white matter lesions', classes=2)
def shifts_ms(t):
    for part, count in (('train', 6), ('dev_in', 3)):
        for i in range(1, 1 + count):
            root = 'shifts_ms_pt1/msseg/%s/' % part
            scene = t.scene(root + '%d.nii.gz' % i, 1)
            images = volumes(t, [root + 'flair/%d_FLAIR_isovox.nii.gz' % i,
                                 root + 't1/%d_T1_isovox.nii.gz' % i], scene)
            t.label(root + 'gt/%d_gt_isovox.nii.gz' % i, scene, 1)
            t.label(root + 'fg_mask/%d_isovox_fg_mask.nii.gz' % i, scene, {0: 1, 1: 1})
            t.case(part + str(i), images, root + 'gt/%d_gt_isovox.nii.gz' % i)


@other('VALDO 2021, microbleeds', channels=3, classes=2)
def valdo(t):
    for i in range(101, 109):
        root = 'Task2/sub-%d/sub-%d_space-T2S_' % (i, i)
        scene = t.scene(root + '.nii.gz', 2)
        images = volumes(t, [root + 'desc-masked_%s.nii.gz' % k for k in ('T1', 'T2', 'T2S')],
                         scene)
        t.label(root + 'CMB.nii.gz', scene, 1)
        t.case(str(i), images, root + 'CMB.nii.gz')


@other('CADA, aneurysms with two kinds of masks', channels=1, expect='either')
def cada(t):
    for i in range(1, 10):
        root = 'training_dataset/A%03d_' % i
        scene = t.scene(root + 'orig.nii.gz', 3)
        t.image(root + 'orig.nii.gz', scene)
        t.label(root + 'labeledMasks.nii.gz', scene, numbers(3))
        t.label(root + 'masks.nii.gz', scene, 1)
        t.case(str(i), root + 'orig.nii.gz', root + 'labeledMasks.nii.gz',
               also=[[root + 'masks.nii.gz']])


@other('ADAM 2020, aneurysms, original and preprocessed scans', expect='either', classes=3)
def adam(t):
    for i in range(10001, 10010):
        root = '%d/' % i
        scene = t.scene(root + 'TOF.nii.gz', 2)
        images = volumes(t, [root + 'pre/TOF.nii.gz', root + 'pre/struct_aligned.nii.gz',
                             root + 'orig/TOF.nii.gz'], scene)
        t.label(root + 'aneurysms.nii.gz', scene, numbers(2))
        t.notes(root + 'location.txt')
        t.case(str(i), images, root + 'aneurysms.nii.gz',
               image_also=[images[:1], images[:2], images[1:2], images[2:]])


@other('StructSeg 2019, a folder for each case', channels=1, classes=7)
def structseg(t):
    for i in range(1, 10):
        t.pair(str(i), 'HaN_OAR/%d/data.nii.gz' % i, 'HaN_OAR/%d/label.nii.gz' % i, 6, numbers(6))


@other('MAMA-MIA, phases of contrast, labels by experts and by a program', classes=2)
def mama_mia(t):
    for site in ('DUKE', 'ISPY1', 'NACT'):
        for i in range(1, 5):
            name = '%s_%03d' % (site, i)
            scene = t.scene(name + '.nii.gz', 1)
            images = volumes(t, ['images/%s/%s_%04d.nii.gz' % (name, name, k)
                                 for k in range(3)], scene)
            for who in ('expert', 'automatic'):
                t.label('segmentations/%s/%s.nii.gz' % (who, name), scene, 1)
            t.case(name, images, 'segmentations/expert/%s.nii.gz' % name)
    t.notes('clinical_and_imaging_info.xlsx')


@other('CTSpine1K, labels of vertebrae', channels=1)
def ctspine1k(t):
    for part in ('COLONOG', 'HNSCC-3DCT-RT', 'MSD-T10'):
        for i in range(4):
            name = '1.3.6.1.4.1.9328.50.4.%04d' % (7 * i + len(part))
            t.pair(part + name, 'data/%s/%s.nii.gz' % (part, name),
                   'label/%s/%s_seg.nii.gz' % (part, name), 4, numbers(4))


@other('LiTS in the folders of Kaggle', channels=1, classes=3)
def lits_kaggle(t):
    for i in range(12):
        t.pair(str(i), 'volume_pt%d/volume-%d.nii' % (1 + i // 6, i),
               'segmentations/segmentation-%d.nii' % i, 2, numbers(2))


@other('muRegPro, MR and ultrasound with labels of their own', channels=1)
def muregpro(t):
    for part, count in (('train', 6), ('val', 3)):
        for i in range(count):
            for kind in ('mr', 'us'):
                root = 'nifti_data/%s/%s_' % (part, kind)
                t.pair(part + kind + str(i), root + 'images/case%06d.nii.gz' % i,
                       root + 'labels/case%06d.nii.gz' % i, 1, 1)


# ---- ultrasound

@other('BUSIS, BMP in capitals', classes=2)
def busis(t):
    for i in range(1, 13):
        t.pair(str(i), 'original/case%03d.BMP' % i, 'GT/case%03d_GT.bmp' % i, grey=True)


@other('TG3K, thyroid, JPEG masks', classes=2)
def tg3k(t):
    for i in range(12):
        t.pair(str(i), 'tg3k/thyroid-image/%04d.jpg' % i, 'tg3k/thyroid-mask/%04d.jpg' % i,
               grey=True)
    t.data('tg3k/tg3k-trainval.json', '{"train": [0, 1], "val": [2]}')


@other('JNU-IFM, frames of videos, masks in numbers and drawn', expect='either')
def jnu_ifm(t):
    for video in range(6):
        for i in range(3):
            name = '2019%04dT%06d_%d' % (830 + video, 115515 + video, 100 + i)
            scene = t.scene(name, 2)
            t.image('image/%s.png' % name, scene)
            t.label('mask/%s_mask.png' % name, scene, {1: 7, 2: 8})
            t.label('mask_enhance/%s_mask.png' % name, scene, {1: 120, 2: 250})
            t.case(name, 'image/%s.png' % name, 'mask/%s_mask.png' % name,
                   also=[['mask_enhance/%s_mask.png' % name]])
    t.notes('frame_label.csv')


@other('EchoNet-Dynamic, videos and outlines in a table', expect='refuse')
def echonet(t):
    for i in range(10):
        t.data('EchoNet-Dynamic/Videos/0X%012X.avi' % (i * 7919 ** 2), 'RIFF')
    t.data('EchoNet-Dynamic/VolumeTracings.csv', 'FileName,X1,Y1,X2,Y2,Frame\n0X,1,2,3,4,46\n')
    t.notes('EchoNet-Dynamic/FileList.csv')


# ---- endoscopy

@other('HyperKvasir, segmented images beside labelled and unlabelled ones', channels=3, classes=2)
def hyper_kvasir(t):
    for i in range(10):
        name = '%08x-%04x-4ad4.jpg' % (i * 2654435761 % 2 ** 32, i * 40503 % 65536)
        t.pair(name, 'segmented-images/images/' + name, 'segmented-images/masks/' + name)
        t.lone('unlabeled-images/images/%08x.jpg' % (i + 77))
    t.data('segmented-images/bounding-boxes.json', '{}')


@other('Endoscapes 2023, labels in a folder beside the parts of the set', channels=3, classes=4)
def endoscapes(t):
    for part, first, count in (('train', 1, 4), ('val', 121, 2), ('test', 161, 2)):
        for video in range(first, first + count):
            for frame in (14000, 14750):
                name = '%d_%d' % (video, frame)
                t.pair(name, 'endoscapes/%s_seg/%s.jpg' % (part, name),
                       'endoscapes/semseg/%s.png' % name, 3, numbers(3))
        t.data('endoscapes/%s_seg/annotation_coco.json' % part, '{}')


@other('SAR-RARP50, frames of videos', channels=3, groups=True)
def sar_rarp50(t):
    for video in range(1, 8):
        for frame in (0, 60, 120):
            root = 'train/video_%02d/' % video
            t.pair(root + str(frame), root + 'rgb/%09d.png' % frame,
                   root + 'segmentation/%09d.png' % frame, 3, numbers(3), group=video)
        t.notes(root + 'action_discrete.txt')


@other('FetReg 2021, a folder for each video', channels=3, classes=4, groups=True)
def fetreg(t):
    for video in (1, 2, 3, 5, 7, 9):
        for frame in (100, 125, 150):
            root = 'Video%03d/' % video
            name = 'Video%03d_frame%05d.png' % (video, frame)
            t.pair(name, root + 'images/' + name, root + 'labels/' + name, 3, numbers(3),
                   group=video)


# ---- histology

@other('NuCLS, fields of view with coloured masks and tables', channels=3)
def nucls(t):
    for i in range(10):
        name = 'TCGA-A1-A0SK-DX1_id-5ea4095addda5f8398977ebc_left-%d_top-%d' % (700 * i, 300 * i)
        t.pair(name, 'QC/rgb/%s.png' % name, 'QC/mask/%s.png' % name, 4, numbers(4))
        t.notes('QC/csv/%s.csv' % name)


@other('PANDA, slides and masks as TIFF', channels=3)
def panda(t):
    for i in range(10):
        name = '%08x%08x%08x%08x' % (i + 5, i * 7919, i * 104729, i * 1299709)
        t.pair(name, 'train_images/%s.tiff' % name, 'train_label_masks/%s_mask.tiff' % name, 3,
               numbers(3))
    t.notes('train.csv')


@other('OCELOT 2023, cells in tables and tissue as masks', channels=3, classes=3)
def ocelot(t):
    for part, first in (('train', 1), ('val', 401)):
        for i in range(first, first + 6):
            t.lone('images/%s/cell/%03d.jpg' % (part, i))
            t.data('annotations/%s/cell/%03d.csv' % (part, i), '12,40,1\n')
            t.pair(str(i), 'images/%s/tissue/%03d.jpg' % (part, i),
                   'annotations/%s/tissue/%03d.png' % (part, i), 2, numbers(2))
    t.data('metadata.json', '{}')


@other('SegPath, image and mask in one folder', channels=3, classes=2)
def segpath(t):
    for i in range(12):
        root = 'CD45RB_Leukocyte/CD45RB_Leukocyte_%03d_%06d_%06d_' % (i // 3, 984 * i, 492 * i)
        t.pair(root, root + 'HE.png', root + 'mask.png', 1, 1)


# ---- cells

@other('Omnipose, masks and flows beside images', channels=1, classes='objects')
def omnipose(t):
    for kind in ('bsub', 'ecoli', 'vibrio'):
        for i in range(4):
            root = 'bact_phase/train_sorted/%s/%s_%02d' % (kind, kind, i)
            scene = t.scene(root, OBJECTS[i])
            t.image(root + '.tif', scene, grey=True)
            t.image(root + '_flows.tif', scene, look=1)
            t.label(root + '_masks.tif', scene, numbers(OBJECTS[i]))
            t.case(root, root + '.tif', root + '_masks.tif')


@other('TissueNet, archives of NumPy', expect='refuse', says='npz|archive|numpy')
def tissuenet(t):
    for part in ('train', 'val', 'test'):
        t.data('tissuenet_v1.1_%s.npz' % part, 'PK')


@other('SIPaKMeD, outlines as text', expect='refuse')
def sipakmed(t):
    for kind in ('Dyskeratotic', 'Koilocytotic'):
        for i in range(1, 7):
            root = 'im_%s/im_%s/' % (kind, kind)
            t.lone(root + '%03d.bmp' % i)
            for n in (1, 2):
                for part in ('cyt', 'nuc'):
                    t.data(root + 'CROPPED/%03d_%s%02d.dat' % (i, part, n), '1.0,2.0\n3.0,4.0\n')


@other('BBBC020, channels of macrophages and a mask for each cell', expect='either')
def bbbc020(t):
    for i in range(1, 9):
        name = 'jw-1h %d' % i
        scene = t.scene(name, 3)
        images = ['BBBC020_v1_images/%s/%s_%s.TIF' % (name, name, k)
                  for k in ('(c1+c5)', 'c1', 'c5')]
        t.image(images[0], scene)
        for image in images[1:]:
            t.image(image, scene, grey=True)
        labels = ['BBC020_v1_outlines_nuclei/%s_c5_%d.TIF' % (name, k) for k in range(1, 4)]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 255})
        t.case(name, images, labels,
               image_also=[images[:1], images[1:2], images[2:], images[1:]])


# ---- electron microscopes

@other('MitoEM, slices and numbered labels', channels=1)
def mitoem(t):
    for z in range(10):
        t.pair(str(z), 'MitoEM-R/im/im%04d.png' % z, 'MitoEM-R/mito-train-v2/seg%04d.tif' % z,
               OBJECTS[z], numbers(OBJECTS[z]), grey=True)
    t.lone(*('MitoEM-R/im/im%04d.png' % z for z in range(10, 14)), grey=True)


@other('CREMI, HDF5', expect='refuse', says='HDF|hdf')
def cremi(t):
    for name in 'ABC':
        t.data('sample_%s_20160501.hdf' % name, '\x89HDF')


# ---- teeth, eyes, skin

@other('UFBA-UESC, panoramic radiographs in categories', classes=2)
def ufba_uesc(t):
    for k in range(1, 5):
        for i in range(1, 5):
            name = 'cate%d-%05d.jpg' % (k, 10 * k + i)
            t.pair(name, 'images/' + name, 'masks/' + name, grey=True)


@other('STS-2D, labelled and unlabelled panoramic radiographs', classes=2)
def sts2d(t):
    for kind in ('A-PXI', 'C-PXI'):
        for i in range(1, 7):
            t.pair(kind + str(i), '%s/Labeled/Image/%s_%03d.png' % (kind, kind[0], i),
                   '%s/Labeled/Mask/%s_%03d_Mask.png' % (kind, kind[0], i), grey=True)
            t.lone('%s/Unlabeled/Image/%s_%03d.png' % (kind, kind[0], 500 + i), grey=True)


@other('ARIA, vessels by two readers, and discs', channels=3, classes=2)
def aria(t):
    for kind, count in (('a', 6), ('c', 6), ('d', 6)):
        for i in range(1, 1 + count):
            name = 'aria_%s_%d_%d' % (kind, i, 1 + i % 3)
            scene = t.scene(name, 3)
            image = 'aria_%s/%s.tif' % (kind, name)
            t.image(image, scene)
            labels = ['aria_%s_markups/%s_%s.tif' % (kind, name, who) for who in ('BDP', 'BSS')]
            for label in labels:
                t.label(label, scene, {1: 255, 2: 255})
            t.label('aria_%s_markupdiscfovea/%s_dfs.tif' % (kind, name), scene, {3: 255})
            t.case(name, image, labels[0], also=[labels[1:]])


@other('AROI, OCT with masks as numbers and as colours', channels=1, groups=True)
def aroi(t):
    for who in range(1, 7):
        root = 'AROI - online/24 patient/patient%d/' % who
        for i in range(1, 4):
            name = 'patient%d_raw%04d.png' % (who, 7 * i)
            scene = t.scene(root + name, 4)
            t.image(root + 'raw/labeled/' + name, scene, grey=True)
            t.lone(root + 'raw/unlabeled/patient%d_raw%04d.png' % (who, 7 * i + 1), grey=True)
            t.label(root + 'mask/number/' + name, scene, numbers(4))
            t.label(root + 'mask/color/' + name, scene, numbers(4), 'colour')
            t.case(name, root + 'raw/labeled/' + name, root + 'mask/number/' + name, group=who)


@other('GAMMA, fundus with a mask of disc and cup, and volumes', channels=3, classes=3)
def gamma(t):
    root = 'Glaucoma_grading/training/'
    for i in range(1, 10):
        image = root + 'multi-modality_images/%04d/%04d.jpg' % (i, i)
        label = 'DiscCup_segmentation/training/Disc_Cup_Mask/%04d.png' % i
        scene = t.scene(image, 2, nested=True)
        t.image(image, scene)
        t.lone(*(root + 'multi-modality_images/%04d/%04d/%d_image.jpg' % (i, i, z)
                 for z in range(3)), grey=True)
        t.label(label, scene, {0: 255, 1: 128, 2: 0})
        t.case(str(i), image, label)
    t.notes(root + 'glaucoma_grading_training_GT.xlsx')


@other('DFUC 2022, ulcers', channels=3, classes=2)
def dfuc2022(t):
    for i in range(100001, 100013):
        t.pair(str(i), 'DFUC2022_train_release/DFUC2022_train_images/%d.jpg' % i,
               'DFUC2022_train_release/DFUC2022_train_masks/%d.png' % i)
    t.lone(*('DFUC2022_val_release/%d.jpg' % i for i in range(200001, 200005)))


@other('Dermofit, a folder for each lesion, the word mask without a separator', channels=3,
       classes=2)
def dermofit(t):
    for kind, names in (('AK', ('P227', 'P228', 'P229')), ('BCC', ('B112', 'B224', 'D64')),
                        ('MEL', ('A21', 'A55a', 'B9'))):
        for name in names:
            root = '%s/%s/%s' % (kind, name, name)
            t.pair(name, root + '.png', root + 'mask.png')
            t.notes(root + '.txt')


# ---- remote sensing and industry

@other('ISPRS Vaihingen, tiles and coloured labels with one name', channels=3)
def vaihingen(t):
    for i in (1, 3, 5, 7, 11, 13, 15, 17, 21, 23):
        name = 'top_mosaic_09cm_area%d.tif' % i
        t.pair(name, 'ISPRS_semantic_labeling_Vaihingen/top/' + name,
               'ISPRS_semantic_labeling_Vaihingen/gts_for_participants/' + name, 4, numbers(4),
               'colour')


@other('DFC 2020, radar and optical images of each place', expect='either')
def dfc2020(t):
    for i in range(10):
        name = 'DFC_Public_Dataset/ROIs0000_validation/%s_0/ROIs0000_validation_%s_0_p%d.tif'
        images = [name % (k, k, i) for k in ('s1', 's2')]
        scene = t.scene(str(i), 4)
        for look, image in enumerate(images):
            t.image(image, scene, grey=True, look=look, kind='uint16')
        t.label(name % ('dfc', 'dfc', i), scene, numbers(4))
        t.case(str(i), images, name % ('dfc', 'dfc', i), image_also=[images[:1], images[1:]])


@other('DAGM 2007, labels of defects alone, in a folder inside that of images', classes=2)
def dagm2007(t):
    for k in (1, 2, 3):
        for part in ('Train', 'Test'):
            for i in range(1, 7):
                root = 'Class%d/%s/' % (k, part)
                image = root + '%04d.PNG' % (570 + i)
                if i % 2:
                    t.pair(image, image, root + 'Label/%04d_label.PNG' % (570 + i), grey=True)
                else:
                    t.lone(image, grey=True)
            t.notes(root + 'Label/Labels.txt')


@other('VisA, normal images and defects', channels=3)
def visa(t):
    for thing in ('candle', 'capsules', 'pcb1'):
        root = 'VisA_20220922/%s/Data/' % thing
        for i in range(5):
            t.pair(thing + str(i), root + 'Images/Anomaly/%03d.JPG' % i,
                   root + 'Masks/Anomaly/%03d.png' % i, 1, 1)
            t.lone(root + 'Images/Normal/%04d.JPG' % i)
        t.notes(root[:-5] + 'image_anno.csv')


@other('BTAD, three products with normal images and defects', channels=3, classes=2)
def btad(t):
    for thing, ending in (('01', 'bmp'), ('02', 'png'), ('03', 'bmp')):
        root = 'BTech_Dataset_transformed/%s/' % thing
        for i in range(4):
            t.pair(thing + str(i), root + 'test/ko/%04d.%s' % (i, ending),
                   root + 'ground_truth/ko/%04d.png' % i, 1, 1)
            t.lone(root + 'test/ok/%04d.%s' % (i, ending), root + 'train/ok/%04d.%s' % (i, ending))
