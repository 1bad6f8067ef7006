/* SPDX-License-Identifier: Apache-2.0 */
#include "tune/asha.h"

static bool asha_better(const struct trial *trial, int rung, int a, int b)
{
    double x = trial[a].value[rung], y = trial[b].value[rung];
    return x > y || (x == y && a < b);
}

static bool is_waiting(const struct trial *t, int rung)
{
    return t->done == rung + 1 && !t->failed && !t->dropped && !t->busy;
}

/* Number of trials with a better result at the rung. */
static int asha_rank(const struct trial *trial, int count, int rung, int i)
{
    int n = 0;
    for (int k = 0; k < count; k++)
        n += k != i && trial[k].done > rung && asha_better(trial, rung, k, i);
    return n;
}

int asha_next(const struct trial *trial, int count, int eta, int rungs)
{
    for (int rung = rungs - 2; rung >= 0; rung--) {
        int here = 0, best = -1;
        for (int i = 0; i < count; i++) {
            here += trial[i].done > rung || (trial[i].failed && trial[i].done == rung);
            if (is_waiting(&trial[i], rung) && (best < 0 || asha_better(trial, rung, i, best)))
                best = i;
        }
        if (best >= 0 && asha_rank(trial, count, rung, best) < here / eta) return best;
    }
    return -1;
}

int asha_before(const struct trial *trial, int count, int i)
{
    int n = 0, rung = trial[i].done - 1;
    for (int k = 0; k < count; k++)
        n += k != i && is_waiting(&trial[k], rung) && asha_better(trial, rung, k, i);
    return n;
}
