#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A read of an option compiles only for a command that has it, and as the type that it has.
failed=0

# expect YES|NO EXPRESSION
expect() {
    printf '#include "base/options.h"\nlong check(const struct options *o);\n' >read.c
    printf 'long check(const struct options *o) { return (long)(%s); }\n' "$2" >>read.c
    answer=NO
    "$CC" -std=c11 -I"$SOURCE/src" -I"$SOURCE/include" -fsyntax-only read.c 2>errors && answer=YES
    [ "$answer" = "$1" ] && return
    echo "compiles: $answer, expected $1: $2"
    cat errors
    failed=1
}

expect YES 'options_real(o, train, clip)'
expect YES 'options_real(o, plan, clip)'
expect YES 'options_text(o, tune, fold) != NULL'
expect YES 'options_is_set(o, predict, overlap)'
expect YES '*OPTION_NAME(resume, steps)'
expect NO 'options_real(o, predict, clip)'           # of another command
expect NO 'options_is_set(o, train, overlap)'
expect NO '*OPTION_NAME(evaluate, steps)'
expect NO 'options_real(o, train, clap)'             # of none
expect NO 'options_int(o, train, clip)'              # of another type
expect NO 'options_real(o, train, steps)'
expect NO 'options_text(o, predict, mirror) != NULL' # a switch here, a choice of `train`
expect YES 'options_text(o, train, mirror) != NULL'
exit $failed
