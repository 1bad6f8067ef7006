#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The seconds from a fresh Debian 12 to a mask: makes such a system with debootstrap, and times what
# a user does there.
#
# usage: fresh.sh WHEEL SYSTEM    as root, with a mirror of Debian and a package index of Python
#
# SYSTEM: the folder of the system, made unless it is there.
set -eu
wheel=$(readlink -f -- "$1")
root=$2
home=$root/srv/first
[ -d "$root" ] ||
    debootstrap --variant=minbase --include=python3-venv,ca-certificates bookworm "$root" >/dev/null
rm -rf "$home"
mkdir "$home"
cp "$wheel" "$home/"
cp /etc/resolv.conf "$root/etc/"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" # of a mirror in the house
[ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/"
cat >"$home/first.py" <<'TEXT'
import attunet
attunet.phantom("organs", "data", count=4, unseen=1)
run = attunet.train("data", "run", steps=20, spec="arch=attunet dims=3 widths=8,16,32")
image = next(__import__("pathlib").Path("data/unseen/images").iterdir())
result = run.load().predict(image)
print(result, result.mask.max())
TEXT
begin=$(date +%s)
chroot "$root" sh -ec 'cd /srv/first; python3 -m venv env; env/bin/pip install -q ./*.whl
    env/bin/python first.py'
echo "$(($(date +%s) - begin)) s from a fresh system to a mask"
