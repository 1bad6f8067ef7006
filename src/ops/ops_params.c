/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of ops, and the examples of convolutions. */
#include "ops/ops.h"

att_status ops_vector(struct graph *g, const char *name, enum param_kind kind, int size,
    float value, int *id, struct err *e)
{
    struct param p = {.name = name,
        .kind = kind,
        .dims = kind == STATE_COUNT ? 0 : 1,
        .shape = {size},
        .init = INIT_CONSTANT,
        .value = value};
    return graph_param(g, &p, id, e);
}

att_status ops_weights(struct graph *g, const char *name, const struct conv_attr *a,
    const int *channels, int nx, int dims, bool transposed, int *id, struct err *e)
{
    struct param p = {.name = name,
        .kind = PARAM_CONV,
        .dims = 2 + dims,
        .init = INIT_KAIMING,
        .taps = a->kernel[0] * a->kernel[1] * a->kernel[2]};
    int in = 0;
    for (int i = 0; i < nx; i++) in += channels[i];
    /* A transposed convolution is stored as the reverse convolution: k = its input channels. */
    p.k = transposed ? in : a->out;
    p.nx = transposed ? 1 : nx;
    for (int i = 0; i < p.nx; i++) p.channels[i] = transposed ? a->out : channels[i];
    p.shape[0] = transposed ? in : a->out;
    p.shape[1] = transposed ? a->out : in;
    for (int i = 0; i < dims; i++) p.shape[2 + i] = a->kernel[3 - dims + i];
    return graph_param(g, &p, id, e);
}

bool conv_example(struct graph *g, const struct op *op, const struct conv_example *x,
    bool transposed, struct err *e)
{
    int in[NODE_MAX_IN], nin = 0, y;
    for (int i = 0; i < x->nx; i++) {
        struct shape s = x->shape;
        s.c = x->channels[i];
        if (graph_input(g, s, x->lanes, true, &in[nin++], e) != ATT_OK) return false;
    }
    if (ops_weights(g, "w", &x->a, x->channels, x->nx, x->dims, transposed, &in[nin++], e) !=
        ATT_OK)
        return false;
    if (x->a.has_bias && ops_vector(g, "b", PARAM_VECTOR, x->a.out, 0, &in[nin++], e) != ATT_OK)
        return false;
    return graph_node(g, op, in, nin, 1, &x->a, sizeof x->a, &y, e) == ATT_OK &&
        graph_output(g, y, e, "y") == ATT_OK;
}
