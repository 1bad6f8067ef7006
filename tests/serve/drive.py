# SPDX-License-Identifier: Apache-2.0
"""Drives attunet serve over sockets, with Python's standard library alone.

drive.py ATTUNET: works in the current folder, which holds the run `slices` (2D), the model
`volumes/model.safetensors` (3D), image.png, image.nii.gz and their masks of attunet predict,
mask.png and mask.nii.gz.  Prints a line `ok` or `not ok` for each claim.
"""
import contextlib
import email
import email.policy
import gzip
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

ATTUNET = sys.argv[1]
bad = 0


def claim(good, what):
    global bad
    bad += not good
    print('ok' if good else 'not ok', what, flush=True)


def data(path):
    with open(path, 'rb') as file:
        return file.read()


class Server:
    def __init__(self, *words, env=None, begun=None):
        """begun: is called with the process before it listens."""
        self.log = open('log.txt', 'w+', encoding='utf-8')
        self.process = subprocess.Popen([ATTUNET, 'serve', '--port', '0', '--threads', '1', *words],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=env)
        if begun:
            begun(self.process)
        self.address = self.process.stdout.readline().strip()
        self.port = int(self.address.rsplit(':', 1)[1])

    def connect(self, source=None):
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=600,
                                          source_address=source)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """Status, headers, bytes; JSON where it is."""
        c = connection or self.connect()
        c.request(method, path, body, headers or {})
        answer = c.getresponse()
        text = answer.read()
        if not connection:
            c.close()
        if answer.headers['Content-Type'] == 'application/json':
            text = json.loads(text)
        if answer.status >= 500:
            print(f'# {method} {path}: {answer.status} {str(text)[:200]}', flush=True)
        return answer.status, answer.headers, text

    def refuses(self, status, words, method, path, body=None, headers=None):
        code, _, text = self.ask(method, path, body, headers)
        right = code == status and isinstance(text, dict) and words in text.get('error', '')
        claim(right and '/tmp' not in str(text), f'{code} {str(text)[:120]}')

    def raw(self):
        return socket.create_connection(('127.0.0.1', self.port), timeout=600)

    def metric(self, name):
        text = self.ask('GET', '/metrics')[2].decode()
        lines = [line for line in text.splitlines() if line.startswith(name)]
        return float(lines[0].rsplit(' ', 1)[1]) if lines else 0.

    def until(self, name, value):
        """Waits for a gauge; False after a minute."""
        for _ in range(1200):
            if self.metric(name) == value:
                return True
            time.sleep(.05)
        return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(120)
        self.log.seek(0)
        return code, self.log.read()


@contextlib.contextmanager
def serving(*words):
    server = Server(*words)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait()


def request(shape, values=None, kind='FP32', outputs=None, **more):
    image = {'name': 'image', 'shape': shape, 'datatype': kind}
    if values is not None:
        image['data'] = values
    whole = {'inputs': [image], **more}
    if outputs:
        whole['outputs'] = outputs
    return whole


def binary(shape, raw, kind='FP32', pad=0, outputs=None, **more):
    """Body and headers of a request with a binary tensor; pad: spaces behind its JSON."""
    whole = request(shape, kind=kind, outputs=outputs, **more)
    whole['inputs'][0]['parameters'] = {'binary_data_size': len(raw)}
    text = json.dumps(whole).encode() + b' ' * pad
    return text + raw, {'Inference-Header-Content-Length': str(len(text))}


def npy(raw):
    """Shape and numbers of a .npy file of unsigned integers."""
    size = struct.unpack('<H', raw[8:10])[0]
    head = raw[10:10 + size].decode()
    shape = [int(n) for n in head.split('(')[1].split(')')[0].split(',') if n.strip()]
    kind = {'|u1': 'B', '<u2': 'H'}[head.split("'descr': '")[1].split("'")[0]]
    count = 1
    for n in shape:
        count *= n
    return shape, list(struct.unpack(f'<{count}{kind}', raw[10 + size:]))


H, W = 48, 40
PIXELS = [float((3 * x * x + 7 * y * x + y) % 256) for y in range(H) for x in range(W)]
RAW = struct.pack(f'<{H * W}f', *PIXELS)
PGM = b'P5 %d %d 255\n' % (W, H) + bytes(int(x) for x in PIXELS)


