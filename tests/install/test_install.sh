# SPDX-License-Identifier: Apache-2.0
# cmake --install into a folder: the command runs, and a program that has only what lies there is
# built, through pkg-config and through find_package, shared and static.
. "$SOURCE/tests/cli/run.sh"

check() { # WHAT COMMAND...: what it prints is shown only if it fails
    what=$1
    shift
    if "$@" >log.txt 2>&1; then ok "$what"; else
        not_ok "$what"
        show log.txt
    fi
}
check "cmake --install" cmake --install "$BUILD" --prefix "$PWD/usr" --strip
usr=$PWD/usr lib=$(dirname "$(find usr -name attunet.pc)")/..
lib=$(cd "$lib" && pwd)
exists usr/bin/attunet usr/include/attunet.h "$lib/libattunet.so" "$lib/libattunet.a" \
    "$lib/cmake/attunet/attunet-config.cmake"
exists usr/bin/attunet-dicom usr/share/man/man1/attunet-dicom.1
exists usr/bin/attunet-serve usr/lib/systemd/system/attunet-serve.service
exists usr/share/man/man1/attunet.1 usr/share/man/man1/attunet-train.1 \
    usr/share/bash-completion/completions/attunet
exists usr/share/doc/attunet/LICENSE usr/share/zsh/vendor-completions/_attunet \
    usr/share/fish/vendor_completions.d/attunet.fish
[ "$(find usr -type f -name '*.1' ! -name attunet-dicom.1 | wc -l)" -eq \
    "$(($("$ATTUNET" generate commands | wc -l) + 1))" ]
say $? "a page for every command"

# ---- the installed command
ATTUNET=$usr/bin/attunet
try 0 --version
out_has "attunet $("$BUILD/attunet" --version | sed 's/^attunet \([^ ]*\).*/\1/')"
[ "$(readlink -f "$(ldd usr/bin/attunet | sed -n 's/.*libattunet.so.0 => \([^ ]*\) .*/\1/p')")" = \
    "$(readlink -f "$lib/libattunet.so")" ]
say $? "it runs with the library beside it"
try 0 phantom ultrasound -o data --count 4 --unseen 1 --quiet
try 0 train data -o run --steps 2 --batch 1 --patch 32x32 --spec "arch=attunet widths=4,8" --quiet
try 0 predict run data/unseen/images -o masks --quiet
exists masks/unseen.png # channel 0 of a case by that name
try 0 evaluate masks data/unseen/labels --quiet
size=$(($(stat -Lc %s "$lib/libattunet.so") + $(stat -c %s usr/bin/attunet)))
[ "$size" -lt 5000000 ]
say $? "library and command take $size bytes"

# ---- what is seen of the library
nm -D --defined-only "$lib/libattunet.so" | sed -n 's/.* T \(.*\)@@ATTUNET_0$/\1/p' |
    LC_ALL=C sort >symbols
cmp symbols "$SOURCE/tests/install/symbols.txt"
say $? "libattunet.so exports tests/install/symbols.txt"
[ "$(nm -D --defined-only "$lib/libattunet.so" | grep -vc ' ATTUNET_0$')" -eq "$(wc -l <symbols)" ]
say $? "and nothing else"
nm "$lib/libattunet.a" | sed -n 's/^[0-9a-f]* [A-Z] //p' | LC_ALL=C sort |
    cmp - "$SOURCE/tests/install/symbols.txt"
say $? "libattunet.a, too"
sed -n 's/.*ATT_API.*[ *]\(att_[a-z_0-9]*\)(.*/\1/p' usr/include/attunet.h | LC_ALL=C sort |
    cmp - "$SOURCE/tests/install/symbols.txt"
say $? "and that is what the header declares"
readelf -d "$lib/libattunet.so" | grep -q 'SONAME.*\[libattunet[.]so[.]0\]'
say $? "its name says its ABI"
readelf -d "$lib/libattunet.so" | grep -q 'FLAGS_1.*NODELETE'
say $? "a dlclose leaves it loaded, since jansson goes on calling it"

