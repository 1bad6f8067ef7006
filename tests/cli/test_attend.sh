# SPDX-License-Identifier: Apache-2.0
# Attention maps of a run, measured: tables, files, and what is refused.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 2 --quiet
try 0 train data -o run --fold 0 --spec "arch=attunet widths=4,8,8 gated=all" --resize 48x48 \
    --batch 4 --steps 60 --lr 0.01 --quiet
try 0 attend run data -o out --quiet
silent
out_has "gate    state"
out_has "random weights"
out_has "AUC of the image's intensity"
[ "$(grep -c '^AUC below 0.5: the map is larger outside' out.txt)" = \
    "$(awk '/^gate\./ && $5 < .5 { n = 1 } END { print n + 0 }' out.txt)" ]
say $? "an AUC below 0.5 is explained"
out_has "Dice lost when 10 % of the voxels are blanked"
exists out/attention.json out/attention.csv
rows=$(($(wc -l <out/attention.csv) - 1))
cases=$(grep -c '"case"' out/attention.json)
[ "$rows" = $(((cases + 1) * 6)) ]
say $? "the table has two rows a gate and two of controls for $cases cases and their mean"
grep -q '^mean,gate.0,trained,0' out/attention.csv; say $? "the mean comes first"
# What is lost is a mean of differences, over the cases that have a Dice with and without.
awk -F, '$2 == "gate.0" && $3 == "trained" && $1 != "mean" && $10 != "" &&
    $12 != "" { sum += $10 - $12; n++ }
    $1 == "mean" && $2 == "gate.0" && $3 == "trained" { mean = $15; has = mean != "" }
    END { d = sum / n - mean
        exit !(n && has && mean * mean > 0 && d * d < 1e-10) }' out/attention.csv
say $? "the mean of what is lost is that over the cases"
try 0 attend run data/unseen --blank 0 --json --quiet
out_has '"random"'
if grep -q unimportant out.txt; then not_ok "nothing is blanked"; else ok "nothing is blanked"; fi
cp out.txt first.txt
try 0 attend run data/unseen --blank 0 --json --quiet --threads 1
cmp -s out.txt first.txt; say $? "the same numbers with one thread"

# ---- named cases, whatever part they play in training
{
    echo image,label,group,fold
    for i in 0 1; do echo "images/case_000$i.png,labels/case_000$i.png,one,test"; done
    for i in 2 3; do echo "images/case_000$i.png,labels/case_000$i.png,two,0"; done
} >data/parts.csv
echo case_0001 >tested.txt
try 0 attend run data/parts.csv --blank 0 --quiet --cases tested.txt --json
[ "$(grep -c '"case"' out.txt)" = 1 ]; say $? "one of two test cases of a group"
echo case_0009 >tested.txt
try 3 attend run data/parts.csv --blank 0 --quiet --cases tested.txt
err_has "tested.txt: there is no case 'case_0009'"
rm data/parts.csv

# ---- models on the way
absent out/attention.png
try 0 train data -o grown --fold 0 --spec "arch=attunet widths=4,8,8 gated=all" --resize 48x48 \
    --batch 2 --steps 4 --snapshots 3 \
    --validate-every 1 --quiet
ls grown/snapshots >names.txt
printf 'step_%s.safetensors\n' 0000000 0000002 0000004 | cmp -s - names.txt
say $? "the first, a middle and the last model are kept"
hash() { sed -n 's/.*"hash": "\([0-9a-f]*\)".*/\1/p' out.txt | head -1; }
try 0 info grown/model.safetensors --json
last=$(hash)
try 0 info grown/snapshots/step_0000004.safetensors --json
[ -n "$last" ] && [ "$last" = "$(hash)" ]; say $? "the last is the model"
try 0 train data -o none --fold 0 --spec "arch=attunet widths=4,8,8 gated=all" --resize 48x48 \
    --batch 2 --steps 4 --quiet
try 0 info none/model.safetensors --json
[ "$last" = "$(hash)" ]; say $? "keeping models changes no weights"
try 0 info grown
out_has "validation Dice"
try 0 info grown/snapshots/step_0000002.safetensors
if grep -q "validation Dice" out.txt; then not_ok "a Dice of other weights is not said"
else ok "a Dice of other weights is not said"; fi
ls data/images | sed 's/\.png$//' | head -1 >one.txt
try 0 attend grown -o grown-out --blank 0 --quiet # of its own data
exists grown-out/attention.png
height() { od -An -tu1 -j20 -N4 "$1/attention.png" |
    awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }'; }
cp -r grown many
for i in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36; do
    cp many/snapshots/step_0000004.safetensors many/snapshots/step_00000$i.safetensors
done
for run in grown many; do try 0 attend $run data -o $run-one --blank 0 --quiet --cases one.txt; done
[ "$(height many-one)" -gt "$((7 * $(height grown-one)))" ] &&
    [ "$(height many-one)" -le "$((8 * $(height grown-one)))" ]
say $? "of 30 models 24 are drawn"
try 0 attend grown data -o grown-again --blank 0 --quiet
auc=$(awk '$1 == "gate.0" { print $5 }' out.txt)
[ -n "$auc" ] && [ "$auc" = "$(awk '$1 == 4 { print $NF }' out.txt)" ]
say $? "the last row of the way is the model's: $auc"
[ "$(awk '$1 == 0 { print $NF }' out.txt)" = "$(awk '$1 == "gate.0" { print $6 }' out.txt)" ]
say $? "the first is that of random weights"

# ---- refused
cp -r run broken && echo '{' >broken/settings.json
try 3 attend broken data --quiet
err_has "broken/settings.json"
try 2 attend
err_is "the argument RUN is missing; usage: attunet attend RUN [DATASET]"
try 2 attend run/model.safetensors
err_is "run/model.safetensors names no data set; give one after it"
try 6 attend nowhere data
mkdir folds
for i in 0 1; do cp -r run folds/fold_$i; done
for set in "" data; do
    try 2 attend folds $set
    err_is "folds holds 2 folds, but maps are measured for one model; name one, such as \
folds/fold_0"
done
try 2 attend folds/fold_0,folds/fold_1 data
err_is "maps are measured for one model, but folds/fold_0,folds/fold_1 are 2; name one of them"
try 2 attend run data --blank 1
err_has "--blank takes"
try 0 train data -o plain --spec "arch=unet widths=4,8" --resize 48x48 --batch 2 --steps 2 --quiet
try 2 attend plain data --quiet
err_is "the network has no attention gates and so no maps to measure; use a network with gates"

# ---- a data set that has moved: cases that trained stay out, by their names
try 0 attend run data --json --quiet
grep '"case"' out.txt >home.txt
cp -r data moved
try 0 attend run moved --json
grep '"case"' out.txt | cmp -s home.txt -
say $? "the validation cases of a data set that moved"
said "leaves out $((6 - $(wc -l <home.txt))) cases of moved: training cases of run have the same"
echo case_0000 >first.txt
try 0 attend run moved --cases first.txt
unsaid "leaves out"
try 0 train data -o all --spec "arch=attunet widths=4,8,8 gated=all" --resize 48x48 --batch 4 \
    --steps 2 --quiet
for set in data moved; do
    try 0 attend all $set --json
    said "all labelled cases of $set have names of training cases of all, so these scores may not"
    [ "$(grep -c '"case"' out.txt)" = 6 ]; say $? "all cases of $set"
done
finish
