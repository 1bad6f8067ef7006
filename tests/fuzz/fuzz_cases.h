/* SPDX-License-Identifier: Apache-2.0 */
/* A data set of a few names, without images, whose folder holds one file: the input. */
#ifndef FUZZ_CASES_H
#define FUZZ_CASES_H

#include "dataset/split.h"
#include "fuzz.h"

enum { FUZZ_CASES = 8 };

struct fuzz_cases {
    struct dataset d;
    struct fuzz_file input;
    char folder[40], file[80];
    struct data_case list[FUZZ_CASES];
    char id[FUZZ_CASES][16];
};

static inline void fuzz_cases_open(
    struct fuzz_cases *c, const char *name, const uint8_t *data, size_t size)
{
    static const char *const names[FUZZ_CASES] = {
        "a", "b", "c.d", "case_0001", "case_0002", "f g", "h", "i"};
    memset(c, 0, sizeof *c);
    c->input = fuzz_open(data, size);
    snprintf(c->folder, sizeof c->folder, "/tmp/attunet-fuzz-XXXXXX");
    if (!mkdtemp(c->folder)) abort();
    snprintf(c->file, sizeof c->file, "%s/%s", c->folder, name);
    if (symlink(c->input.path, c->file)) abort();
    for (int i = 0; i < FUZZ_CASES; i++) {
        snprintf(c->id[i], sizeof c->id[i], "%s", names[i]);
        c->list[i].id = c->id[i];
    }
    c->d.root = c->folder;
    c->d.cases = c->list;
    c->d.count = FUZZ_CASES;
}

static inline void fuzz_cases_close(struct fuzz_cases *c)
{
    if (unlink(c->file) || rmdir(c->folder)) abort();
    fuzz_close(c->input);
}

/* Every case trains, validates or neither. */
static inline void fuzz_check_split(struct split *s)
{
    int seen[FUZZ_CASES] = {0};
    for (int i = 0; i < s->ntrain; i++) seen[s->train[i]]++;
    for (int i = 0; i < s->nval; i++) seen[s->val[i]]++;
    for (int i = 0; i < FUZZ_CASES; i++)
        if (seen[i] > 1) abort();
    split_free(s);
}

#endif
