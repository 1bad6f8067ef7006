/* SPDX-License-Identifier: Apache-2.0 */
/* Two classes of a few thousandths of the voxels are learnt within a hundred steps, whole images
 * being the patches.  Without the heads' biases (plan/class_prior.h) the loss is above 1 by then.
 */
#include "unit/train/train_test.h"

enum { CASES = 4, SIDE = 64 };

static void fill_square(
    struct image *m, struct labelmap *l, const int at[2], int size, float value, uint16_t class)
{
    for (int y = at[0]; y < at[0] + size; y++)
        for (int x = at[1]; x < at[1] + size; x++) {
            m->data[y * SIDE + x] += value;
            l->data[y * SIDE + x] = class;
        }
}

/* Noise, with a bright square of 3 x 3 on the left, a dark one on the right, and a large bright one
 * that is background. */
static void put_squares(int index)
{
    struct image m = {.channels = 1, .size = {1, SIDE, SIDE}};
    struct labelmap l = {.size = {1, SIDE, SIDE}};
    struct rng r = rng_stream(3, RNG_TEST, (uint32_t)index, 0);
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    l.data = mem_array(SIDE * SIDE, sizeof *l.data);
    for (int i = 0; i < SIDE * SIDE; i++) m.data[i] = (float)rng_range(&r, 0, 40);
    const int low = 4 + (int)rng_below(&r, 40), left[2] = {low, 4 + (int)rng_below(&r, 16)},
              right[2] = {4 + (int)rng_below(&r, 40), 44 + (int)rng_below(&r, 12)},
              middle[2] = {low, 28};
    fill_square(&m, &l, left, 3, 80, 1);
    fill_square(&m, &l, right, 3, -80, 2);
    fill_square(&m, &l, middle, 10, 80, 0);
    put_pair("rare", index, &m, &l);
    mem_free(m.data);
    mem_free(l.data);
}

static double number(const json_t *row, const char *class)
{
    return json_number_value(
        json_object_get(json_object_get(json_object_get(row, "validation"), "classes"), class));
}

static void rare_classes_are_learnt(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) put_squares(i);
    whole_run((struct how){1, kernels_best()}, "rare", "run",
        (const char *const[]){"steps=100", "patch=64x64", "batch=2", "fold=0", "folds=4",
            "spec=widths=8,16,32 gated=all", "mirror=no", "rotate=0", "scale=0", NULL});
    json_t *row = last_row("run");
    double loss = json_number_value(json_object_get(row, "loss")), bright = number(row, "label 1"),
           dark = number(row, "label 2");
    print_message("loss %.4f, Dice %.4f and %.4f\n", loss, bright, dark);
    assert_true(loss < .4);
    assert_true(bright > .5);
    assert_true(dark > .5);
    json_decref(row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rare_classes_are_learnt)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
