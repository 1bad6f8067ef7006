# SPDX-License-Identifier: Apache-2.0
# Training of hard attention by the command: what is said, what is left behind, what is refused.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 2 --quiet
spec="arch=hard scale=4 tile=32 halo=8 tiles=2 coarse=4,8 fine=4,8 policy=8"

try 2 train data -o run --spec "$spec" --policy-baseline greed --steps 4
err_has "--policy-baseline takes one of local|raw|greedy|loo|learned, not 'greed'"
try 2 train data -o run --spec "$spec" --policy-baseline loo --policy-samples 1 --steps 4
err_has "too few for --policy-baseline loo"
try 2 train data -o run --policy-cost .1 --steps 4
err_is "--policy-cost is for hard attention only; leave it out, or give a --spec with arch=hard or \
arch=glimpse"
try 2 plan data --spec "$spec"
err_has "hard attention trains two networks; plan each by itself"
try 2 train data -o run --spec "$(echo "$spec" | sed s/tile=32/tile=512/)" --steps 4
said "one tile covers every image"
try 0 train data -o run --spec "$(echo "$spec" | sed 's/halo=8 tiles=2/halo=32 tiles=400/')" \
    --steps 4 --dry-run
said "400 tiles with halo would cost "
said " times as much as the whole image: the fine network computes "
said "; give fewer tiles=... in --spec, or an arch without tiles"
try 0 train data -o run --spec "$spec" --steps 4 --dry-run
unsaid "tiles with their halo"
mkdir other_things && touch other_things/notes.txt
try 2 train data -o other_things --spec "$spec" --steps 4
err_is "other_things is neither empty nor a run; choose a new folder"
try 6 train data -o other_things/notes.txt/run --spec "$spec" --steps 4
err_is "cannot make the folder other_things/notes.txt/run because other_things/notes.txt is a \
file; \
choose another"
absent run

try 0 train data -o run --spec "$spec" --fold 0 --steps 4 --batch 2 --policy-steps 6 --joint-steps \
    3 --policy-views 2
[ "$(grep -c "labels have the values" err.txt)" = 1 ]
say $? "the meaning of labels is logged once"
said "stage 1 of 3: the coarse network, in run/coarse"
said "stage 1 of 3: the fine network, in run/fine"
said "stage 2 of 3: computing 8 views of 4 cases with the coarse network, all tiles of every case \
with the fine network"
said "stage 2 of 3: mean Dice"
said "stage 3 of 3: mean Dice"
out_has "trained    17 steps"
out_has "model      run/model.safetensors"
# Heads of both are decided together: side losses from five levels on.
try 0 train data -o four --spec "$(echo "$spec" | sed s/=4,8/=4,4,4,4/g)" --fold 0 --steps 1 \
    --batch 2 --policy-steps 1 --joint-steps 1 --policy-views 1 --quiet
for model in four four/coarse four/fine; do
    "$ATTUNET" info $model >out.txt
    grep "^network" out.txt | grep -qv "heads=side"
    say $? "$model has no side heads"
done
try 3 info run/hard.json
err_has "run/hard.json holds the plans of a hard-attention run's stages; give info the run's \
folder"
exists run/hard.json run/settings.json run/log.csv run/log.jsonl run/curves.png run/summary.json \
    run/checkpoint.safetensors
exists run/coarse/model.safetensors run/coarse/curves.png run/fine/model.safetensors \
    run/fine/log.csv
grep -q "steps after those of its two networks" run/report.html
say $? "the report says which steps it counts"
for part in "data -o run --fold 0 --steps 4 --spec" "the coarse network" "the policy alone" \
    "all three jointly" "hash of the data" "The process used at most"; do
    grep -q "$part" run/report.html
    say $? "the report says: $part"
