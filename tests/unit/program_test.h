/* SPDX-License-Identifier: Apache-2.0 */
/* A script in the scratch folder stands in for a program. */
#ifndef PROGRAM_TEST_H
#define PROGRAM_TEST_H

#include <stdio.h>
#include <sys/stat.h>

#include "unit/expect.h"

static inline void put_program(const char *name, const char *script)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    assert_true(fputs(script, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(name, 0755), 0);
}

#endif
