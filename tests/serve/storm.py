# SPDX-License-Identifier: Apache-2.0
"""Sends attunet serve what no client should: floods, wrong lengths, deep and huge values.

storm.py ATTUNET: works in the current folder, which holds the run `slices` (2D).  Prints a line
`ok` or `not ok` for each claim: the status, that the server then answers, and flat memory.
"""
import json
import resource
import socket
import sys
import time

import drive
from drive import H, PIXELS, RAW, W, binary, claim, form, long_request, request, send, serving

INFER = '/v2/models/slices/infer'
IDLE = 1000
PATIENCE = 600  # seconds that the server waits for a client: longer than the storm
MiB = 1 << 20


def head(method, path, *lines):
    return '\r\n'.join((f'{method} {path} HTTP/1.1', 'Host: localhost', *lines, '', '')).encode()


def receive(one, answers=1):
    """Statuses of so many answers, and the bytes; fewer if the server closes."""
    raw = b''
    try:
        while raw.count(b'HTTP/1.1 ') < answers or not raw.endswith(b'}'):
            part = one.recv(1 << 16)
            if not part:
                break
            raw += part
    except ConnectionResetError:
        pass
    return [int(x[:3]) for x in raw.split(b'HTTP/1.1 ')[1:]], raw


def tell(s, *parts):
    """Statuses of what the parts get; none: the server closed the connection."""
    with s.raw() as one:
        try:
            for part in parts:
                one.sendall(part)
        except OSError:  # it has closed already
            pass
        return receive(one)[0]


def says(s, statuses, what, *parts):
    got = tell(s, *parts)
    claim((got[0] if got else 0) in statuses, f'{what}: {got}')


def heads(s):
    """0: the connection ends without an answer."""
    says(s, (431, 413, 0), '2000 headers',
         head('GET', '/v2', *[f'X-{k}: {"y" * 100}' for k in range(2000)]))
    says(s, (431, 413, 0), 'a header of 1 MiB', head('GET', '/v2', 'X: ' + 'y' * MiB))
    says(s, (414, 431, 0), 'a path of 1 MiB', head('GET', '/' + 'y' * MiB))
    says(s, (414, 431, 404), 'a path of 60 KiB', head('GET', '/' + '%41' * 20000))
    says(s, (400, 405, 404), 'a method of 10 KiB', head('Q' * 10000, '/v2'))
    says(s, (400, 505, 0), 'HTTP/9.9', b'GET /v2 HTTP/9.9\r\nHost: localhost\r\n\r\n')
    says(s, (400, 414, 0), 'only line breaks', b'\r\n' * 100000)


def lengths(s):
    body = json.dumps(request([1, H, W], PIXELS)).encode()
    for length in ('-1', 'x', '18446744073709551615', '18446744073709551616', '9' * 40, '0x10'):
        says(s, (400, 413), f'Content-Length: {length}',
             head('POST', INFER, f'Content-Length: {length}'))
    says(s, (400, 413, 0), 'two lengths',
         head('POST', INFER, 'Content-Length: 5', f'Content-Length: {len(body)}') + body)
    says(s, (400,), 'a length that is too small',
         head('POST', INFER, f'Content-Length: {len(body) - 9}') + body)
    with s.raw() as one:
        one.sendall(head('POST', INFER, f'Content-Length: {len(body) + 9}') + body)
        one.shutdown(socket.SHUT_WR)
        claim(receive(one)[0] in ([], [400]), 'a length that is too large ends with the client')
    for size in ('18446744073709551615', '9' * 40, '-1', str(len(body) + 1)):
        says(s, (400,), f'Inference-Header-Content-Length: {size}',
             head('POST', INFER, f'Content-Length: {len(body)}',
                  f'Inference-Header-Content-Length: {size}') + body)


def chunks(s):
    body = json.dumps(request([1, H, W], PIXELS)).encode()
    start = head('POST', INFER, 'Transfer-Encoding: chunked')
    small = b''.join(b'%x\r\n%b\r\n' % (len(part), part)
                     for part in (body[i:i + 100] for i in range(0, len(body), 100)))
    says(s, (200,), 'a body in chunks', start + small + b'0\r\n\r\n')
    for size in (b'fffffffffffffffff', b'-5', b'g', b'', b'0x5'):
        says(s, (400, 413, 0), f'a chunk of {size}', start + size + b'\r\nhello\r\n0\r\n\r\n')
    says(s, (400, 0), 'a chunk longer than it says', start + b'2\r\nhello\r\n0\r\n\r\n')
    with s.raw() as one:
        one.sendall(start + small)
        one.shutdown(socket.SHUT_WR)
        claim(receive(one)[0] in ([], [400]), 'chunks without an end')
    with s.raw() as one:
        one.sendall(head('POST', INFER, f'Content-Length: {len(body)}', 'Expect: 100-continue'))
        claim(b'HTTP/1.1 100' in one.recv(1000), 'a client that asks may go on')
        one.sendall(body)
        claim(receive(one)[0] == [200], 'and gets its answer')
    says(s, (413,), 'one whose body is too large may not',
         head('POST', INFER, f'Content-Length: {1 << 40}', 'Expect: 100-continue'))


