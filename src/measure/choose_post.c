/* SPDX-License-Identifier: Apache-2.0 */
/* Each case is read once: what a component of the prediction is worth (its voxels by true class) says what Dice becomes without it, so
 * every rule is tried on counts alone. */
#include "measure/choose_post.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mean.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/several.h"
#include "image/parts.h"
#include "measure/measure_dice.h"

enum { STAGES = 2 }; /* predictions as they are, and with the largest component of all foreground only */
static const double percentiles[] = {0, .01, .05, .1};

/* A component of a predicted mask. */
struct piece {
    int class;
    int64_t voxels;
    bool largest; /* of its class in its case */
};

/* One case at one stage. */
struct view {
    struct overlap overlap[LABELLING_MAX]; /* of each target, with all pieces */
    struct piece *piece;
    int64_t *truth; /* [piece][class] its voxels by true class; ignored ones are in none */
    int count;
};

/* Sizes of components in the true masks. */
struct sizes {
    int64_t *size;
    int count;
};

struct chooser {
    const struct mask_pairs *pairs;
    const struct labelling *labels;
    struct view (*view)[STAGES];          /* [case] */
    struct sizes (*truth)[LABELLING_MAX]; /* [case][class] */
    json_t *tried;
};

/* ---- looking at a case */

static att_status sizes_add(struct sizes *s, const int64_t *size, int count, struct err *e)
{
    size_t old = (size_t)s->count * sizeof *size, more = (size_t)count * sizeof *size;
    int64_t *grown = mem_grow(s->size, old, old + more);
    if (!grown) return err_memory(e, old + more, "sizes of components");
    if (count > 0) memcpy(grown + s->count, size, more);
    s->size = grown;
    s->count += count;
    return ATT_OK;
}

/* Room for `more` pieces behind those that are there. */
static att_status pieces_grow(struct view *v, int more, int classes, struct err *e)
{
    size_t old = (size_t)v->count, new = old + (size_t)more, row = (size_t)classes * sizeof *v->truth;
    struct piece *piece = mem_grow(v->piece, old * sizeof *piece, new * sizeof *piece);
    if (piece) v->piece = piece;
    int64_t *truth = mem_grow(v->truth, old * row, new *row);
    if (truth) v->truth = truth;
    return piece && truth ? ATT_OK : err_memory(e, new *(row + sizeof *piece), "components");
}

static att_status pieces_add(struct view *v, const struct parts *p, int class, int classes, const uint8_t *truth, const int size[3],
                             struct err *e)
{
    TRY(pieces_grow(v, p->count, classes, e));
    struct piece *new = v->piece + v->count;
    int64_t *counts = v->truth + (size_t)v->count * (size_t)classes;
    const int32_t *label = p->label;
    v->count += p->count;
    for (int i = 0, largest = parts_largest(p); i < p->count; i++) new[i] = (struct piece){class, p->voxels[i], i == largest};
    for (int d = 0; d < p->box.size[0]; d++)
        for (int h = 0; h < p->box.size[1]; h++) {
            const uint8_t *row = truth + box_row(&p->box, size, d, h);
            for (int w = 0; w < p->box.size[2]; w++, label++)
                if (*label && row[w] < classes) counts[(size_t)(*label - 1) * (size_t)classes + row[w]]++;
        }
    return ATT_OK;
}

static void member_of(int class, bool member[256])
{
    memset(member, 0, 256 * sizeof *member);
    member[class] = true;
}

static att_status look(const struct labelling *l, const uint8_t *predicted, const uint8_t *truth, const int size[3], struct view *v,
                       struct err *e)
{
    for (int k = 0; k < labelling_targets(l); k++) v->overlap[k] = measure_overlap(l, k, predicted, truth, image_voxels(size));
    for (int c = 1; c < l->count; c++) {
        bool member[256];
        struct parts p;
        member_of(c, member);
        TRY(parts_find(predicted, size, member, &p, e));
        att_status status = pieces_add(v, &p, c, l->count, truth, size, e);
        parts_free(&p);
        TRY(status);
    }
    return ATT_OK;
}

static att_status look_at_truth(const struct labelling *l, const uint8_t *truth, const int size[3], struct sizes *s, struct err *e)
{
    for (int c = 1; c < l->count; c++) {
        bool member[256];
        struct parts p;
        member_of(c, member);
        TRY(parts_find(truth, size, member, &p, e));
        att_status status = sizes_add(&s[c], p.voxels, p.count, e);
        parts_free(&p);
        TRY(status);
    }
    return ATT_OK;
}

