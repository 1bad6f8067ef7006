/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_options.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"
#include "dataset/paired.h"
#include "dataset/pairing_texts.h"
#include "format/joined.h"

enum { TRIED = 6, READ_MOST = 24 /* cases */, OPTION = 1600 };

/* ---- tries */

static char *masks_of(const struct tree *t, const struct paired_list *l, const struct paired *p)
{
    char *masks = NULL;
    for (int k = 0; k < p->labels; k++) {
        const struct paired_label *x = &l->label[p->first + k];
        if (!(masks = joined_add(masks, t->file[x->file].path, paired_value(x)))) return NULL;
    }
    return masks;
}

/* The masks of cases with most of them, from all parts of the set, until some hold something. */
static bool masks_are_readable(const struct finder *s, const struct paired_list *l)
{
    int most = 0, count = 0, read = 0, full = 0;
    for (int i = 0; i < l->count; i++) most = max_int(most, l->list[i].labels);
    for (int i = 0; i < l->count; i++) count += l->list[i].labels == most;
    const int step = divide_up(count, READ_MOST);
    for (int i = 0, k = 0; i < l->count && full < TRIED; i++) {
        if (l->list[i].labels != most || k++ != pairing_sample(read, step)) continue;
        char *masks = masks_of(s->tree, l, &l->list[i]);
        bool empty = true;
        const bool good = masks && s->eyes->join(s->eyes->arg, masks, &empty);
        mem_free(masks);
        if (!good) return false;
        full += !empty;
        read++;
    }
    return full > 0;
}

/* There is an image whose variables all have this text. */
static bool has_image_of(const struct tree *t, const struct reading_part *p, struct span text)
{
    struct span got[PATTERN_VARS];
    char name[PATH_MAX];
    for (int v = 0; v < PATTERN_VARS; v++) got[v] = text;
    const int length = pattern_make(&p->image->pattern, got, name, sizeof name);
    return length > 0 && tree_find(t, name, length) >= 0;
}

/* The number that begins the name in a literal before a variable, as in "masks/3_{id}". */
static struct span leading_number(const struct pattern *p, int piece)
{
    const struct span s = p->piece[piece].text, base = span_base(s);
    int length = 0;
    if (p->piece[piece].var >= 0 || piece + 1 == p->count) return (struct span){NULL, 0};
    while (length < base.length && text_is_digit(base.text[length])) length++;
    const bool whole = (base.length < s.length || piece == 0) && length < base.length;
    return (struct span){base.text, whole ? length : 0};
}

/* A label lies in a folder with the name of one case, or its name begins with it:
 * "masks/2/cell_{id}" and "masks/2_{id}" hold none of case 1. */
static bool takes_others(const struct tree *t, const struct reading *r)
{
    for (int part = 0; part < r->parts; part++)
        for (int k = 0; k < r->part[part].labels; k++) {
            const struct pattern *p = &r->part[part].label[k].pattern;
            for (int i = 0; i < p->count; i++) {
                const struct span s = p->piece[i].text;
                int from = i ? s.length : 0; /* of a whole folder in this literal */
                const struct span number = leading_number(p, i);
                if (number.length && has_image_of(t, &r->part[part], number)) return true;
                for (int at = 0; at < s.length && p->piece[i].var < 0; at++) {
                    if (s.text[at] != '/') continue;
                    const struct span folder = {s.text + from, at - from};
                    if (at > from && has_image_of(t, &r->part[part], folder)) return true;
                    from = at + 1;
                }
            }
        }
    return false;
}

/* The number of pairs; 0 if more than a few have a fault. */
static int pairs_well(const struct finder *s, const char *images, const char *labels)
{
    struct reading r;
    struct paired_list l;
    struct err unused = {0};
    int wrong = 0, count = 0;
    if (reading_parse(images, labels, &r, &unused) != ATT_OK) return 0;
    bool good = paired_make(s->tree, &r, false, &l, &unused) == ATT_OK;
    if (good) {
        for (int i = 0; i < l.count; i++) wrong += l.list[i].wrong != NULL;
        good = 10 * wrong < l.count && !takes_others(s->tree, &r) &&
            (!s->eyes->join || masks_are_readable(s, &l));
        count = good ? l.count - wrong : 0;
        paired_free(&l);
    }
    reading_clear(&r);
    return count;
}

/* Labels "{id}_{id}" or "{id}/{id}" as "{id}_#": the second number may be one of its own, which is
 * that of the image by chance. NULL: {id} is not there twice. */
static char *free_second(const char *labels)
{
    const char *id = strstr(labels, "{id}"), *second = id ? strstr(id + 1, "{id}") : NULL;
    if (!second || strpbrk(labels, ";|>") || strstr(second + 1, "{id}")) return NULL;
    return mem_text("%.*s#%s", (int)(second - labels), labels, second + 4);
}

att_status options_put_zeros(const struct finder *s, char **images, char **labels, struct err *e)
{
    struct reading bare, r;
    TRY(reading_parse(*images, *labels, &bare, e));
    att_status status = reading_parse(*images, *labels, &r, e);
    if (status == ATT_OK && !reading_put_zeros(s->tree, &bare, &r)) {
        status = err_data(e,
            "%s: images '%.200s' and labels '%.200s' pair only if numbers lose their leading "
            "zeros, but some names have zeros there and others have none; rename these files",
            s->root, *images, *labels);
        reading_clear(&r);
    }
    reading_clear(&bare);
    if (status != ATT_OK) return status;
    mem_free(*images);
    mem_free(*labels);
    *images = reading_text(&r, false);
    *labels = reading_text(&r, true);
    reading_clear(&r);
    return *images && *labels ? ATT_OK : err_path(e);
}

