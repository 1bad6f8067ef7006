/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_copies.h"

#include "base/ints.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/companions.h"
#include "dataset/found_options.h"
#include "dataset/pairing_words.h"
#include "files/file.h"

enum { ASKED = 12, TWINS = 2, FOLDERS = 16, PLACES = 8, TEXT = 900 };

struct copies {
    const struct finder *s;
    const struct reading *r;
    const struct paired_list *pairs;
    int a, b; /* cases */
};

static const struct tree_file *copies_image(const struct copies *x, int i)
{
    const struct paired *p = &x->pairs->list[i];
    return p->wrong || !p->images || !p->labels || p->image[0] < 0 ? NULL
                                                                   : &x->s->tree->file[p->image[0]];
}

static const struct tree_file *copies_label(const struct copies *x, int i)
{
    return &x->s->tree->file[x->pairs->label[x->pairs->list[i].first].file];
}

static bool files_are_equal(const struct finder *s, const char *a, const char *b)
{
    char *x = file_join(s->root, a), *y = file_join(s->root, b);
    const bool equal = x && y && companions_copied(x, y);
    mem_free(x);
    mem_free(y);
    return equal;
}

static struct span id_of(const struct copies *x, const struct tree_file *image)
{
    struct fit f = {.part = 0};
    return reading_fits(x->r, image, &f) ? f.got[VAR_ID] : (struct span){NULL, 0};
}

/* Another case with the same image and {id}; -1: none. */
static int find_copy(const struct copies *x, int i)
{
    const struct tree_file *own = copies_image(x, i);
    const struct span id = own ? id_of(x, own) : (struct span){NULL, 0};
    for (int k = 0; id.text && k < x->pairs->count; k++) {
        const struct tree_file *other = k == i ? NULL : copies_image(x, k);
        if (other && other->path != own->path &&
            memmem(other->path, (size_t)other->length, id.text, (size_t)id.length) &&
            !span_order(id_of(x, other), id) && files_are_equal(x->s, own->path, other->path))
            return k;
    }
    return -1;
}

/* Their labels mark other places. */
static bool labels_differ(const struct copies *x)
{
    struct contents_shared s;
    return x->s->eyes->share(
               x->s->eyes->arg, copies_label(x, x->a)->path, copies_label(x, x->b)->path, &s) &&
        s.both < .9 * (s.first + s.second - s.both);
}

/* Some samples are copies, and the labels of most of these differ. */
static bool find_contradiction(struct copies *x)
{
    const int step = divide_up(x->pairs->count, ASKED);
    int copies = 0, other = 0, a = 0, b = 0;
    for (int run = 0, i; (i = pairing_sample(run, step)) < x->pairs->count; run++) {
        x->a = i;
        if ((x->b = find_copy(x, i)) < 0) continue;
        copies++;
        if (!labels_differ(x)) continue;
        other++;
        a = min_int(x->a, x->b);
        b = max_int(x->a, x->b);
    }
    x->a = a;
    x->b = b;
    return other >= TWINS && 2 * other > copies;
}

/* The only variable that tells the two cases apart; -1: there is no such one. */
static int telling_variable(const struct copies *x)
{
    struct fit a = {.part = 0}, b = {.part = 0};
    int found = -1;
    if (x->r->parts > 1 || x->r->part[0].images != 1 ||
        !reading_fits(x->r, copies_image(x, x->a), &a) ||
        !reading_fits(x->r, copies_image(x, x->b), &b))
        return -1;
    for (int v = 0; v < PATTERN_VARS; v++) {
        if (!a.got[v].text || !span_order(a.got[v], b.got[v])) continue;
        if (found >= 0) return -1;
        found = v;
    }
    return found;
}

/* Its texts, the commonest first; 0: too many. */
static int list_its_texts(const struct copies *x, int v, struct span folder[FOLDERS])
{
    int cases[FOLDERS] = {0}, count = 0, best = 0;
    for (int i = 0; i < x->pairs->count; i++) {
        struct fit f = {.part = 0};
        const struct tree_file *image = copies_image(x, i);
        if (!image || !reading_fits(x->r, image, &f)) continue;
        int k = 0;
        while (k < count && span_order(folder[k], f.got[v])) k++;
        if (k == FOLDERS) return 0;
        if (k == count) folder[count++] = f.got[v];
        if (++cases[k] > cases[best]) best = k;
    }
    const struct span first = folder[best];
    for (int k = best; k > 0; k--) folder[k] = folder[k - 1];
    folder[0] = first;
    return count;
}

