/* SPDX-License-Identifier: Apache-2.0 */
/* Time and memory of a network on random numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/info.h"
#include "arch/hard.h"
#include "arch/objective.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/mem.h"
#include "base/order.h"
#include "base/rng.h"
#include "graph/run.h"
#include "plan/speed.h"
#include "train/optimiser.h"
#include "train/train_memory.h"

enum { WARM_UP = 2 };

struct bench {
    struct app_call *call;
    struct spec spec;
    struct arch_facts facts;
    bool train, half;
    const char *conv; /* implementation, or NULL */
    int batch, size[3], repeat;
    struct params params;
    struct graph graph;
    struct run run;
    struct optimiser optimiser;
    int input, label, loss;
    double *seconds; /* per repeat */
    double *steps;   /* per step of the plan, or NULL */
};

static att_status bench_read_options(struct bench *b)
{
    const struct options *o = b->call->o;
    struct err *e = b->call->e;
    TRY(spec_parse(&b->spec, options_text(o, bench, spec), e));
    TRY(arch_describe(&b->spec, &b->facts, e));
    b->train = options_bool(o, bench, train);
    if (b->train && hard_is(&b->spec))
        return err_usage(e,
            "arch=%s is trained part by part, each an ordinary network; time those, or leave "
            "out `train`",
            spec_get(&b->spec, "arch", ""));
    if (options_has(o, bench, max_memory) && !b->train)
        return err_usage(e, "`max-memory` of bench needs training; add `train`");
    b->half = !strcmp(options_text(o, bench, storage), "bf16");
    if (b->half && !b->train) return err_usage(e, "`storage` of bench needs training; add `train`");
    if (options_text(o, bench, loss) && !b->train)
        return err_usage(e, "`loss` needs training; add `train`");
    b->batch = (int)options_int(o, bench, batch);
    TRY(options_size3(o, bench, shape,
        &(struct size_rule){b->facts.dims, "the network is", b->batch}, b->size, e));
    if (!b->size[2]) arch_default_patch(&b->facts, b->size);
    const struct speed_case c = {
        &b->spec, &b->facts, NULL, b->half, !b->train, {b->size[0], b->size[1], b->size[2]}};
    TRY(speed_precision(&c, b->call->host, options_text(o, bench, precision),
        options_choice(o, bench, conv), &b->conv, e));
    b->repeat = (int)options_int(o, bench, repeat);
    return MEM_ARRAY(b->seconds, b->repeat, "the timings", e);
}

/* Fills all inputs with mean 0 and variance 1; hard attention has several. Before every prediction,
 * which uses their memory again: what it leaves there may be subnormal, and slow. */
static void bench_fill(struct bench *b)
{
    struct rng r = rng_stream(1, RNG_NOISE, 0, 0);
    for (int v = 0; v < b->graph.nvalues; v++) {
        if (b->graph.values[v].kind != VALUE_INPUT) continue;
        struct tensor x = run_tensor(&b->run, v);
        size_t count = tensor_size(&x);
        for (size_t i = 0; i < count; i++) x.p[i] = (real)rng_normal(&r);
    }
}

/* Before every step, because memory of labels is reused after the loss. */
static void bench_fill_labels(struct bench *b)
{
    struct rng r = rng_stream(2, RNG_NOISE, 0, 0);
    uint8_t *label = run_label(&b->run, b->label);
    uint32_t classes = b->facts.classes == 1 ? 2 : (uint32_t)b->facts.classes;
    for (size_t i = 0; i < b->graph.values[b->label].bytes; i++)
        label[i] = (uint8_t)rng_below(&r, classes);
}

static bool computes_bf16(const struct bench *b) { return b->conv && !strcmp(b->conv, CONV_BF16); }

