#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the PyTorch peer (train_busi.py) on one fold of BUSI for as many steps as fit into SECONDS
at SECONDS_PER_STEP, and scores it at native size.

The peer counts time by time.time(), twice a step.  A clock that moves on by SECONDS_PER_STEP
between the two calls gives it the steps that it would have on a
quiet machine, whatever else runs here.  Since it asks for the time when a step begins, the clock is
also where its state is kept (in STATE, every 200 steps, and
gone at the end) and taken up again, to the same weights.  With --calibrate the clock is the real
one: trains for SECONDS and prints the seconds of a step.

usage: peer_busi.py PEERS DATA FOLD SECONDS (SECONDS_PER_STEP STATE OUT.json | --calibrate)"""

import json, os, runpy, sys, time

import numpy as np

KEPT_EVERY = 200


def keep(peer, path):
    import torch

    torch.save(
        {
            "model": peer["m"].state_dict(),
            "optimiser": peer["opt"].state_dict(),
            "numpy": peer["rng"].bit_generator.state,
            "torch": torch.get_rng_state(),
            "step": peer["step"],
            "spent": peer["spent"],
            "next": peer["nxt"],
        },
        path + ".part",
    )
    os.replace(path + ".part", path)


def take_up(peer, path):
    import torch

    state = torch.load(path, weights_only=False)
    peer["m"].load_state_dict(state["model"])
    peer["opt"].load_state_dict(state["optimiser"])
    peer["rng"].bit_generator.state = state["numpy"]
    torch.set_rng_state(state["torch"])
    peer.update(step=state["step"], spent=state["spent"], nxt=state["next"])
    print(f"resuming at step {state['step']}", flush=True)


def stepping_clock(seconds_per_step, path):
    calls = 0

    def clock():
        nonlocal calls
        peer = sys._getframe(1).f_globals
        if "spent" in peer:  # train_busi.py asks, and not a library
            if calls == 0 and os.path.exists(path):
                take_up(peer, path)
            elif calls > 0 and calls % 2 == 0 and peer["step"] % KEPT_EVERY == 0:
                keep(peer, path)
            calls += 1
        return calls // 2 * seconds_per_step

    return clock


def native_scores(peer, data):
    """IoU and Dice of every tumour image of the fold on the image's own grid: logits resized
    bilinearly, then cut at 0."""
    import torch
    from PIL import Image

    peer["m"].eval()
    rows = {}
    for name, (x, _) in peer["te"].items():
        if name.startswith("normal"):
            continue
        truth = np.asarray(Image.open(f"{data}/labels/{name}.png").convert("L")) > 127
        with torch.inference_mode():
            logits = peer["m"](
                torch.from_numpy(x)[None, None].contiguous(memory_format=torch.channels_last)
            )
            logits = torch.nn.functional.interpolate(
                logits, size=truth.shape, mode="bilinear", align_corners=False
            )
        found = logits[0, 0].numpy() > 0
        both, either = int((found & truth).sum()), int((found | truth).sum())
        rows[name] = {
            "iou": both / max(1, either),
            "dice": 2 * both / max(1, int(found.sum() + truth.sum())),
        }
    return rows


def main():
    peers, data, fold, seconds, last = *sys.argv[1:5], sys.argv[5:]
    calibrate = last == ["--calibrate"]
    sys.path.insert(0, peers)
    sys.dont_write_bytecode = True
    sys.argv = ["train_busi.py", data, seconds, "16", fold]
    if not calibrate:
        time.time = stepping_clock(float(last[0]), last[1])
    peer = runpy.run_path(os.path.join(peers, "train_busi.py"))
    if calibrate:
        print(f"{peer['spent'] / peer['step']:.4f}")
        return
    rows = native_scores(peer, data)
    result = {
        "fold": int(fold),
        "steps": peer["step"],
        "seconds_per_step": float(last[0]),
        "cases": rows,
        "iou": float(np.mean([r["iou"] for r in rows.values()])),
        "dice": float(np.mean([r["dice"] for r in rows.values()])),
    }
    with open(last[2] + ".part", "w") as f:
        json.dump(result, f, separators=(",", ":"))
    os.replace(last[2] + ".part", last[2])
    if os.path.exists(last[1]):
        os.remove(last[1])
    print(
        f"fold {fold}: {result['steps']} steps, IoU {result['iou']:.4f}, Dice {result['dice']:.4f}"
        " at native size"
    )


if __name__ == "__main__":
    main()
