/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_families.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/found_options.h"
#include "dataset/names_tokens.h"
#include "dataset/pairing_texts.h"

struct gather {
    const struct finder *s;
    struct links *l;
    const struct choice *c;
    enum pairing_way way;
    struct families *f;
    bool *seen; /* by file: room for a count */
};

/* ---- patterns with a variable for a number, or a word */

/* Piece i of a pattern, or bytes from..to of it if it is a literal, becomes variable `var`. */
static struct pattern put_variable(
    const struct pattern *p, int piece, int from, int to, int var, bool digits)
{
    struct pattern out = {.count = 0};
    for (int i = 0; i < p->count; i++) {
        const struct piece *a = &p->piece[i];
        const bool own = i == piece, literal = a->var < 0;
        if (!own || literal) pattern_add(&out, a->var, a->text.text, own ? from : a->text.length);
        if (!own) {
            if (out.count) out.piece[out.count - 1].digits = a->digits;
            continue;
        }
        pattern_add(&out, var, NULL, 0);
        if (out.count) out.piece[out.count - 1].digits = digits;
        if (literal) pattern_add(&out, -1, a->text.text + to, a->text.length - to);
    }
    return out;
}

/* The same with variable `by`, or a text if it is negative, in place of a variable. */
static struct pattern exchange_variable(const struct pattern *p, int var, int by, struct span text)
{
    struct pattern out = {.count = 0};
    for (int i = 0; i < p->count; i++) {
        const struct piece *a = &p->piece[i];
        const bool own = a->var == var;
        const struct span s = own ? text : a->text;
        pattern_add(&out, own ? by : a->var, s.text, s.length);
        if (!own && a->var >= 0) out.piece[out.count - 1].digits = a->digits;
    }
    return out;
}

struct place families_place(const struct family *f, const struct span *number)
{
    const struct span none = {NULL, 0};
    const int by = number ? -1 : f->digits ? PATTERN_NUMBER : PATTERN_ANY;
    return (struct place){
        .pattern = exchange_variable(&f->pattern, FAMILY_NUMBER, by, number ? *number : none),
        .ending = f->ending};
}

/* Literals, and a sign for each variable. */
static void family_text(const struct pattern *p, char text[PATH_MAX])
{
    int used = 0;
    for (int i = 0; i < p->count; i++) {
        const struct span s = p->piece[i].text;
        if (p->piece[i].var >= 0) used += used + 1 < PATH_MAX;
        if (p->piece[i].var >= 0) text[used - 1] = '*';
        if (p->piece[i].var >= 0 || used + s.length >= PATH_MAX) continue;
        memcpy(text + used, s.text, (size_t)s.length);
        used += s.length;
    }
    text[used] = 0;
}

int families_order(const struct pattern *a, const struct pattern *b)
{
    char x[PATH_MAX], y[PATH_MAX];
    family_text(a, x);
    family_text(b, y);
    return strcmp(x, y);
}

/* The image of a file that fits, or -1: it does not, or there is none. */
static int family_image(const struct gather *g, const struct pattern *p,
    const struct tree_file *file, struct span got[PATTERN_VARS])
{
    char name[PATH_MAX];
    if (!pattern_match(p, file->path, file->stem, got)) return -1;
    const int length = pattern_make(&g->f->reading.part->image->pattern, got, name, sizeof name);
    const bool itself = length == file->stem && memcmp(name, file->path, (size_t)length) == 0;
    return length <= 0 || itself ? -1 : tree_find(g->s->tree, name, length);
}

/* Files that fit, and their images. */
struct fits {
    int files, images;
};

static struct fits count_fits(const struct gather *g, const struct pattern *p)
{
    struct span got[PATTERN_VARS];
    struct fits fits = {0, 0};
    memset(g->seen, 0, (size_t)g->s->tree->count * sizeof *g->seen);
    for (int i = 0; i < g->s->tree->count; i++) {
        const int image = family_image(g, p, &g->s->tree->file[i], got);
        if (image < 0) continue;
        fits.files++;
        fits.images += !g->seen[image];
        g->seen[image] = true;
    }
    return fits;
}

/* ---- families */

static int family_of(const struct gather *g, int file)
{
    struct span got[PATTERN_VARS];
    int best = -1, most = -1;
    for (int k = 0; k < g->f->count; k++) {
        const struct pattern *p = &g->f->family[k].pattern;
        const int literals = pattern_literals(p);
        if (literals <= most || family_image(g, p, &g->s->tree->file[file], got) < 0) continue;
        best = k;
        most = literals;
    }
    return best;
}

