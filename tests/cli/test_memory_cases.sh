# SPDX-License-Identifier: Apache-2.0
# --max-memory below what the cases of a data set take, for train and pack: none is loaded for
# nothing, the refusal names a limit that would do, and the process stays within a limit while cases
# are looked at, loaded and packed, on any number of threads.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

if sanitized; then echo "SKIPPED: a sanitizer has memory of its own"; exit 77; fi
[ -x /usr/bin/time ] || { echo "SKIPPED: there is no /usr/bin/time to tell a peak"; exit 77; }

enough() { sed -n 's/.*too small; .*, or --max-memory \([0-9]*MiB\)$/\1/p' err.txt; }
least_is() { sed -n 's/.*; give --max-memory \([0-9]*MiB\) or more.*/\1/p' err.txt; }

# Six cases of 1.5 MiB of voxels: 8 MiB each when it is ready, 15 MiB on the way.
mkdir -p data/images data/labels
noise data/images/case_0.nii 128 128 96
halves data/labels/case_0.nii 128 128 96
for i in 1 2 3 4 5; do
    cp data/images/case_0.nii "data/images/case_$i.nii"
    cp data/labels/case_0.nii "data/labels/case_$i.nii"
done

# EXIT LIMIT COMMAND...: ends so, and the process stays within the limit.
within() {
    wanted=$1 limit=$2
    shift 2
    /usr/bin/time -f %M -o peak.txt "$ATTUNET" "$@" --max-memory "$limit" >out.txt 2>err.txt \
        </dev/null
    [ "$?" -eq "$wanted" ]; say $? "attunet $1 --max-memory $limit: exit code $wanted"
    [ "$(tail -n 1 peak.txt)" -le $((${limit%MiB} * 1024)) ]
    say $? "attunet $1 --max-memory $limit took $(tail -n 1 peak.txt) KiB at most"
}

net="--spec widths=8,16 --patch 16x32x32 --batch 1 --steps 2 --spacing none --nonzero no --quiet"

# ---- all cases together are too many: that is said before they are loaded
within 4 44MiB train data -o never $net --threads 4
err_has "a packed set (attunet pack), whose cases stay in their files"
absent never
four=$(enough)
within 4 44MiB train data -o never $net --threads 1
one=$(enough)
[ $((${four%MiB} - ${one%MiB})) -le 4 ]
say $? "the limit that would do is about the same on one thread ($one) and on four ($four)"
within 0 "$four" train data -o run $net --threads 4
exists run/model.safetensors

# ---- turning a case takes a copy of it, which counts where less is left of the case then
within 4 31MiB train data -o never $net --shrink 2 --threads 1
straight=$(enough)
within 4 31MiB train data -o never $net --shrink 2 --threads 1 --orientation LPS
turned=$(enough)
[ "${turned%MiB}" -gt "${straight%MiB}" ]
say $? "cases that are turned want $turned, others $straight"

# ---- one case is too large by itself: that is said before it is looked at
within 4 20MiB train data -o never $net --threads 4
err_has "is too small: reading case case_0 takes the process to "
absent never

# ---- cases that validate are compared with those that train one at a time, too, and may be larger
mkdir -p uneven/images uneven/labels
for i in 1 2; do
    noise uneven/images/small_$i.nii 32 32 32
    halves uneven/labels/small_$i.nii 32 32 32
done
for i in 1 2 3 4 5 6; do
    ln -s ../../data/images/case_0.nii uneven/images/large_$i.nii
    ln -s ../../data/labels/case_0.nii uneven/labels/large_$i.nii
done
printf 'small_1\nsmall_2\n' >small.txt
printf 'large_%d\n' 1 2 3 4 5 6 >large.txt
within 4 30MiB train uneven -o never $net --train-list small.txt --val-list large.txt --threads 8
absent never

# ---- packing: with one case at a time
within 4 20MiB pack data -o packed $net --threads 4
err_has "is too small: reading case case_0 takes the process to "
within 4 34MiB pack data -o packed $net --threads 2
err_has "is too small: packing case case_0 takes the process to "
most=$(least_is)
within 0 "$most" pack data -o packed $net --threads 2
[ "${most%MiB}" -lt "${four%MiB}" ]
say $? "packing wants $most, training on what is not packed $four"
within 0 "$most" train packed -o run_packed $net --threads 2
try 0 pack data -o packed_free $net --threads 4
diff -r packed/cases packed_free/cases >/dev/null
say $? "the packed cases are those without a limit"
finish
