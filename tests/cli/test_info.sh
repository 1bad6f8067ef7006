# SPDX-License-Identifier: Apache-2.0
# attunet info DATASET: everything that is wrong is listed, with amount and remedy; what is safe is
# mended in a copy; folds; groups.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

# One good case and one of every fault.
mkdir -p data/images data/labels
for i in a far near empty flat nan lone zero; do noise data/images/$i.nii 16 12 8; halves \
    data/labels/$i.nii 16 12 8; done
bytes data/images/a.nii 352 'different'
bytes data/labels/far.nii 292 '\000\000\100\100'   # srow_x[3]: 3 mm
bytes data/labels/near.nii 292 '\000\000\200\076' # a quarter
nifti data/labels/empty.nii 16 12 8 2
nifti data/images/flat.nii 16 12 8 2
nifti data/images/nan.nii 16 12 8 16
bytes data/images/nan.nii 352 '\000\000\300\177'
rm data/labels/lone.nii
head -c 700 data/images/zero.nii >cut && mv cut data/images/zero.nii
halves data/labels/orphan.nii 16 12 8
find data -type f | sort | xargs cksum >before.txt
try 3 info data --quiet
out_has "images has no label, and attunet leaves it out: data/images/lone.nii; add its label, \
such as data/labels/lone.nii, or give --unlabelled stop to refuse such sets"
out_has "error    label data/labels/orphan.nii has no image"
out_has "error    data/labels/far.nii: by its header it is 3 voxels (3 mm) off from \
data/images/far.nii"
out_has "error    data/labels/near.nii: by its header it is 0.25 voxels (0.25 mm) off from \
data/images/near.nii"
out_has "(--fix OUT fixes it)"
out_has "error    data/images/nan.nii: 1 of 1536 samples are NaN or infinite"
out_has "error    data/images/zero.nii"
out_has "warning  data/labels/empty.nii marks nothing; check that there is \
nothing to find in data/images/empty.nii"
out_has "warning  data/images/flat.nii: channel 0 is 0 everywhere"
out_has "data/images/empty.nii and data/images/far.nii are equal, but their labels differ"
err_is "5 problems of data would stop a training; they are listed above"
try 3 info data --json
out_has '"kind": "geometry"'
out_has '"voxels": 0.25'
out_has '"mm": 3'
out_has '"errors": 5'
mkdir marked && cp data/labels/a.nii data/labels/empty.nii marked
try 0 evaluate marked marked --metrics dice
out_has "1 case has no foreground in its label"

# ---- a copy that is mended
try 3 info data --fix mended --folds 4 --quiet
out_has "fixed    data/labels/near.nii: header copied from its image"
out_has "left     data/labels/far.nii"
err_is "4 problems of data would stop a training; they are listed above"
exists mended/images/a.nii mended/labels/orphan.nii mended/groups.csv
find data -type f | sort | xargs cksum | cmp -s - before.txt
say $? "the original is as it was"
try 3 info mended --quiet
[ "$(grep -c 'error .*near' out.txt)" -eq 0 ]
say $? "the copy's header is mended"
err_is "4 problems of mended would stop a training; they are listed above"
mkdir -p near/images near/labels
for i in a near; do cp data/images/$i.nii near/images && cp data/labels/$i.nii near/labels; done
try 0 info near --fix nearer
out_has "next       attunet plan nearer --time 30m"
try 3 info data --fix alone --quiet
out_has "fixed      1 file changed in the copy"
absent alone/groups.csv
try 2 info data --fix mended --quiet
err_is "--fix mended already exists; name a new folder"
try 2 info data --fix data/inner --quiet
err_is "--fix data/inner is inside the data set; name a folder elsewhere"
try 2 info data --quick --fix other --quiet
err_has "--quick reads headers only"
absent other data/inner
try 6 info data --fix before.txt/inner --quiet
ls | grep -q tmp-
[ $? -eq 1 ]
say $? "nothing half-made is left"


# However the folder is written.
for set in data/ "../${PWD##*/}/data/" "$PWD/data//"; do
    try 3 info "$set" --fix again/ --folds 4 --quiet
    out_has "data/labels/near.nii: header copied from its image"
    diff -r mended again && [ "$(ls -d again*)" = again ]
    say $? "$set is copied wholly"
    find data -type f | sort | xargs cksum | cmp -s - before.txt
    say $? "and is itself as it was"
    rm -r again
