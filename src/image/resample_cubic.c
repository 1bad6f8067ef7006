/* SPDX-License-Identifier: Apache-2.0 */
/* Cubic B-spline through the samples of a line (Unser, "Splines: a perfect fit", IEEE Signal
 * Processing Magazine 16:22, 1999): two recursions give coefficients, four of which make a new
 * sample. A line continues with its last value, for which both recursions start in closed form. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/tasks.h"
#include "image/resample_axis.h"

/* Process LANES lines side by side; keep coefficients for EDGE places past either end, which the
 * first and last new samples read. */
enum { LANES = 16, EDGE = 2, TASK = 1 << 15 };

static const double pole = -0.26794919243112270647; /* sqrt(3) - 2 */

struct job {
    const struct resample_axis *axis;
    const int *first; /* of the four coefficients of new sample i */
    const double *weight;
    double *scratch; /* per worker */
    size_t lines;
    struct tasks groups; /* of LANES lines */
};

/* Load lines from.. from + LANES - 1, repeating the last one if there are fewer. */
static void resample_cubic_load(const struct job *j, size_t from, double (*c)[LANES])
{
    const struct resample_axis *a = j->axis;
    const float *x[LANES];
    for (size_t k = 0; k < LANES; k++) {
        size_t line = from + k < j->lines ? from + k : j->lines - 1;
        x[k] = a->x + line / a->inner * (size_t)a->in * a->inner + line % a->inner;
    }
    for (int i = 0; i < a->in; i++)
        for (int k = 0; k < LANES; k++) c[EDGE + i][k] = (double)x[k][(size_t)i * a->inner];
    for (int i = 0; i < EDGE; i++) {
        memcpy(c[i], c[EDGE], sizeof *c);
        memcpy(c[EDGE + a->in + i], c[EDGE + a->in - 1], sizeof *c);
    }
}

/* In place; coefficients are a sixth of the literature's, which weigh() makes up for. */
static void filter(double (*c)[LANES], int count)
{
    double last[LANES];
    memcpy(last, c[count - 1], sizeof last);
    for (int k = 0; k < LANES; k++) c[0][k] /= 1 - pole;
    for (int i = 1; i < count; i++)
        for (int k = 0; k < LANES; k++) c[i][k] += pole * c[i - 1][k];
    for (int k = 0; k < LANES; k++) {
        double level = last[k] / (1 - pole); /* limit of the sums past the end */
        c[count - 1][k] =
            -pole * (level / (1 - pole) + (c[count - 1][k] - level) / (1 - pole * pole));
    }
    for (int i = count - 2; i >= 0; i--)
        for (int k = 0; k < LANES; k++) c[i][k] = pole * (c[i + 1][k] - c[i][k]);
}

static void resample_cubic_store(const struct job *j, size_t from, double (*c)[LANES])
{
    const struct resample_axis *a = j->axis;
    size_t count = j->lines - from < LANES ? j->lines - from : LANES;
    float *y[LANES] = {NULL};
    for (size_t k = 0; k < count; k++) {
        size_t line = from + k;
        y[k] = a->y + line / a->inner * (size_t)a->out * a->inner + line % a->inner;
    }
    for (int i = 0; i < a->out; i++) {
        double(*r)[LANES] = c + j->first[i], v[LANES];
        const double *w = j->weight + (size_t)i * 4;
        for (int k = 0; k < LANES; k++)
            v[k] = w[0] * r[0][k] + w[1] * r[1][k] + w[2] * r[2][k] + w[3] * r[3][k];
        for (size_t k = 0; k < count; k++) y[k][(size_t)i * a->inner] = (float)v[k];
    }
}

static void run_lines(void *arg, int task, int worker)
{
    const struct job *j = arg;
    size_t count = (size_t)j->axis->in + 2 * EDGE;
    double(*c)[LANES] = (double(*)[LANES])(j->scratch + (size_t)worker * count * LANES);
    for (size_t group = tasks_from(&j->groups, task); group < tasks_till(&j->groups, task);
         group++) {
        resample_cubic_load(j, group * LANES, c);
        filter(c, (int)count);
        resample_cubic_store(j, group * LANES, c);
    }
}

/* The basis function's four pieces at distance t past the second coefficient, times 6. */
static void resample_cubic_weigh(double t, double *w)
{
    double s = 1 - t;
    w[0] = s * s * s;
    w[1] = 4 - 6 * t * t + 3 * t * t * t;
    w[2] = 4 - 6 * s * s + 3 * s * s * s;
    w[3] = t * t * t;
}

/* Doubles for the coefficients of the current lines. */
static size_t scratch_for(int in, int threads)
{
    return ((size_t)in + 2 * EDGE) * LANES * (size_t)threads;
}

double resample_cubic_bytes(int in, int out, int threads)
{
    return (double)sizeof(double) * (double)scratch_for(in, threads) +
        (double)out * (double)(sizeof(int) + 4 * sizeof(double));
}

att_status resample_cubic(const struct resample_axis *a, struct pool *pool, struct err *e)
{
    size_t out = (size_t)a->out, scratch = scratch_for(a->in, pool_threads(pool));
    struct job j = {.axis = a, .lines = a->outer * a->inner};
    int *first = mem_array(out, sizeof *first);
    double *weight = mem_array(out, 4 * sizeof *weight);
    j.first = first;
    j.weight = weight;
    j.scratch = mem_array(scratch, sizeof *j.scratch);
    bool enough = first && weight && j.scratch;
    for (int i = 0; enough && i < a->out; i++) {
        double place = resample_place(a->in, a->out, i), below = floor(place);
        first[i] = EDGE + (int)below - 1;
        resample_cubic_weigh(place - below, weight + (size_t)i * 4);
    }
    if (enough) {
        size_t samples = (size_t)(a->in > a->out ? a->in : a->out);
        j.groups = tasks_cut(divide_up_size(j.lines, LANES), samples * LANES, TASK);
        pool_run(pool, tasks_count(&j.groups), run_lines, &j);
    }
    mem_free(first);
    mem_free(weight);
    mem_free(j.scratch);
    return enough
        ? ATT_OK
        : err_memory(e, out * 4 * sizeof *weight + scratch * sizeof *j.scratch, "resampling");
}
