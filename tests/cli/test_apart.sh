# SPDX-License-Identifier: Apache-2.0
# train and plan say how many images look alike on both sides of their split.
. "$SOURCE/tests/cli/run.sh"

few="--steps 1 --spec widths=4,8 --patch 16x16 --batch 1"
try 0 phantom ultrasound -o data --count 6 --unseen 0 --quiet
cp data/images/case_0000.png data/images/case_0006.png # one image twice
cp data/labels/case_0000.png data/labels/case_0006.png
cp data/images/case_0001.png data/images/case_0007.png
cp data/labels/case_0001.png data/labels/case_0007.png
printf 'case_0000\ncase_0001\ncase_0002\n' >train.txt
printf 'case_0003\ncase_0006\ncase_0007\n' >apart.txt
printf 'case_0004\ncase_0006\n' >one.txt
printf 'case_0003\ncase_0004\n' >other.txt
# shellcheck disable=SC2086
try 0 train data -o run --train-list train.txt --val-list apart.txt $few
said "2 validation cases look like training cases, such as case_0006 and case_0000"
said "--groups-out of info writes a groups.csv"
# shellcheck disable=SC2086
try 0 plan data --train-list train.txt --val-list one.txt $few
said "1 validation case looks like training cases, such as case_0006 and case_0000"
# shellcheck disable=SC2086
try 0 plan data --train-list train.txt --val-list other.txt $few
if grep -q alike err.txt; then not_ok "nothing looks alike"; show err.txt
else ok "nothing looks alike"; fi
# shellcheck disable=SC2086
try 0 plan data $few
if grep -q alike err.txt; then not_ok "nothing validates"; show err.txt; else ok "nothing validates"
fi
printf 'no image' >data/images/case_0007.png
# shellcheck disable=SC2086
try 3 train data -o new --train-list train.txt --val-list apart.txt --quiet $few
err_has "case_0007.png"
absent new

# what the advice leads to
cp data/images/case_0001.png data/images/case_0007.png
try 0 info data --groups-out data/groups.csv --quiet
# shellcheck disable=SC2086
for fold in 0 1; do
    try 0 plan data --folds 2 --fold $fold $few
    if grep -q alike err.txt; then not_ok "groups stay together"; show err.txt
    else ok "groups stay together"; fi
done
finish
