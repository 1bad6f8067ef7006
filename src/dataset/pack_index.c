/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes pack.json: everything but voxels. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dataset/layout.h"
#include "dataset/pack.h"
#include "files/file.h"
#include "files/hash.h"
#include "files/json_file.h"

enum { FORMAT = 2 /* 1 had its spacing twice */, NAMES = 4096, INDEX_MAX = 1 << 30 };

/* Relative to the data set's folder if inside it. */
static const char *relative(const struct pack *p, const char *path)
{
    size_t length = strlen(p->source);
    return !strncmp(path, p->source, length) && path[length] == '/' ? path + length + 1 : path;
}

static json_t *name_to_json(uint64_t name)
{
    char text[HASH_TEXT];
    return json_string(hash_text(name, text));
}

static json_t *pack_index_case_to_json(const struct pack *p, const struct data_case *c,
    const struct pack_case *x, const struct dataset *d)
{
    json_t *images = json_array(), *sources = json_array(), *classes = json_array();
    bool good = true;
    for (int k = 0; k < c->nimages; k++)
        good = !json_array_append_new(images, json_string(relative(p, c->image[k]))) && good;
    for (int k = 0; k < x->nsources; k++)
        json_array_append_new(sources,
            json_pack("[I, I, o]", (json_int_t)x->sources[k].facts.size,
                (json_int_t)x->sources[k].facts.changed, name_to_json(x->sources[k].hash)));
    for (int k = 0; k < LABELLING_MAX; k++)
        if (class_set_has(x->present, k)) json_array_append_new(classes, json_integer(k));
    json_t *j = json_pack("{s:s, s:o, s:s*, s:o, s:s*}", "id", c->id, "images", images, "label",
        c->label ? relative(p, c->label) : NULL, "sources", sources, "group",
        d->has_groups ? c->group : NULL);
    if (!good || (d->has_groups && c->group && !json_object_get(j, "group")) ||
        (c->label && !json_object_get(j, "label"))) {
        json_decref(classes);
        json_decref(j);
        return NULL;
    }
    if (d->has_folds) json_set_int(j, "fold", c->fold);
    if (!x->packed) {
        json_decref(classes);
        return j;
    }
    json_object_set_new(j, "file", name_to_json(x->file));
    json_object_set_new(j, "print", name_to_json(x->print));
    json_set_int(j, "head", x->head);
    json_set_int(j, "bytes", (json_int_t)x->bytes);
    json_object_set_new(j, "size", json_triple(x->size));
    json_object_set_new(j, "spacing",
        json_pack("[fff]", (double)x->spacing[0], (double)x->spacing[1], (double)x->spacing[2]));
    json_object_set_new(j, "classes", classes);
    return j;
}

att_status pack_write(const struct pack *p, const struct dataset *d, struct err *e)
{
    json_t *channels = json_array(), *cases = json_array();
    for (int i = 0; i < d->channels; i++)
        json_array_append_new(
            channels, json_utf8(d->channel_name[i] ? d->channel_name[i] : "image"));
    for (int i = 0; i < p->count; i++) {
        json_t *one = pack_index_case_to_json(p, &d->cases[i], &p->cases[i], d);
        if (!one || json_array_append_new(cases, one)) {
            json_decref(channels);
            json_decref(cases);
            return err_data(e,
                "the name of a file or of the group of case %s is not UTF-8; rename it",
                d->cases[i].id);
        }
    }
    json_t *j = json_pack("{s:i, s:s, s:s, s:i, s:o, s:o, s:O, s:o, s:i, s:o}", "format", FORMAT,
        "writer", "attunet " ATT_VERSION, "source", p->source, "dims", d->dims, "channels",
        channels, "labels", labelling_to_json(&d->labels), "preparation", p->preparation, "chunk",
        json_triple(p->chunk), "level", p->level, "cases", cases);
    if (j && d->voxel[0] > 0)
        json_object_set_new(j, "voxel_size",
            json_pack("[fff]", (double)d->voxel[0], (double)d->voxel[1], (double)d->voxel[2]));
    char *path = file_join(p->folder, PACK_INDEX);
    att_status status = path
        ? json_file_write_as(path, j, JSON_INDENT(1) | JSON_REAL_PRECISION(17), e)
        : err_path(e);
    json_decref(j);
    mem_free(path);
    return status;
}

