/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for several files in one place of a case, each with its reason for `info`. */
#include "dataset/pairing_slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "dataset/names_tokens.h"
#include "dataset/pairing_overlap.h"
#include "files/file.h"

enum { FOLDERS_ASKED = 16, VALUES_ASKED = 4, CASES_ASKED = 6 };

/* ---- gathering */

struct inner {
    struct span name;
    int count;
};

/* Names in up to `folders` folders of labels; false: too many. */
static bool slots_list_inner(const struct links *l, const struct link *link, int folders,
    struct inner list[SLOTS_MOST], int *count, int *asked)
{
    const struct pairing *p = l->p;
    *count = *asked = 0;
    for (int i = 0; i < p->count && *asked < folders; i++) {
        if (link->t->target[i] < 0) continue;
        const struct node *n = &p->node[link->t->target[i]];
        ++*asked;
        for (int f = n->first; f < n->first + n->count; f++) {
            const struct tree_file *t = &p->tree->file[f];
            const struct span name = {t->path + n->name.length, t->stem - n->name.length};
            int k = 0;
            while (k < *count && span_order(list[k].name, name)) k++;
            if (k == SLOTS_MOST) return false;
            if (k == *count) list[(*count)++] = (struct inner){name, 0};
            list[k].count++;
        }
    }
    return true;
}

/* Most files have a name that most folders have, and these names differ in words. */
static bool has_equal_names(const struct links *l, const struct link *link)
{
    struct inner *list = mem_array(SLOTS_MOST, sizeof *list);
    int count, folders, files = 0, common = 0;
    bool words = false;
    const bool few = list && slots_list_inner(l, link, FOLDERS_ASKED, list, &count, &folders);
    for (int i = 0; few && i < count; i++) {
        files += list[i].count;
        common += 2 * list[i].count > folders ? list[i].count : 0;
        words |= !pairing_same_words(list[i].name, list[0].name);
    }
    mem_free(list);
    return few && folders > 1 && words && 2 * common > files;
}

static int by_inner(const void *a, const void *b)
{
    return span_order(((const struct inner *)a)->name, ((const struct inner *)b)->name);
}

/* Files of `link` lie in the folders of slots that the portion has, or the other way round. */
static bool is_inside(const struct links *l, const struct link *folder, const struct link *file)
{
    for (int i = 0; i < l->p->count; i++) {
        if (folder->t->target[i] < 0 || file->t->target[i] < 0) continue;
        const struct node *n = &l->p->node[folder->t->target[i]];
        const int f = l->p->node[file->t->target[i]].first;
        return f >= n->first && f < n->first + n->count;
    }
    return false;
}

static bool has_folder_of(const struct links *l, const struct portion *q, const struct link *link)
{
    for (int i = 0; i < q->labels; i++)
        if (q->label[i].inner.length && is_inside(l, q->label[i].link, link)) return true;
    return false;
}

att_status slots_add_label(
    struct links *l, struct portion *q, const struct link *link, struct err *e)
{
    struct inner *list;
    int count = 0, folders;
    if (q->labels == SLOTS_MOST || has_folder_of(l, q, link)) return ATT_OK;
    if (!link->folder || !has_equal_names(l, link)) {
        const struct slot whole = {.link = link, .words = link->label_words, .count = link->count};
        for (int i = 0; i < q->labels; i++) {
            struct slot *x = &q->label[i];
            if (x->inner.length || x->link->folder == link->folder) continue;
            if (!is_inside(l, link->folder ? link : x->link, link->folder ? x->link : link))
                continue;
            /* the folder holds other labels of the case */
            if (!link->folder) *x = whole;
            return ATT_OK;
        }
        q->label[q->labels++] = whole;
        return ATT_OK;
    }
    TRY(MEM_ARRAY(list, SLOTS_MOST, "the labels of a case", e));
    slots_list_inner(l, link, link->count, list, &count, &folders);
    qsort(list, (size_t)count, sizeof *list, by_inner);
    for (int i = q->labels - 1; i >= 0; i--)
        if (is_inside(l, link, q->label[i].link)) q->label[i] = q->label[--q->labels];
    for (int i = 0; i < count && q->labels < SLOTS_MOST; i++)
        q->label[q->labels++] = (struct slot){.link = link,
            .inner = list[i].name,
            .words = words_of_text(list[i].name),
            .count = list[i].count};
    mem_free(list);
    return ATT_OK;
}

