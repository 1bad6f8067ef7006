/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a name means, and taking files away. Names themselves are in test_file.c. */
#include "dataset_test.h"

static void one_file_may_have_several_names(void **state)
{
    (void)state;
    struct file_id a, b;
    put_text("set/a", "a");
    put_text("set/b", "a");
    assert_int_equal(symlink("a", "set/soft"), 0);
    assert_int_equal(link("set/a", "set/hard"), 0);
    assert_true(file_same("set/a", "set/soft") && file_same("set/hard", "set/../set/a"));
    assert_false(file_same("set/a", "set/b"));
    assert_true(file_same("set/none", "set/none"));
    assert_false(file_same("set/none", "set/nothing"));
    assert_true(file_identify("set/a", &a) && file_identify("set/b", &b));
    assert_int_equal(file_id_order(&a, &a), 0);
    assert_int_equal(file_id_order(&a, &b), -file_id_order(&b, &a));
    assert_true(file_id_order(&a, &b) != 0);
    assert_false(file_identify("set/none", &a));
}

static void only_what_can_go_goes(void **state)
{
    (void)state;
    put_text("set/a", "a");
    file_remove_folder("set");
    assert_true(file_exists("set/a"));
    file_remove("set");
    assert_true(file_exists("set/a"));
    file_remove("set/none");
    file_remove("set/a");
    assert_false(file_exists("set/a"));
    file_remove_folder("set");
    assert_false(file_exists("set"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_file_may_have_several_names, clear_set),
        cmocka_unit_test_setup(only_what_can_go_goes, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
