/* SPDX-License-Identifier: Apache-2.0 */
/* Baselines on sets made for each of them, and on the phantom, which none of them may solve. */
#include "measure/baselines.h"

#include "phantom/phantom.h"
#include "unit/dataset/dataset_test.h"

enum { SIDE = 40 };

/* A bright square of 12 pixels at (at, at); `specks`: single bright pixels elsewhere, which are not
 * labelled. */
static void put_square(const char *set, int number, int at, bool specks)
{
    struct labelmap image = {.size = {1, SIDE, SIDE}}, label = image;
    image.data = mem_array(SIDE * SIDE, sizeof *image.data);
    label.data = mem_array(SIDE * SIDE, sizeof *label.data);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            bool inside = x >= at && x < at + 12 && y >= at && y < at + 12;
            bool speck = specks && x % 4 == 0 && y % 4 == 0;
            image.data[y * SIDE + x] = inside || speck ? 200 : 50;
            label.data[y * SIDE + x] = inside ? 255 : 0;
        }
    for (int k = 0; k < 2; k++) {
        char *path = mem_text("set/%s/%s/case_%d.png", set, k ? "labels" : "images", number);
        make_parent(path);
        OK(format_save_labels(path, k ? &label : &image, &e));
        mem_free(path);
    }
    mem_free(image.data);
    mem_free(label.data);
}

static void measure(double dice[BASELINES])
{
    struct dataset train, unseen;
    OK(dataset_open("set/train", &train, NULL, &e));
    OK(dataset_open("set/unseen", &unseen, NULL, &e));
    OK(baselines_measure(&train, &unseen, dice, &e));
    dataset_free(&train);
    dataset_free(&unseen);
}

static void a_threshold_finds_what_is_bright(void **state)
{
    (void)state;
    double dice[BASELINES];
    for (int i = 0; i < 4; i++) put_square("train", i, 1 + i, false);
    for (int i = 0; i < 2; i++) put_square("unseen", i, 25 + i, false);
    measure(dice);
    assert_true(dice[BASELINE_THRESHOLD] == 1);
    assert_true(dice[BASELINE_COMPONENT] == 1);
    assert_true(dice[BASELINE_MEAN_MASK] == 0); /* never there in training */
}

static void the_largest_component_leaves_specks_out(void **state)
{
    (void)state;
    double dice[BASELINES];
    for (int i = 0; i < 4; i++) put_square("train", i, 1 + 4 * i, true);
    for (int i = 0; i < 2; i++) put_square("unseen", i, 20 + 4 * i, true);
    measure(dice);
    assert_true(dice[BASELINE_COMPONENT] == 1);
    /* 144 pixels in the square, 91 specks outside of its 9: 2 * 144 / (144 + 144 + 91) */
    assert_true(dice[BASELINE_THRESHOLD] > 0.759 && dice[BASELINE_THRESHOLD] < 0.761);
}

/* More than four deviations above the mean. */
static void the_brightest_is_in_a_band(void **state)
{
    (void)state;
    double dice[BASELINES];
    uint16_t image[SIDE * SIDE], label[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        label[i] = i / SIDE >= 20 && i / SIDE < 24 && i % SIDE >= 8 && i % SIDE < 13 ? 255 : 0;
        image[i] = (uint16_t)(label[i] ? 250 : 20 + i % 7);
    }
    struct labelmap files[] = {
        {.size = {1, SIDE, SIDE}, .data = image}, {.size = {1, SIDE, SIDE}, .data = label}};
    static const char *const names[] = {"set/train/images/a.png", "set/train/labels/a.png",
        "set/unseen/images/a.png", "set/unseen/labels/a.png"};
    for (int k = 0; k < 4; k++) {
        make_parent(names[k]);
        OK(format_save_labels(names[k], &files[k % 2], &e));
    }
    measure(dice);
    assert_true(dice[BASELINE_THRESHOLD] == 1);
}

static void the_mean_mask_knows_the_place(void **state)
{
    (void)state;
    double dice[BASELINES];
    for (int i = 0; i < 3; i++) put_square("train", i, 10, false);
    put_square("unseen", 0, 10, false);
    put_square("unseen", 1, 16, false);
    measure(dice);
    assert_true(dice[BASELINE_MEAN_MASK] == (1 + 0.25) / 2);
}

static void sets_without_labels_are_refused(void **state)
{
    (void)state;
    struct dataset train, none = {0};
    double dice[BASELINES];
    put_square("train", 0, 10, false);
    OK(dataset_open("set/train", &train, NULL, &e));
    REFUSED(baselines_measure(&train, &none, dice, &e), ATT_DATA, "labelled cases");
    REFUSED(baselines_measure(&none, &train, dice, &e), ATT_DATA, "labelled cases");
    struct dataset other = train;
    other.labels.nonzero = false;
    REFUSED(baselines_measure(&train, &other, dice, &e), ATT_DATA, "has other labels than");
    mem_free(train.cases[0].label);
    train.cases[0].label = NULL;
    REFUSED(baselines_measure(&train, &train, dice, &e), ATT_DATA, "case case_0 of ");
    dataset_free(&train);
}

static void the_ultrasound_phantom_needs_more(void **state)
{
    (void)state;
    double dice[BASELINES];
    struct pool *pool = pool_create(0);
    OK(phantom_write("ultrasound", "set/train", &(struct phantom_wish){.seed = 1}, 24, pool, &e));
    OK(phantom_write("ultrasound", "set/unseen", &(struct phantom_wish){.seed = 1, .unseen = true},
        12, pool, &e));
    pool_destroy(pool);
    measure(dice);
    for (int i = 0; i < BASELINES; i++) assert_true(dice[i] > 0 && dice[i] < 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_threshold_finds_what_is_bright, clear_set),
        cmocka_unit_test_setup(the_largest_component_leaves_specks_out, clear_set),
        cmocka_unit_test_setup(the_brightest_is_in_a_band, clear_set),
        cmocka_unit_test_setup(the_mean_mask_knows_the_place, clear_set),
        cmocka_unit_test_setup(sets_without_labels_are_refused, clear_set),
        cmocka_unit_test_setup(the_ultrasound_phantom_needs_more, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
