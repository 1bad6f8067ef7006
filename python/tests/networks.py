# SPDX-License-Identifier: Apache-2.0
"""Small networks of each arch, for comparisons with other programs."""
import numpy as np

GRID = 'gate=grid sub=2 signal=coarse inter=x gated=inner gating_conv=yes gate_out=yes'
FLAT = ['arch=attunet widths=4,8,8', 'arch=attunet widths=4,8,8,8 norm=instance up=linear ' + GRID,
        'arch=attunet widths=4,8,8,8 heads=side up=transpose', 'arch=unet widths=4,8 norm=instance',
        'arch=attunet widths=4,8,8,8 heads=fused', 'arch=unet widths=4,8 up=transpose',
        'arch=lee width=4 classes=2', 'arch=nnunet widths=4,8,8',
        'arch=nnunet widths=4,8,8 blocks=1,2,2', 'arch=monai widths=4,8,8 strides=2,2']
DEEP = ['arch=attunet dims=3 widths=4,8,8,8 up=transpose ' + GRID,
        'arch=attunet dims=3 widths=4,8,8 strides=1x2x2,2x2x2 kernels=1x3x3,3x3x3,3x3x3 gated=all '
        'up=nearest', 'arch=unet dims=3 widths=4,8,8 up=linear', 'arch=oktay width=4 gates=multi',
        'arch=oktay width=4 gates=single align_corners=yes', 'arch=nnunet dims=3 widths=4,8,8',
        'arch=monai dims=3 widths=4,8,8']
SIZES = {2: [(64, 64), (32, 96)], 3: [(16, 32, 32), (32, 16, 48)]}


def softmax(logits, axis):
    if logits.shape[axis] == 1:
        return 1 / (1 + np.exp(-logits))
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)
