/* SPDX-License-Identifier: Apache-2.0 */
/* Search for pairs until no files are left that pair, and write how. */
#include "dataset/found.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/found_objects.h"
#include "dataset/found_options.h"
#include "dataset/found_parts.h"
#include "dataset/found_rare.h"
#include "dataset/pairing_overlap.h"
#include "dataset/pairing_slots.h"
#include "dataset/pairing_texts.h"
#include "format/joined.h"

/* Bytes of suggestions: of all choices, and behind longer sentences. */
enum { ROUNDS = 6, FEW = 2, OPTIONS = 1600, BEHIND_PATHS = 1000, LAYERS = 600 };
enum { LABELS_MOST = 6 }; /* of which each is compared with each */

/* ---- reading files */

static bool below(const char *root, const char *path, char full[PATH_MAX])
{
    return snprintf(full, PATH_MAX, "%s/%s", root, path) < PATH_MAX;
}

static void found_look(void *arg, const char *path, bool whole, struct contents *c)
{
    char full[PATH_MAX];
    *c = (struct contents){.kind = CONTENT_UNKNOWN};
    if (below(arg, path, full)) contents_look(full, whole, c);
}

static bool found_join(void *arg, const char *masks, bool *empty)
{
    struct labelmap m = {.data = NULL};
    struct err unread = {0};
    char *path = mem_text("%s/%s", (const char *)arg, masks);
    const bool read = path && joined_load(path, &m, NULL, &unread) == ATT_OK;
    const size_t voxels = read ? image_voxels(m.size) : 0;
    *empty = true;
    for (size_t i = 0; i < voxels && *empty; i++) *empty = m.data[i] == 0;
    labelmap_free(&m);
    mem_free(path);
    return read;
}

static bool found_share(void *arg, const char *a, const char *b, struct contents_shared *s)
{
    char x[PATH_MAX], y[PATH_MAX];
    return below(arg, a, x) && below(arg, b, y) && contents_share(x, y, s);
}

static enum content_cut found_cut(void *arg, const char *image, const char *masks)
{
    char x[PATH_MAX], y[PATH_MAX];
    return below(arg, image, x) && below(arg, masks, y) ? contents_cut(x, y) : CUT_UNKNOWN;
}

static enum content_drawn found_drawn(void *arg, const char *a, const char *b)
{
    char x[PATH_MAX], y[PATH_MAX];
    return below(arg, a, x) && below(arg, b, y) ? contents_drawn(x, y) : DRAWN_NOT;
}

struct pairing_eyes found_eyes(const char *root)
{
    return (struct pairing_eyes){
        (void *)root, found_look, found_share, found_join, found_cut, found_drawn};
}

/* ---- messages */

/* Keep the labels of the first rank that lie beside each other, those with fewest others on their
 * voxels first: heart and lung, but not both together, nor the background. False: all do. */
static bool keep_beside(struct links *l, struct portion *q)
{
    bool meets[LABELS_MOST][LABELS_MOST] = {{false}}, kept[LABELS_MOST] = {false};
    int best = q->label[0].words.rank, met[LABELS_MOST] = {0}, count = 0;
    if (q->labels > LABELS_MOST) return false;
    for (int i = 1; i < q->labels; i++) best = min_int(best, q->label[i].words.rank);
    for (int i = 0; i < q->labels; i++)
        for (int k = 0; k < i; k++) {
            if (overlap_find(l, q, i, k).how == OVERLAP_BESIDE) continue;
            meets[i][k] = meets[k][i] = true;
            met[i]++;
            met[k]++;
        }
    for (int most = 0; most < q->labels; most++)
        for (int i = 0; i < q->labels; i++) {
            bool may = met[i] == most && q->label[i].words.rank == best;
            for (int k = 0; k < q->labels && may; k++) may = !(kept[k] && meets[i][k]);
            kept[i] |= may;
        }
    for (int i = 0; i < q->labels; i++)
        if (kept[i]) q->label[count++] = q->label[i];
    const bool fewer = count < q->labels;
    q->labels = count;
    return fewer && count > 1;
}

static bool repeats_variable(const struct pattern *p)
{
    unsigned seen = 0;
    for (int i = 0; i < p->count; i++) {
        if (p->piece[i].var < 0 || p->piece[i].var >= PATTERN_VARS) continue;
        if (seen >> p->piece[i].var & 1) return true;
        seen |= 1u << p->piece[i].var;
    }
    return false;
}

