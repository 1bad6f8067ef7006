/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the probabilities of a run on its validation cases, and gives its models the temperature
 * that fits them best. */
#include "app/evaluate_calibration.h"

#include "app/app.h"
#include "app/run_cases.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/dry_run.h"
#include "files/file.h"
#include "files/json_file.h"
#include "measure/calibration.h"
#include "model/run_files.h"
#include "train/runfolder.h"
#include "train/runlock.h"

/* Numbers to keep of all cases. */
static const size_t NUMBERS = 1 << 24;

struct calibrated {
    struct ensemble s; /* one model */
    struct dataset d;
    json_t *settings;
    int *list, count, folds;
};

static att_status calibrate_case(struct app_call *call, struct calibrated *v, struct predictor *p,
    int index, struct calibration *c)
{
    struct sample s;
    struct prediction out;
    TRY(dataset_load(&v->d, index, &s, call->e));
    att_status status = predict_image_consume(p, &s.image, &out, call->host, call->e);
    if (status == ATT_OK) {
        const size_t most = NUMBERS / (size_t)out.channels / (size_t)(v->count * v->folds);
        status = calibration_add(
            c, out.probability, s.classes, image_voxels(out.labels.size), most ? most : 1, call->e);
        prediction_free(&out);
    }
    sample_free(&s);
    return status;
}

static att_status calibrate_cases(
    struct app_call *call, struct calibrated *v, struct calibration *c)
{
    struct predict_options o = {.overlap = .5, .probabilities = true, .logits = true};
    struct predictor *p;
    app_predict_mirror(&v->s, &o);
    o.conv = options_choice(call->o, evaluate, conv);
    o.as_is = cases_distrust(call->host, v->s.models, v->d.voxel);
    TRY(predictor_create(v->s.models, call->host->kernels, call->host->pool, &o, &p, call->e));
    att_status status = ATT_OK;
    for (int i = 0; i < v->count && status == ATT_OK; i++) {
        host_progress(call->host, "cases", i, v->count, v->d.cases[v->list[i]].id);
        status = calibrate_case(call, v, p, v->list[i], c);
    }
    predictor_free(p);
    if (status == ATT_OK) host_progress(call->host, "cases", v->count, v->count, NULL);
    return status;
}

/* first: later folds have the same data set, of which all has been said. */
static att_status calibrate_open(
    struct app_call *call, const char *run, const char *dataset, bool first, struct calibrated *v)
{
    const bool muted = call->host->muted;
    TRY(ensemble_load(&run, 1, &v->s, call->e));
    TRY(runfolder_settings(run, &v->settings, call->e));
    if (options_bool(call->o, evaluate, set_temperature))
        TRY(runlock_check(run, "trains in", call->e)); /* before it predicts */
    call->host->muted = muted || !first;
    att_status status = cases_open(call, run, dataset, v->settings, &v->d);
    call->host->muted = muted;
    TRY(status);
    TRY(cases_lie(call, v->s.models, v->settings, &v->d));
    TRY(cases_fit(&v->d, v->s.models, call->e));
    /* The models that learnt a case would be too sure of it. */
    return cases_choose(call, &v->d, run, v->settings, true, &v->list, &v->count);
}

/* A run without folds, or a fold. */
static att_status calibrate_run(
    struct app_call *call, const char *run, const char *dataset, int folds, struct calibration *c)
{
    struct calibrated *v;
    TRY(MEM_NEW(v, "a run", call->e));
    v->folds = folds;
    const bool first = c->target.channels == 0;
    att_status status = calibrate_open(call, run, dataset, first, v);
    if (status == ATT_OK && first) calibration_begin(c, v->s.models);
    if (status == ATT_OK && is_dry_run(call->host))
        c->cases += v->count;
    else if (status == ATT_OK)
        status = calibrate_cases(call, v, c);
    mem_free(v->list);
    dataset_free(&v->d);
    json_decref(v->settings);
    ensemble_free(&v->s);
    mem_free(v);
    return status;
}

/* Under the lock of the run: this would replace a model that a training saves meanwhile. */
static att_status set_temperature(struct app_call *call, const char *run, double temperature)
{
    struct model m;
    int lock;
    TRY(runlock_take(run, "trains in", call->host, &lock, call->e));
    char *path = file_join(run, RUN_MODEL);
    att_status status = path ? model_load(path, &m, call->e) : err_path(call->e);
    if (status == ATT_OK) {
        m.logit_temperature = temperature;
        status = model_save(&m, path, call->e);
        model_free(&m);
    }
    mem_free(path);
    runlock_drop(lock);
    return status;
}

static att_status keep_temperature(
    struct app_call *call, const char *run, int folds, const struct calibration *c)
{
    if (!c->found)
        return err_data(call->e,
            "no temperature fits these cases: the models are always right on them, or no better "
            "than chance; give other cases");
    for (int k = 0; k < (folds ? folds : 1); k++) {
        char *path = run_part_path(run, folds, k);
        att_status status = path ? set_temperature(call, path, c->temperature) : err_path(call->e);
        mem_free(path);
        TRY(status);
    }
    return json_file_write_in(run, RUN_CALIBRATION, calibration_report(c), call->e);
}

static att_status dry_run_calibration(
    struct app_call *call, const char *run, int folds, const struct calibration *c)
{
    note_dry_run(call->host, "measure the probabilities of %d case%s", c->cases, TEXT_S(c->cases));
    if (!options_bool(call->o, evaluate, set_temperature)) return ATT_OK;
    for (int k = 0; k < (folds ? folds : 1); k++) {
        char *path = run_part_path(run, folds, k);
        if (!path) return err_path(call->e);
        dry_run_file(call->host, path, RUN_MODEL);
        mem_free(path);
    }
    dry_run_file(call->host, run, RUN_CALIBRATION);
    return ATT_OK;
}

static att_status measure_calibration(
    struct app_call *call, const char *run, const char *dataset, int folds, struct calibration *c)
{
    for (int k = 0; k < (folds ? folds : 1); k++) {
        char *path = run_part_path(run, folds, k);
        att_status status =
            path ? calibrate_run(call, path, dataset, folds ? folds : 1, c) : err_path(call->e);
        mem_free(path);
        TRY(status);
    }
    if (is_dry_run(call->host)) return dry_run_calibration(call, run, folds, c);
    TRY(calibration_fit(c, call->e));
    if (options_bool(call->o, evaluate, set_temperature))
        TRY(keep_temperature(call, run, folds, c));
    call->result = json_pack("{s:o}", "calibration", calibration_report(c));
    return call->result ? ATT_OK : err_memory(call->e, 1, "the result as JSON");
}

att_status calibration_evaluate(struct app_call *call, const char *run, const char *dataset)
{
    int folds;
    TRY(run_count_folds(run, &folds, call->e));
    struct calibration *c;
    TRY(MEM_NEW(c, "the calibration", call->e));
    att_status status = measure_calibration(call, run, dataset, folds, c);
    calibration_free(c);
    mem_free(c);
    return status;
}
