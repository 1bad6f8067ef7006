/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/space_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "base/json.h"
#include "base/number.h"
#include "base/text.h"

static const double SPACE_WHOLE = 1e15; /* 15 digits, exact in a double */

static const char SPEC[] = "spec.";

void tune_settings_free(struct tune_settings *w)
{
    space_free(&w->space);
    json_decref(w->fixed);
    w->fixed = NULL;
}

/* One name and its values. */
struct space_setting {
    struct tune_settings *w;
    const char *where, *mark; /* around the name in messages: backquotes, or "space.json: ", "" */
    char name[SPACE_NAME];
    const struct options *train; /* a copy, to try values on */
    bool word;                   /* a word of the spec */
};

static const struct option_row *space_read_row_of(const struct options *o, const char *name)
{
    for (int i = 0; i < o->count; i++)
        if (!strcmp(o->values[i].row->name, name)) return o->values[i].row;
    return NULL;
}

/* Fails if the option does not accept the value. */
static att_status space_read_try_value(
    const struct space_setting *v, const char *text, struct err *e)
{
    struct options scratch;
    struct spec s;
    char both[SPACE_VALUE + SPACE_NAME];
    if (v->word) {
        snprintf(both, sizeof both, "%s=%s", v->name + strlen(SPEC), text);
        return spec_parse(&s, both, e);
    }
    TRY(options_init(&scratch, v->train->table, v->train->table_count, "train", e));
    att_status status = options_set(&scratch, v->name, text, e);
    options_free(&scratch);
    return status;
}

static att_status fix_value(const struct space_setting *v, const char *text, struct err *e)
{
    TRY(space_read_try_value(v, text, e));
    const char *before = json_str(v->w->fixed, "spec");
    json_t *value = v->word ? json_sprintf("%s%s%s=%s", before ? before : "", before ? " " : "",
                                  v->name + strlen(SPEC), text)
                            : json_string(text);
    if (!value) return err_usage(e, "%s%s%s: the value is not UTF-8", v->where, v->name, v->mark);
    return json_object_set_new(v->w->fixed, v->word ? "spec" : v->name, value) == 0
        ? ATT_OK
        : err_memory(e, 256, "the settings");
}

static att_status space_read_add(
    const struct space_setting *v, enum dimension_kind kind, struct dimension **d, struct err *e)
{
    *d = space_add(&v->w->space, v->name, kind);
    return *d ? ATT_OK
              : err_usage(e, "more than %d settings are searched; fix some of them", SPACE_MAX);
}

static bool space_read_whole(const char *text, const char *end)
{
    for (; text < end; text++)
        if (*text == '.' || *text == 'e' || *text == 'E') return false;
    return true;
}

/* LO..HI[:log]; *is = false if not a range. */
static att_status read_range(
    const struct space_setting *v, const char *text, bool *is, struct err *e)
{
    struct dimension *d;
    const struct option_row *row = v->word ? NULL : space_read_row_of(v->train, v->name);
    const char *dots = strstr(text, "..");
    char *low_end, *high_end;
    const bool words = row && row->type != OPTION_INT && row->type != OPTION_REAL;
    *is = dots != NULL && dots > text;
    if (!*is) return ATT_OK;
    char low[64];
    snprintf(low, sizeof low, "%.*s", (int)(dots - text), text);
    double lo = number_read(low, &low_end), hi = number_read(dots + 2, &high_end);
    bool log = !strcmp(high_end, ":log"),
         good = low_end != low && !*low_end && high_end != dots + 2 && (log || !*high_end);
    *is = good || !words; /* a path may have dots */
    if (!*is) return ATT_OK;
    if (!good || !isfinite(lo) || !isfinite(hi) || !(lo < hi))
        return err_usage(e,
            "%s%s%s %s is not a range; write LOW..HIGH or LOW..HIGH:log, with LOW below HIGH",
            v->where, v->name, v->mark, text);
    if (log && !(lo > 0))
        return err_usage(e, "%s%s%s %s: a range with :log must begin above 0; raise LOW", v->where,
            v->name, v->mark, text);
    if (words)
        return err_usage(e, "%s%s%s takes no numbers; give its values, separated by commas",
            v->where, v->name, v->mark);
    bool ints = row ? row->type == OPTION_INT
                    : space_read_whole(text, dots) && space_read_whole(dots + 2, high_end);
    if (ints && (lo < -SPACE_WHOLE || hi > SPACE_WHOLE))
        return err_usage(e, "%s%s%s %.80s: whole numbers go up to %.0e; give a smaller range",
            v->where, v->name, v->mark, text, SPACE_WHOLE);
    TRY(space_read_try_value(v, low, e));
    snprintf(low, sizeof low, "%.*s", (int)(high_end - dots - 2), dots + 2);
    TRY(space_read_try_value(v, low, e));
    TRY(space_read_add(v, ints ? DIMENSION_INT : DIMENSION_REAL, &d, e));
    d->lo = lo;
    d->hi = hi;
    d->log = log;
    return ATT_OK;
}

