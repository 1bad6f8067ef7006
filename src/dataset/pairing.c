/* SPDX-License-Identifier: Apache-2.0 */
/* Find transforms: compare a few nodes with those that share their rarest words, and count for how
 * many nodes each comparison holds. */
#include "dataset/pairing.h"

#include <float.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"
#include "dataset/pairing_index.h"
#include "dataset/pairing_words.h"

enum {
    SAMPLES = 96,     /* nodes, evenly */
    FOLDERS = 64,     /* and two of each of so many folders */
    LOOKED_AT = 4096, /* nodes that share a word with one of them */
    PARTNERS = 24,
    KIN = PARTNERS / 2,
    CANDIDATES = 2048,
    FEW = 8,      /* nodes of which one pair may be all */
    TRIED = 1024, /* nodes in a first count */
    MORE = 16,    /* transforms that others add */
    CELLS = 1 << 24
};

struct candidate {
    struct pattern from, to;
    uint64_t hash;
    int rarest; /* word in all names that fit `from`, or -1 */
    int bound, count;
    int weight;  /* how likely it leads from images to labels, by its words; 0: only numbers */
    bool folder; /* of files: a few among all pairs of these files */
    bool apart;  /* its numbers count files on both sides, and differ */
};

struct search {
    struct pairing *p;
    struct index x;
    struct candidate *list;
    int count;
    int *stamp;   /* by node: the last sample that met it */
    float *score; /* by node: how rare are the words that it shares */
    int *met, mets;
    enum pairing_way way;
    bool split;
    /* of all files, of which some are used */
    struct pairing *whole;
    struct index *whole_names;
};

/* ---- candidates */

static uint64_t pattern_hash(const struct pattern *a)
{
    uint64_t h = FNV_START;
    for (int i = 0; i < a->count; i++)
        h = fnv_bytes(fnv_byte(h, (unsigned char)(a->piece[i].var + 2)), a->piece[i].text.text,
            a->piece[i].text.length);
    return h;
}

bool pairing_is_number(const char *s, int length)
{
    int digits = 0, hex = 0, changes = 0;
    for (int i = 0; i < length; i++) {
        const bool digit = text_is_digit(s[i]);
        digits += digit;
        hex += digit || (s[i] >= 'a' && s[i] <= 'f') || (s[i] >= 'A' && s[i] <= 'F');
        changes += i > 0 && digit != (text_is_digit(s[i - 1]));
    }
    return digits == length || changes >= 4 || (digits && hex == length && length >= 6);
}

bool pairing_has_word(const struct pattern *a)
{
    struct token token[TOKENS];
    for (int i = 0; i < a->count; i++) {
        const struct span *s = &a->piece[i].text;
        const int count = a->piece[i].var < 0 ? tokens_split(*s, token) : 0;
        for (int k = 0, end; k < count; k = end) {
            const int from = token[k].from;
            for (end = k + 1; end < count && token[end].word && token[end - 1].word;) end++;
            const int length = token[end - 1].from + token[end - 1].length - from;
            if (token[k].word && !pairing_is_number(s->text + from, length)) return true;
        }
    }
    return false;
}

bool pairing_same_words(struct span a, struct span b)
{
    int i = 0, k = 0;
    for (;;) {
        while (i < a.length && text_is_digit(a.text[i])) i++;
        while (k < b.length && text_is_digit(b.text[k])) k++;
        if (i == a.length || k == b.length) return i == a.length && k == b.length;
        if (a.text[i++] != b.text[k++]) return false;
    }
}

/* Digits after a variable, perhaps after a separator. */
static struct span number_after(const struct pattern *a, int var)
{
    struct span number = {NULL, 0};
    for (int i = 0; i + 1 < a->count; i++) {
        const struct span *s = &a->piece[i + 1].text;
        if (a->piece[i].var != var || a->piece[i + 1].var >= 0) continue;
        number.text = s->text + (strchr("_-. ", *s->text) != NULL);
        while (number.text + number.length < s->text + s->length &&
            text_is_digit(number.text[number.length]))
            number.length++;
        if (number.length) return number;
    }
    return number;
}

