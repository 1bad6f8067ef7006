#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `attunet info` takes of many small files.

usage: info_cost.py ATTUNET FOLDER [CASES]

Makes CASES (10000) images and as many masks of 64 x 64 pixels, twice: in FOLDER/all, where all
images differ, and in FOLDER/kinds, where they are of 20 kinds and so similar within one. Runs
`info` three times on each, and prints the best wall time with its user and system seconds. A
FOLDER that is there is used again.
"""
import os
import random
import resource
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tests', 'trees'))
import images  # noqa: E402

SIDE, KINDS, RUNS = 64, 20, 3


def picture(rng):
    """Noise in blocks of 4 x 4 pixels, which the signatures of images see."""
    rows = []
    for _ in range(SIDE // 4):
        row = bytes(v for v in rng.randbytes(SIDE // 4) for _ in range(4))
        rows += [row] * 4
    return bytearray(b''.join(rows))


def mask(rng):
    x, y, r = (rng.randrange(16, 48) for _ in range(3))
    return bytes(255 if (i - x) ** 2 + (k - y) ** 2 < r * r // 4 else 0
                 for k in range(SIDE) for i in range(SIDE))


def make(folder, cases, kinds):
    rng = random.Random(1)
    for name in ('images', 'labels'):
        os.makedirs(os.path.join(folder, name))
    bases = [picture(rng) for _ in range(kinds)]
    masks = [images.png(mask(rng), SIDE, SIDE) for _ in range(32)]
    for i in range(cases):
        one = bytearray(bases[i % kinds]) if kinds else picture(rng)
        for at in range(0, len(one), 7):
            one[at] ^= rng.getrandbits(3)
        for name, data in (('images', images.png(one, SIDE, SIDE)), ('labels', masks[i % 32])):
            with open(os.path.join(folder, name, 'case_%05d.png' % i), 'wb') as file:
                file.write(data)


def run(attunet, folder):
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    subprocess.run([attunet, 'info', folder], stdout=subprocess.DEVNULL, check=True,
                   stderr=subprocess.DEVNULL)
    wall, after = time.time() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    attunet, root = sys.argv[1:3]
    cases = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    for name, kinds in (('all', 0), ('kinds', KINDS)):
        folder = os.path.join(root, name)
        if not os.path.exists(folder):
            make(folder, cases, kinds)
    print('%-6s %8s %8s %8s' % ('set', 'wall s', 'user s', 'system s'))
    for name in ('all', 'kinds'):
        print('%-6s %8.2f %8.2f %8.2f' % (
            name, *min(run(attunet, os.path.join(root, name)) for _ in range(RUNS))))


if __name__ == '__main__':
    main()
