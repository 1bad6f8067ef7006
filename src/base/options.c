/* SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/text.h"

enum { NAME_ROOM = 64 };

static struct option_value *options_find(const struct options *o, const char *name)
{
    for (int i = 0; i < o->count; i++)
        if (text_same_name(o->values[i].row->name, name)) return &o->values[i];
    return NULL;
}

/* Checks and stores. `where` precedes the name in sentences: "config.json: "; if empty, the name is
 * between backquotes. */
static att_status options_store(
    struct option_value *v, const char *where, const char *value, struct err *e)
{
    const struct option_row *row = v->row;
    const char *mark = *where ? "" : "`";
    char takes[256];
    option_describe(row, takes, sizeof takes);
    if (!value)
        return err_usage(e, "%s%s%s%s needs a value: %s", where, mark, row->name, mark, takes);
    const char *text = value;
    if (!v->open && !option_fits(row, &text))
        return err_usage(e, "%s%s%s%s takes %s, not '%.200s'%s", where, mark, row->name, mark,
            takes, value,
            row->type == OPTION_REAL && strchr(value, ',')   ? "; write a decimal point"
                : option_has_unit(row) && strchr(value, ' ') ? "; leave out the space"
                                                             : "");
    char *copy = mem_text("%s", text);
    if (!copy) return err_memory(e, strlen(text), row->name);
    mem_free(v->text);
    v->text = copy;
    return ATT_OK;
}

static att_status options_unknown(
    const struct options *o, const char *where, const char *name, struct err *e)
{
    const char *mark = *where ? "" : "`", *row = NULL, *arg = NULL;
    char commands[256] = "";
    for (int i = 0; i < o->table_count; i++) {
        if (!text_same_name(o->table[i].name, name)) continue;
        row = o->table[i].name;
        arg = o->table[i].arg;
        text_append(commands, sizeof commands, "%s", o->table[i].commands);
    }
    const bool own = row && strcmp(row, "init") != 0;
    if (row && strcmp(o->command, "resume") == 0 && text_has_word(commands, "train"))
        return err_usage(e,
            "%s%s%s%s is no option of 'resume', as a run keeps its settings; begin a new run with "
            "its weights: attunet train DATASET -o NEW --init RUN%s%s%s%s",
            where, mark, row, mark, own ? " --" : "", own ? row : "", own && arg ? " " : "",
            own && arg ? arg : "");
    if (row)
        return err_usage(e, "%s%s%s%s is no option of '%s', but of:%s", where, mark, row, mark,
            o->command, commands);
    const char *nearest = NULL;
    int best = text_too_far(name);
    for (int i = 0; i < o->count; i++)
        if (text_is_nearer(name, o->values[i].row->name, &best)) nearest = o->values[i].row->name;
    if (nearest)
        return err_usage(e, "%sunknown option %s%.200s%s; did you mean %s%s%s?", where, mark, name,
            mark, mark, nearest, mark);
    return err_usage(e, "%sunknown option %s%.200s%s; 'attunet %s --help' lists the options", where,
        mark, name, mark, o->command);
}

att_status options_init(
    struct options *o, const struct option_row *rows, int count, const char *command, struct err *e)
{
    *o = (struct options){.command = command, .table = rows, .table_count = count};
    TRY(MEM_ARRAY(o->values, count, "options", e));
    att_status status = ATT_OK;
    for (int i = 0; i < count && status == ATT_OK; i++) {
        if (!option_is_of(&rows[i], command)) continue;
        struct option_value *v = &o->values[o->count++];
        v->row = &rows[i];
        struct err fault = {0};
        if (rows[i].value) status = options_store(v, "", rows[i].value, &fault);
        if (status == ATT_USAGE)
            status = err_set(e, ATT_FAILED, "the default of an option is wrong: %s", fault.text);
        else if (status != ATT_OK)
            err_pass(e, status, &fault);
    }
    if (status != ATT_OK) options_free(o);
    return status;
}

att_status options_init_over(struct options *o, const struct option_row *rows, int count,
    const char *command, const char *other, struct err *e)
{
    TRY(options_init(o, rows, count, command, e));
    for (int i = 0; i < count; i++)
        if (option_is_of(&rows[i], other) && !options_find(o, rows[i].name))
            o->values[o->count++] = (struct option_value){.row = &rows[i], .open = true};
    return ATT_OK;
}

att_status options_copy(const struct options *o, struct options *copy, struct err *e)
{
    *copy = *o;
    copy->count = 0;
    TRY(MEM_ARRAY(copy->values, o->table_count, "options", e));
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        struct option_value *c = &copy->values[copy->count++];
        *c = *v;
        c->text = v->text ? mem_text("%s", v->text) : NULL;
        c->file = v->file ? mem_text("%s", v->file) : NULL;
        if (!c->text == !v->text && !c->file == !v->file) continue;
        options_free(copy);
        return err_memory(e, 256, v->row->name);
    }
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

