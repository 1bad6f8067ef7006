/* SPDX-License-Identifier: Apache-2.0 */
#include <cstdarg>
#include <cstdio>

#include "series.h"

std::string text(const char *format, ...)
{
    char buffer[4096];
    va_list list;
    va_start(list, format);
    vsnprintf(buffer, sizeof buffer, format, list);
    va_end(list);
    return buffer;
}

void say(const std::string &sentence) { printf("%s\n", sentence.c_str()); }
