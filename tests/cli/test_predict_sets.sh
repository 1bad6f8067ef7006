# SPDX-License-Identifier: Apache-2.0
# predict and evaluate on data sets as they are: labels are no images, and masks are found again.
. "$SOURCE/tests/cli/run.sh"

small="--steps 1 --spec widths=4,8 --resize 32x32 --patch 32x32 --batch 1 --quiet"
try 0 phantom ultrasound -o made --count 6 --unseen 0 --quiet
put() { # IMAGE LABEL: of case $i
    mkdir -p "${1%/*}" "${2%/*}"
    cp made/images/case_000$i.png "$1"
    cp made/labels/case_000$i.png "$2"
}
masks() { ls "$1" 2>/dev/null | grep -v json | tr '\n' ' '; }
wrote() { # FOLDER NAMES
    [ "$(masks "$1")" = "$2 " ]
    say $? "$1 holds '$(masks "$1")', and should hold '$2'"
}

for i in 0 1 2 3 4 5; do
    put cases/p$i/us.png cases/p$i/gt.png
    put "tree/Original/$((i % 2))/$i.png" "tree/Ground Truth/$((i % 2))/$i.png"
    put flat/img_$i.png flat/gt_$i.png
    put organs/s$i/ct.png organs/s$i/segmentations/liver.png
done

# ---- a folder per case: the folder of one case, or several
# shellcheck disable=SC2086 # settings are words
try 0 train cases -o of_cases $small
try 0 predict of_cases cases/p1 -o one
said "cases/p1: attunet takes this folder as the case p1, without its label"
wrote one "p1.png"
try 0 predict of_cases cases/p1 cases/p4 -o two --quiet
wrote two "p1.png p4.png"
try 0 evaluate two cases --cases "$(printf 'p1\np4\n' >some.txt; echo some.txt)" --metrics dice
try 0 predict of_cases cases/p1/us.png cases/p4/us.png -o files
said "2 images have the name of another one in another folder, so attunet names them with their \
folders, such as p1_us"
wrote files "p1_us.png p4_us.png"
try 3 predict of_cases cases/p1/us.png cases/p1/us.png -o files
err_has "case us: cases/p1/us.png is listed twice; list it once"

# ---- pairs by names in one folder: with the names of the training, and with others
# shellcheck disable=SC2086
try 0 train flat -o of_flat --fold 0 $small
try 0 predict of_flat flat -o flat_masks
said "flat: left aside 6 labels ('gt_{id}.png'), such as gt_0.png"
wrote flat_masks "img_0.png img_1.png img_2.png img_3.png img_4.png img_5.png"
try 0 evaluate flat_masks flat --metrics dice
try 0 predict of_flat/model.safetensors flat -o moved_masks --quiet
cmp -s moved_masks/img_3.png flat_masks/img_3.png
say $? "a model file knows the names, too"
try 0 predict of_cases flat -o other_masks
said "flat: ignored 6 masks of images in this folder, such as gt_0.png"
wrote other_masks "img_0.png img_1.png img_2.png img_3.png img_4.png img_5.png"
mkdir new && cp flat/img_1.png new/img_9.png && cp flat/img_2.png new/x.png
try 0 predict of_flat new -o new_masks
said "new: left aside 1 file that does not fit the pattern of images 'img_{id}.png', such as x.png"
said "; to predict it, name the file, or give other --images"
wrote new_masks "img_9.png"
try 0 predict of_flat new -o all_masks --images '{id}.png'
wrote all_masks "img_9.png x.png"
try 2 predict of_flat new -o all_masks --labels '{id}.png'
err_has "--labels needs --images; add it"
try 3 predict of_flat new -o all_masks --images '{id}.nii'
err_has "no file in new fits --images '{id}.nii'; correct it, or leave it out"
mkdir only && cp flat/gt_1.png only
try 2 predict of_flat only -o only_masks
err_has "only holds labels, such as gt_1.png, by the pattern of labels 'gt_{id}.png'"
try 0 predict of_flat only/gt_1.png -o only_masks --quiet
wrote only_masks "gt_1.png"

