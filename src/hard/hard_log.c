/* SPDX-License-Identifier: Apache-2.0 */
#include "hard/hard_log.h"

#include <math.h>

#include "train/pages.h"
#include "train/runlog.h"

enum {
    STEP,
    SECONDS,
    STAGE,
    RATE,
    REWARD,
    GREEDY,
    HOLDOUT,
    ENTROPY,
    TILES,
    NORM,
    COARSE,
    FINE,
    COLUMNS
};
static const char *const names[COLUMNS] = {"step", "seconds", "stage", "learning_rate", "reward",
    "greedy_reward", "held_reward", "entropy", "tiles", "gradient_norm", "coarse_loss",
    "fine_loss"};

static struct log_columns hard_log_columns(const struct hard_training *h)
{
    return (struct log_columns){names, COLUMNS, &h->model.labels};
}

att_status hard_log_begin(const struct hard_training *h, struct err *e)
{
    const struct log_columns c = hard_log_columns(h);
    return runlog_open(h->work->run, &c, h->step - h->due, e); /* a due row is not written yet */
}

/* A network's mean loss since the last row. */
static double loss(const struct training *t)
{
    return t->rows_since ? t->loss_sum / t->rows_since : NAN;
}

att_status hard_log_row(const struct hard_training *h, double lr, bool validated, struct err *e)
{
    const struct log_columns c = hard_log_columns(h);
    const struct hard_sums *s = &h->sums;
    const double n = s->steps; /* 0 steps: NaN */
    const double value[COLUMNS] = {
        [STEP] = (double)h->step,
        [SECONDS] = hard_elapsed(h),
        [STAGE] = h->joint ? 3 : 2,
        [RATE] = lr,
        [REWARD] = s->reward / n,
        [GREEDY] = s->greedy / n,
        [HOLDOUT] = h->holdout_reward,
        [ENTROPY] = s->entropy / n,
        [TILES] = s->count / n,
        [NORM] = s->norm / n,
        [COARSE] = h->joint ? loss(&h->net[PART_COARSE]) : (double)NAN,
        [FINE] = h->joint ? loss(&h->net[PART_FINE]) : (double)NAN,
    };
    return runlog_write(h->work->run, &c, value, validated ? &h->validation : NULL, e);
}

void hard_log_draw(const struct hard_training *h)
{
    pages_curves(h->c, h->work->run, &h->model.labels, REWARD, "reward", COLUMNS);
}
