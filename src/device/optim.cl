/* SPDX-License-Identifier: Apache-2.0 */
/* Flat arrays, a number per work-item. */

#define FLAT(n)                                                                                    \
    const size_t i = get_global_id(0);                                                             \
    if (i >= n) return

kernel void fill(AT(x), ulong n, float value)
{
    FLAT(n);
    OPEN(float, x)[i] = value;
}

kernel void blend(AT(to), AT(from), ulong n, float share)
{
    global float *to = OPEN(float, to);
    FLAT(n);
    to[i] += share * (OPEN(const float, from)[i] - to[i]);
}

kernel void sgd(AT(p), AT(g), AT(m), ulong n, float lr, float momentum, int nesterov, float decay,
    float scale, int first)
{
    global float *p = OPEN(float, p), *m = OPEN(float, m);
    FLAT(n);
    const float d = OPEN(const float, g)[i] * scale + decay * p[i];
    m[i] = first ? d : momentum * m[i] + d;
    p[i] -= lr * (nesterov ? d + momentum * m[i] : m[i]);
}

/* x (+)= the sum of all parts, in their order. */
kernel void sum_parts(AT(part), int parts, ulong n, AT(x), int add)
{
    FLAT(n);
    double sum = add ? (double)OPEN(float, x)[i] : 0.0;
    for (int p = 0; p < parts; p++) sum += (double)OPEN(const float, part)[p * n + i];
    OPEN(float, x)[i] = (float)sum;
}

/* rate: lr / (1 - beta1^step); root: sqrt(1 - beta2^step). */
kernel void adamw(AT(p), AT(g), AT(m), AT(v), ulong n, double lr, double b1, double b2, double eps,
    double decay, double scale, double rate, double root)
{
    global float *p = OPEN(float, p), *m = OPEN(float, m), *v = OPEN(float, v);
    FLAT(n);
    const double d = (double)OPEN(const float, g)[i] * scale;
    const double mean = b1 * (double)m[i] + (1 - b1) * d,
                 square = b2 * (double)v[i] + (1 - b2) * d * d;
    p[i] = (float)((double)p[i] * (1 - lr * decay) - rate * mean / (sqrt(square) / root + eps));
    m[i] = (float)mean;
    v[i] = (float)square;
}
