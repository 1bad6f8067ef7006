# SPDX-License-Identifier: Apache-2.0
# --voxel-size: a set whose headers are wrong is trained, predicted and measured as the same set
# with right ones; its files stay as they are.
. "$SOURCE/tests/cli/run.sh"

# ---- the same images twice; of `wrong` the headers say 1 mm along every axis, which still run to
# the same sides
# 1 or -1 as a float
put() { printf '\000\000\200'"${3:-\077}" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
try 0 phantom organs -o made --count 5 --unseen 2 --quiet
for part in images labels unseen/images unseen/labels; do
    mkdir -p "right/$part" "wrong/$part"
    for file in made/"$part"/*.nii.gz; do
        name=$(basename "$file" .gz)
        gunzip -c "$file" >"right/$part/$name"
        cp "right/$part/$name" "wrong/$part/$name"
        # pixdim, and the diagonal of srow
        for place in 80 84 88 320; do put "wrong/$part/$name" $place; done
        for place in 280 300; do put "wrong/$part/$name" $place '\277'; done
    done
done
try 0 info right/images/case_0000.nii --json
spacing=$(tr -d ' \n' <out.txt | sed -n 's/.*"spacing":\[\([^]]*\)\].*/\1/p' | tr , x)
[ "$spacing" != 1.0x1.0x1.0 ] && [ -n "$spacing" ]
say $? "the right voxels are $spacing mm"
try 0 info wrong/images/case_0000.nii
out_has "spacing    1x1x1 mm (depth x height x width)"
try 0 info wrong/images/case_0000.nii --voxel-size "$spacing"
out_has "mm (depth x height x width; from --voxel-size)"
find wrong -type f -exec cksum {} + | sort >before

# ---- the set: info, plan
grids() { "$ATTUNET" info "$@" --json --quiet 2>/dev/null | tr -d ' \n' |
    sed 's/.*"spacing":\({[^}]*}\).*/\1/'; }
[ "$(grids right)" = "$(grids wrong --voxel-size "$spacing")" ] &&
    [ "$(grids right)" != "$(grids wrong)" ]
say $? "info takes the voxels for what they are said to be"
few="--fold 0 --steps 4 --lr 0.05 --spec widths=4,8 --patch 16x16x16 --batch 2 --spacing \
2.5x1.2x1.2 --quiet"
planned() { tr -d ' \n' <"$1" | sed \
    's/.*"fingerprint":\(.*\),"expected".*/\1/; s/"settings":.*//'; }
# shellcheck disable=SC2086
try 0 plan right $few -o right.json
# shellcheck disable=SC2086
try 0 plan wrong $few --voxel-size "$spacing" -o wrong.json
[ "$(planned right.json)" = "$(planned wrong.json)" ]
say $? "the fingerprints are equal"

# ---- training
sum() { tail -c 4000 "$1/model.safetensors" | cksum; } # of weights; the head of the file has times
dice() { tail -n 1 "$1/log.csv" | cut -d, -f1,2,5-; }
# shellcheck disable=SC2086
try 0 train right -o run $few
# shellcheck disable=SC2086
try 0 train wrong -o other $few --voxel-size "$spacing"
# shellcheck disable=SC2086
try 0 train wrong -o unsaid $few
[ "$(sum run)" = "$(sum other)" ]
say $? "the weights are those of the right set"
[ "$(sum run)" != "$(sum unsaid)" ]
say $? "and without --voxel-size others"
samples() { for file in "$1"/*.nii; do tail -c +353 "$file" | cksum; done; }
[ "$(samples run/validation)" = "$(samples other/validation)" ]
say $? "so are the masks of the validation"
grep -q '"voxel_size": "' other/settings.json
say $? "the settings name it"
try 0 train wrong -o again --plan other/settings.json --quiet
[ "$(sum again)" = "$(sum run)" ]
say $? "they can be followed"
try 0 resume other --steps +2 --quiet
try 0 resume run --steps +2 --quiet
[ "$(sum run)" = "$(sum other)" ]
say $? "a resumed run knows it"
try 0 report other -o report.html --quiet

try 0 train wrong -o tenth --fold 0 --steps 1 --spec widths=4,8 --patch 16x16x16 --batch 2 --quiet \
    --voxel-size 0.1x0.1x0.1 \
    --spacing 0.1x0.1x0.1 --max-memory "$(kept 200MiB)"

# ---- packed
# shellcheck disable=SC2086
try 0 pack wrong -o packed $few --voxel-size "$spacing"
# shellcheck disable=SC2086
try 0 train packed -o from $few
[ "$(sum from)" = "$(sum again)" ] && [ "$(samples from/validation)" = \
    "$(samples again/validation)" ]
say $? "a packed set keeps it, also for what validates"
# shellcheck disable=SC2086
try 2 train packed -o no $few --voxel-size 1x2x3
err_has "was packed with --voxel-size"

# ---- prediction
try 0 predict run right/unseen/images -o masks --no-mirror --json
volumes() { tr -d ' \n' <out.txt | sed 's/"seconds":[^,]*,//g; s/"file":[^,]*,//g'; }
volumes >right.txt
try 0 predict run wrong/unseen/images -o others --no-mirror --voxel-size "$spacing" --json
volumes | cmp -s right.txt -
say $? "volumes are equal"
[ "$(samples masks)" = "$(samples others)" ]
say $? "masks are equal"
try 0 predict run wrong/unseen/images -o unsaid-masks --no-mirror --quiet
[ "$(samples masks)" != "$(samples unsaid-masks)" ]
say $? "without --voxel-size they are not"
# pixdim; the forms
grid_of() { { tail -c +77 "$1" | head -c 32; tail -c +253 "$1" | head -c 76; } | cksum; }
[ "$(grid_of others/unseen_0000.nii)" = "$(grid_of wrong/unseen/images/unseen_0000.nii)" ]
say $? "a mask has its image's own header"
try 0 predict run wrong/unseen/images -o limited --no-mirror --voxel-size "$spacing" --max-memory \
    "$(kept 200MiB)" --quiet
[ "$(samples masks)" = "$(samples limited)" ]
say $? "the same within a limit of memory"
try 0 predict other wrong/unseen/images -o hint --no-mirror
said "the model was trained with --voxel-size $(echo "$spacing" | sed 's/\.0x/x/g; s/\.0$//')"
echo case_0000 >cases.txt
try 0 attend run wrong --cases cases.txt --voxel-size "$spacing" --blank 0 --json --quiet
cp out.txt wrong.txt
try 0 attend run right --cases cases.txt --blank 0 --json --quiet
cmp -s out.txt wrong.txt
say $? "what attend measures is equal"

try 0 attend other right --cases cases.txt --blank 0 --json
said "the model was trained with --voxel-size"
# shellcheck disable=SC2086
try 0 train wrong -o planes --fold 0 --steps 1 --spec "dims=2 widths=4,8" --patch 16x16 --batch 2 \
    --quiet --voxel-size 1x0.9x0.9
try 0 evaluate planes wrong --quiet # a network of planes, and volumes all the same
out_has "ml true"

# ---- height and width alone say nothing of volumes
for command in "predict run wrong/unseen/images -o flat" "evaluate others wrong/unseen/labels" \
    "info wrong/images/case_0000.nii"; do
    # shellcheck disable=SC2086
    try 2 $command --voxel-size 0.5x0.5
    err_has "give depth x height x width"
done

# ---- evaluation: distances
try 0 evaluate masks right/unseen/labels --json
cp out.txt right.txt
try 0 evaluate others wrong/unseen/labels --voxel-size "$spacing" --json
cmp -s out.txt right.txt
say $? "HD95 and all other numbers are equal"
try 0 evaluate others wrong/unseen/labels --json
! cmp -s out.txt right.txt
say $? "without --voxel-size they are not"

# ---- files that say nothing
try 0 phantom ultrasound -o flat --count 2 --unseen 0 --quiet
try 0 evaluate flat/labels flat/labels --voxel-size 0.1x0.1
out_has "HD95 mm"
try 0 info flat --voxel-size 0.0001x0.0002 # a microscope's
out_has "spacing    0.1x0.2 um"
try 0 plan flat --voxel-size 0.0001x0.0002 --steps 1 --spec widths=4,8 --patch 32x32 --batch 1 \
    --quiet
out_has "spacing    0.1x0.2 um"
try 0 info flat --voxel-size 0.1x0.2
out_has "spacing    0.1x0.2 mm"
grep -q 1x0.1x0.2 out.txt; [ $? = 1 ]
say $? "a plane has no third spacing"
try 0 info flat/images/case_0000.png --voxel-size 0.1x0.2
out_has "spacing    0.1x0.2 mm (height x width; from --voxel-size)"
try 3 train flat -o no --spacing 1x0.5x0.5 --steps 1 --quiet
err_has "or set --voxel-size"
try 0 train flat -o flat-run --spacing 1x0.5x0.5 --voxel-size 0.25x0.25 --steps 1 --spec \
    widths=4,8 --patch 32x32 --batch 1 --quiet
try 0 predict flat-run flat/images -o flat-small --voxel-size 0.001x0.001
out_has "um2"
mkdir -p flat-run/validation
for i in 0 1; do cp flat-small/case_000$i.png flat-run/validation/; done
try 0 evaluate flat-run flat/labels
said "voxels have the --voxel-size of the training"
out_has "HD95 mm"
out_has "mm2 true"
try 0 evaluate flat-run flat/labels --voxel-size 0.001x0.001
unsaid "said in training"
out_has "um2 true"

# ---- nonsense
for size in 0 1 none1 1x 1x1x1x1 -1x1x1 0x1x1 1x1xnan 1x1xinf 1e9x1x1 1e-9x1x1 axbxc; do
    try 2 info right --quiet --voxel-size "$size"
    err_has " is not valid; give lengths in mm from 0.000001 to 1000, such as 3x0.75x0.75 (depth \
x height x width), or 0.5x0.5 for 2D images"
done
find wrong -type f -exec cksum {} + | sort | cmp -s before -
say $? "no file of the data set has changed"

# ---- a model of images of one spacing brings those of another there, and the mask back
try 0 train right -o asis --fold 0 --steps 1 --spec widths=4,8 --patch 16x16x16 --batch 1 \
    --spacing none --quiet
try 0 predict asis right/unseen/images -o asis-right --no-mirror --quiet
unsaid "the model learnt from"
try 0 predict asis wrong/unseen/images -o asis-wrong --no-mirror --json
said "has voxels of 1x1x1 mm but the model learnt from"
[ "$(grep -c "the model learnt from" err.txt)" -eq 1 ]
say $? "once"
said "2 images, the first unseen_0000, had voxels unlike those of training ("
[ "$(grep -c '"brought_to"' out.txt)" -eq 2 ]
say $? "and of each image in the JSON"
shape() { dd if="$1" bs=2 skip=20 count=8 2>/dev/null | cksum; }
for file in asis-wrong/*.nii; do [ "$(shape "$file")" = \
    "$(shape wrong/unseen/images/"$(basename "$file")")" ] || ls "$file"; done >differ
[ ! -s differ ]
say $? "masks have the images' own grid"
try 0 predict asis wrong/unseen/images -o asis-told --no-mirror --voxel-size "$spacing"
unsaid "the model learnt from"
[ "$(samples asis-told)" = "$(samples asis-right)" ] &&
    [ "$(samples asis-told)" != "$(samples asis-wrong)" ]
say $? "with --voxel-size they are those of the right headers"
try 0 predict run right/unseen/images -o run-right --no-mirror
unsaid "the model learnt from"
try 0 info asis
out_has "voxels     1.5x1x1 mm in training"
try 0 predict asis right/unseen/images -o asis-slip --no-mirror --voxel-size 0.001x0.001x0.001
said "do not trust its mask"
[ "$(samples asis-slip)" = "$(samples asis-right)" ]
say $? "what is ten times as small is left as it is"
try 0 predict asis wrong/unseen/images -o asis-limit --no-mirror --max-memory 300MiB --quiet
[ "$(samples asis-limit)" = "$(samples asis-wrong)" ]
say $? "within a limit the masks are the same"
cp -R wrong/unseen/images slips # two whose voxels are only unlike, then two of a micrometre
for file in wrong/unseen/images/*.nii; do
    to=slips/x_${file##*/}
    cp "$file" "$to"
    for place in 80 84 88; do printf '\157\022\203\072' |
        dd of="$to" bs=1 seek=$place conv=notrunc 2>/dev/null; done
    for place in 280 300 320; do printf '\157\022\203\072' |
        dd of="$to" bs=1 seek=$place conv=notrunc 2>/dev/null; done
done
try 0 predict asis slips -o asis-slips --no-mirror
[ "$(grep -c "the model learnt from 1.5x1x1 mm; it was resampled to these" err.txt)" -eq 1 ] &&
    [ "$(grep -c "do not trust its mask" err.txt)" -eq 1 ]
say $? "the first of each kind is told"
said "2 images, the first unseen_0000, had voxels unlike those of training (1.5x1x1 mm) and were \
resampled to these"
said "2 images, the first x_unseen_0000, had voxels too different from training (1.5x1x1 mm) and \
were not resampled; do not trust their masks"
mkdir bare
for file in right/unseen/images/*.nii; do
    cp "$file" bare/
    file=bare/$(basename "$file")
    # pixdim, codes of the forms
    for place in 80 84 88 252; do printf '\000\000\000\000' |
        dd of="$file" bs=1 seek=$place conv=notrunc 2>/dev/null; done
done
try 0 predict asis bare -o bare-masks --no-mirror
said "does not say how large its voxels are, and the model learnt from 1.5x1x1 mm; it is not \
resampled"
[ "$(grep -c "does not say how large" err.txt)" -eq 1 ]
say $? "once"
[ "$(samples bare-masks)" = "$(samples asis-right)" ]
say $? "and it is"
try 0 predict asis bare -o bare-masks-2 --no-mirror --voxel-size "$spacing"
unsaid "does not say how large"
try 0 train wrong -o told --fold 0 --steps 1 --spec widths=4,8 --patch 16x16x16 --batch 1 \
    --spacing none --voxel-size "$spacing" --quiet
try 0 predict told wrong/unseen/images -o told-none --no-mirror
unsaid "the model learnt from"
[ "$(samples told-none)" = "$(samples asis-right)" ]
say $? "headers that were not believed in training are not believed now"
finish
