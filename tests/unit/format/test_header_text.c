/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of text: lines, fields, numbers, paths beside them, and axes of a grid. */
#include "format/header_text.h"

#include <math.h>

#include "base/number.h"
#include "unit/format/format_test.h"

static bool is_end(const char *line, size_t length)
{
    return length == 3 && memcmp(line, "end", 3) == 0;
}

static void lines_and_fields(void **state)
{
    (void)state;
    struct source s;
    struct header_text h;
    struct header_line line;
    struct header_field f;
    const char *at = NULL;
    write_scratch("text", "a = b c \r\n\nlonely\nend\nrest", 26);
    OK(source_open("text", &s, &e));
    OK(header_read(&s, is_end, &h, &e));
    assert_int_equal(h.size, 22);
    assert_int_equal(s.taken, 22);
    assert_true(header_next(h.text, &at, &line) && header_split(line, '=', &f));
    assert_string_equal(f.key, "a");
    assert_string_equal(f.value, "b c");
    assert_true(header_next(h.text, &at, &line) && line.length == 0);
    assert_true(header_next(h.text, &at, &line) && !header_split(line, '=', &f));
    assert_true(header_next(h.text, &at, &line) && !header_next(h.text, &at, &line));
    mem_free(h.text);
    source_close(&s);
    write_scratch("binary", "a\0b\nend\n", 8);
    OK(source_open("binary", &s, &e));
    REFUSED(header_read(&s, is_end, &h, &e), ATT_DATA, "binary: its header is not text");
    source_close(&s);
    char *endless = mem_alloc((2 << 20) + 1);
    memset(endless, 'x', 2 << 20);
    write_scratch("endless", endless, 2 << 20);
    mem_free(endless);
    OK(source_open("endless", &s, &e));
    REFUSED(header_read(&s, is_end, &h, &e), ATT_DATA, "longer than 1048576 bytes");
    source_close(&s);
}

static void numbers(void **state)
{
    (void)state;
    double v[3];
    assert_int_equal(header_numbers("(1, -2.5e1 ,nan)", v, 3), 3);
    assert_true(v[0] == 1 && v[1] == -25 && isnan(v[2]));
    assert_int_equal(header_numbers("", v, 3), 0);
    assert_int_equal(header_numbers("1 2 3 4", v, 3), -1);
    assert_int_equal(header_numbers("1 2x", v, 3), -1);
    static const double some[] = {
        0, -0.0, 0.1, 1.0 / 3, -1e300, 5e-324, 123456789, 0.30000000000000004};
    for (size_t i = 0; i < COUNT(some); i++) {
        struct text_out t = {0};
        char *end;
        text_number(&t, some[i]);
        assert_true(
            !t.lost && number_read(t.text, &end) == some[i] && !*end && strcmp(t.text, "-0") != 0);
        mem_free(t.text);
    }
}

static void paths_stay_below(void **state)
{
    (void)state;
    static const char *const bad[] = {"/a", "../a", "a/../../b", "..", "a\\b", ""};
    struct err e = {0};
    char *path = header_data_path("some/where/x.nhdr", "deep/y.raw", &e);
    assert_string_equal(path, "some/where/deep/y.raw");
    mem_free(path);
    path = header_data_path("x.nhdr", "..y.raw", &e);
    assert_string_equal(path, "..y.raw");
    mem_free(path);
    for (size_t i = 0; i < COUNT(bad); i++) {
        e = (struct err){0};
        assert_null(header_data_path("some/x.nhdr", bad[i], &e));
        assert_int_equal(e.status, ATT_DATA);
    }
}

static void axes_of_a_grid(void **state)
{
    (void)state;
    static const double lps[3] = {-1, -1, 1}, origin[3] = {1, 2, 3};
    struct geometry g = {0};
    assert_true(
        header_affine((const double[3][3]){{3, 4, 0}, {0, 0, 2}, {1, 0, 0}}, origin, lps, &g));
    static const double expected[3][4] = {{-3, 0, -1, -1}, {-4, 0, 0, -2}, {0, 2, 0, 3}};
    assert_memory_equal(g.affine, expected, sizeof expected);
    assert_memory_equal(g.spacing, ((float[3]){1, 2, 5}), sizeof g.spacing);
    assert_false(
        header_affine((const double[3][3]){{3, 4, 0}, {0, 0, 2}, {3, 4, 0}}, origin, lps, &g));
    static const double lengths[] = {1e50, 1e-50}; /* that a float cannot hold */
    for (size_t i = 0; i < COUNT(lengths); i++)
        assert_false(header_affine(
            (const double[3][3]){{lengths[i], 0, 0}, {0, 1, 0}, {0, 0, 1}}, origin, lps, &g));
    assert_false(
        header_affine((const double[3][3]){{3, 4, 0}, {0, 0, NAN}, {1, 0, 0}}, origin, lps, &g));
    assert_false(header_affine((const double[3][3]){{3, 4, 0}, {0, 0, 2}, {1, 0, 0}},
        (const double[3]){0, INFINITY, 0}, lps, &g));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_fields),
        cmocka_unit_test(numbers),
        cmocka_unit_test(paths_stay_below),
        cmocka_unit_test(axes_of_a_grid),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
