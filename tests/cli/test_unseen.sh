# SPDX-License-Identifier: Apache-2.0
# Data sets that are unusual in one way each, with defaults.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

# FILE N: labels of 24 x 24 pixels with N pieces of 4 in a row, the k-th of value k.
pieces() {
    nifti "$1" 24 24 1 2
    k=1
    while [ "$k" -le "$2" ]; do
        v=$(printf '\\%03o' "$k")
        bytes "$1" $((352 + 48 * k)) "$v$v$v$v"
        k=$((k + 1))
    done
}

# ---- masks that number objects: one class, from the first look to the evaluation
mkdir -p cells/images cells/labels
for i in 1 2 3 4 5 6; do
    noise cells/images/$i.nii 24 24 1
    pieces cells/labels/$i.nii $((i + 2))
done
question="the labels of cells have 8 values besides 0, each in one piece and not the same in \
every image; if these are classes, give --mask-values classes, or name them in a dataset.json; \
if they number objects, give --instances to train single objects, or --mask-values one to make \
them one class"
try 3 info cells
out_has "8 label 8"
out_has "error    $question"
try 3 train cells -o run --fold 0 --steps 2 --quiet
err_is "$question"
absent run
try 3 train cells -o run --fold all --steps 2 --quiet
err_is "$question"
try 3 plan cells --steps 2 --quiet
err_is "$question"
try 0 train cells -o organs --fold 0 --steps 2 --quiet --mask-values classes
out_has "label 8"
try 0 resume organs --steps +1 --quiet
try 0 train cells -o run --fold 0 --steps 2 --quiet --mask-values one
silent
out_has "on 4 cases"
out_has "foreground"
grep -q '"mask_values": "one"' run/settings.json
say $? "the settings say what the values are"
try 0 resume run --steps +1 --quiet
try 0 train cells -o again --plan run/settings.json --quiet
try 0 predict run cells/images -o masks --quiet
try 0 evaluate masks cells/labels --metrics dice
said "labels have 8 values besides 0; attunet reads all as the one class of the data set"
out_has "mean"
out_has "foreground"
! grep -q "label 2" out.txt
say $? "one class is compared"
mkdir truth
cp cells/labels/* truth
try 0 evaluate masks truth --metrics dice
said "labels seem to number objects (up to 8), and predictions have one class, so attunet \
compares one class; if the numbers are classes, name them in a dataset.json"
try 0 evaluate run truth --metrics dice
said " values besides 0; attunet reads all as the one class of the run's model"
! grep -q "label 2" out.txt
say $? "two images are one class as well"

# ---- notes among images and labels are none of them; what is no text may be an image
printf 'Cells of a phantom.\n' >cells/images/README
printf 'Free to use.\n' >cells/labels/LICENSE
printf '0123  1.nii\n' >cells/images/all.md5
try 0 info cells --mask-values classes --quick
out_has "cases      6, 6 with labels"
printf '\000\001' >cells/images/scan
try 3 info cells --mask-values classes --quick
out_has "error    attunet cannot read the format of cells/images/scan"
rm cells/images/scan

# ---- nothing to learn, and a class that no case has
blank() { nifti "$@" 2; }
case_set() { # FOLDER CASES LABELS
    mkdir -p "$1/imagesTr" "$1/labelsTr"
    i=1
    while [ "$i" -le "$2" ]; do
        noise "$1/imagesTr/c${i}_0000.nii" 16 16 8
        $3 "$1/labelsTr/c$i.nii" 16 16 8
        i=$((i + 1))
    done
    echo \
        '{"channel_names": {"0": "CT"}, "labels": {"background": 0, "front": 1, "back": 2}, '\
'"numTraining": '"$2"', "file_ending": ".nii"}' >"$1/dataset.json"
}
case_set none 2 blank
try 3 train none -o empty
said "none: the labels of the 2 training cases contain only background; mark what to find"
absent empty
case_set one 1 halves
try 0 train one -o single --steps 2
said "no training case has the class back, so it cannot be learnt"
out_has "on 1 case"
try 3 train one -o folds --fold 0
err_has "one has 1 case, too few to validate any; add cases, or train on it without --fold"
absent folds

finish
