# SPDX-License-Identifier: Apache-2.0
# Ranks share the cases of a prediction and of an evaluation; files and sentences are those of one.
. "$SOURCE/tests/mpi/mpi.sh"

try 0 phantom ultrasound -o data --count 9 --unseen 7 --quiet
try 0 train data --spec widths=4,8 --fold 0 --patch 32x32 --batch 2 --steps 20 -o run --quiet

# ---- a prediction, of more and of fewer images than ranks
try 0 predict run data/unseen/images -o one --probabilities --json --quiet
sed 's,"one/,"N/,; /"seconds"/d' out.txt >one.json
for n in 2 3; do
    ranks $n 0 predict run data/unseen/images -o many$n --probabilities --json
    sed "s,\"many$n/,\"N/,; /\"seconds\"/d; /\"warnings\"/d" out.txt >many.json
    grep -v '"warnings"' one.json | cmp - many.json
    say $? "$n ranks print the result of one, once"
    for file in one/*; do
        cmp "$file" "many$n/${file#one/}"
        say $? "$n ranks write the same ${file#one/}"
    done
    [ "$(ls one)" = "$(ls many$n)" ]
    say $? "$n ranks write no other file"
done
image=data/unseen/images/$(ls data/unseen/images | head -n 1)
ranks 2 0 predict run "$image" -o single
[ "$(grep -c '^wrote 1 mask' out.txt)" -eq 1 ]
say $? "one rank prints"
ranks 2 0 predict run data/unseen/images -o many2 --probabilities --quiet # it replaces its own

# ---- all compute in the type of rank 0, as a measurement may choose another one in each rank
try 0 train data --spec "arch=unet widths=32,48" --lr 1e-5 --fold 0 --patch 32x32 --batch 2 \
    --steps 2 -o wide --quiet
for type in f32 bf16; do
    try 0 predict wide data/unseen/images -o $type --probabilities --precision $type --quiet
done
words="mpirun, two ranks with different types"
mpirun -n 1 "$ATTUNET" predict wide data/unseen/images -o mixed --probabilities --threads 1 \
    --precision bf16 : -n 1 "$ATTUNET" predict wide data/unseen/images -o mixed --probabilities \
    --threads 1 --precision f32 >out.txt 2>err.txt </dev/null
say $? "$words: exit code 0"
differ=0
for file in bf16/*; do
    cmp "$file" "mixed/${file#bf16/}"
    say $? "$words: ${file#bf16/} is that of rank 0's type"
    cmp -s "$file" "f32/${file#bf16/}" || differ=1
done
[ $differ -eq 1 ]
say $? "the other type gives other bits"
ranks 2 0 predict wide data/unseen/images -o chosen --probabilities --precision auto
if grep -qF -- "--precision auto takes bf16" err.txt; then type=bf16; else type=f32; fi
for file in $type/*; do
    cmp "$file" "chosen/${file#"$type"/}"
    say $? "auto: ${file#"$type"/} has the type that rank 0 says"
done

# ---- damaged images, one of each rank
cp -r data/unseen/images damaged
for i in 2 5; do
    file=$(ls damaged | sed -n ${i}p)
    head -c 60 "damaged/$file" >cut && mv cut "damaged/$file"
done
try 3 predict run damaged -o partly
cp err.txt one.txt
ranks 2 3 predict run damaged -o both
grep '^attunet: ' err.txt | sed 's/both/partly/' >both.txt
grep '^attunet: ' one.txt | cmp - both.txt
say $? "rank 0 tells the failures of all, in the order of images"
[ "$(ls partly)" = "$(ls both)" ]
say $? "the other images are predicted"

# ---- what is refused is refused once
ranks 2 6 predict nowhere data/unseen/images -o none
[ "$(grep -c '^attunet: ' err.txt)" -eq 1 ]
say $? "one rank says what is missing"
absent none

# ---- ranks with other images
words="mpirun, one rank with fewer images"
mpirun -n 1 "$ATTUNET" predict run data/unseen/images -o fewer --threads 1 : -n 1 "$ATTUNET" \
    predict run "$image" -o fewer --threads 1 >out.txt 2>err.txt </dev/null
[ $? -eq 3 ]
say $? "$words: fails"
said_once " has other cases than rank 0 on "

# ---- an evaluation
try 0 evaluate one data/unseen/labels --summary one.summary --json --quiet
grep -v '"warnings"' out.txt >one.txt
ranks 3 0 evaluate one data/unseen/labels --summary many.summary --json --quiet
grep -v '"warnings"' out.txt | cmp - one.txt
say $? "three ranks measure what one does, and one prints"
cmp one.summary many.summary
say $? "the summary is the same"
grep -q '"HD95"\|"hd95"' out.txt
say $? "with distances"
ranks 2 6 evaluate one nowhere
[ "$(grep -c '^attunet: ' err.txt)" -eq 1 ]
say $? "one rank says that there are no labels"

# ---- processes of their own
# shellcheck disable=SC2016 # of the ranks
mpirun -n 2 sh -c 'exec "$0" "$@" -o "own$OMPI_COMM_WORLD_RANK"' "$ATTUNET" predict run "$image" \
    --ranks 1 --quiet >out.txt 2>err.txt </dev/null
say $? "--ranks 1 lets each process predict"
exists own0/"${image##*/}" own1/"${image##*/}"

finish
