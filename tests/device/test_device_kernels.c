/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that have one version on the processor, whose harness (tests/kernel) does not know them:
 * the device's numbers against the plain ones. */
#include "device_test.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "device/device_conv.h"
#include "kernel/attend.h"
#include "kernel/conv_up.h"
#include "kernel/loss.h"
#include "ops/overlap.h"

/* A block that both see: the host's, and its twin on the device. */
struct twin {
    void *host, *device;
    size_t bytes;
};
enum { TWINS = 32 };
static struct twin twins[TWINS];
static int twin_count;
static struct rng rng;

static const struct kernels *plain(void) { return kernels_for(ISA_REF); }

static struct twin twin_of(size_t bytes)
{
    struct twin t = {calloc(1, bytes), memory_device.create(bytes), bytes};
    assert_true(t.host && t.device && twin_count < TWINS);
    twins[twin_count++] = t;
    return t;
}

/* n numbers from lo to hi, on both. */
static struct twin numbers(size_t n, double lo, double hi)
{
    struct twin t = twin_of(n * sizeof(real));
    real *p = t.host;
    for (size_t i = 0; i < n; i++) p[i] = (real)rng_range(&rng, lo, hi);
    memory_device.upload(t.device, t.host, t.bytes);
    return t;
}

static struct twin labels(size_t n, uint32_t classes)
{
    struct twin t = twin_of(n);
    uint8_t *p = t.host;
    for (size_t i = 0; i < n; i++)
        p[i] = rng_below(&rng, 9) ? (uint8_t)rng_below(&rng, classes) : LABEL_IGNORE;
    memory_device.upload(t.device, t.host, t.bytes);
    return t;
}

static void same_bytes(struct twin t)
{
    void *back = malloc(t.bytes);
    memory_device.download(t.device, back, t.bytes);
    assert_memory_equal(back, t.host, t.bytes);
    free(back);
}

static void same_numbers(struct twin t, double tolerance)
{
    const size_t n = t.bytes / sizeof(real);
    const real *want = t.host;
    real *back = malloc(t.bytes);
    double size = 0;
    memory_device.download(t.device, back, t.bytes);
    for (size_t i = 0; i < n; i++) size = fmax(size, fabs((double)want[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)back[i] - (double)want[i]) <= tolerance * size))
            fail_msg("[%zu] is %.9g, should be %.9g", i, (double)back[i], (double)want[i]);
    free(back);
}

/* The host rounds doubles, the device wide numbers: nearly always to the same float. */
static void same_floats(struct twin t)
{
    const size_t n = t.bytes / sizeof(real);
    const real *want = t.host;
    real *back = malloc(t.bytes);
    size_t others = 0;
    memory_device.download(t.device, back, t.bytes);
    for (size_t i = 0; i < n; i++) others += back[i] != want[i];
    free(back);
    same_numbers(t, 1e-6);
    if (others * 50 > n) fail_msg("%zu of %zu numbers differ", others, n);
}

/* Doubles on the host, sums on the device. */
static void load_sums(struct twin t)
{
    double *copy = malloc(t.bytes);
    memcpy(copy, t.host, t.bytes);
    wide_pack(copy, t.bytes / sizeof *copy);
    memory_device.upload(t.device, copy, t.bytes);
    free(copy);
}
static void same_sums(struct twin t)
{
    const size_t n = t.bytes / sizeof(double);
    const double *want = t.host;
    double *back = malloc(t.bytes);
    memory_device.download(t.device, back, t.bytes);
    wide_unpack(back, n);
    for (size_t i = 0; i < n; i++)
        if (!(fabs(back[i] - want[i]) <= 0x1p-46 * fabs(want[i])))
            fail_msg("sum %zu is %.17g, should be %.17g", i, back[i], want[i]);
    free(back);
}

static int begin_test(void **state)
{
    (void)state;
    rng = rng_stream(11, RNG_TEST, 0, 0);
    return 0;
}

static int end_test(void **state)
{
    (void)state;
    for (int i = 0; i < twin_count; i++) {
        free(twins[i].host);
        memory_device.destroy(twins[i].device, twins[i].bytes);
    }
    twin_count = 0;
    device_is_well();
    return 0;
}

#define SIDE(twin) (side ? (twin).device : (twin).host)
#define EACH_SIDE                                                                                  \
    for (int side = 0; side < 2; side++)                                                           \
        for (const struct kernels *k = side ? device_kernels() : plain(); k; k = NULL)

