/* SPDX-License-Identifier: Apache-2.0 */
/* Decides grid, network, patch and batch: from the user's settings, else by the planner; called by
 * recipe.c. */
#include <stdio.h>
#include <string.h>

#include "arch/hard.h"
#include "base/ints.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"
#include "plan/init.h"
#include "plan/planner.h"
#include "plan/planner_budget.h"
#include "plan/recipe.h"
#include "plan/speed.h"

struct decision {
    const struct recipe_sources *from;
    const struct options *o; /* of `from`, like f and why */
    const struct fingerprint *f;
    json_t *why;
    struct recipe *r;
    struct spec user; /* the given words */
    const struct arch *arch;
    int dims;
    bool dims_open; /* 3D, if the time affords it */
    struct planner_time time;
    struct planner_view view;
    struct planner_levels levels;
    struct arch_facts facts;
};

static const char *recipe_network_unless_none(const char *text)
{
    return text && strcmp(text, "none") != 0 ? text : NULL;
}

static bool recipe_network_has_key(const struct arch *a, const char *key)
{
    return text_has_word(a->keys, key);
}

/* ---- which network, on which grid */

/* Words that a 2D network refuses or reads otherwise. */
static bool states_depth(const struct decision *c)
{
    const char *mirror = options_choice(c->o, train, mirror);
    return hard_is(&c->user) || spec_get(&c->user, "strides", NULL) ||
        spec_get(&c->user, "kernels", NULL) || options_text(c->o, train, shrink) ||
        (mirror && *mirror == 'd');
}

static att_status recipe_network_read_spec(struct decision *c, const char *words, struct err *e)
{
    struct spec s;
    struct arch_facts facts;
    if (words) TRY(spec_parse(&c->user, words, e));
    TRY(spec_parse(&s, "in=1", e));
    TRY(spec_set(&s, "arch", spec_get(&c->user, "arch", "attunet"), e));
    TRY(arch_find(&s, &c->arch, e));
    if (!recipe_network_has_key(c->arch, "dims")) {
        TRY(arch_describe(&s, &facts, e));
        c->dims = facts.dims;
        return ATT_OK;
    }
    int sides[3];
    const char *patch = options_text(c->o, train, patch);
    const bool stated = spec_get(&c->user, "dims", NULL) != NULL,
               flat = c->f->dims == 3 && patch && number_read_size(patch, sides) == 2;
    if (flat && !stated)
        planner_explain(c->why, "spec", "2D, slice by slice, as the size of the patch says");
    int dims = flat ? 2 : planner_dims(c->f, stated ? NULL : c->why);
    c->dims_open = dims == 3 && !stated && !patch && !states_depth(c);
    return spec_int(&c->user, "dims", dims, 2, 3, &c->dims, e);
}

/* Reads the spec, and decides whether the network is 2D or 3D. */
static att_status decide_dims(struct decision *c, struct err *e)
{
    return options_blame_one(
        c->o, train, spec, recipe_network_read_spec(c, options_text(c->o, train, spec), e), e);
}

static att_status recipe_network_read_spacing(
    const struct options *o, struct recipe *r, struct err *e)
{
    const char *file = options_file(o, train, spacing);
    TRY(options_spacing(o, train, spacing, r->spacing, e));
    if (!r->resize[0] || !(r->spacing[0] > 0 || r->spacing[1] > 0 || r->spacing[2] > 0))
        return ATT_OK;
    if (!file) return err_usage(e, "give `resize` or `spacing`, not both");
    return err_usage(e,
        "%s: \"resize\" and \"spacing\" both set the grid of images; set one of them to "
        "\"none\"",
        file);
}

