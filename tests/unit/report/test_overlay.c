/* SPDX-License-Identifier: Apache-2.0 */
#include "report/overlay.h"

#include "draw/picture.h"
#include "format/format.h"
#include "unit/format/format_test.h"

enum {
    MARGIN = 16,
    SIDE = 64,
    PANEL = 256,
    LINE = 20
}; /* most images here are 64 x 64, and shown four times as large */

struct scene {
    struct labelling labels;
    struct image image;
    struct prediction result;
    struct attention_map map[2];
    struct predicted p;
};

static void make(struct scene *s, int channels, int d, int h, int w)
{
    *s = (struct scene){.labels = {.count = 3, .name = {"background", "one", "two"}},
        .image = {.channels = channels, .size = {d, h, w}},
        .map = {{.name = "gate.1"}, {.name = "gate.2"}}};
    size_t voxels = image_voxels(s->image.size);
    s->image.data = mem_array(voxels, (size_t)channels * sizeof *s->image.data);
    s->result.classes = mem_alloc(voxels);
    s->result.maps = s->map;
    for (int i = 0; i < 2; i++) s->map[i].data = mem_array(voxels, sizeof(float));
    s->p = (struct predicted){".", "case", ".png", &s->image, &s->result, &s->labels, NULL};
}

static void drop(struct scene *s)
{
    image_free(&s->image);
    mem_free(s->result.classes);
    for (int i = 0; i < 2; i++) mem_free(s->map[i].data);
}

static struct image write_overlay(const struct scene *s)
{
    struct image m;
    OK(overlay_write(&s->p, NULL, &e));
    OK(format_load_image("case_overlay.png", &m, &e));
    assert_int_equal(m.channels, 3);
    return m;
}

static void assert_size(const struct image *m, int panels, int width, int height, int lines)
{
    assert_int_equal(m->size[2], MARGIN + panels * (width + MARGIN));
    assert_int_equal(m->size[1], 2 * MARGIN + height + 6 + lines * LINE);
}

static struct color at(const struct image *m, int x, int y)
{
    const float *q = m->data + y * m->size[2] + x;
    size_t plane = image_voxels(m->size);
    return (struct color){
        (unsigned char)q[0], (unsigned char)q[plane], (unsigned char)q[2 * plane]};
}

/* Inside of a voxel in a panel. */
static struct color shown(const struct image *m, int panel, int row, int column)
{
    return at(m, MARGIN + panel * (PANEL + MARGIN) + column * 4 + 1, MARGIN + row * 4 + 1);
}

static void assert_color(struct color c, struct color wanted)
{
    if (memcmp(&c, &wanted, sizeof c))
        fail_msg("%d,%d,%d is not %d,%d,%d", c.r, c.g, c.b, wanted.r, wanted.g, wanted.b);
}

static struct color grey(int value)
{
    return (struct color){(unsigned char)value, (unsigned char)value, (unsigned char)value};
}

/* Grey values that rise from column to column, but for two voxels that must not count. */
static void make_ramp(struct scene *s)
{
    make(s, 1, 1, SIDE, SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) s->image.data[i] = (float)(i % SIDE) - 1000;
    s->image.data[0] = -1e6f;
    s->image.data[1] = 1e6f;
}

static struct color ramp(int column) { return grey((int)(column / 63. * 255 + .5)); }

static void black_and_white_are_percentiles(void **state)
{
    (void)state;
    struct scene s;
    make_ramp(&s);
    struct image m = write_overlay(&s);
    assert_size(&m, 2, PANEL, PANEL, 2);
    for (int k = 0; k < SIDE; k++) {
        assert_color(shown(&m, 0, 5, k), ramp(k));
        assert_color(shown(&m, 1, SIDE - 1, k), ramp(k)); /* nothing was found */
    }
    assert_color(shown(&m, 0, 0, 0), grey(0));
    assert_color(shown(&m, 0, 0, 1), grey(255));
    image_free(&m);
    for (int i = 0; i < SIDE * SIDE; i++) s.image.data[i] = 3;
    m = write_overlay(&s);
    assert_color(shown(&m, 0, 9, 9), grey(0));
    image_free(&m);
    s.image.data[SIDE + 1] = 4; /* too rare for the percentiles, but all there is */
    m = write_overlay(&s);
    assert_color(shown(&m, 0, 1, 1), grey(255));
    image_free(&m);
    drop(&s);
}

