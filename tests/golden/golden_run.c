/* SPDX-License-Identifier: Apache-2.0 */
/* The network of a reference file: built, run, and compared on the way. */
#include <stdio.h>
#include <string.h>

#include "arch/objective.h"
#include "base/mem.h"
#include "golden.h"

att_status golden_open(struct golden *g, const char *path)
{
    g->path = path;
    params_init(&g->params);
    g->params.numbers.memory = g->kernels->memory;
    TRY(st_open(path, &g->file, &g->err));
    for (int i = 0; i < g->file.count; i++) TRY(st_fetch(&g->file, &g->file.tensors[i], &g->err));
    const char *spec = st_metadata(&g->file, "spec");
    const struct st_tensor *input = st_find(&g->file, "input");
    if (!spec || !input || input->dims < 4 || input->dims > 5)
        return err_set(
            &g->err, ATT_DATA, "%s is not a reference file: it has no spec or input", path);
    TRY(spec_parse(&g->spec, spec, &g->err));
    const int64_t *s = input->shape;
    bool flat = input->dims == 4;
    g->in = (struct shape){(int)s[0], (int)s[1], flat ? 1 : (int)s[2], (int)s[input->dims - 2],
        (int)s[input->dims - 1]};
    return ATT_OK;
}

static att_status load_input(struct golden *g)
{
    const struct st_tensor *input = st_find(&g->file, "input");
    float *planar = mem_array(input->count, sizeof *planar);
    if (!planar) return err_memory(&g->err, input->count * sizeof *planar, "the input");
    st_to_float(input, planar);
    struct tensor image = run_tensor(&g->run, g->image);
    run_load(&image, planar);
    mem_free(planar);
    return ATT_OK;
}

static att_status load_target(struct golden *g)
{
    const struct st_tensor *target = st_find(&g->file, "target");
    if (!target || target->type != ST_U8 || target->count != g->graph.values[g->label].bytes)
        return err_set(&g->err, ATT_DATA, "the file's target does not fit its input");
    memcpy(run_label(&g->run, g->label), target->data, target->count);
    return ATT_OK;
}

att_status golden_build(struct golden *g, bool training)
{
    struct arch_facts f;
    graph_init(&g->graph, &g->params, training);
    if (g->half) TRY(graph_halve(&g->graph, &g->err));
    TRY(arch_describe(&g->spec, &f, &g->err));
    TRY(arch_build(&g->spec, &g->graph, g->in.n, g->in.d, g->in.h, g->in.w, &g->image, &g->err));
    if (g->show) TRY(g->show(&g->graph, &g->err));
    if (training) {
        const char *loss = st_metadata(&g->file, "loss");
        struct target t = {
            .channels = f.classes, .regions = loss && !strcmp(loss, "bce"), .region = {{{2}}}};
        TRY(objective_build(&g->graph, t.regions ? "ce" : "dice(smooth=1e-5)+ce", &t, &g->label,
            &g->loss, &g->err));
    }
    if (g->keep_inputs) edges_keep(g);
    TRY(run_create(&g->graph, g->kernels, g->pool, g->conv, &g->run, &g->err));
    TRY(arch_find(&g->spec, &g->arch, &g->err));
    TRY(weights_load(&g->file, "state.", g->arch, NULL, &g->params, NULL, &g->err));
    TRY(load_input(g));
    return training ? load_target(g) : ATT_OK;
}

void golden_drop(struct golden *g)
{
    run_free(&g->run);
    graph_free(&g->graph);
}

void golden_close(struct golden *g)
{
    golden_drop(g);
    params_free(&g->params);
    st_close(&g->file);
    mem_free(g->misses);
    mem_free(g->decisions);
}

att_status golden_evaluate(struct golden *g)
{
    TRY(golden_build(g, false));
    run_forward(&g->run);
    for (int i = 0; i < g->graph.noutputs; i++) {
        char name[100];
        snprintf(name, sizeof name, "eval.%s", g->graph.outputs[i].name);
        bool logits = !strcmp(g->graph.outputs[i].name, "logits");
        compare_value(
            g, name, g->graph.outputs[i].value, logits ? g->allowed.logits : g->allowed.maps, true);
    }
    golden_drop(g);
    return ATT_OK;
}

