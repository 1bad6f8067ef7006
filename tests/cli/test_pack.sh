# SPDX-License-Identifier: Apache-2.0
# Packed data sets: made, gone on with after a kill, and what is said of changed and damaged files.
. "$SOURCE/tests/cli/run.sh"

few="--steps 3 --spec widths=4,8 --patch 16x16x16 --batch 2 --quiet"
try 0 phantom organs -o data --count 5 --unseen 1 --quiet
count() { find packed/cases -type f ! -name '*.tmp-*' | wc -l; }

# ---- made
try 2 pack data
err_is "name the output folder; usage: attunet pack DATASET -o FOLDER"
try 6 pack nowhere -o packed
absent packed
try 0 pack data -o packed --speed 1 --quiet
out_has "5 cases in packed"
out_has "next       attunet train packed -o RUN"
[ "$(count)" = 5 ]
say $? "a file for every case"
try 0 info packed
out_has "packed: packed data set, 3D"
out_has "cases      5, 5 of them packed"
# shellcheck disable=SC2086
try 0 train packed -o run --fold 0 $few
# shellcheck disable=SC2086
try 0 train data -o plain --fold 0 $few
sum() { tail -c 4000 "$1/model.safetensors" | cksum; } # of weights; the head of the file has times
[ "$(sum run)" = "$(sum plain)" ]
say $? "the weights of runs on packed and plain files are equal"

# ---- a spacing of many digits is one number in the set, in the run and in its settings
digits=2.7958984971046448x1.7958984971046448x1.7958984971046448
try 0 pack data -o digits --speed 1 --spacing $digits --quiet
# shellcheck disable=SC2086
try 0 train digits -o digits-run --fold 0 $few
grep -q "\"spacing\": \"$digits\"" digits-run/settings.json
say $? "the settings have all digits"
try 0 train digits -o digits-again --plan digits-run/settings.json --fold 0 --quiet
[ "$(sum digits-run)" = "$(sum digits-again)" ]
say $? "settings repeat a run"

