# SPDX-License-Identifier: Apache-2.0
# `attunet generate python` makes this file from src/base/options.def.
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Literal, TypedDict

Path = str | PathLike[str]

class InfoOptions(TypedDict, total=False):
    folds: int | str
    """make K folds, even if the data set has its own; groups: one fold for each group (default:
    5)"""
    holdout: float
    """validate on this share of the cases (or groups), such as 0.2"""
    stratify: bool
    """spread cases with the same classes evenly over the folds; groups stay together"""
    mask_values: Literal['classes', 'one', 'objects']
    """without a dataset.json: whether mask values above 0 are classes (classes), one class (one)
    or objects (objects, as `instances`); attunet asks if it cannot decide"""
    unlabelled: Literal['skip', 'stop']
    """images without a label: leave them out with a warning (skip), or refuse the data set
    (stop) (default: skip)"""
    instances: bool
    """the masks number single objects, such as nuclei; a mask with one value has an object in
    each connected piece; predictions number objects, too, and evaluate compares object by object"""
    train_list: Path
    """train on the cases named in this file, one a line; with `fold`, make the folds from them
    only"""
    val_list: Path
    """validate on the cases named in this file; without `train_list`, all others train"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    orientation: str
    """turn volumes to these axes, such as LPS (x runs to the left, y to the back, z up, as in
    nibabel); none: keep the stored axes; qform: read the axes from NIfTI's qform; LPS:q: both;
    masks keep the axes of their files (default: the axes of most volumes)"""
    select: str
    """which series of a DICOM folder, if it holds several: KEY=VALUE as 'attunet-dicom list'
    shows it, or the largest"""
    allow_gaps: bool
    """interpolate slices that a DICOM series lacks, in place of refusing it"""
    identify: bool
    """DICOM series: also print what names the patient: name, ID, birth date, study date,
    accession number and UIDs"""
    quick: bool
    """data set: read headers only"""
    fix: Path
    """data set: write a corrected copy: label headers less than half a voxel off, masks of 0 and
    255, several masks of one image; a groups.csv keeps similar images together"""
    groups_out: Path
    """data set: write a groups.csv that keeps similar images together"""
    shape: float | str | Sequence[float]
    """model: list layers, multiply-adds and memory for an input of this size"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class PlanOptions(TypedDict, total=False):
    output: Path
    """write the plan to this file"""
    show_augmentation: bool
    """also draw five cases with augmentation; with `output` FILE.png, write only this picture"""
    plan: Path
    """use this plan (from 'attunet plan', edited if you like), or the settings.json of another
    run; options override it"""
    overwrite: Path
    """replace this file, or files in this folder, although another program wrote or changed them"""
    fold: int | str
    """validate on fold K, from 0, and train on the others; all: train every fold, one after
    another, each for the whole `time`. Folds are those of the data set, else five (docs/data.md)
    (default: all cases train)"""
    folds: int | str
    """make K folds, even if the data set has its own; groups: one fold for each group (default:
    5)"""
    holdout: float
    """validate on this share of the cases (or groups), such as 0.2"""
    stratify: bool
    """spread cases with the same classes evenly over the folds; groups stay together"""
    mask_values: Literal['classes', 'one', 'objects']
    """without a dataset.json: whether mask values above 0 are classes (classes), one class (one)
    or objects (objects, as `instances`); attunet asks if it cannot decide"""
    unlabelled: Literal['skip', 'stop']
    """images without a label: leave them out with a warning (skip), or refuse the data set
    (stop) (default: skip)"""
    instances: bool
    """the masks number single objects, such as nuclei; a mask with one value has an object in
    each connected piece; predictions number objects, too, and evaluate compares object by object"""
    train_list: Path
    """train on the cases named in this file, one a line; with `fold`, make the folds from them
    only"""
    val_list: Path
    """validate on the cases named in this file; without `train_list`, all others train"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    time: float | str
    """train for about this long, such as 2h; trial steps give the number of steps (default: 15m)"""
    steps: int
    """train for this many steps"""
    epochs: int
    """train for this many passes over the cases"""
    speed: int
    """choose patch and grid for a machine that trains on N million voxels a second (default:
    measured; with `steps` or `epochs` 1.35)"""
    validate_every: int
    """steps between two validations on whole cases (default: five times a run, at least 100
    steps apart; 0: only at the end)"""
    checkpoint_every: float | str
    """time between two checkpoints (default: 5m)"""
    snapshots: int
    """keep N models of the training in RUN/snapshots, from the first to the last; 'attunet
    attend' shows how their attention maps change (default: 0)"""
    seed: int
    """seed of the random numbers; the same seed gives the same bits (default: 1)"""
    spec: str | Mapping[str, object]
    """the network, such as "arch=attunet widths=16,32,64,128" (default: an Attention U-Net
    chosen from the data)"""
    init: Path
    """start from the weights of this model (a file or a run); network and preparation are those
    of the model, but an output layer for other classes is new"""
    freeze: str | Sequence[str]
    """parts that keep their weights: encoder, or prefixes of parameter names, separated by
    commas"""
    patch: float | str | Sequence[float]
    """size of a training patch (default: chosen from the data)"""
    batch: int
    """patches per step (default: chosen from the data)"""
    max_memory: float | str
    """limit the memory of the whole process, such as 2GiB; feature maps are recomputed, so
    training takes longer; the result stays the same"""
    storage: Literal['f32', 'bf16']
    """type of the feature maps and their gradients in training: bf16 halves their memory and
    rounds them; sums and weights stay f32 (default: f32)"""
    micro_batch: int
    """compute a batch in passes of N patches and add the gradients: less memory, but batch norm
    and losses over a batch see N patches only"""
    exchange: Literal['f32', 'bf16']
    """type of the gradients that ranks, and passes of `micro_batch`, add up: f32 or bf16, which
    halves the bytes that ranks send and rounds the gradients, also on one rank (default: f32)"""
    resize: float | str | Sequence[float]
    """first resample every image, or slice, to this size in voxels; none: keep the grid
    (default: chosen from the data)"""
    spacing: float | str | Sequence[float]
    """first resample every image to voxels of this size in mm, such as 3x0.75x0.75; 0 keeps an
    axis, none all axes (default: chosen from the data)"""
    shrink: float | str | Sequence[float]
    """average blocks of voxels: 2 (along every axis) or 1x4x4; `resize` and `spacing` apply
    first; without them there is no other resampling (default: none)"""
    normalise: str
    """intensities: zscore, ct, minmax01, rgb or none, for all channels or one for each
    (ct,zscore); auto uses the names of the channels (default: auto)"""
    intensities: str | Sequence[float] | Sequence[str]
    """for channels normalised as ct: clip to A and B, subtract MEAN, divide by STD; one for all
    or one for each, separated by ';'; auto: from the foreground of the training cases
    (percentiles 0.5 and 99.5, mean, deviation) (default: auto)"""
    nonzero: bool
    """crop images to the box around non-zero voxels; zscore uses these voxels only, and masks
    are background outside (default: yes if that box is below 75 % of the median image)"""
    foreground: float
    """share of patches centred on a foreground voxel (default: 0.33)"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    orientation: str
    """turn volumes to these axes, such as LPS (x runs to the left, y to the back, z up, as in
    nibabel); none: keep the stored axes; qform: read the axes from NIfTI's qform; LPS:q: both;
    masks keep the axes of their files (default: the axes of most volumes)"""
    augment: Literal['none', 'light', 'full']
    """strength of augmentation: none, light (for short runs) or full (that of nnU-Net); the
    options below override it; P is a share of patches (default: light)"""
    mirror: Literal['w', 'h', 'hw', 'd', 'dw', 'dh'] | bool
    """mirror patches along each axis with probability 1/2, or along these of d, h and w only
    (default: yes; no with `augment` none; not left-right if classes are named left and right):
    yes|no|w|h|hw|d|dw|dh"""
    rotate: float
    """rotate patches by up to this angle; 0: never (default: 20; full 30, but 180 in 2D or
    within slices, 15 for long 2D images)"""
    rotate_probability: float
    """share of patches that are rotated (default: 0.5; full 0.2)"""
    scale: float
    """scale patches up or down by up to this share; 0: never (default: 0.25; full 0.4)"""
    scale_probability: float
    """share of patches that are scaled (default: 0.5; full 0.2)"""
    scale_axes: float
    """share of the scaled patches in which each axis has its own factor (default: 0)"""
    elastic: float
    """share of patches with elastic deformation (default: 0)"""
    intensity: bool
    """no: switch off all options from `jitter` to `gamma` (default: yes)"""
    jitter: float
    """gain of 0.8..1.25, offset with deviation 0.1 and noise of up to 0.1, together (default: 1;
    full 0)"""
    noise: float
    """noise with a deviation of up to 0.1 (default: 0; full 0.1)"""
    blur: float
    """Gaussian blur of 0.5..1 voxels, in half of the channels (default: 0; full 0.2)"""
    brightness: float
    """multiply by 0.75..1.25 (default: 0; full 0.15)"""
    contrast: float
    """change the contrast by 0.75..1.25 (default: 0; full 0.15)"""
    low_resolution: float
    """reduce the resolution to 0.5..1, in half of the channels (default: 0; full 0.25)"""
    gamma: float
    """raise intensities to a power of 0.7..1.5, then restore mean and deviation; in a third of
    these patches, the same first with the image inverted (default: 0; full 0.3)"""
    cutout: float
    """replace one to three boxes, each with 0.1..0.4 of the patch's sides, by the mean (default:
    0)"""
    loss: str
    """a sum of ce, dice, tversky, focal-tversky, gdice, focal, topk, boundary and cldice, with
    weights and settings, such as "0.5*tversky(alpha=.3,beta=.7)+ce" (docs/losses.md) (default:
    dice+ce)"""
    class_weights: str | Sequence[float] | Sequence[str]
    """weight of every class in ce, focal and topk, background first (default: all 1)"""
    optimiser: Literal['adamw', 'sgd']
    """adamw, or sgd with Nesterov momentum (default: adamw)"""
    lr: float
    """largest learning rate (default: adamw 0.002, sgd 0.01)"""
    momentum: float
    """momentum of sgd (default: 0.99)"""
    weight_decay: float
    """weight decay (default: adamw 0.01, sgd 0.00003)"""
    schedule: Literal['poly', 'cosine', 'constant']
    """learning rate over the run: poly (power 0.9), cosine or constant (default: poly)"""
    warmup: int
    """steps over which the learning rate rises from 0 (default: 50, or a twentieth of a short
    run)"""
    clip: float
    """scale gradients down to this norm; 0: never (default: 12)"""
    ema: float
    """validate with, and save, an average of the weights over about the last 1/(1 - DECAY)
    steps; 0: no average (default: 0)"""
    shares: str | Sequence[float] | Sequence[str]
    """for arch=hard: shares of `time` for the coarse network, the fine network, the policy
    alone, and all three together (default: 35,35,10,20)"""
    coarse_steps: int
    """steps of the coarse network (default: its share of `time`; with `steps` or `epochs` those
    of the fine network)"""
    policy_steps: int
    """steps of the policy alone (default: its share of `time`; with `steps` or `epochs` twice
    those of the fine network)"""
    joint_steps: int
    """steps of all three together (default: their share of `time`; with `steps` or `epochs` half
    of those of the fine network)"""
    policy_samples: int
    """choices of tiles drawn in an image at every step (2 to 4 in the joint stage) (default: 16)"""
    policy_batch: int
    """images in a step of the policy alone (default: 8)"""
    policy_views: int
    """views of every case that the policy learns from (mirrored, cut), as memory and time allow
    (default: 8)"""
    policy_baseline: Literal['local', 'raw', 'greedy', 'loo', 'learned']
    """how a reward becomes a gradient: from what each tile changes alone (local; loo for
    arch=glimpse and in the joint stage), or minus a baseline: none (raw), the likeliest choice
    (greedy), the mean of the other samples (loo), or a learnt value (learned) (default: local)"""
    policy_entropy: float
    """weight of the entropy of the choices, divided by their largest number of tiles; it falls
    to a tenth while the policy trains alone (default: 0.001)"""
    policy_cost: float
    """cost of computing all tiles, in Dice: the reward is Dice minus this times the share of
    tiles (default: 0)"""
    policy_lr: float
    """largest learning rate of the policy (default: 0.003)"""
    joint_rate: float
    """learning rate of the networks in the joint stage, as a share of `lr`; the policy has a
    tenth of that share of `policy_lr` (default: 0.1)"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """use this implementation of convolutions where it fits: ref, direct or winograd; auto takes
    the fastest (default: auto)"""
    precision: Literal['f32', 'bf16', 'auto']
    """type of the numbers that convolutions multiply in training steps: f32; bf16, faster with
    AMX, slower without; auto: f32 without AMX; with it, attunet measures both for a second and
    takes bf16 if that is 1.25 times as fast (default: f32)"""
    ranks: Literal['auto', 'mpi', '1']
    """share the work with the other processes of mpirun or srun; auto: if one of these started
    attunet; mpi: always; 1: never (docs/cluster.md); plan ignores it (default: auto)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class PackOptions(TypedDict, total=False):
    plan: Path
    """use this plan (from 'attunet plan', edited if you like), or the settings.json of another
    run; options override it"""
    compression: int
    """zstd level from 1 to 19; 0: no compression (default: 3)"""
    fold: int
    """pack the cases that train when fold K, from 0, validates (default: all cases)"""
    folds: int | str
    """make K folds, even if the data set has its own; groups: one fold for each group (default:
    5)"""
    holdout: float
    """validate on this share of the cases (or groups), such as 0.2"""
    stratify: bool
    """spread cases with the same classes evenly over the folds; groups stay together"""
    mask_values: Literal['classes', 'one', 'objects']
    """without a dataset.json: whether mask values above 0 are classes (classes), one class (one)
    or objects (objects, as `instances`); attunet asks if it cannot decide"""
    unlabelled: Literal['skip', 'stop']
    """images without a label: leave them out with a warning (skip), or refuse the data set
    (stop) (default: skip)"""
    instances: bool
    """the masks number single objects, such as nuclei; a mask with one value has an object in
    each connected piece; predictions number objects, too, and evaluate compares object by object"""
    train_list: Path
    """train on the cases named in this file, one a line; with `fold`, make the folds from them
    only"""
    val_list: Path
    """validate on the cases named in this file; without `train_list`, all others train"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    time: float | str
    """train for about this long, such as 2h; trial steps give the number of steps (default: 15m)"""
    steps: int
    """train for this many steps"""
    epochs: int
    """train for this many passes over the cases"""
    speed: int
    """choose patch and grid for a machine that trains on N million voxels a second (default:
    measured; with `steps` or `epochs` 1.35)"""
    validate_every: int
    """steps between two validations on whole cases (default: five times a run, at least 100
    steps apart; 0: only at the end)"""
    checkpoint_every: float | str
    """time between two checkpoints (default: 5m)"""
    snapshots: int
    """keep N models of the training in RUN/snapshots, from the first to the last; 'attunet
    attend' shows how their attention maps change (default: 0)"""
    seed: int
    """seed of the random numbers; the same seed gives the same bits (default: 1)"""
    spec: str | Mapping[str, object]
    """the network, such as "arch=attunet widths=16,32,64,128" (default: an Attention U-Net
    chosen from the data)"""
    init: Path
    """start from the weights of this model (a file or a run); network and preparation are those
    of the model, but an output layer for other classes is new"""
    freeze: str | Sequence[str]
    """parts that keep their weights: encoder, or prefixes of parameter names, separated by
    commas"""
    patch: float | str | Sequence[float]
    """size of a training patch (default: chosen from the data)"""
    batch: int
    """patches per step (default: chosen from the data)"""
    max_memory: float | str
    """limit the memory of the whole process, such as 2GiB; the packed set is the same"""
    storage: Literal['f32', 'bf16']
    """type of the feature maps and their gradients in training: bf16 halves their memory and
    rounds them; sums and weights stay f32 (default: f32)"""
    micro_batch: int
    """compute a batch in passes of N patches and add the gradients: less memory, but batch norm
    and losses over a batch see N patches only"""
    exchange: Literal['f32', 'bf16']
    """type of the gradients that ranks, and passes of `micro_batch`, add up: f32 or bf16, which
    halves the bytes that ranks send and rounds the gradients, also on one rank (default: f32)"""
    resize: float | str | Sequence[float]
    """first resample every image, or slice, to this size in voxels; none: keep the grid
    (default: chosen from the data)"""
    spacing: float | str | Sequence[float]
    """first resample every image to voxels of this size in mm, such as 3x0.75x0.75; 0 keeps an
    axis, none all axes (default: chosen from the data)"""
    shrink: float | str | Sequence[float]
    """average blocks of voxels: 2 (along every axis) or 1x4x4; `resize` and `spacing` apply
    first; without them there is no other resampling (default: none)"""
    normalise: str
    """intensities: zscore, ct, minmax01, rgb or none, for all channels or one for each
    (ct,zscore); auto uses the names of the channels (default: auto)"""
    intensities: str | Sequence[float] | Sequence[str]
    """for channels normalised as ct: clip to A and B, subtract MEAN, divide by STD; one for all
    or one for each, separated by ';'; auto: from the foreground of the training cases
    (percentiles 0.5 and 99.5, mean, deviation) (default: auto)"""
    nonzero: bool
    """crop images to the box around non-zero voxels; zscore uses these voxels only, and masks
    are background outside (default: yes if that box is below 75 % of the median image)"""
    foreground: float
    """share of patches centred on a foreground voxel (default: 0.33)"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    orientation: str
    """turn volumes to these axes, such as LPS (x runs to the left, y to the back, z up, as in
    nibabel); none: keep the stored axes; qform: read the axes from NIfTI's qform; LPS:q: both;
    masks keep the axes of their files (default: the axes of most volumes)"""
    augment: Literal['none', 'light', 'full']
    """strength of augmentation: none, light (for short runs) or full (that of nnU-Net); the
    options below override it; P is a share of patches (default: light)"""
    mirror: Literal['w', 'h', 'hw', 'd', 'dw', 'dh'] | bool
    """mirror patches along each axis with probability 1/2, or along these of d, h and w only
    (default: yes; no with `augment` none; not left-right if classes are named left and right):
    yes|no|w|h|hw|d|dw|dh"""
    rotate: float
    """rotate patches by up to this angle; 0: never (default: 20; full 30, but 180 in 2D or
    within slices, 15 for long 2D images)"""
    rotate_probability: float
    """share of patches that are rotated (default: 0.5; full 0.2)"""
    scale: float
    """scale patches up or down by up to this share; 0: never (default: 0.25; full 0.4)"""
    scale_probability: float
    """share of patches that are scaled (default: 0.5; full 0.2)"""
    scale_axes: float
    """share of the scaled patches in which each axis has its own factor (default: 0)"""
    elastic: float
    """share of patches with elastic deformation (default: 0)"""
    intensity: bool
    """no: switch off all options from `jitter` to `gamma` (default: yes)"""
    jitter: float
    """gain of 0.8..1.25, offset with deviation 0.1 and noise of up to 0.1, together (default: 1;
    full 0)"""
    noise: float
    """noise with a deviation of up to 0.1 (default: 0; full 0.1)"""
    blur: float
    """Gaussian blur of 0.5..1 voxels, in half of the channels (default: 0; full 0.2)"""
    brightness: float
    """multiply by 0.75..1.25 (default: 0; full 0.15)"""
    contrast: float
    """change the contrast by 0.75..1.25 (default: 0; full 0.15)"""
    low_resolution: float
    """reduce the resolution to 0.5..1, in half of the channels (default: 0; full 0.25)"""
    gamma: float
    """raise intensities to a power of 0.7..1.5, then restore mean and deviation; in a third of
    these patches, the same first with the image inverted (default: 0; full 0.3)"""
    cutout: float
    """replace one to three boxes, each with 0.1..0.4 of the patch's sides, by the mean (default:
    0)"""
    loss: str
    """a sum of ce, dice, tversky, focal-tversky, gdice, focal, topk, boundary and cldice, with
    weights and settings, such as "0.5*tversky(alpha=.3,beta=.7)+ce" (docs/losses.md) (default:
    dice+ce)"""
    class_weights: str | Sequence[float] | Sequence[str]
    """weight of every class in ce, focal and topk, background first (default: all 1)"""
    optimiser: Literal['adamw', 'sgd']
    """adamw, or sgd with Nesterov momentum (default: adamw)"""
    lr: float
    """largest learning rate (default: adamw 0.002, sgd 0.01)"""
    momentum: float
    """momentum of sgd (default: 0.99)"""
    weight_decay: float
    """weight decay (default: adamw 0.01, sgd 0.00003)"""
    schedule: Literal['poly', 'cosine', 'constant']
    """learning rate over the run: poly (power 0.9), cosine or constant (default: poly)"""
    warmup: int
    """steps over which the learning rate rises from 0 (default: 50, or a twentieth of a short
    run)"""
    clip: float
    """scale gradients down to this norm; 0: never (default: 12)"""
    ema: float
    """validate with, and save, an average of the weights over about the last 1/(1 - DECAY)
    steps; 0: no average (default: 0)"""
    shares: str | Sequence[float] | Sequence[str]
    """for arch=hard: shares of `time` for the coarse network, the fine network, the policy
    alone, and all three together (default: 35,35,10,20)"""
    coarse_steps: int
    """steps of the coarse network (default: its share of `time`; with `steps` or `epochs` those
    of the fine network)"""
    policy_steps: int
    """steps of the policy alone (default: its share of `time`; with `steps` or `epochs` twice
    those of the fine network)"""
    joint_steps: int
    """steps of all three together (default: their share of `time`; with `steps` or `epochs` half
    of those of the fine network)"""
    policy_samples: int
    """choices of tiles drawn in an image at every step (2 to 4 in the joint stage) (default: 16)"""
    policy_batch: int
    """images in a step of the policy alone (default: 8)"""
    policy_views: int
    """views of every case that the policy learns from (mirrored, cut), as memory and time allow
    (default: 8)"""
    policy_baseline: Literal['local', 'raw', 'greedy', 'loo', 'learned']
    """how a reward becomes a gradient: from what each tile changes alone (local; loo for
    arch=glimpse and in the joint stage), or minus a baseline: none (raw), the likeliest choice
    (greedy), the mean of the other samples (loo), or a learnt value (learned) (default: local)"""
    policy_entropy: float
    """weight of the entropy of the choices, divided by their largest number of tiles; it falls
    to a tenth while the policy trains alone (default: 0.001)"""
    policy_cost: float
    """cost of computing all tiles, in Dice: the reward is Dice minus this times the share of
    tiles (default: 0)"""
    policy_lr: float
    """largest learning rate of the policy (default: 0.003)"""
    joint_rate: float
    """learning rate of the networks in the joint stage, as a share of `lr`; the policy has a
    tenth of that share of `policy_lr` (default: 0.1)"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """use this implementation of convolutions where it fits: ref, direct or winograd; auto takes
    the fastest (default: auto)"""
    precision: Literal['f32', 'bf16', 'auto']
    """type of the numbers that convolutions multiply in training steps: f32; bf16, faster with
    AMX, slower without; auto: f32 without AMX; with it, attunet measures both for a second and
    takes bf16 if that is 1.25 times as fast (default: f32)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class TrainOptions(TypedDict, total=False):
    plan: Path
    """use this plan (from 'attunet plan', edited if you like), or the settings.json of another
    run; options override it"""
    fold: int | str
    """validate on fold K, from 0, and train on the others; all: train every fold, one after
    another, each for the whole `time`. Folds are those of the data set, else five (docs/data.md)
    (default: all cases train)"""
    folds: int | str
    """make K folds, even if the data set has its own; groups: one fold for each group (default:
    5)"""
    holdout: float
    """validate on this share of the cases (or groups), such as 0.2"""
    stratify: bool
    """spread cases with the same classes evenly over the folds; groups stay together"""
    mask_values: Literal['classes', 'one', 'objects']
    """without a dataset.json: whether mask values above 0 are classes (classes), one class (one)
    or objects (objects, as `instances`); attunet asks if it cannot decide"""
    unlabelled: Literal['skip', 'stop']
    """images without a label: leave them out with a warning (skip), or refuse the data set
    (stop) (default: skip)"""
    instances: bool
    """the masks number single objects, such as nuclei; a mask with one value has an object in
    each connected piece; predictions number objects, too, and evaluate compares object by object"""
    train_list: Path
    """train on the cases named in this file, one a line; with `fold`, make the folds from them
    only"""
    val_list: Path
    """validate on the cases named in this file; without `train_list`, all others train"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    time: float | str
    """train for about this long, such as 2h; trial steps give the number of steps (default: 15m)"""
    steps: int
    """train for this many steps"""
    epochs: int
    """train for this many passes over the cases"""
    speed: int
    """choose patch and grid for a machine that trains on N million voxels a second (default:
    measured; with `steps` or `epochs` 1.35)"""
    validate_every: int
    """steps between two validations on whole cases (default: five times a run, at least 100
    steps apart; 0: only at the end)"""
    checkpoint_every: float | str
    """time between two checkpoints (default: 5m)"""
    snapshots: int
    """keep N models of the training in RUN/snapshots, from the first to the last; 'attunet
    attend' shows how their attention maps change (default: 0)"""
    seed: int
    """seed of the random numbers; the same seed gives the same bits (default: 1)"""
    spec: str | Mapping[str, object]
    """the network, such as "arch=attunet widths=16,32,64,128" (default: an Attention U-Net
    chosen from the data)"""
    init: Path
    """start from the weights of this model (a file or a run); network and preparation are those
    of the model, but an output layer for other classes is new"""
    freeze: str | Sequence[str]
    """parts that keep their weights: encoder, or prefixes of parameter names, separated by
    commas"""
    patch: float | str | Sequence[float]
    """size of a training patch (default: chosen from the data)"""
    batch: int
    """patches per step (default: chosen from the data)"""
    max_memory: float | str
    """limit the memory of the whole process, such as 2GiB; feature maps are recomputed, so
    training takes longer; the result stays the same"""
    storage: Literal['f32', 'bf16']
    """type of the feature maps and their gradients in training: bf16 halves their memory and
    rounds them; sums and weights stay f32 (default: f32)"""
    micro_batch: int
    """compute a batch in passes of N patches and add the gradients: less memory, but batch norm
    and losses over a batch see N patches only"""
    exchange: Literal['f32', 'bf16']
    """type of the gradients that ranks, and passes of `micro_batch`, add up: f32 or bf16, which
    halves the bytes that ranks send and rounds the gradients, also on one rank (default: f32)"""
    resize: float | str | Sequence[float]
    """first resample every image, or slice, to this size in voxels; none: keep the grid
    (default: chosen from the data)"""
    spacing: float | str | Sequence[float]
    """first resample every image to voxels of this size in mm, such as 3x0.75x0.75; 0 keeps an
    axis, none all axes (default: chosen from the data)"""
    shrink: float | str | Sequence[float]
    """average blocks of voxels: 2 (along every axis) or 1x4x4; `resize` and `spacing` apply
    first; without them there is no other resampling (default: none)"""
    normalise: str
    """intensities: zscore, ct, minmax01, rgb or none, for all channels or one for each
    (ct,zscore); auto uses the names of the channels (default: auto)"""
    intensities: str | Sequence[float] | Sequence[str]
    """for channels normalised as ct: clip to A and B, subtract MEAN, divide by STD; one for all
    or one for each, separated by ';'; auto: from the foreground of the training cases
    (percentiles 0.5 and 99.5, mean, deviation) (default: auto)"""
    nonzero: bool
    """crop images to the box around non-zero voxels; zscore uses these voxels only, and masks
    are background outside (default: yes if that box is below 75 % of the median image)"""
    foreground: float
    """share of patches centred on a foreground voxel (default: 0.33)"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    orientation: str
    """turn volumes to these axes, such as LPS (x runs to the left, y to the back, z up, as in
    nibabel); none: keep the stored axes; qform: read the axes from NIfTI's qform; LPS:q: both;
    masks keep the axes of their files (default: the axes of most volumes)"""
    augment: Literal['none', 'light', 'full']
    """strength of augmentation: none, light (for short runs) or full (that of nnU-Net); the
    options below override it; P is a share of patches (default: light)"""
    mirror: Literal['w', 'h', 'hw', 'd', 'dw', 'dh'] | bool
    """mirror patches along each axis with probability 1/2, or along these of d, h and w only
    (default: yes; no with `augment` none; not left-right if classes are named left and right):
    yes|no|w|h|hw|d|dw|dh"""
    rotate: float
    """rotate patches by up to this angle; 0: never (default: 20; full 30, but 180 in 2D or
    within slices, 15 for long 2D images)"""
    rotate_probability: float
    """share of patches that are rotated (default: 0.5; full 0.2)"""
    scale: float
    """scale patches up or down by up to this share; 0: never (default: 0.25; full 0.4)"""
    scale_probability: float
    """share of patches that are scaled (default: 0.5; full 0.2)"""
    scale_axes: float
    """share of the scaled patches in which each axis has its own factor (default: 0)"""
    elastic: float
    """share of patches with elastic deformation (default: 0)"""
    intensity: bool
    """no: switch off all options from `jitter` to `gamma` (default: yes)"""
    jitter: float
    """gain of 0.8..1.25, offset with deviation 0.1 and noise of up to 0.1, together (default: 1;
    full 0)"""
    noise: float
    """noise with a deviation of up to 0.1 (default: 0; full 0.1)"""
    blur: float
    """Gaussian blur of 0.5..1 voxels, in half of the channels (default: 0; full 0.2)"""
    brightness: float
    """multiply by 0.75..1.25 (default: 0; full 0.15)"""
    contrast: float
    """change the contrast by 0.75..1.25 (default: 0; full 0.15)"""
    low_resolution: float
    """reduce the resolution to 0.5..1, in half of the channels (default: 0; full 0.25)"""
    gamma: float
    """raise intensities to a power of 0.7..1.5, then restore mean and deviation; in a third of
    these patches, the same first with the image inverted (default: 0; full 0.3)"""
    cutout: float
    """replace one to three boxes, each with 0.1..0.4 of the patch's sides, by the mean (default:
    0)"""
    loss: str
    """a sum of ce, dice, tversky, focal-tversky, gdice, focal, topk, boundary and cldice, with
    weights and settings, such as "0.5*tversky(alpha=.3,beta=.7)+ce" (docs/losses.md) (default:
    dice+ce)"""
    class_weights: str | Sequence[float] | Sequence[str]
    """weight of every class in ce, focal and topk, background first (default: all 1)"""
    optimiser: Literal['adamw', 'sgd']
    """adamw, or sgd with Nesterov momentum (default: adamw)"""
    lr: float
    """largest learning rate (default: adamw 0.002, sgd 0.01)"""
    momentum: float
    """momentum of sgd (default: 0.99)"""
    weight_decay: float
    """weight decay (default: adamw 0.01, sgd 0.00003)"""
    schedule: Literal['poly', 'cosine', 'constant']
    """learning rate over the run: poly (power 0.9), cosine or constant (default: poly)"""
    warmup: int
    """steps over which the learning rate rises from 0 (default: 50, or a twentieth of a short
    run)"""
    clip: float
    """scale gradients down to this norm; 0: never (default: 12)"""
    ema: float
    """validate with, and save, an average of the weights over about the last 1/(1 - DECAY)
    steps; 0: no average (default: 0)"""
    shares: str | Sequence[float] | Sequence[str]
    """for arch=hard: shares of `time` for the coarse network, the fine network, the policy
    alone, and all three together (default: 35,35,10,20)"""
    coarse_steps: int
    """steps of the coarse network (default: its share of `time`; with `steps` or `epochs` those
    of the fine network)"""
    policy_steps: int
    """steps of the policy alone (default: its share of `time`; with `steps` or `epochs` twice
    those of the fine network)"""
    joint_steps: int
    """steps of all three together (default: their share of `time`; with `steps` or `epochs` half
    of those of the fine network)"""
    policy_samples: int
    """choices of tiles drawn in an image at every step (2 to 4 in the joint stage) (default: 16)"""
    policy_batch: int
    """images in a step of the policy alone (default: 8)"""
    policy_views: int
    """views of every case that the policy learns from (mirrored, cut), as memory and time allow
    (default: 8)"""
    policy_baseline: Literal['local', 'raw', 'greedy', 'loo', 'learned']
    """how a reward becomes a gradient: from what each tile changes alone (local; loo for
    arch=glimpse and in the joint stage), or minus a baseline: none (raw), the likeliest choice
    (greedy), the mean of the other samples (loo), or a learnt value (learned) (default: local)"""
    policy_entropy: float
    """weight of the entropy of the choices, divided by their largest number of tiles; it falls
    to a tenth while the policy trains alone (default: 0.001)"""
    policy_cost: float
    """cost of computing all tiles, in Dice: the reward is Dice minus this times the share of
    tiles (default: 0)"""
    policy_lr: float
    """largest learning rate of the policy (default: 0.003)"""
    joint_rate: float
    """learning rate of the networks in the joint stage, as a share of `lr`; the policy has a
    tenth of that share of `policy_lr` (default: 0.1)"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """use this implementation of convolutions where it fits: ref, direct or winograd; auto takes
    the fastest (default: auto)"""
    precision: Literal['f32', 'bf16', 'auto']
    """type of the numbers that convolutions multiply in training steps: f32; bf16, faster with
    AMX, slower without; auto: f32 without AMX; with it, attunet measures both for a second and
    takes bf16 if that is 1.25 times as fast (default: f32)"""
    ranks: Literal['auto', 'mpi', '1']
    """share the work with the other processes of mpirun or srun; auto: if one of these started
    attunet; mpi: always; 1: never (docs/cluster.md); plan ignores it (default: auto)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class TuneOptions(TypedDict, total=False):
    plan: Path
    """use this plan (from 'attunet plan', edited if you like), or the settings.json of another
    run; options override it"""
    fold: int | str | Sequence[object]
    """keep fold K, from 0, for the final score (default: 0)"""
    folds: int | str | Sequence[object]
    """make K folds, even if the data set has its own; groups: one fold for each group (default:
    5)"""
    holdout: float | str | Sequence[object]
    """validate on this share of the cases (or groups), such as 0.2"""
    stratify: bool
    """spread cases with the same classes evenly over the folds; groups stay together"""
    mask_values: str | Sequence[object]
    """without a dataset.json: whether mask values above 0 are classes (classes), one class (one)
    or objects (objects, as `instances`); attunet asks if it cannot decide"""
    unlabelled: str | Sequence[object]
    """images without a label: leave them out with a warning (skip), or refuse the data set
    (stop)"""
    instances: bool
    """the masks number single objects, such as nuclei; a mask with one value has an object in
    each connected piece; predictions number objects, too, and evaluate compares object by object"""
    train_list: Path
    """train on the cases named in this file, one a line; with `fold`, make the folds from them
    only"""
    val_list: Path
    """validate on the cases named in this file; without `train_list`, all others train"""
    images: str | Sequence[object]
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str | Sequence[object]
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    speed: int | str | Sequence[object]
    """choose patch and grid for a machine that trains on N million voxels a second (default:
    measured; with `steps` or `epochs` 1.35)"""
    snapshots: int | str | Sequence[object]
    """keep N models of the training in RUN/snapshots, from the first to the last; 'attunet
    attend' shows how their attention maps change"""
    seed: int | str | Sequence[object]
    """seed of the random numbers; the same seed gives the same bits (default: 1)"""
    spec: str | Mapping[str, object] | Sequence[object]
    """the network, such as "arch=attunet widths=16,32,64,128" (default: an Attention U-Net
    chosen from the data)"""
    init: Path
    """start from the weights of this model (a file or a run); network and preparation are those
    of the model, but an output layer for other classes is new"""
    freeze: str | Sequence[str] | Sequence[object]
    """parts that keep their weights: encoder, or prefixes of parameter names, separated by
    commas"""
    patch: float | str | Sequence[float] | Sequence[object]
    """size of a training patch (default: chosen from the data)"""
    batch: int | str | Sequence[object]
    """patches per step (default: chosen from the data)"""
    max_memory: float | str | Sequence[object]
    """limit the memory of the whole process, such as 2GiB; feature maps are recomputed, so
    training takes longer; the result stays the same"""
    storage: str | Sequence[object]
    """type of the feature maps and their gradients in training: bf16 halves their memory and
    rounds them; sums and weights stay f32"""
    micro_batch: int | str | Sequence[object]
    """compute a batch in passes of N patches and add the gradients: less memory, but batch norm
    and losses over a batch see N patches only"""
    exchange: str | Sequence[object]
    """type of the gradients that ranks, and passes of `micro_batch`, add up: f32 or bf16, which
    halves the bytes that ranks send and rounds the gradients, also on one rank"""
    resize: float | str | Sequence[float] | Sequence[object]
    """first resample every image, or slice, to this size in voxels; none: keep the grid
    (default: chosen from the data)"""
    spacing: float | str | Sequence[float] | Sequence[object]
    """first resample every image to voxels of this size in mm, such as 3x0.75x0.75; 0 keeps an
    axis, none all axes (default: chosen from the data)"""
    shrink: float | str | Sequence[float] | Sequence[object]
    """average blocks of voxels: 2 (along every axis) or 1x4x4; `resize` and `spacing` apply
    first; without them there is no other resampling (default: none)"""
    normalise: str | Sequence[object]
    """intensities: zscore, ct, minmax01, rgb or none, for all channels or one for each
    (ct,zscore); auto uses the names of the channels"""
    intensities: str | Sequence[float] | Sequence[str] | Sequence[object]
    """for channels normalised as ct: clip to A and B, subtract MEAN, divide by STD; one for all
    or one for each, separated by ';'; auto: from the foreground of the training cases
    (percentiles 0.5 and 99.5, mean, deviation)"""
    nonzero: bool | str | Sequence[object]
    """crop images to the box around non-zero voxels; zscore uses these voxels only, and masks
    are background outside (default: yes if that box is below 75 % of the median image)"""
    foreground: float | str | Sequence[object]
    """share of patches centred on a foreground voxel"""
    voxel_size: float | str | Sequence[float] | Sequence[object]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    orientation: str | Sequence[object]
    """turn volumes to these axes, such as LPS (x runs to the left, y to the back, z up, as in
    nibabel); none: keep the stored axes; qform: read the axes from NIfTI's qform; LPS:q: both;
    masks keep the axes of their files (default: the axes of most volumes)"""
    augment: str | Sequence[object]
    """strength of augmentation: none, light (for short runs) or full (that of nnU-Net); the
    options below override it; P is a share of patches"""
    mirror: str | Sequence[object]
    """mirror patches along each axis with probability 1/2, or along these of d, h and w only
    (default: yes; no with `augment` none; not left-right if classes are named left and right)"""
    rotate: float | str | Sequence[object]
    """rotate patches by up to this angle; 0: never (default: 20; full 30, but 180 in 2D or
    within slices, 15 for long 2D images)"""
    rotate_probability: float | str | Sequence[object]
    """share of patches that are rotated (default: 0.5; full 0.2)"""
    scale: float | str | Sequence[object]
    """scale patches up or down by up to this share; 0: never (default: 0.25; full 0.4)"""
    scale_probability: float | str | Sequence[object]
    """share of patches that are scaled (default: 0.5; full 0.2)"""
    scale_axes: float | str | Sequence[object]
    """share of the scaled patches in which each axis has its own factor (default: 0)"""
    elastic: float | str | Sequence[object]
    """share of patches with elastic deformation (default: 0)"""
    intensity: bool | str | Sequence[object]
    """no: switch off all options from `jitter` to `gamma`"""
    jitter: float | str | Sequence[object]
    """gain of 0.8..1.25, offset with deviation 0.1 and noise of up to 0.1, together (default: 1;
    full 0)"""
    noise: float | str | Sequence[object]
    """noise with a deviation of up to 0.1 (default: 0; full 0.1)"""
    blur: float | str | Sequence[object]
    """Gaussian blur of 0.5..1 voxels, in half of the channels (default: 0; full 0.2)"""
    brightness: float | str | Sequence[object]
    """multiply by 0.75..1.25 (default: 0; full 0.15)"""
    contrast: float | str | Sequence[object]
    """change the contrast by 0.75..1.25 (default: 0; full 0.15)"""
    low_resolution: float | str | Sequence[object]
    """reduce the resolution to 0.5..1, in half of the channels (default: 0; full 0.25)"""
    gamma: float | str | Sequence[object]
    """raise intensities to a power of 0.7..1.5, then restore mean and deviation; in a third of
    these patches, the same first with the image inverted (default: 0; full 0.3)"""
    cutout: float | str | Sequence[object]
    """replace one to three boxes, each with 0.1..0.4 of the patch's sides, by the mean (default:
    0)"""
    loss: str | Sequence[object]
    """a sum of ce, dice, tversky, focal-tversky, gdice, focal, topk, boundary and cldice, with
    weights and settings, such as "0.5*tversky(alpha=.3,beta=.7)+ce" (docs/losses.md)"""
    class_weights: str | Sequence[float] | Sequence[str] | Sequence[object]
    """weight of every class in ce, focal and topk, background first (default: all 1)"""
    optimiser: str | Sequence[object]
    """adamw, or sgd with Nesterov momentum"""
    lr: float | str | Sequence[object]
    """largest learning rate (default: adamw 0.002, sgd 0.01)"""
    momentum: float | str | Sequence[object]
    """momentum of sgd"""
    weight_decay: float | str | Sequence[object]
    """weight decay (default: adamw 0.01, sgd 0.00003)"""
    schedule: str | Sequence[object]
    """learning rate over the run: poly (power 0.9), cosine or constant"""
    warmup: int | str | Sequence[object]
    """steps over which the learning rate rises from 0 (default: 50, or a twentieth of a short
    run)"""
    clip: float | str | Sequence[object]
    """scale gradients down to this norm; 0: never"""
    ema: float | str | Sequence[object]
    """validate with, and save, an average of the weights over about the last 1/(1 - DECAY)
    steps; 0: no average"""
    budget: float | str | Sequence[object]
    """time for the whole search, with the last run"""
    space: Path
    """what to search, as JSON; options override it. As options: any option of train as
    LOW..HIGH, LOW..HIGH:log or A,B,C, and words of `spec` as A|B (default: learning rate, loss,
    weight decay, augmentation and settings of the gates)"""
    repeat: int | str | Sequence[object]
    """do not search: train every combination N times, equally long, and compare each with the
    first over cases; `loss` all takes every loss"""
    trials: int | str | Sequence[object]
    """try at most N settings"""
    workers: int | str | Sequence[object]
    """let N processes, on one machine or several, work on OUT at a time: start the same command
    in each; a proposal does not wait for the results of the N-1 trials before it (default: 1)"""
    rung: float | str | Sequence[object]
    """length of a trial before its first comparison; with `repeat`, of a run (default: a 40th of
    the search, from 10s to 2m)"""
    rung_steps: int | str | Sequence[object]
    """the same in steps, without `budget`: with `trials`, a search that is repeatable bit for
    bit"""
    rungs: int | str | Sequence[object]
    """number of lengths at which trials are compared; 1: every trial has the same length
    (default: 3 with steps; else as many as a quarter of the search allows)"""
    eta: int | str | Sequence[object]
    """at every length (rung), the best 1/N of the trials continue, to N times that length
    (default: 3)"""
    proposals: str | Sequence[object]
    """how to propose settings after the first ten: a tree-structured Parzen estimator, or at
    random: tpe|random (default: tpe)"""
    final: float | str | Sequence[object]
    """share of the budget for the last run, on all training cases (default: 0.3)"""
    final_steps: int | str | Sequence[object]
    """with `rung_steps`: length of the last run (default: eta times the last rung)"""
    shares: str | Sequence[float] | Sequence[str] | Sequence[object]
    """for arch=hard: shares of `time` for the coarse network, the fine network, the policy
    alone, and all three together"""
    coarse_steps: int | str | Sequence[object]
    """steps of the coarse network (default: its share of `time`; with `steps` or `epochs` those
    of the fine network)"""
    policy_steps: int | str | Sequence[object]
    """steps of the policy alone (default: its share of `time`; with `steps` or `epochs` twice
    those of the fine network)"""
    joint_steps: int | str | Sequence[object]
    """steps of all three together (default: their share of `time`; with `steps` or `epochs` half
    of those of the fine network)"""
    policy_samples: int | str | Sequence[object]
    """choices of tiles drawn in an image at every step (2 to 4 in the joint stage)"""
    policy_batch: int | str | Sequence[object]
    """images in a step of the policy alone"""
    policy_views: int | str | Sequence[object]
    """views of every case that the policy learns from (mirrored, cut), as memory and time allow"""
    policy_baseline: str | Sequence[object]
    """how a reward becomes a gradient: from what each tile changes alone (local; loo for
    arch=glimpse and in the joint stage), or minus a baseline: none (raw), the likeliest choice
    (greedy), the mean of the other samples (loo), or a learnt value (learned)"""
    policy_entropy: float | str | Sequence[object]
    """weight of the entropy of the choices, divided by their largest number of tiles; it falls
    to a tenth while the policy trains alone"""
    policy_cost: float | str | Sequence[object]
    """cost of computing all tiles, in Dice: the reward is Dice minus this times the share of
    tiles"""
    policy_lr: float | str | Sequence[object]
    """largest learning rate of the policy"""
    joint_rate: float | str | Sequence[object]
    """learning rate of the networks in the joint stage, as a share of `lr`; the policy has a
    tenth of that share of `policy_lr`"""
    conv: str | Sequence[object]
    """use this implementation of convolutions where it fits: ref, direct or winograd; auto takes
    the fastest"""
    precision: str | Sequence[object]
    """type of the numbers that convolutions multiply in training steps: f32; bf16, faster with
    AMX, slower without; auto: f32 without AMX; with it, attunet measures both for a second and
    takes bf16 if that is 1.25 times as fast"""
    ranks: str | Sequence[object]
    """share the work with the other processes of mpirun or srun; auto: if one of these started
    attunet; mpi: always; 1: never (docs/cluster.md); plan ignores it"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class ResumeOptions(TypedDict, total=False):
    steps: int
    """train N steps more than planned (with the plus sign); the learning rate moves gradually to
    the schedule of the new length"""
    time: float | str
    """train for about this long from now on, also a finished run"""
    data: Path
    """where the data set is now, if it moved"""
    max_memory: float | str
    """a new limit on the memory of the whole process, such as 2GiB; the result stays the same"""
    ranks: Literal['auto', 'mpi', '1']
    """share the work with the other processes of mpirun or srun; auto: if one of these started
    attunet; mpi: always; 1: never (docs/cluster.md); plan ignores it (default: auto)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class PredictOptions(TypedDict, total=False):
    overwrite: Path
    """replace this file, or files in this folder, although another program wrote or changed them"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    orientation: str
    """turn volumes to these axes, such as LPS, and the masks back; none: keep the stored axes;
    qform: by NIfTI's qform (default: those of the training)"""
    dicom_seg: bool
    """also write each mask as DICOM SEG, CASE.dcm, with the patient and study of its series;
    with `probabilities`, also the probabilities, as CASE_probability.dcm"""
    rtstruct: bool
    """also write the outlines of each mask as DICOM RTSTRUCT, CASE_rtstruct.dcm"""
    codes: Path
    """with `dicom_seg`: coded terms, names and colours of the classes, in the JSON format of
    dcmqi (default: by class name)"""
    select: str
    """which series of a DICOM folder, if it holds several: KEY=VALUE as 'attunet-dicom list'
    shows it, or the largest"""
    allow_gaps: bool
    """interpolate slices that a DICOM series lacks, in place of refusing it"""
    attention: bool
    """also write the attention maps: CASE_attention_GATE on the grid of the image,
    CASE_attention_GATE_own on that of the gate (PNG: 0 to 65535 for 0 to 1)"""
    probabilities: bool
    """also write the probability of every class"""
    uncertainty: Literal['entropy', 'variance', False]
    """also write CASE_uncertainty, from 0 to 1: the entropy of each voxel's probabilities, or
    their variance over models, mirror images and windows: no|entropy|variance (default: no)"""
    overlay: bool
    """also write a PNG picture with the mask over the image"""
    truth: Path
    """with `overlay`: outline the true masks of this folder in white"""
    postprocess: bool | Path
    """apply the post-processing of the model, such as only the largest component, or that of a
    FILE of 'evaluate `choose_postprocess`' (default: yes)"""
    window: float | str | Sequence[float]
    """size of the sliding window (default: the model's patch)"""
    overlap: float
    """overlap of neighbouring windows (default: 0.5)"""
    mirror: bool
    """average over mirror images of every window, 4 times the work in 2D, 8 times in 3D;
    `no_mirror`: never (default: along the axes that training mirrored, unless training found no
    gain or an image would take more than 1e12 multiply-adds)"""
    max_memory: float | str
    """limit the memory of the whole process, such as 2GiB; a large image is computed in parts,
    with more work at the cuts; the masks stay the same"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """use this implementation of convolutions where it fits: ref, direct or winograd; auto takes
    the fastest (default: auto)"""
    precision: Literal['f32', 'bf16', 'auto']
    """type of the numbers that convolutions multiply: f32; bf16, faster with AMX, slower
    without; auto: f32 without AMX; with it, attunet measures both for a second and takes bf16 if
    that is 1.25 times as fast (default: bf16 for a model trained in bf16, if the processor has
    AMX; else f32)"""
    ranks: Literal['auto', 'mpi', '1']
    """share the work with the other processes of mpirun or srun; auto: if one of these started
    attunet; mpi: always; 1: never (docs/cluster.md); plan ignores it (default: auto)"""
    tiles: int
    """hard attention: compute K tiles; 0: only the coarse network (default: as in training)"""
    cost: float
    """hard attention: compute every tile that promises at least LAMBDA times as much Dice as the
    mean tile; with `tiles`, at most K"""
    share: float
    """hard attention: compute as many tiles as keep the multiply-adds within S times those of a
    dense prediction, such as 0.25; with `tiles`, at most K"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class AttendOptions(TypedDict, total=False):
    overwrite: Path
    """replace this file, or files in this folder, although another program wrote or changed them"""
    output: Path
    """also write attention.json and attention.csv, and for a run with snapshots attention.png"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    cases: Path
    """only the cases named in this text file, one a line"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    window: float | str | Sequence[float]
    """size of the sliding window (default: the model's patch)"""
    overlap: float
    """overlap of neighbouring windows (default: 0.5)"""
    blank: float
    """share of an image that is blanked to measure the loss of Dice; 0: no blanking (default:
    0.1)"""
    seed: int
    """seed of the random weights and of the blanked places (default: 1)"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """use this implementation of convolutions where it fits: auto|ref|direct|winograd (default:
    auto)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""

