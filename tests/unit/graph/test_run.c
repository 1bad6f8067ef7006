/* SPDX-License-Identifier: Apache-2.0 */
/* Running: images in and out, seeds, the same bits for any number of threads, several runs at once
 * over one parameter set. */
#include "unit/arch/net_test.h"

#include <pthread.h>
#include <stdlib.h>

static void test_planar_images_in_and_out(void **state)
{
    (void)state;
    enum { N = 2, C = 3, PIXELS = 2 * 2 * 3, COUNT = N * C * PIXELS };
    static real memory[N * LANES * PIXELS];
    float planar[COUNT];
    real back[COUNT];
    for (int i = 0; i < COUNT; i++) planar[i] = (float)i + 0.5f;
    for (int lanes = 1; lanes <= LANES; lanes += LANES - 1) {
        struct tensor t = {memory, {N, C, 2, 2, 3}, lanes, false};
        memset(memory, 0xff, sizeof memory);
        run_load(&t, planar);
        run_store(&t, back);
        for (int i = 0; i < COUNT; i++) assert_true(back[i] == (real)planar[i]);
        for (size_t i = 0; i < tensor_size(&t); i++)
            if (lanes == LANES && i % LANES >= C) assert_true(memory[i] == 0);
        /* image 1, channel 2, pixel 4 */
        assert_true(tensor_channel(&t, 1, 2)[4 * lanes] == (real)planar[(1 * C + 2) * PIXELS + 4]);
    }
}

/* A whole training step: results, gradients and running statistics as bytes. */
struct outcome {
    real *grads, *state;
    size_t ngrads, nstate;
    real loss;
};

static struct outcome train_step(const struct trial_net *t, int isa, int threads)
{
    struct err e = {0};
    struct built b;
    struct run r;
    struct outcome o;
    struct pool *pool = pool_create(threads);
    built_new(&b, t, true);
    must(run_create(&b.graph, kernels_for(isa), pool, NULL, &r, &e), &e);
    params_initialise(&b.params, 1);
    built_fill(&b, &r);
    run_forward(&r);
    o.loss = run_tensor(&r, b.loss).p[0];
    run_backward(&r, b.loss);
    o.ngrads = b.params.size * sizeof(real);
    o.nstate = b.params.state_size * sizeof(real);
    o.grads = malloc(o.ngrads);
    o.state = malloc(o.nstate + 1);
    assert_true(o.grads && o.state);
    memcpy(o.grads, r.grads, o.ngrads);
    memcpy(o.state, b.params.state, o.nstate);
    run_free(&r);
    built_free(&b);
    pool_destroy(pool);
    return o;
}

static void outcome_free(struct outcome o)
{
    free(o.grads);
    free(o.state);
}

static void test_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++) {
        struct outcome one = train_step(&trial_nets[i], kernels_best(), 1);
        assert_true(one.loss > 0);
        for (int threads = 2; threads <= 3; threads++) {
            struct outcome more = train_step(&trial_nets[i], kernels_best(), threads);
            assert_true(one.loss == more.loss);
            assert_memory_equal(one.grads, more.grads, one.ngrads);
            assert_memory_equal(one.state, more.state, one.nstate);
            outcome_free(more);
        }
        outcome_free(one);
    }
}

/* run_backward seeds one output with 1 and the others with nothing; a second backward pass gives
 * the same. */
static void test_backward_starts_from_one_output(void **state)
{
    (void)state;
    struct err e = {0};
    struct params params;
    struct graph g;
    struct run r;
    int x, y[2];
    params_init(&params);
    graph_init(&g, &params, true);
    must(graph_input(&g, (struct shape){1, 1, 1, 1, 1}, 1, true, &x, &e), &e);
    for (int i = 0; i < 2; i++) {
        struct sum_attr a = {{i ? 5 : 3}};
        must(graph_node(&g, &op_sum, &x, 1, 1, &a, sizeof a, &y[i], &e), &e);
        must(graph_output(&g, y[i], &e, "y%d", i), &e);
    }
    must(run_create(&g, kernels_for(ISA_REF), NULL, NULL, &r, &e), &e);
    run_tensor(&r, x).p[0] = 2;
    run_forward(&r);
    assert_true(run_tensor(&r, y[0]).p[0] == 6 && run_tensor(&r, y[1]).p[0] == 10);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 2; i++) {
            run_backward(&r, y[i]);
            assert_true(run_gradient(&r, x).p[0] == (i ? 5 : 3));
        }
    run_free(&r);
    graph_free(&g);
    params_free(&params);
}

static void test_no_gradient_without_training(void **state)
{
    (void)state;
    struct err e = {0};
    struct built b;
    struct run r;
    built_new(&b, &trial_nets[0], false);
    must(run_create(&b.graph, kernels_for(ISA_REF), NULL, NULL, &r, &e), &e);
    assert_null(r.grads);
    for (int v = 0; v < b.graph.nvalues; v++) assert_null(run_gradient(&r, v).p);
    assert_null(run_gradient(&r, b.image).p);
    run_free(&r);
    built_free(&b);
}

