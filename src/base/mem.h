/* SPDX-License-Identifier: Apache-2.0 */
/* All memory comes from here: zeroed blocks, aligned to 64 bytes (an AVX-512 vector, a cache
 * line). */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

void *mem_alloc(size_t bytes);              /* NULL: out of memory; 0 bytes is valid */
void *mem_array(size_t count, size_t size); /* also NULL on overflow */
/* Allocate into p, or return ATT_MEMORY with a sentence: TRY(MEM_NEW(p, "a run", e)). */
#define MEM_BYTES(p, bytes, what, e)                                                               \
    (((p) = mem_alloc(bytes)) ? ATT_OK : err_memory(e, bytes, what))
#define MEM_NEW(p, what, e) MEM_BYTES(p, sizeof *(p), what, e)
#define MEM_ARRAY(p, count, what, e)                                                               \
    (((p) = mem_array((size_t)(count), sizeof *(p)))                                               \
            ? ATT_OK                                                                               \
            : err_memory(e, (size_t)(count) * sizeof *(p), what))
void *mem_grow(
    void *old, size_t old_bytes, size_t bytes); /* keeps `old` on failure; zeroes the new part */
/* Grows a list to `needed` elements; *room is its capacity, initially 0 with a NULL list. */
#define MEM_REACH(list, room, needed, what, e)                                                     \
    mem_reach(&(list), room, needed, sizeof *(list), what, e)
att_status mem_reach(
    void *list, size_t *room, size_t needed, size_t size, const char *what, struct err *e);
/* For one more than `count` elements, in a list that only this grows: the capacity follows from
 * `count`. */
#define MEM_ROOM(list, count, what, e) mem_room(&(list), count, sizeof *(list), what, e)
att_status mem_room(void *list, int count, size_t size, const char *what, struct err *e);
void mem_free(void *p); /* may be NULL */
/* Large pages for a new block that will be filled: fewer page faults. A hint. */
void mem_fill_soon(void *p, size_t bytes);
char *mem_text(const char *format, ...)
    __attribute__((format(printf, 1, 2))); /* a new string, or NULL */
char *mem_text_list(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
/* Lengthens such a string; NULL is an empty one. False: no memory, and *text is freed and NULL. */
bool mem_append(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A large block from mmap: untouched pages cost nothing, and unmapping returns it at once. It
 * begins with a huge page, if it has room for one. */
void *mem_map(size_t bytes);
/* The same without reserving memory, for sparse use; may exceed the machine's memory. */
void *mem_map_place(size_t bytes);
/* Addresses for no memory: any access ends the process. For mem_unmap. */
void *mem_reserve(size_t bytes);
void mem_unmap(void *p, size_t bytes);
void mem_release(void *p, size_t bytes); /* returns whole pages of a mem_map block, which lose their
                                          * content */
void mem_trim(void);                     /* returns freed memory to the system */
