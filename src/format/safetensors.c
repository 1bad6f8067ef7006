/* SPDX-License-Identifier: Apache-2.0 */
/* Reads safetensors (github.com/huggingface/safetensors, "Format"). Files are untrusted: every
 * number is checked before use. Like the reference reader, fails for holes, overlaps and bytes
 * outside tensors. */
#include "format/safetensors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "tensors are used in the file's byte order, little-endian");

enum { HEADER_LIMIT = 100000000 };

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [ST_F64] = {"F64", 8},
    [ST_F32] = {"F32", 4},
    [ST_F16] = {"F16", 2},
    [ST_BF16] = {"BF16", 2},
    [ST_I64] = {"I64", 8},
    [ST_I32] = {"I32", 4},
    [ST_I16] = {"I16", 2},
    [ST_I8] = {"I8", 1},
    [ST_U8] = {"U8", 1},
    [ST_BOOL] = {"BOOL", 1},
};
enum { TYPES = sizeof types / sizeof *types };

size_t st_type_size(enum st_type t) { return types[t].size; }
const char *st_type_name(enum st_type t) { return types[t].name; }

static att_status parse_header(
    const char *path, const struct st_file *f, json_t **root, size_t *data_start, struct err *e)
{
    if (f->file.size < 8)
        return err_model(e, "%s has %zu byte%s, too few for weights; get a complete copy", path,
            f->file.size, TEXT_S(f->file.size));
    uint64_t length;
    memcpy(&length, f->file.data, 8);
    if (!memcmp(f->file.data, "PK\3\4", 4))
        return err_model(e,
            "%s: a zip archive, as torch.save writes; make a model of it with attunet convert "
            "--spec or --plans (docs/networks.md)",
            path);
    if (!memcmp(f->file.data, "\x80\2\x8a\n", 4))
        return err_model(e,
            "%s: written by torch.save before PyTorch 1.6; load it there and save it again with "
            "a newer PyTorch",
            path);
    if (length > HEADER_LIMIT)
        return err_model(e,
            "%s: neither a safetensors file nor written by torch.save; give the folder of a run, "
            "its model.safetensors, or weights of torch.save",
            path);
    if (length > f->file.size - 8)
        return err_model(e,
            "%s: the file ends inside its header of %llu bytes; get a complete copy", path,
            (unsigned long long)length);
    const char *text = (const char *)f->file.data + 8;
    if (length == 0 || text[0] != '{')
        return err_model(
            e, "%s: the safetensors header is not a plain JSON object; write the file again", path);
    json_error_t fault;
    errno = 0; /* jansson may report short memory as a syntax error; malloc sets errno */
    *root = json_memory_load(text, (size_t)length, JSON_REJECT_DUPLICATES, &fault);
    if (!*root && errno == ENOMEM)
        return err_memory(e, (size_t)length, "the header of a safetensors file");
    if (!*root)
        return err_model(e,
            "%s: the safetensors header is not valid JSON at byte %d (%s); write the file again",
            path, fault.position, fault.text);
    *data_start = 8 + (size_t)length;
    return ATT_OK;
}

static att_status check_metadata(const char *path, json_t *metadata, struct err *e)
{
    if (!json_is_object(metadata))
        return err_model(e, "%s: __metadata__ is not a JSON object; write the file again", path);
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value)
    {
        if (!json_is_string(value))
            return err_model(e,
                "%s: __metadata__ key \"%.100s\" is not a string; write the file again", path, key);
    }
    return ATT_OK;
}

/* False if the shape is malformed or its bytes overflow. */
static bool safetensors_read_shape(const json_t *shape, struct st_tensor *t, size_t *bytes)
{
    if (!json_is_array(shape) || json_array_size(shape) > TENSOR_MAX_DIMS) return false;
    t->dims = (int)json_array_size(shape);
    t->count = 1;
    for (int i = 0; i < t->dims; i++) {
        const json_t *n = json_array_get(shape, (size_t)i);
        if (!json_is_integer(n) || json_integer_value(n) < 0) return false;
        t->shape[i] = json_integer_value(n);
        if (__builtin_mul_overflow(t->count, (size_t)t->shape[i], &t->count)) return false;
    }
    return !__builtin_mul_overflow(t->count, types[t->type].size, bytes);
}

