/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions with products in bfloat16 have the same bits in every instruction set, on the matrix
 * unit and with AVX512-BF16 (where this machine has them), and in the plain loops that follow
 * docs/numerics.md.  Also where numbers are subnormal, and sums infinite or undefined. */
#include "base/cpu.h"
#include "conv_test.h"

#define SHAPES TEST_SOURCE_DIR "/bench/shapes/conv_test.txt"

/* How numbers are drawn: fractions, or exponents (of two) from `low` to `high`. */
struct numbers {
    const char *name;
    int low, high;
};
static const struct numbers kinds[] = {{"fractions", 0, 0},
    /* products and sums around the smallest normal number, 2^-126 */
    {"tiny", -72, -50}, {"subnormal", -149, 20},
    /* infinite sums, and their differences */
    {"huge", 50, 68}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void draw_wild(struct array a, const struct numbers *k, uint64_t seed)
{
    struct rng r = rng_stream(seed, RNG_TEST, 1, 0);
    for (size_t i = 0; i < a.n && k->low != k->high; i++) {
        const int power = k->low + (int)rng_below(&r, (unsigned)(k->high - k->low + 1));
        if (a.p[i] != 0) a.p[i] = (real)ldexp(rng_uniform(&r) * 2 - 1, power);
    }
}

static bool same(real a, real b) { return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b)); }

static void hold(const struct problem *p, const struct setting *s, const struct numbers *kind,
    int isa, const struct conv_impl *impl, struct array *want)
{
    struct array got[ARRAYS];
    struct conv c = set_up(&p->c, s, got);
    for (int i = 0; i < ARRAYS; i++)
        if (i <= W && !written(i, &c, s)) memcpy(got[i].p, want[i].p, got[i].n * sizeof(real));
    run(&c, impl, 1 + isa % 3);
    if (kind == kinds) check_arrays(p->name, &c, impl, s, got, want);
    for (int i = 0; i < ARRAYS; i++) {
        assert_true(guards_intact(got[i]));
        for (size_t j = 0; written(i, &c, s) && j < got[i].n; j++)
            if (!same(got[i].p[j], want[i].p[j]))
                fail_msg("%s, %s, slot %d, %s: array %d at %zu is %a, should be %a", p->name,
                    set_at(isa)->set->name, (int)s->slot, kind->name, i, j, (double)got[i].p[j],
                    (double)want[i].p[j]);
    }
    tear_down(got);
}

static const struct conv_impl *plain(enum conv_slot slot, const struct conv *c)
{
    for (const struct conv_impl *const *i = set_at(ISA_REF)->conv[slot]; *i; i++)
        if (!strcmp((*i)->name, CONV_BF16) && (*i)->fits(c)) return *i;
    return NULL;
}

static int hold_all(const struct problem *p, const struct setting *s, const struct numbers *kind)
{
    struct array want[ARRAYS];
    const struct conv_impl *ref = plain(s->slot, &p->c);
    int held = 0;
    if (!ref) return 0;
    struct conv c = set_up(&p->c, s, want);
    for (int i = 0; i <= W; i++)
        if (!written(i, &c, s)) draw_wild(want[i], kind, (uint64_t)i + 1);
    run(&c, ref, 2);
    for (int isa = ISA_REF + 1; isa <= last_set(); isa++)
        for (const struct conv_impl *const *i = set_at(isa)->conv[s->slot]; *i; i++)
            if (!strcmp((*i)->name, CONV_BF16) && (*i)->fits(&p->c)) {
                hold(p, s, kind, isa, *i, want);
                held++;
            }
    tear_down(want);
    return held;
}

static void for_problems(int (*fn)(const struct problem *p), int least)
{
    FILE *f = fopen(SHAPES, "r");
    struct problem p;
    int status, held = 0;
    assert_non_null(f);
    while ((status = problem_read(f, &p)) > 0)
        if (conv_macs(&p.c) <= 4e6) held += fn(&p);
    fclose(f);
    assert_int_equal(status, 0);
    if (last_set() > ISA_REF && held < least) fail_msg("only %d comparisons", held);
}

static int every_end(const struct problem *p)
{
    static const struct setting ends[] = {{0}, {.bias = true, .add = true},
        {.scale = true, .bias = true, .act = ACT_RELU}, {.map = true, .act = ACT_LEAKY}};
    int held = 0;
    for (size_t i = 0; i < 2 * sizeof ends / sizeof *ends; i++) {
        struct setting s = ends[i / 2];
        s.slot = i % 2 ? CONV_BACKWARD_X : CONV_FORWARD;
        s.skip = s.slot == CONV_BACKWARD_X && p->c.nx > 1 && i > 4;
        held += hold_all(p, &s, &kinds[0]);
    }
    for (int add = 0; add < 2; add++)
        held += hold_all(p, &(struct setting){.slot = CONV_BACKWARD_W, .add = add}, &kinds[0]);
    return held;
}

