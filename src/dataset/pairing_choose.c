/* SPDX-License-Identifier: Apache-2.0 */
/* Gather what belongs to the images of the best link, and choose among several channels and
 * labels (pairing_slots.c); then continue with the other files. */
#include "dataset/pairing_choose.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/pairing_overlap.h"
#include "dataset/pairing_slots.h"

int slot_node(const struct portion *q, const struct slot *s, bool label, int image)
{
    if (label) return s->link->t->target[image];
    const int node = q->main->t->target[image];
    if (node < 0) return -1;
    return s->link == q->main ? image : s->link->image[node];
}

int slot_file(
    const struct links *l, const struct portion *q, const struct slot *s, bool label, int image)
{
    const int i = slot_node(q, s, label, image);
    if (i < 0) return -1;
    const struct node *n = &l->p->node[i];
    if (!s->inner.length) return n->first;
    for (int k = n->first; k < n->first + n->count; k++) {
        const struct tree_file *f = &l->p->tree->file[k];
        if (f->stem - n->name.length == s->inner.length &&
            memcmp(f->path + n->name.length, s->inner.text, (size_t)s->inner.length) == 0)
            return k;
    }
    return -1;
}

int slot_any_file(const struct links *l, const struct portion *q, const struct slot *s, bool label)
{
    int file = -1;
    for (int i = 0; i < l->p->count && file < 0; i++) file = slot_file(l, q, s, label, i);
    return file;
}

/* How a link stands to another one: pairs of q with an image, or label, of m, and with one in the
 * wrong place. */
struct relation {
    int images, labels, crossed;
};

static struct relation relate(const struct pairing *p, const struct link *m, const struct link *q)
{
    struct relation r = {0, 0, 0};
    for (int i = 0; i < p->count; i++) {
        const int k = q->t->target[i];
        if (k < 0) continue;
        r.images += m->t->target[i] >= 0;
        r.labels += m->image[k] >= 0;
        r.crossed += m->image[i] >= 0 || m->t->target[k] >= 0;
    }
    return r;
}

struct chooser {
    struct links *l;
    struct choice *c;
    struct link_kind *kind;
    bool *used; /* by node */
    int *cost;  /* by node: the least among links with many pairs */
};

/* Two labels are no image and label, where one of them has an image, nor is an overlay an image. */
static bool is_second_link(const struct link *q)
{
    return q->doubtful || q->image_words.rank == WORDS_RESULT;
}

static bool counts_for(const struct link *q, int i, const bool *clear)
{
    const bool has = q->t->target[i] >= 0 || q->image[i] >= 0;
    return has && !(is_second_link(q) && clear[i]);
}

static att_status find_costs(struct chooser *x, struct err *e)
{
    const int count = x->l->p->count;
    int *most;
    bool *clear;
    TRY(MEM_ARRAY(x->cost, count, "the pairs of files", e));
    TRY(MEM_ARRAY(most, count, "the pairs of files", e));
    if (MEM_ARRAY(clear, count, "the pairs of files", e) != ATT_OK) {
        mem_free(most);
        return ATT_MEMORY;
    }
    for (int k = 0; k < x->l->count; k++)
        for (int i = 0; i < count && !is_second_link(&x->l->link[k]); i++)
            clear[i] |= counts_for(&x->l->link[k], i, clear);
    for (int round = 0; round < 2; round++)
        for (int k = 0; k < x->l->count; k++) {
            const struct link *q = &x->l->link[k];
            for (int i = 0; i < count; i++) {
                if (!counts_for(q, i, clear)) continue;
                if (round == 0 && q->count > most[i]) most[i] = q->count;
                if (round == 1 && 2 * q->count >= most[i] && (!x->cost[i] || q->cost < x->cost[i]))
                    x->cost[i] = q->cost;
            }
        }
    mem_free(clear);
    mem_free(most);
    return ATT_OK;
}

