# SPDX-License-Identifier: Apache-2.0
"""Kills attunet serve at every call that touches its datastore, while an image and a label come.
Then lets each of these calls fail in turn, as a full disk does.

kills.py ATTUNET LIBFAULTS: works in the current folder, which holds the run `slices` (2D).
LIBFAULTS stops the server before a chosen call; then it is killed and started again.  Prints a
line `ok` or `not ok` for each claim: what was answered is there, and the rest is whole or absent.
"""
import errno
import glob
import json
import os
import shutil
import sys
import threading
import time

import drive
from drive import H, W, claim, form, npy, serving

FAULTS = sys.argv[2]
KINDS = 'open', 'write', 'sync', 'rename', 'mkdir'
STORE = os.path.abspath('store')


def picture(value):
    """A .npy file, of which every byte is seen."""
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({H}, {W}), }}".ljust(117) + '\n'
    return b'\x93NUMPY\1\0' + len(head).to_bytes(2, 'little') + head.encode() + \
        bytes([value]) * (H * W)


def values_in(raw):
    return set(npy(raw)[1])


def put(s, path, part, value):
    body, headers = form({'params': '{}'}, {part: picture(value)})
    return s.ask('PUT', path, body, headers)[0]


def put_image(s, name, value):
    return put(s, f'/datastore/image?image={name}', 'file', value)


def put_label(s, name, value):
    return put(s, f'/datastore/label?image={name}', 'label', value)


def value_of(s, what, name):
    """The one value of an image or a label; -1: there is none."""
    code, _, raw = s.ask('GET', f'/datastore/{what}?{what}={name}')
    if code == 404:
        return -1
    values = values_in(raw)
    claim(code == 200 and len(values) == 1, f'the {what} of {name} is whole')
    return values.pop()


def state(process):
    try:
        with open(f'/proc/{process.pid}/stat', encoding='utf-8') as file:
            return file.read().rsplit(')', 1)[1].split()[0]
    except OSError:  # it has ended
        return ''


def kill_when_stopped(process, stopped):
    """Until the process has ended."""
    while process.poll() is None:
        if state(process) == 'T':
            stopped.set()
            process.kill()
            process.wait()
        time.sleep(.005)


def left():
    """What was not written to its end."""
    return [p for p in glob.glob(f'{STORE}/**', recursive=True) if p.endswith('.next') or
            '.tmp-' in p or os.path.getsize(p) == 0 and not os.path.isdir(p)]


def faulty(kind, at, number):
    return {**os.environ, 'LD_PRELOAD': FAULTS, 'FAULT_CALL': kind, 'FAULT_AT': str(at),
            'FAULT_ERRNO': str(number), 'FAULT_BELOW': STORE}


def begin(kind, at):
    """A server that stops at a call below its datastore, what stopped it, and who watches."""
    stopped, watching, server = threading.Event(), [], None

    def watch(process):
        watching.append(threading.Thread(target=kill_when_stopped, args=(process, stopped)))
        watching[0].start()
    try:
        server = drive.Server('slices', '--datastore', STORE, env=faulty(kind, at, 0),
                              begun=watch)
    except IndexError:  # it was killed before it listened
        pass
    return server, stopped, watching[0]


def answers(ask, *words):
    """Whether it was answered with success."""
    try:
        return ask(*words) == 200
    except (OSError, drive.http.client.HTTPException):
        return False


def strike(kind, at):
    """False: there is no such call any more."""
    shutil.rmtree(STORE, ignore_errors=True)
    shutil.copytree('before', STORE)
    server, stopped, watcher = begin(kind, at)
    image = label = False
    if server:
        image = answers(put_image, server, 'b', 7)
        label = answers(put_label, server, 'a', 2)
        if not stopped.is_set():
            server.stop()
    watcher.join()
    with serving('slices', '--datastore', STORE) as s:
        claim(not left(), f'{kind} {at}: nothing half written stays: {left()}')
        now = value_of(s, 'label', 'a')
        claim(now == 2 if label else now in (1, 2), f'{kind} {at}: the label is {now}')
        now = value_of(s, 'image', 'b')
        claim(now == 7 if image else now in (-1, 7), f'{kind} {at}: the image is {now}')
        claim(value_of(s, 'image', 'a') == 5, f'{kind} {at}: the first image stays')
        counts = s.ask('GET', '/datastore/')[2]
        claim(counts['completed'] == 1, f'{kind} {at}: one image has a label')
        claim(put_image(s, 'b', 7) == 200 and put_label(s, 'b', 3) == 200 and
              value_of(s, 'label', 'b') == 3, f'{kind} {at}: the next label is kept')
    kept = glob.glob(f'{STORE}/labels/*') + glob.glob(f'{STORE}/replaced/*')
    claim({1} in [values_in(drive.data(p)) for p in kept if p.endswith('.npy')],
          f'{kind} {at}: the label before is kept')
    return stopped.is_set()


def fill(kind, at):
    """The disk is full at one call. False: there is no such call any more."""
    shutil.rmtree(STORE, ignore_errors=True)
    shutil.copytree('before', STORE)
    server = drive.Server('slices', '--datastore', STORE, env=faulty(kind, at, errno.ENOSPC))
    codes = []
    try:
        for put_one in put_image, put_label:
            name = 'b' if put_one is put_image else 'a'
            code = put_one(server, name, 4)
            codes.append(code)
            claim(not left(), f'{kind} {at} on a full disk: nothing half written: {left()}')
            if code != 200:
                claim(put_one(server, name, 4) == 200, 'when there is room, it is kept')
        claim(value_of(server, 'image', 'b') == value_of(server, 'label', 'a') == 4, 'and whole')
    finally:
        log = server.stop()[1]
    claim(sorted(codes) in ([200, 200], [200, 507]), f'{kind} {at} on a full disk: {codes}')
    claim(507 not in codes or 'No space left on device' in log, 'the log says why')
    return 507 in codes


def main():
    os.makedirs('before', exist_ok=True)
    with open('before/dataset.json', 'w', encoding='utf-8') as file:
        json.dump({'attunet': {'version': 1}, 'dataset': {},
                   'labels': {f'class {n}': n for n in range(5)}}, file)
    with serving('slices', '--datastore', os.path.abspath('before')) as s:
        claim(put_image(s, 'a', 5) == 200 and put_label(s, 'a', 1) == 200, 'an image has a label')
        s.stop()
    kills = 0
    for kind in KINDS:
        at = 1
        while strike(kind, at):
            at += 1
        kills += at - 1
    claim(kills > 20, f'{kills} kills')
    for kind in 'write', 'sync':
        at = 1
        while fill(kind, at):
            at += 1
        claim(at > 3, f'{at - 1} calls of {kind}')
    sys.exit(drive.bad > 0)


main()
