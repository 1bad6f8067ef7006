/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/reading.h"

#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dataset/names_tokens.h"

static const char special[] = "{}*#;>|\\";

struct parser {
    struct reading *r;
    const char *setting, *whole, *at;
    const char *ends; /* what ends a pattern */
};

static att_status parse_wrong(const struct parser *s, const char *why, struct err *e)
{
    return err_set(e, ATT_USAGE, "`%s` is \"%.300s\": %s", s->setting, s->whole, why);
}

/* The width in "id:3", which loses it, or 0; -1: it is no number from 1 to 99. */
static int take_width(const char *text, size_t *length)
{
    const char *colon = memchr(text, ':', *length);
    if (!colon) return 0;
    const size_t digits = *length - (size_t)(colon + 1 - text);
    *length = (size_t)(colon - text);
    if (digits < 1 || digits > 2 || strspn(colon + 1, "0123456789") < digits || colon[1] == '0')
        return -1;
    return digits == 1 ? colon[1] - '0' : 10 * (colon[1] - '0') + colon[2] - '0';
}

static att_status take_variable(struct parser *s, struct place *p, struct err *e)
{
    struct reading *r = s->r;
    size_t length = strcspn(s->at, "}");
    if (!s->at[length]) return parse_wrong(s, "a brace is open; close it, as in {id}", e);
    const bool digits = length > 0 && s->at[length - 1] == '#';
    length -= digits;
    const size_t whole = length;
    const int width = take_width(s->at, &length);
    if (width < 0 || (width && digits))
        return parse_wrong(s, "a width is a number from 1 to 99, as in {id:3}", e);
    if (!length || length >= READING_NAME || strcspn(s->at, "{*#;|\\/") < length)
        return parse_wrong(s, "braces hold the name of a variable, such as {id} or {group}", e);
    int var = 0;
    while (var < r->names &&
        (strlen(r->name[var]) != length || memcmp(r->name[var], s->at, length) != 0))
        var++;
    if (var == PATTERN_VARS) return parse_wrong(s, "it has too many variables; use * for some", e);
    if (var == r->names) memcpy(r->name[r->names++], s->at, length);
    p->vars |= 1u << var;
    s->at += whole + digits + 1;
    if (!pattern_add(&p->pattern, var, NULL, 0)) return parse_wrong(s, "it is too long", e);
    p->pattern.piece[p->pattern.count - 1].digits = digits;
    p->pattern.piece[p->pattern.count - 1].width = width;
    return ATT_OK;
}

/* The ending of the last literal, which is matched in any letter case. */
static void cut_ending(struct place *p)
{
    struct piece *last = p->pattern.count ? &p->pattern.piece[p->pattern.count - 1] : NULL;
    p->ending = "";
    if (!last || last->var >= 0) return;
    char *text = p->text + (last->text.text - p->text);
    const int tail = tree_ending(text);
    if (!tail || tail > last->text.length) return;
    for (char *c = text + last->text.length - tail; *c; c++) *c = text_lower(*c);
    last->text.length -= tail;
    p->ending = text + last->text.length;
    if (!last->text.length) p->pattern.count--;
}

static att_status parse_place(struct parser *s, struct place *p, struct err *e)
{
    *p = (struct place){.any = false};
    const size_t room = strlen(s->at) + 1;
    TRY(MEM_BYTES(p->text, 2 * room, "a pattern", e));
    char *to = p->text;
    while (strncmp(s->at, "./", 2) == 0) s->at += 2;
    while (*s->at && !strchr(s->ends, *s->at)) {
        const char c = *s->at++;
        bool fits = true;
        if (c == '{') {
            *to++ = 0;
            TRY(take_variable(s, p, e));
        } else if (c == '*' || c == '#') {
            *to++ = 0;
            p->any = true;
            fits = pattern_add(&p->pattern, c == '*' ? PATTERN_ANY : PATTERN_NUMBER, NULL, 0);
        } else if (c == '}') {
            return parse_wrong(s, "a brace is closed that is not open", e);
        } else {
            *to = c == '\\' && *s->at ? *s->at++ : c;
            fits = pattern_add(&p->pattern, -1, to++, 1);
        }
        if (!fits) return parse_wrong(s, "it is too long", e);
    }
    if (!p->pattern.count) return parse_wrong(s, "a pattern is empty", e);
    cut_ending(p);
    if (pattern_is_clear(&p->pattern)) return ATT_OK;
    return parse_wrong(s, "two variables touch, so that nobody can tell where one ends", e);
}

