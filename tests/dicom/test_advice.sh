# SPDX-License-Identifier: Apache-2.0
# Names of structures that no class can have, copies of a series, and DICOM in the place of a mask:
# each refusal prints a command that can be pasted and works.
. "$SOURCE/tests/cli/run.sh"
PATH="${ATTUNET%/*}:$PATH"

# Pastes the command that the last error ends with, from WORDS on.
pastes() { # WORDS
    sed -n "s/.*\($1 .*\)/\1/p" err.txt | sed "s/\<FOLDER\>/new/; s/\<SERIES\>/series/" >pasted.sh
    [ -s pasted.sh ]
    say $? "$words: prints '$1'"
    rm -rf new
    sh -u pasted.sh >pasted.txt 2>&1 </dev/null
    code=$?
    say $code "it can be pasted: $(cat pasted.sh)"
    [ $code -eq 0 ] || show pasted.txt
}
mkdir -p series other
"$MAKE_SERIES" series slices=6 rows=16 columns=16 patient=ID1 &&
    "$MAKE_SERIES" other slices=6 rows=16 columns=16 series=2 patient=ID2
say $? 'two series'
for one in series other; do
    attunet-dicom volume $one -o $one.nii.gz
    say $? "the volume of $one"
done
data="it's \$HOME's set"
object() { # seg|rtstruct FILE SERIES NAME... : values 64613, 64630, ... of the volume
    form=$1 file=$2 from=$3 value=64613
    shift 3
    set -- "$@" --
    while [ "$1" != -- ]; do
        set -- "$@" --segment "$value=$1"
        value=$((value + 17))
        shift
    done
    shift
    attunet-dicom $form $from --mask $from.nii.gz -o "$file" "$@" >said.txt
    say $? "$form of $from: $*"
}
tree() { # FORM NAME... : both cases have these structures
    rm -rf "$data" && mkdir -p "$data/p1" "$data/p2" && cp -r series "$data/p1/ct" &&
        cp -r other "$data/p2/ct"
    form=$1
    shift
    object $form "$data/p1/label" series "$@"
    object $form "$data/p2/label" other "$@"
}
named() { # NAME VALUE : the same cases in images/, which a dataset.json may name
    rm -r "$data/.attunet-volumes" 2>/dev/null
    mkdir "$data/images" "$data/labels"
    for one in p1 p2; do
        mv "$data/$one/label" "$data/labels/$one.dcm" && mv "$data/$one/ct" "$data/images/$one"
    done
    printf '{"labels": {"background": 0, "%s": %d}, "channel_names": {"0": "CT"}}' "$1" "$2" \
        >"$data/dataset.json"
}
long='Клинический_объём_мишени_левой_молочной_железы_с_отступом_пять'
cut='Клинический_объём_мишени_левой_мо'
for form in seg rtstruct; do
    # background is class 0.
    for name in background Background 'back ground'; do
        tree $form "$name" liver
        try 3 train "$data" -o run
        said "p1/label has a structure $name, but that is the name of class 0"
        pastes 'attunet-dicom set'
        try 0 info new
        out_has 'labels     0 background, 2 liver'
        attunet-dicom labels "$data/p1" -o MASK.nii.gz 2>err.txt
        [ $? -eq 3 ]
        say $? '... labels refuses it, too'
        pastes 'attunet-dicom labels'
        grep -qx '2=liver' pasted.txt
        say $? '... which says the value'
    done
    tree $form background
    try 3 info "$data"
    said 'has a structure background, but that is the name of class 0, for all other voxels; give'
    pastes 'attunet-dicom set'
    try 0 info new
    out_has 'labels     0 background, 1 NAME'
    named liver 1
    try 3 train "$data" -o run
    said 'has a structure background, but that is the name of class 0'
    # ignore has the highest value.
    tree $form ignore liver
    try 0 info "$data"
    said 'attunet ignores voxels of the structure ignore'
    out_has 'labels     0 background, 1 liver; 2 is ignored'
    attunet-dicom set "$data" -o new --segment 1=ignore --segment 2=liver 2>err.txt
    [ $? -eq 2 ] && grep -q 'ignore is the name of voxels that count in no class, so it needs the' \
        err.txt
    say $? 'ignore needs the highest value'
    # Long names.
    tree $form "$long" liver
    try 0 info "$data"
    said "is longer than 63 bytes, so its class has the first letters: $cut"
    out_has "labels     0 background, 1 $cut, 2 liver"
    try 0 train "$data" -o run_$form --steps 2 --batch 1 --patch 4x16x16 --fold all \
        --spec "arch=attunet widths=4,8" --folds 2 --quiet
    try 0 predict run_$form series -o masks --dicom-seg --rtstruct --quiet
    for object in masks/series.dcm masks/series_rtstruct.dcm; do
        attunet-dicom labels series --labels $object -o back.nii.gz >said.txt &&
            grep -qx "1=$cut" said.txt
        say $? "$object has the whole letters"
    done
    try 0 evaluate run_$form "$data"
    out_has "$cut"
    named "$cut" 2
    try 3 info "$data"
    said "dataset.json gives $cut the value 2, but the labels in DICOM give it 1"
    tree $form "${long}A" "${long}B"
    try 3 info "$data"
    said 'the name of class 2 begins as that of another class, and 63 bytes are the most'
    pastes 'attunet-dicom set'
    try 0 info new
    out_has "labels     0 background, 1 $cut, 2 NAME"