def describes(s):
    claim(s.ask('GET', '/v2/health/live')[::2] == (200, {'live': True}), 'the server lives')
    claim(s.ask('GET', '/v2/health/ready')[0] == 200, 'and is ready')
    claim(s.ask('GET', '/v2')[2]['extensions'][0] == 'binary_tensor_data', 'it lists extensions')
    about = s.ask('GET', '/v2/models/slices')[2]
    claim(about['versions'] == ['1', '2'] and about['inputs'][0]['shape'] == [1, -1, -1, -1],
          f'it describes a model: {about}')
    labels = about['parameters']['labels']['classes']
    claim([c['name'] for c in labels] == ['background', 'foreground'], 'with its classes')
    claim(os.getcwd() not in json.dumps(about), 'and no path')
    claim(s.ask('GET', '/v2/models/slices/versions/2/ready')[::2] == (200, {'ready': True}),
          'a version is ready')
    config = s.ask('GET', '/v2/models/volumes/config')[2]
    claim(config['output'][1]['dims'][0] == 3, 'it has a configuration')
    index = s.ask('POST', '/v2/repository/index', '{}')[2]
    claim([(m['name'], m['version']) for m in index] ==
          [('slices', '1'), ('slices', '2'), ('volumes', '1')], 'it lists its models')


def infers(s):
    """All ways to send an image give the mask of its file."""
    code, headers, text = s.ask('POST', '/predict/slices?ending=.npy', PGM)
    claim(code == 200 and 'mask.npy' in headers['Content-Disposition'], 'a PGM gives a .npy')
    shape, expected = npy(text)
    claim(shape == [H, W] and len(set(expected)) == 2, 'on its grid, with both classes')
    path = '/v2/models/slices/infer'
    nested = [[PIXELS[y * W:(y + 1) * W] for y in range(H)]]
    for values, what in ((PIXELS, 'flat'), (nested, 'nested')):
        code, _, text = s.ask('POST', path, json.dumps(request([1, H, W], values, id='r"1')))
        output = text['outputs'][0]
        claim(code == 200 and output['data'] == expected and output['shape'] == [H, W] and
              output['datatype'] == 'UINT16' and text['id'] == 'r"1' and
              text['model_name'] == 'slices' and text['model_version'] == '2',
              f'{what} JSON gives the same labels')
    for pad in range(4):
        body, head = binary([1, 1, 1, H, W], RAW, pad=pad)
        code, _, text = s.ask('POST', path, body, head)
        claim(code == 200 and text['outputs'][0]['data'] == expected and
              text['outputs'][0]['shape'] == [1, 1, H, W],
              f'so does a binary tensor behind {len(body) - len(RAW)} bytes')
    body, head = binary([1, 1, H, W], bytes(int(x) for x in PIXELS), 'UINT8')
    claim(s.ask('POST', path, body, head)[2]['outputs'][0]['data'] == expected, 'and UINT8')
    body, head = binary([1, 1, H, W], struct.pack(f'<{H * W}d', *PIXELS), 'FP64')
    claim(s.ask('POST', path, body, head)[2]['outputs'][0]['data'] == expected, 'and FP64')
    body, head = binary([1, 1, H, W], RAW)
    code, _, text = s.ask('POST', path, gzip.compress(body), {**head, 'Content-Encoding': 'gzip'})
    claim(code == 200 and text['outputs'][0]['data'] == expected, 'and gzip')


def choices(s):
    """Parameters may be JSON's own true and false, and the path may have them."""
    def ask(query, **more):
        body = json.dumps(request([1, H, W], PIXELS, outputs=[{'name': 'probabilities'}], **more))
        return s.ask('POST', '/v2/models/slices/infer' + query, body)[2]['outputs'][0]['data']
    no, yes = ask('?mirror=no'), ask('?mirror=yes')
    claim(no != yes, 'mirror images change probabilities')
    for word, values in (('no', no), (False, no), ('yes', yes), (True, yes)):
        claim(ask('', parameters={'mirror': word}) == values, f'mirror may be {word!r}')


