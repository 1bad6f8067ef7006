/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "app/evaluate_policies.h"
#include "app/run_cases.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/patterns.h"
#include "files/claims.h"
#include "files/file.h"
#include "report/policies_files.h"
#include "train/runfolder.h"

static const char *const with[] = {OPTION_NAME(evaluate, tiles), OPTION_NAME(evaluate, data),
    OPTION_NAME(evaluate, output), OPTION_NAME(evaluate, seed), OPTION_NAME(evaluate, conv), NULL};
static const char *const without[] = {OPTION_NAME(evaluate, metrics),
    OPTION_NAME(evaluate, only_with_foreground), OPTION_NAME(evaluate, choose_postprocess),
    OPTION_NAME(evaluate, summary), OPTION_NAME(evaluate, ignore), OPTION_NAME(evaluate, tolerance),
    OPTION_NAME(evaluate, report), OPTION_NAME(evaluate, failure), NULL};

att_status policies_check(const struct options *o, struct err *e)
{
    const bool wanted = options_bool(o, evaluate, policies),
               calibrates = options_bool(o, evaluate, calibration);
    if (wanted && calibrates)
        return err_usage(e, "`policies` and `calibration` are two measurements; leave one out");
    if (!calibrates && options_is_set(o, evaluate, set_temperature))
        return err_usage(e, "`set-temperature` needs `calibration`; add it");
    for (int i = 0; !wanted && with[i]; i++)
        if (options_read_set(o, with[i]) &&
            !(calibrates && strcmp(with[i], OPTION_NAME(evaluate, conv)) == 0))
            return err_usage(e, "`%s` needs `policies`; add it", with[i]);
    for (int i = 0; (wanted || calibrates) && without[i]; i++)
        if (options_read_set(o, without[i]))
            return err_usage(e, "`%s` is for masks; leave it out with `%s`", without[i],
                wanted ? OPTION_NAME(evaluate, policies) : OPTION_NAME(evaluate, calibration));
    return ATT_OK;
}

/* Ascending, such as "4,8,16". */
static att_status evaluate_policies_read_tiles(
    const char *text, struct policies_options *o, struct err *e)
{
    for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char *end;
        long k = *at >= '0' && *at <= '9' ? strtol(at, &end, 10) : 0;
        if (k < 1 || k > 1000000 || (*end != ',' && *end) || o->ks == POLICIES_K ||
            (o->ks && k <= o->k[o->ks - 1]))
            return err_usage(e,
                "`tiles` %s: give up to %d rising numbers from 1 on, such as 4,8,16", text,
                POLICIES_K);
        o->k[o->ks++] = (int)k;
    }
    return ATT_OK;
}

/* opened: the data set of the cases, whose messages need no second time. */
static att_status take_prior(struct app_call *call, const struct model *m, const json_t *settings,
    const char *data, const char *opened, struct prior *p, struct err *e)
{
    struct dataset d;
    const bool muted = call->host->muted;
    int *list = NULL, count;
    const struct dataset_patterns patterns = patterns_of(settings);
    call->host->muted = muted || strcmp(data, opened) == 0 || file_same(data, opened);
    att_status status = dataset_open_patterns(data, &patterns, &d, NULL, call->host, e);
    call->host->muted = muted;
    TRY(status);
    status = cases_lie(call, m, settings, &d);
    if (status == ATT_OK)
        status = cases_find(&d, json_object_get(settings, "train"), &list, &count, e);
    if (status == ATT_OK && count == 0)
        status = err_data(
            e, "%s has none of the run's training cases; give the data set of the training", data);
    if (status == ATT_OK) status = policies_prior(m, &d, list, count, call->host, p, e);
    mem_free(list);
    dataset_free(&d);
    return status;
}

