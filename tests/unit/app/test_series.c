/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that are DICOM give way to volumes in a temporary folder, which goes. */
#include "app/series.h"

#include "unit/format/format_test.h"
#include "unit/program_test.h"

static void put_series(const char *folder)
{
    char head[132] = {0}, path[100];
    memcpy(head + 128, "DICM", 4);
    OK(file_make_folders(folder, &e));
    snprintf(path, sizeof path, "%s/1", folder);
    write_scratch(path, head, sizeof head);
}

static long size_of(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? (long)s.st_size : -1;
}

static void series_become_volumes(void **state)
{
    (void)state;
    struct series_list s;
    const struct dicom_choice none = {.select = NULL};
    static const char script[] = "#!/bin/sh\necho made >\"$4\"\n";
    const char *inputs[] = {"x.nii", "b/case1/", "c/case1"};
    put_series("b/case1"), put_series("c/case1");
    put_program("attunet-dicom", script);
    OK(series_open(inputs, 1, &none, NULL, &s, &e));
    assert_null(s.folder);
    assert_string_equal(s.path[0], "x.nii");
    OK(series_close(&s, ATT_OK, &e));
    OK(series_open(inputs, 2, &none, NULL, &s, &e));
    char *folder = mem_text("%s", s.folder);
    assert_string_equal(s.path[0], "x.nii");
    assert_string_equal(file_base(s.path[1]), "case1.nii.gz");
    assert_int_equal(size_of(s.path[1]), 0); /* until it is needed */
    OK(series_fetch(&s, s.path[0], &e));
    OK(series_fetch(&s, s.path[1], &e));
    assert_int_equal(size_of(s.path[1]), 5);
    series_drop(&s, s.path[1]);
    assert_int_equal(size_of(s.path[1]), 0);
    assert_null(s.made[0]);
    OK(series_close(&s, ATT_OK, &e));
    const struct dicom_choice channels = {.channels = true};
    OK(series_open(inputs, 2, &channels, NULL, &s, &e));
    assert_int_equal(size_of(s.path[1]), 5); /* to tell channels from cases */
    mem_free(folder);
    folder = mem_text("%s", s.folder);
    OK(series_close(&s, ATT_OK, &e));
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

static char said[500];

static void take_message(void *user, int level, const char *text)
{
    (void)level;
    snprintf(said, sizeof said, "%s %s", (const char *)user, text);
}

static void take_warning(void *user, const char *kind, const char *text)
{
    snprintf(said, sizeof said, "%s %s %s", (const char *)user, kind, text);
}

static void take_progress(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    snprintf(said, sizeof said, "%s %s %d/%d %s", (const char *)user, what, (int)done, (int)total,
        detail);
}

static void sentences_name_the_series(void **state)
{
    (void)state;
    struct series_list s;
    const struct dicom_choice none = {.select = NULL};
    const struct log log = {take_message, take_progress, "me", take_warning};
    struct host host = {.log = log};
    static const char script[] = "#!/bin/sh\necho made >\"$4\"\n";
    const char *inputs[] = {"x.nii", "b/case1/", "c/case2"};
    put_series("b/case1"), put_series("c/case2");
    put_program("attunet-dicom", script);
    OK(series_open(inputs, 3, &none, &host, &s, &e));
    host_say(&host, LOG_ERROR, "%s and %s: bad", s.path[1], s.path[2]);
    assert_string_equal(said, "me b/case1/ and c/case2: bad");
    host_say(&host, LOG_ERROR, "%s: b/case1/IM1: bad", s.path[1]);
    assert_string_equal(said, "me b/case1/IM1: bad");
    host_warn(&host, WARN_FOLD_MISSING, "%s: odd", s.path[2]);
    assert_string_equal(said, "me fold-missing c/case2: odd");
    host_progress(&host, "images", 1, 3, "case1");
    assert_string_equal(said, "me images 1/3 case1");
    struct err cause = {0};
    err_set(&cause, ATT_DATA, "%s is no image; x.nii is", s.path[1]);
    assert_int_equal(series_close(&s, ATT_DATA, &cause), ATT_DATA);
    assert_int_equal(cause.status, ATT_DATA);
    assert_string_equal(cause.text, "b/case1/ is no image; x.nii is");
    assert_memory_equal(&host.log, &log, sizeof log);

    host.log.warning = NULL; /* so messages get the warnings */
    OK(series_open(inputs + 1, 1, &none, &host, &s, &e));
    host_warn(&host, WARN_FOLD_MISSING, "%s: odd", s.path[0]);
    assert_string_equal(said, "me b/case1/: odd");
    OK(series_close(&s, ATT_OK, &e));
    unlink("b/case1/1"), unlink("c/case2/1");
    rmdir("b/case1"), rmdir("c/case2"), rmdir("b"), rmdir("c"), unlink("attunet-dicom");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_become_volumes), cmocka_unit_test(sentences_name_the_series)};
    setenv("PATH", ".:/usr/bin:/bin", 1);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
