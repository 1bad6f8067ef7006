/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and columns of patches: what lies where, in which grey, with which outline. */
#include "draw/sheet.h"

#include "draw/picture.h"
#include "format/format.h"
#include "unit/format/format_test.h"

enum {
    MARGIN = 12,
    TEXT = 4 + 5 * 14,
    LEGEND = 22,
    ROWS = 2,
    COLUMNS = 3,
    PANELS = ROWS * COLUMNS
};

static struct labelling names = {.count = 3, .name = {"background", "one", "two"}};
static char captions[PANELS][SHEET_TEXT] = {"first\nas it is", "second", "", "a\nb\nc\nd\ne\nf",
    "brightness, contrast, low resolution, gamma", "aVeryLongNameOfACaseThatHasNoBlank"};

static struct image draw(struct sheet *s, float *samples, uint8_t *classes)
{
    struct image m;
    s->rows = ROWS;
    s->columns = COLUMNS;
    s->names = &names;
    s->captions = (const char(*)[SHEET_TEXT])captions;
    s->samples = samples;
    s->classes = classes;
    OK(sheet_write(s, "sheet.png", &e));
    OK(format_load_image("sheet.png", &m, &e));
    assert_int_equal(m.channels, 3);
    return m;
}

static struct color at(const struct image *m, int x, int y)
{
    const float *q = m->data + y * m->size[2] + x;
    size_t plane = image_voxels(m->size);
    return (struct color){
        (unsigned char)q[0], (unsigned char)q[plane], (unsigned char)q[2 * plane]};
}

static void assert_color(struct color a, struct color b)
{
    if (a.r != b.r || a.g != b.g || a.b != b.b)
        fail_msg("%d %d %d, not %d %d %d", a.r, a.g, a.b, b.r, b.g, b.b);
}

static struct color grey(double share)
{
    unsigned char v = (unsigned char)(share * 255 + .5);
    return (struct color){v, v, v};
}

/* 3 slices of 20 x 10: the middle one, each voxel eight pixels wide, in the middle of its cell of
 * 160. */
static void volumes_show_their_middle(void **state)
{
    (void)state;
    enum { D = 3, H = 20, W = 10, ALL = D * H * W, F = 8, CELL_W = 160, CELL_H = H * F + TEXT };
    static float samples[PANELS * ALL];
    static uint8_t classes[PANELS * ALL];
    for (int i = 0; i < PANELS * ALL; i++)
        samples[i] = i / (H * W) % D == 1 ? (float)(i % (H * W)) : 1e6f;
    samples[1 * ALL + H * W + 55] = 5000; /* brighter than all of the row's first */
    classes[2 * ALL + H * W + 33] = 2;
    classes[3 * ALL + H * W + 44] = LABELLING_IGNORE;
    struct sheet s = {.channels = 1, .size = {D, H, W}};
    struct image m = draw(&s, samples, classes);
    assert_int_equal(m.size[2], MARGIN + COLUMNS * (CELL_W + MARGIN));
    assert_int_equal(m.size[1], MARGIN + ROWS * (CELL_H + MARGIN) + LEGEND);
    for (int panel = 0; panel < PANELS; panel++)
        for (int v = 0; v < H * W; v++) {
            int x = MARGIN + panel % COLUMNS * (CELL_W + MARGIN) + (CELL_W - W * F) / 2 +
                v % W * F + F / 2;
            int y = MARGIN + panel / COLUMNS * (CELL_H + MARGIN) + v / W * F + F / 2;
            double share =
                (v - 1.99) / 195.02; /* numpy.percentile(range(200), [1, 99]) is 1.99, 197.01 */
            struct color wanted = grey(share < 0 ? 0 : share > 1 ? 1 : share);
            if (panel == 1 && v == 55) wanted = grey(1);
            if (panel == 3 && v == 44) wanted = color_mix(wanted, (struct color){24, 26, 31}, .7);
            assert_color(at(&m, x, y), wanted);
            if (panel == 2 && v == 33) /* all around it */
                for (int k = 0; k < F; k++) {
                    assert_color(at(&m, x - F / 2 + k, y - F / 2), color_of_class(1));
                    assert_color(at(&m, x - F / 2, y - F / 2 + k), color_of_class(1));
                    assert_color(at(&m, x - F / 2 + k, y + F / 2 - 1), color_of_class(1));
                    assert_color(at(&m, x + F / 2 - 1, y - F / 2 + k), color_of_class(1));
                }
        }
    image_free(&m);
}

/* Of the two slices beside the middle one that hold labels, that with more of them. */
static void the_slice_with_most_labels_is_shown(void **state)
{
    (void)state;
    enum { D = 3, H = 20, W = 10, ALL = D * H * W, F = 8, CELL_W = 160 };
    static float samples[PANELS * ALL];
    static uint8_t classes[PANELS * ALL];
    for (int panel = 0; panel < PANELS; panel++) {
        classes[panel * ALL + 33] = 1;
        classes[panel * ALL + 2 * H * W + 55] = classes[panel * ALL + 2 * H * W + 77] = 2;
        for (int v = 0; v < H * W; v++) classes[panel * ALL + H * W + v] = LABELLING_IGNORE;
    }
    struct sheet s = {.channels = 1, .size = {D, H, W}};
    struct image m = draw(&s, samples, classes);
    const int left = MARGIN + (CELL_W - W * F) / 2;
    assert_color(at(&m, left + 55 % W * F, MARGIN + 55 / W * F), color_of_class(1));
    assert_color(at(&m, left + 33 % W * F, MARGIN + 33 / W * F), at(&m, left, MARGIN));
    image_free(&m);
}

