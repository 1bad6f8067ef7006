/* SPDX-License-Identifier: Apache-2.0 */
/* Every implementation of every convolution slot on every ISA against ref, on the problems of bench/shapes/conv_test.txt; and ref against
 * the formula in conv.h.  The numbers are small integers, so sums are exact in any order and results must be equal, but those of
 * "winograd", which computes with fractions: they may be off by far less than any single product.  What an implementation may not read is
 * NaN, what it may not write is checked afterwards. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../bench/conv_problem.h"
#include "base/cpu.h"
#include "base/rng.h"
#include "kernel/kernel.h"

enum { GUARD = 256 }; /* reals before and behind every array */

#define SHAPES TEST_SOURCE_DIR "/bench/shapes/conv_test.txt"

/* ---- arrays between guards */

struct array {
    real *p;
    size_t n;
};

static struct array array_new(size_t n)
{
    struct array a = {NULL, n};
    void *memory = NULL;
    assert_int_equal(posix_memalign(&memory, 64, (n + 2 * GUARD) * sizeof(real)), 0);
    a.p = (real *)memory + GUARD;
    for (size_t i = 0; i < n + 2 * GUARD; i++) a.p[(ptrdiff_t)i - GUARD] = (real)NAN;
    return a;
}

static void array_free(struct array a) { free(a.p - GUARD); }

static bool guards_intact(struct array a)
{
    for (ptrdiff_t i = 0; i < GUARD; i++)
        if (!isnan(a.p[i - GUARD]) || !isnan(a.p[(ptrdiff_t)a.n + i])) return false;
    return true;
}

/* Integers from -3 to 3, or fractions that round. */
static real draw(struct rng *r, bool exact) { return exact ? (real)((int)rng_below(r, 7) - 3) : (real)(rng_uniform(r) - 0.5); }

static bool pad_lane(const struct tensor *t, size_t i)
{
    if (t->lanes == 1) return false;
    size_t block = i / tensor_block_size(t) % (size_t)tensor_blocks(t);
    return block * LANES + i % LANES >= (size_t)t->s.c;
}

static void fill_tensor(const struct tensor *t, struct rng *r, bool exact)
{
    for (size_t i = 0; i < tensor_size(t); i++) t->p[i] = pad_lane(t, i) ? 0 : draw(r, exact);
}

/* ---- one problem with all its arrays */

enum { ARRAYS = CONV_MAX_X + 5, Y = CONV_MAX_X, W, B, SCALE, MAP };

struct setting {
    enum conv_slot slot;
    bool add, bias, exact;
    unsigned skip;
    bool scale, map;
    enum act act;
};

static size_t pixels_of(const struct tensor *t) { return (size_t)t->s.n * shape_pixels(t->s); }

/* What is written has the grid of this one. */
static const struct tensor *target(const struct conv *c, enum conv_slot slot) { return slot == CONV_FORWARD ? &c->y : &c->x[0]; }

static size_t array_size(const struct conv *c, int which, enum conv_slot slot)
{
    if (which < CONV_MAX_X) return which < c->nx ? tensor_size(&c->x[which]) : 0;
    if (which == Y) return tensor_size(&c->y);
    if (which == W) return conv_weights(c);
    if (which == MAP) return pixels_of(target(c, slot));
    return (size_t)(slot == CONV_FORWARD ? conv_out_blocks(c) : conv_in_blocks(c)) * LANES;
}

static bool written(int which, const struct conv *c, const struct setting *s)
{
    if (s->slot == CONV_FORWARD) return which == Y;
    if (s->slot == CONV_BACKWARD_W) return which == W;
    return which < c->nx && !c->skip[which];
}

/* Per channel of what is written; pad lanes are zero. */
static void fill_channels(const struct conv *c, struct rng *r, const struct setting *s, struct array a)
{
    int base = 0;
    memset(a.p, 0, a.n * sizeof *a.p);
    for (int i = 0; i < (s->slot == CONV_FORWARD ? 1 : c->nx); i++) {
        int count = s->slot == CONV_FORWARD ? c->y.s.c : c->x[i].s.c;
        for (int k = 0; k < count; k++) a.p[base + k] = draw(r, s->exact);
        base += (count + LANES - 1) / LANES * LANES;
    }
}