/* Labels that can be classes of one mask, where not all can. */
static att_status list_beside(const struct finder *s, struct links *l, struct choice *c,
    const struct found *f, int at, char text[OPTIONS], struct err *e)
{
    struct portion *q = &c->portion[at], *all;
    if (c->portions > 1 || !q->unclear_labels || q->many || q->numbered || q->labels < 3)
        return ATT_OK;
    for (int i = 0; i < q->labels; i++) /* "{id}_{id}" is one of "{id}_#", which number objects */
        if (repeats_variable(&q->label[i].link->t->to)) return ATT_OK;
    TRY(MEM_NEW(all, "the choices", e));
    *all = *q;
    att_status status = ATT_OK;
    if (keep_beside(l, q)) status = options_add_choice(s, l, c, f, at, -1, -1, text, OPTIONS, e);
    *q = *all;
    mem_free(all);
    return status;
}

static int order_within(const void *a, const void *b)
{
    return ((const struct slot *)a)->within - ((const struct slot *)b)->within;
}

/* Of labels on the same voxels, as of several readers, the first that is no reader's; of at most
 * LABELS_MOST. */
static void keep_different(struct links *l, struct portion *q)
{
    bool kept[LABELS_MOST] = {false};
    int count = 0;
    for (int reader = 0; reader < 2; reader++)
        for (int i = 0; i < q->labels; i++) {
            bool same = q->label[i].words.reader != (reader == 1);
            for (int k = 0; k < q->labels && !same; k++)
                same = kept[k] && overlap_find(l, q, i, k).how == OVERLAP_SAME;
            kept[i] |= !same;
        }
    for (int i = 0; i < q->labels; i++)
        if (kept[i]) q->label[count++] = q->label[i];
    q->labels = count;
}

/* Labels that overlap as classes of which the later covers the earlier; of two that lie in part
 * outside of each other, either may. */
static att_status list_layers(const struct finder *s, struct links *l, struct choice *c,
    const struct found *f, int at, char text[LAYERS], struct err *e)
{
    struct portion *q = &c->portion[at], *one;
    TRY(MEM_NEW(one, "the choices", e));
    *one = *q;
    keep_different(l, q);
    qsort(q->label, (size_t)q->labels, sizeof *q->label, order_within);
    q->over = true;
    att_status status = options_add_choice(s, l, c, f, at, -1, -1, text, LAYERS, e);
    if (status == ATT_OK && q->labels == 2 && q->label[0].within == q->label[1].within) {
        const struct slot first = q->label[0];
        q->label[0] = q->label[1];
        q->label[1] = first;
        status = options_add_choice(s, l, c, f, at, -1, -1, text, LAYERS, e);
    }
    *q = *one;
    mem_free(one);
    return status;
}

/* Classes that overlap: the labels of one rank of a set that lie on the same voxels in part. */
static bool are_layers(struct links *l, const struct choice *c, const struct portion *q)
{
    if (c->portions > 1 || !q->unclear_labels || q->unclear_images || q->many || q->numbered ||
        q->labels > LABELS_MOST)
        return false;
    for (int i = 1; i < q->labels; i++)
        if (q->label[i].words.rank != q->label[0].words.rank) return false;
    return overlap_find_all(l, q) == OVERLAP_WITHIN;
}

/* The first two labels that overlap in one of the first cases. */
static void say_layers(struct links *l, const struct portion *q, char *text, size_t size)
{
    enum { READ_MOST = 24 };
    *text = 0;
    for (int i = 0, read = 0; i < l->p->count && read < READ_MOST && !*text; i++)
        for (int a = 0; a < q->labels; a++)
            for (int b = a + 1; b < q->labels && !*text; b++) {
                struct contents_shared both;
                const int x = slot_file(l, q, &q->label[a], true, i),
                          y = slot_file(l, q, &q->label[b], true, i);
                if (x < 0 || y < 0) continue;
                read++;
                if (!overlap_share(l, x, y, &both) || !(both.both > 0)) continue;
                snprintf(text, size, " (%.100s and %.100s overlap in %.0f voxel%s)",
                    l->p->tree->file[x].path, l->p->tree->file[y].path, both.both,
                    TEXT_S(both.both));
            }
}