# ---- a tree
# shellcheck disable=SC2086
try 0 train tree -o of_tree --folds 2 --fold 0 $small
try 0 predict of_tree tree -o tree_masks
said "tree: left aside 6 labels ('Ground Truth/{part}/{id}.png'), such as Ground Truth/0/0.png"
wrote tree_masks "0.png 1.png 2.png 3.png 4.png 5.png"
try 0 evaluate tree_masks tree --metrics dice --json
tr -d ' \n' <out.txt >whole.txt
try 0 evaluate tree_masks "tree/Ground Truth" --metrics dice --json
tr -d ' \n' <out.txt | cmp -s - whole.txt
say $? "labels in inner folders are those of their data set"
try 0 predict of_tree tree/Original/1 -o part_masks
wrote part_masks "1.png 3.png 5.png"
try 2 predict of_tree "tree/Ground Truth/1" -o label_masks
err_has "tree/Ground Truth/1 holds labels, such as 1.png"
mkdir away && cp -r tree/Original away
try 0 predict of_tree away -o away_masks --quiet
wrote away_masks "0.png 1.png 2.png 3.png 4.png 5.png"
try 0 predict of_cases tree -o found_masks # by another run's names
said "tree: left aside 6 labels ('Ground Truth/{part}/{id}.png'), such as Ground Truth/0/0.png"
cmp -s found_masks/1.png other_masks/img_1.png
say $? "and images are what pairs"

# ---- names that two folders have get these folders, in masks and in the evaluation
for i in 0 1 2 3 4 5; do
    mkdir -p "twice/Original/$((i / 3))" "twice/Ground Truth/$((i / 3))"
    mv "tree/Original/$((i % 2))/$i.png" "twice/Original/$((i / 3))/$((i % 3)).png"
    mv "tree/Ground Truth/$((i % 2))/$i.png" "twice/Ground Truth/$((i / 3))/$((i % 3)).png"
done
# shellcheck disable=SC2086
try 0 train twice -o of_twice --folds 2 --fold 0 --validate-every 1 $small
for truth in twice "twice/Ground Truth" "twice/Ground Truth/1"; do
    try 0 evaluate of_twice "$truth" --metrics dice
done
try 0 predict of_twice twice -o twice_masks --quiet
wrote twice_masks "0_0.png 0_1.png 0_2.png 1_0.png 1_1.png 1_2.png"
for truth in twice "twice/Ground Truth"; do
    try 0 evaluate twice_masks "$truth" --metrics dice
done

# ---- labels deeper than images, and a set of two folders
# shellcheck disable=SC2086
try 0 train organs -o of_organs $small
try 0 predict of_organs organs -o organ_masks --quiet
wrote organ_masks "s0.png s1.png s2.png s3.png s4.png s5.png"
try 0 predict of_organs organs/s2 -o organ_mask
wrote organ_mask "s2.png"
try 0 predict of_organs made -o made_masks
said "made: attunet predicts the images in made/images"
wrote made_masks \
    "case_0000.png case_0001.png case_0002.png case_0003.png case_0004.png case_0005.png"
rm -r made_masks
cp made/images/case_0000.png made/logo.png
try 0 predict of_organs made -o made_masks
said "made: attunet predicts the images in made/images"
wrote made_masks \
    "case_0000.png case_0001.png case_0002.png case_0003.png case_0004.png case_0005.png"
rm made/logo.png

# ---- nnU-Net and the Decathlon: the images without labels, else those with
for i in 0 1 2 3 4 5; do
    [ $i -lt 4 ] && to=Tr || to=Ts
    put raw/images$to/c${i}_0000.png raw/labelsTr/c$i.png
    cp made/images/case_000$i.png raw/images$to/c${i}_0001.png
    put msd/images$to/m$i.png msd/labelsTr/m$i.png
