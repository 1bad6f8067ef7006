#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the start of `attunet predict` to its mask: processes by turns.

    bench/start.py MODEL IMAGE ATTUNET... [--runs N] [--threads N]

Prints for each ATTUNET medians of the wall and processor time in milliseconds, the least processor
time, page faults, and peak memory in MiB.  The first turn does not count."""

import argparse, os, statistics, tempfile, time


def run(command):
    """Wall and processor milliseconds, page faults, MiB."""
    nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=nothing)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"start: failed: {' '.join(command)}")
    cpu = used.ru_utime + used.ru_stime
    return 1e3 * wall, 1e3 * cpu, used.ru_minflt, used.ru_maxrss / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("model")
    p.add_argument("image")
    p.add_argument("attunet", nargs="+")
    p.add_argument("--runs", type=int, default=21)
    p.add_argument("--threads", type=int, default=2)
    o = p.parse_args()
    turns = {a: [] for a in o.attunet}
    with tempfile.TemporaryDirectory(prefix="attunet-start-") as folder:
        for i in range(o.runs + 1):
            for a in o.attunet:
                out = f"{folder}/{i}"
                row = run([a, "predict", o.model, o.image, "-o", out, "--threads", str(o.threads)])
                if i:
                    turns[a].append(row)
    print("| attunet | wall, ms | processor, ms | least | page faults | peak, MiB |")
    print("|---|---|---|---|---|---|")
    for a, rows in turns.items():
        wall, cpu, faults, peak = (statistics.median(column) for column in zip(*rows))
        least = min(row[1] for row in rows)
        print(f"| {a} | {wall:.1f} | {cpu:.1f} | {least:.1f} | {faults:.0f} | {peak:.1f} |")


if __name__ == "__main__":
    main()
