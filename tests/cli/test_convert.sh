# SPDX-License-Identifier: Apache-2.0
# attunet convert: bare weights become a model, a model is written with all names.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/imagesTr data/labelsTr
for i in 1 2; do
    noise data/imagesTr/case${i}_0000.nii 16 16 8
    halves data/labelsTr/case$i.nii 16 16 8
done
cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1},
 "numTraining": 2, "file_ending": ".nii"}
JSON
spec="arch=nnunet dims=3 in=1 classes=2 widths=4,6 strides=1x2x2 kernels=1x3x3,3x3x3"
try 0 train data -o run --steps 2 --batch 1 --patch 8x16x16 --spec "$spec" --normalise zscore \
    --spacing none --quiet

# ---- a model, written again
try 0 convert run -o all.safetensors --aliases --quiet
silent
no_output
names() { tr '{}' '\n\n' <"$1" | grep -ac dtype; }
grep -aqF 'decoder.encoder.stages.1.0.convs.0.all_modules.1.weight' all.safetensors
say $? "all.safetensors has nnU-Net's other names"
try 0 convert all.safetensors -o one.safetensors
said "one.safetensors: $spec, "
cmp -s one.safetensors run/model.safetensors
say $? "one.safetensors is the model of the run"

# ---- bare weights: the description is out of the way
sed 's/"attunet":/"nothing":/' all.safetensors >bare.safetensors
try 7 info bare.safetensors
try 7 predict bare.safetensors data/imagesTr -o masks
err_has "bare.safetensors has weights but does not describe their network; make it a model with \
attunet convert and --spec"
try 0 convert bare.safetensors --spec "$spec" --patch 8x16x16 --labels background,front -o \
    again.safetensors --quiet
try 0 predict run data/imagesTr -o masks --no-mirror --quiet
try 0 predict again.safetensors data/imagesTr -o masks2 --quiet
cmp -s masks/case1.nii masks2/case1.nii
say $? "both models give one mask"

# ---- how images come to weights that do not say so
try 0 convert bare.safetensors --spec "$spec" --patch 8x16x16 --normalise ct --intensities \
    -10,200,80.5,40 --spacing 2x1x0 -o ct.safetensors --quiet
try 0 info ct.safetensors --json
tr -d ' \n' <out.txt >bare.txt
for words in '"ct"' '"lower":-10' '"upper":200' '"mean":80.5' '"std":40' '"spacing":[2'; do
    grep -qF "$words" bare.txt
    say $? "the model has $words"
done
try 0 predict ct.safetensors data/imagesTr -o masks3 --quiet
try 2 convert bare.safetensors --spec "$spec" --normalise ct -o new.safetensors
err_is "--normalise ct needs percentiles, mean and deviation of the training intensities, which \
weights do not contain; give --intensities A,B,MEAN,STD"
try 2 convert bare.safetensors --spec "$spec" --intensities 0,1,0,1 -o new.safetensors
err_is "--intensities needs --normalise ct; add that, or leave it out"
for wrong in 1,2,3 1,2,3,4,5 1,2,3,x 5,2,3,4 1,2,3,0 1,2,nan,1; do
    try 2 convert bare.safetensors --spec "$spec" --normalise ct --intensities $wrong -o \
        new.safetensors
    err_has "--intensities $wrong: give four numbers such as"
done
try 2 convert bare.safetensors --spec "$spec" --spacing 2x1 -o new.safetensors
err_has "--spacing 2x1: give three numbers in mm like 3x0.75x0.75"
try 2 convert bare.safetensors --spec "$spec" --spacing 1x1x1e9 -o new.safetensors
err_has "--spacing 1x1x1e9 is out of range"

# ---- what cannot be
try 7 convert bare.safetensors --spec "$spec heads=yes" -o new.safetensors
err_has "heads=yes in the network spec: choose one of one|side"
try 7 convert bare.safetensors --spec "arch=nnunet dims=3 in=1 classes=2 widths=4,6,8" -o \
    new.safetensors
