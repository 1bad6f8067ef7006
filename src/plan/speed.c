/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/speed.h"

#include <math.h>
#include <string.h>

#include "arch/objective.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/ints.h"
#include "base/number.h"
#include "base/rng.h"
#include "graph/run.h"
#include "image/image.h"

/* Voxels of a pass: enough for the usual speed, few enough for a slow machine. */
enum { VOXELS = 1 << 16, PASSES = 12 };
static const double speed_seconds = 1;

double speed_round(double speed)
{
    char text[32], *end;
    number_write(text, sizeof text, "%.2g", exp2(round(4 * log2(speed)) / 4));
    return number_read(text, &end);
}

/* Halves the longest axis until a patch is small enough. */
static void smaller_patch(const struct speed_case *c, int patch[3])
{
    memcpy(patch, c->patch, 3 * sizeof *patch);
    while (image_voxels(patch) > VOXELS) {
        int longest = 0;
        for (int a = 1; a < 3; a++)
            if (patch[a] > patch[longest]) longest = a;
        const int half = round_up(patch[longest] / 2, c->facts->multiple[longest]);
        if (half >= patch[longest]) return;
        patch[longest] = half;
    }
}

struct speed_run {
    struct params params;
    struct graph graph;
    struct run run;
    int input, label, loss;
};

static att_status speed_build(struct speed_run *s, const struct speed_case *c, const int patch[3],
    int batch, struct host *host, struct err *e)
{
    struct target t = {.channels = c->facts->classes,
        .regions = c->facts->classes == 1,
        .region = {{{2}}}}; /* one class: a mask of class 1 */
    graph_init(&s->graph, &s->params, true);
    if (c->half) TRY(graph_halve(&s->graph, e));
    TRY(arch_build(c->spec, &s->graph, batch, patch[0], patch[1], patch[2], &s->input, e));
    TRY(objective_build(&s->graph, t.regions ? "ce" : "dice+ce", &t, &s->label, &s->loss, e));
    TRY(params_allocate(&s->params, e));
    TRY(run_create(&s->graph, host->kernels, host->pool, c->conv, &s->run, e));
    params_initialise(&s->params, 1);
    return ATT_OK;
}

/* Before each pass, because its memory is used again. */
static void speed_fill(struct speed_run *s)
{
    struct rng r = rng_stream(1, RNG_NOISE, 0, 0);
    struct tensor x = run_tensor(&s->run, s->input);
    for (size_t i = 0, n = tensor_size(&x); i < n; i++) x.p[i] = (real)rng_normal(&r);
    memset(run_label(&s->run, s->label), 0, s->graph.values[s->label].bytes);
}

static att_status speed_time(struct speed_run *s, struct host *host, double *best, struct err *e)
{
    double total = 0;
    *best = INFINITY;
    for (int i = 0; i < PASSES && total < speed_seconds; i++) {
        if (host_stopped(host))
            return err_set(e, ATT_INTERRUPTED, "stopped while measuring this machine");
        speed_fill(s);
        const double begin = clock_now();
        run_forward(&s->run);
        run_backward(&s->run, s->loss);
        TRY(run_check(&s->run, e));
        const double seconds = clock_now() - begin;
        total += seconds;
        *best = fmin(*best, seconds); /* the first warms up, and counts on a slow machine */
    }
    return ATT_OK;
}

/* Not rounded. */
static att_status speed_raw(
    const struct speed_case *c, struct host *host, double *speed, struct err *e)
{
    struct speed_run s;
    int patch[3];
    double best = 0;
    memset(&s, 0, sizeof s);
    smaller_patch(c, patch);
    const double voxels = (double)image_voxels(patch);
    const int batch = voxels < VOXELS ? (int)(VOXELS / voxels) : 1;
    params_init(&s.params);
    att_status status = speed_build(&s, c, patch, batch, host, e);
    if (status == ATT_OK) status = speed_time(&s, host, &best, e);
    if (status == ATT_OK) *speed = voxels * batch / fmax(best, 1e-9) / 1e6;
    run_free(&s.run);
    graph_free(&s.graph);
    params_free(&s.params);
    return status;
}

att_status speed_measure(
    const struct speed_case *c, struct host *host, double *speed, struct err *e)
{
    double raw = 0;
    TRY(speed_raw(c, host, &raw, e));
    *speed = speed_round(raw);
    return ATT_OK;
}

att_status speed_choose_bf16(
    const struct speed_case *c, struct host *host, bool *bf16, double *gain, struct err *e)
{
    static const double enough = 1.25;
    struct speed_case as = *c;
    double speed[2] = {0, 0};
    *bf16 = false;
    *gain = 0;
    if (!kernels_has_conv(host->kernels, CONV_BF16) || !kernels_has_matrix(host->kernels))
        return ATT_OK;
    for (int i = 0; i < 2; i++) {
        as.conv = i ? CONV_BF16 : NULL;
        TRY(speed_raw(&as, host, &speed[i], e));
    }
    *gain = speed[1] / speed[0];
    *bf16 = *gain >= enough;
    return ATT_OK;
}

att_status speed_conv(
    struct host *host, const char *conv, bool bf16, const char **name, struct err *e)
{
    const struct kernels *k = host->kernels;
    *name = conv;
    if (!bf16) return ATT_OK;
    if (conv)
        return err_set(
            e, ATT_USAGE, "`conv` %s computes in f32; leave out `conv` or `precision`", conv);
    *name = CONV_BF16;
    if (!kernels_has_conv(k, CONV_BF16))
        return err_set(e, ATT_USAGE,
            "`precision` bf16 is not supported by %s; leave out `precision`", k->set->name);
    if (kernels_has_matrix(k)) return ATT_OK;
    if (cpu_has_matrix() && (k->set->needs & CPU_AVX512F))
        host_warn(host, WARN_NO_MATRIX_UNIT,
            "the system does not let this process use the processor's matrix unit (AMX), so "
            "`precision` bf16 is slower than f32; Linux 5.16 or later lets it, or leave out "
            "`precision`");
    else
        host_warn(host, WARN_NO_MATRIX_UNIT,
            "`precision` bf16 is slower than f32 without a matrix unit (AMX), and %s has none "
            "here; leave out `precision`",
            k->set->name);
    return ATT_OK;
}
