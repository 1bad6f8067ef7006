/* SPDX-License-Identifier: Apache-2.0 */
/* Blur, low resolution, contrast and gamma against scipy and numpy
 * (tools/fixtures/make_augment_fixture.py).
 */
#include "unit/image/augment_test.h"

enum { MOST = 512 };

static struct {
    char kind[16];
    int size[3];
    double p[3];
    float wanted[MOST];
} c;

static bool next_case(FILE *f)
{
    if (fscanf(f, "%15s %d %d %d %lf %lf %lf", c.kind, &c.size[0], &c.size[1], &c.size[2], &c.p[0],
            &c.p[1], &c.p[2]) != 7)
        return false;
    assert_true(image_voxels(c.size) <= MOST);
    for (size_t i = 0; i < image_voxels(c.size); i++)
        assert_int_equal(fscanf(f, "%f", &c.wanted[i]), 1);
    return true;
}

static struct augment change(void)
{
    struct augment a = nothing();
    float by = (float)c.p[0];
    if (!strcmp(c.kind, "blur"))
        for (int i = 0; i < 3; i++) a.blur[0][i] = (float)c.p[i];
    if (!strcmp(c.kind, "coarse")) {
        a.low[0] = by;
        a.through = (int)c.p[1] - 1;
    }
    if (!strcmp(c.kind, "contrast")) a.contrast[0] = by;
    if (!strcmp(c.kind, "gamma")) a.gamma[0] = by;
    if (!strcmp(c.kind, "inverted")) a.inverted[0] = by;
    return a;
}

static void as_scipy_and_numpy_have_it(void **state)
{
    (void)state;
    char *path = mem_text("%s/tests/fixtures/augment/changes.txt", TEST_SOURCE_DIR);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    int count = 0;
    for (; next_case(f); count++) {
        static float x[MOST], y[MOST];
        static uint8_t classes[MOST], labels[MOST];
        struct augment_source s = {x, classes, 1, {c.size[0], c.size[1], c.size[2]}};
        struct augment a = change();
        for (uint32_t i = 0; i < MOST; i++) x[i] = (float)(augment_number(i) / 4194304.0 - 500);
        cut(&s, (const int[3]){0, 0, 0}, c.size, &a, y, labels);
        for (size_t i = 0; i < image_voxels(c.size); i++)
            if (fabsf(y[i] - c.wanted[i]) > 2e-3f) /* of 1024 */
                fail_msg("%s %dx%dx%d: voxel %zu is %g, not %g", c.kind, c.size[0], c.size[1],
                    c.size[2], i, (double)y[i], (double)c.wanted[i]);
    }
    assert_int_equal(count, 37);
    fclose(f);
    mem_free(path);
}

/* Planes cut into several parts, whose rows need each other: a patch of 2 x 200 x 100 is cut
 * anywhere, and must not show it. */
static void parts_leave_no_seam(void **state)
{
    (void)state;
    enum { D = 2, H = 200, W = 100, ALL = D * H * W };
    static float x[ALL], y[ALL];
    static uint8_t classes[ALL], labels[ALL];
    const int size[3] = {D, H, W};
    struct augment_source s = {x, classes, 1, {D, H, W}};
    for (int i = 0; i < ALL; i++)
        x[i] = (float)(i / W % H); /* even slopes stay as they are, but near the border */
    struct augment a = nothing();
    for (int i = 0; i < 3; i++) a.blur[0][i] = .9f;
    cut(&s, (const int[3]){0, 0, 0}, size, &a, y, labels);
    for (int i = 0; i < ALL; i++)
        if (i / W % H >= 3 && i / W % H < H - 3) assert_true(fabsf(y[i] - x[i]) < 1e-3f);
    a = nothing();
    a.low[0] = .5f;
    cut(&s, (const int[3]){0, 0, 0}, size, &a, y, labels);
    for (int i = 0; i < ALL; i++) assert_true(fabsf(y[i] - x[i]) <= 1);
    for (int i = 2 * W; i < ALL - 2 * W;
         i++) /* nearest takes the upper of two: all half a row too far */
        if (i / W % H >= 1 && i / W % H < H - 1) assert_true(fabsf(y[i] - x[i] - .5f) < 1e-3f);
}

/* Without a deviation along d, as a network of planes needs it. */
static void planes_are_blurred_alone(void **state)
{
    (void)state;
    enum { H = 9, W = 9, PLANE = H * W };
    static const float x[2 * PLANE] = {[H / 2 * W + W / 2] = 1};
    static const uint8_t classes[2 * PLANE];
    float y[2 * PLANE];
    uint8_t labels[2 * PLANE];
    struct augment_source s = {x, classes, 1, {2, H, W}};
    struct augment a = nothing();
    a.blur[0][1] = a.blur[0][2] = 1;
    cut(&s, (const int[3]){0, 0, 0}, (const int[3]){2, H, W}, &a, y, labels);
    assert_true(y[H / 2 * W + W / 2] < .5f && y[H / 2 * W + W / 2 + 1] > 0);
    for (int i = PLANE; i < 2 * PLANE; i++) assert_true(y[i] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_scipy_and_numpy_have_it),
        cmocka_unit_test(parts_leave_no_seam),
        cmocka_unit_test(planes_are_blurred_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
