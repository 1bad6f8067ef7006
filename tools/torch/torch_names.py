#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names and shapes of everything in the state dicts of nnU-Net's PlainConvUNet and MONAI's
AttentionUnet, as their own packages make them
(torch, monai, dynamic_network_architectures): what a file must hold to be loaded there with
strict=True.

Usage: torch_names.py tests/fixtures/nets"""

import sys

import torch.nn as nn
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet
from monai.networks.nets import AttentionUnet


def write(name, spec, net):
    with open(f"{sys.argv[1]}/{name}.txt", "w") as f:
        f.write(f"{spec}\n")
        for key, value in sorted(net.state_dict().items()):
            f.write(f"{key} {'x'.join(map(str, value.shape)) or '-'}\n")


write(
    "nnunet_3d",
    "arch=nnunet dims=3 in=2 classes=3 widths=4,6,8 strides=1,1x2x2,2x2x2 kernels=1x3x3,3x3x3,3x3x3"
    " heads=side",
    PlainConvUNet(
        2,
        3,
        [4, 6, 8],
        nn.Conv3d,
        [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
        [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
        2,
        3,
        2,
        conv_bias=True,
        norm_op=nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        deep_supervision=True,
    ),
)
write(
    "nnunet_residual_3d",
    "arch=nnunet dims=3 in=2 classes=3 widths=4,6,6 strides=1,1x2x2,2x2x2 kernels=1x3x3,3x3x3,3x3x3"
    " blocks=1,2,2 heads=side",
    ResidualEncoderUNet(
        2,
        3,
        [4, 6, 6],
        nn.Conv3d,
        [[1, 3, 3], [3, 3, 3], [3, 3, 3]],
        [[1, 1, 1], [1, 2, 2], [2, 2, 2]],
        [1, 2, 2],
        3,
        1,
        conv_bias=True,
        norm_op=nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        deep_supervision=True,
    ),
)
write(
    "monai_3d",
    "arch=monai dims=3 in=1 classes=2 widths=4,6,8 strides=2,1x2x2 kernel=5 up_kernel=3",
    AttentionUnet(3, 1, 2, (4, 6, 8), (2, (1, 2, 2)), kernel_size=5, up_kernel_size=3),
)
