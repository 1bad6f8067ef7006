/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of what att_evaluate measures with the setting policies. */
#include "cli/cli.h"

static const json_t *score_at(const json_t *method, size_t k)
{
    return json_array_get(json_object_get(method, "scores"), k);
}

/* A method that does not apply has no numbers. */
static bool cli_policies_applies(const json_t *method)
{
    return json_is_number(json_object_get(score_at(method, 0), "dice"));
}

static void cli_policies_headings(json_t *table, const json_t *ks)
{
    size_t i;
    json_t *k;
    json_array_foreach(ks, i, k) table_cell(table, "%d", (int)json_integer_value(k));
}

/* In percent. */
static void cli_policies_share(json_t *table, const json_t *score, const char *key)
{
    const json_t *number = json_object_get(score, key);
    if (json_is_number(number))
        table_cell(table, "%.1f", 100 * json_number_value(number));
    else
        table_cell(table, "-");
}

static void cli_policies_row(
    json_t *table, const json_t *method, const json_t *ks, const char *name, const char *key)
{
    table_row(table);
    table_cell(table, "%s", name);
    for (size_t k = 0; k < json_array_size(ks); k++) {
        if (*key == 'd')
            table_number(table, json_object_get(score_at(method, k), key), 4);
        else
            cli_policies_share(table, score_at(method, k), key);
    }
}

/* One row per method; below the Dice its cost, with the policy. */
static void print_table(
    const json_t *methods, const json_t *ks, const char *heading, const char *key)
{
    size_t m;
    json_t *method, *table = table_create(heading, NULL);
    cli_policies_headings(table, ks);
    json_array_foreach(methods, m, method) if (cli_policies_applies(method))
        cli_policies_row(table, method, ks, json_word(method, "method"), key);
    if (*key == 'd')
        cli_policies_row(table, json_array_get(methods, json_array_size(methods) - 1), ks,
            "% of dense compute", "share");
    table_print(table);
}

static void print_plain(const json_t *mean)
{
    static const struct {
        const char *key, *name;
    } rows[] = {{"none", "coarse network alone"}, {"own", "policy, as the model says"},
        {"all", "all tiles"}};
    json_t *table = table_create(
        "looked at", "tiles", "Dice", "% of dense compute", "% of foreground outside", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const json_t *score = json_object_get(mean, rows[i].key);
        table_row(table);
        table_cell(table, "%s", rows[i].name);
        table_field(table, score, "tiles", 1);
        table_field(table, score, "dice", 4);
        cli_policies_share(table, score, "share");
        cli_policies_share(table, score, "outside");
    }
    table_print(table);
}

void print_policies(const json_t *j)
{
    const json_t *mean = json_object_get(j, "mean"), *methods = json_object_get(mean, "methods"),
                 *ks = json_object_get(j, "k"), *seconds = json_object_get(mean, "seconds");
    size_t cases = json_array_size(json_object_get(j, "cases"));
    int tiles = (int)json_whole(mean, "tiles");
    printf("%zu case%s of %d tile%s on average\n\n", cases, TEXT_S(cases), tiles, TEXT_S(tiles));
    print_plain(mean);
    putchar('\n');
    print_table(methods, ks, "Dice with so many tiles", "dice");
    putchar('\n');
    print_table(methods, ks, "% of foreground outside", "outside");
    printf("\ncoarse network and policy %.3f s, a tile %.4f s\n", json_decimal(seconds, "coarse"),
        json_decimal(seconds, "tile"));
}
