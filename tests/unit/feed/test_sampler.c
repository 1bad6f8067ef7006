/* SPDX-License-Identifier: Apache-2.0 */
/* Which patches training sees: a function of seed and step, as much foreground as asked, labels on
 * their images. */
#include "feed/sampler.h"

#include <math.h>

#include "unit/dataset/dataset_test.h"

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
    return (struct sampler){.cases = cases,
        .count = count,
        .classes = 3,
        .patch = {1, PATCH, PATCH},
        .batch = BATCH,
        .seed = 7,
        .dims = 2};
}

/* ---- batches */

static float images[4][BATCH * AREA], maps[2][6 * BATCH * AREA];
static uint8_t labels[4][BATCH * AREA];

/* A batch, made ready for by itself. */
static void draw(
    const struct sampler *s, int64_t step, float *image, uint8_t *target, struct pool *pool)
{
    struct sampler own = *s;
    own.pool = pool;
    OK(sampler_begin(&own, &e));
    OK(sampler_batch(&own, step, image, target, &e));
    sampler_end(&own);
}

static void a_batch_is_a_function_of_seed_and_step(void **state)
{
    (void)state;
    struct prepared p = make_case(1, 1, 40, 40, 0);
    for (int i = 0; i < 1600; i++) p.image[i] = (float)i;
    struct sampler s = make_sampler(&p, 1);
    s.augment = (struct augment_options){.mirror = {true, true, true},
        .rotate_plane = .3,
        .rotate_probability = .5,
        .scale = .2,
        .scale_probability = .5,
        .jitter = 1};
    draw(&s, 5, images[0], labels[0], NULL);
    draw(&s, 6, images[1], labels[1], NULL);
    draw(&s, 5, images[2], labels[2], NULL);
    assert_memory_equal(images[0], images[2], sizeof images[0]);
    assert_memory_equal(labels[0], labels[2], sizeof labels[0]);
    assert_memory_not_equal(images[0], images[1], sizeof images[0]);
    s.seed++;
    draw(&s, 5, images[3], labels[3], NULL);
    assert_memory_not_equal(images[0], images[3], sizeof images[0]);
    for (int k = 1; k < BATCH; k++)
        assert_memory_not_equal(images[0], images[0] + k * AREA, AREA * sizeof(float));
    prepared_free(&p);
}

/* Patches lie where the caller says, the others where they lay before; without changes they are
 * what is there. */
static void the_caller_may_choose_places(void **state)
{
    (void)state;
    struct prepared p = make_case(1, 1, 20, 24, 0);
    for (int i = 0; i < 480; i++) p.image[i] = (float)i;
    struct sampler s = make_sampler(&p, 1);
    const struct sampler_position spots[BATCH] = {
        {-1, {0}}, {0, {0, 3, 5}}, {0, {0, 14, 18}}, {-1, {0}}};
    draw(&s, 5, images[0], labels[0], NULL);
    s.positions = spots;
    draw(&s, 5, images[1], labels[1], NULL);
    assert_memory_equal(images[0], images[1], AREA * sizeof(float));
    assert_memory_equal(images[0] + 3 * AREA, images[1] + 3 * AREA, AREA * sizeof(float));
    for (int k = 1; k < 3; k++)
        for (int i = 0; i < AREA; i++) {
            int h = spots[k].origin[1] + i / PATCH, w = spots[k].origin[2] + i % PATCH;
            assert_true(images[1][k * AREA + i] == (float)(h * 24 + w));
        }
    prepared_free(&p);
}

