# SPDX-License-Identifier: Apache-2.0
# What reaches a command from outside: a stop file, a question how far it is, readers that go away,
# streams that are closed or full.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

try 0 phantom ultrasound -o data --count 5 --unseen 1 --quiet

start() { # RUN ARGUMENTS...: trains in the background
    run=$1
    shift
    # nohup, under which the tests may run, has SIGHUP ignored.
    env --default-signal=HUP "$ATTUNET" train data -o "$run" --spec "arch=attunet widths=4,8" \
        --patch 32x32 --batch 1 --steps 1000000 "$@" >out.txt 2>err.txt &
    child=$!
    words="train -o $run"
}
until_file() { # FILE
    await [ -e "$1" ]
    say $? "$words: $1 appears"
}
until_said() { # TEXT
    await grep -qE "$1" err.txt
    say $? "$words: says $1"
}
ends() { # CODE
    wait $child
    code=$?
    [ $code -eq "$1" ]
    say $? "$words: exit code $code"
}

# ---- a stop file
start run
until_file run/log.csv
touch run/stop
ends 5
said "run/stop exists: stopping"
said "everything is saved; continue with: attunet resume run"
absent run/stop
exists run/checkpoint.safetensors run/model.safetensors
touch run/stop
try 5 resume run
said "run/stop exists: stopping"
absent run/stop
# Of all folds at once.
start folds --fold all
until_file folds/fold_0/log.csv
touch folds/stop
ends 5
said "stopped in fold 0 (1 of 5); continue with: attunet resume folds"
absent folds/stop
exists folds/report.html
try 7 predict folds data/images -o none
err_has "folds has 5 folds, but fold_1 has not begun; name the folds to use, such as \
folds/fold_0, or finish them with: attunet resume folds"
absent none
# Of one fold, by its own file: those behind it do not begin either.
"$ATTUNET" resume folds >out.txt 2>err.txt &
child=$!
words="attunet resume folds"
until_file folds/fold_0/log.csv
touch folds/fold_0/stop
ends 5
said "folds/fold_0/stop exists: stopping"
said "stopped in fold 0 (1 of 5); continue with: attunet resume folds"
absent folds/fold_0/stop folds/fold_1
# Of hard attention, in its first stage and in its last.
for length in "--coarse-steps 1000000" "--policy-steps 2 --joint-steps 1000000"; do
    rm -rf hard
    # shellcheck disable=SC2086 # words
    "$ATTUNET" train data -o hard --spec \
        "arch=hard scale=4 tile=32 halo=8 tiles=2 coarse=4,8 fine=4,8 policy=8" --batch 2 --steps \
        2 $length >out.txt 2>err.txt &
    child=$!
    words="train -o hard $length"
    case $length in *joint*) until_said 'stage 3 of 3: training both' ;; *) until_file \
        hard/coarse/log.csv ;; esac
    touch hard/stop
    ends 5
    said "; continue with: attunet resume hard"
    exists hard/report.html
done
grep -q "all three jointly" hard/report.html
say $? "the report says how far it was"
# ---- signals of schedulers and terminals
for signal in TERM HUP XCPU; do
    start of$signal
    until_file of$signal/log.csv
    kill -$signal $child
    ends 5
    said "everything is saved; continue with: attunet resume of$signal"
done
# ---- data that goes away: what was trained until then is kept
start gone --fold 0 --validate-every 20
await grep -qs "^[1-9]" gone/log.csv
say $? "$words: gone/log.csv has a step"
mv data moved
ends 6
until_said "data/.* does not exist; check the path"
until_said "step [1-9][0-9]* of 1000000 is saved; continue with: attunet resume gone"
mv moved data
try 0 info gone
grep -q "^saved  *at step [1-9]" out.txt
say $? "$words: prints the step that is saved"
# A file in a folder that is no run is somebody else's.
mkdir mine
touch mine/stop
try 2 train data -o mine
exists mine/stop
try 6 resume mine
exists mine/stop

# ---- SIGUSR1
start asked
until_file asked/log.csv
kill -s USR1 $child
until_said '^training [0-9]+/1000000  .*elapsed.*  loss [0-9.]+'
until_said '^peak memory: [0-9.]+ MiB$'
kill -s USR1 $child
kill -s USR1 $child
sleep 0.3
kill -0 $child
say $? "$words: goes on"
kill -s INT $child
ends 5

