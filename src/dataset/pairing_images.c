/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for several images of the same cases: channels, or versions of one. */
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "dataset/pairing_overlap.h"
#include "dataset/pairing_slots.h"

static const char why_grid[] = "images of another size than the labels",
                  why_picture[] = "files of another version of the images",
                  why_cut[] = "images cut out along the labels, which they would show",
                  why_values[] = "files with the values of labels, beside images",
                  why_unlabelled[] = "images named as unlabelled, beside others",
                  why_result[] = "files named as results, beside images";

static int by_slot_name(const void *a, const void *b, void *names)
{
    const struct span *name = names;
    return span_order(name[*(const int *)a], name[*(const int *)b]);
}

static void sort_images(const struct links *l, struct portion *q)
{
    struct span name[DATASET_CHANNELS];
    struct slot sorted[DATASET_CHANNELS];
    int order[DATASET_CHANNELS];
    for (int i = 0; i < q->images; i++) {
        order[i] = i;
        name[i] = slot_name(l, q, &q->image[i], false);
    }
    qsort_r(order, (size_t)q->images, sizeof *order, by_slot_name, name);
    for (int i = 0; i < q->images; i++) sorted[i] = q->image[order[i]];
    memcpy(q->image, sorted, (size_t)q->images * sizeof *sorted);
}

/* The names of two images of one case; false: no case has both. */
static bool names_of_case(
    const struct links *l, const struct portion *q, int a, int b, struct span *x, struct span *y)
{
    for (int i = 0; i < l->p->count; i++) {
        const int first = slot_file(l, q, &q->image[a], false, i),
                  other = slot_file(l, q, &q->image[b], false, i);
        if (first < 0 || other < 0) continue;
        *x = tree_name(&l->p->tree->file[first]);
        *y = tree_name(&l->p->tree->file[other]);
        return true;
    }
    return false;
}

/* Images of the labels' size, if some are. */
static void keep_size(struct links *l, struct choice *c, struct portion *q)
{
    bool fits[DATASET_CHANNELS] = {false}, any = false, all = true;
    int first = 0;
    while (first < l->p->count && q->main->t->target[first] < 0) first++;
    const int file = slot_file(l, q, &q->label[0], true, first);
    if (file < 0) return;
    const struct contents label = *links_look(l, file);
    for (int i = 0; i < q->images; i++) {
        const int one = slot_file(l, q, &q->image[i], false, first);
        const struct contents *m = one < 0 ? NULL : links_look(l, one);
        fits[i] = !m || !m->channels || !label.channels ||
            (memcmp(m->size, label.size, sizeof m->size) == 0 &&
                (m->channels == 1 || m->size[0] == 1));
        any |= fits[i];
        all &= fits[i];
    }
    for (int i = q->images - 1; i >= 0 && any && !all; i--)
        if (!fits[i]) slots_put_aside(l, c, q, false, i, why_grid);
}

/* What samples of images in a slot hold; labels may be thin, as centre lines are, or maps of
 * probabilities. */
static enum content content_of(struct links *l, const struct portion *q, const struct slot *s)
{
    enum { FEW_VALUES = 32, ASKED = 4 };
    enum content found = CONTENT_UNKNOWN;
    const int step = divide_up(q->main->count, ASKED);
    for (int i = 0, k = 0, run = 0; i < l->p->count && found != CONTENT_IMAGE; i++) {
        const int file = slot_file(l, q, s, false, i);
        if (file < 0 || k++ != pairing_sample(run, step)) continue;
        run++;
        struct contents c = *links_look(l, file);
        if (!c.values) l->eyes->look(l->eyes->arg, l->p->tree->file[file].path, true, &c);
        if (c.kind == CONTENT_UNKNOWN && c.values > 1 && c.values <= FEW_VALUES)
            c.kind = CONTENT_LABEL;
        if (c.map) c.kind = CONTENT_LABEL;
        if (c.kind != CONTENT_UNKNOWN) found = c.kind;
    }
    return found;
}

static bool is_unlabelled(const struct links *l, const struct portion *q, int image)
{
    return words_of_text(slot_name(l, q, &q->image[image], false)).unlabelled;
}

/* Images of other cases, whose numbers may be those of labelled ones. */
static void drop_unlabelled(struct links *l, struct choice *c, struct portion *q)
{
    bool labelled = false;
    for (int i = 0; i < q->images; i++) labelled |= !is_unlabelled(l, q, i);
    for (int i = q->images - 1; i >= 0 && labelled; i--)
        if (is_unlabelled(l, q, i)) slots_put_aside(l, c, q, false, i, why_unlabelled);
}

/* Labels show where to find others. */
static void drop_labels(struct links *l, struct choice *c, struct portion *q)
{
    enum content holds[DATASET_CHANNELS];
    bool image = false;
    for (int i = 0; i < q->images; i++) {
        holds[i] = content_of(l, q, &q->image[i]);
        image |= holds[i] == CONTENT_IMAGE;
    }
    for (int i = q->images - 1; i >= 0 && image; i--)
        if (holds[i] == CONTENT_LABEL) slots_put_aside(l, c, q, false, i, why_values);
}

