# SPDX-License-Identifier: Apache-2.0
# predict on folders as they are: masks beside their images, files that are damaged or no images.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 4 --unseen 0 --quiet
try 0 train data -o run --steps 2 --spec widths=4,8 --resize 64x64 --patch 32x32 --batch 1 --quiet
try 0 predict run data/images -o whole --quiet
try 3 predict run whole -o again # maps and masks are no images
err_has "whole holds only what 'attunet predict' wrote; give the folder that holds the images, or "
absent again
same() { for name in "$@"; do cmp -s "$name" "whole/${name#*/}" || return 1; done; }

# ---- masks beside images
mkdir mixed
for i in 0 1 2 3; do cp "data/images/case_000$i.png" "mixed/case_000$i.png"; done
cp data/labels/case_0000.png mixed/case_0000_mask.png
cp data/labels/case_0001.png mixed/case_0001_seg_1.png
cp data/images/case_0003.png mixed/alone_mask.png # of no image there
try 0 predict run mixed -o masks
said "mixed: ignored 2 masks of images in this folder, such as case_0000_mask.png"
absent masks/case_0000_mask.png masks/case_0001_seg_1.png
exists masks/alone_mask.png
same masks/case_0000.png masks/case_0001.png masks/case_0002.png masks/case_0003.png
say $? "the others are predicted"
try 0 predict run mixed/case_0000_mask.png -o named
exists named/case_0000_mask.png

# ---- a model of a run knows what trained it, by the run's name and by its file's
small="--spec widths=4,8 --resize 32x32 --patch 32x32 --batch 1 --steps 1"
# shellcheck disable=SC2086 # settings are words
try 0 train data -o half --folds 2 --fold 0 $small --quiet
for model in half half/model.safetensors; do
    rm -rf second
    try 0 train data -o second --folds 2 --fold 1 --steps 1 --init $model
    said "the model of --init was trained on 2 of the 2 validation cases, "
    try 2 predict $model whole/case_0000.png -o data/images
    err_has "data/images"
    absent data/images/whole.png
done
try 0 train data -o third --folds 2 --fold 0 --steps 1 --init half
unsaid "the model of --init"
cp -r data moved
rm -rf second
try 0 train moved -o second --folds 2 --fold 1 --steps 1 --init half
said "the model of --init was trained on cases with the names of 2 of the 2 validation cases; "
printf \
    'image,label\nimages/case_0000.png,labels/case_0000.png\nimages/case_0001.png,'\
'labels/case_0001.png\n' >data/list.csv
echo case_0000 >one.txt
echo case_0001 >other.txt
# shellcheck disable=SC2086
try 0 train data/list.csv -o listed --train-list one.txt --val-list other.txt $small --quiet
try 0 train data/list.csv -o listed2 --train-list other.txt --val-list one.txt --steps 1 --init \
    listed
said "the model of --init was trained on 1 of the 1 validation case, "
rm data/list.csv
sed -i 's/"train": \[/"train": [1, /' half/settings.json
try 0 train data -o fourth --folds 2 --fold 1 --steps 1 --init half --quiet

try 0 predict run data/images -o windowed --window 31x31
said "--window 31x31 becomes 32x32: the network takes multiples of 2"
try 0 predict run data/images -o windowed --window 32x32
unsaid "rounded up"

# ---- sizes in mm: pixels have an area, which has no thickness
try 0 predict run data/images -o sized --voxel-size 0.5x0.5 --quiet
out_has "mm2"
unsaid "  ml"
try 0 predict run data/images -o sized --voxel-size 0.5x0.5 --quiet --json
out_has '"area_mm2"'
unsaid "volume_mm3"
try 0 predict run data/images -o sized --voxel-size 2x0.5x0.5 --quiet --json
out_has '"volume_mm3"'
try 0 evaluate sized data/labels --voxel-size 0.5x0.5 --metrics dice,volume --report areas.html
out_has "mm2 true"
unsaid "ml true"
grep -q "Areas against the truth" areas.html && grep -q "true area in mm2" areas.html
say $? "the report has areas"

