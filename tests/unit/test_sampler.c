/* SPDX-License-Identifier: Apache-2.0 */
/* Which patches training sees: a function of seed and step, as much foreground as asked, labels on their images. */
#include "dataset/sampler.h"

#include <math.h>

#include "dataset_test.h"

enum { STEPS = 400, PATCH = 6, AREA = PATCH * PATCH, BATCH = 4 };

/* A case without any class but background; its samples are `value`. */
static struct prepared make_case(int channels, int d, int h, int w, float value)
{
    struct sample s = {.image = {.channels = channels, .size = {d, h, w}}};
    struct prepared p;
    size_t voxels = image_voxels(s.image.size);
    s.image.data = mem_array(voxels * (size_t)channels, sizeof(float));
    s.classes = mem_alloc(voxels);
    for (size_t i = 0; i < voxels * (size_t)channels; i++) s.image.data[i] = value;
    OK(prepared_make(&s, 3, &p, &e));
    return p;
}

/* The same with some voxels of other classes; the samples are the classes. */
static struct prepared make_labelled(int d, int h, int w, const int (*marks)[2], int count)
{
    struct sample s = {.image = {.channels = 1, .size = {d, h, w}}};
    struct prepared p;
    size_t voxels = image_voxels(s.image.size);
    s.image.data = mem_array(voxels, sizeof(float));
    s.classes = mem_alloc(voxels);
    for (int i = 0; i < count; i++) s.classes[marks[i][0]] = (uint8_t)marks[i][1];
    for (size_t i = 0; i < voxels; i++) s.image.data[i] = s.classes[i];
    OK(prepared_make(&s, 3, &p, &e));
    return p;
}

static struct sampler make_sampler(const struct prepared *cases, int count)
{
    return (struct sampler){.cases = cases, .count = count, .classes = 3, .patch = {1, PATCH, PATCH}, .batch = BATCH, .seed = 7};
}

/* ---- places */

static void few_places_are_all_kept(void **state)
{
    (void)state;
    static const int marks[][2] = {{3, 2}, {5, 1}, {8, 2}, {9, LABELLING_IGNORE}, {63, 1}, {40, 2}};
    struct prepared p = make_labelled(1, 8, 8, marks, COUNT(marks));
    static const uint32_t wanted[] = {5, 63, 3, 8, 40};
    assert_int_equal(p.first[0], 0);
    assert_int_equal(p.first[1], 0);
    assert_int_equal(p.first[2], 2);
    for (int c = 3; c <= LABELLING_MAX; c++) assert_int_equal(p.first[c], 5);
    assert_memory_equal(p.places, wanted, sizeof wanted);
    assert_true(p.channels == 1 && p.size[0] == 1 && p.size[1] == 8 && p.size[2] == 8);
    prepared_free(&p);
    assert_null(p.image);
}

/* Of 10 000 voxels of a class 4096 are kept, spread over all of them; the case takes over the memory. */
static void many_places_are_spread(void **state)
{
    (void)state;
    enum { SIDE = 128, FIRST = 1000, MANY = 10000 };
    struct sample s = {.image = {.channels = 1, .size = {1, SIDE, SIDE}}};
    struct prepared p;
    float *data = s.image.data = mem_array(SIDE * SIDE, sizeof(float));
    uint8_t *classes = s.classes = mem_alloc(SIDE * SIDE);
    for (int i = 0; i < MANY; i++) classes[FIRST + i] = 1;
    OK(prepared_make(&s, 2, &p, &e));
    assert_true(p.image == data && p.classes == classes && !s.image.data && !s.classes);
    assert_int_equal(p.first[2], 4096);
    for (int i = 0; i < 4096; i++) {
        double ideal = FIRST + (double)i * MANY / 4096;
        assert_true(p.places[i] >= ideal && p.places[i] < ideal + 1);
    }
    prepared_free(&p);
}

