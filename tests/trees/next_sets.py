# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets and of programs' results, each of which once was read wrong or refused."""
from other_pictures import other
from tree import Scene, numbers


@other('STS 2024, teeth in CBCT, unlabelled scans with the numbers of labelled ones', channels=1,
       classes=5)
def sts_2024(t):
    for i in range(1, 7):
        name = 'Train-Labeled/%s/STS24_Train_Labeled_%05d'
        t.pair(str(i), name % ('Images', i) + '.nii.gz', name % ('Masks', i) + '_Mask.nii.gz', 4,
               numbers(4))
        scene = t.scene(name % ('Images', i) + '.nii.gz', 4)
        t.image('Train-Unlabeled/STS24_Train_Unlabeled_%05d.nii.gz' % i, scene, look=1)


@other('FSL FAST, whose maps of tissues lie beside brain and label', channels=1, classes=4)
def fsl_fast(t):
    for i in range(1, 7):
        brain = 'sub%02d/T1_brain' % i
        scene = t.scene(brain + '.nii.gz', 3)
        t.image(brain + '.nii.gz', scene)
        t.label(brain + '_seg.nii.gz', scene, numbers(3))
        t.label(brain + '_pveseg.nii.gz', scene, numbers(3))
        t.label(brain + '_mixeltype.nii.gz', scene, {1: 1, 2: 2, 3: 2})
        for k in range(3):
            t.image(brain + '_pve_%d.nii.gz' % k, scene, look=k, kind='float32')
        t.case(str(i), brain + '.nii.gz', brain + '_seg.nii.gz', also=[brain + '_pveseg.nii.gz'])


@other('Cellpose, whose dictionaries lie beside masks', channels=1, classes='objects')
def cellpose_results(t):
    for i in range(8):
        t.pair(str(i), 'well%02d.tif' % i, 'well%02d_cp_masks.png' % i, 5 + 2 * i,
               numbers(5 + 2 * i), grey=True, label_kind='uint16')
        t.notes('well%02d_seg.npy' % i, 'well%02d_cp_outlines.txt' % i)


@other('SOOP, OpenNeuro ds004889, whose lesions lie on diffusion images', expect='asks', channels=2,
       classes=2)
def soop(t):
    t.data('dataset_description.json', '{"Name": "SOOP", "BIDSVersion": "1.8.0"}')
    for i in (1, 2, 5, 17, 23):
        sub = 'sub-%d' % i
        t.lone('%s/anat/%s_FLAIR.nii.gz' % (sub, sub))
        trace, adc = (
            '%s/dwi/%s_rec-%s_dwi.nii.gz' % (sub, sub, name) for name in ('TRACE', 'ADC'))
        label = 'derivatives/lesion_masks/%s/dwi/%s_space-TRACE_desc-lesion_mask.nii.gz' % (
            sub, sub)
        scene = t.scene(trace, 1)
        t.image(trace, scene)
        t.image(adc, scene, look=1)
        t.label(label, scene, 1)
        t.case(str(i), (adc, trace), label)


@other('MMAC 2023, lesions of myopia, each with images of its own', channels=3, classes=2)
def mmac(t):
    top = '2. Segmentation of Myopic Maculopathy Plus Lesions/'
    for n, (lesion, short) in enumerate((('Lacquer Cracks', 'lc'), (
            'Choroidal Neovascularization', 'cnv'), ('Fuchs Spot', 'fs')), 1):
        for i in range(1, 6):
            name = top + '%d. %s/%%s/1. Training Set/mmac_%s_%03d.png' % (n, lesion, short, i)
            t.pair(short + str(i), name % '1. Images', name % '2. Groundtruths')


@other('nnU-Net, predictions of test cases in a folder named inferTs', channels=1, classes=3)
def infer_ts(t):
    for i in range(12):
        part, labels = ('Tr', 'labelsTr') if i < 6 else ('Ts', 'inferTs')
        image, label = 'images%s/c_%03d_0000.nii.gz' % (part, i), '%s/c_%03d.nii.gz' % (labels, i)
        if i < 6:
            t.pair('%03d' % i, image, label, 2, numbers(2))
            continue
        scene = t.scene(image, 2)
        t.image(image, scene)
        t.label(label, scene, numbers(2))


