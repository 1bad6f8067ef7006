/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of convolutions share: a problem with all its arrays between guards, and how
 * results are compared.  What an implementation may not read is NaN, what it may not write is
 * checked afterwards. */
#ifndef TESTS_CONV_TEST_H
#define TESTS_CONV_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* needs those above */

#include "../../bench/conv_problem.h"
#include "base/rng.h"
#include "device/device_kernels.h"
#include "kernel/kernel.h"

/* With TEST_DEVICE the OpenCL device 0 is the only set besides ref: kernel_test.h. */
#ifdef TEST_DEVICE
enum { ON_DEVICE = 1 };
#else
enum { ON_DEVICE = 0 };
#endif

static const struct kernels *set_at(int isa)
{
    return ON_DEVICE && isa > ISA_REF ? device_kernels() : kernels_for(isa);
}
static int last_set(void) { return ON_DEVICE ? ISA_REF + 1 : kernels_best(); }

static bool of_device(const struct conv_impl *impl)
{
    for (int slot = 0; ON_DEVICE && slot < CONV_SLOTS; slot++)
        for (const struct conv_impl *const *i = device_kernels()->conv[slot]; *i; i++)
            if (*i == impl) return true;
    return false;
}

enum { GUARD = 256 }; /* reals before and behind every array */

/* ---- arrays between guards */

struct array {
    real *p;
    size_t n;
};

/* All memory that is there, which a run makes the device's. */
enum { MOST_BLOCKS = 64 };
static struct {
    void *p;
    size_t bytes;
} blocks[MOST_BLOCKS];

static void blocks_to_device(bool enter)
{
    struct err e = {.status = ATT_OK};
    for (int i = 0; i < MOST_BLOCKS; i++) {
        if (!blocks[i].p) continue;
        if (enter)
            assert_true(device_adopt(blocks[i].p, blocks[i].bytes));
        else
            device_release(blocks[i].p);
    }
    if (!enter && device_check(&e) != ATT_OK) fail_msg("%s", e.text);
}

static void *block_new(size_t bytes)
{
    int i = 0;
    while (i < MOST_BLOCKS && blocks[i].p) i++;
    assert_true(i < MOST_BLOCKS);
    assert_int_equal(posix_memalign(&blocks[i].p, 64, bytes), 0);
    blocks[i].bytes = bytes;
    return blocks[i].p;
}

static void block_free(void *p)
{
    for (int i = 0; i < MOST_BLOCKS; i++)
        if (blocks[i].p == p) blocks[i].p = NULL;
    free(p);
}

static struct array array_new(size_t n)
{
    struct array a = {(real *)block_new((n + 2 * GUARD) * sizeof(real)) + GUARD, n};
    for (size_t i = 0; i < n + 2 * GUARD; i++) a.p[(ptrdiff_t)i - GUARD] = (real)NAN;
    return a;
}

static void array_free(struct array a) { block_free(a.p - GUARD); }

static bool guards_intact(struct array a)
{
    for (ptrdiff_t i = 0; i < GUARD; i++)
        if (!isnan(a.p[i - GUARD]) || !isnan(a.p[(ptrdiff_t)a.n + i])) return false;
    return true;
}

/* Integers from -3 to 3, or fractions that round. */
static real draw(struct rng *r, bool exact)
{
    return exact ? (real)((int)rng_below(r, 7) - 3) : (real)(rng_uniform(r) - 0.5);
}

