/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for other programs: comma-separated values (RFC 4180, but for the ends of lines). */
#ifndef FILES_CSV_WRITE_H
#define FILES_CSV_WRITE_H

#include "files/file.h"

att_status csv_text(struct file_writer *w, const char *text, struct err *e); /* as it is */
/* A name: with a comma, a quote, a line's end, or a blank at its beginning or end, it stands in
 * quotes. */
att_status csv_name(struct file_writer *w, const char *name, struct err *e);
/* Writes a file that `fill` fills, as a whole or not at all. */
typedef att_status csv_fill(struct file_writer *w, const void *arg, struct err *e);
att_status csv_write(const char *path, csv_fill *fill, const void *arg, struct err *e);

#endif
