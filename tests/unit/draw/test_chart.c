/* SPDX-License-Identifier: Apache-2.0 */
/* SVG files: where points lie, what is ignored, and names that XML would misread. */
#include "draw/chart.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

static char *drawn(const struct chart *c)
{
    char *text;
    size_t size;
    OK(chart_write("set/chart.svg", c, &e));
    OK(file_read("set/chart.svg", 1 << 20, &text, &size, &e));
    return text;
}

static int times(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what)) n++;
    return n;
}

static void has(const char *text, const char *what)
{
    if (!strstr(text, what)) fail_msg("no %s in %s", what, text);
}

static struct chart simple(const double *x, const double *y, int n)
{
    struct chart c = {.title = "a title", .x_name = "along", .y_name = "up", .curves = 1};
    c.curve[0] = (struct chart_curve){"curve", x, y, n, {1, 2, 255}, 2};
    return c;
}

/* Room is 4 % of the doublings and 5 % of the values; the axes are 560 by 360 at (64, 48). */
static void points_lie_on_a_logarithmic_axis(void **state)
{
    (void)state;
    const double x[] = {.25, .5, 1}, y[] = {0, .5, 1};
    struct chart c = simple(x, y, 3);
    char *text = drawn(&c);
    has(text, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    has(text, "points=\"84.7,391.6 344.0,228.0 603.3,64.4 \"");
    has(text, "fill=\"#0102ff\"");
    has(text, ">a title</text>");
    has(text, ">25 %</text>");
    has(text, ">100 %</text>");
    has(text, ">0.4</text>");
    assert_int_equal(times(text, "<circle"), 4); /* and one in the legend */
    assert_int_equal(times(text, "</svg>"), 1);
    mem_free(text);
}

static void what_is_no_number_is_passed_over(void **state)
{
    (void)state;
    const double x[] = {.25, .4, 0, .7, 1}, y[] = {0, NAN, .5, INFINITY, 1};
    struct chart c = simple(x, y, 5);
    char *text = drawn(&c);
    has(text, "points=\"84.7,391.6 603.3,64.4 \"");
    mem_free(text);
    c.curve[0].n = 0;
    text = drawn(&c);
    has(text, "points=\"\"");
    assert_int_equal(times(text, "nan") + times(text, "inf"), 0);
    mem_free(text);
}

static void a_single_point_is_drawn(void **state)
{
    (void)state;
    const double x[] = {.5}, y[] = {.8};
    struct chart c = simple(x, y, 1);
    c.curve[0].width = 0;
    char *text = drawn(&c);
    has(text, "<circle cx=\"344.0\" cy=\"228.0\" r=\"5\"/>");
    assert_int_equal(times(text, "polyline"), 0);
    mem_free(text);
}

static void names_are_text(void **state)
{
    (void)state;
    const double x[] = {.5, 1}, y[] = {.8, .9};
    struct chart c = simple(x, y, 2);
    c.curve[0].name = "a < b & c > d";
    char *text = drawn(&c);
    has(text, ">a &lt; b &amp; c &gt; d</text>");
    mem_free(text);
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    const double x[] = {.5, 1}, y[] = {.8, .9};
    struct chart c = simple(x, y, 2);
    REFUSED(chart_write("nowhere/chart.svg", &c, &e), ATT_IO, "nowhere/chart.svg");
}

static int make_set(void **state)
{
    struct err e = {0};
    return clear_set(state) || file_make_folders("set", &e) != ATT_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(points_lie_on_a_logarithmic_axis, make_set),
        cmocka_unit_test_setup(what_is_no_number_is_passed_over, make_set),
        cmocka_unit_test_setup(a_single_point_is_drawn, make_set),
        cmocka_unit_test_setup(names_are_text, make_set),
        cmocka_unit_test_setup(a_file_that_cannot_be_written_is_told, make_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
