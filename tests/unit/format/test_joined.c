/* SPDX-License-Identifier: Apache-2.0 */
/* Names of several masks, with classes and objects. */
#include "format/joined.h"

#include "base/mem.h"
#include "unit/expect.h"

static char *join(const char *const *path, const int *value, int count)
{
    char *name = NULL;
    for (int i = 0; i < count; i++) assert_non_null(name = joined_add(name, path[i], value[i]));
    return name;
}

static void is_name(char *name, const char *text)
{
    assert_non_null(name);
    assert_string_equal(name, text);
    mem_free(name);
}

static const char *const paths[] = {"a/x/1.png", "a/x/2.png", "a/y/1.png"};

static void objects_keep_their_classes(void **state)
{
    const int value[] = {1 | JOINED_OBJECT, 1 | JOINED_OBJECT, 2}, other[] = {0, 70, 5};
    char part[PATH_MAX];
    (void)state;
    char *name = join(paths, value, 3);
    assert_string_equal(name, "a/x/1.png=1~ + ./2.png=1~ + ../y/1.png=2");
    assert_int_equal(joined_count(name), 3);
    assert_true(joined_part(name, 1, part));
    assert_string_equal(part, "a/x/2.png");
    assert_true(joined_part(name, 2, part));
    assert_string_equal(part, "a/y/1.png");
    is_name(joined_renumber(name, other), "a/x/1.png=70~ + ./2.png=70~ + ../y/1.png=5");
}

static void classes_may_cover_others(void **state)
{
    const int value[] = {1, 2 | JOINED_OVER, 3 | JOINED_OBJECT | JOINED_OVER},
              other[] = {0, 7, 8, 9};
    (void)state;
    char *name = join(paths, value, 3);
    assert_string_equal(name, "a/x/1.png=1 + ./2.png=2^ + ../y/1.png=3~^");
    is_name(joined_renumber(name, other), "a/x/1.png=7 + ./2.png=8^ + ../y/1.png=9~^");
}

static void objects_get_numbers(void **state)
{
    const int classes[] = {1 | JOINED_OBJECT, 2, 0}, objects[] = {-1, -2, -3},
              covering[] = {1, 2 | JOINED_OVER, 2 | JOINED_OVER | JOINED_OBJECT};
    (void)state;
    is_name(
        joined_objects(join(paths, covering, 3)), "a/x/1.png=-1 + ./2.png=2~^ + ../y/1.png=3~^");
    is_name(joined_objects(join(paths, classes, 3)), "a/x/1.png=-1 + ./2.png=-2 + ../y/1.png=-3");
    is_name(joined_objects(join(paths, objects, 3)), "a/x/1.png=-1 + ./2.png=-2 + ../y/1.png=-3");
    is_name(joined_objects(mem_text("%s", "a/x/1.png")), "a/x/1.png=-1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_keep_their_classes),
        cmocka_unit_test(classes_may_cover_others),
        cmocka_unit_test(objects_get_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
