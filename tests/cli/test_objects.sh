#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Single objects: cells that touch, with dark lines between them, are learnt, numbered and scored.
. "$SOURCE/tests/cli/run.sh"

# NUMBER: an image of 48x48 pixels and its label, a grid of cells of other sizes for each number.
cells() {
    for what in images labels; do
        mkdir -p "$2/$what"
        awk -v seed="$1" -v what=$what 'BEGIN {
            tall = 9 + seed % 4; wide = 10 + seed % 3; print "P2 48 48 255"
            for (y = 0; y < 48; y++) for (x = 0; x < 48; x++) {
                row = int(y / tall); column = int(x / wide)
                cell = (row + 1) * tall <= 48 && (column + 1) * wide <= 40
                edge = y % tall == 0 || x % wide == 0
                noise = (x * 7 + y * 13 + seed * 5) % 9
                if (what == "labels") print cell ? 1 + row * 5 + column : 0
                else print (cell ? (edge ? 90 : 200) : 30) + noise
            }
        }' >"$2/$what/cell_$1.pgm"
    done
}
for i in 1 2 3 4 5 6 7 8 9; do cells $i data; done
for i in 10 11 12; do cells $i unseen; done

question="if they number objects, give --instances to train single objects, or --mask-values one \
to make them one class"
try 3 train data -o run --steps 1 --quiet
said "$question"
absent run
try 3 info data
out_has "1 that stop a training, 1 warning"
out_has "$question"
try 0 info data --instances
out_has "0 background, 1 inside, 2 border"
out_has "0 that stop a training, 1 warning" # two images are similar; the question has its answer
try 0 info data --mask-values one
out_has "0 background, 1 foreground"
out_has "0 that stop a training, 1 warning"
try 2 info data --instances --mask-values one
try 2 train data -o run --steps 1 --instances --mask-values one
said "--instances makes values objects, but --mask-values is one; leave out one"
try 0 pack data -o packed --steps 1 --instances --quiet
try 0 train packed -o packed-run --steps 1 --instances --quiet
try 0 info packed-run
out_has "0 background, 1 inside, 2 border"

try 0 train data -o run --fold 0 --folds 3 --steps 200 --batch 4 --instances --quiet --rotate 0 \
    --spec "arch=unet dims=2 widths=8,16"
grep -q '"mask_values": "objects"' run/settings.json
say $? "the settings say that masks number objects"
try 0 predict run unseen/images -o masks
grep -q 'wrote 3 masks with [0-9]* objects to masks' out.txt
say $? "the objects are counted"
try 0 predict run unseen/images -o masks --json
awk '/"foreground"/ { getline; gsub(/[^0-9]/, ""); print }' out.txt >counted.txt
try 0 evaluate masks unseen/labels --metrics dice,volume --json
awk '/"mean"/ { exit } /volume_predicted/ { sub(/\..*/, ""); gsub(/[^0-9]/, ""); print }' \
    out.txt >voxels.txt
[ "$(grep -c . voxels.txt)" -eq 3 ] && cmp -s counted.txt voxels.txt
say $? "the voxels of objects are those of the masks"
some=ap50,pq,object_dice,object_hausdorff
try 0 evaluate masks unseen/labels --instances --metrics $some --json
cp out.txt scores.json
try 0 evaluate masks unseen/labels --metrics $some --json
cmp -s out.txt scores.json
say $? "masks of attunet are known to number objects"
awk -F '[:,]' '$1 ~ /"ap50"/ && $2 ~ /^ *[0-9]/ { last = $2 } END { exit !(last > .3) }' scores.json
say $? "most cells are found one by one"
out_has '"true": 12'
try 0 evaluate run data --metrics ap50
out_has "AP50"
try 0 compare a=scores.json b=scores.json --metric ap50
try 0 evaluate unseen/labels unseen/labels --instances --metrics ap90,pq --json
awk -F '[:,]' '$1 ~ /"(ap90|pq)"/ && $2 ~ /^ *[0-9]/ { n++; bad += $2 != 1 }
    END { exit bad || n < 8 }' out.txt
