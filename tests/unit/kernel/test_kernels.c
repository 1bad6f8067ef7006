/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a kernel set. */
#include "unit/expect.h"

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "kernel/kernel.h"

static const char *chosen(const char *name)
{
    struct err e = {0};
    const struct kernels *k = NULL;
    assert_int_equal(kernels_choose(name, &k, &e), ATT_OK);
    return k->set->name;
}

static void test_choose(void **state)
{
    (void)state;
    struct err e = {0};
    const struct kernels *k;
    const char *best = kernels_for(kernels_best())->set->name;
    unsetenv("ATTUNET_ISA");
    assert_string_equal(chosen("ref"), "ref");
    assert_string_equal(chosen(NULL), best);
    setenv("ATTUNET_ISA", "ref", 1);
    assert_string_equal(chosen(NULL), "ref");
    assert_string_equal(chosen("auto"), "ref");
    setenv("ATTUNET_ISA", "auto", 1);
    assert_string_equal(chosen("auto"), best);
    setenv("ATTUNET_ISA", "sse9", 1);
    assert_int_equal(kernels_choose(NULL, &k, &e), ATT_USAGE);
    assert_string_equal(e.text, "ATTUNET_ISA 'sse9' is unknown: use ref, avx2, avx512 or auto");
    unsetenv("ATTUNET_ISA");
}

/* A set runs where the processor has all that it needs, whatever else it has. */
static void test_sets(void **state)
{
    (void)state;
    int runs = 0;
    assert_string_equal(kernels_for(ISA_REF)->set->name, "ref");
    for (const struct kernel_set *const *set = kernel_sets; *set; set++) {
        struct err e = {0};
        const struct kernels *k;
        const bool can = ((*set)->needs & cpu_features()) == (*set)->needs;
        assert_int_equal(kernels_choose((*set)->name, &k, &e), can ? ATT_OK : ATT_USAGE);
        if (can) {
            assert_ptr_equal(k, kernels_for(runs++));
            assert_ptr_equal(k->set, *set);
        } else
            assert_non_null(strstr(e.text, "is not supported by this processor: use ref"));
    }
    assert_int_equal(runs, kernels_best() + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choose), cmocka_unit_test(test_sets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
