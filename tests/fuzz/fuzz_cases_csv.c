/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a CSV that lists cases. */
#include "fuzz_dataset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_dataset("dataset.csv", data, size);
}