/* One number is for all axes of the network; two are for the plane. */
static att_status recipe_network_read_shrink(const struct decision *c, struct err *e)
{
    const char *text = recipe_network_unless_none(options_text(c->o, train, shrink));
    int v[3] = {1, 1, 1}, n = text ? number_read_size(text, v) : 0;
    if (!text) return ATT_OK;
    if (n == 1) v[1] = v[2];
    if (n == 1 && c->dims == 3) v[0] = v[2];
    bool good = n > 0;
    for (int i = 0; i < 3; i++) good = good && v[i] >= 1 && v[i] <= PREPARATION_SHRINK;
    if (!good)
        return err_usage(e,
            "`shrink` %s is not valid; give a number like 2, or a block like 1x4x4 (depth x height "
            "x width), of 1 to %d voxels",
            text, PREPARATION_SHRINK);
    if (c->dims == 2 && v[0] > 1)
        return err_usage(
            e, "`shrink` %s has a depth, but the network is 2D; give 1x%dx%d", text, v[1], v[2]);
    if (v[0] * v[1] * v[2] > 1) memcpy(c->r->shrink, v, sizeof v);
    return ATT_OK;
}

/* Two numbers of `resize` keep the number of slices of a volume. */
static att_status decide_grid(struct decision *c, struct err *e)
{
    const struct size_rule rule = {c->from->d->dims == 2 ? 2 : 0, "the images are", 1};
    struct recipe *r = c->r;
    struct planner_grid g = {.resize = {0}};
    const struct preparation *prep = c->from->prep;
    r->nonzero = options_has(c->o, train, nonzero) ? options_bool(c->o, train, nonzero)
        : prep                                     ? prep->nonzero
                                                   : planner_nonzero(c->f, c->why);
    if (recipe_network_unless_none(options_text(c->o, train, resize)))
        TRY(options_size3(c->o, train, resize, &rule, r->resize, e));
    TRY(recipe_network_read_spacing(c->o, r, e));
    TRY(recipe_network_read_shrink(c, e));
    if (prep && !options_text(c->o, train, shrink))
        memcpy(r->shrink, prep->shrink, sizeof r->shrink);
    if (!options_text(c->o, train, resize) && !options_text(c->o, train, spacing) && prep) {
        memcpy(r->resize, prep->resize, sizeof r->resize);
        memcpy(r->spacing, prep->spacing, sizeof r->spacing);
    } else if (!options_text(c->o, train, resize) && !options_text(c->o, train, spacing) &&
        !r->shrink[0]) { /* with shrink, the grid is coarse enough */
        planner_grid(
            c->f, c->dims, c->dims == 2 ? PLANNER_BATCH_2D : PLANNER_BATCH_3D, c->time, &g, c->why);
        memcpy(r->resize, g.resize, sizeof g.resize);
        memcpy(r->spacing, g.spacing, sizeof g.spacing);
    }
    memcpy(g.resize, r->resize, sizeof g.resize);
    memcpy(g.spacing, r->spacing, sizeof g.spacing);
    memcpy(g.shrink, r->shrink, sizeof g.shrink);
    planner_apply_grid(c->f, &g, r->nonzero, &c->view);
    c->view.slices = c->dims == 2 && c->from->d->dims == 3;
    return ATT_OK;
}

/* ---- patch and levels */

/* The patch of an imported model is only a window, not planned. */
static bool trained_by_attunet(const struct model *m)
{
    return json_object_get(m->history, "settings") != NULL;
}

/* For hard attention: the fine network's window of one tile. */
static att_status hard_patch(struct decision *c, struct err *e)
{
    struct spec s;
    struct hard h;
    TRY(spec_parse(&s, c->r->spec, e));
    if (!hard_is(&s)) return ATT_OK;
    TRY(hard_read(&s, &h, e));
    memcpy(c->r->patch, h.window, sizeof h.window);
    return ATT_OK;
}

