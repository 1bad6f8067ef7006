# SPDX-License-Identifier: Apache-2.0
# On an x86-64 without AVX2, and on one with AVX2 alone, which QEMU stands in for: the plain and the
# AVX2 kernels, not an illegal instruction.
. "$SOURCE/tests/cli/run.sh"

[ "$(uname -m)" = x86_64 ] || { echo "SKIPPED: this is no x86-64"; exit 77; }
command -v qemu-x86_64 >/dev/null || { echo "SKIPPED: there is no qemu-x86_64 (package qemu-user)"
exit 77; }
try 0 phantom ultrasound -o data --count 4 --unseen 1 --quiet
for old in Nehalem:ref Haswell:avx2; do
    cpu=${old%:*} isa=${old#*:}
    if ! ATTUNET_ISA=$isa "$ATTUNET" --version >out.txt 2>err.txt; then
        echo "SKIPPED: this processor cannot show what a $cpu should come to: $(cat err.txt)"
        continue
    fi
    qemu-x86_64 -cpu "$cpu" "$ATTUNET" --version >out.txt 2>err.txt
    say $? "it begins on a $cpu"
    words="attunet --version"
    out_has "($isa, "
    qemu-x86_64 -cpu "$cpu" "$ATTUNET" train data -o "$cpu" --steps 2 --batch 1 --resize 64x64 \
        --patch 32x32 --spec "arch=attunet widths=4,8" --threads 1 >out.txt 2>err.txt
    say $? "it trains on a $cpu"
    qemu-x86_64 -cpu "$cpu" "$ATTUNET" predict "$cpu" data/unseen/images -o "$cpu-masks" \
        --no-mirror --window 96x96 --overlap 0 --threads 1 >out.txt 2>err.txt
    say $? "it predicts on a $cpu"
    try 0 predict "$cpu" data/unseen/images -o "$cpu-here" --no-mirror --window 96x96 --overlap 0 \
        --isa "$isa" --threads 1 --quiet
    cmp -s "$cpu-masks/unseen.png" "$cpu-here/unseen.png"
    say $? "the mask is what these kernels come to elsewhere"
done
finish
