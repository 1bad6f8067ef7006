# SPDX-License-Identifier: Apache-2.0
# Training with every loss: the same bits for any number of threads, finite numbers in the log.
. "$SOURCE/tests/cli/run.sh"

try 0 phantom ultrasound -o data --count 4 --unseen 0 --quiet
sum() { tail -c 10000 "$1/model.safetensors" | cksum; }
number=0
for loss in tversky focal-tversky gdice focal "focal(alpha=.75)+dice" "topk(k=20)+dice" "dice+ce+0.01*boundary" "0.5*dice+0.5*cldice(iterations=2)"; do
    number=$((number + 1))
    for threads in 1 3; do
        try 0 train data -o "run$number.$threads" --steps 3 --spec "arch=attunet widths=4,8,8 heads=side" --patch 48x48 --batch 2 \
            --loss "$loss" --threads $threads --quiet
    done
    [ "$(sum "run$number.1")" = "$(sum "run$number.3")" ]
    say $? "$loss: the same weights for 1 and 3 threads"
    if grep -q nan "run$number.1/log.csv"; then not_ok "$loss: log.csv has a nan"; else ok "$loss: no nan in log.csv"; fi
done
finish
