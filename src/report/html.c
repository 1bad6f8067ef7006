/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a page element by element. HTML: https://html.spec.whatwg.org */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "files/file.h"
#include "format/png_write.h"
#include "report/html_style.h"

enum { TEXT = 1024, COLUMNS = 64, COLORS = 8 };

struct html {
    struct file_writer *w;
    struct err e;          /* the first failure */
    bool numbers[COLUMNS]; /* numeric columns of the open table */
    int column;            /* of the next cell */
    bool row;              /* a row is open */
};

static void html_write_bytes(struct html *h, const char *data, size_t size)
{
    if (h->e.status == ATT_OK) file_write(h->w, data, size, &h->e);
}

static void raw(struct html *h, const char *markup) { html_write_bytes(h, markup, strlen(markup)); }

void html_fail(struct html *h, const struct err *why) { err_pass(&h->e, why->status, why); }

static void put_list(
    struct html *h, const char *format, va_list args, void (*put)(struct html *h, const char *text))
{
    char room[TEXT], *text = room;
    va_list again;
    va_copy(again, args);
    int n = number_write_list(room, sizeof room, format, args);
    if (n >= TEXT) {
        text = mem_alloc((size_t)n + 1);
        if (text)
            number_write_list(text, (size_t)n + 1, format, again);
        else
            err_memory(&h->e, (size_t)n, "a page");
    }
    va_end(again);
    if (text && n >= 0) put(h, text);
    if (text != room) mem_free(text);
}

void html_put(struct html *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_list(h, format, args, raw);
    va_end(args);
}

/* Length of the UTF-8 sequence at `text` (RFC 3629: shortest form, no surrogates, up to U+10FFFF),
 * or 0. */
