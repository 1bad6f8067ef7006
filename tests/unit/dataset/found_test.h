/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of readings share: lists of names without files; what they hold is told by their
 * names. */
#ifndef FOUND_TEST_H
#define FOUND_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"
#include "dataset/found.h"
#include "unit/expect.h"

enum { NAMES = 20000 };

struct list {
    char **name;
    int count;
};

static inline void add(struct list *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline void add(struct list *l, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!l->name) l->name = mem_array(NAMES + 1, sizeof *l->name);
    assert_true(l->count < NAMES);
    assert_non_null(l->name[l->count++] = mem_text("%s", text));
}

static inline void forget(struct list *l)
{
    for (int i = 0; i < l->count; i++) mem_free(l->name[i]);
    mem_free(l->name);
    *l = (struct list){NULL, 0};
}

/* What two labels of a case hold, by parts of their names. */
struct told_pair {
    const char *a, *b;
    double first, second, both;
    bool told; /* the values of b follow from those of a */
};

/* Which names hold labels, by a part of them; what two labels of a case have in common. */
struct told {
    const char *labels[8];
    double both;
    int looks, values;
    const char *whole; /* how those begin that two others make up, without overlap */
    struct told_pair pair[3];
    const char *empty[8]; /* these hold nothing */
    const char *many;     /* this has four values */
    const char *thin;     /* so has this, which may hold an image or labels */
    const char *drawn;    /* this is another image with something drawn over it */
    bool scattered;       /* labels lie anywhere, as objects do */
};

static inline bool has_part(const char *path, const char *const *list)
{
    bool has = false;
    for (int i = 0; list[i]; i++) has |= strstr(path, list[i]) != NULL;
    return has;
}

static inline void look(void *arg, const char *path, bool whole, struct contents *c)
{
    struct told *t = arg;
    (void)whole;
    const bool label = has_part(path, t->labels), many = t->many && strstr(path, t->many);
    t->looks++;
    *c = (struct contents){.kind = label ? CONTENT_LABEL : CONTENT_IMAGE,
        .values = !label ? 200
            : many       ? 4
            : t->values  ? t->values
                         : 2,
        .channels = 1,
        .size = {9, 16, 16}};
    if (t->drawn) c->size[0] = 1; /* pictures */
    if (t->drawn && strstr(path, t->drawn)) c->channels = 3;
    if (t->thin && strstr(path, t->thin)) {
        c->kind = CONTENT_UNKNOWN;
        c->values = 4;
    }
}

/* A place that follows from the name. */
static inline void scatter(const char *path, double at[3])
{
    uint64_t h = fnv_bytes(FNV_START, path, (int)strlen(path));
    for (int i = 0; i < 3; i++, h = fnv_byte(h, 7)) at[i] = (double)(h >> 40) / (1 << 24);
}

static inline bool share(void *arg, const char *a, const char *b, struct contents_shared *s)
{
    const struct told *t = arg;
    *s = (struct contents_shared){.first = 100, .second = 100, .both = t->both, .untold = 100};
    for (int i = 0; i < 3 && t->pair[i].a; i++) {
        const struct told_pair *p = &t->pair[i];
        if (strstr(a, p->a) && strstr(b, p->b))
            *s = (struct contents_shared){.first = p->first,
                .second = p->second,
                .both = p->both,
                .untold = p->told ? 0 : p->second};
        else if (strstr(a, p->b) && strstr(b, p->a))
            *s = (struct contents_shared){
                .first = p->second, .second = p->first, .both = p->both, .untold = p->first};
    }
    s->voxels = 9 * 16 * 16;
    if (t->scattered) scatter(a, s->first_at);
    if (t->scattered) scatter(b, s->second_at);
    if (has_part(a, t->empty)) s->first = s->both = 0;
    if (has_part(b, t->empty)) s->second = s->both = s->untold = 0;
    if (!t->whole) return true;
    if (strncmp(a, t->whole, strlen(t->whole)) != 0) s->first = 50;
    if (strncmp(b, t->whole, strlen(t->whole)) != 0) s->second = 50;
    s->both = s->first != s->second ? 50 : 0;
    return true;
}

static inline bool join(void *arg, const char *masks, bool *empty)
{
    const struct told *t = arg;
    *empty = has_part(masks, t->empty);
    bool over = false;
    for (int i = 0; i < 3 && t->pair[i].a; i++)
        over |= t->pair[i].both > 0 && strstr(masks, t->pair[i].a) && strstr(masks, t->pair[i].b);
    return !over;
}

static inline enum content_drawn drawn(void *arg, const char *a, const char *b)
{
    const struct told *t = arg;
    if (!t->drawn) return DRAWN_NOT;
    return strstr(a, t->drawn) ? DRAWN_FIRST : strstr(b, t->drawn) ? DRAWN_SECOND : DRAWN_NOT;
}

static inline att_status search(
    struct list *l, struct told *t, struct found *f, struct tree *tree, struct err *why)
{
    const struct pairing_eyes eyes = {t, look, share, join, NULL, drawn};
    OK(tree_of((const char *const *)l->name, l->count, tree, &e));
    return found_search(&(struct finder){"set", tree, &eyes, false}, f, why);
}

static inline void expect(struct list *l, struct told t, const char *images, const char *labels)
{
    struct tree tree;
    struct found f;
    OK(search(l, &t, &f, &tree, &e));
    if (images) {
        assert_non_null(f.images);
        assert_string_equal(f.images, images);
        assert_string_equal(f.labels, labels);
    } else if (f.images)
        fail_msg("%s %s", f.images, f.labels);
    found_free(&f);
    tree_free(&tree);
    forget(l);
}

static inline void refuse(struct list *l, struct told t, const char *words)
{
    struct tree tree;
    struct found f;
    REFUSED(search(l, &t, &f, &tree, &e), ATT_DATA, words);
    found_free(&f);
    tree_free(&tree);
    forget(l);
}

#endif