/* Why no option can be offered. */
static void say_unread(
    const struct finder *s, struct links *l, const struct portion *q, char *text, size_t size)
{
    bool empty;
    const int file = q->labels ? slot_any_file(l, q, q->label, true) : -1;
    const char *path = file < 0 ? NULL : l->p->tree->file[file].path;
    if (path && s->eyes->join && !s->eyes->join(s->eyes->arg, path, &empty))
        snprintf(text, size, "; no mask such as %.200s can be read", path);
}

/* How much speaks against a slot, by its words. Colours set only labels apart. */
static int slot_doubt(const struct words *w, bool label)
{
    const bool named = w->label || w->mask, result = w->rank == WORDS_RESULT || w->rank == 1;
    if (!label) return 4 * result + 2 * named + !w->image;
    return 16 * w->rank + 8 * (w->second || w->program) + 4 * w->outline + 2 * !w->hand + !named;
}

/* The likelier slot first, by its words, then a label that covers others, then by how its name
 * differs from its partner's. */
static int order_slots(const struct slot *a, const struct slot *b, bool label)
{
    const int more = slot_doubt(&a->words, label) - slot_doubt(&b->words, label);
    const int inner = a->within - b->within, over = a->over - b->over;
    return more ? more : over ? over : inner ? inner : a->link->cost - b->link->cost;
}

/* The slots to choose from, and -1 for all of them. Images that differ in likelihood are no
 * channels, and coloured ones are hardly any: the other one may show the labels. */
static int list_slots(const struct portion *q, bool label, int list[SLOTS_MOST + 1])
{
    const struct slot *slot = label ? q->label : q->image;
    const bool open = label ? q->unclear_labels : q->unclear_images;
    const int slots = !open ? 0 : label ? q->labels : q->images;
    bool equal = true, channels = true;
    int count = 0;
    for (int i = 0; i < slots; i++) {
        int at = count++;
        for (; at > 0 && order_slots(&slot[list[at - 1]], &slot[i], label) > 0; at--)
            list[at] = list[at - 1];
        list[at] = i;
        equal &= !order_slots(slot, &slot[i], label);
        channels &= slot[i].words.channel;
    }
    if (label ? slots > 1 && q->many : slots && (q->crowded || q->drawn)) return count;
    const bool first = label || channels || (equal && !q->coloured);
    if (first) memmove(list + 1, list, (size_t)count * sizeof *list);
    list[first ? 0 : count] = -1;
    return count + 1;
}

/* Some labels differ in numbers alone and are not in all cases, as findings are; they are objects,
 * and no classes beside the others. *mixed: there are such. */
static att_status list_objects(const struct finder *s, struct links *l, struct choice *c,
    const struct found *f, int at, char text[OPTIONS], bool *mixed, struct err *e)
{
    struct portion *q = &c->portion[at], *all;
    bool twin[LABELS_MOST] = {false}, vary = false;
    int count = 0;
    *mixed = false;
    if (!q->unclear_labels || q->labels > LABELS_MOST) return ATT_OK;
    for (int i = 0; i < q->labels; i++)
        for (int k = 0; k < q->labels; k++) {
            if (i == k ||
                !pairing_same_words(
                    slot_name(l, q, &q->label[i], true), slot_name(l, q, &q->label[k], true)))
                continue;
            twin[i] = true;
            vary |= q->label[i].count != q->label[k].count;
        }
    for (int i = 0; i < q->labels; i++) count += twin[i];
    *mixed = vary && count < q->labels;
    if (!*mixed) return ATT_OK;
    TRY(MEM_NEW(all, "the choices", e));
    *all = *q;
    q->labels = 0;
    for (int i = 0; i < all->labels; i++)
        if (twin[i]) q->label[q->labels++] = all->label[i];
    q->objects = true;
    const att_status status = options_add_choice(s, l, c, f, at, -1, -1, text, OPTIONS, e);
    *q = *all;
    mem_free(all);
    return status;
}

