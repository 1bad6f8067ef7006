#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# help.sh ATTUNET [RUNS]: milliseconds that --help, --version and a command's --help take, the start
# of the process included: the mean of RUNS (200), and that of /bin/true beside them.  The figures
# are in docs/performance.md.
set -eu
attunet=$1 runs=${2:-200}
timed() { # WORDS...
    begin=$(date +%s%N)
    i=0
    while [ "$i" -lt "$runs" ]; do
        "$@" >/dev/null
        i=$((i + 1))
    done
    end=$(date +%s%N)
    echo "$(((end - begin) / runs / 1000)) us  $*"
}
timed /bin/true
timed "$attunet" --help
timed "$attunet" --version
timed "$attunet" train --help
