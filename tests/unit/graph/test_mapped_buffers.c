/* SPDX-License-Identifier: Apache-2.0 */
/* Ops never touch a value's memory: every op, loss and network takes a step in buffers that nobody
 * may read or write while no kernel runs, with the same bits as in the host's memory.
 *
 * Each entry of the table of kernels is wrapped: it opens the buffers, calls the kernel, and closes
 * them again.  Any other access ends the process by SIGSEGV, which two children show. */
#include "unit/arch/net_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "grad/op_examples.h"
#include "train/average.h"
#include "train/optimiser.h"

/* ---- guarded memory */

enum { REGIONS = 16 };
static struct region {
    unsigned char *p;
    size_t bytes;
    bool mapped; /* by the host */
} regions[REGIONS];
static int depth; /* kernels at work */
static long calls;

static void protect(const struct region *r)
{
    assert_int_equal(
        mprotect(r->p, r->bytes, depth || r->mapped ? PROT_READ | PROT_WRITE : PROT_NONE), 0);
}

static void protect_all(void)
{
    for (int i = 0; i < REGIONS; i++)
        if (regions[i].p && !regions[i].mapped) protect(&regions[i]);
}

static void open_all(void)
{
    calls++;
    if (!depth++) protect_all();
}

static void close_all(void)
{
    if (!--depth) protect_all();
}

