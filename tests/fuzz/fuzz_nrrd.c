/* SPDX-License-Identifier: Apache-2.0 */
/* NRRD files; those with samples in a file of their own are refused, since there is none beside the
 * input. */
#include "fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_format(&format_nrrd, data, size);
    return 0;
}