# ---- an image that is read by parts, stopped before its first window
nifti large.nii 640 640 640 2
gzip -1 large.nii
try 4 predict run large.nii.gz -o none --window 32x32 --max-memory 1MiB
least=$(sed -n 's/.*--max-memory \([0-9]*MiB\).*/\1/p' err.txt)
least=$(kept "$least")
rm -f err.txt
"$ATTUNET" predict run large.nii.gz -o masks --window 32x32 --max-memory "$least" >out.txt \
    2>err.txt &
child=$!
words="predict large.nii.gz --max-memory $least"
until_file masks
asked() {
    kill -s USR1 $child 2>/dev/null
    grep -qE '^(inflating|reading|measuring) [0-9]+/[0-9]+ ' err.txt
}
await asked
until_said '^(inflating|reading|measuring) [0-9]+/[0-9]+ '
kill -s INT $child
ends 5
said "large.nii.gz: stopped while "
[ -z "$(ls -A masks 2>/dev/null)" ]
say $? "$words: leaves nothing"
rm -f large.nii.gz

# ---- readers
(
    "$ATTUNET" info data --json --quiet
    echo $? >code
) 2>err.txt | true
[ "$(cat code)" -eq 6 ] || [ "$(cat code)" -eq 0 ] # it may have been faster
say $? "info | true: exit code $(cat code)"
[ ! -s err.txt ]
say $? "info | true: no word"
mkfifo pipe
: <pipe &
exec 4>pipe
wait $! # now nobody reads
"$ATTUNET" info data --quiet >&4 2>err.txt
echo $? >code
exec 4>&-
[ "$(cat code)" -eq 6 ]
say $? "info, its reader gone: exit code $(cat code)"
[ ! -s err.txt ]
say $? "info, its reader gone: no word"
rm -f code
(
    "$ATTUNET" train data -o unread --spec "arch=attunet widths=4,8" --patch 32x32 --batch 1 \
        --steps 20 2>&1
    echo $? >code
) | true
child=$$
await [ -s code ]
exists unread/model.safetensors
try 0 info unread
out_has "step       20 of 20"

# ---- streams
"$ATTUNET" info data --quiet >&- 2>err.txt
code=$?
words="info >&-"
[ $code -eq 6 ]
say $? "$words: exit code $code"
err_is "cannot write all results to stdout; redirect them to a file or pipe with room"
"$ATTUNET" train data -o closed --spec "arch=attunet widths=4,8" --patch 32x32 --batch 1 --steps 2 \
    --quiet <&- >&- 2>&-
code=$?
words="train <&- >&- 2>&-"
[ $code -eq 6 ]
say $? "$words: exit code $code"
try 0 train data -o open --spec "arch=attunet widths=4,8" --patch 32x32 --batch 1 --steps 2 --quiet
cmp -s open/model.safetensors closed/model.safetensors ||
    [ "$(tail -c 2000 open/model.safetensors | cksum)" = \
    "$(tail -c 2000 closed/model.safetensors | cksum)" ]
say $? "$words: the run is whole"
if [ -e /dev/full ]; then
    for command in --help "info data --quiet" "info data --json --quiet" "generate markdown"; do
        "$ATTUNET" $command >/dev/full 2>err.txt
        code=$?
        words="$command >/dev/full"
        [ $code -eq 6 ]
        say $? "$words: exit code $code"
        err_is "cannot write all results to stdout; redirect them to a file or pipe with room"
    done
else
    echo "SKIPPED: no /dev/full here"
fi

# ---- a limit of files' sizes
try 0 predict run/model.safetensors data/images -o masks --quiet
(ulimit -f 1 && "$ATTUNET" evaluate masks data/labels --metrics dice --report page.html >out.txt \
    2>err.txt)
code=$?
words="evaluate --report under ulimit -f 1"
[ $code -eq 6 ]
say $? "$words: exit code $code"
err_has "File too large"
absent page.html page.html.tmp*

# ---- colours are for terminals
try 2 trian
grep -q "$(printf '\033')" err.txt
[ $? -eq 1 ]
say $? "no colour in a file"
if command -v script >/dev/null && script -qec true /dev/null >/dev/null 2>&1; then
    TERM=xterm script -qec "'$ATTUNET' trian" /dev/null </dev/null >terminal.txt 2>&1
    grep -q "$(printf '\033')" terminal.txt
    say $? "colour on a terminal"
    NO_COLOR=1 TERM=xterm script -qec "'$ATTUNET' trian" /dev/null </dev/null >terminal.txt 2>&1
    grep -q "$(printf '\033')" terminal.txt
    [ $? -eq 1 ]
    say $? "none with NO_COLOR"
else
    echo "SKIPPED: no script(1) here to be a terminal"
fi
finish
