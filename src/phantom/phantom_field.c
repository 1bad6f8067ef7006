/* SPDX-License-Identifier: Apache-2.0 */
/* The field phantom: a large image with little of interest. Lesions (class 1, a hundredth of the
 * pixels) crowd at a few sites among look-alikes of the same outline; bands and rings are anywhere.
 * All have equal mean brightness, but only lesions are grainy: a pattern of a few pixels that
 * vanishes in a reduced image, which shows where to look but not what is there. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "phantom/phantom_parts.h"

enum { SIDE = 4096, LEAST = 256, MOST = 16384, WAVES = 3, STATIONS = 160, NODE = 64, TRIES = 2000 };
/* For a field of SIDE x SIDE. */
enum { SITES = 3, BANDS = 50, RINGS = 40 };
static const double SHARE = 0.01, SOFT = 0.8, GAP = 4, STRIDE = 6, GRAIN = 6, GROUND = 100,
                    GRAININESS = 28, WAVINESS = 6;

struct ranges {
    double radius[2], contrast[2], noise[2];
};

/* The table of phantom.h. */
static const struct ranges all[PHANTOM_SIDES] = {
    [PHANTOM_TRAINING] = {{28, 44}, {45, 55}, {10, 14}},
    [PHANTOM_EVEN] = {{23, 27}, {38, 43}, {15, 17}},
    [PHANTOM_ODD] = {{45, 50}, {57, 65}, {7, 9}}};

/* A lesion or look-alike: a circle with a radius that varies with the angle. */
struct blob {
    double x, y, radius, reach, lobe[WAVES], phase[WAVES];
    int waves[WAVES];
    bool lesion;
};

struct scene {
    int h, w;
    struct rng *r;
    const struct ranges *ranges;
    struct host *host;
    float *cover; /* coverage by clutter or lesion; becomes grey values */
    uint16_t *mask;
    struct blob *blob;
    int blobs, room;
};

/* Scale a usual number to this field's size, at least 1. */
static int many(const struct scene *s, int usual)
{
    double n = usual * ((double)s->h / SIDE) * ((double)s->w / SIDE);
    return n < 1 ? 1 : (int)floor(n + 0.5);
}

static void shape_blob(struct scene *s, struct blob *b)
{
    static const double min[WAVES] = {0, 0, 0.1}, max[WAVES] = {0.12, 0.1, 0.18};
    const int waves[WAVES] = {3, 5, 9 + (int)rng_below(s->r, 5)};
    double sum = 1;
    memset(b, 0, sizeof *b);
    b->radius = draw(s->r, s->ranges->radius);
    for (int i = 0; i < WAVES; i++) {
        b->waves[i] = waves[i];
        b->lobe[i] = rng_range(s->r, min[i], max[i]);
        b->phase[i] = rng_range(s->r, 0, 2 * PI);
        sum += b->lobe[i];
    }
    b->reach = b->radius * sum;
}

static void scale_blob(struct blob *b, double by)
{
    b->radius *= by;
    b->reach *= by;
}

/* The integral of r(angle)^2 / 2. */
static double phantom_field_area_of(const struct blob *b)
{
    double sum = 1;
    for (int i = 0; i < WAVES; i++) sum += 0.5 * square(b->lobe[i]);
    return PI * square(b->radius) * sum;
}

static double inside_blob(const struct blob *b, double x, double y)
{
    double dx = x - b->x, dy = y - b->y, angle = atan2(dy, dx), radius = 1;
    for (int i = 0; i < WAVES; i++) radius += b->lobe[i] * cos(b->waves[i] * angle + b->phase[i]);
    return b->radius * radius - sqrt(square(dx) + square(dy));
}

/* True if a disc is clear of every blob. */
static bool phantom_field_is_free(const struct scene *s, double x, double y, double reach)
{
    for (int i = 0; i < s->blobs; i++)
        if (square(x - s->blob[i].x) + square(y - s->blob[i].y) <
            square(reach + s->blob[i].reach + GAP))
            return false;
    return true;
}

/* Find free space near a position, ever farther away; without success drop the blob. */
static void phantom_field_settle(struct scene *s, struct blob *b, double x, double y, double within)
{
    double margin = b->reach + GAP;
    for (int i = 0; i < TRIES && s->blobs < s->room; i++, within *= 1.02) {
        double angle = rng_range(s->r, 0, 2 * PI), away = within * sqrt(rng_uniform(s->r));
        b->x = x + away * cos(angle);
        b->y = y + away * sin(angle);
        if (b->x < margin || b->y < margin || b->x > s->w - 1 - margin || b->y > s->h - 1 - margin)
            continue;
        if (!phantom_field_is_free(s, b->x, b->y, b->reach)) continue;
        s->blob[s->blobs++] = *b;
        return;
    }
}

