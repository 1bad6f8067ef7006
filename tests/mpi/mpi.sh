# SPDX-License-Identifier: Apache-2.0
# Trainings by several ranks; every test of this folder reads this file.
. "$SOURCE/tests/cli/run.sh"

if ! command -v mpirun >/dev/null || [ ! -e "${ATTUNET%/*}/libattunet/mpi.so" ]; then
    echo "SKIPPED: there is no mpirun, or attunet was built without Open MPI"
    exit 77
fi
# Ranks share processors here, and containers may not let one process read another's memory.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none

# As `try`, of N ranks with a thread each.
ranks() { # N CODE ARGUMENTS...
    n=$1 wanted=$2
    shift 2
    words="mpirun -n $n attunet $*"
    mpirun -n "$n" "$ATTUNET" "$@" --threads 1 >out.txt 2>err.txt </dev/null
    code=$?
    if [ "$code" -eq "$wanted" ]; then ok "$words: exit code $code"; else
        not_ok "$words: exit code $code, not $wanted"
        show err.txt
    fi
}

# Sentences of ours, among what mpirun says.
said_once() { # TEXT
    count=$(grep -cF -- "$1" err.txt)
    [ "$count" -eq 1 ] && [ "$(grep -c '^attunet: ' err.txt)" -eq 1 ]
    say $? "$words: says '$1', and nothing else"
    [ "$count" -eq 1 ] || show err.txt
}

weights() { # RUN: the hash of its model
    head -c 65536 "$1/model.safetensors" | grep -ao 'weights_hash":"[0-9a-f]*' | head -n 1
}
same() { # RUN RUN...
    first=$1 hash=$(weights "$1")
    shift
    for other in "$@"; do
        [ -n "$hash" ] && [ "$hash" = "$(weights "$other")" ]
        say $? "$first and $other have the same bits"
    done
}
other() { # RUN RUN
    [ -n "$(weights "$1")" ] && [ "$(weights "$1")" != "$(weights "$2")" ]
    say $? "$1 and $2 have other bits"
}
