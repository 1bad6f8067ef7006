/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of src/format share: fixtures, a scratch folder, and the check that a file is
 * refused with the right words. */
#ifndef FORMAT_TEST_H
#define FORMAT_TEST_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "files/file.h"
#include "unit/expect.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char scratch[] = "/tmp/attunet-test-format-XXXXXX";

static int make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static inline int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *where)
{
    (void)s;
    (void)kind;
    (void)where;
    return remove(path);
}

static int remove_scratch(void **state)
{
    (void)state;
    return chdir("/") || nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void write_gzip(const char *name, const void *data, size_t size)
{
    gzFile f = gzopen(name, "wb9");
    assert_int_equal(gzwrite(f, data, (unsigned)size), size);
    assert_int_equal(gzclose(f), Z_OK);
}

/* A name that stays valid until the next call. */
static inline const char *fixture(const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/tests/fixtures/%s", TEST_SOURCE_DIR, name);
    return path;
}

static inline unsigned char *read_fixture(const char *name, size_t *size)
{
    char *data;
    OK(file_read(fixture(name), 1 << 20, &data, size, &e));
    return (unsigned char *)data;
}

/* Plainly: the thousand small files of a test need no fsync each. */
static inline void write_scratch(const char *name, const void *data, size_t size)
{
    unlink(name); /* some file systems flush a file that is truncated and written again */
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
}

static inline void assert_same_file(const char *a, const char *b)
{
    char *x, *y;
    size_t n, m;
    OK(file_read(a, 1 << 24, &x, &n, &e));
    OK(file_read(b, 1 << 24, &y, &m, &e));
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n);
    mem_free(x);
    mem_free(y);
}

#endif
