#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The floors of the house (ARCHITECTURE.md): an #include under src/ points to a lower floor or into its own room, never up, never sideways
# between rooms of one floor; the command knows attunet.h only; no two .c or .h files under src/ have one name.  The library's memory comes
# from base/mem.c alone, and what jansson gives is not libc's to free: a program may have told jansson to have its memory from elsewhere.
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
        rooms = split("base:1 kernel:2 image:2 format:3 graph:3 ops:4 dataset:4 phantom:4 policy:4 arch:5 model:6 plan:7 predict:7 draw:8 measure:9 report:10 train:11 hard:12 run:13 tune:14 api:15 cli:16", list, " ")
        for (i = 1; i <= rooms; i++) { split(list[i], pair, ":"); floor[pair[1]] = pair[2] }
    }
    function breach(what) { printf "%s:%d: %s\n", FILENAME, FNR, what; bad = 1 }
    function check(path,    part, parts, to) {
        if (path == "attunet.h") return
        parts = split(path, part, "/")
        to = part[1]
        if (parts != 2 || !(to in floor)) { breach("includes \"" path "\": write attunet.h or ROOM/name.h"); return }
        if (to == from) return
        if (from == "include") breach("includes \"" path "\": the public header includes nothing of ours")
        else if (from == "cli") breach("includes \"" path "\": the command knows attunet.h only")
        else if (floor[to] > floor[from]) breach("includes \"" path "\": " to " (floor " floor[to] ") is above " from " (floor " floor[from] ")")
        else if (floor[to] == floor[from]) breach("includes \"" path "\": " to " stands beside " from " on floor " floor[to])
    }
    FNR == 1 {
        depth = split(FILENAME, step, "/")
        from = step[1] == "include" ? "include" : depth > 2 ? step[2] : ""
        if (step[1] == "src") {
            if (!(from in floor)) breach("stands in no room of the list")
            else if (depth > 3) breach("stands in a folder inside a room")
            if (step[depth] in seen) breach("has the name of " seen[step[depth]])
            seen[step[depth]] = FILENAME
        }
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ && (from == "include" || from in floor) {
        split($0, quoted, "\"")
        check(quoted[2])
    }
    step[1] == "src" && from != "cli" && FILENAME != "src/base/mem.c" && /(^|[^_a-zA-Z])(malloc|calloc|realloc|free|strdup|json_dumps)\(/ {
        breach("has memory from libc or jansson: see base/mem.h and json_text of base/json_memory.h")
    }
    /^[ \t]*#[ \t]*include[ \t]*[^ \t"<]/ { breach("includes what a macro says: write the name") }
    END { exit bad }
' "$@"
