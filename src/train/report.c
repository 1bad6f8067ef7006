/* SPDX-License-Identifier: Apache-2.0 */
#include "train/report.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"
#include "measure/choose_post.h"
#include "model/postprocess.h"
#include "model/run_files.h"
#include "train/checkpoint.h"

bool report_is_planar(int dims, const float voxel[3]) { return dims == 2 && voxel[0] == 1; }

/* An absolute path, so that a resumed run writes the same summary. */
static char *full_label(const struct dataset *d, const char *label)
{
    char root[PATH_MAX];
    const size_t length = strlen(d->root);
    const bool inside = strncmp(label, d->root, length) == 0 && label[length] == '/';
    return inside && realpath(d->root, root) ? mem_text("%s%s", root, label + length)
                                             : mem_text("%s", label);
}

att_status report_add(struct mask_pairs *pairs, const char *run, const struct dataset *d, int index,
    bool optional, struct err *e)
{
    const struct data_case *k = &d->cases[index];
    char *mask = validation_mask(run, k), *label = full_label(d, k->label);
    att_status status = mask && label ? ATT_OK : err_path(e);
    if (status == ATT_OK && (!optional || file_exists(mask)))
        status = pairs_add(pairs, k->id, mask, label, k->memory, e);
    mem_free(label);
    mem_free(mask);
    return status;
}

att_status report_list(struct mask_pairs *pairs, const char *run, const struct dataset *d,
    const int *list, int count, struct err *e)
{
    att_status status = ATT_OK;
    for (int i = 0; i < count && status == ATT_OK; i++)
        status = report_add(pairs, run, d, list[i], false, e);
    if (status != ATT_OK) pairs_free(pairs);
    return status;
}

/* Takes over the pairs. */
static att_status report_measure(const struct train_context *c, struct mask_pairs *pairs,
    const struct labelling *labels, bool sparing, struct evaluation *v, struct err *e)
{
    const struct evaluate_options o = {
        .labels = labels, .ignore = -1, .measures = 1u << MEASURE_DICE, .sparing = sparing};
    return evaluation_run(pairs, &o, c->host->pool, c->host, v, e);
}

/* dice (may be NULL): mean over foreground classes. */
static att_status write_summary(
    const char *run, const struct evaluation *v, double *dice, struct err *e)
{
    json_t *j = evaluation_summary(v);
    const json_t *mean = json_object_get(json_object_get(j, "foreground_mean"), "Dice");
    if (dice) *dice = json_is_number(mean) ? json_number_value(mean) : (double)NAN;
    return json_file_write_in(run, RUN_SUMMARY, j, e);
}

att_status report_run(const struct train_context *c, const char *run, const struct dataset *d,
    const int *list, int count, const struct labelling *labels, struct err *e)
{
    struct mask_pairs pairs = {0};
    struct evaluation v;
    TRY(report_list(&pairs, run, d, list, count, e));
    TRY(report_measure(c, &pairs, labels, d->sparing, &v, e));
    att_status status = write_summary(run, &v, NULL, e);
    evaluation_free(&v);
    return status;
}

/* ---- all folds */

static int report_by_id(const void *a, const void *b)
{
    const struct mask_pair *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : strcmp(x->predicted, y->predicted);
}

static att_status report_add_fold(
    struct mask_pairs *pairs, const char *fold, const struct dataset *d, struct err *e)
{
    json_t *state;
    TRY(checkpoint_peek(fold, &state, NULL, e));
    const json_t *ids = json_object_get(state, "val");
    att_status status =
        state ? ATT_OK : err_set(e, ATT_IO, "%s has no checkpoint; train that fold again", fold);
    for (size_t i = 0; i < json_array_size(ids) && status == ATT_OK; i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        int index = id ? dataset_find(d, id) : -1;
        status = index >= 0 && d->cases[index].label
            ? report_add(pairs, fold, d, index, false, e)
            : err_data(
                  e, "%s no longer has case %s with a label; restore it", d->root, id ? id : "?");
    }
    json_decref(state);
    return status;
}

