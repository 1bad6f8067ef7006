/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/conv_end.h"

#include "base/ints.h"
#include "graph/plan.h"

enum { NORM_INPUTS = 4 };

int conv_end_inputs(const struct conv_end *end)
{
    return (end->norm ? NORM_INPUTS : 0) + (end->map ? 1 : 0);
}

bool conv_end_absorb(const struct graph *g, struct node *n, const struct node *reader)
{
    (void)g;
    struct conv_end *end = &((struct conv_attr *)(void *)n->attr)->end;
    const struct norm_attr *a = (const void *)reader->attr;
    if (reader->op != &op_norm || a->per_image || end->norm || end->act != ACT_NONE ||
        n->nin + NORM_INPUTS > NODE_MAX_IN)
        return false;
    int map = end->map ? n->in[--n->nin] : -1;
    for (int i = 1; i <= NORM_INPUTS; i++) n->in[n->nin++] = reader->in[i];
    if (map >= 0) n->in[n->nin++] = map;
    end->norm = true;
    end->act = a->act;
    end->eps = a->eps;
    return true;
}

void conv_end_idle(struct node *n, const struct node *reader)
{
    const struct conv_attr *a = (const void *)n->attr;
    const struct norm_attr *norm = (const void *)reader->attr;
    /* the last input */
    if (reader->op == &op_norm && !norm->fixed && a->has_bias) n->idle |= READS_IN(n->nin - 1);
}

static size_t padded(int channels) { return (size_t)round_up(channels, LANES); }

size_t conv_end_workspace(const struct conv_end *end, int channels)
{
    return end->norm ? plan_round(4 * padded(channels) * sizeof(real)) : 0;
}

void *conv_end_behind(const struct step *s, const struct conv_end *end, int channels)
{
    size_t own = conv_end_workspace(end, channels);
    return own ? (unsigned char *)s->workspace + own : s->workspace; /* may be NULL */
}

/* norm(s + bias) = gamma*rstd * s + (beta - (mean - bias)*gamma*rstd) */
void conv_end_apply(
    const struct step *s, const struct conv_end *end, int first, int channels, struct conv *c)
{
    c->act = end->act;
    if (end->map) c->map = s->in[first + (end->norm ? NORM_INPUTS : 0)].p;
    if (!end->norm) return;
    size_t n = padded(channels);
    real *work = s->workspace;
    struct norm_numbers k = {work, work + n, work + 2 * n, work + 3 * n};
    /* pads: gamma = beta = 0 */
    s->kernels->norm_fold(&k, 1, (int)n, s->in[first + 2].p, s->in[first + 3].p, c->b,
        s->in[first].p, s->in[first + 1].p, (double)end->eps);
    c->scale = k.scale;
    c->b = k.shift;
}
