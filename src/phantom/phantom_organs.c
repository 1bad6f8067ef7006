/* SPDX-License-Identifier: Apache-2.0 */
/* The organs phantom: a body with a spine, a bean-shaped organ (class 1) and a bent, tapering one
 * (class 2) that starts next to it. Lengths are in mm from the middle of the body: u to the side, v
 * to the back, t along the body. */
#include <math.h>

#include "base/mem.h"
#include "phantom/phantom_parts.h"
#include "phantom/speckle.h"

struct ranges {
    double scale[2], turn[2], shift[2], bias[2], noise[2], gain[2];
};

/* The table of phantom.h. */
static const struct ranges all[PHANTOM_SIDES] = {
    [PHANTOM_TRAINING] = {{0.9, 1.1}, {-12, 12}, {-2, 2}, {0, 0.2}, {4, 6}, {0.85, 1.15}},
    [PHANTOM_EVEN] = {{0.83, 0.88}, {-22, -14}, {-4, -3}, {0.22, 0.3}, {6.2, 7}, {0.75, 0.82}},
    [PHANTOM_ODD] = {{1.12, 1.18}, {14, 22}, {3, 4}, {0.22, 0.3}, {2.5, 3.5}, {1.2, 1.35}}};

enum { LOOPS = 8, STATIONS = 17 };
static const double slice = 1.5;          /* mm */
static const double fat = 90, meat = 135; /* grey values; organs and loops share one mean */

struct vec {
    double u, v, t;
};

/* An ellipsoid around an axis in space. */
struct loop {
    struct vec at, axis;
    double radius, longer;
};

struct scene {
    int size[3];
    struct rng *r;
    const struct ranges *ranges;
    double side; /* 1, or -1 if mirrored */
    double cosine, sine, shift[2], scale;
    double stripe; /* wave number of the second organ's bands */
    struct vec bean, dent, station[STATIONS];
    double thick[STATIONS];
    struct loop loop[LOOPS];
    float *grey, *fine, *coarse; /* textures */
    uint16_t *mask;
};

static double phantom_organs_distance(struct vec a, struct vec b)
{
    return sqrt(square(a.u - b.u) + square(a.v - b.v) + square(a.t - b.t));
}

static void phantom_organs_mix(double *to, double weight, double value)
{
    *to += weight * (value - *to);
}

static struct vec phantom_organs_jitter(struct scene *s, struct vec v, double by)
{
    v.u += rng_range(s->r, -by, by);
    v.v += rng_range(s->r, -by, by);
    v.t += rng_range(s->r, -by, by);
    return v;
}

/* From a voxel to mm in the shifted, rotated, scaled and maybe mirrored body. */
static struct vec phantom_organs_locate(const struct scene *s, int d, int h, int w)
{
    double x = w - 0.5 * (s->size[IMAGE_W] - 1) - s->shift[0],
           y = h - 0.5 * (s->size[IMAGE_H] - 1) - s->shift[1];
    double u = s->cosine * x + s->sine * y, v = s->cosine * y - s->sine * x;
    return (struct vec){s->side * u / s->scale, v / s->scale,
        slice * (d - 0.5 * (s->size[IMAGE_D] - 1)) / s->scale};
}

static double inside_bean(const struct scene *s, struct vec p)
{
    double q = sqrt(square((p.u - s->bean.u) / 6.5) + square((p.v - s->bean.v) / 8.5) +
        square((p.t - s->bean.t) / 14));
    return fmin(7.5 * (1 - q), phantom_organs_distance(p, s->dent) - 5);
}

static double inside_tail(const struct scene *s, struct vec p)
{
    double inside = -100;
    for (int i = 0; i < STATIONS; i++)
        inside = fmax(inside, s->thick[i] - phantom_organs_distance(p, s->station[i]));
    return inside;
}

static double inside_loop(const struct loop *l, struct vec p)
{
    struct vec d = {p.u - l->at.u, p.v - l->at.v, p.t - l->at.t};
    double along = d.u * l->axis.u + d.v * l->axis.v + d.t * l->axis.t;
    double across = square(d.u) + square(d.v) + square(d.t) - square(along);
    return l->radius *
        (1 - sqrt(fmax(0, across) / square(l->radius) + square(along / (l->radius * l->longer))));
}

static void phantom_organs_choose(struct scene *s)
{
    double turn = draw(s->r, s->ranges->turn) * PI / 180;
    s->cosine = cos(turn);
    s->sine = sin(turn);
    s->side = rng_below(s->r, 2) ? 1 : -1;
    s->scale = draw(s->r, s->ranges->scale);
    s->stripe = 2 * PI / rng_range(s->r, 3.6, 4.4);
    for (int i = 0; i < 2; i++) s->shift[i] = draw(s->r, s->ranges->shift);
    s->bean = phantom_organs_jitter(s, (struct vec){-9, 0, -4}, 2.5);
    s->dent = (struct vec){s->bean.u + rng_range(s->r, 8, 9.5), s->bean.v + rng_range(s->r, -2, 2),
        s->bean.t + rng_range(s->r, -3, 3)};
    struct vec begin = phantom_organs_jitter(s, (struct vec){-2, -9, 6}, 1.5),
               end = phantom_organs_jitter(s, (struct vec){13, 0, 9}, 3);
    double bow = rng_range(s->r, 3, 6), rise = rng_range(s->r, -4, 8),
           thin = rng_range(s->r, 2.8, 3.8);
    for (int i = 0; i < STATIONS; i++) {
        double f = (double)i / (STATIONS - 1), arch = 4 * f * (1 - f);
        s->station[i] = (struct vec){begin.u + f * (end.u - begin.u),
            begin.v + f * (end.v - begin.v) - arch * bow,
            begin.t + f * (end.t - begin.t) + arch * rise};
        s->thick[i] = 5.2 + f * (thin - 5.2);
    }
    for (int i = 0; i < LOOPS; i++) {
        struct vec axis = {rng_normal(s->r), rng_normal(s->r), rng_normal(s->r)};
        double length = phantom_organs_distance(axis, (struct vec){0, 0, 0}) + 1e-9,
               angle = rng_range(s->r, 0, 2 * PI), reach = rng_range(s->r, 0.2, 0.75);
        s->loop[i] = (struct loop){
            {19 * reach * cos(angle), 21 * reach * sin(angle), rng_range(s->r, -28, 28)},
            {axis.u / length, axis.v / length, axis.t / length}, rng_range(s->r, 3.5, 5.5),
            rng_range(s->r, 1, 2.2)};
    }
}

