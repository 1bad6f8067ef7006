/* SPDX-License-Identifier: Apache-2.0 */
#include "base/team.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_memory.h"
#include "base/mem.h"

size_t team_slice(const struct team *t, size_t n, int rank)
{
    const size_t size = (size_t)t->size, r = (size_t)rank;
    return n / size * r + (n % size) * r / size;
}

/* ---- one exchange */

static bool team_gone(const struct team *t, int rank)
{
    const struct team_peer *p = &t->peers[rank], *own = &t->peers[t->rank];
    return strcmp(p->place, own->place) == 0 && kill((pid_t)p->pid, 0) != 0 && errno == ESRCH;
}

static att_status team_lose(struct team *t, att_status status)
{
    t->lost = true;
    t->wire->abandon((int)status);
    return status;
}

att_status team_fail(struct team *t, att_status status)
{
    t->speaks = true;
    return team_lose(t, status);
}

static const double LOOK = .1; /* seconds between two looks for the others */

/* Processes of this machine that have ended. It stays until all have looked, so that they see who
 * ended first. */
static att_status team_look(struct team *t, struct err *e)
{
    const struct timespec pause = {.tv_nsec = (long)(3e9 * LOOK)};
    for (int i = 0; i < t->size; i++) {
        if (!team_gone(t, i)) continue;
        t->speaks = true;
        for (int j = 0; j < t->rank; j++) t->speaks &= team_gone(t, j);
        nanosleep(&pause, NULL);
        return team_lose(t,
            err_set(e, ATT_IO,
                "rank %d (process %lld on %s) has ended, so all ranks stop; continue a training "
                "with 'attunet resume', or start the command again",
                i, (long long)t->peers[i].pid, t->peers[i].host));
    }
    return ATT_OK;
}

/* Soon with short pauses, later with longer ones, so that a waiting rank leaves its processor to
 * others. */
static void team_pause(double waited)
{
    static const double busy = .002, long_wait = .1;
    if (waited < busy) {
        sched_yield();
        return;
    }
    const struct timespec pause = {.tv_nsec = waited < long_wait ? 50000 : 1000000};
    nanosleep(&pause, NULL);
}

static att_status team_exchange(struct team *t, int count, struct err *e)
{
    if (t->lost) return err_set(e, ATT_IO, "another rank has ended, so all ranks stop");
    const char *why = t->wire->begin(t->messages, count);
    const double begin = clock_now();
    double looked = begin;
    while (!why && !t->wire->done(&why)) {
        const double now = clock_now();
        team_pause(now - begin);
        if (!t->peers || now - looked < LOOK) continue;
        looked = now;
        TRY(team_look(t, e));
    }
    if (!why) return ATT_OK;
    return team_lose(t,
        err_set(e, ATT_IO,
            "ranks cannot exchange data: %.300s; continue a training with 'attunet resume', or "
            "start the command again",
            why));
}

static void team_message(struct team *t, int *count, int rank, bool sends, void *data, size_t bytes)
{
    if (rank == t->rank || !bytes) return;
    t->messages[(*count)++] = (struct team_message){rank, sends, data, bytes};
}

/* ---- patterns */

att_status team_gather(struct team *t, const void *own, void *all, size_t bytes, struct err *e)
{
    unsigned char *to = all;
    int count = 0;
    memcpy(to + (size_t)team_rank(t) * bytes, own, bytes);
    if (team_size(t) == 1) return ATT_OK;
    for (int i = 0; i < t->size; i++) {
        team_message(t, &count, i, false, to + (size_t)i * bytes, bytes);
        team_message(t, &count, i, true, to + (size_t)t->rank * bytes, bytes);
    }
    return team_exchange(t, count, e);
}

att_status team_share(struct team *t, void *data, size_t bytes, struct err *e)
{
    int count = 0;
    if (team_size(t) == 1) return ATT_OK;
    for (int i = t->rank ? 0 : 1; i < (t->rank ? 1 : t->size); i++)
        team_message(t, &count, i, !t->rank, data, bytes);
    return team_exchange(t, count, e);
}

