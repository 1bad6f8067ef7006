/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for kernels: the host's here; a device would add its own functions. Only kernels use
 * addresses in a buffer. The host copies, or maps a piece and unmaps it before kernels run. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

struct memory {
    void *(*create)(size_t bytes); /* zeroed; NULL: no memory */
    void (*destroy)(void *at, size_t bytes);
    void (*upload)(void *to, const void *from, size_t bytes);
    void (*download)(const void *from, void *to, size_t bytes);
    void (*fill)(void *at, int byte, size_t bytes);
    /* Host access to this piece until unmap, which ends all mappings in a range. The host's own
     * memory needs no copy. */
    void *(*map)(void *at, size_t bytes);
    void (*unmap)(void *at, size_t bytes);
    void (*discard)(void *at, size_t bytes); /* frees pages, content is lost; NULL */
    /* ---- of a device, else NULL */
    /* Bytes that are created, and that may still be, in one piece. */
    void (*measure)(size_t *used, size_t *left);
    /* Waits for its kernels; ATT_MEMORY or ATT_IO after a failure. What was read since is not a
     * number. */
    att_status (*check)(struct err *e);
};
extern const struct memory memory_host;

struct buffer {
    const struct memory *memory;
    void *p;
    size_t bytes;
};

/* False: no memory, *b is empty. */
bool buffer_create(struct buffer *b, const struct memory *m, size_t count, size_t size);
/* Why that was so: an earlier failure of the device, else ATT_MEMORY. */
att_status buffer_refused(const struct memory *m, size_t bytes, const char *what, struct err *e);
void buffer_destroy(struct buffer *b); /* also an empty one */
/* NULL: an empty one. */
static inline void *buffer_map(const struct buffer *b)
{
    return b->p ? b->memory->map(b->p, b->bytes) : NULL;
}
static inline void buffer_unmap(const struct buffer *b)
{
    if (b->p) b->memory->unmap(b->p, b->bytes);
}
