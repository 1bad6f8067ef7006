/* SPDX-License-Identifier: Apache-2.0 */
/* Reads each case once: counts, per predicted component, its voxels in each true target. Dice
 * without the component follows from counts, so trying a rule reads no mask. */
#include "measure/choose_post.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mean.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/parallel.h"
#include "dataset/memory_set.h"
#include "image/parts.h"
#include "measure/measure_dice.h"

enum {
    STAGES = 2
}; /* unchanged predictions, and those with the largest foreground component only */
static const double percentiles[] = {0, .01, .05, .1};

/* A component of a predicted mask. */
struct piece {
    int64_t voxels, counted; /* all; those not ignored */
    bool largest;            /* of its class in its case */
};

/* One case at one stage. */
struct view {
    struct overlap overlap[LABELLING_MAX]; /* of each target, with all pieces */
    struct piece *piece;
    int first[LABELLING_MAX + 1]; /* class c has pieces first[c] .. first[c+1]-1 */
    /* by class, [piece][target with the class]: true voxels in it */
    int64_t *inside[LABELLING_MAX];
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
    double *dice, *tried_dice; /* [case][target]: with the accepted rules, and with one more */
    json_t *tried;
};

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

/* Targets that include a class; plain classes have one. */
static int targets_with(const struct labelling *l, int class, int target[LABELLING_MAX])
{
    int count = 0;
    for (int k = 0; k < labelling_targets(l); k++)
        if (class_set_has(labelling_target_set(l, k), class)) target[count++] = k;
    return count;
}

/* Makes room for a class's pieces, after those of earlier classes. */
static att_status pieces_grow(struct view *v, int class, int more, int ntargets, struct err *e)
{
    const size_t old = (size_t)v->first[class], new = old + (size_t)more;
    const size_t entries = (new - old) * (size_t)ntargets;
    struct piece *piece = mem_grow(v->piece, old * sizeof *piece, new * sizeof *piece);
    if (piece) v->piece = piece;
    v->inside[class] = mem_array(entries, sizeof *v->inside[class]);
    if (!piece || (entries > 0 && !v->inside[class]))
        return err_memory(
            e, new * sizeof *piece + entries * sizeof *v->inside[class], "components");
    v->first[class + 1] = (int)new;
    return ATT_OK;
}

static att_status pieces_add(const struct labelling *l, struct view *v, const struct parts *p,
    int class, const uint8_t *truth, const int size[3], struct err *e)
{
    int target[LABELLING_MAX], ntargets = targets_with(l, class, target);
    TRY(pieces_grow(v, class, p->count, ntargets, e));
    struct piece *new = v->piece + v->first[class];
    const int32_t *label = p->label;
    for (int i = 0, largest = parts_largest(p); i < p->count; i++)
        new[i] = (struct piece){p->voxels[i], 0, i == largest};
    for (int d = 0; d < p->box.size[0]; d++)
        for (int h = 0; h < p->box.size[1]; h++) {
            const uint8_t *row = truth + box_row(&p->box, size, d, h);
            for (int w = 0; w < p->box.size[2]; w++, label++) {
                if (!*label || row[w] >= l->count) continue;
                new[*label - 1].counted++;
                int64_t *inside = v->inside[class] + (size_t)(*label - 1) * (size_t)ntargets;
                for (int j = 0; j < ntargets; j++)
                    inside[j] += class_set_has(labelling_target_set(l, target[j]), row[w]);
            }
        }
    return ATT_OK;
}

static void member_of(int class, bool member[256])
{
    memset(member, 0, 256 * sizeof *member);
    member[class] = true;
}

static att_status view_fill(const struct labelling *l, const uint8_t *predicted,
    const uint8_t *truth, const int size[3], struct view *v, struct err *e)
{
    for (int k = 0; k < labelling_targets(l); k++)
        v->overlap[k] = measure_overlap(l, k, predicted, truth, image_voxels(size));
    for (int c = 1; c < l->count; c++) {
        bool member[256];
        struct parts p;
        member_of(c, member);
        TRY(parts_find(predicted, size, member, &p, e));
        att_status status = pieces_add(l, v, &p, c, truth, size, e);
        parts_free(&p);
        TRY(status);
    }
    return ATT_OK;
}

static att_status measure_truth(const struct labelling *l, const uint8_t *truth, const int size[3],
    struct sizes *s, struct err *e)
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

static att_status choose_post_case(struct chooser *c, int i, uint8_t *classes[2], struct err *e)
{
    static const struct postprocess all = {.all_foreground = true};
    const struct mask_pair *pair = &c->pairs->pair[i];
    int size[3], other[3];
    TRY(labelling_load(c->labels, pair->predicted, &classes[0], size, e));
    TRY(pair_load_classes(pair, c->labels, &classes[1], other, e));
    if (memcmp(size, other, sizeof size) != 0)
        return err_data(e, "%s and its label %s differ in size; predict on the label's own grid",
            pair->predicted, pair->truth);
    TRY(view_fill(c->labels, classes[0], classes[1], size, &c->view[i][0], e));
    TRY(measure_truth(c->labels, classes[1], size, c->truth[i], e));
    TRY(postprocess_apply(&all, classes[0], size, e));
    return view_fill(c->labels, classes[0], classes[1], size, &c->view[i][1], e);
}

