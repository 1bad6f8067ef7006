# SPDX-License-Identifier: Apache-2.0
# Any number of ranks and threads gives the same bits, with every setting that changes a step.
. "$SOURCE/tests/mpi/mpi.sh"

try 0 phantom ultrasound -o data --count 6 --unseen 1 --quiet
try 0 phantom organs -o volumes --count 5 --unseen 1 --quiet
net="--fold 0 --patch 32x32 --batch 4 --micro-batch 1 --quiet"

# ---- 200 steps: 1 rank with 2 threads, 2 ranks, 4 ranks that share the processors
set -- train data --spec widths=8,16 $net --steps 200
try 0 "$@" -o one --threads 2
ranks 2 0 "$@" -o two
ranks 4 0 "$@" -o four
same one two four
out_has "validation Dice"
[ "$(grep -c '^trained' out.txt)" -eq 1 ]
say $? "one rank prints"
[ "$(sed 's/^[0-9]*,[0-9.]*,//; s/,[^,]*,\([^,]*\),\([^,]*\)$/,\1,\2/' one/log.csv | cksum)" = \
    "$(sed 's/^[0-9]*,[0-9.]*,//; s/,[^,]*,\([^,]*\),\([^,]*\)$/,\1,\2/' four/log.csv | cksum)" ]
say $? "rates, losses, norms and scores in log.csv are the same"
# Passes of two patches each are another training: batch norm sees both.
try 0 train data --spec widths=8,16 --fold 0 --patch 32x32 --batch 4 --micro-batch 2 --quiet \
    --steps 200 -o pairs
other one pairs

# ---- settings
both() { # NAME ARGUMENTS...
    name=$1
    shift
    try 0 train "$@" --quiet -o "$name-one" --threads 2
    ranks 2 0 train "$@" --quiet -o "$name-two"
    same "$name-one" "$name-two"
}
set -- data $net --steps 12
both bf16 "$@" --spec widths=16,32 --precision bf16
both storage "$@" --spec widths=8,16 --storage bf16
both average "$@" --spec widths=8,16 --ema 0.9 --optimiser sgd
both limited "$@" --spec widths=8,16 --max-memory 400MiB
both exchange "$@" --spec widths=8,16 --exchange bf16
other bf16-one storage-one
other exchange-one limited-one
grep -q '"exchange": "bf16"' exchange-two/settings.json
say $? "the type of the exchange is a setting of the run"
ranks 4 0 train data --fold 0 --patch 32x32 --batch 4 --micro-batch 1 --steps 12 \
    --spec widths=8,16 --exchange bf16 -o exchange-four
said "passes add and exchange gradients in bf16, which gives other weights than f32"
same exchange-one exchange-four
for spec in "arch=unet widths=8,16 norm=instance" "arch=lee width=4" \
    "arch=nnunet widths=8,16 heads=side" "arch=monai widths=8,16"; do
    both "${spec%% *}" "$@" --spec "$spec"
done
both oktay volumes --fold 0 --patch 16x32x32 --batch 2 --micro-batch 1 --steps 6 \
    --spec "arch=oktay width=4"
try 0 pack data -o packed --speed 1 --quiet
both packed packed $net --steps 12 --spec widths=8,16

# ---- ranks share the cases of a validation; averages are rank 0's after a stop, too
set -- train data --holdout 0.5 --patch 32x32 --batch 4 --micro-batch 1 --quiet --ema 0.9 \
    --spec widths=8,16 --validate-every 4 --steps 8
try 0 "$@" -o scored-one
try 0 resume scored-one --steps +8 --quiet
ranks 2 0 "$@" -o scored-two
ranks 4 0 resume scored-two --steps +8 --quiet
scores() { cut -d, -f1,7- "$1/log.csv" | grep '[1-9]$'; }
[ "$(scores scored-one | wc -l)" -eq 4 ]
say $? "there are scores"
[ "$(scores scored-one)" = "$(scores scored-two)" ]
say $? "one rank and several have the same scores"

# ---- of a plan whose number of steps is measured, the ranks compute the same steps
ranks 2 0 train data $net --spec widths=8,16 --time 1s -o timed
out_has "trained"

# ---- folds, one after another
try 0 train data --spec widths=8,16 --patch 32x32 --batch 4 --micro-batch 1 --quiet --steps 12 \
    --fold all --folds 2 -o folds-one
ranks 2 0 train data --spec widths=8,16 --patch 32x32 --batch 4 --micro-batch 1 --quiet \
    --steps 12 --fold all --folds 2 -o folds-two
same folds-one/fold_1 folds-two/fold_1

# ---- a rank with older instructions: all compute as it does
set -- train data --spec widths=8,16 $net --steps 12 --threads 1
try 0 "$@" -o plain --isa ref
words="mpirun, one rank with ATTUNET_ISA=ref"
mpirun -n 1 "$ATTUNET" "$@" -o mixed : -n 1 env ATTUNET_ISA=ref "$ATTUNET" "$@" -o mixed \
    >out.txt 2>err.txt </dev/null
say $? "$words"
same plain mixed
finish
