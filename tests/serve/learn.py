# SPDX-License-Identifier: Apache-2.0
"""Labels and learns as MONAI Label's clients do: their request sequences, over sockets.

learn.py ATTUNET: works in the current folder, which holds the runs `slices` and `plain`, and the
data set `us` that trained them.  Prints a line `ok` or `not ok` for each claim.
"""
import contextlib
import glob
import json
import os
import struct
import subprocess
import sys
import time

import drive
from drive import claim, data, form, parts, serving

NAMES = [os.path.basename(p)[:-4] for p in sorted(glob.glob('us/images/*.png'))]


def name_of(case):
    return f'Anna {case}'  # which no file, answer to others or log may have


def quoted(case):
    return name_of(case).replace(' ', '+')


def image(case):
    return data(f'us/images/{case}.png')


def label(case):
    return data(f'us/labels/{case}.png')


def upload(s, case):
    body, head = form({'params': '{"client_id": null}'}, {'file': image(case)})
    return s.ask('PUT', f'/datastore/?image={quoted(case)}', body, head)


def submit(s, case, file=None, **params):
    body, head = form({'params': json.dumps(params)}, {'label': file or label(case)})
    return s.ask('PUT', f'/datastore/label?image={quoted(case)}', body, head)


def stats(s):
    return s.ask('GET', '/info/')[2]['datastore']


def keeps_nothing():
    """Without --datastore."""
    with serving('slices') as s:
        info = s.ask('GET', '/info/')[2]
        claim(info['trainers'] == {} == info['strategies'], 'nothing is offered')
        body, head = form({}, {'label': b'x'})
        s.refuses(404, '--datastore', 'PUT', '/datastore/label?image=a', body, head)
        s.refuses(404, '--datastore', 'POST', '/activelearning/random', '{}')
        s.refuses(404, '--datastore', 'POST', '/train/slices', '{}')
        code = s.ask('GET', '/train/?check_if_running=true')[0]
        claim(code == 404, 'no training runs')
        claim(s.ask('GET', '/logs/')[0] == 200, 'and there is no log')


def uploads(s):
    info = s.ask('GET', '/info/')[2]
    claim(list(info['trainers']) == ['slices'] and sorted(info['strategies']) ==
          ['entropy', 'random'] and info['datastore']['total'] == 0, f'info offers: {info}')
    claim(s.ask('POST', '/activelearning/random', '{}')[2] == {}, 'there is no next sample yet')
    code, _, answer = upload(s, NAMES[0])
    claim((code, answer) == (200, {'image': name_of(NAMES[0])}), f'an image is kept: {answer}')
    claim(upload(s, NAMES[0])[0] == 200, 'and may be sent again')
    body, head = form({}, {'file': b'no image'})
    s.refuses(400, 'the image', 'PUT', '/datastore/?image=bad', body, head)
    code, headers, raw = s.ask('GET', f'/datastore/image?image={quoted(NAMES[0])}')
    claim(code == 200 and raw == image(NAMES[0]) and 'Anna' not in str(headers),
          'it comes back as it was')
    s.refuses(404, 'no such image', 'GET', '/datastore/image?image=..%2Fdataset.json')
    s.refuses(404, 'no such image', 'PUT', '/datastore/label?image=other',
              *form({}, {'label': b''}))
    body, head = form({'params': '{}'}, {})
    code, headers, raw = s.ask('POST', f'/infer/slices?image={quoted(NAMES[0])}', body, head)
    claim(code == 200 and parts(headers, raw)['file'][0] == 'mask.png', 'it can be predicted')
    for case in NAMES[1:]:
        upload(s, case)
    claim(stats(s)['total'] == len(NAMES) and stats(s)['completed'] == 0, f'{stats(s)}')


