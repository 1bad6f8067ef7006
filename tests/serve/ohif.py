# SPDX-License-Identifier: Apache-2.0
"""Asks as OHIF's client of MONAI Label does, for DICOM series by their UIDs, over sockets.

ohif.py ATTUNET DICOM MAKE_SERIES: works in the current folder, which holds the 3D runs `volumes`
and `ct`, whose channel is called CT.
Prints a line `ok` or `not ok` for each claim.
"""
import glob
import gzip
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import time

import drive
from drive import claim, data, parts, serving

DICOM, MAKE = sys.argv[2:4]
SECRETS = ('Secretname', 'SECRETID77', '19010203', 'DOE', 'JANE')  # UIDs hold the date
NAMES = {'label 1': 1, 'label 2': 2}


# Name, recipe, doubts.
ODD = (('same', [], ['dicom']), ('plain', [], []), ('mr', ['modality=MR'], ['modality']),
       ('units', ['intercept='], ['values']),
       ('other', ['tag=RescaleType', 'value=US'], ['values']),
       ('frames', ['enhanced=1'], ['values']),
       ('inverse', ['photometric=MONOCHROME1'], ['values']))


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def make(folder, *recipe):
    """A series in the archive; its UID and that of its study."""
    os.makedirs(f'archive/{folder}', exist_ok=True)
    run(MAKE, f'archive/{folder}', *recipe)
    lines = run(DICOM, 'index', f'archive/{folder}').splitlines()
    return lines[-1].split()[:2]


def nifti(raw):
    """Width, height, depth and values of a mask of 8 bits."""
    raw = gzip.decompress(raw)
    return list(struct.unpack('<3h', raw[42:48])), raw[352:]


def nrrd(raw):
    """The fields and values of an attached NRRD file as nrrd-js reads them."""
    head, values = raw.split(b'\n\n', 1)
    fields = dict(line.split(': ', 1) for line in head.decode().split('\n')[1:])
    return fields, values


def form(params, **files):
    """A browser's FormData: params as JSON, files as label.bin."""
    mark = '----WebKitFormBoundaryxJ2sQbLmAo4WSD8Y'
    body = (f'--{mark}\r\nContent-Disposition: form-data; name="params"\r\n\r\n'
            f'{json.dumps(params)}\r\n').encode()
    for name, value in files.items():
        body += (f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; '
                 f'filename="{name}.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
                 ).encode() + value + b'\r\n'
    head = {'content-type': f'multipart/form-data; boundary={mark}',
            'accept': 'application/json,multipart/form-data'}
    return body + f'--{mark}--\r\n'.encode(), head


def infer(s, uid, output='image', dtype='uint8'):
    params = {'result_extension': '.nrrd', 'result_dtype': dtype, 'result_compress': False,
              'restore_label_idx': False}
    return s.ask('POST', f'/infer/volumes?image={uid}&output={output}', *form(params))


def submit(s, uid, values, info):
    return s.ask('PUT', f'/datastore/label?image={uid}', *form({'label_info': info}, label=values))


def refused(s, uid, status, sentence, output='image'):
    code, _, text = infer(s, uid, output)
    said = text['error'] if isinstance(text, dict) else text
    claim(code == status and said == sentence, f'{code} {said}')


def connects(s, series):
    """The panel's Connect, its check for a training, and Next Sample."""
    info = s.ask('GET', '/info/')[2]
    claim(info['models']['volumes']['type'] == 'segmentation' and
          info['models']['volumes']['labels'] == NAMES and isinstance(info['labels'], list) and
          info['datastore'] == {'total': len(series), 'completed': 0, 'label_tags': {'final': 0}},
          f'info: {info}')
    claim(s.ask('GET', '/train/?check_if_running=true')[0] == 404, 'no training runs')
    head = {'content-type': 'application/json'}
    for strategy in 'random', 'entropy':
        code, _, one = s.ask('POST', f'/activelearning/{strategy}', '{}', head)
        claim(code == 200 and one['SeriesInstanceUID'] == one['id'] in series and
              one['StudyInstanceUID'] == series[one['id']] and one['Modality'] == 'CT',
              f'the next sample can be opened: {one}')
    listed = s.ask('GET', '/datastore/?output=all')[2]['objects']
    claim(sorted(listed) == sorted(series), 'images are called by their UIDs')


