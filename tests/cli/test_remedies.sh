# SPDX-License-Identifier: Apache-2.0
# A remedy is part of an error: each is followed here, to the letter, and must end the trouble.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

settings="--steps 2 --batch 1 --patch 8x16x16 --spec widths=4,4 --quiet"
small() { # FOLDER CASES
    mkdir -p "$1/images" "$1/labels"
    for i in $(seq "$2"); do
        noise "$1/images/c$i.nii" 16 16 8
        bytes "$1/images/c$i.nii" $((500 + i)) '\001\002'
        halves "$1/labels/c$i.nii" 16 16 8
    done
}
small good 4
try 0 train good -o trained $settings

# Each case makes its trouble in a new folder `d` (a copy of good), runs the command of `trouble`,
# which must end with CODE and these words, and then the lines of `remedy`, which must succeed.
follow() { # CODE WORDS TROUBLE REMEDY
    try $1 $3
    grep -qF -- "$2" out.txt err.txt
    say $? "$words: '$2'"
    printf '%s\n' "$4" >remedy.sh
    sed "s|^attunet |\"$ATTUNET\" |" remedy.sh >followed.sh
    sh -e followed.sh >out.txt 2>err.txt </dev/null
    code=$?
    say $code "its remedy works: $(echo "$4" | tr '\n' ';')"
    [ $code -eq 0 ] || show err.txt
    rm -rf d run p mended
    cp -r good d
}
cp -r good d

# ---- files of a data set
mv d/labels/c2.nii lone.nii
follow 3 "d: 1 of 4 images has no label, which --unlabelled forbids: d/images/c2.nii; add its \
label, such as d/labels/c2.nii, or leave out that setting" "info d --quiet --unlabelled stop" \
    "cp lone.nii d/labels/c2.nii
attunet info d --unlabelled stop"
rm d/labels/c2.nii
follow 0 "and attunet leaves it out: d/images/c2.nii" "info d" \
    "attunet info d
attunet train d -o run $settings
attunet resume run --steps +1"
rm d/labels/c2.nii
follow 3 "or leave out that setting" "train d -o run $settings --unlabelled stop" \
    "rm d/images/c2.nii
attunet train d -o run $settings --unlabelled stop"
rm d/images/c2.nii
follow 3 "label d/labels/c2.nii has no image" "info d --quiet" "rm d/labels/c2.nii
attunet info d"
bytes d/labels/c2.nii 292 '\000\000\200\076'
follow 3 "or copy the image's header if its own is wrong" "train d -o run $settings" \
    "dd if=d/images/c2.nii of=d/labels/c2.nii bs=1 skip=280 seek=280 count=48 conv=notrunc
attunet train d -o run $settings"
bytes d/labels/c2.nii 292 '\000\000\200\076'
try 3 info d --quiet
out_has "(--fix OUT fixes it)"
follow 3 "would stop a training" "info d --quiet" "attunet info d --fix mended
attunet train mended -o run $settings"
echo '{"lables": {"background": 0, "x": 1}}' >d/dataset.json
follow 3 'd/dataset.json has "lables" but no "labels"; rename the key' "train d -o run $settings" \
    "sed -i s/lables/labels/ d/dataset.json
attunet train d -o run $settings"

ln -s nowhere d/images/c9.nii
cp good/labels/c1.nii d/labels/c9.nii
follow 3 "d/images/c9.nii does not exist; check the path" "info d --quiet" \
    "cp good/images/c1.nii d/images/nowhere.tmp
mv d/images/nowhere.tmp d/images/c9.nii
attunet info d"

# ---- what values mean
halves d/labels/c3.nii 16 16 8 '\377'
question="if these are classes, give --mask-values classes, or name them in a dataset.json; "
follow 3 "$question" "train d -o run $settings" "attunet train d -o run $settings --mask-values one"
halves d/labels/c3.nii 16 16 8 '\377'
follow 3 "$question" \
    "train d -o run $settings" "attunet train d -o run $settings --mask-values classes"
halves d/labels/c3.nii 16 16 8 '\377'
follow 3 "$question" "train d -o run $settings" \
    "echo '{\"labels\": {\"background\": 0, \"a\": 1, \"b\": 255}}' >d/dataset.json
attunet train d -o run $settings"
halves d/labels/c3.nii 16 16 8 '\377'
follow 3 "or info --fix, which writes all as 0 and 1" "train d -o run $settings" \
    "attunet info d --fix mended
attunet train mended -o run $settings"

