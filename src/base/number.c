/* SPDX-License-Identifier: Apache-2.0 */
/* strtod and snprintf in the C locale; see number.h. */
#include "base/number.h"

#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

double number_read(const char *text, char **end)
{
    *end = (char *)(uintptr_t)text;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c) return 0;
    double x = strtod_l(text, end, c);
    freelocale(c);
    return x;
}

int number_write(char *out, size_t size, const char *format, ...)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = c ? uselocale(c) : (locale_t)0;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, size, format, args);
    va_end(args);
    if (!c) return n;
    uselocale(before); /* of this thread only */
    freelocale(c);
    return n;
}
