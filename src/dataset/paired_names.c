/* SPDX-License-Identifier: Apache-2.0 */
/* Call patterns by the literal texts in which they differ. Classes keep the words that they share:
 * Eye_L and Eye_R, but not the "seg" of Liver_seg and Spleen_seg. */
#include "dataset/paired_names.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/pairing_words.h"

static const char separators[] = "_-. ";

static bool is_separator(char c) { return strchr(separators, c) != NULL; }

/* The next literal text between variables and slashes, without separators around it, nor half of
 * the brackets, or a '#', beside a variable. */
static bool next_text(const struct pattern *p, int *piece, int *at, struct span *text)
{
    for (; *piece < p->count; ++*piece, *at = 0) {
        const struct span *s = &p->piece[*piece].text;
        if (p->piece[*piece].var >= 0) continue;
        while (*at < s->length) {
            int from = *at, end = from;
            while (end < s->length && s->text[end] != '/') end++;
            *at = end + 1;
            while (from < end && (is_separator(s->text[from]) || strchr(")#", s->text[from])))
                from++;
            while (end > from && (is_separator(s->text[end - 1]) || strchr("(#", s->text[end - 1])))
                end--;
            *text = (struct span){s->text + from, end - from};
            if (end > from) return true;
        }
    }
    return false;
}

static bool has_text(const struct pattern *p, struct span text)
{
    struct span other;
    for (int piece = 0, at = 0; next_text(p, &piece, &at, &other);)
        if (!span_order(text, other)) return true;
    return false;
}

/* The longest text of pattern k that all others lack, or all that some lack, joined; or the last
 * text, which is *unclear if some lack another one. */
static char *find_name(const struct place *list, int count, int k, bool join, bool *unclear)
{
    bool some = false;
    struct span best = {"", 0}, last = best, text;
    char *joined = NULL;
    for (int piece = 0, at = 0; next_text(&list[k].pattern, &piece, &at, &text);) {
        int others = 0;
        for (int n = 0; n < count; n++) others += n != k && has_text(&list[n].pattern, text);
        last = text;
        if (!others && text.length > best.length) best = text;
        if (others == count - 1) continue;
        some = true;
        if (!join) continue;
        if (!mem_append(&joined, "%s%.*s", joined ? "_" : "", text.length, text.text)) return NULL;
    }
    if (joined) return joined;
    *unclear |= !best.length && some;
    if (!best.length) best = last;
    return mem_text("%.*s", best.length, best.text);
}

static void forget_all(char **name, int count)
{
    for (int k = 0; k < count; k++) {
        mem_free(name[k]);
        name[k] = NULL;
    }
}

static bool has_twice(char *const *name, int count, const int *skip)
{
    for (int k = 0; k < count; k++)
        for (int n = 0; n < k; n++)
            if (strcmp(name[k] + (skip ? skip[k] : 0), name[n] + (skip ? skip[n] : 0)) == 0)
                return true;
    return false;
}

/* The first or last word of a name; its whole length if there is no other. */
static struct span edge_word(const char *name, bool last)
{
    const int length = (int)strlen(name);
    int n = 0;
    while (n < length && !is_separator(name[last ? length - 1 - n : n])) n++;
    return (struct span){last ? name + length - n : name, n};
}

/* Cut the first or last word of all names: the numbers of a list before them; or a word that all
 * share, which in names of classes is a number or says that files are labels. */
static bool drop_word(char **name, int count, bool label, bool last)
{
    int skip[PLACES_MOST];
    const struct span first = edge_word(name[0], last);
    const struct words w = words_of_text(first);
    bool same = !label || w.label || w.mask || span_is_digits(first), numbers = !last;
    for (int k = 0; k < count; k++) {
        const struct span word = edge_word(name[k], last);
        if (!name[k][word.length]) return false;
        same &= !span_order(word, first);
        numbers &= span_is_digits(word);
        skip[k] = word.length;
        while (!last && is_separator(name[k][skip[k]])) skip[k]++;
    }
    if (!same && (!numbers || has_twice(name, count, skip))) return false;
    for (int k = 0; k < count; k++) {
        char *s = name[k];
        if (last)
            for (s += strlen(s) - (size_t)skip[k]; s > name[k] && is_separator(s[-1]);) s--;
        if (last)
            *s = 0;
        else
            memmove(s, s + skip[k], strlen(s + skip[k]) + 1);
    }
    return true;
}

