/* SPDX-License-Identifier: Apache-2.0 */
/* Times every implementation of every convolution slot on the layers in bench/shapes: GFLOP/s (2
 * per multiply-add, padding counted) and the share of the FMA peak that the same threads reach in
 * this very program.  Runs and looks at the peak take turns, so that a changing clock disturbs
 * little.
 *
 *   bench_conv [-c] [-i ISA] [-t THREADS] [-n BATCH] [-s SECONDS per timing] [-m IMPLEMENTATION]
 * [-f LAYER] [FILE...] -c: processor time instead of wall-clock time, on a machine that is not
 * idle. */
#include <getopt.h>
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/pool.h"
#include "conv_problem.h"
#include "kernel/kernel.h"
#include "peak.h"

struct options {
    const struct kernels *kernels;
    struct pool *pool;
    double seconds;
    int batch;
    bool cpu;
    const char *impl, *layer;
};

static const char *const slot_name[CONV_SLOTS] = {"forward", "by input", "by weight"};

/* Wall-clock time, or processor time of all threads divided by their number. */
static double seconds(const struct options *o)
{
    struct timespec t;
    if (!o->cpu) return clock_now();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return ((double)t.tv_sec + (double)t.tv_nsec * 1e-9) / pool_threads(o->pool);
}

/* ---- the FMA peak */

enum { PEAK_TURNS = 100000 };

static void peak_task(void *arg, int task, int worker)
{
    (void)task;
    (void)worker;
    peak_run(*(const int *)arg, PEAK_TURNS);
}

/* One short look at the peak; the best of many is the peak. */
static double peak_gflops(const struct options *o)
{
    struct pool *pool = o->pool;
    int lanes = o->kernels->set->needs & CPU_AVX512F ? 16 : 8;
    if (peak_lanes() < lanes) return 0;
    double start = seconds(o);
    pool_run(pool, pool_threads(pool), peak_task, &lanes);
    return 2.0 * lanes * PEAK_SUMS * PEAK_TURNS * pool_threads(pool) / (seconds(o) - start) / 1e9;
}

/* ---- layers */

static void *block(size_t bytes)
{
    void *p = NULL;
    if (posix_memalign(&p, 4096, bytes ? bytes : 1) != 0) {
        fprintf(stderr, "bench_conv: no memory for %zu bytes\n", bytes);
        exit(1);
    }
    return p;
}

static real *random_reals(size_t n)
{
    real *p = block(n * sizeof *p);
    unsigned state = 1;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        p[i] = (real)((double)(state >> 8) / 16777216.0 - 0.5);
    }
    return p;
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void time_one(const struct options *o, const struct conv *c, const struct conv_impl *impl,
    enum conv_slot slot)
{
    enum { MAX_RUNS = 1000 };
    size_t bytes = impl->workspace(c, pool_threads(o->pool));
    void *workspace = block(bytes);
    memset(workspace, 0, bytes);
    double share[MAX_RUNS], best = 1e9, spent = 0, flops = 2e-9 * conv_macs(c);
    int runs = 0;
    impl->run(c, workspace, o->pool);
    for (double before = peak_gflops(o); runs < 3 || (spent < o->seconds && runs < MAX_RUNS);
         runs++) {
        double start = seconds(o);
        impl->run(c, workspace, o->pool);
        double t = seconds(o) - start, after = peak_gflops(o);
        share[runs] = 2 * flops / t / (before + after);
        before = after;
        best = fmin(best, t);
        spent += t;
    }
    free(workspace);
    qsort(share, (size_t)runs, sizeof *share, by_size);
    printf("  %-9s %-8s best %8.3f ms %7.1f GFLOP/s, median %5.1f %% of the peak", slot_name[slot],
        impl->name, best * 1e3, flops / best, 100 * share[runs / 2]);
    if (bytes) printf(", workspace %.2f MiB", (double)bytes / 1048576);
    putchar('\n');
}

static void time_layer(const struct options *o, struct problem *p)
{
    struct conv *c = &p->c;
    int channels = 0;
    for (int i = 0; i < c->nx; i++) {
        if (o->batch) c->x[i].s.n = o->batch;
        c->x[i].p = random_reals(tensor_size(&c->x[i]));
        channels += c->x[i].s.c;
    }
    if (o->batch) c->y.s.n = o->batch;
    c->y.p = random_reals(tensor_size(&c->y));
    c->w = random_reals(conv_weights(c));
    printf("%s: %d -> %d, n %d, %dx%dx%d, kernel %dx%dx%d, stride %d\n", p->name, channels,
        c->y.s.c, c->x[0].s.n, c->x[0].s.d, c->x[0].s.h, c->x[0].s.w, c->kernel[0], c->kernel[1],
        c->kernel[2], c->stride[2]);
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        for (const struct conv_impl *const *i = o->kernels->conv[slot]; *i; i++)
            if (o->impl ? strcmp((*i)->name, o->impl) == 0 && (*i)->fits(c)
                        : *i == kernels_conv(o->kernels, slot, c, NULL))
                time_one(o, c, *i, slot);
    for (int i = 0; i < c->nx; i++) free(c->x[i].p);
    free(c->y.p);
    free(c->w);
    fflush(stdout);
}

static int time_file(const struct options *o, const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        return 1;
    }
    struct problem p;
    int status;
    while ((status = problem_read(f, &p)) > 0)
        if (!o->layer || strcmp(o->layer, p.name) == 0) time_layer(o, &p);
    fclose(f);
    if (status < 0) fprintf(stderr, "%s: a line after `%s` is no problem\n", path, p.name);
    return status < 0;
}

int main(int argc, char **argv)
{
    struct options o = {.seconds = 0.3};
    struct err e = {0};
    const char *isa_text = NULL;
    int threads = 0, status = 0;
    int opt;
    while ((opt = getopt(argc, argv, "ci:t:n:s:m:f:")) != -1) {
        if (opt == '?') return 2;
        if (opt == 'c') o.cpu = true;
        if (opt == 'i') isa_text = optarg;
        if (opt == 't') threads = atoi(optarg);
        if (opt == 'n') o.batch = atoi(optarg);
        if (opt == 's') o.seconds = atof(optarg);
        if (opt == 'm') o.impl = optarg;
        if (opt == 'f') o.layer = optarg;
    }
    if (kernels_choose(isa_text, &o.kernels, &e) != ATT_OK) {
        fprintf(stderr, "%s\n", e.text);
        return 2;
    }
    o.pool = pool_create(threads);
    printf("%s, %d threads\n", o.kernels->set->name, pool_threads(o.pool));
    if (optind == argc)
        status = time_file(&o, SHAPES_DIR "/lee.txt") | time_file(&o, SHAPES_DIR "/paper3d.txt");
    for (int i = optind; i < argc; i++) status |= time_file(&o, argv[i]);
    pool_destroy(o.pool);
    return status;
}