/* Grey value of a voxel, painted from the deepest layer up; organs have a thin layer of fat. */
static double phantom_organs_paint(const struct scene *s, struct vec p, size_t i)
{
    double grey = 10, spine = 5 - sqrt(square(p.u) + square(p.v - 14)),
           wall = 1 - sqrt(square(p.u / 20.5) + square(p.v / 22.5));
    double bean = inside_bean(s, p), tail = inside_tail(s, p),
           tissue = fat + 3 * (double)s->coarse[i];
    phantom_organs_mix(&grey, step(20 * wall, 0.8), 150); /* skin and muscle */
    phantom_organs_mix(&grey, step(20 * wall - 2, 0.8), tissue);
    for (int k = 0; k < LOOPS; k++) {
        double inside = inside_loop(&s->loop[k], p);
        phantom_organs_mix(&grey, step(inside, 0.7) * step(20 * wall - 2, 0.8),
            inside < 1.5 ? meat + 20 : meat - 25);
    }
    phantom_organs_mix(&grey, step(spine, 0.7), 190);
    phantom_organs_mix(&grey, step(spine - 3, 0.7), 60);
    phantom_organs_mix(&grey, step(fmax(bean, tail) + 1.2, 0.7), tissue);
    phantom_organs_mix(&grey, step(bean, 0.7), meat + 18 * (double)s->fine[i]);
    phantom_organs_mix(
        &grey, step(tail, 0.7), meat + 20 * sin(s->stripe * p.u) + 5 * (double)s->coarse[i]);
    s->mask[i] = tail > 0 ? 2 : bean > 0 ? 1 : 0;
    return grey;
}

static att_status phantom_organs_compose(struct scene *s, struct err *e)
{
    phantom_organs_choose(s);
    TRY(speckle_field(s->fine, s->size, (const double[3]){0.45, 0.7, 0.7}, s->r, e));
    TRY(speckle_field(s->coarse, s->size, (const double[3]){1.2, 1.8, 1.8}, s->r, e));
    double bias = draw(s->r, s->ranges->bias), gain = draw(s->r, s->ranges->gain),
           noise = draw(s->r, s->ranges->noise);
    struct vec towards = {rng_range(s->r, -1, 1), rng_range(s->r, -1, 1), rng_range(s->r, -1, 1)};
    double length = phantom_organs_distance(towards, (struct vec){0, 0, 0}) + 1e-9;
    size_t i = 0;
    for (int d = 0; d < s->size[0]; d++)
        for (int h = 0; h < s->size[1]; h++)
            for (int w = 0; w < s->size[2]; w++, i++) {
                struct vec p = phantom_organs_locate(s, d, h, w);
                double along =
                    (p.u * towards.u + p.v * towards.v + p.t * towards.t) / (length * 25);
                double grey = phantom_organs_paint(s, p, i) * gain * (1 + bias * along) +
                    noise * rng_normal(s->r);
                s->grey[i] = (float)(grey < 0 ? 0 : floor(grey + 0.5));
            }
    return ATT_OK;
}

/* An oblique grid with a slightly rotated patient; the first axis runs from right to left. */
static void phantom_organs_place(struct geometry *g, struct rng *r)
{
    double a = rng_range(r, -15, 15) * PI / 180, b = rng_range(r, -10, 10) * PI / 180, offset[3];
    double turn[3][3] = {{-cos(a), sin(a) * cos(b), -sin(a) * sin(b)},
        {-sin(a), -cos(a) * cos(b), cos(a) * sin(b)}, {0, sin(b), cos(b)}};
    for (int i = 0; i < 3; i++) offset[i] = floor(rng_range(r, -400, 400)) / 4;
    *g = (struct geometry){.spacing = {(float)slice, 1, 1}, .valid = true};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) g->affine[i][j] = turn[i][j] * (j == 2 ? slice : 1);
        g->affine[i][3] = offset[i];
    }
}

static att_status make(
    const struct phantom_wish *wish, struct rng *r, struct phantom_case *c, struct err *e)
{
    struct scene s = {.r = r, .ranges = &all[phantom_side(wish)]};
    s.size[IMAGE_D] = 36 + (int)rng_below(r, 5);
    s.size[IMAGE_H] = 46 + (int)rng_below(r, 5);
    s.size[IMAGE_W] = 40 + (int)rng_below(r, 5);
    TRY(phantom_grid(c, s.size[0], s.size[1], s.size[2], e));
    phantom_organs_place(&c->image.geometry, r);
    c->labels.geometry = c->image.geometry;
    s.grey = c->image.data;
    s.mask = c->labels.data;
    const size_t voxels = image_voxels(s.size);
    TRY(MEM_ARRAY(s.fine, 2 * voxels, "a phantom", e));
    s.coarse = s.fine + voxels;
    const att_status status = phantom_organs_compose(&s, e);
    mem_free(s.fine);
    return status;
}

const struct phantom phantom_organs = {.kind = "organs", .ending = ".nii.gz", .make = make};
