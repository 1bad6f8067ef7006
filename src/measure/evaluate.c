/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/evaluate.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/parallel.h"
#include "base/team.h"
#include "base/text.h"
#include "dataset/layout.h"
#include "dataset/numbered.h"
#include "files/hash.h"
#include "format/joined.h"
#include "measure/meaning.h"
#include "measure/object_files.h"
#include "measure/surface_files.h"

/* Measures larger images one at a time with all threads: that needs many times an image's memory.
 */
enum { LARGE = 1 << 23 };
enum {
    SURFACES = 1 << MEASURE_HD95 | 1 << MEASURE_ASSD | 1 << MEASURE_NSD,
    OBJECTS = (1 << (MEASURE_OBJECT_HAUSDORFF + 1)) - (1 << MEASURE_AP50),
    VOLUMES = 1 << MEASURE_VOLUME_PREDICTED | 1 << MEASURE_VOLUME_TRUE
};

const char *const measure_names[MEASURES] = {"dice", "iou", "precision", "recall", "hd95", "assd",
    "nsd", "ap50", "ap60", "ap70", "ap80", "ap90", "pq", "object_dice", "object_hausdorff",
    "volume_predicted", "volume_true"};

#define CHOICES                                                                                    \
    "dice, iou, precision, recall, hd95, assd, nsd and volume; of objects also ap50, ap60, ap70, " \
    "ap80, ap90, pq, object_dice and object_hausdorff"

att_status measures_parse(const char *names, unsigned *bits, struct err *e)
{
    *bits = 0;
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, ","), before = *bits;
        for (int m = 0; m < MEASURE_VOLUME_PREDICTED; m++)
            if (strlen(measure_names[m]) == length && strncmp(at, measure_names[m], length) == 0)
                *bits |= 1u << m;
        if (length == 6 && strncmp(at, "volume", 6) == 0) *bits |= VOLUMES;
        if (*bits == before) {
            return err_usage(e, "'%.*s' is not a metric, or named twice; choose among " CHOICES,
                (int)(length < 60 ? length : 60), at);
        }
        at += length + (at[length] == ',');
    }
    return *bits ? ATT_OK : err_usage(e, "no metric is named; choose among " CHOICES);
}

static int at_a_time(const struct evaluation *v, const struct pool *pool)
{
    return v->options.sparing ? 1 : 2 * pool_threads(pool);
}

struct counting {
    struct evaluation *v;
    const struct labelling *declared; /* NULL: not known yet */
};

static void count_case(void *arg, int i, struct err *e)
{
    struct counting *w = arg;
    const struct mask_pair *pair = &w->v->pairs.pair[i];
    const struct evaluate_options *o = &w->v->options;
    struct tally *t = &w->v->tally[i];
    if (tally_files(pair, w->declared, t, e) != ATT_OK || !(o->voxel[0] > 0)) return;
    if (o->voxel_of_planes && t->volume && !o->voxel_of_run)
        err_usage(e,
            "%s is a volume, but `voxel-size` is for 2D images; give depth x height x width",
            pair->truth);
    else
        tally_set_voxel(t, o->voxel, o->voxel_of_planes);
}

struct distances {
    struct evaluation *v;
    struct pool *pool;
};

static void measure_distances(struct evaluation *v, int i, struct pool *pool, struct err *e)
{
    surface_files(&v->pairs.pair[i], &v->labels, v->tally[i].spacing, v->options.tolerance, pool,
        v->surface + (size_t)i * (size_t)labelling_targets(&v->labels), e);
}

/* ---- ranks: each measures a part of the cases */

static bool evaluate_is_own(const struct evaluation *v, int i)
{
    return i % team_size(v->options.team) == team_rank(v->options.team);
}

static uint64_t evaluate_hash(const struct evaluation *v)
{
    struct hash h;
    hash_begin(&h);
    for (int i = 0; i < v->pairs.count; i++)
        hash_add(&h, v->pairs.pair[i].id, strlen(v->pairs.pair[i].id) + 1);
    return hash_end(&h);
}

