/* SPDX-License-Identifier: Apache-2.0 */
/* Join images and labels whose names have the same variables. */
#include "dataset/paired.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"
#include "dataset/paired_names.h"
#include "dataset/pairing.h"
#include "files/file.h"
#include "format/joined.h"

/* A file that fits a pattern. */
struct record {
    int file, part, place;
    bool label, again; /* again: it fits an earlier part, too */
    struct span got[PATTERN_VARS];
};

struct join {
    const struct tree *t;
    const struct reading *r;
    struct paired_list *l;
    struct record *list;
    size_t room;
    int count;
    char *numbers;             /* texts of variables without the zeros that begin numbers */
    char **own[PARTS_MOST][2]; /* by part, side and pattern: what sets it apart */
    bool alone;                /* take images without a label, too */
};

/* By part, then the variables that tell cases apart. */
static int paired_order_cases(
    const struct record *x, const struct record *y, const struct reading *r)
{
    if (x->part != y->part) return x->part - y->part;
    for (int v = 0; v < PATTERN_VARS; v++) {
        const int order = r->part[x->part].shared >> v & 1 ? span_order(x->got[v], y->got[v]) : 0;
        if (order) return order;
    }
    return 0;
}

/* Within a case: images, then labels, each by channel or class. */
static int order_records(const void *a, const void *b, void *arg)
{
    const struct record *x = a, *y = b;
    int order = paired_order_cases(x, y, arg);
    if (!order) order = (x->label > y->label) - (x->label < y->label);
    if (!order) order = x->place - y->place;
    const int var = x->label ? VAR_CLASS : VAR_CHANNEL;
    if (!order) order = span_order(x->got[var], y->got[var]);
    return order ? order : x->file - y->file;
}

static att_status take_records(struct join *j, struct err *e)
{
    for (int i = 0; i < j->t->count; i++) {
        const struct tree_file *t = &j->t->file[i];
        struct fit f = {.part = 0};
        bool again = false, label = false;
        /* parts may share their labels, or their images */
        for (; reading_fits(j->r, t, &f); f.part++) {
            if (again && f.label != label) continue;
            label = f.label;
            TRY(MEM_REACH(j->list, &j->room, (size_t)j->count + 1, "the files of a data set", e));
            struct record *x = &j->list[j->count++];
            *x = (struct record){i, f.part, f.place, f.label, again, {{NULL, 0}}};
            memcpy(x->got, f.got, sizeof f.got);
            again = true;
        }
    }
    return ATT_OK;
}

static void sort_records(struct join *j)
{
    if (j->count) qsort_r(j->list, (size_t)j->count, sizeof *j->list, order_records, (void *)j->r);
}

static int images_first(const void *a, const void *b, void *arg)
{
    const struct record *x = a, *y = b;
    const int order = (x->label > y->label) - (x->label < y->label);
    return order ? order : order_records(a, b, arg);
}

