# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets that were written last, to judge rules that knew none of them."""
from other_pictures import other
from tree import numbers


@other('HNTS-MRG 2024, two times of each patient', classes=3, groups=True)
def hnts_mrg(t):
    for i in range(2, 10):
        for phase in ('preRT', 'midRT'):
            root = 'HNTSMRG24_train/%d/%s/%d_%s_' % (i, phase, i, phase)
            t.pair('%d %s' % (i, phase), root + 'T2.nii.gz', root + 'mask.nii.gz', 2, numbers(2),
                   group=i)
        root = 'HNTSMRG24_train/%d/midRT/%d_preRT_' % (i, i)
        scene = t.scene(root, 2, depth=8)
        t.image(root + 'T2_registered.nii.gz', scene)
        t.label(root + 'mask_registered.nii.gz', scene, numbers(2))
        t.case('%d registered' % i, root + 'T2_registered.nii.gz',
               root + 'mask_registered.nii.gz', group=i, optional=True)


@other('TopCoW 2024, CT and MR of each patient', channels=1, classes=4, groups=True)
def topcow2024(t):
    root = 'TopCoW2024_Data_Release/'
    for i in range(1, 10):
        for kind in ('ct', 'mr'):
            name = 'topcow_%s_%03d' % (kind, i)
            t.pair(name, root + 'imagesTr/%s_0000.nii.gz' % name,
                   root + 'cow_seg_labelsTr/%s.nii.gz' % name, 3, numbers(3), group=i)
            t.notes(root + 'roi_loc_labelsTr/%s.txt' % name)


@other('BraTS-Africa', channels=4, classes=4)
def brats_africa(t):
    root = 'BraTS-Africa/95_Glioma/'
    for i in (1, 2, 4, 8, 11, 12, 19):
        name = 'BraTS-SSA-%05d-000' % i
        scene = t.scene(name, 3, depth=8)
        images = [root + '%s/%s-%s.nii.gz' % (name, name, k) for k in ('t1c', 't1n', 't2f', 't2w')]
        for look, image in enumerate(images):
            t.image(image, scene, look=look)
        t.label(root + '%s/%s-seg.nii.gz' % (name, name), scene, numbers(3))
        t.case(name, images, root + '%s/%s-seg.nii.gz' % (name, name))


@other('MU-Glioma-Post, several times of a patient', channels=4, classes=4, groups=True)
def mu_glioma_post(t):
    for i in range(3, 11):
        for time in range(1, 3 + i % 2):
            name = 'PatientID_%04d/Timepoint_%d/PatientID_%04d_Timepoint_%d_' % (i, time, i, time)
            root = 'MU-Glioma-Post/' + name
            scene = t.scene(root, 3, depth=8)
            images = [root + 'brain_%s.nii.gz' % k for k in ('t1c', 't1n', 't2f', 't2w')]
            for look, image in enumerate(images):
                t.image(image, scene, look=look)
            t.label(root + 'tumorMask.nii.gz', scene, numbers(3))
            t.case(name, images, root + 'tumorMask.nii.gz', group=i)


@other('Polyp sets of PraNet', channels=3, classes=2)
def pranet(t):
    for i in range(1, 10):
        t.pair('train %d' % i, 'TrainDataset/image/%d.png' % i, 'TrainDataset/mask/%d.png' % i)
    for name in ('CVC-300', 'CVC-ClinicDB', 'ETIS-LaribPolypDB', 'Kvasir'):
        for i in range(1, 5):
            path = 'TestDataset/%s/%%s/%d.png' % (name, i)
            t.pair('%s %d' % (name, i), path % 'images', path % 'masks')


@other('BUS-UC, whose folder All repeats the others', channels=1, classes=2, expect='either')
def bus_uc(t):
    for i in range(1, 11):
        kind = 'Benign' if i % 2 else 'Malignant'
        for root in ('All', kind):
            path = 'BUS_UC/%s/%%s/%03d.png' % (root, i)
            scene = t.scene('BUS_UC/%d' % i)
            t.image(path % 'images', scene, grey=True)
            t.label(path % 'masks', scene)
            t.case('%s %d' % (root, i), path % 'images', path % 'masks', optional=root != 'All')