done

# ---- masks of 0 and 255, several of one image; groups
try 0 phantom ultrasound -o us --count 6 --unseen 0 --quiet
mkdir -p busi/benign
for i in 0 1 2 3 4 5; do
    cp us/images/case_000$i.png "busi/benign/benign ($i).png"
    cp us/labels/case_000$i.png "busi/benign/benign ($i)_mask.png"
done
cp us/labels/case_0000.png "busi/benign/benign (0)_mask_1.png"
cp us/images/case_0000.png "busi/benign/benign (5).png"
cp us/labels/case_0000.png "busi/benign/benign (5)_mask.png"
try 0 info busi
out_has "busi: data set, pairs by name, 2D"
said "1 of 6 images has several masks; attunet reads those of an image as one label"
out_has "are equal"
out_has "other mask of its image overlap in"
out_has "1 pair of similar images, 1 of them on both sides of a split"
out_has "(5 groups)"
try 0 info busi --fix plain --groups-out groups.csv
out_has "benign (0)_mask.png + ./benign (0)_mask_1.png: values now 0 and 1, masks joined"
absent "plain/benign/benign (0)_mask_1.png"
# 0 and 1 now, the others 0 and 255
cp -r us ways && cp "plain/benign/benign (5)_mask.png" ways/labels/case_0000.png
try 0 info ways --fix ones
out_has "next       attunet plan ones --time 30m"
out_has "some labels of ways have values 0 and 1, others 0 and 255; if these are classes, give \
--mask-values classes, or name them in a dataset.json; if 1 and 255 are one class, give \
--mask-values one, or info --fix, which writes all as 0 and 1"
out_has "fixed    ways/labels/case_0001.png: values now 0 and 1"
unsaid "ways/labels/case_0000.png: values now"
cmp -s ways/labels/case_0000.png ones/labels/case_0000.png
say $? "a mask that needs no mending is as it was"
try 0 info ones
unsaid "others 0 and 255"
[ "$(head -1 groups.csv)" = image,group ] && [ "$(wc -l <groups.csv)" -eq 7 ] &&
    cmp -s groups.csv plain/groups.csv
say $? "groups.csv names every case"
[ "$(grep -c ',1$' groups.csv)" -eq 2 ]
say $? "two of which are in one group"
cp -r busi cropped && rm "cropped/benign/benign (5).png" "cropped/benign/benign (5)_mask.png"
head -c 60 "busi/benign/benign (1)_mask.png" >"cropped/benign/benign (0)_mask_1.png"
try 3 info cropped --fix left
exists "left/benign/benign (0)_mask_1.png" "left/benign/benign (1)_mask.png"
try 0 info plain
out_has "groups     5, such as 1 with 2 cases, each on one side of every split"
out_has "1 pair of similar images, none on both sides of a split"
! grep -q "are equal" out.txt
say $? "and nothing is left to be done about it"
# A slip of the pen is a class of its own.
mkdir -p stray/images stray/labels
for i in a b c d e; do noise stray/images/$i.nii 16 12 8; halves stray/labels/$i.nii 16 12 8; done
try 0 info stray
! grep -q "no other case" out.txt
say $? "a class that all have is none"
bytes stray/labels/c.nii 352 '\007'
try 0 info stray
out_has "stray/labels/c.nii: no other case has the class"
out_has "(value 7, 1 voxel)"
try 0 train stray -o slip --steps 1 --batch 1 --patch 8x8x8 --spec "arch=unet dims=3 widths=4,4"
said "only one of the 5 training cases has the class label 7; to find its label: attunet info \
stray"
# Of equal images in one group the labels can still be wrong.
mkdir -p doubt/images doubt/labels
for i in a b c; do noise doubt/images/$i.nii 16 12 8; halves doubt/labels/$i.nii 16 12 8; done
noise doubt/images/c.nii 8 12 16 && halves doubt/labels/c.nii 8 12 16
bytes doubt/labels/b.nii 352 '\001'
printf 'image,group\na,x\nb,x\nc,y\n' >doubt/groups.csv
try 0 info doubt
out_has "are equal, but their labels differ; keep one of them"
! grep -q "or both in one group" out.txt
say $? "and they are in one group already"
said "labels have the values 0 and 1"
# Folds of the set's own that take them apart are kept, and no groups beside them, so that the copy
# trains.
mkdir -p own/images own/labels
for i in 0 1 2 3; do cp "busi/benign/benign ($((i + 2))).png" own/images/$i.png; cp \
    "busi/benign/benign ($((i + 2)))_mask.png" own/labels/$i.png; done
