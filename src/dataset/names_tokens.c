/* SPDX-License-Identifier: Apache-2.0 */
/* Split names into tokens and compare them by their longest common subsequence. */
#include "dataset/names_tokens.h"

#include <string.h>

#include "base/fnv.h"
#include "base/text.h"
#include "dataset/pairing_words.h"

enum { RUNS = 5 /* of letters and digits in a word; more are a hash */, PREFIX = 3 };

enum kind { OTHER, DIGIT, LOWER, UPPER };

static enum kind byte_kind(char c)
{
    if (text_is_digit(c)) return DIGIT;
    if (c >= 'A' && c <= 'Z') return UPPER;
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80 ? LOWER : OTHER;
}

static bool parts(const char *s, int at, int length)
{
    const enum kind a = byte_kind(s[at - 1]), b = byte_kind(s[at]);
    if ((a == DIGIT) != (b == DIGIT)) return true;
    if (a == LOWER && b == UPPER) return true;
    return a == UPPER && b == UPPER && at + 1 < length && byte_kind(s[at + 1]) == LOWER;
}

static uint32_t hash_of(const char *s, int length)
{
    const uint64_t h = fnv_bytes(FNV_START, s, length);
    return (uint32_t)(h ^ h >> 32);
}

static void add(struct token *t, int *count, const char *name, int from, int length, bool word)
{
    if (*count == TOKENS) { /* the last one grows */
        t[TOKENS - 1].length = from + length - t[TOKENS - 1].from;
        t[TOKENS - 1].word = true;
        t[TOKENS - 1].hash = hash_of(name + t[TOKENS - 1].from, t[TOKENS - 1].length);
    } else
        t[(*count)++] = (struct token){from, length, word, hash_of(name + from, length)};
}

int tokens_split(struct span text, struct token token[TOKENS])
{
    const char *name = text.text;
    const int length = text.length;
    int count = 0;
    for (int at = 0, end; at < length; at = end) {
        int runs = 1;
        end = at + 1;
        if (byte_kind(name[at]) == OTHER) {
            add(token, &count, name, at, 1, false);
            continue;
        }
        for (; end < length && byte_kind(name[end]) != OTHER; end++)
            runs += parts(name, end, length);
        if (runs == 2 && words_is_channel((struct span){name + at, end - at})) runs = RUNS + 1;
        for (int from = at, i = at + 1; from < end; i++)
            if (i == end || (runs <= RUNS && parts(name, i, length))) {
                add(token, &count, name, from, i - from, true);
                from = i;
            }
    }
    return count;
}

int names_drop_zeros(struct span name, char *to, int *from)
{
    int length = 0;
    for (int i = 0; i < name.length; i++) {
        const bool more = i + 1 < name.length && text_is_digit(name.text[i + 1]);
        if (name.text[i] == '0' && more && (!length || !text_is_digit(to[length - 1]))) continue;
        if (from) from[length] = i;
        to[length++] = name.text[i];
    }
    return length;
}

struct side {
    const char *text;
    int length, count;
    struct token token[TOKENS];
};

static bool same_token(const struct side *a, int i, const struct side *b, int k)
{
    const struct token *x = &a->token[i], *y = &b->token[k];
    return x->hash == y->hash && x->length == y->length &&
        memcmp(a->text + x->from, b->text + y->from, (size_t)x->length) == 0;
}

static bool allowed(const struct token *t, const bool *keep)
{
    for (int i = 0; keep && t->word && i < t->length; i++)
        if (!keep[t->from + i]) return false;
    return true;
}

static int weight(const struct side *a, int i)
{
    const struct token *t = &a->token[i];
    if (t->word) return 8 + (t->length < 16 ? t->length : 16);
    return a->text[t->from] == '/' ? 3 : 1;
}

/* match[i]: the token of b that is token i of a in the heaviest common subsequence, or -1. Words
 * weigh by their length; a separator never outweighs one. */
static void align(const struct side *a, const struct side *b, const bool *keep, int match[TOKENS])
{
    int best[TOKENS + 1][TOKENS + 1];
    for (int i = a->count; i >= 0; i--)
        for (int k = b->count; k >= 0; k--) {
            if (i == a->count || k == b->count) {
                best[i][k] = 0;
                continue;
            }
            const struct token *t = &a->token[i];
            int top = best[i + 1][k] > best[i][k + 1] ? best[i + 1][k] : best[i][k + 1];
            if (same_token(a, i, b, k) && allowed(t, keep)) {
                const int with = best[i + 1][k + 1] + weight(a, i);
                if (with > top) top = with;
            }
            best[i][k] = top;
        }
    for (int i = 0; i < TOKENS; i++) match[i] = -1;
    /* the first of equal ways, so that matches lie together */
    for (int i = 0, k = 0; i < a->count && k < b->count;) {
        if (best[i][k] > best[i + 1][k] && best[i][k] > best[i][k + 1])
            match[i++] = k++;
        else if (same_token(a, i, b, k) && allowed(&a->token[i], keep) &&
            best[i][k] == best[i + 1][k + 1] + weight(a, i))
            match[i++] = k++;
        else if (best[i][k] == best[i + 1][k])
            i++;
        else
            k++;
    }
}

