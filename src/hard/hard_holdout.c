/* SPDX-License-Identifier: Apache-2.0 */
/* Every n-th case in sorted order is held out; called by hard_state.c and hard_keep.c. */
#include "hard/hard_holdout.h"

#include <stdlib.h>
#include <string.h>

#include "base/ints.h"
#include "base/mem.h"
#include "base/order.h"

enum { EVERY = 5, MAX_HOLDOUT = 12 };

static int stride(int cases)
{
    return cases > EVERY * MAX_HOLDOUT ? divide_up(cases, MAX_HOLDOUT) : EVERY;
}

int hard_holdout_count(int cases) { return cases / stride(cases); }

att_status hard_holdout_order(struct split *s, struct err *e)
{
    const int n = s->ntrain, every = stride(n);
    int *holdout, held_out = 0, left = 0;
    TRY(MEM_ARRAY(holdout, n, "the training cases", e));
    qsort(s->train, (size_t)n, sizeof *s->train, order_ints);
    for (int i = 0; i < n; i++) {
        if (i % every == every - 1)
            holdout[held_out++] = s->train[i];
        else
            s->train[left++] = s->train[i];
    }
    memcpy(s->train + left, holdout, (size_t)held_out * sizeof *holdout);
    mem_free(holdout);
    return ATT_OK;
}
