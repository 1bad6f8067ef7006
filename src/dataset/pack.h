/* SPDX-License-Identifier: Apache-2.0 */
/* A packed data set: a folder of prepared cases, cut into chunks, from which training reads
 * patches; docs/pack.md has the format. FOLDER/pack.json names everything; FOLDER/cases and
 * FOLDER/prints hold a file per case, named by what it was made from. */
#ifndef DATASET_PACK_H
#define DATASET_PACK_H

#include <limits.h>

#include "dataset/fingerprint_case.h"
#include "files/file_at.h"

#define PACK_INDEX "pack.json"
#define PACK_READERS "readers" /* empty; locked by those who train on the set */

/* An image or a label that a case was made from; with the file in which its samples lie, where that
 * is another (dataset/companions.h): sizes and times are added up, and the hash is of both. */
struct pack_source {
    struct file_facts facts;
    uint64_t hash;
};

struct pack_case {
    struct pack_source *sources; /* its images, then its label */
    int nsources;
    bool packed;
    uint64_t file, print; /* names; of a packed case */
    uint32_t head;        /* bytes of its file that come before the chunks */
    int64_t bytes;        /* of its file */
    int size[3];
    float spacing[3];
    struct class_set present; /* the classes that have places */
};

/* Its cases are those of a data set, in the same order. */
struct pack {
    char *folder;
    bool making;         /* by `attunet pack`: not yet what a run may read */
    bool dry;            /* and nothing is written */
    char *source;        /* the data set's folder */
    json_t *preparation; /* how images were prepared, as a model has it */
    int chunk[3], level; /* of zstd; 0: plain */
    struct pack_case *cases;
    int count;
};

/* FOLDER/pack.json, and all of a data set but its root and layout: what does not fit together is
 * ATT_DATA.  `path` is the index. */
att_status pack_read(const char *path, struct dataset *d, struct pack *p, struct err *e);
/* The opposite; atomic. */
att_status pack_write(const struct pack *p, const struct dataset *d, struct err *e);
void pack_free(struct pack *p); /* NULL is fine; also what is in it */

/* Whether the cases' own files are there and whole, and the files that they were made from still
 * what they were: one that is not is ATT_DATA and named; of those that they were made from, how
 * many are not there becomes *missing. */
att_status pack_check(const struct pack *p, const struct dataset *d, int *missing, struct err *e);
/* The files of a case: its images, then what its label is made of (format/joined.h).  `room` holds
 * a name that is put together. */
int pack_source_count(const struct data_case *c);
const char *pack_source_path(const struct data_case *c, int k, char room[PATH_MAX]);
/* What is known of one without reading it; *there is false where the file is gone. */
att_status pack_source_facts(const char *path, struct file_facts *f, bool *there, struct err *e);
/* For a new pack: facts and hashes of all files of a case. */
att_status pack_take_sources(const struct data_case *c, struct pack_case *to, struct err *e);
/* A name for what is made from these files in the way that `how` says. */
uint64_t pack_name(const struct pack_case *c, const char *how);

enum { PACK_SIDE = 256 }; /* the longest side of a chunk */
/* What the file of a packed case begins with (feed/pack_case.h). */
struct pack_header {
    char magic[8];
    uint32_t bytes, crc; /* of the head, and of its bytes behind these */
    int32_t channels, size[3], chunk[3];
    float spacing[3];
    int32_t chunks, places, parts, part_places; /* how many */
    int32_t first[LABELLING_MAX + 1], part[LABELLING_MAX + 1];
};

enum pack_kind { PACK_CASE, PACK_PRINT };
/* The file of a name; NULL when there is no memory. */
char *pack_path(const struct pack *p, enum pack_kind kind, uint64_t name);
/* Removes files of cases that the index does not name. */
void pack_sweep(const struct pack *p);

/* What a fingerprint wants to know of a case: read, or, while the pack is made, measured and
 * written. */
att_status pack_print(
    const struct dataset *d, int index, int room, struct case_print *print, struct err *e);
/* Into and out of a file; `room` samples are there for each list.  print_save is atomic. */
att_status pack_print_load(
    const char *path, int channels, int classes, int room, struct case_print *print, struct err *e);
att_status pack_print_save(
    const char *path, int channels, int classes, const struct case_print *print, struct err *e);

#endif
