/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of ops. */
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
