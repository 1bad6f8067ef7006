/* SPDX-License-Identifier: Apache-2.0 */
/* The list of ops and losses. */
#include "ops/ops.h"

const struct op *const *ops_list(void)
{
    static const struct op *const list[] = {&op_conv, &op_conv_transposed, &op_conv_up, &op_norm,
        &op_prelu, &op_add, &op_sigmoid, &op_gate, &op_attend, &op_maxpool, &op_linear, &op_label,
        &op_sum, &loss_cross_entropy.op, &loss_dice.op, &loss_tversky.op, &loss_focal_tversky.op,
        &loss_gdice.op, &loss_focal.op, &loss_topk.op, &loss_boundary.op, &loss_cldice.op, NULL};
    return list;
}

const struct loss *const *losses_list(void)
{
    static const struct loss *const list[] = {&loss_cross_entropy, &loss_dice, &loss_tversky,
        &loss_focal_tversky, &loss_gdice, &loss_focal, &loss_topk, &loss_boundary, &loss_cldice,
        NULL};
    return list;
}
