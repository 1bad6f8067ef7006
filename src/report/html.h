/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a page as one HTML file that loads nothing from elsewhere and runs no script; its
 * Content-Security-Policy forbids both. User text must go through html_text, html_cell or another
 * call that escapes it.
 *
 *     struct html *h;
 *     TRY(html_create("page.html", "Title", "subtitle", &h, e));
 *     html_section(h, "cost", "Time and memory");
 *     html_table(h, "What took how long", (const char *const[]){"part", "#seconds", NULL});
 *     html_row(h, "training");
 *     html_number(h, 12.5, 1);
 *     html_table_end(h);
 *     html_section_end(h);
 *     return html_commit(h, e);
 *
 * Calls between html_create and html_commit do not fail; html_commit returns the first failure. */
#pragma once

#include <stdarg.h>

#include "base/status.h"
#include "draw/picture.h"

struct html;

/* `path` appears after a successful html_commit, else nothing remains; html_commit frees the page
 * in either case. */
att_status html_create(
    const char *path, const char *title, const char *subtitle, struct html **h, struct err *e);
att_status html_commit(struct html *h, struct err *e);
/* Reports another failure, for html_commit to return. */
void html_fail(struct html *h, const struct err *why);

/* Raw markup, with decimal points in every locale; never user text. */
void html_put(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text of any bytes: HTML is escaped; invalid UTF-8 and control characters become U+FFFD. */
void html_text(struct html *h, const char *text);
/* the same, formatted */
void html_format(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A section with heading and anchor (letters and dashes), for html_contents. */
void html_section(struct html *h, const char *anchor, const char *heading);
void html_section_end(struct html *h);
/* Links to sections: pairs of anchor and text, NULL at the end. */
void html_contents(struct html *h, const char *const *links);
/* A paragraph, formatted and escaped. kind: NULL or a class of html_style.c: "lead", "note",
 * "good", "bad". */
void html_paragraph(struct html *h, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Content shown on demand; the summary is escaped. */
void html_details(struct html *h, const char *summary);
void html_details_end(struct html *h);
/* A row of highlighted numbers: html_fact between html_facts and html_facts_end. `more` may be
 * NULL. */
void html_facts(struct html *h);
void html_fact(struct html *h, const char *name, const char *value, const char *more);
void html_facts_end(struct html *h);
/* A list of names and values: html_term between html_terms and html_terms_end. */
void html_terms(struct html *h);
void html_term(struct html *h, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void html_terms_end(struct html *h);

/* A table that scrolls if it is wide. columns: headings up to NULL, with '#' before numeric ones.
 * The first column is the row heading. */
void html_table(struct html *h, const char *caption, const char *const *columns);
/* without a NULL */
void html_table_list(struct html *h, const char *caption, const char *const *columns, int count);
void html_row(struct html *h, const char *heading);
void html_cell(struct html *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
void html_number(struct html *h, double x, int digits); /* NaN: a dash */
void html_table_end(struct html *h);

/* Colours of classes, as in pictures: "k0".."k7", for styles that use var(--k). */
const char *html_class_color(int k);
/* A colour key; value may be NULL. */
void html_key(struct html *h);
void html_key_item(struct html *h, const char *color, const char *name, const char *value);
void html_key_end(struct html *h);

/* Pictures side by side: html_picture between html_pictures and html_pictures_end. Both texts are
 * escaped. */
void html_pictures(struct html *h);
void html_picture(struct html *h, const struct picture *p, const char *alt, const char *caption);
void html_pictures_end(struct html *h);
/* Charts side by side; svg.h draws them. */
void html_charts(struct html *h);
void html_charts_end(struct html *h);
