# SPDX-License-Identifier: Apache-2.0
# A run from its start to masks: train, stop, go on, extend, predict, look.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 2 --quiet
silent
no_output
exists data/images/case_0005.png data/labels/case_0005.png data/unseen/images/unseen_0001.png \
    data/unseen/labels/unseen_0001.png
try 2 phantom ultrasound -o data
err_is "data holds images or labels already; choose a new folder"
try 2 phantom livers -o livers
err_has "unknown kind of phantom: livers"
absent livers
try 2 phantom ultrasound
err_is "name a folder; usage: attunet phantom ultrasound|organs|field|signpost -o FOLDER"
try 0 phantom field -o field --size 256x300 --count 1 --unseen 0 --quiet
silent
exists field/images/case_0000.png field/labels/case_0000.png
absent field/unseen
try 0 info field/images/case_0000.png
out_has "spacing    none in the file: distances are in pixels"
out_has "256x300 (height x width)"
try 2 phantom field -o small --size 100x4096
err_is "a field phantom cannot be 100x4096; use sides from 256 to 16384"
try 2 phantom organs -o small --size 256x256
err_is "phantoms of kind organs have fixed sizes; leave the size out"
absent small
try 0 phantom signpost -o sign --count 1 --unseen 0 --quiet
silent
try 0 info sign/images/case_0000.nii.gz
out_has "96x96"

try 0 info data
out_has "data: data set, images and labels, 2D"
out_has "cases      6, 6 with labels"
out_has "255 foreground"
out_has "fold 0     4 train, 2 validate"
out_has "next       attunet plan data --time 30m"
out_has "spacing    unknown"
out_has "problems   0 that stop a training"
grep -q "^groups" out.txt
[ $? -eq 1 ]
say $? "no word of groups where there are none"
cp -r data grouped
{ echo image,group; for i in 0 1 2 3 4 5; do echo "case_000$i,$((i % 5))"
done; } >grouped/groups.csv
try 0 info grouped
out_has "groups     5, such as 0 with 2 cases, each on one side of every split"
mkdir -p named/images named/labels
for i in 0 1 2 3 4 5; do
    for part in images labels; do
        cp data/$part/case_000$i.png named/$part/0${i}A1.png
        cp data/$part/case_000$i.png named/$part/0${i}B1.png
    done
done
try 0 info named --quick
out_has "groups     6 by the names of cases, such as 00 with 2 cases"
remedy=$(sed -n 's/.*make each case a group of its own: //p' out.txt)
eval "$remedy"
try 0 info named --quick
out_has "groups     12, each on one side of every split"
head -c 600 data/images/case_0003.png >grouped/images/case_0003.png
try 3 info grouped
out_has "error    grouped/images/case_0003.png"
try 0 info grouped --quick
out_has "only headers were read"
try 3 plan grouped --quiet
err_has "case_0003.png"
try 0 info data --json
out_has '"layout": "images and labels"'
try 0 info data/images/case_0000.png
out_has "data/images/case_0000.png: image"
try 6 info nowhere
err_is "nowhere does not exist; check the path"

# ---- a Dice that does not move, whatever the loss does: no sentence asks for more time alone
try 0 train data -o still --fold 0 --steps 4 --validate-every 1 --patch 48x48 --batch 2 --lr 1e-9 \
    --spec "arch=attunet widths=4,8,8 norm=instance gate_norm=none"
said "more time"
unsaid "more time would most likely help"
rm -r still

# ---- train
try 0 train data -o run --fold 0 --steps 6 --validate-every 3 --spec "arch=attunet widths=4,8,8" \
    --patch 48x48 --batch 2 --lr 0.05
said "4 cases train, 2 validate"
said "step 6 of 6: mean Dice"
out_has "trained    6 steps"
out_has "validation Dice 0."
out_has "model      run/model.safetensors"
out_has "report     run/report.html"
out_has "next       attunet evaluate run data; attunet predict run IMAGES -o masks"
exists run/model.safetensors run/settings.json run/log.csv run/log.jsonl run/checkpoint.safetensors
try 7 info run/checkpoint.safetensors
err_is "run/checkpoint.safetensors is a checkpoint, not a model; use model.safetensors in the same \
folder, which training saves"
hash() { "$ATTUNET" info "$1" --json | sed -n 's/.*"hash": "\([0-9a-f]*\)".*/\1/p' | tr '\n' ' '; }
try 0 train data -o twin --fold 0 --steps 6 --validate-every 3 --spec "arch=attunet widths=4,8,8" \
    --patch 48x48 --batch 2 --lr 0.05 --threads 2 --quiet
