/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks for kernels: a page that nobody may touch follows each of them, and NaN precedes it.  So a
 * kernel that reads too far stops the test, in the optimised build, too.  Sanitizers fence blocks
 * of malloc by themselves, and a device (TEST_DEVICE) has memory of its own. */
#ifndef FENCED_H
#define FENCED_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(TEST_DEVICE) || defined(ATT_SANITIZED) || defined(__SANITIZE_THREAD__)
enum { FENCED = 0 };
#else
enum { FENCED = 1 };
#endif

enum { FENCED_PAGE = 4096, FENCED_ALIGN = 64 };

/* Bytes up to the page that closes a block. */
static inline size_t fenced_room(size_t bytes)
{
    return (bytes + FENCED_PAGE - 1) / FENCED_PAGE * FENCED_PAGE;
}

/* NULL: there is no memory.  Whole vectors are aligned; other blocks end with their last byte. */
static inline void *fenced_new(size_t bytes)
{
    size_t room = fenced_room(bytes);
    if (!FENCED) {
        void *p = NULL;
        return posix_memalign(&p, FENCED_ALIGN, bytes) ? NULL : p;
    }
    unsigned char *p =
        mmap(NULL, room + FENCED_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return NULL;
    if (mprotect(p + room, FENCED_PAGE, PROT_NONE)) abort();
    memset(p, 0xff, room - bytes);
    return p + room - bytes;
}

static inline void fenced_free(void *p, size_t bytes)
{
    size_t room = fenced_room(bytes);
    if (!FENCED)
        free(p);
    else if (p)
        munmap((unsigned char *)p + bytes - room, room + FENCED_PAGE);
}

#endif
