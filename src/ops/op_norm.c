/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm (Ioffe and Szegedy 2015) and instance norm (Ulyanov et al. 2016), fused with an
 * activation: y = act(gamma * (x - mean) / sqrt(var + eps) + beta); eps and momentum as in torch. A
 * batch norm with frozen gamma and beta uses its running statistics also in training and does not
 * update them (torch: eval() on the module), so training computes what prediction will. */
#include "graph/plan.h"
#include "ops/ops.h"

enum { IN_X, IN_GAMMA, IN_BETA, IN_MEAN, IN_VAR, IN_BATCHES };

/* How many sets of per-channel numbers, and the channels of each. */
struct sizes {
    int images, channels;
    double count; /* numbers in one mean */
};

static struct sizes sizes_of(const struct norm_attr *a, const struct tensor *x)
{
    struct sizes z = {a->per_image ? x->s.n : 1, tensor_padded(x), (double)shape_pixels(x->s)};
    if (!a->per_image) z.count *= x->s.n;
    return z;
}

static size_t set_of(struct sizes z) { return (size_t)z.images * (size_t)z.channels; }

static struct norm_numbers op_norm_numbers(const struct step *s, struct sizes z)
{
    real *p = s->out[1].p;
    size_t n = set_of(z);
    return (struct norm_numbers){p, p + n, p + 2 * n, p + 3 * n};
}

void norm_numbers_of(
    const real *aux, const struct tensor *x, bool per_image, const real **scale, const real **shift)
{
    size_t n = set_of(sizes_of(&(struct norm_attr){.per_image = per_image}, x));
    *scale = aux + 2 * n;
    *shift = aux + 3 * n;
}

/* For a convolution with one input and a kernel of 3: it computes the normalised map on load,
 * repeatedly, but never stores it. */
static bool on_load(const struct graph *g, const struct node *n, struct node *reader)
{
    const struct norm_attr *a = (const void *)n->attr;
    struct conv_attr *c = (void *)reader->attr;
    if (reader->op != &op_conv || c->load.on || reader->in[0] != n->out[0] ||
        g->values[reader->in[1]].kind != VALUE_PARAM)
        return false;
    if (c->planar || g->values[n->in[IN_X]].lanes != LANES || reader->nin + 2 > NODE_MAX_IN)
        return false;
    for (int i = 0; i < 3; i++) {
        bool flat = i == 0 && c->kernel[0] == 1;
        if (c->kernel[i] != (flat ? 1 : 3) || c->stride[i] != 1 || c->pad[i] != (flat ? 0 : 1))
            return false;
    }
    c->load = (struct conv_load_attr){.on = true, .per_image = a->per_image, .act = a->act};
    /* the gradient goes through the unstored map */
    reader->passive |= READS_IN(reader->nin);
    reader->in[reader->nin++] = n->in[IN_X];
    reader->in[reader->nin++] = n->out[1];
    return true;
}

static att_status shape(struct graph *g, struct node *n, struct err *e)
{
    struct norm_attr *a = (void *)n->attr;
    const struct value *x = graph_in(g, n, 0);
    a->fixed = g->training && !a->per_image && !graph_in(g, n, IN_GAMMA)->grad &&
        !graph_in(g, n, IN_BETA)->grad;
    struct tensor t = value_tensor(x, NULL);
    struct sizes z = sizes_of(a, &t);
    if (g->training && !a->fixed && z.count < 2)
        return err_model(e,
            "%s norm needs more than one value per channel for training, but a map of this "
            "network has %dx%dx%d; use a larger patch%s, or fewer levels",
            a->per_image ? "instance" : "batch", x->s.d, x->s.h, x->s.w,
            a->per_image ? "" : " or batch");
    value_map(graph_out(g, n, 0), x->s, x->lanes);
    value_aux(graph_out(g, n, 1), 4 * set_of(z) * sizeof(real));
    return ATT_OK;
}

static size_t workspace(
    const struct graph *g, const struct node *n, const struct plan *p, unsigned want, bool backward)
{
    (void)p;
    (void)want;
    struct tensor t = value_tensor(graph_in(g, n, 0), NULL);
    struct sizes z = sizes_of((const void *)n->attr, &t);
    return backward ? 5 * set_of(z) * sizeof(real) : 0;
}

/* Whether it has a learned scale and shift. */
static bool own(const struct step *s) { return s->node->nin > IN_GAMMA; }

