/* SPDX-License-Identifier: Apache-2.0 */
/* Every implementation of every convolution slot on every ISA against ref, on the problems of
 * bench/shapes/conv_test.txt; and ref against the formula in conv.h.  The numbers are small
 * integers, so sums are exact in any order and results must be equal, but those of "winograd",
 * which computes with fractions: they may be off by far less than any single product. */
#include "conv_test.h"

#include "base/cpu.h"
#include "device/device_state.h"

#define SHAPES TEST_SOURCE_DIR "/bench/shapes/conv_test.txt"

static void check_bits(const char *what, struct array *got, struct array *want)
{
    for (int i = 0; i < ARRAYS; i++)
        if (memcmp(got[i].p, want[i].p, got[i].n * sizeof(real)) != 0)
            fail_msg("%s: array %d differs between numbers of threads", what, i);
}

static const char *describe(char text[160], const struct problem *p, int isa,
    const struct conv_impl *impl, const struct setting *s)
{
    static const char *const slot[] = {"forward", "backward_x", "backward_w"};
    snprintf(text, 160, "%s, %s %s %s, add %d, bias %d, skip %x, scale %d, map %d, act %d", p->name,
        set_at(isa)->set->name, impl->name, slot[s->slot], s->add, s->bias, s->skip, s->scale,
        s->map, s->act);
    return text;
}

/* Every set on one result of ref, whose plain loops take longest. */
static void hold_against_ref(const struct problem *p, const struct setting *s)
{
    struct array want[ARRAYS], got[ARRAYS];
    char text[160];
    struct conv c = set_up(&p->c, s, want);
    run(&c, kernels_conv(set_at(ISA_REF), s->slot, &c, "ref"), 1);
    for (int isa = ISA_REF + 1; isa <= last_set(); isa++)
        for (const struct conv_impl *const *i = set_at(isa)->conv[s->slot]; *i; i++) {
            if (!(*i)->fits(&c) || strcmp((*i)->name, "ref") == 0) continue;
            struct conv d = set_up(&p->c, s, got);
            run(&d, *i, 1);
            check_arrays(describe(text, p, isa, *i, s), &d, *i, s, got, want);
            tear_down(got);
        }
    tear_down(want);
}

static void same_bits_for_any_threads(const struct problem *p, int isa, const struct setting *s)
{
    const int most = ON_DEVICE ? 2 : 3; /* a device has no threads of ours: it runs twice */
    struct array want[ARRAYS], got[ARRAYS];
    char text[160];
    for (const struct conv_impl *const *i = set_at(isa)->conv[s->slot]; *i; i++) {
        if (!(*i)->fits(&p->c) || (isa > ISA_REF && strcmp((*i)->name, "ref") == 0)) continue;
        struct conv c = set_up(&p->c, s, want);
        run(&c, *i, 1);
        for (int threads = 2; threads <= most; threads++) {
            struct conv d = set_up(&p->c, s, got);
            run(&d, *i, threads);
            check_bits(describe(text, p, isa, *i, s), got, want);
            tear_down(got);
        }
        tear_down(want);
    }
}

static bool reads_through_a_norm(const struct conv_impl *impl, const struct conv *c)
{
    /* What a norm makes has fractions, which bfloat16 rounds: test_half_conv holds those. */
    return impl->loads && impl->fits(c) && strcmp(impl->name, CONV_BF16) != 0;
}

static bool any_reads_through_a_norm(const struct conv *c, enum conv_slot slot)
{
    bool any = false;
    for (int isa = ISA_REF + 1; isa <= last_set(); isa++)
        for (const struct conv_impl *const *i = set_at(isa)->conv[slot]; *i; i++)
            any |= reads_through_a_norm(*i, c);
    return any;
}

