/* SPDX-License-Identifier: Apache-2.0 */
/* attunet plan DATASET [-o plan.json] */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

enum { WIDE = 24 }; /* longer values are printed below the table */

static const char *word_value(const json_t *value, char word[WORD])
{
    if (json_is_string(value)) return json_string_value(value);
    if (json_is_boolean(value)) return json_is_true(value) ? "yes" : "no";
    if (!json_is_number(value)) return "-";
    snprintf(word, WORD, "%.6g", json_number_value(value));
    return word;
}

static const char *cmd_plan_sides(const json_t *f, const json_t *range, const char *key)
{
    const char *text = json_word(range, key), *second = strchr(text, 'x');
    return json_decimal(f, "dims") == 2 && second ? second + 1 : text;
}

static const char *cmd_plan_lengths(
    const json_t *f, const json_t *range, const char *key, char word[WORD])
{
    double mm[3] = {(double)NAN, (double)NAN, (double)NAN};
    const char *text = cmd_plan_sides(f, range, key);
    for (int i = 0; i < 3 && text; i++) {
        mm[i] = strtod(text, NULL);
        text = strchr(text, 'x');
        if (text) text++;
    }
    return word_lengths(mm, word);
}

static void print_data(const json_t *f)
{
    static const char *const ranges[] = {"size", "spacing"};
    size_t i;
    json_t *class;
    printf("cases      %.0f", json_decimal(f, "cases"));
    if (json_decimal(f, "cases_without_foreground") > 0)
        printf(", %.0f without foreground", json_decimal(f, "cases_without_foreground"));
    if (json_decimal(f, "groups") > 0)
        printf(", in %.0f group%s", json_decimal(f, "groups"), TEXT_S(json_decimal(f, "groups")));
    printf("\n");
    for (int k = 0; k < 2; k++) {
        const json_t *r = json_object_get(f, ranges[k]);
        const bool stated = r && !json_is_null(r);
        char median[WORD], min[WORD], max[WORD];
        const char *middle = !stated ? "unknown"
            : k == 0                 ? cmd_plan_sides(f, r, "median")
                                     : cmd_plan_lengths(f, r, "median", median);
        printf("%-10s ", ranges[k]);
        if (stated && strcmp(json_word(r, "least"), json_word(r, "most")) != 0)
            printf("%s to %s, median ",
                k == 0 ? cmd_plan_sides(f, r, "least") : cmd_plan_lengths(f, r, "least", min),
                k == 0 ? cmd_plan_sides(f, r, "most") : cmd_plan_lengths(f, r, "most", max));
        printf("%s\n", middle);
    }
    json_t *table = table_create(
        "class", "% of voxels", "cases", "components", "median voxels", "thickness (voxels)", NULL);
    json_array_foreach(json_object_get(f, "classes"), i, class)
    {
        const json_t *parts = json_object_get(class, "components");
        table_row(table);
        table_word(table, class, "name");
        table_cell(table, "%.3g", 100 * json_decimal(class, "share"));
        table_field(table, class, "cases", 0);
        table_field(table, parts, "count", 0);
        table_field(table, parts, "median_voxels", 0);
        table_cell(table, "%s", cmd_plan_sides(f, class, "thickness"));
    }
    table_print(table);
}

static void print_settings(const json_t *settings, const json_t *reasons)
{
    const char *key;
    json_t *reason;
    char word[WORD], spoken[CLI_SPOKEN];
    json_t *table = table_create("setting", "value", "why", NULL);
    json_object_foreach((json_t *)(uintptr_t)reasons, key, reason)
    {
        const char *value = word_value(json_object_get(settings, key), word);
        table_row(table);
        table_cell(table, "%s", key);
        table_cell(table, "%s", strlen(value) > WIDE ? "(below)" : value);
        table_cell(table, "%s", cli_spoken(json_string_value(reason), spoken));
    }
    printf("\n");
    table_print(table);
    printf("\n");
    json_object_foreach((json_t *)(uintptr_t)reasons, key, reason)
    {
        const char *value = word_value(json_object_get(settings, key), word);
        if (strlen(value) > WIDE) printf("%s: %s\n", key, value);
    }
}

static void print_expected(const json_t *e)
{
    char word[WORD];
    const long long steps = json_whole(e, "steps");
    printf("on this machine a step takes %.3g s (%lld thread%s, %s), an epoch %s",
        json_decimal(e, "seconds_per_step"), json_whole(e, "threads"),
        TEXT_S(json_whole(e, "threads")), json_word(e, "isa"),
        word_seconds(json_decimal(e, "seconds_per_epoch"), word));
    printf("; %lld step%s %s %s", steps, TEXT_S(steps), steps == 1 ? "takes" : "take",
        word_seconds(json_decimal(e, "seconds"), word));
    printf("; memory: %s beside the program's own\n",
        word_bytes(json_object_get(e, "memory_bytes"), word));
    double work = json_decimal(e, "network_bytes"),
           freely = json_decimal(e, "network_bytes_without_limit");
    if (work >= freely) return;
    printf("feature maps take %s", word_bytes(json_object_get(e, "network_bytes"), word));
    printf(" instead of %s, which costs %.1f %% more operations\n",
        word_bytes(json_object_get(e, "network_bytes_without_limit"), word),
        100 * json_decimal(e, "extra_operations"));
}

static void cmd_plan_print_plan(struct cli *c, const json_t *j)
{
    const char *picture = json_string_value(json_object_get(j, "picture"));
    if (picture)
        printf("%s shows the augmentation: up to five cases, each original and then five times "
               "augmented\n",
            picture);
    if (!json_object_get(j, "settings")) return;
    if (picture) printf("\n");
    print_data(json_object_get(j, "fingerprint"));
    print_settings(json_object_get(j, "settings"), json_object_get(j, "reasons"));
    print_expected(json_object_get(j, "expected"));
    if (c->output) printf("\n%s holds all settings, which you can edit\n", c->output);
    print_next(j);
}

static att_status run(struct cli *c)
{
    return cli_result(
        c, att_plan(c->context, c->arguments[0], c->settings, &c->text), cmd_plan_print_plan);
}

static const char *const examples[] = {"attunet plan mydata",
    "attunet plan mydata -o plan.json --fold 0 --time 30m",
    "attunet plan mydata --show-augmentation -o patches.png --augment full",
    "attunet train mydata -o run --plan plan.json", NULL};

const struct command cmd_plan = {.name = "plan",
    .arguments = "DATASET",
    .summary = "show what train would do with a data set, why, and how long it takes here",
    .about = "Reads the training cases, chooses the settings that you leave out, and times a few "
             "steps on this machine. It takes all options of train. You can edit the file of -o "
             "and give it to train --plan.",
    .examples = examples,
    .min = 1,
    .max = 1,
    .run = run};
