/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the file of a packed case; the checksum of its head is set right first, so that what lies
 * behind it is tried, too. */
#include "feed/pack_case.h"
#include "files/file.h"
#include "fuzz.h"

enum { MOST = 1 << 16 };

static void read_some(struct pack_reader *r, struct err *e)
{
    static float image[2 * 512];
    static uint8_t classes[512];
    struct box b = {{0, 0, 0}, {1, 1, 1}};
    for (int i = 0; i < 3; i++) {
        b.size[i] = r->p.size[i] < 8 ? r->p.size[i] : 8;
        b.from[i] = r->p.size[i] - b.size[i];
    }
    if (r->p.channels <= 2) fuzz_check(pack_reader_box(r, &b, image, classes, e), e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pack_reader r;
    struct pack_header h;
    struct err e = {0};
    uint8_t *copy = malloc(size + 1);
    const size_t covered = offsetof(struct pack_header, channels);
    if (!copy) abort();
    if (size) memcpy(copy, data, size);
    if (size >= sizeof h) {
        memcpy(&h, copy, sizeof h);
        if (h.bytes >= sizeof h && h.bytes <= size)
            h.crc = file_crc(0, copy + covered, h.bytes - covered);
        memcpy(copy, &h, sizeof h);
    }
    struct fuzz_file f = fuzz_open(copy, size);
    if (pack_reader_create(&r, MOST, (const int[]){4, 4, 4}, 2, &e) != ATT_OK) abort();
    att_status status = pack_reader_open(&r, f.path, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) read_some(&r, &e);
    pack_reader_free(&r);
    fuzz_close(f);
    free(copy);
    return 0;
}
