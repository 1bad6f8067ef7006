/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_families.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/found_options.h"
#include "dataset/names_tokens.h"
#include "dataset/pairing_texts.h"
#include "dataset/shares.h"

enum { LANES = 256, NUMBERS = 8, PLAIN_NUMBER = -1 };

/* Numbers in one place of names: behind the same letters, or between the same marks. */
struct lane {
    uint64_t key;
    struct span first;
    int total, values; /* of labels; how many differ */
    bool bare, low;    /* between marks; some are 0 or 1 */
};

/* A label that holds an image, and its name but for variables and numbers. */
struct entry {
    int file, image, sign, numbers;
    uint64_t shape, words; /* words: without numbers and marks */
};

struct lane_number {
    int lane;
    struct span text;
};

struct gather {
    const struct finder *s;
    struct links *l;
    struct families *f;
    struct entry *entry;
    int entries;
    struct lane *lane;
    int lanes;
    bool scored; /* some number is likely that of an object */
    bool whole;  /* base names without an image are one number each */
    bool *kept;  /* by file: labels of the portion; NULL: there is none */
};

/* ---- patterns */

struct place families_place(const struct family *f, const struct span *number, bool joined)
{
    const struct span none = {NULL, 0};
    const int by = number ? -1 : f->digits ? PATTERN_NUMBER : PATTERN_ANY;
    return (struct place){.pattern = pattern_exchange(joined ? &f->joined : &f->pattern,
                              NAMES_NUMBER, by, number ? *number : none),
        .ending = f->ending};
}

/* Words and a sign for each variable, without numbers of objects, words for labels, and what
 * stands between. */
static void family_text(const struct pattern *p, char text[PATH_MAX])
{
    struct token token[TOKENS];
    int used = 0;
    for (int i = 0; i < p->count; i++) {
        const struct span s = p->piece[i].text;
        const int var = p->piece[i].var, count = var < 0 ? tokens_split(s, token) : 0;
        if (var >= 0 && var < NAMES_NUMBER && used + 1 < PATH_MAX) text[used++] = (char)(1 + var);
        for (int k = 0; k < count; k++) {
            const struct span word = {s.text + token[k].from, token[k].length};
            const struct words w = words_of_text(word);
            if (token[k].word ? w.label || w.mask : *word.text != '/') continue;
            if (used + word.length >= PATH_MAX) break;
            memcpy(text + used, word.text, (size_t)word.length);
            used += word.length;
        }
    }
    text[used] = 0;
}

int families_order(const struct pattern *a, const struct pattern *b)
{
    char x[PATH_MAX], y[PATH_MAX];
    family_text(a, x);
    family_text(b, y);
    const int order = strcmp(x, y);
    return order ? order : a->count - b->count;
}

/* How a label is read. */
static bool read_label(const struct gather *g, int file, struct label_name *n)
{
    if (!label_names_read(&g->f->names, file, n)) return false;
    int last = n->pattern.count, from = 0;
    struct piece *piece = n->pattern.piece;
    while (last > 0 && g->whole) {
        const struct span s = piece[last - 1].text;
        if (piece[last - 1].var >= 0 && piece[last - 1].var != NAMES_NUMBER) return true;
        for (from = piece[last - 1].var < 0 ? s.length : 0; from > 0 && s.text[from - 1] != '/';)
            from--;
        if (from) break;
        last--;
    }
    if (!last || !g->whole) return true;
    const struct tree_file *t = &g->s->tree->file[file];
    const char *base = piece[last - 1].text.text + from;
    piece[last - 1].text.length = from;
    n->pattern.count = last;
    if (!pattern_add(&n->pattern, NAMES_NUMBER, NULL, 0)) return false;
    piece[last].text = (struct span){base, (int)(t->path + t->stem - base)};
    return true;
}

/* ---- lanes of numbers */

static bool is_mark(char c) { return strchr("/_-. ()#", c) != NULL; }

static bool is_bare(const struct pattern *p, int i)
{
    const struct piece *before = i ? &p->piece[i - 1] : NULL,
                       *after = i + 1 < p->count ? &p->piece[i + 1] : NULL;
    return (!before || (before->var < 0 && is_mark(before->text.text[before->text.length - 1]))) &&
        (!after || (after->var < 0 && is_mark(*after->text.text)));
}

