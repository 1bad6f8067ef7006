# SPDX-License-Identifier: Apache-2.0
# Ten kills of kills.sh; by hand more of them.
exec sh "$SOURCE/tests/fault/kills.sh" "$ATTUNET" "$FAULTS" 10
