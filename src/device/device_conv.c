/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of any shape, and the lists of all implementations. */
#include "device/device_conv.h"

void conv_geometry(struct launch *l, const struct conv *c)
{
    int g[10];
    for (int i = 0; i < 3; i++) {
        g[i] = c->kernel[i];
        g[3 + i] = c->stride[i];
        g[6 + i] = c->pad[i];
    }
    g[9] = conv_in_blocks(c);
    launch_value(l, g, sizeof g);
}

void conv_finish(struct launch *l, const struct conv *c)
{
    launch_args(l, c->scale, c->b, c->map, (int)c->act);
}

void conv_sum_parts(const struct conv *c, const void *part, size_t parts)
{
    struct launch l = launch_of("optim", "sum_parts", NULL);
    launch_args(&l, part, (int)parts, (int64_t)conv_weights(c), c->w, c->add[0]);
    launch_over(&l, conv_weights(c));
}

static size_t blocks_of(const struct tensor *t) { return (size_t)(t->s.c + LANES - 1) / LANES; }

/* A work-item per pixel and block of channels. */
static void conv_over(struct launch *l, const struct tensor *t)
{
    const size_t local[] = {LAUNCH_GROUP, 1};
    const size_t global[] = {(shape_pixels(t->s) + LAUNCH_GROUP - 1) / LAUNCH_GROUP * LAUNCH_GROUP,
        (size_t)t->s.n * blocks_of(t)};
    launch_run(l, 2, global, local);
}

static bool conv_any(const struct conv *c)
{
    (void)c;
    return true;
}

static size_t conv_none(const struct conv *c, int threads)
{
    (void)c;
    (void)threads;
    return 0;
}

static void device_conv_forward(const struct conv *c, void *workspace, struct pool *pool)
{
    const struct tensor none = {.lanes = 1};
    struct launch l = launch_of("conv_plain", "forward", NULL);
    (void)workspace;
    (void)pool;
    for (int i = 0; i < CONV_MAX_X; i++) launch_tensor(&l, i < c->nx ? &c->x[i] : &none);
    launch_args(&l, c->nx, &c->y, c->w);
    conv_geometry(&l, c);
    conv_finish(&l, c);
    launch_int(&l, c->add[0]);
    conv_over(&l, &c->y);
}

static void device_conv_back_x(const struct conv *c, void *workspace, struct pool *pool)
{
    size_t first = 0;
    (void)workspace;
    (void)pool;
    for (int i = 0; i < c->nx; first += blocks_of(&c->x[i++])) {
        if (c->skip[i]) continue;
        struct launch l = launch_of("conv_plain", "backward_x", NULL);
        launch_args(&l, &c->x[i], &c->y, c->w);
        conv_geometry(&l, c);
        launch_int(&l, (int)first);
        conv_finish(&l, c);
        launch_int(&l, c->add[i]);
        conv_over(&l, &c->x[i]);
    }
}

/* By shape only; fewer where there are many weights, which are work enough. */
static size_t conv_parts(const struct conv *c)
{
    const size_t rows = (size_t)c->y.s.n * (size_t)c->y.s.d * (size_t)c->y.s.h,
                 many = ((size_t)1 << 20) / conv_weights(c), parts = many < rows ? many : rows;
    return parts > 64 ? 64 : parts ? parts : 1;
}

static size_t conv_w_workspace(const struct conv *c, int threads)
{
    (void)threads;
    return conv_parts(c) * conv_weights(c) * sizeof(float);
}

static void device_conv_back_w(const struct conv *c, void *workspace, struct pool *pool)
{
    const size_t parts = conv_parts(c), local[] = {LAUNCH_GROUP, 1, 1};
    size_t first = 0;
    (void)pool;
    for (int i = 0; i < c->nx; first += blocks_of(&c->x[i++])) {
        const size_t global[] = {
            LANES * LANES, (size_t)conv_taps(c), parts * blocks_of(&c->x[i]) * blocks_of(&c->y)};
        struct launch l = launch_of("conv_plain", "backward_w", NULL);
        launch_args(&l, &c->x[i], &c->y);
        conv_geometry(&l, c);
        launch_args(&l, (int)first, (int)parts, workspace);
        launch_run(&l, 3, global, local);
    }
    conv_sum_parts(c, workspace, parts);
}

static const struct conv_impl conv_plain[CONV_SLOTS] = {
    {.name = "plain", .fits = conv_any, .workspace = conv_none, .run = device_conv_forward},
    {.name = "plain", .fits = conv_any, .workspace = conv_none, .run = device_conv_back_x},
    {.name = "plain", .fits = conv_any, .workspace = conv_w_workspace, .run = device_conv_back_w}};

/* Best first; each ends with one that fits everything. */
#define CONV_LIST(slot)                                                                            \
    {                                                                                              \
        &device_conv_matrix[slot], &device_conv_tile[slot], &conv_plain[slot], NULL                \
    }
static const struct conv_impl *const device_convs[CONV_SLOTS][4] = {
    CONV_LIST(CONV_FORWARD), CONV_LIST(CONV_BACKWARD_X), CONV_LIST(CONV_BACKWARD_W)};

void device_conv_fill(struct kernels *k)
{
    for (int slot = 0; slot < CONV_SLOTS; slot++) k->conv[slot] = device_convs[slot];
}