/* Every implementation that reads x through a norm, against ref on what the norm makes. */
static void hold_on_load(const struct problem *p, const struct setting *s, enum act act)
{
    struct array want[ARRAYS], got[ARRAYS];
    struct rng r = rng_stream(8, RNG_TEST, act, 0);
    char text[160];
    struct conv c = set_up(&p->c, s, want);
    struct conv_load load = {.per_image = act != ACT_RELU, .act = act};
    const size_t padded = (size_t)tensor_padded(&c.x[0]),
                 count = padded * (load.per_image ? (size_t)c.x[0].s.n : 1);
    struct array scale = array_new(count), shift = array_new(count);
    for (size_t i = 0; i < count; i++) {
        bool pad = i % padded >= (size_t)c.x[0].s.c;
        scale.p[i] = pad ? 0 : draw(&r, true);
        shift.p[i] = pad ? 0 : draw(&r, true);
    }
    load.scale = scale.p;
    load.shift = shift.p;
    load_plainly(&c, &load);
    run(&c, kernels_conv(set_at(ISA_REF), s->slot, &c, "ref"), 1);
    for (int isa = ISA_REF + 1; isa <= last_set(); isa++)
        for (const struct conv_impl *const *i = set_at(isa)->conv[s->slot]; *i; i++) {
            if (!reads_through_a_norm(*i, &p->c)) continue;
            struct conv d = set_up(&p->c, s, got);
            d.load = load;
            run(&d, *i, 1);
            memcpy(want[0].p, got[0].p,
                got[0].n * sizeof(real)); /* read only: its guards and NaN are looked at, too */
            check_arrays(describe(text, p, isa, *i, s), &d, *i, s, got, want);
            tear_down(got);
        }
    array_free(scale);
    array_free(shift);
    tear_down(want);
}

typedef void problem_fn(const struct problem *p, int isa);

/* Every second one, from the first or the second on. */
enum share { EVEN, ODD, ALL };
static void for_share(problem_fn *fn, int isa, enum share share)
{
    FILE *f = fopen(SHAPES, "r");
    struct problem p;
    int status, count = 0;
    assert_non_null(f);
    while ((status = problem_read(f, &p)) > 0) {
        /* More than a slab holds: a device has no slabs, and half of all its time is this one. */
        const bool mine = share == ALL || count % 2 == (int)share;
        if (mine && (!ON_DEVICE || strcmp(p.name, "slabs") != 0)) fn(&p, isa);
        count++;
    }
    fclose(f);
    if (status < 0 || count < 50) fail_msg("%s: bad line after %s", SHAPES, p.name);
}

static void for_problems(problem_fn *fn, int isa) { for_share(fn, isa, ALL); }

/* What may follow the sums. */
enum { ENDS = 3 };
static const struct setting ends[ENDS] = {{.exact = true, .scale = true, .act = ACT_RELU},
    {.exact = true, .map = true, .bias = true},
    {.exact = true, .scale = true, .map = true, .bias = true, .act = ACT_LEAKY}};

static void all_settings(const struct problem *p, int isa)
{
    (void)isa; /* all of them */
    const bool slow = (double)conv_weights(&p->c) * (double)pixels_of(&p->c.y) > 2e7; /* for ref */
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        for (int add = 0; add < 2; add++)
            for (int bias = 0; bias < (slot == CONV_BACKWARD_W || slow ? 1 : 2); bias++)
                hold_against_ref(
                    p, &(struct setting){.slot = slot, .add = add, .bias = bias, .exact = true});
    for (enum conv_slot slot = 0; slot < CONV_BACKWARD_W && !slow; slot++)
        for (int i = 0; i < ENDS; i++) {
            struct setting s = ends[i];
            s.slot = slot;
            hold_against_ref(p, &s);
        }
    for (unsigned skip = 1; skip + 1 < 1u << p->c.nx; skip++)
        hold_against_ref(p,
            &(struct setting){.slot = CONV_BACKWARD_X,
                .add = skip & 1,
                .bias = true,
                .exact = true,
                .skip = skip});
}

/* Plain loops are slow, and share out planes and blocks alike whatever their size.  So does a
 * device that a processor plays; all its problems are held against ref. */
static bool too_long(const struct problem *p, int isa)
{
    return (isa == ISA_REF || ON_DEVICE) && conv_macs(&p->c) > 2e6;
}

