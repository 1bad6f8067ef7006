# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets of volumes that no part of attunet was written for."""
import json

from other_pictures import other
from tree import numbers


def volumes(t, images, scene, **options):
    for look, image in enumerate(images):
        t.image(image, scene, look=look % 6, **options)
    return list(images)


@other('KiTS21, README of its repository', expect='either', channels=1, classes=4)
def kits21(t):
    for i in range(9):
        root = 'kits21/data/case_%05d/' % i
        scene = t.scene(root + 'imaging.nii.gz', 3)
        t.image(root + 'imaging.nii.gz', scene)
        labels = [root + 'aggregated_%s_seg.nii.gz' % n for n in ('MAJ', 'AND', 'OR')]
        for label in labels:
            t.label(label, scene, numbers(3))
        for k, organ in enumerate(('kidney', 'tumor', 'cyst'), 1):
            for n in range(1, 4):
                t.label(root + 'segmentations/%s_instance-1_annotation-%d.nii.gz' % (organ, n),
                        scene, {k: 1})
            t.data(root + 'raw/%s_instance-1/annotation1/annotation.json' % organ, '{}')
        t.case(str(i), root + 'imaging.nii.gz', labels[0], also=[labels[1:2], labels[2:]])
    t.data('kits21/data/kits.json', '[]')


@other('AVT, aortic vessel trees of SEG.A. 2023, figshare', channels=1, classes=2)
def sega(t):
    for place, names in (('Dongyang', 'D1,D2,D3,D4'), ('KiTS', 'K1,K2,K3,K4'),
                         ('Rider', 'R1 (AD),R2 (AD),R3,R4')):
        for name in names.split(','):
            root = '%s/%s/%s' % (place, name, name)
            t.pair(name, root + '.nrrd', root + '.seg.nrrd', 1, 1)


@other('INSTANCE 2022, intracranial haemorrhage', channels=1, classes=2)
def instance22(t):
    for i in range(1, 11):
        t.pair(str(i), 'train_2/data/%03d.nii.gz' % i, 'train_2/label/%03d.nii.gz' % i, 1, 1)
    t.lone(*('evaluation/%03d.nii.gz' % i for i in range(101, 105)))


@other('BHSD, brain haemorrhages', channels=1, classes=4)
def bhsd(t):
    for i in range(10):
        name = 'ID_%08x_ID_%010x.nii.gz' % (40503 * (i + 7), 2654435761 * (i + 3))
        t.pair(str(i), 'label_192/images/' + name, 'label_192/ground truths/' + name, 3,
               numbers(3))


@other('AortaSeg24, grand-challenge', channels=1, classes=6)
def aortaseg24(t):
    for i in range(1, 10):
        t.pair(str(i), 'training/images/subject%03d_CTA.mha' % i,
               'training/masks/subject%03d_label.mha' % i, 5, numbers(5))


