/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/scores.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"
#include "format/format.h"

enum { LIMIT = 256 << 20 };
static const double MAX_RESULT = 1e15; /* of a plausible result */

/* Python writes NaN, which is not JSON: puts an empty list in its place, which is no number either.
 */
static void replace_nan(char *text)
{
    bool inside = false;
    for (char *c = text; *c; c++) {
        if (*c == '\\' && inside && c[1])
            c++;
        else if (*c == '"')
            inside = !inside;
        else if (!inside && strncmp(c, "NaN", 3) == 0)
            memcpy(c, "[] ", 3);
    }
}

static att_status scores_read_json(const char *path, json_t **j, struct err *e)
{
    char *text;
    size_t size;
    TRY(file_read(path, LIMIT, &text, &size, e));
    replace_nan(text);
    att_status status = json_parse(text, size, path, 0, ATT_DATA, j, e);
    mem_free(text);
    return status;
}

/* A running mean. */
struct sum {
    double sum;
    int count, classes; /* numbers; classes requested */
    bool out_of_range;  /* some number is out of range */
};

static void scores_add(struct sum *s, const json_t *value)
{
    s->classes++;
    if (!json_is_number(value)) return;
    double x = json_number_value(value);
    if (!(x >= -MAX_RESULT && x <= MAX_RESULT)) s->out_of_range = true;
    s->sum += x;
    s->count++;
}

static bool scores_is(const json_t *text, const char *wanted)
{
    return json_is_string(text) && strcmp(json_string_value(text), wanted) == 0;
}

/* Sums a case of evaluate's output. */
static struct sum our_case(const json_t *one, const char *metric, const char *wanted)
{
    struct sum s = {0};
    size_t i;
    json_t *class;
    json_array_foreach(json_object_get(one, "classes"), i, class) if (!wanted ||
        scores_is(json_object_get(class, "name"), wanted) ||
        scores_is(json_object_get(class, "class"), wanted)) if (json_object_get(class, metric))
        scores_add(&s, json_object_get(class, metric));
    return s;
}

static struct sum their_case(const json_t *one, const char *metric, const char *wanted)
{
    struct sum s = {0};
    const char *key, *name = strcmp(metric, "dice") == 0 ? "Dice" : "IoU";
    json_t *class;
    json_each(json_object_get(one, "metrics"), key,
        class) if (!wanted || strcmp(key, wanted) == 0) if (json_object_get(class, name))
        scores_add(&s, json_object_get(class, name));
    return s;
}

/* A fresh string: the case, or the prediction's name without folder and ending. */
static char *case_name(const json_t *one, bool ours)
{
    const char *name = json_str(one, ours ? "case" : "prediction_file");
    char *stem = name && !ours ? format_stem(name) : NULL;
    return stem ? stem : mem_text("%s", name ? ours ? name : file_base(name) : "");
}

/* Set the unit of distances and of NSD's tolerance. */
static att_status take_unit(const char *path, const json_t *j, const json_t *cases,
    const char *metric, struct scores *s, struct err *e)
{
    const bool nsd = strcmp(metric, "nsd") == 0,
               distance = nsd || strcmp(metric, "hd95") == 0 || strcmp(metric, "assd") == 0 ||
        strcmp(metric, "object_hausdorff") == 0;
    size_t i;
    json_t *one;
    s->tolerance = nsd && json_is_number(json_object_get(j, "tolerance"))
        ? json_double(j, "tolerance")
        : (double)NAN;
    json_array_foreach(distance ? cases : NULL, i, one)
    {
        const char *unit = json_str(one, "distance_unit");
        if (i == 0) snprintf(s->unit, sizeof s->unit, "%s", unit ? unit : "");
        if (strcmp(s->unit, unit ? unit : "") != 0)
            return err_data(e,
                "%s: %s is in %s in some cases and in %.15s in others; evaluate again with "
                "`voxel-size`",
                path, metric, s->unit, unit ? unit : "something else");
    }
    return ATT_OK;
}

struct entry {
    char *id; /* first, for text_order */
    double value;
};

static att_status scores_collect(const char *path, const json_t *cases, bool ours,
    const char *metric, const char *wanted, struct entry *entry, struct err *e)
{
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        struct sum s = ours ? our_case(one, metric, wanted) : their_case(one, metric, wanted);
        entry[i] = (struct entry){case_name(one, ours), s.count ? s.sum / s.count : (double)NAN};
        if (!entry[i].id) return err_memory(e, 256, "the name of a case");
        if (!entry[i].id[0])
            return err_data(e, "%s: case %zu has no name; evaluate again", path, i + 1);
        if (s.out_of_range)
            return err_data(e, "%s: case %s has a %s beyond %g; evaluate it again", path,
                entry[i].id, metric, MAX_RESULT);
        if (s.classes == 0 && wanted)
            return err_data(e, "%s: case %s has no %s of class '%s'; choose another class", path,
                entry[i].id, metric, wanted);
        if (s.classes == 0)
            return err_data(e, "%s: case %s has no %s; evaluate with `metrics` %s", path,
                entry[i].id, metric, metric);
    }
    qsort(entry, json_array_size(cases), sizeof *entry, text_order);
    for (size_t i = 1; i < json_array_size(cases); i++)
        if (strcmp(entry[i].id, entry[i - 1].id) == 0)
            return err_data(e, "%s: case %s occurs twice; keep one", path, entry[i].id);
    return ATT_OK;
}

static att_status scores_take(const char *path, const json_t *j, const char *metric,
    const char *wanted, struct scores *s, struct err *e)
{
    const json_t *cases = json_object_get(j, "cases");
    bool ours = json_is_array(cases);
    if (!ours) cases = json_object_get(j, "metric_per_case");
    size_t count = json_array_size(cases);
    if (count == 0 || count > INT32_MAX)
        return err_data(
            e, "%s has no cases; give the JSON of an evaluation, or a summary.json", path);
    if (!ours && strcmp(metric, "dice") != 0 && strcmp(metric, "iou") != 0)
        return err_data(e,
            "%s is a summary.json, which has only dice and iou; give the JSON of an evaluation",
            path);
    if (ours) TRY(take_unit(path, j, cases, metric, s, e));
    struct entry *entry = mem_array(count, sizeof *entry);
    s->id = mem_array(count, sizeof *s->id);
    s->value = mem_array(count, sizeof *s->value);
    att_status status = entry && s->id && s->value
        ? scores_collect(path, cases, ours, metric, wanted, entry, e)
        : err_memory(e, count * 48, "the results");
    for (size_t i = 0; entry && s->id && s->value && i < count; i++) { /* also after a failure */
        s->id[i] = entry[i].id;
        s->value[i] = entry[i].value;
        s->count++;
    }
    mem_free(entry);
    return status;
}

att_status scores_read(
    const char *path, const char *metric, const char *wanted, struct scores *s, struct err *e)
{
    json_t *j;
    *s = (struct scores){0};
    if (file_is_folder(path))
        return err_usage(e,
            "%s is a folder; give its summary.json, or the JSON of an evaluation of its masks",
            path);
    TRY(scores_read_json(path, &j, e));
    att_status status = scores_take(path, j, metric, wanted, s, e);
    json_decref(j);
    if (status != ATT_OK) scores_free(s);
    return status;
}

void scores_free(struct scores *s)
{
    for (int i = 0; i < s->count; i++) mem_free(s->id[i]);
    mem_free(s->id);
    mem_free(s->value);
    *s = (struct scores){0};
}