void slots_add_image(struct portion *q, const struct link *link)
{
    q->crowded |= q->images == DATASET_CHANNELS;
    if (!q->crowded)
        q->image[q->images++] =
            (struct slot){.link = link, .words = link->image_words, .count = link->count};
}

/* ---- leaving aside */

struct span slot_name(
    const struct links *l, const struct portion *q, const struct slot *s, bool label)
{
    const int file = slot_any_file(l, q, s, label);
    if (file < 0) return (struct span){"", 0};
    return (struct span){l->p->tree->file[file].path, l->p->tree->file[file].stem};
}

void slots_put_aside(
    struct links *l, struct choice *c, struct portion *q, bool label, int k, const char *why)
{
    struct slot *list = label ? q->label : q->image;
    int *count = label ? &q->labels : &q->images, i = 0;
    const int file = slot_any_file(l, q, &list[k], label);
    while (i < c->asides && c->aside[i].why != why) i++;
    if (i == c->asides && i < ASIDES)
        c->aside[c->asides++] = (struct aside){why, 0, file < 0 ? "" : l->p->tree->file[file].path};
    if (i < c->asides) c->aside[i].count += list[k].count;
    q->dropped |= label;
    memmove(list + k, list + k + 1, (size_t)(--*count - k) * sizeof *list);
}

static int slot_rank(const struct slot *s)
{
    return link_rank(s->link, &s->words, s->link->folder && !s->inner.length);
}

const char slots_why_region[] = "masks of the field of view or of a region, beside labels";
static const char why_version[] = "files of another version of the labels",
                  why_program[] = "labels beside others that are final or by hand",
                  why_reader[] = "labels of another reader", why_parts[] = "parts of the labels",
                  why_unread[] = "files that attunet cannot read, beside labels";

/* Up to `most` images with a file in this slot, from all parts of the set. */
static int sample_cases(const struct links *l, const struct portion *q, const struct slot *s,
    int most, int list[CASES_ASKED])
{
    int count = 0, run = 0;
    for (int i = 0; i < l->p->count; i++) count += slot_file(l, q, s, true, i) >= 0;
    const int step = divide_up(count, most);
    for (int i = 0, k = 0; i < l->p->count; i++)
        if (slot_file(l, q, s, true, i) >= 0 && k++ == pairing_sample(run, step)) list[run++] = i;
    return run;
}

/* The most different values of a slot's labels in samples of all cases. */
static int values_of(struct links *l, const struct portion *q, const struct slot *s)
{
    int most = 0, list[CASES_ASKED];
    const int count = sample_cases(l, q, s, VALUES_ASKED, list);
    for (int i = 0; i < count; i++) {
        const int file = slot_file(l, q, s, true, list[i]);
        struct contents c = *links_look(l, file);
        if (!c.values) l->eyes->look(l->eyes->arg, l->p->tree->file[file].path, true, &c);
        most = max_int(most, c.values);
    }
    return most;
}

/* Its contents are those of another version of label `k`, an object or the edges of it, or no
 * labels at all. */
static bool is_version(struct links *l, const struct portion *q, int k, int label)
{
    const struct slot *s = &q->label[label];
    const struct overlap_facts f = overlap_find(l, q, k, label);
    const bool part =
        s->words.rank == WORDS_RESULT || s->words.outline || (s->link->folder && !s->inner.length);
    const bool predicted = s->words.rank == WORDS_RESULT && q->label[k].words.truth;
    return f.image || f.told || f.how == OVERLAP_SAME || (f.covered && part) ||
        (f.how == OVERLAP_WITHIN && predicted);
}

/* Words make a label a second choice only where contents agree. False: they do not. */
static bool keep_first_rank(struct links *l, struct choice *c, struct portion *q)
{
    int best = 1000;
    bool agree = true;
    for (int i = 0; i < q->labels; i++)
        if (slot_rank(&q->label[i]) < best) best = slot_rank(&q->label[i]);
    for (int i = q->labels - 1; i >= 0; i--) {
        if (slot_rank(&q->label[i]) == best) continue;
        bool version = false;
        for (int k = 0; k < q->labels && !version; k++)
            version = slot_rank(&q->label[k]) == best && is_version(l, q, k, i);
        if (version) slots_put_aside(l, c, q, true, i, why_version);
        agree &= version;
    }
    return agree;
}

