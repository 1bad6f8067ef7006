# SPDX-License-Identifier: Apache-2.0
# Help, versions, settings, and every way to mistype.
. "$SOURCE/tests/cli/run.sh"

# ---- help is made from the tables and goes to stdout
try 0 --help
out_has "usage: attunet COMMAND [ARGUMENTS] [--flag value]"
out_has "  5  stopped by a signal; a training has saved its state, unless it had not begun"
silent
"$ATTUNET" generate commands >names.txt
while read -r command; do
    try 0 --help
    grep -q "^  $command  *[A-Za-z]" out.txt
    say $? "attunet --help: lists $command"
    try 0 $command --help
    out_has "usage: attunet $command"
    out_has "--threads N"
    silent
done <names.txt
try 0 help train
out_has "Examples"
cp out.txt help.txt
try 0 train -h
cmp -s out.txt help.txt
say $? "help train = train -h"
try 0 train --spec "arch=unet" --help
try 0 version
out_has "attunet 0.1.0"
try 0 --version
out_has "attunet 0.1.0"
try 0 version --json --isa ref --threads 2
out_is '{"version": "0.1.0", "isa": "ref", "matrix_unit": false, "threads": 2}'
try 2
no_output
said "usage: attunet COMMAND"

# ---- names
try 2 trian
err_is "unknown command 'trian'; did you mean train?"
try 2 help evalute
err_is "unknown command 'evalute'; did you mean evaluate?"
try 2 xyzzy
err_is "unknown command 'xyzzy'; 'attunet --help' lists the commands"
try 2 train data -o run --stpes 5
err_is "unknown option --stpes; did you mean --steps?"
try 2 train data -o run --confg f
err_is "unknown option --confg; did you mean --config?"
try 2 predict --fold 1
err_is "--fold is no option of 'predict', but of: train plan pack tune"
try 2 train data --no-fold
err_is "unknown option --no-fold; --fold takes a value: give one, or leave the option out"
try 2 resume run --lr 0.1
err_is "--lr is no option of 'resume', as a run keeps its settings; begin a new run with its \
weights: attunet train DATASET -o NEW --init RUN --lr X"
try 2 train -x
err_is "unknown option -x; 'attunet train --help' lists the options"

# ---- values
try 2 train data --batch 5000
err_is "--batch takes a whole number from 1 to 4096, not '5000'"
try 2 train data --batch
err_is "--batch needs a value: a whole number from 1 to 4096"
try 2 train data --schedule=never
err_is "--schedule takes one of poly|cosine|constant, not 'never'"
try 2 train data --mirror perhaps
err_is "--mirror takes one of yes|no|w|h|hw|d|dw|dh, not 'perhaps'"
try 2 train data --time soon
err_has "--time takes a time such as 90s, 15m or 2h"
try 2 train data --time "30 min"
err_is "--time takes a time such as 90s, 15m or 2h from 1 to 100000000 seconds, not '30 min'; \
leave out the space"
try 2 train data --time 30 min -o run
err_is "write --time 30min without the space"
try 2 train --max-memory 1.5 GiB data
err_is "write --max-memory 1.5GiB without the space"
try 2 train data --time 30 more -o run
err_has "too many arguments: 'more'"
: >min
try 2 train data --time 30 min -o run # a file
err_has "too many arguments: 'min'"
try 2 version --isa sse
err_is "--isa takes one of auto|ref|avx2|avx512, not 'sse'"
try 2 train data --batch 5000 --stpes 3 --lr nan -x --time soon
[ "$(cut -d ' ' -f 1-4 err.txt)" = "attunet: --batch takes a
attunet: unknown option --stpes;
attunet: --lr takes a
attunet: unknown option -x;
attunet: --time takes a" ]
say $? "all wrong options are reported at once"
try 2 bench --shape 12x
err_has "--shape"
try 7 bench --spec "arch=rnn"
err_has "arch=rnn in the network spec is unknown"

# ---- arguments
try 2 train
err_is "the argument DATASET is missing; usage: attunet train DATASET -o RUN"
try 2 train data
err_is "name a folder for the run; usage: attunet train DATASET -o RUN"
try 2 resume one two
err_is "too many arguments: 'two'; usage: attunet resume RUN"
try 6 info -- --json
err_has "--json does not exist"

# ---- settings: flags win over the file, wherever they stand
echo '{"steps": 7, "loss": "ce", "mirror": false}' >config.json
try 0 train --print-config --steps 9 --config config.json
out_has '"steps": 9'
out_has '"loss": "ce"'
out_has '"mirror": false'
cp out.txt printed.json
try 0 train --config printed.json --print-config
cmp -s out.txt printed.json
say $? "what --print-config prints is a configuration that means the same"
[ "$(grep -c : printed.json)" = 3 ]
say $? "and names nothing that was not asked for"
try 0 train --lr 0.00123456789012345 --print-config
out_has "0.00123456789012345"
try 0 train --no-mirror --print-config
out_has '"mirror": false'
try 0 resume run --steps +10 --print-config
out_has '"steps": "+10"'
cp out.txt printed.json
try 0 resume run --config printed.json --print-config
cmp -s out.txt printed.json
say $? "the plus sign stays"
echo '{"stpes": 7}' >config.json
try 2 train --config config.json
err_is "config.json: unknown option stpes; did you mean steps?"
echo '{"config": "other.json"}' >config.json
try 2 train --config config.json
err_is "config.json: a settings file cannot name another one (config); remove that"
echo '{"steps": 7' >config.json
try 2 train --config config.json
err_has "config.json: line 2 is not valid JSON"
# "-" is standard input
words="train --config -"
echo '{"steps": 11}' | "$ATTUNET" train --config - --print-config >out.txt 2>err.txt
say $? "$words"
out_has '"steps": 11'
echo '{"settings": {"steps": 12}}' | "$ATTUNET" train --plan=- --print-config >out.txt 2>err.txt
out_has '"steps": 12'
echo '{"stpes": 7}' | "$ATTUNET" train --config - >out.txt 2>err.txt
err_is "/dev/stdin: unknown option stpes; did you mean steps?"
try 0 plan data -o - --print-config
out_has '"json": true'
try 0 train data -o - --print-config
out_has '"output": "-"'
try 6 train --config missing.json
err_has "missing.json"

finish
