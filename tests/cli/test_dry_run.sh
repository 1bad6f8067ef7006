# SPDX-License-Identifier: Apache-2.0
# --dry-run: what is checked and said is what the command then does; nothing is written.
. "$SOURCE/tests/cli/run.sh"

few="--steps 2 --spec widths=4,8 --patch 16x16x16 --batch 1 --quiet"
try 0 phantom organs -o data --count 5 --unseen 1 --quiet
snap() { find . -mindepth 1 ! -name '*.txt' ! -name 'before' ! -name 'would' -printf \
    '%p %s %T@ %i\n' | LC_ALL=C sort; }
# The command with --dry-run: exit code first; afterwards everything lies as it did.
dry() {
    snap >before
    try "$@" --dry-run
    snap | cmp -s before -
    say $? "$words: nothing was written"
}
# The files that the JSON of a dry run names, which the command then writes: those of FOLDER, by
# name.
named() { tr ',[]' '\n\n\n' <out.txt | sed -n 's/^ *"\(.*\)"$/\1/p' | grep "^$1" | LC_ALL=C sort; }
same_files() { # FOLDER...
    find "$@" -type f ! -name ".attunet-*" | LC_ALL=C sort | diff would - >diff.txt
    say $? "$words: the files are those that the dry run named"
    [ -s diff.txt ] && show diff.txt
}

# ---- phantom
dry 0 phantom organs -o other --count 2 --unseen 1
out_has "would write 2 phantoms of organs into other"
out_has "would write 6 files (dry run: nothing is written):"
dry 0 phantom organs -o other --count 2 --unseen 1 --json
named other >would
try 0 phantom organs -o other --count 2 --unseen 1 --quiet
same_files other
dry 2 phantom organs -o other
err_has "other holds images or labels already"
dry 2 phantom organs -o new --size 300x300
dry 6 phantom organs -o data/images/case_0000.nii.gz/new
err_has "cannot make the folder"

# ---- train
# shellcheck disable=SC2086
dry 0 train data -o run --fold 0 --snapshots 2 $few --json
named run >would
grep -q '"dry_run": *true' out.txt
say $? "the JSON says that it is a dry run"
# shellcheck disable=SC2086
try 0 train data -o run --fold 0 --snapshots 2 $few
same_files run
# no step is counted
dry 0 train data -o long --steps 1000000000 --snapshots 50 --patch 8x8x8 --batch 1 --spec widths=4,8
# shellcheck disable=SC2086
dry 0 train data -o folds --fold all --folds 2 $few --json
named folds >would
# shellcheck disable=SC2086
try 0 train data -o folds --fold all --folds 2 $few
rm -f folds/postprocess.json # written only where some helps
same_files folds
hard="--fold 0 --steps 2 --batch 1 --policy-steps 2 --joint-steps 1 --policy-views 1 --quiet"
# shellcheck disable=SC2086
dry 0 train data -o hard --spec "arch=hard scale=2 tile=8 halo=4 tiles=2 coarse=4,8 fine=4,8 \
policy=4" $hard --json
named hard >would
# shellcheck disable=SC2086
try 0 train data -o hard --spec "arch=hard scale=2 tile=8 halo=4 tiles=2 coarse=4,8 fine=4,8 \
policy=4" $hard
find hard -type f | sed 's,^hard/validation/.*,hard/validation,' | LC_ALL=C sort -u |
    diff would - >diff.txt
say $? "$words: the files are those that the dry run named, and the folder of masks"
dry 2 train data -o run
err_has "run is not empty"
dry 3 train data/images -o new
# shellcheck disable=SC2086
dry 4 train data -o new --max-memory 1MiB $few
# shellcheck disable=SC2086
dry 0 train data -o new --time 5m --spec widths=4,8 --quiet
out_has "would train new for 300 s on 5 cases"
echo '{"steps": 3, "dry_run": true}' >dry.txt
dry 0 train data -o new --config dry.txt --quiet

# ---- resume
dry 0 resume run --quiet
out_has "would write no file"
dry 0 resume run --steps +3 --quiet
out_has "would continue run to step 5 on 4 cases, from step 2"
mv run/checkpoint.safetensors run/checkpoint.next.safetensors # as a save that was killed leaves it
dry 0 resume run --steps +3 --quiet
mv run/checkpoint.next.safetensors run/checkpoint.safetensors
touch run/stop
dry 0 resume run --steps +3 --quiet
rm run/stop
dry 6 resume nowhere

# ---- pack
dry 0 pack data -o packed --quiet
out_has "would pack 5 cases into packed, and keep 0 that are packed already"
dry 0 pack data -o packed --speed 1 --quiet --json
named packed >would
try 0 pack data -o packed --speed 1 --quiet
same_files packed
rm "$(find packed/cases -type f | LC_ALL=C sort | head -n 1)"
dry 0 pack data -o packed --speed 1 --quiet
out_has "would pack 1 case into packed, and keep 4"
dry 2 pack data -o run

