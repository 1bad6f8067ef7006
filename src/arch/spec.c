/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/spec.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

/* Point key[] and value[] into a fresh copy of text. */
static att_status spec_split(struct spec *s, struct err *e)
{
    memcpy(s->store, s->text, sizeof s->store);
    s->count = 0;
    char *save = NULL;
    for (char *word = strtok_r(s->store, " \t\n", &save); word;
         word = strtok_r(NULL, " \t\n", &save)) {
        char *equals = strchr(word, '=');
        if (!equals || equals == word || !equals[1])
            return err_model(e, "the network spec has \"%s\" where key=value is expected", word);
        if (s->count == SPEC_MAX)
            return err_model(e, "the network spec has more than %d words; remove some", SPEC_MAX);
        *equals = 0;
        for (int i = 0; i < s->count; i++)
            if (!strcmp(s->key[i], word))
                return err_model(e, "the network spec has %s twice; keep one", word);
        s->key[s->count] = word;
        s->value[s->count++] = equals + 1;
    }
    return ATT_OK;
}

att_status spec_parse(struct spec *s, const char *text, struct err *e)
{
    memset(s, 0, sizeof *s);
    if (strlen(text) >= sizeof s->text)
        return err_model(
            e, "the network spec is longer than %d characters; shorten it", SPEC_TEXT - 1);
    memcpy(s->text, text, strlen(text));
    TRY(spec_split(s, e));
    char clean[SPEC_TEXT];
    int at = 0;
    for (int i = 0; i < s->count; i++)
        at += snprintf(
            clean + at, sizeof clean - (size_t)at, "%s%s=%s", i ? " " : "", s->key[i], s->value[i]);
    if (!s->count)
        return err_model(e,
            "the network spec is empty; an example: arch=attunet dims=2 in=1 classes=2 "
            "widths=16,32,64,128");
    memset(s->text, 0, sizeof s->text);
    memcpy(s->text, clean, (size_t)at);
    return spec_split(s, e);
}

att_status spec_set(struct spec *s, const char *key, const char *value, struct err *e)
{
    char text[SPEC_TEXT] = "";
    bool found = false;
    for (int i = 0; i <= s->count; i++) {
        if (i == s->count && found) break;
        bool this = i == s->count || !strcmp(s->key[i], key);
        if (this) found = true;
        if (!text_append(text, sizeof text, "%s%s=%s", *text ? " " : "", this ? key : s->key[i],
                this ? value : s->value[i]))
            return err_model(
                e, "the network spec is longer than %d characters; shorten it", SPEC_TEXT - 1);
    }
    return spec_parse(s, text, e);
}

const char *spec_get(const struct spec *s, const char *key, const char *fallback)
{
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->key[i], key)) return s->value[i];
    return fallback;
}

static bool spec_whole(const char *text, int *out)
{
    char *end;
    errno = 0;
    long v = strtol(text, &end, 10);
    if (errno || end == text || *end || v < INT_MIN || v > INT_MAX) return false;
    *out = (int)v;
    return true;
}

att_status spec_int(
    const struct spec *s, const char *key, int fallback, int lo, int hi, int *out, struct err *e)
{
    *out = fallback;
    const char *v = spec_get(s, key, NULL);
    if (!v) return ATT_OK;
    if (!spec_whole(v, out) || *out < lo || *out > hi)
        return err_model(
            e, "%s=%s in the network spec: a whole number from %d to %d is needed", key, v, lo, hi);
    return ATT_OK;
}

att_status spec_real(
    const struct spec *s, const char *key, double fallback, double *out, struct err *e)
{
    *out = fallback;
    const char *v = spec_get(s, key, NULL);
    if (!v) return ATT_OK;
    char *end;
    *out = number_read(v, &end);
    if (end == v || *end || !(*out > -1e30 && *out < 1e30))
        return err_model(
            e, "%s=%s in the network spec: a number between -1e30 and 1e30 is needed", key, v);
    return ATT_OK;
}

