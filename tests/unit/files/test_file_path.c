/* SPDX-License-Identifier: Apache-2.0 */
/* Which file a name means, and taking files away. Names themselves are in test_file.c. */
#include "unit/dataset/dataset_test.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static void what_lies_in_a_folder(void **state)
{
    (void)state;
    static const struct {
        const char *path, *folder;
        bool within;
    } list[] = {{"set", "set", true}, {"set/in/a", "set", true}, {"set/in", "set/in/", true},
        {"set/in/../b", "set/in", false}, {"set/inner/c", "set/in", false},
        {"set/out/a", "set/in", true}, {"set", "set/in", false}, {"set/none", "set", false},
        {"set/in/a", "/", true}, {"set/in/a", "set/none", false}};
    put_text("set/in/a", "a");
    put_text("set/b", "b");
    put_text("set/inner/c", "c");
    assert_int_equal(symlink("in", "set/out"), 0);
    for (int i = 0; i < COUNT(list); i++)
        if (file_within(list[i].path, list[i].folder) != list[i].within)
            fail_msg("%s, %s", list[i].path, list[i].folder);
}

static void a_place_is_in_a_folder(void **state)
{
    (void)state;
    put_text("set/in/a", "a");
    OK(file_check_place("set/in/b", false, &e));
    OK(file_check_place("set/in/c/d", true, &e));
    REFUSED(file_check_place("set/nowhere/new", false, &e), ATT_IO,
        "cannot write set/nowhere/new because there is no folder set/nowhere; make it first");
    REFUSED(file_check_place("set/in", false, &e), ATT_IO,
        "cannot write set/in: it is a folder; name a file");
    REFUSED(file_check_place("set/in/a/b", true, &e), ATT_IO,
        "cannot make the folder set/in/a/b because set/in/a is a file; choose another");
}

static void some_names_lead_out_of_their_folder(void **state)
{
    (void)state;
    static const char *const out[] = {"/a", "..", "../a", "a/../../b", "./../a", "a/..//../b"},
                             *const in[] = {"a", "a/b", "a/../b", "./a", "a/./../b", "..a", "a..",
                                 ".../b", ""};
    for (int i = 0; i < COUNT(out); i++) assert_true(file_leaves(out[i]));
    for (int i = 0; i < COUNT(in); i++) assert_false(file_leaves(in[i]));
}

