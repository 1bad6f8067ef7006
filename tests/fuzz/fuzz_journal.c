/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the journal of a search, and of a comparison, over one number and tells it what it holds;
 * what is named is there, and the search can be asked on. */
#include "base/mem.h"
#include "fuzz.h"
#include "tune/journal.h"
#include "tune/replay.h"

static void check(bool good)
{
    if (!good) abort();
}

static void go_on(struct tuning *t)
{
    struct err e = {0};
    struct search *s = &t->search;
    struct search_job job;
    const bool done = replay_last(t->lines, "done") != NULL;
    const int final = replay_final(t->lines);
    check(final < s->count && (final < 0 || s->trial[final].done > 0));
    check(!done || (t->repeat ? s->count >= t->trials : final >= 0));
    check(t->seen <= t->job_count);
    for (int k = t->seen; k < t->job_count; k++) {
        job = t->jobs[k].job;
        check(job.trial >= 0 && job.trial < s->count && job.rung == s->trial[job.trial].done &&
            job.rung < t->rungs);
        replay_result(t->lines, job.trial);
        if (t->jobs[k].state == JOB_OPEN) t->jobs[k].state = JOB_DONE;
    }
    check(replay_see(t, t->job_count));
    for (int i = 0; i < 3; i++) {
        fuzz_check(search_ask(s, &job, &e), &e);
        if (job.trial < 0) return;
        check(job.trial < s->count && job.rung < t->rungs);
        search_add_result(s, job, .25);
    }
}

static void read_as(char *path, int repeat, int ahead)
{
    struct err e = {0};
    struct tuning t = {.journal = path,
        .rungs = repeat ? 1 : 3,
        .eta = 3,
        .seed = 1,
        .repeat = repeat,
        .trials = repeat,
        .ahead = ahead};
    struct dimension *d = space_add(&t.settings.space, "lr", DIMENSION_REAL);
    d->lo = .1;
    d->hi = 1;
    att_status status = journal_read(path, &t.lines, &e);
    fuzz_check(status, &e);
    if (status == ATT_OK) {
        status = replay(&t, &e);
        fuzz_check(status, &e);
        if (status == ATT_OK) go_on(&t);
    }
    search_free(&t.search);
    mem_free(t.jobs);
    json_decref(t.lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64] =
        "/tmp/fuzz_journal_XXXXXX"; /* what is cut off in the middle is cut from the file, too */
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    close(fd);
    read_as(path, 0, 0);
    read_as(path, 0, 2);
    read_as(path, 2, 0);
    unlink(path);
    return 0;
}
