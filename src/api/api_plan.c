/* SPDX-License-Identifier: Apache-2.0 */
/* att_plan. */
#include <string.h>

#include "api/api.h"
#include "app/preview.h"
#include "base/json.h"
#include "base/mem.h"
#include "files/file.h"
#include "files/json_file.h"
#include "run/planning.h"

/* The picture is FILE.png itself, or PLAN_augmentation.png beside PLAN.json. */
static att_status draw_patches(
    struct app_call *call, const struct train_context *t, const char *dataset, char **picture)
{
    const char *path = options_text(call->o, plan, output);
    if (!path)
        return err_set(call->e, ATT_USAGE,
            "`show-augmentation` draws a picture; name its file, such as FILE.png, with `output`");
    const char *dot = strrchr(path, '.');
    int stem = dot && !strchr(dot, '/') ? (int)(dot - path) : (int)strlen(path);
    *picture = file_ends(path, ".png") ? mem_text("%s", path)
                                       : mem_text("%.*s_augmentation.png", stem, path);
    if (!*picture) return err_path(call->e);
    TRY(file_check_place(*picture, false, call->e));
    if (is_dry_run(t->host)) return ATT_OK;
    return train_preview(t, dataset, call->o, *picture, call->e);
}

static att_status dry_run_plan(struct app_call *call, const struct train_context *t,
    const char *dataset, const char *picture, char **json)
{
    const char *path = options_text(call->o, plan, output);
    json_t *plan;
    TRY(train_plan(t, dataset, call->o, &plan, call->e));
    note_dry_run(t->host, "plan a training on %s", dataset);
    if (picture && !strcmp(picture, path)) path = NULL;
    if (path) dry_run_file(t->host, path, NULL);
    if (picture) dry_run_file(t->host, picture, NULL);
    return api_result(call, plan, json);
}

static att_status plan_on(struct app_call *call, const struct train_context *t, const char *dataset,
    const char *picture, char **json)
{
    const char *path = options_text(call->o, plan, output);
    json_t *plan;
    if (is_dry_run(t->host)) return dry_run_plan(call, t, dataset, picture, json);
    if (picture && !strcmp(picture, path))
        return api_text(json_pack("{s:o}", "picture", json_utf8(picture)), json, call->e);
    TRY(train_plan(t, dataset, call->o, &plan, call->e));
    att_status status = path
        ? json_file_write_as(path, plan, JSON_INDENT(2) | JSON_REAL_PRECISION(15), call->e)
        : ATT_OK;
    if (picture) json_object_set_new(plan, "picture", json_utf8(picture));
    if (status == ATT_OK) return api_text_exact(plan, json, call->e);
    json_decref(plan);
    return status;
}

static att_status api_plan_make(struct app_call *call, const char *dataset, char **json)
{
    const char *path = options_text(call->o, plan, output);
    const bool shows = options_bool(call->o, plan, show_augmentation);
    char *picture = NULL;
    TRY(api_need_path(call, dataset, "dataset"));
    TRY(call_no_image(call,
        path && shows && file_ends(path, ".png") ? NULL : path)); /* FILE.png: only the picture */
    if (path) TRY(file_check_place(path, false, call->e));        /* fail before measuring */
    att_status status = shows ? draw_patches(call, &call->t, dataset, &picture) : ATT_OK;
    if (status == ATT_OK) status = plan_on(call, &call->t, dataset, picture, json);
    mem_free(picture);
    return status;
}

att_status att_plan(
    att_context *context, const char *dataset, const att_settings *settings, char **json)
{
    struct app_call call;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "plan");
    if (status == ATT_OK) status = api_plan_make(&call, dataset, json);
    return api_close(&call, status);
}
