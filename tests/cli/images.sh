# SPDX-License-Identifier: Apache-2.0
# Makes small images with nothing but the shell, for tests that need odd ones.

bytes() { # FILE OFFSET ESCAPES: overwrites bytes of a file
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

zeros_4='\000\000\000\000' float_1='\000\000\200\077'
zeros_16=$zeros_4$zeros_4$zeros_4$zeros_4
zeros_64=$zeros_16$zeros_16$zeros_16$zeros_16
# FILE W H D TYPE: a NIfTI-1 image full of zeros, voxels of 1 mm; TYPE 2 is uint8, 16 is float32.
nifti() {
    size=1
    [ "$5" -eq 16 ] && size=4
    along=$(printf '\\%03o' $(($2 % 256)) $(($2 / 256)) $(($3 % 256)) $(($3 / 256)) \
        $(($4 % 256)) $(($4 / 256)))
    numbers=$(printf '\\%03o\\000\\%03o\\000' "$5" $((8 * size)))
    {
        # from 0: the size of the header; from 40: axes; from 68: type and bits; from 76: voxels
        printf '\134\001\000\000'"$zeros_16$zeros_16$zeros_4"
        printf '\003\000'"$along"'\001\000\001\000\001\000\001\000'"$zeros_4$zeros_4$zeros_4"
        printf '\000\000'"$numbers"'\000\000'"$float_1$float_1$float_1$float_1$zeros_16"
        # from 108: where the voxels are, and mm; from 252: sform, its rows; from 344: the end
        printf '\000\000\260\103'"$zeros_4$zeros_4"'\000\000\000\002'"$zeros_64$zeros_64"
        printf '\000\000\001\000'"$zeros_16$zeros_4$zeros_4$float_1$zeros_16$float_1$zeros_16"
        printf "$float_1$zeros_16$zeros_4"'n+1\000'"$zeros_4"
        head -c $(($2 * $3 * $4 * size)) /dev/zero
    } >"$1"
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
        dd of="$1" bs=$((352 + 3 * quarter)) seek=1 conv=notrunc 2>/dev/null
}