struct index {
    const char *path;
    const json_t *j;
    struct dataset *d;
    struct pack *p;
};

static att_status pack_index_bad(const struct index *x, const char *what, struct err *e)
{
    return err_data(
        e, "%s is damaged (%s); run attunet pack again, which keeps packed cases", x->path, what);
}

/* Sets of format 1 may hold other keys. */
static att_status pack_index_keys(
    const struct index *x, const json_t *j, const char *const *known, struct err *e)
{
    return json_int(x->j, "format") == FORMAT ? json_check_keys(j, known, x->path, ATT_DATA, e)
                                              : ATT_OK;
}

static bool read_whole(const json_t *j, int64_t min, int64_t max, int64_t *out)
{
    *out = json_integer_value(j);
    return json_is_integer(j) && *out >= min && *out <= max;
}

static bool pack_index_read_triple(const json_t *j, int max, int v[3])
{
    int64_t x;
    bool good = json_array_size(j) == 3;
    for (size_t i = 0; i < 3 && good; i++) {
        good = read_whole(json_array_get(j, i), 1, max, &x);
        v[i] = (int)x;
    }
    return good;
}

static bool read_reals(const json_t *j, double v[3])
{
    bool good = json_array_size(j) == 3;
    for (size_t i = 0; i < 3 && good; i++) {
        const json_t *x = json_array_get(j, i);
        v[i] = json_number_value(x);
        good = json_is_number(x) && v[i] >= 0 && v[i] <= 1e9;
    }
    return good;
}

static bool pack_index_read_name(const json_t *j, uint64_t *name)
{
    const char *text = json_string_value(j);
    if (!text || strlen(text) != HASH_TEXT - 1 || strspn(text, "0123456789abcdef") != HASH_TEXT - 1)
        return false;
    *name = strtoull(text, NULL, 16);
    return true;
}

static att_status pack_index_copy_path(
    const struct index *x, const json_t *j, const char *what, char **to, struct err *e)
{
    const char *text = json_string_value(j);
    if (!text || !*text || strlen(text) >= NAMES) return pack_index_bad(x, what, e);
    *to = file_join(x->p->source, text);
    return *to ? ATT_OK : err_path(e);
}

static bool read_facts(const json_t *j, struct pack_case *c)
{
    size_t count = json_array_size(j);
    for (size_t k = 0; k < count; k++) {
        const json_t *one = json_array_get(j, k);
        struct pack_source *s = &c->sources[k];
        if (json_array_size(one) != 3 ||
            !read_whole(json_array_get(one, 0), 0, INT64_MAX, &s->facts.size) ||
            !read_whole(json_array_get(one, 1), INT64_MIN, INT64_MAX, &s->facts.changed) ||
            !pack_index_read_name(json_array_get(one, 2), &s->hash))
            return false;
    }
    return true;
}

/* `joined`: number of files if the label's name means several masks; `single`: if it is one file,
 * which may no longer exist. */
static att_status read_sources(const struct index *x, const json_t *j, int joined, int single,
    struct pack_case *c, struct err *e)
{
    const size_t count = json_array_size(j);
    if (count != (size_t)joined && count != (size_t)single)
        return pack_index_bad(x, "the sources of a case", e);
    c->nsources = (int)count;
    TRY(MEM_ARRAY(c->sources, count, "the cases of a packed set", e));
    return read_facts(j, c) ? ATT_OK : pack_index_bad(x, "the sources of a case", e);
}

