/* SPDX-License-Identifier: Apache-2.0 */
/* Writes safetensors. The format allows no holes between tensors, so spaces after the JSON header
 * align the start of the data to 64 bytes; tensors follow one another. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "format/safetensors.h"

enum {
    ALIGNMENT = 64,
    ENTRY_BYTES = 512
}; /* the second: about what the JSON of one tensor takes */

static att_status safetensors_save_bytes_of(const struct st_spec *s, size_t *bytes, struct err *e)
{
    *bytes = st_type_size(s->type);
    if (s->dims < 0 || s->dims > TENSOR_MAX_DIMS)
        return err_set(e, ATT_FAILED, "tensor %s has %d dimensions; report this", s->name, s->dims);
    for (int i = 0; i < s->dims; i++)
        if (s->shape[i] < 0 || __builtin_mul_overflow(*bytes, (size_t)s->shape[i], bytes) ||
            *bytes > INT64_MAX)
            return err_set(
                e, ATT_FAILED, "tensor %s has an impossible shape; report this", s->name);
    return ATT_OK;
}

/* Add one tensor at *offset, advance *offset past it, and raise *largest to its bytes. */
static att_status safetensors_save_add_entry(
    json_t *root, const struct st_spec *s, json_int_t *offset, size_t *largest, struct err *e)
{
    size_t bytes;
    TRY(safetensors_save_bytes_of(s, &bytes, e));
    json_int_t end;
    if (__builtin_add_overflow(*offset, (json_int_t)bytes, &end))
        return err_set(e, ATT_FAILED, "tensor %s ends beyond 2^63; report this", s->name);
    if (strcmp(s->name, "__metadata__") == 0 || json_object_get(root, s->name))
        return err_set(
            e, ATT_FAILED, "tensor name %s is reserved or used twice; report this", s->name);
    json_t *shape = json_array();
    for (int i = 0; i < s->dims; i++)
        if (json_array_append_new(shape, json_integer(s->shape[i])) != 0) {
            json_decref(shape);
            return err_memory(e, ENTRY_BYTES, "a safetensors header");
        }
    json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", st_type_name(s->type), "shape",
        shape, "data_offsets", *offset, end);
    if (!entry) return err_memory(e, ENTRY_BYTES, "a safetensors header");
    errno = 0; /* jansson reports short memory as a bad name; malloc sets errno */
    if (json_object_set_new(root, s->name, entry) != 0)
        return errno == ENOMEM
            ? err_memory(e, ENTRY_BYTES, "a safetensors header")
            : err_set(e, ATT_FAILED, "tensor name %s is not UTF-8; report this", s->name);
    *offset = end;
    if (bytes > *largest) *largest = bytes;
    return ATT_OK;
}

/* Length, JSON and padding as one block for mem_free. */
static att_status dump_header(
    const json_t *root, unsigned char **block, size_t *size, struct err *e)
{
    size_t length = json_dumpb(root, NULL, 0, JSON_COMPACT);
    size_t total = (8 + length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    unsigned char *out = length ? mem_alloc(total) : NULL;
    if (!out) return err_memory(e, total, "a safetensors header");
    uint64_t field = total - 8;
    memcpy(out, &field, 8);
    memset(out + 8, ' ', total - 8);
    if (json_dumpb(root, (char *)out + 8, length, JSON_COMPACT) != length) {
        mem_free(out);
        return err_memory(e, total, "a safetensors header");
    }
    *block = out;
    *size = total;
    return ATT_OK;
}

static att_status safetensors_save_make_header(json_t *metadata, const struct st_spec *specs,
    int count, unsigned char **block, size_t *size, size_t *largest, struct err *e)
{
    json_t *root = json_object();
    json_int_t offset = 0;
    att_status status = root ? ATT_OK : err_memory(e, ENTRY_BYTES, "a safetensors header");
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) status =
        err_set(e, ATT_FAILED, "metadata key %s is not a string; report this", key);
    if (status == ATT_OK && json_object_size(metadata) > 0 &&
        json_object_set(root, "__metadata__", metadata) != 0)
        status = err_memory(e, ENTRY_BYTES, "a safetensors header");
    for (int i = 0; status == ATT_OK && i < count; i++)
        status = safetensors_save_add_entry(root, &specs[i], &offset, largest, e);
    if (status == ATT_OK) status = dump_header(root, block, size, e);
    json_decref(root);
    return status;
}

static att_status write_tensors(struct file_writer *w, const struct st_spec *specs, int count,
    void *buffer, st_fill *fill, void *arg, struct err *e)
{
    for (int i = 0; i < count; i++) {
        size_t bytes;
        TRY(safetensors_save_bytes_of(&specs[i], &bytes, e));
        TRY(fill(arg, i, buffer, bytes, e));
        TRY(file_write(w, buffer, bytes, e));
    }
    return ATT_OK;
}

att_status st_save(const char *path, json_t *metadata, const struct st_spec *specs, int count,
    st_fill *fill, void *arg, struct err *e)
{
    unsigned char *header = NULL;
    size_t size = 0, largest = 0;
    TRY(safetensors_save_make_header(metadata, specs, count, &header, &size, &largest, e));
    struct file_writer *w = NULL;
    void *buffer = mem_alloc(largest);
    att_status status = buffer ? file_create(path, &w, e)
                               : err_memory(e, largest, "the largest tensor of a file to save");
    if (status == ATT_OK) status = file_write(w, header, size, e);
    if (status == ATT_OK) status = write_tensors(w, specs, count, buffer, fill, arg, e);
    if (status == ATT_OK)
        status = file_commit(w, e);
    else
        file_abandon(w);
    mem_free(buffer);
    mem_free(header);
    return status;
}
