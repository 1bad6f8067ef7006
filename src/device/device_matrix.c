/* SPDX-License-Identifier: Apache-2.0 */
/* A check that the device's matrix hardware computes what plain kernels compute. */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "device/device_conv.h"

enum { FROM = 2 * LANES, TO = 4 * LANES, HEIGHT = 9, WIDTH = 20, TAPS = 9 };
enum { MOST = TO * FROM * TAPS };
_Static_assert(MOST >= TO * HEIGHT * WIDTH, "numbers of any array");

/* Sums of their products are exact in float, in any order: whole numbers up to 3, and weights that
 * two bfloat16 hold but one does not. */
static float exact_number(size_t i) { return (float)((int)(i * 5 % 7) - 3); }
static float exact_weight(size_t i) { return exact_number(i) + (float)(i % 5) / 512; }

static void load_tensor(const struct tensor *t, uint16_t *room)
{
    for (size_t i = 0; i < tensor_size(t); i++) room[i] = half_round(exact_number(i / 3 + i));
    memory_device.upload(t->p, room, tensor_bytes(t));
}

/* What an implementation writes. */
struct written {
    void *at;
    size_t bytes;
};
static struct written written_of(const struct conv *c, enum conv_slot slot)
{
    const struct tensor *t = slot == CONV_FORWARD ? &c->y : &c->x[0];
    if (slot == CONV_BACKWARD_W) return (struct written){c->w, MOST * sizeof(float)};
    return (struct written){t->p, tensor_bytes(t)};
}

static bool written_by(
    const struct conv *c, enum conv_slot slot, const struct conv_impl *impl, float *to)
{
    const struct written out = written_of(c, slot);
    const size_t bytes = impl->workspace(c, 1);
    void *workspace = memory_device.create(bytes);
    struct err e = {.status = ATT_OK};
    if (!workspace) return false;
    load_tensor(&c->x[0], (uint16_t *)(void *)to);
    load_tensor(&c->y, (uint16_t *)(void *)to);
    for (size_t i = 0; i < MOST; i++) to[i] = exact_weight(i);
    memory_device.upload(c->w, to, MOST * sizeof *to);
    memory_device.fill(out.at, 0x42, out.bytes);
    impl->run(c, workspace, NULL);
    memory_device.download(out.at, to, out.bytes);
    memory_device.destroy(workspace, bytes);
    return device_check(&e) == ATT_OK;
}

static bool same_as_plain(const struct conv *c, enum conv_slot slot)
{
    const struct conv_impl *plain = kernels_conv(device_kernels(), slot, c, "plain");
    float *want = mem_alloc(MOST * sizeof *want), *got = mem_alloc(MOST * sizeof *got);
    const bool same = want && got && written_by(c, slot, plain, want) &&
        written_by(c, slot, &device_conv_matrix[slot], got) &&
        memcmp(want, got, written_of(c, slot).bytes) == 0;
    mem_free(want);
    mem_free(got);
    return same;
}

/* Written once, before any reader. */
static bool right;

static void compare_with_plain(void)
{
    struct conv c = {.kernel = {1, 3, 3},
        .stride = {1, 1, 1},
        .pad = {0, 1, 1},
        .nx = 1,
        .x = {{NULL, {1, FROM, 1, HEIGHT, WIDTH}, LANES, true}},
        .y = {NULL, {1, TO, 1, HEIGHT, WIDTH}, LANES, true}};
    c.x[0].p = memory_device.create(tensor_bytes(&c.x[0]));
    c.y.p = memory_device.create(tensor_bytes(&c.y));
    c.w = memory_device.create(MOST * sizeof(float));
    right = c.x[0].p && c.y.p && c.w && same_as_plain(&c, CONV_FORWARD) &&
        same_as_plain(&c, CONV_BACKWARD_X) && same_as_plain(&c, CONV_BACKWARD_W);
    if (c.w) memory_device.destroy(c.w, MOST * sizeof(float));
    if (c.y.p) memory_device.destroy(c.y.p, tensor_bytes(&c.y));
    if (c.x[0].p) memory_device.destroy(c.x[0].p, tensor_bytes(&c.x[0]));
}

bool device_matrix_right(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, compare_with_plain);
    return right;
}
