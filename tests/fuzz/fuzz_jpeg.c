/* SPDX-License-Identifier: Apache-2.0 */
/* Reads JPEG as image, as labels and by its header alone. */
#include "format/format.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct image m = {.channels = 0};
    struct labelmap l;
    if (format_jpeg.missing) return 0;
    struct fuzz_file f = fuzz_open(data, size);
    fuzz_check(format_peek_by(&format_jpeg, f.path, &m, &e), &e);
    e = (struct err){0};
    att_status status = format_image_by(&format_jpeg, f.path, &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) image_free(&m);
    e = (struct err){0};
    status = format_labels_by(&format_jpeg, f.path, &l, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) labelmap_free(&l);
    fuzz_close(f);
    return 0;
}