static void add_family(struct gather *g, const struct pattern *p, bool digits, bool folder)
{
    struct families *f = g->f;
    for (int i = 0; i < f->count; i++)
        if (pattern_same(&f->family[i].pattern, p)) return;
    if (f->count < FAMILIES_MOST) f->family[f->count++] = (struct family){*p, digits, folder, NULL};
}

static bool is_in_image(const struct gather *g, int var)
{
    return g->f->reading.part->image->vars >> var & 1;
}

/* A number that may be that of an object. */
struct trial {
    const struct gather *g;
    struct pattern best;
    bool digits, found;
    struct fits plain, most; /* of the label; of the best */
};

/* `less`: it is less likely than others that give as many labels. True: it gives more than the
 * label alone. */
static bool try_number(struct trial *x, const struct pattern *p, bool digits, bool less)
{
    if (!pattern_is_clear(p)) return false;
    const struct fits own = count_fits(x->g, p);
    if (own.files <= x->plain.files) return false;
    const int more =
        own.files != x->most.files ? own.files - x->most.files : own.images - x->most.images;
    if (x->found && more < less) return true;
    x->most = own;
    x->best = *p;
    x->digits = digits;
    x->found = true;
    return true;
}

/* Variables that are in the pattern twice, and all. */
static unsigned list_variables(const struct pattern *p, unsigned *all)
{
    unsigned twice = 0;
    *all = 0;
    for (int i = 0; i < p->count; i++) {
        const int var = p->piece[i].var;
        if (var < 0 || var >= PATTERN_VARS) continue;
        twice |= *all & 1u << var;
        *all |= 1u << var;
    }
    return twice;
}

/* One that the label has alone, or a second time. */
static void try_variables(struct trial *x, const struct pattern *p)
{
    unsigned all;
    const unsigned twice = list_variables(p, &all);
    for (int i = 0; i < p->count; i++) {
        const int var = p->piece[i].var;
        if (var < 0 || var >= PATTERN_VARS) continue;
        const bool own = !is_in_image(x->g, var);
        if (!own && !(twice >> var & 1)) continue;
        const struct pattern q = put_variable(p, i, 0, 0, FAMILY_NUMBER, !own);
        try_number(x, &q, !own, false);
    }
}

/* Of an image "1" and a label "2_0001", the numbers may be equal by chance: its image is "2". */
static void try_exchange(struct trial *x, const struct pattern *p, int piece, int from, int to)
{
    unsigned all;
    list_variables(p, &all);
    for (int i = 0; i < p->count; i++) {
        const int var = p->piece[i].var;
        if (var < 0 || !is_in_image(x->g, var) || all & (all - 1)) continue;
        struct pattern q = put_variable(p, i, 0, 0, FAMILY_NUMBER, true);
        q = put_variable(&q, piece, from, to, var, false);
        try_number(x, &q, true, true);
    }
}

/* The numbers in literals, the last first, until one gives other labels; `alone`: not those of
 * words such as "cd8". */
static bool try_literals(struct trial *x, const struct pattern *p, bool alone)
{
    bool found = false;
    for (int i = p->count - 1; i >= 0; i--) {
        const struct span s = p->piece[i].text;
        for (int from, to = s.length; to > 0 && p->piece[i].var < 0; to = from) {
            for (from = to; from > 0 && text_is_digit(s.text[from - 1]);) from--;
            if (from == to && from-- > 0) continue;
            const bool word = (from > 0 && !tokens_is_mark(s.text[from - 1])) ||
                (to < s.length && !tokens_is_mark(s.text[to]));
            if (word == alone) continue;
            const struct pattern q = put_variable(p, i, from, to, FAMILY_NUMBER, true);
            if (!found) found = try_number(x, &q, true, false);
            try_exchange(x, p, i, from, to);
        }
    }
    return found;
}

/* The number in a label's pattern whose change gives most labels. False: none gives any other. */
static bool family_find_number(const struct gather *g, const struct place *label, bool folder,
    struct pattern *best, bool *digits)
{
    const struct pattern *p = &label->pattern;
    struct trial x = {.g = g, .plain = count_fits(g, p)};
    if (!folder) {
        try_variables(&x, p);
        if (!try_literals(&x, p, true)) try_literals(&x, p, false);
    }
    *best = folder ? *p : x.best;
    *digits = !folder && x.digits;
    if (!folder) return x.found;
    if (best->count && best->piece[best->count - 1].var == PATTERN_ANY) best->count--;
    return pattern_add(best, FAMILY_NUMBER, NULL, 0) && count_fits(g, best).files > 0;
}