done
try 0 info run/model.safetensors
out_has "tiles of 32x32 voxels with a margin of 8x8"
out_has "adjacent tiles share windows of up to 2x2 tiles"
try 0 info run
out_has "adjacent tiles share windows of up to 2x2 tiles"
out_has "stage 1    coarse network, 4 of 4 steps"
out_has "stage 2    policy alone, 6 of 6 steps, 2 views of each case"
out_has "stage 3    jointly, 3 of 3 steps"
out_has "--cost uses its scores at temperature"
try 0 info run --json
out_has '"stages"'
try 2 train data -o begun --init run --fold 0 --steps 1 --quiet
err_has "--init run is a model of hard attention; give one of its two networks"
absent begun
try 0 train data -o begun --init run/fine --fold 0 --steps 1 --quiet
try 2 attend run data
said "run is of hard attention, which has tiles instead of attention maps"
temperature() { tr -d ' ' <"$1" | grep -ao 'policy_temperature[^0-9]*[0-9.e+-]*' | head -1; }
[ -n "$(temperature run/model.safetensors)" ] &&
    [ "$(temperature run/model.safetensors)" = "$(temperature run/before_joint.safetensors)" ]
say $? "the model knows its policy's temperature: $(temperature run/model.safetensors)"
temperature run/model.safetensors >temperature.txt
try 0 resume run
said "this run is finished"
[ "$(grep -c '"command"' run/run.json)" = 1 ]
say $? "looking at a finished run is no session of it"
try 0 resume run --steps +2 --dry-run
out_has "train both networks and the policy of run jointly"
try 0 resume run --steps +2
said "resuming at step 3 of 5"
[ "$(grep -c '"command"' run/run.json)" = 2 ] &&
    grep -q 'attunet resume run --steps +2' run/run.json
say $? "the record has both commands"
[ "$(temperature run/model.safetensors)" = "$(cat temperature.txt)" ]
say $? "a longer joint stage keeps it"
cp -r run better # the third stage had been better at its step 3
LC_ALL=C sed -i 's/\\"before_step\\":6,\\"kept\\":false/\\"before_step\\":9,\\"kept\\":true /' \
    better/checkpoint.safetensors
try 0 info better
out_has "stage 3    jointly, 5 of 5 steps; not better: the model of its step 3 is kept"
try 2 train data -o run --spec "$spec"
err_is "run is not empty; choose a new folder, or continue with: attunet resume run"

cp -r run part
try 0 resume part/fine --steps +1
said "part/fine is a network of"
cp run/run.json record.txt
try 6 resume run --steps +1 --data "$PWD/nowhere"
cmp -s run/run.json record.txt
say $? "what is refused is no session of a run"
echo "{" >part/run.json
try 0 resume part --steps +1 --quiet
[ "$(grep -c '"command"' part/run.json)" = 1 ] && grep -q '"hash"' part/run.json
say $? "a damaged record begins anew"
cp -r data changed
for kind in images labels; do cp changed/$kind/case_0001.png changed/$kind/case_0000.png; done
try 0 resume part --steps +1 --data changed
said "have changed since this run started"
try 0 report part
grep -q "the hash was .* when the run began" part/report.html
say $? "the report says that data has changed"
try 0 resume part --data data
for name in part part/coarse part/fine; do
    grep -q "\"dataset_path\": \"$PWD/data\"" $name/settings.json
    say $? "a finished run knows where its data has gone: $name"
done

sed -i.good 's/"fine"/"fien"/' part/hard.json
try 3 resume part --quiet
err_is 'part/hard.json: unknown key "fien"; did you mean "fine"?'
mv part/hard.json.good part/hard.json

# ---- the settings of a run repeat it, to the bit
try 0 train data -o again --plan run/settings.json --fold 0 --quiet
try 0 train data -o other --spec "$spec" --fold 0 --steps 4 --batch 2 --policy-steps 6 \
    --joint-steps 3 --policy-views 2 --quiet --threads 3
sum() { tail -c 10000 "$1/model.safetensors" | cksum; }
[ "$(sum again)" = "$(sum other)" ]
say $? "a run and one by its settings end with the same weights"

# ---- and what info tells of one that went by the clock
steps_of() { sed -n "s/^$1, \([0-9]*\) of .*/\1/p" out.txt; }
try_by_ticks 0 train data -o timed --spec "$spec" --fold 0 --time 30s --shares 1,3,2,1 --batch 2 \
    --threads 1 --quiet
