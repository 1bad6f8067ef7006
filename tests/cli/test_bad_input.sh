# SPDX-License-Identifier: Apache-2.0
# Bad input gets one sentence and its exit code, and nothing is written: the table bad_input.txt,
# row by row.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir kept
(
    cd kept || exit 1
    mkdir -p data/imagesTr data/labelsTr
    for i in 1 2 3 4; do
        noise data/imagesTr/case${i}_0000.nii 16 16 8
        halves data/labelsTr/case$i.nii 16 16 8
    done
    cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1},
 "numTraining": 4, "file_ending": ".nii"}
JSON
    "$ATTUNET" train data -o good --steps 2 --batch 1 --patch 8x16x16 --spec \
        "arch=attunet widths=4,8" --quiet >/dev/null &&
        "$ATTUNET" phantom ultrasound -o flat --count 4 --unseen 0 --quiet
) || { not_ok "what is to be spoilt"; finish; }

# What is on the disk: names, and what files hold.
state() {
    find . | LC_ALL=C sort
    # a lock names the process that was last
    find . -type f ! -name lock -exec cksum {} + | LC_ALL=C sort
}

rows=0
while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    rows=$((rows + 1))
    wanted=${line%% :: *} rest=${line#* :: }
    setup=${rest%% :: *} rest=${rest#* :: }
    arguments=${rest%% :: *} sentence=${rest#* :: }
    [ "$setup" = - ] && setup=:
    rm -rf place
    cp -r kept place
    (
        cd place || exit 1
        eval "$setup"
        eval "set -- $arguments"
        state >../before
        case $arguments in *' -- '*) set -- "$@" ;; *) set -- "$@" --quiet ;; esac
        timeout -k 5 1800 "$ATTUNET" "$@" >../out.txt 2>../err.txt </dev/null
        echo $? >../code
        state >../after
    ) 2>shell.txt
    code=$(cat code)
    words="row $rows: attunet $(printf '%s' "$arguments" | tr '\\' '/')"
    if [ "$code" = "$wanted" ] && [ "$(wc -l <err.txt)" -eq 1 ] && grep -q '^attunet: ' err.txt &&
        grep -qF -- "$sentence" err.txt && cmp -s before after &&
        [ ! -s shell.txt ]; then
        ok "$words: $code, ... $sentence"
    else
        not_ok "$words: exit code $code, $wanted was wanted; sentence with '$sentence' was wanted, \
and nothing written"
        show err.txt
        show shell.txt
        diff before after | sed 's/^/#   /' | head -5
    fi
done <"$SOURCE/tests/cli/bad_input.txt"
[ "$rows" -ge 60 ]
say $? "$rows rows of bad input"
[ "$(ls)" = "$(printf '%s\n' after before code err.txt kept out.txt place shell.txt)" ]
say $? "nothing lies beside: $(ls | tr '\n' ' ')"

# ---- info lists all that is wrong
cp -r kept/data .
halves data/labelsTr/case2.nii 16 12 8
echo nonsense >data/imagesTr/case4_0000.nii
try 3 info data
out_has "error    data/labelsTr/case2.nii is 8x12x16 but data/imagesTr/case2_0000.nii is 8x16x16; \
resample one to the other's grid"
out_has "error    data/imagesTr/case4_0000.nii"
err_is "2 problems of data would stop a training; they are listed above"
try 3 plan data
said "error: data/labelsTr/case2.nii is 8x12x16"
said "error: data/imagesTr/case4_0000.nii"
said "2 of 4 cases of data cannot be used; the first: data/labelsTr/case2.nii"

# ---- only names of options between backquotes become flags
try 6 info 'a`b c`.nii'
err_has 'a`b c`.nii'

# ---- a folder with temporaries of nobody knows whom is left alone
gone=$(sh -c 'echo $$')
mkdir full
touch full/notes full/notes.tmp-$gone full/log.csv.tmp-$gone-0
try 2 train kept/data -o full
err_has "full is neither empty nor a run"
exists full/notes full/notes.tmp-$gone full/log.csv.tmp-$gone-0
# ---- what was killed in its first save on another machine does not block its next start
mkdir requeued
touch requeued/lock requeued/checkpoint.next.safetensors.tmp-4-e588c2b150d8-0
try 0 train kept/data -o requeued --spec widths=4,8 --patch 8x8x8 --batch 1 --steps 1 --quiet
exists requeued/model.safetensors
finish
