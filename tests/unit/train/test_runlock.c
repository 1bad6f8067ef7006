/* SPDX-License-Identifier: Apache-2.0 */
/* One training per run folder: the second is refused, and the lock goes with its process, however
 * that ends. */
#include "train/runlock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "unit/train/train_test.h"

static const struct how how = {0, ISA_REF};

/* A process that holds the lock until it is killed. */
static pid_t hold(const char *run)
{
    int ready[2], fd;
    char byte = 0;
    OK(file_make_folders(run, &e));
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct err e = {0};
        byte = runlock_take(run, "trains in", NULL, &fd, &e) == ATT_OK && fd >= 0;
        if (write(ready[1], &byte, 1) != 1) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

/* "another attunet (process 123 on HOST) trains in TEXT" */
static const char *who(pid_t child, const char *text)
{
    static char sentence[256];
    char host[65] = "";
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    snprintf(sentence, sizeof sentence, "another attunet (process %ld on %s) trains in %s",
        (long)child, host, text);
    return sentence;
}

static void end(pid_t child)
{
    int status;
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
}

/* In a folder that several may write, where the lock is another's, who may read it only. */
static void another_user_is_refused_too(void **state)
{
    (void)state;
    int status;
    if (geteuid()) skip();
    pid_t holder = hold("shared");
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct err e = {0};
        int fd;
        if (chdir("shared") || seteuid(12345)) _exit(3);
        att_status taken = runlock_take(".", "trains in", NULL, &fd, &e);
        _exit(
            taken == ATT_USAGE && fd == -1 && strstr(e.text, "another attunet (process ") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    end(holder);
}

static void the_lock_goes_with_its_process(void **state)
{
    (void)state;
    int fd;
    pid_t child = hold("set");
    REFUSED(runlock_take("set", "trains in", NULL, &fd, &e), ATT_USAGE,
        who(child, "set; wait until it ends, or choose another folder"));
    assert_int_equal(fd, -1);
    end(child);
    OK(runlock_take("set", "trains in", NULL, &fd, &e));
    assert_true(fd >= 0);
    REFUSED(runlock_take("set", "trains in", NULL, &(int){0}, &e), ATT_USAGE, who(getpid(), "set"));
    runlock_drop(fd);
    put_text("other/lock", "none of ours\n");
    int held = open("other/lock", O_RDWR);
    assert_int_equal(flock(held, LOCK_EX), 0);
    REFUSED(runlock_take("other", "packs into", NULL, &fd, &e), ATT_USAGE,
        "another attunet packs into other; wait");
    close(held);
    OK(runlock_take("set", "trains in", NULL, &fd, &e));
    runlock_drop(fd);
}

static void trainings_take_it(void **state)
{
    (void)state;
    static const char *const words[] = {
        "steps=1", "patch=16x16", "batch=2", "spec=widths=3,5 gated=all", NULL};
    struct watch w;
    struct options o;
    put_boxes("data", 2, 1, 16, 16);
    set_options(&o, words);
    watch_new(&w);
    pid_t child = hold("set/run");
    REFUSED(start_run(how, &w, "data", "set/run", &o, &e), ATT_USAGE, who(child, "set/run"));
    assert_false(file_exists("set/run/checkpoint.safetensors"));
    end(child);
    OK(start_run(how, &w, "data", "set/run", &o, &e)); /* a lock without a process is none */
    options_free(&o);
    child = hold("set/run");
    REFUSED(resume_run(how, &w, "set/run", 1, &e), ATT_USAGE, who(child, "set/run"));
    end(child);
    OK(resume_run(how, &w, "set/run", 1, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_lock_goes_with_its_process, clear_set),
        cmocka_unit_test_setup(another_user_is_refused_too, clear_set),
        cmocka_unit_test_setup(trainings_take_it, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
