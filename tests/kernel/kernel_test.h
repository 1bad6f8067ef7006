/* SPDX-License-Identifier: Apache-2.0 */
/* One harness for every kernel: what an ISA computes is held against ref, the bits of 1, 2 and 3
 * threads against each other, and the memory around every output and the pad lanes in it are looked
 * at.  Inputs are blocks of their exact size, between fences (fenced.h).
 *
 * With TEST_DEVICE the OpenCL device 0 stands in for the ISAs.  While a kernel runs, a job's blocks
 * are the device's memory, so it reads and writes nothing else. */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "base/pool.h"
#include "base/rng.h"
#include "device/device_kernels.h"
#include "fenced.h"
#include "kernel/kernel.h"

enum { MOST_THREADS = 3 };
static struct pool *test_pools[MOST_THREADS]; /* of 1 (none), 2 and 3 threads */

enum { GUARD = 64, MAX_OUT = 4, MAX_IN = 4, MAX_COEF = 6, MAX_BLOCKS = 64 };

struct output {
    real *p; /* what the kernel writes; GUARD values stand before and behind */
    real *start, *want,
        *first; /* what it holds before; what ref made of that; what one thread made of it */
    size_t n;
    bool tensor; /* of job.to; else plain numbers */
};

/* One call of one kernel. */
struct job {
    const char *name;
    void (*run)(const struct kernels *k, struct job *j, struct pool *pool);
    struct rng rng;
    struct tensor in[MAX_IN], to[MAX_OUT]; /* to[i].p is out[i].p where that is a tensor */
    real *coef[MAX_COEF];
    struct output out[MAX_OUT];
    int outs;
    double value;          /* what the kernel returned */
    double tolerance;      /* largest error as a part of the largest value */
    bool float_only;       /* its blocked tensors are never half */
    double half_tolerance; /* of bfloat16: where another order of sums may round another way */
    double floor;          /* errors below this do not count: rounding of terms that cancel */
    enum act act;
    bool per_image, add;
    int factor[3];
    struct resize how;
    struct loss_input loss;
    void *blocks[MAX_BLOCKS];
    size_t bytes[MAX_BLOCKS];
    int count;
    bool runs; /* on the device */
};

#ifdef TEST_DEVICE
enum { ON_DEVICE = 1 };
#else
enum { ON_DEVICE = 0 };
#endif

/* The sets that are held against ref, from 0 on; NULL: no more. */
static inline const struct kernels *tested_set(int i)
{
    if (ON_DEVICE) return i == 0 ? device_kernels() : NULL;
    return i < kernels_best() - ISA_REF ? kernels_for(ISA_REF + 1 + i) : NULL;
}
/* Those that must do what a caller of any of them relies on: ref, too. */
static inline const struct kernels *any_set(int i)
{
    if (ON_DEVICE) return tested_set(i);
    return i <= kernels_best() ? kernels_for(i) : NULL;
}

static inline void *job_block(struct job *j, size_t bytes)
{
    assert_true(j->count < MAX_BLOCKS);
    void *p = fenced_new(bytes ? bytes : 1);
    if (!p) fail_msg("no memory for the test");
    j->bytes[j->count] = bytes ? bytes : 1;
    if (j->runs) assert_true(device_adopt(p, j->bytes[j->count]));
    j->blocks[j->count++] = p;
    return p;
}

/* Around calls of kernels: in between, blocks are the memory of `k`. */
static inline void job_enter(struct job *j, const struct kernels *k)
{
    j->runs = k->memory != &memory_host;
    for (int i = 0; j->runs && i < j->count; i++)
        assert_true(device_adopt(j->blocks[i], j->bytes[i]));
}

static inline void job_leave(struct job *j)
{
    struct err e = {.status = ATT_OK};
    for (int i = 0; j->runs && i < j->count; i++) device_release(j->blocks[i]);
    if (j->runs && device_check(&e) != ATT_OK) fail_msg("%s: %s", j->name, e.text);
    j->runs = false;
}

/* A number in a block of its own, while a kernel runs; and what a block holds then. */
static inline real *job_number(struct job *j, const struct kernels *k, real value)
{
    real *p = job_block(j, sizeof *p);
    k->memory->upload(p, &value, sizeof value);
    return p;
}
static inline double job_read(const struct kernels *k, const real *p)
{
    real value;
    k->memory->download(p, &value, sizeof value);
    return (double)value;
}

