/* SPDX-License-Identifier: Apache-2.0 */
/* Per-channel reductions: moments, the sums of normalisation's backward pass, bias gradients. A
 * piece of a plane gives a partial result per lane; the caller merges them in double in (block,
 * image, piece) order, a limited number at a time, for the stack. A piece fits L1: moments pass
 * over it twice, which keeps precision for a large mean, and merge by Chan, Golub, LeVeque
 * (1979). */
#include <string.h>

#include "kernel/fast.h"
#include "kernel/fast_map.h"

enum { SHORT_PIECE = 8192, TOGETHER = 4 /* pieces per task */, SLOTS = 256, PARTS = 2 };

struct partial {
    double v[PARTS][LANES]; /* planar: [..][0] only */
};

struct sums {
    const struct tensor *x, *dy;
    const float *scale, *shift, *mean, *rstd;
    enum act act;
    bool per_image, add;
    float *out[PARTS];
    size_t size;        /* per plane */
    int planes, pieces; /* of one plane */
    void (*piece)(
        const struct sums *s, int image, int block, size_t at, size_t count, struct partial *out);
    void (*merge)(struct partial *total, double before, const struct partial *p, double count);
    void (*finish)(const struct sums *s, const struct partial *total, double count, size_t first,
        size_t lanes);
    struct partial *slots;
    int first, round; /* in this round */
};

/* Piece k in (block, image, piece) order: its plane. */
static int sums_plane_of(const struct sums *s, int k)
{
    int order = k / s->pieces, images = s->x->s.n;
    return order % images * tensor_blocks(s->x) + order / images;
}

static size_t count_of(const struct sums *s, int k)
{
    size_t from = (size_t)(k % s->pieces) * SHORT_PIECE;
    return s->size - from < SHORT_PIECE ? s->size - from : SHORT_PIECE;
}

static void fast_sums_task(void *arg, int task, int worker)
{
    (void)worker;
    const struct sums *s = arg;
    int blocks = tensor_blocks(s->x);
    for (int i = task * TOGETHER; i < (task + 1) * TOGETHER && i < s->round; i++) {
        int k = s->first + i, plane = sums_plane_of(s, k);
        size_t at = (size_t)plane * s->size + (size_t)(k % s->pieces) * SHORT_PIECE;
        s->piece(s, plane / blocks, plane % blocks, at, count_of(s, k), &s->slots[i]);
    }
}

/* Merges a round; total and count continue until a group of pieces is complete. */
static void merge_round(const struct sums *s, struct partial *total, double *count)
{
    int group = s->pieces * (s->per_image ? 1 : s->x->s.n), blocks = tensor_blocks(s->x);
    size_t lanes = (size_t)s->x->lanes;
    for (int i = 0; i < s->round; i++) {
        int k = s->first + i, plane = sums_plane_of(s, k);
        double more = (double)(count_of(s, k) / lanes);
        s->merge(total, *count, &s->slots[i], more);
        *count += more;
        if ((k + 1) % group) continue;
        int first_block = s->per_image ? plane : plane % blocks; /* of the output arrays */
        s->finish(s, total, *count, (size_t)first_block * lanes, lanes);
        memset(total, 0, sizeof *total);
        *count = 0;
    }
}

static void run_sums(struct sums *s, struct pool *pool)
{
    struct partial slots[SLOTS], total;
    double count = 0;
    s->slots = slots;
    s->size = tensor_block_size(s->x);
    s->planes = s->x->s.n * tensor_blocks(s->x);
    s->pieces = (int)((s->size + SHORT_PIECE - 1) / SHORT_PIECE);
    memset(&total, 0, sizeof total);
    for (s->first = 0; s->first < s->planes * s->pieces; s->first += s->round) {
        int left = s->planes * s->pieces - s->first;
        s->round = left < SLOTS ? left : SLOTS;
        pool_run(pool, (s->round + TOGETHER - 1) / TOGETHER, fast_sums_task, s);
        merge_round(s, &total, &count);
    }
}

/* A piece's registers. */
struct walk {
    const void *x, *dy;
    vec mean[BLOCK_VECS], scale[BLOCK_VECS], shift[BLOCK_VECS];
    vec sum[PARTS][CHAINS][BLOCK_VECS];
    enum act act;
    bool half;
};

