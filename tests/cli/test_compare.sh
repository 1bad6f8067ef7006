# SPDX-License-Identifier: Apache-2.0
# evaluate's results, and arms against each other.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

mkdir truth same other
for i in 1 2 3 4 5 6 7; do
    halves truth/c$i.nii 8 8 4
    cp truth/c$i.nii same/c$i.nii
    cp truth/c$i.nii other/c$i.nii
    # some voxels too few
    bytes other/c$i.nii $((352 + 3 * 64)) "\\000\\000\\000\\000\\000$(printf '\\000%.0s' $(seq $i))"
done

# ---- evaluate: numbers, columns, lists, the two files
try 0 evaluate same truth --metrics dice,hd95
out_has "HD95 mm"
out_has "1.0000"
grep -q NSD out.txt
[ $? -eq 1 ]
say $? "columns that were not asked for are not there"
try 2 evaluate same truth --metrics dice,hausdorff
err_has "'hausdorff' is not a metric"
printf 'c1\nc3.nii\n' >list.txt
try 0 evaluate other truth --cases list.txt --json
[ "$(grep -c '"case":' out.txt)" -eq 2 ]
say $? "two cases of the list"
printf 'c1\nc9\n' >list.txt
try 3 evaluate other truth --cases list.txt
err_has "there is no case 'c9'"
try 0 evaluate other truth --summary summary.json --choose-postprocess post.json --json
said "choose the post-processing, which is too few for other cases"
for option in summary report choose-postprocess; do
    try 6 evaluate other truth --$option nowhere/file.x
    err_is "cannot write nowhere/file.x because there is no folder nowhere; make it first"
done
try 2 evaluate other truth --metrics dice,hd95 --tolerance 2
err_is "--tolerance needs nsd in --metrics; add it, or leave out --tolerance"
try 2 evaluate other truth --ignore 0
err_is "--ignore is 0, but 0 is the background, which always counts; give the value of unlabelled \
voxels"
try 2 evaluate other truth --failure 0.2
err_is "--failure needs --report; add it"
try 0 evaluate other truth --metrics dice,nsd --tolerance 2 --json
try 0 evaluate other truth --summary summary.json --choose-postprocess post.json --json
grep -q '"foreground_mean"' summary.json && grep -q '"tried"' post.json
say $? "summary.json and post.json are written"
cp out.txt other.json
try 0 evaluate same truth --json
cp out.txt same.json
cp other.json again.json # of another seed

# ---- masks of other classes
mkdir thirds
for i in 1 2 3 4 5 6 7; do
    halves thirds/c$i.nii 8 8 4 '\003'
    bytes thirds/c$i.nii 360 '\005'
done
for i in 1 2 3 4 5 6 7; do bytes truth/c$i.nii 360 '\002'; done
try 0 evaluate thirds truth
said "no prediction has 1, which labels have, and no label has 3, which predictions have; check \
that these are the same classes"
for i in 1 2 3 4 5 6 7; do bytes truth/c$i.nii 360 '\000'; done
try 0 evaluate other truth
unsaid "check that these are the same classes"

# ---- what cannot be subtracted
for tolerance in 1 3; do
    try 0 evaluate other truth --json --tolerance $tolerance
    cp out.txt within$tolerance.json
done
try 3 compare a=within1.json b=within3.json --metric nsd
err_is "the tolerance is 1 in within1.json and 3 in within3.json; evaluate both with one \
--tolerance"
try 0 compare a=within1.json b=within3.json --metric hd95

# ---- compare
try 0 compare same=same.json other=other.json,again.json
out_has "seed spread"
out_has "7 cases, paired; test: wilcoxon"
out_has "0.0156" # 2 / 2^7
unsaid "no difference can reach"
out_has "fewer than 3 seeds"
try 0 compare same=same.json other=summary.json --metric iou --test permutation --markdown
out_has "|---:"
out_has "| other "
out_has "0.0156"
try 0 compare "a|b=same.json" other=other.json --markdown
out_has "| a\\|b "
try 0 compare same=same.json other=other.json --json --class foreground
out_has '"p_holm"'
printf 'c1\nc2\n' >list.txt
try 0 evaluate same truth --cases list.txt --json
cp out.txt few.json
try 3 compare all=same.json few=few.json
err_has "same.json has the case c3, which few.json lacks"
try 2 compare same.json other.json
err_has "is not an arm; write NAME=FILE"
try 2 compare same=same.json other=other.json,./other.json
err_has "arm other has the file ./other.json twice"
try 2 compare same=same.json
err_is "there is only one arm; give at least two to compare"
no_output
try 2 compare same=same.json same=other.json
err_is "all files belong to arm same, because files with one name are seeds; give the other arm \
another name"
try 2 compare same=same.json other=other
err_is "other is a folder; give its summary.json, or the JSON of an evaluation of its masks"
mkdir set
cp -r truth set/images
cp -r truth set/labels
try 3 compare same=same.json other=other.json --groups set
err_is "--groups set: the data set names no groups; write a groups.csv into it, or leave out \
--groups"
no_output
printf 'image,group\nc1,a\nc2,a\nc3,a\n' >set/groups.csv
try 0 compare same=same.json other=other.json --groups set
out_has "over their 5 groups"
out_has "with fewer than 10 groups, intervals are too narrow"
out_has "with fewer than 6 groups, no difference can reach p (Holm) < 0.05"
try 6 compare same=same.json other=other.json --groups nowhere
err_has "nowhere"
try 3 compare same=same.json post=post.json
err_has "post.json has no cases; give the JSON of an evaluation, or a summary.json"
finish
