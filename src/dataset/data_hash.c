/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/data_hash.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/companions.h"
#include "dataset/memory_set.h"
#include "dataset/pack.h"
#include "files/file_at.h"
#include "format/stack_slice.h"

enum { WHOLE = 1 << 20, PARTS = 16, PART = 1 << 16 };

/* Same byte order on every machine. */
static void add_number(struct hash *h, int64_t x)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)x >> 8 * i);
    hash_add(h, bytes, sizeof bytes);
}

static att_status data_hash_add_part(struct hash *h, const struct file_at *f, const char *path,
    uint64_t at, size_t size, struct err *e)
{
    unsigned char part[PART];
    TRY(file_at_read(f, path, at, part, size, e));
    hash_add(h, part, size);
    return ATT_OK;
}

static att_status data_hash_add_parts(
    struct hash *h, const struct file_at *f, const char *path, struct err *e)
{
    if (f->size <= WHOLE) {
        for (uint64_t at = 0; at < f->size; at += PART)
            TRY(data_hash_add_part(
                h, f, path, at, f->size - at < PART ? (size_t)(f->size - at) : PART, e));
        return ATT_OK;
    }
    for (uint64_t i = 0; i < PARTS; i++) {
        uint64_t last = f->size - PART;
        TRY(data_hash_add_part(h, f, path, i < PARTS - 1 ? last / (PARTS - 1) * i : last, PART, e));
    }
    return ATT_OK;
}

static att_status data_hash_add_file(struct hash *h, const char *path, int *files, struct err *e)
{
    struct file_at f;
    if (!file_exists(path)) {
        add_number(h, -1);
        return ATT_OK;
    }
    TRY(file_at_open(path, &f, e));
    ++*files;
    add_number(h, (int64_t)f.size);
    att_status status = data_hash_add_parts(h, &f, path, e);
    file_at_close(&f);
    return status;
}

static att_status data_hash_add_image(struct hash *h, const char *path, int *files, struct err *e)
{
    char *companion;
    TRY(data_hash_add_file(h, path, files, e));
    TRY(companions_of(path, &companion, e));
    att_status status = companion ? data_hash_add_file(h, companion, files, e) : ATT_OK;
    mem_free(companion);
    return status;
}

static void data_hash_add_memory(struct hash *h, const void *data, size_t size)
{
    const char *bytes = data;
    add_number(h, (int64_t)size);
    if (size <= WHOLE) hash_add(h, bytes, size);
    for (size_t i = 0; i < PARTS && size > WHOLE; i++)
        hash_add(h, bytes + (size - PART) / (PARTS - 1) * i, PART);
}

static void add_in_memory(struct hash *h, const struct memory_case *c, int *files)
{
    const size_t voxels = image_voxels(c->image.size);
    const size_t samples = voxels * (size_t)c->image.channels;
    data_hash_add_memory(h, c->image.data, samples * sizeof *c->image.data);
    if (c->labels) data_hash_add_memory(h, c->labels, voxels * sizeof *c->labels);
    *files += 1 + (c->labels != NULL);
}

/* Uses the index: the original files may no longer exist. */
static void add_packed(struct hash *h, const struct pack_case *c, int *files)
{
    for (int k = 0; k < c->nsources; k++) {
        add_number(h, c->sources[k].facts.size);
        add_number(h, (int64_t)c->sources[k].hash);
    }
    *files += c->nsources;
}

att_status data_hash(
    const struct dataset *d, const int *list, int count, uint64_t *value, int *files, struct err *e)
{
    struct hash h;
    hash_begin(&h);
    *files = 0;
    for (int i = 0; i < count; i++) {
        const struct data_case *c = &d->cases[list[i]];
        hash_add(&h, c->id, strlen(c->id) + 1);
        if (d->pack) {
            add_packed(&h, &d->pack->cases[list[i]], files);
            continue;
        }
        if (c->memory) add_in_memory(&h, c->memory, files);
        for (int k = 0; !c->memory && k < pack_source_count(c); k++) {
            char room[PATH_MAX], file[PATH_MAX];
            const char *path = pack_source_path(c, k, room);
            TRY(data_hash_add_image(&h, slice_file(path, file), files, e));
        }
    }
    *value = hash_end(&h);
    return ATT_OK;
}
