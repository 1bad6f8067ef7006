/* SPDX-License-Identifier: Apache-2.0 */
/* The sum of the gradients of passes, on one rank and on several, in floats and in bfloat16. */
#include "train/grad_sum.h"

#include "base/mem.h"
#include "kernel/tensor.h"
#include "unit/arch/net_test.h"
/* after cmocka */
#include "unit/team_test.h"

enum { PASSES = 6 };
/* Its weights fill two buckets. */
static const struct trial_net net = {
    "arch=unet dims=2 in=1 classes=2 widths=16,128,256", 1, 1, 16, 16, 2};

static real *wanted; /* of the present case, and of all ranks */
static bool half, overlap;

struct fixture {
    struct built b;
    struct run run;
    struct grad_sum sum;
};

static void begin(struct fixture *f, struct team *t)
{
    struct err e = {0};
    built_new(&f->b, &net, true);
    must(run_create(&f->b.graph, kernels_for(kernels_best()), NULL, NULL, &f->run, &e), &e);
    params_initialise(&f->b.params, 3);
    must(grad_sum_init(&f->sum, t, f->b.params.size, half, &e), &e);
    if (overlap) must(grad_sum_overlap(&f->sum, &f->run.plan, &e), &e);
}

static void end(struct fixture *f)
{
    grad_sum_free(&f->sum);
    run_free(&f->run);
    built_free(&f->b);
}

/* Each pass has another image. */
static void forward(struct fixture *f, int pass)
{
    built_fill(&f->b, &f->run);
    struct tensor image = run_tensor(&f->run, f->b.image);
    for (size_t i = 0; i < tensor_size(&image); i++) image.p[i] *= (real)(1 + pass);
    run_forward(&f->run);
}

/* Rank r of R computes passes r, r + R, ... */
static const real *add_passes(struct fixture *f, int rank, int ranks)
{
    struct err e = {0};
    for (int i = rank; i < PASSES; i += ranks) {
        forward(f, i);
        const bool first = i == rank, last = i + ranks >= PASSES;
        must(grad_sum_backward(&f->sum, &f->run, f->b.loss, 1. / PASSES, first, last, &e), &e);
    }
    return buffer_map(&f->run.gradients);
}

static int one_rank(struct team *t)
{
    struct fixture f;
    begin(&f, t);
    const real *sum = add_passes(&f, t->rank, t->size);
    DEMAND(memcmp(sum, wanted, f.b.params.size * sizeof *sum) == 0);
    end(&f);
    return 0;
}

static real rounded(real v) { return half ? (real)half_read(half_round((float)v)) : v; }

static void any_ranks_have_the_bits_of_a_plain_sum(void **state)
{
    (void)state;
    real different = 0;
    for (int kind = 0; kind < 4; kind++) {
        struct fixture f;
        half = kind & 1;
        overlap = kind & 2;
        begin(&f, NULL);
        const size_t size = f.b.params.size, bytes = size * sizeof *wanted;
        assert_true(size > GRAD_SUM_BUCKET && size < 2 * GRAD_SUM_BUCKET);
        wanted = mem_alloc(bytes);
        for (int i = 0; i < PASSES; i++) {
            forward(&f, i);
            run_backward_part(&f.run, f.b.loss, 1. / PASSES, false);
            const real *grads = buffer_map(&f.run.gradients);
            for (size_t k = 0; k < size; k++) wanted[k] = (i ? wanted[k] : 0) + rounded(grads[k]);
        }
        for (size_t k = 0; k < size; k++) {
            different += wanted[k] != rounded(wanted[k]);
            wanted[k] = rounded(wanted[k]);
        }
        const real *sum = add_passes(&f, 0, 1);
        for (size_t k = 0; k < size; k++)
            if (sum[k] != wanted[k]) fail_msg("number %zu: %g, not %g", k, sum[k], wanted[k]);
        memcpy(wanted, sum, bytes); /* with the signs of noughts */
        run_ranks(2, one_rank);
        run_ranks(3, one_rank);
        mem_free(wanted);
        end(&f);
    }
    assert_true(different > 1000); /* sums in bfloat16 are other numbers */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_ranks_have_the_bits_of_a_plain_sum)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
