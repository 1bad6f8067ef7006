#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damages the trees of make.py and looks for pairs that attunet must not make.

usage: perturb.py [--count N] [--seed N] [--keep FOLDER] [--only CHANGE] [NAME...]

Each trial changes one tree: labels go missing, images appear, folders swap their names, ...
attunet must pair right (a subset is right, too) or refuse with an exit code other than 0.
A label and an image belong together as they did before the change, whatever their names are now.
Changes that nobody could see are left out: labels whose numbers all move on by one, for example.
$ATTUNET is the command. --keep leaves the trees of wrong trials in FOLDER.
Exit 1 if a pair is wrong or attunet crashes.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import check  # noqa: E402
import images  # noqa: E402
import make  # noqa: E402
import tree  # noqa: E402

ENDING = re.compile(r'(\.nii\.gz|\.ah\.ppm|\.vk\.ppm|\.[A-Za-z0-9]+)$')
FOREIGN = (None, 'foreign')


class Trial:
    """A copy of a tree, which knows to which case every file belongs."""

    def __init__(self, base, truth, root, rng):
        self.root, self.rng, self.truth = root, rng, truth
        shutil.copytree(base, root, copy_function=os.link, symlinks=True)
        self.owner = {}
        for case in truth['cases']:
            for role, lists in (('image', [case['images']] + case['images_also']),
                                ('label', [case['labels']] + case['labels_also'])):
                for path in (p for paths in lists for p in paths):
                    self.owner[path] = (case['id'], role)
        self.cases = {case['id']: case for case in truth['cases']}

    # ---- changes of files

    def full(self, path):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def move(self, old, new):
        if old == new or os.path.lexists(os.path.join(self.root, new)):
            return
        os.rename(os.path.join(self.root, old), self.full(new))
        if old in self.owner:
            self.owner[new] = self.owner.pop(old)
        if old.endswith('.hdr'):
            self.move(old[:-4] + '.img', new[:-4] + ('.IMG' if new.endswith('.HDR') else '.img'))

    def remove(self, path):
        os.unlink(os.path.join(self.root, path))
        self.owner.pop(path, None)
        if path.endswith('.hdr'):
            os.unlink(os.path.join(self.root, path[:-4] + '.img'))

    def link(self, old, new, owner=FOREIGN):
        if os.path.lexists(os.path.join(self.root, new)):
            return
        os.link(os.path.join(self.root, old), self.full(new))
        self.owner[new] = owner
        if old.endswith('.hdr'):
            self.link(old[:-4] + '.img', new[:-4] + '.img', owner)

    def write(self, path, data):
        full = self.full(path)
        if os.path.lexists(full):
            os.unlink(full)  # the base tree has the same file
        with open(full, 'wb') as file:
            file.write(data)
        self.owner.setdefault(path, FOREIGN)

    def files(self, role):
        return sorted(path for path, (_, r) in self.owner.items() if r == role)

    def one(self, role):
        return self.rng.choice(self.files(role))

    def word(self):
        return ''.join(self.rng.choice('bdfgklmnprstvz' if i % 2 else 'aeiou') for i in range(8))

    def everything(self):
        return sorted(os.path.relpath(os.path.join(place, name), self.root)
                      for place, _, names in os.walk(self.root) for name in names)

    # ---- the judgement

    def judge(self, answer):
        if answer.crashed:
            return 'crash', answer.errors[-300:]
        if answer.exit and not answer.asks:
            return 'refused', answer.errors[-200:]
        if answer.pairs is None:
            return 'unverified', ''
        seen, paired = set(), set()
        for images_, labels, _ in answer.pairs:
            owners = {self.owner.get(path, FOREIGN) for path in images_}
            marks = {self.owner.get(path, FOREIGN) for path in labels}
            case = next(iter(owners))[0] if owners else None
            if case is None or owners != {(case, 'image')} or marks != {(case, 'label')}:
                return 'wrong', '%s with %s' % (' + '.join(images_),
                                                ' + '.join(labels) or 'nothing')
            if images_ in seen:
                return 'wrong', '%s has two pairs' % ' + '.join(images_)
            seen.add(images_)
            paired.add(case)
        whole = {c for c, case in self.cases.items() if not case['optional'] and all(
            (c, role) in self.owner.values() for role in ('image', 'label'))}
        return ('right' if whole <= paired else 'subset'), '%d of %d' % (len(paired), len(whole))


# ---- changes: each is False if the tree does not allow it