static void every_entry_is_there(void **state)
{
    (void)state;
    void *entry[sizeof(struct kernels) / sizeof(void *)];
    memcpy(entry, device_kernels(), sizeof(struct kernels));
    for (size_t i = offsetof(struct kernels, moments) / sizeof *entry;
         i < sizeof entry / sizeof *entry; i++)
        assert_non_null(entry[i]);
}

static void norms_are_folded_and_tracked(void **state)
{
    (void)state;
    enum { IMAGES = 3, CHANNELS = 160, ALL = IMAGES * CHANNELS };
    struct twin n[4], mean = numbers(ALL, -2, 2), var = numbers(ALL, 0.01, 3),
                      bias = numbers(CHANNELS, -1, 1), gamma = numbers(CHANNELS, -1, 1),
                      beta = numbers(CHANNELS, -1, 1), run[2], count = numbers(16, 0, 0);
    for (int i = 0; i < 4; i++) n[i] = numbers(ALL, 0, 0);
    for (int i = 0; i < 2; i++) run[i] = numbers(CHANNELS, 0, 1);
    ((real *)count.host)[0] = COUNT_LOW - 1;
    memory_device.upload(count.device, count.host, count.bytes);
    for (int way = 0; way < 3; way++) {
        EACH_SIDE
        {
            struct norm_numbers to = {SIDE(n[0]), SIDE(n[1]), SIDE(n[2]), SIDE(n[3])};
            k->norm_fold(&to, way ? 1 : IMAGES, CHANNELS, SIDE(mean), SIDE(var),
                way ? SIDE(bias) : NULL, way == 2 ? NULL : SIDE(gamma),
                way == 2 ? NULL : SIDE(beta), 1e-5);
            k->norm_track(SIDE(mean), SIDE(var), CHANNELS, way == 2 ? 1 : 50, 0.1, SIDE(run[0]),
                SIDE(run[1]), SIDE(count));
        }
        for (int i = 0; i < 4; i++) same_floats(n[i]);
        for (int i = 0; i < 2; i++) same_floats(run[i]);
        same_bytes(count);
    }
    assert_int_equal(count_read(count.host), COUNT_LOW + 2);
}

static void norms_find_their_coefficients(void **state)
{
    (void)state;
    enum { IMAGES = 3, CHANNELS = 48, ALL = IMAGES * CHANNELS };
    struct twin mean = numbers(ALL, -1, 1), rstd = numbers(ALL, 0.5, 2),
                gamma = numbers(CHANNELS, -1, 1), dz = numbers(ALL, -9, 9),
                dzx = numbers(ALL, -9, 9), to[3], dgamma = numbers(CHANNELS, -1, 1),
                dbeta = numbers(CHANNELS, -1, 1);
    for (int i = 0; i < 3; i++) to[i] = numbers(ALL, 0, 0);
    for (int way = 0; way < 4; way++) {
        EACH_SIDE
        {
            struct norm_numbers n = {SIDE(mean), SIDE(rstd), NULL, NULL};
            k->norm_coefficients(&n, IMAGES, CHANNELS, 77, way == 3 ? NULL : SIDE(gamma), SIDE(dz),
                SIDE(dzx), SIDE(to[0]), SIDE(to[1]), SIDE(to[2]), way == 2 ? NULL : SIDE(dgamma),
                way & 1, way == 3 ? NULL : SIDE(dbeta), !(way & 1));
        }
        for (int i = 0; i < 3; i++) same_floats(to[i]);
        same_floats(dgamma);
        same_floats(dbeta);
    }
}

static void flat_arrays(void **state)
{
    (void)state;
    struct twin a = numbers(1003, -1, 1), b = numbers(1003, -1, 1), one = numbers(16, 0, 0),
                parts[3] = {numbers(16, -1, 1), numbers(16, -1, 1), numbers(16, -1, 1)};
    EACH_SIDE
    {
        k->blend(SIDE(a), SIDE(b), 1003, (real)0.3, NULL);
        k->fill((real *)SIDE(b) + 5, 900, 4);
        const float weight[] = {0.5f, -2, 3};
        struct tensor x[3];
        for (int i = 0; i < 3; i++)
            x[i] = (struct tensor){(real *)SIDE(parts[i]) + 1, {1, 1, 1, 1, 1}, 1, false};
        k->weighted_sum(x, weight, 3, SIDE(one));
        for (int add = 0; add < 2; add++)
            k->weighted_sum_dx(SIDE(one), (real)-0.7, (real *)SIDE(one) + 1 + add, add);
    }
    same_numbers(a, 1e-7);
    same_bytes(b);
    same_numbers(one, 1e-6);
}

