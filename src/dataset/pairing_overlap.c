/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/pairing_overlap.h"

#include "base/ints.h"
#include "base/mem.h"
#include "format/joined.h"

/* Cases with something in both labels; how many are read for each of them; pairs of labels. */
enum { CASES_ASKED = 6, READS = 4, PAIRS_ASKED = 10, CASES_LEAST = 2 };

bool overlap_share(const struct links *l, int a, int b, struct contents_shared *s)
{
    return l->eyes->share(l->eyes->arg, l->p->tree->file[a].path, l->p->tree->file[b].path, s);
}

/* What holds in all samples. */
struct gathered {
    int samples;
    bool same, beside, first_within, second_within, unequal, told;
    bool whole; /* one marks what the other leaves, so that no background remains */
};

/* All of a mask but a little, and far less than what the other has alone: two readers differ on
 * both sides. */
static bool lies_within(double own, double other, double both)
{
    const double out = own - both, left = other - both;
    return out <= .05 * own && out <= .1 * left;
}

static void take_sample(struct gathered *g, const struct contents_shared *s)
{
    const double less = s->first < s->second ? s->first : s->second;
    g->samples++;
    g->same &= s->both > .5 * (s->first + s->second - s->both);
    g->beside &= s->both <= .1 * less;
    g->first_within &= lies_within(s->first, s->second, s->both);
    g->second_within &= lies_within(s->second, s->first, s->both);
    g->unequal |= s->both < s->first || s->both < s->second;
    g->whole &= s->first + s->second - s->both >= s->voxels;
    g->told &= s->untold <= .05 * s->second;
}

/* The cases that have both, or NULL. */
static int *list_cases(const struct links *l, const struct portion *q, int a, int b, int *count)
{
    int *list = mem_array((size_t)l->p->count + 1, sizeof *list);
    *count = 0;
    for (int i = 0; i < l->p->count && list; i++)
        if (slot_file(l, q, &q->label[a], true, i) >= 0 &&
            slot_file(l, q, &q->label[b], true, i) >= 0)
            list[(*count)++] = i;
    return list;
}

/* Samples of the whole set; where a mask is empty, the next case of its run. */
static struct gathered overlap_sample(
    struct links *l, const struct portion *q, int a, int b, int most)
{
    struct gathered g = {0, true, true, true, true, false, true, true};
    int count, read = 0;
    int *list = list_cases(l, q, a, b, &count);
    const int step = divide_up(count, most);
    for (int round = 0; round < step && g.samples < most; round++)
        for (int from = 0; from < count && g.samples < most && read < READS * most; from += step) {
            const int at = pairing_sample(from / step, step) - from + round,
                      k = from + (at < step ? at : at - step);
            struct contents_shared s;
            if (k >= count) continue;
            const int x = slot_file(l, q, &q->label[a], true, list[k]),
                      y = slot_file(l, q, &q->label[b], true, list[k]);
            read++;
            if (overlap_share(l, x, y, &s) && s.first > 0 && s.second > 0) take_sample(&g, &s);
        }
    mem_free(list);
    return g;
}

static enum overlap overlap_judge(const struct gathered *g)
{
    if (!g->samples) return OVERLAP_UNREAD;
    if (g->unequal && (g->first_within || g->second_within)) return OVERLAP_WITHIN;
    return g->same ? OVERLAP_SAME : g->beside && !g->whole ? OVERLAP_BESIDE : OVERLAP_WITHIN;
}

/* The first file of a slot that is there holds no labels. */
static bool holds_image(struct links *l, const struct portion *q, int label)
{
    const int file = slot_any_file(l, q, &q->label[label], true);
    return file >= 0 && links_look(l, file)->kind == CONTENT_IMAGE;
}

struct overlap_facts overlap_find(struct links *l, const struct portion *q, int a, int b)
{
    const struct gathered g = overlap_sample(l, q, a, b, CASES_ASKED);
    const bool any = g.samples > 0;
    return (struct overlap_facts){overlap_judge(&g), any && g.same, any && g.second_within,
        any && g.told, holds_image(l, q, b)};
}

enum overlap overlap_find_all(struct links *l, const struct portion *q)
{
    const int pairs = q->labels * (q->labels - 1) / 2, step = divide_up(pairs, PAIRS_ASKED),
              cases = max_int(
                  CASES_LEAST, min_int(CASES_ASKED, READS * CASES_ASKED / max_int(pairs, 1)));
    enum overlap found = OVERLAP_UNREAD;
    bool unread = false;
    for (int a = 0, k = 0, run = 0; a < q->labels; a++)
        for (int b = a + 1; b < q->labels; b++, k++) {
            if (k != pairing_sample(run, step)) continue;
            run++;
            const struct gathered g = overlap_sample(l, q, a, b, cases);
            const enum overlap one = overlap_judge(&g);
            unread |= one == OVERLAP_UNREAD;
            if (one == OVERLAP_UNREAD) continue;
            if (found != OVERLAP_UNREAD && found != one) return OVERLAP_WITHIN;
            found = one;
        }
    return unread && found == OVERLAP_SAME ? OVERLAP_UNREAD : found;
}

/* ---- images cut out along labels */

/* The files of these labels in a case as masks (joined.h), or NULL. */
static char *overlap_masks(const struct links *l, const struct portion *q, int from, int to, int at)
{
    char *masks = NULL;
    for (int k = from; k < to; k++) {
        const struct slot *s = &q->label[k];
        const int node = slot_node(q, s, true, at), file = slot_file(l, q, s, true, at);
        const int files = node < 0 || s->inner.length ? file >= 0 : l->p->node[node].count;
        for (int i = file; file >= 0 && i < file + files; i++)
            if (!(masks = joined_add(masks, l->p->tree->file[i].path, k + 1))) return NULL;
    }
    return masks;
}

static bool is_cut_along(
    const struct links *l, const struct portion *q, int image, int from, int to)
{
    enum { ASKED = 3 };
    int known = 0;
    const int step = divide_up(q->main->count, CASES_ASKED);
    for (int i = 0, k = 0, run = 0; i < l->p->count && known < ASKED; i++) {
        const int file = slot_file(l, q, &q->image[image], false, i);
        if (file < 0 || k++ != pairing_sample(run, step)) continue;
        run++;
        char *masks = overlap_masks(l, q, from, to, i);
        const enum content_cut cut =
            masks ? l->eyes->cut(l->eyes->arg, l->p->tree->file[file].path, masks) : CUT_UNKNOWN;
        mem_free(masks);
        if (cut == CUT_NOT) return false;
        known += cut == CUT_OUT;
    }
    return known > 0;
}

bool overlap_is_cut(const struct links *l, const struct portion *q, int image)
{
    enum { ALONE = 4 }; /* labels that may be chosen one by one */
    if (!l->eyes->cut) return false;
    bool cut = is_cut_along(l, q, image, 0, q->labels);
    for (int k = 0; k < q->labels && q->labels > 1 && q->labels <= ALONE && !cut; k++)
        cut = is_cut_along(l, q, image, k, k + 1);
    return cut;
}
