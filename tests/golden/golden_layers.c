/* SPDX-License-Identifier: Apache-2.0 */
/* How far products and maps in bfloat16 move the layers of a network, as a prediction has them: the
 * relative L2 distance to the same network in float. bench/peers/rounding prints them beside
 * PyTorch's. In float only. */
#ifndef ATT_F64
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/info.h"
#include "base/mem.h"
#include "golden.h"

enum { NAME = 48 }; /* of an output */

/* Every convolution becomes an output, so that its map is kept. */
static att_status show_layers(struct graph *g, struct err *e)
{
    for (int i = 0; i < g->nnodes; i++) {
        char name[NAME - 6];
        if (strncmp(g->nodes[i].op->name, "conv", 4) != 0) continue;
        info_layer_name(g, &g->nodes[i], name, sizeof name);
        TRY(graph_output(g, g->nodes[i].out[0], e, "layer %s", name));
    }
    return ATT_OK;
}

static att_status layers_run(struct golden *g, const char *conv, real *maps[], struct err *e)
{
    g->conv = conv;
    g->half = conv != NULL;
    g->show = show_layers;
    TRY(golden_build(g, false));
    run_forward(&g->run);
    for (int i = 0; i < g->graph.noutputs; i++) {
        struct tensor t = run_tensor(&g->run, g->graph.outputs[i].value);
        const size_t count = (size_t)t.s.n * (size_t)t.s.c * shape_pixels(t.s);
        maps[i] = mem_array(count + 1, sizeof(real));
        if (!maps[i]) return err_memory(e, count * sizeof(real), "the maps");
        run_store(&t, maps[i]);
    }
    return ATT_OK;
}

static double distance(const real *got, const real *want, size_t count)
{
    double diff = 0, norm = 0;
    for (size_t i = 0; i < count; i++) {
        const double d = (double)got[i] - (double)want[i];
        diff += d * d;
        norm += (double)want[i] * (double)want[i];
    }
    return sqrt(diff / fmax(norm, 1e-300));
}

att_status golden_layers(struct golden *g)
{
    real *want[GRAPH_MAX_OUTPUTS] = {NULL}, *got[GRAPH_MAX_OUTPUTS] = {NULL};
    att_status status = layers_run(g, NULL, want, &g->err);
    golden_drop(g);
    if (status == ATT_OK) status = layers_run(g, CONV_BF16, got, &g->err);
    for (int i = 0; status == ATT_OK && i < g->graph.noutputs; i++) {
        const struct graph_output *o = &g->graph.outputs[i];
        const struct shape s = g->graph.values[o->value].s;
        printf("%s\t%.4e\n", o->name,
            distance(got[i], want[i], (size_t)s.n * (size_t)s.c * shape_pixels(s)));
    }
    for (int i = 0; i < GRAPH_MAX_OUTPUTS; i++) {
        mem_free(want[i]);
        mem_free(got[i]);
    }
    return status;
}
#endif
