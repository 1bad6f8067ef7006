# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets of pictures, of patients and others, that no part of attunet was written
for."""
import json

from other_pictures import other
from tree import numbers
from unseen_cells import digest, first_of


@other('OCTA-500, projections and several kinds of labels', expect='either')
def octa500(t):
    kinds = ['OCT(FULL)', 'OCT(ILM_OPL)', 'OCT(OPL_BM)', 'OCTA(FULL)', 'OCTA(ILM_OPL)',
             'OCTA(OPL_BM)']
    for i in range(10301, 10311):
        scene = t.scene(str(i), 4)
        images = ['OCTA_3mm/Projection Maps/%s/%d.bmp' % (k, i) for k in kinds]
        for look, image in enumerate(images):
            t.image(image, scene, grey=True, look=look)
        labels = ['OCTA_3mm/Label/GT_%s/%d.bmp' % (k, i) for k in (
            'CAVF', 'Artery', 'Capillary', 'FAZ', 'LargeVessel', 'Vein')]
        t.label(labels[0], scene, numbers(4))
        for k, label in enumerate(labels[1:]):
            t.label(label, scene, {1 + k % 4: 255})
        t.case(str(i), images, labels[0], also=[[one] for one in labels[1:]],
               image_also=[[one] for one in images])
    t.notes('OCTA_3mm/Text labels.xlsx')


@other('ROSE, retinal OCT angiography', channels=1, classes=2)
def rose(t):
    for part, count in (('train', 8), ('test', 4)):
        for i in range(1, 1 + count):
            root = 'ROSE-1/SVC/%s/' % part
            scene = t.scene(root + str(i), 4)
            t.image(root + 'img/%02d.tif' % i, scene, grey=True)
            for kind, shapes in (('gt', (1, 2, 3, 4)), ('thick_gt', (1, 2)), ('thin_gt', (3, 4))):
                t.label(root + '%s/%02d.tif' % (kind, i), scene, {k: 255 for k in shapes})
            t.case(part + str(i), root + 'img/%02d.tif' % i, root + 'gt/%02d.tif' % i)


@other('DR HAGIS, fundus', channels=3, classes=2)
def dr_hagis(t):
    for i in range(1, 12):
        image = 'DRHAGIS/Fundus_Images/%d.jpg' % i
        scene = t.scene(image, 2, nested=True)
        t.image(image, scene)
        t.label('DRHAGIS/Manual_Segmentations/%d_manual_orig.png' % i, scene, {2: 255})
        t.label('DRHAGIS/Mask_images/%d_mask_orig.png' % i, scene)
        t.case(str(i), image, 'DRHAGIS/Manual_Segmentations/%d_manual_orig.png' % i)


@other('G1020, fundus with JSON and a second version of images', expect='either', classes=3)
def g1020(t):
    for i in range(10):
        image = 'G1020/Images/image_%d.jpg' % i
        bare = 'G1020/NerveRemoved_Images/image_%d.jpg' % i
        scene = t.scene(image, 2, nested=True)
        t.image(image, scene)
        t.image(bare, scene, look=1)
        t.data('G1020/Images/image_%d.json' % i, '{"shapes": []}')
        t.label('G1020/Masks/image_%d.png' % i, scene, numbers(2))
        t.case(str(i), image, 'G1020/Masks/image_%d.png' % i, image_also=[[bare], [image, bare]])
    t.notes('G1020/G1020.csv')


@other('PAPILA, whose outlines are text files beside drawn images', expect='refuse',
       says='text|\\.txt|outline')
def papila(t):
    root = 'PapilaDB-PAPILA/'
    for i in range(2, 10):
        for eye in ('OD', 'OS'):
            name = 'RET%03d%s' % (i, eye)
            t.lone(root + 'FundusImages/%s.jpg' % name)
            t.lone(root + 'ExpertsSegmentations/ImagesWithContours/Opht_cont_%s.jpg' % name)
            for part in ('cup', 'disc'):
                for n in (1, 2):
                    t.data(root + 'ExpertsSegmentations/Contours/%s_%s_exp%d.txt' % (
                        name, part, n), '12.0 13.5\n13.0 14.5\n')
    t.notes(root + 'ClinicalData/patient_data_od.xlsx')


@other('Fundus-AVSeg, arteries and veins with colours', channels=3, classes='objects')
def fundus_avseg(t):
    for i in range(1, 11):
        name = '%03d_%s.png' % (i, 'DGNA'[i % 4])
        t.pair(name, 'Fundus-AVSeg/images/' + name, 'Fundus-AVSeg/annotation/' + name, 3,
               numbers(3), 'colour')
    t.notes('Fundus-AVSeg/training.txt', 'Fundus-AVSeg/testing.txt', 'Fundus-AVSeg/metadata.xlsx')


@other('DCA1, angiograms as PGM', channels=1, classes=2)
def dca1(t):
    for i in range(1, 13):
        t.pair(str(i), 'Database_134_Angiograms/%d.pgm' % i,
               'Database_134_Angiograms/%d_gt.pgm' % i, grey=True)


@other('EDD 2020, a mask for each class where there is one', channels=3)
def edd2020(t):
    root = 'EDD2020_release-I_2020-01-15/'
    kinds = ('BE', 'suspicious', 'HGD', 'cancer', 'polyp')
    for i in range(14):
        name = 'EDD2020_%s%04d' % (('ABF', 'ACB', 'AJD')[i % 3], 7 * i)
        scene = t.scene(name, 3)
        t.image(root + 'originalImages/%s.jpg' % name, scene)
        labels = []
        for k in range(1 + i % 3):
            labels.append(root + 'masks/%s_%s.tif' % (name, kinds[(i + k) % 5]))
            t.label(labels[-1], scene, {k + 1: 255})
        t.data(root + 'bbox/%s.txt' % name, '1 2 10 12 BE\n')
        t.case(name, root + 'originalImages/%s.jpg' % name, labels)
    t.notes(root + 'class_list.txt')


@other('SUN-SEG, frames of videos with five kinds of labels', channels=3, classes=2, groups=True)
def sun_seg(t):
    for root, first in (('TrainDataset', 1), ('TestEasyDataset/Seen', 40),
                        ('TestHardDataset/Unseen', 70)):
        for k in range(first, first + 3):
            for i in range(1, 4):
                name = 'case%d_1/case_M_2018100610%04d_0U62363100354631_1_005_002-1_a2_ayy_image' \
                    '%04d' % (k, k, 10 * i)
                image = 'SUN-SEG/%s/Frame/%s.jpg' % (root, name)
                scene = t.scene(image)
                t.image(image, scene)
                t.label('SUN-SEG/%s/GT/%s.png' % (root, name), scene)
                t.label('SUN-SEG/%s/Polygon/%s.png' % (root, name), scene)
                t.label('SUN-SEG/%s/Edge/%s.png' % (root, name), t.scene(image, 3))
                t.label('SUN-SEG/%s/Scribble/%s.png' % (root, name), t.scene(image, 2),
                        {1: 255, 2: 128})
                t.case(name, image, 'SUN-SEG/%s/GT/%s.png' % (root, name), group=k)
        t.data('SUN-SEG/%s/Detection/bbox_annotation.json' % root, '{}')
        t.notes('SUN-SEG/%s/Classification/classification.txt' % root)


@other('EndoVis 2017, a folder of labels for each instrument', expect='either')
def endovis_instruments(t):
    tools = (('Left_Prograsp_Forceps', 'Maryland_Bipolar_Forceps', 'Right_Prograsp_Forceps'),
             ('Left_Prograsp_Forceps', 'Right_Prograsp_Forceps'),
             ('Left_Large_Needle_Driver', 'Right_Large_Needle_Driver'),
             ('Large_Needle_Driver_Left', 'Large_Needle_Driver_Right', 'Prograsp_Forceps'))
    for k, names in enumerate(tools, 1):
        for i in range(5):
            root = 'instrument_1_4_training/instrument_dataset_%d/' % k
            image = root + 'left_frames/frame%03d.png' % i
            other_eye = root + 'right_frames/frame%03d.png' % i
            scene = t.scene(image, len(names))
            t.image(image, scene)
            t.image(other_eye, t.scene(other_eye, len(names)))
            labels = [root + 'ground_truth/%s_labels/frame%03d.png' % (n, i) for n in names]
            for n, label in enumerate(labels, 1):
                t.label(label, scene, {n: 10 * n})
            t.case('%d %d' % (k, i), image, labels, group=k)
        t.notes(root + 'camera_calibration.txt')
    t.data('instrument_1_4_training/mappings.json', '{}')


@other('ROBUST-MIS 2019, where frames without instruments have no label', channels=3)
def robust_mis(t):
    for kind in ('Proctocolectomy', 'Rectal resection'):
        for video in (1, 2, 3):
            for frame in (38, 420, 1733):
                root = 'Training/%s/%d/%d/' % (kind, video, frame + video)
                if frame == 1733 and video == 2:
                    t.lone(root + 'raw.png')
                else:
                    t.pair(root, root + 'raw.png', root + 'instrument_instances.png',
                           1 + video % 3, numbers(1 + video % 3))
                t.notes(root + '10s_video.zip')


@other('DSAD, organs in laparoscopy', channels=3, classes=2, groups=True)
def dsad(t):
    for k, organ in enumerate(('abdominal_wall', 'colon', 'inferior_mesenteric_artery', 'liver',
                               'ureter', 'vesicular_glands')):
        for surgery in (1, 3 + k % 2, 6, 9, 11 + k % 3):
            for i in range(2):
                root = 'DSAD/%s/%02d/' % (organ, surgery)
                t.pair(root + str(i), root + 'image%02d.png' % i, root + 'mask%02d.png' % i,
                       group=surgery)
            t.notes(root + 'weak_labels.csv')


@other('ISIC 2018, Task 2: attributes of lesions', channels=3, classes=6)
def isic2018_task2(t):
    kinds = ('globules', 'milia_like_cyst', 'negative_network', 'pigment_network', 'streaks')
    for i in range(9):
        name = 'ISIC_%07d' % i
        image = 'ISIC2018_Task1-2_Training_Input/%s.jpg' % name
        scene = t.scene(name, 5)
        t.image(image, scene)
        labels = ['ISIC2018_Task2_Training_GroundTruth_v3/%s_attribute_%s.png' % (name, n)
                  for n in kinds]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 255} if (i + k) % 3 else {})
        t.case(name, image, labels)
    t.notes('ISIC2018_Task1-2_Training_Input/ATTRIBUTION.txt',
            'ISIC2018_Task2_Training_GroundTruth_v3/LICENSE.txt')


@other('Skin cancer detection, University of Waterloo', channels=3, classes=2)
def waterloo_skin(t):
    for kind in ('melanoma', 'notmelanoma'):
        for source, letter in (('dermis', 'D'), ('dermquest', 'S')):
            for i in range(1, 5):
                root = 'Skin Image Data Set-1/skin_data/%s/%s/%s%d_' % (kind, source, letter,
                                                                       i + 9 * len(kind))
                t.pair(root, root + 'orig.jpg', root + 'contour.png')


@other('SIIM-ACR pneumothorax as PNG, Kaggle', channels=1, classes=2)
def siim_png(t):
    for part, count in (('train', 9), ('test', 4)):
        for i in range(count):
            name = '%d_%s_%d_.png' % (i, part, i % 2)
            scene = t.scene(name)
            t.image('siim-acr-pneumothorax/png_images/' + name, scene, grey=True)
            t.label('siim-acr-pneumothorax/png_masks/' + name, scene, 255 if i % 2 else {})
            t.case(name, 'siim-acr-pneumothorax/png_images/' + name,
                   'siim-acr-pneumothorax/png_masks/' + name)
    t.notes('siim-acr-pneumothorax/stage_1_train_images.csv')


@other('SIIM-ACR pneumothorax, DICOM and run lengths', expect='refuse', says='DICOM|RLE')
def siim_dicom(t):
    rows = ['ImageId, EncodedPixels']
    for i in range(6):
        name = '1.2.276.0.7230010.3.1.4.8323329.%d.1517875%03d' % (1000 + i, i)
        t.dicom('siim/dicom-images-train/%s/%s/%s.dcm' % (name[:-2] + '1', name[:-1] + '2', name))
        rows.append(name + ', 387620 23 996 33')
    t.data('siim/train-rle.csv', '\n'.join(rows) + '\n')


@other('UW-Madison GI tract, scans with run lengths in a CSV', expect='refuse',
       says='run.length|RLE|CSV')
def uw_madison(t):
    rows = ['id,class,segmentation']
    for case in (2, 101):
        for day in (1, 20):
            for z in range(1, 5):
                root = 'train/case%d/case%d_day%d/scans/' % (case, case, day)
                t.lone(root + 'slice_%04d_266_266_1.50_1.50.png' % z, grey=True)
                for organ in ('large_bowel', 'small_bowel', 'stomach'):
                    rows.append('case%d_day%d_slice_%04d,%s,%s' % (
                        case, day, z, organ, '28094 3 28358 7' if z > 2 else ''))
    t.data('train.csv', '\n'.join(rows) + '\n')
    t.data('sample_submission.csv', 'id,class,predicted\n')


@other('PICCOLO, polyps with white light and NBI', channels=3, classes=2, groups=True)
def piccolo(t):
    for part, first in (('train', 1), ('validation', 30), ('test', 40)):
        for k in range(first, first + 3):
            for i in range(2):
                root = 'piccolo dataset-release0.1/%s/' % part
                name = '%03d_VP%d_frame%04d' % (k, k + 1, 31 * i)
                scene = t.scene(name)
                t.image(root + 'polyps/%s.png' % name, scene)
                t.label(root + 'masks/%s_Corrected.tif' % name, scene)
                t.label(root + 'void/%s_void.tif' % name, t.scene(name + 'v'))
                t.case(name, root + 'polyps/%s.png' % name, root + 'masks/%s_Corrected.tif' % name,
                       group=k)


@other('m2caiSeg, laparoscopy with colours', channels=3, classes='objects')
def m2caiseg(t):
    for part, count in (('train', 7), ('trainval', 3), ('test', 4)):
        for i in range(count):
            root, name = 'm2caiSeg dataset/%s/' % part, '%d_%d' % (i + len(part), 525 + 75 * i)
            t.pair(part + name, root + 'images/%s.jpg' % name,
                   root + 'groundtruth/%s_gt.png' % name, 4, numbers(4), 'colour')


@other('Teeth of Humans in the Loop, an export of Supervisely', expect='either')
def teeth_png(t):
    for i in range(1, 11):
        root = 'Teeth Segmentation PNG/d2/'
        scene = t.scene(str(i), 5)
        t.image(root + 'img/%d.jpg' % i, scene, grey=True)
        t.label(root + 'masks_machine/%d.png' % i, scene, numbers(5))
        t.label(root + 'masks_human/%d.png' % i, scene, numbers(5), 'colour')
        t.data(root + 'ann/%d.jpg.json' % i, '{"objects": []}')
        t.case(str(i), root + 'img/%d.jpg' % i, root + 'masks_machine/%d.png' % i,
               also=[[root + 'masks_human/%d.png' % i]])
    t.data('Teeth Segmentation PNG/meta.json', '{"classes": []}')
    t.data('Teeth Segmentation PNG/obj_class_to_machine_color.json', '{}')


@other('Panoramic dental X-rays of Abdi, two readers of mandibles', channels=1, classes=2)
def mandibles(t):
    for i in range(1, 12):
        image = 'Panoramic radiography database/Images/%d.png' % i
        first_of(t, str(i), image, [image.replace('Images', 'Segmentation%d' % n) for n in (1, 2)],
                 t.scene(image), (255, 255))


@other('OIMHS, image and label side by side in one file', expect='refuse')
def oimhs(t):
    for k in range(1, 5):
        for i in range(1, 4):
            t.lone('Images/%d/%d.png' % (k, i))
    t.notes('Demographics of the participants.xlsx')


@other('Breast-Lesions-USG, The Cancer Imaging Archive', channels=3, classes=3)
def breast_usg(t):
    for i in range(1, 13):
        root = 'BrEaST-Lesions_USG-images_and_masks/case%03d' % i
        scene = t.scene(root, 2)
        t.image(root + '.png', scene)
        labels = [root + '_tumor.png'] + ([root + '_other1.png'] if i % 5 == 4 else [])
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 255})
        t.case(str(i), root + '.png', labels[0], also=[labels] if labels[1:] else ())
    t.notes('BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx')


@other('BUS-UCLM, lesions with two colours', channels=3, classes='objects', groups=True)
def bus_uclm(t):
    for k, who in enumerate(('ALWI', 'BEPO', 'CAGU', 'DOSA', 'EVRI', 'FEMA')):
        for i in range(3):
            name = '%s_%03d.png' % (who, i)
            scene = t.scene(name, 2)
            t.image('BUS-UCLM/images/' + name, scene)
            t.label('BUS-UCLM/masks/' + name, scene, {1 + k % 2: 1 + k % 2} if i else {}, 'colour')
            t.case(name, 'BUS-UCLM/images/' + name, 'BUS-UCLM/masks/' + name, group=k)
    t.notes('BUS-UCLM/INFO.csv')


@other('Common carotid artery images, Mendeley Data', classes=2)
def carotid(t):
    for i in range(3):
        for z in range(4):
            name = '20220%d121748100022VAS_slice_%d.png' % (i + 1, 1069 + 9 * z)
            t.pair(name, 'Common Carotid Artery Ultrasound Images/US images/' + name,
                   'Common Carotid Artery Ultrasound Images/Expert mask images/' + name, grey=True)


@other('US simulation and segmentation, abdominal organs with colours', channels=3)
def abdominal_us(t):
    for kind, names in (('AUS', 'ct%d-%d'), ('RUS', 'P%d_%d')):
        for part, count in (('train', 6), ('test', 3)):
            for i in range(count):
                root = 'abdominal_US/abdominal_US/%s/' % kind
                name = '%s/%s.png' % (part, names % (i + 1, 20 + i))
                if kind == 'RUS' and part == 'train':
                    t.lone(root + 'images/' + name)
                else:
                    t.pair(kind + name, root + 'images/' + name, root + 'annotations/' + name, 4,
                           numbers(4), 'colour')


@other('UCL dVRK, robotic instruments', channels=3, classes=2, groups=True)
def ucl_dvrk(t):
    for k in range(1, 7):
        for i in range(3):
            root = 'UCL_dVRK/Video_%02d/' % k
            t.pair(root + str(i), root + 'images/%03d.png' % i, root + 'ground_truth/%03d.png' % i,
                   group=k)
        t.notes(root + 'kinematics/PSM1.txt', root + 'Video_%02d.mp4' % k)


@other('DAVIS 2017, frames whose palettes number objects', channels=3, groups=True)
def davis(t):
    for k, name in enumerate(('bear', 'bike-packing', 'camel', 'dogs-jump', 'gold-fish', 'kid')):
        for i in range(3):
            frame = '480p/%s/%05d' % (name, i)
            t.pair(frame, 'DAVIS/JPEGImages/%s.jpg' % frame, 'DAVIS/Annotations/%s.png' % frame,
                   1 + k % 3, numbers(1 + k % 3), 'palette', group=k)
    t.notes('DAVIS/ImageSets/2017/train.txt', 'DAVIS/README.md')


@other('Aerial images of Dubai, tiles with colours', channels=3, classes='objects', groups=True)
def dubai(t):
    for k in range(1, 7):
        for i in range(1, 4):
            root = 'Semantic segmentation dataset/Tile %d/' % k
            t.pair('%d %d' % (k, i), root + 'images/image_part_%03d.jpg' % i,
                   root + 'masks/image_part_%03d.png' % i, 4, numbers(4), 'colour', group=k)
    t.data('Semantic segmentation dataset/classes.json', '{"classes": []}')


@other('Agriculture-Vision, channels, masks of validity and a mask for each class',
       expect='either')
def agriculture_vision(t):
    for part, count in (('train', 7), ('val', 3)):
        for i in range(count):
            name = '%s_%d-8394-1171-8906' % (digest(part, i)[:9].upper(), 659 + i)
            root = 'Agriculture-Vision-2021/%s/' % part
            scene = t.scene(root + name, 3)
            images = [root + 'images/%s/%s.jpg' % (k, name) for k in ('rgb', 'nir')]
            t.image(images[0], scene)
            t.image(images[1], scene, grey=True, look=2)
            for kind in ('boundaries', 'masks'):
                t.label(root + '%s/%s.png' % (kind, name), scene, {k: 255 for k in range(4)})
            labels = [root + 'labels/%s/%s.png' % (k, name)
                      for k in ('double_plant', 'drydown', 'water')]
            for k, label in enumerate(labels, 1):
                t.label(label, scene, {k: 255} if (i + k) % 3 else {})
            t.case(name, images, labels, image_also=[images[:1], images[1:], images[::-1]])


@other('38-Cloud, a folder for each band', channels=4, classes=2)
def cloud38(t):
    for part, count in (('training', 10), ('test', 3)):
        for i in range(1, 1 + count):
            name = 'patch_%d_%d_by_1_LC08_L1TP_00205%d_20160520_20170324_01_T1.TIF' % (i, i, i % 9)
            root = '38-Cloud_%s/%s_' % (part, part.replace('ing', ''))
            scene = t.scene(root + name)
            bands = [root + '%s/%s_%s' % (b, b, name) for b in ('blue', 'green', 'nir', 'red')]
            for look, band in enumerate(bands):
                t.image(band, scene, grey=True, look=look, kind='uint16')
            if part == 'training':
                t.label(root + 'gt/gt_' + name, scene)
                t.case(name, bands, root + 'gt/gt_' + name)
    t.notes('38-Cloud_training/training_patches_38-Cloud.csv')


@other('Sen1Floods11, hand labels among labels by rules', expect='either')
def sen1floods11(t):
    root = 'v1.1/data/flood_events/HandLabeled/'
    for i in range(10):
        name = '%s_%d' % (('Bolivia', 'Ghana', 'India')[i % 3], 103757 + 91 * i)
        scene = t.scene(name)
        images = [root + '%s/%s_%s.tif' % (k, name, k) for k in ('S1Hand', 'S2Hand')]
        for look, image in enumerate(images):
            t.image(image, scene, grey=True, look=look, kind='uint16')
        labels = [root + '%s/%s_%s.tif' % (k, name, k)
                  for k in ('LabelHand', 'JRCWaterHand', 'S1OtsuLabelHand')]
        for label in labels:
            t.label(label, scene, 1)
        t.case(name, images, labels[0], image_also=[images[:1], images[1:]])


@other('xView2 (xBD), before and after disasters', channels=3, classes=5)
def xbd(t):
    for i in range(7):
        for when in ('post', 'pre'):
            name = 'guatemala-volcano_%08d_%s_disaster' % (i, when)
            t.pair(name, 'train/images/%s.png' % name, 'train/targets/%s_target.png' % name,
                   4, numbers(4) if when == 'post' else {k: 1 for k in range(1, 5)})
            t.data('train/labels/%s.json' % name, '{"features": {}}')


@other('Magnetic tile defects, image and mask with one name', channels=1, classes=2)
def magnetic_tile(t):
    for kind, number in (('Blowhole', 1), ('Break', 2), ('Crack', 3), ('Free', 6)):
        for i in range(4):
            root = 'Magnetic-Tile-Defect-master/MT_%s/Imgs/exp%d_num_%d' % (kind, number,
                                                                          108719 + 77 * i)
            scene = t.scene(root)
            t.image(root + '.jpg', scene, grey=True)
            t.label(root + '.png', scene, {} if kind == 'Free' else 255)
            t.case(root, root + '.jpg', root + '.png')


@other('KolektorSDD, JPEG parts with BMP labels', channels=1, classes=2)
def kolektor(t):
    for k in range(1, 5):
        for i in range(4):
            root = 'KolektorSDD/kos%02d/Part%d' % (k, i)
            scene = t.scene(root)
            t.image(root + '.jpg', scene, grey=True)
            t.label(root + '_label.bmp', scene, 255 if i == 2 else {})
            t.case(root, root + '.jpg', root + '_label.bmp')


@other('KolektorSDD2, images beside masks with a short word', channels=3, classes=2)
def kolektor2(t):
    for part, first in (('train', 10000), ('test', 20000)):
        for i in range(first, first + 8):
            t.pair(str(i), '%s/%d.png' % (part, i), '%s/%d_GT.png' % (part, i))


@other('ISTD, shadows: images, masks and images without shadows', expect='either', classes=2)
def istd(t):
    for part, count in (('train', 8), ('test', 4)):
        for i in range(1, 1 + count):
            a, b, c = ('ISTD_Dataset/%s/%s_%s/%d-%d.png' % (part, part, n, 80 + i, i)
                       for n in 'ABC')
            scene = t.scene(a)
            t.image(a, scene)
            t.image(c, scene, look=3)
            t.label(b, scene)
            t.case(part + str(i), a, b, image_also=[[a, c], [c]])


@other('FracAtlas, whose masks are COCO JSON', expect='refuse', says='JSON|COCO')
def fracatlas(t):
    for i in range(6):
        t.lone('FracAtlas/images/Fractured/IMG%07d.jpg' % (19 + i), grey=True)
        t.lone('FracAtlas/images/Non_fractured/IMG%07d.jpg' % (1000 + i), grey=True)
        t.notes('FracAtlas/Annotations/PASCAL VOC/IMG%07d.xml' % (19 + i),
                'FracAtlas/Annotations/YOLO/IMG%07d.txt' % (19 + i))
    t.data('FracAtlas/Annotations/COCO JSON/COCO_fracture_masks.json', json.dumps(
        {'images': [], 'annotations': [], 'categories': []}))
    t.notes('FracAtlas/dataset.csv')


@other('Stanford background, whose labels are text', expect='refuse', says='text|\\.txt')
def stanford_background(t):
    for i in range(10):
        name = '%07d' % (47 + 59 * i)
        t.lone('iccv09Data/images/%s.jpg' % name)
        for kind in ('regions', 'surfaces', 'layers'):
            t.data('iccv09Data/labels/%s.%s.txt' % (name, kind), '0 0 1\n1 1 1\n')
    t.notes('iccv09Data/horizons.txt')


@other('Mapillary Vistas, two versions of palettes', channels=3)
def mapillary(t):
    for part, count in (('training', 7), ('validation', 3)):
        for i in range(count):
            name = digest('vistas', part, i)[:22]
            image = '%s/images/%s.jpg' % (part, name)
            scene = t.scene(image, 5)
            t.image(image, scene)
            labels = ['%s/%s/labels/%s.png' % (part, v, name) for v in ('v1.2', 'v2.0')]
            for label in labels:
                t.label(label, scene, numbers(5), 'palette')
            for v in ('v1.2', 'v2.0'):
                t.label('%s/%s/instances/%s.png' % (part, v, name), scene, numbers(5))
            t.data('%s/v2.0/polygons/%s.json' % (part, name), '{}')
            t.case(name, image, labels[1], also=[labels[:1]])
    t.lone(*('testing/images/%s.jpg' % digest('t', i)[:22] for i in range(3)))
    t.data('config_v1.2.json', '{}')
    t.data('config_v2.0.json', '{}')