def missing_labels(t):
    labels = t.files('label')
    for path in t.rng.sample(labels, min(2, len(labels) - 1)):
        t.remove(path)


def missing_images(t):
    paths = t.files('image')
    for path in t.rng.sample(paths, min(2, len(paths) - 1)):
        t.remove(path)


def renumbered(t, role):
    """The path of a file that could be of a further case, and whence its content may come."""
    path = t.one(role)
    folder, name = os.path.split(path)
    found = list(re.finditer(r'\d+', name))
    if not found:
        return None, path
    last = t.rng.choice(found)
    number = '%0*d' % (len(last.group()), int(last.group()) + 600 + t.rng.randrange(300))
    return os.path.join(folder, name[:last.start()] + number + name[last.end():]), path


def extra_images(t):
    for _ in range(3):
        new, old = renumbered(t, 'image')
        if not new:
            return False
        t.link(old, new)


def extra_labels(t):
    for case in t.truth['cases']:
        folders = [os.path.dirname(path) for path in case['labels']]
        if len(set(folders)) < len(folders):
            return False  # one more mask of a case is nothing strange
    new, old = renumbered(t, 'label')
    if not new:
        return False
    t.link(old, new)


def unrelated_images(t):
    grey = t.rng.randbytes(40 * 30)
    some = ['figures/overview.png', 'logo.png', 'docs/images/figure_1.png', 'preview/thumb_01.png',
            os.path.join(os.path.dirname(t.one('image')), t.word() + '.png')]
    for path in t.rng.sample(some, 3):
        t.write(path, images.png(grey, 40, 30))


def swapped_folders(t):
    """Images and labels lie in folders that differ in one name, and these names change places."""
    swaps = set()
    for case in t.truth['cases']:
        for image, label in zip(case['images'], case['labels']):
            a, b = (p.split('/')[:-1] for p in (image, label))
            differ = [i for i, (x, y) in enumerate(zip(a, b)) if x != y]
            if len(a) != len(b) or len(differ) != 1:
                return False
            at = differ[0] + 1
            swaps.add(('/'.join(a[:at]), '/'.join(b[:at])))
    if not swaps or len({p for pair in swaps for p in pair}) != 2 * len(swaps):
        return False
    new = {}
    for a, b in swaps:
        for one, two in ((a, b), (b, a)):
            for path in t.everything():
                if path.startswith(one + '/'):
                    new[path] = two + path[len(one):]
    for path in new:
        t.move(path, 'moving/' + path)
    for path, target in new.items():
        t.move('moving/' + path, target)
    shutil.rmtree(os.path.join(t.root, 'moving'))


def equal_names(t):
    """An image of another case lies one level up, or in a folder more, under the name of one."""
    files = t.files('image')
    if len(files) < 2:
        return False
    first, second = t.rng.sample(files, 2)
    folder, name = os.path.split(first)
    place = t.rng.choice([os.path.dirname(folder), os.path.join(folder, t.word())])
    t.link(second, os.path.join(place, name))


def doubled_ids(t):
    """Beside an image lies one of the same name with another ending."""
    files = t.files('image')
    if len(files) < 2:
        return False
    first, second = t.rng.sample(files, 2)
    stem = ENDING.sub('', first)
    ending = t.rng.choice(['.png', '.jpg', '.tif', '.nii.gz', '.nrrd'])
    if first.endswith('.hdr'):
        return False
    t.link(second, stem + ending)


def renamed_image(t):
    path = t.one('image')
    t.move(path, os.path.join(os.path.dirname(path), t.word() + ENDING.search(path).group()))


def renamed_label(t):
    path = t.one('label')
    t.move(path, os.path.join(os.path.dirname(path), t.word() + ENDING.search(path).group()))


