/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of a data set's files: one layout_*.c each, listed in dataset.c; layout.c has the common
 * part. This is how dataset_open turns a folder into cases:
 *
 * 1. converted.c has DICOM series converted, and opens the result in place of the folder.
 * 2. dataset.c asks each layout whether it claims the folder. Other folders may look like a `loose`
 *    layout by chance; loose.c says whether it reads this one well.
 * 3. If no layout does, layout_found.c searches for pairs by name:
 *    a. tree.c lists all files; found.c repeats b to f with the files that are left.
 *    b. pairing.c compares names word by word (names_tokens.c, pairing_index.c). A `struct
 *       transform` is two patterns (pattern.h), and the files that fit both.
 *    c. pairing_links.c finds the label's side, by words (pairing_words.c) and contents.c.
 *    d. pairing_choose.c gathers the files of a case in a `struct portion`; pairing_slots.c chooses
 *       labels, pairing_images.c channels, and pairing_overlap.c compares voxels.
 *    e. found_objects.c reads mask files of single objects: found_names.c finds the image in the
 *       name of a mask, found_families.c the names that differ in a number alone.
 *    f. pairing_texts.c writes patterns for people; found_options.c tries those that a question
 *       offers; found_parts.c, found_rare.c and counting.c ask where patterns may be wrong.
 *    g. reading.c parses patterns, and paired.c joins the files that fit them. The settings
 *       `images` and `labels` begin here.
 * 4. All layouts end as layout_finish does: groups_names.c finds groups in names, groups_twins.c
 *    in those of several folders, layout_check.c checks headers, layout_meaning.c decides what
 *    values mean.
 * 5. info then reads all voxels (check.c, check_case.c) and lists the problems (problems.h). */
#pragma once

#include "dataset/dataset.h"
#include "dataset/pattern.h"
#include "dataset/problems.h"

struct layout {
    const char *name;
    /* Contents of its folder, for the message "not a data set"; NULL: not listed there. */
    const char *contents;
    bool loose; /* folders that it claims may be read better by their files' names */
    bool (*claims)(const char *path); /* a folder, or the file of file layouts */
    /* Fills all of a data set but root and layout. */
    att_status (*open)(struct dataset *d, struct host *host, struct err *e);
    /* Adds the images of a folder as cases without labels, and logs what it leaves aside; *fit: it
     * has some. NULL: only their names and folders tell them. */
    att_status (*images)(
        struct dataset *d, const char *root, bool *fit, struct host *host, struct err *e);
};

extern const struct layout layout_pack, layout_csv, layout_msd, layout_nnunet, layout_bids,
    layout_plain, layout_flat, layout_folders;

/* Reports a problem of a case or file: fails with ATT_DATA, or, while collecting, adds to the
 * problems and returns ATT_OK. d may be NULL. */
