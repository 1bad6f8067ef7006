#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has attunet read the trees of make.py, and compares its pairs with what is right.

usage: check.py [--train] [--keep FOLDER] [--json FILE] [NAME...]

$ATTUNET is the command (default: build/test-gcc/attunet).
`attunet info --json` lists the pairs under "pairs", a row for each case:
  {"case": ..., "images": [...], "labels": [...], "group": ... or null}
Paths may be relative to the tree or not; a folder of masks stands for its files; what follows a
'#' names a slice. Without that list only the number of cases is compared ("counted").
--train also trains two steps on each set that is read right. --keep leaves the trees in FOLDER.
Exit 1 if a pair is wrong, attunet crashes, an option that it prints does not work when pasted, or
fewer than 90 % of the listed sets are read right without a flag.

  right     every case, and nothing else
  flag      right with flags that the error names
  partial   only right pairs, but cases are missing
  wrong     a pair that is not right, or a set that should have been refused
  refused   exit code not 0
  counted   the right number of cases, without a list of pairs (else miscounted)
"""
import argparse
import json
import os
import re
import resource
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import make  # noqa: E402
import tree  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ATTUNET = os.environ.get('ATTUNET') or os.path.join(
    os.path.dirname(os.path.dirname(HERE)), 'build', 'test-gcc', 'attunet')
SHARE = .9


class Answer:
    """What `attunet info` says of a tree."""

    def __init__(self, root, flags=()):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([ATTUNET, 'info', root, '--json', '--threads', '1', *flags],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.root = root
        self.exit = done.returncode
        self.seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        self.text = (done.stderr + b'\n' + done.stdout).decode('utf-8', 'replace')
        self.errors = done.stderr.decode('utf-8', 'replace').strip()
        try:
            self.info = json.loads(done.stdout)
        except ValueError:
            self.info = {}
        self.pairs = self._pairs()

    @property
    def crashed(self):
        return self.exit < 0 or self.exit > 6

    @property
    def asks(self):
        """Whether nothing but the meaning of mask values stops a training."""
        errors = [p for p in self.info.get('problems', ()) if p['level'] == 'error']
        return self.exit == 3 and errors and all(
            p['kind'] == 'value' and 'mask-values' in p['text'] for p in errors)

    def _pairs(self):
        """[(images, labels, group)], or None if the answer has no list of pairs."""
        rows = self.info.get('pairs', self.info.get('cases'))
        if not isinstance(rows, list):
            return None
        found = {}
        for row in rows:
            images, labels = (self._files(row[k]) for k in ('images', 'labels'))
            found.setdefault((images, labels), row.get('group'))  # slices of a stack are one
        return [(images, labels, group) for (images, labels), group in found.items()]

    def _files(self, paths):
        found = []
        for path in [paths] if isinstance(paths, str) else paths or []:
            full = path if os.path.isabs(path) else os.path.join(self.root, path)
            if not os.path.lexists(full) and os.path.lexists(path):
                full = path
            full = full if os.path.lexists(full) else full.split('#')[0]
            below = [os.path.join(full, name) for name in sorted(os.listdir(full))] \
                if os.path.isdir(full) else [full]
            found += [os.path.relpath(os.path.realpath(one), os.path.realpath(self.root))
                      for one in below if not os.path.basename(one).startswith('.')]
        return tuple(found)

    def suggestions(self):
        """Lists of flags that the error names."""
        found = []
        for piece in re.split(r'(?=--images\b)', self.errors)[1:]:
            try:
                words = shlex.split(piece.split('\n')[0].replace('`', ' '))
            except ValueError:
                continue
            flags = []
            for word in words:
                if word.startswith('--') or (flags and flags[-1].startswith('--')):
                    flags.append(word.rstrip(',;'))
                else:
                    break
            if flags and flags not in found:
                found.append(flags)
        return found


def faults(truth, pairs):
    """Sentences on pairs that are not right, and the required cases that have no pair."""
    wrong, missing = [], {c['id'] for c in truth['cases'] if not c['optional']}
    by_images = {}
    for case in truth['cases']:
        for choice, images in enumerate([case['images']] + case['images_also']):
            by_images[tuple(sorted(images))] = (case, choice, images)
    choices, orders, taken = set(), set(), set()
    for images, labels, _ in pairs:
        case, choice, order = by_images.get(tuple(sorted(images)), (None, 0, ()))
        if not case:
            wrong.append('no case has the images %s' % ' + '.join(images))
            continue
        right = [sorted(one) for one in [case['labels']] + case['labels_also']]
        if sorted(labels) not in right:
            wrong.append('%s: labels %s, not %s' % (case['id'], ' + '.join(labels) or 'none',
                                                    ' + '.join(case['labels'])))
        if case['id'] in taken:
            wrong.append('%s: two pairs' % case['id'])
        taken.add(case['id'])
        missing.discard(case['id'])
        choices.add(choice)
        orders.add(tuple(order.index(i) for i in images))
    if len(choices) > 1 or len(orders) > 1:
        wrong.append('the channels of the cases differ in order')
    return wrong, missing


def groups_right(truth, pairs):
    """None if any groups are right."""
    if not truth['groups'] or not pairs:
        return None
    group_of = {tuple(sorted(c['images'])): str(c['group']) for c in truth['cases']}

    def parts(rows):
        found = {}
        for name, group in rows:
            found.setdefault(group, set()).add(name)
        return sorted(map(sorted, found.values()))
    rows = [(tuple(sorted(images)), group) for images, _, group in pairs]
    if any(group is None for _, group in rows):
        return False
    return parts(rows) == parts((name, group_of.get(name)) for name, _ in rows)


def judge(truth, answer):
    """(verdict, sentence)."""
    if answer.crashed:
        return 'crash', 'exit %d: %s' % (answer.exit, answer.errors[-300:])
    if answer.exit and not answer.asks:
        said = re.search(truth['says'], answer.text, re.IGNORECASE) if truth['says'] else True
        return 'refused', answer.errors if said else 'says nothing of %s: %s' % (
            truth['says'], answer.errors)
    if truth['expect'] == 'refuse':
        return 'wrong', 'taken, though nothing here can be paired'
    if answer.pairs is None:
        count = answer.info.get('cases')
        required = sum(not c['optional'] for c in truth['cases'])
        if count in (required, len(truth['cases'])):
            return 'counted', ''
        return 'miscounted', '%s cases, not %d' % (count, required)
    wrong, missing = faults(truth, answer.pairs)
    if wrong:
        return 'wrong', '; '.join(wrong[:3])
    if missing:
        return 'partial', 'no pair for %s' % ', '.join(sorted(missing)[:5])
    return 'right', ''


def option_faults(truth, answer):
    """Why pasting a printed option does not help: no exit 0, or files of several cases in a pair.
    A question about mask values may follow; labels may be some of those of a case."""
    owner = {}
    for case in truth['cases']:
        for role in ('images', 'labels'):
            for paths in [case[role]] + case[role + '_also']:
                for path in paths:  # cases may share one
                    owner.setdefault(path, set()).add((case['id'], role))
    if answer.exit and not answer.asks:
        return 'exit %d: %s' % (answer.exit, answer.errors)
    for images, labels, _ in answer.pairs or ():
        sides = [[owner.get(path, {(None, role)}) for path in paths]
                 for role, paths in (('images', images), ('labels', labels))]
        cases = [{case for case, role in one if role == name}
                 for name, side in zip(('images', 'labels'), sides) for one in side]
        known = [one for one in cases if None not in one]
        if not all(cases) or (truth['cases'] and not (known and set.intersection(*known))):
            return '%s with %s' % (' + '.join(images), ' + '.join(labels) or 'nothing')
    return '' if answer.pairs else 'no pairs'


def agrees(right, value):
    return '' if right is None else 'yes' if value == right else 'no (%s)' % (value,)


def classes_agree(right, info):
    if right == 'objects':
        said = (info.get('labels') or {}).get('objects') or any(
            'object' in problem.get('text', '') for problem in info.get('problems', ()))
        return 'yes' if said else 'no (nothing of objects)'
    if right == 'asks':
        said = any('mask-values' in problem.get('text', '') for problem in info.get('problems', ()))
        return 'yes' if said else 'no (no question)'
    return agrees(right, len((info.get('labels') or {}).get('classes') or ()))


def check_set(truth, root):
    """A row of the table."""
    answer = Answer(root)
    verdict, sentence = judge(truth, answer)
    seconds, flags, bad = answer.seconds, (), []
    refused = verdict == 'refused' and truth['expect'] != 'refuse'
    options = answer.suggestions()
    for option in options:
        second = Answer(root, option)
        seconds += second.seconds
        fault = option_faults(truth, second)
        if not fault and truth['expect'] == 'asks' and option is options[0]:
            first = judge(truth, second)
            fault = '' if first[0] == 'right' else 'the first option is %s: %s' % first
        if fault:
            bad.append('%s: %s' % (shlex.join(option), fault))
        elif refused and verdict == 'refused' and judge(truth, second)[0] == 'right':
            answer, verdict, sentence, flags = second, 'flag', shlex.join(option), option
    info = answer.info
    read = not answer.exit or answer.asks
    same_groups = groups_right(truth, answer.pairs)
    warned = any(m.get('kind') == 'groups-unknown' for m in info.get('messages', ()))
    return {
        'name': truth['name'], 'listed': truth['listed'], 'expect': truth['expect'],
        'verdict': verdict, 'exit': answer.exit, 'sentence': sentence, 'seconds': seconds,
        'flags': list(flags) if verdict == 'flag' else [], 'bad_options': bad,
        'options': '' if not options else 'no' if bad else 'yes',
        'says': '' if verdict != 'refused' or not truth['says'] else
                'no' if sentence.startswith('says nothing') else 'yes',
        'dims': agrees(truth['dims'], info.get('dims')) if read else '',
        'channels': agrees(truth['channels'], len(info.get('channels', ()))) if read else '',
        'classes': classes_agree(truth['classes'], info) if read else '',
        'groups': '' if same_groups is None or not read else 'yes' if same_groups else
                  'asks' if warned else 'no'}


def is_good(row):
    """As expected, whatever it says."""
    if row['expect'] == 'refuse':
        return row['verdict'] == 'refused'
    if row['expect'] == 'either':
        return row['verdict'] in ('right', 'flag', 'partial', 'refused')
    return row['verdict'] == ('flag' if row['expect'] == 'asks' else 'right')


def train(row, root, folder):
    """Two steps; where labels may number objects or be inverted, the first try asks what they
    are."""
    def run(*flags):
        done = subprocess.run(
            [ATTUNET, 'train', root, '-o', os.path.join(folder, 'run-' + row['name']), '--steps',
             '2', '--batch', '2', '--spec', 'arch=attunet widths=4,8', '--threads', '1',
             '--quiet', *row['flags'], *flags], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=300)
        return done.returncode, done.stdout.decode('utf-8', 'replace').strip()
    code, said = run()
    asked = code == 3 and '--mask-values' in said
    if asked:
        code, said = run('--mask-values', 'one')
    row['train'] = 'no' if code else 'asks' if asked else 'yes'
    if code:
        row['sentence'] = said


def report(rows):
    columns = ('name', 'expect', 'verdict', 'exit', 'dims', 'channels', 'classes', 'groups',
               'says', 'options')
    if any('train' in row for row in rows):
        columns += ('train',)
    widths = [max(len(str(row.get(c, ''))) for row in rows + [dict(zip(columns, columns))])
              for c in columns]
    for row in [dict(zip(columns, columns))] + rows:
        print('  '.join(str(row.get(c, '')).ljust(w) for c, w in zip(columns, widths)) + '  ' +
              str(row.get('sentence', '')).replace('\n', ' ')[:150])
    for listed in (True, False):
        some = [row for row in rows if row['listed'] == listed]
        if not some:
            continue
        counts = {}
        for row in some:
            kind = row['verdict'] if row['expect'] == 'pairs' else 'refused as expected' \
                if row['verdict'] == 'refused' else row['verdict'] + ' (%s)' % row['expect']
            counts[kind] = counts.get(kind, 0) + 1
        print('%s sets: %d, %d as expected without a flag: %s' % (
            'listed' if listed else 'other', len(some), sum(map(is_good, some)),
            ', '.join('%d %s' % (n, k) for k, n in sorted(counts.items()))))
    for what in ('dims', 'channels', 'classes', 'groups', 'says', 'options', 'train'):
        bad = [row['name'] for row in rows if str(row.get(what, '')).startswith('no')]
        if bad:
            print('%s not right: %s' % (what, ', '.join(bad)))
    for option in (option for row in rows for option in row['bad_options']):
        print('this option does not work: %s' % option)
    print('CPU seconds of attunet info: %.1f' % sum(row['seconds'] for row in rows))


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1][7:])
    parser.add_argument('--train', action='store_true')
    parser.add_argument('--keep')
    parser.add_argument('--json')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        os.makedirs(folder, exist_ok=True)
        for name in options.names or list(make.tree.SETS):
            truth = tree.make(name, folder)
            root = os.path.join(folder, name)
            rows.append(check_set(truth, root))
            if options.train and rows[-1]['verdict'] in ('right', 'flag', 'counted'):
                train(rows[-1], root, scratch)
    report(rows)
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump(rows, file, indent=1)
    listed = [row for row in rows if row['listed']]
    bad = [row for row in rows if row['verdict'] in ('wrong', 'crash') or row['bad_options']]
    few = listed and sum(map(is_good, listed)) < SHARE * len(listed)
    return 1 if bad or few else 0


if __name__ == '__main__':
    sys.exit(main())
