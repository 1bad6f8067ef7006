# SPDX-License-Identifier: Apache-2.0
# What tests of attunet-serve share; they end with `requests NAME.py ...` and `finish`.
. "$SOURCE/tests/cli/run.sh"
command -v python3 >/dev/null || { echo 'SKIPPED: there is no python3'; exit 77; }

# The run `slices` on the data set `us`, which has learnt next to nothing.
small_run() {
    try 0 phantom ultrasound -o us --count 2 --unseen 1
    try 0 train us -o slices --steps 2 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2
}
# NAME.py WORDS...: what it claims beside the server.
requests() {
    name=$1
    shift
    python3 "$SOURCE/tests/serve/$name" "$ATTUNET" "$@" >"$name.txt" 2>&1
    say $? "$name"
    grep -v '^ok' "$name.txt"
}
