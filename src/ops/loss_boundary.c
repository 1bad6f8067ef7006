/* SPDX-License-Identifier: Apache-2.0 */
/* Boundary loss (Kervadec et al. 2019, arXiv 1812.07032): the mean of p times phi over pixels and
 * classes, phi the signed distance of the pixel to the class in the labels: outside the distance to
 * its nearest pixel, inside 1 - the distance to the nearest pixel that is not of it (as the
 * authors' code has it: 0 along the border), in pixels.  A class that is nowhere, or everywhere,
 * has phi 0.
 *
 * It leaves the sign of an empty prediction open, so it goes with a loss of overlaps.  Pixels that
 * take no part are neither in nor out. */
#include "graph/plan.h"
#include "image/distance.h"
#include "kernel/loss.h"
#include "ops/loss_op.h"

#include <math.h>

enum { BACKGROUND, Z };

/* Output 1: the divisor, and phi of all channels; those that do not count have 0. */
struct field {
    double *below;
    struct tensor phi;
};

static struct field field_of(const struct step *s)
{
    double *below = (double *)(void *)s->out[1].p;
    return (struct field){below, {(real *)(void *)(below + 1), s->in[0].s, 1, false}};
}

/* One worker's room: which pixels to measure to, distances, and what they need. */
struct room {
    size_t mask, distance, all;
};

static struct room boundary_room_of(struct shape s)
{
    struct room r = {.mask = plan_round(shape_pixels(s)),
        .distance = plan_round(shape_pixels(s) * sizeof(float))};
    r.all = r.mask + r.distance + plan_round(distance_scratch((int[]){s.d, s.h, s.w}, 1));
    return r;
}

struct measuring {
    const struct step *s;
    struct loss_input in;
    struct tensor phi;
    int first; /* class that counts */
    double z;
};

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    TRY(loss_shape(g, n, e));
    value_aux(graph_out(g, n, 1), sizeof(double) + graph_in(g, n, 0)->bytes);
    return ATT_OK;
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    (void)want;
    return backward ? 0 : (size_t)p->threads * boundary_room_of(graph_in(g, n, 0)->s).all;
}

/* What a label is for class k. */
enum side { OUT, IN, NEITHER };

static void sides_of(const struct loss_input *in, int k, uint8_t side[256])
{
    for (int l = 0; l < 256; l++)
        side[l] = !loss_valid(in, l) ? NEITHER : loss_target(in, l, k) ? IN : OUT;
}

/* One side of one class in one image: the task before it, or after, fills the other pixels. */
static void boundary_measure(void *arg, int task, int worker)
{
    const struct measuring *m = arg;
    struct shape s = m->in.logits.s;
    struct room room = boundary_room_of(s);
    size_t pixels = shape_pixels(s);
    enum side own = task % 2 ? IN : OUT, other = own == IN ? OUT : IN;
    int k = m->first + task / 2 % (s.c - m->first), image = task / 2 / (s.c - m->first);
    unsigned char *work = (unsigned char *)m->s->workspace + (size_t)worker * room.all;
    float *distance = (float *)(void *)(work + room.mask);
    real *phi = tensor_channel(&m->phi, image, k);
    const uint8_t *label = m->in.label + (size_t)image * pixels;
    uint8_t side[256];
    sides_of(&m->in, k, side);
    for (size_t i = 0; i < pixels; i++) work[i] = side[label[i]] == other;
    distance_squared_in(work, (int[]){s.d, s.h, s.w}, (double[]){m->z, 1, 1}, distance,
        work + room.mask + room.distance, NULL);
    for (size_t i = 0; i < pixels; i++) {
        if (side[label[i]] == other || (own == IN && side[label[i]] == NEITHER)) continue;
        real d = isinf(distance[i]) ? 0 : (real)sqrtf(distance[i]);
        phi[i] = own == OUT ? d : d > 1 ? 1 - d : 0;
    }
}

static size_t count_valid(const struct loss_input *in)
{
    size_t pixels = shape_pixels(in->logits.s) * (size_t)in->logits.s.n, count = 0;
    for (size_t i = 0; i < pixels; i++) count += loss_valid(in, in->label[i]);
    return count;
}

static void forward(const struct step *s)
{
    const struct loss_attr *a = step_attr(s);
    struct shape shape = s->in[0].s;
    struct field f = field_of(s);
    struct measuring m = {.s = s, .in = loss_of(s), .phi = f.phi, .z = a->set[Z]};
    m.first = a->region || a->set[BACKGROUND] != 0 ? 0 : 1;
    for (int n = 0; n < shape.n && m.first; n++)
        for (size_t i = 0; i < shape_pixels(shape); i++) tensor_channel(&f.phi, n, 0)[i] = 0;
    int classes = shape.c - m.first;
    pool_run(s->pool, 2 * shape.n * classes, boundary_measure, &m);
    *f.below = (double)count_valid(&m.in) * classes;
    s->out[0].p[0] =
        (real)(*f.below > 0 ? s->kernels->field(&m.in, &f.phi, s->pool) / *f.below : 0);
}

static void backward(const struct step *s)
{
    struct loss_input in = loss_of(s);
    struct field f = field_of(s);
    double scale = *f.below > 0 ? (double)s->dout[0].p[0] / *f.below : 0;
    if (s->din[0].p) s->kernels->field_dx(&in, &f.phi, scale, &s->din[0], s->add[0], s->pool);
}

static bool example(struct graph *g, int index, struct err *e)
{
    static const struct class_set region[] = {{{1u << 1 | 1u << 2}}, {{1u << 2}}};
    static const struct loss_attr list[] = {
        {.set = {0, 1}}, {.set = {1, 2.5}}, {.set = {0, 1}, .region = region}, {.set = {0, 1}}};
    static const struct shape shapes[] = {
        {2, 3, 1, 4, 5}, {1, 3, 3, 3, 3}, {2, 2, 1, 3, 4}, {1, 2, 1, 3, 3}};
    return index < 4 && loss_example(g, &loss_boundary.op, 2, &list[index], shapes[index], e);
}

const struct loss loss_boundary = {
    .name = "boundary",
    .settings = {{"background", LOSS_YES_NO, 0, 0, 1}, {"z", LOSS_REAL, 1, .01, 100}},
    .outputs = 2,
    .op =
        {
            .name = "boundary",
            .shape = shape,
            .workspace = workspace,
            .forward = forward,
            .backward = backward,
            .reads = READS_IN(0) | READS_IN(1) | READS_OUT(1),
            .example = example,
        },
};
