/* SPDX-License-Identifier: Apache-2.0 */
/* Samples changed one by one: inside the image only, and as drawn. */
#include "unit/image/augment_test.h"

enum { SIDE = 100, AREA = SIDE * SIDE }; /* several parts */

static float image[2 * AREA], out[2 * AREA];
static uint8_t classes[AREA], labels[AREA];
static const struct augment_source source = {image, classes, 2, {1, SIDE, SIDE}};
static const int patch[3] = {1, SIDE, SIDE}, middle[3] = {0, 0, 0}, corner[3] = {0, 37, 41};

static int fill(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2 * AREA; i++) image[i] = (float)(augment_number(i) / 1e9 - 2);
    memset(classes, 0, sizeof classes);
    return 0;
}

/* The voxel of the image that lies at voxel i of a patch at `corner`, or -1. */
static int inside(int i)
{
    int h = i / SIDE + corner[1], w = i % SIDE + corner[2];
    return h < SIDE && w < SIDE ? h * SIDE + w : -1;
}

/* Mean, deviation, least and most of what is inside the patch at `corner`. */
static void measure(const float *x, bool of_image, double m[4])
{
    double sum = 0, squares = 0, n = 0;
    m[2] = 1e9;
    m[3] = -1e9;
    for (int i = 0; i < AREA; i++) {
        if (inside(i) < 0) continue;
        double v = (double)x[of_image ? inside(i) : i];
        sum += v;
        squares += v * v;
        n++;
        m[2] = fmin(m[2], v);
        m[3] = fmax(m[3], v);
    }
    m[0] = sum / n;
    m[1] = sqrt(squares / n - m[0] * m[0]);
}

/* x * brightness + offset inside the image, and 0 where the patch reaches beyond it; ignored voxels
 * are image, too. */
static void beyond_the_image_stays_nothing(void **state)
{
    (void)state;
    struct augment a = nothing();
    classes[60 * SIDE + 70] = OUTSIDE; /* label "ignore", inside */
    a.brightness[0] = 2;
    a.brightness[1] = 1.5f;
    a.offset = .5f;
    cut(&source, corner, patch, &a, out, labels);
    for (int i = 0; i < AREA; i++) {
        int from = inside(i);
        assert_int_equal(labels[i], from < 0 ? OUTSIDE : classes[from]);
        assert_true(out[i] == (from < 0 ? 0 : 2 * image[from] + .5f));
        assert_true(out[AREA + i] == (from < 0 ? 0 : 1.5f * image[AREA + from] + .5f));
    }
    a.noise = .1f;
    a.gamma[0] = a.inverted[1] = 1.3f;
    a.contrast[0] = .8f;
    a.blur[0][1] = a.blur[0][2] = a.blur[0][0] = 1;
    a.low[1] = .6f;
    a.boxes = 1;
    for (int i = 0; i < 3; i++) a.box_side[0][i] = a.box_at[0][i] = .9;
    cut(&source, corner, patch, &a, out, labels);
    for (int i = 0; i < AREA; i++) {
        assert_int_equal(labels[i], inside(i) < 0 ? OUTSIDE : classes[inside(i)]);
        if (inside(i) < 0) assert_true(out[i] == 0 && out[AREA + i] == 0);
    }
    classes[60 * SIDE + 70] = 0;
}

/* Only the first part of several reaches beyond the image. */
static void beyond_on_the_near_side(void **state)
{
    (void)state;
    struct augment a = nothing();
    const int before[3] = {0, -2, 0};
    a.offset = 1;
    cut(&source, before, patch, &a, out, labels);
    for (int i = 0; i < AREA; i++) {
        bool in = i >= 2 * SIDE;
        assert_int_equal(labels[i], in ? 0 : OUTSIDE);
        assert_true(out[i] == (in ? image[i - 2 * SIDE] + 1 : 0));
    }
}

/* Around the mean of what is inside. */
static void contrast_knows_the_inside_only(void **state)
{
    (void)state;
    struct augment a = nothing();
    double m[4];
    a.contrast[0] = 1.25f;
    cut(&source, corner, patch, &a, out, labels);
    measure(image, true, m);
    for (int i = 0; i < AREA; i++) {
        if (inside(i) < 0) continue;
        double wanted = fmin(fmax(((double)image[inside(i)] - m[0]) * 1.25 + m[0], m[2]), m[3]);
        assert_true(fabs((double)out[i] - wanted) < 1e-5);
        assert_true(out[AREA + i] == image[AREA + inside(i)]); /* the other channel */
    }
}