static att_status decide_patch(struct decision *c, struct err *e)
{
    struct recipe *r = c->r;
    r->batch = options_has(c->o, train, batch) ? (int)options_int(c->o, train, batch)
                                               : planner_batch(c->f, c->dims, &c->view, c->why);
    if (!options_text(c->o, train, patch) && c->from->init) {
        if (trained_by_attunet(c->from->init))
            memcpy(r->patch, c->from->init->prep.patch, sizeof r->patch);
        else
            memset(r->patch, 0, sizeof r->patch); /* fit_patch plans it for the network */
        return ATT_OK;
    }
    if (!options_text(c->o, train, patch)) {
        planner_patch(&c->view, c->dims, r->batch, c->time, NULL, r->patch, &c->levels, c->why);
        return ATT_OK;
    }
    TRY(options_size3(
        c->o, train, patch, &(struct size_rule){c->dims, "the network is", 1}, r->patch, e));
    planner_levels(r->patch, c->view.mm, c->dims, &c->levels);
    return ATT_OK;
}

/* Fits the patch to the final network, whose levels may be the user's. */
static void fit_patch(struct decision *c)
{
    struct recipe *r = c->r;
    bool fits = r->patch[2] > 0;
    for (int a = 3 - c->dims; a < 3; a++) fits = fits && r->patch[a] % c->facts.multiple[a] == 0;
    if (fits || hard_is(&c->user)) return;
    if (options_text(c->o, train, patch)) {
        for (int a = 3 - c->dims; a < 3; a++)
            r->patch[a] = round_up(r->patch[a], c->facts.multiple[a]);
        planner_explain(c->why, "patch",
            "%s as given, rounded up to multiples of %s for this network",
            options_text(c->o, train, patch), arch_multiple_text(&c->facts).text);
    } else
        planner_patch(
            &c->view, c->dims, r->batch, c->time, c->facts.multiple, r->patch, NULL, c->why);
}

/* ---- the spec */

/* Adds a word if the architecture has its key. */
static att_status recipe_network_add(
    struct decision *c, struct spec *s, const char *key, const char *value, struct err *e)
{
    return recipe_network_has_key(c->arch, key) ? spec_set(s, key, value, e) : ATT_OK;
}

static att_status add_steps(struct decision *c, struct spec *s, const char *key,
    const int (*step)[3], int count, struct err *e)
{
    char text[16 * SPEC_LEVELS] = "";
    for (int i = 0; i < count; i++) {
        char size[NUMBER_SIZE];
        text_append(
            text, sizeof text, "%s%s", i ? "," : "", number_size(step[i], c->dims == 2, size));
    }
    return recipe_network_add(c, s, key, text, e);
}

static att_status add_levels(struct decision *c, struct spec *s, struct err *e)
{
    static const char *const widths[2][4] = {
        {"16,32", "16,32,64", "16,32,64,128", "16,32,64,128,256"},
        {"32,64", "32,64,128", "32,64,128,256", "32,64,128,256,320"}}; /* as published */
    const struct planner_levels *l = &c->levels;
    TRY(recipe_network_add(
        c, s, "widths", widths[!strcmp(c->arch->name, "nnunet")][l->count - 1], e));
    /* With the user's widths, only the user's strides and kernels count: a spec without strides
     * halves every axis, here as when it is given again. They keep the place of planned ones, so
     * that a run's spec has the same words in the same order. */
    for (int i = 0; i < 2 && spec_get(&c->user, "widths", NULL); i++) {
        const char *key = i ? "kernels" : "strides", *own = spec_get(&c->user, key, NULL);
        if (own) TRY(recipe_network_add(c, s, key, own, e));
    }
    if (l->plain || spec_get(&c->user, "widths", NULL) ||
        !recipe_network_has_key(c->arch, "widths"))
        return ATT_OK;
    TRY(add_steps(c, s, "strides", l->stride, l->count, e));
    return add_steps(c, s, "kernels", l->kernel, l->count + 1, e);
}

/* Min and max levels of the networks: one, or two in hard attention, which share all other words.
 */