att_status team_scatter(
    struct team *t, const void *numbers, size_t n, size_t width, void *received, struct err *e)
{
    const size_t own = (team_slice(t, n, t->rank + 1) - team_slice(t, n, t->rank)) * width;
    unsigned char *from = (unsigned char *)(uintptr_t)numbers, *to = received;
    int count = 0;
    for (int i = 0; i < t->size; i++) {
        const size_t first = team_slice(t, n, i), end = team_slice(t, n, i + 1);
        team_message(t, &count, i, false, to, own);
        if (i != t->rank) to += own;
        team_message(t, &count, i, true, from + first * width, (end - first) * width);
    }
    return team_exchange(t, count, e);
}

att_status team_collect(struct team *t, void *numbers, size_t n, size_t width, struct err *e)
{
    const size_t first = team_slice(t, n, t->rank), end = team_slice(t, n, t->rank + 1);
    unsigned char *all = numbers;
    int count = 0;
    for (int i = 0; i < t->size; i++) {
        const size_t at = team_slice(t, n, i), stop = team_slice(t, n, i + 1);
        team_message(t, &count, i, false, all + at * width, (stop - at) * width);
        team_message(t, &count, i, true, all + first * width, (end - first) * width);
    }
    return team_exchange(t, count, e);
}

struct notice {
    uint64_t hash;
    int32_t status, stop;
    char text[TEAM_TEXT];
};

static att_status team_judge(const struct team *t, const struct notice *all, struct err *e)
{
    for (int i = 0; i < t->size; i++)
        if (all[i].status != ATT_OK)
            return err_set(e, (att_status)all[i].status, "rank %d on %s: %.*s", i, t->peers[i].host,
                TEAM_TEXT, all[i].text);
    for (int i = 1; i < t->size; i++)
        if (all[i].hash != all[0].hash)
            return err_set(e, ATT_FAILED,
                "the weights of rank %d on %s differ from those of rank 0, so training stops; "
                "continue from the last checkpoint with 'attunet resume' and check that machine",
                i, t->peers[i].host);
    return ATT_OK;
}

att_status team_agree(
    struct team *t, struct host *host, att_status own, uint64_t hash, struct err *e)
{
    if (team_size(t) == 1) return own;
    struct notice *all = mem_array((size_t)t->size + 1, sizeof *all), *mine = &all[t->size];
    if (!all) return team_fail(t, err_memory(e, sizeof *all, "an exchange of ranks"));
    mine->hash = hash;
    mine->status = (int32_t)own;
    mine->stop = host_stopped(host);
    if (own != ATT_OK) snprintf(mine->text, sizeof mine->text, "%.*s", TEAM_TEXT - 1, e->text);
    att_status status = team_gather(t, mine, all, sizeof *all, e);
    for (int i = 1; i < t->size && status == ATT_OK && t->rank == 0; i++)
        if (all[i].stop) atomic_store(&host->stop, 1);
    if (status == ATT_OK) status = team_judge(t, all, e);
    mem_free(all);
    return status;
}

att_status team_meet_all(
    struct team *t, struct host *host, att_status own, uint64_t cases, struct err *e)
{
    if (team_size(t) == 1) return own;
    t->met = true;
    TRY(team_agree(t, host, own, 0, e));
    uint64_t *all = mem_array((size_t)t->size, sizeof *all);
    if (!all) return team_fail(t, err_memory(e, sizeof *all, "an exchange of ranks"));
    att_status status = team_gather(t, &cases, all, sizeof cases, e);
    for (int i = 1; i < t->size && status == ATT_OK; i++)
        if (all[i] != all[0])
            status = err_data(e,
                "rank %d on %s has other cases than rank 0 on %s; give all ranks the same files", i,
                t->peers[i].host, t->peers[0].host);
    mem_free(all);
    return status;
}

/* Texts of different lengths, each in a part of `longest` bytes. */
static att_status team_gather_texts(struct team *t, const char *text, const int64_t *length,
    int64_t longest, json_t *all, struct err *e)
{
    const size_t part = (size_t)longest;
    char *own = mem_alloc(part), *texts = mem_array((size_t)t->size, part);
    if (!own || !texts) {
        mem_free(own);
        mem_free(texts);
        return team_fail(t, err_memory(e, part, "an exchange of ranks"));
    }
    memcpy(own, text, (size_t)length[t->rank]);
    att_status status = team_gather(t, own, texts, part, e);
    for (int i = 0; i < t->size && status == ATT_OK; i++) {
        json_t *value =
            json_memory_load(texts + (size_t)i * part, (size_t)length[i], JSON_DECODE_ANY, NULL);
        if (json_array_append_new(all, value) != 0)
            status = team_fail(t, err_memory(e, part, "an exchange of ranks"));
    }
    mem_free(own);
    mem_free(texts);
    return status;
}

