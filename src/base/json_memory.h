/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that jansson asks for in vain.  Most of its functions, and of their callers, pass over
 * that: a member is missing then, or a letter of a text.  So it is remembered per thread: from
 * there on no file is completed (file_commit), and the call ends with ATT_MEMORY. */
#ifndef BASE_JSON_MEMORY_H
#define BASE_JSON_MEMORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

void json_memory_watch(void); /* from now on, on this thread: nothing is lost yet */
bool json_memory_lost(void);

/* json_loadb, which of jansson must not be called itself: where its buffer for a word cannot grow,
 * it leaves letters out and, if the closing quote is among them, reads and writes on behind it.
 * Here such a buffer grows into a reserve, and the text counts as not read: NULL,
 * json_error_out_of_memory.  Brackets that nest deeper than JSON_DEPTH are no JSON here: to copy
 * and to write what jansson itself allows takes more of the stack than a thread of the caller may
 * have.  `error` may be NULL. */
enum { JSON_DEPTH = 64 };
json_t *json_memory_load(const char *text, size_t size, size_t flags, json_error_t *error);

/* What json_dumps gives, but to be freed by mem_free: what jansson has its memory from is the
 * program's to say. NULL: `json` is NULL, or memory is short. */
char *json_text(const json_t *json, size_t flags);

#endif
