/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mean.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/order.h"
#include "measure/stats.h"

enum { DRAWS = 2000 };
static const double LEVEL = .95;
static const uint64_t SEED = 1;

/* Finite numbers, also sorted, and the unit of each: from 0, in order of appearance. */
struct kept {
    double *x, *sorted;
    int *unit, *number; /* number: of a group, from 1; 0: not seen; then numbers per unit */
};

static void page_parts_keep(
    const double *x, const int *group, int n, struct kept *k, struct spread *s)
{
    for (int i = 0; i < n; i++) {
        if (!isfinite(x[i])) continue;
        int *its = &k->number[group ? group[i] : i];
        if (!*its) *its = ++s->units;
        k->unit[s->count] = *its - 1;
        k->x[s->count] = k->sorted[s->count] = x[i];
        s->count++;
    }
}

static att_status page_parts_measure(struct kept *k, bool groups, struct spread *s, struct err *e)
{
    if (!s->count) return ATT_OK;
    qsort(k->sorted, (size_t)s->count, sizeof *k->sorted, order_doubles);
    s->mean = stats_mean(k->x, s->count);
    s->median = order_median(k->sorted, s->count);
    s->min = k->sorted[0];
    s->max = k->sorted[s->count - 1];
    if (groups) TRY(stats_gather(k->x, k->unit, s->count, s->units, k->number, e));
    return s->units > 1 ? stats_bootstrap(k->x, groups ? k->number : NULL, s->units, DRAWS, LEVEL,
                              SEED, &s->low, &s->high, e)
                        : ATT_OK;
}

att_status spread_of(const double *x, const int *group, int n, struct spread *s, struct err *e)
{
    const double none = (double)NAN;
    const size_t room = (size_t)n + 1;
    struct kept k = {
        .x = mem_array(2 * room, sizeof *k.x), .unit = mem_array(2 * room, sizeof *k.unit)};
    *s = (struct spread){
        .mean = none, .low = none, .high = none, .median = none, .min = none, .max = none};
    att_status status = k.x && k.unit
        ? ATT_OK
        : err_memory(e, 2 * room * (sizeof *k.x + sizeof *k.unit), "the numbers of the cases");
    if (status == ATT_OK) {
        k.sorted = k.x + room;
        k.number = k.unit + room;
        page_parts_keep(x, group, n, &k, s);
        status = page_parts_measure(&k, group != NULL, s, e);
    }
    mem_free(k.x);
    mem_free(k.unit);
    return status;
}

const char *spread_text(const struct spread *s, int digits, char text[SPREAD_TEXT])
{
    if (!s->count)
        snprintf(text, SPREAD_TEXT, "–");
    else if (isfinite(s->low))
        number_write(text, SPREAD_TEXT, "%.*f (%.*f to %.*f)", digits, s->mean, digits, s->low,
            digits, s->high);
    else
        number_write(text, SPREAD_TEXT, "%.*f", digits, s->mean);
    return text;
}

double *page_values(const struct page *p, int target, int m)
{
    double *x = mem_array((size_t)p->cases + 1, sizeof *x);
    for (int i = 0; x && i < p->cases; i++) x[i] = evaluation_number(p->v, i, target, m);
    return x;
}

double page_case_dice(const struct page *p, int index)
{
    struct mean mean = {0};
    for (int k = 0; k < p->targets; k++)
        mean_add(&mean, evaluation_number(p->v, index, k, MEASURE_DICE));
    return mean_of(&mean);
}

double *page_mean_dice(const struct page *p)
{
    double *x = mem_array((size_t)p->cases + 1, sizeof *x);
    for (int i = 0; x && i < p->cases; i++) x[i] = page_case_dice(p, i);
    return x;
}

/* Number of cases with sizes in this unit. */
static int in_unit(const struct page *p, const char *unit)
{
    int count = 0;
    for (int i = 0; i < p->cases; i++) count += strcmp(p->v->tally[i].unit, unit) == 0;
    return count;
}

bool page_metric(const struct page *p) { return p->cases > 0 && in_unit(p, "mm3") == p->cases; }

const char *page_size_word(const struct page *p)
{
    const bool areas =
        p->cases > 0 && (in_unit(p, "mm2") == p->cases || in_unit(p, "um2") == p->cases);
    return areas ? "area" : "volume";
}

/* "mm" or "um": the unit of all cases with a spacing. Others count voxels (for slices pixels);
 * NULL: all do. */
