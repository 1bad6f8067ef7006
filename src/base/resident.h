/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory this process holds, as the system counts it, and may hold. */
#ifndef BASE_RESIDENT_H
#define BASE_RESIDENT_H

#include <stddef.h>

/* In bytes; 0 where the system does not say. Everything, libraries and mapped files among it: */
size_t resident_now(void);
size_t resident_peak(void); /* the most so far */
/* What the system cannot take back: anonymous and shared memory, and no pages of files, which go
 * when memory is needed. */
size_t resident_held(void);
/* All that the process may hold, in bytes: what the machine has, or what a control group allows
 * (cgroup.h); 0: not known. */
double resident_machine(void);
double resident_limit(const char *groups, const char *mount); /* the latter; 0: no limit */

enum { RESIDENT_TEXT = 32 };
/* "1.5 GiB". Returns `text`. */
const char *resident_text(double bytes, char text[RESIDENT_TEXT]);

#endif
