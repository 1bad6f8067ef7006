/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of a data set's files: one layout_*.c each, listed in dataset.c; layout.c has the common
 * part. */
#pragma once

#include "dataset/dataset.h"
#include "dataset/problems.h"

struct layout {
    const char *name;
    /* Contents of its folder, for "no data set here"; NULL: the message does not list it. */
    const char *looks;
    bool (*claims)(const char *path); /* a folder, or the file of file layouts */
    /* Fill all of a data set but root and layout. */
    att_status (*open)(struct dataset *d, struct host *host, struct err *e);
};

extern const struct layout layout_pack, layout_csv, layout_msd, layout_nnunet, layout_bids,
    layout_busi, layout_plain, layout_flat, layout_folders;

/* Report a problem of a case or file: ATT_DATA with this message, or added to the collected
 * problems with ATT_OK. d may be NULL. */
att_status layout_wrong(struct dataset *d, enum problem_kind kind, const char *file, struct err *e,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for a warning about the whole set: logged, or collected. */
att_status layout_warn(
    struct dataset *d, enum problem_kind kind, const char *text, struct host *host, struct err *e);

bool layout_has_folder(const char *root, const char *name);
/* True for a run, search or packed set inside a data set, which is not part of it. */
bool layout_is_run(const char *folder);

/* Image files of one folder, sorted by stem (name without ending). */
struct layout_file {
    char *stem, *path;
};
struct layout_files {
    struct layout_file *file;
    int count;
};
/* `ending`: ignore other files. NULL: any format's; ATT_DATA for unknown files, except notes (.txt,
 * .json, ...) and samples of headers (.img, .raw, ...). `d` collects problems; may be NULL. */
att_status layout_list(struct dataset *d, const char *folder, const char *ending,
    struct layout_files *l, struct err *e);
/* The same for names that `wanted` accepts; others are ignored. */
typedef bool layout_wanted_fn(const void *arg, const char *name);
att_status layout_list_wanted(struct dataset *d, const char *folder, layout_wanted_fn *wanted,
    const void *arg, struct layout_files *l, struct err *e);
void layout_files_free(struct layout_files *l);

/* True if a case may have this name, which results get; for names in files. */
bool layout_id_good(const char *id);
#define LAYOUT_ID_BAD                                                                              \
    "\"%.80s\" cannot be the name of a case, since results are called like it; name it otherwise"
/* Append a case; NULL: no memory. */
struct data_case *layout_add(struct dataset *d, const char *id, struct err *e);
/* The same, named by an image whose path it takes. */
struct data_case *layout_add_image(struct dataset *d, struct layout_file *image, struct err *e);
void data_case_free(struct data_case *c);
/* Remove the last case. */
void layout_drop(struct dataset *d);
/* Sort by id; ATT_DATA for duplicates. */
att_status layout_sort(struct dataset *d, struct err *e);
/* Assign labels in `folder` by id, optionally with one of `suffixes` (or NULL). ATT_DATA for
 * unmatched or second files. Cases must be sorted. */
att_status layout_add_labels(struct dataset *d, const char *folder, const char *ending,
    const char *const *suffixes, struct err *e);
/* Name of the label folder that training uses, or NULL. */
const char *layout_label_folder(const char *root);
/* Suffixes of label names after the case's; NULL-terminated. */
extern const char *const layout_label_suffixes[];
/* True if a label of this stem is case `id`'s: equal, or with one of those suffixes in any letter
 * case, or CASE for CASE_0000. */
bool layout_is_label_of(const char *stem, const char *id);
/* Channel number at the end of CASE_0000 (nnU-Net), or -1; `length`: of the stem. */
enum { LAYOUT_CHANNEL = 5 };
int layout_channel(const char *stem, size_t length);
/* Read every header: sizes and channels must fit; sets d->dims, and d->channels if 0. */
att_status layout_check(struct dataset *d, struct host *host, struct err *e);
/* Set the meaning of labels and names of channels from a dataset.json in the set's folder, or by
 * reading all labels; for layouts without them. */
att_status layout_describe(struct dataset *d, struct host *host, struct err *e);
/* Add a folder of images with masks NAME_mask, or another suffix, NAME_mask_1, ... which are
 * joined. For layout_check. */
att_status layout_add_mixed(struct dataset *d, const char *folder, struct err *e);
/* After all such folders: sort, check, find the meaning, and log how many labels are joined. */
att_status layout_open_mixed(struct dataset *d, struct host *host, struct err *e);
void layout_say_joined(const struct dataset *d, struct host *host);
bool layout_is_mixed(const char *folder); /* some file there is the mask of another */
/* The suffix at the end of a stem, with its number, or NULL. */
const char *layout_find_suffix(const char *stem);
/* Add the cases of a CSV (layout_csv.c) without labels; needs no label column or root. */
att_status layout_csv_images(struct dataset *d, const char *path, struct host *host, struct err *e);

/* True for a folder per case with so many images and perhaps a label, or for 0 any number and a
 * label; and add those cases (layout_folders.c) without labels, with channel names in
 * d->channel_name. */
bool layout_are_folders(const char *root, int images);
att_status layout_folders_images(struct dataset *d, const char *root, struct err *e);

/* Label values that occur, one bit each. */
enum { VALUES = 65536 };
struct values {
    uint64_t bits[VALUES / 64];
};
static inline void values_add(struct values *v, unsigned value)
{
    v->bits[value / 64] |= UINT64_C(1) << value % 64;
}
static inline bool values_have(const struct values *v, unsigned value)
{
    return v->bits[value / 64] >> value % 64 & 1;
}
int values_count(const struct values *v);

/* The labels of dataset.json: names and values, regions, ignore. `path` is for messages. */
att_status nnunet_labels(const json_t *root, const char *path, struct labelling *l, struct err *e);
