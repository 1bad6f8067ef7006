/* SPDX-License-Identifier: Apache-2.0 */
/* Sums per channel, over the batch or per image, in two stages: a work-group sums a part of the
 * pixels of one block of channels; then a work-item adds the parts of a channel. */

/* The numbers that a work-group sums: dimension 0 counts parts, 1 blocks, 2 groups of images. */
struct share {
    int lane, row, rows, c, k; /* k: where the channel is in arrays of all groups */
    int image;                 /* the first */
    size_t from, till;         /* of images times pixels */
};
static struct share share_of(struct view v, int images)
{
    const int me = (int)get_local_id(0), part = (int)get_group_id(0),
              parts = (int)get_num_groups(0), block = (int)get_group_id(1),
              group = (int)get_group_id(2);
    const size_t all = pixels_of(v) * images;
    struct share s;
    s.lane = me % v.lanes;
    s.row = me / v.lanes;
    s.rows = GROUP / v.lanes;
    s.c = block * v.lanes + s.lane;
    s.k = group * padded_of(v) + s.c;
    s.image = group * images;
    s.from = part_from(all, part, parts);
    s.till = part_till(all, part, parts);
    return s;
}
/* A sum of this work-group's part, among `numbers` sums per channel: [part][k][number]. */
static void share_store(struct view v, struct share s, global wide *part, int numbers, int number,
    wide sum, local wide *room)
{
    const wide all = lane_sum(sum, v.lanes, room);
    const size_t channels = (size_t)padded_of(v) * get_num_groups(2);
    if ((int)get_local_id(0) < v.lanes)
        part[(get_group_id(0) * channels + s.k) * numbers + number] = all;
}
/* A loop over its pixels: `at` is the number's place. */
#define SHARE_LOOP(v, s)                                                                           \
    for (size_t i = s.from + s.row, pixels = pixels_of(v), image = i / pixels; i < s.till;         \
         i += s.rows, image = i / pixels)
#define SHARE_AT(v, s) index_of(v, s.image + (int)image, s.c, i - image * pixels)

/* Sums of x - shift and its square, where the shift is the channel's first number. */
static float shift_of(struct tensor x, struct share s)
{
    return tensor_read(x, index_of(x.v, s.image, s.c, 0));
}
KERNEL void moments_part(TENSOR(x), int images, AT(part))
{
    local wide room[GROUP];
    const struct tensor x = TENSOR_OPEN(x);
    const struct share s = share_of(x.v, images);
    const float shift = shift_of(x, s);
    wide sum = 0, squares = 0;
    SHARE_LOOP(x.v, s)
    {
        const wide d = wide_sum(tensor_read(x, SHARE_AT(x.v, s)), -shift);
        sum = wide_add(sum, d);
        squares = wide_add(squares, wide_multiply(d, d));
    }
    share_store(x.v, s, OPEN(wide, part), 2, 0, sum, room);
    share_store(x.v, s, OPEN(wide, part), 2, 1, squares, room);
}
/* A work-group per channel and group of images. each: 1 / count. */
KERNEL void moments_end(
    TENSOR(x), int images, wide each, AT(part), int parts, AT(mean), AT(var))
{
    local wide room[GROUP];
    const struct tensor x = TENSOR_OPEN(x);
    const int k = (int)get_group_id(0), channels = (int)get_num_groups(0), c = k % padded_of(x.v),
              group = k / padded_of(x.v);
    const global wide *part = OPEN(const wide, part) + k * 2;
    const wide sum = total_of(part, parts, channels * 2, room),
               squares = total_of(part + 1, parts, channels * 2, room);
    float mean = 0, var = 0;
    if (get_local_id(0) > 0) return;
    if (c < x.v.c) {
        const wide d = wide_multiply(sum, each);
        mean = wide_plus(d, tensor_read(x, index_of(x.v, group * images, c, 0))).x;
        var = wide_multiply(wide_add(squares, -wide_multiply(sum, d)), each).x;
    }
    OPEN(float, mean)[k] = mean;
    OPEN(float, var)[k] = var < 0 ? 0 : var;
}

