/* SPDX-License-Identifier: Apache-2.0 */
#include "report/svg.h"

#include <math.h>

#include "unit/format/format_test.h"

static char *page;

static struct html *begin(void)
{
    struct html *h;
    OK(html_create("page.html", "charts", "of a test", &h, &e));
    html_charts(h);
    return h;
}

static void end(struct html *h)
{
    size_t size;
    html_charts_end(h);
    OK(html_commit(h, &e));
    mem_free(page);
    OK(file_read("page.html", 1 << 24, &page, &size, &e));
}

static void assert_has(const char *text)
{
    if (!strstr(page, text)) fail_msg("the page has no %s", text);
}

static void axes_fit_what_is_finite(void **state)
{
    (void)state;
    const double value[] = {(double)NAN, 3, -1, HUGE_VAL, 7};
    struct svg_axis a = {"a", 1, 0}, none = {"n", 1, 0}, zeros = {"z", 1, 0};
    svg_fit(&a, value, COUNT(value));
    assert_float_equal(a.low, -1, 0);
    assert_float_equal(a.high, 7, 0);
    svg_add_margin(&a);
    assert_true(a.low < -1 && a.high > 7);
    svg_add_margin(&none);
    assert_float_equal(none.low, 0, 0);
    assert_float_equal(none.high, 1, 0);
    svg_fit(&zeros, (double[]){0, 0}, 2);
    svg_add_margin(&zeros);
    assert_true(zeros.low == 0 && zeros.high == 1);
}

static void values_have_their_place(void **state)
{
    (void)state;
    struct svg s;
    struct html *h = begin();
    svg_begin(&s, h, "Title", "what <it> shows", &(struct svg_axis){"x & y", 0, 10},
        &(struct svg_axis){"y", 1, 3});
    assert_float_equal(svg_x(&s, 0), SVG_LEFT, 1e-9);
    assert_float_equal(svg_x(&s, 10), SVG_RIGHT, 1e-9);
    assert_float_equal(svg_y(&s, 1), SVG_BOTTOM, 1e-9);
    assert_float_equal(svg_y(&s, 2), (SVG_BOTTOM + SVG_TOP) / 2., 1e-9);
    svg_dot(&s, svg_x(&s, 5), svg_y(&s, 2), 3, "k1", "a<b");
    svg_end(&s);
    html_put(h, "</figure>");
    end(h);
    assert_has(
        "role=\"img\" aria-label=\"Title\"><title>Title</title><desc>what &lt;it&gt; shows</desc>");
    assert_has("x &amp; y</text>");
    assert_has("<circle class=\"d k1\" cx=\"230.0\" cy=\"118.0\" "
               "r=\"3.0\"><title>a&lt;b</title></circle>");
}

static void curves_pass_over_what_is_missing(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 4}, y[] = {1, (double)NAN, 0, .5};
    const struct svg_curve c[] = {{"one", x, y, 4, "ki", true}, {"t<wo", x, y, 1, "k0", false}};
    struct html *h = begin();
    svg_curves(
        h, "Curves", "d", (struct svg_axis){"step", 1, 0}, (struct svg_axis){NULL, 0, 1}, c, 2);
    end(h);
    assert_has("<polyline class=\"l ki\" points=\"52.0,30.0 230.0,206.0 408.0,118.0 \"/>");
    assert_has("<li><i class=\"ki\"></i>one<b>0.500</b>");
    assert_has("t&lt;wo<b>1.000</b>");
}

static void nothing_to_draw_is_drawn(void **state)
{
    (void)state;
    struct html *h = begin();
    /* numbers so large that the next one is the same */
    svg_curves(h, "Far", "d", (struct svg_axis){"x", 1e17, 1e17 + 16}, (struct svg_axis){"y", 1, 0},
        NULL, 0);
    svg_curves(
        h, "Nothing", "d", (struct svg_axis){"x", 1, 0}, (struct svg_axis){"y", 1, 0}, NULL, 0);
    svg_strips(h, "None", "d", (struct svg_axis){"x", 1, 0}, NULL, 0);
    end(h);
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf\""));
}

static void strips_show_mean_and_interval(void **state)
{
    (void)state;
    const double value[] = {0, .5, (double)NAN, 1};
    const char *const about[] = {"a", "b&c", "d", "e"};
    const struct svg_strip s = {
        "a class with a very long name", "k2", value, about, 4, .5, .25, .75};
    struct html *h = begin();
    svg_strips(h, "Dice", "d", (struct svg_axis){"Dice", 0, 1}, &s, 1);
    end(h);
    assert_has("a class with a v\xe2\x80\xa6</text>");
    assert_has("<title>b&amp;c</title>");
    assert_null(strstr(page, "<title>d</title>"));
    assert_has("<line class=\"b k2\" x1=\"190.5\"");
    assert_has("x2=\"335.5\"");
    assert_has("<line class=\"m k2\" x1=\"263.0\"");
}

static void long_names_are_cut_between_letters(void **state)
{
    (void)state;
    const double value = .5;
    const struct svg_strip s = {"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                                "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                                "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
        "k0", &value, NULL, 1, (double)NAN, (double)NAN, (double)NAN};
    struct html *h = begin();
    svg_strips(h, "Dice", "d", (struct svg_axis){"Dice", 0, 1}, &s, 1);
    end(h);
    assert_has("\xc3\xa4\xe2\x80\xa6</text>");
    assert_null(strstr(page, "&#xfffd;"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axes_fit_what_is_finite),
        cmocka_unit_test(values_have_their_place),
        cmocka_unit_test(curves_pass_over_what_is_missing),
        cmocka_unit_test(nothing_to_draw_is_drawn),
        cmocka_unit_test(strips_show_mean_and_interval),
        cmocka_unit_test(long_names_are_cut_between_letters),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
