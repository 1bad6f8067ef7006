/* SPDX-License-Identifier: Apache-2.0 */
/* Measures a run's attention maps on a labelled data set. */
#include "app/app.h"
#include "app/run_cases.h"
#include "arch/hard.h"
#include "base/mem.h"
#include "files/claims.h"
#include "files/file.h"
#include "model/run_files.h"
#include "report/attention_growth.h"
#include "train/runfolder.h"

static const char *const results[] = {"attention.json", "attention.csv", "attention.png", NULL};

/* g may be NULL. */
static att_status attend_finish(
    struct app_call *call, const struct attention *a, const struct growth *g)
{
    const char *folder = options_text(call->o, attend, output);
    json_t *report = call->result = attention_report(a);
    if (g) json_object_set_new(report, "growth", growth_report(g));
    if (!folder) return ATT_OK;
    TRY(file_make_folders(folder, call->e));
    TRY(claims_take_all(call->host, folder, results, call->e));
    TRY(attention_write(a, report, folder, call->e));
    return g ? growth_draw(g, folder, call->e) : ATT_OK;
}

/* Before the data set is opened, because that may fail first. */
static att_status check_model(const struct ensemble *s, const char *run, struct err *e)
{
    int folds = 0;
    if (hard_is(&s->models->spec))
        return err_usage(e,
            "%s is of hard attention, which has tiles instead of attention maps; predict shows "
            "the tiles that it chose",
            run);
    if (s->count == 1) return ATT_OK;
    TRY(run_count_folds(run, &folds, e));
    if (folds > 0)
        return err_usage(e,
            "%s holds %d folds, but maps are measured for one model; name one, such as %s/" RUN_FOLD
            "0",
            run, s->count, run);
    return err_usage(
        e, "maps are measured for one model, but %s are %d; name one of them", run, s->count);
}

static att_status attend_measure(struct app_call *call, const struct ensemble *s,
    const struct dataset *d, const json_t *settings, const char *run)
{
    const struct model *m = s->models;
    struct attention_options o = {.blank = options_real(call->o, attend, blank),
        .seed = (uint64_t)options_int(call->o, attend, seed)};
    struct attention a;
    struct growth *g = NULL;
    int *list, count;
    TRY(cases_fit(d, m, call->e));
    TRY(options_size3(call->o, attend, window,
        &(struct size_rule){m->facts.dims, "the model is", 1}, o.predict.window, call->e));
    o.predict.overlap = options_real(call->o, attend, overlap);
    o.predict.conv = options_choice(call->o, attend, conv);
    o.predict.as_is = cases_distrust(call->host, m, d->voxel);
    TRY(cases_choose(call, d, run, settings, false, &list, &count));
    att_status status = attention_run(m, d, list, count, &o, call->host, &a, call->e);
    if (status == ATT_OK) {
        status = growth_measure(run, d, list, count, &o.predict, call->host, &g, call->e);
        if (status == ATT_OK) status = attend_finish(call, &a, g);
        growth_free(g);
        attention_free(&a);
    }
    mem_free(list);
    return status;
}

att_status app_attend(struct app_call *call, const char *run, const char *dataset)
{
    struct ensemble s;
    struct dataset d;
    const char *folder = options_text(call->o, attend, output);
    if (folder) /* fail before measuring */
        TRY(claims_check_all(call->host, folder, results, call->e));
    TRY(ensemble_load(&run, 1, &s, call->e));
    json_t *settings = NULL;
    att_status status = check_model(&s, run, call->e);
    if (status == ATT_OK) status = runfolder_settings(run, &settings, call->e);
    if (status == ATT_OK) status = cases_open(call, run, dataset, settings, &d);
    if (status == ATT_OK) {
        status = cases_lie(call, s.models, settings, &d);
        if (status == ATT_OK) status = attend_measure(call, &s, &d, settings, run);
        dataset_free(&d);
    }
    json_decref(settings);
    ensemble_free(&s);
    return status;
}
