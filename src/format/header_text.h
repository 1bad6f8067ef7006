/* SPDX-License-Identifier: Apache-2.0 */
/* Reads text headers before samples, and writes them with most lines kept; for fmt_nrrd.c and
 * fmt_metaimage.c. */
#pragma once

#include "format/samples.h"
#include "image/image.h"

struct header_text {
    char *text; /* all lines and a NUL; for mem_free */
    size_t size;
};
/* Read lines from the source's first byte up to the first for which `last` is true, or the end of
 * the file; a megabyte at most. */
att_status header_read(struct source *s, bool (*last)(const char *line, size_t length),
    struct header_text *h, struct err *e);
void header_keep(struct header_text *h, struct geometry *g); /* moves the text to g */

/* The next line without its end, or false; start with *at = NULL. */
struct header_line {
    const char *text;
    size_t length;
};
bool header_next(const char *text, const char **at, struct header_line *line);

/* Split a line at its separator into key and value without surrounding white space; false: no
 * separator, or one is too long. */
enum { HEADER_WORD = 1024 };
struct header_field {
    char key[64], value[HEADER_WORD];
};
bool header_split(struct header_line line, char separator, struct header_field *f);

/* Read numbers between white space, commas or parentheses. Returns the count, or -1 for other text
 * or more than `max`. */
int header_numbers(const char *value, double *v, int max);

/* Whether a data file entry names several files: "LIST", "LIST 2", or "slice%03d.raw 1 60 1". */
bool header_lists(const char *name);

/* Fresh path of a data file in the header's folder or below, or of NAME.gz if only that exists; or
 * NULL with a message. */
char *header_data_path(const char *header, const char *name, struct err *e);
/* The same for a file that must exist. */
att_status header_data_file(const char *header, const char *name, char **path, struct err *e);

/* Convert LPS axes to a RAS affine; spacing is the length of its columns. False if the axes do not
 * span a volume. */
bool header_affine(
    const double axis[3][3], const double origin[3], const double flip[3], struct geometry *g);

struct text_out {
    char *text;
    size_t used, room;
    bool lost; /* out of memory */
};
void text_add(struct text_out *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_number(struct text_out *t, double v); /* the shortest form that reads back as v */

/* Write a header and its samples, in one file or, if `data_path` is set, in two. */
struct header_out {
    struct text_out text;
    char *data_path;
    bool deflate;
    enum sink_stream stream;
};
att_status header_write(
    const char *path, const struct header_out *h, const struct samples_out *x, struct err *e);
