#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The storeys of the house (ARCHITECTURE.md).  A room includes files of its own, of lower storeys,
# and of the rooms before it in its storey.  Runs know nothing of what shows them.  The command
# knows attunet.h only.  Under src/ no two .c or .h files have one name, and no two functions
# either, except members of one interface, which are assigned as `.name = name`.  The library's
# memory comes from base/mem.c alone.  What jansson gives is not libc's to free: a program may have
# told jansson to have its memory from elsewhere.  Only src/files opens files, as it follows no link
# and waits for no pipe; others open what the kernel writes under /proc, /dev and /sys.
# Usage: check.sh [REPOSITORY]; a line per breach, exit 1 if there is one.
set -eu
top=${1:-$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)}
cd -- "$top"

IFS='
'
set -f
# shellcheck disable=SC2046 # one word per line, none of them globbed
set -- $(find src include -type f \( -name '*.c' -o -name '*.h' \) | LC_ALL=C sort)
case "$*" in
*src/*) ;;
*)
    echo 'there is no source file under src: name the top folder of the repository'
    exit 1
    ;;
esac
awk '
    function stand(name, list,    count, room, i) {
        count = split(list, room, " ")
        for (i = 1; i <= count; i++) { place[room[i]] = ++rooms; storey[room[i]] = name }
    }
    BEGIN { # from the ground up, each storey in its order
        stand("ground", "base files")
        stand("numbers", "kernel device image policy")
        stand("machines", "graph ops arch format")
        stand("things", "dataset feed phantom model")
        stand("work", "plan predict measure")
        stand("showing", "draw report")
        stand("runs", "train hard run tune")
        stand("border", "app api cli")
        libc = "(malloc|calloc|realloc|free|strn?dup|aligned_alloc|posix_memalign|json_dumps)"
        opened = "(^|[^_a-zA-Z.>])(open|openat|creat|fopen|freopen|mkstemp|gzopen|TIFFOpen|" \
            "json_load_file|json_dump_file|png_image_begin_read_from_file)\\("
        called = "(^|[^_a-zA-Z])" libc "\\("
        named_only = "[=,(] *&?" libc "[ \t]*[,;)}]"
    }

    function breach(what) { report(FILENAME, FNR, what) }
    function report(file, line, what) { printf "%s:%d: %s\n", file, line, what; bad = 1 }

    function check(path,    part, to) {
        if (path == "attunet.h") return
        if (split(path, part, "/") != 2 || !(part[1] in place)) {
            breach("includes \"" path "\": write attunet.h or ROOM/name.h")
            return
        }
        to = part[1]
        if (to == from) return
        path = "includes \"" path "\": "
        if (from == "include") breach(path "the public header includes nothing of ours")
        else if (from == "cli") breach(path "the command knows attunet.h only")
        else if (storey[from] == "runs" && storey[to] == "showing")
            breach(path "runs are shown by who starts them, see train/pages.h")
        else if (place[to] < place[from]) return
        else if (storey[to] == storey[from])
            breach(path to " comes after " from " in the storey " storey[to])
        else breach(path to " (" storey[to] ") is above " from " (" storey[from] ")")
    }

    # A statement at column 0, up to its first brace, semicolon or equals sign, is a function
    # when it ends with the brace and has a name before a bracket.
    function define(text,    name) {
        gsub(/\/\*[^*]*\*\//, "", text)
        while (match(text, /__attribute__\(\([^()]*(\([^()]*\))?[^()]*\)\)/))
            text = substr(text, 1, RSTART - 1) substr(text, RSTART + RLENGTH)
        sub(/\{.*/, "", text)
        if (!match(text, /[A-Za-z_][A-Za-z_0-9]*\(/)) return
        name = substr(text, RSTART, RLENGTH - 1)
        if ((FILENAME, name) in defined) return
        defined[FILENAME, name] = 1
        if (name in first) doubled[name] = functions + 1
        else first[name] = functions + 1
        named[++functions] = name
        file_of[functions] = FILENAME
        line_of[functions] = begun
    }
    function check_names(    i, name, other) {
        for (i = 1; i <= functions; i++) {
            name = named[i]
            if (!(name in doubled) || (file_of[i], name) in member) continue
            other = file_of[first[name] == i ? doubled[name] : first[name]]
            report(file_of[i], line_of[i], name " is defined in " other ", too: rename it, or " \
                "assign it as ." name " = " name)
        }
    }

    FNR == 1 {
        statement = ""
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
    /^[ \t]*#[ \t]*include[ \t]*</ {
        split($0, quoted, "[<>]")
        split(quoted[2], word, "/")
        if (word[1] in place) breach("includes <" quoted[2] ">: write it in quotes")
    }
    /^[ \t]*#[ \t]*include[ \t]*[^ \t"<]/ { breach("includes what a macro says: write the name") }
    step[1] != "src" { next }
    from != "cli" && FILENAME != "src/base/mem.c" && ($0 ~ called || $0 ~ named_only) {
        breach("has memory from libc or jansson: see base/mem.h, json_text of base/json_memory.h")
    }
    from != "files" && FILENAME != "src/base/cgroup.c" && $0 ~ opened && $0 !~ /^ *\/?\*/ &&
        $0 !~ /\("\/(proc|dev)\// {
        breach("opens a file itself: see files/file.h and files/file_at.h")
    }
    statement == "" && /^[A-Za-z_]/ { begun = FNR }
    statement != "" || /^[A-Za-z_]/ {
        statement = statement " " $0
        if (match(statement, /[{;=]/)) {
            if (substr(statement, RSTART, 1) == "{") define(statement)
            statement = ""
        }
    }
    {
        rest = $0
        while (match(rest, /\.[A-Za-z_0-9]+ = [A-Za-z_0-9]+/)) {
            split(substr(rest, RSTART + 1, RLENGTH - 1), side, " = ")
            rest = substr(rest, RSTART + RLENGTH)
            if (side[1] == side[2] && rest !~ /^\(/) member[FILENAME, side[1]] = 1
        }
    }
    END { check_names(); exit bad }
' "$@"
