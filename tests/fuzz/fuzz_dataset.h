/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with a few small images and labels, and one file that says what they are: the input. */
#ifndef FUZZ_DATASET_H
#define FUZZ_DATASET_H

#include <limits.h>
#include <stdlib.h>

#include "dataset/dataset.h"
#include "dataset/problems.h"
#include "files/file.h"
#include "format/format.h"
#include "fuzz.h"

static const char *const fuzz_files[] = {"imagesTr/a.nii", "imagesTr/a_0000.nii", "labelsTr/a.nii",
    "imagesTr/b_0000.nii", "labelsTr/b.nii"};
enum { FUZZ_FILES = sizeof fuzz_files / sizeof *fuzz_files };

static inline void fuzz_paths(const char *folder, int k, char path[80])
{
    snprintf(path, 80, "%s/%s", folder, fuzz_files[k]);
}

static inline void fuzz_make(char folder[40])
{
    uint16_t voxels[2] = {0, 1};
    struct labelmap m = {.size = {1, 1, 2}, .data = voxels};
    struct err e = {0};
    char path[80];
    snprintf(folder, 40, "/tmp/attunet-fuzz-XXXXXX");
    if (!mkdtemp(folder)) abort();
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, i ? "labelsTr" : "imagesTr");
        if (file_make_folders(path, &e) != ATT_OK) abort();
    }
    for (int k = 0; k < FUZZ_FILES; k++) {
        fuzz_paths(folder, k, path);
        if (format_save_labels(path, &m, &e) != ATT_OK) abort();
    }
}

static inline void fuzz_unmake(const char *folder)
{
    char path[80];
    for (int k = 0; k < FUZZ_FILES; k++) {
        fuzz_paths(folder, k, path);
        file_remove(path);
    }
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, i ? "labelsTr" : "imagesTr");
        file_remove_folder(path);
    }
    if (rmdir(folder)) abort();
}

/* No file lies outside of the folder, but for those of the absolute paths that nnU-Net's "dataset"
 * may hold. */
static inline void fuzz_check_path(const char *path, const char *folder, bool anywhere)
{
    char home[PATH_MAX], real[PATH_MAX];
    if (!path || !realpath(folder, home) || !realpath(path, real)) abort();
    bool below = strncmp(real, home, strlen(home)) == 0 && real[strlen(home)] == '/';
    bool listed = anywhere && *path == '/' && strncmp(path, folder, strlen(folder)) != 0;
    if (!below && !listed) abort();
}

static inline void fuzz_check_cases(const struct dataset *d, const char *folder, bool anywhere)
{
    for (int i = 0; i < d->count; i++) {
        const struct data_case *c = &d->cases[i];
        if (!*c->id || strchr(c->id, '/')) abort(); /* results are called like it */
        for (int k = 0; k < c->nimages; k++) fuzz_check_path(c->image[k], folder, anywhere);
        if (c->label) fuzz_check_path(c->label, folder, anywhere);
    }
}

static inline int fuzz_dataset(const char *name, const uint8_t *data, size_t size)
{
    char folder[40], path[80];
    struct fuzz_file input = fuzz_open(data, size);
    fuzz_make(folder);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (symlink(input.path, path)) abort();
    for (int all = 0; all < 2; all++) {
        struct dataset d;
        struct problems p = {.count = 0};
        struct err e = {0};
        att_status status = dataset_open_patterns(folder, NULL, &d, all ? &p : NULL, NULL, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) {
            fuzz_check_cases(&d, folder, strcmp(name, "dataset.json") == 0);
            dataset_free(&d);
        }
        problems_free(&p);
    }
    if (unlink(path)) abort();
    fuzz_unmake(folder);
    fuzz_close(input);
    return 0;
}

#endif
