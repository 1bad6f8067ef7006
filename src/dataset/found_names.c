/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/found_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"

/* ---- units of names */

enum unit_kind { UNIT_MARK, UNIT_WORD, UNIT_NUMBER };
/* Letters, a number or hash, or a byte between them. */
struct unit {
    int from, length;
    enum unit_kind kind;
};

static int split_units(const struct tree_file *f, struct unit unit[TOKENS])
{
    struct token token[TOKENS];
    const char *name = f->path;
    const int count = tokens_split(tree_name(f), token);
    int units = 0;
    for (int i = 0, end; i < count; i = end) {
        const int from = token[i].from, uuid = names_uuid_length(name + from, f->stem - from);
        for (end = i + 1; end < count && uuid && token[end].from < from + uuid;) end++;
        for (; end < count && !uuid && token[i].word && token[end].word;) end++;
        const int whole = token[end - 1].from + token[end - 1].length - from;
        if (uuid || (token[i].word && pairing_is_number(name + from, whole))) {
            unit[units++] = (struct unit){from, whole, UNIT_NUMBER};
            continue;
        }
        for (int k = i; k < end; k++) {
            const struct token *t = &token[k];
            unit[units++] = (struct unit){t->from, t->length,
                !t->word                                           ? UNIT_MARK
                    : pairing_is_number(name + t->from, t->length) ? UNIT_NUMBER
                                                                   : UNIT_WORD};
        }
    }
    return units;
}

/* ---- images by their names */

struct shape {
    uint64_t hash;
    int file, count;
};

static int by_shape(const void *a, const void *b)
{
    const struct shape *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash) - (x->hash < y->hash) : x->file - y->file;
}

static int most_files(const void *a, const void *b)
{
    const struct shape *x = *(struct shape *const *)a, *y = *(struct shape *const *)b;
    return x->count != y->count ? y->count - x->count : x->file - y->file;
}

/* Names with the same words, numbers aside; `equal`: and with the same numbers twice. */
static uint64_t shape_of(const struct tree_file *f, bool equal)
{
    struct unit unit[TOKENS];
    const int units = split_units(f, unit);
    uint64_t h = fnv_bytes(FNV_START, f->path + f->stem, f->length - f->stem);
    for (int i = 0; i < units; i++) {
        const struct span own = {f->path + unit[i].from, unit[i].length};
        int k = 0;
        while (equal && span_order((struct span){f->path + unit[k].from, unit[k].length}, own)) k++;
        h = unit[i].kind == UNIT_NUMBER ? fnv_byte(h, (unsigned char)(128 + k))
                                        : fnv_bytes(h, own.text, own.length);
    }
    return h;
}

static bool hold_images(struct links *l, const struct shape *s)
{
    int images = 0;
    for (int i = 0; i < 3; i++) {
        const enum content kind = links_look(l, s[(s->count - 1) * i / 2].file)->kind;
        if (kind == CONTENT_LABEL) return false;
        images += kind == CONTENT_IMAGE;
    }
    return images > 0;
}

/* Numbers that differ become variables, one for those that are equal in each name. */
static bool shape_pattern(
    const struct tree *t, const struct shape *s, struct pattern *p, int *variables)
{
    struct unit unit[TOKENS], its[TOKENS];
    const char *first = t->file[s->file].path;
    const int units = split_units(&t->file[s->file], unit);
    int var[TOKENS], vars = 0;
    bool varied[TOKENS] = {false}, same[TOKENS][TOKENS];
    memset(same, true, sizeof same);
    for (int n = 0; n < s->count; n++) {
        const struct tree_file *f = &t->file[s[n].file];
        if (split_units(f, its) != units) return false;
        for (int i = 0; i < units; i++) {
            const struct span own = {f->path + its[i].from, its[i].length};
            varied[i] |= span_order(own, (struct span){first + unit[i].from, unit[i].length}) != 0;
            for (int k = 0; k < i && unit[i].kind == UNIT_NUMBER; k++)
                same[i][k] &= !span_order(own, (struct span){f->path + its[k].from, its[k].length});
        }
    }
    *p = (struct pattern){.count = 0};
    for (int i = 0; i < units; i++) {
        var[i] = -1;
        for (int k = 0; k < i && varied[i] && var[i] < 0; k++)
            if (same[i][k] && varied[k]) var[i] = var[k];
        if (varied[i] && var[i] < 0) var[i] = vars++;
        if (vars > PATTERN_VARS - VARS_NAMED - 2 ||
            !pattern_add(p, var[i], first + unit[i].from, unit[i].length))
            return false;
    }
    *variables = vars;
    return vars > 0;
}

