/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text with a decimal point, whatever the locale. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Like strtod; *end is `text` without a number. */
double number_read(const char *text, char **end);
/* "3x0.75x0.75", numbers >= 0; "0" means three zeros. False for anything else. */
bool number_read3(const char *text, double v[3]);
/* "48x64x48": one to three integers >= 0, right-aligned in v and padded with 1. Returns their
 * count; 0: invalid. */
int number_read_size(const char *text, int v[3]);
/* The inverse: "36x50x35", or "50x35" if flat. Returns `text`. */
enum { NUMBER_SIZE = 40 };
const char *number_size(const int size[3], bool flat, char text[NUMBER_SIZE]);
/* Like snprintf and vsnprintf. */
int number_write(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int number_write_list(char *out, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
/* v with at least `min` digits, and up to 17 until it reads back equal. */
enum { NUMBER_TEXT = 32 };
void number_shortest(char out[NUMBER_TEXT], double v, int min);
void number_short(
    char out[NUMBER_TEXT], double v, int min); /* as the same float: 0.1, not 0.100000001 */
/* The shortest decimal that rounds to x. */
double number_of_float(float x);
double number_of_half(uint16_t h); /* from IEEE 754 binary16 */
