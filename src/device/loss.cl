/* SPDX-License-Identifier: Apache-2.0 */
/* Losses per pixel. Logits are planar; a work-item has a pixel of an image. Terms are computed in
 * float from differences to the largest logit, and added as wide numbers. */

#define INPUT TENSOR(logits), AT(label), AT(region), AT(weight)
struct input {
    const global float *z; /* of this image */
    const global ulong *region;
    const global float *weight;
    const global uchar *label;
    int channels;
    size_t pixels;
};
#define INPUT_OPEN(image)                                                                          \
    {                                                                                              \
        OPEN(const float, logits) + (size_t)(image)*image_of(logits_view),                         \
            OPEN(const ulong, region), OPEN(const float, weight),                                  \
            OPEN(const uchar, label) + (size_t)(image)*pixels_of(logits_view), logits_view.c,      \
            pixels_of(logits_view)                                                                 \
    }

static bool valid_label(struct input in, int label)
{
    return label != 255 && (in.region || label < in.channels);
}
static int target_of(struct input in, int label, int k)
{
    return in.region ? (int)(in.region[k * 4 + (label >> 6)] >> (label & 63) & 1) : k == label;
}
static float weight_of(struct input in, int k) { return in.weight ? in.weight[k] : 1.0f; }
static float logit(struct input in, int k, size_t i) { return in.z[k * in.pixels + i]; }