/* Results of `bytes` a case: every rank's cases become all ranks'. */
static att_status evaluate_exchange(const struct evaluation *v, struct host *host, void *results,
    size_t bytes, att_status own, struct err *e)
{
    struct team *team = v->options.team;
    const size_t ranks = (size_t)team_size(team), n = (size_t)v->pairs.count * bytes;
    if (ranks == 1) return own;
    TRY(team_agree(team, host, own, 0, e));
    unsigned char *all = mem_array(ranks, n), *to = results;
    if (!all) return team_fail(team, err_memory(e, n, "an exchange of ranks"));
    att_status status = team_gather(team, results, all, n, e);
    for (size_t i = 0; i < (size_t)v->pairs.count && status == ATT_OK; i++)
        memcpy(to + i * bytes, all + i % ranks * n + i * bytes, bytes);
    mem_free(all);
    return status;
}

static bool measured_alone(const struct evaluation *v, int i)
{
    return v->tally[i].voxels > LARGE && !v->options.sparing;
}

static void evaluate_measure_case(void *arg, int i, struct err *e)
{
    struct distances *w = arg;
    if (!measured_alone(w->v, i) && evaluate_is_own(w->v, i)) measure_distances(w->v, i, NULL, e);
}

static att_status measure_large(void *arg, int i, struct err *e)
{
    struct distances *w = arg;
    if (measured_alone(w->v, i) && evaluate_is_own(w->v, i)) measure_distances(w->v, i, w->pool, e);
    return e->status;
}

static att_status measure_surfaces(
    struct evaluation *v, struct pool *pool, struct host *host, struct err *e)
{
    size_t count = (size_t)v->pairs.count * (size_t)labelling_targets(&v->labels);
    if (!(v->options.measures & SURFACES)) return ATT_OK;
    att_status status = MEM_ARRAY(v->surface, count, "evaluation", e);
    struct distances w = {v, pool};
    const struct several cases = {v->pairs.count, at_a_time(v, pool), "measuring distances",
        evaluate_measure_case, measure_large, &w, NULL};
    const size_t bytes = (size_t)labelling_targets(&v->labels) * sizeof *v->surface;
    if (status == ATT_OK) status = parallel_run(&cases, pool, host, e);
    return evaluate_exchange(v, host, v->surface, bytes, status, e);
}

static void measure_case_objects(void *arg, int i, struct err *e)
{
    struct evaluation *v = arg;
    if (!evaluate_is_own(v, i)) return;
    const bool distances = v->options.measures >> MEASURE_OBJECT_HAUSDORFF & 1;
    object_files(&v->pairs.pair[i], v->labels.ignore, distances ? v->tally[i].spacing : NULL,
        &v->objects[i], e);
}

static att_status measure_objects(
    struct evaluation *v, struct pool *pool, struct host *host, struct err *e)
{
    if (!v->numbered) v->options.measures &= ~(unsigned)OBJECTS;
    if (!v->options.measures)
        return err_usage(e,
            "`metrics` asks for scores of objects, but the labels number none; give `instances`, "
            "or "
            "choose other metrics");
    if (!(v->options.measures & OBJECTS)) return ATT_OK;
    att_status status = MEM_ARRAY(v->objects, v->pairs.count, "evaluation", e);
    const struct several cases = {v->pairs.count, at_a_time(v, pool), "comparing objects",
        measure_case_objects, NULL, v, NULL};
    if (status == ATT_OK) status = parallel_run(&cases, pool, host, e);
    return evaluate_exchange(v, host, v->objects, sizeof *v->objects, status, e);
}

static double shortest_of(const void *arg, int i)
{
    return tally_shortest_side((const struct tally *)arg + i);
}

