/* SPDX-License-Identifier: Apache-2.0 */
/* A packed data set: a folder of prepared cases in chunks, from which training reads patches;
 * docs/pack.md has the format. FOLDER/pack.json is the index; FOLDER/cases and FOLDER/prints have a
 * file per case, whose name is a hash of its sources. */
#pragma once

#include <limits.h>

#include "dataset/fingerprint_case.h"
#include "files/file_at.h"

#define PACK_INDEX "pack.json"
#define PACK_READERS "readers" /* empty; readers of the set lock it */

/* A source image or label; a companion (dataset/companions.h) adds to its size, time and hash. */
struct pack_source {
    struct file_facts facts;
    uint64_t hash;
};

struct pack_case {
    struct pack_source *sources; /* its images, then its label */
    int nsources;
    bool packed;
    uint64_t file, print; /* names; of a packed case */
    uint32_t head;        /* bytes before the chunks */
    int64_t bytes;        /* of its file */
    int size[3];
    float spacing[3];
    struct class_set present; /* classes with voxels */
};

/* Cases in the data set's order. */
struct pack {
    char *folder;
    bool making;         /* by `attunet pack`; not readable yet */
    bool dry;            /* in a dry run */
    char *source;        /* the data set's folder */
    json_t *preparation; /* of images, as in a model */
    int chunk[3], level; /* of zstd; 0: plain */
    struct pack_case *cases;
    int count;
};

/* Reads the index `path`, FOLDER/pack.json, into p and d, except root and layout. ATT_DATA if
 * inconsistent. */
att_status pack_read(const char *path, struct dataset *d, struct pack *p, struct err *e);
/* Writes it; atomic. */
att_status pack_write(const struct pack *p, const struct dataset *d, struct err *e);
void pack_free(struct pack *p); /* p may be NULL */

/* Checks that packed files are complete and sources unchanged, else ATT_DATA names one; *missing
 * counts missing sources. */
att_status pack_check(const struct pack *p, const struct dataset *d, int *missing, struct err *e);
/* Files of a case: its images, then the parts of its label (format/joined.h). `room`: for a
 * composed name. */
int pack_source_count(const struct data_case *c);
const char *pack_source_path(const struct data_case *c, int k, char room[PATH_MAX]);
/* Facts of a file without reading it; *there: whether it exists. */
att_status pack_source_facts(const char *path, struct file_facts *f, bool *there, struct err *e);
/* Facts and hashes of all files of a case, for a new pack. */
att_status pack_take_sources(const struct data_case *c, struct pack_case *to, struct err *e);
/* Hash of these files and of `how` a result is made: the result's name. */
uint64_t pack_name(const struct pack_case *c, const char *how);

enum { PACK_SIDE = 256 }; /* the longest side of a chunk */
/* Start of a packed case's file (feed/pack_case.h). */
struct pack_header {
    char magic[8];
    uint32_t bytes, crc; /* of the head, and of its bytes after these */
    int32_t channels, size[3], chunk[3];
    float spacing[3];
    int32_t chunks, places, parts, part_places; /* numbers */
    int32_t first[LABELLING_MAX + 1], part[LABELLING_MAX + 1];
};

enum pack_kind { PACK_CASE, PACK_PRINT };
/* The file of a name; NULL: no memory. */
char *pack_path(const struct pack *p, enum pack_kind kind, uint64_t name);
/* Remove case files that are not in the index. */
void pack_sweep(const struct pack *p);

/* A case's part of the fingerprint: reads it, or, while packing, measures and writes it. */
att_status pack_print(
    const struct dataset *d, int index, int room, struct case_print *print, struct err *e);
/* Read and write it; each list has `room` samples. pack_print_save is atomic. */
att_status pack_print_load(
    const char *path, int channels, int classes, int room, struct case_print *print, struct err *e);
att_status pack_print_save(
    const char *path, int channels, int classes, const struct case_print *print, struct err *e);
