/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_parts.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/found_options.h"
#include "dataset/names_tokens.h"
#include "dataset/reading.h"

enum { TEXT = 1600 }; /* bytes of suggestions */

struct part {
    char *images, *labels;
    bool dropped;
};

struct parts {
    struct part list[PARTS_MOST];
    int count;
};

/* Length of the text up to one of these marks, but not behind a backslash. */
static int parts_end(const char *text, const char *marks)
{
    int at = 0;
    while (text[at] && !strchr(marks, text[at])) at += text[at] == '\\' && text[at + 1] ? 2 : 1;
    return at;
}

static void found_parts_free(struct parts *p)
{
    for (int i = 0; i < p->count; i++) {
        mem_free(p->list[i].images);
        mem_free(p->list[i].labels);
    }
}

static att_status parts_split(const struct found *f, struct parts *p, struct err *e)
{
    const char *images = f->images, *labels = f->labels;
    for (bool more = true; more && p->count < PARTS_MOST;) {
        const int a = parts_end(images, "|"), b = parts_end(labels, "|");
        struct part *x = &p->list[p->count++];
        x->images = mem_text("%.*s", a, images);
        x->labels = mem_text("%.*s", b, labels);
        if (!x->images || !x->labels) return err_path(e);
        more = images[a] && labels[b];
        images += a + more;
        labels += b + more;
    }
    return ATT_OK;
}

/* ---- comparison */

/* Both are the same but for names of variables. */
static bool same_but_names(struct span a, struct span b)
{
    int i = 0, k = 0;
    while (i < a.length && k < b.length && a.text[i] == b.text[k]) {
        const bool open = a.text[i] == '{' && (i == 0 || a.text[i - 1] != '\\');
        while (open && a.text[i] != '}') i++;
        while (open && b.text[k] != '}') k++;
        i++;
        k++;
    }
    return i == a.length && k == b.length;
}

static struct span without_ending(const char *text)
{
    return (struct span){text, (int)strlen(text) - tree_ending(text)};
}

/* Copy a text of a part whose variables have the names of `from` with those of `to`. */
static char *rename_variables(const char *text, const char *from, const char *to)
{
    char *out = mem_text("%s", "");
    while (out && *text) {
        const int length = *text == '{' ? (int)strcspn(text, "}") + 1
            : *text == '\\' && text[1]  ? 2
                                        : 1;
        const char *a = from, *b = to;
        while (*text == '{' && (a = strchr(a, '{')) && (b = strchr(b, '{'))) {
            if (strncmp(a, text, (size_t)length) == 0) break;
            a++;
            b++;
        }
        const bool known = *text == '{' && a && b;
        char *longer =
            mem_text("%s%.*s", out, known ? (int)strcspn(b, "}") + 1 : length, known ? b : text);
        mem_free(out);
        out = longer;
        text += length;
    }
    return out;
}

static bool has_place(const char *list, const char *place, int length)
{
    for (;; list++) {
        const int own = parts_end(list, ";");
        if (own == length && memcmp(list, place, (size_t)length) == 0) return true;
        list += own;
        if (!*list) return false;
    }
}

/* All patterns of b are in a. */
static bool holds_all(const char *a, const char *b)
{
    for (;; b++) {
        const int length = parts_end(b, ";");
        if (!has_place(a, b, length)) return false;
        b += length;
        if (!*b) return true;
    }
}

/* Some word of a, but for variables, is neither in b nor one for labels. */
static bool has_other_word(struct span a, struct span b)
{
    struct token x[TOKENS], y[TOKENS];
    const int m = tokens_split(a.text, a.length, x), n = tokens_split(b.text, b.length, y);
    for (int i = 0; i < m; i++) {
        const struct span word = {a.text + x[i].from, x[i].length};
        if (!x[i].word || (x[i].from > 0 && word.text[-1] == '{')) continue;
        const struct words w = words_of_text(word);
        bool there = w.label || w.mask;
        for (int k = 0; k < n && !there; k++)
            there = span_same_letters(word, (struct span){b.text + y[k].from, y[k].length});
        if (!there) return true;
    }
    return false;
}

/* Labels of two parts are no halves of one set: train and test, ct and mr, mask and Maske; or the
 * classes of each are in a folder with a number. */
static bool differ_in_kind(const char *a, const char *b)
{
    const struct span x = without_ending(a), y = without_ending(b);
    const struct words v = words_of_text(x), w = words_of_text(y);
    if ((v.split && w.split && v.split != w.split) || (v.channel && w.channel)) return false;
    if (a[parts_end(a, ";")] && pairing_same_words(x, y)) return false;
    return has_other_word(x, y) || has_other_word(y, x);
}

