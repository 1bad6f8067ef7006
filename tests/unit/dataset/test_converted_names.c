/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences about converted files name their sources. */
#include "dataset/converted_names.h"

#include "dataset/converted.h"
#include "unit/dataset/dataset_test.h"

static void check_named(const char *text, const char *expected)
{
    char *named = converted_named(text);
    if (expected)
        assert_string_equal(named, expected);
    else
        assert_null(named);
    mem_free(named);
}

static void names_of_sources(void **state)
{
    static const char list[] = "images/a.nii.gz\timages/a\nimages/ab.nii.gz\tp 1/ct\n"
                               "labels/a.nii.gz\tlabels/a.dcm\nb.nii.gz\t\n"
                               "labels/u.png\tlabels/u.png\n= 0123456789abcdef\n";
    (void)state;
    OK(file_make_folders("my set/" CONVERTED, &e));
    check_named("my set/" CONVERTED "/images/a.nii.gz: bad",
        "my set/" CONVERTED "/images/a.nii.gz: bad"); /* without a list */
    check_named("run attunet info my set/" CONVERTED, "run attunet info my set");
    FILE *f = fopen("my set/" CONVERTED "/.attunet-dicom.sources", "w");
    assert_int_equal(fwrite(list, 1, sizeof list - 1, f), sizeof list - 1);
    fclose(f);
    check_named("my set/" CONVERTED "/images/a.nii.gz: bad", "my set/images/a: bad");
    check_named("x and my set/" CONVERTED "/images/ab.nii.gz, my set/" CONVERTED
                "/labels/a.nii.gz differ",
        "x and my set/p 1/ct, my set/labels/a.dcm differ");
    check_named("my set/" CONVERTED "/b.nii.gz", "my set");
    check_named("x my set/" CONVERTED "/: its list is damaged: rm -r 'my set/" CONVERTED "/'",
        "x my set/" CONVERTED "/: its list is damaged: rm -r 'my set/" CONVERTED "/'");
    check_named("my set/" CONVERTED "/dataset.json is odd, my set/" CONVERTED "/images/a.nii.gz",
        "my set/" CONVERTED "/dataset.json is odd, my set/images/a");
    check_named("put it at my set/" CONVERTED "/labels/c.nii.gz",
        "put it at my set/" CONVERTED "/labels/c.nii.gz"); /* a tree of another form */
    OK(file_make_folders("my set/images", &e));
    check_named("my set/" CONVERTED "/images/a.nii.gz, put it at my set/" CONVERTED
                "/labels/c.nii.gz, or",
        "my set/images/a, put it at my set/labels/c.nii.gz, or");
    check_named("my set/" CONVERTED "/dataset.json", "my set/" CONVERTED "/dataset.json");
    check_named("other/" CONVERTED "/images/a.nii.gz", "other/" CONVERTED "/images/a.nii.gz");
    check_named("my set/images/a.nii.gz", NULL);
}

/* A file that was made of DICOM cannot be copied again. */
static void remedies(void **state)
{
    static const char list[] = "images/a.nii.gz\timages/a\nlabels/u.png\tlabels/u.png\n";
    (void)state;
    OK(file_make_folders("set/" CONVERTED, &e));
    FILE *f = fopen("set/" CONVERTED "/.attunet-dicom.sources", "w");
    assert_int_equal(fwrite(list, 1, sizeof list - 1, f), sizeof list - 1);
    fclose(f);
    check_named("set/" CONVERTED "/images/a.nii.gz: cut off; get a complete copy; to list all",
        "set/images/a: cut off; remove set/" CONVERTED "/, which attunet makes anew; to list all");
    check_named("in set/" CONVERTED "/images/a.nii.gz and b: damaged; get a good copy",
        "in set/images/a and b: damaged; remove set/" CONVERTED "/, which attunet makes anew");
    check_named("set/" CONVERTED "/labels/u.png: damaged; get a good copy",
        "set/labels/u.png: damaged; get a good copy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_sources), cmocka_unit_test(remedies)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