static bool read_packed(const struct index *x, const json_t *j, struct pack_case *c)
{
    int64_t head, k, voxels = 1;
    double spacing[3];
    size_t i;
    json_t *class;
    c->packed = json_object_get(j, "file") != NULL;
    if (!c->packed) return true;
    bool good = pack_index_read_name(json_object_get(j, "file"), &c->file) &&
        pack_index_read_name(json_object_get(j, "print"), &c->print) &&
        read_whole(
            json_object_get(j, "head"), (int64_t)sizeof(struct pack_header), 1 << 30, &head) &&
        read_whole(json_object_get(j, "bytes"), 0, INT64_MAX / 2, &c->bytes) &&
        pack_index_read_triple(json_object_get(j, "size"), INT32_MAX, c->size) &&
        read_reals(json_object_get(j, "spacing"), spacing);
    if (!good) return false;
    c->head = (uint32_t)head;
    for (int a = 0; a < 3; a++) {
        c->spacing[a] = (float)spacing[a];
        if (__builtin_mul_overflow(voxels, c->size[a], &voxels) || voxels > INT32_MAX) return false;
    }
    json_array_foreach(json_object_get(j, "classes"), i, class)
    {
        if (!read_whole(class, 1, x->d->labels.count - 1, &k)) return false;
        class_set_add(&c->present, (int)k);
    }
    return true;
}

/* Group and fold from the layout. */
static att_status read_sharing(
    const struct index *x, const json_t *j, struct data_case *c, struct err *e)
{
    const json_t *group = json_object_get(j, "group"), *fold = json_object_get(j, "fold");
    json_int_t number = json_integer_value(fold);
    if (group && (!json_is_string(group) || json_string_length(group) >= NAMES))
        return pack_index_bad(x, "a group", e);
    if (fold && (!json_is_integer(fold) || number < FOLD_OUT || number > FOLDS_MAX))
        return pack_index_bad(x, "a fold", e);
    x->d->has_groups |= group != NULL;
    x->d->has_folds |= fold != NULL;
    c->fold = (int)number;
    if (group && !(c->group = mem_text("%s", json_string_value(group))))
        return err_memory(e, NAMES, "a group");
    return ATT_OK;
}

static att_status read_case(const struct index *x, const json_t *j, struct err *e)
{
    static const char *const known[] = {"id", "images", "label", "sources", "group", "fold", "file",
        "print", "head", "bytes", "size", "spacing", "classes", NULL};
    TRY(pack_index_keys(x, j, known, e));
    const char *id = json_str(j, "id");
    const json_t *images = json_object_get(j, "images"), *label = json_object_get(j, "label");
    size_t count = json_array_size(images);
    if (!id || !layout_id_good(id) || strlen(id) >= NAMES || count < 1 || count > DATASET_CHANNELS)
        return pack_index_bad(x, "a case without name or images", e);
    struct data_case *c = layout_add(x->d, id, e);
    if (!c) return ATT_MEMORY;
    struct pack_case *to = &x->p->cases[x->p->count++];
    for (size_t k = 0; k < count; k++) {
        TRY(pack_index_copy_path(x, json_array_get(images, k), "an image's name", &c->image[k], e));
        c->nimages++;
    }
    if (label) TRY(pack_index_copy_path(x, label, "a label's name", &c->label, e));
    TRY(read_sharing(x, j, c, e));
    TRY(read_sources(x, json_object_get(j, "sources"), pack_source_count(c),
        c->nimages + (c->label != NULL), to, e));
    if (!read_packed(x, j, to)) return pack_index_bad(x, "a packed case", e);
    return ATT_OK;
}

