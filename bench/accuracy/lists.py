# SPDX-License-Identifier: Apache-2.0
"""Lists of cases for the experiments: fold 0, shares and inner splits of its training cases, blocks
of neighbouring slices."""

import functools, json, os, random, subprocess


def write_names(o, name, names):
    path = os.path.join(o.work, "lists", name + ".txt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.{os.getpid()}"  # others may read the list that is there
    with open(part, "w") as f:
        f.write("\n".join(names) + "\n")
    os.replace(part, path)
    return path


def groups_of(o, data):
    """The groups that groups.csv names; none where there is no such file."""
    path = os.path.join(o.data, data, "groups.csv")
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return dict(line.strip().split(",") for line in list(f)[1:])


def case_names(o, data):
    """Sorted names, and the group of each: its own where the data set has no groups."""
    names = sorted(n.split(".")[0] for n in os.listdir(os.path.join(o.data, data, "labels")))
    return names, {**{n: n for n in names}, **groups_of(o, data)}


@functools.cache
def test_cases(attunet, folder, run, threads):
    """The cases of fold 0 as attunet cuts it: those that a training would validate on, which would
    lie in `run`."""
    command = [
        attunet,
        "train",
        folder,
        "-o",
        run,
        "--fold",
        "0",
        "--steps",
        "1",
        "--dry-run",
        "--json",
        "--quiet",
        "--threads",
        threads,
    ]
    files = json.loads(
        subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    )["files"]
    return {
        os.path.basename(f).split(".")[0]
        for f in files
        if os.path.basename(os.path.dirname(f)) == "validation"
    }


def fold_zero(o, data):
    """Training and test cases of fold 0."""
    names, groups = case_names(o, data)
    test = test_cases(
        o.attunet, os.path.join(o.data, data), os.path.join(o.work, "no-run"), o.threads
    )
    return [n for n in names if n not in test], [n for n in names if n in test], groups


def share_of(names, groups, percent):
    """The first `percent` of the groups in an order that is drawn once: a smaller share lies within
    a larger one."""
    order = sorted({groups[n] for n in names})
    random.Random(12345).shuffle(order)
    kept = set(order[: max(1, round(len(order) * percent / 100))])
    return [n for n in names if groups[n] in kept]


def write(o, data, what):
    """The file of a list: inner, share, shareN, fold0, blockN, restN."""
    if what.startswith(("block", "rest")):
        names, _ = case_names(o, data)
        k = int(what[-1])
        block = names[k * len(names) // 5 : (k + 1) * len(names) // 5]
        return write_names(
            o,
            f"{data}-{what}",
            block if what.startswith("block") else [n for n in names if n not in block],
        )
    train, test, groups = fold_zero(o, data)
    if what == "fold0":
        return write_names(o, f"{data}-fold0", test)
    if what == "inner":
        return write_names(o, f"{data}-inner", train)
    return write_names(
        o, f"{data}-{what}", share_of(train, groups, int(what[len("share") :] or 100))
    )