def numbers(value):
    """A label with this value in its middle, as NPY."""
    w, h = struct.unpack('>2I', image(NAMES[2])[16:24])
    about = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (h, w)
    about = about.ljust(117) + '\n'
    count = w * h
    values = [0] * count
    values[count // 2] = value
    return (b'\x93NUMPY\1\0' + struct.pack('<H', len(about)) + about.encode() +
            struct.pack(f'<{count}f', *values))


def labels(s):
    case = NAMES[0]
    claim(submit(s, case)[::2] == (200, {'image': name_of(case), 'label': name_of(case)}),
          'a label is kept')
    code, headers, raw = s.ask('GET', f'/datastore/label?label={quoted(case)}&tag=final')
    claim(code == 200 and 'case.png' in headers['Content-Disposition'], 'it can be had')
    code = submit(s, case, raw)[0]
    claim(code == 200 and len(glob.glob('kept/replaced/*')) == 1,
          'and sent again; the one before is kept under another name')
    claim(submit(s, NAMES[1])[0] == 200, 'another one')
    s.refuses(404, 'no such label', 'GET', f'/datastore/label?label={quoted(NAMES[2])}&tag=final')
    code, _, text = submit(s, NAMES[2], label_info=[0] * 40000)
    claim(code == 413 and 'params' in text['error'], f'params are short: {text}')
    small = b'P5 2 2 255\n' + bytes(4)
    code, _, text = submit(s, NAMES[2], small)
    claim(code == 400 and 'grid' in text['error'], f'of another grid: {text}')
    for value, words in ((-1, 'no whole number from 0'), (.5, 'no whole number from 0'),
                         (65536, 'no whole number from 0'), (7, 'has the value 7, but neither')):
        code, _, text = submit(s, NAMES[2], numbers(value))
        claim(code == 400 and words in text['error'], f'{value} is no class: {text}')
    for words, params in (('JSON object', 'no JSON'), ('JSON object', '[]'),
                          ('a list', '{"label_info": 3}'), ('lacks', '{"label_info": [{}]}'),
                          ('lacks', '{"label_info": [{"name": "foreground", "idx": -2}]}'),
                          ("'kidney'", '{"label_info": [{"name": "kidney", "idx": 1}]}')):
        body, head = form({'params': params}, {'label': label(NAMES[2])})
        s.refuses(400, words, 'PUT', f'/datastore/label?image={quoted(NAMES[2])}', body, head)
    body, head = form({}, {'file': b'P6 2 2 255\n' + bytes(12)})
    s.refuses(400, 'has 3 channels, but the model needs 1', 'PUT', '/datastore/?image=rgb', body,
              head)
    claim(stats(s)['completed'] == 2, 'none of it was kept')
    # A client's segment 7 is the class foreground, which has the value 255.
    head, pixels = b'P5 %d %d 255\n', bytes(7 * (i % 3 == 0) for i in range(drive.W * drive.H))
    upload_body, kind = form({}, {'file': (head % (drive.W, drive.H)) + pixels})
    s.ask('PUT', '/datastore/?image=seven', upload_body, kind)
    seven, kind = form({'params': json.dumps({'label_info': [{'name': 'foreground', 'idx': 7}]})},
                       {'label': (head % (drive.W, drive.H)) + pixels})
    code = s.ask('PUT', '/datastore/label?image=seven', seven, kind)[0]
    number = [c['name'] for c in s.ask('GET', '/cases')[2]['cases']].index('seven')
    raw = s.ask('GET', f'/case/{number}/label')[2]
    claim(code == 200 and raw == struct.pack(f'<{len(pixels)}H', *(255 * (p == 7) for p in pixels)),
          'values are those of the model, by the names of the segments')
    version = s.ask('GET', '/cases')[2]['cases'][number]['label']
    code = s.ask('PUT', f'/case/{number}/label?over={version}', raw,
                 {'Inference-Header-Content-Length': '1'})[0]
    claim(code == 200, f'a header of tensors does not move a mask: {code}')
    objects = s.ask('GET', '/datastore/?output=all')[2]['objects']
    claim('final' in objects[name_of(case)]['labels'] and
          objects[name_of(NAMES[3])]['labels'] == {}, 'the list says which are labelled')
    path = 'kept/images/image_0004.png'
    whole = data(path)
    with open(path, 'wb') as file:
        file.write(b'nothing')
    s.refuses(500, 'its log says why', 'GET', '/case/3/image')  # the sentence has the path
    os.remove(path)
    s.refuses(404, 'the image is no longer there', 'GET', '/case/3/image')
    s.refuses(404, 'no longer there', 'GET', f'/datastore/image?image={quoted(NAMES[3])}')
    with open(path, 'wb') as file:
        file.write(whole)
    files = [p for p in glob.glob('kept/**', recursive=True)]
    claim(not any('Anna' in p or 'seven' in p for p in files), f'no file has a name of theirs')


def next_samples(s):
    unlabelled = {name_of(c) for c in NAMES[2:]}
    drawn = {s.ask('POST', '/activelearning/random', '{}')[2]['id'] for _ in range(40)}
    claim(drawn <= unlabelled and len(drawn) > 2, f'at random: {len(drawn)} of {len(unlabelled)}')
    code, _, first = s.ask('POST', '/activelearning/entropy', '{"client_id": null}')
    doubts = {c['name']: c['doubt'] for c in s.ask('GET', '/cases')[2]['cases']}
    claim(code == 200 and first['id'] in unlabelled and
          doubts[first['id']] == max(doubts[n] for n in unlabelled), f'by entropy: {first}')
    claim(len({doubts[n] for n in unlabelled}) > 2 and all(0 < doubts[n] < 1 for n in unlabelled),
          'each has its own')
    s.refuses(404, 'random and entropy', 'POST', '/activelearning/first', '{}')


def status(process):
    """State and parent of a process; None: it has ended."""
    try:
        state, parent = data(f'/proc/{process}/stat').decode(errors='replace').rsplit(')', 1)[
            1].split()[:2]
    except OSError:
        return None
    return None if state == 'Z' else (state, int(parent))


def child(pid):
    """Number and arguments of the training that a server has started."""
    for _ in range(600):
        for path in glob.glob('/proc/[0-9]*'):
            with contextlib.suppress(OSError):
                if (status(path[6:]) or (0, 0))[1] == pid:
                    words = data(f'{path}/cmdline').decode().split('\0')
                    if words[1:2] == ['train']:
                        return path[6:], words
        time.sleep(.1)
    return 0, []


def wait(s):
    for _ in range(1200):
        if s.ask('GET', '/train/?check_if_running=true')[0] == 404:
            break
        time.sleep(.1)
    return s.ask('GET', '/train/')[2]


def trains(s):
    for body in '{"steps": "-1"}', '{"steps": 60}', '{"steps"':
        s.refuses(400, 'steps', 'POST', '/train/slices', body)
    for case in NAMES[2:]:
        submit(s, case)
    code, _, answer = s.ask('POST', '/train/slices', '{"steps": "60"}')
    claim(code == 200 and answer['status'] == 'RUNNING', f'a training begins: {answer}')
    s.refuses(429, 'runs already', 'POST', '/train/slices', '{"steps": "60"}')
    end = wait(s)
    claim(end['status'] == 'DONE' and end['dice_after'] > end['dice_before'] and
          'taken over' in end['what'], f'it ends: {end}')
    versions = s.ask('GET', '/v2/models/slices')[2]['versions']
    claim(versions == ['1', '2'], f'the new model is the latest version: {versions}')
    subprocess.run([drive.ATTUNET, 'predict', 'kept/runs/slices-1', f'us/images/{NAMES[0]}.png',
                    '-o', 'after'], check=True, capture_output=True)
    mask = s.ask('POST', '/predict/slices', image(NAMES[0]))[2]
    claim(mask == data(f'after/{NAMES[0]}.png'), 'which predicts from now on')
    val = open('kept/val.txt', encoding='utf-8').read().split()
    learnt = json.load(open('kept/runs/slices-1/settings.json', encoding='utf-8'))
    claim(val and sorted(learnt['val']) == sorted(val) and not set(val) & set(learnt['train']) and
          len(val) + len(learnt['train']) == stats(s)['completed'],
          f'the cases that compare do not train: {val}')
    log = s.ask('GET', '/logs/?lines=100')[2].decode()
    claim('Dice' in log and os.getcwd() not in log and '/tmp' not in log, f'the log: {log[:80]}')


def few():
    """Of the first seven images, no name says that it validates."""
    chosen = []
    with serving('slices', '--datastore', 'few') as s:
        for case in NAMES[:4]:
            upload(s, case)
            submit(s, case)
        s.refuses(400, 'there are 4 labels; label at least 5', 'POST', '/train/slices', '{}')
        for case in NAMES[4:6]:
            upload(s, case)
            submit(s, case)
            code, _, answer = s.ask('POST', '/train/slices', '{"steps": "1"}')
            end = wait(s)
            claim(code == 200 and end['status'] == 'DONE', f'it trains: {answer} {end}')
            chosen.append(open('few/val.txt', encoding='utf-8').read().split())
            log = s.ask('GET', '/logs/?lines=1000')[2].decode()
            claim(log.count('\nmodel ') == 1, f'the log is that of one training: {log}')
    claim(len(chosen[0]) == 1 and chosen[0] == chosen[1], f'one validates, and goes on: {chosen}')


def stops(s):
    s.ask('POST', '/train/', '{"time": "1h"}')
    words = child(s.process.pid)[1]
    claim({('--threads', '1'), ('--isa', 'ref')} <= set(zip(words, words[1:])),
          f'a training has the threads and the kernels of the server: {words}')
    claim(s.ask('DELETE', '/train/')[0] == 200, 'a training can be stopped')
    end = wait(s)
    claim(end['status'] == 'STOPPED', f'it has: {end}')
    claim(s.ask('GET', '/v2/models/slices')[2]['versions'] == ['1'], 'and changes no model')


def dies(s):
    """A server that is killed leaves no training."""
    s.ask('POST', '/train/', '{"time": "1h"}')
    number = child(s.process.pid)[0]
    claim(number and status(number), f'process {number} trains')
    s.process.kill()
    for _ in range(1200):
        if not status(number):
            break
        time.sleep(.1)
    claim(not status(number), 'and ends with its server')


def is_full():
    with serving('slices', '--datastore', 'small', '--max-datastore', '1') as s:
        body, head = form({}, {'file': b'P5 1000 600 255\n' + os.urandom(600000)})
        claim(s.ask('PUT', '/datastore/?image=first', body, head)[0] == 200, 'an image fits')
        s.refuses(507, 'may have 1 MiB', 'PUT', '/datastore/?image=second', body, head)
        claim(s.ask('PUT', '/datastore/?image=first', body, head)[0] == 200,
              'the one that is there may be sent again')
        more, kind = form({}, {'file': b'P5 1000 1200 255\n' + os.urandom(1200000)})
        s.refuses(507, 'may have 1 MiB', 'PUT', '/datastore/?image=first', more, kind)
        label, kind = form({}, {'label': b'P5 1000 600 255\n' + bytes(600000)})
        s.refuses(507, 'may have 1 MiB', 'PUT', '/datastore/label?image=first', label, kind)
        s.refuses(507, 'may have 1 MiB', 'PUT', '/case/0/label', bytes(2 * 600000))
        claim(stats(s) == {'total': 1, 'completed': 0, 'label_tags': {'final': 0}}, 'none was kept')


def doubts_of_one_model():
    """The next sample is that of the first model, whatever the others find."""
    def doubt(model):
        claim(s.ask('POST', f'/case/0/predict/{model}?maps=all')[0] == 200, f'{model} predicts')
        return s.ask('GET', '/cases')[2]['cases'][0]['doubt']
    with serving('slices', 'others=slices', '--datastore', 'two') as s:
        upload(s, NAMES[0])
        claim(doubt('others') is None, 'its doubt does not count')
        claim(0 < doubt('slices') < 1, 'that of the first one does')


def endings():
    """Files and what clients get are named by the format of their bytes, whatever attunet writes.
    3D Slicer keeps a next sample under its name, by whose ending it reads it."""
    fixtures = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures')
    sent = {'photo': 'pictures/grey.bmp', 'b.nii': 'nifti/sform.nii'}
    with serving('slices', '--datastore', 'formats') as s:
        for name, path in sent.items():
            body, head = form({}, {'file': data(os.path.join(fixtures, path))})
            s.ask('PUT', f'/datastore/?image={name}', body, head)
        samples = [s.ask('POST', '/activelearning/random', '{}')[2] for _ in range(40)]
        names = {a['id']: a['name'] for a in samples}
        claim(names == {'photo': 'photo.bmp', 'b.nii': 'b.nii'}, f'samples have endings: {names}')
        objects = s.ask('GET', '/datastore/?output=all')[2]['objects']
        kinds = {name: one['image']['ext'] for name, one in objects.items()}
        claim(kinds == {'photo': '.bmp', 'b.nii': '.nii'}, f'so does the list: {kinds}')
        for name, path in sent.items():
            code, headers, raw = s.ask('GET', f'/datastore/image?image={name}')
            claim(code == 200 and f'"case{path[-4:]}"' in headers['Content-Disposition'] and
                  raw == data(os.path.join(fixtures, path)), f'and so does the file: {headers}')
        code, headers, mask = s.ask('POST', '/infer/slices?image=photo&output=image', '')
        claim(code == 200 and 'mask.png' in headers['Content-Disposition'],
              'its mask is a PNG, as attunet writes no BMP')
        body, head = form({}, {'label': mask})
        claim(s.ask('PUT', '/datastore/label?image=photo', body, head)[0] == 200 and
              sorted(os.path.basename(p) for p in glob.glob('formats/*/image_*')) ==
              ['image_0001.bmp', 'image_0001.png', 'image_0002.nii'],
              'and may come back as its label')


def variances():
    """Networks that predict together vary, though each has windows of its own."""
    def varies(model):
        code, headers, raw = s.ask('POST', f'/case/0/predict/{model}?maps=all&mirror=no')
        return code == 200 and 'variance' in parts(headers, raw)
    with serving('slices', 'both=slices,plain', '--datastore', 'pair') as s:
        upload(s, NAMES[0])
        claim(varies('both'), 'two networks have a variance')
        claim(not varies('slices'), 'one pass has none')


def main():
    keeps_nothing()
    doubts_of_one_model()
    endings()
    variances()
    few()
    is_full()
    with serving('slices', '--datastore', 'kept') as s:
        uploads(s)
        labels(s)
        next_samples(s)
        trains(s)
        before = stats(s)
        code, log = s.stop()
        claim(code == 0 and 'Anna' not in log, 'the log has no names')
    with serving('slices', '--datastore', 'kept', '--isa', 'ref') as s:
        claim(stats(s) == before, f'another server goes on with them: {stats(s)}')
        stops(s)
        dies(s)
    listed = subprocess.run([drive.ATTUNET, 'info', 'kept', '--json'], capture_output=True,
                            check=False)
    claim(json.loads(listed.stdout)['labelled'] == before['completed'],
          'the datastore is a data set')
    sys.exit(drive.bad > 0)


main()
