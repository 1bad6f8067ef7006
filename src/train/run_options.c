/* SPDX-License-Identifier: Apache-2.0 */
#include "train/run_options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

/* Paths become absolute, valid from any folder. */
static json_t *option_text(const struct option_value *v)
{
    char full[PATH_MAX];
    bool file = v->row->arg && (!strcmp(v->row->arg, "FILE") || !strcmp(v->row->arg, "MODEL"));
    return json_string(file && realpath(v->text, full) ? full : v->text);
}

static bool run_options_keep(const char *name, bool every_fold)
{
    static const char *const excluded[] = {"output", "plan", "dry-run", NULL};
    return text_index(excluded, name) < 0 && !(every_fold && !strcmp(name, "fold"));
}

att_status run_options_write(
    const struct options *o, bool every_fold, json_t *options, struct err *e)
{
    for (int i = 0; i < o->count; i++) {
        const struct option_value *v = &o->values[i];
        if (!v->set || !v->text || option_is_of(v->row, "any") ||
            !run_options_keep(v->row->name, every_fold))
            continue;
        json_t *text = option_text(v);
        if (!text)
            return err_usage(
                e, "`%s` is not UTF-8; rename the file or change the text", v->row->name);
        if (json_object_set_new(options, v->row->name, text) != 0)
            return err_memory(e, 4096, "the options of a run");
    }
    return ATT_OK;
}

bool run_options_valid(const json_t *options, bool every_fold)
{
    const char *name;
    json_t *value;
    if (!json_is_object(options)) return false;
    json_each(options, name,
        value) if (!json_is_string(value) || !run_options_keep(name, every_fold)) return false;
    return true;
}

att_status run_options_read(
    const json_t *options, const struct options *table, struct options *o, struct err *e)
{
    const char *name;
    json_t *value;
    att_status status = ATT_OK;
    TRY(options_init(o, table->table, table->table_count, table->command, e));
    json_each(options, name, value)
    {
        if (status == ATT_OK) status = options_set(o, name, json_string_value(value), e);
    }
    if (status != ATT_OK) options_free(o);
    return status;
}
