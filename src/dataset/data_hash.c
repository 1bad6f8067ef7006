/* SPDX-License-Identifier: Apache-2.0 */
/* Called where a run's record begins. */
#include "dataset/data_hash.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/beside.h"
#include "dataset/pack.h"

enum { WHOLE = 1 << 20, PARTS = 16, PART = 1 << 16 };

/* Numbers in one order of bytes on every machine. */
static void add_number(struct hash *h, int64_t x)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)((uint64_t)x >> 8 * i);
    hash_add(h, bytes, sizeof bytes);
}

static att_status add_file(struct hash *h, const char *path, int *files, struct err *e)
{
    struct file_map m;
    if (!file_exists(path)) {
        add_number(h, -1);
        return ATT_OK;
    }
    TRY(file_map(path, &m, e));
    ++*files;
    add_number(h, (int64_t)m.size);
    if (m.size <= WHOLE) {
        if (m.size) hash_add(h, m.data, m.size);
    } else {
        for (size_t i = 0; i < PARTS; i++) {
            size_t last = m.size - PART, at = i < PARTS - 1 ? last / (PARTS - 1) * i : last;
            hash_add(h, m.data + at, PART);
        }
    }
    file_unmap(&m);
    return ATT_OK;
}

/* A file, and the one in which its samples lie. */
static att_status add_image(struct hash *h, const char *path, int *files, struct err *e)
{
    char *beside;
    TRY(add_file(h, path, files, e));
    TRY(beside_of(path, &beside, e));
    att_status status = beside ? add_file(h, beside, files, e) : ATT_OK;
    mem_free(beside);
    return status;
}

/* What the index says of the files of a packed case, which may be gone. */
static void add_packed(struct hash *h, const struct pack_case *c, int *files)
{
    for (int k = 0; k < c->nsources; k++) {
        add_number(h, c->sources[k].facts.size);
        add_number(h, (int64_t)c->sources[k].hash);
    }
    *files += c->nsources;
}

att_status data_hash(const struct dataset *d, const int *list, int count, uint64_t *value, int *files, struct err *e)
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
        for (int k = 0; k < pack_source_count(c); k++) {
            char room[PATH_MAX];
            TRY(add_image(&h, pack_source_path(c, k, room), files, e));
        }
    }
    *value = hash_end(&h);
    return ATT_OK;
}
