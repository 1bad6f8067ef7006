/* SPDX-License-Identifier: Apache-2.0 */
/* Masks whose form says that 0 is not their background, or that they are only outlines. */
#include "dataset/mask_values.h"
#include "unit/dataset/dataset_test.h"

enum { SIDE = 20, COUNT_ASKED = 5 };

static void put_mask(int number, struct labelmap *m)
{
    char path[64];
    snprintf(path, sizeof path, "set/labels/%d.png", number);
    make_parent(path);
    OK(format_save_labels(path, m, &e));
    mem_free(m->data);
    snprintf(path, sizeof path, "set/images/%d.png", number);
    put_image(path, 1, 1, SIDE, SIDE);
}

/* A mask of `around` with a square of `inside` from row and column `at` on. */
static void put_square(int number, int around, int inside, int at, int side)
{
    struct labelmap m = {.size = {1, SIDE, SIDE}};
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int h = i / SIDE - at, w = i % SIDE - at;
        m.data[i] = (uint16_t)(h >= 0 && h < side && w >= 0 && w < side ? inside : around);
    }
    put_mask(number, &m);
}

static void put_squares(int from, int to, int around, int inside, int at, int side)
{
    for (int i = from; i < to; i++) put_square(i, around, inside, at, side);
}

static void expect_doubt(const char *words)
{
    struct dataset d;
    OK(dataset_open("set", &d, NULL, &e));
    if (words)
        assert_non_null(strstr(d.doubt ? d.doubt : "", words));
    else
        assert_null(d.doubt);
    dataset_free(&d);
}

static void inverted_masks_are_asked_about(void **state)
{
    struct dataset d;
    (void)state;
    put_squares(0, COUNT_ASKED - 1, 255, 0, 4, 6);
    expect_doubt(NULL); /* too few to tell */
    put_square(COUNT_ASKED, 255, 0, 4, 6);
    expect_doubt("nearly all labels of set have 255 along their border and in most of their area, "
                 "so that 255 may be the background; if these are classes, give `mask-values` "
                 "classes, or name them in a dataset.json; if it is, say so there");
    OK(dataset_open("set", &d, NULL, &e));
    REFUSED(mask_values_choose(NULL, &d, &e), ATT_DATA, "255 may be the background");
    OK(mask_values_choose("classes", &d, &e));
    assert_int_equal(labelling_class(&d.labels, 0), 0);
    dataset_free(&d);

    put_text("set/dataset.json", "{\"labels\": {\"background\": 255, \"object\": 0}}");
    OK(dataset_open("set", &d, NULL, &e));
    assert_null(d.doubt);
    assert_int_equal(labelling_class(&d.labels, 255), 0);
    assert_int_equal(labelling_class(&d.labels, 0), 1);
    assert_string_equal(d.labels.name[1], "object");
    REFUSED(mask_values_choose("objects", &d, &e), ATT_USAGE,
        "names 255 as the background, but `instances` needs 0");
    dataset_free(&d);
}

/* Lungs may fill some images; a tissue meets the border elsewhere. */
static void large_classes_are_not_asked_about(void **state)
{
    (void)state;
    put_squares(0, 20, 255, 0, 4, 6);
    put_squares(20, 23, 0, 255, 4, 6);
    expect_doubt(NULL); /* 87 % of the masks */
    clear_set(NULL);
    put_squares(0, 20, 255, 0, 0, 6);
    expect_doubt(NULL); /* 0 lies on the border */
    clear_set(NULL);
    put_squares(0, 20, 1, 0, 1, 16);
    expect_doubt(NULL); /* a frame */
}

/* Each class has files of its own. */
static void inverted_classes_of_files_are_asked_about(void **state)
{
    const struct dataset_patterns p = {
        .images = "images/{id}.png", .labels = "labels/{id}.png;more/{id}.png"};
    struct dataset d;
    (void)state;
    put_squares(0, COUNT_ASKED, 255, 0, 4, 6);
    for (int i = 0; i < COUNT_ASKED; i++) {
        char path[64];
        snprintf(path, sizeof path, "set/more/%d.png", i);
        put_labels(path, 1, SIDE, SIDE, 0);
    }
    OK(dataset_open_patterns("set", &p, &d, NULL, NULL, &e));
    assert_true(d.named);
    assert_non_null(strstr(d.doubt, "if 0 marks the objects there, save the labels with 0 as"));
    OK(mask_values_choose("classes", &d, &e));
    dataset_free(&d);
}

/* Closed lines around squares in a row; each is `wide` pixels wide, and begins at column 1. A tail
 * of one pixel leaves the last. */
static void put_lines(int number, int squares, int side, int wide, int tail)
{
    struct labelmap m = {.size = {1, SIDE, SIDE}};
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int step = side - wide, h = i / SIDE - 1, w = i % SIDE - 1;
        const int at = step ? w % step : w;
        const bool within = h >= 0 && h < side && w >= 0 && w < squares * step + wide;
        m.data[i] = within && (at < wide || h < wide || h >= side - wide);
        m.data[i] |= h == 0 && w >= 0 && w < squares * step + wide + tail;
    }
    put_mask(number, &m);
}

static void expect_outlines(int labels, int squares, int side, int wide, int tail, bool asks)
{
    clear_set(NULL);
    for (int i = 0; i < labels; i++) put_lines(i, squares, side, wide, tail);
    expect_doubt(asks ? "most labels of set are thin closed lines around areas of 0; if these are "
                        "classes, give `mask-values` classes, or name them in a dataset.json; if "
                        "they are outlines of objects, fill them, or a network learns only the"
                      : NULL);
}

static void outlines_are_asked_about(void **state)
{
    (void)state;
    expect_outlines(3, 1, 9, 1, 0, true);
    expect_outlines(2, 1, 9, 1, 0, false); /* too few to tell */
    expect_outlines(3, 1, 13, 2, 0, true);
    expect_outlines(3, 1, 9, 3, 0, false);  /* rings are filled */
    expect_outlines(3, 1, 9, 1, 10, false); /* a vessel with a loop has free ends */
    expect_outlines(3, 2, 8, 1, 0, true);
    expect_outlines(3, 1, 18, 1, 0, false); /* little lies outside, as with borders of tissue */
    for (int i = 0; i < 3; i++) put_square(i, 0, 1, 4, 6);
    expect_doubt(NULL);
    for (int i = 3; i < 6; i++) put_lines(i, 1, 9, 1, 0);
    expect_doubt(NULL); /* half of the masks */
    put_lines(6, 1, 9, 1, 0);
    expect_doubt("most labels of set are thin closed lines");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(inverted_masks_are_asked_about, clear_set),
        cmocka_unit_test_setup(large_classes_are_not_asked_about, clear_set),
        cmocka_unit_test_setup(inverted_classes_of_files_are_asked_about, clear_set),
        cmocka_unit_test_setup(outlines_are_asked_about, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
