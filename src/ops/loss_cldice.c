/* SPDX-License-Identifier: Apache-2.0 */
/* Centreline Dice (Shit et al. 2021, arXiv 2003.07311) for tubes: with soft skeletons S of
 * probability p and target t (kernel/skeleton.h), mean of 1 - 2 Tprec Tsens / (Tprec + Tsens),
 * Tprec = (sum S(p) t + smooth) / (sum S(p) + smooth), Tsens = (sum S(t) p + smooth) / (sum S(t) +
 * smooth), in 2D and 3D.  The authors add Dice: 0.5*dice+0.5*cldice.
 *
 * Pixels that take no part are background of both. */
#include <math.h>
#include <string.h>

#include "graph/plan.h"
#include "kernel/loss.h"
#include "kernel/skeleton.h"
#include "ops/loss_op.h"

enum { ITERATIONS, BATCH, BACKGROUND, SMOOTH };

/* Of one class, in an image or the batch. */
struct sums {
    double found, predicted, covered, present; /* sum S(p) t, S(p), S(t) p, S(t) */
};

/* A loss at work.  Planar maps of all images: `counted` holds the classes that count, from `first`.
 */
struct work {
    const struct step *s;
    struct loss_input in;
    int iterations, first, groups;
    struct shape counted;   /* of one image */
    size_t image;           /* its numbers */
    struct sums *sums;      /* output 1: per image and counted class; of groups in the first ones */
    real *bone;             /* output 1: S(t) of all images */
    struct tensor p, price; /* workspace: probabilities; backward: d L / d p */
    real *map, *scratch;    /* workspace: one image's numbers, then what skeletons need */
};

static struct shape cldice_counted_of(const struct loss_attr *a, struct shape s)
{
    return (struct shape){1, a->region || a->set[BACKGROUND] != 0 ? s.c : s.c - 1, s.d, s.h, s.w};
}

static size_t cldice_numbers_of(struct shape s) { return (size_t)s.c * shape_pixels(s); }

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    struct shape s = graph_in(g, n, 0)->s, counted = cldice_counted_of((const void *)n->attr, s);
    value_aux(graph_out(g, n, 1),
        (size_t)s.n *
            ((size_t)s.c * sizeof(struct sums) + cldice_numbers_of(counted) * sizeof(real)));
    return ATT_OK;
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    (void)p;
    (void)want;
    const struct loss_attr *a = (const void *)n->attr;
    const struct value *x = graph_in(g, n, 0);
    size_t image = cldice_numbers_of(cldice_counted_of(a, x->s));
    size_t numbers = (size_t)x->s.n * cldice_numbers_of(x->s) * (backward ? 2 : 1) + image;
    return (numbers + skeleton_scratch(image, (int)a->set[ITERATIONS], backward)) * sizeof(real);
}

static struct work work_of(const struct step *s, bool backward)
{
    const struct loss_attr *a = step_attr(s);
    struct shape all = s->in[0].s;
    struct work w = {.s = s,
        .in = loss_of(s),
        .iterations = (int)a->set[ITERATIONS],
        .counted = cldice_counted_of(a, all)};
    size_t numbers = (size_t)all.n * cldice_numbers_of(all);
    w.first = all.c - w.counted.c;
    w.groups = a->set[BATCH] != 0 ? 1 : all.n;
    w.image = cldice_numbers_of(w.counted);
    w.sums = (struct sums *)(void *)s->out[1].p;
    w.bone = (real *)(void *)(w.sums + (size_t)all.n * (size_t)all.c);
    w.p = (struct tensor){s->workspace, all, 1, false};
    w.price = (struct tensor){w.p.p + numbers, all, 1, false};
    w.map = w.p.p + numbers * (backward ? 2 : 1);
    w.scratch = w.map + w.image;
    return w;
}

/* The classes that count of one image, of maps of all classes or of those. */
static struct tensor image_of(const struct work *w, const struct tensor *all, int n)
{
    return (struct tensor){tensor_channel(all, n, w->first), w->counted, 1, false};
}
static struct tensor bone_of(const struct work *w, int n)
{
    return (struct tensor){w->bone + (size_t)n * w->image, w->counted, 1, false};
}

/* What every label means for a class: 1 where it is the target. */
static void targets_of(const struct work *w, int k, uint8_t target[256])
{
    for (int l = 0; l < 256; l++)
        target[l] = loss_valid(&w->in, l) && loss_target(&w->in, l, k + w->first);
}

struct image_job {
    const struct work *w;
    int n;
    const real *bone, *p; /* S(t), p */
    real *to;             /* targets, S(p), or gradients */
};

static void target_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    size_t pixels = shape_pixels(j->w->counted);
    const uint8_t *label = j->w->in.label + (size_t)j->n * pixels;
    uint8_t target[256];
    targets_of(j->w, k, target);
    for (size_t i = 0; i < pixels; i++) j->to[(size_t)k * pixels + i] = target[label[i]];
}

static void cldice_sums_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    size_t pixels = shape_pixels(j->w->counted), at = (size_t)k * pixels;
    const uint8_t *label = j->w->in.label + (size_t)j->n * pixels;
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

/* All images become one group: the sums of the first. */
static void cldice_join(const struct work *w)
{
    int classes = w->counted.c;
    for (int i = classes; i < w->in.logits.s.n * classes; i++) {
        struct sums *to = &w->sums[i % classes];
        to->found += w->sums[i].found;
        to->predicted += w->sums[i].predicted;
        to->covered += w->sums[i].covered;
        to->present += w->sums[i].present;
    }
}