/* Slice by slice with neighbours: as if these were channels of the image. */
static void neighbours_are_as_channels(void **state)
{
    (void)state;
    for (int d = 1; d < 7; d++) {
        struct prepared p = make_case(2, d, 20, 24, 0), shifted = make_case(6, d, 20, 24, 0);
        struct sampler s = make_sampler(&p, 1);
        for (int i = 0; i < 2 * d * 480; i++) p.image[i] = (float)(i * 7919 % 1009) / 100;
        for (int i = 0; i < 6 * d * 480; i++) {
            int c = i / (d * 480), z = i / 480 % d + c % 3 - 1;
            z = z < 0 ? 0 : z == d ? d - 1 : z;
            shifted.image[i] = p.image[(c / 3 * d + z) * 480 + i % 480];
        }
        for (int changed = 0; changed < 2; changed++) {
            if (changed)
                s.augment = (struct augment_options){.mirror = {false, true, true},
                    .rotate_plane = 1,
                    .rotate_probability = 1,
                    .scale = .2,
                    .scale_probability = 1,
                    .elastic = .5,
                    .noise = .5,
                    .blur = .5,
                    .brightness = .5,
                    .contrast = .5,
                    .low_resolution = .5,
                    .gamma = .5,
                    .cutout = .3};
            for (int64_t step = 0; step < 20; step++) {
                s.cases = &p;
                s.augment.slices = 3;
                draw(&s, step, maps[0], labels[0], NULL);
                s.cases = &shifted;
                s.augment.slices = 0;
                draw(&s, step, maps[1], labels[1], NULL);
                for (int i = 0; i < 6 * BATCH * AREA; i++)
                    assert_true(fabsf(maps[0][i] - maps[1][i]) <= (changed ? 1e-3f : 0));
                assert_memory_equal(labels[0], labels[1], sizeof labels[0]);
            }
        }
        prepared_free(&p);
        prepared_free(&shifted);
    }
}

/* Where all patches of a batch are cut from one place, each is still changed in its own way. */
static void each_patch_is_changed_by_itself(void **state)
{
    (void)state;
    struct prepared p = make_case(1, 1, PATCH, PATCH, 0);
    for (int i = 0; i < AREA; i++) p.image[i] = (float)i;
    struct sampler s = make_sampler(&p, 1);
    s.augment = (struct augment_options){.jitter = 1};
    draw(&s, 5, images[0], labels[0], NULL);
    draw(&s, 6, images[1], labels[1], NULL);
    for (int k = 1; k < BATCH; k++)
        assert_memory_not_equal(images[0], images[0] + k * AREA, AREA * sizeof(float));
    assert_memory_not_equal(images[0], images[1], AREA * sizeof(float));
    prepared_free(&p);
}