/* Sums as the kernels of `k` keep them (device/launch.h): to and from a block. */
static inline void job_load(const struct kernels *k, double *to, const double *from, size_t n)
{
    double *own = malloc(n * sizeof *own);
    memcpy(own, from, n * sizeof *own);
    if (k->memory != &memory_host) wide_pack(own, n);
    k->memory->upload(to, own, n * sizeof *own);
    free(own);
}
static inline void job_store(const struct kernels *k, const double *from, double *to, size_t n)
{
    k->memory->download(from, to, n * sizeof *to);
    if (k->memory != &memory_host) wide_unpack(to, n);
}

/* Frees the blocks that are there beyond the first `keep`. */
static inline void job_drop(struct job *j, int keep)
{
    while (j->count > keep) {
        j->count--;
        fenced_free(j->blocks[j->count], j->bytes[j->count]);
    }
}

static inline void job_end(struct job *j) { job_drop(j, 0); }

/* Runs it; its own blocks are freed. */
static inline void job_call(struct job *j, const struct kernels *k, struct pool *pool)
{
    const int before = j->count;
    job_enter(j, k);
    j->run(k, j, pool);
    job_leave(j);
    job_drop(j, before);
}

static inline struct job job_new(const char *name, uint32_t number)
{
    struct job j = {.name = name, .rng = rng_stream(7, RNG_TEST, number, 0), .tolerance = 2e-6};
    return j;
}

static inline real *job_numbers(struct job *j, size_t n, double lo, double hi)
{
    real *p = job_block(j, n * sizeof *p);
    for (size_t i = 0; i < n; i++) p[i] = (real)rng_range(&j->rng, lo, hi);
    return p;
}

static inline void clear_pads(const struct tensor *t)
{
    size_t pixels = shape_pixels(t->s);
    for (int n = 0; n < t->s.n; n++)
        for (int c = t->s.c; c < tensor_padded(t); c++)
            for (size_t i = 0; i < pixels; i++) tensor_channel(t, n, c)[i * (size_t)t->lanes] = 0;
}

static inline struct tensor job_tensor(
    struct job *j, struct shape s, int lanes, double lo, double hi)
{
    struct tensor t = {NULL, s, lanes, false};
    t.p = job_numbers(j, tensor_size(&t), lo, hi);
    clear_pads(&t);
    return t;
}

static inline void guard(real *p, size_t n)
{
    memset(p - GUARD, 0x5a, GUARD * sizeof *p);
    memset(p + n, 0x5a, GUARD * sizeof *p);
}

/* An output of n numbers, random before the call. */
static inline real *job_out(struct job *j, size_t n)
{
    assert_true(j->outs < MAX_OUT);
    struct output *o = &j->out[j->outs++];
    o->p = (real *)job_block(j, (n + 2 * GUARD) * sizeof *o->p) + GUARD;
    o->start = job_numbers(j, n, -1, 1);
    o->want = job_block(j, n * sizeof *o->want);
    o->first = job_block(j, n * sizeof *o->first);
    o->n = n;
    return o->p;
}

static inline void job_out_tensor(struct job *j, struct shape s, int lanes)
{
    int i = j->outs;
    struct tensor t = {NULL, s, lanes, false};
    t.p = job_out(j, tensor_size(&t));
    j->to[i] = t;
    j->out[i].tensor = true;
    t.p = j->out[i].start;
    if (j->add) clear_pads(&t); /* written outputs may hold anything there before */
}

static inline void job_start(struct job *j)
{
    for (int i = 0; i < j->outs; i++) {
        memcpy(j->out[i].p, j->out[i].start, j->out[i].n * sizeof(real));
        guard(j->out[i].p, j->out[i].n);
    }
}

static inline void check_guards(const struct job *j, const struct output *o, const char *isa)
{
    real pattern[GUARD];
    memset(pattern, 0x5a, sizeof pattern);
    if (memcmp(o->p - GUARD, pattern, sizeof pattern) ||
        memcmp(o->p + o->n, pattern, sizeof pattern))
        fail_msg("%s (%s) wrote outside of its output", j->name, isa);
}

