#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records the learning curves that bench_tune searches: small networks on the phantom `ultrasound`,
# every combination of learning rate, loss, weight decay and width, each trained to 40 steps, then
# continued to 120 and to 360; Dice on the validation cases of fold 0 each time. A training that
# diverges has Dice 0 from there on.
#
#   record.sh ATTUNET FOLDER CURVES.csv       what CURVES.csv has already is not made again
set -eu
attunet=$1 folder=$2 curves=$3
if [ ! -d "$folder/data" ]; then # whole, or not there
    rm -rf "$folder/data.part"
    "$attunet" phantom ultrasound -o "$folder/data.part" --count 40 --unseen 1 --quiet
    mv "$folder/data.part" "$folder/data"
fi
[ -s "$curves" ] || echo "lr,loss,weight_decay,width,dice_40,dice_120,dice_360" >"$curves"

dice() { sed -n 's/^validation Dice \([0-9.]*\).*/\1/p' "$folder/out.txt"; }
run() { nice -n 19 "$attunet" "$@" --threads 1 --quiet >"$folder/out.txt" 2>"$folder/err.txt"; }

for lr in 0.0001 0.0003 0.001 0.003 0.01 0.03 0.1; do
    for loss in dice+ce ce gdice focal-tversky; do
        for decay in 0.0001 0.1; do
            for width in 4 8; do
                row="$lr,$loss,$decay,$width"
                grep -q "^$row," "$curves" && continue
                rm -rf "$folder/run"
                a=0 b=0 c=0
                if run train "$folder/data" -o "$folder/run" --fold 0 --steps 40 --resize 64x64 \
                    --patch 64x64 --batch 4 --validate-every 0 \
                    --spec "widths=$width,$((2 * width)),$((4 * width))" --lr $lr --loss "$loss" \
                    --weight-decay $decay; then a=$(dice)
                    if run resume "$folder/run" --steps +80; then b=$(dice)
                        if run resume "$folder/run" --steps +240; then c=$(dice)
                        else grep -q diverged "$folder/err.txt"; fi
                    else grep -q diverged "$folder/err.txt"; fi
                else grep -q diverged "$folder/err.txt"; fi
                echo "$row,$a,$b,$c" >>"$curves"
            done
        done
    done
done
