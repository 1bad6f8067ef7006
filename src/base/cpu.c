/* SPDX-License-Identifier: Apache-2.0 */
/* What this processor can do, and how many of them this process may use (sched_setaffinity(2),
 * Linux cgroup v1 and v2 CPU bandwidth). */
#include "base/cpu.h"

#include <errno.h>
#if defined(ATT_X86)
#include <cpuid.h>
#endif
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "base/mem.h"

unsigned cpu_features(void)
{
    unsigned set = 0;
#if defined(ATT_X86)
    /* These also ask XCR0 whether the system saves the registers. */
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) set |= CPU_AVX2;
    if (__builtin_cpu_supports("fma")) set |= CPU_FMA;
    if (__builtin_cpu_supports("avx512f")) set |= CPU_AVX512F;
    if (__builtin_cpu_supports("avx512dq")) set |= CPU_AVX512DQ;
    if (__builtin_cpu_supports("avx512bw")) set |= CPU_AVX512BW;
    if (__builtin_cpu_supports("avx512vl")) set |= CPU_AVX512VL;
    if (__builtin_cpu_supports("avx512vnni")) set |= CPU_AVX512_VNNI;
    if (__builtin_cpu_supports("avx512bf16")) set |= CPU_AVX512_BF16;
#endif
    return set;
}

#if defined(ATT_X86)
static pthread_once_t matrix_once = PTHREAD_ONCE_INIT;
static bool matrix_allowed; /* written once, before any reader */

/* The processor has it, the system saves its registers, and lets this process use them
 * (arch_prctl(2), Linux 5.16). */
static void matrix_ask(void)
{
    enum { TILE_STATES = 3 << 17, TILE_DATA = 18, GET_PERMISSION = 0x1022, ASK_PERMISSION };
    unsigned state, high;
    unsigned long mask = 0;
    if (!cpu_has_matrix() || !(cpu_features() & CPU_AVX512_BF16)) return;
    __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
    if ((state & TILE_STATES) != TILE_STATES) return;
    if (syscall(SYS_arch_prctl, ASK_PERMISSION, TILE_DATA) != 0) return;
    matrix_allowed = syscall(SYS_arch_prctl, GET_PERMISSION, &mask) == 0 && (mask >> TILE_DATA & 1);
}
#endif

bool cpu_has_matrix(void)
{
#if defined(ATT_X86)
    enum { BF16_AND_TILES = 1 << 22 | 1 << 24, OSXSAVE = 1 << 27 };
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & OSXSAVE) &&
        __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & BF16_AND_TILES) == BF16_AND_TILES;
#else
    return false;
#endif
}

bool cpu_matrix(void)
{
#if defined(ATT_X86)
    pthread_once(&matrix_once, matrix_ask);
    return matrix_allowed;
#else
    return false;
#endif
}

/* Rounds up: 1.5 processors' worth of time keeps 2 threads busier than 1. */
static double whole_cpus(long long quota, long long period)
{
    if (quota <= 0 || period <= 0) return 0;
    const long long cpus = quota / period + (quota % period != 0);
    return cpus > 1 << 20 ? 1 << 20 : (double)cpus;
}

static double quota_v2(const char *folder)
{
    char text[128];
    long long quota, period;
    /* "max 100000" has no number in front: no limit. */
    if (!cgroup_read(folder, "cpu.max", text, sizeof text) ||
        sscanf(text, "%lld %lld", &quota, &period) != 2)
        return 0;
    return whole_cpus(quota, period);
}

static double quota_v1(const char *folder)
{
    char text[128];
    if (!cgroup_read(folder, "cpu.cfs_quota_us", text, sizeof text)) return 0;
    const long long quota = atoll(text); /* -1: no limit */
    return cgroup_read(folder, "cpu.cfs_period_us", text, sizeof text)
        ? whole_cpus(quota, atoll(text))
        : 0;
}

int cpu_quota(const char *groups, const char *mount)
{
    return (int)cgroup_min(groups, mount, "cpu", quota_v2, quota_v1);
}

/* The affinity mask, also on machines with more processors than cpu_set_t holds. */
static int affinity_count(void)
{
    for (size_t room = 1024; room <= (size_t)1 << 18; room *= 4) {
        cpu_set_t *set = mem_alloc(CPU_ALLOC_SIZE(room));
        if (!set) break;
        int ok = sched_getaffinity(0, CPU_ALLOC_SIZE(room), set) == 0;
        int error = errno;
        int count = ok ? CPU_COUNT_S(CPU_ALLOC_SIZE(room), set) : 0;
        mem_free(set);
        if (ok) return count;
        if (error != EINVAL) break;
    }
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int cpu_count(void)
{
    int count = affinity_count();
    int quota = cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup");
    if (quota > 0 && quota < count) count = quota;
    return count > 0 ? count : 1;
}

const char *cpu_name(char name[CPU_NAME])
{
    char line[512];
    struct utsname machine;
    FILE *f = fopen("/proc/cpuinfo", "re");
    *name = 0;
    while (f && !*name && fgets(line, sizeof line, f)) {
        const char *colon = strncmp(line, "model name", 10) == 0 ? strchr(line, ':') : NULL;
        if (colon)
            snprintf(name, CPU_NAME, "%.*s", (int)strcspn(colon + 1, "\n"),
                colon + 1 + (colon[1] == ' '));
    }
    if (f) fclose(f);
    name[strcspn(name, "\n")] = 0;
    if (!*name)
        snprintf(name, CPU_NAME, "%.64s", uname(&machine) == 0 ? machine.machine : "unknown");
    return name;
}
