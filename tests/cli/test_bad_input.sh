# SPDX-License-Identifier: Apache-2.0
# Bad input gets one sentence and its exit code, and nothing is written.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

# A good data set of four cases, and a model of it.
fresh() {
    rm -rf data run
    mkdir -p data/imagesTr data/labelsTr
    for i in 1 2 3 4; do
        noise data/imagesTr/case${i}_0000.nii 16 16 8
        halves data/labelsTr/case$i.nii 16 16 8
    done
    cat >data/dataset.json <<'JSON'
{"channel_names": {"0": "MRI"}, "labels": {"background": 0, "front": 1}, "numTraining": 4, "file_ending": ".nii"}
JSON
}
train() { try "$1" train data -o run --steps 2 --batch 1 --patch 8x16x16 --spec "arch=attunet widths=4,8" --quiet; }

fresh
train 0
mv run good
cp -r good kept

# ---- data sets: info lists everything that is wrong with headers
fresh
try 0 info data
halves data/labelsTr/case2.nii 16 12 8
try 3 info data
err_is "data/labelsTr/case2.nii: its size is 8x12x16 where data/imagesTr/case2_0000.nii has 8x16x16; bring both to one grid"
echo nonsense >data/imagesTr/case4_0000.nii
try 3 info data
said "warning: data/labelsTr/case2.nii: its size is 8x12x16"
said "warning: data/imagesTr/case4_0000.nii"
said "2 of 4 cases of data cannot be used; the first: data/labelsTr/case2.nii"
try 6 train nowhere -o run
err_has "cannot open nowhere"
mkdir empty
try 3 train empty -o run
err_has "empty is no data set"
absent run

fresh
rm data/labelsTr/case3.nii
train 3
err_has "image data/imagesTr/case3_0000.nii has no label"
absent run

fresh
rm data/imagesTr/case3_0000.nii
train 3
err_has "label data/labelsTr/case3.nii has no image"
absent run

fresh
rm data/imagesTr/* data/labelsTr/*
train 3
err_has "holds no image"
absent run

fresh
halves data/labelsTr/case2.nii 16 15 8
train 3
err_has "data/labelsTr/case2.nii: its size is"
absent run

fresh
bytes data/labelsTr/case2.nii 292 '\000\000\240\101' # the sform puts it 20 mm to the side
train 3
err_has "data/labelsTr/case2.nii"
absent run

fresh
bytes data/labelsTr/case4.nii 400 '\007'
train 3
err_has "data/labelsTr/case4.nii: voxel (0,3,0) has the label value 7"
absent run

fresh
nifti data/imagesTr/case1_0000.nii 16 16 8 16
bytes data/imagesTr/case1_0000.nii 360 '\000\000\300\177' # NaN
train 3
err_has "data/imagesTr/case1_0000.nii"
absent run

fresh
bytes data/imagesTr/case1_0000.nii 42 '\377\177\377\177\377\177'
train 3
err_has "data/imagesTr/case1_0000.nii"
absent run

fresh
gzip data/imagesTr/* data/labelsTr/*
sed -i 's/"[.]nii"/".nii.gz"/' data/dataset.json
size=$(wc -c <data/imagesTr/case2_0000.nii.gz)
head -c $((size * 2 / 3)) data/imagesTr/case2_0000.nii.gz >cut.gz
mv cut.gz data/imagesTr/case2_0000.nii.gz
train 3
err_has "data/imagesTr/case2_0000.nii.gz"
absent run

fresh
echo '{"channel_names": {"0": "MRI"}' >data/dataset.json
train 3
err_has "data/dataset.json: line"
absent run

# ---- settings that do not fit the data
fresh
train 0
try 2 train data -o run --steps 2
err_has "run is not empty: choose a new folder"
gone=$(sh -c 'echo $$')
mkdir full
touch full/notes full/notes.tmp-$gone full/log.csv.tmp-$gone-0
try 2 train data -o full
err_has "full is not empty"
exists full/notes full/notes.tmp-$gone full/log.csv.tmp-$gone-0
try 2 train data -o new --fold 0 --train-list x --val-list y
err_has "give --fold or --val-list, not both"
try 2 train data -o new --fold most
err_is "--fold most: a number from 0 is needed, or all"
try 3 train data -o new --fold all
err_has "too few for 5 folds"
absent new
try 3 train data -o new --fold 0
err_has "too few for 5 folds"
try 2 train data -o new --steps 2 --epochs 2
err_has "give one of --time, --steps and --epochs"
try 2 train data -o new --loss dicy
err_has 'the loss "dicy" is unknown'
try 2 train data -o new --loss "focal(gamma=11)"
err_is "gamma=11 in the loss: a number from 0 to 10 is needed"
try 2 train data -o new --loss dice --class-weights 1,2
err_is "the loss dice takes no class weights; of all losses these do: ce, focal, topk"
try 2 train data -o new --class-weights 1,2,3
err_has "--class-weights"
try 7 train data -o new --spec "arch=attunet dims=3 widths=4,8 inn=1"
err_has "inn"
try 2 train data -o new --patch 16x
err_has "--patch 16x"
absent new

# ---- models
head -c $(($(wc -c <good/model.safetensors) / 2)) good/model.safetensors >half.safetensors
try 7 predict half.safetensors data/imagesTr -o out
err_has "half.safetensors"
absent out
echo "not a model" >text.safetensors
try 7 predict text.safetensors data/imagesTr -o out
err_has "text.safetensors"
try 6 predict missing.safetensors data/imagesTr -o out
err_has "missing.safetensors"
absent out
sed 's/widths=4,8/widths=4,9/g' good/model.safetensors >other.safetensors # the weights of another net
try 7 predict other.safetensors data/imagesTr -o out
err_has "other.safetensors: the weights are of another network: enc.1.conv1.weight"
absent out
try 7 predict data/imagesTr/case1_0000.nii good -o out
err_has "data/imagesTr/case1_0000.nii is an image where a model is needed: give a model file or a run folder first, then the images"
absent out
try 6 resume nowhere
err_has "nowhere"

# ---- images to predict
try 6 predict good missing.nii -o out
err_has "missing.nii"
nifti nan.nii 16 16 8 16
bytes nan.nii 360 '\000\000\300\177'
try 3 predict good nan.nii -o out
err_has "nan.nii"
try 2 predict good data/imagesTr -o out --window 16x16
err_has "--window 16x16 has two numbers, but the model is 3D"
mkdir scans
noise scans/scan.nii 16 16 8
cp scans/scan.nii before.nii
try 2 predict good scans -o scans
err_has "scans/scan.nii is an image to be predicted and would be overwritten"
cmp -s scans/scan.nii before.nii
say $? "the image is as it was"

# ---- memory: half a terabyte for one map
try 2 bench --loss ce
err_is "--loss is about training: add --train"
try 4 bench --shape 32768x32768
err_has "memory"

# ---- the run that served is untouched
diff -r good kept >/dev/null
say $? "the good run is as it was"

# ---- settings are JSON, which is UTF-8
odd=$(printf 'm\377')
try 2 predict run image.png -o "$odd"
err_has "is not UTF-8: give the file or folder another name"

finish
