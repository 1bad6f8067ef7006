/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/run_settings.h"

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/number.h"
#include "files/file.h"

static void set_length(json_t **j, double seconds, int64_t steps)
{
    char text[32];
    number_write(text, sizeof text, "%.3f", seconds);
    if (seconds > 0)
        json_put(j, "time", json_string(text));
    else
        json_put(j, "steps", json_sprintf("%lld", (long long)steps));
}

/* Common to all runs of a search: they validate only at the end, when they are compared. */
static json_t *run_settings_common(const struct tuning *t, const double *x, uint64_t seed)
{
    json_t *j = tune_settings_at(&t->settings, x);
    if (json_object_update_missing(j, t->plan)) {
        json_decref(j);
        j = NULL;
    }
    json_put(&j, "validate-every", json_string("0"));
    json_put(&j, "seed", json_sprintf("%llu", (unsigned long long)seed));
    return j;
}

json_t *settings_of_trial(const struct tuning *t, const double *x, double seconds)
{
    json_t *j = run_settings_common(t, x, t->seed);
    char *train = file_join(t->out, TUNE_INNER_TRAIN), *val = file_join(t->out, TUNE_INNER_VAL);
    json_put(&j, "train-list", json_utf8(train));
    json_put(&j, "val-list", json_utf8(val));
    json_put(&j, "checkpoint-every", json_string("30"));
    set_length(&j, seconds, t->rung_steps);
    mem_free(train);
    mem_free(val);
    return j;
}

json_t *settings_of_run(
    const struct tuning *t, const double *x, double seconds, int64_t steps, uint64_t seed)
{
    static const char *const cases[] = {
        "fold", "folds", "holdout", "stratify", "train-list", "val-list"};
    json_t *j = run_settings_common(t, x, seed);
    for (int i = 0; i < 6; i++) {
        const char *text = options_read_text(&t->options, cases[i]);
        if (text) json_put(&j, cases[i], json_utf8(text));
    }
    set_length(&j, seconds, steps);
    return j;
}

void settings_describe(const struct space *s, const double *x, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (int k = 0; k < s->count && used < size; k++) {
        char value[SPACE_VALUE];
        if (isnan(x[k])) continue;
        dimension_text(&s->dim[k], x[k], value);
        used += (size_t)snprintf(
            text + used, size - used, "%s%s=%s", used ? " " : "", s->dim[k].name, value);
    }
}
