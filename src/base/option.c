/* SPDX-License-Identifier: Apache-2.0 */
#include "base/option.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

/* *end: after the number. */
static double option_read_number(const char *text, char **end)
{
    *end = (char *)(uintptr_t)text;
    return isdigit((unsigned char)*text) || strchr("+-.", *text) ? number_read(text, end) : 0;
}

bool option_read_int(const char *text, int64_t *x)
{
    char *end;
    errno = 0;
    *x = strtoll(text, &end, 10);
    return end != text && !*end && errno == 0 && !isspace((unsigned char)*text);
}

bool option_read_real(const char *text, double *x)
{
    char *end;
    *x = option_read_number(text, &end);
    return end != text && !*end && isfinite(*x);
}

/* Seconds per unit at *text, which moves past it; 0: no unit. */
static double read_unit(const char **text)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"s", 1}, {"sec", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"hour", 3600},
        {"hours", 3600}, {"d", 86400}, {"day", 86400}, {"days", 86400}};
    const size_t length = strcspn(*text, "0123456789.+-");
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        if (strlen(units[u].name) != length || strncmp(units[u].name, *text, length) != 0) continue;
        *text += length;
        return units[u].seconds;
    }
    return 0;
}

bool option_read_seconds(const char *text, double *x)
{
    char *end;
    *x = option_read_number(text, &end);
    if (end != text && !*end) return *x >= 0 && isfinite(*x);
    double sum = 0;
    do {
        double part = option_read_number(text, &end);
        const bool number = end != text;
        text = end;
        const double unit = read_unit(&text);
        if (!number || !(part >= 0) || !(unit > 0)) return false;
        sum += part * unit;
    } while (*text);
    *x = sum;
    return isfinite(sum);
}

bool option_read_bytes(const char *text, double *x)
{
    static const char prefixes[] = "kmgt";
    char *unit;
    *x = option_read_number(text, &unit);
    if (unit == text || !*unit || !(*x >= 0)) return false;
    if (text_equals(unit, "B")) return isfinite(*x);
    const char *prefix = strchr(prefixes, text_lower(*unit++));
    const bool si = text_equals(unit, "B");
    if (!prefix || !(si || !*unit || text_equals(unit, "i") || text_equals(unit, "iB")))
        return false;
    for (ptrdiff_t power = prefix - prefixes + 1; power > 0; power--) *x *= si ? 1000 : 1024;
    return isfinite(*x);
}

const char *option_read_bool(const char *text)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (int i = 0; i < 8; i++)
        if (text_equals(text, words[i])) return words[i % 2];
    return NULL;
}

void option_describe(const struct option_row *row, char *text, size_t room)
{
    static const char *const kinds[] = {
        [OPTION_TEXT] = "a text",
        [OPTION_INT] = "a whole number",
        [OPTION_REAL] = "a number",
        [OPTION_BOOL] = "yes or no",
        [OPTION_TIME] = "a time such as 90s, 15m or 2h",
        [OPTION_BYTES] = "a size such as 900MiB or 2GiB",
        [OPTION_CHOICE] = "one of ",
    };
    const char *unit = row->type == OPTION_TIME ? " seconds"
        : row->type == OPTION_BYTES             ? " bytes"
                                                : "";
    int used = snprintf(
        text, room, "%s%s", kinds[row->type], row->type == OPTION_CHOICE ? row->choices : "");
    if (row->lo < row->hi && used > 0 && (size_t)used < room)
        snprintf(
            text + used, room - (size_t)used, " from %.15g to %.15g%s", row->lo, row->hi, unit);
}

bool option_is_of(const struct option_row *row, const char *command)
{
    return text_has_word(row->commands, "any") || text_has_word(row->commands, command);
}

bool option_is_switch(const struct option_row *row)
{
    const char *takes = row->type == OPTION_CHOICE ? row->choices
        : row->type == OPTION_TEXT                 ? row->arg
                                                   : NULL;
    return row->type == OPTION_BOOL || (takes && strncmp(takes, "yes|no", 6) == 0);
}

bool option_has_unit(const struct option_row *row)
{
    return row->type == OPTION_TIME || row->type == OPTION_BYTES;
}

static bool is_choice(const char *choices, const char *word)
{
    const size_t length = strlen(word);
    if (!length || strchr(word, '|')) return false;
    for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strncmp(at, word, length) == 0 && (at[length] == '|' || !at[length])) return true;
    return false;
}

bool option_fits(const struct option_row *row, const char **text)
{
    double x = 0;
    int64_t whole = 0;
    bool right = false;
    switch (row->type) {
    case OPTION_TEXT:
        if (option_is_switch(row) && option_read_bool(*text)) *text = option_read_bool(*text);
        return **text; /* an empty text is mostly an unset variable */
    case OPTION_CHOICE:
        if (option_is_switch(row) && option_read_bool(*text)) *text = option_read_bool(*text);
        return is_choice(row->choices, *text);
    case OPTION_BOOL:
        return (*text = option_read_bool(*text)) != NULL;
    case OPTION_INT:
        right = option_read_int(*text, &whole);
        x = (double)whole;
        break;
    case OPTION_REAL:
        right = option_read_real(*text, &x);
        break;
    case OPTION_TIME:
        right = option_read_seconds(*text, &x);
        break;
    case OPTION_BYTES:
        right = option_read_bytes(*text, &x);
        break;
    }
    return right && (row->lo >= row->hi || (x >= row->lo && x <= row->hi));
}
