#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Models as nnU-Net leaves them, and the masks that nnU-Net itself predicts with them, for
tests/cli/test_nnunet_plans.sh (needs torch, nnunetv2, nibabel, pillow).

Usage: torch_nnunet_models.py tests/fixtures/nnunet [FOLDER...]   (those alone)

NAME_0000.nii.gz and NAME_0001.nii.gz are two channels of a made-up volume: an ellipsoid with a
kernel, in a larger one of noise, in zeros, and picture_0000.png one slice of it.  Every other
folder is what
nnU-Net calls a trained model's: plans.json, dataset.json and fold_0/checkpoint_final.pth, or in its
place weights.safetensors.  Networks are narrow and shortly trained, on what nnU-Net's
preprocessor makes of the volume.  mask.nii.gz and mirrored.nii.gz are nnU-Net's predictions,
without and with mirroring.  Masks are the same on every run on one machine
but for a few voxels."""

import functools
import json
import os
import shutil
import sys
import tempfile

import nibabel
import nnunet_files
import numpy as np
import torch
from PIL import Image

os.environ |= {
    name: tempfile.gettempdir() for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results")
}
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

SPACING = (1.3, 1.0, 2.4)  # mm along x, y, z
CLASSES = {"labels": {"background": 0, "shell": 1, "kernel": 2}}
REGIONS = {
    "labels": {"background": 0, "whole": [1, 2], "kernel": [2]},
    "regions_class_order": [1, 2],
}


def volume(seed):
    """Two channels and their mask, x, y, z."""
    rng = np.random.default_rng(seed)
    shape = (38, 46, 17)
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij")).astype(float)
    radius = lambda centre, radii: np.sqrt(
        sum(((g - c) / a) ** 2 for g, c, a in zip(grid, centre, radii))
    )
    r, outside = (
        radius((18.5, 24.2, 8.1), (12.3, 15.1, 5.2)),
        radius((19, 24, 8), (16.6, 19.5, 7.8)) > 1,
    )
    mask = np.where(r < 0.5, 2, np.where(r < 1, 1, 0))
    first = np.array([60, 140, 220])[mask] + rng.normal(0, 12, shape)
    second = np.array([-50, 20, 180])[mask] + rng.normal(0, 25, shape)
    return [np.where(outside, 0, c).round().astype(np.int16) for c in (first, second)], np.where(
        outside, 0, mask
    ).astype(np.uint8)


def intensities(c):
    """Of CT's normalisation."""
    return {
        "max": float(c.max()),
        "mean": float(c[c != 0].mean()),
        "median": float(np.median(c)),
        "min": float(c.min()),
        "percentile_00_5": float(np.percentile(c, 0.5)),
        "percentile_99_5": float(np.percentile(c, 99.5)),
        "std": float(c[c != 0].std()),
    }


def network(manager, dataset, conf):
    channels = determine_num_input_channels(manager, conf, dataset)
    heads = manager.get_label_manager(dataset).num_segmentation_heads
    return get_network_from_plans(
        conf.network_arch_class_name,
        conf.network_arch_init_kwargs,
        conf.network_arch_init_kwargs_req_import,
        channels,
        heads,
        deep_supervision=False,
    )


