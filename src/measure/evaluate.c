/* SPDX-License-Identifier: Apache-2.0 */
/* Counts every case, finds what the values mean, and measures distances where they are wanted. */
#include "measure/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/json_file.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/several.h"
#include "dataset/layout.h"
#include "dataset/numbered.h"
#include "measure/surface_files.h"

/* Images with more voxels are measured one at a time, with all threads, since what it takes is many times the image. */
enum { LARGE = 1 << 23 };
enum {
    SURFACES = 1 << MEASURE_HD95 | 1 << MEASURE_ASSD | 1 << MEASURE_NSD,
    VOLUMES = 1 << MEASURE_VOLUME_PREDICTED | 1 << MEASURE_VOLUME_TRUE
};

const char *const measure_names[MEASURES] = {"dice", "iou", "precision",        "recall",     "hd95",
                                             "assd", "nsd", "volume_predicted", "volume_true"};

att_status measures_parse(const char *names, unsigned *bits, struct err *e)
{
    *bits = 0;
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, ","), before = *bits;
        for (int m = 0; m < MEASURE_VOLUME_PREDICTED; m++)
            if (strlen(measure_names[m]) == length && strncmp(at, measure_names[m], length) == 0) *bits |= 1u << m;
        if (length == 6 && strncmp(at, "volume", 6) == 0) *bits |= VOLUMES;
        if (*bits == before) {
            return err_set(e, ATT_USAGE,
                           "there is no metric '%.*s', or it is named twice; choose among dice, iou, precision, recall, "
                           "hd95, assd, nsd and volume",
                           (int)(length < 60 ? length : 60), at);
        }
        at += length + (at[length] == ',');
    }
    return *bits ? ATT_OK
                 : err_set(e, ATT_USAGE, "no metric is named; choose among dice, iou, precision, recall, hd95, assd, nsd and volume");
}

/* ---- what the values mean */

static att_status read_dataset_json(struct evaluation *v, bool *declared, struct err *e)
{
    static const char *const places[] = {"dataset.json", "../dataset.json"};
    for (size_t i = 0; i < 2 && v->pairs.folder && !*declared; i++) {
        if (!layout_has(v->pairs.folder, places[i])) continue;
        char *path = file_join(v->pairs.folder, places[i]);
        json_t *root = NULL;
        att_status status = path ? json_file_read(path, &root, e) : err_memory(e, 4096, "a file name");
        if (status == ATT_OK) status = nnunet_labels(root, path, &v->labels, e);
        json_decref(root);
        mem_free(path);
        TRY(status);
        *declared = true;
    }
    return ATT_OK;
}

/* `objects`: the labels seem to number objects, which one predicted class can be held against. */
static att_status use_values(struct values *truth, struct values *predicted, bool objects, int ignore, struct labelling *l, struct err *e)
{
    char name[LABELLING_NAME];
    if (ignore == 0)
        return err_set(e, ATT_USAGE,
                       "--ignore 0: 0 is the background; where it is something else, a dataset.json beside the labels says so");
    values_add(truth, 0);
    values_add(predicted, 0);
    if (ignore >= 0) truth->bits[ignore / 64] &= ~(UINT64_C(1) << ignore % 64);
    l->nonzero = (objects || values_count(truth) == 2) && values_count(predicted) <= 2;
    if (!l->nonzero)
        for (int i = 0; i < VALUES / 64; i++) truth->bits[i] |= predicted->bits[i];
    if (ignore >= 0) truth->bits[ignore / 64] &= ~(UINT64_C(1) << ignore % 64);
    int count = values_count(truth);
    if (count < 2) return err_set(e, ATT_DATA, "neither the labels nor the predictions hold anything but 0; there is nothing to compare");
    if (count > LABELLING_MAX && !l->nonzero)
        return err_set(
            e, ATT_DATA,
            "labels and predictions hold %d different values where up to %d classes can be compared; save masks as plain class numbers",
            count, LABELLING_MAX);
    for (unsigned value = 0; value < VALUES; value++) {
        if (!values_have(truth, value) || (l->nonzero && l->count == 2)) continue;
        snprintf(name, sizeof name, "label %u", value);
        labelling_add(l, value, value == 0 ? "background" : l->nonzero ? "foreground" : name);
    }
    return ATT_OK;
}

/* The first value that one side has and the other has not; 0: there is none. */
static unsigned alone(const struct values *here, const struct values *there, int ignore)
{
    for (unsigned value = 1; value < VALUES; value++)
        if (values_have(here, value) && !values_have(there, value) && (int)value != ignore) return value;
    return 0;
}

