# SPDX-License-Identifier: Apache-2.0
# A packed set much larger than memory, cold and in a memory cgroup of 1 GiB, against the same
# training with everything in memory: steps a second by turns; and patches a second without a
# network.
#
#   sh bench/memory/pack_16g.sh ATTUNET BENCH_PACK FOLDER      (as root: it makes the cgroup and
#                                                              drops the page cache)
#
# Sources are sparse files, and the set is packed without compression, so that it has its full size
# and every byte comes from the disk.  In memory means: 8 of the cases as plain files, all of which
# the run holds.  FOLDER must not be there, and is removed in the end.  In the environment, with
# their defaults: CASES=208 SIDE=256 STEPS=44 ROUNDS=3 LIMIT (bytes, 1 GiB) PATCH=80x80x80 BATCH=2
# SPEC THREADS=2 LEVEL=0 (of zstd).
set -e
[ $# -eq 3 ] || { echo "usage: pack_16g.sh ATTUNET BENCH_PACK FOLDER" >&2; exit 2; }
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
attunet=$(cd "$(dirname "$1")" && pwd)/${1##*/}
bench=$(cd "$(dirname "$2")" && pwd)/${2##*/}
cases=${CASES:-208} side=${SIDE:-256} steps=${STEPS:-44} rounds=${ROUNDS:-3} \
    limit=${LIMIT:-$((1 << 30))} threads=${THREADS:-2} level=${LEVEL:-0}
spec=${SPEC:-"arch=attunet widths=8,16,32,64"}
. "$SOURCE/tests/cli/cgroup.sh"
cgroup_make "$limit" || { echo "skipped: $cgroup_no"; exit 77; }
cgroup_drop
mkdir "$3"
cd "$3"
trap 'cgroup_drop; rm -rf "$PWD"' EXIT

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/bench/memory python3 - "$cases" "$side" <<'P'
import os, random, sys
from array import array
from nifti import header

cases, side = int(sys.argv[1]), int(sys.argv[2])

for folder in ("data/images", "data/labels", "few/images", "few/labels"):
    os.makedirs(folder)
random.seed(1)
noise = array("f", (random.gauss(0, 1) for i in range(1 << 16))).tobytes()
box = bytes(side // 3) + b"\1" * (side // 6)  # of a row
for k in range(cases):
    name = f"case_{k:04d}.nii"
    # holes but for noise that begins elsewhere in every case
    with open("data/images/" + name, "wb") as f:
        f.write(header(side, side, side, 16, 32))
        f.seek(352 + side * side * side // 3 * 4)
        f.write(noise[4 * k:] + noise[:4 * k])
        f.truncate(352 + side ** 3 * 4)
    with open("data/labels/" + name, "wb") as f:
        f.write(header(side, side, side, 2, 8))
        for d in range(side // 3, side // 2):
            for h in range(side // 3, side // 2):
                f.seek(352 + (d * side + h) * side)
                f.write(box)
        f.truncate(352 + side ** 3)
    for part in ("images/", "labels/"):
        if k < 8: os.link("data/" + part + name, "few/" + part + name)
P

set -- --spec "$spec" --patch "${PATCH:-80x80x80}" --batch "${BATCH:-2}" --nonzero no --steps \
    "$steps" --threads "$threads" --quiet
begin=$(date +%s)
"$attunet" pack data -o packed --compression "$level" "$@"
echo "packed $cases cases of ${side}x${side}x$side: $(du -sm packed | cut -f1) MiB in \
$(($(date +%s) - begin)) s"
begin=$(date +%s)
"$attunet" pack data -o packed --compression "$level" "$@"
echo "asked again, with nothing to do: $(($(date +%s) - begin)) s"

cold() { sync; echo 3 >/proc/sys/vm/drop_caches; }

# Steps a second behind the first four, which open files and fill caches.
speed() { awk -F, \
    '$1 == 4 { from = $2 } $1 > 4 { last = $2; n = $1 - 4 } END { printf "%.4f\n", n / (last - '\
'from) }' "$1/log.csv"; }

for round in $(seq "$rounds"); do
    cold
    cgroup_make "$limit"
    cgroup_run "$attunet" train packed -o "cold_$round" "$@" >out.txt 2>&1 || { cat out.txt
    exit 1; }
    echo "round $round, packed and cold in a cgroup of $((limit >> 20)) MiB: \
$(speed "cold_$round") steps a second; $((cgroup_anon >> 20)) MiB anonymous at most"
    cgroup_drop
    rm -rf "memory_$round"
    "$attunet" train few -o "memory_$round" "$@" >out.txt 2>&1 || { cat out.txt; exit 1; }
    echo "round $round, everything in memory: $(speed "memory_$round") steps a second"
done
for round in $(seq "$rounds"); do echo "$(speed "cold_$round") $(speed "memory_$round")"; done |
    awk '{ a[NR] = $1 / $2 }
        END { for (i = 1; i <= NR; i++) for (j = i + 1; j <= NR; j++)
            if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
        printf "packed / in memory: median of the rounds %.3f (%.3f to %.3f)\n",
            a[int((NR + 1) / 2)], a[1], a[NR] }'

cold
cgroup_make "$limit"
cgroup_run "$bench" packed 30 | sed 's/^/without a network, cold in the cgroup: /'
cgroup_drop
"$bench" packed 30 | sed 's/^/without a network, no cgroup: /'