void golden_forward(struct golden *g)
{
    run_forward(&g->run);
    bool side = graph_find_output(&g->graph, "logits.1") >= 0;
    for (int i = 0; i < g->graph.noutputs; i++) {
        const char *name = g->graph.outputs[i].name;
        char full[100];
        if (strncmp(name, "logits", 6) != 0) continue;
        snprintf(
            full, sizeof full, side && !strcmp(name, "logits") ? "train.%s.0" : "train.%s", name);
        compare_value(g, full, g->graph.outputs[i].value, g->allowed.logits, true);
    }
    compare_value(g, "train.loss", g->loss, g->allowed.loss, false);
}

real *golden_gradients(const struct golden *g) { return buffer_map(&g->run.gradients); }

real *golden_weights(const struct golden *g) { return buffer_map(&g->params.numbers); }

const struct kernels *golden_host(const struct golden *g)
{
    return g->kernels->memory == &memory_host ? g->kernels : kernels_for(ISA_REF);
}

bool golden_trains(const struct golden *g, int param)
{
    return param_trains(&g->params.list[param]) && g->run.plan.trained[param];
}

void golden_step(struct golden *g)
{
    for (int i = 0; i < g->params.count; i++) {
        const struct param *p = &g->params.list[i];
        if (!golden_trains(g, i)) continue;
        struct buffer m;
        if (!buffer_create(&m, g->kernels->memory, p->size, sizeof(real)))
            continue; /* and step.* misses */
        run_unmap(&g->run);
        g->kernels->sgd(g->params.data + p->offset, g->run.grads + p->offset, m.p, p->size,
            (real).01, (real).99, true, (real)3e-5, 1, true, g->pool);
        buffer_destroy(&m);
    }
}

/* One gradient 1 % off: the first whose tolerance would not let that pass, and which is more than
 * noise. */
static void plant_gradient(struct golden *g)
{
    for (int i = 0; i < g->params.count; i++) {
        const struct param *p = &g->params.list[i];
        char name[300];
        snprintf(name, sizeof name, "f32err.train.grad.%s", p->name);
        const struct st_tensor *t = golden_trains(g, i) ? st_find(&g->file, name) : NULL;
        double float_error = 1;
        if (t && t->count == 1) st_to_double(t, &float_error);
        if (p->kind != PARAM_CONV || float_error > 1e-3) continue;
        for (size_t j = 0; j < p->size; j++) golden_gradients(g)[p->offset + j] *= (real)1.01;
        snprintf(g->planted, sizeof g->planted, "train.grad.%s", p->name);
        return;
    }
}

att_status golden_train(struct golden *g)
{
    TRY(golden_build(g, true));
    golden_forward(g);
    g->ndecisions = edges_count(g);
    g->decisions = mem_array(g->ndecisions + 1, 1);
    if (!g->decisions) return err_memory(&g->err, g->ndecisions, "the decisions of the run");
    edges_record(g, g->decisions);
    if (g->plant == PLANT_EDGE) edges_flip_nearest(g, g->decisions);
    if (g->plant == PLANT_DECISION) g->decisions[g->ndecisions / 2] ^= 1;
    run_backward(&g->run, g->loss);
    TRY(run_check(&g->run, &g->err));
    if (g->plant == PLANT_GRADIENT) plant_gradient(g);
    compare_gradients(g);
    golden_step(g);
    compare_step(g);
    if (sizeof(real) == 4 && !g->forward_missed && (g->nmisses || g->plant)) excuse_ask(g);
    golden_drop(g);
    return ATT_OK;
}

/* Every comparable tensor of the file must have met its counterpart. */
int golden_expected(const struct golden *g)
{
    int n = 0;
    for (int i = 0; i < g->file.count; i++) {
        const char *name = g->file.tensors[i].name;
        if (!strncmp(name, "eval.", 5) || !strncmp(name, "train.", 6) || !strncmp(name, "step.", 5))
            n++;
    }
    return n;
}
