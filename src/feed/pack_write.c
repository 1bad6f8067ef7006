/* SPDX-License-Identifier: Apache-2.0 */
/* Write the file of a packed case; called by `attunet pack`. */
#include <stdatomic.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/ints.h"
#include "base/mem.h"
#include "feed/pack_case.h"
#include "files/file.h"

static int count_chunks(const int size[3], const int chunk[3])
{
    return divide_up(size[0], chunk[0]) * divide_up(size[1], chunk[1]) *
        divide_up(size[2], chunk[2]);
}

struct packing {
    const struct prepared *p;
    const int *chunk;
    int level;
    size_t room;           /* of the largest chunk */
    unsigned char *stored; /* [chunks][room] */
    unsigned char *own;    /* [threads][room] */
    ZSTD_CCtx **zstd;      /* [threads], created on first use */
    struct pack_entry *entries;
    atomic_bool no_memory; /* for zstd: else the file would depend on it */
};

static void pack_write_gather(const struct prepared *p, const struct box *b, unsigned char *to)
{
    for (int c = 0; c < p->channels; c++, to += box_voxels(b) * sizeof(float))
        box_take(p->image + (size_t)c * image_voxels(p->size), p->size, sizeof(float), b, to);
    box_take(p->classes, p->size, 1, b, to);
}

/* The same with all lowest bytes of samples first, then the second ones, ...: similar bytes pack
 * better. */
static void gather_planes(const struct prepared *p, const struct box *b, unsigned char *to)
{
    size_t voxels = image_voxels(p->size), count = box_voxels(b);
    for (int c = 0; c < p->channels; c++, to += 4 * count) {
        size_t k = 0;
        for (int d = 0; d < b->size[0]; d++)
            for (int h = 0; h < b->size[1]; h++) {
                const float *x = p->image + (size_t)c * voxels + box_row(b, p->size, d, h);
                for (int w = 0; w < b->size[2]; w++, k++) {
                    uint32_t bits;
                    memcpy(&bits, &x[w], sizeof bits);
                    for (size_t i = 0; i < 4; i++)
                        to[i * count + k] = (unsigned char)(bits >> 8 * i);
                }
            }
    }
    box_take(p->classes, p->size, 1, b, to);
}

/* Incompressible chunks are stored plain. */
static void pack_chunk(void *arg, int task, int worker)
{
    struct packing *w = arg;
    const struct box b = pack_chunk_box(w->p->size, w->chunk, task);
    size_t plain = pack_chunk_bytes(box_voxels(&b), w->p->channels), bytes = plain;
    unsigned char *to = w->stored + (size_t)task * w->room,
                  *own = w->own + (size_t)worker * w->room;
    ZSTD_CCtx **zstd = &w->zstd[worker];
    if (w->level > 0 && !*zstd) *zstd = ZSTD_createCCtx();
    if (w->level > 0 && *zstd) {
        gather_planes(w->p, &b, own);
        size_t packed = ZSTD_compressCCtx(*zstd, to, plain - 1, own, plain, w->level);
        if (!ZSTD_isError(packed)) bytes = packed;
        if (ZSTD_getErrorCode(packed) == ZSTD_error_memory_allocation)
            atomic_store(&w->no_memory, true);
    } else if (w->level > 0)
        atomic_store(&w->no_memory, true);
    if (bytes == plain) pack_write_gather(w->p, &b, to);
    w->entries[task] = (struct pack_entry){.bytes = (uint32_t)bytes, .crc = file_crc(0, to, bytes)};
}

static size_t pack_write_put(unsigned char *head, size_t at, const void *data, size_t bytes)
{
    if (bytes) memcpy(head + at, data, bytes);
    return at + bytes;
}

