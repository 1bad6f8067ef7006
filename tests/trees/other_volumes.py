# SPDX-License-Identifier: Apache-2.0
"""Trees of further public sets of volumes, as they unpack: kinds that attunet has not seen."""
import json

import images
from listed_volumes import BRATS, BRATS_VALUES, brats_at
from tree import data_set, numbers


def other(source, **facts):
    return data_set(source, listed=False, **facts)


@other('BTCV Cervix, Synapse syn3378972', channels=1, classes=5)
def btcv_cervix(t):
    for name in ('0507688', '0759564', '0763890', '0779476', '0807843', '1246451'):
        t.pair(name, 'Cervix/RawData/Training/img/%s-Image.nii.gz' % name,
               'Cervix/RawData/Training/label/%s-Mask.nii.gz' % name, 4, numbers(4))
    t.lone('Cervix/RawData/Testing/img/1258230-Image.nii.gz',
           'Cervix/RawData/Testing/img/1614236-Image.nii.gz')


@other('MSSEG 2016, Shanoir', flag=True, classes=2)
def msseg2016(t):
    names = ('FLAIR', 'T1', 'T2', 'DP', 'GADO')
    for centre, patients in (('01', 3), ('07', 3), ('08', 2)):
        for i in range(1, patients + 1):
            root = 'Training/Center_%s/Patient_%02d/' % (centre, i)
            scene = t.scene(root + 'x.nii.gz', 2)
            raw = t.scene(root + 'raw.nii.gz', 2, depth=11, side=18)
            files = [root + 'Preprocessed_Data/%s_preprocessed.nii.gz' % n for n in names]
            for look, name in enumerate(names):
                t.image(files[look], scene, look=look)
                t.image(root + 'Raw_Data/%s.nii.gz' % name, raw, look=look)
            t.label(root + 'Masks/Brain_Mask.nii.gz', scene, {0: 1, 1: 1, 2: 1})
            for hand in range(1, 8):
                t.label(root + 'Masks/ManualSegmentation_%d.nii.gz' % hand, scene, 1)
            t.label(root + 'Masks/Consensus.nii.gz', scene, 1)
            t.case('%s_%d' % (centre, i), files, root + 'Masks/Consensus.nii.gz',
                   image_also=[[f] for f in files])


@other('CHAOS, chaos.grand-challenge.org', expect='refuse', says='DICOM|dcm')
def chaos(t):
    root = 'CHAOS_Train_Sets/Train_Sets/'
    for patient in (1, 2, 5):
        scene = t.scene('CT%d' % patient)
        for i in range(4):
            t.dicom(root + 'CT/%d/DICOM_anon/i%04d,0000b.dcm' % (patient, i))
            t.label(root + 'CT/%d/Ground/liver_GT_%03d.png' % (patient, i), scene)
            name = 'IMG-%04d-%05d' % (4, 2 + i)
            t.dicom(root + 'MR/%d/T2SPIR/DICOM_anon/%s.dcm' % (patient, name))
            t.label(root + 'MR/%d/T2SPIR/Ground/%s.png' % (patient, name), scene, 63)


@other('HVSMR 2016, segchd.csail.mit.edu', channels=1, classes=3)
def hvsmr(t):
    for i in range(8):
        stem = 'training_axial_crop_pat%d' % i
        t.pair('pat%d' % i, 'Training dataset/%s.nii.gz' % stem,
               'Ground truth/%s-label.nii.gz' % stem, 2, numbers(2))
    t.lone('Test dataset/testing_axial_crop_pat10.nii.gz',
           'Test dataset/testing_axial_crop_pat11.nii.gz')


@other('MM-WHS 2017, Fudan University', channels=1)
def mmwhs(t):
    values = {1: 205, 2: 420, 3: 500, 4: 550, 5: 600}
    for kind in ('ct', 'mr'):
        for i in range(1001, 1005):
            stem = '%s_train/%s_train_%d_' % (kind, kind, i)
            scene = t.scene(stem + '.nii.gz', 5)
            t.image(stem + 'image.nii.gz', scene)
            t.save(stem + 'label.nii.gz', [values.get(v, 0) for v in scene.label], scene,
                   kind='uint16')
            t.case('%s_%d' % (kind, i), stem + 'image.nii.gz', stem + 'label.nii.gz')
        for i in (2001, 2002):
            t.lone('%s_test/%s_test_%d_image.nii.gz' % (kind, kind, i))


