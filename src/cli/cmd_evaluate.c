/* SPDX-License-Identifier: Apache-2.0 */
/* attunet evaluate PREDICTIONS LABELS */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void numbers(json_t *table, const json_t *from, bool metric)
{
    static const char *const names[] = {"dice", "iou", "precision", "recall", "volume_predicted", "volume_true"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const json_t *number = json_object_get(from, names[i]);
        if (i < 4)
            table_number(table, number, 4);
        else if (json_is_number(number)) /* ml, or how many pixels */
            table_cell(table, metric ? "%.3f" : "%.0f", json_number_value(number) / (metric ? 1000 : 1));
        else
            table_cell(table, "-");
    }
}

static void row(json_t *table, const char *name, const json_t *class, bool metric)
{
    const char *value = json_string_value(json_object_get(class, "name"));
    table_row(table);
    table_cell(table, "%s", name);
    table_cell(table, "%s", value ? value : "all");
    numbers(table, class, metric);
}

static void print(const json_t *j)
{
    size_t i, k;
    json_t *found, *class;
    const json_t *cases = json_object_get(j, "cases"), *mean = json_object_get(j, "mean");
    const char *unit = json_string_value(json_object_get(json_array_get(cases, 0), "unit"));
    bool metric = unit && strcmp(unit, "mm3") == 0;
    json_t *table = table_create("case", "class", "Dice", "IoU", "precision", "recall", metric ? "ml predicted" : "pixels predicted",
                                 metric ? "ml true" : "pixels true", NULL);
    json_array_foreach(cases, i, found) json_array_foreach(json_object_get(found, "classes"), k, class)
        row(table, json_string_value(json_object_get(found, "case")), class, metric);
    json_array_foreach(json_object_get(mean, "classes"), k, class) row(table, "mean", class, metric);
    if (json_array_size(json_object_get(mean, "classes")) > 1) row(table, "mean", mean, metric);
    table_print(table);
}

json_t *evaluation_dice(const json_t *evaluation) { return json_object_get(json_object_get(evaluation, "mean"), "dice"); }

static att_status run(struct cli *c)
{
    char *text = NULL;
    json_t *j;
    att_status status = cli_result(c, att_evaluate(c->context, c->arguments[0], c->arguments[1], c->settings, &text), &text, &j);
    if (j) print(j);
    json_decref(j);
    return status;
}

static const char *const examples[] = {"attunet evaluate masks mydata/labels", "attunet evaluate masks Dataset004_Hippocampus --json",
                                       "attunet evaluate mask.nii.gz truth.nii.gz --ignore 255", NULL};

const struct command cmd_evaluate = {
    .name = "evaluate",
    .arguments = "PREDICTIONS LABELS",
    .summary = "Dice, IoU, precision, recall and volume of masks against true ones",
    .about =
        "Both are folders (files go together by name) or single files; LABELS may also be a data set. A class that is neither there nor "
        "predicted in a "
        "case counts as '-' and is left out of means; where only one of the two has it, Dice and IoU are 0. Volumes use the spacing in the "
        "label's file.",
    .examples = examples,
    .least = 2,
    .most = 2,
    .run = run};
