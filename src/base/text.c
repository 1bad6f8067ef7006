/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"

int text_index(const char *const *list, const char *word)
{
    for (int i = 0; list[i]; i++)
        if (strcmp(list[i], word) == 0) return i;
    return -1;
}

bool text_has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, " ");
        if (n == length && n > 0 && memcmp(at, word, n) == 0) return true;
        at += n + strspn(at + n, " ");
    }
    return false;
}

char text_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

bool text_is_letter(char c) { return text_lower(c) >= 'a' && text_lower(c) <= 'z'; }

bool text_begins(const char *text, const char *beginning)
{
    while (*beginning && text_lower(*text) == text_lower(*beginning)) text++, beginning++;
    return *beginning == 0;
}

bool text_equals(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && text_begins(a, b);
}

enum { SEEN = 255 };

static char text_plain(char c) { return c == '_' ? '-' : c; }

int text_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool text_same_name(const char *a, const char *b)
{
    while (*a && text_plain(*a) == text_plain(*b)) a++, b++;
    return text_plain(*a) == text_plain(*b);
}

/* Optimal string alignment with three rows. */
int text_distance(const char *a, const char *b)
{
    int n = (int)strnlen(a, SEEN), m = (int)strnlen(b, SEEN);
    int d[3][SEEN + 1];
    for (int j = 0; j <= m; j++) d[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = d[i % 3], *last = d[(i + 2) % 3], *before = d[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            bool equal = text_plain(a[i - 1]) == text_plain(b[j - 1]);
            now[j] = min_int(last[j - 1] + !equal, min_int(last[j], now[j - 1]) + 1);
            bool swapped = i > 1 && j > 1 && text_plain(a[i - 1]) == text_plain(b[j - 2]) &&
                text_plain(a[i - 2]) == text_plain(b[j - 1]);
            if (swapped) now[j] = min_int(now[j], before[j - 2] + 1);
        }
    }
    return d[n % 3][m];
}

int text_too_far(const char *word) { return 1 + min_int(3, 1 + (int)(strnlen(word, SEEN) / 4)); }

bool text_is_nearer(const char *word, const char *other, int *best)
{
    const int distance = text_distance(word, other);
    if (distance >= *best) return false;
    *best = distance;
    return true;
}

const char *text_nearest(const char *word, const char *const *list)
{
    const char *nearest = NULL;
    for (int best = text_too_far(word); *list; list++)
        if (text_is_nearer(word, *list, &best)) nearest = *list;
    return nearest;
}

const char *text_two_forms(const char *name)
{
    while (*name && !((unsigned char)*name & 0x80)) name++;
    return *name ? "; a name that looks the same may have other bytes (Unicode's NFC and NFD); "
                   "rename one side, such as with convmv"
                 : "";
}

char *text_skip_mark(char *text) { return strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text; }

void text_tame(char *text)
{
    char *to = text;
    for (const char *s = text; *s; s++) {
        const unsigned char c = (unsigned char)*s, next = (unsigned char)s[1];
        const bool second = c == 0xC2 && next >= 0x80 && next < 0xA0;
        *to++ = second || c < ' ' || c == 0x7F ? '?' : *s;
        s += second;
    }
    *to = 0;
}

bool text_append(char *text, size_t size, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    const int more = vsnprintf(text + used, size - used, format, args);
    va_end(args);
    return more >= 0 && (size_t)more < size - used;
}

char *text_quote(const char *word, char *text, size_t size)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
    const bool quotes = !*word || word[strspn(word, plain)];
    size_t n = 0;
    if (quotes) text[n++] = '\'';
    for (; *word && n + 6 <= size; word++) {
        const bool outside = *word == '\'' || *word == '`'; /* `name` is an option in sentences */
        if (outside) text[n++] = '\'';
        if (outside) text[n++] = '\\';
        text[n++] = *word;
        if (outside) text[n++] = '\'';
    }
    if (quotes) text[n++] = '\'';
    text[n] = 0;
    return text;
}

char *text_quote_path(const char *path, char *text, size_t size)
{
    const size_t before = *path == '-' ? 2 : 0;
    memcpy(text, "./", before);
    text_quote(path, text + before, size - before);
    return text;
}