/* A norm that is made on load; pad lanes stay 0. */
static struct array draw_norm(const struct tensor *x, struct conv_load *load)
{
    const int padded = tensor_padded(x);
    const size_t count = (size_t)(padded * (load->per_image ? x->s.n : 1));
    struct rng r = rng_stream(11, RNG_TEST, 2, 0);
    struct array a = array_new(2 * count);
    for (size_t i = 0; i < 2 * count; i++)
        a.p[i] = (int)(i % (size_t)padded) < x->s.c ? draw(&r, false) : 0;
    load->scale = a.p;
    load->shift = a.p + count;
    return a;
}

static int hold_load(const struct problem *p, const struct setting *s, const struct conv_load *how)
{
    struct array want[ARRAYS], got[ARRAYS];
    struct conv_load load = *how;
    const struct conv_impl *ref = plain(s->slot, &p->c);
    int held = 0;
    if (!ref || p->c.nx != 1) return 0;
    struct conv c = set_up(&p->c, s, want);
    const struct array scale = draw_norm(&c.x[0], &load);
    load_plainly(&c, &load);
    run(&c, ref, 1);
    for (int isa = ISA_REF + 1; isa <= last_set(); isa++)
        for (const struct conv_impl *const *i = set_at(isa)->conv[s->slot]; *i; i++) {
            if (strcmp((*i)->name, CONV_BF16) != 0 || !(*i)->fits(&p->c)) continue;
            const int out = s->slot == CONV_FORWARD ? Y : W;
            struct conv d = set_up(&p->c, s, got);
            assert_true((*i)->loads);
            d.load = load;
            run(&d, *i, 2);
            for (size_t j = 0; j < got[out].n; j++)
                if (!same(got[out].p[j], want[out].p[j]))
                    fail_msg("%s on load, %s, slot %d: %zu is %a, should be %a", p->name,
                        set_at(isa)->set->name, (int)s->slot, j, (double)got[out].p[j],
                        (double)want[out].p[j]);
            tear_down(got);
            held++;
        }
    array_free(scale);
    tear_down(want);
    return held;
}

static int every_load(const struct problem *p)
{
    int held = 0;
    for (int i = 0; i < 2 && conv_macs(&p->c) < 1e6; i++) {
        const struct conv_load how = {.per_image = i, .act = i ? ACT_LEAKY : ACT_RELU};
        held += hold_load(p, &(struct setting){.slot = CONV_FORWARD}, &how);
        held += hold_load(p, &(struct setting){.slot = CONV_BACKWARD_W}, &how);
    }
    return held;
}

static void same_bits_of_norms_on_load(void **state)
{
    (void)state;
    for_problems(every_load, 100);
}

/* Against double sums of the rounded numbers: a gradient by weight is no worse than its terms. */
static int near_double(const struct problem *p)
{
    struct array a[ARRAYS], far[ARRAYS];
    const struct setting s = {.slot = CONV_BACKWARD_W};
    const struct conv_impl *ref = plain(s.slot, &p->c);
    if (!ref || conv_macs(&p->c) > 3e5) return 0;
    struct conv c = set_up(&p->c, &s, a), d = set_up(&p->c, &s, far);
    run(&c, ref, 1);
    for (int i = 0; i < Y + 1; i++)
        for (size_t j = 0; j < far[i].n; j++)
            far[i].p[j] = half_read(half_round((float)far[i].p[j]));
    for (size_t j = 0; j < far[W].n; j++) far[W].p[j] = 0;
    const struct conv_impl *const *last = set_at(ISA_REF)->conv[s.slot];
    while (last[1]) last++;
    run(&d, *last, 1); /* the plain loops, which sum in double */
    double largest = 0, worst = 0;
    for (size_t j = 0; j < far[W].n; j++) {
        largest = fmax(largest, fabs((double)far[W].p[j]));
        worst = fmax(worst, fabs((double)a[W].p[j] - (double)far[W].p[j]));
    }
    if (worst > 2e-6 * largest)
        fail_msg("%s: %g from the double sum, of %g", p->name, worst, largest);
    tear_down(a);
    tear_down(far);
    return 1;
}

static void gradients_by_weight_are_near_double(void **state)
{
    (void)state;
    for_problems(near_double, 20);
}

