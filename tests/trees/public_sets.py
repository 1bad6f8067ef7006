# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets that attunet once misread, each for a kind of its own."""
import hashlib

import images
from other_pictures import other
from tree import Scene, coloured, numbers


def shifted(scene, by=1):
    """The scene as another reader labels it."""
    one = Scene('', side=scene.side)
    one.depth, one.shapes, one.grey = scene.depth, scene.shapes, scene.grey
    one.label = bytes(by) + scene.label[:len(scene.label) - by]
    return one


@other('MSSEG-2, two times with the labels of four experts and what they agreed on', channels=2,
       classes=2)
def msseg2(t):
    for n in (13, 15, 16, 18, 19, 20, 21):
        root = 'training/%03d/' % n
        times = [root + 'flair_time%02d_on_middle_space.nii.gz' % k for k in (1, 2)]
        scene = t.scene(times[0])
        for look, path in enumerate(times):
            t.image(path, scene, look=look)
        t.label(root + 'ground_truth.nii.gz', scene, 1)
        for k in range(1, 5):
            t.label(root + 'ground_truth_expert%d.nii.gz' % k, shifted(scene, 1 + k % 2), 1)
        t.case(str(n), times, root + 'ground_truth.nii.gz')
        t.notes(root + 'readme.txt')


@other('S2Looking, two times with a label of each and one of both', expect='either')
def s2looking(t):
    for i in range(1, 11):
        root = 'S2Looking/%s/' % ('train' if i < 8 else 'val')
        times, labels = ([root + '%s%d/%d.png' % (name, k, i) for k in (1, 2)]
                         for name in ('Image', 'label'))
        scene = t.scene(root + str(i), 3)
        for k in (0, 1):
            t.image(times[k], scene, look=k)
            t.label(labels[k], scene, {1: 255, k + 2: 255})
        t.label(root + 'label/%d.png' % i, scene)
        t.case(str(i), times, root + 'label/%d.png' % i, also=[[one] for one in labels],
               image_also=[[one] for one in times])


@other('RibSeg v2, whose centre lines have the values of the labels', channels=1, classes=10)
def ribseg(t):
    for i in range(1, 8):
        image, label, line = ('%s/RibFrac%d-%s.nii.gz' % (folder, i, name) for folder, name in (
            ('ribfrac-train-images', 'image'), ('ribseg_v2/seg', 'rib-seg'),
            ('ribseg_v2/cl', 'rib-cl')))
        scene = t.scene(image, 9, depth=8)
        t.image(image, scene)
        t.label(label, scene, numbers(9))
        thin = shifted(scene, 0)
        thin.label = bytes(v if k % 5 == 2 else 0 for k, v in enumerate(scene.label))
        t.label(line, thin, numbers(9))
        t.case(str(i), image, label)


@other('ORIGA of Kaggle, two more versions of each image', channels=3, classes=3, groups=True)
def origa(t):
    for i in range(1, 9):
        for version in ('', '_Cropped', '_Square'):
            t.pair('%d%s' % (i, version), 'ORIGA/Images%s/%03d.jpg' % (version, i),
                   'ORIGA/Masks%s/%03d.png' % (version, i), 2, numbers(2), nested=True, group=i)
    t.notes('ORIGA/OrigaList.csv')


@other('Mindboggle-101, each subject in two spaces', channels=1, groups=True)
def mindboggle(t):
    for i in range(1, 7):
        root = 'OASIS-TRT-20_volumes/OASIS-TRT-20-%d/' % i
        for space, side in (('', 16), ('.MNI152', 18)):
            scene = t.scene(root + space + '.nii.gz', 8, side=side)
            image = root + 't1weighted%s.nii.gz' % space
            label = root + 'labels.DKT31.manual+aseg%s.nii.gz' % space
            t.image(image, scene)
            t.label(label, scene, numbers(8))
            t.case(image, image, label, group=i)


@other('TRUSTED, ultrasound of two kidneys and CT of a patient', channels=1, classes=2,
       groups=True)
def trusted(t):
    for i in range(1, 6):
        for kind, name in (('US', '%02dL'), ('US', '%02dR'), ('CT', '%02d')):
            root = 'TRUSTED/{0}_DATA/{0}_%s/{1}_%s{0}.nii.gz'.format(kind, name % i)
            t.pair(root, root % ('images', 'img'),
                   root % ('masks/GT_estimated_masks' + kind, 'mask'), 1, 1, grey=True, group=i)


@other('BDAPPV, one place by two providers', channels=3, classes=2, groups=True)
def bdappv(t):
    for i in range(6):
        code = hashlib.md5(b'%d' % i).hexdigest().upper()[:14]
        for source in ('google', 'ign'):
            t.pair(source + code, 'bdappv/%s/img/%s.png' % (source, code),
                   'bdappv/%s/mask/%s.png' % (source, code), group=i)


