/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two runs, or what holds runs, have come to the same; for test_faults.c. */
#ifndef FAULT_SAME_RUN_H
#define FAULT_SAME_RUN_H

#include "unit/train/train_test.h"

/* The column of a log with this name; -1: it has none. */
static int column_of(const char *host, const char *name)
{
    int column = 0;
    const char *found = strstr(host, name);
    for (const char *at = host; found && at < found; at++) column += *at == ',';
    return found ? column : -1;
}

/* What rows of a log hold but for times: the step of each, and which columns have a value. */
static void keep_rows(char *host)
{
    char *to = host;
    int column = 0;
    bool filled = false;
    const int share =
        column_of(host, "sampling_share"); /* of a time that may be 0, and then it has none */
    for (const char *at = host; *at; at++) {
        const bool ends = *at == ',' || *at == '\n';
        if (ends || column == 0)
            *to++ = *at;
        else if (!filled && column != share)
            *to++ = '#';
        filled = !ends;
        column = *at == '\n' ? 0 : column + (*at == ',');
    }
    *to = 0;
}

static bool same_rows(const char *a, const char *b)
{
    char *x, *y;
    size_t n;
    OK(file_read(a, 1 << 20, &x, &n, &e));
    OK(file_read(b, 1 << 20, &y, &n, &e));
    keep_rows(x);
    keep_rows(y);
    const bool same = !strcmp(x, y);
    mem_free(x);
    mem_free(y);
    return same;
}

/* What both have learnt, or written of it. */
static bool same_file(const char *a, const char *b)
{
    if (file_exists(a) != file_exists(b) || !file_exists(a))
        return file_exists(a) == file_exists(b);
    return file_ends(a, ".csv") ? same_rows(a, b) : !other_tensors(a, b);
}

static bool same_run(const char *a, const char *b)
{
    static const char *const names[] = {"model.safetensors", "checkpoint.safetensors",
        "coarse/model.safetensors", "fine/model.safetensors", "fold_0/model.safetensors",
        "fold_1/model.safetensors", "best/model.safetensors", "best/checkpoint.safetensors",
        "log.csv"};
    for (int i = 0; i < COUNT(names); i++) {
        char *x = file_join(a, names[i]), *y = file_join(b, names[i]);
        const bool same = same_file(x, y);
        mem_free(x);
        mem_free(y);
        if (!same) return false;
    }
    return true;
}

#endif
