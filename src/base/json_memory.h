/* SPDX-License-Identifier: Apache-2.0 */
/* Tracks failed allocations of jansson per thread, because most jansson calls ignore them and lose
 * members or letters. After one, file_commit fails and the call ends with ATT_MEMORY. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

void json_memory_watch(void); /* resets this thread */
bool json_memory_lost(void);

/* Use instead of json_loadb, which may read and write past its buffer when that cannot grow. Here
 * the buffer grows into a reserve and the load fails with json_error_out_of_memory. Nesting beyond
 * JSON_DEPTH is an error, to bound the stack of a caller's thread. `error` may be NULL. */
enum { JSON_DEPTH = 64 };
json_t *json_memory_load(const char *text, size_t size, size_t flags, json_error_t *error);

/* Like json_dumps, but for mem_free, since programs may set jansson's allocator. NULL: no `json` or
 * no memory. */
char *json_text(const json_t *json, size_t flags);
