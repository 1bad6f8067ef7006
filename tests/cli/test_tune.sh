# SPDX-License-Identifier: Apache-2.0
# A search from its start to its best run: the same after kill -9, stopped and gone on with, two at
# a time, within a time; losses compared.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 12 --unseen 0 --quiet
small="--resize 32x32 --patch 32x32 --batch 2 --spec widths=4,8 --foreground 0.5"
space="--lr 1e-4..1e-1:log --loss dice+ce,ce --ema 0,0.9"
long="--rung-steps 4 --trials 6 --final-steps 6"

# ---- what is refused, and leaves nothing behind
try 2 tune data
err_is "name a folder for the search; usage: attunet tune DATASET -o OUT"
try 2 tune data -o search
err_has "the search has no length; give --budget TIME, or --rung-steps N and --trials N"
try 2 tune -o search
err_is "search is not a search; start one with: attunet tune DATASET -o search --budget 2h"
try 6 tune nowhere -o search $long
err_has "nowhere does not exist; check the path"
try 2 tune data -o search $long --lr 1..0.1 --quiet
err_has "--lr 1..0.1 is not a range; write LOW..HIGH or LOW..HIGH:log, with LOW below HIGH"
try 2 tune data -o search $long --loss dice,ce --spec "arch=hard" --quiet
err_has "hard attention has separate stages "
try 2 tune data -o search $long --fold all --lr 1e-4..1e-1 --quiet
err_has "a search takes one fold, not --fold all"
try 2 tune data -o search $long --steps 5 --quiet
err_has "--steps cannot be searched"
echo '{"lr": [0.001, 0.01], "los": ["ce", "dice"]}' >wrong.json
try 2 tune data -o search $long --space wrong.json --quiet
err_has "wrong.json: "
err_has "did you mean"
absent search
try 0 tune --help
out_has "--weight-decay X"
out_has "--budget TIME"

# ---- cases that are too few to be cut twice
try 0 phantom ultrasound -o four --count 4 --unseen 0 --quiet
# shellcheck disable=SC2086
try 3 tune four -o search $long --lr 1e-4..1e-1 --quiet
err_has "four has 4 cases, too few for 5 folds; give fewer --folds, or add some"
# shellcheck disable=SC2086
try 3 tune four -o search $long --lr 1e-4..1e-1 --folds 3 --quiet
err_has "four has 2 cases left after the first of two cuts, too few for 3 folds"
err_has "give fewer --folds, or add some; a search splits twice, so --folds 2 needs four"
absent search
# shellcheck disable=SC2086
try 0 tune four -o search $small --lr 1e-4..1e-1 --folds 2 --rung-steps 1 --trials 1 --final-steps \
    1 --quiet
rm -r search

# ---- a plan is behind a space file, which is behind flags; and its CT numbers are one value
# shellcheck disable=SC2086
try 0 plan data -o plan.json $small --lr 0.02 --loss dice --steps 4 --normalise ct \
    --intensities=-980,310,-50.5,210 --quiet
echo '{"lr": "1e-4..1e-1:log", "ema": [0, 0.9]}' >space.json
try 0 tune data -o planned $long --plan plan.json --space space.json --ema 0.5 --quiet
try 0 tune -o planned --quiet
line() { head -n 1 "$1/journal.jsonl"; }
line planned | grep -qF '"space":[{"name":"lr"' && line planned | grep -qF '"loss":"dice"' &&
    line planned | grep -qF '"ema":"0.5"'
say $? "lr is searched, the loss is the plan's, and ema the flag's: $(line planned | cut -c 1-200)"
line planned | grep -qF '"intensities":"-980,310,-50.5,210"'; say $? "the numbers of CT are fixed"
rm -r planned
try 0 tune data -o planned $long --plan plan.json --dry-run
said "no search space was given; attunet searches spec.gate"
unsaid "lr"