/* Its name says that it is a label, and not only its outline. */
static bool is_named_label(const struct words *w) { return w->label && !w->outline; }

/* Why a mask is left aside beside labels whose names say so: it has two values and covers them, or
 * lies on the same voxels; NULL: neither. */
static const char *why_no_label(struct links *l, const struct portion *q, int label)
{
    bool covers = values_of(l, q, &q->label[label]) <= 2, same = true;
    for (int i = 0; i < q->labels && (covers || same); i++) {
        if (!is_named_label(&q->label[i].words)) continue;
        const struct overlap_facts f = overlap_find(l, q, label, i);
        covers &= f.covered;
        same &= f.how == OVERLAP_SAME;
    }
    return covers ? slots_why_region : same ? why_version : NULL;
}

/* As the first reader saw it. */
static bool is_second(struct links *l, const struct portion *q, int label)
{
    for (int i = 0; i < q->labels; i++)
        if (!q->label[i].words.second && overlap_find(l, q, i, label).close) return true;
    return false;
}

/* Another label's name differs from its own in a number or a letter alone. */
static bool has_twin_reader(const struct links *l, const struct portion *q, int label)
{
    const struct span own = slot_name(l, q, &q->label[label], true);
    bool twin = false;
    for (int k = 0; k < q->labels && !twin && !q->label[label].words.dated; k++)
        twin = k != label && words_are_twins(own, slot_name(l, q, &q->label[k], true));
    return twin;
}

/* What readers agreed on: it lies on the voxels of labels that numbers or letters tell apart. */
static bool is_agreed(struct links *l, const struct portion *q, int label)
{
    for (int k = 0; k < q->labels; k++)
        if (k != label && has_twin_reader(l, q, k))
            return !has_twin_reader(l, q, label) &&
                overlap_find(l, q, k, label).how == OVERLAP_SAME;
    return false;
}

static bool keep_first_choices(struct links *l, struct choice *c, struct portion *q)
{
    bool label = false, own = false, agree = keep_first_rank(l, c, q);
    for (int i = 0; i < q->labels; i++) {
        label |= is_named_label(&q->label[i].words);
        own |= !q->label[i].words.second;
    }
    for (int i = q->labels - 1; i >= 0; i--) {
        const struct words *w = &q->label[i].words;
        const bool region = label && !w->label && w->mask && !is_agreed(l, q, i),
                   second = own && w->second;
        const char *why = region ? why_no_label(l, q, i) : NULL;
        if (!why && second && is_second(l, q, i)) why = why_reader;
        if (why)
            slots_put_aside(l, c, q, true, i, why);
        else
            agree &= !region && !second;
    }
    return agree;
}

/* No other label has a case that this one lacks, which would be lost. */
static bool has_all(const struct links *l, const struct portion *q, int label)
{
    for (int i = 0; i < l->p->count; i++)
        for (int k = 0; k < q->labels && slot_file(l, q, &q->label[label], true, i) < 0; k++)
            if (slot_file(l, q, &q->label[k], true, i) >= 0) return false;
    return true;
}

/* The one with most classes, if it tells where all others are: "lung and infection". *most: values
 * of one, or 2. */
static int find_whole(struct links *l, const struct portion *q, int *most)
{
    int whole = -1;
    *most = 2;
    for (int i = 0; i < q->labels; i++) {
        const int values = values_of(l, q, &q->label[i]);
        if (values >= *most) whole = values > *most ? i : -1;
        *most = max_int(*most, values);
    }
    if (whole >= 0 && !has_all(l, q, whole)) return -1;
    for (int k = 0; k < q->labels && whole >= 0; k++) {
        if (k == whole) continue;
        const struct overlap_facts f = overlap_find(l, q, whole, k);
        if (!f.told || !f.covered) return -1;
    }
    return whole;
}

static void keep_only(struct links *l, struct choice *c, struct portion *q, int k, const char *why)
{
    const struct slot *kept = &q->label[k];
    for (int i = q->labels - 1; i >= 0; i--)
        if (&q->label[i] > kept) slots_put_aside(l, c, q, true, i, why);
    while (q->labels > 1) slots_put_aside(l, c, q, true, 0, why);
}

