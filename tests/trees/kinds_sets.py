# SPDX-License-Identifier: Apache-2.0
"""Trees of kinds of data sets that a rule once read wrong; no public set is meant."""
from other_pictures import other

ASKS = 'counted from different numbers'


def counted(t, image, label, move, moved=(1, 2, 3, 4), missing=()):
    """Four patients, whose images are counted from 0; labels of `moved` ones from another number.
    Nothing here is a case, as nobody can know which label belongs to which image."""
    for p in range(1, 5):
        for k in range((5, 7, 3, 12)[p - 1]):
            scene = t.scene('%d %d' % (p, k))
            number = k + (move if p in moved else 0)
            t.image(image.format(p=p, n=k), scene)
            if (p, k) not in missing:
                t.label(label.format(p=p, n=number), scene)


def register(name, source, image, label, move=1, **options):
    def make(t):
        counted(t, image, label, move, **options)
    make.__name__ = name
    other(source, expect='refuse', says=ASKS)(make)


register('counted_names', 'patients in names, masks counted from 1', 'p{p:02d}_img_{n}.png',
         'p{p:02d}_mask_{n}.png')
register('counted_first', 'the number before the patient', '{n}_p{p}_img.png',
         '{n:03d}_p{p}_mask.png')
register('counted_folders', 'a folder for each patient', 'p{p:02d}/p{p:02d}_img_{n:02d}.png',
         'p{p:02d}/p{p:02d}_mask_{n}.png')
register('counted_one', 'one patient whose masks are counted from 1', 'img/p{p}/{n}.png',
         'mask/p{p}/{n}.png', moved=(3,))
register('counted_gaps', 'masks counted from 2, some of which are missing', 'p{p}/img_{n}.png',
         'p{p}/mask_{n}.png', 2, missing=((1, 2), (2, 5), (4, 0)))
register('counted_last', 'the last mask of each is missing', 'img/{n}_p{p}.png', 'gt/{n}_p{p}.png',
         missing=((1, 4), (2, 6), (3, 2), (4, 11)))


@other('zeros before the numbers of images alone', channels=3, classes=2)
def counted_zeros(t):
    for p in range(1, 5):
        for k in range((5, 7, 3, 12)[p - 1]):
            t.pair('%d %d' % (p, k), 'p%02d_img_%02d.png' % (p, k), 'p%02d_mask_%d.png' % (p, k))