static void choose_post_read(void *arg, int i, struct err *e)
{
    uint8_t *classes[2] = {NULL, NULL};
    choose_post_case(arg, i, classes, e);
    mem_free(classes[0]);
    mem_free(classes[1]);
}

/* For two masks as read, and a component number per voxel. */
static double choose_post_bytes_of(void *arg, int i)
{
    const struct chooser *c = arg;
    struct err unread = {0};
    const struct mask_pair *pair = &c->pairs->pair[i];
    struct image m;
    return memory_peek_labels(pair->memory, pair->truth, &m, &unread) == ATT_OK
        ? 12.0 * (double)image_voxels(m.size)
        : 0;
}

/* Mean Dice of each target over cases, and over the targets. */
struct dice {
    double of[LABELLING_MAX], mean;
};

enum { EVERY_CLASS = -1 };

static bool is_removed(const struct postprocess *p, int class, const struct piece *x)
{
    return (class_set_has(p->largest, class) && !x->largest) || x->voxels < p->smallest[class];
}

/* Subtracts removed pieces of a class from its j-th target. */
static void subtract_removed(const struct view *v, const struct postprocess *p, int class,
    int ntargets, int j, struct overlap *o)
{
    for (int n = v->first[class]; n < v->first[class + 1]; n++) {
        const struct piece *x = &v->piece[n];
        if (!is_removed(p, class, x)) continue;
        const int64_t inside =
            v->inside[class][(size_t)(n - v->first[class]) * (size_t)ntargets + (size_t)j];
        o->tp -= inside;
        o->fn += inside;
        o->fp -= x->counted - inside;
        o->tn += x->counted - inside;
    }
}

/* For target k of a case, after the rule. */
static struct overlap overlap_after(
    const struct chooser *c, const struct postprocess *p, int i, int k)
{
    const struct view *v = &c->view[i][p->all_foreground];
    const struct class_set set = labelling_target_set(c->labels, k);
    struct overlap o = v->overlap[k];
    for (int member = 1; member < c->labels->count; member++) {
        int target[LABELLING_MAX], j = 0;
        if (!class_set_has(set, member) || v->first[member] == v->first[member + 1]) continue;
        const int ntargets = targets_with(c->labels, member, target);
        while (target[j] != k) j++;
        subtract_removed(v, p, member, ntargets, j, &o);
    }
    return o;
}

/* Dice of all cases after a rule for one class; targets without it keep theirs. */
static void choose_post_measure(struct chooser *c, const struct postprocess *p, int class)
{
    const int targets = labelling_targets(c->labels);
    for (int k = 0; k < targets; k++) {
        const bool same =
            class != EVERY_CLASS && !class_set_has(labelling_target_set(c->labels, k), class);
        for (int i = 0; i < c->pairs->count; i++) {
            const size_t at = (size_t)i * (size_t)targets + (size_t)k;
            const struct overlap o = same ? (struct overlap){0} : overlap_after(c, p, i, k);
            c->tried_dice[at] = same ? c->dice[at] : overlap_dice(&o);
        }
    }
}

static void keep_measured(struct chooser *c)
{
    double *swap = c->dice;
    c->dice = c->tried_dice;
    c->tried_dice = swap;
}