static void titles_are_of_what_is_there(void **state)
{
    static const struct {
        const char *path, *title;
    } list[] = {{"set", "set"}, {"set/", "set"}, {"set/.", "set"}, {"set/../set//", "set"},
        {"/", "/"}, {"none/b", "b"}};
    (void)state;
    put_text("set/a", "a");
    for (int i = 0; i < COUNT(list); i++) {
        char *title = file_title(list[i].path);
        assert_string_equal(title, list[i].title);
        mem_free(title);
    }
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

/* ---- temporaries of others */

static const char *const own[] = {"a", ".hidden", NULL};

static int files(void)
{
    struct file_list l;
    OK(file_list("set", &l, &e));
    int count = l.count;
    file_list_free(&l);
    return count;
}

static void make_old(const char *path)
{
    const struct timespec then[2] = {
        {time(NULL) - 2 * 24 * 60 * 60, 0}, {time(NULL) - 2 * 24 * 60 * 60, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, then, AT_SYMLINK_NOFOLLOW), 0);
}

/* A process of another pid namespace, as in another container, whose own number is 1; its exit
 * code, or 77 where none may be made. */
static int elsewhere(int (*work)(void))
{
    int code;
    pid_t between = fork();
    if (between == 0) {
        if (unshare(CLONE_NEWPID)) _exit(77);
        pid_t child = fork();
        if (child == 0) _exit(work());
        waitpid(child, &code, 0);
        _exit(WIFEXITED(code) ? WEXITSTATUS(code) : 1);
    }
    assert_int_equal(waitpid(between, &code, 0), between);
    return WIFEXITED(code) ? WEXITSTATUS(code) : 1;
}

/* The longest names that a file system takes have temporaries, too; of letters of two bytes none is
 * cut. */
static void long_names_have_temporaries(void **state)
{
    (void)state;
    char path[4 + NAME_MAX + 1] = "set/";
    char *other;
    OK(file_make_folders("set", &e));
    memset(path + 4, 'x', NAME_MAX);
    OK(file_write_all(path, "text", 4, &e));
    assert_true(file_exists(path));
    file_remove(path);
    for (int i = 0; i < NAME_MAX / 2; i++) memcpy(path + 5 + 2 * i, "\xc3\xa9", 2);
    other = file_temporary(path);
    const char *end = strstr(other, ".tmp-");
    assert_true(strlen(file_base(other)) <= NAME_MAX && end && (end - other) % 2 == 1 &&
        !memcmp(end - 2, "\xc3\xa9", 2));
    mem_free(other);
    OK(file_write_all(path, "text", 4, &e));
    assert_true(file_exists(path));
}

static int sweep_there(void)
{
    file_sweep("set", own);
    return 0;
}

static int begin_there(void)
{
    struct file_writer *w;
    struct err unread = {0};
    return file_create("set/a", &w, &unread) != ATT_OK; /* and is killed */
}

static void other_containers_write_in_peace(void **state)
{
    (void)state;
    struct file_writer *w;
    OK(file_make_folders("set", &e));
    OK(file_create("set/a", &w, &e));
    assert_int_equal(files(), 1);
    int code = elsewhere(sweep_there); /* where there is no process of our number */
    if (code == 77) {
        file_abandon(w);
        skip();
    }
    assert_int_equal(code, 0);
    assert_int_equal(files(), 1);
    assert_int_equal(elsewhere(begin_there),
        0); /* what it leaves, process 1 here could have written, which lives */
    OK(file_commit(w, &e));
    assert_int_equal(files(), 2);
    file_sweep("set", own);
    assert_int_equal(files(), 2); /* who knows whether that one lives */
    struct file_list l;
    OK(file_list("set", &l, &e));
    char *path = file_join("set", l.names[1]);
    make_old(path);
    file_sweep("set", own);
    assert_int_equal(files(), 1);
    mem_free(path);
    file_list_free(&l);
}

static void what_rests_for_a_day_is_left_over(void **state)
{
    (void)state;
    static const char *const names[] = {"set/a.tmp-7-0123456789ab-3", "set/a.tmp-7-3",
        "set/a.tmp-7", "set/.hidden.tmp-7-0123456789ab-0"};
    static const char *const others[] = {"set/a", "set/b.tmp-7-0123456789ab-3",
        "set/a.tmp-7-0123456789ab-", "set/a.tmp-7-0123456789aX-1"};
    for (size_t i = 0; i < COUNT(names); i++) put_text(names[i], "half");
    file_sweep("set", own);
    for (size_t i = 0; i < COUNT(names); i++) assert_true(file_exists(names[i]));
    for (size_t i = 0; i < COUNT(others); i++) put_text(others[i], "whole");
    for (size_t i = 0; i < COUNT(names); i++) make_old(names[i]);
    for (size_t i = 0; i < COUNT(others); i++) make_old(others[i]);
    file_sweep("set", own);
    for (size_t i = 0; i < COUNT(names); i++) assert_false(file_exists(names[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        if (!file_exists(others[i])) fail_msg("%s is gone", others[i]);
}

static void temporaries_of_any_file_are_known_by_their_names(void **state)
{
    (void)state;
    static const char *const whole[] = {"", "a", "a.tmp-7-0123456789ab-", "a.tmp-7-0123456789aX-1",
        "a.tmp-7", ".tmp-7", ".tmp-7-0123456789ab-0", "a.tmp-0-0123456789ab-1",
        "a.tmp-7-0123456789ab-1.png"};
    assert_true(file_is_any_temporary("a.nii.gz.tmp-7-0123456789ab-1"));
    assert_true(file_is_any_temporary("a.tmp-x.png.tmp-712-0123456789ab-17"));
    for (size_t i = 0; i < COUNT(whole); i++)
        if (file_is_any_temporary(whole[i])) fail_msg("%s is taken for a temporary", whole[i]);
    char *fresh = file_temporary("set/a");
    assert_true(file_is_any_temporary(file_base(fresh)));
    mem_free(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_file_may_have_several_names, clear_set),
        cmocka_unit_test_setup(what_lies_in_a_folder, clear_set),
        cmocka_unit_test_setup(a_place_is_in_a_folder, clear_set),
        cmocka_unit_test_setup(some_names_lead_out_of_their_folder, clear_set),
        cmocka_unit_test_setup(titles_are_of_what_is_there, clear_set),
        cmocka_unit_test_setup(only_what_can_go_goes, clear_set),
        cmocka_unit_test_setup(long_names_have_temporaries, clear_set),
        cmocka_unit_test_setup(other_containers_write_in_peace, clear_set),
        cmocka_unit_test_setup(what_rests_for_a_day_is_left_over, clear_set),
        cmocka_unit_test(temporaries_of_any_file_are_known_by_their_names),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