static void all_slots_threads(const struct problem *p, int isa)
{
    if (too_long(p, isa)) return;
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        same_bits_for_any_threads(p, isa,
            &(struct setting){.slot = slot, .add = slot & 1, .bias = slot != CONV_BACKWARD_W});
}

/* Else a problem meant for it would test nothing. */
static void takes_tiles(const struct problem *p, int isa)
{
    if (strncmp(p->name, "tile", 4) != 0) return;
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++) {
        const struct conv_impl *impl = kernels_conv(set_at(isa), slot, &p->c, "winograd");
        if (strcmp(impl->name, "winograd") != 0)
            fail_msg(
                "%s, %s, slot %d: winograd does not fit", p->name, set_at(isa)->set->name, slot);
    }
}

static void loads_through_a_norm(const struct problem *p, int isa)
{
    static const enum conv_slot slots[] = {CONV_FORWARD, CONV_BACKWARD_W};
    (void)isa; /* all of them */
    if (p->c.nx > 1) return;
    for (int i = 0; i < 2; i++)
        for (enum act act = ACT_NONE; act <= ACT_LEAKY && any_reads_through_a_norm(&p->c, slots[i]);
             act++)
            hold_on_load(
                p, &(struct setting){.slot = slots[i], .add = act == ACT_NONE, .exact = true}, act);
}

/* ---- bfloat16 */

enum { HALF_MARK = 0x5a5a };

/* A tensor's numbers as bfloat16 in memory of its own, between guards. */
static void halve(struct tensor *t)
{
    size_t n = tensor_size(t);
    uint16_t *p = (uint16_t *)block_new((n + 2 * GUARD) * sizeof *p) + GUARD;
    for (int i = 0; i < GUARD; i++) p[i - GUARD] = p[n + (size_t)i] = HALF_MARK;
    for (size_t i = 0; i < n; i++) p[i] = half_round(t->p[i]);
    t->p = (real *)(void *)p;
    t->half = true;
}

/* Equal to the other tensor's, rounded. */
static void check_halved(
    const char *what, const struct tensor *t, const struct tensor *want, bool written)
{
    const uint16_t *p = (const uint16_t *)(const void *)t->p;
    size_t n = tensor_size(t);
    for (int i = 0; i < GUARD; i++)
        if (p[i - GUARD] != HALF_MARK || p[n + (size_t)i] != HALF_MARK)
            fail_msg("%s, half: written outside of its bounds", what);
    for (size_t i = 0; written && i < n; i++)
        if (p[i] != half_round(want->p[i]))
            fail_msg("%s, half: number %zu is %g, should be %g rounded", what, i,
                (double)half_read(p[i]), (double)want->p[i]);
}

/* What an implementation makes of bfloat16 is what it makes of the same numbers in float, rounded:
 * the small integers that it reads have no rounding in either, and Winograd's fractions are the
 * same ones. */