# ---- splits
small one 1
follow 3 "one has 1 case, too few to hold some out; leave out --holdout" \
    "train one -o run $settings --holdout 0.2" "attunet train one -o run $settings"
follow 3 "one has 1 case, too few to validate any; add cases, or train on it without --fold" \
    "train one -o run $settings --fold all" "attunet train one -o run $settings"
follow 3 "give fewer --folds" "train d -o run $settings --fold 0" \
    "attunet train d -o run $settings --fold 0 --folds 4"
follow 3 "train without --fold" "train d -o run $settings --fold 0" \
    "attunet train d -o run $settings"
follow 3 "or name the cases in --train-list and --val-list" "train d -o run $settings --fold 0" \
    "printf 'c1\nc2\n' >train.txt; echo c3 >val.txt
attunet train d -o run $settings --train-list train.txt --val-list val.txt"
follow 2 "give --holdout 0.5" "train d -o run $settings --holdout 0.3 --stratify" \
    "attunet train d -o run $settings --holdout 0.5 --stratify"
follow 2 "no fold is chosen for validation; give --fold 0, or --fold all" \
    "train d -o run $settings --folds 2" "attunet train d -o run $settings --folds 2 --fold 0"
follow 3 "write a groups.csv (image,group) into it" \
    "train d -o run $settings --folds groups --fold 0" \
    "printf 'image,group\nc1,a\nc2,a\nc3,b\nc4,b\n' >d/groups.csv
attunet train d -o run $settings --folds groups --fold 0"

# ---- cases for a test or for validation, by their names; what is left aside is printed once
for i in 1 2 3 4; do
    part=$(echo "train train test val" | cut -d ' ' -f $i)
    mkdir -p parts/$part/img parts/$part/seg
    cp good/images/c$i.nii parts/$part/img && cp good/labels/c$i.nii parts/$part/seg
done
cp good/images/c1.nii parts/note.nii
printf 'c1\nc2\nc4\n' >others.txt && echo c4 >val.txt
follow 0 "attunet also trains and validates on 1 test case, such as c3; to keep them for a test, \
list the other cases in a file, one a line, and give --train-list FILE" "info parts" \
    "attunet info parts --train-list others.txt --folds 3
attunet plan parts --train-list others.txt --steps 2 --spec widths=4,4
attunet train parts -o run $settings --fold 0 --folds 3 --train-list others.txt"
follow 0 "attunet also trains on 1 validation case, such as c4; to validate on them alone, list \
them in a file, one a line, and give --val-list FILE" "info parts" \
    "attunet info parts --val-list val.txt
attunet train parts -o run $settings --val-list val.txt"
try 0 info parts --train-list others.txt --folds 3
out_has "fold 2     2 train, 1 validate"
try 0 info parts --val-list val.txt
out_has "fold 0     3 train, 1 validate"
[ "$(cat out.txt err.txt | grep 'left aside 1 file without a pair, such as note.nii' | wc -l)" = 1 ]
say $? "what is left aside is printed once, in the singular"
try 6 info parts --train-list nowhere.txt --quiet
err_has "nowhere.txt"

# ---- an image without a label is left out alike in all layouts
put() { # LAYOUT IMAGE LABEL: of case $i
    mkdir -p "$1/${2%/*}" "$1/${3%/*}"
    cp good/images/c$i.nii "$1/$2"
    [ $i = 2 ] || cp good/labels/c$i.nii "$1/$3"
}
for i in 1 2 3 4; do
    put two images/c$i.nii labels/c$i.nii
    put flat ./c$i.nii ./c${i}_mask.nii
    put raw imagesTr/c${i}_0000.nii labelsTr/c$i.nii
    put bids sub-$i/anat/sub-${i}_T1w.nii derivatives/x/sub-$i/anat/sub-${i}_dseg.nii
    put cases c$i/t1.nii c$i/seg.nii
    put list scans/c$i.nii drawn/c$i.nii
    put named scans/c$i.nii drawn/c$i.nii
done
echo '{"channel_names": {"0": "MR"}, "labels": {"background": 0, "x": 1}, "file_ending": ".nii"}' \
    >raw/dataset.json
printf 'image,label\nscans/c1.nii,drawn/c1.nii\nscans/c2.nii,\nscans/c3.nii,drawn/c3.nii\n'\
'scans/c4.nii,drawn/c4.nii\n' >list/dataset.csv
for layout in two flat raw bids cases list named; do
    try 0 info $layout
    out_has "cases      3, 3 with labels"
    out_has "warning  $layout: 1 of 4 images has no label, and attunet leaves it out: "
    try 3 info $layout --unlabelled stop
    out_has "error    $layout: 1 of 4 images has no label, which --unlabelled forbids: "
    try 3 train $layout -o never --steps 1 --unlabelled stop
    err_has "$layout: 1 of 4 images has no label, which --unlabelled forbids: "
    absent never
