/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"

void graph_init(struct graph *g, struct params *params, bool training)
{
    memset(g, 0, sizeof *g);
    g->params = params;
    g->training = training;
}

att_status graph_halve(struct graph *g, struct err *e)
{
#ifdef ATT_F64
    (void)g;
    return err_usage(e, "this build stores maps in double; remove `storage` bf16");
#else
    (void)e;
    g->half = true;
    return ATT_OK;
#endif
}

void graph_free(struct graph *g)
{
    for (int i = 0; i < g->nowned; i++) mem_free(g->owned[i]);
    mem_free(g->owned);
    mem_free(g->values);
    mem_free(g->nodes);
    memset(g, 0, sizeof *g);
}

static att_status new_value(struct graph *g, enum value_kind kind, int *id, struct err *e)
{
    TRY(MEM_ROOM(g->values, g->nvalues, "the network's graph", e));
    *id = g->nvalues++;
    g->values[*id] = (struct value){.kind = kind, .param = -1, .producer = -1};
    return ATT_OK;
}

/* Limits so that an op's arithmetic on an axis fits int and the sums of a plan fit size_t. */
enum { AXIS_MAX = 1 << 28, PIXELS_MAX = INT_MAX };
static const size_t BYTES_MAX = (size_t)1 << 52, TOO_LARGE = SIZE_MAX;

static size_t graph_bytes_of(struct shape s, int lanes, size_t element)
{
    int axes[] = {s.n, s.c, s.d, s.h, s.w};
    for (int i = 0; i < 5; i++)
        if (axes[i] < 1 || axes[i] > AXIS_MAX) return TOO_LARGE;
    if ((double)s.n * s.d * s.h * s.w > PIXELS_MAX) return TOO_LARGE;
    axes[1] = round_up(s.c, lanes);
    for (int i = 0; i < 5; i++)
        if (__builtin_mul_overflow(element, (size_t)axes[i], &element)) return TOO_LARGE;
    return element > BYTES_MAX ? TOO_LARGE : element;
}

static att_status graph_check_size(const struct value *v, struct err *e)
{
    if (v->bytes != TOO_LARGE) return ATT_OK;
    return err_model(e,
        "this network needs a map of %d x %d channels on %dx%dx%d; use a smaller patch, batch "
        "or network",
        v->s.n, v->s.c, v->s.d, v->s.h, v->s.w);
}

void value_map(struct value *v, struct shape s, int lanes)
{
    v->kind = VALUE_MAP;
    v->s = s;
    v->lanes = lanes;
    v->bytes = graph_bytes_of(s, lanes, sizeof(real));
}

/* The graph decides the storage of maps. */
static void graph_store(const struct graph *g, struct value *v)
{
    v->half = g->half && v->lanes == LANES && (v->kind == VALUE_MAP || v->kind == VALUE_INPUT);
    if (v->half && v->bytes != TOO_LARGE) v->bytes = v->bytes / sizeof(real) * sizeof(uint16_t);
}

void value_label(struct value *v, struct shape s)
{
    v->kind = VALUE_LABEL;
    v->s = s;
    v->lanes = 1;
    s.c = 1;
    v->bytes = graph_bytes_of(s, 1, 1);
}

void value_aux(struct value *v, size_t bytes)
{
    v->kind = VALUE_AUX;
    v->bytes = bytes;
    v->grad = false;
}

att_status graph_input(
    struct graph *g, struct shape s, int lanes, bool grad, int *id, struct err *e)
{
    TRY(new_value(g, VALUE_INPUT, id, e));
    value_map(&g->values[*id], s, lanes);
    g->values[*id].kind = VALUE_INPUT;
    g->values[*id].grad = grad;
    graph_store(g, &g->values[*id]);
    return graph_check_size(&g->values[*id], e);
}

