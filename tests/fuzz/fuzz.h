/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz targets hand their input to readers that take a path: as an anonymous file in memory. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_file {
    int fd;
    char path[32];
};

static inline struct fuzz_file fuzz_open(const uint8_t *data, size_t size)
{
    struct fuzz_file f = {.fd = memfd_create("input", MFD_CLOEXEC)};
    if (f.fd < 0 || write(f.fd, data, size) != (ssize_t)size) abort();
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void fuzz_close(struct fuzz_file f) { close(f.fd); }

/* The input as a text, for parsers of options; free() it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text) abort();
    if (size) memcpy(text, data, size);
    text[size] = 0;
    return text;
}

/* A reader must explain every refusal, and nothing else. */
static inline void fuzz_check(att_status status, const struct err *e)
{
    if (status != e->status || (status == ATT_OK) != (e->text[0] == 0)) abort();
}

#endif