/* Whether label a comes before label b in the first case that has both. */
static bool comes_before(const struct links *l, const struct portion *q, int a, int b)
{
    for (int i = 0; i < l->p->count; i++) {
        const int x = slot_file(l, q, &q->label[a], true, i),
                  y = x < 0 ? -1 : slot_file(l, q, &q->label[b], true, i);
        if (y >= 0) return x < y; /* files are sorted by name */
    }
    return false;
}

/* At least half as many cases as label `all`. */
static bool has_half(const struct links *l, const struct portion *q, int label, int all)
{
    int own = 0, others = 0;
    for (int i = 0; i < l->p->count; i++) {
        own += slot_file(l, q, &q->label[label], true, i) >= 0;
        others += slot_file(l, q, &q->label[all], true, i) >= 0;
    }
    return 2 * own >= others;
}

/* The first label with all cases, unless one that comes before it, or alone has a word for masks,
 * has half of them; or -1. */
static int first_by_name(const struct links *l, const struct portion *q)
{
    int first = -1;
    for (int i = 0; i < q->labels; i++)
        if (has_all(l, q, i) && (first < 0 || comes_before(l, q, i, first))) first = i;
    for (int i = 0; i < q->labels && first >= 0; i++) {
        const struct words *a = &q->label[i].words, *b = &q->label[first].words;
        const bool named = (a->label || a->mask) && !b->label && !b->mask;
        if ((named || comes_before(l, q, i, first)) && has_half(l, q, i, first)) return -1;
    }
    return first;
}

/* The one whose name is in all others: "seg" beside "seg_endpoints"; or -1. */
static int plainest(const struct links *l, const struct portion *q)
{
    for (int i = 0; i < q->labels; i++) {
        bool all = has_all(l, q, i);
        for (int k = 0; k < q->labels && all; k++)
            all = k == i ||
                words_are_plainer(
                    slot_name(l, q, &q->label[i], true), slot_name(l, q, &q->label[k], true));
        if (all) return i;
    }
    return -1;
}

/* In case i two labels lie within label `whole` and make it up. */
static bool makes_up(const struct links *l, const struct portion *q, int whole, int i)
{
    const int file = slot_file(l, q, &q->label[whole], true, i),
              x = slot_file(l, q, &q->label[(whole + 1) % 3], true, i),
              y = slot_file(l, q, &q->label[(whole + 2) % 3], true, i);
    struct contents_shared a, b, parts;
    return x >= 0 && y >= 0 && overlap_share(l, file, x, &a) && overlap_share(l, file, y, &b) &&
        overlap_share(l, x, y, &parts) && a.second > 0 && b.second > 0 &&
        a.both >= .95 * a.second && b.both >= .95 * b.second &&
        a.both + b.both - parts.both >= .95 * a.first;
}

/* The plainest of three, if the two others make it up: "gt" beside "thick_gt" and "thin_gt"; or
 * -1. */
static int find_union(const struct links *l, const struct portion *q)
{
    const int whole = q->labels == 3 ? plainest(l, q) : -1;
    int list[CASES_ASKED],
        count = whole < 0 ? 0 : sample_cases(l, q, &q->label[whole], CASES_ASKED, list);
    for (int i = 0; i < count; i++)
        if (!makes_up(l, q, whole, list[i])) return -1;
    return count ? whole : -1;
}

/* Classes by the names of files. */
static void sort_labels(const struct links *l, struct portion *q)
{
    for (int i = 1; i < q->labels; i++)
        for (int k = i; k > 0 && comes_before(l, q, k, k - 1); k--) {
            const struct slot s = q->label[k];
            q->label[k] = q->label[k - 1];
            q->label[k - 1] = s;
        }
}

/* Of labels that lie on the same voxels, those whose names say that they are labels, or else masks,
 * if no case is lost. */
static void keep_words(struct links *l, struct choice *c, struct portion *q)
{
    bool label = false, mask = false;
    for (int i = 0; i < q->labels; i++) {
        label |= q->label[i].words.label && has_all(l, q, i);
        mask |= q->label[i].words.mask && has_all(l, q, i);
    }
    for (int i = q->labels - 1; i >= 0 && (label || mask); i--)
        if (!(label ? q->label[i].words.label : q->label[i].words.mask))
            slots_put_aside(l, c, q, true, i, why_version);
}

