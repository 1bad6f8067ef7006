/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a run's validation cases have, and how well their masks fit, for info of a run. */
#include <math.h>
#include <string.h>

#include "app/info.h"
#include "base/json.h"
#include "base/mem.h"
#include "dataset/groups.h"
#include "dataset/patterns.h"
#include "files/file.h"
#include "format/format.h"
#include "measure/scores.h"
#include "model/run_files.h"

/* The mask of a case in a folder, for mem_free; NULL: none, or no memory. */
static char *case_mask(const char *folder, const struct file_list *masks, const char *id)
{
    const size_t length = strlen(id);
    for (int i = 0; i < masks->count; i++) {
        const char *name = masks->names[i];
        size_t tail;
        if (format_by_name(name, &tail) && strlen(name) == length + tail &&
            strncmp(name, id, length) == 0)
            return file_join(folder, name);
    }
    return NULL;
}

static json_t *info_case_dice(const struct scores *s, const char *id)
{
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->id[i], id) == 0 && isfinite(s->value[i])) return json_real(s->value[i]);
    return json_null();
}

static void add_cases(const char *run, const json_t *names, const struct dataset *d, json_t *list)
{
    struct err none = {0};
    struct scores scores = {0};
    struct file_list masks = {0};
    char *summary = file_join(run, RUN_SUMMARY), *folder = file_join(run, RUN_VALIDATION);
    if (summary && scores_read(summary, "dice", NULL, &scores, &none) != ATT_OK)
        scores = (struct scores){0}; /* a run that has not validated yet */
    if (folder && file_list(folder, &masks, &none) != ATT_OK) masks = (struct file_list){0};
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *id = json_string_value(json_array_get(names, i));
        const int index = id ? dataset_find(d, id) : -1;
        if (index < 0) continue;
        char *mask = folder ? case_mask(folder, &masks, id) : NULL;
        json_t *j = info_case(&d->cases[index]);
        json_object_set_new(j, "mask", mask ? json_utf8(mask) : json_null());
        json_object_set_new(j, "dice", info_case_dice(&scores, id));
        json_array_append_new(list, j);
        mem_free(mask);
    }
    scores_free(&scores);
    file_list_free(&masks);
    mem_free(summary);
    mem_free(folder);
}

void info_cases(const char *run, const json_t *settings, json_t *json)
{
    const char *dataset = json_str(settings, "dataset_path");
    const struct dataset_patterns p = patterns_of(settings);
    struct err none = {0};
    struct dataset d;
    json_t *list = json_object_get(json, "validation_cases");
    if (!list) json_object_set_new(json, "validation_cases", list = json_array());
    if (!dataset || dataset_list(dataset, &p, &d, &none) != ATT_OK) return; /* it has moved */
    groups_name(&d, &none);
    add_cases(run, json_object_get(settings, "val"), &d, list);
    dataset_free(&d);
}
