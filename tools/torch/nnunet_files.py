# SPDX-License-Identifier: Apache-2.0
"""The files of a trained model as nnU-Net v2 writes them: plans.json, dataset.json and a
checkpoint, of networks and data that are made up (needs torch)."""

import json
import os

import torch

RESAMPLING = {
    "data": (False, 3),
    "seg": (True, 1),
    "probabilities": (False, 1),
}  # whether it is of labels, and the order of splines
INTENSITIES = {
    "max": 1.0,
    "mean": 0.5,
    "median": 0.5,
    "min": 0.0,
    "percentile_00_5": 0.0,
    "percentile_99_5": 1.0,
    "std": 0.2,
}


def configuration(patch, spacing, schemes, masked, features, kernels, strides, blocks=None):
    """What plans.json says of one network, a PlainConvUNet, or with so many blocks in each stage a
    ResidualEncoderUNet."""
    dims, stages = len(patch), len(features)
    c = {
        "data_identifier": "nnUNetPlans_made",
        "preprocessor_name": "DefaultPreprocessor",
        "batch_size": 2,
        "patch_size": patch,
        "median_image_size_in_voxels": patch,
        "spacing": spacing,
        "normalization_schemes": schemes,
        "use_mask_for_norm": [masked] * len(schemes),
    }
    for kind, (labels, order) in RESAMPLING.items():
        c[f"resampling_fn_{kind}"] = "resample_data_or_seg_to_shape"
        c[f"resampling_fn_{kind}_kwargs"] = {
            "is_seg": labels,
            "order": order,
            "order_z": 0,
            "force_separate_z": None,
        }
    c["architecture"] = {
        "network_class_name": "dynamic_network_architectures.architectures.unet."
        + ("ResidualEncoderUNet" if blocks else "PlainConvUNet"),
        "arch_kwargs": {
            "n_stages": stages,
            "features_per_stage": features,
            "conv_op": f"torch.nn.modules.conv.Conv{dims}d",
            "kernel_sizes": kernels,
            "strides": strides,
            **({"n_blocks_per_stage": blocks} if blocks else {"n_conv_per_stage": [2] * stages}),
            "n_conv_per_stage_decoder": [1 if blocks else 2] * (stages - 1),
            "conv_bias": True,
            "norm_op": f"torch.nn.modules.instancenorm.InstanceNorm{dims}d",
            "norm_op_kwargs": {"eps": 1e-05, "affine": True},
            "dropout_op": None,
            "dropout_op_kwargs": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        },
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
    }
    return {**c, "batch_dice": False}


def plans(name, configurations, order=(0, 1, 2), reader="SimpleITKIO", intensities=(INTENSITIES,)):
    """plans.json.  order: transpose_forward.  intensities: of every channel."""
    return {
        "dataset_name": name,
        "plans_name": "nnUNetPlans",
        "original_median_spacing_after_transp": [1.0] * 3,
        "original_median_shape_after_transp": [20] * 3,
        "image_reader_writer": reader,
        "transpose_forward": list(order),
        "transpose_backward": [order.index(axis) for axis in range(3)],
        "configurations": configurations,
        "experiment_planner_used": "ExperimentPlanner",
        "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {
            str(i): numbers for i, numbers in enumerate(intensities)
        },
    }


def save_description(folder, plan, channels, described, ending):
    """plans.json and dataset.json.  described: "labels", and of regions their order; returns
    dataset.json."""
    os.makedirs(folder, exist_ok=True)
    dataset = {
        "channel_names": {str(i): f"MR {i}" for i in range(channels)},
        **described,
        "numTraining": 1,
        "file_ending": ending,
    }
    for file, content in (("plans.json", plan), ("dataset.json", dataset)):
        with open(os.path.join(folder, file), "w") as f:
            json.dump(content, f, indent=4)
    return dataset


def save_checkpoint(folder, name, state, axes):
    """fold_0/checkpoint_final.pth: what nnU-Net's predictor reads of it, and some of the rest.
    axes: those that mirror."""
    os.makedirs(os.path.join(folder, "fold_0"), exist_ok=True)
    torch.save(
        {
            "network_weights": state,
            "optimizer_state": {"state": {}, "param_groups": [{"lr": 0.01}]},
            "grad_scaler_state": None,
            "logging": {"ema_fg_dice": [0.5]},
            "_best_ema": 0.5,
            "current_epoch": 1,
            "init_args": {"configuration": name},
            "trainer_name": "nnUNetTrainer",
            "inference_allowed_mirroring_axes": axes,
        },
        os.path.join(folder, "fold_0", "checkpoint_final.pth"),
    )
