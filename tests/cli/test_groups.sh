# SPDX-License-Identifier: Apache-2.0
# Patients in names: what a question prints keeps them together once pasted, and so does the command
# that says that there are none.
. "$SOURCE/tests/cli/run.sh"
. "$SOURCE/tests/cli/images.sh"

noise one.nii 8 8 4
halves half.nii 8 8 4
put() { # FOLDER NAME...
    folder=$1
    shift
    mkdir -p "$folder/images" "$folder/labels"
    for name in "$@"; do
        ln one.nii "$folder/images/$name.nii"
        ln half.nii "$folder/labels/$name.nii"
    done
}

# Pastes the options of the first question.
joins() { # GROUPS
    sed -n 's/.*; to keep them together, give \(--images.*\)/\1/p' err.txt | head -n 1 >option.txt
    [ -s option.txt ]
    say $? "$words: asks with an option"
    eval "set -- $1 $(cat option.txt)"
    count=$1
    shift
    try 0 info d --quick "$@"
    out_has "groups     $count, such as"
    unsaid "is one patient"
    rm -rf d
}

put d 1_A001_axial 2_A001_axial 3_A002_axial 4_A003_axial 5_A003_axial 10_A003_axial
try 0 info d --quick
said 'if "A001" is one patient'
joins 3
put d 1_A001 2_A001 1_A002 2_A002 1_A003 2_A003 1_A004 2_A004
try 0 info d --quick
said "--images 'images/{id}_{group}' --labels 'labels/{id}_{group}'"
joins 4
put d F01001 F01002 F01003 F02001 F02002 F03001 F03002 F03003
try 0 info d --quick
said "--images 'images/{group:3}{id}' --labels 'labels/{group:3}{id}'"
joins 3
put d ABa ABb ABx1 CDa CDb CDx1 EFa EFb
try 0 info d --quick
joins 3
put d A00101 A00102 A00201 A00202 A00301 A00302 A00401 A00402 A00501 A00502
try 0 info d --quick
out_has "groups     5 by the names of cases, such as A001 with 2 cases"
rm -r d

# Folders whose names a shell would change.
line=$(printf 'new\nline')
bytes=$(printf 'lat\351n')
for d in "a b" "it's \$HOME" "-x"; do
    for names in "P1_1 P1_2 P2_1 P2_2 P3_1 P3_2 P4_1 P4_2 P5_1 P5_2" "1_A1 2_A1 3_A2 4_A2"; do
        # shellcheck disable=SC2086
        put "./$d" $names
        try 0 info --quick -- "$d"
        sed -n 's/.*: \(echo image,group .*\)/\1/p' out.txt >command.sh
        sh -e command.sh && [ "$(cat "./$d/groups.csv")" = image,group ]
        say $? "$d: its command makes a list: $(cat command.sh)"
        try 0 info --quick -- "$d"
        unsaid "is one patient"
        out_has "groups     $(echo "$names" | wc -w), each on one side"
        rm -r "./$d"
    done
done
for d in "$line" "$bytes"; do
    put "$d" P1_1 P1_2 P2_1 P2_2 P3_1 P3_2 P4_1 P4_2 P5_1 P5_2
    try 0 info --quick -- "$d"
    out_has "a group of its own, write a groups.csv with the line image,group into its folder"
    rm -r "$d"
    put "$d" 1_A1 2_A1 3_A2 4_A2
    try 0 info --quick -- "$d"
    out_has "if there are none, write a groups.csv with the line image,group into its folder"
    rm -r "$d"
done
finish
