# SPDX-License-Identifier: Apache-2.0
# attunet itself with folders of DICOM: info, predict, refusals; nobody's name comes out.
. "$SOURCE/tests/cli/run.sh"

mkdir study two gap temporary
"$MAKE_SERIES" study slices=6 rows=16 columns=16
"$MAKE_SERIES" two slices=6 rows=16 columns=16 && "$MAKE_SERIES" two series=2 slices=8
"$MAKE_SERIES" gap slices=6 rows=16 columns=16 missing=3
export TMPDIR="$PWD/temporary"

try 0 info study
out_has "study: image"
out_has "6x16x16"
try 3 info two
err_has "two holds 2 series or parts of series; give a folder with one of \
them, or choose one, such as --select series="
try 0 info two --select SeriesNumber=2
out_has "8x7x9"
try 3 info gap
err_has "gap: 1 slice is missing, the first behind gap/IM2"
try 0 info gap --allow-gaps
out_has "7x16x16"
try 3 info two --select SeriesNumber=7
err_has "no series with SeriesNumber=7; to see what it has: attunet-dicom list two"
# Images of both kinds: nothing is left aside in silence.
cp -r study mixed && echo picture >mixed/A.png
try 0 info mixed
out_has "6x16x16"
said "mixed: ignored 1 image among the DICOM files, such as mixed/A.png"
mkdir mixed/low && for n in 1 2 3 4 5 6; do cp mixed/A.png mixed/low/$n.png; done
try 3 info mixed
err_has "mixed holds DICOM files, such as mixed/IM0, and other images, such as mixed/A.png; move"
try 2 info study --quick
err_has "--quick is for data sets"

try 0 phantom organs -o data --count 3 --unseen 0 --quiet
try 0 train data -o run --steps 2 --batch 1 --patch 8x16x16 --spec "arch=attunet widths=4,8" --quiet
"${ATTUNET%/*}/attunet-dicom" volume study -o study.nii.gz
say $? "attunet-dicom volume"
try 0 predict run study.nii.gz -o by_hand --quiet
try 0 predict run study two gap -o masks --select SeriesNumber=1 --allow-gaps
cmp masks/study.nii.gz by_hand/study.nii.gz
say $? "a series is predicted as its volume is"
exists masks/two.nii.gz masks/gap.nii.gz
rm -r mixed/low && cp study.nii.gz mixed/A.nii.gz # an older mask
try 0 predict run mixed -o masks
said "mixed: ignored 2 images among the DICOM files, such as mixed/A.nii.gz"
cmp masks/mixed.nii.gz masks/study.nii.gz
say $? "... and the series is predicted"
try 0 predict run study/ study/IM1 -o again --quiet
exists again/study.nii.gz again/IM1.nii.gz
try 3 predict run gap -o none
err_has "1 slice is missing"
[ ! -e none ]
say $? "a refusal leaves no folder"
try 3 predict run gap study -o rest
said "attunet: gap: 1 slice is missing, the first behind gap/IM2"
said "; the other 1 image is predicted into rest"
cmp rest/study.nii.gz masks/study.nii.gz
say $? "... and the other is predicted"
out_has study
try 3 predict run gap two -o none
said "attunet: none of the 2 images could be predicted, see above"
[ ! -e none ]
say $? "... and leave no folder"
try 4 predict run study two -o none --select SeriesNumber=1 --max-memory 1MiB
for series in study two; do
    grep -q "^error: $series: predicting this image takes more than" err.txt
    say $? "the sentence of an image names its series, $series"
done
try 4 predict run study/ -o none --max-memory 1MiB
grep -q "study/: predicting this image takes more than" err.txt
say $? "... also with one series"
try 3 train study -o other
err_has "study holds DICOM series but no labels; add labels as SEG, RTSTRUCT or images"

