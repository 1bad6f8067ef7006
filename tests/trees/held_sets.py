# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets with several times, readers, versions or sequences of one case."""
from other_pictures import other
from tree import numbers, stripped


@other('BraTS-PEDs 2023, Synapse', channels=4, classes=4)
def brats_peds(t):
    for i in range(2, 11):
        root = 'BraTS-PEDs2023_Training/BraTS-PED-%05d-000/BraTS-PED-%05d-000-' % (i, i)
        scene = t.scene(root + '.nii.gz', 3)
        images = [root + n + '.nii.gz' for n in ('t1c', 't1n', 't2f', 't2w')]
        for look, image in enumerate(images):
            t.image(image, scene, look=look)
        t.label(root + 'seg.nii.gz', scene, numbers(3))
        t.case(str(i), images, root + 'seg.nii.gz')


@other('OASIS of neurite, with four and 35 classes on three grids', expect='either')
def oasis(t):
    for i in range(1, 9):
        root = 'OASIS_OAS1_%04d_MR1/' % (3 * i)
        scene = t.scene(root + 'orig.nii.gz', 9, side=20, depth=9)
        flat = t.scene(root + 'slice.nii.gz', 9, side=20, depth=1)
        pairs = []
        for start, own in (('aligned_', scene), ('', scene), ('slice_', flat)):
            for look, name in enumerate(('norm', 'orig')):
                t.image(root + start + name + '.nii.gz', own, look=look, kind='int16')
            all_names = ('seg4', 'seg24') if start == 'slice_' else ('seg4', 'seg35')
            t.label(root + start + all_names[0] + '.nii.gz', own, {k: 1 + k % 4 for k in range(10)})
            t.label(root + start + all_names[1] + '.nii.gz', own, numbers(9))
            images = [root + start + n + '.nii.gz' for n in ('norm', 'orig')]
            pairs += [(one, root + start + n + '.nii.gz') for n in all_names
                      for one in (images, images[:1], images[1:])]
        images = [one for one, _ in pairs]
        labels = [label for _, label in pairs]
        t.case(str(i), images[0], labels[0], also=labels[1:], image_also=images[1:])
        t.notes(root + 'init_talairach.xfm')
    t.notes('subjects.txt', 'seg4_labels.txt', 'seg35_labels.txt')


@other('ISBI 2015 longitudinal MS lesions, two readers at several times', channels=4, classes=2,
       groups=True)
def msseg2015(t):
    for i in range(1, 6):
        for k in range(1, 5 + (i == 3)):
            root = 'training/training%02d/' % i
            name = 'training%02d_%02d_' % (i, k)
            scene = t.scene(root + name + '.nii', 1)
            kinds = ('flair', 'mprage', 'pd', 't2')
            images = [root + 'preprocessed/' + name + n + '_pp.nii' for n in kinds]
            for look, image in enumerate(images):
                t.image(image, scene, look=look)
            for look, n in enumerate(kinds):
                raw = root + 'orig/' + name + n + '.nii.gz'
                t.image(raw, t.scene(raw, 1, side=20, depth=5), look=look)
            labels = [root + 'masks/' + name + 'mask%d.nii' % n for n in (1, 2)]
            for label in labels:
                t.label(label, scene, 1)
            t.case(name, images, labels[0], group=i)


@other('ToothFairy, where some cases have a dense label beside a sparse one', expect='either',
       channels=1)
def toothfairy(t):
    for i in range(1, 11):
        root = 'ToothFairy_Dataset/Dataset/P%d/' % i
        scene = t.scene(root + 'data.npy', 2, depth=8)
        t.save(root + 'data.npy', [9 * v for v in scene.grey], scene, kind='int16')
        t.label(root + 'gt_sparse.npy', scene, {1: 1})
        labels = [root + 'gt_sparse.npy']
        if i % 3 == 1:
            t.label(root + 'gt_alpha.npy', scene, 1)
            labels.append(root + 'gt_alpha.npy')
        t.case('P%d' % i, root + 'data.npy', labels[0], also=[labels[-1], labels])
    t.data('ToothFairy_Dataset/splits.json', '{}')


