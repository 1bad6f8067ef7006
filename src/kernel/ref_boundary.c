/* SPDX-License-Identifier: Apache-2.0 */
/* Exact signed distances for the boundary loss (loss.h, distance.h). */
#include "kernel/loss.h"

#include <math.h>

#include "kernel/distance.h"
#include "kernel/ref.h"

/* A worker's memory: pixels to measure to, distances, scratch. */
struct room {
    size_t mask, distance, all;
};

static size_t boundary_lines(size_t bytes) { return (bytes + 63) / 64 * 64; }

static struct room boundary_room_of(struct shape s)
{
    struct room r = {.mask = boundary_lines(shape_pixels(s)),
        .distance = boundary_lines(shape_pixels(s) * sizeof(float))};
    r.all = r.mask + r.distance + boundary_lines(distance_scratch((int[]){s.d, s.h, s.w}, 1));
    return r;
}

size_t boundary_scratch(struct shape s, int threads)
{
    return (size_t)threads * boundary_room_of(s).all;
}

/* The meaning of a label for class k. */
enum side { OUT, IN, NEITHER };

static void sides_of(const struct loss_input *in, int k, uint8_t side[256])
{
    for (int l = 0; l < 256; l++)
        side[l] = !loss_valid(in, l) ? NEITHER : loss_target(in, l, k) ? IN : OUT;
}

/* One side of one class in one image; the neighbouring task fills the other pixels. */
static void boundary_measure(void *arg, int task, int worker)
{
    const struct boundary *b = arg;
    struct shape s = b->in.logits.s;
    struct room room = boundary_room_of(s);
    size_t pixels = shape_pixels(s);
    enum side own = task % 2 ? IN : OUT, other = own == IN ? OUT : IN;
    int k = b->first + task / 2 % (s.c - b->first), image = task / 2 / (s.c - b->first);
    unsigned char *work = b->scratch + (size_t)worker * room.all;
    float *distance = (float *)(void *)(work + room.mask);
    real *phi = tensor_channel(&b->phi, image, k);
    const uint8_t *label = b->in.label + (size_t)image * pixels;
    uint8_t side[256];
    sides_of(&b->in, k, side);
    for (size_t i = 0; i < pixels; i++) work[i] = side[label[i]] == other;
    distance_squared_in(work, (int[]){s.d, s.h, s.w}, (double[]){b->z, 1, 1}, distance,
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

static void ref_boundary(const struct boundary *b, struct pool *pool)
{
    struct shape s = b->in.logits.s;
    for (int n = 0; n < s.n && b->first; n++)
        for (size_t i = 0; i < shape_pixels(s); i++) tensor_channel(&b->phi, n, 0)[i] = 0;
    int classes = s.c - b->first;
    pool_run(pool, 2 * s.n * classes, boundary_measure, (void *)(uintptr_t)b);
    *b->below = (double)count_valid(&b->in) * classes;
}

void ref_boundary_fill(struct kernels *k) { k->boundary = ref_boundary; }