/* Whether the first `images` records, which are sorted, have an image of its case. */
static bool paired_has_image(const struct join *j, int images, const struct record *x)
{
    for (int from = 0, to = images; from < to;) {
        const int middle = from + (to - from) / 2,
                  order = paired_order_cases(&j->list[middle], x, j->r);
        if (!order) return true;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

/* "a_2" may be object 2 of image "a", but it is the label of an image "a_2". Where its pattern has
 * any number, or gives no image, a label takes another pattern that does. */
static void settle_label(const struct join *j, int images, struct record *x)
{
    const struct reading_part *p = &j->r->part[x->part];
    const struct tree_file *t = &j->t->file[x->file];
    const bool has = paired_has_image(j, images, x);
    int best = -1;
    if (p->labels < 2 || (has && !p->label[x->place].any)) return;
    for (int k = 0; k < p->labels; k++) {
        const struct place *label = &p->label[k];
        const int rank = pattern_literals(&label->pattern) + (label->any ? 0 : PATH_MAX);
        struct record other = *x;
        other.place = k;
        if (rank <= best || (has && label->any) || !reading_place_fits(label, t, other.got) ||
            !paired_has_image(j, images, &other))
            continue;
        best = rank;
        *x = other;
    }
}

/* The files that fit, sorted. */
static att_status read_records(struct join *j, struct err *e)
{
    int images = 0;
    bool several = false;
    for (int k = 0; k < j->r->parts; k++) several |= j->r->part[k].labels > 1;
    j->count = 0;
    TRY(take_records(j, e));
    if (several && j->count) {
        qsort_r(j->list, (size_t)j->count, sizeof *j->list, images_first, (void *)j->r);
        while (images < j->count && !j->list[images].label) images++;
        for (int i = images; i < j->count; i++) settle_label(j, images, &j->list[i]);
    }
    sort_records(j);
    return ATT_OK;
}

/* "P007" becomes "P7" in what cases share; names of channels and classes stay. */
static att_status drop_zeros(struct join *j, struct err *e)
{
    size_t room = 1;
    for (int i = 0; i < j->count; i++)
        for (int v = 0; v < PATTERN_VARS; v++) room += (size_t)j->list[i].got[v].length;
    TRY(MEM_BYTES(j->numbers, room, "the names of files", e));
    char *to = j->numbers;
    for (int i = 0; i < j->count; i++)
        for (int v = 0; v < PATTERN_VARS; v++) {
            struct span *s = &j->list[i].got[v];
            if (!s->text || !(j->r->part[j->list[i].part].shared >> v & 1)) continue;
            *s = (struct span){to, names_drop_zeros(*s, to, NULL)};
            to += s->length;
        }
    return ATT_OK;
}

/* ---- cases */

/* Of its channel or class, or of length 0. */
static struct span record_name(const struct join *j, const struct record *x)
{
    const int var = x->label ? VAR_CLASS : VAR_CHANNEL;
    const char *own = j->own[x->part][x->label][x->place];
    return x->got[var].text ? x->got[var] : span_of(own ? own : "");
}

/* The number of a record's channel or class, from 1; 0: it has none. */
static int paired_number(const struct join *j, const struct record *x)
{
    const struct span name = record_name(j, x);
    char *const *list = x->label ? j->l->class_name : j->l->channel_name;
    const int count = x->label ? j->l->classes : j->l->channels;
    for (int i = 0; i < count && name.length; i++)
        if (span_order(name, span_of(list[i])) == 0) return i + 1;
    return 0;
}

static att_status set_wrong(struct paired *c, char *why, struct err *e)
{
    if (c->wrong)
        mem_free(why);
    else
        c->wrong = why;
    return c->wrong ? ATT_OK : err_path(e);
}

static att_status take_image(
    struct join *j, struct paired *c, const struct record *x, struct err *e)
{
    const int number = paired_number(j, x), at = number ? number - 1 : 0;
    if (c->image[at] >= 0)
        return set_wrong(c,
            mem_text("it has two images in one place, %s and %s; take one away, or correct the "
                     "patterns",
                j->t->file[c->image[at]].path, j->t->file[x->file].path),
            e);
    c->image[at] = x->file;
    c->images++;
    return ATT_OK;
}

static att_status paired_take_label(
    struct join *j, struct paired *c, const struct record *x, struct err *e)
{
    struct paired_list *l = j->l;
    const struct place *p = &j->r->part[x->part].label[x->place];
    const int number = paired_number(j, x);
    const struct paired_label *last = c->labels ? &l->label[l->labels - 1] : NULL;
    if (last && last->class == number && !p->any && !last->any)
        TRY(set_wrong(c,
            mem_text("it has two labels, %s and %s; take one away", j->t->file[last->file].path,
                j->t->file[x->file].path),
            e));
    if (!number && l->classes)
        TRY(set_wrong(c,
            mem_text("the name of its label %s says no class, as names of others do, such as %s; "
                     "write {class} into its pattern, or leave it out",
                j->t->file[x->file].path, l->class_name[0]),
            e));
    TRY(MEM_ROOM(l->label, l->labels, "the labels of a data set", e));
    l->label[l->labels++] =
        (struct paired_label){.file = x->file, .class = number, .any = p->any, .over = p->over};
    c->labels++;
    return ATT_OK;
}

static att_status check_channels(struct join *j, struct paired *c, struct err *e)
{
    for (int k = 0; k < j->l->channels; k++)
        if (c->image[k] < 0)
            TRY(set_wrong(c,
                mem_text("it has no image for the channel %s; add it, or take its other files away",
                    j->l->channel_name[k]),
                e));
    return ATT_OK;
}

/* What stands for all of a case: variables that it shares, joined; or the path of its image. */
enum naming { BY_ID, BY_ALL, BY_PATH };

static char *make_name(const struct join *j, const struct record *x, enum naming how)
{
    const struct reading_part *p = &j->r->part[x->part];
    const struct tree_file *f = &j->t->file[x->file];
    char *name = NULL;
    int last = -1;
    for (int i = 0; i < p->image[0].pattern.count; i++) {
        const int var = p->image[0].pattern.piece[i].var;
        if (var >= 0 && var < PATTERN_VARS && p->shared >> var & 1) last = var;
    }
    if (p->shared >> VAR_ID & 1) last = VAR_ID;
    if (how == BY_ID && last >= 0) return mem_text("%.*s", x->got[last].length, x->got[last].text);
    for (int i = 0, seen = 0; i < p->image[0].pattern.count && how == BY_ALL; i++) {
        const int var = p->image[0].pattern.piece[i].var;
        if (var < 0 || var >= PATTERN_VARS || !(p->shared >> var & 1) || seen >> var & 1) continue;
        seen |= 1 << var;
        if (!mem_append(&name, "%s%.*s", name ? "_" : "", x->got[var].length, x->got[var].text))
            return NULL;
    }
    if (name) return name;
    name = mem_text("%.*s", f->stem, f->path);
    for (char *s = name; s && *s; s++)
        if (*s == '/') *s = how == BY_ID ? '/' : '_';
    if (how != BY_ID || !name) return name;
    char *base = mem_text("%s", file_base(name));
    mem_free(name);
    return base;
}

static att_status take_case(struct join *j, int from, int to, enum naming how, struct err *e)
{
    struct paired_list *l = j->l;
    bool image = false, label = false;
    for (int i = from; i < to; i++) *(j->list[i].label ? &label : &image) = true;
    /* the image of an earlier part, or a file alone: count_alone */
    if (!image || (!label && !j->alone) || l->used[j->list[from].file]) return ATT_OK;
    TRY(MEM_ROOM(l->list, l->count, "the cases of a data set", e));
    struct paired *c = &l->list[l->count++];
    *c = (struct paired){.first = l->labels};
    for (int k = 0; k < DATASET_CHANNELS; k++) c->image[k] = -1;
    for (int i = from; i < to; i++) {
        const struct record *x = &j->list[i];
        l->used[x->file] = true;
        TRY(x->label ? paired_take_label(j, c, x, e) : take_image(j, c, x, e));
        if (x->got[VAR_GROUP].text && !c->group &&
            !(c->group = mem_text("%.*s", x->got[VAR_GROUP].length, x->got[VAR_GROUP].text)))
            return err_path(e);
    }
    if (!(c->id = make_name(j, &j->list[from], how))) return err_path(e);
    return check_channels(j, c, e);
}

static int paired_by_id(const void *a, const void *b)
{
    return strcmp(((const struct paired *)a)->id, ((const struct paired *)b)->id);
}

static void free_case(struct paired *c)
{
    mem_free(c->id);
    mem_free(c->group);
    mem_free(c->wrong);
}

static void drop_cases(struct paired_list *l)
{
    for (int i = 0; i < l->count; i++) free_case(&l->list[i]);
    l->count = l->labels = l->unlabelled = l->imageless = 0;
}

static bool in_one_case(const struct join *j, const struct record *x, const struct record *y)
{
    return x->label == y->label && !paired_order_cases(x, y, j->r);
}

/* Of the files of each case of the first part that have no partner in any, the first. Records of
 * a case are sorted, images first. */
static void count_alone(const struct join *j)
{
    struct paired_list *l = j->l;
    for (int i = 0; i < j->count; i++) {
        const struct record *x = &j->list[i];
        int *count = x->label ? &l->imageless : &l->unlabelled,
            *first = x->label ? &l->first_imageless : &l->first_unlabelled;
        if (l->used[x->file] || (i > 0 && in_one_case(j, x, x - 1))) continue;
        if (x->part > 0 && x->again) continue;
        if (!(*count)++ || x->file < *first) *first = x->file;
    }
}

/* Sorted by name; *twice: two have the same. */
static att_status take_named(struct join *j, enum naming how, bool *twice, struct err *e)
{
    struct paired_list *l = j->l;
    for (int i = 0, end; i < j->count; i = end) {
        for (end = i + 1; end < j->count && !paired_order_cases(&j->list[i], &j->list[end], j->r);)
            end++;
        TRY(take_case(j, i, end, how, e));
    }
    if (l->count) qsort(l->list, (size_t)l->count, sizeof *l->list, paired_by_id);
    *twice = false;
    for (int i = 1; i < l->count; i++) *twice |= strcmp(l->list[i].id, l->list[i - 1].id) == 0;
    return ATT_OK;
}

/* By the shortest names that are all different. */
static att_status take_cases(struct join *j, struct err *e)
{
    struct paired_list *l = j->l;
    bool twice = true;
    for (enum naming how = BY_ID; how <= BY_PATH && twice; how++) {
        drop_cases(l);
        memset(l->used, 0, ((size_t)j->t->count + 1) * sizeof *l->used);
        TRY(take_named(j, how, &twice, e));
    }
    count_alone(j);
    return ATT_OK;
}

static void drop_alone(struct paired_list *l)
{
    int kept = 0;
    for (int i = 0; i < l->count; i++) {
        struct paired *c = &l->list[i];
        if (c->labels) {
            l->list[kept++] = *c;
            continue;
        }
        for (int k = 0; k < DATASET_CHANNELS; k++)
            if (c->image[k] >= 0) l->used[c->image[k]] = false;
        free_case(c);
    }
    l->count = kept;
}

static att_status add_alone(struct join *j, struct err *e)
{
    bool twice = true;
    j->alone = true;
    if (!j->l->count) TRY(read_records(j, e)); /* numbers as they are */
    for (enum naming how = BY_ID; how <= BY_PATH && twice; how++) {
        drop_alone(j->l);
        TRY(take_named(j, how, &twice, e));
    }
    return ATT_OK;
}

/* ---- objects */

/* Where images have several masks that one '*' or '#' finds, each mask is one object; unless nearly
 * all have, that is a question (layout_meaning.c). In a few, masks are parts of one; of those
 * behind a mask without a number, in more.  Masks of classes are objects where most images have
 * several of a class; else masks of two classes that overlap stay an error. */
static void number_files(struct paired_list *l)
{
    int several = 0, behind = 0, typed = 0;
    for (int i = 0; i < l->count; i++) {
        const struct paired_label *first = l->label + l->list[i].first;
        bool again = false;
        for (int k = 1; k < l->list[i].labels; k++)
            again |= first[k].any && first[k].class > 0 && first[k].class == first[k - 1].class;
        typed += again;
        if (l->list[i].labels < 2 || !first[1].any || first[1].class) continue;
        several += first[0].any && !first[0].class;
        behind += !first[0].any && !first[0].class;
    }
    l->objects = 10 * several > l->count || 4 * behind > l->count;
    l->typed = 2 * typed > l->count;
    for (int i = 0; i < l->labels; i++) l->label[i].object = l->typed && l->label[i].any;
    for (int i = 0; i < l->count && l->objects; i++)
        for (int k = 0; k < l->list[i].labels; k++) l->label[l->list[i].first + k].class = -k - 1;
}

/* ---- channels and classes */

static int count_places(const struct join *j, int part, int side)
{
    const struct reading_part *p = &j->r->part[part];
    return side ? p->labels : p->images;
}

/* A part with fewer classes than another calls them as that one does. */
static att_status adopt_names(struct join *j, int part, int side, int from, struct err *e)
{
    const struct reading_part *p = &j->r->part[part], *q = &j->r->part[from];
    const int count = count_places(j, part, side), others = count_places(j, from, side);
    char **own = j->own[part][side], **other = j->own[from][side];
    int at[PLACES_MOST];
    if (!other[0] || count >= others ||
        !paired_names_adopt(
            side ? p->label : p->image, count, side ? q->label : q->image, other, others, at))
        return ATT_OK;
    for (int k = 0; k < count; k++) {
        mem_free(own[k]);
        if (!(own[k] = mem_text("%s", other[at[k]]))) return err_path(e);
    }
    return ATT_OK;
}

static att_status own_all(struct join *j, struct err *e)
{
    for (int side = 0; side < 2; side++) {
        int most = 0;
        for (int part = 0; part < j->r->parts; part++) {
            const struct reading_part *p = &j->r->part[part];
            const int count = count_places(j, part, side);
            if (!count) continue;
            TRY(MEM_ARRAY(j->own[part][side], count, "the names of channels", e));
            TRY(paired_names_find(side ? p->label : p->image, count, side, j->own[part][side], e));
            if (count > count_places(j, most, side)) most = part;
        }
        for (int part = 0; part < j->r->parts; part++)
            if (part != most && count_places(j, part, side))
                TRY(adopt_names(j, part, side, most, e));
    }
    return ATT_OK;
}

static int order_names(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->place != y->place) return x->place - y->place;
    return span_order(x->got[0], y->got[0]);
}

/* The names of channels, or classes, in the order of patterns, then of texts. */
static att_status paired_list_names(struct join *j, bool label, struct err *e)
{
    char **list = label ? j->l->class_name : j->l->channel_name;
    int *count = label ? &j->l->classes : &j->l->channels, names = 0;
    const int most = label ? LABELLING_MAX - 1 : DATASET_CHANNELS;
    struct record *name;
    TRY(MEM_ARRAY(name, j->count + 1, "the names of channels", e));
    for (int i = 0; i < j->count; i++) {
        const struct record *x = &j->list[i];
        if (x->label != label) continue;
        name[names] = *x;
        name[names].got[0] = record_name(j, x);
        names += name[names].got[0].length > 0;
    }
    if (names) qsort(name, (size_t)names, sizeof *name, order_names);
    att_status status = ATT_OK;
    for (int i = 0; i < names && status == ATT_OK; i++) {
        const struct span s = name[i].got[0];
        bool there = i > 0 && span_order(s, name[i - 1].got[0]) == 0;
        for (int k = 0; k < *count && !there; k++) there = span_order(s, span_of(list[k])) == 0;
        if (there) continue;
        int twin = 0;
        while (twin < *count && !span_same_letters(s, span_of(list[twin]))) twin++;
        if (twin < *count)
            status = err_set(e, ATT_DATA,
                "the names of files give two %s that differ only in letter case, %s and %.*s; give "
                "all files of one %s one name",
                label ? "classes" : "channels", list[twin], s.length, s.text,
                label ? "class" : "channel");
        else if (*count == most)
            status = err_set(e, ATT_DATA,
                "the names of files give more than %d %s, such as %.*s; give patterns for fewer",
                most, label ? "classes" : "channels", s.length, s.text);
        else if (!(list[(*count)++] = mem_text("%.*s", s.length, s.text)))
            status = err_memory(e, 64, "the name of a channel");
    }
    mem_free(name);
    return status;
}

static int count_wrong(const struct paired_list *l)
{
    int count = 0;
    for (int i = 0; i < l->count; i++) count += l->list[i].wrong != NULL;
    return count;
}

/* 7.jpg may belong to 00007.png, though 10000.jpg has its 10000.png: numbers lose the zeros that
 * begin them if most files that are left over then pair, and none is there twice. */
static att_status join_zeros(struct join *j, struct err *e)
{
    struct paired_list *l = j->l;
    const int pairs = l->count, wrong = count_wrong(l), left = min_int(l->unlabelled, l->imageless);
    if (pairs && !left) return ATT_OK;
    TRY(drop_zeros(j, e));
    sort_records(j);
    TRY(take_cases(j, e));
    if (!pairs || (count_wrong(l) <= wrong && 2 * (l->count - pairs) > left)) return ATT_OK;
    TRY(read_records(j, e));
    return take_cases(j, e);
}

static att_status paired_join_all(struct join *j, struct err *e)
{
    TRY(MEM_ARRAY(j->l->used, j->t->count + 1, "the files of a data set", e));
    TRY(read_records(j, e));
    TRY(own_all(j, e));
    TRY(paired_list_names(j, false, e));
    TRY(paired_list_names(j, true, e));
    TRY(take_cases(j, e));
    TRY(join_zeros(j, e));
    number_files(j->l);
    return ATT_OK;
}

static void free_names(struct join *j, int part, int side)
{
    const struct reading_part *p = &j->r->part[part];
    char **name = j->own[part][side];
    for (int k = 0; name && k < (side ? p->labels : p->images); k++) mem_free(name[k]);
    mem_free(name);
}

att_status paired_make(
    const struct tree *t, const struct reading *r, bool all, struct paired_list *l, struct err *e)
{
    struct join *j;
    *l = (struct paired_list){.first_unlabelled = -1, .first_imageless = -1};
    TRY(MEM_NEW(j, "the cases of a data set", e));
    j->t = t;
    j->r = r;
    j->l = l;
    att_status status = paired_join_all(j, e);
    if (status == ATT_OK && all) status = add_alone(j, e);
    for (int i = 0; i < 2 * PARTS_MOST; i++) free_names(j, i / 2, i % 2);
    mem_free(j->numbers);
    mem_free(j->list);
    mem_free(j);
    if (status != ATT_OK) paired_free(l);
    return status;
}

void paired_free(struct paired_list *l)
{
    drop_cases(l);
    for (int i = 0; i < LABELLING_MAX; i++) mem_free(l->class_name[i]);
    for (int i = 0; i < DATASET_CHANNELS; i++) mem_free(l->channel_name[i]);
    mem_free(l->list);
    mem_free(l->label);
    mem_free(l->used);
    *l = (struct paired_list){.count = 0};
}

/* ---- groups */

att_status paired_group_folders(const struct tree *t, struct paired_list *l, struct err *e)
{
    const char *known = NULL;
    for (int i = 0; i < l->count && !known; i++) known = l->list[i].group;
    for (int i = 0; i < l->count; i++) {
        struct paired *c = &l->list[i];
        const char *at = c->group || c->image[0] < 0 ? NULL : t->file[c->image[0]].path, *end;
        for (; at && (end = strchr(at, '/')) && !c->group; at = end + 1) {
            const struct span group = span_of(known);
            const int whole = (int)(end - at), head = (int)strcspn(at, "_-. /");
            /* "P7", or "P7-1" of a group "P7" */
            for (int n = whole; n > 0 && !c->group; n = n == whole && head < whole ? head : 0) {
                const struct span folder = {at, n};
                if (span_has_digit(folder) == span_has_digit(group) &&
                    pairing_same_words(folder, group) && !(c->group = mem_text("%.*s", n, at)))
                    return err_path(e);
            }
        }
    }
    return ATT_OK;
}

/* ---- copies */

/* `one` lies in a folder that holds a twin of `other` that no case has, as backup/images/1 with
 * labels/1, where there is backup/labels/1. */
static bool has_twin(const struct tree *t, const struct paired_list *l, const struct tree_file *one,
    const struct tree_file *other)
{
    char path[PATH_MAX];
    int common = 0;
    for (int k = 0; k < one->length && k < other->length && one->path[k] == other->path[k]; k++)
        if (one->path[k] == '/') common = k + 1;
    const int rest = other->stem - common;
    for (int k = common; k < one->length && k + 1 + rest < PATH_MAX; k++) {
        if (one->path[k] != '/') continue;
        memcpy(path, one->path, (size_t)k + 1);
        memcpy(path + k + 1, other->path + common, (size_t)rest);
        const int twin = tree_find(t, path, k + 1 + rest);
        if (twin >= 0 && !l->used[twin]) return true;
    }
    return false;
}

bool paired_crosses_copies(
    const struct tree *t, const struct paired_list *l, const char **image, const char **label)
{
    for (int i = 0; i < l->count; i++)
        for (int c = 0; c < l->list[i].images && !l->list[i].wrong; c++)
            for (int k = 0; k < l->list[i].labels; k++) {
                const struct tree_file *one = &t->file[l->list[i].image[c]],
                                       *other = &t->file[l->label[l->list[i].first + k].file];
                if (!has_twin(t, l, one, other) && !has_twin(t, l, other, one)) continue;
                *image = one->path;
                *label = other->path;
                return true;
            }
    return false;
}
