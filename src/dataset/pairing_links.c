/* SPDX-License-Identifier: Apache-2.0 */
/* Decide which side of a transform is the label: words and contents must agree. */
#include "dataset/pairing_links.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

static att_status make_all(struct links *l, struct err *e)
{
    struct pairing *p = l->p;
    int looked = 0;
    TRY(MEM_ARRAY(l->seen, p->tree->count + 1, "the files' contents", e));
    for (int i = 0; i < p->tree->count; i++) l->seen[i].channels = -1;
    TRY(MEM_ARRAY(l->link, p->transforms + 1, "the pairs of files", e));
    for (int i = 0; i < p->transforms && looked < LOOKED_INTO; i++) {
        struct transform *t = &p->transform[i];
        struct link x = {.t = t, .count = t->count};
        int label;
        /* numbers alone, as in slices or copies, set no label apart from its image */
        if (!pairing_has_word(&t->from) && !pairing_has_word(&t->to)) continue;
        looked++;
        decide(l, t, &label, &x);
        if (!label || (x.swapped && l->swapped.t)) continue; /* the first has most pairs */
        TRY(MEM_ARRAY(x.image, p->count, "the pairs of files", e));
        struct link *kept = x.swapped ? &l->swapped : &l->link[l->count++];
        *kept = x;
        if (label < 0) swap_sides(p, t, x.image);
        fill_images(p, t, x.image);
        kept->image_words = words_of(&t->from);
        kept->label_words = words_of(&t->to);
        kept->cost = kept->image_words.count + kept->label_words.count + kept->folder;
    }
    qsort(l->link, (size_t)l->count, sizeof *l->link, best_first);
    return ATT_OK;
}

att_status links_make(
    struct pairing *p, const struct pairing_eyes *eyes, struct links *l, struct err *e)
{
    *l = (struct links){.p = p, .eyes = eyes};
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
