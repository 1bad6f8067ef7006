/* SPDX-License-Identifier: Apache-2.0 */
/* Scores predicted masks. */
#include <string.h>

#include "app/app.h"
#include "app/evaluate_calibration.h"
#include "app/evaluate_policies.h"
#include "app/run_cases.h"
#include "base/mem.h"
#include "base/team.h"
#include "base/text.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "files/claims.h"
#include "files/file.h"
#include "files/json_file.h"
#include "measure/choose_post.h"
#include "measure/evaluate.h"
#include "measure/label_set.h"
#include "measure/stats.h"
#include "model/run_files.h"
#include "report/page.h"
#include "train/runfolder.h"

static att_status evaluate_read_options(
    const struct options *o, struct evaluate_options *out, struct err *e)
{
    *out = (struct evaluate_options){
        .ignore = options_has(o, evaluate, ignore) ? (int)options_int(o, evaluate, ignore) : -1,
        .tolerance = options_real(o, evaluate, tolerance),
        .only_with_foreground = options_bool(o, evaluate, only_with_foreground)};
    const char *metrics = options_text(o, evaluate, metrics);
    TRY(voxel_size_read(o, out->voxel, e));
    out->voxel_of_planes = voxel_size_is_of_planes(o);
    if (metrics) TRY(measures_parse(metrics, &out->measures, e));
    if (metrics && !(out->measures & 1u << MEASURE_NSD) && options_is_set(o, evaluate, tolerance))
        return err_usage(e, "`tolerance` needs nsd in `metrics`; add it, or leave out `tolerance`");
    if (options_is_set(o, evaluate, failure) && !options_text(o, evaluate, report))
        return err_usage(e, "`failure` needs `report`; add it");
    return ATT_OK;
}

/* A run's masks are measured with its own voxel size, whatever headers say. */
static void voxel_of_run(struct app_call *call, const json_t *settings, struct evaluate_options *o)
{
    settings_voxel(settings, o->voxel, &o->voxel_of_planes);
    o->voxel_of_run = true;
    if (o->voxel[0] > 0)
        host_say(call->host, LOG_INFO,
            "voxels have the `voxel-size` of the training; set `voxel-size` to change that");
}

/* Of a run, or its first fold; NULL: it is none. */
static att_status read_settings(const char *run, json_t **settings, struct err *e)
{
    static const char *const places[] = {"%s", "%s/" RUN_FOLD "0"};
    *settings = NULL;
    for (int i = 0; i < 2 && !*settings && file_is_folder(run); i++) {
        char *folder = mem_text(places[i], run);
        if (!folder) return err_path(e);
        att_status status = runfolder_settings(folder, settings, e);
        mem_free(folder);
        TRY(status);
    }
    return ATT_OK;
}

/* Which files of a data set are labels, by the command, or else as the run has read it; images
 * NULL: none say it. */
static att_status find_patterns(
    struct app_call *call, const json_t *settings, const char *labels, struct dataset_patterns *p)
{
    TRY(patterns_read(call->o, false, p, call->e));
    if (p->images && !file_is_folder(labels))
        return err_usage(call->e, "%s is no folder, so leave out `images` and `labels`", labels);
    if (!p->images && file_is_folder(labels)) *p = patterns_of(settings);
    return ATT_OK;
}

static att_status evaluate_choose(
    struct app_call *call, const struct evaluation *v, const char *path)
{
    struct postprocess post;
    json_t *report;
    if (v->pairs.count < STATS_FEW)
        host_warn(call->host, WARN_FEW_CASES,
            "%d case%s choose%s the post-processing, which is too few for other cases; give the "
            "masks of all folds",
            v->pairs.count, TEXT_S(v->pairs.count), v->pairs.count == 1 ? "s" : "");
    TRY(choose_post(
        &v->pairs, &v->labels, call->host->pool, call->host, false, &post, &report, call->e));
    json_object_set(call->result, "postprocess", report);
    att_status status = claims_take(call->host, path, call->e);
    if (status == ATT_OK) return json_file_write(path, report, call->e);
    json_decref(report);
    return status;
}

static att_status evaluate_write_report(
    struct app_call *call, const struct evaluation *v, const char *predictions, const char *labels)
{
    struct dataset *d = mem_alloc(sizeof *d); /* for the images */
    bool images = false;
    att_status status = d ? label_set_open(labels, false, d, &images, call->host, call->e)
                          : err_memory(call->e, sizeof *d, "a data set");
    if (images) memcpy(d->voxel, v->options.voxel, sizeof d->voxel);
    char *title = file_title(predictions);
    const struct page_source s = {.title = title,
        .v = v,
        .data = images ? d : NULL,
        .failure = options_real(call->o, evaluate, failure),
        .host = call->host};
    if (status == ATT_OK)
        status = title ? claims_take(call->host, options_text(call->o, evaluate, report), call->e)
                       : err_path(call->e);
    if (status == ATT_OK) status = page_write(&s, options_text(call->o, evaluate, report), call->e);
    if (images) dataset_free(d);
    mem_free(d);
    mem_free(title);
    return status;
}

