/* SPDX-License-Identifier: Apache-2.0 */
#include "draw/picture.h"

#include <math.h>

#include "unit/format/format_test.h"

static const struct color black = {0, 0, 0}, white = {255, 255, 255}, red = {200, 10, 20};

static struct picture blank(int width, int height)
{
    struct picture p;
    OK(picture_create(width, height, black, &p, &e));
    return p;
}

static const unsigned char *dot(const struct picture *p, int x, int y)
{
    return p->rgb + (y * p->width + x) * 3;
}

static bool is(const struct picture *p, int x, int y, struct color c)
{
    const unsigned char *q = dot(p, x, y);
    return q[0] == c.r && q[1] == c.g && q[2] == c.b;
}

/* The whole picture as lines of '#' (drawn on, at least to one half) and '.'. */
static void assert_drawn(const struct picture *p, const char *wanted)
{
    char text[4096];
    size_t used = 0;
    for (int y = 0; y < p->height; y++) {
        for (int x = 0; x < p->width; x++) text[used++] = dot(p, x, y)[0] > 127 ? '#' : '.';
        text[used++] = '\n';
    }
    text[used] = 0;
    assert_string_equal(text, wanted);
}

static void a_canvas_has_its_background(void **state)
{
    (void)state;
    struct picture p;
    OK(picture_create(3, 2, red, &p, &e));
    for (int i = 0; i < 6; i++) assert_true(is(&p, i % 3, i / 3, red));
    picture_free(&p);
    assert_null(p.rgb);
    REFUSED(picture_create(0, 5, red, &p, &e), ATT_USAGE, "5x0");
    REFUSED(picture_create(5, 1 << 20, red, &p, &e), ATT_USAGE, "1048576");
}

static void colours_mix(void **state)
{
    (void)state;
    struct color c = color_mix((struct color){0, 100, 200}, (struct color){100, 100, 0}, .25);
    assert_true(c.r == 25 && c.g == 100 && c.b == 150);
    struct color first = color_of_class(0), second = color_of_class(1);
    assert_true(memcmp(&first, &second, sizeof first));
    color_of_class(-1);
    color_of_class(1000);
    struct picture p = blank(1, 1);
    picture_dot(&p, 0, 0, white, .6);
    assert_true(is(&p, 0, 0, (struct color){153, 153, 153}));
    picture_dot(&p, 0, 0, white, NAN);
    picture_dot(&p, 0, 0, white, -1);
    picture_dot(&p, 1, 0, white, 1);
    picture_dot(&p, 0, -1, white, 1);
    assert_true(is(&p, 0, 0, (struct color){153, 153, 153}));
    picture_dot(&p, 0, 0, red, 7);
    assert_true(is(&p, 0, 0, red));
    picture_free(&p);
}

static void areas_are_clipped(void **state)
{
    (void)state;
    struct picture p = blank(5, 4);
    picture_fill(&p, -3, 2, 5, 9, white);
    picture_fill(&p, 9, 0, 3, 3, white);
    assert_drawn(&p,
        ".....\n"
        ".....\n"
        "##...\n"
        "##...\n");
    picture_free(&p);
}

static void images_are_enlarged(void **state)
{
    (void)state;
    const unsigned char grey[] = {0, 200, 200, 0}, rgb[] = {1, 2, 3, 4, 5, 6};
    struct picture p = blank(5, 5);
    picture_blit(&p, 1, 0, grey, 1, 2, 2, 2);
    assert_drawn(&p,
        "...##\n"
        "...##\n"
        ".##..\n"
        ".##..\n"
        ".....\n");
    picture_blit(&p, 0, 4, rgb, 3, 2, 1, 1);
    assert_true(is(&p, 0, 4, (struct color){1, 2, 3}) && is(&p, 1, 4, (struct color){4, 5, 6}));
    picture_free(&p);
}

static void lines_cover_what_they_should(void **state)
{
    (void)state;
    struct picture p = blank(8, 6);
    picture_line(
        &p, 2, 2, 6, 2, 2, white); /* along the border of two rows of pixels, with round ends */
    for (int x = 2; x < 6; x++)
        assert_true(is(&p, x, 1, white) && is(&p, x, 2, white) && is(&p, x, 0, black) &&
            is(&p, x, 3, black));
    assert_true(is(&p, 0, 1, black) && is(&p, 7, 1, black));
    double end = 1 + .5 - hypot(.5, .5);
    assert_int_equal(dot(&p, 1, 1)[0], lround(255 * end));
    assert_int_equal(dot(&p, 6, 2)[0], lround(255 * end));
    picture_free(&p);

    p = blank(5, 5);
    picture_line(&p, .5, .5, 4.5, 4.5, 1, white);
    assert_drawn(&p,
        "#....\n"
        ".#...\n"
        "..#..\n"
        "...#.\n"
        "....#\n");
    assert_int_equal(dot(&p, 1, 0)[0], lround(255 * (1 - sqrt(.5))));
    picture_free(&p);
}

