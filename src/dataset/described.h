/* SPDX-License-Identifier: Apache-2.0 */
/* The dataset.json of nnU-Net or the Medical Segmentation Decathlon, as far as both layouts share
 * it. */
#pragma once

#include <jansson.h>

#include "dataset/layout.h"

/* A parsed dataset.json. */
struct description {
    char *path;
    json_t *root;
    const char *ending; /* of image files, ".nii.gz" by default */
};

/* Open a set with cases from `add`, after reading channels and labels from dataset.json; checks
 * every file at the end. */
typedef att_status described_add(struct dataset *d, const struct description *t, struct err *e);
att_status described_open(struct dataset *d, described_add *add, struct host *host, struct err *e);

/* ROOT/dataset.json, or NULL if unreadable: to identify the layout. */
json_t *described_look(const char *root);

/* Channel names ("channel_names", or the older "modality"), 1 to DATASET_CHANNELS, shorter than
 * LABELLING_NAME, owned by root. */
att_status described_channels(const json_t *root, const char *path,
    const char *name[DATASET_CHANNELS], int *count, struct err *e);
att_status described_name_channels(
    struct dataset *d, const char *const *name, int count, struct err *e);

/* Path of a file listed for a case, relative to the file's folder. Missing files and paths that
 * leave the folder by ".." are reported (layout_wrong), with *path NULL; absolute paths need
 * `anywhere`. */
att_status described_file(struct dataset *d, const struct description *t, const json_t *value,
    const char *id, bool anywhere, char **path, struct err *e);