/* Most of its labels, or images, have no partner that differs in fewer words. */
static bool is_nearest(const struct chooser *x, const struct link *q, bool labels)
{
    int near = 0;
    for (int i = 0; i < x->l->p->count; i++) {
        if ((labels ? q->image[i] : q->t->target[i]) < 0) continue;
        const struct node *n = &x->l->p->node[i];
        bool nearest = x->cost[i] >= q->cost;
        for (int k = n->first; n->count > 1 && k < n->first + n->count; k++)
            nearest &= !x->cost[k] || x->cost[k] >= q->cost; /* the files of a folder */
        near += nearest;
    }
    return 2 * near >= q->count;
}

/* Pairs of files that no portion has. */
static int unused_pairs(const struct chooser *x, const struct link *q)
{
    int count = 0;
    for (int i = 0; i < x->l->p->count; i++)
        count += q->t->target[i] >= 0 && !x->used[i] && !x->used[q->t->target[i]];
    return count;
}

static void use_node(struct chooser *x, int i)
{
    const struct node *n = &x->l->p->node[i];
    x->used[i] = true;
    for (int k = n->first; n->count > 1 && k < n->first + n->count; k++) x->used[k] = true;
}

static void use_link(struct chooser *x, const struct link *q)
{
    for (int i = 0; i < x->l->p->count; i++)
        if (q->t->target[i] >= 0) {
            use_node(x, i);
            use_node(x, q->t->target[i]);
        }
}

/* Most of its images have labels that the portion has: where each class has a file only for the
 * images that show it, few images have two given ones. */
static bool joins_labels(const struct chooser *x, const struct portion *q, const struct link *m)
{
    int images = 0;
    for (int i = 0; i < x->l->p->count; i++) {
        bool has = false;
        for (int s = 0; s < q->labels && !has && m->t->target[i] >= 0; s++)
            has = q->label[s].link->t->target[i] >= 0;
        images += has;
    }
    return 2 * images >= m->count;
}

/* Of the same images, with a word of its own. */
static bool is_rare_class(const struct link *m, const struct link *first)
{
    return pattern_same(&m->t->from, &first->t->from) && words_missing(&m->t->to, &first->t->to);
}

static att_status gather_labels(
    struct chooser *x, struct portion *q, const struct link *first, struct err *e)
{
    TRY(slots_add_label(x->l, q, first, e));
    for (int k = 0; k < x->l->count; k++) {
        const struct link *m = &x->l->link[k];
        if (m == first) continue;
        const struct relation r = relate(x->l->p, first, m);
        if (r.crossed || r.labels || !joins_labels(x, q, m) ||
            (4 * m->count < first->count && !is_rare_class(m, first)) ||
            (m->count < 2 && first->count > 1) || !is_nearest(x, m, true))
            continue;
        bool again = false;
        for (int s = 0; s < q->labels && !again; s++)
            again = relate(x->l->p, q->label[s].link, m).labels > 0;
        if (!again) TRY(slots_add_label(x->l, q, m, e));
    }
    return ATT_OK;
}

/* The letters before a variable in a base name, but for words such as "image". */
static struct span choose_letters_before(const struct pattern *p, int var)
{
    for (int i = 1; i < p->count; i++) {
        const struct span s = p->piece[i - 1].text;
        int from = s.length;
        if (p->piece[i].var != var || p->piece[i - 1].var >= 0) continue;
        while (from > 0 && !strchr("/_-. ", s.text[from - 1]) && !text_is_digit(s.text[from - 1]))
            from--;
        const struct span word = {s.text + from, s.length - from};
        const struct words w = words_of_text(word);
        if (!w.label && !w.mask && !w.image) return word;
    }
    return (struct span){"", 0};
}

/* Of the last variable only a part of a word is common, as in "n1" and "t1", which are two cases
 * where "t1" has an image of its own. */
static bool is_torn(const struct link *m)
{
    int last = -1;
    for (int i = 0; i < m->t->from.count; i++)
        if (m->t->from.piece[i].var >= 0) last = m->t->from.piece[i].var;
    return last >= 0 &&
        !span_same_letters(
            choose_letters_before(&m->t->from, last), choose_letters_before(&m->t->to, last));
}

/* What is nearer to its images is a label that many of them lack: "adc_tumor" beside "t2_anatomy".
 */
