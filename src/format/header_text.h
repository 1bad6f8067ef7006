/* SPDX-License-Identifier: Apache-2.0 */
/* Headers that are lines of text before the samples: reading them, and writing them with most lines
 * as they were; for fmt_nrrd.c and fmt_metaimage.c. */
#ifndef FORMAT_HEADER_TEXT_H
#define FORMAT_HEADER_TEXT_H

#include "format/samples.h"
#include "image/image.h"

/* ---- reading */

struct header_text {
    char *text; /* all of it, the last line too; NUL behind it; mem_free() it */
    size_t size;
};
/* Reads lines from the source's first byte on, up to the first of which `last` is true, or to the
 * end of the file. A megabyte at most. */
att_status header_read(struct source *s, bool (*last)(const char *line, size_t length),
    struct header_text *h, struct err *e);
void header_keep(struct header_text *h, struct geometry *g); /* g has the text now */

/* The next line without its end, or false; begin with *at = NULL. */
struct header_line {
    const char *text;
    size_t length;
};
bool header_next(const char *text, const char **at, struct header_line *line);

/* Cuts a line at its separator into key and value, both without white space around, of at most
 * HEADER_WORD - 1 bytes; false: it has none, or they are longer. */
enum { HEADER_WORD = 1024 };
struct header_field {
    char key[64], value[HEADER_WORD];
};
bool header_split(struct header_line line, char separator, struct header_field *f);

/* Numbers between white space (and commas or parentheses): how many there are, or -1 when something
 * else, or more than `most`, is there. */
int header_numbers(const char *value, double *v, int max);

/* Whether what a header names as its data file is several: "LIST", "LIST 2", or a pattern and its
 * numbers, "slice%03d.raw 1 60 1". */
bool header_lists(const char *name);

/* The path of a data file that a header names: in the header's folder or below. Fresh, or NULL and
 * a sentence. */
char *header_beside(const char *header, const char *name, struct err *e);
/* The same of a file that has to be there. */
att_status header_data_file(const char *header, const char *name, char **path, struct err *e);

/* ---- grids */

/* The affine of axes in LPS coordinates, as these formats have them, in RAS; spacing is the length
 * of its columns. False: the axes span no volume. */
bool header_affine(
    const double axis[3][3], const double origin[3], const double flip[3], struct geometry *g);

/* ---- writing */

struct text_out {
    char *text;
    size_t used, room;
    bool lost; /* memory was short */
};
void text_add(struct text_out *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_number(struct text_out *t, double v); /* the shortest that reads back as v */

/* A file of a text and samples behind it or, `beside` not NULL, in that file. */
struct header_out {
    struct text_out text;
    char *beside;
    bool deflate;
    enum sink_stream stream;
};
att_status header_write(
    const char *path, const struct header_out *h, const struct samples_out *x, struct err *e);

#endif
