#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/accuracy/plans: the table that docs/accuracy.md shows, the steps of a time, and that a
known score is not made again."""

import os, pathlib, shutil, subprocess, sys, tempfile, unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = TOP / "bench" / "accuracy" / "plans"
# In the place of attunet train ... -o RUN ... --steps N
STUB = """#!/bin/sh
mkdir -p "$4"
echo "$@" >"$4/words"
printf 'step,loss,dice_mean,"dice a"\\n1,.5,,\\n2,.4,0.87654,.9\\n' >"$4/log.csv"
"""


def run(script, *words, **settings):
    return subprocess.run(
        [sys.executable, script, *words],
        env={**os.environ, **settings},
        check=True,
        text=True,
        capture_output=True,
    ).stdout


class Plans(unittest.TestCase):
    def test_the_table_is_in_the_documentation(self):
        rows = run(SCRIPT, "report").splitlines()
        self.assertGreater(len(rows), 4)
        shown = (TOP / "docs" / "accuracy.md").read_text().splitlines()
        for row in rows:
            self.assertTrue(row in shown, f"not in docs/accuracy.md: {row}")

    def test_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            there = pathlib.Path(folder)
            script = there / "bench" / "accuracy" / "plans"
            (script.parent / "results").mkdir(parents=True)
            shutil.copy(SCRIPT, script)
            stub = there / "stub"
            stub.write_text(STUB)
            stub.chmod(0o755)
            settings = {"ATTUNET": str(stub), "WORK": str(there / "work")}
            for patch, words, steps in (
                ("128x128", "--spec dims=2 slices=1 --patch 128x128 --batch 8", 1366),
                ("12x96x96", "--spec dims=3 --patch 12x96x96 --batch 2", 637),
            ):
                name = f"prostate-3m-{patch}"
                run(script, "run", name, **settings)
                given = (there / "work" / "plans" / name / "words").read_text()
                self.assertIn(f"{words} --steps {steps} --spacing ", given)
            row = "| prostate | 3 | 128x128 | 8 | 1 | 1366 | 0.8765 |"
            self.assertIn(row, run(script, "report"))
            stub.unlink()
            run(script, "run", "prostate-3m-128x128", **settings)


if __name__ == "__main__":
    unittest.main()