/* From the batch's mean and biased variance. */
static void norm_update(const struct step *s, const real *mean, const real *var)
{
    const struct norm_attr *a = step_attr(s);
    struct sizes z = sizes_of(a, &s->in[IN_X]);
    /* with weight 1 and of one number, the statistics are these */
    s->kernels->norm_track(mean, var, z.channels, s->measures ? 1 : z.count,
        s->measures ? 1 : (double)a->momentum, s->in[IN_MEAN].p, s->in[IN_VAR].p,
        s->in[IN_BATCHES].p);
}

static void norm_track_batch(const struct step *s, const real *batch, const real *state)
{
    const struct norm_attr *a = step_attr(s);
    if (a->per_image || !s->training || a->fixed) return;
    norm_update(s, batch + (s->in[IN_MEAN].p - state), batch + (s->in[IN_VAR].p - state));
}

static void forward(const struct step *s)
{
    const struct norm_attr *a = step_attr(s);
    const struct tensor *x = &s->in[IN_X];
    struct sizes z = sizes_of(a, x);
    struct norm_numbers k = op_norm_numbers(s, z);
    if (s->again) {
        s->kernels->affine(x, &s->out[0], k.scale, k.shift, a->per_image, a->act, s->pool);
        return;
    }
    const bool measured = a->per_image || (s->training && !a->fixed);
    if (measured) s->kernels->moments(x, a->per_image, k.mean, k.rstd, s->pool);
    if (measured && !a->per_image) norm_update(s, k.mean, k.rstd);
    s->kernels->norm_fold(&k, z.images, z.channels, measured ? k.mean : s->in[IN_MEAN].p,
        measured ? k.rstd : s->in[IN_VAR].p, NULL, own(s) ? s->in[IN_GAMMA].p : NULL,
        own(s) ? s->in[IN_BETA].p : NULL, (double)a->eps);
    if (s->out[0].p)
        s->kernels->affine(x, &s->out[0], k.scale, k.shift, a->per_image, a->act, s->pool);
}

/* Constant mean and variance: dx = gamma*rstd*dz. */
static void backward_fixed(const struct step *s, struct sizes z, const struct norm_numbers *k)
{
    const struct norm_attr *a = step_attr(s);
    real *none = s->workspace;
    s->kernels->fill(none, set_of(z), 0);
    s->kernels->norm_dx(&s->in[IN_X], &s->dout[0], &s->din[IN_X], k->scale, k->shift, k->scale,
        none, none, false, a->act, s->add[IN_X], s->pool);
}

static void backward(const struct step *s)
{
    const struct norm_attr *a = step_attr(s);
    const struct tensor *x = &s->in[IN_X];
    struct sizes z = sizes_of(a, x);
    struct norm_numbers k = op_norm_numbers(s, z);
    size_t n = set_of(z);
    if (a->fixed) {
        backward_fixed(s, z, &k);
        return;
    }
    real *sum_dz = s->workspace, *sum_dzx = sum_dz + n, *ca = sum_dz + 2 * n, *cb = sum_dz + 3 * n,
         *cc = sum_dz + 4 * n;
    s->kernels->norm_sums(x, &s->dout[0], k.scale, k.shift, k.mean, k.rstd, a->per_image, a->act,
        sum_dz, sum_dzx, s->pool);
    s->kernels->norm_coefficients(&k, z.images, z.channels, z.count,
        own(s) ? s->in[IN_GAMMA].p : NULL, sum_dz, sum_dzx, ca, cb, cc,
        own(s) ? s->din[IN_GAMMA].p : NULL, s->add[IN_GAMMA], own(s) ? s->din[IN_BETA].p : NULL,
        s->add[IN_BETA]);
    if (s->din[IN_X].p)
        s->kernels->norm_dx(x, &s->dout[0], &s->din[IN_X], k.scale, k.shift, ca, cb, cc,
            a->per_image, a->act, s->add[IN_X], s->pool);
}

const struct op op_norm = {
    .name = "norm",
    .shape = shape,
    .workspace = workspace,
    .forward = forward,
    .backward = backward,
    .reads = READS_IN(IN_X) | READS_IN(IN_GAMMA) | READS_OUT(1),
    .on_load = on_load,
    .in_place = true,
    .back_in_place = true,
    .track = norm_track_batch,
};