@other('FGADR, lesions in folders of their own', channels=3, classes=5)
def fgadr(t):
    kinds = ('HardExudate', 'Hemohedge', 'Microaneurysms', 'SoftExudate')
    for i in range(10):
        name = '%04d_%d.png' % (i, 1 + i % 3)
        scene = t.scene(name, 4)
        t.image('Seg-set/Original_Images/' + name, scene)
        labels = ['Seg-set/%s_Masks/%s' % (kind, name) for kind in kinds]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 255})
        t.case(name, 'Seg-set/Original_Images/' + name, labels)
    t.notes('Seg-set/DR_Seg_Grading_Label.csv')


@other('DRAC 2022, lesions of the images that show them', classes=4)
def drac2022(t):
    kinds = ('1. Intraretinal Microvascular Abnormalities', '2. Nonperfusion Areas',
             '3. Neovascularization')
    root = 'A. Segmentation/'
    for i in range(1, 13):
        name = '/%03d.png' % (7 * i)
        image = root + '1. Original Images/a. Training Set' + name
        scene = t.scene(image, 3)
        t.image(image, scene, grey=True)
        labels = []
        for k, kind in enumerate(kinds, 1):
            if k == 2 or i % (2 * k) == 0 or i < 3:
                labels.append(root + '2. Groundtruths/a. Training Set/' + kind + name)
                t.label(labels[-1], scene, {k: 255})
        t.case(name, image, labels)
    for i in range(5):
        t.lone(root + '1. Original Images/b. Testing Set/%03d.png' % (7 * i + 3), grey=True)