static att_status bench_build(struct bench *b)
{
    struct err *e = b->call->e;
    graph_init(&b->graph, &b->params, b->train);
    if (!b->train) b->half = computes_bf16(b) && !hard_is(&b->spec);
    if (b->half) TRY(graph_halve(&b->graph, e));
    TRY(arch_build(
        &b->spec, &b->graph, b->batch, b->size[0], b->size[1], b->size[2], &b->input, e));
    if (b->train) { /* one class: a mask of class 1 */
        struct target t = {
            .channels = b->facts.classes, .regions = b->facts.classes == 1, .region = {{{2}}}};
        const char *loss = options_text(b->call->o, bench, loss);
        TRY(objective_build(&b->graph,
            loss            ? loss
                : t.regions ? "ce"
                            : "dice+ce",
            &t, &b->label, &b->loss, e));
    }
    b->optimiser.kind = OPTIMISER_SGD;
    b->optimiser.momentum = .9;
    TRY(params_allocate(&b->params, e));
    if (b->train) TRY(optimiser_init(&b->optimiser, &b->params, e));
    struct run_memory memory = {.limit = options_bytes(b->call->o, bench, max_memory),
        .others = (double)(2 * b->params.size + b->params.state_size) * sizeof(real)};
    TRY(run_memory_create(
        &memory, &b->graph, b->call->host->kernels, b->call->host->pool, b->conv, &b->run, e));
    params_initialise(&b->params, 1);
    if (options_bool(b->call->o, bench, layers)) {
        TRY(MEM_ARRAY(b->steps, (size_t)b->run.plan.nsteps + 1, "the timings", e));
        for (int i = 0; i < b->run.plan.nsteps; i++) b->steps[i] = INFINITY;
        b->run.seconds = b->steps;
    }
    bench_fill(b);
    return ATT_OK;
}

static void bench_once(struct bench *b, int64_t step)
{
    run_forward(&b->run);
    if (!b->train) return;
    run_backward(&b->run, b->loss);
    optimiser_step(&b->optimiser, &b->run, 1e-6, step);
}

static att_status bench_measure(struct bench *b)
{
    struct host *host = b->call->host;
    for (int i = 0; i < WARM_UP + b->repeat; i++) {
        if (host_stopped(host))
            return err_set(
                b->call->e, ATT_INTERRUPTED, "stopped after %d of %d runs", i, WARM_UP + b->repeat);
        host_progress(host, "bench", i, WARM_UP + b->repeat, i < WARM_UP ? "warm-up" : NULL);
        if (b->train)
            bench_fill_labels(b);
        else if (i > 0)
            bench_fill(b);
        double start = clock_now();
        bench_once(b, i + 1);
        TRY(run_check(&b->run, b->call->e));
        if (i >= WARM_UP) b->seconds[i - WARM_UP] = clock_now() - start;
    }
    host_progress(host, "bench", WARM_UP + b->repeat, WARM_UP + b->repeat, NULL);
    qsort(b->seconds, (size_t)b->repeat, sizeof *b->seconds, order_doubles);
    return ATT_OK;
}

static json_t *bytes(const struct bench *b)
{
    double parameters = (double)(b->params.size + b->params.state_size) * sizeof(real);
    double gradients = b->train ? (double)b->params.size * sizeof(real) : 0;
    double work = (double)b->run.plan.work_bytes, optimiser = gradients; /* one moment */
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "parameters", (json_int_t)parameters,
        "gradients", (json_int_t)gradients, "optimiser", (json_int_t)optimiser, "work",
        (json_int_t)work, "work_without_limit", (json_int_t)b->run.plan.free_bytes, "planned",
        (json_int_t)(parameters + gradients + optimiser + work), "peak_resident",
        (json_int_t)resident_peak());
}