/* The patterns of the first portion with this label alone; *images NULL: there are none. */
static att_status slot_texts(
    struct gather *g, const struct slot *label, char **images, char **labels, struct err *e)
{
    struct portion *one;
    bool fits = false;
    *images = *labels = NULL;
    TRY(MEM_NEW(one, "the choices", e));
    *one = *g->c->portion;
    one->label[0] = *label;
    one->labels = 1;
    one->objects = one->plain = one->numbered = false;
    one->unclear_labels = true; /* without "_#" */
    att_status status = portion_texts(g->l, one, 0, 1, false, images, labels, &fits, e);
    struct err mixed = {0}; /* with zeros and without: some files fit */
    if (status == ATT_OK && fits && g->way == WAY_ZEROS &&
        options_put_zeros(g->s, images, labels, &mixed) == ATT_MEMORY)
        status = err_pass(e, ATT_MEMORY, &mixed);
    mem_free(one);
    if (status == ATT_OK && fits) return ATT_OK;
    mem_free(*images);
    mem_free(*labels);
    *images = *labels = NULL;
    return status;
}

/* The label is a plain one, or gives a family. */
static void family_add_label(struct gather *g, const struct place *label, bool folder, bool plain)
{
    struct families *f = g->f;
    struct pattern p;
    bool digits;
    if (family_find_number(g, label, folder, &p, &digits))
        add_family(g, &p, digits, folder);
    else if (plain && f->plains < FAMILIES_MOST)
        f->plain[f->plains++] = *label;
}

static bool is_kept(const struct portion *q, const struct slot *s)
{
    for (int i = 0; i < q->labels; i++)
        if (q->label[i].link == s->link && !span_order(q->label[i].inner, s->inner)) return true;
    return false;
}

/* Takes *r over if it fits what is known. */
static att_status take_slot(struct gather *g, const struct slot *label, const char *images,
    struct reading *r, struct err *e)
{
    struct families *f = g->f;
    char *own = f->slots ? reading_text(&f->reading, false) : NULL;
    const bool known = own != NULL, same = known && strcmp(own, images) == 0;
    const bool folder = label->link->folder && !label->inner.length;
    mem_free(own);
    if ((f->slots && !same) || r->parts != 1 || r->part->labels != 1 || r->names > FAMILY_NUMBER) {
        reading_clear(r);
        return f->slots && !known ? err_path(e) : ATT_OK;
    }
    if (!f->slots) f->reading = *r;
    f->slot[f->slots++] = *r;
    family_add_label(g, r->part->label, folder, is_kept(g->c->portion, label));
    return ATT_OK;
}

static att_status add_slot(struct gather *g, const struct slot *label, struct err *e)
{
    const struct portion *q = g->c->portion;
    char *images, *labels;
    int file = -1;
    for (int i = 0; i < g->l->p->count && file < 0; i++) file = slot_file(g->l, q, label, true, i);
    if (file < 0 || (g->f->count && family_of(g, file) >= 0)) return ATT_OK;
    TRY(slot_texts(g, label, &images, &labels, e));
    struct reading r;
    struct err why = {0};
    att_status status = images ? reading_parse(images, labels, &r, &why) : ATT_USAGE;
    if (status == ATT_OK)
        status = take_slot(g, label, images, &r, e);
    else
        status = status == ATT_MEMORY ? err_pass(e, status, &why) : ATT_OK;
    mem_free(images);
    mem_free(labels);
    return status;
}

/* ---- families of other words */

static bool is_class_word(struct span s)
{
    const struct words w = words_of_text(s);
    bool letter = false;
    for (int i = 0; i < s.length; i++)
        letter |= !text_is_digit(s.text[i]) && !strchr("_-. ", s.text[i]);
    return letter && w.rank < WORDS_RESULT && !w.image && !w.split && !w.channel && !w.outline &&
        !w.second && !w.program && !w.dated;
}

/* Files of this pattern belong to two of the first `count` families. */
static bool joins_two(const struct gather *g, const struct pattern *p, int count)
{
    struct span got[PATTERN_VARS];
    int first = -1;
    for (int i = 0; i < g->s->tree->count; i++) {
        if (family_image(g, p, &g->s->tree->file[i], got) < 0) continue;
        const int own = family_of(g, i);
        if (own < 0 || own >= count) continue;
        if (first >= 0 && own != first) return true;
        first = own;
    }
    return false;
}

static void families_add_words(struct gather *g, const struct pattern *p, const struct family *like)
{
    struct span got[PATTERN_VARS], number[PATTERN_VARS];
    for (int i = 0; i < g->s->tree->count; i++) {
        const struct tree_file *file = &g->s->tree->file[i];
        if (family_image(g, p, file, got) < 0 || !is_class_word(got[FAMILY_WORD]) ||
            family_of(g, i) >= 0)
            continue;
        const struct pattern q = exchange_variable(p, FAMILY_WORD, -1, got[FAMILY_WORD]);
        if (family_image(g, &q, file, number) >= 0 && links_look(g->l, i)->kind == CONTENT_LABEL)
            add_family(g, &q, like->digits, like->folder);
    }
}

