/* SPDX-License-Identifier: Apache-2.0 */
/* Centreline Dice: probabilities, skeletons of them and of the targets, four sums per class, and
 * back. */
#include "kernel/loss.h"

#include <string.h>

#include "kernel/ref.h"
#include "kernel/skeleton.h"

/* Of one class, in an image or the batch. */
struct sums {
    double found, predicted, covered, present; /* sum S(p) t, S(p), S(t) p, S(t) */
};

/* Planar maps of all images; `counted` has the classes that count. */
struct work {
    const struct cldice *c;
    struct shape counted;   /* per image */
    size_t image;           /* its numbers */
    struct sums *sums;      /* kept: per image and counted class; groups in the first ones */
    real *bone;             /* kept: S(t) of all images */
    struct tensor p, price; /* scratch: probabilities; backward: d L / d p */
    real *map, *scratch;    /* scratch: an image's numbers, then the skeletons' */
};

static struct shape cldice_counted_of(const struct cldice *c)
{
    struct shape s = c->in.logits.s;
    return (struct shape){1, s.c - c->first, s.d, s.h, s.w};
}

static size_t cldice_numbers_of(struct shape s) { return (size_t)s.c * shape_pixels(s); }

size_t cldice_kept(const struct cldice *c)
{
    struct shape s = c->in.logits.s;
    return (size_t)s.n *
        ((size_t)s.c * sizeof(struct sums) +
            cldice_numbers_of(cldice_counted_of(c)) * sizeof(real));
}

size_t cldice_scratch(const struct cldice *c, bool backward)
{
    struct shape s = c->in.logits.s;
    size_t image = cldice_numbers_of(cldice_counted_of(c)),
           numbers = (size_t)s.n * cldice_numbers_of(s) * (backward ? 2 : 1) + image;
    return (numbers + skeleton_scratch(image, c->iterations, backward)) * sizeof(real);
}

static struct work work_of(const struct cldice *c, bool backward)
{
    struct shape all = c->in.logits.s;
    struct work w = {.c = c, .counted = cldice_counted_of(c)};
    size_t numbers = (size_t)all.n * cldice_numbers_of(all);
    w.image = cldice_numbers_of(w.counted);
    w.sums = c->kept;
    w.bone = (real *)(void *)(w.sums + (size_t)all.n * (size_t)all.c);
    w.p = (struct tensor){c->scratch, all, 1, false};
    w.price = (struct tensor){w.p.p + numbers, all, 1, false};
    w.map = w.p.p + numbers * (backward ? 2 : 1);
    w.scratch = w.map + w.image;
    return w;
}

/* The counted classes of one image, of maps of all classes or of those. */
static struct tensor image_of(const struct work *w, const struct tensor *all, int n)
{
    return (struct tensor){tensor_channel(all, n, w->c->first), w->counted, 1, false};
}
static struct tensor bone_of(const struct work *w, int n)
{
    return (struct tensor){w->bone + (size_t)n * w->image, w->counted, 1, false};
}

/* The meaning of every label for a class: 1 if it is the target. */
static void targets_of(const struct work *w, int k, uint8_t target[256])
{
    for (int l = 0; l < 256; l++)
        target[l] = loss_valid(&w->c->in, l) && loss_target(&w->c->in, l, k + w->c->first);
}

struct image_job {
    const struct work *w;
    int n;
    const real *bone, *p; /* S(t), p */
    real *to;             /* targets, S(p), or gradients */
    bool back;
};

static void cldice_sums_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    size_t pixels = shape_pixels(j->w->counted), at = (size_t)k * pixels;
    const uint8_t *label = j->w->c->in.label + (size_t)j->n * pixels;
    uint8_t target[256];
    struct sums s = {0, 0, 0, 0};
    targets_of(j->w, k, target);
    for (size_t i = 0; i < pixels; i++) {
        double skeleton_p = (double)j->to[at + i], skeleton_t = (double)j->bone[at + i];
        s.found += target[label[i]] ? skeleton_p : 0;
        s.predicted += skeleton_p;
        s.covered += skeleton_t * (double)j->p[at + i];
        s.present += skeleton_t;
    }
    j->w->sums[j->n * j->w->counted.c + k] = s;
}

static double precision_of(const struct sums *s, double smooth)
{
    return (s->found + smooth) / (s->predicted + smooth);
}
static double sensitivity_of(const struct sums *s, double smooth)
{
    return (s->covered + smooth) / (s->present + smooth);
}