@other('pix2pix, results of a network beside images and labels', channels=3, classes=2)
def pix2pix_results(t):
    for i in range(8):
        name = 'results/%d_%%s.png' % i
        scene = t.pair(str(i), name % 'real_A', name % 'real_B')
        t.label(name % 'fake_B', scene)


@other('ANTs Atropos, posteriors of tissues beside image and label', channels=1, classes=4)
def ants_atropos(t):
    for i in range(6):
        name = 'sub-%02d/%%s.nii.gz' % i
        scene = t.pair(str(i), name % 'T1', name % 'Segmentation', 3, numbers(3))
        for k in range(1, 4):
            t.image(name % ('SegmentationPosteriors%02d' % k), scene, look=k, kind='float32')


class Tissue(Scene):
    """How likely one shape of a scene is, as grey levels."""

    def __init__(self, scene, shape):
        super().__init__('', side=scene.side)
        self.depth, self.label, self.shapes = scene.depth, scene.label, scene.shapes
        side = scene.side
        own = [255 * (v == shape) for v in scene.label]
        near = [(own[i] + own[i - 1] + own[i - side]) // 3 for i in range(len(own))]
        self.grey = bytes(near)


@other('SPM, maps of tissues beside image and label', channels=1, classes=4)
def spm_maps(t):
    for i in range(6):
        name = 'sub-%02d/%%s.nii' % i
        scene = t.pair(str(i), name % 'T1', name % 'T1_labels', 3, numbers(3))
        for k in range(1, 4):
            grey = Tissue(scene, k).grey
            t.save(name % ('c%dT1' % k), [v / 255 for v in grey], scene, kind='float32')


@other('folders of five folds, each of which holds all images again', channels=3, classes=2,
       groups=True)
def fold_copies(t):
    for k in range(5):
        for i in range(10):
            name = 'fold_%d/%s/%%s/scan%d.png' % (k, 'val' if i % 5 == k else 'train', i)
            scene = t.scene('scan%d' % i)
            t.image(name % 'images', scene)
            t.label(name % 'masks', scene)
            t.case('%d %d' % (k, i), name % 'images', name % 'masks', group=i)


@other('3D Slicer, saved scenes with a picture of the screen', channels=1, classes=3)
def slicer_pictures(t):
    for i in range(7):
        name = '2024-01-0%d-Scene/%%s' % (i + 1)
        t.pair('2024-01-0%d' % (i + 1), name % 'T1.nrrd', name % 'Segmentation.seg.nrrd', 2,
               numbers(2))
        t.image(name % 'Master Scene View.png', t.scene('view %d' % i))


@other('ITK-SNAP, pictures of the screen beside volumes of the same names', channels=1, classes=3)
def snap_pictures(t):
    for i in range(7):
        t.pair('sub%d' % i, 'sub%d.nii.gz' % i, 'sub%d_segmentation.nii.gz' % i, 2, numbers(2))
        t.image('sub%d.png' % i, t.scene('view %d' % i))


@other('no label has a 0', channels=1, classes=2)
def labels_from_one(t):
    for i in range(7):
        image, label = 'images/%d.png' % i, 'masks/%d.png' % i
        scene = t.scene(image)
        t.image(image, scene, grey=True)
        t.label(label, scene, {0: 1, 1: 2})
        t.case(str(i), image, label)


@other('dcm2niix, whose names have the date of each visit', channels=2, classes=3)
def dcm2niix_dates(t):
    for i in range(7):
        name = 'sub%d/sub%d_%%s' % (i, i)
        scene = t.scene(name, 2)
        images = [name % ('%s_202101%02d0930_%d.nii.gz' % (series, i + 3, number))
                  for series, number in (('dwi_ADC', 8), ('t2_tse_tra', 5))]
        for look, image in enumerate(images):
            t.image(image, scene, look=look)
        t.notes(*[image.replace('.nii.gz', '.json') for image in images])
        t.label(name % 'seg.nii.gz', scene, numbers(2))
        t.case('sub%d' % i, images, name % 'seg.nii.gz')


@other('dcm2niix, one image with a date and a label named by hand', channels=1, classes=2)
def dcm2niix_roi(t):
    for i in range(7):
        image = 'P%d/P%d_t2_tse_tra_202101%02d_5.nii.gz' % (i, i, 3 * i + 1)
        t.pair('P%d' % i, image, 'P%d/tumour_roi.nii.gz' % i)
        t.notes(image.replace('.nii.gz', '.json'))
