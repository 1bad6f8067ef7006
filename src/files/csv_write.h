/* SPDX-License-Identifier: Apache-2.0 */
/* Writes comma-separated values (RFC 4180, with Unix line ends). */
#pragma once

#include "files/file.h"

att_status csv_text(struct file_writer *w, const char *text, struct err *e); /* unquoted */
/* Quotes a name with a comma, quote, line end or outer blank. */
att_status csv_name(struct file_writer *w, const char *name, struct err *e);
/* Writes a file with `fill`, completely or not at all. */
typedef att_status csv_fill(struct file_writer *w, const void *arg, struct err *e);
att_status csv_write(const char *path, csv_fill *fill, const void *arg, struct err *e);
