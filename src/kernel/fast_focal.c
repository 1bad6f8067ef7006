/* SPDX-License-Identifier: Apache-2.0 */
/* Formulas as in ref_focal.c. */
#include "kernel/fast.h"
#include "kernel/fast_loss.h"
#include "kernel/kernel_fill.h"
#include "kernel/rounds.h"

struct focal_job {
    const struct loss_input *in;
    const struct focal *f;
    const struct tensor *dx; /* backward */
    double scale;
    bool add;
    struct labels table;
    struct rounds rounds; /* forward */
};

/* The truth at some pixels: weight, probability p, u = 1 - p, -log p. */
struct truth {
    vec a, p, u, nll;
};

/* u^gamma; below the smallest normal number u counts as that. */
static vec focal_power(vec u, float gamma)
{
    if (gamma == 0) return vec_set(1);
    if (gamma == 1) return u;
    if (gamma == 2) return vec_mul(u, u);
    return vec_exp(vec_mul(vec_set(gamma), vec_log(vec_max(vec_set(1.2e-38f), u))));
}

static vec focal_term(struct truth t, float gamma)
{
    return vec_mul(vec_mul(t.a, focal_power(t.u, gamma)), t.nll);
}

static vec focal_slope(struct truth t, float gamma)
{
    vec ratio = vec_pick(vec_greater(t.u, vec_zero()), vec_div(t.nll, t.u), vec_set(1));
    return vec_mul(vec_mul(t.a, focal_power(t.u, gamma)),
        vec_fma(vec_mul(vec_set(gamma), t.p), ratio, vec_set(1)));
}

/* The tile holds exp(z - top); `z`: the true class's logit. */
static struct truth focal_of_class(const struct tile *t, const struct focal_job *f, vec z, size_t i)
{
    vec label = vec_load(t->label + i), own = vec_zero(), others = vec_zero(),
        sum = vec_load(t->sum + i);
    for (int k = 0; k < f->in->logits.s.c; k++) {
        vec e = vec_load(t->z + (size_t)k * t->padded + i);
        mask hit = vec_equal(label, vec_set((float)k));
        own = vec_pick(hit, e, own);
        others = vec_add(others, vec_pick(hit, vec_zero(), e));
    }
    vec balance = vec_pick(vec_greater(label, vec_zero()), vec_set((float)f->f->balance[1]),
        vec_set((float)f->f->balance[0]));
    struct truth r = {vec_mul(vec_load(t->weight + i), balance), vec_div(own, sum),
        vec_div(others, sum), vec_zero()};
    vec near = vec_log1p(vec_min(vec_div(others, own), vec_set(1))),
        far = vec_sub(vec_add(vec_load(t->top + i), vec_log(sum)), z);
    r.nll = vec_pick(vec_greater(own, others), near, far);
    return r;
}

/* t->target holds region k's target, 0 at ignored pixels. */
static struct truth focal_of_region(
    const struct tile *t, const struct focal_job *f, int k, size_t i)
{
    vec v = vec_load(t->z + (size_t)k * t->padded + i), weight = vec_load(t->weight + i);
    mask hit = vec_greater(vec_load(t->target + i), vec_zero());
    vec z = vec_pick(hit, v, vec_sub(vec_zero(), v)), minus = vec_sub(vec_zero(), z);
    float w = f->in->weight ? f->in->weight[k] : 1;
    vec balance =
        vec_pick(hit, vec_set((float)f->f->balance[1] * w), vec_set((float)f->f->balance[0] * w));
    return (struct truth){vec_mul(weight, balance), vec_sigmoid(z), vec_sigmoid(minus),
        vec_add(vec_max(minus, vec_zero()), vec_log1p(vec_exp(vec_sub(vec_zero(), vec_abs(z)))))};
}

static void focal_value_task(void *arg, int task, int worker)
{
    (void)worker;
    struct focal_job *f = arg;
    const struct loss_input *in = f->in;
    struct tile t;
    size_t from, to;
    double sum = 0, below = 0;
    int image = loss_piece(in, f->rounds.first + task, &from, &to),
        rounds = in->region ? in->logits.s.c : 1;
    for (; from < to; from += t.pixels) {
        vec terms = vec_zero(), weights = vec_zero(), truth[TILE / VEC_LANES];
        tile_load(&t, in, &f->table, image, from, to);
        for (size_t i = 0; !in->region && i < t.padded; i += VEC_LANES)
            truth[i / VEC_LANES] = tile_truth(&t, in->logits.s.c, i);
        if (!in->region) tile_exp(&t, in->logits.s.c);
        for (int k = 0; k < rounds; k++) {
            if (in->region) tile_targets(&t, in->region[k]);
            for (size_t i = 0; i < t.padded; i += VEC_LANES) {
                struct truth r = in->region ? focal_of_region(&t, f, k, i)
                                            : focal_of_class(&t, f, truth[i / VEC_LANES], i);
                mask out = vec_greater(vec_zero(), vec_load(t.label + i));
                terms =
                    vec_add(terms, vec_pick(out, vec_zero(), focal_term(r, (float)f->f->gamma)));
                weights = vec_add(weights, vec_load(t.weight + i));
            }
        }
        sum += vec_sum_double(terms);
        below += vec_sum_double(weights);
    }
    f->rounds.sum[task] = sum;
    f->rounds.more[task] = below;
}

