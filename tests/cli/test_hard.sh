# SPDX-License-Identifier: Apache-2.0
# Hard attention: networks on blocks and on tiles, joined to one model, which says where it looked.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/imagesTr data/labelsTr images
for i in 1 2; do
    noise data/imagesTr/case${i}_0000.nii 24 20 8
    halves data/labelsTr/case$i.nii 24 20 8
done
cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1},
 "numTraining": 2, "file_ending": ".nii"}
JSON
spec="arch=attunet norm=batch up=transpose gate=grid gated=all"
train() { # CODE RUN PATCH WIDTHS FLAGS...
    code=$1 run=$2 patch=$3 widths=$4
    shift 4
    try "$code" train data -o "$run" --steps 2 --batch 1 --patch "$patch" --spec \
        "$spec widths=$widths" --normalise zscore --quiet "$@"
}
same() { cmp -s "$1" "$2"; say $? "$words: $1 is $2"; }

# ---- an ordinary network on blocks
train 0 coarse 4x8x8 4,6 --shrink 2
train 0 fine 8x16x16 4,8 --spacing none
try 2 train data -o bad --shrink 2x --quiet
err_is "--shrink 2x is not valid; give a number like 2, or a block like 1x4x4 (depth x height x \
width), of 1 to 64 voxels"
grep -q '"shrink": "2x2x2"' coarse/settings.json
say $? "settings.json has the blocks"
try 0 info coarse
out_has "shrink     averaged over blocks of 2x2x2 voxels"
noise images/a.nii 30 26 12
try 0 predict coarse images -o blocks --window 8x16x16 --quiet
exists blocks/a.nii

# ---- joined
hard="arch=hard scale=2 tile=4x8x8 halo=2x4x4 tiles=3 policy=4"
try 0 convert coarse,fine --spec "$hard" -o hard.safetensors --quiet
try 0 info hard.safetensors
out_has "input averaged over blocks of 2x2x2 voxels"
out_has "tiles of 4x8x8 voxels with a margin of 2x4x4"
unsaid "share windows"
out_has "chooses 3 tiles of an image"
try 0 info hard.safetensors --shape 8x20x24
out_has "policy.conv1"
out_has "fine.enc.0.conv1"
try 0 convert hard.safetensors --part fine -o again.safetensors --quiet
try 0 info again.safetensors
out_has "window     8x16x16"
try 2 convert fine --part fine -o again.safetensors
err_is "fine has no parts, because it is arch=attunet"
try 2 convert coarse,fine -o new.safetensors
err_has 'two models become one of hard attention; say how with --spec'
try 7 convert coarse,fine --spec "arch=hard scale=4 tile=4x8x8 halo=2x4x4" -o new.safetensors
err_is "the coarse network averages blocks of 2x2x2 voxels, but the spec has scale=4x4x4; make \
them equal"
try 7 convert coarse,fine --spec "arch=hard scale=2 tile=5 halo=1" -o new.safetensors
absent new.safetensors

try 0 predict hard.safetensors images -o many --tiles 9999
said "a has 48 tiles, fewer than --tiles 9999; all are computed"
said "of a dense prediction by the fine network; lower --tiles"
# ---- prediction: the same tiles, whatever the threads; nothing but the coarse network without
# tiles
try 0 predict hard.safetensors images -o one --threads 1 --overlay
out_has "a: 3 of 48 tiles, "
out_has " % of the multiply-adds of a dense prediction, "
out_has " tile map"
exists one/a.nii one/a_tiles.json one/a_tiles.nii one/a_overlay.png
try 0 predict hard.safetensors images -o two --threads 2 --quiet
same one/a.nii two/a.nii
same one/a_tiles.nii two/a_tiles.nii
grep -q '"order": 3' one/a_tiles.json && ! grep -q '"order": 4' one/a_tiles.json
say $? "a_tiles.json has three tiles"
try 0 predict hard.safetensors images -o none --tiles 0
out_has "a: 0 of 48 tiles, "
same none/a.nii blocks/a.nii
try 0 predict hard.safetensors images -o all --tiles 1000
out_has "a: 48 of 48 tiles, "
try 0 predict hard.safetensors images -o all --cost 0
out_has "a: 48 of 48 tiles, "
try 0 predict hard.safetensors images -o few --cost 1e9 --json
said "the model has no temperature for it, so give --share or --tiles"
out_has '"count": 0'
try 0 predict hard.safetensors images -o few --cost 0 --tiles 5 --json
out_has '"count": 5'
try 0 predict hard.safetensors images -o wide --probabilities --quiet
same wide/a.nii one/a.nii
exists wide/a_probability_1_front.nii

for share in 0.5 0.7 0.9; do
    try 0 predict hard.safetensors images -o budget --share $share --json
    tr -d ' \n' <out.txt | sed 's/.*"share_of_dense":\([0-9.e-]*\).*/\1/' >share.txt
    awk -v s=$share '{ exit !($1 > s - 0.2 && $1 <= s) }' share.txt
    say $? "--share $share: $(cat share.txt)"
done
try 0 predict hard.safetensors images -o budget --share 0.9 --tiles 2
out_has "a: 2 of 48 tiles, "
try 0 predict hard.safetensors images -o budget --share 0.001
said "a: --share 0.001 leaves no room for a tile, because the coarse network and the policy take"
try 2 predict hard.safetensors images -o budget --share 0
err_has "--share"

# ---- tiles side by side share windows
try 0 convert coarse,fine --spec "$hard cluster=2" -o shared.safetensors --quiet
try 0 info shared.safetensors
out_has "adjacent tiles share windows of up to 2x2x2 tiles"
try 0 predict shared.safetensors images -o shared --tiles 40 --threads 1
windows=$(sed -n 's/^a: 40 of 48 tiles in \([0-9]*\) windows, .*/\1/p' out.txt)
[ "${windows:-40}" -lt 30 ]; say $? "40 tiles share ${windows:-40} windows"
try 0 predict shared.safetensors images -o shared-two --tiles 40 --threads 2 --quiet
same shared/a.nii shared-two/a.nii

# ---- what cannot be
try 2 predict fine images -o new --tiles 2
err_has "the model chooses no tiles (it is arch=attunet); leave out --tiles, --cost and --share"
try 2 predict hard.safetensors,hard.safetensors images -o new
err_is "a model of hard attention predicts alone; give one model, such as that of one fold"
try 2 predict hard.safetensors images -o new --attention
err_has "has tiles instead of attention maps; leave out --attention"
try 2 predict hard.safetensors images -o new --window 8x8x8
err_has "the windows of a model of hard attention are its tiles; leave out --window"
try 2 predict hard.safetensors images -o new --overlap 0.25
err_has "overlap by the halo of its spec; leave out --overlap"
try 0 bench --spec "arch=hard in=1 tile=16 halo=4 coarse=4,6,8 fine=4,6,8 tiles=2" --shape 64x64 \
    --repeat 1 --layers --quiet
out_has "fine.dec.0.conv1"
try 2 bench --spec "arch=hard in=1" --train
err_has "arch=hard is trained part by part"

finish
