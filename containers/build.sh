#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checks the recipes and builds the images that this machine has a program for: with docker,
# podman or buildah the image 'attunet', with apptainer the file build/attunet.sif.
# It then measures the image 'attunet', and trains and predicts in it.
# usage: sh containers/build.sh [check]
set -eu
top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd -- "$top"
LARGEST=20000000 # bytes of the image

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

# The words behind 'apt-get install', up to the next command.
packages() { # FILE
    sed -n '/apt-get install/,/[^\\]$/p' "$1" | tr -s ' \\\n' '\n' |
        sed '1,/^--no-install-recommends$/d; /^&&$/,$d' | grep . | sort
}
# attunet-dicom, which needs DCMTK, and attunet-serve are programs of their own.
wanted=$(sed -n "/^BUILD='/,/'\$/p" dev | tr -d "'" | sed 's/^BUILD=//' | tr -s ' \n' '\n' |
    grep . | grep -vxE 'libdcmtk-dev|libicu-dev|libmicrohttpd-dev' | sort)
for recipe in containers/Dockerfile containers/attunet.def; do
    [ "$(packages "$recipe")" = "$wanted" ] ||
        fail "$recipe installs other packages than the list BUILD of ./dev"
    for word in 'cmake --preset release -B /build -DATTUNET_TESTS=OFF' \
        '--target attunet_static' 'sh dev notices'; do
        grep -qF -- "$word" "$recipe" || fail "$recipe lacks: $word"
    done
done
grep -qx 'USER 65532:65532' containers/Dockerfile || fail "the Dockerfile runs as root"
if command -v hadolint >/dev/null; then
    hadolint containers/Dockerfile
else
    echo "there is no hadolint, so the Dockerfile is checked by itself only"
fi
echo "the recipes are as ./dev builds"
[ "${1:-}" != check ] || exit 0

# From made-up images to masks, as the user of the Dockerfile, where only /data can be written.
try_image() {
    data=$(mktemp -d)
    chmod 777 "$data"
    attunet() { "$engine" run --rm --read-only -v "$data:/data" attunet "$@"; }
    attunet version
    attunet phantom ultrasound -o set --count 4 --unseen 2 --quiet
    attunet train set -o run --steps 4 --spec 'arch=attunet widths=4,8' --patch 64x64 --quiet
    attunet predict run set/unseen/images -o masks --quiet
    [ "$(find "$data/masks" -name '*.png' ! -user "$(id -u)" | wc -l)" = 2 ] ||
        fail "masks are missing"
    ! attunet phantom ultrasound -o /else --count 4 --quiet || fail "the root can be written"
    rm -rf "$data"
}

built=
for engine in docker podman buildah; do
    command -v $engine >/dev/null && $engine info >/dev/null 2>&1 || continue
    $engine build -t attunet -f containers/Dockerfile .
    built="$built $engine"
    [ $engine = buildah ] && break
    try_image
    size=$($engine image inspect -f '{{.Size}}' attunet)
    echo "the image has $size bytes"
    [ "$size" -le $LARGEST ] || fail "that is more than $LARGEST"
    break
done
if command -v apptainer >/dev/null; then
    mkdir -p build
    apptainer build --force build/attunet.sif containers/attunet.def
    apptainer test build/attunet.sif
    built="$built apptainer"
fi
[ -n "$built" ] || echo "no docker, podman, buildah or apptainer runs here, so nothing is built"
