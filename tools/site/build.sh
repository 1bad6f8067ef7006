#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the documentation as a static site in FOLDER/html; a broken link fails. It needs a package
# index. Usage: ATTUNET_LIBRARY=LIBRARY build.sh FOLDER
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
mkdir -p "$1"
cd -- "$1"
WANTED='mkdocs-material==9.*'
if [ "$(cat venv.list 2>/dev/null)" != "$WANTED" ]; then
    rm -rf venv
    "${PYTHON:-python3}" -m venv venv
    venv/bin/python -m pip install -q --disable-pip-version-check "$WANTED"
    echo "$WANTED" >venv.list
fi
PYTHONPATH=$here/../../python venv/bin/python "$here/make.py" .
NO_MKDOCS_2_WARNING=1 venv/bin/python -m mkdocs build -q --strict