static bool has_rare_label(const struct chooser *x, const struct link *m)
{
    int without = 0;
    for (int i = 0; i < x->l->p->count; i++)
        without += m->t->target[i] >= 0 && x->cost[i] >= m->cost;
    return !x->c->portions && 5 * without >= m->count;
}

static void gather_images(struct chooser *x, struct portion *q)
{
    const bool torn = is_torn(q->main);
    slots_add_image(q, q->main);
    for (int k = 0; k < x->l->count; k++) {
        const struct link *m = &x->l->link[k];
        if (m == q->main) continue;
        const struct relation r = relate(x->l->p, q->main, m);
        if (r.crossed || r.images || 2 * r.labels < m->count || 4 * m->count < 3 * q->main->count ||
            (m->cost > q->main->cost && !is_nearest(x, m, false) && !has_rare_label(x, m)) ||
            (!torn && is_torn(m)))
            continue;
        bool again = false;
        for (int s = 0; s < q->images && !again; s++)
            again = relate(x->l->p, q->image[s].link, m).images > 0;
        if (!again) slots_add_image(q, m);
    }
}

/* All files that `first` and what belongs to it account for. */
static att_status count_files(
    struct chooser *x, const struct link *first, struct portion *q, int *files, struct err *e)
{
    *q = (struct portion){.main = first};
    TRY(gather_labels(x, q, first, e));
    gather_images(x, q);
    *files = 0;
    for (int s = 0; s < q->labels; s++) *files += q->label[s].count;
    for (int s = 0; s < q->images; s++) *files += q->image[s].count;
    return ATT_OK;
}

static att_status add_portion(struct chooser *x, const struct link *first, struct err *e)
{
    struct choice *c = x->c;
    struct portion *q = &c->portion[c->portions];
    *q = (struct portion){.main = first};
    TRY(gather_labels(x, q, first, e));
    for (int s = 0; s < q->labels; s++) use_link(x, q->label[s].link);
    if (!c->portions) {
        mem_free(c->first);
        TRY(MEM_ARRAY(c->first, q->labels + 1, "the labels of a case", e));
        memcpy(c->first, q->label, (size_t)q->labels * sizeof *c->first);
        c->gathered = q->labels;
    }
    const bool clear_labels = slots_choose_labels(x->l, c, q);
    q->main = q->label[0].link;
    for (int i = 0; i < q->labels && !clear_labels; i++) /* the question names its images */
        if (q->label[i].link == first) q->main = first;
    gather_images(x, q);
    for (int s = 0; s < q->images; s++) use_link(x, q->image[s].link);
    const bool clear_images = slots_choose_images(x->l, c, q);
    const int rank = q->image[0].words.rank, label = q->label[0].words.rank;
    /* such as overlays, or labels by a program beside others by hand */
    if (x->kind->known && (rank > x->kind->rank || label > x->kind->label)) return ATT_OK;
    q->unclear_labels = !clear_labels;
    q->unclear_images = !clear_images;
    c->portions++;
    if (!x->kind->known)
        *x->kind = (struct link_kind){true, rank, label, q->main->t->from, q->main->t->to};
    return ATT_OK;
}

/* Labels of the same kind have a word in common: "mask" in two parts of a set; or they are those of
 * other images of the same folder (found_parts.c asks). */
static bool same_kind(const struct link *a, const struct link_kind *b)
{
    return words_shared(&a->t->to, &b->to) || pattern_same(&a->t->from, &b->from) ||
        (!a->label_words.count && !words_of(&b->to).count && words_shared(&a->t->from, &b->from));
}

/* The files in each of its folders have names of their own, but overlap: they are no objects of one
 * image, but labels of several. */
