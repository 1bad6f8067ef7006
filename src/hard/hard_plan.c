/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch/hard.h"
#include "base/ints.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"
#include "model/run_files.h"
#include "train/cases.h"
#include "train/run_options.h"
#include "train/split_options.h"
#include "train/train_decide.h"
#include "train/train_state.h"

enum { FORMAT = 1 };

/* ---- the options of a network */

/* Settings decided once for the whole model and shared by both networks. */
static const char *const common[] = {
    "normalise", "intensities", "resize", "spacing", "nonzero", NULL};

static att_status set_text(json_t *options, const char *name, const char *text, struct err *e)
{
    return json_object_set_new(options, name, json_string(text)) == 0
        ? ATT_OK
        : err_memory(e, 4096, "the options of a network");
}

/* A value of settings.json as option text. */
static att_status set_value(json_t *options, const char *name, const json_t *value, struct err *e)
{
    return set_text(options, name,
        json_is_boolean(value) ? json_is_true(value) ? "yes" : "no" : json_string_value(value), e);
}

/* The given options, without those of the policy or of the whole model. */
static json_t *hard_plan_copy_options(const json_t *set)
{
    const char *name;
    json_t *value, *options = json_object();
    json_each(set, name, value)
    {
        if (!hard_settings_has(name) && strcmp(name, "time") != 0)
            json_object_set(options, name, value);
    }
    return options;
}

static att_status set_axes(
    json_t *options, const char *name, const int v[3], int dims, struct err *e)
{
    char text[NUMBER_SIZE];
    return set_text(options, name, number_size(v, dims == 2, text), e);
}

/* Replaces any other length. */
static att_status set_steps(json_t *options, int64_t steps, struct err *e)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)steps);
    json_object_del(options, "epochs");
    json_object_del(options, "time");
    return set_text(options, "steps", text, e);
}

/* What the networks' options come from. */
struct net_source {
    const struct training *t;
    const struct options *o;
    const struct hard_settings *s;
    json_t *plan;
};

/* The given patch, or halfway between a tile's window and the largest shared one. */
static att_status set_patch(
    const struct net_source *m, const struct hard *h, json_t *options, struct err *e)
{
    int patch[3];
    bool small = false;
    for (int a = 0; a < 3; a++)
        patch[a] = round_up(
            h->window[a] + (h->cluster[a] - 1) * h->tile[a] / 2, h->part[PART_FINE].multiple[a]);
    if (options_is_set(m->o, train, patch)) {
        TRY(options_size3(
            m->o, train, patch, &(struct size_rule){h->dims, "the network is", 1}, patch, e));
        for (int a = 3 - h->dims; a < 3; a++) {
            patch[a] = round_up(patch[a], h->part[PART_FINE].multiple[a]);
            small = small || patch[a] < h->window[a];
        }
    }
    if (small)
        host_warn(m->t->c->host, WARN_PATCH_SMALL,
            "`patch` %s is smaller than a tile with its halo, which the fine network sees in "
            "prediction; give a larger `patch`",
            options_text(m->o, train, patch));
    return set_axes(options, "patch", patch, h->dims, e);
}

static att_status fill_net(const struct net_source *m, enum arch_part part, double seconds,
    const json_t *settings, json_t *options, struct err *e)
{
    const struct training *t = m->t;
    struct spec net;
    struct hard h;
    TRY(hard_read(&t->model.spec, &h, e));
    TRY(hard_part_spec(&t->model.spec, part, &net, e));
    /* Decided for both; planned by itself, a part would get heads from fewer levels on. */
    TRY(spec_set(&net, "heads", spec_get(&net, "heads", "one"), e));
    TRY(set_text(options, "spec", net.text, e));
    for (int i = 0; common[i]; i++) {
        const json_t *value = json_object_get(settings, common[i]);
        if (!json_is_null(value)) TRY(set_value(options, common[i], value, e));
    }
    if (m->s->seconds[HARD_COARSE] > 0) {
        char text[32];
        snprintf(text, sizeof text, "%.0f", seconds < 1 ? 1 : seconds);
        TRY(set_text(options, "time", text, e));
    }
    if (part == PART_COARSE) {
        json_object_del(options, "patch"); /* it is for the fine network */
        if (m->s->coarse_steps) TRY(set_steps(options, m->s->coarse_steps, e));
        return set_axes(options, "shrink", h.scale, h.dims, e);
    }
    return set_patch(m, &h, options, e);
}

