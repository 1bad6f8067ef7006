/* SPDX-License-Identifier: Apache-2.0 */
/* Read the file of a packed case; for prefetch.c, which reads boxes, and training, which may read
 * whole cases. */
#include "feed/pack_case.h"

#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "base/ints.h"
#include "base/mem.h"
#include "files/file.h"

_Static_assert(sizeof(struct pack_header) == 72 + 8 * (LABELLING_MAX + 1) &&
        sizeof(struct pack_header) % 8 == 0,
    "no gaps in a file");
_Static_assert(sizeof(struct pack_entry) == 16, "no gaps in a file");

struct box pack_chunk_box(const int size[3], const int chunk[3], int k)
{
    int across = divide_up(size[2], chunk[2]), down = divide_up(size[1], chunk[1]);
    const int at[3] = {k / across / down, k / across % down, k % across};
    struct box b;
    for (int i = 0; i < 3; i++) {
        b.from[i] = at[i] * chunk[i];
        b.size[i] = size[i] - b.from[i] < chunk[i] ? size[i] - b.from[i] : chunk[i];
    }
    return b;
}

att_status pack_reader_create(
    struct pack_reader *r, size_t head_room, const int chunk[3], int channels, struct err *e)
{
    *r = (struct pack_reader){.head_room = head_room, .file = {.fd = -1}};
    r->chunk_room = pack_chunk_bytes(image_voxels(chunk), channels);
    r->head = mem_alloc(head_room);
    r->stored = mem_alloc(r->chunk_room);
    r->plain = mem_alloc(r->chunk_room);
    r->zstd = ZSTD_createDCtx();
    if (r->head && r->stored && r->plain && r->zstd) return ATT_OK;
    size_t bytes = head_room + 2 * r->chunk_room;
    pack_reader_free(r);
    return err_memory(e, bytes, "reading packed cases");
}

void pack_reader_free(struct pack_reader *r)
{
    if (r->file.fd >= 0) file_at_close(&r->file);
    ZSTD_freeDCtx(r->zstd);
    mem_free(r->head);
    mem_free(r->stored);
    mem_free(r->plain);
    *r = (struct pack_reader){.file = {.fd = -1}};
}

static att_status pack_case_damaged(const struct pack_reader *r, const char *what, struct err *e)
{
    return err_data(e,
        "%s is damaged (%s); remove it and run attunet pack again, which makes it anew", r->path,
        what);
}

static bool good_header(const struct pack_header *h, const struct pack_reader *r)
{
    int64_t voxels = 1, chunks = 1;
    for (int i = 0; i < 3; i++) {
        if (h->size[i] < 1 || h->chunk[i] < 1 || h->chunk[i] > PACK_SIDE) return false;
        if (__builtin_mul_overflow(voxels, h->size[i], &voxels) || voxels > INT32_MAX) return false;
        chunks *= divide_up(h->size[i], h->chunk[i]);
    }
    if (h->channels < 1 || h->channels > DATASET_CHANNELS || chunks != h->chunks) return false;
    if (pack_chunk_bytes(image_voxels(h->chunk), h->channels) > r->chunk_room) return false;
    if (h->places < 0 || h->parts < 0 || h->part_places < 0) return false;
    size_t bytes = sizeof *h + (size_t)h->chunks * sizeof(struct pack_entry) +
        (h->parts ? ((size_t)h->parts + 1) * sizeof(int) : 0) +
        ((size_t)h->places + (size_t)h->part_places) * sizeof(uint32_t);
    return bytes == h->bytes;
}

/* Starts at 0, never falls, and ends at `end`. */
static bool rises(const int *first, int count, int end, int min)
{
    if (first[0] != 0 || first[count] != end) return false;
    /* rising from 0: no overflow */
    for (int i = 0; i < count; i++)
        if (first[i + 1] < first[i] || first[i + 1] - first[i] < min || first[i + 1] > end)
            return false;
    return true;
}