/* Length of the value: up to a separator outside parentheses. */
static size_t space_read_value_length(const char *text, char separator)
{
    size_t n = 0;
    for (int depth = 0; text[n] && (depth > 0 || text[n] != separator); n++)
        depth += (text[n] == '(') - (text[n] == ')');
    return n;
}

static char separator_of(const struct space_setting *v, const char *text)
{
    static const char *const with_commas[] = {
        "class-weights", "freeze", "intensities", "normalise", "shares", NULL};
    if (text[space_read_value_length(text, '|')] == '|') return '|';
    return v->word || text_index(with_commas, v->name) >= 0 ? '|' : ',';
}

static att_status add_choice(const struct space_setting *v, struct dimension *d, const char *text,
    size_t length, struct err *e)
{
    TRY(dimension_add_choice(d, text, length, e));
    return space_read_try_value(v, d->choice[d->choices - 1], e);
}

static att_status space_read_list(const struct space_setting *v, const char *text, struct err *e)
{
    struct dimension *d;
    char separator = separator_of(v, text);
    if (!text[space_read_value_length(text, separator)]) return fix_value(v, text, e);
    TRY(space_read_add(v, DIMENSION_CHOICE, &d, e));
    for (const char *at = text;; at++) {
        size_t length = space_read_value_length(at, separator);
        if (!length)
            return err_usage(
                e, "%s%s%s %s has an empty value; remove it", v->where, v->name, v->mark, text);
        TRY(add_choice(v, d, at, length, e));
        at += length;
        if (!*at) return ATT_OK;
    }
}

static att_status space_read_text(const struct space_setting *v, const char *text, struct err *e)
{
    bool range;
    TRY(read_range(v, text, &range, e));
    return range ? ATT_OK : space_read_list(v, text, e);
}

/* Set the name, with dashes; false if it exists. */
static bool space_read_begin(struct space_setting *v, const char *name)
{
    snprintf(v->name, sizeof v->name, "%s", name);
    v->word = !strncmp(name, SPEC, strlen(SPEC));
    for (char *c = v->name; *c && !v->word; c++)
        if (*c == '_') *c = '-';
    if (space_find(&v->w->space, v->name) >= 0) return false;
    struct spec s;
    const char *fixed = json_str(v->w->fixed, v->word ? "spec" : v->name);
    if (!fixed || !v->word) return !fixed;
    return spec_parse(&s, fixed, &(struct err){0}) != ATT_OK ||
        !spec_get(&s, name + strlen(SPEC), NULL);
}

static att_status space_read_spec(struct tune_settings *w, const char *where, const char *text,
    const struct options *train, struct err *e)
{
    struct spec s;
    TRY(spec_parse(&s, text, e));
    for (int i = 0; i < s.count; i++) {
        struct space_setting v = {.w = w, .where = where, .mark = "", .train = train};
        char name[SPACE_NAME];
        snprintf(name, sizeof name, "%s%.40s", SPEC, s.key[i]);
        if (space_read_begin(&v, name)) TRY(space_read_text(&v, s.value[i], e));
    }
    return ATT_OK;
}