def segments(s, uid, case):
    size, mask = nifti(data(f'masks/{case}.nii.gz'))
    claim(set(mask) > {0}, f'{case} has something to find')
    code, headers, raw = infer(s, uid)
    fields, values = nrrd(raw)
    claim(code == 200 and values == mask and fields['sizes'] == '%d %d %d' % tuple(size) and
          fields['type'] == 'unsigned char' and fields['encoding'] == 'raw' and
          fields['dimension'] == '3', f'{case}: the mask of attunet predict: {fields}')
    # Until version 0.8.4, it asked for all parts and 16 bits, and split them as text.
    code, headers, raw = infer(s, uid, 'all', 'uint16')
    answer = parts(headers, raw)
    fields, values = nrrd(answer['file'][1])
    about = json.loads(answer['params'][1])
    claim(code == 200 and values == struct.pack(f'<{len(mask)}H', *mask) and
          fields['type'] == 'unsigned short' and fields['endian'] == 'little' and
          about['label_names'] == NAMES and about['centroids'] == {} and
          b'Content-Type: application/octet-stream\r\n\r\nNRRD' in raw, 'the same of 16 bits')
    code, headers, raw = infer(s, uid, 'dicom_seg')
    with open('mask.dcm', 'wb') as file:
        file.write(raw)
    run(DICOM, 'labels', f'archive/{case}', '--labels', 'mask.dcm', '-o', 'back.nii.gz')
    claim(code == 200 and headers['Content-Type'] == 'application/dicom' and
          nifti(data('back.nii.gz')) == (size, mask), 'and as DICOM SEG')


def downloads(s, uid, case):
    run(DICOM, 'volume', f'archive/{case}', '-o', 'volume.nii.gz', '--straighten')
    raw = s.ask('GET', f'/datastore/image?image={uid}')[2]
    claim(gzip.decompress(raw) == gzip.decompress(data('volume.nii.gz')),
          '3D Slicer gets it as its volume')
    number = sorted(s.ask('GET', '/datastore/?output=all')[2]['objects']).index(uid)
    names = [c['name'] for c in s.ask('GET', '/cases')[2]['cases']]
    claim(s.ask('GET', f'/case/{names.index(uid)}/image')[0] == 200 and number >= 0,
          'and so does the page')


def saves(s, uid, case):
    """Bare values in the order of the series, numbered as the client likes."""
    size, mask = nifti(data(f'masks/{case}.nii.gz'))
    info = [{'id': '0+5', 'name': 'label 1', 'segmentIndex': 5, 'labelmapIndex': 0}]
    bare = bytes(5 if v == 1 else 0 for v in mask)
    code, _, answer = submit(s, uid, bare, info)
    claim((code, answer) == (200, {'image': uid, 'label': uid}), f'a label is kept: {answer}')
    got = s.ask('GET', f'/datastore/label?label={uid}&tag=final')[2]
    claim(nifti(got) == (size, bytes(v == 1 for v in mask)), 'with the values of the model')
    claim(submit(s, uid, struct.pack(f'<{len(bare)}H', *bare), info)[0] == 200 and
          s.ask('GET', f'/datastore/label?label={uid}&tag=final')[2] == got, 'also of 16 bits')
    code, _, text = submit(s, uid, bare[1:], info)
    claim(code == 400 and 'the image' in text['error'], f'one value too few: {text}')
    claim(s.ask('GET', '/info/')[2]['datastore']['completed'] == 1, 'it counts')
    samples = {s.ask('POST', '/activelearning/random', '{}')[2]['id'] for _ in range(30)}
    claim(uid not in samples and samples, 'and is no next sample any more')


