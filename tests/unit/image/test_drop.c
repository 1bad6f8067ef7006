/* SPDX-License-Identifier: Apache-2.0 */
/* What is dropped plane by plane is what components.c, which sees all of a mask, finds to be
 * dropped; in memory and in a file. */
#include "image/drop.h"

#include <math.h>

#include "base/rng.h"
#include "image/components.h"
#include "unit/format/format_test.h"

enum { D = 7, H = 13, W = 17, VOXELS = D * H * W };
static const int size[3] = {D, H, W};

/* By labels of all of it, a group after the other. */
static void drop_plainly(const struct drop_rule *r, uint8_t *mask)
{
    static uint8_t member[VOXELS];
    static int32_t label[VOXELS];
    static int64_t voxels[VOXELS];
    uint8_t given[VOXELS];
    memcpy(given, mask, VOXELS);
    for (int g = 1; g < 256; g++) {
        int count, best = 0;
        for (int i = 0; i < VOXELS; i++) member[i] = r->group[given[i]] == g;
        OK(components_label(member, size, label, &count, &e));
        components_sizes(label, VOXELS, count, voxels);
        for (int k = 1; k < count; k++) best = voxels[k] > voxels[best] ? k : best;
        for (int i = 0; i < VOXELS; i++)
            if (label[i] &&
                ((r->largest[g] && label[i] - 1 != best) || voxels[label[i] - 1] < r->smallest[g]))
                mask[i] = 0;
    }
}

/* `share` of 16 voxels are not 0; of each value's group three say what goes. */
static void masks_of_noise_are_cleared_alike(void **state)
{
    struct drop_rule r = {.group = {0, 1, 2, 2, 0, 3},
        .largest = {false, true, false, true},
        .smallest = {0, 2, 3, 0}};
    struct rng g = rng_stream(1, RNG_TEST, 0, 0);
    struct spool s;
    (void)state;
    OK(scratch_create(".", VOXELS, &s, &e));
    for (int round = 0; round < 60; round++) {
        uint8_t mask[VOXELS], wanted[VOXELS], got[VOXELS];
        unsigned share = 1 + (unsigned)round % 12,
                 values = round % 3 ? 6 : 2; /* neighbours of several groups, or of one */
        for (int i = 0; i < VOXELS; i++)
            mask[i] = (uint8_t)(rng_below(&g, 16) < share ? rng_below(&g, values) : 0);
        memcpy(wanted, mask, VOXELS);
        drop_plainly(&r, wanted);
        OK(scratch_write(&s, 0, mask, VOXELS, &e));
        OK(drop_components(&(struct drop_planes){{D, H, W}, NULL, &s}, &r, INFINITY, &e));
        OK(scratch_read(&s, 0, got, VOXELS, &e));
        assert_memory_equal(got, wanted, VOXELS);
        OK(drop_components(&(struct drop_planes){{D, H, W}, mask, NULL}, &r, INFINITY, &e));
        assert_memory_equal(mask, wanted, VOXELS);
    }
    scratch_close(&s);
}

static void too_many_parts_are_told(void **state)
{
    struct drop_rule r = {.group = {0, 1}, .largest = {false, true}};
    uint8_t mask[VOXELS];
    int64_t count[256];
    (void)state;
    for (int i = 0; i < VOXELS; i++) mask[i] = (i / W / H) % 2 && (i / W % H) % 2 && i % W % 2;
    const struct drop_planes p = {{D, H, W}, mask, NULL};
    REFUSED(drop_components(&p, &r, 6000, &e), ATT_MEMORY, "the mask falls into so many parts (");
    OK(drop_components(&p, &r, 60000, &e));
    OK(drop_count(&p, count, &e));
    assert_true(count[1] == 1 && count[0] == VOXELS - 1);
    assert_int_equal(mask[(H + 1) * W + 1], 1); /* the first of equals */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_of_noise_are_cleared_alike),
        cmocka_unit_test(too_many_parts_are_told)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
