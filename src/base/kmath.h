/* SPDX-License-Identifier: Apache-2.0 */
/* exp, log and relatives in double, relative error about 1e-15. Only IEEE operations in a fixed
 * order: identical bits on every machine, unlike libm. */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline double kmath_from_bits(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline uint64_t kmath_bits(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* 2^k for -1022 <= k <= 1023. */
static inline double kmath_exp2i(int k) { return kmath_from_bits((uint64_t)(k + 1023) << 52); }

/* ln 2 = HI + LO; HI has 32 bits, so k * HI is exact. */
#define KMATH_LN2_HI 6.93147180369123816490e-01
#define KMATH_LN2_LO 1.90821492927058770002e-10

/* exp(x) = 2^k exp(r), r = x - k ln 2, |r| <= ln 2 / 2; Taylor to r^13 leaves 4e-18. */
static inline double kmath_exp(double x)
{
    static const double inverse[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800,
        1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
        1.0 / 6, 0.5};
    if (!(x < 709.782712893384)) return x != x ? x : (double)INFINITY;
    if (x < -745.2) return 0;
    double k = floor(x * 1.44269504088896338700e+00 + 0.5);
    double r = (x - k * KMATH_LN2_HI) - k * KMATH_LN2_LO;
    double p = inverse[0];
    for (int i = 1; i < 12; i++) p = p * r + inverse[i];
    /* In two steps: 2^k alone may overflow. */
    int half = (int)k / 2;
    return (1 + (r + r * r * p)) * kmath_exp2i(half) * kmath_exp2i((int)k - half);
}

/* log(x) = e ln 2 + log(1 + f), sqrt(1/2) <= 1 + f < sqrt(2); with s = f / (2 + f): log(1 + f) = 2
 * atanh(s) = f - s (f - R), R = 2/3 s^2 + 2/5 s^4 + ... */
static inline double kmath_log(double x)
{
    if (!(x > 0)) return x == 0 ? -(double)INFINITY : (double)NAN;
    if (!(x <= 1.7976931348623157e308)) return x;
    int e = 0;
    if (x < 2.2250738585072014e-308) {
        x *= 18014398509481984.0; /* 2^54 */
        e = -54;
    }
    uint64_t bits = kmath_bits(x);
    e += (int)(bits >> 52) - 1023;
    double m = kmath_from_bits((bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        e++;
    }
    double f = m - 1, s = f / (2 + f), z = s * s, r = 0;
    for (int i = 10; i >= 1; i--) r = (r + 2.0 / (2 * i + 1)) * z;
    return e * KMATH_LN2_HI + ((f - s * (f - r)) + e * KMATH_LN2_LO);
}

/* log(1 + x) for x >= 0: log of the rounded sum, corrected for the rounding. */
static inline double kmath_log1p(double x)
{
    double u = 1 + x;
    return u == 1 ? x : kmath_log(u) * (x / (u - 1));
}

static inline double kmath_sigmoid(double x)
{
    double e = kmath_exp(-fabs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

/* x^y for x >= 0 and y > 0. */
static inline double kmath_pow(double x, double y)
{
    return x > 0 ? kmath_exp(y * kmath_log(x)) : x;
}

/* x^n for n >= 0. */
static inline double kmath_power(double x, int64_t n)
{
    double y = 1;
    for (; n > 0; n >>= 1, x *= x)
        if (n & 1) y *= x;
    return y;
}