@other('EMIDEC, emidec.com', channels=1, classes=5)
def emidec(t):
    for i, kind in enumerate('NNPPPPN', 6):
        name = 'Case_%s%03d' % (kind, i)
        root = 'emidec-dataset-1.0.1/%s/' % name
        t.pair(name, root + 'Images/%s.nii.gz' % name, root + 'Contours/%s.nii.gz' % name, 4,
               numbers(4))
        t.notes('emidec-dataset-1.0.1/Case %s%03d.txt' % (kind, i))


@other('KiPA22, kipa22.grand-challenge.org', channels=1, classes=5)
def kipa22(t):
    for i in range(8):
        t.pair(str(i), 'train/image/%d.nii.gz' % i, 'train/label/%d.nii.gz' % i, 4, numbers(4))
    t.lone(*('test/image/%d.nii.gz' % i for i in (70, 71, 72)))


@other('MyoPS 2020, Fudan University', channels=3, classes=4)
def myops2020(t):
    for part, first, count in (('train25', 101, 7), ('test20', 201, 3)):
        kind = 'training' if part == 'train25' else 'test'
        for i in range(first, first + count):
            stem = '%s/myops_%s_%d_' % (part, kind, i)
            scene = t.scene(stem + '.nii.gz', 3)
            files = [stem + c + '.nii.gz' for c in ('C0', 'DE', 'T2')]
            for look, file in enumerate(files):
                t.image(file, scene, look=look)
            if part == 'train25':
                label = 'train25_myops_gd/myops_training_%d_gd.nii.gz' % i
                t.save(label, [(0, 200, 500, 1220)[v] for v in scene.label], scene, kind='uint16')
                t.case(str(i), files, label)
    t.notes('MyoPS2020_EvaluateByYourself/readme.txt')


@other('SLIVER07, sliver07.grand-challenge.org', channels=1, classes=2)
def sliver07(t):
    for i in range(1, 8):
        t.pair('%03d' % i, 'training-scans/liver-orig%03d.mhd' % i,
               'training-labels/liver-seg%03d.mhd' % i, values=1)
    t.lone('test-scans/liver-orig001.mhd', 'test-scans/liver-orig002.mhd')


@other('SPIDER lumbar spine, Zenodo', channels=1, groups=True)
def spider(t):
    for i in range(1, 7):
        for kind in ('t1', 't2'):
            name = '%d_%s.mha' % (i, kind)
            t.pair('%d_%s' % (i, kind), 'images/' + name, 'masks/' + name, 4,
                   {1: 1, 2: 2, 3: 100, 4: 201}, group=i)
    t.notes('overview.csv', 'radiological_gradings.csv')


@other('VerSe 2020, OSF', channels=1)
def verse20(t):
    for part, first in (('dataset-01training', 4), ('dataset-02validation', 20)):
        for i in range(first, first + 5):
            name = 'sub-verse%03d' % i
            tail = '_split-verse%03d' % i if i % 5 == 0 else ''
            truth = part + '/derivatives/%s/%s%s_seg-' % (name, name, tail)
            scene = t.pair(name, part + '/rawdata/%s/%s%s_ct.nii.gz' % (name, name, tail),
                           truth + 'vert_msk.nii.gz', 5, {k: k + 15 for k in range(1, 6)})
            t.data(truth + 'subreg_ctd.json', '[{"direction": ["P", "I", "R"]}]')
            t.image(truth + 'vert_snp.png', t.scene(truth))
            del scene


@other('ISLES 2022, Zenodo', classes=2)
def isles2022(t):
    for i in range(1, 8):
        subject = 'sub-strokecase%04d' % i
        stem = subject + '_ses-0001_'
        root = 'ISLES-2022/%s/ses-0001/' % subject
        label = 'ISLES-2022/derivatives/%s/ses-0001/%smsk.nii.gz' % (subject, stem)
        scene = t.scene(root + '.nii.gz')
        files = [root + 'dwi/%s%s.nii.gz' % (stem, c) for c in ('adc', 'dwi')]
        flair = root + 'anat/%sFLAIR.nii.gz' % stem
        for look, file in enumerate(files):
            t.image(file, scene, look=look)
            t.data(file[:-7] + '.json', '{}')
        t.image(flair, t.scene(flair, depth=5, side=20))  # on a grid of its own
        t.label(label, scene, 1)
        t.case(subject, files, label, image_also=[files[:1], files[1:]])
    t.notes('ISLES-2022/README', 'ISLES-2022/LICENSE', 'ISLES-2022/participants.tsv',
            'ISLES-2022/dataset_description.json')