static void any_number_of_threads_draws_the_same(void **state)
{
    (void)state;
    struct prepared p[2] = {make_case(1, 1, 40, 40, 1), make_case(1, 1, 9, 11, 2)};
    struct sampler s = make_sampler(p, 2);
    s.augment = (struct augment_options){.mirror = {true, true, true},
        .rotate_plane = .3,
        .rotate_probability = .5,
        .scale = .2,
        .scale_probability = .5,
        .jitter = 1};
    for (int threads = 1; threads <= 4; threads++) {
        struct pool *pool = pool_create(threads);
        assert_non_null(pool);
        for (int step = 0; step < 50; step++) {
            draw(&s, step, images[0], labels[0], NULL);
            draw(&s, step, images[1], labels[1], pool);
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
        draw(s, step, images[0], labels[0], NULL);
        for (int k = 0; k < BATCH; k++)
            n += labels[0][k * AREA + PATCH / 2 * PATCH + PATCH / 2] == class;
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
        if (off > 3 * deviation + 1)
            fail_msg("share %g: %g patches too many or too few", shares[k], off);
    }
    prepared_free(&p);
}

/* One voxel of class 1, hundreds of class 2: each is drawn for half of the patches. */
static void rare_classes_count_as_much_as_common_ones(void **state)
{
    (void)state;
    int marks[301][2] = {{30 * 80 + 30, 1}};
    for (int i = 1; i <= 300; i++)
        marks[i][0] = 50 * 80 + 3 + (i - 1) / 70 * 80 + (i - 1) % 70, marks[i][1] = 2;
    struct prepared p = make_labelled(1, 80, 80, (const int(*)[2])marks, 301);
    struct sampler s = make_sampler(&p, 1);
    s.foreground = 1;
    int n = STEPS * BATCH, ones = centred(&s, 1);
    assert_in_range(ones, n / 2 - 60, n / 2 + 60);
    assert_int_equal(centred(&s, 2), n - ones);
    prepared_free(&p);
}

/* Foreground at the edge: the patch stays inside, as does every other patch of an image that is
 * large enough. */
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
            draw(&s, step, images[0], labels[0], NULL);
            for (int i = 0; i < BATCH * AREA; i++)
                assert_int_not_equal(labels[0][i], LABELLING_IGNORE);
            for (int b = 0; k == 1 && b < BATCH; b++)
                corners += labels[0][b * AREA] == 1 || labels[0][b * AREA + AREA - 1] == 2;
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
        draw(&s, step, images[0], labels[0], NULL);
        for (int k = 0; k < BATCH; k++) {
            int corner = (int)images[0][k * AREA];
            count[corner / (PATCH + 4)][corner % (PATCH + 4)]++;
        }
    }
    for (int i = 0; i < 15; i++)
        assert_in_range(count[i / 5][i % 5], STEPS * BATCH / 15 - 40, STEPS * BATCH / 15 + 40);
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
    draw(&s, 0, pair, labels[0], NULL);
    for (int k = 0; k < BATCH; k++)
        for (int i = 0; i < AREA; i++) {
            int h = i / PATCH - 1, w = i % PATCH - 1;
            bool inside = h >= 0 && h < 3 && w >= 0 && w < 4;
            assert_int_equal(labels[0][k * AREA + i], inside ? 0 : LABELLING_IGNORE);
            for (int c = 0; c < 2; c++)
                assert_true(
                    pair[(2 * k + c) * AREA + i] == (inside ? (float)(1 + 12 * c + 4 * h + w) : 0));
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
    for (int i = 0; i < 3; i++) s.augment.mirror[i] = true;
    s.dims = 3;
    s.patch[0] = 4;
    s.patch[1] = 12;
    s.patch[2] = 6;
    enum { VOLUME = 4 * 12 * 6 };
    static float volume[BATCH * VOLUME];
    static uint8_t target[BATCH * VOLUME];
    int foreground = 0, ignored = 0;
    for (int step = 0; step < 50; step++) {
        draw(&s, step, volume, target, NULL);
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

/* ---- which foreground */

/* Where the patches of many steps lie: the case, and in a patch of one voxel the voxel itself. */
struct tally {
    int cases[8], voxels[8][1600];
};

static void count_places(struct sampler s, struct tally *t)
{
    *t = (struct tally){.cases = {0}};
    for (int i = 0; i < 3; i++) s.patch[i] = 1;
    OK(sampler_begin(&s, &e));
    for (int step = 0; step < STEPS; step++)
        for (int k = 0; k < BATCH; k++) {
            int origin[3], chosen = sampler_place(&s, step, k, origin);
            const int *size = s.cases[chosen].size;
            t->cases[chosen]++;
            t->voxels[chosen][(origin[0] * size[1] + origin[1]) * size[2] + origin[2]]++;
        }
    sampler_end(&s);
}

/* A count of n draws with probability p. */
static void about(int count, double p)
{
    double n = STEPS * BATCH, off = fabs(count - p * n);
    if (off > 4 * sqrt(p * (1 - p) * n)) fail_msg("%d of %g, not a share of %g", count, n, p);
}

/* Class 1 in one of five cases, class 2 in four; the fifth has none. Half of the foreground goes to
 * either class. */
static void a_class_is_drawn_first_then_its_case(void **state)
{
    (void)state;
    static const int both[][2] = {{5, 1}, {100, 2}}, other[][2] = {{100, 2}};
    struct prepared p[5];
    struct tally t;
    p[0] = make_labelled(1, 20, 20, both, 2);
    for (int i = 1; i < 4; i++) p[i] = make_labelled(1, 20, 20, other, 1);
    p[4] = make_case(1, 1, 20, 20, 0);
    struct sampler s = make_sampler(p, 5);
    s.foreground = .6;
    count_places(s, &t);
    about(t.cases[0], .6 * (.5 + .5 / 4) + .4 / 5);
    for (int i = 1; i < 4; i++) about(t.cases[i], .6 * .5 / 4 + .4 / 5);
    about(t.cases[4], .4 / 5); /* background is seen, too */
    about(t.voxels[0][5], .6 * .5 + .4 / 5 / 400);
    s.foreground = 1;
    count_places(s, &t);
    about(t.voxels[0][5], .5);
    assert_int_equal(t.cases[4], 0);
    s.foreground = 0;
    count_places(s, &t);
    for (int i = 0; i < 5; i++) about(t.cases[i], .2);
    for (int i = 0; i < 5; i++) prepared_free(&p[i]);
}

/* One voxel beside an object of 300: a quarter of the patches, where a voxel for a voxel would make
 * it one in 301. */
static void small_objects_are_not_missed(void **state)
{
    (void)state;
    int marks[301][2] = {{1599, 2}};
    for (int i = 1; i <= 300; i++) marks[i][0] = i - 1, marks[i][1] = 2;
    struct prepared p = make_labelled(1, 40, 40, (const int(*)[2])marks, 301);
    struct sampler s = make_sampler(&p, 1);
    struct tally t;
    s.foreground = 1;
    count_places(s, &t);
    about(t.voxels[0][1599], .5 / 2 + .5 / 301);
    for (int i = 300; i < 1599; i++) assert_int_equal(t.voxels[0][i], 0);
    for (int k = 0; k < 3; k++) { /* every part of the large one alike */
        int third = 0;
        for (int i = 100 * k; i < 100 * (k + 1); i++) third += t.voxels[0][i];
        about(third, (.5 / 2 + .5 * 300 / 301) / 3);
    }
    prepared_free(&p);
}

/* No case has any foreground, and "ignore" is none; what it marks is no place to centre a patch on.
 */
static void sets_without_foreground_are_drawn_anywhere(void **state)
{
    (void)state;
    static const int ignored[][2] = {{7, LABELLING_IGNORE}};
    struct prepared p[2] = {make_labelled(1, 20, 20, ignored, 1), make_case(1, 1, 20, 20, 0)};
    struct sampler s = make_sampler(p, 2);
    struct tally t;
    s.foreground = 1;
    count_places(s, &t);
    for (int i = 0; i < 2; i++) about(t.cases[i], .5);
    assert_int_equal(t.voxels[0][7], 0);
    for (int i = 0; i < 2; i++) prepared_free(&p[i]);
}

/* A scribble of 3 voxels of class 1 and 5 of background in 400: every patch is on one of them, or
 * on the class. */
static void patches_lie_where_something_is_labelled(void **state)
{
    (void)state;
    int marks[400][2];
    for (int i = 0; i < 400; i++) {
        const bool labelled = i >= 200 && i < 208;
        marks[i][0] = i;
        marks[i][1] = !labelled ? LABELLING_IGNORE : i < 203;
    }
    struct prepared p = make_labelled(1, 20, 20, (const int(*)[2])marks, 400);
    struct sampler s = make_sampler(&p, 1);
    struct tally t;
    s.foreground = .4;
    count_places(s, &t);
    for (int i = 0; i < 400; i++) {
        if (i < 200 || i >= 208) assert_int_equal(t.voxels[0][i], 0);
        if (i >= 200 && i < 208) about(t.voxels[0][i], .6 / 8 + (i < 203 ? .4 / 3 : 0));
    }
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
        draw(&s, step, images[0], labels[0], NULL);
        for (int k = 0; k < BATCH; k++) count[(int)images[0][k * AREA]]++;
    }
    for (int i = 0; i < 3; i++)
        assert_in_range(count[i], STEPS * BATCH / 3 - 60, STEPS * BATCH / 3 + 60);
    for (int i = 0; i < 3; i++) prepared_free(&p[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_a_function_of_seed_and_step),
        cmocka_unit_test(the_caller_may_choose_places),
        cmocka_unit_test(neighbours_are_as_channels),
        cmocka_unit_test(each_patch_is_changed_by_itself),
        cmocka_unit_test(any_number_of_threads_draws_the_same),
        cmocka_unit_test(as_much_foreground_as_asked),
        cmocka_unit_test(rare_classes_count_as_much_as_common_ones),
        cmocka_unit_test(patches_stay_inside),
        cmocka_unit_test(random_patches_reach_everywhere),
        cmocka_unit_test(small_images_lie_in_the_middle),
        cmocka_unit_test(labels_lie_on_their_images),
        cmocka_unit_test(patches_lie_where_something_is_labelled),
        cmocka_unit_test(all_cases_are_drawn),
        cmocka_unit_test(a_class_is_drawn_first_then_its_case),
        cmocka_unit_test(small_objects_are_not_missed),
        cmocka_unit_test(sets_without_foreground_are_drawn_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
