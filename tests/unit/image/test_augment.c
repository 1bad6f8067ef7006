/* SPDX-License-Identifier: Apache-2.0 */
/* Batches: the same bits whoever does the work, and patches that know nothing of each other. */
#include "unit/image/augment_test.h"

enum { BATCH = 3, CHANNELS = 2, MOST = 20 * 60 * 40 };

static const struct {
    int image[3], patch[3];
} shapes[] = {
    {{22, 64, 44}, {20, 60, 40}}, {{1, 200, 150}, {1, 180, 160}}, {{8, 9, 70}, {12, 9, 50}}};

static float image[CHANNELS * 22 * 64 * 44], out[3][BATCH * CHANNELS * MOST];
static uint8_t classes[22 * 64 * 44], labels[3][BATCH * MOST];

static int fill(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < CHANNELS * 22 * 64 * 44; i++)
        image[i] = (float)(augment_number(i) / 1e9 - 2);
    for (uint32_t i = 0; i < 22 * 64 * 44; i++) classes[i] = (uint8_t)(i / 5 % 3);
    return 0;
}

static void make_jobs(int shape, uint32_t step, struct augment_job jobs[BATCH])
{
    const int *size = shapes[shape].image, *patch = shapes[shape].patch;
    struct augment_options o = {.mirror = {true, true, true},
        .through = size[0] == 1 ? 0 : -1,
        .rotate = .5,
        .rotate_plane = 3,
        .rotate_probability = .5,
        .scale = .4,
        .scale_probability = .5,
        .elastic = .5,
        .jitter = .5,
        .noise = .5,
        .blur = .5,
        .brightness = .5,
        .contrast = .5,
        .low_resolution = .5,
        .gamma = .7,
        .cutout = .5};
    for (int i = 0; i < BATCH; i++) {
        jobs[i] =
            (struct augment_job){.source = {image, classes, CHANNELS, {size[0], size[1], size[2]}}};
        for (int k = 0; k < 3; k++) jobs[i].origin[k] = (size[k] - patch[k]) / 2;
        augment_draw(&o, 11, step, (uint32_t)i, &jobs[i].a);
    }
}

static void run(int shape, uint32_t step, int which, struct augment_work *w, struct pool *pool)
{
    struct augment_job jobs[BATCH];
    size_t area = image_voxels(shapes[shape].patch);
    make_jobs(shape, step, jobs);
    for (int i = 0; i < BATCH; i++) {
        jobs[i].out = out[which] + (size_t)i * CHANNELS * area;
        jobs[i].labels = labels[which] + (size_t)i * area;
    }
    augment_run(w, jobs, BATCH, OUTSIDE, pool);
}

/* Memory that was used for another batch before must not matter either. */
static void any_number_of_threads_does_the_same(void **state)
{
    (void)state;
    for (int shape = 0; shape < COUNT(shapes); shape++) {
        struct augment_work *alone, *shared;
        const int *patch = shapes[shape].patch;
        size_t samples = image_voxels(patch) * CHANNELS * BATCH;
        OK(augment_work_create(&smoothing, BATCH, CHANNELS, patch, NULL, &alone, &e));
        for (int threads = 2; threads <= 4; threads++) {
            struct pool *pool = pool_create(threads);
            assert_non_null(pool);
            OK(augment_work_create(&smoothing, BATCH, CHANNELS, patch, pool, &shared, &e));
            for (uint32_t step = 0; step < 12; step++) {
                run(shape, step, 0, alone, NULL);
                run(shape, step, 1, shared, pool);
                assert_memory_equal(out[0], out[1], samples * sizeof(float));
                assert_memory_equal(labels[0], labels[1], image_voxels(patch) * BATCH);
            }
            augment_work_destroy(shared);
            pool_destroy(pool);
        }
        augment_work_destroy(alone);
    }
}

static void patches_do_not_know_each_other(void **state)
{
    (void)state;
    for (int shape = 0; shape < COUNT(shapes); shape++) {
        struct augment_work *batch, *single;
        const int *patch = shapes[shape].patch;
        size_t area = image_voxels(patch);
        OK(augment_work_create(&smoothing, BATCH, CHANNELS, patch, NULL, &batch, &e));
        OK(augment_work_create(&smoothing, 1, CHANNELS, patch, NULL, &single, &e));
        for (uint32_t step = 0; step < 6; step++) {
            run(shape, step, 0, batch, NULL);
            for (int i = 0; i < BATCH; i++) {
                struct augment_job jobs[BATCH];
                make_jobs(shape, step, jobs);
                jobs[i].out = out[1];
                jobs[i].labels = labels[1];
                augment_run(single, &jobs[i], 1, OUTSIDE, NULL);
                assert_memory_equal(
                    out[1], out[0] + (size_t)i * CHANNELS * area, CHANNELS * area * sizeof(float));
                assert_memory_equal(labels[1], labels[0] + (size_t)i * area, area);
            }
        }
        augment_work_destroy(batch);
        augment_work_destroy(single);
    }
}

