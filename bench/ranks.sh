#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Several ranks (docs/cluster.md), on made-up images in a temporary folder.
# Usage: ranks.sh times ATTUNET        seconds a step of 1 rank with 2 threads and of 2 ranks with 1
#        ranks.sh kills ATTUNET [N]    N times (50) kills one of two ranks at random, and continues
set -eu
what=${1:-} attunet=${2:-} count=${3:-50}
case $what in times | kills) ;; *) sed -n 's/^# //p' "$0" >&2; exit 2 ;; esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

seconds() { # RUN: of a step, without the first five
    awk -F, 'NR > 1 && $1 == 5 { a = $2 } NR > 1 && $4 != "" { n = $1; b = $2 }
        END { printf "%.4f", (b - a) / (n - 5) }' "$1/log.csv"
}

time_steps() { # NAME STEPS ARGUMENTS...
    name=$1 steps=$2
    shift 2
    for round in 1 2; do
        "$attunet" train "$@" --steps "$steps" -o "one$round" --threads 2 --quiet >/dev/null
        mpirun -n 2 "$attunet" train "$@" --steps "$steps" -o "two$round" --threads 1 --quiet \
            >/dev/null
        one=$(seconds "one$round") two=$(seconds "two$round")
        echo "$name: 1 rank x 2 threads $one s, 2 ranks x 1 thread $two s," \
            "$(awk "BEGIN { printf \"%.3f\", $two / $one }")"
        rm -rf "one$round" "two$round"
    done
}

kill_ranks() {
    "$attunet" phantom ultrasound -o data --count 6 --unseen 1 --quiet
    set -- --spec widths=8,16 --fold 0 --patch 32x32 --batch 4 --micro-batch 1 --quiet --threads 1
    mpirun -n 2 "$attunet" train data -o run --steps 1000000 --checkpoint-every 1s "$@" \
        >/dev/null 2>err.txt &
    i=0 lost=0 left=0 step=0 longest=0
    while [ "$i" -lt "$count" ]; do
        launcher=$!
        sleep "$(awk -v "i=$i" 'BEGIN { srand(i); printf "%.2f", 1.5 + 3 * rand() }')"
        until pids=$(ps -o pid= -o comm= --ppid $launcher | awk '$2 == "attunet" { print $1 }') &&
            [ "$(echo "$pids" | wc -w)" -eq 2 ]; do
            kill -0 $launcher 2>/dev/null || { cat err.txt >&2; exit 1; }
            sleep 0.1
        done
        # shellcheck disable=SC2086 # a list
        kill -KILL "$(echo $pids | cut -d' ' -f"$(awk -v "i=$i" \
            'BEGIN { srand(i); rand(); print 1 + (rand() < .5) }')")" || :
        wait $launcher || :
        for pid in $pids; do
            waits=0 # tenths of a second; an ended process that nobody has asked about is a zombie
            while [ $waits -lt 100 ] && grep -q '^State:[[:space:]]*[^Z]' "/proc/$pid/status" \
                2>/dev/null; do
                sleep 0.1
                waits=$((waits + 1))
            done
            if [ $waits -ge 100 ]; then left=$((left + 1)); fi
            if [ $waits -gt "$longest" ]; then longest=$waits; fi
        done
        i=$((i + 1))
        mpirun -n 2 "$attunet" resume run --quiet --threads 1 >/dev/null 2>err.txt &
    done
    sleep 3
    touch run/stop
    wait $! || :
    grep -q 'everything is saved' err.txt || lost=1
    step=$(sed -n 's/.*stopped at step \([0-9]*\).*/\1/p' err.txt)
    echo "$i kills, $left ranks left behind after 10 s (the longest took $longest tenths of a" \
        "second), run $([ $lost = 0 ] && echo intact || echo lost)," \
        "now at step $step"
    [ "$left" = 0 ] && [ "$lost" = 0 ]
}

if [ "$what" = times ]; then
    "$attunet" phantom organs -o volumes --count 5 --unseen 1 --quiet
    time_steps "oktay, 3D, 2 patches of 32x64x64" 15 volumes --fold 0 --patch 32x64x64 --batch 2 \
        --micro-batch 1 --spec "arch=oktay width=8"
    "$attunet" phantom ultrasound -o images --count 6 --unseen 1 --quiet
    time_steps "attunet, 2D, 4 patches of 128x128" 60 images --fold 0 --patch 128x128 --batch 4 \
        --micro-batch 2 --spec widths=16,32,64,128
else
    kill_ranks
fi
