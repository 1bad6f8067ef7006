# SPDX-License-Identifier: Apache-2.0
# Masks lie where their images lie, whatever the orientation and the format: header bytes, lines and
# affines come back as they were.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir -p data/images data/labels images
for i in 1 2; do
    noise data/images/case$i.nii 16 16 8
    halves data/labels/case$i.nii 16 16 8
done
try 0 train data -o run --steps 2 --batch 1 --patch 8x16x16 --spec "arch=unet widths=4,4" --quiet

# ---- an image on its side, left-handed, sheared, with both forms: floats 0, 2, -0.5 and so on in
# the rows, quaternion and offsets
noise images/turned.nii 20 24 11
zero='\000\000\000\000' two='\000\000\000\100' half='\000\000\000\277' one='\000\000\200\077' \
    ten='\000\000\040\101'
# qfac -1, voxels of 1, 2, 1 mm
bytes images/turned.nii 76 "\\000\\000\\200\\277$one$two$one"
# qform scanner, sform Talairach
bytes images/turned.nii 252 '\001\000\003\000'
bytes images/turned.nii 256 "$one$zero$zero$ten$two$half"
bytes images/turned.nii 280 "$zero$two$half$ten"
bytes images/turned.nii 296 "$half$zero$zero$two"
bytes images/turned.nii 312 "$zero$half$one$one"
bytes images/turned.nii 39 '\145'                                        # dim_info

# The same samples as NRRD, MetaImage and a pair.
samples() { dd if=images/turned.nii bs=352 skip=1 2>/dev/null; }
{
    printf \
        'NRRD0004\n# by hand\ntype: uchar\ndimension: 3\nspace: right-anterior-superior\nsizes: '\
'20 24 11\n'
    printf \
        'space directions: (0,-0.5,0) (2,0,-0.5) (-0.5,0,1)\nkinds: domain domain '\
'domain\nencoding: raw\nspace origin: (10,2,1)\nwho:=me\n\n'
    samples
} >images/a.nrrd
{
    printf \
        'ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = '\
'False\nCompressedData = False\n'
    printf \
        'TransformMatrix = 0 1 0 -1 0 0 0 0 1\nOffset = -10 -2 1\nCenterOfRotation = 0 0 '\
'0\nAnatomicalOrientation = ALS\nElementSpacing = 0.5 2 1.25\n'
    printf 'DimSize = 20 24 11\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n'
    samples
} >images/b.mha
head -c 352 images/turned.nii >images/c.hdr
samples >images/c.img
bytes images/c.hdr 108 "$zero"
bytes images/c.hdr 344 'ni1'
try 0 predict run images -o masks --quiet
silent
exists masks/turned.nii masks/a.nrrd masks/b.mha masks/c.hdr masks/c.img

# dim_info; pixdim; both codes, quaternion, offsets and rows
same_bytes() { # A B OFFSET COUNT
    dd if="$1" bs=1 skip="$3" count="$4" of=one.bin 2>/dev/null
    dd if="$2" bs=1 skip="$3" count="$4" of=two.bin 2>/dev/null
    cmp -s one.bin two.bin
    say $? "$2: bytes $3 to $(($3 + $4)) are those of $1"
}
for f in turned.nii c.hdr; do
    same_bytes images/$f masks/$f 0 56
    same_bytes images/$f masks/$f 76 32
    same_bytes images/$f masks/$f 120 4
    same_bytes images/$f masks/$f 228 100
done
has_lines() { # IMAGE MASK LINE...
    image=$1 mask=$2
    shift 2
    for line in "$@"; do
        grep -aqxF -- "$(grep -a -- "^$line" "$image")" "$mask"
        say $? "$mask has $image's line $line"
    done
}
has_lines images/a.nrrd masks/a.nrrd '# by hand' 'space:' 'space directions' 'space origin' \
    'kinds' 'who'
has_lines images/b.mha masks/b.mha TransformMatrix Offset ElementSpacing CenterOfRotation \
    AnatomicalOrientation
for f in a.nrrd b.mha c.hdr turned.nii; do
    "$ATTUNET" info images/$f --json >one.txt
    "$ATTUNET" info masks/$f --json >two.txt
    for key in affine spacing; do
        a=$(tr -d ' \n' <one.txt | grep -o "\"$key\":\[[^a-z]*\]")
        b=$(tr -d ' \n' <two.txt | grep -o "\"$key\":\[[^a-z]*\]")
        [ -n "$a" ] && [ "$a" = "$b" ]
        say $? "$f: the mask's $key is the image's"
    done
done
# the same samples, in three formats: the same mask
cmp -s masks/c.img images/c.img && not_ok "the mask is the image" || ok "the mask is not the image"
dd if=masks/turned.nii bs=352 skip=1 of=one.bin 2>/dev/null
cmp -s one.bin masks/c.img
say $? "a pair's mask has the samples of the single file's"

# ---- masks and labels apart: how many voxels and mm, and what to do
mkdir labels
cp masks/turned.nii labels/turned.nii
bytes labels/turned.nii 292 "$two" # 2 mm instead of 10
cp masks/turned.nii one.nii
try 3 evaluate one.nii labels/turned.nii
err_has "one.nii is "
err_has " voxels (8 mm) away from its label labels/turned.nii; predict on the label's own grid, or \
correct the affine"

# ---- what is not read, in words
printf 'PK\003\004and so on' >arrays.npz
try 3 predict run arrays.npz -o none
err_has "a zip archive, not an image; save the image of an .npz"
try 3 predict run images/c.img -o none
err_has "give its header, the .hdr or .hdr.gz file"

# ---- a volume of half a microlitre: one text, however it was computed
mkdir -p full/images full/labels
for i in 1 2; do # voxels of 0.5x1x1 mm; all but the first are 1
    noise full/images/$i.nii 13 13 9
    head -c 352 full/images/$i.nii >full/labels/$i.nii
    { printf '\000' && head -c 1520 /dev/zero | tr '\000' '\001'; } >>full/labels/$i.nii
    for at in 88 320; do
        bytes full/images/$i.nii $at '\000\000\000\077'
        bytes full/labels/$i.nii $at '\000\000\000\077'
    done
done
try 0 train full -o all --steps 40 --lr 0.1 --batch 1 --patch 8x16x16 \
    --spec "arch=unet widths=4,4" --quiet
try 0 predict all full/images -o full_masks --quiet
[ "$(grep -c ' 1521  *0\.760$' out.txt)" -eq 2 ]
say $? "predict prints 760.5 mm3 as 0.760 ml"
try 0 evaluate full_masks full
[ "$(grep -c ' 0\.760  *0\.760$' out.txt)" -eq 3 ]
say $? "and so does evaluate"
finish
