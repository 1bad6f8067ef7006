/* SPDX-License-Identifier: Apache-2.0 */
#include "train/mirror_check.h"

#include <math.h>

#include "base/mem.h"
#include "base/text.h"
#include "train/loop.h"

/* Of the work of all steps, where a patch costs three passes: forward, and twice that backward. */
static const double MIRROR_SHARE = .05;
enum { PASSES_OF_A_PATCH = 3, FEW = 4 }; /* with fewer cases, chance decides */

int mirror_check_cases(int64_t steps, int batch, int axes, double passes, int cases)
{
    if (!axes || !(passes > 0)) return 0;
    const double once_and_mirrored = passes * (1 + (1 << axes)),
                 room = MIRROR_SHARE * PASSES_OF_A_PATCH * (double)steps * batch;
    const int n = (int)fmin(cases, room / once_and_mirrored);
    return n < FEW ? 0 : n;
}

static int mirrored_axes(const struct training *t)
{
    const bool *mirror = t->sampler.augment.mirror;
    return t->recipe.max_memory > 0 ? 0 : mirror[0] + mirror[1] + mirror[2];
}

double mirror_check_seconds(const struct training *t, double seconds)
{
    const int axes = mirrored_axes(t);
    return axes ? fmin(MIRROR_SHARE * seconds, t->duration.validation * (1 + (1 << axes))) : 0;
}

static att_status try_both(struct training *t, const int *cases, int count, struct err *e)
{
    struct validation once, mirrored;
    TRY(training_validate(t, cases, count, NULL, &once, e));
    TRY(training_validate(t, cases, count, t->sampler.augment.mirror, &mirrored, e));
    if (isnan(once.mean) || isnan(mirrored.mean)) return ATT_OK; /* these cases have no class */
    t->mirrored = (struct mirror_scores){count, once.mean, mirrored.mean};
    host_say(t->c->host, LOG_INFO,
        "averaged over mirror images, the Dice of %d case%s is %.4f instead of %.4f; a prediction "
        "%s them by default",
        count, TEXT_S(count), mirrored.mean, once.mean,
        mirrored.mean > once.mean ? "averages over" : "does without");
    return ATT_OK;
}

att_status mirror_check(struct training *t, struct err *e)
{
    const int all = t->split.nval,
              n = mirror_check_cases(
                  t->step, t->recipe.batch, mirrored_axes(t), t->validation.passes, all);
    t->mirrored = (struct mirror_scores){0};
    if (!n) return ATT_OK;
    int *cases;
    TRY(MEM_ARRAY(cases, n, "the validation cases", e));
    for (int i = 0; i < n; i++) cases[i] = t->split.val[(int64_t)i * all / n];
    const att_status status = try_both(t, cases, n, e);
    mem_free(cases);
    return status;
}