static void grids_of_labels_and_weights(void **state)
{
    (void)state;
    const struct shape from = {2, 1, 4, 5, 7}, to = {2, 1, 3, 10, 4};
    struct twin x = labels(2 * shape_pixels(from), 200), y = twin_of(2 * shape_pixels(to));
    EACH_SIDE k->label_nearest(SIDE(x), from, SIDE(y), to);
    same_bytes(y);
    for (int flat = 0; flat < 2; flat++)
        for (int half = 0; half < 2; half++) {
            struct tensor small = {NULL, {2, 20, flat ? 1 : 2, 3, 5}, LANES, half}, large = small;
            if (!flat) large.s.d *= 2;
            large.s.h *= 2;
            large.s.w *= 2;
            struct twin p = labels(tensor_bytes(&small), 100), q = twin_of(tensor_bytes(&large));
            EACH_SIDE
            {
                small.p = SIDE(p);
                large.p = SIDE(q);
                k->upsample(&small, &large);
            }
            same_bytes(q);
        }
    for (int flat = 0; flat < 2; flat++) {
        struct conv c = {.kernel = {flat ? 1 : 4, 4, 4}, .nx = 1};
        c.x[0].s.c = 40;
        c.y.s.c = 20;
        c.x[0].lanes = c.y.lanes = LANES;
        const size_t wide = conv_weights(&c),
                     narrow = conv_packed_size(40, 1, (int[]){20}, flat ? 9 : 27);
        struct twin w3 = numbers(narrow, -1, 1), w = numbers(wide, -1, 1);
        EACH_SIDE k->up_expand(&c, SIDE(w3), SIDE(w), NULL);
        same_bytes(w);
        for (int add = 0; add < 2; add++) {
            EACH_SIDE k->up_contract(&c, SIDE(w), SIDE(w3), add, NULL);
            same_bytes(w3);
        }
    }
}

static void gates_are_folded(void **state)
{
    (void)state;
    const int x = 40, g = 17, inter = 20;
    struct attend a = {.x = {.s.c = x, .lanes = LANES}, .g = {.s.c = g, .lanes = LANES}};
    a.inter = inter;
    struct twin layer[3][6], memory = numbers(attend_floats(&a), 5, 6);
    const size_t weights[] = {conv_packed_size(inter, 1, &x, 1), conv_packed_size(inter, 1, &g, 1),
        conv_packed_size(1, 1, &inter, 1)};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 6; j++) {
            layer[i][j] = numbers(j ? 32 : weights[i], j == 5 ? 0.1 : -1, 1);
            if (j) continue; /* pads are zero */
            real *w = layer[i][0].host;
            const int in[] = {x, g, inter}, out[] = {inter, inter, 1};
            for (size_t at = 0; at < weights[i]; at++) {
                const int blocks = (in[i] + LANES - 1) / LANES, lane = (int)(at % LANES),
                          c = (int)(at / LANES) % (blocks * LANES),
                          o = (int)(at / LANES) / (blocks * LANES) * LANES + lane;
                if (c >= in[i] || o >= out[i]) w[at] = 0;
            }
            memory_device.upload(layer[i][0].device, w, layer[i][0].bytes);
        }
    for (int way = 0; way < 2; way++) {
        EACH_SIDE
        {
            struct attend_layer l[3];
            for (int i = 0; i < 3; i++) {
                l[i] = (struct attend_layer){
                    SIDE(layer[i][0]), SIDE(layer[i][1]), NULL, NULL, NULL, NULL};
                if (way && i == 1) continue;
                l[i].gamma = SIDE(layer[i][2]);
                l[i].beta = SIDE(layer[i][3]);
                l[i].mean = SIDE(layer[i][4]);
                l[i].var = SIDE(layer[i][5]);
            }
            k->attend_fold(&a, &l[0], &l[1], &l[2], 1e-3, SIDE(memory), NULL);
        }
        same_numbers(memory, 1e-6);
    }
}

static void the_largest_losses_are_chosen(void **state)
{
    (void)state;
    struct twin x = numbers(5000, -0.2, 1), l = labels(5000, 9), out = twin_of(5000);
    EACH_SIDE k->top_labels(SIDE(x), SIDE(l), 5000, 7, LABEL_IGNORE, SIDE(out));
    same_bytes(out);
}

static bool rule_of_class(
    const double *set, const struct overlap_sums *s, double *term, struct overlap_slope *by)
{
    *term = set[0] - s->both / (s->soft + s->hard + 1);
    by->by_both = -1 / (s->soft + s->hard + 1);
    by->by_soft = s->both;
    return s->hard > 0;
}

