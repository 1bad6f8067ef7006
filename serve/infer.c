/* SPDX-License-Identifier: Apache-2.0 */
#include "infer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSE(...) return snprintf(error, INFER_ERROR, __VA_ARGS__), false

static const struct type {
    const char *name;
    size_t bytes;
} types[] = {{"FP32", 4}, {"FP64", 8}, {"INT8", 1}, {"UINT8", 1}, {"INT16", 2}, {"UINT16", 2},
    {"INT32", 4}, {"UINT32", 4}, {"INT64", 8}};
enum { TYPES = sizeof types / sizeof *types };

/* ---- the input */

static bool read_shape(
    struct infer *r, const json_t *shape, int channels, size_t max_samples, char error[INFER_ERROR])
{
    json_int_t sides[INFER_RANK] = {1, 1, 1, 1, 1};
    const size_t rank = json_array_size(shape);
    double samples = 1;
    if (rank < 3 || rank > INFER_RANK)
        REFUSE("the shape of 'image' must be [c, h, w], [c, d, h, w] or [1, c, d, h, w]");
    for (size_t i = 0; i < rank; i++) {
        json_int_t *side = &sides[INFER_RANK - rank + i];
        *side = json_integer_value(json_array_get(shape, i));
        if (*side < 1 || *side > INT32_MAX)
            REFUSE("side %zu of 'image' must be a whole number from 1 to %d", i, INT32_MAX);
        samples *= (double)*side;
    }
    if (rank == 3) sides[1] = sides[2], sides[2] = 1;
    if (sides[0] != 1)
        REFUSE("'image' must have one image, but its shape begins with another "
               "number than 1; send one request for each image");
    if (sides[1] != channels)
        REFUSE("'image' has %lld channels, but the model needs %d; send these, in the shape [c, h, "
               "w], "
               "[c, d, h, w] or [1, c, d, h, w]",
            (long long)sides[1], channels);
    if (samples > (double)max_samples)
        REFUSE("'image' has %.0f samples, but the server allows %zu; send a smaller image", samples,
            max_samples);
    r->rank = (int)rank;
    r->image.channels = channels;
    for (int i = 0; i < 3; i++) r->image.size[i] = (int)sides[2 + i];
    return true;
}

static size_t infer_samples(const struct infer *r)
{
    const int *s = r->image.size;
    return (size_t)r->image.channels * (size_t)s[0] * (size_t)s[1] * (size_t)s[2];
}

/* Nested arrays count in their order. */
static bool flatten(const json_t *data, float *to, size_t most, size_t *count)
{
    size_t i;
    const json_t *value;
    json_array_foreach((json_t *)(uintptr_t)data, i, value)
    {
        if (json_is_array(value)) {
            if (!flatten(value, to, most, count)) return false;
        } else if (!json_is_number(value) || *count == most) {
            return false;
        } else {
            to[(*count)++] = (float)json_number_value(value);
        }
    }
    return true;
}

#define CONVERT(index, T)                                                                          \
    case index:                                                                                    \
        for (size_t i = 0; i < count; i++) {                                                       \
            T x;                                                                                   \
            memcpy(&x, from + i * sizeof x, sizeof x);                                             \
            to[i] = (float)x;                                                                      \
        }                                                                                          \
        break

static void convert(int type, const char *from, size_t count, float *to)
{
    switch (type) {
        CONVERT(0, float);
        CONVERT(1, double);
        CONVERT(2, int8_t);
        CONVERT(3, uint8_t);
        CONVERT(4, int16_t);
        CONVERT(5, uint16_t);
        CONVERT(6, int32_t);
        CONVERT(7, uint32_t);
        CONVERT(8, int64_t);
    }
}

