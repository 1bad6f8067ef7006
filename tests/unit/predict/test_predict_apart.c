/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_apart.h"

#include "dataset/layout.h"
#include "unit/predict/predict_test.h"

static void add(struct dataset *d, const char *id, const char *path)
{
    struct err e = {0};
    struct data_case *c = layout_add(d, id, &e);
    assert_non_null(c);
    c->image[c->nimages++] = mem_text("%s", path);
}

static void assert_ids(struct dataset *d, const char *expected)
{
    OK(layout_sort(d, &e));
    char text[256] = "";
    size_t used = 0;
    for (int i = 0; i < d->count; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "", d->cases[i].id);
    assert_string_equal(text, expected);
}

static void folders_tell_files_apart(void **state)
{
    (void)state;
    OK(file_make_folders("in/x/p1", &e));
    OK(file_make_folders("in/x/p2", &e));
    OK(file_make_folders("in/y/p1", &e));
    struct dataset d = {.count = 0};
    add(&d, "us", "in/x/p2/us.png");
    add(&d, "us", "in/x/p1/us.png");
    add(&d, "other", "in/x/p1/other.png");
    apart_name(&d, NULL);
    assert_ids(&d, "other p1_us p2_us");
    dataset_free(&d);

    add(&d, "us", "in/x/p1/us.png"); /* one folder is too few */
    add(&d, "us", "in/y/p1/us.png");
    apart_name(&d, NULL);
    assert_ids(&d, "x_p1_us y_p1_us");
    dataset_free(&d);

    add(&d, "p1", "in/x/p1/us.png"); /* named after their folders */
    add(&d, "p1", "in/y/p1/us.png");
    apart_name(&d, NULL);
    assert_ids(&d, "x_p1 y_p1");
    dataset_free(&d);
}

static void one_file_twice_stays(void **state)
{
    (void)state;
    OK(file_make_folders("in", &e));
    struct dataset d = {.count = 0};
    add(&d, "a", "in/a.png");
    add(&d, "a", "in/a.png");
    apart_name(&d, NULL);
    REFUSED(layout_sort(&d, &e), ATT_DATA, "a: in/a.png is listed twice");
    dataset_free(&d);
    add(&d, "named", "in/b.png"); /* by a list */
    add(&d, "named", "in/c.png");
    apart_name(&d, NULL);
    REFUSED(layout_sort(&d, &e), ATT_DATA, "case named has two images");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_tell_files_apart),
        cmocka_unit_test(one_file_twice_stays),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