/* Sides of cases with a length, NaN for others; and the reverse. */
static double metric_of(const void *arg, int i)
{
    return tally_has_length((const struct tally *)arg + i) ? shortest_of(arg, i) : (double)NAN;
}
static double evaluate_counted_of(const void *arg, int i)
{
    return tally_has_length((const struct tally *)arg + i) ? (double)NAN : shortest_of(arg, i);
}

/* Reports microscopy in micrometres, since its distances in mm would print as 0.00. All cases with
 * a length get one unit. */
static void choose_units(struct evaluation *v)
{
    /* 0: no case has a length */
    const double side = order_quantile_each(metric_of, v->tally, v->pairs.count, .5);
    if (!(side > 0 && side < IMAGE_SMALL_MM)) return;
    for (int i = 0; i < v->pairs.count; i++)
        if (tally_has_length(&v->tally[i])) tally_to_um(&v->tally[i]);
}

static bool has_foreground(const struct evaluation *v, int i)
{
    for (int k = 0; k < labelling_targets(&v->labels); k++) {
        const struct overlap *o = &v->tally[i].overlap[k];
        if (o->tp + o->fn > 0) return true;
    }
    return false;
}

static att_status drop_empty(struct evaluation *v, struct err *e)
{
    int kept = 0;
    v->without_foreground = json_array();
    for (int i = 0; i < v->pairs.count; i++) {
        struct mask_pair pair = v->pairs.pair[i];
        struct tally tally = v->tally[i];
        bool there = has_foreground(v, i);
        if (!there) json_array_append_new(v->without_foreground, json_utf8(pair.id));
        if (!there && v->options.only_with_foreground) {
            pair_free(&pair);
            tally_free(&tally);
            continue;
        }
        v->pairs.pair[kept] = pair;
        v->tally[kept++] = tally;
    }
    v->pairs.count = kept;
    return kept > 0
        ? ATT_OK
        : err_data(e, "no label has foreground, so there is nothing to measure; check the labels");
}

/* -1, or the value of the labels to ignore, as in training. */
static int find_void(const struct evaluation *v, struct host *host)
{
    struct values all = {0};
    for (int i = 0; i < v->pairs.count; i++) {
        if (!v->tally[i].truth_palette) return -1;
        for (int k = 0; k < v->tally[i].count; k++) values_add(&all, v->tally[i].entry[k].truth);
    }
    if (!numbered_has_void(&all)) return -1;
    host_say(host, LOG_INFO, "labels have palettes: attunet ignores their value %d, as void",
        NUMBERED_VOID);
    return NUMBERED_VOID;
}

static att_status evaluate_run(
    struct evaluation *v, struct pool *pool, struct host *host, struct err *e)
{
    const struct labelling *labels = v->options.labels;
    struct counting w = {.v = v};
    if (v->options.ignore == 0)
        return err_usage(e,
            "`ignore` is 0, but 0 is the background, which always counts; give the value of "
            "unlabelled voxels");
    v->labels.ignore = -1;
    if (labels) v->labels = *labels;
    v->numbered = v->labels.objects;
    if (v->numbered) labelling_of_foreground(1, &v->labels);
    if (v->options.ignore >= 0) v->labels.ignore = v->options.ignore;
    TRY(MEM_ARRAY(v->tally, v->pairs.count, "evaluation", e));
    if (labels) w.declared = &v->labels;
    const struct several cases = {
        v->pairs.count, at_a_time(v, pool), "evaluating", count_case, NULL, &w, NULL};
    TRY(parallel_run(&cases, pool, host, e));
    if (v->options.ignore < 0 && (labels ? v->numbered : !v->options.likely))
        v->labels.ignore = v->options.ignore = find_void(v, host);
    if (!labels)
        TRY(meaning_find(v->options.likely, v->tally, v->pairs.count, v->options.ignore, &v->labels,
            &v->numbered, host, e));
    for (int i = 0; i < v->pairs.count; i++) TRY(tally_overlaps(&v->tally[i], &v->labels, e));
    TRY(drop_empty(v, e));
    choose_units(v);
    TRY(team_meet_all(v->options.team, host, ATT_OK, evaluate_hash(v), e));
    TRY(measure_objects(v, pool, host, e));
    return measure_surfaces(v, pool, host, e);
}

