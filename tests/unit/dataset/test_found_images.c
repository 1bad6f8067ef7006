/* SPDX-License-Identifier: Apache-2.0 */
/* Files beside images that are no channels. */
#include "unit/dataset/found_test.h"

/* Images, labels, and a file of each case whose values are few. */
static void add_lines(struct list *l, const char *lines)
{
    for (int i = 1; i < 9; i++) {
        add(l, "images/p%02d-image.nii", i);
        add(l, "seg/p%02d-rib-seg.nii", i);
        add(l, "%s/p%02d-rib-%s.nii", lines, i, lines);
    }
}

static void values_of_labels_are_no_channel(void **state)
{
    struct list l = {NULL, 0};
    struct tree tree;
    struct found f;
    struct told t = {.labels = {"-seg"}, .thin = "-cl"};
    (void)state;
    add_lines(&l, "cl");
    OK(search(&l, &t, &f, &tree, &e));
    assert_string_equal(f.images, "images/{id}-image.nii");
    assert_string_equal(f.labels, "seg/{id}-rib-seg.nii");
    assert_int_equal(f.asides, 1);
    assert_non_null(strstr(f.aside[0].why, "values of labels"));
    assert_int_equal(f.aside[0].count, 8);
    found_free(&f);
    tree_free(&tree);
    forget(&l);
    add_lines(&l, "ct"); /* but many values are */
    expect(&l, t, "ct/{id}-rib-ct.nii;images/{id}-image.nii", "seg/{id}-rib-seg.nii");
    t.thin = "nii"; /* and so are images of few grey levels */
    add_lines(&l, "ct");
    expect(&l, t, "ct/{id}-rib-ct.nii;images/{id}-image.nii", "seg/{id}-rib-seg.nii");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_labels_are_no_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
