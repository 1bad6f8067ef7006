# SPDX-License-Identifier: Apache-2.0
# A model that works at a spacing of its own: images come to it, masks come back to their grids.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom organs -o data --count 5 --unseen 2 --quiet
try 0 train data -o run --fold 0 --steps 2 --spacing 3x2x1.25 --nonzero yes --spec \
    "arch=attunet widths=4,8" --patch 8x16x16
exists run/settings.json
grep -q '"spacing": "3x2x1.25"' run/settings.json
say $? "the spacing stands in settings.json"
grep -q '"nonzero": true' run/settings.json
say $? "and so does nonzero"
try 0 info run
out_has "spacing    3x2x1.25 mm"
try 0 resume run --steps +1 --quiet

try 0 predict run data/unseen/images -o masks --attention --probabilities
grid_of() { "$ATTUNET" info "$1" --json | sed '/"path"/d; /"channels"/,/^  ]/d'; }
for image in data/unseen/images/*.nii.gz; do
    mask=masks/${image##*/}
    grid_of "$image" >image.txt
    grid_of "$mask" >mask.txt
    cmp -s image.txt mask.txt && grep -q '"affine"' image.txt
    say $? "$mask lies on the grid of $image"
done
try 0 evaluate masks data/unseen/labels # it compares grids, too

# ---- folds whose own medians differ: one grid for all of them
. "$SOURCE/tests/cli/images.sh"
mkdir -p mixed/images mixed/labels
for i in 1 2 3 4 5; do
    noise mixed/images/case$i.nii 16 16 8
    bytes mixed/images/case$i.nii $((500 + i)) '\001'
    halves mixed/labels/case$i.nii 16 16 8
    [ $i -lt 4 ] || continue
    for file in mixed/images/case$i.nii mixed/labels/case$i.nii; do
        bytes $file 88 '\000\000\100\100' # slices of 3 mm instead of 1
        bytes $file 320 '\000\000\100\100'
    done
done
few='--steps 1 --batch 1 --patch 8x8x8 --spec widths=4,8'
# shellcheck disable=SC2086
try 0 train mixed -o folds --fold all $few
said "for all folds, planned from all cases: the median of the images, which differ"
unsaid "batch 1 in all folds"
try 0 predict folds mixed/images -o together --quiet
# shellcheck disable=SC2086
try 0 plan mixed --fold all -o plan.json --quiet $few
spacing_of() { grep -o '"spacing": "[0-9][^"]*"' "$1"; }
[ -n "$(spacing_of plan.json)" ] && [ "$(spacing_of plan.json)" = \
    "$(spacing_of folds/fold_3/settings.json)" ]
say $? "a plan of all folds has their grid"
grep -q 'the median of the images, which differ' plan.json
say $? "and says why"
# shellcheck disable=SC2086
for fold in 0 1 2 3 4; do "$ATTUNET" train mixed -o "alone/fold_$fold" --fold $fold $few --quiet \
    >/dev/null; done
try 7 predict alone/fold_0,alone/fold_1,alone/fold_2,alone/fold_3,alone/fold_4 mixed/images -o \
    apart --quiet
err_has "cannot predict together: they bring images to different grids"

# ---- what is refused
try 2 train data -o bad --spacing 2 --quiet
err_has "--spacing 2: give three numbers in mm like 3x0.75x0.75"
try 2 train data -o bad --spacing 2x2x2 --resize 32x32x32 --quiet
err_is "give --resize or --spacing, not both"
try 0 phantom ultrasound -o flat --count 2 --unseen 1 --quiet
try 3 train flat -o bad --spacing 0x1x1 --steps 1 --patch 32x32 --spec "arch=unet widths=4,4" \
    --quiet
err_has "case case_0000: the model needs a spacing of 0x1x1 mm (0: any), but the image has none; \
use a file with spacing"
absent bad
try 0 train flat -o flatrun --steps 1 --patch 32x32 --spec "arch=unet widths=4,4" --quiet
try 3 predict run flat/unseen/images -o bad --no-mirror
err_has "flat/unseen/images/unseen_0000.png: "
finish
