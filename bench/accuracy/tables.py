# SPDX-License-Identifier: Apache-2.0
"""Tables from finished runs, as markdown."""

import os, subprocess

import lists
from report import interval, load, mean, save


def result(o, t):
    """The file of what is known of a finished training."""
    return os.path.join(o.results, t.name + ".json")


def mirrored(o, t):
    """The file of what its cases score as means over mirror images."""
    return os.path.join(o.results, t.name + "-mirrored.json")


def costed(t):
    """Whether it stands for its arm where predictions are timed: the first seed with all cases."""
    return t.name.endswith("/100-seed-1")


def costs(o, t):
    """The file of what its arm's predictions cost."""
    return os.path.join(o.results, os.path.dirname(t.name), "costs.json")


def counted(counts):
    """The metrics of a label that follow from its counts of pixels."""
    tp, fp, fn = counts
    both, either = 2 * tp + fp + fn, tp + fp + fn
    return {
        "Dice": round(2 * tp / both, 6) if both else None,
        "IoU": round(tp / either, 6) if either else None,
        "TP": tp,
        "FP": fp,
        "FN": fn,
        "n_pred": tp + fp,
        "n_ref": tp + fn,
    }


def cases_of(path):
    """Name and numbers per label of every case of a result."""
    found = load(path)
    return [
        (case, dict(zip(found["labels"], map(counted, counts))))
        for case, counts in found["cases"].items()
    ]


def kept(head, summary):
    """A result: of every case of a summary.json the counts TP, FP and FN per label, which all else
    follows from.  Without cases in which there is nothing to find (normal
    images of BUSI): the peer does not score them, and where only the prediction has something
    metrics differ in what they call its Dice.
    """
    rows = [
        c
        for c in load(summary)["metric_per_case"]
        if any(m["n_ref"] for m in c["metrics"].values())
    ]
    labels = list(rows[0]["metrics"]) if rows else []
    cases = {
        name_of(c): [[c["metrics"][label][k] for k in ("TP", "FP", "FN")] for label in labels]
        for c in rows
    }
    return {**head, "labels": labels, "cases": cases}


def name_of(case):
    return os.path.basename(case["reference_file"]).split(".")[0]


def as_summary(o, path):
    """A file with a result in the form of summary.json, which `attunet compare` reads."""
    out = os.path.join(o.work, "compare", os.path.relpath(path, o.results))
    save(
        out,
        {
            "metric_per_case": [
                {"metrics": metrics, "prediction_file": case, "reference_file": case}
                for case, metrics in cases_of(path)
            ]
        },
    )
    return out


def pooled(cases, metric):
    """Per label the mean over the cases that have a number (docs/metrics.md: 0 where only one of
    the two masks has it), and the mean of those."""
    labels = sorted({label for _, m in cases for label in m})
    per_label = {label: mean(m[label][metric] for _, m in cases if label in m) for label in labels}
    return per_label, mean(per_label.values())


def inner_dice(path):
    """What a learning rate is chosen by; a training that diverged has less than any other."""
    return -1.0 if load(path).get("diverged") else pooled(cases_of(path), "Dice")[1]


def row(name, cases):
    per_label, dice = pooled(cases, "Dice")
    _, iou = pooled(cases, "IoU")
    labels = " / ".join(f"{per_label[label]:.4f}" for label in per_label)
    return f"| {name} | {len(cases)} | {dice:.4f} | {labels} | {iou:.4f} |"


def done_of(o, e):
    return [t for t in e.trainings if os.path.exists(result(o, t))]


def together(done, e, parts="folds"):
    """What the row of all that is done is called."""
    return "all" if len(done) == len(e.trainings) else f"{len(done)} of {len(e.trainings)} {parts}"


def folds(o, e, pool=True):
    fold_rows(o, e, done_of(o, e), result, pool)
    again = [t for t in e.trainings if os.path.exists(mirrored(o, t))]
    if again:
        print("\nAs means over mirror images (predict --mirror):\n")
        fold_rows(o, e, again, mirrored, pool)