static att_status report_add_folds(
    struct mask_pairs *pairs, const char *run, const struct dataset *d, int folds, struct err *e)
{
    att_status status = ATT_OK;
    for (int fold = 0; fold < folds && status == ATT_OK; fold++) {
        char *path = run_fold_path(run, fold);
        status = path ? report_add_fold(pairs, path, d, e) : err_path(e);
        mem_free(path);
    }
    if (status != ATT_OK)
        pairs_free(pairs);
    else
        qsort(pairs->pair, (size_t)pairs->count, sizeof *pairs->pair, report_by_id);
    return status;
}

/* ---- post-processing */

static att_status set_postprocess(
    const char *run, int fold, const struct postprocess *post, struct err *e)
{
    struct model m;
    char *path = mem_text("%s/" RUN_FOLD "%d/" RUN_MODEL, run, fold);
    att_status status = path ? model_load(path, &m, e) : err_path(e);
    if (status == ATT_OK) {
        const bool same = postprocess_same(&m.post, post);
        m.post = *post;
        if (!same) status = model_save(&m, path, e);
        model_free(&m);
    }
    mem_free(path);
    return status;
}

/* Takes the reference to `report`. */
static att_status write_choice(const char *run, bool helps, json_t *report, struct err *e)
{
    char *path = file_join(run, RUN_POST);
    att_status status = path ? ATT_OK : err_path(e);
    if (status == ATT_OK && helps)
        status = json_file_write(path, json_incref(report), e);
    else if (path)
        file_remove(path); /* outdated: the folds were trained further */
    json_decref(report);
    mem_free(path);
    return status;
}

static att_status report_choose(const struct train_context *c, const char *run,
    const struct mask_pairs *pairs, const struct labelling *labels, bool sparing, int folds,
    struct err *e)
{
    struct postprocess post;
    json_t *report = NULL;
    if (labels->objects) return ATT_OK; /* their smallest size is known from training */
    TRY(choose_post(pairs, labels, c->host->pool, c->host, sparing, &post, &report, e));
    bool helps = postprocess_any(&post);
    const json_t *dice = json_object_get(report, "dice");
    double before = json_double(json_object_get(dice, "before"), "mean"),
           after = json_double(json_object_get(dice, "after"), "mean");
    TRY(write_choice(run, helps, report, e));
    for (int fold = 0; fold < folds; fold++) TRY(set_postprocess(run, fold, &post, e));
    if (helps)
        host_say(c->host, LOG_INFO,
            "post-processing raises the mean Dice from %.4f to %.4f; the models of all folds "
            "apply it (%s/postprocess.json)",
            before, after, run);
    else
        host_say(c->host, LOG_INFO, "no post-processing helps");
    return ATT_OK;
}

static att_status summarise(const struct train_context *c, const char *run, const struct dataset *d,
    int folds, struct err *e)
{
    struct mask_pairs pairs = {0};
    struct evaluation v;
    double dice;
    char text[DICE_TEXT];
    TRY(report_add_folds(&pairs, run, d, folds, e));
    int cases = pairs.count;
    att_status status = report_choose(c, run, &pairs, &d->labels, d->sparing, folds, e);
    if (status != ATT_OK) {
        pairs_free(&pairs);
        return status;
    }
    TRY(report_measure(c, &pairs, &d->labels, d->sparing, &v, e));
    status = write_summary(run, &v, &dice, e);
    evaluation_free(&v);
    if (status == ATT_OK)
        host_say(c->host, LOG_INFO,
            "mean Dice %s on %d case%s of %d fold%s, each predicted by the network that did not "
            "train on it",
            validation_text(dice, text), cases, TEXT_S(cases), folds, TEXT_S(folds));
    return status;
}

att_status report_folds(const struct train_context *c, const char *run, const char *dataset,
    const struct dataset_patterns *p, int folds, bool sparing, struct err *e)
{
    struct host silent = host_silent(c->host);
    struct dataset *d;
    TRY(MEM_NEW(d, "a data set", e));
    att_status status = dataset_open_patterns(dataset, p, d, NULL, &silent, e);
    d->sparing = sparing;
    if (status == ATT_OK) status = summarise(c, run, d, folds, e);
    dataset_free(d);
    mem_free(d);
    return status;
}
