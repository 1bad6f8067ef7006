/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON in a model file, and reading it with checks. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/json_memory.h"
#include "files/json_file.h"
#include "model/model.h"

enum { FORMAT = 1 };

/* A damaged or misspelt key of FORMAT would else be a missing one. */
static const char *const model_keys[] = {"format", "writer", "spec", "preparation", "labels",
    "trained_spacing", "postprocess", "policy_temperature", "temperature", "history", NULL},
                         *const preparation_keys[] = {"channels", "resize", "patch", "spacing",
                             "shrink", "nonzero", "crop", "orientation", NULL},
                         *const channel_keys[] = {
                             "name", "normalise", "lower", "upper", "mean", "std", NULL};

static void put_spacing(json_t *j, const char *key, const double mm[3])
{
    if (mm[0] > 0 || mm[1] > 0 || mm[2] > 0)
        json_object_set_new(j, key, json_pack("[fff]", mm[0], mm[1], mm[2]));
}

json_t *preparation_to_json(const struct preparation *p)
{
    json_t *channels = json_array();
    for (int c = 0; c < p->channels; c++) {
        const struct normalise *n = &p->normalise[c];
        json_t *one = json_pack("{s:o, s:s}", "name", json_utf8(p->channel_name[c]), "normalise",
            normalise_name(n->scheme));
        if (n->scheme == NORMALISE_CT) {
            json_object_set_new(one, "lower", json_real(n->lower));
            json_object_set_new(one, "upper", json_real(n->upper));
            json_object_set_new(one, "mean", json_real(n->mean));
            json_object_set_new(one, "std", json_real(n->std));
        }
        json_array_append_new(channels, one);
    }
    json_t *j = json_pack("{s:o, s:o, s:o}", "channels", channels, "resize", json_triple(p->resize),
        "patch", json_triple(p->patch));
    put_spacing(j, "spacing", p->spacing);
    if (p->shrink[0] > 0) json_object_set_new(j, "shrink", json_triple(p->shrink));
    if (p->nonzero) json_set_flag(j, "nonzero", true);
    if (p->crop) json_set_flag(j, "crop", true);
    if (*p->axes) json_set_text(j, "orientation", p->axes);
    return j;
}

json_t *model_to_json(const struct model *m)
{
    json_t *j = json_pack("{s:i, s:s, s:s, s:o, s:o}", "format", FORMAT, "writer",
        "attunet " ATT_VERSION, "spec", m->spec.text, "preparation", preparation_to_json(&m->prep),
        "labels", labelling_to_json(&m->labels));
    /* outside `preparation`, which join.c compares */
    if (j) put_spacing(j, "trained_spacing", m->prep.trained);
    if (j && postprocess_any(&m->post))
        json_object_set_new(j, "postprocess", postprocess_to_json(&m->post, &m->labels));
    if (j && m->temperature > 0)
        json_object_set_new(j, "policy_temperature", json_real(m->temperature));
    if (j && m->logit_temperature > 0)
        json_object_set_new(j, "temperature", json_real(m->logit_temperature));
    /* Copy: threads may share the model, and jansson's reference counts are not atomic. */
    if (j && m->history) json_object_set_new(j, "history", json_deep_copy(m->history));
    return j;
}

static att_status model_json_bad(const char *path, const char *what, struct err *e)
{
    return err_model(
        e, "%s: the model's description is damaged or from a newer attunet: %s", path, what);
}

static bool model_json_read_triple(const json_t *j, int v[3], int max)
{
    if (json_array_size(j) != 3) return false;
    for (size_t i = 0; i < 3; i++) {
        const json_t *x = json_array_get(j, i);
        if (!json_is_integer(x) || json_integer_value(x) < 0 || json_integer_value(x) > max)
            return false;
        v[i] = (int)json_integer_value(x);
    }
    return true;
}

static bool model_json_read_number(const json_t *j, const char *key, double *out)
{
    const json_t *v = json_object_get(j, key);
    *out = json_number_value(v);
    return json_is_number(v) && isfinite(*out);
}

static bool read_channel(const json_t *j, struct preparation *p, int c)
{
    const char *name = json_str(j, "name"), *scheme = json_str(j, "normalise");
    struct normalise *n = &p->normalise[c];
    if (!name || !scheme || strlen(name) >= LABELLING_NAME ||
        !normalise_by_name(scheme, &n->scheme))
        return false;
    memcpy(p->channel_name[c], name, strlen(name) + 1);
    if (n->scheme != NORMALISE_CT) return true;
    return model_json_read_number(j, "lower", &n->lower) &&
        model_json_read_number(j, "upper", &n->upper) &&
        model_json_read_number(j, "mean", &n->mean) && model_json_read_number(j, "std", &n->std) &&
        n->lower <= n->upper && n->std >= 0;
}

/* These keys are optional. */
static bool model_json_read_spacing(const json_t *j, double spacing[3])
{
    if (!j) return true;
    for (size_t i = 0; i < 3; i++) {
        double mm = json_number_value(json_array_get(j, i));
        if (!json_is_number(json_array_get(j, i)) || !(mm >= 0 && mm <= 1e6)) return false;
        spacing[i] = mm;
    }
    return json_array_size(j) == 3;
}