static void masks_are_filled_and_outlined(void **state)
{
    (void)state;
    struct scene s;
    make_ramp(&s);
    for (int i = 20; i < 40; i++) {
        memset(s.result.classes + i * SIDE + 10, 1, 20);
        memset(s.result.classes + i * SIDE + 30, 2, 34); /* up to the border, which is no contour */
    }
    struct image m = write_overlay(&s);
    struct color one = color_of_class(0), two = color_of_class(1);
    assert_color(shown(&m, 0, 30, 20), ramp(20));
    assert_color(shown(&m, 1, 30, 9), ramp(9));
    assert_color(shown(&m, 1, 19, 20), ramp(20));
    assert_color(shown(&m, 1, 30, 20), color_mix(ramp(20), one, .4));
    assert_color(shown(&m, 1, 30, 45), color_mix(ramp(45), two, .4));
    assert_color(shown(&m, 1, 30, 63), color_mix(ramp(63), two, .4));
    int x = MARGIN + PANEL + MARGIN, y = MARGIN + 30 * 4;
    assert_color(at(&m, x + 40, y), one);
    assert_color(at(&m, x + 41, y), color_mix(ramp(10), one, .4));
    assert_color(at(&m, x + 119, y), one);
    assert_color(at(&m, x + 120, y), two);
    assert_color(at(&m, x + 80, MARGIN + 80), one);
    assert_color(at(&m, x + 255, y), color_mix(ramp(63), two, .4));
    image_free(&m);
    drop(&s);
}

static int light(struct color c) { return 3 * c.r + 6 * c.g + c.b; }

static void attention_rises_from_dark_to_light(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 1, 1, SIDE, SIDE);
    s.result.nmaps = 2;
    for (int i = 0; i < SIDE * SIDE; i++) {
        s.map[0].data[i] = (float)(i % SIDE) / (SIDE - 1);
        s.map[1].data[i] = i % 2 ? (i < SIDE ? 7.f : 1.f)
            : i < SIDE           ? -1.f
                                 : 0.f; /* out of range in the first row */
    }
    struct image m = write_overlay(&s);
    assert_size(&m, 4, PANEL, PANEL, 3);
    for (int k = 1; k < SIDE; k++)
        assert_true(light(shown(&m, 2, 9, k)) > light(shown(&m, 2, 9, k - 1)));
    assert_color(shown(&m, 3, 0, 0), shown(&m, 3, 1, 0));
    assert_color(shown(&m, 3, 0, 1), shown(&m, 3, 1, 1));
    assert_color(shown(&m, 3, 1, 0), shown(&m, 2, 1, 0));
    assert_color(shown(&m, 3, 1, 1), shown(&m, 2, 1, SIDE - 1));
    struct color bright = shown(&m, 2, 1, SIDE - 1);
    image_free(&m);
    for (int i = 0; i < SIDE * SIDE; i++)
        s.image.data[i] = (float)(i / SIDE); /* over an image: that shines through */
    m = write_overlay(&s);
    assert_true(light(shown(&m, 2, SIDE - 1, SIDE - 1)) > light(shown(&m, 2, 0, SIDE - 1)));
    assert_color(shown(&m, 2, 0, SIDE - 1), bright);
    image_free(&m);
    drop(&s);
}

/* Of a map that rises from 0 to 1 over 64 columns, four pixels each: it is .25 at column 15.75,
 * between pixels 64 and 65. */
