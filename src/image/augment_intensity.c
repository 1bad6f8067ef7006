/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of single samples: noise, brightness, contrast, gamma, cut-out boxes. Voxels beyond the
 * image are excluded. */
#include <math.h>
#include <string.h>

#include "image/augment_parts.h"

struct span {
    float *x;
    const uint8_t *labels;
    size_t first;
    int n;
};

static struct span span_of_part(const struct part *p)
{
    size_t first = (size_t)p->number * PART, left = p->w->area - first;
    return (struct span){
        p->u->x + first, p->u->job->labels + first, first, left < PART ? (int)left : PART};
}

enum { PARTIALS = 8 };

/* Partial sums, added in order at the end. */
static void measure_span(const struct span *s, struct moments *m)
{
    double sum[PARTIALS] = {0}, squares[PARTIALS] = {0};
    float low[PARTIALS], high[PARTIALS];
    int count[PARTIALS] = {0};
    for (int k = 0; k < PARTIALS; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
    }
    for (int i = 0; i < s->n; i += PARTIALS) {
        int n = s->n - i < PARTIALS ? s->n - i : PARTIALS;
        const float *x = s->x + i;
        const uint8_t *labels = s->labels + i;
        for (int k = 0; k < n; k++) {
            bool inside = labels[k] != BEYOND;
            double v = inside ? (double)x[k] : 0;
            float min = inside ? x[k] : low[k], max = inside ? x[k] : high[k];
            sum[k] += v;
            squares[k] += v * v;
            count[k] += inside;
            low[k] = min < low[k] ? min : low[k];
            high[k] = max > high[k] ? max : high[k];
        }
    }
    *m = (struct moments){.low = low[0], .high = high[0]};
    for (int k = 0; k < PARTIALS; k++) {
        m->sum += sum[k];
        m->squares += squares[k];
        m->count += count[k];
        m->low = low[k] < m->low ? low[k] : m->low;
        m->high = high[k] > m->high ? high[k] : m->high;
    }
}

void augment_measure(const struct part *p)
{
    struct span s = span_of_part(p);
    measure_span(&s, moments_of(p->w, p->u) + p->number);
}

static double augment_intensity_deviation(const struct moments *m, double mean)
{
    double variance = m->count > 0 ? m->squares / m->count - mean * mean : 0;
    return variance > 0 ? sqrt(variance) : 0;
}

static struct moments augment_intensity_merge(const struct moments *m, int parts)
{
    struct moments all = {.low = INFINITY, .high = -INFINITY};
    for (int i = 0; i < parts; i++) {
        all.sum += m[i].sum;
        all.squares += m[i].squares;
        all.count += m[i].count;
        all.low = m[i].low < all.low ? m[i].low : all.low;
        all.high = m[i].high > all.high ? m[i].high : all.high;
    }
    return all;
}

void augment_know(struct augment_work *w, struct unit *u)
{
    struct moments all = augment_intensity_merge(moments_of(w, u), w->flat_parts);
    bool some = all.count > 0;
    u->mean = some ? all.sum / all.count : 0;
    u->deviation = augment_intensity_deviation(&all, u->mean);
    u->low = some ? all.low : 0;
    u->high = some ? all.high : 0;
}

void augment_compare(struct augment_work *w, struct unit *u)
{
    struct moments all = augment_intensity_merge(moments_of(w, u), w->flat_parts);
    u->new_mean = all.count > 0 ? all.sum / all.count : 0;
    u->new_deviation = augment_intensity_deviation(&all, u->new_mean);
}

/* ---- noise: the sum of the four bytes of a random number is nearly normal, with mean 510 and
 * variance (2^16 - 1) / 3 */

enum { BATCH = 512 };

void augment_noise(const struct part *p)
{
    struct span s = span_of_part(p);
    uint32_t bits[BATCH];
    const struct unit *u = p->u;
    const struct rng *r = &u->job->a.noise_rng;
    float by = u->job->a.noise / 147.79941f;
    size_t blocks = (p->w->area + 3) / 4, first = (size_t)u->map * blocks + s.first / 4;
    for (int i = 0; i < s.n; i += BATCH) {
        int n = s.n - i < BATCH ? s.n - i : BATCH;
        float *restrict x = s.x + i;
        rng_blocks(r, (uint32_t)(first + (size_t)i / 4), (n + 3) / 4, bits);
        for (int k = 0; k < n; k++) {
            uint32_t b = bits[k], pairs = (b & 0xff00ffu) + (b >> 8 & 0xff00ffu);
            int sum = (int)((pairs & 0xffffu) + (pairs >> 16));
            x[k] += by * (float)(sum - 510);
        }
    }
}

void augment_brighten(const struct part *p)
{
    struct span s = span_of_part(p);
    const struct unit *u = p->u;
    float by = u->job->a.brightness[u->channel], offset = u->job->a.offset, *restrict x = s.x;
    for (int i = 0; i < s.n; i++) x[i] = x[i] * by + offset;
}

/* Scale about the mean, within the original range. */
void augment_contrast(const struct part *p)
{
    struct span s = span_of_part(p);
    const struct unit *u = p->u;
    float by = u->job->a.contrast[u->channel], mean = (float)u->mean, low = u->low,
          high = u->high, *restrict x = s.x;
    for (int i = 0; i < s.n; i++) {
        float v = (x[i] - mean) * by + mean;
        v = v < low ? low : v;
        x[i] = v > high ? high : v;
    }
}