static struct span next_number(struct span s, int *at)
{
    int from = *at;
    while (from < s.length && !text_is_digit(s.text[from])) from++;
    for (*at = from; *at < s.length && text_is_digit(s.text[*at]);) ++*at;
    return (struct span){s.text + from, *at - from};
}

/* The number of a base name of literals alone, as in "mask0004" or "4" but no channel; -1: none. */
static long base_number(const struct pattern *a)
{
    if (!a->count || a->piece[a->count - 1].var >= 0) return -1;
    const struct span last = a->piece[a->count - 1].text, s = span_base(last);
    int at = 0;
    if (s.length == last.length && a->count > 1) return -1; /* a variable is in it */
    while (at < s.length && (!text_is_digit(s.text[at])) && s.text[at] != '_') at++;
    if (at == s.length || words_is_channel(s)) return -1;
    long value = 0;
    for (; at < s.length && text_is_digit(s.text[at]) && value < 100000000; at++)
        value = 10 * value + (s.text[at] - '0');
    return at == s.length ? value : -1;
}

/* "{0}_001_t1" and "{0}_002_mask", or "a1" and "b2" alone, belong to two cases. */
static bool number_other_cases(const struct pattern *from, const struct pattern *to)
{
    if (from->count == 1 && to->count == 1 && from->piece[0].var < 0) {
        int i = 0, k = 0;
        struct span a, b;
        do {
            a = next_number(from->piece[0].text, &i);
            b = next_number(to->piece[0].text, &k);
        } while (a.length && !span_order(a, b));
        return a.length || b.length;
    }
    for (int v = 0; v < PATTERN_VARS; v++) {
        const struct span a = number_after(from, v), b = number_after(to, v);
        if (a.length && b.length && span_order(a, b)) return true;
    }
    return false;
}

/* And so do they as base names. */
static bool bases_of_others(const struct pattern *from, const struct pattern *to)
{
    const long x = base_number(from), y = base_number(to);
    return x >= 0 && y >= 0 && x != y;
}

static bool pairing_is_letter(char c) { return text_is_letter(c) || (unsigned char)c >= 0x80; }

/* The only number in the literals of a base name, but for channels such as "t1", where it is in
 * `name`; false: there is none, or several. */
static bool find_number(const struct pattern *p, struct span name, int *from, int *length)
{
    struct span got[PATTERN_VARS];
    int at = 0, count = 0;
    const int base = name.length - span_base(name).length;
    if (!pattern_match(p, name, got)) return false;
    for (int i = 0; i < p->count; i++) {
        const int var = p->piece[i].var,
                  end = at + (var < 0 ? p->piece[i].text.length : got[var].length);
        for (int k = at, to; var < 0 && k < end; k = to) {
            for (to = k; to < end && text_is_digit(name.text[to]);) to++;
            if (to == k) {
                to++;
                continue;
            }
            int word = k;
            while (word > base && pairing_is_letter(name.text[word - 1])) word--;
            const bool channel = words_is_channel((struct span){name.text + word, to - word}),
                       more = to < name.length && pairing_is_letter(name.text[to]);
            if (k < base || channel || more) continue;
            *from = k;
            *length = to - k;
            count++;
        }
        at = end;
    }
    return count == 1;
}

/* Whether there is a file with this number in its place. */
static bool has_number(const struct search *s, struct span name, int from, int length, long number)
{
    char text[PATH_MAX];
    for (int width = length; width; width = width > 1 ? 1 : 0) {
        const int size = snprintf(text, sizeof text, "%.*s%0*ld%.*s", from, name.text, width,
            number, name.length - from - length, name.text + from + length);
        if (size < PATH_MAX && index_find(s->whole_names, s->whole, text, size) >= 0) return true;
    }
    return false;
}

