# SPDX-License-Identifier: Apache-2.0
# attunet convert --plans: models as nnU-Net leaves them predict what nnU-Net predicts (fixtures by
# tools/torch/torch_nnunet_models.py).
. "$SOURCE/tests/cli/run.sh"

made=$SOURCE/tests/fixtures/nnunet
full=$made/Dataset900_Made/nnUNetTrainer__nnUNetPlans__3d_fullres
checkpoint=$full/fold_0/checkpoint_final.pth one=$made/volume_0000.nii.gz \
    two=$made/volume_0001.nii.gz

# Every Dice of a mask against nnU-Net's is 0.999 or more, where a voxel on the edge may round
# otherwise.
as_theirs() { # MASK THEIRS
    try 0 evaluate "$1" "$2" --json
    tr -d ' ,' <out.txt | awk -F: \
        '/^"dice":[0-9.]+$/ { n++; if (!($2 >= 0.999)) bad = 1 } END { exit bad || n < 4 }'
    say $? "$1 is what nnU-Net predicts"
}

for model in "$full" "$made/turned" "$made/slices" "$made/pictures" "$made/residual"; do
    images=$one ending=nii.gz
    [ "$model" = "$made/pictures" ] && images=$made/picture_0000.png ending=png
    [ "$model" = "$made/turned" ] && images="$one $two"
    weights=$model/fold_0/checkpoint_final.pth
    [ -f "$weights" ] || weights=$model/weights.safetensors
    try 0 convert "$weights" --plans "$model" -o model.safetensors --quiet
    silent
    # shellcheck disable=SC2086
    try 0 predict model.safetensors $images -o masks --no-mirror --quiet
    as_theirs masks/*.$ending "$model/mask.$ending"
    # shellcheck disable=SC2086
    try 0 predict model.safetensors $images -o masks --mirror --quiet
    as_theirs masks/*.$ending "$model/mirrored.$ending"
    rm -r masks
done

# ---- a checkpoint and its tensors alone are one model; another program's weights may lie deeper
try 0 convert "$made/slices/fold_0/checkpoint_final.pth" --plans "$made/slices" -o a.safetensors \
    --quiet
try 0 convert "$made/slices/weights.safetensors" --plans "$made/slices" -o b.safetensors --quiet
for model in a b; do
    try 0 info $model.safetensors
    grep '^hash' out.txt >$model.txt
done
grep -q ^hash a.txt && cmp -s a.txt b.txt
say $? "both have the same weights"
# only the checkpoint tells how it was mirrored, and by default it is predicted so
try 0 predict a.safetensors "$one" -o masks --quiet
as_theirs masks/volume_0000.nii.gz "$made/slices/mirrored.nii.gz"
try 0 predict b.safetensors "$one" -o masks --quiet
as_theirs masks/volume_0000.nii.gz "$made/slices/mask.nii.gz"
rm -r masks
! grep -q ^trained out.txt
say $? "nothing is said of a training that is not known"
try 7 convert "$made/slices/weights.safetensors" --plans "$made/slices" --prefix network_weights. \
    -o new.safetensors
try 7 convert "$made/slices/fold_0/checkpoint_final.pth" --plans "$made/slices" --prefix module. \
    -o new.safetensors
spec="arch=nnunet dims=2 in=1 classes=3 widths=4,6,8"
try 0 convert "$made/slices/fold_0/checkpoint_final.pth" --spec "$spec" --prefix network_weights. \
    -o c.safetensors --quiet
try 7 convert "$made/slices/fold_0/checkpoint_final.pth" --spec "$spec" -o new.safetensors
err_has "checkpoint_final.pth: the names of the weights begin with network_weights.; give --prefix \
network_weights."
try 7 predict "$made/slices/fold_0/checkpoint_final.pth" "$one" -o masks
err_has ": a zip archive, as torch.save writes; make a model of it with attunet convert --spec or \
--plans (docs/networks.md)"
absent new.safetensors

# ---- what the model says
try 0 convert "$made/turned/weights.safetensors" --plans "$made/turned/plans.json" -o \
    turned.safetensors
said "turned.safetensors: arch=nnunet dims=3 in=2 classes=2 widths=4,8,8 strides=1x1x1,1x2x2,2x1x2 \
kernels=3x3x1,3x1x3,3x3x3, "
try 0 info turned.safetensors --json
tr -d ' \n' <out.txt >bare.txt
for words in '"name":"MR1"' '"ct"' '"lower":0' '"upper":2' '"spacing":[2.2' '"patch":[16,20,24]' \
    '"whole"'; do
    grep -qF "$words" bare.txt
    say $? "the model has $words"
done

# ---- which configuration: the folder's name says it, also through a link and from inside
try 0 convert "$checkpoint" --plans "$full/plans.json" --configuration 3d_fullres -o a.safetensors \
    --quiet
(cd "$full" && "$ATTUNET" convert fold_0/checkpoint_final.pth --plans . -o "$OLDPWD/b.safetensors" \
    --quiet)
cmp -s a.safetensors b.safetensors
say $? "the folder's name is the configuration's"
try 7 convert "$checkpoint" --plans "$full" --configuration 2d -o new.safetensors
err_has "checkpoint_final.pth: the weights belong to another network"
try 2 convert "$checkpoint" --plans "$full" --configuration 3d_lowres -o new.safetensors
err_has "has no configuration 3d_lowres; set --configuration to one of 2d, 3d_fullres"
mkdir other
cp "$full/plans.json" "$full/dataset.json" other
try 2 convert "$checkpoint" --plans other -o new.safetensors
err_is "other/plans.json has several configurations; choose one with --configuration: 2d, \
3d_fullres"

# ---- versions before 2.3 spell the network in another way
older() { # MOST
    tr -d ' \n' <"$made/turned/plans.json" |
        sed \
        's/"architecture":{.*"_kw_requires_import":[^}]*}/"UNet_class_name":"PlainConvUNet",'\
'"UNet_base_num_features":4,"unet_max_num_features":'"$1"',"n_conv_per_stage_encoder":[2,2,2],'\
'"n_conv_per_stage_decoder":[2,2],"conv_kernel_sizes":[[1,3,3],[3,3,1],[3,3,3]],'\
'"pool_op_kernel_sizes":[[1,1,1],[2,1,2],[2,2,1]]/' >other/plans.json
    cp "$made/turned/dataset.json" other
}
older 8
try 0 convert "$made/turned/weights.safetensors" --plans other -o older.safetensors --quiet
cmp -s turned.safetensors older.safetensors
say $? "older plans make the same model"
older 6
try 7 convert "$made/turned/weights.safetensors" --plans other -o new.safetensors
err_has "encoder.stages.1.0.convs.0.conv.weight is 8x4x3x3x1 in the file, this network needs \
6x4x3x3x1"

# ---- what attunet does not do as nnU-Net does, and what makes no sense
change() { # CODE SENTENCE SED...
    code=$1 sentence=$2
    shift 2
    tr -d ' \n' <"$made/turned/plans.json" | sed "$@" >other/plans.json
    cp "$made/turned/dataset.json" other
    try "$code" convert "$made/turned/weights.safetensors" --plans other -o new.safetensors
    err_has "$sentence"
    absent new.safetensors
}
change 7 \
    'unet.ResidualUNet" as "network_class_name", but attunet supports only PlainConvUNet and '\
'ResidualEncoderUNet' s/PlainConvUNet/ResidualUNet/
change 7 \
    'has [2,2] as "n_conv_per_stage_decoder", but attunet supports only 1 convolution with a '\
'residual encoder' s/PlainConvUNet/ResidualEncoderUNet/
one_each='s/PlainConvUNet/ResidualEncoderUNet/; s/"n_conv_per_stage_decoder":\[2,'\
'2\]/"n_conv_per_stage_decoder":[1,1]'
change 3 \
    '"n_blocks_per_stage" of the configuration 3d_fullres must be a list of whole numbers, one '\
'per level' "$one_each/"
change 7 'has 32 as "stem_channels", but attunet supports only the default of nnU-Net' \
    "$one_each,\"stem_channels\":32/"
change 7 'as "block", but attunet supports only' "$one_each,\"block\":\"BottleneckD\"/"
change 7 'the weights belong to another network' "$one_each,\"n_blocks_per_stage\":[1,1,2]/"
change 7 'has [2,3,2] as "n_conv_per_stage", but attunet supports only blocks of 2 convolutions' \
    's/"n_conv_per_stage":\[2,2,2\]/"n_conv_per_stage":[2,3,2]/'
change 7 'has "torch.nn.Dropout3d" as "dropout_op"' \
    's/"dropout_op":null/"dropout_op":"torch.nn.Dropout3d"/'
change 7 'BatchNorm3d" as "norm_op", but attunet supports only InstanceNorm3d' \
    s/InstanceNorm3d/BatchNorm3d/
change 7 'as "norm_op_kwargs"' 's/1e-05/1e-03/'
change 7 'has "torch.nn.ReLU" as "nonlin", but attunet supports only LeakyReLU' \
    s/torch.nn.LeakyReLU/torch.nn.ReLU/
change 7 'as "nonlin_kwargs", but attunet supports only a slope of 0.01' \
    's/"inplace":true/"negative_slope":0.2/'
change 7 'has false as "conv_bias"' 's/"conv_bias":true/"conv_bias":false/'
change 7 'has "3d_lowres" as "previous_stage"' 's/"batch_dice":false/"previous_stage":"3d_lowres"/'
change 7 'has "MyPreprocessor" as "preprocessor_name"' s/DefaultPreprocessor/MyPreprocessor/
change 7 'has "resample_torch_fornnunet" as "resampling_fn_data"' \
    s/resample_data_or_seg_to_shape/resample_torch_fornnunet/
change 7 '"order_z":1' 's/"order_z":0/"order_z":1/'
change 7 'as "resampling_fn_probabilities_kwargs", but attunet supports only' \
    's/"order":1,"order_z":0,"force_separate_z":null},"arch/"order":3,"order_z":0,'\
'"force_separate_z":null},"arch/'
change 7 'as "resampling_fn_probabilities"' \
    's/"resampling_fn_probabilities":"resample_data_or_seg_to_shape"/'\
'"resampling_fn_probabilities":"resample_torch_fornnunet"/'
change 7 '"force_separate_z":true' 's/"force_separate_z":null/"force_separate_z":true/'
change 7 'has "MyNibabelIO" as "image_reader_writer"' s/NibabelIO/MyNibabelIO/
change 7 'AttentionPlainConvUNet" as "network_class_name"' s/PlainConvUNet/AttentionPlainConvUNet/
change 7 'has true as "nonlin_first"' 's/"conv_bias":true/"conv_bias":true,"nonlin_first":true/'
change 7 'has "MyManager" as "label_manager"' 's/"LabelManager"/"MyManager"/'
change 7 'has "MyReader" as "image_reader_writer"' s/NibabelIO/MyReader/
change 7 'has ["MyNormalization","ZScoreNormalization"] as "normalization_schemes"' \
    s/CTNormalization/MyNormalization/
change 7 \
    'has [true,false] as "use_mask_for_norm", but attunet supports only the same '\
'value for all channels' \
    's/CTNorm/ZScoreNorm/; s/\[false,false\]/[true,false]/'
change 7 'has 1 level,' 's/"features_per_stage":\[4,8,8\]/"features_per_stage":[4]/'
change 3 'lacks percentiles, mean or deviation of channel 0' \
    's/"percentile_00_5":0.0/"percentile_00_5":500/'
change 3 'normalises 1 channel, but other/dataset.json has 2' 's/"CTNormalization",//'
change 3 '"transpose_forward" of the configuration 3d_fullres must be an order of the axes' \
    's/"transpose_forward":\[2,0,1\]/"transpose_forward":[2,0,2]/'
change 3 '"spacing" of the configuration 3d_fullres must be mm along each axis' \
    's/"spacing":\[1.2,/"spacing":[-1.2,/'
change 3 '"patch_size" of the configuration 3d_fullres must be' \
    's/"patch_size":\[24,/"patch_size":[2.5,/'
change 3 \
    '"kernel_sizes" of the configuration 3d_fullres must be a list of three whole numbers per '\
'level' 's/\[3,3,1\],//'
change 3 '"strides" of the configuration 3d_fullres must be' 's/\[2,1,2\]/[2,1]/'
change 3 '"features_per_stage" of the configuration 3d_fullres must be' 's/\[4,8,8\]/[4,"8",8]/'
change 3 '"inherits_from" of the configuration 3d_fullres must be the name of another '\
'configuration' \
    's/"batch_dice":false/"inherits_from":"3d_fullres"/'
change 3 'has no "configurations"; give the plans.json of nnU-Net v2' \
    s/configurations/configuration/
change 3 'other/plans.json' 's/}$//'
change 7 'kernels must be odd' 's/\[3,3,1\]/[3,3,2]/g'
change 7 'a patch of 16x20x24 does not fit' 's/\[2,2,1\]/[4,4,4]/'
cp "$made/turned/plans.json" other
rm other/dataset.json
try 3 convert "$made/turned/weights.safetensors" --plans other -o new.safetensors
err_is "other/dataset.json is missing; copy nnU-Net's dataset.json next to plans.json"
echo '{"channel_names": {"0": "MR"}, "labels": {"organ": 1}}' >other/dataset.json
sed '/"CTNormalization",/d' "$made/turned/plans.json" >other/plans.json
try 3 convert "$made/turned/weights.safetensors" --plans other -o new.safetensors
err_has 'no label has the value 0'
try 6 convert "$made/turned/weights.safetensors" --plans nothing.json -o new.safetensors
tr -d ' \n' <"$made/slices/plans.json" | sed 's/\[0,2,1\]/[2,0,1]/' >other/plans.json
cp "$made/slices/dataset.json" other
try 7 convert "$made/slices/weights.safetensors" --plans other -o new.safetensors
err_has "[0,1,2] or [0,2,1] for 2D networks"

# ---- options
for flag in "spec arch=nnunet" "part fine" "labels a,b" "patch 8x16x16" "normalise rgb" \
    "intensities 0,1,0,1" "spacing 1x1x1"; do
    # shellcheck disable=SC2086
    try 2 convert "$checkpoint" --plans "$full" --$flag -o new.safetensors
    err_is "--${flag% *} is in plans.json; leave it out"
done
try 2 convert "$full/fold_0" --plans "$full" -o new.safetensors
err_has "/fold_0 is a folder without plans.json; give the folder that has it, or a checkpoint"
try 2 convert "$checkpoint" --spec "arch=nnunet" --configuration 2d -o new.safetensors
err_is "--configuration needs --plans; add that, or leave it out"
try 2 convert a.safetensors --plans "$full" -o new.safetensors
err_has "a.safetensors describes its own network; leave out --spec and --plans"

# ---- what trains further is prepared as the model was
mkdir -p pictures/images pictures/labels
cp "$made/picture_0000.png" pictures/images/a.png
cp "$made/pictures/mask.png" pictures/labels/a.png
try 0 convert "$made/pictures/fold_0/checkpoint_final.pth" --plans "$made/pictures" -o \
    pictures.safetensors --quiet
try 0 train pictures -o further --init pictures.safetensors --steps 1 --batch 2 --quiet
for model in pictures.safetensors further; do
    try 0 info $model --json
    tr -d ' \n' <out.txt | grep -q '"crop":true'
    say $? "$model crops"
done

# ---- all folds at once
cp -r "$full/fold_0" "$made/slices/plans.json" "$made/slices/dataset.json" other
mkdir other/fold_3
cp "$made/slices/fold_0/checkpoint_final.pth" other/fold_0
try 3 convert other -o folds
err_is "other/fold_3/checkpoint_final.pth is missing: nnU-Net writes it when a training has \
finished; convert existing checkpoints one by one, with --plans other"
absent folds
cp "$made/slices/fold_0/checkpoint_final.pth" other/fold_3
try 0 convert other -o folds --dry-run
grep -q "folds/fold_3/model.safetensors" out.txt
say $? "both would be written"
absent folds
try 0 convert other -o folds
said "folds/fold_0/model.safetensors: arch=nnunet dims=2 "
said "folds/fold_3/model.safetensors: arch=nnunet dims=2 "
try 0 predict folds "$one" -o masks --no-mirror
said "2 models predict together"
as_theirs masks/volume_0000.nii.gz "$made/slices/mask.nii.gz"
try 2 convert other -o folds
err_is "folds/fold_0 exists already; give a new folder with --output"
try 2 convert other -o new.safetensors
err_is "other holds a model for each fold, but new.safetensors is one file; give a folder with \
--output"
try 2 convert other --plans other -o new
err_is "other has its own plans.json; leave out --plans, or give one checkpoint with it"
try 2 convert other --patch 32x32 -o new
err_is "--patch is in plans.json; leave it out"
absent new
for command in "info" "predict"; do
    try 7 $command other $([ $command = info ] || echo "$one -o masks")
    err_is "other is an nnU-Net model; convert its folds with: attunet convert other -o FOLDER"
done
try 2 info folds
err_is "folds holds folds that were not trained as one run; name one of them, such as folds/fold_0"
mkdir set set/images set/labels set/fold_0
cp "$one" set/images
cp "$made/slices/mask.nii.gz" set/labels/volume_0000.nii.gz
cp "$full/plans.json" set
cp a.safetensors set/fold_0/model.safetensors
try 0 info set
try 3 info "$checkpoint"
err_has "make weights of torch.save a model with attunet convert"
finish
