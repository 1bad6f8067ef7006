/* SPDX-License-Identifier: Apache-2.0 */
/* Data sets of the caller's memory. Paths that begin with "memory:" name them; the paths of their
 * images and labels are only names. Samples are borrowed until memory_free. */
#pragma once

#include <limits.h>

#include "base/host.h"
#include "dataset/dataset.h"

#define MEMORY_PREFIX "memory:"

struct memory_case {
    char *id, *group;       /* group NULL: none */
    struct image image;     /* with the caller's samples; no header */
    const uint16_t *labels; /* the caller's, on the grid of the image; NULL: none */
};

struct memory_set {
    struct memory_set *next; /* of a host */
    char *path;              /* "memory:NAME" */
    char *about;             /* the text of a dataset.json, or NULL */
    struct memory_case *cases;
    int count;
};

bool memory_named(const char *path); /* whether it begins with the prefix */
/* Whether a data set may be at `path`: it is in memory, or the file or folder exists. */
bool memory_or_file(const char *path);
/* realpath for data sets: those in memory keep their name. */
char *memory_full_path(const char *path, char full[PATH_MAX]);
/* The host's data set of this path, or NULL. */
const struct memory_set *memory_find(const struct host *host, const char *path);

/* about: NULL, or the text of a dataset.json. Free *s with memory_free, even after a failure. */
att_status memory_create(
    const char *path, const char *about, int count, struct memory_set **s, struct err *e);
/* id NULL: from its number. ATT_USAGE for a name that cannot be one. */
att_status memory_add(struct memory_set *s, const char *id, const struct image *m,
    const uint16_t *labels, const char *group, struct err *e);
/* Takes over `s`, in place of the host's set of that path; one without cases only removes. */
void memory_put(struct memory_set *s, struct host *host);
void memory_free(struct memory_set *s); /* NULL is fine */
void memory_free_all(struct host *host);

/* Adds cases as a layout does. */
att_status memory_open(
    const struct memory_set *s, struct dataset *d, struct host *host, struct err *e);

/* Read a case, from memory or its files. `k`: which file of the image. */
att_status case_load_image(const struct data_case *c, int k, struct image *m, struct err *e);
/* Without the check for NaN; *finite: it is known to pass. */
att_status case_load_samples(
    const struct data_case *c, int k, struct image *m, bool *finite, struct err *e);
att_status case_peek_image(const struct data_case *c, int k, struct image *m, struct err *e);
att_status case_load_labels(const struct data_case *c, struct labelmap *m, struct err *e);
att_status case_peek_labels(const struct data_case *c, struct image *m, struct err *e);
/* The same of a mask's path; its case in memory, or NULL. */
att_status memory_load_labels(
    const struct memory_case *c, const char *path, struct labelmap *m, struct err *e);
att_status memory_peek_labels(
    const struct memory_case *c, const char *path, struct image *m, struct err *e);
