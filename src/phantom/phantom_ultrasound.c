/* SPDX-License-Identifier: Apache-2.0 */
/* The ultrasound phantom: a map of echo strength in dB, gland at 0, drawn from the skin down; then
 * shadows; then the probe. */
#include <math.h>

#include "base/mem.h"
#include "phantom/phantom_parts.h"
#include "phantom/speckle.h"

struct ranges {
    double radius[2], contrast[2], place[2], lobes[2], slope[2], gain[2], size[2];
};

/* The table of phantom.h. */
static const struct ranges all[PHANTOM_SIDES] = {
    [PHANTOM_TRAINING] = {{16, 22}, {11, 15}, {0.28, 0.72}, {0, 0.16}, {-6, 6}, {-3, 3},
        {128, 152}},
    [PHANTOM_EVEN] = {{14, 15.5}, {10, 11}, {0.19, 0.27}, {0.17, 0.2}, {-10, -7}, {-4.5, -3.5},
        {153, 160}},
    [PHANTOM_ODD] = {
        {23, 27}, {15, 17.5}, {0.73, 0.81}, {0.17, 0.2}, {7, 10}, {3.5, 4.5}, {153, 160}}};

enum { WAVES = 5, BODIES = 8 };

/* A region that others must not touch. */
struct body {
    double x, y, reach;
};

struct lesion {
    double x, y, radius, aspect, turn, lobe[WAVES], phase[WAVES], soft, rough;
};

struct scene {
    int h, w;
    struct rng *r;
    const struct ranges *ranges;
    float *echo;  /* dB */
    float *shade; /* dB lost above */
    float *noise; /* scratch */
    uint16_t *mask;
    double slope, wave[WAVES], length[WAVES], phase[WAVES]; /* of the layers */
    double fat, muscle; /* end and start, in pixels below the skin */
    double dark;        /* echo of lesions and look-alikes */
    struct body body[BODIES];
    int bodies;
};

static void phantom_ultrasound_mix(float *to, double weight, double value)
{
    *to += (float)(weight * (value - (double)*to));
}

/* Depth below the skin, along sloping, wavy layers. */
static double depth_at(const struct scene *s, double x, double y)
{
    double d = y - s->slope * (x - 0.5 * s->w);
    for (int i = 0; i < WAVES; i++) d -= s->wave[i] * sin(2 * PI * x / s->length[i] + s->phase[i]);
    return d;
}

static bool phantom_ultrasound_is_free(const struct scene *s, double x, double y, double reach)
{
    for (int i = 0; i < s->bodies; i++)
        if (square(x - s->body[i].x) + square(y - s->body[i].y) < square(reach + s->body[i].reach))
            return false;
    return true;
}

/* The same for the whole column. */
static bool column_is_free(const struct scene *s, double x, double reach)
{
    for (int i = 0; i < s->bodies; i++)
        if (fabs(x - s->body[i].x) < reach + s->body[i].reach) return false;
    return true;
}

static void occupy(struct scene *s, double x, double y, double reach)
{
    if (s->bodies < BODIES) s->body[s->bodies++] = (struct body){x, y, reach};
}

/* Add to the echo a field of `amount` dB, correlated over `high` and `wide` pixels, between two
 * depths. */
static att_status add_texture(
    struct scene *s, double amount, double high, double wide, double from, double to, struct err *e)
{
    TRY(speckle_field(
        s->noise, (const int[3]){1, s->h, s->w}, (const double[3]){0, high, wide}, s->r, e));
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            double d = depth_at(s, x, y), weight = step(d - from, 2) * step(to - d, 2);
            s->echo[y * s->w + x] += (float)(amount * weight * (double)s->noise[y * s->w + x]);
        }
    return ATT_OK;
}

static void draw_layers(struct scene *s)
{
    double skin = rng_range(s->r, 3, 6), fat = s->dark + rng_range(s->r, -1, 2),
           muscle = s->dark + rng_range(s->r, -1, 2);
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            float *echo = &s->echo[y * s->w + x];
            double d = depth_at(s, x, y);
            phantom_ultrasound_mix(echo, step(s->fat - d, 1.5), fat);
            phantom_ultrasound_mix(echo, step(d - s->muscle, 1.5), muscle);
            phantom_ultrasound_mix(echo, 0.7 * step(1.3 - fabs(d - s->muscle), 1), 5); /* fascia */
            phantom_ultrasound_mix(echo, step(skin - y, 1), 3);
        }
}

