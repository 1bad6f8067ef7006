/* SPDX-License-Identifier: Apache-2.0 */
/* Reads, checks and keeps the values of options; see options.h. */
#include "base/options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"

enum { NAME_ROOM = 64 };

static char plain(char c) { return c == '_' ? '-' : c; }

static bool same_name(const char *a, const char *b)
{
    while (*a && plain(*a) == plain(*b)) a++, b++;
    return plain(*a) == plain(*b);
}

/* Whether a list of words divided by `divider` holds the word. */
static bool holds(const char *list, char divider, const char *word)
{
    size_t length = strlen(word);
    for (const char *s = list; s; s = strchr(s, divider) ? strchr(s, divider) + 1 : NULL)
        if (strncmp(s, word, length) == 0 && (s[length] == divider || s[length] == 0)) return length > 0;
    return false;
}

static struct option_value *find(const struct options *o, const char *name)
{
    for (int i = 0; i < o->count; i++)
        if (same_name(o->values[i].row->name, name)) return &o->values[i];
    return NULL;
}

/* A decimal number; `*end` is where it stops. */
static double read_number(const char *text, char **end)
{
    *end = (char *)(uintptr_t)text;
    return isdigit((unsigned char)*text) || strchr("+-.", *text) ? number_read(text, end) : 0;
}

static bool read_int(const char *text, int64_t *x)
{
    char *end;
    errno = 0;
    *x = strtoll(text, &end, 10);
    return end != text && !*end && errno == 0 && !isspace((unsigned char)*text);
}

static bool read_real(const char *text, double *x)
{
    char *end;
    *x = read_number(text, &end);
    return end != text && !*end && isfinite(*x);
}

/* "1h30m": numbers, each with its unit; or one bare number, which is seconds. */
static bool read_seconds(const char *text, double *x)
{
    static const struct {
        char name;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    char *end;
    *x = read_number(text, &end);
    if (end != text && !*end) return *x >= 0 && isfinite(*x);
    double sum = 0;
    do {
        double part = read_number(text, &end);
        size_t u = 0;
        while (u < 4 && units[u].name != *end) u++;
        if (end == text || !(part >= 0) || u == 4) return false;
        sum += part * units[u].seconds;
        text = end + 1;
    } while (*text);
    *x = sum;
    return isfinite(sum);
}

/* A number and its unit. */
static bool read_bytes(const char *text, double *x)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "", "K", "M", "G", "T", NULL};
    char *end;
    *x = read_number(text, &end);
    int u = 0;
    while (units[u] && (!*units[u] || strcasecmp(units[u], end) != 0)) u++;
    if (end == text || !units[u] || !(*x >= 0)) return false;
    for (u %= 5; u > 0; u--) *x *= 1024;
    return isfinite(*x);
}

static const char *read_bool(const char *text)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    for (int i = 0; i < 8; i++)
        if (strcasecmp(text, words[i]) == 0) return words[i % 2];
    return NULL;
}

/* Says what values an option takes: "a whole number from 1 to 8". */
static void describe(const struct option_row *row, char *text, size_t room)
{
    static const char *const kinds[] = {
        [OPTION_TEXT] = "a text",
        [OPTION_INT] = "a whole number",
        [OPTION_REAL] = "a number",
        [OPTION_BOOL] = "yes or no",
        [OPTION_TIME] = "a time such as 90s, 15m or 2h",
        [OPTION_BYTES] = "a size such as 900MiB or 2GiB",
        [OPTION_CHOICE] = "one of ",
    };
    const char *unit = row->type == OPTION_TIME ? " seconds" : row->type == OPTION_BYTES ? " bytes" : "";
    int used = snprintf(text, room, "%s%s", kinds[row->type], row->type == OPTION_CHOICE ? row->choices : "");
    if (row->lo < row->hi && used > 0 && (size_t)used < room)
        snprintf(text + used, room - (size_t)used, " from %.15g to %.15g%s", row->lo, row->hi, unit);
}

/* Takes yes and no, which have other words and the forms --name and --no-name. */
static bool is_switch(const struct option_row *row)
{
    const char *takes = row->type == OPTION_CHOICE ? row->choices : row->type == OPTION_TEXT ? row->arg : NULL;
    return row->type == OPTION_BOOL || (takes && strncmp(takes, "yes|no", 6) == 0);
}

