#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients at once: errors, how long a request takes, and whether memory grows.

Usage: load.py ATTUNET MODEL [SECONDS]    with a small 2D model of one channel

64 clients send the same image of 48x40 pixels as fast as they get answers.  In a fair queue each
then waits for 64 predictions, which is `ideal`.  A machine that others use is at times slower than
on average, and so are answers then; how many others were answered before one request does not
depend on that.  Resident memory is read six times.  Timeouts are long, so that a machine that
pauses makes requests slow, but not wrong.  One thread is all clients: threads of Python would wait
for each other.
"""

import http.client
import json
import selectors
import socket
import struct
import subprocess
import sys
import time

CLIENTS, H, W = 64, 48, 40


def request():
    raw = struct.pack(f'<{H * W}f', *[float((3 * k * k + 7 * k) % 256) for k in range(H * W)])
    text = json.dumps({
        'inputs': [{'name': 'image', 'shape': [1, 1, H, W], 'datatype': 'FP32',
                    'parameters': {'binary_data_size': len(raw)}}],
        'parameters': {'binary_data_output': True}}).encode()
    return (f'POST /v2/models/model/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: '
            f'{len(text) + len(raw)}\r\nInference-Header-Content-Length: {len(text)}\r\n\r\n'
            ).encode() + text + raw


class Client:
    """answered: how many requests of all clients were, before its own."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.answer = b''
        self.begun = self.answered = 0

    def send(self, body, answered):
        self.answer, self.begun, self.answered = b'', time.time(), answered
        self.socket.sendall(body)

    def receive(self):
        """The status of a whole answer, else None."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise OSError('the server closed a connection')
        self.answer += part
        head, end, rest = self.answer.partition(b'\r\n\r\n')
        if not end:
            return None
        size = int(head.lower().split(b'content-length:')[1].split(b'\r\n')[0])
        return int(head.split()[1]) if len(rest) >= size else None


def load(port, seconds):
    """Lists: seconds of each request, others answered meanwhile, errors, memory."""
    times, others, bad, memory, body = [], [], [], [], request()
    select, begun = selectors.DefaultSelector(), time.time()
    clients = [Client(port) for _ in range(CLIENTS)]
    for one in clients:
        select.register(one.socket, selectors.EVENT_READ, one)
        one.send(body, 0)
    while select.get_map():
        for key, _ in select.select():
            one = key.data
            try:
                status = one.receive()
            except OSError as error:
                status = str(error)
            if status is None:
                continue
            times.append(time.time() - one.begun)
            others.append(len(times) - 1 - one.answered)
            if status != 200:
                bad.append(status)
            if time.time() < begun + seconds and not isinstance(status, str):
                one.send(body, len(times))
            else:
                select.unregister(one.socket)
                one.socket.close()
        if len(memory) < 6 and time.time() > begun + (len(memory) + 1) * seconds / 6.5:
            memory.append(round(resident(port), 1))
    return times, others, bad, memory


def resident(port):
    c = http.client.HTTPConnection('127.0.0.1', port)
    c.request('GET', '/metrics')
    lines = c.getresponse().read().decode().splitlines()
    return float([x for x in lines if x.startswith('attunet_resident_bytes ')][0].split()[1]) / 1e6


def main():
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 60
    server = subprocess.Popen([sys.argv[1], 'serve', f'model={sys.argv[2]}', '--port', '0',
                               '--threads', '1', '--queue', '100', '--client-timeout', '600'],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = int(server.stdout.readline().rsplit(':', 1)[1])
    begun = time.time()
    times, others, bad, memory = load(port, seconds)
    ideal = CLIENTS * (time.time() - begun) / len(times)
    times.sort()
    others.sort()
    middle, late = (times[int(len(times) * share)] for share in (.5, .99))
    print(f'{len(times)} requests, {len(bad)} errors {bad[:3]}; ideal {1e3 * ideal:.0f} ms, median '
          f'{1e3 * middle:.0f} ms, 99 of 100 within {1e3 * late:.0f} ms; resident MB {memory}; '
          f'99 of 100 waited for {others[int(len(others) * .99)]} others at most, all for '
          f'{others[-1]}')
    server.terminate()
    server.wait()


main()
