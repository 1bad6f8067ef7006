# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets of cells, tissue and plants that no part of attunet was written for."""
import hashlib

from listed_pictures import OBJECTS
from other_pictures import other
from tree import numbers


def digest(*key):
    return hashlib.md5(repr(key).encode()).hexdigest()


def first_of(t, name, image, labels, scene, values, grey=True, **options):
    """A case where any of the labels is right, the first best."""
    t.image(image, scene, grey=grey)
    for label, value in zip(labels, values):
        t.label(label, scene, value)
    t.case(name, image, labels[0], also=[[one] for one in labels[1:]], **options)


@other('YeaZ, bright field, EPFL', channels=1, classes='objects')
def yeaz(t):
    for i in range(1, 11):
        root = 'gold-standard-BF-V-1/B%d-%d_' % (1 + i // 4, i)
        t.pair(str(i), root + 'im.tif', root + 'mask.tif', OBJECTS[i % 10],
               numbers(OBJECTS[i % 10]), grey=True)


@other('Usiigaci', channels=1, classes='objects')
def usiigaci(t):
    for part, count in (('train', 9), ('val', 3)):
        for i in range(1, 1 + count):
            root = 'Usiigaci/Mask R-CNN/%s/set%d/' % (part, i)
            t.pair(root, root + 'raw.tif', root + 'instances_ids.png', OBJECTS[i % 10],
                   numbers(OBJECTS[i % 10]), grey=True)


@other('Biofilms of Vibrio cholerae, volumes whose labels number cells', channels=1)
def vibrio(t):
    for i in range(1, 6):
        t.pair(str(i), 'raw-data/biofilm_%d_raw.tif' % i,
               'semi-manual-annotation/biofilm_%d_labels.tif' % i, 8, numbers(8), grey=True,
               depth=6, side=20)
    small = t.scene('fully-manual-annotation', 4, depth=4, side=12)
    t.image('fully-manual-annotation/biofilm_1_raw.tif', small, grey=True)
    t.label('fully-manual-annotation/biofilm_1_labels.tif', small, numbers(4))
    t.case('manual', 'fully-manual-annotation/biofilm_1_raw.tif',
           'fully-manual-annotation/biofilm_1_labels.tif', optional=True)


@other('VICAR, quantitative phase images, Zenodo 5153251', channels=1)
def vicar(t):
    for cells in ('DU145', 'LNCaP', 'PNT1A'):
        for i in range(1, 6):
            root = 'labelled/%s/%05d_' % (cells, i)
            t.pair(cells + str(i), root + 'img.tif', root + 'mask.png', OBJECTS[i],
                   numbers(OBJECTS[i]), grey=True)
        t.lone(*('unlabelled/%s/%05d.tif' % (cells, i) for i in range(20, 26)), grey=True)


@other('CellBinDB, masks and instances beside images', expect='either')
def cellbindb(t):
    for stain in ('DAPI', 'ssDNA'):
        for i in range(1, 7):
            name = '10X-%s-Human-Brain-%d' % (stain, i)
            root = 'CellBinDB/Other/%s/%s/%s-' % (stain, name, name)
            shapes = OBJECTS[i]
            first_of(t, name, root + 'img.tif', [root + 'mask.tif', root + 'instancemask.tif'],
                     t.scene(root, shapes), (255, numbers(shapes)))


@other('CVZ-Fluo, cells and nuclei with masks of their own', expect='either')
def cvz_fluo(t):
    for i in range(1, 9):
        for stain, shapes in (('Cell', 5), ('Dapi', 3)):
            root = 'CVZ-Fluo/EVOS/Subset %d/Image%02d-Crop_%s' % (1 + i // 4, i, stain)
            t.pair('%d %s' % (i, stain), root + '_Png.png', root + '_Mask_Png.png', shapes,
                   numbers(shapes), grey=True)


@other('BitDepth NucSeg, images with 8 and 16 bits', expect='either')
def bitdepth(t):
    for size in ('20x', '40x_Air', '63x'):
        for i in range(4):
            scene = t.scene(size + str(i), OBJECTS[i])
            images = [size + '/images_%dbit/%d.tif' % (bits, i) for bits in (16, 8)]
            t.image(images[0], scene, grey=True, kind='uint16')
            t.image(images[1], scene, grey=True)
            label = size + '/label masks/%d.tif' % i
            t.label(label, scene, numbers(OBJECTS[i]), kind='uint16')
            t.case(size + str(i), images[:1], label, image_also=[images[1:], images])


@other('ALFI, time lapses of cells, figshare', channels=1, classes=3, groups=True)
def alfi(t):
    for n in range(1, 7):
        for i in range(1, 4):
            root = 'Data&Annotations/MI%02d/' % n
            name = 'MI%02d_%04d.png' % (n, 3 * i)
            t.pair(name, root + 'Images/I_' + name, root + 'Masks/M_' + name, 2,
                   {1: 128, 2: 255}, grey=True, group=n)
        t.notes(root + 'MI%02d_DTLTruth.csv' % n, root + 'MI%02d_PhenoTruth.csv' % n)


@other('microbeSEG, Zenodo 6497715', channels=1, classes='objects')
def microbeseg(t):
    for part, count in (('train', 8), ('val', 3), ('test', 3)):
        for i in range(count):
            root = 'microbeSEG_dataset/complete/%s/' % part
            t.pair(part + str(i), root + 'img_%03d.tif' % i, root + 'mask_%03d.tif' % i,
                   OBJECTS[i], numbers(OBJECTS[i]), grey=True)


@other('EMPS, particles in electron microscopy', classes='objects')
def emps(t):
    for i in range(10):
        name = digest('emps', i)[:10] + '.png'
        t.pair(name, 'emps-main/images/' + name, 'emps-main/segmaps/' + name, OBJECTS[i],
               numbers(OBJECTS[i]), grey=True)
    t.notes('emps-main/train.csv', 'emps-main/test.csv', 'emps-main/README.md')


@other('Lucchi++, whose images are called masks', channels=1, classes=2)
def lucchi(t):
    for part in ('Train', 'Test'):
        for z in range(12):
            t.pair(part + str(z), 'Lucchi++/%s_In/mask%04d.png' % (part, z),
                   'Lucchi++/%s_Out/%d.png' % (part, z), 2, 255, grey=True)


@other('VNC, ssTEM of Drosophila, a folder for each kind of label', expect='either', channels=1)
def vnc(t):
    root = 'groundtruth-drosophila-vnc-master/'
    for z in range(10):
        image = root + 'stack1/raw/%02d.tif' % z
        scene = t.scene(image, 6)
        first_of(t, str(z), image, [
            root + 'stack1/labels/labels%08d.png' % z, root + 'stack1/membranes/%02d.png' % z,
            root + 'stack1/mitochondria/%02d.png' % z, root + 'stack1/synapses/%02d.png' % z],
            scene, (numbers(6), {0: 255, 1: 0}, {1: 255, 2: 255}, {3: 255}))
        case = t.cases[-1]  # as classes, too
        case['labels_also'].append([one for [one] in case['labels_also']])
        t.lone(root + 'stack2/raw/%02d.tif' % z, grey=True)
    t.notes(root + 'readme.md')


@other('AimSeg, myelin in TEM, classes and instances', channels=1)
def aimseg(t):
    for part, count in (('Control_Dataset', 8), ('Validation_Dataset_v1', 4)):
        for i in range(1, 1 + count):
            name = '%s/%s/CC_%02d.tif'
            image = name % (part, 'Images', i)
            first_of(t, part + str(i), image, [name % (part, 'GroundTruth_Semantic', i),
                                               name % (part, 'GroundTruth_Instance', i)],
                     t.scene(image, 6), ({k: 1 + k % 3 for k in range(1, 7)}, numbers(6)))


@other('AxonDeepSeg SEM, BIDS for microscopy', channels=1, classes=3)
def axondeepseg(t):
    for i in range(1, 11):
        name = 'sub-rat%d/micr/sub-rat%d_sample-data%d_SEM' % (1 + i // 3, 1 + i // 3, i)
        scene = t.scene(name, 4, nested=True)
        root = 'data_axondeepseg_sem/derivatives/labels/' + name
        first_of(t, name, 'data_axondeepseg_sem/%s.png' % name,
                 [root + '_seg-axonmyelin-manual.png'], scene, ({1: 127, 2: 127, 3: 255, 4: 255},))
        t.label(root + '_seg-axon-manual.png', scene, {3: 255, 4: 255})
        t.label(root + '_seg-myelin-manual.png', scene, {1: 255, 2: 255})
        t.data('data_axondeepseg_sem/%s.json' % name, '{"PixelSize": [0.1, 0.1]}')
    t.data('data_axondeepseg_sem/dataset_description.json',
           '{"Name": "data_axondeepseg_sem", "BIDSVersion": "1.6.0"}')
    t.notes('data_axondeepseg_sem/participants.tsv', 'data_axondeepseg_sem/samples.tsv')


@other('DeepBacs, sources and targets', channels=1, classes='objects')
def deepbacs(t):
    for part, count in (('training', 9), ('test', 3)):
        for i in range(1, 1 + count):
            root = 'B. subtilis - SplineDist/%s/' % part
            t.pair(part + str(i), root + 'source/pos%d.tif' % (i + len(part)),
                   root + 'target/pos%d.tif' % (i + len(part)), OBJECTS[i % 10],
                   numbers(OBJECTS[i % 10]), grey=True)


@other('NuClick, lymphocytes, whose masks are NPY files', channels=3, classes='objects')
def nuclick(t):
    for part, count in (('Train', 9), ('Validation', 3)):
        for i in range(count):
            name = '%d_%s' % (i + len(part), digest('nuclick', i)[:6])
            t.pair(name, 'IHC/images/%s/%s.png' % (part, name),
                   'IHC/masks/%s/%s.npy' % (part, name), OBJECTS[i], numbers(OBJECTS[i]))


@other('UrinaryTract, masks of one and of several classes', expect='either')
def urinary_tract(t):
    for part, count in (('train', 8), ('valid', 3), ('test', 3)):
        for i in range(count):
            name = 'ds1/%s/%s/cls/%03d.tif'
            image = name % (part, 'img', i)
            first_of(t, part + str(i), image, [name % (part, 'mult_mask', i),
                                               name % (part, 'bin_mask', i)],
                     t.scene(image, 3), (numbers(3), 1), grey=False)


@other('Blood cells with masks, Kaggle', channels=3, classes=2)
def blood_masks(t):
    for part, count in (('train', 8), ('test', 4)):
        for i in range(count):
            root = 'BCCD Dataset with mask/%s/' % part
            name = digest('bccd', part, i)
            t.pair(name, root + 'original/%s.png' % name, root + 'mask/%s.png' % name)


@other('Herlev, smears with coloured masks beside them', channels=3, classes='objects')
def herlev(t):
    for kind in ('carcinoma_in_situ', 'normal_superficiel', 'severe_dysplastic'):
        for i in range(1, 5):
            name = 'smear2005/New database pictures/%s/1495%05d-1495%05d-%03d' % (
                kind, 7919 * i % 10 ** 5, 7919 * i % 10 ** 5 + 19, i)
            t.pair(name, name + '.BMP', name + '-d.bmp', 3, numbers(3), 'colour', nested=True)
    t.notes('smear2005/New database pictures/new_database.xls')


@other('PNAS Arabidopsis, volumes with labels of long names', channels=1, groups=True)
def arabidopsis(t):
    for plant in (1, 2, 4, 13, 15, 18):
        for hours in (0, 4):
            root = 'PNAS/plant%d/' % plant
            name = '%dhrs_plant%d_trim-acylYFP' % (hours, plant)
            t.pair(name, root + 'processed_tiffs/%s.tif' % name,
                   root + 'segmentation_tiffs/%s_hmin_2_asf_1_s_2.00_clean_3.tif' % name, 9,
                   numbers(9), grey=True, depth=6, group=plant)
            t.lone(root + 'processed_tiffs/%dhrs_plant%d_trim-clv3.tif' % (hours, plant),
                   grey=True)


@other('PCNS, crops of TCGA with corrected masks', channels=3, classes='objects')
def pcns(t):
    for kind in ('blca', 'brca', 'luad'):
        for i in range(1, 5):
            root = 'NuInsSeg_crops/%s/%s_%d_%d' % (kind, kind, i, 400 * i)
            t.pair(root, root + '_crop.png', root + '_labeled_mask_corrected.png', OBJECTS[i],
                   numbers(OBJECTS[i]))


@other('DigestPath 2019, JPEG masks beside images with spaces', channels=3, classes=2)
def digestpath(t):
    for i in range(8):
        name = ('tissue-train-pos-v1/2018_%d_1-1_2019-02-25 21_57_%02d-lv1-%d-13424-4878-2695' % (
            64982 + i, i, 34588 + i))
        t.pair(str(i), name + '.jpg', name + '_mask.jpg')
        t.lone('tissue-train-neg/2018_%d_1-2_2019-02-25 22_07_%02d-lv1-%d-9824.jpg' % (
            70982 + i, i, 1588 + i))


@other('EBHI-SEG, Kaggle', channels=3, classes=2)
def ebhi(t):
    for kind in ('Adenocarcinoma', 'High-grade IN', 'Low-grade IN', 'Normal', 'Polyp'):
        for i in range(3):
            name = 'GT2012%03d-1-400-%03d.png' % (149 + i + len(kind), i + 1)
            t.pair(kind + name, 'EBHI-SEG/%s/image/%s' % (kind, name),
                   'EBHI-SEG/%s/label/%s' % (kind, name))


@other('WSSS4LUAD, masks with palettes and masks of the background', channels=3)
def wsss4luad(t):
    for i in range(12):
        t.lone('WSSS4LUAD/1.training/%d-7813-24009-[1, %d, 0].png' % (436152 + i, i % 2))
    for part, count in (('2.validation', 9), ('3.testing', 5)):
        for i in range(count):
            root = 'WSSS4LUAD/%s/' % part
            scene = t.scene(root + str(i), 3)
            t.image(root + 'img/%02d.png' % i, scene)
            t.label(root + 'mask/%02d.png' % i, scene, {0: 3, 1: 1, 2: 2}, 'palette')
            t.label(root + 'background-mask/%02d.png' % i, scene, {0: 255, 1: 0, 2: 0})
            t.case(part + str(i), root + 'img/%02d.png' % i, root + 'mask/%02d.png' % i)


@other('PUMA, whose outlines are GeoJSON', expect='refuse', says='JSON')
def puma(t):
    for i in range(1, 9):
        name = 'training_set_%s_roi_%03d' % (('metastatic', 'primary')[i % 2], i)
        t.lone('01_training_dataset_tif_ROIs/%s.tif' % name)
        for kind in ('nuclei', 'tissue'):
            t.data('01_training_dataset_geojson_%s/%s_%s.geojson' % (kind, name, kind),
                   '{"type": "FeatureCollection", "features": []}')


@other('HuBMAP kidney, whose masks are run lengths in a CSV', expect='refuse',
       says='run.length|RLE|CSV|JSON')
def hubmap(t):
    rows = ['id,encoding']
    for i in range(8):
        name = digest('hubmap', i)[:9]
        t.lone('train/%s.tiff' % name)
        t.data('train/%s.json' % name, '[]')
        t.data('train/%s-anatomical-structure.json' % name, '[]')
        rows.append(name + ',296084587 4 296115835 6 296147109 7')
    t.data('train.csv', '\n'.join(rows) + '\n')
    t.notes('HuBMAP-20-dataset_information.csv', 'sample_submission.csv')


@other('Sartorius cells, whose masks are run lengths in a CSV', expect='refuse',
       says='run.length|RLE|CSV')
def sartorius(t):
    rows = ['id,annotation,width,height,cell_type']
    for i in range(10):
        name = digest('sartorius', i)[:12]
        t.lone('train/%s.png' % name, grey=True)
        rows += [name + ',118145 6 118849 7 119553 8,704,520,shsy5y'] * 3
    t.data('train.csv', '\n'.join(rows) + '\n')
    t.lone(*('test/%s.png' % digest('test', i)[:12] for i in range(3)), grey=True)


@other('PhenoBench, plants and leaves', channels=3, classes=3)
def phenobench(t):
    for part, count in (('train', 8), ('val', 3)):
        for i in range(count):
            name = '%02d-15_%05d_P0030%03d.png' % (5 + i % 2, 28 + i, 852 + i)
            root = 'PhenoBench/%s/' % part
            scene = t.scene(root + name, 6)
            t.image(root + 'images/' + name, scene)
            t.label(root + 'semantics/' + name, scene, {k: 1 + k % 2 for k in range(1, 7)})
            for kind in ('plant_instances', 'leaf_instances'):
                t.label(root + '%s/%s' % (kind, name), scene, numbers(6), kind='uint16')
            for kind in ('plant_visibility', 'leaf_visibility'):
                t.label(root + '%s/%s' % (kind, name), scene, {k: 255 - k for k in range(1, 7)})
            t.case(part + name, root + 'images/' + name, root + 'semantics/' + name)
    t.lone(*('PhenoBench/test/images/05-26_%05d_P0034%03d.png' % (i, i) for i in range(3)))


@other('PRMI, roots of plants', channels=3, classes=2)
def prmi(t):
    for plant in ('Cotton_736x552_DPI150', 'Peanut_640x480_DPI120'):
        for part, count in (('train', 5), ('val', 2)):
            for i in range(1, 1 + count):
                name = '%s_T%03d_L%03d_2012.08.%02d_0921%02d_ABC' % (
                    plant.split('_')[0], i, i + 1, 10 + i, i + len(part))
                t.pair(name, 'PRMI_official/%s/images/%s/%s.jpg' % (part, plant, name),
                       'PRMI_official/%s/masks_pixel_gt/%s/GT_%s.png' % (part, plant, name))
            t.data('PRMI_official/%s/labels_image_gt/%s_%s.json' % (part, plant, part), '[]')