static bool read_data(
    struct infer *r, const json_t *input, const char *binary, size_t size, char error[INFER_ERROR])
{
    const char *name = json_string_value(json_object_get(input, "datatype"));
    const json_t *data = json_object_get(input, "data"),
                 *bytes = json_object_get(json_object_get(input, "parameters"), "binary_data_size");
    const size_t count = infer_samples(r);
    size_t read = 0;
    int type = 0;
    while (type < TYPES && (!name || strcmp(name, types[type].name))) type++;
    if (type == TYPES)
        REFUSE("the datatype of 'image' is not one of FP32, FP64, INT8, UINT8, INT16, UINT16, "
               "INT32, UINT32 and INT64");
    if (!data == !bytes) REFUSE("'image' needs either \"data\" or \"binary_data_size\"");
    if (bytes &&
        (!json_is_integer(bytes) || json_integer_value(bytes) < 0 ||
            (size_t)json_integer_value(bytes) != size || size != count * types[type].bytes))
        REFUSE("'image' has %zu samples of %zu bytes, but binary_data_size is %lld and %zu bytes "
               "follow the JSON",
            count, types[type].bytes, (long long)json_integer_value(bytes), size);
    if (bytes && type == 0 && (uintptr_t)binary % sizeof(float) == 0) {
        r->image.data = (const float *)(const void *)binary;
        return true;
    }
    if (!bytes && size) REFUSE("bytes follow the JSON, but no input has a binary_data_size");
    r->own = malloc(count * sizeof *r->own);
    if (!r->own) REFUSE("out of memory");
    r->image.data = r->own;
    if (bytes) convert(type, binary, count, r->own);
    if (!bytes && (!json_is_array(data) || !flatten(data, r->own, count, &read) || read != count))
        REFUSE("\"data\" of 'image' must be %zu numbers, as the shape says", count);
    return true;
}

/* Numbers as a list, or as text with spaces or commas: some clients' parameters hold no lists. */
static bool read_numbers(const json_t *j, double *to, size_t count)
{
    const char *text = json_string_value(j);
    if (!text && json_array_size(j) != count) return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(j, i);
        char *end = NULL;
        if (text) text += strspn(text, " ,");
        if (!text && !json_is_number(value)) return false;
        to[i] = text ? strtod(text, &end) : json_number_value(value);
        if (!isfinite(to[i]) || (text && end == text)) return false;
        text = end;
    }
    return !text || !text[strspn(text, " ,")];
}

static bool read_place(
    struct infer *r, const json_t *input, const json_t *parameters, char error[INFER_ERROR])
{
    double mm[3];
    const json_t *own = json_object_get(input, "parameters"),
                 *spacing = json_object_get(own, "spacing"),
                 *affine = json_object_get(own, "affine");
    if (!spacing) spacing = json_object_get(parameters, "spacing");
    if (!affine) affine = json_object_get(parameters, "affine");
    if (spacing && !read_numbers(spacing, mm, 3))
        REFUSE("the parameter spacing must be three numbers: mm between voxels along d, h and w");
    for (int i = 0; i < 3 && spacing; i++) r->image.spacing[i] = (float)mm[i];
    if (affine && !read_numbers(affine, r->affine, 12))
        REFUSE("the parameter affine must be 12 numbers, the first three rows of the matrix from "
               "voxels (w, h, d, 1) to mm");
    if (affine) r->image.affine = r->affine;
    return true;
}

/* ---- the outputs */

static bool read_output(
    struct infer *r, const char *name, const json_t *parameters, bool binary, char *error)
{
    const json_t *own = json_object_get(parameters, "binary_data");
    if (own) binary = json_is_true(own);
    if (json_object_get(parameters, "classification"))
        REFUSE("attunet segments and has no output for 'classification'; leave it out");
    if (name && strcmp(name, "attention") == 0) {
        r->attention = r->all = true;
        r->all_binary = binary;
        return true;
    }
    const bool map = name && strncmp(name, "attention_", 10) == 0;
    if (!name || strlen(name) >= INFER_NAME ||
        (!map && strcmp(name, "labels") && strcmp(name, "probabilities")))
        REFUSE("there is no such output; outputs are labels, probabilities, attention and "
               "attention_GATE");
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->outputs[i].name, name) == 0) REFUSE("output '%s' is named twice", name);
    if (r->count == INFER_OUTPUTS) REFUSE("more than %d outputs", INFER_OUTPUTS);
    struct infer_output *o = &r->outputs[r->count++];
    snprintf(o->name, sizeof o->name, "%s", name);
    o->binary = binary;
    r->attention = r->attention || map;
    return true;
}

