# SPDX-License-Identifier: Apache-2.0
# A device that is lost in the middle of a training, and one whose memory others use
# (opencl_faults.c).
. "$SOURCE/tests/device/front.sh"
unset HOME XDG_CACHE_HOME # attunet keeps no programs
hash() { "$ATTUNET" info "$1" --json | sed -n 's/.*"hash": "\([0-9a-f]*\)".*/\1/p' | tr '\n' ' '; }
train() { # CODE RUN DEVICE
    try "$1" train data -o "$2" --fold 0 --seed 3 --steps 6 --resize 64x64 --patch 64x64 \
        --batch 2 --validate-every 0 --checkpoint-every 1 --quiet --micro-batch 1 --device "$3" \
        --spec "arch=attunet in=1 classes=2 dims=2 widths=4,8,16"
}
try 0 phantom ultrasound -o data --count 8 --unseen 0 --quiet

# ---- lost: the last checkpoint is there, and the training goes on from it
train 0 whole opencl:0
export LD_PRELOAD="$front $FAULTS" FAULT_CLOCK=frozen OPENCL_LOST=1500
train 6 lost opencl:0
LD_PRELOAD=${UNSYNCED-}
unset FAULT_CLOCK OPENCL_LOST
err_has "(OpenCL -2); restart from the last checkpoint, or use the device 'cpu'"
step=$("$ATTUNET" info lost | sed -n 's/^saved *at step \([0-9]*\).*/\1/p')
[ "${step:-0}" -ge 1 ] && [ "$step" -lt 6 ]
say $? "a checkpoint of step '$step' is left"
try 0 resume lost --device opencl:0 --quiet
[ -n "$(hash lost)" ] && [ "$(hash lost)" = "$(hash whole)" ]
say $? "a lost training that is resumed has the bits of one that nobody disturbed"
# a prediction writes no mask of numbers that are none
export LD_PRELOAD="$front" OPENCL_LOST=20
try 6 predict whole/model.safetensors data/images -o masks --no-mirror --device opencl:0 --quiet
LD_PRELOAD=${UNSYNCED-}
unset OPENCL_LOST
[ -z "$(ls masks 2>/dev/null)" ]
say $? "a lost device leaves no mask"

# ---- others use the card: plans keep within what is left
export LD_PRELOAD="$front" OPENCL_GPU=1 OPENCL_ROOM=3000000
train 4 tight gpu
said "the network's maps need at least "
said ", and the device has 9"
said "KiB for them; use a smaller patch, batch or network"
OPENCL_ROOM=100000
train 4 tighter gpu
said "out of memory: cannot allocate "
OPENCL_ROOM=7000000
train 0 room gpu
LD_PRELOAD=${UNSYNCED-}
unset OPENCL_GPU OPENCL_ROOM
[ -n "$(hash room)" ] && [ "$(hash room)" = "$(hash whole)" ]
say $? "a device with little room computes the same bits"

# ---- a compiler that changes arithmetic, and a device whose work-groups are too small
export LD_PRELOAD="$front" OPENCL_QUICK=1
try 2 version --device opencl:0
unset OPENCL_QUICK
err_has "adds two floats inexactly: its driver takes shortcuts in arithmetic; turn them off in"
export OPENCL_WIDTH=64
try 2 version --device opencl:0
err_has "cannot run attunet, which needs OpenCL's full profile and work-groups of 128; use the"
try 0 version --devices
out_has "; cannot be used: no full profile, or small work-groups"
LD_PRELOAD=${UNSYNCED-}
unset OPENCL_WIDTH
finish