static att_status safetensors_read_tensor(const char *path, const char *name, const json_t *entry,
    const unsigned char *data, size_t size, struct st_tensor *t, struct err *e)
{
    const char *type = json_str(entry, "dtype");
    if (!type)
        return err_model(e, "%s: tensor \"%.200s\" has no dtype; write the file again", path, name);
    int found = 0;
    while (found < TYPES && strcmp(type, types[found].name) != 0) found++;
    if (found == TYPES)
        return err_model(e,
            "%s: tensor \"%.200s\" has dtype %.20s, which is not supported; convert it to F32",
            path, name, type);
    t->type = (enum st_type)found;
    size_t bytes;
    if (!safetensors_read_shape(json_object_get(entry, "shape"), t, &bytes))
        return err_model(e,
            "%s: tensor \"%.200s\" needs a shape of at most %d valid sizes; write the file again",
            path, name, TENSOR_MAX_DIMS);
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *first = json_array_get(offsets, 0), *last = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(last))
        return err_model(e,
            "%s: tensor \"%.200s\" does not have two data_offsets; write the file again", path,
            name);
    json_int_t begin = json_integer_value(first), end = json_integer_value(last);
    if (begin < 0 || end < begin || (uint64_t)end > size)
        return err_model(e,
            "%s: tensor \"%.200s\" is at bytes %lld to %lld of %zu; get a complete copy", path,
            name, (long long)begin, (long long)end, size);
    if ((size_t)(end - begin) != bytes)
        return err_model(e,
            "%s: tensor \"%.200s\" has %lld bytes, but its shape needs %zu; write the file again",
            path, name, (long long)(end - begin), bytes);
    t->data = data + begin;
    return ATT_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct st_tensor *x = a, *y = b;
    if (x->data != y->data) return x->data < y->data ? -1 : 1;
    return (x->count > 0) - (y->count > 0);
}

static att_status check_cover(
    const char *path, const struct st_file *f, size_t data_start, struct err *e)
{
    const unsigned char *at = f->file.data + data_start;
    for (int i = 0; i < f->count; i++) {
        const struct st_tensor *t = &f->tensors[i];
        if (t->data != at)
            return err_model(e, "%s: tensor \"%.200s\" %s; write the file again", path, t->name,
                t->data < at ? "overlaps another" : "has a hole before it");
        at += t->count * types[t->type].size;
    }
    if (at != f->file.data + f->file.size)
        return err_model(e, "%s: %zu bytes at the end belong to no tensor; write the file again",
            path, (size_t)(f->file.data + f->file.size - at));
    return ATT_OK;
}

/* Fill tensors and names; `names` becomes one block. */
static att_status read_tensors(
    const char *path, json_t *root, size_t data_start, struct st_file *f, struct err *e)
{
    const char *key;
    json_t *entry;
    size_t text = 0, entries = json_object_size(root);
    json_object_foreach(root, key, entry) text += strlen(key) + 1;
    f->tensors = mem_array(entries, sizeof *f->tensors);
    f->names = mem_alloc(text);
    if (!f->tensors || !f->names)
        return err_memory(e, text + entries * sizeof *f->tensors, "the list of tensors");
    char *name = f->names;
    json_object_foreach(root, key, entry)
    {
        if (strcmp(key, "__metadata__") == 0) {
            TRY(check_metadata(path, entry, e));
            f->metadata = json_incref(entry);
            continue;
        }
        struct st_tensor *t = &f->tensors[f->count];
        TRY(safetensors_read_tensor(
            path, key, entry, f->file.data + data_start, f->file.size - data_start, t, e));
        size_t length = strlen(key) + 1;
        memcpy(name, key, length);
        t->name = name;
        name += length;
        f->count++;
    }
    qsort(f->tensors, (size_t)f->count, sizeof *f->tensors, by_place);
    TRY(check_cover(path, f, data_start, e));
    qsort(f->tensors, (size_t)f->count, sizeof *f->tensors, text_order);
    return ATT_OK;
}

/* Whether to retry a disk read, once. A file that fails again counts as damaged, and so does a
 * truncated one. */
static bool again(att_status status, struct err *why)
{
    if (status != ATT_IO || errno != EIO) return false;
    err_clear(why);
    return true;
}

static att_status unreadable(att_status status, const struct err *why, struct err *e)
{
    return err_pass(
        e, status == ATT_DATA || (status == ATT_IO && errno == EIO) ? ATT_MODEL : status, why);
}

static att_status fetch_to(
    const struct st_file *f, size_t from, size_t size, void *to, struct err *e)
{
    struct err why = {0};
    att_status status = file_at_read(&f->file.at, f->path, from, to, size, &why);
    if (again(status, &why)) status = file_at_read(&f->file.at, f->path, from, to, size, &why);
    return status == ATT_OK ? ATT_OK : unreadable(status, &why, e);
}

static att_status fetch(const struct st_file *f, size_t from, size_t size, struct err *e)
{
    return fetch_to(f, from, size, f->file.data + from, e);
}