KERNEL void norm_sums_part(TENSOR(x), TENSOR(dy), AT(scale), AT(shift), AT(mean), AT(rstd),
    int images, int act, AT(part))
{
    local wide room[GROUP];
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy);
    const struct share s = share_of(x.v, images);
    const float scale = OPEN(const float, scale)[s.k], shift = OPEN(const float, shift)[s.k];
    const float mean = OPEN(const float, mean)[s.k], rstd = OPEN(const float, rstd)[s.k];
    wide sum = 0, product = 0;
    if (s.c < x.v.c) {
        SHARE_LOOP(x.v, s)
        {
            const float v = tensor_read(x, SHARE_AT(x.v, s));
            const float dz =
                tensor_read(dy, SHARE_AT(dy.v, s)) * act_slope(v * scale + shift, act);
            sum = wide_plus(sum, dz);
            product = wide_add(product, wide_times(wide_sum(v, -mean), dz));
        }
    }
    share_store(x.v, s, OPEN(wide, part), 2, 0, sum, room);
    share_store(x.v, s, OPEN(wide, part), 2, 1, wide_times(product, rstd), room);
}

KERNEL void channel_sum_part(TENSOR(x), int images, AT(part))
{
    local wide room[GROUP];
    const struct tensor x = TENSOR_OPEN(x);
    const struct share s = share_of(x.v, images);
    wide sum = 0;
    if (s.c < x.v.c) {
        SHARE_LOOP(x.v, s) sum = wide_plus(sum, tensor_read(x, SHARE_AT(x.v, s)));
    }
    share_store(x.v, s, OPEN(wide, part), 1, 0, sum, room);
}

/* The total of every channel's `numbers` sums, 1 or 2; a work-group per channel. */
KERNEL void parts_end(AT(part), int parts, int numbers, AT(out), AT(second), int add)
{
    local wide room[GROUP];
    const int k = (int)get_group_id(0), step = (int)get_num_groups(0) * numbers;
    for (int number = 0; number < numbers; number++) {
        global float *to = number ? OPEN(float, second) : OPEN(float, out);
        const float sum =
            total_of(OPEN(const wide, part) + k * numbers + number, parts, step, room).x;
        if (get_local_id(0) == 0) to[k] = add ? to[k] + sum : sum;
    }
}

/* ---- small.h */
KERNEL void norm_fold(AT(n_mean), AT(n_rstd), AT(n_scale), AT(n_shift), int images, int channels,
    AT(mean), AT(var), AT(bias), AT(gamma), AT(beta), wide eps)
{
    const global float *bias = OPEN(const float, bias), *gamma = OPEN(const float, gamma),
                       *beta = OPEN(const float, beta);
    const int j = (int)get_global_id(0);
    if (j >= images * channels) return;
    const int c = j % channels;
    const wide one = (wide)(1, 0),
               rstd = wide_divide(one, wide_root(wide_plus(eps, OPEN(const float, var)[j]))),
               scale = gamma ? wide_times(rstd, gamma[c]) : rstd;
    const float mean = OPEN(const float, mean)[j] - (bias ? bias[c] : 0.0f);
    OPEN(float, n_mean)[j] = mean;
    OPEN(float, n_rstd)[j] = rstd.x;
    OPEN(float, n_scale)[j] = scale.x;
    OPEN(float, n_shift)[j] = wide_plus(wide_times(scale, -mean), beta ? beta[c] : 0.0f).x;
}

/* The shares of what runs, of the mean and of the variance. */
KERNEL void norm_track(AT(mean), AT(var), int channels, wide run, wide by_mean, wide by_var,
    AT(running_mean), AT(running_var), AT(batches))
{
    const int c = (int)get_global_id(0);
    global float *running_mean = OPEN(float, running_mean), *running_var = OPEN(float, running_var),
                 *batches = OPEN(float, batches);
    if (c == 0) { /* count_read, count_write */
        const long n = (long)batches[0] + (long)batches[1] * (1 << 20) + 1;
        batches[0] = (float)(n % (1 << 20));
        batches[1] = (float)(n / (1 << 20));
    }
    if (c >= channels) return;
    running_mean[c] = wide_add(
        wide_times(run, running_mean[c]), wide_times(by_mean, OPEN(const float, mean)[c])).x;
    running_var[c] = wide_add(
        wide_times(run, running_var[c]), wide_times(by_var, OPEN(const float, var)[c])).x;
}

