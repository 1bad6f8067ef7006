# SPDX-License-Identifier: Apache-2.0
# --device: a training on pocl follows the processor's, repeats its own bits, and what a device
# cannot do is refused with a sentence.
. "$SOURCE/tests/cli/run.sh"

"$ATTUNET" version --device opencl:0 >out.txt 2>err.txt </dev/null || {
    echo "SKIPPED: $(cat err.txt)"
    exit 77
}
try 0 version --device opencl:0
out_has "(opencl, "
try 2 version --device gpu:99
err_has "device 'gpu:99' does not exist: OpenCL finds "
try 2 version --device opencl:99
err_has "device 99 does not exist"
try 2 version --device opencl:
err_is "device 'opencl:' is unknown: use cpu, gpu, gpu:N or opencl:N, N from 0"
try 2 version --device cuda
err_is "--device 'cuda' is unknown: use cpu, gpu, gpu:N, opencl:N or auto, N from 0"
try 2 version --device opencl:0 --isa ref
err_is "--isa is of the processor: leave it out with --device opencl:0"

try 0 phantom ultrasound -o data --count 8 --unseen 3
losses() { cut -d , -f 4 "$1/log.csv" | sed 1d; }
# The same loss within one in a thousand.
follows() {
    losses "$1" >one.txt
    losses "$2" >two.txt
    [ "$(wc -l <one.txt)" -gt 0 ] && paste one.txt two.txt |
        awk '{ d = $1 - $2; if (d < 0) d = -d; if (!(d <= 0.001 * $1)) bad = 1 } END { exit bad }'
    say $? "$2 follows the losses of $1"
}
# Patches so small that a gradient of weights is one sum, which needs memory only where it is added.
settings="--fold 0 --seed 3 --resize 64x64 --patch 32x32 --batch 2 --validate-every 0"
train() { # RUN STEPS OPTIONS...
    run=$1 steps=$2
    shift 2
    try 0 train data -o "$run" $settings --steps "$steps" --quiet "$@"
}
spec="arch=attunet in=1 classes=2 dims=2 widths=4,8,16"
train cpu 6 --spec "$spec" --micro-batch 1
train gpu 6 --spec "$spec" --micro-batch 1 --device opencl:0
follows cpu gpu
train gpu2 3 --spec "$spec" --micro-batch 1 --device opencl:0
try 0 resume gpu2 --steps +3 --device opencl:0 --quiet
train gpu3 6 --spec "$spec" --micro-batch 1 --device opencl:0
hash() { "$ATTUNET" info "$1" --json | sed -n 's/.*"hash": "\([0-9a-f]*\)".*/\1/p' | tr '\n' ' '; }
[ "$(hash gpu)" = "$(hash gpu3)" ] && [ "$(hash gpu | wc -w)" -eq 2 ]
say $? "a device repeats its own bits"
[ "$(hash gpu)" = "$(hash cpu)" ]
[ $? -eq 1 ]
say $? "which are not the processor's"
try 0 train data -o gpu7 $settings --steps 6 --spec "$spec" --micro-batch 1 --exchange bf16 \
    --device opencl:0
said "--exchange bf16 changes nothing, as a device adds the passes itself"
[ "$(hash gpu7)" = "$(hash gpu)" ]
say $? "and it changes nothing"

# Norms and storage go through kernels of their own; so do losses and optimisers (test_trainings.c).
train cpu6 3 --spec "$spec norm=instance"
train gpu6 3 --spec "$spec norm=instance" --device opencl:0
follows cpu6 gpu6
train gpu5 2 --spec "$spec norm=instance up=transpose" --storage bf16 --device opencl:0

# Hard attention, all of its stages.
for device in cpu opencl:0; do
    try 0 train data -o "hard-${device%:0}" --fold 0 --steps 3 --resize 96x96 --batch 2 \
        --policy-steps 3 --joint-steps 2 --quiet --device $device \
        --spec "arch=hard scale=4 tile=32 halo=8 tiles=2 coarse=4,8 fine=4,8 policy=8"
done
follows hard-cpu/coarse hard-opencl/coarse
follows hard-cpu/fine hard-opencl/fine
for run in hard-opencl hard-opencl/fine; do
    grep -qF '"device": "opencl:0"' $run/settings.json
    say $? "$run/settings.json names the device"
done

try 0 predict gpu/model.safetensors data/unseen/images -o masks --no-mirror --device opencl:0 \
    --quiet
try 0 predict gpu/model.safetensors data/unseen/images -o masks-cpu --no-mirror --quiet
[ "$(ls masks)" = "$(ls masks-cpu)" ] && [ -n "$(ls masks)" ]
say $? "a device predicts the same files"
try 0 evaluate gpu data --device opencl:0
try 0 bench --spec "$spec" --shape 32x32 --repeat 1 --train --layers --device opencl:0

try 4 train data -o small --fold 0 --steps 1 --spec "$spec" --patch 64x64 --batch 2 \
    --max-memory 1MiB --device opencl:0 --quiet
err_has "the network's maps need at least "
err_has "or a larger --max-memory, which is the device's"
finish
