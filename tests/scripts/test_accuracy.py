#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/accuracy: the tables that it prints of fixtures/accuracy, the learning rate that it
chooses, its lists of cases.  Needs nothing but Python's own library."""

import fcntl, json, os, pty, runpy, shutil, signal, struct, subprocess, sys, tempfile, termios
import types, unittest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FIXTURES = os.path.join(TESTS, "fixtures", "accuracy")
SCRIPT = os.path.join(os.path.dirname(TESTS), "bench", "accuracy", "run")
COMMON = os.path.join(os.path.dirname(os.path.dirname(SCRIPT)), "common")
RUN = types.SimpleNamespace(**runpy.run_path(SCRIPT))

# In the place of attunet: `compare` says what it was called with, a dry run of `train` names its
# files.
STUB = """#!/bin/sh
case $1 in
compare) printf '%s\\n' "$*" | sed "s,$COMPARED/,,g; s,$FIXTURES/,,g" ;;
train)
    echo train >>"$CALLS"
    case "$*" in
    *--dry-run*)
        echo '{"files": ["no-run/model.safetensors", "no-run/validation/b.png",'
        echo '"no-run/validation/e.png", "no-run/summary.json"]}' ;;
    *"--lr 0.006"*) echo "attunet: training diverged: the loss is nan at step 7" >&2; exit 2 ;;
    *"--lr 0.002"*) echo "attunet: no space left" >&2; exit 4 ;;
    *membranes-10m/block_0*) # that is to be stopped
        trap 'sleep 1; mkdir -p "$4"; echo >"$4/checkpoint.safetensors"; exit 5' TERM
        echo begun >&2
        i=0
        while [ $i -lt 3000 ]; do sleep 1; i=$((i + 1)); done ;;
    *) mkdir -p "$4/coarse" "$4/fine"
        cp "$SUMMARY" "$4/summary.json" 2>/dev/null || exit 6
        steps='{"seconds": {"steps": 2, "all": 3}}, {"seconds": {"steps": 10, "all": 10}}'
        echo '{"sessions": ['"$steps"']}' >"$4/coarse/run.json"
        echo '{"sessions": [{"seconds": {"steps": 30, "all": 37}}]}' >"$4/fine/run.json"
        echo '{"sessions": [{"peak": 3145728}]}' >"$4/run.json"
        printf '%s\n' step,seconds,stage 10,72,2 20,74,2 50,80,2 60,95,2 >"$4/log.csv"
        printf '%s\n' 61,100,3 63,106,3 65,150,3 >>"$4/log.csv"
        printf '%s\n' "$*" >>"$CALLS.train" ;;
    esac ;;
predict) printf '%s\n' "$*" >>"$CALLS" ;;
evaluate)
    [ "$(cat "$5")" = benign_001 ] || exit 7
    cp "$SUMMARY" "$7" ;;
resume)
    echo resume >>"$CALLS"
    cp "$SUMMARY" "$2/summary.json"
    echo '{"sessions": [{"peak": 3145728}]}' >"$2/run.json" ;;
plan) echo '{"expected": {"seconds_per_step": '"$(wc -l <"$CALLS")"'}}'; echo plan >>"$CALLS" ;;
esac
"""


