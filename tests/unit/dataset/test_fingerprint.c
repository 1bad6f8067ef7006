/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints of small data sets whose numbers can be worked out by hand. */
#include "dataset/fingerprint.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

#define NEAR(a, b) assert_true(fabs((double)(a) - (double)(b)) <= 1e-9 * (1 + fabs((double)(b))))

static struct host quiet; /* hears nothing */

static void save(const char *name, bool label, const int size[3], const float spacing[3],
    const float *x, const uint16_t *l)
{
    char *path = mem_text("set/%s/%s", label ? "labels" : "images", name);
    struct geometry g = {.valid = spacing != NULL};
    for (int i = 0; i < 3 && spacing; i++) {
        g.spacing[i] = spacing[i];
        g.affine[i][2 - i] = (double)spacing[i];
    }
    make_parent(path);
    if (label)
        OK(format_save_labels(path,
            &(struct labelmap){.size = {size[0], size[1], size[2]},
                .data = (uint16_t *)(uintptr_t)l,
                .geometry = g},
            &e));
    else
        OK(format_save_image(path,
            &(struct image){.channels = 1,
                .size = {size[0], size[1], size[2]},
                .data = (float *)(uintptr_t)x,
                .geometry = g},
            &e));
    mem_free(path);
}

/* Two volumes of 3x4x5 voxels. In the first, 100 voxel numbers apart from the second: class 1 is a
 * bar of 1x2x3 voxels and a lone voxel, class 2 one voxel. The second has no foreground, and only
 * its middle is not zero. */
static void put_two(void)
{
    static const int size[3] = {3, 4, 5};
    static const float first[3] = {4, .5f, .75f}, second[3] = {5, .5f, .75f};
    float x[60], y[60];
    uint16_t l[60] = {0}, none[60] = {0};
    for (int i = 0; i < 60; i++) {
        x[i] = (float)(i + 1);
        y[i] = i / 20 == 1 && i % 20 / 5 == 2 ? 100 : 0;
    }
    for (int h = 1; h < 3; h++)
        for (int w = 1; w < 4; w++) l[h * 5 + w] = 1; /* d = 0 */
    l[59] = 1;
    l[20] = 2;
    save("a.nii", false, size, first, x, NULL);
    save("a.nii", true, size, first, NULL, l);
    save("b.nii", false, size, second, y, NULL);
    save("b.nii", true, size, second, NULL, none);
}

static void take(struct fingerprint *f, struct dataset *d, const int *list, int count, int threads)
{
    struct pool *pool = threads ? pool_create(threads) : NULL;
    OK(dataset_open("set", d, &quiet, &e));
    OK(fingerprint_take(d, list, count, pool, &quiet, f, NULL, &e));
    pool_destroy(pool);
}

static void sizes_and_spacings(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    put_two();
    take(&f, &d, (const int[]){0, 1}, 2, 0);
    assert_true(f.count == 2 && f.empty == 1 && f.groups == 0 && f.dims == 3 && f.channels == 1 &&
        f.classes == 3);
    assert_true(f.cases[0].size[0] == 3 && f.cases[0].size[1] == 4 && f.cases[0].size[2] == 5 &&
        f.cases[0].box[2] == 5);
    assert_true(f.cases[1].box[0] == 1 && f.cases[1].box[1] == 1 && f.cases[1].box[2] == 5);
    assert_true(f.cases[0].has_spacing && f.cases[0].spacing[0] == 4 &&
        f.cases[1].spacing[0] == 5 && f.cases[1].spacing[2] == .75f);
    assert_true(f.cases[0].foreground && !f.cases[1].foreground);
    fingerprint_free(&f);
    dataset_free(&d);
}

static void intensities(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    put_two();
    take(&f, &d, (const int[]){0, 1}, 2, 0);
    /* 1 .. 60, five times 100 and 55 times 0 */
    double sum = 60 * 61 / 2. + 500, squares = 60. * 61 * 121 / 6 + 5e4, mean = sum / 120;
    assert_true(f.all[0].count == 120 && f.all[0].min == 0 && f.all[0].max == 100);
    NEAR(f.all[0].mean, mean);
    NEAR(f.all[0].std, sqrt(squares / 120 - mean * mean));
    assert_true(f.all[0].median == 5.5 && f.all[0].low == 0 &&
        f.all[0].high == 100); /* the 60th and 61st of 120 are 5 and 6 */
    /* the bar's values are 7, 8, 9, 12, 13, 14, the lone voxel's 60, class 2's 21 */
    NEAR(f.foreground[0].mean, 144 / 8.);
    assert_true(
        f.foreground[0].count == 8 && f.foreground[0].min == 7 && f.foreground[0].max == 60);
    assert_true(f.foreground[0].median ==
        12.5); /* numpy.percentile([7, 8, 9, 12, 13, 14, 21, 60], [.5, 99.5]) is 7.035, 58.635 */
    NEAR(f.foreground[0].low, 7.035);
    NEAR(f.foreground[0].high, 58.635);
    fingerprint_free(&f);
    dataset_free(&d);
}