/* The letters before a number, and how many bare ones come before. */
static uint64_t lane_key(const struct pattern *p, int i, int sign)
{
    uint64_t h = fnv_byte(FNV_START, (unsigned char)sign);
    int bare = 0;
    if (is_bare(p, i)) {
        for (int k = 0; k < i; k++) bare += p->piece[k].var == NAMES_NUMBER && is_bare(p, k);
        return fnv_byte(fnv_byte(h, '#'), (unsigned char)bare);
    }
    const struct span s =
        i && p->piece[i - 1].var < 0 ? p->piece[i - 1].text : (struct span){"", 0};
    int from = s.length;
    while (from > 0 && !is_mark(s.text[from - 1])) from--;
    return fnv_bytes(h, s.text + from, s.length - from);
}

static struct lane *find_lane(struct gather *g, const struct pattern *p, int i, int sign)
{
    const uint64_t key = lane_key(p, i, sign);
    int k = 0;
    while (k < g->lanes && g->lane[k].key != key) k++;
    if (k == LANES) return NULL;
    if (k == g->lanes)
        g->lane[g->lanes++] = (struct lane){key, p->piece[i].text, 0, 0, is_bare(p, i), false};
    return &g->lane[k];
}

static bool is_low(struct span s)
{
    int i = 0;
    while (i + 1 < s.length && s.text[i] == '0') i++;
    return i + 1 == s.length && (s.text[i] == '0' || s.text[i] == '1');
}

static int by_lane(const void *a, const void *b)
{
    const struct lane_number *x = a, *y = b;
    return x->lane != y->lane ? x->lane - y->lane : span_order(x->text, y->text);
}

/* How likely a number is that of an object: one of its own; one that counts, if behind letters. */
static int lane_score(const struct lane *x)
{
    const int own = x->total > 3 && nine_tenths(x->values, x->total);
    return own ? 2 : x->bare || x->low;
}

static att_status count_lanes(struct gather *g, struct err *e)
{
    struct lane_number *list = NULL;
    size_t room = 0;
    int count = 0;
    for (int i = 0; i < g->entries; i++) {
        struct label_name n;
        if (!read_label(g, g->entry[i].file, &n)) continue;
        for (int k = 0; k < n.pattern.count; k++) {
            struct lane *x =
                n.pattern.piece[k].var == NAMES_NUMBER ? find_lane(g, &n.pattern, k, n.sign) : NULL;
            if (!x) continue;
            x->total++;
            x->low |= is_low(n.pattern.piece[k].text);
            if (MEM_REACH(list, &room, (size_t)count + 1, "the names of labels", e) != ATT_OK) {
                mem_free(list);
                return ATT_MEMORY;
            }
            list[count++] = (struct lane_number){(int)(x - g->lane), n.pattern.piece[k].text};
        }
    }
    if (count) qsort(list, (size_t)count, sizeof *list, by_lane);
    for (int i = 0; i < count; i++)
        g->lane[list[i].lane].values += !i || by_lane(&list[i - 1], &list[i]) != 0;
    g->scored = false;
    for (int k = 0; k < g->lanes; k++)
        g->scored |= g->lane[k].values > 1 && lane_score(&g->lane[k]) > 0;
    mem_free(list);
    return ATT_OK;
}

/* ---- groups of one shape */

static uint64_t entry_shape(const struct label_name *n)
{
    uint64_t h = FNV_START;
    for (int i = 0; i < n->pattern.count; i++) {
        const struct piece *a = &n->pattern.piece[i];
        h = a->var >= 0 ? fnv_byte(h, (unsigned char)(128 + a->var))
                        : fnv_bytes(h, a->text.text, a->text.length);
    }
    return h;
}

static struct entry make_entry(int file, const struct label_name *n)
{
    char text[PATH_MAX];
    int numbers = 0;
    for (int i = 0; i < n->pattern.count; i++) numbers += n->pattern.piece[i].var == NAMES_NUMBER;
    family_text(&n->pattern, text);
    return (struct entry){file, n->image, n->sign, numbers, entry_shape(n),
        fnv_bytes(FNV_START, text, (int)strlen(text))};
}

/* Some labels have the same name without the number: "a" beside "a_2". */
static bool has_plain(const struct gather *g, const struct entry *own)
{
    int i = 0;
    while (
        i < g->entries && (g->entry[i].words != own->words || g->entry[i].numbers >= own->numbers))
        i++;
    return i < g->entries;
}