static bool pad_lane(const struct tensor *t, size_t i)
{
    if (t->lanes == 1 || t->s.c % LANES == 0) return false;
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
static const struct tensor *target(const struct conv *c, enum conv_slot slot)
{
    return slot == CONV_FORWARD ? &c->y : &c->x[0];
}

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
static void fill_channels(
    const struct conv *c, struct rng *r, const struct setting *s, struct array a)
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
static void fill_weights(const struct conv *c, struct rng *r, bool exact, real *w)
{
    int channels[CONV_MAX_X], all = 0;
    for (int i = 0; i < c->nx; i++) all += channels[i] = c->x[i].s.c;
    size_t n = (size_t)c->y.s.c * (size_t)all * (size_t)conv_taps(c);
    real *plain = malloc(n * sizeof *plain);
    assert_non_null(plain);
    for (size_t i = 0; i < n; i++) plain[i] = draw(r, exact);
    conv_pack(c->y.s.c, c->nx, channels, conv_taps(c), plain, w);
    free(plain);
}

/* The numbers of a problem, which are the same for every setting; a test takes one problem after
 * the other. */
static struct {
    struct conv problem;
    bool exact;
    real *p[W + 1];
    struct rng after;
} drawn;

static void draw_problem(const struct conv *c, bool exact)
{
    struct rng r = rng_stream(7, RNG_TEST, 0, 0);
    if (drawn.p[W] && drawn.exact == exact && !memcmp(&drawn.problem, c, sizeof *c)) return;
    drawn.problem = *c;
    drawn.exact = exact;
    for (int i = 0; i <= W; i++) {
        free(drawn.p[i]);
        drawn.p[i] = malloc((array_size(c, i, CONV_FORWARD) + 1) * sizeof(real));
        assert_non_null(drawn.p[i]);
    }
    fill_weights(c, &r, exact, drawn.p[W]);
    for (int i = 0; i <= c->nx; i++) {
        struct tensor t = i < c->nx ? c->x[i] : c->y;
        t.p = drawn.p[i < c->nx ? i : Y];
        fill_tensor(&t, &r, exact);
    }
    drawn.after = r;
}

/* The same numbers every time, tensors and weights for every setting.  What is written begins as
 * numbers if it is added to, else as NaN. */
static struct conv set_up(
    const struct conv *problem, const struct setting *s, struct array a[ARRAYS])
{
    struct conv c = *problem;
    draw_problem(problem, s->exact);
    struct rng r = drawn.after;
    for (int i = 0; i < ARRAYS; i++) a[i] = array_new(array_size(&c, i, s->slot));
    for (int i = 0; i < c.nx; i++) {
        c.x[i].p = a[i].p;
        c.add[i] = s->add && s->slot == CONV_BACKWARD_X &&
            i != 1; /* of several, the second is written afresh */
        c.skip[i] = s->slot == CONV_BACKWARD_X && (s->skip >> i & 1);
    }
    if (s->slot != CONV_BACKWARD_X) c.add[0] = s->add;
    c.y.p = a[Y].p;
    c.w = a[W].p;
    for (int i = 0; i <= W; i++) memcpy(a[i].p, drawn.p[i], a[i].n * sizeof(real));
    c.b = s->bias ? a[B].p : NULL;
    c.scale = s->scale ? a[SCALE].p : NULL;
    c.map = s->map ? a[MAP].p : NULL;
    c.act = s->act;
    if (s->bias) fill_channels(&c, &r, s, a[B]);
    if (s->scale) fill_channels(&c, &r, s, a[SCALE]);
    for (size_t i = 0; s->map && i < a[MAP].n; i++) a[MAP].p[i] = draw(&r, s->exact);
    for (int i = 0; i < c.nx; i++)
        if (c.skip[i]) c.x[i].p = NULL;
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
    struct conv planned = *c; /* a plan does not know which run will add to gradients */
    memset(planned.add, 0, sizeof planned.add);
    const bool adds = memcmp(c->add, planned.add, sizeof planned.add) != 0;
    const size_t bytes = adds ? conv_backward_workspace(impl, &planned, threads)
                              : impl->workspace(&planned, threads);
    struct array work = array_new(bytes / sizeof(real));
    if (of_device(impl)) blocks_to_device(true);
    impl->run(c, work.p, pool);
    if (of_device(impl)) blocks_to_device(false);
    assert_true(guards_intact(work));
    array_free(work);
    pool_destroy(pool);
}

/* x[0] = act(scale*x + shift), as `load` says; pad lanes stay zero. */
static inline void load_plainly(const struct conv *c, const struct conv_load *load)
{
    const struct tensor *x = &c->x[0];
    for (int n = 0; n < x->s.n; n++)
        for (int k = 0; k < x->s.c; k++) {
            const int at = (load->per_image ? n * tensor_padded(x) : 0) + k;
            real *v = tensor_channel(x, n, k);
            for (size_t o = 0; o < shape_pixels(x->s) * (size_t)x->lanes; o += (size_t)x->lanes) {
                v[o] = load->scale[at] * v[o] + load->shift[at];
                if (v[o] < 0 && load->act != ACT_NONE)
                    v[o] *= load->act == ACT_LEAKY ? (real)0.01 : 0;
            }
        }
}

/* ---- comparing */

/* How far a number may be from what it should be, where the largest one is `largest`.
 *
 * A number of Winograd's is a sum of fractions that are about as large as its products; rounding
 * moves it by some units in the last place of `largest`, and by more the longer the sum.  The worst
 * of all problems is 3.6e-7 sqrt(products) largest.  A product that is lost or counted twice moves
 * it by 1 at least.  Leaky ReLU's slope has no exact value in float. */
static double tolerance(
    const struct conv *c, const struct conv_impl *impl, const struct setting *s, double largest)
{
    double numbers = 0, far = 0; /* numbers: how many are written */
    for (int i = 0; i < c->nx; i++) {
        if (s->slot == CONV_BACKWARD_X) numbers += c->x[i].s.c * (double)pixels_of(&c->x[i]);
        if (s->slot == CONV_BACKWARD_W) numbers += c->x[i].s.c * (double)conv_taps(c) * c->y.s.c;
    }
    if (s->slot == CONV_FORWARD) numbers = c->y.s.c * (double)pixels_of(&c->y);
    if (strcmp(impl->name, "winograd") == 0)
        far = fmin(0.25, 1e-6 * sqrt(conv_macs(c) / numbers) * largest);
    return s->act == ACT_LEAKY ? fmax(far, 1e-6 * largest) : far;
}

static double largest_of(struct array a)
{
    double largest = 0;
    for (size_t i = 0; i < a.n; i++) largest = fmax(largest, fabs((double)a.p[i]));
    return largest;
}

static void check_arrays(const char *what, const struct conv *c, const struct conv_impl *impl,
    const struct setting *s, struct array *got, struct array *want)
{
    for (int i = 0; i < ARRAYS; i++) {
        const double far = written(i, c, s) ? tolerance(c, impl, s, largest_of(want[i])) : 0;
        if (!guards_intact(got[i]))
            fail_msg("%s: array %d was written outside of its bounds", what, i);
        const struct tensor *t = i < c->nx ? &c->x[i] : &c->y;
        bool padded = i <= Y && written(i, c, s) && t->s.c % LANES != 0;
        for (size_t j = 0; j < got[i].n; j++) {
            real g = got[i].p[j], w = want[i].p[j];
            if (g == w && !padded) continue;
            if (padded && pad_lane(t, j) && g != 0)
                fail_msg("%s: array %d: pad lane at %zu is %g", what, i, j, (double)g);
            if (!(fabs((double)g - (double)w) <= far ||
                    (isnan(g) && isnan(w) && !written(i, c, s))))
                fail_msg(
                    "%s: array %d at %zu is %g, should be %g", what, i, j, (double)g, (double)w);
        }
    }
}

#endif