/* Cooper's ligaments: thin bright lines across the fat. */
static void draw_septa(struct scene *s)
{
    int count = 3 + (int)rng_below(s->r, 4);
    for (int i = 0; i < count; i++) {
        double x0 = rng_range(s->r, 0, s->w), lean = rng_range(s->r, -2.5, 2.5),
               bow = rng_range(s->r, -0.015, 0.015);
        double level = rng_range(s->r, -5, 2);
        for (int y = 0; y < s->h && y < 2 * s->fat; y++)
            for (int x = 0; x < s->w; x++) {
                double off = x - x0 - lean * y - bow * y * y,
                       across = off / sqrt(1 + square(lean + 2 * bow * y));
                double weight =
                    step(0.8 - fabs(across), 0.8) * step(s->fat - depth_at(s, x, y), 1.5);
                phantom_ultrasound_mix(&s->echo[y * s->w + x], weight, level);
            }
    }
}

/* The lesion's outline: distance from its centre in direction `angle`, in pixels. */
static double phantom_ultrasound_outline(const struct lesion *l, double angle)
{
    double c = cos(angle - l->turn), v = sin(angle - l->turn), wavy = 1;
    for (int k = 0; k < WAVES; k++) wavy += l->lobe[k] * cos((k + 2) * angle + l->phase[k]);
    return l->radius * wavy / sqrt(square(c) / l->aspect + square(v) * l->aspect);
}

static void place_lesion(struct scene *s, struct lesion *l, double radius)
{
    double lobes = draw(s->r, s->ranges->lobes), left = 1;
    *l = (struct lesion){
        .radius = radius, .aspect = rng_range(s->r, 1, 1.4), .turn = rng_range(s->r, -0.5, 0.5)};
    l->soft = rng_range(s->r, 0.8, 3);
    l->rough = rng_range(s->r, 0, 1.2);
    for (int k = 0; k < WAVES; k++) {
        double share = k == WAVES - 1 ? left : left * rng_uniform(s->r);
        l->lobe[k] = lobes * share;
        left -= share;
        l->phase[k] = rng_range(s->r, 0, 2 * PI);
    }
}

/* Find room in the gland; false without success. */
static bool seat_lesion(struct scene *s, struct lesion *l)
{
    for (int i = 0; i < 40; i++) {
        double x = draw(s->r, s->ranges->place) * s->w, slant = s->slope * (x - 0.5 * s->w);
        double top = s->fat + 1.2 * l->radius, bottom = s->muscle - 1.2 * l->radius;
        double y = slant + (bottom > top ? rng_range(s->r, top, bottom) : 0.5 * (top + bottom));
        if (y < 0.9 * l->radius || y > s->h - 1.1 * l->radius || !column_is_free(s, x, l->radius))
            continue;
        l->x = x;
        l->y = y;
        occupy(s, x, y, 1.25 * l->radius);
        return true;
    }
    return false;
}

static att_status draw_lesion(struct scene *s, const struct lesion *l, struct err *e)
{
    TRY(speckle_field(
        s->noise, (const int[3]){1, s->h, s->w}, (const double[3]){0, 2.5, 2.5}, s->r, e));
    double halo = rng_range(s->r, 0, 3), inner = rng_range(s->r, -1, 1);
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            double dx = x - l->x, dy = y - l->y, noise = (double)s->noise[y * s->w + x];
            double inside = phantom_ultrasound_outline(l, atan2(dy, dx)) - sqrt(dx * dx + dy * dy) +
                l->rough * noise;
            float *echo = &s->echo[y * s->w + x];
            phantom_ultrasound_mix(echo, step(2.5 - fabs(inside + 2.5), 2.5) * halo / 6, 4);
            phantom_ultrasound_mix(echo, step(inside, l->soft), s->dark + inner + 0.8 * noise);
            if (inside > 0) s->mask[y * s->w + x] = 1;
        }
    return ATT_OK;
}

/* Behind a lesion: a gradual shadow, or brightness if it absorbs little. */
static void draw_behind(struct scene *s, const struct lesion *l)
{
    double kind = rng_uniform(s->r),
           loss = kind < 0.45 ? rng_range(s->r, 5, 10)
        : kind < 0.75         ? rng_range(s->r, -5, -2)
                              : 0;
    double half = l->radius * rng_range(s->r, 0.6, 0.9);
    for (int y = (int)l->y; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            double dx = x - l->x, dy = y - l->y,
                   below = sqrt(dx * dx + dy * dy) - phantom_ultrasound_outline(l, atan2(dy, dx));
            s->shade[y * s->w + x] += (float)(loss * step(half - fabs(dx), 4) * step(below - 7, 7));
        }
}

