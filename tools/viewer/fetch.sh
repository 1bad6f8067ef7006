#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh FOLDER niivue|axe: puts niivue.js, the viewer of volumes that the page of attunet-serve
# shows, or axe.js, which tests that page, into FOLDER.  They come from the package registry, in one
# version of one checksum, and never into git.
set -eu
case $2 in
niivue)
    package=@niivue/niivue name=niivue-niivue version=0.69.0 file=dist/niivue.umd.js
    sum=60c8d0bc9803d56d9bec3ba8c64c250b85716eb80878f449e6ac90cd72b18b6b\
f6301560dbce4ffc2210ca0e3aa030c60c871a3656ddf8c86d3bf79d31b5c990 ;;
axe)
    package=axe-core name=axe-core version=4.14.1 file=axe.js
    sum=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73\
4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5 ;;
*) exit 2 ;;
esac
mkdir -p -- "$1/$2"
cd -- "$1/$2"
command -v npm >/dev/null || {
    echo 'fetch.sh: the viewer comes from the package registry by npm; install npm' >&2
    exit 1
}
npm pack --silent "$package@$version" >/dev/null
echo "$sum  $name-$version.tgz" | sha512sum -c --quiet
tar -xzmf "$name-$version.tgz" "package/$file"
mv "package/$file" "../$2.js"
cd ..
rm -r -- "$2"
