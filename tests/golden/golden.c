/* SPDX-License-Identifier: Apache-2.0 */
/* Parity with PyTorch: reads reference files (state.*, input, target, and what PyTorch computed in float64: eval.*, train.*, step.*), runs the
 * same network here and compares everything.  One line per file and instruction set; exit 1 on a miss,
 * 77 when this machine lacks the instruction set asked for.
 *
 * Built twice: in float (every ISA of this machine) and in double (plain kernels). Usage: golden [--isa ISA] [--conv NAME] FILE... */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "arch/objective.h"
#include "base/mem.h"
#include "graph/run.h"
#include "model/weights.h"

/* Tolerances: relative L2, or absolute rms where the reference is all but zero (a bias before a norm has no gradient but noise). */
#ifdef ATT_F64
static const double LOGITS = 1e-5, MAPS = 1e-5, LOSS = 1e-5, GRADIENT = 1e-5, STEP = 1e-5, RMS = 1e-9;
#else
static const double LOGITS = 1e-4, MAPS = 1e-5, LOSS = 1e-5, GRADIENT = 1e-3, STEP = 1e-4, RMS = 1e-6;
#endif

struct golden {
    struct st_file file;
    struct spec spec;
    struct params params;
    struct graph graph;
    struct run run;
    const struct kernels *kernels;
    struct pool *pool;
    const char *conv;
    struct err err;
    struct shape in; /* c = channels */
    int image, label, loss;
    int compared, missed;
    double worst; /* the largest error divided by its tolerance */
    char worst_name[256];
};

static double *doubles(const struct st_tensor *t)
{
    double *v = mem_array(t->count + 1, sizeof *v);
    if (v) st_to_double(t, v);
    return v;
}

static double reported_f32err(const struct golden *g, const char *name)
{
    char full[320];
    snprintf(full, sizeof full, "f32err.%s", name);
    const struct st_tensor *t = st_find(&g->file, full);
    double v = 0;
    if (t && t->count == 1) st_to_double(t, &v);
    return v;
}

static void note(struct golden *g, const char *name, double error, double tolerance, bool fine)
{
    g->compared++;
    if (!fine) {
        g->missed++;
        fprintf(stderr, "  miss: %s error %.2e, allowed %.2e\n", name, error, tolerance);
    }
    if (tolerance > 0 && !(error / tolerance <= g->worst)) {
        g->worst = error / tolerance;
        snprintf(g->worst_name, sizeof g->worst_name, "%s", name);
    }
}

/* Compares `count` planar numbers with the file's tensor. `largest`: error relative to the largest number instead of the L2 norm. */
static void compare(struct golden *g, const char *name, const real *got, size_t count, double tolerance, bool largest)
{
    const struct st_tensor *t = st_find(&g->file, name);
    if (!t) return;
    if (t->count != count) {
        note(g, name, INFINITY, tolerance, false);
        return;
    }
    double *want = doubles(t), diff = 0, norm = 0, most = 0, most_diff = 0;
    for (size_t i = 0; i < count; i++) {
        double d = (double)got[i] - want[i];
        diff += d * d;
        norm += want[i] * want[i];
        most = fmax(most, fabs(want[i]));
        most_diff = fmax(most_diff, fabs(d));
    }
    mem_free(want);
    double error = largest ? most_diff / fmax(most, 1e-30) : sqrt(diff / fmax(norm, 1e-300));
    double rms = sqrt(diff / (double)count);
    if (isfinite(diff) && rms <= RMS)
        note(g, name, 0, tolerance, true);
    else
        note(g, name, error, tolerance, error <= tolerance);
}

static void compare_value(struct golden *g, const char *name, int value, double tolerance, bool largest)
{
    struct tensor t = run_tensor(&g->run, value);
    size_t count = (size_t)t.s.n * (size_t)t.s.c * shape_pixels(t.s);
    real *planar = mem_array(count, sizeof *planar);
    run_store(&t, planar);
    compare(g, name, planar, count, tolerance, largest);
    mem_free(planar);
}