static void hold_half(const struct problem *p, int isa, const struct conv_impl *impl,
    const struct setting *s, int threads, enum act act)
{
    struct array want[ARRAYS], got[ARRAYS];
    char text[160];
    struct array scale = array_new(8 * LANES), shift = array_new(8 * LANES);
    struct conv c = set_up(&p->c, s, want), d = set_up(&p->c, s, got);
    if (act != ACT_NONE) {
        for (int i = 0; i < 8 * LANES; i++) {
            bool pad = i >= c.x[0].s.c;
            scale.p[i] = pad ? 0 : (real)0.3 * (real)(i % 3 + 1);
            shift.p[i] = pad ? 0 : (real)0.1 * (real)(i % 5 - 2);
        }
        c.load = d.load = (struct conv_load){scale.p, shift.p, false, act};
    }
    for (int i = 0; i < d.nx; i++)
        if (d.x[i].p && d.x[i].lanes == LANES) halve(&d.x[i]);
    if (d.y.lanes == LANES) halve(&d.y);
    const struct conv_impl *in_float =
        impl->fits(&c) ? impl : kernels_conv(set_at(isa), s->slot, &c, NULL);
    run(&c, in_float, 1);
    run(&d, impl, threads);
    describe(text, p, isa, impl, s);
    for (int i = 0; i < d.nx; i++) {
        if (!d.x[i].half) continue;
        check_halved(text, &d.x[i], &c.x[i], written(i, &d, s));
        block_free((uint16_t *)(void *)d.x[i].p - GUARD);
    }
    if (d.y.half) {
        check_halved(text, &d.y, &c.y, written(Y, &d, s));
        block_free((uint16_t *)(void *)d.y.p - GUARD);
    }
    for (int i = 0; i < ARRAYS; i++) {
        const struct tensor *t = i < d.nx ? &d.x[i] : i == Y ? &d.y : NULL;
        if (t && t->half)
            memcpy(got[i].p, want[i].p,
                got[i].n * sizeof(real)); /* not touched, but its guards are looked at */
    }
    struct setting exactly = *s;
    struct conv whole = c;
    for (int i = 0; i < ARRAYS; i++)
        if (memcmp(got[i].p, want[i].p, got[i].n * sizeof(real)))
            fail_msg("%s, half: array %d has other bits", text, i);
    check_arrays(text, &whole, impl, &exactly, got, want);
    array_free(scale);
    array_free(shift);
    tear_down(got);
    tear_down(want);
}

static void all_halves(const struct problem *p, int isa)
{
    struct conv halves = p->c;
    for (int i = 0; i < halves.nx; i++) halves.x[i].half = halves.x[i].lanes == LANES;
    halves.y.half = halves.y.lanes == LANES;
    if (too_long(p, isa)) return;
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        for (const struct conv_impl *const *impl = set_at(isa)->conv[slot]; *impl; impl++) {
            if (!(*impl)->fits(&halves) || (isa > ISA_REF && strcmp((*impl)->name, "ref") == 0))
                continue;
            for (int k = 0; k < 3; k++) {
                struct setting s = {.slot = slot,
                    .add = k == 1,
                    .bias = slot != CONV_BACKWARD_W && k == 0,
                    .exact = true};
                s.skip = slot == CONV_BACKWARD_X && k == 2 && p->c.nx > 1 ? 1 : 0;
                hold_half(p, isa, *impl, &s, 1 + k, ACT_NONE);
            }
            if (slot != CONV_BACKWARD_X && (*impl)->loads && p->c.nx == 1 &&
                p->c.x[0].s.c <= 8 * LANES)
                hold_half(
                    p, isa, *impl, &(struct setting){.slot = slot, .exact = true}, 2, ACT_LEAKY);
        }
}

/* kernel/test_conv has ref, the programs of a device need not repeat it. */
enum { FIRST_SET = ON_DEVICE ? ISA_REF + 1 : ISA_REF };

static void bfloat16(void **state)
{
    (void)state;
    for (int isa = FIRST_SET; isa <= last_set(); isa++) for_problems(all_halves, isa);
}

/* Two tests, which run side by side. */
static void against_ref(enum share share)
{
    for (const struct kernel_set *const *set = kernel_sets; *set && !ON_DEVICE; set++)
        if ((*set)->needs & ~cpu_features())
            print_message("SKIPPED: this machine has no %s\n", (*set)->name);
    if (last_set() == ISA_REF) skip();
    for_share(all_settings, ISA_REF, share);
}

static void against_ref_even(void **state)
{
    (void)state;
    against_ref(EVEN);
}

static void against_ref_odd(void **state)
{
    (void)state;
    against_ref(ODD);
}

/* One problem: pocl compiles these loops ten times as long as those for processors. */
static void even_kernel(const struct problem *p, int isa)
{
    if (strcmp(p->name, "even-kernel") == 0) all_settings(p, isa);
}

static void loops_of_gpus(void **state)
{
    (void)state;
    struct device *d = device_lock();
    if (!d) skip();
    const struct device_facts facts = d->facts;
    d->facts.gpu = true;
    d->facts.local = 32 << 10; /* small tiles, whose loops are short */
    device_unlock();
    for_problems(even_kernel, ISA_REF);
    d->facts = facts;
}

