/* SPDX-License-Identifier: Apache-2.0 */
/* Decide which side of a transform is the label: words and contents must agree. */
#include "dataset/pairing_links.h"

#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"
#include "dataset/shares.h"

enum { SAMPLES = 3, LOOKED_INTO = 160 /* transforms */ };

const struct contents *links_look(struct links *l, int file)
{
    struct contents *c = &l->seen[file];
    if (c->channels < 0) l->eyes->look(l->eyes->arg, l->p->tree->file[file].path, false, c);
    return c;
}

/* What some pairs hold. */
struct votes {
    int forward, backward;  /* image to label; label to image */
    int images, labels;     /* two of one kind */
    int sizes, unequal;     /* of known sizes; of two sizes */
    int flat_from, flat_to; /* of one value everywhere, which no image is */
    bool coloured_from, coloured_to, palette_from, palette_to;
};

static void ask_pair(struct votes *v, const struct contents *a, const struct contents *b)
{
    const bool known = a->kind != CONTENT_UNKNOWN && b->kind != CONTENT_UNKNOWN;
    v->forward += a->kind == CONTENT_IMAGE && b->kind == CONTENT_LABEL;
    v->backward += a->kind == CONTENT_LABEL && b->kind == CONTENT_IMAGE;
    v->images += known && a->kind == b->kind && a->kind == CONTENT_IMAGE;
    v->labels += known && a->kind == b->kind && a->kind == CONTENT_LABEL;
    v->coloured_from |= a->coloured;
    v->coloured_to |= b->coloured;
    v->palette_from |= a->palette;
    v->palette_to |= b->palette;
    if (!a->channels || !b->channels) return;
    v->flat_from += a->values == 1;
    v->flat_to += b->values == 1;
    v->sizes++;
    v->unequal += memcmp(a->size, b->size, sizeof a->size) != 0;
}

/* A folder of labels holds nothing else. */
static const struct contents *look_inside(struct links *l, const struct node *n)
{
    const struct contents *c = links_look(l, n->first);
    for (int k = 1; k <= 2 && n->count > 1 && c->kind != CONTENT_IMAGE; k++) {
        const struct contents *more = links_look(l, n->first + (n->count - 1) * k / 2);
        if (more->kind == CONTENT_IMAGE || c->kind == CONTENT_UNKNOWN) c = more;
    }
    return c;
}

static struct votes ask_files(struct links *l, const struct transform *t)
{
    const struct pairing *p = l->p;
    struct votes v = {.sizes = 0};
    int pair = 0;
    for (int i = 0; i < p->count; i++) {
        if (t->target[i] < 0) continue;
        const int k = SAMPLES * pair / t->count, next = SAMPLES * (pair + 1) / t->count;
        pair++;
        if (k != next)
            ask_pair(&v, look_inside(l, &p->node[i]), look_inside(l, &p->node[t->target[i]]));
    }
    return v;
}

/* 1: the words make `b` the label of `a`, -1: the opposite; 0: they do not say. */
static int ask_words(const struct words *a, const struct words *b)
{
    const bool x = a->label || a->mask, y = b->label || b->mask;
    if (x != y) return y ? 1 : -1;
    return !x && a->image != b->image ? (a->image ? 1 : -1) : 0;
}

static void swap_sides(const struct pairing *p, struct transform *t, int *image)
{
    const struct pattern from = t->from;
    t->from = t->to;
    t->to = from;
    memcpy(image, t->target, (size_t)p->count * sizeof *image);
    memset(t->target, 0xff, (size_t)p->count * sizeof *t->target);
    for (int i = 0; i < p->count; i++)
        if (image[i] >= 0) t->target[image[i]] = i;
}

static void fill_images(const struct pairing *p, const struct transform *t, int *image)
{
    memset(image, 0xff, (size_t)p->count * sizeof *image);
    for (int i = 0; i < p->count; i++)
        if (t->target[i] >= 0) image[t->target[i]] = i;
}

