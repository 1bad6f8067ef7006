/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a picture by its header alone, as image, as labels and for its transparency. Of what few
 * bytes may claim by right (blank areas), only pictures of a size that keeps the fuzzer fast are
 * loaded. */
#ifndef FUZZ_PICTURE_H
#define FUZZ_PICTURE_H

#include "format/format.h"
#include "fuzz.h"

static inline int fuzz_picture(const struct format *format, const uint8_t *data, size_t size)
{
    enum { LARGEST = 1 << 22 };
    struct err e = {0};
    struct image m = {.channels = 0};
    struct labelmap l;
    bool varies;
    if (format->missing) return 0;
    struct fuzz_file f = fuzz_open(data, size);
    att_status status = format_peek_by(format, f.path, &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK && (double)m.size[1] * m.size[2] * m.channels <= LARGEST) {
        status = format_image_by(format, f.path, &m, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) image_free(&m);
        e = (struct err){0};
        status = format_labels_by(format, f.path, &l, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) labelmap_free(&l);
        e = (struct err){0};
        status = format_alpha_varies(f.path, &varies, &e);
        fuzz_check(status, &e);
    }
    fuzz_close(f);
    return 0;
}

#endif