/* A file with the next number, or the one before. */
static bool has_neighbour(const struct search *s, struct span name, int from, int length)
{
    enum { DIGITS = 9 };
    if (length > DIGITS) {
        from += length - DIGITS;
        length = DIGITS;
    }
    const long number = strtol(name.text + from, NULL, 10);
    return has_number(s, name, from, length, number > 0 ? number - 1 : 1) ||
        has_number(s, name, from, length, number + 1);
}

/* Numbers of one digit that files have there, by bit. */
static unsigned few_numbers(const struct search *s, struct span name, int from, int length)
{
    unsigned found = 0;
    for (int k = 0; k < 10; k++) found |= (unsigned)has_number(s, name, from, length, k) << k;
    return found;
}

/* Letters stand before a number of a base name, perhaps with a separator: "reader_2". */
static bool is_behind_letters(struct span name, int from)
{
    if (from > 1 && strchr("_-. ", name.text[from - 1])) from--;
    return from > 0 && pairing_is_letter(name.text[from - 1]);
}

/* Labels have more numbers than images, as those of readers. */
static bool count_readers(
    const struct search *s, struct span a, struct span b, const struct candidate *c)
{
    int from, length, other, its;
    const struct words v = words_of(&c->from), w = words_of(&c->to);
    const bool first = v.label || v.mask || v.reader, second = w.label || w.mask || w.reader;
    if (first == second || !find_number(&c->from, a, &from, &length) ||
        !find_number(&c->to, b, &other, &its) || !is_behind_letters(a, from) ||
        !is_behind_letters(b, other))
        return false;
    const unsigned x = few_numbers(s, a, from, length), y = few_numbers(s, b, other, its),
                   labels = first ? x : y, images = first ? y : x;
    return !(images & ~labels) && images != labels;
}

/* "{0}_img_0" and "{0}_mask_3" belong to two cases where there is an image 1, and a mask 2. */
static bool count_apart(
    const struct search *s, struct span a, struct span b, const struct candidate *c)
{
    int from, length, other, its;
    if (!find_number(&c->from, a, &from, &length) || !find_number(&c->to, b, &other, &its))
        return false;
    return span_order((struct span){a.text + from, length}, (struct span){b.text + other, its}) &&
        has_neighbour(s, a, from, length) && has_neighbour(s, b, other, its);
}

/* Both begin with one text, which other numbers follow, as in "h 2/a" and "h 1_c5", but not those
 * of channels such as "_c1", nor of folders such as "1. images"; `whole`: and end alike. */
static bool numbers_follow(struct span a, struct span b, bool whole)
{
    int from = 0, i, k;
    while (from < a.length && from < b.length && a.text[from] == b.text[from]) from++;
    while (from > 0 && text_is_digit(a.text[from - 1])) from--;
    for (i = from; i < a.length && text_is_digit(a.text[i]);) i++;
    for (k = from; k < b.length && text_is_digit(b.text[k]);) k++;
    if (i == from || k == from || (from > 0 && !strchr("_-. ", a.text[from - 1]))) return false;
    const struct span m = {a.text + from, i - from}, n = {b.text + from, k - from},
                      x = {a.text + i, a.length - i}, y = {b.text + k, b.length - k};
    return span_order(m, n) && (!whole || !span_order(x, y));
}

/* What stands beside a variable; in front of it, only in its base name. */
static struct span text_beside(struct span name, struct span var, bool after)
{
    const char *from = after ? var.text + var.length : var.text;
    if (after) return (struct span){from, (int)(name.text + name.length - from)};
    while (from > name.text && from[-1] != '/') from--;
    return (struct span){from, (int)(var.text - from)};
}

/* "jw-1h 2/c1" and "jw-1h 1_c5", or "x_2h_1" and "x_1h_1", belong to two cases, whatever part of
 * the names is common. */