class EvaluateOptions(TypedDict, total=False):
    overwrite: Path
    """replace this file, or files in this folder, although another program wrote or changed them"""
    choose_postprocess: Path
    """test whether keeping the largest component, or removing small ones, raises Dice on these
    cases, and write the rules that help; use cases on which the network did not train"""
    report: Path
    """also write an HTML page: failures first, scores with intervals, volumes, pictures"""
    summary: Path
    """also write the summary.json of nnU-Net"""
    instances: bool
    """the masks number single objects, such as nuclei; a mask with one value has an object in
    each connected piece; predictions number objects, too, and evaluate compares object by object"""
    images: str
    """which files of the data set are images, such as "{id}/t1.nii.gz;{id}/t2.nii.gz"; files
    where {id} is the same belong together (default: found from the names of files)"""
    labels: str
    """which files are the labels, such as "{id}/*_seg.nii.gz"; give `images`, too"""
    cases: Path
    """only the cases named in this text file, one a line"""
    only_with_foreground: bool
    """leave out cases whose label is only background"""
    voxel_size: float | str | Sequence[float]
    """voxel size of all files in mm, whatever their headers say, such as 3x0.75x0.75, or 0.1x0.1
    in 2D; no file is changed"""
    metrics: str | Sequence[str]
    """which of dice,iou,precision,recall,hd95,assd,nsd,volume, and for labels that number
    objects ap50,ap60,ap70,ap80,ap90,pq,object_dice,object_hausdorff (default: all)"""
    tolerance: float
    """distance within which surfaces agree in NSD, the surface Dice; in um for voxels below 0.01
    mm, in pixels without a spacing (default: 1)"""
    failure: float
    """in the report: list cases with a class below this Dice first (default: 0.5)"""
    policies: bool
    """hard attention: compare the policy with other ways to choose as many tiles, the coarse
    network alone, and all tiles"""
    tiles: str | Sequence[float] | Sequence[str]
    """with `policies`: these numbers of tiles (default: 1, 2, 4, ... and the model's own)"""
    data: Path
    """with `policies`: where the training data is now, if it moved (for the location prior)"""
    output: Path
    """with `policies`: write policies.json, policies.csv and policies.svg to this folder"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """with `policies` or `calibration`: use this implementation of convolutions where it fits:
    auto|ref|direct|winograd (default: auto)"""
    seed: int
    """with `policies`: seed of the random choices (default: 1)"""
    calibration: bool
    """measure the probabilities of a run on its validation cases: expected calibration error,
    and the temperature that fits them best"""
    set_temperature: bool
    """with `calibration`: write the temperature into the models of the run and
    RUN/calibration.json; predict then uses it for probabilities and uncertainty"""
    ignore: str
    """voxels with this value in the labels do not count (default: the ignored value of
    dataset.json, the model or the data set)"""
    ranks: Literal['auto', 'mpi', '1']
    """share the work with the other processes of mpirun or srun; auto: if one of these started
    attunet; mpi: always; 1: never (docs/cluster.md); plan ignores it (default: auto)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class ReportOptions(TypedDict, total=False):
    overwrite: Path
    """replace this file, or files in this folder, although another program wrote or changed them"""
    output: Path
    """the page to write (default: RUN/report.html)"""
    data: Path
    """where the data set is now, if it moved"""
    failure: float
    """in the report: list cases with a class below this Dice first (default: 0.5)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""

class CompareOptions(TypedDict, total=False):
    metric: Literal['dice', 'iou', 'precision', 'recall', 'hd95', 'assd', 'nsd', 'ap50', 'ap60', 'ap70', 'ap80', 'ap90', 'pq', 'object_dice', 'object_hausdorff']
    """the metric to compare:
    dice|iou|precision|recall|hd95|assd|nsd|ap50|ap60|ap70|ap80|ap90|pq|object_dice|object_hausdorff
    (default: dice)"""
    class_: str
    """one class, by its name or its value in files (default: the mean over classes)"""
    groups: Path
    """test over the groups of this data set (groups.csv, patients), not over cases"""
    test: Literal['wilcoxon', 'permutation']
    """test of the differences: Wilcoxon's signed ranks, or a permutation test of their mean with
    random signs: wilcoxon|permutation (default: wilcoxon)"""
    markdown: bool
    """print the table in Markdown"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""

