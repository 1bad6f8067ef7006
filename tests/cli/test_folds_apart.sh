# SPDX-License-Identifier: Apache-2.0
# Folds that were trained apart become one run: the one that --fold all makes.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 7 --unseen 0 --quiet
settings="--folds 3 --stratify --spec widths=4,8 --resize 32x32 --batch 2 --steps 4 --quiet"
try 0 train data -o whole --fold all $settings
try 0 plan data --fold all $settings -o plan.json
for k in 0 1; do try 0 train data -o run/fold_$k --fold $k --plan plan.json --folds 3 --stratify --quiet; done
try 3 resume run --quiet
err_is "run has 2 of 3 folds: train the next with --fold 2 -o run/fold_2"
try 0 train data -o run/fold_3 --fold 2 --plan plan.json --folds 3 --stratify --quiet
try 3 resume run
err_is "run has no fold_2: train it with --fold 2 -o run/fold_2"
mv run/fold_3 run/fold_2
try 2 info run
err_is "run holds folds that were trained apart: attunet resume run makes them one run"
ls run >before.txt
try 0 resume run --dry-run
ls run | cmp -s before.txt -
say $? "a dry run leaves them as they are"
try 0 resume run
said "the 3 folds in run are one run from now on"
said "fold 2 (3 of 3) is finished"
sed 's/whole/run/g' whole/summary.json | cmp -s - run/summary.json
say $? "its summary is that of --fold all"
(cd whole && cat fold_?/validation/*.png) >masks_of_all
(cd run && cat fold_?/validation/*.png) | cmp -s masks_of_all -
say $? "so are its masks"
try 0 info run
out_has "3 folds"
try 0 predict run data/images -o masks --quiet
try 0 resume run --quiet

try 0 train data -o other/fold_0 --fold 1 $settings
try 3 resume other
err_is "other/fold_0 was trained with --fold 1: give it that name"
rm -r other/fold_0
cp -r whole/fold_1 other
try 0 train data -o other/fold_0 --fold 0 --folds 2 --spec widths=4,8 --resize 32x32 --batch 2 --steps 4 --quiet
try 3 resume other
err_is "other/fold_1 was trained on another data set than fold 0, or with other --folds, --stratify or --train-list"
rm -r other/fold_1
try 0 train data -o other/fold_1 --fold 1 --folds 2 --spec widths=4,8 --resize 32x32 --batch 2 --steps 4 --quiet
rm data/images/case_0001.png data/labels/case_0001.png
try 3 resume other --quiet
err_has "validates on other cases than fold"
finish
