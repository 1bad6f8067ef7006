/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers, one pass each. */
#include "base/kmath.h"
#include "kernel/fast.h"
#include "kernel/fast_map.h"
#include "kernel/rounds.h"

enum { STRETCH = 16384 };

INLINE size_t stretch_of(size_t n, size_t from) { return n - from < STRETCH ? n - from : STRETCH; }
static size_t stretches(size_t n) { return (n + STRETCH - 1) / STRETCH; }

struct squares {
    const float *x;
    size_t n;
    struct rounds rounds; /* a piece is a stretch */
};

/* In double: an exploding gradient must not overflow its norm. */
static double squares_of(const float *x, size_t n)
{
    enum { CHAINS_D = 16 };
    double sum[CHAINS_D] = {0}, total = 0;
    size_t i = 0;
    for (; i + CHAINS_D <= n; i += CHAINS_D)
        for (size_t k = 0; k < CHAINS_D; k++) sum[k] += (double)x[i + k] * (double)x[i + k];
    for (; i < n; i++) sum[0] += (double)x[i] * (double)x[i];
    for (size_t k = 0; k < CHAINS_D; k++) total += sum[k];
    return total;
}

static void squares_task(void *arg, int task, int worker)
{
    (void)worker;
    struct squares *s = arg;
    size_t from = (size_t)(s->rounds.first + task) * STRETCH;
    s->rounds.sum[task] = squares_of(s->x + from, stretch_of(s->n, from));
}

static double optim_sum_squares(const float *x, size_t n, struct pool *pool)
{
    struct squares s = {.x = x, .n = n};
    rounds_run(&s.rounds, (int)stretches(n), squares_task, &s, pool);
    return s.rounds.total;
}

struct step {
    float *p, *m, *v;
    const float *g;
    size_t n;
    float lr, decay, scale;
    float momentum;                    /* SGD */
    bool nesterov, first;              /* SGD */
    float beta1, one_beta1;            /* AdamW: and 1 minus it */
    float beta2, one_beta2, eps, keep; /* keep = 1 - lr*decay */
    float rate, root;                  /* lr / (1 - beta1^step), 1 / sqrt(1 - beta2^step) */
};

INLINE void sgd_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct step *s = arg;
    vec p = vec_get(s->p + at, lanes), momentum = vec_set(s->momentum);
    vec g = vec_add(
        vec_mul(vec_get(s->g + at, lanes), vec_set(s->scale)), vec_mul(vec_set(s->decay), p));
    vec m = s->first ? g : vec_fma(momentum, vec_get(s->m + at, lanes), g);
    vec_put(s->m + at, m, lanes);
    vec_put(s->p + at,
        vec_sub(p, vec_mul(vec_set(s->lr), s->nesterov ? vec_fma(momentum, m, g) : m)), lanes);
}

INLINE void adamw_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    (void)half, (void)chain;
    const struct step *s = arg;
    vec g = vec_mul(vec_get(s->g + at, lanes), vec_set(s->scale));
    vec m =
        vec_fma(vec_set(s->beta1), vec_get(s->m + at, lanes), vec_mul(vec_set(s->one_beta1), g));
    vec v = vec_fma(vec_set(s->beta2), vec_get(s->v + at, lanes),
        vec_mul(vec_mul(vec_set(s->one_beta2), g), g));
    vec below = vec_fma(vec_sqrt(v), vec_set(s->root), vec_set(s->eps));
    vec_put(s->m + at, m, lanes);
    vec_put(s->v + at, v, lanes);
    vec p = vec_mul(vec_get(s->p + at, lanes), vec_set(s->keep));
    vec_put(s->p + at, vec_sub(p, vec_mul(vec_set(s->rate), vec_div(m, below))), lanes);
}

INLINE struct step optim_part_of(const struct step *all, int task, size_t *count)
{
    struct step s = *all;
    size_t from = (size_t)task * STRETCH;
    *count = stretch_of(s.n, from);
    s.p += from;
    s.g += from;
    s.m += from;
    if (s.v) s.v += from;
    return s;
}

static void sgd_task(void *arg, int task, int worker)
{
    (void)worker;
    size_t count;
    struct step s = optim_part_of(arg, task, &count);
    each_vec(count, sgd_vec, &s);
}

static void adamw_task(void *arg, int task, int worker)
{
    (void)worker;
    size_t count;
    struct step s = optim_part_of(arg, task, &count);
    each_vec(count, adamw_vec, &s);
}

static void optim_sgd(float *p, const float *g, float *m, size_t n, float lr, float momentum,
    bool nesterov, float decay, float scale, bool first, struct pool *pool)
{
    struct step s = {.p = p,
        .g = g,
        .m = m,
        .n = n,
        .lr = lr,
        .momentum = momentum,
        .nesterov = nesterov,
        .decay = decay,
        .scale = scale,
        .first = first};
    pool_run(pool, (int)stretches(n), sgd_task, &s);
}

static void optim_adamw(float *p, const float *g, float *m, float *v, size_t n, float lr,
    float beta1, float beta2, float eps, float decay, float scale, int64_t step, struct pool *pool)
{
    double b1 = (double)beta1, b2 = (double)beta2, rate = (double)lr;
    struct step s = {.p = p,
        .g = g,
        .m = m,
        .v = v,
        .n = n,
        .scale = scale,
        .beta1 = beta1,
        .beta2 = beta2,
        .eps = eps};
    s.one_beta1 = (float)(1 - b1);
    s.one_beta2 = (float)(1 - b2);
    s.keep = (float)(1 - rate * (double)decay);
    s.rate = (float)(rate / (1 - kmath_power(b1, step)));
    s.root = (float)(1 / sqrt(1 - kmath_power(b2, step)));
    pool_run(pool, (int)stretches(n), adamw_task, &s);
}

void fast_optim_fill(struct kernels *k)
{
    k->sum_squares = optim_sum_squares;
    k->sgd = optim_sgd;
    k->adamw = optim_adamw;
}
