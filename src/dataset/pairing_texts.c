/* SPDX-License-Identifier: Apache-2.0 */
/* Compare the names of one case to find what all of them share, then call the shared parts by what
 * they tell apart: cases, groups, or parts of the set. */
#include "dataset/pairing_texts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"
#include "dataset/reading.h"

enum { EXAMPLES = 5, GROUPS_LEAST = 5 };

struct texts {
    struct links *l;
    const struct portion *q;
    int slots, labels;                                     /* of images and labels; of labels */
    struct pattern pattern[SLOTS_MOST + DATASET_CHANNELS]; /* of images, then of labels */
    int values[PATTERN_VARS]; /* different texts of a variable; 0: it is not used */
    int cases;
    bool brief; /* write classes as one pattern, if others may be in cases that lack these */
    char name[PATTERN_VARS][READING_NAME];
};

static const struct slot *texts_slot(const struct texts *x, int k)
{
    return k < x->q->images ? &x->q->image[k] : &x->q->label[k - x->q->images];
}

/* The node of a slot for an image of the portion, or -1. */
static int node_of(const struct texts *x, int k, int image)
{
    if (x->q->main->t->target[image] < 0) return -1;
    return slot_node(x->q, texts_slot(x, k), k >= x->q->images, image);
}

static struct span name_of(const struct texts *x, int k, int image)
{
    const int node = node_of(x, k, image);
    return node < 0 ? (struct span){NULL, 0} : x->l->p->node[node].name;
}

/* ---- patterns from an example */

/* An image whose case has most slots, the n-th such. */
static int find_example(const struct texts *x, int n)
{
    for (int want = x->slots; want >= 2; want--)
        for (int i = 0; i < x->l->p->count; i++) {
            int has = 0;
            if (!name_of(x, 0, i).text) continue;
            for (int k = 0; k < x->slots; k++) has += name_of(x, k, i).text != NULL;
            if (has >= want && n-- == 0) return i;
        }
    return -1;
}

static bool texts_compare_all(struct texts *x, int image, enum comparison how)
{
    const struct span own = name_of(x, 0, image);
    bool keep[PATH_MAX], common[PATH_MAX];
    struct pattern unused;
    struct span got[PATTERN_VARS];
    memset(keep, how != PARTED, sizeof keep);
    if (how == PARTED && pattern_match(&x->q->image[0].link->t->from, own, got))
        for (int v = 0; v < PATTERN_VARS; v++)
            if (got[v].text) memset(keep + (got[v].text - own.text), true, (size_t)got[v].length);
    for (int k = 1; k < x->slots; k++) {
        const struct span other = name_of(x, k, image);
        if (!other.text) continue;
        memset(common, 0, sizeof common);
        if (!tokens_compare(own, other, how, keep, common, &unused, &unused)) return false;
        memcpy(keep, common, sizeof keep);
    }
    for (int k = 1; k < x->slots; k++) {
        const struct span other = name_of(x, k, image);
        x->pattern[k] = (struct pattern){.count = 0};
        if (other.text &&
            !tokens_compare(own, other, how, keep, NULL, &x->pattern[0], &x->pattern[k]))
            return false;
    }
    for (int k = 1; k < x->slots; k++) { /* a class that this image does not show */
        const struct transform *t = texts_slot(x, k)->link->t;
        if (!x->pattern[k].count && k >= x->q->images && pattern_same(&t->from, &x->pattern[0]))
            x->pattern[k] = t->to;
    }
    return true;
}

static bool all_there(const struct texts *x)
{
    for (int k = 0; k < x->slots; k++)
        if (!x->pattern[k].count || !pattern_is_clear(&x->pattern[k])) return false;
    return true;
}

