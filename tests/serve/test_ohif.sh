# SPDX-License-Identifier: Apache-2.0
# DICOM series by their UIDs, with the requests of OHIF's client of MONAI Label (ohif.py).
. "$SOURCE/tests/cli/run.sh"
command -v python3 >/dev/null || { echo 'SKIPPED: there is no python3'; exit 77; }
[ -n "${MAKE_SERIES:-}" ] || { echo 'SKIPPED: built without attunet-dicom'; exit 77; }

try 0 phantom organs -o org --count 3 --unseen 1
try 0 train org -o volumes --steps 30 --spec 'dims=3 widths=3,4 gated=all' --patch 24x24x24 \
    --batch 1
python3 "$SOURCE/tests/serve/ohif.py" "$ATTUNET" "${ATTUNET%/*}/attunet-dicom" "$MAKE_SERIES" \
    >ohif.txt 2>&1
say $? 'ohif.py'
grep -v '^ok' ohif.txt
finish
