# SPDX-License-Identifier: Apache-2.0
# Signals to the command while it trains: SIGINT and SIGTERM save, say how to go on and end with
# code 5; after them, and after SIGKILL, the run goes on and ends with the weights of one that
# nobody disturbed.
. "$SOURCE/tests/cli/run.sh"

settings="--fold 0 --steps 240 --spec widths=4,8 --patch 32x32 --batch 2 --validate-every 100"

train() { # RUN
    # shellcheck disable=SC2086 # settings are words
    "$ATTUNET" train data -o "$1" $settings >out.txt 2>err.txt </dev/null &
    child=$!
}
# The same, until it stops itself as it writes for the N-th time (tests/fault/faults.c).
train_until() { # RUN N
    export LD_PRELOAD="$FAULTS" FAULT_CALL=write FAULT_AT="$2" FAULT_ERRNO=0
    train "$1"
    LD_PRELOAD=${UNSYNCED-}
    unset FAULT_CALL FAULT_AT FAULT_ERRNO
    await has_stopped $child
}
end() { # CODE
    wait $child 2>/dev/null
    code=$?
    [ $code -eq "$1" ]
    say $? "$words: exit code $code"
}
# The tensors are the end of the file; the settings before them hold times.
weights() { tail -c 8000 "$1/model.safetensors" | cksum; }
same() {
    [ "$(weights whole)" = "$(weights "$1")" ]
    say $? "$1: the weights of an undisturbed run"
}

try 0 phantom ultrasound -o data --count 6 --unseen 1 --quiet
words="train, undisturbed"
export LD_PRELOAD="$FAULTS" FAULT_REPORT=report
train whole
LD_PRELOAD=${UNSYNCED-}
unset FAULT_REPORT
end 0
middle=$(($(sed -n 's/^calls write //p' report) / 2))

for signal in INT TERM; do
    run=run_$signal
    words="train, SIG$signal"
    train_until $run $middle
    kill -s $signal $child
    kill -s CONT $child
    end 5
    step=$(sed -n 's/^attunet: stopped at step \([0-9]*\) of 240.*/\1/p' err.txt)
    [ -n "$step" ] && [ "$step" -ge 1 ] && [ "$step" -lt 240 ]
    say $? "$words: stopped at step $step"
    tail -n 1 err.txt >last.txt && mv last.txt err.txt
    err_is "stopped at step $step of 240, everything is saved; continue with: attunet resume $run"
    absent $run/checkpoint.next.safetensors
    try 0 resume $run
    said "resuming at step $step of 240"
    same $run
    try 0 resume $run
    said "this run is finished at step 240"
done

# A second Ctrl-C ends at once; the run is none the worse.
words="train, SIGINT twice"
train_until twice $middle
kill -s INT $child
kill -s CONT $child
kill -s INT $child 2>/dev/null
wait $child 2>/dev/null
code=$?
[ $code -eq 5 ] || [ $code -eq 130 ]
say $? "$words: exit code $code"
try 0 resume twice
same twice

words="train, SIGKILL"
train_until killed $middle
kill -s KILL $child
end 137
try 0 resume killed
same killed

# Before there is anything to save.
words="train, SIGTERM at once"
train early
kill -s TERM $child
wait $child 2>/dev/null
code=$?
[ $code -eq 5 ] || [ $code -eq 143 ]
say $? "$words: exit code $code"
if [ -e early/checkpoint.safetensors ]; then try 0 resume early; else
    words="train again"
    train early
    end 0
fi
same early

finish
