# SPDX-License-Identifier: Apache-2.0
"""Tables from finished runs, as markdown.  A case's Dice is averaged over the seeds before anything
is compared; intervals are 95 % bootstrap percentiles over cases."""

import os, subprocess

from report import interval, load, mean, save
from sets import SETS


def result(o, s, arm, seed, name):
    return os.path.join(o.results, s.name, f"{arm}-{seed}", name + ".json")


def results(o, s, arm, name):
    """Of every seed that has it."""
    paths = [result(o, s, arm, seed, name) for seed in o.seeds]
    return [load(path) for path in paths if os.path.exists(path)]


def by_case(evaluations):
    """Case -> Dice, the mean over its classes and then over the seeds."""
    cases = {}
    for e in evaluations:
        for case, of_classes in e["cases"].items():
            dice = [x for x in of_classes if x is not None]
            if dice:
                cases.setdefault(case, []).append(mean(dice))
    return {c: mean(v) for c, v in cases.items()}


def points(x):
    return f"{100 * x:+.2f}"


def against(a, b):
    """Mean difference a - b in Dice points with its interval."""
    both = sorted(set(a) & set(b))
    if not both:
        return "-"
    d = [a[c] - b[c] for c in both]
    low, high = interval(d)
    return f"{points(mean(d))} ({points(low)} to {points(high)})"


# ---- what a policy evaluation says


def policy_cases(reports, pick):
    """Case -> Dice of what `pick` finds in a case's report, averaged over the seeds."""
    cases = {}
    for r in reports:
        for case, found in r["cases"].items():
            dice = pick(found)
            if dice is not None:
                cases.setdefault(case, []).append(dice)
    return {c: mean(v) for c, v in cases.items()}


def at(method, k):
    return lambda c: c[method][k] if method in c else None


# ---- tables


def macs_of(o, s, arm):
    """Multiply-adds of an image as a share of dense."""
    dense = results(o, s, "dense", "layers")
    if arm in ("hard", "glimpse"):
        rows = [x for p in results(o, s, arm, "predicted") for x in p["share_of_dense"]]
        return mean(rows) if rows else float("nan")
    own = results(o, s, arm, "layers")
    if not own or not dense:
        return float("nan")
    share = own[0]["multiply_adds"] / dense[0]["multiply_adds"]
    return share / int(s.half) ** len(s.shape.split("x")) if arm == "half" else share


def tiles_of(predicted):
    return mean(x for p in predicted for x in p["tiles"])


def arms(o, s):
    dense = by_case(results(o, s, "dense", "evaluated"))
    print(
        "| arm | seeds | mean Dice | of the seeds | less dense, points (95 %) | multiply-adds of"
        " dense | seconds a case | peak MiB | recall of lesions |\n"
        + "|---" * 9
        + "|"
    )
    for arm in ("dense", "half", "narrow", "hard", "glimpse"):
        found, predicted, lesions = (
            results(o, s, arm, name) for name in ("evaluated", "predicted", "lesions")
        )
        if not found:
            continue
        cases = by_case(found)
        seconds = mean(mean(p["seconds"]) for p in predicted)
        memory = max((p["mebibytes"] for p in predicted), default=float("nan"))
        recall = f"{mean(x['recall'] for x in lesions):.3f}" if lesions else "-"
        seeds = ", ".join(f"{mean(by_case([e]).values()):.4f}" for e in found)
        difference = against(cases, dense) if arm != "dense" and dense else "-"
        label = f"{arm}, {tiles_of(predicted):.1f} tiles" if arm in ("hard", "glimpse") else arm
        print(
            f"| {label} | {len(found)} | {mean(cases.values()):.4f} | {seeds} | {difference} |"
            f" {100 * macs_of(o, s, arm):.1f} % | {seconds:.3f} | {memory:.0f} | {recall} |"
        )


