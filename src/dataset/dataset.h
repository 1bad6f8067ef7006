/* SPDX-License-Identifier: Apache-2.0 */
/* A data set on disk: which cases there are, where their images and labels lie, and what they mean.
 * Opening one reads the files' headers, and samples only of labels that nothing else explains. */
#ifndef DATASET_DATASET_H
#define DATASET_DATASET_H

#include "base/host.h"
#include "base/pool.h"
#include "dataset/labelling.h"
#include "image/orient.h"

enum { DATASET_CHANNELS = 16 };
#define RUN_LOCK                                                                                   \
    "lock" /* lies in every folder that attunet works in: runs, searches, packed sets */

struct data_case {
    char *id;
    char *image[DATASET_CHANNELS]; /* one file per channel, or one file with all */
    int nimages;
    char *label; /* NULL: unlabelled; may be several masks that are joined (format/joined.h) */
    char *group; /* that the layout names (a subject, a column); NULL: none */
    int fold;    /* that the layout names, if dataset.has_folds: from 0, or one of those below */
    char axes[ORIENT_TEXT]; /* of a volume, by the header of its first file: orient_name; "" in a
                               packed set */
    bool oblique;           /* it would not be turned */
    double samples;         /* voxels of all channels, as its headers say; 0 in a packed set */
    bool bad;               /* its headers do not fit; only where problems are gathered */
};
enum { FOLD_TRAIN = -1, FOLD_OUT = -2 }; /* never validates; takes no part */
enum { FOLDS_MOST = 1000 };              /* more are refused, and not counted in runs */

struct dataset {
    char *path, *root;  /* as it was given; its folder, which is the same unless a CSV was given */
    const char *layout; /* "nnU-Net raw", "images and labels", "packed", ... */
    bool has_groups, has_folds;
    bool numbered; /* its labels number objects, which are one class */
    bool two_ways; /* some of its masks are of 0 and 1, others of 0 and 255: one class */
    bool absolute; /* its list names files by absolute paths */
    bool listing;  /* only which files there are is wanted: no image and no label is looked at */
    struct problems *problems; /* where what is wrong is gathered instead of ending the opening
                                  (problems.h); mostly NULL */
    float voxel[3];            /* mm that all voxels have, whatever the files say; 0: as they say */
    char axes[ORIENT_TEXT]; /* volumes are turned to these when they are loaded (orient.h); "": they
                               stay as they are stored */
    int channels, dims;     /* dims: 2 when every image has one slice */
    char *channel_name[DATASET_CHANNELS];
    struct labelling labels;
    struct data_case *cases; /* sorted by id */
    int count;
    struct class_set *present; /* which classes each case shows, once dataset_find_present has
                                  looked; else NULL */
    bool sparing; /* cases are looked at one at a time, in the caller's thread: what one took is
                     back before the next */
    struct pack *pack; /* of a packed set (pack.h), whose images and labels are those it was made
                          from; else NULL */
};

/* Opens a folder, or a CSV, of one of the layouts of docs/data.md. Missing pairs, an empty set and
 * files no format claims are ATT_DATA. Logs what it
 * understood, such as 0/255 masks as one class. */
att_status dataset_open(const char *path, struct dataset *d, struct host *host, struct err *e);
/* The same where only the cases' names and files are wanted; classes, channels and dims stay
 * unknown. */
att_status dataset_list(const char *path, struct dataset *d, struct err *e);
/* The same for info: what is wrong with single cases is gathered in `problems`, which outlives the
 * data set, and the others are opened. Cases may then lack a label, or be `bad`. */
att_status dataset_open_all(const char *path, struct dataset *d, struct problems *problems,
    struct host *host, struct err *e);
/* Forwards what is wrong with one file of the set: of ATT_DATA with where all of it is listed.  d,
 * and its path, may be NULL. */
att_status dataset_wrong(
    const struct dataset *d, att_status status, const char *text, struct err *e);
bool dataset_is(const char *path); /* whether a layout claims it */
void dataset_free(struct dataset *d);
int dataset_find(const struct dataset *d, const char *id); /* -1 when absent */

/* One case in memory: the image with all channels; classes (voxels of the image; NULL when there is
 * no label). The label must have the image's size and lie on its grid (within 0.1 voxel): else
 * ATT_DATA, with the difference.  Both are turned to d->axes. */
struct sample {
    struct image image;
    uint8_t *classes;
};
att_status dataset_load(const struct dataset *d, int index, struct sample *s, struct err *e);
/* The image of a case alone, with however many channels its files have. */
att_status dataset_load_image(const struct dataset *d, int index, struct image *m, struct err *e);
/* By the header of its first file, turned: an image of all channels that has no samples. */
att_status dataset_peek_image(const struct dataset *d, int index, struct image *m, struct err *e);
void sample_free(struct sample *s);

/* Reads the labels of all cases, several at a time, for d->present. */
att_status dataset_find_present(
    struct dataset *d, struct pool *pool, struct host *host, struct err *e);

#endif
