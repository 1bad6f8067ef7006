/* SPDX-License-Identifier: Apache-2.0 */
/* A network as a list of nodes over numbered values.
 *
 * A node reads only values made before it, so the order of making is a topological order, and
 * backward is the list from its end.  The graph does not know which ops exist: a node points to its
 * struct op (ops/). */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>

#include "base/status.h"
#include "graph/params.h"
#include "kernel/kernel.h"

enum { NODE_MAX_IN = 24, NODE_MAX_OUT = 2, NODE_ATTR = 80, GRAPH_MAX_OUTPUTS = 64 };

enum value_kind {
    VALUE_INPUT, /* an image, filled by the caller before a run */
    VALUE_LABEL, /* uint8 class per pixel: filled by the caller, or made by a node */
    VALUE_PARAM, /* in the parameter set (trainable or state) */
    VALUE_MAP,   /* made by a node */
    VALUE_AUX    /* made by a node for its own backward step: bytes only it understands */
};

struct value {
    enum value_kind kind;
    struct shape s; /* maps, inputs, labels */
    int lanes;      /* maps and inputs */
    bool half;      /* stored as bfloat16, and so is its gradient */
    size_t bytes;
    int param;     /* VALUE_PARAM: index into the set */
    int producer;  /* node, or -1 */
    bool grad;     /* somebody wants its gradient: it is, or depends on, a parameter that trains */
    bool gone;     /* a map that was absorbed: no node makes it any more */
    bool unstored; /* a map that its only reader makes while it reads what it is made of: it has a
                      gradient, but no memory of its own */
};

struct graph;
struct node;
struct step;
struct plan;

/* What an op's backward reads, so that the plan keeps it: bits over inputs and outputs. */
#define READS_IN(i) (1u << (i))
#define READS_OUT(i) (1u << (NODE_MAX_IN + (i)))
#define READS_ALL_IN ((1u << NODE_MAX_IN) - 1)

struct op {
    const char *name;
    /* Checks the inputs and fills the outputs' kind, shape, lanes and bytes. */
    att_status (*shape)(struct graph *g, struct node *n, struct err *e);
    double (*macs)(const struct graph *g,
        const struct node *n); /* multiply-adds of forward; NULL: none worth counting */
    size_t (*workspace)(const struct graph *g, const struct node *n, const struct plan *p,
        unsigned want, bool backward); /* NULL: none */
    void (*forward)(const struct step *s);
    void (*backward)(const struct step *s); /* NULL: nothing flows back */
    unsigned reads;
    /* In a graph that does not train: `reader` alone reads output 0 of n, and n may take over its
     * work; it then has the reader's settings and further inputs, and says so.  graph_fuse() gives
     * it the reader's output and removes the reader.  NULL: never. */
    bool (*absorb)(const struct graph *g, struct node *n, const struct node *reader);
    /* The same in a graph that trains, where n stays: its reader may make output 0 of n while it
     * reads, so that it need not be stored. n says whether, and gives the reader the inputs it
     * needs for that.  NULL: never. */
    bool (*on_load)(const struct graph *g, const struct node *n, struct node *reader);
    /* In a graph that trains, too: what alone reads output 0 of n may leave parameters of n nothing
     * to do, so that their gradient is 0 whatever they are.  n marks these inputs as idle.  NULL:
     * never. */
    void (*idle)(struct node *n, const struct node *reader);
    bool in_place; /* forward may write output 0 over input 0 when nobody needs that any more */
    bool back_in_place; /* backward may write input 0's gradient over output 0's */
    /* Its own examples: builds small graphs around one such node, for the gradient test. Inputs
     * that want gradients are VALUE_INPUT with grad set. `index` counts from 0; returns false past
     * the last. */
    bool (*example)(struct graph *g, int index, struct err *e);
};

struct node {
    const struct op *op;
    int nin, nout;
    int in[NODE_MAX_IN], out[NODE_MAX_OUT];
    unsigned passive; /* bits over inputs that get no gradient from this node */
    unsigned idle;    /* bits over parameters whose gradient is always 0, which nobody computes */
    _Alignas(8) unsigned char attr[NODE_ATTR]; /* the op's own settings */
};

/* A result with a name: "logits", "attention.gate.2", "loss". Kept until the end of a run. */
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
    bool training; /* batch statistics, losses and gradients */
    bool half; /* blocked maps are stored as bfloat16; planar ones (images, logits, attention maps)
                  never */
    void **owned; /* small constant arrays that nodes' attributes point to */
    int nowned;
};

void graph_init(struct graph *g, struct params *params, bool training);
void graph_free(struct graph *g);

/* Before nodes are made: maps are to be stored as bfloat16. */
att_status graph_halve(struct graph *g, struct err *e);

/* Each returns the new value's id through *id. */
att_status graph_input(
    struct graph *g, struct shape s, int lanes, bool grad, int *id, struct err *e);
att_status graph_label(struct graph *g, struct shape s, int *id, struct err *e);
att_status graph_param(struct graph *g, const struct param *wanted, int *id, struct err *e);
/* Appends a node; out[0 .. nout - 1] become its outputs' ids. */
att_status graph_node(struct graph *g, const struct op *op, const int *in, int nin, int nout,
    const void *attr, size_t attr_size, int *out, struct err *e);
att_status graph_output(struct graph *g, int value, struct err *e, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
int graph_find_output(const struct graph *g, const char *name); /* the value, or -1 */
/* Memory that lives as long as the graph, zeroed. */
void *graph_own(struct graph *g, size_t bytes);

/* For ops' shape functions.  A size that no memory holds is graph_node's to refuse. */
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
/* For a finished graph: nodes absorb what they can, or, if the graph trains, maps are made on load.
 */
void graph_fuse(struct graph *g);
double graph_macs(const struct graph *g);

/* One node at work: everything it may touch, resolved. */
struct step {
    const struct node *node;
    const struct kernels *kernels;
    const char *conv; /* implementation wanted by name, or NULL */
    struct pool *pool;
    void *workspace;
    bool training;
    bool again; /* what it made before has to be made once more: all but its maps is still there,
                   and no statistics move */
    struct tensor in[NODE_MAX_IN], out[NODE_MAX_OUT]; /* labels and aux: .p is their memory */
    struct tensor din[NODE_MAX_IN],
        dout[NODE_MAX_OUT]; /* gradients; din[i].p is NULL when not wanted */
    bool add[NODE_MAX_IN];  /* din[i] holds something already: add to it */
};
static inline const void *step_attr(const struct step *s) { return s->node->attr; }

#endif