static bool text_of_others(struct span a, struct span b, const struct candidate *c)
{
    struct span x[PATTERN_VARS], y[PATTERN_VARS];
    if (!pattern_match(&c->from, a, x) || !pattern_match(&c->to, b, y)) return false;
    for (int v = 0; v < PATTERN_VARS; v++)
        for (int after = 0; after < 2 && x[v].text && y[v].text; after++)
            if (numbers_follow(text_beside(a, x[v], after), text_beside(b, y[v], after), !after))
                return true;
    return false;
}

/* One side of a pair has a word for labels, no side, or both. */
static int weigh(const struct pattern *a, const struct pattern *b)
{
    if (!pairing_has_word(a) && !pairing_has_word(b)) return 0;
    const struct words x = words_of(a), y = words_of(b);
    const bool first = x.label || x.mask, second = y.label || y.mask;
    return first != second ? 4 : first ? 1 : 2;
}

static void add_candidate(
    struct search *s, struct span a, struct span b, enum comparison how, const bool *keep)
{
    struct candidate *c = &s->list[s->count];
    if (s->count == CANDIDATES || !tokens_compare(a, b, how, keep, NULL, &c->from, &c->to)) return;
    if (!pattern_is_clear(&c->from) || !pattern_is_clear(&c->to)) return;
    const uint64_t x = pattern_hash(&c->from), y = pattern_hash(&c->to);
    c->hash = x < y ? x * 31 ^ y : y * 31 ^ x;
    const bool others = !s->split && (bases_of_others(&c->from, &c->to) || count_apart(s, a, b, c)),
               apart = others && !count_readers(s, a, b, c);
    for (int i = 0; i < s->count; i++)
        if (s->list[i].hash == c->hash) {
            s->list[i].apart |= apart;
            return;
        }
    if (number_other_cases(&c->from, &c->to) || text_of_others(a, b, c)) return;
    c->apart = apart;
    c->rarest = index_rarest(&s->x, &c->from);
    const int other = index_rarest(&s->x, &c->to);
    c->weight = weigh(&c->from, &c->to);
    c->folder = a.text[a.length - 1] == '/' || b.text[b.length - 1] == '/';
    c->bound = min_int(c->rarest < 0 ? s->p->count : s->x.word[c->rarest].count,
        other < 0 ? s->p->count : s->x.word[other].count);
    if (c->bound < 2 && s->p->count > FEW) return;
    s->count++;
}

static int rarest_first(const void *a, const void *b, void *arg)
{
    const struct word *w = arg;
    const int x = w[*(const int *)a].count, y = w[*(const int *)b].count;
    return x != y ? (x > y) - (x < y) : *(const int *)a - *(const int *)b;
}

/* Score the nodes that share words with node i, the rarest first. Those that differ from it only in
 * digits are kin, no image and label: a few, or many labels would hide their image. */
static void meet_nodes(struct search *s, int i)
{
    int id[TOKENS], looked = 0, kin = 0;
    const int count = s->x.begin[i + 1] - s->x.begin[i];
    memcpy(id, s->x.ids + s->x.begin[i], (size_t)count * sizeof *id);
    qsort_r(id, (size_t)count, sizeof *id, rarest_first, s->x.word);
    s->mets = 0;
    for (int k = 0; k < count; k++) {
        const struct word *w = &s->x.word[id[k]];
        const float worth = 1.f / (float)w->count;
        for (int n = 0; n < w->count && looked < LOOKED_AT; n++, looked++) {
            const int other = s->x.places[w->first + n];
            if (other == i) continue;
            if (s->stamp[other] != i + 1) {
                s->stamp[other] = i + 1;
                const bool same = pairing_same_words(s->p->node[i].name, s->p->node[other].name);
                s->score[other] = same && kin++ >= KIN ? -FLT_MAX
                    : s->p->node[other].count > 1      ? 1e-6f
                                                       : 0;
                s->met[s->mets++] = other;
            }
            s->score[other] += worth;
        }
    }
}

static bool holds_node(const struct node *folder, const struct node *inner)
{
    return folder->count > 1 && inner->first >= folder->first &&
        inner->first < folder->first + folder->count;
}

