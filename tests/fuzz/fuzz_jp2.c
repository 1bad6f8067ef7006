/* SPDX-License-Identifier: Apache-2.0 */
/* Reads JPEG 2000 (fuzz_picture.h). */
#include "fuzz_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_picture(&format_jp2, data, size);
}