/* Whether the patterns give the pairs of the portion; counts the texts of variables. */
static bool check_pairs(struct texts *x)
{
    const struct pairing *p = x->l->p;
    int fits = 0, all = 0;
    char name[PATH_MAX];
    struct span got[PATTERN_VARS], other[PATTERN_VARS];
    for (int i = 0; i < p->count; i++) {
        const struct span own = name_of(x, 0, i);
        if (!own.text) continue;
        all++;
        bool good = pattern_match(&x->pattern[0], own, got);
        for (int k = 1; good && k < x->slots; k++) {
            const struct span its = name_of(x, k, i);
            if (!its.text) continue;
            const int length = pattern_make(&x->pattern[k], got, name, sizeof name);
            good = length == its.length && memcmp(name, its.text, (size_t)length) == 0 &&
                pattern_match(&x->pattern[k], its, other);
        }
        fits += good;
    }
    x->cases = all;
    return all > 0 && fits == all;
}

/* ---- variables */

/* The variables in the name of an image; false: it is not of the portion, or does not fit. */
static bool match_image(const struct texts *x, int i, struct span got[PATTERN_VARS])
{
    const struct span own = name_of(x, 0, i);
    return own.text && pattern_match(&x->pattern[0], own, got);
}

/* Texts of a variable in all cases, sorted; *split: some word like train, or mostly classes. */
static int list_texts(const struct texts *x, int var, struct span *list, bool *split)
{
    int count = 0, different = 0, classes = 0;
    *split = false;
    for (int i = 0; i < x->l->p->count; i++) {
        struct span got[PATTERN_VARS];
        if (match_image(x, i, got) && got[var].text) list[count++] = got[var];
    }
    if (count) qsort(list, (size_t)count, sizeof *list, spans_order);
    for (int i = 0; i < count; i++)
        if (i == 0 || span_order(list[i], list[i - 1])) {
            different++;
            *split |= words_is_split(list[i]);
            classes += (words_is_condition(list[i]) && !span_has_digit(list[i])) ||
                words_name_organ(list[i]);
        }
    *split |= classes > 1 && 2 * classes >= different;
    return different;
}

/* Variable v has the text of an earlier one in every case. */
static int find_twin(const struct texts *x, int v)
{
    for (int twin = 0; twin < v; twin++) {
        bool same = x->values[twin] == x->values[v];
        for (int i = 0; i < x->l->p->count && same; i++) {
            struct span got[PATTERN_VARS];
            if (match_image(x, i, got)) same = span_order(got[twin], got[v]) == 0;
        }
        if (same) return twin;
    }
    return -1;
}

/* In all patterns, another variable or a text takes the place of variable v. */
static void replace_all(struct texts *x, int v, int by, struct span text)
{
    for (int k = 0; k < x->slots; k++)
        x->pattern[k] = pattern_exchange(&x->pattern[k], v, by, text);
}

/* One that no pattern has, or PATTERN_VARS. */
static int free_variable(const struct texts *x)
{
    int v = 0;
    while (v < PATTERN_VARS && x->values[v] > 1) v++;
    return v;
}

/* Where the only separator of a text stands, after a number; -1: nowhere. */
static int only_separator(struct span s)
{
    int at = -1;
    bool digit = false;
    for (int i = 0; i < s.length; i++)
        if (strchr("_-. ", s.text[i])) {
            if (at >= 0 || !digit) return -1;
            at = i;
        } else
            digit |= text_is_digit(s.text[i]);
    return at;
}

/* Cut groups such as "P001-1" where they are a patient and one of a few scans. */
static void cut_group(struct texts *x, int v, struct span *list)
{
    enum { SCANS = 8 };
    struct span scan[SCANS], before = {"", 0};
    bool unused;
    int groups = 0, scans = 0, at = -1;
    const int other = free_variable(x);
    list_texts(x, v, list, &unused);
    for (int i = 0; i < x->cases; i++) {
        at = only_separator(list[i]);
        if (at < 0 || list[i].text[at] != list->text[only_separator(*list)]) return;
        const struct span own = {list[i].text, at},
                          rest = {list[i].text + at + 1, list[i].length - at - 1};
        int k = 0;
        groups += span_order(own, before) != 0;
        before = own;
        while (k < scans && span_order(scan[k], rest)) k++;
        if (k == SCANS) return;
        if (k == scans) scan[scans++] = rest;
    }
    if (groups < GROUPS_LEAST || groups == x->values[v] || other == PATTERN_VARS) return;
    for (int k = 0; k < x->slots; k++) {
        struct pattern out = {.count = 0};
        for (int i = 0; i < x->pattern[k].count; i++) {
            const struct piece *a = &x->pattern[k].piece[i];
            pattern_add(&out, a->var, a->text.text, a->text.length);
            if (a->var != v) continue;
            pattern_add(&out, -1, list->text + only_separator(*list), 1);
            pattern_add(&out, other, NULL, 0);
        }
        x->pattern[k] = out;
    }
    x->values[other] = scans;
    strcpy(x->name[other], "scan");
}