def outputs(s):
    names = [{'name': n, 'parameters': {'binary_data': True}}
             for n in ('probabilities', 'labels', 'attention')]
    body, head = binary([1, 1, H, W], RAW, outputs=names, parameters={'mirror': 'no'})
    code, headers, text = s.ask('POST', '/v2/models/slices/versions/1/infer', body, head)
    claim(code == 200, f'all outputs at once: {code} {str(text)[:200] if code != 200 else ""}')
    size = int(headers['Inference-Header-Content-Length'])
    answer = json.loads(text[:size])
    sizes = [o['parameters']['binary_data_size'] for o in answer['outputs']]
    n = H * W
    gates = [o['name'] for o in answer['outputs'][2:]]
    claim(code == 200 and sizes[:2] == [8 * n, 2 * n] and len(text) == size + sum(sizes),
          'binary outputs follow the JSON')
    claim(gates and all(g.startswith('attention_') for g in gates), f'with maps of gates: {gates}')
    chances = struct.unpack(f'<{2 * n}f', text[size:size + 8 * n])
    labels = struct.unpack(f'<{n}H', text[size + 8 * n:size + 10 * n])
    claim(all(abs(a + b - 1) < 1e-5 for a, b in zip(chances[:n], chances[n:])),
          'probabilities sum to 1')
    claim(all((b > a) == (l == 255) for a, b, l in zip(chances[:n], chances[n:], labels)
              if abs(a - b) > 1e-6), 'and labels are their maximum')
    wanted = [{'name': gates[0]}]
    one = s.ask('POST', '/v2/models/slices/infer',
                json.dumps(request([1, H, W], PIXELS, outputs=wanted,
                                   parameters={'mirror': 'no'})))[2]['outputs']
    start = size + 10 * n
    maps = struct.unpack(f'<{n}f', text[start:start + 4 * n])
    claim(len(one) == 1 and all(abs(a - b) < 1e-6 for a, b in zip(maps, one[0]['data'])),
          'one map alone, as JSON')


def files(s):
    for ending in ('png', 'nii.gz'):
        model = 'slices' if ending == 'png' else 'volumes'
        code, headers, text = s.ask('PUT', f'/predict/{model}', data(f'image.{ending}'))
        claim(code == 200 and text == data(f'mask.{ending}') and
              f'"mask.{ending}"' in headers['Content-Disposition'],
              f'the mask of a .{ending} has the bytes of attunet predict')
    # The volume's own affine, as a parameter; its samples by way of .npy would be the same.
    raw = gzip.decompress(data('image.nii.gz'))
    dims = struct.unpack('<8h', raw[40:56])
    kind = struct.unpack('<h', raw[70:72])[0]
    count = dims[1] * dims[2] * dims[3]
    letter = {2: 'B', 4: 'h', 16: 'f', 512: 'H'}[kind]
    values = struct.unpack(f'<{count}{letter}', raw[352:352 + count * struct.calcsize(letter)])
    slope, shift = struct.unpack('<2f', raw[112:120])
    values = [v * (slope or 1) + shift for v in values]
    rows = list(struct.unpack('<12f', raw[280:328]))
    body, head = binary([1, dims[3], dims[2], dims[1]], struct.pack(f'<{count}f', *values),
                        parameters={'affine': rows})
    tensor = s.ask('POST', '/v2/models/volumes/infer', body, head)[2]['outputs'][0]
    file = npy(s.ask('POST', '/predict/volumes?ending=.npy', data('image.nii.gz'))[2])
    claim(tensor['data'] == file[1] and tensor['shape'] == list(file[0]),
          'a tensor with an affine gives the labels of its file')


