# SPDX-License-Identifier: Apache-2.0
"""Trees of public sets that attunet once misread, each for a kind of its own."""
from other_pictures import other
from tree import numbers


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
