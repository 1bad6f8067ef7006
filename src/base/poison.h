/* SPDX-License-Identifier: Apache-2.0 */
/* AddressSanitizer's poison macros; empty without it. */
#pragma once

#ifdef ATT_SANITIZED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, bytes) ((void)(p), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(p, bytes) ((void)(p), (void)(bytes))
#endif
