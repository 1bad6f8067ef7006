/* SPDX-License-Identifier: Apache-2.0 */
/* Losses per pixel. */
#include "device/device_kernels.h"

/* Of loss_part in loss.cl. */
enum kind { KIND_BELOW, KIND_ENTROPY, KIND_FOCAL, KIND_FIELD };

static void loss_input(struct launch *l, const struct loss_input *in)
{
    const size_t channels = (size_t)in->logits.s.c;
    launch_args(l, &in->logits, in->label);
    launch_constant(l, in->region, channels * sizeof *in->region);
    launch_constant(l, in->weight, channels * sizeof *in->weight);
}

static struct launch loss_launch(const char *kernel, const struct loss_input *in)
{
    struct launch l = launch_of("loss", kernel, NULL);
    loss_input(&l, in);
    return l;
}

static void loss_focal(struct launch *l, const struct focal *f)
{
    const float balance[2] = {f ? (float)f->balance[0] : 0, f ? (float)f->balance[1] : 0};
    launch_float(l, f ? (float)f->gamma : 0);
    launch_value(l, balance, sizeof balance);
}

/* A work-item per pixel. */
static void loss_pixels(struct launch *l, const struct loss_input *in)
{
    struct tensor t = in->logits;
    t.s.c = 1;
    launch_elements(l, &t);
}

/* Two numbers, borrowed: the sum of terms, and of what they are divided by; and the loss, unless
 * NULL. */
struct loss_sum {
    enum kind kind;
    const struct focal *focal;
    const struct tensor *field;
    const double *below; /* of fields */
    real *loss;
};
static const double *loss_borrow(const struct loss_input *in, const struct loss_sum *s)
{
    const size_t each = device_parts(shape_pixels(in->logits.s)),
                 parts = each * (size_t)in->logits.s.n;
    double *part = launch_borrow((parts + 1) * 2 * sizeof *part);
    struct launch l = loss_launch("loss_part", in);
    launch_args(&l, s->field ? s->field->p : NULL, (int)s->kind);
    loss_focal(&l, s->focal);
    launch_at(&l, part);
    launch_groups(&l, each, (size_t)in->logits.s.n, 1);
    l = launch_of("loss", "loss_end", NULL);
    launch_args(&l, part, (int)parts, part ? part + 2 * parts : NULL, s->below,
        s->kind != KIND_FIELD, s->loss);
    launch_groups(&l, 1, 1, 1);
    return part ? part + 2 * parts : NULL;
}

static void loss_gradient(struct launch *l, const struct loss_input *in, const real *seed,
    const struct tensor *dx, bool add)
{
    launch_args(l, seed, dx, add);
    loss_pixels(l, in);
}

static void device_cross_entropy(const struct loss_input *in, real *loss, struct pool *pool)
{
    (void)pool;
    loss_borrow(in, &(struct loss_sum){.kind = KIND_ENTROPY, .loss = loss});
    launch_return();
}

static void device_cross_entropy_dx(const struct loss_input *in, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const double *total = loss_borrow(in, &(struct loss_sum){.kind = KIND_BELOW});
    struct launch l = loss_launch("entropy_dx", in);
    launch_at(&l, total);
    loss_gradient(&l, in, seed, dx, add);
    launch_return();
}

static void device_cross_entropy_map(const struct loss_input *in, real *map, struct pool *pool)
{
    (void)pool;
    struct launch l = loss_launch("entropy_map", in);
    launch_at(&l, map);
    loss_pixels(&l, in);
}

static void device_focal(
    const struct loss_input *in, const struct focal *f, real *loss, struct pool *pool)
{
    (void)pool;
    loss_borrow(in, &(struct loss_sum){.kind = KIND_FOCAL, .focal = f, .loss = loss});
    launch_return();
}

static void device_focal_dx(const struct loss_input *in, const struct focal *f, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    const double *total = loss_borrow(in, &(struct loss_sum){.kind = KIND_BELOW});
    struct launch l = loss_launch("focal_dx", in);
    loss_focal(&l, f);
    launch_at(&l, total);
    loss_gradient(&l, in, seed, dx, add);
    launch_return();
}

static void device_overlap(const struct loss_input *in, double *sums, struct pool *pool)
{
    (void)pool;
    const size_t parts = device_parts(shape_pixels(in->logits.s)), images = (size_t)in->logits.s.n,
                 channels = (size_t)in->logits.s.c, numbers = images * channels * 3, chunk = 8;
    void *part = launch_borrow(parts * numbers * sizeof(double));
    struct launch l = loss_launch("overlap_part", in);
    launch_at(&l, part);
    launch_groups(&l, parts, images, (channels + chunk - 1) / chunk);
    l = launch_of("loss", "columns_end", NULL);
    launch_args(&l, part, (int)parts, sums);
    launch_groups(&l, numbers, 1, 1);
    launch_return();
}

static void device_overlap_dx(const struct loss_input *in, const double *slopes, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = loss_launch("overlap_dx", in);
    launch_at(&l, slopes);
    loss_gradient(&l, in, seed, dx, add);
}

static void device_soft(const struct loss_input *in, const struct tensor *p, struct pool *pool)
{
    (void)pool;
    struct launch l = loss_launch("soft", in);
    launch_tensor(&l, p);
    loss_pixels(&l, in);
}

static void device_field(const struct loss_input *in, const struct tensor *f, const double *below,
    real *loss, struct pool *pool)
{
    (void)pool;
    loss_borrow(
        in, &(struct loss_sum){.kind = KIND_FIELD, .field = f, .below = below, .loss = loss});
    launch_return();
}

static void device_field_dx(const struct loss_input *in, const struct tensor *f,
    const double *below, const real *seed, const struct tensor *dx, bool add, struct pool *pool)
{
    (void)pool;
    struct launch l = loss_launch("field_dx", in);
    launch_args(&l, f->p, below);
    loss_gradient(&l, in, seed, dx, add);
}

static void device_weighted_sum(const struct tensor *x, const float *weight, int n, real *y)
{
    void *sum = launch_borrow(sizeof(double));
    for (int i = 0; i < n; i++) {
        struct launch l = launch_of("loss", "weighted", NULL);
        launch_args(&l, x[i].p, weight[i], sum, i == 0, y);
        launch_over(&l, 1);
    }
    launch_return();
}

static void device_weighted_sum_dx(const real *dy, real weight, real *dx, bool add)
{
    struct launch l = launch_of("loss", "weighted_dx", NULL);
    launch_args(&l, dy, (float)weight, dx, add);
    launch_over(&l, 1);
}

void device_loss_fill(struct kernels *k)
{
    k->cross_entropy = device_cross_entropy;
    k->cross_entropy_dx = device_cross_entropy_dx;
    k->cross_entropy_map = device_cross_entropy_map;
    k->focal = device_focal;
    k->focal_dx = device_focal_dx;
    k->overlap = device_overlap;
    k->overlap_dx = device_overlap_dx;
    k->soft = device_soft;
    k->field = device_field;
    k->field_dx = device_field_dx;
    k->weighted_sum = device_weighted_sum;
    k->weighted_sum_dx = device_weighted_sum_dx;
}
