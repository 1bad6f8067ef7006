/* SPDX-License-Identifier: Apache-2.0 */
/* Safetensors files. */
#include "fuzz_tensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_tensors(st_open, data, size);
}