static void norm_on_load(void **state)
{
    (void)state;
    for_problems(loads_through_a_norm, ISA_REF);
}

static void winograd_takes_tiles(void **state)
{
    (void)state;
    for (int isa = ISA_REF + 1; isa <= last_set(); isa++) for_problems(takes_tiles, isa);
}

static void same_bits(void **state)
{
    (void)state;
    for (int isa = FIRST_SET; isa <= last_set(); isa++) for_problems(all_slots_threads, isa);
}

/* ---- ref against the formula, in torch's order, written as one walk over all products */

static real *at(const struct tensor *t, int n, int c, const int o[3])
{
    size_t pixel = ((size_t)o[0] * (size_t)t->s.h + (size_t)o[1]) * (size_t)t->s.w + (size_t)o[2];
    return tensor_channel(t, n, c) + pixel * (size_t)t->lanes;
}

/* sum[which] += the product of the other two, for every product of one output pixel and one input
 * channel; w is packed as in conv.h. */
static void products(const struct conv *c, int x, int base, int n, int k, const int o[3],
    int channel, struct array sum[ARRAYS])
{
    const int *size = c->kernel;
    for (int t = 0; t < conv_taps(c); t++) {
        int tap[3] = {t / (size[1] * size[2]), t / size[2] % size[1], t % size[2]}, in[3];
        for (int i = 0; i < 3; i++) in[i] = o[i] * c->stride[i] + tap[i] - c->pad[i];
        const struct shape s = c->x[x].s;
        if (in[0] < 0 || in[0] >= s.d || in[1] < 0 || in[1] >= s.h || in[2] < 0 || in[2] >= s.w)
            continue;
        size_t block =
            (size_t)(k / LANES) * (size_t)conv_in_blocks(c) + (size_t)(base + channel / LANES);
        size_t w =
            ((block * (size_t)conv_taps(c) + (size_t)t) * LANES + (size_t)(channel % LANES)) *
                LANES +
            (size_t)(k % LANES);
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
                        products(c, x, base, n, k, (int[3]){o / s.w / s.h, o / s.w % s.h, o % s.w},
                            channel, sum);
}

/* act(scale*map*sum + b), number by number. */
static void finish(const struct conv *c, const struct setting *s, struct array sum[ARRAYS])
{
    for (int i = 0, base = 0; i < (s->slot == CONV_FORWARD ? 1 : c->nx);
         base += (c->x[i++].s.c + LANES - 1) / LANES * LANES) {
        const struct tensor *t = s->slot == CONV_FORWARD ? &c->y : &c->x[i];
        const size_t pixels = shape_pixels(t->s);
        for (int n = 0; n < t->s.n; n++)
            for (int k = 0; k < t->s.c; k++)
                for (size_t o = 0; o < pixels; o++) {
                    real *v = sum[s->slot == CONV_FORWARD ? Y : i].p +
                        (tensor_channel(t, n, k) - t->p) + o * (size_t)t->lanes;
                    if (c->map) *v *= c->map[(size_t)n * pixels + o];
                    if (c->scale) *v *= c->scale[base + k];
                    if (c->b) *v += c->b[base + k];
                    if (*v < 0 && c->act != ACT_NONE) *v *= c->act == ACT_LEAKY ? (real)0.01 : 0;
                }
    }
}

static void formula_with(
    const struct problem *p, int isa, const struct setting *s, struct array sum[ARRAYS])
{
    struct array want[ARRAYS], got[ARRAYS];
    char text[160];
    struct conv c = set_up(&p->c, s, got);
    set_up(&p->c, s, want);
    memset(c.add, 0, sizeof c.add);
    const struct conv_impl *ref = kernels_conv(set_at(isa), s->slot, &c, "ref");
    for (int i = 0; i < ARRAYS; i++)
        if (written(i, &c, s)) memcpy(want[i].p, sum[i].p, sum[i].n * sizeof(real));
    if (s->slot != CONV_BACKWARD_W) finish(&c, s, want);
    run(&c, ref, 1);
    check_arrays(describe(text, p, isa, ref, s), &c, ref, s, got, want);
    tear_down(want);
    tear_down(got);
}

static void formula(const struct problem *p, int isa)
{
    if (conv_macs(&p->c) > 2e6) return;
    struct array from[ARRAYS], sum[ARRAYS];
    const struct setting plain = {.add = true, .exact = true}; /* so that all arrays hold numbers */
    const struct conv c = set_up(&p->c, &plain, from);
    set_up(&p->c, &plain, sum);
    sum_products(&c, sum);
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++)
        for (int i = 0; i <= (slot == CONV_BACKWARD_W ? 0 : ENDS); i++) {
            struct setting s = i ? ends[i - 1] : plain;
            s.slot = slot;
            s.add = true;
            formula_with(p, isa, &s, sum);
        }
    tear_down(from);
    tear_down(sum);
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
    assert_true(
        packed[(((1 * 3 + 2) * TAPS + 1) * LANES + 0) * LANES + 1] == w[(17 * 20 + 19) * TAPS + 1]);
    assert_true(
        packed[(((0 * 3 + 1) * TAPS + 0) * LANES + 2) * LANES + 5] == w[(5 * 20 + 5) * TAPS + 0]);
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
        .x = {{NULL, {2, 17, 5, 6, 7}, LANES, false}, {NULL, {2, 3, 5, 6, 7}, 1, false}},
        .y = {NULL, {2, 33, 4, 5, 6}, LANES, false}};
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
    struct conv c = {.kernel = {1, 1, 1},
        .stride = {1, 1, 1},
        .nx = 1,
        .x = {{NULL, {1, 16, 1, 4, 4}, LANES, false}},
        .y = {NULL, {1, 16, 1, 4, 4}, LANES, false}};
    const struct kernels *best = set_at(last_set());
    for (enum conv_slot slot = 0; slot < CONV_SLOTS; slot++) {
        assert_string_equal(kernels_conv(best, slot, &c, ON_DEVICE ? "plain" : "ref")->name,
            ON_DEVICE ? "plain" : "ref");
        assert_string_equal(kernels_conv(set_at(ISA_REF), slot, &c, "direct")->name, "ref");
        assert_ptr_equal(
            kernels_conv(best, slot, &c, "no such thing"), kernels_conv(best, slot, &c, NULL));
        const char *fast = ON_DEVICE ? "tile" : "direct";
        if (last_set() > ISA_REF)
            assert_string_equal(kernels_conv(best, slot, &c, fast)->name, fast);
    }
}