/* The word of a family, and those of others, may be names of classes. */
static bool may_widen(const struct gather *g, const struct pattern *p, struct span word, int count)
{
    const struct words w = words_of_text(word);
    if (!pattern_is_clear(p)) return false;
    return count > 1 ? joins_two(g, p, count) : is_class_word(word) && !w.label && !w.mask;
}

/* Each word of a family's literals, and all words of one part of the path. */
static void family_widen(struct gather *g, int family, int count)
{
    const struct family own = g->f->family[family];
    for (int i = 0; i < own.pattern.count; i++) {
        const struct span *s = &own.pattern.piece[i].text;
        for (int from = 0; own.pattern.piece[i].var < 0 && from < s->length; from++) {
            if (tokens_is_mark(s->text[from]) || (from > 0 && !tokens_is_mark(s->text[from - 1])))
                continue;
            for (int to = from + 1; to <= s->length && s->text[to - 1] != '/'; to++) {
                const bool ends = to == s->length || tokens_is_mark(s->text[to]);
                if (tokens_is_mark(s->text[to - 1]) || !ends) continue;
                const struct pattern p =
                    put_variable(&own.pattern, i, from, to, FAMILY_WORD, false);
                if (may_widen(g, &p, (struct span){s->text + from, to - from}, count))
                    families_add_words(g, &p, &own);
            }
        }
    }
}

/* ---- members */

static int member_order(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->image != y->image) return x->image - y->image;
    if (x->family != y->family) return x->family - y->family;
    const int order = span_order(x->number, y->number);
    return order ? order : x->file - y->file;
}

static int family_order(const void *a, const void *b)
{
    return families_order(
        &((const struct family *)a)->pattern, &((const struct family *)b)->pattern);
}

/* Files in folders may have bare numbers for names. */
static void find_digits(struct families *f, int family)
{
    bool digits = f->family[family].folder;
    for (int i = 0; i < f->members && digits; i++)
        for (int k = 0; k < f->member[i].number.length && f->member[i].family == family; k++)
            digits &= text_is_digit(f->member[i].number.text[k]);
    f->family[family].digits |= digits;
}

static att_status list_members(struct gather *g, struct err *e)
{
    struct families *f = g->f;
    const struct tree *t = g->s->tree;
    struct span got[PATTERN_VARS];
    TRY(MEM_ARRAY(f->member, t->count + 1, "the labels of objects", e));
    for (int i = 0; i < t->count; i++) {
        const int k = family_of(g, i);
        if (k < 0) continue;
        struct family *own = &f->family[k];
        const int image = family_image(g, &own->pattern, &t->file[i], got);
        f->member[f->members++] = (struct member){i, k, image, got[FAMILY_NUMBER]};
        const char *ending = t->file[i].path + t->file[i].stem;
        if (!own->ending) own->ending = ending;
        if (!text_equals(own->ending, ending)) own->ending = "";
    }
    for (int k = 0; k < f->count; k++) find_digits(f, k);
    if (f->members) qsort(f->member, (size_t)f->members, sizeof *f->member, member_order);
    for (int i = 0; i < f->members; i++)
        f->images += !i || f->member[i].image != f->member[i - 1].image;
    return ATT_OK;
}

static att_status families_gather(struct gather *g, struct err *e)
{
    struct families *f = g->f;
    const struct choice *c = g->c;
    TRY(MEM_ARRAY(f->slot, c->gathered + 1, "the labels of objects", e));
    TRY(MEM_ARRAY(g->seen, g->s->tree->count + 1, "the labels of objects", e));
    for (int i = 0; i < c->gathered && f->count < FAMILIES_MOST; i++)
        TRY(add_slot(g, &c->first[i], e));
    const int count = f->count;
    for (int k = 0; k < count; k++) family_widen(g, k, count);
    if (!f->count) return ATT_OK;
    qsort(f->family, (size_t)f->count, sizeof *f->family, family_order);
    return list_members(g, e);
}

att_status families_find(const struct finder *s, struct links *l, const struct choice *c,
    enum pairing_way way, struct families *f, struct err *e)
{
    struct gather g = {s, l, c, way, f, NULL};
    *f = (struct families){.count = 0};
    if (!c->portions || c->portion->unclear_images) return ATT_OK;
    att_status status = families_gather(&g, e);
    mem_free(g.seen);
    if (status != ATT_OK) families_free(f);
    return status;
}

void families_free(struct families *f)
{
    for (int i = 0; i < f->slots; i++) reading_clear(&f->slot[i]);
    mem_free(f->slot);
    mem_free(f->member);
    *f = (struct families){.count = 0};
}
