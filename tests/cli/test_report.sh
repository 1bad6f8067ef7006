# SPDX-License-Identifier: Apache-2.0
# Reports: written by train, by evaluate and anew; what names cannot do to them; what is refused.
. "$SOURCE/tests/cli/run.sh"

page_has() { if grep -qF -- "$2" "$1"; then ok "$1 has $2"; else not_ok "$1 lacks $2"; fi; }
page_lacks() { if grep -qF -- "$2" "$1"; then not_ok "$1 has $2"; else ok "$1 lacks $2"; fi; }

try 0 phantom ultrasound -o data --count 10 --unseen 2 --quiet
# A name that would be markup, beside plain ones.
evil='<img src=x onerror=alert(1)>&"'
for kind in images labels; do mv data/$kind/case_0003.png "data/$kind/$evil.png"; done
ls data/images | sed 's/\.png$//' | grep -v 'case_000[0-4]' >val.txt
ls data/images | sed 's/\.png$//' | grep 'case_000[0-4]' >train.txt
try 0 train data -o run --train-list train.txt --val-list val.txt --spec \
    "arch=attunet widths=4,8,8 gated=all" --resize 48x48 --batch 2 \
    --steps 6 --validate-every 3 --quiet
silent
exists run/report.html run/run.json
page_has run/report.html "default-src 'none'; img-src data:"
page_has run/report.html "attunet train data -o run"
page_has run/report.html '&lt;img src=x onerror=alert(1)&gt;&amp;&quot;'
page_lacks run/report.html '<img src=x'
page_lacks run/report.html '<script'
page_lacks run/report.html 'http://'
page_lacks run/report.html 'https://'
for part in Failures "Scores" "Pictures of cases" "Attention gates" "Volumes against the truth" \
    "Training curves" "The run" "Time and memory" "Every case"; do page_has \
    run/report.html "$part</h2>"; done
page_has run/report.html "map of gate.0, the truth in cyan"
page_has run/report.html "a prior for the centre"
page_has run/report.html "hash of the data"
[ "$(grep -o '<img ' run/report.html | wc -l)" -eq $((5 * 6)) ]
say $? "five cases of six pictures: image, truth, prediction, error, two maps"
[ "$(wc -c <run/report.html)" -lt 5242880 ]; say $? "less than 5 MiB"

# ---- anew
try 0 report run -o anew.html --failure 1
said "the report is anew.html"
page_has anew.html "map of gate.0, the truth in cyan"
page_has anew.html "6 of 6 cases: a class is missing or spurious, or its Dice is below 1."
try 0 report run --quiet -o again.html --failure 1
body() { sed 's/<tr><th scope="row">reports.*//' "$1"; }
body anew.html >a.txt && body again.html >b.txt
cmp -s a.txt b.txt; say $? "the same page twice"
mv data moved
try 6 report run
err_has "attunet report run --data PATH"
try 0 report run --data moved --quiet -o moved.html
page_has moved.html "Failures</h2>"
try 0 report run --data moved --quiet -o moved2.html --failure 1
body moved2.html >b.txt
cmp -s a.txt b.txt; say $? "the same page from where the data set is now"
mv moved data

# ---- cases that belong together
printf 'image,group\ncase_0005,1\ncase_0006,1\ncase_0007,1\n' >data/groups.csv
try 0 report run --quiet -o groups.html
page_has groups.html "bootstrap resamples of the groups of the data set"
page_has groups.html ", from few groups"
page_has moved.html ", from few cases"
page_lacks moved.html "groups"
rm data/groups.csv

# ---- masks alone
try 0 evaluate run/validation data/labels --cases val.txt --report masks.html --quiet
page_has masks.html "Report of validation"
page_has masks.html "image of case"
page_lacks masks.html "Training curves"
(cd run && "$ATTUNET" evaluate validation ../data/labels --cases ../val.txt --report \
    ../within.html --quiet >/dev/null)
page_has within.html "image of case"
page_has run/report.html 'href="#cost"'
cp -r data/labels lonely
try 0 evaluate run/validation lonely --cases val.txt --report lonely.html --metrics dice --quiet
page_has lonely.html "truth of case"
page_lacks lonely.html "image of case"
page_lacks lonely.html "HD95 of every case"

# ---- without gates, without faults
try 0 train data -o plain --train-list train.txt --val-list val.txt --spec "arch=unet widths=4,8" \
    --resize 48x48 --batch 2 --steps 2 --quiet
page_lacks plain/report.html "Attention gates"
mkdir none
for f in data/labels/case_0005.png; do cp "$f" none/; done
try 0 evaluate none/case_0005.png data/labels/case_0005.png --report perfect.html --quiet
page_has perfect.html "No failure in 1 case:"

# ---- volumes stand upright though only their masks' headers say how the patient lies
. "$SOURCE/tests/cli/images.sh"
mkdir volumes
halves volumes/a.nii 12 10 8
try 0 evaluate volumes/a.nii volumes/a.nii --report upright.html --quiet
page_has upright.html "axial, slice"
bytes volumes/a.nii 254 '\000\000' # no form
try 0 evaluate volumes/a.nii volumes/a.nii --report stored.html --quiet
page_has stored.html "xy, slice"

# ---- stopped, and what is refused
try 0 train data -o all --spec "arch=unet widths=4,8" --resize 48x48 --batch 2 --steps 4 --quiet
page_has all/report.html "Training curves"
page_lacks all/report.html "Every case</h2>"
try 6 report nowhere
err_has "nowhere"
try 3 report data
err_is "data is not a run, because it has no settings.json; give the folder of a run"
cp -r run broken && echo '{' >broken/settings.json
try 3 report broken
err_has "broken/settings.json"
try 6 report run -o nowhere/page.html
err_has "nowhere/page.html"
try 2 report
err_is "the argument RUN is missing; usage: attunet report RUN [-o FILE]"
try 2 report run --failure 2
absent nowhere
finish
