/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text with a decimal point, whatever the locale of the program: specs, objectives, logs. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* As strtod; `*end` is where the number stops, `text` itself when there is none. */
double number_read(const char *text, char **end);
/* "3x0.75x0.75", numbers from 0 on; "0" is three of them. False for anything else. */
bool number_read3(const char *text, double v[3]);
/* As snprintf. */
int number_write(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