cp own/images/0.png own/images/3.png && cp own/labels/0.png own/labels/3.png
echo '[{"train": ["0", "1"], "val": ["2", "3"]}, {"train": ["2", "3"], "val": ["0", "1"]}]' \
    >own/splits_final.json
try 0 info own --fix kept
said "which separate similar images"
absent kept/groups.csv
cmp -s own/splits_final.json kept/splits_final.json
say $? "the copy has the folds"
try 0 train kept -o kept_run --fold 1 --steps 1 --patch 32x32 --batch 1 --spec \
    "arch=attunet widths=4,8" --quiet
echo '[{"train": ["0", "3"], "val": ["1", "2"]}, {"train": ["1", "2"], "val": ["0", "3"]}]' \
    >own/splits_final.json
try 0 info own --fix both
exists both/groups.csv
# One frame after the other looks alike until all are one group, of which no folds can be cut.
mkdir -p chain/images chain/labels
for i in 0 1 2 3 4 5; do cp us/images/case_0000.png chain/images/$i.png; cp \
    us/labels/case_0000.png chain/labels/$i.png; done
try 0 info chain --fix linked --groups-out linked.csv
said "the copy gets no new groups.csv: similar images form only 1 group, too few for 5 folds; \
list in a CSV (image,group) which images belong"
said "the written groups are too few for folds: similar images form only 1 group"
exists linked.csv linked/images/5.png
absent linked/groups.csv
try 0 plan linked --fold 0 --steps 1 --patch 32x32 --batch 1 --spec widths=4,8 --quiet
cp us/images/case_0001.png chain/images/5.png && cp us/labels/case_0001.png chain/labels/5.png
try 0 info chain --fix two
said "form only 2 groups, too few for 5 folds; use fewer --folds (2), or"
absent two/groups.csv
try 0 info chain --fix fewer --folds 2
exists fewer/groups.csv
try 0 train both -o both_run --fold 1 --steps 1 --patch 32x32 --batch 1 --spec \
    "arch=attunet widths=4,8" --quiet
cp -r us listing
{ echo image,label
for i in 0 1 2 3; do echo images/case_000$i.png,labels/case_000$i.png; done; } \
    >listing/cases.csv
try 0 info listing/cases.csv --fix list-copy
out_has "next       attunet plan list-copy/cases.csv --time 30m"
try 0 info us --quick
out_has "only headers were read; without --quick attunet reads every voxel"
grep -q '^problems' out.txt
[ $? -eq 1 ]
say $? "and nothing is said of problems"

# ---- folds
{ echo image,group; for i in 0 1 2 3 4 5; do echo "case_000$i,$((i % 3))"; done; } >us/groups.csv
try 0 info us --folds groups
out_has "fold 2     4 train, 2 validate"
try 0 info us --folds 3
out_has "fold 2     4 train, 2 validate"
try 0 info us --holdout 0.3
out_has "fold 0     4 train, 2 validate"
try 0 info us --folds 2 --stratify
out_has "fold 1 "
try 2 info us --folds 1 --quiet
err_is "--folds 1 is invalid; give a number from 2 to 1000, or groups"
try 2 train us -o run --folds 3 --quiet
err_is "no fold is chosen for validation; give --fold 0, or --fold all"
try 3 info us --folds 7
out_has "error    us has 6 cases, too few for 7 folds"
rm us/groups.csv && mkdir us/groups.csv
try 6 info us --quiet
err_has "us/groups.csv"
rmdir us/groups.csv
try 3 info us --folds groups
out_has "error    us has no groups to leave out one by one"
try 0 train us -o run --holdout 0.333 --stratify --steps 2 --patch 32x32 --batch 1 --spec \
    "arch=attunet widths=4,8" --quiet
