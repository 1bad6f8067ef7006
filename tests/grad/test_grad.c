/* SPDX-License-Identifier: Apache-2.0 */
/* Every op's gradients against central differences, in the double build of the plain kernels.
 *
 * Walks ops_list(); an op with a backward step and no example fails.  For each example, L = sum
 * over its outputs of seed * output, with random seeds, and every element of every gradient is held
 * against (L(x + EPS) - L(x - EPS)) / 2 EPS.  The same node twice over the same inputs then tests
 * that gradients are added where they should be. */
#include "unit/expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "grad/op_examples.h"
#include "graph/run.h"

static const double EPS = 1e-5, RELATIVE = 1e-6;

/* An example at work. */
struct trial {
    const struct op *op;
    int index;
    struct params params;
    struct graph graph;
    struct run run;
    real **plain;    /* what every value that wants a gradient holds; NULL for others */
    uint8_t **label; /* what every label holds; NULL for others */
    struct rng rng;
};

static void check(att_status status, const struct err *e)
{
    if (status != ATT_OK) fail_msg("%s", e->text);
}

/* ---- the values that want gradients */

static bool wants(const struct trial *t, int v)
{
    const struct value *x = &t->graph.values[v];
    return x->grad && (x->kind == VALUE_INPUT || x->kind == VALUE_PARAM);
}

/* Elements of a value as the network means it: pads left out. */
static size_t elements(const struct trial *t, int v)
{
    const struct value *x = &t->graph.values[v];
    return x->kind == VALUE_PARAM ? t->params.list[x->param].count
                                  : (size_t)x->s.n * (size_t)x->s.c * shape_pixels(x->s);
}

/* Copies a value or its gradient, laid out in memory, to plain order (to_memory false), or back. */
static void copy(const struct trial *t, int v, real *memory, real *plain, bool to_memory)
{
    const struct value *x = &t->graph.values[v];
    if (x->kind == VALUE_PARAM) {
        const struct param *p = &t->params.list[x->param];
        if (to_memory)
            params_import(p, plain, memory);
        else
            params_export(p, memory, plain);
        return;
    }
    struct tensor m = {memory, x->s, x->lanes, false};
    size_t pixels = shape_pixels(x->s), lanes = (size_t)x->lanes;
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++)
            for (size_t i = 0; i < pixels; i++, plain++) {
                real *p = &tensor_channel(&m, n, c)[i * lanes];
                if (to_memory)
                    *p = *plain;
                else
                    *plain = *p;
            }
}

static real *fresh(size_t n)
{
    real *p = calloc(n + 1, sizeof *p);
    assert_non_null(p);
    return p;
}

/* ---- building and filling */

static bool build(struct trial *t, const struct op *op, int index)
{
    struct err e = {0};
    memset(t, 0, sizeof *t);
    t->op = op;
    t->index = index;
    params_init(&t->params);
    graph_init(&t->graph, &t->params, true);
    if (op_example(op, &t->graph, index, &e)) return true;
    if (e.status != ATT_OK) fail_msg("example %d of %s: %s", index, op->name, e.text);
    graph_free(&t->graph);
    params_free(&t->params);
    return false;
}

/* A node of the same kind over the same inputs, its output named y2. */
static void build_twin(struct trial *t)
{
    struct err e = {0};
    struct node n = t->graph.nodes[t->graph.nnodes - 1];
    int out[NODE_MAX_OUT];
    check(graph_node(&t->graph, n.op, n.in, n.nin, n.nout, n.attr, sizeof n.attr, out, &e), &e);
    check(graph_output(&t->graph, out[0], &e, "y2"), &e);
}

/* Numbers from -1 to 1 in random order and of equal distance, so that no two are within EPS of each
 * other (max-pool); a different remainder for each value keeps sums of two values away from 0
 * (ReLU). */
