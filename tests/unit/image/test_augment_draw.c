/* SPDX-License-Identifier: Apache-2.0 */
/* What is drawn: as often as asked, within its range and over all of it, and nothing depends on
 * anything else. */
#include "unit/image/augment_test.h"

enum { DRAWS = 4000 };

static const struct augment_options everything = {.mirror = {true, true, true},
    .through = -1,
    .rotate = .4,
    .rotate_plane = 2,
    .rotate_probability = .3,
    .scale = .25,
    .scale_probability = .6,
    .scale_axes = .2,
    .elastic = .1,
    .jitter = .35,
    .noise = .15,
    .blur = .2,
    .brightness = .45,
    .contrast = .55,
    .low_resolution = .25,
    .gamma = .3,
    .cutout = .4};

/* A count of draws with probability p. */
static void about(const char *what, int count, double p)
{
    double off = fabs(count - p * DRAWS);
    if (off > 4 * sqrt(p * (1 - p) * DRAWS))
        fail_msg("%s: %d of %d, not a share of %g", what, count, DRAWS, p);
}

/* Some statistic of many draws. */
struct range {
    double low, high, sum;
    int count;
};

static void see(struct range *r, double x)
{
    if (!r->count || x < r->low) r->low = x;
    if (!r->count || x > r->high) r->high = x;
    r->sum += x;
    r->count++;
}

/* All within, and nearly from end to end. */
static void reaches(const char *what, const struct range *r, double low, double high)
{
    double slack = .02 * (high - low);
    bool good = r->low >= low - 1e-6 && r->low <= low + slack && r->high <= high + 1e-6 &&
        r->high >= high - slack;
    if (!good) fail_msg("%s: from %g to %g, not %g to %g", what, r->low, r->high, low, high);
}

static void nothing_asked_is_nothing_drawn(void **state)
{
    (void)state;
    const struct augment_options off = {
        .through = -1, .rotate = 1, .rotate_plane = 1, .scale = 1, .scale_axes = 1};
    for (uint32_t k = 0; k < 100; k++) {
        struct augment a, none = nothing();
        augment_draw(&off, 3, k, 0, &a);
        assert_memory_equal(a.matrix, none.matrix, sizeof a.matrix);
        assert_false(a.affine || a.flip[0] || a.flip[1] || a.flip[2]);
        assert_true(a.bend == 0 && a.noise == 0 && a.offset == 0 && a.boxes == 0);
        assert_memory_equal(a.brightness, none.brightness, sizeof a.brightness);
        assert_memory_equal(a.contrast, none.contrast, sizeof a.contrast);
        assert_memory_equal(a.gamma, none.gamma, sizeof a.gamma);
        assert_memory_equal(a.inverted, none.inverted, sizeof a.inverted);
        assert_memory_equal(a.low, none.low, sizeof a.low);
        assert_memory_equal(a.blur, none.blur, sizeof a.blur);
    }
}

static void warps_are_as_asked(void **state)
{
    (void)state;
    int flips[3] = {0}, turned = 0, scaled = 0, per_axis = 0, bent = 0, cells[6] = {0};
    struct range angle = {0}, factor = {0}, bend = {0}, logs = {0};
    for (uint32_t k = 0; k < DRAWS; k++) {
        struct augment a;
        augment_draw(&everything, 4, k, 1, &a);
        bool turns = a.angle[0] != 0, scales = a.factor[0] != 1;
        for (int i = 0; i < 3; i++) {
            flips[i] += a.flip[i];
            assert_true((a.angle[i] != 0) == turns && (a.factor[i] != 1) == scales);
            if (turns) see(&angle, a.angle[i]);
            if (scales) see(&factor, a.factor[i]);
            if (scales) see(&logs, log(a.factor[i]));
        }
        assert_int_equal(a.affine, turns || scales);
        turned += turns;
        scaled += scales;
        per_axis += a.factor[0] != a.factor[1];
        bent += a.bend > 0;
        if (a.bend > 0) cells[a.cells]++;
        if (a.bend > 0) see(&bend, a.bend);
    }
    for (int i = 0; i < 3; i++) about("mirrored", flips[i], .5);
    about("turned", turned, .3);
    about("scaled", scaled, .6);
    about("scaled per axis", per_axis, .6 * .2);
    about("bent", bent, .1);
    for (int i = 3; i <= 5; i++) about("cells", cells[i], .1 / 3);
    reaches("angle", &angle, -.4, .4);
    reaches("factor", &factor, .8, 1.25);
    reaches("bend", &bend, 0, .4);
    assert_true(fabs(logs.sum / logs.count) < .01 && fabs(angle.sum / angle.count) < .015);
}

