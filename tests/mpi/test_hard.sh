# SPDX-License-Identifier: Apache-2.0
# Hard attention by several ranks: the bits of one in all stages, also after stops and with other
# numbers of ranks.
. "$SOURCE/tests/mpi/mpi.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 1 --quiet
net="scale=4 tile=32 halo=8 tiles=2 coarse=4,8 fine=4,8 policy=8"
hard="--fold 0 --batch 4 --micro-batch 1 --steps 8 --joint-steps 6 --policy-views 2"

# A joint model that is worse than the earlier one is in the checkpoint only.
tensors() { # FILE: of its numbers
    bytes=$(od -An -tu8 -N8 "$1")
    tail -c +$((bytes + 9)) "$1" | cksum
}
rows() { sed 's/^\([0-9]*\),[0-9.]*,/\1,/; s/,[^,]*,\([^,]*\),\([^,]*\)$/,\1,\2/' "$1/log.csv"; }
alike() { # RUN RUN
    same "$1/coarse" "$2/coarse"
    same "$1/fine" "$2/fine"
    same "$1" "$2"
    [ "$(tensors "$1/checkpoint.safetensors")" = "$(tensors "$2/checkpoint.safetensors")" ]
    say $? "$1 and $2 have the same checkpoint"
    [ "$(tensors "$1/before_joint.safetensors")" = "$(tensors "$2/before_joint.safetensors")" ]
    say $? "$1 and $2 have the same model before stage 3"
}

for arch in hard glimpse; do
    set -- train data --spec "arch=$arch $net" $hard --policy-steps 12 --quiet
    try 0 "$@" -o $arch-one --threads 2
    ranks 2 0 "$@" -o $arch-two
    ranks 4 0 "$@" -o $arch-four
    alike $arch-one $arch-two
    alike $arch-one $arch-four
    out_has "trained"
    [ "$(rows $arch-one | cksum)" = "$(rows $arch-four | cksum)" ]
    say $? "rewards, losses and scores in log.csv are the same"
    [ "$(rows $arch-one | wc -l)" -gt 6 ]
    say $? "there are rows"
done

# ---- a longer joint stage, by other numbers of ranks
try 0 resume hard-one --steps +4 --quiet
ranks 4 0 resume hard-two --steps +4 --quiet
try 0 resume hard-four --steps +4 --quiet --threads 2
alike hard-one hard-two
alike hard-one hard-four

# ---- stage 2 stops with any rank, and goes on with another number
set -- train data --spec "arch=hard $net" $hard --policy-steps 10000 --quiet
for rank in 1 2; do
    mpirun -n 2 "$ATTUNET" "$@" -o "stop$rank" --threads 1 >out.txt 2>err.txt </dev/null &
    child=$!
    await [ -e "stop$rank/log.csv" ]
    # shellcheck disable=SC2046 # of a list
    kill -TERM $(ps -o pid= -o comm= --ppid $child | awk '$2 == "attunet" { print $1 }' |
        sed -n ${rank}p)
    wait $child
    [ $? -eq 5 ]
    say $? "SIGTERM to rank $((rank - 1)): exit code 5"
    said_once "stopped in stage 2 of 3 at step"
done
ranks 4 0 resume stop1 --quiet
try 0 resume stop2 --quiet
alike stop1 stop2
finish