static real *draw_spread(struct trial *t, size_t n, int remainder)
{
    real *p = fresh(n);
    for (size_t i = 0; i < n; i++)
        p[i] = (real)(-1 + 2 / (double)n * ((double)i + 0.37 + 0.21 * remainder));
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = rng_below(&t->rng, (uint32_t)i + 1);
        real swap = p[i];
        p[i] = p[j];
        p[j] = swap;
    }
    return p;
}

/* Classes that the example's loss knows, the last of them absent in every other example, and some
 * pixels that take no part. */
static uint8_t *draw_label(struct trial *t, size_t n)
{
    const struct node *node = &t->graph.nodes[0];
    const struct loss_attr *a = (const void *)node->attr;
    uint32_t classes =
        (a->region ? 3 : (uint32_t)t->graph.values[node->in[0]].s.c) - (uint32_t)(t->index % 2);
    uint8_t *p = malloc(n);
    assert_non_null(p);
    for (size_t i = 0; i < n; i++)
        p[i] = rng_below(&t->rng, 6) == 0 ? LABEL_IGNORE : (uint8_t)rng_below(&t->rng, classes);
    return p;
}

static void start(struct trial *t)
{
    struct err e = {0};
    check(run_create(&t->graph, kernels_for(ISA_REF), NULL, NULL, &t->run, &e), &e);
    memset(t->run.work.p, 0xff,
        t->run.plan.work_bytes); /* not a number: nothing may count on memory it did not write */
    params_initialise(&t->params, 1);
    t->rng = rng_stream(
        3, RNG_TEST, (uint32_t)t->op->name[0] << 8 | (uint32_t)t->op->name[1], (uint32_t)t->index);
    t->plain = calloc((size_t)t->graph.nvalues, sizeof *t->plain);
    t->label = calloc((size_t)t->graph.nvalues, sizeof *t->label);
    assert_true(t->plain && t->label);
    for (int v = 0; v < t->graph.nvalues; v++) {
        const struct value *x = &t->graph.values[v];
        if (x->kind == VALUE_LABEL && x->producer < 0) t->label[v] = draw_label(t, x->bytes);
        if (wants(t, v)) t->plain[v] = draw_spread(t, elements(t, v), v);
        if (x->kind == VALUE_PARAM && t->plain[v])
            copy(t, v, run_tensor(&t->run, v).p, t->plain[v], true);
    }
}

static void stop(struct trial *t)
{
    for (int v = 0; v < t->graph.nvalues; v++) {
        free(t->plain[v]);
        free(t->label[v]);
    }
    free(t->plain);
    free(t->label);
    run_free(&t->run);
    graph_free(&t->graph);
    params_free(&t->params);
}

/* The plan may lay other things over inputs and labels once they are read, so every run loads them
 * anew. */
static void forward(struct trial *t)
{
    for (int v = 0; v < t->graph.nvalues; v++) {
        struct tensor m = run_tensor(&t->run, v);
        if (t->label[v]) memcpy(run_label(&t->run, v), t->label[v], t->graph.values[v].bytes);
        if (t->graph.values[v].kind != VALUE_INPUT) continue;
        memset(m.p, 0, tensor_size(&m) * sizeof(real));
        copy(t, v, m.p, t->plain[v], true);
    }
    run_forward(&t->run);
}

/* ---- the objective and its gradients */

/* The k-th output's seeds: they depend on k only, pads get none. */
static real *seeds(const struct trial *t, int k)
{
    int v = t->graph.outputs[k].value;
    size_t n = elements(t, v);
    real *p = fresh(n);
    struct rng r = rng_stream(4, RNG_TEST, (uint32_t)k, 0);
    for (size_t i = 0; i < n; i++) p[i] = (real)rng_range(&r, -1, 1);
    return p;
}

static double objective(struct trial *t, const real *seed)
{
    forward(t);
    int v = t->graph.outputs[0].value;
    size_t n = elements(t, v);
    real *y = fresh(n);
    copy(t, v, run_tensor(&t->run, v).p, y, false);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)seed[i] * (double)y[i];
    free(y);
    return sum;
}

