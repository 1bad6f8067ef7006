# SPDX-License-Identifier: Apache-2.0
# Prediction by one model, by several, and of mirror images.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/imagesTr data/labelsTr images cv
for i in 1 2 3 4; do
    noise data/imagesTr/case${i}_0000.nii 16 16 8
    halves data/labelsTr/case$i.nii 16 16 8
done
cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1},
 "numTraining": 4, "file_ending": ".nii"}
JSON
train() { # CODE RUN FLAGS...
    code=$1 run=$2
    shift 2
    try "$code" train data -o "$run" --steps 2 --lr 0.05 --batch 1 --patch 8x16x16 --spec \
        "arch=attunet widths=4,8 gated=all" --quiet "$@"
}
same() { cmp -s "$1" "$2"; say $? "$words: $1 is $2"; }
differ() { ! cmp -s "$1" "$2"; say $? "$words: $1 is not $2"; }

train 0 cv/fold_0 --seed 1
train 0 cv/fold_1 --seed 2
noise images/a.nii 20 24 11

# ---- a folder of true masks that belong to something else
mkdir masks
try 3 predict cv/fold_0 images -o untrue --overlay --truth masks --quiet
err_is "--truth masks: no mask there has the name of one of 1 image, so the overlays in untrue \
show predictions only"
exists untrue/a.nii untrue/a_overlay.png
halves masks/a.nii 20 24 11
try 0 predict cv/fold_0 images -o true --overlay --truth masks --quiet
silent
out_has "wrote 1 mask, 1 overlay to true"

# ---- one, and the same one twice
try 0 predict cv/fold_0 images -o one --no-mirror --probabilities --attention --quiet
silent
try 0 predict cv/fold_0,cv/fold_0 images -o twice --no-mirror --probabilities --attention
said "2 models predict together"
out_has passes
out_has "wrote 1 mask, 1 attention map, 2 probability maps to twice"
try 0 predict cv/fold_0 images -o unsure --no-mirror --uncertainty entropy --quiet
out_has "wrote 1 mask, 1 uncertainty map to unsure"
[ "$(ls unsure | tr '\n' ' ')" = 'a.nii a_uncertainty.nii ' ]
say $? 'the uncertainty, without the probabilities'
try 0 predict cv/fold_0 images -o unsure --no-mirror --uncertainty entropy --probabilities --quiet
same one/a_probability_1_front.nii unsure/a_probability_1_front.nii
for f in a.nii a_probability_0_background.nii a_probability_1_front.nii; do same one/$f twice/$f
done
try 2 predict cv/fold_0 images -o unsure --no-mirror --uncertainty variance --quiet
err_is "there is no variance, because one model predicts without mirror images; set --mirror, or \
give several models"
try 0 predict cv/fold_0,cv/fold_1 images -o folds --no-mirror --uncertainty variance --quiet
try 0 predict cv/fold_0,cv/fold_1 images -o parts --no-mirror --uncertainty variance --quiet \
    --threads 1
