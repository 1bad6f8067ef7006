/* SPDX-License-Identifier: Apache-2.0 */
/* Plans a training and shows its augmentation. */
#include <string.h>

#include "app/app.h"
#include "app/preview.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/claims.h"
#include "files/file.h"
#include "files/json_file.h"
#include "run/planning.h"

/* The picture is FILE.png itself, or PLAN_augmentation.png beside PLAN.json. */
static att_status draw_patches(
    struct app_call *call, const char *dataset, const char *path, char **picture)
{
    if (!path)
        return err_usage(call->e,
            "`show-augmentation` draws a picture; name its file, such as FILE.png, with `output`");
    const char *dot = strrchr(path, '.');
    int stem = dot && !strchr(dot, '/') ? (int)(dot - path) : (int)strlen(path);
    *picture = file_ends(path, ".png") ? mem_text("%s", path)
                                       : mem_text("%.*s_augmentation.png", stem, path);
    if (!*picture) return err_path(call->e);
    TRY(claims_check(call->host, *picture, call->e));
    if (is_dry_run(call->host)) return ATT_OK;
    TRY(claims_take(call->host, *picture, call->e));
    return train_preview(&call->t, dataset, call->o, *picture, call->e);
}

/* path, picture: files to write, or NULL; a picture alone needs no plan. */
static att_status write_plan(
    struct app_call *call, const char *dataset, const char *path, const char *picture)
{
    const bool dry = is_dry_run(call->host), alone = picture && !path && !dry;
    if (alone)
        call->result = json_object();
    else
        TRY(train_plan(&call->t, dataset, call->o, &call->result, call->e));
    note_dry_run(call->host, "plan a training on %s", dataset);
    if (path) dry_run_file(call->host, path, NULL);
    if (picture) dry_run_file(call->host, picture, NULL);
    if (path && !dry) TRY(claims_take(call->host, path, call->e));
    if (path && !dry)
        TRY(json_file_write_as(
            path, call->result, JSON_INDENT(2) | JSON_REAL_PRECISION(15), call->e));
    if (picture) json_set_text(call->result, "picture", picture);
    if (path && !dry)
        json_object_set_new(call->result, "next",
            json_sprintf("attunet train %s -o RUN --plan %s", TEXT_PATH(dataset), TEXT_PATH(path)));
    return ATT_OK;
}

att_status app_plan(struct app_call *call, const char *dataset)
{
    const char *path = options_text(call->o, plan, output);
    const bool shows = options_bool(call->o, plan, show_augmentation),
               alone = shows && path && file_ends(path, ".png"); /* no plan is written */
    char *picture = NULL;
    TRY(call_no_image(call, alone ? NULL : path));
    if (path) TRY(claims_check(call->host, path, call->e)); /* fail before measuring */
    att_status status = shows ? draw_patches(call, dataset, path, &picture) : ATT_OK;
    if (status == ATT_OK) status = write_plan(call, dataset, alone ? NULL : path, picture);
    mem_free(picture);
    return status;
}
