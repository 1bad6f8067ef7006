/* SPDX-License-Identifier: Apache-2.0 */
/* Compares and stores models; called by hard_train.c and hard_best.c. */
#include "hard/hard_keep.h"

#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "hard/hard_holdout.h"
#include "model/run_files.h"

att_status hard_keep_exclude(struct hard_training *h, struct err *e)
{
    for (int i = 0; i < NETS; i++) {
        struct sampler *s = &h->net[i].sampler;
        sampler_end(s);
        s->count = h->net[i].split.ntrain - hard_holdout_count(h->net[i].split.ntrain);
        TRY(sampler_begin(s, e));
    }
    return ATT_OK;
}

/* Mean Dice on the held-out cases, minus the cost of computed tiles. */
static att_status hard_keep_measure(
    struct hard_training *h, const struct model *m, double *reward, struct err *e)
{
    const struct training *fine = &h->net[PART_FINE];
    const int count = hard_holdout_count(fine->split.ntrain),
              *cases = fine->split.train + fine->split.ntrain - count;
    struct validation v;
    *reward = 0;
    if (!count) return ATT_OK;
    const struct validation_job job = {.data = &fine->data,
        .cases = cases,
        .count = count,
        .model = m,
        .conv = fine->recipe.conv[0] ? fine->recipe.conv : NULL};
    TRY(validation_run(h->c, &job, &v, e));
    h->compare_seconds = v.seconds;
    *reward = (isnan(v.mean) ? 0 : v.mean) - h->settings.cost * v.tile_share;
    return ATT_OK;
}

/* The file has the model's reward and step, because a crash may prevent the next checkpoint. */
static att_status model_to_file(
    const struct hard_training *h, struct model *m, double reward, struct err *e)
{
    char *path = file_join(h->work->run, RUN_BEFORE);
    if (!path) return err_path(e);
    m->history =
        json_pack("{s:o, s:I}", "before", json_finite(reward), "before_step", (json_int_t)h->step);
    att_status status =
        m->history ? model_save(m, path, e) : err_memory(e, 64, "the model's history");
    json_decref(m->history);
    mem_free(path);
    return status;
}

att_status hard_keep_write(struct hard_training *h, double reward, struct err *e)
{
    TRY(hard_join_all(h, e));
    struct model m = average_model(&h->average, &h->model);
    return model_to_file(h, &m, reward, e);
}

att_status hard_keep_load(const struct hard_training *h, struct model *before, struct err *e)
{
    char *path = file_join(h->work->run, RUN_BEFORE);
    att_status status = path ? model_load(path, before, e) : err_path(e);
    mem_free(path);
    return status;
}

att_status hard_keep_read(struct hard_training *h, struct err *e)
{
    struct model before;
    if (!h->policy_done || !hard_holdout_count(h->net[PART_FINE].split.ntrain))
        return ATT_OK; /* not written yet, or never compared */
    TRY(hard_keep_load(h, &before, e));
    if (json_object_get(before.history, "before_step")) {
        h->before = json_double(before.history, "before");
        h->before_step = json_int(before.history, "before_step");
    }
    model_free(&before);
    return ATT_OK;
}

att_status hard_keep_before(struct hard_training *h, struct err *e)
{
    TRY(hard_join_all(h, e));
    struct model m = average_model(&h->average, &h->model);
    TRY(hard_keep_measure(h, &m, &h->before, e));
    h->before_step = h->step;
    return model_to_file(h, &m, h->before, e);
}

att_status hard_keep_choose(struct hard_training *h, struct err *e)
{
    double now;
    const int count = hard_holdout_count(h->net[PART_FINE].split.ntrain);
    h->kept = false;
    if (!count) return ATT_OK;
    TRY(hard_join_all(h, e));
    struct model m = average_model(&h->average, &h->model);
    TRY(hard_keep_measure(h, &m, &now, e));
    const double earlier = h->before;
    h->kept = now < earlier;
    if (!h->kept) { /* a longer joint stage must improve on this model */
        TRY(model_to_file(h, &m, now, e));
        h->before = now;
        h->before_step = h->step;
    }
    host_say(h->c->host, LOG_INFO,
        "stage 3 of 3: reward %.4f on %d held-out training case%s, %.4f before this stage; %s", now,
        count, TEXT_S(count), earlier,
        h->kept ? "the earlier model stays" : "the joint model is better");
    return ATT_OK;
}

att_status hard_keep_model(struct hard_training *h, struct model *m, struct err *e)
{
    TRY(hard_join_all(h, e));
    if (h->kept) return hard_keep_load(h, m, e);
    *m = h->model;
    m->params = average_params(&h->average, &h->model.params);
    return ATT_OK;
}

void hard_keep_model_free(const struct hard_training *h, struct model *m)
{
    if (h->kept) model_free(m);
}

/* How the model was made, without paths, since models are copied to other machines. */
static att_status hard_keep_describe(struct hard_training *h, json_t **history, struct err *e)
{
    const int64_t steps = h->net_steps + (h->kept ? h->before_step : h->step);
    const struct recipe *r = &h->net[PART_FINE].recipe;
    json_t *validation = h->validation.count && h->validated == h->step
        ? validation_to_json(&h->validation, &h->model.labels)
        : NULL,
           *settings = json_copy(json_object_get(h->work->plan, "settings"));
    recipe_drop_local(settings);
    json_decref(*history);
    *history = json_pack("{s:I, s:f, s:i, s:i, s:s, s:o, s:o*}", "steps", (json_int_t)steps,
        "seconds", hard_elapsed(h), "train_cases", h->net[PART_FINE].split.ntrain,
        "validation_cases", h->net[PART_FINE].split.nval, "dataset", file_base(r->dataset_path),
        "settings", settings, "validation", validation);
    return *history ? ATT_OK : err_memory(e, 4096, "the model's history");
}

att_status hard_write_model(struct hard_training *h, struct err *e)
{
    struct model m;
    char *path = file_join(h->work->run, RUN_MODEL);
    if (!path) return err_path(e);
    att_status status = hard_keep_model(h, &m, e);
    if (status == ATT_OK) {
        status = hard_keep_describe(h, &h->model.history, e);
        json_t *own = m.history;
        m.history = h->model.history;
        if (status == ATT_OK) status = model_save(&m, path, e);
        m.history = own;
        hard_keep_model_free(h, &m);
    }
    mem_free(path);
    return status;
}
