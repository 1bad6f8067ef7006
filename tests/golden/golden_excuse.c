/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients that miss: the float run asks, the double run of the same file judges.
 *
 * The float run writes a dump (its decisions, gradients and parameters after the step) and starts
 * the double build, golden_f64, beside its own program, or the one that $GOLDEN_DOUBLE names.  That
 * runs forward, takes the decisions of the dump where they are on the edge, runs backward, and
 * compares the dump's gradients and step with its own.  It answers in one line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "files/file_at.h"
#include "golden.h"

/* The dump: this, then gradients and stepped parameters (floats, torch's order, those that train),
 * then the decisions. */
struct dump_head {
    char magic[8];
    uint64_t floats, decisions;
};
static const char MAGIC[8] = "edges 1";

static uint64_t trained_floats(const struct golden *g)
{
    uint64_t count = 0;
    for (int i = 0; i < g->params.count; i++)
        if (golden_trains(g, i)) count += g->params.list[i].count;
    return count;
}

/* ---- asking */

static bool write_parameters(const struct golden *g, const real *block, FILE *f)
{
    bool fine = true;
    for (int i = 0; i < g->params.count && fine; i++) {
        const struct param *p = &g->params.list[i];
        if (!golden_trains(g, i)) continue;
        real *values = mem_array(p->count + 1, sizeof *values);
        if (values) params_export(p, block + p->offset, values);
        fine = values && fwrite(values, sizeof *values, p->count, f) == p->count;
        mem_free(values);
    }
    return fine;
}

static bool write_dump(const struct golden *g, FILE *f)
{
    struct dump_head head = {.floats = 2 * trained_floats(g), .decisions = g->ndecisions};
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    return fwrite(&head, sizeof head, 1, f) == 1 && write_parameters(g, golden_gradients(g), f) &&
        write_parameters(g, golden_weights(g), f) &&
        fwrite(g->decisions, 1, g->ndecisions, f) == g->ndecisions;
}

/* Starts the double build and reads what it prints; returns its exit status, that of a shell (128 +
 * signal) if it was stopped, or -1. */
static int run_double(
    const char *program, const char *dump, const char *path, char *answer, size_t size)
{
    int ends[2], status = 0;
    if (pipe(ends) != 0) return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, "--edges", dump, path, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t got = 1;
    while (child > 0 && used + 1 < size && (got > 0 || (got < 0 && errno == EINTR))) {
        got = read(ends[0], answer + used, size - 1 - used);
        if (got > 0) used += (size_t)got;
    }
    answer[used] = 0;
    answer[strcspn(answer, "\n")] = 0;
    close(ends[0]);
    if (child < 0) return -1;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void ask_with(struct golden *g, const char *dump)
{
    char program[4096];
    const char *other = getenv("GOLDEN_DOUBLE");
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - sizeof "_f64");
    if (length < 0) length = 0;
    memcpy(program + length, "_f64", sizeof "_f64");
    if (other && *other) snprintf(program, sizeof program, "%s", other);
    int status = run_double(program, dump, g->path, g->answer, sizeof g->answer);
    g->verdict = status == 0 ? EXPLAINED : status == 1 ? REFUSED : NO_ANSWER;
    if (status == -1 || status == 127)
        snprintf(g->answer, sizeof g->answer, "the double build cannot be run: %.400s", program);
    if (status > 128)
        snprintf(
            g->answer, sizeof g->answer, "the double build was stopped by signal %d", status - 128);
}

/* The dump has no name, so that nothing is left behind however this ends; the double build gets it
 * as an open file. */