/* More than the address space holds: refused before anything runs. */
static void test_out_of_memory_is_a_sentence(void **state)
{
    (void)state;
    struct err e = {0};
    struct trial_net big = {
        "arch=unet dims=2 in=1 classes=2 widths=4096,4096", 1, 1, 46336, 46336, 2};
    struct built b;
    struct run r;
    built_new(&b, &big, false);
    assert_int_equal(run_create(&b.graph, kernels_for(ISA_REF), NULL, NULL, &r, &e), ATT_MEMORY);
    assert_non_null(strstr(e.text, "use a smaller patch, batch or network"));
    built_free(&b);
}

/* ---- one parameter set, many runs */

struct reader {
    struct built *b;
    struct params *params;
    real *logits;
    size_t count;
};

static void *predict(void *arg)
{
    struct reader *a = arg;
    struct err e = {0};
    struct graph g;
    struct run r;
    int image;
    graph_init(&g, a->params, false);
    struct built b = {.label = -1};
    if (arch_build(&a->b->spec, &g, 1, 1, 16, 16, &image, &e) != ATT_OK) return NULL;
    if (run_create(&g, kernels_for(kernels_best()), NULL, NULL, &r, &e) != ATT_OK) return NULL;
    b.image = image;
    for (int pass = 0; pass < 3; pass++) {
        built_fill(&b, &r);
        run_forward(&r);
    }
    struct tensor y = run_tensor(&r, graph_find_output(&g, "logits"));
    a->count = tensor_size(&y);
    a->logits = malloc(a->count * sizeof(real));
    if (a->logits) memcpy(a->logits, y.p, a->count * sizeof(real));
    run_free(&r);
    graph_free(&g);
    return NULL;
}

static void test_runs_share_parameters(void **state)
{
    (void)state;
    enum { READERS = 4 };
    struct err e = {0};
    struct trial_net t = {trial_nets[0].spec, 1, 1, 16, 16, 2};
    struct built b;
    pthread_t thread[READERS];
    struct reader reader[READERS];
    built_new(&b, &t, false);
    must(params_allocate(&b.params, &e), &e);
    params_initialise(&b.params, 1);
    for (int i = 0; i < READERS; i++) {
        reader[i] = (struct reader){&b, &b.params, NULL, 0};
        assert_int_equal(pthread_create(&thread[i], NULL, predict, &reader[i]), 0);
    }
    for (int i = 0; i < READERS; i++) {
        pthread_join(thread[i], NULL);
        assert_non_null(reader[i].logits);
        assert_int_equal(reader[i].count, 2 * 16 * 16);
        assert_memory_equal(reader[i].logits, reader[0].logits, reader[0].count * sizeof(real));
    }
    for (int i = 0; i < READERS; i++) free(reader[i].logits);
    built_free(&b);
}

/* What batches leave behind may be put together later, on another run, with the same bits. */
static void test_statistics_are_tracked_later(void **state)
{
    (void)state;
    for (int i = 0; i < TRIAL_NETS; i++) {
        struct err e = {0};
        struct built b;
        struct run r;
        built_new(&b, &trial_nets[i], true);
        must(run_create(&b.graph, kernels_for(kernels_best()), NULL, NULL, &r, &e), &e);
        params_initialise(&b.params, 1);
        const size_t bytes = b.params.state_size * sizeof(real);
        real *before = malloc(bytes + 1), *rows = malloc(2 * bytes + 1), *after = malloc(bytes + 1);
        assert_true(before && rows && after);
        memcpy(before, b.params.state, bytes);
        for (int later = 0; later < 2; later++) {
            r.measures = later;
            memcpy(b.params.state, before, bytes);
            for (int pass = 0; pass < 2; pass++) {
                built_fill(&b, &r);
                struct tensor image = run_tensor(&r, b.image);
                for (size_t j = 0; j < tensor_size(&image); j++) image.p[j] *= (real)(1 + pass);
                run_forward(&r);
                memcpy(rows + (size_t)pass * b.params.state_size, b.params.state, bytes);
            }
            if (!later) memcpy(after, b.params.state, bytes);
        }
        if (bytes) assert_memory_not_equal(after, b.params.state, bytes);
        memcpy(b.params.state, before, bytes);
        for (size_t pass = 0; pass < 2; pass++) run_track(&r, rows + pass * b.params.state_size);
        assert_memory_equal(after, b.params.state, bytes);
        run_free(&r);
        built_free(&b);
        free(before);
        free(rows);
        free(after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planar_images_in_and_out),
        cmocka_unit_test(test_bits_do_not_depend_on_threads),
        cmocka_unit_test(test_backward_starts_from_one_output),
        cmocka_unit_test(test_no_gradient_without_training),
        cmocka_unit_test(test_out_of_memory_is_a_sentence),
        cmocka_unit_test(test_runs_share_parameters),
        cmocka_unit_test(test_statistics_are_tracked_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