# A data set of series: images as folders, labels as SEG.
mkdir set set/images set/images/a set/images/b set/labels
"$MAKE_SERIES" set/images/a slices=6 rows=16 columns=16
"$MAKE_SERIES" set/images/b series=2 slices=6 rows=16 columns=16
mkdir truth
for case in a b; do # two of the values of the images, as 16 bits without sign, become segments
    "${ATTUNET%/*}/attunet-dicom" volume set/images/$case -o $case.nii.gz &&
        "${ATTUNET%/*}/attunet-dicom" seg set/images/$case --mask $case.nii.gz \
            -o set/labels/$case.dcm --segment 64613=liver --segment 64630=tumor &&
        "${ATTUNET%/*}/attunet-dicom" labels set/images/$case --labels set/labels/$case.dcm \
            -o truth/$case.nii.gz
    say $? "a SEG of $case"
done
try 3 train set -o set_run --dry-run
err_has "set holds DICOM, whose series a dry run does not convert; first run: attunet info set"
try 0 info set
out_has "cases      2, 2 with labels"
out_has "0 background, 1 liver, 2 tumor"
out_has "channels   CT"
cp -r set torn && rm torn/images/a/IM2
try 3 train torn -o torn_run
err_has "or interpolate: attunet-dicom set torn -o FOLDER --allow-gaps"
"${ATTUNET%/*}/attunet-dicom" set torn -o filled --allow-gaps
say $? "... which works"
try 0 info filled
try 0 train set -o set_run --steps 2 --batch 1 --patch 4x16x16 --spec "arch=attunet widths=4,8" \
    --folds 2 --fold 0 --quiet
