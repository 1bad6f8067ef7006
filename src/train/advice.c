/* SPDX-License-Identifier: Apache-2.0 */
/* The rules look at whole validations only: a class that is missed, then the last part of the
 * curve. Few validations show no curve. */
#include "train/advice.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/number.h"
#include "files/file_at.h"
#include "model/run_files.h"
#include "train/runlog.h"

enum { POINTS_MIN = 4 };
static const double MISSED = .01, RISE = .005, FALL = .02; /* of Dice */
static const double LEARNT = .05;                          /* share of the loss */
static const double BEHIND = .15, SCARCE = .1; /* of Dice; of the voxels of the others' mean */

/* The cases have it; found where it is not, it has a Dice of 0, too. */
static bool advice_has(const struct validation *v, int k)
{
    return v->truth[k] > 0 && !isnan(v->dice[k]);
}

/* The worst class, if all others are far better and it has far fewer voxels. Regions overlap, so
 * their voxels are no shares. */
static void advice_behind(
    const struct validation *v, const struct labelling *l, char text[ADVICE_TEXT])
{
    int worst = -1;
    for (int k = 0; k < v->count; k++)
        if (advice_has(v, k) && (worst < 0 || v->dice[k] < v->dice[worst])) worst = k;
    double next = INFINITY, voxels = 0;
    int others = 0;
    for (int k = 0; k < v->count; k++) {
        if (k == worst || !advice_has(v, k)) continue;
        next = fmin(next, v->dice[k]);
        voxels += v->truth[k];
        others++;
    }
    if (!others || l->regions || next - v->dice[worst] < BEHIND) return;
    const double share = v->truth[worst] / (voxels + v->truth[worst]);
    if (v->truth[worst] > SCARCE * voxels / others) return;
    number_write(text, ADVICE_TEXT,
        "the Dice of %s, %.3f, is far behind the others' (%.3f and more), and it has only %.2g %% "
        "of the labelled voxels; more cases that have it would most likely help, or a larger "
        "`foreground`",
        labelling_target_name(l, worst), v->dice[worst], next, 100 * share);
}

void advice_classes(
    const struct validation *v, const struct labelling *l, bool early, char text[ADVICE_TEXT])
{
    *text = 0;
    int missed = 0, first = 0;
    for (int k = v->count - 1; k >= 0; k--)
        if (advice_has(v, k) && v->dice[k] < MISSED) {
            first = k;
            missed++;
        }
    char others[32] = "";
    if (missed > 1) snprintf(others, sizeof others, " (and of %d more)", missed - 1);
    if (missed && missed < v->count)
        snprintf(text, ADVICE_TEXT,
            early
                ? "the Dice of %s%s is still %.3f; first try more time, then more cases that have "
                  "it, or a larger `foreground`"
                : "the Dice of %s%s is still %.3f; more cases that have it would most likely "
                  "help, or a larger `foreground`",
            labelling_target_name(l, first), others, v->dice[first]);
    if (!missed) advice_behind(v, l, text);
}

static const struct advice_point *best_point(const struct advice_point *p, int n)
{
    const struct advice_point *best = p;
    for (int i = 1; i < n; i++)
        if (p[i].dice > best->dice) best = &p[i];
    return best;
}

void advice_curve(const struct advice_point *p, int n, char text[ADVICE_TEXT])
{
    *text = 0;
    if (n < POINTS_MIN) return;
    const struct advice_point *last = &p[n - 1], *best = best_point(p, n - 1),
                              *before = best_point(p, n - 2);
    const bool learns = last->loss < (1 - LEARNT) * best->loss;
    /* A falling learning rate alone raises the last one. */
    if (last->dice >= best->dice + RISE && last[-1].dice >= before->dice + RISE)
        snprintf(text, ADVICE_TEXT,
            "the validation Dice still rose, from %.3f at step %lld to %.3f and %.3f; more time "
            "would most likely help",
            before->dice, (long long)before->step, last[-1].dice, last->dice);
    else if (last->dice >= best->dice + RISE)
        return;
    else if (last->dice <= best->dice - FALL && learns)
        snprintf(text, ADVICE_TEXT,
            "the validation Dice fell from %.3f at step %lld to %.3f while the loss fell, too; "
            "more cases would most likely help, or stronger changes (`augment`), but not more time",
            best->dice, (long long)best->step, last->dice);
    else if (fabs(last->dice - best->dice) < FALL && learns)
        snprintf(text, ADVICE_TEXT,
            "the validation Dice has not risen since step %lld (%.3f) while the loss fell from "
            "%.3f to %.3f; more cases would most likely help more than more time",
            (long long)best->step, best->dice, best->loss, last->loss);
    else if (fabs(last->dice - best->dice) < FALL)
        snprintf(text, ADVICE_TEXT,
            "neither loss nor validation Dice changed much since step %lld; more time alone would "
            "hardly help",
            (long long)best->step);
}

/* ---- RUN/log.csv */

/* The number in column `index` of a row; NaN if it has none. */
static double advice_cell(const char *row, int index)
{
    for (; index > 0 && *row != '\n'; row++) index -= *row == ',';
    if (*row == ',' || *row == '\n') return NAN;
    char *end;
    const double x = number_read(row, &end);
    return end > row ? x : (double)NAN;
}

struct reader {
    struct advice_point *list;
    int count, room;
    double loss; /* sum since the last validation */
    int rows;
};

static att_status add_row(struct reader *r, const char *row, struct err *e)
{
    const double step = advice_cell(row, 0), loss = advice_cell(row, RUNLOG_LOSS),
                 dice = advice_cell(row, RUNLOG_OWN);
    if (!isfinite(step)) return ATT_OK; /* the header */
    if (isfinite(loss)) {
        r->loss += loss;
        r->rows++;
    }
    if (!isfinite(dice)) return ATT_OK;
    TRY(MEM_ROOM(r->list, r->count, "the validations of a run", e));
    r->list[r->count++] = (struct advice_point){(int64_t)step, r->loss / r->rows, dice};
    r->loss = r->rows = 0;
    return ATT_OK;
}

static att_status advice_read(const char *path, struct reader *r, struct err *e)
{
    struct file_lines lines;
    char *line;
    size_t size = 1;
    TRY(file_lines_open(path, &lines, e));
    att_status status = ATT_OK;
    while (size && status == ATT_OK) {
        status = file_lines_next(&lines, path, &line, &size, e);
        if (status == ATT_OK && size) status = add_row(r, line, e);
    }
    file_lines_close(&lines);
    return status;
}

att_status advice_say(const struct training *t, struct err *e)
{
    struct reader r = {.list = NULL};
    char text[ADVICE_TEXT], *path = file_join(t->run, RUN_LOG);
    att_status status = path ? advice_read(path, &r, e) : err_path(e);
    mem_free(path);
    if (status == ATT_OK) {
        advice_classes(&t->validation, &t->model.labels, r.count < POINTS_MIN, text);
        if (*text) host_say(t->c->host, LOG_INFO, "%s", text);
        advice_curve(r.list, r.count, text);
        if (*text) host_say(t->c->host, LOG_INFO, "%s", text);
    }
    mem_free(r.list);
    if (status == ATT_MEMORY) return status;
    err_clear(e); /* the training has ended well without its log */
    return ATT_OK;
}