att_status team_gather_json(struct team *t, const json_t *own, json_t **all, struct err *e)
{
    char *text = json_text(own, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    int64_t mine = text ? (int64_t)strlen(text) : 0, longest = 0,
            *length = mem_array((size_t)t->size, sizeof *length);
    *all = json_array();
    att_status status = text && length && *all
        ? team_gather(t, &mine, length, sizeof mine, e)
        : team_fail(t, err_memory(e, (size_t)mine, "an exchange of ranks"));
    for (int i = 0; i < t->size && status == ATT_OK; i++)
        if (length[i] > longest) longest = length[i];
    if (status == ATT_OK) status = team_gather_texts(t, text, length, longest, *all, e);
    mem_free(text);
    mem_free(length);
    return json_keep(all, status);
}

/* ---- joining */

/* Machines may share a name, not the number that the kernel draws when it starts. */
static void team_read_boot(char boot[40])
{
    const int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    const ssize_t length = fd < 0 ? 0 : read(fd, boot, 36);
    boot[length > 0 ? length : 0] = 0;
    if (fd >= 0) close(fd);
}

static void team_introduce(struct team_peer *p, uint32_t kernels)
{
    char space[64] = "", boot[40];
    memset(p, 0, sizeof *p); /* its padding is sent, too */
    if (gethostname(p->host, sizeof p->host - 1) != 0) snprintf(p->host, sizeof p->host, "?");
    if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0) *space = 0;
    team_read_boot(boot);
    snprintf(p->place, sizeof p->place, "%s %s %s", p->host, boot, space);
    snprintf(p->version, sizeof p->version, "%s", ATT_VERSION);
    p->pid = getpid();
    p->kernels = kernels;
}

static att_status team_meet(struct team *t, uint32_t kernels, struct err *e)
{
    struct team_peer own;
    struct team_peer *peers = mem_array((size_t)t->size, sizeof *peers);
    t->messages = mem_array(2 * (size_t)t->size, sizeof *t->messages);
    if (!peers || !t->messages) {
        mem_free(peers);
        return team_fail(t, err_memory(e, sizeof *peers, "the list of ranks"));
    }
    team_introduce(&own, kernels);
    att_status status = team_gather(t, &own, peers, sizeof own, e);
    t->peers = peers;
    for (int i = 0; i < t->size && status == ATT_OK; i++)
        if (strcmp(peers[i].version, own.version) != 0)
            status = err_usage(e,
                "rank %d on %s runs attunet %s and rank %d attunet %s; install one version on all "
                "machines",
                i, peers[i].host, peers[i].version, t->rank, own.version);
    return status;
}

att_status team_refuse(int launched, struct err *e)
{
    return err_usage(e,
        "the launcher started %d processes, but MPI sees only one: each would do the same; use "
        "mpirun, or srun --mpi=pmix, or set `ranks` 1 for processes of their own",
        launched);
}

att_status team_join(
    struct team *t, const struct team_wire *wire, int launched, uint32_t kernels, struct err *e)
{
    *t = (struct team){.size = 1, .wire = wire};
    const char *why = wire->start(&t->rank, &t->size);
    t->speaks = t->rank == 0;
    if (why) return err_usage(e, "MPI does not start: %.300s", why);
    if (t->size == 1 && launched > 1) return team_refuse(launched, e);
    return t->size > 1 ? team_meet(t, kernels, e) : ATT_OK;
}

void team_free(struct team *t)
{
    mem_free(t->peers);
    mem_free(t->messages);
    memset(t, 0, sizeof *t);
}

uint32_t team_kernels(const struct team *t)
{
    uint32_t common = ~0u;
    for (int i = 0; i < t->size; i++) common &= t->peers[i].kernels;
    return common;
}