/* Without the training cases, warns and continues without a location prior. */
static att_status try_prior(struct app_call *call, const struct model *m, const json_t *settings,
    const char *opened, struct prior *p, bool *there)
{
    const char *path = options_text(call->o, evaluate, data), *data = path;
    struct err cause = {0};
    if (!data) data = json_str(settings, "dataset_path");
    att_status status = data && json_is_array(json_object_get(settings, "train"))
        ? take_prior(call, m, settings, data, opened, p, &cause)
        : err_data(&cause, "the run does not list its training cases");
    *there = status == ATT_OK;
    if (status == ATT_OK) return ATT_OK;
    if (path || status == ATT_INTERRUPTED || status == ATT_MEMORY)
        return err_pass(call->e, status, &cause);
    host_warn(call->host, WARN_NO_LOCATION_PRIOR, "no location prior: %s", cause.text);
    return ATT_OK;
}

struct evaluated {
    struct model m;
    struct dataset d;
    struct prior prior;
    json_t *settings;
    int *list, count;
    bool has_prior;
};

static const char *const results[] = {"policies.json", "policies.csv", "policies.svg", NULL};

static att_status evaluate_policies_write_results(struct app_call *call, const struct policies *p)
{
    const char *folder = options_text(call->o, evaluate, output);
    if (!folder) return ATT_OK;
    TRY(file_make_folders(folder, call->e));
    TRY(claims_take_all(call->host, folder, results, call->e));
    return policies_write(p, folder, call->e);
}

static att_status dry_run_policies(struct app_call *call, int cases)
{
    const char *folder = options_text(call->o, evaluate, output);
    note_dry_run(call->host, "compare choices of tiles on %d case%s", cases, TEXT_S(cases));
    if (!folder) return ATT_OK;
    for (int i = 0; i < 3; i++) dry_run_file(call->host, folder, results[i]);
    return ATT_OK;
}

static att_status evaluate_policies_measure(
    struct app_call *call, const char *run, struct evaluated *v, struct policies_options *o)
{
    struct policies p;
    TRY(cases_fit(&v->d, &v->m, call->e));
    TRY(cases_choose(call, &v->d, run, v->settings, false, &v->list, &v->count));
    if (is_dry_run(call->host)) return dry_run_policies(call, v->count);
    TRY(try_prior(call, &v->m, v->settings, v->d.path, &v->prior, &v->has_prior));
    o->prior = v->has_prior ? &v->prior : NULL;
    TRY(policies_run(&v->m, &v->d, v->list, v->count, o, call->host, &p, call->e));
    att_status status = evaluate_policies_write_results(call, &p);
    if (status == ATT_OK) call->result = policies_report(&p);
    policies_free(&p);
    return status;
}

static att_status evaluate_policies_evaluate(struct app_call *call, const char *run,
    const char *dataset, struct evaluated *v, struct policies_options *o)
{
    TRY(model_load(run, &v->m, call->e));
    TRY(policies_possible(&v->m, call->e));
    TRY(runfolder_settings(run, &v->settings, call->e));
    TRY(cases_open(call, run, dataset, v->settings, &v->d));
    TRY(cases_lie(call, &v->m, v->settings, &v->d));
    if (cases_distrust(call->host, &v->m, v->d.voxel))
        memset(v->m.prep.trained, 0, sizeof v->m.prep.trained);
    return evaluate_policies_measure(call, run, v, o);
}

static void free_evaluated(struct evaluated *v)
{
    if (v->has_prior) prior_free(&v->prior);
    dataset_free(&v->d);
    mem_free(v->list);
    json_decref(v->settings);
    model_free(&v->m);
    mem_free(v);
}

att_status policies_evaluate(struct app_call *call, const char *run, const char *dataset)
{
    struct policies_options o = {.seed = (uint64_t)options_int(call->o, evaluate, seed),
        .conv = options_choice(call->o, evaluate, conv)};
    const char *tiles = options_text(call->o, evaluate, tiles),
               *folder = options_text(call->o, evaluate, output);
    if (folder) /* fail before computing */
        TRY(claims_check_all(call->host, folder, results, call->e));
    if (tiles) TRY(evaluate_policies_read_tiles(tiles, &o, call->e));
    struct evaluated *v;
    TRY(MEM_NEW(v, "a comparison of policies", call->e));
    att_status status = evaluate_policies_evaluate(call, run, dataset, v, &o);
    free_evaluated(v);
    return status;
}
