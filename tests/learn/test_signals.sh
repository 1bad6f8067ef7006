# SPDX-License-Identifier: Apache-2.0
# Signals to the command while it trains: SIGINT and SIGTERM save, say how to go on and end with code 5; after them, and after SIGKILL, the run
# goes on and ends with the weights of one that nobody disturbed.
. "$SOURCE/tests/cli/run.sh"

settings="--fold 0 --steps 240 --spec widths=4,8 --patch 32x32 --batch 2 --validate-every 100"

train() { # RUN
    # shellcheck disable=SC2086 # settings are words
    "$ATTUNET" train data -o "$1" $settings >out.txt 2>err.txt </dev/null &
    child=$!
}
rows() { if [ -e "$1/log.jsonl" ]; then wc -l <"$1/log.jsonl"; else echo 0; fi; }
wait_for_rows() { # RUN NUMBER: a row a step
    tries=0
    while [ "$(rows "$1")" -lt "$2" ] && kill -0 $child 2>/dev/null && [ $tries -lt 600 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
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
train whole
end 0

for signal in INT TERM; do
    run=run_$signal
    words="train, SIG$signal"
    train $run
    wait_for_rows $run 40
    kill -s $signal $child
    end 5
    step=$(sed -n 's/^attunet: stopped at step \([0-9]*\) of 240.*/\1/p' err.txt)
    [ -n "$step" ] && [ "$step" -ge 40 ] && [ "$step" -lt 240 ]
    say $? "$words: stopped at step $step"
    tail -n 1 err.txt >last.txt && mv last.txt err.txt
    err_is "stopped at step $step of 240, everything is saved; go on with: attunet resume $run"
    absent $run/checkpoint.next.safetensors
    try 0 resume $run
    said "going on at step $step of 240"
    same $run
    try 0 resume $run
    said "this run is finished at step 240"
done

# A second Ctrl-C ends at once; the run is none the worse.
words="train, SIGINT twice"
train twice
wait_for_rows twice 20
kill -s INT $child
kill -s INT $child 2>/dev/null
wait $child 2>/dev/null
code=$?
[ $code -eq 5 ] || [ $code -eq 130 ]
say $? "$words: exit code $code"
try 0 resume twice
same twice

words="train, SIGKILL"
train killed
wait_for_rows killed 60
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
