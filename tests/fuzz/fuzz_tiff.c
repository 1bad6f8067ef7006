/* SPDX-License-Identifier: Apache-2.0 */
/* Reads TIFF by its header alone, as image and as labels, and writes it again.  Of what few bytes
 * may claim by right (blank pages of some compressions), only images of a size that keeps the
 * fuzzer fast are loaded. */
#include "fuzz_format.h"

enum { MOST = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct image m = {.channels = 0};
    struct labelmap l;
    if (format_tiff.missing) return 0;
    struct fuzz_file f = fuzz_open(data, size);
    att_status status = format_peek_by(&format_tiff, f.path, &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK && (double)m.size[0] * m.size[1] * m.size[2] * m.channels <= MOST) {
        e = (struct err){0};
        status = format_image_by(&format_tiff, f.path, &m, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) {
            fuzz_rewrite_image(&format_tiff, &m);
            image_free(&m);
        }
        e = (struct err){0};
        status = format_labels_by(&format_tiff, f.path, &l, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) {
            fuzz_rewrite_labels(&format_tiff, &l);
            labelmap_free(&l);
        }
    }
    fuzz_close(f);
    return 0;
}