def errors(s):
    infer = '/v2/models/slices/infer'
    one = request([1, 1, 2], [1, 2])

    def refuses(words, whole, **more):
        s.refuses(400, words, 'POST', infer, whole if isinstance(whole, (str, bytes))
                  else json.dumps(whole), **more)
    refuses('line 1 of the JSON', '{"inputs": [')
    refuses('line 1 of the JSON', b'\xff\xfe')
    refuses('of the JSON', '[' * 100000)
    refuses('"inputs" must be a list of one input', '[]')
    refuses('"inputs" must be a list of one input', {'inputs': [{'name': 'x'}]})
    refuses('the shape of', request([2], [1, 2]))
    refuses('has 2 channels, but the model needs 1; send these', request([2, 1, 1], [1, 2]))
    for side in 0, 1.5, 1 << 32:
        refuses('side 1 of \'image\' must be a whole number from 1 to 2147483647',
                request([1, side, 2], [1]))
    refuses('must be 2 numbers', request([1, 1, 2], [1, 2, 3]))
    refuses('must be 2 numbers', request([1, 1, 2], [1]))
    refuses('must be 2 numbers', request([1, 1, 2], [1, 'two']))
    refuses('the server allows', request([1, 30000, 30000], []))
    refuses('datatype', request([1, 1, 2], [1, 2], 'BYTES'))
    refuses('needs either', request([1, 1, 2]))
    refuses('there is no such output', {**one, 'outputs': [{'name': 'mask'}]})
    refuses('classification', {**one, 'outputs': [{'name': 'labels', 'parameters':
                                                   {'classification': 3}}]})
    refuses('spacing must be three numbers', {**one, 'parameters': {'spacing': [1, 2]}})
    refuses('affine must be 12 numbers', {**one, 'parameters': {'affine': '1 0 0'}})
    refuses('mirror', {**one, 'parameters': {'mirror': 'perhaps'}})
    for value in (None, ['no'], {}):
        refuses('mirror must be a text', {**one, 'parameters': {'mirror': value}})
    body, head = binary([1, 1, 2], b'1234567')
    refuses('binary_data_size is 7', body, headers=head)
    refuses('ends inside its JSON', '{}', headers={'Inference-Header-Content-Length': '3'})
    refuses('is no number', '{}', headers={'Inference-Header-Content-Length': '-3'})
    refuses('not whole gzip', '{}', headers={'Content-Encoding': 'gzip'})
    body, head = binary([1, 1, 2], struct.pack('<2f', 1, float('nan')))
    refuses('NaN or infinite', body, headers=head)
    s.refuses(400, 'attention_nowhere', 'POST', infer,
              json.dumps(request([1, H, W], PIXELS, outputs=[{'name': 'attention_nowhere'}])))
    c = s.connect()
    c.request('POST', '/v2/repository/index', iter([bytes(1 << 20), b'x']), encode_chunked=True)
    claim(c.getresponse().status == 413, 'a list takes no body of more than 1 MiB')
    s.refuses(415, 'gzip', 'POST', infer, '{}', {'Content-Encoding': 'br'})
    s.refuses(415, 'as it is; its path', 'PUT', '/session/', b'', {'Content-Encoding': 'gzip'})
    s.refuses(404, 'no such model', 'GET', '/v2/models/others')
    s.refuses(404, 'no such model', 'GET', '/v2/models/slices/versions/3')
    s.refuses(404, 'nothing at this path', 'GET', '/v2/models/slices/../../etc/passwd')
    s.refuses(404, 'name one', 'POST', '/predict', PGM)
    s.refuses(405, 'POST', 'GET', infer)
    for path, methods in ((infer, 'POST'), ('/predict/slices', 'POST, PUT'),
                          ('/train', 'GET, HEAD, POST, DELETE')):
        claim(s.ask('PATCH', path)[1]['Allow'] == methods, f'{path} lists all that it takes')
    c = s.connect()
    c.request('HEAD', '/train')
    claim(c.getresponse().status == 200, 'HEAD is GET without the body')
    c.close()
    s.refuses(400, 'the body is empty', 'POST', '/predict/slices', b'')
    s.refuses(400, 'the image: not an image', 'POST', '/predict/slices', b'some words')
    s.refuses(400, 'the body is a form; send the bytes of the file alone', 'POST',
              '/predict/slices', *form({}, {'file': PGM}))
    s.refuses(400, 'in another file', 'POST', '/predict/slices',
              b'NRRD0004\ntype: uchar\ndimension: 2\nsizes: 2 2\nencoding: raw\ndata file: x\n')
    s.refuses(400, 'ending', 'POST', '/predict/slices?ending=/../x.png', PGM)
    s.refuses(400, 'mirror', 'POST', '/predict/slices?mirror=perhaps', PGM)
    colour = b'P6 2 2 255\n' + bytes(12)  # which no prediction takes
    s.refuses(400, 'channel', 'POST', '/predict/slices?ending=.png', colour)
    for wish, words in (('ending=.xyz', 'the ending does not say'), ('ending=png', "'png' is not"),
                        ('overlap=2', 'overlap'), ('overlap=2&ending=.png', 'overlap')):
        s.refuses(400, words, 'POST', f'/predict/slices?{wish}', colour)
    s.refuses(400, "no parameter 'miror'", 'POST', '/predict/slices?job=a&miror=no', PGM)
    s.refuses(400, 'at most 39 letters', 'POST', '/predict/slices?job=' + 40 * 'x', PGM)
    # It may take all memory.
    s.refuses(400, "no parameter 'window'", 'POST', '/predict/slices?window=60000x60000', PGM)
    claim(s.ask('GET', '/v2/health/live')[0] == 200, 'the server still lives')