static int entry_order(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->shape != y->shape) return (x->shape > y->shape) - (x->shape < y->shape);
    return x->image != y->image ? x->image - y->image : x->file - y->file;
}

enum role { ROLE_TEXT, ROLE_OBJECT, ROLE_TYPE, ROLE_ANY };

/* What the numbers of a shape are, by piece. */
struct roles {
    enum role role[PATTERN_PIECES];
    bool object, counted; /* a type's number counts from 0 or 1 */
};

/* All labels of each image have one number there: the date of an image. */
static bool is_of_image(struct gather *g, int from, int to, int piece)
{
    int same = 0;
    struct label_name n;
    struct span last = {NULL, 0};
    for (int i = from; i < to; i++) {
        if (!read_label(g, g->entry[i].file, &n)) return false;
        const struct span own = n.pattern.piece[piece].text;
        const bool again = i > from && g->entry[i].image == g->entry[i - 1].image;
        if (again && span_order(own, last)) return false;
        same += again;
        last = own;
    }
    return same > 0;
}

static struct roles find_roles(struct gather *g, int from, int to)
{
    struct roles r = {.object = false};
    struct label_name n;
    int best = -1, score = -1, values = 0;
    if (!read_label(g, g->entry[from].file, &n)) return r;
    for (int k = 0; k < n.pattern.count; k++) {
        if (n.pattern.piece[k].var != NAMES_NUMBER) continue;
        const struct lane *x = find_lane(g, &n.pattern, k, n.sign);
        if (!x || (x->values < 2 && !(x->bare && has_plain(g, &g->entry[from])))) continue;
        const int own = lane_score(x);
        r.role[k] = ROLE_TYPE;
        if (2 * x->values >= g->f->names.images && x->values > 2 && is_of_image(g, from, to, k)) {
            r.role[k] = ROLE_ANY;
            continue;
        }
        if ((!own && g->scored) || own < score || (own == score && x->values < values)) continue;
        best = k;
        score = own;
        values = x->values;
    }
    r.object = best >= 0;
    if (best >= 0) r.role[best] = ROLE_OBJECT;
    for (int k = 0; k < n.pattern.count; k++) {
        const struct lane *x = r.role[k] == ROLE_TYPE ? find_lane(g, &n.pattern, k, n.sign) : NULL;
        r.counted |= x && x->low;
    }
    return r;
}

/* The pattern of a label with these roles; `joined`: types' numbers are any; *number: of its
 * object.
 */
static struct pattern role_pattern(
    const struct label_name *n, const struct roles *r, bool joined, struct span *number)
{
    struct pattern out = {.count = 0};
    *number = (struct span){n->pattern.piece->text.text, 0};
    for (int k = 0; k < n->pattern.count; k++) {
        const struct piece *a = &n->pattern.piece[k];
        const enum role role = r->role[k];
        const int var = a->var != NAMES_NUMBER                  ? a->var
            : role == ROLE_OBJECT                               ? NAMES_NUMBER
            : role == ROLE_ANY || (joined && role == ROLE_TYPE) ? PATTERN_NUMBER
                                                                : -1;
        if (role == ROLE_OBJECT) *number = a->text;
        pattern_add(&out, var, a->text.text, a->text.length);
    }
    return out;
}

static void note_ending(const struct gather *g, int file, const char **ending)
{
    const struct tree_file *t = &g->s->tree->file[file];
    if (!*ending) *ending = t->path + t->stem;
    if (!text_equals(*ending, t->path + t->stem)) *ending = "";
}

static int take_family(
    struct gather *g, const struct pattern *p, const struct pattern *joined, bool counted)
{
    struct families *f = g->f;
    int k = 0;
    while (k < f->count && !pattern_same(&f->family[k].pattern, p)) k++;
    if (k < f->count || k == FAMILIES_MOST) return k;
    f->family[f->count++] = (struct family){*p, *joined, true, counted, NULL};
    return k;
}

static bool holds_labels(struct gather *g, int from, int to)
{
    int labels = 0;
    for (int i = 0; i < 3; i++) {
        const enum content kind =
            links_look(g->l, g->entry[from + (to - 1 - from) * i / 2].file)->kind;
        if (kind == CONTENT_IMAGE) return false;
        labels += kind == CONTENT_LABEL;
    }
    return labels > 0;
}