# ---- the header alone
echo '#include <attunet.h>' >h.c
cp h.c h.cpp
check "the header is C99" cc -std=c99 -pedantic-errors -Wall -Wextra -Werror -fsyntax-only -I \
    usr/include h.c
check "the header is C11" cc -std=c11 -pedantic-errors -Wall -Wextra -Werror -fsyntax-only -I \
    usr/include h.c
if command -v c++ >/dev/null; then
    check "the header is C++" c++ -std=c++11 -pedantic-errors -Wall -Wextra -Werror -fsyntax-only \
        -I usr/include h.cpp
elif command -v clang >/dev/null; then
    check "the header is C++" clang -x c++ -std=c++11 -pedantic-errors -Wall -Wextra -Werror \
        -fsyntax-only -I usr/include h.cpp
else
    echo "SKIPPED: no C++ compiler here"
fi

# ---- a program of somebody else
runs() { # WHAT PROGRAM
    check "$1: the program runs" env LD_LIBRARY_PATH="$lib" "$2" run
    grep -q ': label [0-9]' log.txt
    say $? "$1: and segments"
}
export PKG_CONFIG_PATH="$lib/pkgconfig"
program=$SOURCE/tests/install/program
flags="-std=c99 -pedantic-errors -Wall -Wextra -Werror"
check "pkg-config, shared" sh -c "cc $flags '$program/program.c' -o pc_shared \$(pkg-config \
--cflags --libs attunet)"
check "pkg-config, static library" sh -c \
    "cc $flags '$program/program.c' -o pc_archive \$(pkg-config --cflags attunet) \
'$lib/libattunet.a' \$(pkg-config --static --libs attunet | sed 's/-lattunet//')"
check "pkg-config --static, all static" sh -c \
    "cc $flags -static '$program/program.c' -o pc_static \$(pkg-config --static --cflags --libs \
attunet)"
ldd pc_shared | grep -q libattunet.so.0
say $? "pkg-config links the shared library"
case $(pkg-config --static --libs attunet) in *-ltiff*) has=yes ;; *) has=no ;; esac
[ $has = "$(if "$ATTUNET" info "$SOURCE/tests/fixtures/raster/lerc.tif" >/dev/null 2>&1
    then echo yes; else echo no; fi)" ]
say $? "libattunet.a has TIFF as the command has: $has"
for way in shared archive static; do runs "pkg-config, $way" ./pc_$way; done
[ "$(ldd pc_archive pc_static 2>&1 | grep -c libattunet)" -eq 0 ]
say $? "the static ones need no libattunet.so"
check "find_package" cmake -G Ninja -S "$program" -B cm -DCMAKE_PREFIX_PATH="$usr" \
    -DCMAKE_BUILD_TYPE=Release
check "its programs" cmake --build cm
for way in shared static; do runs "find_package, $way" cm/$way; done
mv usr elsewhere
export PKG_CONFIG_PATH="${PKG_CONFIG_PATH#"$usr"}"
export PKG_CONFIG_PATH="$PWD/elsewhere$PKG_CONFIG_PATH"
pkg-config --cflags --libs attunet | grep -qF "$PWD/elsewhere"
say $? "what is installed may be moved"
elsewhere/bin/attunet --version >/dev/null
say $? "the command, too"

# ---- folders that are given as absolute paths
check "CMAKE_INSTALL_LIBDIR=/..." cmake -G Ninja -S "$SOURCE" -B away -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_INSTALL_LIBDIR="$PWD/away/lib64"
[ "$(PKG_CONFIG_PATH=away pkg-config --variable=libdir attunet)" = "$PWD/away/lib64" ] &&
    grep -qF 'libdir=/' away/attunet.pc
say $? "attunet.pc names it as it is"
grep -q "rpath,.*ORIGIN:$PWD/away/lib64" away/build.ninja
say $? "the command looks for the library there"
finish