static inline void check_pads(const struct job *j, const struct output *o, const char *isa)
{
    if (!o->tensor) return;
    const struct tensor *t = &j->to[o - j->out];
    for (int n = 0; n < t->s.n; n++)
        for (int c = t->s.c; c < tensor_padded(t); c++)
            for (size_t i = 0; i < shape_pixels(t->s); i++)
                if (tensor_channel(t, n, c)[i * (size_t)t->lanes] != 0)
                    fail_msg("%s (%s) left a pad lane not zero", j->name, isa);
}

static inline bool is_close(double got, double want, double bound)
{
    return got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= bound;
}

static inline void check_values(const struct job *j, const struct output *o, const char *isa)
{
    double size = 0;
    for (size_t i = 0; i < o->n; i++)
        if (isfinite(o->want[i]) && fabs((double)o->want[i]) > size)
            size = fabs((double)o->want[i]);
    for (size_t i = 0; i < o->n; i++)
        if (!is_close((double)o->p[i], (double)o->want[i], j->tolerance * size + j->floor)) {
            struct shape s = j->in[0].s;
            fail_msg("%s (%s), input %d %d %d %d %d lanes %d, output %d: [%zu] is %.9g, ref has "
                     "%.9g (largest %.3g)",
                j->name, isa, s.n, s.c, s.d, s.h, s.w, j->in[0].lanes, (int)(o - j->out), i,
                (double)o->p[i], (double)o->want[i], size);
        }
}

static inline void job_with_isa(struct job *j, const struct kernels *k, double value)
{
    double first = 0;
    for (int threads = 1; threads <= (ON_DEVICE ? 2 : MOST_THREADS); threads++) {
        job_start(j);
        j->value = 0;
        job_call(j, k, test_pools[threads - 1]);
        if (threads == 1) first = j->value;
        if (memcmp(&first, &j->value, sizeof first))
            fail_msg("%s (%s): another value with %d threads", j->name, k->set->name, threads);
        if (!is_close(j->value, value, j->tolerance * fabs(value) + j->floor))
            fail_msg("%s (%s): value %.12g, ref has %.12g", j->name, k->set->name, j->value, value);
        for (int i = 0; i < j->outs; i++) {
            struct output *o = &j->out[i];
            check_guards(j, o, k->set->name);
            if (threads == 1) {
                check_pads(j, o, k->set->name);
                check_values(j, o, k->set->name);
                memcpy(o->first, o->p, o->n * sizeof(real));
            } else if (memcmp(o->first, o->p, o->n * sizeof(real)))
                fail_msg("%s (%s): other bits with %d threads", j->name, k->set->name, threads);
        }
    }
}

/* ---- bfloat16: what a kernel makes of tensors stored so is what it makes of the same numbers in
 * float, rounded once */

enum { HALF_GUARD = 64, HALF_MARK = 0x5a5a };

/* `half` and this memory in place of t->p, with the same numbers; guards stand around it. */
static inline void half_of(struct job *j, struct tensor *t)
{
    const real *from = t->p;
    size_t n = tensor_size(t);
    uint16_t *p = (uint16_t *)job_block(j, (n + 2 * HALF_GUARD) * sizeof *p) + HALF_GUARD;
    for (size_t i = 0; i < HALF_GUARD; i++) p[(ptrdiff_t)i - HALF_GUARD] = p[n + i] = HALF_MARK;
    for (size_t i = 0; i < n; i++) p[i] = half_round(from[i]);
    t->p = (real *)(void *)p;
    t->half = true;
}

static inline bool is_blocked(const struct tensor *t) { return t->p && t->lanes == LANES; }

static inline void round_all(real *p, size_t n)
{
    for (size_t i = 0; i < n; i++) p[i] = half_read(half_round(p[i]));
}

/* Two tensors of a job may be the same memory: they are here, too. */
static inline void halve_tensors(struct job *j, const struct job *whole)
{
    for (int i = 0; i < MAX_IN; i++)
        if (is_blocked(&j->in[i])) half_of(j, &j->in[i]);
    for (int i = 0; i < j->outs; i++) {
        if (!j->out[i].tensor || !is_blocked(&j->to[i])) continue;
        half_of(j, &j->to[i]);
        for (int k = 0; k < MAX_IN; k++)
            if (whole->in[k].p == whole->to[i].p) j->in[k] = j->to[i];
    }
}