# ---- a mask's name where a folder's is asked for
for out in new.png new.nii.gz data/images/case_0000.png; do
    try 2 predict run data/images/case_0000.png -o $out
    err_is "the output must be a folder, but $out looks like an image file"
done
absent new.png new.nii.gz
mkdir there.png
try 0 predict run data/images/case_0000.png -o there.png --quiet
exists there.png/case_0000.png

# ---- one that is damaged, among others
cp -r data/images damaged
head -c 2000 data/images/case_0001.png >damaged/case_0001.png
try 3 predict run damaged -o masks1 --quiet
err_has "damaged/case_0001.png"
err_has "the other 3 images are predicted into masks1"
absent masks1/case_0001.png
same masks1/case_0000.png masks1/case_0002.png masks1/case_0003.png
say $? "those behind it are predicted, too"
out_has "case_0003"

# ---- several, of which the first says how it ends
printf 'no image' >damaged/case_0002.png
rm damaged/case_0003.png
ln -s nowhere damaged/case_0003.png
try 3 predict run damaged -o masks2
said "error: damaged/case_0001.png"
said "error: damaged/case_0002.png"
said "damaged/case_0003.png"
said "attunet: 3 of 4 images could not be predicted, see above; the other 1 is predicted into \
masks2"
same masks2/case_0000.png
say $? "the good one is predicted"
try 6 predict run damaged/case_0000.png mixed/case_0000.png damaged/case_0003.png -o masks3
absent masks3
mkdir first && ln -s nowhere first/a.png && cp damaged/case_0001.png first/b.png &&
    cp data/images/case_0000.png first/c.png
try 6 predict run first -o masks4
exists masks4/c.png
try 6 predict run first -o masks5 --dry-run
err_has "first/a.png does not exist; check the path; the other 2 images would be \
predicted into masks5"
absent masks5

# ---- errors are said, however quiet
try 3 predict run damaged -o quietly --quiet
said "error: damaged/case_0001.png"

# ---- those that can be predicted are told, also as JSON
try 3 predict run damaged -o told --json --quiet
out_has '"case": "case_0000"'
if grep -q case_0001 out.txt; then not_ok "one that failed is among the results"
else ok "one that failed is not among the results"; fi