/* each: 1 / count. */
KERNEL void norm_coefficients(AT(n_mean), AT(n_rstd), int images, int channels, wide each,
    AT(gamma), AT(sum_dz), AT(sum_dzx), AT(a), AT(b), AT(c), AT(dgamma), int add_gamma, AT(dbeta),
    int add_beta)
{
    const int k = (int)get_global_id(0);
    const global float *gamma = OPEN(const float, gamma), *sum_dz = OPEN(const float, sum_dz),
                       *sum_dzx = OPEN(const float, sum_dzx);
    global float *dgamma = OPEN(float, dgamma), *dbeta = OPEN(float, dbeta);
    wide dg = 0, db = 0;
    if (k >= channels) return;
    for (int i = 0; i < images; i++) {
        const int j = i * channels + k;
        const float rstd = OPEN(const float, n_rstd)[j], mean = OPEN(const float, n_mean)[j];
        const wide scale = wide_product(gamma ? gamma[k] : 1.0f, rstd),
                   share = wide_multiply(scale, each),
                   slope = wide_times(wide_times(share, rstd), sum_dzx[j]);
        OPEN(float, a)[j] = scale.x;
        OPEN(float, b)[j] = -slope.x;
        OPEN(float, c)[j] = wide_add(wide_times(slope, mean), wide_times(share, -sum_dz[j])).x;
        dg = wide_plus(dg, sum_dzx[j]);
        db = wide_plus(db, sum_dz[j]);
    }
    if (dgamma) dgamma[k] = wide_plus(dg, add_gamma ? dgamma[k] : 0.0f).x;
    if (dbeta) dbeta[k] = wide_plus(db, add_beta ? dbeta[k] : 0.0f).x;
}

/* ---- one number of all: prelu's slope. Dimension 0 counts parts of one image's planes. */
KERNEL void prelu_dslope_part(TENSOR(x), TENSOR(dy), AT(part))
{
    local wide room[GROUP];
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy);
    const size_t all = numbers_of(x.v);
    const int part = (int)get_group_id(0), parts = (int)get_num_groups(0);
    wide sum = 0;
    for (size_t i = part_from(all, part, parts) + get_local_id(0);
         i < part_till(all, part, parts); i += GROUP) {
        const float v = tensor_read(x, i); /* pads are zero */
        if (!(v > 0)) sum = wide_add(sum, wide_product(v, tensor_read(dy, i)));
    }
    sum = group_sum(sum, room);
    if (get_local_id(0) == 0) OPEN(wide, part)[part] = sum;
}
KERNEL void one_end(AT(part), int parts, AT(out), int add)
{
    local wide room[GROUP];
    global float *out = OPEN(float, out);
    const wide sum = total_of(OPEN(const wide, part), parts, 1, room);
    if (get_local_id(0) == 0) out[0] = wide_plus(sum, add ? out[0] : 0.0f).x;
}

/* ---- optim: flat arrays */
/* Of x times `scale`. */
KERNEL void sum_squares_part(AT(x), ulong n, float scale, AT(part))
{
    local wide room[GROUP];
    const global float *x = OPEN(const float, x);
    const int part = (int)get_group_id(0), parts = (int)get_num_groups(0);
    wide sum = 0;
    for (size_t i = part_from(n, part, parts) + get_local_id(0); i < part_till(n, part, parts);
         i += GROUP)
        sum = wide_add(sum, wide_product(x[i] * scale, x[i] * scale));
    sum = group_sum(sum, room);
    if (get_local_id(0) == 0) OPEN(wide, part)[part] = sum;
}
KERNEL void total_end(AT(part), int parts, AT(out))
{
    local wide room[GROUP];
    const wide sum = total_of(OPEN(const wide, part), parts, 1, room);
    if (get_local_id(0) == 0) OPEN(wide, out)[0] = sum;
}
