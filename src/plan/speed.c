/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/speed.h"

#include <math.h>
#include <string.h>

#include "arch/hard.h"
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
    double best; /* seconds of a pass */
};

static att_status speed_build(struct speed_run *s, const struct speed_case *c, const int patch[3],
    int batch, struct host *host, struct err *e)
{
    struct target t = {.channels = c->facts->classes,
        .regions = c->facts->classes == 1,
        .region = {{{2}}}}; /* one class: a mask of class 1 */
    graph_init(&s->graph, &s->params, !c->predicts);
    if (c->half) TRY(graph_halve(&s->graph, e));
    TRY(arch_build(c->spec, &s->graph, batch, patch[0], patch[1], patch[2], &s->input, e));
    if (!c->predicts)
        TRY(objective_build(&s->graph, t.regions ? "ce" : "dice+ce", &t, &s->label, &s->loss, e));
    TRY(params_allocate(&s->params, e));
    TRY(run_create(&s->graph, host->kernels, host->pool, c->conv, &s->run, e));
    params_initialise(&s->params, 1);
    s->best = INFINITY;
    return ATT_OK;
}

/* Before each pass, because its memory is used again. */
static void speed_fill(struct speed_run *s)
{
    struct rng r = rng_stream(1, RNG_NOISE, 0, 0);
    struct tensor x = run_tensor(&s->run, s->input);
    for (size_t i = 0, n = tensor_size(&x); i < n; i++) x.p[i] = (real)rng_normal(&r);
    if (s->graph.training) memset(run_label(&s->run, s->label), 0, s->graph.values[s->label].bytes);
}

static att_status speed_pass(struct speed_run *s, struct host *host, double *total, struct err *e)
{
    if (host_stopped(host))
        return err_set(e, ATT_INTERRUPTED, "stopped while measuring this machine");
    speed_fill(s);
    const double begin = clock_now();
    run_forward(&s->run);
    if (s->graph.training) run_backward(&s->run, s->loss);
    TRY(run_check(&s->run, e));
    const double seconds = clock_now() - begin;
    *total += seconds;
    s->best = fmin(s->best, seconds); /* the first warms up, and counts on a slow machine */
    return ATT_OK;
}

/* By turns, so that what else the machine does slows all of them. */
static att_status speed_time(struct speed_run *s, int count, struct host *host, struct err *e)
{
    double total = 0;
    for (int i = 0; i < PASSES && total < speed_seconds; i++)
        for (int k = 0; k < count; k++) TRY(speed_pass(&s[k], host, &total, e));
    return ATT_OK;
}

/* Of one or two cases with the same patch; not rounded. */
static att_status speed_raw(
    const struct speed_case *c, int count, struct host *host, double *speed, struct err *e)
{
    struct speed_run s[2];
    int patch[3];
    att_status status = ATT_OK;
    memset(s, 0, sizeof s);
    smaller_patch(c, patch);
    const double voxels = (double)image_voxels(patch);
    const int batch = voxels < VOXELS ? (int)(VOXELS / voxels) : 1;
    for (int i = 0; i < count; i++) params_init(&s[i].params);
    for (int i = 0; status == ATT_OK && i < count; i++)
        status = speed_build(&s[i], &c[i], patch, batch, host, e);
    if (status == ATT_OK) status = speed_time(s, count, host, e);
    for (int i = 0; i < count; i++) {
        if (status == ATT_OK) speed[i] = voxels * batch / fmax(s[i].best, 1e-9) / 1e6;
        run_free(&s[i].run);
        graph_free(&s[i].graph);
        params_free(&s[i].params);
    }
    return status;
}

att_status speed_measure(
    const struct speed_case *c, struct host *host, double *speed, struct err *e)
{
    double raw = 0;
    TRY(speed_raw(c, 1, host, &raw, e));
    *speed = speed_round(raw);
    return ATT_OK;
}

att_status speed_choose_bf16(
    const struct speed_case *c, struct host *host, bool *bf16, double *gain, struct err *e)
{
    static const double enough = 1.25;
    struct speed_case both[2] = {*c, *c};
    double speed[2] = {0, 0};
    *bf16 = false;
    *gain = 0;
    if (!kernels_has_conv(host->kernels, CONV_BF16) || !kernels_has_matrix(host->kernels) ||
        hard_is(c->spec))
        return ATT_OK;
    both[0].conv = NULL;
    both[1].conv = CONV_BF16;
    both[1].half = c->half || c->predicts;
    TRY(speed_raw(both, 2, host, speed, e));
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
        return err_usage(e, "`conv` %s computes in f32; leave out `conv` or `precision`", conv);
    *name = CONV_BF16;
    if (!kernels_has_conv(k, CONV_BF16))
        return err_usage(
            e, "`precision` bf16 is not supported by %s; leave out `precision`", k->set->name);
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

att_status speed_precision(const struct speed_case *c, struct host *host, const char *precision,
    const char *conv, const char **name, struct err *e)
{
    bool bf16 = strcmp(precision, "bf16") == 0;
    double gain = 0;
    if (strcmp(precision, "auto") == 0 && !conv) TRY(speed_choose_bf16(c, host, &bf16, &gain, e));
    if (gain > 0)
        host_say(host, LOG_INFO,
            "`precision` auto takes %s: bf16 is %.3g times as fast here, and 1.25 times is enough",
            bf16 ? "bf16" : "f32", gain);
    return speed_conv(host, conv, bf16, name, e);
}
