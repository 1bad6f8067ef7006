# SPDX-License-Identifier: Apache-2.0
# What lies where attunet reads or writes: a pipe is never waited for, and no link leads a write
# elsewhere.
. "$SOURCE/tests/cli/run.sh"

few="--steps 2 --spec widths=4,8 --patch 32x32 --batch 1 --threads 1 --quiet"
try 0 phantom ultrasound -o data --count 4 --unseen 0 --quiet
# shellcheck disable=SC2086
try 0 train data -o run --fold 0 --folds 2 $few
cp -r data kept-data
cp -r run kept-run
again() {
    rm -rf data run out mended
    cp -r kept-data data
    cp -r kept-run run
}

# ---- pipes: the command ends by itself, and says a sentence or does its work
ends() { # ARGUMENTS...
    words="attunet $* with $file"
    timeout -k 2 120 "$ATTUNET" "$@" --quiet >out.txt 2>err.txt </dev/null
    code=$?
    [ $code -lt 100 ] && { [ $code -eq 0 ] || [ "$(grep -c '^attunet: ' err.txt)" -ge 1 ]; }
    say $? "$words: ends, exit code $code"
}
for file in dataset.json groups.csv splits_final.json dataset.csv pack.json; do
    again
    mkfifo "data/$file"
    ends info data
    ends train data -o out --steps 1
done
for file in run.json log.csv log.jsonl summary.json model.safetensors settings.json folds.json \
    hard.json lock report.html validation checkpoint.safetensors; do
    for command in info report "resume --steps +1"; do
        again
        rm -rf "run/$file"
        mkfifo "run/$file"
        # shellcheck disable=SC2086
        ends $command run
    done
done
again
file='a pipe as its settings'
mkfifo pipe
ends train data -o out --config pipe
ends evaluate data/labels data/labels --cases pipe
mv pipe pipe.safetensors
ends convert run -o pipe.safetensors
err_has "cannot write pipe.safetensors: No such device; a file is needed here, not a pipe or device"
rm pipe.safetensors
words="train --config /dev/stdin"
echo '{"steps": 11}' | "$ATTUNET" train --config /dev/stdin --print-config >out.txt 2>err.txt
out_has '"steps": 11' # which a user may name
try 0 plan data -o /dev/null --steps 1 --quiet

# ---- links in a run: what they lead to stays, and nothing is trained first
for file in lock report.html run.json log.csv log.jsonl curves.png settings.json \
    events.out.tfevents.0.attunet; do
    again
    if [ -e "run/$file" ]; then mv "run/$file" precious; else echo precious >precious; fi
    cp precious before
    ln -s ../precious "run/$file"
    try 6 resume run --steps +1 --quiet
    err_has "run/$file"
    cmp -s before precious
    say $? "run/$file: what it leads to is whole"
    cmp -s kept-run/checkpoint.safetensors run/checkpoint.safetensors
    say $? "run/$file: nothing was trained"
    rm precious
done
again
rm run/report.html
ln -s ../precious run/report.html
try 6 report run --quiet
err_is "cannot write run/report.html: it is a symbolic link; remove it, or name the file itself"
absent precious
whole() {
    cat data/images/* data/labels/* | cmp -s - before
    say $? "$words: the data set is whole"
}
cat kept-data/images/* kept-data/labels/* >before
again
rm -rf run/validation
ln -s ../data/labels run/validation
try 6 resume run --steps +1 --quiet
err_is "cannot write into run/validation: it is a symbolic link; remove it, or put a folder in its \
place"
whole
mkdir out
ln -s ../data/labels/case_0000.png out/case_0000.png
try 6 predict run data/images -o out --quiet
whole
rm out/case_0000.png
ln -s ../data/images/case_0001.png out/case_0000_overlay.png
try 2 predict run data/images/case_0000.png -o out --overlay --quiet
whole

# ---- a copy of a data set holds nothing from elsewhere
again
echo secret >secret.txt
ln -s ../secret.txt data/notes.txt
try 3 info data --fix mended --quiet
err_has "data/notes.txt is a link to a place outside"
absent mended
rm data/notes.txt
mv data/images/case_0002.png elsewhere.png
ln -s ../../elsewhere.png data/images/case_0002.png
try 3 info data --fix mended --quiet
err_has "data/images/case_0002.png is a link to a place outside"
absent mended
rm data/images/case_0002.png
mkdir data/more
mv elsewhere.png data/more/case_0002.png
ln -s ../more/case_0002.png data/images/case_0002.png # inside
try 0 info data --fix mended --quiet
exists mended/images/case_0002.png

# ---- info lists all files that cannot be read
again
odd() { # IMAGES LABELS ENDING
    rm "$1/case_0000$3" "$1/case_0001$3" "$2/case_0002$3"
    ln -s nowhere "$1/case_0000$3"
    mkfifo "$1/case_0001$3"
    ln -s "case_0002$3" "$2/case_0002$3" # to itself
    printf 'no image' >"$1/case_0003$3"
    try 3 info data --quick --quiet
    out_has "$1/case_0000$3 does not exist"
    out_has "$1/case_0001$3: No such device"
    out_has "$2/case_0002$3: Too many levels of symbolic links"
    out_has "$1/case_0003$3"
    try 3 info data --quiet
    out_has "$1/case_0000$3 does not exist"
    try 6 train data -o out --steps 1 --quiet
}
odd data/images data/labels .png
finish