static att_status make_head(
    const struct packing *w, int chunks, unsigned char **head, uint32_t *bytes, struct err *e)
{
    const struct prepared *p = w->p;
    struct pack_header h = {.magic = "attpack2",
        .channels = p->channels,
        .chunks = chunks,
        .places = p->first[LABELLING_MAX]};
    h.parts = p->part_first ? p->parts[LABELLING_MAX] : 0;
    h.part_places = h.parts ? p->part_first[h.parts] : 0;
    for (int i = 0; i < 3; i++) {
        h.size[i] = p->size[i];
        h.chunk[i] = w->chunk[i];
        h.spacing[i] = p->spacing[i];
    }
    memcpy(h.first, p->first, sizeof h.first);
    if (h.parts) memcpy(h.part, p->parts, sizeof h.part);
    size_t table = (size_t)chunks * sizeof *w->entries,
           firsts = h.parts ? ((size_t)h.parts + 1) * sizeof *p->part_first : 0;
    size_t total = sizeof h + table + firsts +
        ((size_t)h.places + (size_t)h.part_places) * sizeof *p->places,
           at = sizeof h;
    *head = total <= UINT32_MAX ? mem_alloc(total) : NULL;
    if (!*head) return err_memory(e, total, "the table of a packed case");
    h.bytes = *bytes = (uint32_t)total;
    uint64_t offset = total;
    for (int k = 0; k < chunks; k++) {
        w->entries[k].at = offset;
        offset += w->entries[k].bytes;
    }
    at = pack_write_put(*head, at, w->entries, table);
    at = pack_write_put(*head, at, p->part_first, firsts);
    at = pack_write_put(*head, at, p->places, (size_t)h.places * sizeof *p->places);
    pack_write_put(*head, at, p->part_places, (size_t)h.part_places * sizeof *p->part_places);
    const size_t covered = offsetof(struct pack_header, channels);
    pack_write_put(*head, 0, &h, sizeof h);
    h.crc = file_crc(0, *head + covered, total - covered);
    pack_write_put(*head, 0, &h, sizeof h);
    return ATT_OK;
}

static att_status write_parts(const struct packing *w, int chunks, const unsigned char *head,
    uint32_t head_bytes, const char *path, int64_t *bytes, struct err *e)
{
    struct file_writer *f;
    TRY(file_create(path, &f, e));
    att_status status = file_write(f, head, head_bytes, e);
    *bytes = head_bytes;
    for (int k = 0; k < chunks && status == ATT_OK; k++) {
        status = file_write(f, w->stored + (size_t)k * w->room, w->entries[k].bytes, e);
        *bytes += w->entries[k].bytes;
    }
    if (status == ATT_OK) return file_commit(f, e);
    file_abandon(f);
    return status;
}

static att_status pack_write_all(struct packing *w, int chunks, int threads, const char *path,
    struct pool *pool, uint32_t *head_bytes, int64_t *bytes, struct err *e)
{
    unsigned char *head = NULL;
    w->own = mem_array((size_t)threads, w->room);
    w->zstd = mem_array((size_t)threads, sizeof *w->zstd);
    w->entries = mem_array((size_t)chunks, sizeof *w->entries);
    if (!w->own || !w->zstd || !w->entries)
        return err_memory(e, (size_t)threads * w->room, "packing a case");
    pool_run(pool, chunks, pack_chunk, w);
    if (atomic_load(&w->no_memory)) return err_memory(e, w->room, "packing a case");
    att_status status = make_head(w, chunks, &head, head_bytes, e);
    if (status == ATT_OK) status = write_parts(w, chunks, head, *head_bytes, path, bytes, e);
    mem_free(head);
    return status;
}

att_status pack_case_write(const char *path, const struct prepared *p, const int chunk[3],
    int level, struct pool *pool, uint32_t *head, int64_t *bytes, struct err *e)
{
    struct packing w = {.p = p, .chunk = chunk, .level = level};
    int chunks = count_chunks(p->size, chunk), threads = pool_threads(pool);
    struct box largest = pack_chunk_box(p->size, chunk, 0);
    w.room = pack_chunk_bytes(box_voxels(&largest), p->channels);
    /* at most 65 bytes for each of less than 2^31 voxels, and as many for chunk edges */
    size_t room = w.room * (size_t)chunks;
    w.stored = mem_map(room);
    att_status status = w.stored ? pack_write_all(&w, chunks, threads, path, pool, head, bytes, e)
                                 : err_memory(e, room, "packing a case");
    for (int i = 0; w.zstd && i < threads; i++) ZSTD_freeCCtx(w.zstd[i]);
    mem_free(w.zstd);
    mem_free(w.own);
    mem_free(w.entries);
    mem_unmap(w.stored, room);
    return status;
}