# ---- a search
# shellcheck disable=SC2086 # settings are words
try 0 tune data -o whole $small $space $long --dry-run --quiet
cp out.txt rehearsed.txt
# shellcheck disable=SC2086 # settings are words
try 0 tune data -o whole $small $space $long
for file in whole/*; do
    grep -qxF "  $file" rehearsed.txt; say $? "--dry-run names $file"
done
said "trial 0, rung 1 of 3: Dice"
out_has "on 3 cases that no trial saw"
out_has "trained on all 9 cases with the settings of trial"
exists whole/best/model.safetensors whole/best/summary.json whole/tune.json whole/trials.csv \
    whole/progress.csv whole/report.html
[ "$(wc -l <whole/validate.txt) $(wc -l <whole/train.txt) $(wc -l <whole/trials_train.txt) \
$(wc -l <whole/trials_validate.txt)" = "3 9 7 2" ]
say $? "cases are cut twice"
sort whole/trials_train.txt whole/trials_validate.txt >both.txt
sort whole/train.txt | cmp -s - both.txt
say $? "trials see the cases that train, and no others"
grep -q '"event":"on"' whole/journal.jsonl
say $? "a trial went on"
try 0 predict whole/best data/images/case_0000.png -o masks --quiet
silent
try 0 info whole/best
out_has "trained    6 steps"
try 0 tune data -o whole --json
said "the search in whole is finished"
cp out.txt whole.json
for command in "predict whole data/images -o none" "resume whole --steps +1" "report whole" \
    "info whole"; do
    # shellcheck disable=SC2086
    "$ATTUNET" $command >out.txt 2>err.txt </dev/null
    words=$command
    err_is "whole is the folder of a search; use its best run, whole/best"
done
absent none
try 2 tune data -o whole --rung-steps 5
err_has "whole began with another --rung-steps; leave it out to continue, or choose a new folder"
try 2 tune masks -o whole
err_has "whole began on"

# ---- killed at many places, and once in the middle of a line
answer() { sed -n '/"trials": \[/,$!p' "$1" | grep -v '"seconds"' |
    grep -v '"best"'; grep -E '"(dice|lr|loss|ema)":' "$1" | sort; }
runs=0
while [ $runs -lt 8 ]; do
    runs=$((runs + 1))
    # shellcheck disable=SC2086
    "$ATTUNET" tune data -o killed $small $space $long --quiet >/dev/null 2>err.txt </dev/null &
    child=$!
    sleep "0.$((runs * 7 % 10))"
    kill -s KILL $child 2>/dev/null
    wait $child 2>/dev/null
    [ -e killed/journal.jsonl ] && ! grep -q '"event":"done"' killed/journal.jsonl &&
        printf '{"event":"tri' >>killed/journal.jsonl
done
# shellcheck disable=SC2086
try 0 tune data -o killed $small $space $long --json --quiet
silent
answer out.txt >killed.txt
answer whole.json >answer.txt
cmp -s killed.txt answer.txt
say $? "a search that was killed again and again comes to the same trials, results and best run"
[ -s answer.txt ]
say $? "there is something to compare"

# ---- stopped, and two at a time
# shellcheck disable=SC2086
"$ATTUNET" tune data -o stopped $small $space --rung-steps 1000000 --trials 6 >/dev/null 2>err.txt \
    </dev/null &
child=$!
await grep -qs '"event":"trial"' stopped/journal.jsonl
try 2 tune data -o stopped
err_has "another attunet (process $child"
err_has "tunes in stopped; wait until it ends, or choose another folder"
kill -s INT $child
wait $child
[ $? -eq 5 ]
say $? "Ctrl-C ends with code 5"
grep -q '"event":"stopped"' stopped/journal.jsonl
say $? "and is in the journal"

# ---- a space from a file, all trials alike, random proposals
echo \
    '{"loss": ["dice+ce", "ce"], "lr": {"range": "1e-3..1e-2:log", "first": 0.002}, "spec.gate": '\
'["none", "same"], "spec.inter": {"choices": ["x", "half"]}}' >space.json
# shellcheck disable=SC2086
try 0 tune data -o file $small --space space.json --rung-steps 3 --trials 3 --rungs 1 --proposals \
    random --fold 1 --quiet
silent
head -1 file/trials.csv | grep -q '^trial,dice,rungs,seconds,loss,lr,spec.gate,spec.inter$'
say $? "the table has the settings"
grep '^0,' file/trials.csv | grep -q ',0.002,'
say $? "the first trial has the first value"
# shellcheck disable=SC2086
try 2 tune data -o bad $small --rung-steps 2 --trials 6 --lr 1e-3..1e-2 --micro-batch 3 --quiet
err_has "--micro-batch 3 does not divide a batch of"
absent bad
try 2 tune data -o bad --resize 32x32 --patch 32x32 --batch 2 --spec widths=4,8 --lr 90..100 \
    --optimiser sgd --schedule constant --warmup 0 \
    --weight-decay 1 --rung-steps 60 --trials 6
said "trial 0 failed, lr="
said "none of the first 5 trials could be trained; the last failed: training diverged"

# ---- values that no trial could be trained with are refused before there is one; those that need
# others beside them are not
try 2 tune data -o unknown --loss dice+ce,dise+ce --repeat 2 --rung-steps 3 --quiet
err_has 'the loss "dise" is unknown'
try 2 tune data -o unknown $long --loss ce,foo --dry-run --quiet
err_has 'the loss "foo" is unknown'
try 7 tune data -o unknown $long --spec "gate=gird|grid" --dry-run --quiet
err_has "gate=gird in the network spec: choose one of none|grid|same"
try 7 tune data -o unknown $long --spec "widths=4,8,16 gate=none|grid sub=1|3" --quiet
err_has "sub=3 in the network spec does not divide the grid"
try 2 tune data -o unknown $long --patch "32x32,8x32x32" --quiet
err_has "--patch 8x32x32 has a depth, but the network is 2D"
absent unknown
try 0 tune data -o unknown $long --spec "widths=4,8|4,8,16 kernels=3,3,3|3,3 gated=all" --dry-run \
    --quiet

# ---- settings of which there are few: each is tried once
# shellcheck disable=SC2086
try 0 tune data -o few $small --loss dice+ce,ce,dice --rung-steps 2 --trials 12 --rungs 1 \
    --final-steps 2
said "all 3 combinations of these settings were tried, so the search ends here"
[ "$(tail -n +2 few/trials.csv | wc -l)" -eq 3 ] &&
    [ "$(tail -n +2 few/trials.csv | cut -d, -f5 | sort -u | wc -l)" -eq 3 ]
say $? "three trials, none of them twice"

# ---- within a time: the last run takes what is left
# shellcheck disable=SC2086
try_by_ticks 0 tune data -o timed $small --lr 1e-3..1e-2:log --budget 60s --rung 8s --quiet \
    --threads 1
grep -Eq '^time  *(0:5[5-9]|1:0[0-5]) of 1:00$' out.txt
say $? "$words: $(grep '^time' out.txt)"

# ---- with hardly time for a step
# shellcheck disable=SC2086
try_by_ticks 0 tune data -o hasty $small --lr 1e-3..1e-2:log --budget 10s --rung 1s --trials 1 \
    --threads 1
said "too few to compare settings; give --rung "
said "s for at least 20 steps, and --budget "
said "m for 40 such trials"

# ---- losses compared
# shellcheck disable=SC2086
try 0 tune data -o losses $small --loss dice+ce,ce --repeat 2 --rung-steps 3
said "run 4 of 4, seed 2: Dice"
out_has "3 cases, paired, 2 seeds each"
out_has "with fewer than 6 cases, no difference can reach p (Holm) < 0.05"
said "warning: 3 cases validate, so no difference can reach p < 0.05 by Wilcoxon's test with \
Holm's correction; that takes 6: use another split, or fewer combinations"
grep -q "With fewer than 6 cases, no difference can reach p (Holm) &lt; 0.05" losses/report.html
say $? "and so says the report"
exists losses/compare.json losses/report.html
absent losses/best
# shellcheck disable=SC2086
try 0 tune data -o once $small --loss dice+ce,ce --repeat 1 --rung-steps 3 --quiet
out_has "3 cases, paired, 1 seed each"
try 2 info losses
err_is "losses is a search without a final run; use a run in losses/trials, or finish it with: \
attunet tune -o losses"
# shellcheck disable=SC2086
try 2 tune data -o none --loss dice+ce,ce --repeat 6 --budget 10s --quiet
err_is "each of 12 runs would have less than a second; give --budget 12s or more"
absent none
for option in "trials 2" "rungs 1" "eta 2" "proposals random" "final 0.5" "final-steps 4"; do
    # shellcheck disable=SC2086
    try 2 tune data -o none --loss dice+ce,ce --repeat 2 --rung-steps 3 --$option --quiet
    err_is "--${option% *} is for a search, not for --repeat; leave it out"
done
try 2 tune data -o none --loss dice+ce,ce --repeat 2 --budget 10s --rung 10m --quiet
err_is "with --repeat, give --budget (for all runs) or --rung (for each run), not both"
absent none
cp -r data together
awk 'BEGIN { print "image,group" } { sub(/\.png$/, ""); print $0 "," int(NR / 2) }' <<EOF \
    >together/groups.csv
$(ls data/images)
EOF
# shellcheck disable=SC2086
try 0 tune together -o grouped $small --loss dice+ce,ce --repeat 2 --rung-steps 1
out_has "signed-rank over 2 groups"
said "warning: 2 groups validate, so no difference"
grep -q "bootstrap resamples of the groups that the data set names" grouped/report.html
say $? "so says its report"
# shellcheck disable=SC2086
try 2 tune data -o none $small --lr 1e-3..1e-2 --repeat 2 --rung-steps 3 --quiet
err_has "lr is a range of numbers"
# shellcheck disable=SC2086
try 2 tune data -o none $small --repeat 2 --rung-steps 3 --quiet
err_has "there is nothing to compare"
absent none

# ---- a last run that diverges: weights that decay to -100 times themselves are none after some
# steps
# shellcheck disable=SC2086
try 0 tune data -o decays --resize 32x32 --patch 32x32 --batch 2 --foreground 0.5 --spec \
    widths=4,8 --optimiser sgd --schedule constant --warmup 0 \
    --weight-decay 1 --lr 0.00001,100 --rung-steps 2 --trials 2 --rungs 1 --final-steps 60
said "the last run failed with the settings of trial "
said ": training diverged: "
out_has "trained on all 9 cases with the settings of trial"
barred=$(sed -n 's/.*"event":"barred".*"trial":\([01]\),.*/\1/p' decays/journal.jsonl)
exists decays/failed_000$barred/settings.json decays/best/model.safetensors
grep -q '"trial": '$((1 - barred)), decays/tune.json
say $? "the other trial's settings have trained"
cp out.txt decays.txt
try 0 tune -o decays
said "the search in decays is finished"
cmp -s out.txt decays.txt
say $? "it says the same again"

