#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether it pays to correct the cases of which the model is least sure.

Usage: learning_loop.py ATTUNET DATASET WORK [SEED...]    (seeds: 1 2 3)

DATASET has a file in images/ and one of the same name in labels/ for each case.  Every fifth case
is held out and scores all models; 80 others are a pool.  A seed draws 10 of the pool, and a model
trains on them.  Then five times, five more cases get their true label, which stands for a person's
correction.  The model goes on from its weights (--init) with all that are labelled.  One arm draws
these cases.  The other asks `attunet serve` for its order of next samples.  Both arms begin with
the same model and make equal steps.  For each round, `attunet compare` takes the mean of a held-out
case over the seeds and pairs the cases.  What is in WORK already is not made again.
"""

import concurrent.futures
import http.client
import json
import os
import random
import subprocess
import sys

POOL, FIRST, MORE, ROUNDS, STEPS_FIRST, STEPS_MORE = 80, 10, 5, 5, 400, 100
ARMS = 'random', 'uncertainty'
NETWORK = '--spec', 'dims=3 widths=8,16,32'
TRAINING = ('--patch', '32x40x32', '--batch', '2', '--precision', 'bf16', '--mirror', 'no',
            '--validate-every', '0')
MARK = 'between-parts-of-this-form'


def name_of(file):
    return file.split('.')[0]


class Loop:
    def __init__(self, attunet, data, work):
        self.attunet, self.data, self.work = attunet, data, work
        self.files = {name_of(f): f for f in sorted(os.listdir(os.path.join(data, 'images')))
                      if not f.startswith('.')}
        names = list(self.files)
        self.held = names[::5]
        others = [n for n in names if n not in set(self.held)]
        self.pool = random.Random(0).sample(others, min(POOL, len(others)))
        os.makedirs(work, exist_ok=True)
        self.held_list = self.list('held', self.held)

    def at(self, *words):
        return os.path.join(self.work, *words)

    def image(self, case):
        return os.path.join(self.data, 'images', self.files[case])

    def list(self, name, cases):
        path = self.at(name + '.txt')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(cases) + '\n')
        return path

    def run(self, *words):
        subprocess.run([self.attunet, *words, '--quiet', '--threads', '1'], check=True,
                       stdout=subprocess.DEVNULL)

    def model(self, name, seed, cases, init=None):
        """Trains and scores; the scores come last."""
        run, masks, scores = self.at(name), self.at(name + '-masks'), self.at(name + '.json')
        if os.path.exists(scores):
            return run
        cases = self.list(name, cases)
        subprocess.run(['rm', '-rf', run, masks], check=True)
        self.run('train', self.data, '-o', run, '--train-list', cases, '--seed', str(seed),
                 '--steps', str(STEPS_MORE if init else STEPS_FIRST), *TRAINING,
                 *(('--init', init) if init else NETWORK))
        self.run('predict', run, *map(self.image, self.held), '-o', masks)
        self.run('evaluate', masks, os.path.join(self.data, 'labels'), '--cases',
                 self.held_list, '--metrics', 'dice', '--summary', scores)
        return run

    # ---- the order of next samples

    def upload(self, connection, case):
        with open(self.image(case), 'rb') as file:
            body = (f'--{MARK}\r\nContent-Disposition: form-data; name="file"\r\n\r\n'.encode() +
                    file.read() + f'\r\n--{MARK}--\r\n'.encode())
        self.ask(connection, 'PUT', '/datastore/?image=' + case, body)

    @staticmethod
    def ask(connection, method, path, body=None):
        connection.request(method, path, body,
                           {'Content-Type': f'multipart/form-data; boundary={MARK}'})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f'{method} {path}: {answer.status} {text.decode()}')
        return json.loads(text)

    def doubts(self, run, store):
        """{case: mean entropy} as the server ranks them."""
        server = subprocess.Popen([self.attunet, 'serve', run, '--datastore', store, '--port', '0',
                                   '--threads', '1'],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            port = int(server.stdout.readline().rsplit(':', 1)[1])
            c = http.client.HTTPConnection('127.0.0.1', port, timeout=600)
            there = {case['name'] for case in self.ask(c, 'GET', '/cases')['cases']}
            for case in self.pool:
                if case not in there:
                    self.upload(c, case)
            first = self.ask(c, 'POST', '/activelearning/entropy', '{}')['id']
            doubts = {case['name']: case['doubt'] for case in self.ask(c, 'GET', '/cases')['cases']}
        finally:
            server.terminate()
            server.wait()
        if first != max(doubts, key=doubts.get):
            sys.exit(f'the server asks for {first}, which is not the case of most doubt')
        return doubts

    # ---- the loop

    def chain(self, arm, seed, labelled, run):
        """Five rounds."""
        draw = random.Random(1000 + seed)
        for k in range(1, ROUNDS + 1):
            rest = [c for c in self.pool if c not in labelled]
            if arm == 'random':
                more = draw.sample(rest, MORE)
            else:
                doubts = self.doubts(run, self.at(f'store-{seed}'))
                more = sorted(rest, key=lambda case: -doubts[case])[:MORE]
            labelled = labelled + more
            run = self.model(f'{arm}-{seed}-{k}', seed, labelled, run)
            print(f'{arm}, seed {seed}, round {k}: {" ".join(more)}', flush=True)

    def first(self, seed):
        cases = random.Random(seed).sample(self.pool, FIRST)
        return cases, self.model(f'first-{seed}', seed, cases)

    def compare(self, names):
        words = [f'{arm}={",".join(self.at(f"{name}.json") for name in list_)}'
                 for arm, list_ in names.items()]
        return subprocess.run([self.attunet, 'compare', *words, '--markdown'], check=True,
                              capture_output=True, text=True).stdout


def main():
    loop = Loop(*sys.argv[1:4])
    seeds = [int(s) for s in sys.argv[4:]] or [1, 2, 3]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        begun = dict(zip(seeds, pool.map(loop.first, seeds)))
        ends = [pool.submit(loop.chain, arm, seed, *begun[seed]) for seed in seeds for arm in ARMS]
        for end in ends:
            end.result()
    print(f'{len(loop.held)} held-out cases, {len(loop.pool)} others')
    first = {'first': [f'first-{seed}' for seed in seeds]}
    for k in range(1, ROUNDS + 1):
        arms = {arm: [f'{arm}-{seed}-{k}' for seed in seeds] for arm in ARMS}
        print(f'round {k}\n{loop.compare(arms)}\n{loop.compare({**first, **arms})}')


main()
