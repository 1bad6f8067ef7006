/* SPDX-License-Identifier: Apache-2.0 */
/* attunet evaluate PREDICTIONS LABELS, attunet evaluate RUN [DATASET] --policies */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* Columns of the table; headings of lengths get a unit. */
static const struct {
    const char *key, *heading;
    int digits;
    bool length;
} columns[] = {{"dice", "Dice", 4, false}, {"iou", "IoU", 4, false},
    {"precision", "precision", 4, false}, {"recall", "recall", 4, false}, {"hd95", "HD95", 2, true},
    {"assd", "ASSD", 3, true}, {"nsd", "NSD", 4, false}, {"ap50", "AP50", 4, false},
    {"ap60", "AP60", 4, false}, {"ap70", "AP70", 4, false}, {"ap80", "AP80", 4, false},
    {"ap90", "AP90", 4, false}, {"pq", "PQ", 4, false}, {"object_dice", "object Dice", 4, false},
    {"object_hausdorff", "object HD", 2, true}};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct shown {
    const json_t *sample; /* a row with the keys of all */
    bool volumes;
    const char *length, *unit; /* unit of distances; of volumes, as in JSON */
};

static const char *shown_unit(const char *unit) { return strcmp(unit, "mm3") == 0 ? "ml" : unit; }

static void cmd_evaluate_headings(json_t *table, const struct shown *s)
{
    for (int i = 0; i < COLUMNS; i++) {
        if (!json_object_get(s->sample, columns[i].key)) continue;
        if (columns[i].length)
            table_cell(table, "%s %s", columns[i].heading, s->length);
        else
            table_cell(table, "%s", columns[i].heading);
    }
    if (!s->volumes) return;
    table_cell(table, "%s predicted", shown_unit(s->unit));
    table_cell(table, "%s true", shown_unit(s->unit));
}

/* Small values get more digits: pixels of electron microscopes are 0.004 um. */
static void length(json_t *table, double x, int digits, const char *own)
{
    char text[48];
    if (x > 0 && x < .1)
        snprintf(text, sizeof text, "%.3g", x);
    else
        snprintf(text, sizeof text, "%.*f", digits, x);
    table_cell(table, "%s%s%s", text, own ? " " : "", own ? own : "");
}

/* own, unit: units of the row's lengths and volumes if they differ from the table's. */
static void cmd_evaluate_row(json_t *table, const char *name, const json_t *class, const char *own,
    const char *unit, const struct shown *s)
{
    static const char *const volumes[] = {"volume_predicted", "volume_true"};
    const char *its = unit ? unit : s->unit;
    const char *value = json_string_value(json_object_get(class, "name"));
    table_row(table);
    table_cell(table, "%s", name);
    table_cell(table, "%s", value ? value : "all");
    for (int i = 0; i < COLUMNS; i++)
        if (json_object_get(s->sample, columns[i].key)) {
            const json_t *number = json_object_get(class, columns[i].key);
            if (columns[i].length && json_is_number(number))
                length(table, json_number_value(number), columns[i].digits, own);
            else
                table_number(table, number, columns[i].digits);
        }
    for (int i = 0; s->volumes && i < 2; i++) {
        const json_t *number = json_object_get(class, volumes[i]);
        const double volume = json_number_value(number) / (strcmp(its, "mm3") == 0 ? 1000 : 1);
        char text[VOLUME_TEXT];
        const bool counted = strcmp(its, "voxels") == 0 || strcmp(its, "pixels") == 0;
        if (counted) snprintf(text, sizeof text, "%.0f", volume);
        if (!counted) volume_text(volume, text);
        if (json_is_number(number))
            table_cell(table, "%s%s%s", text, unit ? " " : "", unit ? shown_unit(unit) : "");
        else
            table_cell(table, "-");
    }
}

/* The case's unit if it differs from the table's, else NULL. */
static const char *other(const json_t *unit, const char *usual)
{
    const char *text = json_string_value(unit);
    return text && strcmp(text, usual) != 0 ? text : NULL;
}

static void cmd_evaluate_print(const json_t *j)
{
    size_t i, k;
    json_t *found, *class;
    const json_t *cases = json_object_get(j, "cases"), *mean = json_object_get(j, "mean"),
                 *first = json_array_get(cases, 0);
    const char *unit = json_string_value(json_object_get(first, "unit")),
               *length = json_string_value(json_object_get(first, "distance_unit"));
    struct shown s = {.sample = json_array_get(json_object_get(first, "classes"), 0)};
    s.length = length ? length : "";
    s.unit = unit ? unit : "voxels";
    s.volumes = json_object_get(s.sample, "volume_true") != NULL;
    json_t *table = table_create("case", "class", NULL);
    cmd_evaluate_headings(table, &s);
    json_array_foreach(cases, i, found)
    {
        const char *own = other(json_object_get(found, "distance_unit"), s.length),
                   *its = other(json_object_get(found, "unit"), s.unit);
        json_array_foreach(json_object_get(found, "classes"), k, class)
            cmd_evaluate_row(table, json_word(found, "case"), class, own, its, &s);
    }
    json_array_foreach(json_object_get(mean, "classes"), k, class)
        cmd_evaluate_row(table, "mean", class, NULL, NULL, &s);
    if (json_array_size(json_object_get(mean, "classes")) > 1)
        cmd_evaluate_row(table, "mean", mean, NULL, NULL, &s);
    table_print(table);
    size_t without = json_array_size(json_object_get(j, "without_foreground"));
    if (without > 0)
        printf("%zu case%s no foreground in %s label\n", without, without == 1 ? " has" : "s have",
            without == 1 ? "its" : "their");
}

