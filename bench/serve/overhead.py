#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What HTTP costs: milliseconds that a binary infer request takes beside att_model_run.

Usage: overhead.py ATTUNET MODEL    with a small 2D model of one channel

For images of several sides it prints the bytes of request and answer, the median time of a request
on an open connection, the median of what the answer's own `seconds` leaves of it, and the limit of
2 ms and 2 ns a byte.  The program uses the standard library, so its own copies are counted, too.
"""

import json
import socket
import statistics
import subprocess
import sys
import time

REPEATS = 15
SIDES = 64, 256, 1024, 2048


def infer(s, body, into):
    """Seconds of a request, those of the prediction, and the bytes of its answer."""
    begun = time.perf_counter()
    s.sendall(body)
    used = 0
    while True:
        used += s.recv_into(memoryview(into)[used:])
        end = into.find(b'\r\n\r\n', 0, used)
        if end >= 0:
            break
    head = bytes(into[:end]).decode().lower()
    if not head.startswith('http/1.1 200'):
        sys.exit(bytes(into[:used]).decode())
    size = int(head.split('\r\ncontent-length: ')[1].split('\r')[0])
    while used < end + 4 + size:
        used += s.recv_into(memoryview(into)[used:])
    seconds = time.perf_counter() - begun
    length = int(head.split('inference-header-content-length: ')[1].split('\r')[0])
    answer = json.loads(bytes(into[end + 4:end + 4 + length]))
    return seconds, answer['parameters']['seconds'], used


def request(side):
    tensor = bytes(range(0, 64)) * (side * side // 16)
    text = json.dumps({
        'inputs': [{'name': 'image', 'shape': [1, 1, side, side], 'datatype': 'FP32',
                    'parameters': {'binary_data_size': len(tensor)}}],
        'parameters': {'mirror': 'no', 'overlap': 0},
        'outputs': [{'name': n, 'parameters': {'binary_data': True}}
                    for n in ('labels', 'probabilities')]}).encode()
    head = ('POST /v2/models/model/infer HTTP/1.1\r\nHost: localhost\r\n'
            f'Content-Length: {len(text) + len(tensor)}\r\n'
            f'Inference-Header-Content-Length: {len(text)}\r\n\r\n').encode()
    return head + text + tensor


def main():
    server = subprocess.Popen([sys.argv[1], 'serve', f'model={sys.argv[2]}', '--port', '0'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = int(server.stdout.readline().rsplit(':', 1)[1])
    s = socket.create_connection(('127.0.0.1', port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print('| side | MB | request, ms | beside the prediction, ms | limit, ms |')
    print('|---|---|---|---|---|')
    for side in SIDES:
        body, into = request(side), bytearray(side * side * 12 + 65536)
        infer(s, body, into)
        rows = [infer(s, body, into) for _ in range(REPEATS)]
        size = len(body) + rows[0][2]
        beside = statistics.median(a - b for a, b, _ in rows) * 1e3
        whole = statistics.median(a for a, _, _ in rows) * 1e3
        print(f'| {side} | {size / 1e6:.2f} | {whole:.2f} | {beside:.2f} | {2 + size * 2e-6:.1f} |')
    server.terminate()
    server.wait()


main()
