# SPDX-License-Identifier: Apache-2.0
"""The long runs behind docs/accuracy.md: what is trained, on which cases, for how long.

A training is named WORK/EXPERIMENT/... and told in quiet-machine seconds: `run` turns them into
steps by the seconds of a step that `run --calibrate` measured, so
that a run on a busy machine, or one that was stopped and went on, ends with the same bits."""

import os
from dataclasses import dataclass, field

MINUTE = 60


@dataclass
class Training:
    """One call of `attunet train`, or of the PyTorch peer."""

    name: str  # folder below WORK
    data: str  # folder below DATA, or below WORK when it begins with "made/"
    seconds: float
    flags: list = field(default_factory=list)
    peer: int = -1  # the fold of train_busi.py
    steps: int = (
        0  # in the place of those that `seconds` hold, where arms are to differ in nothing else
    )
    source: str = ""  # the training whose running statistics are computed anew, for its `steps`

    @property
    def staged(self):
        """Hard attention, whose stages have steps of their own."""
        return any("arch=hard" in f or "arch=glimpse" in f for f in self.flags)


@dataclass
class Experiment:
    name: str
    text: str
    trainings: list


BUSI = ["--resize", "256x256"]
SEEDS = (1, 2, 3)


def folds(name, data, minutes, *flags):
    return [
        Training(f"{name}/fold_{k}", data, minutes * MINUTE, ["--fold", str(k), *flags])
        for k in range(5)
    ]


def wide_folds():
    """A step takes 3.1 times as long as of the 35545 of hippocampus-75m; steps for 3.3.  Two folds
    told enough."""
    return [
        Training(
            f"hippocampus-75m-wide/fold_{k}",
            "hippocampus",
            75 * MINUTE,
            ["--fold", str(k), "--spec", "widths=32,64,128,256 heads=one"],
            steps=10770,
        )
        for k in range(2)
    ]


def side_folds(minutes, steps):
    """The folds of hippocampus-20m and -75m with side losses and the same steps."""
    return [
        Training(
            f"hippocampus-{minutes}m-side/fold_{k}",
            "hippocampus",
            minutes * MINUTE,
            ["--fold", str(k), "--spec", "heads=side"],
            steps=steps,
        )
        for k in range(5)
    ]


def copies():
    """Fold 0 of the copies on other grids; of the native images, it is fold 0 of
    hippocampus-20m."""
    return [
        Training(f"copies/{name}", data, 20 * MINUTE, ["--fold", "0"])
        for name, data in (
            ("thick", "made/hippocampus-1x1x3"),
            ("fine", "made/hippocampus-0.5x0.5x0.5"),
        )
    ]


# Made by tools/data/unseen_datasets.py, never looked at while settings were chosen: defaults alone,
# but for the fold.
UNSEEN = ("brain", "glands", "vessels")


def unseen():
    return [
        Training(f"unseen/{name}", f"made/{name}", 30 * MINUTE, ["--fold", "0"]) for name in UNSEEN
    ]


LOSSES = {
    "dice+ce": "dice+ce",
    "dice": "dice",
    "ce": "ce",
    "focal": "focal",
    "dice+focal": "dice+focal",
    "tversky": "tversky",
    "focal-tversky": "focal-tversky",
    "dice+topk": "dice+topk",
    "gdice": "gdice",
    "dice+boundary": "dice+0.1*boundary",
    "dice+cldice": "0.5*dice+0.5*cldice",
}
RATES = ("0.0007", "0.002", "0.006")
SPLITS = {"hippocampus": [], "busi": BUSI}


def arms(experiment, minutes, settings, shares=("",)):
    """Per data set and arm: a learning rate chosen on an inner split of fold 0's training cases,
    then the seeds on fold 0, for every share of those cases."""
    out = []
    for data, base in SPLITS.items():
        for arm, flags in settings(data).items():
            where = f"{experiment}/{data}/{arm}"
            common = [*base, *flags, "--fold", "0"]
            for rate in RATES:
                out.append(
                    Training(
                        f"{where}/rate-{rate}",
                        data,
                        minutes * MINUTE,
                        [*common, "--lr", rate, "--train-list", "@inner"],
                    )
                )
            for share in shares:
                for seed in SEEDS:
                    out.append(
                        Training(
                            f"{where}/{share and share + '-'}seed-{seed}",
                            data,
                            minutes * MINUTE,
                            [
                                *base,
                                *flags,
                                "--lr",
                                f"@{where}",
                                "--seed",
                                str(seed),
                                "--train-list",
                                f"@share{share}",
                                "--val-list",
                                "@fold0",
                            ],
                        )
                    )
    return out


def losses(data):
    heads = [] if data == "busi" else ["--spec", "heads=one"]
    return {name: ["--loss", text, *heads] for name, text in LOSSES.items()}


