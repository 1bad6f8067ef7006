# SPDX-License-Identifier: Apache-2.0
# --max-memory: what is said, that the limit is kept, and that the limit named in a refusal would do.
. "$SOURCE/tests/cli/run.sh"

spec="arch=attunet dims=3 in=1 classes=2 widths=8,16,32 up=transpose gate=grid"
enough() { sed -n 's/.*: --max-memory \([0-9]*MiB\) would do, or .*/\1/p' err.txt; }
# What a report in JSON says in bytes under a name.
bytes() { sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" out.txt | head -1; }

try 2 bench --max-memory 2GiB
err_is "bench --max-memory is about training: add --train"
try 2 bench --train --max-memory 2GB
err_is "--max-memory takes a size such as 900MiB or 2GiB, not '2GB'"

bench() { wanted_code=$1; shift; try "$wanted_code" bench --train --spec "$spec" --shape 48x48x48 --repeat 1 --quiet "$@"; }
bench 0 --json
free=$(bytes work)
[ "$free" = "$(bytes work_without_limit)" ]; say $? "without a limit nothing is computed again"
bench 4 --max-memory 1MiB
err_has "--max-memory 1.0 MiB is too small"
least=$(enough)
bench 0 --max-memory "$least"
out_has "without the limit, for which"
bench 0 --max-memory "$least" --json
work=$(bytes work)
[ "$work" -lt "$free" ]; say $? "maps take $work bytes of $free under $least"
[ "$free" = "$(bytes work_without_limit)" ]; say $? "what they would take is told"
within() { # a sanitizer has memory of its own
    sanitized && return
    [ "$(bytes peak_resident)" -le $((${least%MiB} * 1048576)) ]; say $? "the process stayed within $least"
}
within

float=$least
bench 4 --max-memory 1MiB --storage bf16
least=$(enough)
[ "${least%MiB}" -lt "${float%MiB}" ]; say $? "with maps in bfloat16 $least would do instead of $float"
bench 0 --max-memory "$least" --storage bf16 --json
[ "$(bytes work_without_limit)" -lt $((free * 2 / 3)) ]; say $? "maps in bfloat16 take $(bytes work_without_limit) bytes, in float $free"
out_has '"storage": "bf16"'
within
try 2 bench --storage bf16
err_is "bench --storage is about training: add --train"
try 2 bench --train --storage f16
err_has "--storage"

try 0 phantom organs -o data --count 5 --unseen 1 --quiet
set -- data --spec widths=8,16,32 --patch 16x32x32 --batch 2 --fold 0 --steps 1 --quiet
try 4 plan "$@" --max-memory 1MiB
least=$(enough)
try 0 plan "$@" --max-memory "$least" -o plan.json
out_has "for the network's maps instead of"
out_has "more operations"
sed -i "s/$least/$(kept "$least")/" plan.json
least=$(kept "$least")
try 0 train data -o run --plan plan.json --quiet
grep -q "\"max_memory\": \"$least\"" run/settings.json; say $? "the limit goes from a plan into a run's settings"
try 0 train "$@" -o half --storage bf16 --quiet
grep -q '"storage": "bf16"' half/settings.json; say $? "how maps are stored is a setting of the run"
grep -q '"storage": "f32"' run/settings.json; say $? "float is what is not asked for"
try 4 train "$@" -o never --max-memory 1MiB
absent never
try 2 train data -o never --spec "arch=hard scale=4 tile=32 halo=8" --max-memory 2GiB
err_has "--max-memory, --micro-batch and --snapshots are of one network"
try 2 train data -o never --spec "arch=hard scale=4 tile=32 halo=8" --storage bf16
err_is "--storage bf16 is of one network, and hard attention trains several: leave it out"
finish