[ "$(hash run)" = "$(hash twin)" ] && [ "$(hash run | wc -w)" -eq 2 ]
say $? "equal runs have equal hashes, of the checkpoint and of the weights"
try 0 resume twin --steps +1 --quiet
[ "$(hash run | cut -c 1-16)" != "$(hash twin | cut -c 1-16)" ] &&
    [ "$(hash run | cut -c 18-33)" != "$(hash twin | cut -c 18-33)" ]
say $? "one step more gives others"
try 0 info run
out_has "hash       $(hash run/model.safetensors | cut -c 1-16) (of the weights)"
out_has "run: run on data"
out_has "step       6 of 6"
# A Dice that no case has is null.
before='validation\\":{\\"mean\\":'
number=$(LC_ALL=C sed -n "s/.*$before\([0-9.e-]*\).*/\1/p" run/model.safetensors)
LC_ALL=C sed "s/\($before\)$number/\1$(printf "%-${#number}s" null)/
s/description_hash/description_hasj/" run/model.safetensors \
    >null.safetensors
try 0 info null.safetensors
out_has "validation Dice - on 2 cases"
try 0 info run --json
out_has '"what": "run"'
try 0 info run/model.safetensors --shape 48x48
out_has "gate.0.wx"
out_has "billion multiply-adds"
try 2 info run/model.safetensors --shape 4x48x48
err_is "--shape 4x48x48 has a depth, but the model is 2D; give HxW"
try 2 predict run/model.safetensors data/unseen/images -o deep --window 2x48x48
err_is "--window 2x48x48 has a depth, but the model is 2D; give HxW"
try 2 predict run/model.safetensors data/unseen/images -o deep --conv fast
err_is "--conv takes one of auto|ref|direct|winograd, not 'fast'"
try 7 info run/model.safetensors --shape 47x48
err_has "multiples of 4"

try 2 train data -o frozen --freeze decoder --steps 1 --spec "arch=attunet widths=4,8,8" --quiet
err_has "--freeze decoder: no parameter name of this network starts with it; use one of: "
err_has "; or encoder"
try 2 train data -o frozen --freeze encoder --steps 1 --spec "arch=attunet widths=4,8,8" --quiet
err_is "--freeze encoder would keep random weights; give trained ones with --init, or leave out \
--freeze"
absent frozen
sided="arch=unet widths=4,4,8 heads=side"
try 0 train data -o sided --steps 1 --spec "$sided" --patch 48x48 --batch 2 --quiet
try 2 train data -o frozen --init sided --steps 1 --spec "$sided" --patch 48x48 --batch 2 --freeze \
    enc,up,dec,head.0 --quiet
# the coarsest head takes no part in the loss
err_is "--freeze enc,up,dec,head.0 leaves nothing to train; shorten the list"
absent frozen
echo case_0003 >one.txt
try 0 train data -o one --val-list one.txt --steps 1 --spec "arch=attunet widths=4,8,8" --patch \
    48x48 --batch 2
said "5 cases train, 1 validates; network"
grep -q "mean Dice [0-9.]* on 1 case$" err.txt
say $? "and one case is one case"

# ---- the same seed gives the same bits, on any number of threads
try 0 train data -o again --fold 0 --steps 6 --validate-every 3 --spec "arch=attunet widths=4,8,8" \
    --patch 48x48 --batch 2 --lr 0.05 --quiet --threads 3 --json
silent
out_has '"what": "run"'
sum() { tail -c 10000 "$1/model.safetensors" | cksum; }
[ -s run/model.safetensors ] && [ "$(sum run)" = "$(sum again)" ]
say $? "two runs with one seed end with the same weights"

# ---- going on
try 0 resume run
said "this run is finished at step 6"
try 0 resume run --steps +4
said "resuming at step 6 of 10"
out_has "trained    10 steps"
try_by_ticks 0 resume run --time 1s
grep -Eq "a step takes [0-9.]+ s: (1 step fits|[0-9]+ steps fit) into 1 s" err.txt
say $? "$words: says how many steps fit into 1 s"
try 2 resume run --steps 4
err_has "write +4 for steps beyond those that run was to have"
try 2 resume run --time 1s --steps +4
err_is "give only one of --time and --steps"
try 6 resume run --steps +4 --data nowhere
err_has "nowhere does not exist; check the path"
mv data moved
try 6 resume run --steps +4
err_has "if you moved the data set, use attunet resume run --data PATH"
# nothing is left to train, and where the data is now is remembered all the same
try 0 resume run --data moved
try 0 resume run
try 0 resume run --steps +4
mv moved data
try 0 resume run --steps +4 --data data

# A signal saves and says how to go on.
for signal in INT TERM; do
    rm -rf stopped
    "$ATTUNET" train data -o stopped --steps 100000 --spec "arch=attunet widths=4,8,8" --patch \
        48x48 --batch 2 --lr 0.05 >out.txt 2>err.txt &
    child=$!
    await [ -e stopped/log.csv ]
    kill -s $signal $child
    wait $child
    code=$?
    words="train, SIG$signal"
    [ $code -eq 5 ]
    say $? "$words: exit code $code"
    said "everything is saved; continue with: attunet resume stopped"
    exists stopped/checkpoint.safetensors
    step=$(sed -n 's/.*stopped at step \([0-9]*\) of.*/\1/p' err.txt)
    try 0 info stopped
    out_has "step       $step of 100000"
    out_has "saved      at step $step"
    out_has "next       attunet resume stopped"
done
rm -rf stopped

# ---- folds, one after another
{ echo image,group; for i in 0 1 2 3 4 5; do echo "case_000$i,$((i / 2))"; done; } >data/groups.csv
printf 'case_000%d\n' 0 1 2 3 >four.txt
try 0 train data -o few --fold all --folds groups --train-list four.txt --steps 1 --spec \
    "arch=attunet widths=4,8" --patch 16x16 --batch 1
exists few/fold_1/model.safetensors
absent few/fold_2
rm data/groups.csv
try 0 train data -o folds --fold all --steps 2 --spec "arch=attunet widths=4,8" --patch 16x16 \
    --batch 1
said "fold 4 (5 of 5)"
said "normalise zscore: each image is scaled by its own mean and deviation, because no channel is \
named CT"
[ "$(grep -c "^normalise " err.txt)" -eq 1 ]
say $? "reasons for settings are told once"
said "on 6 cases of 5 folds"
out_has "folds: 5 folds on"
grep -qE '^fold +steps +Dice +foreground$' out.txt &&
    [ "$(grep -cE '^[0-4] +2 of 2 +[01]\.[0-9]{4} +[01]\.[0-9]{4}$' out.txt)" -eq 5 ]
say $? "a row for every fold, with the Dice of every class"
grep -qE '^all +6 cases +[01]\.[0-9]{4} +[01]\.[0-9]{4}$' out.txt
say $? "and one for all cases"
exists folds/fold_0/validation folds/fold_4/model.safetensors folds/summary.json
# Values sort otherwise as words: 10 before 2.
. "$SOURCE/tests/cli/images.sh"
mkdir -p Dataset002_W/imagesTr Dataset002_W/labelsTr
for i in 1 2 3; do
    noise Dataset002_W/imagesTr/c${i}_0000.nii 12 12 8
    halves Dataset002_W/labelsTr/c$i.nii 12 12 8 '\002'
    bytes Dataset002_W/labelsTr/c$i.nii $((352 + 500)) '\012\012\012\012\012\012\012\012'
done
echo \
    '{"channel_names": {"0": "x"}, "labels": {"background": 0, "big": 2, "small": 10}, '\
'"numTraining": 3, "file_ending": ".nii"}' >Dataset002_W/dataset.json
try 0 train Dataset002_W -o words --fold all --folds 3 --spec widths=4,8 --patch 8x8x8 --batch 1 \
    --steps 12 --quiet
try 0 info words
of() { sed -n '/^ "mean": {/,/^ }/p' words/summary.json |
    sed -n "/\"$1\": {/,/}/s/.*\"Dice\": \([0-9.]*\).*/\1/p" | awk '{ printf "%.4f\n", $1 }'; }
[ "$(awk '$1 == "all" { print $5, $6 }' out.txt)" = "$(of 2) $(of 10)" ] &&
    [ "$(of 2)" != "$(of 10)" ]
say $? "every class under its own name: $(of 2) and $(of 10)"
rm -r folds/fold_3
try 0 info folds
grep -qE '^2 +2 of 2 ' out.txt && grep -qE '^3 +not started +- +-$' out.txt
say $? "what is done, and what is not started"
try 0 resume folds --quiet
try 0 info folds --json
out_has '"what": "folds"'
exists folds/fold_3/model.safetensors
# ---- a finished fold that lost its model
mv folds/fold_2/model.safetensors lost.safetensors
try 0 resume folds --dry-run
out_has "folds/fold_2/model.safetensors"
absent folds/fold_2/model.safetensors
try 0 resume folds
said "folds/fold_2 has no model.safetensors; writing it again from the checkpoint"
tail -c 1000 lost.safetensors >lost.txt
tail -c 1000 folds/fold_2/model.safetensors | cmp -s lost.txt
say $? "with the same weights"
for file in lost.safetensors folds/fold_2/model.safetensors; do "$ATTUNET" info "$file" |
    sed '1d;s/ in 0:.*//' >"${file##*/}.txt"; done
cmp -s lost.safetensors.txt model.safetensors.txt && grep -q "validation Dice" lost.safetensors.txt
say $? "and the same said of it"
rm folds/fold_1/model.safetensors
try 0 resume folds/fold_1
said "folds/fold_1 has no model.safetensors"
exists folds/fold_1/model.safetensors
# ---- a fold that is trained further
unsaid_all() { ! grep -q 'the line of all' out.txt; say $? "$words: all were measured together"; }
try 0 info folds
unsaid_all
try 0 resume folds/fold_1 --steps +1 --quiet
try 0 info folds
out_has "the line 'all' is older than a fold; resume measures again"
out_has "next       attunet resume folds"
echo '{}' >folds/postprocess.json # as if it had been chosen then
try 0 predict folds data/unseen/images -o of_folds
said "warning: the run's postprocess.json is older than the last training of its folds, so \
post-processing is off; run attunet resume to choose it again"
mv data away
for dry in "" --dry-run; do
    try 6 resume folds $dry
    err_is "cannot open $PWD/data: no such folder; if you moved the data set, use attunet \
resume folds --data PATH"
done
mv away data
try 0 resume folds --quiet
try 0 info folds
unsaid_all
mv data away
try 0 resume folds --data away --quiet
try 0 resume folds/fold_1 --quiet # a fold that is finished remembers it, too
mv away data
try 0 resume folds --data data --quiet
mv folds/summary.json kept.json
try 7 predict folds data/unseen/images -o of_folds
err_is "not all folds of folds have finished; name the folds to use, such as folds/fold_0, or \
finish them with: attunet resume folds"
try 0 predict folds/fold_0,folds/fold_1 data/unseen/images -o of_folds --quiet
mv kept.json folds/summary.json
try 0 evaluate folds data/labels --json
out_has '"dice"'
try 0 evaluate run data/labels --json
said "run/validation: 2 of 6 cases with a label are validation cases"
[ "$(grep -c '"case":' out.txt)" -eq 2 ]
say $? "the cases of the fold"
try 3 evaluate run/validation data/labels
err_has " none); predict it, or list the cases to evaluate in a file: --cases FILE"

# ---- predict
try 2 predict run data/unseen/images -o masks --truth data/unseen/labels
err_is "--truth needs --overlay; add it"
try 6 predict run data/unseen/images -o masks --truth nowhere --overlay
err_is "--truth nowhere does not exist; check the path"
try 0 predict run data/unseen/images -o masks --attention --probabilities --overlay --truth \
    data/unseen/labels
out_has "unseen_0001"
exists masks/unseen_0000.png masks/unseen_0000_attention_gate.1.png \
    masks/unseen_0000_probability_1_foreground.png masks/unseen_0001.png
try 0 predict run/model.safetensors data/unseen/images/unseen_0001.png -o one --json --window \
    48x48 --overlap 0.25
out_has '"case": "unseen_0001"'
exists one/unseen_0001.png
try 2 predict run data/unseen/images
err_is "name a folder for the results; usage: attunet predict RUN|MODEL[,MODEL...] IMAGE... -o \
FOLDER"
try 2 predict run -o masks
err_is "the argument IMAGE is missing; usage: attunet predict RUN|MODEL[,MODEL...] IMAGE... -o \
FOLDER"

# ---- an image is another one now
try 0 phantom ultrasound -o changing --count 5 --unseen 0 --seed 2 --quiet
try 0 train changing -o changed --steps 1 --spec widths=4,8 --resize 32x32 --patch 32x32 --batch 1 \
    --fold 0 --quiet
references() { sed -n 's/.*"reference_file": *"\([^"]*\)".*/\1/p' changed/summary.json; }
references >before.txt
try 0 resume changed --steps +1
[ -s before.txt ] && [ "$(references)" = "$(cat before.txt)" ]
say $? "the summary names true masks as before the run was resumed"
if grep -q 'have changed since' err.txt; then not_ok "files that are the same are called others"
else ok "files that are the same are no matter"; fi
for part in images labels; do cp changing/$part/case_0000.png before_$part.png; done
for part in images labels; do cp changing/$part/case_0001.png changing/$part/case_0000.png; done
try 0 resume changed --steps +1
said "images or labels of $PWD/changing have changed since this run started"
try 0 resume changed --steps +1
said "have changed since this run started"
for part in images labels; do cp before_$part.png changing/$part/case_0000.png; done
try 0 resume changed --steps +1
if grep -q 'have changed since' err.txt; then not_ok "the files of the beginning are called others"
else ok "back to the files of the beginning"; fi

# ---- evaluate
try 0 evaluate masks data/unseen/labels
out_has "unseen_0001"
try 0 evaluate masks data/unseen/labels --json
out_has '"dice"'
try 0 evaluate data/unseen/labels data/unseen/labels
out_has "1.0000"

# ---- results that cannot be written are a failure
if [ -e /dev/full ]; then
    "$ATTUNET" info data --quiet >/dev/full 2>err.txt
    code=$?
    words="info data >/dev/full"
    [ $code -eq 6 ]
    say $? "$words: exit code $code"
    err_is "cannot write all results to stdout; redirect them to a file or pipe with room"
fi

finish
