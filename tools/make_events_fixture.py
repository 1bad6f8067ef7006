#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file of TensorBoard's as its own writer makes it, for tests/unit/train/test_events.c; and with a RUN, whether TensorBoard reads what attunet wrote
(needs tensorboard).

Usage: make_events_fixture.py tests/fixtures     writes events/events.out.tfevents.0.attunet, the same bytes on every run
       make_events_fixture.py --read RUN         prints every tag with its last step and value, read by TensorBoard, and compares log.csv;
                                                 of pictures their sizes"""
import csv
import io
import sys
from pathlib import Path

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "events.out.tfevents.0.attunet", "wb") as f:
        w = RecordWriter(f)
        w.write(event_pb2.Event(wall_time=1e9, file_version="brain.Event:2").SerializeToString())
        for i in range(1, 5):
            rows = [("train/loss", 1 / i)] + ([] if i % 2 else [("validation/dice_mean", 0.5 + 0.01 * i)])
            values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in rows]
            w.write(event_pb2.Event(wall_time=1e9 + i, step=100 * i, summary=summary_pb2.Summary(value=values)).SerializeToString())
        image = summary_pb2.Summary.Image(height=3, width=200, colorspace=3, encoded_image_string=bytes(range(256)))
        values = [summary_pb2.Summary.Value(tag=tag, image=image) for tag in ("validation/a", "validation/b")]
        w.write(event_pb2.Event(wall_time=1e9 + 5, step=500, summary=summary_pb2.Summary(value=values)).SerializeToString())


def read(run):
    events = EventAccumulator(str(run), size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    with open(run / "log.csv") as f:
        rows = list(csv.DictReader(f))
    for tag in events.Tags()["scalars"]:
        found = [(e.step, e.value) for e in events.Scalars(tag)]
        name = tag.split("/", 1)[1]
        logged = [(int(r["step"]), float(r[name])) for r in rows if r[name]]
        same = len(found) == len(logged) and all(a[0] == b[0] and abs(a[1] - b[1]) <= 0.06 + 1e-5 * abs(b[1]) if name == "seconds" else
                                                 a[0] == b[0] and abs(a[1] - b[1]) <= 1e-5 * abs(b[1]) for a, b in zip(found, logged))
        print(f"{tag:32} {len(found):5} values, step {found[-1][0]}: {found[-1][1]:.6g}{'' if same else '  NOT AS IN log.csv'}")
        if not same:
            sys.exit(1)
    for tag in events.Tags()["images"]:
        found = events.Images(tag)
        picture = Image.open(io.BytesIO(found[-1].encoded_image_string))
        picture.load()
        steps = ", ".join(str(e.step) for e in found)
        print(f"{tag:32} {len(found):5} pictures, the last {picture.size[0]}x{picture.size[1]}; steps {steps}")
        if picture.size != (found[-1].width, found[-1].height):
            sys.exit(1)


read(Path(sys.argv[2])) if sys.argv[1] == "--read" else make(Path(sys.argv[1]) / "events")
