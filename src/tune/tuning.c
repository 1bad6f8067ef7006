/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/tuning.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

double tuning_spent(const struct tuning *t) { return t->spent + clock_now() - t->began; }

double tuning_reach(const struct tuning *t, int rung)
{
    return (t->rung_seconds > 0 ? t->rung_seconds : (double)t->rung_steps) * pow(t->eta, rung);
}

char *tuning_trial_path(const struct tuning *t, int trial)
{
    return mem_text("%s/" TUNE_TRIALS "/%04d", t->out, trial);
}

double tuning_budget_for(const struct tuning *t, double rung)
{
    return TUNE_DEFAULT_TRIALS * rung / (1 - t->final_share);
}

void tuning_close(struct tuning *t)
{
    search_free(&t->search);
    mem_free(t->jobs);
    tune_settings_free(&t->settings);
    json_decref(t->plan);
    json_decref(t->from_plan);
    json_decref(t->train_defaults);
    json_decref(t->lines);
    mem_free(t->dataset);
    mem_free(t->journal);
    options_free(&t->options);
    options_free(&t->train);
    memset(t, 0, sizeof *t);
}
