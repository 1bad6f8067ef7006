/* SPDX-License-Identifier: Apache-2.0 */
/* Joining nodes: what comes out stays the same, fewer nodes make it, and a map that somebody else wants is not taken away. */
#include "net_test.h"

#include <math.h>
#include <stdio.h>

#include "ops/ops.h"

struct fixture {
    struct params params;
    struct graph graph;
    int image, map;
    struct err e;
};

static const struct shape SIZE = {2, 18, 1, 5, 6};

static void begin(struct fixture *f)
{
    memset(f, 0, sizeof *f);
    params_init(&f->params);
    graph_init(&f->graph, &f->params, false);
    struct shape one = SIZE;
    one.c = 1;
    must(graph_input(&f->graph, SIZE, LANES, false, &f->image, &f->e), &f->e);
    must(graph_input(&f->graph, one, 1, false, &f->map, &f->e), &f->e);
}

static void end(struct fixture *f)
{
    graph_free(&f->graph);
    params_free(&f->params);
}

static int conv(struct fixture *f, int x, int side, const char *name)
{
    struct conv_attr a = {.kernel = {1, side, side}, .stride = {1, 1, 1}, .pad = {0, side / 2, side / 2}, .out = 20, .has_bias = true};
    char text[32];
    int in[3] = {x}, y;
    snprintf(text, sizeof text, "%s.weight", name);
    must(ops_weights(&f->graph, text, &a, &f->graph.values[x].s.c, 1, 2, false, &in[1], &f->e), &f->e);
    snprintf(text, sizeof text, "%s.bias", name);
    must(ops_vector(&f->graph, text, PARAM_VECTOR, a.out, 0.25f, &in[2], &f->e), &f->e);
    must(graph_node(&f->graph, &op_conv, in, 3, 1, &a, sizeof a, &y, &f->e), &f->e);
    return y;
}

static int norm(struct fixture *f, int x, bool per_image)
{
    static const char *const names[] = {"gamma", "beta", "mean", "var", "batches"};
    static const float values[] = {1.5f, -0.2f, 0.1f, 0.7f, 0};
    struct norm_attr a = {per_image, ACT_RELU, 1e-5f, .1f};
    int in[6] = {x}, out[2], c = f->graph.values[x].s.c;
    for (int i = 0; i < (per_image ? 2 : 5); i++)
        must(ops_vector(&f->graph, names[i],
                        i < 2   ? PARAM_VECTOR
                        : i < 4 ? STATE_VECTOR
                                : STATE_COUNT,
                        i < 4 ? c : 1, values[i], &in[1 + i], &f->e),
             &f->e);
    must(graph_node(&f->graph, &op_norm, in, per_image ? 3 : 6, 2, &a, sizeof a, out, &f->e), &f->e);
    return out[0];
}

static int gate(struct fixture *f, int x)
{
    int y;
    must(graph_node(&f->graph, &op_gate, (int[]){x, f->map}, 2, 1, NULL, 0, &y, &f->e), &f->e);
    return y;
}

static void fill(const struct tensor *t)
{
    struct rng r = rng_stream(3, RNG_TEST, (uint32_t)t->s.c, 0);
    for (int n = 0; n < t->s.n; n++)
        for (int c = 0; c < t->s.c; c++)
            for (size_t i = 0; i < shape_pixels(t->s); i++) tensor_channel(t, n, c)[i * (size_t)t->lanes] = (real)rng_range(&r, -1, 1);
}

/* What the graph makes of always the same numbers. */
static real *results(struct fixture *f, int y, size_t *count)
{
    struct run r;
    must(run_create(&f->graph, kernels_for(cpu_best()), NULL, NULL, &r, &f->e), &f->e);
    if (!f->params.data) must(params_allocate(&f->params, &f->e), &f->e);
    params_initialise(&f->params, 1);
    struct tensor image = run_tensor(&r, f->image), map = run_tensor(&r, f->map);
    memset(image.p, 0, tensor_size(&image) * sizeof *image.p);
    fill(&image);
    fill(&map);
    run_forward(&r);
    struct tensor out = run_tensor(&r, y);
    *count = (size_t)out.s.n * (size_t)out.s.c * shape_pixels(out.s);
    real *planar = test_malloc(*count * sizeof *planar);
    run_store(&out, planar);
    run_free(&r);
    return planar;
}

/* Fuses and compares; `nodes` are left. */
static void check(struct fixture *f, int y, int nodes)
{
    size_t count;
    must(graph_output(&f->graph, y, &f->e, "y"), &f->e);
    real *before = results(f, y, &count);
    graph_fuse(&f->graph);
    assert_int_equal(f->graph.nnodes, nodes);
    real *after = results(f, y, &count);
    for (size_t i = 0; i < count; i++)
        if (fabs((double)(before[i] - after[i])) > 1e-5) fail_msg("number %zu was %g and is %g", i, (double)before[i], (double)after[i]);
    for (int i = 0; i < nodes; i++) assert_int_equal(f->graph.values[f->graph.nodes[i].out[0]].producer, i);
    test_free(before);
    test_free(after);
    end(f);
}

static void a_norm_joins_its_convolution(void **state)
{
    (void)state;
    struct fixture f;
    for (int side = 1; side <= 3; side += 2) {
        begin(&f);
        check(&f, norm(&f, conv(&f, f.image, side, "c"), false), 1);
    }
}

static void a_convolution_joins_the_gate_before_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    check(&f, norm(&f, conv(&f, gate(&f, f.image), 1, "c"), false), 1);
    begin(&f); /* 3x3: the map is not the same for all that it sums */
    check(&f, norm(&f, conv(&f, gate(&f, f.image), 3, "c"), false), 2);
}

static void what_others_read_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    int c = conv(&f, f.image, 1, "c");
    must(graph_output(&f.graph, c, &f.e, "c"), &f.e);
    check(&f, norm(&f, c, false), 2);
    begin(&f);
    c = conv(&f, f.image, 1, "c");
    int y, both[2] = {norm(&f, c, false), c};
    struct add_attr add = {ACT_NONE};
    must(graph_node(&f.graph, &op_add, both, 2, 1, &add, sizeof add, &y, &f.e), &f.e);
    check(&f, y, 3);
}

static void an_instance_norm_stays(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    check(&f, norm(&f, conv(&f, f.image, 3, "c"), true), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_norm_joins_its_convolution),
        cmocka_unit_test(a_convolution_joins_the_gate_before_it),
        cmocka_unit_test(what_others_read_stays),
        cmocka_unit_test(an_instance_norm_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
