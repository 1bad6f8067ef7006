/* SPDX-License-Identifier: Apache-2.0 */
/* Reads WebP (fuzz_picture.h). */
#include "fuzz_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_picture(&format_webp, data, size);
}