static size_t bytes_for(const struct augment_options *o)
{
    struct augment_work *w;
    const int patch[3] = {4, 30, 30};
    OK(augment_work_create(o, 1, 1, patch, NULL, &w, &e));
    const size_t bytes = augment_work_bytes(w);
    augment_work_destroy(w);
    return bytes;
}

/* Without blur and low resolution no second copy of the batch is kept, and nothing else changes. */
static void only_filters_need_room(void **state)
{
    (void)state;
    struct augment_options o = {.noise = .1, .gamma = .5};
    const size_t min = bytes_for(&o);
    o.blur = .1;
    assert_int_equal(bytes_for(&o), min + 3600 * sizeof(float));
    o.blur = 0;
    o.low_resolution = .1;
    assert_int_equal(bytes_for(&o), min + 3600 * sizeof(float));
    o.low_resolution = 0;
    struct augment_work *w;
    struct augment_job j = {
        .source = {image, classes, 1, {4, 30, 30}}, .out = out[0], .labels = labels[0]};
    const int patch[3] = {4, 30, 30};
    struct augment with = nothing();
    with.gamma[0] = 1.4f;
    j.a = with;
    OK(augment_work_create(&o, 1, 1, patch, NULL, &w, &e));
    augment_run(w, &j, 1, OUTSIDE, NULL);
    augment_work_destroy(w);
    cut(&j.source, j.origin, patch, &with, out[1], labels[1]);
    assert_memory_equal(out[0], out[1], 3600 * sizeof(float));
    augment_work_destroy(NULL);
}

/* What lies outside the mask is 0 in every patch, whatever happens to samples, and what is inside
 * does not know of it. */
static void outside_a_mask_stays_empty(void **state)
{
    static float masked[2 * 3600];
    (void)state;
    struct augment_options o = {.masked = true, .blur = 1};
    struct augment_work *w, *without;
    const int patch[3] = {4, 30, 30};
    struct augment_job j = {
        .source = {masked, classes, 2, {4, 30, 30}}, .a = nothing(), .labels = labels[0]};
    for (int c = 0; c < 2;
         c++) /* one half is outside in both channels, a quarter in the first alone */
        for (int i = 0; i < 3600; i++)
            masked[c * 3600 + i] =
                i % 30 < 15 || (c == 0 && i % 30 < 22) ? 0 : (float)(i % 7) - 3.5f;
    j.a.noise = .1f;
    j.a.offset = .5f;
    j.a.blur[0][0] = j.a.blur[0][1] = j.a.blur[0][2] = 1;
    j.a.contrast[1] = j.a.gamma[1] = 1.2f;
    j.a.boxes = 1;
    j.a.box_side[0][0] = j.a.box_side[0][1] = j.a.box_side[0][2] = .4;
    OK(augment_work_create(&o, 1, 2, patch, NULL, &w, &e));
    OK(augment_work_create(&smoothing, 1, 2, patch, NULL, &without, &e));
    assert_int_equal(augment_work_bytes(w), augment_work_bytes(without) + 3600);
    j.out = out[0];
    augment_run(w, &j, 1, OUTSIDE, NULL);
    j.out = out[1];
    augment_run(without, &j, 1, OUTSIDE, NULL);
    int changed = 0;
    for (int i = 0; i < 2 * 3600; i++) {
        const bool outside = i % 30 < 15;
        assert_true(outside ? out[0][i] == 0 && !signbit(out[0][i]) : out[0][i] == out[1][i]);
        changed += outside && out[1][i] != 0;
    }
    assert_true(changed > 3000);
    augment_work_destroy(w);
    augment_work_destroy(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_does_the_same),
        cmocka_unit_test(patches_do_not_know_each_other),
        cmocka_unit_test(only_filters_need_room),
        cmocka_unit_test(outside_a_mask_stays_empty),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
