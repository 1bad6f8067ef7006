/* SPDX-License-Identifier: Apache-2.0 */
/* attunet compare ARM=RESULT.json[,RESULT.json...] ARM=... */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { SEEDS_LEAST = 3 };

static void cmd_compare_row(json_t *table, const json_t *arm, int digits)
{
    table_row(table);
    table_word(table, arm, "arm");
    table_cell(table, "%lld", json_whole(arm, "seeds"));
    table_arm(table, arm, digits);
}

static void print_notes(const json_t *j)
{
    const json_t *groups = json_object_get(j, "groups");
    const long long cases = json_whole(j, "cases"),
                    units = groups ? json_integer_value(groups) : cases;
    const char *unit = groups ? "groups" : "cases";
    long long min = SEEDS_LEAST;
    size_t i, left_out = json_array_size(json_object_get(j, "left_out"));
    json_t *arm;
    json_array_foreach(json_object_get(j, "arms"), i, arm)
    {
        long long seeds = json_whole(arm, "seeds");
        min = seeds < min ? seeds : min;
    }
    printf("\n%lld case%s, paired; test: %s", cases, TEXT_S(cases), json_word(j, "test"));
    if (groups) printf(", over their %lld group%s", units, TEXT_S(units));
    printf("\n");
    if (left_out > 0)
        printf("%zu case%s left out: an arm has no number for %s\n", left_out, TEXT_S(left_out),
            left_out == 1 ? "it" : "them");
    if (min < SEEDS_LEAST)
        printf(
            "an arm has fewer than %d seeds: the difference may be due to chance\n", SEEDS_LEAST);
    print_few((double)units, unit, json_decimal(j, "fewest"));
}

static void cmd_compare_print(struct cli *c, const json_t *j)
{
    const char *metric = json_word(j, "metric");
    int digits = strcmp(metric, "hd95") == 0 || strcmp(metric, "assd") == 0 ||
            strcmp(metric, "object_hausdorff") == 0
        ? 3
        : 4;
    size_t i;
    json_t *arm,
        *table = table_create("arm", "seeds", metric, "seed spread", "difference", "95 % interval",
            "p", "p (Holm)", NULL);
    json_array_foreach(json_object_get(j, "arms"), i, arm) cmd_compare_row(table, arm, digits);
    if (json_yes(c->config, "markdown"))
        table_print_markdown(table);
    else
        table_print(table);
    print_notes(j);
}

static att_status run(struct cli *c)
{
    return cli_result(c, att_compare(c->context, c->arguments, c->count, c->settings, &c->text),
        cmd_compare_print);
}

static const char *const examples[] = {"attunet compare none=none1.json,none2.json,none3.json "
                                       "gates=gates1.json,gates2.json,gates3.json",
    "attunet compare old=a/summary.json new=b/summary.json --metric iou --test permutation "
    "--markdown",
    NULL};

const struct command cmd_compare = {.name = "compare",
    .arguments = "ARM=RESULT.json[,RESULT.json...] ARM=...",
    .summary = "test which of several methods is better",
    .about = "ARM is the name of a method, and RESULT.json the output of 'attunet evaluate "
             "--json', or a summary.json. Give one file for each seed of an arm. The value of a "
             "case is its mean over the seeds. attunet compares each arm with the first and "
             "prints the difference with its interval, p, and p corrected for the number of arms. "
             "All files must have the same cases.",
    .examples = examples,
    .min = 1,
    .max = -1,
    .run = run};