def refuses(s, broken):
    refused(s, broken['cut'], 400, 'image 3: its BitsStored (0028,0101) is not a whole number from '
            '1 to 64; leave this file out')
    refused(s, broken['gap'], 400, 'the series: 1 slice is missing, the first behind image 3 by '
            'ImagePositionPatient (0020,0032); complete the series, or interpolate with '
            'attunet predict --allow-gaps')
    refused(s, broken['uneven'], 400, 'the series: the spacing of its slices varies, so a mask has '
            'other slices than the series; predict it with attunet predict --dicom-seg')
    refused(s, broken['tilted'], 400, 'the series: the gantry was tilted by 16.7 degrees, so a '
            'mask has another grid than the series; predict it with attunet predict --dicom-seg',
            'dicom_seg')
    missing = 'the server has no such DICOM series, or not all of its files'
    os.remove('archive/gone/S7_2')
    refused(s, broken['gone'], 400, 'the series: 1 slice is missing, the first behind image 2 by '
            'ImagePositionPatient (0020,0032); complete the series, or interpolate with '
            'attunet predict --allow-gaps')
    refused(s, '1.2.3', 404, missing)
    for name in ('..%2Fkept%2Fdataset.json', '%2Fetc%2Fpasswd', 'x;touch%20owned', '1.2%0A3',
                 '1' * 65, '$(touch%20owned)'):
        refused(s, name, 404, 'there is no such image; upload it first')
    claim(not os.path.exists('owned'), 'no name reaches a shell')
    code, _, text = submit(s, broken['gap'], b'x', [])
    claim(code == 400 and text['error'].startswith('the series: 1 slice is missing'),
          f'no label for it: {text}')
    s.refuses(409, 'another image', 'PUT', f'/datastore/?image={broken["gap"]}',
              *drive.form({}, {'file': data('volume.nii.gz')}))


def comes_later(s):
    """Series that the archive gets while the server runs, and one that changes before its label."""
    uids = [make(name, f'series={number}', 'slices=6', 'rows=24', 'columns=24', 'noise=1')[0]
            for name, number in (('later', 77), ('changes', 78), ('grows', 79))]
    os.utime('archive/grows', (1e9, 1e9))  # its files seem to be there for long
    before = set(glob.glob('kept/images/*'))
    code = 404
    for _ in range(120):
        code = infer(s, uids[0])[0]
        if code != 404:
            break
        time.sleep(.5)
    claim(code == 200 == infer(s, uids[1])[0], f'new series are found: {code}')
    volumes = {path: data(path) for path in set(glob.glob('kept/images/*')) - before}
    claim(infer(s, uids[1])[0] == 200 and all(data(p) == v for p, v in volumes.items()),
          'asked again, they are as they were')
    make('changes', 'series=78', 'slices=6', 'rows=24', 'columns=24')
    claim(infer(s, uids[1])[0] == 200 and len(volumes) == 2 and
          sum(data(p) != v for p, v in volumes.items()) == 1, 'a changed series is read again')
    for slices in 6, 7:
        size = nrrd(infer(s, uids[2])[2])[0]['sizes']
        claim(size == f'24 24 {slices}', f'its next slice is seen: {size}')
        make('grows', 'series=79', 'slices=7', 'rows=24', 'columns=24', 'noise=1')


def moves(s):
    """Files that get other names, or are not there for a while."""
    uid = make('moves', 'series=80', 'slices=6', 'rows=24', 'columns=24', 'noise=1')[0]

    def got():
        return s.ask('GET', f'/datastore/image?image={uid}')
    code, whole = 404, b''
    for _ in range(120):
        code, _, whole = got()
        if code != 404:
            break
        time.sleep(.5)
    claim(code == 200, f'a request for its image finds a new series: {code}')
    os.utime('archive/moves', (1e9, 1e9))  # its files seem to be there for long
    claim(got()[0] == 200, 'and the next listing')
    for path in glob.glob('archive/moves/*'):
        os.rename(path, path + '_again')
    code, _, raw = got()
    claim((code, raw) == (200, whole), f'its files have other names: {code}')
    os.rename('archive/moves', 'moved')
    code, _, text = got()
    claim(code == 404, f'they are gone: {code} {text}')
    os.rename('moved', 'archive/moved')
    for _ in range(120):
        code, _, raw = got()
        if code != 404:
            break
        time.sleep(.5)
    claim((code, raw) == (200, whole), f'and are back in another folder: {code}')
    for kind in 'label', 'image':
        code, _, text = s.ask('GET', f'/datastore/{kind}?{kind}=1.2.3')
        claim(code == 404 and 'no such DICOM series' in text['error'], f'no {kind}: {text}')
    code, _, text = submit(s, '1.2.3', b'x', [])
    claim(code == 404 and 'no such DICOM series' in text['error'], f'no label of none: {text}')