grep -q '"holdout": 0.333' run/settings.json && grep -q '"stratify": true' run/settings.json
say $? "the run knows how it was split"
echo "no such case,1" >us/groups.csv
try 3 info us
out_has "error    us/groups.csv begins with"

# ---- a list
{ echo image,label,fold; for i in 0 1 2 3 4 5; do echo \
    "images/case_000$i.png,labels/case_000$i.png,$((i % 2))"; done; } >us/list.csv
rm us/groups.csv
try 0 info us/list.csv
out_has "us/list.csv: data set, CSV, 2D"
out_has "fold 1     3 train, 3 validate"
try 0 train us/list.csv -o listed --fold 1 --steps 2 --patch 32x32 --batch 1 --spec \
    "arch=attunet widths=4,8"
said "3 cases train, 3 validate"
try 0 resume listed --steps +2 --quiet
try 0 evaluate us/labels us/list.csv --metrics dice
out_has "mean"
[ "$(grep -c '1\.0000' out.txt)" -eq 7 ]
say $? "labels of a CSV are what masks are measured against"
mkdir predicted
for i in 0 1 2 3 4 5; do cp "plain/benign/benign ($i)_mask.png" "predicted/benign ($i).png"; done
try 0 evaluate predicted plain --metrics dice
[ "$(grep -c '1\.0000' out.txt)" -eq 7 ]
say $? "and those of BUSI's folders"
echo "../us/images/case_0000.png,labels/case_0000.png,0" >>us/list.csv
try 3 info us/list.csv
out_has "error    us/list.csv, line 8: ../us/images/case_0000.png is outside the folder of this \
file; give paths below it"

# ---- masks of 0 and 255 become 0 and 1 all of them, or none: both kinds together would be two
# classes
"$ATTUNET" phantom ultrasound -o masks --count 4 --unseen 1 --quiet
rm -r masks/unseen
cp masks/labels/case_0001.png whole.png
head -c 200 whole.png >masks/labels/case_0001.png
try 3 info masks --fix some --quiet
cmp -s masks/labels/case_0000.png some/labels/case_0000.png
say $? "with a mask that cannot be read the others stay as they are"
cp whole.png masks/labels/case_0001.png
try 0 info masks --fix all --quiet
for i in 0 1 2 3; do head -c 200 masks/labels/case_000$i.png >cut &&
    mv cut masks/labels/case_000$i.png; done
cmp -s whole.png all/labels/case_0001.png
[ $? -eq 1 ]
say $? "and are mended with it"
try 2 info all/labels/case_0000.png --fix mended
err_is "--fix is for data sets, but all/labels/case_0000.png is something else; leave it out, or \
check the path"
try 2 info all/labels/case_0000.png --shape 8x8
err_is "--shape is for models, but all/labels/case_0000.png is something else; leave it out, or \
check the path"
try 2 info all --shape 8x8 --quick
err_is "--shape is for models, but all is something else; leave it out, or check the path"
try 2 info all --groups-out all/labels/case_0000.png --quiet
err_is "all/labels/case_0000.png has the name of an image, but the output is no image; choose \
another name"
echo "image,group" >mine.csv
try 2 info all --groups-out mine.csv --quiet
err_is "mine.csv exists already and may be the only list of groups; name another file"

# ---- what a copy could not have
printf \
    '{"channel_names": {"0": "us"}, "labels": {"background": 0, "x": 255}, "file_ending": ".png", '\
'"dataset": {' >all/dataset.json
printf '"one": {"images": ["%s/all/images/case_0000.png"], "label": "labels/case_0000.png"}}}' \
    "$(pwd)" >>all/dataset.json
try 3 info all --fix absolute
said "all lists files by absolute paths, so a copy would use the original files; write relative \
paths into its dataset.json"
absent absolute
rm all/dataset.json
mkdir unnamed
for i in 0 1; do
    cp us/images/case_000$i.png unnamed/i$i.png
    cp us/labels/case_000$i.png unnamed/l$i.seg
done
printf 'image,label\ni0.png,l0.seg\ni1.png,l1.seg\n' >unnamed/list.csv
try 0 info unnamed/list.csv --fix renamed --quiet
cmp -s unnamed/l0.seg renamed/l0.seg
say $? "a mask whose name says no format stays as it is"
try 2 info all --fix ""
err_has "--fix takes a text, not ''"

