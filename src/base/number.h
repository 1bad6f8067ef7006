/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text with a decimal point, whatever the locale of the program: specs, objectives, logs. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stddef.h>

/* As strtod; `*end` is where the number stops, `text` itself when there is none. */
double number_read(const char *text, char **end);
/* As snprintf. */
int number_write(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