static bool read_outputs(struct infer *r, char error[INFER_ERROR])
{
    const json_t *list = json_object_get(r->root, "outputs"),
                 *parameters = json_object_get(r->root, "parameters"), *output;
    const bool binary = json_is_true(json_object_get(parameters, "binary_data_output"));
    size_t i;
    if (list && !json_is_array(list)) REFUSE("\"outputs\" must be a list");
    if (!json_array_size(list)) return read_output(r, "labels", NULL, binary, error);
    json_array_foreach((json_t *)(uintptr_t)list, i, output)
    {
        const char *name = json_string_value(json_object_get(output, "name"));
        if (!read_output(r, name, json_object_get(output, "parameters"), binary, error))
            return false;
    }
    return true;
}

bool infer_read(struct infer *r, const char *body, size_t size, size_t json, int channels,
    size_t max_samples, char error[INFER_ERROR])
{
    json_error_t where;
    memset(r, 0, sizeof *r);
    r->image.struct_size = sizeof r->image;
    if (json > size) REFUSE("the body ends inside its JSON");
    if (json > INFER_JSON)
        REFUSE("the JSON has %zu bytes, more than %d; send the tensor as binary data", json,
            INFER_JSON);
    r->root = json_loadb(body, json, JSON_REJECT_DUPLICATES, &where);
    if (!r->root) REFUSE("line %d of the JSON: %.200s", where.line, where.text);
    const json_t *inputs = json_object_get(r->root, "inputs"), *input = json_array_get(inputs, 0);
    const char *name = json_string_value(json_object_get(input, "name"));
    const json_t *id = json_object_get(r->root, "id");
    if (json_array_size(inputs) != 1 || !name || strcmp(name, "image"))
        REFUSE("\"inputs\" must be a list of one input with the name 'image'");
    if (id && !json_is_string(id)) REFUSE("\"id\" must be a text");
    return read_shape(r, json_object_get(input, "shape"), channels, max_samples, error) &&
        read_data(r, input, body + json, size - json, error) &&
        read_place(r, input, json_object_get(r->root, "parameters"), error) &&
        read_outputs(r, error);
}

/* ---- the answer */

static size_t infer_voxels(const struct infer *r)
{
    return infer_samples(r) / (size_t)r->image.channels;
}

static bool infer_values(struct infer *r, struct infer_output *o, size_t channels)
{
    o->channels = channels;
    o->count = infer_voxels(r) * (channels ? channels : 1);
    o->values = malloc(o->count * sizeof *o->values);
    return o->values != NULL;
}

static void take_map(void *user, const char *gate, const float *map)
{
    struct infer *r = user;
    struct infer_output *o = NULL;
    for (int i = 0; i < r->count && !o; i++)
        if (strncmp(r->outputs[i].name, "attention_", 10) == 0 &&
            strcmp(r->outputs[i].name + 10, gate) == 0)
            o = &r->outputs[i];
    if (!o && r->all && r->count < INFER_OUTPUTS) {
        o = &r->outputs[r->count++];
        snprintf(o->name, sizeof o->name, "attention_%s", gate);
        o->binary = r->all_binary;
    }
    if (!o || o->values) return;
    if (infer_values(r, o, 0)) memcpy(o->values, map, o->count * sizeof *map);
    r->lost = r->lost || !o->values;
}

bool infer_prepare(struct infer *r, int classes, att_result *result)
{
    *result = (att_result){.struct_size = sizeof *result};
    for (int i = 0; i < r->count; i++) {
        struct infer_output *o = &r->outputs[i];
        if (strcmp(o->name, "labels") == 0) {
            o->count = infer_voxels(r);
            result->labels = o->labels = malloc(o->count * sizeof *o->labels);
            if (!o->labels) return false;
        } else if (strcmp(o->name, "probabilities") == 0) {
            if (!infer_values(r, o, (size_t)classes)) return false;
            result->probabilities = o->values;
        }
    }
    if (r->attention) result->attention = take_map;
    result->user = r;
    return true;
}

