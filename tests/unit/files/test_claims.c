/* SPDX-License-Identifier: Apache-2.0 */
/* A command replaces what it wrote, and nothing else. */
#include "files/claims.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files/dry_run.h"
#include "unit/dataset/dataset_test.h"

static struct host plan = {.command = "plan"}, report = {.command = "report"};

static att_status put(struct host *host, const char *path, const char *text, struct err *e)
{
    TRY(claims_check(host, path, e));
    TRY(claims_take(host, path, e));
    return file_write_all(path, text, strlen(text), e);
}

static void refuse(struct host *host, const char *path)
{
    char sentence[256];
    snprintf(sentence, sizeof sentence,
        "%s exists, and %s did not write it, or it has changed since; name another place, or "
        "replace it with `overwrite` %s",
        path, host->command, path);
    REFUSED(claims_check(host, path, &e), ATT_USAGE, sentence);
    REFUSED(claims_take(host, path, &e), ATT_USAGE, sentence);
}

static void own_files_are_replaced(void **state)
{
    (void)state;
    put_text("set/other", "");
    OK(put(&plan, "set/a", "1", &e));
    OK(put(&plan, "set/a b", "1", &e));
    for (int i = 0; i < 3; i++) OK(put(&plan, "set/a", i % 2 ? "1" : "123", &e));
    OK(put(&report, "set/b", "1", &e));
    refuse(&report, "set/a");
    refuse(&plan, "set/b");
    refuse(&plan, "set/other");
    OK(put(&plan, "set/a b", "1", &e));
    char *list;
    OK(file_read_text("set/" CLAIMS_LIST, 1000, &list, &e));
    int lines = 0;
    for (const char *s = list; *s; s++) lines += *s == '\n';
    assert_int_equal(lines, 3); /* it does not grow */
    mem_free(list);
}

static void changed_files_are_kept(void **state)
{
    (void)state;
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    put_text("set/other", "");
    OK(put(&plan, "set/a", "12", &e));
    assert_int_equal(utimensat(AT_FDCWD, "set/a", times, 0), 0);
    refuse(&plan, "set/a");
    put_text("set/a", "123");
    refuse(&plan, "set/a");
    assert_int_equal(unlink("set/a"), 0);
    OK(put(&plan, "set/a", "12", &e));
    put_text("set/b", "theirs"); /* written through the library, but not by this command */
    OK(file_write_all("set/a", "theirs", 6, &e));
    refuse(&plan, "set/a");
    refuse(&plan, "set/b");
    OK(claims_take(&plan, "set/c", &e)); /* a name that was never written */
    FILE *f = fopen("set/c", "w");       /* another program */
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
    refuse(&plan, "set/c");
}

static void what_the_user_names_is_replaced(void **state)
{
    (void)state;
    put_text("set/a", "theirs");
    put_text("set/in/b", "theirs");
    put_text("set/inner", "theirs");
    plan.overwrite = "set/a";
    OK(put(&plan, "set/a", "1", &e));
    refuse(&plan, "set/in/b");
    plan.overwrite = "set/in";
    OK(put(&plan, "set/in/b", "1", &e));
    refuse(&plan, "set/inner");
    plan.overwrite = NULL;
    OK(put(&plan, "set/a", "2", &e));
    OK(put(&plan, "set/in/b", "2", &e));
}

/* Killed before the new file has its name, or right after: both are known. */
static void a_kill_leaves_files_known(void **state)
{
    (void)state;
    put_text("set/other", "");
    OK(put(&plan, "set/a", "old", &e));
    OK(claims_take(&plan, "set/a", &e)); /* killed before it was written */
    OK(claims_check(&plan, "set/a", &e));
    put_text("set/a.new", "later");
    OK(claims_update("set/a", "set/a.new", &e)); /* killed before the rename */
    OK(claims_check(&plan, "set/a", &e));
    OK(file_rename("set/a.new", "set/a", &e)); /* killed after it */
    OK(claims_check(&plan, "set/a", &e));
    put_text("set/a", "changed");
    refuse(&plan, "set/a");
}