static float from_bits(int32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static int32_t bits_of(float v)
{
    int32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* t^gamma = 2^k exp(r) for 1e-12 <= t <= 1.01, as in kmath.h but shorter and without branches, for
 * vectors. Relative error 1e-6. */
static float augment_intensity_power(float t, float gamma)
{
    /* Adding 1 - sqrt(1/2) to the bits makes the exponent round at sqrt(2). */
    int32_t bits = bits_of(t) + (0x3f800000 - 0x3f3504f3);
    float f = from_bits((bits & 0x007fffff) + 0x3f3504f3) - 1, e = (float)((bits >> 23) - 127);
    float s = f / (f + 2), z = s * s;
    float log =
        e * .693147181f + s * (2 + z * (2.f / 3 + z * (2.f / 5 + z * (2.f / 7 + z * (2.f / 9)))));
    float y = gamma * log,
          /* rounds: 1.5 * 2^23 has no fractional digits */
        k = (y * 1.44269504f + 12582912.f) - 12582912.f;
    float r = (y - k * .693359375f) - k * -2.12194440e-4f;
    float p = 1 +
        r * (1 + r * (.5f + r * (1.f / 6 + r * (1.f / 24 + r * (1.f / 120 + r * (1.f / 720))))));
    return p * from_bits(((int32_t)k + 127) << 23);
}

/* ((x - low) / (high - low))^gamma, scaled back to low..high; for the negative image if
 * inverted. */
static void apply_gamma(const struct part *p, float gamma, bool inverted)
{
    struct span s = span_of_part(p);
    const struct unit *u = p->u;
    float *restrict x = s.x, from = inverted ? u->high : u->low,
                    range = inverted ? u->low - u->high : u->high - u->low;
    float by = fabsf(range) > 1e-7f ? 1 / range : 0, low = u->low, high = u->high;
    for (int i = 0; i < s.n; i++) {
        float v = x[i] < low ? low : x[i]; /* beyond the image */
        v = v > high ? high : v;
        x[i] = augment_intensity_power((v - from) * by + 1e-12f, gamma) * range + from;
    }
    measure_span(&s, moments_of(p->w, u) + p->number);
}

void augment_gamma(const struct part *p)
{
    apply_gamma(p, p->u->job->a.gamma[p->u->channel], false);
}
void augment_gamma_inverted(const struct part *p)
{
    apply_gamma(p, p->u->job->a.inverted[p->u->channel], true);
}

/* Restore mean and deviation. */
void augment_restore(const struct part *p)
{
    struct span s = span_of_part(p);
    const struct unit *u = p->u;
    float by = (float)(u->deviation / (u->new_deviation > 1e-7 ? u->new_deviation : 1e-7));
    float from = (float)u->new_mean, to = (float)u->mean, *restrict x = s.x;
    for (int i = 0; i < s.n; i++) x[i] = (x[i] - from) * by + to;
}

void augment_note_empty(const struct part *p)
{
    const struct span s = span_of_part(p);
    uint8_t *empty = p->u->empty + s.first;
    memset(empty, 1, (size_t)s.n);
    for (int m = 0; m < p->w->maps; m++) {
        const float *x = p->u[m].x + s.first;
        for (int i = 0; i < s.n; i++) empty[i] &= !(x[i] < 0 || x[i] > 0);
    }
}

/* Set the boxes to the channel's mean. */
void augment_cut_out(const struct part *p)
{
    const struct augment_work *w = p->w;
    const struct unit *u = p->u;
    const struct augment *a = &u->job->a;
    for (int k = 0; k < a->boxes; k++) {
        int from[3], side[3];
        for (int i = 0; i < 3; i++) {
            int n = w->patch[i];
            side[i] = (int)(a->box_side[k][i] * n + .5);
            side[i] = side[i] < 1 ? 1 : side[i];
            from[i] = (int)(a->box_at[k][i] * (n - side[i] + 1));
        }
        for (int d = from[0]; d < from[0] + side[0]; d++)
            for (int h = from[1]; h < from[1] + side[1]; h++) {
                float *row = u->x +
                    ((size_t)d * (size_t)w->patch[1] + (size_t)h) * (size_t)w->patch[2] +
                    (size_t)from[2];
                for (int i = 0; i < side[2]; i++) row[i] = (float)u->mean;
            }
    }
}

void augment_finish(const struct part *p)
{
    struct span s = span_of_part(p);
    const struct unit *u = p->u;
    float *out = u->home + s.first;
    if (out != s.x) memcpy(out, s.x, (size_t)s.n * sizeof *out);
    for (int i = 0; *u->beyond && i < s.n; i++) out[i] = s.labels[i] == BEYOND ? 0 : out[i];
    for (int i = 0; u->empty && i < s.n; i++) out[i] = u->empty[s.first + (size_t)i] ? 0 : out[i];
}

void augment_name_beyond(const struct part *p)
{
    struct span s = span_of_part(p);
    uint8_t *labels = p->u->job->labels + s.first;
    for (int i = 0; i < s.n; i++) labels[i] = labels[i] == BEYOND ? p->w->outside : labels[i];
}
