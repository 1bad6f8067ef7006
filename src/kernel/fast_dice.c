/* SPDX-License-Identifier: Apache-2.0 */
/* Soft Dice loss over softmax classes or sigmoid regions: formulas as in ref_dice.c. */
#include "kernel/fast.h"
#include "kernel/fast_loss.h"
#include "kernel/kernel_fill.h"

enum { SUMS = 4096, SLOTS = 256 }; /* partial sums, and pieces, of one round */

struct dice {
    const struct loss_input *in;
    struct labels table;
    int first;          /* forward: the first piece of this round */
    double *partial;    /* 3 per channel of each piece */
    const double *sums; /* backward */
    const struct tensor *dx;
    double scale;
    int terms;
    bool add;
};

/* Adds a tile of probabilities to the sums: pt, p, t of every channel. */
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

static void tile_probabilities(struct tile *t, const struct loss_input *in)
{
    if (in->region)
        tile_sigmoid(t, in->logits.s.c);
    else
        tile_softmax(t, in->logits.s.c);
}

static void sums_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct dice *d = arg;
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

static double dice(const struct loss_input *in, double *sums, struct pool *pool)
{
    int channels = in->logits.s.c;
    if (channels > LOSS_CHANNELS) {
        struct kernels plain;
        kernels_fill_ref(&plain);
        return plain.dice(in, sums, pool);
    }
    double partial[SUMS];
    struct dice d = {.in = in, .partial = partial};
    int pieces = loss_pieces(in) * in->logits.s.n, most = SUMS / (3 * channels) < SLOTS ? SUMS / (3 * channels) : SLOTS;
    label_table(in, &d.table);
    memset(sums, 0, (size_t)in->logits.s.n * (size_t)channels * 3 * sizeof *sums);
    for (; d.first < pieces; d.first += most) {
        int round = pieces - d.first < most ? pieces - d.first : most;
        pool_run(pool, round, sums_task, &d);
        for (int i = 0; i < round; i++) {
            double *image = sums + (d.first + i) / loss_pieces(in) * channels * 3;
            for (int j = 0; j < channels * 3; j++) image[j] += partial[i * channels * 3 + j];
        }
    }
    double total;
    int terms = loss_dice_total(in, sums, &total);
    return terms ? 1 - total / terms : 0;
}

/* d loss / d p of every channel, for target 0 and 1; see ref_dice.c. */
static void slopes(const struct dice *d, int image, float slope[LOSS_CHANNELS][2])
{
    const struct loss_input *in = d->in;
    for (int k = 0; k < in->logits.s.c; k++) {
        double s[3], value, below;
        slope[k][0] = slope[k][1] = 0;
        if (k < loss_first_class(in) || d->terms == 0) continue;
        loss_dice_sums(in, d->sums, image, k, s);
        if (!loss_dice_term(s, (double)in->smooth, &value, &below)) continue;
        for (int t = 0; t < 2; t++) slope[k][t] = (float)(-(2 * t - value) / below / d->terms * d->scale);
    }
}

/* Softmax: p (slope - mean), mean = sum of slope times p. */
static void store_softmax(const struct tile *t, const struct dice *d, float slope[LOSS_CHANNELS][2], int image, size_t from)
{
    int channels = d->in->logits.s.c;
    for (size_t i = 0; i < t->pixels; i += VEC_LANES) {
        size_t some = t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES;
        vec label = vec_load(t->label + i), mean = vec_zero();
        for (int k = 0; k < channels; k++) {
            vec by_p = vec_pick(vec_equal(label, vec_set((float)k)), vec_set(slope[k][1]), vec_set(slope[k][0]));
            mean = vec_fma(by_p, vec_load(t->z + (size_t)k * t->padded + i), mean);
        }
        for (int k = 0; k < channels; k++) {
            vec by_p = vec_pick(vec_equal(label, vec_set((float)k)), vec_set(slope[k][1]), vec_set(slope[k][0]));
            vec g = vec_mul(vec_load(t->z + (size_t)k * t->padded + i), vec_sub(by_p, mean));
            vec_put_or_add(tensor_channel(d->dx, image, k) + from + i, g, some, d->add);
        }
    }
}

/* Sigmoid: p (1 - p) slope. */
static void store_sigmoid(struct tile *t, const struct dice *d, float slope[LOSS_CHANNELS][2], int image, size_t from)
{
    for (int k = 0; k < d->in->logits.s.c; k++) {
        float *dx = tensor_channel(d->dx, image, k) + from;
        tile_targets(t, d->in->region[k]);
        for (size_t i = 0; i < t->pixels; i += VEC_LANES) {
            size_t some = t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES;
            vec p = vec_load(t->z + (size_t)k * t->padded + i);
            vec by_p = vec_pick(vec_greater(vec_load(t->target + i), vec_zero()), vec_set(slope[k][1]), vec_set(slope[k][0]));
            vec_put_or_add(dx + i, vec_mul(vec_mul(p, vec_sub(vec_set(1), p)), by_p), some, d->add);
        }
    }
}

static void dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct dice *d = arg;
    float slope[LOSS_CHANNELS][2];
    struct tile t;
    size_t from, to;
    int image = loss_piece(d->in, task, &from, &to);
    slopes(d, image, slope);
    for (; from < to; from += t.pixels) {
        tile_load(&t, d->in, &d->table, image, from, to);
        tile_probabilities(&t, d->in);
        if (d->in->region)
            store_sigmoid(&t, d, slope, image, from);
        else
            store_softmax(&t, d, slope, image, from);
    }
}

static void dice_dx(const struct loss_input *in, const double *sums, double scale, const struct tensor *dx, bool add, struct pool *pool)
{
    if (in->logits.s.c > LOSS_CHANNELS) {
        struct kernels plain;
        kernels_fill_ref(&plain);
        plain.dice_dx(in, sums, scale, dx, add, pool);
        return;
    }
    double total;
    struct dice d = {.in = in, .sums = sums, .dx = dx, .scale = scale, .add = add};
    d.terms = loss_dice_total(in, sums, &total);
    label_table(in, &d.table);
    pool_run(pool, loss_pieces(in) * in->logits.s.n, dx_task, &d);
}

void fast_dice_fill(struct kernels *k)
{
    k->dice = dice;
    k->dice_dx = dice_dx;
}