/* test_conv: everything; test_conv NAME...: all but these; test_conv only NAME...: these
 * (tests/CMakeLists.txt runs them side by side). */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packing_goes_both_ways),
        cmocka_unit_test(sizes),
        cmocka_unit_test(an_implementation_is_found_by_name),
        cmocka_unit_test(ref_is_the_formula),
        cmocka_unit_test(against_ref_even),
        cmocka_unit_test(against_ref_odd),
        cmocka_unit_test(loops_of_gpus),
        cmocka_unit_test(norm_on_load),
        cmocka_unit_test(winograd_takes_tiles),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(bfloat16),
    };
    enum { TESTS = sizeof tests / sizeof *tests };
    struct CMUnitTest chosen[TESTS];
    struct err e = {.status = ATT_OK};
    if (ON_DEVICE && device_open(0, &e) != ATT_OK) {
        printf("SKIPPED: %s\n", e.text);
        return 77;
    }
    const bool only = argc > 1 && !strcmp(argv[1], "only");
    size_t count = 0, known = 0;
    for (size_t k = 0; k < TESTS; k++) {
        bool named = false;
        for (int i = 1 + only; i < argc; i++) named |= !strcmp(argv[i], tests[k].name);
        known += named;
        if (named == only) chosen[count++] = tests[k];
    }
    if ((int)known != argc - 1 - only || !count) {
        fprintf(stderr, "test_conv: a name is no test of this program\n");
        return 2;
    }
    return _cmocka_run_group_tests("test_conv", chosen, count, NULL, NULL);
}