static bool holds_other_images(const struct chooser *x, const struct link *q)
{
    enum { LEAST = 3, FOLDERS = 2 };
    const struct pairing *p = x->l->p;
    int first[FOLDERS], folders = 0;
    for (int i = 0; i < p->count && q->folder && folders < FOLDERS; i++) {
        const struct node *n = q->t->target[i] < 0 ? NULL : &p->node[q->t->target[i]];
        if (n && n->count >= LEAST) first[folders++] = n->first;
    }
    const struct tree_file *file = p->tree->file;
    if (folders < FOLDERS ||
        !span_order(span_base(tree_name(&file[first[0]])), span_base(tree_name(&file[first[1]]))))
        return false;
    for (int i = 0; i < FOLDERS * (LEAST - 1); i++) {
        struct contents_shared s;
        const int k = first[i % FOLDERS] + i / FOLDERS;
        if (!overlap_share(x->l, k, k + 1, &s) || 4 * s.both < fmin(s.first, s.second))
            return false;
    }
    return true;
}

/* One pair is a reading only if there is hardly more. */
static bool is_enough(const struct chooser *x, const struct link *q, int pairs)
{
    enum { TINY = 6 };
    if (pairs < 2 && (x->kind->known || x->l->p->tree->count > TINY)) return false;
    if (!is_nearest(x, q, true) || !is_nearest(x, q, false)) return false;
    if (holds_other_images(x, q)) return false;
    if (q->doubtful) return !x->kind->known && 5 * pairs >= 2 * x->l->p->tree->count;
    return !x->kind->known || (2 * pairs >= q->count && same_kind(q, x->kind));
}

/* Overlays in the place of images, or predictions in that of labels. */
static bool is_result(const struct link *k)
{
    return k->image_words.rank == WORDS_RESULT || k->label_words.rank == WORDS_RESULT;
}

/* The most pairs of a link whose files are named as results, or of one whose are not. */
static int count_most(const struct chooser *x, bool results)
{
    int most = 0;
    for (int k = 0; k < x->l->count; k++) {
        const struct link *one = &x->l->link[k];
        const int pairs = unused_pairs(x, one);
        if (is_result(one) == results && pairs > most && is_enough(x, one, pairs)) most = pairs;
    }
    return most;
}

/* Of the links with many pairs, the one that accounts for most files; NULL: none is left. Maps and
 * overlays of each reader pair with more labels than their images, but are none. */
static att_status find_best_link(struct chooser *x, const struct link **best, struct err *e)
{
    enum { TRIED = 6 };
    const int results = count_most(x, true), images = count_most(x, false);
    const bool all = 4 * images < results;
    const int most = all ? results : images;
    int files = 0, tried = 0;
    *best = NULL;
    for (int k = 0; k < x->l->count && tried < TRIED && most; k++) {
        const struct link *one = &x->l->link[k];
        const int pairs = unused_pairs(x, one);
        int its;
        if (!all && is_result(one)) continue;
        if (2 * pairs < most || !is_enough(x, one, pairs)) continue;
        tried++;
        TRY(count_files(x, one, &x->c->portion[x->c->portions], &its, e));
        if (its <= files) continue;
        *best = one;
        files = its;
    }
    return ATT_OK;
}

static att_status choose_all(struct chooser *x, struct err *e)
{
    struct choice *c = x->c;
    TRY(MEM_ARRAY(c->portion, PORTIONS, "the pairs of files", e));
    TRY(MEM_ARRAY(x->used, x->l->p->count, "the pairs of files", e));
    TRY(find_costs(x, e));
    while (c->portions < PORTIONS) {
        const struct link *best;
        TRY(find_best_link(x, &best, e));
        if (!best) return ATT_OK;
        TRY(add_portion(x, best, e));
    }
    return ATT_OK;
}

att_status pairing_choice_make(
    struct links *l, struct link_kind *kind, struct choice *c, struct err *e)
{
    struct chooser x = {.l = l, .c = c, .kind = kind};
    *c = (struct choice){.portions = 0};
    att_status status = l->count ? choose_all(&x, e) : ATT_OK;
    mem_free(x.cost);
    c->used = x.used; /* nodes of files come first, in their order */
    if (status != ATT_OK) pairing_choice_free(c);
    return status;
}

void pairing_choice_free(struct choice *c)
{
    mem_free(c->portion);
    mem_free(c->used);
    mem_free(c->first);
    *c = (struct choice){.portions = 0};
}