/* Constant variables become text; the last one is `id`, an outer one that several cases
 * share may be `group`, but none in a folder that each case has of its own. */
static att_status name_variables(struct texts *x, struct err *e)
{
    struct span *list;
    bool split[PATTERN_VARS] = {false}, grouped = false;
    int id = -1, parts = 0, cut = -1;
    TRY(MEM_ARRAY(list, x->cases, "the names of cases", e));
    for (int v = 0; v < PATTERN_VARS; v++) {
        x->values[v] = list_texts(x, v, list, &split[v]);
        if (x->values[v] == 1) replace_all(x, v, -1, *list);
        const int twin = x->values[v] > 1 ? find_twin(x, v) : -1;
        if (twin >= 0) replace_all(x, v, twin, *list);
        if (twin >= 0) x->values[v] = 0;
        if (x->values[v] > 1) id = v; /* the last */
    }
    for (int v = 0; v < PATTERN_VARS; v++) {
        const bool group = v != id && !grouped && !split[v] && x->values[v] >= GROUPS_LEAST &&
            x->values[v] < x->cases;
        if (v == id)
            strcpy(x->name[v], "id");
        else if (group)
            strcpy(x->name[v], "group");
        else if (parts++ == 0)
            strcpy(x->name[v], "part");
        else
            snprintf(x->name[v], READING_NAME, "part%d", parts);
        if (x->values[v] < 2 && v != id && !group) parts--;
        grouped |= group || (v != id && !split[v] && x->values[v] == x->cases);
        if (group) cut = v;
    }
    if (cut >= 0) cut_group(x, cut, list);
    mem_free(list);
    return ATT_OK;
}

/* ---- text */

/* The common ending of a slot's files, or "". */
static const char *ending_of(const struct texts *x, int k)
{
    const struct tree *t = x->l->p->tree;
    const char *ending = NULL;
    for (int i = 0; i < x->l->p->count; i++) {
        const int node = node_of(x, k, i);
        if (node < 0) continue;
        const struct node *n = &x->l->p->node[node];
        for (int f = n->first; f < n->first + n->count; f++) {
            const char *its = t->file[f].path + t->file[f].stem;
            if (n->count == 1 && n->name.length == t->file[f].length) return "";
            if (ending && !text_equals(ending, its)) return "";
            ending = its;
        }
    }
    return ending ? ending : "";
}

/* The number in which the pattern differs from that of another label, or else its last one, becomes
 * any number. */
static void free_number(const struct texts *x, int k, struct pattern *p)
{
    int at = -1, end = 0;
    for (int i = 0; i < p->count; i++)
        for (int b = 0; b < p->piece[i].text.length && p->piece[i].var < 0; b++)
            if (text_is_digit(p->piece[i].text.text[b])) {
                at = i;
                end = b + 1;
            }
    for (int o = x->q->images; o < x->slots; o++)
        for (int i = 0; i < p->count && i < x->pattern[o].count; i++) {
            const struct span s = p->piece[i].text, t = x->pattern[o].piece[i].text;
            int b = 0;
            if (o == k || p->piece[i].var >= 0 || !pairing_same_words(s, t)) continue;
            while (b < s.length && b < t.length && s.text[b] == t.text[b]) b++;
            if (b == s.length || !text_is_digit(s.text[b])) continue;
            at = i;
            for (end = b; end < s.length && text_is_digit(s.text[end]);) end++;
        }
    int from = end;
    while (from > 0 && text_is_digit(p->piece[at].text.text[from - 1])) from--;
    if (at >= 0) *p = pattern_open(p, at, from, end, PATTERN_NUMBER);
}