static void contours_stand_where_a_map_crosses_a_level(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 1, 1, SIDE, SIDE);
    s.result.nmaps = 1;
    for (int i = 0; i < SIDE * SIDE; i++) s.map[0].data[i] = (float)(i % SIDE) / (SIDE - 1);
    struct image m = write_overlay(&s);
    const int left = MARGIN + 2 * (PANEL + MARGIN), y = MARGIN + 100, level[] = {64, 127, 190};
    assert_true(light(at(&m, left + level[0], y)) + 60 < light(at(&m, left + level[0] - 1, y)));
    assert_true(light(at(&m, left + level[0], y)) + 60 < light(at(&m, left + level[0] + 1, y)));
    assert_true(light(at(&m, left + level[2], y)) > light(at(&m, left + level[2] - 1, y)) + 60);
    assert_true(light(at(&m, left + level[2], y)) > light(at(&m, left + level[2] + 1, y)) + 60);
    for (int x = 1; x < PANEL - 1; x++) {
        bool near = false;
        for (int k = 0; k < 3; k++) near = near || abs(x - level[k]) <= 1;
        int bend = 2 * light(at(&m, left + x, y)) - light(at(&m, left + x - 1, y)) -
            light(at(&m, left + x + 1, y));
        if (!near) assert_true(abs(bend) < 100);
    }
    image_free(&m);
    for (int i = 0; i < SIDE * SIDE; i++) s.map[0].data[i] = .6f; /* no level is crossed */
    m = write_overlay(&s);
    for (int x = 1; x < PANEL; x++) assert_color(at(&m, left + x, y), at(&m, left, y));
    image_free(&m);
    drop(&s);
}

/* Every second column is another one: lines around all of them would be all there is to see. */
static void fine_maps_have_no_contours(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 1, 1, SIDE, SIDE);
    s.result.nmaps = 1;
    const int left = MARGIN + 2 * (PANEL + MARGIN), y = MARGIN + 100;
    for (int step = 2; step <= 16; step *= 8) { /* of 256 pixels 63 cross a level, then 7 */
        for (int i = 0; i < SIDE * SIDE; i++) s.map[0].data[i] = i % step < step / 2 ? .3f : .1f;
        struct image m = write_overlay(&s);
        const struct color high = at(&m, left, y), low = at(&m, left + 2 * step, y);
        int lines = 0;
        for (int x = 0; x < PANEL; x++) {
            struct color c = at(&m, left + x, y);
            lines += memcmp(&c, &high, sizeof c) && memcmp(&c, &low, sizeof c);
        }
        assert_int_equal(lines, step == 2 ? 0 : 7);
        image_free(&m);
    }
    drop(&s);
}

static void the_slice_with_most_classes_is_shown(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 1, 5, SIDE, SIDE);
    const size_t area = SIDE * SIDE;
    for (size_t d = 0; d < 5; d++) /* slice d is white in its row d */
        for (size_t i = 0; i < SIDE; i++) s.image.data[d * area + d * SIDE + i] = 1;
    struct image m = write_overlay(&s);
    for (int d = 0; d < 5; d++) assert_color(shown(&m, 0, d, 40), grey(d == 2 ? 255 : 0));
    image_free(&m);
    memset(s.result.classes + 1 * area, 1, 500);
    memset(s.result.classes + 3 * area, 2, 600);
    memset(s.result.classes + 4 * area, 1, 600);
    m = write_overlay(&s);
    for (int d = 0; d < 5; d++) assert_color(shown(&m, 0, d, 40), grey(d == 3 ? 255 : 0));
    assert_color(shown(&m, 1, 1, 40), color_mix(grey(0), color_of_class(1), .4));
    image_free(&m);
    /* One of both classes is better than a larger one of one class, and of several such the one
     * with the larger shares of each. */
    for (int d = 0; d < 3; d += 2) {
        memset(s.result.classes + (size_t)d * area, 1, d ? 40 : 200);
        memset(s.result.classes + (size_t)d * area + 300, 2, d ? 300 : 60);
    }
    m = write_overlay(&s);
    for (int d = 0; d < 5; d++) assert_color(shown(&m, 0, d, 40), grey(d == 2 ? 255 : 0));
    image_free(&m);
    drop(&s);
}

static void more_than_four_panels_take_two_rows(void **state)
{
    (void)state;
    struct scene s;
    struct attention_map maps[4];
    make(&s, 1, 1, SIDE, SIDE);
    memset(s.map[1].data, 0, SIDE * SIDE * sizeof(float));
    for (int i = 0; i < SIDE * SIDE; i++) s.map[0].data[i] = 1;
    for (int i = 0; i < 4; i++)
        maps[i] = s.map[i == 0 ? 1 : 0]; /* the first is 0 everywhere, the others 1 */
    s.result.maps = maps;
    s.result.nmaps = 2;
    struct image m = write_overlay(&s);
    assert_size(&m, 4, PANEL, PANEL, 3);
    image_free(&m);
    s.result.nmaps = 4;
    m = write_overlay(&s);
    const int pitch = MARGIN + PANEL + 6 + 3 * LINE;
    assert_int_equal(m.size[2], MARGIN + 3 * (PANEL + MARGIN));
    assert_int_equal(m.size[1], MARGIN + 2 * pitch);
    struct color first = shown(&m, 2, 5, 5), second = at(&m, MARGIN + 20, MARGIN + pitch + 20),
                 last = at(&m, MARGIN + 2 * (PANEL + MARGIN) + 20, MARGIN + pitch + 20);
    assert_true(light(second) > light(first));
    assert_color(last, second);
    image_free(&m);
    drop(&s);
}

