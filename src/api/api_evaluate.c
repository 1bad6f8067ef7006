/* SPDX-License-Identifier: Apache-2.0 */
/* How good predicted masks are. */
#include "api/api.h"
#include "api/api_policies.h"
#include "base/json_file.h"
#include "measure/choose_post.h"
#include "measure/evaluate.h"

static att_status read_options(const struct options *o, struct evaluate_options *out, struct err *e)
{
    *out = (struct evaluate_options){.ignore = options_text(o, "ignore") ? (int)options_int(o, "ignore") : -1,
                                     .tolerance = options_real(o, "tolerance"),
                                     .only_with_foreground = options_bool(o, "only-with-foreground")};
    const char *metrics = options_text(o, "metrics");
    return metrics ? measures_parse(metrics, &out->measures, e) : ATT_OK;
}

static att_status choose(struct api_call *call, const struct evaluation *v, const char *path, json_t *result)
{
    struct postprocess post;
    json_t *report;
    TRY(choose_post(&v->pairs, &v->labels, call->c->pool, &call->c->log, &post, &report, call->e));
    json_object_set(result, "postprocess", report);
    return json_file_write(path, report, call->e);
}

static att_status evaluate(struct api_call *call, const char *predictions, const char *labels, json_t **result)
{
    const char *summary = options_text(call->o, "summary");
    struct evaluate_options o;
    struct evaluation v;
    TRY(api_need(call, predictions, "predictions"));
    TRY(api_need(call, labels, "labels"));
    TRY(policies_check(call->o, call->e));
    if (options_bool(call->o, "policies")) return policies_evaluate(call, predictions, labels, result);
    TRY(read_options(call->o, &o, call->e));
    TRY(evaluate_masks(predictions, labels, options_text(call->o, "cases"), &o, call->c->pool, &call->c->log, &v, call->e));
    att_status status = summary ? json_file_write(summary, evaluation_summary(&v), call->e) : ATT_OK;
    if (status == ATT_OK) *result = evaluation_report(&v);
    if (status == ATT_OK && options_text(call->o, "choose-postprocess"))
        status = choose(call, &v, options_text(call->o, "choose-postprocess"), *result);
    evaluation_free(&v);
    return status;
}

att_status att_evaluate(att_context *context, const char *predictions, const char *labels, const att_settings *settings, char **json)
{
    struct api_call call;
    json_t *result = NULL;
    if (json) *json = NULL;
    att_status status = api_open(&call, context, settings, "evaluate");
    if (status == ATT_OK) status = evaluate(&call, predictions, labels, &result);
    if (status == ATT_OK && json)
        status = api_text(result, json, call.e);
    else
        json_decref(result);
    return api_close(&call, status);
}