INLINE void clear_sums(struct walk *w)
{
    UNROLL for (size_t c = 0; c < CHAINS; c++)
    {
        UNROLL for (size_t v = 0; v < BLOCK_VECS; v++) w->sum[0][c][v] = w->sum[1][c][v] =
            vec_zero();
    }
}

INLINE void walk_over(size_t count, vec_fn *one, struct walk *w, bool half)
{
    struct walk own = *w;
    clear_sums(&own);
    if (half) {
        own.half = true;
        each_vec(count, one, &own);
    } else {
        own.half = false;
        each_vec(count, one, &own);
    }
    *w = own;
}

/* One sum's chains, by lane; of a planar tensor, all lanes in out[0]. */
INLINE void collect(const struct walk *w, int part, int lanes, double out[LANES])
{
    double together = 0;
    for (size_t v = 0; v < BLOCK_VECS; v++) {
        float lane[VEC_LANES];
        vec_store(lane,
            vec_add(vec_add(w->sum[part][0][v], w->sum[part][1][v]),
                vec_add(w->sum[part][2][v], w->sum[part][3][v])));
        for (size_t i = 0; i < VEC_LANES; i++) {
            out[v * VEC_LANES + i] = (double)lane[i];
            together += (double)lane[i];
        }
    }
    if (lanes == 1) out[0] = together;
}

INLINE void sum_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    struct walk *w = arg;
    w->sum[0][chain][half] = vec_add(w->sum[0][chain][half], map_get(w->x, at, lanes, w->half));
}

/* Deviations from a number near the mean, and their squares. */
INLINE void deviation_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    struct walk *w = arg;
    vec d = vec_sub(map_get(w->x, at, lanes, w->half), w->mean[half]);
    if (lanes != VEC_LANES) d = vec_keep(mask_first(lanes), d);
    w->sum[0][chain][half] = vec_add(w->sum[0][chain][half], d);
    w->sum[1][chain][half] = vec_fma(d, d, w->sum[1][chain][half]);
}

/* out: mean and sum of squared deviations. */
static void moments_piece(
    const struct sums *s, int image, int block, size_t at, size_t count, struct partial *out)
{
    (void)image, (void)block;
    struct walk w = {.x = tensor_at(s->x, at)};
    double pixels = (double)count / s->x->lanes, sum[LANES];
    float mean[LANES];
    walk_over(count, sum_vec, &w, s->x->half);
    collect(&w, 0, s->x->lanes, sum);
    for (int i = 0; i < LANES; i++) mean[i] = (float)(sum[s->x->lanes == 1 ? 0 : i] / pixels);
    for (size_t v = 0; v < BLOCK_VECS; v++) w.mean[v] = vec_load(mean + v * VEC_LANES);
    walk_over(count, deviation_vec, &w, s->x->half);
    collect(&w, 0, s->x->lanes, out->v[0]);
    collect(&w, 1, s->x->lanes, out->v[1]);
    for (int i = 0; i < s->x->lanes; i++) {
        double off = out->v[0][i] / pixels;
        out->v[1][i] -= off * out->v[0][i];
        out->v[0][i] = (double)mean[i] + off;
    }
}

static void merge_moments(
    struct partial *total, double before, const struct partial *p, double count)
{
    for (int i = 0; i < LANES; i++) {
        double difference = p->v[0][i] - total->v[0][i], all = before + count;
        total->v[0][i] += difference * (count / all);
        total->v[1][i] += p->v[1][i] + difference * difference * (before * (count / all));
    }
}

static void finish_moments(
    const struct sums *s, const struct partial *total, double count, size_t first, size_t lanes)
{
    for (size_t i = 0; i < lanes; i++) {
        double squares = total->v[1][i] < 0 ? 0 : total->v[1][i];
        s->out[0][first + i] = (float)total->v[0][i];
        s->out[1][first + i] = (float)(squares / count);
    }
}

static void sums_moments(
    const struct tensor *x, bool per_image, float *mean, float *var, struct pool *pool)
{
    struct sums s = {.x = x,
        .per_image = per_image,
        .out = {mean, var},
        .piece = moments_piece,
        .merge = merge_moments,
        .finish = finish_moments};
    run_sums(&s, pool);
}

