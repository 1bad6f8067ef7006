/* SPDX-License-Identifier: Apache-2.0 */
#include "run/planning.h"

#include "base/ints.h"
#include "base/json.h"
#include "feed/prefetch.h"
#include "run/folds.h"
#include "run/folds_grid.h"
#include "run/hardrun.h"
#include "train/duration.h"
#include "train/run_options.h"
#include "train/train_build.h"
#include "train/train_decide.h"
#include "train/train_memory.h"

enum { TIMED_CASES = 8 };

/* Under a limit, the peak of the process; else bytes that a run keeps: work region, weights,
 * gradients, moments, statistics and their copy, averages, batch, augmentation, cases. */
static double estimate_memory(const struct training *t, int cases)
{
    const struct recipe *r = &t->recipe;
    const struct params *p = &t->model.params;
    int average = t->average.data ? 1 : 0,
        copies = (r->optimiser == OPTIMISER_ADAMW ? 4 : 3) + average;
    double numbers = (double)p->size * copies + (double)p->state_size * (2 + average);
    double batch =
        (double)image_voxels(r->patch) * r->batch * arch_maps(&t->model.facts) * sizeof *t->batch;
    if (r->max_memory > 0) return t->memory;
    struct prefetch_report ahead = {0};
    if (t->sampler.ahead) prefetch_report_fill(t->sampler.ahead, &ahead);
    return (double)t->exec.plan.work_bytes + numbers * sizeof(real) + batch +
        (double)augment_work_bytes(t->sampler.work) +
        training_cases_bytes(t) * cases / t->split.ntrain + (double)ahead.memory;
}

/* Times a few steps on some of the cases. */
static att_status estimate_costs(struct training *t, json_t **expected, struct err *e)
{
    const struct recipe *r = &t->recipe;
    int cases = t->split.ntrain;
    if (cases > TIMED_CASES) t->split.ntrain = TIMED_CASES;
    t->extra_cases = cases - t->split.ntrain;
    t->times_steps = true;
    TRY(training_build(t, e));
    double step;
    TRY(duration_step(t, 0, &step, e));
    double epoch = step * divide_up(cases, r->batch);
    double steps = r->steps > 0 ? (double)r->steps : r->seconds / step;
    *expected = json_pack("{s:I, s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:f, s:i, s:s}", "parameters",
        (json_int_t)params_trainable(&t->model.params), "seconds_per_step", json_rounded(step),
        "seconds_per_epoch", json_rounded(epoch), "steps", (json_int_t)(steps < 1 ? 1 : steps),
        "seconds", json_rounded(r->steps > 0 ? step * steps : r->seconds), "memory_bytes",
        (json_int_t)estimate_memory(t, cases), "network_bytes", (json_int_t)t->exec.plan.work_bytes,
        "network_bytes_without_limit", (json_int_t)t->exec.plan.free_bytes, "extra_operations",
        t->exec.plan.extra, "threads", pool_threads(t->c->host->pool), "isa",
        t->c->host->kernels->set->name);
    return *expected ? ATT_OK : err_memory(e, sizeof *t, "the plan");
}

/* Options of fold 0 with the shared grid, and the reasons for it. */
static att_status first_fold(const struct train_context *c, const char *dataset,
    const struct options *o, struct options *first, json_t *why, struct err *e)
{
    json_t *all = json_object();
    att_status status = run_options_write(o, true, all, e);
    if (status == ATT_OK) status = folds_grid(c, dataset, o, all, why, e);
    json_put(&all, "fold", json_string("0"));
    if (status == ATT_OK)
        status =
            all ? run_options_read(all, o, first, e) : err_memory(e, 4096, "the options of a fold");
    json_decref(all);
    return status;
}

static att_status planning_decide(struct training *t, const char *dataset, const struct options *o,
    json_t **fingerprint, json_t *why, struct err *e)
{
    struct options first;
    TRY(hardrun_refuse(o, e));
    if (!folds_wanted(o)) return training_decide(t, dataset, o, fingerprint, why, e);
    json_t *shared = json_object();
    att_status status = first_fold(t->c, dataset, o, &first, shared, e);
    if (status == ATT_OK) {
        host_say(t->c->host, LOG_INFO,
            "showing the plan of fold 0; all folds share grid, patch and batch, planned from all "
            "cases");
        status = training_decide(t, dataset, &first, fingerprint, why, e);
        json_object_update(why, shared);
        options_free(&first);
    }
    json_decref(shared);
    return status;
}

/* Each fold finds its own intensities, without its validation cases. */
static void share_settings(const struct options *o, json_t *settings, json_t *why)
{
    json_set_text(settings, "fold", "all");
    if (options_choice(o, train, intensities)) return;
    json_object_set_new(settings, "intensities", json_null());
    json_object_del(why, "intensities");
}

static att_status planning_make(
    struct training *t, const char *dataset, const struct options *o, json_t **plan, struct err *e)
{
    json_t *expected = NULL, *fingerprint = NULL, *why = json_object();
    att_status status = planning_decide(t, dataset, o, &fingerprint, why, e);
    if (status != ATT_OK) {
        json_decref(fingerprint);
        json_decref(why);
        return status;
    }
    json_t *recipe = recipe_to_json(&t->recipe),
           *settings = json_incref(json_object_get(recipe, "settings"));
    json_decref(recipe);
    if (folds_wanted(o)) share_settings(o, settings, why);
    status = estimate_costs(t, &expected, e);
    *plan = json_pack("{s:o, s:o, s:o*, s:o}", "fingerprint", fingerprint, "settings", settings,
        "expected", expected, "reasons", why);
    if (status == ATT_OK && !*plan) status = err_memory(e, sizeof *t, "the plan");
    return status;
}

att_status train_plan(const struct train_context *c, const char *dataset, const struct options *o,
    json_t **plan, struct err *e)
{
    *plan = NULL;
    struct training *t = training_new(c, "", e);
    if (!t) return ATT_MEMORY;
    att_status status = planning_make(t, dataset, o, plan, e);
    training_delete(t);
    return json_keep(plan, status);
}
