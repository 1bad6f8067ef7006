# SPDX-License-Identifier: Apache-2.0
# The folder .attunet-volumes in a data set of DICOM is attunet's own: whatever happens to its
# files, the next command makes them anew or says how, and the user's own folder stays.
. "$SOURCE/tests/cli/run.sh"
DICOM=${ATTUNET%/*}/attunet-dicom
C=.attunet-volumes

mkdir -p set/images/a set/images/b set/labels store
"$MAKE_SERIES" set/images/a slices=4 rows=16 columns=16 patient=ID1 photometric=MONOCHROME1
"$MAKE_SERIES" set/images/b slices=4 rows=16 columns=16 series=2 patient=ID2
"$DICOM" volume set/images/b -o store/b.nii.gz && "$DICOM" seg set/images/b \
    --mask store/b.nii.gz -o set/labels/b.dcm --segment 64613=liver --segment 9=nothing &&
    "$DICOM" labels set/images/b --labels set/labels/b.dcm -o set/labels/a.nii.gz
say $? 'a data set'
try 0 info set
said "2 series are NIfTI files in set/$C/"
notes() { # that are of the data, however often it is read
    said 'a: the images are MONOCHROME1 (0028,0004), so high values are dark'
    said 'warning: set/labels/b.dcm marks no voxel of the series with nothing'
    [ "$(sort err.txt | uniq -d | wc -l)" -eq 0 ]
    say $? '... once'
}
notes
cp -r set/$C before
same() {
    for one in images/a.nii.gz images/b.nii.gz labels/b.nii.gz dataset.json; do
        cmp -s before/$one set/$C/$one
        say $? "$one is whole"
    done
}
for file in images/a.nii.gz labels/b.nii.gz dataset.json; do
    for how in cut emptied changed removed; do
        case $how in
        cut) head -c 40 before/$file >set/$C/$file ;;
        emptied) : >set/$C/$file ;;
        changed) printf x | dd of=set/$C/$file bs=1 seek=30 conv=notrunc 2>dd.txt ;;
        removed) rm set/$C/$file ;;
        esac
        try 0 info set
        said "set/$C/: 1 file changed since attunet wrote it, such as $file, so attunet made it"
        notes
        same
        try 0 info set
        unsaid 'changed since'
        notes
    done
done
# Its lists: the case c is in none of them.
for file in .attunet-dicom .attunet-dicom.notes; do
    for how in cut emptied; do
        case $how in
        cut) head -c 40 before/$file >set/$C/$file ;;
        emptied) : >set/$C/$file ;;
        esac
        cp set/$C/images/b.nii.gz set/$C/images/c.nii.gz
        try 0 info set
        said "set/$C/: its list of files was damaged, so attunet made all of them anew"
        out_has 'cases      2, 2 with labels'
        notes
        same
    done
done
for how in cut emptied removed; do
    case $how in
    cut) head -c 40 before/.attunet-dicom.sources >set/$C/.attunet-dicom.sources ;;
    emptied) : >set/$C/.attunet-dicom.sources ;;
    removed) rm set/$C/.attunet-dicom.sources ;;
    esac
    try 0 info set
    cmp -s before/.attunet-dicom.sources set/$C/.attunet-dicom.sources
    say $? 'the list of sources is whole'
done
# What it advises removes nothing of the user's.
mv set "it's a set" && set="it's a set"
try 0 info "$set"
advises() { # after a refusal
    said "rm -r 'it'\\''s a set/$C/'"
    sed -n 's/.*\(rm -r .*\)/\1/p' err.txt >pasted.sh
    sh -u pasted.sh
    say $? '... can be pasted'
    exists "$set/images/a/IM0" "$set/labels/b.dcm"
    absent "$set/$C"
    try 0 info "$set"
    out_has 'cases      2, 2 with labels'
}
rm "$set/$C/.attunet-dicom"
try 2 info "$set"
err_has "it's a set/$C/ holds files that attunet-dicom did not write; attunet makes this folder"
advises
stamped() { # NAME SET: adds a file to the list there, with the hash of dicom/hash.h
    grep -v '^= ' "$2/.attunet-dicom" >stamps
    printf '0123456789abcdef 0123456789abcdef %s\n' "$1" >>stamps
    h=-3750763034362895579
    for byte in $(od -An -v -tu1 stamps); do h=$(((h ^ byte) * 1099511628211)); done
    printf '= %016x\n' "$h" >>stamps && cp stamps "$2/.attunet-dicom"
}
stamped '../images/a/IM0' "$set/$C"
rm "$set/images/b/S2_3"
try 3 info "$set"
err_has "it's a set/$C/ lists a file that is not in it"
"$MAKE_SERIES" "$set/images/b" slices=4 rows=16 columns=16 series=2 patient=ID2
advises
"$DICOM" set "$set" -o made && ln -s ../.. made/images/up && cp made/.attunet-dicom stamps.txt
say $? 'a set elsewhere'
for name in ../victim /victim images/../../victim images/up/victim; do
    : >victim && cp stamps.txt made/.attunet-dicom && stamped $name made
    "$DICOM" set "$set" -o made 2>err.txt
    [ $? -eq 3 ] && [ -e victim ] && grep -q 'made lists a file that is not in it; choose' err.txt
    say $? "the stamp of $name removes nothing outside"
done
head -c 40 stamps.txt >made/.attunet-dicom && "$DICOM" set "$set" -o made 2>err.txt
[ $? -eq 3 ] && grep -q 'made has a damaged list of its files; choose another folder' err.txt
say $? 'a list of a folder that may have files of others'
cp stamps.txt made/.attunet-dicom && echo mine >made/dataset.json && "$DICOM" set "$set" -o made &&
    grep -q mine made/dataset.json
say $? '... where the user may change files'
# A dry run reads it as it is.
head -c 400 "$set/$C/images/b.nii.gz" >part && cat part >"$set/$C/images/b.nii.gz"
try 3 train "$set" -o run --dry-run
said "it's a set/images/b: the gzip stream is cut off; remove it's a set/$C/, which attunet makes"
# In a tree, info looks for labels first.
mkdir -p tree/p1 tree/p2
cp -r "$set/images/a" tree/p1/ct && cp "$set/labels/a.nii.gz" tree/p1 &&
    cp -r "$set/images/b" tree/p2/ct && cp "$set/labels/b.dcm" tree/p2
say $? 'a tree'
for again in first second; do
    try 0 info tree
    said 'warning: tree/p2/b.dcm marks no voxel of the series with nothing'
    [ "$(grep -v "are NIfTI files in" err.txt | sort | uniq -d | wc -l)" -eq 0 ] &&
        [ "$(grep -c 'are NIfTI files in tree/' err.txt)" -eq "$([ $again = first ] && echo 1 ||
            echo 0)" ]
    say $? "... once, the $again time"
done
finish
