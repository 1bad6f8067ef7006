/* SPDX-License-Identifier: Apache-2.0 */
/* Optimisers over flat arrays, plainly: torch.optim.SGD and torch.optim.AdamW (arXiv 1711.05101).
 */
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

void ref_optim_fill(struct kernels *k)
{
    k->sum_squares = ref_optim_sum_squares;
    k->sgd = ref_optim_sgd;
    k->adamw = ref_optim_adamw;
}