static att_status fetch_header(const struct st_file *f, struct err *e)
{
    uint64_t length;
    if (f->file.size < sizeof length) return ATT_OK; /* parse_header reports it */
    TRY(fetch(f, 0, sizeof length, e));
    memcpy(&length, f->file.data, sizeof length);
    return length > HEADER_LIMIT || length > f->file.size - sizeof length
        ? ATT_OK
        : fetch(f, sizeof length, (size_t)length, e);
}

static att_status safetensors_parse(const char *path, struct st_file *f, struct err *e)
{
    json_t *root = NULL;
    size_t data_start = 0;
    att_status status = parse_header(path, f, &root, &data_start, e);
    if (status == ATT_OK) status = read_tensors(path, root, data_start, f, e);
    json_decref(root);
    if (status != ATT_OK) st_close(f);
    return status;
}

att_status st_open(const char *path, struct st_file *f, struct err *e)
{
    struct err why = {0};
    *f = (struct st_file){.count = 0};
    att_status status = file_stream_open(path, &f->file, &why);
    if (again(status, &why)) status = file_stream_open(path, &f->file, &why);
    if (status != ATT_OK) return unreadable(status, &why, e);
    f->path = mem_text("%s", path);
    status = f->path ? fetch_header(f, e) : err_path(e);
    if (status == ATT_OK) return safetensors_parse(path, f, e);
    st_close(f);
    return status;
}

att_status st_fetch(const struct st_file *f, const struct st_tensor *t, struct err *e)
{
    return fetch(f, (size_t)(t->data - f->file.data), t->count * st_type_size(t->type), e);
}

void st_release(const struct st_file *f, const struct st_tensor *t)
{
    mem_release(f->file.data + (t->data - f->file.data), t->count * st_type_size(t->type));
}

void st_close(struct st_file *f)
{
    json_decref(f->metadata);
    mem_free(f->tensors);
    mem_free(f->names);
    mem_free(f->path);
    file_stream_close(&f->file);
    *f = (struct st_file){.count = 0};
}

const struct st_tensor *st_find(const struct st_file *f, const char *name)
{
    return f->count ? bsearch(&name, f->tensors, (size_t)f->count, sizeof *f->tensors, text_order)
                    : NULL;
}

const char *st_metadata(const struct st_file *f, const char *key)
{
    return json_str(f->metadata, key);
}

static double from_bfloat(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float value;
    memcpy(&value, &bits, 4);
    return (double)value;
}

/* One loop per file type and output type, with memcpy since tensors are not aligned. */
#define CONVERT(TYPE, TO, EXPRESSION)                                                              \
    for (size_t i = 0; i < t->count; i++) {                                                        \
        TYPE v;                                                                                    \
        memcpy(&v, t->data + i * sizeof(TYPE), sizeof v);                                          \
        out[i] = (TO)(EXPRESSION);                                                                 \
    }                                                                                              \
    break
#define CONVERT_ALL(TO)                                                                            \
    switch (t->type) {                                                                             \
    case ST_F64:                                                                                   \
        CONVERT(double, TO, v);                                                                    \
    case ST_F32:                                                                                   \
        CONVERT(float, TO, v);                                                                     \
    case ST_F16:                                                                                   \
        CONVERT(uint16_t, TO, number_of_half(v));                                                  \
    case ST_BF16:                                                                                  \
        CONVERT(uint16_t, TO, from_bfloat(v));                                                     \
    case ST_I64:                                                                                   \
        CONVERT(int64_t, TO, v);                                                                   \
    case ST_I32:                                                                                   \
        CONVERT(int32_t, TO, v);                                                                   \
    case ST_I16:                                                                                   \
        CONVERT(int16_t, TO, v);                                                                   \
    case ST_I8:                                                                                    \
        CONVERT(int8_t, TO, v);                                                                    \
    case ST_U8:                                                                                    \
        CONVERT(uint8_t, TO, v);                                                                   \
    case ST_BOOL:                                                                                  \
        CONVERT(uint8_t, TO, v != 0);                                                              \
    }

void st_to_float(const struct st_tensor *t, float *out) { CONVERT_ALL(float) }
void st_to_double(const struct st_tensor *t, double *out){CONVERT_ALL(double)}

att_status
    st_read_float(const struct st_file *f, const struct st_tensor *t, float *out, struct err *e)
{
    if (t->type == ST_F32)
        return fetch_to(f, (size_t)(t->data - f->file.data), t->count * sizeof *out, out, e);
    att_status status = st_fetch(f, t, e);
    if (status == ATT_OK) st_to_float(t, out);
    st_release(f, t);
    return status;
}