/* The file has an image, as label of its own or in another slot. */
static bool texts_has_image(const struct texts *x, int file)
{
    for (int k = 0; k < x->q->labels; k++) /* nodes of files come first */
        if (x->q->label[k].link->image[file] >= 0) return true;
    return false;
}

/* Some label is followed by one with "_1" after its name, which has no image. */
static bool has_numbered(const struct texts *x, int k)
{
    const struct tree *t = x->l->p->tree;
    for (int i = 0; i < x->l->p->count; i++) {
        const int f = node_of(x, k, i) < 0
            ? -1
            : slot_file(x->l, x->q, texts_slot(x, k), k >= x->q->images, i);
        if (f < 0 || f + 1 >= t->count || texts_has_image(x, f + 1)) continue;
        const struct tree_file *a = &t->file[f], *b = &t->file[f + 1];
        if (b->stem < a->stem + 2 || memcmp(a->path, b->path, (size_t)a->stem) != 0 ||
            b->path[a->stem] != '_')
            continue;
        int at = a->stem + 1;
        while (at < b->stem && text_is_digit(b->path[at])) at++;
        if (at == b->stem) return true;
    }
    return false;
}

static bool write_slot(struct texts *x, int k, const char *before, char **text)
{
    const struct slot *s = texts_slot(x, k);
    struct pattern p = x->pattern[k];
    const bool label = k >= x->q->images, folder = s->link->folder && label;
    /* a second label is a fault */
    const char *const mark = label ? "{number}" : "*";
    const bool plain = x->q->plain && k == x->q->images;
    if (x->q->objects && label && !folder && !plain) free_number(x, k, &p);
    if (s->inner.length && !pattern_add(&p, -1, s->inner.text, s->inner.length))
        return !*text || mem_append(text, "%s", before);
    if (!reading_append(text, before, &p, x->name, mark, folder && !s->inner.length ? "*" : "",
            ending_of(x, k)))
        return false;
    if (!label || folder || x->q->objects || x->q->unclear_labels || !has_numbered(x, k))
        return true;
    return reading_append(text, ";", &p, x->name, mark, "_#", ending_of(x, k));
}

static bool is_class_folder(const struct texts *x)
{
    enum { FEW = 3 };
    if (x->labels <= FEW) return false;
    for (int i = 0; i < x->labels; i++)
        if (!x->q->label[i].inner.length || x->q->label[i].link != x->q->label[0].link)
            return false;
    return true;
}

/* Of the first or last `kept` bytes those up to a word for labels, or to the part of the path:
 * other words, as in "Prograsp_Forceps_labels", belong to the class. */
static int keep_label_words(struct span s, int kept, bool last)
{
    int word = 0; /* bytes of it at the inner end */
    for (int k = kept; k > 0; k--) {
        const char c = s.text[last ? s.length - k : k - 1];
        const bool slash = c == '/', edge = slash || strchr("_-. ", c);
        const char *from = s.text + (last ? s.length - k - word : k);
        const struct words w = words_of_text((struct span){from, word});
        if (edge && (w.label || w.mask) && k + word < kept) return k + word + 1;
        if (slash) return k;
        word = edge ? 0 : word + 1;
    }
    return 0;
}

/* The words in which the labels' patterns differ, all in one part of the path that has no
 * variable, become variable `var`. */
