# SPDX-License-Identifier: Apache-2.0
# kill -9 at every call that touches the datastore of attunet serve (kills.py): none loses a label.
. "$SOURCE/tests/cli/run.sh"
command -v python3 >/dev/null || { echo 'SKIPPED: there is no python3'; exit 77; }
# ASan's library has to be the first that is loaded.
if ldd "$ATTUNET" | grep -q libasan; then echo 'SKIPPED: built with ASan'; exit 77; fi

try 0 phantom ultrasound -o us --count 2 --unseen 1
try 0 train us -o slices --steps 2 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2
python3 "$SOURCE/tests/serve/kills.py" "$ATTUNET" "$FAULTS" >kills.txt 2>&1
say $? 'kills.py'
grep -v '^ok' kills.txt
finish