def callers(s):
    infer = json.dumps(request([1, H, W], PIXELS))
    for name in ('evil.example', f'evil.example:{s.port}', 'localhost.evil.example', ''):
        code, _, text = s.ask('GET', '/v2', headers={'Host': name})
        claim(code == 400 or code == 421 and f'use http://127.0.0.1:{s.port}' in text['error'],
              f'the host {name!r} is refused: {code} {text}')
    for name in ('localhost', f'localhost:{s.port}', f'127.0.0.1:{s.port}', '[::1]:80'):
        claim(s.ask('GET', '/v2', headers={'Host': name})[0] == 200, f'the host {name} is taken')
    for origin in ('http://evil.example', 'null', f'https://127.0.0.1:{s.port}'):
        s.refuses(403, 'other sites', 'POST', '/v2/models/slices/infer', infer,
                  {'Origin': origin})
    s.refuses(403, 'other sites', 'POST', '/predict/slices', PGM, {'Sec-Fetch-Site': 'cross-site'})
    own = {'Origin': f'http://127.0.0.1:{s.port}'}
    claim(s.ask('POST', '/v2/models/slices/infer', infer, own)[0] == 200, 'its own pages may ask')


def form(fields, files):
    """Body and headers as the extension of 3D Slicer makes them: its file names are whole paths."""
    mark = '----------lImIt_of_THE_fIle_eW_$'
    body = b''
    for name, value in fields.items():
        body += f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        body += value.encode() + b'\r\n'
    for name, value in files.items():
        body += (f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; '
                 f'filename="/patients/anna/{name}"\r\n'
                 'Content-Type: application/octet-stream\r\n\r\n').encode() + value + b'\r\n'
    body += f'--{mark}--\r\n'.encode()
    return body, {'content-type': f'multipart/form-data; boundary={mark}'}


def parts(headers, raw):
    """{name: (file name, bytes)} of a multipart answer, by the parser for mail."""
    whole = b'Content-Type: ' + headers['Content-Type'].encode() + b'\r\n\r\n' + raw
    message = email.message_from_bytes(whole, policy=email.policy.HTTP)
    return {p.get_param('name', header='content-disposition'):
            (p.get_filename(), p.get_payload(decode=True)) for p in message.iter_parts()}


def slicer(s):
    """The requests of MONAI Label's clients: by session, by an image's name, with the file."""
    info = s.ask('GET', '/info/')[2]
    claim(info['models']['volumes']['labels'] == {'label 1': 1, 'label 2': 2} and
          info['models']['volumes']['dimension'] == 3 and
          info['models']['slices']['dimension'] == 2 and 'config' not in info and
          info['trainers'] == {}, f'info: {info}')
    image, mask = data('image.nii.gz'), data('mask.nii.gz')
    body, head = form({'params': '{}'}, {'files': image})
    code, _, session = s.ask('PUT', '/session/?expiry=60', body, head)
    name = session['session_id']
    claim(code == 200 and len(name) == 32, 'an upload makes a session')
    claim(s.ask('GET', f'/session/{name}')[0] == 200, 'which is there')
    body, head = form({'params': '{"largest_cc": true}'}, {})
    code, headers, raw = s.ask('POST', f'/infer/volumes?image=&session_id={name}', body, head)
    answer = parts(headers, raw)
    claim(code == 200 and answer['file'] == ('mask.nii.gz', mask), 'it gives the mask of the file')
    claim(json.loads(answer['params'][1])['label_names'] == {'label 1': 1, 'label 2': 2},
          'with the meaning of its values')
    claim(s.ask('DELETE', f'/session/{name}')[0] == 200, 'the session ends')
    s.refuses(404, 'no such session', 'GET', f'/session/{name}')
    s.refuses(404, 'upload it first', 'POST', f'/infer/volumes?session_id={name}', body, head)
    put, put_head = form({}, {'file': image})
    claim(s.ask('PUT', '/datastore/?image=..%2F..%2FAnna', put, put_head)[::2] ==
          (200, {'image': '../../Anna'}), 'an image has any name, which is of no file')
    body, head = form({'params': '{"result_extension": ".nrrd"}'}, {})
    code, _, raw = s.ask('POST', '/infer/volumes?image=..%2F..%2FAnna&output=image', body, head)
    claim(code == 200 and raw.startswith(b'NRRD000'), 'output=image is the mask alone, as NRRD')
    claim(s.ask('POST', '/infer/volumes?image=..%2F..%2FAnna&output=image', b'',
                {'Content-Encoding': 'gzip'})[::2] == (200, mask),
          'a stored image is as it was sent, whatever this request says of its own body')
    s.refuses(400, 'not UTF-8', 'PUT', '/datastore/?image=%FF', put, put_head)
    body, head = form({'params': '{}'}, {'file': data('image.png')})
    code, headers, raw = s.ask('POST', '/infer/slices', body, head)
    claim(code == 200 and parts(headers, raw)['file'] == ('mask.png', data('mask.png')),
          'the file may come with the request')
    for params in ('[' * 2000 + ']' * 2000, '{"a":' * 2000 + '1' + '}' * 2000, '[' * 60000):
        deep, kind = form({'params': params}, {'file': data('image.png')})
        claim(s.ask('POST', '/infer/slices?output=image', deep, kind)[::2] ==
              (200, data('mask.png')), f'params may be deep: {params[:6]}')
    long, kind = form({'params': '[' + '1,' * 40000 + '1]'}, {'file': data('image.png')})
    s.refuses(413, 'the part params has more than 65536 bytes', 'POST', '/infer/slices', long, kind)
    s.refuses(400, 'not whole multipart', 'PUT', '/session/', body[:-9], head)
    s.refuses(400, 'not whole multipart', 'PUT', '/session/', body, {'content-type': 'text/plain'})
    s.refuses(400, 'has no image', 'PUT', '/session/', body, head)
    s.refuses(400, 'all and image only', 'POST', '/infer/slices?output=json', body, head)
    s.refuses(400, 'only a DICOM series', 'POST', '/infer/slices?output=dicom_seg', body, head)
    s.refuses(404, 'upload it first', 'POST', '/infer/slices?image=/etc/passwd', '')
    s.refuses(405, 'takes', 'POST', '/session/', body, head)