static const char *const decided_by_search[] = {"time", "steps", "epochs", "validate-every",
    "checkpoint-every", "output", "plan", "config", NULL};

bool tune_settings_refuse(const char *name)
{
    static const char *const passed[] = {"output", "plan", "config", NULL}; /* no lengths */
    return text_index(decided_by_search, name) >= 0 && text_index(passed, name) < 0;
}

att_status tune_settings_from_options(const struct options *o, const json_t *from_plan, bool plan,
    struct tune_settings *w, struct err *e)
{
    if (!w->fixed && !(w->fixed = json_object())) return err_memory(e, 256, "the settings");
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        struct space_setting setting = {.w = w, .where = "`", .mark = "`", .train = o};
        if (!v->open || !v->text || (json_object_get(from_plan, v->row->name) != NULL) != plan)
            continue;
        if (text_index(decided_by_search, v->row->name) >= 0) {
            if (v->file || !strcmp(v->row->name, "plan")) continue;
            return err_usage(e,
                "`%s` cannot be searched, because `budget`, or `trials` and `rung-steps`, set the "
                "length of training; leave it out",
                v->row->name);
        }
        if (!strcmp(v->row->name, "spec"))
            TRY(space_read_spec(w, "`spec` ", v->text, o, e));
        else if (space_read_begin(&setting, v->row->name))
            TRY(space_read_text(&setting, v->text, e));
    }
    return ATT_OK;
}

/* A value of a file as an option's text. */
static const char *space_read_text_of(const json_t *j, char room[64])
{
    if (json_is_string(j)) return json_string_value(j);
    if (json_is_boolean(j)) return json_is_true(j) ? "yes" : "no";
    if (json_is_number(j)) number_write(room, 64, "%.15g", json_number_value(j));
    return json_is_number(j) ? room : NULL;
}

static att_status refuse_value(const struct space_setting *v, struct err *e)
{
    return err_usage(e,
        "%s%s has no valid value; give a text, a number, a list of them, {\"range\": ...} or "
        "{\"choices\": [...]}",
        v->where, v->name);
}

static att_status read_choices(const struct space_setting *v, const json_t *list, struct err *e)
{
    struct dimension *d;
    char room[64];
    size_t i;
    json_t *value;
    if (json_array_size(list) == 0) return refuse_value(v, e);
    TRY(space_read_add(v, DIMENSION_CHOICE, &d, e));
    json_array_foreach((json_t *)(uintptr_t)list, i, value)
    {
        const char *text = space_read_text_of(value, room);
        if (!text) return refuse_value(v, e);
        TRY(add_choice(v, d, text, strlen(text), e));
    }
    return ATT_OK;
}

static att_status read_first(const struct space_setting *v, const json_t *first, struct err *e)
{
    int k = space_find(&v->w->space, v->name);
    struct dimension *d = k < 0 ? NULL : &v->w->space.dim[k];
    char room[64];
    const char *text = space_read_text_of(first, room);
    if (!d || !first) return ATT_OK;
    for (int i = 0; i < d->choices && text; i++)
        if (!strcmp(d->choice[i], text)) d->first = i;
    if (d->kind != DIMENSION_CHOICE && json_is_number(first)) d->first = json_number_value(first);
    bool good = !isnan(d->first) &&
        (d->kind == DIMENSION_CHOICE ||
            (d->first >= d->lo && d->first <= d->hi &&
                (d->kind != DIMENSION_INT || d->first == floor(d->first))));
    return good ? ATT_OK
                : err_usage(e, "%s%s: \"first\" is not one of its values; choose one of them",
                      v->where, v->name);
}

