# SPDX-License-Identifier: Apache-2.0
# Tests of the command: what it prints and how it ends.  Every test_*.sh reads this file, calls `try
# CODE ARGUMENTS...` and then looks at what came out; each claim prints a line `ok` or `not ok`, and
# `finish` counts them.
#
# ctest gives $ATTUNET (the command), $SOURCE (the repository), $FAULTS (tests/fault/faults.c),
# $UNSYNCED (tests/unsynced.c), $STACK and an empty folder to work in.
# By hand:  sh tests/cli/run.sh COMMAND  runs all of them in a temporary folder.

if [ "${0##*/}" = run.sh ]; then
    [ -x "$1" ] || { echo "usage: run.sh PATH_OF_ATTUNET" >&2; exit 2; }
    ATTUNET=$(cd "$(dirname "$1")" && pwd)/${1##*/}
    here=$(cd "$(dirname "$0")" && pwd)
    SOURCE=$here/../..
    FAULTS=${ATTUNET%/*}/tests/libfaults.so
    export ATTUNET SOURCE FAULTS
    failed=0
    for test in "$here"/test_*.sh; do
        folder=$(mktemp -d) || exit 1
        echo "# ${test##*/}"
        (cd "$folder" && sh "$test") || failed=1
        rm -rf "$folder"
    done
    exit $failed
fi

[ -x "$ATTUNET" ] || { echo "not ok: the command '$ATTUNET' is not there"; exit 1; }
[ -z "${STACK-}" ] || ulimit -S -s "$STACK" # KiB, of threads, too
unset ATTUNET_ISA NO_COLOR
[ -z "${UNSYNCED-}" ] || export LD_PRELOAD="$UNSYNCED" # a command waits for no disk
good=0 bad=0 words= code=

ok() { good=$((good + 1)); echo "ok $1"; }
not_ok() { bad=$((bad + 1)); echo "not ok $1"; }
say() { if [ "$1" -eq 0 ]; then ok "$2"; else not_ok "$2"; fi; }
show() { sed 's/^/#   /' "$1" | head -20; }

# Runs the command; its exit code must be the first argument.
try() {
    wanted=$1
    shift
    words="attunet $*"
    "$ATTUNET" "$@" >out.txt 2>err.txt </dev/null
    code=$?
    if [ "$code" -eq "$wanted" ]; then ok "$words: exit code $code"; else
        not_ok "$words: exit code $code, not $wanted"
        show err.txt
    fi
}

# The same by a clock that goes on by 10 ms whenever it is looked at, on every machine
# (tests/fault/faults.c).
try_by_ticks() {
    if sanitized; then # which stands in front of the C library itself
        try "$@"
        return
    fi
    export LD_PRELOAD="$FAULTS" FAULT_CLOCK=ticks
    try "$@"
    LD_PRELOAD=${UNSYNCED-}
    unset FAULT_CLOCK
}

# stderr is one line, exactly "attunet: TEXT".
err_is() {
    if [ "$(cat err.txt)" = "attunet: $1" ]; then ok "$words: $1"; else
        not_ok "$words: stderr is not 'attunet: $1' but"
        show err.txt
    fi
}
# stderr is one line that begins with "attunet: " and holds TEXT.
err_has() {
    if [ "$(wc -l <err.txt)" -eq 1 ] && grep -q '^attunet: ' err.txt &&
        grep -qF -- "$1" err.txt; then ok "$words: ... $1"; else
        not_ok "$words: stderr is not one line with '$1' but"
        show err.txt
    fi
}
said() { # somewhere on stderr
    if grep -qF -- "$1" err.txt; then ok "$words: says '$1'"; else
        not_ok "$words: does not say '$1' but"
        show err.txt
    fi
}
unsaid() { # nowhere
    if grep -qF -- "$1" err.txt out.txt; then not_ok "$words: says '$1'"
    else ok "$words: does not say '$1'"; fi
}
silent() {
    if [ -s err.txt ]; then not_ok "$words: stderr is not empty but"; show err.txt
    else ok "$words: stderr is empty"; fi
}
out_has() {
    if grep -qF -- "$1" out.txt; then ok "$words: prints '$1'"; else
        not_ok "$words: does not print '$1' but"
        show out.txt
    fi
}
out_is() {
    if [ "$(cat out.txt)" = "$1" ]; then ok "$words: prints exactly '$1'"; else
        not_ok "$words: prints not '$1' but"
        show out.txt
    fi
}
no_output() {
    if [ -s out.txt ]; then not_ok "$words: stdout is not empty but"; show out.txt
    else ok "$words: stdout is empty"; fi
}
exists() { for f in "$@"; do [ -e "$f" ]; say $? "$f exists"; done; }
absent() { for f in "$@"; do [ ! -e "$f" ]; say $? "$f does not exist"; done; }

# Waits until a command succeeds, as long as process $child lives: for a minute of its processor
# time, which a busy machine does not shorten, or half an hour.
await() { # COMMAND...
    waits=0 first=
    until "$@"; do
        if [ $((waits % 20)) -eq 0 ]; then
            spent=$(awk '{ print $14 + $15 }' "/proc/$child/stat" 2>/dev/null)
            first=${first:-${spent:-0}}
        fi
        if ! kill -0 "$child" 2>/dev/null || [ $((${spent:-0} - first)) -ge 6000 ] ||
            [ $waits -ge 36000 ]; then
            "$@"
            return
        fi
        sleep 0.05
        waits=$((waits + 1))
    done
}
# Of a process with tests/fault/faults.c in front of its C library, which stops at a call.
has_stopped() { grep -q '^State:[[:space:]]*T' "/proc/$1/status"; }

# A limit on memory that a sanitizer, which keeps what was freed, can hold too.
sanitized() { grep -q __asan_init "$ATTUNET"; }
kept() { if sanitized; then echo "$((${1%MiB} + 64))MiB"; else echo "$1"; fi; }

finish() {
    echo "$good ok, $bad not ok"
    [ "$bad" -eq 0 ] && [ "$good" -gt 0 ]
    exit
}
