/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a file of tensors and converts every one of them. */
#ifndef FUZZ_TENSORS_H
#define FUZZ_TENSORS_H

#include "base/mem.h"
#include "format/safetensors.h"
#include "fuzz.h"

static inline int fuzz_tensors(
    att_status (*open)(const char *path, struct st_file *f, struct err *e), const uint8_t *data,
    size_t size)
{
    struct fuzz_file f = fuzz_open(data, size);
    struct err e = {0};
    struct st_file file;
    att_status status = open(f.path, &file, &e);
    fuzz_check(status, &e);
    for (int i = 0; status == ATT_OK && i < file.count; i++) {
        const struct st_tensor *t = &file.tensors[i];
        double *out = mem_array(t->count, sizeof *out);
        if (!out || !st_find(&file, t->name) || st_fetch(&file, t, &e) != ATT_OK) abort();
        st_to_double(t, out);
        st_to_float(t, (float *)out);
        mem_free(out);
    }
    if (status == ATT_OK) (void)st_metadata(&file, "spec");
    st_close(&file);
    fuzz_close(f);
    return 0;
}

#endif
