/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a packed case: a head with class positions and a table of chunks, then the chunks. */
#pragma once

#include "base/pool.h"
#include "dataset/pack.h"
#include "feed/prepared.h"
#include "files/file_at.h"
#include "image/box.h"

/* After the header: entries, then part_first, places and part_places of struct prepared. */
struct pack_entry {
    uint64_t at;
    uint32_t bytes, crc; /* as stored; a chunk with its unpacked size is stored plain */
};

/* Write a case; sets the sizes of head and file. level: of zstd, 0: plain. */
att_status pack_case_write(const char *path, const struct prepared *p, const int chunk[3],
    int level, struct pool *pool, uint32_t *head, int64_t *bytes, struct err *e);

/* An open case and its memory; only pack_reader_create allocates. */
struct pack_reader {
    unsigned char *head, *stored, *plain;
    size_t head_room, chunk_room;
    struct ZSTD_DCtx_s *zstd;
    struct file_at file;
    char path[4096];
    struct prepared p; /* its tables point into the head; it has no voxels */
    int chunk[3], grid[3];
    const struct pack_entry *entries;
    int64_t bytes; /* read so far, of all cases */
};
/* Maximum bytes of heads, and the shape of chunks. */
att_status pack_reader_create(
    struct pack_reader *r, size_t head_room, const int chunk[3], int channels, struct err *e);
/* Open another case's file. ATT_DATA if it is damaged. */
att_status pack_reader_open(struct pack_reader *r, const char *path, struct err *e);
/* Read a box: image [channels][box], classes [box]. */
att_status pack_reader_box(
    struct pack_reader *r, const struct box *b, float *image, uint8_t *classes, struct err *e);
/* End of the open case's chunks. */
uint64_t pack_reader_end(const struct pack_reader *r);
void pack_reader_free(struct pack_reader *r);

/* Bytes of a chunk before packing. */
static inline size_t pack_chunk_bytes(size_t voxels, int channels)
{
    return voxels * ((size_t)channels * sizeof(float) + 1);
}
/* The voxels of chunk k of a case. */
struct box pack_chunk_box(const int size[3], const int chunk[3], int k);
