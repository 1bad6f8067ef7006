/* SPDX-License-Identifier: Apache-2.0 */
/* Progress of each stage of a hard-attention run. */

#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "files/file.h"
#include "train/checkpoint.h"

static json_t *info_hard_stage(
    const char *name, const json_t *step, const json_t *steps, bool finished)
{
    return json_pack(
        "{s:s, s:O*, s:O*, s:b}", "name", name, "step", step, "steps", steps, "finished", finished);
}

/* A net is a run of its own. */
static att_status info_hard_add_net(json_t *list, const char *run, const char *name, struct err *e)
{
    char *path = file_join(run, name);
    json_t *state = NULL;
    att_status status = path ? checkpoint_peek(path, &state, NULL, e) : err_path(e);
    json_array_append_new(list,
        info_hard_stage(name, json_object_get(state, "step"),
            json_object_get(json_object_get(json_object_get(state, "recipe"), "settings"), "steps"),
            json_flag(state, "finished")));
    json_decref(state);
    mem_free(path);
    return status;
}

/* The policy's steps continue through its stages. */
static json_t *policy_to_json(const json_t *state)
{
    const json_t *all = json_object_get(state, "policy_steps");
    json_int_t steps = json_integer_value(all), step = json_int(state, "step");
    json_t *done = state ? json_integer(step < steps ? step : steps) : NULL;
    json_t *j = info_hard_stage("policy", done, all, json_flag(state, "policy_done"));
    const json_int_t views = json_int(state, "views") + json_int(state, "held_views");
    const size_t cases = json_length(state, "train");
    if (cases > 0 && views > 0 && views % (json_int_t)cases == 0)
        json_set_int(
            j, "views_of_a_case", views / (json_int_t)cases); /* else no `policy_views` matches */
    json_decref(done);
    return j;
}

/* If stage 3 was no better: what the model is, from stage 2 or an earlier end of stage 3. */
static void info_hard_add_kept(const json_t *state, json_int_t before, json_t *j)
{
    const json_int_t step = json_int(state, "before_step") - before;
    if (!json_flag(state, "kept")) return;
    json_set_text(j, "kept", step > 0 ? "joint" : "policy");
    if (step > 0) json_set_int(j, "kept_step", step);
}

static json_t *joint_to_json(const json_t *state)
{
    json_int_t before = json_int(state, "policy_steps");
    const json_t *all = json_object_get(state, "joint_steps");
    bool begun = json_integer_value(all) > 0;
    json_t *done = begun ? json_integer(json_int(state, "step") - before) : NULL;
    json_t *j = info_hard_stage("joint", done, begun ? all : NULL, json_flag(state, "finished"));
    info_hard_add_kept(state, before, j);
    json_decref(done);
    return j;
}

att_status info_stages(const char *run, json_t *json, struct err *e)
{
    json_t *state, *list = json_array();
    json_object_set_new(json, "stages", list);
    TRY(info_hard_add_net(list, run, "coarse", e));
    TRY(info_hard_add_net(list, run, "fine", e));
    TRY(checkpoint_peek(run, &state, NULL, e));
    json_array_append_new(list, policy_to_json(state));
    json_array_append_new(list, joint_to_json(state));
    json_decref(state);
    return ATT_OK;
}