err_has "and 17 more are missing in the file"
try 7 convert bare.safetensors --spec "arch=unet dims=3 in=1 classes=2 widths=4,6" -o \
    new.safetensors
err_has "bare.safetensors: the weights belong to another network: enc.0.conv1.weight, \
enc.0.conv1.bias, enc.0.norm1.weight and"
err_has "are missing in the file, which has decoder.encoder.stages.0.0.convs.0.all_modules.0.bias,"
try 2 convert bare.safetensors --spec "$spec" --labels background -o new.safetensors
err_is "--labels background: this network needs 2 names with commas between them, the background \
first"
try 2 convert bare.safetensors --spec "$spec" --labels "$(printf 'background,l\351sion')" -o \
    new.safetensors
err_has "sion is not UTF-8; rename the file or folder"
try 2 convert bare.safetensors --spec "$spec" --labels a,b,c -o new.safetensors
err_has "this network needs 2 names"
try 7 convert bare.safetensors --spec "$spec" --patch 8x15x16 -o new.safetensors
err_has "a patch of 8x15x16 does not fit this network; use multiples of 1x2x2"
try 2 convert run --spec "$spec" -o new.safetensors
err_is "run is a folder, but --spec is for a file of weights; give that, or leave out --spec if \
the folder is a run"
try 2 convert all.safetensors --spec "$spec" -o new.safetensors
err_has "all.safetensors describes its own network; leave out --spec and --plans"
for flag in "prefix module." "labels a,b" "patch 8x16x16" "normalise rgb" "intensities 0,1,0,1" \
    "spacing 1x1x1"; do
    # shellcheck disable=SC2086
    try 2 convert run --$flag -o new.safetensors
    err_has "--${flag% *} is for weights without a network description: give it with --spec or \
--plans"
    # shellcheck disable=SC2086
    try 2 convert run,run --spec "arch=hard scale=2 tile=8 halo=4 tiles=1" --$flag -o \
        new.safetensors
    err_has "--${flag% *} is for weights without a network description: the models of hard \
attention's two networks have one"
done
try 2 convert run,run --spec "arch=hard scale=2 tile=8 halo=4 tiles=1" --part fine -o \
    new.safetensors
err_has "--part needs a model that knows its network; leave out --spec"
try 0 convert run -o "a model.safetensors" --json --quiet
tr -d ' \n' <out.txt >bare.txt
[ "$(cat bare.txt)" = '{"path":"amodel.safetensors","warnings":[]}' ]
say $? "with --json the file's path is the result"
try 2 convert run
err_is "name the output file; usage: attunet convert MODEL|FOLDER|COARSE,FINE -o FILE"
try 2 convert run -o new.pth
err_is "new.pth: convert writes safetensors and ONNX; give the file the ending .safetensors or \
.onnx"
absent new.pth
try 0 convert run -o model.onnx
said "model.onnx: arch="
grep -qa '"classes"' model.onnx && grep -qa logits model.onnx
say $? "an ONNX file has the description and the logits"
try 0 convert run -o inside.onnx --onnx-normalise --dry-run
absent inside.onnx
try 2 convert run -o model.onnx --aliases
err_is "--aliases is for safetensors, but model.onnx is ONNX; leave it out"
try 2 convert run -o new.safetensors --onnx-normalise
err_is "--onnx-normalise is for ONNX; give new.safetensors the ending .onnx, or leave it out"
try 0 convert run -o there.safetensors --quiet
try 0 convert run -o there.safetensors
said "parameters; the existing file is replaced"
mkdir folds
echo '{}' >folds/folds.json
try 7 convert folds -o new.safetensors
err_is "folds has one run per fold; choose one, such as folds/fold_0"
try 6 convert nothing -o new.safetensors
absent new.safetensors
finish