att_status evaluation_run(struct mask_pairs *pairs, const struct evaluate_options *o,
    struct pool *pool, struct host *host, struct evaluation *v, struct err *e)
{
    *v = (struct evaluation){.pairs = *pairs, .options = *o};
    *pairs = (struct mask_pairs){0};
    if (!v->options.measures) v->options.measures = (1u << MEASURES) - 1;
    att_status status = evaluate_run(v, pool, host, e);
    v->options.labels = NULL; /* the caller's */
    v->options.likely = NULL;
    if (status != ATT_OK) evaluation_free(v);
    return status;
}

void evaluation_free(struct evaluation *v)
{
    for (int i = 0; v->tally && i < v->pairs.count; i++) tally_free(&v->tally[i]);
    mem_free(v->tally);
    mem_free(v->surface);
    mem_free(v->objects);
    json_decref(v->without_foreground);
    pairs_free(&v->pairs);
    *v = (struct evaluation){0};
}

double evaluation_number(const struct evaluation *v, int index, int target, int m)
{
    const struct overlap *o = &v->tally[index].overlap[target];
    const struct surface_scores *s =
        v->surface ? v->surface + index * labelling_targets(&v->labels) + target : NULL;
    const struct object_scores *x = v->objects ? v->objects + index : NULL;
    if (m >= MEASURE_AP50 && m < MEASURE_PQ) return x ? x->ap[m - MEASURE_AP50] : (double)NAN;
    switch (m) {
    case MEASURE_PQ:
        return x ? x->pq : (double)NAN;
    case MEASURE_OBJECT_DICE:
        return x ? x->dice : (double)NAN;
    case MEASURE_OBJECT_HAUSDORFF:
        return x ? x->hausdorff : (double)NAN;
    case MEASURE_DICE:
        return overlap_dice(o);
    case MEASURE_IOU:
        return overlap_iou(o);
    case MEASURE_PRECISION:
        return overlap_precision(o);
    case MEASURE_RECALL:
        return overlap_recall(o);
    case MEASURE_HD95:
        return s ? s->hd95 : (double)NAN;
    case MEASURE_ASSD:
        return s ? s->assd : (double)NAN;
    case MEASURE_NSD:
        return s ? s->nsd : (double)NAN;
    case MEASURE_VOLUME_PREDICTED:
        return (double)(o->tp + o->fp) * v->tally[index].voxel;
    case MEASURE_VOLUME_TRUE:
        return (double)(o->tp + o->fn) * v->tally[index].voxel;
    default:
        return (double)NAN;
    }
}

/* Warns of a tolerance below the accuracy of surfaces, or far above a voxel. */
static void check_tolerance(const struct evaluation *v, bool metric, struct host *host)
{
    static const double few = .5, many = 10; /* voxels */
    const double tolerance = v->options.tolerance,
                 side = order_quantile_each(
                     metric ? metric_of : evaluate_counted_of, v->tally, v->pairs.count, .5);
    int first = 0;
    while (first < v->pairs.count && tally_has_length(&v->tally[first]) != metric) first++;
    if (first == v->pairs.count || !(side > 0) ||
        (tolerance >= few * side && tolerance <= many * side))
        return;
    const char *unit = v->tally[first].length;
    const int one = (int)strlen(unit) - (!metric && side == 1); /* "1 pixel" */
    if (tolerance < side)
        host_warn(host, WARN_TOLERANCE_UNUSUAL,
            "`tolerance` %g %s is less than half of the shortest side of a voxel (%g %.*s): "
            "surface Dice (NSD) will count errors of the grid itself; give one of a voxel or more",
            tolerance, unit, side, one, unit);
    else
        host_warn(host, WARN_TOLERANCE_UNUSUAL,
            "`tolerance` %g %s is %.4g times the shortest side of a voxel (%g %.*s): surface Dice "
            "(NSD) will accept almost any surface; give one of a few voxels",
            tolerance, unit, tolerance / side, side, one, unit);
}