/* A variable: the same text in both names. */
struct common {
    int a, b, length;
};

struct commons {
    struct common at[PATTERN_VARS];
    int count;
};

static bool common_add(struct commons *c, int a, int b, int length)
{
    if (c->count == PATTERN_VARS) return false;
    c->at[c->count++] = (struct common){a, b, length};
    return true;
}

/* The text closes at `to` a bracket that it opened from `from` on, as "mild (3" before ")". */
static bool closes_bracket(const char *text, int from, int to)
{
    const char close = text[to], open = close == ')' ? '(' : close == ']' ? '[' : 0;
    int depth = 0;
    for (int i = from; open && i < to; i++) depth += (text[i] == open) - (text[i] == close);
    return depth > 0;
}

/* Runs of matching tokens, without separators at their ends, cut at '/' or all separators. */
static bool find_common_runs(
    const struct side *a, const struct side *b, const int *match, bool cut, struct commons *c)
{
    int from = -1, to = -1; /* first and last word of a run */
    for (int i = 0; i <= a->count; i++) {
        const bool on = i < a->count && match[i] >= 0 && a->text[a->token[i].from] != '/' &&
            (!cut || a->token[i].word);
        const bool next = on && i > 0 && match[i - 1] >= 0 && match[i] == match[i - 1] + 1;
        if (from >= 0 && !next) {
            const int start = a->token[from].from;
            int end = a->token[to].from + a->token[to].length;
            end += to + 1 < i && closes_bracket(a->text, start, end);
            if (!common_add(c, start, b->token[match[from]].from, end - start)) return false;
            from = -1;
        }
        if (!on || !a->token[i].word) continue;
        if (from < 0) from = i;
        to = i;
    }
    return true;
}

/* How long the name of the folder is with which a text at a byte begins, as in "7/7_c1"; 0: it does
 * not, or ends there. */
static int folder_name_in(struct span s, int at, int length)
{
    int from = at - 1;
    if (at < 1 || s.text[at - 1] != '/') return 0;
    while (from > 0 && s.text[from - 1] != '/') from--;
    const int name = at - 1 - from;
    const bool begins = name > 0 && name < length && tokens_is_mark(s.text[at + name]) &&
        memcmp(s.text + from, s.text + at, (size_t)name) == 0;
    return begins ? name : 0;
}

/* Cut variables behind the name of their folder, which is a variable then, too. */
static bool cut_names(struct commons *c, struct span a, struct span b)
{
    const struct commons all = *c;
    c->count = 0;
    for (int v = 0; v < all.count; v++) {
        const struct common *m = &all.at[v];
        const int own = folder_name_in(a, m->a, m->length),
                  name = own ? own : folder_name_in(b, m->b, m->length), rest = name + 1;
        if (!common_add(c, m->a, m->b, name ? name : m->length)) return false;
        if (name && rest < m->length && !common_add(c, m->a + rest, m->b + rest, m->length - rest))
            return false;
    }
    return true;
}

/* "train" and "trainannot", alone between what both have: the beginning or the end is common. */
static bool find_inner(
    const struct side *a, const struct side *b, int i, int k, const bool *keep, struct common *c)
{
    const struct token *x = &a->token[i], *y = &b->token[k];
    const int length = x->length < y->length ? x->length : y->length;
    if (!x->word || !y->word || length < PREFIX || x->length == y->length) return false;
    const char *s = a->text + x->from, *t = b->text + y->from;
    const int more_a = x->length - length, more_b = y->length - length;
    if (byte_kind(*s) == DIGIT) return false;
    if (memcmp(s, t, (size_t)length) == 0)
        *c = (struct common){x->from, y->from, length};
    else if (memcmp(s + more_a, t + more_b, (size_t)length) == 0)
        *c = (struct common){x->from + more_a, y->from + more_b, length};
    else
        return false;
    return allowed(&(struct token){.from = c->a, .length = length, .word = true}, keep);
}

