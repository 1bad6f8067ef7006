/* SPDX-License-Identifier: Apache-2.0 */
/* Whether parts of a data set number the same classes in different ways: 1 and 2 in some files, 100
 * and 200 in others. */
#pragma once

#include "dataset/layout.h"

/* Values that files share, by value; zeroed at first. */
struct codings {
    int root[VALUES], file[VALUES]; /* plus 1; a value of the same coding, the first file */
    bool shared;                    /* a value is in two files */
};

void codings_add(struct codings *c, const struct values *v, int file);
/* Writes what leaves a doubt: two or more codings without a common file, unless together they are
 * 1 to n, as numbers of classes are, not of cases. */
bool codings_differ(const struct codings *c, const struct dataset *d, char *text, size_t size);