static int take_plain(struct gather *g, const struct pattern *p)
{
    struct families *f = g->f;
    int k = 0;
    while (k < f->plains && !pattern_same(&f->plain[k].pattern, p)) k++;
    if (k == f->plains && k < FAMILIES_MOST) f->plain[f->plains++] = (struct plain){*p, -1, NULL};
    return k;
}

/* False: there are too many families. */
static bool take_group(struct gather *g, int from, int to)
{
    struct families *f = g->f;
    struct label_name n;
    struct span number;
    if (!holds_labels(g, from, to)) return true;
    const struct roles r = find_roles(g, from, to);
    for (int i = from; i < to; i++) {
        const int file = g->entry[i].file;
        if (!read_label(g, file, &n)) return false;
        const struct pattern all = role_pattern(&n, &r, true, &number),
                             p = role_pattern(&n, &r, false, &number);
        const int k = r.object ? take_family(g, &p, &all, r.counted) : take_plain(g, &p);
        if (k == FAMILIES_MOST) return false;
        note_ending(g, file, r.object ? &f->family[k].ending : &f->plain[k].ending);
        if (r.object) f->family[k].digits &= span_is_digits(number);
        f->member[f->members++] =
            (struct member){file, r.object ? k : PLAIN_NUMBER - k, g->entry[i].image, number};
    }
    return true;
}

/* ---- members */

static int member_order(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->image != y->image) return x->image - y->image;
    if (x->family != y->family) return x->family - y->family;
    const int order = span_order(x->number, y->number);
    return order ? order : x->file - y->file;
}

/* The family whose first labels these are; or -1. */
static int first_of(const struct families *f, const struct plain *p)
{
    char own[PATH_MAX], other[PATH_MAX];
    family_text(&p->pattern, own);
    for (int k = 0; k < f->count; k++) {
        family_text(&f->family[k].pattern, other);
        if (strcmp(own, other) == 0) return k;
    }
    return -1;
}

/* The portion has one of these labels; or, without one, no word speaks against them. */
static bool keeps_plain(const struct gather *g, int plain)
{
    const struct families *f = g->f;
    for (int i = 0; i < f->members; i++) {
        if (f->member[i].family != PLAIN_NUMBER - plain) continue;
        const struct tree_file *t = &g->s->tree->file[f->member[i].file];
        const struct words w = words_of_text(tree_name(t));
        if (g->kept ? g->kept[f->member[i].file]
                    : !w.rank && !w.outline && !w.second && !w.program && !w.dated)
            return true;
    }
    return false;
}

/* Its labels are all files of folders. */
static bool is_folder_of(const struct pattern *p)
{
    const struct piece *last = &p->piece[p->count - 1], *before = last - 1;
    return last->var == NAMES_NUMBER && p->count > 1 && before->var < 0 &&
        before->text.text[before->text.length - 1] == '/';
}

/* Plain labels that are first ones of a family are members of it; others are none. */
static void settle_plains(struct gather *g)
{
    struct families *f = g->f;
    int left = 0, to[FAMILIES_MOST], count = 0;
    for (int k = 0; k < f->plains; k++) {
        const int own = first_of(f, &f->plain[k]);
        struct family *first = own < 0 ? NULL : &f->family[own];
        const bool words = first && words_missing(&f->plain[k].pattern, &first->pattern),
                   folder = first && is_folder_of(&first->pattern);
        to[k] = f->plain[k].family = words && !folder ? -1 : own;
        if (words && folder)
            first->digits = false; /* "mask" beside "1" */
        else if (to[k] >= 0 || keeps_plain(g, k))
            f->plain[left++] = f->plain[k];
    }
    for (int i = 0; i < f->members; i++) {
        struct member m = f->member[i];
        if (m.family < 0) m.family = to[PLAIN_NUMBER - m.family];
        if (m.family >= 0) f->member[count++] = m;
    }
    f->plains = left;
    f->members = count;
}

static att_status sort_families(struct families *f, struct err *e)
{
    int to[FAMILIES_MOST];
    for (int k = 0; k < f->count; k++) {
        to[k] = 0;
        for (int i = 0; i < f->count; i++) {
            const int order = families_order(&f->family[i].pattern, &f->family[k].pattern);
            to[k] += order < 0 || (order == 0 && i < k);
        }
    }
    struct family *sorted;
    TRY(MEM_ARRAY(sorted, FAMILIES_MOST, "the labels of objects", e));
    for (int k = 0; k < f->count; k++) sorted[to[k]] = f->family[k];
    memcpy(f->family, sorted, (size_t)f->count * sizeof *sorted);
    mem_free(sorted);
    for (int i = 0; i < f->members; i++) f->member[i].family = to[f->member[i].family];
    for (int k = 0; k < f->plains; k++)
        if (f->plain[k].family >= 0) f->plain[k].family = to[f->plain[k].family];
    return ATT_OK;
}