static void *guarded_create(size_t bytes)
{
    struct region *r = regions;
    while (r < regions + REGIONS && r->p) r++;
    assert_true(r < regions + REGIONS);
    r->bytes = bytes ? bytes : 1;
    r->p = mmap(NULL, r->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(r->p != MAP_FAILED);
    return r->p;
}

static struct region *region_of(const void *at)
{
    for (struct region *r = regions; r < regions + REGIONS; r++)
        if (r->p && (const unsigned char *)at >= r->p &&
            (const unsigned char *)at < r->p + r->bytes)
            return r;
    fail_msg("an address outside of all buffers");
    return NULL;
}

static void guarded_destroy(void *at, size_t bytes)
{
    struct region *r = region_of(at);
    assert_true(r->p == at && r->bytes >= bytes);
    munmap(r->p, r->bytes);
    *r = (struct region){.p = NULL};
}

static void guarded_upload(void *to, const void *from, size_t bytes)
{
    open_all();
    memcpy(to, from, bytes);
    close_all();
}

static void guarded_download(const void *from, void *to, size_t bytes)
{
    guarded_upload(to, from, bytes);
}

static void guarded_fill_bytes(void *at, int byte, size_t bytes)
{
    open_all();
    memset(at, byte, bytes);
    close_all();
}

static void *guarded_map(void *at, size_t bytes)
{
    struct region *r = region_of(at);
    assert_true((unsigned char *)at + bytes <= r->p + r->bytes);
    r->mapped = true;
    protect(r);
    return at;
}

static void guarded_claim(void *at, size_t bytes)
{
    struct region *r = region_of(at);
    (void)bytes;
    r->mapped = false;
    protect(r);
}

static const struct memory memory_guarded = {guarded_create, guarded_destroy, guarded_upload,
    guarded_download, guarded_fill_bytes, guarded_map, guarded_claim, NULL, NULL, NULL};

/* ---- guarded kernels */

static const struct kernels *inner;

#define GUARD(name, parameters, arguments)                                                         \
    static void guarded_##name parameters                                                          \
    {                                                                                              \
        open_all();                                                                                \
        inner->name arguments;                                                                     \
        close_all();                                                                               \
    }
#define T const struct tensor *
#define IN const struct loss_input *in
#define POOL struct pool *pool

GUARD(moments, (T x, bool per, real *m, real *v, POOL), (x, per, m, v, pool))
GUARD(affine, (T x, T y, const real *a, const real *b, bool per, enum act act, POOL),
    (x, y, a, b, per, act, pool))
GUARD(norm_sums,
    (T x, T dy, const real *a, const real *b, const real *m, const real *r, bool per, enum act act,
        real *s, real *t, POOL),
    (x, dy, a, b, m, r, per, act, s, t, pool))
GUARD(norm_dx,
    (T x, T dy, T dx, const real *s, const real *t, const real *a, const real *b, const real *c,
        bool per, enum act act, bool add, POOL),
    (x, dy, dx, s, t, a, b, c, per, act, add, pool))
GUARD(norm_fold,
    (const struct norm_numbers *n, int images, int channels, const real *m, const real *v,
        const real *bias, const real *g, const real *b, double eps),
    (n, images, channels, m, v, bias, g, b, eps))
GUARD(norm_track,
    (const real *m, const real *v, int channels, double count, double momentum, real *rm, real *rv,
        real *batches),
    (m, v, channels, count, momentum, rm, rv, batches))
GUARD(norm_coefficients,
    (const struct norm_numbers *n, int images, int channels, double count, const real *g,
        const real *s, const real *t, real *a, real *b, real *c, real *dg, bool ag, real *db,
        bool ab),
    (n, images, channels, count, g, s, t, a, b, c, dg, ag, db, ab))
GUARD(channel_sum, (T x, real *out, bool add, POOL), (x, out, add, pool))
GUARD(add_act, (T a, T b, T y, enum act act, POOL), (a, b, y, act, pool))
GUARD(act_dx, (T y, T dy, T dx, enum act act, bool add, POOL), (y, dy, dx, act, add, pool))
GUARD(prelu, (T x, const real *slope, T y, POOL), (x, slope, y, pool))
GUARD(prelu_dx, (T x, const real *slope, T dy, T dx, bool add, POOL), (x, slope, dy, dx, add, pool))
GUARD(prelu_dslope, (T x, T dy, real *d, bool add, POOL), (x, dy, d, add, pool))
GUARD(sigmoid, (T x, T y, POOL), (x, y, pool))
GUARD(sigmoid_dx, (T y, T dy, T dx, bool add, POOL), (y, dy, dx, add, pool))
GUARD(gate, (T x, T map, T y, POOL), (x, map, y, pool))
GUARD(gate_dx, (T map, T dy, T dx, bool add, POOL), (map, dy, dx, add, pool))
GUARD(gate_dmap, (T x, T dy, T dmap, bool add, POOL), (x, dy, dmap, add, pool))
GUARD(up_expand, (const struct conv *c, const real *w3, real *w, POOL), (c, w3, w, pool))
GUARD(up_contract, (const struct conv *c, const real *w, real *w3, bool add, POOL),
    (c, w, w3, add, pool))
GUARD(upsample, (T x, T y), (x, y))
GUARD(attend_fold,
    (struct attend * a, const struct attend_layer *x, const struct attend_layer *g,
        const struct attend_layer *psi, double eps, real *memory, POOL),
    (a, x, g, psi, eps, memory, pool))
GUARD(attend, (const struct attend *a, POOL), (a, pool))
GUARD(maxpool, (T x, T y, const int f[3], POOL), (x, y, f, pool))
GUARD(maxpool_dx, (T x, T y, T dy, T dx, const int f[3], bool add, POOL),
    (x, y, dy, dx, f, add, pool))
GUARD(linear, (T x, T y, struct resize how, POOL), (x, y, how, pool))
GUARD(linear_dx, (T dy, T dx, struct resize how, bool add, POOL), (dy, dx, how, add, pool))
GUARD(
    label_nearest, (const uint8_t *x, struct shape xs, uint8_t *y, struct shape ys), (x, xs, y, ys))
GUARD(cross_entropy, (IN, real *loss, POOL), (in, loss, pool))
GUARD(cross_entropy_dx, (IN, const real *seed, T dx, bool add, POOL), (in, seed, dx, add, pool))
GUARD(cross_entropy_map, (IN, real *map, POOL), (in, map, pool))
GUARD(top_labels,
    (const real *x, const uint8_t *label, size_t n, double percent, uint8_t other, uint8_t *out),
    (x, label, n, percent, other, out))
GUARD(focal, (IN, const struct focal *f, real *loss, POOL), (in, f, loss, pool))
GUARD(focal_dx, (IN, const struct focal *f, const real *seed, T dx, bool add, POOL),
    (in, f, seed, dx, add, pool))
GUARD(overlap, (IN, double *sums, POOL), (in, sums, pool))
GUARD(overlap_dx, (IN, const double *slopes, const real *seed, T dx, bool add, POOL),
    (in, slopes, seed, dx, add, pool))
GUARD(overlap_rule,
    (const struct overlap_rule *r, struct shape s, struct overlap_sums *sums, double *slopes,
        real *loss),
    (r, s, sums, slopes, loss))
GUARD(soft, (IN, T p, POOL), (in, p, pool))
GUARD(field, (IN, T f, const double *below, real *loss, POOL), (in, f, below, loss, pool))
GUARD(field_dx, (IN, T f, const double *below, const real *seed, T dx, bool add, POOL),
    (in, f, below, seed, dx, add, pool))
GUARD(boundary, (const struct boundary *b, POOL), (b, pool))
GUARD(
    cldice, (const struct kernels *k, const struct cldice *c, real *loss, POOL), (k, c, loss, pool))
GUARD(cldice_dx,
    (const struct kernels *k, const struct cldice *c, const real *seed, T dx, bool add, POOL),
    (k, c, seed, dx, add, pool))
GUARD(weighted_sum, (T x, const float *weight, int n, real *y), (x, weight, n, y))
GUARD(weighted_sum_dx, (const real *dy, real weight, real *dx, bool add), (dy, weight, dx, add))
GUARD(erode, (T x, T y, real *code, POOL), (x, y, code, pool))
GUARD(dilate, (T x, T y, real *code, POOL), (x, y, code, pool))
GUARD(window_dx, (const real *code, T dy, T dx, bool box, bool add, POOL),
    (code, dy, dx, box, add, pool))
GUARD(probabilities, (float *logits, int channels, size_t pixels, bool exclusive, POOL),
    (logits, channels, pixels, exclusive, pool))
GUARD(fill, (real * x, size_t n, real value), (x, n, value))
GUARD(blend, (real * to, const real *from, size_t n, real share, POOL), (to, from, n, share, pool))
GUARD(sgd,
    (real * p, const real *g, real *m, size_t n, real lr, real momentum, bool nesterov, real decay,
        real scale, bool first, POOL),
    (p, g, m, n, lr, momentum, nesterov, decay, scale, first, pool))
GUARD(adamw,
    (real * p, const real *g, real *m, real *v, size_t n, real lr, real b1, real b2, real eps,
        real decay, real scale, int64_t step, POOL),
    (p, g, m, v, n, lr, b1, b2, eps, decay, scale, step, pool))

static double guarded_sum_squares(const real *x, size_t n, POOL)
{
    open_all();
    double sum = inner->sum_squares(x, n, pool);
    close_all();
    return sum;
}

/* Implementations of convolutions do not say who they are: a function for each place in a list. */
enum { IMPLS = 11 };
#define CONV(slot, i)                                                                              \
    static void conv_##slot##_##i(const struct conv *c, void *work, POOL)                          \
    {                                                                                              \
        open_all();                                                                                \
        inner->conv[slot][i]->run(c, work, pool);                                                  \
        close_all();                                                                               \
    }
#define CONVS(slot) CONV(slot, 0) CONV(slot, 1) CONV(slot, 2) CONV(slot, 3) CONV(slot, 4)
#define MORE_CONVS(slot) CONV(slot, 5) CONV(slot, 6) CONV(slot, 7) CONV(slot, 8) CONV(slot, 9)
CONVS(0)
CONVS(1)
CONVS(2)
MORE_CONVS(0)
MORE_CONVS(1)
MORE_CONVS(2)
#define NAMES(slot)                                                                                \
    {                                                                                              \
        conv_##slot##_0, conv_##slot##_1, conv_##slot##_2, conv_##slot##_3, conv_##slot##_4,       \
            conv_##slot##_5, conv_##slot##_6, conv_##slot##_7, conv_##slot##_8, conv_##slot##_9    \
    }

/* The table `k` with all of it guarded: a new entry has to be, too. */
static const struct kernels *guarded(const struct kernels *k)
{
    static void (*const run[CONV_SLOTS][IMPLS - 1])(const struct conv *, void *, struct pool *) = {
        NAMES(0), NAMES(1), NAMES(2)};
    static struct kernels outer;
    static struct conv_impl impl[CONV_SLOTS][IMPLS];
    static const struct conv_impl *list[CONV_SLOTS][IMPLS];
    inner = k;
    outer = (struct kernels){.set = k->set, .memory = &memory_guarded};
    for (int s = 0; s < CONV_SLOTS; s++) {
        int n = 0;
        for (; k->conv[s][n]; n++) {
            assert_true(n < IMPLS - 1);
            impl[s][n] = *k->conv[s][n];
            impl[s][n].run = run[s][n];
            list[s][n] = &impl[s][n];
        }
        list[s][n] = NULL;
        outer.conv[s] = list[s];
    }
#define SET(name) outer.name = guarded_##name
    SET(moments);
    SET(affine);
    SET(norm_sums);
    SET(norm_dx);
    SET(norm_fold);
    SET(norm_track);
    SET(norm_coefficients);
    SET(channel_sum);
    SET(add_act);
    SET(act_dx);
    SET(prelu);
    SET(prelu_dx);
    SET(prelu_dslope);
    SET(sigmoid);
    SET(sigmoid_dx);
    SET(gate);
    SET(gate_dx);
    SET(gate_dmap);
    SET(up_expand);
    SET(up_contract);
    SET(upsample);
    SET(attend_fold);
    SET(attend);
    SET(maxpool);
    SET(maxpool_dx);
    SET(linear);
    SET(linear_dx);
    SET(label_nearest);
    SET(cross_entropy);
    SET(cross_entropy_dx);
    SET(cross_entropy_map);
    SET(top_labels);
    SET(focal);
    SET(focal_dx);
    SET(overlap);
    SET(overlap_dx);
    SET(overlap_rule);
    SET(soft);
    SET(field);
    SET(field_dx);
    SET(boundary);
    SET(cldice);
    SET(cldice_dx);
    SET(weighted_sum);
    SET(weighted_sum_dx);
    SET(erode);
    SET(dilate);
    SET(window_dx);
    SET(probabilities);
    SET(fill);
    SET(blend);
    SET(sgd);
    SET(adamw);
    SET(sum_squares);
    for (size_t at = offsetof(struct kernels, memory); at < sizeof outer; at += sizeof(void *)) {
        const void *a, *b;
        memcpy(&a, (const char *)&outer + at, sizeof a);
        memcpy(&b, (const char *)k + at, sizeof b);
        if (!a || a == b) fail_msg("the entry at byte %zu of struct kernels is not guarded", at);
    }
    return &outer;
}

/* ---- a step */

struct bytes {
    unsigned char *p;
    size_t count;
};

static void keep(struct bytes *b, const void *p, size_t count)
{
    b->p = realloc(b->p, b->count + count + 1);
    assert_non_null(b->p);
    memcpy(b->p + b->count, p, count);
    b->count += count;
}

static void keep_tensor(struct bytes *b, struct tensor t)
{
    if (t.p) keep(b, t.p, tensor_bytes(&t));
}

enum { OPS_MAX = 64 };
static bool seen[OPS_MAX]; /* ops that were at work, in the order of ops_list */

/* The end of the list for another op. */
static int place_of(const struct op *op)
{
    int i = 0;
    while (ops_list()[i] && ops_list()[i] != op) i++;
    assert_true(i < OPS_MAX);
    return i;
}

static void note_ops(const struct graph *g)
{
    for (int n = 0; n < g->nnodes; n++) {
        const int i = place_of(g->nodes[n].op);
        if (ops_list()[i]) seen[i] = true;
    }
}

struct way {
    const struct kernels *k;
    struct pool *pool;
    size_t limit; /* of the work region; 0: none */
    enum optimiser_kind kind;
    size_t min; /* what would do, where the limit does not */
};

static void load_all(const struct graph *g, const struct run *r)
{
    struct rng rng = rng_stream(11, RNG_TEST, 0, 0);
    for (int v = 0; v < g->nvalues; v++) {
        const struct value *x = &g->values[v];
        if (x->producer >= 0 || (x->kind != VALUE_INPUT && x->kind != VALUE_LABEL)) continue;
        if (x->kind == VALUE_LABEL) {
            uint8_t *label = run_label(r, v);
            for (size_t i = 0; i < x->bytes; i++) label[i] = (uint8_t)rng_below(&rng, 3);
            continue;
        }
        size_t count = (size_t)x->s.n * (size_t)x->s.c * shape_pixels(x->s);
        float *planar = malloc(count * sizeof *planar);
        assert_non_null(planar);
        for (size_t i = 0; i < count; i++) planar[i] = (float)rng_range(&rng, -1, 1);
        const struct tensor t = run_tensor(r, v);
        run_load(&t, planar);
        free(planar);
    }
}

/* Outputs and gradients of inputs; seeds of several outputs are numbers of their own. */
static void learn(const struct graph *g, struct run *r, int loss, struct bytes *b)
{
    if (loss >= 0) {
        run_backward(r, loss);
    } else {
        for (int i = 0; i < g->noutputs; i++) {
            struct rng rng = rng_stream(12, RNG_TEST, (uint32_t)i, 0);
            const struct tensor d = run_gradient(r, g->outputs[i].value);
            assert_non_null(d.p);
            memset(d.p, 0, tensor_bytes(&d));
            for (int n = 0; n < d.s.n; n++)
                for (int c = 0; c < d.s.c; c++)
                    for (size_t p = 0; p < shape_pixels(d.s); p++)
                        tensor_write(&d, tensor_first(&d, n, c) + p * (size_t)d.lanes,
                            (real)rng_range(&rng, -1, 1));
        }
        run_backward_seeded(r);
    }
    for (int v = 0; v < g->nvalues; v++)
        if (g->values[v].kind == VALUE_INPUT) keep_tensor(b, run_gradient(r, v));
}

/* Forward and, in training, backward and an update: everything that is there afterwards. */
static struct bytes step(struct graph *g, int loss, struct way *w)
{
    struct err e = {0};
    struct run r;
    struct bytes b = {NULL, 0};
    struct params *p = g->params;
    p->numbers.memory = w->k->memory;
    att_status status = run_create_within(g, w->k, w->pool, NULL, w->limit, &w->min, &r, &e);
    if (status == ATT_MEMORY && w->min) return b;
    must(status, &e);
    params_initialise(p, 1);
    note_ops(g);
    load_all(g, &r);
    run_forward(&r);
    for (int i = 0; i < g->noutputs; i++) keep_tensor(&b, run_tensor(&r, g->outputs[i].value));
    if (g->training) {
        struct optimiser o = {.kind = w->kind, .momentum = .9, .decay = .01, .clip = 1};
        struct average a = {.decay = .9};
        must(optimiser_init(&o, p, &e), &e);
        must(average_init(&a, p, &e), &e);
        learn(g, &r, loss, &b);
        double norm = optimiser_step(&o, &r, .1, 1);
        average_update(&a, p, r.plan.trained, 3, w->k, w->pool);
        keep(&b, &norm, sizeof norm);
        keep(&b, buffer_map(&r.gradients), r.gradients.bytes);
        keep(&b, buffer_map(&o.moments), o.moments.bytes);
        keep(&b, buffer_map(&a.numbers), a.numbers.bytes);
        average_free(&a);
        optimiser_free(&o);
    }
    keep(&b, buffer_map(&p->numbers), p->numbers.bytes);
    run_discard(&r); /* which a memory need not know */
    run_free(&r);
    return b;
}

static void same(struct bytes *a, struct bytes *b, const char *what)
{
    assert_true(a->count > 0);
    if (a->count != b->count || memcmp(a->p, b->p, a->count))
        fail_msg("%s: other bits in guarded buffers", what);
    free(a->p);
    free(b->p);
}

/* ---- every op and loss */

static bool example(struct params *p, struct graph *g, const struct op *op, int index)
{
    struct err e = {0};
    params_init(p);
    graph_init(g, p, true);
    const bool there = op_example(op, g, index, &e);
    must(e.status, &e);
    if (!there) {
        graph_free(g);
        params_free(p);
    }
    return there;
}

static void op_examples(const struct op *op, const struct kernels *k, struct pool *pool)
{
    for (int index = 0;; index++) {
        struct bytes b[2];
        for (int i = 0; i < 2; i++) {
            struct params p;
            struct graph g;
            struct way w = {.k = i ? guarded(k) : k,
                .pool = pool,
                .kind = index % 2 ? OPTIMISER_ADAMW : OPTIMISER_SGD};
            if (!example(&p, &g, op, index)) return;
            b[i] = step(&g, -1, &w);
            graph_free(&g);
            params_free(&p);
        }
        same(&b[0], &b[1], op->name);
    }
}

static void every_op_and_loss(void **state)
{
    struct pool *pool = *state;
    for (int isa = ISA_REF; isa <= kernels_best(); isa++)
        for (const struct op *const *op = ops_list(); *op; op++)
            op_examples(*op, kernels_for(isa), isa == ISA_REF ? NULL : pool);
    for (const struct loss *const *l = losses_list(); *l; l++)
        assert_true(seen[place_of(&(*l)->op)]);
}

/* ---- every network: training, in bfloat16 and within a limit, too, and prediction */

static struct bytes net(const struct trial_net *t, bool training, bool half, struct way *w)
{
    struct built n;
    built_as(&n, t, training, half);
    struct bytes b = step(&n.graph, n.loss, w);
    built_free(&n);
    return b;
}

static void both(const struct trial_net *t, bool training, bool half, struct way w)
{
    const struct kernels *k = w.k;
    struct bytes a = net(t, training, half, &w);
    if (w.limit) { /* too small on purpose */
        assert_true(w.min > w.limit && a.count == 0);
        w.limit = w.min;
        a = net(t, training, half, &w);
    }
    w.k = guarded(k);
    struct bytes b = net(t, training, half, &w);
    same(&a, &b, t->spec);
}

static void every_network(void **state)
{
    for (int i = 0; i < TRIAL_NETS; i++) {
        const struct way plain = {.k = kernels_for(ISA_REF)},
                         fast = {.k = kernels_for(kernels_best()), .pool = *state};
        struct way limited = fast;
        limited.limit = 1;
        both(&trial_nets[i], true, false, plain);
        both(&trial_nets[i], true, false, fast);
        both(&trial_nets[i], true, true, fast);
        both(&trial_nets[i], false, false, fast);
        both(&trial_nets[i], true, false, limited);
    }
}

static void no_op_was_left_out(void **state)
{
    (void)state;
    for (int i = 0; ops_list()[i]; i++)
        if (!seen[i]) fail_msg("the op %s took no step in guarded buffers", ops_list()[i]->name);
    assert_true(calls > 0 && depth == 0);
}

/* ---- what is caught */

static att_status touch_shape(struct graph *g, struct node *n, struct err *e)
{
    (void)e;
    value_map(graph_out(g, n, 0), graph_in(g, n, 0)->s, 1);
    return ATT_OK;
}

/* An op that keeps to kernels, and one that does not. */
static void by_kernel(const struct step *s) { s->kernels->sigmoid(&s->in[0], &s->out[0], NULL); }
static void by_hand(const struct step *s) { s->out[0].p[0] = s->in[0].p[0]; }

static void run_touching(void (*forward)(const struct step *), bool behind)
{
    const struct op op = {.name = "touch", .shape = touch_shape, .forward = forward};
    struct params p;
    struct graph g;
    struct run r;
    struct err e = {0};
    int x, y;
    params_init(&p);
    p.numbers.memory = &memory_guarded;
    graph_init(&g, &p, false);
    must(graph_input(&g, (struct shape){1, 1, 1, 2, 2}, 1, false, &x, &e), &e);
    must(graph_node(&g, &op, &x, 1, 1, NULL, 0, &y, &e), &e);
    must(graph_output(&g, y, &e, "y"), &e);
    must(run_create(&g, guarded(kernels_for(ISA_REF)), NULL, NULL, &r, &e), &e);
    load_all(&g, &r);
    run_forward(&r);
    if (behind) ((volatile unsigned char *)r.work.p)[0] = 1;
    run_free(&r);
    graph_free(&g);
    params_free(&p);
}

/* How a process ends that does this. */
static int ends(void (*forward)(const struct step *), bool behind)
{
    int code = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* of cmocka, or a sanitizer */
        run_touching(forward, behind);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    return WIFSIGNALED(code) ? WTERMSIG(code) : 0;
}

static void others_are_caught(void **state)
{
    (void)state;
    assert_int_equal(ends(by_kernel, false), 0);
    assert_int_equal(ends(by_hand, false), SIGSEGV);
    assert_int_equal(ends(by_kernel, true), SIGSEGV);
}

static void an_empty_buffer_maps_to_nothing(void **state)
{
    (void)state;
    struct buffer none = {.memory = NULL};
    assert_null(buffer_map(&none));
    buffer_unmap(&none);
    none.memory = &memory_guarded;
    assert_null(buffer_map(&none));
    buffer_unmap(&none);
}

static int begin(void **state) { return (*state = pool_create(2)) ? 0 : -1; }

static int end(void **state)
{
    pool_destroy(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_are_caught),
        cmocka_unit_test(an_empty_buffer_maps_to_nothing),
        cmocka_unit_test(every_op_and_loss),
        cmocka_unit_test(every_network),
        cmocka_unit_test(no_op_was_left_out),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