def gates(data):
    form = "dims=2 norm=batch up=nearest" if data == "busi" else "dims=3 norm=batch up=transpose"
    grid = (
        "gate=grid sub=2 signal=coarse inter=x gated=inner gate_norm=none gating_conv=yes"
        " gate_out=yes"
    )
    heads = "" if data == "busi" else " heads=one"
    # So few tiles that looking at them costs less than looking everywhere; of 36 in a hippocampus
    # of 16 voxels a side, each with its halo.
    tiles = (
        "scale=4 tile=64 halo=16 tiles=6 coarse=16,32,64 fine=16,32,64,128"
        if data == "busi"
        else "scale=2 tile=16 halo=4 tiles=4 coarse=8,16,32 fine=16,32,64"
    )
    shares = [
        "--shares",
        "30,30,30,10",
    ]  # with a tenth of the time a policy has not come to rest (docs/hard.md)
    views = {
        "hard": "8",
        "glimpse": "1" if data == "busi" else "2",
    }  # looking at them takes at most a fifth of the policy's time
    return {
        "none": ["--spec", f"arch=unet {form}{heads}"],
        "same": [
            "--spec",
            (
                f"arch=attunet {form} gate=same signal=up inter=half gated=all gate_norm=batch"
                f" gating_conv=no gate_out=no{heads}"
            ),
        ],
        "grid": ["--spec", f"arch=attunet {form} {grid}{heads}"],
        "hard": [
            "--spec",
            f"arch=hard {form} {grid} {tiles}",
            *shares,
            "--policy-views",
            views["hard"],
        ],
        "glimpse": [
            "--spec",
            f"arch=glimpse {form} {grid} {tiles}",
            *shares,
            "--policy-views",
            views["glimpse"],
        ],
    }


def storage():
    """Maps between layers in float and in bfloat16, equal steps, fold 0."""
    return [
        Training(
            f"storage/hippocampus/{name}/seed-{seed}",
            "hippocampus",
            4 * MINUTE,
            ["--fold", "0", "--storage", name, "--seed", str(seed), "--spec", "heads=one"],
            steps=1000,
        )
        for name in ("f32", "bf16")
        for seed in SEEDS
    ]


def precision():
    """Products of convolutions in float and in bfloat16, on fold 0.  The steps are those that float
    takes in six minutes on two cores; what a plan would choose by the machine's speed is fixed.
    BUSI's seeds differ more, so it has six."""
    gates = "dims=3 norm=batch up=transpose gate=grid sub=2 signal=coarse inter=x gated=inner"
    outside = "gating_conv=yes gate_out=yes heads=one"
    side = "dims=2 norm=batch up=nearest gate=same signal=up inter=half gated=all gate_norm=batch"
    sets = {
        "hippocampus": (1880, f"{gates} {outside}", "40x56x40", "2", []),
        "busi": (470, f"{side} heads=side", "256x256", "8", BUSI),
    }
    widths = {"hippocampus": "16,32,64,128", "busi": "16,32,64,128,256"}
    out = []
    for data, (steps, form, patch, batch, flags) in sets.items():
        for seed in range(1, 7) if data == "busi" else SEEDS:
            spec = f"arch=attunet widths={widths[data]} {form}"
            common = ["--fold", "0", "--seed", str(seed), *flags, "--batch", batch]
            for name in "f32", "bf16":
                words = [*common, "--patch", patch, "--spec", spec, "--precision", name]
                where = f"precision/{data}/{name}/seed-{seed}"
                out.append(Training(where, data, 6 * MINUTE, words, steps=steps))
    return out


THICK = "strides=1x2x2,2x2x2,1x2x2 kernels=1x3x3,3x3x3,3x3x3,3x3x3"


def side():
    """Side losses on networks of four levels: fold 0, equal steps."""
    deep = (
        "dims=3 norm=batch up=transpose gate=grid sub=2 signal=coarse inter=x gated=inner"
        " gating_conv=yes gate_out=yes"
    )
    flat = "dims=2 norm=batch up=nearest gate=same signal=up inter=half gated=all gate_norm=batch"
    cube = ["--patch", "48x48x48", "--batch", "2"]
    slices = ["--patch", "56x40", "--batch", "8"]
    small = ["--resize", "56x56", "--patch", "56x56", "--batch", "8"]
    prostate = "prostate_simulated"
    sets = {
        "hippocampus": ("hippocampus", 1880, deep, ["--patch", "40x56x40", "--batch", "2"]),
        "slices": ("hippocampus", 1000, flat, slices),
        "busi": ("busi", 1000, flat, small),
        "thick": (
            "made/hippocampus-1x1x3",
            1000,
            f"{deep} {THICK}",
            ["--patch", "12x56x40", "--batch", "2", "--spacing", "none"],
        ),
        "trus": (f"{prostate}/trus", 250, deep, [*cube, "--spacing", "none"]),
        "mr": (f"{prostate}/mr", 250, deep, [*cube, "--spacing", "0.522x0.522x0.522"]),
    }
    out = []
    for name, (data, steps, form, flags) in sets.items():
        for seed in SEEDS:
            for arm, heads in ("none", "one"), ("side", "side"):
                words = ["--fold", "0", "--seed", str(seed), *flags, "--spec"]
                words.append(f"arch=attunet widths=16,32,64,128 {form} heads={heads}")
                where = f"side/{name}/{arm}/seed-{seed}"
                out.append(Training(where, data, 6 * MINUTE, words, steps=steps))
    return out


