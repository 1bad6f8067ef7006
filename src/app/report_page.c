/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the masks of a report. */
#include <string.h>

#include "app/app.h"
#include "app/run_pages.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "dataset/memory_set.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "files/claims.h"
#include "files/file.h"
#include "model/run_files.h"
#include "report/page.h"
#include "train/report.h"
#include "train/runfolder.h"
#include "train/training.h"

static const double SHARE = .01; /* of the training time, for attention maps */

/* What a report shows besides the run. */
struct report_wish {
    const char *data; /* current path of the data set; NULL: the recorded one */
    double failure;   /* PAGE_FAILURE or another Dice */
    bool unmeasured;  /* curves only */
};

/* Takes over the pairs and measures them, if any; writes the page. */
static att_status report_page_write_page(const struct train_context *c, const char *run,
    const struct dataset *d, struct mask_pairs *pairs, struct page_source *s, const char *path,
    struct err *e)
{
    struct evaluate_options o = {.labels = d ? &d->labels : NULL, .ignore = -1, .tolerance = 1};
    struct evaluation *v = NULL; /* on the heap: networks run above it, on a small stack */
    if (d) memcpy(o.voxel, d->voxel, sizeof o.voxel);
    o.voxel_of_planes = d && report_is_planar(d->dims, d->voxel);
    o.sparing = d && d->sparing;
    char *title = file_title(run);
    const bool measured = pairs->count > 0;
    att_status status = title ? ATT_OK : err_path(e);
    if (status == ATT_OK && measured) status = MEM_NEW(v, "the scores", e);
    if (v) status = evaluation_run(pairs, &o, c->host->pool, c->host, v, e);
    pairs_free(pairs);
    if (status == ATT_OK) {
        s->run = run;
        s->title = title;
        s->v = v;
        s->data = d;
        s->host = c->host;
        status = page_write(s, path, e);
        if (v) evaluation_free(v);
    }
    mem_free(v);
    mem_free(title);
    return status;
}

/* Adds existing cases with label and mask. */
static att_status report_page_add_cases(struct mask_pairs *pairs, const char *run,
    const struct dataset *d, const json_t *ids, struct err *e)
{
    att_status status = ATT_OK;
    for (size_t i = 0; i < json_array_size(ids) && status == ATT_OK; i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        int index = id ? dataset_find(d, id) : -1;
        if (index >= 0 && d->cases[index].label) status = report_add(pairs, run, d, index, true, e);
    }
    return status;
}

static att_status report_page_add_part(
    struct mask_pairs *pairs, const char *folder, const struct dataset *d, struct err *e)
{
    json_t *settings;
    TRY(runfolder_settings(folder, &settings, e));
    att_status status =
        report_page_add_cases(pairs, folder, d, json_object_get(settings, "val"), e);
    json_decref(settings);
    return status;
}

static att_status report_page_add_parts(
    struct mask_pairs *pairs, const char *run, const struct dataset *d, int folds, struct err *e)
{
    att_status status = ATT_OK;
    for (int k = 0; k < (folds ? folds : 1) && status == ATT_OK; k++) {
        char *folder = run_part_path(run, folds, k);
        status = folder ? report_page_add_part(pairs, folder, d, e) : err_path(e);
        mem_free(folder);
    }
    if (status != ATT_OK) pairs_free(pairs);
    return status;
}

