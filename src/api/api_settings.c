/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: options of one command, set by name or from JSON. */
#include <stddef.h>
#include <string.h>

#include "api/api.h"
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
    for (int i = 0; i < option_row_count; i++)
        if (option_is_of(&option_rows[i], command) && !strcmp(option_rows[i].name, r->name))
            return false;
    return true;
}

int att_option_row(const char *command, int index, att_option *row)
{
    if (!command || index < 0 || !row || row->size < offsetof(att_option, choices)) return 0;
    if (text_index(option_commands, command) < 0) return 0; /* excludes options of all commands */
    for (int i = 0; i < option_row_count; i++) {
        const struct option_row *r = &option_rows[i];
        bool below = is_beneath(r, command);
        if ((!below && !option_is_of(r, command)) || index-- > 0) continue;
        const att_option full = {row->size, r->name, r->arg, below ? NULL : r->value, r->help,
            r->group, below ? NULL : r->choices, below && wishes_refuse(r->name)};
        memcpy(row, &full,
            row->size < sizeof full ? row->size
                                    : sizeof full); /* the caller's header may be older */
        return 1;
    }
    return 0;
}

static att_status create(struct app_call *call, const char *command, att_settings **settings)
{
    TRY(api_need(call, command, "command"));
    int which = text_index(option_commands, command);
    const char *near = which < 0 ? text_nearest(command, option_commands) : NULL;
    if (near)
        return err_set(
            call->e, ATT_USAGE, "unknown command '%.100s'; did you mean %s?", command, near);
    if (which < 0)
        return err_set(call->e, ATT_USAGE,
            "unknown command '%.100s'; 'attunet --help' lists the commands", command);
    att_settings *s;
    TRY(MEM_NEW(s, "the settings", call->e));
    att_status status = options_init_command(&s->o, option_commands[which], call->e);
    if (status == ATT_OK)
        *settings = s;
    else
        mem_free(s);
    return status;
}

att_status att_settings_create(att_context *context, const char *command, att_settings **settings)
{
    struct app_call call;
    if (settings) *settings = NULL;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, settings, "settings");
    if (status == ATT_OK) status = create(&call, command, settings);
    return api_close(&call, status);
}

void att_settings_destroy(att_settings *settings)
{
    if (!settings) return;
    options_free(&settings->o);
    mem_free(settings);
}

/* The options in a file: all of it, or `settings` of a plan or of a run's settings.json. */
static att_status find_options(
    const json_t *json, const char *path, const json_t **options, struct err *e)
{
    static const char *const others[] = {"fingerprint", "expected", "reasons", "dataset",
        "dataset_path", "train", "val", "settings", NULL};
    const char *key;
    json_t *value;
    bool plan = json_object_get(json, "fingerprint") || json_object_get(json, "settings");
    *options = plan ? json_object_get(json, "settings") : json;
    if (!*options)
        return err_set(e, ATT_USAGE, "%s has no \"settings\", so it is not a plan", path);
    json_each(json, key, value)
    {
        if (plan && text_index(others, key) < 0)
            return err_set(e, ATT_USAGE,
                "%s: unknown key %.100s beside \"settings\"; move it into them, or remove it", path,
                key);
    }
    return ATT_OK;
}

static att_status api_settings_load(struct app_call *call, struct options *o, const char *path)
{
    json_t *json;
    TRY(json_file_read_as(path, ATT_USAGE, &json, call->e));
    const json_t *options = NULL;
    att_status status = find_options(json, path, &options, call->e);
    for (int i = 0; file_options[i] && status == ATT_OK; i++)
        if (json_object_get(options, file_options[i]))
            status = err_set(call->e, ATT_USAGE,
                "%s: a settings file cannot name another one (%s); remove that", path,
                file_options[i]);
    if (status == ATT_OK) status = options_load_json(o, options, path, call->e);
    json_decref(json);
    return status;
}

/* A new file replaces the previous one. */
static att_status api_settings_set(
    struct app_call *call, struct options *o, const char *name, const char *value)
{
    const bool file = text_index(file_options, name) >= 0;
    if (file && options_read_text(o, name))
        TRY(options_forget(o, options_read_text(o, name), call->e));
    TRY(options_set(o, name, value, call->e));
    return file ? api_settings_load(call, o, value) : ATT_OK;
}

/* Changes all or nothing; name NULL: loads the file `value`. */
static att_status api_settings_change(
    struct app_call *call, att_settings *s, const char *name, const char *value)
{
    struct options o, before = s->o;
    TRY(options_copy(&before, &o, call->e));
    att_status status =
        name ? api_settings_set(call, &o, name, value) : api_settings_load(call, &o, value);
    const bool whole = status == ATT_OK && !json_memory_lost(); /* else the call fails */
    if (whole) s->o = o;
    options_free(whole ? &before : &o);
    return status;
}

att_status att_settings_set(
    att_context *context, att_settings *settings, const char *name, const char *value)
{
    struct app_call call;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, settings, "settings");
    if (status == ATT_OK) status = api_need(&call, name, "name");
    if (status == ATT_OK) status = api_settings_change(&call, settings, name, value);
    return api_close(&call, status);
}

att_status att_settings_load(att_context *context, att_settings *settings, const char *path)
{
    struct app_call call;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, settings, "settings");
    if (status == ATT_OK) status = api_need_path(&call, path, "path");
    if (status == ATT_OK) status = api_settings_change(&call, settings, NULL, path);
    return api_close(&call, status);
}

/* Paths may hold bytes that JSON cannot. */
static att_status check_texts(const struct options *o, struct err *e)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        json_t *text = v->text ? json_string(v->text) : NULL;
        if (v->text && !text)
            return err_set(e, ATT_USAGE, "`%s` %.200s is not UTF-8; rename the file or folder",
                v->row->name, v->text);
        json_decref(text);
    }
    return ATT_OK;
}

/* Without file options: their values are already set. */
static json_t *api_settings_describe(const struct options *o)
{
    json_t *json = options_to_json(o);
    for (int i = 0; file_options[i]; i++) json_object_del(json, file_options[i]);
    return json;
}

att_status att_settings_json(att_context *context, const att_settings *settings, char **json)
{
    struct app_call call;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, NULL, NULL);
    if (status == ATT_OK) status = api_need(&call, settings, "settings");
    if (status == ATT_OK) status = check_texts(&settings->o, call.e);
    if (status == ATT_OK)
        status = api_text_exact(api_settings_describe(&settings->o), json, call.e);
    return api_close(&call, status);
}