/* A fat lobule: flat, smooth, in a bright capsule. */
static void draw_lobule(struct scene *s)
{
    double a = rng_range(s->r, 10, 16), b = a / rng_range(s->r, 2.4, 3.2),
           turn = rng_range(s->r, -0.25, 0.25), x0, y0;
    int tries = 0;
    do {
        x0 = rng_range(s->r, 0.1, 0.9) * s->w;
        y0 = s->slope * (x0 - 0.5 * s->w) + rng_range(s->r, s->fat + b, s->muscle - b);
        if (++tries > 30) return;
    } while (!phantom_ultrasound_is_free(s, x0, y0, a));
    occupy(s, x0, y0, a);
    double level = s->dark + rng_range(s->r, -1, 1.5), start = rng_range(s->r, 0, 2 * PI);
    int knots = 1 + (int)rng_below(s->r, 3);
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            double u = (x - x0) * cos(turn) + (y - y0) * sin(turn),
                   v = (y - y0) * cos(turn) - (x - x0) * sin(turn);
            double radius = sqrt(square(u / a) + square(v / b)), inside = (1 - radius) * b;
            float *echo = &s->echo[y * s->w + x];
            phantom_ultrasound_mix(echo, step(inside, 0.8), level);
            phantom_ultrasound_mix(echo,
                step(1.2 - fabs(inside + 0.5), 0.8) *
                    (0.8 + 0.2 * cos(atan2(v, u) * knots + start)),
                5);
        }
}

/* A duct or vessel: a long dark tube along the layers between two bright walls. */
struct duct {
    double x, half, thick, level, bow, length, phase;
};

static double middle_of(const struct duct *d, double x)
{
    return d->level + d->bow * sin(2 * PI * x / d->length + d->phase);
}

static bool duct_is_free(const struct scene *s, const struct duct *d)
{
    for (double x = d->x - d->half; x <= d->x + d->half; x += 2)
        if (!phantom_ultrasound_is_free(s, x, middle_of(d, x) - depth_at(s, x, 0), d->thick + 2))
            return false;
    return true;
}

static void draw_duct(struct scene *s)
{
    struct duct d;
    int tries = 0;
    do {
        d = (struct duct){.x = rng_range(s->r, 0, s->w),
            .half = rng_range(s->r, 20, 50),
            .thick = rng_range(s->r, 2.5, 4.5)};
        d.level = rng_range(s->r, s->fat + 6, s->muscle - 6);
        d.bow = rng_range(s->r, 2, 6);
        d.length = rng_range(s->r, 50, 110);
        d.phase = rng_range(s->r, 0, 2 * PI);
        if (++tries > 30) return;
    } while (!duct_is_free(s, &d));
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            double taper = sqrt(fmax(0, 1 - square((x - d.x) / d.half)));
            double inside = d.thick * taper - fabs(depth_at(s, x, y) - middle_of(&d, x));
            float *echo = &s->echo[y * s->w + x];
            if (taper <= 0) continue;
            phantom_ultrasound_mix(echo, step(0.9 - fabs(inside + 0.9), 0.8) * taper * 0.7, 4);
            phantom_ultrasound_mix(echo, step(inside, 0.8), s->dark - 1);
        }
}

/* A shadow from a bright speck, without a lesion. */
static void draw_shadow(struct scene *s)
{
    double half = rng_range(s->r, 6, 11), x0, y0 = s->fat * rng_range(s->r, 0.8, 1.6);
    int tries = 0;
    do {
        x0 = rng_range(s->r, 0.05, 0.95) * s->w;
        if (++tries > 30) return;
    } while (!column_is_free(s, x0, 0.6 * half));
    double top = y0 + s->slope * (x0 - 0.5 * s->w), loss = -s->dark + rng_range(s->r, -2, 1);
    double fan = rng_range(s->r, -0.02, 0.06), soft = rng_range(s->r, 3, 6),
           bend = rng_range(s->r, -0.03, 0.03);
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            double below = y - top, side = fabs(x - x0);
            double bent = below + square(side) * bend; /* the speck is a cap */
            s->shade[y * s->w + x] +=
                (float)(loss * step(half + fan * below - side, soft) * step(bent - 4, 5));
            phantom_ultrasound_mix(&s->echo[y * s->w + x],
                0.8 * step(half * 0.7 - side, 3) * step(1 - fabs(bent), 1), 5);
        }
}

