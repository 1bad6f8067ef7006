# SPDX-License-Identifier: Apache-2.0
# Prediction of 100 classes over 384x384x384 float32 within a limit: peaks of the process, and masks
# byte for byte.
#
#   sh bench/memory/predict_384.sh ATTUNET FOLDER [LIMIT...]      (limits as --max-memory takes
#                                                                 them; 2GiB 1GiB without)
#
# The model is made by three steps of training on cases of 100 labels, which measures memory and
# equality as well as a good one would. FOLDER must not be there; it needs about 1 GiB, and is left
# for a look.  SIDE=384 OVERLAP=0.25 WIDTHS=4,8 can be given in the environment.
set -e
[ $# -ge 2 ] || { echo "usage: predict_384.sh ATTUNET FOLDER [LIMIT...]" >&2; exit 2; }
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
attunet=$(cd "$(dirname "$1")" && pwd)/${1##*/}
folder=$2
shift 2
[ $# -gt 0 ] || set -- 2GiB 1GiB
side=${SIDE:-384} overlap=${OVERLAP:-0.25} widths=${WIDTHS:-4,8}
. "$SOURCE/tests/cli/cgroup.sh"

mkdir "$folder"
cd "$folder"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/bench/memory python3 - "$side" <<'P'
import gzip, os, random, sys
from array import array
from nifti import header

random.seed(1)
def label(d, h, w):  # 4 x 5 x 5 blocks: 0 to 99
    return d // 16 * 25 + min(h // 13, 4) * 5 + min(w // 13, 4)

for folder in ("data/imagesTr", "data/labelsTr", "images"):
    os.makedirs(folder)
for k in range(3):
    labels = bytes(label(d, h, w) for d in range(64) for h in range(64) for w in range(64))
    image = array("f", (x + random.gauss(0, 1) for x in labels))
    with open(f"data/imagesTr/case{k}_0000.nii", "wb") as f:
        f.write(header(64, 64, 64, 16, 32) + image.tobytes())
    open(f"data/labelsTr/case{k}.nii", "wb").write(header(64, 64, 64, 2, 8) + labels)
names = ", ".join(f'"block {i}": {i}' for i in range(1, 100))
open("data/dataset.json", "w").write(
    '{"channel_names": {"0": "CT"}, "labels": {"background": 0, %s}, '
    '"numTraining": 3, "file_ending": ".nii"}' % names)

side = int(sys.argv[1])
plane = array("f", (random.gauss(50, 30) for i in range(side * side))).tobytes()
with open("images/plain.nii", "wb") as plain, gzip.open("images/packed.nii.gz", "wb", 1) as packed:
    for out in (plain, packed):
        out.write(header(side, side, side, 16, 32))
        for d in range(side):
            at = d * 977 * 4 % len(plane)
            out.write(plane[at:] + plane[:at])
P
"$attunet" train data -o run --steps 3 --batch 1 --patch 64x64x64 --spec \
    "arch=attunet widths=$widths" --quiet

predict() { # what it is called, a limit or nothing, images
    name=$1 limit=$2
    shift 2
    begin=$(date +%s)
    if [ -x /usr/bin/time ]; then time="/usr/bin/time -f %M -o $name.peak"; else time=; fi
    $time "$attunet" predict run "$@" -o "$name" --overlap "$overlap" --no-mirror --quiet \
        ${limit:+--max-memory "$limit"} >/dev/null
    peak="not measured: /usr/bin/time is not there"
    [ -z "$time" ] || peak=$(awk '{ printf "%.0f MiB", $1 / 1024 }' "$name.peak")
    echo "$name: $(($(date +%s) - begin)) s, peak resident $peak"
}

bytes() { case $1 in *GiB) echo $((${1%GiB} << 30)) ;; *MiB) echo $((${1%MiB} << 20)) ;; esac; }

bad=0
same() { # the mask of packed.nii.gz, unpacked, is that of plain.nii
    if case $1 in *.gz) gzip -dc "$1" | cmp -s - free/plain.nii ;; *) cmp -s "$1" free/plain.nii \
        ;; esac then
        echo "  $1 is free/plain.nii, byte for byte"
    else
        echo "  $1 DIFFERS from free/plain.nii"
        bad=1
    fi
}

predict free "" images/plain.nii
for limit; do
    predict "within_$limit" "$limit" images
    same "within_$limit/plain.nii"
    same "within_$limit/packed.nii.gz"
    if cgroup_make "$(bytes "$limit")"; then
        begin=$(date +%s)
        cgroup_run "$attunet" predict run images/packed.nii.gz -o "group_$limit" --overlap \
            "$overlap" --no-mirror --quiet --max-memory "$limit" >/dev/null || bad=1
        echo "group_$limit: $(($(date +%s) - begin)) s in a memory cgroup of $limit, peak \
anonymous $((cgroup_anon >> 20)) MiB, killed $cgroup_killed times"
        same "group_$limit/packed.nii.gz"
        cgroup_drop
    else
        echo "group_$limit: skipped, $cgroup_no"
    fi
done
exit $bad