static void compare_parameters(struct golden *g, const char *prefix, const real *data, double tolerance, bool gradients)
{
    for (int i = 0; i < g->params.count; i++) {
        const struct param *p = &g->params.list[i];
        if (gradients && (!param_trains(p) || !g->run.plan.trained[i])) continue;
        char name[300];
        snprintf(name, sizeof name, "%s%s", prefix, p->name);
        real *values = mem_array(p->count, sizeof *values);
        params_export(p, param_trains(p) ? data + p->offset : params_at(&g->params, i), values);
        double allowed = tolerance;
#ifndef ATT_F64
        if (gradients) allowed = fmax(tolerance, 3 * reported_f32err(g, name));
#else
        (void)reported_f32err;
#endif
        compare(g, name, values, p->count, allowed, false);
        mem_free(values);
    }
}

static att_status build(struct golden *g, bool training)
{
    struct arch_facts f;
    graph_init(&g->graph, &g->params, training);
    TRY(arch_describe(&g->spec, &f, &g->err));
    TRY(arch_build(&g->spec, &g->graph, g->in.n, g->in.d, g->in.h, g->in.w, &g->image, &g->err));
    if (training) {
        const char *loss = st_metadata(&g->file, "loss");
        struct target t = {.channels = f.classes, .regions = loss && !strcmp(loss, "bce"), .region = {2}};
        TRY(objective_build(&g->graph, t.regions ? "ce" : "dice(smooth=1e-5)+ce", &t, &g->label, &g->loss, &g->err));
    }
    TRY(run_create(&g->graph, g->kernels, g->pool, g->conv, &g->run, &g->err));
    TRY(weights_load(&g->file, "state.", &g->params, &g->err));
    const struct st_tensor *input = st_find(&g->file, "input");
    float *planar = mem_array(input->count, sizeof *planar);
    if (!planar) return err_memory(&g->err, input->count * sizeof *planar, "the input");
    st_to_float(input, planar);
    struct tensor image = run_tensor(&g->run, g->image);
    run_load(&image, planar);
    mem_free(planar);
    return ATT_OK;
}

static void drop(struct golden *g)
{
    run_free(&g->run);
    graph_free(&g->graph);
}

static att_status evaluate(struct golden *g)
{
    TRY(build(g, false));
    run_forward(&g->run);
    for (int i = 0; i < g->graph.noutputs; i++) {
        char name[100];
        snprintf(name, sizeof name, "eval.%s", g->graph.outputs[i].name);
        bool logits = !strcmp(g->graph.outputs[i].name, "logits");
        compare_value(g, name, g->graph.outputs[i].value, logits ? LOGITS : MAPS, true);
    }
    drop(g);
    return ATT_OK;
}

static void step(struct golden *g)
{
    for (int i = 0; i < g->params.count; i++) {
        const struct param *p = &g->params.list[i];
        if (!param_trains(p) || !g->run.plan.trained[i]) continue;
        real *m = mem_array(p->size, sizeof *m);
        g->kernels->sgd(g->params.data + p->offset, g->run.grads + p->offset, m, p->size, (real).01, (real).99, true, (real)3e-5, 1, true, g->pool);
        mem_free(m);
    }
}

static att_status train(struct golden *g)
{
    TRY(build(g, true));
    const struct st_tensor *target = st_find(&g->file, "target");
    if (!target || target->type != ST_U8 || target->count != g->graph.values[g->label].bytes)
        return err_set(&g->err, ATT_DATA, "the file's target does not fit its input");
    memcpy(run_label(&g->run, g->label), target->data, target->count);
    run_forward(&g->run);
    bool side = graph_find_output(&g->graph, "logits.1") >= 0;
    for (int i = 0; i < g->graph.noutputs; i++) {
        const char *name = g->graph.outputs[i].name;
        char full[100];
        if (strncmp(name, "logits", 6) != 0) continue;
        snprintf(full, sizeof full, side && !strcmp(name, "logits") ? "train.%s.0" : "train.%s", name);
        compare_value(g, full, g->graph.outputs[i].value, LOGITS, true);
    }
    compare_value(g, "train.loss", g->loss, LOSS, false);
    run_backward(&g->run, g->loss);
    compare_parameters(g, "train.grad.", g->run.grads, GRADIENT, true);
    step(g);
    compare_parameters(g, "step.", g->params.data, STEP, false);
    drop(g);
    return ATT_OK;
}