# ---- labels beside the images are not written over
cksum data/labels/* >before
for images in data/images data/images/case_0000.png; do
    try 2 predict run $images -o data/labels
    err_is "data/labels is beside the images, so it holds their labels, which masks would \
replace; choose another folder"
done
cksum data/labels/* | cmp -s - before; say $? "they are as they were"
cp -r data apart_set && mv apart_set/labels apart_set/masks
try 2 predict run apart_set/images -o apart_set/masks
err_has "apart_set/masks is beside images, where a data set has its labels, which masks would \
replace; choose another folder"
cmp -s data/labels/case_0000.png apart_set/masks/case_0000.png
say $? "masks beside images are as they were"
mkdir apart_set/labels apart_set/new && mv apart_set/new apart_set/images2
cp data/images/case_0000.png apart_set/images2
# beside a folder that no data set has
try 0 predict run apart_set/images2 -o apart_set/masks --quiet
printf 'image,label\nimages/case_0000.png,seg/case_0000.png\nimages/case_0001.png,nowhere.png\n' \
    >data/list.csv
mkdir data/seg && cp data/labels/case_0000.png data/seg
try 2 predict run data/list.csv -o data/seg
err_has "data/seg/case_0000.png is an input and would be overwritten"
try 0 predict run data/list.csv -o listed --quiet
exists listed/case_0000.png listed/case_0001.png
rm -r data/seg data/list.csv

# ---- a mask that would have the name of what is written beside another
mkdir twins
cp data/images/case_0000.png twins/x.png
for tail in _overlay _attention_gate.0 _probability_1_foreground; do
    cp data/images/case_0001.png twins/x$tail.png
    try 0 predict run twins -o masks7 --quiet
    for dry in "" --dry-run; do
        flag=${tail#_} flag=${flag%%_*}
        [ $flag = probability ] && flag=probabilities
        try 2 predict run twins -o masks8 --$flag $dry
        err_is "the mask of twins/x$tail.png would have the name of another result of \
twins/x.png; predict them into two folders, or rename one"
    done
    rm twins/x$tail.png
done
absent masks8
cp data/images/case_0001.png twins/x_overlay_2.png
try 0 predict run twins -o masks8 --overlay --quiet

# ---- a 3D network that learnt from images of one slice: the slice of its maps in which they lie
try 0 train data -o deep --steps 2 --spec "dims=3 widths=4,8,8" --patch 4x32x32 --batch 1 --quiet
try 0 predict deep data/images/case_0000.png -o maps --attention
unsaid "learnt from volumes"
exists maps/case_0000_attention_gate.1.png maps/case_0000_attention_gate.1_own.png

# ---- a folder per case, for training and for prediction
. "$SOURCE/tests/cli/images.sh"
for i in 1 2 3 4; do
    mkdir -p cases/p$i new/p$i
    for kind in t1 flair; do
        noise cases/p$i/p${i}_$kind.nii 16 16 8
        cp cases/p$i/p${i}_$kind.nii new/p$i/$kind.nii
    done
    halves cases/p$i/p${i}_seg.nii 16 16 8
done
try 0 info cases
out_has "cases: data set, a folder per case, 3D"
out_has "channels   flair, t1"
try 0 train cases -o of_cases --steps 2 --batch 1 --patch 8x16x16 --spec "arch=unet widths=4,8" \
    --quiet
for from in cases new; do
    try 0 predict of_cases $from -o masks_$from
    unsaid "in the order"
done
[ "$(ls masks_cases | tr '\n' ' ')" = "p1.nii p2.nii p3.nii p4.nii " ] &&
    cmp -s masks_cases/p1.nii masks_new/p1.nii
say $? "with labels and without, under either name"
unsaid "holds a folder for each case"
try 0 predict of_cases cases -o cases/masks
said "warning: cases/masks is inside cases, a data set with a folder for each case, where the \
masks would count as a case"
rm -r cases/masks
try 2 predict of_cases cases -o cases/p1
err_has "cases/p1 holds images"
try 2 predict of_cases new -o cases/p2 # which trained
err_has "cases/p2 holds images, such as cases/p2/p2_flair.nii"
cp -r of_cases cases/run # is no case
try 0 info cases
out_has "cases      4, 4 with labels"
for i in 1 2 3 4; do mv new/p$i/t1.nii new/p$i/t2.nii; done
try 0 predict of_cases new -o masks_other
said "warning: the files of a case are read in the order flair, t2, but the model calls its \
channels flair, t1"
rm new/p2/t2.nii
try 3 predict of_cases new -o masks_less
err_has "new/p2 has no t2, but case p1 does; add it, or remove the folder"

# ---- results are no data set
try 0 predict run data/images -o maps --attention --probabilities --overlay --quiet
for folder in maps whole; do
    try 3 info $folder
    err_is "$folder holds only what 'attunet predict' wrote, which is no data set; give the folder \
with the images and their masks"
done
try 3 train maps -o refused
err_has "maps holds only what 'attunet predict' wrote"
cp -r whole data2 && mkdir data2/images && cp data/images/*.png data2/images && mkdir data2/labels
mv data2/*.png data2/labels
try 0 info data2

# ---- none that can be: nothing is left
mkdir none && printf 'no image' >none/a.png
try 3 predict run none -o masks6
err_has "none/a.png"
absent masks6
finish
