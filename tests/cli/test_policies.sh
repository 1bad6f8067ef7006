# SPDX-License-Identifier: Apache-2.0
# A policy against other choices of tiles, on a model that two short runs are joined to.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom field -o data --size 320x256 --count 4 --unseen 2 --quiet
try 0 train data -o coarse --spec "arch=attunet widths=4,6,8 gate=none" --resize none --shrink 4 \
    --patch 32x32 --batch 2 --steps 4 --quiet
try 0 train data -o fine --spec "arch=attunet widths=4,6,8 gate=none" --resize none --patch 48x48 \
    --batch 2 --steps 4 --quiet
try 0 convert coarse,fine --spec "arch=hard scale=4 tile=32 halo=8 tiles=4" -o hard.safetensors \
    --quiet

try 0 evaluate hard.safetensors data/unseen --policies -o out
out_has "2 cases of 80 tiles on average"
out_has "coarse network alone"
out_has "policy, as the model says"
out_has "greedy oracle"
out_has "% of dense compute"
if grep -q "location prior" out.txt; then not_ok "no prior, no row"; else ok "no prior, no row"; fi
said "no location prior: the run does not list its training cases"
exists out/policies.json out/policies.csv out/policies.svg

try 2 evaluate hard.safetensors data/unseen --policies --report page.html
err_is "--report is for masks; leave it out with --policies"
try 2 evaluate data/unseen/labels data/unseen/labels --seed 5
err_is "--seed needs --policies; add it"

# A run's settings name its training cases: the location prior, and the validation cases of its own
# data.
mkdir run && cp hard.safetensors run/model.safetensors
printf '{"dataset_path": "%s/data", "train": ["case_0000", "case_0001"], "val": ["case_0002"]}' \
    "$PWD" >run/settings.json
try 0 evaluate run data --policies --tiles 2,5 --quiet
silent
out_has "1 case of 80 tiles on average"
out_has "location prior"
cp out.txt named.txt
try 0 evaluate run --policies --tiles 2,5 --quiet
grep -v "^coarse network and policy" named.txt >named &&
    grep -v "^coarse network and policy" out.txt >own
cmp -s named own
say $? "a run knows its own data"
cp -r data moved # cases that trained stay out, by their names
try 0 evaluate run moved --policies --tiles 2,5
said "leaves out 2 cases of moved: training cases of run have the same names"
out_has "2 cases of 80 tiles on average"
[ "$(grep -c "^labels have the values" err.txt)" -eq 2 ]
say $? "... and tells of both data sets how the labels are read"
for named in "" data ./data/ "moved --data moved"; do
    # shellcheck disable=SC2086 # words
    try 0 evaluate run $named --policies --tiles 2,5
    [ "$(grep -c "^labels have the values" err.txt)" -eq 1 ]
    say $? "... of one, under any name, once"
done
cp -r data lone && cp lone/images/case_0003.png lone/images/alone.png
try 0 evaluate run moved --policies --tiles 2,5 --data lone
said "lone: 1 of 5 images has no label, and attunet leaves it out: lone/images/alone.png"
try 2 evaluate hard.safetensors --policies
err_is "hard.safetensors names no data set; give one after it"
try 2 evaluate run
err_is "the argument DATASET|LABELS is missing; usage: attunet evaluate RUN|PREDICTIONS \
DATASET|LABELS"
try 6 evaluate run data --policies --cases nowhere.txt --quiet
err_has "nowhere.txt"
echo case_0003 >names.txt
try 0 evaluate run data --policies --tiles 2,5 --cases names.txt --json
out_has '"case": "case_0003"'
out_has '"k": ['

try 2 evaluate fine data/unseen --policies
err_has "it has no policy; evaluate its masks instead"
try 2 evaluate hard.safetensors data/unseen --policies --tiles 5,2
err_is "--tiles 5,2: give up to 24 rising numbers from 1 on, such as 4,8,16"
try 2 evaluate hard.safetensors data/unseen --policies --metrics dice
err_is "--metrics is for masks; leave it out with --policies"
try 2 evaluate masks data/labels --tiles 4
err_is "--tiles needs --policies; add it"
try 0 phantom organs -o organs --count 1 --unseen 0 --quiet
try 3 evaluate hard.safetensors organs --policies --quiet
err_has "other labels than the model"
finish