static att_status hard_plan_add_net(
    const struct net_source *m, enum arch_part part, double seconds, struct err *e)
{
    json_t *recipe = recipe_to_json(&m->t->recipe),
           *options = hard_plan_copy_options(json_object_get(m->plan, "options"));
    att_status status = recipe && options
        ? fill_net(m, part, seconds, json_object_get(recipe, "settings"), options, e)
        : err_memory(e, 4096, "the options of a network");
    json_decref(recipe);
    if (status == ATT_OK && json_object_set(m->plan, part_name[part], options) != 0)
        status = err_memory(e, 4096, "the options of a network");
    json_decref(options);
    return status;
}

/* ---- the plan */

static att_status hard_plan_refuse(const struct options *o, struct err *e)
{
    static const struct {
        const char *name, *remedy;
    } list[] = {
        {OPTION_NAME(train, init), "train each network from weights, with its spec in hard.json"},
        {OPTION_NAME(train, freeze), "leave it out"},
        {OPTION_NAME(train, shrink), "set scale=... in `spec`"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (options_read_set(o, list[i].name))
            return err_usage(
                e, "`%s` does not apply to hard attention; %s", list[i].name, list[i].remedy);
    return ATT_OK;
}

static att_status hard_plan_describe(struct net_source *m, const json_t *options, struct err *e)
{
    const struct training *t = m->t;
    m->plan = json_pack("{s:i, s:s, s:s, s:O}", "format", FORMAT, "dataset", t->recipe.dataset_path,
        "spec", t->recipe.spec, "options", options);
    if (!m->plan) return err_memory(e, 4096, "the plan of the stages");
    TRY(hard_plan_add_net(m, PART_COARSE, m->s->seconds[HARD_COARSE], e));
    return hard_plan_add_net(m, PART_FINE, m->s->seconds[HARD_FINE], e);
}

/* Like RUN/settings.json of other runs, plus the settings of hard models. */
static att_status describe_settings(const struct net_source *m, json_t **settings, struct err *e)
{
    *settings = training_settings(m->t);
    json_t *flags = json_object_get(*settings, "settings");
    if (!flags) return err_memory(e, 4096, "the settings");
    hard_settings_to_json(m->o, flags);
    json_t *patch = json_object_get(json_object_get(m->plan, part_name[PART_FINE]), "patch");
    /* null: the spec determines it */
    json_object_set(flags, "patch", options_is_set(m->o, train, patch) ? patch : json_null());
    json_object_set_new(flags, "shrink", json_null());
    return ATT_OK;
}

/* Voxels that the fine network computes for the tiles of an image, at least: shared windows share
 * halos. */
static double voxels_of_tiles(const struct hard *h, const int size[3])
{
    double all = 1, each = 1;
    for (int a = 3 - h->dims; a < 3; a++) {
        all *= divide_up(size[a], h->tile[a]);
        each *= h->tile[a] + 2.0 * h->halo[a] / h->cluster[a];
    }
    return fmin(all, h->tiles) * each; /* 0 if the policy stops */
}

static void warn_of_cost(const struct training *t, const struct hard *h, double tiles, double whole)
{
    const int n = t->split.ntrain;
    if (tiles <= whole) return;
    host_warn(t->c->host, WARN_TILES_COSTLY,
        "%d tile%s with halo would cost %.3g times as much as the whole image: the fine network "
        "computes %.4g voxels for them, and an image has %.4g; give fewer tiles=... in `spec`, or "
        "an arch without tiles",
        h->tiles, TEXT_S(h->tiles), tiles / whole, tiles / n, whole / n);
}

static att_status check_tile(const struct training *t, struct err *e)
{
    struct hard h;
    int max[3] = {0};
    double tiles = 0, whole = 0;
    bool covers = true;
    TRY(hard_read(&t->model.spec, &h, e));
    for (int i = 0; i < t->split.ntrain; i++) {
        struct image m;
        struct placed where;
        TRY(cases_place(&t->data, t->split.train[i], &t->model.prep, &m, &where, e));
        tiles += voxels_of_tiles(&h, where.size);
        whole += image_voxels_double(where.size);
        for (int a = 3 - h.dims; a < 3; a++) {
            covers = covers && where.size[a] <= h.tile[a];
            max[a] = where.size[a] > max[a] ? where.size[a] : max[a];
        }
    }
    if (!covers) warn_of_cost(t, &h, tiles, whole);
    if (!covers) return ATT_OK;
    return err_usage(e,
        "one tile covers every image (the longest row has %d voxels, a tile %d); give a smaller "
        "tile=... in `spec`, or an arch without tiles",
        max[2], h.tile[2]);
}

static void hard_plan_log(const struct training *t)
{
    char sides[SPLIT_SUMMARY];
    host_say(
        t->c->host, LOG_INFO, "%s; network %s", split_summary(&t->split, sides), t->recipe.spec);
}

static att_status hard_plan_decide(struct training *t, const char *dataset, const struct options *o,
    const json_t *options, json_t **plan, json_t **settings, struct err *e)
{
    const double began = clock_now();
    struct hard_settings s;
    TRY(hard_settings_read(o, &s, e));
    TRY(training_decide(t, dataset, o, NULL, NULL, e));
    if (t->data.pack)
        return err_usage(e,
            "%s is packed, but hard attention prepares the images in two ways; give %s instead",
            dataset, t->data.pack->source);
    TRY(check_tile(t, e));
    hard_plan_log(t);
    s.seconds[HARD_FINE] -=
        s.seconds[HARD_FINE] > 0 ? clock_now() - began : 0; /* reading the data counts, too */
    struct net_source m = {.t = t, .o = o, .s = &s};
    att_status status = hard_plan_describe(&m, options, e);
    *plan = m.plan;
    TRY(status);
    TRY(describe_settings(&m, settings, e));
    json_t *cut = json_pack("{s:O, s:O}", "train", json_object_get(*settings, "train"), "val",
        json_object_get(*settings, "val"));
    bool kept = json_object_set(*plan, "settings", json_object_get(*settings, "settings")) == 0 &&
        json_object_set_new(*plan, "cut", cut) == 0;
    return kept ? ATT_OK : err_memory(e, 4096, "the plan of the stages");
}

/* Images keep their grid by default, since tiles are for images too large to compute whole. */
static att_status keep_grid(json_t *options, struct err *e)
{
    if (json_object_get(options, "resize") || json_object_get(options, "spacing")) return ATT_OK;
    TRY(set_text(options, "resize", "none", e));
    return set_text(options, "spacing", "none", e);
}

static att_status plan_networks(struct training *t, const char *dataset, const struct options *set,
    json_t *options, json_t **plan, json_t **settings, struct err *e)
{
    struct options o;
    TRY(run_options_write(set, false, options, e));
    TRY(keep_grid(options, e));
    TRY(run_options_read(options, set, &o, e));
    att_status status = hard_plan_decide(t, dataset, &o, options, plan, settings, e);
    options_free(&o);
    return status;
}

att_status hard_plan_make(const struct train_context *c, const char *dataset,
    const struct options *o, json_t **plan, json_t **settings, struct err *e)
{
    *plan = *settings = NULL;
    struct training *t = training_new(c, "", e);
    if (!t) return ATT_MEMORY;
    json_t *options = json_object();
    att_status status = hard_plan_refuse(o, e);
    if (status == ATT_OK)
        status = options ? plan_networks(t, dataset, o, options, plan, settings, e)
                         : err_memory(e, 4096, "the options");
    training_delete(t);
    json_decref(options);
    json_keep(plan, status);
    return json_keep(settings, status);
}

/* ---- files */

static bool hard_plan_is_good(const json_t *plan)
{
    return json_int(plan, "format") == FORMAT && json_is_string(json_object_get(plan, "dataset")) &&
        json_is_string(json_object_get(plan, "spec")) &&
        json_is_object(json_object_get(plan, "settings")) &&
        json_is_object(json_object_get(plan, "cut")) &&
        run_options_valid(json_object_get(plan, "options"), false) &&
        run_options_valid(json_object_get(plan, "coarse"), false) &&
        run_options_valid(json_object_get(plan, "fine"), false);
}

att_status hard_plan_read(const char *run, json_t **plan, struct err *e)
{
    static const char *const known[] = {
        "format", "dataset", "spec", "options", "coarse", "fine", "settings", "cut", NULL};
    char *path = file_join(run, RUN_HARD);
    if (!path) return err_path(e);
    att_status status = json_file_read(path, plan, e);
    if (status == ATT_OK) status = json_check_keys(*plan, known, path, ATT_DATA, e);
    if (status == ATT_OK && !hard_plan_is_good(*plan)) {
        json_decref(*plan);
        *plan = NULL;
        status = err_data(e,
            "%s is damaged or from another version of attunet; predict with the run's model, or "
            "start a new run",
            path);
    }
    mem_free(path);
    return status;
}