static att_status count_levels(const struct decision *c, int *min, int *max, struct err *e)
{
    const bool hard = hard_is(&c->user);
    *min = *max = c->levels.count + 1;
    if (!hard && !spec_get(&c->user, "widths", NULL)) return ATT_OK;
    for (int i = 0; i < (hard ? PART_POLICY : 1); i++) {
        int widths[SPEC_LEVELS], count;
        TRY(spec_list(
            &c->user, hard ? part_name[i] : "widths", HARD_WIDTHS, widths, SPEC_LEVELS, &count, e));
        if (i == 0 || count < *min) *min = count;
        if (i == 0 || count > *max) *max = count;
    }
    return ATT_OK;
}

/* Gates as published for slices and for volumes; arch=unet is the same without gates. */
static att_status add_gates(struct decision *c, struct spec *s, struct err *e)
{
    static const char *const flat[] = {"gate", "same", "signal", "up", "inter", "half", "gated",
        "all", "gate_norm", "batch", NULL};
    static const char *const deep[] = {"gate", "grid", "sub", "2", "signal", "coarse", "inter", "x",
        "gated", "inner", "gating_conv", "yes", "gate_out", "yes", NULL};
    TRY(recipe_network_add(c, s, "norm", "batch", e));
    TRY(recipe_network_add(c, s, "up", c->dims == 2 ? "nearest" : "transpose", e));
    if (!recipe_network_has_key(c->arch, "gated"))
        return recipe_network_add(c, s, "gate", "none", e);
    for (const char *const *w = c->dims == 2 ? flat : deep; *w; w += 2)
        TRY(recipe_network_add(c, s, w[0], w[1], e));
    int min, max;
    TRY(count_levels(c, &min, &max, e));
    /* Two levels: only the finest can be gated. */
    return min > 2 ? ATT_OK : recipe_network_add(c, s, "gated", "all", e);
}

static att_status number_word(struct spec *s, const char *key, int value, struct err *e)
{
    char text[16];
    snprintf(text, sizeof text, "%d", value);
    return spec_set(s, key, text, e);
}

/* From this number of levels, coarser levels have their own losses; below four, there would be none
 * (docs/losses.md). For hard attention, we measured them from five on. */
enum { DEEP = 4, DEEP_HARD = 5 };

/* For arch=hard: two tiles along an axis, because a network trained on windows of one size is worse
 * on much larger ones (docs/hard.md). Not for instance norm: its statistics are of the whole window
 * and must not depend on which tiles are chosen. */
static att_status add_cluster(struct decision *c, struct spec *s, struct err *e)
{
    if (strcmp(c->arch->name, "hard") != 0 || strcmp(spec_get(s, "norm", "batch"), "instance") == 0)
        return ATT_OK;
    return spec_get(s, "cluster", NULL) ? ATT_OK : spec_set(s, "cluster", "2", e);
}

/* On every set with thick slices that we measured, a 2D network is better if it sees the two
 * neighbours of a slice (docs/accuracy.md). */
static att_status add_slices(struct decision *c, struct spec *s, struct err *e)
{
    const bool several = c->view.slices && c->view.size[0] >= 3;
    return several ? recipe_network_add(c, s, "slices", "3", e) : ATT_OK;
}

/* Numbers that must match the data set; a plan may be from another one. */
static att_status check_spec(const struct decision *c, struct err *e)
{
    static const char *const keys[] = {"in", "classes"};
    const struct dataset *d = c->from->d;
    const int own[] = {c->facts.in, c->facts.classes},
              needed[] = {d->channels, labelling_channels(&d->labels)};
    const bool binary = c->facts.classes == 1 && d->labels.count == 2 && !d->labels.regions;
    for (int i = 0; i < 2; i++) {
        if (own[i] == needed[i] || !spec_get(&c->user, keys[i], NULL) || (i == 1 && binary))
            continue;
        return err_usage(e,
            "`spec` has %s=%d, but %s needs %d; leave that word out, or plan again for this data "
            "set",
            keys[i], own[i], d->root, needed[i]);
    }
    return ATT_OK;
}