static bool has_folders(const struct pairing *p, const struct transform *t, bool from)
{
    for (int i = 0; i < p->count; i++)
        if (t->target[i] >= 0) return p->node[from ? i : t->target[i]].count > 1;
    return false;
}

/* ---- numbers that count anew in each group, as visits of patients do */

enum { NUMBERS = 8 };

static bool has_value(const struct span *list, int count, struct span value)
{
    int k = 0;
    while (k < count && span_order(list[k], value)) k++;
    return k < count;
}

/* The values of a variable of labels, and how many; 0: they are no numbers, or too many. */
static int list_numbers(
    const struct pairing *p, const struct link *x, int var, struct span list[NUMBERS])
{
    struct span got[PATTERN_VARS];
    int count = 0;
    for (int i = 0; i < p->count; i++) {
        if (x->image[i] < 0) continue;
        if (!pattern_match(&x->t->to, p->node[i].name, got) || !got[var].text) return 0;
        if (has_value(list, count, got[var])) continue;
        if (count == NUMBERS || !span_is_digits(got[var])) return 0;
        list[count++] = got[var];
    }
    return 2 * count <= x->count && count > 1 ? count : 0;
}

/* A file, by its variables but for one. */
enum of_kind { OF_PAIR = 1, OF_LABEL = 2, OF_IMAGE = 4 }; /* OF_IMAGE: without a label */
struct of_group {
    uint64_t group;
    enum of_kind kind;
};

static int by_group(const void *a, const void *b)
{
    const struct of_group *x = a, *y = b;
    return (x->group > y->group) - (x->group < y->group);
}

static uint64_t hash_group(const struct span got[PATTERN_VARS], int var)
{
    uint64_t h = FNV_START;
    for (int v = 0; v < PATTERN_VARS; v++)
        if (v != var && got[v].text) h = fnv_byte(fnv_bytes(h, got[v].text, got[v].length), '/');
    return h;
}

/* The files of a link's pairs, and others that differ from them in the number alone. */
static int list_image_groups(const struct pairing *p, const struct link *x, int var,
    const struct span *list, int numbers, struct of_group *all)
{
    struct span got[PATTERN_VARS];
    int count = 0;
    for (int i = 0; i < p->count; i++) {
        const bool label = pattern_match(&x->t->to, p->node[i].name, got);
        if (!label && !pattern_match(&x->t->from, p->node[i].name, got)) continue;
        const bool pair = label ? x->image[i] >= 0 : x->t->target[i] >= 0;
        if (!pair && (!span_is_digits(got[var]) || has_value(list, numbers, got[var]))) continue;
        all[count++] = (struct of_group){hash_group(got, var),
            pair        ? OF_PAIR
                : label ? OF_LABEL
                        : OF_IMAGE};
    }
    return count;
}

/* Nearly all groups have labels with more numbers than images have: these count something else, as
 * readers. */
static att_status count_more(const struct pairing *p, const struct link *x, int var,
    const struct span *list, int numbers, int *groups, bool *more, struct err *e)
{
    struct of_group *all;
    int with = 0, kinds = 0;
    TRY(MEM_ARRAY(all, p->count + 1, "the labels of groups", e));
    const int count = list_image_groups(p, x, var, list, numbers, all);
    qsort(all, (size_t)count, sizeof *all, by_group);
    *groups = 0;
    for (int i = 0; i < count; i++) {
        kinds |= (int)all[i].kind;
        if (i + 1 < count && all[i + 1].group == all[i].group) continue;
        *groups += kinds & OF_PAIR;
        with += kinds == (OF_PAIR | OF_LABEL);
        kinds = 0;
    }
    mem_free(all);
    if (3 * *groups > 2 * x->count) *groups = 0; /* of one image each */
    *more = *groups > 1 && nine_tenths(with, *groups);
    return ATT_OK;
}