# ---- volumes of which not one can be used
. "$SOURCE/tests/cli/images.sh"
mkdir -p short/imagesTr short/labelsTr plainly
printf '{"channel_names": {"0": "a"}, "labels": {"background": 0, "x": 1}, "file_ending": ".nii"}' \
    >short/dataset.json
for i in 0 1 2; do
    noise short/imagesTr/${i}_0000.nii 12 10 8
    nifti short/labelsTr/$i.nii 12 10 7 2
    bytes short/labelsTr/$i.nii 400 '\001'
done
cp -r short/labelsTr plainly/labels
cp -r short/imagesTr plainly/images
for i in 0 1 2; do mv plainly/images/${i}_0000.nii plainly/images/$i.nii; done
for set in short plainly; do
    try 3 info $set
    out_has ", 3D"
    [ "$(grep -c 'is 7x10x12 but' out.txt)" -eq 3 ]
    say $? "every one is listed, once"
done
try 2 info short --voxel-size 0.5x0.5
err_is "--voxel-size 0.5x0.5 is for 2D images, but short has volumes; give depth x height x width"

# ---- columns that attunet ignores, cases that are kept for a test
printf 'image,label,patient,fold\n' >us/parts.csv
for i in 0 1 2 3 4 5; do
    part=train
    [ $i -eq 4 ] && part=val
    [ $i -eq 5 ] && part=test
    echo "images/case_000$i.png,labels/case_000$i.png,p,$part" >>us/parts.csv
done
try 0 info us/parts.csv
said "attunet ignores the columns patient; it reads image, image_N, label (or mask), case (or \
id), group and fold"
said "attunet does not use 1 of the 6 cases in us/parts.csv: their fold is test"
sed 's/,[a-z]*$//; s/patient/PatientID/' us/parts.csv >us/patients.csv
try 0 info us/patients.csv
said "us/patients.csv: if the column PatientID names patients, call it group; else images of one \
patient may be in both training and validation"
sed -i 's/PatientID/patient_age/' us/patients.csv
try 0 info us/patients.csv
unsaid "names patients"
sed 's/fold/Split/' us/parts.csv >us/splits.csv
try 0 info us/splits.csv
said "us/splits.csv: if the column Split says which cases train, validate or test, call it fold, \
and its values train, val and test; else attunet mixes them"
try 0 train us/parts.csv -o parts --steps 1 --resize 32x32 --patch 32x32 --batch 1 --spec widths=4,8
said "us/parts.csv defines folds, but without --fold all cases train and none validates; \
add --fold 0"
said "5 cases train, 0 validate"
try 0 plan us/parts.csv --fold all -o all.json --steps 1 --resize 32x32 --patch 32x32 --batch 1 \
    --spec widths=4,8
unsaid "none validates"
try 0 train us/parts.csv -o thirds --steps 1 --folds 3 --fold 0 --resize 32x32 --patch 32x32 \
    --batch 1 --spec widths=4,8
said "3 cases train, 2 validate"
sed 's/labels.case_0001/labels\/case_0000/' us/parts.csv >us/slip.csv
try 3 info us/slip.csv # of other sizes, too
out_has "1 case has the label of another case"
awk -F , 'NR == 1 { print "image,label,group"; next }
    { print $1 "," $2 "," (NR < 4 ? "a" : NR) }' us/slip.csv >us/same.csv
try 3 info us/same.csv --folds 2
unsaid "the label of another case"
sed 's/train$\|val$/test/' us/parts.csv >us/tests.csv
try 3 train us/tests.csv -o never --steps 1 --quiet
err_has "us/tests.csv: the column fold says test for every case, so none is left to train; \
correct it"

