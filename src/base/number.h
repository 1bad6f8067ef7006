/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text with a decimal point, whatever the locale of the program: specs, objectives,
 * logs. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As strtod; `*end` is where the number stops, `text` itself when there is none. */
double number_read(const char *text, char **end);
/* "3x0.75x0.75", numbers from 0 on; "0" is three of them. False for anything else. */
bool number_read3(const char *text, double v[3]);
/* "48x64x48", whole numbers from 0 on, with as few as one of them: the last of v, with 1 before.
 * How many; 0: it is something else. */
int number_read_size(const char *text, int v[3]);
/* What number_read_size reads: "36x50x35", of what is flat "50x35".  Returns `text`. */
enum { NUMBER_SIZE = 40 };
const char *number_size(const int size[3], bool flat, char text[NUMBER_SIZE]);
/* As snprintf, and as vsnprintf. */
int number_write(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int number_write_list(char *out, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
/* v with `least` digits, or as many more as it takes to be read as v again: up to 17. */
enum { NUMBER_TEXT = 32 };
void number_shortest(char out[NUMBER_TEXT], double v, int min);
void number_short(
    char out[NUMBER_TEXT], double v, int min); /* as the same float: 0.1, not 0.100000001 */
/* Of the decimals that round to x the one with the fewest digits: what a header meant by it. */
double number_of_float(float x);
double number_of_half(uint16_t h); /* the value of an IEEE 754 binary16 */

#endif
