/* SPDX-License-Identifier: Apache-2.0 */
/* The table of kernels per ISA, and the choice of a convolution (kernel.h). */
#include "kernel/kernel.h"

#include <pthread.h>
#include <string.h>

#include "base/cpu.h"
#include "kernel/kernel_fill.h"

#if defined(ATT_X86) && !defined(ATT_F64)
#define HAVE_FAST 1
#endif

static const struct conv_impl *const forward_ref[] = {&conv_ref_forward, NULL};
static const struct conv_impl *const backward_x_ref[] = {&conv_ref_backward_x, NULL};
static const struct conv_impl *const backward_w_ref[] = {&conv_ref_backward_w, NULL};

#ifdef HAVE_FAST
static const struct conv_impl *const forward_avx2[] = {&conv_winograd_forward_avx2,
    &conv_winograd_4x4_forward_avx2, &conv_direct_forward_avx2, &conv_ref_forward, NULL};
static const struct conv_impl *const backward_x_avx2[] = {&conv_winograd_backward_x_avx2,
    &conv_winograd_4x4_backward_x_avx2, &conv_direct_backward_x_avx2, &conv_ref_backward_x, NULL};
static const struct conv_impl *const backward_w_avx2[] = {&conv_winograd_backward_w_avx2,
    &conv_winograd_4x4_backward_w_avx2, &conv_direct_backward_w_avx2, &conv_ref_backward_w, NULL};
static const struct conv_impl *const forward_avx512[] = {&conv_winograd_forward_avx512,
    &conv_winograd_4x4_forward_avx512, &conv_direct_forward_avx512, &conv_ref_forward, NULL};
static const struct conv_impl *const backward_x_avx512[] = {&conv_winograd_backward_x_avx512,
    &conv_winograd_4x4_backward_x_avx512, &conv_direct_backward_x_avx512, &conv_ref_backward_x,
    NULL};
static const struct conv_impl *const backward_w_avx512[] = {&conv_winograd_backward_w_avx512,
    &conv_winograd_4x4_backward_w_avx512, &conv_direct_backward_w_avx512, &conv_ref_backward_w,
    NULL};
#endif

/* Written once, before anyone reads it. */
static struct kernels tables[ISA_AVX512 + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill_ref(struct kernels *k)
{
    kernels_fill_ref(k);
    k->conv[CONV_FORWARD] = forward_ref;
    k->conv[CONV_BACKWARD_X] = backward_x_ref;
    k->conv[CONV_BACKWARD_W] = backward_w_ref;
}

static void fill_all(void)
{
    for (enum isa isa = ISA_REF; isa <= ISA_AVX512; isa++) {
        tables[isa].isa = isa;
        tables[isa].memory = &memory_host;
        fill_ref(&tables[isa]);
    }
#ifdef HAVE_FAST
    /* What fills a table is compiled for its processors, too: elsewhere it stays plain, and nobody
     * chooses it. */
    const enum isa best = cpu_best();
    if (best >= ISA_AVX2) {
        kernels_fill_avx2(&tables[ISA_AVX2]);
        tables[ISA_AVX2].conv[CONV_FORWARD] = forward_avx2;
        tables[ISA_AVX2].conv[CONV_BACKWARD_X] = backward_x_avx2;
        tables[ISA_AVX2].conv[CONV_BACKWARD_W] = backward_w_avx2;
    }
    if (best >= ISA_AVX512) {
        kernels_fill_avx512(&tables[ISA_AVX512]);
        tables[ISA_AVX512].conv[CONV_FORWARD] = forward_avx512;
        tables[ISA_AVX512].conv[CONV_BACKWARD_X] = backward_x_avx512;
        tables[ISA_AVX512].conv[CONV_BACKWARD_W] = backward_w_avx512;
    }
#endif
}

const struct kernels *kernels_for(enum isa isa)
{
    pthread_once(&once, fill_all);
    return &tables[isa];
}

const struct conv_impl *kernels_conv(
    const struct kernels *k, enum conv_slot slot, const struct conv *c, const char *name)
{
    const struct conv_impl *const *list = k->conv[slot];
    if (name)
        for (const struct conv_impl *const *i = list; *i; i++)
            if (strcmp((*i)->name, name) == 0 && (*i)->fits(c)) return *i;
    for (;; list++)
        if ((*list)->fits(c) && (!(*list)->wins || (*list)->wins(c)))
            return *list; /* the last one, ref, fits everything */
}