static double precision_of(const struct sums *s, double smooth)
{
    return (s->found + smooth) / (s->predicted + smooth);
}
static double sensitivity_of(const struct sums *s, double smooth)
{
    return (s->covered + smooth) / (s->present + smooth);
}

static void forward(const struct step *s)
{
    struct work w = work_of(s, false);
    double smooth = ((const struct loss_attr *)step_attr(s))->set[SMOOTH], total = 0;
    int classes = w.counted.c;
    s->kernels->soft(&w.in, &w.p, s->pool);
    for (int n = 0; n < s->in[0].s.n && classes; n++) {
        struct tensor target = {w.map, w.counted, 1, false}, bone = bone_of(&w, n),
                      p = image_of(&w, &w.p, n), map = {w.map, w.counted, 1, false};
        struct image_job j = {.w = &w, .n = n, .to = w.map, .bone = bone.p, .p = p.p};
        pool_run(s->pool, classes, target_task, &j);
        skeleton(s->kernels, &target, w.iterations, &bone, w.scratch, s->pool);
        skeleton(s->kernels, &p, w.iterations, &map, w.scratch, s->pool);
        pool_run(s->pool, classes, cldice_sums_task, &j);
    }
    if (w.groups == 1) cldice_join(&w);
    for (int i = 0; i < w.groups * classes; i++) {
        double precision = precision_of(&w.sums[i], smooth),
               sensitivity = sensitivity_of(&w.sums[i], smooth);
        total += 1 - 2 * precision * sensitivity / (precision + sensitivity);
    }
    s->out[0].p[0] = (real)(classes ? total / (w.groups * classes) : 0);
}

/* What a class's loss changes by with precision and sensitivity, each with its divisor. */
struct slopes {
    double precision, by_precision, by_sensitivity;
};

static struct slopes slopes_of(const struct work *w, int n, int k)
{
    double smooth = ((const struct loss_attr *)step_attr(w->s))->set[SMOOTH],
           terms = (double)w->groups * w->counted.c;
    const struct sums *s = &w->sums[(w->groups == 1 ? 0 : n) * w->counted.c + k];
    double precision = precision_of(s, smooth), sensitivity = sensitivity_of(s, smooth),
           both = precision + sensitivity;
    return (struct slopes){precision,
        -2 * sensitivity * sensitivity / (both * both) / terms / (s->predicted + smooth),
        -2 * precision * precision / (both * both) / terms / (s->present + smooth)};
}

/* The gradient by S(p). */
static void skeleton_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    struct slopes s = slopes_of(j->w, j->n, k);
    size_t pixels = shape_pixels(j->w->counted);
    const uint8_t *label = j->w->in.label + (size_t)j->n * pixels;
    real slope[2] = {
        (real)(-s.by_precision * s.precision), (real)(s.by_precision * (1 - s.precision))};
    uint8_t target[256];
    targets_of(j->w, k, target);
    for (size_t i = 0; i < pixels; i++) j->to[(size_t)k * pixels + i] = slope[target[label[i]]];
}

/* That by p itself, added to what came through its skeleton. */
static void covered_task(void *arg, int k, int worker)
{
    (void)worker;
    const struct image_job *j = arg;
    struct slopes s = slopes_of(j->w, j->n, k);
    size_t pixels = shape_pixels(j->w->counted), at = (size_t)k * pixels;
    for (size_t i = at; i < at + pixels; i++)
        j->to[i] += (real)(s.by_sensitivity * (double)j->bone[i]);
}

static void backward(const struct step *s)
{
    if (!s->din[0].p) return;
    struct work w = work_of(s, true);
    s->kernels->soft(&w.in, &w.p, s->pool);
    for (int n = 0; n < s->in[0].s.n; n++) {
        struct tensor slope = {w.map, w.counted, 1, false}, p = image_of(&w, &w.p, n),
                      price = image_of(&w, &w.price, n);
        if (w.first)
            memset(tensor_channel(&w.price, n, 0), 0, shape_pixels(w.counted) * sizeof(real));
        if (!w.counted.c) continue;
        pool_run(s->pool, w.counted.c, skeleton_task,
            &(struct image_job){.w = &w, .n = n, .to = slope.p});
        skeleton_dx(s->kernels, &p, w.iterations, &slope, &price, w.scratch, s->pool);
        pool_run(s->pool, w.counted.c, covered_task,
            &(struct image_job){.w = &w, .n = n, .bone = bone_of(&w, n).p, .to = price.p});
    }
    s->kernels->field_dx(&w.in, &w.price, (double)s->dout[0].p[0], &s->din[0], s->add[0], s->pool);
}

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct class_set region[] = {{{1u << 1 | 1u << 2}}, {{1u << 2}}};
    static const struct loss_attr list[] = {{.set = {3, 0, 0, 1}}, {.set = {2, 1, 1, .5}},
        {.set = {1, 0, 0, 1}, .region = region}, {.set = {0, 1, 0, 1e-3}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 7, 6}, {2, 3, 3, 4, 5}, {2, 2, 1, 5, 6}, {2, 3, 1, 5, 5}};
    return index < 4 && loss_example(g, &loss_cldice.op, 2, &list[index], shapes[index], e);
}

const struct loss loss_cldice = {
    .name = "cldice",
    .settings = {{"iterations", LOSS_WHOLE, 3, 0, 50}, {"batch", LOSS_YES_NO, 0, 0, 1},
        {"background", LOSS_YES_NO, 0, 0, 1}, {"smooth", LOSS_REAL, 1, 1e-6, (double)INFINITY}},
    .outputs = 2,
    .op =
        {
            .name = "cldice",
            .shape = shape,
            .workspace = workspace,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1) | READS_OUT(1),
            .example = example,
        },
};
