# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets that were made after the mechanism, each for a kind of its own."""
from other_pictures import other
from tree import numbers


@other('AbdomenCT-1K', channels=1, classes=5)
def abdomenct1k(t):
    for i in range(1, 11):
        part = 'AbdomenCT-1K-ImagePart%d/' % (1 + i % 3)
        t.pair('Case_%05d' % i, part + 'Case_%05d_0000.nii.gz' % i, 'Mask/Case_%05d.nii.gz' % i, 4,
               numbers(4))


@other('TotalSegmentator MRI', channels=1, classes=5)
def totalsegmentator_mri(t):
    for i in range(8):
        case = 's%04d/' % (3 * i)
        scene = t.scene(case + 'mri.nii.gz', 4)
        t.image(case + 'mri.nii.gz', scene)
        names = ('adrenal_gland_left', 'liver', 'spleen', 'vertebrae')
        paths = [case + 'segmentations/%s.nii.gz' % n for n in names]
        for k, path in enumerate(paths, 1):
            t.label(path, scene, {k: 1})
        t.case(case[:-1], case + 'mri.nii.gz', paths)
    t.notes('meta.csv')


@other('autoPET, FDG-PET-CT-Lesions', groups=True)
def autopet(t):
    for i in range(12):
        case = 'FDG-PET-CT-LESIONS/PETCT_%010x/0%d-23-2003-NA-PET-CT Ganzkoerper-%05d/' % (
            77777 * (i // 2 + 1), i + 1, 94240 + 7 * i)
        scene = t.scene(case + 'SUV.nii.gz', 2)
        for look, name in enumerate(('CTres', 'PET', 'SUV')):
            t.image(case + name + '.nii.gz', scene, look=look)
        t.image(case + 'CT.nii.gz', t.scene(case + 'CT.nii.gz', 2, depth=12))
        t.label(case + 'SEG.nii.gz', scene, 1)
        t.case(str(i), [case + n + '.nii.gz' for n in ('CTres', 'PET', 'SUV')],
               case + 'SEG.nii.gz', group=i // 2)


@other('KiTS19', channels=1, classes=3)
def kits19(t):
    for i in range(8):
        case = 'kits19/data/case_%05d/' % i
        t.pair(str(i), case + 'imaging.nii.gz', case + 'segmentation.nii.gz', 2, numbers(2))
    for i in range(210, 213):
        t.lone('kits19/data/case_%05d/imaging.nii.gz' % i)
    t.notes('kits19/LICENSE', 'kits19/data/kits.json', 'kits19/starter_code/get_imaging.py')


@other('M&Ms-2', channels=1, classes=4, groups=True)
def mnms2(t):
    for i in range(1, 8):
        for view in ('SA', 'LA'):
            for phase in ('ED', 'ES'):
                name = 'MnM2/dataset/%03d/%03d_%s_%s' % (i, i, view, phase)
                t.pair('%03d_%s_%s' % (i, view, phase), name + '.nii.gz', name + '_gt.nii.gz', 3,
                       numbers(3), group=i)
            name = 'MnM2/dataset/%03d/%03d_%s_CINE.nii.gz' % (i, i, view)
            scene = t.scene(name)
            t.save(name, scene.grey * 3, scene, times=3)
    t.notes('MnM2/dataset_information.csv')


@other('UDIAT dataset B', channels=1, classes=2)
def udiat(t):
    for i in range(1, 10):
        t.pair(str(i), 'BUS/original/%06d.png' % i, 'BUS/GT/%06d.png' % i, grey=True)


@other('STU-Hospital', channels=3, classes=2)
def stu_hospital(t):
    for i in range(1, 10):
        t.pair(str(i), 'Hospital/Test_Image_%d.png' % i, 'Hospital/mask_%d.png' % i)


@other('JSRT images with masks of SCR', channels=1, classes=6)
def jsrt_scr(t):
    for i in range(1, 13):
        name = 'JPC%s%03d' % ('LN' if i % 2 else 'NN', i)
        scene = t.scene('Images/%s.png' % name, 5)
        t.image('Images/%s.png' % name, scene, grey=True)
        paths = ['scratch/fold%d/masks/%s/%s.gif' % (1 + i % 2, n, name) for n in (
            'heart', 'left clavicle', 'left lung', 'right clavicle', 'right lung')]
        for k, path in enumerate(paths, 1):
            t.label(path, scene, {k: 255}, 'palette')
        t.case(name, 'Images/%s.png' % name, paths)


@other('LIVECell', expect='refuse', says='JSON|COCO')
def livecell(t):
    for k in ('A172', 'BT474'):
        for i in range(1, 6):
            t.lone('images/livecell_train_val_images/%s/%s_Phase_A7_%d_00d00h00m_1.tif' % (k, k, i),
                   grey=True)
    for part in ('train', 'val', 'test'):
        t.data('LIVECell_dataset_2021/annotations/LIVECell/livecell_coco_%s.json' % part,
               '{"images": [], "annotations": [], "categories": []}')


@other('BCCD', expect='refuse', says='XML')
def bccd(t):
    for i in range(8):
        t.lone('BCCD/JPEGImages/BloodImage_%05d.jpg' % i)
        t.data('BCCD/Annotations/BloodImage_%05d.xml' % i, '<annotation></annotation>')


@other('Lizard', expect='refuse', says='MATLAB')
def lizard(t):
    for i in range(1, 9):
        t.lone('Lizard_Images1/consep_%d.png' % i)
        t.data('Lizard_Labels/Labels/consep_%d.mat' % i, b'MATLAB 5.0 MAT-file' + bytes(200))


@other('NucMM', expect='refuse', says='HDF5')
def nucmm(t):
    for i in range(6):
        for what, name in (('Image', 'img'), ('Label', 'seg')):
            t.data('NucMM-Z/%s/train/%s_%04d_0576_0768.h5' % (what, name, 64 * i),
                   b'\x89HDF\r\n\x1a\n' + bytes(200))


@other('LUNA16', channels=1, classes=2)
def luna16(t):
    for i in range(9):
        uid = '1.3.6.1.4.1.14519.5.2.1.6279.6001.%d' % (105756658031515062000744821260 + 7919 * i)
        t.pair(uid, 'subset%d/%s.mhd' % (i % 3, uid), 'seg-lungs-LUNA16/%s.mhd' % uid, 2, 3)
    t.notes('annotations.csv', 'candidates.csv')


@other('ATM22', channels=1, classes=2)
def atm22(t):
    for i in range(1, 10):
        t.pair(str(i), 'TrainBatch1/imagesTr/ATM_%03d_0000.nii.gz' % i,
               'TrainBatch1/labelsTr/ATM_%03d_0000.nii.gz' % i, 1, 1)


@other('PARSE 2022', channels=1, classes=2)
def parse2022(t):
    for i in range(5, 14):
        case = 'train/PA%06d/' % i
        t.pair(str(i), case + 'image/PA%06d.nii.gz' % i, case + 'label/PA%06d.nii.gz' % i, 1, 1)


@other('crossMoDA', channels=1, classes=3)
def crossmoda(t):
    for i in range(1, 10):
        t.pair(str(i), 'source_training/crossmoda_%d_ceT1.nii.gz' % i,
               'source_training/crossmoda_%d_Label.nii.gz' % i, 2, numbers(2))
    t.lone(*('target_training/crossmoda_%d_hrT2.nii.gz' % i for i in range(106, 112)))
    t.lone(*('target_validation/crossmoda_%d_hrT2.nii.gz' % i for i in range(211, 214)))


@other('HaN-Seg, with the CT alone', channels=1, classes=4)
def han_seg(t):
    for i in range(1, 9):
        case = 'HaN-Seg/set_1/case_%02d/case_%02d_' % (i, i)
        scene = t.scene(case + 'IMG_CT.nrrd', 3)
        t.image(case + 'IMG_CT.nrrd', scene)
        paths = [case + 'OAR_%s.seg.nrrd' % n for n in ('Bone_Mandible', 'Brainstem', 'Parotid_L')]
        for k, path in enumerate(paths, 1):
            t.label(path, scene, {k: 1})
        t.case(str(i), case + 'IMG_CT.nrrd', paths)


@other('COVID-QU-Ex, infection part', channels=3, expect='either')
def covid_qu_ex(t):
    for part, count in (('Train', 6), ('Val', 3), ('Test', 3)):
        root = 'Infection Segmentation Data/Infection Segmentation Data/%s/COVID-19/' % part
        for i in range(count):
            name = 'covid_%d.png' % (10 * len(part) + i)
            scene = t.scene(root + 'images/' + name, 3)
            t.image(root + 'images/' + name, scene)
            t.label(root + 'lung masks/' + name, scene, {1: 255, 2: 255, 3: 255})
            t.label(root + 'infection masks/' + name, scene, {2: 255})
            t.case(part + name, root + 'images/' + name, root + 'lung masks/' + name,
                   also=[root + 'infection masks/' + name])


@other('CryoNuSeg', channels=3)
def cryonuseg(t):
    root = 'Annotator 1 (biologist second round of manual marks up)/' * 2
    for i in range(1, 10):
        name = 'Human_%s_%02d' % (('AdrenalGland', 'Larynx', 'LymphNodes')[i % 3], i)
        scene = t.scene('tissue images/%s.tif' % name, 6)
        t.image('tissue images/%s.tif' % name, scene)
        numbered = root + 'label masks modify/%s.tif' % name
        binary = root + 'mask binary/%s.png' % name
        t.label(binary, scene)
        t.label(root + 'mask binary without border/%s.png' % name, scene)
        t.label(numbered, scene, numbers(6), kind='uint8')
        t.case(name, 'tissue images/%s.tif' % name, binary,
               also=[numbered, root + 'mask binary without border/%s.png' % name])


@other('FUSeg, wounds', channels=3, classes=2)
def fuseg(t):
    for part, count in (('train', 7), ('validation', 3)):
        for i in range(count):
            name = '%04d.png' % (100 * len(part) + i)
            t.pair(part + name, 'Foot Ulcer Segmentation Challenge/%s/images/%s' % (part, name),
                   'Foot Ulcer Segmentation Challenge/%s/labels/%s' % (part, name))
    t.lone(*('Foot Ulcer Segmentation Challenge/test/images/%04d.png' % i for i in range(1, 4)))


@other('EM platelet, stacks beside their labels')
def em_platelet(t):
    for n in (24, 50):
        scene = t.scene('%d.nii' % n, 3, depth=12)
        t.image('platelet/images/%d-images.tif' % n, scene, grey=True)
        t.label('platelet/labels-class/%d-class.tif' % n, scene, numbers(3))
        t.case(str(n), 'platelet/images/%d-images.tif' % n,
               'platelet/labels-class/%d-class.tif' % n)


@other('STARE as it is downloaded', channels=3, classes=2)
def stare_packed(t):
    for i in (1, 2, 3, 4, 5, 44, 77, 81):
        image = 'stare-images/im%04d.ppm.gz' % i
        readers = ['labels-%s/im%04d.%s.ppm.gz' % (reader, i, reader) for reader in ('ah', 'vk')]
        scene = t.scene(image)
        t.image(image, scene)
        for path in readers:
            t.label(path, scene, form='rgb')
        t.case('im%04d' % i, image, readers[0], also=[readers[1]])


@other('pictures after gzip -r', channels=3, classes=3)
def packed_pictures(t):
    for i, ending in enumerate(('tif', 'jpg', 'png', 'bmp', 'ppm') * 2):
        t.pair(str(i), 'images/%d.%s.gz' % (i, ending), 'labels/%d.png.gz' % i, 2, numbers(2))


@other('volumes after gzip -r', channels=1, classes=4)
def packed_volumes(t):
    for i, ending in enumerate(('nrrd', 'mha', 'mhd', 'nhdr', 'hdr', 'nii') * 2):
        t.pair(str(i), 'imagesTr/scan_%d.%s.gz' % (i, ending),
               'labelsTr/scan_%d.%s.gz' % (i, ending), 3, numbers(3))
