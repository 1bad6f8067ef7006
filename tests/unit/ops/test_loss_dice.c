/* SPDX-License-Identifier: Apache-2.0 */
/* Dice of small cases, worked out by hand.  Softmax of (0, ln 3) is (1/4, 3/4). */
#include "unit/ops/loss_test.h"

#define LN3 1.0986122886681098

/* Class 0: p = 1/4 1/4 1/2; pt = 1/4, p = 1, t = 1.  Class 1: p = 3/4 3/4 1/2; pt = 5/4, p = 2, t
 * = 2. */
static void test_classes(void **state)
{
    (void)state;
    const double z[] = {0, 0, 0, 5, LN3, LN3, 0, 5};
    const uint8_t label[] = {0, 1, 1, LABEL_IGNORE};
    struct problem p = {.s = {1, 2, 1, 2, 2}, .logits = z, .label = label};
    loss_is("dice(background=yes,smooth=0)", &p, 1 - (0.25 + 0.625) / 2);
    loss_is("dice(background=yes,smooth=1)", &p, 1 - (0.5 + 0.7) / 2);
    /* by p1: -(2 t - 0.7) / 5; by z1: p0 p1 times it */
    loss_and_gradient("10*dice(smooth=1)", &p, 10 * (1 - 0.7),
        (const double[]){-0.2625, 0.4875, 0.65, 0, 0.2625, -0.4875, -0.65, 0});
}

/* Image 0: p = 1/2 3/4, pt = 1/2, t = 1; image 1: p = 1/4 1/2, pt = 1/2, t = 1. */
static void test_regions(void **state)
{
    (void)state;
    const double z[] = {0, LN3, -LN3, 0};
    const uint8_t label[] = {1, 0, 0, 1};
    struct problem p = {.s = {2, 1, 1, 1, 2},
        .logits = z,
        .label = label,
        .target = {.regions = true, .region = {{{2}}}}};
    loss_is("dice(smooth=0)", &p, 1 - (1 / 2.25 + 1 / 1.75) / 2);
    /* by p: -(2 t - 0.5) / 4 */
    loss_and_gradient(
        "16*dice(smooth=0,batch=yes)", &p, 8, (const double[]){-1.5, 0.375, 0.375, -1.5});
}

static void test_no_pixels(void **state)
{
    (void)state;
    const double z[] = {1, 2, 3, 4, 5, 6}, zero[6] = {0};
    uint8_t label[] = {LABEL_IGNORE, LABEL_IGNORE};
    struct problem p = {.s = {1, 3, 1, 1, 2}, .logits = z, .label = label};
    loss_and_gradient("dice(smooth=0,background=yes)", &p, 0, zero);
    loss_and_gradient("dice(smooth=1,background=yes)", &p, 0, zero);
    /* One class only, which does not count. */
    label[0] = 0;
    p.s.c = 1;
    loss_and_gradient("dice", &p, 0, zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes),
        cmocka_unit_test(test_regions), cmocka_unit_test(test_no_pixels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