class Accuracy(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.attunet, calls = self.at("attunet"), self.at("calls")
        os.environ.update(
            FIXTURES=FIXTURES,
            CALLS=calls,
            COMPARED=self.at("work", "compare"),
            SUMMARY=self.at("summary.json"),
        )
        self.write("attunet", STUB)
        os.chmod(self.attunet, 0o755)
        metrics = {
            "255": {
                "Dice": 0.888889,
                "IoU": 0.8,
                "TP": 8,
                "FP": 1,
                "FN": 1,
                "n_pred": 9,
                "n_ref": 9,
            }
        }
        case = {
            "metrics": metrics,
            "prediction_file": "masks/benign_001.png",
            "reference_file": "labels/benign_001.png",
        }
        self.write("summary.json", json.dumps({"metric_per_case": [case]}))

    def at(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.at(name)), exist_ok=True)
        with open(self.at(name), "w") as f:
            f.write(text)

    def read(self, path):
        with open(path) as f:
            return f.read()

    def report(self, data, *experiments):
        command = [
            sys.executable,
            "-I",
            "-S",
            SCRIPT,
            "--report",
            "--results",
            os.path.join(FIXTURES, "results"),
            "--data",
            data,
            "--work",
            self.at("work"),
            "--attunet",
            self.attunet,
            *experiments,
        ]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def test_tables(self):
        self.assertEqual(
            self.report(os.path.join(FIXTURES, "data")),
            self.read(os.path.join(FIXTURES, "report.md")),
        )

    def test_an_interval_over_images_is_said_to_be_one(self):
        text = self.report(self.at("none"), "busi-peer-60m")
        self.assertIn("| ahead (95 % over images) |\n", text)
        self.assertIn("\nThere is no busi/groups.csv in --data", text)

    def test_a_result_keeps_counts_and_what_follows_from_them(self):
        found = RUN.load(self.at("summary.json"))["metric_per_case"]
        nothing = {"Dice": None, "IoU": None, "TP": 0, "FP": 0, "FN": 0, "n_pred": 0, "n_ref": 0}
        cases = [
            {**found[0], "metrics": {**found[0]["metrics"], "7": nothing}},
            {
                "metrics": {"255": {**nothing, "FP": 3, "n_pred": 3}, "7": nothing},
                "prediction_file": "masks/normal_001.png",
                "reference_file": "labels/normal_001.png",
            },
        ]
        self.write("several.json", json.dumps({"metric_per_case": cases}))
        RUN.save(self.at("kept.json"), RUN.tables.kept({"steps": 3}, self.at("several.json")))
        self.assertEqual(
            RUN.load(self.at("kept.json")),
            {"steps": 3, "labels": ["255", "7"], "cases": {"benign_001": [[8, 1, 1], [0, 0, 0]]}},
        )
        self.assertEqual(
            RUN.tables.cases_of(self.at("kept.json")), [("benign_001", cases[0]["metrics"])]
        )

    def test_the_best_of_all_rates(self):
        o = types.SimpleNamespace(results=self.at("results"))
        where = os.path.join("losses", "busi", "ce")
        shutil.copytree(os.path.join(FIXTURES, "results", where), self.at("results", where))
        self.assertEqual(RUN.best_rate(o, where), "0.002")
        missing = self.at("results", where, "rate-0.006.json")
        os.remove(missing)
        with self.assertRaises(SystemExit) as stop:
            RUN.best_rate(o, where)
        self.assertEqual(
            str(stop.exception),
            f"{missing}: is not there, and without it no learning rate of {where} can be chosen;"
            " call run losses here, or bring the file",
        )

    def test_lists_are_of_the_fold_that_attunet_cuts(self):
        for name in "abcdef":
            self.write(f"data/set/labels/{name}.png", "")
        self.write("data/set/groups.csv", "image,group\na,1\nc,1\n")
        o = types.SimpleNamespace(
            data=self.at("data"), work=self.at("work"), attunet=self.attunet, threads="1"
        )
        lists = {
            what: self.read(RUN.lists.write(o, "set", what)).split()
            for what in ("fold0", "inner", "share34", "share67")
        }
        self.assertEqual((lists["fold0"], lists["inner"]), (["b", "e"], ["a", "c", "d", "f"]))
        self.assertEqual((lists["share34"], lists["share67"]), (["f"], ["a", "c", "f"]))
        self.assertEqual(
            self.read(self.at("calls")), "train\n"
        )  # which reads a whole set, for each of hundreds of trainings

    def options(self):
        for name in "ab":
            self.write(f"data/busi/labels/{name}.png", "")
        return types.SimpleNamespace(
            data=self.at("data"),
            work=self.at("work"),
            results=self.at("results"),
            attunet=self.attunet,
            threads="1",
            python=sys.executable,
        )

    def test_a_training_that_diverges_has_a_result(self):
        o, of_rate = self.options(), {
            t.flags[t.flags.index("--lr") + 1]: t
            for e in RUN.EXPERIMENTS
            if e.name == "losses"
            for t in e.trainings
            if "/busi/ce/rate" in t.name
        }
        self.write("calls", "")
        for rate in ("0.006", "0.0007"):
            RUN.perform(o, of_rate[rate], 0.5)
        found = {
            rate: RUN.load(RUN.tables.result(o, of_rate[rate])) for rate in ("0.006", "0.0007")
        }
        self.assertTrue(found["0.006"]["diverged"])
        self.assertEqual(
            (
                found["0.0007"]["steps"],
                found["0.0007"]["seconds_per_step"],
                found["0.0007"]["peak_mebibytes"],
            ),
            (480, 0.5, 3),
        )
        self.assertGreater(
            RUN.tables.inner_dice(RUN.tables.result(o, of_rate["0.0007"])),
            RUN.tables.inner_dice(RUN.tables.result(o, of_rate["0.006"])),
        )
        with self.assertRaises(
            subprocess.CalledProcessError
        ):  # whatever else goes wrong may go right the next time
            RUN.perform(o, of_rate["0.002"], 0.5)
        self.assertFalse(RUN.finished(o, of_rate["0.002"]))

    def test_steps_are_timed_in_turns(self):
        o = self.options()
        o.experiments, o.results = ["hippocampus-20m", "hippocampus-75m"], self.at("timed")
        self.write("calls", "one\n")
        # the stub counts: 1 and 2, 3 and 4, to 9 and 10; 5 and 6 is the round in the middle, by the
        # shares of its two
        RUN.calibrate(o)
        middle = 2**0.5 / 30**0.5
        self.assertEqual(
            RUN.load(self.at("timed", "steps.json")),
            {
                "attunet hippocampus --time 1200s": round(5 * middle, 4),
                "attunet hippocampus --time 4500s": round(6 * middle, 4),
            },
        )

    def test_a_slow_round_changes_no_step(self):
        quiet = {"a": 1.0, "b": 2.0, "c": 1.5}
        slow = {name: 1.4 * seconds for name, seconds in quiet.items()}
        self.assertEqual(RUN.brought(RUN.level([slow, quiet, slow]), {}), quiet)
        self.assertAlmostEqual(RUN.level([quiet, {**quiet, "a": 3.0}, slow])["b"], 2.0)
        self.assertEqual(RUN.level([{}]), {})

    def test_hard_attention_has_the_steps_of_each_stage_that_fit_into_its_time(self):
        o, name = self.options(), "gates/busi/hard/rate-0.0007"
        o.experiments, o.results = [name], self.at("timed")
        dense = (
            "attunet busi --resize 256x256 --spec arch=unet dims=2 norm=batch up=nearest --time"
            " 360s"
        )
        self.write("timed/steps.json", '{"%s": 2.0}' % dense)
        self.write("calls", "one\n")
        RUN.calibrate(o)  # in turns with the dense step that is known
        found = RUN.load(self.at("timed", "steps.json"))
        self.assertEqual(found.pop(dense), 2.0)
        (times,) = found.values()
        for stage, seconds in {"coarse": 0.2, "policy": 0.2, "joint": 3.0, "looking": 20.0}.items():
            self.assertAlmostEqual(times[stage] / times["fine"], seconds / 0.5, places=2)
        times = {"coarse": 0.2, "fine": 0.5, "policy": 0.2, "joint": 3.0, "looking": 20.0}
        training = next(t for e in RUN.EXPERIMENTS for t in e.trainings if t.name == name)
        RUN.perform(o, training, times)
        *for_times, by_steps = self.read(self.at("calls.train")).splitlines()
        self.assertEqual(len(for_times), 3)
        self.assertIn(
            " --coarse-steps 60 --steps 60 --policy-steps 3000 --joint-steps 20 ", for_times[0]
        )
        self.assertIn(
            " --coarse-steps 540 --steps 216 --policy-steps 440 --joint-steps 12"
            " --validate-every 0 ",
            by_steps,
        )
        found = RUN.load(self.at("timed", name + ".json"))
        self.assertEqual(
            (found["steps"], RUN.tables.step_text(found)),
            ({"coarse": 540, "fine": 216, "policy": 440, "joint": 12}, "coarse 0.200, fine 0.500"),
        )

    def test_what_was_known_stays_what_it_was(self):
        self.assertEqual(
            RUN.brought({"old": 1.0, "new": 2.0}, {"old": 0.5}), {"old": 0.5, "new": 1.0}
        )
        self.assertEqual(
            RUN.brought({"old": 1.0, "other": 1.0, "new": 2.0}, {"old": 0.5, "other": 2.0})["new"],
            2.0,
        )
        self.assertEqual(RUN.brought({"new": 2.0}, {"old": 0.5}), {"new": 2.0})

    def test_what_was_stopped_goes_on(self):
        for name in "abcde":
            self.write(f"data/isbi2012/labels/{name}.png", "")
        self.write("calls", "")
        self.write("results/steps.json", '{"attunet isbi2012 --time 600s": 0.5}')
        command = [
            sys.executable,
            "-I",
            "-S",
            SCRIPT,
            "membranes-10m/block_0",
            "--results",
            self.at("results"),
            "--data",
            self.at("data"),
            "--work",
            self.at("work"),
            "--attunet",
            self.attunet,
        ]
        checkpoint = self.at("work", "membranes-10m", "block_0", "checkpoint.safetensors")
        heed = lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # which shells' jobs in the background do not
        for number, code in (signal.SIGINT, 130), (signal.SIGTERM, 143):
            if os.path.exists(checkpoint):
                os.remove(checkpoint)
            with subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=heed,
            ) as process:
                self.assertEqual(process.stderr.readline(), "begun\n")
                process.send_signal(number)
                process.wait()
                self.assertTrue(os.path.exists(checkpoint))  # the training has ended, too
            self.assertEqual(process.returncode, code)
        self.assertFalse(os.path.exists(self.at("results", "membranes-10m", "block_0.json")))
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.read(self.at("calls")).split()[-1], "resume")
        self.assertEqual(
            RUN.load(self.at("results", "membranes-10m", "block_0.json"))["steps"], 1200
        )

    def test_a_terminal_sees_the_progress_of_a_training(self):
        code = (
            f"import sys; sys.path.insert(0, {COMMON!r}); import measured;"
            " print(measured.trained(['sh', '-c', sys.argv[1]]))"
        )
        for words, ended in ("stty size <&2 >&2", "True"), (
            (
                "stty size <&2 >&2; printf '\\033[31mattunet:\\033[0m training diverged: nan\\n'"
                " >&2; exit 2"
            ),
            "False",
        ):
            ours, its = pty.openpty()
            fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
            done = subprocess.run(
                [sys.executable, "-B", "-I", "-S", "-c", code, words],
                stdout=subprocess.PIPE,
                stderr=its,
                text=True,
            )
            os.close(its)
            self.assertEqual(done.stdout, ended + "\n")
            self.assertIn(b"33 111", os.read(ours, 1000))
            os.close(ours)

    def test_a_part_of_an_experiment(self):
        names = lambda *parts: [
            t.name
            for e in RUN.chosen(types.SimpleNamespace(experiments=parts))
            for t in e.trainings
        ]
        self.assertEqual(
            names("hippocampus-75m/fold_4", "copies/fine"),
            ["copies/fine", "hippocampus-75m/fold_4"],
        )
        self.assertEqual(len(names("losses/busi")), 66)
        self.assertEqual(len(names("losses/busi/dice")), 6)  # and nothing of dice+ce
        self.assertEqual(names(), [t.name for e in RUN.EXPERIMENTS for t in e.trainings])
        wrong = subprocess.run(
            [sys.executable, "-I", "-S", SCRIPT, "hippocampus-75m/fold_5"],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(
            "there is no experiment hippocampus-75m/fold_5; choose from: hippocampus-20m ",
            wrong.stderr,
        )

    def test_folds_are_scored_once_more_as_means_over_mirror_images(self):
        o = self.options()
        o.experiments = ["busi-60m"]
        run, of_run = self.at("work", "busi-60m", "fold_0"), self.at(
            "results", "busi-60m", "fold_0"
        )
        self.write("data/busi/images/benign_001.png", "")
        self.write("calls", "")
        for path in os.path.join(run, "summary.json"), of_run + ".json":
            self.write(path, self.read(os.environ["SUMMARY"]))
        for _ in range(2):
            RUN.mirror(o)
        image = self.at("data", "busi", "images", "benign_001.png")
        self.assertEqual(
            self.read(self.at("calls")),
            f"predict {run} {image} -o {run}-mirrored --mirror --quiet --threads 1\n",
        )
        found = RUN.load(of_run + "-mirrored.json")
        self.assertEqual(
            (
                found["mirror"],
                RUN.tables.pooled(RUN.tables.cases_of(of_run + "-mirrored.json"), "Dice")[1],
            ),
            (True, 0.888889),
        )

    def test_what_is_not_timed_is_not_trained(self):
        command = [
            sys.executable,
            "-I",
            "-S",
            SCRIPT,
            "gates",
            "--results",
            self.at("results"),
            "--data",
            self.at("data"),
            "--work",
            self.at("work"),
            "--attunet",
            self.attunet,
        ]
        stopped = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        self.assertEqual(stopped.returncode, 1)
        self.assertIn(
            "no time of a step is known; call run --calibrate gates on a quiet machine first",
            stopped.stderr,
        )


if __name__ == "__main__":
    unittest.main()