def differs():
    """Series that `ct` was not trained on have doubts, where attunet predict warns of them, and so
    have those of which the volume leaves out images."""
    kinds = {'modality-differs': 'modality', 'values-differ': 'values', 'dicom-doubtful': 'dicom'}
    plain = ('slices=20', 'rows=24', 'columns=24', 'noise=1')
    made = {name: make(f'../odd/{name}', f'series={number}', *plain, *recipe)[0]
            for number, (name, recipe, _) in enumerate(ODD, 60)}
    # A derived image, which the volume leaves out.
    make('../odd/beside', 'series=60', 'slices=1', 'rows=16', 'columns=16', 'intercept=',
         'tag=ImageType', 'value=DERIVED')
    os.rename('odd/beside/S60_0', 'odd/same/derived')
    os.rmdir('odd/beside')
    words = 'ct', 'volumes', '--dicom', 'odd', '--datastore', 'odd_kept'
    with serving(*words) as s:
        cases = [c['name'] for c in s.ask('GET', '/cases')[2]['cases']]
        for name, _, right in ODD:
            uid = made[name]
            end = json.loads(run(drive.ATTUNET, 'predict', 'ct', f'odd/{name}', '-o',
                                 f'odd_masks/{name}', '--json'))
            warned = [kinds[w['kind']] for w in end[0]['warnings'] if w['kind'] in kinds]
            for path in (f'/infer/ct?image={uid}', f'/infer/ct?image={uid}&output=image',
                         f'/case/{cases.index(uid)}/predict/ct'):
                code, headers, raw = s.ask('POST', path, *form({}))
                got = set((headers['Attunet-Doubts'] or '').split(',')) & set(kinds.values())
                claim(code == 200 and list(got) == warned == right,
                      f'{name}: {code} {got}, as attunet predict warns: {warned}')
                if path.endswith(uid):
                    said = json.loads(parts(headers, raw)['params'][1])['doubts'].split(',')
                    claim(set(right) <= set(said), f'its JSON has them: {said}')
            doubts = s.ask('POST', f'/infer/volumes?image={uid}', *form({}))[1]['Attunet-Doubts']
            got = set((doubts or '').split(',')) & set(kinds.values())
            claim(got == set(right) & {'dicom'},
                  f'{name}: a model of unknown modality has only those of its files: {doubts}')
        for name in 'units', 'same':
            size = nrrd(infer(s, made[name])[2])[0]['sizes'].split()
            voxels = int(size[0]) * int(size[1]) * int(size[2])
            claim(submit(s, made[name], bytes(voxels), [])[0] == 200, f'{name} gets a label')
        code, log = s.stop()
        logged = [json.loads(line) for line in log.splitlines() if line.startswith('{')]
        said = {word for line in logged for word in line['doubts'].split(',')}
        claim(code == 0 and set(kinds.values()) <= said and
              not any(uid in log for uid in made.values()), f'the log has them: {said}')
        private(log, 'the log')
    with serving(*words) as s:
        for name, doubt in ('units', 'values'), ('same', 'dicom'), ('same', 'dicom'):
            doubts = s.ask('POST', f'/infer/ct?image={made[name]}', *form({}))[1]['Attunet-Doubts']
            claim(doubt in (doubts or '').split(','),
                  f'{name}: also after a restart, behind a label: {doubts}')
        ends(s)


def ends(s):
    """As it must: a listing may still run, and only a killed server may leave its files."""
    code, log = s.stop()
    claim(code == 0, f'the server ends: {code} {log}')


def limits(uids):
    """Of voxels and bytes."""
    big = make('big', 'series=90', 'slices=24', 'rows=256', 'columns=256', 'noise=1')[0]
    words = 'volumes', '--dicom', 'archive', '--datastore', 'bounds'
    with serving(*words, '--max-voxels', '13000') as s:
        refused(s, uids['first'], 413,
                'the series has 13440 samples, but at most 13000 are allowed')
        ends(s)
    with serving(*words, '--max-body', '1') as s:
        refused(s, big, 413, 'the series takes more than 1048576 bytes as one file')
        ends(s)
    claim(glob.glob('bounds/images/*') == [], 'nothing of it is kept')
    with serving(*words, '--timeout', '60', '--max-datastore', '1') as s:
        s.refuses(507, 'may have 1 MiB', 'POST', f'/infer/volumes?image={big}', *form({}))
        ends(s)


