#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes random trees of single objects with a mask file each, and compares what attunet reads.

usage: random_objects.py [--count N] [--seed N] [--only N] [--keep FOLDER] [--verbose]

Drawn are the names of images and types, how objects are numbered, the order of these in names and
folders, and which types and masks are missing. $ATTUNET is the command, as for check.py.

  right     the pairs, and the number of classes, or that masks are objects
  question  refused, every printed option works, and one of them is right
  refused   refused without such an option
  wrong     anything else: a wrong pair, numbers as classes, joined types, a bad option, a crash

Exit 1 if a tree is read wrong.
"""
import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
import check  # noqa: E402
import tree  # noqa: E402

TYPES = [  # words of types, and whether they may be numbers of classes or of objects
    (['tumour', 'stroma', 'immune', 'other cells', 'cd8'], False),
    (['cd4', 'cd8', 'cd20'], False),
    (['obj cd4', 'obj cd8'], False),
    (['red_cell', 'white_cell', 'platelet'], False),
    (['green', 'blue'], False),
    (['positive', 'negative'], False),
    (['nucleus', 'mitotic_nucleus'], False),
    (['cell', 'cell_dividing', 'cell_dead'], False),
    (['Her2+', 'Her2-'], False),
    (['left_gland', 'right_gland'], False),
    (['edge', 'centre'], False),
    (['A', 'B', 'C'], False),
    (['Basal', 'basal2'], False),
    (['type1', 'type2', 'type3'], True),
    (['1', '2'], True),
]
IMAGES = ['images/{c}.{e}', '{c}/image.{e}', '{c}.{e}', '{c}/images/{c}.{e}', 'data/{c}/{c}.{e}',
          'train/img/{c}.{e}', 'raw/{c}_raw.{e}', 'images/img_{c}.{e}', '{c}/{c}.{e}']
CASES = ['{0:02d}', '{0}', '{0:03d}', 'img_{0:03d}', 'case-{0}_x', 'IMG{0}', '{0:04d}', '{h}',
         'P{1}_{2}', '2021-03-{0:02d}_A', 'a{0}b', 'slide{1}/{2}']
KEYS = ['{k}', '{k}', '{k:02d}', '{k:03d}', 'obj{k}', '({k})', '{z}', '{h}', '{h}', '{s}', '{n}',
        '{n:04d}', '#{k}']
FOLDERS = ['masks', 'labels', 'gt', 'annotations/masks', 'seg', 'GT/objects', 'mask']
WORDS = ['mask', 'cell', 'obj', 'nuc', 'instance']


def some_hash(*seed):
    return hashlib.md5(repr(seed).encode()).hexdigest()


class Plan:
    """How one tree is named."""

    def __init__(self, rng):
        self.rng, self.key = rng, rng.choice(KEYS)
        self.types, self.numbered = rng.choice(TYPES)
        self.types = self.types[:rng.randint(2, len(self.types))]
        if rng.random() < .25:
            self.types, self.numbered = [''], False
        self.case, self.image = rng.choice(CASES), rng.choice(IMAGES)
        self.ending = rng.choice(['png', 'jpg', 'tif'])
        self.mark = rng.choice('__- .')
        self.counts = rng.choice([(1, 4), (1, 4), (0, 3), (2, 2), (1, 9), (3, 3)])
        self.cases = rng.randint(6, 13)
        self.first = rng.choice([1, 1, 1, 0, 100])
        self.missing, self.joined = rng.random() < .4, rng.random() < .25
        self.ordered = self.counts[0] < self.counts[1] and rng.random() < .25
        self.empty, self.plain = rng.random() < .15, rng.random() < .15
        self.label = self._label()
        # nobody calls one "mask" beside "1", or leaves "obj1" out
        self.plain &= '/{key}.png' not in self.label and 'obj' not in self.key

    def _label(self):
        """A template of masks: folders, then words in any order with {c}, {t}, {key}."""
        rng = self.rng
        names, folders = ['{key}'], []
        if len(self.types) > 1:
            rng.choice([names, folders]).append('{t}')
        (folders if rng.random() < .4 else names).append('{c}')
        if '{c}' in folders and rng.random() < .25:
            names.append('{c}')
        if rng.random() < .3:
            names.append(rng.choice(WORDS))
        rng.shuffle(names)
        rng.shuffle(folders)
        root = rng.choice(FOLDERS)
        if folders[:1] == ['{c}'] and rng.random() < .6:
            folders.insert(1, root) if rng.random() < .5 else None
        elif self.image == '{c}.{e}' and not folders and rng.random() < .5:
            root = ''
        else:
            folders.insert(0, root)
        return '/'.join(folders + [self.mark.join(names)]) + '.png'

    def case_name(self, i):
        number = i + self.first
        return self.case.format(number, i // 3 + 1, i % 3 + 1, h=some_hash('case', i)[:8])

    def per_type(self, i):
        counts = [self.rng.randint(*self.counts) for _ in self.types]
        if self.missing:
            counts = [0 if self.rng.random() < .3 else c for c in counts]
        if self.empty and i % 6 == 5:
            return [0] * len(counts)
        if not any(counts):
            counts[self.rng.randrange(len(counts))] = max(1, self.counts[0])
        return counts

    def facts(self, cases):
        several = any(len(case['labels']) > 1 for case in cases)
        return {
            'name': 'random', 'source': '', 'listed': False, 'expect': 'pairs', 'channels': None,
            'classes': len(self.types) + 1 if len(self.types) > 1 else
            'objects' if several else None,
            'groups': False, 'says': '', 'dims': None}

    def describe(self):
        return '%s | %s | %s | key %s | types %s | counts %s%s%s%s%s%s' % (
            self.image, self.label, self.case, self.key, self.types, self.counts,
            ' missing' * self.missing, ' joined' * self.joined, ' ordered' * self.ordered,
            ' empty' * self.empty, ' plain' * self.plain)

    def make(self, t):
        total = 0
        for i in range(self.cases):
            case, per = self.case_name(i), self.per_type(i)
            image = self.image.format(c=case, e=self.ending)
            scene = t.scene(image, max(1, sum(per)))
            shapes = list(range(1, sum(per) + 1))
            if not self.ordered:
                self.rng.shuffle(shapes)
            labels = []
            for kind, count in enumerate(per):
                for k in range(1, count + 1):
                    total += 1
                    number = len(labels) + 1 if self.joined else k
                    key = self.key.format(
                        k=number, z=number - 1, n=total, h=some_hash(i, kind, k)[:16],
                        s=some_hash(kind, i, k)[:6])
                    path = self.label.format(c=case, t=self.types[kind], key=key)
                    if self.plain and k == 1:
                        path = self.label.replace('{key}', '').replace(2 * self.mark, self.mark)
                        folder, name = os.path.split(path[:-4].format(c=case, t=self.types[kind]))
                        name = name.strip(self.mark) or 'mask'
                        path = os.path.join(folder, name + '.png')
                    if os.path.lexists(os.path.join(t.root, path)) or path == image:
                        return False
                    labels.append(path)
                    t.label(path, scene, {shapes[len(labels) - 1]: 255})
            if os.path.lexists(os.path.join(t.root, image)):
                return False
            t.image(image, scene)
            t.case(case, image, labels, optional=not labels)
        return len({p.lower() for p in self.types}) == len(self.types)


def judged(plan, cases, root):
    """(verdict, sentence)."""
    truth = dict(plan.facts(cases), cases=[case for case in cases if case['labels']])
    row = check.check_set(truth, root)
    verdict, classes = row['verdict'], row['classes']
    if row['bad_options']:
        return 'wrong', 'option ' + row['bad_options'][0]
    if verdict == 'refused':
        return 'refused', row['sentence']
    if verdict == 'flag':
        return ('refused', 'an option pairs right, but has other classes: ' + classes) \
            if classes.startswith('no') else ('question', row['sentence'])
    if verdict == 'right' and not classes.startswith('no'):
        return 'right', ''
    return 'wrong', '%s %s classes: %s' % (verdict, row['sentence'], classes)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1][7:])
    parser.add_argument('--count', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--only', type=int)
    parser.add_argument('--keep')
    parser.add_argument('--verbose', action='store_true')
    options = parser.parse_args()
    counts, number, made = {}, -1, 0
    with tempfile.TemporaryDirectory() as scratch:
        while made < options.count:
            number += 1
            if options.only is not None and number != options.only:
                if number > options.only:
                    break
                continue
            plan = Plan(random.Random('%d %d' % (options.seed, number)))
            root = os.path.join(scratch, 'tree')
            t = tree.Tree(root)
            os.makedirs(root)
            if plan.make(t):
                made += 1
                verdict, sentence = judged(plan, t.cases, root)
                counts[verdict] = counts.get(verdict, 0) + 1
                if options.verbose or verdict in ('wrong', 'refused'):
                    print('%d %s: %s\n    %s' % (number, verdict, plan.describe(), sentence[:1500]))
                if options.keep and verdict != 'right':
                    shutil.copytree(root, os.path.join(options.keep, '%d-%d-%s' % (
                        options.seed, number, verdict)))
            shutil.rmtree(root)
    print(', '.join('%d %s' % (n, verdict) for verdict, n in sorted(counts.items())))
    return 1 if counts.get('wrong') else 0


if __name__ == '__main__':
    sys.exit(main())
