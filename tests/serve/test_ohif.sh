# SPDX-License-Identifier: Apache-2.0
# DICOM series by their UIDs, with the requests of OHIF's client of MONAI Label (ohif.py).
. "$SOURCE/tests/serve/front.sh"
[ -n "${MAKE_SERIES:-}" ] || { echo 'SKIPPED: built without attunet-dicom'; exit 77; }

try 0 phantom organs -o org --count 3 --unseen 1
try 0 train org -o volumes --steps 30 --spec 'dims=3 widths=3,4 gated=all' --patch 24x24x24 \
    --batch 1
echo '{"channel_names": {"0": "CT"}}' >org/dataset.json
try 0 train org -o ct --steps 1 --spec 'dims=3 widths=3,4' --patch 24x24x24 --batch 1
requests ohif.py "${ATTUNET%/*}/attunet-dicom" "$MAKE_SERIES"
finish
