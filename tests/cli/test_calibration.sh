# SPDX-License-Identifier: Apache-2.0
# Calibration of a run's probabilities, and the temperature that its models then have.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/imagesTr data/labelsTr
for i in 1 2 3 4 5 6; do
    noise data/imagesTr/case${i}_0000.nii 16 16 8
    halves data/labelsTr/case$i.nii 16 16 8
done
cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1},
 "numTraining": 6, "file_ending": ".nii"}
JSON
train() { # RUN FLAGS...
    run=$1
    shift
    try 0 train data -o "$run" --steps 30 --lr 0.02 --batch 1 --patch 8x16x16 --spec \
        "arch=attunet widths=4,8" --quiet "$@"
}
train run --fold 0 --folds 2
train all
train folds --fold all --folds 2

# ---- what is refused
try 2 evaluate all --calibration
err_has "data have names of training cases of all, which do not measure a model's probabilities"
try 2 evaluate all data --calibration
err_has 'all labelled cases of data have names of training cases of all'
try 2 evaluate run data --set-temperature
err_is '--set-temperature needs --calibration; add it'
try 2 evaluate run --calibration --metrics dice
err_has 'is for masks; leave it out with --calibration'
try 2 evaluate run --calibration --policies
err_has 'leave one out'
try 2 evaluate run
err_has 'the argument DATASET|LABELS is missing'
exec 9>>run/lock
flock 9
for dry in '' --dry-run; do
    # shellcheck disable=SC2086
    try 2 evaluate run --calibration --set-temperature $dry
    said 'trains in run; wait until it ends, or choose another folder'
done
exec 9>&-

# ---- measured, and checked by numpy against the probabilities that predict writes
try 0 evaluate run --calibration
out_has 'expected calibration error, foreground'
out_has 'temperature T that fits best: '
try 0 evaluate run --calibration --json
cp out.txt before.json
try 0 predict run data/imagesTr -o raw --probabilities --uncertainty entropy --quiet
grep -c 'expected calibration error' run/report.html >section.txt
[ "$(cat section.txt)" = 0 ]
say $? 'the report has none before'
try 0 evaluate run --calibration --set-temperature --dry-run --json
out_has model.safetensors calibration.json
[ ! -e run/calibration.json ]
say $? 'a dry run writes nothing'
try 0 evaluate run --calibration --set-temperature
out_has 'which the models of the run have now'
exists run/calibration.json
try 0 report run
grep -q 'Of 6144 voxels of 3 validation cases, the expected calibration error' run/report.html
say $? 'the report has the probabilities'
try 0 info run/model.safetensors
out_has 'calibrated probabilities are those of logits divided by'
try 0 predict run data/imagesTr -o cooked --probabilities --uncertainty entropy --quiet
for i in 1 2 3 4 5 6; do cmp raw/case$i.nii cooked/case$i.nii; done >differ.txt 2>&1
[ ! -s differ.txt ]
say $? 'labels stay'
try 0 evaluate run --calibration --json
cp out.txt after.json
if python3 -c 'import numpy' 2>/dev/null; then
    python3 "$SOURCE/tests/cli/calibration.py" run >numpy.txt 2>&1
    say $? 'numpy finds the same errors, temperature and probabilities'
    cat numpy.txt
else
    echo '# SKIPPED: there is no numpy'
fi

# ---- all folds, with one temperature; the ensemble follows it
try 0 evaluate folds --calibration --set-temperature
out_has '6 cases'
for k in 0 1; do
    try 0 info folds/fold_$k/model.safetensors --json
    grep '"temperature"' out.txt >t$k.txt
done
[ -s t0.txt ] && cmp -s t0.txt t1.txt
say $? 'the folds have one temperature'
absent folds/fold_0/calibration.json
exists folds/calibration.json

# ---- the data set has moved: cases that trained stay out, by their names
mv data moved
try 0 evaluate run moved --calibration
said 'leaves out 3 cases'
out_has '3 cases'
sed -i 's/"numTraining": 6/"numTraining": 7/' moved/dataset.json
try 0 evaluate folds moved --calibration
out_has '6 cases'
[ "$(grep -c "moved/dataset.json" err.txt)" -eq 1 ]
say $? 'folds tell once of what is odd in their data set'
try 2 evaluate all moved --calibration
said 'give another labelled data set, or name cases with --cases'
for i in 1 2 3 4 5 6; do echo case$i; done >six.txt
try 0 evaluate run moved --calibration --cases six.txt
out_has '6 cases'
finish