def norms():
    """Batches of two patches with batch norm, with its statistics computed anew over training
    patches, and with instance norm: 250 steps or 1000, fold 0."""
    sets = {
        "made/hippocampus-1x1x3": (f" {THICK}", ["--patch", "12x56x40", "--spacing", "none"]),
        "prostate_simulated/mr": ("", ["--patch", "32x32x32", "--spacing", "none"]),
    }
    out = []
    for data, (levels, flags) in sets.items():
        for seed in SEEDS:
            where = f"norms/{data.split('/')[data.startswith('made/')]}"
            common = [*flags, "--batch", "2", "--fold", "0", "--seed", str(seed)]
            for norm in "batch", "instance":
                name = f"{where}/{norm}/seed-{seed}"
                words = ["--spec", f"widths=8,16,32,64{levels} norm={norm} heads=one"]
                out.append(Training(name, data, 3 * MINUTE, [*common, *words], steps=250))
                if norm == "batch":
                    anew = f"{where}/batch-anew/seed-{seed}"
                    out.append(Training(anew, data, 0, common, steps=100, source=name))
                longer = f"{where}-1000/{norm}/seed-{seed}"
                out.append(Training(longer, data, 3 * MINUTE, [*common, *words], steps=1000))
    return out


def clutter():
    """Small targets among look-alikes, with and without gates: equal steps, and for `wide` the
    parameters of the network with gates. Fold 0 of phantoms."""
    form = "dims=2 norm=batch up=nearest heads=one"
    arms = {
        "none": f"arch=unet {form} widths=8,16,32,64",
        "wide": f"arch=unet {form} widths=9,17,34,66",
        "same": f"arch=attunet {form} widths=8,16,32,64 gate=same signal=up inter=half gated=all"
        " gate_norm=batch gating_conv=no gate_out=no",
        "grid": f"arch=attunet {form} widths=8,16,32,64 gate=grid sub=2 signal=coarse inter=x"
        " gated=inner gate_norm=none gating_conv=yes gate_out=yes",
    }
    common = ["--patch", "128x128", "--resize", "none", "--batch", "4", "--fold", "0"]
    return [
        Training(
            f"clutter/{kind}/{arm}/seed-{seed}",
            f"made/phantom-{kind}",
            3 * MINUTE,
            [*common, "--seed", str(seed), "--spec", spec],
            steps=250,
        )
        for kind in ("ultrasound", "field")
        for seed in SEEDS
        for arm, spec in arms.items()
    ]


EXPERIMENTS = [
    Experiment(
        "hippocampus-20m",
        "5 folds of the 208 cases, 20 minutes each",
        folds("hippocampus-20m", "hippocampus", 20),
    ),
    Experiment(
        "busi-60m", "5 folds by groups, 60 minutes each", folds("busi-60m", "busi", 60, *BUSI)
    ),
    Experiment(
        "busi-peer-60m",
        "PyTorch on the same folds for as long",
        [Training(f"busi-peer-60m/fold_{k}", "busi", 60 * MINUTE, peer=k) for k in range(5)],
    ),
    Experiment("copies", "fold 0 on other grids, 20 minutes each", copies()),
    Experiment(
        "unseen",
        "fold 0 of heads in thick slices, glands and vessels with defaults, 30 minutes each",
        unseen(),
    ),
    Experiment(
        "hippocampus-75m", "5 folds, 75 minutes each", folds("hippocampus-75m", "hippocampus", 75)
    ),
    Experiment(
        "hippocampus-75m-wide",
        "two of these folds with twice the channels, and the steps that take as long",
        wide_folds(),
    ),
    Experiment(
        "hippocampus-20m-side",
        "the five folds with side losses, which take no longer, 20 minutes each",
        side_folds(20, 9478),
    ),
    Experiment(
        "hippocampus-75m-side",
        "the same, 75 minutes each",
        side_folds(75, 35545),
    ),
    Experiment(
        "membranes-10m",
        "5 blocks of five slices, 10 minutes each",
        [
            Training(
                f"membranes-10m/block_{k}",
                "isbi2012",
                10 * MINUTE,
                ["--train-list", f"@rest{k}", "--val-list", f"@block{k}"],
            )
            for k in range(5)
        ],
    ),
    Experiment("storage", "maps in float and in bfloat16, 1000 steps a run", storage()),
    Experiment(
        "precision", "products in float and in bfloat16, 1880 or 470 steps a run", precision()
    ),
    Experiment("side", "side losses on four levels, 250 to 1880 steps a run", side()),
    Experiment("norms", "batch and instance norm on batches of two, 250 or 1000 steps", norms()),
    Experiment("clutter", "phantoms with look-alikes, gates or none, 250 steps a run", clutter()),
    Experiment("losses", "losses, 4 minutes a run", arms("losses", 4, losses)),
    Experiment(
        "gates",
        "none, same-grid and grid gates, hard attention in both forms, at 10, 30 and 100 % of the"
        " cases, 6 minutes a run",
        arms("gates", 6, gates, ("10", "30", "100")),
    ),
]