def counts(o, s, reports):
    """Whether the set says anything about hard attention."""
    full = {
        arm: mean(by_case(found).values())
        for arm in ("dense", "half")
        if (found := results(o, s, arm, "evaluated"))
    }
    none, every = (
        mean(policy_cases(reports, lambda c: c[key]).values()) for key in ("none", "all")
    )
    print(f"\nCoarse network alone (K = 0): Dice {none:.4f}; all tiles: {every:.4f}.", end=" ")
    if "dense" in full:
        best = max(full.values())
        gap, short = 100 * (full["dense"] - none), 100 * (best - full["dense"])
        beside = (
            f"dense is {short:.1f} below the best dense resolution"
            if "half" in full
            else "half the resolution is not made yet"
        )
        counted = "counts" if "half" in full else "may count"
        verdict = "does not count" if gap < 5 or short > 1 else counted
        print(f"K = 0 is {gap:.1f} points below dense, {beside}: the set {verdict}.")
    else:
        print()


def choosers(o, s, reports):
    ks = reports[0]["k"]
    reports = [r for r in reports if r["k"] == ks]
    names = [m["method"] for m in reports[0]["mean"]["methods"]]
    print(
        "\n| Dice with K tiles | "
        + " | ".join(map(str, ks))
        + " |\n"
        + "|---" * (len(ks) + 1)
        + "|"
    )
    for what in names:
        rows = [
            [m["scores"][i] for r in reports for m in r["mean"]["methods"] if m["method"] == what]
            for i in range(len(ks))
        ]
        if all(x["dice"] is not None for x in rows[0]):
            print(
                f"| {what} | "
                + " | ".join(f"{mean(x['dice'] for x in row):.4f}" for row in rows)
                + " |"
            )
    for title, key in ("multiply-adds of dense, %", "share"), (
        "foreground outside (policy), %",
        "outside",
    ):
        rows = [
            [
                m["scores"][i][key]
                for r in reports
                for m in r["mean"]["methods"]
                if m["method"] == "policy"
            ]
            for i in range(len(ks))
        ]
        print(f"| {title} | " + " | ".join(f"{100 * mean(row):.1f}" for row in rows) + " |")
    own = ks.index(s.tiles) if s.tiles in ks else len(ks) // 2
    print(f"\nThe policy less another chooser at K = {ks[own]}, points (95 %):\n\n| | |\n|---|---|")
    learned = policy_cases(reports, at("policy", own))
    for what in names:
        other = policy_cases(reports, at(what, own))
        if what != "policy" and other:
            print(f"| {what} | {against(learned, other)} |")


def compared(o, s, arm, reports):
    """The same by `attunet compare`: Wilcoxon over cases, Holm over choosers."""
    ks = reports[0]["k"]
    own = ks.index(s.tiles) if s.tiles in ks else len(ks) // 2
    folder, command = os.path.join(o.work, s.name, f"compare-{arm}"), []
    for what in ("policy", "coarse entropy", "coarse foreground", "location prior"):
        files = []
        for n, r in enumerate(reports):
            of_case = policy_cases([r], at(what, own))
            if of_case:
                files.append(os.path.join(folder, f"{what.replace(' ', '-')}-{n}.json"))
                save(
                    files[-1],
                    {
                        "cases": [
                            {
                                "case": case,
                                "classes": [{"class": "all", "name": "all", "dice": dice}],
                            }
                            for case, dice in of_case.items()
                        ]
                    },
                )
        if files:
            command.append(f"{what}=" + ",".join(files))
    if len(command) > 1:
        print(
            "\n"
            + subprocess.run(
                [o.attunet, "compare", *command, "--markdown"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )


def tables(o):
    for name in o.sets:
        s = SETS[name]
        if not any(
            results(o, s, arm, "evaluated")
            for arm in ("hard", "dense", "half", "narrow", "glimpse")
        ):
            continue
        print(f"\n## {name}: {s.text}\n")
        arms(o, s)
        for arm in ("hard", "glimpse"):
            reports = results(o, s, arm, "policies")
            if reports:
                print(f"\n### {arm}, {len(reports)} seeds")
                counts(o, s, reports)
                choosers(o, s, reports)
                compared(o, s, arm, reports)
