# SPDX-License-Identifier: Apache-2.0
# Prediction within a limit on memory: refused with the smallest that would do, kept, and without a trace in the masks.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/imagesTr data/labelsTr images
for i in 1 2 3 4; do
    noise data/imagesTr/case${i}_0000.nii 16 16 8
    halves data/labelsTr/case$i.nii 16 16 8
done
cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1}, "numTraining": 4, "file_ending": ".nii"}
JSON
noise images/a.nii 40 37 11
gzip -c images/a.nii >images/b.nii.gz
try 0 train data -o run --steps 2 --batch 1 --patch 8x16x16 --spec "arch=unet widths=4,8" --quiet

# ---- too little
try 2 predict run images -o none --max-memory 2
err_is "--max-memory takes a size such as 900MiB or 2GiB, not '2'"
try 4 predict run images -o none --max-memory 1MiB
err_has "images/a.nii: predicting this image takes more than 1.0 MiB; the smallest limit that would do is --max-memory "
absent none/a.nii
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)
least=$(kept "$least")

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
    /usr/bin/time -f %M -o peak.txt "$ATTUNET" predict run images -o timed --max-memory "$least" --quiet
    [ "$(tail -1 peak.txt)" -le $((${least%MiB} * 1024)) ]
    say $? "the process stayed within $least: $(tail -1 peak.txt) KiB"
fi

finish
