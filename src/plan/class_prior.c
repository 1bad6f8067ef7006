/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/class_prior.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arch/objective.h"
#include "graph/graph.h"

static const double least_share = 1e-3; /* patches are drawn so that no class is much rarer in them */

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
    int input, logits;
    real bias[TARGET_MAX];
    model_target(m, &t);
    for (int k = 0; k < t.channels; k++) {
        double share = share_of(&t, f, k);
        bias[k] = (real)log(t.regions ? share / (1 - share) : share);
    }
    graph_init(&g, &m->params, true); /* heads below the first are in graphs that train */
    att_status status = model_build(m, &g, 1, m->prep.patch, &input, e);
    if (status == ATT_OK && (logits = graph_find_output(&g, "logits")) >= 0) set_head(m, &g, logits, bias);
    for (int i = 1; status == ATT_OK; i++) {
        char name[32];
        snprintf(name, sizeof name, "logits.%d", i);
        if ((logits = graph_find_output(&g, name)) < 0) break;
        set_head(m, &g, logits, bias);
    }
    graph_free(&g);
    return status;
}
