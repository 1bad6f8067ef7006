# SPDX-License-Identifier: Apache-2.0
# A plan: made, read, edited, followed; and a run that is repeated from its settings.json.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 1 --quiet

# ---- made
try 0 plan data -o plan.json --fold 0 --time 20m --spec "widths=4,8" --batch 2 --quiet
silent
out_has "cases      4"
out_has "spacing    unknown"
grep -qE '^size +[0-9.]+x[0-9.]+( |$)' out.txt
say $? "a size of planes has two sides"
out_has "foreground"
out_has "median voxels"
out_has "thickness (voxels)"
out_has "resize     none"
out_has "an epoch"
out_has "plan.json holds all settings, which you can edit"
out_has "next       attunet train data -o RUN --plan plan.json"
for key in '"fingerprint"' '"settings"' '"expected"' '"reasons"' '"time": "20m"' '"batch": 2' \
    '"fold": 0' '"resize": "none"' '"seconds_per_step"' '"memory_bytes"'; do
    grep -qF "$key" plan.json
    say $? "plan.json has $key"
done
# The speed that was measured gives the same plan without measuring.
speed=$(sed -n 's/.*"speed": \([0-9.]*\),*$/\1/p' plan.json)
[ -n "$speed" ] && grep -q '"speed": "measured' plan.json
say $? "the plan has its speed: $speed"
try 0 plan data -o same.json --fold 0 --time 20m --spec "widths=4,8" --batch 2 --quiet \
    --speed "$speed"
settings() { sed -n '/"settings"/,/}/p' "$1"; }
[ "$(settings plan.json)" = "$(settings same.json)" ] && ! grep -q measured same.json
say $? "the same speed gives the same plan"
try 0 plan data -o counted.json --fold 0 --steps 2 --spec "widths=4,8" --batch 2 --quiet
grep -q '"speed": null' counted.json
say $? "for a number of steps, nothing is measured"
try 0 info plan.json
out_has "plan.json: settings of a training"
out_has "network    arch=attunet"
out_has "batch      2"
out_has "time       20m"
out_has "next       attunet train DATASET -o RUN --plan plan.json"
try 0 info plan.json --json
out_has '"what": "plan"'
echo '{"cases": 3}' >other.json
try 3 info other.json
err_has 'other.json is JSON without the "settings" of a plan'
try 0 plan data --fold 0 --spec "widths=4,8" --batch 2 --speed 1 --quiet --json
out_has '"cases_without_foreground": 0'
out_has '"threads"'
absent run

# ---- the numbers of CT, which a plan has, may be edited, and given
mkdir -p ct/imagesTr ct/labelsTr
for i in 0 1 2 3; do
    cp data/images/case_000$i.png ct/imagesTr/c${i}_0000.png
    cp data/labels/case_000$i.png ct/labelsTr/c$i.png
done
echo \
    '{"channel_names": {"0": "CT"}, "labels": {"background": 0, "lesion": 255}, "numTraining": 4, '\
'"file_ending": ".png"}' >ct/dataset.json
try 0 plan ct -o ct.json --steps 2 --spec widths=4,8 --batch 2 --patch 16x16 --resize 32x32 --quiet
numbers=$(sed -n 's/.*"intensities": "\([-0-9.e,]*\)".*/\1/p' ct.json)
[ "$(echo "$numbers" | tr ',' '\n' | wc -l)" -eq 4 ]
say $? "ct.json has four numbers: $numbers"
try 0 plan ct --fold all --folds 2 -o all.json --steps 2 --spec widths=4,8 --batch 2 --patch 16x16 \
    --resize 32x32 --quiet
