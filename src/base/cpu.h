/* SPDX-License-Identifier: Apache-2.0 */
/* What this processor can do. */
#ifndef BASE_CPU_H
#define BASE_CPU_H

#include "base/status.h"

enum isa { ISA_REF, ISA_AVX2, ISA_AVX512 };

enum isa cpu_best(void);            /* the best this machine has */
const char *isa_name(enum isa isa); /* "ref", "avx2", "avx512" */
/* `name` NULL or "auto": what the environment variable ATTUNET_ISA says.  Nothing, or "auto" there,
 * too: cpu_best().  An ISA that this machine lacks, or an unknown name, is ATT_USAGE. */
att_status cpu_choose(const char *name, enum isa *isa, struct err *e);
enum { CPU_NAME = 96 };
/* What the processor calls itself (/proc/cpuinfo), or the kind of machine. Returns `name`. */
const char *cpu_name(char name[CPU_NAME]);
/* Processors this process may use: affinity mask, cut by the cgroup's quota (v1 and v2), at
 * least 1. */
int cpu_count(void);
/* Processors the cgroup quota amounts to, rounded up; 0: no quota.  `groups` is /proc/self/cgroup,
 * `mount` /sys/fs/cgroup. */
int cpu_quota(const char *groups, const char *mount);

#endif