static void samples_are_changed_as_asked(void **state)
{
    (void)state;
    int jittered = 0, noisy = 0, bright = 0, contrast = 0, inverted = 0, gamma = 0, blurred = 0,
        coarse = 0, both = 0, cut_out = 0;
    struct range factor = {0}, contrasts = {0}, gammas = {0}, sigma = {0}, low = {0}, noise = {0},
                 offset = {0}, squares = {0}, side = {0};
    for (uint32_t k = 0; k < DRAWS; k++) {
        struct augment_options o = everything;
        struct augment a;
        if (k % 2) o.jitter = 0; /* to tell its noise from the other */
        augment_draw(&o, 4, k, 2, &a);
        jittered += a.offset != 0;
        noisy += a.noise > 0 && a.offset == 0;
        if (a.offset == 0) see(&factor, (double)a.brightness[3]);
        if (a.offset == 0) bright += a.brightness[3] != 1;
        if (a.noise > 0 && a.offset == 0) see(&noise, (double)a.noise);
        if (a.offset != 0) see(&offset, (double)a.offset);
        if (a.offset != 0) see(&squares, (double)a.offset * (double)a.offset);
        contrast += a.contrast[0] != 1;
        inverted += a.inverted[0] != 1;
        gamma += a.gamma[0] != 1;
        see(&contrasts, (double)a.contrast[0]);
        see(&gammas, (double)a.gamma[0]);
        blurred += a.blur[0][0] > 0;
        both += a.blur[0][0] > 0 && a.blur[1][0] > 0;
        for (int i = 0; i < 3; i++)
            if (a.blur[0][0] > 0) see(&sigma, (double)a.blur[0][i]);
        coarse += a.low[0] < 1;
        see(&low, (double)a.low[0]);
        cut_out += a.boxes > 0;
        assert_in_range(a.boxes, 0, 3);
        for (int i = 0; i < a.boxes; i++) see(&side, a.box_side[i][1]);
    }
    about("jitter", jittered, .35 / 2);
    about("noise", noisy, .15 * (1 - .35 / 2));
    about("brightness", bright, .45 * (1 - .35 / 2));
    about("contrast", contrast, .55);
    about("gamma of the inverted", inverted, .1);
    about("gamma", gamma, .3);
    about("blur", blurred, .1);
    about("blur of two channels", both, .05);
    about("low resolution", coarse, .125);
    about("cutout", cut_out, .4);
    reaches("brightness", &factor, .75, 1.25);
    reaches("contrast", &contrasts, .75, 1.25);
    reaches("gamma", &gammas, .7, 1.5);
    reaches("blur", &sigma, .5, 1);
    reaches("low resolution", &low, .5, 1);
    reaches("noise", &noise, 0, .1);
    reaches("side", &side, .1, .4);
    assert_true(fabs(offset.sum / offset.count) < .015 &&
        fabs(sqrt(squares.sum / squares.count) - .1) < .01);
}

/* Half of all factors are below 1, however long the way to either end. */
static void factors_go_both_ways(void **state)
{
    (void)state;
    const struct augment_options o = {.through = -1, .gamma = 1, .jitter = 1};
    int below = 0;
    struct range gain = {0};
    for (uint32_t k = 0; k < DRAWS; k++) {
        struct augment a;
        augment_draw(&o, 5, k, 0, &a);
        below += a.gamma[7] < 1;
        see(&gain, (double)a.brightness[0]);
        assert_true(a.brightness[0] == a.brightness[15]); /* all channels alike */
    }
    about("gamma below 1", below, .5);
    reaches("gain", &gain, .8, 1.25);
}

/* Switching one change off leaves the others as they were. */
static void changes_are_independent(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 200; k++) {
        struct augment_options o = everything;
        double *const chances[] = {&o.rotate_probability, &o.scale_probability, &o.elastic,
            &o.noise, &o.blur, &o.brightness, &o.contrast, &o.low_resolution, &o.gamma, &o.cutout};
        struct augment a, b;
        for (int i = 0; i < COUNT(chances); i++) *chances[i] = 1;
        o.jitter = 0;
        augment_draw(&o, 6, k, 0, &a);
        int off = (int)k % COUNT(chances);
        *chances[off] = 0;
        augment_draw(&o, 6, k, 0, &b);
        if (off != 0) assert_memory_equal(a.angle, b.angle, sizeof a.angle);
        if (off != 1) assert_memory_equal(a.factor, b.factor, sizeof a.factor);
        if (off != 2) assert_true(a.bend == b.bend && a.cells == b.cells);
        if (off != 3) assert_true(a.noise == b.noise);
        if (off != 4) assert_memory_equal(a.blur, b.blur, sizeof a.blur);
        if (off != 5) assert_memory_equal(a.brightness, b.brightness, sizeof a.brightness);
        if (off != 6) assert_memory_equal(a.contrast, b.contrast, sizeof a.contrast);
        if (off != 7) assert_memory_equal(a.low, b.low, sizeof a.low);
        if (off != 8) assert_memory_equal(a.gamma, b.gamma, sizeof a.gamma);
        if (off != 8) assert_memory_equal(a.inverted, b.inverted, sizeof a.inverted);
        if (off != 9) assert_true(a.boxes == b.boxes);
        assert_memory_equal(a.box_at, b.box_at, sizeof a.box_at);
        assert_memory_equal(a.flip, b.flip, sizeof a.flip);
        assert_memory_equal(&a.noise_rng, &b.noise_rng, sizeof a.noise_rng);
        assert_memory_equal(&a.bend_rng, &b.bend_rng, sizeof a.bend_rng);
    }
}

