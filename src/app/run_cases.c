/* SPDX-License-Identifier: Apache-2.0 */
#include "app/run_cases.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dataset/converted_names.h"
#include "dataset/mask_values.h"
#include "dataset/names.h"
#include "dataset/patterns.h"
#include "dataset/voxel_size.h"
#include "format/stack_slice.h"
#include "train/report.h"
#include "train/runfolder.h"

void settings_voxel(const json_t *settings, float voxel[3], bool *planes)
{
    const json_t *own = json_object_get(settings, "settings");
    const char *text = json_str(own, "voxel_size"), *spec = json_str(own, "spec");
    struct spec s;
    int dims = 0;
    struct err none = {0};
    if (!text || !voxel_size_parse(text, voxel)) return;
    if (spec && spec_parse(&s, spec, NULL) == ATT_OK) spec_int(&s, "dims", 2, 2, 3, &dims, &none);
    *planes = report_is_planar(dims, voxel);
}

att_status cases_open(struct app_call *call, const char *run, const char *dataset,
    const json_t *settings, struct dataset *d)
{
    if (!dataset) dataset = json_str(settings, "dataset_path");
    if (!dataset) return err_usage(call->e, "%s names no data set; give one after it", run);
    struct dataset_patterns p;
    TRY(patterns_read(call->o, false, &p, call->e));
    if (!p.images) p = patterns_of(settings);
    return dataset_open_patterns(dataset, &p, d, NULL, call->host, call->e);
}

att_status cases_find(
    const struct dataset *d, const json_t *names, int **list, int *count, struct err *e)
{
    size_t i;
    json_t *name;
    *count = 0;
    TRY(MEM_ARRAY(*list, json_array_size(names) + 1, "a list of cases", e));
    json_array_foreach(names, i, name)
    {
        int index = json_is_string(name) ? dataset_find(d, json_string_value(name)) : -1;
        if (index >= 0) (*list)[(*count)++] = index;
    }
    return ATT_OK;
}

/* Whether it is the run's data set. */
static bool is_home(const struct dataset *d, const json_t *settings)
{
    const char *path = json_str(settings, "dataset_path");
    return path && file_same(d->path, path);
}

/* All labelled cases but those that have the name of a training case: the run's data set may lie
 * elsewhere now. *left_out: how many have one. */
static att_status all_unlearnt(const struct dataset *d, const json_t *settings, int **list,
    int *count, int *left_out, struct err *e)
{
    int *learnt, n;
    bool *own = NULL;
    *count = *left_out = 0;
    TRY(cases_find(d, json_object_get(settings, "train"), &learnt, &n, e));
    att_status status = MEM_ARRAY(own, d->count, "a list of cases", e);
    for (int k = 0; k < n && status == ATT_OK; k++) own[learnt[k]] = true;
    if (status == ATT_OK) status = MEM_ARRAY(*list, d->count, "a list of cases", e);
    for (int i = 0; i < d->count && status == ATT_OK; i++) {
        if (!d->cases[i].label) continue;
        if (own[i])
            ++*left_out;
        else
            (*list)[(*count)++] = i;
    }
    mem_free(own);
    mem_free(learnt);
    return status;
}

/* A list may name training cases, too. */
static att_status run_cases_read_list(
    const struct dataset *d, const char *path, int **list, int *count, struct err *e)
{
    bool *wanted = mem_array((size_t)d->count, sizeof *wanted);
    *count = 0;
    *list = mem_array((size_t)d->count, sizeof **list);
    att_status status = wanted && *list
        ? names_mark(d, path, names_find, wanted, e)
        : err_memory(e, (size_t)d->count * sizeof **list, "a list of cases");
    for (int i = 0; i < d->count && status == ATT_OK; i++)
        if (wanted[i]) (*list)[(*count)++] = i;
    mem_free(wanted);
    if (status == ATT_OK) return ATT_OK;
    mem_free(*list);
    *list = NULL;
    return status;
}

att_status cases_choose(struct app_call *call, const struct dataset *d, const char *run,
    const json_t *settings, bool unseen, int **list, int *count)
{
    const char *cases = options_text(call->o, evaluate, cases);
    const json_t *val = json_object_get(settings, "val");
    int left_out;
    if (cases) return run_cases_read_list(d, cases, list, count, call->e);
    if (is_home(d, settings) && json_array_size(val) > 0)
        return cases_find(d, val, list, count, call->e);
    TRY(all_unlearnt(d, settings, list, count, &left_out, call->e));
    if (*count > 0 && left_out > 0)
        host_say(call->host, LOG_INFO,
            "attunet leaves out %d case%s of %s: training cases of %s have the same names; name "
            "them with `cases` to measure them",
            left_out, TEXT_S(left_out), d->root, run);
    if (*count > 0 || left_out == 0) return ATT_OK;
    if (unseen)
        return err_usage(call->e,
            "all labelled cases of %s have names of training cases of %s, which do not measure a "
            "model's probabilities; give another labelled data set, or name cases with `cases`",
            d->root, run);
    host_warn(call->host, WARN_TRAINED_ON_IMAGE,
        "all labelled cases of %s have names of training cases of %s, so these scores may "
        "not measure generalisation",
        d->root, run);
    for (int i = 0; i < d->count; i++)
        if (d->cases[i].label) (*list)[(*count)++] = i;
    return ATT_OK;
}