static att_status parse_side(
    struct reading *r, const char *setting, const char *text, bool label, int *parts, struct err *e)
{
    struct parser s = {r, setting, text, text, label ? ";>|" : ";|"};
    if (strchr(text, PATTERN_MARK)) /* it would be printed as '*' */
        return parse_wrong(&s, "it has a control character; write * in its place", e);
    for (*parts = 0;; s.at++) {
        if (*parts == PARTS_MOST) return parse_wrong(&s, "it has too many parts", e);
        struct reading_part *part = &r->part[(*parts)++];
        struct place **list = label ? &part->label : &part->image;
        int *count = label ? &part->labels : &part->images;
        TRY(MEM_ARRAY(*list, PLACES_MOST, "the patterns", e));
        for (bool over = false;; s.at++) {
            if (*count == PLACES_MOST) return parse_wrong(&s, "it has too many patterns", e);
            struct place *p = &(*list)[(*count)++];
            TRY(parse_place(&s, p, e));
            p->over = over;
            over = *s.at == '>';
            if (*s.at != ';' && !over) break;
        }
        if (*s.at != '|') return ATT_OK;
    }
}

static void share_variables(struct reading_part *p)
{
    p->shared = ~0u;
    for (int i = 0; i < p->images; i++) p->shared &= p->image[i].vars;
    for (int i = 0; i < p->labels; i++) p->shared &= p->label[i].vars;
    p->shared &= ~(1u << VAR_CHANNEL | 1u << VAR_CLASS);
}

static att_status parse_both(
    const char *images, const char *labels, struct reading *r, struct err *e)
{
    static const char *const names[VARS_NAMED] = {"id", "group", "channel", "class"};
    for (; r->names < VARS_NAMED; r->names++) strcpy(r->name[r->names], names[r->names]);
    TRY(parse_side(r, "images", images, false, &r->parts, e));
    int parts = r->parts;
    if (labels) TRY(parse_side(r, "labels", labels, true, &parts, e));
    if (parts != r->parts)
        return err_set(e, ATT_USAGE,
            "`images` has %d part%s between '|', but `labels` has %d; give as many", r->parts,
            TEXT_S(r->parts), parts);
    for (int i = 0; i < parts; i++) share_variables(&r->part[i]);
    return ATT_OK;
}

att_status reading_parse(const char *images, const char *labels, struct reading *r, struct err *e)
{
    *r = (struct reading){.parts = 0};
    att_status status = parse_both(images, labels, r, e);
    if (status != ATT_OK) reading_clear(r);
    return status;
}

void reading_clear(struct reading *r)
{
    for (int k = 0; k < PARTS_MOST; k++) {
        struct reading_part *p = &r->part[k];
        for (int i = 0; i < p->images; i++) mem_free(p->image[i].text);
        for (int i = 0; i < p->labels; i++) mem_free(p->label[i].text);
        mem_free(p->image);
        mem_free(p->label);
    }
    *r = (struct reading){.parts = 0};
}

bool reading_place_fits(
    const struct place *p, const struct tree_file *file, struct span got[PATTERN_VARS])
{
    if (*p->ending && !text_equals(p->ending, file->path + file->stem)) return false;
    return pattern_match(&p->pattern, tree_name(file), got) ||
        (!*p->ending && pattern_match(&p->pattern, (struct span){file->path, file->length}, got));
}

bool reading_fits(const struct reading *r, const struct tree_file *file, struct fit *f)
{
    struct span got[PATTERN_VARS];
    const int from = f->part, least = f->literals;
    bool found = false;
    for (int k = from; k < r->parts; k++)
        for (int side = 1; side >= 0; side--) {
            const struct place *list = side ? r->part[k].label : r->part[k].image;
            const int count = side ? r->part[k].labels : r->part[k].images;
            for (int i = 0; i < count; i++) {
                const int literals = pattern_literals(&list[i].pattern);
                if (literals < least || (found && literals <= f->literals) ||
                    !reading_place_fits(&list[i], file, got))
                    continue;
                *f = (struct fit){k, i, literals, side, {{NULL, 0}}};
                memcpy(f->got, got, sizeof got);
                found = true;
            }
        }
    return found;
}

