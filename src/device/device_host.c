/* SPDX-License-Identifier: Apache-2.0 */
/* What the host computes from copies, with the plain kernels: the exact distances of the boundary
 * loss, the choice of the largest losses, and a few numbers per class of overlap losses. A launch
 * waits for each copy. `probabilities` works on the host's own memory. */

#include "base/mem.h"
#include "base/pool.h"
#include "device/device_kernels.h"
#include "device/device_state.h"
#include "kernel/loss.h"

static const struct kernels *host_kernels(void) { return kernels_for(kernels_best()); }

static void host_failed(void)
{
    struct device *d = device_lock();
    if (!d) return;
    device_fail(d, ATT_MEMORY, "the host has no memory for a copy", 0);
    device_unlock();
}

/* A copy in the host's memory; NULL: no memory, which the next check says. */
static void *host_copy(const void *from, size_t bytes)
{
    void *copy = mem_map(bytes);
    if (!copy)
        host_failed();
    else if (from)
        memory_device.download(from, copy, bytes);
    return copy;
}

static void host_return(void *to, void *copy, size_t bytes)
{
    if (to && copy) memory_device.upload(to, copy, bytes);
    mem_unmap(copy, bytes);
}

static void device_overlap_rule(const struct overlap_rule *r, struct shape s,
    struct overlap_sums *sums, double *slopes, real *loss)
{
    const size_t n = (size_t)s.n * (size_t)s.c, sums_bytes = n * sizeof *sums,
                 slopes_bytes = 2 * n * sizeof *slopes;
    real value = 0;
    struct overlap_sums *own_sums = host_copy(sums, sums_bytes);
    double *own_slopes = host_copy(NULL, slopes_bytes);
    if (own_sums && own_slopes) {
        wide_unpack(&own_sums->both, 3 * n);
        host_kernels()->overlap_rule(r, s, own_sums, own_slopes, &value);
        wide_pack(own_slopes, 2 * n);
        memory_device.upload(loss, &value, sizeof value);
    }
    host_return(NULL, own_sums, sums_bytes);
    host_return(slopes, own_slopes, slopes_bytes);
}

static void device_top_labels(
    const real *x, const uint8_t *label, size_t n, double percent, uint8_t fallback, uint8_t *out)
{
    real *own = host_copy(x, n * sizeof *x);
    uint8_t *own_label = host_copy(label, n), *own_out = host_copy(NULL, n);
    if (own && own_label && own_out)
        host_kernels()->top_labels(own, own_label, n, percent, fallback, own_out);
    host_return(NULL, own, n * sizeof *x);
    host_return(NULL, own_label, n);
    host_return(out, own_out, n);
}

static void device_boundary(const struct boundary *b, struct pool *pool)
{
    const size_t pixels = shape_pixels(b->in.logits.s) * (size_t)b->in.logits.s.n,
                 phi = tensor_bytes(&b->phi),
                 scratch = boundary_scratch(b->in.logits.s, pool_threads(pool));
    double below = 0;
    struct boundary own = *b;
    own.in.label = host_copy(b->in.label, pixels);
    own.phi.p = host_copy(NULL, phi);
    own.scratch = host_copy(NULL, scratch);
    own.below = &below;
    if (own.in.label && own.phi.p && own.scratch) {
        host_kernels()->boundary(&own, pool);
        wide_pack(&below, 1);
        memory_device.upload(b->below, &below, sizeof below);
    }
    host_return(NULL, (void *)(uintptr_t)own.in.label, pixels);
    host_return(b->phi.p, own.phi.p, phi);
    host_return(NULL, own.scratch, scratch);
}

void device_host_fill(struct kernels *k)
{
    k->overlap_rule = device_overlap_rule;
    k->top_labels = device_top_labels;
    k->boundary = device_boundary;
    k->probabilities = host_kernels()->probabilities;
}
