# SPDX-License-Identifier: Apache-2.0
# --max-memory: what is said, that the limit is kept, and that the limit named in a refusal would
# do.
. "$SOURCE/tests/cli/run.sh"

spec="arch=attunet dims=3 in=1 classes=2 widths=8,16,32 up=transpose gate=grid"
enough() { sed -n 's/.*too small; .*, or --max-memory \([0-9]*MiB\)$/\1/p' err.txt; }
# What a report in JSON says in bytes under a name.
bytes() { sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" out.txt | head -1; }

try 2 bench --max-memory 2GiB
err_is "--max-memory of bench needs training; add --train"
try 2 bench --train --max-memory 2GBit
err_is "--max-memory takes a size such as 900MiB or 2GiB, not '2GBit'"

bench() { wanted_code=$1; shift; try "$wanted_code" bench --train --spec "$spec" --shape 32x32x32 \
    --repeat 1 --quiet "$@"; }
bench 0 --json
free=$(bytes work)
[ "$free" = "$(bytes work_without_limit)" ]; say $? "without a limit nothing is computed again"
bench 4 --max-memory 1MiB
err_has "--max-memory 1.0 MiB is too small; give a smaller patch, batch or network, or --max-memory"
least=$(enough)
bench 0 --max-memory "$least"
out_has "without the limit; the limit costs"
bench 0 --max-memory "$least" --json
work=$(bytes work)
[ "$work" -lt "$free" ]; say $? "maps take $work bytes of $free under $least"
[ "$free" = "$(bytes work_without_limit)" ]; say $? "what they would take is told"
within() { # a sanitizer has memory of its own
    sanitized && return
    [ "$(bytes peak_resident)" -le $((${least%MiB} * 1048576)) ]
    say $? "the process stayed within $least"
}
within

float=$least
bench 4 --max-memory 1MiB --storage bf16
least=$(enough)
[ "${least%MiB}" -lt "${float%MiB}" ]
say $? "with maps in bfloat16 $least would do instead of $float"
bench 0 --max-memory "$least" --storage bf16 --json
[ "$(bytes work_without_limit)" -lt $((free * 2 / 3)) ]
say $? "maps in bfloat16 take $(bytes work_without_limit) bytes, in float $free"
out_has '"storage": "bf16"'
within
try 2 bench --storage bf16
err_is "--storage of bench needs training; add --train"
try 2 bench --train --storage f16
err_has "--storage"

try 0 phantom organs -o data --count 5 --unseen 1 --quiet
set -- data --spec widths=8,16,32 --patch 16x32x32 --batch 2 --fold 0 --steps 1 --quiet
try 4 plan "$@" --max-memory 1MiB
least=$(enough)
try 0 plan "$@" --max-memory "$least" -o plan.json
out_has "instead of"
out_has "more operations"
sed -i "s/$least/$(kept "$least")/" plan.json
least=$(kept "$least")
try 0 train data -o run --plan plan.json --quiet
grep -q "\"max_memory\": \"$least\"" run/settings.json
say $? "the limit goes from a plan into a run's settings"
try 0 train "$@" -o folds --fold all --folds 2 --max-memory 1GiB
try 0 report folds -o folds.html
for page in folds/fold_0/report.html folds/report.html folds.html; do
    [ -s $page ] && ! grep -q "map of gate" $page; say $? "no maps in $page, of a run under a limit"
done
try 0 train "$@" -o half --storage bf16 --quiet
grep -q '"storage": "bf16"' half/settings.json; say $? "how maps are stored is a setting of the run"
grep -q '"storage": "f32"' run/settings.json; say $? "float is what is not asked for"
try 4 train "$@" -o never --max-memory 1MiB
absent never

# ---- products in bfloat16
for threads in 1 2; do
    try 0 train data -o run_$threads --spec widths=32,32,48 --patch 16x32x32 --batch 2 --fold 0 \
        --steps 2 --precision bf16 --threads $threads --quiet
    grep -q '"precision": "bf16"' run_$threads/settings.json
    say $? "how products are rounded is a setting of the run"
    try 0 resume run_$threads --steps +1 --threads $((3 - threads)) --quiet
    "$ATTUNET" info run_$threads | grep 'hash' >hashes_$threads.txt
done
try 0 info run_1
out_has "cases, products in bf16"
[ -s hashes_1.txt ] && cmp -s hashes_1.txt hashes_2.txt; say $? "1 and 2 threads give the same bits"
try 0 train data -o run_f32 --spec widths=32,32,48 --patch 16x32x32 --batch 2 --fold 0 \
    --steps 3 --quiet
"$ATTUNET" info run_f32 | grep 'hash' >hashes_f32.txt
! cmp -s hashes_1.txt hashes_f32.txt; say $? "and others than those of f32"
try 0 train data -o auto --spec widths=8,8 --patch 16x32x32 --batch 1 --fold 0 --steps 1 \
    --precision auto --quiet
grep -Eq '"precision": "(f32|bf16)"' auto/settings.json; say $? "what auto decides is recorded"
try 2 train data -o never --precision bf16 --conv direct --quiet
err_has "--conv direct computes in f32; leave out --conv or --precision"
try 0 train data -o slow --spec widths=4,4 --resize 8x16x16 --patch 8x16x16 --batch 1 --fold 0 \
    --steps 1 --precision bf16 --isa ref
said "warning: --precision bf16 is slower than f32 without a matrix unit (AMX), and ref has none"

# ---- a run goes on within another limit, to the same bits
cp -r run other
try 0 resume run --steps +1 --quiet
try 0 resume other --steps +1 --max-memory 3GiB --quiet
grep -q '"max_memory": "3' other/settings.json; say $? "the new limit is a setting of the run"
"$ATTUNET" info run | grep 'hash' >hashes.txt; "$ATTUNET" info other | grep 'hash' >others.txt
[ -s hashes.txt ] && cmp -s hashes.txt others.txt; say $? "and no bit is another"

# ---- what is said before the first step
set -- data --spec widths=8,16,32 --patch 16x32x32 --batch 2 --fold 0 --steps 1
try 0 train "$@" -o parts --micro-batch 1
said "a step adds the gradients of 2 passes; batch norm and losses over a batch see one pass at a \
time, 1 patch"
try 0 train "$@" -o once --micro-batch 2 --max-memory "$least"
said "memory: at most "
said "of it for the network's maps"
if grep -q 'adds the gradients' err.txt; then not_ok "a batch in one pass is no other training"
else ok "a batch in one pass is no other training"; fi

# Where steps are timed, the weights are copied: 30 MiB of this network. A plan always times some.
set -- data --spec widths=128,128,128,128 --resize 8x16x16 --patch 8x16x16 --batch 1 --fold 0 \
    --quiet
try 4 plan "$@" --steps 1 --max-memory 1MiB
planned=$(enough)
try 4 plan "$@" --time 1m --max-memory 1MiB
timed=$(enough)
apart=$((${timed%MiB} - ${planned%MiB}))
[ "$apart" -ge -2 ] && [ "$apart" -le 2 ]
say $? "a plan counts the copy: $planned with --steps, $timed with --time"
try 4 train "$@" -o never --steps 1 --max-memory 1MiB
least=$(enough)
[ $((${planned%MiB} - ${least%MiB})) -ge 10 ]; say $? "a run of --steps times none: $least"
if ! sanitized; then # a sanitizer's own memory is more than this network's
    try 0 train "$@" -o deep --steps 1 --max-memory "$least"
    try 4 resume deep --time 5s --quiet
    err_has "give --steps instead of --time, which needs a copy of the weights"
    try 0 resume deep --steps +1 --quiet
fi

try 2 train data -o never --spec "arch=hard scale=4 tile=32 halo=8" --max-memory 2GiB
err_is "hard attention does not support --max-memory; leave it out"
try 2 train data -o never --spec "arch=hard scale=4 tile=32 halo=8" --storage bf16
err_is "hard attention does not support --storage bf16; leave it out"
try 2 train data -o never --spec "arch=hard scale=4 tile=32 halo=8" --precision bf16
err_is "hard attention does not support --precision bf16; leave it out"
finish
