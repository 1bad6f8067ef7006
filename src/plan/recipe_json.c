/* SPDX-License-Identifier: Apache-2.0 */
/* A recipe as JSON: one list of fields for both ways. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "plan/recipe.h"

/* TEXT: "" is null.  SIZE3: "DxHxW", with one slice "HxW"; 0x0x0 is "none".  SHRINK: the same; older settings have none.  PASSES, BYTES: 0
 * is null; older settings have none.  STORAGE: the same, "f32" if none.  SPACING: "DxHxW" in mm; 0x0x0 is "none".  LATER_SPACING: the same;
 * older settings have none.  COUNT: below 0 is null. MAYBE, MIRRORS: NaN is null.  LENGTH, TIME: 0 is null.  LATER_TEXT, LATER_FLAG: as
 * those, older settings have none.  SHARE: 0 is null; older settings have none. */
enum field_type {
    TEXT,
    SIZE3,
    SHRINK,
    PASSES,
    BYTES,
    STORAGE,
    SPACING,
    LATER_SPACING,
    INT,
    COUNT,
    LENGTH,
    TIME,
    SECONDS,
    REAL,
    MAYBE,
    FLAG,
    MIRRORS,
    LATER_TEXT,
    LATER_FLAG,
    SHARE,
    OPTIMISER,
    SCHEDULE,
    WEIGHTS
};

/* Every flag of `train` that says what is trained has a row here; NAMED where the member is not called like its flag. */
static const struct field {
    const char *name;
    enum field_type type;
    size_t at, size;
} fields[] = {
#define NAMED(flag, member, type)                                                                                                          \
    {                                                                                                                                      \
        flag, type, offsetof(struct recipe, member), sizeof((struct recipe *)0)->member                                                    \
    }
#define FIELD(member, type) NAMED(#member, member, type)
    FIELD(fold, COUNT),
    FIELD(folds, LATER_TEXT),
    FIELD(holdout, SHARE),
    FIELD(stratify, LATER_FLAG),
    FIELD(train_list, TEXT),
    FIELD(val_list, TEXT),
    FIELD(init, TEXT),
    FIELD(freeze, TEXT),
    NAMED("time", seconds, TIME),
    FIELD(steps, LENGTH),
    FIELD(validate_every, COUNT),
    FIELD(checkpoint_every, SECONDS),
    FIELD(snapshots, PASSES),
    FIELD(seed, COUNT),
    FIELD(spec, TEXT),
    FIELD(patch, SIZE3),
    FIELD(batch, INT),
    FIELD(micro_batch, PASSES),
    FIELD(max_memory, BYTES),
    NAMED("storage", half, STORAGE),
    FIELD(resize, SIZE3),
    NAMED("voxel_size", voxel, LATER_SPACING),
    FIELD(orientation, LATER_TEXT),
    FIELD(spacing, SPACING),
    FIELD(shrink, SHRINK),
    FIELD(normalise, TEXT),
    FIELD(nonzero, FLAG),
    FIELD(foreground, REAL),
    NAMED("augment", augment.name, TEXT),
    NAMED("mirror", augment.mirror, MIRRORS),
    NAMED("intensity", augment.intensity, FLAG),
    NAMED("rotate", augment.rotate, MAYBE),
    NAMED("rotate_probability", augment.rotate_probability, MAYBE),
    NAMED("scale", augment.scale, MAYBE),
    NAMED("scale_probability", augment.scale_probability, MAYBE),
    NAMED("scale_axes", augment.scale_axes, MAYBE),
    NAMED("elastic", augment.elastic, MAYBE),
    NAMED("jitter", augment.jitter, MAYBE),
    NAMED("noise", augment.noise, MAYBE),
    NAMED("blur", augment.blur, MAYBE),
    NAMED("brightness", augment.brightness, MAYBE),
    NAMED("contrast", augment.contrast, MAYBE),
    NAMED("low_resolution", augment.low_resolution, MAYBE),
    NAMED("gamma", augment.gamma, MAYBE),
    NAMED("cutout", augment.cutout, MAYBE),
    FIELD(loss, TEXT),
    NAMED("class_weights", class_weight, WEIGHTS),
    FIELD(optimiser, OPTIMISER),
    FIELD(lr, REAL),
    FIELD(momentum, REAL),
    NAMED("weight_decay", decay, REAL),
    FIELD(schedule, SCHEDULE),
    FIELD(warmup, COUNT),
    FIELD(clip, REAL),
    FIELD(ema, REAL),
    FIELD(conv, TEXT),
};

