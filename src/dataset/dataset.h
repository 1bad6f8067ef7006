/* SPDX-License-Identifier: Apache-2.0 */
/* A data set on disk: which cases there are, where their images and labels lie, and what they mean.  Opening one reads the files' headers,
 * and samples only of labels that nothing else explains. */
#ifndef DATASET_DATASET_H
#define DATASET_DATASET_H

#include "base/log.h"
#include "dataset/labelling.h"

enum { DATASET_CHANNELS = 16 };

struct data_case {
    char *id;
    char *image[DATASET_CHANNELS]; /* one file per channel, or one file with all */
    int nimages;
    char *label; /* NULL: unlabelled */
};

struct dataset {
    char *root;
    const char *layout; /* "nnU-Net raw", "images and labels", "packed" */
    int channels, dims; /* dims: 2 when every image has one slice */
    char *channel_name[DATASET_CHANNELS];
    struct labelling labels;
    struct data_case *cases; /* sorted by id */
    int count;
    struct pack *pack; /* of a packed set (pack.h), whose images and labels are those it was made from; else NULL */
};

/* Opens a folder: nnU-Net raw (dataset.json, imagesTr, labelsTr) or images/ + labels/ (or masks/). Missing pairs, an empty set and files no
 * format claims are ATT_DATA. What was understood (e.g. 0/255 masks taken as one class) is said through the log. */
att_status dataset_open(const char *path, struct dataset *d, struct log *log, struct err *e);
void dataset_free(struct dataset *d);
int dataset_find(const struct dataset *d, const char *id); /* -1 when absent */

/* One case in memory: the image with all channels; classes (voxels of the image; NULL when there is no label). The label must have the
 * image's size and lie on its grid (within 0.1 voxel): else ATT_DATA, with the difference. */
struct sample {
    struct image image;
    uint8_t *classes;
};
att_status dataset_load(const struct dataset *d, int index, struct sample *s, struct err *e);
/* The image of a case alone, with however many channels its files have. */
att_status dataset_load_image(const struct data_case *c, struct image *m, struct err *e);
void sample_free(struct sample *s);

/* Which cases train and which validate: indices into d->cases, sorted. */
struct split {
    int *train, ntrain, *val, nval;
};
/* Fold 0..: of splits_final.json when the data set has one; else, with a groups.csv (groups.h), scikit-learn's GroupKFold(5) over the
 * sorted case names; else its KFold(5, shuffle=True, random_state=12345) (numpy's RandomState: MT19937 and its legacy shuffle).
 * `list` (may be NULL) is a text file as for split_lists: the folds are cut from its cases alone, the others take no part. Folds of
 * splits_final.json keep those of their cases that are listed. */
att_status split_fold(const struct dataset *d, const char *list, int fold, struct split *s, struct err *e);
/* How many folds there are: those of splits_final.json, else 5, or 0 with fewer than 5 cases or groups. */
att_status split_count(const struct dataset *d, int *count, struct err *e);
/* From text files with one case name a line (endings and folders allowed); val_list NULL: no validation. Lists, like splits_final.json,
 * must keep the groups of groups.csv whole. */
att_status split_lists(const struct dataset *d, const char *train_list, const char *val_list, struct split *s, struct err *e);
att_status split_all(const struct dataset *d, struct split *s, struct err *e); /* everything trains */
void split_free(struct split *s);
/* KFold's test indices in ascending order; out holds n entries; returns how many. */
int split_kfold(int n, int folds, uint32_t seed, int fold, int *out);

#endif
