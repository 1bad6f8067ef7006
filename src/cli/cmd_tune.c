/* SPDX-License-Identifier: Apache-2.0 */
/* attunet tune DATASET -o OUT --budget 2h */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum { TRIALS_SHOWN = 10 };

/* "lr=0.002 loss=dice+ce" */
static void put_settings(json_t *table, const json_t *settings)
{
    char text[1024] = "";
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)settings, name, value)
    {
        size_t used = strlen(text);
        if (json_is_string(value))
            snprintf(text + used, sizeof text - used, "%s%s=%s", used ? " " : "", name,
                json_string_value(value));
        else
            snprintf(text + used, sizeof text - used, "%s%s=%.4g", used ? " " : "", name,
                json_number_value(value));
    }
    table_cell(table, "%s", text);
}

static void print_trials(const json_t *j)
{
    size_t i;
    char spoken[CLI_SPOKEN];
    json_t *trial, *table = table_create("trial", "Dice", "rungs", "settings", NULL);
    const json_t *trials = json_object_get(j, "trials");
    json_array_foreach(trials, i, trial)
    {
        if (i == TRIALS_SHOWN) break;
        table_row(table);
        table_cell(table, "%.0f", json_decimal(trial, "trial"));
        table_field(table, trial, "dice", 4);
        table_cell(table, "%zu", json_array_size(json_object_get(trial, "rungs")));
        put_settings(table, json_object_get(trial, "settings"));
    }
    table_print(table);
    json_array_foreach(trials, i, trial)
    {
        const json_t *why = json_object_get(trial, "failed");
        if (i < TRIALS_SHOWN && json_is_string(why))
            printf("trial %.0f failed: %s\n", json_decimal(trial, "trial"),
                cli_spoken(json_string_value(why), spoken));
    }
    if (json_array_size(trials) > TRIALS_SHOWN)
        printf("(the best %d of %zu)\n", TRIALS_SHOWN, json_array_size(trials));
}

static void print_importance(const json_t *j)
{
    size_t i;
    json_t *row, *table = table_create("setting", "explains", "by chance", "p (Holm)", NULL);
    json_array_foreach(json_object_get(j, "importance"), i, row)
    {
        table_row(table);
        table_word(table, row, "setting");
        table_field(table, row, "explained", 2);
        table_field(table, row, "chance", 2);
        table_field(table, row, "p_holm", 3);
    }
    printf("\n");
    table_print(table);
}

static void print_search(const json_t *j)
{
    char word[WORD];
    const json_t *cases = json_object_get(j, "cases");
    const double final = json_decimal(cases, "validate"),
                 inner = json_decimal(cases, "trials_validate");
    print_trials(j);
    print_importance(j);
    printf("\n"
           "Dice       %.4f on %.0f case%s that no trial saw; %.4f in its trial, on %.0f other "
           "case%s\n",
        json_decimal(j, "dice"), final, TEXT_S(final), json_decimal(j, "inner_dice"), inner,
        TEXT_S(inner));
    printf("run        %s, trained on all %.0f cases with the settings of trial %.0f\n",
        json_word(j, "best"), json_decimal(cases, "train"), json_decimal(j, "trial"));
    printf("time       %s", word_seconds(json_decimal(j, "seconds"), word));
    if (json_is_number(json_object_get(j, "budget")))
        printf(" of %s", word_seconds(json_decimal(j, "budget"), word));
    printf("\n");
}

static void print_arms(const json_t *comparison, const char *heading)
{
    size_t i;
    json_t *arm,
        *table = table_create(
            heading, "Dice", "seed spread", "difference", "95 % interval", "p", "p (Holm)", NULL);
    json_array_foreach(json_object_get(comparison, "arms"), i, arm)
    {
        table_row(table);
        table_word(table, arm, "arm");
        table_arm(table, arm, 4);
    }
    table_print(table);
}

static void print_comparison(const json_t *j)
{
    const char *class;
    char heading[80];
    json_t *one;
    print_arms(json_object_get(j, "all"), "all classes");
    json_object_foreach(json_object_get(j, "classes"), class, one)
    {
        if (json_object_size(json_object_get(j, "classes")) < 2) break;
        snprintf(heading, sizeof heading, "class %.60s", class);
        printf("\n");
        print_arms(one, heading);
    }
    const json_t *all = json_object_get(j, "all");
    const char *unit = json_object_get(all, "groups") ? "groups" : "cases";
    const double cases = json_decimal(all, "cases"), seeds = json_decimal(j, "repeat"),
                 units = json_decimal(all, unit);
    printf("\n%.0f case%s, paired, %.0f seed%s each; test: Wilcoxon signed-rank over %.0f %s%s\n",
        cases, TEXT_S(cases), seeds, TEXT_S(seeds), units, *unit == 'g' ? "group" : "case",
        TEXT_S(units));
    print_few(units, unit, json_decimal(all, "fewest"));
    if (json_decimal(j, "failed") > 0)
        printf("training failed for %.0f of the settings\n", json_decimal(j, "failed"));
}

static void cmd_tune_print(struct cli *c, const json_t *j)
{
    (json_object_get(j, "trials") ? print_search : print_comparison)(j);
    printf("report     %s/report.html\n", c->output);
}

static att_status run(struct cli *c)
{
    return cli_result(c,
        att_tune(c->context, c->count ? c->arguments[0] : NULL, c->output, c->settings, &c->text),
        cmd_tune_print);
}

static const char *const examples[] = {"attunet tune mydata -o search --budget 2h",
    "attunet tune mydata -o search --budget 2h --lr 1e-4..1e-1:log --loss dice+ce,focal-tversky",
    "attunet tune mydata -o search --budget 4h --spec \"gate=grid|same psi_bias=-1.0..3.0 "
    "gated=inner|all\"",
    "attunet tune -o search                               # continue it",
    "attunet tune mydata -o losses --loss all --repeat 3 --budget 5h", NULL};

const struct command cmd_tune = {.name = "tune",
    .arguments = "DATASET -o OUT",
    .summary = "search for the best settings of train within a time, or compare some",
    .about = "Trains many settings for a short time on a part of the training cases, and the "
             "better ones for longer. Then it trains the best on all training cases, and measures "
             "it on cases that no trial has used. OUT/best is an ordinary run. Ctrl-C saves, and "
             "the same command continues, also after a crash. Options of train with a range or a "
             "list are searched; single values are fixed (docs/tuning.md).",
    .examples = examples,
    .min = 0,
    .max = 1,
    .no_output = "name a folder for the search",
    .run = run};
