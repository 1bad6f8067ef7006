/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/recipe_member.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "base/text.h"
#include "plan/recipe.h"

/* ---- texts and words */

static json_t *write_text(const void *p) { return *(const char *)p ? json_string(p) : json_null(); }

static bool recipe_member_read_text(const json_t *v, void *p, size_t room)
{
    if (json_is_null(v)) return true;
    if (!json_is_string(v) || json_string_length(v) >= room ||
        strlen(json_string_value(v)) != json_string_length(v))
        return false;
    memcpy(p, json_string_value(v), json_string_length(v) + 1);
    return true;
}

const struct member_kind member_text = {write_text, recipe_member_read_text};

static const char *const optimisers[] = {"sgd", "adamw", NULL},
                         *const schedules[] = {"poly", "cosine", "constant", NULL};
static const char *const storages[] = {"f32", "bf16", NULL};

/* -1 if it is none of them. */
static int word_index(const json_t *v, const char *const *words)
{
    return json_is_string(v) ? text_index(words, json_string_value(v)) : -1;
}

static json_t *write_optimiser(const void *p)
{
    return json_string(optimisers[*(const enum optimiser_kind *)p]);
}

static bool read_optimiser(const json_t *v, void *p, size_t size)
{
    (void)size;
    const int index = word_index(v, optimisers);
    if (index >= 0) *(enum optimiser_kind *)p = (enum optimiser_kind)index;
    return index >= 0;
}

const struct member_kind member_optimiser = {write_optimiser, read_optimiser};

static json_t *write_schedule(const void *p)
{
    return json_string(schedules[*(const enum schedule *)p]);
}

static bool read_schedule(const json_t *v, void *p, size_t size)
{
    (void)size;
    const int index = word_index(v, schedules);
    if (index >= 0) *(enum schedule *)p = (enum schedule)index;
    return index >= 0;
}

const struct member_kind member_schedule = {write_schedule, read_schedule};

static json_t *write_storage(const void *p) { return json_string(storages[*(const bool *)p]); }

static bool read_storage(const json_t *v, void *p, size_t size)
{
    (void)size;
    const int index = word_index(v, storages);
    *(bool *)p = index == 1;
    return index >= 0;
}

const struct member_kind member_storage = {write_storage, read_storage};

/* All axes: true; none: false. */
static json_t *write_mirrors(const void *p)
{
    const double mirrors = *(const double *)p;
    if (isnan(mirrors)) return json_null();
    const int index = (int)mirrors;
    return index == 0                ? json_false()
        : index == STRENGTH_ALL_AXES ? json_true()
                                     : json_string(strength_mirrors[index]);
}

static bool read_mirrors(const json_t *v, void *p, size_t size)
{
    (void)size;
    json_t *word = json_is_null(v) ? NULL : json_option(v);
    const int index = word ? word_index(word, strength_mirrors) : -1;
    *(double *)p = index < 0 ? (double)NAN : index;
    json_decref(word);
    return json_is_null(v) || index >= 0;
}

const struct member_kind member_mirrors = {write_mirrors, read_mirrors};

/* ---- numbers */

static json_t *write_int(const void *p) { return json_integer(*(const int *)p); }

static bool read_int(const json_t *v, void *p, size_t size)
{
    (void)size;
    const json_int_t n = json_integer_value(v);
    *(int *)p = (int)n;
    return json_is_integer(v) && n >= INT_MIN && n <= INT_MAX;
}

const struct member_kind member_int = {write_int, read_int};

static json_t *write_count(const void *p)
{
    const int64_t n = *(const int64_t *)p;
    return n < 0 ? json_null() : json_integer(n);
}

static bool recipe_member_read_count(const json_t *v, void *p, size_t size)
{
    (void)size;
    const int64_t n = json_integer_value(v);
    *(int64_t *)p = json_is_null(v) ? -1 : n;
    return json_is_null(v) || (json_is_integer(v) && n >= 0);
}

const struct member_kind member_count = {write_count, recipe_member_read_count};

static json_t *write_length(const void *p)
{
    const int64_t n = *(const int64_t *)p;
    return n < 1 ? json_null() : json_integer(n);
}

static bool recipe_member_read_length(const json_t *v, void *p, size_t size)
{
    (void)size;
    *(int64_t *)p = json_integer_value(v);
    return json_is_null(v) || (json_is_integer(v) && *(int64_t *)p > 0);
}

const struct member_kind member_length = {write_length, recipe_member_read_length};

static json_t *write_real(const void *p) { return json_real(*(const double *)p); }

static bool read_real(const json_t *v, void *p, size_t size)
{
    (void)size;
    *(double *)p = json_number_value(v);
    return json_is_number(v);
}

const struct member_kind member_real = {write_real, read_real};

static json_t *write_nullable(const void *p)
{
    return isnan(*(const double *)p) ? json_null() : write_real(p);
}

static bool read_nullable(const json_t *v, void *p, size_t size)
{
    *(double *)p = (double)NAN;
    return json_is_null(v) || read_real(v, p, size);
}

const struct member_kind member_nullable = {write_nullable, read_nullable};

static json_t *write_share(const void *p)
{
    return *(const double *)p > 0 ? write_real(p) : json_null();
}

static bool read_share(const json_t *v, void *p, size_t size)
{
    return json_is_null(v) || (read_real(v, p, size) && *(double *)p > 0 && *(double *)p < 1);
}

const struct member_kind member_share = {write_share, read_share};

static bool read_positive(const json_t *v, void *p, size_t size)
{
    return json_is_null(v) || (read_real(v, p, size) && *(double *)p > 0);
}

