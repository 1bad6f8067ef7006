# SPDX-License-Identifier: Apache-2.0
# Begins a script that puts opencl_faults.c in front of the OpenCL of this machine, as $front.
. "$SOURCE/tests/cli/run.sh"

front=${FAULTS%/*}/libopencl_faults.so
"$ATTUNET" version --device opencl:0 >out.txt 2>err.txt </dev/null || {
    echo "SKIPPED: $(cat err.txt)"
    exit 77
}
[ -e "$front" ] || { echo "SKIPPED: CMake found no libOpenCL.so.1"; exit 77; }
if sanitized; then
    echo "SKIPPED: a sanitizer stands in front of dlopen itself"
    exit 77
fi
export POCL_CACHE_DIR="${POCL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pocl/kcache}"