grep -qF '"intensities": null' all.json
say $? "a plan of all folds has none, which are each fold's own"
try 0 train ct -o own --plan all.json --quiet
lower() { "$ATTUNET" info "$1" --json | sed -n 's/ *"lower": //p'; }
[ "$(lower own/fold_0)" != "$(lower own/fold_1)" ]
say $? "folds have their own: $(lower own/fold_0) and $(lower own/fold_1)"
sed 's/"intensities": "[^,]*,/"intensities": "-7,/' ct.json >cut.json
try 0 train ct -o of_ct --plan cut.json --fold all --folds 2 --quiet
try 0 info of_ct/fold_1 --json
out_has '"lower": -7'
try 0 train ct -o of_z --plan cut.json --normalise zscore --quiet
try 0 info of_z --json
out_has '"normalise": "zscore"'
try 2 train ct -o none --normalise zscore --intensities 0,1,2,3
err_is "--intensities is for channels normalised as CT, but there are none; add --normalise ct, or \
leave --intensities out"
try 2 train ct -o none --intensities 0,1,2
err_has "--intensities 0,1,2 is not valid; give four numbers like -980,310,-50.5,210"

# ---- sides, of which planes have no depth; volumes of one slice
sed 's/"lesion": 255/"left": 255, "right": 254/' ct/dataset.json >two && mv two ct/dataset.json
try 0 plan ct -o sides.json --steps 1 --spec widths=4,8 --batch 2 --patch 16x16 --quiet
grep -qF '"mirror": "h"' sides.json
say $? "left and right are not mirrored: $(grep mirror sides.json | head -n 1)"
try 0 train ct -o sides --plan sides.json --quiet
try 0 train ct -o sides_again --plan sides/settings.json --quiet
try 0 plan data -o deep.json --steps 1 --spec \
    "dims=3 widths=4,8 strides=1x2x2 kernels=1x3x3,1x3x3" --batch 2 --quiet
grep -qE '"patch": "1x[0-9]+x[0-9]+"' deep.json
say $? "a patch of volumes has three sides: $(grep '"patch"' deep.json | head -n 1)"
try 0 train data -o deep --plan deep.json --quiet
try 0 train data -o folds --fold all --folds 2 --steps 1 --spec \
    "dims=3 widths=4,8 strides=1x2x2 kernels=1x3x3,1x3x3" --batch 2 --resize 1x32x32 --quiet

# ---- followed: flags win, what was edited counts
sed \
    's/"seed": 1,/"seed": 5,/; s/"patch": "[0-9x]*"/"patch": "32x48"/; s/"time": "20m"/"time": '\
'"3h"/' plan.json >edited.json
try 0 train data -o run --plan edited.json --steps 3 --batch 3 --quiet
silent
for key in '"patch": "32x48"' '"batch": 3' '"seed": 5' '"steps": 3' '"fold": 0' '"time": null'; do
    grep -qF "$key" run/settings.json
    say $? "settings.json has $key"
done

# ---- a run is repeated from its own settings, by either flag
sum() { tail -c 4000 "$1/model.safetensors" | cksum; } # of weights; the head of the file has times
try 0 train data -o again --plan run/settings.json
said "using the settings of run/settings.json; options override them"
said "4 cases train, 2 validate; network arch=attunet"
said "patch 32x48, batch 3"
[ -s run/model.safetensors ] && [ "$(sum run)" = "$(sum again)" ]
say $? "the run and its repetition end with the same weights"
cmp -s run/settings.json again/settings.json
say $? "and with the same settings"
try 0 train data -o third --config run/settings.json --seed 6 --quiet
[ "$(sum run)" != "$(sum third)" ]
say $? "another seed ends elsewhere"

