#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients at once: errors, how long a request takes, and whether memory grows.

Usage: load.py ATTUNET MODEL [SECONDS]    with a small 2D model of one channel

64 clients send the same image of 48x40 pixels as fast as they get answers.  In a fair queue each
then waits for 64 predictions, which is `ideal`.  Resident memory is read six times.  Timeouts are
long, so that a machine that pauses makes requests slow, but not wrong.
"""

import http.client
import json
import struct
import subprocess
import sys
import threading
import time

CLIENTS, H, W = 64, 48, 40


def request():
    raw = struct.pack(f'<{H * W}f', *[float((3 * k * k + 7 * k) % 256) for k in range(H * W)])
    text = json.dumps({
        'inputs': [{'name': 'image', 'shape': [1, 1, H, W], 'datatype': 'FP32',
                    'parameters': {'binary_data_size': len(raw)}}],
        'parameters': {'binary_data_output': True}}).encode()
    return text + raw, {'Inference-Header-Content-Length': str(len(text))}


def client(port, end, times, bad):
    body, head = request()
    c = http.client.HTTPConnection('127.0.0.1', port, timeout=600)
    while time.time() < end:
        begun = time.time()
        try:
            c.request('POST', '/v2/models/model/infer', body, head)
            answer = c.getresponse()
            answer.read()
            if answer.status != 200:
                bad.append(answer.status)
        except OSError as error:
            bad.append(error)
            c.close()
        times.append(time.time() - begun)


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
    times, bad, begun = [], [], time.time()
    threads = [threading.Thread(target=client, args=(port, begun + seconds, times, bad))
               for _ in range(CLIENTS)]
    for t in threads:
        t.start()
    memory = []
    for _ in range(6):
        time.sleep(seconds / 6.5)
        memory.append(round(resident(port), 1))
    for t in threads:
        t.join()
    ideal = CLIENTS * (time.time() - begun) / len(times)
    times.sort()
    middle, late = (times[int(len(times) * share)] for share in (.5, .99))
    print(f'{len(times)} requests, {len(bad)} errors; ideal {1e3 * ideal:.0f} ms, median '
          f'{1e3 * middle:.0f} ms, 99 of 100 within {1e3 * late:.0f} ms; resident MB {memory}')
    server.terminate()
    server.wait()


main()
