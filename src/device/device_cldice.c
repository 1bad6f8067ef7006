/* SPDX-License-Identifier: Apache-2.0 */
/* Centreline Dice: as in ref_cldice.c, with a launch for each of its tasks. */
#include "device/device_kernels.h"
#include "kernel/loss.h"
#include "kernel/skeleton.h"

/* Planar maps of all images, of counted classes unless it says all. */
struct cldice_work {
    const struct cldice *c;
    struct shape counted;   /* per image */
    size_t image, pixels;   /* numbers of an image, of a map */
    double *sums;           /* kept: 4 per image and class; groups in the first ones */
    real *bone;             /* kept: S(t) */
    struct tensor p, price; /* scratch, of all classes: probabilities; d L / d p */
    real *map, *scratch;    /* scratch: an image's numbers, then the skeletons' */
};

static struct cldice_work cldice_work_of(const struct cldice *c, bool backward)
{
    const struct shape s = c->in.logits.s;
    struct cldice_work w = {
        .c = c, .counted = {1, s.c - c->first, s.d, s.h, s.w}, .pixels = shape_pixels(s)};
    const size_t numbers = (size_t)s.n * (size_t)s.c * w.pixels;
    w.image = (size_t)w.counted.c * w.pixels;
    w.sums = c->kept;
    w.bone = (real *)(void *)(w.sums + (size_t)s.n * (size_t)s.c * 4);
    w.p = (struct tensor){c->scratch, s, 1, false};
    w.price = (struct tensor){w.p.p + numbers, s, 1, false};
    w.map = w.p.p + numbers * (backward ? 2 : 1);
    w.scratch = w.map + w.image;
    return w;
}

static struct tensor cldice_image(const struct cldice_work *w, const struct tensor *all, int n)
{
    return (struct tensor){tensor_channel(all, n, w->c->first), w->counted, 1, false};
}

/* ---- skeletons */

static void device_join(struct skeleton_step *s, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("window", "skeleton_join", NULL);
    launch_args(&l, s->e, s->before, s->taken, s->product, (int64_t)s->size);
    launch_over(&l, s->size);
}

static void device_complement(struct skeleton_step *s, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("window", "skeleton_complement", NULL);
    launch_args(&l, s->product, (int64_t)s->size);
    launch_over(&l, s->size);
}

static void device_slope(struct skeleton_step *s, struct pool *pool)
{
    (void)pool;
    struct launch l = launch_of("window", "skeleton_slope", NULL);
    launch_args(&l, s->dy, s->before, s->taken, s->rest, s->de, s->g, (int64_t)s->size, s->last);
    launch_over(&l, s->size);
}

static const struct skeleton_steps on_device = {device_join, device_complement, device_slope};

/* ---- the loss */

/* The sums of image n's group. */
static double *cldice_sums(const struct cldice_work *w, int n)
{
    return w->sums + (w->c->groups == 1 ? 0 : n) * w->counted.c * 4;
}
static void cldice_terms(struct launch *l, const struct cldice_work *w, int n)
{
    launch_args(l, cldice_sums(w, n), w->c->smooth, (float)(w->c->groups * w->counted.c));
}

/* Labels of image n, and the classes. */
static void cldice_labels(struct launch *l, const struct cldice_work *w, int n)
{
    const struct loss_input *in = &w->c->in;
    launch_at(l, in->label + (size_t)n * w->pixels);
    launch_constant(l, in->region, (size_t)in->logits.s.c * sizeof *in->region);
    launch_args(l, (int64_t)w->pixels, w->c->first);
}

static void cldice_mark(const struct cldice_work *w, int n, bool back)
{
    const struct tensor to = {w->map, w->counted, 1, false};
    struct launch l = launch_of("window", "cldice_mark", NULL);
    cldice_labels(&l, w, n);
    cldice_terms(&l, w, n);
    launch_args(&l, back, w->map);
    launch_elements(&l, &to);
}

static void cldice_part(const struct cldice_work *w, int n, const real *bone, const real *p)
{
    const size_t parts = device_parts(w->pixels), classes = (size_t)w->counted.c;
    void *part = launch_borrow(parts * classes * 4 * sizeof(double));
    struct launch l = launch_of("window", "cldice_part", NULL);
    cldice_labels(&l, w, n);
    launch_args(&l, bone, w->map, p, part);
    launch_groups(&l, parts, classes, 1);
    l = launch_of("loss", "columns_end", NULL);
    launch_args(&l, part, (int)parts, w->sums + (size_t)n * classes * 4);
    launch_groups(&l, classes * 4, 1, 1);
    launch_return();
}

static void device_cldice(
    const struct kernels *k, const struct cldice *c, real *loss, struct pool *pool)
{
    const struct cldice_work w = cldice_work_of(c, false);
    const int classes = w.counted.c;
    k->soft(&c->in, &w.p, pool);
    for (int n = 0; n < c->in.logits.s.n && classes; n++) {
        const struct tensor map = {w.map, w.counted, 1, false},
                            bone = {w.bone + (size_t)n * w.image, w.counted, 1, false},
                            p = cldice_image(&w, &w.p, n);
        cldice_mark(&w, n, false);
        skeleton(k, &on_device, &map, c->iterations, &bone, w.scratch, pool);
        skeleton(k, &on_device, &p, c->iterations, &map, w.scratch, pool);
        cldice_part(&w, n, bone.p, p.p);
    }
    struct launch l = launch_of("window", "cldice_end", NULL);
    launch_args(&l, w.sums, c->in.logits.s.n, classes, c->groups, c->smooth, loss);
    launch_over(&l, 1);
}

static void device_cldice_dx(const struct kernels *k, const struct cldice *c, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    const struct cldice_work w = cldice_work_of(c, true);
    k->soft(&c->in, &w.p, pool);
    for (int n = 0; n < c->in.logits.s.n; n++) {
        const struct tensor slope = {w.map, w.counted, 1, false}, p = cldice_image(&w, &w.p, n),
                            price = cldice_image(&w, &w.price, n);
        if (c->first) k->fill(tensor_channel(&w.price, n, 0), w.pixels, 0);
        if (!w.counted.c) continue;
        cldice_mark(&w, n, true);
        skeleton_dx(k, &on_device, &p, c->iterations, &slope, &price, w.scratch, pool);
        struct launch l = launch_of("window", "cldice_covered", NULL);
        launch_args(&l, w.bone + (size_t)n * w.image, (int64_t)w.pixels);
        cldice_terms(&l, &w, n);
        launch_at(&l, price.p);
        launch_elements(&l, &price);
    }
    k->field_dx(&c->in, &w.price, NULL, seed, dx, add, pool);
}

void device_cldice_fill(struct kernels *k)
{
    k->cldice = device_cldice;
    k->cldice_dx = device_cldice_dx;
}
