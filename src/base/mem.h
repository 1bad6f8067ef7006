/* SPDX-License-Identifier: Apache-2.0 */
/* The only place that calls malloc.  Blocks are aligned to 64 bytes (one AVX-512 vector, one cache
 * line) and zeroed. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/status.h"

void *mem_alloc(size_t bytes); /* NULL when there is no memory; 0 bytes gives a valid block */
void *mem_array(size_t count, size_t size); /* the same, NULL when count * size overflows */
void *mem_grow(void *old, size_t old_bytes,
    size_t bytes); /* like realloc, new part zeroed; NULL leaves `old` as it was */
/* Makes room for `needed` elements in a list that has *room for some, both 0 at first. */
#define MEM_REACH(list, room, needed, what, e)                                                     \
    mem_reach(&(list), room, needed, sizeof *(list), what, e)
att_status mem_reach(
    void *list, size_t *room, size_t needed, size_t size, const char *what, struct err *e);
/* The same for one more behind `count` elements, an int, in a list that only this lets grow, so
 * that count says what room there is. */
#define MEM_ROOM(list, count, what, e) mem_room(&(list), count, sizeof *(list), what, e)
att_status mem_room(void *list, int count, size_t size, const char *what, struct err *e);
void mem_free(void *p); /* NULL is fine */
char *mem_text(const char *format, ...)
    __attribute__((format(printf, 1, 2))); /* a fresh string, or NULL */

/* A large block for activations: from mmap, so that it goes back to the system at once, and
 * untouched pages cost nothing. */
void *mem_map(size_t bytes);
/* The same for what is never filled as a whole, which may be larger than all memory there is. */
void *mem_map_place(size_t bytes);
void mem_unmap(void *p, size_t bytes);
void mem_rest(void *p, size_t bytes); /* of mem_map, whose content nobody needs: whole pages of it
                                         go back until they are written again */
void mem_trim(void);                  /* what was freed goes back to the system, as far as it can */

#endif
