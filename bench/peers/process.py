# SPDX-License-Identifier: Apache-2.0
"""The processes that are timed: each is stopped (SIGSTOP) but while it is its turn, so that no idle
one takes processor time."""

import os, signal, subprocess, time

TURN = 5  # seconds


class Failed(Exception):
    pass


class Worker:
    def __init__(self, name, command, environment, log):
        self.name, self.log = name, log
        with open(log, "w") as errors:
            start = time.perf_counter()
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                bufsize=1,
                env={**os.environ, **environment},
            )
        self.seconds, self.bare = [], 0
        try:
            words = self.answer("ready")
            self.ready = time.perf_counter() - start
            self.bare = int(words[1]) * 1024 if len(words) > 1 else 0
            self.pause()
        except BaseException:
            self.end()
            raise

    def answer(self, expected):
        line = self.process.stdout.readline()
        while line and line.split()[:1] != [expected]:  # what an engine prints of its own accord
            line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            with open(self.log) as f:
                last = f.read().strip().splitlines()[-3:]
            raise Failed(
                f"{self.name} ended with status {self.process.returncode}: " + " | ".join(last)
            )
        return line.split()

    def tell(self, word):
        try:
            self.process.stdin.write(word + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # answer() says what became of it

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def run(self):
        start = time.perf_counter()
        self.tell("run")
        self.answer("done")
        return time.perf_counter() - start

    def turn(self, runs):
        """One run to warm the caches, then the median of some, of fewer where they are long."""
        self.resume()
        begun = time.perf_counter()
        self.run()
        times = [self.run()]
        while len(times) < runs and time.perf_counter() - begun < TURN:
            times.append(self.run())
        self.pause()
        self.seconds.append(median(times))

    def save(self):
        self.resume()
        self.tell("save")
        self.answer("done")
        self.pause()

    def peak_memory(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) * 1024

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()  # from here on, its time is among that of this process's children


class Others:
    """The share of the processors' time that processes other than ours take."""

    def __init__(self):
        self.wall, self.busy = time.perf_counter(), self.foreign()

    @staticmethod
    def foreign():
        """Processor seconds so far of all but this process and its children that have ended."""
        with open("/proc/stat") as f:
            user, nice, system, _, _, irq, softirq, steal = map(int, f.readline().split()[1:9])
        own = os.times()
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK") - sum(
            own[:4]
        )

    def share(self):
        return (
            max(0, self.foreign() - self.busy) / (time.perf_counter() - self.wall) / os.cpu_count()
        )


def median(values):
    s = sorted(values)
    return (s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2


def timed(command):
    """Seconds from before a command's start to its end."""
    start = time.perf_counter()
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise Failed(f"{' '.join(command)}: {done.stdout.strip()}")
    return seconds