static struct dice means(const struct chooser *c, const double *dice)
{
    struct dice d = {{0}, 0};
    struct mean all = {0};
    const int targets = labelling_targets(c->labels);
    for (int k = 0; k < targets; k++) {
        struct mean cases = {0};
        for (int i = 0; i < c->pairs->count; i++)
            mean_add(&cases, dice[(size_t)i * (size_t)targets + (size_t)k]);
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

static double case_dice(const struct chooser *c, const double *dice, int i)
{
    struct mean all = {0};
    const int targets = labelling_targets(c->labels);
    for (int k = 0; k < targets; k++) mean_add(&all, dice[(size_t)i * (size_t)targets + (size_t)k]);
    return mean_of(&all);
}

/* Accepts a rule if it raises the mean and helps more cases than it harms: one case may dominate
 * the mean. */
static bool try_rule(struct chooser *c, const struct postprocess *rule, int class, const char *name,
    struct postprocess *post, struct dice *best)
{
    choose_post_measure(c, rule, class);
    struct dice d = means(c, c->tried_dice);
    int better = 0, worse = 0;
    for (int i = 0; i < c->pairs->count; i++) {
        const double before = case_dice(c, c->dice, i), after = case_dice(c, c->tried_dice, i);
        better += after > before || (isnan(after) && !isnan(before)); /* empty as in the truth */
        worse += after < before;
    }
    bool kept = is_better(c, &d, best) && better > worse;
    json_array_append_new(c->tried,
        json_pack("{s:o, s:o, s:i, s:i, s:b}", "rule", json_utf8(name), "mean", json_finite(d.mean),
            "better", better, "worse", worse, "kept", kept));
    if (!kept) return false;
    keep_measured(c);
    *post = *rule;
    *best = d;
    return true;
}

static att_status true_sizes(const struct chooser *c, int class, struct sizes *all, struct err *e)
{
    *all = (struct sizes){NULL, 0};
    for (int i = 0; i < c->pairs->count; i++)
        TRY(sizes_add(all, c->truth[i][class].size, c->truth[i][class].count, e));
    if (all->count > 0) qsort(all->size, (size_t)all->count, sizeof *all->size, order_sizes);
    return ATT_OK;
}

/* Keeps the smallest of the best sizes. */
static att_status try_sizes(
    struct chooser *c, int class, struct postprocess *post, struct dice *best, struct err *e)
{
    struct sizes s;
    att_status status = true_sizes(c, class, &s, e);
    struct postprocess rule = *post;
    for (size_t i = 0;
         status == ATT_OK && s.count > 0 && i < sizeof percentiles / sizeof *percentiles; i++) {
        char name[LABELLING_NAME + 64];
        int64_t size = s.size[(int)(percentiles[i] * (s.count - 1))]; /* a size that occurs */
        /* nothing is smaller, or tried already */
        if (size <= 1 || size == rule.smallest[class]) continue;
        rule.smallest[class] = size;
        snprintf(name, sizeof name, "components of %s of at least %lld voxels",
            c->labels->name[class], (long long)size);
        try_rule(c, &rule, class, name, post, best);
    }
    mem_free(s.size);
    return status;
}

static att_status try_all(
    struct chooser *c, struct postprocess *post, struct dice *best, struct err *e)
{
    struct postprocess rule = *post;
    rule.all_foreground = true;
    try_rule(c, &rule, EVERY_CLASS, "largest component of all foreground", post, best);
    for (int k = 1; k < c->labels->count && c->labels->count > 2; k++) {
        char name[LABELLING_NAME + 64];
        rule = *post;
        class_set_add(&rule.largest, k);
        snprintf(name, sizeof name, "largest component of %s", c->labels->name[k]);
        try_rule(c, &rule, k, name, post, best);
    }
    for (int k = 1; k < c->labels->count; k++) TRY(try_sizes(c, k, post, best, e));
    return ATT_OK;
}

static json_t *dice_to_json(const struct chooser *c, const struct dice *d)
{
    json_t *classes = json_object();
    for (int k = 0; k < labelling_targets(c->labels); k++)
        json_object_set_new(classes, labelling_target_name(c->labels, k), json_finite(d->of[k]));
    return json_pack("{s:o, s:o}", "mean", json_finite(d->mean), "classes", classes);
}

static att_status choose_post_choose(
    struct chooser *c, struct postprocess *post, json_t **report, struct err *e)
{
    choose_post_measure(c, post, EVERY_CLASS);
    keep_measured(c);
    struct dice before = means(c, c->dice), after = before;
    TRY(try_all(c, post, &after, e));
    if (!report) return ATT_OK;
    *report = postprocess_to_json(post, c->labels);
    json_set_int(*report, "cases", c->pairs->count);
    json_object_set_new(*report, "dice",
        json_pack(
            "{s:o, s:o}", "before", dice_to_json(c, &before), "after", dice_to_json(c, &after)));
    json_object_set(*report, "tried", c->tried);
    return ATT_OK;
}

static void chooser_free(struct chooser *c)
{
    for (int i = 0; i < c->pairs->count; i++) {
        for (int s = 0; c->view && s < STAGES; s++) {
            mem_free(c->view[i][s].piece);
            for (int k = 0; k < LABELLING_MAX; k++) mem_free(c->view[i][s].inside[k]);
        }
        for (int k = 0; c->truth && k < LABELLING_MAX; k++) mem_free(c->truth[i][k].size);
    }
    mem_free(c->view);
    mem_free(c->truth);
    mem_free(c->dice);
    mem_free(c->tried_dice);
    json_decref(c->tried);
}

att_status choose_post(const struct mask_pairs *pairs, const struct labelling *l, struct pool *pool,
    struct host *host, bool sparing, struct postprocess *post, json_t **report, struct err *e)
{
    const size_t n = (size_t)pairs->count, numbers = n * (size_t)labelling_targets(l);
    struct chooser c = {.pairs = pairs, .labels = l, .tried = json_array()};
    *post = (struct postprocess){0};
    c.view = mem_array(n, sizeof *c.view);
    c.truth = mem_array(n, sizeof *c.truth);
    c.dice = mem_array(numbers, sizeof *c.dice);
    c.tried_dice = mem_array(numbers, sizeof *c.tried_dice);
    att_status status = c.view && c.truth && c.dice && c.tried_dice && c.tried
        ? ATT_OK
        : err_memory(e, n * (sizeof *c.view + sizeof *c.truth), "choosing the post-processing");
    const struct several cases = {pairs->count, sparing ? 1 : 2 * pool_threads(pool),
        "choosing the post-processing", choose_post_read, NULL, &c, choose_post_bytes_of};
    if (status == ATT_OK) status = parallel_run(&cases, pool, host, e);
    if (status == ATT_OK) status = choose_post_choose(&c, post, report, e);
    chooser_free(&c);
    return status;
}
