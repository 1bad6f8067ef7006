#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh finds every kind of breach in a tree made for it, and nothing in a good one.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf -- "$tree"' EXIT
failed=0

plant() { # FILE LINE...: a file of these lines
    mkdir -p -- "$(dirname -- "$tree/$1")"
    file=$tree/$1
    shift
    printf '%s\n' "$@" >"$file"
}

good_tree() {
    rm -rf -- "$tree/src" "$tree/include"
    plant include/attunet.h '#include <stddef.h>'
    plant src/base/pool.h '/* #include "train/train.h" is only named here */'
    plant src/base/pool.c '#include "base/pool.h"' '#include "attunet.h"' \
        '__attribute__((format(printf, 1, 2))) static struct pool *pool_say(char *s, ...);' \
        'static struct pool *pool_find(' '    int pool)' '{' '    return pool_make(pool);' '}'
    plant src/kernel/conv.h '#include "base/pool.h"'
    plant src/image/image.c '#include <sys/stat.h>' '#include "kernel/conv.h"' \
        'static int forward(int x) { return x; }' 'struct op image = {.forward = forward};'
    plant src/image/box.c 'static int forward(int x) { return x; }' \
        'struct op box = {.name = "box", .forward = forward};'
    plant src/train/train.c '  #  include "kernel/conv.h"' '#include "base/pool.h"'
    plant src/api/api.c '#include "train/train.h"'
    plant src/cli/main.c '#include "attunet.h"' '#include "cli/cli.h"'
}

# Exit code and output of a check of the tree as it stands.
expect() { # TITLE LINE (empty: none)
    status=0
    found=$(sh "$here/check.sh" "$tree") || status=$?
    if [ "$found" = "$2" ] && [ "$status" = "$([ -z "$2" ] && echo 0 || echo 1)" ]; then return; fi
    printf 'FAILED: %s: exit %s, "%s" instead of "%s"\n' "$1" "$status" "$found" "$2"
    failed=1
}

good_tree
expect 'a good tree' ''
plant src/base/pool.c '' '#include "train/train.h"'
expect 'up' 'src/base/pool.c:2: includes "train/train.h": train (runs) is above base (ground)'
good_tree
plant src/kernel/conv.h '#include "image/image.h"'
expect 'sideways' \
    'src/kernel/conv.h:1: includes "image/image.h": image comes after kernel in the storey numbers'
good_tree
plant src/kernel/conv.h '# include "graph/graph.h" /* why not */'
expect 'a header, with spaces' \
    'src/kernel/conv.h:1: includes "graph/graph.h": graph (machines) is above kernel (numbers)'
good_tree
plant src/tune/tune.c '#include "report/html.h"'
expect 'a run that shows itself' \
    'src/tune/tune.c:1: includes "report/html.h": '\
'runs are shown by who starts them, see train/pages.h'
good_tree
plant src/cli/main.c '#include "base/pool.h"'
expect 'the command looks inside' \
    'src/cli/main.c:1: includes "base/pool.h": the command knows attunet.h only'
good_tree
plant include/attunet.h '#include "base/pool.h"'
expect 'the public header' \
    'include/attunet.h:1: includes "base/pool.h": the public header includes nothing of ours'
good_tree
plant src/train/pool.c ''
expect 'one name twice' 'src/train/pool.c:1: has the name of src/base/pool.c'
good_tree
plant src/base/pool.c '#include "pool.h"'
expect 'no room' 'src/base/pool.c:1: includes "pool.h": write attunet.h or ROOM/name.h'
good_tree
plant src/base/pool.c '#include "../train/train.h"'
expect 'a way around' \
    'src/base/pool.c:1: includes "../train/train.h": write attunet.h or ROOM/name.h'
good_tree
plant src/base/pool.c '#include POOL_HEADER'
expect 'a macro' 'src/base/pool.c:1: includes what a macro says: write the name'
good_tree
plant src/cellar/pit.c ''
expect 'an unknown room' 'src/cellar/pit.c:1: stands in no room of the list'
good_tree
plant src/attic.c ''
expect 'no room at all' 'src/attic.c:1: stands in no room of the list'
good_tree
plant src/base/deep/hole.c ''
expect 'a folder in a room' 'src/base/deep/hole.c:1: stands in a folder inside a room'

good_tree
plant src/image/image.c '' 'static int pool_find(void)' '{' '    return 1;' '}'
twice='too: rename it, or assign it as .pool_find = pool_find'
expect 'a function twice' "src/base/pool.c:4: pool_find is defined in src/image/image.c, $twice
src/image/image.c:2: pool_find is defined in src/base/pool.c, $twice"
good_tree
plant src/image/orient.c 'static int forward(int x) { return x; }' \
    'struct op orient = {.forward = forward(1)};'
expect 'a member that is not assigned' \
    'src/image/orient.c:1: forward is defined in src/image/box.c, too: '\
'rename it, or assign it as .forward = forward'
good_tree
plant src/base/pool.c 'char *pool_name(' '    int i) /* free */' '{' '    return strdup("a");' '}'
expect 'memory from libc' \
    'src/base/pool.c:4: has memory from libc or jansson: '\
'see base/mem.h, json_text of base/json_memory.h'
for name in strndup aligned_alloc posix_memalign; do
    good_tree
    plant src/base/pool.c "void *pool_name(int i) { return $name(0, i); }"
    expect "memory from $name" \
        'src/base/pool.c:1: has memory from libc or jansson: '\
'see base/mem.h, json_text of base/json_memory.h'
done
for use in 'void *(*get)(size_t) = malloc;' 'struct a b = {.get = &malloc, .x = 1};' \
    'static void f(void) { tell(realloc, 1); }'; do
    good_tree
    plant src/base/pool.c "$use"
    expect "a name of libc without a call: $use" \
        'src/base/pool.c:1: has memory from libc or jansson: '\
'see base/mem.h, json_text of base/json_memory.h'
done
for use in 'int fd = open(path, O_RDONLY);' \
    'FILE *f = fopen(name, "re");' 'int f = creat(path, 0666);'; do
    good_tree
    plant src/files/file.c "$use"
    plant src/base/pool.c 'FILE *f = fopen("/proc/cpuinfo", "re");' 'status = f->open(path, v, e);'
    expect "a file opened where files are opened: $use" ''
    plant src/train/train.c "$use"
    expect "a file opened elsewhere: $use" \
        'src/train/train.c:1: opens a file itself: see files/file.h and files/file_at.h'
done
good_tree
plant src/base/pool.c '#include <train/course.h>'
expect 'a room in angle brackets' \
    'src/base/pool.c:1: includes <train/course.h>: write it in quotes'
good_tree
rm -r -- "$tree/src"
mkdir -- "$tree/src"
expect 'a tree without sources' \
    'there is no source file under src: name the top folder of the repository'

[ "$failed" = 0 ] && echo 'the floor check finds what it should'
exit "$failed"
