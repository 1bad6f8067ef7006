/* SPDX-License-Identifier: Apache-2.0 */
/* What all who keep a limit on memory (--max-memory) add to what they foresee, and how they name
 * the smallest limit that would do. */
#ifndef BASE_LIMIT_H
#define BASE_LIMIT_H

/* Bytes that nobody counts: code, stacks, the heap's own lists and gaps; beside the buffers of
 * files and the tables of a prediction; and what another start of the same command may hold more
 * before it counts. */
enum { LIMIT_UNCOUNTED = 8 << 20, LIMIT_PREDICTING = 12 << 20, LIMIT_NAMED_MORE = 2 << 20 };

enum { LIMIT_TEXT = 40 };
/* "`max-memory` 34MiB" for a process that would hold so many bytes at most, uncounted ones among
 * them. Returns `text`. */
const char *limit_text(double bytes, char text[LIMIT_TEXT]);

#endif