class ConvertOptions(TypedDict, total=False):
    overwrite: Path
    """replace this file, or files in this folder, although another program wrote or changed them"""
    aliases: bool
    """write every parameter under each of its names in nnU-Net, which has some tensors twice;
    strict readers expect all names"""
    onnx_normalise: bool
    """an ONNX file also normalises the intensities of its image"""
    part: Literal['coarse', 'fine']
    """hard attention: only the coarse or the fine network"""
    spec: str | Mapping[str, object]
    """the network of weights of another program, such as "arch=lee in=3 classes=1 width=64"; for
    two models, how to join them"""
    plans: Path
    """plans.json of nnU-Net, or its folder, with dataset.json beside it: they give the network,
    the preparation of images and the labels of a checkpoint"""
    configuration: str
    """with `plans`: 2d, 3d_fullres, ... (default: from the name of the folder)"""
    prefix: str
    """take the tensors whose names begin with this, and remove it"""
    normalise: Literal['zscore', 'ct', 'minmax01', 'rgb', 'none']
    """intensities in the training of the network: zscore, ct (with `intensities`), minmax01, rgb
    or none (default: zscore)"""
    intensities: str | Sequence[float] | Sequence[str]
    """for `normalise` ct: percentiles 0.5 and 99.5, mean and deviation of the foreground of the
    training"""
    spacing: float | str | Sequence[float]
    """voxel size of the training in mm, to which images are resampled; 0 keeps an axis"""
    patch: float | str | Sequence[float]
    """window of the prediction (default: 256x256, in 3D 96x96x96)"""
    labels: str | Sequence[float] | Sequence[str]
    """names of the classes, background first"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class BenchOptions(TypedDict, total=False):
    spec: str | Mapping[str, object]
    """the network (default: arch=lee in=1 classes=1 width=64 gates=yes)"""
    shape: float | str | Sequence[float]
    """size of the input (default: 256x256, in 3D 96x96x96)"""
    batch: int
    """images in a batch (default: 1)"""
    max_memory: float | str
    """with `train`: limit the memory of the whole process, such as 2GiB; feature maps are
    recomputed"""
    storage: Literal['f32', 'bf16']
    """with `train`: type of the feature maps and their gradients; bf16 takes half the memory:
    f32|bf16 (default: f32)"""
    train: bool
    """time a training step (forward, backward, optimiser) in place of a prediction"""
    loss: str
    """loss of the training step (default: dice+ce, for one class ce)"""
    layers: bool
    """also list the time of every step of the network"""
    repeat: int
    """number of runs, after two for warm-up (default: 10)"""
    conv: Literal['auto', 'ref', 'direct', 'winograd']
    """use this implementation of convolutions where it fits: ref, direct or winograd; auto takes
    the fastest (default: auto)"""
    precision: Literal['f32', 'bf16', 'auto']
    """type of the numbers that convolutions multiply: f32; bf16, faster with AMX, slower
    without; auto: f32 without AMX; with it, attunet measures both for a second and takes bf16 if
    that is 1.25 times as fast (default: f32)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""

