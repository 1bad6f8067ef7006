/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-entropy over classes (softmax) and regions (sigmoid): formulas as in ref_cross_entropy.c.
 */
#include "kernel/fast.h"
#include "kernel/fast_loss.h"
#include "kernel/kernel_fill.h"
#include "kernel/rounds.h"

struct entropy {
    const struct loss_input *in;
    float *map;              /* of every pixel */
    const struct tensor *dx; /* backward */
    double scale;
    bool add;
    struct labels table;
    struct rounds rounds; /* forward */
};

/* t->sum becomes the weighted cross-entropy of every pixel. */
static void class_terms(struct tile *t, int channels)
{
    vec target[TILE / VEC_LANES];
    for (size_t i = 0; i < t->padded; i += VEC_LANES)
        target[i / VEC_LANES] = tile_truth(t, channels, i);
    tile_exp(t, channels);
    for (size_t i = 0; i < t->padded; i += VEC_LANES) {
        vec lse = vec_add(vec_load(t->top + i), vec_log(vec_load(t->sum + i)));
        vec_store(
            t->sum + i, vec_mul(vec_load(t->weight + i), vec_sub(lse, target[i / VEC_LANES])));
    }
}

static void region_terms(struct tile *t, const struct loss_input *in)
{
    memset(t->sum, 0, sizeof t->sum);
    for (int k = 0; k < in->logits.s.c; k++) {
        const float *z = t->z + (size_t)k * t->padded;
        vec weight = vec_set(in->weight ? in->weight[k] : 1);
        tile_targets(t, in->region[k]);
        for (size_t i = 0; i < t->padded; i += VEC_LANES) {
            vec v = vec_load(z + i), tail = vec_log1p(vec_exp(vec_sub(vec_zero(), vec_abs(v))));
            vec term =
                vec_add(vec_sub(vec_max(v, vec_zero()), vec_mul(v, vec_load(t->target + i))), tail);
            vec_store(t->sum + i, vec_fma(weight, term, vec_load(t->sum + i)));
        }
    }
}

/* t->sum holds the terms of a tile; anything where the pixel takes no part. */
static void tile_terms(struct tile *t, const struct entropy *e, int image, size_t from, size_t to)
{
    tile_load(t, e->in, &e->table, image, from, to);
    if (e->in->region)
        region_terms(t, e->in);
    else
        class_terms(t, e->in->logits.s.c);
}

static void cross_entropy_value_task(void *arg, int task, int worker)
{
    (void)worker;
    struct entropy *e = arg;
    struct tile t;
    size_t from, to;
    double sum = 0, below = 0;
    int image = loss_piece(e->in, e->rounds.first + task, &from, &to);
    for (; from < to; from += t.pixels) {
        vec terms = vec_zero(), weights = vec_zero();
        tile_terms(&t, e, image, from, to);
        for (size_t i = 0; i < t.padded; i += VEC_LANES) {
            mask out = vec_greater(vec_zero(), vec_load(t.label + i));
            terms = vec_add(terms, vec_pick(out, vec_zero(), vec_load(t.sum + i)));
            weights = vec_add(weights, vec_load(t.weight + i));
        }
        sum += vec_sum_double(terms);
        below += vec_sum_double(weights);
    }
    e->rounds.sum[task] = sum;
    e->rounds.more[task] = e->in->region ? below * e->in->logits.s.c : below;
}

static void map_task(void *arg, int task, int worker)
{
    (void)worker;
    struct entropy *e = arg;
    struct tile t;
    size_t from, to;
    int image = loss_piece(e->in, task, &from, &to);
    float *map = e->map + (size_t)image * shape_pixels(e->in->logits.s);
    for (; from < to; from += t.pixels) {
        tile_terms(&t, e, image, from, to);
        for (size_t i = 0; i < t.pixels; i += VEC_LANES) {
            mask out = vec_greater(vec_zero(), vec_load(t.label + i));
            vec term = vec_pick(out, vec_set(-1), vec_load(t.sum + i));
            vec_put(map + from + i, term, t.pixels - i < VEC_LANES ? t.pixels - i : VEC_LANES);
        }
    }
}

static void cross_entropy_cross_entropy(const struct loss_input *in, real *loss, struct pool *pool)
{
    struct entropy e = {.in = in};
    label_table(in, &e.table);
    rounds_run(&e.rounds, loss_pieces(in) * in->logits.s.n, cross_entropy_value_task, &e, pool);
    *loss = (real)(e.rounds.total_more > 0 ? e.rounds.total / e.rounds.total_more : 0);
}

/* (p - target) * weight * scale, 0 where the pixel takes no part: the tile holds p. */
static void store_dx(struct tile *t, const struct entropy *e, int image, size_t from)
{
    const struct loss_input *in = e->in;
    for (int k = 0; k < in->logits.s.c; k++) {
        vec scale =
            vec_set((float)(e->scale * (in->region && in->weight ? (double)in->weight[k] : 1)));
        float *dx = tensor_channel(e->dx, image, k) + from;
        if (in->region) tile_targets(t, in->region[k]);
        for (size_t i = 0; i < t->pixels; i += VEC_LANES) {
            mask hit = vec_equal(vec_load(t->label + i), vec_set((float)k));
            vec target = in->region ? vec_load(t->target + i) : vec_keep(hit, vec_set(1));
            vec g = vec_mul(vec_sub(vec_load(t->z + (size_t)k * t->padded + i), target),
                vec_mul(scale, vec_load(t->weight + i)));
            vec_put_or_add(
                dx + i, g, t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES, e->add);
        }
    }
}

static void cross_entropy_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct entropy *e = arg;
    struct tile t;
    size_t from, to;
    int image = loss_piece(e->in, task, &from, &to);
    for (; from < to; from += t.pixels) {
        tile_load(&t, e->in, &e->table, image, from, to);
        tile_probabilities(&t, e->in);
        store_dx(&t, e, image, from);
    }
}

static void cross_entropy_cross_entropy_map(
    const struct loss_input *in, real *map, struct pool *pool)
{
    struct entropy e = {.in = in, .map = map};
    label_table(in, &e.table);
    pool_run(pool, loss_pieces(in) * in->logits.s.n, map_task, &e);
}

static void cross_entropy_cross_entropy_dx(const struct loss_input *in, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct entropy e = {.in = in, .dx = dx, .add = add};
    label_table(in, &e.table);
    double below = loss_divisor(in, &e.table);
    e.scale = below > 0 ? (double)*seed / below : 0;
    pool_run(pool, loss_pieces(in) * in->logits.s.n, cross_entropy_dx_task, &e);
}

void fast_cross_entropy_fill(struct kernels *k)
{
    k->cross_entropy = cross_entropy_cross_entropy;
    k->cross_entropy_dx = cross_entropy_cross_entropy_dx;
    k->cross_entropy_map = cross_entropy_cross_entropy_map;
}