static const char *metric_unit(const struct page *p)
{
    for (int i = 0; i < p->cases; i++)
        if (tally_has_length(&p->v->tally[i])) return p->v->tally[i].length;
    return NULL;
}

bool page_lengths_differ(const struct page *p)
{
    bool differ = false;
    for (int i = 0; i < p->cases; i++)
        differ = differ || strcmp(p->v->tally[i].length, p->v->tally[0].length) != 0;
    return differ;
}

bool page_units_differ(const struct page *p)
{
    return p->cases > 0 && in_unit(p, p->v->tally[0].unit) < p->cases;
}

const char *page_length(const struct page *p)
{
    const char *metric = metric_unit(p);
    if (!page_lengths_differ(p)) return p->cases ? p->v->tally[0].length : "";
    return !metric ? "voxels" : strcmp(metric, "mm") == 0 ? "mm or voxels" : "um or voxels";
}

const char *page_volume_unit(const struct page *p)
{
    const bool differ = page_lengths_differ(p), small = in_unit(p, "um3") + in_unit(p, "um2") > 0;
    const bool volumes = in_unit(p, small ? "um3" : "mm3") > 0,
               areas = in_unit(p, small ? "um2" : "mm2") > 0;
    if (volumes && areas)
        return small ? differ ? "um3, um2 or voxels" : "um3 or um2"
            : differ ? "mm3, mm2 or voxels"
                     : "mm3 or mm2";
    if (differ)
        return volumes ? small ? "um3 or voxels" : "mm3 or voxels"
            : areas    ? small ? "um2 or pixels" : "mm2 or pixels"
                       : "voxels";
    return volumes && !small ? "ml" : p->cases ? p->v->tally[0].unit : "";
}

const char *page_volume_text(double x, int digits, char text[VOLUME_TEXT])
{
    if (fabs(x) >= pow(10, digits))
        number_write(text, VOLUME_TEXT, "%.0f", x);
    else
        number_write(text, VOLUME_TEXT, "%.*g", digits, x);
    return text;
}

double page_volume(const struct page *p, double volume)
{
    return page_metric(p) ? volume / 1000 : volume;
}
const char *page_target(const struct page *p, int target)
{
    return labelling_target_name(&p->v->labels, target);
}

const char *page_seconds(double seconds, char text[32])
{
    long long s = llround(seconds);
    if (seconds < 100)
        number_write(text, 32, "%.1f s", seconds);
    else if (s < 3600)
        snprintf(text, 32, "%lld min %02lld s", s / 60, s % 60);
    else
        snprintf(text, 32, "%lld h %02lld min", s / 3600, s / 60 % 60);
    return text;
}

void page_no_memory(struct page *p, size_t bytes)
{
    struct err e = {0};
    err_memory(&e, bytes, "a report");
    html_fail(p->h, &e);
}

bool page_failure(const struct page *p, int index, char text[REASON_TEXT])
{
    int used = 0;
    *text = 0;
    for (int k = 0; k < p->targets && used < REASON_TEXT - 1; k++) {
        double truth = evaluation_number(p->v, index, k, MEASURE_VOLUME_TRUE),
               found = evaluation_number(p->v, index, k, MEASURE_VOLUME_PREDICTED),
               dice = evaluation_number(p->v, index, k, MEASURE_DICE);
        const char *name = page_target(p, k), *sep = used ? "; " : "",
                   *unit = page_units_differ(p) ? p->v->tally[index].unit : page_volume_unit(p);
        char volume[VOLUME_TEXT];
        size_t room = (size_t)(REASON_TEXT - used);
        if (truth > 0 && !(found > 0))
            used += number_write(text + used, room,
                "%s%s is missing: the truth has %s %s, the prediction none", sep, name,
                page_volume_text(page_volume(p, truth), 3, volume), unit);
        else if (found > 0 && !(truth > 0))
            used += number_write(text + used, room,
                "%s%s is spurious: the prediction has %s %s, the truth none", sep, name,
                page_volume_text(page_volume(p, found), 3, volume), unit);
        else if (truth > 0 && !(dice > 0))
            used += number_write(text + used, room,
                "%s%s is predicted elsewhere: prediction and truth do not overlap", sep, name);
        else if (dice < p->from->failure)
            used += number_write(text + used, room, "%s%s has a Dice of %.3f", sep, name, dice);
    }
    return *text;
}