/* All slots that are open, and each alone. */
static att_status list_choices(const struct finder *s, struct links *l, struct choice *c,
    const struct found *f, int at, char text[OPTIONS], struct err *e)
{
    struct portion *q = &c->portion[at];
    int image[SLOTS_MOST + 1], label[SLOTS_MOST + 1];
    bool mixed;
    TRY(list_objects(s, l, c, f, at, text, &mixed, e));
    if (!mixed) TRY(list_beside(s, l, c, f, at, text, e));
    const bool some = mixed || *text;
    /* together: many may leave no room for each alone */
    const int images = list_slots(q, false, image), labels = list_slots(q, true, label);
    for (int n = 0; n < images; n++)
        for (int m = 0; m < labels; m++) {
            const int i = image[n], k = label[m];
            if (!some || i >= 0 || k >= 0)
                TRY(options_add_choice(s, l, c, f, at, i, k, text, OPTIONS, e));
            if (k >= 0 || !q->numbered) continue;
            q->objects = true; /* "#" */
            TRY(options_add_choice(s, l, c, f, at, i, k, text, OPTIONS, e));
            q->objects = false;
        }
    return ATT_OK;
}

/* Counts for each label the others that cover it. */
static void count_covers(struct links *l, struct portion *q)
{
    if (!q->unclear_labels || q->labels > LABELS_MOST) return;
    for (int i = 0; i < q->labels; i++)
        for (int k = 0; k < q->labels; k++)
            if (i != k && overlap_find(l, q, i, k).covered) q->label[k].within++;
}

/* The first portion with an open question, or -1. */
static int first_unclear(const struct choice *c)
{
    for (int k = 0; k < c->portions; k++)
        if (c->portion[k].unclear_images || c->portion[k].unclear_labels) return k;
    return -1;
}

static att_status unclear(const struct finder *s, struct links *l, struct choice *c, int at,
    struct found *f, struct err *e)
{
    struct portion *q = &c->portion[at];
    const bool images = q->unclear_images;
    bool fewer = false; /* in some cases */
    count_covers(l, q);
    for (int i = 1; i < q->labels; i++) fewer |= !images && q->label[i].count != q->label[0].count;
    char text[OPTIONS] = "", layers[LAYERS] = "", overlap[300] = "", unread[300] = "";
    TRY(list_choices(s, l, c, f, at, text, e));
    if (strlen(text) + LAYERS < OPTIONS && are_layers(l, c, q))
        TRY(list_layers(s, l, c, f, at, layers, e));
    if (*layers) say_layers(l, q, overlap, sizeof overlap);
    if (!*text) say_unread(s, l, q, unread, sizeof unread);
    /* single words may give patterns; and one pair is no reading */
    if (!*text && c->portions == 1 && (f->way == WAY_RUNS || q->main->count < 2)) return ATT_OK;
    mem_free(f->options);
    if (*text && !(f->options = mem_text("%s", text))) return err_path(e);
    return err_set(e, ATT_DATA,
        "%.150s has %s%d files for each case that may be its %s, and neither names nor contents "
        "say which; give %s%s%s%s",
        s->root,
        images && q->crowded ? "more than "
            : fewer          ? "up to "
                             : "",
        !images          ? q->labels
            : q->crowded ? DATASET_CHANNELS
                         : q->images,
        images ? "image" : "label", *text ? text : "patterns (docs/data.md)",
        *layers ? "; if they are classes of which the later covers the earlier, give " : "", layers,
        *text ? overlap : unread);
}

/* The pairs as their files say, not their names. */
static att_status found_swapped(const struct finder *s, struct links *l, struct err *e)
{
    const struct link *x = &l->swapped;
    char text[BEHIND_PATHS] = "";
    int i = 0;
    while (x->t->target[i] < 0) i++;
    const struct tree_file *file = l->p->tree->file;
    const char *a = file[l->p->node[i].first].path,
               *b = file[l->p->node[x->t->target[i]].first].path;
    struct portion *one;
    TRY(MEM_NEW(one, "the choices", e));
    one->main = one->label[0].link = one->image[0].link = x;
    one->labels = one->images = 1;
    const struct found none = {.images = NULL};
    const struct choice c = {.portion = one, .portions = 1};
    att_status status = options_add_choice(s, l, &c, &none, 0, -1, -1, text, sizeof text, e);
    mem_free(one);
    if (status != ATT_OK) return status;
    return err_set(e, ATT_DATA,
        "%.150s: by its name, %.200s is a label, but by its contents %.200s is; if folders are "
        "exchanged, give them their right names%s%s",
        s->root, a, b, *text ? ", or if the contents are right, give " : "", text);
}