/* Measures the validation masks of a run, of folds or of hard attention. */
static att_status page_of(const struct train_context *c, const char *run,
    const struct report_wish *w, const char *path, struct err *e)
{
    struct page_source s = {.failure = w->failure};
    struct host silent = host_silent(c->host);
    struct mask_pairs pairs = {0};
    struct dataset d;
    json_t *settings;
    int folds;
    TRY(run_count_folds(run, &folds, e));
    char *first = run_part_path(run, folds, 0);
    if (!first) return err_path(e);
    att_status status = runfolder_settings(first, &settings, e);
    mem_free(first);
    TRY(status);
    const char *place = w->data ? w->data : json_str(settings, "dataset_path");
    if (!settings) {
        status = run_refuse_search(run, ATT_DATA, e);
        if (status == ATT_OK)
            status = err_data(e,
                "%s is not a run, because it has no " RUN_SETTINGS "; give the folder of a run",
                run);
    } else if (!place || (!w->data && !memory_or_file(place)))
        status = runfolder_no_data(place ? place : "the data set", "report", run, e);
    const struct dataset_patterns p = patterns_of(settings);
    if (status == ATT_OK) status = dataset_open_patterns(place, &p, &d, NULL, &silent, e);
    const json_t *limit = json_object_get(json_object_get(settings, "settings"), "max_memory");
    if (status == ATT_OK) d.sparing = s.no_maps = limit && !json_is_null(limit);
    const char *voxel = json_str(json_object_get(settings, "settings"), "voxel_size");
    if (status == ATT_OK && voxel) voxel_size_parse(voxel, d.voxel);
    json_decref(settings);
    TRY(status);
    if (!w->unmeasured) status = report_page_add_parts(&pairs, run, &d, folds, e);
    if (status == ATT_OK) status = report_page_write_page(c, run, &d, &pairs, &s, path, e);
    dataset_free(&d);
    return status;
}

att_status report_page_training(struct training *t, bool measured, struct err *e)
{
    double begun = clock_now();
    struct mask_pairs pairs = {0};
    struct page_source s = {
        .failure = PAGE_FAILURE, .begun = begun, .conv = t->recipe.conv[0] ? t->recipe.conv : NULL};
    s.seconds = SHARE * (begun - t->began + t->seconds);
    s.no_maps = t->recipe.max_memory > 0;
    char *path = file_join(t->run, RUN_REPORT);
    att_status status = path ? ATT_OK : err_path(e);
    if (status == ATT_OK && measured)
        status = report_list(&pairs, t->run, &t->data, t->split.val, t->split.nval, e);
    if (status == ATT_OK)
        status = report_page_write_page(t->c, t->run, &t->data, &pairs, &s, path, e);
    else
        pairs_free(&pairs);
    mem_free(path);
    return status;
}

att_status report_page_folder(
    const struct train_context *c, const char *run, const char *data, bool measured, struct err *e)
{
    const struct report_wish w = {.data = data, .failure = PAGE_FAILURE, .unmeasured = !measured};
    char *path = file_join(run, RUN_REPORT);
    att_status status = path ? page_of(c, run, &w, path, e) : err_path(e);
    mem_free(path);
    return status;
}

att_status app_report(struct app_call *call, const char *run, const char *output)
{
    const struct report_wish w = {.data = options_text(call->o, report, data),
        .failure = options_real(call->o, report, failure)};
    if (!output) output = options_text(call->o, report, output);
    TRY(call_no_image(call, output));
    char *own = file_join(run, RUN_REPORT), *path = own && output ? mem_text("%s", output) : own;
    const bool claims = path && !file_same(path, own); /* training wrote its own page */
    att_status status = !path ? err_path(call->e)
        : claims              ? claims_check(call->host, path, call->e) /* fail before measuring */
                              : file_check_place(path, false, call->e);
    if (status == ATT_OK && !file_is_folder(run))
        status = err_set(
            call->e, ATT_IO, "cannot open %s: no such folder; name the folder of a run", run);
    if (status == ATT_OK && claims) status = claims_take(call->host, path, call->e);
    if (status == ATT_OK && !claims) file_sweep(run, (const char *const[]){RUN_REPORT, NULL});
    if (status == ATT_OK) status = page_of(&call->t, run, &w, path, call->e);
    if (status == ATT_OK) host_say(call->host, LOG_INFO, "the report is %s", path);
    if (path != own) mem_free(own);
    mem_free(path);
    return status;
}
