/* SPDX-License-Identifier: Apache-2.0 */
/* A patch out of the part of an image that augment_box names is the patch out of the whole image,
 * whatever happens to it. */
#include "unit/dataset/dataset_test.h"

#include "unit/image/augment_test.h"

enum { CHANNELS = 2, TURNS = 300 };

static float image[CHANNELS * 30 * 40 * 50], part[CHANNELS * 30 * 40 * 50],
    patches[2][CHANNELS * 16 * 16 * 16]; /* also five slices of 16 * 16 */
static uint8_t classes[30 * 40 * 50], part_classes[30 * 40 * 50], labels[2][16 * 16 * 16];

static void cut_part(const int size[3], const struct box *b)
{
    size_t k = 0, voxels = image_voxels(size), count = box_voxels(b);
    for (size_t i = 0; i < count; i++, k++) {
        size_t from = box_voxel(b, size, i);
        for (size_t c = 0; c < CHANNELS; c++) part[c * count + k] = image[c * voxels + from];
        part_classes[k] = classes[from];
    }
}

static void compare(
    const int size[3], const int patch[3], const struct augment_options *o, const float spacing[3])
{
    struct augment_work *w;
    int max[3];
    size_t area = image_voxels(patch), min_int = 0;
    OK(augment_work_create(o, 1, CHANNELS, patch, NULL, &w, &e));
    augment_box_max(o, patch, spacing, size, max);
    for (uint32_t turn = 0; turn < TURNS; turn++) {
        struct augment_job j = {.source = {image, classes, CHANNELS, {size[0], size[1], size[2]}},
            .out = patches[0],
            .labels = labels[0]};
        struct rng r = rng_stream(3, RNG_TEST, turn, 0);
        struct box b;
        augment_draw(o, 5, turn, 0, &j.a);
        for (int i = 0; i < 3; i++)
            j.origin[i] = (int)rng_below(&r, (uint32_t)(size[i] + patch[i] / 2)) - patch[i] / 2;
        augment_box(&j.a, patch, j.origin, size, &b);
        for (int i = 0; i < 3; i++) {
            assert_true(b.from[i] >= 0 && b.size[i] >= 1 && b.from[i] + b.size[i] <= size[i]);
            assert_true(b.size[i] <= max[i]);
        }
        min_int += box_voxels(&b) < image_voxels(size);
        augment_run(w, &j, 1, OUTSIDE, NULL);
        cut_part(size, &b);
        j.source.image = part;
        j.source.classes = part_classes;
        j.part = b;
        j.out = patches[1];
        j.labels = labels[1];
        augment_run(w, &j, 1, OUTSIDE, NULL);
        assert_memory_equal(
            patches[0], patches[1], CHANNELS * (size_t)augment_slices(o) * area * sizeof(float));
        assert_memory_equal(labels[0], labels[1], area);
    }
    assert_true(min_int > TURNS / 2);
    augment_work_destroy(w);
}

static int fill(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < sizeof image / sizeof *image; i++)
        image[i] = (float)(augment_number(i) % 1000);
    for (uint32_t i = 0; i < sizeof classes; i++) classes[i] = (uint8_t)(augment_number(i / 5) % 4);
    return 0;
}

static struct augment_options all_changes(void)
{
    return (struct augment_options){.mirror = {true, true, true},
        .rotate = .5,
        .rotate_probability = .6,
        .scale = .4,
        .scale_probability = .6,
        .scale_axes = .3,
        .elastic = .3,
        .through = -1};
}

static void volumes(void **state)
{
    (void)state;
    struct augment_options o = all_changes();
    compare((const int[]){30, 40, 50}, (const int[]){8, 9, 10}, &o, (const float[]){0, 0, 0});
    o.spacing[0] = 2.5;
    o.spacing[1] = o.spacing[2] = 1;
    compare((const int[]){30, 40, 50}, (const int[]){5, 10, 12}, &o, (const float[]){2.5f, 1, 1});
}

static void slices(void **state)
{
    (void)state;
    struct augment_options o = all_changes();
    o.through = 0;
    o.rotate_plane = 3;
    compare((const int[]){1, 40, 50}, (const int[]){1, 12, 14}, &o, (const float[]){0, 0, 0});
    for (int depth = 1; depth < 8; depth += 2) { /* with neighbours */
        o.slices = 5;
        compare(
            (const int[]){depth, 40, 50}, (const int[]){1, 12, 14}, &o, (const float[]){0, 0, 0});
    }
}

static void copies(void **state)
{
    (void)state;
    const struct augment_options o = {.mirror = {true, true, true}, .through = -1};
    compare((const int[]){30, 40, 50}, (const int[]){7, 16, 12}, &o, (const float[]){0, 0, 0});
    compare((const int[]){1, 40, 50}, (const int[]){1, 16, 16}, &o, (const float[]){0, 0, 0});
    struct augment_options around = o;
    around.slices = 3;
    compare((const int[]){6, 40, 50}, (const int[]){1, 16, 16}, &around, (const float[]){0, 0, 0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes), cmocka_unit_test(slices), cmocka_unit_test(copies)};
    return cmocka_run_group_tests(tests, fill, NULL);
}