@other('PENGWIN 2024, Task 1, Zenodo 10927452', channels=1)
def pengwin(t):
    for i in range(1, 11):
        t.pair(str(i), 'PENGWIN_CT_train_images_part%d/%03d.mha' % (1 + i // 6, i),
               'PENGWIN_CT_train_labels/%03d.mha' % i, 4, {1: 1, 2: 2, 3: 11, 4: 21})


@other('MicroSegNet, micro-ultrasound of the prostate, Zenodo 10475293', channels=1, classes=2)
def micro_us(t):
    for part, count in (('train', 7), ('test', 4)):
        for i in range(1, 1 + count):
            root = 'Micro_Ultrasound_Prostate_Segmentation_Dataset/%s/' % part
            image = root + 'micro_ultrasound_scans/microUS_%s_%02d.nii.gz' % (part, i)
            labels = [root + '%s_annotations/%s_annotation_%s_%02d.nii.gz' % (who, who, part, i)
                      for who in ('expert', 'non_expert')]
            scene = t.scene(image, 1)
            t.image(image, scene)
            for label in labels:
                t.label(label, scene, 1)
            t.case('%s %d' % (part, i), image, labels[0], also=[labels[1:]])


@other('UPENN-GBM, The Cancer Imaging Archive', channels=4, classes=4)
def upenn_gbm(t):
    for i in range(1, 11):
        name = 'UPENN-GBM-%05d_11' % i
        scene = t.scene(name + '.nii.gz', 3)
        kinds = ('FLAIR', 'T1', 'T1GD', 'T2')
        images = volumes(t, ['NIfTI-files/images_structural/%s/%s_%s.nii.gz' % (name, name, k)
                             for k in kinds], scene)
        bare = 'NIfTI-files/images_structural_unstripped/%s/%s_%s_unstripped.nii.gz'
        bare = volumes(t, [bare % (name, name, k) for k in kinds], scene)
        automatic = 'NIfTI-files/automated_segm/%s_automated_approx_segm.nii.gz' % name
        manual = 'NIfTI-files/images_segm/%s_segm.nii.gz' % name
        t.label(automatic, scene, {1: 1, 2: 2, 3: 4})
        if i % 3:
            t.label(manual, scene, {1: 1, 2: 2, 3: 4})
        t.case(name, images, manual if i % 3 else automatic, optional=not i % 3,
               also=[[automatic]], image_also=[bare])
    t.notes('UPENN-GBM_clinical_info_v1.0.csv')


@other('UCSF-PDGM, The Cancer Imaging Archive, with more files a case than channels',
       expect='asks')
def ucsf_pdgm(t):
    kinds = ('ADC ASL DTI_eddy_FA DTI_eddy_L1 DTI_eddy_L2 DTI_eddy_L3 DTI_eddy_MD DTI_eddy_noreg '
             'DWI DWI_bias FLAIR FLAIR_bias SWI SWI_bias T1 T1_bias T1c T1c_bias T2 T2_bias')
    for i in range(4, 12):
        root = 'UCSF-PDGM-v3/UCSF-PDGM-%04d_nifti/UCSF-PDGM-%04d_' % (i, i)
        scene = t.scene(root + '.nii.gz', 3)
        images = volumes(t, [root + k + '.nii.gz' for k in kinds.split()], scene)
        label = root + 'tumor_segmentation.nii.gz'
        t.label(label, scene, {1: 1, 2: 2, 3: 4})
        t.label(root + 'brain_segmentation.nii.gz', scene, 1)
        t.label(root + 'brain_parenchyma_segmentation.nii.gz', scene, 1)
        t.case(str(i), images, label, image_also=[[one] for one in images])


@other('BrainMetShare, Stanford, whose channels have numbers', channels=4, classes=2, groups=True)
def brainmetshare(t):
    for i in range(1, 7):
        for z in range(9):
            root = 'stanford_release_brainmask/mets_stanford_releaseMask_train/Mets_%03d/' % (
                7 * i)
            scene = t.scene(root + str(z), 1)
            images = [root + '%d/%d.png' % (k, z) for k in range(4)]
            for look, image in enumerate(images):
                t.image(image, scene, grey=True, look=look)
            t.label(root + 'seg/%d.png' % z, scene)
            t.case('%d %d' % (i, z), images, root + 'seg/%d.png' % z, group=i)


@other('3D MR image database of MS patients, Ljubljana', channels=4, classes=2)
def mslub(t):
    for i in range(1, 10):
        root = 'patient%02d/' % i
        scene = t.scene(root + 'gt.nii.gz', 2)
        kinds = ('FLAIR', 'T1W', 'T1WKS', 'T2W')
        images = volumes(t, [root + 'preprocessed/%s.nii.gz' % k for k in kinds], scene)
        for k in kinds:
            own = t.scene(root + k + '.nii.gz', 1, side=12, depth=6)
            t.image(root + 'raw/%s.nii.gz' % k, own)
        label = root + 'patient%02d_consensus_gt.nii.gz' % i
        t.label(label, scene, 1)
        t.label(root + 'patient%02d_brainmask.nii.gz' % i, scene, 255)
        t.case(str(i), images, label)
    t.notes('patient_info.csv', 'readme.txt')


@other('Brain MRI of multiple sclerosis, Muslim 2022, a label for each sequence',
       expect='either', groups=True)
def ms_baghdad(t):
    for i in range(1, 9):
        root = 'Brain MRI Dataset of Multiple Sclerosis/Patient-%d/%d-' % (i, i)
        for n, kind in enumerate(('Flair', 'T1', 'T2')):
            t.pair('%d %s' % (i, kind), root + kind + '.nii', root + 'LesionSeg-%s.nii' % kind, 1,
                   1, group=i, depth=6 + n)
    t.notes('Brain MRI Dataset of Multiple Sclerosis/Supplementary Table 1.xlsx')


@other('MICCAI 2012 Multi-Atlas Labelling, Neuromorphometrics', channels=1, classes=6)
def malc2012(t):
    for i in range(10):
        name, part = '%d_3' % (1000 + i), 'testing' if i % 3 == 2 else 'training'
        t.pair(name, part + '-images/%s.nii.gz' % name, part + '-labels/%s_glm.nii.gz' % name, 5,
               {1: 4, 2: 11, 3: 23, 4: 30, 5: 207})


@other('IBSR 18, NITRC', expect='either')
def ibsr(t):
    for i in range(1, 11):
        root = 'IBSR_V2.0_nifti_stripped/IBSR_%02d/IBSR_%02d_' % (i, i)
        scene = t.scene(root + 'ana.nii.gz', 6, side=24, depth=9)
        images = volumes(t, [root + 'ana.nii.gz', root + 'ana_strip.nii.gz'], scene)
        labels = [root + n + '.nii.gz' for n in ('seg_ana', 'segTRI_ana', 'segTRI_fill_ana')]
        t.label(labels[0], scene, {k: 7 * k for k in range(1, 7)})
        t.label(labels[1], scene, {k: 1 + k % 3 for k in range(1, 7)})
        t.label(labels[2], scene, {k: 1 + k % 3 for k in range(1, 7)})
        t.label(root + 'ana_brainmask.nii.gz', scene, 1)
        t.case(str(i), images[0], labels[0], also=[labels[1:2], labels[2:]],
               image_also=[images, images[1:]])


@other('SynthStrip, heads of many sources', channels=1, classes=2)
def synthstrip(t):
    for kind in ('asl_epi', 'cimbi_pet', 'fsm_qt1', 'ixi_t1', 'ixi_mra', 'qin_ct'):
        for i in (1, 2, 3):
            root = 'synthstrip_data_v1.5/%s_%03d/' % (kind, 17 * i)
            t.pair(root, root + 'image.nii.gz', root + 'mask.nii.gz', 1, 1)


@other('SKI10, cartilage of knees', channels=1, classes=5)
def ski10(t):
    for i in range(1, 11):
        t.pair(str(i), 'SKI10/training/image-%03d.mhd' % i, 'SKI10/training/labels-%03d.mhd' % i,
               4, numbers(4))


@other('MRSpineSeg 2021', channels=1, classes=4)
def mrspineseg(t):
    for i in range(1, 11):
        t.pair(str(i), 'train/MR/Case%d.nii.gz' % i, 'train/Mask/mask_case%d.nii.gz' % i, 3,
               numbers(3))
    t.lone(*('test1/MR/Case%d.nii.gz' % i for i in range(173, 176)))


@other('RibFrac, Zenodo 3893508', channels=1)
def ribfrac(t):
    for i in range(1, 11):
        part = 1 + i // 6
        t.pair(str(i), 'ribfrac-train-images-%d/Part%d/RibFrac%d-image.nii.gz' % (part, part, i),
               'ribfrac-train-labels-%d/Part%d/RibFrac%d-label.nii.gz' % (part, part, i),
               1 + i % 3, numbers(1 + i % 3))
        t.notes('ribfrac-train-info-%d.csv' % part)


@other('CTPelvic1K, data set 6', channels=1, classes=5)
def ctpelvic1k(t):
    for i in range(1, 10):
        name = 'dataset6_CLINIC_%04d_' % (3 * i)
        t.pair(str(i), 'CTPelvic1K_dataset6_data/%sdata.nii.gz' % name,
               'CTPelvic1K_dataset6_Anonymized_mask/ipcai2021_dataset6_Anonymized/'
               '%smask_4label.nii.gz' % name, 4, numbers(4))


@other('AbdomenAtlas 1.0 Mini', channels=1, classes=4)
def abdomenatlas(t):
    for i in range(1, 10):
        root = 'AbdomenAtlas1.0Mini/BDMAP_%08d/' % i
        scene = t.scene(root + 'ct.nii.gz', 3)
        t.image(root + 'ct.nii.gz', scene)
        t.label(root + 'combined_labels.nii.gz', scene, numbers(3))
        organs = [root + 'segmentations/%s.nii.gz' % n for n in ('aorta', 'liver', 'spleen')]
        for k, organ in enumerate(organs, 1):
            t.label(organ, scene, {k: 1})
        t.case(str(i), root + 'ct.nii.gz', root + 'combined_labels.nii.gz', also=[organs])


@other('3D-IRCADb-01, whose masks are DICOM files', expect='refuse', says='DICOM')
def ircadb(t):
    for i in range(1, 6):
        root = '3Dircadb1/3Dircadb1.%d/' % i
        for z in range(4):
            t.dicom(root + 'PATIENT_DICOM/image_%d' % z)
            t.dicom(root + 'LABELLED_DICOM/image_%d' % z)
            for organ in ('bone', 'liver', 'livertumor1'):
                t.dicom(root + 'MASKS_DICOM/%s/image_%d' % (organ, z))


@other('ATLAS 2023, liver MRI', channels=1, classes=3)
def atlas_liver(t):
    root = 'atlas-train-dataset-1.0.1/train/'
    for i in range(10):
        t.pair(str(i), root + 'imagesTr/im%d.nii.gz' % i, root + 'labelsTr/lb%d.nii.gz' % i, 2,
               numbers(2))
    t.data(root + 'dataset.json', json.dumps({
        'modality': {'0': 'MRI'}, 'numTraining': 10, 'file_ending': '.nii.gz',
        'labels': {'0': 'background', '1': 'liver', '2': 'tumor'}, 'training': [
            {'image': './imagesTr/im%d.nii.gz' % i, 'label': './labelsTr/lb%d.nii.gz' % i}
            for i in range(10)]}))


@other('COVID-19-20 Lung CT Lesion Segmentation', channels=1, classes=2)
def covid19_20(t):
    for i in range(3, 13):
        name = 'COVID-19-20_v2/Train/volume-covid19-A-%04d' % i
        t.pair(str(i), name + '_ct.nii.gz', name + '_seg.nii.gz', 1, 1)
    t.lone(*('COVID-19-20_v2/Validation/volume-covid19-A-%04d.nii.gz' % i for i in (1, 52, 92)))


@other('MosMedData, chest CT', channels=1, classes=2)
def mosmed(t):
    for i in range(255, 263):
        t.pair(str(i), 'COVID19_1110/studies/CT-1/study_%04d.nii.gz' % i,
               'COVID19_1110/masks/study_%04d_mask.nii.gz' % i, 1, 1)
    t.lone(*('COVID19_1110/studies/CT-1/study_%04d.nii.gz' % i for i in range(400, 406)))
    t.lone(*('COVID19_1110/studies/CT-0/study_%04d.nii.gz' % i for i in range(1, 12)))
    t.lone(*('COVID19_1110/studies/CT-2/study_%04d.nii.gz' % i for i in range(939, 943)))
    t.notes('COVID19_1110/README_EN.md', 'COVID19_1110/dataset_registry.xlsx')


@other('COVID-19 CT of medicalsegmentation.com, one stack', expect='either', channels=1)
def medseg_covid(t):
    scene = t.scene('tr_im.nii.gz', 3, depth=12)
    t.image('tr_im.nii.gz', scene)
    t.label('tr_mask.nii.gz', scene, numbers(3))
    t.label('tr_lungmasks_updated.nii.gz', scene, 1)
    t.lone('val_im.nii.gz')
    t.case('tr', 'tr_im.nii.gz', 'tr_mask.nii.gz', also=[['tr_lungmasks_updated.nii.gz']])


@other('ImageCAS, coronary arteries', channels=1, classes=2)
def imagecas(t):
    for first in (1, 201, 401):
        for i in range(first, first + 4):
            root = '%d-%d/%d.' % (first, first + 199, i)
            t.pair(str(i), root + 'img.nii.gz', root + 'label.nii.gz', 1, 1)
    t.notes('imageCAS_data_split.xlsx')


@other('ASOCA, coronary arteries', channels=1, classes=2)
def asoca(t):
    for kind in ('Diseased', 'Normal'):
        for i in range(1, 7):
            t.pair(kind + str(i), 'ASOCA/%s/CTCA/%s_%d.nrrd' % (kind, kind, i),
                   'ASOCA/%s/Annotations/%s_%d.nrrd' % (kind, kind, i), 1, 1)
            t.notes('ASOCA/%s/SurfaceMeshes/%s_%d.stl' % (kind, kind, i),
                    'ASOCA/%s/Centerlines/%s_%d.vtp' % (kind, kind, i))


@other('HVSMR-2.0, figshare', expect='either', classes=4)
def hvsmr2(t):
    for i in range(9):
        for grid, names in (('cropped', ('', '_norm')), ('orig', ('',))):
            root = '%s/pat%d_%s' % (grid, i, grid)
            scene = t.scene(root + '.nii.gz', 3, side=16 if grid == 'cropped' else 20)
            images = volumes(t, [root + n + '.nii.gz' for n in names], scene)
            labels = [root + n + '.nii.gz' for n in ('_seg', '_seg_endpoints')]
            t.label(labels[0], scene, numbers(3))
            t.label(labels[1], scene, {k: k for k in range(1, 4)})
            t.case(root, images[0], labels[0], also=[labels[1:]], optional=grid == 'orig',
                   image_also=[images, images[1:]] if images[1:] else ())
    t.notes('hvsmr_clinical.csv')


@other('CMRxMotion 2022', channels=1, classes=4, groups=True)
def cmrxmotion(t):
    for i in range(1, 7):
        for k in range(1, 5):
            for phase in ('ED', 'ES'):
                root = 'CMRxMotion/data/P%03d-%d/P%03d-%d-%s' % (i, k, i, k, phase)
                if k == 4 and i % 2:
                    t.lone(root + '.nii.gz')
                else:
                    t.pair(root, root + '.nii.gz', root + '-label.nii.gz', 3, numbers(3), group=i)
    t.notes('CMRxMotion/IQA.csv')


@other('Prostate MRI of six sites, SAML', channels=1)
def prostate_sites(t):
    for site, word in (('RUNMC', 'segmentation'), ('BMC', 'segmentation'),
                       ('I2CVB', 'Segmentation'), ('UCL', 'segmentation'),
                       ('BIDMC', 'segmentation'), ('HK', 'segmentation')):
        for i in range(3):
            root = '%s/Case%02d' % (site, i + (4 if site == 'UCL' else 0))
            t.pair(root, root + '.nii.gz', root + '_%s.nii.gz' % word, 1, 1)


@other('CURVAS 2024, three readers', channels=1, classes=4)
def curvas(t):
    for i in range(1, 10):
        root = 'training_set/UKCHLL%03d/' % i
        scene = t.scene(root + 'image.nii.gz', 3)
        t.image(root + 'image.nii.gz', scene)
        labels = [root + 'annotation_%d.nii.gz' % n for n in (1, 2, 3)]
        for label in labels:
            t.label(label, scene, numbers(3))
        t.case(str(i), root + 'image.nii.gz', labels[0], also=[labels[1:2], labels[2:]])


@other('3D ultrasound of legs, three muscles', channels=1, classes=4)
def leg_3d_us(t):
    for part, first in (('train', 1), ('validation', 20), ('test', 30)):
        for i in range(first, first + 4):
            root = '%s/%03d/' % (part, i)
            t.pair(str(i), root + 'x%d.mha' % i, root + 'masksX%d.mha' % i, 3,
                   {1: 100, 2: 150, 3: 200})


@other('MOTUM, labels of two sequences in folders of derivatives', expect='either')
def motum(t):
    for i in range(1, 9):
        root = 'sub-%04d/anat/sub-%04d_' % (i, i)
        scene = t.scene(root + 'flair.nii.gz', 2)
        images = volumes(t, [root + k + '.nii.gz' for k in ('flair', 't1', 't1ce', 't2')], scene)
        labels = ['derivatives/sub-%04d/%s.nii.gz' % (i, n)
                  for n in ('flair_seg_label1', 't1ce_seg_label2')]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 1})
        t.case(str(i), images, labels, also=[labels[:1], labels[1:]],
               image_also=[images[:1], images[2:3]])
    t.data('dataset_description.json', '{"Name": "MOTUM", "BIDSVersion": "1.8.0"}')
    t.notes('participants.tsv')