def limits(s):
    """Of --max-body 1, --client-timeout 3."""
    big = bytes(1500000)
    s.refuses(413, 'larger than 1048576 bytes', 'POST', '/predict', big)
    c = s.connect()
    c.request('POST', '/predict', iter([big[:700000], big[700000:]]), encode_chunked=True)
    answer = c.getresponse()
    claim(answer.status == 413, f'without its length, too: {answer.status}')
    bomb = gzip.compress(bytes(5000000))
    s.refuses(413, 'decompressed', 'POST', '/predict', bomb, {'Content-Encoding': 'gzip'})
    wide = b'P5 1001 1 255\n' + bytes(1001)
    s.refuses(413, 'has 1001 samples, but at most 1000', 'POST', '/predict', wide)
    s.refuses(400, 'the server allows 1000', 'POST', '/v2/models/slices/infer',
              json.dumps(request([1, 1, 1001], [])))
    slow, begun = [s.raw() for _ in range(20)], time.time()
    for k, one in enumerate(slow):
        one.sendall(b'GET /v2 HTTP/1.1\r\nHost: localhost\r\n' if k % 2 else
                    b'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nx')
    dead = set()
    while len(dead) < len(slow) and time.time() - begun < 60:
        for k, one in enumerate(slow):
            try:
                one.sendall(b'X')
                one.setblocking(False)
                if one.recv(4096) == b'':
                    dead.add(k)
            except BlockingIOError:
                pass
            except OSError:
                dead.add(k)
        claim(s.ask('GET', '/v2/health/live')[0] == 200, 'beside slow clients the server answers')
        time.sleep(.25)
    claim(len(dead) == len(slow), f'{len(dead)} of {len(slow)} slow clients are dropped')
    for one in slow:
        one.close()
    half = s.raw()
    half.sendall(b'GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    half.shutdown(socket.SHUT_WR)
    answer = half.recv(1000)
    claim(answer == b'' or b'200 OK' in answer, 'a half-closed connection ends')
    half.close()
    broken = s.raw()
    broken.sendall(b'\0\1\2 nonsense\r\n\r\n')
    claim(broken.recv(1000)[:12] in (b'', b'HTTP/1.1 400'), 'nonsense is refused')
    broken.close()
    claim(s.until('attunet_waiting', 0), 'nothing waits')


def long_request(side=900):
    """A prediction that takes seconds: windows overlap by far."""
    raw = struct.pack('<f', 3) * (side * side - 1) + struct.pack('<f', 9)
    return binary([1, 1, side, side], raw, outputs=[{'name': 'labels', 'parameters':
                                                     {'binary_data': True}}],
                  parameters={'overlap': 0.9, 'mirror': 'no'})


def send(s, body, head, path='/v2/models/slices/infer?job=mine'):
    c = s.connect()
    c.request('POST', path, body, head)
    return c


def leaves(s):
    body, head = long_request(4000)
    c = send(s, body, head)
    claim(s.until('attunet_running', 1), 'a long prediction runs')
    progress = s.ask('GET', '/progress/mine')
    claim(progress[0] == 200 and progress[2]['state'] == 'runs', f'with progress: {progress[2]}')
    c.close()
    claim(s.until('attunet_running', 0), 'it ends when its client leaves')
    claim(s.metric('attunet_requests_total{route="v2/models/M/infer",status="499"}') == 1,
          'and counts as 499')
    code, _, told = s.ask('GET', '/progress/mine')
    claim(code == 200 and told['state'] == 'none', f'its progress is no error: {told}')
    code, _, text = s.ask('POST', '/predict', data('image.png'))
    claim(code == 200 and text == data('mask.png'), 'the next prediction is whole')


def crowd():
    body, head = long_request(4000)
    with serving('slices', '--queue', '2', '--timeout', '10') as s:
        first = send(s, body, head)
        second = send(s, body, head)
        claim(s.until('attunet_waiting', 1), 'one runs, one waits')
        s.refuses(429, 'is full', 'POST', '/predict', PGM)
        s.process.send_signal(signal.SIGSTOP)  # the time passes without computing
        time.sleep(10)
        s.process.send_signal(signal.SIGCONT)
        codes = [c.getresponse().status for c in (first, second)]
        claim(codes == [504, 504], f'both take too long: {codes}')
        code, _, text = s.ask('POST', '/predict', data('image.png'))
        claim(code == 200 and text == data('mask.png'), 'then a short one is answered')


def slots():
    """A refused request, whose body still comes, takes the place of nobody."""
    begin = b'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 34603008\r\n\r\n'
    begin += bytes(32 << 20)
    with serving('slices', '--queue', '1', '--client-timeout', '600') as s:
        first, second = s.raw(), s.raw()
        first.sendall(begin)  # more than sockets hold: the server reads it
        second.sendall(begin)
        s.refuses(429, 'is full', 'POST', '/predict', PGM)
        s.refuses(429, 'is full', 'GET', '/case/0/image')  # an answer as large as a body
        first.close()
        code = 429
        for _ in range(1200):
            code = s.ask('POST', '/predict', PGM)[0]
            if code != 429:
                break
            time.sleep(.05)
        claim(code == 200, f'when the first has left, the next is answered: {code}')
        second.close()
    with serving('slices', '--queue', '300', '--client-timeout', '600') as s:
        many = [s.raw() for _ in range(280)]
        for one in many:
            one.sendall(b'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx')
        claim(s.ask('GET', '/v2/health/live')[0] == 200, 'beside 280 uploads the server answers')
        for one in many:
            one.close()


def together(s):
    """Several clients at once, each with its own image."""
    def image(k):
        return b'P5 %d %d 255\n' % (W, H) + bytes((int(x) + 11 * k) % 256 for x in PIXELS)
    expected = [s.ask('POST', '/predict?ending=.npy', image(k))[2] for k in range(4)]
    wrong = []

    def client(k):
        c = s.connect((f'127.0.0.{2 + k % 3}', 0))
        for _ in range(8):
            code, _, text = s.ask('POST', '/predict?ending=.npy', image(k % 4), connection=c)
            if code != 200 or text != expected[k % 4]:
                wrong.append((k, code))
        c.close()
    threads = [threading.Thread(target=client, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    claim(not wrong and len(set(expected)) > 1, f'64 requests of 8 clients are right: {wrong}')


def drains():
    body, head = long_request(300)
    with serving('slices') as s:
        expected = s.ask('POST', '/v2/models/slices/infer', body, head)[2]
        c = send(s, body, head)
        s.until('attunet_running', 1)
        kept = s.connect()
        s.ask('GET', '/v2/health/ready', connection=kept)
        s.process.send_signal(signal.SIGTERM)
        answer = c.getresponse()
        text = answer.read()
        size = int(answer.headers['Inference-Header-Content-Length'])
        claim(answer.status == 200 and text[size:] == expected[-len(text[size:]):] and
              len(text) > size, 'after SIGTERM the prediction under way ends')
        code = s.process.wait(120)
        claim(code == 0, f'then the server: {code}')
        try:
            s.ask('GET', '/v2')
            claim(False, 'nobody listens')
        except OSError:
            claim(True, 'nobody listens')
    with serving('slices', '--drain', '0') as s:
        body, head = long_request(4000)
        c = send(s, body, head)
        s.until('attunet_running', 1)
        s.process.send_signal(signal.SIGTERM)
        try:
            code = c.getresponse().status
        except OSError:
            code = 0
        claim(code in (0, 503) and s.process.wait(60) == 0, 'with --drain 0 it stops at once')


def tokens():
    with open('token', 'w', encoding='ascii') as file:
        file.write('0123456789abcdef\n')
    with serving('slices', '--host', '0.0.0.0', '--token-file', 'token') as s:
        s.refuses(401, 'a token is needed', 'GET', '/v2')
        s.refuses(401, 'a token is needed', 'GET', '/nowhere')
        for wrong in ('Bearer 0123456789abcdeF', 'Bearer 0123456789abcde', 'Bearer ',
                      'Bearer 0123456789abcdef0', 'Basic 0123456789abcdef'):
            s.refuses(401, 'a token', 'POST', '/predict', PGM, {'Authorization': wrong})
        right = {'Authorization': 'Bearer 0123456789abcdef'}
        claim(s.ask('POST', '/predict', PGM, right)[0] == 200, 'the token opens')
        claim(s.ask('GET', '/v2/health/live')[0] == 200, 'health needs none')
        claim('0123456789' not in s.stop()[1], 'the log does not hold it')


def pages():
    """A page of another site, such as OHIF, as its browser asks for it."""
    page = {'Origin': 'http://localhost:3000', 'Sec-Fetch-Site': 'same-site'}
    ask = {**page, 'Access-Control-Request-Method': 'PUT',
           'Access-Control-Request-Headers': 'content-type'}
    with serving('slices', '--allow-origin', 'http://localhost:3000') as s:
        code, headers, text = s.ask('OPTIONS', '/datastore/label?image=1.2', None, ask)
        claim(code == 204 and text == b'' and 'PUT' in headers['Access-Control-Allow-Methods'] and
              'Content-Type' in headers['Access-Control-Allow-Headers'] and
              headers['Access-Control-Allow-Origin'] == page['Origin'] and
              headers['Vary'] == 'Origin', f'its browser asks first: {headers}')
        for far in page, {**page, 'Sec-Fetch-Site': 'cross-site'}:
            code, headers, text = s.ask('POST', '/predict', data('image.png'), far)
            claim(code == 200 and text == data('mask.png') and
                  headers['Access-Control-Allow-Origin'] == page['Origin'], 'then the page')
        for other in ('http://localhost:3001', 'http://localhost:3000.evil.example', 'null',
                      'https://localhost:3000', 'HTTP://localhost:3000'):
            for method in 'OPTIONS', 'POST':
                code, headers, text = s.ask(method, '/predict', PGM, {**ask, 'Origin': other})
                claim(code == 403 and 'Access-Control-Allow-Origin' not in headers,
                      f'{method} of {other}: {code}')
        code, headers, _ = s.ask('GET', '/v2', headers={**page, 'Host': 'evil.example'})
        claim(code == 421, 'the host must be right for it, too')
        code, headers, _ = s.ask('OPTIONS', '/predict')
        claim(code == 405 and 'Access-Control-Allow-Origin' not in headers, 'others ask in vain')
    with serving('slices', '--allow-origin', 'http://localhost:3000', '--host', '0.0.0.0',
                 '--token-file', 'token') as s:
        claim(s.ask('OPTIONS', '/v2', None, ask)[0] == 204, 'a browser asks without a token')
        s.refuses(401, 'a token is needed', 'GET', '/v2', None, page)
        token = {**page, 'Authorization': 'Bearer 0123456789abcdef'}
        claim(s.ask('GET', '/v2', None, token)[0] == 200, 'its page needs one')


def main():
    with serving('slices', 'slices=slices/model.safetensors', 'volumes/../volumes') as s:
        for check in (describes, infers, choices, outputs, files, slicer, errors, callers):
            check(s)
        s.ask('POST', '/predict/slices?ending=.png&job=Anna', PGM, {'X-Name': 'Anna'})
        code, log = s.stop()
        lines = log.splitlines()
        claim(code == 0, 'it ends with 0')
        claim(len(lines) > 50 and all(json.loads(line)['status'] for line in lines),
              'each request is a line of JSON in the log')
        claim('Anna' not in log and 'image' not in log, 'without names')
    with serving('slices', '--max-body', '1', '--client-timeout', '3', '--max-voxels', '1000') as s:
        limits(s)
    with serving('slices', '--workers', '2', '--threads', '2') as s:
        leaves(s)
        together(s)
    crowd()
    slots()
    drains()
    tokens()
    pages()
    sys.exit(bad > 0)


if __name__ == '__main__':
    main()
