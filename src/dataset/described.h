/* SPDX-License-Identifier: Apache-2.0 */
/* What the dataset.json of nnU-Net and that of the Medical Segmentation Decathlon have in common.
 */
#pragma once

#include <jansson.h>

#include "dataset/layout.h"

/* A parsed dataset.json. */
struct description {
    char *path;
    json_t *root;
    const char *ending; /* of image files, ".nii.gz" by default */
    bool unlabelled;    /* images alone */
};

/* Reads channels and labels from dataset.json, gets the cases from `add`, then checks every file.
 */
typedef att_status described_add(struct dataset *d, const struct description *t, struct err *e);
att_status described_open(struct dataset *d, described_add *add, struct host *host, struct err *e);
/* Adds the images that `add` lists, in a folder with a dataset.json, as cases without labels. */
att_status described_images(struct dataset *d, const char *root, described_add *add, bool *fit,
    struct host *host, struct err *e);

/* Refuses a misspelt key in the place of one that has a meaning, such as "label". */
att_status described_check_keys(const json_t *root, const char *path, struct err *e);

/* ROOT/dataset.json, or NULL if unreadable; to recognise the layout. */
json_t *described_peek(const char *root);

/* Channel names ("channel_names", or the older "modality"), 1 to DATASET_CHANNELS, shorter than
 * LABELLING_NAME, owned by root. */
att_status described_channels(const json_t *root, const char *path,
    const char *name[DATASET_CHANNELS], int *count, struct err *e);
att_status described_name_channels(
    struct dataset *d, const char *const *name, int count, struct err *e);

/* Path of a file that dataset.json lists for a case. Reports missing files and paths outside the
 * folder by layout_wrong, with *path NULL. Only `anywhere` allows absolute paths. */
att_status described_file(struct dataset *d, const struct description *t, const json_t *value,
    const char *id, bool anywhere, char **path, struct err *e);