/* Weights as a model has them: pad lanes are zero. */
static void fill_weights(struct conv *c, struct rng *r, const struct setting *s)
{
    int channels[CONV_MAX_X], all = 0;
    for (int i = 0; i < c->nx; i++) all += channels[i] = c->x[i].s.c;
    size_t n = (size_t)c->y.s.c * (size_t)all * (size_t)conv_taps(c);
    real *plain = malloc(n * sizeof *plain);
    assert_non_null(plain);
    for (size_t i = 0; i < n; i++) plain[i] = draw(r, s->exact);
    conv_pack(c->y.s.c, c->nx, channels, conv_taps(c), plain, c->w);
    free(plain);
}

/* The same numbers every time for the same setting.  What is written begins as numbers if it is added to, else as NaN. */
static struct conv set_up(const struct conv *problem, const struct setting *s, struct array a[ARRAYS])
{
    struct conv c = *problem;
    struct rng r = rng_stream(7, RNG_TEST, (uint32_t)s->slot, 0);
    for (int i = 0; i < ARRAYS; i++) a[i] = array_new(array_size(&c, i, s->slot));
    for (int i = 0; i < c.nx; i++) {
        c.x[i].p = a[i].p;
        c.add[i] = s->add && s->slot == CONV_BACKWARD_X && i != 1; /* of several, the second is written afresh */
        c.skip[i] = s->slot == CONV_BACKWARD_X && (s->skip >> i & 1);
    }
    if (s->slot != CONV_BACKWARD_X) c.add[0] = s->add;
    c.y.p = a[Y].p;
    c.w = a[W].p;
    fill_weights(&c, &r, s);
    c.b = s->bias ? a[B].p : NULL;
    c.scale = s->scale ? a[SCALE].p : NULL;
    c.map = s->map ? a[MAP].p : NULL;
    c.act = s->act;
    if (s->bias) fill_channels(&c, &r, s, a[B]);
    if (s->scale) fill_channels(&c, &r, s, a[SCALE]);
    for (size_t i = 0; s->map && i < a[MAP].n; i++) a[MAP].p[i] = draw(&r, s->exact);
    for (int i = 0; i < c.nx; i++) {
        fill_tensor(&c.x[i], &r, s->exact);
        if (c.skip[i]) c.x[i].p = NULL;
    }
    fill_tensor(&c.y, &r, s->exact);
    for (int i = 0; i < ARRAYS; i++)
        if (written(i, &c, s) && !c.add[s->slot == CONV_BACKWARD_X ? i : 0])
            for (size_t j = 0; j < a[i].n; j++) a[i].p[j] = (real)NAN;
    return c;
}

static void tear_down(struct array a[ARRAYS])
{
    for (int i = 0; i < ARRAYS; i++) array_free(a[i]);
}

static void run(const struct conv *c, const struct conv_impl *impl, int threads)
{
    struct pool *pool = threads > 1 ? pool_create(threads) : NULL;
    struct array work = array_new(impl->workspace(c, threads) / sizeof(real));
    impl->run(c, work.p, pool);
    assert_true(guards_intact(work));
    array_free(work);
    pool_destroy(pool);
}

/* ---- comparing */

/* How far a number may be from what it should be, where the largest one is `largest`.
 *
 * A number of Winograd's is a sum of fractions that are about as large as its products; rounding moves it by some units in the last place
 * of `largest`, and by more the longer the sum.  The worst of all problems is 3.6e-7 sqrt(products) largest.  A product that is lost or
 * counted twice moves it by 1 at least.  Leaky ReLU's slope has no exact value in float. */
