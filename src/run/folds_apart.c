/* SPDX-License-Identifier: Apache-2.0 */
/* Called by folds.c, which makes one run of them. */
#include "run/folds_apart.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "hard/hard_folder.h"
#include "model/run_files.h"
#include "train/checkpoint.h"
#include "train/runfolder.h"

static bool is_run(const char *path) { return checkpoint_exists(path) || hardrun_exists(path); }

bool folds_are_apart(const char *run)
{
    struct err none = {0};
    struct run_folds folds;
    if (is_run(run) || runfolder_has(run, RUN_FOLDS) || run_list_folds(run, &folds, &none) != ATT_OK || folds.count == 0) return false;
    char *first = mem_text("%s/" RUN_FOLD "%d", run, folds.number[0]);
    const bool apart = first && is_run(first);
    mem_free(first);
    return apart;
}

/* ---- a fold */

/* As text, as options are given; what was not is left out. */
static att_status take_option(const json_t *settings, const char *key, const char *option, json_t *options, struct err *e)
{
    const json_t *value = json_object_get(settings, key);
    json_t *text = json_is_string(value) ? json_copy((json_t *)(uintptr_t)value) : json_is_true(value) ? json_string("yes") : NULL;
    return !text || json_object_set_new(options, option, text) == 0 ? ATT_OK : err_memory(e, 4096, "the options of the folds");
}

static att_status take_options(const json_t *settings, json_t *options, struct err *e)
{
    TRY(take_option(settings, "folds", "folds", options, e));
    TRY(take_option(settings, "stratify", "stratify", options, e));
    return take_option(settings, "train_list", "train-list", options, e);
}

static att_status add(struct folds_apart *f, const char *path, const json_t *recipe, json_t *cases, struct err *e)
{
    const json_t *settings = json_object_get(recipe, "settings"), *number = json_object_get(settings, "fold");
    json_t *dataset = json_object_get(recipe, "dataset_path"), *options = json_object();
    att_status status = take_options(settings, options, e);
    if (f->count == 0) {
        f->dataset = json_incref(dataset);
        f->options = json_incref(options);
    }
    if (status == ATT_OK && !json_is_integer(number))
        status = err_set(e, ATT_DATA, "%s was not trained with --fold %d, so it is no fold of a cross-validation", path, f->count);
    if (status == ATT_OK && json_integer_value(number) != f->count)
        status = err_set(e, ATT_DATA, "%s was trained with --fold %lld: give it that name", path, (long long)json_integer_value(number));
    if (status == ATT_OK && !(json_equal(dataset, f->dataset) && json_equal(options, f->options)))
        status =
            err_set(e, ATT_DATA, "%s was trained on another data set than fold 0, or with other --folds, --stratify or --train-list", path);
    json_decref(options);
    if (status == ATT_OK && json_array_append(f->cut, cases) != 0) status = err_memory(e, 4096, "the list of folds");
    f->count += status == ATT_OK;
    return status;
}

static att_status read_fold(struct folds_apart *f, const char *path, struct err *e)
{
    json_t *state = NULL;
    TRY(checkpoint_peek(path, &state, NULL, e));
    att_status status = json_is_true(json_object_get(state, "finished"))
                            ? add(f, path, json_object_get(state, "recipe"), json_object_get(state, "val"), e)
                            : err_set(e, ATT_DATA, "%s is not finished: attunet resume %s", path, path);
    json_decref(state);
    return status;
}

/* ---- all of them */

att_status folds_apart_read(const char *run, struct folds_apart *f, struct err *e)
{
    struct run_folds folds;
    *f = (struct folds_apart){.cut = json_array()};
    TRY(run_list_folds(run, &folds, e));
    for (int i = 0; i < folds.count; i++) {
        if (folds.number[i] != i)
            return err_set(e, ATT_DATA, "%s has no " RUN_FOLD "%d: train it with --fold %d -o %s/" RUN_FOLD "%d", run, i, i, run, i);
        char *path = mem_text("%s/" RUN_FOLD "%d", run, i);
        att_status status = path ? read_fold(f, path, e) : err_path(e);
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

att_status folds_apart_fit(const char *run, const struct folds_apart *f, const json_t *cut, struct err *e)
{
    const int all = (int)json_array_size(cut);
    if (f->count < all)
        return err_set(e, ATT_DATA, "%s has %d of %d folds: train the next with --fold %d -o %s/" RUN_FOLD "%d", run, f->count, all,
                       f->count, run, f->count);
    for (int i = 0; i < f->count; i++)
        if (!json_equal(json_array_get(f->cut, (size_t)i), json_array_get(cut, (size_t)i)))
            return err_set(e, ATT_DATA, "%s/" RUN_FOLD "%d validates on other cases than fold %d of %s: the data set has changed", run, i,
                           i, json_string_value(f->dataset));
    return ATT_OK;
}

void folds_apart_free(struct folds_apart *f)
{
    json_decref(f->dataset);
    json_decref(f->options);
    json_decref(f->cut);
    *f = (struct folds_apart){0};
}