/* Two folders with the same names: processed ones win over raw ones. */
static bool keep_folder(struct links *l, struct choice *c, struct portion *q)
{
    bool twice = false, raw = false, own = false, names = false;
    for (int i = 0; i < q->images; i++) {
        const struct span a = span_base(slot_name(l, q, &q->image[i], false));
        for (int k = 0; k < i; k++) {
            const bool same = !span_order(a, span_base(slot_name(l, q, &q->image[k], false)));
            twice |= same;
            names |= !same;
        }
        raw |= q->image[i].words.raw;
        own |= !q->image[i].words.raw;
    }
    if (!twice) return true;
    if (!names) { /* T1/case, T2/case */
        for (int i = 0; i < q->images; i++)
            if (!q->image[i].words.channel) return false;
        return true;
    }
    for (int i = q->images - 1; i >= 0 && raw && own; i--)
        if (q->image[i].words.raw) slots_put_aside(l, c, q, false, i, why_picture);
    return raw && own && keep_folder(l, c, q);
}

/* A skull-stripped image shows the mask of the brain to the network; where it is the only one, so
 * be it. */
static void drop_cut(struct links *l, struct choice *c, struct portion *q)
{
    bool cut[DATASET_CHANNELS], all = true;
    for (int i = 0; i < q->images; i++) all &= cut[i] = overlap_is_cut(l, q, i);
    for (int i = q->images - 1; i >= 0 && !all; i--)
        if (cut[i]) slots_put_aside(l, c, q, false, i, why_cut);
}

/* Of two images that differ in words of processing, the plain one; false: neither is. */
static bool drop_versions(struct links *l, struct choice *c, struct portion *q)
{
    bool clear = true;
    for (int i = q->images - 1; i >= 0; i--) {
        bool dropped = false;
        for (int k = 0; k < q->images && !dropped; k++) {
            struct span a, b;
            int more;
            if (k == i || !names_of_case(l, q, k, i, &a, &b) || !words_are_versions(a, b, &more))
                continue;
            dropped = more > 0;
            clear &= more != 0;
        }
        if (dropped) slots_put_aside(l, c, q, false, i, why_picture);
    }
    return clear;
}

/* In samples of all cases, one of two images has something drawn over it, which slot->over then
 * says. */
static bool seems_drawn_over(const struct links *l, struct portion *q, int a, int b)
{
    enum { ASKED = 3 };
    const int step = divide_up(q->main->count, ASKED);
    int run = 0, first = 0;
    for (int i = 0, k = 0; i < l->p->count && run < ASKED; i++) {
        const int x = slot_file(l, q, &q->image[a], false, i),
                  y = slot_file(l, q, &q->image[b], false, i);
        if (x < 0 || y < 0 || k++ != pairing_sample(run, step)) continue;
        run++;
        const struct tree_file *file = l->p->tree->file;
        const enum content_drawn over = l->eyes->drawn(l->eyes->arg, file[x].path, file[y].path);
        if (over == DRAWN_NOT) return false;
        first += over == DRAWN_FIRST;
    }
    if (run) q->image[2 * first > run ? a : b].over = true;
    return run > 0;
}

/* Overlays of labels, which have colours, show where these are. */
static bool some_are_drawn(struct links *l, struct portion *q)
{
    bool coloured[DATASET_CHANNELS] = {false}, some = false;
    for (int i = 0; i < q->images && q->images > 1 && l->eyes->drawn; i++) {
        const int file = slot_any_file(l, q, &q->image[i], false);
        coloured[i] = file >= 0 && links_look(l, file)->channels > 1;
        for (int k = 0; k < i; k++)
            if ((coloured[i] || coloured[k]) && seems_drawn_over(l, q, k, i)) some = true;
    }
    return some;
}

/* Colours and numbers set only labels apart: "rgb" and "nir" are two images. Beside labels `hard`,
 * a folder `soft` holds probabilities. */
static int image_rank(const struct portion *q, const struct slot *s)
{
    const int rank = s->words.rank;
    for (int i = 0; i < q->labels && s->words.soft; i++)
        if (q->label[i].words.hard) return WORDS_RESULT;
    return rank == WORDS_RESULT || rank == 1 ? rank : 0;
}

/* As Fiji does; or images are those of two times. */
static bool are_counted(const struct links *l, const struct portion *q)
{
    bool counted = q->images > 1;
    for (int i = 1; i < q->images && counted; i++) {
        struct span a, b;
        counted = names_of_case(l, q, 0, i, &a, &b) && words_count_channels(a, b);
    }
    return counted;
}

bool slots_choose_images(struct links *l, struct choice *c, struct portion *q)
{
    int best = 1000;
    for (int i = 0; i < q->images; i++) best = min_int(best, image_rank(q, &q->image[i]));
    for (int i = q->images - 1; i >= 0; i--)
        if (image_rank(q, &q->image[i]) > best)
            slots_put_aside(l, c, q, false, i,
                image_rank(q, &q->image[i]) == WORDS_RESULT ? why_result : why_picture);
    drop_unlabelled(l, c, q);
    if (q->images > 1) drop_labels(l, c, q);
    if (q->images > 1) keep_size(l, c, q);
    if (q->images > 1) drop_cut(l, c, q);
    if (q->images > 1) keep_folder(l, c, q); /* before it takes raw files for the plain ones */
    const bool plain = q->crowded || drop_versions(l, c, q);
    const bool counted = are_counted(l, q);
    bool clear = q->images == 1 || counted || keep_folder(l, c, q);
    q->drawn = some_are_drawn(l, q) || !plain;
    for (int i = 0; i < q->images && q->images > 1; i++) {
        const int file = slot_any_file(l, q, &q->image[i], false);
        const struct contents *m = file < 0 ? NULL : links_look(l, file);
        q->coloured |= m && m->channels > 1;
        clear &=
            !m || counted || (m->channels == 1 && (m->size[0] > 1 || q->image[i].words.channel));
    }
    sort_images(l, q);
    return clear && !q->crowded && !q->drawn;
}
