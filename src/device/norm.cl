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
static void share_store(struct view v, struct share s, global double *part, int numbers, int number,
    double sum, local double *room)
{
    const double all = lane_sum(sum, v.lanes, room);
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
kernel void moments_part(TENSOR(x), int images, AT(part))
{
    local double room[GROUP];
    const struct tensor x = TENSOR_OPEN(x);
    const struct share s = share_of(x.v, images);
    const double shift = shift_of(x, s);
    double sum = 0, squares = 0;
    SHARE_LOOP(x.v, s)
    {
        const double d = tensor_read(x, SHARE_AT(x.v, s)) - shift;
        sum += d;
        squares += d * d;
    }
    share_store(x.v, s, OPEN(double, part), 2, 0, sum, room);
    share_store(x.v, s, OPEN(double, part), 2, 1, squares, room);
}
/* A work-group per channel and group of images. */
kernel void moments_end(TENSOR(x), int images, AT(part), int parts, AT(mean), AT(var))
{
    local double room[GROUP];
    const struct tensor x = TENSOR_OPEN(x);
    const int k = (int)get_group_id(0), channels = (int)get_num_groups(0), c = k % padded_of(x.v),
              group = k / padded_of(x.v);
    const global double *part = OPEN(const double, part) + k * 2;
    const double count = (double)pixels_of(x.v) * images,
                 sum = total_of(part, parts, channels * 2, room),
                 squares = total_of(part + 1, parts, channels * 2, room);
    double mean = 0, var = 0;
    if (get_local_id(0) > 0) return;
    if (c < x.v.c) {
        mean = tensor_read(x, index_of(x.v, group * images, c, 0)) + sum / count;
        var = (squares - sum * (sum / count)) / count;
    }
    OPEN(float, mean)[k] = (float)mean;
    OPEN(float, var)[k] = (float)(var < 0 ? 0 : var);
}

kernel void norm_sums_part(TENSOR(x), TENSOR(dy), AT(scale), AT(shift), AT(mean), AT(rstd),
    int images, int act, AT(part))
{
    local double room[GROUP];
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy);
    const struct share s = share_of(x.v, images);
    const float scale = OPEN(const float, scale)[s.k], shift = OPEN(const float, shift)[s.k];
    const double mean = OPEN(const float, mean)[s.k], rstd = OPEN(const float, rstd)[s.k];
    double sum = 0, product = 0;
    if (s.c < x.v.c) {
        SHARE_LOOP(x.v, s)
        {
            const float v = tensor_read(x, SHARE_AT(x.v, s));
            const double dz =
                tensor_read(dy, SHARE_AT(dy.v, s)) * act_slope(v * scale + shift, act);
            sum += dz;
            product += dz * (v - mean);
        }
    }
    share_store(x.v, s, OPEN(double, part), 2, 0, sum, room);
    share_store(x.v, s, OPEN(double, part), 2, 1, product * rstd, room);
}

kernel void channel_sum_part(TENSOR(x), int images, AT(part))
{
    local double room[GROUP];
    const struct tensor x = TENSOR_OPEN(x);
    const struct share s = share_of(x.v, images);
    double sum = 0;
    if (s.c < x.v.c) {
        SHARE_LOOP(x.v, s) sum += tensor_read(x, SHARE_AT(x.v, s));
    }
    share_store(x.v, s, OPEN(double, part), 1, 0, sum, room);
}

/* The total of every channel's `numbers` sums, 1 or 2; a work-group per channel. */
kernel void parts_end(AT(part), int parts, int numbers, AT(out), AT(second), int add)
{
    local double room[GROUP];
    const int k = (int)get_group_id(0), step = (int)get_num_groups(0) * numbers;
    for (int number = 0; number < numbers; number++) {
        global float *to = number ? OPEN(float, second) : OPEN(float, out);
        const double sum =
            total_of(OPEN(const double, part) + k * numbers + number, parts, step, room);
        if (get_local_id(0) == 0) to[k] = add ? to[k] + (float)sum : (float)sum;
    }
}

/* ---- small.h */
kernel void norm_fold(AT(n_mean), AT(n_rstd), AT(n_scale), AT(n_shift), int images, int channels,
    AT(mean), AT(var), AT(bias), AT(gamma), AT(beta), double eps)
{
    const global float *bias = OPEN(const float, bias), *gamma = OPEN(const float, gamma),
                       *beta = OPEN(const float, beta);
    const int j = (int)get_global_id(0);
    if (j >= images * channels) return;
    const int c = j % channels;
    const double rstd = 1.0 / sqrt((double)OPEN(const float, var)[j] + eps),
                 scale = (gamma ? (double)gamma[c] : 1.0) * rstd;
    const float mean = OPEN(const float, mean)[j] - (bias ? bias[c] : 0.0f);
    OPEN(float, n_mean)[j] = mean;
    OPEN(float, n_rstd)[j] = (float)rstd;
    OPEN(float, n_scale)[j] = (float)scale;
    OPEN(float, n_shift)[j] = (float)((beta ? (double)beta[c] : 0.0) - (double)mean * scale);
}

