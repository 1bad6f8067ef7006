# SPDX-License-Identifier: Apache-2.0
# --device auto and version --devices, with a GPU and times that opencl_faults.c makes up; and a run
# that goes on where it trained.
. "$SOURCE/tests/device/front.sh"
export XDG_CACHE_HOME="$PWD/cache" OPENCL_GPU=1 OPENCL_CLOSED=1
kept=cache/attunet/opencl
faked() { # CODE ARGUMENTS...
    export LD_PRELOAD="$front"
    try "$@"
    LD_PRELOAD=${UNSYNCED-}
}
paced() { # MILLISECONDS CODE ARGUMENTS...: of one thread, as others look at the clock, too
    export OPENCL_PACE="$1"
    shift
    faked "$@" --threads 1
    unset OPENCL_PACE
}

# ---- without a GPU: the processor, with a sentence
export OPENCL_NONE=1
faked 0 version --device auto --threads 1
[ "$(cat err.txt)" = "--device auto: cpu, because OpenCL finds no GPU" ]
say $? "it says that there is no GPU"
faked 0 version --devices
out_is "none: OpenCL finds no devices"
unset OPENCL_NONE
export OPENCL_GONE=1
faked 0 version --device auto
said "--device auto: cpu, because a GPU needs the OpenCL library 'libOpenCL.so.1', which cannot"
faked 0 version --devices
out_has "none: a GPU needs the OpenCL library 'libOpenCL.so.1', which cannot be opened: "
faked 0 version --devices --json
out_has '"devices": []'
faked 2 version --device gpu
unset OPENCL_GONE
absent cache

# ---- measured once, and kept; what convolutions compute is not looked at here
export OPENCL_IDLE=" gather outer "
paced 500 0 version --device auto
said "--device auto: gpu; a convolution takes 500 ms on '"
said "' and 1e+03 ms on the processor (measured now)"
out_has "(opencl, 1 thread)"
paced 2000 0 version --device auto # which the kept time outweighs
said "--device auto: gpu; a convolution takes 500 ms on '"
said "(measured before)"
faked 0 version --devices --threads 1
out_has "gpu:0      "
out_has " GiB, "
out_has "a convolution takes 500 ms there and 1e+03 ms on the processor"
faked 0 version --devices --threads 1 --json
out_has '"device": "gpu:0"'
out_has '"usable": true'
out_has '"seconds": 0.5'
out_has '"seconds_cpu": 1'
faked 0 version --devices --threads 2
[ "$(wc -l <out.txt)" -eq 1 ]
say $? "with two threads nothing was measured"

# ---- what is damaged or of other threads is measured again, and kept
[ "$(ls $kept | wc -l)" -eq 1 ]
say $? "one file has the times"
one=$kept/$(ls $kept)
cp "$one" good
for fault in cut changed; do
    case $fault in
    cut) head -c 100 good >"$one" ;;
    changed) tr t u <good >"$one" ;;
    esac
    cmp -s good "$one"
    [ $? -eq 1 ]
    say $? "the file is $fault"
    paced 500 0 version --device auto
    said "(measured now)"
    cmp good "$one"
    say $? "a file that was $fault is written again"
done
faked 0 version --device auto --threads 2
two=$(find $kept -type f ! -path "$one")
[ -f "$two" ] && cp good "$two"
say $? "times of one thread lie where those of two belong"
faked 0 version --device auto --threads 2
said "(measured now)"
paced 2000 0 version --device auto
said "gpu; a convolution takes 500 ms"
rm "$one"
paced 2000 0 version --device auto
said "--device auto: cpu; a convolution takes 2e+03 ms on '"
out_has ", 1 thread)"
unsaid "opencl"

# ---- two at once into an empty folder; and no place to keep anything
before=$(ls $kept | wc -l)
rm -r cache
export LD_PRELOAD="$front" OPENCL_PACE=500
"$ATTUNET" version --device auto --threads 1 >one.txt 2>&1 </dev/null &
"$ATTUNET" version --device auto --threads 1 >two.txt 2>&1 </dev/null
code=$?
wait $! && [ $code -eq 0 ]
say $? "two processes measure at once"
LD_PRELOAD=${UNSYNCED-}
unset OPENCL_PACE
grep -h "device auto: gpu" one.txt two.txt >gpu.txt
[ "$(wc -l <gpu.txt)" -eq 2 ] && [ "$(ls $kept | wc -l)" -eq $((before - 1)) ]
say $? "both use the GPU, and leave nothing but what one leaves"
paced 2000 0 version --device auto
said "gpu; a convolution takes 500 ms"
unset OPENCL_CLOSED
faked 0 version --device gpu
export OPENCL_CLOSED=1
[ -n "$(find $kept -type f -size +1)" ]
say $? "programs are kept, too, if the driver hands them out"
XDG_CACHE_HOME="$PWD/one.txt"
paced 500 0 version --device auto
said "gpu; a convolution takes 500 ms"
said "(measured now)"
XDG_CACHE_HOME="$PWD/cache"

# ---- the server gets what was chosen
cp "$ATTUNET" "${ATTUNET%/*}/libattunet.so.0" .
printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >attunet-serve
chmod +x attunet-serve
command=$ATTUNET ATTUNET=$PWD/attunet
faked 0 serve model --device auto --threads 1
out_has "--device=gpu"
export OPENCL_NONE=1
faked 0 serve model --device auto --threads 1
out_has "--device=cpu"
unset OPENCL_NONE
ATTUNET=$command

# ---- a run stays where it trains
unset OPENCL_IDLE
try 0 phantom ultrasound -o data --count 8 --unseen 0 --quiet
OPENCL_ROOM=7000000
export OPENCL_ROOM
train() { # RUN STEPS OPTIONS...
    run=$1 steps=$2
    shift 2
    faked 0 train data -o "$run" --fold 0 --seed 3 --steps "$steps" --resize 64x64 --patch 64x64 \
        --batch 2 --validate-every 0 --quiet --micro-batch 1 --threads 1 "$@" \
        --spec "arch=attunet in=1 classes=2 dims=2 widths=4,8,16"
}
trained_on() { # RUN DEVICE
    grep -qF "\"device\": \"$2\"" "$1/settings.json"
    say $? "$1/settings.json names $2"
}
train run 2 --device auto
trained_on run gpu:0
rm -r cache
export OPENCL_NONE=1
faked 2 resume run --steps +2 --quiet
err_has "device 'gpu:0' does not exist: OpenCL finds 0 GPUs; install the driver of the GPU, or use"
faked 2 resume run --steps +2 --quiet --device auto
unset OPENCL_NONE
faked 0 resume run --steps +1 --quiet
faked 0 resume run --steps +1 --quiet --device auto
unsaid "continues"
trained_on run gpu:0
faked 0 resume run --steps +1 --device cpu --isa auto --threads 1
said "run trained on the device gpu:0 so far and continues on cpu, with other last digits"
trained_on run cpu
faked 0 resume run --steps +1
unsaid "continues"
trained_on run cpu
finish