static const char *const optimisers[] = {"sgd", "adamw", NULL}, *const schedules[] = {"poly", "cosine", "constant", NULL};
static const char *const storages[] = {"f32", "bf16", NULL};

/* ---- writing */

/* Along all axes or none it is true or false. */
static json_t *mirrors_to_json(double mirrors)
{
    if (isnan(mirrors)) return json_null();
    const int index = (int)mirrors;
    return index == 0 ? json_false() : index == STRENGTH_ALL_AXES ? json_true() : json_string(strength_mirrors[index]);
}

static json_t *size_to_json(const int v[3], bool flat)
{
    char text[64];
    if (!v[0]) return json_string("none");
    if (flat)
        snprintf(text, sizeof text, "%dx%d", v[1], v[2]);
    else
        snprintf(text, sizeof text, "%dx%dx%d", v[0], v[1], v[2]);
    return json_string(text);
}

/* As few digits as give the same float, which is what it becomes: 0.1, not 0.100000001. */
static int write_short(char *text, size_t size, double x)
{
    char *end;
    int used = 0;
    for (int digits = 6; digits <= 9; digits++) {
        used = number_write(text, size, "%.*g", digits, x);
        if ((float)number_read(text, &end) == (float)x) break;
    }
    return used;
}

static json_t *spacing_to_json(const double v[3])
{
    char text[96];
    int at = 0;
    if (!(v[0] > 0 || v[1] > 0 || v[2] > 0)) return json_string("none");
    for (int i = 0; i < 3; i++) {
        if (i) text[at++] = 'x';
        at += write_short(text + at, sizeof text - (size_t)at, v[i]);
    }
    return json_string(text);
}

static json_t *weights_to_json(const float *w)
{
    char text[LABELLING_MAX * 24];
    int at = 0;
    if (!(w[0] > 0)) return json_null();
    for (int i = 0; i < LABELLING_MAX && w[i] > 0; i++)
        at += number_write(text + at, sizeof text - (size_t)at, "%s%.9g", i ? "," : "", (double)w[i]);
    return json_string(text);
}

/* "30m" reads better than 1800. */
static json_t *seconds_to_json(double x)
{
    double unit = fmod(x, 3600) == 0 ? 3600 : 60;
    char text[48];
    if (!(x > 0) || x > 1e9 || fmod(x, unit) != 0) return json_real(x);
    snprintf(text, sizeof text, "%.0f%c", x / unit, unit > 60 ? 'h' : 'm');
    return json_string(text);
}

static json_t *bytes_to_json(double bytes)
{
    char text[64];
    double mib = bytes / 1048576;
    if (!(bytes > 0)) return json_null();
    snprintf(text, sizeof text, mib == floor(mib) ? "%.0fMiB" : "%.0fB", mib == floor(mib) ? mib : bytes);
    return json_string(text);
}