/* Derivatives of a class's loss by precision and sensitivity, each with its divisor. */
struct slopes {
    double precision, by_precision, by_sensitivity;
};

static struct slopes slopes_of(const struct work *w, int n, int k)
{
    double smooth = w->c->smooth, terms = (double)w->c->groups * w->counted.c;
    const struct sums *s = &w->sums[(w->c->groups == 1 ? 0 : n) * w->counted.c + k];
    double precision = precision_of(s, smooth), sensitivity = sensitivity_of(s, smooth),
           both = precision + sensitivity;
    return (struct slopes){precision,
        -2 * sensitivity * sensitivity / (both * both) / terms / (s->predicted + smooth),
        -2 * precision * precision / (both * both) / terms / (s->present + smooth)};
}

/* A number for each target: itself, or the gradient by S(p). */
static void mark_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    size_t pixels = shape_pixels(j->w->counted);
    const uint8_t *label = j->w->c->in.label + (size_t)j->n * pixels;
    real mark[2] = {0, 1};
    uint8_t target[256];
    targets_of(j->w, k, target);
    if (j->back) {
        struct slopes s = slopes_of(j->w, j->n, k);
        mark[0] = (real)(-s.by_precision * s.precision);
        mark[1] = (real)(s.by_precision * (1 - s.precision));
    }
    for (size_t i = 0; i < pixels; i++) j->to[(size_t)k * pixels + i] = mark[target[label[i]]];
}

static void ref_cldice(
    const struct kernels *k, const struct cldice *c, real *loss, struct pool *pool)
{
    struct work w = work_of(c, false);
    double total = 0;
    int classes = w.counted.c;
    k->soft(&c->in, &w.p, pool);
    for (int n = 0; n < c->in.logits.s.n && classes; n++) {
        struct tensor target = {w.map, w.counted, 1, false}, bone = bone_of(&w, n),
                      p = image_of(&w, &w.p, n), map = {w.map, w.counted, 1, false};
        struct image_job j = {.w = &w, .n = n, .to = w.map, .bone = bone.p, .p = p.p};
        pool_run(pool, classes, mark_task, &j);
        skeleton(k, &skeleton_host, &target, c->iterations, &bone, w.scratch, pool);
        skeleton(k, &skeleton_host, &p, c->iterations, &map, w.scratch, pool);
        pool_run(pool, classes, cldice_sums_task, &j);
    }
    if (c->groups == 1) loss_join(&w.sums->found, c->in.logits.s.n, 4 * classes);
    for (int i = 0; i < c->groups * classes; i++) {
        double precision = precision_of(&w.sums[i], c->smooth),
               sensitivity = sensitivity_of(&w.sums[i], c->smooth);
        total += 1 - 2 * precision * sensitivity / (precision + sensitivity);
    }
    *loss = (real)(classes ? total / (c->groups * classes) : 0);
}

/* The direct gradient by p, added to that through its skeleton. */
static void covered_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    struct slopes s = slopes_of(j->w, j->n, k);
    size_t pixels = shape_pixels(j->w->counted), at = (size_t)k * pixels;
    for (size_t i = at; i < at + pixels; i++)
        j->to[i] += (real)(s.by_sensitivity * (double)j->bone[i]);
}

static void ref_cldice_dx(const struct kernels *k, const struct cldice *c, const real *seed,
    const struct tensor *dx, bool add, struct pool *pool)
{
    struct work w = work_of(c, true);
    k->soft(&c->in, &w.p, pool);
    for (int n = 0; n < c->in.logits.s.n; n++) {
        struct tensor slope = {w.map, w.counted, 1, false}, p = image_of(&w, &w.p, n),
                      price = image_of(&w, &w.price, n);
        if (c->first)
            memset(tensor_channel(&w.price, n, 0), 0, shape_pixels(w.counted) * sizeof(real));
        if (!w.counted.c) continue;
        pool_run(pool, w.counted.c, mark_task,
            &(struct image_job){.w = &w, .n = n, .to = slope.p, .back = true});
        skeleton_dx(k, &skeleton_host, &p, c->iterations, &slope, &price, w.scratch, pool);
        pool_run(pool, w.counted.c, covered_task,
            &(struct image_job){.w = &w, .n = n, .bone = bone_of(&w, n).p, .to = price.p});
    }
    k->field_dx(&c->in, &w.price, NULL, seed, dx, add, pool);
}

void ref_cldice_fill(struct kernels *k)
{
    k->cldice = ref_cldice;
    k->cldice_dx = ref_cldice_dx;
}
