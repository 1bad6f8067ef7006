/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, and the line on the terminal that shows how far work has come.  In a pipe there are messages only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void progress_init(struct progress *p)
{
    const char *kind = getenv("TERM"), *colour = getenv("NO_COLOR");
    p->terminal = isatty(STDERR_FILENO) && kind && strcmp(kind, "dumb") != 0;
    p->colour = p->terminal && !(colour && *colour);
}

void progress_clear(struct progress *p)
{
    if (p->shown) fputs("\r\033[K", stderr);
    p->shown = false;
}

void progress_message(void *user, int level, const char *text)
{
    struct progress *p = user;
    if (level < 1 || p->quiet) return;
    progress_clear(p);
    if (level > 1) fputs(p->colour ? "\033[33mwarning:\033[0m " : "warning: ", stderr);
    fprintf(stderr, "%s\n", text);
}

static int columns(void)
{
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* what done/total, elapsed, time left, detail; cut to the width of the terminal. */
static void draw(const struct progress_work *w, double elapsed, int64_t done, int64_t total, const char *detail)
{
    char line[256], word[WORD];
    int used = snprintf(line, sizeof line, "%s %lld", w->what, (long long)done);
    if (total > 0) used += snprintf(line + used, sizeof line - (size_t)used, "/%lld", (long long)total);
    used += snprintf(line + used, sizeof line - (size_t)used, "  %s elapsed", word_seconds(elapsed, word));
    if (total > 0 && done > w->first && elapsed > 1) {
        double left = elapsed * (double)(total - done) / (double)(done - w->first);
        used += snprintf(line + used, sizeof line - (size_t)used, ", %s left", word_seconds(left, word));
    }
    if (detail) snprintf(line + used, sizeof line - (size_t)used, "  %.100s", detail);
    fprintf(stderr, "\r\033[K%.*s", columns() - 1, line);
}

/* The work of this name; begun now if it is new, in place of the last one when all places are taken. */
static struct progress_work *find_work(struct progress *p, const char *what, int64_t done, double t)
{
    struct progress_work *w = p->works;
    for (int i = 0; i < PROGRESS_WORKS; i++, w++) {
        if (w->what[0] && strncmp(w->what, what, sizeof w->what - 1) == 0) return w;
        if (!w->what[0] || i == PROGRESS_WORKS - 1) break;
    }
    snprintf(w->what, sizeof w->what, "%s", what);
    w->start = t;
    w->first = done;
    return w;
}

void progress_show(void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct progress *p = user;
    if (!p->terminal || p->quiet || !*what) return;
    double t = now();
    struct progress_work *w = find_work(p, what, done, t);
    if (total > 0 && done >= total) { /* it ends, and with it what was begun inside of it */
        progress_clear(p);
        for (; w < p->works + PROGRESS_WORKS; w++) w->what[0] = 0;
        return;
    }
    if (p->shown && t - p->drawn < 0.1) return;
    p->drawn = t;
    draw(w, t - w->start, done, total, detail);
    p->shown = true;
}