/* Labels of 0, 1, 2 and predictions of 0, 255, say: every Dice is 0 then. */
static void say_strangers(const struct values *truth, const struct values *predicted, int ignore, struct log *log)
{
    const unsigned missing = alone(truth, predicted, ignore), surplus = alone(predicted, truth, ignore);
    if (missing && surplus)
        log_say(log, LOG_WARN,
                "no prediction holds %u, which labels do, and no label holds %u, which predictions do: are these the same classes?",
                missing, surplus);
}

static att_status find_meaning(struct evaluation *v, struct log *log, struct err *e)
{
    struct values *found = mem_array(3, sizeof *found), *own = found + 2;
    struct numbered numbered = {0};
    if (!found) return err_memory(e, 3 * sizeof *found, "the values of labels");
    for (int i = 0; i < v->pairs.count; i++) {
        memset(own, 0, sizeof *own);
        for (int k = 0; k < v->tally[i].count; k++) {
            values_add(&found[0], v->tally[i].entry[k].truth);
            values_add(&found[1], v->tally[i].entry[k].predicted);
            values_add(own, v->tally[i].entry[k].truth);
        }
        numbered_add(&numbered, own);
    }
    const int values = values_count(&found[0]) - values_have(&found[0], 0);
    const struct values truth = found[0];
    att_status status = use_values(&found[0], &found[1], numbered_likely(&numbered), v->labels.ignore, &v->labels, e);
    if (status == ATT_OK && v->labels.nonzero && values > 1)
        log_say(
            log, LOG_INFO,
            "labels seem to number objects (up to %d): taken as one class, as all predictions have no more; numbers that are classes need "
            "a dataset.json that names them",
            values);
    if (status == ATT_OK && !v->labels.nonzero) say_strangers(&truth, &found[1], v->labels.ignore, log);
    mem_free(found);
    return status;
}

/* ---- all cases */

static int at_a_time(const struct evaluation *v, const struct pool *pool) { return v->options.sparing ? 1 : 2 * pool_threads(pool); }

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
    if (tally_files(pair->predicted, pair->truth, w->declared, t, e) != ATT_OK || !(o->voxel[0] > 0)) return;
    if (o->voxel_of_planes && t->volume)
        err_set(e, ATT_USAGE, "%s is a volume, and --voxel-size was given for planes: give depth x height x width", pair->truth);
    else
        tally_give_voxel(t, o->voxel);
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

static bool has_its_turn(const struct evaluation *v, int i) { return v->tally[i].voxels > LARGE && !v->options.sparing; }

static void measure_case(void *arg, int i, struct err *e)
{
    struct distances *w = arg;
    if (!has_its_turn(w->v, i)) measure_distances(w->v, i, NULL, e);
}

/* Large images one by one. */
static att_status measure_large(void *arg, int i, struct err *e)
{
    struct distances *w = arg;
    if (has_its_turn(w->v, i)) measure_distances(w->v, i, w->pool, e);
    return e->status;
}

static att_status measure_surfaces(struct evaluation *v, struct pool *pool, struct log *log, struct err *e)
{
    size_t count = (size_t)v->pairs.count * (size_t)labelling_targets(&v->labels);
    if (!(v->options.measures & SURFACES)) return ATT_OK;
    v->surface = mem_array(count, sizeof *v->surface);
    if (!v->surface) return err_memory(e, count * sizeof *v->surface, "evaluation");
    struct distances w = {v, pool};
    const struct several cases = {v->pairs.count, at_a_time(v, pool), "measuring distances", measure_case, measure_large, &w};
    return several_run(&cases, pool, log, e);
}

/* ---- cases without foreground */

static bool has_foreground(const struct evaluation *v, int i)
{
    for (int k = 0; k < labelling_targets(&v->labels); k++) {
        struct overlap o = tally_overlap(&v->tally[i], &v->labels, labelling_target_set(&v->labels, k));
        if (o.tp + o.fn > 0) return true;
    }
    return false;
}

static att_status look_for_foreground(struct evaluation *v, struct err *e)
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
    return kept > 0 ? ATT_OK : err_set(e, ATT_DATA, "no case has foreground in its label, so nothing is left to be measured");
}

/* ---- all of it */

static att_status run(struct evaluation *v, struct pool *pool, struct log *log, struct err *e)
{
    const struct labelling *given = v->options.labels;
    struct counting w = {.v = v};
    bool declared = given != NULL;
    v->labels.ignore = -1;
    if (given) v->labels = *given;
    TRY(read_dataset_json(v, &declared, e));
    if (v->options.ignore >= 0) v->labels.ignore = v->options.ignore;
    v->tally = mem_array((size_t)v->pairs.count, sizeof *v->tally);
    if (!v->tally) return err_memory(e, (size_t)v->pairs.count * sizeof *v->tally, "evaluation");
    if (declared) w.declared = &v->labels;
    const struct several cases = {v->pairs.count, at_a_time(v, pool), "evaluating", count_case, NULL, &w};
    TRY(several_run(&cases, pool, log, e));
    if (!declared) TRY(find_meaning(v, log, e));
    TRY(look_for_foreground(v, e));
    return measure_surfaces(v, pool, log, e);
}