/* ---- text */

/* Once: several choices may be written in one way. */
static void write_option(const char *images, const char *labels, char *text, size_t room)
{
    static const char between[] = ", or ";
    char option[OPTION];
    const size_t before = strlen(text);
    const int used = snprintf(
        option, sizeof option, "`images` %s `labels` %s", TEXT_WORD(images), TEXT_WORD(labels));
    if (used >= OPTION || before + (size_t)used + 8 >= room) return;
    for (const char *at = text; (at = strstr(at, option)); at++)
        if (!at[used] || text_begins(at + used, between)) return;
    snprintf(text + before, room - before, "%s%s", before ? between : "", option);
}

bool options_add(
    const struct finder *s, const char *images, const char *labels, char *text, size_t room)
{
    char *other = free_second(labels);
    const int pairs = pairs_well(s, images, labels);
    const bool more = other && pairs_well(s, images, other) > pairs;
    if (pairs || more) write_option(images, more ? other : labels, text, room);
    mem_free(other);
    return !more;
}

/* ---- choices */

/* Words and numbers in the literals of p that are in those of q, too. */
static int words_in_common(const struct pattern *p, const struct pattern *q)
{
    int common = 0;
    for (int i = 0; i < p->count; i++) {
        struct token a[TOKENS], b[TOKENS];
        const struct span s = p->piece[i].text;
        const int words = p->piece[i].var < 0 ? tokens_split(s, a) : 0;
        for (int w = 0; w < words; w++) {
            bool there = !a[w].word;
            for (int k = 0; k < q->count && !there; k++) {
                const struct span t = q->piece[k].text;
                const int others = q->piece[k].var < 0 ? tokens_split(t, b) : 0;
                for (int o = 0; o < others; o++) there |= b[o].hash == a[w].hash;
            }
            common += there && a[w].word;
        }
    }
    return common;
}

static int how_like(const struct slot *a, const struct slot *b, bool label)
{
    const struct transform *x = a->link->t, *y = b->link->t;
    return words_in_common(label ? &x->to : &x->from, label ? &y->to : &y->from) +
        (a->inner.length && !span_order(a->inner, b->inner));
}

/* The slot of `count` that has most words in common with s; -1: two have. */
static int find_like(const struct slot *list, int count, const struct slot *s, bool label)
{
    int best = -1, most = -1;
    for (int i = 0; i < count; i++) {
        const int words = how_like(s, &list[i], label);
        best = words > most ? i : words == most ? -1 : best;
        most = max_int(most, words);
    }
    return best;
}

/* One portion with the chosen slots alone; false: it has none. */
static bool choose_slots(
    const struct portion *from, const struct portion *to, int image, int label, struct portion *one)
{
    *one = *to;
    if (image >= 0 && to->unclear_images) {
        const int k =
            to == from ? image : find_like(to->image, to->images, &from->image[image], false);
        if (k < 0) return false;
        one->image[0] = to->image[k];
        one->images = 1;
    }
    if (label >= 0 && to->unclear_labels) {
        const int k =
            to == from ? label : find_like(to->label, to->labels, &from->label[label], true);
        if (k < 0) return false;
        one->label[0] = to->label[k];
        one->labels = 1;
    }
    return true;
}

/* The images of a portion fit patterns that others have. */
static bool is_written(
    const struct links *l, const struct portion *q, const char *images, const char *labels)
{
    struct reading r;
    struct err unused = {0};
    struct fit f = {.part = 0};
    if (!images || reading_parse(images, labels, &r, &unused) != ATT_OK) return false;
    const int file = slot_any_file(l, q, q->image, false);
    const struct tree_file *t = file < 0 ? NULL : &l->p->tree->file[file];
    const bool fits = t && reading_fits(&r, t, &f);
    reading_clear(&r);
    return fits;
}

/* In the end, *fits: the portion `first` is among them. */
static att_status write_portions(struct links *l, const struct choice *c, int first, int image,
    int label, struct portion *one, char **images, char **labels, bool *fits, struct err *e)
{
    bool its = true;
    *fits = true;
    for (int k = 0; k < c->portions && *fits; k++) {
        if (!choose_slots(&c->portion[first], &c->portion[k], image, label, one) ||
            is_written(l, one, *images, *labels))
            continue;
        TRY(portion_texts(l, one, c->portion[first].unclear_images, images, labels, &its, e));
        if (k == first) *fits = its;
    }
    return ATT_OK;
}

att_status options_add_choice(const struct finder *s, struct links *l, const struct choice *c,
    const struct found *f, int first, int image, int label, char *text, size_t room, struct err *e)
{
    char *a = NULL, *b = NULL;
    struct portion *one;
    bool fits = false;
    if (f->images && (!(a = mem_text("%s", f->images)) || !(b = mem_text("%s", f->labels)))) {
        mem_free(a);
        return err_path(e);
    }
    att_status status = MEM_NEW(one, "the choices", e);
    if (status == ATT_OK) status = write_portions(l, c, first, image, label, one, &a, &b, &fits, e);
    if (status == ATT_OK && fits && f->way == WAY_ZEROS) {
        struct err mixed = {0};
        status = options_put_zeros(s, &a, &b, &mixed);
        fits = status == ATT_OK;
        if (status == ATT_DATA) status = ATT_OK;
        if (status != ATT_OK) err_pass(e, status, &mixed);
    }
    if (status == ATT_OK && fits) options_add(s, a, b, text, room);
    mem_free(one);
    mem_free(a);
    mem_free(b);
    return status;
}
