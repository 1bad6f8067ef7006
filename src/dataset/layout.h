/* SPDX-License-Identifier: Apache-2.0 */
/* How the files of a data set are laid out in folders: one layout_*.c each, listed in dataset.c; layout.c is what they share. */
#ifndef DATASET_LAYOUT_H
#define DATASET_LAYOUT_H

#include "dataset/dataset.h"

struct layout {
    const char *name;
    const char *looks; /* what its folder holds, for "no data set here"; NULL: nobody makes one by hand */
    bool (*claims)(const char *root);
    /* Fills all of a data set but root and layout. */
    att_status (*open)(struct dataset *d, struct log *log, struct err *e);
};

extern const struct layout layout_pack, layout_nnunet, layout_plain;

/* Whether a folder holds a file, or a folder, of this name. */
bool layout_has(const char *root, const char *name);
bool layout_has_folder(const char *root, const char *name);

/* The image files of one folder, sorted by stem (the name without its ending). */
struct layout_file {
    char *stem, *path;
};
struct layout_files {
    struct layout_file *file;
    int count;
};
/* `ending`: files with another one are passed over.  NULL: any format's; a file that no format claims is ATT_DATA, notes beside the images
 * (.txt, .json, ...) are passed over. */
att_status layout_list(const char *folder, const char *ending, struct layout_files *l, struct err *e);
void layout_files_free(struct layout_files *l);

/* A new case at the end of the list; NULL when there is no memory. */
struct data_case *layout_add(struct dataset *d, const char *id, struct err *e);
/* Sorts by id; two cases of one id are ATT_DATA. */
att_status layout_sort(struct dataset *d, struct err *e);
/* Gives every case the file of its id in `folder`, where the id may be followed by one of `suffixes` (may be NULL).  A label without image,
 * an image without label and a second label are ATT_DATA.  Cases must be sorted. */
att_status layout_add_labels(struct dataset *d, const char *folder, const char *ending, const char *const *suffixes, struct err *e);
/* What may follow the case's name in the name of a label; NULL-terminated. */
extern const char *const layout_label_suffixes[];
/* Looks at the header of every file: sizes and channels must fit; finds d->dims, and d->channels when it is 0. */
att_status layout_check(struct dataset *d, struct log *log, struct err *e);
/* Tells how far it is; ATT_INTERRUPTED when the caller wants to stop. */
att_status layout_progress(struct log *log, const char *what, int done, int total, struct err *e);

/* Which label values occur, one bit each. */
enum { VALUES = 65536 };
struct values {
    uint64_t bits[VALUES / 64];
};
static inline void values_add(struct values *v, unsigned value) { v->bits[value / 64] |= UINT64_C(1) << value % 64; }
static inline bool values_have(const struct values *v, unsigned value) { return v->bits[value / 64] >> value % 64 & 1; }
int values_count(const struct values *v);

/* "310x190" or "35x50x36": h, w or d, h, w, as flags take sizes.  Returns `text`. */
enum { SIZE_TEXT = 48 };
const char *layout_size_text(const int size[3], char text[SIZE_TEXT]);

/* The labels of dataset.json: names and values, regions, ignore.  `path` names the file in sentences. */
att_status nnunet_labels(const json_t *root, const char *path, struct labelling *l, struct err *e);

#endif
