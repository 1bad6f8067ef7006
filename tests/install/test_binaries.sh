# SPDX-License-Identifier: Apache-2.0
# What is built and what is installed loads no library from the current folder, and has the guards
# that distributions ask for.
. "$SOURCE/tests/cli/run.sh"

cmake --install "$BUILD" --prefix "$PWD/usr" --strip >log.txt 2>&1
say $? "cmake --install"
installed=$(find usr -name 'libattunet.so.*.*')

# Each entry of a path is absolute, or beside the file.
paths() { # ELF
    list=$(readelf -dW "$1" | sed -n 's/.*(R\(UN\)\{0,1\}PATH).*\[\(.*\)\]/\2/p')
    printf '%s' "$list" | tr ':' '\n' | sed -n '/^\/\|^\$ORIGIN/!p' >bad.txt
    case $list in :* | *: | *::*) echo empty >>bad.txt ;; esac
    [ ! -s bad.txt ]
    say $? "${1##*/} looks for libraries in [$list]"
}
for file in "$BUILD"/attunet "$BUILD"/lib*.so "$BUILD"/tests/*.so usr/bin/attunet "$installed"; do
    if [ -e "$file" ]; then paths "$file"; fi
done
mkdir here
cd here || exit 1
for library in $(readelf -dW "$BUILD/attunet" "$BUILD/libattunet.so.0" |
    sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ "$library" = libc.so.6 ] || echo 'no library' >"$library" # loading one fails
done
try 0 version
ATTUNET=../usr/bin/attunet
try 0 version
cd ..

set_to() { sed -n "s/^$1:[A-Z]*=//p" "$BUILD/CMakeCache.txt"; }
if [ "$(set_to CMAKE_BUILD_TYPE)" != Release ] || [ -n "$(set_to ATTUNET_SANITIZE)" ]; then
    echo "SKIPPED: only a Release build has all guards"
    finish
fi
for file in "$BUILD/attunet" "$BUILD/libattunet.so.0" usr/bin/attunet "$installed"; do
    name=${file##*/}
    readelf -hW "$file" | grep -q 'Type: *DYN'
    say $? "$name: at any address"
    readelf -lW "$file" | grep -q GNU_RELRO
    say $? "$name: relocations are read-only"
    readelf -dW "$file" | grep -q BIND_NOW
    say $? "$name: all symbols are bound at the start"
    readelf -lW "$file" | grep 'GNU_STACK' | grep -q ' RW '
    say $? "$name: no code on the stack"
    nm -D --undefined-only "$file" >undefined.txt
    grep -q __stack_chk_fail undefined.txt
    say $? "$name: stacks are guarded"
    grep -q '__[a-z]*printf_chk' undefined.txt
    say $? "$name: lengths are checked"
done
if [ "$(set_to ATTUNET_HAS_cf_protection)" = 1 ]; then
    [ "$(objdump -d "$BUILD/libattunet.so.0" | grep -c endbr64)" -gt 1000 ]
    say $? "jumps land where they may"
fi
finish
