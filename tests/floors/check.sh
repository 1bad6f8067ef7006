#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The storeys of the house (ARCHITECTURE.md).  A room includes files of its own, of lower storeys, and
# of the rooms before it in its storey.  The command knows attunet.h only.  No two .c or .h files
# under src/ have one name.  The library's memory comes from base/mem.c alone.  What jansson gives is
# not libc's to free: a program may have told jansson to have its memory from elsewhere.
# Usage: check.sh [REPOSITORY]; a line per breach, exit 1 if there is one.
set -eu
top=${1:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
cd -- "$top"

IFS='
'
set -f
# shellcheck disable=SC2046 # one word per line, none of them globbed
set -- $(find src include -type f \( -name '*.c' -o -name '*.h' \) | LC_ALL=C sort)
awk '
    BEGIN {
        storeys = split("ground: base files|numbers: kernel image policy|machines: graph ops arch format|things: dataset feed phantom model|work: plan predict measure|showing: draw report|runs: train hard run tune|border: app api cli", list, "|")
        for (i = 1; i <= storeys; i++) {
            count = split(list[i], word, " ")
            for (j = 2; j <= count; j++) { place[word[j]] = ++rooms; storey[word[j]] = substr(word[1], 1, length(word[1]) - 1) }
        }
    }
    function breach(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
    function check(path,    part, parts, to) {
        if (path == "attunet.h") return
        parts = split(path, part, "/")
        to = part[1]
        if (parts != 2 || !(to in place)) { breach("includes \"" path "\": write attunet.h or ROOM/name.h"); return }
        if (to == from) return
        if (from == "include") breach("includes \"" path "\": the public header includes nothing of ours")
        else if (from == "cli") breach("includes \"" path "\": the command knows attunet.h only")
        else if (place[to] > place[from]) {
            if (storey[to] == storey[from]) breach("includes \"" path "\": " to " comes after " from " in the storey " storey[from])
            else breach("includes \"" path "\": " to " (" storey[to] ") is above " from " (" storey[from] ")")
        }
    }
    FNR == 1 {
        depth = split(FILENAME, step, "/")
        from = step[1] == "include" ? "include" : depth > 2 ? step[2] : ""
        if (step[1] == "src") {
            if (!(from in place)) breach("stands in no room of the list")
            else if (depth > 3) breach("stands in a folder inside a room")
            if (step[depth] in seen) breach("has the name of " seen[step[depth]])
            seen[step[depth]] = FILENAME
        }
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ && (from == "include" || from in place) {
        split($0, quoted, "\"")
        check(quoted[2])
    }
    step[1] == "src" && from != "cli" && FILENAME != "src/base/mem.c" && /(^|[^_a-zA-Z])(malloc|calloc|realloc|free|strdup|json_dumps)\(/ {
        breach("has memory from libc or jansson: see base/mem.h and json_text of base/json_memory.h")
    }
    /^[ \t]*#[ \t]*include[ \t]*[^ \t"<]/ { breach("includes what a macro says: write the name") }
    END { exit bad }
' "$@"
