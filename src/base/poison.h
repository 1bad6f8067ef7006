/* SPDX-License-Identifier: Apache-2.0 */
/* AddressSanitizer's poison macros; empty without it. */
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define POISON_MARKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON_MARKS 1
#endif
#endif
#ifdef POISON_MARKS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, bytes) ((void)(p), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(p, bytes) ((void)(p), (void)(bytes))
#endif