/* A folder of results whose files have the names of others outside it, as "predictions" beside
 * "masks"; length 0: none. */
static struct span find_copies(const struct tree *t)
{
    for (int i = 0; i < t->count; i++) {
        const struct span name = tree_name(&t->file[i]);
        for (int at = 1; at < name.length; at++) {
            const struct span folder = {name.text, at + 1};
            if (name.text[at] == '/' &&
                tree_find(t, name.text + folder.length, name.length - folder.length) >= 0 &&
                words_of_text(folder).rank == WORDS_RESULT)
                return folder;
        }
    }
    return (struct span){NULL, 0};
}

static att_status gather_once(struct gather *g, struct err *e)
{
    struct families *f = g->f;
    const struct tree *t = g->s->tree;
    const struct span copies = find_copies(t);
    bool few = true;
    g->entries = g->lanes = 0;
    f->count = f->members = f->plains = 0;
    for (int i = 0; i < t->count; i++) {
        struct label_name n;
        if (copies.length && strncmp(t->file[i].path, copies.text, (size_t)copies.length) == 0)
            continue;
        if (read_label(g, i, &n)) g->entry[g->entries++] = make_entry(i, &n);
    }
    TRY(count_lanes(g, e));
    if (g->entries) qsort(g->entry, (size_t)g->entries, sizeof *g->entry, entry_order);
    for (int i = 0, end; i < g->entries && few; i = end) {
        for (end = i + 1; end < g->entries && g->entry[end].shape == g->entry[i].shape;) end++;
        few = take_group(g, i, end);
    }
    if (!few) f->count = f->members = f->plains = 0;
    return ATT_OK;
}

/* Most families and plain labels are of one file or two, whose names have one word, as hashes of
 * any length are. */
static bool are_shapeless(const struct gather *g)
{
    const struct families *f = g->f;
    int files[2 * FAMILIES_MOST] = {0}, small = 0;
    for (int i = 0; i < g->entries; i++) {
        const struct tree_file *t = &g->s->tree->file[g->entry[i].file];
        const char *base = t->path + t->stem;
        while (base > t->path && !is_mark(base[-1])) base--;
        if (base > t->path && base[-1] != '/') return false;
    }
    for (int i = 0; i < f->members; i++) {
        const int k = f->member[i].family;
        files[k < 0 ? FAMILIES_MOST + PLAIN_NUMBER - k : k]++;
    }
    for (int k = 0; k < 2 * FAMILIES_MOST; k++) small += files[k] == 1 || files[k] == 2;
    return !f->members || (small > 2 && 2 * small > f->count + f->plains);
}

static att_status families_gather(struct gather *g, struct err *e)
{
    struct families *f = g->f;
    TRY(MEM_ARRAY(g->entry, g->s->tree->count + 1, "the names of labels", e));
    TRY(MEM_ARRAY(g->lane, LANES, "the names of labels", e));
    TRY(MEM_ARRAY(f->member, g->s->tree->count + 1, "the labels of objects", e));
    g->whole = false;
    TRY(gather_once(g, e));
    g->whole = are_shapeless(g);
    if (g->whole) TRY(gather_once(g, e));
    settle_plains(g);
    TRY(sort_families(f, e));
    if (f->members) qsort(f->member, (size_t)f->members, sizeof *f->member, member_order);
    for (int i = 0; i < f->members; i++)
        f->images += !i || f->member[i].image != f->member[i - 1].image;
    return ATT_OK;
}

static att_status families_of_images(
    struct gather *g, const char *images, int favour, struct families *f, struct err *e)
{
    g->f = f;
    *f = (struct families){.count = 0};
    att_status status = label_names_make(g->s->tree, images, favour, &f->names, e);
    if (status == ATT_OK && f->names.named) status = families_gather(g, e);
    mem_free(g->entry);
    mem_free(g->lane);
    g->entry = NULL;
    g->lane = NULL;
    return status;
}

/* ---- images */