static void warn_mixed_units(const struct evaluation *v, struct host *host)
{
    int others = 0;
    for (int i = 1; i < v->pairs.count; i++)
        others += strcmp(v->tally[i].length, v->tally[0].length) != 0;
    if (others)
        host_warn(host, WARN_UNITS_MIXED,
            "distances are in %s in %d of %d cases but not in the others, because some files state "
            "no voxel size, so there is no mean; give `voxel-size`, or convert them to one format",
            v->tally[0].length, v->pairs.count - others, v->pairs.count);
}

/* Opening a data set has already warned of its labels. */
static void warn_lossy(const struct evaluation *v, struct host *host)
{
    const bool opened = v->pairs.labels != NULL;
    int count = 0;
    const char *first = NULL;
    for (int i = 0; i < v->pairs.count; i++) {
        const struct tally *t = &v->tally[i];
        const struct mask_pair *pair = &v->pairs.pair[i];
        const bool truth = t->truth_lossy && !opened;
        if (!first && (truth || t->predicted_lossy)) first = truth ? pair->truth : pair->predicted;
        count += truth + t->predicted_lossy;
    }
    if (count)
        host_warn(host, WARN_LABELS_LOSSY,
            "%d mask%s such as %.600s %s compressed with loss; attunet reads values below 128 as "
            "0, others as 255",
            count, TEXT_S(count), first, count == 1 ? "is" : "are");
}

/* Where objects are compared, each mask file is one, of whatever class. */
static att_status number_truth(struct mask_pairs *pairs, struct err *e)
{
    for (int i = 0; i < pairs->count; i++) {
        struct mask_pair *p = &pairs->pair[i];
        if (!(p->truth = joined_objects(p->truth)))
            return err_memory(e, 400, "the masks of a case");
    }
    return ATT_OK;
}

static att_status measure_pairs(struct mask_pairs *pairs, const char *predictions,
    const char *labels, const struct evaluate_options *o, struct pool *pool, struct host *host,
    struct evaluation *v, struct err *e)
{
    struct evaluate_options resolved = *o;
    struct meaning *meaning;
    att_status status = MEM_ARRAY(meaning, 1, "the meaning of labels", e);
    if (status == ATT_OK && !o->labels) {
        status = meaning_read(predictions, labels, pairs, meaning, host, e);
        if (meaning->declared)
            resolved.labels = &meaning->labels;
        else if (meaning->from)
            resolved.likely = meaning;
    }
    if (status == ATT_OK && pairs->class_objects &&
        (o->labels ? o->labels->objects : meaning->numbered))
        status = number_truth(pairs, e);
    if (status == ATT_OK)
        status = evaluation_run(pairs, &resolved, pool, host, v, e);
    else
        pairs_free(pairs);
    mem_free(meaning);
    return status;
}

att_status evaluate_masks(const char *predictions, const char *labels, const char *list,
    const struct evaluate_options *o, struct pool *pool, struct host *host, struct evaluation *v,
    struct err *e)
{
    struct mask_pairs pairs;
    *v = (struct evaluation){0};
    TRY(pairs_find(predictions, labels, list, o->patterns, &pairs, host, e));
    TRY(measure_pairs(&pairs, predictions, labels, o, pool, host, v, e));
    warn_lossy(v, host);
    warn_mixed_units(v, host);
    for (int metric = 0; metric < 2 && v->options.measures & 1u << MEASURE_NSD; metric++)
        check_tolerance(v, metric, host);
    return ATT_OK;
}
