/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_rare.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/found_options.h"
#include "dataset/names_tokens.h"
#include "dataset/reading.h"
#include "files/file.h"

enum {
    FILES_ASKED = 4096,
    PLACES_ASKED = 4,
    LOOKS = 4,
    FEW = 2,
    TEXT = 900,
    WORD = PATTERN_VARS - 1
};

struct rare {
    const struct finder *s;
    const struct reading *r;
    struct pattern label; /* of the file, with its word */
    struct span word;
    int part;
    bool images; /* the file is like an image, not like a label */
};

/* Its own image lies beside it. */
static bool has_own_image(const struct tree *t, const struct tree_file *file, const char *image)
{
    char path[PATH_MAX];
    const int folder = (int)(file_base(file->path) - file->path),
              length = snprintf(path, sizeof path, "%.*s%s", folder, file->path, file_base(image));
    const bool itself = length == file->stem && memcmp(path, file->path, (size_t)length) == 0;
    return length < PATH_MAX && !itself && strcmp(path, image) != 0 &&
        tree_find(t, path, length) >= 0;
}

static bool has_letter(struct span s)
{
    int i = 0;
    while (i < s.length && (text_is_digit(s.text[i]) || strchr("_-. ", s.text[i]))) i++;
    return i < s.length;
}

/* The file's name is that of a label but for this word, and there is an image for it; or the other
 * way round. */
static bool fits_word(struct rare *x, const struct pattern *like, const struct tree_file *file)
{
    struct span got[PATTERN_VARS];
    char name[PATH_MAX];
    const struct reading_part *p = &x->r->part[x->part];
    if (!pattern_match(like, tree_name(file), got)) return false;
    const struct words w = words_of_text(got[WORD]);
    if (!w.count || !has_letter(got[WORD])) return false;
    if (!x->images && (w.split || w.channel || w.image)) return false;
    const int length =
        pattern_make(&(x->images ? p->label : p->image)->pattern, got, name, sizeof name);
    if (length < 0 || (length == file->stem && memcmp(name, file->path, (size_t)length) == 0) ||
        tree_find(x->s->tree, name, length) < 0 ||
        (!x->images && has_own_image(x->s->tree, file, name)))
        return false;
    x->word = got[WORD];
    x->label = pattern_exchange(like, WORD, -1, x->word);
    return true;
}

/* Each word of a literal, and all words of one part of the path. */
static bool fits_place(struct rare *x, const struct pattern *p, const struct tree_file *file)
{
    for (int i = 0; i < p->count; i++) {
        const struct span *s = &p->piece[i].text;
        for (int from = 0; p->piece[i].var < 0 && from < s->length; from++) {
            if (tokens_is_mark(s->text[from]) || (from > 0 && !tokens_is_mark(s->text[from - 1])))
                continue;
            for (int to = from + 1; to <= s->length && s->text[to - 1] != '/'; to++) {
                if (tokens_is_mark(s->text[to - 1]) ||
                    (to < s->length && !tokens_is_mark(s->text[to])))
                    continue;
                const struct pattern q = pattern_open(p, i, from, to, WORD);
                if (pattern_is_clear(&q) && fits_word(x, &q, file)) return true;
            }
        }
    }
    return false;
}

static bool is_rare(struct rare *x, const struct tree_file *file)
{
    for (x->part = 0; x->part < x->r->parts; x->part++) {
        const struct reading_part *p = &x->r->part[x->part];
        const struct place *list = x->images ? p->image : p->label;
        for (int k = 0; k < min_int(x->images ? p->images : p->labels, PLACES_ASKED); k++)
            if (fits_place(x, &list[k].pattern, file)) return true;
    }
    return false;
}

/* The settings with this label, too. */
static char *with_label(const struct rare *x, const struct tree_file *file)
{
    struct reading with = *x->r;
    struct reading_part *p = &with.part[x->part];
    if (p->labels == PLACES_MOST) return mem_text("%s", "");
    p->label[p->labels++] = (struct place){.pattern = x->label, .ending = file->path + file->stem};
    return reading_text(&with, true);
}

/* Two kinds of images that are left differ only in letter case, as FLAIR and Flair: a channel. */
static att_status ask_for_case(struct rare *x, const struct tree *rest, struct err *e)
{
    enum { KINDS = 16 };
    struct span kind[KINDS];
    const struct tree_file *of[KINDS];
    const int step = divide_up(rest->count + 1, FILES_ASKED);
    int kinds = 0;
    x->images = true;
    for (int run = 0, i; (i = pairing_sample(run, step)) < rest->count && kinds < KINDS; run++) {
        const struct tree_file *file = &rest->file[i];
        const struct words w = words_of_text(tree_name(file));
        bool known = w.rank >= WORDS_RESULT || !is_rare(x, file);
        for (int k = 0; k < kinds && !known; k++) {
            known = !span_order(x->word, kind[k]);
            if (!known && span_same_letters(x->word, kind[k]))
                return err_set(e, ATT_DATA,
                    "%.150s: %.300s and %.300s differ only in letter case, so neither is a channel "
                    "of all cases; give all such files one name",
                    x->s->root, of[k]->path, file->path);
        }
        if (known) continue;
        kind[kinds] = x->word;
        of[kinds++] = file;
    }
    x->images = false;
    return ATT_OK;
}