INLINE void norm_sums_vec(void *arg, size_t at, size_t lanes, size_t half, size_t chain)
{
    struct walk *w = arg;
    vec x = map_get(w->x, at, lanes, w->half),
        z = vec_add(vec_mul(x, w->scale[half]), w->shift[half]);
    vec dz = vec_act_dx(map_get(w->dy, at, lanes, w->half), z, w->act);
    w->sum[0][chain][half] = vec_add(w->sum[0][chain][half], dz);
    w->sum[1][chain][half] = vec_fma(dz, vec_sub(x, w->mean[half]), w->sum[1][chain][half]);
}

INLINE void norm_sums_stretch(const enum act act, const bool half, struct walk w, size_t count,
    int lanes, struct partial *out)
{
    w.act = act;
    w.half = half;
    clear_sums(&w);
    each_vec(count, norm_sums_vec, &w);
    collect(&w, 0, lanes, out->v[0]);
    collect(&w, 1, lanes, out->v[1]);
}

static void norm_sums_piece(
    const struct sums *s, int image, int block, size_t at, size_t count, struct partial *out)
{
    struct walk w = {.x = tensor_at(s->x, at), .dy = tensor_at(s->dy, at)};
    load_coef(s->scale, s->x, image, block, s->per_image, w.scale);
    load_coef(s->shift, s->x, image, block, s->per_image, w.shift);
    load_coef(s->mean, s->x, image, block, s->per_image, w.mean);
    BY_ACT_HALF(s->act, s->x->half, norm_sums_stretch, w, count, s->x->lanes, out)
}

static void merge_sums(struct partial *total, double before, const struct partial *p, double count)
{
    (void)before, (void)count;
    for (int j = 0; j < PARTS; j++)
        for (int i = 0; i < LANES; i++) total->v[j][i] += p->v[j][i];
}

static void finish_norm_sums(
    const struct sums *s, const struct partial *total, double count, size_t first, size_t lanes)
{
    (void)count;
    size_t padded = (size_t)tensor_padded(s->x);
    for (size_t i = 0; i < lanes; i++) {
        bool pad = (first + i) % padded >= (size_t)s->x->s.c;
        s->out[0][first + i] = pad ? 0 : (float)total->v[0][i];
        s->out[1][first + i] = pad ? 0 : (float)(total->v[1][i] * (double)s->rstd[first + i]);
    }
}

static void sums_norm_sums(const struct tensor *x, const struct tensor *dy, const float *scale,
    const float *shift, const float *mean, const float *rstd, bool per_image, enum act act,
    float *sum_dz, float *sum_dzx, struct pool *pool)
{
    struct sums s = {.x = x,
        .dy = dy,
        .scale = scale,
        .shift = shift,
        .mean = mean,
        .rstd = rstd,
        .act = act,
        .per_image = per_image,
        .out = {sum_dz, sum_dzx},
        .piece = norm_sums_piece,
        .merge = merge_sums,
        .finish = finish_norm_sums};
    run_sums(&s, pool);
}

static void channel_sum_piece(
    const struct sums *s, int image, int block, size_t at, size_t count, struct partial *out)
{
    (void)image, (void)block;
    struct walk w = {.x = tensor_at(s->x, at)};
    walk_over(count, sum_vec, &w, s->x->half);
    memset(out, 0, sizeof *out);
    collect(&w, 0, s->x->lanes, out->v[0]);
}

static void finish_channel_sum(
    const struct sums *s, const struct partial *total, double count, size_t first, size_t lanes)
{
    (void)count;
    for (size_t i = 0; i < lanes; i++)
        s->out[0][first + i] = (s->add ? s->out[0][first + i] : 0) + (float)total->v[0][i];
}

static void sums_channel_sum(const struct tensor *x, float *out, bool add, struct pool *pool)
{
    struct sums s = {.x = x,
        .add = add,
        .out = {out},
        .piece = channel_sum_piece,
        .merge = merge_sums,
        .finish = finish_channel_sum};
    run_sums(&s, pool);
}

void fast_sums_fill(struct kernels *k)
{
    k->moments = sums_moments;
    k->norm_sums = sums_norm_sums;
    k->channel_sum = sums_channel_sum;
}
