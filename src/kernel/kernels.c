/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel sets, and the choice of a convolution (kernel.h). */
#include "kernel/kernel.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "kernel/kernel_fill.h"

const struct kernel_set *const kernel_sets[] = {
    &kernel_set_ref,
#if defined(ATT_HAS_avx2) && !defined(ATT_F64)
    &kernel_set_avx2,
#endif
#if defined(ATT_HAS_avx512) && !defined(ATT_F64)
    &kernel_set_avx512,
#endif
    NULL,
};
enum { SETS = sizeof kernel_sets / sizeof *kernel_sets - 1 };

/* Written once, before any reader. */
static struct kernels tables[SETS];
static int table_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool can_run(const struct kernel_set *set) { return !(set->needs & ~cpu_features()); }

/* Code that fills a table uses its instruction set, too. */
static void fill_all(void)
{
    for (int i = 0; i < SETS; i++) {
        if (!can_run(kernel_sets[i])) continue;
        struct kernels *k = &tables[table_count++];
        kernel_set_ref.fill(k);
        kernel_sets[i]->fill(k);
        k->set = kernel_sets[i];
    }
}

const struct kernels *kernels_for(int index)
{
    pthread_once(&once, fill_all);
    return &tables[index];
}

int kernels_best(void)
{
    pthread_once(&once, fill_all);
    return table_count - 1;
}

static const struct kernel_set *set_called(const char *name)
{
    for (int i = 0; i < SETS; i++)
        if (strcmp(kernel_sets[i]->name, name) == 0) return kernel_sets[i];
    return NULL;
}

/* "ref, avx2, avx512" */
static const char *list_sets(char text[128], bool all)
{
    size_t at = 0;
    for (int i = 0; i < SETS; i++)
        if (all || can_run(kernel_sets[i]))
            at +=
                (size_t)snprintf(text + at, 128 - at, "%s%s", at ? ", " : "", kernel_sets[i]->name);
    return text;
}

att_status kernels_choose(const char *name, const struct kernels **k, struct err *e)
{
    char text[128];
    const char *from = "instruction set";
    if (!name || strcmp(name, "auto") == 0) {
        name = getenv("ATTUNET_ISA");
        from = "ATTUNET_ISA";
    }
    *k = kernels_for(kernels_best());
    if (!name || !*name || strcmp(name, "auto") == 0) return ATT_OK;
    const struct kernel_set *set = set_called(name);
    if (!set)
        return err_usage(
            e, "%s '%s' is unknown: use %s or auto", from, name, list_sets(text, true));
    if (!can_run(set))
        return err_usage(e, "%s '%s' is not supported by this processor: use %s or auto", from,
            name, list_sets(text, false));
    while ((*k)->set != set) --*k;
    return ATT_OK;
}

bool kernels_has_conv(const struct kernels *k, const char *name)
{
    for (const struct conv_impl *const *i = k->conv[CONV_FORWARD]; *i; i++)
        if (strcmp((*i)->name, name) == 0) return true;
    return false;
}

bool kernels_has_matrix(const struct kernels *k)
{
    return (k->set->needs & CPU_AVX512F) && cpu_matrix();
}

const struct conv_impl *kernels_conv(
    const struct kernels *k, enum conv_slot slot, const struct conv *c, const char *name)
{
    const struct conv_impl *const *list = k->conv[slot];
    if (name)
        for (const struct conv_impl *const *i = list; *i; i++)
            if (strcmp((*i)->name, name) == 0 && (*i)->fits(c) &&
                (!(*i)->by_name || !(*i)->wins || (*i)->wins(c)))
                return *i;
    /* the last one, ref, fits everything */
    for (;; list++)
        if (!(*list)->by_name && (*list)->fits(c) && (!(*list)->wins || (*list)->wins(c)))
            return *list;
}