static void images_beyond_all_numbers_are_refused(void **state)
{
    (void)state;
    struct sample s = {.image = {.channels = 1, .size = {4, 32768, 32768}}};
    struct prepared p;
    REFUSED(prepared_make(&s, 2, &p, &e), ATT_DATA, "an image of 4294967296 voxels is too large to train on");
}

/* ---- batches */

static float images[4][BATCH * AREA];
static uint8_t labels[4][BATCH * AREA];

static void a_batch_is_a_function_of_seed_and_step(void **state)
{
    (void)state;
    struct prepared p = make_case(1, 1, 40, 40, 0);
    for (int i = 0; i < 1600; i++) p.image[i] = (float)i;
    struct sampler s = make_sampler(&p, 1);
    s.augment = (struct augment_options){.flat = true, .mirror = true, .intensity = true, .rotate = .3, .scale = .2};
    sampler_batch(&s, 5, images[0], labels[0], NULL);
    sampler_batch(&s, 6, images[1], labels[1], NULL);
    sampler_batch(&s, 5, images[2], labels[2], NULL);
    assert_memory_equal(images[0], images[2], sizeof images[0]);
    assert_memory_equal(labels[0], labels[2], sizeof labels[0]);
    assert_memory_not_equal(images[0], images[1], sizeof images[0]);
    s.seed++;
    sampler_batch(&s, 5, images[3], labels[3], NULL);
    assert_memory_not_equal(images[0], images[3], sizeof images[0]);
    for (int k = 1; k < BATCH; k++) assert_memory_not_equal(images[0], images[0] + k * AREA, AREA * sizeof(float));
    prepared_free(&p);
}

/* Where all patches of a batch are cut from one place, each is still changed in its own way. */
static void each_patch_is_changed_by_itself(void **state)
{
    (void)state;
    struct prepared p = make_case(1, 1, PATCH, PATCH, 0);
    for (int i = 0; i < AREA; i++) p.image[i] = (float)i;
    struct sampler s = make_sampler(&p, 1);
    s.augment = (struct augment_options){.flat = true, .intensity = true};
    sampler_batch(&s, 5, images[0], labels[0], NULL);
    sampler_batch(&s, 6, images[1], labels[1], NULL);
    for (int k = 1; k < BATCH; k++) assert_memory_not_equal(images[0], images[0] + k * AREA, AREA * sizeof(float));
    assert_memory_not_equal(images[0], images[1], AREA * sizeof(float));
    prepared_free(&p);
}

static void any_number_of_threads_draws_the_same(void **state)
{
    (void)state;
    struct prepared p[2] = {make_case(1, 1, 40, 40, 1), make_case(1, 1, 9, 11, 2)};
    struct sampler s = make_sampler(p, 2);
    s.augment = (struct augment_options){.flat = true, .mirror = true, .intensity = true, .rotate = .3, .scale = .2};
    for (int threads = 1; threads <= 4; threads++) {
        struct pool *pool = pool_create(threads);
        assert_non_null(pool);
        for (int step = 0; step < 50; step++) {
            sampler_batch(&s, step, images[0], labels[0], NULL);
            sampler_batch(&s, step, images[1], labels[1], pool);
            assert_memory_equal(images[0], images[1], sizeof images[0]);
            assert_memory_equal(labels[0], labels[1], sizeof labels[0]);
        }
        pool_destroy(pool);
    }
    for (int i = 0; i < 2; i++) prepared_free(&p[i]);
}

/* How many patches hold a voxel of `class` in their middle. */
static int centred(const struct sampler *s, int class)
{
    int n = 0;
    for (int step = 0; step < STEPS; step++) {
        sampler_batch(s, step, images[0], labels[0], NULL);
        for (int k = 0; k < BATCH; k++) n += labels[0][k * AREA + PATCH / 2 * PATCH + PATCH / 2] == class;
    }
    return n;
}