static void the_truth_is_outlined(void **state)
{
    (void)state;
    struct scene s;
    struct image m;
    make(&s, 1, 1, SIDE, SIDE);
    struct labelmap truth = {
        .size = {1, SIDE, SIDE}, .data = mem_array(SIDE * SIDE, sizeof *truth.data)};
    for (int i = 20; i < 30; i++)
        for (int j = 20; j < 30; j++) truth.data[i * SIDE + j] = 255;
    OK(file_make_folders("truth", &e));
    OK(format_save_labels("truth/case_mask.png", &truth, &e));
    OK(overlay_write(&s.p, "truth", &e));
    OK(format_load_image("case_overlay.png", &m, &e));
    const int x = MARGIN + PANEL + MARGIN, y = MARGIN;
    assert_color(at(&m, x + 20 * 4 - 1, y + 25 * 4), grey(255)); /* beyond its left edge */
    assert_color(at(&m, x + 25 * 4, y + 30 * 4), grey(255));
    assert_color(
        at(&m, x + 20 * 4, y + 25 * 4), grey(0)); /* what is predicted there would be seen */
    assert_color(at(&m, x + 25 * 4, y + 30 * 4 - 1), grey(0));
    assert_color(shown(&m, 1, 25, 25), grey(0)); /* not filled */
    assert_color(shown(&m, 1, 19, 25), grey(0));
    assert_color(at(&m, MARGIN + 20 * 4, y + 25 * 4), grey(0)); /* the image stays as it is */
    image_free(&m);
    s.p.name = "Case_2"; /* others are written in large letters */
    OK(format_save_labels("truth/Case_2_SEG.png", &truth, &e));
    assert_true(overlay_has_truth("truth", &s.p));
    file_remove("truth/Case_2_SEG.png");
    s.p.name = "other"; /* which has none */
    OK(overlay_write(&s.p, "truth", &e));
    s.p.name = "case";
    truth.size[1] = SIDE / 2;
    OK(format_save_labels("truth/case_mask.png", &truth, &e));
    REFUSED(overlay_write(&s.p, "truth", &e), ATT_DATA,
        "truth/case_mask.png differs in size from the image case");
    labelmap_free(&truth);
    file_remove("truth/case_mask.png");
    file_remove_folder("truth");
    drop(&s);
}

static void colours_stay(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 3, 1, SIDE, SIDE);
    for (int i = 0; i < SIDE * SIDE; i++)
        s.image.data[i % 3 * SIDE * SIDE + i] = 100; /* red, green, blue, red, ... */
    s.result.nmaps = 1;
    struct image m = write_overlay(&s);
    assert_color(shown(&m, 0, 0, 3), (struct color){255, 0, 0});
    assert_color(shown(&m, 0, 0, 4), (struct color){0, 255, 0});
    assert_color(shown(&m, 0, 0, 5), (struct color){0, 0, 255});
    assert_true(light(shown(&m, 2, 0, 4)) > light(shown(&m, 2, 0, 3)));
    image_free(&m);
    s.image.geometry.valid = true; /* NIfTI: three measurements, not colours */
    m = write_overlay(&s);
    assert_color(shown(&m, 0, 0, 3), grey(255));
    assert_color(shown(&m, 0, 0, 4), grey(0));
    image_free(&m);
    drop(&s);
}