/* Bytes of words that some other names lack. */
static void mark_varied(const struct search *s, struct span name, bool varied[PATH_MAX])
{
    struct token token[TOKENS];
    const int count = tokens_split(name, token);
    for (int k = 0; k < count; k++) {
        const struct token *t = &token[k];
        const int nodes = t->word ? index_count(&s->x, name.text + t->from, t) : 0;
        memset(varied + t->from, 20 * nodes < 19 * s->p->count, (size_t)t->length);
    }
}

static void try_partners(struct search *s, int i)
{
    const struct node *node = s->p->node;
    bool varied[PATH_MAX] = {false};
    const bool runs = s->way == WAY_RUNS || s->way == WAY_ZEROS;
    if (!runs) mark_varied(s, node[i].name, varied);
    meet_nodes(s, i);
    for (int n = 0; n < PARTNERS; n++) {
        int best = -1;
        for (int k = 0; k < s->mets; k++) {
            const int other = s->met[k];
            if (s->score[other] > 0 && (best < 0 || s->score[other] > s->score[best])) best = other;
        }
        if (best < 0) return;
        s->score[best] = 0;
        if (holds_node(&node[i], &node[best]) || holds_node(&node[best], &node[i])) continue;
        if (!runs) add_candidate(s, node[i].name, node[best].name, PARTED, varied);
        for (enum comparison how = PLAIN; how <= REPEATED && (runs || s->way == WAY_MASKED); how++)
            add_candidate(s, node[i].name, node[best].name, how, NULL);
    }
}

static int folder_of(const struct node *n)
{
    int length = n->name.length - (n->count > 1);
    while (length > 0 && n->name.text[length - 1] != '/') length--;
    return length;
}

static bool same_folder_as(const struct node *a, const struct node *b)
{
    const int length = folder_of(a);
    return length == folder_of(b) && memcmp(a->name.text, b->name.text, (size_t)length) == 0;
}

static void try_samples(struct search *s)
{
    const struct pairing *p = s->p;
    int folders = 0, last = -1;
    for (int i = 0; i < p->count; i++)
        folders += !i || !same_folder_as(&p->node[i], &p->node[i - 1]);
    const int each = divide_up(folders, FOLDERS), step = divide_up(p->count, SAMPLES);
    for (int i = 0, from = 0, folder = 0; i < p->count; i++) {
        const bool ends = i + 1 == p->count || !same_folder_as(&p->node[i], &p->node[i + 1]);
        if (i == pairing_sample(i / step, step)) try_partners(s, last = i);
        if (!ends) continue;
        if (folder++ % each == 0) {
            if (from != last) try_partners(s, from);
            if (from + (i - from) / 2 != from) try_partners(s, from + (i - from) / 2);
        }
        from = i + 1;
    }
}

/* ---- coverage */

/* Count pairs of at most `most` nodes, evenly; `target` (or NULL) gets them. */
static int cover(const struct search *s, const struct candidate *c, int most, int *target)
{
    const struct pairing *p = s->p;
    const struct word *w = c->rarest < 0 ? NULL : &s->x.word[c->rarest];
    const int nodes = w ? w->count : p->count, step = divide_up(nodes, most);
    struct span got[PATTERN_VARS];
    char name[PATH_MAX];
    int count = 0;
    for (int run = 0, n; (n = pairing_sample(run, step)) < nodes; run++) {
        const int i = w ? s->x.places[w->first + n] : n;
        const struct span *text = &p->node[i].name;
        if (!pattern_match(&c->from, *text, got)) continue;
        const int length = pattern_make(&c->to, got, name, sizeof name);
        const int other = length > 0 ? index_find(&s->x, p, name, length) : -1;
        if (other < 0 || other == i) continue;
        if (target) target[i] = other;
        count++;
    }
    return target ? count : count * step;
}

