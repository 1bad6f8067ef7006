# SPDX-License-Identifier: Apache-2.0
# Training with every loss: the same bits for any number of threads, finite numbers in the log.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 4 --unseen 0 --quiet
sum() { tail -c 10000 "$1/model.safetensors" | cksum; }
# What is no number is an empty cell (infinities may be words): those of every row's loss and
# gradient norm.
numbers_only() {
    awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; loss = column["loss"]
            norm = column["gradient_norm"]; next }
        { rows++; if ($loss !~ /^[-+.0-9eE]+$/ || $norm !~ /^[-+.0-9eE]+$/) bad++ }
        END { exit !(loss && norm && rows && !bad) }' "$1"
}
number=0 tried=
for loss in tversky focal-tversky gdice focal "focal(alpha=.75)+dice" "topk(k=20)+dice" \
    "dice+ce+0.01*boundary" "0.5*dice+0.5*cldice(iterations=2)"; do
    number=$((number + 1)) tried="$tried $loss"
    for threads in 1 3; do
        try 0 train data -o "run$number.$threads" --steps 3 --spec \
            "arch=attunet widths=4,8,8,8 heads=side" --patch 48x48 --batch 2 \
            --loss "$loss" --threads $threads --quiet
    done
    [ "$(sum "run$number.1")" = "$(sum "run$number.3")" ]
    say $? "$loss: the same weights for 1 and 3 threads"
    numbers_only "run$number.1/log.csv"
    say $? "$loss: a finite loss and gradient norm in every row of log.csv"
done
# the program's own list, from the sentence on an unknown loss
try 2 train data -o none --loss unknown
losses=$(sed -n 's/.*choose from: \(.*\); join.*/\1/p' err.txt | tr -d ',')
[ "$(echo "$losses" | wc -w)" -ge 9 ]
say $? "losses: $losses"
for loss in $losses; do
    echo "$tried" | tr ' ()+*=' '\n' | grep -qxF -- "$loss"
    say $? "$loss is trained above"
done
finish
