#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two ranks in two network namespaces, as on two machines, over a link of a given speed
# (docs/scale.md). Needs root, ip, tc and Open MPI.
# Usage: network.sh ATTUNET NET STEPS RATE...   NET: 3d, 3d-large or lee
#        RATE: as of tc, such as 1gbit; none: the link itself; local: without namespaces
#        RATE+MICROSECONDS: each packet comes so much later (network_delay, beside ATTUNET)
set -eu
if [ $# -lt 4 ]; then
    sed -n 's/^# //p' "$0" >&2
    exit 2
fi
attunet=$(realpath "$1") steps=$3
case $2 in
3d) images=organs patch=32x64x64 spec="arch=oktay width=16" ;;
3d-large) images=organs patch=64x96x96 spec="arch=oktay width=16" ;;
lee) images=ultrasound patch=256x256 spec="arch=lee width=64" ;;
*) exit 2 ;;
esac
shift 3
folder=$(mktemp -d)
delay=
without() {
    [ -z "$delay" ] || kill "$delay" 2>/dev/null || :
    for n in 1 2; do ip netns del "attunet$n" 2>/dev/null || :; done
}
trap 'without; rm -rf "$folder"' EXIT
cd "$folder"

# A pair of interfaces, or one whose packets wait.
join() { # [MICROSECONDS]
    without
    for n in 1 2; do ip netns add "attunet$n"; done
    if [ $# = 0 ]; then
        ip link add link1 netns attunet1 type veth peer name link2 netns attunet2
    else
        "$(dirname "$attunet")/bench/network_delay" attunet1 attunet2 "$1" &
        delay=$!
        until ip -n attunet2 link show link2 >/dev/null 2>&1; do sleep 0.1; done
    fi
    for n in 1 2; do
        [ $# = 0 ] || ip -n attunet$n link set link$n mtu 32000
        ip -n attunet$n addr add 10.9.0.$n/24 dev link$n
        ip -n attunet$n link set lo up
        ip -n attunet$n link set link$n up
    done
}

# What mpirun starts "on the other machine": HOST COMMAND.
cat >agent <<'AGENT'
#!/bin/sh
shift
exec ip netns exec attunet2 unshare -u sh -c "hostname second; $*"
AGENT
chmod +x agent
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_hwloc_base_binding_policy=none

limit() { # RATE
    for n in 1 2; do
        ip netns exec attunet$n tc qdisc del dev link$n root 2>/dev/null || :
        case $1 in
        none | local) ;;
        *) ip netns exec attunet$n tc qdisc add dev link$n root \
            tbf rate "$1" burst 2mb latency 100ms ;;
        esac
    done
}

# Of one machine, or of both.
launch() { # RATE ARGUMENTS...
    link=$1
    shift
    if [ "$link" = local ]; then
        mpirun -n 2 "$@"
    else
        # shellcheck disable=SC2016 # of the inner shell
        ip netns exec attunet1 unshare -u sh -c 'hostname first; exec mpirun "$@"' sh \
            --leave-session-attached --mca plm_rsh_agent "$folder/agent" --mca pml ob1 \
            --mca btl tcp,self --mca btl_tcp_if_include 10.9.0.0/24 \
            --mca oob_tcp_if_include 10.9.0.0/24 --host 10.9.0.1,10.9.0.2 -n 2 "$@"
    fi
}

"$attunet" phantom $images -o data --count 4 --unseen 1 --quiet
for rate; do
    case $rate in
    *+*) join "${rate#*+}" ;;
    *) join ;;
    esac
    limit "${rate%+*}"
    launch "${rate%+*}" "$attunet" train data --patch $patch --spec "$spec" --batch 2 \
        --micro-batch 1 --steps "$steps" -o run --threads 1 --quiet >/dev/null
    awk -F, -v "rate=$rate" 'NR > 1 && $1 == 3 { a = $2 } NR > 1 && $4 != "" { n = $1; b = $2 }
        END { printf "%s: %.3f s a step\n", rate, (b - a) / (n - 3) }' run/log.csv
    rm -rf run
done
