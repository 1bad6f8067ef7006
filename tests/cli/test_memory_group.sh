# SPDX-License-Identifier: Apache-2.0
# Limits on memory, as the kernel counts: training on a packed set with validation and checkpoints,
# and prediction, each within a memory cgroup that holds no more than the limit.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/cgroup.sh"

if sanitized; then echo "SKIPPED: a sanitizer has memory of its own"; exit 77; fi
cgroup_make $((256 << 20)) || { echo "SKIPPED: no memory cgroup: $cgroup_no"; exit 77; }
cgroup_drop

within() { # a limit, then a command of attunet
    limit=$((${1%MiB} << 20))
    shift
    words="attunet $*"
    cgroup_make "$limit" || { not_ok "$words: no memory cgroup: $cgroup_no"; return; }
    cgroup_run "$ATTUNET" "$@" >out.txt 2>err.txt </dev/null
    code=$?
    [ "$code" -eq 0 ]; say $? "$words: exit code $code in a memory cgroup of the limit"
    [ "$code" -eq 0 ] || show err.txt
    [ "${cgroup_killed:-0}" -eq 0 ]; say $? "$words: nothing was killed"
    [ "$cgroup_anon" -gt 0 ] && [ "$cgroup_anon" -le "$limit" ]
    say $? "$words: $((cgroup_anon >> 10)) KiB of anonymous memory at most, the limit is \
$((limit >> 10))"
    cgroup_drop
}

try 0 phantom organs -o data --count 6 --unseen 1 --quiet
try 0 pack data -o packed --spec widths=8,16,32 --patch 24x48x48 --batch 2 --quiet
set -- --spec widths=8,16,32 --patch 24x48x48 --batch 2 --fold 0 --steps 6 --validate-every 3 \
    --quiet
try 4 train packed -o never "$@" --max-memory 1MiB
least=$(sed -n 's/.*too small; .*, or --max-memory \([0-9]*MiB\)$/\1/p' err.txt)
[ -n "$least" ]; say $? "the smallest limit is named: $least"
within "$least" train packed -o run "$@" --max-memory "$least"
exists run/model.safetensors run/checkpoint.safetensors
try 0 train packed -o free "$@"
weights() { "$ATTUNET" info "$1" | sed -n 's/^hash *//p'; }
[ -n "$(weights run)" ] && [ "$(weights run)" = "$(weights free)" ]
say $? "the weights are those without a limit"

mkdir images
cp data/unseen/images/* images/
try 4 predict run images -o never --max-memory 1MiB
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)
within "$least" predict run images -o masks --max-memory "$least" --quiet
try 0 predict run images -o masks_free --quiet
for f in masks_free/*; do
    cmp -s "$f" "masks/${f##*/}"
    say $? "${f##*/} is the mask without a limit"
done

# A small network and large cases whose labels are surface everywhere: what is measured at the end
# of a run takes most.
. "$SOURCE/tests/cli/images.sh"
mkdir -p noise/images noise/labels
for i in 1 2 3 4 5; do
    for part in images labels; do nifti noise/$part/$i.nii 128 128 96 2; done
    cat "$SOURCE"/src/*/*.c "$SOURCE"/tests/*/*.c | tail -c +$((i * 100000)) |
        head -c $((128 * 128 * 96)) >bytes
    dd if=bytes of=noise/images/$i.nii bs=352 seek=1 conv=notrunc 2>/dev/null
    LC_ALL=C tr 'a-m' '\001' <bytes | LC_ALL=C tr -c '\001' '\000' |
        dd of=noise/labels/$i.nii bs=352 seek=1 conv=notrunc 2>/dev/null
done
set -- noise --spec widths=4,8 --patch 32x32x32 --batch 1 --steps 1 --fold 0 --validate-every 0 \
    --quiet
try 4 train -o never "$@" --max-memory 1MiB
least=$(sed -n 's/.*too small; .*, or --max-memory \([0-9]*MiB\)$/\1/p' err.txt)
within "$least" train -o noisy "$@" --max-memory "$least"
exists noisy/report.html

# An image whose samples alone would take more than the limit.
nifti large.nii 200 200 120 2
cat "$SOURCE"/src/*/*.c "$SOURCE"/tests/*/*.c | head -c 4800000 |
    dd of=large.nii bs=352 seek=1 conv=notrunc 2>/dev/null
set -- --window 24x48x48 --overlap 0 --no-mirror
try 4 predict run large.nii -o never --max-memory 1MiB "$@"
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)
within "$least" predict run large.nii -o masks --max-memory "$least" "$@" --quiet
try 0 predict run large.nii -o masks_free "$@" --quiet
cmp -s masks/large.nii masks_free/large.nii
say $? "large.nii is the mask without a limit"
finish