done
tree seg liver gut && object seg "$data/p2/label" other Liver gut
try 3 train "$data" -o run
said 'which would be another class; rename one, or give both one value: attunet-dicom set'
pastes 'attunet-dicom set'
try 0 info new
out_has 'cases      2, 2 with labels'
# The command joins all pairs of such names, also where it leaves out a background.
tree seg 'Hippocampus ant' liver && object seg "$data/p2/label" other hippocampus_ant Liver
try 3 train "$data" -o run
pastes 'attunet-dicom set'
try 0 info new
grep -qE '^labels     0 background, 1 [Hh]ippocampus.ant, [24] [Ll]iver$' out.txt
say $? 'two pairs of names are two classes'
tree seg 'liver a' background && object seg "$data/p2/label" other liver_a
try 3 train "$data" -o run
said 'p1/label has a structure background, but that is the name of class 0'
pastes 'attunet-dicom set'
try 0 info new
out_has 'labels     0 background, 2 liver a'
attunet-dicom set "$data" -o new2 --segment 1=background --segment '2=liver a' \
    --segment 3=liver_a 2>err.txt
[ $? -eq 3 ] && grep -q -- "--segment '2=liver a' --segment 3=liver_a$" err.txt
say $? 'values that the user chose stay'
# A name in letters that its file does not declare: a screen shows no byte that could be pasted.
tree seg 'Lxsion 5%' liver
for file in "$data"/p?/label; do
    LC_ALL=C sed "s/Lxsion/L$(printf '\344')sion/g" "$file" >changed && mv changed "$file"
done
try 3 info "$data"
said "is not UTF-8, so no dataset.json can have it; give it another NAME: attunet-dicom set"
said '--segment "$(printf '"'1=L\\344sion 5\\045')\""
pastes 'attunet-dicom set'
try 0 info new
out_has 'labels     0 background, 1 NAME, 2 liver'
attunet-dicom set "$data" -o refused --segment "$(printf '1=L\344sion 5%%')" 2>err.txt
[ $? -eq 3 ] && grep -q 'is not UTF-8' err.txt && [ ! -e refused ]
say $? 'a name that is refused leaves no folder behind'
tree seg liver && rm "$data/p1/ct/IM1"
try 3 train "$data" -o run
said '1 slice is missing'
pastes 'attunet-dicom set'
try 0 info new
try 3 info "$data" --select SeriesNumber=7
pastes 'attunet-dicom list'
try 2 info "$data" --select Number=1
said '--select Number: this key is unknown; use series, SeriesInstanceUID'
pastes 'attunet-dicom list'

