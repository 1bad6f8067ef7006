/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/class_prior.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "plan/heads.h"

static const double min_share = 1e-3; /* keeps a gradient for very rare classes */

/* Share of labelled voxels that belong to a channel's class or region. */
static double class_prior_share_of(const struct target *t, const struct fingerprint *f, int channel)
{
    double with = 0, all = 0;
    for (int c = 0; c < f->classes; c++) {
        bool part = t->regions ? class_set_has(t->region[channel], c) : c == channel;
        all += (double)f->class[c].voxels;
        if (part) with += (double)f->class[c].voxels;
    }
    return fmin(fmax(with / fmax(all, 1), min_share), 1 - min_share);
}

att_status class_prior_set(struct model *m, const struct fingerprint *f, struct err *e)
{
    struct target t;
    bool *head;
    real bias[TARGET_MAX];
    model_target(m, &t);
    for (int k = 0; k < t.channels; k++) {
        double share = class_prior_share_of(&t, f, k);
        bias[k] = (real)log(t.regions ? share / (1 - share) : share);
    }
    TRY(heads_mark(m, &head, e));
    for (int i = 0; i < m->params.count; i++) {
        const struct param *p = &m->params.list[i];
        if (!head[i] || p->kind != PARAM_VECTOR || p->count != (size_t)t.channels) continue;
        memcpy(params_at(&m->params, i), bias, p->count * sizeof *bias);
    }
    mem_free(head);
    return ATT_OK;
}