try 0 info timed
views=$(sed -n 's/.*, \([0-9]*\) views* of each case.*/\1/p' out.txt)
coarse=$(steps_of "stage 1    coarse network") fine=$(steps_of "stage 1    fine network")
policy=$(steps_of "stage 2    policy alone") joint=$(steps_of "stage 3    jointly")
[ "$coarse" != "$fine" ]
say $? "the nets have steps of their own: $coarse, $fine"
try 0 train data -o counted --spec "$spec" --fold 0 --coarse-steps "$coarse" --steps "$fine" \
    --policy-steps "$policy" --joint-steps "$joint" \
    --policy-views "$views" --batch 2 --quiet
[ "$(sum timed)" = "$(sum counted)" ]
say $? "a run by the clock and one by its steps end with the same weights"

# ---- the second net begins with the cases that the first had, or not at all
cp -r run cut
rm -r cut/fine cut/checkpoint.*
for kind in images labels; do cp "data/$kind/case_0000.png" "data/$kind/case_9999.png"; done
try 3 resume cut
said "have changed since cut was started"
rm data/*/case_9999.png
try 0 pack data -o packed --resize none --speed 1 --quiet
try 2 resume cut --data packed
err_has "packed is packed, but hard attention prepares the images in two ways; give"
try 0 resume cut --quiet
[ "$(sum cut)" = "$(sum other)" ]
say $? "what was refused has left nothing behind"
try 2 resume cut --data packed --steps +1
err_has "packed is packed"

# ---- every fold, and the sequential policy
try 0 train data -o folds --spec "$spec" --fold all --steps 1 --batch 2 --policy-steps 1 \
    --joint-steps 1 --policy-views 1
said "networks of hard attention cannot predict together"
[ "$(grep -c "labels have the values" err.txt)" = 1 ]
say $? "in every fold, too"
said "training the policy alone, 1 step"
exists folds/fold_4/coarse/model.safetensors folds/fold_4/model.safetensors folds/summary.json
try 0 train data -o glimpse --spec "$(echo "$spec" | sed s/hard/glimpse/)" --steps 1 --batch 2 \
    --policy-steps 2 --joint-steps 1 --policy-views 1 --quiet
exists glimpse/model.safetensors
# ---- the fine net may learn from larger patches than the windows of single tiles
try 0 train data -o large --spec "$spec" --fold 0 --steps 3 --batch 2 --patch 63x70 --policy-steps \
    2 --joint-steps 3 --policy-views 2 --quiet
for f in large/settings.json large/fine/settings.json; do grep -qF '"patch": "64x70"' $f
say $? "$f has the patch"; done
if grep -qF '"patch": "64x70"' large/coarse/settings.json; then not_ok "the patch is the fine net's"
else ok "the patch is the fine net's"; fi
try 0 resume large --steps +2 --quiet
out_has "trained    "

# ---- a case that cannot be read any more: what was trained until then is kept
rm -rf gone moved
# It stops itself when all tiles are seen and the policy is to learn (tests/fault/faults.c).
export LD_PRELOAD="$FAULTS" FAULT_CALL=open FAULT_BELOW=gone/log.csv FAULT_AT=1 FAULT_ERRNO=0
"$ATTUNET" train data -o gone --spec "$spec" --fold 0 --steps 1 --batch 2 --policy-steps 50 \
    --joint-steps 1 --policy-views 1 >out.txt 2>err.txt &
child=$!
LD_PRELOAD=${UNSYNCED-}
unset FAULT_CALL FAULT_BELOW FAULT_AT FAULT_ERRNO
await has_stopped $child
mv data moved
kill -s CONT $child
wait $child
code=$?
mv moved data
[ $code -eq 6 ]
say $? "train, and its data are gone when stage 2 ends: exit code $code"
said "step 50 of 50 in stage 2 of 3 is saved; continue with: attunet resume gone"
try 0 resume gone
said "the policy alone"
exists gone/model.safetensors gone/summary.json


# ---- an older version stored no heads: networks of four levels have one
deep="arch=hard scale=4 tile=32 halo=8 tiles=2 coarse=4,4,4,8 fine=4,4,4,8 policy=8"
try 0 train data -o deep --spec "$deep" --fold 0 --steps 2 --batch 1 --policy-steps 2 \
    --joint-steps 2 --quiet
mkdir older
cp -r deep/coarse deep/hard.json deep/settings.json deep/lock older
sed -i 's/ heads=one//g' older/hard.json
try 0 resume older --quiet
exists older/model.safetensors
finish
