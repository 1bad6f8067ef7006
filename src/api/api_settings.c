/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: options of one command. */
#include <stddef.h>
#include <string.h>

#include "api/api.h"
#include "app/app.h"
#include "base/mem.h"

int att_option_row(const char *command, int index, att_option *row)
{
    att_option full;
    if (!command || index < 0 || !row || row->struct_size < offsetof(att_option, choices)) return 0;
    if (!app_option_row(command, index, &full)) return 0;
    full.struct_size = row->struct_size; /* the caller's header may be older */
    memcpy(row, &full, full.struct_size < sizeof full ? full.struct_size : sizeof full);
    return 1;
}

att_status att_settings_create(att_context *context, const char *command, att_settings **settings)
{
    struct app_call call;
    if (settings) *settings = NULL;
    if (api_open(&call, context, NULL) && api_need(&call, settings, "settings") &&
        api_need(&call, command, "command"))
        call.status = app_settings_create(&call, command, settings);
    return api_close(&call);
}

void att_settings_destroy(att_settings *settings)
{
    if (!settings) return;
    options_free(&settings->o);
    mem_free(settings);
}

att_status att_settings_set(
    att_context *context, att_settings *settings, const char *name, const char *value)
{
    struct app_call call;
    if (api_open(&call, context, NULL) && api_need(&call, settings, "settings") &&
        api_need(&call, name, "name"))
        call.status = app_settings_change(&call, settings, name, value);
    return api_close(&call);
}

att_status att_settings_load(att_context *context, att_settings *settings, const char *path)
{
    struct app_call call;
    if (api_open(&call, context, NULL) && api_need(&call, settings, "settings") &&
        api_need_path(&call, path, "path"))
        call.status = app_settings_change(&call, settings, NULL, path);
    return api_close(&call);
}

att_status att_settings_json(att_context *context, const att_settings *settings, char **json)
{
    struct app_call call;
    if (api_open(&call, context, json) && api_need(&call, settings, "settings"))
        call.status = app_settings_describe(&call, &settings->o);
    return api_close(&call);
}
