/* SPDX-License-Identifier: Apache-2.0 */
/* Programs run by name, without a shell; their output and exit code come back. */
#include "files/process.h"

#include "unit/format/format_test.h"
#include "unit/program_test.h"

#include <signal.h>

static void expect_text(const char *path, const char *wanted)
{
    char *text;
    OK(file_read_text(path, 1000, &text, &e));
    assert_string_equal(text, wanted);
    mem_free(text);
    unlink(path);
}

static void output_and_code_come_back(void **state)
{
    (void)state;
    int code;
    const char *const argv[] = {"teller", "a b", "$(id); *", NULL};
    put_program("teller", "#!/bin/sh\nprintf '[%s]' \"$@\"; echo bad >&2; cat; exit 7\n");
    OK(process_run(argv, "out", "errors", NULL, &code, &e));
    assert_int_equal(code, 7);
    expect_text("out", "[a b][$(id); *]");
    expect_text("errors", "bad\n");
    unlink("teller");
}

static void a_missing_or_killed_program_is_told(void **state)
{
    (void)state;
    int code = 0;
    const char *argv[] = {"no-such-program", NULL};
    OK(process_run(argv, "out", "errors", NULL, &code, &e));
    assert_int_equal(code, PROCESS_MISSING);
    argv[0] = "killed";
    put_program("killed", "#!/bin/sh\nkill -9 $$\n");
    OK(process_run(argv, "out", "errors", NULL, &code, &e));
    assert_int_equal(code, PROCESS_KILLED);
    unlink("killed"), unlink("out"), unlink("errors");
}

/* The program beside this one comes before that of PATH. */
static void the_folder_of_the_program_comes_first(void **state)
{
    (void)state;
    int code;
    char own[4096];
    const ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    assert_true(length > 0);
    own[length] = 0;
    const char *const argv[] = {file_base(own), "beside", NULL};
    put_program(argv[0], "#!/bin/sh\nexit 9\n");
    OK(process_run(argv, "out", "errors", NULL, &code, &e));
    assert_int_equal(code, 42);
    unlink(argv[0]), unlink("out"), unlink("errors");
}

/* The program itself asks to stop, so it runs when it is ended. */
static void a_stopped_host_ends_it(void **state)
{
    (void)state;
    int code;
    const char *const argv[] = {"sleeper", NULL};
    struct host host = {.stop_file = {"enough"}};
    put_program("sleeper", "#!/bin/sh\n: >enough\nexec sleep 600\n");
    REFUSED(process_run(argv, "out", "errors", &host, &code, &e), ATT_INTERRUPTED, "stopped");
    unlink("sleeper"), unlink("out"), unlink("errors"), unlink("enough");
}

/* Though this process blocks and ignores the signal; one that ignores it itself is killed. */
static void nothing_inherited_keeps_it_alive(void **state)
{
    (void)state;
    int code;
    sigset_t term, before;
    const char *const argv[] = {"sleeper", NULL};
    struct host host = {.stop_file = {"enough"}};
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    signal(SIGTERM, SIG_IGN);
    put_program("sleeper",
        "#!/bin/sh\ntrap ': >ended; exit' TERM\n: >enough\nwhile :; do sleep 0.05; done\n");
    REFUSED(process_run(argv, "out", "errors", &host, &code, &e), ATT_INTERRUPTED, "stopped");
    signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(unlink("ended"), 0);
    unlink("enough");
    put_program("sleeper", "#!/bin/sh\ntrap '' TERM\n: >enough\nexec sleep 600\n");
    REFUSED(process_run(argv, "out", "errors", &host, &code, &e), ATT_INTERRUPTED, "stopped");
    unlink("sleeper"), unlink("out"), unlink("errors"), unlink("enough");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "beside") == 0) return 42;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_and_code_come_back),
        cmocka_unit_test(a_missing_or_killed_program_is_told),
        cmocka_unit_test(a_stopped_host_ends_it),
        cmocka_unit_test(nothing_inherited_keeps_it_alive),
        cmocka_unit_test(the_folder_of_the_program_comes_first),
    };
    setenv("PATH", ".:/usr/bin:/bin", 1);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