const char *infer_missing(const struct infer *r)
{
    for (int i = 0; i < r->count; i++)
        if (!infer_data(&r->outputs[i])) return r->outputs[i].name;
    return NULL;
}

size_t infer_bytes(const struct infer_output *o)
{
    return o->count * (o->labels ? sizeof *o->labels : sizeof *o->values);
}

const void *infer_data(const struct infer_output *o)
{
    return o->labels ? (const void *)o->labels : o->values;
}

/* The shape of the input, with other channels or none. */
static void write_shape(const struct infer *r, const struct infer_output *o, struct text *t)
{
    const int *s = r->image.size;
    bytes_add(t, "[");
    if (r->rank == 5) bytes_add(t, "1,");
    if (o->channels) bytes_add(t, "%zu,", o->channels);
    if (r->rank > 3) bytes_add(t, "%d,", s[0]);
    bytes_add(t, "%d,%d]", s[1], s[2]);
}

static void write_numbers(const struct infer_output *o, struct text *t)
{
    enum { NUMBER = 24 };
    for (size_t i = 0; i < o->count && bytes_room(t, NUMBER); i++) {
        const char *comma = i ? "," : "";
        const int length = o->labels
            ? snprintf(t->data + t->used, NUMBER, "%s%u", comma, o->labels[i])
            : snprintf(t->data + t->used, NUMBER, "%s%.9g", comma, (double)o->values[i]);
        t->used += (size_t)length;
    }
}

static void write_quoted(const char *words, struct text *t)
{
    json_t *j = json_string(words);
    char *quoted = j ? bytes_json(j) : NULL;
    bytes_add(t, "%s", quoted ? quoted : "\"\"");
    free(quoted);
    json_decref(j);
}

void infer_add_doubt(const char *word, char words[DOUBTS])
{
    if (*words) strcat(words, ",");
    strcat(words, word);
}

void infer_doubts(int doubts, char words[DOUBTS])
{
    static const char *const names[] = {"brought", "left", "unknown", "slice", "flat", "oblique"};
    *words = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (doubts >> i & 1) infer_add_doubt(names[i], words);
}

bool infer_write(const struct infer *r, const char *model, const char *version,
    const att_result *result, struct text *t)
{
    const char *id = json_string_value(json_object_get(r->root, "id"));
    char doubts[DOUBTS];
    infer_doubts(result->doubts, doubts);
    bytes_add(t, "{\"model_name\":\"%s\",\"model_version\":\"%s\",", model, version);
    if (id) bytes_add(t, "\"id\":");
    if (id) write_quoted(id, t);
    bytes_add(t,
        "%s\"parameters\":{\"doubts\":\"%s\",\"windows\":%d,\"seconds\":%.6f},\"outputs\":[",
        id ? "," : "", doubts, result->windows, result->seconds);
    for (int i = 0; i < r->count; i++) {
        const struct infer_output *o = &r->outputs[i];
        bytes_add(t, "%s{\"name\":", i ? "," : "");
        write_quoted(o->name, t);
        bytes_add(t, ",\"datatype\":\"%s\",\"shape\":", o->labels ? "UINT16" : "FP32");
        write_shape(r, o, t);
        if (o->binary) bytes_add(t, ",\"parameters\":{\"binary_data_size\":%zu}}", infer_bytes(o));
        if (o->binary) continue;
        bytes_add(t, ",\"data\":[");
        write_numbers(o, t);
        bytes_add(t, "]}");
    }
    bytes_add(t, "]}");
    return !t->lost;
}

void infer_drop_input(struct infer *r)
{
    free(r->own);
    json_decref(r->root);
    r->own = NULL;
    r->root = NULL;
}

void infer_free(struct infer *r)
{
    for (int i = 0; i < r->count; i++) {
        free(r->outputs[i].labels);
        free(r->outputs[i].values);
    }
    infer_drop_input(r);
}