/* One voxel in 120 x 120: by chance it is in the middle of one patch in 13225. */
static void as_much_foreground_as_asked(void **state)
{
    (void)state;
    static const int marks[][2] = {{60 * 120 + 40, 1}};
    static const double shares[] = {0, .33, .5, 1};
    struct prepared p = make_labelled(1, 120, 120, marks, 1);
    struct sampler s = make_sampler(&p, 1);
    for (int k = 0; k < COUNT(shares); k++) {
        s.foreground = shares[k];
        double n = STEPS * BATCH, deviation = sqrt(n * shares[k] * (1 - shares[k]));
        double off = fabs(centred(&s, 1) - n * shares[k]);
        if (off > 3 * deviation + 1) fail_msg("share %g: %g patches too many or too few", shares[k], off);
    }
    prepared_free(&p);
}

/* One voxel of class 1, hundreds of class 2: each is drawn for half of the patches. */
static void rare_classes_count_as_much_as_common_ones(void **state)
{
    (void)state;
    int marks[301][2] = {{30 * 80 + 30, 1}};
    for (int i = 1; i <= 300; i++) marks[i][0] = 50 * 80 + 3 + (i - 1) / 70 * 80 + (i - 1) % 70, marks[i][1] = 2;
    struct prepared p = make_labelled(1, 80, 80, (const int(*)[2])marks, 301);
    struct sampler s = make_sampler(&p, 1);
    s.foreground = 1;
    int n = STEPS * BATCH, ones = centred(&s, 1);
    assert_in_range(ones, n / 2 - 60, n / 2 + 60);
    assert_int_equal(centred(&s, 2), n - ones);
    prepared_free(&p);
}

/* Foreground at the edge: the patch stays inside, as does every other patch of an image that is large enough. */
static void patches_stay_inside(void **state)
{
    (void)state;
    static const int marks[][2] = {{0, 1}, {20 * 30 - 1, 2}};
    struct prepared p = make_labelled(1, 20, 30, marks, 2);
    struct sampler s = make_sampler(&p, 1);
    int corners = 0;
    for (int k = 0; k < 2; k++) {
        s.foreground = k;
        for (int step = 0; step < STEPS; step++) {
            sampler_batch(&s, step, images[0], labels[0], NULL);
            for (int i = 0; i < BATCH * AREA; i++) assert_int_not_equal(labels[0][i], LABELLING_IGNORE);
            for (int b = 0; k == 1 && b < BATCH; b++) corners += labels[0][b * AREA] == 1 || labels[0][b * AREA + AREA - 1] == 2;
        }
    }
    assert_int_equal(corners, STEPS * BATCH);
    prepared_free(&p);
}

/* Without foreground all places of a patch are equally likely: 3 x 5 of them. */
static void random_patches_reach_everywhere(void **state)
{
    (void)state;
    struct prepared p = make_case(1, 1, PATCH + 2, PATCH + 4, 0);
    for (int i = 0; i < (PATCH + 2) * (PATCH + 4); i++) p.image[i] = (float)i;
    struct sampler s = make_sampler(&p, 1);
    s.foreground = 1; /* of which there is none */
    int count[3][5] = {{0}};
    for (int step = 0; step < STEPS; step++) {
        sampler_batch(&s, step, images[0], labels[0], NULL);
        for (int k = 0; k < BATCH; k++) {
            int corner = (int)images[0][k * AREA];
            count[corner / (PATCH + 4)][corner % (PATCH + 4)]++;
        }
    }
    for (int i = 0; i < 15; i++) assert_in_range(count[i / 5][i % 5], STEPS * BATCH / 15 - 40, STEPS * BATCH / 15 + 40);
    prepared_free(&p);
}

