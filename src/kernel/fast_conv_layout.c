/* SPDX-License-Identifier: Apache-2.0 */
/* Weight and grid layouts for the tiles of the direct convolution. */
#include "kernel/fast_conv.h"

/* Four columns of eight rows: the vector halves are rows 0-3 and 4-7, transposed side by side. */
static void transpose_8x4(const float *from, float *to)
{
    __m256 r[4], a[4];
    for (int i = 0; i < 4; i++)
        r[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + i * LANES)),
            _mm_loadu_ps(from + (i + 4) * LANES), 1);
    a[0] = _mm256_unpacklo_ps(r[0], r[2]);
    a[1] = _mm256_unpackhi_ps(r[0], r[2]);
    a[2] = _mm256_unpacklo_ps(r[1], r[3]);
    a[3] = _mm256_unpackhi_ps(r[1], r[3]);
    _mm256_storeu_ps(to, _mm256_unpacklo_ps(a[0], a[2]));
    _mm256_storeu_ps(to + LANES, _mm256_unpackhi_ps(a[0], a[2]));
    _mm256_storeu_ps(to + 2 * LANES, _mm256_unpacklo_ps(a[1], a[3]));
    _mm256_storeu_ps(to + 3 * LANES, _mm256_unpackhi_ps(a[1], a[3]));
}

void transpose_blocks(const float *from, float *to, int count)
{
    for (; count > 0; count--, from += BLOCK, to += BLOCK)
        for (int c = 0; c < LANES; c += 8)
            for (int k = 0; k < LANES; k += 4)
                transpose_8x4(from + c * LANES + k, to + k * LANES + c);
}

void add_splits(const float *sums, int splits, size_t stride, size_t count, bool add, float *to)
{
    for (size_t i = 0; i < count; i += VEC_LANES) {
        vec sum = vec_load(sums + i);
        for (int s = 1; s < splits; s++)
            sum = vec_add(sum, vec_load(sums + (size_t)s * stride + i));
        vec_store(to + i, add ? vec_add(sum, vec_load(to + i)) : sum);
    }
}

struct splits {
    const float *sums;
    int splits;
    size_t count;
    bool add;
    float *to;
};

enum { SPLIT_PIECE = 4096 };

static void add_piece(void *arg, int task, int worker)
{
    const struct splits *p = arg;
    (void)worker;
    const size_t at = (size_t)task * SPLIT_PIECE,
                 count = p->count - at < SPLIT_PIECE ? p->count - at : SPLIT_PIECE;
    add_splits(p->sums + at, p->splits, p->count, count, p->add, p->to + at);
}

void add_all_splits(
    const float *sums, int splits, size_t count, bool add, float *to, struct pool *pool)
{
    struct splits p = {sums, splits, count, add, to};
    pool_run(pool, (int)divide_up_size(count, SPLIT_PIECE), add_piece, &p);
}

static struct shape reshaped(struct shape s, int rows)
{
    return (struct shape){s.n, s.c, 1, rows, (int)(shape_pixels(s) / (size_t)rows)};
}

struct conv longer_rows(const struct conv *c)
{
    enum { LONG_ENOUGH = 56 };
    struct conv flat = *c;
    const struct shape s = c->y.s;
    for (int i = 0; i < 3; i++)
        if (c->kernel[i] != 1 || c->stride[i] != 1 || c->pad[i] != 0) return flat;
    int rows = s.d * s.h, join = 1;
    while (join < rows && (rows % join != 0 || s.w * join < LONG_ENOUGH)) join++;
    for (int i = 0; i < c->nx; i++) flat.x[i].s = reshaped(c->x[i].s, rows / join);
    flat.y.s = reshaped(s, rows / join);
    return flat;
}
