/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a network against this machine's roofs, as a table in Markdown: time, arithmetic as
 * a share of the FMA peak, traffic as a share of what copying memory reaches, and which of them is
 * in the way.
 *
 *   bench_layers OPTION=VALUE...        the options of `attunet bench`: spec shape batch train
 * repeat; threads=N; least=SHARE of the time shown */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attunet.h"
#include "base/clock.h"
#include "base/pool.h"
#include "peak.h"

enum { PEAK_TURNS = 1000000, LOOKS = 15, COPY_BYTES = 64 << 20 };

struct roofs {
    int lanes;
    char *from, *to;
    int threads;
    double gflops, gigabytes; /* per second */
};

static void peak_task(void *arg, int task, int worker)
{
    (void)task;
    (void)worker;
    peak_run(((const struct roofs *)arg)->lanes, PEAK_TURNS);
}

static void copy_task(void *arg, int task, int worker)
{
    const struct roofs *r = arg;
    const size_t part = COPY_BYTES / (size_t)r->threads;
    (void)worker;
    memcpy(r->to + (size_t)task * part, r->from + (size_t)task * part, part);
}

/* The best of several looks at each. */
static int find_roofs(struct roofs *r)
{
    struct pool *pool = pool_create(r->threads);
    r->from = malloc(COPY_BYTES);
    r->to = malloc(COPY_BYTES);
    if (!pool || !r->from || !r->to || !r->lanes) return 0;
    memset(r->from, 1, COPY_BYTES);
    memset(r->to, 1, COPY_BYTES);
    for (int i = 0; i < LOOKS; i++) {
        double start = clock_now();
        pool_run(pool, r->threads, peak_task, r);
        double gflops =
            2e-9 * r->lanes * PEAK_SUMS * PEAK_TURNS * r->threads / (clock_now() - start);
        start = clock_now();
        pool_run(pool, r->threads, copy_task, r);
        double gigabytes = 2e-9 * COPY_BYTES / (clock_now() - start);
        if (gflops > r->gflops) r->gflops = gflops;
        if (gigabytes > r->gigabytes) r->gigabytes = gigabytes;
    }
    pool_destroy(pool);
    free(r->from);
    free(r->to);
    return 1;
}

static double number(const json_t *j, const char *key)
{
    return json_number_value(json_object_get(j, key));
}

/* Why a step takes its time.  Winograd's products are a quarter (kernel 3) or less of the direct
 * ones; what is above the peak shows that.
 */
static const char *reason(double arithmetic, double traffic)
{
    if (arithmetic > 1) return "products and their transforms";
    if (arithmetic > 0.6 && arithmetic >= traffic) return "products";
    if (traffic > 0.5) return "memory";
    return arithmetic > traffic ? "few channels or few pixels" : "little work";
}

static void print_row(const json_t *s, const struct roofs *r, double seconds, double total)
{
    const json_t *out = json_object_get(s, "output");
    const double gflop = number(s, "gflop"), arithmetic = gflop / seconds / r->gflops;
    const double traffic = number(s, "bytes") * 1e-9 / seconds / r->gigabytes;
    printf("| %s%s | %s | %lld x %lldx%lldx%lld | %.2f | %.1f | ",
        json_string_value(json_object_get(s, "op")),
        json_is_true(json_object_get(s, "backward")) ? " back" : "",
        json_string_value(json_object_get(s, "name")),
        (long long)json_integer_value(json_array_get(out, 0)),
        (long long)json_integer_value(json_array_get(out, 1)),
        (long long)json_integer_value(json_array_get(out, 2)),
        (long long)json_integer_value(json_array_get(out, 3)), seconds * 1e3,
        100 * seconds / total);
    if (gflop > 0)
        printf("%.0f | %.0f |", gflop / seconds, 100 * arithmetic);
    else
        printf(" | |");
    printf(" %.1f | %.0f | %s |\n", number(s, "bytes") * 1e-9 / seconds, 100 * traffic,
        reason(arithmetic, traffic));
}

static void print_table(const json_t *j, const struct roofs *r, double min)
{
    const json_t *steps = json_object_get(j, "steps"), *s;
    double total = 0, rest = 0;
    size_t i;
    json_array_foreach(steps, i, s) total += number(s, "seconds_least");
    printf("`%s`, %s, %s, %d threads: roofs %.0f GFLOP/s and %.1f GB/s copied; median of a whole "
           "%s %.4f s.\n\n",
        json_string_value(json_object_get(j, "spec")),
        json_string_value(json_object_get(j, "what")), json_string_value(json_object_get(j, "isa")),
        r->threads, r->gflops, r->gigabytes, json_string_value(json_object_get(j, "what")),
        number(j, "seconds_median"));
    puts("| step | layer | output | ms | share, % | GFLOP/s | of the FMA peak, % | GB/s | of "
         "copying, % | what takes the time |\n"
         "|---|---|---|---|---|---|---|---|---|---|");
    json_array_foreach(steps, i, s)
    {
        double seconds = number(s, "seconds_least");
        if (seconds >= min * total)
            print_row(s, r, seconds, total);
        else
            rest += seconds;
    }
    printf("| all others | | | %.2f | %.1f | | | | | |\n", rest * 1e3, 100 * rest / total);
}

static int measure(att_context *c, att_settings *s, int argc, char **argv, struct roofs *r)
{
    double min = 0;
    char *text = NULL;
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) return 2;
        *value++ = 0;
        if (!strcmp(argv[i], "least"))
            min = atof(value);
        else if (strcmp(argv[i], "threads") && att_settings_set(c, s, argv[i], value) != ATT_OK)
            return 2;
    }
    if (att_settings_set(c, s, "layers", "yes") != ATT_OK || att_bench(c, s, &text) != ATT_OK)
        return 1;
    json_t *j = json_loads(text, 0, NULL);
    print_table(j, r, min);
    json_decref(j);
    att_text_free(text);
    return 0;
}

int main(int argc, char **argv)
{
    struct roofs r = {.threads = 2};
    att_context *c = NULL;
    att_settings *s = NULL;
    for (int i = 1; i < argc; i++)
        if (!strncmp(argv[i], "threads=", 8))
            r.threads = atoi(argv[i] + 8) > 0 ? atoi(argv[i] + 8) : 1;
    int status = 1;
    if (att_context_create(r.threads, NULL, NULL, &c) == ATT_OK &&
        att_settings_create(c, "bench", &s) == ATT_OK) {
        r.lanes = strcmp(att_context_isa(c), "avx512") == 0 ? 16
            : peak_lanes()                                  ? 8
                                                            : 0; /* the roof of what will run */
        if (find_roofs(&r)) {
            status = measure(c, s, argc, argv, &r);
        } else {
            fputs("bench_layers: no memory, no threads, or a processor without AVX2\n", stderr);
            return 1;
        }
    }
    if (status)
        fprintf(stderr, "bench_layers: %s\n",
            *att_context_error(c) ? att_context_error(c) : "usage: bench_layers OPTION=VALUE...");
    att_settings_destroy(s);
    att_context_destroy(c);
    return status;
}
