#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every kind of warning is used, and docs/warnings.md explains it; no warning goes without a kind.
set -u
failed=0
cd "$SOURCE" || exit 1
kinds=$(sed -n 's/^X(\([A-Z_]*\)).*/\1/p' src/base/warning.def)
table=$(sed -n 's/^| `\([a-z-]*\)` | [^|]* | [^|]* |$/\1/p' docs/warnings.md | tr 'a-z-' 'A-Z_')
[ -n "$kinds" ] || { echo "src/base/warning.def: no kinds"; failed=1; }
[ "$kinds" = "$(printf '%s\n' "$kinds" | LC_ALL=C sort -u)" ] ||
    { echo "src/base/warning.def: sort the kinds"; failed=1; }
[ "$kinds" = "$(printf '%s\n' "$table" | LC_ALL=C sort)" ] ||
    { echo "docs/warnings.md: not the kinds of src/base/warning.def: $table"; failed=1; }
for kind in $kinds; do
    [ ${#kind} -le 31 ] || { echo "$kind is too long for host_warn()"; failed=1; }
    grep -rqw --include='*.c' "WARN_$kind" src || { echo "WARN_$kind is not used"; failed=1; }
done
bare=$(grep -rnw --include='*.c' LOG_WARN src |
    grep -v '^src/base/host\.c:\|^src/tune/trial_log\.c:')
[ -z "$bare" ] || { echo "use host_warn(): $bare"; failed=1; }
exit $failed
