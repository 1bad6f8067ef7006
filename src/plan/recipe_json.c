/* SPDX-License-Identifier: Apache-2.0 */
/* Writes and reads a recipe as JSON, with one list of fields. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "plan/recipe.h"
#include "plan/recipe_member.h"

/* One row per option of `train` that affects the result. NAMED: the member has another name. LATER:
 * missing in older settings, and then 0. */
static const struct field {
    const char *name;
    const struct member_kind *kind;
    size_t at, size;
    bool later;
} fields[] = {
#define ROW(flag, member, kind, later)                                                             \
    {                                                                                              \
        flag, &member_##kind, offsetof(struct recipe, member), sizeof((struct recipe *)0)->member, \
            later                                                                                  \
    }
#define NAMED(flag, member, kind) ROW(flag, member, kind, false)
#define LATER(flag, member, kind) ROW(flag, member, kind, true)
#define FIELD(member, kind) NAMED(#member, member, kind)
    FIELD(fold, count),
    LATER("folds", folds, text),
    LATER("holdout", holdout, share),
    LATER("stratify", stratify, flag),
    FIELD(train_list, text),
    FIELD(val_list, text),
    FIELD(init, text),
    FIELD(freeze, text),
    NAMED("time", seconds, time),
    LATER("speed", speed, positive),
    FIELD(steps, length),
    FIELD(validate_every, count),
    FIELD(checkpoint_every, seconds),
    LATER("snapshots", snapshots, length),
    FIELD(seed, count),
    FIELD(spec, text),
    FIELD(patch, size),
    FIELD(batch, int),
    LATER("micro_batch", micro_batch, length),
    LATER("max_memory", max_memory, bytes),
    LATER("storage", half, storage),
    LATER("precision", bf16, storage),
    LATER("exchange", exchange, storage),
    FIELD(resize, size),
    LATER("images", images, text),
    LATER("labels", labels, text),
    LATER("voxel_size", voxel, voxel),
    LATER("orientation", orientation, text),
    LATER("mask_values", mask_values, text),
    FIELD(spacing, spacing),
    LATER("shrink", shrink, size),
    FIELD(normalise, text),
    LATER("intensities", intensities, text),
    FIELD(nonzero, flag),
    FIELD(foreground, real),
    NAMED("augment", augment.name, text),
    NAMED("mirror", augment.mirror, mirrors),
    NAMED("intensity", augment.intensity, flag),
    NAMED("rotate", augment.rotate, nullable),
    NAMED("rotate_probability", augment.rotate_probability, nullable),
    NAMED("scale", augment.scale, nullable),
    NAMED("scale_probability", augment.scale_probability, nullable),
    NAMED("scale_axes", augment.scale_axes, nullable),
    NAMED("elastic", augment.elastic, nullable),
    NAMED("jitter", augment.jitter, nullable),
    NAMED("noise", augment.noise, nullable),
    NAMED("blur", augment.blur, nullable),
    NAMED("brightness", augment.brightness, nullable),
    NAMED("contrast", augment.contrast, nullable),
    NAMED("low_resolution", augment.low_resolution, nullable),
    NAMED("gamma", augment.gamma, nullable),
    NAMED("cutout", augment.cutout, nullable),
    FIELD(loss, text),
    NAMED("class_weights", class_weight, weights),
    FIELD(optimiser, optimiser),
    FIELD(lr, real),
    FIELD(momentum, real),
    NAMED("weight_decay", decay, real),
    FIELD(schedule, schedule),
    FIELD(warmup, count),
    FIELD(clip, real),
    FIELD(ema, real),
    FIELD(conv, text),
};

static bool is_3d(const struct recipe *r)
{
    struct err unread = {0};
    struct spec s;
    int dims = 2;
    return spec_parse(&s, r->spec, &unread) == ATT_OK &&
        spec_int(&s, "dims", 2, 2, 3, &dims, &unread) == ATT_OK && dims == 3;
}

json_t *recipe_to_json(const struct recipe *r)
{
    json_t *settings = json_object();
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        json_object_set_new(
            settings, fields[i].name, fields[i].kind->write((const char *)r + fields[i].at));
    if (r->steps > 0) json_object_set_new(settings, "time", json_null()); /* steps replace it */
    if (r->patch[0] == 1 && is_3d(r))
        json_object_set_new(
            settings, "patch", json_sprintf("%dx%dx%d", r->patch[0], r->patch[1], r->patch[2]));
    return json_pack("{s:s, s:s, s:o}", "dataset", r->dataset, "dataset_path", r->dataset_path,
        "settings", settings);
}

void recipe_drop_local(json_t *settings)
{
    static const char *const keys[] = {"train_list", "val_list", "init", "max_memory"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) json_object_del(settings, keys[i]);
}

static const char *const shared_keys[] = {
    "precision", "batch", "patch", "spacing", "resize", "nonzero", "speed", NULL};

bool recipe_is_shared(const char *key) { return text_index(shared_keys, key) >= 0; }

json_t *recipe_shared(const struct recipe *r, bool packed, bool init)
{
    const int all_keys = (int)(sizeof shared_keys / sizeof *shared_keys) - 1,
              few = packed ? 3 : all_keys, count = init ? 2 : few;
    json_t *all = recipe_to_json(r), *shared = json_object();
    const json_t *settings = json_object_get(all, "settings");
    for (int i = 0; i < count; i++) {
        json_t *text = json_option(json_object_get(settings, shared_keys[i]));
        if (text) json_put(&shared, shared_keys[i], text);
    }
    json_decref(all);
    return shared;
}

/* ---- reading, also from older versions */

static att_status recipe_json_damaged(const char *field, struct err *e)
{
    return err_model(e,
        "the checkpoint's settings are damaged or from another version of attunet (%s); predict "
        "with its model, or start a new run",
        field);
}

att_status recipe_from_json(const json_t *j, struct recipe *r, struct err *e)
{
    memset(r, 0, sizeof *r);
    const json_t *settings = json_object_get(j, "settings"),
                 *dataset = json_object_get(j, "dataset"),
                 *path = json_object_get(j, "dataset_path");
    if (!json_is_string(dataset) || !member_text.read(dataset, r->dataset, sizeof r->dataset))
        return recipe_json_damaged("dataset", e);
    if (!json_is_string(path) || !member_text.read(path, r->dataset_path, sizeof r->dataset_path))
        return recipe_json_damaged("dataset_path", e);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct field *f = &fields[i];
        const json_t *v = json_object_get(settings, f->name);
        if (!v && f->later) continue;
        if (!f->kind->read(v, (char *)r + f->at, f->size)) return recipe_json_damaged(f->name, e);
    }
    if (!r->spec[0]) return recipe_json_damaged("spec", e);
    if (!r->loss[0]) return recipe_json_damaged("loss", e);
    if (r->patch[0] < 1) return recipe_json_damaged("patch", e);
    if (r->batch < 1 || !recipe_batch_fits(r, 1)) return recipe_json_damaged("batch", e);
    if (r->micro_batch && r->batch % r->micro_batch) return recipe_json_damaged("micro_batch", e);
    return ATT_OK;
}
