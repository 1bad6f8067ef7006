/* SPDX-License-Identifier: Apache-2.0 */
/* Cases to look at and to label: those of a run, image files, and images that clients sent.  Labels
 * that people made lie in a folder, the datastore, which is a data set: nnU-Net's dataset.json
 * lists its cases, and "attunet" in it those without a label. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "attunet.h"

enum { CASE_STAMP = 48, CASE_FILES = 64 };

/* Strings last until cases_destroy. */
struct one_case {
    const char *name, *key;    /* as people call it; in the datastore, NULL: not yet there */
    const char *const *images; /* one file, or one per channel */
    int count;                 /* of images */
    const char *truth, *mask;  /* files: the true label, an earlier prediction; NULL: none */
    double dice, doubt;        /* of the mask; mean entropy of the last one; NaN: unknown */
    const char *label;         /* file of the saved label, NULL: none */
    char stamp[CASE_STAMP];    /* which version of it */
    char version[CASE_STAMP];  /* of the first image; "": it is not there */
    bool series;               /* of DICOM: the name is its UID, the image perhaps not yet there */
};

/* The length of a file name without ".nii.gz" and the like. */
size_t cases_stem(const char *name);

struct cases;
/* datastore: a folder that need not exist, or NULL: no label is kept.  NULL: `error` says why. */
struct cases *cases_create(const char *datastore, char error[512]);
void cases_destroy(struct cases *s);
/* Makes the folder of a datastore if needed, locks it for as long as *lock is open, and removes
 * what a killed server left half written.  together: with others that say so.  Failed: `error` says
 * why. */
att_status cases_hold(const char *folder, bool together, int *lock, char error[512]);
/* Says what labels are called, from a model's {"name", "value"} list. */
void cases_labels(struct cases *s, const json_t *labels);
/* {NAME: VALUE} of all classes: of models, and of the datastore. */
json_t *cases_label_names(struct cases *s);
/* Adds a case; paths are copied, and may be relative.  False: no memory. */
bool cases_add(struct cases *s, const char *name, const char *const *images, int count,
    const char *truth, const char *mask, double dice);
/* Adds the cases of a data set or of a run's "validation_cases" (att_info). */
bool cases_add_listed(struct cases *s, const json_t *list);
/* Searches masks or labels, of an option, for the cases that have none: in a folder by name, or the
 * one file.  masks: NULL for none.  Failed: `error` says why. */
att_status cases_pair(
    struct cases *s, const char *option, const char *masks, bool truth, char error[512]);
int cases_count(struct cases *s);
bool cases_get(struct cases *s, int index, struct one_case *one); /* false: there is none */
int cases_index(struct cases *s, const char *name);               /* -1: there is none */
bool cases_keep(const struct cases *s);                           /* whether it has a datastore */
void cases_doubt(struct cases *s, int index, double doubt);

const char *cases_folder(const struct cases *s);
/* A reader sees the old file or the new one.  name: within the datastore. */
bool cases_replace_file(const struct cases *s, const char *name, const char *bytes, size_t size);
void cases_forget_doubts(struct cases *s); /* another model predicts */

/* CASES_TAKEN: there is a label of another version than `over`, which may be NULL or "".
 * CASES_CHANGED: the image of the case has another version than `version` by now.
 * CASES_UNNAMED: the label has a value that no class has. */
enum cases_end { CASES_DONE, CASES_TAKEN, CASES_CHANGED, CASES_UNNAMED, CASES_FAILED };
/* Saves a label for a case, on the grid of its image.  backup: a label that is there is kept under
 * another name.  Changed, unnamed or failed: `error` says why; failed: status is the library's. */
enum cases_end cases_save(struct cases *s, att_context *c, int index, const att_image *image,
    const uint16_t *labels, const char *version, const char *over, bool backup, att_status *status,
    char error[512]);
/* Keeps an image that can be read, under a name that a client chose: its file has another.
 * CASES_TAKEN: another image has this name and a label. */
enum cases_end cases_upload(
    struct cases *s, const char *name, const void *data, size_t size, const char *ending);
/* Adds a DICOM series that is not yet there; its files have the key, not the UID.  False: no
 * memory. */
bool cases_series(struct cases *s, const char *uid, const char *key);
/* Keeps the volume of a series in the place of its image.  CASES_TAKEN: a label lies on the image
 * that is there. */
enum cases_end cases_volume(struct cases *s, int index, const void *data, size_t size);
