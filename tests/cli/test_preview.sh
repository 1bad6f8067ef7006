# SPDX-License-Identifier: Apache-2.0
# The picture of augmented patches: alone, beside a plan, and what is refused.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom organs -o data --count 3 --unseen 1 --quiet
set -- --patch 16x24x24 --spec "arch=unet widths=4,4" --quiet
try 0 plan data --show-augmentation -o patches.png "$@"
out_has "patches.png shows the augmentation"
exists patches.png
absent plan.json
try 0 info patches.png
out_has "2        0      255"

# The same settings draw the same picture, others another one.
try 0 plan data --show-augmentation -o again.png --threads 1 "$@"
cmp -s patches.png again.png
say $? "the same picture again, on one thread"
try 0 plan data --show-augmentation -o full.png --augment full --elastic 1 "$@"
! cmp -s patches.png full.png
say $? "another picture with --augment full"
try 0 plan data --show-augmentation -o none.png --augment none "$@"
! cmp -s patches.png none.png
say $? "another picture with --augment none"

try 0 plan data --show-augmentation -o plan.json --augment full --noise 0.25 "$@"
exists plan.json plan_augmentation.png
out_has "plan_augmentation.png shows"
grep -q '"augment": "full"' plan.json && grep -q '"noise": 0.25' plan.json &&
    grep -q '"blur": null' plan.json
say $? "the plan holds what was given, and no more"
try 0 train data -o run --plan plan.json --steps 2 --augment light --quiet
grep -q '"augment": "light"' run/settings.json && grep -q '"noise": 0.25' run/settings.json
say $? "a flag wins over the plan's"

try 2 plan data --show-augmentation --quiet
err_is "--show-augmentation draws a picture; name its file, such as FILE.png, with --output"
for name in precious.tif precious.jpg precious.nii.gz; do # of images, a plan overwrites none
    echo kept >"$name"
    try 2 plan data --show-augmentation -o "$name" "$@"
    err_is "$name has the name of an image, but the output is no image; choose another name"
    [ "$(cat "$name")" = kept ]
    say $? "$name is as it was"
done
try 2 plan data --augment much --quiet
err_has "--augment"
try 2 train data -o bad --noise 2 --quiet
err_has "--noise"
try 6 plan data --show-augmentation -o nowhere/patches.png "$@"
absent bad
finish
