/* SPDX-License-Identifier: Apache-2.0 */
/* calloc knows which pages need no zeroing, but aligns to 16 bytes. So a block starts up to 64
 * bytes into calloc's, whose address is stored right before it. AddressSanitizer poisons the
 * margins. */
#include "base/mem.h"

#include <limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "base/poison.h"

_Static_assert(sizeof(size_t) >= 8, "sizes of images and networks are counted in 64 bits");

#define ALIGNMENT ((size_t)64)
#define HUGE_PAGE ((size_t)2 << 20)

_Static_assert(alignof(max_align_t) >= sizeof(void *), "the address to free fits before a block");

void *mem_alloc(size_t bytes)
{
    if (bytes > PTRDIFF_MAX - ALIGNMENT) return NULL;
    char *raw = calloc(1, bytes + ALIGNMENT);
    if (!raw) return NULL;
    size_t margin = ALIGNMENT - (uintptr_t)raw % ALIGNMENT; /* 16..64 */
    char *p = raw + margin;
    memcpy(p - sizeof raw, &raw, sizeof raw);
    ASAN_POISON_MEMORY_REGION(raw, margin);
    ASAN_POISON_MEMORY_REGION(p + bytes, ALIGNMENT - margin);
    return p;
}

void mem_free(void *p)
{
    if (!p) return;
    char *raw;
    char *slot = (char *)p - sizeof raw;
    ASAN_UNPOISON_MEMORY_REGION(slot, sizeof raw);
    memcpy(&raw, slot, sizeof raw);
    free(raw);
}

void mem_fill_soon(void *p, size_t bytes)
{
    const uintptr_t from = ((uintptr_t)p + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE,
                    till = ((uintptr_t)p + bytes) / HUGE_PAGE * HUGE_PAGE;
    if (p && from < till) madvise((void *)from, till - from, MADV_HUGEPAGE);
}

void *mem_array(size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : mem_alloc(bytes);
}

void *mem_grow(void *old, size_t old_bytes, size_t bytes)
{
    void *p = mem_alloc(bytes);
    if (!p) return NULL;
    if (old) memcpy(p, old, old_bytes < bytes ? old_bytes : bytes);
    mem_free(old);
    return p;
}

att_status mem_reach(
    void *list, size_t *room, size_t needed, size_t size, const char *what, struct err *e)
{
    size_t more = *room ? *room : 64;
    void *p;
    if (needed <= *room) return ATT_OK;
    memcpy(&p, list, sizeof p); /* a pointer of any type */
    while (more < needed && more <= PTRDIFF_MAX) more *= 2;
    p = more > PTRDIFF_MAX / size ? NULL : mem_grow(p, *room * size, more * size);
    if (!p) return err_memory(e, more * size, what);
    memcpy(list, &p, sizeof p);
    *room = more;
    return ATT_OK;
}

att_status mem_room(void *list, int count, size_t size, const char *what, struct err *e)
{
    const bool full = count == 0 || (count >= 64 && (count & (count - 1)) == 0);
    size_t room = (size_t)count;
    if (count > INT_MAX / 2) return err_memory(e, 2 * room * size, what);
    return full ? mem_reach(list, &room, room + 1, size, what, e) : ATT_OK;
}

/* Behind the first `before` bytes of `old`, which it frees. */
static char *print_text(char *old, size_t before, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : mem_alloc(before + (size_t)length + 1);
    if (text && before) memcpy(text, old, before);
    if (text) vsnprintf(text + before, (size_t)length + 1, format, again);
    va_end(again);
    mem_free(old);
    return text;
}

char *mem_text_list(const char *format, va_list args) { return print_text(NULL, 0, format, args); }

char *mem_text(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_text_list(format, args);
    va_end(args);
    return text;
}

bool mem_append(char **text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *text = print_text(*text, *text ? strlen(*text) : 0, format, args);
    va_end(args);
    return *text;
}

/* `bytes` starts at a huge page; more were mapped, and those around it go back. */
static char *map_cut(char *p, size_t bytes, size_t mapped)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE),
                 head = (HUGE_PAGE - (uintptr_t)p % HUGE_PAGE) % HUGE_PAGE,
                 kept = (bytes + page - 1) / page * page;
    if (head) munmap(p, head);
    if (head + kept < mapped) munmap(p + head + kept, mapped - head - kept);
    return p + head;
}

static void *map(size_t bytes, int flags)
{
    if (bytes > PTRDIFF_MAX - HUGE_PAGE) return NULL;
    const bool huge = bytes >= HUGE_PAGE;
    const size_t mapped = huge ? bytes + HUGE_PAGE : bytes ? bytes : 1;
    char *p =
        mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (p == MAP_FAILED) return NULL;
    if (!huge) return p;
    p = map_cut(p, bytes, mapped);
    madvise(p, bytes, MADV_HUGEPAGE); /* a hint; may fail */
    return p;
}

void *mem_map(size_t bytes) { return map(bytes, 0); }

void *mem_map_place(size_t bytes) { return map(bytes, MAP_NORESERVE); }

void *mem_reserve(size_t bytes)
{
    if (bytes > PTRDIFF_MAX) return NULL;
    void *p = mmap(
        NULL, bytes ? bytes : 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void mem_unmap(void *p, size_t bytes)
{
    if (p) munmap(p, bytes ? bytes : 1);
}

void mem_release(void *p, size_t bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE),
                    from = ((uintptr_t)p + page - 1) / page * page,
                    till = ((uintptr_t)p + bytes) / page * page;
    if (p && from < till) madvise((void *)from, till - from, MADV_DONTNEED);
}

void mem_trim(void)
{
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
