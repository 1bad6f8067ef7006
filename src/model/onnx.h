/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a model as an ONNX file for other runtimes. Input "image": one window, [batch, channel,
 * (depth,) height, width], normalised as the preparation says, or by the file itself. Outputs:
 * "logits", and "attention.NAME" of every gate on its own grid. Batch and sizes are free, sizes in
 * multiples of the network's. The description of the model is metadata under "attunet". */
#pragma once

#include "model/model.h"

enum { ONNX_OPSET = 17 };

/* ATT_MODEL: hard attention, a normalisation that a file cannot hold, or more than 2 GiB. */
att_status onnx_save(const struct model *m, const char *path, bool normalise, struct err *e);