/* Whether the text is a value of this option; `*text` becomes "yes" or "no" for a switch. */
static bool fits(const struct option_row *row, const char **text)
{
    double x = 0;
    int64_t whole = 0;
    bool right = false;
    switch (row->type) {
    case OPTION_TEXT:
        if (is_switch(row) && read_bool(*text)) *text = read_bool(*text);
        return **text; /* what is empty is mostly a variable that was not set */
    case OPTION_CHOICE:
        if (is_switch(row) && read_bool(*text)) *text = read_bool(*text);
        return !strchr(*text, '|') && holds(row->choices, '|', *text);
    case OPTION_BOOL:
        return (*text = read_bool(*text)) != NULL;
    case OPTION_INT:
        right = read_int(*text, &whole);
        x = (double)whole;
        break;
    case OPTION_REAL:
        right = read_real(*text, &x);
        break;
    case OPTION_TIME:
        right = read_seconds(*text, &x);
        break;
    case OPTION_BYTES:
        right = read_bytes(*text, &x);
        break;
    }
    return right && (row->lo >= row->hi || (x >= row->lo && x <= row->hi));
}

/* Checks and stores; `before` stands before the name in sentences: "--" or "config.json: ". */
static att_status store(struct option_value *v, const char *before, const char *value, struct err *e)
{
    const struct option_row *row = v->row;
    char takes[256];
    describe(row, takes, sizeof takes);
    if (!value) return err_set(e, ATT_USAGE, "%s%s needs a value: %s", before, row->name, takes);
    const char *text = value;
    if (!v->open && !fits(row, &text)) return err_set(e, ATT_USAGE, "%s%s takes %s, not '%.200s'", before, row->name, takes, value);
    char *copy = mem_text("%s", text);
    if (!copy) return err_memory(e, strlen(text), row->name);
    mem_free(v->text);
    v->text = copy;
    return ATT_OK;
}

const char *options_nearest(const char *name, const char *const *words)
{
    const char *nearest = NULL;
    for (int best = text_too_far(name); *words; words++) {
        int d = text_distance(name, *words);
        if (d >= best) continue;
        best = d;
        nearest = *words;
    }
    return nearest;
}

static att_status unknown(const struct options *o, const char *before, const char *name, struct err *e)
{
    const char *row = NULL;
    char commands[256] = "";
    for (int i = 0; i < o->table_count; i++) {
        if (!same_name(o->table[i].name, name)) continue;
        row = o->table[i].name;
        size_t used = strlen(commands);
        snprintf(commands + used, sizeof commands - used, " %s", o->table[i].commands);
    }
    if (row) return err_set(e, ATT_USAGE, "%s%s is no option of '%s', but of:%s", before, row, o->command, commands);
    const char *nearest = NULL;
    int best = text_too_far(name);
    for (int i = 0; i < o->count; i++) {
        int d = text_distance(name, o->values[i].row->name);
        if (d < best) {
            best = d;
            nearest = o->values[i].row->name;
        }
    }
    const char *dashes = strcmp(before, "--") == 0 ? "--" : "";
    const char *where = *dashes ? "" : before;
    if (nearest) return err_set(e, ATT_USAGE, "%sunknown option %s%.200s: did you mean %s%s?", where, dashes, name, dashes, nearest);
    return err_set(e, ATT_USAGE, "%sunknown option %s%.200s: '%s --help' lists the options", where, dashes, name, o->command);
}

att_status options_init(struct options *o, const struct option_row *rows, int count, const char *command, struct err *e)
{
    *o = (struct options){.command = command, .table = rows, .table_count = count};
    o->values = mem_array((size_t)count, sizeof *o->values);
    if (!o->values) return err_memory(e, (size_t)count * sizeof *o->values, "options");
    att_status status = ATT_OK;
    for (int i = 0; i < count && status == ATT_OK; i++) {
        if (rows[i].commands && !holds(rows[i].commands, ' ', command)) continue;
        struct option_value *v = &o->values[o->count++];
        v->row = &rows[i];
        struct err fault = {0};
        if (rows[i].value) status = store(v, "--", rows[i].value, &fault);
        if (status == ATT_USAGE)
            status = err_set(e, ATT_FAILED, "the default of an option is wrong: %s", fault.text);
        else if (status != ATT_OK)
            err_set(e, status, "%s", fault.text);
    }
    if (status != ATT_OK) options_free(o);
    return status;
}

