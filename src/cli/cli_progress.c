/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, and the progress line on a terminal.  A pipe gets messages only. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
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
    p->warnings = json_array();
}

void progress_clear(struct progress *p)
{
    if (p->shown) fputs("\r\033[K", stderr);
    p->shown = false;
}

void progress_message(void *user, int level, const char *text)
{
    struct progress *p = user;
    if (p->quiet && level < 3) return;
    progress_clear(p);
    if (level == 2) fputs(p->colour ? "\033[33mwarning:\033[0m " : "warning: ", stderr);
    if (level > 2) fputs(p->colour ? "\033[31merror:\033[0m " : "error: ", stderr);
    cli_say(text, stderr);
    fputc('\n', stderr);
}

void progress_warning(void *user, const char *kind, const char *text)
{
    struct progress *p = user;
    char ascii[1024];
    progress_message(user, 2, text);
    json_t *words = json_string(text);
    if (!words) { /* a file name that is not UTF-8 */
        snprintf(ascii, sizeof ascii, "%s", text);
        for (char *at = ascii; *at; at++)
            if (*at & 0x80) *at = '?';
        words = json_string(ascii);
    }
    json_array_append_new(p->warnings, json_pack("{s:s, s:o}", "kind", kind, "text", words));
}

static int cli_progress_columns(void)
{
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

/* "training 120/400  0:10 elapsed, 0:25 left  loss 0.1234" */
static void cli_progress_describe(
    const struct progress_work *w, double elapsed, char *line, size_t size)
{
    char word[WORD];
    size_t used = (size_t)snprintf(line, size, "%s %lld", w->what, (long long)w->done);
    if (w->total > 0)
        used += (size_t)snprintf(line + used, size - used, "/%lld", (long long)w->total);
    used += (size_t)snprintf(line + used, size - used, "  %s elapsed", word_seconds(elapsed, word));
    if (w->total > 0 && w->done > w->first && elapsed > 1) {
        double left = elapsed * (double)(w->total - w->done) / (double)(w->done - w->first);
        used += (size_t)snprintf(line + used, size - used, ", %s left", word_seconds(left, word));
    }
    if (w->detail[0]) snprintf(line + used, size - used, "  %s", w->detail);
}

/* ---- SIGUSR1 */

static volatile sig_atomic_t asked; /* set by the signal handler */

void progress_ask(void) { asked = 1; }

static void cli_progress_print(struct progress *p, double t)
{
    struct rusage usage;
    char line[320], memory[WORD];
    progress_clear(p);
    for (const struct progress_work *w = p->works; w < p->works + PROGRESS_WORKS && w->what[0];
         w++) {
        cli_progress_describe(w, t - w->start, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    if (getrusage(RUSAGE_SELF, &usage) != 0) return;
    json_t *bytes = json_integer((json_int_t)usage.ru_maxrss * 1024);
    fprintf(stderr, "peak memory: %s\n", word_bytes(bytes, memory));
    json_decref(bytes);
}

/* The work of this name.  New work starts now; if all places are in use it replaces the last. */
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
    if (!*what) return;
    double t = now();
    struct progress_work *w = find_work(p, what, done, t);
    w->done = done;
    w->total = total;
    snprintf(w->detail, sizeof w->detail, "%s", detail ? detail : "");
    if (asked) {
        asked = 0;
        cli_progress_print(p, t);
    }
    if (total > 0 && done >= total) { /* ends, with all nested work */
        progress_clear(p);
        for (; w < p->works + PROGRESS_WORKS; w++) w->what[0] = 0;
        return;
    }
    if (!p->terminal || p->quiet || (p->shown && t - p->drawn < 0.1)) return;
    char line[320];
    cli_progress_describe(w, t - w->start, line, sizeof line);
    fprintf(stderr, "\r\033[K%.*s", cli_progress_columns() - 1, line);
    p->drawn = t;
    p->shown = true;
}