const struct member_kind member_positive = {write_share, read_positive};

static json_t *write_flag(const void *p) { return json_boolean(*(const bool *)p); }

static bool recipe_member_read_flag(const json_t *v, void *p, size_t size)
{
    (void)size;
    *(bool *)p = json_is_true(v);
    return json_is_boolean(v);
}

const struct member_kind member_flag = {write_flag, recipe_member_read_flag};

/* ---- numbers with a unit */

/* "30m" reads better than 1800. */
static json_t *write_seconds(const void *p)
{
    const double x = *(const double *)p, unit = fmod(x, 3600) == 0 ? 3600 : 60;
    char text[48];
    if (!(x > 0) || x > 1e9 || fmod(x, unit) != 0) return json_real(x);
    snprintf(text, sizeof text, "%.0f%c", x / unit, unit > 60 ? 'h' : 'm');
    return json_string(text);
}

static bool read_seconds(const json_t *v, void *p, size_t size)
{
    (void)size;
    const char *text = json_string_value(v);
    double *x = p;
    char *end;
    *x = text ? number_read(text, &end) : json_number_value(v);
    if (!text) return json_is_number(v) && *x >= 0;
    *x *= *end == 'h' ? 3600 : 60;
    return end != text && *x > 0 && isfinite(*x) && (!strcmp(end, "h") || !strcmp(end, "m"));
}

const struct member_kind member_seconds = {write_seconds, read_seconds};

static bool read_time(const json_t *v, void *p, size_t size)
{
    return json_is_null(v) || read_seconds(v, p, size);
}

const struct member_kind member_time = {write_seconds, read_time};

static json_t *recipe_member_write_bytes(const void *p)
{
    const double bytes = *(const double *)p, mib = bytes / 1048576;
    char text[64];
    if (!(bytes > 0)) return json_null();
    snprintf(text, sizeof text, mib == floor(mib) ? "%.0fMiB" : "%.0fB",
        mib == floor(mib) ? mib : bytes);
    return json_string(text);
}

static bool recipe_member_read_bytes(const json_t *v, void *p, size_t size)
{
    (void)size;
    return json_is_null(v) || (json_is_string(v) && option_read_bytes(json_string_value(v), p));
}

const struct member_kind member_bytes = {recipe_member_write_bytes, recipe_member_read_bytes};

/* ---- several numbers */

static bool is_none(const json_t *v)
{
    return json_is_string(v) && strcmp(json_string_value(v), "none") == 0;
}

static json_t *write_size(const void *p)
{
    const int *v = p;
    char text[NUMBER_SIZE];
    return json_string(v[0] ? number_size(v, v[0] == 1, text) : "none");
}

static bool read_size(const json_t *v, void *p, size_t size)
{
    (void)size;
    if (is_none(v)) return true;
    int *n = p;
    bool good = json_is_string(v) && number_read_size(json_string_value(v), n) >= 2;
    for (int i = 0; i < 3; i++) good = good && n[i] > 0 && n[i] <= OPTIONS_LENGTH;
    return good;
}

const struct member_kind member_size = {write_size, read_size};

static json_t *write_mm(const double v[3], bool to_float)
{
    char text[3][NUMBER_TEXT];
    if (!(v[0] > 0 || v[1] > 0 || v[2] > 0)) return json_string("none");
    for (int i = 0; i < 3; i++) (to_float ? number_short : number_shortest)(text[i], v[i], 6);
    return json_sprintf("%sx%sx%s", text[0], text[1], text[2]);
}

static json_t *write_spacing(const void *p) { return write_mm(p, false); }

static json_t *write_voxel(const void *p) { return write_mm(p, true); }

static bool recipe_member_read_spacing(const json_t *v, void *p, size_t size)
{
    (void)size;
    return is_none(v) || (json_is_string(v) && number_read3(json_string_value(v), p));
}

const struct member_kind member_spacing = {write_spacing, recipe_member_read_spacing},
                         member_voxel = {write_voxel, recipe_member_read_spacing};

static json_t *write_weights(const void *p)
{
    const float *w = p;
    char text[LABELLING_MAX * 24];
    int at = 0;
    if (!(w[0] > 0)) return json_null();
    for (int i = 0; i < LABELLING_MAX && w[i] > 0; i++)
        at +=
            number_write(text + at, sizeof text - (size_t)at, "%s%.9g", i ? "," : "", (double)w[i]);
    return json_string(text);
}

static bool read_weights(const json_t *v, void *p, size_t size)
{
    (void)size;
    const char *text = json_string_value(v);
    float *w = p;
    for (int i = 0; text && i < LABELLING_MAX; i++) {
        char *end;
        w[i] = (float)number_read(text, &end);
        if (end == text || !(w[i] > 0) || isinf(w[i])) return false;
        if (!*end) return true;
        if (*end != ',') return false;
        text = end + 1;
    }
    return json_is_null(v);
}

const struct member_kind member_weights = {write_weights, read_weights};

/* ---- lists of members */

static const struct member_kind *const kinds[] = {
    &member_flag, &member_int, &member_count, &member_real};

json_t *members_to_json(const struct member *list, const void *from)
{
    json_t *j = json_object();
    for (; list->key; list++)
        json_put(&j, list->key, kinds[list->kind]->write((const char *)from + list->at));
    return j;
}

void members_from_json(const json_t *j, const struct member *list, void *to)
{
    for (; list->key; list++) {
        const json_t *v = json_object_get(j, list->key);
        if (v) kinds[list->kind]->read(v, (char *)to + list->at, 0);
    }
}