static att_status decide_spec(struct decision *c, struct err *e)
{
    struct spec s;
    int min, max;
    TRY(spec_parse(&s, "arch=attunet", e));
    TRY(spec_set(&s, "arch", c->arch->name, e));
    if (recipe_network_has_key(c->arch, "dims")) TRY(number_word(&s, "dims", c->dims, e));
    TRY(number_word(&s, "in", c->from->d->channels, e));
    TRY(add_slices(c, &s, e));
    TRY(number_word(&s, "classes", labelling_channels(&c->from->d->labels), e));
    TRY(add_levels(c, &s, e));
    TRY(add_gates(c, &s, e));
    TRY(recipe_network_add(c, &s, "detail", "yes", e));
    for (int i = 0; i < c->user.count; i++) TRY(spec_set(&s, c->user.key[i], c->user.value[i], e));
    TRY(add_cluster(c, &s, e));
    TRY(arch_describe(&s, &c->facts, e));
    TRY(check_spec(c, e));
    TRY(count_levels(c, &min, &max, e));
    if (max >= (hard_is(&c->user) ? DEEP_HARD : DEEP) && !spec_get(&s, "heads", NULL))
        TRY(recipe_network_add(c, &s, "heads", "side", e));
    memcpy(c->r->spec, s.text, sizeof c->r->spec);
    return ATT_OK;
}

/* Why some axes are halved less often. */
static const char *halving(const struct decision *c)
{
    const bool stated = spec_get(&c->user, "widths", NULL),
               stepped = strstr(c->r->spec, " strides=");
    if (stepped && !stated)
        return "; short axes and axes of thick slices are halved and convolved less often";
    if (stepped || !stated || c->levels.plain) return "";
    return "; widths without strides halve every axis at every level; leave widths out to halve "
           "short axes and axes of thick slices less often";
}

static void explain_spec(const struct decision *c)
{
    const char *dims = json_str(c->why, "spec");
    int coarsest[3], widths[SPEC_LEVELS], levels = c->levels.count + 1;
    char text[256], of_levels[32] = "", size[NUMBER_SIZE], around[64] = "";
    if (spec_get(&c->user, "widths", NULL))
        spec_list(&c->user, "widths", "", widths, SPEC_LEVELS, &levels, NULL);
    if (recipe_network_has_key(c->arch, "widths"))
        snprintf(of_levels, sizeof of_levels, " of %d levels", levels);
    for (int a = 0; a < 3; a++) coarsest[a] = c->r->patch[a] / c->facts.multiple[a];
    snprintf(text, sizeof text, "%s", dims ? dims : c->dims == 2 ? "2D" : "3D");
    if (c->facts.slices > 1)
        snprintf(around, sizeof around, "; slices=%d: it also sees the neighbours of a slice",
            c->facts.slices);
    planner_explain(c->why, "spec", "%s%s; the coarsest%s has %s voxels per patch%s", text, around,
        of_levels, number_size(coarsest, c->dims == 2, size), halving(c));
}

/* ---- what the time affords */

static att_status decide_network(struct decision *c, struct err *e)
{
    const struct recipe_sources *from = c->from;
    TRY(decide_grid(c, e));
    TRY(decide_patch(c, e));
    att_status status = from->init
        ? init_spec(from->init, options_text(c->o, train, spec), from->d, c->r, &c->facts, e)
        : decide_spec(c, e);
    TRY(options_blame_one(c->o, train, spec, status, e));
    fit_patch(c);
    return hard_patch(c, e);
}

/* A plan that states patch and grid needs no speed. Runs of given steps must not depend on the
 * machine; under a memory limit, a network is built only once; hard attention has several. */
static bool needs_speed(const struct decision *c)
{
    const struct options *o = c->o;
    const bool patch = options_text(o, train, patch) || c->from->init,
               grid = options_text(o, train, resize) || options_text(o, train, spacing) ||
        options_text(o, train, shrink) || c->from->prep;
    return c->from->host && c->from->host->kernels && !(patch && grid) &&
        !options_is_set(o, train, steps) && !options_is_set(o, train, epochs) &&
        !options_has(o, train, max_memory) && !hard_is(&c->user);
}