@other('CAMUS, CREATIS', flag=True, channels=1, classes=4, groups=True)
def camus(t):
    for i in range(1, 7):
        root = 'database_nifti/patient%04d/patient%04d_' % (i, i)
        for view in ('2CH', '4CH'):
            for phase in ('ED', 'ES'):
                stem = root + '%s_%s' % (view, phase)
                t.pair('%d_%s_%s' % (i, view, phase), stem + '.nii.gz', stem + '_gt.nii.gz', 3,
                       numbers(3), group=i, depth=1, side=20, grey=True)
            stem = root + view + '_half_sequence'
            t.pair('%d_%s' % (i, view), stem + '.nii.gz', stem + '_gt.nii.gz', 3, numbers(3),
                   group=i, optional=True, depth=9, side=20)
            t.notes('database_nifti/patient%04d/Info_%s.cfg' % (i, view))
    t.notes('database_split/subgroup_training.txt')


@other('QUBIQ 2021', channels=1, classes=2)
def qubiq2021(t):
    root = 'training_data_v3_QC/pancreas/'
    for i in range(1, 8):
        case = root + 'case%d/' % i
        scene = t.scene(case + '.nii.gz')
        t.image(case + 'image.nii.gz', scene)
        for hand in (1, 2):
            t.label(case + 'task01_seg%02d.nii.gz' % hand, scene, 1)
        t.case('case%d' % i, case + 'image.nii.gz', case + 'task01_seg01.nii.gz')


@other('CT-ORG, The Cancer Imaging Archive', channels=1, classes=5)
def ct_org(t):
    for i in range(0, 9):
        t.pair(str(i), 'OrganSegmentations/volume-%d.nii.gz' % i,
               'OrganSegmentations/labels-%d.nii.gz' % i, 4, numbers(4))
    t.notes('OrganSegmentations/README.txt')


@other('MRBrainS13, DataverseNL', flag=True)
def mrbrains13(t):
    for part, count in (('TrainingData', 5), ('TestData', 3)):
        for i in range(1, count + 1):
            root = 'MRBrainS13DataNii/%s/%d/' % (part, i)
            scene = t.scene(root + '.nii', 6)
            files = [root + c + '.nii' for c in ('T1', 'T1_IR', 'T2_FLAIR')]
            for look, file in enumerate(files):
                t.image(file, scene, look=look)
            t.image(root + 'T1_1mm.nii', t.scene(root + 'mm.nii', 6, depth=12, side=20))
            if part == 'TrainingData':
                labels = [root + 'LabelsFor%s.nii' % k for k in ('Training', 'Testing')]
                t.label(labels[0], scene, numbers(6))
                t.label(labels[1], scene, {1: 2, 2: 2, 3: 3, 4: 3, 5: 1, 6: 1})
                t.case(str(i), files, labels[0], also=labels[1:],
                       image_also=[[f] for f in files])


@other('LAScarQS 2022, Fudan University', flag=True, channels=1)
def lascarqs(t):
    for task, count in (('task1', 6), ('task2', 4)):
        for i in range(1, count + 1):
            root = 'LAScarQS2022/%s/train_data/train_%d/' % (task, i)
            scene = t.scene(root + '.nii.gz', 2)
            t.image(root + 'enhanced.nii.gz', scene)
            label, scar = root + 'atriumSegImgMO.nii.gz', root + 'scarSegImgM.nii.gz'
            t.label(label, scene, 1)
            if task == 'task1':
                t.label(scar, scene, {2: 1})
            also = [scar, [label, scar]] if task == 'task1' else []
            t.case('%s_%d' % (task, i), root + 'enhanced.nii.gz', label, also=also)
        t.notes('LAScarQS2022/%s/readme.txt' % task)


@other('BraTS 2020 of Kaggle, where one label has a name of its own', channels=4, classes=4)
def brats2020_kaggle(t):
    root = 'BraTS2020_TrainingData/MICCAI_BraTS2020_TrainingData/'
    for i in (1, 2, 3, 4, 5, 6, 355):
        brats_at(t, root, 'BraTS20_Training_%03d' % i, BRATS, '.nii', BRATS_VALUES,
                 lost='W39_1998.09.19_Segm.nii' if i == 355 else '')
    t.notes(root + 'name_mapping.csv', root + 'survival_info.csv')


