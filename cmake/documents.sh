#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# documents.sh ATTUNET FOLDER: what the command makes of its table of options, as files to be
# installed; called by install.cmake.
set -eu
attunet=$1 folder=$2
rm -rf -- "$folder"
mkdir -p -- "$folder/man1" "$folder/bash" "$folder/zsh" "$folder/fish"
"$attunet" generate man >"$folder/man1/attunet.1"
for name in $("$attunet" generate commands); do
    "$attunet" generate man "$name" >"$folder/man1/attunet-$name.1"
done
"$attunet" generate bash >"$folder/bash/attunet"
"$attunet" generate zsh >"$folder/zsh/_attunet"
"$attunet" generate fish >"$folder/fish/attunet.fish"