static bool all_below(const uint32_t *place, int count, uint32_t voxels)
{
    uint32_t max = 0;
    for (int i = 0; i < count; i++) max = place[i] > max ? place[i] : max;
    return !count || max < voxels;
}

/* Check the tables, too: a wrong number would index memory. */
static bool take_head(struct pack_reader *r, const struct pack_header *h)
{
    struct prepared *p = &r->p;
    unsigned char *at = r->head + sizeof *h;
    *p = (struct prepared){.channels = h->channels};
    for (int i = 0; i < 3; i++) {
        p->size[i] = h->size[i];
        p->spacing[i] = h->spacing[i];
        r->chunk[i] = h->chunk[i];
        r->grid[i] = divide_up(h->size[i], h->chunk[i]);
    }
    memcpy(p->first, h->first, sizeof p->first);
    memcpy(p->parts, h->part, sizeof p->parts);
    r->entries = (const void *)at;
    at += (size_t)h->chunks * sizeof *r->entries;
    p->part_first = (void *)at;
    at += h->parts ? ((size_t)h->parts + 1) * sizeof *p->part_first : 0;
    p->places = (void *)at;
    p->part_places = p->places + h->places;
    uint32_t voxels = (uint32_t)image_voxels(p->size);
    bool good =
        rises(p->first, LABELLING_MAX, h->places, 0) && rises(p->parts, LABELLING_MAX, h->parts, 0);
    good = good && (!h->parts || rises(p->part_first, h->parts, h->part_places, 1)) &&
        (h->parts || !h->part_places);
    return good && all_below(p->places, h->places, voxels) &&
        all_below(p->part_places, h->part_places, voxels);
}

static att_status pack_case_read_head(struct pack_reader *r, struct err *e)
{
    struct pack_header h;
    const size_t covered = offsetof(struct pack_header, channels);
    TRY(file_at_read(&r->file, r->path, 0, &h, sizeof h, e));
    if (memcmp(h.magic, "attpack", 7) != 0) return pack_case_damaged(r, "it is no packed case", e);
    if (h.magic[7] == '1')
        return err_data(
            e, "%s is from an older attunet; run attunet pack again, which makes it anew", r->path);
    if (h.magic[7] != '2')
        return err_data(e, "%s is from a newer attunet; update this one, or pack again", r->path);
    if (h.bytes < sizeof h || h.bytes > r->head_room)
        return pack_case_damaged(r, "the size of its head differs from pack.json", e);
    TRY(file_at_read(&r->file, r->path, 0, r->head, h.bytes, e));
    r->bytes += h.bytes;
    if (file_crc(0, r->head + covered, h.bytes - covered) != h.crc)
        return pack_case_damaged(r, "the checksum of its head is wrong", e);
    if (!good_header(&h, r) || !take_head(r, &h))
        return pack_case_damaged(r, "its head is inconsistent", e);
    return ATT_OK;
}

att_status pack_reader_open(struct pack_reader *r, const char *path, struct err *e)
{
    if (r->file.fd >= 0) file_at_close(&r->file);
    r->p = (struct prepared){0};
    if (snprintf(r->path, sizeof r->path, "%s", path) >= (int)sizeof r->path)
        return err_usage(e, "the path %.200s... is too long; shorten it", path);
    TRY(file_at_open(path, &r->file, e));
    return pack_case_read_head(r, e);
}

uint64_t pack_reader_end(const struct pack_reader *r)
{
    const struct pack_entry *last = &r->entries[r->grid[0] * r->grid[1] * r->grid[2] - 1];
    return last->at + last->bytes;
}

/* Join a row of samples from planes of bytes. */
static void pack_case_join(const unsigned char *planes, size_t count, int n, float *to)
{
    const unsigned char *restrict a = planes, *restrict b = a + count, *restrict c = b + count,
                                  *restrict d = c + count;
    for (int i = 0; i < n; i++) {
        uint32_t bits =
            (uint32_t)a[i] | (uint32_t)b[i] << 8 | (uint32_t)c[i] << 16 | (uint32_t)d[i] << 24;
        memcpy(&to[i], &bits, sizeof bits);
    }
}

