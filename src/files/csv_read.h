/* SPDX-License-Identifier: Apache-2.0 */
/* Reads lines of comma-separated values (RFC 4180). */
#pragma once

#include <stdbool.h>

/* Cuts the next field off a line in place, without outer blanks and quotes ("" is a quote). *line:
 * the rest, NULL after the last field. NULL: an open quote, or text after one. */
char *csv_field(char **line);
/* Whether spreadsheets take text for a formula: = + - @ after blanks and apostrophes. csv_name
 * writes an apostrophe before such text, and csv_field takes it away. */
bool csv_is_formula(const char *text);
/* Separator of a line without a comma: "semicolons", "tabs" or NULL. */
const char *csv_other_separator(const char *line);
/* Cuts the next record off a text in place, without the end of its line; NULL at the end. Quotes
 * may hold line ends. Adds its lines to *lines (or NULL). */
char *csv_line(char **text, int *lines);