att_status evaluation_run(struct mask_pairs *pairs, const struct evaluate_options *o, struct pool *pool, struct log *log,
                          struct evaluation *v, struct err *e)
{
    *v = (struct evaluation){.pairs = *pairs, .options = *o};
    *pairs = (struct mask_pairs){0};
    if (!v->options.measures) v->options.measures = (1u << MEASURES) - 1;
    att_status status = run(v, pool, log, e);
    v->options.labels = NULL; /* the caller's */
    if (status != ATT_OK) evaluation_free(v);
    return status;
}

void evaluation_free(struct evaluation *v)
{
    for (int i = 0; v->tally && i < v->pairs.count; i++) tally_free(&v->tally[i]);
    mem_free(v->tally);
    mem_free(v->surface);
    json_decref(v->without_foreground);
    pairs_free(&v->pairs);
    *v = (struct evaluation){0};
}

double evaluation_number(const struct evaluation *v, int index, int target, int m)
{
    struct overlap o = tally_overlap(&v->tally[index], &v->labels, labelling_target_set(&v->labels, target));
    const struct surface_scores *s = v->surface ? v->surface + index * labelling_targets(&v->labels) + target : NULL;
    switch (m) {
    case MEASURE_DICE:
        return overlap_dice(&o);
    case MEASURE_IOU:
        return overlap_iou(&o);
    case MEASURE_PRECISION:
        return overlap_precision(&o);
    case MEASURE_RECALL:
        return overlap_recall(&o);
    case MEASURE_HD95:
        return s ? s->hd95 : (double)NAN;
    case MEASURE_ASSD:
        return s ? s->assd : (double)NAN;
    case MEASURE_NSD:
        return s ? s->nsd : (double)NAN;
    case MEASURE_VOLUME_PREDICTED:
        return (double)(o.tp + o.fp) * v->tally[index].voxel;
    case MEASURE_VOLUME_TRUE:
        return (double)(o.tp + o.fn) * v->tally[index].voxel;
    default:
        return (double)NAN;
    }
}

static double shortest_of(const void *arg, int i)
{
    const struct tally *t = (const struct tally *)arg + i;
    double least = fmin(t->spacing[1], t->spacing[2]);
    return strcmp(t->length, "pixels") ? fmin(least, t->spacing[0]) : least;
}

/* Surfaces are known to a part of a voxel, and what is many voxels away is no agreement; so it is for images in micrometres, of whose cells
 * the usual millimetre covers all, and for thick voxels. */
static void doubt_tolerance(const struct evaluation *v, struct log *log)
{
    static const double few = .5, many = 10; /* voxels */
    const double tolerance = v->options.tolerance, side = order_quantile_each(shortest_of, v->tally, v->pairs.count, .5);
    const char *unit = v->tally->length;
    if (!(side > 0) || (tolerance >= few * side && tolerance <= many * side)) return;
    log_say(log, LOG_WARN,
            tolerance > many * side
                ? "--tolerance %g %s is %.4g times the shortest side of a voxel (%g %s): surface Dice (NSD) will find almost everything in "
                  "agreement; give one of a few voxels"
                : "--tolerance %g %s is only %.4g times the shortest side of a voxel (%g %s): surface Dice (NSD) counts differences that "
                  "the grid makes; give one of a voxel or more",
            tolerance, unit, tolerance / side, side, unit);
}

static void tell_units(const struct evaluation *v, struct log *log)
{
    int others = 0;
    for (int i = 1; i < v->pairs.count; i++) others += strcmp(v->tally[i].length, v->tally[0].length) != 0;
    if (others)
        log_say(log, LOG_WARN,
                "%d of %d cases have distances in %s, others not, since not all labels say how large their voxels are: there is no mean of "
                "both; give --voxel-size, or convert them to one format",
                v->pairs.count - others, v->pairs.count, v->tally[0].length);
}

att_status evaluate_masks(const char *predictions, const char *labels, const char *list, const struct evaluate_options *o,
                          struct pool *pool, struct log *log, struct evaluation *v, struct err *e)
{
    struct mask_pairs pairs;
    *v = (struct evaluation){0};
    TRY(pairs_find(predictions, labels, list, &pairs, log, e));
    TRY(evaluation_run(&pairs, o, pool, log, v, e));
    tell_units(v, log);
    if (v->options.measures & 1u << MEASURE_NSD) doubt_tolerance(v, log);
    return ATT_OK;
}
