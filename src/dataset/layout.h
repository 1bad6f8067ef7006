/* SPDX-License-Identifier: Apache-2.0 */
/* How the files of a data set are laid out in folders: one layout_*.c each, listed in dataset.c;
 * layout.c is what they share. */
#ifndef DATASET_LAYOUT_H
#define DATASET_LAYOUT_H

#include "dataset/dataset.h"
#include "dataset/problems.h"

struct layout {
    const char *name;
    const char *looks; /* what its folder holds, for "no data set here"; NULL: not what a newcomer
                          should make first */
    bool (*claims)(const char *path); /* a folder, or for those that are one file, that */
    /* Fills all of a data set but root and layout. */
    att_status (*open)(struct dataset *d, struct host *host, struct err *e);
};

extern const struct layout layout_pack, layout_csv, layout_msd, layout_nnunet, layout_bids,
    layout_busi, layout_plain, layout_flat, layout_folders;

/* Something is wrong with a case or a file: ATT_DATA with this sentence, or, where the data set
 * gathers problems, one more of them and ATT_OK.  d may be NULL. */
att_status layout_wrong(struct dataset *d, enum problem_kind kind, const char *file, struct err *e,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same of a warning about the whole set: said, or gathered. */
att_status layout_warn(
    struct dataset *d, enum problem_kind kind, const char *text, struct host *host, struct err *e);

bool layout_has_folder(const char *root, const char *name);
/* Whether a folder in a data set is a run, a search or a packed set, which attunet made there: no
 * part of the set. */
bool layout_is_run(const char *folder);

/* The image files of one folder, sorted by stem (the name without its ending). */
struct layout_file {
    char *stem, *path;
};
struct layout_files {
    struct layout_file *file;
    int count;
};
/* `ending`: ignores files with another one.  NULL: any format's; a file that no format claims is
 * ATT_DATA, but notes beside the images (.txt, .json, ...) and the samples of headers (.img, .raw,
 * ...) are ignored.  `d` gathers problems; may be NULL. */
att_status layout_list(struct dataset *d, const char *folder, const char *ending,
    struct layout_files *l, struct err *e);
/* The same for names that `wanted` takes; ignores all others. */
typedef bool layout_wanted_fn(const void *arg, const char *name);
att_status layout_list_wanted(struct dataset *d, const char *folder, layout_wanted_fn *wanted,
    const void *arg, struct layout_files *l, struct err *e);
void layout_files_free(struct layout_files *l);

/* Whether a case may be called so: results are, in folders of their own.  What a file says is
 * asked; names of files need not be. */
bool layout_id_good(const char *id);
#define LAYOUT_ID_BAD                                                                              \
    "\"%.80s\" cannot be the name of a case, since results are called like it; name it otherwise"
/* A new case at the end of the list; NULL when there is no memory. */
struct data_case *layout_add(struct dataset *d, const char *id, struct err *e);
void data_case_free(struct data_case *c);
/* Takes the last case away again. */
void layout_drop(struct dataset *d);
/* Sorts by id; two cases of one id are ATT_DATA. */
att_status layout_sort(struct dataset *d, struct err *e);
/* Gives every case the file of its id in `folder`, where the id may be followed by one of
 * `suffixes` (may be NULL).  A label without image, an image without label and a second label are
 * ATT_DATA.  Cases must be sorted. */
att_status layout_add_labels(struct dataset *d, const char *folder, const char *ending,
    const char *const *suffixes, struct err *e);
/* The name of the folder of labels in that of a data set, the one that training takes; NULL: there
 * is none. */
const char *layout_label_folder(const char *root);
/* What may follow the case's name in the name of a label; NULL-terminated. */
extern const char *const layout_label_suffixes[];
/* Whether a label of this stem is that of case `id`: it has the same name, or one of those suffixes
 * after it in any case, or the name of a first channel: a prediction of CASE_0000 is CASE. */
bool layout_is_label_of(const char *stem, const char *id);
/* The number in the last bytes of CASE_0000, as nnU-Net calls the files of channels, or -1;
 * `length`: of the stem. */
enum { LAYOUT_CHANNEL = 5 };
int layout_channel(const char *stem, size_t length);
/* Looks at the header of every file: sizes and channels must fit; finds d->dims, and d->channels
 * when it is 0. */
att_status layout_check(struct dataset *d, struct host *host, struct err *e);
/* What label values mean, and, where they have no names yet, what channels are called, for layouts
 * that do not say it: as a dataset.json in the set's folder says, or by reading all labels. */
att_status layout_describe(struct dataset *d, struct host *host, struct err *e);
/* A folder where masks lie beside their images: NAME_mask, or another of the suffixes, NAME_mask_1,
 * ... which are joined.  For layout_check. */
att_status layout_add_mixed(struct dataset *d, const char *folder, struct err *e);
/* What follows when all such folders are added: sorts, checks, finds the meaning, and says how many
 * labels are joined. */
att_status layout_open_mixed(struct dataset *d, struct host *host, struct err *e);
void layout_say_joined(const struct dataset *d, struct host *host);
bool layout_is_mixed(const char *folder); /* whether some file there is the mask of another */
/* The suffix at the end of a stem, with the number behind it, or NULL. */
const char *layout_find_suffix(const char *stem);
/* Adds the cases of a CSV as layout_csv reads them, without their labels, for which there need be
 * no column.  d has no root. */
att_status layout_csv_images(struct dataset *d, const char *path, struct host *host, struct err *e);

/* Whether a folder holds a folder per case, with so many images and perhaps a label, or, of 0, any
 * number and a label; and adds those cases as layout_folders.c reads them, without labels; what
 * they call their channels is in d->channel_name. */
bool layout_are_folders(const char *root, int images);
att_status layout_folders_images(struct dataset *d, const char *root, struct err *e);

/* Which label values occur, one bit each. */
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

/* The labels of dataset.json: names and values, regions, ignore.  `path` names the file in
 * sentences. */
att_status nnunet_labels(const json_t *root, const char *path, struct labelling *l, struct err *e);

#endif
