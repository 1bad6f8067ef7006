/* SPDX-License-Identifier: Apache-2.0 */
/* NPY files. */
#include "fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format(&format_npy, data, size);
    return 0;
}