@other('SegThy, MRI of the thyroid', channels=1, classes=2)
def segthy(t):
    for i in range(1, 11):
        root = 'MRI_volunteer_dataset/%s/%03d_%s.nii.gz'
        image = root % ('MRI', i, 'MRI')
        scene = t.scene(image, 3)
        t.image(image, scene)
        labels = [root % ('MRI_thyroid_label', i, 'MRI_thyroid_label')]
        t.label(labels[0], scene, {1: 1})
        if i % 2:
            more = 'MRI_thyroid+jugular+carotid_label'
            labels.append(root % (more, i, more))
            t.label(labels[1], scene, numbers(3))
        t.case(str(i), image, labels[0], also=[labels[1:]] if i % 2 else ())


@other('CShaper, membranes of embryos', channels=1, groups=True)
def cshaper(t):
    for part, samples in (('TrainingData', (1, 2)), ('EvaluationData', (3, 4, 5))):
        for sample in samples:
            for time in (30, 47, 64):
                root, name = '%s/Sample%02d/' % (part, sample), 'Sample%02d_%03d_' % (sample, time)
                t.pair(name, root + 'RawMemb/%srawMemb.nii.gz' % name,
                       root + 'SegCell/%ssegCell.nii.gz' % name, 6 + time // 16,
                       numbers(6 + time // 16), group=sample)


@other('BetaSeg, FIB-SEM of beta cells, a mask for each organelle', channels=1, classes=8)
def betaseg(t):
    for name in ('high_c1', 'high_c2', 'high_c3', 'high_c4', 'low_c1', 'low_c2', 'low_c3'):
        root = '%s/%s_' % (name, name)
        scene = t.scene(root, 7, depth=6)
        t.image(root + 'source.tif', scene, grey=True)
        labels = [root + n + '.tif' for n in (
            'centrioles', 'golgi_corrected', 'granules', 'membrane_full_mask', 'microtubules',
            'mitochondria_mask', 'nucleus_mask')]
        for k, label in enumerate(labels, 1):
            t.label(label, scene, {k: 1})
        t.case(name, root + 'source.tif', labels)


@other('UroCell, organelles of FIB-SEM', expect='either', channels=1)
def urocell(t):
    for i in range(5):
        name = 'fib1-%d-0-%d.nii.gz' % (i % 4, i)
        root = 'UroCell-master/'
        scene = t.scene(root + 'data/' + name, 8)
        t.image(root + 'data/' + name, scene)
        labels = []
        for k, (kind, form) in enumerate((('fv', 'binary'), ('golgi', 'precise'),
                                          ('lyso', 'binary'), ('mito', 'binary'))):
            labels.append(root + '%s/%s/%s' % (kind, form, name))
            t.label(labels[-1], scene, {2 * k + 1: 1, 2 * k + 2: 1})
            if form == 'binary':
                labels.append(root + '%s/instance/%s' % (kind, name))
                t.label(labels[-1], scene, {2 * k + 1: 1, 2 * k + 2: 2})
        plain = [path for path in labels if '/instance/' not in path]
        t.case(name, root + 'data/' + name, plain, also=[[one] for one in labels])


@other('ACOUSLIC-AI 2024, fetal abdomens', channels=1)
def acouslic(t):
    for i in range(9):
        name = '%08x-4b1e-4d5c-9f00-%012x.mha' % (2654435761 * (i + 1) % 2 ** 32, 40503 * (i + 9))
        t.pair(name, 'acouslic-ai-train-set/images/stacked_fetal_ultrasound/' + name,
               'acouslic-ai-train-set/masks/stacked_fetal_abdomen/' + name, 2, numbers(2))
    t.notes('acouslic-ai-train-set/circumferences/fetal_abdominal_circumferences_per_sweep.csv')