static bool model_json_read_flag(const json_t *j, bool *flag)
{
    *flag = json_is_true(j);
    return !j || json_is_boolean(j);
}

static bool model_json_read_axes(const json_t *j, char axes[ORIENT_TEXT])
{
    const char *text = json_string_value(j);
    if (text && orient_is_name(text)) strcpy(axes, text);
    return !j || *axes;
}

static bool model_json_read_shrink(const json_t *j, int shrink[3])
{
    return !j ||
        (model_json_read_triple(j, shrink, PREPARATION_SHRINK) && shrink[0] > 0 && shrink[1] > 0 &&
            shrink[2] > 0);
}

att_status preparation_from_json(
    const json_t *j, const char *path, struct preparation *p, struct err *e)
{
    const json_t *channels = json_object_get(j, "channels");
    size_t count = json_array_size(channels);
    TRY(json_check_keys(j, preparation_keys, path, ATT_MODEL, e));
    if (count < 1 || count > DATASET_CHANNELS)
        return model_json_bad(path, "preparation.channels", e);
    p->channels = (int)count;
    for (size_t c = 0; c < count; c++) {
        TRY(json_check_keys(json_array_get(channels, c), channel_keys, path, ATT_MODEL, e));
        if (!read_channel(json_array_get(channels, c), p, (int)c))
            return model_json_bad(path, "a channel of preparation.channels", e);
    }
    if (!model_json_read_triple(json_object_get(j, "resize"), p->resize, 65536))
        return model_json_bad(path, "preparation.resize", e);
    if (!model_json_read_triple(json_object_get(j, "patch"), p->patch, 65536))
        return model_json_bad(path, "preparation.patch", e);
    if (!model_json_read_spacing(json_object_get(j, "spacing"), p->spacing))
        return model_json_bad(path, "preparation.spacing", e);
    if (!model_json_read_shrink(json_object_get(j, "shrink"), p->shrink))
        return model_json_bad(path, "preparation.shrink", e);
    if (!model_json_read_flag(json_object_get(j, "nonzero"), &p->nonzero))
        return model_json_bad(path, "preparation.nonzero", e);
    if (!model_json_read_flag(json_object_get(j, "crop"), &p->crop))
        return model_json_bad(path, "preparation.crop", e);
    if (!model_json_read_axes(json_object_get(j, "orientation"), p->axes))
        return model_json_bad(path, "preparation.orientation", e);
    for (int i = 0; i < 3; i++)
        if (p->patch[i] < 1) return model_json_bad(path, "preparation.patch", e);
    return ATT_OK;
}

/* No fit comes near these bounds. Logits divided by less could be infinite. */
static bool read_temperature(const json_t *j, const char *key, double *temperature)
{
    return !json_object_get(j, key) ||
        (model_json_read_number(j, key, temperature) && *temperature >= 1e-9 &&
            *temperature <= 1e9);
}

static att_status model_json_read_all(
    const json_t *j, const char *path, struct model *m, struct err *e)
{
    const char *spec = json_str(j, "spec");
    if (json_int(j, "format") != FORMAT || !spec) return model_json_bad(path, "format or spec", e);
    TRY(json_check_keys(j, model_keys, path, ATT_MODEL, e));
    struct err cause = {0};
    TRY(err_where(e, spec_parse(&m->spec, spec, &cause), path, &cause));
    TRY(preparation_from_json(json_object_get(j, "preparation"), path, &m->prep, e));
    if (!model_json_read_spacing(json_object_get(j, "trained_spacing"), m->prep.trained))
        return model_json_bad(path, "trained_spacing", e);
    TRY(err_where(
        e, labelling_from_json(json_object_get(j, "labels"), &m->labels, &cause), path, &cause));
    const json_t *post = json_object_get(j, "postprocess");
    if (post) TRY(postprocess_from_json(post, &m->labels, path, &m->post, e));
    if (!read_temperature(j, "policy_temperature", &m->temperature))
        return model_json_bad(path, "policy_temperature", e);
    if (!read_temperature(j, "temperature", &m->logit_temperature))
        return model_json_bad(path, "temperature", e);
    json_t *history = json_object_get(j, "history");
    m->history = json_is_object(history) ? json_incref(history) : NULL;
    return ATT_OK;
}

att_status model_from_json(const char *json, const char *path, struct model *m, struct err *e)
{
    memset(m, 0, sizeof *m);
    params_init(&m->params);
    json_error_t error;
    json_t *j = json_memory_load(json, strlen(json), 0, &error);
    if (!j) return model_json_bad(path, error.text, e);
    att_status status = model_json_read_all(j, path, m, e);
    json_decref(j);
    struct err cause = {0};
    if (status == ATT_OK) status = err_where(e, model_prepare(m, &cause), path, &cause);
    if (status != ATT_OK) model_free(m);
    return status;
}