/* Up to one of these marks, but not behind a backslash. */
static int pattern_end(const char *text, const char *marks)
{
    int at = 0;
    while (text[at] && !strchr(marks, text[at])) at += text[at] == '\\' && text[at + 1] ? 2 : 1;
    return at;
}

void found_first(const struct finder *s, const struct found *f, char *text, size_t size)
{
    const int images = pattern_end(f->images, ";|");
    char *a = mem_text("%.*s", images, f->images),
         *b = mem_text("%.*s", pattern_end(f->labels, "|"), f->labels);
    *text = 0;
    if (a && b && f->images[images]) options_add(s, a, b, text, size);
    mem_free(a);
    mem_free(b);
}

void found_more(const struct finder *s, const struct found *f, char *text, size_t size)
{
    char *a = mem_text("%s|%s", f->images, f->more_images),
         *b = mem_text("%s|%s", f->labels, f->more_labels);
    *text = 0;
    if (a && b) options_add(s, a, b, text, size);
    mem_free(a);
    mem_free(b);
}

/* ---- search */

static att_status add_portions(
    struct found *f, struct links *l, const struct choice *c, int *added, struct err *e)
{
    *added = 0;
    for (int k = 0; k < c->portions; k++) {
        bool fits;
        TRY(portion_texts(l, &c->portion[k], false, &f->images, &f->labels, &fits, e));
        *added += fits;
        f->pairs += fits ? c->portion[k].main->count : 0;
    }
    for (int i = 0; i < c->asides; i++) {
        int k = 0;
        while (k < f->asides && strcmp(f->aside[k].why, c->aside[i].why) != 0) k++;
        if (k == ASIDES) continue;
        if (k == f->asides)
            f->aside[f->asides++] = (struct aside){c->aside[i].why, 0, c->aside[i].first};
        f->aside[k].count += c->aside[i].count;
    }
    return ATT_OK;
}

/* Forget the files of portions; when there is none any more, labels of a kind that is not read,
 * too. */
static void keep_unused(struct tree *t, struct links *l, const struct choice *c)
{
    int left = 0;
    for (int i = 0; i < t->count; i++) {
        bool used = c->used && c->used[i];
        for (int k = 0; k < l->count && !c->portions && !used; k++)
            used = l->link[k].count > 1 && l->link[k].image[i] >= 0;
        if (!used) t->file[left++] = t->file[i];
    }
    t->count = left;
}

/* Pairs of another kind than those found, as of a second site; their files are then used. */
static att_status find_more(struct links *l, const struct link_kind *kind, struct tree *t,
    struct found *f, int *added, struct err *e)
{
    enum { LEAST = 3, PART = 5 };
    struct link_kind own = {.known = false};
    struct choice c = {.portions = 0};
    att_status status = pairing_choice_make(l, &own, &c, e);
    const bool many = c.portions && c.portion[0].main->count >= LEAST &&
        PART * c.portion[0].main->count >= f->pairs && own.label <= max_int(kind->label, 1) &&
        own.rank <= kind->rank && !c.portion[0].main->doubtful;
    for (int k = 0; k < c.portions && many && status == ATT_OK; k++) {
        const struct portion *q = &c.portion[k];
        bool fits = false;
        if (!q->unclear_images && !q->unclear_labels)
            status = portion_texts(l, q, false, &f->more_images, &f->more_labels, &fits, e);
        *added += fits;
        f->more += fits ? q->main->count : 0;
    }
    if (status == ATT_OK && *added) keep_unused(t, l, &c);
    pairing_choice_free(&c);
    return status;
}

