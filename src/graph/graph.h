/* SPDX-License-Identifier: Apache-2.0 */
/* A network as a list of nodes over numbered values. A node reads only earlier values, so the order
 * is topological, and backward runs the list in reverse. A node points to its struct op (ops/); the
 * graph does not know the ops. */
#pragma once

#include <stdbool.h>

#include "base/status.h"
#include "graph/params.h"
#include "kernel/kernel.h"

enum { NODE_MAX_IN = 24, NODE_MAX_OUT = 2, NODE_ATTR = 80, GRAPH_MAX_OUTPUTS = 64 };

enum value_kind {
    VALUE_INPUT, /* an image; the caller fills it before a run */
    VALUE_LABEL, /* uint8 class per pixel, from the caller or a node */
    VALUE_PARAM, /* trainable or state */
    VALUE_MAP,   /* made by a node */
    VALUE_AUX    /* a node's own bytes for its backward step */
};

struct value {
    enum value_kind kind;
    struct shape s; /* maps, inputs, labels */
    int lanes;      /* maps and inputs */
    bool half;      /* value and gradient are stored as bfloat16 */
    size_t bytes;
    int param;     /* VALUE_PARAM: its index */
    int producer;  /* node, or -1 */
    bool grad;     /* its gradient is needed: it is or depends on a trained parameter */
    bool gone;     /* absorbed: no node makes it */
    bool unstored; /* its only reader computes it on load: it has a gradient, but no memory */
};

struct graph;
struct node;
struct step;
struct plan;

/* What backward reads and the plan keeps: bits over inputs and outputs. */
#define READS_IN(i) (1u << (i))
#define READS_OUT(i) (1u << (NODE_MAX_IN + (i)))
#define READS_ALL_IN ((1u << NODE_MAX_IN) - 1)

struct op {
    const char *name;
    /* Checks the inputs and sets the outputs' kind, shape, lanes and bytes. */
    att_status (*shape)(struct graph *g, struct node *n, struct err *e);
    /* multiply-adds of forward; NULL: negligible */
    double (*macs)(const struct graph *g, const struct node *n);
    /* NULL: none */
    size_t (*workspace)(const struct graph *g, const struct node *n, const struct plan *p,
        unsigned want, bool backward);
    void (*forward)(const struct step *s);
    void (*backward)(const struct step *s); /* NULL: no gradient */
    unsigned reads;
    /* For inference: `reader` alone reads output 0 of n. If n can do its work, n takes its settings
     * and further inputs and returns true; graph_fuse() then gives n the reader's output and
     * removes the reader. NULL: never. */
    bool (*absorb)(const struct graph *g, struct node *n, const struct node *reader);
    /* For training: the reader may compute output 0 of n on load instead of reading it from memory;
     * n then adds the inputs that the reader needs and returns true. NULL: never. */
    bool (*on_load)(const struct graph *g, const struct node *n, struct node *reader);
    /* For training: if the only reader of output 0 cancels parameters of n, so that their gradient
     * is 0, n marks these inputs as idle. NULL: never. */
    void (*idle)(struct node *n, const struct node *reader);
    bool in_place;      /* forward may write output 0 over input 0 if that is not needed any more */
    bool back_in_place; /* backward may write input 0's gradient over output 0's */
    /* Updates running statistics from those of one batch, in `batch` where they are in the state
     * (step.measures). NULL: it has none. */
    void (*track)(const struct step *s, const real *batch, const real *state);
};

struct node {
    const struct op *op;
    int nin, nout;
    int in[NODE_MAX_IN], out[NODE_MAX_OUT];
    unsigned passive; /* bits over inputs without a gradient from this node */
    unsigned idle;    /* bits over parameters whose gradient is always 0 */
    _Alignas(8) unsigned char attr[NODE_ATTR]; /* the op's settings */
};

/* A named result such as "logits" or "attention.gate.2", kept until the run ends. */
struct graph_output {
    char name[48];
    int value;
};

struct graph {
    struct params *params; /* shared, not owned */
    struct value *values;
    int nvalues;
    struct node *nodes;
    int nnodes;
    struct graph_output outputs[GRAPH_MAX_OUTPUTS];
    int noutputs;
    bool training; /* batch statistics, losses, gradients */
    /* stores blocked maps as bfloat16; never planar ones (images, logits, attention maps) */
    bool half;
    void **owned; /* constant arrays for the nodes */
    int nowned;
};

void graph_init(struct graph *g, struct params *params, bool training);
void graph_free(struct graph *g);

/* Call before nodes are made: stores maps as bfloat16. */
att_status graph_halve(struct graph *g, struct err *e);

/* Each returns the new value in *id. */
att_status graph_input(
    struct graph *g, struct shape s, int lanes, bool grad, int *id, struct err *e);
att_status graph_label(struct graph *g, struct shape s, int *id, struct err *e);
att_status graph_param(struct graph *g, const struct param *wanted, int *id, struct err *e);
/* Appends a node with the outputs out[0 .. nout - 1]. */
att_status graph_node(struct graph *g, const struct op *op, const int *in, int nin, int nout,
    const void *attr, size_t attr_size, int *out, struct err *e);
att_status graph_output(struct graph *g, int value, struct err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int graph_find_output(const struct graph *g, const char *name); /* the value, or -1 */
/* Zeroed memory that the graph frees. */
void *graph_own(struct graph *g, size_t bytes);

/* For ops' shape functions. graph_node refuses sizes that are too large. */
void value_map(struct value *v, struct shape s, int lanes);
void value_label(struct value *v, struct shape s);
void value_aux(struct value *v, size_t bytes);
static inline struct tensor value_tensor(const struct value *v, real *p)
{
    return (struct tensor){p, v->s, v->lanes, v->half};
}
static inline const struct value *graph_in(const struct graph *g, const struct node *n, int i)
{
    return &g->values[n->in[i]];
}
static inline struct value *graph_out(struct graph *g, const struct node *n, int i)
{
    return &g->values[n->out[i]];
}
/* For a finished graph: fuses nodes. */
void graph_fuse(struct graph *g);
double graph_macs(const struct graph *g);

/* One node at work, with all addresses. */
struct step {
    const struct node *node;
    const struct kernels *kernels;
    const char *conv; /* the name of an implementation, or NULL */
    struct pool *pool;
    void *workspace;
    bool training;
    /* a repeated forward step: makes its maps again from what it kept, and updates no statistics */
    bool again;
    bool measures; /* running statistics become those of this batch alone, for op.track */
    struct tensor in[NODE_MAX_IN], out[NODE_MAX_OUT]; /* labels and aux: .p */
    /* gradients; din[i].p is NULL: not wanted */
    struct tensor din[NODE_MAX_IN], dout[NODE_MAX_OUT];
    bool add[NODE_MAX_IN]; /* din[i] exists: add to it */
};
static inline const void *step_attr(const struct step *s) { return s->node->attr; }
