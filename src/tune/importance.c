/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/importance.h"

#include <math.h>

#include "base/mem.h"
#include "base/rng.h"
#include "measure/stats.h"

enum { SHUFFLE = 3 };
static const double WIDTH = .15;

static double importance_weight(const struct dimension *d, double a, double b)
{
    double z = (dimension_unit(d, a) - dimension_unit(d, b)) / WIDTH;
    return d->kind == DIMENSION_CHOICE ? a == b : exp(-.5 * z * z);
}

/* For the n trials with a dimension active: pairwise weights w[i][j] / sum over j. */
struct smooth {
    int n;
    double *w, *y, *m;
};

static double variance(const double *v, int n)
{
    double mean = stats_mean(v, n), sum = 0;
    for (int i = 0; i < n; i++) sum += (v[i] - mean) * (v[i] - mean);
    return sum / n;
}

static double explained(struct smooth *s)
{
    for (int i = 0; i < s->n; i++) {
        s->m[i] = 0;
        for (int j = 0; j < s->n; j++)
            s->m[i] += s->w[(size_t)i * (size_t)s->n + (size_t)j] * s->y[j];
    }
    double all = variance(s->y, s->n);
    return all > 0 ? variance(s->m, s->n) / all : (double)NAN;
}

static void shuffle(double *y, int n, struct rng *r)
{
    for (int i = n - 1; i > 0; i--) {
        uint32_t j = rng_below(r, (uint32_t)i + 1);
        double other = y[i];
        y[i] = y[j];
        y[j] = other;
    }
}

static void importance_fill(struct smooth *m, const struct dimension *d, const double *values)
{
    for (int i = 0; i < m->n; i++) {
        double *row = m->w + (size_t)i * (size_t)m->n, sum = 0;
        for (int j = 0; j < m->n; j++) sum += row[j] = importance_weight(d, values[i], values[j]);
        for (int j = 0; j < m->n; j++) row[j] /= sum;
    }
}

static void importance_measure(struct smooth *m, struct rng *r, struct importance *out)
{
    out->explained = m->n < IMPORTANCE_MIN ? (double)NAN : explained(m);
    out->chance = out->p = out->p_holm = NAN;
    if (isnan(out->explained)) return;
    int as_much = 1;
    double sum = 0;
    for (int i = 0; i < IMPORTANCE_SHUFFLES; i++) {
        shuffle(m->y, m->n, r);
        double by_chance = explained(m);
        sum += by_chance;
        as_much += by_chance >= out->explained - 1e-12;
    }
    out->chance = sum / IMPORTANCE_SHUFFLES;
    out->p = (double)as_much / (IMPORTANCE_SHUFFLES + 1);
}

static att_status importance_correct(struct importance *result, int count, struct err *e)
{
    double p[SPACE_MAX], holm[SPACE_MAX];
    int n = 0;
    for (int k = 0; k < count; k++)
        if (!isnan(result[k].p)) p[n++] = result[k].p;
    if (!n) return ATT_OK;
    TRY(stats_holm(p, n, holm, e));
    for (int k = count - 1; k >= 0; k--)
        if (!isnan(result[k].p)) result[k].p_holm = holm[--n];
    return ATT_OK;
}

att_status importance_of(const struct space *s, const double *x, int stride, const double *y,
    int count, uint64_t seed, struct importance *result, struct err *e)
{
    enum { MAX = 400 }; /* the newest: weights are quadratic */
    if (count > MAX) {
        x += (size_t)(count - MAX) * (size_t)stride;
        y += count - MAX;
        count = MAX;
    }
    size_t n = (size_t)count, numbers = n * n + 3 * n + 1;
    double *room;
    TRY(MEM_ARRAY(room, numbers, "the importance of settings", e));
    for (int k = 0; k < s->count; k++) {
        struct smooth m = {.w = room + 3 * n, .y = room, .m = room + n};
        double *values = room + 2 * n;
        struct rng r = rng_stream(seed, RNG_TUNE, (uint32_t)k, SHUFFLE);
        for (int i = 0; i < count; i++) {
            double v = x[(size_t)i * (size_t)stride + (size_t)k];
            if (isnan(v)) continue;
            values[m.n] = v;
            m.y[m.n++] = y[i];
        }
        importance_fill(&m, &s->dim[k], values);
        importance_measure(&m, &r, &result[k]);
        result[k].trials = m.n;
    }
    att_status status = importance_correct(result, s->count, e);
    mem_free(room);
    return status;
}