static void backward(struct trial *t, real *const *seed)
{
    forward(t);
    for (int i = 0; i < t->graph.noutputs; i++) {
        int v = t->graph.outputs[i].value;
        struct tensor d = run_gradient(&t->run, v);
        assert_non_null(d.p);
        memset(d.p, 0, tensor_size(&d) * sizeof(real));
        copy(t, v, d.p, seed[i], true);
    }
    run_backward_seeded(&t->run);
}

static real *gradient(const struct trial *t, int v)
{
    struct tensor d = run_gradient(&t->run, v);
    if (!d.p) fail_msg("example %d of %s: value %d has no gradient", t->index, t->op->name, v);
    real *p = fresh(elements(t, v));
    copy(t, v, d.p, p, false);
    return p;
}

/* ---- pads */

static void check_pads(const struct trial *t, struct tensor m, const char *what, int v)
{
    size_t pixels = shape_pixels(m.s);
    for (int n = 0; n < m.s.n; n++)
        for (int c = m.s.c; c < tensor_padded(&m); c++)
            for (size_t i = 0; i < pixels; i++)
                if (tensor_channel(&m, n, c)[i * (size_t)m.lanes] != 0)
                    fail_msg("example %d of %s: the %s of value %d has a pad lane that is not zero",
                        t->index, t->op->name, what, v);
}

/* Whatever is in memory and not in the file's order is a pad. */
static void check_parameter_pads(const struct trial *t, int v)
{
    const struct param *p = &t->params.list[t->graph.values[v].param];
    real *plain = gradient(t, v), *memory = fresh(p->size), *got = run_gradient(&t->run, v).p;
    params_import(p, plain, memory);
    for (size_t i = 0; i < p->size; i++)
        if (memory[i] != got[i])
            fail_msg("example %d of %s: the gradient of %s has a pad that is not zero", t->index,
                t->op->name, p->name);
    free(plain);
    free(memory);
}

static void check_all_pads(const struct trial *t)
{
    for (int i = 0; i < t->graph.noutputs; i++)
        check_pads(
            t, run_tensor(&t->run, t->graph.outputs[i].value), "result", t->graph.outputs[i].value);
    for (int v = 0; v < t->graph.nvalues; v++) {
        if (!wants(t, v)) continue;
        if (t->graph.values[v].kind == VALUE_PARAM)
            check_parameter_pads(t, v);
        else
            check_pads(t, run_gradient(&t->run, v), "gradient", v);
    }
}

/* ---- the tests */

static void set(struct trial *t, int v, size_t i, real x)
{
    t->plain[v][i] = x;
    if (t->graph.values[v].kind == VALUE_PARAM)
        copy(t, v, run_tensor(&t->run, v).p, t->plain[v], true);
}

static double difference(struct trial *t, const real *seed, int v, size_t i)
{
    real x = t->plain[v][i];
    set(t, v, i, x + (real)EPS);
    double above = objective(t, seed);
    set(t, v, i, x - (real)EPS);
    double below = objective(t, seed);
    set(t, v, i, x);
    return (above - below) / (2 * EPS);
}

/* Every element of value v. Where the true gradient is all but zero beside its neighbours',
 * rounding of L itself is what one would see. */
static void check_value(struct trial *t, const real *seed, int v, const real *got)
{
    size_t n = elements(t, v);
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)got[i]));
    for (size_t i = 0; i < n; i++) {
        double want = difference(t, seed, v, i), have = (double)got[i];
        double scale = fmax(fmax(fabs(want), fabs(have)), fmax(1e-3 * largest, 1e-4));
        if (!(fabs(want - have) <= RELATIVE * scale))
            fail_msg("example %d of %s, value %d, element %zu of %zu: gradient %.12g, central "
                     "difference %.12g",
                t->index, t->op->name, v, i, n, have, want);
    }
}

