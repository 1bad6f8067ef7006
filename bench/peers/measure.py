# SPDX-License-Identifier: Apache-2.0
"""Measures one row: everybody's process is started, then they take turns, round by round."""

import dataclasses, datetime, os, subprocess, sys, tempfile

import make_nets
from process import Failed, Others, Worker, median, timed
from rows import LAYOUTS, formats

HERE = os.path.dirname(os.path.abspath(__file__))
ATTEMPTS = 3  # rounds that are dropped, at most, for one that counts
DIFFERENCE = 1e-3  # of the largest logit, at most, for engines that compute in float32
STARTS = 21


class Unsteady(Exception):
    """The machine changes too much for numbers worth reporting."""

    def __init__(self, why, engines):
        super().__init__(why)
        self.engines = engines


class Bench:
    def __init__(self, options, folder):
        self.o, self.folder = options, folder  # folder: for what is left over
        self.program = lambda name: os.path.join(options.build, name)

    # ---- the row

    def measure(self, row):
        """A dictionary for the report; with "refused" in it when the numbers are not worth
        reporting."""
        refused = None
        self.peaks, self.moved, self.dropped, others = [self.peak()], 0, 0, Others()
        try:
            engines = self.starts(row) if row.kind == "start" else self.rounds(row)
        except Unsteady as e:
            engines, refused = e.engines, str(e)
        for e in engines:
            if (
                e["difference"] is not None
                and row.precision == "f32"
                and "bf16" not in e["name"]
                and not e["difference"] <= DIFFERENCE
            ):
                refused = (
                    f"what {e['name']} computes differs from ours by {e['difference']:.1e} of the"
                    " largest logit"
                )
        peak = {t: [p[t] for p in self.peaks] for t in self.peaks[0]}
        return {
            "name": row.name,
            "title": row.title,
            "date": datetime.date.today().isoformat(),
            "commit": self.o.commit,
            "threads": self.o.threads,
            "environment": row.environment,
            "dropped": self.dropped,
            "tolerance": self.o.tolerance,
            "peak": peak,
            "moved": self.moved,
            "others": others.share(),
            "engines": engines,
            "checks": checks(row, engines, peak),
            "refused": refused,
        }

    def peak(self):
        """GFLOP/s by number of threads, as text: what JSON's keys are."""
        counts = sorted({1, self.o.threads})
        done = subprocess.run(
            [self.program("bench/peers_peak"), *map(str, counts)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return {line.split()[0]: float(line.split()[1]) for line in done.stdout.splitlines()}

    def steady(self):
        """After some work: whether the machine's peak is what it was before it. What stood between
        two unlike peaks does not count."""
        before, after = self.peaks[-1], self.peak()
        self.peaks.append(after)
        moved = max(abs(after[t] / before[t] - 1) for t in after)
        good = moved <= self.o.tolerance
        if good:
            self.moved = max(self.moved, moved)
        else:
            self.dropped += 1
            print(f"  the machine's peak moved by {100 * moved:.1f} %: once more", file=sys.stderr)
        return good

    # ---- turns

    def rounds(self, row):
        workers = []
        try:
            for name, command in self.contestants(row):
                print(f"  {name} gets ready", file=sys.stderr)
                workers.append(Worker(name, command, row.environment, f"{self.folder}/{name}.log"))
            while (
                len(workers[0].seconds) < self.o.rounds and self.dropped < ATTEMPTS * self.o.rounds
            ):
                r = len(workers[0].seconds)
                print(f"  round {r + 1} of {self.o.rounds}", file=sys.stderr)
                first = r % len(workers)
                for w in workers[first:] + workers[:first]:
                    w.turn(self.o.runs)
                if not self.steady():
                    for w in workers:
                        w.seconds.pop()
            memory = [w.peak_memory() for w in workers]
            if row.kind == "predict":
                for w in workers:
                    w.save()
        finally:
            for w in workers:
                w.end()
        ours = workers[0]
        if not ours.seconds:
            raise Failed("the machine's peak moved in every round; measure on a quiet machine")
        engines = [
            {
                "name": w.name,
                "seconds": median(w.seconds),
                "rounds": w.seconds,
                "ratios": [a / b for a, b in zip(w.seconds, ours.seconds)],
                "memory": m,
                "bare": w.bare,
                "ready": w.ready,
                "difference": (
                    self.difference(w.name) if row.kind == "predict" and w is not ours else None
                ),
            }
            for w, m in zip(workers, memory)
        ]
        if len(ours.seconds) < self.o.rounds:
            raise Unsteady(
                f"{self.dropped} rounds were dropped, since the machine's peak moved", engines
            )
        return engines

    def contestants(self, row):
        """Names and commands; ours first."""
        o = self.o
        self.make(row.net, row.size, formats(row))
        if row.kind == "gates":
            self.make(row.net + "-plain", row.size, [])
        yield "ours", self.ours(row, row.net, o.threads)
        for name in row.engines:
            if name == "ours-plain":
                yield name, self.ours(row, row.net + "-plain", o.threads)
            elif name == "ours-1":
                yield name, self.ours(row, row.net, 1)
            elif name == "ours-f32":
                plain = dataclasses.replace(row, precision="f32", storage="f32")
                yield name, self.ours(plain, row.net, o.threads, name)
            elif not o.engines or name in o.engines:
                yield name, self.peer(row, name)

    def ours(self, row, net, threads, name="ours"):
        program, threads = self.program("bench/peers_ours"), str(threads)
        n, *shape = make_nets.shape(net, row.size)
        if row.kind == "train":
            spec = make_nets.description_of(self.stem(net) + ".safetensors")["spec"]
            size = "x".join(map(str, shape[1:]))
            how = [str(row.batch), row.precision, row.storage]
            return [program, "train", spec, size, *how, threads]
        shape = "x".join(map(str, shape if len(shape) == 4 else [shape[0], 1, *shape[1:]]))
        return [
            program,
            "predict",
            self.stem(net) + ".safetensors",
            shape,
            self.stem(net, row.size) + ".npy",
            self.output(name),
            row.precision,
            threads,
        ]

    def peer(self, row, name):
        start = [sys.executable, os.path.join(HERE, "peer.py"), name]
        if row.kind == "train":
            return [
                *start,
                "train",
                self.o.models,
                row.net,
                str(row.size),
                str(row.batch),
                str(self.o.threads),
            ]
        return [
            *start,
            "predict",
            self.o.models,
            row.net,
            self.stem(row.net, row.size),
            self.output(name),
            str(self.o.threads),
        ]

    def stem(self, net, size=None):
        return f"{self.o.work}/{net}" + (f"_{size}" if size else "")

    def output(self, name):
        return f"{self.folder}/{name}.npy"

    def make(self, net, size, endings):
        done = subprocess.run(
            [
                sys.executable,
                os.path.join(HERE, "make_nets.py"),
                self.o.models,
                self.o.work,
                net,
                str(size),
                *endings,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise Failed(
                f"{net} cannot be made: " + " | ".join(done.stdout.strip().splitlines()[-3:])
            )

    def difference(self, name):
        """The largest difference between a peer's logits and ours, over the largest logit. Ours
        come back from probabilities: one logit is
        log p - log(1 - p), of two the difference is. Beyond 8 a float's 1 - p has too few digits,
        so both are cut there.
        """
        import numpy as np

        y, p = (np.load(self.output(n)).astype(np.float64) for n in (name, "ours"))
        y = y.reshape(p.shape)
        with np.errstate(divide="ignore"):
            mine = np.log(p[-1]) - (np.log(p[0]) if len(p) == 2 else np.log1p(-p[0]))
        theirs = y[1] - y[0] if len(p) == 2 else y[0]
        return float(np.abs(mine.clip(-8, 8) - theirs.clip(-8, 8)).max() / np.abs(theirs).max())

    # ---- the command

    def starts(self, row):
        self.make(row.net, row.size, formats(row))
        png = self.stem(row.net, row.size) + ".png"
        masks = f"{self.folder}/masks"
        command = [
            self.program("attunet"),
            "predict",
            self.stem(row.net) + ".safetensors",
            png,
            "-o",
            masks,
            "--threads",
            str(self.o.threads),
        ]
        mask = f"{masks}/{os.path.basename(png)}"
        for _ in range(ATTEMPTS):
            seconds = []
            for _ in range(STARTS):
                if os.path.exists(mask):
                    os.remove(mask)
                seconds.append(timed(command))
                if not os.path.exists(mask):
                    raise Failed(f"{' '.join(command)} wrote no {mask}")
            if self.steady():
                break
        engines = [
            {
                "name": "ours",
                "seconds": median(seconds[1:]),
                "rounds": seconds[1:],
                "ratios": [],
                "memory": None,
                "bare": 0,
                "difference": None,
            }
        ]
        if self.dropped == ATTEMPTS:
            raise Unsteady(f"the machine's peak moved in all of {ATTEMPTS} attempts", engines)
        return engines


def checks(row, engines, peak):
    by_name = {e["name"]: e for e in engines}
    ours, found = by_name["ours"], []
    for c in row.checks:
        peers = [by_name[n] for n in LAYOUTS.get(c.peer, [c.peer]) if n in by_name]
        if not peers and c.peer:
            continue
        peer = min(peers, key=lambda e: e["seconds"]) if peers else None
        if c.kind == "speed":
            value = median(peer["ratios"])
        elif c.kind == "memory":
            value = ours["memory"] / peer["memory"]
        elif c.kind == "extra":
            value = 100 * (median([1 / r for r in peer["ratios"]]) - 1)
        elif c.kind == "start":
            value = 1e3 * ours["seconds"]
        else:
            value = median(peer["ratios"]) / (median(list(peak.values())[-1]) / median(peak["1"]))
        found.append(
            {
                "kind": c.kind,
                "peer": peer["name"] if peer else None,
                "value": value,
                "floor": c.floor,
                "aim": c.aim,
                "text": c.text(value),
                "floor_text": c.text(c.floor),
                "aim_text": c.text(c.aim) if c.aim is not None else None,
                "floor_met": c.met(value, c.floor),
                "aim_met": c.met(value, c.aim) if c.aim is not None else None,
            }
        )
    return found


def measure_all(rows, options):
    """A dictionary per row, as it is done."""
    with tempfile.TemporaryDirectory(prefix="attunet-peers-") as folder:
        bench = Bench(options, folder)
        for row in rows:
            print(f"{row.name}: {row.title}", file=sys.stderr)
            yield bench.measure(row)
