# SPDX-License-Identifier: Apache-2.0
"""What a process notices: Ctrl-C, threads, forks, memory."""
import _thread
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import attunet

TRAIN = '''
import signal, sys, attunet
# A process in the background of a shell inherits a SIGINT that is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    attunet.train(sys.argv[1], sys.argv[2], steps=1000000, fold=0, patch=(32, 32), threads=1,
                  spec="arch=unet widths=4,4",
                  on_progress=lambda what, done, total, detail:
                      what == "training" and done == 5 and print("going", flush=True))
except KeyboardInterrupt as stopped:
    print("stopped", stopped.__cause__, flush=True)
'''


def test_ctrl_c_saves(home, tmp_path):
    run = tmp_path / 'run'
    with subprocess.Popen([sys.executable, '-c', TRAIN, home / 'flat', run],
                          stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == 'going\n'
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == 'stopped None\n'
    assert process.returncode == 0
    told = attunet.Run(run).info
    assert not told['training'] and 5 <= told['saved']['step'] < 1000000
    with pytest.raises(attunet.Interrupted):
        (run / 'stop').touch()
        attunet.resume(run)


@pytest.mark.parametrize('interrupt', [
    lambda: os.kill(os.getpid(), signal.SIGINT), _thread.interrupt_main,
    lambda: signal.raise_signal(signal.SIGINT)])
def test_ctrl_c_ends_a_prediction_and_only_that(flat, read_file, interrupt):
    model = attunet.load(flat.run)
    large = np.tile(read_file(flat.image), (12, 12))
    for _ in range(5):
        shown = []

        def watch(what, done, total, detail):
            shown.append((done, total))
            if done == 3:
                interrupt()
            time.sleep(.05 * (done >= 3))  # the main thread has all passes to notice it

        with pytest.raises(KeyboardInterrupt):
            model.predict(large, overlap=.75, on_progress=watch)
        done, total = shown[-1]
        assert 3 <= done < total and total > 1000
    assert np.array_equal(model.predict(flat.image).mask, read_file(flat.mask))


def test_threads_share_a_model(flat, read_file):
    model = attunet.load(flat.run, threads=1)
    mask = read_file(flat.mask)
    found = []

    def work():
        for _ in range(5):
            found.append(np.array_equal(model.predict(flat.image).mask, mask))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 20


def test_other_threads_go_on(flat, read_file):
    """The lock of the interpreter is free during a call, not only in its callbacks."""
    model = attunet.load(flat.run, threads=1)
    image = read_file(flat.image)
    turns = [0]
    ended = threading.Event()

    def count():
        while not ended.wait(.001):
            turns[0] += 1

    counter = threading.Thread(target=count)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)  # who has the lock keeps it, in callbacks too, until it waits
    try:
        counter.start()
        for times in 4, 8, 16, 32:  # a fast machine needs more work
            seen = []
            model.predict(np.tile(image, (times, times)), window=(512, 512), overlap=0,
                          on_progress=lambda *given: seen.append(turns[0]))
            during = seen[-1] - seen[0]  # nothing of what Python does before and after
            if during > 9:
                break
    finally:
        sys.setswitchinterval(interval)
        ended.set()
        counter.join()
    assert during > 9


def work_in_child(model, image, queue):
    queue.put(model.predict(image).mask.tobytes())


@pytest.mark.parametrize('method', ['fork', 'spawn', 'forkserver'])
@pytest.mark.filterwarnings('ignore:This process')
def test_processes(flat, read_file, method):
    model = attunet.load(flat.run)
    mine = model.predict(flat.image).mask.tobytes()  # its context has threads now
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    children = [context.Process(target=work_in_child, args=(model, flat.image, queue))
                for _ in range(2)]
    for child in children:
        child.start()
    assert [queue.get(timeout=600) for _ in children] == [mine, mine]
    for child in children:
        child.join()
        assert child.exitcode == 0
    assert model.predict(flat.image).mask.tobytes() == mine


def resident():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')


def test_memory_stays(flat, read_file):
    model = attunet.load(flat.run, threads=1)
    image = read_file(flat.image)[:64, :64].copy()

    def predict(times):
        for i in range(times):
            model.predict(image, attention=i % 2 == 0, probabilities=i % 3 == 0, spacing=1)
            if i % 50 == 0:
                attunet.load(flat.run, threads=1).predict(image)

    # A leak grows in each part; what other tests left in pieces grows now and then.
    predict(200)
    grown = []
    for _ in range(3):
        before = resident()
        predict(400)
        grown.append(resident() - before)
    assert min(grown) < 400 << 10, grown


def test_import_leaves_the_heavy_for_later():
    code = ('import sys, attunet; heavy = {"numpy", "tqdm", "torch", "attunet._commands"}; '
            'print(sorted(heavy & set(sys.modules)))')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout == '[]\n'


def test_the_rest_comes_when_it_is_asked_for():
    code = ('import attunet; assert set(attunet.__all__) <= set(dir(attunet)); '
            'assert "time : " in attunet.train.__doc__; from attunet import *; '
            'print(all(vars(attunet)[name] for name in attunet.__all__)); attunet.trian')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout == 'True\n'
    assert "attunet has no trian; dir(attunet) lists what it has" in done.stderr


def test_the_command(run_command):
    assert run_command('version').startswith('attunet ' + attunet.__version__)
    run_command('predict', status=2)