@other('SegRap2023, with organs that hold each other', expect='either', channels=2)
def segrap(t):
    for i in range(8):
        case = '/segrap_%04d/' % i
        root = 'SegRap2023_Training_Set_120cases' + case
        scene = t.scene(root + 'image.nii.gz', 4)
        images = [root + n + '.nii.gz' for n in ('image', 'image_contrast')]
        for look, image in enumerate(images):
            t.image(image, scene, look=look)
        labels = [root + n + '.nii.gz' for n in ('Brain', 'BrainStem', 'Eye_L', 'Eye_R')]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {1: 1, 2: 1} if k == 1 else {k: 1})
        t.case(str(i), images, labels, image_also=[images[:1], images[1:]])


@other('LNQ 2023', channels=1, classes=2)
def lnq2023(t):
    for i in range(1, 10):
        name = 'train/lnq2023-train-%04d-' % i
        t.pair(str(i), name + 'ct.nrrd', name + 'seg.nrrd', 1, 1)


@other('MVTec AD, where whole parts have no masks', channels=3, classes=2)
def mvtec_ad(t):
    for i in range(9):
        t.lone('bottle/train/good/%03d.png' % i)
    for i in range(4):
        t.lone('bottle/test/good/%03d.png' % i)
    for kind in ('broken_large', 'broken_small', 'contamination'):
        for i in range(4):
            t.pair('%s %d' % (kind, i), 'bottle/test/%s/%03d.png' % (kind, i),
                   'bottle/ground_truth/%s/%03d_mask.png' % (kind, i))
    t.notes('bottle/license.txt', 'bottle/readme.txt')


@other('QaTa-COV19', channels=1, classes=2)
def qata_cov19(t):
    for part, count in (('Train', 8), ('Test', 3)):
        for i in range(count):
            root = 'QaTa-COV19/QaTa-COV19-v2/%s Set/' % part
            name = ('covid_%d.png' if i % 2 else 'sub-S%05d_ses-E08_run-1_bp-chest_vp-ap_dx.png')
            name %= 17 * i + len(part)
            t.pair(part + name, root + 'Images/' + name, root + 'Ground-truths/mask_' + name,
                   grey=True)


@other('NFBS, heads, brains and masks of brains', channels=1, classes=2)
def nfbs(t):
    for i in range(9):
        name = 'A%08d' % (28185 + 169 * i)
        root = 'NFBS_Dataset/%s/sub-%s_ses-NFB3_T1w' % (name, name)
        scene = t.scene(root + '.nii.gz', 2)
        t.image(root + '.nii.gz', scene)
        t.image(root + '_brain.nii.gz', stripped(scene))
        t.label(root + '_brainmask.nii.gz', scene, 1)
        t.case(name, root + '.nii.gz', root + '_brainmask.nii.gz')


@other('FeTA 2.1, BIDS names with labels beside images', channels=1, classes=5)
def feta(t):
    for i in range(1, 11):
        root = 'feta_2.1/sub-%03d/anat/sub-%03d_rec-%s_' % (i, i, 'mial' if i < 6 else 'irtk')
        t.pair(str(i), root + 'T2w.nii.gz', root + 'dseg.nii.gz', 4, numbers(4))
        t.data(root + 'T2w.json', '{}')
        t.data(root + 'dseg.json', '{}')
    t.data('feta_2.1/dataset_description.json', '{"Name": "FeTA", "BIDSVersion": "1.6.0"}')
    t.notes('feta_2.1/participants.tsv', 'feta_2.1/README')


@other('MS-CMRSeg 2019, a grid and a label for each sequence', channels=1, classes=4, groups=True)
def mscmrseg(t):
    root = 'C0LET2_nii45_for_challenge19/'
    for i in range(1, 10):
        for kind in ('C0', 'LGE', 'T2'):
            name = 'patient%d_%s' % (i, kind)
            image = root + '%s/%s.nii.gz' % ('lge' if kind == 'LGE' else 'c0t2', name)
            folder = {'C0': 'c0gt', 'LGE': 'lgegt', 'T2': 't2gt'}[kind]
            t.pair(name, image, root + '%s/%s_manual.nii.gz' % (folder, name), 3,
                   {1: 200, 2: 244, 3: 88}, group=i,  # lowest bytes of 200, 500 and 600
                   side={'C0': 16, 'LGE': 20, 'T2': 18}[kind],
                   depth={'C0': 9, 'LGE': 11, 'T2': 3}[kind])