/* 2: final or by hand, 0: by a program. */
static int hand_of(const struct words *w) { return w->hand ? 2 : w->program ? 0 : 1; }

/* Of labels that lie on the same voxels, those of single readers go, if there is another; false: a
 * case would be lost, or the readers' words are better. */
static bool keep_agreed(struct links *l, struct choice *c, struct portion *q)
{
    bool reader[SLOTS_MOST], agreed = false, other = false;
    int hand = 0;
    for (int i = 0; i < q->labels; i++) {
        reader[i] = has_twin_reader(l, q, i);
        if (reader[i]) hand = max_int(hand, hand_of(&q->label[i].words));
    }
    for (int i = 0; i < q->labels; i++) {
        const struct words *w = &q->label[i].words;
        if (reader[i] || w->program) continue;
        other = true;
        agreed |= has_all(l, q, i) && (w->truth || hand_of(w) >= hand);
    }
    for (int i = q->labels - 1; i >= 0 && agreed; i--)
        if (reader[i]) slots_put_aside(l, c, q, true, i, why_reader);
    return agreed || !other || !hand;
}

/* Labels that numbers or letters tell apart are named as those of readers. */
static bool are_readers(const struct links *l, const struct portion *q)
{
    bool twin = false;
    for (int i = 0; i < q->labels; i++) {
        if (!has_twin_reader(l, q, i)) continue;
        if (!q->label[i].words.reader) return false;
        twin = true;
    }
    return twin;
}

/* Of labels that lie on the same voxels, those that are final or by hand, or at least by no
 * program; false: others have more cases. */
static bool keep_hands(struct links *l, struct choice *c, struct portion *q)
{
    int best = 0, by[2] = {0, 0}; /* most cases of one label of these, of others */
    for (int i = 0; i < q->labels; i++) best = max_int(best, hand_of(&q->label[i].words));
    for (int i = 0; i < q->labels; i++) {
        int *most = &by[hand_of(&q->label[i].words) < best];
        *most = max_int(*most, q->label[i].count);
    }
    if (by[1] > by[0]) return false;
    for (int i = q->labels - 1; i >= 0 && by[1]; i--)
        if (hand_of(&q->label[i].words) < best) slots_put_aside(l, c, q, true, i, why_program);
    return true;
}

/* One label may have no number: *plain, or -1 without. */
static bool differ_in_numbers(const struct links *l, const struct portion *q, int *plain)
{
    int shortest = 0;
    for (int i = 1; i < q->labels; i++)
        if (slot_name(l, q, &q->label[i], true).length <
            slot_name(l, q, &q->label[shortest], true).length)
            shortest = i;
    const int number = shortest ? 0 : q->labels - 1;
    const struct span first = slot_name(l, q, &q->label[number], true);
    *plain = -1;
    for (int i = 0; i < q->labels; i++) {
        const struct span own = slot_name(l, q, &q->label[i], true);
        if (pairing_same_words(own, first)) continue;
        if (i != shortest || !words_have_same_letters(own, first)) return false;
        *plain = i;
    }
    return true;
}

/* The plainest name may be that of the oldest: "roi" beside "roi_v2". */
static bool some_are_dated(const struct portion *q)
{
    int dated = 0;
    for (int i = 0; i < q->labels; i++) dated += q->label[i].words.dated;
    return dated > 0 && dated < q->labels;
}

/* Of several versions the newest, or -1. */
static int find_newest(const struct links *l, const struct portion *q)
{
    for (int i = 0; i < q->labels; i++) {
        int k = 0;
        const struct span own = slot_name(l, q, &q->label[i], true);
        while (
            k < q->labels && (k == i || words_newer(own, slot_name(l, q, &q->label[k], true)) > 0))
            k++;
        if (k == q->labels) return i;
    }
    return -1;
}

/* All lie on the voxels of one of them, which stays; of several versions only the newest may. */
static bool keep_reader(struct links *l, struct choice *c, struct portion *q)
{
    bool dated = false;
    for (int i = 0; i < q->labels; i++) dated |= q->label[i].words.dated;
    const int k = dated ? find_newest(l, q) : first_by_name(l, q);
    if (k < 0 || !has_all(l, q, k)) return false;
    for (int i = 0; i < q->labels; i++)
        if (i != k && overlap_find(l, q, k, i).how != OVERLAP_SAME) return false;
    keep_only(l, c, q, k, dated ? why_version : why_reader);
    return true;
}