/* ---- parts */

/* In the order of names, as classes of one case have it. */
static att_status join_places(struct part *p, const char *more, struct err *e)
{
    for (;; more++) {
        const int length = parts_end(more, ";");
        if (!has_place(p->labels, more, length)) {
            const char *at = p->labels;
            while (*at && strncmp(at, more, (size_t)length) < 0) {
                at += parts_end(at, ";");
                at += *at == ';';
            }
            const int before = (int)(at - p->labels);
            char *longer = mem_text("%.*s%s%.*s%s%s", before, p->labels, before && !*at ? ";" : "",
                length, more, *at ? ";" : "", at);
            mem_free(p->labels);
            if (!(p->labels = longer)) return err_path(e);
        }
        more += length;
        if (!*more) return ATT_OK;
    }
}

/* Part k has the images of part `first`. *asked gets its labels where they are of another kind. */
static att_status parts_merge(struct parts *p, int first, int k, const char **asked, struct err *e)
{
    struct part *a = &p->list[first], *b = &p->list[k];
    const bool endings = strcmp(a->images + without_ending(a->images).length,
                             b->images + without_ending(b->images).length) != 0;
    char *labels = rename_variables(b->labels, b->images, a->images);
    att_status status = labels ? ATT_OK : err_path(e);
    if (labels && !endings && (holds_all(a->labels, labels) || holds_all(labels, a->labels))) {
        b->dropped = true;
        status = join_places(a, labels, e);
    } else if (labels && differ_in_kind(a->labels, labels)) {
        b->dropped = true;
        *asked = b->labels;
        if (endings) a->images[without_ending(a->images).length] = 0;
        status = join_places(a, labels, e);
    }
    mem_free(labels);
    return status;
}

static char *parts_text(const struct parts *p, bool labels)
{
    char *text = NULL;
    for (int i = 0; i < p->count; i++) {
        if (p->list[i].dropped) continue;
        char *longer = mem_text("%s%s%s", text ? text : "", text ? "|" : "",
            labels ? p->list[i].labels : p->list[i].images);
        mem_free(text);
        if (!(text = longer)) return NULL;
    }
    return text;
}

/* One reading joins the kinds as classes; where they overlap, each image keeps its first. */
static att_status ask_for_kinds(const struct finder *s, const struct found *f, const char *a,
    const char *b, const char *images, const char *labels, struct err *e)
{
    char classes[TEXT] = "", one[TEXT] = "";
    options_add(s, images, labels, classes, sizeof classes);
    if (!*classes) options_add(s, f->images, f->labels, one, sizeof one);
    const bool both = *classes || *one, twice = strlen(classes) < TEXT / 2;
    return err_set(e, ATT_DATA,
        "%.150s: some images have a label '%.100s', others '%.100s', and hardly one has both; "
        "%s%s%s%s%s%s",
        s->root, a, b, *classes ? "if these are classes, give " : "", classes, *classes ? "; " : "",
        both ? "if they mark one class, as of several readers, give "
             : "give patterns (docs/data.md)",
        *one         ? one
            : !twice ? "the same and"
                     : classes,
        *classes ? " `mask-values` one" : "");
}

att_status parts_settle(const struct finder *s, struct found *f, struct err *e)
{
    struct parts p = {.count = 0};
    const char *asked = NULL;
    char *beside = NULL;
    att_status status = parts_split(f, &p, e);
    for (int k = 1; k < p.count && status == ATT_OK; k++)
        for (int i = 0; i < k && !p.list[k].dropped && status == ATT_OK; i++) {
            if (p.list[i].dropped ||
                !same_but_names(without_ending(p.list[i].images), without_ending(p.list[k].images)))
                continue;
            if (!asked) {
                mem_free(beside);
                if (!(beside = mem_text("%s", p.list[i].labels))) status = err_path(e);
            }
            if (status == ATT_OK) status = parts_merge(&p, i, k, &asked, e);
        }
    char *images = status == ATT_OK ? parts_text(&p, false) : NULL,
         *labels = images ? parts_text(&p, true) : NULL;
    if (status == ATT_OK && !labels) status = err_path(e);
    if (status == ATT_OK && asked) status = ask_for_kinds(s, f, beside, asked, images, labels, e);
    if (status == ATT_OK) {
        mem_free(f->images);
        mem_free(f->labels);
        f->images = images;
        f->labels = labels;
    } else {
        mem_free(images);
        mem_free(labels);
    }
    mem_free(beside);
    found_parts_free(&p);
    return status;
}
