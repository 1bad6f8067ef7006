/* SPDX-License-Identifier: Apache-2.0 */
/* Tables, and numbers as text. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* A table is a JSON array of rows; a row is an array of texts.  Row 0 holds the headings. */
json_t *table_create(const char *heading, ...)
{
    json_t *table = json_array();
    va_list args;
    va_start(args, heading);
    table_row(table);
    for (; heading; heading = va_arg(args, const char *)) table_cell(table, "%s", heading);
    va_end(args);
    return table;
}

void table_row(json_t *table) { json_array_append_new(table, json_array()); }

void table_cell(json_t *table, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    json_array_append_new(
        json_array_get(table, json_array_size(table) - 1), json_vsprintf(format, args));
    va_end(args);
}

const char *volume_text(double x, char text[VOLUME_TEXT])
{
    snprintf(text, VOLUME_TEXT, "%.12g", x); /* x / 1000 and x * 1e-3 differ in the 16th digit */
    const double same = strtod(text, NULL);
    snprintf(text, VOLUME_TEXT, same > 0 && same < .01 ? "%.2g" : "%.3f", same);
    return text;
}

void table_number(json_t *table, const json_t *number, int digits)
{
    if (json_is_number(number))
        table_cell(table, "%.*f", digits, json_number_value(number));
    else
        table_cell(table, "-");
}

void table_field(json_t *table, const json_t *j, const char *key, int digits)
{
    table_number(table, json_object_get(j, key), digits);
}

void table_word(json_t *table, const json_t *j, const char *key)
{
    table_cell(table, "%s", json_word(j, key));
}

void table_digits(json_t *table, const json_t *number)
{
    if (json_is_number(number))
        table_cell(table, "%.6g", json_number_value(number));
    else
        table_cell(table, "-");
}

static const char *cell(const json_t *table, size_t row, size_t column)
{
    const char *text = json_string_value(json_array_get(json_array_get(table, row), column));
    return text ? text : "";
}

/* Characters, not bytes. */
static int cli_table_width(const char *text)
{
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* Whether every cell below the heading is a number or "-". */
static bool numeric(const json_t *table, size_t column)
{
    for (size_t r = 1; r < json_array_size(table); r++) {
        const char *text = cell(table, r, column);
        if (*text && strcmp(text, "-") != 0 &&
            !strchr("0123456789", text[*text == '-' || *text == '+']))
            return false;
    }
    return true;
}

static void table_p(json_t *table, const json_t *p)
{
    const double x = json_number_value(p);
    table_cell(table, x < .0001 ? "%.1e" : "%.4f", x);
}

void table_arm(json_t *table, const json_t *arm, int digits)
{
    table_field(table, arm, "mean", digits);
    table_field(table, arm, "spread", digits);
    if (!json_object_get(arm, "p")) {
        for (int i = 0; i < 4; i++) table_cell(table, "-");
        return;
    }
    table_cell(table, "%+.*f", digits, json_decimal(arm, "difference"));
    table_cell(table, "%+.*f to %+.*f", digits, json_decimal(arm, "low"), digits,
        json_decimal(arm, "high"));
    table_p(table, json_object_get(arm, "p"));
    table_p(table, json_object_get(arm, "p_holm"));
}

void table_print(json_t *table)
{
    size_t rows = json_array_size(table), columns = json_array_size(json_array_get(table, 0));
    int widths[64];
    bool right[64];
    if (columns > 64) columns = 64;
    for (size_t k = 0; k < columns; k++) {
        widths[k] = 0;
        right[k] = numeric(table, k);
        for (size_t r = 0; r < rows; r++)
            if (cli_table_width(cell(table, r, k)) > widths[k])
                widths[k] = cli_table_width(cell(table, r, k));
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < columns; k++) {
            const char *text = cell(table, r, k);
            int pad = widths[k] - cli_table_width(text);
            if (k > 0) fputs("  ", stdout);
            if (right[k])
                printf("%*s%s", pad, "", text);
            else
                printf("%s%*s", text, k + 1 < columns ? pad : 0, "");
        }
        putchar('\n');
    }
    json_decref(table);
}

void print_cell(const char *text)
{
    for (; *text; text++) {
        if (*text == '|') putchar('\\');
        putchar(*text);
    }
}

void table_print_markdown(json_t *table)
{
    size_t rows = json_array_size(table), columns = json_array_size(json_array_get(table, 0));
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < columns; k++) {
            printf("| ");
            print_cell(cell(table, r, k));
            putchar(' ');
        }
        puts("|");
        for (size_t k = 0; r == 0 && k < columns; k++) printf(numeric(table, k) ? "|---:" : "|---");
        if (r == 0) puts("|");
    }
    json_decref(table);
}

const char *word_axes(const json_t *size, int dims, char word[WORD])
{
    double v[3]; /* a median may lie between two sizes */
    for (size_t i = 0; i < 3; i++) v[i] = json_number_value(json_array_get(size, i));
    if (dims == 2)
        snprintf(word, WORD, "%.9gx%.9g", v[1], v[2]);
    else
        snprintf(word, WORD, "%.9gx%.9gx%.9g", v[0], v[1], v[2]);
    return word;
}

const char *word_size(const json_t *size, char word[WORD])
{
    return word_axes(size, json_number_value(json_array_get(size, 0)) == 1 ? 2 : 3, word);
}

const char *word_lengths(const double mm[3], char word[WORD])
{
    bool um = false; /* the shortest side counts; 0 is unknown */
    size_t used = 0;
    *word = 0;
    for (int i = 0; i < 3; i++) um |= mm[i] > 0 && mm[i] < SMALL_MM;
    for (int i = 0; i < 3 && used < WORD; i++)
        if (!isnan(mm[i]))
            used += (size_t)snprintf(
                word + used, WORD - used, used ? "x%.4g" : "%.4g", um ? 1000 * mm[i] : mm[i]);
    if (used < WORD) snprintf(word + used, WORD - used, um ? " um" : " mm");
    return word;
}

const char *word_spacing(const json_t *mm, char word[WORD])
{
    double v[3];
    for (size_t i = 0; i < 3; i++) {
        const json_t *one = json_array_get(mm, i);
        v[i] = json_is_number(one) ? json_number_value(one) : (double)NAN;
    }
    return word_lengths(v, word);
}

const char *word_bytes(const json_t *bytes, char word[WORD])
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double x = json_number_value(bytes);
    int u = 0;
    for (; x >= 1024 && u < 4; u++) x /= 1024;
    snprintf(word, WORD, "%.*f %s", u > 0 && x < 100 ? 1 : 0, x, units[u]);
    return word;
}

const char *word_seconds(double seconds, char word[WORD])
{
    long long s = llround(fmin(fmax(seconds, 0), 1e9));
    if (s >= 3600)
        snprintf(word, WORD, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(word, WORD, "%lld:%02lld", s / 60, s % 60);
    return word;
}

void print_list(const json_t *array)
{
    size_t i;
    json_t *v;
    json_array_foreach(array, i, v)
        printf("%s%s", i ? ", " : "", json_is_string(v) ? json_string_value(v) : "?");
}