def upper_case(t):
    paths = t.everything()
    for path in paths if t.rng.random() < .5 else t.rng.sample(paths, len(paths) // 3):
        found = ENDING.search(path)
        if found and not path.endswith(('.img', '.raw')):
            t.move(path, path[:found.start()] + found.group().upper())


def empty_file(t):
    path = t.one(t.rng.choice(['image', 'label']))
    owner = t.owner[path]
    t.write(path, b'')
    t.owner[path] = owner


def nested_copy(t):
    folder = os.path.dirname(t.rng.choice(t.files('image'))).split('/')[0]
    place = t.rng.choice(['backup', 'copy of it', folder or 'backup'])
    for path in t.everything():
        case, role = t.owner.get(path, FOREIGN)
        new = os.path.join(place, 'old', path)
        t.link(path, new, (case and 'copy ' + case, role))


def deeper(t):
    for path in t.everything():
        t.move(path, os.path.join('my data set', '2024-05', path))


def shuffled_labels(t):
    """No label has the name of its image any more: there is nothing to pair."""
    labels = t.files('label')
    names = {os.path.basename(path) for path in labels}
    if len(names) < len(labels) // 2 or any(len(c['labels']) > 1 for c in t.truth['cases']):
        return False
    for path in labels:
        t.move(path, os.path.join(os.path.dirname(path), t.word() + ENDING.search(path).group()))


def predictions(t):
    """Masks that a model made, under the names of the labels."""
    labels = t.files('label')
    place = t.rng.choice(['predictions', 'results/fold_0', 'output'])
    for path in labels:
        other = t.rng.choice(labels)
        t.link(other, os.path.join(place, path if t.rng.random() < .1 else os.path.basename(path)))


def junk(t):
    for folder in {os.path.dirname(p) for p in t.owner}:
        for name in ('.DS_Store', '._' + t.word() + '.png', 'Thumbs.db'):
            t.write(os.path.join(folder, name), b'\0\5\x16\7' + bytes(80))
    for path in t.files('image')[:3]:
        t.write('__MACOSX/%s/._%s' % os.path.split(path), b'\0\5\x16\7' + bytes(80))


def links(t):
    os.symlink('nowhere.png', t.full(os.path.join(os.path.dirname(t.one('image')), 'gone.png')))
    os.symlink('.', t.full('again'))


def lost_channel(t):
    many = [case for case in t.truth['cases'] if len(case['images']) > 1]
    if not many:
        return False
    t.remove(t.rng.choice(t.rng.choice(many)['images']))


def other_size(t):
    """A label that cannot be that of its image, by its size."""
    path = t.one('label')
    if not path.endswith('.png'):
        return False
    t.write(path, images.png(bytes(11 * 13), 11, 13))


CHANGES = (missing_labels, missing_images, extra_images, extra_labels, unrelated_images,
           swapped_folders, equal_names, doubled_ids, renamed_image, renamed_label, upper_case,
           empty_file, nested_copy, deeper, shuffled_labels, predictions, junk, links, lost_channel,
           other_size)


def run_trial(number, change, truths, folder, rng):
    """(name of the set, verdict, sentence)."""
    root = os.path.join(folder, 'trial')
    for name in rng.sample(sorted(truths), len(truths)):
        trial = Trial(os.path.join(folder, name), truths[name], root, rng)
        if change(trial) is not False:
            break
        shutil.rmtree(root)
    else:
        raise SystemExit('no tree allows %s' % change.__name__)
    try:
        verdict, sentence = trial.judge(check.Answer(root))
    except subprocess.TimeoutExpired:
        verdict, sentence = 'crash', 'no end after a minute'
    return name, verdict, sentence


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1][7:])
    parser.add_argument('--count', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep')
    parser.add_argument('--only', choices=[change.__name__ for change in CHANGES])
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    changes = [c for c in CHANGES if options.only in (None, c.__name__)]
    table, bad = {c.__name__: {} for c in changes}, 0
    with tempfile.TemporaryDirectory() as folder:
        names = options.names or [name for name, (_, facts) in make.tree.SETS.items()
                                  if facts['expect'] == 'pairs']
        truths = {name: tree.make(name, folder) for name in names}
        for number in range(options.count):
            change = changes[number % len(changes)]
            rng = random.Random('%d %d' % (options.seed, number))
            name, verdict, sentence = run_trial(number, change, truths, folder, rng)
            counts = table[change.__name__]
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict in ('wrong', 'crash'):
                bad += 1
                print('%d: %s of %s: %s: %s' % (number, change.__name__, name, verdict, sentence))
                if options.keep:
                    shutil.copytree(os.path.join(folder, 'trial'), os.path.join(
                        options.keep, '%d-%s-%s' % (number, change.__name__, name)), symlinks=True)
            shutil.rmtree(os.path.join(folder, 'trial'))
    verdicts = ('right', 'subset', 'refused', 'unverified', 'wrong', 'crash')
    print('%-18s' % 'change' + ''.join('%12s' % v for v in verdicts))
    for name, counts in table.items():
        print('%-18s' % name + ''.join('%12s' % (counts.get(v) or '') for v in verdicts))
    print('%-18s' % 'all' + ''.join('%12d' % sum(c.get(v, 0) for c in table.values())
                                    for v in verdicts))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
