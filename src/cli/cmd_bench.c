/* SPDX-License-Identifier: Apache-2.0 */
/* attunet bench */
#include <stdio.h>

#include "cli/cli.h"

static void cmd_bench_line(const char *name, const json_t *bytes, const char *what)
{
    char word[WORD];
    if (json_integer_value(bytes) > 0)
        printf("  %-14s %-10s%s%s\n", name, word_bytes(bytes, word), *what ? "  " : "", what);
}

static void cmd_bench_print(const json_t *j)
{
    char word[WORD];
    const json_t *bytes = json_object_get(j, "bytes");
    double median = json_decimal(j, "seconds_median");
    printf("%s\n", json_word(j, "spec"));
    printf("%s of %lld x %s, %lld parameters, %s, %s, %lld thread%s\n", json_word(j, "what"),
        json_whole(j, "batch"), word_size(json_object_get(j, "shape"), word),
        json_whole(j, "parameters"), json_word(j, "isa"), json_word(j, "precision"),
        json_whole(j, "threads"), TEXT_S(json_whole(j, "threads")));
    printf("time     %.4f s median of %lld (%.4f to %.4f)\n", median, json_whole(j, "repeat"),
        json_decimal(j, "seconds_least"), json_decimal(j, "seconds_most"));
    printf("speed    %.1f GFLOP/s (%.2f GFLOP)\n", json_decimal(j, "gflop_per_second"),
        json_decimal(j, "gflop"));
    printf("memory   %s planned\n", word_bytes(json_object_get(bytes, "planned"), word));
    cmd_bench_line("parameters", json_object_get(bytes, "parameters"),
        "weights and running statistics of norms");
    cmd_bench_line("gradients", json_object_get(bytes, "gradients"), "one number per weight");
    cmd_bench_line("optimiser", json_object_get(bytes, "optimiser"),
        "sgd's momentum, one number per weight; adamw keeps two");
    cmd_bench_line(
        "maps", json_object_get(bytes, "work"), "feature maps, their gradients, and workspace");
    const json_t *freely = json_object_get(bytes, "work_without_limit");
    if (json_integer_value(freely) > json_whole(bytes, "work"))
        printf("  %-14s %-10s  without the limit; the limit costs %.1f %% more operations\n", "",
            word_bytes(freely, word), 100 * json_decimal(j, "extra_operations"));
    cmd_bench_line(
        "peak resident", json_object_get(bytes, "peak_resident"), "of the whole process");
}

static void print_steps(const json_t *steps, double total)
{
    size_t i;
    const json_t *s;
    if (steps)
        printf(
            "\n%9s %7s %9s  %-16s %-28s %s\n", "ms", "share", "GFLOP/s", "op", "layer", "output");
    json_array_foreach(steps, i, s)
    {
        const json_t *out = json_object_get(s, "output");
        double seconds = json_decimal(s, "seconds_least"), gflop = json_decimal(s, "gflop");
        char op[WORD];
        snprintf(op, sizeof op, "%s%s", json_word(s, "op"),
            json_yes(s, "backward")    ? " back"
                : json_yes(s, "again") ? " again"
                                       : "");
        printf("%9.3f %5.1f %%", seconds * 1e3, 100 * seconds / total);
        if (gflop > 0)
            printf(" %9.1f", gflop / seconds);
        else
            printf(" %9s", "");
        printf("  %-16s %-28s %lld x %lldx%lldx%lld\n", op, json_word(s, "name"),
            (long long)json_integer_value(json_array_get(out, 0)),
            (long long)json_integer_value(json_array_get(out, 1)),
            (long long)json_integer_value(json_array_get(out, 2)),
            (long long)json_integer_value(json_array_get(out, 3)));
    }
}

static void cmd_bench_show(struct cli *c, const json_t *j)
{
    (void)c;
    cmd_bench_print(j);
    print_steps(json_object_get(j, "steps"), json_decimal(j, "seconds_median"));
}

static att_status run(struct cli *c)
{
    return cli_result(c, att_bench(c->context, c->settings, &c->text), cmd_bench_show);
}

static const char *const examples[] = {"attunet bench", "attunet bench --layers",
    "attunet bench --train --batch 4",
    "attunet bench --spec \"arch=attunet dims=3 in=1 classes=3 widths=16,32,64,128\" --shape "
    "64x64x64 --json",
    NULL};

const struct command cmd_bench = {.name = "bench",
    .arguments = "",
    .summary = "measure time and memory of a network",
    .about = "Measures a network on random numbers. The speed (GFLOP/s) counts two operations for "
             "each multiply-add of a direct convolution, and a training step as three forward "
             "passes.",
    .examples = examples,
    .run = run};
