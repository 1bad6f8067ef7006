/* SPDX-License-Identifier: Apache-2.0 */
/* Reads PNG as image, as labels and by its header alone: once as it is and once with all checksums
 * mended, since random changes nearly always break those and would go no further. */
#include <string.h>

#include "files/file.h"
#include "format/format.h"
#include "fuzz.h"

static void mend_checksums(uint8_t *data, size_t size)
{
    for (size_t at = 8; at + 12 <= size;) {
        size_t length = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 |
            (size_t)data[at + 2] << 8 | data[at + 3];
        if (length > size - at - 12) return;
        uint32_t crc = file_crc(0, data + at + 4, length + 4);
        for (int i = 0; i < 4; i++)
            data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += length + 12;
    }
}

static void read_all(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct image m = {.channels = 0};
    struct labelmap l;
    fuzz_check(format_peek_by(&format_png, f.path, &m, &e), &e);
    e = (struct err){0};
    att_status status = format_image_by(&format_png, f.path, &m, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) image_free(&m);
    e = (struct err){0};
    status = format_labels_by(&format_png, f.path, &l, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) labelmap_free(&l);
    fuzz_close(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_all(data, size);
    uint8_t *copy = malloc(size + 1);
    if (!copy) return 0;
    if (size) memcpy(copy, data, size);
    mend_checksums(copy, size);
    read_all(copy, size);
    free(copy);
    return 0;
}