/* Pairs among the files of `t`, which keeps those that are left. */
static att_status search_once(const struct finder *s, struct tree *t, struct found *f,
    struct link_kind *kind, int *added, bool *swapped, struct err *e)
{
    struct pairing p;
    struct links l = {.count = 0};
    struct choice c = {.portions = 0};
    const bool had = f->images;
    *added = 0;
    TRY(pairing_find(t, s->tree, f->way, s->split, &p, e));
    att_status status = links_make(&p, s->eyes, s->split, &l, e);
    if (status == ATT_OK) status = pairing_choice_make(&l, kind, &c, e);
    if (status == ATT_OK) status = objects_settle(s, &l, &c, f, e);
    *added = f->images && !had;
    const int most = c.portions ? c.portion[0].main->count : 0, open = first_unclear(&c);
    f->common |= open >= 0 && c.portion[open].common;
    const bool few = l.swapped.count <= FEW && t->count > 4 * FEW; /* files of one name by chance */
    *swapped = status == ATT_OK && l.swapped.t && !few && !f->images && l.swapped.count >= most;
    if (*swapped)
        status = found_swapped(s, &l, e);
    else if (status == ATT_OK && open >= 0)
        status = unclear(s, &l, &c, open, f, e);
    int portions = 0;
    if (status == ATT_OK && open < 0) status = add_portions(f, &l, &c, &portions, e);
    *added += portions;
    const bool more = !c.portions && had && f->way < WAY_ZEROS;
    if (status == ATT_OK && more) status = find_more(&l, kind, t, f, added, e);
    if (status == ATT_OK && !(more && *added)) keep_unused(t, &l, &c);
    pairing_choice_free(&c);
    links_free(&l);
    pairing_free(&p);
    return status;
}

/* Labels that pair with nothing, by some of the files that are left: where they are many, or come
 * first by their words, their names differ from those of their images, and other masks were taken
 * in their place, such as markers of tracks in that of segmentations. */
static att_status check_rest(
    const struct finder *s, const struct tree *rest, const struct found *f, struct err *e)
{
    enum { ASKED = 12, LEAST = 3 };
    char text[BEHIND_PATHS] = "";
    const int step = rest->count / ASKED + 1;
    int asked = 0, labels = 0;
    bool better = false;
    const char *first = NULL;
    for (int i; (i = pairing_sample(asked, step)) < rest->count; asked++) {
        struct contents c;
        s->eyes->look(s->eyes->arg, rest->file[i].path, false, &c);
        const struct words w = words_of_text(tree_name(&rest->file[i]));
        if (c.kind != CONTENT_LABEL || w.rank > f->rank) continue;
        better |= w.label && w.rank < f->rank;
        if (!labels++) first = rest->file[i].path;
    }
    const int all = labels * step;
    if (all < LEAST || (2 * all < f->pairs && !better)) return ATT_OK;
    const bool same = options_add(s, f->images, f->labels, text, sizeof text);
    return err_set(e, ATT_DATA,
        "%.150s has %d pairs of images and labels, but about %d other labels, such as %.200s, pair "
        "with no image; %s%s",
        s->root, f->pairs, all, first,
        *text ? same ? "to leave them out, give " : "to pair them, too, give "
              : "rename them, take them away, or give patterns (docs/data.md)",
        text);
}

/* `rest` gets the files that pair with nothing. */
static att_status search_way(const struct finder *s, struct tree *rest, enum pairing_way way,
    struct found *f, bool *swapped, struct err *e)
{
    struct link_kind kind = {.known = false};
    const struct tree *t = s->tree;
    int added = 1;
    att_status status = ATT_OK;
    *f = (struct found){.way = way};
    rest->count = t->count;
    memcpy(rest->file, t->file, (size_t)t->count * sizeof *rest->file);
    for (int i = 0; i < ROUNDS && added && rest->count > 1 && status == ATT_OK; i++)
        status = search_once(s, rest, f, &kind, &added, swapped, e);
    f->rank = kind.label;
    if (status == ATT_OK && f->images && way == WAY_ZEROS)
        status = options_put_zeros(s, &f->images, &f->labels, e);
    return status;
}

/* Another way takes the place of what was found if it pairs more, or leaves no labels over. */
static att_status try_way(const struct finder *s, struct tree *rest, enum pairing_way way,
    bool more, struct found *f, struct err *e)
{
    struct found other;
    struct tree left = {.count = 0};
    struct err unused = {0};
    bool swapped = false;
    TRY(MEM_ARRAY(left.file, s->tree->count, "the list of files", e));
    att_status status = search_way(s, &left, way, &other, &swapped, &unused);
    if (status == ATT_OK && other.images && !more) status = check_rest(s, &left, &other, &unused);
    if (status == ATT_OK && other.images && other.pairs >= f->pairs + more) {
        found_free(f);
        *f = other;
        rest->count = left.count;
        memcpy(rest->file, left.file, (size_t)left.count * sizeof *left.file);
    } else {
        found_free(&other);
    }
    mem_free(left.file);
    return status == ATT_MEMORY ? err_pass(e, status, &unused) : ATT_OK;
}

