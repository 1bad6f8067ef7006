/* SPDX-License-Identifier: Apache-2.0 */
/* Plain torch.optim.SGD and torch.optim.AdamW (arXiv 1711.05101). */
#include "base/ints.h"
#include "base/kmath.h"
#include "kernel/ref.h"

static double ref_optim_sum_squares(const real *x, size_t n, struct pool *pool)
{
    (void)pool;
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

static void ref_optim_sgd(real *p, const real *g, real *m, size_t n, real lr, real momentum,
    bool nesterov, real decay, real scale, bool first, struct pool *pool)
{
    (void)pool;
    for (size_t i = 0; i < n; i++) {
        real d = g[i] * scale + decay * p[i];
        m[i] = first ? d : momentum * m[i] + d;
        p[i] -= lr * (nesterov ? d + momentum * m[i] : m[i]);
    }
}

static void ref_optim_adamw(real *p, const real *g, real *m, real *v, size_t n, real lr, real beta1,
    real beta2, real eps, real decay, real scale, int64_t step, struct pool *pool)
{
    (void)pool;
    double b1 = (double)beta1, b2 = (double)beta2;
    double correction1 = 1 - kmath_power(b1, step), correction2 = sqrt(1 - kmath_power(b2, step));
    for (size_t i = 0; i < n; i++) {
        double d = (double)g[i] * (double)scale;
        double mean = b1 * (double)m[i] + (1 - b1) * d,
               square = b2 * (double)v[i] + (1 - b2) * d * d;
        double decayed = (double)p[i] * (1 - (double)lr * (double)decay);
        p[i] = (real)(decayed -
            (double)lr / correction1 * mean / (sqrt(square) / correction2 + (double)eps));
        m[i] = (real)mean;
        v[i] = (real)square;
    }
}

/* Numbers are independent, so any split gives the same bits. */
enum { PIECE = 1 << 16 };

struct blend {
    real *to;
    const real *from;
    size_t count;
    real share; /* of `from` */
};

static void ref_optim_blend_piece(void *arg, int task, int worker)
{
    const struct blend *b = arg;
    (void)worker;
    size_t at = (size_t)task * PIECE, n = b->count - at < PIECE ? b->count - at : PIECE;
    real *to = b->to + at;
    const real *from = b->from + at;
    for (size_t i = 0; i < n; i++) to[i] += b->share * (from[i] - to[i]);
}

static void ref_optim_blend(real *to, const real *from, size_t count, real share, struct pool *pool)
{
    struct blend b = {to, from, count, share};
    pool_run(pool, (int)divide_up_size(count, PIECE), ref_optim_blend_piece, &b);
}

void ref_optim_fill(struct kernels *k)
{
    k->blend = ref_optim_blend;
    k->sum_squares = ref_optim_sum_squares;
    k->sgd = ref_optim_sgd;
    k->adamw = ref_optim_adamw;
}