done

# ---- masks of two classes that overlap
for i in 1 2 3 4; do
    mkdir -p layers/scan layers/liver layers/tumour
    cp good/images/c$i.nii layers/scan && cp good/labels/c$i.nii layers/liver
    { head -c 352 good/labels/c$i.nii; head -c 1280 /dev/zero
        head -c 512 /dev/zero | tr '\0' '\1'; head -c 256 /dev/zero; } >layers/tumour/c$i.nii
done
both="--images scan/{id}.nii --labels liver/{id}.nii"
try 3 info layers
err_has "and neither names nor contents say which; give "
err_has "; if they are classes of which the later covers the earlier, give --images \
'scan/{id}.nii' --labels 'liver/{id}.nii>tumour/{id}.nii', or "
err_has " (liver/c1.nii and tumour/c1.nii overlap in 256 voxels)"
grep -o "\-\-images '[^']*' --labels '[^']*'" err.txt >options.txt
[ "$(wc -l <options.txt)" = 4 ]
say $? "there are four options: each class, and both in two orders"
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    TERM=xterm script -qec "'$ATTUNET' info layers" /dev/null </dev/null >terminal.txt 2>&1
    [ "$(grep -c '^  --images' terminal.txt)" = 4 ]
    say $? "each has a line of its own on a terminal"
else
    echo "SKIPPED: no script(1) here to be a terminal"
fi
while read -r option; do
    eval "try 0 train layers -o run $settings $option"
    eval "try 0 info layers $option"
    rm -r run
done <options.txt
follow 3 "layers/tumour/c1.nii overlaps layers/liver/c1.nii, a mask of another class, in 256 \
voxels, such as " "train layers -o run $settings $both;tumour/{id}.nii" \
    "attunet info layers $both\\;tumour/{id}.nii --mask-values one
attunet train layers -o run $settings $both\\;tumour/{id}.nii --mask-values one --fold 0 --folds 2
attunet evaluate run layers
attunet resume run --steps +1"
try 0 train layers -o run $settings $both'>'tumour/{id}.nii --fold 0 --folds 2
try 0 evaluate run layers --metrics dice
out_has "tumour"
try 0 resume run --steps +1
try 0 predict run layers -o p --quiet
rm -r run p
for class in liver tumour; do cp -r layers/$class layers/expert_$class; done
try 3 info layers # a second reader of a class is no class
err_has "; if they are classes of which the later covers the earlier, give --images \
'scan/{id}.nii' --labels 'liver/{id}.nii>tumour/{id}.nii', or "

# ---- settings and runs
try 4 train d -o run $settings --max-memory 1MiB
least=$(sed -n 's/.*or --max-memory \(.*\)/\1/p' err.txt)
follow 4 "or --max-memory " "train d -o run $settings --max-memory 1MiB" \
    "attunet train d -o run $settings --max-memory $least"
follow 2 "choose a new folder, or continue with: attunet resume trained" \
    "train d -o trained $settings" \
    "attunet train d -o run $settings
attunet resume trained --steps +1"
cp -r good moved_from
try 0 train moved_from -o wandering $settings
mv moved_from moved
follow 6 "if you moved the data set, use attunet resume wandering --data PATH" \
    "resume wandering --steps +1" "attunet resume wandering --steps +1 --data moved"
follow 7 "use model.safetensors in the same folder" \
    "predict trained/checkpoint.safetensors d/images -o p" \
    "attunet predict trained/model.safetensors d/images -o p"
follow 7 "give a model file or a run folder first, then the images" \
    "predict d/images/c1.nii trained -o p" \
    "attunet predict trained d/images/c1.nii -o p"
follow 3 "trained has validated no case, so it holds no predictions; predict images into a folder \
and evaluate that" "evaluate trained d" "attunet predict trained d/images -o p
attunet evaluate p d/labels"
follow 3 "or train with --fold 0" \
    "evaluate trained d" "attunet train d -o run $settings --fold 0 --folds 2
attunet evaluate run d"
try 0 info trained
unsaid "attunet evaluate"
sed -i.good 's/"val"/"vall"/' trained/settings.json
follow 3 'unknown key "vall"; did you mean "val"?' "info trained" \
    "sed -i 's/\"vall\"/\"val\"/' trained/settings.json
attunet info trained"
finish