void excuse_ask(struct golden *g)
{
    const char *folder = getenv("TMPDIR");
    char *path = mem_text("%s/golden-XXXXXX", folder && *folder ? folder : "/tmp"), dump[32];
    int fd = path ? mkstemp(path) : -1;
    if (fd >= 0) unlink(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    g->verdict = NO_ANSWER;
    snprintf(dump, sizeof dump, "/dev/fd/%d", fd);
    if (f && write_dump(g, f) && fflush(f) == 0)
        ask_with(g, dump);
    else
        snprintf(g->answer, sizeof g->answer, "cannot write a temporary file %.300s: %s",
            path ? path : "", strerror(errno));
    if (f) fclose(f);
    mem_free(path);
}

/* ---- judging */

static bool open_dump(struct golden *g, const char *path, struct file_stream *m)
{
    struct dump_head head;
    if (file_stream_open(path, m, &g->err) != ATT_OK ||
        file_stream_reach(m, path, m->size, &g->err) != ATT_OK)
        return false;
    if (m->size >= sizeof head) {
        memcpy(&head, m->data, sizeof head);
        if (!memcmp(head.magic, MAGIC, sizeof MAGIC) && head.floats == 2 * trained_floats(g) &&
            head.decisions == edges_count(g) &&
            m->size == sizeof head + head.floats * sizeof(float) + head.decisions)
            return true;
    }
    err_set(&g->err, ATT_DATA, "%s is not a dump of this network", path);
    return false;
}

/* One block of the dump against this run's: the dump's numbers are on trial. Returns where the next
 * block begins. */
static const unsigned char *judge_parameters(struct golden *g, const char *prefix,
    const real *block, const unsigned char *dump, double allowed)
{
    for (int i = 0; i < g->params.count; i++) {
        const struct param *p = &g->params.list[i];
        char name[300];
        if (!golden_trains(g, i)) continue;
        snprintf(name, sizeof name, "%s%s", prefix, p->name);
        real *mine = mem_array(p->count + 1, sizeof *mine),
             *got = mem_array(p->count + 1, sizeof *got);
        double *want = mem_array(p->count + 1, sizeof *want);
        if (mine && got && want) {
            params_export(p, block + p->offset, mine);
            for (size_t j = 0; j < p->count; j++) {
                float v;
                memcpy(&v, dump + j * sizeof v, sizeof v);
                got[j] = (real)v;
                want[j] = (double)mine[j];
            }
            compare_numbers(g, name, got, want, p->count, allowed, false, false);
        } else {
            err_memory(&g->err, p->count * sizeof *want, name);
        }
        mem_free(mine);
        mem_free(got);
        mem_free(want);
        dump += p->count * sizeof(float);
    }
    return dump;
}

static int judge(struct golden *g, const struct file_stream *m)
{
    struct dump_head head;
    struct edges e;
    memcpy(&head, m->data, sizeof head);
    golden_forward(g);
    if (g->nmisses) {
        printf("the double run itself misses %s\n", g->misses[0].name);
        return 1;
    }
    if (!edges_take(g, m->data + sizeof head + head.floats * sizeof(float), &e)) {
        printf("%s\n", e.refusal);
        return 1;
    }
    run_backward(&g->run, g->loss);
    golden_step(g);
    g->allowed = FLOAT;
    g->worst = 0;
    const unsigned char *at = judge_parameters(
        g, "train.grad.", golden_gradients(g), m->data + sizeof head, g->allowed.gradient);
    judge_parameters(g, "step.", golden_weights(g), at, g->allowed.step);
    if (g->err.text[0]) return 2;
    const char *s = e.flips == 1 ? "" : "s", *those = e.flips == 1 ? "that" : "those";
    if (g->nmisses) {
        printf("%d tensor%s even with the same decisions (%zu taken over), worst %s with %.1f "
               "of its tolerance\n",
            g->nmisses, g->nmisses == 1 ? " misses" : "s miss", e.flips, g->worst_name, g->worst);
        return 1;
    }
    printf("explained by %zu decision%s on a knife's edge (|value| <= %.1e); with %s decision%s "
           "the gradients agree within %.2f of the tolerance\n",
        e.flips, s, e.largest, those, s, g->worst);
    return 0;
}

int excuse_judge(struct golden *g, const char *dump)
{
    struct file_stream m = {0};
    g->allowed = DOUBLE;
    g->keep_inputs = true;
    int status = golden_build(g, true) == ATT_OK && open_dump(g, dump, &m) ? judge(g, &m) : 2;
    if (status == 2) printf("%s\n", g->err.text);
    file_stream_close(&m);
    return status;
}
