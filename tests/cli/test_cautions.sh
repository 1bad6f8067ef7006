# SPDX-License-Identifier: Apache-2.0
# What is said where a number cannot mean what it seems to, and of options that a command knows only
# to refuse them.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

# ---- a tolerance that does not fit the voxels
try 0 phantom organs -o data --count 3 --unseen 0 --quiet
try 0 evaluate data/labels data/labels --voxel-size 0.04x0.02x0.02
said "--tolerance 1 mm is 50 times the shortest side of a voxel (0.02 mm): surface Dice (NSD) will \
accept almost any surface"
try 0 evaluate data/labels data/labels --voxel-size 0.04x0.02x0.02 --tolerance 0.04
unsaid "--tolerance"
try 0 evaluate data/labels data/labels --voxel-size 0.001x0.0005x0.0005
unsaid "--tolerance"
out_has "HD95 um"
out_has "um3 true"
try 0 evaluate data/labels data/labels --voxel-size 0.001x0.0005x0.0005 --tolerance 0.001
said "--tolerance 0.001 um is less than half of the shortest side of a voxel (0.5 um)"
try 0 evaluate data/labels data/labels --voxel-size 8x4x4
said "--tolerance 1 mm is less than half of the shortest side of a voxel (4 mm)"
try 0 evaluate data/labels data/labels
unsaid "--tolerance"
try 0 evaluate data/labels data/labels --voxel-size 8x4x4 --metrics dice,hd95
unsaid "--tolerance"

# ---- intervals from few cases
try 0 phantom organs -o more --count 10 --unseen 0 --quiet
for set in data more; do
    try 0 evaluate "$set/labels" "$set/labels" --metrics dice --json --report "$set.html" --quiet
    cp out.txt "$set.txt"
done
caution="with fewer than 10 cases, intervals are too narrow"
try 0 compare a=data.txt b=data.txt
out_has "$caution"
try 0 compare a=more.txt b=more.txt
unsaid "$caution"
grep -q "Intervals from fewer than 10 cases are too narrow" data.html
say $? "the report of few cases says it, too"
grep -q ", from few cases" data.html
say $? "also in its first line"
! grep -q "are too narrow\|from few cases" more.html
say $? "and that of 10 does not"

# ---- intensities that normalising flattens: 1 to 255 in units of 1e-12
mkdir -p faint/images faint/labels
for id in a b c; do
    noise "faint/images/$id.nii" 16 16 8
    halves "faint/labels/$id.nii" 16 16 8
done
try 0 plan faint --steps 1 --spec widths=4,8 --batch 1 --patch 8x16x16
unsaid "intensities"
for id in a b c; do bytes "faint/images/$id.nii" 112 '\314\274\214\053'; done
try 0 info faint
out_has "warning  faint/images/a.nii: channel 0 has a standard deviation of 7.35e-11;"
out_has "multiply the intensities of all images, such as by 1e9"
try 0 info faint/images/a.nii
grep -q '^ *0 *1e-12 *2.55e-10 *1.[0-9]*e-10 *7.[0-9]*e-11$' out.txt
say $? "the range of an image has digits"
lost="3 of 3 cases (a, b, c) have intensities that differ by less than 1e-8, so normalising \
leaves almost nothing of them"
try 0 plan faint --steps 1 --spec widths=4,8 --batch 1 --patch 8x16x16
said "$lost"
try 0 plan faint --steps 1 --spec widths=4,8 --batch 1 --patch 8x16x16 --normalise none
unsaid "intensities"
try 0 train faint -o faint-run --steps 1 --spec widths=4,8 --batch 1 --patch 8x16x16
said "$lost"
try 0 predict faint-run faint/images -o faint-masks
said "a has a channel whose intensities differ by less than 1e-8"
said "3 images, the first a, had so little contrast that normalising leaves almost nothing"
unsaid "b has intensities"

