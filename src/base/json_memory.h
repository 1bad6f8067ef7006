/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that jansson asks for in vain.  Most of its functions, and of their callers, pass over that: a member is missing then, or a letter
 * of a text.  So it is remembered per thread: from there on no file is completed (file_commit), and the call ends with ATT_MEMORY. */
#ifndef BASE_JSON_MEMORY_H
#define BASE_JSON_MEMORY_H

#include <stdbool.h>

void json_memory_watch(void); /* from now on, on this thread: nothing is lost yet */
bool json_memory_lost(void);

#endif
