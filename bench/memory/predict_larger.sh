# SPDX-License-Identifier: Apache-2.0
# Prediction of an image that is larger than memory, in a memory cgroup of the limit: peak and time;
# and, of an image that fits, the bytes of the masks with the smallest limit and without one.
#
#   sh bench/memory/predict_larger.sh ATTUNET FOLDER      (as root: it makes the cgroup)
#
# The large image is a sparse file of int16 with noise in some of its planes.  FOLDER must not be
# there, and is removed in the end; the disk holds the mask twice, a byte per voxel.  In the
# environment, with their defaults: SIDE=1024 SMALL=256 LIMIT=512MiB WINDOW=128x128x128 WIDTHS=4,8
# THREADS=2, PACKED= (not empty: as .nii.gz, too, which is inflated once).
set -e
[ $# -eq 2 ] || { echo "usage: predict_larger.sh ATTUNET FOLDER" >&2; exit 2; }
SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
attunet=$(cd "$(dirname "$1")" && pwd)/${1##*/}
side=${SIDE:-1024} small=${SMALL:-256} limit=${LIMIT:-512MiB} window=${WINDOW:-128x128x128} \
    widths=${WIDTHS:-4,8} threads=${THREADS:-2}
. "$SOURCE/tests/cli/cgroup.sh"
cgroup_make $((${limit%MiB} << 20)) || { echo "skipped: $cgroup_no"; exit 77; }
cgroup_drop
mkdir "$2"
cd "$2"
trap 'cgroup_drop; rm -rf "$PWD"' EXIT

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE/bench/memory python3 - "$side" "$small" "$PACKED" <<'P'
import gzip, os, random, shutil, sys
from array import array
from nifti import header

side, small, packed = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random.seed(1)
for folder in ("data/imagesTr", "data/labelsTr", "large", "small"):
    os.makedirs(folder)
for k in range(3):
    image = array("f", (random.gauss(100 * (i // 16 % 2), 30) for i in range(32 ** 3)))
    with open(f"data/imagesTr/case{k}_0000.nii", "wb") as f:
        f.write(header(32, 32, 32, 16, 32) + image.tobytes())
    with open(f"data/labelsTr/case{k}.nii", "wb") as f:
        f.write(header(32, 32, 32, 2, 8) + bytes(i // 16 % 2 for i in range(32 ** 3)))
open("data/dataset.json", "w").write(
    '{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "stripes": 1}, '
    '"numTraining": 3, "file_ending": ".nii"}')
for folder, n in (("large", side), ("small", small)):
    noise = array("h", (int(random.gauss(100 * (i // 16 % 2), 30)) for i in range(n * n))).tobytes()
    with open(f"{folder}/image.nii", "wb") as f:
        f.write(header(n, n, n, 4, 16))
        for d in sorted({*range(0, n, 8), n - 1}):
            f.seek(352 + d * n * n * 2)
            f.write(noise)
with open("small/image.nii", "rb") as f, gzip.open("small/packed.nii.gz", "wb", 1) as z:
    shutil.copyfileobj(f, z)
if packed:
    with open("large/image.nii", "rb") as f, gzip.open("large/packed.nii.gz", "wb", 1) as z:
        shutil.copyfileobj(f, z)
P
"$attunet" train data -o run --steps 3 --batch 1 --patch 32x32x32 --spec \
    "arch=unet widths=$widths" --threads "$threads" --quiet >/dev/null

set -- --overlap 0 --no-mirror --threads "$threads"
for f in large/*; do
    cgroup_make $((${limit%MiB} << 20))
    begin=$(date +%s) code=0
    cgroup_run "$attunet" predict run "$f" -o masks --window "$window" --max-memory "$limit" "$@" \
        --quiet >out.txt || code=$?
    echo "$f: ${side}x${side}x$side, $(($(stat -Lc %s "$f") >> 20)) MiB of int16, in a memory \
cgroup of $limit: exit code $code, $(($(date +%s) - begin)) s, peak anonymous \
$((cgroup_anon >> 20)) MiB, killed $cgroup_killed times"
    cgroup_drop
    [ "$code" -eq 0 ] || exit 1
done

"$attunet" predict run small -o free --window 64x64x64 "$@" --quiet >/dev/null
"$attunet" predict run small/image.nii -o never --window 64x64x64 --max-memory 1MiB "$@" --quiet \
    2>err.txt && exit 1
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)
"$attunet" predict run small -o within --window 64x64x64 --max-memory "$least" "$@" |
    grep "by parts" | sed 's/^/small: /'
bad=0
for f in image.nii packed.nii.gz; do
    if cmp -s "free/$f" "within/$f"; then echo \
        "small/$f: with $least, the bytes of the mask without a limit"
    else bad=1; echo "small/$f DIFFERS"; fi
done
exit $bad
