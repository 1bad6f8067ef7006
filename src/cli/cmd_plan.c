/* SPDX-License-Identifier: Apache-2.0 */
/* attunet plan DATASET [-o plan.json] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static double number(const json_t *j, const char *key) { return json_number_value(json_object_get(j, key)); }

/* One setting a row, with the reason for it: those that were chosen from the data. */
static void print_settings(const json_t *settings, const json_t *reasons)
{
    const char *key;
    json_t *reason;
    json_t *table = table_create("setting", "value", "why", NULL);
    json_object_foreach((json_t *)reasons, key, reason)
    {
        const json_t *value = json_object_get(settings, key);
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
        table_row(table);
        table_cell(table, "%s", key);
        table_cell(table, "%s", json_is_string(value) ? json_string_value(value) : text && strcmp(text, "null") ? text : "-");
        table_cell(table, "%s", json_string_value(reason));
        free(text);
    }
    table_print(table);
}

static void print_expected(const json_t *e)
{
    char word[WORD];
    printf("\na step takes %.3g s here (%lld threads, %s), a pass over the cases %s", number(e, "seconds_per_step"),
           (long long)number(e, "threads"), json_string_value(json_object_get(e, "isa")),
           word_seconds(number(e, "seconds_per_epoch"), word));
    printf("; %lld steps take %s", (long long)number(e, "steps"), word_seconds(number(e, "seconds"), word));
    printf(", in %s of memory\n", word_bytes(json_object_get(e, "memory_bytes"), word));
}

static void print_plan(const struct cli *c, const json_t *j)
{
    const char *file = cli_text(c, "output"), *dataset = c->arguments[0];
    print_settings(json_object_get(j, "settings"), json_object_get(j, "reasons"));
    print_expected(json_object_get(j, "expected"));
    if (file) printf("\n%s holds all settings; edit it if you like, then: attunet train %s -o RUN --plan %s\n", file, dataset, file);
}

static att_status run(struct cli *c)
{
    char *text = NULL;
    json_t *j;
    att_status status = cli_result(c, att_plan(c->context, c->arguments[0], c->settings, &text), &text, &j);
    if (j) print_plan(c, j);
    json_decref(j);
    return status;
}

static const char *const examples[] = {"attunet plan mydata", "attunet plan mydata -o plan.json --fold 0 --time 30m",
                                       "attunet train mydata -o run --plan plan.json", NULL};

const struct command cmd_plan = {.name = "plan",
                                 .arguments = "DATASET",
                                 .summary = "what train would do with a data set, why, and how long it would take here",
                                 .about = "Looks at the cases that would train (never at those of a fold that validates), chooses what is "
                                          "not given, and times a few steps on this machine. All flags of train can be given. The file "
                                          "that -o names can be edited and handed to train --plan.",
                                 .examples = examples,
                                 .least = 1,
                                 .most = 1,
                                 .run = run};