/* With a backslash before bytes that have a meaning. */
static bool append_escaped(char **text, struct span s, const char *mark)
{
    bool good = true;
    for (int from = 0, to; from < s.length && good; from = to) {
        const char first = s.text[from];
        for (to = from + 1; to < s.length && s.text[to] != PATTERN_MARK; to++)
            if (strchr(special, s.text[to])) break;
        good = first == PATTERN_MARK
            ? mem_append(text, "%s%.*s", mark, to - from - 1, s.text + from + 1)
            : mem_append(
                  text, "%s%.*s", strchr(special, first) ? "\\" : "", to - from, s.text + from);
    }
    return good;
}

bool reading_append(char **text, const char *before, const struct pattern *p,
    const char (*name)[READING_NAME], const char *mark, const char *tail, const char *ending)
{
    bool good = mem_append(text, "%s", before);
    for (int i = 0; i < p->count && good; i++) {
        const struct piece *x = &p->piece[i];
        good = x->var < 0              ? append_escaped(text, x->text, mark)
            : x->var == PATTERN_ANY    ? mem_append(text, "*")
            : x->var == PATTERN_NUMBER ? mem_append(text, "#")
            : x->width                 ? mem_append(text, "{%s:%d}", name[x->var], x->width)
                       : mem_append(text, "{%s%s}", name[x->var], x->digits ? "#" : "");
    }
    return good && mem_append(text, "%s", tail) && append_escaped(text, span_of(ending), mark);
}

char *reading_text(const struct reading *r, bool label)
{
    char *text = NULL;
    for (int k = 0; k < r->parts; k++) {
        const struct place *list = label ? r->part[k].label : r->part[k].image;
        const int count = label ? r->part[k].labels : r->part[k].images;
        for (int i = 0; i < count; i++) {
            const char *before = list[i].over ? ">" : i ? ";" : k ? "|" : "";
            if (!reading_append(&text, before, &list[i].pattern, r->name, "*", "", list[i].ending))
                return NULL;
        }
    }
    return text;
}

/* ---- zeros that begin numbers */

/* A name without these zeros, and where its bytes were. */
struct bare_name {
    char text[PATH_MAX];
    int from[PATH_MAX];
    struct tree_file file; /* with that text */
};

/* The literals of a pattern that fits the bare name, as they stand in the name. */
static void put_zeros(struct pattern *p, const char *name, const struct bare_name *b)
{
    struct pattern q = *p;
    struct span got[PATTERN_VARS];
    unsigned used = 0;
    for (int i = 0; i < q.count; i++)
        if (q.piece[i].var >= 0 && q.piece[i].var < PATTERN_VARS) used |= 1u << q.piece[i].var;
    for (int i = 0, v = 0; i < q.count; i++) { /* '*' and '#' as variables, to know their length */
        if (q.piece[i].var < PATTERN_VARS) continue;
        while (v < PATTERN_VARS && used >> v & 1) v++;
        if (v == PATTERN_VARS) return;
        q.piece[i].var = v++;
    }
    if (!pattern_match(&q, tree_name(&b->file), got) &&
        !pattern_match(&q, (struct span){b->text, b->file.length}, got))
        return;
    for (int i = 0, at = 0; i < q.count; i++) {
        const struct piece *x = &q.piece[i];
        const int length = x->var < 0 ? x->text.length : got[x->var].length,
                  start = at ? b->from[at - 1] + 1 : 0;
        at += length;
        if (x->var < 0) p->piece[i].text = (struct span){name + start, b->from[at - 1] + 1 - start};
    }
}

bool reading_put_zeros(const struct tree *t, const struct reading *bare, struct reading *r)
{
    struct bare_name b;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < t->count; i++) {
            const struct tree_file *x = &t->file[i];
            if (x->length >= PATH_MAX) return false;
            const int stem = names_drop_zeros(tree_name(x), b.text, NULL),
                      length = names_drop_zeros((struct span){x->path, x->length}, b.text, b.from);
            b.text[length] = 0;
            b.file = (struct tree_file){b.text, length, stem};
            struct fit f = {.part = 0}, same = {.part = 0};
            const bool fits = reading_fits(bare, &b.file, &f);
            if (pass && fits && !reading_fits(r, x, &same)) return false;
            for (; !pass && reading_fits(bare, &b.file, &f); f.part++) {
                struct reading_part *part = &r->part[f.part];
                put_zeros(&(f.label ? part->label : part->image)[f.place].pattern, x->path, &b);
            }
        }
    return true;
}
