/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: options of one command, set by name or from JSON. */
#include <string.h>

#include "app/app.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/json_file.h"
#include "tune/space_read.h"

/* Options that load a file. */
static const char *const file_options[] = {"config", "plan", NULL};

/* Whether the row comes only from the base command. */
static bool is_beneath(const struct option_row *r, const char *command)
{
    const char *base = option_base_command(command);
    if (!base || option_is_of(r, command) || !option_is_of(r, base)) return false;
    for (int i = 0; i < option_table_rows; i++)
        if (!strcmp(option_table[i].name, r->name) && option_is_of(&option_table[i], command))
            return false;
    return true;
}

bool app_option_row(const char *command, int index, att_option *row)
{
    if (text_index(option_commands, command) < 0) return false; /* "any" is none */
    for (int i = 0; i < option_table_rows; i++) {
        const struct option_row *r = &option_table[i];
        bool below = is_beneath(r, command);
        if ((!below && !option_is_of(r, command)) || index-- > 0) continue;
        *row = (att_option){sizeof *row, r->name, r->arg, below ? NULL : r->value, r->help,
            r->group, below ? NULL : r->choices, below && tune_settings_refuse(r->name)};
        return true;
    }
    return false;
}

att_status app_settings_create(struct app_call *call, const char *command, att_settings **settings)
{
    int which = text_index(option_commands, command);
    const char *near = which < 0 ? text_nearest(command, option_commands) : NULL;
    if (near)
        return err_usage(call->e, "unknown command '%.100s'; did you mean %s?", command, near);
    if (which < 0)
        return err_usage(
            call->e, "unknown command '%.100s'; 'attunet --help' lists the commands", command);
    att_settings *s;
    TRY(MEM_NEW(s, "the settings", call->e));
    att_status status = options_init_command(&s->o, option_commands[which], call->e);
    if (status == ATT_OK)
        *settings = s;
    else
        mem_free(s);
    return status;
}

/* The options in a file: all of it, or `settings` of a plan or of a run's settings.json. */
static att_status find_options(
    const json_t *json, const char *path, const json_t **options, struct err *e)
{
    static const char *const others[] = {"fingerprint", "expected", "reasons", "dataset",
        "dataset_path", "device", "train", "val", "settings", "warnings", NULL};
    const char *key;
    json_t *value;
    bool plan = json_object_get(json, "fingerprint") || json_object_get(json, "settings");
    *options = plan ? json_object_get(json, "settings") : json;
    if (!*options) return err_usage(e, "%s has no \"settings\", so it is not a plan", path);
    json_each(json, key, value)
    {
        const char *near = text_nearest(key, others);
        if (!plan || text_index(others, key) >= 0) continue;
        if (near)
            return err_usage(
                e, "%s: unknown key \"%.100s\"; did you mean \"%s\"?", path, key, near);
        return err_usage(e,
            "%s: unknown key %.100s beside \"settings\"; move it into them, or remove it", path,
            key);
    }
    return ATT_OK;
}

static att_status app_settings_load(struct app_call *call, struct options *o, const char *path)
{
    json_t *json;
    TRY(json_file_read_as(path, ATT_USAGE, &json, call->e));
    const json_t *options = NULL;
    att_status status = find_options(json, path, &options, call->e);
    for (int i = 0; file_options[i] && status == ATT_OK; i++)
        if (json_object_get(options, file_options[i]))
            status =
                err_usage(call->e, "%s: a settings file cannot name another one (%s); remove that",
                    path, file_options[i]);
    if (status == ATT_OK) status = options_load_json(o, options, path, call->e);
    json_decref(json);
    return status;
}

/* A new file replaces the previous one. */
static att_status app_settings_set(
    struct app_call *call, struct options *o, const char *name, const char *value)
{
    const bool file = text_index(file_options, name) >= 0;
    if (file && options_read_text(o, name))
        TRY(options_forget(o, options_read_text(o, name), call->e));
    TRY(options_set(o, name, value, call->e));
    return file ? app_settings_load(call, o, value) : ATT_OK;
}

att_status app_settings_change(
    struct app_call *call, att_settings *s, const char *name, const char *value)
{
    struct options o, before = s->o;
    TRY(options_copy(&before, &o, call->e));
    att_status status =
        name ? app_settings_set(call, &o, name, value) : app_settings_load(call, &o, value);
    const bool whole = status == ATT_OK && !json_memory_lost(); /* else the call fails */
    if (whole) s->o = o;
    options_free(whole ? &before : &o);
    return status;
}

/* Paths may hold bytes that JSON cannot. */
static att_status check_texts(const struct options *o, struct err *e)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        json_t *text = v->text ? json_string(v->text) : NULL;
        if (v->text && !text)
            return err_usage(
                e, "`%s` %.200s is not UTF-8; rename the file or folder", v->row->name, v->text);
        json_decref(text);
    }
    return ATT_OK;
}

att_status app_settings_describe(struct app_call *call, const struct options *o)
{
    TRY(check_texts(o, call->e));
    call->exact = true;
    call->result = options_to_json(o);
    for (int i = 0; file_options[i]; i++)
        json_object_del(call->result, file_options[i]); /* their values are set */
    return ATT_OK;
}
