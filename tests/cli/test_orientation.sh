# SPDX-License-Identifier: Apache-2.0
# Volumes that are stored along other axes are turned: the same network comes of them, and the same
# mask, along their own axes.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

one='\000\000\200\077' minus='\000\000\200\277' seven='\000\000\340\100' fifteen='\000\000\160\101'
# FROM TO: 16x16x8 voxels at the same places, stored in the opposite order along every axis: their
# bytes from the last to the first
opposite() {
    head -c 352 "$1" >"$2"
    printf "$(tail -c +353 "$1" | od -An -v -t o1 -w1 | tac | sed 's/ */\\/' | tr -d '\n')" >>"$2"
    bytes "$2" 280 "$minus"
    bytes "$2" 292 "$fifteen"
    bytes "$2" 300 "$minus"
    bytes "$2" 308 "$fifteen"
    bytes "$2" 320 "$minus"
    bytes "$2" 324 "$seven"
}
mkdir -p one/images one/labels
for i in 1 2 3; do
    noise one/images/case$i.nii 16 16 8
    bytes one/images/case$i.nii $((500 + i)) '\001\002'
    halves one/labels/case$i.nii 16 16 8
done
cp -r one two
opposite one/images/case2.nii two/images/case2.nii
opposite one/labels/case2.nii two/labels/case2.nii

# ---- what is said
try 0 info two/images/case2.nii
out_has "axes       LPI (directions of x, y and z)"
try 0 info two
out_has "axes       RAS (volumes with another orientation are reoriented)"
out_has "two/images/case2.nii has the axes LPI (directions of x, y and z), but most images have \
RAS; training turns it"
for axes in LPI none; do # as the warning advises
    try 0 info two --orientation $axes
    unsaid "but most images have"
done
try 0 info two --orientation LPI
out_has "axes       LPI (volumes with another orientation are reoriented)"
out_has "next       attunet plan two --orientation LPI --time 30m"
try 2 info two --orientation RAX --quiet
err_has "--orientation RAX is not valid"
try 2 info two/images/case2.nii --orientation LPI
err_has "--orientation is for data sets, but two/images/case2.nii is something else"

# ---- the same network
settings="--steps 3 --batch 1 --patch 8x16x16"
try 0 train one -o a $settings --spec "arch=attunet dims=3 widths=4,4"
unsaid "attunet turns"
try 0 train two -o b $settings --spec "arch=attunet dims=3 widths=4,4"
said "attunet turns 1 of 3 volumes to the axes RAS (case2 has LPI)"
weights() { "$ATTUNET" info "$1" | grep '^hash'; }
[ -n "$(weights a/model.safetensors)" ] && [ "$(weights a/model.safetensors)" = \
    "$(weights b/model.safetensors)" ]
say $? "the same weights come of images that are stored otherwise"
try 0 info b/model.safetensors
out_has "axes       RAS (volumes with another orientation are reoriented)"
grep -q '"orientation": "RAS"' b/settings.json
say $? "the orientation stands in settings.json"
try 0 resume b --steps +1 --quiet
try 0 resume a --steps +1 --quiet
[ "$(weights a/model.safetensors)" = "$(weights b/model.safetensors)" ]
say $? "and when the run goes on"
try 0 train two -o c $settings --orientation none --spec "arch=attunet dims=3 widths=4,4"
unsaid "turned"
[ "$(weights a/model.safetensors)" != "$(weights c/model.safetensors)" ]
say $? "--orientation none leaves them as they are stored"
try 0 train two -o c2 $settings --init c --quiet
try 0 train two -o c3 $settings --init c2
unsaid "turned"
grep -q '"orientation": "none"' c2/settings.json && grep -q '"orientation": "none"' c3/settings.json
say $? "and so do runs that begin with it, and with these"
try 2 train two -o d --orientation RAX $settings --quiet
err_has "--orientation RAX is not valid; give three letters, one each of L or R, P or A, I or S, \
such as LPS, or qform, or none"
absent d
# ---- a wrong sform, and a label of a program that writes the qform alone
cp -r one forms
for kind in images labels; do
    file=forms/$kind/case2.nii
    cp two/$kind/case2.nii $file
    bytes $file 76 "$minus"
    bytes $file 252 '\001\000\002\000'
    bytes $file 264 "$one"
    bytes $file 268 "$fifteen$fifteen$seven"
    bytes $file 280 "$one" # as of the other cases
    bytes $file 292 '\000\000\000\000'
    bytes $file 300 "$one"
    bytes $file 308 '\000\000\000\000'
    bytes $file 320 "$one\000\000\000\000"
done
bytes forms/labels/case2.nii 254 '\000\000'
try 0 info forms
out_has "1 image such as forms/images/case2.nii holds a qform unlike the sform; attunet uses the \
sform unless --orientation is qform, and takes labels on either"
try 0 train forms -o f $settings --spec "arch=attunet dims=3 widths=4,4"
said "holds a qform unlike the sform"
unsaid "turns"
[ "$(weights a/model.safetensors)" != "$(weights f/model.safetensors)" ]
say $? "the sform is used"
try 0 train forms -o q $settings --orientation qform --spec "arch=attunet dims=3 widths=4,4"
said "attunet turns 1 of 3 volumes to the axes RAS:q (case2 has LPI:q)"
try 0 resume q --steps +1 --quiet
[ "$(weights a/model.safetensors)" = "$(weights q/model.safetensors)" ]
say $? "or the qform"
mkdir q_masks
try 0 predict q forms/images -o q_masks --quiet
try 0 predict b two/images -o b_masks --quiet
for i in 1 2 3; do
    tail -c +353 b_masks/case$i.nii >wanted
    tail -c +353 q_masks/case$i.nii | cmp -s wanted -
    say $? "predict uses the same form: case$i"