/* Both nodes of the twin graph at once against the sum of what each gives alone. */
static void check_added(const struct op *op, int index)
{
    struct trial one, two;
    build(&one, op, index);
    build(&two, op, index);
    build_twin(&two);
    start(&one);
    start(&two);
    real *seed[2] = {seeds(&two, 0), seeds(&two, 1)};
    backward(&two, seed);
    check_all_pads(&two);
    for (int v = 0; v < one.graph.nvalues; v++) {
        if (!wants(&one, v)) continue;
        real *both = gradient(&two, v), *parts[2];
        for (int k = 0; k < 2; k++) {
            backward(&one, &seed[k]);
            parts[k] = gradient(&one, v);
        }
        for (size_t i = 0; i < elements(&one, v); i++) {
            double a = (double)parts[0][i], b = (double)parts[1][i];
            if (!(fabs((double)both[i] - (a + b)) <= 1e-12 * (1 + fabs(a) + fabs(b))))
                fail_msg("example %d of %s, value %d, element %zu: gradients %.12g and %.12g "
                         "add up to %.12g",
                    index, op->name, v, i, a, b, (double)both[i]);
        }
        free(parts[0]);
        free(parts[1]);
        free(both);
    }
    free(seed[0]);
    free(seed[1]);
    stop(&one);
    stop(&two);
}

static void check_example(const struct op *op, int index)
{
    struct trial t;
    int checked = 0;
    build(&t, op, index);
    assert_int_equal(t.graph.noutputs, 1);
    start(&t);
    real *seed = seeds(&t, 0), **all = calloc((size_t)t.graph.nvalues, sizeof *all);
    assert_non_null(all);
    backward(&t, &seed);
    check_all_pads(&t);
    for (int v = 0; v < t.graph.nvalues; v++)
        if (wants(&t, v)) all[v] = gradient(&t, v);
    for (int v = 0; v < t.graph.nvalues; v++) {
        if (!all[v]) continue;
        check_value(&t, seed, v, all[v]);
        checked++;
        free(all[v]);
    }
    if (!checked) fail_msg("example %d of %s wants no gradient", index, op->name);
    free(all);
    free(seed);
    stop(&t);
}

static int examples(const struct op *op)
{
    struct trial t;
    int n = 0;
    while (build(&t, op, n)) {
        graph_free(&t.graph);
        params_free(&t.params);
        n++;
    }
    return n;
}

static void test_gradients(void **state)
{
    (void)state;
    for (const struct op *const *op = ops_list(); *op; op++) {
        if (!(*op)->backward) continue;
        int n = examples(*op);
        if (!n) fail_msg("the op %s has no example for its gradient", (*op)->name);
        for (int i = 0; i < n; i++) check_example(*op, i);
    }
}

static void test_gradients_are_added(void **state)
{
    (void)state;
    for (const struct op *const *op = ops_list(); *op; op++)
        if ((*op)->backward)
            for (int i = 0; i < examples(*op); i++) check_added(*op, i);
}

/* Only what makes labels has no gradient, and what training builds of other ops. */
static void test_who_has_no_gradient(void **state)
{
    (void)state;
    for (const struct op *const *op = ops_list(); *op; op++)
        if (!(*op)->backward) assert_true(*op == &op_label || *op == &op_attend);
}

/* A build that computes in double stores no map in two bytes. */
static void test_double_is_not_halved(void **state)
{
    (void)state;
    struct graph g;
    struct err e = {0};
    graph_init(&g, NULL, true);
    assert_int_equal(graph_halve(&g, &e), ATT_USAGE);
    assert_string_equal(e.text, "this build stores maps in double; remove `storage` bf16");
    assert_false(g.half);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_has_no_gradient),
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_gradients_are_added),
        cmocka_unit_test(test_double_is_not_halved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