def fold_rows(o, e, done, where, pool):
    print("| | cases | mean Dice | per label | mean IoU |\n|---|---|---|---|---|")
    everything = []
    for t in done:
        cases = cases_of(where(o, t))
        everything += cases
        print(row(os.path.basename(t.name), cases))
    if pool:
        print(row(together(done, e), everything))


def membranes(o, e):
    """Labels are of cells, 0.89 of Dice for a mask that is cell everywhere: membranes, the rest of
    a slice, are what is scored."""
    side = 512
    print("| | slices | Dice of membranes | of the slices | Dice of cells |\n|---|---|---|---|---|")
    done, everything = done_of(o, e), []
    for t in done:
        found = []
        for _, metrics in cases_of(result(o, t)):
            m = metrics["255"]
            both = side * side - m["TP"] - m["FP"] - m["FN"]
            found.append((2 * both / (2 * both + m["FP"] + m["FN"]), m["Dice"]))
        everything += found
        print(f"| {os.path.basename(t.name)} | {membrane_row(found)} |")
    print(f"| {together(done, e, 'blocks')} | {membrane_row(everything)} |")


def membrane_row(found):
    ours = [d for d, _ in found]
    return (
        f"{len(found)} | {mean(ours):.4f} | {min(ours):.4f} to {max(ours):.4f} |"
        f" {mean(c for _, c in found):.4f}"
    )


def apart(o, e):
    """Trainings that are no folds of one set: nothing is pooled."""
    folds(o, e, pool=False)


def peer(o, e):
    """Beside it what attunet's model of the same fold is ahead, image by image; folds are cut by
    groups of images that look alike, so the interval is over groups, too."""
    groups = lists.groups_of(o, "busi")
    print(
        "| | steps | images | IoU | Dice | attunet's IoU | ahead (95 % over"
        f" {'groups' if groups else 'images'}) |\n"
        + "|---" * 7
        + "|"
    )
    done, theirs, ours = done_of(o, e), [], []
    for t in done:
        fold = load(result(o, t))
        theirs += fold["cases"].items()
        own = result(o, t).replace(e.name, "busi-60m")
        found = cases_of(own) if os.path.exists(own) else []
        ours += found
        print(
            peer_row(f"fold {fold['fold']} | {fold['steps']}", fold["cases"].items(), found, groups)
        )
    print(peer_row(f"{together(done, e)} |", theirs, ours, groups))
    if not groups:
        print(
            "\nThere is no busi/groups.csv in --data, so images that look alike count as many, and"
            " intervals come out too narrow."
        )


def peer_row(name, theirs, ours, groups):
    iou = {case: metrics[label]["IoU"] for case, metrics in ours for label in metrics}
    both = [(case, c["iou"]) for case, c in theirs if case in iou]
    beside = " | "
    if both:
        ahead = [iou[case] - x for case, x in both]
        low, high = interval(ahead, [groups.get(case, case) for case, _ in both])
        beside = (
            f"{mean(iou[case] for case, _ in both):.4f} | {mean(ahead):+.3f} ({low:+.3f} to"
            f" {high:+.3f}) of {len(both)}"
        )
    scores = [c for _, c in theirs]
    return (
        f"| {name} | {len(scores)} | {mean(c['iou'] for c in scores):.4f} |"
        f" {mean(c['dice'] for c in scores):.4f} | {beside} |"
    )


def copies(o, e):
    apart(o, e)
    for t in done_of(o, e):
        home = load(result(o, t)).get("home")
        if home:
            print(f"\n{os.path.basename(t.name)} on the grid it came from: {home}")