static int most_pairs(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    const int m = x->count * x->weight, n = y->count * y->weight;
    return m != n                ? (m < n ? 1 : -1)
        : x->count != y->count   ? (x->count < y->count) - (x->count > y->count)
        : x->folder != y->folder ? y->folder - x->folder
        : x->bound != y->bound   ? (x->bound < y->bound) - (x->bound > y->bound)
                                 : (x->hash > y->hash) - (x->hash < y->hash);
}

/* True if all pairs of `a` are pairs of `b`. */
static bool contains(const struct pairing *p, const struct transform *b, const struct transform *a)
{
    for (int i = 0; i < p->count; i++)
        if (a->target[i] >= 0 && b->target[i] != a->target[i] && b->target[a->target[i]] != i)
            return false;
    return true;
}

static int most_first(const void *a, const void *b)
{
    const struct transform *x = a, *y = b;
    return (x->count < y->count) - (x->count > y->count);
}

static att_status keep_transforms(struct search *s, struct err *e)
{
    struct pairing *p = s->p;
    for (int i = 0; i < s->count; i++)
        s->list[i].count = s->list[i].apart ? 0 : cover(s, &s->list[i], TRIED, NULL);
    qsort(s->list, (size_t)s->count, sizeof *s->list, most_pairs);
    const int most = max_int(min_int(TRANSFORMS, CELLS / (p->count + 1)), 8);
    p->room = most + MORE;
    TRY(MEM_ARRAY(p->transform, p->room, "the pairs of files", e));
    for (int i = 0; i < s->count && p->transforms < most; i++) {
        struct transform *t = &p->transform[p->transforms];
        if (!s->list[i].count) continue;
        *t = (struct transform){.from = s->list[i].from, .to = s->list[i].to};
        TRY(MEM_ARRAY(t->target, p->count, "the pairs of files", e));
        memset(t->target, 0xff, (size_t)p->count * sizeof *t->target);
        t->count = cover(s, &s->list[i], p->count, t->target);
        bool contained = !t->count;
        for (int k = 0; k < p->transforms && !contained; k++)
            contained = p->transform[k].count >= t->count && contains(p, &p->transform[k], t);
        if (contained)
            mem_free(t->target);
        else
            p->transforms++;
    }
    qsort(p->transform, (size_t)p->transforms, sizeof *p->transform, most_first);
    return ATT_OK;
}

static att_status search_all(struct search *s, struct err *e)
{
    struct pairing *p = s->p;
    TRY(index_build(p, s->way, &s->x, e));
    if (!p->count) return ATT_OK;
    if (s->whole != p) TRY(index_build(s->whole, s->way, s->whole_names, e));
    TRY(MEM_ARRAY(s->list, CANDIDATES + 1, "the pairs of files", e));
    TRY(MEM_ARRAY(s->stamp, p->count, "the pairs of files", e));
    TRY(MEM_ARRAY(s->score, p->count, "the pairs of files", e));
    TRY(MEM_ARRAY(s->met, LOOKED_AT, "the pairs of files", e));
    try_samples(s);
    return keep_transforms(s, e);
}

att_status pairing_find(const struct tree *t, const struct tree *all, enum pairing_way way,
    bool split, struct pairing *p, struct err *e)
{
    struct search s = {.p = p, .way = way, .split = split};
    struct pairing whole = {.tree = all};
    struct index names = {.words = 0};
    const bool some = t->count < all->count;
    s.whole = some ? &whole : p;
    s.whole_names = some ? &names : &s.x;
    *p = (struct pairing){.tree = t};
    att_status status = t->count ? search_all(&s, e) : ATT_OK;
    index_free(&s.x);
    index_free(&names);
    pairing_free(&whole);
    mem_free(s.list);
    mem_free(s.stamp);
    mem_free(s.score);
    mem_free(s.met);
    if (status != ATT_OK) pairing_free(p);
    return status;
}

void pairing_free(struct pairing *p)
{
    for (int i = 0; i < p->transforms; i++) mem_free(p->transform[i].target);
    mem_free(p->transform);
    mem_free(p->node);
    mem_free(p->masked);
    *p = (struct pairing){.count = 0};
}
