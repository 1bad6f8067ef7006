# SPDX-License-Identifier: Apache-2.0
# attunet-dicom set again and again: what is missing comes back, what a killed call left is no
# obstacle, labels behind links are copied, and calls wait for each other. --segment finds a
# structure in each case, or says where it is not.
. "$SOURCE/tests/cli/run.sh"
DICOM=${ATTUNET%/*}/attunet-dicom

mkdir -p data/images/a data/images/b data/labels store
"$MAKE_SERIES" data/images/a slices=4
"$MAKE_SERIES" data/images/b series=2 slices=4
for case in a b; do
    "$DICOM" volume data/images/$case -o store/$case.nii.gz
    say $? "a volume as a label of $case"
    ln -s ../../store/$case.nii.gz data/labels/$case.nii.gz
done
mkdir made && : >made/.attunet-dicom.tmp-1-0123456789ab-0
"$DICOM" set data -o made
say $? 'a set into a folder that has only the rest of a killed call'
[ -f made/labels/a.nii.gz ] && [ ! -L made/labels/a.nii.gz ] &&
    cmp -s made/labels/b.nii.gz store/b.nii.gz
say $? 'has the files behind the links of its labels'
cp -r made before
rm made/images/a.nii.gz made/labels/b.nii.gz
"$DICOM" set data -o made
say $? 'a set of which files were removed'
cmp -s made/images/a.nii.gz before/images/a.nii.gz && [ -f made/labels/b.nii.gz ]
say $? 'has them again'

# A call waits while another has its turn; then it finds the work done.
rm -r data/images/b data/labels/b.nii.gz
flock -o made sh -c '
    "$1" set data -o made >said.txt &
    echo $! >pid
    while grep -qs "State:.[^Z]" /proc/$!/status && ! grep -q -- "-> FLOCK .* $! " /proc/locks; do
        sleep 0.05
    done
    [ -e made/images/b.nii.gz ]' sh "$DICOM"
say $? 'a set in its turn is not written by another call'
"$DICOM" set data -o made
say $? 'the next call'
[ ! -e made/images/b.nii.gz ] && [ ! -e made/labels/b.nii.gz ] && [ -f made/images/a.nii.gz ]
say $? 'removes what has no source any more'
while grep -qs "State:.[^Z]" "/proc/$(cat pid)/status"; do sleep 0.05; done
mkdir foreign && echo text >foreign/notes.txt
"$DICOM" set data -o foreign 2>err.txt
[ $? -eq 2 ] && grep -q 'foreign holds files that attunet-dicom did not write' err.txt
say $? 'files of others are refused'
"$DICOM" set data -o data/out 2>err.txt
[ $? -eq 2 ] && grep -q 'data/out is inside data, which is read' err.txt
say $? 'a set inside what it is made of is refused'

# A structure that cases call differently; 64613 is a value in the volumes.
mkdir -p names/a names/b
"$MAKE_SERIES" names/a slices=4
"$MAKE_SERIES" names/b series=2 slices=4
label() { # CASE NAME
    "$DICOM" seg names/$1 --mask store/$1.nii.gz -o names/$1/label --segment "64613=$2" \
        --segment 1=rest
    say $? "a label of $1 with $2"
}
"$DICOM" volume names/b -o store/b.nii.gz && label a 'Hippocampus ant' && label b hippocampus_ant
"$DICOM" set names -o named --segment '1=Hippocampus ant' 2>err.txt
[ $? -eq 3 ] && [ ! -e named ] && grep -q 'b has no Hippocampus ant, but hippocampus_ant; rename' \
    err.txt
say $? 'a case that writes a name differently is refused'
try 3 info names
err_has "a has no hippocampus_ant, but Hippocampus ant, which would be another class; rename one"
"$DICOM" set names -o named --segment '1=hippocampus_ant' --segment '1=Hippocampus ant' >said.txt
say $? 'both names of one value'
! grep -q 'has no' said.txt && grep -qx '2 series are NIfTI files in named' said.txt
say $? '... are missing nowhere'
[ "$(grep -c '"hippocampus_ant": 1' named/dataset.json)" -eq 1 ] &&
    ! grep -q 'Hippocampus ant' named/dataset.json
say $? '... and the first is the name of the class'
label b liver
"$DICOM" set names -o named --segment '1=Hippocampus ant' >said.txt &&
    grep -qx 'warning: b: no Hippocampus ant, but liver, rest' said.txt
say $? 'a case without the structure is named'
label a liver
"$DICOM" set names -o named --segment '1= liver ' --segment 3=none >said.txt &&
    grep -qx 'warning: 2 cases, such as a, b: no none' said.txt
say $? '... once for all cases of a kind; spaces at the ends of a name do not count'
# Capitals, composed and decomposed letters, full-width letters, in files and options.
upper=$(printf '\303\226so') lower=$(printf '\303\266so') parted=$(printf 'O\314\210so')
wide=$(printf '\357\274\254iver')
while read -r first second; do
    label a "$first" && label b "$second"
    try 3 info names
    err_has "which would be another class; rename one"
    grep -qE "has no ($first, but $second|$second, but $first)" err.txt
    say $? "$first and $second are refused"
    "$DICOM" labels names/b -o b.nii.gz --segment "1=$first" --segment 2=rest 2>err.txt
    [ $? -eq 3 ] && grep -q "names/b has no $first, but $second; rename one, or add --seg" err.txt
    say $? '... also as options'
done <<END
$upper $lower
$upper $parted
Liver $wide
END
label a 'Hippocampus ant' && label b liver
"$DICOM" seg names/b --mask store/b.nii.gz -o names/b/more --segment 64630=Liver
try 3 info names
err_has "b has Liver, but also liver, which would be another class; rename one"
rm names/b/more && "$DICOM" seg names/b --mask store/b.nii.gz -o names/b/label \
    --segment 64613=liver --segment 64630=Liver
try 0 info names # of one reader
label b liver
# Labels of a tree without images/ are found by their names, so no dataset.json hides them.
mkdir -p loose/a loose/b
for case in a b; do
    cp names/$case/* loose/$case && rm loose/$case/label &&
        "$DICOM" labels names/$case -o loose/${case}_label.nii.gz
    say $? "a mask beside $case"
done
try 0 info loose
out_has 'cases      2, 2 with labels'
cp -r loose tree && cp store/b.nii.gz tree/b_label.nii.gz # no labels
mkdir tree/c && mv tree/b tree/c
try 3 train tree -o tree_run
! grep -q '^attunet: .*attunet-volumes' err.txt
say $? '... the refusal names no file that was made'
said 'tree/b_label.nii.gz'
mkdir -p mr/images/a mr/labels && "$MAKE_SERIES" mr/images/a slices=4 modality=MR
cp loose/a_label.nii.gz mr/labels/a.nii.gz
try 0 info mr
out_has 'channels   MR'
# Cases of one patient: a number for each, and nobody's identifier.
many() { # FOLDER PATIENT...
    mkdir -p $1/images $1/labels
    number=0
    for patient in $2 $3 $4 $5 $6 $7; do
        number=$((number + 1))
        mkdir $1/images/s$number
        "$MAKE_SERIES" $1/images/s$number series=1$number slices=4 patient=$patient
        cp names/a_mask.nii.gz $1/labels/s$number.nii.gz
    done
}
"$DICOM" labels names/a -o names/a_mask.nii.gz && many ward ID3 ID9 ID3 ID4 ID5 ID6
try 0 info ward --folds 5
said '6 cases have 5 patients by PatientID (0010,0020), whom splits keep together'
[ "$(tr '\n' ' ' <ward/.attunet-volumes/groups.csv)" = \
    'image,group "s1",1 "s2",2 "s3",1 "s4",3 "s5",4 "s6",5 ' ]
say $? '... in groups.csv'
! grep -rq 'ID[3-9]' ward/.attunet-volumes out.txt err.txt
say $? '... without an identifier'
try 0 info ward --json
[ "$(grep -o '"group": "[0-9]*"' out.txt | tr -d '" :' | tr '\n' ' ')" = \
    'group1 group2 group1 group3 group4 group5 ' ]
say $? '... also in JSON'
"$DICOM" set ward -o ward_made >said.txt && cp ward_made/groups.csv before.csv &&
    printf 'image,group\ns1,9\n' >ward/groups.csv && "$DICOM" set ward -o ward_made >said.txt &&
    cmp -s ward/groups.csv ward_made/groups.csv
say $? 'groups of the user replace them'
# What is said of a data set is said again while it is true; equal notes are one line.
many shots ID1 ID1 ID2 ID2 ID3 ID3
for case in s5 s6; do
    rm shots/images/$case/* && "$MAKE_SERIES" shots/images/$case slices=4 series=3$case \
        patient=ID3 photometric=MONOCHROME1
done
for again in first second; do
    try 0 info shots
    said '2 cases, such as s5: the images are MONOCHROME1 (0028,0004), so high values are dark'
    said 'warning: 2 of 6 series are MONOCHROME1 (0028,0004), such as images/s5, so high values are'
    said '6 cases have 3 patients by PatientID (0010,0020), whom splits keep together'
done
try 0 info shots --json
grep -q '"messages": .*"dicom-doubtful".*2 of 6 series are MONOCHROME1' out.txt
say $? '... also as JSON'
rm shots/images/s6/* && "$MAKE_SERIES" shots/images/s6 slices=4 series=4 patient=ID3
try 0 info shots
said 's5: the images are MONOCHROME1 (0028,0004), so high values are dark'
unsaid '2 cases, such as'
many few ID1 ID1 ID2 ID2 ID3 ID3
try 0 info few
said 'warning: few: 3 groups are too few for the usual folds; give --folds 3 or fewer'
try 0 info few --folds 3
unsaid 'too few for'
try 3 train few -o few_run --fold 0
said 'groups.csv has 3 groups, too few for 5 folds; give fewer --folds'
many anon ID1 ID1 ID1 ID1 ID2 ID3
"$DICOM" set anon -o anon_made >said.txt && [ ! -e anon_made/groups.csv ] &&
    grep -q '^warning: 4 of 6 cases have one PatientID (0010,0020), which may' said.txt
say $? 'an identifier of most cases is no patient, which is said'
"$DICOM" labels names/b -o b.nii.gz --segment 1=Liver --segment 2=rest 2>err.txt
[ $? -eq 3 ] && grep -q 'names/b has no Liver, but liver; rename one, or add --segment "1=liver"' \
    err.txt
say $? 'labels refuses the name, too'
# Notes name files where they are now, and one of many.
mkdir -p moved/images moved/labels
for case in s1 s2 s3; do
    mkdir moved/images/$case && "$MAKE_SERIES" moved/images/$case slices=4 series=5$case
    "$DICOM" volume moved/images/$case -o store/$case.nii.gz >said.txt &&
        "$DICOM" seg moved/images/$case --mask store/$case.nii.gz -o moved/labels/$case.dcm \
            --segment 64613=liver --segment 9=nothing >said.txt
    say $? "a label of $case"
done
for folder in moved other/place; do
    mkdir -p other && [ -e $folder ] || mv moved other/place
    try 0 info $folder
    said "warning: 3 cases, such as $folder/labels/s1.dcm marks no voxel of the series with nothing"
    unsaid s2.dcm
done
! grep -q 'moved/' err.txt
say $? '... and nowhere else'
# A label that changed is read again, though its size and time stayed.
mv other/place moved && cp moved/.attunet-volumes/labels/s1.nii.gz before.nii.gz
cp -p moved/labels/s1.dcm kept.dcm && size=$(wc -c <kept.dcm)
head -c 16 /dev/zero | tr '\0' '\377' |
    dd of=moved/labels/s1.dcm bs=1 seek=$((size - 16)) conv=notrunc 2>dd.txt
touch -r kept.dcm moved/labels/s1.dcm
try 0 info moved
! cmp -s moved/.attunet-volumes/labels/s1.nii.gz before.nii.gz
say $? 'a label that changed is read again'
# Names of the user hold for structures only with their values.
for labels in '"liver": 1, "nothing": 2' '"Liver": 1' '"1": "liver"'; do
    printf '{"labels": {%s}}' "$labels" >moved/dataset.json
    try 3 info moved
    name=$(printf '%s' "$labels" | grep -o '[Ll]iver')
    said "moved/dataset.json gives $name the value 1, but the labels in DICOM give it 2"
done
printf '{"labels": {"background": 0, "nothing": 1, "liver": 2, "gut": 3}}' >moved/dataset.json
try 0 info moved
said 'moved/dataset.json: no structure in DICOM is called gut; it has liver (2)'
rm moved/dataset.json
# Digits in names of structures are no numbers, and those in a sentence are no name of a case.
for case in 1 2 3; do
    "$DICOM" seg moved/images/s$case --mask store/s$case.nii.gz -o moved/labels/s$case.dcm \
        --segment 64613=liver --segment 9=GTV$((case > 1 ? 2 : 1)) >said.txt
    say $? "a label of s$case"
done
try 0 info moved
said 'warning: moved/labels/s1.dcm marks no voxel of the series with GTV1'
said 'warning: 2 cases, such as moved/labels/s2.dcm marks no voxel of the series with GTV2'
said 'warning: images/s1: no GTV2, but GTV1, liver'
said 'warning: 2 cases, such as images/s2, images/s3: no GTV1'
# What many cases lack is one line for each structure, and at most ten.
mkdir -p ragged
for n in 01 02 03 04 05 06 07 08 09 10 11 12; do
    mkdir ragged/p$n && "$MAKE_SERIES" ragged/p$n series=6$n slices=2 &&
        "$DICOM" volume ragged/p$n -o store/ragged.nii.gz >said.txt &&
        "$DICOM" seg ragged/p$n --mask store/ragged.nii.gz -o ragged/p$n/label \
            --segment 64613=$([ $n -gt 01 ] && echo GTV || echo tumor) --segment 64630=own$n \
            --segment 9=nothing$n --segment 8=none >said.txt
    say $? "a label of p$n"
done
try 0 info ragged
said 'warning: 11 cases, such as p02, p03, p04: no nothing01, own01, tumor'
unsaid 'no GTV' # of one case only, behind the ten
said 'warning: 11 cases, such as p01, p02, p03: no nothing04, own04'
said 'warning: 12 cases, such as ragged/p01/label marks no voxel of the series with none'
said 'warning: ragged/p01/label marks no voxel of the series with nothing01'
[ "$(grep -c ': no ' err.txt)" -eq 10 ] && [ "$(grep -c 'marks no voxel' err.txt)" -eq 10 ]
say $? '... each kind in ten lines, and once'
grep -q 'warning: [0-9]* cases have more notes of this kind, on [0-9]* other structures' err.txt
say $? '... and the number of others'
try 0 info ragged --json
[ "$(grep -o 'cases, such as p[0-9]*, p[0-9]*, p[0-9]*: no' out.txt | wc -l)" -eq 10 ]
say $? '... also as JSON'
mkdir -p digit/images/4 digit/labels && cp names/a_mask.nii.gz digit/labels/4.nii.gz &&
    "$MAKE_SERIES" digit/images/4 slices=4 photometric=MONOCHROME1
try 0 info digit
said '4: the images are MONOCHROME1 (0028,0004), so high values are dark'
for again in first second; do # labels that are links are no changes
    "$DICOM" set ward -o ward_linked >said.txt && [ $again = first ] ||
        ! grep -q 'series are NIfTI files' said.txt
    say $? "a set, the $again time"
done
# Where nothing can be written, one series can still be seen.
mkdir ro && cp -r names/b/* ro && : >ro/.attunet-volumes
try 6 info ro
err_has 'largest, or a name that attunet-dicom list shows; as a data set: cannot make the folder'
try 0 info ro --select largest
# Numbered series are channels of a case, unless each has a label.
mkdir -p pair/images/s_0000 pair/images/s_0001 pair/labels
"$MAKE_SERIES" pair/images/s_0000 slices=4 patient=ID1
"$MAKE_SERIES" pair/images/s_0001 slices=4 series=2 patient=ID2
cp names/a_mask.nii.gz pair/labels/s.nii.gz
try 3 info pair
err_has "pair/images/s_0000/IM0 and pair/images/s_0001/S2_0 are channels of one case, but of two"
unsaid ID2
cp names/a_mask.nii.gz pair/labels/s_0000.nii.gz
mv pair/labels/s.nii.gz pair/labels/s_0001.nii.gz
try 0 info pair
out_has 'cases      2, 2 with labels'
rm pair/labels/s_0001.nii.gz
mv pair/images/s_0000 pair/images/t && mv pair/images/s_0001 pair/images/u
mv pair/labels/s_0000.nii.gz pair/labels/t.nii.gz
try 3 train pair -o pair_run --unlabelled stop
said 'attunet: pair: 1 of 2 images has no label, which --unlabelled forbids: pair/images/u;'
cp -r pair/images/t pair/images/v
try 3 info pair
err_has 'pair/images/t and pair/images/v hold images of one series; leave one out if it is a copy'
# A SEG that has the name of a case, but is of another patient or another place.
mkdir -p foreign_ids/images/a foreign_ids/labels source
foreign() { # CODE WORDS... : a label drawn on a series with these WORDS, of the case a of ID1
    code=$1
    shift
    rm -rf source/* foreign_ids/.attunet-volumes && "$MAKE_SERIES" source slices=4 series=2 "$@"
    rm -f foreign_ids/labels/a.dcm && "$DICOM" seg source --mask store/a.nii.gz \
        -o foreign_ids/labels/a.dcm --segment 64613=liver
    say $? "a label of $*"
    try $code info foreign_ids
    "$DICOM" labels foreign_ids/images/a --labels foreign_ids/labels/a.dcm -o foreign.nii.gz \
        2>labels.txt
    [ $? -eq $code ]
    say $? '... labels agrees'
    ! grep -q 'ID[12]' out.txt err.txt labels.txt
    say $? '... without an identifier'
}
"$MAKE_SERIES" foreign_ids/images/a slices=4 patient=ID1
foreign 3 patient=ID2
err_has "foreign_ids/labels/a.dcm is not of the patient of foreign_ids/images/a/IM0 by PatientID"
foreign 3 patient=ID1 reference=4
err_has "foreign_ids/labels/a.dcm refers to another series than that of foreign_ids/images/a/IM0"
foreign 0 patient=ID1
foreign 0 patient= reference=3
finish
