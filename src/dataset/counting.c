/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/counting.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"

enum { NUMBERS = 8 }; /* of a name */
enum { DIGITS = 9 };  /* of a number; those before them count as text */

/* A file as one of a series: files whose names differ in one number alone. */
struct counted {
    uint64_t series;
    long number;
    bool label;
    int file;
};

/* What cases share in the name of a file, without the zeros that begin numbers. */
struct shared_name {
    char text[PATH_MAX + PATTERN_VARS];
    int length, file;
    bool label;
    uint64_t part;
};

struct count_check {
    struct counting *c;
    struct counted *list;
    int count;
    /* over all series: pairs of equal numbers, and of numbers that differ by -1 and 1; the most
     * that there can be */
    int equal, moved[2], most;
    int series, from_zero[2]; /* those where images count from 0 and labels from 1; the reverse */
};

static bool counting_take_name(
    const struct tree *t, const struct reading *r, int i, struct shared_name *n)
{
    const struct tree_file *file = &t->file[i];
    struct fit f = {.part = 0};
    if (!reading_fits(r, file, &f)) return false;
    n->length = 0;
    n->file = i;
    n->label = f.label;
    n->part = (uint64_t)f.part;
    for (int v = 0; v < PATTERN_VARS; v++) {
        if (!(r->part[f.part].shared >> v & 1) || !f.got[v].text) continue;
        n->length += names_drop_zeros(f.got[v], n->text + n->length, NULL);
        n->text[n->length++] = '/';
    }
    return true;
}

/* The n-th number from the end, if there is one. */
static bool counting_find_number(const struct shared_name *name, int n, int *from, int *end)
{
    *end = name->length;
    for (*from = *end; n >= 0; n--) {
        for (*end = *from; *end > 0 && !text_is_digit(name->text[*end - 1]);) --*end;
        for (*from = *end; *from > 0 && text_is_digit(name->text[*from - 1]);) --*from;
    }
    if (*end - *from > DIGITS) *from = *end - DIGITS;
    return *from < *end;
}

static bool counting_take_number(const struct shared_name *name, int n, struct counted *c)
{
    int from, end;
    if (!counting_find_number(name, n, &from, &end)) return false;
    const uint64_t h = fnv_bytes(FNV_START ^ name->part, name->text, from);
    *c = (struct counted){fnv_bytes(fnv_byte(h, 0), name->text + end, name->length - end),
        strtol(name->text + from, NULL, 10), name->label, name->file};
    return true;
}

static int order_counted(const void *a, const void *b)
{
    const struct counted *x = a, *y = b;
    if (x->series != y->series) return x->series < y->series ? -1 : 1;
    if (x->label != y->label) return x->label - y->label;
    if (x->number != y->number) return x->number < y->number ? -1 : 1;
    return x->file - y->file;
}

/* Channels of an image, and masks of a case, have one number. */
static void drop_equal(struct count_check *x)
{
    int left = 0;
    for (int i = 0; i < x->count; i++) {
        const struct counted *a = &x->list[i], *b = left ? &x->list[left - 1] : NULL;
        if (b && a->series == b->series && a->label == b->label && a->number == b->number) continue;
        x->list[left++] = *a;
    }
    x->count = left;
}

/* ---- one series */

struct series {
    const struct counted *image, *label; /* sorted by number */
    int images, labels;
};

/* Images whose number plus `move` is that of a label. */
static int pairs_moved(const struct series *s, long move)
{
    int count = 0;
    for (int i = 0, k = 0; i < s->images && k < s->labels;) {
        const long a = s->image[i].number + move, b = s->label[k].number;
        count += a == b;
        i += a <= b;
        k += b <= a;
    }
    return count;
}

/* More pairs, and nearly as many as there can be. */
static bool explains_more(int moved, int equal, int most)
{
    return equal > 0 && moved > equal && 5 * moved >= 4 * most;
}