/* Bytes of maps and weights that a step reads and writes, each counted once. */
static double step_bytes(const struct graph *g, const struct plan_step *s)
{
    const struct node *n = &g->nodes[s->node];
    double bytes = 0;
    for (int i = 0; i < n->nin; i++) {
        const struct value *v = &g->values[n->in[i]];
        bool read = !v->unstored && (!s->backward || (n->op->reads & READS_IN(i)));
        bytes +=
            (double)v->bytes * ((read ? 1 : 0) + (s->want >> i & 1) * (s->add >> i & 1 ? 2 : 1));
    }
    for (int i = 0; i < n->nout; i++) {
        const struct value *v = &g->values[n->out[i]];
        bool value = !v->unstored && (!s->backward || (n->op->reads & READS_OUT(i)));
        bytes += (double)v->bytes * ((value ? 1 : 0) + (s->backward && v->grad ? 1 : 0));
    }
    return bytes;
}

static json_t *step_row(const struct bench *b, int index)
{
    const struct graph *g = &b->graph;
    const struct plan_step *s = &b->run.plan.steps[index];
    const struct node *n = &g->nodes[s->node];
    const struct shape out = g->values[n->out[0]].s;
    char name[128];
    info_layer_name(g, n, name, sizeof name);
    int directions =
        s->backward ? 1 + (int)(s->want & 1) : 1; /* of the weights, and of the input if needed */
    double gflop = n->op->macs ? 2e-9 * n->op->macs(g, n) * directions : 0;
    return json_pack("{s:s, s:s, s:b, s:b, s:[iiii], s:f, s:f, s:f}", "op", n->op->name, "name",
        name, "backward", s->backward, "again", s->again, "output", out.c, out.d, out.h, out.w,
        "gflop", gflop, "bytes", step_bytes(g, s), "seconds_least", b->steps[index]);
}

static json_t *step_rows(const struct bench *b)
{
    json_t *rows = json_array();
    for (int i = 0; i < b->run.plan.nsteps; i++) json_array_append_new(rows, step_row(b, i));
    return rows;
}

/* A training step counts as three forward passes: each gradient takes as many multiply-adds as
 * one. */
static json_t *bench_report(const struct bench *b)
{
    const struct host *host = b->call->host;
    double macs = graph_macs(&b->graph), middle = order_median(b->seconds, b->repeat),
           flop = 2 * macs * (b->train ? 3 : 1);
    json_t *j = json_object();
    json_set_text(j, "spec", b->spec.text);
    json_set_text(j, "what", b->train ? "training step" : "prediction");
    json_object_set_new(j, "shape", json_triple(b->size));
    json_set_int(j, "batch", b->batch);
    json_set_text(j, "isa", host->kernels->set->name);
    json_set_int(j, "threads", pool_threads(host->pool));
    json_set_text(j, "precision", computes_bf16(b) ? "bf16" : "f32");
    json_set_text(j, "storage", b->half ? "bf16" : "f32");
    json_set_int(j, "repeat", b->repeat);
    json_set_int(j, "parameters", params_trainable(&b->params));
    json_set_real(j, "multiply_adds", macs);
    json_set_real(j, "seconds_median", middle);
    json_set_real(j, "seconds_least", b->seconds[0]);
    json_set_real(j, "seconds_most", b->seconds[b->repeat - 1]);
    json_set_real(j, "gflop", flop / 1e9);
    json_set_real(j, "gflop_per_second", flop / 1e9 / middle);
    json_set_real(j, "extra_operations", b->run.plan.extra);
    json_object_set_new(j, "bytes", bytes(b));
    if (b->steps) json_object_set_new(j, "steps", step_rows(b));
    return j;
}

att_status app_bench(struct app_call *call)
{
    struct bench b;
    memset(&b, 0, sizeof b);
    b.call = call;
    params_init(&b.params);
    b.params.numbers.memory = call->host->kernels->memory;
    att_status status = bench_read_options(&b);
    if (status == ATT_OK) status = bench_build(&b);
    if (status == ATT_OK) status = bench_measure(&b);
    if (status == ATT_OK) call->result = bench_report(&b);
    optimiser_free(&b.optimiser);
    run_free(&b.run);
    graph_free(&b.graph);
    params_free(&b.params);
    mem_free(b.seconds);
    mem_free(b.steps);
    return status;
}