# ---- warnings in JSON; a name need not be UTF-8
odd=$(printf 'odd\377')
mkdir "$odd" && cp -r us/images us/labels "$odd" && mkdir "$odd/masks"
try 0 info "$odd" --json --quick --quiet
[ "$(head -1 out.txt)" = '{"messages": [{"kind": "layout-ambiguous", "text": "odd? has both '\
'labels and masks; attunet uses labels"}],' ]
say $? "info lists its warnings as messages"
rmdir "$odd/masks"
try 0 info "$odd" --json --quick --quiet
[ "$(head -1 out.txt)" = '{"messages": [],' ]
say $? "or none"
mkdir bare && cp -r us/images us/labels bare
try 0 plan bare -o - --steps 1 --resize 32x32 --patch 32x32 --batch 1 --spec widths=4,8
[ "$(head -1 out.txt)" = '{"warnings": [],' ]
say $? "a plan has them, too"
cp out.txt plan.json
try 0 train us --plan plan.json -o planned --dry-run --quiet
try 0 phantom ultrasound -o made --count 1 --unseen 0 --json --quiet
out_has '"warnings": []'

# ---- several masks of an image in a list, and its mended copy, which the same list names
mkdir joined
for i in 0 1; do cp us/images/case_000$i.png joined/$i.png &&
    cp us/labels/case_000$i.png joined/m$i.png; done
cp us/labels/case_0000.png joined/n0.png
printf 'image,label\n0.png,m0.png;n0.png\n1.png,m1.png\n' >joined/dataset.csv
try 0 info joined --fix joined-fixed
said "1 of 2 images has several masks; attunet reads those of an image as one label"
exists joined-fixed/n0.png
try 0 info joined-fixed
said "1 of 2 images has several masks; attunet reads those of an image as one label"
said "labels have the values 0 and 1"

# A case of which no voxel counts is another thing than one without anything to find.
mkdir -p nothing/imagesTr nothing/labelsTr
for i in a b; do noise nothing/imagesTr/${i}_0000.nii 8 8 4; halves nothing/labelsTr/$i.nii 8 8 4
done
bytes nothing/imagesTr/b_0000.nii 352 'different'
nifti nothing/labelsTr/b.nii 8 8 4 2
head -c 256 /dev/zero | tr '\000' '\002' | dd of=nothing/labelsTr/b.nii bs=352 seek=1 conv=notrunc \
    2>/dev/null
echo \
    '{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "lesion": 1, "ignore": 2}, '\
'"numTraining": 2, "file_ending": ".nii"}' >nothing/dataset.json
try 0 info nothing --quiet
out_has "nothing/labelsTr/b.nii: all voxels have the value to ignore, so the network learns \
nothing from nothing/imagesTr/b_0000.nii"

try 3 info masks
[ "$(grep -c 'the PNG file is damaged' out.txt)" -eq 4 ]
say $? "where no label can be read every one is listed"
unsaid "background and one class"

# Where no name fits it is said once, and nothing is said of values that nobody has read.
mkdir -p names/images names/labels
for i in 1 2; do cp us/images/case_000$i.png names/images/img_$i.png; done
cp us/labels/case_0001.png names/labels/lab_a.png &&
    cp us/labels/case_0002.png names/labels/lab_b.png
try 3 info names
out_has "error    no label in names/labels, such as lab_a.png, has the name of an \
image; the label of "
out_has "(or end in _mask, _seg, _label or _segmentation); rename the labels"
err_is "1 problem of names would stop a training; they are listed above"
out_has "labels     unknown"
try 3 info names/images
err_is "names/images is a part of the data set names; give that folder"
for folder in names/images/ names/labels names//images; do
    try 3 train $folder -o never --quiet
    err_is "$folder is a part of the data set names; give that folder"
