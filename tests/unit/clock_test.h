/* SPDX-License-Identifier: Apache-2.0 */
/* A clock for tests of what goes by time: each look at it takes a tick, so that no result depends
 * on how fast or busy the machine is.  Include it in the test program; it stands in front of the
 * clock of the C library. */
#ifndef CLOCK_TEST_H
#define CLOCK_TEST_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_long clock_tick; /* nanoseconds; 0: the machine's clock */
static atomic_long clock_reading = 1000 * 1000000000L;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    const long tick = atomic_load(&clock_tick);
    if (!tick) return (int)syscall(SYS_clock_gettime, clock, now);
    const long at = atomic_fetch_add(&clock_reading, tick) + tick;
    *now = (struct timespec){at / 1000000000, at % 1000000000};
    return 0;
}

/* From now on each look takes so many microseconds. */
static inline void clock_ticks(long microseconds)
{
    atomic_store(&clock_tick, 1000 * microseconds);
}

#endif