@other('AGGC 2022, masks of Gleason grades and tissues, each of one piece', expect='asks',
       channels=3, classes=5)
def aggc22(t):
    for i in range(1, 8):
        name = 'Subset1_Train_%d' % i
        image = 'AGGC22_Subset1/Subset1_Train_image/%s.tiff' % name
        scene = t.scene(image, 4)
        t.image(image, scene)
        masks = []
        for k, tissue in enumerate(('G3', 'G4', 'Normal', 'Stroma'), 1):
            if i % 4 + 1 != k:
                masks.append('AGGC22_Subset1/Subset1_Train_annotation/Train/%s/%s_Mask.tif' % (
                    name, tissue))
                t.label(masks[-1], scene, {k: 255})
        t.case(name, image, masks)


@other('ATLAS 1.2, a second lesion of some patients in a file of its own', channels=1, classes=2)
def atlas12(t):
    for i in range(1, 9):
        root = 'ATLAS_R1.1/standard_MNI/Site%d/1100%02d/t01/c%04ds%04dt01_' % (
            1 + i // 4, i, 1 + i // 4, i)
        scene = t.scene(root, 2, depth=8)
        names = ['LesionSmooth_stx', 'LesionSmooth_1_stx'][:1 + (i % 4 == 3)]
        t.image(root + 't1w_stx.nii.gz', scene)
        for k, name in enumerate(names, 1):
            t.label(root + name + '.nii.gz', scene, {k: 1})
        t.case(str(i), root + 't1w_stx.nii.gz', [root + name + '.nii.gz' for name in names])


@other('iChallenge-AMD, lesions of some images and the disc of all', channels=3, classes=4)
def ichallenge_amd(t):
    for i in range(1, 11):
        sick = i < 6
        name, folder = '%s%04d' % ('AN'[not sick], i), 'AMD' if sick else 'Non-AMD'
        image = 'Training400/%s/%s.jpg' % (folder, name)
        scene = t.scene(image, 3)
        t.image(image, scene)
        labels = []
        lesions = ('Disc_Masks', 'Lesion_Masks/drusen', 'Lesion_Masks/exudate')
        for k, lesion in enumerate(lesions, 1):
            if k == 1 or sick and (i + k) % 4:
                labels.append('Training400-Lesion/%s/%s.bmp' % (lesion, name))
                t.label(labels[-1], scene, {k: 255})
        t.case(name, image, labels)


@other('PanopTILs, pictures of the labels beside masks of three meanings', expect='refuse',
       says='may be its image.*no mask such as')
def panoptils(t):
    root = 'BootstrapNucleiManualRegions/%s/TCGA-A%d-A0SP-DX1_roi-0_x%d_y100.%s'
    for i in range(8):
        scene = t.scene(root % ('rgbs', i, 1000 + i, 'png'), 5)
        t.image(root % ('rgbs', i, 1000 + i, 'png'), scene)
        t.image(root % ('vis', i, 1000 + i, 'png'), scene, look=1)
        t.save(root % ('masks', i, 1000 + i, 'png'), b''.join(
            bytes((1 + k // 96 % 3, v, 255 * (v > 0))) for k, v in enumerate(scene.label)), scene,
            channels=3)
        t.data(root % ('csv', i, 1000 + i, 'csv'), 'a,b\n1,2\n')


@other('VISCERAL, organs by number, and the number of who drew them', expect='asks', channels=1)
def visceral(t):
    for i in range(7):
        name = '%d_1_CTce_ThAb' % (10000100 + i)
        image = 'volumes/%s.nii.gz' % name
        scene = t.scene(image, 4)
        t.image(image, scene)
        labels = ['segmentations/%s_%d_%d.nii.gz' % (name, organ, 5 + (i + k) % 3)
                  for k, organ in enumerate((58, 86, 170, 1302))]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 1})
        t.case(name, image, labels)


@other('pictures of the labels, drawn over the images', expect='asks', channels=3, classes=2)
def drawn_over(t):
    for i in range(8):
        name = 'roi_%02d.png' % i
        scene = t.pair(name, 'rgbs/' + name, 'masks/' + name, 3)
        colours = coloured(scene.grey)
        t.save('vis/' + name, b''.join(
            b'\xff\x00' + colours[3 * k + 2:3 * k + 3] if v else colours[3 * k:3 * k + 3]
            for k, v in enumerate(scene.label)), scene, channels=3)
        t.cases[-1]['images_also'] = [['vis/' + name]]


@other('CIHP, categories, people and instances', channels=3, expect='either', says='Category_ids')
def cihp(t):
    for part, count in (('Training', 7), ('Validation', 3)):
        for i in range(count):
            name = '%07d' % (6 + 9 * i + len(part))
            root = 'instance-level_human_parsing/%s/' % part
            scene = t.scene(name, 5)
            t.image(root + 'Images/%s.jpg' % name, scene)
            for folder, values in (('Category_ids', {1: 1, 2: 2, 3: 1, 4: 2, 5: 3}),
                                   ('Human_ids', {1: 1, 2: 1, 3: 2, 4: 2, 5: 2}),
                                   ('Instance_ids', numbers(5))):
                t.label(root + '%s/%s.png' % (folder, name), scene, values)
            t.label(root + 'Categories/%s.png' % name, scene, {1: 1, 2: 2, 3: 1, 4: 2, 5: 3},
                    'colour')
            t.data(root + 'Instances/%s.txt' % name, '1\n')
            t.case(name, root + 'Images/%s.jpg' % name, root + 'Category_ids/%s.png' % name)


@other('OAI-ZIB-CM, folders of nnU-Net without dataset.json', channels=1, classes=6)
def oaizib(t):
    for part, numbers_of in (('Tr', (1, 2, 3, 5, 7, 9, 11)), ('Ts', (300, 301, 302))):
        for i in numbers_of:
            name = 'oaizib_%03d' % i
            t.pair(name, 'images%s/%s_0000.nii.gz' % (part, name),
                   'labels%s/%s.nii.gz' % (part, name), 5, numbers(5))
            t.cases[-1]['optional'] = part == 'Ts'
    t.notes('README.md', 'info/kMRI_FNIH_SBL_Readers.csv')


@other('two channels in folders of nnU-Net without dataset.json', channels=2, classes=3)
def numbered_without_json(t):
    for i in range(9):
        name = 'case_%03d' % (3 * i)
        images = ['imagesTr/%s_%04d.nii.gz' % (name, k) for k in (0, 1)]
        scene = t.scene(images[0], 2)
        for look, path in enumerate(images):
            t.image(path, scene, look=look)
        t.label('labelsTr/%s.nii.gz' % name, scene, numbers(2))
        t.case(name, images, 'labelsTr/%s.nii.gz' % name)


@other('folders of a zip file in folders of their own names, masks in dark colours of JPEG',
       expect='refuse', says='masks/masks/.*compression changes colours')
def dark_jpeg_nested(t):
    colours = ((0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0))
    for i in range(9):
        name = '%02d' % i
        scene = t.scene(name, 3)
        t.image('images/images/%s.jpg' % name, scene)
        t.save('masks/masks/%s.jpg' % name, b''.join(bytes(colours[v]) for v in scene.label), scene,
               channels=3)


@other('exports of TissueNet, two stains and two kinds of objects', channels=2, expect='either',
       says='membrane.tif;images/{id}_nuclear.tif')
def tissue_stains(t):
    for i in range(8):
        name = 'pancreas_codex_%03d' % i
        images = ['images/%s_%s.tif' % (name, stain) for stain in ('membrane', 'nuclear')]
        labels = ['labels/%s_%s.tif' % (name, kind) for kind in ('whole_cell', 'nuclear')]
        scene = t.scene(name, 5)
        for look, path in enumerate(images):
            t.image(path, scene, grey=True, look=look)
        for path in labels:
            t.label(path, scene, numbers(5))
        t.case(name, images, labels[0], also=[[labels[1]]])


@other('PANORAMA, labels of several values by hand or by a program', channels=1, classes=7,
       expect='either')
def panorama(t):
    for i in range(24):
        name = '%d_00001' % (100000 + i)
        folder = 'panorama_labels/' + ('automatic_labels' if i % 3 else 'manual_labels')
        t.pair(name, 'batch_%d/%s_0000.nii.gz' % (1 + i // 6, name),
               '%s/%s.nii.gz' % (folder, name), 6, numbers(6))
    t.notes('panorama_labels/README.md', 'panorama_labels/clinical_information.xlsx')


@other('GOOSE, scenes with labels as numbers, instances and colours', channels=3)
def goose(t):
    for part, count in (('train', 4), ('val', 2)):
        for scene in ('2022-07-22_flight', '2022-09-21_garching_2'):
            for i in range(count):
                name = '%s/%s/%s__%04d_1661077%d' % (
                    part, scene, scene, 420 + 7 * i + 50 * len(part), 192615 + i)
                image = 'goose_2d/images/%s_windshield_vis.png' % name
                label = 'goose_2d/labels/%s_%%s.png' % name
                one = t.pair(name, image, label % 'labelids', 4, {1: 3, 2: 4, 3: 17, 4: 19})
                t.label(label % 'instanceids', one, {1: 1, 3: 2})
                t.label(label % 'color', one, numbers(4), 'colour')
    t.notes('goose_2d/LICENSE', 'goose_2d/CHANGELOG')
    t.data('goose_2d/goose_label_mapping.csv', 'class_name,label_key,has_instance,hex\n')


@other('Baby Open Brains, sessions by age', channels=2, classes=10)
def baby_brains(t):
    for i in range(1, 7):
        name = 'sub-%d/ses-%dmo' % (116056 + i * 97, 1 + i % 5)
        root = 'BOBsRepository/%s/anat/%s_space-INFANTMNIacpc_' % (name, name.replace('/', '_'))
        images = [root + 'T1w.nii.gz', root + 'T2w.nii.gz']
        scene = t.scene(images[0], 9)
        for look, path in enumerate(images):
            t.image(path, scene, look=look)
        t.label(root + 'desc-aseg_dseg.nii.gz', scene, {k: 7 * k for k in range(1, 10)})
        t.label(root + 'desc-brain_mask.nii.gz', scene, 1)
        t.data(root + 'desc-aseg_dseg.json', '{}')
        t.case(name, images, root + 'desc-aseg_dseg.nii.gz')
    t.data('BOBsRepository/dataset_description.json', '{"Name": "BOBs"}')


@other('Lausanne TOF-MRA, BIDS with a mask for each aneurysm of a subject', expect='asks',
       channels=1)
def lausanne(t):
    for i in range(1, 10):
        name = 'sub-%03d/ses-2010%02d21/anat/sub-%03d_ses-2010%02d21_' % (i, i, i, i)
        images = ['derivatives/N4_bias_field_corrected/%sangio_N4bfc.nii.gz' % name,
                  name + 'angio.nii.gz']
        scene = t.scene(images[0], 2)
        for path in images:
            t.image(path, scene)
        masks = ['derivatives/manual_masks/%sdesc-Lesion_%d_mask.nii.gz' % (name, k)
                 for k in range(1, 1 + i % 3)]
        for k, path in enumerate(masks, 1):
            t.label(path, scene, {k: 1})
        if masks:
            t.case(name, images[1], masks)
    t.data('dataset_description.json', '{"Name": "TOF", "BIDSVersion": "1.4.0"}')
    t.data('participants.tsv', 'participant_id\tage\nsub-001\t50\n')


@other('PASTIS, arrays of times and bands', expect='refuse', says='first axes are times')
def pastis(t):
    for i in range(6):
        name, times = 10000 + 3 * i, 33 + i
        scene = t.scene(str(i), 3)
        size = (scene.side, scene.side)
        label = scene.mapped(numbers(3))
        t.data('PASTIS/DATA_S2/S2_%d.npy' % name,
               images.npy([20 * v for v in scene.grey] * 10 * times, (times, 10) + size, 'int16'))
        t.data('PASTIS/ANNOTATIONS/TARGET_%d.npy' % name,
               images.npy(label * 3, (3,) + size, 'uint8'))
        t.data('PASTIS/ANNOTATIONS/ParcelIDs_%d.npy' % name, images.npy(label, size, 'uint8'))
    t.notes('PASTIS/metadata.geojson', 'PASTIS/NORM_S2_patch.json')


@other('Yeast Image Toolkit, positions of cells in tables', expect='refuse', says='points')
def yeast_toolkit(t):
    for part in (1, 2):
        t.lone(*('TestSet%d/RawData/z_000_t_%03d.png' % (part, k) for k in (1, 2, 3)), grey=True)
        t.data('TestSet%d/GroundTruth/Segmentation.csv' % part,
               'Frame_number, Cell_number, Position_X, Position_Y\n1,1,20,30\n')


@other('PROSTATEx masks, findings that only some patients have beside zones', expect='asks',
       channels=1)
def prostatex_masks(t):
    for i in range(7):
        name = 'ProstateX-%04d' % i
        image = 'T2/%s_t2_tse_tra.nii.gz' % name
        scene = t.scene(image, 3)
        t.image(image, scene)
        masks = ['Files/lesions/Masks/T2/%s-Finding%d-t2_tse_tra0_ROI.nii.gz' % (name, k)
                 for k in range(1, 2 + i % 3)]
        for k, mask in enumerate(masks, 1):
            t.label(mask, scene, {k: 1})
        for zone, shapes in (('prostate', (1, 2, 3)), ('pz', (1,)), ('tz', (2, 3))):
            t.label('Files/prostate/mask_%s/%s.nii.gz' % (zone, name), scene,
                    dict.fromkeys(shapes, 1))
        t.case(name, image, masks)