static double tolerance(const struct conv *c, const struct conv_impl *impl, const struct setting *s, double largest)
{
    double numbers = 0, far = 0; /* numbers: how many are written */
    for (int i = 0; i < c->nx; i++) {
        if (s->slot == CONV_BACKWARD_X) numbers += c->x[i].s.c * (double)pixels_of(&c->x[i]);
        if (s->slot == CONV_BACKWARD_W) numbers += c->x[i].s.c * (double)conv_taps(c) * c->y.s.c;
    }
    if (s->slot == CONV_FORWARD) numbers = c->y.s.c * (double)pixels_of(&c->y);
    if (strcmp(impl->name, "winograd") == 0) far = fmin(0.25, 1e-6 * sqrt(conv_macs(c) / numbers) * largest);
    return s->act == ACT_LEAKY ? fmax(far, 1e-6 * largest) : far;
}

static double largest_of(struct array a)
{
    double largest = 0;
    for (size_t i = 0; i < a.n; i++) largest = fmax(largest, fabs((double)a.p[i]));
    return largest;
}

static void check_arrays(const char *what, const struct conv *c, const struct conv_impl *impl, const struct setting *s, struct array *got,
                         struct array *want)
{
    for (int i = 0; i < ARRAYS; i++) {
        const double far = written(i, c, s) ? tolerance(c, impl, s, largest_of(want[i])) : 0;
        if (!guards_intact(got[i])) fail_msg("%s: array %d was written outside of its bounds", what, i);
        const struct tensor *t = i < c->nx ? &c->x[i] : &c->y;
        bool padded = i <= Y && written(i, c, s);
        for (size_t j = 0; j < got[i].n; j++) {
            real g = got[i].p[j], w = want[i].p[j];
            if (padded && pad_lane(t, j) && g != 0) fail_msg("%s: array %d: pad lane at %zu is %g", what, i, j, (double)g);
            if (!(fabs((double)g - (double)w) <= far || (isnan(g) && isnan(w) && !written(i, c, s))))
                fail_msg("%s: array %d at %zu is %g, should be %g", what, i, j, (double)g, (double)w);
        }
    }
}

static void check_bits(const char *what, struct array *got, struct array *want)
{
    for (int i = 0; i < ARRAYS; i++)
        if (memcmp(got[i].p, want[i].p, got[i].n * sizeof(real)) != 0) fail_msg("%s: array %d differs between numbers of threads", what, i);
}

static const char *describe(char text[160], const struct problem *p, enum isa isa, const struct conv_impl *impl, const struct setting *s)
{
    static const char *const slot[] = {"forward", "backward_x", "backward_w"};
    snprintf(text, 160, "%s, %s %s %s, add %d, bias %d, skip %x, scale %d, map %d, act %d", p->name, isa_name(isa), impl->name,
             slot[s->slot], s->add, s->bias, s->skip, s->scale, s->map, s->act);
    return text;
}

static void hold_against_ref(const struct problem *p, enum isa isa, const struct setting *s)
{
    struct array want[ARRAYS], got[ARRAYS];
    char text[160];
    struct conv c = set_up(&p->c, s, want);
    run(&c, kernels_conv(kernels_for(ISA_REF), s->slot, &c, "ref"), 1);
    for (const struct conv_impl *const *i = kernels_for(isa)->conv[s->slot]; *i; i++) {
        if (!(*i)->fits(&c) || strcmp((*i)->name, "ref") == 0) continue;
        struct conv d = set_up(&p->c, s, got);
        run(&d, *i, 1);
        check_arrays(describe(text, p, isa, *i, s), &d, *i, s, got, want);
        tear_down(got);
    }
    tear_down(want);
}

static void same_bits_for_any_threads(const struct problem *p, enum isa isa, const struct setting *s)
{
    struct array want[ARRAYS], got[ARRAYS];
    char text[160];
    for (const struct conv_impl *const *i = kernels_for(isa)->conv[s->slot]; *i; i++) {
        if (!(*i)->fits(&p->c) || (isa > ISA_REF && strcmp((*i)->name, "ref") == 0)) continue;
        struct conv c = set_up(&p->c, s, want);
        run(&c, *i, 1);
        for (int threads = 2; threads <= 3; threads++) {
            struct conv d = set_up(&p->c, s, got);
            run(&d, *i, threads);
            check_bits(describe(text, p, isa, *i, s), got, want);
            tear_down(got);
        }
        tear_down(want);
    }
}