# ---- a trial that is somebody else's
mkdir others
cp -r whole/trials others
cp whole/*.txt others
sed '/"event":"on"/q' whole/journal.jsonl >others/journal.jsonl
trial=others/trials/000$(tail -n 1 others/journal.jsonl | sed 's/.*"trial":\([0-9]*\),.*/\1/')
"$ATTUNET" resume "$trial" --steps +10000000 >/dev/null 2>err.txt </dev/null &
child=$!
await grep -q 'resuming at' err.txt
cp others/journal.jsonl before.jsonl
try 2 tune -o others --quiet
err_has "another attunet (process $child"
err_has "trains in $trial; wait until it ends"
[ "$(grep -c '"event":"failed"' others/journal.jsonl)" = 0 ]
say $? "that says nothing about the settings"
kill -s INT $child
wait $child
rm -r "$trial"
cp -r "whole/${trial#*/}" "$trial"
try 0 resume "$trial" --steps +3 --quiet
try 0 tune -o others
said "trial ${trial#*trials/000} failed"
said "steps, but the search gave it 12, so it was trained further by hand"

# ---- volumes, with the usual space: what `train` would choose for them stands in the first trials,
# also after a stop
try 0 phantom organs -o volumes --count 12 --unseen 0 --quiet
tiny="--resize 16x16x16 --patch 8x8x8 --batch 1 --rung-steps 1 --trials 10 --rungs 1 \
--final-steps 1"
# shellcheck disable=SC2086
try 0 tune volumes -o deep $tiny --quiet
mkdir cut
find deep -maxdepth 1 -type f -exec cp {} cut \;
head -n 4 deep/journal.jsonl >cut/journal.jsonl # begin, cases, the first trial and its result
try 0 tune -o cut --quiet
settings() { sed -n 's/.*"event":"trial".*"settings":\({[^}]*}\).*/\1/p' "$1/journal.jsonl"; }
[ "$(settings deep | wc -l)" = 10 ] && [ "$(settings deep)" = "$(settings cut)" ]
say $? "a search of volumes that was stopped proposes the same settings"

finish
