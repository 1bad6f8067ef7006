# SPDX-License-Identifier: Apache-2.0
"""What is compared, with the floor that must be reached and the aim beyond it."""

from dataclasses import dataclass, field, replace


@dataclass
class Check:
    """value is at least the floor, or at most it. kind:
    speed   the peer's seconds over ours, at least
    memory  our peak resident memory over the peer's, at most
    extra   percent of time that ours takes more than the peer, at most
    start   milliseconds, at most
    gain    what the second thread gains, over what the FMA peak gains, at least"""

    kind: str
    peer: str
    floor: float
    aim: float = None

    def at_least(self):
        return self.kind in ("speed", "gain")

    def met(self, value, bound):
        return value >= bound if self.at_least() else value <= bound

    def text(self, bound):
        return {
            "speed": "{:.2f}x",
            "memory": "{:.2f}",
            "extra": "{:.1f} %",
            "start": "{:.0f} ms",
            "gain": "{:.2f}",
        }[self.kind].format(bound)


# Engines that differ in the layout of their maps only: the faster one counts.
LAYOUTS = {
    "pytorch": ["pytorch", "pytorch-cl"],
    "pytorch-bf16": ["pytorch-bf16", "pytorch-bf16-cl"],
}
ALL = [
    "pytorch",
    "pytorch-cl",
    "pytorch-bf16",
    "pytorch-bf16-cl",
    "onnxruntime",
    "openvino",
    "openvino-bf16",
]


@dataclass
class Row:
    name: str
    title: str
    kind: str  # predict, train, gates, start or threads
    net: str
    size: int
    checks: list
    engines: list = field(default_factory=list)
    batch: int = 1
    precision: str = "f32"  # of ours: products
    storage: str = "f32"  # and maps, while it trains
    environment: dict = field(default_factory=dict)  # of ours and the peers


ROWS = [
    Row(
        "lee256",
        "`lee` Attention U-Net 64..1024, 256x256, prediction",
        "predict",
        "lee",
        256,
        [
            Check("speed", "ncnn", 1.4, 1.7),
            Check("speed", "openvino", 2.0, 2.5),
            Check("speed", "pytorch", 2.8, 3.4),
            Check("speed", "openvino-bf16", 1.0, 1.2),
            Check("memory", "openvino", 0.6, 0.45),
        ],
        ALL + ["ncnn"],
    ),
    Row(
        "lee512",
        "the same, 512x512",
        "predict",
        "lee",
        512,
        [Check("speed", "ncnn", 1.4, 1.7), Check("speed", "openvino", 2.0, 2.5)],
        ["onnxruntime", "openvino", "openvino-bf16", "ncnn"],
    ),
    Row(
        "paper3d",
        "the paper's 3D Attention U-Net 16..256, 96x96x96, prediction",
        "predict",
        "paper3d",
        96,
        [
            Check("speed", "openvino", 1.9, 2.5),
            Check("speed", "pytorch", 3.4, 4.5),
            Check("speed", "openvino-bf16", 1.05, 1.4),
            Check("memory", "openvino", 0.6, 0.45),
        ],
        ALL,
    ),
    Row(
        "lee-train",
        "`lee` 64..1024, 256x256, batch 2, training step",
        "train",
        "lee",
        256,
        [
            Check("speed", "pytorch", 2.2, 2.9),
            Check("speed", "pytorch-bf16", 1.0, 1.3),
            Check("memory", "pytorch", 0.6),
        ],
        ALL[:4],
        batch=2,
    ),
    Row(
        "paper3d-train",
        "the paper's 3D net 16..256, 64x64x64, batch 2, training step",
        "train",
        "paper3d",
        64,
        [
            Check("speed", "pytorch", 2.5, 3.3),
            Check("speed", "pytorch-bf16", 1.4, 1.8),
            Check("memory", "pytorch", 0.35),
        ],
        ALL[:4],
        batch=2,
    ),
    Row(
        "lee256-bf16",
        "`lee` 64..1024, 256x256, prediction, ours in bf16",
        "predict",
        "lee",
        256,
        [Check("speed", "openvino-bf16", 1.3, 1.8), Check("memory", "openvino-bf16", 0.6, 0.45)],
        ["openvino-bf16", "ours-f32"],
        precision="bf16",
    ),
    Row(
        "paper3d-bf16",
        "the paper's 3D net 16..256, 96x96x96, prediction, ours in bf16",
        "predict",
        "paper3d",
        96,
        [Check("speed", "openvino-bf16", 1.2, 1.6), Check("memory", "openvino-bf16", 0.6, 0.45)],
        ["openvino-bf16", "ours-f32"],
        precision="bf16",
    ),
    Row(
        "lee-train-bf16",
        "`lee` 64..1024, 256x256, batch 2, training step, ours in bf16",
        "train",
        "lee",
        256,
        [Check("speed", "pytorch-bf16", 2.0, 2.6)],
        LAYOUTS["pytorch-bf16"] + ["ours-f32"],
        batch=2,
        precision="bf16",
    ),
    Row(
        "paper3d-train-bf16",
        "the paper's 3D net 16..256, 64x64x64, batch 2, training step, ours in bf16",
        "train",
        "paper3d",
        64,
        [Check("speed", "pytorch-bf16", 2.0, 2.6)],
        LAYOUTS["pytorch-bf16"] + ["ours-f32"],
        batch=2,
        precision="bf16",
    ),
    Row(
        "lee-gates",
        "`lee` 64..1024 against the same net without gates, 256x256, prediction",
        "gates",
        "lee",
        256,
        [Check("extra", "ours-plain", 6, 4)],
        ["ours-plain"],
    ),
    Row(
        "paper3d-gates",
        "the paper's 3D net against the same net without gates, 96x96x96, prediction",
        "gates",
        "paper3d",
        96,
        [Check("extra", "ours-plain", 3, 1.5)],
        ["ours-plain"],
    ),
    Row(
        "avx2",
        "`lee` 64..1024, 256x256, prediction, all held to AVX2",
        "predict",
        "lee",
        256,
        [Check("speed", "openvino", 1.8, 2.3)],
        ["openvino"],
        environment={"ATTUNET_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    ),
    Row(
        "start",
        "`attunet predict` with a small net (`lee` 16..256), 256x256 PNG: process start to mask"
        " written",
        "start",
        "lee-small",
        256,
        [Check("start", None, 60, 20)],
    ),
    Row(
        "threads",
        "`lee` 64..1024, 256x256, prediction: gain from 1 to 2 threads, over what the FMA peak"
        " gains",
        "threads",
        "lee",
        256,
        [Check("gain", "ours-1", 0.95)],
        ["ours-1"],
    ),
]
ROWS += [
    replace(row, name=row.name + "-maps", title=row.title + ", maps too", storage="bf16")
    for row in ROWS
    if row.kind == "train" and row.precision == "bf16"
]


def formats(row):
    """What make_nets.py makes for a row."""
    if row.kind == "start":
        return ["png"]
    found = {"onnx" for e in row.engines if e.startswith(("onnxruntime", "openvino"))} | {
        "ncnn" for e in row.engines if e == "ncnn"
    }
    return sorted(found) if row.kind == "predict" else []
