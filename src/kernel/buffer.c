/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/buffer.h"

#include <string.h>

#include "base/mem.h"

static void host_upload(void *to, const void *from, size_t bytes) { memcpy(to, from, bytes); }
static void host_download(const void *from, void *to, size_t bytes) { memcpy(to, from, bytes); }
static void host_fill(void *at, int byte, size_t bytes) { memset(at, byte, bytes); }

static void *host_map(void *at, size_t bytes)
{
    (void)bytes;
    return at;
}

static void host_unmap(void *at, size_t bytes)
{
    (void)at;
    (void)bytes;
}

const struct memory memory_host = {mem_map, mem_unmap, host_upload, host_download, host_fill,
    host_map, host_unmap, mem_release, NULL, NULL};

bool buffer_create(struct buffer *b, const struct memory *m, size_t count, size_t size)
{
    size_t bytes;
    *b = (struct buffer){.memory = m};
    if (!__builtin_mul_overflow(count, size, &bytes)) b->p = m->create(bytes);
    if (b->p) b->bytes = bytes;
    return b->p;
}

att_status buffer_refused(const struct memory *m, size_t bytes, const char *what, struct err *e)
{
    if (m->check) TRY(m->check(e));
    return err_memory(e, bytes, what);
}

void buffer_destroy(struct buffer *b)
{
    if (b->p) b->memory->destroy(b->p, b->bytes);
    *b = (struct buffer){.memory = b->memory};
}
