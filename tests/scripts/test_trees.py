#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tests/trees: that its programs find wrong pairs, by commands that stand in for attunet."""

import contextlib, hashlib, io, os, sys, tempfile, unittest

TREES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "trees")
sys.path.insert(0, TREES)
sys.dont_write_bytecode = True
import check, images, make, perturb, tree  # noqa: E401, E402

# `info ROOT ...` answers from ROOT.json, with the mistake that $MISTAKE names.
STUB = """#!%s
import json, os, sys
root, mistake = sys.argv[2], os.environ["MISTAKE"]
if mistake == "crash":
    os.abort()
if mistake == "refuses" or mistake == "asks" and "--images" not in sys.argv:
    sys.stderr.write("two readings; add --images 'a {id}.png' --labels {id}.png, or "
                     "--images b/{id}.png --labels c/{id}.png\\n")
    sys.exit(2)
if mistake == "by order": # as a program does that sorts two folders
    lists = [sorted(os.listdir(os.path.join(root, f))) for f in
             ("Original", "Ground Truth")]
    pairs = [{"images": ["Original/" + a], "labels": ["Ground Truth/" + b]} for a, b in zip(*lists)]
    json.dump({"pairs": pairs}, sys.stdout)
    sys.exit()
cases = json.load(open(root + ".json"))["cases"]
if mistake == "asks" and "a {id}.png" in sys.argv:
    sys.exit(3)
pairs = [{"case": c["id"], "images": [os.path.join(root, p) for p in c["images"]],
          "labels": list(c["labels"]), "group": c["group"]} for c in cases]
if mistake == "swapped":
    pairs[0]["labels"], pairs[1]["labels"] = pairs[1]["labels"], pairs[0]["labels"]
elif mistake == "missing":
    del pairs[2]
elif mistake == "roles":
    pairs = [dict(p, images=p["labels"], labels=p["images"]) for p in pairs]
elif mistake == "channels":
    pairs[1]["images"].reverse()
elif mistake == "grouped":
    pairs[0]["group"] = None
elif mistake == "folder":
    pairs = [dict(p, labels=sorted({os.path.dirname(l) + "/" for l in p["labels"]})) for p in pairs]
elif mistake == "slices":
    pairs = [dict(p, case=str(k), images=[p["images"][0] + "#%%d" %% k]) for p in pairs
             for k in range(3)]
elif mistake == "twice":
    pairs.append(pairs[0])
    pairs[0] = dict(pairs[0], labels=[])
info = {"cases": len(cases), "channels": [1], "labels": {"classes": [1, 2]}}
if mistake != "no list":
    info["pairs"] = pairs
json.dump(info, sys.stdout)
""" % sys.executable


class Trees(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        stub = os.path.join(self.folder.name, "attunet")
        with open(stub, "w") as file:
            file.write(STUB)
        os.chmod(stub, 0o755)
        check.ATTUNET = stub

    def verdict(self, name, mistake):
        os.environ["MISTAKE"] = mistake
        root = os.path.join(self.folder.name, name)
        if not os.path.exists(root):
            tree.make(name, self.folder.name)
        with open(root + ".json") as file:
            return check.check_set(check.json.load(file), root)

    def test_verdicts(self):
        for name, mistake, verdict in (
                ("kvasir_seg", "", "right"), ("kvasir_seg", "swapped", "wrong"),
                ("kvasir_seg", "missing", "partial"), ("kvasir_seg", "roles", "wrong"),
                ("kvasir_seg", "refuses", "refused"), ("kvasir_seg", "asks", "flag"),
                ("kvasir_seg", "no list", "counted"), ("kvasir_seg", "crash", "crash"),
                ("kvasir_seg", "twice", "wrong"), ("brats2020", "channels", "wrong"),
                ("dsb2018", "folder", "right"), ("totalsegmentator", "folder", "right"),
                ("isbi2012", "slices", "right"), ("acdc", "", "right"), ("monuseg", "", "wrong"),
                ("monuseg", "refuses", "refused")):
            with self.subTest(name=name, mistake=mistake):
                self.assertEqual(self.verdict(name, mistake)["verdict"], verdict)

    def test_numbers(self):
        row = self.verdict("kvasir_seg", "")
        self.assertEqual((row["channels"], row["classes"]), ("no (1)", "yes"))
        self.assertEqual(self.verdict("acdc", "")["groups"], "yes")
        self.assertEqual(self.verdict("acdc", "grouped")["groups"], "no")
        self.assertEqual(self.verdict("monuseg", "refuses")["says"], "no")
        self.assertEqual(self.verdict("kvasir_seg", "asks")["flags"],
                         ["--images", "b/{id}.png", "--labels", "c/{id}.png"])

    def test_perturb(self):
        os.environ["MISTAKE"] = "by order"
        function, facts = tree.SETS["cvc_clinicdb"]
        truth = tree.make("cvc_clinicdb", self.folder.name)

        def shorter(path):
            return path[len("CVC-ClinicDB/"):]
        for case in truth["cases"]:
            case["images"], case["labels"] = ([shorter(p) for p in case[k]]
                                              for k in ("images", "labels"))
        base = os.path.join(self.folder.name, "cvc_clinicdb", "CVC-ClinicDB")
        os.rename(base, os.path.join(self.folder.name, "base"))
        seen = {}
        for change in (perturb.junk, perturb.missing_images, perturb.swapped_folders):
            seen[change.__name__] = perturb.run_trial(
                0, change, {"base": truth}, self.folder.name, perturb.random.Random("1"))[1]
            perturb.shutil.rmtree(os.path.join(self.folder.name, "trial"))
        self.assertEqual(seen, {"junk": "wrong", "missing_images": "wrong",
                                "swapped_folders": "wrong"})
        seen = perturb.run_trial(0, perturb.empty_file, {"base": truth}, self.folder.name,
                                 perturb.random.Random("1"))
        self.assertEqual(seen[1:], ("right", "12 of 12"))

    def test_trees_are_the_same(self):
        """The same bytes at every call, and no file of a truth is missing."""
        sums = []
        for part in ("one", "two"):
            folder = os.path.join(self.folder.name, part)
            for name in ("drive", "iseg2017", "levir_cd"):
                truth = tree.make(name, folder)
                for case in truth["cases"]:
                    for path in case["images"] + case["labels"]:
                        self.assertTrue(os.path.isfile(os.path.join(folder, name, path)), path)
            found = hashlib.sha256()
            for place, folders, names in os.walk(folder):
                folders.sort()
                for name in sorted(names):
                    with open(os.path.join(place, name), "rb") as file:
                        found.update(name.encode() + file.read())
            sums.append(found.digest())
        self.assertEqual(sums[0], sums[1])

    def test_images(self):
        self.assertEqual(images.gif(bytes(4), 2, 2)[:6], b"GIF89a")
        self.assertEqual(images.jpeg(bytes(64), 8, 8)[-2:], b"\xff\xd9")
        self.assertEqual(len(images.nifti(bytes(24), (2, 3, 4))), 352 + 24)

    def test_usage(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(make.main([]), 0)
        self.assertGreater(out.getvalue().count("\n"), 100)
        with contextlib.redirect_stderr(io.StringIO()) as out:
            self.assertEqual(make.main([self.folder.name, "nothing"]), 2)
        self.assertIn("there is no set nothing", out.getvalue())


if __name__ == "__main__":
    unittest.main()
