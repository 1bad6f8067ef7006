# SPDX-License-Identifier: Apache-2.0
# Several processes work on one search, and on the folds of one run. Some are killed; the others
# come to what one process comes to.
. "$SOURCE/tests/cli/run.sh"

# $drawn: whole numbers below $1, other ones at each start; a failed test prints the first.
seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
draw() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    drawn=$((seed / 65536 % $1))
}
echo "# random numbers from $seed"

# Starts $workers processes of a command, and kills two of them while they work.
workers=4
work_and_kill() { # LOG ARGUMENTS...
    log=$1
    shift
    pids=
    i=0
    while [ $i -lt $workers ]; do
        "$ATTUNET" "$@" >"$log.$i" 2>&1 </dev/null &
        child=$!
        pids="$pids $child"
        i=$((i + 1))
    done
    await grep -qs "$begun" "$log.0" "$log.1" "$log.2" "$log.3"
    draw 4
    first=$drawn
    draw 3
    second=$(((first + 1 + drawn) % 4))
    i=0
    for pid in $pids; do
        if [ $i -eq "$first" ] || [ $i -eq $second ]; then
            draw 10
            sleep "0.$drawn"
            kill -s KILL "$pid" 2>/dev/null
        fi
        i=$((i + 1))
    done
    i=0
    for pid in $pids; do
        wait "$pid"
        code=$?
        if [ $i -ne "$first" ] && [ $i -ne $second ]; then
            [ $code -eq 0 ]
            say $? "worker $i of $log, which was not killed, ends with code $code"
            [ $code -eq 0 ] || show "$log.$i"
        fi
        i=$((i + 1))
    done
    [ -z "$(find "${log%.log}" -maxdepth 1 -name '.*.[0-9]*')" ]
    say $? "no lease is left in ${log%.log}"
}

try 0 phantom ultrasound -o data --count 12 --unseen 0 --quiet
small="--resize 32x32 --patch 32x32 --batch 2 --spec widths=4,8 --foreground 0.5 --threads 1"
space="--lr 1e-3..1e-1:log --loss dice+ce,ce --ema 0,0.9"
# Sanitizers see in a few steps what they see in many; that trials learn is seen without.
rung=20 final=30 steps=120
if sanitized; then rung=4 final=6 steps=24; fi
long="--rung-steps $rung --trials 9 --final-steps $final --workers $workers"

# ---- a search
# shellcheck disable=SC2086 # settings are words
try 0 tune data -o whole $small $space $long --quiet
grep -q '"event":"on"' whole/journal.jsonl &&
    { sanitized || cut -d, -f2 whole/trials.csv | grep -q '^0\.[1-9]'; }
say $? "trials go on, and learn"
begun='rung 1 of 3'
# shellcheck disable=SC2086
work_and_kill shared.log tune data -o shared $small $space $long
answer() {
    cut -d, -f1,2,3,5- "$1/trials.csv"
    grep -E '^ "(trial|dice|inner_dice|steps)"' "$1/tune.json"
}
answer whole >whole.txt
answer shared >shared.txt
cmp whole.txt shared.txt
say $? "four workers, two of them killed, come to the same trials, results and best run"
[ "$(grep -c '"dice"' whole.txt)" -eq 1 ] && [ "$(wc -l <whole.txt)" -gt 12 ]
say $? "there is something to compare"
[ "$(grep -c '"event":"result"' shared/journal.jsonl)" -eq \
    "$(grep -c '"event":"result"' whole/journal.jsonl)" ]
say $? "no result is there twice"
try 0 tune -o shared
said "the search in shared is finished"
try 2 tune -o shared --workers 2
err_has "shared began with another --workers; leave it out to continue, or choose a new folder"

# ---- a lock that lasts longer than the lease of its process, as NFS keeps it
cp -r shared held
sed '/"event":"final"/,$d' shared/journal.jsonl >held/journal.jsonl
flock held/best/lock sleep 2 &
child=$!
await sh -c '! flock -n held/best/lock true'
try 0 tune -o held --quiet
grep -q '"event":"done"' held/journal.jsonl
say $? "a worker waits for such a lock, and goes on"

# ---- a comparison
# shellcheck disable=SC2086
try 0 tune data -o losses $small --loss dice+ce,ce --repeat 2 --rung-steps 3 --quiet
for i in 0 1; do
    # shellcheck disable=SC2086
    "$ATTUNET" tune data -o both $small --loss dice+ce,ce --repeat 2 --rung-steps 3 --workers 2 \
        --quiet >both.$i 2>&1 </dev/null &
done
wait
grep -v '"spent"' losses/compare.json >losses.txt
grep -v '"spent"' both/compare.json | cmp - losses.txt
say $? "two workers compare as one does"

# ---- the folds of a run: the same command in each process
folds="--fold all --folds 5 $small --steps $steps --checkpoint-every 1"
# shellcheck disable=SC2086
try 0 train data -o alone $folds --quiet
[ -s alone/report.html ] && [ ! alone/report.html -nt alone/folds.json ]
say $? "a process says that the folds are measured after it wrote their page"
begun='fold [0-4] ('
# shellcheck disable=SC2086
work_and_kill together.log train data -o together $folds
sed 's/alone/together/g' alone/summary.json | cmp - together/summary.json
say $? "four workers, two of them killed, come to the same scores of all folds"
(cd alone && cat fold_?/validation/*.png) >alone.masks
(cd together && cat fold_?/validation/*.png) | cmp - alone.masks
say $? "and to the same masks"
ls together >files.txt
ls alone | cmp - files.txt
say $? "in the same files"
# shellcheck disable=SC2086
try 0 train data -o together $folds
said "continuing the run in together, which began with the same settings"
said "fold 4 (5 of 5) is finished"
# A process that measures another speed would plan something else.
cp -r together slower
edit='s/"options": {/"options": {"speed": "0.01", /'
grep -q '"speed"' together/folds.json && edit='s/"speed": "[^"]*"/"speed": "0.01"/'
sed "$edit" together/folds.json >slower/folds.json
grep -q '"speed": "0.01"' slower/folds.json
say $? "the run was begun with another speed"
# shellcheck disable=SC2086
try 0 train data -o slower $folds
said "continuing the run in slower, which began with the same settings"
# shellcheck disable=SC2086
try 2 train data -o slower $folds --speed 1 --quiet
# shellcheck disable=SC2086
try 2 train data -o together $folds --steps $((steps + 1)) --quiet
err_has "together began with other settings or cases; choose a new folder, or continue with: "
# shellcheck disable=SC2086
try 2 train data -o together --fold 0 $small --steps $steps --quiet
err_has "together is not empty; choose a new folder, or continue with: "

finish