static void overlaps_find_their_slopes(void **state)
{
    (void)state;
    const struct overlap_loss loss = {.of_class = rule_of_class};
    const double set[] = {2};
    const struct shape s = {3, 4, 1, 5, 6};
    struct twin sums = twin_of(12 * sizeof(struct overlap_sums)), value = numbers(16, 0, 0),
                slopes = twin_of(24 * sizeof(double));
    for (int batch = 0; batch < 2; batch++) {
        for (int i = 0; i < 36; i++) ((double *)sums.host)[i] = rng_below(&rng, 5);
        load_sums(sums);
        const struct overlap_rule r = {&loss, set, 1, batch};
        EACH_SIDE k->overlap_rule(&r, s, SIDE(sums), SIDE(slopes), SIDE(value));
        same_sums(slopes);
        same_bytes(value);
    }
}

static void boundaries_are_measured(void **state)
{
    (void)state;
    struct boundary b = {.in.logits = {NULL, {2, 3, 3, 9, 11}, 1, false}, .first = 1, .z = 1.5};
    b.phi = b.in.logits;
    const size_t bytes = boundary_scratch(b.phi.s, 1);
    struct twin l = labels(2 * shape_pixels(b.phi.s), 3), phi = numbers(tensor_size(&b.phi), -1, 1),
                below = twin_of(sizeof(double)), scratch = twin_of(bytes);
    EACH_SIDE
    {
        b.in.label = SIDE(l);
        b.phi.p = SIDE(phi);
        b.below = SIDE(below);
        b.scratch = SIDE(scratch);
        k->boundary(&b, NULL);
    }
    same_numbers(phi, 1e-6);
    same_sums(below);
}

/* Of classes or regions, of images or the batch, all or from the second on. */
static void centrelines_are_compared(void **state)
{
    (void)state;
    for (int way = 0; way < 8; way++) {
        const struct shape s = {2, 3, way & 1 ? 5 : 1, 12, 13};
        struct class_set region[3] = {{{3}}, {{6}}, {{2}}};
        struct cldice c = {.in = {.logits = {NULL, s, 1, false}},
            .iterations = 2 + way % 2,
            .first = way & 2 ? 1 : 0,
            .groups = way & 4 ? 1 : 2,
            .smooth = 1};
        if (way % 3 == 0) c.in.region = region;
        struct twin z = numbers(2 * 3 * shape_pixels(s), -2, 2), l = labels(2 * shape_pixels(s), 3),
                    kept = twin_of(cldice_kept(&c)), room[2], loss = numbers(16, 0, 0),
                    seed = numbers(16, 1, 2), dx = numbers(2 * 3 * shape_pixels(s), -1, 1);
        for (int i = 0; i < 2; i++) room[i] = twin_of(cldice_scratch(&c, i) * sizeof(real));
        EACH_SIDE
        {
            struct tensor d = {SIDE(dx), s, 1, false};
            c.in.logits.p = SIDE(z);
            c.in.label = SIDE(l);
            c.kept = SIDE(kept);
            c.scratch = SIDE(room[0]);
            k->cldice(k, &c, SIDE(loss), NULL);
            c.scratch = SIDE(room[1]);
            k->cldice_dx(k, &c, SIDE(seed), &d, way & 1, NULL);
        }
        same_numbers(loss, 1e-6);
        same_numbers(dx, 3e-6);
        end_test(NULL);
    }
}

/* A network without statistics has an empty list of them, which lies in no buffer. */
static void no_numbers_sum_to_nothing(void **state)
{
    (void)state;
    struct err e = {.status = ATT_OK};
    struct twin x = numbers(100, -1, 1);
    const struct kernels *k = device_kernels();
    assert_true(k->sum_squares((real *)x.device + 100, 0, NULL) == 0);
    assert_int_equal(device_check(&e), ATT_OK);
}

/* On a device without that hardware its definition is what is held against plain kernels. */
static void matrices_are_right(void **state)
{
    (void)state;
    assert_true(device_matrix_right());
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin_test, end_test)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(every_entry_is_there),
        CASE(norms_are_folded_and_tracked), CASE(norms_find_their_coefficients), CASE(flat_arrays),
        CASE(grids_of_labels_and_weights), CASE(gates_are_folded),
        CASE(the_largest_losses_are_chosen), CASE(overlaps_find_their_slopes),
        CASE(boundaries_are_measured), CASE(centrelines_are_compared),
        CASE(no_numbers_sum_to_nothing), CASE(matrices_are_right)};
    return cmocka_run_group_tests(tests, device_begin, NULL);
}