# ---- lengths in two units
"$ATTUNET" phantom ultrasound -o flat --count 1 --unseen 0 --quiet
for size in "" "--voxel-size 0.5x0.5"; do
    try 0 evaluate flat/labels flat/labels --json $size
    cp out.txt "flat$(echo "$size" | tr -dc 0-9).json"
done
try 3 compare a=flat.json b=flat0505.json --metric hd95
err_is "distances are in pixels in flat.json and in mm in flat0505.json; evaluate both again, with \
one --voxel-size if their headers differ"
try 0 compare a=flat.json b=flat0505.json
mkdir mixed
cp data/labels/case_0000.nii.gz mixed/deep.nii.gz
cp flat/labels/case_0000.png mixed/flat.png
try 0 evaluate mixed mixed --report mixed.html
said "distances are in mm in 1 of 2 cases but not in the others"
out_has "0.00 pixels"
grep -q '^flat .*[0-9] pixels$' out.txt; say $? "what has no spacing is counted, not measured in ml"
grep -q "Some cases have distances in voxels and others not" mixed.html &&
    ! grep -q "limits of agreement in" mixed.html
say $? "its report has no means of both"
# micrometres are told as such beside a case without a spacing, and each unit has its own doubts
# about the tolerance
square() { # FILE SPACING FIRST
    { printf 'NRRD0004\ntype: uint8\ndimension: 3\nsizes: 16 16 1\n%sencoding: raw\n\n' "$2"
        for row in $(seq 16); do for x in $(seq 16); do
            if [ "$row" -gt 4 ] && [ "$row" -le 12 ] && [ "$x" -gt "$3" ] &&
                [ "$x" -le $(($3 + 8)) ]; then printf '\001'; else printf '\000'; fi
        done; done; } >"$1"
}
mkdir small small/p small/l
um='spacings: 0.0002 0.0002 0.001
'
square small/p/a.nrrd "$um" 2
square small/l/a.nrrd "$um" 5
square small/p/b.nrrd "" 2
square small/l/b.nrrd "" 5
try 0 evaluate small/p small/l
said "distances are in um in 1 of 2 cases but not in the others"
unsaid "--tolerance"
out_has "0.60"
grep -q '^b .*3.00 pixels' out.txt; say $? "pixels are counted where there are no lengths"
try 0 evaluate small/p small/l --report small.html
grep -q "um or voxels" small.html; say $? "the report names both units"
mkdir fine fine/p fine/l
for x in p l; do sed 's/spacings: .*/spacings: 0.000004 0.000004 0.00005/' small/$x/a.nrrd \
    >fine/$x/a.nrrd; done
try 0 evaluate fine/p fine/l --report fine.html
grep -q "0.0120 um" fine.html; say $? "distances of pixels of 4 nm are told to a part of one"
try 0 evaluate small/p small/l --tolerance 0.3
said "--tolerance 0.3 pixels is less than half of the shortest side of a voxel (1 pixel): surface"
unsaid "0.3 um is"
try 0 evaluate small/p small/l --tolerance 3
said "--tolerance 3 um is 15 times the shortest side of a voxel (0.2 um)"
unsaid "3 pixels is"
# one file of numbered objects, and a set of which some files say no size, or no mask can be read
{ printf \
    'NRRD0004\ntype: uint8\ndimension: 2\nsizes: 4 2\nencoding: '\
'raw\n\n\000\001\002\003\004\005\006\007'; } >objects.nrrd
{ printf \
    'NRRD0004\ntype: uint8\ndimension: 2\nsizes: 4 2\nencoding: '\
'raw\n\n\000\001\001\001\001\001\001\001'; } >found.nrrd
try 0 evaluate found.nrrd objects.nrrd --metrics dice
said "labels have 7 values besides 0, and attunet makes each a class; if they number objects, \
save both sides as masks of 0 and 1"
try 0 evaluate objects.nrrd found.nrrd --metrics dice
unsaid "number objects"
mkdir sized sized/images sized/labels
square sized/images/a.nrrd "$um" 3
square sized/labels/a.nrrd "$um" 2
for i in b c; do square sized/images/$i.nrrd "" 3; square sized/labels/$i.nrrd "" 4; done
try 0 info sized
out_has "2 of 3 images state no voxel spacing, such as sized/images/b.nrrd, so their distances \
and volumes are unknown; give --voxel-size, or convert to a format with spacing"
grep -q '^spacing .*; 2 cases have none$' out.txt
say $? "cases without spacing are counted"
out_has "labels     0 background"
try 0 info sized --json
out_has '"cases_without_spacing": 2'
for i in a b c; do head -c 100 sized/labels/$i.nrrd >cut && mv cut sized/labels/$i.nrrd; done
try 3 info sized
out_has "labels     unknown: no mask could be read"
square small/l/a.nrrd 'spacings: 0.0004 0.0002 0.001
' 5
try 3 evaluate small/p small/l
err_is "small/p/a.nrrd: its voxels are 0.0002x0.0002 mm, but those of small/l/a.nrrd are \
0.0002x0.0004 mm; correct the wrong header, or resample one to the other's grid"
mv mixed/deep.nii.gz mixed/zdeep.nii.gz
try 0 evaluate mixed mixed
grep -q '^zdeep .*[0-9] ml  ' out.txt
say $? "and where the others are counted, what has a spacing is in ml"
try 0 evaluate data/labels data/labels
unsaid "but not in the others"

