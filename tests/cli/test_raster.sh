# SPDX-License-Identifier: Apache-2.0
# Pictures in other formats than PNG: what they are predicted to, and how what cannot be is told.
. "$SOURCE/tests/cli/run.sh"

files=$SOURCE/tests/fixtures/raster
try 0 phantom ultrasound -o data --count 4 --unseen 0 --quiet
try 0 train data -o run --steps 2 --lr 0.3 --spec "arch=attunet widths=4,8" --patch 32x32 --batch \
    1 --quiet

# ---- a build without these libraries says so, and everything else is as it was
jpeg=1 tiff=1
"$ATTUNET" info "$files/grey.jpg" >out.txt 2>err.txt || { jpeg=0 && said "built without libjpeg"; }
"$ATTUNET" info "$files/u1_le.tif" >out.txt 2>err.txt || { tiff=0 && said "built without libtiff"; }

# ---- masks of JPEG are PNG; JPEG holds labels near 0 and 255 alone
if [ $jpeg = 1 ]; then
    mkdir -p pictures few/images few/labels
    cp "$files/grey.jpg" pictures/a.jpg
    cp "$files/pil_l.png" pictures/d.png
    try 0 predict run pictures -o pngs --attention --quiet
    silent
    exists pngs/a.png pngs/d.png pngs/a_attention_gate.0.png
    absent pngs/a.jpg
    try 0 info pngs/a.png
    out_has "17x20"
    for i in 1 2; do
        cp "$files/grey.jpg" few/images/case$i.jpg
        cp "$files/grey.jpg" few/labels/case$i.jpg
    done
    try 3 train few -o no --steps 1 --quiet
    said "few/labels/case1.jpg: its compression changes values, and its values from 0 to 255 are \
not only near 0 and 255; get the original labels, as PNG"
    absent no/model.safetensors
    masks=$SOURCE/tests/fixtures/pictures
    for i in 1 2; do
        cp "$masks/mask.jpg" few/images/case$i.jpg
        cp "$masks/mask_rgb.jpg" few/labels/case$i.jpg
    done
    try 0 train few -o yes --steps 1 --spec widths=4,8 --patch 16x16 --batch 1
    said "2 labels such as few/labels/case1.jpg are compressed with loss; attunet reads values \
below 128 as 0, others as 255"
    said "0 and 255"
    mkdir loose
    cp "$masks/mask.jpg" loose/case1.jpg
    try 0 evaluate loose/case1.jpg few/labels/case1.jpg
    said "2 masks such as few/labels/case1.jpg are compressed with loss; attunet reads values \
below 128 as 0, others as 255"
    printf 'image,label\nimages/case1.jpg,labels/case1.jpg\n' >few/cases.csv
    try 0 evaluate loose few/cases.csv
    said "1 label such as few/labels/case1.jpg is compressed with loss"
    said "1 mask such as loose/case1.jpg is compressed with loss"
else
    echo "SKIPPED: JPEG images: this attunet was built without libjpeg"
fi

# ---- transparency may be a channel
mkdir -p clear/images clear/labels plain/images
for i in 1 2 3; do
    cp "$SOURCE/tests/fixtures/png/rgba8.png" clear/images/$i.png
    cp "$SOURCE/tests/fixtures/png/rgb8.png" plain/images/$i.png
    cp "$SOURCE/tests/fixtures/png/grey1.png" clear/labels/$i.png
done
cp -r clear/labels plain
hidden="transparency (alpha) that varies as a channel does, but attunet ignores it; if it is a \
channel, such as infrared, save it as an image of its own and add its pattern to --images"
try 0 info clear
out_has "3 images such as clear/images/1.png hold $hidden"
try 0 info plain
unsaid "transparency"
try 0 train clear -o clear_run --steps 1 --spec widths=4,8 --patch 4x4 --batch 1
said "3 images such as clear/images/1.png hold $hidden"

set_of() { # FILE WIDTH HEIGHT
    rm -rf one_clear
    mkdir -p one_clear/images one_clear/labels
    for i in 1 2 3; do
        cp "$SOURCE/tests/fixtures/pictures/$1" "one_clear/images/$i.${1##*.}"
        { echo "P2 $2 $3 1 1" && seq $(($2 * $3 - 1)) | sed 's/.*/0/'; } >one_clear/labels/$i.pgm
    done
}
for set in "v5.bmp 7 5" "alpha.webp 7 9" "alpha.jp2 7 9" "rgba.pam 11 5" "grey_alpha.pam 11 5"; do
    set_of $set
    "$ATTUNET" info one_clear >out.txt 2>err.txt
    if grep -q "built without" out.txt err.txt; then
        echo "SKIPPED: ${set%% *}: this attunet was built without its library"
    else
        file=${set%% *}
        out_has "3 images such as one_clear/images/1.${file##*.} hold $hidden"
    fi
done
set_of rgbx.bmp 7 5
try 0 info one_clear
unsaid "transparency"

# ---- rarer pictures, each by itself or in gzip; masks of them are PNG
mkdir rare
for name in grey.gif grey.webp u2.jp2 raw16.pgm palette.bmp im0001.ppm.gz; do
    if "$ATTUNET" info "$SOURCE/tests/fixtures/pictures/$name" >out.txt 2>err.txt; then
        out_has "(height x width)"
    else
        said "built without"
        echo "SKIPPED: $name: this attunet was built without its library"
    fi
done
cp "$SOURCE/tests/fixtures/pictures/raw16.pgm" "$SOURCE/tests/fixtures/pictures/grey.bmp.gz" rare
try 0 predict run rare -o rare_masks --quiet
exists rare_masks/raw16.png rare_masks/grey.png

