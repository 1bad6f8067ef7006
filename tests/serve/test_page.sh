# SPDX-License-Identifier: Apache-2.0
# attunet view in a browser (walk.py); its screenshots lie in this test's folder.
. "$SOURCE/tests/cli/run.sh"
for program in python3 chromium; do
    command -v $program >/dev/null && continue
    echo "SKIPPED: there is no $program for the page"
    exit 77
done
if ! grep -q niivue.js "$(dirname "$ATTUNET")/attunet-serve" ||
    ! grep -q 'BSD 2-Clause' "$(dirname "$ATTUNET")/attunet-serve"; then
    echo 'SKIPPED: attunet-serve was built without the page (-DATTUNET_VIEWER=ON)'
    exit 77
fi

try 0 phantom ultrasound -o us --count 8 --unseen 1
try 0 phantom organs -o org --count 6 --unseen 1
try 0 train us -o slices --steps 40 --fold 0 --spec 'widths=4,8 gated=all' --patch 64x64 --batch 2 \
    --validate-every 0
try 0 train org -o volumes --steps 30 --fold 0 --spec 'dims=3 widths=3,4 gated=all' \
    --patch 24x24x24 --batch 1
cp us/unseen/images/unseen_0000.png image.png
cp org/unseen/images/unseen_0000.nii.gz image.nii.gz
try 0 predict volumes image.nii.gz -o masks
cp masks/image.nii.gz mask.nii.gz
axe=$(dirname "$ATTUNET")/viewer/axe.js
[ -f "$axe" ] || axe=
python3 "$SOURCE/tests/serve/walk.py" chromium "$ATTUNET" shots "$axe" >walk.txt 2>&1
say $? 'walk.py'
grep -v '^ok' walk.txt
[ -n "$axe" ] || echo '# SKIPPED: axe-core was not fetched'

try 2 view
err_is 'the argument RUN|MODEL|IMAGE is missing; usage: attunet view RUN|MODEL|IMAGE...'
try 2 view volumes --host 0.0.0.0
err_has '--host'
"$ATTUNET" view nowhere 2>err.txt
[ $? -eq 6 ]
say $? 'a path that is not there'
said 'attunet-serve: nowhere does not exist; check the path'
mkdir other
echo '{}' >other/dataset.json
"$ATTUNET" view volumes --datastore other 2>err.txt
[ $? -eq 2 ]
say $? 'the data set of another program is not written into'
said 'other/dataset.json is not a list of this program; give another --datastore'
echo words >address.txt
said_at_once() { # CODE TEXT WORDS...
    code=$1 text=$2
    shift 2
    "$ATTUNET" view --address-only "$@" >out.txt 2>err.txt </dev/null
    [ $? -eq "$code" ] && [ "$(cat err.txt)" = "attunet-serve: $text" ] && [ ! -s out.txt ]
    say $? "attunet view $*: $text"
    [ "$bad" -eq 0 ] || show err.txt
}
said_at_once 6 'cannot make --datastore /proc/kept: No such file or directory; give another' \
    image.png --datastore /proc/kept
# Who only looks needs no folder to write into.
image=$PWD/image.png
(cd /proc && exec "$ATTUNET" view --address-only "$image") >out.txt 2>err.txt &
child=$!
until [ -s out.txt ] || ! kill -0 $child; do sleep .1; done
kill $child
wait $child
said 'cannot make --datastore corrected: No such file or directory; give another; this page saves'
said_at_once 6 'cannot read --labels nowhere: No such file or directory' image.png --labels nowhere
said_at_once 2 '--masks mask.nii.gz is one file, but there are 2 cases; give a folder' \
    image.png image.nii.gz --masks mask.nii.gz
said_at_once 2 'no file in --masks org has the name of a case, such as image' image.png --masks org
said_at_once 3 "address.txt: not an image that attunet can read; give NIfTI, NRRD, MetaImage, NPY, \
PNG, JPEG, TIFF, BMP, PNM, GIF, WebP or JPEG 2000" image.png address.txt
: >none.png
said_at_once 3 'none.png is empty, or no file; give an image file' none.png
if [ -n "${MAKE_SERIES:-}" ]; then
    mkdir series
    "$MAKE_SERIES" series slices=4 rows=24 columns=24
    for path in series series/IM0; do
        text="$path is DICOM; write its series as NIfTI first, with attunet-dicom volume"
        said_at_once 3 "$text" volumes $path
    done
fi

mkdir bin
cat >bin/xdg-open <<'SH'
#!/bin/sh
stat -c %a "$1" >mode.txt
cat "$1" >opened.txt
echo "$1" >file.txt
SH
chmod +x bin/xdg-open
DISPLAY=:9 XDG_RUNTIME_DIR=$PWD PATH="$PWD/bin:$PATH" "$ATTUNET" view image.png --datastore fresh \
    >address.txt 2>err.txt &
server=$!
for _ in $(seq 600); do
    [ -s file.txt ] && break
    sleep .1
done
grep -q "url=$(cat address.txt)\"" opened.txt && [ "$(cat mode.txt)" = 600 ]
say $? 'on a desktop the page is opened, by a file that others cannot read'
grep -qx 'http://127.0.0.1:[0-9]*/#[0-9a-f]\{32\}' address.txt
say $? 'the address has a secret'
ignored=$(sed -n 's/^SigIgn:[[:space:]]*/0x/p' "/proc/$server/status")
[ $((ignored >> 16 & 1)) -eq 0 ]
say $? 'SIGCHLD is not ignored, so the server can wait for its children'
python3 -c 'import http.client, sys
place, _, token = sys.argv[1].partition("//")[2].partition("/#")
def ask(method, path, token, site="none"):
    c = http.client.HTTPConnection(place, timeout=60)
    c.request(method, path, b"{}" if method == "POST" else None,
              {"Authorization": "Bearer " + token, "Sec-Fetch-Site": site})
    answer = c.getresponse()
    print(path, site, answer.status, answer.read().decode()[:99].splitlines()[0])
ask("POST", "/activelearning/entropy", token)
ask("GET", "/cases", token[:-1])
ask("GET", "/case/0/image", "")
ask("GET", "/cases", token)
ask("GET", "/cases", token, "cross-site")
ask("GET", "/", "", "cross-site")' "$(cat address.txt)" >answer.txt 2>&1
grep -q '^/activelearning/entropy none 404.*no model' answer.txt
say $? 'without a model no image is uncertain, and the server lives'
[ "$(cut -d' ' -f1-3 answer.txt | tail -5 | tr '\n' ';')" = "/cases none 401;\
/case/0/image none 401;/cases none 200;/cases cross-site 403;/ cross-site 200;" ]
say $? 'only who knows the secret sees images; the file of the desktop leads to the page'
kill "$server"
wait "$server"
[ ! -e "$(cat file.txt)" ]
say $? 'and is gone with the server'
[ ! -e fresh ]
say $? 'so is a datastore without labels'
finish
