/* SPDX-License-Identifier: Apache-2.0 */
#include "report/html.h"

#include <math.h>

#include "format/format.h"
#include "unit/format/format_test.h"

static char *page; /* the last one that was read */

static void read_page(void)
{
    size_t size;
    mem_free(page);
    OK(file_read("page.html", 1 << 24, &page, &size, &e));
}

static struct html *begin(const char *title)
{
    struct html *h;
    OK(html_create("page.html", title, "of a test", &h, &e));
    return h;
}

static void end(struct html *h)
{
    OK(html_commit(h, &e));
    read_page();
}

static void assert_has(const char *text)
{
    if (!strstr(page, text)) fail_msg("the page has no %s", text);
}

static void assert_lacks(const char *text)
{
    if (strstr(page, text)) fail_msg("the page has %s", text);
}

static int count_of(const char *text)
{
    int n = 0;
    for (const char *s = page; (s = strstr(s, text)); s++) n++;
    return n;
}

static void a_page_is_whole_and_asks_for_nothing(void **state)
{
    (void)state;
    end(begin("A page"));
    assert_has("<!DOCTYPE html>\n<html lang=\"en\">");
    assert_has("<meta charset=\"utf-8\">");
    assert_has("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
               "base-uri 'none'; form-action 'none'\"");
    assert_has("<meta name=\"viewport\"");
    assert_has("<title>A page</title>");
    assert_has("<h1>A page</h1>");
    assert_has("</body>\n</html>\n");
    assert_lacks("<script");
    assert_lacks("http://");
    assert_lacks("https://");
    assert_lacks("url(");
    assert_lacks("@import");
}

static void names_cannot_inject(void **state)
{
    (void)state;
    struct html *h = begin("<b>&\"'");
    html_section(h, "cases", "<script>alert(1)</script>");
    html_table(h, "\"><script>", (const char *const[]){"a<b", "#n", NULL});
    html_row(h, "<img src=x onerror=alert(1)>");
    html_cell(h, "%s", "\"' onload=x");
    html_table_end(h);
    html_paragraph(h, NULL, "%s", "</p><script>");
    html_details(h, "<i>");
    html_details_end(h);
    html_section_end(h);
    end(h);
    assert_has("<h1>&lt;b&gt;&amp;&quot;&#39;</h1>");
    assert_has("aria-label=\"&quot;&gt;&lt;script&gt;\"");
    assert_has("&lt;img src=x onerror=alert(1)&gt;");
    assert_has("<td class=\"n\">&quot;&#39; onload=x</td>");
    assert_lacks("<script");
    assert_lacks("<img");
    assert_lacks("<i>");
    assert_lacks("<b>");
}

static void what_is_no_utf8_is_replaced(void **state)
{
    (void)state;
    struct html *h = begin("bytes");
    html_paragraph(h, NULL, "%s",
        "a\xff"
        "b \xc3\xa4 \xe2\x82 \xed\xa0\x80 \xc0\xaf \xf0\x9f\xa7\xa0 \x01\x7f.");
    end(h);
    assert_has("<p>a&#xfffd;b \xc3\xa4 &#xfffd;&#xfffd; &#xfffd;&#xfffd;&#xfffd; &#xfffd;&#xfffd; "
               "\xf0\x9f\xa7\xa0 "
               "&#xfffd;&#xfffd;.</p>");
}

static void a_sequence_cut_by_the_end_reads_no_further(void **state)
{
    (void)state;
    struct html *h = begin("cut");
    html_paragraph(h, NULL, "%s", "\xf0\x9f");
    end(h);
    assert_has("<p>&#xfffd;&#xfffd;</p>");
}