/* 700 x 650 in colour: every third pixel of every third row; each channel by itself from black to
 * white. */
static void large_patches_are_shown_smaller(void **state)
{
    (void)state;
    enum { H = 700, W = 650, ALL = H * W, STEP = 3 };
    float *samples = mem_array((size_t)PANELS * 3 * ALL, sizeof *samples);
    uint8_t *classes = mem_alloc((size_t)PANELS * ALL);
    for (int i = 0; i < PANELS * 3 * ALL; i++) {
        int h = i % ALL / W, w = i % W, c = i / ALL % 3;
        samples[i] = c == 0 ? (float)(h / 350) : c == 1 ? (float)(w / 325) * 100 : 7;
    }
    struct sheet s = {.channels = 3, .size = {1, H, W}, .colour = true};
    struct image m = draw(&s, samples, classes);
    int width = (W + STEP - 1) / STEP, height = (H + STEP - 1) / STEP;
    assert_int_equal(m.size[2], MARGIN + COLUMNS * (width + MARGIN));
    assert_int_equal(m.size[1], MARGIN + ROWS * (height + TEXT + MARGIN) + LEGEND);
    for (int k = 0; k < 4; k++) {
        int x = MARGIN + (k & 1 ? width - 2 : 1), y = MARGIN + (k & 2 ? height - 2 : 1);
        assert_color(at(&m, x, y), (struct color){k & 2 ? 255 : 0, k & 1 ? 255 : 0, 0});
    }
    image_free(&m);
    mem_free(samples);
    mem_free(classes);
}

/* Some ink in a rectangle. */
static bool written(const struct image *m, int x, int y, int width, int height)
{
    for (int i = 0; i < height; i++)
        for (int j = 0; j < width; j++)
            if (at(m, x + j, y + i).g > 150) return true;
    return false;
}

static void captions_stand_below(void **state)
{
    (void)state;
    enum { SIDE = 160, CELL_H = SIDE + TEXT };
    static float samples[PANELS * SIDE * SIDE];
    static uint8_t classes[PANELS * SIDE * SIDE];
    static const int lines[PANELS] = {2, 1, 0, 5, 2, 1};
    struct sheet s = {.channels = 1, .size = {1, SIDE, SIDE}};
    struct image m = draw(&s, samples, classes);
    for (int panel = 0; panel < PANELS; panel++)
        for (int line = 0; line < 5; line++) {
            int x = MARGIN + panel % COLUMNS * (SIDE + MARGIN),
                y = MARGIN + panel / COLUMNS * (CELL_H + MARGIN) + SIDE + 6 + line * 14;
            assert_int_equal(written(&m, x, y, SIDE, 10), line < lines[panel]);
        }
    int legend = MARGIN + ROWS * (CELL_H + MARGIN);
    assert_color(at(&m, MARGIN + 2, legend + 2), color_of_class(0));
    assert_true(written(&m, MARGIN + 16, legend, 20, 12));
    image_free(&m);
}

/* Radiologists see the front, or the top, of the body above, and its right, or its front, to the
 * left. */
static void volumes_are_upright(void **state)
{
    (void)state;
    enum { SIDE = 160 };
    static const struct {
        const char *axes;
        int left, right; /* which voxel of a slice is at the top left, and at the top right */
    } lying[] = {{"", 0, 1}, {"LPS", 0, 1}, {"RAS", 3, 2}, {"PLS", 0, 2}, {"ARI", 3, 1},
        {"PIR", 0, 1}, {"SAL", 3, 1}};
    for (size_t i = 0; i < COUNT(lying); i++) {
        float samples[PANELS * 4];
        uint8_t classes[PANELS * 4] = {0};
        struct sheet s = {.channels = 1, .size = {1, 2, 2}};
        strcpy(s.axes, lying[i].axes);
        for (int k = 0; k < PANELS * 4; k++)
            samples[k] = k % 4 == lying[i].left ? 0 : k % 4 == lying[i].right ? 1 : 2;
        classes[4 + lying[i].right] = LABELLING_IGNORE;
        struct image m = draw(&s, samples, classes);
        const int y = MARGIN + SIDE / 4, x = y, second = MARGIN + SIDE;
        const struct color one =
            grey(.97 / 1.97); /* numpy.percentile([0, 1, 2, 2], [1, 99]) is 0.03, 2 */
        assert_color(at(&m, x, y), grey(0));
        assert_color(at(&m, x + SIDE / 2, y), one);
        assert_color(at(&m, x, y + SIDE / 2), grey(1));
        assert_color(at(&m, x + second, y), grey(0));
        assert_color(
            at(&m, x + second + SIDE / 2, y), color_mix(one, (struct color){24, 26, 31}, .7));
        image_free(&m);
    }
}

static void files_that_cannot_be_written_are_named(void **state)
{
    (void)state;
    static float samples[PANELS * 16];
    static uint8_t classes[PANELS * 16];
    struct sheet s = {.rows = ROWS,
        .columns = COLUMNS,
        .channels = 1,
        .size = {1, 4, 4},
        .samples = samples,
        .classes = classes,
        .names = &names,
        .captions = (const char(*)[SHEET_TEXT])captions};
    REFUSED(sheet_write(&s, "nowhere/sheet.png", &e), ATT_IO, "nowhere/sheet.png");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_show_their_middle),
        cmocka_unit_test(volumes_are_upright),
        cmocka_unit_test(the_slice_with_most_labels_is_shown),
        cmocka_unit_test(large_patches_are_shown_smaller),
        cmocka_unit_test(captions_stand_below),
        cmocka_unit_test(files_that_cannot_be_written_are_named),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
