#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Several ranks (docs/cluster.md), on made-up images in a temporary folder.
# Usage: ranks.sh times ATTUNET        seconds a step of 1 rank with 2 threads and of 2 ranks with 1
#        ranks.sh kills ATTUNET [N]    N times (50) kills one of two ranks at random, and continues
#        ranks.sh bits ATTUNET [N]     weights after N (200) steps, of 1 rank with 2 threads, of 2
#                                      ranks and of 4 with 1, with every setting that changes a step
set -eu
what=${1:-} attunet=${2:-} count=${3:-}
case $what in times | kills | bits) ;; *) sed -n 's/^# //p' "$0" >&2; exit 2 ;; esac
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
    count=${count:-50}
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

weights() { # RUN: the hash of its model
    head -c 65536 "$1/model.safetensors" | grep -ao 'weights_hash":"[0-9a-f]*' | head -n 1
}
numbers() { # RUN: of its checkpoint, with moments and averages
    tail -c +$(($(od -An -tu8 -N8 "$1/checkpoint.safetensors") + 9)) "$1/checkpoint.safetensors" |
        cksum
}

compare_bits() { # NAME ARGUMENTS...
    name=$1
    shift
    set -- "$@" --batch 4 --micro-batch 1 --steps "${count:-200}" --fold 0 --quiet
    "$attunet" train "$@" -o one --threads 2 >/dev/null
    for n in 2 4; do
        mpirun --oversubscribe -n $n "$attunet" train "$@" -o many --threads 1 >/dev/null 2>err.txt
        [ -n "$(weights one)" ] && [ "$(weights one)" = "$(weights many)" ] &&
            [ "$(numbers one)" = "$(numbers many)" ] && word=same || { word=OTHER differ=1; }
        echo "$name, ${count:-200} steps, $n ranks: the $word bits"
        rm -rf many
    done
    rm -rf one
}

all_bits() {
    differ=0
    "$attunet" phantom ultrasound -o images --count 6 --unseen 1 --quiet
    "$attunet" phantom organs -o volumes --count 5 --unseen 1 --quiet
    set -- images --patch 32x32 --spec
    compare_bits attunet "$@" widths=8,16
    compare_bits "within 400 MiB" "$@" widths=8,16 --max-memory 400MiB
    compare_bits "precision bf16" "$@" widths=16,32 --precision bf16
    compare_bits "storage bf16" "$@" widths=8,16 --storage bf16
    compare_bits "exchange bf16" "$@" widths=8,16 --exchange bf16
    compare_bits unet "$@" "arch=unet widths=8,16 norm=instance"
    compare_bits lee "$@" "arch=lee width=4"
    compare_bits nnunet "$@" "arch=nnunet widths=8,16 heads=side"
    compare_bits monai "$@" "arch=monai widths=8,16"
    compare_bits "oktay, 3D" volumes --patch 16x32x32 --spec "arch=oktay width=4"
    for arch in hard glimpse; do
        compare_bits $arch images --policy-views 2 --spec \
            "arch=$arch scale=4 tile=32 halo=8 tiles=2 coarse=4,8 fine=4,8 policy=8"
    done
    [ $differ = 0 ]
}

if [ "$what" = bits ]; then
    all_bits
elif [ "$what" = times ]; then
    "$attunet" phantom organs -o volumes --count 5 --unseen 1 --quiet
    time_steps "oktay, 3D, 2 patches of 32x64x64" 15 volumes --fold 0 --patch 32x64x64 --batch 2 \
        --micro-batch 1 --spec "arch=oktay width=8"
    "$attunet" phantom ultrasound -o images --count 6 --unseen 1 --quiet
    time_steps "attunet, 2D, 4 patches of 128x128" 60 images --fold 0 --patch 128x128 --batch 4 \
        --micro-batch 2 --spec widths=16,32,64,128
else
    kill_ranks
fi