try 0 plan set --dry-run
mkdir mr && "$MAKE_SERIES" mr slices=6 rows=16 columns=16 modality=MR series=9
try 0 predict set_run mr -o other
said "warning: mr is MR, but the model was trained on CT; do not trust its mask"
try 0 predict set_run study -o other
unsaid "the model was trained on"
unsaid "used in training"
try 0 predict set_run set -o of_set
said "1 of 2 images was used in training; scores of its mask do not measure generalisation"
rm -r of_set && try 0 predict set_run set/images/a set/images/b study -o of_set
said "1 of 3 images was used in training; scores of its mask do not measure generalisation"
for one in 9 10 11; do # ids of series are hashes, so they are in any order
    rm -rf both && cp -r study both &&
        "$MAKE_SERIES" both slices=6 rows=16 columns=16 modality=MR series=$one
    try 3 predict set_run both -o other
    err_has "both holds 2 series or parts of series; give a folder with one of \
them, or choose one, such as --select Modality=CT: "
done
try 0 predict set_run both -o other --select Modality=CT
mkdir units && "$MAKE_SERIES" units intercept= && try 0 predict set_run units -o other
said "warning: units may not be in Hounsfield units, as the images of the training: it has no \
RescaleIntercept (0028,1052); do not trust its mask"
rm units/* && "$MAKE_SERIES" units tag=RescaleType value=US && try 0 predict set_run units -o other
said "its RescaleType (0028,1054) or modality table is not HU; do not trust its mask"
for unit in Hu HOUNSFIELD "Hounsfield units (HU)" "[hnsf'U]" "1000 HU" "HU*10" HU/1000 HU+1024 \
    HU_MOD; do
    rm units/* && "$MAKE_SERIES" units tag=RescaleType "value=$unit"
    try 0 predict set_run units -o other
    case $unit in
    *[0-9]* | HU_MOD) said "is not HU" ;;
    *) unsaid "Hounsfield" ;;
    esac
done
rm units/* && "$MAKE_SERIES" units photometric=MONOCHROME1 && try 0 predict set_run units -o other
said "warning: units is MONOCHROME1 (0028,0004), but the model was trained on MONOCHROME2; do not"
try 0 evaluate set_run set
try 0 evaluate truth set
out_has "mean  tumor  1.0000"
try 3 evaluate truth set/labels
err_has "set/labels holds no DICOM series, but set/labels/a.dcm is a SEG of series="
err_has "; give the folder of the whole data set"

# The same without images/: labels make it a set, options of series do not.
mkdir tree tree/p1 tree/p2
for case in 1:a 2:b; do
    cp -r set/images/${case#*:} tree/p${case%:*}/ct && cp set/labels/${case#*:}.dcm tree/p${case%:*}
done
try 0 info tree --select SeriesNumber=2
out_has "6x16x16"
[ ! -e tree/.attunet-volumes ]
say $? "... and writes nothing into the tree"
try 0 info tree
out_has "cases      2, 2 with labels"
mkdir heap && cp tree/p1/ct/* tree/p2/ct/* tree/p1/a.dcm tree/p2/b.dcm heap
try 3 info heap # of which train says the same
err_has "as a data set: heap holds several series or parts of series; give each a folder of its \
own; to see them: attunet-dicom list heap"
try 3 train heap -o none --dry-run
err_has "heap holds DICOM, whose series a dry run does not convert; first run: attunet info heap"
sed -n '/^    attunet-dicom index mydata/,/^    done/{s/mydata/heap/g;p}' "$SOURCE/docs/dicom.md" \
    >sort.sh
PATH="${ATTUNET%/*}:$PATH" sh -eu sort.sh && [ -f heap/a.dcm ] && [ ! -e heap/IM0 ]
say $? "the page shows how to give each a folder: $(cat sort.sh)"
try 0 info heap
out_has "cases      2, 2 with labels"
try 0 info tree/p1 --quick
out_has "cases      1, 1 with labels"
rm tree/p2/b.dcm tree/p1/a.dcm && rm -r tree/.attunet-volumes
try 3 info tree
err_has "tree holds 2 series or parts of series; give a folder with one of \
them (predict takes several: tree/*), or choose one, such as --select series="

try 0 predict run study two -o seg --select SeriesNumber=1 --dicom-seg --overlay --quiet
exists seg/study.nii.gz seg/study.dcm seg/study_overlay.png seg/two.dcm
try 0 predict run study -o forms --dicom-seg --probabilities --rtstruct --quiet
exists forms/study.dcm forms/study_probability.dcm forms/study_rtstruct.dcm
cp -r study archived && cp forms/study.dcm forms/study_rtstruct.dcm archived
try 0 info archived # both say the same
out_has "cases      1, 1 with labels"
mkdir wide && "$MAKE_SERIES" wide slices=6 rows=16 columns=16 uneven=5
try 0 predict run wide -o forms --dicom-seg --probabilities --rtstruct
[ "$(grep -c 'the spacing of slices varies' err.txt)" -eq 1 ]
say $? "what the volume said is not said again by each of its objects"
out_has ", 3 DICOM files to forms"
rm forms/wide*
cp study/IM0 forms/study_rest.dcm && cp study/IM0 forms/other.dcm # not of a prediction
rm forms/*_probability_*
try 0 predict run study -o forms
said "forms: 3 files, such as study.dcm, are from an earlier prediction and do not belong"
rm forms/study.dcm forms/study_rtstruct.dcm && try 0 predict run study -o forms
said "forms/study_probability.dcm is from an earlier prediction and does not belong to the new mask"
rm forms/*.dcm && cp study/IM0 forms/study.dcm && try 0 predict run study -o forms
unsaid "from an earlier prediction"
rm forms/study.dcm
cp -r study own
for again in 1 2; do try 0 predict run own -o own --dicom-seg --quiet; done
try 0 predict run study -o forms --dicom-seg --probabilities --rtstruct --quiet --dry-run
out_has "forms/study_rtstruct.dcm"
cp study/IM0 DICOMDIR && try 0 predict run DICOMDIR study -o beside
said "DICOMDIR: ignored, as it lists images but holds none"
exists beside/study.nii.gz && absent beside/DICOMDIR.nii.gz
"${ATTUNET%/*}/attunet-dicom" seg study --mask study.nii.gz -o some.dcm \
    --segment 64613=liver >said.txt
grep -q '^ignored [0-9]* voxels of the mask whose value, such as [0-9]*, has no --segment$' said.txt
say $? "values without a segment are named"
# Several channels, and a number in a single one: the SEG is of the first series.
mkdir both both/images both/labels
for case in 00 01 02; do
    for channel in 0 1; do
        cp data/images/case_00$case.nii.gz both/images/c${case}_000$channel.nii.gz
    done
    cp data/labels/case_00$case.nii.gz both/labels/c$case.nii.gz
done
try 0 train both -o both_run --steps 2 --batch 1 --patch 8x16x16 \
    --spec "arch=attunet widths=4,8" --quiet
cp -r study p_0000 && mkdir p_0001 && "$MAKE_SERIES" p_0001 series=2 slices=6 rows=16 columns=16
try 0 predict both_run p_0000 p_0001 -o channels --dicom-seg --rtstruct --quiet
exists channels/p.nii.gz channels/p.dcm channels/p_rtstruct.dcm
for channel in p_0000 p_0001; do
    cp -r $channel with && cp channels/p.dcm with
    "${ATTUNET%/*}/attunet-dicom" labels with -o p.nii.gz >said.txt 2>&1
    echo $? >>codes.txt && rm -r with
done
[ "$(tr '\n' ' ' <codes.txt)" = '0 3 ' ]
say $? "... of the first series"
"$MAKE_SERIES" p_0001 series=2 slices=6 rows=16 columns=16 tag=FrameOfReferenceUID value=
try 0 predict both_run p_0000 p_0001 -o channels --dicom-seg --quiet # which needs the first alone
cp -r p_0000 q_0000 && mkdir q_0001 # of two patients
"$MAKE_SERIES" q_0001 series=2 slices=6 rows=16 columns=16 patient=OTHERID
try 2 predict both_run q_0000 q_0001 -o channels --dicom-seg
err_has "q_0000/IM0 and q_0001/S2_0 are channels of one case, but of two patients by PatientID"
unsaid OTHERID
absent channels/q.nii.gz channels/q.dcm
try 0 predict run q_0000 q_0001 -o channels --quiet
try 0 predict run p_0000 -o channels --dicom-seg --quiet --overwrite channels/p.nii.gz
cp study/IM1 p_0000/p.dcm && rm p_0000/IM1
try 2 predict both_run p_0000 p_0001 -o p_0000 --dicom-seg --overwrite p_0000/p.dcm
err_has "p_0000/p.dcm is an input and would be overwritten; choose another folder"
mkdir only && cp study/IM1 only/only.dcm && cp only/only.dcm kept
for input in only/only.dcm only; do # neither the file nor a slice of the folder
    try 2 predict run $input -o only --dicom-seg --overwrite only/only.dcm
    err_has "only/only.dcm is an input and would be overwritten; choose another folder"
    cmp only/only.dcm kept
    say $? "... and it stays"
done
try 2 predict run study.nii.gz -o none --rtstruct
err_has "--rtstruct needs DICOM series"
try 0 predict run study -o seg --dicom-seg --quiet
cmp seg/study.nii.gz masks/study.nii.gz
say $? "a repeated prediction replaces its SEG"
try 2 predict run study.nii.gz -o none --dicom-seg
err_has "needs DICOM series, but study.nii.gz is none"
mkdir flat && "$MAKE_SERIES" flat slices=1 flat=1
try 3 predict run flat study -o flat_masks --dicom-seg --rtstruct
said "warning: flat/IM0: it has no ImagePositionPatient (0020,0032), which a segmentation needs"
unsaid "which a structure set needs"
said "1 series has no complete SEG or RTSTRUCT, see above; all masks are in flat_masks"
out_has "wrote 2 masks, 2 DICOM files to flat_masks"
exists flat_masks/study.nii.gz flat_masks/study.dcm flat_masks/flat.nii.gz
absent flat_masks/flat.dcm flat_masks/flat_rtstruct.dcm
# A dry run lists the files that will be written, and no others.
mkdir nouid && "$MAKE_SERIES" nouid slices=3 tag=FrameOfReferenceUID value=
for how in "--dicom-seg --rtstruct --probabilities --overlay" --rtstruct; do
    try 3 predict run flat study nouid p_0000 study/IM1 -o promised $how --dry-run
    grep '^  promised/' out.txt | sort >promised.txt
    grep -q "^warning: flat/IM0: it has no ImagePositionPatient (0020,0032), which a s" err.txt
    say $? "... and says why"
    said "2 series can have no complete SEG or RTSTRUCT, see above, only masks"
    [ ! -e promised ]
    say $? "... and writes nothing"
    try 3 predict run flat study nouid p_0000 study/IM1 -o promised $how --quiet
    for file in promised/*; do echo "  $file"; done | sort | diff - promised.txt >&2
    say $? "a dry run lists what is written with $how"
    rm -r promised
done
# Results are no series: info says what they are.
try 3 info seg
err_has "seg holds no DICOM series, but seg/study.dcm is a SEG of series="
err_has "(label 1, label 2) by attunet "
err_has "; give the folder of the series, in which a label may lie, or the name of another image"
for command in "info seg/study.dcm" "predict run seg/study.dcm -o none"; do
    try 3 $command
    err_has "seg/study.dcm is a SEG of series="
    err_has ", not an image; give the folder of the series, in which a label may lie"
done
for command in "predict run seg -o none" "train seg -o none" "evaluate run seg"; do
    try 3 $command
    err_has "seg holds no DICOM series, but seg/study.dcm is a SEG of series="
done
try 0 info seg/study.nii.gz
try 0 predict run study seg/study.dcm -o beside
said "seg/study.dcm: ignored, as it holds labels or a registration, not an image"
# Two times of one patient in a folder, and a SEG of one of them.
mkdir -p times/first times/second && cp set/images/a/* times/first && cp set/images/b/* times/second
cp set/labels/b.dcm times/
"${ATTUNET%/*}/attunet-dicom" list times >said.txt
name=$(sed -n 's/^\(series=[0-9a-f]*\):.*/\1/p' said.txt | tail -1)
grep -q "^times/b.dcm: a SEG of $name (liver, tumor) by " said.txt
say $? "list says of which series it is"
mkdir odd && LC_ALL=C sed 's/tumor/tu\x1bor/; s/liver/l\nver/' times/b.dcm >odd/b.dcm
"${ATTUNET%/*}/attunet-dicom" list odd 2>said.txt
[ $? -eq 3 ] && grep -q '(l?ver, tu?or) by ' said.txt
say $? "... without what a terminal would obey"
try 0 info times
said "ignored 1 series without a label, such as times/first"
out_has "cases      1, 1 with labels"
cmp times/.attunet-volumes/labels/second.nii.gz set/.attunet-volumes/labels/b.nii.gz
say $? "... the right one"
try 0 predict run times -o times_masks
said "times is a data set, so attunet predicts its 1 case; for another series, give its own folder"
[ "$(ls times_masks)" = second.nii.gz ]
say $? "... as evaluate needs it"
rm -r times/.attunet-volumes
try 3 predict run times -o none
err_has "times holds 2 series or parts of series; give a folder with one of them (predict takes"
# Masks of a whole data set have the names of its cases, also if a series' own folder has another.
mkdir -p named/p1 named/p2/other && "$MAKE_SERIES" named/p2/other series=3 slices=6
for case in 1:a 2:b; do
    cp -r set/images/${case#*:} named/p${case%:*}/ct &&
        cp set/labels/${case#*:}.dcm named/p${case%:*}
done
try 0 predict run named/p1 -o named_masks --quiet
try 0 predict run named/p2 --select SeriesNumber=2 -o named_masks --quiet
try 3 evaluate named_masks named
said "named_masks has no prediction for case p2_ct (1 of 2 labels has none); list the cases to \
evaluate in a file (--cases FILE), or predict the whole data set, which names masks after its \
cases: attunet predict RUN named -o named_masks"
for how in "" --dicom-seg; do
    try 0 predict run named -o named_masks $how --quiet --dry-run
    out_has named_masks/p2_ct.nii.gz
    try 0 predict run named -o named_masks $how --quiet
    try 0 evaluate named_masks named
    unsaid "changed since attunet wrote"
    cmp named_masks/p2_ct.nii.gz named_masks/p2.nii.gz
    say $? "... of the same series"
    rm named_masks/p1.nii.gz named_masks/p2_ct.nii.gz
done
"${ATTUNET%/*}/attunet-dicom" labels named/p2 --select SeriesNumber=2 \
    --labels named_masks/p2_ct.dcm -o p2.nii.gz >said.txt
say $? "its SEG is of that series"
try 0 predict run named --select SeriesNumber=2 -o named_masks --quiet
exists named_masks/named.nii.gz
# One series is named after the folder of the data set, before and after that is read.
mkdir single && cp -r named/p1/ct named/p1/a.dcm single
for again in 1 2; do
    try 0 predict run single single/ct/IM1 -o single_masks --quiet
    try 0 evaluate single_masks single
done
[ "$(ls single_masks | tr '\n' ' ')" = 'IM1.nii.gz single.nii.gz ' ]
say $? "... and nothing else"
cp -r set/images/a single/images && rm single/a.dcm
try 0 predict run single -o single_masks
said "single is read as a series, not as a data set: "
# Series that are one file each, and channels.
mkdir -p files pairs/images pairs/labels
for n in 1 2; do
    "$MAKE_SERIES" . series=7$n slices=6 rows=16 columns=16 enhanced=1 && mv S7${n}_0 files/f$n.dcm
    "${ATTUNET%/*}/attunet-dicom" volume files/f$n.dcm -o f$n.nii.gz &&
        "${ATTUNET%/*}/attunet-dicom" seg files/f$n.dcm --mask f$n.nii.gz -o files/label$n.dcm \
            --segment 64613=liver
    say $? "a SEG of f$n.dcm"
done
mkdir pairs/images/p_0001 && cp -r p_0000 pairs/images &&
    "$MAKE_SERIES" pairs/images/p_0001 series=2 slices=6 rows=16 columns=16 &&
    "${ATTUNET%/*}/attunet-dicom" labels named/p1 -o pairs/labels/p.nii.gz >said.txt
for data in files:run pairs:both_run; do
    try 0 info ${data%:*}
    try 0 predict ${data#*:} ${data%:*} -o ${data%:*}_masks --dicom-seg --quiet
    try 0 evaluate ${data%:*}_masks ${data%:*}
done
exists files_masks/f1.dcm files_masks/f2.dcm pairs_masks/p.dcm
try 2 predict run study -o none --codes codes.json
err_has "--codes needs --dicom-seg; add it"
try 3 predict run study -o none --dicom-seg --codes study.nii.gz
grep -q "cannot read the codes in study.nii.gz" err.txt
say $? "... and names the file of codes"
printf '{"segmentAttributes": [[{"labelID": 1, "SegmentLabel": 5}]]}' >codes.json
for form in --dicom-seg --rtstruct; do
    try 3 predict run study -o none $form --codes codes.json
    err_has "the SegmentLabel of labelID 1 is no line of 1 to 1024 letters"
    [ ! -e none ]
    say $? "... before anything is predicted"
done
try 6 predict run study -o none --dicom-seg --codes missing.json
err_has "missing.json"

mkdir alone && cp "$ATTUNET" alone && cp "${ATTUNET%/*}"/libattunet.so.0 alone
LD_LIBRARY_PATH="$PWD/alone" PATH=/nowhere alone/attunet info study >out.txt 2>err.txt
[ $? -eq 3 ]
say $? "without attunet-dicom: exit code 3"
err_has "study is DICOM, which the program attunet-dicom reads; install the package attunet-dicom"

[ -z "$(ls temporary)" ]
say $? "nothing is left in the temporary folder"
grep -raE 'Secretname|SECRETID77|19010203' out.txt err.txt run masks again by_hand set_run \
    seg/*.nii.gz seg/*.png
[ $? -eq 1 ]
say $? "no result names the patient"
for file in masks/*.nii.gz study.nii.gz; do gzip -dc "$file"; done |
    grep -aqE 'Secretname|SECRETID77|19010203'
[ $? -eq 1 ]
say $? "nor does a volume"
finish