# ---- a label called like two masks, whose files are gone
try 0 phantom ultrasound -o odd --count 3 --unseen 0 --quiet
mkdir odd-set
{
    echo image,label
    for i in 0 1 2; do
        mv odd/images/case_000$i.png odd-set/$i.png
        mv odd/labels/case_000$i.png "odd-set/T$i + C.png"
        echo "$i.png,T$i + C.png"
    done
} >odd-set/dataset.csv
try 0 pack odd-set -o odd-packed --speed 1 --quiet --resize 32x32
rm odd-set/*.png
try 0 train odd-packed -o odd-run --steps 1 --spec widths=4,8 --patch 16x16 --batch 1 --quiet

# ---- again: nothing is made anew; gone on with: only what is not there
cksum packed/cases/* >before
try 0 pack data -o packed --speed 1 --quiet
out_has "5 were already packed"
rm packed/pack.json
rm "$(find packed/cases -type f | sort | head -n 1)"
try 0 pack data -o packed --speed 1 --quiet
out_has "4 were already packed"
cksum packed/cases/* | cmp -s before -
say $? "the file that was made anew is the same"

# ---- killed
rm -rf packed
"$ATTUNET" pack data -o packed --speed 1 --quiet --threads 1 >/dev/null 2>&1 &
child=$!
one_is_there() { [ "$(count 2>/dev/null)" -ge 1 ]; }
await one_is_there
kill -9 $child 2>/dev/null
wait $child 2>/dev/null
try 0 pack data -o packed --speed 1 --quiet
cksum packed/cases/* | cmp -s before -
say $? "after a kill the set ends as it would have"
find packed -name '*.tmp-*' | grep -q .
[ $? = 1 ]
say $? "nothing of the killed process is left"

# ---- packed in another way while a training reads it: its files stay until it has ended
cp -r packed read
"$ATTUNET" train read -o reading --steps 100000 --fold 0 --spec widths=4,8 --patch 16x16x16 \
    --batch 2 --quiet >/dev/null 2>reading.txt &
child=$!
await [ -e reading/settings.json ]
try 0 pack data -o read --speed 1 --shrink 2
said "a training reads "
[ "$(find read/cases -type f | wc -l)" = 10 ]
say $? "the files that it reads are there, beside the new ones"
await [ -e reading/log.csv ]; say $? "it goes on"
kill -s INT $child
wait $child
[ $? = 5 ]; say $? "and ends when it is told to: $(cat reading.txt)"
try 0 pack data -o read --speed 1 --shrink 2 --quiet
silent
[ "$(find read/cases -type f | wc -l)" = 5 ]; say $? "the same command then leaves the new ones"

# ---- what labels mean is a part of what was packed: the fingerprints are made anew, too
. "$SOURCE/tests/cli/images.sh"
mkdir -p Dataset001_M/imagesTr Dataset001_M/labelsTr
for i in 1 2 3; do
    noise Dataset001_M/imagesTr/c${i}_0000.nii 12 12 8
    halves Dataset001_M/labelsTr/c$i.nii 12 12 8 '\002'
done
mean() { echo "{\"channel_names\": {\"0\": \"x\"}, \"labels\": {\"background\": 0, $1}, \
\"numTraining\": 3, \"file_ending\": \".nii\"}" >Dataset001_M/dataset.json; }
fingerprint() { "$ATTUNET" plan "$1" --steps 1 --spec widths=4,8 --patch 8x8x8 --batch 1 --json \
    --quiet | sed -n '/"fingerprint"/,/^  }/p'; }
mean '"a": 1, "b": 2'
try 0 pack Dataset001_M -o meant --speed 1 --quiet
mean '"b": 2, "c": 3'
try 0 pack Dataset001_M -o meant --speed 1 --quiet
try 0 pack Dataset001_M -o fresh --speed 1 --quiet
fingerprint meant >meant.txt
fingerprint fresh >fresh.txt
grep -q voxels meant.txt && cmp meant.txt fresh.txt
say $? "packed again under other labels it is as packed anew"

# ---- other settings, other folders
# shellcheck disable=SC2086
try 2 train packed -o other --shrink 2 $few
err_has "packed was packed with another --shrink than this run has"
absent other
mkdir full && echo x >full/notes
try 2 pack data -o full
err_is "full is neither empty nor a packed set (it has notes); choose a new folder"
try 2 pack packed -o again
err_has "packed is already packed; pack "
try 2 pack data -o again --fold all
err_has "pack all cases, without --fold"

# ---- a file that was touched is the same file; one that has changed is named, and only its case is
# made anew
image=$(find data/images -type f | sort | sed -n 2p)
touch "$image"
# shellcheck disable=SC2086
try 0 train packed -o touched $few
try 0 phantom organs -o more --count 2 --unseen 1 --seed 9 --quiet
cp "$(find more/images -type f | sort | sed -n 2p)" "$image"
cp "$(find more/labels -type f | sort | sed -n 2p)" "$(find data/labels -type f | sort | sed -n 2p)"
# shellcheck disable=SC2086
try 3 train packed -o changed $few
err_has "${image#data/} has changed since it was packed into packed; pack again with: attunet pack "
absent changed
try 0 pack data -o packed --speed 1 --quiet
out_has "4 were already packed"
[ "$(count)" = 5 ]
say $? "the file of the case as it was is gone"
try 0 resume run --steps +1
said "packed have changed since this run started"
try 0 resume run --steps +1
said "packed have changed since this run started"

# ---- damaged
file=$(find packed/cases -type f | sort | head -n 1)
for f in packed/cases/*; do
    size=$(wc -c <"$f")
    printf 'damage' | dd of="$f" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
done
# shellcheck disable=SC2086
try 3 train packed -o damaged $few
err_has "is damaged (the checksum of a chunk is wrong); remove it and run attunet pack again"
for f in packed/cases/*; do printf 'damage' | dd of="$f" bs=1 seek=700 conv=notrunc 2>/dev/null
done
# shellcheck disable=SC2086
try 3 train packed -o head $few
err_has "is damaged (the checksum of its head is wrong); remove it and run attunet pack \
again"
for f in packed/cases/*; do head -c 100 "$file" >short && cp short "$f"; done
# shellcheck disable=SC2086
try 3 train packed -o cut $few
err_has "is damaged (it has 100 bytes, but pack.json states "
rm packed/cases/*
# shellcheck disable=SC2086
for command in info "train -o gone $few"; do
    try 3 $command packed
    err_has ", does not exist; run attunet pack again"
done
try 0 pack data -o packed --speed 1 --quiet
cksum packed/cases/* >after
[ "$(wc -l <after)" = 5 ]
say $? "damaged cases are made anew"
echo '{' >packed/pack.json
# shellcheck disable=SC2086
try 3 train packed -o index $few
err_has "packed/pack.json is damaged (it is not valid JSON); run attunet pack again, which keeps \
packed cases"
echo '{"format": 1, "source": "/"}' >packed/pack.json
# shellcheck disable=SC2086
try 3 train packed -o index $few
err_has "packed/pack.json is damaged (its preparation); run attunet pack again, which keeps \
packed cases"
# ---- the cases of another data set are not packed over, those of one that was moved are
try 0 phantom organs -o another --count 5 --unseen 0 --seed 7 --quiet
try 0 pack another -o kept --speed 1 --quiet
cksum kept/pack.json kept/cases/* >before
try 2 pack data -o kept --quiet
err_is "kept has the packed cases of $(pwd -P)/another; choose another folder, or remove it first"
cksum kept/pack.json kept/cases/* | cmp -s - before
say $? "and it is as it was"
mv another moved
try 0 pack moved -o kept --speed 1 --quiet

# ---- packed in part
mv kept/pack.json pack.json
for command in info "train -o never"; do
    # shellcheck disable=SC2086
    try 3 $command kept
    err_is "'attunet pack' did not finish kept; run the same command again"
done

finish
