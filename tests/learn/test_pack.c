/* SPDX-License-Identifier: Apache-2.0 */
/* A run on a packed data set ends with the bits of the run on its files, on any number of threads,
 * however it was packed. */
#include "unit/train/train_test.h"

#include "run/packing.h"

/* Packs with the options of `pack`; what was made. */
static int pack(const char *data, const char *folder, const char *const *words)
{
    struct watch w;
    struct options o;
    json_t *report;
    watch_new(&w);
    struct pool *pool = pool_create(2);
    w.host.pool = pool;
    w.host.kernels = kernels_for(kernels_best());
    struct train_context c = {.host = &w.host};
    OK(options_init(&o, test_rows(), option_table_rows, "pack", &e));
    for (; *words; words++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*words, "="), *words);
        OK(options_set(&o, name, strchr(*words, '=') + 1, &e));
    }
    OK(train_pack(&c, data, folder, &o, &report, &e));
    int made = (int)json_integer_value(json_object_get(report, "made"));
    json_decref(report);
    options_free(&o);
    pool_destroy(pool);
    return made;
}
#define PACK(data, folder, ...) pack(data, folder, (const char *const[]){__VA_ARGS__, NULL})

/* The thread sanitizer looks for races, which one thread and a comparison do not have. */
#ifdef __SANITIZE_THREAD__
enum { RACES = 1 };
#else
enum { RACES = 0 };
#endif

static int made; /* a new folder for every run */

static void same_runs(const char *data, const char *packed, const char *const *words)
{
    char plain[32], other[32];
    snprintf(plain, sizeof plain, "run%d", made++);
    if (!RACES) whole_run((struct how){1, kernels_best()}, data, plain, words);
    for (int threads = 1 + RACES; threads <= 2; threads++) {
        snprintf(other, sizeof other, "run%d", made++);
        whole_run((struct how){threads, kernels_best()}, packed, other, words);
        if (!RACES) assert_same_run(plain, other);
    }
}
#define SAME(data, packed, ...) same_runs(data, packed, (const char *const[]){__VA_ARGS__, NULL})

static void slices(void **state)
{
    (void)state;
    put_boxes("slices", 6, 1, 150, 140);
    assert_int_equal(PACK("slices", "packed", "compression=3", "speed=1"), 6);
    SAME("slices", "packed", "steps=5", "patch=32x24", "batch=3", "spec=widths=4,8", "augment=full",
        "elastic=0.5");
    SAME("slices", "packed", "steps=4", "patch=32x24", "batch=2", "spec=widths=4,8", "fold=1",
        "validate-every=2", "mirror=no");
}

static void volumes(void **state)
{
    (void)state;
    put_boxes("volumes", 3, 34, 40, 48);
    assert_int_equal(PACK("volumes", "plain", "compression=0", "normalise=ct", "speed=1"), 3);
    assert_int_equal(
        PACK("volumes", "tight", "compression=9", "normalise=minmax01", "shrink=1x2x2", "speed=1"),
        3);
    SAME("volumes", "plain", "steps=4", "patch=16x16x16", "batch=2", "spec=widths=4,6",
        "augment=full", "normalise=ct");
    SAME("volumes", "tight", "steps=4", "patch=16x16x16", "batch=2", "spec=widths=4,6",
        "normalise=minmax01", "shrink=1x2x2", "mirror=no");
}

/* Packed for one fold, with what its own cases give. */
static void a_fold(void **state)
{
    (void)state;
    assert_int_equal(PACK("slices", "fold", "fold=0", "normalise=ct", "speed=1"), 4);
    SAME("slices", "fold", "steps=3", "patch=32x24", "batch=2", "spec=widths=4,8", "fold=0",
        "normalise=ct", "mirror=no");
}

/* Stopped after a step, and gone on with. */
static void a_run_goes_on(void **state)
{
    (void)state;
    struct watch w;
    struct options o;
    const char *const words[] = {"steps=6", "patch=32x24", "batch=2", "spec=widths=4,8", NULL};
    whole_run((struct how){2, kernels_best()}, "packed", "whole", words);
    watch_new(&w);
    w.stop_what = "training";
    w.stop_at = 3;
    set_options(&o, words);
    REFUSED(start_run((struct how){2, kernels_best()}, &w, "packed", "stopped", &o, &e),
        ATT_INTERRUPTED, "stopped at step 3");
    options_free(&o);
    watch_new(&w);
    OK(resume_run((struct how){1, kernels_best()}, &w, "stopped", 0, &e));
    assert_same_run("whole", "stopped");
    assert_non_null(strstr(w.text, "patches ahead: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(slices), cmocka_unit_test(volumes),
        cmocka_unit_test(a_fold), cmocka_unit_test(a_run_goes_on)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