/* What a name is but for a word for labels at one end. */
static struct span without_label(const char *name)
{
    struct span s = span_of(name);
    for (int last = 0; last < 2; last++) {
        const struct span word = edge_word(name, last);
        const struct words w = words_of_text(word);
        int skip = word.length;
        if (!(w.label || w.mask) || !name[skip]) continue;
        while (is_separator(name[last ? s.length - 1 - skip : skip])) skip++;
        return (struct span){last ? name : name + skip, s.length - skip};
    }
    return s;
}

/* The next letter of a pattern's literals, without separators, digits and signs for numbers, or a
 * mark for a variable; 0: there is none. */
static int pattern_letter(const struct pattern *p, int *piece, int *at)
{
    for (; *piece < p->count; ++*piece, *at = 0) {
        const struct span *s = &p->piece[*piece].text;
        const int var = p->piece[*piece].var;
        if (var >= 0 && var < PATTERN_VARS && !(*at)++) return -1 - var;
        while (var < 0 && *at < s->length) {
            const char c = s->text[(*at)++];
            if (!is_separator(c) && !strchr("()#", c)) return (unsigned char)c;
        }
    }
    return 0;
}

/* Equal but for the number of an object, as "x_lesion_mni" and "x_lesion_#_mni". */
static bool same_but_number(const struct pattern *a, const struct pattern *b)
{
    for (int i = 0, k = 0, m = 0, n = 0;;) {
        const int x = pattern_letter(a, &i, &k), y = pattern_letter(b, &m, &n);
        if (x != y) return false;
        if (!x) return true;
    }
}

/* The first object of a class has its name, as "cell mask" beside "cell 2 mask". */
static bool join_first(const struct place *list, int count, char **name)
{
    for (int k = 0; k < count; k++)
        for (int n = 0; n < count; n++) {
            const struct span a = without_label(name[k]), b = without_label(name[n]);
            if (list[k].any || !list[n].any) continue;
            const bool number = same_but_number(&list[k].pattern, &list[n].pattern);
            if (!number && span_order(a, b)) continue;
            const int from = number ? k : n, to = number ? n : k;
            char *same = mem_text("%s", name[from]);
            if (!same) return false;
            mem_free(name[to]);
            name[to] = same;
        }
    return true;
}

att_status paired_names_find(
    const struct place *list, int count, bool label, char **name, struct err *e)
{
    bool unclear = count > 1, differ = false;
    for (int join = 0; join < 2 && unclear; join++) {
        forget_all(name, count);
        unclear = false;
        for (int k = 0; k < count; k++) {
            if (!(name[k] = find_name(list, count, k, join, &unclear))) return err_path(e);
            differ |= strcmp(name[k], name[0]) != 0;
        }
        unclear |= has_twice(name, count, NULL);
    }
    if (label && differ && !join_first(list, count, name)) return err_path(e);
    differ = false;
    for (int k = 1; k < count; k++) differ |= strcmp(name[k], name[0]) != 0;
    if (!differ) forget_all(name, count); /* "_mask" and "_mask_#" */
    for (int last = 0; last < 2 && differ && !unclear; last++)
        while (drop_word(name, count, label, last)) continue;
    return ATT_OK;
}

/* The pattern of another part with this one's name, or -1. */
static int find_other(
    const struct pattern *p, const struct place *other, char *const *names, int others)
{
    int found = -1, texts = 0;
    for (int k = 0; k < others; k++) {
        if (pattern_same(p, &other[k].pattern)) return k;
        const bool again = found >= 0 && strcmp(names[found], names[k]) == 0;
        if (again || !has_text(p, span_of(names[k]))) continue;
        found = k;
        texts++;
    }
    return texts == 1 ? found : -1;
}

bool paired_names_adopt(const struct place *list, int count, const struct place *other,
    char *const *names, int others, int at[])
{
    bool all = true;
    for (int k = 0; k < count; k++) {
        at[k] = find_other(&list[k].pattern, other, names, others);
        all &= at[k] >= 0;
    }
    return all;
}