/* Label `k` has numbers that count anew in each group, and all images of a group have label `i` in
 * common: they may be channels, or cases of their own. */
static bool is_common(const struct portion *q, int i, int k)
{
    const struct link *own = q->label[i].link, *other = q->label[k].link;
    return !own->groups && own->count <= other->groups;
}

/* Some label is common; *same: and lies on the voxels of the other. */
static bool find_common(struct links *l, const struct portion *q, bool *same)
{
    bool found = false;
    *same = false;
    for (int i = 0; i < q->labels; i++)
        for (int k = 0; k < q->labels && !*same; k++) {
            if (!is_common(q, i, k)) continue;
            found = true;
            *same = overlap_find(l, q, k, i).close;
        }
    return found;
}

/* Not every image has as many, which classes with numbers for names would. */
static bool objects_vary(const struct portion *q)
{
    for (int i = 1; i < q->labels; i++)
        if (q->label[i].count != q->label[0].count) return true;
    return false;
}

/* No sample of them can be read, as of dictionaries in .npy, but others can. */
static void drop_unread(struct links *l, struct choice *c, struct portion *q)
{
    bool read[SLOTS_MOST] = {false}, any = false;
    for (int i = 0; i < q->labels; i++) {
        int list[CASES_ASKED];
        const int count = sample_cases(l, q, &q->label[i], CASES_ASKED, list);
        for (int k = 0; k < count; k++)
            read[i] |= links_look(l, slot_file(l, q, &q->label[i], true, list[k]))->channels > 0;
        any |= read[i];
    }
    for (int i = q->labels - 1; i >= 0 && any; i--)
        if (!read[i]) slots_put_aside(l, c, q, true, i, why_unread);
}

static bool choose_labels(struct links *l, struct choice *c, struct portion *q)
{
    if (q->labels > 1) drop_unread(l, c, q);
    const bool agree = keep_first_choices(l, c, q);
    q->objects = q->labels == 1 && q->label[0].link->folder && !q->label[0].inner.length;
    if (q->labels == 1) return true;
    bool same;
    q->common = find_common(l, q, &same);
    if (same) {
        sort_labels(l, q);
        return false;
    }
    int values, whole = find_whole(l, q, &values);
    if (whole < 0) whole = find_union(l, q);
    if (whole >= 0) {
        keep_only(l, c, q, whole, why_parts);
        return true;
    }
    if (!agree) {
        sort_labels(l, q);
        return false;
    }
    int plain; /* label, which becomes the first one */
    const bool numbers = differ_in_numbers(l, q, &plain);
    const enum overlap how = overlap_find_all(l, q);
    if (how == OVERLAP_WITHIN && are_readers(l, q)) keep_agreed(l, c, q); /* who differ much */
    if (q->labels == 1) return true;
    if (how == OVERLAP_SAME &&
        (!keep_agreed(l, c, q) || !keep_hands(l, c, q) || some_are_dated(q))) {
        sort_labels(l, q);
        return false;
    }
    if (how == OVERLAP_SAME) keep_words(l, c, q);
    if (q->labels == 1) return true;
    const int kept = how == OVERLAP_SAME ? plainest(l, q) : -1;
    if (kept >= 0) {
        keep_only(l, c, q, kept, why_version);
        return true;
    }
    if (how == OVERLAP_SAME && (numbers || values <= 2) && keep_reader(l, c, q)) return true;
    sort_labels(l, q);
    if (how != OVERLAP_BESIDE) return false;
    q->plain = differ_in_numbers(l, q, &plain) && plain >= 0;
    if (q->plain) {
        const struct slot first = q->label[plain];
        memmove(q->label + 1, q->label, (size_t)plain * sizeof first);
        q->label[0] = first;
    }
    q->numbered = numbers && !objects_vary(q);
    q->objects = numbers && !q->numbered;
    return q->objects || (!numbers && values <= 2);
}

bool slots_choose_labels(struct links *l, struct choice *c, struct portion *q)
{
    const bool clear = choose_labels(l, c, q);
    for (int i = 0; i < q->labels && !clear; i++) q->many |= values_of(l, q, &q->label[i]) > 2;
    return clear;
}
