/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of a case: which slice, which panels, which colours. */
#include "report/exhibit_draw.h"

#include "unit/format/format_test.h"

enum {
    D = 5,
    SIDE = 32,
    AREA = SIDE * SIDE,
    SCALE = 6
}; /* 32 pixels are shown six times as large */

static uint8_t truth[D * AREA], found[D * AREA];
static float samples[D * AREA];

static struct scene make(bool image)
{
    struct scene s = {.size = {D, SIDE, SIDE}, .truth = truth, .found = found};
    memset(truth, 0, sizeof truth);
    memset(found, 0, sizeof found);
    for (int i = 0; i < D * AREA; i++) samples[i] = (float)(i % SIDE);
    if (image) s.image = (struct image){.channels = 1, .size = {D, SIDE, SIDE}, .data = samples};
    return s;
}

static struct color at(const struct picture *p, int row, int column)
{
    const unsigned char *q =
        p->rgb + ((size_t)(row * SCALE + 2) * (size_t)p->width + (size_t)(column * SCALE + 2)) * 3;
    return (struct color){q[0], q[1], q[2]};
}

static void drop(struct exhibit *x)
{
    for (int i = 0; i < x->panels; i++) picture_free(&x->panel[i]);
    memset(x, 0, sizeof *x);
}

static void the_slice_says_why(void **state)
{
    (void)state;
    static struct exhibit x;
    struct scene s = make(true);
    memset(truth + 1 * AREA, 1, 100);
    memset(found + 1 * AREA, 1, 100); /* all of it is right there, */
    memset(found + 3 * AREA, 1, 20);  /* and here it is wrong */
    OK(exhibit_draw(&s, true, &x, &e));
    assert_string_equal(x.where, "xy, slice 4 of 5, with the most errors");
    drop(&x);
    OK(exhibit_draw(&s, false, &x, &e));
    assert_string_equal(x.where, "xy, slice 2 of 5, with the most true foreground");
    drop(&x);
    memset(found + 3 * AREA, 0, 20); /* without an error it is the truth that chooses */
    OK(exhibit_draw(&s, true, &x, &e));
    assert_string_equal(x.where, "xy, slice 2 of 5, with the most true foreground");
    drop(&x);
    memset(truth + 1 * AREA, LABELLING_IGNORE, 100); /* what is ignored is no error */
    memset(found + 1 * AREA, 0, 100);
    OK(exhibit_draw(&s, true, &x, &e));
    assert_int_equal(strncmp(x.where, "xy, slice 3 of 5", 16), 0);
    drop(&x);
}

static void panels_show_what_they_say(void **state)
{
    (void)state;
    static struct exhibit x;
    static float map[D * AREA];
    struct attention_map m = {.name = "gate.1", .data = map};
    struct scene s = make(true);
    for (int i = 8; i < 24; i++) {
        memset(truth + 2 * AREA + i * SIDE + 8, 1, 8);
        memset(found + 2 * AREA + i * SIDE + 12, 1, 8);
    }
    s.result.maps = &m;
    s.result.nmaps = 1;
    OK(exhibit_draw(&s, false, &x, &e));
    static const char *const captions[] = {
        "image", "truth", "prediction", "error", "map of gate.1, the truth in cyan"};
    assert_int_equal(x.panels, COUNT(captions));
    for (int i = 0; i < x.panels; i++) {
        assert_string_equal(x.caption[i], captions[i]);
        assert_int_equal(x.panel[i].width, SIDE * SCALE);
    }
    assert_true(x.seen[1] && !x.seen[2]);
    struct color image = at(&x.panel[0], 15, 10), masked = at(&x.panel[1], 15, 10);
    assert_true(image.r == image.g && image.g == image.b);
    assert_true(masked.r > masked.b); /* the first class is red */
    struct color none = at(&x.panel[2], 15, 10);
    assert_memory_equal(&none, &image, sizeof image);
    struct color missed = at(&x.panel[3], 15, 10), right = at(&x.panel[3], 15, 14),
                 surplus = at(&x.panel[3], 15, 18);
    assert_true(missed.r > 200 && missed.b < 80);
    assert_true(right.g > right.r && right.g > right.b);
    assert_true(surplus.b > 200 && surplus.r < 110);
    drop(&x);
    s = make(false); /* without an image there are masks */
    memset(truth + 2 * AREA, 1, 40);
    OK(exhibit_draw(&s, false, &x, &e));
    assert_int_equal(x.panels, 3);
    assert_string_equal(x.caption[0], "truth");
    drop(&x);
}

static void planes_have_no_slices(void **state)
{
    (void)state;
    static struct exhibit x;
    struct scene s = make(true);
    s.size[0] = s.image.size[0] = 1;
    OK(exhibit_draw(&s, true, &x, &e));
    assert_string_equal(x.where, "32 x 32 pixels");
    drop(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_slice_says_why),
        cmocka_unit_test(panels_show_what_they_say), cmocka_unit_test(planes_have_no_slices)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
