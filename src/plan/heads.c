/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/heads.h"

#include "arch/objective.h"
#include "base/mem.h"
#include "graph/graph.h"
#include "ops/ops.h"

static void plan_heads_mark(const struct graph *g, int logits, bool *is)
{
    const int producer = g->values[logits].producer;
    if (producer < 0) return;
    const struct node *n = &g->nodes[producer];
    for (int i = 0; i < n->nin; i++)
        if (g->values[n->in[i]].kind == VALUE_PARAM) is[g->values[n->in[i]].param] = true;
}

att_status heads_mark(struct model *m, bool **is, struct err *e)
{
    struct graph g;
    int input, heads[SUM_MAX_IN];
    *is = mem_array((size_t)m->params.count, sizeof **is);
    if (!*is) return err_memory(e, (size_t)m->params.count, "the list of heads");
    graph_init(&g, &m->params, true); /* only graphs for training have all heads */
    /* a batch of 2: with 1, batch norm may have a single value per channel */
    att_status status = model_build(m, &g, 2, m->prep.patch, &input, e);
    for (int i = 0, count = status == ATT_OK ? objective_heads(&g, heads) : 0; i < count; i++)
        plan_heads_mark(&g, heads[i], *is);
    graph_free(&g);
    if (status == ATT_OK) return ATT_OK;
    mem_free(*is);
    *is = NULL;
    return status;
}