/* A pattern with the text that a variable has in this name, joined with the literals beside it. */
static struct pattern fix_variable(const struct pattern *p, struct span name, int var)
{
    struct pattern out = {.count = 0};
    struct span got[PATTERN_VARS];
    const char *at = name.text;
    if (!pattern_match(p, name, got)) return *p;
    for (int i = 0; i < p->count; i++) {
        const int own = p->piece[i].var;
        const int length = own < 0 ? p->piece[i].text.length : got[own].length;
        pattern_add(&out, own == var ? -1 : own, at, length);
        at += length;
    }
    return out;
}

/* Adds a transform for those with this number. */
static att_status split_number(
    struct pairing *p, const struct link *x, int var, const struct span *number, struct err *e)
{
    struct span got[PATTERN_VARS];
    if (p->transforms == p->room) return ATT_OK;
    struct transform *t = &p->transform[p->transforms];
    *t = (struct transform){.count = 0};
    TRY(MEM_ARRAY(t->target, p->count, "the pairs of files", e));
    p->transforms++;
    for (int i = 0; i < p->count; i++) {
        const int to = x->t->target[i];
        const bool own = to >= 0 && pattern_match(&x->t->to, p->node[to].name, got) &&
            !span_order(got[var], *number);
        t->target[i] = own ? to : -1;
        if (!own || t->count++) continue;
        t->from = fix_variable(&x->t->from, p->node[i].name, var);
        t->to = fix_variable(&x->t->to, p->node[to].name, var);
    }
    return ATT_OK;
}

/* Sets x->groups; *split: other transforms take its place, as its labels have more numbers. */
static att_status note_numbers(struct links *l, struct link *x, bool *split, struct err *e)
{
    struct span list[NUMBERS];
    int best = 0, fewest = NUMBERS + 1;
    *split = false;
    for (int v = 0; v < PATTERN_VARS && !*split; v++) {
        int groups = 0;
        const int count = list_numbers(l->p, x, v, list);
        if (count) TRY(count_more(l->p, x, v, list, count, &groups, split, e));
        if (groups < 2 || (count >= fewest && !*split)) continue;
        best = v;
        fewest = count;
        x->groups = groups;
    }
    *split |= l->split && x->groups;
    const int count = *split ? list_numbers(l->p, x, best, list) : 0;
    for (int k = 0; k < count; k++) TRY(split_number(l->p, x, best, &list[k], e));
    return ATT_OK;
}

/* ---- */

/* Sets *label: 1 `to`, -1 `from`, 0 neither. */
static void decide(struct links *l, struct transform *t, int *label, struct link *x)
{
    const struct words a = words_of(&t->from), b = words_of(&t->to);
    const int said = ask_words(&a, &b);
    const bool folder_a = has_folders(l->p, t, true), folder_b = has_folders(l->p, t, false);
    *label = 0;
    /* another part of the set, as train and test; two folders are none */
    if ((a.split && b.split && a.split != b.split) || (folder_a && folder_b)) return;
    const struct votes v = ask_files(l, t);
    bool labels; /* copies of images and labels; but jpg/ may have its labels in png/ */
    if (words_are_formats(&t->from, &t->to, &labels) && (labels || v.images)) return;
    if (v.sizes && v.unequal == v.sizes) return; /* other scans */
    int found = v.forward > v.backward + v.images + v.labels ? 1
        : v.backward > v.forward + v.images + v.labels       ? -1
                                                             : 0;
    x->swapped = found && said && found != said;
    /* files that cannot be read, or images that look like labels and have a word of images */
    x->doubtful = v.labels > 0;
    if (!found && !v.forward && !v.backward && !v.images && (!v.labels || (said > 0 ? a : b).image))
        found = said;
    /* an image is one file, with something to see */
    if (!x->swapped && ((found > 0 && folder_a) || (found < 0 && folder_b))) return;
    if (v.sizes && (found > 0 ? v.flat_from : v.flat_to) == v.sizes) return;
    x->folder = found > 0 ? folder_b : folder_a;
    x->coloured = found > 0 ? v.coloured_to : v.coloured_from;
    x->palette = found > 0 ? v.palette_to : v.palette_from;
    *label = found;
}

