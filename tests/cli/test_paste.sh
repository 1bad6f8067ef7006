# SPDX-License-Identifier: Apache-2.0
# Each command that attunet prints can be pasted into a shell, whatever the folders are called.
. "$SOURCE/tests/cli/run.sh"

data="it's \$HOME's set" run="-the run's \$1" plan='a plan `x` $(y).json' folds='all "folds"; $@'
packed='*[packed]?&' small="--batch 1 --patch 16x16 --spec widths=4,4 --quiet"
cat >paste.sh <<'END'
attunet() { # as a dry run; problems of the data are no fault of the command
    case $1 in info | evaluate) "$ATTUNET" "$@" ;; *) "$ATTUNET" "$@" --dry-run ;; esac
    code=$?
    [ $code -eq 0 ] || [ $code -eq 3 ] || exit $code
}
END

# Pastes what the last command printed, from WORDS on to the ends of lines.
pastes() { # WORDS
    sed -n "s/.*\($1 .*\)/\1/p" out.txt err.txt >printed.txt
    [ -s printed.txt ]
    say $? "$words: prints '$1'"
    sed 's/\<DATASET\>/"$data"/; s/\<IMAGES\>/"$data"\/images/; s/\<\(RUN\|FOLDER\)\>/new/
        s/\<PATH\>/"$data"/' printed.txt | cat paste.sh - >pasted.sh
    data=$data ATTUNET=$ATTUNET sh -u pasted.sh >pasted.txt 2>&1 </dev/null
    code=$?
    say $code "it can be pasted: $(cat printed.txt)"
    [ $code -eq 0 ] || show pasted.txt
}

try 0 phantom ultrasound -o "$data" --count 6 --unseen 0 --quiet
try 0 info "$data"
pastes "attunet plan"
# shellcheck disable=SC2086
{
try 0 plan "$data" -o "$plan" --steps 2 $small
pastes "attunet train"
try 0 info "$plan"
pastes "attunet train"
try 0 train "$data" -o "$run" --fold 0 --steps 2 $small
pastes "attunet evaluate"
try 2 train "$data" -o "$run" --fold 0 --steps 2 $small
pastes "attunet resume"
try 0 info -- "$run"
pastes "attunet evaluate"
try 3 evaluate "$data" "./$run"
pastes "attunet evaluate"
try 0 pack "$data" -o "$packed" $small
pastes "attunet train"
try 0 train "$data" -o "$folds" --fold all --folds 2 --steps 1 $small
pastes "attunet evaluate"
rm "$folds/summary.json"
try 0 info "$folds"
pastes "attunet resume"
try 7 predict "$folds" "$data/images" -o masks
pastes "attunet resume"
try 2 tune -o "$run.tune"
pastes "attunet tune"
}

# Stopped, with the data elsewhere.
"$ATTUNET" train "$data" -o "./$run.2" --steps 1000000 --batch 1 --patch 16x16 --spec widths=4,4 \
    >out.txt 2>err.txt &
child=$!
await [ -e "./$run.2/log.csv" ]
kill -s INT $child
wait $child
words="train, SIGINT"
pastes "attunet resume"
try 0 info -- "$run.2"
pastes "attunet resume"
mv "$data" moved
try 6 resume -- "$run.2"
data=moved
pastes "attunet resume"

# A data set with a fault.
data="it's \$HOME's set"
mv moved "$data"
rm "$data/images/case_0001.png"
try 3 train "$data" -o new --quiet
pastes "attunet info"
finish
