/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double number_read(const char *text, char **end)
{
    *end = (char *)(uintptr_t)text;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) return 0;
    double x = strtod_l(text, end, c);
    freelocale(c);
    return x;
}

bool number_read3(const char *text, double v[3])
{
    v[0] = v[1] = v[2] = 0;
    if (!strcmp(text, "0")) return true;
    for (int i = 0; i < 3; i++) {
        char one[64], *end; /* separately: strtod would read "0x1" as hexadecimal */
        size_t length = strcspn(text, "x");
        if (length == 0 || length >= sizeof one || strspn(text, "0123456789.eE+-") < length)
            return false;
        memcpy(one, text, length);
        one[length] = 0;
        v[i] = number_read(one, &end);
        if (*end || !(v[i] >= 0) || isinf(v[i]) || text[length] != (i < 2 ? 'x' : 0)) return false;
        text += length + 1;
    }
    return true;
}

int number_read_size(const char *text, int v[3])
{
    v[0] = v[1] = v[2] = 1;
    for (int n = 1; n <= 3; n++) {
        char *end;
        long x = strtol(text, &end, 10);
        if (!isdigit((unsigned char)*text) || x > INT_MAX) return 0;
        v[0] = v[1];
        v[1] = v[2];
        v[2] = (int)x;
        if (!*end) return n;
        if (*end != 'x' && *end != 'X') return 0;
        text = end + 1;
    }
    return 0;
}

int number_write_list(char *out, size_t size, const char *format, va_list args)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = c ? uselocale(c) : (locale_t)0;
    int n = vsnprintf(out, size, format, args);
    if (!c) return n;
    uselocale(before); /* of this thread only */
    freelocale(c);
    return n;
}

int number_write(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = number_write_list(out, size, format, args);
    va_end(args);
    return n;
}

const char *number_size(const int size[3], bool flat, char text[NUMBER_SIZE])
{
    const int at = flat ? 0 : snprintf(text, NUMBER_SIZE, "%dx", size[0]);
    snprintf(text + at, NUMBER_SIZE - (size_t)at, "%dx%d", size[1], size[2]);
    return text;
}

double number_of_half(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    double v = exponent == 31
        ? (fraction ? (double)NAN : (double)INFINITY)
        : ldexp(exponent ? 1024 + fraction : fraction, (exponent ? exponent : 1) - 25);
    return h >> 15 ? -v : v;
}

static void shortest(char out[NUMBER_TEXT], double v, int min, bool to_float)
{
    enum { MOST = 17 };
    char *end;
    for (int digits = min; digits <= MOST; digits++) {
        number_write(out, NUMBER_TEXT, "%.*g", digits, v);
        const double back = number_read(out, &end);
        if (to_float ? (float)back == (float)v : back == v) return;
    }
}

void number_shortest(char out[NUMBER_TEXT], double v, int min) { shortest(out, v, min, false); }
void number_short(char out[NUMBER_TEXT], double v, int min) { shortest(out, v, min, true); }

double number_of_float(float x)
{
    enum { LEAST = 6 }; /* digits that every float keeps */
    char text[NUMBER_TEXT], *end;
    number_short(text, (double)x, LEAST);
    return number_read(text, &end);
}