def rates(o, e):
    """Dice on the inner split at every learning rate; the best one is bold, and marked where it is
    the smallest or largest that was tried."""
    found = {}
    for t in done_of(o, e):
        where, _, rate = t.name.partition("/rate-")
        if rate:
            found.setdefault(where.partition("/")[2], {})[rate] = inner_dice(result(o, t))
    tried = sorted({rate for of_arm in found.values() for rate in of_arm}, key=float)
    if not tried:
        return
    print(
        "\n| Dice on the inner split, one seed | "
        + " | ".join(tried)
        + " |\n|---"
        + "|---" * len(tried)
        + "|"
    )
    for arm, of_rate in found.items():
        best = max(of_rate, key=of_rate.get)
        edge = " (edge)" if best in (tried[0], tried[-1]) else ""
        words = [
            (
                "-"
                if rate not in of_rate
                else "diverged" if of_rate[rate] < 0 else f"{of_rate[rate]:.4f}"
            )
            for rate in tried
        ]
        print(
            f"| {arm} | "
            + " | ".join(f"**{w}**{edge}" if rate == best else w for rate, w in zip(tried, words))
            + " |"
        )


def arms(o, e):
    """One comparison per data set and share of the cases, by `attunet compare`."""
    found = {}
    for t in e.trainings:
        _, data, arm, run = t.name.split("/")
        if "seed-" in run and os.path.exists(result(o, t)):
            found.setdefault((data, run.split("seed-")[0].rstrip("-")), {}).setdefault(
                arm, []
            ).append(result(o, t))
    for (data, share), of_arm in found.items():
        good = {
            arm: [f for f in files if not load(f).get("diverged")] for arm, files in of_arm.items()
        }
        arguments = [
            f"{arm}=" + ",".join(as_summary(o, f) for f in files)
            for arm, files in good.items()
            if files
        ]
        if len(of_arm) < 2:
            continue
        print(f"\n{data}{share and f', {share} % of the training cases'}\n")
        if len(arguments) > 1:
            groups = ["--groups", os.path.join(o.data, data)] if lists.groups_of(o, data) else []
            print(
                subprocess.run(
                    [o.attunet, "compare", *arguments, *groups, "--markdown"],
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout
            )
        for arm, files in of_arm.items():
            if len(good[arm]) < len(files):
                print(
                    f"{arm}: {len(files) - len(good[arm])} of {len(files)} seeds diverged: left out"
                )
    rates(o, e)


def gates(o, e):
    arms(o, e)
    print(
        "\n| | seconds of a step | peak memory of training, MiB | seconds of a prediction, a case |"
        " its peak memory, MiB | share of a dense one's multiply-adds |\n"
        + "|---" * 6
        + "|"
    )
    for t in e.trainings:
        if costed(t) and os.path.exists(costs(o, t)) and os.path.exists(result(o, t)):
            cost, of_run = load(costs(o, t)), load(result(o, t))
            share = f"{cost['share_of_dense']:.2f}" if "share_of_dense" in cost else "-"
            print(
                f"| {os.path.dirname(t.name).partition('/')[2]} | {step_text(of_run)} |"
                f" {of_run.get('peak_mebibytes', '-')} | {cost['seconds_per_case']:.4f} |"
                f" {cost['mebibytes']:.0f} | {share} |"
            )


def step_text(of_run):
    """Of hard attention that of its nets, each by itself."""
    if isinstance(of_run["steps"], dict):
        return ", ".join(
            f"{net} {of_run['seconds_per_step'][net]:.3f}" for net in ("coarse", "fine")
        )
    return f"{of_run['seconds_per_step']:.3f}"


def tables(o, experiments):
    kinds = {
        "busi-peer-60m": peer,
        "membranes-10m": membranes,
        "copies": copies,
        "unseen": apart,
        "storage": arms,
        "precision": arms,
        "side": arms,
        "losses": arms,
        "norms": arms,
        "clutter": arms,
        "gates": gates,
    }
    for e in experiments:
        if done_of(o, e):
            print(f"\n## {e.name}: {e.text}\n")
            kinds.get(e.name, folds)(o, e)
