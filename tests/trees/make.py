#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rebuilds public data sets as trees of tiny made-up images, as they unpack.

usage: make.py FOLDER [NAME...]; without FOLDER it lists the sets

FOLDER/NAME is the tree of a set and FOLDER/NAME.json says what is right to read from it.
Folders, file names, side files and label values are those of the set; the images are made up.
"""
import sys

sys.dont_write_bytecode = True
import tree  # noqa: E402
import listed_pictures  # noqa: E402, F401  each module registers its sets
import listed_volumes  # noqa: E402, F401
import other_pictures  # noqa: E402, F401
import other_volumes  # noqa: E402, F401
import more_sets  # noqa: E402, F401
import newest_sets  # noqa: E402, F401
import latest_sets  # noqa: E402, F401
import held_sets  # noqa: E402, F401
import unseen_volumes  # noqa: E402, F401
import unseen_cells  # noqa: E402, F401
import unseen_pictures  # noqa: E402, F401
import fresh_sets  # noqa: E402, F401
import judged_sets  # noqa: E402, F401
import kinds_sets  # noqa: E402, F401
import object_sets  # noqa: E402, F401
import tool_sets  # noqa: E402, F401
import public_sets  # noqa: E402, F401
import next_sets  # noqa: E402, F401


def main(arguments):
    if not arguments:
        for name, (_, facts) in tree.SETS.items():
            print('%-20s %-8s %-8s %s' % (name, 'listed' if facts['listed'] else '',
                                          facts['expect'], facts['source']))
        return 0
    names = arguments[1:] or list(tree.SETS)
    unknown = [name for name in names if name not in tree.SETS]
    if unknown:
        print('make.py: there is no set %s; make.py without arguments lists them' %
              ', '.join(unknown), file=sys.stderr)
        return 2
    for name in names:
        tree.make(name, arguments[0])
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
