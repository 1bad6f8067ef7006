# SPDX-License-Identifier: Apache-2.0
# attunet serve beside another server, after one that was killed, and again (starts.py).
. "$SOURCE/tests/cli/run.sh"
command -v python3 >/dev/null || { echo 'SKIPPED: there is no python3'; exit 77; }

try 0 phantom ultrasound -o us --count 2 --unseen 1
try 0 train us -o slices --steps 2 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2
python3 "$SOURCE/tests/serve/starts.py" "$ATTUNET" >starts.txt 2>&1
say $? 'starts.py'
grep -v '^ok' starts.txt
finish
