# SPDX-License-Identifier: Apache-2.0
# What is learned at one spacing holds on the images' own grids: volumes of 1.5x1x1 mm, a network of
# 2x2x2 mm.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom organs -o data --count 12 --unseen 4 --quiet
try 0 train data -o run --spacing 2x2x2 --steps 250 --spec "arch=attunet widths=8,16,32" --patch \
    16x24x16 --batch 4 --foreground 0.67 \
    --validate-every 0 --warmup 10 --lr 0.005 --quiet
try 0 predict run data/unseen/images -o masks --quiet
try 0 evaluate masks data/unseen/labels
awk '$1 == "mean" && $2 == "all" { good = $3 > 0.6 } END { exit !good }' out.txt
say $? "mean Dice above 0.6"
finish
