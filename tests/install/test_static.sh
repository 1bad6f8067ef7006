# SPDX-License-Identifier: Apache-2.0
# attunet-static: one file, which runs where there is nothing else.
. "$SOURCE/tests/cli/run.sh"

static=$BUILD/attunet-static
[ -x "$static" ] || { not_ok "$static is not there: ninja attunet_static"; finish; }
mkdir root
strip -o root/attunet "$static"
size=$(stat -c %s root/attunet)
[ "$size" -lt 10000000 ]
say $? "it has $size bytes"
[ "$(readelf -l root/attunet | grep -cE 'INTERP|NEEDED')" -eq 0 ]
say $? "it needs no other file"

! grep -q 'JBIG-KIT' root/attunet
say $? "nothing of the JBIG library, which is under the GPL, is in it"

# ---- an empty root with a model and two images
try 0 phantom ultrasound -o flat --count 4 --unseen 1 --quiet
try 0 train flat -o root/flat --steps 2 --batch 1 --patch 32x32 --spec "arch=attunet widths=4,8" \
    --quiet
try 0 phantom organs -o deep --count 4 --unseen 1 --quiet
try 0 train deep -o root/deep --steps 2 --batch 1 --patch 16x16x16 --spec \
    "arch=attunet widths=4,8" --quiet
cp flat/unseen/images/unseen_0000.png root/image.png
cp "$(find deep/unseen/images -name '*.nii.gz' | head -n 1)" root/volume.nii.gz
for what in flat:image.png deep:volume.nii.gz; do
    try 0 predict "root/${what%:*}" "root/${what#*:}" -o masks --quiet --threads 2
done
mkdir root/raster
raster=yes
"$ATTUNET" info "$SOURCE/tests/fixtures/raster/lerc.tif" >/dev/null 2>err.txt &&
    "$ATTUNET" info "$SOURCE/tests/fixtures/raster/grey.jpg" >/dev/null 2>err.txt ||
    { raster=no && grep 'built without' err.txt | sed 's/^/SKIPPED: /'; }
for codec in grey.jpg lerc.tif lzma.tif lzw.tif deflate.tif packbits.tif zstd.tif pil_1_group4.tif \
    pil_jpeg_grey.tif ome_z.ome.tif; do
    cp "$SOURCE/tests/fixtures/raster/$codec" root/raster
done
cp "$SOURCE/tests/fixtures/raster/webp.tif" root
rare="grey.gif lossy.webp u2.jp2"
for name in $rare; do cp "$SOURCE/tests/fixtures/pictures/$name" root; done
[ $raster = no ] || try 0 predict root/flat root/raster -o masks --quiet --threads 2
if chroot root /attunet --version >/dev/null 2>&1; then
    enter="chroot root"
elif unshare -r chroot root /attunet --version >/dev/null 2>&1; then
    enter="unshare -r chroot root"
else
    echo "SKIPPED: neither chroot nor unshare is allowed here, so no empty root"
    finish
fi
for what in flat:image.png deep:volume.nii.gz; do
    $enter /attunet predict "/${what%:*}" "/${what#*:}" -o /masks --quiet --threads 2 2>err.txt
    say $? "in an empty root it predicts ${what#*:}"
    show err.txt
    cmp -s "root/masks/${what#*:}" "masks/${what#*:}"
    say $? "the mask is that of the shared one"
done
if [ $raster = yes ]; then
    exists masks/grey.png masks/lerc.tif
    $enter /attunet predict /flat /raster -o /masks --quiet --threads 2 2>err.txt
    say $? "in an empty root it predicts JPEG, and TIFF of every codec"
    show err.txt
    for mask in masks/*.tif masks/grey.png; do cmp "root/$mask" "$mask" || echo "$mask" >>other.txt
    done
    [ ! -e other.txt ]
    say $? "the masks are those of the shared one"
    "$ATTUNET" info root/webp.tif | tail -n +2 >here.txt && $enter /attunet info /webp.tif |
        tail -n +2 | cmp - here.txt
    say $? "it reads WebP in TIFF, of which there is only a picture in colours"
fi
for name in $rare; do
    "$ATTUNET" info "root/$name" | tail -n +2 >here.txt
    $enter /attunet info "/$name" | tail -n +2 | cmp - here.txt
    say $? "it reads $name"
done
$enter /attunet train /nowhere -o /run 2>err.txt
[ $? -eq 6 ] && [ ! -e root/run ]
say $? "and has its sentences: $(cat err.txt)"
finish