static size_t sequence(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = s[0] < 0x80            ? 1
        : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
        : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
        : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                      : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

static const char *entity(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void html_text(struct html *h, const char *text)
{
    while (*text) {
        size_t n = sequence(text);
        bool control = n == 1 && ((unsigned char)*text < ' ' || *text == 0x7f) && *text != '\t' &&
            *text != '\n';
        const char *instead = n == 0 || control ? "&#xfffd;" : n == 1 ? entity(*text) : NULL;
        if (instead)
            raw(h, instead);
        else
            html_write_bytes(h, text, n);
        text += n ? n : 1;
    }
}

void html_format(struct html *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_list(h, format, args, html_text);
    va_end(args);
}

/* <tag>text</tag> */
static void element(struct html *h, const char *tag, const char *text)
{
    html_put(h, "<%s>", tag);
    html_text(h, text);
    html_put(h, "</%s>\n", tag);
}

static void html_head(struct html *h, const char *title, const char *subtitle)
{
    raw(h,
        "<!DOCTYPE html>\n"
        "<html lang=\"en\">\n"
        "<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
        "data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n");
    element(h, "title", title);
    raw(h, "<style>");
    for (int i = 0; i < HTML_STYLES; i++) raw(h, html_style[i]);
    raw(h,
        "</style>\n"
        "</head>\n"
        "<body>\n"
        "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
        "<header>\n");
    element(h, "h1", title);
    raw(h, "<p class=\"sub\">");
    html_text(h, subtitle);
    raw(h, "</p>\n</header>\n<main id=\"main\">\n");
}

att_status html_create(
    const char *path, const char *title, const char *subtitle, struct html **h, struct err *e)
{
    TRY(MEM_NEW(*h, "a page", e));
    att_status status = file_create(path, &(*h)->w, e);
    if (status == ATT_OK) {
        html_head(*h, title, subtitle);
        return ATT_OK;
    }
    mem_free(*h);
    *h = NULL;
    return status;
}

att_status html_commit(struct html *h, struct err *e)
{
    raw(h,
        "</main>\n<footer><p>Made by attunet " ATT_VERSION
        ". This file loads nothing from elsewhere.</p></footer>\n</body>\n</html>\n");
    att_status status = h->e.status;
    if (status == ATT_OK)
        status = file_commit(h->w, e);
    else {
        file_abandon(h->w);
        err_pass(e, status, &h->e);
    }
    mem_free(h);
    return status;
}

void html_section(struct html *h, const char *anchor, const char *heading)
{
    html_put(h, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", anchor, anchor);
    html_text(h, heading);
    raw(h, "</h2>\n");
}

void html_section_end(struct html *h) { raw(h, "</section>\n"); }

void html_contents(struct html *h, const char *const *links)
{
    raw(h, "<nav aria-label=\"Contents\"><ul>\n");
    for (; links[0]; links += 2) {
        html_put(h, "<li><a href=\"#%s\">", links[0]);
        html_text(h, links[1]);
        raw(h, "</a></li>\n");
    }
    raw(h, "</ul></nav>\n");
}

void html_paragraph(struct html *h, const char *kind, const char *format, ...)
{
    va_list args;
    html_put(h, kind ? "<p class=\"%s\">" : "<p>", kind);
    va_start(args, format);
    put_list(h, format, args, html_text);
    va_end(args);
    raw(h, "</p>\n");
}

void html_details(struct html *h, const char *summary)
{
    raw(h, "<details>");
    element(h, "summary", summary);
}

void html_details_end(struct html *h) { raw(h, "</details>\n"); }

void html_facts(struct html *h) { raw(h, "<dl class=\"facts\">\n"); }

void html_fact(struct html *h, const char *name, const char *value, const char *more)
{
    raw(h, "<div>");
    element(h, "dt", name);
    raw(h, "<dd class=\"value\">");
    html_text(h, value);
    raw(h, "</dd>");
    if (more) {
        raw(h, "<dd class=\"more\">");
        html_text(h, more);
        raw(h, "</dd>");
    }
    raw(h, "</div>\n");
}

void html_facts_end(struct html *h) { raw(h, "</dl>\n"); }

void html_terms(struct html *h) { raw(h, "<dl class=\"terms\">\n"); }

void html_term(struct html *h, const char *name, const char *format, ...)
{
    va_list args;
    element(h, "dt", name);
    raw(h, "<dd>");
    va_start(args, format);
    put_list(h, format, args, html_text);
    va_end(args);
    raw(h, "</dd>\n");
}

void html_terms_end(struct html *h) { raw(h, "</dl>\n"); }

void html_table_list(struct html *h, const char *caption, const char *const *columns, int count)
{
    raw(h, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    html_text(h, caption);
    raw(h, "\"><table>\n");
    element(h, "caption", caption);
    raw(h, "<thead><tr>");
    for (int i = 0; i < count; i++) {
        bool number = columns[i][0] == '#';
        if (i < COLUMNS) h->numbers[i] = number;
        raw(h, number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        html_text(h, columns[i] + number);
        raw(h, "</th>");
    }
    raw(h, "</tr></thead>\n<tbody>\n");
    h->row = false;
}

void html_table(struct html *h, const char *caption, const char *const *columns)
{
    int count = 0;
    while (columns[count]) count++;
    html_table_list(h, caption, columns, count);
}

void html_row(struct html *h, const char *heading)
{
    raw(h, h->row ? "</tr>\n<tr><th scope=\"row\">" : "<tr><th scope=\"row\">");
    html_text(h, heading);
    raw(h, "</th>");
    h->row = true;
    h->column = 1;
}

static void begin_cell(struct html *h)
{
    bool number = h->column < COLUMNS && h->numbers[h->column];
    raw(h, number ? "<td class=\"n\">" : "<td>");
    h->column++;
}

void html_cell(struct html *h, const char *format, ...)
{
    va_list args;
    begin_cell(h);
    va_start(args, format);
    put_list(h, format, args, html_text);
    va_end(args);
    raw(h, "</td>");
}

void html_number(struct html *h, double x, int digits)
{
    if (isfinite(x))
        html_cell(h, "%.*f", digits, x);
    else
        html_cell(h, "–");
}

void html_table_end(struct html *h)
{
    if (h->row) raw(h, "</tr>\n");
    raw(h, "</tbody></table></div>\n");
}

const char *html_class_color(int k)
{
    static const char *const names[COLORS] = {"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"};
    return names[(k % COLORS + COLORS) % COLORS];
}

void html_key(struct html *h) { raw(h, "<ul class=\"key\">\n"); }

void html_key_item(struct html *h, const char *color, const char *name, const char *value)
{
    html_put(h, "<li><i class=\"%s\"></i>", color);
    html_text(h, name);
    if (value) element(h, "b", value);
    raw(h, "</li>\n");
}

void html_key_end(struct html *h) { raw(h, "</ul>\n"); }

static void put_base64(struct html *h, const unsigned char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t x = (uint32_t)data[i] << 16 | (i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0) |
            (i + 2 < size ? data[i + 2] : 0U);
        char four[4] = {digits[x >> 18], digits[x >> 12 & 63],
            i + 1 < size ? digits[x >> 6 & 63] : '=', i + 2 < size ? digits[x & 63] : '='};
        html_write_bytes(h, four, 4);
    }
}

void html_pictures(struct html *h) { raw(h, "<div class=\"pics\">\n"); }

void html_picture(struct html *h, const struct picture *p, const char *alt, const char *caption)
{
    const struct png_rgb rgb = {p->width, p->height, p->rgb};
    const struct png_picture rows = png_of_rgb(&rgb);
    unsigned char *data = NULL;
    size_t size = 0;
    if (h->e.status != ATT_OK ||
        png_encode("a picture of the page", &rows, &data, &size, &h->e) != ATT_OK)
        return;
    html_put(h, "<figure><img width=\"%d\" height=\"%d\" alt=\"", p->width, p->height);
    html_text(h, alt);
    raw(h, "\" src=\"data:image/png;base64,");
    put_base64(h, data, size);
    raw(h, "\">");
    element(h, "figcaption", caption);
    raw(h, "</figure>\n");
    mem_free(data);
}

void html_pictures_end(struct html *h) { raw(h, "</div>\n"); }
void html_charts(struct html *h) { raw(h, "<div class=\"charts\">\n"); }
void html_charts_end(struct html *h) { raw(h, "</div>\n"); }