att_status options_init_over(struct options *o, const struct option_row *rows, int count, const char *command, const char *other,
                             struct err *e)
{
    TRY(options_init(o, rows, count, command, e));
    for (int i = 0; i < count; i++)
        if (rows[i].commands && holds(rows[i].commands, ' ', other) && !find(o, rows[i].name))
            o->values[o->count++] = (struct option_value){.row = &rows[i], .open = true};
    return ATT_OK;
}

void options_free(struct options *o)
{
    for (int i = 0; i < o->count; i++) {
        mem_free(o->values[i].text);
        mem_free(o->values[i].file);
    }
    mem_free(o->values);
    *o = (struct options){0};
}

/* Whether two options say one thing in different ways. */
static bool alternative(const struct options *o, const char *a, const char *b)
{
    for (const char *const *list = o->alternatives; list && *list; list++)
        if (strcmp(a, b) != 0 && holds(*list, ' ', a) && holds(*list, ' ', b)) return true;
    return false;
}

static void forget_file(struct option_value *v)
{
    mem_free(v->file);
    v->file = NULL;
}

/* Back to the default. */
static att_status withdraw(struct option_value *v, struct err *e)
{
    mem_free(v->text);
    v->text = NULL;
    v->given = false;
    forget_file(v);
    return v->row->value && !v->open ? store(v, "--", v->row->value, e) : ATT_OK;
}

att_status options_set(struct options *o, const char *name, const char *value, struct err *e)
{
    struct option_value *v = find(o, name);
    bool no = !v && strncmp(name, "no", 2) == 0 && plain(name[2]) == '-';
    if (no) {
        v = find(o, name + 3);
        if (v && !is_switch(v->row)) v = NULL;
    }
    if (!v) return unknown(o, "--", name, e);
    if (no && value) return err_set(e, ATT_USAGE, "--%s takes no value", name);
    if (is_switch(v->row) && !value) value = no ? "no" : "yes";
    TRY(store(v, "--", value, e));
    v->given = true;
    forget_file(v);
    for (int i = 0; i < o->count; i++) /* flags win over files */
        if (o->values[i].file && alternative(o, v->row->name, o->values[i].row->name)) TRY(withdraw(&o->values[i], e));
    return ATT_OK;
}

const char *options_text(const struct options *o, const char *name)
{
    const struct option_value *v = find(o, name);
    return v ? v->text : NULL;
}

/* Values were checked when they were stored. */
int64_t options_int(const struct options *o, const char *name)
{
    const char *text = options_text(o, name);
    int64_t x = 0;
    return text && read_int(text, &x) ? x : 0;
}

double options_real(const struct options *o, const char *name)
{
    const char *text = options_text(o, name);
    double x = 0;
    return text && read_real(text, &x) ? x : 0;
}

bool options_bool(const struct options *o, const char *name)
{
    const char *text = options_text(o, name);
    return text && strcmp(text, "yes") == 0;
}

double options_bytes(const struct options *o, const char *name)
{
    const char *text = options_text(o, name);
    double x = 0;
    return text && read_bytes(text, &x) ? x : 0;
}

bool options_read_bytes(const char *text, double *x) { return read_bytes(text, x); }

double options_seconds(const struct options *o, const char *name)
{
    const char *text = options_text(o, name);
    double x = 0;
    return text && read_seconds(text, &x) ? x : 0;
}

bool options_given(const struct options *o, const char *name)
{
    const struct option_value *v = find(o, name);
    return v && v->given;
}

const char *options_file(const struct options *o, const char *name)
{
    const struct option_value *v = find(o, name);
    return v ? v->file : NULL;
}

