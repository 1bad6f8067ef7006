/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that kernels read and write.
 *
 * A table of kernels names the memory that it works in: the host's is the only one now, a device's
 * or another process's has its own functions here. Addresses in a buffer are for kernels. The host
 * copies, or maps a piece, and claims the buffer for kernels before they run. */
#ifndef KERNEL_BUFFER_H
#define KERNEL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct memory {
    void *(*create)(size_t bytes); /* zeros; NULL: there is no such block */
    void (*destroy)(void *at, size_t bytes);
    void (*upload)(void *to, const void *from, size_t bytes);
    void (*download)(const void *from, void *to, size_t bytes);
    void (*fill)(void *at, int byte, size_t bytes);
    /* Where the host reads and writes this piece until the next claim, which ends every mapping in
     * a range. The host's memory copies nothing: it is the piece itself. */
    void *(*map)(void *at, size_t bytes);
    void (*claim)(void *at, size_t bytes);
    void (*rest)(void *at, size_t bytes); /* nobody needs the content: pages may go back */
};
extern const struct memory memory_host;

struct buffer {
    const struct memory *memory;
    void *p;
    size_t bytes;
};

/* False: no memory, and *b is empty. */
bool buffer_create(struct buffer *b, const struct memory *m, size_t count, size_t size);
void buffer_destroy(struct buffer *b); /* an empty one, too */
static inline void *buffer_map(const struct buffer *b) { return b->memory->map(b->p, b->bytes); }
static inline void buffer_claim(const struct buffer *b)
{
    if (b->p) b->memory->claim(b->p, b->bytes);
}

#endif