static void print_choice(const json_t *choice, const char *path)
{
    size_t i;
    json_t *rule;
    bool any = false;
    if (!choice) return;
    json_t *table =
        table_create("post-processing tried", "mean Dice", "better", "worse", "kept", NULL);
    table_row(table);
    table_cell(table, "none");
    table_number(table,
        json_object_get(json_object_get(json_object_get(choice, "dice"), "before"), "mean"), 5);
    for (int k = 0; k < 3; k++) table_cell(table, "-");
    json_array_foreach(json_object_get(choice, "tried"), i, rule)
    {
        bool kept = json_yes(rule, "kept");
        any = any || kept;
        table_row(table);
        table_word(table, rule, "rule");
        table_field(table, rule, "mean", 5);
        table_field(table, rule, "better", 0);
        table_field(table, rule, "worse", 0);
        table_cell(table, kept ? "yes" : "no");
    }
    putchar('\n');
    table_print(table);
    printf("%s %s\n", any ? "wrote the rules that help to" : "no rule helps; wrote that to", path);
}

json_t *evaluation_dice(const json_t *evaluation)
{
    return json_object_get(json_object_get(evaluation, "mean"), "dice");
}

static void calibration_cells(json_t *table, const json_t *bin)
{
    table_field(table, bin, "answers", 0);
    table_field(table, bin, "probability", 4);
    table_field(table, bin, "right", 4);
}

static void print_calibration(const json_t *j, bool set)
{
    const json_t *before = json_object_get(j, "before"), *after = json_object_get(j, "after"),
                 *bins = json_object_get(before, "bins");
    const json_t *temperature = json_object_get(j, "temperature");
    const size_t count = json_array_size(bins);
    json_t *table = table_create(
        "probability", "answers", "mean", "right", "answers at T", "mean", "right", NULL);
    for (size_t b = 0; b < count; b++) {
        const json_t *now = json_array_get(bins, b),
                     *then = json_array_get(json_object_get(after, "bins"), b);
        if (!(json_decimal(now, "answers") + json_decimal(then, "answers") > 0)) continue;
        table_row(table);
        table_cell(
            table, "%.2f to %.2f", (double)b / (double)count, (double)(b + 1) / (double)count);
        calibration_cells(table, now);
        calibration_cells(table, then);
    }
    table_print(table);
    printf("\n%lld case%s, %.0f of %.0f voxels\n", json_whole(j, "cases"),
        TEXT_S(json_whole(j, "cases")), json_decimal(j, "voxels"), json_decimal(j, "of"));
    printf("temperature T that fits best: ");
    if (!temperature || json_is_null(temperature))
        printf("none, since the models are always right, or no better than chance\n");
    else
        printf("%.3f%s\n", json_number_value(temperature),
            set ? ", which the models of the run have now" : "");
    table = table_create("", "as it is", "at T", NULL);
    static const char *const rows[][2] = {{"ece", "expected calibration error"},
        {"ece_foreground", "expected calibration error, foreground"},
        {"nll", "negative log likelihood"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        table_row(table);
        table_cell(table, "%s", rows[i][1]);
        table_number(table, json_object_get(before, rows[i][0]), 4);
        table_number(table, json_object_get(after, rows[i][0]), 4);
    }
    table_print(table);
}

static void cmd_evaluate_show(struct cli *c, const json_t *j)
{
    const json_t *calibration = json_object_get(j, "calibration");
    if (calibration)
        print_calibration(calibration, json_yes(c->config, "set_temperature"));
    else if (json_object_get(j, "k"))
        print_policies(j);
    else
        cmd_evaluate_print(j);
    print_choice(json_object_get(j, "postprocess"), cli_text(c, "choose_postprocess"));
}

static att_status run(struct cli *c)
{
    const char *labels = c->count > 1
        ? c->arguments[1]
        : NULL; /* --policies, --calibration: the run knows its data */
    if (!labels && !json_yes(c->config, "policies") && !json_yes(c->config, "calibration"))
        return cli_missing(c);
    return cli_result(c, att_evaluate(c->context, c->arguments[0], labels, c->settings, &c->text),
        cmd_evaluate_show);
}

static const char *const examples[] = {"attunet evaluate run mydata",
    "attunet evaluate masks mydata/labels", "attunet evaluate masks Dataset004_Hippocampus --json",
    "attunet evaluate mask.nii.gz truth.nii.gz --ignore 255",
    "attunet evaluate masks mydata/labels --metrics dice,hd95,nsd --tolerance 2",
    "attunet evaluate run --policies -o policies",
    "attunet evaluate run --calibration --set-temperature", NULL};

const struct command cmd_evaluate = {.name = "evaluate",
    .arguments = "RUN|PREDICTIONS DATASET|LABELS",
    .summary = "compare masks with true masks: Dice, IoU, surface distances, volumes",
    .about = "'evaluate RUN DATASET' measures the validation cases of a run. Otherwise "
             "PREDICTIONS and LABELS are two folders, where files with the same name belong "
             "together, or two files. LABELS may also be a data set. If neither mask of a case "
             "has a class, the case has no value ('-') and is left out of the mean. If only one "
             "mask has it, Dice, IoU and NSD are 0, and there is no distance. Volumes and "
             "distances use the spacing of the label, else of the prediction. docs/metrics.md "
             "defines every number. --policies tests the policy of hard attention on a data set, "
             "by default on the validation cases of the run (docs/hard.md). --calibration "
             "measures the probabilities of a run (docs/metrics.md).",
    .examples = examples,
    .min = 1,
    .max = 2,
    .run = run};