static att_status read_when(const struct space_setting *v, const json_t *when, struct err *e)
{
    int k = space_find(&v->w->space, v->name);
    const char *name = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)when));
    if (!when || k < 0) return ATT_OK;
    const json_t *words = name ? json_object_get(when, name) : NULL;
    int parent = name ? space_find(&v->w->space, name) : -1;
    if (json_object_size(when) != 1 || parent < 0 || parent == k ||
        v->w->space.dim[parent].kind != DIMENSION_CHOICE)
        return err_usage(e,
            "%s%s: \"when\" must be {NAME: value}, with NAME an earlier setting with values to "
            "choose from",
            v->where, v->name);
    struct dimension *d = &v->w->space.dim[k], *p = &v->w->space.dim[parent];
    d->parent = parent;
    size_t n = json_is_array(words) ? json_array_size(words) : 1;
    for (size_t i = 0; i < n; i++) {
        char room[64];
        const char *text =
            space_read_text_of(json_is_array(words) ? json_array_get(words, i) : words, room);
        uint64_t bits = 0;
        for (int c = 0; c < p->choices && text; c++)
            if (!strcmp(p->choice[c], text)) bits |= (uint64_t)1 << c;
        if (!bits)
            return err_usage(e,
                "%s%s: \"when\" names a value that %s does not have; use one of its values",
                v->where, v->name, name);
        d->when |= bits;
    }
    return ATT_OK;
}

static att_status read_object(const struct space_setting *v, const json_t *j, struct err *e)
{
    static const char *const keys[] = {"range", "choices", "first", "when", NULL};
    const char *key, *range = json_str(j, "range");
    json_t *value;
    const json_t *choices = json_object_get(j, "choices");
    json_each(j, key, value) if (text_index(keys, key) < 0) return refuse_value(v, e);
    if ((range != NULL) == json_is_array(choices)) return refuse_value(v, e);
    TRY(range ? space_read_text(v, range, e) : read_choices(v, choices, e));
    TRY(read_first(v, json_object_get(j, "first"), e));
    return read_when(v, json_object_get(j, "when"), e);
}

static att_status space_read_check_name(
    const struct space_setting *v, const char *name, struct err *e)
{
    struct err fault = {0};
    static const char *const others[] = {
        "spec", "seed", "fold", "folds", "holdout", "stratify", "train-list", "val-list", NULL};
    if (strlen(name) >= SPACE_NAME || text_index(decided_by_search, v->name) >= 0 ||
        text_index(others, v->name) >= 0)
        return err_usage(e, "%s%.60s cannot be searched; words of the network have names spec.KEY",
            v->where, name);
    if (v->word || space_read_row_of(v->train, v->name)) return ATT_OK;
    struct options scratch;
    TRY(options_init(&scratch, v->train->table, v->train->table_count, "train", e));
    options_set(&scratch, v->name, "", &fault); /* its message suggests a name */
    options_free(&scratch);
    return err_usage(e, "%s%.400s", v->where, fault.text);
}

att_status tune_settings_add(struct tune_settings *w, const json_t *j, const char *where,
    const struct options *train, struct err *e)
{
    char before[512], room[64];
    const char *name;
    json_t *value;
    snprintf(before, sizeof before, "%.500s: ", where);
    if (!json_is_object(j))
        return err_usage(e, "%s is not a search space; write {\"name\": values, ...}", where);
    json_each(j, name, value)
    {
        struct space_setting v = {.w = w, .where = before, .mark = "", .train = train};
        bool fresh = space_read_begin(&v, name);
        TRY(space_read_check_name(&v, name, e));
        if (!fresh || json_is_null(value)) continue;
        const char *text = space_read_text_of(value, room);
        TRY(text                        ? space_read_text(&v, text, e)
                : json_is_array(value)  ? read_choices(&v, value, e)
                : json_is_object(value) ? read_object(&v, value, e)
                                        : refuse_value(&v, e));
    }
    return ATT_OK;
}
