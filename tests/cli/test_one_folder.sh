# SPDX-License-Identifier: Apache-2.0
# Images and masks in one folder: what is held against what.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o made --count 6 --unseen 0 --quiet
mkdir one apart masks
for i in 0 1 2 3 4 5; do
    cp made/images/case_000$i.png one/$i.png
    cp made/labels/case_000$i.png one/${i}_Mask.png
    cp made/labels/case_000$i.png apart/$i.png
done
printf '4\n5\n' >val.txt
printf '0\n1\n2\n3\n' >train.txt
try 0 train one -o run --train-list train.txt --val-list val.txt --spec widths=4,8 --resize 32x32 \
    --batch 2 --steps 4 --quiet
numbers() { tr -d ' \n' <out.txt | sed 's/.*"cases":/"cases":/; s/_[Mm]ask//g'; }

try 0 evaluate run one --json
said "2 of 6 cases with a label are validation cases"
numbers >one.txt
try 0 evaluate run apart --json
numbers | cmp -s one.txt -
say $? "a run's masks are held against masks, as if these lay in a folder of their own"
try 0 predict run one/4.png one/5.png -o masks --no-mirror --quiet
try 0 evaluate masks one --cases val.txt --json
numbers | cmp -s one.txt -
say $? "so are those that predict wrote"
try 0 evaluate masks/4.png one --json
mv masks/4.png masks/4_Mask.png
mv masks/5.png masks/5_Mask.png
printf '4_Mask\n5_Mask\n' >called.txt
try 0 evaluate masks one --cases called.txt --json
numbers | cmp -s one.txt -
say $? "and masks that are called masks"
finish