static bool alternative(const struct options *o, const char *a, const char *b)
{
    for (const char *const *list = o->alternatives; list && *list; list++)
        if (strcmp(a, b) != 0 && text_has_word(*list, a) && text_has_word(*list, b)) return true;
    return false;
}

static void forget_file(struct option_value *v)
{
    mem_free(v->file);
    v->file = NULL;
}

/* Restores the default. */
static att_status withdraw(struct option_value *v, struct err *e)
{
    mem_free(v->text);
    v->text = NULL;
    v->set = false;
    forget_file(v);
    return v->row->value && !v->open ? options_store(v, "", v->row->value, e) : ATT_OK;
}

att_status options_set(struct options *o, const char *name, const char *value, struct err *e)
{
    struct option_value *v = options_find(o, name);
    bool no = !v && strncmp(name, "no", 2) == 0 && (name[2] == '-' || name[2] == '_');
    if (no) {
        v = options_find(o, name + 3);
        if (v && !option_is_switch(v->row))
            return err_usage(e,
                "unknown option `%s`; `%s` takes a value: give one, or leave the option out", name,
                v->row->name);
    }
    if (!v) return options_unknown(o, "", name, e);
    if (no && value) return err_usage(e, "`%s` takes no value", name);
    if (option_is_switch(v->row) && !value) value = no ? "no" : "yes";
    TRY(options_store(v, "", value, e));
    v->set = true;
    forget_file(v);
    for (int i = 0; i < o->count; i++) /* flags win over files */
        if (o->values[i].file && alternative(o, v->row->name, o->values[i].row->name))
            TRY(withdraw(&o->values[i], e));
    return ATT_OK;
}

att_status options_forget(struct options *o, const char *file, struct err *e)
{
    for (int i = 0; i < o->count; i++)
        if (o->values[i].file && !strcmp(o->values[i].file, file)) TRY(withdraw(&o->values[i], e));
    return ATT_OK;
}

const char *options_read_text(const struct options *o, const char *name)
{
    const struct option_value *v = options_find(o, name);
    return v ? v->text : NULL;
}

int64_t options_read_int(const struct options *o, const char *name)
{
    const char *text = options_read_text(o, name);
    int64_t x = 0;
    return text && option_read_int(text, &x) ? x : 0;
}

static double options_number(
    const struct options *o, const char *name, bool (*read)(const char *text, double *x))
{
    const char *text = options_read_text(o, name);
    double x = 0;
    return text && read(text, &x) ? x : 0;
}

double options_read_real(const struct options *o, const char *name)
{
    return options_number(o, name, option_read_real);
}

double options_read_bytes(const struct options *o, const char *name)
{
    return options_number(o, name, option_read_bytes);
}

double options_read_seconds(const struct options *o, const char *name)
{
    return options_number(o, name, option_read_seconds);
}

bool options_read_bool(const struct options *o, const char *name)
{
    const char *text = options_read_text(o, name);
    return text && strcmp(text, "yes") == 0;
}

bool options_read_set(const struct options *o, const char *name)
{
    const struct option_value *v = options_find(o, name);
    return v && v->set;
}

const char *options_read_file(const struct options *o, const char *name)
{
    const struct option_value *v = options_find(o, name);
    return v ? v->file : NULL;
}

static void put_before(const char *file, const char *rest, struct err *e)
{
    char *text = mem_text("%.500s: %s", file, rest);
    if (text) snprintf(e->text, sizeof e->text, "%s", text);
    mem_free(text);
}

void options_blame(const struct options *o, struct err *e)
{
    char name[NAME_ROOM];
    const char *file = NULL;
    for (const char *at = strchr(e->text, '`'); !file && at; at = strchr(at, '`')) {
        const char *end = at + 1 + strcspn(at + 1, "`");
        snprintf(name, sizeof name, "%.*s", (int)(end - at - 1), at + 1);
        file = options_read_file(o, name);
        if (file && at == e->text) {
            char *rest = mem_text("%s%s", name, end + (*end == '`'));
            if (rest) put_before(file, rest, e);
            mem_free(rest);
            return;
        }
        at = end + (*end == '`');
    }
    if (file && strncmp(e->text, file, strlen(file)) != 0) put_before(file, e->text, e);
}

att_status options_read_blame(
    const struct options *o, const char *name, att_status status, struct err *e)
{
    const char *file =
        status == ATT_USAGE || status == ATT_MODEL ? options_read_file(o, name) : NULL;
    if (file && *e->text != '`') put_before(file, e->text, e);
    return status;
}

const char *options_read_choice(const struct options *o, const char *name)
{
    const char *text = options_read_text(o, name);
    return text && strcmp(text, "auto") != 0 ? text : NULL;
}

