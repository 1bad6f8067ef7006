/* SPDX-License-Identifier: Apache-2.0 */
/* Nearest upsampling and convolution as one transposed convolution (kernel.h, up_expand): against
 * the image upsampled plainly; the gradient's way back against the way there; and what reads the
 * three taps against the same with the four.  Small integers: sums are exact in any order, but
 * within Winograd. */
#include "unit/expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kernel/kernel.h"

/* The convolution from the large grid (x) to the small one (y), and the weights of the one behind
 * the upsampling. */
struct trial {
    struct conv c;
    real *w3;
    size_t w3_size;
    struct rng rng;
};

static real *fresh(size_t n)
{
    void *p = NULL;
    assert_int_equal(posix_memalign(&p, 64, (n + 1) * sizeof(real)), 0);
    memset(p, 0, n * sizeof(real));
    return p;
}

static real draw(struct trial *t) { return (real)((int)rng_below(&t->rng, 7) - 3); }

static void fill(struct trial *t, struct tensor *x)
{
    x->p = fresh(tensor_size(x));
    for (int n = 0; n < x->s.n; n++)
        for (int c = 0; c < x->s.c; c++)
            for (size_t i = 0; i < shape_pixels(x->s); i++)
                tensor_channel(x, n, c)[i * (size_t)x->lanes] = draw(t);
}

/* `small` has the channels of what is upsampled. */
static struct trial begin(struct shape small, int channels)
{
    bool deep = small.d > 1;
    struct trial t = {.c = {.kernel = {deep ? 4 : 1, 4, 4},
                          .stride = {deep ? 2 : 1, 2, 2},
                          .pad = {deep ? 1 : 0, 1, 1},
                          .nx = 1}};
    const int taps = deep ? 27 : 9;
    t.rng = rng_stream(5, RNG_TEST, (uint32_t)channels, 0);
    t.c.y = (struct tensor){NULL, small, LANES, false};
    t.c.x[0] = (struct tensor){
        NULL, {small.n, channels, deep ? 2 * small.d : 1, 2 * small.h, 2 * small.w}, LANES, false};
    fill(&t, &t.c.y);
    fill(&t, &t.c.x[0]);
    t.w3_size = conv_packed_size(channels, 1, &small.c, taps);
    real *plain = fresh((size_t)channels * (size_t)small.c * (size_t)taps);
    for (size_t i = 0; i < (size_t)channels * (size_t)small.c * (size_t)taps; i++)
        plain[i] = draw(&t);
    t.w3 = fresh(t.w3_size);
    conv_pack(channels, 1, &small.c, taps, plain, t.w3);
    free(plain);
    t.c.w = fresh(conv_weights(&t.c));
    kernels_for(ISA_REF)->up_expand(&t.c, t.w3, t.c.w, NULL);
    return t;
}

static void end(struct trial *t)
{
    free(t->c.x[0].p);
    free(t->c.y.p);
    free(t->c.w);
    free(t->w3);
}

static void run(const struct conv *c, const struct kernels *k, enum conv_slot slot,
    const struct conv_impl *impl)
{
    if (!impl) impl = kernels_conv(k, slot, c, NULL);
    real *work = fresh(impl->workspace(c, 1) / sizeof(real));
    impl->run(c, work, NULL);
    free(work);
}

static void same(const real *a, const real *b, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - (double)b[i]) <= tolerance))
            fail_msg("at %zu: %g, should be %g", i, (double)a[i], (double)b[i]);
}

static const struct {
    struct shape small;
    int channels;
} list[] = {{{2, 18, 1, 3, 5}, 5}, {{1, 5, 3, 2, 4}, 33}, {{1, 3, 1, 1, 1}, 17},
    {{1, 40, 1, 9, 13}, 24}, {{2, 17, 5, 8, 6}, 16}};
enum { CASES = sizeof list / sizeof *list };

/* What is written to a fresh tensor like x[0]. */
static struct tensor large_result(const struct trial *t)
{
    struct tensor y = t->c.x[0];
    y.p = fresh(tensor_size(&y));
    return y;
}

