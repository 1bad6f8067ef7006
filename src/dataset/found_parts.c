/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_parts.h"

#include <string.h>

#include "base/mem.h"
#include "dataset/found_options.h"
#include "dataset/names_tokens.h"
#include "dataset/reading.h"

enum { TEXT = 1600 }; /* bytes of suggestions */

/* ---- comparison */

/* Both are the same but for names of variables; to: those of a by those of b, or -1. */
static bool map_variables(const struct pattern *a, const struct pattern *b, int to[PATTERN_VARS])
{
    bool same = a->count == b->count;
    for (int i = 0; same && i < a->count; i++) {
        const struct piece *x = &a->piece[i], *y = &b->piece[i];
        const bool named = x->var >= 0 && x->var < PATTERN_VARS;
        same = named ? y->var >= 0 && y->var < PATTERN_VARS : x->var == y->var;
        if (same && x->var < 0) same = !span_order(x->text, y->text);
        if (same && named) to[y->var] = x->var;
    }
    return same;
}

static bool map_images(
    const struct reading_part *a, const struct reading_part *b, int to[PATTERN_VARS])
{
    for (int v = 0; v < PATTERN_VARS; v++) to[v] = -1;
    bool same = a->images == b->images;
    for (int i = 0; same && i < a->images; i++)
        same = map_variables(&a->image[i].pattern, &b->image[i].pattern, to);
    return same;
}

/* A label of another part, with the variables of this one. */
static struct place map_label(const struct place *p, const int to[PATTERN_VARS])
{
    struct place q = *p;
    q.text = NULL; /* of the other part */
    for (int i = 0; i < q.pattern.count; i++) {
        int *const var = &q.pattern.piece[i].var;
        if (*var >= 0 && *var < PATTERN_VARS && to[*var] >= 0) *var = to[*var];
    }
    return q;
}

static bool has_label(const struct reading_part *p, const struct place *label)
{
    for (int i = 0; i < p->labels; i++)
        if (pattern_same(&p->label[i].pattern, &label->pattern) &&
            strcmp(p->label[i].ending, label->ending) == 0)
            return true;
    return false;
}

/* How many labels of b are labels of a. */
static int count_shared(
    const struct reading_part *a, const struct reading_part *b, const int to[PATTERN_VARS])
{
    int count = 0;
    for (int i = 0; i < b->labels; i++) {
        const struct place label = map_label(&b->label[i], to);
        count += has_label(a, &label);
    }
    return count;
}

/* Some word of a, but for variables, is neither in b nor one for labels. */
static bool has_other_word(struct span a, struct span b)
{
    struct token x[TOKENS], y[TOKENS];
    const int m = tokens_split(a, x), n = tokens_split(b, y);
    for (int i = 0; i < m; i++) {
        const struct span word = {a.text + x[i].from, x[i].length};
        if (!x[i].word || (x[i].from > 0 && word.text[-1] == '{')) continue;
        const struct words w = words_of_text(word);
        bool there = w.label || w.mask;
        for (int k = 0; k < n && !there; k++)
            there = span_same_letters(word, (struct span){b.text + y[k].from, y[k].length});
        if (!there) return true;
    }
    return false;
}

/* Labels of two parts are no halves of one set: train and test, ct and mr, mask and Maske; or the
 * classes of each are in a folder with a number. */
static bool differ_in_kind(const char *a, const char *b, bool several)
{
    const struct tree_file first = tree_file_of(a), other = tree_file_of(b);
    const struct span x = tree_name(&first), y = tree_name(&other);
    const struct words v = words_of_text(x), w = words_of_text(y);
    if ((v.split && w.split && v.split != w.split) || (v.channel && w.channel)) return false;
    if (several && pairing_same_words(x, y)) return false;
    return has_other_word(x, y) || has_other_word(y, x);
}

/* ---- parts */

/* The labels of one part. */
static char *part_labels(const struct reading *r, int part)
{
    struct reading one = *r;
    one.part[0] = r->part[part];
    one.parts = 1;
    return reading_text(&one, true);
}

/* In the order of names, as classes of one case have it. */
static int label_order(const struct place *a, const struct place *b)
{
    for (int i = 0; i < a->pattern.count && i < b->pattern.count; i++) {
        const struct piece *x = &a->pattern.piece[i], *y = &b->pattern.piece[i];
        const int order = x->var < 0 && y->var < 0 ? span_order(x->text, y->text) : x->var - y->var;
        if (order) return order;
    }
    return a->pattern.count - b->pattern.count;
}

static att_status add_label(struct reading_part *p, const struct place *label, struct err *e)
{
    int at = 0;
    if (has_label(p, label)) return ATT_OK;
    if (p->labels == PLACES_MOST)
        return err_data(e, "images have more than %d labels each; give patterns", PLACES_MOST);
    while (at < p->labels && label_order(&p->label[at], label) < 0) at++;
    memmove(&p->label[at + 1], &p->label[at], (size_t)(p->labels - at) * sizeof *label);
    p->label[at] = *label;
    p->labels++;
    return ATT_OK;
}

/* Labels of two kinds, as settings; NULL: all are of one. */
struct kinds {
    char *one, *other;
};

static void kinds_free(struct kinds *k)
{
    mem_free(k->one);
    mem_free(k->other);
}

/* Part k has the images of part `first`, whose variables are `to`. *joined: it is now in that part.
 */