/* The patterns of the images of the first portion; *images NULL: there are none. */
static att_status portion_images(const struct finder *s, struct links *l, const struct choice *c,
    enum pairing_way way, char **images, struct err *e)
{
    struct portion *one;
    *images = NULL;
    TRY(MEM_NEW(one, "the choices", e));
    att_status status = ATT_OK;
    for (int i = 0; i < c->gathered && !*images && status == ATT_OK; i++) {
        char *labels = NULL;
        bool fits = false;
        *one = *c->portion;
        one->label[0] = c->first[i];
        one->labels = 1;
        one->objects = one->plain = one->numbered = false;
        one->unclear_labels = true; /* without "_#" */
        status = portion_texts(l, one, false, images, &labels, &fits, e);
        struct err mixed = {0}; /* with zeros and without: some files fit */
        if (status == ATT_OK && fits && way == WAY_ZEROS &&
            options_put_zeros(s, images, &labels, &mixed) == ATT_MEMORY)
            status = err_pass(e, ATT_MEMORY, &mixed);
        mem_free(labels);
        if (status == ATT_OK && fits) continue;
        mem_free(*images);
        *images = NULL;
    }
    mem_free(one);
    return status;
}

static att_status note_kept(struct gather *g, const struct choice *c, struct err *e)
{
    if (!c->portions) return ATT_OK;
    TRY(MEM_ARRAY(g->kept, g->s->tree->count + 1, "the labels of a case", e));
    for (int k = 0; k < c->portion->labels; k++)
        for (int i = 0; i < g->l->p->count; i++) {
            const int file = slot_file(g->l, c->portion, &c->portion->label[k], true, i);
            if (file >= 0) g->kept[file] = true;
        }
    return ATT_OK;
}

/* Settings give no label another image: "{id}_*" of "img_1_2" is "img", where "img_{id}_*" is "1".
 */
static bool are_readable(const struct families *f)
{
    struct span got[PATTERN_VARS];
    for (int i = 0; i < f->members; i++) {
        const struct member *m = &f->member[i];
        const struct tree_file *t = &f->names.tree->file[m->file];
        const struct place p = families_place(&f->family[m->family], NULL, false);
        if (!m->number.length || !pattern_match(&p.pattern, tree_name(t), got)) continue;
        for (int v = 0; v < PATTERN_VARS; v++)
            if (got[v].text && span_order(got[v], f->names.image[m->image].value[v])) return false;
    }
    return true;
}

/* All images of the portion are of one kind: its channels are not. */
static bool holds_images(struct links *l, const struct portion *q, const struct families *f)
{
    for (int k = 0; k < q->images; k++)
        for (int i = 0; i < l->p->count; i++) {
            const int file = slot_file(l, q, &q->image[k], false, i);
            if (file >= 0 && !f->names.is_image[file]) return false;
        }
    return true;
}

att_status families_find(const struct finder *s, struct links *l, const struct choice *c,
    enum pairing_way way, int favour, struct families *f, struct err *e)
{
    struct gather g = {.s = s, .l = l};
    char *own = NULL, *guess = NULL;
    struct families *other = NULL;
    *f = (struct families){.count = 0};
    const bool unclear = c->portions && c->portion->unclear_images;
    att_status status = c->portions && !unclear ? portion_images(s, l, c, way, &own, e) : ATT_OK;
    if (status == ATT_OK) status = label_names_guess(s->tree, l, &guess, e);
    if (status == ATT_OK) status = note_kept(&g, c, e);
    if (status == ATT_OK && own) status = families_of_images(&g, own, favour, f, e);
    if (status == ATT_OK && guess && !(own && strcmp(own, guess) == 0)) {
        status = MEM_NEW(other, "the labels of objects", e);
        if (status == ATT_OK) status = families_of_images(&g, guess, favour, other, e);
        const int more = status != ATT_OK  ? -1
            : other->members != f->members ? other->members - f->members
            : other->images != f->images   ? other->images - f->images
                                           : !are_readable(f);
        if (more > 0 && (!unclear || holds_images(l, c->portion, other))) {
            families_free(f);
            *f = *other;
        } else if (other)
            families_free(other);
        mem_free(other);
    }
    for (int i = 0; i < f->members && g.kept; i++) f->kept += g.kept[f->member[i].file];
    mem_free(own);
    mem_free(guess);
    mem_free(g.kept);
    if (status != ATT_OK) families_free(f);
    return status;
}

void families_free(struct families *f)
{
    label_names_free(&f->names);
    mem_free(f->member);
    *f = (struct families){.count = 0};
}