/* 3 x 4 in 6 x 6: one row above and two below, one column on either side; 0 and "ignore" there. */
static void small_images_lie_in_the_middle(void **state)
{
    (void)state;
    struct prepared p = make_case(2, 1, 3, 4, 0);
    for (int i = 0; i < 24; i++) p.image[i] = (float)(1 + i);
    struct sampler s = make_sampler(&p, 1);
    static float pair[BATCH * 2 * AREA];
    sampler_batch(&s, 0, pair, labels[0], NULL);
    for (int k = 0; k < BATCH; k++)
        for (int i = 0; i < AREA; i++) {
            int h = i / PATCH - 1, w = i % PATCH - 1;
            bool inside = h >= 0 && h < 3 && w >= 0 && w < 4;
            assert_int_equal(labels[0][k * AREA + i], inside ? 0 : LABELLING_IGNORE);
            for (int c = 0; c < 2; c++) assert_true(pair[(2 * k + c) * AREA + i] == (inside ? (float)(1 + 12 * c + 4 * h + w) : 0));
        }
    prepared_free(&p);
}

/* The samples are the classes; mirrored, noiseless, in 3D. */
static void labels_lie_on_their_images(void **state)
{
    (void)state;
    int marks[200][2];
    for (int i = 0; i < 200; i++) marks[i][0] = i * 37 % 1000, marks[i][1] = 1 + i % 2;
    struct prepared p = make_labelled(10, 10, 10, (const int(*)[2])marks, 200);
    struct sampler s = make_sampler(&p, 1);
    s.augment.mirror = true;
    s.patch[0] = 4;
    s.patch[1] = 12;
    s.patch[2] = 6;
    enum { VOLUME = 4 * 12 * 6 };
    static float volume[BATCH * VOLUME];
    static uint8_t target[BATCH * VOLUME];
    int foreground = 0, ignored = 0;
    for (int step = 0; step < 50; step++) {
        sampler_batch(&s, step, volume, target, NULL);
        for (int i = 0; i < BATCH * VOLUME; i++) {
            bool ignore = target[i] == LABELLING_IGNORE;
            assert_true(volume[i] == (ignore ? 0 : target[i]));
            ignored += ignore;
            foreground += !ignore && target[i] > 0;
        }
    }
    assert_int_equal(ignored, 50 * BATCH * VOLUME / 6); /* two of twelve rows */
    assert_in_range(foreground, 50 * BATCH * VOLUME / 8, 50 * BATCH * VOLUME / 4);
    prepared_free(&p);
}

static void all_cases_are_drawn(void **state)
{
    (void)state;
    struct prepared p[3];
    int count[3] = {0};
    for (int i = 0; i < 3; i++) p[i] = make_case(1, 1, 8 + i, 9, (float)i);
    struct sampler s = make_sampler(p, 3);
    for (int step = 0; step < STEPS; step++) {
        sampler_batch(&s, step, images[0], labels[0], NULL);
        for (int k = 0; k < BATCH; k++) count[(int)images[0][k * AREA]]++;
    }
    for (int i = 0; i < 3; i++) assert_in_range(count[i], STEPS * BATCH / 3 - 60, STEPS * BATCH / 3 + 60);
    for (int i = 0; i < 3; i++) prepared_free(&p[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_places_are_all_kept),
        cmocka_unit_test(many_places_are_spread),
        cmocka_unit_test(images_beyond_all_numbers_are_refused),
        cmocka_unit_test(a_batch_is_a_function_of_seed_and_step),
        cmocka_unit_test(each_patch_is_changed_by_itself),
        cmocka_unit_test(any_number_of_threads_draws_the_same),
        cmocka_unit_test(as_much_foreground_as_asked),
        cmocka_unit_test(rare_classes_count_as_much_as_common_ones),
        cmocka_unit_test(patches_stay_inside),
        cmocka_unit_test(random_patches_reach_everywhere),
        cmocka_unit_test(small_images_lie_in_the_middle),
        cmocka_unit_test(labels_lie_on_their_images),
        cmocka_unit_test(all_cases_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