typedef void problem_fn(const struct problem *p, enum isa isa);

static void for_problems(problem_fn *fn, enum isa isa)
{
    FILE *f = fopen(SHAPES, "r");
    struct problem p;
    int status, count = 0;
    assert_non_null(f);
    while ((status = problem_read(f, &p)) > 0) {
        fn(&p, isa);
        count++;
    }
    fclose(f);
    if (status < 0 || count < 50) fail_msg("%s: bad line after %s", SHAPES, p.name);
}

/* What may follow the sums. */
enum { ENDS = 3 };
static const struct setting ends[ENDS] = {{.exact = true, .scale = true, .act = ACT_RELU},
                                          {.exact = true, .map = true, .bias = true},
                                          {.exact = true, .scale = true, .map = true, .bias = true, .act = ACT_LEAKY}};

static void all_settings(const struct problem *p, enum isa isa)
{
    const bool slow = (double)conv_weights(&p->c) * (double)pixels_of(&p->c.y) > 2e7; /* for ref */
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        for (int add = 0; add < 2; add++)
            for (int bias = 0; bias < (slot == CONV_BACKWARD_W || slow ? 1 : 2); bias++)
                hold_against_ref(p, isa, &(struct setting){.slot = slot, .add = add, .bias = bias, .exact = true});
    for (enum conv_slot slot = 0; slot < CONV_BACKWARD_W && !slow; slot++)
        for (int i = 0; i < ENDS; i++) {
            struct setting s = ends[i];
            s.slot = slot;
            hold_against_ref(p, isa, &s);
        }
    for (unsigned skip = 1; skip + 1 < 1u << p->c.nx; skip++)
        hold_against_ref(p, isa, &(struct setting){.slot = CONV_BACKWARD_X, .add = skip & 1, .bias = true, .exact = true, .skip = skip});
}

static void all_slots_threads(const struct problem *p, enum isa isa)
{
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        same_bits_for_any_threads(p, isa, &(struct setting){.slot = slot, .add = slot & 1, .bias = slot != CONV_BACKWARD_W});
}

/* Else a problem meant for it would test nothing. */
static void takes_tiles(const struct problem *p, enum isa isa)
{
    if (strncmp(p->name, "tile", 4) != 0) return;
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++) {
        const struct conv_impl *impl = kernels_conv(kernels_for(isa), slot, &p->c, "winograd");
        if (strcmp(impl->name, "winograd") != 0) fail_msg("%s, %s, slot %d: winograd does not fit", p->name, isa_name(isa), slot);
    }
}

static bool lacking(enum isa isa)
{
    if (isa <= cpu_best()) return false;
    print_message("SKIPPED: this machine has no %s\n", isa_name(isa));
    return true;
}

static void against_ref_avx2(void **state)
{
    (void)state;
    if (lacking(ISA_AVX2)) skip();
    for_problems(all_settings, ISA_AVX2);
}

static void against_ref_avx512(void **state)
{
    (void)state;
    if (lacking(ISA_AVX512)) skip();
    for_problems(all_settings, ISA_AVX512);
}

static void winograd_takes_tiles(void **state)
{
    (void)state;
    for (enum isa isa = ISA_AVX2; isa <= cpu_best(); isa++) for_problems(takes_tiles, isa);
}

static void same_bits(void **state)
{
    (void)state;
    for (enum isa isa = ISA_REF; isa <= cpu_best(); isa++) for_problems(all_slots_threads, isa);
}

/* ---- ref against the formula, in torch's order, written as one walk over all products */

static real *at(const struct tensor *t, int n, int c, const int o[3])
{
    size_t pixel = ((size_t)o[0] * (size_t)t->s.h + (size_t)o[1]) * (size_t)t->s.w + (size_t)o[2];
    return tensor_channel(t, n, c) + pixel * (size_t)t->lanes;
}

