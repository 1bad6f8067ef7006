# SPDX-License-Identifier: Apache-2.0
# The patient of the made series has a name, an ID, a birth date and a private tag, and all UIDs
# hold the date. Nothing that attunet writes or prints has any of them, but objects for the archive.
. "$SOURCE/tests/cli/run.sh"

DICOM=${ATTUNET%/*}/attunet-dicom
secrets='Secretname|SECRETID77|19010203'
export TMPDIR="$PWD/temporary"
mkdir temporary results said

calls=0
heard() { # CODE ARGUMENTS... : keeps all that a call prints
    try "$@"
    calls=$((calls + 1))
    cat out.txt err.txt >said/$calls.txt
}
dicom() { # CODE ARGUMENTS...
    wanted=$1
    shift
    "$DICOM" "$@" >out.txt 2>err.txt
    [ $? -eq "$wanted" ]
    say $? "attunet-dicom $*: exit code $wanted"
    calls=$((calls + 1))
    cat out.txt err.txt >said/$calls.txt
}

mkdir data data/images data/images/a data/images/b data/labels
"$MAKE_SERIES" data/images/a slices=6 rows=16 columns=16 tilt=0.3
"$MAKE_SERIES" data/images/b series=2 slices=6 rows=16 columns=16
grep -qaE Secretname data/images/a/IM0 && grep -qaE SECRETID77 data/images/a/IM0
say $? "the series name the patient"
for case in a b; do
    dicom 0 volume data/images/$case -o results/$case.nii.gz
    dicom 0 seg data/images/$case --mask results/$case.nii.gz -o data/labels/$case.dcm \
        --segment 64613=liver --segment 64630=tumor
    dicom 0 labels data/images/$case --labels data/labels/$case.dcm -o results/label_$case.nii.gz
done
dicom 0 list data
heard 0 info data --json
heard 0 plan data -o results/plan.json
heard 0 train data -o results/run --steps 4 --batch 1 --patch 4x16x16 --folds 2 --fold 0 \
    --spec "arch=attunet widths=4,8"
heard 0 evaluate results/run data
heard 0 pack data -o results/packed
heard 0 info results/run
heard 0 predict results/run data/images/a data/images/b -o masks --dicom-seg --rtstruct \
    --probabilities --overlay --attention
mkdir results/masks
grep -qaE SECRETID77 masks/a.dcm && grep -qaE SECRETID77 masks/a_rtstruct.dcm
say $? "objects for the archive name the patient"
grep -qaE Secretname masks/a.dcm && ! grep -aq 'ATTUNET TESTS' masks/a.dcm masks/a_rtstruct.dcm
say $? "... but have no private tags"
rm masks/*.dcm
mv masks/* results/masks

# refusals
mkdir bad two
"$MAKE_SERIES" bad slices=6 missing=3
heard 3 info bad
heard 3 predict results/run bad -o none
printf 'x' | dd of=bad/IM2 bs=1 seek=900 conv=notrunc 2>dd.txt
heard 3 info bad --allow-gaps --select SeriesNumber=9
head -c 700 bad/IM1 >short && mv short bad/IM1
heard 3 info bad --allow-gaps
"$MAKE_SERIES" two && "$MAKE_SERIES" two series=2
heard 3 info two
heard 3 train two -o none
heard 3 info two --select SeriesDescription=other
dicom 3 labels data/images/a --labels data/images/b -o none.nii.gz

grep -raE "$secrets" said results data/.attunet-volumes
[ $? -eq 1 ]
say $? "nothing that was printed or written names the patient"
find results data/.attunet-volumes -name '*.gz' -exec gzip -dc {} + | grep -aqE "$secrets"
[ $? -eq 1 ]
say $? "nor does what is compressed"
find results said data/.attunet-volumes | grep -E "$secrets"
[ $? -eq 1 ]
say $? "nor does a file name"
[ -z "$(ls temporary)" ]
say $? "nothing stays in the temporary folder"
try 0 info data/images/a --identify
cat out.txt err.txt >all.txt
for secret in 'PatientName: Secretname^Given' 'PatientID: SECRETID77' 'PatientBirthDate: 19010203' \
    'SeriesInstanceUID: 1.2.826'; do
    grep -qF "$secret" all.txt
    say $? "info --identify prints $secret"
done
finish
