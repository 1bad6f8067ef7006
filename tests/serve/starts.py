# SPDX-License-Identifier: Apache-2.0
"""Starts attunet serve beside another server, again after it, and with words that it refuses.

starts.py ATTUNET: works in the current folder, which holds the run `slices` (2D).  Prints a line
`ok` or `not ok` for each claim.
"""
import os
import signal
import socket
import subprocess
import sys

import drive
from drive import claim, serving


def refused(code, text, *words, command='serve'):
    """It ends at once with one sentence."""
    end = subprocess.run([drive.ATTUNET, command, *words], capture_output=True, text=True,
                         check=False, timeout=120)
    claim((end.returncode, end.stdout, end.stderr) == (code, '', f'attunet-serve: {text}\n'),
          f'{command} {" ".join(words)}: {end.returncode} {end.stderr}')


def ports():
    with serving('slices') as s:
        port = str(s.port)
        taken = f'port {port}: Address already in use; choose another --port'
        refused(6, f'cannot listen on 127.0.0.1 {taken}', 'slices', '--port', port)
        refused(6, f'cannot listen on 0.0.0.0 {taken}', 'slices', '--port', port, '--host',
                '0.0.0.0', '--token-file', 'token')
        kept = s.connect()
        s.ask('GET', '/v2/health/ready', connection=kept)
        s.process.send_signal(signal.SIGTERM)
        claim(s.process.wait(120) == 0, 'it ends, and closes a connection')
    with socket.socket() as other:
        try:
            other.bind(('127.0.0.1', int(port)))
            claim(False, 'the connection is remembered')
        except OSError:
            claim(True, 'the connection is remembered')
    with serving('slices', '--port', port) as s:
        claim(s.port == int(port), 'which does not keep the next server from its port')


def datastores():
    other = 'another attunet serve or view uses --datastore kept; stop it, or give another'
    with serving('slices', '--datastore', 'kept'):
        refused(6, other, 'slices', '--port', '0', '--datastore', 'kept')
    with serving('slices', '--datastore', 'kept') as s:
        claim(s.ask('GET', '/info/')[2]['datastore']['total'] == 0, 'then the next one may')
    refused(2, '--datastore us has files, but no list of this program; give another', 'slices',
            '--datastore', 'us')
    refused(2, '--datastore token is no folder; give another', 'slices', '--datastore', 'token')
    refused(6, 'cannot make --datastore /proc/kept: No such file or directory; give another',
            'slices', '--datastore', '/proc/kept')


def names():
    """What requests name; nobody guesses what the user meant."""
    for word, name in (('ü=slices', 'ü'), ('a b=slices', 'a b'), ('..=slices', '..'),
                       ('x"y=slices', 'x"y'), (f'{64 * "n"}=slices', 64 * 'n'), ('a b', 'a b'),
                       ('.hidden=slices', '.hidden')):
        path = word.split('=')[-1]
        refused(2, f"'{name}' cannot be the name of a model; write NAME={path}, with a NAME of at "
                "most 63 letters of A-Z, a-z, 0-9, '-', '_' and '.'", word)
    words = 'slices', './slices/', 'slices/model.safetensors', 'slices/.', f'{63 * "n"}=slices'
    with serving(*words) as s:
        index = s.ask('POST', '/v2/repository/index', '{}')[2]
        claim([(m['name'], m['version']) for m in index] ==
              [('slices', '1'), ('slices', '2'), ('slices', '3'), ('slices', '4'),
               (63 * 'n', '1')], f'names come from paths: {index}')


def missing():
    """As every command ends where a file is missing, and where one is no model."""
    for word in 'nothere', 'a=nothere', 'nothere/model.safetensors':
        refused(6, f'{word.split("=")[-1]} does not exist; check the path', word)
    refused(7, 'us has no model.safetensors; give a model file, or a run folder in which training '
            'has saved a model', 'us')


def tokens():
    def write(raw, mode=0o600):
        with open('secret', 'wb') as file:
            file.write(raw)
        os.chmod('secret', mode)
    words = '--token-file', 'secret'
    for raw in (b'0123456789 abcdef', b'\xef\xbb\xbf0123456789abcdef', b'0123456789abcdef\t\n',
                '0123456789abcdefé\n'.encode()):
        write(raw)
        refused(2, 'the first line of the token file secret has a space or a letter outside ASCII; '
                "make a token with 'openssl rand -hex 32'", 'slices', *words)
    for mode, said in ((0o640, ''), (0o644, 'attunet-serve: every user of this machine can read '
                                     "the token file secret; run 'chmod o-r' on it\n")):
        write(b'0123456789abcdef\r\n', mode)
        with serving('slices', *words) as s:
            log = s.stop()[1]
            claim(log == said, f'a token file of mode {mode:o}: {log}')


def main():
    with open('token', 'w', encoding='ascii') as file:
        file.write('0123456789abcdef\n')
    os.chmod('token', 0o600)
    ports()
    datastores()
    names()
    missing()
    tokens()
    sys.exit(drive.bad > 0)


main()