same folds/a_uncertainty.nii parts/a_uncertainty.nii
differ folds/a_uncertainty.nii unsure/a_uncertainty.nii
exists one/a_attention_gate.0.nii one/a_attention_gate.0_own.nii
for f in one/a_attention_*; do same $f twice/${f#one/}; done

# ---- a network without gates has no maps to write
train 0 gateless --spec "arch=unet widths=4,8"
try 2 predict gateless images -o maps --attention --quiet
err_is "the network has no attention gates, so there are no maps to write; leave out --attention"
absent maps
try 0 predict gateless images -o maps --quiet

# ---- products in bfloat16: other bits than floats, the same for any number of threads
train 0 wide --lr 1e-5 --spec "arch=unet widths=32,48"
try 0 predict wide images -o floats --no-mirror --probabilities --quiet
try 0 predict wide images -o halves --no-mirror --probabilities --precision bf16 --quiet
try 0 predict wide images -o again --no-mirror --threads 1 --probabilities --precision bf16 --quiet
differ halves/a_probability_1_front.nii floats/a_probability_1_front.nii
same halves/a_probability_1_front.nii again/a_probability_1_front.nii
mkdir window # the plain kernels take long
noise window/a.nii 16 16 8
try 0 predict wide window -o slow --no-mirror --precision bf16 --isa ref
said "warning: --precision bf16 is slower than f32 without a matrix unit (AMX), and ref has none"
try 0 predict wide window -o fast --no-mirror --isa ref
unsaid "matrix unit"
try 0 predict wide images -o chosen --no-mirror --probabilities --precision auto
if grep -qF -- "--precision auto takes bf16" err.txt; then like=halves; else like=floats; fi
same chosen/a_probability_1_front.nii $like/a_probability_1_front.nii
try 0 predict wide window -o fast --no-mirror --precision auto --isa ref
unsaid "--precision auto takes"
train 0 half --lr 1e-5 --spec "arch=unet widths=32,48" --precision bf16
try 0 predict half images -o floats --no-mirror --probabilities --precision f32 --quiet
try 0 predict half images -o halves --no-mirror --probabilities --precision bf16 --quiet
differ halves/a_probability_1_front.nii floats/a_probability_1_front.nii
try 0 predict half images -o chosen --no-mirror --probabilities
if grep -qF "predicting in bf16, as the model was trained" err.txt; then like=halves; else
    said "predicting in f32; the model was trained in bf16"
    like=floats
fi
same chosen/a_probability_1_front.nii $like/a_probability_1_front.nii
try 0 predict half window -o chosen --no-mirror --isa ref
said "predicting in f32; the model was trained in bf16"
try 0 predict half images -o chosen --no-mirror --conv direct
unsaid "predicting in"
try 2 predict wide images -o never --precision bf16 --conv direct
err_is "--conv direct computes in f32; leave out --conv or --precision"
try 2 predict wide images -o never --precision f16
err_has "--precision"
absent never
wide="arch=unet dims=2 in=1 classes=2 widths=32,64"
try 0 bench --spec "$wide" --shape 32x32 --repeat 1 --precision bf16 --json
out_has '"precision": "bf16"'
try 0 bench --spec "$wide" --shape 32x32 --repeat 1 --precision bf16 --train --json
out_has '"precision": "bf16"'
try 0 bench --spec "$wide" --shape 32x32 --repeat 1 --precision auto --isa ref --json
out_has '"precision": "f32"'

# ---- images that have trained are no test
train 0 held --holdout 0.25
try 0 predict held data/imagesTr -o known
said "3 of 4 images were used in training; scores of their masks do not measure generalisation"
try 0 predict cv data/imagesTr/case2_0000.nii -o known
said "1 of 1 image was used in training; "
try 0 predict held images -o known
unsaid "used in training"
mkdir same_names
cp data/imagesTr/case* same_names
try 0 predict held same_names -o known
unsaid "used in training"
unsaid "training cases"
mv data moved_data
try 0 predict held same_names -o known
said "3 of 4 images have the names of training cases, whose data set is gone; if they are the \
same, scores of masks do not measure generalisation"
try 0 predict held images -o known
unsaid "training cases"
mv moved_data data

# ---- what belongs to an earlier mask
mkdir old
cp one/a_attention_gate.0.nii old/b_attention_x.nii # of another image
echo mine >old/a_overlay.txt
try 0 predict cv/fold_0 images -o old --probabilities --attention --overlay --quiet
try 0 predict cv/fold_0 images -o old --no-mirror --probabilities --attention --overlay
silent
try 0 predict cv/fold_0 images -o old --probabilities --attention
said "warning: old/a_overlay.png is from an earlier prediction and does not belong to the new \
mask; remove it"
rm old/a_overlay.png
try 0 predict cv/fold_0 images -o old
said "warning: old: 4 files, such as a_attention_gate.0.nii, are from an earlier prediction and \
do not belong to the new masks; remove them"

# ---- JSON has the warnings, in a list of images in the first one
try 0 predict cv/fold_0 images -o old --json --quiet
[ "$(head -2 out.txt)" = '[
  {"warnings": [{"kind": "stale-results", "text": "old: 4 files, such as '\
'a_attention_gate.0.nii, are from an earlier prediction and do not belong to the new masks; '\
'remove them"}],' ]
say $? "a warning with its kind"
grep -q '^    "case": "a",$' out.txt
say $? "before the other keys"
try 0 evaluate masks masks --json
out_has '{"warnings": []'

# ---- a list, by whose names masks are called
printf 'image,case\nimages/a.nii,patient 1\n' >list.csv
try 0 predict cv/fold_0 list.csv -o listed --no-mirror --quiet
silent
same "listed/patient 1.nii" one/a.nii
printf 'image,case\nimages/a.nii,patient 1\nimages/b.nii,patient 2\n' >list.csv
try 3 predict cv/fold_0 list.csv -o unlisted
err_is "list.csv, line 3: ./images/b.nii does not exist; copy the file or correct the line"
[ ! -e unlisted ]
say $? "nothing of a list with an error was predicted"

# ---- the folds of a run, which are the list of its models
try 0 predict cv images -o folds --no-mirror --probabilities
try 0 predict cv/fold_0/model.safetensors,cv/fold_1 images -o list --no-mirror --probabilities \
    --threads 1
same folds/a.nii list/a.nii
same folds/a_probability_1_front.nii list/a_probability_1_front.nii
differ folds/a_probability_1_front.nii one/a_probability_1_front.nii
try 0 predict cv images -o counted --no-mirror --json
out_has '"windows": 8'
out_has '"passes": 16'
mkdir cv/fold_2
try 7 predict cv images -o none
err_has "cv/fold_2 has no model yet"
try 2 predict cv/fold_0, images -o none
err_has "'cv/fold_0,' has a comma too many"
rmdir cv/fold_2
absent none

# ---- mirroring, which is the default along the axes of the training
try 0 predict cv images -o mirrored --mirror --probabilities --json
said "2 models predict together, every window is also mirrored along d, h and w: up to 16 passes \
over a window instead of one; --no-mirror takes an eighth of the time"
said "8 windows took 128 passes, "
out_has '"passes": 128'
try 0 predict cv images -o usual --probabilities
said "--no-mirror takes an eighth of the time"
same mirrored/a_probability_1_front.nii usual/a_probability_1_front.nii
differ mirrored/a_probability_1_front.nii folds/a_probability_1_front.nii
train 0 still --mirror no
try 0 predict still images -o still1
silent
try 2 predict still images -o none --mirror
err_has "still was trained without mirroring"
train 0 plain --augment none
try 2 predict plain images -o none --mirror
err_has "plain was trained without mirroring"

# ---- a training that is long enough tries mirror images, and prediction does what helped
cp -r data more
for i in 5 6; do
    noise more/imagesTr/case${i}_0000.nii 16 16 8
    halves more/labelsTr/case$i.nii 16 16 8
done
sed -i 's/"numTraining": 4/"numTraining": 6/' more/dataset.json
printf 'case%d\n' 3 4 5 6 >four.txt
try 0 train more -o tried --val-list four.txt --steps 120 --lr 0.01 --batch 2 --patch 8x16x16 \
    --spec "arch=attunet widths=4,8 gated=all"
said "averaged over mirror images, the Dice of 4 cases is "
grep -q '\\"mirroring\\":{\\"cases\\":4,' tried/model.safetensors
say $? "the model records how mirror images did"
sed 's/\\"once\\":[01]\./\\"once\\":9./; s/description_hash/description_gone/' \
    tried/model.safetensors >once.safetensors
try 0 predict tried images -o with --mirror --quiet
try 0 predict tried images -o without --no-mirror --quiet
try 0 predict once.safetensors images -o decided
said "predicting without mirror images: in training, averaging over them changed the Dice of 4 \
cases by -"
same without/a.nii decided/a.nii
try 0 predict once.safetensors images -o asked --mirror
unsaid "predicting without mirror images"
same with/a.nii asked/a.nii

# ---- large images are not mirrored: 264 windows of 16x16x16 voxels, with 119456 multiply-adds for
# each voxel, 8 times
train 0 thick --patch 16x16x16 --spec "arch=unet widths=32,32"
noise big.nii 20 24 32
try 0 predict thick big.nii -o large --overlap 0.9
said "big is predicted without mirror images: with them it would take 1.1e+12 multiply-adds, more \
than 1e+12; --mirror averages them all the same"
try 0 predict thick big.nii -o small
said "12 windows took 96 passes"
unsaid "predicted without mirror images"

# ---- post-processing: components of fewer voxels than there are go
echo '{"classes": [{"class": 1, "name": "front", "smallest": 100000}]}' >cv/postprocess.json
try 0 predict cv images -o post --no-mirror --json
said "a: post-processing removed "
said " voxels of front"
out_has '"front": '
differ post/a.nii folds/a.nii
echo '{"classes": [{"class": 1, "name": "front", "smallest": 1}]}' >cv/postprocess.json
try 0 predict cv images -o kept --no-mirror
unsaid "post-processing"
try 0 predict cv images -o raw --no-postprocess --no-mirror --quiet
silent
same raw/a.nii folds/a.nii

# ---- the same from a file, for one model: as `evaluate --choose-postprocess` writes it
echo '{"classes": [{"class": 1, "name": "front", "smallest": 100000}]}' >post.json
try 0 predict cv/fold_0 images -o alone --no-mirror --quiet
try 0 predict cv/fold_0 images -o filed --no-mirror --postprocess post.json
said "a: post-processing removed "
differ alone/a.nii filed/a.nii
try 0 evaluate held data --choose-postprocess chosen.json
try 0 predict held images -o filed3 --no-mirror --postprocess chosen.json --quiet
# in the place of the run's own
try 0 predict cv images -o filed2 --no-mirror --postprocess post.json --quiet
same filed2/a.nii post/a.nii
echo '{"cases": []}' >other.json
try 7 predict cv/fold_0 images -o none --postprocess other.json
err_is \
    'other.json: the post-processing is damaged: it must be {"all_foreground": true or false, '\
'"classes": [...]}'
echo '{"classes": [{"class": 9, "smallest": 2}]}' >other.json
try 7 predict cv/fold_0 images -o none --postprocess other.json
err_has "other.json: the post-processing names class 9, which this model does not predict; use one"
try 6 predict cv/fold_0 images -o none --postprocess nowhere.json
err_has "nowhere.json"
absent none

# ---- a 2D network on volumes says what it does
mkdir flat flat/images flat/labels
for i in 1 2 3; do
    noise flat/images/case$i.nii 16 16 1
    halves flat/labels/case$i.nii 16 16 4
    head -c $((352 + 256)) flat/labels/case$i.nii >flat/labels/cut.nii
    bytes flat/labels/cut.nii 46 '\001\000'
    bytes flat/labels/cut.nii 400 '\001'
    mv flat/labels/cut.nii flat/labels/case$i.nii
done
try 0 train flat -o two --steps 2 --batch 1 --patch 16x16 --spec "arch=unet widths=4,8" --quiet
try 0 predict two images -o slices
said "a is a volume but the network is 2D; each of its 11 slices is segmented by itself"
cp -r flat/images planes # of which none is known to have trained
try 0 predict two planes -o none2 --no-mirror
silent

# ---- and so does a 3D network on images of one slice
try 0 predict cv/fold_0 flat/images -o deep
said "warning: case1 has one slice but the network learnt from volumes; do not trust its \
mask"
[ "$(grep -c "has one slice" err.txt)" -eq 1 ]
say $? "it is said once"
try 0 train data -o around --steps 1 --patch 16x16 --spec "arch=unet dims=2 slices=3 widths=4,8" \
    --spacing none --quiet
try 0 predict around images -o around-slices --no-mirror
silent
try 0 predict around flat/images -o around-flat
said "warning: case1 has one slice but the network learnt from volumes"
try 2 train flat -o begun --init cv/fold_0 --steps 1 --quiet
err_is "--init cv/fold_0: the model is 3D, but the images of flat are 2D; give a 2D model, or \
leave --init out"
absent begun
try 0 train data -o begun --init two --steps 1 --spacing none
said "spec: 2D, slice by slice, like the model of"

# ---- models that do not fit
sed -i s/front/liver/ data/dataset.json
train 0 liver
try 7 predict cv/fold_0,liver images -o none
err_has "cv/fold_0 and liver cannot predict together: the labels of the first are background 0, \
front 1, and those of the second background 0, liver 1"
absent none

# ---- samples beside a header are spared like images: b.mhd would be written with them
mkdir beside
printf 'NDims = 3\nDimSize = 16 16 8\nElementType = MET_UCHAR\nElementDataFile = b.raw\n' \
    >beside/b_0000.mhd
head -c 2048 /dev/zero >beside/b.raw
cp beside/b.raw kept.raw
try 2 predict plain beside -o beside
err_has "beside/b.raw is an input and would be overwritten"
same beside/b.raw kept.raw
absent beside/b.mhd
try 0 predict plain beside -o elsewhere --quiet
exists elsewhere/b.mhd elsewhere/b.raw

finish
