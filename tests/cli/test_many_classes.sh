# SPDX-License-Identifier: Apache-2.0
# As many classes as there can be, 254, through everything that counts, draws or lists them; and
# regions of classes beyond 64.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

# FILE: every class in a row of 16 voxels.
rows() {
    nifti "$1" 16 16 16 2
    printf "$(awk 'BEGIN { for (i = 0; i < 4096; i++) printf "\\%03o", int(i / 16) % 254 }')" |
        dd of="$1" bs=352 seek=1 conv=notrunc 2>/dev/null
}
# FOLDER, the classes under "labels" and what follows them.
set_of() {
    mkdir -p "$1/imagesTr" "$1/labelsTr"
    for i in 1 2 3 4 5; do
        noise "$1/imagesTr/case${i}_0000.nii" 16 16 16
        rows "$1/labelsTr/case$i.nii"
    done
    echo "{\"channel_names\": {\"0\": \"MRI\"}, \"labels\": {\"background\": 0, $2}$3, \
\"numTraining\": 5, \"file_ending\": \".nii\"}" >"$1/dataset.json"
}
names() { awk -v n="$1" \
    'BEGIN { for (i = 1; i < n; i++) printf("%s\"organ %d\": %d", (i > 1) ? ", " : "", i, i) }'; }
list() { awk -v a="$1" -v b="$2" \
    'BEGIN { for (i = a; i <= b; i++) printf("%s%d", (i > a) ? ", " : "", i) }'; }

set_of data "$(names 254)" ""
set -- --fold 0 --steps 3 --batch 1 --patch 8x16x16 --spec "arch=unet widths=4,8" --quiet
try 0 train data -o run "$@" --validate-every 2
[ "$(head -1 run/log.csv | tr ',' '\n' | grep -c '"dice organ')" -eq 253 ]
say $? "the log has a column for every class"
try 0 info run
try 0 pack data -o packed "$@"
try 0 info packed
grep -q '253' packed/pack.json; say $? "the last class is in the index of the packed set"
try 0 train packed -o again "$@" --validate-every 2
weights() { "$ATTUNET" info "$1" | sed -n 's/^hash *//p'; }
[ -n "$(weights run)" ] && [ "$(weights run)" = "$(weights again)" ]
say $? "packed cases give the same weights"

try 0 predict run data/imagesTr/case1_0000.nii -o masks --overlay --json
[ "$(grep -c '"organ [0-9]*": {' out.txt)" -eq 253 ]; say $? "the rows count every class"
try 0 predict run data/imagesTr/case1_0000.nii -o limited --max-memory 256MiB --quiet
cmp -s masks/case1.nii limited/case1.nii; say $? "a limit on memory leaves no trace"
try 0 predict run data/imagesTr/case1_0000.nii -o likely --probabilities --quiet
[ "$(ls likely | grep -c probability)" -eq 254 ]; say $? "a file of probabilities for every class"

try 0 evaluate data/labelsTr data/labelsTr --json
[ "$(grep -c '"dice": 1.0' out.txt)" -ge 253 ]; say $? "every class against itself"
mkdir -p truth && cp data/labelsTr/case1.nii truth
try 0 evaluate masks truth
unsaid "counts as the truth"
try 0 evaluate truth limited
said "limited holds masks that predict wrote, but counts as the truth, and truth as the \
prediction; give the predictions first, then the true masks"
try 0 evaluate masks limited
unsaid "counts as the truth"
try 0 evaluate run data --choose-postprocess post.json --summary summary.json
exists post.json summary.json
cp -r data moved
sed 's/"organ 1": 1, "organ 2": 2/"organ 1": 2, "organ 2": 1/' data/dataset.json >moved/dataset.json
try 3 evaluate run moved
said "the model writes organ 1 as 1, but moved has it as 2"
# predict records the names beside its masks.
mkdir -p apart/labels
cp truth/case1.nii apart/labels
cp moved/dataset.json apart
try 3 evaluate masks apart/labels
err_is "the model writes organ 1 as 1, but apart/labels has it as 2, so their masks do not \
compare; give the labels the values of the model"
try 3 evaluate masks/case1.nii apart/labels/case1.nii
err_has "the model writes organ 1 as 1, but apart/labels/case1.nii has it as 2"
sed 's/"organ 1"/"kidney"/' data/dataset.json >apart/dataset.json
try 0 evaluate masks apart/labels
said "the model calls the value 1 organ 1, but apart/labels calls it kidney"
cp data/dataset.json apart
try 0 evaluate masks apart/labels
silent
cp -r masks kept
mv kept/case1.nii kept/other.nii
sed 's/"name": "organ 1"/"name": "kidney"/' masks/.attunet-labels.json >kept/.attunet-labels.json
try 0 predict run data/imagesTr/case1_0000.nii -o kept
try 0 evaluate kept/case1.nii truth/case1.nii
said "kept/.attunet-labels.json says that these masks are of models with different classes"
rm kept/other.nii
try 0 predict run data/imagesTr/case1_0000.nii -o kept
cmp -s masks/.attunet-labels.json kept/.attunet-labels.json
say $? "the record is that of the new masks"
echo '{"classes": 1}' >kept/.attunet-labels.json
try 3 evaluate kept apart/labels
err_is "kept/.attunet-labels.json is not as predict wrote it; remove it"

set_of many "$(names 255)" ""
try 3 train many -o never "$@"
err_has "it declares 255 labels, but a network has at most 254 classes with background; merge some"

# Regions of classes on both sides of 64 and of 128.
set_of regions "\"all\": [$(list 1 253)], \"upper\": [$(list 100 253)], \"last\": [253]" \
    ', "regions_class_order": [1, 100, 253]'
try 0 train regions -o regional "$@" --loss dice+ce
try 0 predict regional data/imagesTr/case1_0000.nii -o regional_masks --json
out_has '"last"'
try 0 evaluate regional_masks truth
finish
