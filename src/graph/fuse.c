/* SPDX-License-Identifier: Apache-2.0 */
/* Fewer passes over memory. For inference a node absorbs its only reader, such as a convolution the
 * norm after it. In training, where a norm needs the whole map first, the norm's reader computes
 * its result on load; a bias that the norm cancels gets no gradient. The ops decide (struct op:
 * absorb, on_load, idle). */
#include "graph/graph.h"

static bool is_output(const struct graph *g, int value)
{
    for (int i = 0; i < g->noutputs; i++)
        if (g->outputs[i].value == value) return true;
    return false;
}

/* The only reader of a value that is no output and is read once; or -1. */
static int only_reader(const struct graph *g, int value)
{
    int reader = -1;
    if (is_output(g, value)) return -1;
    for (int n = 0; n < g->nnodes; n++)
        for (int i = 0; i < g->nodes[n].nin; i++)
            if (g->nodes[n].in[i] == value) {
                if (reader >= 0) return -1;
                reader = n;
            }
    return reader;
}

/* Whether outputs other than output 0 are read. */
static bool reads_more(const struct graph *g, const struct node *node)
{
    for (int i = 1; i < node->nout; i++) {
        if (is_output(g, node->out[i])) return true;
        for (int n = 0; n < g->nnodes; n++)
            for (int k = 0; k < g->nodes[n].nin; k++)
                if (g->nodes[n].in[k] == node->out[i]) return true;
    }
    return false;
}

/* The fused node takes the reader's place, after all of the reader's inputs. */
static bool fuse_join(struct graph *g, int index)
{
    struct node n = g->nodes[index];
    const int map = n.out[0], reader = only_reader(g, map);
    if (!n.op->absorb || n.nout > 1 || reader < 0 || reads_more(g, &g->nodes[reader]) ||
        !n.op->absorb(g, &n, &g->nodes[reader]))
        return false;
    g->values[map].gone = true;
    for (int i = 1; i < g->nodes[reader].nout; i++) g->values[g->nodes[reader].out[i]].gone = true;
    n.out[0] = g->nodes[reader].out[0];
    g->nodes[reader] = n;
    g->nnodes--;
    for (int i = index; i < g->nnodes; i++) g->nodes[i] = g->nodes[i + 1];
    return true;
}

static void fuse_load(struct graph *g, int index)
{
    const struct node *n = &g->nodes[index];
    const int reader = only_reader(g, n->out[0]);
    if (n->op->on_load && reader >= 0 && n->op->on_load(g, n, &g->nodes[reader]))
        g->values[n->out[0]].unstored = true;
}

static void idle(struct graph *g, int index)
{
    struct node *n = &g->nodes[index];
    const int reader = only_reader(g, n->out[0]);
    if (n->op->idle && reader >= 0) n->op->idle(n, &g->nodes[reader]);
}

void graph_fuse(struct graph *g)
{
    if (g->training) {
        for (int n = 0; n < g->nnodes; n++) idle(g, n);
        for (int n = 0; n < g->nnodes; n++) fuse_load(g, n);
        return;
    }
    for (int n = 0; n < g->nnodes;)
        if (!fuse_join(g, n)) n++;
    for (int n = 0; n < g->nnodes; n++)
        for (int i = 0; i < g->nodes[n].nout; i++) g->values[g->nodes[n].out[i]].producer = n;
}