static bool find_class(const struct texts *x, int var, struct pattern *out)
{
    const struct pattern *list = x->pattern + x->q->images;
    const struct pattern a = *list;
    int at = -1, from = INT_MAX, tail = INT_MAX, least = INT_MAX;
    for (int k = 1; k < x->labels; k++) {
        const struct pattern *b = &list[k];
        if (x->q->label[k].inner.length || a.count != b->count) return false;
        for (int i = 0; i < a.count; i++) {
            const struct span s = a.piece[i].text, t = b->piece[i].text;
            int n = 0, m = 0;
            if (a.piece[i].var != b->piece[i].var) return false;
            if (a.piece[i].var >= 0 || !span_order(s, t)) continue;
            if (at >= 0 && at != i) return false;
            at = i;
            least = min_int(least, min_int(s.length, t.length));
            while (n < s.length && n < t.length && s.text[n] == t.text[n]) n++;
            while (m < s.length && m < t.length &&
                s.text[s.length - 1 - m] == t.text[t.length - 1 - m])
                m++;
            from = min_int(from, n);
            tail = min_int(tail, m);
        }
    }
    if (at < 0) return false;
    const struct span s = a.piece[at].text;
    from = keep_label_words(s, from, false);
    tail = keep_label_words(s, tail, true);
    if (from + tail >= least || (at > 0 && !memchr(s.text, '/', (size_t)from)) ||
        (at < a.count - 1 && !memchr(s.text + s.length - tail, '/', (size_t)tail)))
        return false;
    for (int k = 0; k < x->labels; k++) { /* the words are of one part of the path */
        const struct span own = list[k].piece[at].text;
        if (memchr(own.text + from, '/', (size_t)(own.length - tail - from))) return false;
    }
    *out = pattern_open(&a, at, from, s.length - tail, var);
    return true;
}

/* No file that fits holds an image. Asked are the first files of each class in turn. */
static bool fits_labels(struct texts *x, const struct pattern *p, int var)
{
    enum { ASKED = 100 };
    const struct tree *t = x->l->p->tree;
    struct span got[PATTERN_VARS], last = {"", 0};
    int asked = 0;
    for (int i = 0; i < t->count && asked < ASKED; i++) {
        if (!pattern_match(p, tree_name(&t->file[i]), got) || !span_order(got[var], last)) continue;
        asked++;
        last = got[var];
        if (links_look(x->l, i)->kind == CONTENT_IMAGE) return false;
    }
    return true;
}

static bool has_one_ending(const struct texts *x)
{
    const int first = x->q->images;
    for (int k = 1; k < x->labels; k++)
        if (strcmp(ending_of(x, first), ending_of(x, first + k)) != 0) return false;
    return true;
}

/* Labels of classes that have a name each, as one pattern. */
static bool texts_are_classes(struct texts *x, struct pattern *p)
{
    const int var = free_variable(x);
    if (x->q->dropped || x->q->objects || x->q->over || var == PATTERN_VARS || !has_one_ending(x))
        return false;
    if (is_class_folder(x)) {
        *p = x->pattern[x->q->images];
        pattern_add(p, var, NULL, 0);
    } else if (!x->brief || !find_class(x, var, p) || !fits_labels(x, p, var))
        return false;
    strcpy(x->name[var], "class");
    return true;
}

static bool write_all(struct texts *x, char **images, char **labels)
{
    /* of objects, the first pattern with a number gives all others */
    const int written = x->q->objects ? 1 + x->q->plain : x->labels;
    for (int k = 0; k < x->q->images + written; k++) {
        char **text = k < x->q->images ? images : labels;
        const bool first = k == 0 || k == x->q->images;
        const char *before = !*text ? "" : first ? "|" : k > x->q->images && x->q->over ? ">" : ";";
        struct pattern classes;
        if (k == x->q->images && texts_are_classes(x, &classes))
            return reading_append(labels, before, &classes, x->name, "*", "", ending_of(x, k));
        if (!write_slot(x, k, before, text)) return false;
    }
    return true;
}

att_status portion_texts(struct links *l, const struct portion *q, bool brief, char **images,
    char **labels, bool *fits, struct err *e)
{
    struct texts *x;
    TRY(MEM_NEW(x, "the patterns of a data set", e));
    x->l = l;
    x->q = q;
    x->labels = q->labels;
    x->slots = q->images + q->labels;
    x->brief = brief;
    *fits = false;
    for (int n = 0; n < EXAMPLES * COMPARISONS && !*fits; n++) {
        const enum comparison how = (enum comparison)(n % COMPARISONS);
        const int image = find_example(x, n / COMPARISONS);
        *fits = image >= 0 && texts_compare_all(x, image, how) && all_there(x) && check_pairs(x);
    }
    att_status status = *fits ? name_variables(x, e) : ATT_OK;
    if (status == ATT_OK && *fits && !write_all(x, images, labels)) status = err_path(e);
    mem_free(x);
    return status;
}
