/* SPDX-License-Identifier: Apache-2.0 */
/* attunet attend RUN [DATASET] */
#include <stdio.h>

#include "cli/cli.h"

static const json_t *in(const json_t *gate, const char *what, const char *key)
{
    return json_object_get(json_object_get(gate, what), key);
}

static void print_gates(const json_t *mean)
{
    size_t i;
    json_t *gate;
    bool below = false;
    json_t *table = table_create("gate", "state", "inside", "outside", "AUC", "random weights",
        "entropy", "1st to 99th percentile", NULL);
    json_array_foreach(json_object_get(mean, "gates"), i, gate)
    {
        const json_t *auc = in(gate, "trained", "auc");
        below |= json_is_number(auc) && json_number_value(auc) < .5;
        table_row(table);
        table_word(table, gate, "gate");
        table_word(table, gate, "state");
        table_number(table, in(gate, "trained", "inside"), 4);
        table_number(table, in(gate, "trained", "outside"), 4);
        table_number(table, auc, 4);
        table_number(table, in(gate, "random", "auc"), 4);
        table_number(table, in(gate, "trained", "entropy"), 4);
        if (json_is_number(in(gate, "trained", "p1")))
            table_cell(table, "%.3f to %.3f", json_number_value(in(gate, "trained", "p1")),
                json_number_value(in(gate, "trained", "p99")));
        else
            table_cell(table, "-");
    }
    table_print(table);
    if (below) printf("AUC below 0.5: the map is larger outside of the objects than on them\n");
}

static void print_blanked(const json_t *j)
{
    size_t i;
    json_t *gate;
    const json_t *mean = json_object_get(j, "mean");
    double share = json_decimal(j, "blank");
    if (!(share > 0)) return;
    printf("\n"
           "Dice lost when %.3g %% of the voxels are blanked (mean over cases with a Dice "
           "before and after):\n",
        100 * share);
    json_t *table = table_create("gate", "most important", "least important", "elsewhere", NULL);
    json_array_foreach(json_object_get(mean, "gates"), i, gate)
    {
        table_row(table);
        table_word(table, gate, "gate");
        table_number(table, in(gate, "lost", "important"), 4);
        table_number(table, in(gate, "lost", "unimportant"), 4);
        table_number(table, in(gate, "lost", "elsewhere"), 4);
    }
    table_print(table);
}

static void print_growth(const json_t *growth)
{
    size_t i, k;
    json_t *stage, *gate;
    if (!growth) return;
    putchar('\n');
    json_t *table = table_create("step", "Dice", NULL);
    json_array_foreach(json_object_get(json_array_get(growth, 0), "gates"), k, gate)
        table_cell(table, "AUC of %s", json_word(gate, "gate"));
    json_array_foreach(growth, i, stage)
    {
        table_row(table);
        table_cell(table, "%lld", json_whole(stage, "step"));
        table_field(table, stage, "dice", 4);
        json_array_foreach(json_object_get(stage, "gates"), k, gate)
            table_field(table, gate, "auc", 4);
    }
    table_print(table);
}

static void cmd_attend_print(struct cli *c, const json_t *j)
{
    (void)c;
    const json_t *mean = json_object_get(j, "mean");
    size_t cases = json_array_size(json_object_get(j, "cases"));
    printf("%zu case%s", cases, TEXT_S(cases));
    const json_t *dice = json_object_get(mean, "dice");
    if (json_is_number(dice)) printf(", mean Dice %.4f", json_number_value(dice));
    printf("\n\n");
    print_gates(mean);
    if (json_is_number(in(mean, "intensity", "auc")) && json_is_number(in(mean, "centre", "auc")))
        printf("AUC of the image's intensity %.4f, of a centre prior %.4f\n",
            json_number_value(in(mean, "intensity", "auc")),
            json_number_value(in(mean, "centre", "auc")));
    else
        printf("no AUC: no case has both foreground and background\n");
    if (json_is_number(dice) && !(json_number_value(dice) > 0))
        printf("no Dice can be lost: the network finds nothing\n");
    else
        print_blanked(j);
    print_growth(json_object_get(j, "growth"));
}

static att_status run(struct cli *c)
{
    return cli_result(c,
        att_attend(c->context, c->arguments[0], c->count > 1 ? c->arguments[1] : NULL, c->settings,
            &c->text),
        cmd_attend_print);
}

static const char *const examples[] = {"attunet attend run",
    "attunet attend run mydata -o attention --cases test.txt",
    "attunet attend run mydata --blank 0 --json", NULL};

const struct command cmd_attend = {.name = "attend",
    .arguments = "RUN [DATASET]",
    .summary = "measure attention maps on labelled cases, with controls and deletion tests",
    .about = "Measures the attention map of every gate on labelled cases, by default the "
             "validation cases of RUN. It prints the mean of the map inside and outside of the "
             "labels, entropy, percentiles and AUC. The AUC is the area under the ROC curve of "
             "the map as a classifier of voxels. For comparison it measures three controls: the "
             "network with random weights, the image intensity and a centre prior. Then it blanks "
             "the most important, the least important or other voxels of the image, and measures "
             "the loss of Dice. It also measures and draws the models of 'attunet train "
             "--snapshots'. docs/attention.md says what you may conclude.",
    .examples = examples,
    .min = 1,
    .max = 2,
    .run = run};