static att_status pack_index_read_cases(const struct index *x, struct err *e)
{
    const json_t *list = json_object_get(x->j, "cases");
    size_t count = json_array_size(list);
    if (count < 1 || count > INT32_MAX / 2) return pack_index_bad(x, "its cases", e);
    TRY(MEM_ARRAY(x->p->cases, count, "the cases of a packed set", e));
    for (size_t i = 0; i < count; i++) {
        TRY(read_case(x, json_array_get(list, i), e));
        if (i > 0 && strcmp(x->d->cases[i - 1].id, x->d->cases[i].id) >= 0)
            return pack_index_bad(x, "the order of its cases", e);
    }
    return ATT_OK;
}

static att_status pack_index_read_channels(const struct index *x, struct err *e)
{
    const json_t *names = json_object_get(x->j, "channels");
    size_t count = json_array_size(names);
    if (count < 1 || count > DATASET_CHANNELS) return pack_index_bad(x, "its channels", e);
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!name) return pack_index_bad(x, "its channels", e);
        x->d->channel_name[i] = mem_text("%s", name);
        if (!x->d->channel_name[i]) return err_memory(e, strlen(name), "the name of a channel");
    }
    x->d->channels = (int)count;
    return ATT_OK;
}

static att_status read_index(const struct index *x, struct err *e)
{
    static const char *const known[] = {"format", "writer", "source", "dims", "channels", "labels",
        "preparation", "chunk", "level", "cases", "voxel_size", NULL};
    const char *source = json_str(x->j, "source");
    int64_t format, dims, level;
    struct err why = {0};
    if (!read_whole(json_object_get(x->j, "format"), 1, INT32_MAX, &format))
        return pack_index_bad(x, "its format", e);
    if (format > FORMAT)
        return err_data(e, "%s is from a newer attunet; update this one, or pack again", x->path);
    TRY(pack_index_keys(x, x->j, known, e));
    if (!source || *source != '/' || strlen(source) >= NAMES)
        return pack_index_bad(x, "the folder of its sources", e);
    x->p->source = mem_text("%s", source);
    if (!x->p->source) return err_path(e);
    x->p->preparation = json_incref(json_object_get(x->j, "preparation"));
    if (!json_is_object(x->p->preparation)) return pack_index_bad(x, "its preparation", e);
    if (!read_whole(json_object_get(x->j, "dims"), 2, 3, &dims) ||
        !read_whole(json_object_get(x->j, "level"), 0, 22, &level) ||
        !pack_index_read_triple(json_object_get(x->j, "chunk"), PACK_SIDE, x->p->chunk))
        return pack_index_bad(x, "its chunks", e);
    double voxel[3] = {0, 0, 0}; /* absent in older sets */
    const json_t *size = json_object_get(x->j, "voxel_size");
    if (size && (!read_reals(size, voxel) || !(voxel[0] > 0 && voxel[1] > 0 && voxel[2] > 0)))
        return pack_index_bad(x, "its voxel size", e);
    for (int a = 0; a < 3; a++) x->d->voxel[a] = (float)voxel[a];
    x->d->dims = (int)dims;
    x->p->level = (int)level;
    att_status labels = labelling_from_json(json_object_get(x->j, "labels"), &x->d->labels, &why);
    if (labels != ATT_OK)
        return labels == ATT_MEMORY ? err_pass(e, labels, &why)
                                    : pack_index_bad(x, "its labels", e);
    TRY(pack_index_read_channels(x, e));
    return pack_index_read_cases(x, e);
}

att_status pack_read(const char *path, struct dataset *d, struct pack *p, struct err *e)
{
    json_t *j;
    char *text;
    size_t size;
    struct err why = {0};
    TRY(file_read(path, INDEX_MAX, &text, &size, e));
    att_status status = json_parse(text, size, path, 0, ATT_DATA, &j, &why);
    mem_free(text);
    if (status == ATT_DATA)
        return pack_index_bad(&(struct index){.path = path}, "it is not valid JSON", e);
    TRY(err_pass(e, status, &why));
    status = read_index(&(struct index){path, j, d, p}, e);
    json_decref(j);
    return status;
}