/* In space a turn keeps lengths, whatever the voxels' shape; then a length of 1 mm in the patch is
 * 1/factor mm in the image. */
static void turns_are_turns_in_space(void **state)
{
    (void)state;
    struct augment_options o = everything;
    const double spacing[3] = {2.5, 1, .8};
    memcpy(o.spacing, spacing, sizeof o.spacing);
    o.rotate_probability = o.scale_probability = o.scale_axes = 1;
    for (uint32_t k = 0; k < 50; k++) {
        struct augment a;
        augment_draw(&o, 7, k, 0, &a);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                double dot = 0;
                for (int n = 0; n < 3; n++)
                    dot += a.matrix[n][i] * spacing[n] * a.matrix[n][j] * spacing[n] / spacing[i] /
                        spacing[j] * a.factor[i] * a.factor[j];
                assert_true(fabs(dot - (i == j)) < 1e-12);
            }
    }
}

/* About the axis along which patches are short or voxels long, and about no other. */
static void some_patches_turn_in_a_plane(void **state)
{
    (void)state;
    static const struct {
        int dims, patch[3];
        float spacing[3];
        int wanted;
    } cases[] = {
        {2, {1, 64, 64}, {1, 1, 1}, 0},
        {3, {40, 56, 40}, {1, 1, 1}, -1},
        {3, {40, 56, 40}, {0, 0, 0}, -1},
        {3, {40, 56, 40}, {3.1f, 1, 1}, 0},
        {3, {40, 56, 40}, {3, 1, 1}, -1},
        {3, {40, 56, 40}, {1, 1, 3.5f}, 2},
        {3, {40, 56, 40}, {.9f, 5, 1.2f}, 1},
        {3, {40, 56, 40}, {4, 4, 1}, 2},
        {3, {12, 40, 40}, {1, 1, 1}, 0},
        {3, {14, 40, 40}, {1, 1, 1}, -1},
        {3, {40, 40, 10}, {0, 0, 0}, 2},
        {3, {10, 192, 192}, {4, 1, 1}, 0},
        {3, {12, 56, 40}, {3, 1, 1}, -1},
        {3, {12, 56, 40}, {1.5f, 1, 1}, 0},
        {3, {12, 56, 40}, {3, 1, 0}, 0},
        {3, {40, 20, 40}, {1, .5f, 1}, 1},
    };
    for (int k = 0; k < COUNT(cases); k++)
        assert_int_equal(
            augment_through(cases[k].dims, cases[k].patch, cases[k].spacing), cases[k].wanted);
    struct range angle = {0};
    for (int through = 0; through < 3; through++)
        for (uint32_t k = 0; k < 300; k++) {
            struct augment_options o = everything;
            struct augment a;
            o.through = through;
            o.rotate_probability = o.scale_probability = o.scale_axes = 1;
            augment_draw(&o, 8, k, 0, &a);
            for (int i = 0; i < 3; i++) {
                assert_int_equal(a.angle[i] == 0, i != through);
                assert_int_equal(a.factor[i] == 1, i == through);
                assert_int_equal(a.bends[i], i != through);
                assert_true(a.matrix[through][i] == (i == through) &&
                    a.matrix[i][through] == (i == through));
            }
            see(&angle, a.angle[through]);
        }
    reaches("angle", &angle, -2, 2);
}

static void every_patch_has_its_own(void **state)
{
    (void)state;
    struct augment a, b;
    augment_draw(&everything, 9, 1, 2, &a);
    augment_draw(&everything, 9, 1, 2, &b);
    assert_memory_equal(&a, &b, sizeof a);
    const uint64_t seeds[] = {10, 9, 9};
    const uint32_t first[] = {1, 2, 1}, second[] = {2, 2, 3};
    for (int i = 0; i < 3; i++) {
        augment_draw(&everything, seeds[i], first[i], second[i], &b);
        assert_memory_not_equal(a.box_at, b.box_at, sizeof a.box_at);
        assert_memory_not_equal(&a.noise_rng, &b.noise_rng, sizeof a.noise_rng);
        assert_memory_not_equal(&a.bend_rng, &b.bend_rng, sizeof a.bend_rng);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_is_nothing_drawn),
        cmocka_unit_test(warps_are_as_asked),
        cmocka_unit_test(samples_are_changed_as_asked),
        cmocka_unit_test(factors_go_both_ways),
        cmocka_unit_test(changes_are_independent),
        cmocka_unit_test(turns_are_turns_in_space),
        cmocka_unit_test(some_patches_turn_in_a_plane),
        cmocka_unit_test(every_patch_has_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
