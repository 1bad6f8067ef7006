/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of src/dataset share: a scratch folder, small images and labels in it, and a log
 * that remembers what was said. */
#ifndef DATASET_TEST_H
#define DATASET_TEST_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "dataset/dataset.h"
#include "files/file.h"
#include "format/format.h"
#include "unit/expect.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

static inline int remove_entry(const char *path, const struct stat *s, int flag, struct FTW *where)
{
    (void)s;
    (void)flag;
    (void)where;
    return remove(path);
}

static inline int make_scratch(void **state)
{
    char *path = mem_text("/tmp/attunet-test-dataset-XXXXXX");
    *state = path;
    return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static inline int remove_scratch(void **state)
{
    int result = chdir("/") || nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(*state);
    return result;
}

/* Every test begins without a folder "set". */
static inline int clear_set(void **state)
{
    (void)state;
    return file_exists("set") ? nftw("set", remove_entry, 16, FTW_DEPTH | FTW_PHYS) : 0;
}

static inline void make_parent(const char *path)
{
    char *folder = mem_text("%.*s", (int)(file_base(path) - path), path);
    OK(file_make_folders(folder, &e));
    mem_free(folder);
}

static inline void put_text(const char *path, const char *text)
{
    make_parent(path);
    OK(file_write_all(path, text, strlen(text), &e));
}

/* A grey image: sample k of channel c is 100 c + k mod 100 (NIfTI only: PNG holds 0..1). */
static inline void put_image(const char *path, int channels, int d, int h, int w)
{
    struct image m = {.channels = channels, .size = {d, h, w}};
    size_t voxels = image_voxels(m.size), samples = voxels * (size_t)channels;
    m.data = mem_array(samples, sizeof *m.data);
    for (size_t i = 0; i < samples; i++) m.data[i] = (float)(100 * (i / voxels) + i % voxels % 100);
    make_parent(path);
    OK(format_save_image(path, &m, &e));
    mem_free(m.data);
}

/* Labels: the first voxels have the values given up to -1, the others are 0. */
static inline void put_labels_at(
    const char *path, int d, int h, int w, const int *values, const struct geometry *g)
{
    struct labelmap m = {.size = {d, h, w}};
    if (g) m.geometry = *g;
    m.data = mem_array(image_voxels(m.size), sizeof *m.data);
    for (int i = 0; values[i] >= 0; i++) m.data[i] = (uint16_t)values[i];
    make_parent(path);
    OK(format_save_labels(path, &m, &e));
    mem_free(m.data);
}
#define put_labels(path, d, h, w, ...)                                                             \
    put_labels_at(path, d, h, w, (const int[]){__VA_ARGS__, -1}, NULL)

/* What the log was told. */
struct heard {
    struct host host;
    char text[2048];
    int64_t done, total; /* of the last progress */
};

static inline void hear_message(void *user, int level, const char *text)
{
    struct heard *h = user;
    size_t used = strlen(h->text);
    snprintf(h->text + used, sizeof h->text - used, "%d %s\n", level, text);
}

static inline void hear_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct heard *h = user;
    (void)what;
    (void)detail;
    h->done = done;
    h->total = total;
}

static inline void hear(struct heard *h)
{
    *h = (struct heard){
        .host = {.log = {.message = hear_message, .progress = hear_progress, .user = h}}};
}

/* Noise, unlike the values of a label. */
static inline void put_photo(const char *path, int h, int w)
{
    struct image m = {.channels = 1, .size = {1, h, w}};
    m.data = mem_array((size_t)(h * w), sizeof *m.data);
    unsigned random = (unsigned)strlen(path);
    for (int i = 0; i < h * w; i++) {
        random = random * 1664525 + 1013904223;
        m.data[i] = (float)(random >> 8) / (1 << 24);
    }
    make_parent(path);
    OK(format_save_image(path, &m, &e));
    mem_free(m.data);
}

/* Photos and masks IN/NAME.png and OUT/NAME.png. */
static inline void put_named(const char *in, const char *out, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/%s/%s.png", in, names[i]);
        put_photo(path, 8, 9);
        snprintf(path, sizeof path, "set/%s/%s.png", out, names[i]);
        put_labels(path, 1, 8, 9, 1, 0);
    }
}

#endif
