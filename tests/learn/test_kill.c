/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at 100 random moments: whatever a run was doing, it goes on, and it ends with the weights
 * of a run that was left alone. */
#include "base/clock.h"
#include "unit/train/train_test.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 100, NOTHING_WRONG = 0, FAILED = 99 };

/* A checkpoint and a model after every step: most of the time something is being written. */
static const char *const words[] = {"steps=20", "validate-every=6", "fold=0", "patch=16x16",
    "batch=2", "spec=widths=3,5 gated=all", "checkpoint-every=0", NULL};

/* Goes on with a run, or starts it; the exit code of a process of its own. */
static int train(const char *run, int threads)
{
    struct watch w;
    struct err e = {0};
    struct how how = {threads, kernels_best()};
    char *checkpoint = mem_text("%s/checkpoint.safetensors", run),
         *next = mem_text("%s/checkpoint.next.safetensors", run);
    bool begun = file_exists(checkpoint) || file_exists(next);
    watch_new(&w);
    att_status status;
    if (begun) {
        status = resume_run(how, &w, run, 0, &e);
    } else {
        struct options o;
        set_options(&o, words);
        status = start_run(how, &w, "data", run, &o, &e);
        options_free(&o);
    }
    mem_free(checkpoint);
    mem_free(next);
    if (status == ATT_OK && !strstr(w.text, "damaged")) return NOTHING_WRONG;
    fprintf(stderr, "%s: %s%s\n", run, w.text, e.text);
    return FAILED;
}

static void rest(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&t, NULL);
}

static bool ended_well(int status)
{
    if (WIFSIGNALED(status))
        assert_int_equal(WTERMSIG(status), SIGKILL);
    else
        assert_int_equal(WEXITSTATUS(status), NOTHING_WRONG);
    return !WIFSIGNALED(status);
}

/* Trains in a process that lives for at most so long; whether it came to its end by itself. */
static bool live_for(const char *run, int threads, double seconds)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(train(run, threads));
    for (double end = clock_now() + seconds, left = seconds; left > 0; left = end - clock_now()) {
        if (waitpid(child, &status, WNOHANG) == child) return ended_well(status);
        rest(left < .002 ? left : .002);
    }
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    return ended_well(status);
}

/* Every line of log.jsonl is whole, and its steps rise. */
static void check_log(const char *run)
{
    char *path = file_join(run, "log.jsonl"), *text, *save = NULL;
    size_t size;
    json_int_t last = 0;
    OK(file_read(path, 1 << 20, &text, &size, &e));
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        json_t *j = json_loads(line, 0, NULL);
        json_int_t step = json_integer_value(json_object_get(j, "step"));
        assert_true(j && step == last + 1);
        last = step;
        json_decref(j);
    }
    assert_int_equal(last, 20);
    mem_free(path);
    mem_free(text);
}

static void check_no_leftovers(const char *run)
{
    struct file_list l;
    OK(file_list(run, &l, &e));
    for (int i = 0; i < l.count; i++) assert_null(strstr(l.names[i], ".tmp-"));
    file_list_free(&l);
}

static void a_hundred_kills(void **state)
{
    (void)state;
    struct rng r = rng_stream(1, RNG_TEST, 0, 0);
    char run[32];
    int kills = 0, runs = 0, cycles = 0;
    put_boxes("data", 5, 1, 16, 20);
    double begin = clock_now();
    assert_int_equal(train("whole", 0), NOTHING_WRONG);
    double max = (clock_now() - begin) / 3;
    if (max > .5) max = .5; /* on a busy machine */
    for (bool ended = true; kills < KILLS || !ended; cycles++) {
        if (ended) snprintf(run, sizeof run, "run%d", runs++);
        ended = live_for(run, cycles % 3, kills < KILLS ? rng_range(&r, 0, max) : 3000);
        kills += !ended;
        if (!ended) continue;
        assert_same_run("whole", run);
        check_log(run);
        check_no_leftovers(run);
    }
    print_message("%d kills, %d runs came to their end\n", kills, runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_hundred_kills)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