static att_status look_at_case(struct chooser *c, int i, uint8_t *classes[2], struct err *e)
{
    static const struct postprocess all = {.all_foreground = true};
    const struct mask_pair *pair = &c->pairs->pair[i];
    int size[3], other[3];
    TRY(labelling_load(c->labels, pair->predicted, &classes[0], size, e));
    TRY(labelling_load(c->labels, pair->truth, &classes[1], other, e));
    if (memcmp(size, other, sizeof size) != 0)
        return err_set(e, ATT_DATA, "%s and its label %s differ in size; predict on the label's own grid", pair->predicted, pair->truth);
    TRY(look(c->labels, classes[0], classes[1], size, &c->view[i][0], e));
    TRY(look_at_truth(c->labels, classes[1], size, c->truth[i], e));
    TRY(postprocess_apply(&all, classes[0], size, e));
    return look(c->labels, classes[0], classes[1], size, &c->view[i][1], e);
}

static void look_at(void *arg, int i, struct err *e)
{
    uint8_t *classes[2] = {NULL, NULL};
    look_at_case(arg, i, classes, e);
    mem_free(classes[0]);
    mem_free(classes[1]);
}

/* ---- trying rules */

/* Mean Dice of each target over cases, and over the targets. */
struct dice {
    double of[LABELLING_MAX], mean;
};

static bool goes(const struct postprocess *p, const struct piece *x)
{
    return (class_set_has(p->largest, x->class) && !x->largest) || x->voxels < p->smallest[x->class];
}

/* What becomes of target k when a piece goes. */
static void take_away(const struct piece *x, const int64_t *truth, int classes, struct class_set set, struct overlap *o)
{
    if (!class_set_has(set, x->class)) return;
    for (int t = 0; t < classes; t++) {
        bool inside = class_set_has(set, t);
        *(inside ? &o->tp : &o->fp) -= truth[t];
        *(inside ? &o->fn : &o->tn) += truth[t];
    }
}

/* Of target k in a case, after the rule. */
static struct overlap overlap_after(const struct chooser *c, const struct postprocess *p, int i, int k)
{
    const struct view *v = &c->view[i][p->all_foreground];
    const struct class_set set = labelling_target_set(c->labels, k);
    const size_t classes = (size_t)c->labels->count;
    struct overlap o = v->overlap[k];
    for (int n = 0; n < v->count; n++)
        if (goes(p, &v->piece[n])) take_away(&v->piece[n], v->truth + (size_t)n * classes, (int)classes, set, &o);
    return o;
}

static struct dice measure(const struct chooser *c, const struct postprocess *p)
{
    struct dice d = {{0}, 0};
    struct mean all = {0};
    for (int k = 0; k < labelling_targets(c->labels); k++) {
        struct mean cases = {0};
        for (int i = 0; i < c->pairs->count; i++) {
            const struct overlap o = overlap_after(c, p, i, k);
            mean_add(&cases, overlap_dice(&o));
        }
        d.of[k] = mean_of(&cases);
        mean_add(&all, d.of[k]);
    }
    d.mean = mean_of(&all);
    return d;
}

static bool is_better(const struct chooser *c, const struct dice *new, const struct dice *old)
{
    for (int k = 0; k < labelling_targets(c->labels); k++)
        if (new->of[k] < old->of[k]) return false;
    return new->mean > old->mean;
}

static double case_dice(const struct chooser *c, const struct postprocess *p, int i)
{
    struct mean targets = {0};
    for (int k = 0; k < labelling_targets(c->labels); k++) {
        const struct overlap o = overlap_after(c, p, i, k);
        mean_add(&targets, overlap_dice(&o));
    }
    return mean_of(&targets);
}

/* Keeps a rule if it helps: on the whole, and more cases than it harms, since one lucky case may carry the mean. */
static bool try_rule(struct chooser *c, const struct postprocess *rule, const char *name, struct postprocess *post, struct dice *best)
{
    struct dice d = measure(c, rule);
    int better = 0, worse = 0;
    for (int i = 0; i < c->pairs->count; i++) {
        const double before = case_dice(c, post, i), after = case_dice(c, rule, i);
        better += after > before || (isnan(after) && !isnan(before)); /* nothing is left where nothing is */
        worse += after < before;
    }
    bool kept = is_better(c, &d, best) && better > worse;
    json_array_append_new(c->tried, json_pack("{s:o, s:o, s:i, s:i, s:b}", "rule", json_utf8(name), "mean", json_finite(d.mean), "better",
                                              better, "worse", worse, "kept", kept));
    if (!kept) return false;
    *post = *rule;
    *best = d;
    return true;
}