/* The images of the first folder, with the labels of all `count`; *images NULL: no memory, or there
 * are other labels. */
static void set_folders(const struct copies *x, int v, const struct span folder[FOLDERS], int count,
    char **images, char **labels)
{
    const struct reading_part *p = &x->r->part[0];
    struct reading one = *x->r;
    struct place image[PLACES], label[FOLDERS];
    *images = *labels = NULL;
    if (p->images > PLACES || !count || (p->labels > 1 && count > 1) || p->labels > FOLDERS) return;
    for (int k = 0; k < p->images; k++) {
        image[k] = p->image[k];
        image[k].pattern = pattern_exchange(&image[k].pattern, v, -1, folder[0]);
    }
    one.part[0].labels = max_int(count, p->labels);
    for (int k = 0; k < one.part[0].labels; k++) {
        label[k] = p->label[p->labels > 1 ? k : 0];
        label[k].pattern = pattern_exchange(&label[k].pattern, v, -1, folder[count > 1 ? k : 0]);
    }
    one.part[0].image = image;
    one.part[0].label = label;
    *labels = reading_text(&one, true);
    *images = *labels ? reading_text(&one, false) : NULL;
}

static void add_folders_option(const struct copies *x, int v, const struct span folder[FOLDERS],
    int count, char *text, size_t size)
{
    char *images, *labels;
    set_folders(x, v, folder, count, &images, &labels);
    if (images) options_add(x->s, images, labels, text, size);
    mem_free(images);
    mem_free(labels);
}

att_status copies_ask(const struct finder *s, const struct found *f, const struct reading *r,
    const struct paired_list *pairs, struct err *e)
{
    struct copies x = {.s = s, .r = r, .pairs = pairs};
    struct span folder[FOLDERS] = {{NULL, 0}};
    char classes[TEXT] = "", one[TEXT] = "", now[TEXT] = "";
    const bool ids = r->parts == 1 && r->part[0].shared == 1u << VAR_ID; /* different ones */
    if (ids || !find_contradiction(&x)) return ATT_OK;
    const int v = telling_variable(&x), count = v < 0 ? 0 : list_its_texts(&x, v, folder);
    add_folders_option(&x, v, folder, count, classes, sizeof classes);
    add_folders_option(&x, v, folder, min_int(count, 1), one, sizeof one);
    options_add(s, f->images, f->labels, now, sizeof now);
    return err_set(e, ATT_DATA,
        "%.150s: %.150s and %.150s are one image, but %.150s and %.150s mark other places; %s%s"
        "%s%s%s%s",
        s->root, copies_image(&x, x.a)->path, copies_image(&x, x.b)->path,
        copies_label(&x, x.a)->path, copies_label(&x, x.b)->path,
        *classes ? "if they are classes, give " : "give patterns (docs/data.md)", classes,
        *one ? "; to read one folder, give " : "", one,
        *now ? "; to read each as an image of its own, give " : "", now);
}

/* Words that may say what labels mark: no train, site, visit, side or number; but "1. cracks". */
static bool may_be_things(const struct span *folder, int count)
{
    enum { FEW = 8 };
    for (int k = 0; k < count; k++) {
        struct span s = folder[k];
        while (s.length && strchr("0123456789_-. ", *s.text)) s.text++, s.length--;
        if (s.length < 2 || span_has_digit(s) || words_of_text(s).split ||
            words_kind(s) != WORD_OTHER)
            return false;
    }
    return count > 1 && count <= FEW;
}

void copies_say_parts(const struct tree *t, const struct reading *r,
    const struct paired_list *pairs, const char *root, struct host *host)
{
    const struct finder s = {.tree = t};
    const struct copies x = {.s = &s, .r = r, .pairs = pairs};
    for (int v = VARS_NAMED; v < PATTERN_VARS && r->parts == 1; v++) {
        struct span folder[FOLDERS] = {{NULL, 0}};
        char *images, *labels;
        const int count = r->part[0].shared >> v & 1 ? list_its_texts(&x, v, folder) : 0;
        if (!may_be_things(folder, count)) continue;
        set_folders(&x, v, folder, 1, &images, &labels);
        if (images)
            host_say(host, LOG_INFO,
                "%s: %.*s, %.*s%s are parts of one set, so their labels mean the same; to read one "
                "of them alone, give `images` %s `labels` %s",
                root, folder[0].length, folder[0].text, folder[1].length, folder[1].text,
                count > 2 ? ", ..." : "", TEXT_WORD(images), TEXT_WORD(labels));
        mem_free(images);
        mem_free(labels);
        return;
    }
}