static void classes(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    put_two();
    take(&f, &d, (const int[]){0, 1}, 2, 0);
    const struct fingerprint_class *k = f.class;
    assert_true(k[0].voxels == 112 && k[0].cases == 2 && k[0].components == 0);
    assert_true(k[1].voxels == 7 && k[1].cases == 1 && k[1].components == 2 && k[1].smallest == 1 &&
        k[1].median == 3.5);
    assert_true(k[2].voxels == 1 && k[2].cases == 1 && k[2].components == 1 && k[2].smallest == 1 &&
        k[2].median == 1);
    /* seven voxels in 7 rows along d, 4 along h, 3 along w */
    NEAR(k[1].thickness[0], 1);
    NEAR(k[1].thickness[1], 7 / 4.);
    NEAR(k[1].thickness[2], 7 / 3.);
    NEAR(k[2].thickness[1], 1);
    fingerprint_free(&f);
    dataset_free(&d);
}

/* What validates is not looked at; its file might as well be broken. */
static void only_what_is_listed(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    put_two();
    take(&f, &d, (const int[]){1}, 1, 0);
    assert_true(f.count == 1 && f.empty == 1 && f.all[0].count == 60 &&
        f.foreground[0].count == 0 && f.class[1].cases == 0);
    fingerprint_free(&f);
    put_text("set/images/a.nii", "not an image any more");
    OK(fingerprint_take(&d, (const int[]){1}, 1, NULL, NULL, &f, NULL, &e));
    fingerprint_free(&f);
    REFUSED(fingerprint_take(&d, (const int[]){0, 1}, 2, NULL, NULL, &f, NULL, &e), ATT_DATA,
        "set/images/a.nii");
    dataset_free(&d);
}

static void groups_are_counted(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    put_two();
    put_text("set/groups.csv", "image,group\na,7\nb,7\n");
    take(&f, &d, (const int[]){0, 1}, 2, 0);
    assert_int_equal(f.groups, 1);
    fingerprint_free(&f);
    dataset_free(&d);
}

/* Noise enough for several rounds on several threads. */
static void threads_do_not_matter(void **state)
{
    (void)state;
    static const int list[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, size[3] = {4, 40, 50};
    static const float spacing[3] = {1, 1, 1};
    static float x[8000];
    static uint16_t l[8000];
    struct dataset d;
    struct fingerprint one, four;
    uint32_t r = 1;
    for (int k = 0; k < 11; k++) {
        char name[16];
        for (int i = 0; i < 8000; i++) {
            r = r * 1664525 + 1013904223;
            x[i] = (float)(r >> 8) / 1000;
            l[i] = (uint16_t)((r >> 10) % 3);
        }
        snprintf(name, sizeof name, "c%02d.nii", k);
        save(name, false, size, spacing, x, NULL);
        save(name, true, size, spacing, NULL, l);
    }
    take(&one, &d, list, 11, 0);
    dataset_free(&d);
    take(&four, &d, list, 11, 4);
    json_t *a = fingerprint_to_json(&one), *b = fingerprint_to_json(&four);
    assert_true(json_equal(a, b));
    assert_memory_equal(one.all, four.all, sizeof one.all);
    assert_memory_equal(one.foreground, four.foreground, sizeof one.foreground);
    assert_memory_equal(one.class, four.class, sizeof one.class);
    assert_true(one.all[0].count == 88000 &&
        one.class[0].voxels + one.class[1].voxels + one.class[2].voxels == 88000);
    json_decref(a);
    json_decref(b);
    fingerprint_free(&one);
    fingerprint_free(&four);
    dataset_free(&d);
}

static const char *text_at(const json_t *j, const char *key, const char *inner)
{
    return json_string_value(json_object_get(json_object_get(j, key), inner));
}

static void for_people(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    put_two();
    take(&f, &d, (const int[]){0, 1}, 2, 0);
    json_t *j = fingerprint_to_json(&f), *one = json_array_get(json_object_get(j, "classes"), 1);
    assert_string_equal(text_at(j, "size", "median"), "3x4x5");
    assert_string_equal(text_at(j, "spacing", "least"), "4x0.5x0.75");
    assert_string_equal(text_at(j, "spacing", "most"), "5x0.5x0.75");
    assert_string_equal(text_at(j, "nonzero_box", "least"), "1x1x5");
    assert_int_equal(json_integer_value(json_object_get(j, "cases_without_foreground")), 1);
    assert_int_equal(json_integer_value(json_object_get(one, "voxels")), 7);
    assert_true(json_number_value(json_object_get(one, "share")) == .05833);
    assert_string_equal(json_string_value(json_object_get(one, "thickness")), "1x1.75x2.333");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(one, "components"), "count")), 2);
    json_decref(j);
    fingerprint_free(&f);
    dataset_free(&d);
}

static void a_stop_is_heard(void **state)
{
    (void)state;
    struct dataset d;
    struct fingerprint f;
    struct host host = {0};
    put_two();
    OK(dataset_open("set", &d, &quiet, &e));
    atomic_store(&host.stop, 1);
    REFUSED(fingerprint_take(&d, (const int[]){0, 1}, 2, NULL, &host, &f, NULL, &e),
        ATT_INTERRUPTED, "stopped while measuring the cases");
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sizes_and_spacings, clear_set),
        cmocka_unit_test_setup(intensities, clear_set),
        cmocka_unit_test_setup(classes, clear_set),
        cmocka_unit_test_setup(only_what_is_listed, clear_set),
        cmocka_unit_test_setup(groups_are_counted, clear_set),
        cmocka_unit_test_setup(threads_do_not_matter, clear_set),
        cmocka_unit_test_setup(for_people, clear_set),
        cmocka_unit_test_setup(a_stop_is_heard, clear_set),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