/* Of all cases, sorted. */
static att_status true_sizes(const struct chooser *c, int class, struct sizes *all, struct err *e)
{
    *all = (struct sizes){NULL, 0};
    for (int i = 0; i < c->pairs->count; i++) TRY(sizes_add(all, c->truth[i][class].size, c->truth[i][class].count, e));
    if (all->count > 0) qsort(all->size, (size_t)all->count, sizeof *all->size, order_sizes);
    return ATT_OK;
}

/* The least of the sizes that help most. */
static att_status try_sizes(struct chooser *c, int class, struct postprocess *post, struct dice *best, struct err *e)
{
    struct sizes s;
    att_status status = true_sizes(c, class, &s, e);
    struct postprocess rule = *post;
    for (size_t i = 0; status == ATT_OK && s.count > 0 && i < sizeof percentiles / sizeof *percentiles; i++) {
        char name[LABELLING_NAME + 64];
        int64_t size = s.size[(int)(percentiles[i] * (s.count - 1))]; /* one that occurs */
        if (size <= 1 || size == rule.smallest[class]) continue;      /* nothing is smaller; tried already */
        rule.smallest[class] = size;
        snprintf(name, sizeof name, "components of %s of at least %lld voxels", c->labels->name[class], (long long)size);
        try_rule(c, &rule, name, post, best);
    }
    mem_free(s.size);
    return status;
}

static att_status try_all(struct chooser *c, struct postprocess *post, struct dice *best, struct err *e)
{
    struct postprocess rule = *post;
    rule.all_foreground = true;
    try_rule(c, &rule, "largest component of all foreground", post, best);
    for (int k = 1; k < c->labels->count && c->labels->count > 2; k++) {
        char name[LABELLING_NAME + 64];
        rule = *post;
        class_set_add(&rule.largest, k);
        snprintf(name, sizeof name, "largest component of %s", c->labels->name[k]);
        try_rule(c, &rule, name, post, best);
    }
    for (int k = 1; k < c->labels->count; k++) TRY(try_sizes(c, k, post, best, e));
    return ATT_OK;
}

/* ---- the report */

static json_t *dice_to_json(const struct chooser *c, const struct dice *d)
{
    json_t *classes = json_object();
    for (int k = 0; k < labelling_targets(c->labels); k++)
        json_object_set_new(classes, labelling_target_name(c->labels, k), json_finite(d->of[k]));
    return json_pack("{s:o, s:o}", "mean", json_finite(d->mean), "classes", classes);
}

static att_status choose(struct chooser *c, struct postprocess *post, json_t **report, struct err *e)
{
    struct dice before = measure(c, post), after = before;
    TRY(try_all(c, post, &after, e));
    if (!report) return ATT_OK;
    *report = postprocess_to_json(post, c->labels);
    json_object_set_new(*report, "cases", json_integer(c->pairs->count));
    json_object_set_new(*report, "dice", json_pack("{s:o, s:o}", "before", dice_to_json(c, &before), "after", dice_to_json(c, &after)));
    json_object_set(*report, "tried", c->tried);
    return ATT_OK;
}

static void chooser_free(struct chooser *c)
{
    for (int i = 0; i < c->pairs->count; i++) {
        for (int s = 0; c->view && s < STAGES; s++) {
            mem_free(c->view[i][s].piece);
            mem_free(c->view[i][s].truth);
        }
        for (int k = 0; c->truth && k < LABELLING_MAX; k++) mem_free(c->truth[i][k].size);
    }
    mem_free(c->view);
    mem_free(c->truth);
    json_decref(c->tried);
}

att_status choose_post(const struct mask_pairs *pairs, const struct labelling *l, struct pool *pool, struct log *log, bool sparing,
                       struct postprocess *post, json_t **report, struct err *e)
{
    size_t n = (size_t)pairs->count;
    struct chooser c = {.pairs = pairs, .labels = l, .tried = json_array()};
    *post = (struct postprocess){0};
    c.view = mem_array(n, sizeof *c.view);
    c.truth = mem_array(n, sizeof *c.truth);
    att_status status =
        c.view && c.truth && c.tried ? ATT_OK : err_memory(e, n * (sizeof *c.view + sizeof *c.truth), "choosing the post-processing");
    const struct several cases = {pairs->count, sparing ? 1 : 2 * pool_threads(pool), "choosing the post-processing", look_at, NULL, &c};
    if (status == ATT_OK) status = several_run(&cases, pool, log, e);
    if (status == ATT_OK) status = choose(&c, post, report, e);
    chooser_free(&c);
    return status;
}