static void is_what_follows_the_upsampling(void **state)
{
    (void)state;
    const struct kernels *k = kernels_for(ISA_REF);
    for (int i = 0; i < CASES; i++) {
        struct trial t = begin(list[i].small, list[i].channels);
        const bool deep = t.c.kernel[0] > 1;
        struct conv c = {.kernel = {deep ? 3 : 1, 3, 3},
            .stride = {1, 1, 1},
            .pad = {deep ? 1 : 0, 1, 1},
            .nx = 1,
            .w = t.w3};
        const struct shape small = t.c.y.s, large = t.c.x[0].s;
        c.x[0] = (struct tensor){NULL, {small.n, small.c, large.d, large.h, large.w}, LANES, false};
        c.x[0].p = fresh(tensor_size(&c.x[0]));
        for (int n = 0; n < small.n; n++)
            for (int ch = 0; ch < small.c; ch++)
                for (int o = 0; o < large.d * large.h * large.w; o++) {
                    int d = o / large.w / large.h / (deep ? 2 : 1), h = o / large.w % large.h / 2,
                        w = o % large.w / 2;
                    tensor_channel(&c.x[0], n, ch)[o * LANES] =
                        tensor_channel(&t.c.y, n, ch)[((d * small.h + h) * small.w + w) * LANES];
                }
        c.y = large_result(&t);
        run(&c, k, CONV_FORWARD, NULL);
        struct conv other = t.c;
        other.x[0] = large_result(&t);
        run(&other, k, CONV_BACKWARD_X, NULL);
        same(other.x[0].p, c.y.p, tensor_size(&c.y), 0);
        free(c.x[0].p);
        free(c.y.p);
        free(other.x[0].p);
        end(&t);
    }
}

/* The sum of w * g over all weights must not change with the side it is taken on. */
static void the_gradient_goes_back(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2);
    for (int i = 0; i < CASES; i++) {
        struct trial t = begin(list[i].small, list[i].channels);
        size_t n = conv_weights(&t.c);
        real *g = fresh(n), *g3 = fresh(t.w3_size), *twice = fresh(t.w3_size);
        double wide = 0, narrow = 0;
        for (size_t j = 0; j < n; j++) wide += (double)(g[j] = draw(&t)) * (double)t.c.w[j];
        for (size_t j = 0; j < t.w3_size; j++) g3[j] = (real)NAN;
        kernels_for(ISA_REF)->up_contract(&t.c, g, g3, false, pool);
        for (size_t j = 0; j < t.w3_size; j++)
            narrow += (double)(twice[j] = g3[j]) * (double)t.w3[j];
        assert_true(wide == narrow);
        kernels_for(ISA_REF)->up_contract(&t.c, g, twice, true, pool);
        for (size_t j = 0; j < t.w3_size; j++) g3[j] *= 2;
        same(twice, g3, t.w3_size, 0);
        free(g);
        free(g3);
        free(twice);
        end(&t);
    }
    pool_destroy(pool);
}

/* To the bit, of any fractions: the sums have one order. */
static void every_isa_expands_alike(void **state)
{
    (void)state;
    struct pool *pool = pool_create(2);
    for (int isa = ISA_REF + 1; isa <= kernels_best(); isa++)
        for (int i = 0; i < CASES; i++) {
            struct trial t = begin(list[i].small, list[i].channels);
            const size_t n = conv_weights(&t.c);
            real *w = fresh(n);
            for (size_t j = 0; j < t.w3_size; j++) t.w3[j] = (real)(rng_uniform(&t.rng) - 0.5);
            for (size_t j = 0; j < n; j++) w[j] = (real)NAN;
            kernels_for(ISA_REF)->up_expand(&t.c, t.w3, t.c.w, NULL);
            kernels_for(isa)->up_expand(&t.c, t.w3, w, pool);
            assert_memory_equal(w, t.c.w, n * sizeof *w);
            free(w);
            end(&t);
        }
    pool_destroy(pool);
}

static void three_taps_are_read_as_four(void **state)
{
    (void)state;
    int read = 0;
    for (int isa = ISA_REF + 1; isa <= kernels_best(); isa++)
        for (int i = 0; i < CASES; i++)
            for (enum conv_slot slot = CONV_FORWARD; slot <= CONV_BACKWARD_X; slot++) {
                struct trial t = begin(list[i].small, list[i].channels);
                for (const struct conv_impl *const *impl = kernels_for(isa)->conv[slot]; *impl;
                     impl++) {
                    if (!(*impl)->reads_w3 || !(*impl)->fits(&t.c)) continue;
                    struct conv a = t.c, b = t.c;
                    struct tensor *ya = slot == CONV_FORWARD ? &a.y : &a.x[0],
                                  *yb = slot == CONV_FORWARD ? &b.y : &b.x[0];
                    ya->p = fresh(tensor_size(ya));
                    yb->p = fresh(tensor_size(yb));
                    run(&a, kernels_for(ISA_REF), slot, NULL);
                    b.w3 = t.w3;
                    b.w = NULL;
                    run(&b, kernels_for(isa), slot, *impl);
                    same(yb->p, ya->p, tensor_size(ya), 2e-2); /* of sums that reach 1e3 */
                    free(ya->p);
                    free(yb->p);
                    read++;
                }
                end(&t);
            }
    if (kernels_best() > ISA_REF) assert_true(read > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_follows_the_upsampling),
        cmocka_unit_test(the_gradient_goes_back),
        cmocka_unit_test(every_isa_expands_alike),
        cmocka_unit_test(three_taps_are_read_as_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
