/* SPDX-License-Identifier: Apache-2.0 */
/* Stands between jansson and what it has its memory from, which stays as it is: a program that uses jansson, too, may free what was made
 * here. Called at the border of the library and where files are completed. */
#include "base/json_memory.h"

#include <jansson.h>
#include <pthread.h>

static json_malloc_t inner; /* set once, before `ask` is known to anyone */
static _Thread_local bool lost;

static void *ask(size_t bytes)
{
    void *p = inner(bytes);
    if (!p) lost = true;
    return p;
}

static void begin(void)
{
    json_free_t release;
    json_get_alloc_funcs(&inner, &release);
    json_set_alloc_funcs(ask, release);
}

void json_memory_watch(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
    lost = false;
}

bool json_memory_lost(void) { return lost; }