struct softmax {
    float top, sum;
};
static struct softmax softmax_of(struct input in, size_t i)
{
    struct softmax s = {logit(in, 0, i), 0};
    for (int k = 1; k < in.channels; k++) s.top = fmax(s.top, logit(in, k, i));
    for (int k = 0; k < in.channels; k++) s.sum += exp(logit(in, k, i) - s.top);
    return s;
}
static float sigmoid_of(float x)
{
    const float e = exp(-fabs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}
static float probability(struct input in, struct softmax s, int k, size_t i)
{
    const float v = logit(in, k, i);
    return in.region ? sigmoid_of(v) : exp(v - s.top) / s.sum;
}
/* What the pixel adds to the divisor. */
static float below_of(struct input in, int label)
{
    return in.region ? (float)in.channels : weight_of(in, label);
}

static wide entropy(struct input in, size_t i, int label)
{
    wide sum = 0;
    if (!in.region) {
        const struct softmax s = softmax_of(in, i);
        return wide_times(
            wide_sum(s.top - logit(in, label, i), log(s.sum)), weight_of(in, label));
    }
    for (int k = 0; k < in.channels; k++) {
        const float v = logit(in, k, i), first = target_of(in, label, k) ? fmax(-v, 0.0f)
                                                                         : fmax(v, 0.0f);
        sum = wide_add(
            sum, wide_times(wide_sum(first, log1p(exp(-fabs(v)))), weight_of(in, k)));
    }
    return sum;
}

/* Focal loss (ref_focal.c). */
struct truth {
    float a, p, u, nll;
};
static float focal_power(float u, float gamma)
{
    return gamma > 0 ? (u > 0 ? pow(u, gamma) : u) : 1.0f;
}
static float focal_term(struct truth t, float gamma)
{
    return t.a * focal_power(t.u, gamma) * t.nll;
}
static float focal_slope(struct truth t, float gamma)
{
    return t.a * focal_power(t.u, gamma) * (1 + gamma * t.p * (t.u > 0 ? t.nll / t.u : 1.0f));
}
static struct truth focal_class(
    struct input in, struct softmax s, size_t i, int label, float2 balance)
{
    const float z = logit(in, label, i);
    float others = 0;
    for (int k = 0; k < in.channels; k++)
        if (k != label) others += exp(logit(in, k, i) - s.top);
    struct truth t = {weight_of(in, label) * (label > 0 ? balance.y : balance.x),
        exp(z - s.top) / s.sum, others / s.sum, 0};
    t.nll = t.u < t.p ? log1p(t.u / t.p) : s.top - z + log(s.sum);
    return t;
}
static struct truth focal_region(struct input in, size_t i, int label, int k, float2 balance)
{
    const int target = target_of(in, label, k);
    const float v = logit(in, k, i), z = target ? v : -v;
    return (struct truth){weight_of(in, k) * (target ? balance.y : balance.x), sigmoid_of(z),
        sigmoid_of(-z), fmax(-z, 0.0f) + log1p(exp(-fabs(z)))};
}
static wide focal_pixel(struct input in, size_t i, int label, float gamma, float2 balance)
{
    wide sum = 0;
    if (!in.region)
        return (wide)(focal_term(focal_class(in, softmax_of(in, i), i, label, balance), gamma), 0);
    for (int k = 0; k < in.channels; k++)
        sum = wide_plus(sum, focal_term(focal_region(in, i, label, k, balance), gamma));
    return sum;
}
static wide field_pixel(struct input in, struct softmax s, size_t i, const global float *field)
{
    wide sum = 0;
    for (int k = 0; k < in.channels; k++)
        sum = wide_add(sum, wide_product(probability(in, s, k, i), field[k * in.pixels + i]));
    return sum;
}

/* ---- sums: dimension 0 counts parts of an image, 1 images. [part][image][2]: terms, divisor */
enum { KIND_BELOW, KIND_ENTROPY, KIND_FOCAL, KIND_FIELD };
KERNEL void loss_part(INPUT, AT(field), int kind, float gamma, float2 balance, AT(out))
{
    local wide room[GROUP];
    const int part = (int)get_group_id(0), parts = (int)get_num_groups(0),
              image = (int)get_group_id(1);
    const struct input in = INPUT_OPEN(image);
    const global float *field = OPEN(const float, field);
    wide sum = 0, below = 0;
    for (size_t i = part_from(in.pixels, part, parts) + get_local_id(0);
         i < part_till(in.pixels, part, parts); i += GROUP) {
        const int label = in.label[i];
        if (!valid_label(in, label)) continue;
        below = wide_plus(below, below_of(in, label));
        if (kind == KIND_ENTROPY) sum = wide_add(sum, entropy(in, i, label));
        if (kind == KIND_FOCAL) sum = wide_add(sum, focal_pixel(in, i, label, gamma, balance));
        if (kind == KIND_FIELD)
            sum = wide_add(sum,
                field_pixel(in, softmax_of(in, i), i,
                    field + (size_t)image * image_of(logits_view)));
    }
    sum = group_sum(sum, room);
    below = group_sum(below, room);
    if (get_local_id(0) == 0) {
        global wide *out = OPEN(wide, out) + ((size_t)part * get_num_groups(1) + image) * 2;
        out[0] = sum;
        out[1] = below;
    }
}
/* total[0], total[1]: the sums. *loss, unless NULL: their quotient, with *given for the divisor if
 * `plain` is 0; plain: the sum itself. */
KERNEL void loss_end(AT(part), int parts, AT(total), AT(given), int own, AT(loss))
{
    local wide room[GROUP];
    const wide sum = total_of(OPEN(const wide, part), parts, 2, room),
               own_below = total_of(OPEN(const wide, part) + 1, parts, 2, room);
    const global wide *given = OPEN(const wide, given);
    global wide *total = OPEN(wide, total);
    global float *loss = OPEN(float, loss);
    if (get_local_id(0) > 0) return;
    const wide below = own ? own_below : given ? given[0] : (wide)(1, 0);
    total[0] = sum;
    total[1] = own_below;
    if (loss) loss[0] = below.x > 0 ? wide_divide(sum, below).x : 0.0f;
}

/* ---- pixels: dimension 1 counts images */
#define PIXEL                                                                                      \
    const size_t i = get_global_id(0);                                                             \
    const int image = (int)get_global_id(1);                                                       \
    const struct input in = INPUT_OPEN(image);                                                     \
    if (i >= in.pixels) return;                                                                    \
    const int label = in.label[i];                                                                 \
    const bool valid = valid_label(in, label)
/* dx at a channel of this pixel. */
#define GRADIENT(k, value)                                                                         \
    tensor_put(dx, (size_t)image * image_of(dx.v) + (size_t)(k)*in.pixels + i, value, add)

KERNEL void entropy_map(INPUT, AT(map))
{
    PIXEL;
    OPEN(float, map)[image * in.pixels + i] = valid ? entropy(in, i, label).x : -1.0f;
}

KERNEL void entropy_dx(INPUT, AT(total), AT(seed), TENSOR(dx), int add)
{
    const struct tensor dx = TENSOR_OPEN(dx);
    const float below = OPEN(const wide, total)[1].x;
    PIXEL;
    const bool counts = valid && below > 0;
    struct softmax s = {0, 1};
    if (counts && !in.region) s = softmax_of(in, i);
    for (int k = 0; k < in.channels; k++) {
        float g = 0;
        if (counts)
            g = OPEN(const float, seed)[0] / below * weight_of(in, in.region ? k : label) *
                (probability(in, s, k, i) - target_of(in, label, k));
        GRADIENT(k, g);
    }
}

KERNEL void focal_dx(
    INPUT, float gamma, float2 balance, AT(total), AT(seed), TENSOR(dx), int add)
{
    const struct tensor dx = TENSOR_OPEN(dx);
    const float below = OPEN(const wide, total)[1].x;
    PIXEL;
    const bool counts = valid && below > 0;
    struct softmax s = {0, 1};
    struct truth t = {0, 0, 0, 0};
    if (counts && !in.region) {
        s = softmax_of(in, i);
        t = focal_class(in, s, i, label, balance);
    }
    for (int k = 0; k < in.channels; k++) {
        float g = 0;
        if (counts) {
            if (in.region) t = focal_region(in, i, label, k, balance);
            const float by = target_of(in, label, k) ? -t.u
                : in.region                          ? t.u
                                                     : probability(in, s, k, i);
            g = focal_slope(t, gamma) * by * (OPEN(const float, seed)[0] / below);
        }
        GRADIENT(k, g);
    }
}

KERNEL void overlap_dx(INPUT, AT(slopes), AT(seed), TENSOR(dx), int add)
{
    const struct tensor dx = TENSOR_OPEN(dx);
    PIXEL;
    const global wide *slope = OPEN(const wide, slopes) + (size_t)image * in.channels * 2;
    struct softmax s = {0, 1};
    wide mean = 0;
    if (valid && !in.region) {
        s = softmax_of(in, i);
        for (int k = 0; k < in.channels; k++)
            mean = wide_add(mean,
                wide_times(slope[2 * k + target_of(in, label, k)], probability(in, s, k, i)));
    }
    for (int k = 0; k < in.channels; k++) {
        float g = 0;
        if (valid) {
            const float p = probability(in, s, k, i);
            const wide by_p = slope[2 * k + target_of(in, label, k)];
            g = OPEN(const float, seed)[0] * p *
                (in.region ? (1 - p) * by_p.x : wide_add(by_p, -mean).x);
        }
        GRADIENT(k, g);
    }
}

KERNEL void soft(INPUT, TENSOR(p))
{
    const struct tensor dx = TENSOR_OPEN(p);
    const int add = 0;
    PIXEL;
    const struct softmax s = softmax_of(in, i);
    for (int k = 0; k < in.channels; k++)
        GRADIENT(k, valid ? probability(in, s, k, i) : 0.0f);
}

KERNEL void field_dx(INPUT, AT(field), AT(below), AT(seed), TENSOR(dx), int add)
{
    const struct tensor dx = TENSOR_OPEN(dx);
    const global wide *below = OPEN(const wide, below);
    const float seed = OPEN(const float, seed)[0],
                scale = !below ? seed : below[0].x > 0 ? seed / below[0].x : 0.0f;
    PIXEL;
    const global float *field = OPEN(const float, field) + (size_t)image * image_of(logits_view);
    const struct softmax s = softmax_of(in, i);
    const wide mean = valid && !in.region ? field_pixel(in, s, i, field) : (wide)0;
    for (int k = 0; k < in.channels; k++) {
        float g = 0;
        if (valid) {
            const float p = probability(in, s, k, i), price = field[k * in.pixels + i];
            g = scale * p * (in.region ? (1 - p) * price : wide_plus(-mean, price).x);
        }
        GRADIENT(k, g);
    }
}

/* ---- overlaps: parts of an image, images, and CHUNK channels. [part][image][channel][3] */
enum { CHUNK = 8 };
KERNEL void overlap_part(INPUT, AT(out))
{
    local wide room[GROUP];
    const int part = (int)get_group_id(0), parts = (int)get_num_groups(0),
              image = (int)get_group_id(1), first = (int)get_group_id(2) * CHUNK;
    const struct input in = INPUT_OPEN(image);
    wide both[CHUNK], all[CHUNK];
    int count[CHUNK];
    for (int j = 0; j < CHUNK; j++) {
        both[j] = all[j] = 0;
        count[j] = 0;
    }
    for (size_t i = part_from(in.pixels, part, parts) + get_local_id(0);
         i < part_till(in.pixels, part, parts); i += GROUP) {
        const int label = in.label[i];
        if (!valid_label(in, label)) continue;
        const struct softmax s = softmax_of(in, i);
        for (int j = 0; j < CHUNK; j++) {
            if (first + j >= in.channels) continue;
            const float p = probability(in, s, first + j, i);
            const int t = target_of(in, label, first + j);
            both[j] = wide_plus(both[j], t ? p : 0.0f);
            all[j] = wide_plus(all[j], p);
            count[j] += t;
        }
    }
    for (int j = 0; j < CHUNK; j++) {
        const wide b = group_sum(both[j], room), a = group_sum(all[j], room),
                   t = group_sum((wide)(count[j], 0), room);
        if (get_local_id(0) == 0 && first + j < in.channels) {
            global wide *out = OPEN(wide, out) +
                (((size_t)part * get_num_groups(1) + image) * in.channels + first + j) * 3;
            out[0] = b;
            out[1] = a;
            out[2] = t;
        }
    }
}
/* out[i] = the sum of part[p][i]; a work-group per number. */
KERNEL void columns_end(AT(part), int parts, AT(out))
{
    local wide room[GROUP];
    const int i = (int)get_group_id(0);
    const wide sum = total_of(OPEN(const wide, part) + i, parts, (int)get_num_groups(0), room);
    if (get_local_id(0) == 0) OPEN(wide, out)[i] = sum;
}

/* y[0] = the sum so far and weight * x[0]. */
KERNEL void weighted(AT(x), float weight, AT(sum), int first, AT(y))
{
    global wide *sum = OPEN(wide, sum);
    if (get_global_id(0) > 0) return;
    const wide s =
        wide_add(first ? (wide)0 : sum[0], wide_product(weight, OPEN(const float, x)[0]));
    sum[0] = s;
    OPEN(float, y)[0] = s.x;
}
KERNEL void weighted_dx(AT(dy), float weight, AT(dx), int add)
{
    global float *dx = OPEN(float, dx);
    if (get_global_id(0) > 0) return;
    const float d = weight * OPEN(const float, dy)[0];
    dx[0] = add ? dx[0] + d : d;
}