static void settle_anywhere(struct scene *s, struct blob *b)
{
    phantom_field_settle(s, b, rng_range(s->r, 0, s->w), rng_range(s->r, 0, s->h), 1);
}

/* Place lesions up to their share of the area, the last one made to fit; then look-alikes, a third
 * as many nearby and an eighth elsewhere. */
static void place_blobs(struct scene *s)
{
    enum { MOST_SITES = SITES * (MOST / SIDE) * (MOST / SIDE) };
    struct blob b;
    int sites = many(s, SITES), lesions = 0;
    double at[MOST_SITES][2], left = SHARE * s->h * s->w,
                              min = square(0.7 * s->ranges->radius[0]) * PI;
    for (int i = 0; i < sites; i++) {
        at[i][0] = rng_range(s->r, 0.12, 0.88) * s->w;
        at[i][1] = rng_range(s->r, 0.12, 0.88) * s->h;
    }
    for (; left > min || lesions == 0; lesions++) {
        shape_blob(s, &b);
        if (phantom_field_area_of(&b) > left)
            scale_blob(&b, sqrt(left / phantom_field_area_of(&b)));
        left -= phantom_field_area_of(&b);
        b.lesion = true;
        phantom_field_settle(s, &b, at[lesions % sites][0], at[lesions % sites][1], 2 * b.reach);
    }
    for (int i = 0; i < (lesions + 2) / 3; i++) {
        shape_blob(s, &b);
        phantom_field_settle(s, &b, at[i % sites][0], at[i % sites][1], 2 * b.reach);
    }
    for (int i = 0; i < (lesions + 7) / 8; i++) {
        shape_blob(s, &b);
        settle_anywhere(s, &b);
    }
}

static void phantom_field_paint(struct scene *s, int x, int y, double inside, bool lesion)
{
    size_t i = (size_t)y * (size_t)s->w + (size_t)x;
    float v = (float)step(inside, SOFT);
    if (v > s->cover[i]) s->cover[i] = v;
    if (lesion && inside > 0) s->mask[i] = 1;
}

static int low(double v) { return v < 0 ? 0 : (int)v; }
static int high(double v, int size) { return v > size - 2 ? size : (int)v + 2; }

static void paint_blob(struct scene *s, const struct blob *b)
{
    double reach = b->reach + 1;
    for (int y = low(b->y - reach); y < high(b->y + reach, s->h); y++)
        for (int x = low(b->x - reach); x < high(b->x + reach, s->w); x++)
            phantom_field_paint(s, x, y, inside_blob(b, x, y), b->lesion);
}

/* Paint points within `half` of the line from a to b. */
static void paint_stroke(struct scene *s, const double a[2], const double b[2], double half)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], length = square(dx) + square(dy), reach = half + 1;
    for (int y = low(fmin(a[1], b[1]) - reach); y < high(fmax(a[1], b[1]) + reach, s->h); y++)
        for (int x = low(fmin(a[0], b[0]) - reach); x < high(fmax(a[0], b[0]) + reach, s->w); x++) {
            double t = fmin(1, fmax(0, ((x - a[0]) * dx + (y - a[1]) * dy) / length));
            phantom_field_paint(
                s, x, y, half - sqrt(square(x - a[0] - t * dx) + square(y - a[1] - t * dy)), false);
        }
}

/* ---- bands and rings, which avoid the blobs */

static void place_band(struct scene *s)
{
    double at[STATIONS][2];
    for (int tries = 0; tries < 50; tries++) {
        double half = rng_range(s->r, 6, 14), angle = rng_range(s->r, 0, 2 * PI),
               bend = rng_range(s->r, -0.03, 0.03);
        int n = STATIONS / 4 + (int)rng_below(s->r, STATIONS - STATIONS / 4), clear = 1;
        at[0][0] = rng_range(s->r, 0, s->w);
        at[0][1] = rng_range(s->r, 0, s->h);
        for (int i = 1; i < n; i++) {
            angle += bend + 0.05 * rng_normal(s->r);
            at[i][0] = at[i - 1][0] + STRIDE * cos(angle);
            at[i][1] = at[i - 1][1] + STRIDE * sin(angle);
            clear = clear && phantom_field_is_free(s, at[i][0], at[i][1], half);
        }
        if (!clear || !phantom_field_is_free(s, at[0][0], at[0][1], half)) continue;
        for (int i = 1; i < n; i++) paint_stroke(s, at[i - 1], at[i], half);
        return;
    }
}

