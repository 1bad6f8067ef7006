/* SPDX-License-Identifier: Apache-2.0 */
/* Safetensors: u64 little-endian header length, JSON header, data. Files are checked in full before
 * use (offsets in bounds, no overlap, dtype times shape equals bytes, header of at most 100 MB and
 * bounded depth) and written atomically. */
#pragma once

#include <jansson.h>

#include "files/file.h"
#include "files/file_at.h"

enum { TENSOR_MAX_DIMS = 8 };
enum st_type { ST_F64, ST_F32, ST_F16, ST_BF16, ST_I64, ST_I32, ST_I16, ST_I8, ST_U8, ST_BOOL };

struct st_tensor {
    const char *name; /* first, for text_order */
    enum st_type type;
    int dims;
    int64_t shape[TENSOR_MAX_DIMS];
    size_t count;              /* elements */
    const unsigned char *data; /* not aligned */
};

struct st_file {
    struct file_stream file; /* has tensors between st_fetch and st_release only */
    char *path;
    json_t *metadata;          /* object of strings, or NULL */
    struct st_tensor *tensors; /* sorted by name */
    int count;
    void *names; /* owned */
};

/* Reads the header. Does not map the file, so a truncated file or bad sector is ATT_MODEL, not a
 * signal. */
att_status st_open(const char *path, struct st_file *f, struct err *e);
/* Read the bytes of a tensor, which stay until st_release or st_close. */
att_status st_fetch(const struct st_file *f, const struct st_tensor *t, struct err *e);
void st_release(const struct st_file *f, const struct st_tensor *t);
void st_close(struct st_file *f);
const struct st_tensor *st_find(const struct st_file *f, const char *name); /* NULL when absent */
const char *st_metadata(const struct st_file *f, const char *key);          /* NULL when absent */
/* Read a tensor's `count` elements as floats; float32 takes no memory beside them. */
att_status st_read_float(
    const struct st_file *f, const struct st_tensor *t, float *out, struct err *e);
/* Convert any numeric type; writes `count` elements. */
void st_to_float(const struct st_tensor *t, float *out);
void st_to_double(const struct st_tensor *t, double *out);

/* Write tensors in this order, the first aligned to 64 bytes (the format allows no holes). `fill`
 * supplies the bytes of tensor `index`, so only one needs a buffer. */
struct st_spec {
    const char *name;
    enum st_type type;
    int dims;
    int64_t shape[TENSOR_MAX_DIMS];
};
typedef att_status st_fill(void *arg, int index, void *out, size_t bytes, struct err *e);
att_status st_save(const char *path, json_t *metadata, const struct st_spec *specs, int count,
    st_fill *fill, void *arg, struct err *e);
size_t st_type_size(enum st_type t);
const char *st_type_name(enum st_type t); /* as in the file: "F32" */
