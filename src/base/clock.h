/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that never jumps. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

double clock_now(void); /* in seconds, from any moment */

#endif
