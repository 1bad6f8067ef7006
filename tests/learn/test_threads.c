/* SPDX-License-Identifier: Apache-2.0 */
/* However many threads share the work: the same weights and the same moments, to the bit. */
#include "unit/train/train_test.h"

static int made; /* a new folder for every run */

static void same_on_any_number(const char *data, int isa, const char *const *words)
{
    char one[32], more[32];
    snprintf(one, sizeof one, "run%d", made++);
    whole_run((struct how){1, isa}, data, one, words);
    for (int threads = 2; threads <= 3; threads++) {
        snprintf(more, sizeof more, "run%d", made++);
        whole_run((struct how){threads, isa}, data, more, words);
        assert_same_run(one, more);
    }
}
#define SAME(data, isa, ...) same_on_any_number(data, isa, (const char *const[]){__VA_ARGS__, NULL})

/* Each with its own way to cut the work: both gates, both norms, the losses that cut their own
 * work, a batch that threads do not divide. */
static void slices(void **state)
{
    (void)state;
    put_boxes("slices", 3, 1, 40, 50);
    for (int isa = ISA_REF; isa <= kernels_best(); isa++)
        SAME("slices", isa, "steps=4", "patch=32x24", "batch=3",
            "spec=widths=8,20 gated=all gate=same gate_norm=batch", "loss=dice(batch=yes)+ce");
    SAME("slices", kernels_best(), "steps=3", "patch=24x24", "batch=2", "optimiser=sgd", "clip=0.1",
        "spec=widths=6,8,18,8 gate=grid heads=side norm=instance up=linear", "loss=ce",
        "class-weights=1,3");
    SAME("slices", kernels_best(), "steps=3", "patch=24x24", "batch=3", "spec=widths=6,8",
        "loss=dice+topk+0.1*boundary+0.5*cldice");
}

static void volumes(void **state)
{
    (void)state;
    put_boxes("volumes", 2, 10, 18, 20);
    SAME("volumes", kernels_best(), "steps=3", "patch=12x16x20", "batch=2",
        "spec=widths=8,18 gated=all gates=multi");
    SAME("volumes", kernels_best(), "steps=3", "patch=8x16x16", "batch=3",
        "spec=widths=6,8,10 gate=grid classes=1", "loss=dice");
}

/* Another seed is another run: the comparison above would see a difference. */
static void another_seed_is_another_run(void **state)
{
    (void)state;
    const char *words[] = {"steps=2", "patch=24x24", "batch=2", "spec=widths=4,4", "seed=2", NULL};
    whole_run((struct how){1, ISA_REF}, "slices", "two", words);
    words[4] = "seed=3";
    whole_run((struct how){1, ISA_REF}, "slices", "three", words);
    assert_non_null(other_tensors("two/model.safetensors", "three/model.safetensors"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices),
        cmocka_unit_test(volumes),
        cmocka_unit_test(another_seed_is_another_run),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
