# SPDX-License-Identifier: Apache-2.0
# A disk that is full in the middle of a checkpoint, a folder that takes no file, a second process
# on a run, and a wall clock that leaps.
. "$SOURCE/tests/cli/run.sh"

settings="--fold 0 --steps 8 --spec widths=4,8 --patch 32x32 --batch 2 --validate-every 4 \
--checkpoint-every 1 --threads 1"
hash() { "$ATTUNET" info "$1" --json 2>/dev/null | sed -n 's/.*"hash": "\([0-9a-f]*\)".*/\1/p' |
    tr '\n' ' '; }
same() {
    [ -n "$(hash "$1")" ] && [ "$(hash "$1")" = "$(hash whole)" ]
    say $? "$1: the hashes of an undisturbed run"
}
go_on() { # RUN: to its end, whether it has begun or not
    # shellcheck disable=SC2086 # settings are words
    if [ -e "$1/checkpoint.safetensors" ] || [ -e "$1/checkpoint.next.safetensors" ]; then try 0 \
        resume "$1" --quiet; else
        try 0 train data -o "$1" $settings --quiet
    fi
    same "$1"
}

try 0 phantom ultrasound -o data --count 6 --unseen 1 --quiet
# shellcheck disable=SC2086
try 0 train data -o whole $settings

# ---- so many bytes fit: a write is cut short, the next one fails, and what is removed gives room
# again
bytes=$(du -sb whole | cut -f 1)
for part in 0 5 10 15 20 30 40 50 70 90; do
    words="train, with room for $((bytes * part / 100)) bytes"
    # shellcheck disable=SC2086
    LD_PRELOAD=$FAULTS FAULT_CLOCK=frozen FAULT_DISK=$((bytes * part / 100)) "$ATTUNET" train data \
        -o full$part $settings --quiet >out.txt 2>err.txt
    code=$?
    [ $code -eq 6 ]
    say $? "$words: exit code $code"
    err_has "No space left on device"
    if [ -d full$part ]; then
        [ -z "$(find full$part -name '*.tmp-*')" ]
        say $? "$words: no temporary is left"
    fi
    if [ $part = 90 ]; then # what follows on the last step has no room: that is saved
        try 0 info full$part
        out_has "saved      at step 8"
        out_has "next       attunet resume full$part"
    fi
    go_on full$part
done

# ---- a file system of its own, where that is allowed
mkdir small
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=128k none small 2>/dev/null; then
    # shellcheck disable=SC2086
    try 6 train data -o small/run $settings --quiet
    err_has "free some space or choose another place"
    mount -o remount,size=16m small
    go_on small/run
    mount -o remount,ro small
    # shellcheck disable=SC2086
    try 6 train data -o small/other $settings --quiet
    err_has "cannot make the folder small/other"
    try 6 resume small/run --steps +1 --quiet
    err_has "check the permissions"
    try 6 predict whole data/unseen/images -o small/masks --quiet
    err_has "check the permissions"
    try 6 pack data -o small/packed --quiet
    err_has "check the permissions"
    try 0 info small/run
    same small/run
    umount small
else
    echo 'SKIPPED: a file system of its own: no mount is allowed here'
fi

# ---- two processes on one run
# shellcheck disable=SC2086
"$ATTUNET" train data -o shared $settings --steps 10000000 --quiet >/dev/null 2>&1 &
holder=$! child=$!
await [ -e shared/checkpoint.safetensors ]
try 2 resume shared
err_is "another attunet (process $holder on $(uname -n)) trains in shared; wait until it ends, or \
choose another folder"
try 0 info shared
out_has "now        a process trains here"
kill -s KILL $holder
wait $holder 2>/dev/null
try 0 info shared
before=$(hash shared | cut -d ' ' -f 1)
[ -n "$before" ]
say $? "shared: what the first has saved is there"

# ---- a file system without locks: it is said, and trained on (38: ENOSYS)
words="train where nothing can be locked"
LD_PRELOAD=$FAULTS FAULT_CALL=lock FAULT_AT=1 FAULT_ERRNO=38 "$ATTUNET" train data -o lockless \
    --fold 0 --spec widths=4,8 --patch 32x32 --batch 2 --steps 2 >out.txt 2>err.txt
code=$?
[ $code -eq 0 ] && grep -q \
    'lockless cannot be locked (Function not implemented); do not start another attunet in it' \
    err.txt
say $? "$words: exit code $code, and it is warned of"

# ---- the wall clock leaps a year to and fro at each look: time is taken from another clock
words="train --time 3 while the wall clock leaps"
LD_PRELOAD=$FAULTS FAULT_CLOCK=jumps "$ATTUNET" train data -o leaps --fold 0 --spec widths=4,8 \
    --patch 32x32 --batch 2 --time 3 >out.txt 2>err.txt
code=$?
[ $code -eq 0 ]
say $? "$words: exit code $code"
awk -F, \
    'NR > 1 { if ($2 < last || $2 > 86400) bad = 1; last = $2; rows++ } END { exit bad || rows < '\
'1 }' leaps/log.csv
say $? "$words: seconds in the log rise, and are not of a year"
grep -q 'trained .* steps in [0-9]*:[0-5][0-9] ' out.txt
say $? "$words: $(head -n 1 out.txt)"

finish