/* Copy the intersection of chunk and box. */
static void pack_case_scatter(const struct pack_reader *r, const struct box *chunk, bool planes,
    const unsigned char *from, const struct box *b, float *image, uint8_t *classes)
{
    int low[3], high[3];
    size_t count = box_voxels(chunk), voxels = box_voxels(b);
    for (int i = 0; i < 3; i++) {
        int end = chunk->from[i] + chunk->size[i], other = b->from[i] + b->size[i];
        low[i] = chunk->from[i] > b->from[i] ? chunk->from[i] : b->from[i];
        high[i] = end < other ? end : other;
    }
    int n = high[2] - low[2];
    for (int d = low[0]; d < high[0]; d++)
        for (int h = low[1]; h < high[1]; h++) {
            size_t at = ((size_t)(d - chunk->from[0]) * (size_t)chunk->size[1] +
                            (size_t)(h - chunk->from[1])) *
                    (size_t)chunk->size[2] +
                (size_t)(low[2] - chunk->from[2]);
            size_t to = ((size_t)(d - b->from[0]) * (size_t)b->size[1] + (size_t)(h - b->from[1])) *
                    (size_t)b->size[2] +
                (size_t)(low[2] - b->from[2]);
            for (int c = 0; c < r->p.channels; c++) {
                const unsigned char *x = from + (size_t)c * 4 * count;
                if (planes)
                    pack_case_join(x + at, count, n, image + (size_t)c * voxels + to);
                else
                    memcpy(image + (size_t)c * voxels + to, x + 4 * at, (size_t)n * sizeof *image);
            }
            memcpy(classes + to, from + (size_t)r->p.channels * 4 * count + at, (size_t)n);
        }
}

static att_status read_chunk(struct pack_reader *r, int k, const struct box *b, float *image,
    uint8_t *classes, struct err *e)
{
    const struct pack_entry *x = &r->entries[k];
    const struct box chunk = pack_chunk_box(r->p.size, r->chunk, k);
    size_t plain = pack_chunk_bytes(box_voxels(&chunk), r->p.channels);
    if (x->bytes > plain) return pack_case_damaged(r, "a chunk is too large", e);
    TRY(file_at_read(&r->file, r->path, x->at, r->stored, x->bytes, e));
    r->bytes += x->bytes;
    if (file_crc(0, r->stored, x->bytes) != x->crc)
        return pack_case_damaged(r, "the checksum of a chunk is wrong", e);
    bool packed = x->bytes < plain;
    if (packed && ZSTD_decompressDCtx(r->zstd, r->plain, plain, r->stored, x->bytes) != plain)
        return pack_case_damaged(r, "a chunk cannot be unpacked", e);
    pack_case_scatter(r, &chunk, packed, packed ? r->plain : r->stored, b, image, classes);
    return ATT_OK;
}

/* Chunks adjacent along w are contiguous in the file. */
static void want_row(const struct pack_reader *r, int first, int last)
{
    const struct pack_entry *a = &r->entries[first], *b = &r->entries[last];
    if (b->at >= a->at) file_at_want(&r->file, a->at, b->at - a->at + b->bytes);
}

att_status pack_reader_box(
    struct pack_reader *r, const struct box *b, float *image, uint8_t *classes, struct err *e)
{
    int first[3], last[3];
    for (int i = 0; i < 3; i++) {
        first[i] = b->from[i] / r->chunk[i];
        last[i] = (b->from[i] + b->size[i] - 1) / r->chunk[i];
    }
    for (int read = 0; read < 2; read++)
        for (int d = first[0]; d <= last[0]; d++)
            for (int h = first[1]; h <= last[1]; h++) {
                int row = (d * r->grid[1] + h) * r->grid[2];
                if (!read) want_row(r, row + first[2], row + last[2]);
                for (int w = first[2]; read && w <= last[2]; w++)
                    TRY(read_chunk(r, row + w, b, image, classes, e));
            }
    return ATT_OK;
}
