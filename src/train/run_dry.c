/* SPDX-License-Identifier: Apache-2.0 */
#include "train/run_dry.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "files/dry_run.h"
#include "model/run_files.h"
#include "train/snapshots.h"
#include "train/validate.h"

static void add_all(struct host *host, const char *run, const char *const *names)
{
    for (int i = 0; names[i]; i++) dry_run_file(host, run, names[i]);
}

static void add_validation(const struct training *t)
{
    for (int i = 0; i < t->split.nval; i++) {
        const struct data_case *c = &t->data.cases[t->split.val[i]];
        char *path = validation_mask(t->run, c);
        if (path) dry_run_file(t->c->host, path, NULL);
        mem_free(path);
    }
    if (t->split.nval) dry_run_file(t->c->host, t->run, RUN_SUMMARY);
}

/* steps 0: unknown, so only the folder. */
static void add_snapshots(const struct training *t, int64_t steps)
{
    if (t->recipe.snapshots && !steps) dry_run_file(t->c->host, t->run, RUN_SNAPSHOTS);
    int64_t last = t->step - 1;
    for (int64_t i = 0; steps && i < t->recipe.snapshots; i++) {
        const int64_t step = snapshot_step(i, steps, t->recipe.snapshots);
        if (step <= last) continue;
        char *path = snapshot_path(t->run, step);
        if (path) dry_run_file(t->c->host, path, NULL);
        mem_free(path);
        last = step;
    }
}

static void say_length(const struct training *t, const struct train_more *more, int64_t steps)
{
    const struct recipe *r = &t->recipe;
    const char *verb = more ? "continue" : "train";
    char length[96];
    if (steps)
        snprintf(length, sizeof length, "to step %lld", (long long)steps);
    else
        snprintf(length, sizeof length, "for %.0f s", more ? more->seconds : r->seconds);
    note_dry_run(t->c->host, "%s %s %s on %d case%s, from step %lld, and validate on %d: %s", verb,
        t->run, length, t->split.ntrain, TEXT_S(t->split.ntrain), (long long)t->step, t->split.nval,
        r->spec);
}

void run_dry_run(const struct training *t, const struct train_more *more)
{
    static const char *const names[] = {RUN_MODEL, RUN_SETTINGS, RUN_RECORD, RUN_REPORT, RUN_LOG,
        RUN_LOG_LINES, RUN_EVENTS, RUN_CURVES, RUN_CHECKPOINT, RUN_CHECKPOINT_PREVIOUS, RUN_LOCK,
        NULL};
    const int64_t steps =
        more && more->seconds > 0 ? 0 : t->recipe.steps + (more ? more->steps : 0);
    say_length(t, more, steps);
    add_all(t->c->host, t->run, names);
    add_snapshots(t, steps);
    add_validation(t);
}

void run_dry_run_hard(
    const struct train_context *c, const char *run, const json_t *options, bool joint)
{
    static const char *const names[] = {RUN_MODEL, RUN_BEFORE, RUN_RECORD, RUN_REPORT, RUN_LOG,
        RUN_LOG_LINES, RUN_EVENTS, RUN_CURVES, RUN_CHECKPOINT, RUN_CHECKPOINT_PREVIOUS, NULL},
                             *const validated[] = {RUN_VALIDATION, RUN_SUMMARY, NULL};
    bool validates = json_object_get(options, "fold") || json_object_get(options, "val-list") ||
        json_object_get(options, "holdout");
    note_dry_run(c->host,
        joint ? "train both networks and the policy of %s jointly"
              : "train the policy of %s alone, then both networks and the policy jointly",
        run);
    add_all(c->host, run, names);
    if (validates) add_all(c->host, run, validated);
}

void run_dry_run_folds(const struct train_context *c, const char *run)
{
    static const char *const names[] = {RUN_SUMMARY, RUN_REPORT, NULL};
    note_dry_run(c->host,
        "measure all folds of %s together, and choose post-processing for them (" RUN_POST
        " if some helps)",
        run);
    add_all(c->host, run, names);
}