static int every_number(const struct problem *p)
{
    int held = 0;
    for (int k = 1; k < KINDS && conv_macs(&p->c) < 1e6; k++)
        for (enum conv_slot slot = CONV_FORWARD; slot < CONV_SLOTS; slot++)
            held += hold_all(p, &(struct setting){.slot = slot}, &kinds[k]);
    return held;
}

static void same_bits_with_every_end(void **state)
{
    (void)state;
    for_problems(every_end, 500);
}

static void same_bits_of_wild_numbers(void **state)
{
    (void)state;
    for_problems(every_number, 300);
    if (!cpu_matrix()) print_message("this machine has no matrix unit (AMX)\n");
}

/* One output of 34 channels by the formula, written out: the even and the odd chain of the first
 * 32 channels, their sum, then those of the last two. */
static void plain_is_the_definition(void **state)
{
    (void)state;
    struct problem p = {.c = {.kernel = {1, 1, 1}, .stride = {1, 1, 1}, .nx = 1}};
    struct array a[ARRAYS];
    p.c.x[0] = (struct tensor){NULL, {1, 34, 1, 1, 1}, LANES, false};
    p.c.y = (struct tensor){NULL, {1, 1, 1, 1, 1}, LANES, false};
    struct conv c = set_up(&p.c, &(struct setting){0}, a);
    run(&c, plain(CONV_FORWARD, &c), 1);
    float sum = 0;
    const int channels = 34;
    for (int first = 0; first < channels; first += 32) {
        float even = 0, odd = 0;
        for (int i = first; i < first + 32 && i < channels; i += 2) {
            const size_t w = conv_packed_at(1, &channels, 1, 0, i, 0),
                         next = conv_packed_at(1, &channels, 1, 0, i + 1, 0);
            even = fmaf(half_read(half_round(c.x[0].p[i])), half_read(half_round(c.w[w])), even);
            odd =
                fmaf(half_read(half_round(c.x[0].p[i + 1])), half_read(half_round(c.w[next])), odd);
        }
        sum += even + odd;
    }
    assert_true(sum != 0 && c.y.p[0] == sum);
    tear_down(a);
}

/* Only who asks for it gets it, and only between blocked maps; backward by weight not of narrow
 * layers. */
static void chosen_by_name(void **state)
{
    (void)state;
    struct conv c = {.kernel = {1, 3, 3}, .stride = {1, 1, 1}, .pad = {0, 1, 1}, .nx = 1};
    c.x[0] = (struct tensor){NULL, {1, 64, 1, 64, 64}, LANES, false};
    c.y = (struct tensor){NULL, {1, 64, 1, 64, 64}, LANES, false};
    for (int isa = ISA_REF; isa <= last_set(); isa++)
        for (enum conv_slot slot = CONV_FORWARD; slot < CONV_SLOTS; slot++) {
            const struct kernels *k = set_at(isa);
            assert_string_equal(kernels_conv(k, slot, &c, CONV_BF16)->name, CONV_BF16);
            assert_string_not_equal(kernels_conv(k, slot, &c, NULL)->name, CONV_BF16);
            assert_string_not_equal(kernels_conv(k, slot, &c, "direct")->name, CONV_BF16);
            struct conv few = c;
            few.y.s.c = 1;
            few.kernel[1] = few.kernel[2] = 1;
            few.pad[1] = few.pad[2] = 0;
            const char *name = kernels_conv(k, slot, &few, CONV_BF16)->name;
            assert_int_equal(strcmp(name, CONV_BF16) == 0, slot != CONV_BACKWARD_W);
            few.y.lanes = 1; /* planar */
            assert_string_not_equal(kernels_conv(k, slot, &few, CONV_BF16)->name, CONV_BF16);
        }
}

/* Only AVX-512 comes with the matrix unit. */
static void matrix_of_the_best_set(void **state)
{
    (void)state;
    for (int isa = ISA_REF; isa <= last_set(); isa++) {
        const struct kernels *k = set_at(isa);
        assert_int_equal(
            kernels_has_matrix(k), cpu_matrix() && strcmp(k->set->name, "avx512") == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_is_the_definition),
        cmocka_unit_test(chosen_by_name),
        cmocka_unit_test(matrix_of_the_best_set),
        cmocka_unit_test(same_bits_with_every_end),
        cmocka_unit_test(same_bits_of_norms_on_load),
        cmocka_unit_test(gradients_by_weight_are_near_double),
        cmocka_unit_test(same_bits_of_wild_numbers),
    };
    return cmocka_run_group_tests_name("test_half_conv", tests, NULL, NULL);
}