void options_blame(const struct options *o, struct err *e)
{
    char name[NAME_ROOM];
    const char *rest = e->text + 2;
    if (strncmp(e->text, "--", 2) != 0) return;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, " :"), rest);
    const char *file = options_file(o, name);
    char *text = file ? mem_text("%.500s: %s", file, rest) : NULL;
    if (text) snprintf(e->text, sizeof e->text, "%s", text);
    mem_free(text);
}

const char *options_choice(const struct options *o, const char *name)
{
    const char *text = options_text(o, name);
    return text && strcmp(text, "auto") != 0 ? text : NULL;
}

att_status options_size3(const struct options *o, const char *name, const struct size_rule *rule, int size[3], struct err *e)
{
    const char *text = options_text(o, name);
    int v[3];
    memset(size, 0, 3 * sizeof *size);
    if (!text) return ATT_OK;
    int n = number_read_size(text, v);
    for (int i = 0; i < 3; i++)
        if (v[i] < 1 || v[i] > OPTIONS_LENGTH) n = 0;
    if (!n)
        return err_set(e, ATT_USAGE, "--%s %s: a size like 256x256 (height x width) or 48x64x48 (depth x height x width) is needed", name,
                       text);
    if (n == 1) { /* of every axis */
        v[1] = v[2];
        if (rule->dims == 3) v[0] = v[2];
    }
    if (rule->dims == 2 && v[0] != 1)
        return err_set(e, ATT_USAGE, "--%s %s has a depth, but %s 2D: HxW is needed", name, text, rule->whose);
    if (rule->dims == 3 && n == 2)
        return err_set(e, ATT_USAGE, "--%s %s has two numbers, but %s 3D: DxHxW is needed", name, text, rule->whose);
    memcpy(size, v, 3 * sizeof *size);
    /* What a network makes of this many voxels stays far below the largest size_t. */
    double voxels = (double)size[0] * (double)size[1] * (double)size[2] * (double)rule->count;
    if (voxels > 0x1p31) return err_set(e, ATT_USAGE, "--%s %s: no more than 2^31 voxels are possible", name, text);
    return ATT_OK;
}

static json_t *value_to_json(const struct options *o, const struct option_value *v)
{
    switch (v->open ? OPTION_TEXT : v->row->type) {
    case OPTION_INT:
        return json_integer(options_int(o, v->row->name));
    case OPTION_REAL:
        return json_real(options_real(o, v->row->name));
    case OPTION_BOOL:
        return json_boolean(options_bool(o, v->row->name));
    default:
        if (is_switch(v->row) && v->text && read_bool(v->text)) return json_boolean(read_bool(v->text)[0] == 'y');
        return json_string(v->text);
    }
}

json_t *options_to_json(const struct options *o)
{
    json_t *json = json_object();
    for (int i = 0; json && i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        if (!v->text) continue;
        char key[NAME_ROOM];
        snprintf(key, sizeof key, "%s", v->row->name);
        for (char *s = key; *s; s++)
            if (*s == '-') *s = '_';
        if (json_object_set_new(json, key, value_to_json(o, v)) == 0) continue;
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* Whether a flag was given that says the same in another way. */
static bool overruled(const struct options *o, const struct option_row *row)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        if (v->given && !v->file && alternative(o, row->name, v->row->name)) return true;
    }
    return false;
}

att_status options_load_json(struct options *o, const json_t *json, const char *where, struct err *e)
{
    if (!json_is_object(json)) return err_set(e, ATT_USAGE, "%s: the options must be a JSON object, {\"name\": value, ...}", where);
    char before[512];
    snprintf(before, sizeof before, "%.500s: ", where);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        struct option_value *v = find(o, key);
        if (!v) return unknown(o, before, key, e);
        if (v->given || json_is_null(value) || overruled(o, v->row)) continue;
        json_t *word = json_option(value);
        if (!word) return err_set(e, ATT_USAGE, "%s%s is a list or an object where one value is expected", before, v->row->name);
        att_status status = store(v, before, json_string_value(word), e);
        json_decref(word);
        TRY(status);
        v->given = true;
        if (!(v->file = mem_text("%s", where))) return err_memory(e, strlen(where), "the name of a file of settings");
    }
    return ATT_OK;
}