class PhantomOptions(TypedDict, total=False):
    count: int
    """training cases (default: ultrasound 40, organs 12, field 8, signpost 400)"""
    unseen: int
    """test cases with other sizes, contrasts and noise (default: ultrasound 20, organs 6, field
    4, signpost 200)"""
    size: float | str | Sequence[float]
    """size of a field (default: 4096x4096)"""
    seed: int
    """the same seed gives the same files (default: 1)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
    dry_run: bool
    """check everything, print what the command would do and which files it would write, and
    write nothing"""

class ServeOptions(TypedDict, total=False):
    datastore: Path
    """keep images and labels that clients send in this folder, a data set to train on"""
    dicom: Path
    """offer the DICOM series below this folder under their UIDs, as OHIF asks for them; needs
    `datastore`"""
    host: str
    """listen on this address; one that other machines reach needs `token_file` (default:
    127.0.0.1)"""
    port: int
    """listen on this port; 0: choose a free port and print it (default: 8080)"""
    token_file: Path
    """answer only requests with the token in the first line of this file"""
    allow_origin: str
    """answer requests of web pages of this site, such as http://localhost:3000 of OHIF"""
    workers: int
    """predict up to N images at a time; they share the threads (default: 1)"""
    queue: int
    """refuse a request while N others send an image, wait or run (default: 64)"""
    max_body: str
    """refuse a larger request, in MiB (default: 512)"""
    max_datastore: str
    """refuse images, labels and trainings that would make the datastore larger than this, in MiB
    (default: 65536)"""
    max_voxels: int
    """refuse an image with more samples: voxels times channels (default: 268435456)"""
    timeout: str
    """stop a prediction that takes longer than SECONDS, including its wait (default: 600)"""
    client_timeout: str
    """close the connection of a client that needs longer than SECONDS to send the head of a
    request; large bodies and answers have more time (default: 30)"""
    drain: str
    """after SIGTERM, give running predictions SECONDS to end (default: 30)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""

class ViewOptions(TypedDict, total=False):
    masks: Path
    """show the masks in this folder, each with the name of its image; or one mask, of one image"""
    labels: Path
    """show the true labels in this folder, in the same way"""
    datastore: Path
    """save corrected masks as labels in this folder, a data set to train on (default: corrected)"""
    address_only: bool
    """print the address of the page, and open no browser"""
    port: int
    """listen on this port; 0: choose a free port and print it (default: 0)"""
    workers: int
    """predict up to N images at a time; they share the threads (default: 1)"""
    queue: int
    """refuse a request while N others send an image, wait or run (default: 64)"""
    max_body: str
    """refuse a larger request, in MiB (default: 512)"""
    max_voxels: int
    """refuse an image with more samples: voxels times channels (default: 268435456)"""
    timeout: str
    """stop a prediction that takes longer than SECONDS, including its wait (default: 600)"""
    client_timeout: str
    """close the connection of a client that needs longer than SECONDS to send the head of a
    request; large bodies and answers have more time (default: 30)"""
    drain: str
    """after SIGTERM, give running predictions SECONDS to end (default: 30)"""
    config: Path
    """take settings from a JSON file; options on the command line override them"""
