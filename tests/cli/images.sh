# SPDX-License-Identifier: Apache-2.0
# Makes small images with nothing but the shell, for tests that need odd ones.

bytes() { # FILE OFFSET ESCAPES: overwrites bytes of a file
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
short() { printf '\\%03o\\%03o' $(($1 % 256)) $(($1 / 256 % 256)); }

# FILE W H D TYPE: a NIfTI-1 image full of zeros, voxels of 1 mm; TYPE 2 is uint8, 16 is float32.
nifti() {
    size=1
    [ "$5" -eq 16 ] && size=4
    head -c $((352 + $2 * $3 * $4 * size)) /dev/zero >"$1"
    bytes "$1" 0 '\134\001'
    bytes "$1" 40 \
        "\\003\\000$(short "$2")$(short "$3")$(short "$4")\\001\\000\\001\\000\\001\\000\\001\\000"
    bytes "$1" 70 "$(short "$5")$(short $((8 * size)))"
    one='\000\000\200\077'
    bytes "$1" 76 "$one$one$one$one"
    bytes "$1" 108 '\000\000\260\103'
    bytes "$1" 123 '\002'
    bytes "$1" 254 '\001\000'                                                 # sform
    bytes "$1" 280 "$one"
    bytes "$1" 300 "$one"
    bytes "$1" 320 "$one"
    bytes "$1" 344 'n+1\000'
}
# FILE W H D: uint8, the same noise of 1..255 each time (Park and Miller's generator, whose products
# awk's doubles hold).
noise() {
    nifti "$1" "$2" "$3" "$4" 2
    LC_ALL=C awk -v count=$(($2 * $3 * $4)) \
        'BEGIN { for (x = 1; count-- > 0;) printf "%c", 1 + (x = x * 16807 % 2147483647) % 255 }' |
        dd of="$1" bs=352 seek=1 conv=notrunc 2>/dev/null
}
# FILE W H D [ESCAPE]: uint8 labels, the last quarter of the slices is 1, or what is given.
halves() {
    nifti "$1" "$2" "$3" "$4" 2
    quarter=$(($2 * $3 * $4 / 4))
    head -c $quarter /dev/zero | tr '\000' "${5:-\\001}" |
        dd of="$1" bs=1 seek=$((352 + 3 * quarter)) conv=notrunc 2>/dev/null
}
