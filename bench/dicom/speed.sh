#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# speed.sh MAKE_SERIES ATTUNET_DICOM [DCM2NIIX]: seconds and memory to turn a series of 500 slices
# of 512x512 into NIfTI, plain and compressed, by turns with dcm2niix, and a series of 200 slices
# whose pixels are RLE or JPEG (process 14); docs/dicom.md has the figures.
set -eu
make_series=$1 ours=$2 theirs=${3:-dcm2niix}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/series" "$work/rle" "$work/jpeg" "$work/out"
"$make_series" "$work/series" slices=500 rows=512 columns=512
for code in rle jpeg; do
    "$make_series" "$work/$code" slices=200 rows=512 columns=512 syntax=$code
done
timed() { # NAME WORDS...
    name=$1
    shift
    /usr/bin/time -f "%e s, %M KiB  $name" "$@" >"$work/said"
    rm -f -- "$work/out"/*
}
for turn in 1 2 3; do
    timed 'plain, attunet-dicom' "$ours" volume "$work/series" -o "$work/out/a.nii"
    timed 'plain, dcm2niix' "$theirs" -z n -b n -f a -o "$work/out" "$work/series"
    timed 'compressed, attunet-dicom' "$ours" volume "$work/series" -o "$work/out/a.nii.gz"
    timed 'compressed, dcm2niix' "$theirs" -z y -1 -b n -f a -o "$work/out" "$work/series"
    for code in rle jpeg; do
        timed "$code, attunet-dicom" "$ours" volume "$work/$code" -o "$work/out/a.nii"
        timed "$code, dcm2niix" "$theirs" -z n -b n -f a -o "$work/out" "$work/$code"
    done
done
