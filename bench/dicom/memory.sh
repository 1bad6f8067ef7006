#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# memory.sh MAKE_SERIES ATTUNET_DICOM: memory to turn one file of 200 frames of 512x512 (100 MiB)
# into NIfTI, by how its pixels are compressed, and single pictures of 64 MiB; docs/dicom.md has
# the figures.
set -eu
make_series=$1 ours=$2
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
timed() { # NAME SERIES...
    name=$1
    shift
    mkdir "$work/series"
    "$make_series" "$work/series" "$@"
    /usr/bin/time -f "%M KiB, %e s  $name" "$ours" volume "$work/series" -o "$work/a.nii" >/dev/null
    rm -rf -- "$work/series" "$work/a.nii"
}
for syntax in plain deflated rle jpeg jpeg_ls jpeg2000; do
    timed "200 frames, $syntax" slices=200 rows=512 columns=512 enhanced=1 "syntax=$syntax"
done
for syntax in plain deflated rle jpeg jpeg_ls jpeg2000; do
    timed "one picture, $syntax" slices=1 rows=4096 columns=8192 "syntax=$syntax"
    timed "one picture of noise, $syntax" slices=1 rows=4096 columns=8192 noise=1 "syntax=$syntax"
    timed "one palette picture, $syntax" slices=1 rows=4096 columns=5460 \
        "photometric=PALETTE COLOR" "syntax=$syntax"
done
