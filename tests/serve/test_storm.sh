# SPDX-License-Identifier: Apache-2.0
# attunet serve under requests that no client should send (storm.py).
. "$SOURCE/tests/cli/run.sh"
command -v python3 >/dev/null || { echo 'SKIPPED: there is no python3'; exit 77; }

try 0 phantom ultrasound -o us --count 2 --unseen 1
try 0 train us -o slices --steps 2 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2
python3 "$SOURCE/tests/serve/storm.py" "$ATTUNET" >storm.txt 2>&1
say $? 'storm.py'
grep -v '^ok' storm.txt
grep -q '^SKIPPED' storm.txt && exit 77
finish