done
rm raw/labelsTr/c[45].png msd/labelsTr/m[45].png
channels='"channel_names": {"0": "a", "1": "b"}' labels='"labels": {"background": 0, "x": 255}'
echo "{$channels, $labels, \"file_ending\": \".png\"}" >raw/dataset.json
pairs=$(for i in 0 1 2 3; do
    echo "{\"image\": \"./imagesTr/m$i.png\", \"label\": \"./labelsTr/m$i.png\"},"
done)
echo "{\"modality\": {\"0\": \"a\"}, \"labels\": {\"0\": \"background\", \"255\": \"x\"}, \
\"training\": [${pairs%,}]}" >msd/dataset.json
for set in raw msd; do
    # shellcheck disable=SC2086
    try 0 train $set -o of_$set $small
    try 0 predict of_$set $set -o ${set}_masks
    said "$set: attunet predicts the images in $set/imagesTs; for those with labels, give \
$set/imagesTr"
done
wrote raw_masks "c4.png c5.png"
wrote msd_masks "m4.png m5.png"
try 0 predict of_raw raw/imagesTr -o raw_tr --quiet
wrote raw_tr "c0.png c1.png c2.png c3.png"
both='imagesTr/{id}_0000.png;imagesTr/{id}_0001.png'
try 0 predict of_raw raw -o raw_named --images "$both" --quiet
wrote raw_named "c0.png c1.png c2.png c3.png"
try 0 evaluate raw_tr raw --metrics dice
rm raw/imagesTs/*
try 0 predict of_raw raw -o raw_all
said "raw: attunet predicts the images in raw/imagesTr"
wrote raw_all "c0.png c1.png c2.png c3.png"
mv msd/imagesTr msd/scans && rm -r msd/imagesTs && sed -i 's|imagesTr|scans|g' msd/dataset.json
try 0 predict of_msd msd -o msd_all
said "msd: attunet predicts the images that msd/dataset.json lists, and leaves labels aside"
wrote msd_all "m0.png m1.png m2.png m3.png"
try 0 evaluate msd_all msd --metrics dice
entry() { echo "\"$1\": {\"images\": [\"s/$1a.png\", \"s/$1b.png\"], \"label\": \"$2\"}"; }
mkdir -p lists/s && for i in 0 1; do
    cp made/images/case_000$i.png lists/s/k${i}a.png
    cp made/images/case_000$i.png lists/s/k${i}b.png
done
echo "{$channels, $labels, \"file_ending\": \".png\", \"dataset\": {$(entry k0 no.png), \
$(entry k1 no.png), $(entry k2 no.png)}}" >lists/dataset.json
try 3 predict of_raw lists -o list_masks --quiet # no label is there, and one image is lost
err_has "lists/dataset.json lists lists/s/k2a.png for case k2, but it does not exist"
wrote list_masks "k0.png k1.png"

# ---- BIDS, also without labels; and a list
for i in 0 1 2 3 4 5; do
    put bids/sub-0$i/anat/sub-0${i}_T1w.png \
        bids/derivatives/anna/sub-0$i/anat/sub-0${i}_space-orig_dseg.png
    cp made/images/case_000$i.png bids/sub-0$i/anat/sub-0${i}_T2w.png
    put list/t1/$i.png list/gt/$i.png
done
(cd bids/derivatives/anna && rm sub-00/anat/* && cp -r ../../sub-00/anat/*_T1w.png sub-00/anat)
# shellcheck disable=SC2086
try 0 train bids -o of_bids $small
try 0 predict of_bids bids -o bids_masks
said "bids: attunet predicts 6 BIDS images (*_T1w), and leaves labels aside"
wrote bids_masks "sub-00.png sub-01.png sub-02.png sub-03.png sub-04.png sub-05.png"
try 0 evaluate bids_masks bids --metrics dice
rm -r bids/derivatives
try 0 predict of_bids bids -o bids_masks --quiet
(echo "case,image_0,image_1,label" && for i in 0 1 2 3 4 5; do
    echo "L$i,t1/$i.png,t1/$i.png,gt/$i.png"
done) >list/dataset.csv
# shellcheck disable=SC2086
try 0 train list -o of_list $small
try 0 predict of_list list -o list_of_masks
said "list: attunet predicts the images that list/dataset.csv lists, and leaves labels aside"
wrote list_of_masks "L0.png L1.png L2.png L3.png L4.png L5.png"
try 0 evaluate list_of_masks list --metrics dice

# ---- classes with mask files of their own, some of which are missing
for i in 0 1 2 3 4; do
    cp made/labels/case_000$((5 - i)).png organs/s$i/segmentations/spleen.png
done
try 0 info organs --quick --images '{id}/ct.png' --labels '{id}/segmentations/{class}.png'
out_has "warning  organs: some classes have no mask file in some cases, so their voxels count as \
background there: spleen in 1 of 6 cases (s5); add the files if they are lost"

# ---- what nobody can tell
for i in 0 1 2 3 4 5; do
    mkdir -p doubt
    cp made/images/case_000$i.png doubt/a_$i.png
    cp made/labels/case_000$i.png doubt/liver_$i.png
    cp made/labels/case_000$((5 - i)).png doubt/tumour_$i.png
done
try 3 predict of_cases doubt -o doubt_masks
err_has "attunet cannot tell which files in doubt are images; name them, or answer this: "
grep -o "\-\-images '[^']*' --labels '[^']*'" err.txt | head -1 >option.txt
eval "try 0 predict of_cases doubt -o doubt_masks $(cat option.txt)"
wrote doubt_masks "a_0.png a_1.png a_2.png a_3.png a_4.png a_5.png"
mkdir -p asks/scan asks/draw
mv doubt/a_* asks/scan
mv doubt/* asks/draw
try 3 evaluate doubt_masks asks
err_has "attunet cannot tell which files in asks are labels; give the patterns of the training, \
or answer this: "
try 0 evaluate doubt_masks asks --metrics dice --images 'scan/a_{id}.png' \
    --labels 'draw/liver_{id}.png'
finish