# ---- units: NIfTI's micrometres, as Fiji writes them, and NRRD's
mkdir -p units/images units/labels
for i in 1 2; do
    noise units/images/c$i.nii 8 8 8
    halves units/labels/c$i.nii 8 8 8
done
try 0 info units
unsaid "lengths in"
unsaid "pixdim"
bytes units/images/c1.nii 80 '\000\000\000\000' # of x; the sform has it
try 0 info units
out_has "1 image such as units/images/c1.nii gives no voxel length, or 0 (pixdim), so attunet \
uses the affine's; correct the headers, or give --voxel-size"
try 0 plan units --steps 1 --spec widths=4,8 --batch 1 --patch 8x8x8
said "warning: 1 image such as units/images/c1.nii gives no voxel length, or 0 (pixdim)"
bytes units/images/c2.nii 123 '\013' # micrometres and seconds
try 0 info units/images/c2.nii
out_has "1x1x1 um"
try 3 info units
out_has "units/labels/c2.nii: its voxels are 1x1x1 mm, but those of units/images/c2.nii are"
bytes units/labels/c2.nii 123 '\000' # no unit, as in nibabel's masks: the image's
bytes units/images/c1.nii 123 '\003'
bytes units/labels/c1.nii 123 '\003'
try 0 info units
for i in 1 2; do
    tail -c 512 units/images/c$i.nii >voxels
    rm units/images/c$i.nii
    {
        printf \
            'NRRD0004\ntype: uchar\ndimension: 3\nspace: right-anterior-superior\nsizes: 8 8 '\
'8\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n'
        printf \
            'space units: "" "micron" "micron"\nkinds: domain domain domain\nencoding: raw\nspace '\
'origin: (0,0,0)\n\n'
        cat voxels
    } >units/images/c$i.nrrd
done
try 0 info units
try 0 info units/images/c1.nrrd
out_has "1x1x1 um"

# ---- time that getting ready takes
try_by_ticks 0 train data -o run --time 1s --spec widths=4,8 --patch 32x64x64 --batch 1
said "of which preparation took"
said "of the 1 s of --time; give more --time, or set --steps"

# ---- tune
try 0 tune --help
for option in time steps epochs validate-every checkpoint-every; do
    if grep -q -- "^  --$option " out.txt; then not_ok "tune --help lists --$option"
    else ok "tune --help does not list --$option"; fi
    try 2 tune data -o search --budget 1m --quiet --$option 5
    err_has "--$option cannot be searched"
done
try 0 tune --help
out_has "  --lr X"
out_has "  --budget TIME"
try 0 train --help
out_has "  --steps N"
finish
