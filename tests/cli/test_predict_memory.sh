# SPDX-License-Identifier: Apache-2.0
# Prediction within a limit on memory: refused with the smallest that would do, kept, and without a
# trace in the masks.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/imagesTr data/labelsTr images
for i in 1 2 3 4; do
    noise data/imagesTr/case${i}_0000.nii 16 16 8
    halves data/labelsTr/case$i.nii 16 16 8
done
cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1},
 "numTraining": 4, "file_ending": ".nii"}
JSON
noise images/a.nii 40 37 11
gzip -c images/a.nii >images/b.nii.gz
try 0 train data -o run --steps 2 --batch 1 --patch 8x16x16 --spec "arch=unet widths=4,8" --quiet

# ---- too little
try 2 predict run images -o none --max-memory 2
err_is "--max-memory takes a size such as 900MiB or 2GiB, not '2'"
try 4 predict run images -o none --max-memory 1MiB
said "attunet: none of the 2 images could be predicted, see above"
try 4 predict run images/a.nii -o none --max-memory 1MiB
err_has "images/a.nii: predicting this image takes more than 1.0 MiB; the smallest limit that \
would do is --max-memory "
absent none/a.nii
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)
least=$(kept "$least")

# ---- a model that leaves zeros out: how many there are is known when the image has been looked at
try 0 train data -o cropping --steps 1 --batch 1 --patch 8x16x16 --spec "arch=unet widths=4,8" \
    --nonzero yes --quiet
try 4 predict cropping images/a.nii -o none --max-memory 1MiB
err_has "MiB would do, and a smaller one if much of the image is zero"
try 0 predict cropping images/a.nii -o cropped --max-memory \
    "$(kept "$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)")" --quiet

# ---- enough
try 0 predict run images -o free --quiet
try 0 predict run images -o limited --max-memory "$least" --quiet
silent
for f in a.nii b.nii.gz; do
    cmp -s free/$f limited/$f
    say $? "$f is the same with the limit and without"
done
try 0 predict run images -o drawn --max-memory 4GiB --overlay --probabilities --quiet
cmp -s free/a.nii drawn/a.nii
say $? "and with pictures and probabilities"

# ---- the peak of the whole process, where a program says it
if [ -x /usr/bin/time ] && ! sanitized; then
    /usr/bin/time -f %M -o peak.txt "$ATTUNET" predict run images -o timed --max-memory "$least" \
        --quiet
    [ "$(tail -1 peak.txt)" -le $((${least%MiB} * 1024)) ]
    say $? "the process stayed within $least: $(tail -1 peak.txt) KiB"
else
    echo "SKIPPED: a sanitizer has memory of its own, or there is no /usr/bin/time to tell a peak"
fi

# ---- an image that does not fit stays in its files: the bytes of the masks are the same, and
# nothing is left beside them
mkdir large
nifti large/c.nii 160 160 120 2
cat "$SOURCE"/src/*/*.c | head -c 3072000 | dd of=large/c.nii bs=352 seek=1 conv=notrunc 2>/dev/null
gzip -c large/c.nii >large/d.nii.gz
set -- --window 40x80x80 --overlap 0 --no-mirror
try 0 predict run large -o large_free "$@" --quiet
try 4 predict run large -o none "$@" --max-memory 1MiB
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt | sort -n | tail -n 1)
least=$(kept "$least")
if ! sanitized; then
    try 0 predict run large -o large_limited "$@" --max-memory "$least"
    said "to keep the memory limit, the image is read by parts, with 5.9 MiB of temporary \
files"
    for f in c.nii d.nii.gz; do
        cmp -s large_free/$f large_limited/$f
        say $? "$f that stays in its file is the same with $least and without"
    done
    [ "$(ls -A large_limited | tr '\n' ' ')" = \
        ".attunet-files .attunet-labels.json c.nii d.nii.gz " ]
    say $? "nothing else is there: $(ls -A large_limited | tr '\n' ' ')"
    "$ATTUNET" predict run large -o killed --window 40x80x80 --overlap 0.9 --max-memory "$least" \
        >/dev/null 2>err.txt &
    child=$!
    await grep -q 'the image is read by parts' err.txt
    await [ -d killed ]
    kill -9 $child
    wait $child 2>/dev/null
    code=$?
    [ $code -eq 137 ] && grep -q 'the image is read by parts' err.txt
    say $? "a prediction by parts is killed: exit code $code"
    [ -d killed ] && [ -z "$(ls -A -I .attunet-files killed)" ]
    say $? "a killed prediction leaves nothing: $(ls -A -I .attunet-files killed)"
    gzip -dc large/d.nii.gz | head -c 2000000 | gzip -c >cut.nii.gz
    try 3 predict run cut.nii.gz -o never "$@" --max-memory "$least" --quiet
    err_has "cut.nii.gz: "
    [ -z "$(ls -A never)" ]
    say $? "a damaged image leaves nothing"
fi

finish