done
try 0 evaluate q_masks forms/labels --quiet
try 0 train forms -o q2 $settings --init q
said "to the axes RAS:q"
try 0 predict q forms/images/case2.nii -o other --orientation RAS
unsaid "turned"

try 0 pack two -o packed $settings --spec "arch=attunet dims=3 widths=4,4" --quiet
try 0 train packed -o p $settings --spec "arch=attunet dims=3 widths=4,4" --quiet
try 0 resume p --steps +1 --quiet
[ "$(weights a/model.safetensors)" = "$(weights p/model.safetensors)" ]
say $? "packed cases are turned, too"
try 2 train packed -o d --orientation none $settings --quiet
err_has "packed was packed with --orientation RAS"

# another orientation is another look at the cases; a model to begin with has to agree
zeros='\000\000\000\000'
try 0 pack two -o turned $settings --spec "arch=attunet dims=3 widths=4,4" --quiet
try 0 pack two -o turned $settings --spec "arch=attunet dims=3 widths=4,4" --quiet --orientation SLP
try 0 plan turned --spec "arch=attunet dims=3 widths=4,4" --steps 1
out_has "size       16x16x8"
try 2 train turned -o d $settings --init a/model.safetensors --quiet
err_has "turned was packed with --orientation SLP, but the model of --init has RAS; pack again \
with --orientation RAS"
try 0 train two -o d $settings --init c/model.safetensors
unsaid "turned"
try 0 phantom ultrasound -o planes --count 3 --unseen 1 --quiet
try 0 pack planes -o flat --orientation LPS --speed 1 --quiet
try 0 train flat -o g --orientation LPS --steps 1 --batch 1 --patch 32x32 --spec "widths=4,4" \
    --quiet

# ---- pages: of a case that validates, with its axes in another order, and read from their other
# ends
sideways() { # FILE: its first axis runs to S, its last to R
    bytes "$1" 280 "$zeros"
    bytes "$1" 288 "$one"
    bytes "$1" 312 "$one"
    bytes "$1" 320 "$zeros"
}
cp -r two three
sideways three/images/case3.nii
sideways three/labels/case3.nii
echo case1 >train.txt
printf 'case2\ncase3\n' >val.txt
pictures() { grep -o 'src="data:[^"]*"' "$1" | cksum; }
for limit in "" "--max-memory 1GiB"; do
    try 0 train three -o page $settings --orientation RAS --spec "arch=attunet dims=3 widths=4,4" \
        --train-list train.txt --val-list val.txt $limit
    said "attunet turns 2 of 3 volumes to the axes RAS"
    pictures page/report.html >one.txt
    try 0 report page --quiet
    [ "$(pictures page/report.html)" = "$(cat one.txt)" ] &&
        [ "$(wc -c <page/report.html)" -gt 10000 ]
    say $? "the page of training and a later one have the same pictures $limit"
    rm -r page
done

# ---- the same mask, stored as its image is (an average over mirror images is it anyway)
mkdir straight back
cp one/images/case2.nii straight/case.nii
cp two/images/case2.nii back/case.nii
try 0 predict a straight -o straight_out --no-mirror --attention --probabilities
unsaid "turned"
try 0 predict a back -o back_out --no-mirror --attention --probabilities
said "case is stored along other axes than RAS of the training; it is turned, and its results are \
turned back"
try 0 predict a back -o stays --orientation none --no-mirror --quiet
cmp -s back_out/case.nii stays/case.nii && not_ok "--orientation none: the image was turned" ||
    ok "--orientation none: the image stays as it is stored"
try 2 predict a back -o stays --orientation RL --quiet
err_has "--orientation RL is not valid; give three letters, one each of L or R, P or A, I or S, \
such as LPS, or qform, or none"
try 0 predict a back -o small --no-mirror --max-memory 100MiB --quiet
cmp -s back_out/case.nii small/case.nii
say $? "the same mask within a memory limit"
for file in case.nii case_probability_1_label_1.nii; do
    cmp -s "straight_out/$file" "back_out/$file" && not_ok "$file is not stored otherwise" ||
        ok "$file is stored otherwise"
done
opposite straight_out/case.nii mask.nii
cmp -s mask.nii back_out/case.nii
say $? "the mask of the turned image is that of the image, with its bytes in the opposite order"

# ---- left and right are not mirrored into each other
mkdir -p sides/imagesTr sides/labelsTr
cp one/labels/*.nii sides/labelsTr
for i in 1 2 3; do
    cp one/images/case$i.nii sides/imagesTr/case${i}_0000.nii
    bytes sides/labelsTr/case$i.nii 400 '\002\002'
done
printf \
    '{"channel_names": {"0": "MR"}, "labels": {"background": 0, "Lung left": 1, "Lung right": 2}, '\
'"numTraining": 3, "file_ending": ".nii"}' \
    >sides/dataset.json
spec="arch=attunet dims=3 widths=4,4"
try 0 train sides -o l $settings --spec "$spec"
said "mirror dh: Lung left and Lung right are left and right of one structure, so patches are \
not mirrored along w"
grep -q '"mirror": "dh"' l/settings.json
say $? "the axes stand in settings.json"
try 0 resume l --steps +1 --quiet
try 0 predict l straight -o mirrored --mirror --dry-run
try 0 predict l straight -o mirrored --mirror
said "every window is also mirrored along d and h"
try 0 train sides -o m $settings --spec "$spec" --mirror yes
unsaid "left and right of one structure"
grep -q '"mirror": true' m/settings.json
say $? "--mirror yes wins"
try 0 train sides -o again --plan l/settings.json --quiet
try 2 train sides -o no $settings --spec "$spec" --mirror wh --quiet
err_has "--mirror"
finish