static void large_images_are_shown_smaller(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 1, 1, 1500, 2300);
    for (int i = 0; i < 1500 * 2300; i++) {
        s.image.data[i] = i % 2300 % 3
            ? 0
            : 3; /* the mean of every block of 3 x 3 is 1, of the last column's 1.5 */
        s.result.classes[i] = i / 2300 % 3 == 1; /* each block's middle row */
    }
    s.result.nmaps = 1;
    struct image m = write_overlay(&s);
    assert_size(&m, 3, 767, 500, 3);
    assert_color(at(&m, MARGIN, MARGIN), grey(85));
    assert_color(at(&m, MARGIN + 765, MARGIN + 499), grey(85));
    assert_color(at(&m, MARGIN + 766, MARGIN + 7), grey(128));
    assert_color(
        at(&m, 2 * MARGIN + 767 + 300, MARGIN + 300), color_mix(grey(85), color_of_class(0), .4));
    image_free(&m);
    drop(&s);
}

/* A picture narrower than its caption stands in the middle of its cell. */
static void narrow_images_have_room_for_words(void **state)
{
    (void)state;
    struct scene s;
    make(&s, 1, 1, 200, 30);
    for (int i = 0; i < 200 * 30; i++) s.image.data[i] = (float)(i % 2);
    s.image.data[0] = 1;
    struct image m = write_overlay(&s);
    assert_size(&m, 2, 240, 400, 2);
    assert_color(at(&m, MARGIN + 90, MARGIN), grey(255));
    assert_color(at(&m, MARGIN + 89, MARGIN), at(&m, 0, 0));
    image_free(&m);
    drop(&s);
}

static bool has(const struct image *m, struct color c, int top)
{
    for (int y = top; y < m->size[1]; y++)
        for (int x = MARGIN + PANEL; x < m->size[2]; x++) {
            struct color there = at(m, x, y);
            if (!memcmp(&there, &c, sizeof c)) return true;
        }
    return false;
}

static void the_legend_lists_what_is_there(void **state)
{
    (void)state;
    struct scene s;
    make_ramp(&s);
    s.result.classes[5] = 2;
    struct image m = write_overlay(&s), other;
    assert_true(has(&m, color_of_class(1), MARGIN + PANEL));
    assert_false(has(&m, color_of_class(0), MARGIN + PANEL));
    snprintf(
        s.labels.name[2], LABELLING_NAME, "a very long name that c\xc3\xa4nnot be shown as it is");
    other = write_overlay(&s);
    assert_int_equal(other.size[1], m.size[1]);
    assert_memory_not_equal(m.data, other.data, image_voxels(m.size) * sizeof *m.data);
    image_free(&m);
    s.labels.regions = 2; /* class 2 is then what region 1 writes */
    snprintf(s.labels.region_name[1], LABELLING_NAME, "%s", s.labels.name[2]);
    m = write_overlay(&s);
    assert_memory_equal(m.data, other.data, image_voxels(m.size) * 3 * sizeof *m.data);
    image_free(&m);
    image_free(&other);
    s.labels.regions = 0;
    s.labels.count = LABELLING_MAX;
    for (int k = 1; k < LABELLING_MAX; k++) {
        s.result.classes[k] = (uint8_t)k;
        snprintf(s.labels.name[k], LABELLING_NAME, "organ %d", k);
    }
    m = write_overlay(&s);
    assert_size(&m, 2, PANEL, PANEL, 1 + 127); /* 253 in two columns */
    image_free(&m);
    drop(&s);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct scene s;
    make_ramp(&s);
    s.p.folder = "nowhere";
    REFUSED(overlay_write(&s.p, NULL, &e), ATT_IO, "nowhere/case_overlay.png");
    drop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(black_and_white_are_percentiles),
        cmocka_unit_test(masks_are_filled_and_outlined),
        cmocka_unit_test(attention_rises_from_dark_to_light),
        cmocka_unit_test(contours_stand_where_a_map_crosses_a_level),
        cmocka_unit_test(fine_maps_have_no_contours),
        cmocka_unit_test(the_slice_with_most_classes_is_shown),
        cmocka_unit_test(more_than_four_panels_take_two_rows),
        cmocka_unit_test(the_truth_is_outlined),
        cmocka_unit_test(colours_stay),
        cmocka_unit_test(large_images_are_shown_smaller),
        cmocka_unit_test(narrow_images_have_room_for_words),
        cmocka_unit_test(the_legend_lists_what_is_there),
        cmocka_unit_test(a_missing_folder_is_named),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
