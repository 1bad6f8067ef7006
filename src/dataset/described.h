/* SPDX-License-Identifier: Apache-2.0 */
/* A data set's dataset.json, of nnU-Net or of the Medical Segmentation Decathlon: what both layouts
 * read of it. */
#ifndef DATASET_DESCRIBED_H
#define DATASET_DESCRIBED_H

#include <jansson.h>

#include "dataset/layout.h"

/* A dataset.json that was read. */
struct description {
    char *path;
    json_t *root;
    const char *ending; /* of image files, ".nii.gz" unless it says another */
};

/* Opens a set whose cases `add` finds: reads dataset.json, its channels and labels before, looks at
 * every file after. */
typedef att_status described_add(struct dataset *d, const struct description *t, struct err *e);
att_status described_open(struct dataset *d, described_add *add, struct host *host, struct err *e);

/* ROOT/dataset.json, or NULL where there is none that can be read: to see whose it is. */
json_t *described_look(const char *root);

/* Names of channels ("channel_names", or the older "modality"), 1 to DATASET_CHANNELS, shorter than
 * LABELLING_NAME; they stay root's. */
att_status described_channels(const json_t *root, const char *path,
    const char *name[DATASET_CHANNELS], int *count, struct err *e);
att_status described_name_channels(
    struct dataset *d, const char *const *name, int count, struct err *e);

/* The path of a file that dataset.json lists for a case, relative to its folder.  One that leaves
 * the folder by "..", or is not there, is wrong (layout_wrong), and *path NULL; an absolute one
 * counts only where `anywhere`. */
att_status described_file(struct dataset *d, const struct description *t, const json_t *value,
    const char *id, bool anywhere, char **path, struct err *e);

#endif