static const struct counted *first_alone(
    const struct counted *a, int count, const struct counted *b, int others)
{
    for (int i = 0, k = 0; i < count; i++) {
        while (k < others && b[k].number < a[i].number) k++;
        if (k == others || b[k].number != a[i].number) return &a[i];
    }
    return NULL;
}

/* Names two files: if there are any, the first of those without a partner. */
static void doubt_series(struct counting *c, const struct series *s, bool alone)
{
    const struct counted *image = s->image, *label = s->label;
    if (alone) {
        image = first_alone(s->image, s->images, s->label, s->labels);
        label = first_alone(s->label, s->labels, s->image, s->images);
        if (!image || !label) return;
    }
    if (c->image < 0 || alone > c->alone || (alone == c->alone && image->file < c->image))
        *c = (struct counting){c->doubtful, alone, image->file, label->file};
}

static void take_series(struct count_check *x, const struct series *s)
{
    const long first = s->label->number - s->image->number,
               last = s->label[s->labels - 1].number - s->image[s->images - 1].number,
               move[] = {1, -1, first, last};
    const int equal = pairs_moved(s, 0), most = min_int(s->images, s->labels);
    bool more = false;
    for (int i = 0; i < 4; i++) more |= explains_more(pairs_moved(s, move[i]), equal, most);
    x->equal += equal;
    x->most += most;
    for (int i = 0; i < 2; i++) x->moved[i] += pairs_moved(s, move[i]);
    x->series++;
    for (int i = 0; i < 2; i++)
        x->from_zero[i] += first == move[i] && pairs_moved(s, move[i]) >= equal &&
            (i ? s->label : s->image)->number == 0;
    if (more || first) doubt_series(x->c, s, more || pairs_moved(s, first) > equal);
    x->c->doubtful |= more;
}

static void take_all_series(struct count_check *x)
{
    x->equal = x->most = x->series = 0;
    memset(x->moved, 0, sizeof x->moved);
    memset(x->from_zero, 0, sizeof x->from_zero);
    x->c->image = x->c->label = -1;
    for (int i = 0, middle, end; i < x->count; i = end) {
        const uint64_t series = x->list[i].series;
        for (middle = i;
             middle < x->count && x->list[middle].series == series && !x->list[middle].label;)
            middle++;
        for (end = middle; end < x->count && x->list[end].series == series;) end++;
        if (middle > i && end > middle)
            take_series(
                x, &(struct series){&x->list[i], &x->list[middle], middle - i, end - middle});
    }
    for (int i = 0; i < 2; i++)
        x->c->doubtful |= explains_more(x->moved[i], x->equal, x->most) ||
            (x->series > 1 && x->from_zero[i] == x->series);
}

static att_status check_numbers(struct count_check *x, const struct tree *t,
    const struct reading *r, struct shared_name *name, struct err *e)
{
    bool more = true;
    TRY(MEM_ARRAY(x->list, t->count, "the numbers of files", e));
    for (int n = 0; n < NUMBERS && more && !x->c->doubtful; n++) {
        x->count = 0;
        for (int i = 0; i < t->count; i++)
            x->count += counting_take_name(t, r, i, name) &&
                counting_take_number(name, n, &x->list[x->count]);
        more = x->count > 0;
        if (more) qsort(x->list, (size_t)x->count, sizeof *x->list, order_counted);
        drop_equal(x);
        take_all_series(x);
    }
    x->c->doubtful &= x->c->image >= 0;
    return ATT_OK;
}

att_status counting_check(const struct tree *t, const struct reading *r,
    const struct paired_list *l, struct counting *c, struct err *e)
{
    struct shared_name *name;
    struct count_check x = {.c = c};
    *c = (struct counting){.image = -1, .label = -1};
    if (!l->count || (!l->unlabelled && !l->imageless)) return ATT_OK;
    TRY(MEM_NEW(name, "the numbers of files", e));
    att_status status = check_numbers(&x, t, r, name, e);
    mem_free(x.list);
    mem_free(name);
    return status;
}
