# SPDX-License-Identifier: Apache-2.0
# A command replaces what it wrote itself and nobody has changed since; all else is refused by its
# name before any work, unless --overwrite names it.
. "$SOURCE/tests/cli/run.sh"

net="--spec widths=4,8 --resize 32x32 --patch 32x32 --batch 1 --threads 1 --quiet"
try 0 phantom ultrasound -o data --count 4 --unseen 0 --quiet
# shellcheck disable=SC2086
try 0 train data -o run --steps 2 --snapshots 1 --fold 0 --folds 2 $net
try 0 phantom organs -o tiles --count 4 --unseen 0 --quiet
try 0 train tiles -o hard --fold 0 --folds 2 --spec \
    "arch=hard scale=2 tile=8 halo=4 tiles=2 coarse=4,8 fine=4,8 policy=4" --steps 1 --batch 1 \
    --policy-steps 1 --joint-steps 1 --policy-views 1 --quiet
mkdir out

# ---- each file of each command: that of a user is whole afterwards, and the command writes its own
each() { # FILES (in out) -- ARGUMENTS...
    files=$1
    shift
    for file in $files; do
        rm -rf out
        mkdir out
        echo mine >"out/$file"
        try 2 "$@" --quiet
        err_has "out/$file exists, and $1 did not write it, or it has changed since; name another \
place, or replace it with --overwrite out/$file"
        [ "$(cat "out/$file")" = mine ] && [ "$(ls out)" = "$file" ]
        say $? "$words: out/$file is whole, and nothing else was written"
        try 0 "$@" --quiet --overwrite "out/$file"
        [ "$(cat "out/$file")" != mine ]
        say $? "$words: replaced what --overwrite names"
    done
    # the last call wrote them all
    try 0 "$@" --quiet
    for file in $files; do
        exists "out/$file"
        echo more >>"out/$file"
        try 2 "$@" --quiet
        err_has "out/$file exists, and $1 did not write it"
        try 0 "$@" --quiet --overwrite out
    done
}
small="--steps 1 --spec widths=4,8 --patch 32x32"
each "plan.json plan_augmentation.png" plan data $small -o out/plan.json --show-augmentation
each alone.png plan data $small -o out/alone.png --show-augmentation
each "summary.json page.html rules.json" evaluate data/labels data/labels --summary \
    out/summary.json --report out/page.html --choose-postprocess out/rules.json
each page.html report run -o out/page.html
each model.safetensors convert run -o out/model.safetensors
each "attention.json attention.csv attention.png" attend run data -o out
each "policies.json policies.csv policies.svg" evaluate hard tiles --policies -o out
each "case_0000.png case_0000_overlay.png" predict run data/images/case_0000.png -o out --overlay
each "case_0000_tiles.json case_0000_tiles.nii.gz" predict hard tiles/images/case_0000.nii.gz -o out

# ---- commands that name a new folder
rm -rf out
mkdir -p out/labels
echo mine >out/labels/case_0000.png
try 2 phantom ultrasound -o out --count 1
try 2 info data --fix out
# shellcheck disable=SC2086
try 2 train data -o out --steps 1 $net
try 2 tune data -o out --rung-steps 2 --trials 2 --quiet
rm -r out
mkdir out
echo mine >out/groups.csv
try 2 pack data -o out --quiet
err_has "out is neither empty nor a packed set (it has groups.csv)"
try 2 info data --groups-out out/groups.csv
[ "$(cat out/groups.csv)" = mine ]
say $? "out/groups.csv is whole"

# ---- true labels, whatever their folder is called
mkdir -p set/scans
cp -r data/images set/scans/t1
cp -r data/labels set/truth
cp -r set kept
same() { diff -r set kept >/dev/null; say $? "$words: the data set is whole"; }
try 2 predict run set/scans/t1 -o set/truth --quiet
err_has "set/truth/case_0000.png exists, and predict did not write it"
same
try 2 predict run set/scans/t1 -o set/truth --quiet --dry-run
same
try 0 predict run set/scans/t1 -o set/truth --quiet --dry-run --overwrite set/truth
same
try 0 predict run set/scans/t1 -o set/truth --quiet --overwrite set/truth
cmp -s set/truth/case_0000.png kept/truth/case_0000.png
[ $? -eq 1 ]
say $? "--overwrite lets a user replace labels"