@other('BraTS 2023 meningioma, Synapse', channels=4, classes=4)
def brats2023(t):
    names = ('t1c', 't1n', 't2f', 't2w')
    for i in (4, 8, 9, 10, 18, 19):
        brats_at(t, 'ASNR-MICCAI-BraTS2023-MEN-Challenge-TrainingData/', 'BraTS-MEN-%05d-000' % i,
                 names, values=numbers(3), mark='-')
    for i in (0, 1):
        brats_at(t, 'ASNR-MICCAI-BraTS2023-MEN-Challenge-ValidationData/',
                 'BraTS-MEN-%05d-000' % i, names, mark='-')


@other('MS Lesion Segmentation Challenge 2008', channels=3, classes=2)
def msseg2008(t):
    for part, first in (('CHB_train_Part1', 1), ('CHB_train_Part2', 6), ('UNC_train_Part1', 1)):
        for i in range(first, first + 3):
            name = '%s_train_Case%02d' % (part[:3], i)
            brats_at(t, part + '/', name, ('FLAIR', 'T1', 'T2'), '.nhdr', 1, 'lesion')
    for i in (1, 2):
        brats_at(t, 'CHB_test1_Part1/', 'CHB_test1_Case%02d' % i, ('FLAIR', 'T1', 'T2'), '.nhdr')


@other('M&Ms, Universitat de Barcelona, whose labels have a time axis', channels=1, classes=4,
       groups=True)
def mnms(t):
    for i in range(6):
        name = 'A%dS9V9' % i
        root = 'OpenDataset/Training/Labeled/%s/%s_sa' % (name, name)
        scene = t.scene(root + '.nii.gz', 3)
        t.save(root + '.nii.gz', [6 * v for v in scene.grey] * 6, scene, kind='int16', times=6)
        empty = bytes(len(scene.label))
        t.save(root + '_gt.nii.gz', b''.join(scene.label if k in (0, 2 + i % 3) else empty
                                             for k in range(6)), scene, times=6)
        t.case(name, root + '.nii.gz', root + '_gt.nii.gz', group=name)
    t.notes('OpenDataset/211230_M&Ms_Dataset_information_diagnosis_opendataset.csv')


@other('Pancreas-CT, The Cancer Imaging Archive', expect='refuse', says='DICOM|dcm')
def pancreas_ct(t):
    for i in range(1, 5):
        for k in range(1, 5):
            t.dicom('Pancreas-CT/PANCREAS_%04d/11-24-2015-PANCREAS%04d-Pancreas-18957/'
                    'Pancreas-99667/1-%03d.dcm' % (i, i, k))
        scene = t.scene('label%04d.nii.gz' % i)
        t.label('TCIA_pancreas_labels-02-05-2017/label%04d.nii.gz' % i, scene, 1)


@other('ANALYZE 7.5 files as iSeg-2017 has them', expect='either', channels=2, classes=4)
def iseg2017_analyze(t):
    for i in range(1, 8):
        stem = 'iSeg-2017-Training/subject-%d-' % i
        scene = t.scene(stem + 'T1.hdr', 3)
        for look, (name, samples) in enumerate((('T1', scene.grey), ('T2', scene.grey[::-1]), (
                'label', scene.mapped({1: 10, 2: 150, 3: 250})))):
            head, body = images.nifti(samples, (16, 16, scene.depth, 1), pair=True)
            t.data(stem + name + '.hdr', head[:252] + bytes(96))
            t.data(stem + name + '.img', body)
        t.case('subject-%d' % i, [stem + 'T1.hdr', stem + 'T2.hdr'], stem + 'label.hdr')


@other('Medical Segmentation Decathlon, Task04, with the files of macOS', channels=1, classes=3)
def decathlon(t):
    root = 'Task04_Hippocampus/'
    listed = []
    for i in range(1, 9):
        name = 'hippocampus_%03d.nii.gz' % i
        t.pair('hippocampus_%03d' % i, root + 'imagesTr/' + name, root + 'labelsTr/' + name, 2,
               numbers(2))
        for folder in ('imagesTr', 'labelsTr'):
            t.data(root + '%s/._%s' % (folder, name), b'\0\5\x16\7' + bytes(100))
        listed.append({'image': './imagesTr/' + name, 'label': './labelsTr/' + name})
    t.lone(root + 'imagesTs/hippocampus_002.nii.gz', root + 'imagesTs/hippocampus_005.nii.gz')
    t.data(root + 'dataset.json', json.dumps({
        'name': 'Hippocampus', 'modality': {'0': 'MRI'},
        'labels': {'0': 'background', '1': 'Anterior', '2': 'Posterior'}, 'numTraining': 8,
        'training': listed, 'test': []}))