static json_t *field_to_json(const struct recipe *r, const struct field *f)
{
    const void *p = (const char *)r + f->at;
    int64_t n;
    switch (f->type) {
    case TEXT:
    case LATER_TEXT:
        return *(const char *)p ? json_string(p) : json_null();
    case SIZE3:
    case SHRINK:
        return size_to_json(p, *(const int *)p == 1);
    case SPACING:
    case LATER_SPACING:
        return spacing_to_json(p);
    case INT:
        return json_integer(*(const int *)p);
    case COUNT:
        n = *(const int64_t *)p;
        return n < 0 ? json_null() : json_integer(n);
    case LENGTH:
    case PASSES:
        n = *(const int64_t *)p;
        return n < 1 ? json_null() : json_integer(n);
    case BYTES:
        return bytes_to_json(*(const double *)p);
    case STORAGE:
        return json_string(storages[*(const bool *)p]);
    case TIME: /* steps that were fixed stand in its place */
        return r->steps > 0 ? json_null() : seconds_to_json(*(const double *)p);
    case SECONDS:
        return seconds_to_json(*(const double *)p);
    case REAL:
        return json_real(*(const double *)p);
    case MAYBE:
        return isnan(*(const double *)p) ? json_null() : json_real(*(const double *)p);
    case SHARE:
        return *(const double *)p > 0 ? json_real(*(const double *)p) : json_null();
    case FLAG:
    case LATER_FLAG:
        return json_boolean(*(const bool *)p);
    case MIRRORS:
        return mirrors_to_json(*(const double *)p);
    case OPTIMISER:
        return json_string(optimisers[*(const enum optimiser_kind *)p]);
    case SCHEDULE:
        return json_string(schedules[*(const enum schedule *)p]);
    case WEIGHTS:
        return weights_to_json(p);
    }
    return NULL;
}

json_t *recipe_to_json(const struct recipe *r)
{
    json_t *settings = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) json_object_set_new(settings, fields[i].name, field_to_json(r, &fields[i]));
    return json_pack("{s:s, s:s, s:o}", "dataset", r->dataset, "dataset_path", r->dataset_path, "settings", settings);
}

void recipe_forget_place(json_t *settings)
{
    static const char *const keys[] = {"train_list", "val_list", "init", "max_memory"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) json_object_del(settings, keys[i]);
}

json_t *recipe_shared(const struct recipe *r, bool packed, bool init)
{
    static const char *const keys[] = {"batch", "patch", "spacing", "resize", "nonzero"};
    const int count = init ? 1 : packed ? 2 : (int)(sizeof keys / sizeof *keys);
    json_t *all = recipe_to_json(r), *shared = json_object();
    for (int i = 0; i < count; i++) {
        json_t *text = json_option(json_object_get(json_object_get(all, "settings"), keys[i]));
        if (text) json_put(&shared, keys[i], text);
    }
    json_decref(all);
    return shared;
}

/* ---- reading: what this version has written, or an older one */

static bool read_size(const char *text, int v[3])
{
    bool good = text && number_read_size(text, v) >= 2;
    for (int i = 0; i < 3; i++) good = good && v[i] > 0 && v[i] <= OPTIONS_LENGTH;
    return good;
}

static bool read_weights(const char *text, float *w)
{
    for (int i = 0; text && i < LABELLING_MAX; i++) {
        char *end;
        w[i] = (float)number_read(text, &end);
        if (end == text || !(w[i] > 0) || isinf(w[i])) return false;
        if (!*end) return true;
        if (*end != ',') return false;
        text = end + 1;
    }
    return false;
}

/* What seconds_to_json writes. */
static bool read_seconds(const json_t *v, double *x)
{
    const char *text = json_string_value(v);
    char *end;
    *x = text ? number_read(text, &end) : json_number_value(v);
    if (!text) return json_is_number(v) && *x >= 0;
    *x *= *end == 'h' ? 3600 : 60;
    return end != text && *x > 0 && isfinite(*x) && (!strcmp(end, "h") || !strcmp(end, "m"));
}

static bool read_text(const json_t *v, char *to, size_t room)
{
    if (json_is_null(v)) return true;
    if (!json_is_string(v) || json_string_length(v) >= room || strlen(json_string_value(v)) != json_string_length(v)) return false;
    memcpy(to, json_string_value(v), json_string_length(v) + 1);
    return true;
}

static bool read_mirrors(const json_t *v, double *mirrors)
{
    json_t *word = json_is_null(v) ? NULL : json_option(v);
    const int index = json_is_string(word) ? text_index(strength_mirrors, json_string_value(word)) : -1;
    *mirrors = index < 0 ? (double)NAN : index;
    json_decref(word);
    return json_is_null(v) || index >= 0;
}