static att_status parts_merge(struct reading *r, int first, int k, const int to[PATTERN_VARS],
    struct kinds *kinds, bool *joined, struct err *e)
{
    struct reading_part *a = &r->part[first];
    const struct reading_part *b = &r->part[k];
    bool endings = false;
    for (int i = 0; i < a->images; i++)
        endings |= strcmp(a->image[i].ending, b->image[i].ending) != 0;
    const int shared = count_shared(a, b, to);
    *joined = !endings && (shared == b->labels || shared == a->labels);
    if (!*joined) {
        struct kinds own = {part_labels(r, first), part_labels(r, k)};
        if (!own.one || !own.other) {
            kinds_free(&own);
            return err_path(e);
        }
        *joined = differ_in_kind(own.one, own.other, a->labels > 1);
        if (*joined && !kinds->one)
            *kinds = own;
        else
            kinds_free(&own);
    }
    for (int i = 0; i < a->images && *joined && endings; i++) a->image[i].ending = "";
    for (int i = 0; i < b->labels && *joined; i++) {
        const struct place label = map_label(&b->label[i], to);
        TRY(add_label(a, &label, e));
    }
    return ATT_OK;
}

/* Takes the part out; its texts stay, which labels of others may use. */
static void drop_part(struct reading *r, int part)
{
    const struct reading_part dropped = r->part[part];
    r->parts--;
    for (int i = part; i < r->parts; i++) r->part[i] = r->part[i + 1];
    r->part[r->parts] = dropped;
}

static att_status merge_all(struct reading *r, struct kinds *kinds, struct err *e)
{
    int to[PATTERN_VARS];
    for (int k = 1; k < r->parts; k++) {
        bool joined = false;
        for (int i = 0; i < k && !joined; i++)
            if (map_images(&r->part[i], &r->part[k], to))
                TRY(parts_merge(r, i, k, to, kinds, &joined, e));
        if (joined) drop_part(r, k--);
    }
    return ATT_OK;
}

/* The first of a list of patterns that another list lacks, or its first. */
static struct span own_pattern(const char *list, const char *other)
{
    for (const char *at = list; *at; at += *at == ';') {
        const struct span own = {at, (int)strcspn(at, ";")};
        const char *in = other;
        for (at += own.length; *in; in += *in == ';') {
            const struct span theirs = {in, (int)strcspn(in, ";")};
            if (!span_order(own, theirs)) break;
            in += theirs.length;
        }
        if (!*in) return own;
    }
    return (struct span){list, (int)strcspn(list, ";")};
}

/* Some labels have several values, so their files are no single classes. */
static bool have_values(const struct finder *s, const struct reading *r)
{
    enum { LOOKS = 8 };
    int looks = 0;
    for (int i = 0; i < s->tree->count && looks < LOOKS; i++) {
        struct contents c = {.values = 0};
        struct fit f = {.part = 0};
        if (!reading_fits(r, &s->tree->file[i], &f) || !f.label) continue;
        s->eyes->look(s->eyes->arg, s->tree->file[i].path, true, &c);
        if (c.values > 2) return true;
        looks++;
    }
    return false;
}

/* One reading joins the kinds as classes; where they overlap, each image keeps its first. */
static att_status ask_for_kinds(const struct finder *s, const struct found *f, const char *a,
    const char *b, const char *images, const char *labels, const struct reading *r, struct err *e)
{
    char classes[TEXT] = "", one[TEXT] = "";
    const bool values = have_values(s, r);
    if (!values) options_add(s, images, labels, classes, sizeof classes);
    if (!*classes) options_add(s, f->images, f->labels, one, sizeof one);
    const struct span x = own_pattern(a, b), y = own_pattern(b, a);
    const bool both = *classes || *one, twice = strlen(classes) < TEXT / 2;
    return err_set(e, ATT_DATA,
        "%.150s: some images have a label '%.*s', others '%.*s', and hardly one has both; "
        "%s%s%s%s%s%s",
        s->root, x.length, x.text, y.length, y.text, *classes ? "if these are classes, give " : "",
        classes, *classes ? "; " : "",
        !both        ? "give patterns (docs/data.md)"
            : values ? "if their values mean the same, give "
                     : "if they mark one class, as of several readers, give ",
        *one         ? one
            : !twice ? "the same and"
                     : classes,
        *classes ? " `mask-values` one" : "");
}

att_status parts_settle(const struct finder *s, struct found *f, struct err *e)
{
    struct reading r;
    struct kinds kinds = {NULL, NULL};
    TRY(reading_parse(f->images, f->labels, &r, e));
    const int parts = r.parts;
    att_status status = merge_all(&r, &kinds, e);
    const bool changed = status == ATT_OK && r.parts < parts;
    char *images = changed ? reading_text(&r, false) : NULL,
         *labels = images ? reading_text(&r, true) : NULL;
    if (changed && !labels) status = err_path(e);
    if (status == ATT_OK && kinds.one)
        status = ask_for_kinds(s, f, kinds.one, kinds.other, images, labels, &r, e);
    if (changed && status == ATT_OK) {
        mem_free(f->images);
        mem_free(f->labels);
        f->images = images;
        f->labels = labels;
    } else {
        mem_free(images);
        mem_free(labels);
    }
    kinds_free(&kinds);
    reading_clear(&r);
    return status;
}