def starts():
    def fails(code, text, *words):
        end = subprocess.run([drive.ATTUNET, 'serve', 'volumes', *words], capture_output=True,
                             text=True, check=False)
        claim(end.returncode == code and end.stderr == f'attunet-serve: {text}\n',
              f'{end.returncode} {end.stderr}')
    fails(2, '--dicom needs --datastore FOLDER for volumes and labels of the series; add it',
          '--dicom', 'archive')
    fails(6, 'cannot read --dicom nowhere: No such file or directory', '--dicom', 'nowhere',
          '--datastore', 'kept')
    fails(2, '--dicom archive/damaged is no folder', '--dicom', 'archive/damaged', '--datastore',
          'kept')
    os.symlink('archive', 'link')
    for inside in 'archive', 'archive/.', 'archive/new/labels', 'link/new', f'{os.getcwd()}/link/x':
        fails(2, f'--datastore {inside} lies in the archive --dicom archive, which the server must '
              'not change; give another', '--dicom', 'archive', '--datastore', inside)
    claim(not os.path.exists('archive/new'), 'nothing is made in an archive')
    os.makedirs('empty', exist_ok=True)
    with serving('volumes', '--dicom', 'empty', '--datastore', 'kept') as s:
        code, log = s.stop()
        claim(code == 0 and log == 'attunet-serve: --dicom empty has no series yet\n', log)
    os.makedirs('alone', exist_ok=True)
    for path in (drive.ATTUNET, drive.ATTUNET + '-serve'):
        shutil.copy(path, 'alone')
    env = {**os.environ, 'PATH': '/nowhere', 'LD_LIBRARY_PATH': os.path.dirname(drive.ATTUNET)}
    end = subprocess.run(['alone/attunet', 'serve', 'volumes', '--dicom', 'archive',
                          '--datastore', 'kept'], capture_output=True, text=True, env=env,
                         check=False)
    claim(end.returncode == 6 and 'install the package attunet-dicom' in end.stderr,
          f'without attunet-dicom: {end.stderr}')


def touch(folder, file):
    os.utime(folder)
    with open(file, 'w', encoding='utf-8'):
        pass


def until(true):
    """Waits; False after a minute."""
    for _ in range(1200):
        if true():
            return True
        time.sleep(.05)
    return False


def listings(known):
    """Of an archive that takes longer than its requests, which leave."""
    with open('alone/attunet-dicom', 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\nif [ "$1" = index ]; then\n    echo >>listings\n'
                   '    while [ -e hold ]; do sleep 0.05; done\n    [ ! -e fail ] || exit 6\nfi\n'
                   'if [ "$1" = volume ] && [ -e hold_volume ]; then\n    echo >>volumes_begun\n'
                   '    while [ -e hold_volume ]; do sleep 0.05; done\nfi\n'
                   f'exec "{DICOM}" "$@"\n')
    os.chmod('alone/attunet-dicom', 0o755)
    os.environ['LD_LIBRARY_PATH'] = os.path.dirname(drive.ATTUNET)
    drive.ATTUNET = 'alone/attunet'

    def asks(uid):
        return drive.send(s, *form({}), f'/infer/volumes?image={uid}')

    with serving('volumes', '--dicom', 'archive', '--datastore', 'late', '--workers', '2') as s:
        late = make('late', 'series=91', 'slices=6', 'rows=24', 'columns=24')[0]
        touch('archive/first', 'hold')
        one = asks(known)
        claim(until(lambda: data('listings') == b'\n\n'), 'a series may have grown: it lists again')
        other = asks(late)
        claim(s.until('attunet_running', 2), 'two wait for a listing')
        one.close()
        claim(s.until('attunet_running', 1), 'one leaves, and its worker is free')
        other.close()
        claim(s.until('attunet_running', 0), 'so does the other')
        os.remove('hold')
        claim(until(lambda: late in s.ask('GET', '/datastore/?output=all')[2]['objects']) and
              data('listings') == b'\n\n', 'the one listing goes on without them')
        claim(infer(s, late)[0] == 200, 'and the next request finds the series')
        touch('archive/first', 'fail')
        code, _, text = infer(s, known)
        claim(code == 503 and 'the server cannot list them' in text['error'], f'{code} {text}')
        os.remove('fail')
        claim(infer(s, known)[0] == 200, 'nor does it stay so')
        touch('archive/first', 'hold')
        one = asks(known)
        claim(s.until('attunet_running', 1), 'another listing runs')
        one.close()
        claim(s.stop()[0] == 0, 'and ends with the server')


