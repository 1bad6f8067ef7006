/* SPDX-License-Identifier: Apache-2.0 */
/* One harness for every kernel: what an ISA computes is held against ref, the bits of 1, 2 and 3 threads against each other, and the memory
 * around every output and the pad lanes in it are looked at.  Inputs are blocks of their exact size, for the address sanitizer. */
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

#include "base/pool.h"
#include "base/rng.h"
#include "kernel/kernel.h"

enum { MOST_THREADS = 3 };
static struct pool *test_pools[MOST_THREADS]; /* of 1 (none), 2 and 3 threads */

enum { GUARD = 64, MAX_OUT = 4, MAX_IN = 4, MAX_COEF = 6, MAX_BLOCKS = 64 };

struct output {
    real *p;                    /* what the kernel writes; GUARD values stand before and behind */
    real *start, *want, *first; /* what it holds before; what ref made of that; what one thread made of it */
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
    double value;     /* what the kernel returned */
    double tolerance; /* largest error as a part of the largest value */
    double floor;     /* errors below this do not count: rounding of terms that cancel */
    enum act act;
    bool per_image, add;
    int factor[3];
    struct resize how;
    struct loss_input loss;
    void *blocks[MAX_BLOCKS];
    int count;
};

static inline void *job_block(struct job *j, size_t bytes)
{
    assert_true(j->count < MAX_BLOCKS);
    void *p = NULL;
    if (posix_memalign(&p, 64, bytes ? bytes : 1)) fail_msg("no memory for the test");
    j->blocks[j->count++] = p;
    return p;
}

static inline void job_end(struct job *j)
{
    for (int i = 0; i < j->count; i++) free(j->blocks[i]);
    j->count = 0;
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

static inline struct tensor job_tensor(struct job *j, struct shape s, int lanes, double lo, double hi)
{
    struct tensor t = {NULL, s, lanes};
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
    struct tensor t = {NULL, s, lanes};
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
    if (memcmp(o->p - GUARD, pattern, sizeof pattern) || memcmp(o->p + o->n, pattern, sizeof pattern))
        fail_msg("%s (%s) wrote outside of its output", j->name, isa);
}

static inline void check_pads(const struct job *j, const struct output *o, const char *isa)
{
    if (!o->tensor) return;
    const struct tensor *t = &j->to[o - j->out];
    for (int n = 0; n < t->s.n; n++)
        for (int c = t->s.c; c < tensor_padded(t); c++)
            for (size_t i = 0; i < shape_pixels(t->s); i++)
                if (tensor_channel(t, n, c)[i * (size_t)t->lanes] != 0) fail_msg("%s (%s) left a pad lane not zero", j->name, isa);
}

static inline bool is_close(double got, double want, double bound)
{
    return got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= bound;
}

static inline void check_values(const struct job *j, const struct output *o, const char *isa)
{
    double size = 0;
    for (size_t i = 0; i < o->n; i++)
        if (isfinite(o->want[i]) && fabs((double)o->want[i]) > size) size = fabs((double)o->want[i]);
    for (size_t i = 0; i < o->n; i++)
        if (!is_close((double)o->p[i], (double)o->want[i], j->tolerance * size + j->floor)) {
            struct shape s = j->in[0].s;
            fail_msg("%s (%s), input %d %d %d %d %d lanes %d, output %d: [%zu] is %.9g, ref has %.9g (largest %.3g)", j->name, isa, s.n,
                     s.c, s.d, s.h, s.w, j->in[0].lanes, (int)(o - j->out), i, (double)o->p[i], (double)o->want[i], size);
        }
}

static inline void job_with_isa(struct job *j, const struct kernels *k, double value)
{
    double first = 0;
    for (int threads = 1; threads <= MOST_THREADS; threads++) {
        job_start(j);
        j->value = 0;
        j->run(k, j, test_pools[threads - 1]);
        if (threads == 1) first = j->value;
        if (memcmp(&first, &j->value, sizeof first)) fail_msg("%s (%s): another value with %d threads", j->name, isa_name(k->isa), threads);
        if (!is_close(j->value, value, j->tolerance * fabs(value) + j->floor))
            fail_msg("%s (%s): value %.12g, ref has %.12g", j->name, isa_name(k->isa), j->value, value);
        for (int i = 0; i < j->outs; i++) {
            struct output *o = &j->out[i];
            check_guards(j, o, isa_name(k->isa));
            if (threads == 1) {
                check_pads(j, o, isa_name(k->isa));
                check_values(j, o, isa_name(k->isa));
                memcpy(o->first, o->p, o->n * sizeof(real));
            } else if (memcmp(o->first, o->p, o->n * sizeof(real)))
                fail_msg("%s (%s): other bits with %d threads", j->name, isa_name(k->isa), threads);
        }
    }
}

/* Runs the job with ref and with every better ISA of this machine, and frees it. */
static inline void job_check(struct job *j)
{
    job_start(j);
    j->value = 0;
    j->run(kernels_for(ISA_REF), j, NULL);
    double value = j->value;
    for (int i = 0; i < j->outs; i++) {
        check_guards(j, &j->out[i], "ref");
        check_pads(j, &j->out[i], "ref");
        memcpy(j->out[i].want, j->out[i].p, j->out[i].n * sizeof(real));
    }
    for (enum isa isa = ISA_AVX2; isa <= cpu_best(); isa++) job_with_isa(j, kernels_for(isa), value);
    job_end(j);
}

/* Group setup and teardown; says what this machine cannot test. */
static inline int kernels_begin(void **state)
{
    (void)state;
    for (int i = 1; i < MOST_THREADS; i++) test_pools[i] = pool_create(i + 1);
    for (enum isa isa = ISA_AVX512; isa > cpu_best(); isa--)
        printf("SKIPPED: this machine has no %s, its kernels are not tested\n", isa_name(isa));
    return 0;
}

static inline int kernels_end(void **state)
{
    (void)state;
    for (int i = 1; i < MOST_THREADS; i++) pool_destroy(test_pools[i]);
    return 0;
}

#endif
