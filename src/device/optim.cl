/* SPDX-License-Identifier: Apache-2.0 */
/* Flat arrays, a number per work-item. */

#define FLAT(n)                                                                                    \
    const size_t i = get_global_id(0);                                                             \
    if (i >= n) return

KERNEL void fill(AT(x), ulong n, float value)
{
    FLAT(n);
    OPEN(float, x)[i] = value;
}

KERNEL void blend(AT(to), AT(from), ulong n, float share)
{
    global float *to = OPEN(float, to);
    FLAT(n);
    to[i] += share * (OPEN(const float, from)[i] - to[i]);
}

KERNEL void sgd(AT(p), AT(g), AT(m), ulong n, float lr, float momentum, int nesterov, float decay,
    float scale, int first)
{
    global float *p = OPEN(float, p), *m = OPEN(float, m);
    FLAT(n);
    const float d = OPEN(const float, g)[i] * scale + decay * p[i];
    m[i] = first ? d : momentum * m[i] + d;
    p[i] -= lr * (nesterov ? d + momentum * m[i] : m[i]);
}

/* a * a + a + b, which needs more than 24 bits. */
KERNEL void wide_check(float a, float b, AT(out))
{
    if (get_global_id(0) > 0) return;
    OPEN(wide, out)[0] = wide_add(wide_product(a, a), wide_sum(a, b));
}

/* x (+)= the sum of all parts, in their order. */
KERNEL void sum_parts(AT(part), int parts, ulong n, AT(x), int add)
{
    FLAT(n);
    wide sum = (wide)(add ? OPEN(float, x)[i] : 0.0f, 0);
    for (int p = 0; p < parts; p++) sum = wide_plus(sum, OPEN(const float, part)[p * n + i]);
    OPEN(float, x)[i] = sum.x;
}

/* b1, b2: the betas; a1, a2: 1 less them; rate: lr / (1 - beta1^step); root: of 1 / (1 -
 * beta2^step). */
KERNEL void adamw(AT(p), AT(g), AT(m), AT(v), ulong n, float b1, float a1, float b2, float a2,
    float eps, float decay, float scale, float rate, float root)
{
    global float *p = OPEN(float, p), *m = OPEN(float, m), *v = OPEN(float, v);
    FLAT(n);
    const float d = OPEN(const float, g)[i] * scale, mean = fma(b1, m[i], a1 * d),
                square = fma(b2, v[i], a2 * d * d);
    p[i] -= fma(decay, p[i], rate * mean / fma(sqrt(square), root, eps));
    m[i] = mean;
    v[i] = square;
}
