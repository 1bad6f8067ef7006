/* SPDX-License-Identifier: Apache-2.0 */
#include "run/folds_separate.h"

#include "base/mem.h"
#include "base/text.h"
#include "files/file.h"
#include "files/json_file.h"
#include "hard/hard_folder.h"
#include "model/run_files.h"
#include "train/checkpoint.h"

static bool is_trained(const char *path)
{
    return checkpoint_exists(path) || hard_folder_exists(path);
}

bool folds_are_separate(const char *run)
{
    struct err none = {0};
    struct run_folds folds;
    if (is_trained(run) || file_has(run, RUN_FOLDS) ||
        run_list_folds(run, &folds, &none) != ATT_OK || folds.count == 0)
        return false;
    char *first = run_fold_path(run, folds.number[0]);
    const bool separate = first && is_trained(first);
    mem_free(first);
    return separate;
}

/* ---- a fold */

/* The split of fold 0, and a memory limit of any fold. */
static att_status folds_separate_copy_options(
    struct folds_separate *f, const json_t *settings, struct err *e)
{
    static const char *const names[][2] = {{"max_memory", "max-memory"}, {"folds", "folds"},
        {"stratify", "stratify"}, {"train_list", "train-list"}, {"mask_values", "mask-values"}};
    for (size_t i = 0; i < (f->count ? 1 : sizeof names / sizeof *names); i++) {
        const json_t *value = json_object_get(settings, names[i][0]);
        const char *text = json_is_true(value) ? "yes" : json_string_value(value);
        if (text && json_object_set_new(f->options, names[i][1], json_string(text)) != 0)
            return err_memory(e, 4096, "the options of the folds");
    }
    return ATT_OK;
}

static void folds_separate_compare_grids(struct folds_separate *f, const json_t *settings)
{
    static const char *const keys[] = {"resize", "spacing", "shrink"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        f->grids_differ = f->grids_differ ||
            !json_equal(json_object_get(settings, keys[i]), json_object_get(f->first, keys[i]));
}

static att_status folds_separate_add(
    struct folds_separate *f, const char *path, const json_t *j, struct err *e)
{
    json_t *settings = json_object_get(j, "settings"),
           *dataset = json_object_get(j, "dataset_path"), *val = json_object_get(j, "val");
    const json_t *number = json_object_get(settings, "fold");
    if (!json_is_string(dataset) || !json_is_array(val))
        return err_data(e,
            "%s/" RUN_SETTINGS
            " is damaged or from another version of attunet; train that fold again",
            path);
    if (!json_is_integer(number))
        return err_data(e, "%s was not trained with `fold` %d; train it again with that setting",
            path, f->count);
    if (json_integer_value(number) != f->count)
        return err_data(e, "%s was trained with `fold` %lld; rename it to " RUN_FOLD "%lld", path,
            (long long)json_integer_value(number), (long long)json_integer_value(number));
    if (f->count == 0) {
        f->dataset = json_incref(dataset);
        f->first = json_incref(settings);
    }
    TRY(folds_separate_copy_options(f, settings, e));
    folds_separate_compare_grids(f, settings);
    f->count++;
    return json_array_append(f->cut, val) == 0 ? ATT_OK : err_memory(e, 4096, "the list of folds");
}

static att_status read_fold(struct folds_separate *f, const char *path, struct err *e)
{
    json_t *j = NULL;
    char *file = file_join(path, RUN_SETTINGS);
    if (!file) return err_path(e);
    att_status status = ATT_OK;
    if (!is_trained(path))
        status = err_data(e,
            "%s was stopped before its first checkpoint; remove it and train `fold` %d again", path,
            f->count);
    else if (!checkpoint_finished(path, true))
        status = err_data(e, "%s is not finished; run: attunet resume %s", path, TEXT_PATH(path));
    if (status == ATT_OK) status = json_file_read(file, &j, e);
    if (status == ATT_OK) status = folds_separate_add(f, path, j, e);
    json_decref(j);
    mem_free(file);
    return status;
}

/* ---- all folds */

att_status folds_separate_read(const char *run, struct folds_separate *f, struct err *e)
{
    struct run_folds folds;
    *f = (struct folds_separate){.options = json_object(), .cut = json_array()};
    TRY(run_list_folds(run, &folds, e));
    for (int i = 0; i < folds.count; i++) {
        if (folds.number[i] != i)
            return err_data(e,
                "%s has no " RUN_FOLD "%d; train it with `fold` %d and `output` %s/" RUN_FOLD "%d",
                run, i, i, TEXT_PATH(run), i);
        char *path = run_fold_path(run, i);
        att_status status = path ? read_fold(f, path, e) : err_path(e);
        mem_free(path);
        TRY(status);
    }
    return ATT_OK;
}

att_status folds_separate_check(const char *run, const struct folds_separate *f,
    const char *dataset, const json_t *cut, struct err *e)
{
    const int all = (int)json_array_size(cut);
    if (f->count < all)
        return err_data(e,
            "%s has %d of %d folds; train the next with `fold` %d and `output` %s/" RUN_FOLD "%d",
            run, f->count, all, f->count, TEXT_PATH(run), f->count);
    for (int i = 0; i < f->count; i++)
        if (!json_equal(json_array_get(f->cut, (size_t)i), json_array_get(cut, (size_t)i)))
            return err_data(e,
                "%s/" RUN_FOLD "%d has other validation cases than fold %d of %s under the "
                "settings of fold 0; train it again with those settings",
                run, i, i, dataset);
    return ATT_OK;
}

void folds_separate_free(struct folds_separate *f)
{
    json_decref(f->dataset);
    json_decref(f->first);
    json_decref(f->options);
    json_decref(f->cut);
    *f = (struct folds_separate){0};
}