static bool find_all(const struct side *a, const struct side *b, const int *match, bool cut,
    const bool *keep, struct commons *all)
{
    struct commons runs = {.count = 0};
    int before = -1; /* the last matching token of a */
    if (!find_common_runs(a, b, match, cut, &runs)) return false;
    int next = 0;
    for (int i = 0; i <= a->count; i++) {
        if (i < a->count && match[i] < 0) continue;
        const int k = before < 0 ? -1 : match[before], end = i < a->count ? match[i] : b->count;
        struct common c;
        if (i - before == 2 && end - k == 2 && find_inner(a, b, i - 1, k + 1, keep, &c)) {
            for (; next < runs.count && runs.at[next].a < c.a; next++)
                if (!common_add(all, runs.at[next].a, runs.at[next].b, runs.at[next].length))
                    return false;
            if (!common_add(all, c.a, c.b, c.length)) return false;
        }
        before = i;
    }
    for (; next < runs.count; next++)
        if (!common_add(all, runs.at[next].a, runs.at[next].b, runs.at[next].length)) return false;
    return true;
}

static bool is_edge(const char *s, int at, int length)
{
    return at <= 0 || at >= length || byte_kind(s[at - 1]) == OTHER || byte_kind(s[at]) == OTHER;
}

/* A variable that names a case: a whole part of the path, or long and with a digit. */
static bool is_name(const char *name, int length, const struct common *c)
{
    const bool whole = (c->a == 0 || name[c->a - 1] == '/') &&
        (c->a + c->length == length || name[c->a + c->length] == '/');
    bool digit = false;
    for (int i = 0; i < c->length; i++) digit |= byte_kind(name[c->a + i]) == DIGIT;
    return whole || (c->length >= 3 && digit);
}

/* A literal, with variables in place of their texts. */
static bool add_literal(struct pattern *p, const char *name, int length, int from, int to,
    const char *a, int la, const struct commons *c)
{
    int at = from;
    for (int i = from; c && i < to; i++)
        for (int v = 0; v < c->count; v++) {
            const struct common *m = &c->at[v];
            if (i + m->length > to || memcmp(name + i, a + m->a, (size_t)m->length) != 0 ||
                !is_edge(name, i, length) || !is_edge(name, i + m->length, length) ||
                !is_name(a, la, m) || words_is_channel((struct span){name + i, m->length}))
                continue;
            if (!pattern_add(p, -1, name + at, i - at) || !pattern_add(p, v, NULL, 0)) return false;
            at = i + m->length;
            i = at - 1;
            break;
        }
    return pattern_add(p, -1, name + at, to - at);
}

static bool pattern_of(struct pattern *p, struct span s, bool second, struct span a,
    const struct commons *c, bool repeat)
{
    int at = 0;
    *p = (struct pattern){.count = 0};
    for (int v = 0; v <= c->count; v++) {
        const int from = v == c->count ? s.length : second ? c->at[v].b : c->at[v].a;
        if (!add_literal(p, s.text, s.length, at, from, a.text, a.length, repeat ? c : NULL))
            return false;
        if (v == c->count) break;
        if (!pattern_add(p, v, NULL, 0)) return false;
        at = from + c->at[v].length;
    }
    return true;
}

bool tokens_compare(struct span a, struct span b, enum comparison how, const bool *keep,
    bool *common, struct pattern *pa, struct pattern *pb)
{
    struct side x = {.text = a.text, .length = a.length}, y = {.text = b.text, .length = b.length};
    struct commons c = {.count = 0};
    int match[TOKENS];
    x.count = tokens_split(a, x.token);
    y.count = tokens_split(b, y.token);
    align(&x, &y, keep, match);
    if (!find_all(&x, &y, match, how == PARTED, keep, &c)) return false;
    if (how == REPEATED && !cut_names(&c, a, b)) return false;
    for (int v = 0; common && v < c.count; v++)
        for (int i = 0; i < c.at[v].length; i++) common[c.at[v].a + i] = true;
    return pattern_of(pa, a, false, a, &c, how != PLAIN) &&
        pattern_of(pb, b, true, a, &c, how != PLAIN);
}

static bool is_hex(char c) { return strchr("0123456789abcdefABCDEF", c) && c; }

int names_uuid_length(const char *s, int length)
{
    static const int group[] = {8, 4, 4, 4, 12};
    int at = 0;
    for (int g = 0; g < 5; g++) {
        if (g && (at >= length || s[at++] != '-')) return 0;
        for (int i = 0; i < group[g]; i++, at++)
            if (at >= length || !is_hex(s[at])) return 0;
    }
    return at;
}
