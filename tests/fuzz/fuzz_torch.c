/* SPDX-License-Identifier: Apache-2.0 */
/* Archives of torch.save. */
#include "format/torch_archive.h"
#include "fuzz_tensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_tensors(torch_archive_open, data, size); }
