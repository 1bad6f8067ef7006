# SPDX-License-Identifier: Apache-2.0
# attunet serve: what it answers over sockets (drive.py), and what it refuses to start with.
. "$SOURCE/tests/serve/front.sh"

try 0 phantom ultrasound -o us --count 8 --unseen 1
try 0 phantom organs -o org --count 3 --unseen 1
try 0 train us -o slices --steps 40 --fold 0 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2 \
    --validate-every 0
try 0 train org -o volumes --steps 30 --spec 'dims=3 widths=3,4 gated=all' --patch 24x24x24 \
    --batch 1
cp us/unseen/images/unseen_0000.png image.png
cp org/unseen/images/unseen_0000.nii.gz image.nii.gz
try 0 predict slices image.png -o masks
try 0 predict volumes image.nii.gz -o masks
cp masks/image.png mask.png
cp masks/image.nii.gz mask.nii.gz

try 2 serve
err_is 'the argument [NAME=]MODEL is missing; usage: attunet serve [NAME=]MODEL...'
try 2 serve slices --port 99999
err_has '--port'
refuses() { # CODE TEXT WORDS...
    code=$1 text=$2
    shift 2
    "$ATTUNET" serve "$@" >out.txt 2>err.txt </dev/null
    [ $? -eq "$code" ] && [ "$(cat err.txt)" = "attunet-serve: $text" ] && [ ! -s out.txt ]
    say $? "attunet serve $*: $text"
    [ "$bad" -eq 0 ] || show err.txt
}
refuses 2 'other machines reach --host 0.0.0.0; give --token-file FILE, or leave --host out' \
    slices --host 0.0.0.0
refuses 2 "--host 'here' is no address; give one such as 127.0.0.1, ::1 or 0.0.0.0" \
    slices --host here
echo short >short
refuses 2 "the first line of the token file short has less than 16 letters; make a token with \
'openssl rand -hex 32'" slices --token-file short
printf '%0255d\n' 1 >long
refuses 2 "the first line of the token file long has more than 254 letters; make a shorter token \
with 'openssl rand -hex 32'" slices --token-file long
for site in localhost:3000 http://localhost:3000/ '*' https:// ftp://here; do
    refuses 2 "--allow-origin '$site' is no site; give one as browsers do, such as \
http://localhost:3000" slices --allow-origin "$site"
done
refuses 6 'nowhere does not exist; check the path' nowhere

# Without the program beside the command, or in PATH.
mkdir alone
cp "$ATTUNET" alone/
LD_LIBRARY_PATH=$(dirname "$ATTUNET") PATH=/nowhere alone/attunet serve slices 2>err.txt
[ $? -eq 6 ]
say $? 'without attunet-serve the exit code is 6'
said 'the program attunet-serve is not there; install the package attunet-serve'

if command -v systemd-analyze >/dev/null; then
    systemd-analyze security --no-pager --offline=true --threshold=19 \
        "$SOURCE/serve/attunet-serve.service" >unit.txt 2>&1
    say $? 'the exposure of the systemd unit is below 2 of 10'
fi

python3 "$SOURCE/tests/serve/drive.py" "$ATTUNET" >drive.txt 2>&1
say $? 'drive.py'
grep '^not ok' drive.txt
tail -n 3 drive.txt | sed 's/^/#   /'
finish