static void focal_focal(
    const struct loss_input *in, const struct focal *f, real *loss, struct pool *pool)
{
    struct focal_job j = {.in = in, .f = f};
    label_table(in, &j.table);
    rounds_run(&j.rounds, loss_pieces(in) * in->logits.s.n, focal_value_task, &j, pool);
    *loss = (real)(j.rounds.total_more > 0 ? j.rounds.total / j.rounds.total_more : 0);
}

/* Gradients of VEC_LANES pixels by all classes. */
static void class_dx(
    const struct tile *t, const struct focal_job *f, vec truth, int image, size_t from, size_t i)
{
    struct truth r = focal_of_class(t, f, truth, i);
    vec label = vec_load(t->label + i), over = vec_div(vec_set(1), vec_load(t->sum + i));
    vec c = vec_pick(vec_greater(vec_zero(), label), vec_zero(),
        vec_mul(focal_slope(r, (float)f->f->gamma), vec_set((float)f->scale)));
    for (int k = 0; k < f->in->logits.s.c; k++) {
        vec p = vec_mul(vec_load(t->z + (size_t)k * t->padded + i), over);
        vec by = vec_pick(vec_equal(label, vec_set((float)k)), vec_sub(vec_zero(), r.u), p);
        vec g = vec_pick(vec_greater(vec_zero(), label), vec_zero(), vec_mul(c, by));
        vec_put_or_add(tensor_channel(f->dx, image, k) + from + i, g,
            t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES, f->add);
    }
}

static void region_dx(
    const struct tile *t, const struct focal_job *f, int k, int image, size_t from, size_t i)
{
    struct truth r = focal_of_region(t, f, k, i);
    vec c = vec_mul(focal_slope(r, (float)f->f->gamma), vec_set((float)f->scale));
    vec by =
        vec_pick(vec_greater(vec_load(t->target + i), vec_zero()), vec_sub(vec_zero(), r.u), r.u);
    vec g = vec_pick(vec_greater(vec_zero(), vec_load(t->label + i)), vec_zero(), vec_mul(c, by));
    vec_put_or_add(tensor_channel(f->dx, image, k) + from + i, g,
        t->pixels - i < VEC_LANES ? t->pixels - i : VEC_LANES, f->add);
}

static void focal_dx_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct focal_job *f = arg;
    const struct loss_input *in = f->in;
    struct tile t;
    size_t from, to;
    int image = loss_piece(in, task, &from, &to);
    for (; from < to; from += t.pixels) {
        vec truth[TILE / VEC_LANES];
        tile_load(&t, in, &f->table, image, from, to);
        for (int k = 0; in->region && k < in->logits.s.c; k++) {
            tile_targets(&t, in->region[k]);
            for (size_t i = 0; i < t.pixels; i += VEC_LANES) region_dx(&t, f, k, image, from, i);
        }
        if (in->region) continue;
        for (size_t i = 0; i < t.padded; i += VEC_LANES)
            truth[i / VEC_LANES] = tile_truth(&t, in->logits.s.c, i);
        tile_exp(&t, in->logits.s.c);
        for (size_t i = 0; i < t.pixels; i += VEC_LANES)
            class_dx(&t, f, truth[i / VEC_LANES], image, from, i);
    }
}

static void focal_gradient(const struct loss_input *in, const struct focal *f, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct focal_job j = {.in = in, .f = f, .dx = dx, .add = add};
    label_table(in, &j.table);
    double below = loss_divisor(in, &j.table);
    j.scale = below > 0 ? (double)*seed / below : 0;
    pool_run(pool, loss_pieces(in) * in->logits.s.n, focal_dx_task, &j);
}

void fast_focal_fill(struct kernels *k)
{
    k->focal = focal_focal;
    k->focal_dx = focal_gradient;
}
