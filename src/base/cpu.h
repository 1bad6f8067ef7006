/* SPDX-License-Identifier: Apache-2.0 */
/* What this processor can do. */
#pragma once

#include <stdbool.h>

/* What kernels may need: bits of a set. */
enum cpu_feature {
    CPU_AVX2 = 1 << 0,
    CPU_FMA = 1 << 1,
    CPU_AVX512F = 1 << 2,
    CPU_AVX512DQ = 1 << 3,
    CPU_AVX512BW = 1 << 4,
    CPU_AVX512VL = 1 << 5,
    CPU_AVX512_VNNI = 1 << 6,
    CPU_AVX512_BF16 = 1 << 7
};

unsigned cpu_features(void);
/* Whether this process may use the matrix unit for bfloat16 (AMX). Asks the system for it, since
 * its registers enlarge every thread's saved state; call it only where they are wanted. */
bool cpu_matrix(void);
/* Whether the processor has one, allowed or not. */
bool cpu_has_matrix(void);
enum { CPU_NAME = 96 };
/* What the processor calls itself (/proc/cpuinfo), or the kind of machine. Returns `name`. */
const char *cpu_name(char name[CPU_NAME]);
/* Processors this process may use: affinity mask, cut by the cgroup's quota (v1 and v2), at
 * least 1. */
int cpu_count(void);
/* Processors the cgroup quota amounts to, rounded up; 0: no quota.  `groups` is /proc/self/cgroup,
 * `mount` /sys/fs/cgroup. */
int cpu_quota(const char *groups, const char *mount);