# ---- memory: what is asked for besides is counted
number() { sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" out.txt; }
memory() { try 0 plan data --spec "widths=4,8" --batch 2 --patch 16x16 --low-resolution 0 \
    --speed 1 --quiet --json "$@"; }
memory --blur 0
least=$(number memory_bytes)
memory --blur 0.5
[ $(($(number memory_bytes) - least)) -eq 2048 ]
say $? "a second copy of two patches"
memory --blur 0 --ema 0.9
average=$(($(number memory_bytes) - least))
memory --blur 0 --optimiser sgd
# as many numbers as there are weights; an average has the norms' statistics, too
moment=$((least - $(number memory_bytes)))
[ $moment -gt 0 ] && [ $average -gt $moment ] && [ $average -lt $((2 * moment)) ]
say $? "an average of the weights"

# ---- all folds, planned and followed
try 0 plan data -o folds.json --fold all --spec "widths=2,4" --batch 1 --patch 16x16 --resize 32x32
said "showing the plan of fold 0"
grep -qF '"fold": "all"' folds.json
say $? "folds.json is a plan of all folds"
try 0 plan data -o shared.json --fold all --spec "widths=2,4" --patch 32x32 --batch 1 --quiet
grep -q '"speed": [0-9]' shared.json && grep -q '"speed": "measured' shared.json
say $? "the plan of all folds has the speed that was measured"
try 0 train data -o every --plan folds.json --steps 1 --quiet
[ -s every/summary.json ] && [ -s every/fold_0/model.safetensors ] &&
    [ -s every/fold_4/model.safetensors ]
say $? "every fold was trained"
grep -qF '"fold": 4' every/fold_4/settings.json &&
    grep -qF '"patch": "16x16"' every/fold_4/settings.json
say $? "as planned"
try 0 train data -o second --plan folds.json --fold 1 --steps 1 --quiet
[ -s second/model.safetensors ] && grep -qF '"fold": 1' second/settings.json
say $? "one fold of that plan was trained"

# ---- thick slices: 2D, until a 3D network makes 3000 steps; every fold follows
try 0 phantom organs -o organs --count 4 --unseen 0 --quiet
thick() { try 0 plan organs -o thick.json --fold all --folds 2 --time 5m --voxel-size 8x1x1 \
    --spec widths=2,4 --quiet "$@"; }
thick --speed 2
grep -q '"spec": "arch=attunet dims=3 ' thick.json
say $? "slices that a 3D network learns in 5 minutes"
thick --speed 1
grep -q '"spec": "arch=attunet dims=2 ' thick.json && grep -qF '"patch": "48x48"' thick.json
say $? "slices that it does not learn"
try 0 train organs -o slices --fold all --folds 2 --time 5m --speed 1 --voxel-size 8x1x1 \
    --spec widths=2,4 --dry-run
said "2D, slice by slice"
try 0 train organs -o slices --plan thick.json --steps 1 --voxel-size 8x1x1 --quiet
grep -q '"spec": "arch=attunet dims=2 in=1 slices=3 ' slices/fold_1/settings.json
say $? "the folds of that plan are 2D"

# ---- what a plan may not be
edit() { sed "$1" plan.json >bad.json; }
refused() { # CODE EDIT err_is|err_has SENTENCE [FLAG...]: train does not follow the plan
    code=$1 check=$3 sentence=$4
    edit "$2"
    shift 4
    try "$code" train data -o bad --plan bad.json "$@"
    "$check" "$sentence"
}
refused 2 's/"batch"/"bacth"/' err_is "bad.json: unknown option bacth; did you mean batch?"
refused 2 's/"batch": 2/"batch": "two"/' err_is \
    "bad.json: batch takes a whole number from 1 to 4096, not 'two'"
refused 2 's/"patch": "[0-9x]*"/"patch": "large"/' err_has \
    "bad.json: patch large: give a size like 256x256" --quiet
try 2 train data -o bad --plan bad.json --patch huge --quiet
err_has "--patch huge: give a size like 256x256"
refused 2 's/"patch": "[0-9x]*"/"patch": "8x20x40"/' err_is \
    "bad.json: patch 8x20x40 has a depth, but the network is 2D; give HxW" --quiet
refused 2 's/"steps": null/"steps": 30/' err_is \
    'bad.json: "time" and "steps" both set the length of the training; set one of them to '\
'null' --quiet
refused 2 's/"resize": "none"/"resize": "32x32"/; s/"spacing": "none"/"spacing": "1x1x1"/' err_is \
    'bad.json: "resize" and "spacing" both set the grid of images; set one of them to '\
'"none"' --quiet
refused 2 's/ in=1/ in=2/' err_is "bad.json: spec has in=2, but data needs 1; leave that word out, \
or plan again for this data set" --quiet
try 2 train data -o bad --spec "widths=4,8 classes=3" --quiet
err_is "--spec has classes=3, but data needs 2; leave that word out, or plan again for this data \
set"
refused 7 's/ widths=4,8/ widths=4,x/' err_has "bad.json: widths=4,x in the network spec" --quiet
refused 7 's/ widths=4,8/ widthz=4,8/' err_has \
    "bad.json: the network spec has an unknown key widthz" --quiet
try 7 train data -o bad --plan bad.json --spec widths=4,x --quiet
err_has "attunet: widths=4,x in the network spec"
refused 2 's/"loss": "[^"]*"/"loss": "dicee"/' err_has "bad.json: the loss" --quiet
refused 2 's/"fold": 0/"fold": 7/' err_is "bad.json: there is no fold 7; give 0 to 4" --quiet
refused 2 's/"micro_batch": null/"micro_batch": 3/' err_has \
    "bad.json: micro-batch 3 does not divide a batch of 2" --quiet
refused 2 's/"settings"/"setings"/' err_is \
    'bad.json has no "settings", so it is not a plan'
refused 2 's/"reasons"/"reason"/' err_is \
    'bad.json: unknown key "reason"; did you mean "reasons"?'
refused 2 's/"reasons"/"colour"/' err_is \
    'bad.json: unknown key colour beside "settings"; move it into them, or remove it'
refused 2 's/"batch": 2/"plan": "other.json"/' err_is \
    "bad.json: a settings file cannot name another one (plan); remove that"
echo '{"settings": {"batch": 2}' >bad.json
try 2 train data -o bad --plan bad.json
err_has "bad.json: line 2 is not valid JSON"
try 6 train data -o bad --plan missing.json
err_has "missing.json"
absent bad

# ---- what plan does not do
try 2 plan
err_is "the argument DATASET is missing; usage: attunet plan DATASET"
try 6 plan nowhere
err_has "nowhere"
try 2 plan data --steps 5 --time 3m --quiet
err_is "give one of --time, --steps and --epochs, not several"
try 6 plan data --spec "widths=4,8" --batch 1 --patch 16x16 -o no/such/folder/plan.json --quiet
err_has "no/such/folder/plan.json"
for command in "train data -o bad" "plan data" "pack data -o bad" \
    "plan data --show-augmentation -o bad.png"; do
    # shellcheck disable=SC2086 # words
    try 2 $command --policy-lr 5 --quiet
    err_is "--policy-lr is for hard attention only; leave it out, or give a --spec with arch=hard \
or arch=glimpse"
done
absent bad bad.png

# ---- a plan through a pipe
"$ATTUNET" phantom ultrasound -o piped --count 4 --unseen 0 --quiet
"$ATTUNET" plan piped -o - --steps 2 --spec "arch=attunet widths=4,8" --patch 32x32 --batch 1 \
    --quiet 2>err.txt |
    "$ATTUNET" train piped -o piped-run --plan - --quiet 2>>err.txt >out.txt
words="plan -o - | train --plan -"
say $? "$words"
silent
absent ./-
for dash in "-o -" -o- --output=-; do
    # shellcheck disable=SC2086 # words
    try 0 plan piped $dash --steps 2 --spec "arch=attunet widths=4,8" --patch 32x32 --batch 1 \
        --quiet
    out_has '"steps": 2'
    absent ./-
done
grep -q '"steps": 2' piped-run/settings.json &&
    grep -q '"patch": "1x32x32"\|"patch": "32x32"' piped-run/settings.json
say $? "$words: the run has the plan's settings"

# ---- reasons name flags, as messages do
. "$SOURCE/tests/cli/images.sh"
mkdir -p thick/images thick/labels
for i in 1 2 3 4; do
    noise thick/images/case$i.nii 32 32 8
    halves thick/labels/case$i.nii 32 32 8
done
try 0 plan thick --voxel-size 6x1x1 --time 1m
out_has "this is in doubt, so compare with --spec dims=3"
finish
