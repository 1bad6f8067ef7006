/* SPDX-License-Identifier: Apache-2.0 */
#include "train/deadline.h"

#include <math.h>

#include "train/run_record.h"
#include "train/train_state.h"

static const double TOLERANCE = .01, CHECK = .125; /* shares of the remaining steps; time */

int64_t deadline_steps(double left, double step, int64_t planned)
{
    double fit = floor(left / step);
    if (fabs(fit - (double)planned) <= fmax(TOLERANCE * (double)planned, 1) && planned > 0)
        return planned;
    return fit < 1 ? 1 : (int64_t)fit;
}

/* Seconds after the last step: from other runs, else as measured here, scaled with the step time.
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
        "the step time has changed; training %lld steps instead of %lld to end in time",
        (long long)r->steps, (long long)steps);
    TRY(record_length(t, e));
    return training_write_settings(t, e);
}

att_status deadline_keep(struct training *t, struct err *e)
{
    struct deadline *p = &t->deadline;
    double now = clock_now(), end = t->c->deadline;
    if (!(end > 0) || t->step >= t->recipe.steps) return ATT_OK;
    if (p->next > 0 && now < p->next) return ATT_OK;
    double step = p->next > 0 ? (now - p->checked) / (double)(t->step - p->step) : t->duration.step;
    double left = end - now - ending(t, step);
    bool first = !(p->next > 0);
    *p = (struct deadline){now, now + fmax(CHECK * left, 0), t->step};
    if (first) return ATT_OK;
    int64_t planned = t->recipe.steps - t->step, more = deadline_steps(left, step, planned);
    return more == planned ? ATT_OK : replan(t, more, e);
}
