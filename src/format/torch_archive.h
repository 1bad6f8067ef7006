/* SPDX-License-Identifier: Apache-2.0 */
/* Reads files of torch.save (PyTorch 1.6 and later: .pth, .pt): a zip archive in which
 * NAME/data.pkl lists tensors and NAME/data/KEY has their numbers. Runs no code of the file
 * (pickle.h). */
#pragma once

#include "format/safetensors.h"

/* Detects a zip archive by its first bytes. */
att_status torch_archive_is(const char *path, bool *archive, struct err *e);
/* Opens the tensors with names that begin with `prefix`, as st_open does, for st_fetch and
 * st_close. Names are the dict keys joined by points: "network_weights.encoder.stages.0.weight".
 * Metadata are the other entries of the outermost dict: lists of integers as "0 1 2", anything else
 * as "". Damage is ATT_MODEL. */
att_status torch_archive_open(
    const char *path, const char *prefix, struct st_file *f, struct err *e);