say $? "the truth has full scores"
try 2 evaluate data/images data/images --metrics ap50
said "asks for scores of objects, but the labels number none; give --instances, or choose"
# More pieces than numbers: info finds what would stop a training.
mkdir -p many/images many/labels
awk 'BEGIN {
    print "P2 514 514\n255 "
    for (i = 0; i < 514 * 514; i++) print i % 2 || int(i / 514) % 2 ? 0 : 255
}' >many/labels/a.pgm
sed 's/255$/9/' many/labels/a.pgm >many/images/a.pgm
try 3 info many --instances --json
out_has "many/labels/a.pgm: the mask has more than 65535 objects"
# A file for each object: nobody has to say that they are objects.
for i in 1 2 3 4; do
    mkdir -p "files/stage/$i/images" "files/stage/$i/masks"
    cp "data/images/cell_$i.pgm" "files/stage/$i/images/$i.pgm"
    for cell in 1 2 6 7; do
        name=$(echo $i-$cell | cksum | cut -c 1-6)
        awk -v cell=$cell 'NR == 1 { print; next } { print $1 == cell ? 255 : 0 }' \
            "data/labels/cell_$i.pgm" >"files/stage/$i/masks/$name.pgm"
    done
done
try 0 info files
said "each mask file is one object of its image; --mask-values one makes them one class"
out_has "4, 4 with labels"
out_has "problems   0 that stop a training, 0 warnings"
try 0 train files -o objects --fold 0 --folds 2 --steps 2 --quiet
out_has "border"
try 0 evaluate objects files --metrics ap50 --json
grep -A 3 '"objects": {' out.txt | grep -q '"true": 4'
say $? "each file is an object"
try 2 train files -o classes --fold 0 --folds 2 --steps 2 --quiet --mask-values classes
said "each mask file of files is one object of its image; leave out --mask-values, or give one"
try 0 train files -o one --fold 0 --folds 2 --steps 2 --quiet --mask-values one
out_has "foreground"
try 0 evaluate one files --metrics dice
# Each file is the mask of a whole image.
cp -r files whole
for i in 1 2 3 4; do
    for name in whole/stage/$i/masks/*; do
        cp data/labels/cell_$i.pgm "$name"
    done
done
try 3 info whole
said "have several values, so they are no single objects, but each image would have several; give"
try 3 info whole --images 'stage/{id}/images/{id}.pgm' --labels 'stage/{id}/masks/*.pgm'
out_has "have several values, though images have several of them; if each file is one object, give"

# NAME CELLS...: a file for each cell of an image, of two types in turn; $same: as many everywhere.
typed() {
    mkdir -p "$1/$2/tumour" "$1/$2/stroma"
    cp "data/images/cell_$2.pgm" "$1/$2/image.pgm"
    folder=$1/$2 image=$2 number=1
    shift 2
    for cell in "$@"; do
        type=tumour
        [ $((number % 2)) = 0 ] && type=stroma
        awk -v cell="$cell" 'NR == 1 { print; next } { print $1 == cell ? 255 : 0 }' \
            "data/labels/cell_$image.pgm" >"$folder/$type/$(((number + 1) / 2)).pgm"
        number=$((number + 1))
    done
}
typed types 1 1 7 8 2
typed types 2 6 2
typed types 3 8 1 2 6 7
typed types 4 7 1 6
typed types 5 2
typed types 6 1 8 7 6 2 3
try 0 info types
said "each mask file is one object; attunet takes all objects of a class as one mask; --instances"
out_has "{id}/stroma/#.pgm"
out_has "0 background, 1 stroma, 2 tumour"
try 0 info types --fix types-fixed
try 0 info types-fixed
out_has "0 background, 1 stroma, 2 tumour"
try 0 train types -o types-run --fold 0 --folds 2 --steps 2 --quiet
out_has "tumour"
try 0 info types --instances
out_has "0 background, 1 inside, 2 border"
try 0 train types -o types-objects --fold 0 --folds 2 --steps 2 --quiet --instances
try 0 evaluate types-objects types --metrics ap50 --json
awk '/"true":/ { sum += $2 } END { exit sum < 8 }' out.txt
say $? "each file of a class is an object"
try 0 info types --mask-values one
out_has "0 background, 1 foreground"
# As many objects in each image may be classes.
typed equal 1 1 7 8 2
typed equal 2 6 2 1 3
typed equal 3 8 1 2 6
typed equal 4 7 1 6 2
typed equal 5 2 8 6 7
typed equal 6 1 8 7 6
try 3 info equal
said "if each is an object of a class with a name, give --images"
cp err.txt question.txt
option="\(--images '[^']*' --labels '[^']*'\)"
sed -n "s/.*with a name, give $option.*/\1/p" question.txt >flags.txt
eval "try 0 train equal -o equal-types --fold 0 --folds 2 --steps 2 --quiet $(cat flags.txt)"
out_has "tumour"
sed -n "s/.*number is a class, give $option.*/\1/p" question.txt >flags.txt
eval "try 0 train equal -o equal-numbers --fold 0 --folds 2 --steps 2 --quiet $(cat flags.txt)"
out_has "tumour_2"
finish
