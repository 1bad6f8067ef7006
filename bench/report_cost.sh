#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# report_cost.sh ATTUNET FOLDER [TIME]: what reports and attention maps take of a training, from its
# first second to its last: phantoms in 2D and 3D, an Attention U-Net chosen from them, a fold that
# validates, TIME (10m) each.  Prints the seconds of RUN/run.json and the share, and fails where
# that is 2 % or more.  FOLDER must not be there.
set -eu
[ $# -ge 2 ] || {
    echo "usage: report_cost.sh ATTUNET FOLDER [TIME]" >&2
    exit 2
}
attunet=$(cd "$(dirname "$1")" && pwd)/${1##*/} time=${3:-10m} bad=0
mkdir "$2"
cd "$2"
seconds() { sed -n "s/.*\"$2\": *\([0-9.eE+-]*\).*/\1/p" "$1" | tail -n 1; }
printf '%-12s %9s %12s %9s %9s %8s\n' phantom steps validation report all share
for kind in ultrasound organs; do
    "$attunet" phantom $kind -o $kind --count 30 --unseen 0 --quiet
    "$attunet" train $kind -o $kind-run --fold 0 --time "$time" --quiet >/dev/null
    record=$kind-run/run.json
    for what in steps validation report all; do eval "$what=\$(seconds $record $what)"; done
    # shellcheck disable=SC2154 # eval has set them
    awk -v k=$kind -v s="$steps" -v v="$validation" -v r="$report" -v a="$all" \
        'BEGIN { if (!(a > 0)) exit 1; printf("%-12s %9.2f %12.2f %9.2f %9.2f %6.2f %%\n", k, s, '\
'v, r, a, 100 * r / a); exit r >= .02 * a }' || bad=1
done
[ $bad = 0 ] || echo "a report takes 2 % or more"
exit $bad
