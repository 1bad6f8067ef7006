# SPDX-License-Identifier: Apache-2.0
# attunet-dicom index lists the files of each series for attunet-serve, past damaged ones; and
# volume --own-slices refuses series whose masks would not lie on their slices.
. "$SOURCE/tests/cli/run.sh"
command -v python3 >/dev/null || { echo 'SKIPPED: there is no python3'; exit 77; }
DICOM=${ATTUNET%/*}/attunet-dicom

mkdir -p all/one all/two all/far
"$MAKE_SERIES" all/one slices=4
"$MAKE_SERIES" all/two series=2 slices=3 enhanced=1
echo text >all/two/readme.txt
"$DICOM" volume all/one -o one.nii.gz && "$DICOM" volume all/two -o two.nii.gz &&
    "$DICOM" seg all/one --mask one.nii.gz -o all/one/seg.dcm --segment 64613=liver
say $? 'a SEG beside its series'
head -c 300 all/one/IM0 >all/far/cut
{ head -c 200 all/one/IM1; head -c 400 /dev/urandom; } >all/far/noise
python3 -c 'import sys
sys.stdout.buffer.write(bytes(128) + b"DICM" + bytes.fromhex(
    "020010005549140031 2e322e3834302e31303030382e312e322e3100" +
    "080040115351 0000ffffffff feff00e0ffffffff" * 200000))' >all/deep
"$DICOM" index "$PWD/all" >index.txt 2>err.txt
[ $? -eq 0 ]
say $? 'index'
grep -q 'all/deep is damaged DICOM (its sequences are nested too deep)' err.txt
say $? '... goes past a file that ends what reads it'
grep -c . index.txt | grep -qx 5
say $? 'it lists four images and one file of frames, but no SEG and nothing damaged'
awk '{print $1}' index.txt | sort -u | grep -c . | grep -qx 2
say $? 'of two series'
grep -c " CT - 63 $PWD/all/one/IM[0-3]\$" index.txt | grep -qx 4
say $? 'with modality, values, samples and path'
grep -c " CT units 189 $PWD/all/two/" index.txt | grep -qx 1
say $? 'those of all frames together'
"$DICOM" index nowhere >out.txt 2>err.txt
[ $? -eq 6 ] && [ ! -s out.txt ]
say $? 'a missing folder has exit code 6'
grep -q '^attunet-dicom: nowhere does not exist; check the path' err.txt
say $? '... and a sentence'

mkdir uneven tilted slight
"$MAKE_SERIES" uneven slices=4 uneven=5
"$MAKE_SERIES" tilted slices=4 tilt=0.3
"$MAKE_SERIES" slight slices=4 tilt=0.02
for name in all/one slight; do
    "$DICOM" volume $name -o own.nii.gz --straighten --own-slices && [ -s own.nii.gz ]
    say $? "$name has slices of its own"
done
rm own.nii.gz
refuses() { # SERIES SENTENCE
    "$DICOM" volume "$1" -o own.nii.gz --straighten --own-slices 2>err.txt
    [ $? -eq 3 ] && [ ! -e own.nii.gz ] && [ "$(cat err.txt)" = "attunet-dicom: $1: $2" ]
    say $? "$1 has not"
}
refuses uneven "the spacing of its slices varies, so a mask has other slices than the series; \
predict it with attunet predict --dicom-seg"
refuses tilted "the gantry was tilted by 16.7 degrees, so a mask has another grid than the series; \
predict it with attunet predict --dicom-seg"
finish