/* sum[which] += the product of the other two, for every product of one output pixel and one input channel; w is packed as in conv.h. */
static void products(const struct conv *c, int x, int base, int n, int k, const int o[3], int channel, struct array sum[ARRAYS])
{
    const int *size = c->kernel;
    for (int t = 0; t < conv_taps(c); t++) {
        int tap[3] = {t / (size[1] * size[2]), t / size[2] % size[1], t % size[2]}, in[3];
        for (int i = 0; i < 3; i++) in[i] = o[i] * c->stride[i] + tap[i] - c->pad[i];
        const struct shape s = c->x[x].s;
        if (in[0] < 0 || in[0] >= s.d || in[1] < 0 || in[1] >= s.h || in[2] < 0 || in[2] >= s.w) continue;
        size_t block = (size_t)(k / LANES) * (size_t)conv_in_blocks(c) + (size_t)(base + channel / LANES);
        size_t w = ((block * (size_t)conv_taps(c) + (size_t)t) * LANES + (size_t)(channel % LANES)) * LANES + (size_t)(k % LANES);
        real *px = at(&c->x[x], n, channel, in), *py = at(&c->y, n, k, o);
        sum[x].p[px - c->x[x].p] += *py * c->w[w];
        sum[Y].p[py - c->y.p] += *px * c->w[w];
        sum[W].p[w] += *px * *py;
    }
}

static void sum_products(const struct conv *c, struct array sum[ARRAYS])
{
    const struct shape s = c->y.s;
    for (int i = 0; i <= W; i++)
        for (size_t j = 0; j < sum[i].n; j++) sum[i].p[j] = 0;
    for (int n = 0; n < s.n; n++)
        for (int k = 0; k < s.c; k++)
            for (int o = 0; o < s.d * s.h * s.w; o++)
                for (int x = 0, base = 0; x < c->nx; base += (c->x[x++].s.c + LANES - 1) / LANES)
                    for (int channel = 0; channel < c->x[x].s.c; channel++)
                        products(c, x, base, n, k, (int[3]){o / s.w / s.h, o / s.w % s.h, o % s.w}, channel, sum);
}

/* act(scale*map*sum + b), number by number. */
static void finish(const struct conv *c, const struct setting *s, struct array sum[ARRAYS])
{
    for (int i = 0, base = 0; i < (s->slot == CONV_FORWARD ? 1 : c->nx); base += (c->x[i++].s.c + LANES - 1) / LANES * LANES) {
        const struct tensor *t = s->slot == CONV_FORWARD ? &c->y : &c->x[i];
        const size_t pixels = shape_pixels(t->s);
        for (int n = 0; n < t->s.n; n++)
            for (int k = 0; k < t->s.c; k++)
                for (size_t o = 0; o < pixels; o++) {
                    real *v = sum[s->slot == CONV_FORWARD ? Y : i].p + (tensor_channel(t, n, k) - t->p) + o * (size_t)t->lanes;
                    if (c->map) *v *= c->map[(size_t)n * pixels + o];
                    if (c->scale) *v *= c->scale[base + k];
                    if (c->b) *v += c->b[base + k];
                    if (*v < 0 && c->act != ACT_NONE) *v *= c->act == ACT_LEAKY ? (real)0.01 : 0;
                }
    }
}

static void formula_with(const struct problem *p, enum isa isa, const struct setting *s)
{
    struct array sum[ARRAYS], got[ARRAYS], before[ARRAYS];
    char text[160];
    struct conv c = set_up(&p->c, s, got);
    set_up(&p->c, s, before);
    set_up(&p->c, s, sum);
    memset(c.add, 0, sizeof c.add);
    const struct conv_impl *ref = kernels_conv(kernels_for(isa), s->slot, &c, "ref");
    sum_products(&c, sum);
    if (s->slot != CONV_BACKWARD_W) finish(&c, s, sum);
    run(&c, ref, 1);
    for (int i = 0; i < ARRAYS; i++)
        if (!written(i, &c, s)) memcpy(sum[i].p, before[i].p, sum[i].n * sizeof(real));
    check_arrays(describe(text, p, isa, ref, s), &c, ref, s, got, sum);
    tear_down(sum);
    tear_down(got);
    tear_down(before);
}

