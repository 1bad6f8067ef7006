/* SPDX-License-Identifier: Apache-2.0 */
/* Reads dataset.json, of nnU-Net or the Decathlon, with its labels, channels and lists. */
#include "fuzz_dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dataset("dataset.json", data, size);
}
