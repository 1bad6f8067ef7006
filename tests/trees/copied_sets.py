# SPDX-License-Identifier: Apache-2.0
"""Trees whose files show labels, or images, more than once."""
from other_pictures import other
from public_sets import shifted
from tree import numbers


@other('lesions in folders that hold all images, as copies', expect='asks', channels=3, classes=4)
def lesion_folders(t):
    for i in range(1, 9):
        scene = t.scene('%d' % i, 3)
        names = [kind + '/%%s/IDR_%02d.png' % i for kind in ('EX', 'HE', 'MA')]
        for k, name in enumerate(names, 1):
            t.image(name % 'image', scene)
            t.label(name % 'label', scene, {k: 255})
        t.case(str(i), names[0] % 'image', [name % 'label' for name in names])


@other('maps of where readers differ, beside their labels', channels=1, classes=2)
def reader_maps(t):
    for i in range(1, 9):
        root = 'case%02d/' % i
        scene = t.scene(root + 'image.nii.gz')
        t.image(root + 'image.nii.gz', scene)
        t.label(root + 'staple.nii.gz', scene, 1)
        for k, name in enumerate('ABC', 1):
            t.label(root + 'reader%s.nii.gz' % name, shifted(scene, k), 1)
        for name in ('entropy', 'variance', 'sdf'):
            t.save(root + name + '.nii.gz', [.01 * (v % 7) for v in scene.grey], scene,
                   kind='float32')
        t.case(str(i), root + 'image.nii.gz', root + 'staple.nii.gz')


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
       channels=2)
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
            t.case(name, images, masks)
    t.data('dataset_description.json', '{"Name": "TOF", "BIDSVersion": "1.4.0"}')
    t.data('participants.tsv', 'participant_id\tage\nsub-001\t50\n')