static att_status draw_tissue(struct scene *s, struct err *e)
{
    struct lesion lesion[2];
    int lesions = 0, wanted = rng_uniform(s->r) < 0.12 ? 2 : 1;
    draw_layers(s);
    TRY(add_texture(s, 1, 2, 9, 0, s->h, e));
    TRY(add_texture(s, 1.5, 6, 9, s->fat, s->muscle, e));
    TRY(add_texture(s, 1.8, 0.8, 6, s->fat, s->muscle, e));
    TRY(add_texture(s, 2.5, 0.8, 10, s->muscle, 2 * s->h, e));
    draw_septa(s);
    for (int i = 0; i < wanted; i++) {
        place_lesion(s, &lesion[lesions], draw(s->r, s->ranges->radius));
        lesions += seat_lesion(s, &lesion[lesions]);
    }
    int lobules = 1 + (int)rng_below(s->r, 3), ducts = (int)rng_below(s->r, 3),
        shadows = 1 + (int)rng_below(s->r, 2);
    for (int i = 0; i < shadows; i++) draw_shadow(s); /* avoid the lesions only */
    for (int i = 0; i < ducts; i++) draw_duct(s);
    for (int i = 0; i < lobules; i++) draw_lobule(s);
    for (int i = 0; i < lesions; i++) TRY(draw_lesion(s, &lesion[i], e));
    for (int i = 0; i < lesions; i++) draw_behind(s, &lesion[i]);
    return add_texture(s, 0.7, 1.5, 2, 0, 2 * s->h, e);
}

/* Depth attenuates more than the gain restores; probe contact is poor at the ends. */
static void attenuate(struct scene *s)
{
    double loss = rng_range(s->r, 2, 7), ends = rng_range(s->r, 0, 4),
           gain = draw(s->r, s->ranges->gain);
    for (int y = 0; y < s->h; y++)
        for (int x = 0; x < s->w; x++) {
            size_t i = (size_t)(y * s->w + x);
            double side = fabs(2.0 * x / s->w - 1);
            s->echo[i] +=
                (float)(gain - loss * y / s->h - ends * square(square(side))) - s->shade[i];
        }
}

static void choose_layers(struct scene *s)
{
    s->slope = tan(draw(s->r, s->ranges->slope) * PI / 180);
    for (int i = 0; i < WAVES; i++) {
        s->length[i] = rng_range(s->r, 0.6, 1.4) * (s->w >> i);
        s->wave[i] = rng_range(s->r, 0.01, 0.025) * s->length[i];
        s->phase[i] = rng_range(s->r, 0, 2 * PI);
    }
    s->fat = rng_range(s->r, 0.14, 0.22) * s->h;
    s->muscle = rng_range(s->r, 0.74, 0.84) * s->h;
    s->dark = -draw(s->r, s->ranges->contrast);
}

static att_status phantom_ultrasound_compose(struct scene *s, struct err *e)
{
    choose_layers(s);
    TRY(draw_tissue(s, e));
    attenuate(s);
    struct probe p = {.axial = rng_range(s->r, 0.55, 0.75),
        .lateral = rng_range(s->r, 1, 1.4),
        .looks = 3,
        .range = 60,
        .level = 150};
    TRY(speckle_image(s->echo, s->h, s->w, &p, s->r, e));
    for (int i = 0; i < s->h * s->w; i++) s->echo[i] = floorf(s->echo[i] + 0.5f);
    return ATT_OK;
}

static att_status make(
    const struct phantom_wish *wish, struct rng *r, struct phantom_case *c, struct err *e)
{
    struct scene s = {.r = r, .ranges = &all[phantom_side(wish)]};
    s.h = (int)draw(s.r, s.ranges->size);
    s.w = (int)draw(s.r, s.ranges->size);
    TRY(phantom_grid(c, 1, s.h, s.w, e));
    s.echo = c->image.data;
    s.mask = c->labels.data;
    const size_t pixels = (size_t)s.h * (size_t)s.w;
    TRY(MEM_ARRAY(s.shade, 2 * pixels, "a phantom", e));
    s.noise = s.shade + pixels;
    const att_status status = phantom_ultrasound_compose(&s, e);
    mem_free(s.shade);
    return status;
}

const struct phantom phantom_ultrasound = {.kind = "ultrasound", .ending = ".png", .make = make};
