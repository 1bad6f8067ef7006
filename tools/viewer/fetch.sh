#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh FOLDER: puts niivue.js, the viewer of volumes that the page of attunet-serve shows, into
# FOLDER.  It comes from the package registry, in one version of one checksum, and never into git.
set -eu
version=0.69.0
sum=60c8d0bc9803d56d9bec3ba8c64c250b85716eb80878f449e6ac90cd72b18b6b\
f6301560dbce4ffc2210ca0e3aa030c60c871a3656ddf8c86d3bf79d31b5c990
mkdir -p -- "$1"
cd -- "$1"
command -v npm >/dev/null || {
    echo 'fetch.sh: the viewer comes from the package registry by npm; install npm' >&2
    exit 1
}
npm pack --silent "@niivue/niivue@$version" >/dev/null
echo "$sum  niivue-niivue-$version.tgz" | sha512sum -c --quiet
tar -xzmf "niivue-niivue-$version.tgz" package/dist/niivue.umd.js
mv package/dist/niivue.umd.js niivue.js
rm -r -- package "niivue-niivue-$version.tgz"