static void place_ring(struct scene *s)
{
    for (int tries = 0; tries < 50; tries++) {
        double x = rng_range(s->r, 0, s->w), y = rng_range(s->r, 0, s->h),
               radius = rng_range(s->r, 15, 40), half = rng_range(s->r, 3, 5);
        double reach = radius + half + 1;
        if (!phantom_field_is_free(s, x, y, reach)) continue;
        for (int v = low(y - reach); v < high(y + reach, s->h); v++)
            for (int u = low(x - reach); u < high(x + reach, s->w); u++)
                phantom_field_paint(
                    s, u, v, half - fabs(sqrt(square(u - x) + square(v - y)) - radius), false);
        return;
    }
}

/* Smooth variation: random values at nodes, eased in between. */
static double uneven(const float *node, int columns, int x, int y)
{
    double u = (double)(x % NODE) / NODE, v = (double)(y % NODE) / NODE;
    const float *n = node + (size_t)(y / NODE) * (size_t)columns + (size_t)(x / NODE);
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    double top = (double)n[0] + u * ((double)n[1] - (double)n[0]);
    double bottom = (double)n[columns] + u * ((double)n[columns + 1] - (double)n[columns]);
    return top + v * (bottom - top);
}

static att_status phantom_field_shade(struct scene *s, struct err *e)
{
    int columns = s->w / NODE + 2, rows = s->h / NODE + 2;
    size_t nodes = (size_t)columns * (size_t)rows;
    float *node;
    TRY(MEM_ARRAY(node, nodes, "a phantom", e));
    for (size_t i = 0; i < nodes; i++) node[i] = (float)rng_normal(s->r);
    double contrast = draw(s->r, s->ranges->contrast), noise = draw(s->r, s->ranges->noise),
           wave = 2 * PI / GRAIN;
    float *grey = s->cover;
    const uint16_t *mask = s->mask;
    att_status status = ATT_OK;
    for (int y = 0; y < s->h && status == ATT_OK; y++) {
        if (y % NODE == 0 && host_stopped(s->host))
            status = err_set(e, ATT_INTERRUPTED, "stopped while making phantoms");
        for (int x = 0; x < s->w; x++, grey++, mask++) {
            double v = GROUND + WAVINESS * uneven(node, columns, x, y) + contrast * (double)*grey +
                noise * rng_normal(s->r);
            if (*mask) v += GRAININESS * sin(wave * x) * sin(wave * y);
            v = floor(v + 0.5);
            *grey = (float)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
    mem_free(node);
    return status;
}

static att_status phantom_field_compose(struct scene *s, struct err *e)
{
    place_blobs(s);
    for (int i = 0; i < many(s, BANDS); i++) place_band(s);
    for (int i = 0; i < many(s, RINGS); i++) place_ring(s);
    for (int i = 0; i < s->blobs; i++) paint_blob(s, &s->blob[i]);
    return phantom_field_shade(s, e);
}

static att_status make(
    const struct phantom_wish *wish, struct rng *r, struct phantom_case *c, struct err *e)
{
    struct scene s = {.r = r, .ranges = &all[phantom_side(wish)], .host = wish->host};
    s.h = wish->size[IMAGE_H] ? wish->size[IMAGE_H] : SIDE;
    s.w = wish->size[IMAGE_W] ? wish->size[IMAGE_W] : SIDE;
    TRY(phantom_grid(c, 1, s.h, s.w, e));
    s.cover = c->image.data;
    s.mask = c->labels.data;
    /* Smallest lesions that fill the share, twice for look-alikes, and a reserve. */
    s.room = 16 + (int)(2 * SHARE * s.h * s.w / (PI * square(s.ranges->radius[0])));
    TRY(MEM_ARRAY(s.blob, s.room, "a phantom", e));
    const att_status status = phantom_field_compose(&s, e);
    mem_free(s.blob);
    return status;
}

const struct phantom phantom_field = {
    .kind = "field", .ending = ".png", .min = LEAST, .max = MOST, .make = make};
