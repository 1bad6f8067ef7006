/* SPDX-License-Identifier: Apache-2.0 */
/* A monotonic clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

double clock_now(void); /* seconds from an arbitrary start */

#endif
