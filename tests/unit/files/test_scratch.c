/* SPDX-License-Identifier: Apache-2.0 */
/* Temporaries have no name, hold what is written at any place, and are 0 elsewhere. */
#include "files/scratch.h"

#include "unit/format/format_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void what_is_written_is_read(void **state)
{
    struct spool s;
    struct file_list l;
    char got[8];
    (void)state;
    OK(scratch_create(".", 1 << 20, &s, &e));
    assert_true(scratch_is_open(&s));
    OK(scratch_write(&s, 99999, "spool", 5, &e));
    OK(scratch_read(&s, 99998, got, 7, &e));
    assert_memory_equal(got, "\0spool\0", 7);
    OK(scratch_read(&s, (1 << 20) - 2, got, 2, &e));
    assert_memory_equal(got, "\0\0", 2);
    OK(file_list(".", &l, &e));
    assert_int_equal(l.count, 0);
    file_list_free(&l);
    scratch_close(&s);
    assert_false(scratch_is_open(&s));
    scratch_close(&s);
}

static void bytes_have_a_path(void **state)
{
    struct spool s;
    char path[SCRATCH_PATH], *text;
    size_t size;
    (void)state;
    OK(scratch_bytes("a\0b", 3, &s, path, &e));
    OK(file_read(path, 10, &text, &size, &e));
    assert_int_equal(size, 3);
    assert_memory_equal(text, "a\0b", 3);
    mem_free(text);
    scratch_close(&s);
    assert_false(file_exists(path));
}

/* ---- where a file needs a name */

static int hidden(void)
{
    int count = 0;
    DIR *dir = opendir(".");
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += !strncmp(entry->d_name, SPOOL_NAME ".tmp-", 13);
    closedir(dir);
    return count;
}

static void a_name_is_gone_at_once(void **state)
{
    struct spool s;
    char got[4];
    (void)state;
    OK(scratch_create_named(".", 1 << 20, &s, &e));
    assert_int_equal(hidden(), 0);
    OK(scratch_write(&s, 77, "name", 4, &e));
    OK(scratch_read(&s, 77, got, 4, &e));
    assert_memory_equal(got, "name", 4);
    scratch_close(&s);
    REFUSED(scratch_create_named("missing", 1, &s, &e), ATT_IO,
        "cannot make a temporary file in missing: No such file or directory; check the path");
}

/* Killed between making it and taking its name away, here and by a process of this number: the
 * former goes, the latter is not in the way.
 */
static void what_was_left_is_swept_or_passed_by(void **state)
{
    struct spool s;
    (void)state;
    pid_t gone = fork();
    if (gone == 0) {
        char *path = file_temporary(SPOOL_NAME);
        _exit(!path || creat(path, 0600) < 0);
    }
    assert_int_equal(waitpid(gone, NULL, 0), gone);
    char *path = file_temporary(SPOOL_NAME), *number = strrchr(path, '-') + 1, *ours[2];
    assert_int_equal(hidden(), 1);
    for (int i = 0; i < 2; i++) {
        ours[i] = mem_text("%.*s%d", (int)(number - path), path, atoi(number) + 1 + i);
        OK(file_append(ours[i], "x", 1, &e));
    }
    OK(scratch_create_named(".", 5, &s, &e));
    scratch_close(&s);
    assert_int_equal(hidden(), 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(unlink(ours[i]), 0);
        mem_free(ours[i]);
    }
    mem_free(path);
}

/* The user is told of a temporary, not that the folder of the results is damaged data. */
static void a_short_temporary_is_no_damaged_image(void **state)
{
    struct spool s;
    char got[4];
    (void)state;
    OK(scratch_create(".", 100, &s, &e));
    assert_int_equal(ftruncate(s.file.fd, 50), 0);
    REFUSED(scratch_read(&s, 48, got, 4, &e), ATT_IO,
        "cannot read a temporary file in . because it was truncated");
    scratch_close(&s);
    s.file.fd = open(".", O_RDONLY | O_DIRECTORY);
    REFUSED(scratch_read(&s, 0, got, 4, &e), ATT_IO,
        "cannot read a temporary file in .: Is a directory");
    scratch_close(&s);
}

static void what_cannot_be_is_told(void **state)
{
    struct spool s;
    (void)state;
    REFUSED(scratch_create("missing", 1, &s, &e), ATT_IO,
        "cannot make a temporary file in missing: No such file or directory");
    assert_false(scratch_is_open(&s));
    REFUSED(scratch_create(".", UINT64_MAX, &s, &e), ATT_IO,
        "cannot make a temporary file in .: File too large");
    assert_false(scratch_is_open(&s));
    OK(scratch_room(".", 1, "this", &e));
    REFUSED(scratch_room(".", 0x1p70, "predicting x.nii", &e), ATT_IO,
        "predicting x.nii takes 1073741824 TiB of temporary files in ., but only ");
}

static void folders_of_killed_processes_are_swept(void **state)
{
    char *a, *left;
    (void)state;
    setenv("TMPDIR", ".", 1);
    left = file_temporary("attunet"); /* of this process, so it stays */
    char *number = strchr(left, '-') + 1,
         *gone = mem_text("attunet.tmp-%ld%s", 2147483646L, strchr(number, '-')),
         *file = mem_text("%s/volume.nii.gz", gone), *link = mem_text("%s9", gone);
    assert_int_equal(mkdir(gone, 0700) || mkdir(left, 0700) || mkdir("other", 0700), 0);
    OK(file_append(file, "x", 1, &e));
    OK(file_append("other/kept", "x", 1, &e));
    assert_int_equal(symlink("other", link), 0); /* as somebody else may in /tmp */
    OK(scratch_folder(&a, &e));
    assert_false(file_exists(gone));
    assert_true(file_exists(left) && file_exists(a) && file_exists("other/kept"));
    scratch_remove_folder(a);
    assert_false(file_exists(a));
    rmdir(left), unlink(link), unlink("other/kept"), rmdir("other");
    mem_free(a), mem_free(left), mem_free(gone), mem_free(file), mem_free(link);
    unsetenv("TMPDIR");
}

static void a_folder_is_private(void **state)
{
    struct stat s;
    char *a, *b;
    (void)state;
    setenv("TMPDIR", ".", 1);
    OK(scratch_folder(&a, &e));
    OK(scratch_folder(&b, &e));
    assert_string_not_equal(a, b);
    assert_int_equal(strncmp(a, "./attunet.tmp-", 14), 0);
    assert_int_equal(stat(a, &s), 0);
    assert_int_equal(s.st_mode, S_IFDIR | 0700);
    rmdir(a), rmdir(b);
    mem_free(a), mem_free(b);
    setenv("TMPDIR", "missing", 1);
    REFUSED(
        scratch_folder(&a, &e), ATT_IO, "cannot make a temporary folder in missing: No such file");
    assert_null(a);
    unsetenv("TMPDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(bytes_have_a_path), cmocka_unit_test(a_name_is_gone_at_once),
        cmocka_unit_test(what_was_left_is_swept_or_passed_by),
        cmocka_unit_test(a_short_temporary_is_no_damaged_image),
        cmocka_unit_test(what_cannot_be_is_told), cmocka_unit_test(a_folder_is_private),
        cmocka_unit_test(folders_of_killed_processes_are_swept)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