# One series in two folders or files is one case, or none.
copies() { # A B : which both hold the series
    try 3 train "$data" -o run
    said "$data/$1 and $data/$2 hold images of one series; leave one out if it is a copy, else join"
}
for top in '' site/; do
    rm -rf "$data" && mkdir -p "$data/${top}p1" "$data/${top}p2" "$data/${top}p3"
    cp -r series "$data/${top}p1/ct" && cp -r series "$data/${top}p2/ct" &&
        cp -r other "$data/${top}p3/ct" && object seg "$data/${top}p1/label" series liver &&
        object seg "$data/${top}p2/label" series gut && object seg "$data/${top}p3/label" other gut
    copies ${top}p1/ct ${top}p2/ct
    rm -r "$data/${top}p2"
    try 0 info "$data"
    out_has 'cases      2, 2 with labels'
done
object seg "$data/site/p1/again" series liver && rm -r "$data/site/p3" &&
    mkdir "$data/site/p2" && cp -r series "$data/site/p2/ct"
try 0 info "$data" # all of one series
out_has 'cases      1, 1 with labels'
for folder in images imagesTr; do
    rm -rf "$data" && mkdir -p "$data/$folder" "$data/${folder%Tr}Ts" "$data/labels${folder#images}"
    cp -r series "$data/$folder/a" && cp -r other "$data/$folder/b" &&
        object seg "$data/labels${folder#images}/a.dcm" series liver &&
        object seg "$data/labels${folder#images}/b.dcm" other liver
    cp -r series "$data/$folder/c"
    copies $folder/a $folder/c
    mv "$data/$folder/c" "$data/${folder%Tr}Ts/c"
    [ $folder = images ] || copies $folder/a imagesTs/c
done
rm -rf "$data" && mkdir -p "$data/images" "$data/labels"
"$MAKE_SERIES" "$data/images" slices=4 series=7 enhanced=1 && mv "$data/images/S7_0" \
    "$data/images/a.dcm" && cp "$data/images/a.dcm" "$data/images/b.dcm" && attunet-dicom volume \
    "$data/images/a.dcm" -o store.nii.gz && cp store.nii.gz "$data/labels/a.nii.gz" &&
    cp store.nii.gz "$data/labels/b.nii.gz"
copies images/a.dcm images/b.dcm
mkdir "$data/images/b" && mv "$data/images/b.dcm" "$data/images/b/IM0"
copies images/a.dcm images/b
# A label beside a series is of that series, though another one has files above it.
rm -rf "$data" && mkdir -p "$data/site/p3"
cp series/* "$data/site" && cp -r other "$data/site/p3/ct" &&
    object seg "$data/site/p3/label" other liver && object seg "$data/site/label" series gut
try 0 info "$data"
out_has 'cases      2, 2 with labels'

# DICOM in the place of a mask.
file="a mask's.dcm"
object seg "$file" series liver && object rtstruct contours.dcm series liver &&
    attunet-dicom labels series --labels "$file" -o truth.nii.gz >said.txt
for object in "$file" contours.dcm; do
    for order in first second; do
        if [ $order = first ]; then try 3 evaluate "$object" truth.nii.gz; else
            try 3 evaluate truth.nii.gz "$object"; fi
        said "$object is DICOM, drawn on a series; make it a mask of that SERIES first, with the \
values of your other masks (--segment VALUE=NAME): attunet-dicom labels"
        rm -f MASK.nii.gz
        pastes 'attunet-dicom labels'
        try 0 evaluate MASK.nii.gz truth.nii.gz
    done
done
mkdir segs && cp "$file" segs/series.dcm && mkdir truths && cp truth.nii.gz truths/series.nii.gz
try 3 evaluate segs truths
said 'segs/series.dcm is DICOM, drawn on a series'
pastes 'attunet-dicom labels'
cp truth.nii.gz segs/other.nii.gz # a mask of another name is no DICOM
try 3 evaluate segs truths
said 'segs has no prediction for case series (1 of 1 label has none); give the predictions first'
try 3 evaluate series/IM0 truth.nii.gz
said 'series/IM0 is DICOM; write its series as NIfTI first: attunet-dicom volume series -o'
pastes 'attunet-dicom volume'
exists IMAGE.nii.gz
finish
