/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that are DICOM give way to volumes in a temporary folder, which goes. */
#include "app/series.h"

#include "unit/format/format_test.h"

#include <sys/stat.h>

static void put_series(const char *folder)
{
    char head[132] = {0}, path[100];
    memcpy(head + 128, "DICM", 4);
    OK(file_make_folders(folder, &e));
    snprintf(path, sizeof path, "%s/1", folder);
    write_scratch(path, head, sizeof head);
}

static void series_become_volumes(void **state)
{
    (void)state;
    struct series_list s;
    const struct dicom_choice none = {NULL, false};
    static const char script[] = "#!/bin/sh\necho made >\"$4\"\n";
    const char *inputs[] = {"x.nii", "b/case1/", "c/case1"};
    put_series("b/case1"), put_series("c/case1");
    write_scratch("attunet-dicom", script, sizeof script - 1);
    assert_int_equal(chmod("attunet-dicom", 0755), 0);
    OK(series_open(inputs, 1, &none, NULL, &s, &e));
    assert_null(s.folder);
    assert_string_equal(s.path[0], "x.nii");
    series_close(&s);
    OK(series_open(inputs, 2, &none, NULL, &s, &e));
    char *folder = mem_text("%s", s.folder);
    assert_string_equal(s.path[0], "x.nii");
    assert_string_equal(file_base(s.path[1]), "case1.nii.gz");
    assert_true(file_exists(s.path[1]));
    assert_null(s.made[0]);
    series_close(&s);
    assert_false(file_exists(folder));
    mem_free(folder);
    REFUSED(series_open(inputs, 3, &none, NULL, &s, &e), ATT_USAGE,
        "two series are named case1.nii.gz");
    setenv("TMPDIR", "/no/such/folder", 1);
    REFUSED(series_open(inputs, 2, &none, NULL, &s, &e), ATT_IO, "cannot make a temporary folder");
    unsetenv("TMPDIR");
    unlink("b/case1/1"), unlink("c/case1/1");
    rmdir("b/case1"), rmdir("c/case1"), rmdir("b"), rmdir("c"), unlink("attunet-dicom");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(series_become_volumes)};
    setenv("PATH", ".:/usr/bin:/bin", 1);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