static att_status compare_ways(
    const struct finder *s, struct tree *rest, struct found *f, struct err *e)
{
    struct err over = {0};
    /* folders of masks may be parts of a set, whose numbers are names of a few images by chance */
    if (f->way < WAY_ZEROS && strpbrk(f->labels, "*#") && rest->count > f->pairs)
        TRY(try_way(s, rest, WAY_ZEROS, true, f, e));
    const att_status status = check_rest(s, rest, f, &over);
    if (status != ATT_DATA) return status == ATT_OK ? ATT_OK : err_pass(e, status, &over);
    const enum pairing_way before = f->way;
    if (before < WAY_WORDS) TRY(try_way(s, rest, WAY_WORDS, false, f, e));
    /* 12 belongs to 12, and 3 to 03 */
    if (f->way == before && before < WAY_ZEROS) TRY(try_way(s, rest, WAY_ZEROS, true, f, e));
    return f->way == before ? err_pass(e, ATT_DATA, &over) : ATT_OK;
}

/* All files pair without a question if zeros count for nothing, as in patient1/7 and p01/7. */
static att_status offer_zeros(const struct finder *s, struct tree *rest, struct err *e)
{
    struct found f;
    struct err unused = {0};
    char text[OPTIONS] = "";
    bool swapped = false;
    att_status status = search_way(s, rest, WAY_ZEROS, &f, &swapped, &unused);
    if (status == ATT_OK && f.images && !rest->count)
        options_add(s, f.images, f.labels, text, sizeof text);
    found_free(&f);
    if (status == ATT_MEMORY) return err_pass(e, status, &unused);
    if (!*text) return ATT_DATA;
    err_clear(e);
    return err_set(e, ATT_DATA,
        "%.150s has files that pair if numbers such as 1 and 01 are the same; if they are, give "
        "%s; "
        "if not, give patterns (docs/data.md)",
        s->root, text);
}

/* Behind a question: the images of a group may be channels, as visits of a patient with one label
 * are. */
static att_status offer_channels(const struct finder *s, struct tree *rest, struct err *e)
{
    struct finder split = *s;
    struct found f;
    struct err unused = {0};
    char text[BEHIND_PATHS] = "", asked[sizeof e->text];
    bool swapped = false;
    split.split = true;
    snprintf(asked, sizeof asked, "%s", e->text);
    att_status status = search_way(&split, rest, WAY_RUNS, &f, &swapped, &unused);
    if (status == ATT_OK && f.images) options_add(s, f.images, f.labels, text, sizeof text);
    if (f.options) snprintf(text, sizeof text, "%s", f.options);
    found_free(&f);
    if (status == ATT_MEMORY) return err_pass(e, status, &unused);
    if (!*text || strstr(asked, text)) return ATT_DATA;
    err_clear(e);
    return err_set(e, ATT_DATA,
        "%s; if the images of a group are channels of one case with one label, give %s", asked,
        text);
}

att_status found_search(const struct finder *s, struct found *f, struct err *e)
{
    struct tree rest = {.count = s->tree->count};
    bool swapped = false;
    *f = (struct found){.images = NULL};
    if (!s->tree->count) return ATT_OK;
    TRY(MEM_ARRAY(rest.file, s->tree->count, "the list of files", e));
    att_status status = ATT_OK;
    for (enum pairing_way way = 0; way < PAIRING_WAYS && !f->images && status == ATT_OK; way++)
        status = search_way(s, &rest, way, f, &swapped, e);
    if (status == ATT_DATA && f->common) status = offer_channels(s, &rest, e);
    if (status == ATT_DATA && f->way < WAY_ZEROS && !swapped) status = offer_zeros(s, &rest, e);
    if (status == ATT_OK && f->images) status = compare_ways(s, &rest, f, e);
    if (status == ATT_OK && f->images) status = parts_settle(s, f, e);
    if (status == ATT_OK && f->images) status = rare_ask(s, &rest, f, e);
    mem_free(rest.file);
    return status;
}

void found_free(struct found *f)
{
    mem_free(f->images);
    mem_free(f->labels);
    mem_free(f->more_images);
    mem_free(f->more_labels);
    mem_free(f->options);
    *f = (struct found){.images = NULL};
}
