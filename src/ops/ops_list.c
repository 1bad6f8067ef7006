/* SPDX-License-Identifier: Apache-2.0 */
/* The list of all ops, and the parameters they take. */
#include "ops/ops.h"

#include <string.h>

const struct op *const *ops_list(void)
{
    static const struct op *const list[] = {&op_conv,   &op_conv_transposed, &op_norm,  &op_add, &op_sigmoid,           &op_gate,      &op_maxpool,
                                            &op_nearest, &op_linear,         &op_label, &op_sum, &loss_cross_entropy.op, &loss_dice.op, NULL};
    return list;
}

const struct loss *const *losses_list(void)
{
    static const struct loss *const list[] = {&loss_cross_entropy, &loss_dice, NULL};
    return list;
}

att_status ops_vector(struct graph *g, const char *name, enum param_kind kind, int size, float value, int *id, struct err *e)
{
    char copy[256];
    strncpy(copy, name, sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    struct param p = {.name = copy, .kind = kind, .dims = kind == STATE_COUNT ? 0 : 1, .shape = {size}, .init = INIT_CONSTANT, .value = value};
    return graph_param(g, &p, id, e);
}

att_status ops_weights(struct graph *g, const char *name, const struct conv_attr *a, const int *channels, int nx, int dims, bool transposed,
                       int *id, struct err *e)
{
    char copy[256];
    strncpy(copy, name, sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    struct param p = {.name = copy, .kind = PARAM_CONV, .dims = 2 + dims, .init = INIT_KAIMING, .taps = a->kernel[0] * a->kernel[1] * a->kernel[2]};
    int in = 0;
    for (int i = 0; i < nx; i++) in += channels[i];
    /* A transposed convolution is stored as the convolution that runs the other way: k = its input channels. */
    p.k = transposed ? in : a->out;
    p.nx = transposed ? 1 : nx;
    for (int i = 0; i < p.nx; i++) p.channels[i] = transposed ? a->out : channels[i];
    p.shape[0] = transposed ? in : a->out;
    p.shape[1] = transposed ? a->out : in;
    for (int i = 0; i < dims; i++) p.shape[2 + i] = a->kernel[3 - dims + i];
    return graph_param(g, &p, id, e);
}