kernel void norm_track(AT(mean), AT(var), int channels, double count, double momentum,
    AT(running_mean), AT(running_var), AT(batches))
{
    const int c = (int)get_global_id(0);
    global float *running_mean = OPEN(float, running_mean), *running_var = OPEN(float, running_var),
                 *batches = OPEN(float, batches);
    const double unbiased = count > 1 ? count / (count - 1) : 1;
    if (c == 0) { /* count_read, count_write */
        const long n = (long)batches[0] + (long)batches[1] * (1 << 20) + 1;
        batches[0] = (float)(n % (1 << 20));
        batches[1] = (float)(n / (1 << 20));
    }
    if (c >= channels) return;
    running_mean[c] = (float)((1 - momentum) * (double)running_mean[c] +
        momentum * (double)OPEN(const float, mean)[c]);
    running_var[c] = (float)((1 - momentum) * (double)running_var[c] +
        momentum * unbiased * (double)OPEN(const float, var)[c]);
}

kernel void norm_coefficients(AT(n_mean), AT(n_rstd), int images, int channels, double count,
    AT(gamma), AT(sum_dz), AT(sum_dzx), AT(a), AT(b), AT(c), AT(dgamma), int add_gamma, AT(dbeta),
    int add_beta)
{
    const int k = (int)get_global_id(0);
    const global float *gamma = OPEN(const float, gamma), *sum_dz = OPEN(const float, sum_dz),
                       *sum_dzx = OPEN(const float, sum_dzx);
    global float *dgamma = OPEN(float, dgamma), *dbeta = OPEN(float, dbeta);
    double dg = 0, db = 0;
    if (k >= channels) return;
    for (int i = 0; i < images; i++) {
        const int j = i * channels + k;
        const double rstd = OPEN(const float, n_rstd)[j],
                     scale = (gamma ? (double)gamma[k] : 1.0) * rstd,
                     slope = scale * rstd * (double)sum_dzx[j] / count;
        const double mean = OPEN(const float, n_mean)[j];
        OPEN(float, a)[j] = (float)scale;
        OPEN(float, b)[j] = (float)-slope;
        OPEN(float, c)[j] = (float)(slope * mean - scale * (double)sum_dz[j] / count);
        dg += (double)sum_dzx[j];
        db += (double)sum_dz[j];
    }
    if (dgamma) dgamma[k] = (float)(dg + (add_gamma ? (double)dgamma[k] : 0.0));
    if (dbeta) dbeta[k] = (float)(db + (add_beta ? (double)dbeta[k] : 0.0));
}

/* ---- one number of all: prelu's slope. Dimension 0 counts parts of one image's planes. */
kernel void prelu_dslope_part(TENSOR(x), TENSOR(dy), AT(part))
{
    local double room[GROUP];
    const struct tensor x = TENSOR_OPEN(x), dy = TENSOR_OPEN(dy);
    const size_t all = numbers_of(x.v);
    const int part = (int)get_group_id(0), parts = (int)get_num_groups(0);
    double sum = 0;
    for (size_t i = part_from(all, part, parts) + get_local_id(0);
         i < part_till(all, part, parts); i += GROUP) {
        const float v = tensor_read(x, i); /* pads are zero */
        if (!(v > 0)) sum += (double)v * (double)tensor_read(dy, i);
    }
    sum = group_sum(sum, room);
    if (get_local_id(0) == 0) OPEN(double, part)[part] = sum;
}
kernel void one_end(AT(part), int parts, AT(out), int add)
{
    local double room[GROUP];
    global float *out = OPEN(float, out);
    const double sum = total_of(OPEN(const double, part), parts, 1, room);
    if (get_local_id(0) == 0) out[0] = (float)(sum + (add ? (double)out[0] : 0.0));
}

/* ---- optim: flat arrays */
kernel void sum_squares_part(AT(x), ulong n, AT(part))
{
    local double room[GROUP];
    const global float *x = OPEN(const float, x);
    const int part = (int)get_group_id(0), parts = (int)get_num_groups(0);
    double sum = 0;
    for (size_t i = part_from(n, part, parts) + get_local_id(0); i < part_till(n, part, parts);
         i += GROUP)
        sum += (double)x[i] * (double)x[i];
    sum = group_sum(sum, room);
    if (get_local_id(0) == 0) OPEN(double, part)[part] = sum;
}
kernel void total_end(AT(part), int parts, AT(out))
{
    local double room[GROUP];
    const double sum = total_of(OPEN(const double, part), parts, 1, room);
    if (get_local_id(0) == 0) OPEN(double, out)[0] = sum;
}