/* Names of more files fit. */
static bool fits_others(const struct tree *t, const struct shape *s, const struct pattern *p)
{
    struct span got[PATTERN_VARS];
    int fits = 0;
    for (int i = 0; i < t->count; i++)
        fits += pattern_match(p, tree_name(&t->file[i]), got) &&
            text_equals(
                t->file[i].path + t->file[i].stem, t->file[s->file].path + t->file[s->file].stem);
    return fits > s->count;
}

/* Variables are whole numbers, or all of one length. */
static void narrow_variables(const struct tree *t, const struct shape *s, struct pattern *p)
{
    struct span got[PATTERN_VARS];
    bool digits[PATTERN_VARS], wide[PATTERN_VARS] = {false};
    int width[PATTERN_VARS] = {0};
    memset(digits, true, sizeof digits);
    for (int i = 0; i < s->count; i++) {
        const struct tree_file *f = &t->file[s[i].file];
        if (!pattern_match(p, tree_name(f), got)) return;
        for (int v = 0; v < PATTERN_VARS; v++) {
            for (int k = 0; k < got[v].length; k++) digits[v] &= text_is_digit(got[v].text[k]);
            wide[v] |= i && width[v] != got[v].length;
            width[v] = got[v].length;
        }
    }
    for (int i = 0; i < p->count; i++) {
        struct piece *a = &p->piece[i];
        if (a->var < 0) continue;
        a->digits = digits[a->var];
        a->width = digits[a->var] || wide[a->var] ? 0 : width[a->var];
    }
}

static att_status write_images(
    const struct tree *t, const struct shape *s, char **images, struct err *e)
{
    char name[PATTERN_VARS][READING_NAME] = {"part"};
    const char *ending = t->file[s->file].path + t->file[s->file].stem;
    struct pattern p;
    int vars;
    if (!shape_pattern(t, s, &p, &vars) || !pattern_is_clear(&p)) return ATT_OK;
    if (fits_others(t, s, &p)) narrow_variables(t, s, &p);
    for (int i = 0; i < s->count; i++)
        if (!text_equals(ending, t->file[s[i].file].path + t->file[s[i].file].stem)) ending = "";
    for (int v = 1; v < vars; v++) snprintf(name[v], sizeof name[v], "part%d", v + 1);
    strcpy(name[vars - 1], "id");
    return reading_append(images, "", &p, name, "*", "", ending) ? ATT_OK : err_path(e);
}

/* The most files of one shape that hold images. */
static att_status guess_once(const struct tree *t, struct links *l, bool equal, struct shape *list,
    struct shape **first, char **images, struct err *e)
{
    enum { TRIED = 12 };
    int shapes = 0;
    for (int i = 0; i < t->count; i++) list[i] = (struct shape){shape_of(&t->file[i], equal), i, 1};
    qsort(list, (size_t)t->count, sizeof *list, by_shape);
    for (int i = 0; i < t->count; i++) {
        if (shapes && first[shapes - 1]->hash == list[i].hash)
            first[shapes - 1]->count++;
        else
            first[shapes++] = &list[i];
    }
    qsort(first, (size_t)shapes, sizeof *first, most_files);
    for (int k = 0; k < shapes && k < TRIED && !*images; k++)
        if (first[k]->count > 1 && hold_images(l, first[k]))
            TRY(write_images(t, first[k], images, e));
    return ATT_OK;
}

att_status label_names_guess(const struct tree *t, struct links *l, char **images, struct err *e)
{
    struct shape *list, **first;
    *images = NULL;
    TRY(MEM_ARRAY(list, t->count + 1, "the names of files", e));
    att_status status = MEM_ARRAY(first, t->count + 1, "the names of files", e);
    for (int equal = 0; equal < 2 && !*images && status == ATT_OK; equal++)
        status = guess_once(t, l, equal, list, first, images, e);
    mem_free(first);
    mem_free(list);
    return status;
}

/* ---- images of a label */

static int image_order(const void *a, const void *b, void *arg)
{
    const struct names_image *x = a, *y = b;
    const int key = *(const int *)arg, order = span_order(x->value[key], y->value[key]);
    return order ? order : x->file - y->file;
}

