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
try 0 info data
out_has "$question"
try 2 train data -o run --steps 1 --instances --mask-values one
said "--instances makes values objects, but --mask-values is one; leave out one"

try 0 train data -o run --fold 0 --folds 3 --steps 200 --batch 4 --instances --quiet --rotate 0 \
    --spec "arch=unet dims=2 widths=8,16"
grep -q '"mask_values": "objects"' run/settings.json
say $? "the settings say that masks number objects"
try 0 predict run unseen/images -o masks
grep -q 'wrote 3 masks with [0-9]* objects to masks' out.txt
say $? "the objects are counted"
some=ap50,pq,object_dice,object_hausdorff
try 0 evaluate masks unseen/labels --instances --metrics $some --json
cp out.txt scores.json
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
finish
