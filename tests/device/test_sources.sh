# SPDX-License-Identifier: Apache-2.0
# Kernels compile for a device without double and other extensions, with addresses of 32 and 64
# bits, whatever their options.
. "$SOURCE/tests/cli/run.sh"
command -v clang >/dev/null || {
    echo "SKIPPED: clang is missing"
    exit 77
}
compiles() { # SOURCE OPTIONS...
    source=$1
    shift
    cat "$SOURCE/src/device/common.cl" "$SOURCE/src/device/$source.cl" >all.cl
    for target in spir spir64; do
        clang -x cl -cl-std=CL1.2 -target $target -Xclang -finclude-default-header \
            -Xclang -cl-ext=-all -Wall -Wextra -Werror -Wno-unused -Wno-unused-parameter \
            -fsyntax-only -DLANES=16 -DGROUP=128 "$@" all.cl 2>err.txt
        say $? "$source.cl compiles for $target: $* $(head -1 err.txt)"
    done
}
for file in "$SOURCE"/src/device/*.cl; do
    name=${file##*/}
    case ${name%.cl} in
    common) ;;
    conv_gather)
        for back in 0 1; do
            compiles conv_gather -DGPU=1 -DBACK=$back -DMATRIX=0 -DMMA=0 -DHALF=$back \
                -DPLANAR=1 -DMORE=5 -DCOLUMN_BLOCKS=4 -DPIXELS=8 -DQUADS=2 -DACROSS=8
            compiles conv_gather -DGPU=1 -DBACK=$back -DMATRIX=1 -DMMA=0 -DHALF=1 \
                -DPLANAR=0 -DMORE=1 -DCOLUMN_BLOCKS=4 -DPIXELS=4 -DQUADS=4 -DACROSS=4
        done
        ;;
    conv_outer)
        compiles conv_outer -DGPU=1 -DMATRIX=0 -DMMA=0 -DHALF=0 -DPLANAR=1 -DSLOTS=16 \
            -DCOLUMN_BLOCKS=2 -DQUADS=2 -DACROSS=4
        compiles conv_outer -DGPU=1 -DMATRIX=1 -DMMA=0 -DHALF=1 -DPLANAR=0 -DSLOTS=16 \
            -DCOLUMN_BLOCKS=2 -DQUADS=2 -DACROSS=4
        ;;
    conv_ends) compiles conv_ends -DGPU=1 -DMATRIX=0 ;;
    *) compiles "${name%.cl}" ;;
    esac
done
finish
