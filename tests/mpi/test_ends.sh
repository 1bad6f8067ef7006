# SPDX-License-Identifier: Apache-2.0
# How trainings by several ranks end and go on: stops, killed ranks, other numbers of ranks; and
# what is refused.
. "$SOURCE/tests/mpi/mpi.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 1 --quiet
net="--spec widths=4,8 --fold 0 --patch 32x32 --batch 4 --micro-batch 1"

# ---- other numbers of ranks
try 0 train data $net -o whole --steps 60 --quiet
ranks 2 0 train data $net -o parts --steps 20 --quiet
ranks 4 0 resume parts --steps +20 --quiet
try 0 resume parts --steps +20 --quiet --threads 2
# The rates of a run that was made longer are others, so it is compared with one made so.
try 0 train data $net -o longer --steps 20 --quiet
try 0 resume longer --steps +20 --quiet
try 0 resume longer --steps +20 --quiet
same longer parts
other longer whole

# ---- stops
start() { # RUN
    words="mpirun -n 2 attunet train -o $1"
    rm -rf "$1"
    mpirun -n 2 "$ATTUNET" train data $net -o "$1" --steps 1000000 --checkpoint-every 1s \
        --threads 1 >out.txt 2>err.txt </dev/null &
    child=$!
    await [ -e "$1/log.csv" ]
    say $? "$words: begins"
    pids=$(ps -o pid= -o comm= --ppid $child | awk '$2 == "attunet" { print $1 }')
}
none_left() { # within ten seconds
    waits=0
    for pid in $pids; do
        # An ended process that nobody has asked about is a zombie, which kill -0 still finds.
        while [ $waits -lt 100 ] && grep -q '^State:[[:space:]]*[^Z]' "/proc/$pid/status" \
            2>/dev/null; do
            sleep 0.1
            waits=$((waits + 1))
        done
    done
    [ $waits -lt 100 ]
    say $? "$words: no rank is left after 10 s"
}
ends() { # [CODE]
    wait $child
    code=$?
    [ $code -eq "${1:-$code}" ] && [ $code -ne 0 ]
    say $? "$words: exit code $code"
    none_left
}
resumes() { # RUN
    for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
    cp -r "$1" "$1-one"
    stop_soon "$1-one" &
    "$ATTUNET" resume "$1-one" --quiet >/dev/null 2>&1
    [ $? -eq 5 ]
    say $? "$1 goes on with one rank"
}
stop_soon() { sleep 1; touch "$1/stop"; }

start file
touch file/stop
ends 5
grep -q 'file/stop exists: stopping' err.txt
say $? "$words: says why it stops"
grep -q '^attunet: stopped at step .* everything is saved' err.txt
say $? "$words: saves"
absent file/stop
exists file/model.safetensors
resumes file
for rank in 1 2; do # a signal to any rank stops all
    start "signal$rank"
    # shellcheck disable=SC2086 # a list
    kill -TERM "$(echo $pids | cut -d' ' -f$rank)"
    ends 5
    said_once "everything is saved; continue with: attunet resume signal$rank"
done
# Of mpirun: it waits so many seconds before and after SIGTERM.
export OMPI_MCA_odls_base_sigkill_timeout=4
start interrupt
kill -INT $child
ends
said_once "everything is saved; continue with: attunet resume interrupt"
resumes interrupt

# ---- killed ranks
for rank in 1 2; do
    start "kill$rank"
    # shellcheck disable=SC2086 # a list
    lost=$(echo $pids | cut -d' ' -f$rank)
    await [ -e "kill$rank/checkpoint.safetensors" ]
    kill -KILL "$lost"
    ends
    grep -q "rank $((rank - 1)) (process $lost on .*) has ended, so all ranks stop; " err.txt
    say $? "$words: names the rank that died"
    resumes "kill$rank"
done
unset OMPI_MCA_odls_base_sigkill_timeout

# ---- a rank that does not see the data set stops all, with its sentence
if unshare -m true 2>/dev/null; then
    words="mpirun, one rank without the data set"
    mpirun -n 1 "$ATTUNET" train data $net -o poor --steps 5 --threads 1 : \
        -n 1 unshare -m sh -c 'mount -t tmpfs none data && exec "$@"' sh \
        "$ATTUNET" train data $net -o poor --steps 5 --threads 1 >out.txt 2>err.txt </dev/null
    [ $? -ne 0 ]
    say $? "$words: fails"
    said_once "attunet: rank 1 on "
    said "/data "
    absent poor
fi

# ---- refused
ranks 3 2 train data $net -o none --steps 5
said_once "3 ranks cannot share the 4 passes of a batch of 4; start 1, 2 or 4 ranks, or set a \
--batch that 3 divides, and --micro-batch"
ranks 2 2 train data --spec widths=4,8 --fold 0 --patch 32x32 --batch 4 -o none --steps 5
said_once "2 ranks cannot share the 1 pass of a batch of 4; set --micro-batch 2 or a part of it, \
or start 1 rank"
absent none
ranks 3 2 train data --spec "arch=hard scale=4 tile=32 halo=8" --batch 4 --micro-batch 1 -o none \
    --steps 5
said_once "3 ranks cannot share the 4 passes of a batch of 4; start 1, 2 or 4 ranks"
absent none
words="mpirun, each rank with a run of its own"
# shellcheck disable=SC2016 # of the ranks
mpirun -n 2 sh -c 'exec "$0" "$@" -o "own$OMPI_COMM_WORLD_RANK"' "$ATTUNET" train data $net \
    --steps 5 --threads 1 >out.txt 2>err.txt </dev/null
[ $? -ne 0 ]
say $? "$words: fails"
said_once " was started for another folder than 'own0' of rank 0; give all ranks the same folder, \
or set --ranks 1 for processes of their own"
absent own0
absent own1
# ---- a machine with another label under the same name
cp -r data other
for file in other/labels/*; do printf x >>"$file"; done # behind the end of the picture
words="mpirun, one rank with another data set at the same path"
if unshare -m mount --bind other data 2>/dev/null; then
    mpirun -n 1 "$ATTUNET" train data $net -o none --steps 5 --threads 1 : -n 1 \
        unshare -m sh -c 'mount --bind other data && exec "$0" "$@"' "$ATTUNET" train data $net \
        -o none --steps 5 --threads 1 >out.txt 2>err.txt </dev/null
    [ $? -eq 3 ]
    say $? "$words: fails"
    said_once " cases under the same names than rank 0 on "
    absent none
else
    echo "# SKIPPED: $words: this container cannot mount"
fi
export SLURM_STEP_NUM_TASKS=4
try 2 train data $net -o none --steps 5
err_has "the launcher started 4 processes, but MPI sees only one: each would do the same"
try 0 train data $net -o alone --steps 5 --ranks 1 --quiet
try 0 train data $net -o none --steps 5 --dry-run
mkdir -p bare
cp -L "$ATTUNET" "${ATTUNET%/*}/libattunet.so.0" bare
unset SLURM_STEP_NUM_TASKS
words="attunet without its plug-in"
export OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=0
LD_LIBRARY_PATH=bare bare/attunet train data $net -o none --steps 5 >out.txt 2>err.txt
[ $? -eq 2 ]
say $? "$words: refuses"
err_has "several ranks need 'libattunet/mpi.so', which cannot be opened: "
grep -qF "; install the package attunet-mpi, or set --ranks 1" err.txt
say $? "$words: says what to install"
absent none
finish