static att_status read_file(struct golden *g, const char *path)
{
    TRY(st_open(path, &g->file, &g->err));
    const char *spec = st_metadata(&g->file, "spec");
    const struct st_tensor *input = st_find(&g->file, "input");
    if (!spec || !input || input->dims < 4 || input->dims > 5) return err_set(&g->err, ATT_DATA, "%s is not a reference file: it has no spec or input", path);
    TRY(spec_parse(&g->spec, spec, &g->err));
    const int64_t *s = input->shape;
    bool flat = input->dims == 4;
    g->in = (struct shape){(int)s[0], (int)s[1], flat ? 1 : (int)s[2], (int)s[input->dims - 2], (int)s[input->dims - 1]};
    return ATT_OK;
}

/* Every comparable tensor of the file must have met its counterpart. */
static int expected(const struct golden *g)
{
    int n = 0;
    for (int i = 0; i < g->file.count; i++) {
        const char *name = g->file.tensors[i].name;
        if (!strncmp(name, "eval.", 5) || !strncmp(name, "train.", 6) || !strncmp(name, "step.", 5)) n++;
    }
    return n;
}

static bool check(const char *path, enum isa isa, const char *conv)
{
    struct golden g;
    memset(&g, 0, sizeof g);
    g.pool = pool_create(0);
    g.kernels = kernels_for(isa);
    g.conv = conv;
    params_init(&g.params);
    att_status status = read_file(&g, path);
    if (status == ATT_OK) status = evaluate(&g);
    if (status == ATT_OK) status = train(&g);
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    bool good = status == ATT_OK && !g.missed && g.compared == expected(&g);
    if (status != ATT_OK)
        printf("%-34s %-7s FAILED: %s\n", base, sizeof(real) == 8 ? "double" : isa_name(isa), g.err.text);
    else
        printf("%-34s %-7s %s: %d of %d tensors compared, %d missed, worst %.2f of its tolerance (%s)\n", base,
               sizeof(real) == 8 ? "double" : isa_name(isa), good ? "ok" : "FAILED", g.compared, expected(&g), g.missed, g.worst, g.worst_name);
    drop(&g);
    params_free(&g.params);
    st_close(&g.file);
    pool_destroy(g.pool);
    return good;
}

/* The instruction sets asked for: all that this machine has, or the one called `only`. */
static int isa_range(const char *only, int *first, int *last)
{
    *first = ISA_REF;
    *last = sizeof(real) == 8 ? ISA_REF : (int)cpu_best();
    if (!only) return 0;
    for (int isa = ISA_REF; isa <= ISA_AVX512; isa++)
        if (!strcmp(only, isa_name((enum isa)isa))) {
            if (isa > *last) {
                printf("SKIPPED: this machine has no %s\n", only);
                return 77;
            }
            *first = *last = isa;
            return 0;
        }
    fprintf(stderr, "golden: --isa %s is unknown; choose ref, avx2 or avx512\n", only);
    return 2;
}

int main(int argc, char **argv)
{
    const char *only = NULL, *conv = NULL;
    int failed = 0, files = 0, first, last;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--isa") && i + 1 < argc) {
            only = argv[++i];
        } else if (!strcmp(argv[i], "--conv") && i + 1 < argc) {
            conv = argv[++i];
        } else {
            int status = isa_range(only, &first, &last);
            if (status) return status;
            files++;
            for (int isa = first; isa <= last; isa++) failed += !check(argv[i], (enum isa)isa, conv);
            fflush(stdout);
        }
    }
    if (!files) {
        fprintf(stderr, "usage: golden [--isa ref|avx2|avx512] [--conv NAME] FILE.safetensors...\n");
        return 2;
    }
    return failed ? 1 : 0;
}