static void half_a_line_is_written_over(void **state)
{
    (void)state;
    put_text("set/other", "");
    OK(put(&plan, "set/a", "1", &e));
    FILE *f = fopen("set/" CLAIMS_LIST, "a");
    assert_non_null(f);
    fputs("000000000000000", f);
    assert_int_equal(fclose(f), 0);
    OK(put(&plan, "set/b", "1", &e));
    OK(claims_check(&plan, "set/a", &e));
    OK(claims_check(&plan, "set/b", &e));
    put_text("set/" CLAIMS_LIST, "no list\nat all");
    refuse(&plan, "set/a");
}

static void processes_write_into_one_folder(void **state)
{
    (void)state;
    enum { PROCESSES = 4, FILES = 25 };
    put_text("set/other", "");
    fflush(NULL);
    for (int p = 0; p < PROCESSES; p++)
        if (fork() == 0) {
            char path[32];
            for (int i = 0; i < FILES; i++) {
                snprintf(path, sizeof path, "set/%d_%d", p, i);
                struct err e = {0};
                if (put(&plan, path, "1", &e) != ATT_OK) _exit(1);
            }
            _exit(0);
        }
    for (int p = 0, status; p < PROCESSES; p++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    for (int i = 0; i < PROCESSES * FILES; i++) {
        char path[32];
        snprintf(path, sizeof path, "set/%d_%d", i / FILES, i % FILES);
        OK(claims_check(&plan, path, &e));
    }
}

/* The temporary file that a killed process leaves of `path`. */
static void leave(const char *path, char *left)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    if (fork() == 0) {
        char *temporary = file_temporary(path);
        FILE *f = fopen(temporary, "w");
        const size_t size = strlen(temporary) + 1;
        _exit(!f || fclose(f) || write(pipes[1], temporary, size) != (ssize_t)size);
    }
    int status;
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
    assert_true(read(pipes[0], left, 256) > 0);
    close(pipes[0]);
    close(pipes[1]);
    assert_true(file_exists(left));
}

static void leftovers_of_listed_files_go(void **state)
{
    (void)state;
    char own[256], other[256];
    put_text("set/theirs", "");
    OK(put(&plan, "set/a", "1", &e));
    leave("set/a", own);
    leave("set/theirs", other);
    char *mine = file_temporary("set/a"); /* of a process that lives */
    put_text(mine, "");
    OK(claims_take(&plan, "set/b", &e));
    assert_false(file_exists(own));
    assert_true(file_exists(other));
    assert_true(file_exists(mine));
    mem_free(mine);
}

static void lists_without_files_go(void **state)
{
    (void)state;
    OK(file_make_folders("set", &e));
    OK(claims_take(&plan, "set/a", &e));
    claims_undo("set");
    assert_false(file_exists("set/" CLAIMS_LIST));
    OK(put(&plan, "set/a", "1", &e));
    claims_undo("set");
    assert_true(file_exists("set/" CLAIMS_LIST));
    OK(claims_take(&plan, "/dev/null", &e));
    assert_false(file_exists("/dev/" CLAIMS_LIST));
    put_text("set/theirs", "1");
    OK(claims_check(NULL, "set/theirs", &e)); /* the library's own calls */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(own_files_are_replaced, clear_set),
        cmocka_unit_test_setup(changed_files_are_kept, clear_set),
        cmocka_unit_test_setup(what_the_user_names_is_replaced, clear_set),
        cmocka_unit_test_setup(a_kill_leaves_files_known, clear_set),
        cmocka_unit_test_setup(half_a_line_is_written_over, clear_set),
        cmocka_unit_test_setup(processes_write_into_one_folder, clear_set),
        cmocka_unit_test_setup(leftovers_of_listed_files_go, clear_set),
        cmocka_unit_test_setup(lists_without_files_go, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