static att_status ask_for_label(
    struct rare *x, const struct tree *rest, const struct found *f, struct err *e)
{
    char with[TEXT] = "", without[TEXT] = "";
    const struct tree_file *file = NULL;
    const struct finder *s = x->s;
    const int step = divide_up(rest->count + 1, FILES_ASKED);
    for (int run = 0, looks = 0, i;
         !file && looks < LOOKS && (i = pairing_sample(run, step)) < rest->count; run++) {
        const struct tree_file *one = &rest->file[i];
        struct fit fit = {.part = 0};
        struct contents c;
        if (words_of_text(tree_name(one)).rank > f->rank ||
            (reading_fits(x->r, one, &fit) && fit.label) || !is_rare(x, one))
            continue;
        looks++;
        s->eyes->look(s->eyes->arg, one->path, false, &c);
        if (c.kind == CONTENT_LABEL) file = one;
    }
    if (!file) return ATT_OK;
    char *labels = with_label(x, file);
    if (!labels) return err_path(e);
    options_add(s, f->images, labels, with, sizeof with);
    options_add(s, f->images, f->labels, without, sizeof without);
    mem_free(labels);
    return err_set(e, ATT_DATA,
        "%.150s: %.200s seems to be a label, but other images have none of this name; %s%s%s%s",
        s->root, file->path,
        *with ? "if it marks a class of its own, give "
              : "rename it, or give patterns (docs/data.md)",
        with, *without ? "; to leave it out, give " : "", without);
}

/* The file fits the label pattern, and gives an image that is there; *same: of the same name. */
static bool gives_image(
    const struct rare *x, const struct place *label, const struct tree_file *t, bool *same)
{
    struct span got[PATTERN_VARS];
    char name[PATH_MAX];
    if (!pattern_match(&label->pattern, tree_name(t), got)) return false;
    const struct pattern *image = &x->r->part[x->part].image->pattern;
    const int length = pattern_make(image, got, name, sizeof name);
    if (length <= 0 || tree_find(x->s->tree, name, length) < 0) return false;
    const char *of_image = file_base(name), *of_label = file_base(t->path);
    const size_t size = strlen(of_image);
    *same = of_label + size == t->path + t->stem && memcmp(of_image, of_label, size) == 0;
    return true;
}

/* Where labels have the names of their images, or "a_2" has an image of its own, "b_2" may be
 * another mask of image "b", or that of an image that is lost. */
static att_status ask_for_number(struct rare *x, const struct found *f, struct err *e)
{
    char with[TEXT] = "", without[TEXT] = "";
    const struct reading_part *p = x->r->part;
    const struct tree *t = x->s->tree;
    const struct tree_file *own = NULL, *other = NULL;
    int named = 0, more = 0; /* labels with the names of their images, and others */
    bool same;
    x->part = 0;
    if (x->r->parts > 1 || p->labels != 2 || p->label[0].any || !p->label[1].any) return ATT_OK;
    for (int i = 0; i < t->count && !(own && other); i++) {
        const bool first = gives_image(x, &p->label[0], &t->file[i], &same);
        named += first && same;
        if (!gives_image(x, &p->label[1], &t->file[i], &same)) continue;
        *(first ? &own : &other) = &t->file[i];
        more += !first;
    }
    /* one for each object, if they are many */
    if (!other || !(own || (named > 0 && more <= named / FEW))) return ATT_OK;
    struct reading one = *x->r;
    one.part[0].labels = 1;
    char *labels = reading_text(&one, true);
    if (!labels) return err_path(e);
    options_add(x->s, f->images, f->labels, with, sizeof with);
    options_add(x->s, f->images, labels, without, sizeof without);
    mem_free(labels);
    return err_set(e, ATT_DATA,
        "%.150s: %.200s may be one of several masks of an image, but %.200s %s; %s%s%s%s",
        x->s->root, other->path, own ? own->path : "the other masks",
        own ? "has an image of its own name" : "have the names of their images",
        *with ? "if the first is one of several, give " : "rename it, or take it away", with,
        *without ? "; to leave it out, give " : "", without);
}

att_status rare_ask(
    const struct finder *s, const struct tree *rest, const struct found *f, struct err *e)
{
    struct reading r;
    TRY(reading_parse(f->images, f->labels, &r, e));
    struct rare x = {.s = s, .r = &r};
    att_status status = ask_for_case(&x, rest, e);
    if (status == ATT_OK) status = ask_for_label(&x, rest, f, e);
    if (status == ATT_OK) status = ask_for_number(&x, f, e);
    reading_clear(&r);
    return status;
}