att_status layout_wrong(struct dataset *d, enum problem_kind kind, const char *file, struct err *e,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Logs or collects a warning about the whole set. */
att_status layout_warn(struct dataset *d, enum problem_kind kind, struct host *host, struct err *e,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

bool layout_has_folder(const char *root, const char *name);
/* True for a run, search or packed set inside a data set, which is not part of it. */
bool layout_is_run(const char *folder);

/* Whether a folder, but no run, holds files that are named as images. */
att_status layout_holds_images(const char *folder, bool *holds, struct err *e);

/* Whether a file below is named as a label of BIDS, or as a mask, which may be of a brain. */
bool layout_bids_labelled(const char *root);

/* Image files of one folder, sorted by stem (name without ending). */
struct layout_file {
    char *stem, *path;
};
struct layout_files {
    struct layout_file *file;
    int count;
};
/* Lists files with this ending. NULL: with any format's; then ATT_DATA for unknown files, except
 * notes (.txt, .json, ..., and texts such as README) and samples of headers (.img, .raw, ...). `d`
 * collects problems; may be NULL. */
att_status layout_list(struct dataset *d, const char *folder, const char *ending,
    struct layout_files *l, struct err *e);
/* The same, but ignores names that `wanted` (or NULL) rejects. */
typedef bool layout_wanted_fn(const void *arg, const char *name);
att_status layout_list_wanted(struct dataset *d, const char *folder, const char *ending,
    layout_wanted_fn *wanted, const void *arg, struct layout_files *l, struct err *e);
void layout_files_free(struct layout_files *l);
/* Some are pictures, others volumes: pictures of the screen, or previews. */
bool layout_has_previews(const struct layout_files *l);

/* Whether a case may have this name, which names its result files. */
bool layout_id_good(const char *id);
#define LAYOUT_ID_BAD                                                                              \
    "\"%.80s\" cannot be the name of a case, because result files get it; choose another name"
/* Appends a case; NULL: no memory. */
struct data_case *layout_add(struct dataset *d, const char *id, struct err *e);
/* The same, with the name of an image; takes over its path. */
struct data_case *layout_add_image(struct dataset *d, struct layout_file *image, struct err *e);
/* A name for models, plans and packs: valid UTF-8, cut between letters. */
att_status layout_tidy_name(const char *raw, char name[LABELLING_NAME], struct err *e);
void layout_forget_names(struct dataset *d); /* of channels */
void data_case_free(struct data_case *c);
/* Removes the last case. */
void layout_drop(struct dataset *d);
/* Sort by id; ATT_DATA for duplicates. */
att_status layout_sort(struct dataset *d, struct err *e);
/* Gives each label in `folder` to the case of its name, which one of `suffixes` (or NULL) may
 * follow. ATT_DATA for labels without a case and second labels. Cases must be sorted. */
att_status layout_add_labels(struct dataset *d, const char *folder, const char *ending,
    const char *const *suffixes, struct err *e);
/* "7" and "007" are one case, if no other case from `first` on is this number and its labels have
 * one name. owner[i] becomes the case of label i, or stays. */
att_status layout_match_numbers(const struct dataset *d, int first, const struct span *name,
    int count, int *owner, struct err *e);
/* For the message about a label without an image: as many images have no label, and perhaps other
 * numbers; or "". Owners are the labels' cases, from `first` on, or -1. */
enum { LAYOUT_SHIFT = 512 };
att_status layout_find_shift(const struct dataset *d, int first, const int *owner, int labels,
    char text[LAYOUT_SHIFT], struct err *e);
/* Drops the cases without a label, of which a warning names the first; ATT_DATA if all lack one. */
att_status layout_drop_unlabelled(struct dataset *d, struct host *host, struct err *e);
/* That warning, of `count` of `all` images; or the error, in a strict set. `names`: of the first;
 * label: where that of the first could be, or "". */
enum { LAYOUT_NAMED = 3 };
att_status layout_say_unlabelled(struct dataset *d, int count, int all,
    const char *const names[LAYOUT_NAMED], const char *label, struct host *host, struct err *e);
/* Name of the label folder that training reads, or NULL. */
const char *layout_label_folder(const char *root);
/* Suffixes of label names after the case's; NULL-terminated. */
extern const char *const layout_label_suffixes[];
/* Whether a label of this stem is case `id`'s: ID, ID_0000, or ID with one of those suffixes in any
 * letter case. */
bool layout_is_label_of(const char *stem, const char *id);
/* Channel number at the end of CASE_0000 (nnU-Net), or -1; `length`: of the stem. */
enum { LAYOUT_CHANNEL = 5 };
int layout_channel(const char *stem, size_t length);
/* Read every header: sizes and channels must fit; sets d->dims, and d->channels if 0. */
att_status layout_check(struct dataset *d, struct host *host, struct err *e);
/* Sets the meaning of labels and the names of channels from a dataset.json in the set's folder, or
 * by reading all labels; for layouts that state neither. */
att_status layout_describe(struct dataset *d, struct host *host, struct err *e);
/* The same for the text of a dataset.json; NULL: there is none. */
att_status layout_describe_as(
    struct dataset *d, const char *text, struct host *host, struct err *e);
/* What follows where cases are sorted and have their labels: drops those without one, groups by
 * names, checks headers, finds the meaning. */
att_status layout_finish(struct dataset *d, struct host *host, struct err *e);
int layout_count_joined(const struct dataset *d); /* cases with several masks */
void layout_say_joined(const struct dataset *d, struct host *host);
bool layout_is_mixed(const char *folder); /* whether some file there is the mask of another */
/* The suffix at the end of a stem, with its number, or NULL. */
const char *layout_find_suffix(const char *stem);
/* Whether the name of a column is that of patients, or also of lesions, studies, ... */
bool layout_csv_names_people(const char *column, bool things);

/* Adds the cases of a CSV (layout_csv.c) without labels; needs no label column or root. */
att_status layout_csv_images(struct dataset *d, const char *path, struct host *host, struct err *e);

/* Whether root has a folder per case with so many images and perhaps a label; for 0, with any
 * number of images and a label (layout_folders.c). The second function adds those cases without
 * labels, and names channels. */
bool layout_are_folders(const char *root, int images);
/* Whether it is the folder of one case, with so many images and a label; and that case, named as
 * the folder, without the label. */
bool layout_is_case(const char *folder, int images);
att_status layout_case_images(
    struct dataset *d, const char *folder, struct host *host, struct err *e);
att_status layout_folders_images(struct dataset *d, const char *root, struct err *e);

/* A set of label values. */
enum { VALUES = 65536 };
struct values {
    uint64_t bits[VALUES / 64];
};
static inline void values_add(struct values *v, unsigned value)
{
    v->bits[value / 64] |= UINT64_C(1) << value % 64;
}
static inline void values_drop(struct values *v, unsigned value)
{
    v->bits[value / 64] &= ~(UINT64_C(1) << value % 64);
}
static inline bool values_have(const struct values *v, unsigned value)
{
    return v->bits[value / 64] >> value % 64 & 1;
}
int values_count(const struct values *v);
int values_highest(const struct values *v); /* -1: empty */

/* The labels of dataset.json: names and values, regions, ignore. `path` is for messages. */
att_status nnunet_labels(const json_t *root, const char *path, struct labelling *l, struct err *e);