@other('Gleason 2019, several readers of each core', channels=3, expect='either')
def gleason2019(t):
    for i in range(1, 13):
        name = 'slide%03d_core%03d' % (1 + i // 3, 3 + 7 * i % 50)
        scene = t.scene(name, 3)
        t.image('Train Imgs/%s.jpg' % name, scene)
        readers = [k for k in range(1, 7) if k in (1, 3) or (i + k) % 3]
        labels = ['Maps%d_T/%s_classimg_nonconvex.png' % (k, name) for k in readers]
        for label in labels:
            t.label(label, scene, {1: 3, 2: 4, 3: 5})
        t.case(name, 'Train Imgs/%s.jpg' % name, labels[0], also=[[one] for one in labels[1:]])


@other('KPIs 2024, patches of slides', channels=3, classes=2, groups=True)
def kpis2024(t):
    for k, (kind, slide) in enumerate((('56Nx', '12_116'), ('56Nx', '12_117'), ('DN', '11_356'),
                                       ('NEP25', '08_368'), ('normal', 'M1'), ('normal', 'M2'))):
        for y in range(0, 3072, 1024):
            path = 'KPIs24 Training Data/Task1_patch_level/train/%s/%s/%%s/%s_%d_2048_%%s.jpg' % (
                kind, slide, slide, y)
            t.pair('%s %d' % (slide, y), path % ('img', 'img'), path % ('mask', 'mask'), group=k)


@other('CirrMRI600+', channels=1, classes=2)
def cirrmri(t):
    for part, first, count in (('train', 1, 7), ('valid', 20, 3), ('test', 40, 3)):
        for i in range(first, first + count):
            path = 'Cirrhosis_T2_3D/%s_%%s/%d.nii.gz' % (part, i)
            t.pair(str(i), path % 'images', path % 'masks', 1, 1)


@other('FLARE 2023', channels=1, classes=5)
def flare23(t):
    for i in range(1, 9):
        t.pair(str(i), 'imagesTr2200/FLARE23_%04d_0000.nii.gz' % i,
               'labelsTr2200/FLARE23_%04d.nii.gz' % i, 4, numbers(4))
    t.lone(*['imagesTr1800/FLARE23Ts_%04d_0000.nii.gz' % i for i in range(1, 5)])


@other('CAMELYON16 with masks', channels=3, classes=2)
def camelyon16(t):
    for i in range(1, 9):
        name = 'tumor_%03d' % i
        t.pair(name, 'CAMELYON16/images/%s.tif' % name, 'CAMELYON16/masks/%s_mask.tif' % name, 1, 1)
        t.lone('CAMELYON16/images/normal_%03d.tif' % i)
        t.data('CAMELYON16/annotations/%s.xml' % name, '<ASAP_Annotations/>')


@other('Chest X-ray masks and labels of Kaggle', channels=1, classes=2)
def chest_masks(t):
    root = 'Lung Segmentation/'
    for i in range(1, 12):
        for name, tail in (('CHNCXR_%04d_%d' % (i, i % 2), '_mask'), ('MCUCXR_%04d_0' % i, '')):
            t.pair(name, root + 'CXR_png/%s.png' % name, root + 'masks/%s%s.png' % (name, tail),
                   grey=True)
            t.notes(root + 'ClinicalReadings/%s.txt' % name)
    t.lone(*[root + 'test/CHNCXR_%04d_0.png' % i for i in range(30, 34)], grey=True)


@other('CT-ICH of PhysioNet', channels=1, classes=2)
def ct_ich(t):
    root = 'computed-tomography-images-for-intracranial-hemorrhage-detection-1.3.1/'
    for i in range(49, 58):
        t.pair(str(i), root + 'ct_scans/%03d.nii' % i, root + 'masks/%03d.nii' % i, 1, 255)
    t.notes(root + 'Patient_demographics.csv', root + 'hemorrhage_diagnosis_raw_ct.csv')


@other('EndoVis 2018, left and right frames', classes='objects', expect='either')
def endovis2018(t):
    for part, numbers_ in (('miccai_challenge_2018_release_1', (1, 2)),
                           ('miccai_challenge_release_2', (5, 6))):
        for k in numbers_:
            for i in range(4):
                path = '%s/seq_%d/%%s/frame%03d.png' % (part, k, i)
                scene = t.scene(path, 3)
                for look, side in enumerate(('left_frames', 'right_frames')):
                    t.image(path % side, scene, look=look)
                t.label(path % 'labels', scene, numbers(3), 'colour')
                t.case(path, path % 'left_frames', path % 'labels',
                       image_also=[[path % 'left_frames', path % 'right_frames'],
                                   [path % 'right_frames']])
        t.notes('%s/labels.json' % part)


@other('DIAS, one label for a sequence of images', expect='either')
def dias(t):
    for i in range(8):
        scene = t.scene('label_s%d' % i)
        frames = ['DIAS/training/images/image_s%d_i%d.png' % (i, k) for k in range(4 + i % 3)]
        for frame in frames:
            t.image(frame, scene, grey=True)
        t.label('DIAS/training/labels/label_s%d.png' % i, scene)
        for frame in frames:
            t.case(frame, frame, 'DIAS/training/labels/label_s%d.png' % i, optional=True)


@other('Synapse slices of TransUNet', expect='refuse', says='archives|HDF5')
def synapse_npz(t):
    for i in range(10):
        t.data('Synapse/train_npz/case%04d_slice%03d.npz' % (5 + i // 5, i), b'PK\5\6' + bytes(18))
    t.data('Synapse/test_vol_h5/case0001.npy.h5', b'\x89HDF\r\n\x1a\n' + bytes(64))


@other('LUMIERE, weeks of a patient', channels=4, groups=True, expect='either')
def lumiere(t):
    for i in range(1, 8):
        for week in ('week-000-1', 'week-044'):
            root = 'Imaging/Patient-%03d/%s/' % (i, week)
            scene = t.scene(root, 3, depth=8)
            images = [root + k + '.nii.gz' for k in ('CT1', 'FLAIR', 'T1', 'T2')]
            for look, image in enumerate(images):
                t.image(image, scene, look=look)
            auto = root + 'HD-GLIO-AUTO-segmentation/native/segmentation_CT1_origspace.nii.gz'
            deep = root + 'DeepBraTumIA-segmentation/native/segmentation/ct1_seg_mask.nii.gz'
            t.label(auto, scene, {1: 1, 2: 2})
            t.label(deep, scene, numbers(3))
            t.case(root, images, deep, group=i, also=[auto],
                   image_also=[[one] for one in images])


@other('NuInsSeg with as many nuclei in each image', expect='either')
def as_many_nuclei(t):
    for i in range(1, 9):
        path = 'human liver/%%s/human_liver_%02d.%%s' % i
        scene = t.scene(path, 8)
        t.image(path % ('tissue images', 'png'), scene)
        t.label(path % ('label masks', 'tif'), scene, numbers(8))
        t.label(path % ('mask binary', 'png'), scene)
        t.case(path, path % ('tissue images', 'png'), path % ('label masks', 'tif'),
               also=[path % ('mask binary', 'png')])
