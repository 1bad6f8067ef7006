#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes pages of several kinds (2D, 3D with two classes and names that are markup, without gates,
# stopped, of folds, of masks alone, of 50 cases) and has tests/report/check.py look at them in
# Chromium. Usage: ATTUNET=COMMAND pages.sh FOLDER; FOLDER is made anew and keeps the screenshots.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
rm -rf -- "$1" && mkdir -p -- "$1" && cd -- "$1"
a() { "$ATTUNET" "$@" --quiet; }

a phantom ultrasound -o plane --count 60 --unseen 2
a phantom organs -o volume --count 6 --unseen 1
evil='<script>document.title=1<'"'"'&"> a name that is far too long for any cell of a table and '\
'goes on and on and on'
mv "volume/images/case_0003.nii.gz" "volume/images/$evil.nii.gz" &&
    mv "volume/labels/case_0003.nii.gz" "volume/labels/$evil.nii.gz"
small='widths=4,8,8'
ls plane/images | sed 's/\.png$//' | head -n 10 >train.txt
ls plane/images | sed 's/\.png$//' | tail -n 50 >val.txt
a train plane -o plane-run --train-list train.txt --val-list val.txt --spec \
    "arch=attunet $small gated=all" --patch 64x64 --batch 2 --steps 30 \
    --validate-every 10
ls volume/images | sed 's/\.nii\.gz$//' | grep 'case_000[0-2]' >train.txt
ls volume/images | sed 's/\.nii\.gz$//' | grep -v 'case_000[0-2]' >val.txt
a train volume -o volume-run --train-list train.txt --val-list val.txt --spec \
    "arch=attunet dims=3 $small gated=all" --patch 16x32x32 --batch 2 \
    --steps 20
a train volume -o without --spec "arch=unet dims=3 widths=4,8" --patch 16x32x32 --batch 1 --steps 4
a train plane -o folds --fold all --spec "arch=unet widths=4,8" --resize 48x48 --batch 2 --steps 4
a evaluate volume-run volume --report masks.html
python3 "$here/check.py" chromium . plane-run/report.html volume-run/report.html \
    without/report.html folds/report.html masks.html