# ---- a whole data set in gzip counts, trains and predicts as it does unpacked
cp -r data packed
gzip packed/images/*.png packed/labels/*.png
"$ATTUNET" info data | sed '1d;$d' >plain.txt
"$ATTUNET" info packed | sed '1d;$d' >packed.txt
cmp plain.txt packed.txt
say $? "its description is the same"
try 0 train packed -o packed_run --steps 2 --lr 0.3 --spec "arch=attunet widths=4,8" --patch 32x32 \
    --batch 1 --quiet
try 0 predict run data/images -o from_plain --quiet
try 0 predict packed_run packed/images -o from_packed --quiet
silent
absent from_packed/case_0000.png.gz
cmp from_plain/case_0000.png from_packed/case_0000.png
say $? "its model gives the same masks, and not in gzip"
try 0 evaluate from_packed packed
try 2 predict run packed/images -o packed/images --quiet
err_has "masks there would be taken for images"
"$ATTUNET" predict run data/images -o data_little --quiet --max-memory 40MiB
"$ATTUNET" predict run packed/images -o packed_little --quiet --max-memory 40MiB
cmp data_little/case_0001.png packed_little/case_0001.png
say $? "within a limit of memory, too"
printf 'more' >>packed/images/case_0001.png.gz
try 3 info packed
out_has "packed/images/case_0001.png.gz: other bytes follow its gzip stream"

if [ $tiff = 0 ]; then echo "SKIPPED: TIFF images: this attunet was built without libtiff"; fi
if [ $jpeg$tiff != 11 ]; then finish; fi

# ---- masks of TIFF are TIFF, beside those of JPEG: slices and spacing as in the image
mkdir images
cp "$files/grey.jpg" images/a.jpg
cp "$files/ij_stack.tif" images/b.tif
cp "$files/ome_z.ome.tif" images/c.ome.tif
cp "$files/pil_l.png" images/d.png
try 0 predict run images -o masks --attention --probabilities --quiet
silent
exists masks/a.png masks/b.tif masks/c.tif masks/d.png masks/a_attention_gate.0.png \
    masks/b_attention_gate.0.tif masks/b_probability_1_foreground.tif
absent masks/a.jpg masks/c.ome.tif
try 0 info masks/b.tif
out_has "4x3x5"
out_has "2.5x0.5x0.25 um"
try 0 info masks/c_probability_0_background.tif
out_has "2x0.5x0.25 um"
try 0 info masks/a.png
out_has "17x20"
try 0 predict run images/b.tif -o one --json
out_has '"volume_mm3"'
try 0 evaluate masks/b.tif one/b.tif

# ---- an image is never written over, whatever its mask would be called

try 2 predict run images/c.ome.tif -o images --quiet
err_has "images holds images, such as images/c.ome.tif, and masks there would be taken for \
images; choose another folder for the results"
absent images/c.tif
try 2 predict run images/b.tif -o images
err_has "images/b.tif is an input and would be overwritten"

# ---- pictures that ask viewers to turn them, which is said of the set
mkdir -p asking/images asking/labels
for i in 1 2 3; do cp "$files/grey.jpg" asking/images/$i.jpg && cp masks/a.png asking/labels/$i.png
done
bytes() { printf "$1" >>asking/images/2.jpg; }
head -c 2 "$files/grey.jpg" >asking/images/2.jpg
bytes '\377\341\000\042Exif\000\000MM\000\052\000\000\000\010\000\001\001\022\000\003\000\000\000'\
'\001\000\006\000\000\000\000\000\000'
tail -c +3 "$files/grey.jpg" >>asking/images/2.jpg
try 0 info asking
out_has "1 image such as asking/images/2.jpg asks viewers to turn them (EXIF, or a TIFF's \
Orientation), but attunet does not; if masks were drawn on turned pictures, turn the files"
try 0 train asking -o asked --steps 1 --spec widths=4,8 --patch 16x16 --batch 1
said "1 image such as asking/images/2.jpg asks viewers to turn them (EXIF, or a TIFF's \
Orientation), but attunet does not; if masks were drawn on turned pictures, turn the files"

# ---- a data set of TIFF and JPEG images with masks of other formats
mkdir -p set/images set/labels
for i in 1 2 3; do
    cp "$files/labels_u1.tif" set/images/case$i.tif
    cp "$files/pil_p4.png" set/labels/case$i.png
done
try 0 info set
out_has "3, 3 with labels"
cp "$files/grey.jpg" set/images/case4.jpg
cp "$files/grey.jpg" set/labels/case4.jpg
try 3 train set -o no --steps 1 --quiet
said "set/labels/case4.jpg: its compression changes values"
absent no/model.safetensors


# ---- a grey picture among coloured ones is red, green and blue, in training and in prediction
mkdir -p mixed/images mixed/labels
for i in 1 2 3; do
    cp data/images/case_000$i.png mixed/images/c$i.png
    cp data/labels/case_000$i.png mixed/labels/c$i.png
done
"$ATTUNET" info data/images/case_0000.png >out.txt
size=$(sed -n 's/^size *\([0-9]*\)x\([0-9]*\).*/\2 \1/p' out.txt)
{ printf 'P6 %s 255\n' "$size"; head -c 200000 /dev/zero | tr '\0' 'a'; } >mixed/images/c4.ppm
cp data/labels/case_0000.png mixed/labels/c4.png
try 0 info mixed
out_has "channels   red, green, blue"
said "3 images such as mixed/images/c1.png are grey, unlike the others"
try 0 train mixed -o colours --steps 1 --spec widths=4,8 --patch 16x16 --batch 1 --quiet
try 0 predict colours mixed/images -o coloured --quiet
exists coloured/c1.png
try 0 predict colours mixed/images/c1.png -o grey --quiet
cmp grey/c1.png coloured/c1.png
say $? "alone it has the same mask"
finish
