# SPDX-License-Identifier: Apache-2.0
# Folds that were trained one by one become one run: the one that --fold all makes.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 7 --unseen 0 --quiet
settings="--folds 3 --stratify --spec widths=4,8 --resize 32x32 --batch 2 --steps 4 --quiet"
try 0 train data -o whole --fold all $settings
try 0 plan data --fold all $settings -o plan.json
for k in 0 1; do try 0 train data -o run/fold_$k --fold $k --plan plan.json --folds 3 --stratify \
    --quiet; done
try 3 resume run --quiet
err_is "run has 2 of 3 folds; train the next with --fold 2 and --output run/fold_2"
try 0 train data -o run/fold_3 --fold 2 --plan plan.json --folds 3 --stratify --quiet
try 3 resume run
err_is "run has no fold_2; train it with --fold 2 and --output run/fold_2"
try 0 predict run data/images -o gap
said "there is no fold_2 among the folds; the others predict without it"
rm -r gap
mv run/fold_3 run/fold_2
try 2 info run
err_is "run holds folds that were trained separately; make them one run with: attunet resume run"
ls run >before.txt
try 0 resume run --dry-run
ls run | cmp -s before.txt -
say $? "a dry run leaves them as they are"
try 0 resume run
said "joined the 3 folds in run into one run"
said "fold 2 (3 of 3) is finished"
sed 's/whole/run/g' whole/summary.json | cmp -s - run/summary.json
say $? "its summary is that of --fold all"
(cd whole && cat fold_?/validation/*.png) >masks_of_all
(cd run && cat fold_?/validation/*.png) | cmp -s masks_of_all -
say $? "so are its masks"
try 0 info run
out_has "3 folds"
try 0 predict run data/images -o masks
unsaid "beside the other folds"
try 0 resume run --quiet

# ---- a misspelt key is not a missing one
misspell() { # FILE KEY
    sed -i.good "s/\"$2\"/\"${2}z\"/" "$1"
}
misspell run/folds.json cut
try 3 resume run --quiet
err_is 'run/folds.json: unknown key "cutz"; did you mean "cut"?'
try 3 info run
err_is 'run/folds.json: unknown key "cutz"; did you mean "cut"?'
mv run/folds.json.good run/folds.json
misspell run/fold_0/settings.json dataset_path
try 3 info run/fold_0
err_is 'run/fold_0/settings.json: unknown key "dataset_pathz"; did you mean "dataset_path"?'
mv run/fold_0/settings.json.good run/fold_0/settings.json
misspell run/fold_0/settings.json orientation
try 3 info run/fold_0
err_is 'run/fold_0/settings.json: unknown option "orientationz"; did you mean "orientation"?'
mv run/fold_0/settings.json.good run/fold_0/settings.json
misspell run/fold_0/settings.json seed
sed -i 's/"seedz"/"magic_of_a_later_version"/' run/fold_0/settings.json
try 0 info run/fold_0 # an option of another version
mv run/fold_0/settings.json.good run/fold_0/settings.json

try 0 train data -o other/fold_0 --fold 1 $settings
try 3 resume other
err_is "other/fold_0 was trained with --fold 1; rename it to fold_1"
rm -r other/fold_0
cp -r whole/fold_1 other
try 0 train data -o other/fold_0 --fold 0 --folds 2 --spec widths=4,8 --resize 32x32 --batch 2 \
    --steps 4 --quiet
try 3 resume other --quiet
err_is "other/fold_1 has other validation cases than fold 1 of $PWD/data under the settings of \
fold 0; train it again with those settings"
rm -r other/fold_1
mkdir other/fold_1
try 3 resume other
err_is "other/fold_1 was stopped before its first checkpoint; remove it and train --fold 1 again"
cp -r data moved
try 0 train moved -o other/fold_1 --fold 1 --folds 2 --spec widths=4,8 --resize 48x48 --batch 2 \
    --steps 4 --max-memory 600MiB --quiet
rm -r moved
cp -r other joined
try 0 resume joined
said "the folds in joined use different grids"
grep -q '"max-memory"' joined/folds.json
say $? "the limit on memory is kept"
rm -r other/fold_1
try 0 train data -o other/fold_1 --fold 1 --folds 2 --spec widths=4,8 --resize 32x32 --batch 2 \
    --steps 4 --quiet
rm data/images/case_0001.png data/labels/case_0001.png
try 3 resume other --quiet
err_has "has other validation cases than fold"

# ---- a list of cases is found from any folder
(cd data/images && ls) | sed 's/[.]png//' >list.txt
for k in 0 1; do try 0 train data -o listed/fold_$k --fold $k --folds 2 --train-list list.txt \
    --spec widths=4,8 --resize 32x32 --batch 2 --steps 4 --quiet; done
grep -qF "\"train_list\": \"$PWD/list.txt\"" listed/fold_1/settings.json
say $? "settings.json says where the list is"
cd listed || exit 1
try 0 resume . --quiet
cd .. || exit 1

# ---- hard attention
for k in 0 1; do
    try 0 train data -o hard/fold_$k --fold $k --folds 2 --spec \
        "arch=hard scale=4 tile=32 halo=8 tiles=2 coarse=4,8 fine=4,8 policy=8" \
        --steps 2 --policy-steps 2 --joint-steps 2 --batch 2 --quiet
done
try 0 resume hard
said "joined the 2 folds in hard into one run"
grep -q '"foreground_mean"' hard/summary.json
say $? "they are measured together"
finish
