/* SPDX-License-Identifier: Apache-2.0 */
/* Called by the training loop. */
#include "train/deadline.h"

#include <math.h>

#include "train/run_record.h"
#include "train/train_state.h"

static const double NEARLY = .01, LOOK = .125; /* shares of what is left */

int64_t deadline_steps(double left, double step, int64_t planned)
{
    double fit = floor(left / step);
    if (fabs(fit - (double)planned) <= fmax(NEARLY * (double)planned, 1) && planned > 0)
        return planned;
    return fit < 1 ? 1 : (int64_t)fit;
}

/* What comes after the last step: as other runs took it, else as it was measured here, by a machine
 * that has become slower or faster since.
 */
static double ending(const struct training *t, double step)
{
    const struct durations *d = &t->duration;
    if (d->ending > 0) return d->ending;
    double factor = d->step > 0 ? fmin(fmax(step / d->step, .5), 4) : 1;
    return factor * (d->validation + 2 * d->save);
}

static att_status replan(struct training *t, int64_t more, struct err *e)
{
    struct recipe *r = &t->recipe;
    const int64_t steps = r->steps;
    r->steps = t->step + more;
    t->transition =
        schedule_extend(r->schedule, r->lr, t->step, steps, r->steps, r->warmup, &t->transition);
    host_say(t->c->host, LOG_INFO,
        "steps take another time than at first: %lld of them instead of %lld end in time",
        (long long)r->steps, (long long)steps);
    TRY(record_length(t, e));
    return training_write_settings(t, e);
}

att_status deadline_keep(struct training *t, struct err *e)
{
    struct deadline *p = &t->deadline;
    double now = clock_now(), end = t->c->deadline;
    if (!(end > 0) || t->step >= t->recipe.steps) return ATT_OK;
    if (p->look > 0 && now < p->look) return ATT_OK;
    double step = p->look > 0 ? (now - p->at) / (double)(t->step - p->from) : t->duration.step;
    double left = end - now - ending(t, step);
    bool first = !(p->look > 0);
    *p = (struct deadline){now, now + fmax(LOOK * left, 0), t->step};
    if (first) return ATT_OK;
    int64_t planned = t->recipe.steps - t->step, more = deadline_steps(left, step, planned);
    return more == planned ? ATT_OK : replan(t, more, e);
}
