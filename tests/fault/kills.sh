# SPDX-License-Identifier: Apache-2.0
# kill -9 at random moments: trainings on plain and on packed data, with and without a limit on
# memory, on one, two or four threads, are killed until so many kills have struck; each is gone on
# with to its end, which must have the weights and moments of one that nobody disturbed.
#
#   sh tests/fault/kills.sh ATTUNET LIBFAULTS KILLS [SEED]      in an empty folder
#
# Time goes by the files that are opened (LIBFAULTS), so that a checkpoint is written after nearly
# every step and most kills meet one.
[ $# -ge 3 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
attunet=$1 library=$2 wanted=$3 seed=${4:-1}
settings="--fold 0 --steps 60 --spec widths=4,8 --patch 32x32 --batch 2 --validate-every 25 \
--checkpoint-every 1 --ema 0.9"

random() { # MOST: 0..MOST-1, the same for the same seed
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}
hash() { "$attunet" info "$1" --json 2>/dev/null | sed -n 's/.*"hash": "\([0-9a-f]*\)".*/\1/p' |
    tr '\n' ' '; }
fail() { echo "LOST: $*"; cat err.txt; exit 1; }
within() { if [ "$drawn" = 0 ]; then echo --max-memory 512MiB; fi; }
begun() { [ -e "$1/checkpoint.safetensors" ] || [ -e "$1/checkpoint.next.safetensors" ]; }

"$attunet" phantom ultrasound -o data --count 6 --unseen 1 --quiet || exit 1
"$attunet" pack data -o packed --fold 0 --quiet >/dev/null || exit 1
# shellcheck disable=SC2086 # settings are words
"$attunet" train data -o whole $settings --quiet >/dev/null || exit 1
whole=$(hash whole)
[ "$(echo "$whole" | wc -w)" = 2 ] || fail 'the undisturbed run has no hashes'

kills=0 runs=0 early=0
while [ "$kills" -lt "$wanted" ]; do
    runs=$((runs + 1)) run=run$runs
    random 2
    if [ "$drawn" = 0 ]; then data=data; else data=packed; fi
    random 2
    limit=$(within)
    while :; do
        random 3
        threads=$((1 << drawn))
        if begun $run; then what="resume $run"; else what="train $data -o $run $settings $limit"; fi
        # shellcheck disable=SC2086
        LD_PRELOAD=$library FAULT_CLOCK=frozen "$attunet" $what --threads $threads --quiet \
            >out.txt 2>err.txt </dev/null &
        child=$!
        if [ "$kills" -lt "$wanted" ]; then
            random 1000
            sleep "0.$(printf '%03d' "$drawn")"
            kill -s KILL $child 2>/dev/null
        fi
        wait $child 2>/dev/null
        code=$?
        if [ $code = 0 ]; then break; fi
        [ $code = 137 ] || fail "$what ended with code $code after $kills kills"
        kills=$((kills + 1))
        if ! begun $run; then early=$((early + 1)); fi
    done
    [ "$(hash $run)" = "$whole" ] || fail "$run has the hashes $(hash $run), not $whole"
    rm -rf $run
done
echo "$kills kills ($early of them before the first checkpoint), $runs runs, none lost, all with \
the hashes $whole"