static void tables_have_scopes_and_numbers_to_the_right(void **state)
{
    (void)state;
    struct html *h = begin("table");
    html_table(h, "Caption", (const char *const[]){"case", "#Dice", "why", NULL});
    html_row(h, "one");
    html_number(h, 0.87654, 3);
    html_cell(h, "fine");
    html_row(h, "two");
    html_number(h, (double)NAN, 3);
    html_cell(h, "none");
    html_table_end(h);
    end(h);
    assert_has("<caption>Caption</caption>");
    assert_has("<th scope=\"col\">case</th><th scope=\"col\" class=\"n\">Dice</th><th "
               "scope=\"col\">why</th>");
    assert_has("<tr><th scope=\"row\">one</th><td class=\"n\">0.877</td><td>fine</td></tr>");
    assert_has("<td class=\"n\">\xe2\x80\x93</td>");
    assert_has("tabindex=\"0\"");
    assert_int_equal(count_of("<tr>"), count_of("</tr>"));
}

static void long_texts_are_whole(void **state)
{
    (void)state;
    char text[5000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    struct html *h = begin("long");
    html_paragraph(h, "note", "%s!", text);
    end(h);
    assert_has("x!</p>");
    assert_int_equal(count_of("xxxxxxxx") + 7 >= 4999, 1);
}

/* The bytes of a data URI, in "picture.png". */
static void decode(const char *from)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strcspn(from, "\""), size = 0;
    unsigned char *data = mem_alloc(n);
    assert_int_equal(n % 4, 0);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t x = 0;
        int kept = 3;
        for (size_t k = 0; k < 4; k++) {
            const char *digit = from[i + k] == '=' ? digits : strchr(digits, from[i + k]);
            assert_non_null(digit);
            kept -= from[i + k] == '=';
            x = x << 6 | (uint32_t)(digit - digits);
        }
        for (int k = 0; k < kept; k++) data[size++] = (unsigned char)(x >> (16 - 8 * k));
    }
    OK(file_write_all("picture.png", data, size, &e));
    mem_free(data);
}

static void pictures_come_back(void **state)
{
    (void)state;
    for (int grey = 0; grey < 2; grey++)
        for (int width = 1; width <= 3; width++) {
            struct picture p;
            struct image m;
            OK(picture_create(width, 2, (struct color){90, 90, 90}, &p, &e));
            if (!grey) picture_fill(&p, 0, 1, 1, 1, (struct color){10, 20, 30});
            struct html *h = begin("picture");
            html_pictures(h);
            html_picture(h, &p, "a \"picture\"", "of <this>");
            html_pictures_end(h);
            end(h);
            assert_has("alt=\"a &quot;picture&quot;\"");
            assert_has("<figcaption>of &lt;this&gt;</figcaption>");
            decode(strstr(page, "base64,") + strlen("base64,"));
            OK(format_load_image("picture.png", &m, &e));
            assert_int_equal(m.channels, grey ? 1 : 3);
            assert_int_equal(m.size[1], 2);
            assert_int_equal(m.size[2], width);
            assert_true(m.data[width] == (grey ? 90 : 10));
            image_free(&m);
            picture_free(&p);
        }
}

static void a_page_that_fails_is_not_there(void **state)
{
    (void)state;
    struct html *h = begin("first");
    end(h);
    h = begin("second");
    struct err why = {0};
    err_set(&why, ATT_DATA, "no such thing");
    html_fail(h, &why);
    html_paragraph(h, NULL, "more");
    REFUSED(html_commit(h, &e), ATT_DATA, "no such thing");
    read_page();
    assert_has("<h1>first</h1>");
    REFUSED(html_create("nowhere/page.html", "t", "s", &h, &e), ATT_IO, "nowhere");
    assert_null(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_whole_and_asks_for_nothing),
        cmocka_unit_test(names_cannot_inject),
        cmocka_unit_test(what_is_no_utf8_is_replaced),
        cmocka_unit_test(a_sequence_cut_by_the_end_reads_no_further),
        cmocka_unit_test(tables_have_scopes_and_numbers_to_the_right),
        cmocka_unit_test(long_texts_are_whole),
        cmocka_unit_test(pictures_come_back),
        cmocka_unit_test(a_page_that_fails_is_not_there),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