/* The first image whose key is not less. */
static int lower_image(const struct label_names *x, struct span key)
{
    int from = 0, to = x->images;
    while (from < to) {
        const int middle = from + (to - from) / 2;
        if (span_order(x->image[middle].value[x->key], key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

enum { PLACES = 4, WAYS = 256 };
/* A label, and where the values of an image stand in its name. */
struct trial {
    const struct label_names *x;
    const struct tree_file *f;
    struct unit unit[TOKENS];
    int units, image;
    int places[PATTERN_VARS], from[PATTERN_VARS][PLACES], to[PATTERN_VARS][PLACES]; /* units */
};

static struct span units_text(const struct trial *t, int from, int to)
{
    const struct unit *a = &t->unit[from], *b = &t->unit[to - 1];
    return (struct span){t->f->path + a->from, b->from + b->length - a->from};
}

/* "1" in "slide1", which is a value, too. */
static bool is_within(const struct trial *t, const struct names_image *m, int v, int k)
{
    for (int w = 0; w < PATTERN_VARS; w++)
        for (int i = 0; i < t->places[w] && m->value[w].length > m->value[v].length; i++)
            if (t->from[v][k] >= t->from[w][i] && t->to[v][k] <= t->to[w][i]) return true;
    return false;
}

static void drop_place(struct trial *t, int v, int k)
{
    const int last = --t->places[v];
    t->from[v][k] = t->from[v][last];
    t->to[v][k] = t->to[v][last];
}

/* False: the name lacks one of its values. */
static bool find_places(struct trial *t, const struct names_image *m)
{
    for (int v = 0; v < PATTERN_VARS; v++) {
        t->places[v] = 0;
        if (!m->value[v].text) continue;
        for (int i = 0; i < t->units && t->places[v] < PLACES; i++)
            for (int k = i + 1; k <= t->units; k++) {
                const struct span s = units_text(t, i, k);
                if (s.length < m->value[v].length) continue;
                if (!span_order(s, m->value[v])) {
                    t->from[v][t->places[v]] = i;
                    t->to[v][t->places[v]++] = k;
                }
                break;
            }
        if (!t->places[v]) return false;
    }
    for (int v = 0; v < PATTERN_VARS; v++)
        for (int k = t->places[v] - 1; k >= 0; k--)
            if (is_within(t, m, v, k)) drop_place(t, v, k);
    for (int v = 0; v < PATTERN_VARS; v++)
        if (m->value[v].text && !t->places[v]) return false;
    return true;
}

/* The place of a value gets its units; false: they are those of another value. */
static bool take_units(const struct trial *t, int v, int k, int owner[TOKENS], int start[TOKENS])
{
    for (int i = t->from[v][k]; i < t->to[v][k]; i++)
        if (owner[i] >= 0) return false;
    for (int i = t->from[v][k]; i < t->to[v][k]; i++) {
        owner[i] = v;
        start[i] = t->from[v][k];
    }
    return true;
}

/* The n-th choice of places, some for each value, of long values first. *more: there is another
 * one. False: two values meet. */
static bool choose_places(
    const struct trial *t, int n, int owner[TOKENS], int start[TOKENS], bool *more)
{
    unsigned done = 0;
    bool apart = true;
    memset(owner, 0xff, TOKENS * sizeof *owner);
    *more = false;
    for (int round = 0; round < PATTERN_VARS; round++) {
        int v = -1, longest = 0;
        for (int k = 0; k < PATTERN_VARS; k++) {
            const int length = t->x->image[t->image].value[k].length;
            if (!t->places[k] || done >> k & 1 || length <= longest) continue;
            v = k;
            longest = length;
        }
        if (v < 0) break;
        done |= 1u << v;
        const int choices = (1 << t->places[v]) - 1, own = n % choices + 1;
        *more |= own < choices;
        n /= choices;
        for (int k = 0; k < t->places[v]; k++)
            if (own >> k & 1) apart &= take_units(t, v, k, owner, start);
    }
    return apart;
}

static bool is_edge_unit(const struct trial *t, int i)
{
    return i < 0 || i >= t->units || t->unit[i].kind == UNIT_MARK;
}

/* The name with variables, and its sign: where these stand among slashes and numbers. */
static bool make_way(const struct trial *t, const int owner[TOKENS], const int start[TOKENS],
    struct pattern *p, uint64_t *sign, int *vars, int *turns)
{
    int before = -1, turned = 0;
    unsigned seen = 0;
    *p = (struct pattern){.count = 0};
    *sign = FNV_START;
    *vars = 0;
    for (int i = 0; i < t->units; i++) {
        const struct unit *u = &t->unit[i];
        const char *text = t->f->path + u->from;
        if (owner[i] >= 0 && start[i] < i) continue;
        if (owner[i] >= 0) {
            if (!pattern_add(p, owner[i], NULL, 0)) return false;
            turned += !(seen >> owner[i] & 1) && before >= 0 &&
                t->x->order[owner[i]] < t->x->order[before];
            seen |= 1u << owner[i];
            before = owner[i];
            if (i && t->unit[i - 1].kind == UNIT_WORD)
                *sign = fnv_bytes(*sign, t->f->path + t->unit[i - 1].from, t->unit[i - 1].length);
            *sign = fnv_byte(*sign, (unsigned char)(128 + owner[i]));
            ++*vars;
        } else if (u->kind == UNIT_NUMBER) {
            if (!pattern_add(p, NAMES_NUMBER, NULL, 0)) return false;
            p->piece[p->count - 1].text = (struct span){text, u->length};
            if (is_edge_unit(t, i - 1) && is_edge_unit(t, i + 1)) *sign = fnv_byte(*sign, 1);
        } else {
            if (!pattern_add(p, -1, text, u->length)) return false;
            if (*text == '/') *sign = fnv_byte(*sign, '/');
        }
    }
    *turns = turned;
    return true;
}

static int find_sign(const struct label_names *x, uint64_t hash)
{
    int k = 0;
    while (k < x->signs && x->sign[k].hash != hash) k++;
    return k;
}

static void count_way(
    struct label_names *x, int file, int image, uint64_t hash, int vars, int turned)
{
    const int k = find_sign(x, hash);
    struct names_sign *s = &x->sign[k];
    if (k == NAMES_SIGNS) return;
    if (k == x->signs) {
        bool *seen = mem_array((size_t)x->images, sizeof *seen);
        x->lost |= !seen;
        if (!seen) return;
        *s = (struct names_sign){hash, 0, 0, vars, turned, -1, seen};
        x->signs++;
    }
    s->labels += s->last != file;
    s->last = file;
    s->images += !s->seen[image];
    s->seen[image] = true;
}

/* Both hold for as many labels, with their variables as much in order, and for many images. */
static bool are_rivals(const struct label_names *x, int a, int b)
{
    const struct names_sign *s = &x->sign[a], *t = &x->sign[b];
    return a != b && s->labels == t->labels && s->turned == t->turned &&
        5 * s->images >= 4 * t->images && 5 * t->images >= 4 * s->images;
}

/* More labels, images or variables; 0: neither is likelier. */
static int compare_signs(const struct label_names *x, int a, int b)
{
    const struct names_sign *s = &x->sign[a], *t = &x->sign[b];
    if ((a == x->favour) != (b == x->favour)) return a == x->favour ? 1 : -1;
    return s->labels != t->labels ? s->labels - t->labels
        : s->turned != t->turned  ? t->turned - s->turned
        : s->images != t->images  ? s->images - t->images
                                  : s->vars - t->vars;
}

/* Values of variables but the key that a label's name holds; holds_values asks for these. */
static void note_held(const struct trial *t, int file)
{
    const struct label_names *x = t->x;
    for (int i = 0; i < t->units; i++)
        for (int k = i + 1; k <= t->units; k++) {
            const struct span s = units_text(t, i, k);
            for (int v = 0; v < PATTERN_VARS; v++) {
                if (v == x->key || !(x->length[s.length] >> v & 1)) continue;
                const struct span *at = bsearch(
                    &s, x->value[v], (size_t)x->values[v], sizeof *x->value[v], spans_order);
                if (at) x->seen[v][at - x->value[v]] = file + 1;
            }
        }
}

static bool holds_values(const struct label_names *x, const struct names_image *m, int file)
{
    int v = 0;
    while (v < PATTERN_VARS &&
        (v == x->key || !m->value[v].text || x->seen[v][m->rank[v]] == file + 1))
        v++;
    return v == PATTERN_VARS;
}

/* All ways to read a label's name: `name` gets the best one, or, if it is NULL, all are counted.
 * *rival: another one that may be as good. */
static bool try_ways(const struct label_names *x, struct label_names *count, int file,
    struct label_name *name, int *rival)
{
    struct trial t = {.x = x, .f = &x->tree->file[file]};
    struct pattern p;
    int owner[TOKENS], start[TOKENS], best = -1;
    if (x->is_image[file]) return false;
    t.units = split_units(t.f, t.unit);
    note_held(&t, file);
    for (int i = 0; i < t.units; i++)
        for (int k = i + 1; k <= t.units && t.unit[i].kind != UNIT_MARK; k++) {
            const struct span key = units_text(&t, i, k);
            if (!(x->length[key.length] >> x->key & 1)) continue;
            const int first = lower_image(x, key);
            if (first == x->images || span_order(x->image[first].value[x->key], key)) continue;
            const int rank = x->image[first].rank[x->key];
            for (int m = first; m < x->images && x->image[m].rank[x->key] == rank; m++) {
                t.image = m;
                if (!holds_values(x, &x->image[m], file)) continue;
                if (!find_places(&t, &x->image[m]) || t.from[x->key][0] != i) continue; /* again */
                bool more = true;
                for (int n = 0; n < WAYS && more; n++) {
                    uint64_t hash;
                    int vars, turned;
                    if (!choose_places(&t, n, owner, start, &more) ||
                        !make_way(&t, owner, start, &p, &hash, &vars, &turned))
                        continue;
                    if (count) {
                        count_way(count, file, m, hash, vars, turned);
                        continue;
                    }
                    const int sign = find_sign(x, hash);
                    if (sign == x->signs) continue;
                    const int order = best < 0 ? 1 : compare_signs(x, sign, best);
                    const bool better = order > 0 || (!order && sign < best);
                    if (best >= 0 && m != name->image && are_rivals(x, sign, best))
                        *rival = better ? best : sign;
                    if (!better) continue;
                    best = sign;
                    *name = (struct label_name){p, m, sign};
                }
            }
        }
    return best >= 0;
}

bool label_names_read(const struct label_names *x, int file, struct label_name *name)
{
    int rival = -1;
    return try_ways(x, NULL, file, name, &rival);
}

/* ---- images */

static att_status list_images(struct label_names *x, struct err *e)
{
    const struct tree *t = x->tree;
    const struct reading_part *p = x->reading.part;
    TRY(MEM_ARRAY(x->image, t->count + 1, "the names of images", e));
    TRY(MEM_ARRAY(x->is_image, t->count + 1, "the names of images", e));
    for (int i = 0; i < t->count; i++) {
        struct span got[PATTERN_VARS];
        for (int k = p->images - 1; k >= 0; k--) {
            if (!reading_place_fits(&p->image[k], &t->file[i], got)) continue;
            x->is_image[i] = true;
            if (k) continue;
            struct names_image *m = &x->image[x->images++];
            m->file = i;
            memcpy(m->value, got, sizeof got);
        }
    }
    for (int v = 0; v < PATTERN_VARS && x->images; v++) {
        if (!x->image->value[v].text) continue;
        qsort_r(x->image, (size_t)x->images, sizeof *x->image, image_order, &v);
        TRY(MEM_ARRAY(x->value[v], x->images, "the names of images", e));
        TRY(MEM_ARRAY(x->seen[v], x->images, "the names of images", e));
        for (int i = 0; i < x->images; i++) {
            struct names_image *m = &x->image[i];
            if (!i || span_order(m->value[v], m[-1].value[v]))
                x->value[v][x->values[v]++] = m->value[v];
            m->rank[v] = x->values[v] - 1;
            x->length[m->value[v].length] |= (uint16_t)(1 << v);
        }
        if (x->values[v] > x->values[x->key]) x->key = v;
    }
    for (int i = 0; i < p->image->pattern.count; i++) {
        struct piece *a = &p->image->pattern.piece[i];
        if (a->var >= 0 && a->var < PATTERN_VARS) x->order[a->var] = i;
        a->digits = false; /* labels have more text, which sets them apart */
        a->width = 0;
    }
    if (!x->images) return ATT_OK;
    qsort_r(x->image, (size_t)x->images, sizeof *x->image, image_order, &x->key);
    return ATT_OK;
}

att_status label_names_make(
    const struct tree *t, const char *images, int favour, struct label_names *x, struct err *e)
{
    struct err unused = {0};
    struct label_name name;
    *x = (struct label_names){.tree = t, .favour = favour, .rival = -1};
    if (reading_parse(images, NULL, &x->reading, &unused) != ATT_OK || x->reading.parts != 1 ||
        x->reading.names >= NAMES_NUMBER)
        return ATT_OK;
    TRY(list_images(x, e));
    for (int i = 0; i < t->count && x->images; i++) try_ways(x, x, i, NULL, NULL);
    if (x->lost) return err_memory(e, (size_t)x->images, "the names of images");
    for (int i = 0; i < t->count && x->images; i++) {
        int rival = -1;
        x->named += try_ways(x, NULL, i, &name, &rival);
        if (rival >= 0) x->rival = rival;
    }
    return ATT_OK;
}

void label_names_free(struct label_names *x)
{
    for (int k = 0; k < x->signs; k++) mem_free(x->sign[k].seen);
    for (int v = 0; v < PATTERN_VARS; v++) {
        mem_free(x->value[v]);
        mem_free(x->seen[v]);
    }
    reading_clear(&x->reading);
    mem_free(x->image);
    mem_free(x->is_image);
    *x = (struct label_names){.images = 0};
}
