/* SPDX-License-Identifier: Apache-2.0 */
/* Wraps jansson's allocator and keeps it underneath, so that a program with jansson can free our
 * values. */
#include "base/json_memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"

/* jansson's token buffer starts at 16 bytes and doubles. Only blocks of such sizes come from the
 * reserve; failing others ends the parse. Per byte of text the buffers take at most 4 bytes, with
 * texts and arrays at most 6.4 (`true,true,...`). */
enum { WORD = 16, PER_BYTE = 8, RESERVE = 4096 };

static json_malloc_t inner; /* set once, before json_memory_ask is installed */
static json_free_t inner_free;
static _Thread_local bool lost;
static _Thread_local struct {
    char *block; /* NULL except while parsing */
    size_t size, used;
} reserve;

static void *json_memory_take(size_t bytes)
{
    if (!reserve.block || bytes <= WORD || (bytes & (bytes - 1)) ||
        bytes > reserve.size - reserve.used)
        return NULL;
    reserve.used += bytes;
    return reserve.block + reserve.used - bytes;
}

static void *json_memory_ask(size_t bytes)
{
    void *p = inner(bytes);
    if (p) return p;
    lost = true;
    return json_memory_take(bytes);
}

static void json_memory_release(void *p)
{
    bool ours = reserve.block && (uintptr_t)p >= (uintptr_t)reserve.block &&
        (uintptr_t)p < (uintptr_t)(reserve.block + reserve.size);
    if (!ours) inner_free(p);
}

static void json_memory_begin(void)
{
    json_get_alloc_funcs(&inner, &inner_free);
    json_set_alloc_funcs(json_memory_ask, json_memory_release);
}

static void stand_between(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, json_memory_begin);
}

void json_memory_watch(void)
{
    stand_between();
    lost = false;
}

/* As jansson: the code follows the text. */
static json_t *no_memory(json_error_t *error)
{
    lost = true;
    if (!error) return NULL;
    snprintf(error->text, sizeof error->text, "out of memory");
    error->text[sizeof error->text - 1] = json_error_out_of_memory;
    return NULL;
}

/* Line of the first bracket beyond JSON_DEPTH, or 0. */
static int too_deep(const char *text, size_t size)
{
    int depth = 0, line = 1;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        const char c = text[i];
        line += c == '\n';
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[') && ++depth > JSON_DEPTH)
            return line;
        else if (!quoted && (c == '}' || c == ']'))
            depth--;
    }
    return 0;
}

json_t *json_memory_load(const char *text, size_t size, size_t flags, json_error_t *error)
{
    if (error) *error = (json_error_t){.line = -1};
    stand_between();
    if (size > (SIZE_MAX - RESERVE) / PER_BYTE) return no_memory(error);
    const int deep = too_deep(text, size);
    if (deep) {
        if (error) *error = (json_error_t){.line = deep, .text = "brackets nest too deeply"};
        return NULL;
    }
    reserve.size = size * PER_BYTE + RESERVE;
    reserve.used = 0;
    reserve.block = mem_alloc(reserve.size);
    if (!reserve.block) return no_memory(error);
    json_t *json = json_loadb(text, size, flags, error);
    if (reserve.used) {
        json_decref(json);
        json = no_memory(error);
    }
    mem_free(reserve.block);
    reserve.block = NULL;
    return json;
}

char *json_text(const json_t *json, size_t flags)
{
    const size_t size = json ? json_dumpb(json, NULL, 0, flags) : 0;
    char *text = size ? mem_alloc(size + 1) : NULL; /* zeroed */
    if (!text || json_dumpb(json, text, size, flags) == size) return text;
    mem_free(text);
    return NULL;
}

bool json_memory_lost(void) { return lost; }