static void formula(const struct problem *p, enum isa isa)
{
    if (conv_macs(&p->c) > 2e6) return;
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        for (int i = 0; i <= (slot == CONV_BACKWARD_W ? 0 : ENDS); i++) {
            struct setting s = i ? ends[i - 1] : (struct setting){.exact = true};
            s.slot = slot;
            s.add = true; /* so that all arrays hold numbers */
            formula_with(p, isa, &s);
        }
}

static void ref_is_the_formula(void **state)
{
    (void)state;
    for_problems(formula, ISA_REF);
}

/* ---- the rest of conv.h */

static void packing_goes_both_ways(void **state)
{
    (void)state;
    enum { K = 18, TAPS = 2 };
    const int channels[] = {3, 17};
    real w[K * 20 * TAPS], back[K * 20 * TAPS], packed[2 * 3 * TAPS * LANES * LANES];
    for (int i = 0; i < K * 20 * TAPS; i++) w[i] = (real)(i + 1);
    assert_int_equal(conv_packed_size(K, 2, channels, TAPS), sizeof packed / sizeof *packed);
    conv_pack(K, 2, channels, TAPS, w, packed);
    /* k 17 is lane 1 of block 1; channel 19 of all is lane 0 of the second tensor's second block */
    assert_true(packed[(((1 * 3 + 2) * TAPS + 1) * LANES + 0) * LANES + 1] == w[(17 * 20 + 19) * TAPS + 1]);
    assert_true(packed[(((0 * 3 + 1) * TAPS + 0) * LANES + 2) * LANES + 5] == w[(5 * 20 + 5) * TAPS + 0]);
    assert_true(packed[(((0 * 3 + 0) * TAPS + 0) * LANES + 3) * LANES + 0] == 0);
    double sum = 0;
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) sum += (double)packed[i];
    assert_true(sum == K * 20 * TAPS * (K * 20 * TAPS + 1.0) / 2);
    conv_unpack(K, 2, channels, TAPS, packed, back);
    assert_memory_equal(w, back, sizeof w);
}

static void sizes(void **state)
{
    (void)state;
    struct conv c = {.kernel = {2, 3, 4},
                     .nx = 2,
                     .x = {{NULL, {2, 17, 5, 6, 7}, LANES}, {NULL, {2, 3, 5, 6, 7}, 1}},
                     .y = {NULL, {2, 33, 4, 5, 6}, LANES}};
    assert_int_equal(conv_taps(&c), 24);
    assert_int_equal(conv_in_blocks(&c), 3);
    assert_int_equal(conv_out_blocks(&c), 3);
    assert_int_equal(conv_weights(&c), 3 * 3 * 24 * 256);
    assert_true(conv_macs(&c) == 20.0 * 33 * 24 * 2 * 4 * 5 * 6);
    assert_int_equal(conv_out(7, 4, 2, 1), 3);
}

static void an_implementation_is_found_by_name(void **state)
{
    (void)state;
    struct conv c = {
        .kernel = {1, 1, 1}, .stride = {1, 1, 1}, .nx = 1, .x = {{NULL, {1, 16, 1, 4, 4}, LANES}}, .y = {NULL, {1, 16, 1, 4, 4}, LANES}};
    const struct kernels *best = kernels_for(cpu_best());
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++) {
        assert_string_equal(kernels_conv(best, slot, &c, "ref")->name, "ref");
        assert_string_equal(kernels_conv(kernels_for(ISA_REF), slot, &c, "direct")->name, "ref");
        assert_ptr_equal(kernels_conv(best, slot, &c, "no such thing"), kernels_conv(best, slot, &c, NULL));
        if (cpu_best() > ISA_REF) assert_string_equal(kernels_conv(best, slot, &c, "direct")->name, "direct");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_goes_both_ways),
        cmocka_unit_test(sizes),
        cmocka_unit_test(an_implementation_is_found_by_name),
        cmocka_unit_test(ref_is_the_formula),
        cmocka_unit_test(against_ref_avx2),
        cmocka_unit_test(against_ref_avx512),
        cmocka_unit_test(winograd_takes_tiles),
        cmocka_unit_test(same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