def takes_long(known):
    """A program that does not end by itself, on every machine."""
    os.remove('hold')
    touch('archive', 'hold_volume')
    with serving('volumes', '--dicom', 'archive', '--datastore', 'timed', '--timeout', '0.1') as s:
        code = infer(s, known)[0]
        for _ in range(600):  # until a request got as far as the program
            if code != 504 or os.path.exists('volumes_begun'):
                break
            code = infer(s, known)[0]
        claim(code == 504 and os.path.exists('volumes_begun'), f'it takes too long: {code}')
        claim(s.until('attunet_running', 0), 'and its program ends')
        os.remove('hold_volume')
        ends(s)
    claim(glob.glob('timed/images/*') == [], 'before it has written the volume')


def private(text, what):
    found = [word for word in SECRETS if word in text]
    claim(not found, f'{what} has no names: {found}')


def keeps_no_names():
    for path in glob.glob('kept/**', recursive=True):
        if os.path.isfile(path):
            raw = data(path)
            private((gzip.decompress(raw) if path.endswith('.gz') else raw).decode('latin-1'), path)
        private(path, path)
    listed = json.loads(run(drive.ATTUNET, 'info', 'kept', '--json'))
    claim(listed['labelled'] == 1, 'the datastore is a data set')
    one = json.loads(data('kept/dataset.json'))['dataset']
    claim(len(one) == 1 and all(re.fullmatch('series_[0-9a-f]{16}', key) and
                                v['name'] == key for key, v in one.items()),
          f'its files have hashes for names: {one}')


def main():
    plain = ('slices=20', 'rows=24')
    uids, series = {}, {}
    for name, *recipe in (('first', *plain, 'columns=28'),
                          ('DOE^JANE', 'series=2', *plain, 'columns=24', 'reversed=1'),
                          ('cut', 'series=3', 'slices=4'), ('gap', 'series=4', 'slices=6',
                                                            'missing=3'),
                          ('uneven', 'series=5', 'uneven=5'), ('tilted', 'series=6', 'tilt=0.3'),
                          ('gone', 'series=7', 'slices=4')):
        uids[name], study = make(name, *recipe)
        series[uids[name]] = study
    whole = data('archive/cut/S3_2')
    at = whole.index(b'\x28\0\x01\x01US\x02\0')
    with open('archive/cut/S3_2', 'wb') as file:
        file.write(whole[:at + 8] + b'\xff\xff' + whole[at + 10:])
    with open('archive/damaged', 'wb') as file:
        file.write(whole[:300])
    run(drive.ATTUNET, 'predict', 'volumes', 'archive/first', 'archive/DOE^JANE', '-o', 'masks')
    os.makedirs('private', exist_ok=True)
    os.environ['TMPDIR'] = os.path.abspath('private')
    with serving('volumes', '--dicom', 'archive', '--datastore', 'kept') as s:
        connects(s, series)
        for case in 'first', 'DOE^JANE':
            segments(s, uids[case], case)
            downloads(s, uids[case], case)
        saves(s, uids['DOE^JANE'], 'DOE^JANE')
        refuses(s, uids)
        comes_later(s)
        moves(s)
        code, log = s.stop()
        claim(code == 0, 'it ends')
        private(log, 'the log')
    with serving('volumes', '--dicom', 'archive', '--datastore', 'kept') as s:
        claim(s.ask('GET', '/info/')[2]['datastore']['completed'] == 1,
              'another server goes on with the labels')
        claim(s.ask('GET', f'/datastore/label?label={uids["DOE^JANE"]}')[0] == 200, 'by the UID')
        ends(s)
    keeps_no_names()
    differs()
    limits(uids)
    starts()
    listings(uids['first'])
    takes_long(uids['first'])
    claim(os.listdir('private') == [], 'nothing is left in the temporary folder')
    sys.exit(drive.bad > 0)


main()