att_status cases_lie(
    struct app_call *call, const struct model *m, const json_t *settings, struct dataset *d)
{
    bool planes;
    memcpy(d->axes, m->prep.axes, sizeof d->axes);
    mask_values_follow(
        json_str(json_object_get(settings, "settings"), "mask_values"), &m->labels, d);
    if (is_home(d, settings) && !options_is_set(call->o, evaluate, voxel_size))
        settings_voxel(settings, d->voxel, &planes);
    return voxel_size_use(call->o, d, call->e);
}

att_status cases_fit(const struct dataset *d, const struct model *m, struct err *e)
{
    json_t *theirs = labelling_to_json(&d->labels), *ours = labelling_to_json(&m->labels);
    bool same = theirs && ours && json_equal(theirs, ours);
    json_decref(theirs);
    json_decref(ours);
    if (!same)
        return err_data(e,
            "%s has other labels than the model; give a data set with the same classes", d->root);
    if (d->channels == m->prep.channels) return ATT_OK;
    return err_data(e,
        "%s has images of %d channel%s but the model takes %d; give images like those of "
        "training",
        d->root, d->channels, TEXT_S(d->channels), m->prep.channels);
}

bool cases_distrust(struct host *host, const struct model *m, const float voxel[3])
{
    const char *text = json_str(json_object_get(m->history, "settings"), "voxel_size");
    float trained[3];
    if (voxel[0] > 0 || !text || !voxel_size_parse(text, trained) || !(trained[0] > 0))
        return false;
    host_warn(host, WARN_SPACING_OVERRIDDEN,
        "the model was trained with `voxel-size` %s instead of its images' headers; give "
        "`voxel-size` if the headers of these images are wrong or missing, too",
        text);
    return true;
}

/* Whether an input or the results are inside the data set's folder. */
static bool lies_inside(
    const struct predict_job *j, const struct series_list *series, const char *dataset)
{
    const size_t length =
        file_is_folder(dataset) ? strlen(dataset) : (size_t)(file_base(dataset) - dataset);
    char *folder = mem_text("%.*s", (int)length, dataset);
    bool inside = folder && file_within(j->folder, folder);
    for (int i = 0; i < j->count && folder && !inside; i++)
        inside = file_within(j->inputs[i], folder);
    for (int i = 0; i < series->count && folder && !inside; i++)
        inside = file_within(series->input[i], folder);
    mem_free(folder);
    return inside;
}

/* All training cases of models with the data set of the first one, whose settings *first gets. */
static json_t *learnt_names(const struct ensemble *s, json_t **first)
{
    json_t *names = json_array();
    const char *dataset = NULL;
    *first = NULL;
    for (int i = 0; i < s->count; i++) {
        json_t *settings = runfolder_settings_of(s->paths[i]);
        const char *path = json_str(settings, "dataset_path");
        if (path && !dataset) {
            dataset = path;
            *first = json_incref(settings);
        }
        if (path && strcmp(path, dataset) == 0)
            json_array_extend(names, json_object_get(settings, "train"));
        json_decref(settings);
    }
    return names;
}

/* The volumes of series that trained count as well: *learnt has room for all. */
static void learnt_series(const struct series_list *series, struct file_id *learnt, size_t *n)
{
    const size_t known = *n;
    for (int i = 0; i < series->count; i++) {
        struct file_id id;
        if (series->made[i] && file_identify(series->input[i], &id) &&
            bsearch(&id, learnt, known, sizeof id, file_id_order))
            *n += file_identify(series->made[i], learnt + *n);
    }
    qsort(learnt, *n, sizeof *learnt, file_id_order);
}

static att_status run_cases_identify(const struct dataset *d, const json_t *names,
    const struct series_list *series, struct file_id **learnt, size_t *n, struct err *e)
{
    int *list, count;
    TRY(cases_find(d, names, &list, &count, e));
    const size_t room = 2 * (size_t)count + (size_t)series->count + 1;
    *learnt = mem_array(room, sizeof **learnt);
    for (int i = 0; *learnt && i < count; i++) {
        char file[PATH_MAX];
        const char *image = slice_file(d->cases[list[i]].image[0], file);
        char *source = converted_named(image); /* a DICOM series, or the image itself */
        *n += file_identify(image, *learnt + *n);
        if (source && strcmp(source, image) != 0) *n += file_identify(source, *learnt + *n);
        mem_free(source);
    }
    mem_free(list);
    if (!*learnt) return err_memory(e, room * sizeof **learnt, "a list of images");
    qsort(*learnt, *n, sizeof **learnt, file_id_order);
    learnt_series(series, *learnt, n);
    return ATT_OK;
}

att_status cases_learnt(const struct ensemble *s, const struct predict_job *j,
    const struct series_list *series, struct file_id **learnt, size_t *n, json_t **names,
    struct err *e)
{
    struct err unread = {0};
    struct dataset d;
    json_t *settings;
    *learnt = NULL;
    *n = 0;
    *names = learnt_names(s, &settings);
    const char *dataset = json_str(settings, "dataset_path");
    const struct dataset_patterns p = patterns_of(settings);
    att_status status = ATT_OK;
    if (json_array_size(*names) > 0 && lies_inside(j, series, dataset) &&
        dataset_list(dataset, &p, &d, &unread) == ATT_OK) {
        status = run_cases_identify(&d, *names, series, learnt, n, e);
        dataset_free(&d);
    }
    if (!dataset || file_exists(dataset)) {
        json_decref(*names);
        *names = NULL;
    }
    json_decref(settings);
    return status;
}