static const char *const written[] = {OPTION_NAME(evaluate, summary), OPTION_NAME(evaluate, report),
    OPTION_NAME(evaluate, choose_postprocess), NULL};

/* Before distances take hours. */
static att_status check_places(struct app_call *call)
{
    for (int i = 0; written[i]; i++) {
        const char *path = options_read_text(call->o, written[i]);
        TRY(call_no_image(call, path));
        if (path) TRY(claims_check(call->host, path, call->e));
    }
    return ATT_OK;
}

static void dry_run_files(struct app_call *call, int cases)
{
    note_dry_run(call->host, "compare %d mask%s with true ones", cases, TEXT_S(cases));
    for (int i = 0; written[i]; i++)
        if (options_read_text(call->o, written[i]))
            dry_run_file(call->host, options_read_text(call->o, written[i]), NULL);
}

struct evaluation_call {
    const char *predictions, *labels;
};

static att_status write_evaluation(
    struct app_call *call, const struct evaluation *v, const struct evaluation_call *c)
{
    const char *summary = options_text(call->o, evaluate, summary),
               *choose = options_text(call->o, evaluate, choose_postprocess);
    att_status status = summary ? claims_take(call->host, summary, call->e) : ATT_OK;
    if (status == ATT_OK && summary)
        status = json_file_write(summary, evaluation_summary(v), call->e);
    if (status == ATT_OK && options_text(call->o, evaluate, report))
        status = evaluate_write_report(call, v, c->predictions, c->labels);
    if (status == ATT_OK) call->result = evaluation_report(v);
    return status == ATT_OK && choose ? evaluate_choose(call, v, choose) : status;
}

/* Masks against true ones; `settings`: the run's, or NULL. */
static att_status evaluate_pairs(
    struct app_call *call, const struct evaluation_call *c, const json_t *settings)
{
    const bool writes = team_rank(call->host->team) == 0;
    struct evaluate_options o;
    struct dataset_patterns patterns;
    struct evaluation v;
    TRY(evaluate_read_options(call->o, &o, call->e));
    TRY(find_patterns(call, settings, c->labels, &patterns));
    o.team = call->host->team;
    o.patterns = patterns.images ? &patterns : NULL;
    if (file_is_folder(c->predictions) && !options_is_set(call->o, evaluate, voxel_size))
        voxel_of_run(call, settings, &o);
    struct labelling *objects = NULL;
    if (options_bool(call->o, evaluate, instances)) {
        TRY(MEM_NEW(objects, "the meaning of labels", call->e));
        objects->ignore = -1;
        labelling_of_objects(objects);
        o.labels = objects;
    }
    if (is_dry_run(call->host))
        o.measures = 1 << MEASURE_DICE; /* counts read and check every mask */
    att_status status = evaluate_masks(c->predictions, c->labels,
        options_text(call->o, evaluate, cases), &o, call->host->pool, call->host, &v, call->e);
    mem_free(objects);
    TRY(status);
    if (is_dry_run(call->host))
        dry_run_files(call, v.pairs.count);
    else if (writes)
        status = write_evaluation(call, &v, c);
    evaluation_free(&v);
    return status;
}

static att_status run_evaluate(struct app_call *call, const void *arg)
{
    const struct evaluation_call *c = arg;
    const bool writes = team_rank(call->host->team) == 0;
    json_t *settings;
    TRY(policies_check(call->o, call->e));
    TRY(check_places(call));
    if (options_bool(call->o, evaluate, policies)) /* rank 0 alone does it */
        return writes ? policies_evaluate(call, c->predictions, c->labels) : ATT_OK;
    if (options_bool(call->o, evaluate, calibration))
        return writes ? calibration_evaluate(call, c->predictions, c->labels) : ATT_OK;
    TRY(read_settings(c->predictions, &settings, call->e));
    const att_status status = evaluate_pairs(call, c, settings);
    json_decref(settings);
    return status;
}

att_status app_evaluate(struct app_call *call, const char *predictions, const char *labels)
{
    const struct evaluation_call c = {predictions, labels};
    return app_team_divide(
        call, options_text(call->o, evaluate, ranks), predictions, run_evaluate, &c);
}
