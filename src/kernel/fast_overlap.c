/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas as in ref_overlap.c. */
#include "kernel/fast.h"
#include "kernel/fast_loss.h"
#include "kernel/kernel_fill.h"

enum { SUMS = 4096, SLOTS = 256 }; /* partial sums, and pieces, per round */

struct overlap_job {
    const struct loss_input *in;
    struct labels table;
    int first;            /* forward: the round's first piece */
    double *partial;      /* 3 per channel of each piece */
    const double *slopes; /* backward */
    const struct tensor *dx;
    double scale;
    bool add;
};

/* Adds a tile's pt, p and t of every channel. */
static void add_tile(struct tile *t, const struct loss_input *in, double *sums)
{
    for (int k = 0; k < in->logits.s.c; k++, sums += 3) {
        vec both = vec_zero(), all = vec_zero(), targets = vec_zero();
        const float *z = t->z + (size_t)k * t->padded;
        if (in->region) tile_targets(t, in->region[k]);
        for (size_t i = 0; i < t->padded; i += VEC_LANES) {
            vec p = vec_load(z + i);
            mask hit = vec_equal(vec_load(t->label + i), vec_set((float)k));
            vec target = in->region ? vec_load(t->target + i) : vec_keep(hit, vec_set(1));
            both = vec_fma(p, target, both);
            all = vec_add(all, p);
            targets = vec_add(targets, target);
        }
        sums[0] += vec_sum_double(both);
        sums[1] += vec_sum_double(all);
        sums[2] += vec_sum_double(targets);
    }
}

static void overlap_sums_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct overlap_job *d = arg;
    struct tile t;
    size_t from, to, numbers = 3 * (size_t)d->in->logits.s.c;
    double *sums = d->partial + (size_t)task * numbers;
    int image = loss_piece(d->in, d->first + task, &from, &to);
    memset(sums, 0, numbers * sizeof *sums);
    for (; from < to; from += t.pixels) {
        tile_load(&t, d->in, &d->table, image, from, to);
        tile_probabilities(&t, d->in);
        add_tile(&t, d->in, sums);
    }
}

static void overlap_overlap(const struct loss_input *in, double *sums, struct pool *pool)
{
    int channels = in->logits.s.c;
    double partial[SUMS];
    struct overlap_job d = {.in = in, .partial = partial};
    int pieces = loss_pieces(in) * in->logits.s.n,
        max = SUMS / (3 * channels) < SLOTS ? SUMS / (3 * channels) : SLOTS;
    label_table(in, &d.table);
    memset(sums, 0, (size_t)in->logits.s.n * (size_t)channels * 3 * sizeof *sums);
    for (; d.first < pieces; d.first += max) {
        int round = pieces - d.first < max ? pieces - d.first : max;
        pool_run(pool, round, overlap_sums_task, &d);
        for (int i = 0; i < round; i++) {
            double *image = sums + (d.first + i) / loss_pieces(in) * channels * 3;
            for (int j = 0; j < channels * 3; j++) image[j] += partial[i * channels * 3 + j];
        }
    }
}

/* Softmax: p (slope - mean), mean = sum of slope times p. */
static void store_softmax(const struct tile *t, const struct overlap_job *d,
    float slope[LOSS_CHANNELS][2], int image, size_t from)
{
    int channels = d->in->logits.s.c;
    for (size_t i = 0; i < t->pixels; i += VEC_LANES) {
        size_t some = t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES;
        vec label = vec_load(t->label + i), mean = vec_zero();
        for (int k = 0; k < channels; k++) {
            vec by_p = vec_pick(
                vec_equal(label, vec_set((float)k)), vec_set(slope[k][1]), vec_set(slope[k][0]));
            mean = vec_fma(by_p, vec_load(t->z + (size_t)k * t->padded + i), mean);
        }
        for (int k = 0; k < channels; k++) {
            vec by_p = vec_pick(
                vec_equal(label, vec_set((float)k)), vec_set(slope[k][1]), vec_set(slope[k][0]));
            vec g = vec_mul(vec_load(t->z + (size_t)k * t->padded + i), vec_sub(by_p, mean));
            vec_put_or_add(tensor_channel(d->dx, image, k) + from + i, g, some, d->add);
        }
    }
}

/* Sigmoid: p (1 - p) slope. */
static void store_sigmoid(struct tile *t, const struct overlap_job *d,
    float slope[LOSS_CHANNELS][2], int image, size_t from)
{
    for (int k = 0; k < d->in->logits.s.c; k++) {
        float *dx = tensor_channel(d->dx, image, k) + from;
        tile_targets(t, d->in->region[k]);
        for (size_t i = 0; i < t->pixels; i += VEC_LANES) {
            size_t some = t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES;
            vec p = vec_load(t->z + (size_t)k * t->padded + i);
            vec by_p = vec_pick(vec_greater(vec_load(t->target + i), vec_zero()),
                vec_set(slope[k][1]), vec_set(slope[k][0]));
            vec_put_or_add(dx + i, vec_mul(vec_mul(p, vec_sub(vec_set(1), p)), by_p), some, d->add);
        }
    }
}

static void overlap_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct overlap_job *d = arg;
    float slope[LOSS_CHANNELS][2];
    struct tile t;
    size_t from, to;
    int image = loss_piece(d->in, task, &from, &to);
    int channels = d->in->logits.s.c;
    for (int k = 0; k < 2 * channels; k++)
        slope[k / 2][k % 2] = (float)(d->slopes[image * channels * 2 + k] * d->scale);
    for (; from < to; from += t.pixels) {
        tile_load(&t, d->in, &d->table, image, from, to);
        tile_probabilities(&t, d->in);
        if (d->in->region)
            store_sigmoid(&t, d, slope, image, from);
        else
            store_softmax(&t, d, slope, image, from);
    }
}

static void overlap_gradient(const struct loss_input *in, const double *slopes, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct overlap_job d = {
        .in = in, .slopes = slopes, .dx = dx, .scale = (double)*seed, .add = add};
    label_table(in, &d.table);
    pool_run(pool, loss_pieces(in) * in->logits.s.n, overlap_dx_task, &d);
}

void fast_overlap_fill(struct kernels *k)
{
    k->overlap = overlap_overlap;
    k->overlap_dx = overlap_gradient;
}