# ---- predict
dry 0 predict run data/images data/unseen/images -o masks --probabilities \
    --uncertainty entropy --overlay --no-mirror --json
named masks >would
try 0 predict run data/images data/unseen/images -o masks --probabilities \
    --uncertainty entropy --overlay --no-mirror --quiet
same_files masks
dry 0 predict run data/images -o maps --attention --no-mirror --json
named maps >would
try 0 predict run data/images -o maps --attention --no-mirror --quiet
same_files maps
dry 2 predict run data/images -o data/images
err_has "would be overwritten"
dry 4 predict run data/images -o new --max-memory 1MiB
try 0 phantom ultrasound -o flat --count 2 --unseen 0 --quiet
printf 'no image' >flat/images/case_0000.png
dry 3 predict run flat/images/case_0000.png -o new
dry 7 predict data/images/case_0000.nii.gz data/images -o new

# ---- convert
dry 0 convert run -o model.safetensors --json
[ "$(named model)" = model.safetensors ]
say $? "the file is named"
dry 6 convert run -o nowhere/model.safetensors
err_has "there is no folder nowhere"
dry 7 convert data/images/case_0000.nii.gz -o model.safetensors

# ---- evaluate
dry 3 evaluate masks data/labels --cases /dev/null
err_has "names no case"
dry 0 evaluate run data --summary s.json --report r.html --json
[ "$(named '[rs][.]' | tr '\n' ' ')" = "r.html s.json " ]
say $? "the files are named"
dry 3 evaluate data/images data/unseen/labels --summary s.json
dry 6 evaluate run data --summary nowhere/s.json

# ---- info
dry 0 info data --fix mended --json
named mended >would
try 0 info data --fix mended --quiet
same_files mended
dry 0 info data --quiet
out_has "cases      5, 5 with labels"
out_has "would write no file"
dry 2 info data --fix mended
cp -r data partly
rm partly/labels/case_0000.nii.gz
head -c 300 data/images/case_0001.nii.gz >partly/images/case_0001.nii.gz
dry 3 info partly --fix whole --json
named whole >would
try 3 info partly --fix whole --quiet
same_files whole

# ---- tune
dry 0 tune data -o search --rung-steps 2 --trials 2 --rungs 1 --quiet --spec widths=4,8 --patch \
    16x16x16 --batch 1
out_has "would search"
out_has "  search/journal.jsonl"
dry 2 tune data -o search
err_has "the search has no length"
dry 2 tune data -o run --budget 1m
dry 3 tune data/images -o search --budget 1m

# ---- plan
# shellcheck disable=SC2086
dry 0 plan data -o plan.json --show-augmentation $few --json
[ "$(named 'plan[._]' | tr '\n' ' ')" = "plan.json plan_augmentation.png " ]
say $? "the plan and the picture are named"
# shellcheck disable=SC2086
dry 6 plan data -o nowhere/plan.json $few

# ---- a folder that cannot be written: the dry run and the command say the same, before anything is
# computed
both() { # CODE ARGUMENTS...
    dry "$@"
    cp err.txt dry.txt
    snap | grep -v '^./run/lock ' >before # which is signed by whoever takes it
    try "$@"
    snap | grep -v '^./run/lock ' | cmp -s before - && cmp -s err.txt dry.txt
    say $? "$words: says what the dry run said, and writes nothing"
}
if [ "$(id -u)" = 0 ]; then # who may write anywhere as long as he keeps that right
    printf '#!/bin/sh\nexec setpriv --bounding-set -dac_override "%s" "$@"\n' "$ATTUNET" >weak
    chmod 755 weak
    ATTUNET=$PWD/weak
fi
mkdir closed
chmod 555 closed
if { [ "$(id -u)" != 0 ] || setpriv --bounding-set -dac_override true; } 2>/dev/null; then
    both 6 predict run data/images -o closed --quiet
    err_is "cannot write into closed: Permission denied; check the permissions"
    both 6 predict run data/images -o closed/new --quiet
    err_has "cannot make the folder closed/new because closed is not writable; "
    both 6 convert run -o closed/model.safetensors
    err_has "cannot write closed/model.safetensors because closed is not writable; "
    dry 0 evaluate run data --summary /dev/null # which needs no file beside it
    both 6 info data --fix closed/mended --quiet
    both 6 pack data -o closed --quiet
    # shellcheck disable=SC2086
    both 6 train data -o closed $few
    chmod 555 run
    both 6 resume run --steps +3 --quiet
    err_is "cannot write into run: Permission denied; check the permissions"
    try 0 resume run --quiet # which is finished
    chmod 755 run
else
    echo "SKIPPED: setpriv takes no rights away here, so nothing is forbidden to root"
fi
finish