int link_rank(const struct link *x, const struct words *w, bool folder)
{
    return 2 * (w->rank + (x->coloured ? 4 : 0) + (folder ? 2 : 0) + (x->doubtful ? 8 : 0)) +
        x->palette;
}

static int rank_of(const struct link *x) { return link_rank(x, &x->label_words, x->folder); }

static int best_first(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    if (rank_of(x) != rank_of(y)) return rank_of(x) - rank_of(y);
    if (x->image_words.rank != y->image_words.rank)
        return x->image_words.rank - y->image_words.rank;
    if (x->label_words.label != y->label_words.label) return x->label_words.label ? -1 : 1;
    if (x->cost != y->cost) return x->cost - y->cost;
    const int d = pattern_literals(&x->t->from) + pattern_literals(&x->t->to) -
        pattern_literals(&y->t->from) - pattern_literals(&y->t->to);
    return d ? d : x->t < y->t ? -1 : 1;
}

/* Adds the link of a transform, if it has one; or else perhaps transforms in its place. */
static att_status take_transform(struct links *l, struct transform *t, struct err *e)
{
    struct pairing *p = l->p;
    struct link x = {.t = t, .count = t->count};
    int label;
    bool split;
    decide(l, t, &label, &x);
    if (!label || (x.swapped && l->swapped.t)) return ATT_OK; /* the first has most pairs */
    TRY(MEM_ARRAY(x.image, p->count, "the pairs of files", e));
    if (label < 0) swap_sides(p, t, x.image);
    fill_images(p, t, x.image);
    const att_status status = note_numbers(l, &x, &split, e);
    if (status != ATT_OK || split) {
        mem_free(x.image);
        return status;
    }
    struct link *kept = x.swapped ? &l->swapped : &l->link[l->count++];
    *kept = x;
    kept->image_words = words_of(&t->from);
    kept->label_words = words_of(&t->to);
    kept->cost = kept->image_words.count + kept->label_words.count + kept->folder;
    return ATT_OK;
}

static att_status make_all(struct links *l, struct err *e)
{
    struct pairing *p = l->p;
    const int all = p->transforms;
    int looked = 0;
    TRY(MEM_ARRAY(l->seen, p->tree->count + 1, "the files' contents", e));
    for (int i = 0; i < p->tree->count; i++) l->seen[i].channels = -1;
    TRY(MEM_ARRAY(l->link, p->room + 1, "the pairs of files", e));
    for (int i = 0; i < all && looked < LOOKED_INTO; i++) {
        const struct transform *t = &p->transform[i];
        /* numbers alone, as in slices or copies, set no label apart from its image */
        if (!pairing_has_word(&t->from) && !pairing_has_word(&t->to)) continue;
        looked++;
        int more = p->transforms;
        TRY(take_transform(l, &p->transform[i], e));
        for (; more < p->transforms; more++) TRY(take_transform(l, &p->transform[more], e));
    }
    qsort(l->link, (size_t)l->count, sizeof *l->link, best_first);
    return ATT_OK;
}

att_status links_make(
    struct pairing *p, const struct pairing_eyes *eyes, bool split, struct links *l, struct err *e)
{
    *l = (struct links){.p = p, .eyes = eyes, .split = split};
    att_status status = make_all(l, e);
    if (status != ATT_OK) links_free(l);
    return status;
}

void links_free(struct links *l)
{
    for (int i = 0; i < l->count; i++) mem_free(l->link[i].image);
    mem_free(l->swapped.image);
    mem_free(l->link);
    mem_free(l->seen);
    *l = (struct links){.count = 0};
}