def pipeline(s):
    with s.raw() as one:
        many = b''
        for k in range(20):
            body = json.dumps(request([1, H, W], PIXELS, id=str(k))).encode()
            many += head('POST', INFER, f'Content-Length: {len(body)}') + body
        one.sendall(many)
        codes, raw = receive(one, 20)
        order = [raw.find(b'"id":"%d"' % k) for k in range(20)]
        claim(codes == [200] * 20 and order == sorted(order) and order[0] > 0,
              '20 requests sent at once are answered in their order')


def forms(s):
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    kind = {'Content-Type': 'multipart/form-data; boundary=x'}
    s.refuses(400, 'multipart', 'POST', '/infer/slices', part * 100000 + b'--x--\r\n', kind)
    mark = 'b' * 10240
    body, _ = form({}, {'file': b'1'})
    s.refuses(400, 'multipart', 'POST', '/infer/slices', body,
              {'Content-Type': f'multipart/form-data; boundary={mark}'})
    s.refuses(400, 'multipart', 'POST', '/infer/slices', b'\r\n--' * 100000, kind)
    for deep in ('[' * 100000, '{"a":' * 100000):
        s.refuses(400, 'line 1 of the JSON', 'POST', INFER, deep)
        s.refuses(400, 'line 1 of the JSON', 'POST', INFER,
                  '{"inputs": [{"name": "image", "shape": [1, 1, 1], "datatype": "FP32", "data": ' +
                  deep)


def shapes(s):
    most = (1 << 31) - 1
    for shape in ([1, most, most, most], [1, 1, 65536, 65536, 65536], [1, most, most],
                  [1, 1 << 16, 1 << 16], [1, 1 << 62, 4], [1, 1 << 32, 1], [1, -1, -1],
                  [1, 1e308, 1e308], [1] * 100000):
        body, headers = binary(shape, RAW)
        code, _, text = s.ask('POST', INFER, body, headers)
        claim(code == 400 and 'error' in text, f'the shape {str(shape)[:40]}: {code}')
    body = json.dumps(request([1, 1, 9])).encode()
    for size in (-1, (1 << 63) - 1, 36.5, '36'):
        whole = json.loads(body)
        whole['inputs'][0]['parameters'] = {'binary_data_size': size}
        text = json.dumps(whole).encode()
        s.refuses(400, 'binary_data_size', 'POST', INFER, text + bytes(36),
                  {'Inference-Header-Content-Length': str(len(text))})
    s.refuses(400, 'line 1 of the JSON', 'POST', INFER,
              '{"inputs": [{"name": "image", "shape": [1, 1, 99999999999999999999]}]}')


def leavers(s):
    """Ten leave while the first is predicted and nine wait."""
    body, headers = long_request(4000)
    many = [send(s, body, headers, INFER) for _ in range(10)]
    claim(s.until('attunet_waiting', 9), 'one prediction runs, nine wait')
    for one in many:
        one.close()
    claim(s.until('attunet_running', 0) and s.until('attunet_waiting', 0), 'all have left')
    with s.raw() as one:  # its sending half alone
        body, headers = long_request(2000)
        one.sendall(head('POST', INFER, f'Content-Length: {len(body)}',
                         *[f'{k}: {v}' for k, v in headers.items()]) + body)
        one.shutdown(socket.SHUT_WR)
        claim(receive(one)[0] == [], 'a client that closes its sending half has left')
    claim(s.ask('POST', '/predict', drive.PGM)[0] == 200, 'the worker is free')


def idle(s):
    """More connections than the server takes: the oldest that are idle give way."""
    many = [s.raw() for _ in range(IDLE)]
    for k in range(5):
        claim(s.ask('POST', '/predict', drive.PGM)[0] == 200, f'{k}: answers beside {IDLE} others')
    body = json.dumps(request([1, H, W], PIXELS)).encode()
    many[-1].sendall(head('POST', INFER, f'Content-Length: {len(body)}') + body)
    claim(receive(many[-1])[0] == [200], 'the last one is there')
    for one in many:
        one.close()


def room(s):
    """MiB of which memory may grow: ASan keeps what was freed for a while."""
    with open(f'/proc/{s.process.pid}/maps', encoding='utf-8') as maps:
        return 300 if 'asan' in maps.read() else 8


def resident(s, before):
    """MiB, when the server has rested; asked again for a minute if it is more than before."""
    for _ in range(20):
        time.sleep(3)  # without a request it gives memory back
        now = s.metric('attunet_resident_bytes') / MiB
        if not before or now < before[0] + room(s):
            break
    return now


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most < IDLE + 100:
        sys.exit(f'SKIPPED: this process may open only {most} files')
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with serving('slices', '--client-timeout', str(PATIENCE)) as s:
        memory = []
        for _ in range(3):
            for check in (heads, lengths, chunks, pipeline, forms, shapes, leavers, idle):
                check(s)
            memory.append(resident(s, memory))
        claim(memory[2] < memory[0] + room(s), f'memory stays flat: {memory}')
        claim(s.stop()[0] == 0, 'the server ends as it should')
    sys.exit(drive.bad > 0)


main()