att_status spec_choice(const struct spec *s, const char *key, const char *fallback,
    const char *choices, int *out, struct err *e)
{
    const char *v = spec_get(s, key, fallback);
    size_t length = strlen(v);
    int index = 0;
    for (const char *c = choices;; index++) {
        const char *bar = strchr(c, '|');
        size_t n = bar ? (size_t)(bar - c) : strlen(c);
        if (n == length && !memcmp(c, v, n)) {
            *out = index;
            return ATT_OK;
        }
        if (!bar) break;
        c = bar + 1;
    }
    return err_model(e, "%s=%s in the network spec: choose one of %s", key, v, choices);
}

att_status spec_flag(const struct spec *s, const char *key, bool fallback, bool *out, struct err *e)
{
    int index;
    TRY(spec_choice(s, key, fallback ? "yes" : "no", "no|yes", &index, e));
    *out = index == 1;
    return ATT_OK;
}

att_status spec_list(const struct spec *s, const char *key, const char *fallback, int *out, int max,
    int *count, struct err *e)
{
    const char *v = spec_get(s, key, fallback);
    *count = 0;
    for (const char *at = v;; at++) {
        char word[16];
        size_t length = strcspn(at, ",");
        int n = 0;
        if (length < sizeof word) {
            memcpy(word, at, length);
            word[length] = 0;
        }
        if (*count == max || length >= sizeof word || !spec_whole(word, &n) || n < 1 || n > 65536)
            return err_model(e,
                "%s=%s in the network spec: up to %d whole numbers from 1 to 65536, separated "
                "by commas, are needed",
                key, v, max);
        out[(*count)++] = n;
        at += length;
        if (!*at) return ATT_OK;
    }
}

/* One size of spec_axes, `length` characters. */
static bool arch_spec_axes(const char *at, size_t length, const struct axes_rule *r, int out[3])
{
    char word[24], *end = word;
    int n = 0, number[3];
    if (length >= sizeof word) return false;
    memcpy(word, at, length);
    word[length] = 0;
    do {
        char *from = end + (n > 0);
        long v = strtol(from, &end, 10);
        if (n == 3 || end == from || *from < '0' || *from > '9' || v < r->lo || v > r->hi)
            return false;
        number[n++] = (int)v;
    } while (*end == 'x');
    if (*end || (n == 2 && r->dims == 3) || (n == 3 && r->dims == 2 && number[0] != r->flat))
        return false;
    for (int i = 0; i < 3; i++)
        out[i] = i == 0 && r->dims == 2 ? r->flat : n == 1 ? number[0] : number[n - 3 + i];
    return true;
}

att_status spec_axes_by(const struct spec *s, const char *key, const struct axes_rule *r,
    int out[][3], int max, int *count, struct err *e)
{
    const char *v = spec_get(s, key, NULL);
    *count = 0;
    for (const char *at = v; at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if ((*count == max || !arch_spec_axes(at, length, r, out[*count])) && max == 1)
            return err_model(e,
                "%s=%s in the network spec: one size from %d to %d is needed, like %d or %s", key,
                v, r->lo, r->hi, r->hi < 16 ? 2 : 16,
                r->dims == 3     ? r->hi < 16 ? "1x2x2" : "8x16x16"
                    : r->hi < 16 ? "2x1"
                                 : "16x32");
        if (*count == max || !arch_spec_axes(at, length, r, out[*count]))
            return err_model(e,
                "%s=%s in the network spec: up to %d sizes from %d to %d are needed, like %s", key,
                v, max, r->lo, r->hi, r->dims == 3 ? "1x2x2,2x2x2" : "2x2,2x2");
        ++*count;
        at += length;
        if (!*at) break;
    }
    return ATT_OK;
}

att_status spec_axes(const struct spec *s, const char *key, int dims, int hi, int out[][3], int max,
    int *count, struct err *e)
{
    return spec_axes_by(s, key, &(struct axes_rule){dims, 1, hi, 1}, out, max, count, e);
}

att_status spec_only(const struct spec *s, const char *keys, struct err *e)
{
    for (int i = 0; i < s->count; i++)
        if (!text_has_word(keys, s->key[i]))
            return err_model(
                e, "the network spec has an unknown key %s; choose from: %s", s->key[i], keys);
    return ATT_OK;
}
