/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of labels against arrays of bools. */
#include "base/class_set.h"

#include "base/rng.h"
#include "unit/dataset/dataset_test.h"

static void sets_are_what_was_added(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    for (int round = 0; round < 20; round++) {
        struct class_set s = {{0}}, t = {{0}};
        bool in[256] = {false};
        for (int k = 0; k < 3 * round; k++) {
            int label = (int)rng_below(&r, 256);
            class_set_add(&s, label);
            in[label] = true;
        }
        int count = 0;
        for (int label = 255; label >= 0; label--) {
            count += in[label];
            assert_int_equal(class_set_has(s, label), in[label]);
            assert_false(in[label] && class_set_equal(s, t));
            if (in[label]) class_set_add(&t, label);
        }
        assert_int_equal(class_set_count(s), count);
        assert_true(class_set_equal(s, t));
    }
}

static void a_set_of_one(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            assert_int_equal(class_set_has(class_set_of(a), b), a == b);
            assert_int_equal(class_set_equal(class_set_of(a), class_set_of(b)), a == b);
        }
    assert_true(class_set_equal(class_set_bits(UINT64_C(1) << 63), class_set_of(63)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_what_was_added),
        cmocka_unit_test(a_set_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
