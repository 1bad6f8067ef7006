/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the index of a packed set. */
#include "base/mem.h"
#include "dataset/pack.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct dataset d = {.labels.ignore = -1, .pack = mem_alloc(sizeof(struct pack))};
    if (!d.pack) abort();
    att_status status = pack_read(f.path, &d, d.pack, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK && (d.count != d.pack->count || d.count < 1)) abort();
    dataset_free(&d);
    fuzz_close(f);
    return 0;
}