static bool read_field(const json_t *v, const struct field *f, void *p)
{
    const char *text = json_string_value(v);
    int64_t n = json_integer_value(v);
    int index;
    switch (f->type) {
    case TEXT:
        return read_text(v, p, f->size);
    case LATER_TEXT:
        return !v || read_text(v, p, f->size);
    case LATER_FLAG:
        *(bool *)p = json_is_true(v);
        return !v || json_is_boolean(v);
    case SHARE:
        *(double *)p = json_number_value(v);
        return !v || json_is_null(v) || (json_is_number(v) && *(double *)p > 0 && *(double *)p < 1);
    case SIZE3:
        return text && (!strcmp(text, "none") || read_size(text, p));
    case SHRINK:
        return !v || (text && (!strcmp(text, "none") || read_size(text, p)));
    case PASSES:
        *(int64_t *)p = n;
        return !v || json_is_null(v) || (json_is_integer(v) && n > 0);
    case BYTES:
        return !v || json_is_null(v) || (text && option_read_bytes(text, p));
    case STORAGE:
        index = !v ? 0 : text ? text_index(storages, text) : -1;
        *(bool *)p = index == 1;
        return index >= 0;
    case LATER_SPACING:
        return !v || (text && (!strcmp(text, "none") || number_read3(text, p)));
    case SPACING:
        return text && (!strcmp(text, "none") || number_read3(text, p));
    case INT:
        *(int *)p = (int)n;
        return json_is_integer(v) && n >= INT_MIN && n <= INT_MAX;
    case COUNT:
        *(int64_t *)p = json_is_null(v) ? -1 : n;
        return json_is_null(v) || (json_is_integer(v) && n >= 0);
    case LENGTH:
        *(int64_t *)p = n;
        return json_is_null(v) || (json_is_integer(v) && n > 0);
    case TIME:
        return json_is_null(v) || read_seconds(v, p);
    case SECONDS:
        return read_seconds(v, p);
    case REAL:
        *(double *)p = json_number_value(v);
        return json_is_number(v);
    case MAYBE:
        *(double *)p = json_is_null(v) ? (double)NAN : json_number_value(v);
        return json_is_null(v) || json_is_number(v);
    case FLAG:
        *(bool *)p = json_is_true(v);
        return json_is_boolean(v);
    case MIRRORS:
        return read_mirrors(v, p);
    case OPTIMISER:
        index = text ? text_index(optimisers, text) : -1;
        *(enum optimiser_kind *)p = index < 0 ? OPTIMISER_SGD : (enum optimiser_kind)index;
        return index >= 0;
    case SCHEDULE:
        index = text ? text_index(schedules, text) : -1;
        *(enum schedule *)p = index < 0 ? SCHEDULE_POLY : (enum schedule)index;
        return index >= 0;
    case WEIGHTS:
        return json_is_null(v) || read_weights(text, p);
    }
    return false;
}

static att_status damaged(const char *field, struct err *e)
{
    return err_set(
        e, ATT_MODEL,
        "the checkpoint's settings are damaged or from another version of attunet (%s): predict with its model, or start a new run", field);
}

att_status recipe_from_json(const json_t *j, struct recipe *r, struct err *e)
{
    memset(r, 0, sizeof *r);
    const json_t *settings = json_object_get(j, "settings"), *dataset = json_object_get(j, "dataset"),
                 *path = json_object_get(j, "dataset_path");
    if (!json_is_string(dataset) || !read_text(dataset, r->dataset, sizeof r->dataset)) return damaged("dataset", e);
    if (!json_is_string(path) || !read_text(path, r->dataset_path, sizeof r->dataset_path)) return damaged("dataset_path", e);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const json_t *v = json_object_get(settings, fields[i].name);
        if (!read_field(v, &fields[i], (char *)r + fields[i].at)) return damaged(fields[i].name, e);
    }
    if (!r->spec[0]) return damaged("spec", e);
    if (!r->loss[0]) return damaged("loss", e);
    if (r->patch[0] < 1) return damaged("patch", e);
    if (r->batch < 1 || !recipe_batch_fits(r, 1)) return damaged("batch", e);
    if (r->micro_batch && r->batch % r->micro_batch) return damaged("micro_batch", e);
    return ATT_OK;
}