static inline void check_half(
    const struct job *j, const struct tensor *t, const real *want, const char *isa)
{
    const uint16_t *p = (const uint16_t *)(const void *)t->p;
    size_t n = tensor_size(t);
    for (size_t i = 0; i < HALF_GUARD; i++)
        if (p[(ptrdiff_t)i - HALF_GUARD] != HALF_MARK || p[n + i] != HALF_MARK)
            fail_msg("%s (%s) wrote outside of its half output", j->name, isa);
    for (size_t i = 0; i < n; i++) {
        double got = (double)half_read(p[i]), near = j->half_tolerance * fabs((double)want[i]);
        if (p[i] != half_round(want[i]) && !(near > 0 && fabs(got - (double)want[i]) <= near))
            fail_msg("%s (%s), half: [%zu] is %.9g, should be %.9g rounded", j->name, isa, i, got,
                (double)want[i]);
    }
}

static inline void job_with_half(struct job *j, const struct kernels *k)
{
    struct job half;
    job_start(j);
    j->value = 0;
    job_call(j, k, NULL);
    for (int i = 0; i < j->outs; i++)
        memcpy(j->out[i].want, j->out[i].p, j->out[i].n * sizeof(real));
    for (int threads = 1; threads <= (ON_DEVICE ? 1 : MOST_THREADS); threads += 2) {
        job_start(j);
        half = *j;
        half.value = 0;
        halve_tensors(&half, j);
        job_call(&half, k, test_pools[threads - 1]);
        if (memcmp(&half.value, &j->value, sizeof j->value))
            fail_msg("%s (%s), half: another value", j->name, k->set->name);
        for (int i = 0; i < j->outs; i++) {
            const struct output *o = &j->out[i];
            if (o->tensor && is_blocked(&j->to[i]))
                check_half(j, &half.to[i], o->want, k->set->name);
            else if (memcmp(o->p, o->want, o->n * sizeof(real)))
                fail_msg("%s (%s), half: output %d has other bits", j->name, k->set->name, i);
        }
        job_drop(&half, j->count);
    }
}

static inline void job_check_half(struct job *j)
{
    bool any = false;
    if (j->float_only) return;
    for (int i = 0; i < MAX_IN; i++) {
        any = any || is_blocked(&j->in[i]);
        if (is_blocked(&j->in[i])) round_all(j->in[i].p, tensor_size(&j->in[i]));
    }
    for (int i = 0; i < j->outs; i++)
        if (j->out[i].tensor && is_blocked(&j->to[i])) round_all(j->out[i].start, j->out[i].n);
    for (int i = 0; any && any_set(i); i++) job_with_half(j, any_set(i));
}

/* Runs the job with ref and with every better ISA of this machine, the same with bfloat16 where it
 * has blocked tensors, and frees it. */
static inline void job_check(struct job *j)
{
    job_start(j);
    j->value = 0;
    job_call(j, kernels_for(ISA_REF), NULL);
    double value = j->value;
    for (int i = 0; i < j->outs; i++) {
        check_guards(j, &j->out[i], "ref");
        check_pads(j, &j->out[i], "ref");
        memcpy(j->out[i].want, j->out[i].p, j->out[i].n * sizeof(real));
    }
    for (int i = 0; tested_set(i); i++) job_with_isa(j, tested_set(i), value);
    job_check_half(j);
    job_end(j);
}

/* Group setup and teardown; says what this machine cannot test. */
static inline int kernels_begin(void **state)
{
    struct err e = {.status = ATT_OK};
    (void)state;
    if (ON_DEVICE && device_open(0, &e) != ATT_OK) {
        printf("SKIPPED: %s\n", e.text);
        exit(77);
    }
    for (int i = 1; i < MOST_THREADS; i++) test_pools[i] = pool_create(i + 1);
    for (const struct kernel_set *const *set = kernel_sets; *set && !ON_DEVICE; set++)
        if ((*set)->needs & ~cpu_features())
            printf("SKIPPED: this machine has no %s, its kernels are not tested\n", (*set)->name);
    return 0;
}

static inline int kernels_end(void **state)
{
    (void)state;
    for (int i = 1; i < MOST_THREADS; i++) pool_destroy(test_pools[i]);
    return 0;
}

#endif
