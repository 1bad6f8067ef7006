/* SPDX-License-Identifier: Apache-2.0 */
/* Shares of voxels from the fingerprint become biases; called by deciding.c. */
#include "plan/class_prior.h"

#include <math.h>
#include <string.h>

#include "arch/objective.h"
#include "graph/graph.h"
#include "ops/ops.h"

static const double least_share = 1e-3; /* what hardly occurs has a gradient, too */

/* How many of the voxels that have a label belong to what a channel stands for. */
static double share_of(const struct target *t, const struct fingerprint *f, int channel)
{
    double with = 0, all = 0;
    for (int c = 0; c < f->classes; c++) {
        bool part = t->regions ? class_set_has(t->region[channel], c) : c == channel;
        all += (double)f->class[c].voxels;
        if (part) with += (double)f->class[c].voxels;
    }
    return fmin(fmax(with / fmax(all, 1), least_share), 1 - least_share);
}

/* Not of logits that no convolution with a bias makes. */
static void set_head(const struct model *m, const struct graph *g, int logits, const real *bias)
{
    const struct value *v = &g->values[logits];
    const struct node *n = v->producer >= 0 ? &g->nodes[v->producer] : NULL;
    const struct value *last = n ? &g->values[n->in[n->nin - 1]] : NULL;
    if (!last || last->kind != VALUE_PARAM) return;
    const struct param *p = &m->params.list[last->param];
    if (p->kind == PARAM_VECTOR && p->count == (size_t)v->s.c) memcpy(params_at(&m->params, last->param), bias, p->count * sizeof *bias);
}

att_status class_prior_set(struct model *m, const struct fingerprint *f, struct err *e)
{
    struct target t;
    struct graph g;
    int input, heads[SUM_MAX_IN];
    real bias[TARGET_MAX];
    model_target(m, &t);
    for (int k = 0; k < t.channels; k++) {
        double share = share_of(&t, f, k);
        bias[k] = (real)log(t.regions ? share / (1 - share) : share);
    }
    graph_init(&g, &m->params, true);                                    /* heads below the first are in graphs that train */
    att_status status = model_build(m, &g, 2, m->prep.patch, &input, e); /* of one, batch norm may have a single value per channel */
    for (int i = 0, count = status == ATT_OK ? objective_heads(&g, heads) : 0; i < count; i++) set_head(m, &g, heads[i], bias);
    graph_free(&g);
    return status;
}