@other('Head and neck organs of PDDCA, of which some cases lack some', channels=1, classes=4)
def pddca(t):
    for i in range(9):
        root = 'PDDCA-1.4.1/0522c%04d/' % (1 + 13 * i)
        scene = t.scene(root + 'img.nrrd', 3)
        t.image(root + 'img.nrrd', scene)
        labels = []
        for k, name in enumerate(('BrainStem', 'Chiasm', 'Mandible'), 1):
            if k == 2 and i % 4 == 3:
                continue
            labels.append(root + 'structures/%s.nrrd' % name)
            t.label(labels[-1], scene, {k: 1})
        t.case(str(i), root + 'img.nrrd', labels)
        t.notes(root + 'landmarks.fcsv')


@other('Calgary-Campinas-359, a consensus and other masks', channels=1, classes=2)
def calgary(t):
    for i in range(1, 11):
        name = 'CC%04d_%s_%s_%d_%s' % (i, ('philips', 'siemens', 'ge')[i % 3],
                                       ('15', '3')[i % 2], 40 + i, 'MF'[i % 2])
        scene = t.scene(name, 1)
        image = 'CC359/Original/%s.nii.gz' % name
        t.image(image, scene)
        labels = ['CC359/STAPLE/%s_staple.nii.gz' % name,
                  'CC359/Silver-standard-machine-learning/%s_ss.nii.gz' % name]
        for label in labels:
            t.label(label, scene, 1)
        t.case(name, image, labels[0], also=labels[1:])


@other('MoNuSAC 2020, whose outlines are XML', expect='refuse', says='XML')
def monusac(t):
    for i in range(6):
        patient = 'TCGA-5P-A9K0-01Z-00-DX%d' % i
        for k in range(1, 3):
            name = 'MoNuSAC_images_and_annotations/%s/%s_%d' % (patient, patient, k)
            t.lone(name + '.tif')
            t.notes(name + '.svs')
            t.data(name + '.xml', '<Annotations></Annotations>')


@other('Fluo-N3DH-CE, Cell Tracking Challenge: planes of volumes are labelled', expect='either',
       classes=None)
def ctc_ce(t):
    for part in ('01', '02'):
        for i in range(6):
            scene = t.scene('Fluo-N3DH-CE/%s/t%03d.tif' % (part, i), 4, depth=6)
            image = 'Fluo-N3DH-CE/%s/t%03d.tif' % (part, i)
            t.image(image, scene, grey=True)
            tracks = 'Fluo-N3DH-CE/%s_GT/TRA/man_track%03d.tif' % (part, i)
            t.label(tracks, scene, numbers(4))
            whole = 'Fluo-N3DH-CE/%s_ST/SEG/man_seg%03d.tif' % (part, i)
            t.label(whole, scene, numbers(4))
            t.case(part + str(i), image, whole, also=[tracks])
        for i, z in ((1, 2), (3, 4)):
            flat = t.scene('plane%d' % i, 3)
            t.label('Fluo-N3DH-CE/%s_GT/SEG/man_seg_%03d_%03d.tif' % (part, i, z), flat, numbers(3))
        t.notes('Fluo-N3DH-CE/%s_GT/TRA/man_track.txt' % part)


@other('CEM-MitoLab, folders of instances of mitochondria', channels=1, classes='objects')
def mitolab(t):
    for k, name in enumerate(('EMPIAR-10791-hela', 'c_elegans_L1', 'guay2021_platelet')):
        for i in range(5):
            stem = '%s-ROI-x0-500_y%d_z0-%d_pz_%d.tiff' % (name, i, 40 + i, 3 * i)
            root = 'cem_mitolab/%s/' % name
            t.pair(stem, root + 'images/' + stem, root + 'masks/' + stem, 3 + (i + k) % 5,
                   numbers(8), grey=True)