# ---- files of a run and of a data set
cp -r run kept-run
whole() { diff -r run kept-run >/dev/null; say $? "$words: the run is whole"; }
for file in model.safetensors checkpoint.safetensors settings.json curves.png; do
    case $file in *.png) ;;
    *)
        try 2 report run -o "run/$file" --quiet
        err_has "run/$file exists, and report did not write it"
        # shellcheck disable=SC2086
        try 2 plan data -o "run/$file" --steps 1
        try 2 evaluate data/labels data/labels --report "run/$file" --quiet
        ;;
    esac
    case $file in *.safetensors)
        try 2 convert run -o "run/$file" --quiet ;;
    esac
done
try 2 plan data --steps 1 --show-augmentation -o run/curves.png
whole
try 0 report run -o run/report.html --quiet # which is its own
try 0 report run --quiet
echo '{"labels": {"background": 0, "lesion": 255}}' >data/dataset.json
try 2 plan data -o data/dataset.json --steps 1
try 2 plan data --steps 1 --show-augmentation -o data/images/case_0001.png
try 2 plan data --steps 1 --show-augmentation -o data/labels/case_0001.png
rm data/dataset.json

# ---- the same command again, killed in between or not
rm -rf out
try 0 predict run data/images -o out --quiet
before=$(wc -c <out/.attunet-files)
try 0 predict run data/images -o out --quiet
[ "$(wc -c <out/.attunet-files)" -eq "$before" ]
say $? "the list of files does not grow"
try 0 predict run data/images -o out --quiet --overlay
cp -a out copy
try 0 predict run data/images -o copy --quiet
mv copy/case_0000.png copy/other.png
try 0 predict run data/images -o copy --quiet
try 0 evaluate out data/labels --quiet # which does not read the list
rm -rf out
mkdir out
echo mine >out/case_0003.png # refused before the first image
try 2 predict run data/images -o out --quiet
absent out/case_0000.png out/.attunet-files

# ---- what a killed call left goes with the next one, and nothing else
killed() { # PATH ARGUMENTS...: killed when PATH or what begins so is to get its name
    export LD_PRELOAD="$FAULTS" FAULT_CALL=rename FAULT_BELOW="$1" FAULT_AT=1 FAULT_ERRNO=0
    shift
    "$ATTUNET" "$@" --quiet >out.txt 2>err.txt &
    child=$!
    LD_PRELOAD=${UNSYNCED-}
    unset FAULT_CALL FAULT_BELOW FAULT_AT FAULT_ERRNO
    await has_stopped $child
    kill -s KILL $child
    wait $child 2>/dev/null
    left=$(find . -name '*.tmp-*' ! -name 'theirs*')
    [ -n "$left" ]
    say $? "attunet $* was killed and left $left"
    try 0 "$@" --quiet
    # shellcheck disable=SC2086
    absent $left
}
if sanitized; then
    echo "SKIPPED: a sanitizer stands in front of the C library itself"
else
    rm -rf out
    killed out/case_0001 predict run data/images -o out
    touch out/theirs.tmp-1
    killed out/case_0001_overlay predict run data/images -o out --overlay
    exists out/theirs.tmp-1
    killed sum.json evaluate out data/labels --summary sum.json
    killed new.safetensors convert run -o new.safetensors
    killed run/report report run
    killed mended info data --fix mended
    killed search/tune.json tune data -o search --rung-steps 1 --trials 1 --rungs 1 --batch 1 \
        --spec widths=4,8 --patch 32x32 --threads 1 --fold 0 --folds 2
fi
finish
