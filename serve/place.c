/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"

#include <errno.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"

bool place_enter(struct place *p)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(p->folder, sizeof p->folder, "%.200s/attunet-serve-XXXXXX",
        temporary && *temporary ? temporary : "/tmp");
    *p->words = 0;
    if (mkdtemp(p->folder)) return true;
    *p->folder = 0;
    return false;
}

void place_leave(struct place *p)
{
    char *const folders[] = {p->folder, NULL};
    FTS *walk = *p->folder ? fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    for (FTSENT *f; walk && (f = fts_read(walk));)
        if (f->fts_info != FTS_D) remove(f->fts_path);
    if (walk) fts_close(walk);
}

char *place_path(const struct place *p, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", p->folder, name) < 0 ? NULL : path;
}

/* Its links become "image 3", and the folder of them "the series". */
static void take_words(struct place *p, const char *said)
{
    static const char own[] = PROGRAM ": ";
    const size_t folder = strlen(p->folder);
    size_t n = 0;
    if (strncmp(said, own, sizeof own - 1) == 0) said += sizeof own - 1;
    while (*said && *said != '\n' && n < PLACE_WORDS - 32) {
        if (strncmp(said, p->folder, folder) != 0 || strncmp(said + folder, "/in", 3) != 0) {
            p->words[n++] = *said++;
            continue;
        }
        said += folder + 3;
        char *end;
        const unsigned long image = *said == '/' ? strtoul(said + 1, &end, 10) : 0;
        if (*said == '/') said = end;
        n += (size_t)snprintf(p->words + n, 32, image ? "image %lu" : "the series", image);
    }
    while (n && p->words[n - 1] == ':') n--; /* of a list of parts */
    p->words[n] = 0;
}

static void read_words(struct place *p)
{
    char *path = place_path(p, "err"), said[4096] = "";
    FILE *file = path ? fopen(path, "re") : NULL;
    if (file) said[fread(said, 1, sizeof said - 1, file)] = 0;
    if (file) fclose(file);
    free(path);
    take_words(p, said);
}

bool place_warned(const struct place *p)
{
    char *path = place_path(p, "out"), *line = NULL;
    FILE *file = path ? fopen(path, "re") : NULL;
    size_t size = 0;
    bool warned = false;
    while (file && !warned && getline(&line, &size, file) > 0)
        warned = strncmp(line, "warning", 7) == 0;
    if (file) fclose(file);
    free(line);
    free(path);
    return warned;
}

static int wait_for(pid_t child, struct worker *w, const atomic_bool *stops)
{
    static const struct timespec moment = {0, 20 * 1000 * 1000};
    int status = -1;
    for (pid_t ended = 0; ended != child;) {
        ended = waitpid(child, &status, WNOHANG);
        if (ended < 0 && errno != EINTR) return -1;
        if (ended == 0 && (w ? worker_stopped(w) : atomic_load(stops))) kill(child, SIGKILL);
        if (ended == 0) nanosleep(&moment, NULL);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int place_run(struct place *p, const char *const *words, struct worker *w, const atomic_bool *stops)
{
    char *out = place_path(p, "out"), *err = place_path(p, "err");
    const pid_t child = out && err ? child_start(words, NULL, out, err) : 0;
    free(out);
    free(err);
    const int status = child > 0 ? wait_for(child, w, stops) : -1;
    if (status == CHILD_LOST)
        snprintf(p->words, PLACE_WORDS,
            "the program " PROGRAM " is not there; install the package " PROGRAM);
    else if (status > 0)
        read_words(p);
    if (status && !*p->words)
        snprintf(
            p->words, PLACE_WORDS, PROGRAM " ended without a result; run " PROGRAM " list by hand");
    return status;
}