static att_status speed_of(const struct decision *trial, double *speed, struct err *e)
{
    const struct recipe *r = trial->r;
    struct spec spec;
    TRY(spec_parse(&spec, r->spec, e));
    struct speed_case s = {&spec, &trial->facts,
        r->bf16        ? CONV_BF16
            : *r->conv ? r->conv
                       : NULL,
        r->half, false, {0}};
    memcpy(s.patch, r->patch, sizeof s.patch);
    return speed_measure(&s, trial->from->host, speed, e);
}

/* Where `precision` is auto: on the network that was chosen. */
static att_status decide_precision(const struct decision *c, struct err *e)
{
    struct recipe *r = c->r;
    struct spec spec;
    double gain = 0;
    struct speed_case s = {&spec, &c->facts, NULL, r->half, false, {0}};
    if (strcmp(options_text(c->o, train, precision), "auto") != 0) return ATT_OK;
    TRY(spec_parse(&spec, r->spec, e));
    memcpy(s.patch, r->patch, sizeof s.patch);
    if (c->from->host && c->from->host->kernels && !*r->conv)
        TRY(speed_choose_bf16(&s, c->from->host, &r->bf16, &gain, e));
    if (gain > 0)
        planner_explain(c->why, "precision",
            "measured: training in bf16 is %.3g times as fast as in f32; bf16 takes 1.25 times",
            gain);
    return ATT_OK;
}

/* Measures on the network that would be chosen at the usual speed. Then the one that would be
 * chosen at this speed shows how many steps a 3D network makes. */
static att_status try_network(struct decision *trial, bool measure, struct err *e)
{
    struct recipe *r = trial->r, *undecided; /* on the heap: the networks of hard attention get here
                                              * with little of the stack left */
    double speed = r->speed;
    if (measure) {
        TRY(MEM_NEW(undecided, "the settings", e));
        *undecided = *r;
        att_status status = decide_network(trial, e);
        if (status == ATT_OK) status = speed_of(trial, &speed, e);
        *r = *undecided;
        mem_free(undecided);
        TRY(status);
        r->speed = trial->time.speed = speed;
    }
    return trial->dims_open ? decide_network(trial, e) : ATT_OK;
}

static att_status decide_by_time(struct decision *c, struct err *e)
{
    const bool measure = !(c->r->speed > 0) && needs_speed(c);
    if (!measure && !c->dims_open) return ATT_OK;
    struct decision trial = *c;
    trial.why = NULL;
    TRY(MEM_NEW(trial.r, "the settings", e));
    *trial.r = *c->r;
    att_status status = try_network(&trial, measure, e);
    c->time = trial.time;
    c->r->speed = trial.r->speed;
    const double steps = status == ATT_OK && c->dims_open
        ? planner_steps(trial.r->patch, trial.r->batch, c->time)
        : 0;
    mem_free(trial.r);
    TRY(status);
    if (measure)
        planner_explain(c->why, "speed",
            "measured: training works through %.2g million voxels a second", c->r->speed);
    if (c->dims_open && planner_slices(c->f, steps, c->why)) c->dims = 2;
    return ATT_OK;
}

att_status recipe_decide_network(
    const struct recipe_sources *from, struct recipe *r, struct arch_facts *facts, struct err *e)
{
    struct decision c = {.from = from,
        .o = from->o,
        .f = from->f,
        .why = from->why,
        .r = r,
        .time = {r->seconds, r->speed > 0 ? r->speed : PLANNER_SPEED}};
    if (from->init)
        c.dims = from->init->facts.dims;
    else
        TRY(decide_dims(&c, e));
    TRY(decide_by_time(&c, e));
    TRY(decide_network(&c, e));
    TRY(decide_precision(&c, e));
    if (!from->init) explain_spec(&c);
    if (from->init && c.dims == 2 && from->d->dims == 3)
        planner_explain(c.why, "spec", "2D, slice by slice, like the model of `init`");
    *facts = c.facts;
    return ATT_OK;
}
