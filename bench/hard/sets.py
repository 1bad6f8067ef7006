# SPDX-License-Identifier: Apache-2.0
"""The experiments behind docs/hard.md: three data sets with large images and small targets, and
what is trained on each.

Arms: `hard` (and `glimpse`, its sequential form); without any policy `dense` (the fine network over
everything), `half` (the same on images at half resolution) and `narrow` (the
fine network with fewer channels, so that it costs dense about as much as hard does).  All arms of a
set train for the same time on the same cases.
"""

from dataclasses import dataclass

ARMS = ("hard", "dense", "half", "narrow", "glimpse")


@dataclass
class Set:
    name: str
    text: str
    make: list  # further arguments of what makes its data
    tile: str
    halo: str
    # the patch of the networks without a policy at full resolution, unless dense_patch says
    # otherwise: tile + 2 halo, what hard attention reads around a tile
    window: str
    scale: str
    tiles: int
    coarse: str
    fine: str
    narrow: str
    half: str  # --shrink of the arm `half`
    overlap: float  # of the windows of a dense prediction: no more than the halo
    dense_window: str
    shape: str  # of a usual image, for multiply-adds
    minutes: float
    dense_patch: str = (
        # of the networks without a policy, where more context does them good (default: the window)
        ""
    )
    flags: tuple = ("--resize", "none")
    hard_flags: tuple = ()  # of the arms with a policy
    dense_flags: tuple = ()  # of those without
    hard_words: str = ""  # further words of their spec
    share: float = (
        # of dense multiply-adds, in which their predictions have to stay (0: as many tiles as they
        # were trained with)
        0
    )
    lists: bool = True  # train.txt and val.txt beside the training cases
    images: str = "images"
    labels: str = "labels"


MOSAICS = Set(
    name="mosaics",
    text=(
        "2D: fields of 3072 x 3072 pixels of breast ultrasound images, one to three tumour images"
        " in each, averaged over blocks of 8 x 8"
    ),
    make=[
        "--size",
        "384x384",
        "--reduce",
        "8",
        "--train",
        "300",
        "--val",
        "60",
    ],  # settings were chosen with the 60 fields that validate
    tile="16",
    halo="16",
    window="48x48",
    scale="4",
    tiles=14,
    coarse="8,16,32,64",
    fine="8,16,32,64,96",
    narrow="4,8,16,32,48",
    half="2",
    overlap=0.125,
    dense_window="384x384",
    shape="384x384",
    minutes=15,
    dense_patch="128x128",
    flags=("--resize", "none", "--augment", "full"),
    dense_flags=(
        "--foreground",
        "0",
    ),  # nine tenths of a field are of normal tissue, which else is marked more often
    # windows of up to 96 x 96 pixels, and such patches: more context (docs/hard.md)
    hard_words="cluster=4",
    share=0.25,
    hard_flags=("--foreground", "0.2", "--shares", "35,42,15,8"),
)

ATLAS = Set(
    name="atlas",
    text="3D: one head as a population, 2 mm, hippocampus, amygdala and pallidum",
    make=[
        "--reduce",
        "2",
        "--train",
        "48",
        "--first-test",
        "40",
        "--test",
        "160",
    ],  # settings were chosen with test heads 0 to 39
    tile="16",
    halo="4",
    window="24x24x24",
    scale="4",
    tiles=15,
    coarse="8,16,32,64",
    fine="8,16,32,64",
    narrow="4,8,16,32",
    half="2",
    overlap=0.17,
    dense_window="96x112x96",
    shape="88x104x88",
    minutes=20,
    dense_patch="48x48x48",
    images="imagesTr",
    labels="labelsTr",
    flags=("--spacing", "none", "--foreground", "0.67"),
    share=0.26,  # in the mean less than a quarter on test heads 0 to 39
    hard_flags=("--shares", "10,65,20,5"),
)  # the fine network learns longest; the coarse one has few voxels

FIELD = Set(
    name="field",
    text="2D: made-up fields of 4096 x 4096, a hundredth lesions, clutter as bright",
    make=["--count", "24"],
    tile="64",
    halo="8",
    window="80x80",
    scale="8",
    tiles=192,
    coarse="8,16,32,32",
    fine="8,16,32,32",
    narrow="3,5,10,10",
    half="2",
    overlap=0.031,
    dense_window="512x512",
    shape="4096x4096",
    minutes=20,
    lists=False,
    hard_words="cluster=1",  # as the table of docs/hard.md was made
    # fields have 4096 tiles to choose from: after a tenth of the time the reward of held-back
    # training fields still rose
    hard_flags=("--shares", "30,30,30,10"),
)

SETS = {s.name: s for s in (MOSAICS, ATLAS, FIELD)}


def spec(s, arm):
    """The network of an arm; number of axes, channels and classes come from the data."""
    if arm in ("hard", "glimpse"):
        return (
            f"arch={arm} scale={s.scale} tile={s.tile} halo={s.halo} tiles={s.tiles}"
            f" coarse={s.coarse} fine={s.fine} {s.hard_words}".rstrip()
        )
    return f"arch=attunet widths={s.narrow if arm == 'narrow' else s.fine}"


def flags(s, arm):
    out = ["--spec", spec(s, arm), *s.flags]
    if arm in ("hard", "glimpse"):
        return out + list(s.hard_flags)
    out += ["--patch", s.dense_patch or s.window, *s.dense_flags]
    if arm == "half":
        out += ["--shrink", s.half]
    return out
