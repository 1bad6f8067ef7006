# SPDX-License-Identifier: Apache-2.0
# What is generated from the table of options: help, docs/options.md, manual pages, completion.
. "$SOURCE/tests/cli/run.sh"

try 0 generate commands
silent
cp out.txt names
[ "$(wc -l <names)" -ge 15 ]
say $? "all commands are named"

# ---- help: two examples or more, each of a command that there is
for name in $(cat names); do
    try 0 "$name" --help
    count=$(sed '1,/^Examples$/d' out.txt | grep -c '^  attunet ')
    [ "$count" -ge 2 ]
    say $? "$name --help has $count examples"
    sed '1,/^Examples$/d' out.txt | sed -n 's/^  attunet \([a-z]*\).*/\1/p' | grep -vxFf names |
        grep .
    [ $? -eq 1 ]
    say $? "$name: its examples name commands that there are"
done

# ---- docs/options.md
try 0 generate markdown
silent
# Words that an option chooses among end a row there, as (`a\|b`); help has them, too.
name= missing=0 found=0
while IFS= read -r line; do
    case $line in
    '## attunet '*)
        name=${line#*attunet }
        name=${name%% *}
        "$ATTUNET" "$name" --help | tr -s ' \n' ' ' >help.txt
        ;;
    esac
    for word in $(printf '%s\n' "$line" | sed -n 's/.*(`\([a-z0-9|\\-]*\)`) |$/\1/p' | tr -d '\\' |
        tr '|' ' '); do
        found=$((found + 1))
        grep -qF -- "$word" help.txt || { echo "#   $name --help lacks $word"; missing=1; }
    done
done <out.txt
[ $found -gt 80 ] && [ $missing = 0 ]
say $? "help names all $found words that options choose among"
cmp -s out.txt "$SOURCE/docs/options.md"
say $? "docs/options.md is what 'attunet generate markdown' prints: write it anew after a change \
of options"

# ---- the keywords of the Python package
try 0 generate python
silent
cmp -s out.txt "$SOURCE/python/attunet/_options.pyi"
say $? "python/attunet/_options.pyi is what 'attunet generate python' prints: write it anew after \
a change of options"
grep -q '^    max_memory: float | str$' out.txt && ! grep -q -- '--[a-z]' out.txt
say $? "and it names keywords"
if command -v python3 >/dev/null; then
    python3 -c 'import ast, sys; ast.parse(sys.stdin.read())' <out.txt
    say $? "and Python can read it"
fi

# ---- manual pages
for name in '' $(cat names); do
    try 0 generate man $name
    silent
    mv out.txt "attunet${name:+-$name}.1"
done
try 0 train --help
for flag in $(grep -oE '^  (-., )?--[a-z-]+' out.txt | grep -oE -- '--[a-z-]+'); do
    grep -qE "^\.It (Fl . , )?Fl ${flag#-}( |\$)" attunet-train.1 || echo "$flag"
done >missing
[ ! -s missing ]
say $? "every option of train stands in its page $(cat missing)"
if command -v mandoc >/dev/null; then
    mkdir -p man/man1
    cp attunet*.1 man/man1
    for page in man/man1/*; do MANPATH=$PWD/man mandoc -Tlint "$page"
    done | grep -v 'referenced manual not found: Xr attunet' >lint
    [ ! -s lint ]
    say $? "mandoc -Tlint has nothing to say"
    show lint
else
    echo "SKIPPED: no mandoc here, so manual pages are not checked by it"
fi
if command -v lexgrog >/dev/null; then
    lexgrog ./*.1 >/dev/null
    say $? "lexgrog finds a name and a line in every page"
else
    echo "SKIPPED: no lexgrog here (package man-db)"
fi
if command -v man >/dev/null && command -v groff >/dev/null; then
    for page in attunet*.1; do LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "$page" 2>>warnings \
        >"$page.txt"; done
    [ ! -s warnings ] && grep -q -- '--max-memory SIZE' attunet-train.1.txt
    say $? "man prints the pages without a warning"
else
    echo "SKIPPED: no man and groff here"
fi
try 2 generate man trian
err_is "unknown command 'trian'; did you mean train?"
try 2 generate perl
err_is "'perl' cannot be generated: choose man, bash, zsh, fish, markdown, python or commands"

# ---- completion: bash is asked as it asks itself
for shell in bash zsh fish; do
    try 0 generate $shell
    silent
    mv out.txt completion.$shell
done
if command -v bash >/dev/null; then
    cat >ask.sh <<'BASH'
. ./completion.bash
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_attunet
echo "${COMPREPLY[*]}"
BASH
    asked() { # ANSWER WORDS...
        answer=$1
        shift
        got=$(bash ask.sh "$@")
        [ "$got" = "$answer" ]
        say $? "bash completes $* to '$answer' (it said '$got')"
    }
    asked "train" attunet tra
    asked "plan pack predict phantom" attunet p
    asked "--scale --scale-probability --scale-axes --schedule" attunet train data --sc
    asked "poly" attunet train data --schedule po
    asked "constant" attunet train data --schedule = con
    asked "poly cosine constant" attunet train --schedule ''
    asked "yes no w h hw d dw dh" attunet train --mirror ''
    asked "" attunet train --steps ''
    asked "--overlay --overlap" attunet predict run --overl
    asked "evaluate" attunet help ev
    asked "ultrasound organs field signpost" attunet phantom ''
    asked "field" attunet phantom -o made fi
    asked "man bash zsh fish markdown python commands" attunet generate ''
    mkdir runs
    asked "runs" attunet predict ru
    asked "runs" attunet phantom organs ru
    asked "runs" attunet train data --output ru
    asked "runs" attunet train data -o ru
else
    echo "SKIPPED: no bash here, so its completion is not asked"
fi
if command -v zsh >/dev/null; then
    zsh -n completion.zsh
    say $? "zsh reads its completion"
    zsh -fc \
        'autoload -Uz compinit && compinit -u -d dump && source ./completion.zsh && [[ '\
'$_comps[attunet] == _attunet ]]'
    say $? "zsh completes attunet by it"
else
    echo "SKIPPED: no zsh here, so its completion is not read"
fi
if command -v fish >/dev/null; then
    HOME=$PWD XDG_CONFIG_HOME=$PWD fish --no-config -c \
        'source completion.fish; complete -C "attunet train data --schedule "' |
        cut -f1 >fish.txt 2>&1
    [ "$(sort fish.txt | tr '\n' ' ')" = "constant cosine poly " ]
    say $? "fish completes train --schedule to its choices"
    HOME=$PWD XDG_CONFIG_HOME=$PWD fish --no-config -c \
        'source completion.fish; complete -C "attunet eva"' | grep -q '^evaluate'
    say $? "fish completes a command"
    HOME=$PWD XDG_CONFIG_HOME=$PWD fish --no-config -c \
        'source completion.fish; complete -C "attunet phantom o"' | grep -q '^organs'
    say $? "fish completes a kind of phantoms"
else
    echo "SKIPPED: no fish here, so its completion is not asked"
fi
finish
