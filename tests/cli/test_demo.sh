# SPDX-License-Identifier: Apache-2.0
# The demo from end to end, with far too few steps to learn anything.
. "$SOURCE/tests/cli/run.sh"

try 0 demo --count 2 --steps 1 --quiet
silent
out_has "mean Dice on unseen cases"
out_has "attunet-demo/ultrasound/attunet-unseen"
exists attunet-demo/ultrasound/attunet-unseen.html attunet-demo/organs/unet-unseen.html
out_has "an attention map shows how much of the encoder's features a gate passes at each voxel"
# Which net wins after a step is chance: the sentence goes with the table.
for column in 2 3; do
    title=$(echo "ultrasound 2D,organs 3D" | cut -d, -f$((column - 1)))
    better=$(awk -v c=$column '$1 == "attunet" { a = $c } $1 == "unet" { u = $c }
        END { print (u > a) ? 1 : (u < a) ? 0 : -1 }' out.txt)
    told=$(grep -c "^$title: here the plain U-Net was better" out.txt)
    [ "$better" -eq -1 ] || [ "$told" -eq "$better" ]
    say $? "$title: whether the plain U-Net was better"
done
for method in attunet unet threshold; do
    grep -q "^$method .*[0-9]" out.txt
    say $? "$words: a row for $method"
done
for kind in ultrasound organs; do
    exists attunet-demo/$kind/attunet/model.safetensors attunet-demo/$kind/unet/model.safetensors
done
exists attunet-demo/ultrasound/attunet-unseen/unseen_0000.png \
    attunet-demo/organs/attunet-unseen/unseen_0000.nii.gz

try 0 demo -o here --count 2 --steps 1 --json
out_has '"folder": "here"'
exists here/organs/unet-unseen
try 2 demo -o here --count 2 --steps 1
err_has "here/ultrasound/data holds images or labels already"

finish