def train(folder, plan, dataset, name, files, label, steps=300):
    """Patches of the preprocessed volume, cross-entropy or, of regions, a sigmoid's."""
    torch.manual_seed(1)
    manager = PlansManager(plan)
    conf = manager.get_configuration(name)
    data, seg, _ = DefaultPreprocessor(verbose=False).run_case(files, label, manager, conf, dataset)
    data, seg = torch.from_numpy(np.asarray(data)).float(), torch.from_numpy(
        np.asarray(seg)[0]
    ).long().clamp(min=0)
    net = network(manager, dataset, conf)
    flat, patch = len(conf.patch_size) == 2, conf.patch_size
    before = [max(p - s, 0) for p, s in zip(patch, seg.shape[-len(patch) :])]
    pad = [n for b in reversed(before) for n in (0, b)]
    data, seg = torch.nn.functional.pad(data, pad), torch.nn.functional.pad(seg, pad)
    optimiser = torch.optim.Adam(net.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.01, steps)
    for step in range(steps):
        boxes = []
        for _ in range(8 if flat else 1):
            at = [
                int(torch.randint(0, s - p + 1, ()))
                for s, p in zip(seg.shape[-len(patch) :], patch)
            ]
            box = tuple(slice(a, a + p) for a, p in zip(at, patch))
            boxes.append((int(torch.randint(0, seg.shape[0], ())), *box) if flat else box)
        x, y = torch.stack([data[(slice(None), *box)] for box in boxes]), torch.stack(
            [seg[box] for box in boxes]
        )
        if "regions_class_order" in dataset:
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                net(x), torch.stack([y > 0, y > 1], 1).float()
            )
        else:
            loss = torch.nn.functional.cross_entropy(net(x), y, torch.tensor([1.0, 2.0, 8.0]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    print(folder, "loss", loss.item())
    return net


def save_weights(path, state):
    """Every parameter once: a name that begins with "decoder.encoder." or goes through
    "all_modules" is another one's."""
    header, blob = {}, b""
    for key, t in sorted(state.items()):
        if key.startswith("decoder.encoder.") or ".all_modules." in key:
            continue
        raw = t.contiguous().numpy().astype("<f4").tobytes()
        header[key] = {
            "dtype": "F32",
            "shape": list(t.shape),
            "data_offsets": [len(blob), len(blob) + len(raw)],
        }
        blob += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text + blob)


def predict(folder, name, state, axes, files, mirror, out):
    predictor = nnUNetPredictor(
        tile_step_size=0.5,
        use_gaussian=True,
        use_mirroring=mirror,
        perform_everything_on_device=False,
        device=torch.device("cpu"),
        allow_tqdm=False,
    )
    with tempfile.TemporaryDirectory() as work:
        for file in ("plans.json", "dataset.json"):
            shutil.copy(f"{folder}/{file}", work)
        nnunet_files.save_checkpoint(work, name, state, axes)
        predictor.initialize_from_trained_model_folder(work, (0,), "checkpoint_final.pth")
        predictor.predict_from_files_sequential([files], [f"{work}/mask"], False, True, None)
        shutil.copy(work + "/mask" + ending_of(out), out)


def ending_of(file):
    return ".png" if file.endswith(".png") else ".nii.gz"


def make(top, folder, name, plan, described, files, label, axes):
    if sys.argv[2:] and folder.split("/")[0] not in sys.argv[2:]:
        return
    where = os.path.join(top, folder)
    dataset = nnunet_files.save_description(where, plan, len(files), described, ending_of(files[0]))
    state = train(folder, plan, dataset, name, files, label).state_dict()
    if folder not in ("turned", "residual"):
        nnunet_files.save_checkpoint(where, name, state, axes)
    if folder in ("turned", "slices", "residual"):
        save_weights(os.path.join(where, "weights.safetensors"), state)
    for mirror, mask in ((False, "mask"), (True, "mirrored")):
        predict(
            where, name, state, axes, files, mirror, os.path.join(where, mask + ending_of(files[0]))
        )


def main():
    top = sys.argv[1]
    torch.set_num_threads(1)
    os.makedirs(top, exist_ok=True)
    channels, mask = volume(1)
    affine = np.diag([*SPACING, 1])
    files = [os.path.join(top, f"volume_{c:04d}.nii.gz") for c in range(2)]
    for file, c in zip(files, channels):
        nibabel.save(nibabel.Nifti1Image(c, affine), file)
    with tempfile.TemporaryDirectory() as work:
        label = os.path.join(work, "label.nii.gz")
        nibabel.save(nibabel.Nifti1Image(mask, affine), label)
        plans = functools.partial(
            nnunet_files.plans, intensities=[intensities(c) for c in channels]
        )
        z, ct = "ZScoreNormalization", "CTNormalization"
        # Several windows, other voxels, statistics of what is not zero; and a configuration that
        # another inherits from.
        full = nnunet_files.configuration(
            [16, 24, 24],
            [2.0, 1.0, 1.0],
            [z],
            True,
            [4, 8, 8],
            [[3, 3, 3]] * 3,
            [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
        )
        flat = nnunet_files.configuration(
            [32, 32], [1.1, 1.2], [z], False, [4, 6, 8], [[3, 3]] * 3, [[1, 1], [2, 2], [2, 2]]
        )
        make(
            top,
            "Dataset900_Made/nnUNetTrainer__nnUNetPlans__3d_fullres",
            "3d_fullres",
            plans("Dataset900_Made", {"2d": flat, "3d_fullres": full}, [0, 1, 2], "SimpleITKIO"),
            CLASSES,
            files[:1],
            label,
            (0, 1, 2),
        )
        # The axes exchanged, kernels and strides that differ along them, two channels in two ways,
        # regions.
        turned = nnunet_files.configuration(
            [24, 16, 20],
            [1.2, 2.2, 1.0],
            [ct, z],
            False,
            [4, 8, 8],
            [[1, 3, 3], [3, 3, 1], [3, 3, 3]],
            [[1, 1, 1], [2, 1, 2], [2, 2, 1]],
        )
        make(
            top,
            "turned",
            "3d_fullres",
            plans("Dataset901_Turned", {"3d_fullres": turned}, [2, 0, 1], "NibabelIO"),
            REGIONS,
            files,
            label,
            (0, 1, 2),
        )
        # A residual encoder, with levels of one width, whose skips are averaged alone, and kernels
        # and strides that differ along axes.
        residual = nnunet_files.configuration(
            [16, 20, 24],
            [2.0, 1.2, 1.0],
            [z],
            True,
            [4, 8, 8],
            [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
            [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
            [1, 2, 2],
        )
        make(
            top,
            "residual",
            "3d_fullres",
            plans("Dataset904_Residual", {"3d_fullres": residual}, [0, 1, 2], "SimpleITKIO"),
            CLASSES,
            files[:1],
            label,
            (0, 1, 2),
        )
        # Slice by slice, in exchanged axes, of which one may be mirrored.
        make(
            top,
            "slices",
            "2d",
            plans(
                "Dataset902_Slices",
                {"2d": {**flat, "spacing": [1.2, 1.1]}},
                [0, 2, 1],
                "SimpleITKIO",
            ),
            CLASSES,
            files[:1],
            label,
            (0,),
        )
        # A photograph with a black border.
        picture, its_mask = os.path.join(top, "picture_0000.png"), os.path.join(work, "label.png")
        Image.fromarray(np.pad(np.clip(channels[0][:, :, 8], 0, 255), 9).astype(np.uint8)).save(
            picture
        )
        Image.fromarray(np.pad(mask[:, :, 8], 9).astype(np.uint8)).save(its_mask)
        make(
            top,
            "pictures",
            "2d",
            plans(
                "Dataset903_Pictures",
                {"2d": {**flat, "spacing": [1.0, 1.0]}},
                [0, 1, 2],
                "NaturalImage2DIO",
            ),
            CLASSES,
            [picture],
            its_mask,
            (0, 1),
        )


main()