static void lines_elsewhere_draw_nothing(void **state)
{
    (void)state;
    struct picture p = blank(4, 4);
    picture_line(&p, NAN, 0, 3, 3, 1, white);
    picture_line(&p, 0, 0, HUGE_VAL, 3, 1, white);
    picture_line(&p, 1e300, 1e300, 1e300, 1e300, 2, white);
    picture_line(&p, -1e300, -5, -1e200, -5, 2, white);
    assert_drawn(&p, "....\n....\n....\n....\n");
    picture_free(&p);
}

static void letters_are_their_dots(void **state)
{
    (void)state;
    struct picture p = blank(23, 9);
    picture_text(&p, 1, 0, 1, white, "Ag, 1");
    assert_drawn(&p,
        "...#................#..\n"
        "..#.#..............##..\n"
        "..#.#...####........#..\n"
        ".#...#.#...#........#..\n"
        ".#####.#...#........#..\n"
        ".#...#.#...#........#..\n"
        ".#...#..####..#....###.\n"
        "...........#..#........\n"
        "........###..#.........\n");
    picture_free(&p);
}

static void text_is_measured(void **state)
{
    (void)state;
    assert_int_equal(picture_text_width(2, ""), 0);
    assert_int_equal(picture_text_width(1, "Ag, 1"), 5 + 1 + 5 + 1 + 2 + 1 + 2 + 1 + 3);
    assert_int_equal(picture_text_width(2, "AA"), 22);
    assert_int_equal(picture_text_width(1.5, "AA"), 17); /* 16.5 */
    assert_int_equal(picture_text_width(1, "\xc3\xa4"), picture_text_width(1, "?"));
    assert_int_equal(picture_text_width(1, "\xc3\xa4\xe2\x82\xac"), picture_text_width(1, "??"));
    assert_int_equal(picture_text_width(1, "\x80\xff\x01"), picture_text_width(1, "???"));
}

static void long_text_is_cut(void **state)
{
    (void)state;
    char text[] = "AAAAAAAA", same[] = "AAA", wide[] = "A\xc3\xa4\xc3\xa4\xc3\xa4", none[] = "";
    picture_text_cut(text, 1, 5 + 1 + 5 + 1 + 3);
    assert_string_equal(text, "AA..");
    picture_text_cut(same, 1, 17);
    assert_string_equal(same, "AAA");
    picture_text_cut(wide, 1, 15);
    assert_string_equal(wide, "A\xc3\xa4..");
    picture_text_cut(wide, 1, 0);
    assert_string_equal(wide, "..");
    picture_text_cut(none, 1, 0);
    assert_string_equal(none, "");
}

/* Every letter has dots of its own; only O and 0 share theirs. */
static void no_two_letters_are_alike(void **state)
{
    (void)state;
    enum { W = 10, H = 18 };
    static unsigned char seen[95][W * H * 3];
    for (int i = 0; i < 95; i++) {
        struct picture p = blank(W, H);
        picture_text(&p, 0, 0, 2, white, (char[]){(char)(' ' + i), 0});
        memcpy(seen[i], p.rgb, sizeof seen[i]);
        for (int k = 0; k < i; k++)
            if (!memcmp(seen[i], seen[k], sizeof seen[i]) && ' ' + i != 'O')
                fail_msg("%c looks like %c", ' ' + i, ' ' + k);
        picture_free(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_canvas_has_its_background),
        cmocka_unit_test(colours_mix),
        cmocka_unit_test(areas_are_clipped),
        cmocka_unit_test(images_are_enlarged),
        cmocka_unit_test(lines_cover_what_they_should),
        cmocka_unit_test(lines_elsewhere_draw_nothing),
        cmocka_unit_test(letters_are_their_dots),
        cmocka_unit_test(text_is_measured),
        cmocka_unit_test(long_text_is_cut),
        cmocka_unit_test(no_two_letters_are_alike),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