done
cd names/images
try 3 info .
cd ../..
cp names/images/err.txt . && rm names/images/err.txt names/images/out.txt
err_is ". is a part of the data set ./..; give that folder"
mkdir lonely && cp names/images/*.png lonely
try 3 info lonely
err_is "lonely has images but no masks; give a folder with both (docs/data.md lists all layouts)"
try 3 train names -o never --quiet
err_has "rename the labels, or list images and labels in a CSV (docs/data.md); \
to list all problems: attunet info names"

# So does a training that finds what is wrong only when it loads cases.
mkdir declared && cp -r us/images us/labels declared &&
    echo '{"labels": {"background": 0, "tumour": 1}}' >declared/dataset.json
try 3 train declared -o never --quiet
err_has "correct the label or declare the value in dataset.json; to list all problems: \
attunet info declared"

# What columns of a list take apart is said by their names.
printf \
    'image,mask,group,fold\nimages/case_0001.png,labels/case_0001.png,a,0\nimages/case_0002.png,'\
'labels/case_0002.png,a,1\n' >us/apart.csv
try 3 info us/apart.csv
out_has "give both the same fold, or different groups (columns fold and group)"

# Folds that are none are said by info and by train alike.
for nothing in '{"train": ["case_0001"], "val": ["case_0002"]}' '[]'; do
    echo "$nothing" >us/splits_final.json
    try 3 info us
    out_has 'us/splits_final.json has no folds; write [{"train": [...], "val": [...]}, ...]'
    try 3 train us -o never --fold 0 --quiet
    err_has 'us/splits_final.json has no folds; write'
done
rm us/splits_final.json

# What a file holds, or is called, is not obeyed by the terminal, wherever it is printed.
printf \
    'NRRD0004\ntype: \033]0;owned\007\033[2J\ndimension: 2\nsizes: 4 4\nencoding: '\
'raw\n\n0123456789abcdef' >escape.nrrd
try 3 info escape.nrrd
err_has "type '?]0;owned??[2J' is not supported"
mkdir -p escape/images escape/labels
strange=$(printf 'a\033[31mb')
for folder in images labels; do cp us/$folder/case_0001.png "escape/$folder/$strange.png"; cp \
    us/$folder/case_0002.png escape/$folder/c.png; done
echo '{"labels": {"background": 0, "tu\u001b[2Jmour": 255}, "channel_names": {"0": "\u009b31m"}}' \
    >escape/dataset.json
try 0 info escape
out_has "tu?[2Jmour"
tame() {
    ! LC_ALL=C grep -q "$(printf '[\033\007\302]')" out.txt err.txt
    say $? "$1 prints no control character"
}
tame info
try 0 train escape -o escaped --steps 1 --spec widths=4,8 --patch 32x32 --batch 1
tame train
try 0 predict escaped escape/images -o escaped-masks
tame predict

# The line `next` can be pasted, whatever was asked.
mkdir -p "a set/in put" "a set/out"
for i in 0 1 2 3 4 5; do
    cp us/images/case_000$i.png "a set/in put/x$i.png"
    cp us/labels/case_000$i.png "a set/out/y$i.png"
done
small='--steps 1 --spec widths=4,8 --batch 1'
for asked in "" "--folds 3 --stratify" "--holdout 0.3" "--instances" "--mask-values one"; do
    # shellcheck disable=SC2086
    try 0 info "a set" --images 'in put/x{id}' --labels 'out/y{id}' --voxel-size 0.5x0.5 $asked
    sed -n 's/^next  *attunet //p' out.txt >next.txt
    printf '"%s" %s' "$ATTUNET" "$(sed "s/--time 30m/$small/" next.txt)" >next.sh
    sh next.sh >out.txt 2>err.txt
    say $? "pasted: $(cat next.txt)"
    out_has "0.5"
done

# So can that of a training: `evaluate` reads the set as the run did.
cp -r "a set" paired
try 0 train paired -o paired_run --images 'in put/x{id}' --labels 'out/y{id}' --steps 1 \
    --spec widths=4,8 --batch 1 --fold 0 --folds 3
sed -n 's/^next  *attunet \(evaluate .*\); attunet predict .*/\1/p' out.txt err.txt >next.txt
printf '"%s" %s' "$ATTUNET" "$(cat next.txt)" >next.sh
[ -s next.txt ] && sh next.sh >out.txt 2>err.txt && grep -q "^mean" out.txt
say $? "pasted: $(cat next.txt)"
try 2 evaluate paired/out/y1.png paired/out/y1.png --images 'x{id}' --labels 'y{id}'
err_has "is no folder, so leave out --images and --labels"

# Runs and packed sets inside a data set are no part of it.
cp -r us inside
try 0 train inside -o inside/images/run --steps 1 --spec widths=4,8 --patch 32x32 --batch 1 --quiet
try 0 resume inside/images/run --steps +1 --quiet
try 0 pack inside -o inside/labels/packed --spec widths=4,8 --patch 32x32 --batch 1 --quiet
try 0 info inside
try 2 info inside/labels/packed --fix elsewhere
err_has "is for data sets that are not packed"
finish
