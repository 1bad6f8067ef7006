/* SPDX-License-Identifier: Apache-2.0 */
/* What torch.save writes (PyTorch 1.6 and later: .pth, .pt): a zip archive in which NAME/data.pkl
 * says what tensors there are, and NAME/data/KEY holds their numbers as they are in memory.  No
 * code that the file names is run (pickle.h). */
#ifndef FORMAT_TORCH_ARCHIVE_H
#define FORMAT_TORCH_ARCHIVE_H

#include "format/safetensors.h"

/* Whether it is a zip archive, by its first bytes. */
att_status torch_archive_is(const char *path, bool *archive, struct err *e);
/* Its tensors whose names begin with `prefix`, as st_open gives those of a safetensors file, for
 * st_fetch and st_close.  Their names are the keys on the way there with points between, as in
 * "network_weights.encoder.stages.0.weight". Metadata are what else the outermost dict holds: lists
 * of whole numbers as "0 1 2", everything else as "". What is wrong is ATT_MODEL. */
att_status torch_archive_open(
    const char *path, const char *prefix, struct st_file *f, struct err *e);

#endif