att_status graph_label(struct graph *g, struct shape s, int *id, struct err *e)
{
    TRY(new_value(g, VALUE_LABEL, id, e));
    value_label(&g->values[*id], s);
    return graph_check_size(&g->values[*id], e);
}

att_status graph_param(struct graph *g, const struct param *wanted, int *id, struct err *e)
{
    int index;
    TRY(params_add(g->params, wanted, &index, e));
    TRY(new_value(g, VALUE_PARAM, id, e));
    const struct param *p = &g->params->list[index];
    struct value *v = &g->values[*id];
    v->param = index;
    v->bytes = p->size * sizeof(real);
    v->s = (struct shape){1, (int)p->size, 1, 1, 1};
    v->lanes = 1;
    v->grad = param_trains(p) && !p->frozen;
    return ATT_OK;
}

/* After graph_fuse some values have no memory. */
static att_status check_there(const struct graph *g, int value, struct err *e)
{
    const struct value *v = &g->values[value];
    if (!v->gone && !v->unstored) return ATT_OK;
    return err_set(e, ATT_FAILED,
        "a map of this network was fused with its only reader; nothing else can read it");
}

att_status graph_node(struct graph *g, const struct op *op, const int *in, int nin, int nout,
    const void *attr, size_t attr_size, int *out, struct err *e)
{
    if (nin > NODE_MAX_IN || nout > NODE_MAX_OUT || attr_size > NODE_ATTR)
        return err_set(
            e, ATT_FAILED, "op %s has too many inputs, outputs or settings for a node", op->name);
    for (int i = 0; i < nin; i++) TRY(check_there(g, in[i], e));
    TRY(MEM_ROOM(g->nodes, g->nnodes, "the network's graph", e));
    struct node *n = &g->nodes[g->nnodes];
    memset(n, 0, sizeof *n);
    n->op = op;
    n->nin = nin;
    n->nout = nout;
    if (attr_size) memcpy(n->attr, attr, attr_size);
    bool grad = false;
    for (int i = 0; i < nin; i++) {
        n->in[i] = in[i];
        if (g->values[in[i]].grad) grad = true;
    }
    for (int i = 0; i < nout; i++) {
        TRY(new_value(g, VALUE_MAP, &n->out[i], e));
        g->values[n->out[i]].producer = g->nnodes;
        g->values[n->out[i]].grad = grad && op->backward && g->training;
        out[i] = n->out[i];
    }
    TRY(op->shape(g, n, e));
    for (int i = 0; i < nout; i++) {
        graph_store(g, &g->values[n->out[i]]);
        TRY(graph_check_size(&g->values[n->out[i]], e));
    }
    g->nnodes++;
    return ATT_OK;
}

att_status graph_output(struct graph *g, int value, struct err *e, const char *format, ...)
{
    TRY(check_there(g, value, e));
    if (g->noutputs == GRAPH_MAX_OUTPUTS)
        return err_model(e, "the network has more than %d outputs", GRAPH_MAX_OUTPUTS);
    struct graph_output *o = &g->outputs[g->noutputs++];
    o->value = value;
    va_list args;
    va_start(args, format);
    vsnprintf(o->name, sizeof o->name, format, args);
    va_end(args);
    return ATT_OK;
}

int graph_find_output(const struct graph *g, const char *name)
{
    for (int i = 0; i < g->noutputs; i++)
        if (!strcmp(g->outputs[i].name, name)) return g->outputs[i].value;
    return -1;
}

void *graph_own(struct graph *g, size_t bytes)
{
    if (MEM_ROOM(g->owned, g->nowned, NULL, NULL) != ATT_OK) return NULL;
    void *p = mem_alloc(bytes);
    if (p) g->owned[g->nowned++] = p;
    return p;
}

double graph_macs(const struct graph *g)
{
    double sum = 0;
    for (int i = 0; i < g->nnodes; i++)
        if (g->nodes[i].op->macs) sum += g->nodes[i].op->macs(g, &g->nodes[i]);
    return sum;
}
