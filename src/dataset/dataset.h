/* SPDX-License-Identifier: Apache-2.0 */
/* A data set on disk: cases, files and the meaning of labels. Opening reads headers; it reads label
 * samples only if nothing else states their meaning. */
#pragma once

#include "base/host.h"
#include "base/pool.h"
#include "dataset/labelling.h"
#include "image/orient.h"

enum { DATASET_CHANNELS = 16 };
#define RUN_LOCK "lock" /* in every folder of a run, a search or a packed set */
/* Beside it in a run, a run of folds, a run with hard attention; a search or a comparison. */
#define RUN_SETTINGS "settings.json"
#define RUN_FOLDS "folds.json"
#define RUN_HARD "hard.json"
#define JOURNAL_FILE "journal.jsonl"

struct memory_case;

struct data_case {
    char *id;
    char *image[DATASET_CHANNELS]; /* one file per channel, or one file with all */
    int nimages;
    char *label; /* NULL: unlabelled; may be several joined masks (format/joined.h) */
    const struct memory_case *memory; /* its samples, if the paths are only names (memory_set.h) */
    char *group;                      /* from the layout (a subject, a column); NULL: none */
    int fold; /* from the layout, if dataset.has_folds: from 0, or one of these */
    /* orient_name of a volume, by its first file's header; "" in a packed set */
    char axes[ORIENT_TEXT], qform_axes[ORIENT_TEXT]; /* the second: orient_name_qform */
    bool oblique, qform_oblique;                     /* its axes cannot be turned */
    double samples; /* voxels of all channels, by the headers; 0 in a packed set */
    bool bad;       /* its headers do not fit; only while collecting problems */
};
enum { FOLD_TRAIN = -1, FOLD_OUT = -2 }; /* trains in every fold; a test case, in none */
enum { FOLDS_MAX = 1000 };               /* more are an error, and runs do not count them */

struct dataset {
    char *path, *root;  /* as given; its folder, the same unless a CSV was given */
    const char *layout; /* "nnU-Net raw", "images and labels", "packed", ... */
    bool has_groups, has_folds;
    bool name_groups;          /* groups are parts of the cases' names */
    bool groups_asked;         /* some parts may be patients, which a warning asks */
    bool undeclared;           /* no file states the meaning of labels, so their values do */
    bool named;                /* classes are names of mask files, and no file says more */
    bool objects;              /* each mask file is one object of its image */
    bool class_objects;        /* and each of those of a class is one */
    bool numbered;             /* these may number objects */
    char *doubt;               /* NULL, or why that is a guess, as a question (mask_values.h); */
    bool values_given;         /* it has an answer, so it is not a problem */
    bool two_ways;             /* some masks have 0 and 1, others 0 and 255: one class */
    bool listed;               /* a list in its dataset.json names the files */
    bool absolute;             /* that list has absolute paths */
    bool strict;               /* an image without a label is an error */
    bool listing;              /* only list files, without reading any */
    bool counting;             /* only pairs matter, not groups */
    struct problems *problems; /* collects problems instead of failing (problems.h); usually NULL */
    float voxel[3];            /* mm, for all images, in place of the headers'; 0: the headers' */
    char axes[ORIENT_TEXT];    /* turn volumes to these on loading (orient.h); "": do not turn */
    int channels, dims;        /* dims: 2 if every image has one slice */
    char *channel_name[DATASET_CHANNELS];
    struct labelling labels;
    struct data_case *cases; /* sorted by id */
    int count;
    struct class_set *present; /* classes in each case, by dataset_find_present; else NULL */
    bool sparing; /* reads one case at a time, in the caller's thread, to save memory */
    struct dataset_reading *reading; /* layout_found.h; NULL: another layout */
    /* the index of a packed set, which names the original files; else NULL */
    struct pack *pack;
};

/* Patterns of the files' names that state the pairs of a tree (reading.h); images NULL: none. */
struct dataset_patterns {
    const char *images, *labels;
    bool hint;         /* of a plan or another run: a data set where they fit no file is searched */
    bool values_given; /* what values of masks are: a doubt is no problem */
    bool one;          /* they are one class, also those of mask files of single classes */
    bool strict;       /* images without a label are an error */
    const char *home;  /* the data set that they were made for, or NULL */
};

/* Opens a folder or CSV in a layout of docs/data.md. ATT_DATA for missing pairs, an empty set or
 * unknown files. Logs how it reads the labels (such as 0/255 masks as one class). */
att_status dataset_open(const char *path, struct dataset *d, struct host *host, struct err *e);
/* The same, but lists names and files only; leaves classes, channels and dims unset. */
att_status dataset_list(
    const char *path, const struct dataset_patterns *p, struct dataset *d, struct err *e);
/* The same with patterns (or NULL). For info, problems of single cases go to `problems` (or NULL),
 * which must outlive d; cases may then lack a label, or be `bad`. */
att_status dataset_open_patterns(const char *path, const struct dataset_patterns *p,
    struct dataset *d, struct problems *problems, struct host *host, struct err *e);
/* Reports a problem of one file; for ATT_DATA the text adds how to list all. d and its path may be
 * NULL. */
att_status dataset_wrong(
    const struct dataset *d, att_status status, const char *text, struct err *e);
/* Whether patterns pair some of the files of a folder. */
att_status dataset_fits(
    const char *path, const struct dataset_patterns *p, bool *fit, struct err *e);
bool dataset_is(const char *path); /* whether some layout fits */
/* Adds the images of a folder, with labels or without, as cases without labels, if a layout knows
 * them by more than their names (*fit); logs which. */
att_status dataset_add_images(
    const char *path, struct dataset *d, bool *fit, struct host *host, struct err *e);
/* Several folders below that are data sets of their own, and no parts of one such as train, or
 * patients. */
att_status dataset_holds_sets(const char *root, bool *several, struct err *e);
/* The same, or a folder whose files pair by their names; walks the folder. */
bool dataset_pairs(const char *path);
void dataset_free(struct dataset *d);
int dataset_find(const struct dataset *d, const char *id); /* -1 when absent */

/* A loaded case: image with all channels; classes at its voxels (NULL without label). ATT_DATA if
 * the label differs in size or grid (beyond 0.1 voxel). Both are turned to d->axes. */
struct sample {
    struct image image;
    uint8_t *classes;
};
att_status dataset_load(const struct dataset *d, int index, struct sample *s, struct err *e);
/* ATT_DATA if the label of a case is a copy of its image. */
att_status dataset_check_copy(const struct data_case *c, struct err *e);
/* Lists the one file of a grey picture thrice: red, green and blue. */
att_status case_widen(struct data_case *c, struct err *e);
/* The image of a case alone, with any number of channels. */
att_status dataset_load_image(const struct dataset *d, int index, struct image *m, struct err *e);
/* The turned image of a case without samples, by its first file's header. */
att_status dataset_peek_image(const struct dataset *d, int index, struct image *m, struct err *e);
void sample_free(struct sample *s);

/* Read all labels for d->present, several at a time. */
att_status dataset_find_present(
    struct dataset *d, struct pool *pool, struct host *host, struct err *e);