att_status options_read_size3(const struct options *o, const char *name,
    const struct size_rule *rule, int size[3], struct err *e)
{
    const char *text = options_read_text(o, name);
    int v[3];
    memset(size, 0, 3 * sizeof *size);
    if (!text) return ATT_OK;
    int n = number_read_size(text, v);
    for (int i = 0; i < 3; i++)
        if (v[i] < 1 || v[i] > OPTIONS_LENGTH) n = 0;
    if (!n)
        return err_usage(e,
            "`%s` %s: give a size like 256x256 (height x width) or 48x64x48 (depth x height x "
            "width), of 1 to 65536 along an axis",
            name, text);
    if (n == 1) { /* every axis */
        v[1] = v[2];
        if (rule->dims == 3) v[0] = v[2];
    }
    if (rule->dims == 2 && v[0] != 1)
        return err_usage(e, "`%s` %s has a depth, but %s 2D; give HxW", name, text, rule->whose);
    if (rule->dims == 3 && n == 2)
        return err_usage(
            e, "`%s` %s has two numbers, but %s 3D; give DxHxW", name, text, rule->whose);
    memcpy(size, v, 3 * sizeof *size);
    /* Keeps sizes of feature maps far below SIZE_MAX. */
    double voxels = (double)size[0] * (double)size[1] * (double)size[2] * (double)rule->count;
    if (voxels > 0x1p31)
        return err_usage(e, "`%s` %s: at most 2^31 voxels are possible", name, text);
    return ATT_OK;
}

att_status options_read_spacing(
    const struct options *o, const char *name, double mm[3], struct err *e)
{
    const char *text = options_read_text(o, name);
    mm[0] = mm[1] = mm[2] = 0;
    if (!text || strcmp(text, "none") == 0) return ATT_OK;
    if (!number_read3(text, mm))
        return err_usage(e,
            "`%s` %.100s: give three numbers in mm like 3x0.75x0.75 (depth x height x width), "
            "or 0x0.75x0.75 for planes; 0 keeps an axis",
            name, text);
    for (int i = 0; i < 3; i++)
        if (mm[i] > 0 && (mm[i] < 1e-6 || mm[i] > 1e6))
            return err_usage(
                e, "`%s` %.100s is out of range; give 0.000001 to 1000000 mm", name, text);
    return ATT_OK;
}

static json_t *value_to_json(const struct options *o, const struct option_value *v)
{
    switch (v->open ? OPTION_TEXT : v->row->type) {
    case OPTION_INT:
        if (v->row->arg && *v->row->arg == '+') return json_string(v->text); /* the sign matters */
        return json_integer(options_read_int(o, v->row->name));
    case OPTION_REAL:
        return json_real(options_read_real(o, v->row->name));
    case OPTION_BOOL:
        return json_boolean(options_read_bool(o, v->row->name));
    default:
        if (option_is_switch(v->row) && v->text && option_read_bool(v->text))
            return json_boolean(option_read_bool(v->text)[0] == 'y');
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

/* Whether an alternative was set as a flag. */
static bool overruled(const struct options *o, const struct option_row *row)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        if (v->set && !v->file && alternative(o, row->name, v->row->name)) return true;
    }
    return false;
}

static att_status options_load_one(
    struct options *o, const char *key, const json_t *value, const char *where, struct err *e)
{
    char before[512];
    snprintf(before, sizeof before, "%.500s: ", where);
    struct option_value *v = options_find(o, key);
    if (!v) return options_unknown(o, before, key, e);
    if (v->file && strcmp(v->file, where) == 0)
        return err_usage(e, "%s%s appears twice, also as \"%.60s\"; keep one of them", before,
            v->row->name, key);
    if (v->set || v->file || json_is_null(value) || overruled(o, v->row)) return ATT_OK;
    json_t *word = json_option(value);
    if (json_is_array(value) || json_is_object(value))
        return err_usage(e, "%s%s is a list or an object; give one value", before, v->row->name);
    if (!word) return err_memory(e, 64, v->row->name);
    json_t *usual = v->text ? value_to_json(o, v) : NULL;
    att_status status = options_store(v, before, json_string_value(word), e);
    json_t *now = status == ATT_OK ? value_to_json(o, v) : NULL;
    v->set = !json_equal(usual, now);
    json_decref(word);
    json_decref(usual);
    json_decref(now);
    TRY(status);
    v->file = mem_text("%s", where);
    return v->file ? ATT_OK : err_memory(e, strlen(where), "the name of a file of settings");
}

/* Joins the sentences on all wrong options. */
att_status options_load_json(
    struct options *o, const json_t *json, const char *where, struct err *e)
{
    if (!json_is_object(json))
        return err_usage(e, "%s: the options must be a JSON object, {\"name\": value, ...}", where);
    struct err all = {0};
    const char *key;
    json_t *value;
    json_each(json, key, value)
    {
        struct err one = {0};
        const att_status status = options_load_one(o, key, value, where, &one);
        if (status != ATT_OK && status != ATT_USAGE) return err_pass(e, status, &one);
        if (status == ATT_OK) continue;
        const struct err before = all;
        err_clear(&all);
        if (before.status == ATT_OK)
            err_pass(&all, status, &one);
        else
            err_set(&all, status, "%.720s; %.300s", before.text, one.text);
    }
    return err_pass(e, all.status, &all);
}
