/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of comma-separated values (RFC 4180, one record a line): groups.csv and lists of cases. */
#ifndef FILES_CSV_READ_H
#define FILES_CSV_READ_H

/* Takes the next field off a line, in place: blanks around it go, and so do quotes (a doubled one
 * stands for itself), but not blanks between these.  *line becomes what follows, NULL behind the
 * last field.  NULL: the quote is not closed, or more than blanks stand behind it. */
char *csv_field(char **line);
/* What separates the fields of a line without a comma, "semicolons" (as spreadsheets write where
 * the comma is in numbers) or "tabs"; NULL: neither. */
const char *csv_other_separator(const char *line);
/* Takes the next line off a text, in place, without its end; NULL when there is none.  */
char *csv_line(char **text);

#endif