/* Monotonic, of the same mean and deviation; the inverted image's is another. */
static void gamma_keeps_mean_and_deviation(void **state)
{
    (void)state;
    static float plain[2 * AREA];
    for (int way = 0; way < 2; way++) {
        struct augment a = nothing();
        double before[4], after[4];
        *(way ? &a.inverted[0] : &a.gamma[0]) = 1.5f;
        cut(&source, corner, patch, &a, out, labels);
        measure(image, true, before);
        measure(out, false, after);
        assert_true(fabs(before[0] - after[0]) < 1e-5 && fabs(before[1] - after[1]) < 1e-5);
        int skewed = 0;
        for (int i = 1; i < AREA; i++) {
            if (inside(i) < 0 || inside(i - 1) < 0) continue;
            double was = (double)image[inside(i)] - (double)image[inside(i - 1)],
                   is = (double)out[i] - (double)out[i - 1];
            if (fabs(was) > 1e-3) assert_true(was * is > 0);
            skewed += fabs(was - is) > .01;
        }
        assert_true(skewed > AREA / 10);
        if (way) assert_memory_not_equal(out, plain, AREA * sizeof *out);
        memcpy(plain, out, sizeof plain);
    }
}

/* An image of one value has no range. */
static void nothing_comes_of_nothing(void **state)
{
    (void)state;
    static float even[2 * AREA];
    const struct augment_source s = {even, classes, 2, {1, SIDE, SIDE}};
    struct augment a = nothing();
    for (int i = 0; i < 2 * AREA; i++) even[i] = 3;
    a.gamma[0] = a.inverted[1] = .7f;
    a.contrast[0] = a.contrast[1] = 1.2f;
    cut(&s, middle, patch, &a, out, labels);
    for (int i = 0; i < 2 * AREA; i++) assert_true(out[i] == 3);
    const int far[3] = {0, SIDE, SIDE}; /* no voxel inside */
    cut(&s, far, patch, &a, out, labels);
    for (int i = 0; i < AREA; i++) assert_true(out[i] == 0 && labels[i] == OUTSIDE);
}

/* Noise of the deviation drawn, nearly normal, another one for every voxel and channel, and the
 * same one every time. */
static void noise_is_as_drawn(void **state)
{
    (void)state;
    static float zero[2 * AREA], noisy[2 * AREA], again[2 * AREA];
    const struct augment_source s = {zero, classes, 2, {1, SIDE, SIDE}};
    struct augment a = nothing();
    a.noise = .08f;
    a.noise_rng = rng_stream(6, RNG_NOISE, 0, 0);
    cut(&s, middle, patch, &a, noisy, labels);
    cut(&s, middle, patch, &a, again, labels);
    assert_memory_equal(noisy, again, sizeof noisy);
    double sum = 0, squares = 0, fourth = 0, both = 0, next = 0, far = 0, n = 2 * AREA;
    for (int i = 0; i < 2 * AREA; i++) {
        double v = (double)noisy[i] / .08;
        sum += v;
        squares += v * v;
        fourth += v * v * v * v;
        both += v * (double)noisy[(i + AREA) % (2 * AREA)] / .08;
        next += v * (double)noisy[(i + 1) % (2 * AREA)] / .08;
        far += fabs(v) > 1.959964;
    }
    assert_true(fabs(sum / n) < .03 && fabs(squares / n - 1) < .03);
    assert_true(fabs(both / n) < .03 && fabs(next / n) < .03);
    int same = 0;
    for (int i = 8192; i < AREA; i++) same += noisy[i] == noisy[i - 8192]; /* another part */
    assert_in_range(same, 0, 30);
    assert_true(fabs(fourth / n - 2.7) < .1 &&
        fabs(far / n - .05) < .006); /* a normal number's: 3 and .05 */
}

static void boxes_become_the_mean(void **state)
{
    (void)state;
    struct augment a = nothing();
    a.boxes = 2;
    const double sides[2][3] = {{.3, .2, .4}, {.3, .1, .101}},
                 places[2][3] = {{0, 0, 0}, {.5, .999, .5}};
    memcpy(a.box_side, sides, sizeof sides);
    memcpy(a.box_at, places, sizeof places);
    cut(&source, middle, patch, &a, out, labels);
    double mean[2] = {0};
    for (int i = 0; i < 2 * AREA; i++) mean[i / AREA] += (double)image[i] / AREA;
    for (int i = 0; i < 2 * AREA; i++) {
        int h = i % AREA / SIDE, w = i % SIDE;
        bool cut_out = (h < 20 && w < 40) || (h >= 90 && w >= 45 && w < 55);
        assert_true(cut_out ? fabs((double)out[i] - mean[i / AREA]) < 1e-5 : out[i] == image[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beyond_the_image_stays_nothing),
        cmocka_unit_test(beyond_on_the_near_side),
        cmocka_unit_test(contrast_knows_the_inside_only),
        cmocka_unit_test(gamma_keeps_mean_and_deviation),
        cmocka_unit_test(nothing_comes_of_nothing),
        cmocka_unit_test(noise_is_as_drawn),
        cmocka_unit_test(boxes_become_the_mean),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
