/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an input with one format as image, as labels and by its header alone; what could be read is
 * written again on its own header, under every ending of the format, so that samples come to lie in
 * files of their own, too, and must come back. */
#ifndef FUZZ_FORMAT_H
#define FUZZ_FORMAT_H

#include <string.h>

#include "base/mem.h"
#include "files/file.h"
#include "format/format.h"
#include "fuzz.h"

enum { FUZZ_WRITTEN = 1 << 16 }; /* samples at most */

static char fuzz_folder[32];

static inline void fuzz_sweep(void)
{
    struct err e = {0};
    struct file_list l;
    if (file_list(fuzz_folder, &l, &e) != ATT_OK) abort();
    for (int i = 0; i < l.count; i++) {
        char *path = file_join(fuzz_folder, l.names[i]);
        if (!path || unlink(path)) abort();
        mem_free(path);
    }
    file_list_free(&l);
}

static inline void fuzz_leave(void)
{
    fuzz_sweep();
    file_remove_folder(fuzz_folder);
}

/* A fresh path in a scratch folder, which is in memory where there is such a place. */
static inline char *fuzz_result(const char *ending)
{
    if (!*fuzz_folder) {
        strcpy(fuzz_folder, "/dev/shm/attunet-fuzz-XXXXXX");
        if (!mkdtemp(fuzz_folder)) {
            strcpy(fuzz_folder, "/tmp/attunet-fuzz-XXXXXX");
            if (!mkdtemp(fuzz_folder)) abort();
        }
        atexit(fuzz_leave);
    }
    char *path = mem_text("%s/a%s", fuzz_folder, ending);
    if (!path) abort();
    return path;
}

static inline void fuzz_rewrite_image(const struct format *f, const struct image *m)
{
    size_t samples = image_voxels(m->size) * (size_t)m->channels;
    for (int i = 0; samples <= FUZZ_WRITTEN && f->endings[i]; i++) {
        struct err e = {0};
        struct image back;
        char *path = fuzz_result(f->endings[i]);
        att_status status = format_save_image(path, m, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) {
            if (format_image_by(f, path, &back, &e) != ATT_OK) abort();
            if (back.channels != m->channels || memcmp(back.size, m->size, sizeof back.size) != 0)
                abort();
            if (memcmp(back.data, m->data, samples * sizeof *back.data) != 0) abort();
            image_free(&back);
        }
        mem_free(path);
        fuzz_sweep();
    }
}

static inline void fuzz_rewrite_labels(const struct format *f, const struct labelmap *m)
{
    size_t voxels = image_voxels(m->size);
    for (int i = 0; voxels <= FUZZ_WRITTEN && f->endings[i]; i++) {
        struct err e = {0};
        struct labelmap back;
        char *path = fuzz_result(f->endings[i]);
        att_status status = format_save_labels(path, m, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) {
            if (format_labels_by(f, path, &back, &e) != ATT_OK) abort();
            if (memcmp(back.size, m->size, sizeof back.size) != 0 ||
                memcmp(back.data, m->data, voxels * sizeof *back.data) != 0)
                abort();
            labelmap_free(&back);
        }
        mem_free(path);
        fuzz_sweep();
    }
}

static inline void fuzz_format(const struct format *f, const uint8_t *data, size_t size)
{
    struct fuzz_file file = fuzz_open(data, size);
    struct err e = {0};
    struct image m;
    struct labelmap l;
    fuzz_check(format_peek_by(f, file.path, &m, &e), &e);
    e = (struct err){0};
    att_status status = format_image_by(f, file.path, &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        fuzz_rewrite_image(f, &m);
        image_free(&m);
    }
    e = (struct err){0};
    status = format_labels_by(f, file.path, &l, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        fuzz_rewrite_labels(f, &l);
        labelmap_free(&l);
    }
    fuzz_close(file);
}

#endif
