/* SPDX-License-Identifier: Apache-2.0 */
#include "device/device_auto.h"

#include <math.h>
#include <string.h>

#include "attunet.h"
#include "base/clock.h"
#include "base/cpu.h"
#include "base/mem.h"
#include "base/pool.h"
#include "device/device_cache.h"
#include "device/device_kernels.h"
#include "files/hash.h"

/* ---- times that are kept: what was measured, as text with its 0 byte, then the times */

/* A new string, or NULL. */
static char *times_of(const struct device_facts *f, int threads)
{
    struct err ignored = {.status = ATT_OK};
    const struct kernels *k;
    char cpu[CPU_NAME];
    if (kernels_choose(NULL, &k, &ignored) != ATT_OK) return NULL;
    return mem_text("attunet %s; %s; %s; %s; %s; %d threads", ATT_VERSION, f->name, f->driver,
        cpu_name(cpu), k->set->name, threads);
}

static char *times_path(const char *of)
{
    return of ? device_cache_path(hash_bytes(of, strlen(of))) : NULL;
}

static bool times_read(const char *path, const char *of, struct device_times *t)
{
    char *data;
    size_t bytes;
    if (!device_cache_read(path, &data, &bytes)) return false;
    const size_t n = strlen(of) + 1;
    const bool same = bytes == n + sizeof *t && memcmp(data, of, n) == 0;
    if (same) memcpy(t, data + n, sizeof *t);
    mem_free(data);
    return same;
}

bool device_times_kept(const struct device_facts *f, int threads, struct device_times *t)
{
    char *of = times_of(f, threads), *path = times_path(of);
    const bool kept = times_read(path, of, t);
    mem_free(path);
    mem_free(of);
    return kept;
}

static void times_keep(const struct device_facts *f, int threads, const struct device_times *t)
{
    char *of = times_of(f, threads), *path = times_path(of);
    const size_t n = path ? strlen(of) + 1 : 0;
    char *data = path ? mem_alloc(n + sizeof *t) : NULL;
    if (data) {
        memcpy(data, of, n);
        memcpy(data + n, t, sizeof *t);
        device_cache_write(path, data, n + sizeof *t);
    }
    mem_free(data);
    mem_free(path);
    mem_free(of);
}

/* ---- measuring */

static bool auto_convolve(const struct kernels *k, const struct conv *c, struct pool *pool)
{
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++) {
        const struct conv_impl *impl = kernels_conv(k, slot, c, NULL);
        struct buffer workspace;
        if (!buffer_create(&workspace, k->memory, impl->workspace(c, pool_threads(pool)) + 1, 1))
            return false;
        impl->run(c, workspace.p, pool);
        buffer_destroy(&workspace);
    }
    return true;
}

/* Seconds: of three times the shortest, or one that is long enough to be exact, after one that
 * builds programs and fetches memory. Infinity: it failed. */
static double auto_time(const struct kernels *k, struct pool *pool)
{
    enum { TIMES = 3 };
    static const double enough = 0.1; /* seconds */
    struct err ignored = {.status = ATT_OK};
    struct conv c = {.kernel = {3, 3, 3}, .stride = {1, 1, 1}, .pad = {1, 1, 1}, .nx = 1};
    struct buffer x, y, w;
    double best = INFINITY;
    c.x[0] = c.y = (struct tensor){NULL, {1, 32, 8, 32, 32}, LANES, false};
    bool good = buffer_create(&x, k->memory, tensor_bytes(&c.y), 1);
    good = buffer_create(&y, k->memory, tensor_bytes(&c.y), 1) && good;
    good = buffer_create(&w, k->memory, conv_weights(&c), sizeof(real)) && good;
    c.x[0].p = x.p;
    c.y.p = y.p;
    c.w = w.p;
    for (int i = 0; i <= TIMES && good && (i < 2 || best < enough); i++) {
        const double start = clock_now();
        good = auto_convolve(k, &c, pool) &&
            (!k->memory->check || k->memory->check(&ignored) == ATT_OK);
        if (i) best = fmin(best, clock_now() - start);
    }
    buffer_destroy(&x);
    buffer_destroy(&y);
    buffer_destroy(&w);
    return good ? best : INFINITY;
}

static att_status auto_measure(
    struct host *host, const struct device_facts *f, struct device_times *t, struct err *e)
{
    TRY(device_open(0, e));
    t->device = auto_time(device_kernels(), host->pool);
    TRY(device_check(e));
    t->host = auto_time(host->kernels, host->pool);
    if (!isfinite(t->device) || !isfinite(t->host))
        return err_memory(e, 1 << 20, "a convolution to measure");
    times_keep(f, pool_threads(host->pool), t);
    return ATT_OK;
}

/* ATT_USAGE: no GPU. */
static att_status auto_look(
    struct host *host, struct device_facts *f, struct device_times *t, bool *kept, struct err *e)
{
    int count;
    TRY(device_list(f, 1, &count, e));
    if (count == 0 || !f->gpu) return err_usage(e, "OpenCL finds no GPU");
    *kept = device_times_kept(f, pool_threads(host->pool), t);
    return *kept ? ATT_OK : auto_measure(host, f, t, e);
}

void device_auto(struct host *host)
{
    struct err e = {.status = ATT_OK};
    struct device_facts f;
    struct device_times t;
    bool kept = false;
    att_status status = auto_look(host, &f, &t, &kept, &e);
    const bool faster = status == ATT_OK && t.device < t.host;
    if (faster) status = device_open(0, &e);
    if (status != ATT_OK) {
        host_say(host, LOG_INFO, "`device` auto: cpu, because %s", e.text);
        return;
    }
    if (faster) host->kernels = device_kernels();
    host_say(host, LOG_INFO,
        "`device` auto: %s; a convolution takes %.3g ms on '%s' and %.3g ms on the processor "
        "(measured %s)",
        faster ? "gpu" : "cpu", t.device * 1e3, f.name, t.host * 1e3, kept ? "before" : "now");
}
