/* SPDX-License-Identifier: Apache-2.0 */
/* Logits on their way back, part by part: bit for bit what the whole would be, from no more than
 * what is said to be needed. */
#include <math.h>

#include "base/rng.h"
#include "model/prepare.h"
#include "unit/dataset/dataset_test.h"

static const struct setting {
    const char *name;
    struct preparation prep;
    int size[3];
    float own[3];
} settings[] = {
    {"as it is", {.channels = 1}, {5, 6, 7}, {1, 1, 1}},
    {"finer", {.channels = 1, .spacing = {.6f, .7f, .45f}}, {7, 9, 8}, {1, 1, 1}},
    {"coarser", {.channels = 1, .spacing = {1.7f, 2, 2.9f}}, {13, 17, 19}, {1, 1, 1}},
    {"one axis", {.channels = 1, .spacing = {0, 1.4f, 0}}, {5, 9, 8}, {1, 1, 1}},
    {"thick slices", {.channels = 1, .spacing = {2, 1, 1}}, {6, 9, 8}, {5, .7f, 1.3f}},
    {"a larger size", {.channels = 1, .resize = {9, 21, 20}}, {5, 12, 13}, {1, 1, 1}},
    {"a smaller size", {.channels = 1, .resize = {3, 5, 6}}, {11, 16, 25}, {1, 1, 1}},
    {"2D", {.channels = 1, .resize = {1, 8, 31}}, {4, 16, 9}, {1, 1, 1}},
    {"blocks", {.channels = 1, .shrink = {2, 3, 4}}, {7, 10, 15}, {1, 1, 1}},
    {"blocks of a spacing", {.channels = 1, .shrink = {2, 1, 3}, .spacing = {.5f, 2, 1.3f}},
        {6, 10, 15}, {1, 1, 1}},
};

/* An image that is 0 in its outer voxels, so that settings with a spacing crop it. */
static struct image make_image(const struct setting *s)
{
    struct image m = {
        .channels = 1, .size = {s->size[0], s->size[1], s->size[2]}, .geometry = {.valid = true}};
    memcpy(m.geometry.spacing, s->own, sizeof s->own);
    m.data = mem_array(image_voxels(m.size), sizeof *m.data);
    for (int d = 1; d < m.size[0]; d++)
        for (int h = 0; h < m.size[1]; h++)
            for (int w = 0; w < m.size[2] - 1; w++)
                m.data[(d * m.size[1] + h) * m.size[2] + w] = (float)(1 + d + h * w);
    return m;
}

/* Takes from x what is said to be needed for `want`, and not a number in its place where `have` is
 * larger by a rim. */
static void check_part(const struct setting *s, const struct placed *w, const float *x,
    const float *wanted, const struct box *want, int rim)
{
    struct box have, needs;
    for (int i = 0; i < 3; i++) {
        int end;
        prepare_back_needs(w, i, want->from[i], want->size[i], &needs.from[i], &end);
        assert_true(needs.from[i] >= 0 && end <= w->size[i] && end > needs.from[i]);
        needs.size[i] = end - needs.from[i];
        have.from[i] = needs.from[i] - rim;
        have.size[i] = needs.size[i] + 2 * rim;
    }
    float *part = mem_array(box_voxels(&have), sizeof *part),
          *y = mem_array(box_voxels(want), sizeof *y);
    for (size_t i = 0; i < box_voxels(&have); i++) part[i] = NAN;
    for (int d = 0; d < needs.size[0]; d++)
        for (int h = 0; h < needs.size[1]; h++)
            memcpy(part +
                    ((size_t)(d + rim) * (size_t)have.size[1] + (size_t)(h + rim)) *
                        (size_t)have.size[2] +
                    (size_t)rim,
                x + box_row(&needs, w->size, d, h), (size_t)needs.size[2] * sizeof *x);
    OK(prepare_back_part(w, part, &have, y, want, NULL, &e));
    for (size_t i = 0; i < box_voxels(want); i++)
        if (memcmp(&y[i], &wanted[box_voxel(want, w->crop.size, i)], sizeof *y) != 0)
            fail_msg("%s: voxel %zu differs", s->name, i);
    mem_free(part);
    mem_free(y);
}

static void parts_are_what_the_whole_is(void **state)
{
    (void)state;
    struct rng r = rng_stream(5, RNG_TEST, 0, 0);
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++) {
        struct setting s = settings[k];
        struct placed w;
        struct image m = make_image(&s);
        s.prep.normalise[0].scheme = NORMALISE_NONE;
        OK(prepare_image(&s.prep, &m, NULL, &w, &e));
        const struct box whole = box_whole(w.size), all = box_whole(w.crop.size);
        float *x = mem_array(box_voxels(&whole), sizeof *x),
              *y = mem_array(box_voxels(&all), sizeof *y);
        for (size_t i = 0; i < box_voxels(&whole); i++) x[i] = (float)rng_below(&r, 1000) / 7;
        OK(prepare_back_part(&w, x, &whole, y, &all, NULL, &e));
        for (int n = 0; n < 60; n++) {
            struct box want;
            for (int i = 0; i < 3; i++) {
                want.from[i] = (int)rng_below(&r, (unsigned)w.crop.size[i]);
                want.size[i] = 1 + (int)rng_below(&r, (unsigned)(w.crop.size[i] - want.from[i]));
            }
            check_part(&s, &w, x, y, &want, n % 3);
        }
        mem_free(x);
        mem_free(y);
        image_free(&m);
    }
}

/* The way back of one whole channel is that of its parts, with what lies around it. */
static void the_whole_has_its_surroundings(void **state)
{
    (void)state;
    struct setting s = settings[1];
    struct placed w;
    struct image m = make_image(&s);
    s.prep.normalise[0].scheme = NORMALISE_NONE;
    OK(prepare_image(&s.prep, &m, NULL, &w, &e));
    const struct box whole = box_whole(w.size), all = box_whole(w.crop.size);
    assert_true(box_voxels(&all) < image_voxels(w.whole));
    float *x = mem_array(box_voxels(&whole), sizeof *x),
          *part = mem_array(box_voxels(&all), sizeof *part);
    float *y = mem_array(image_voxels(w.whole), sizeof *y);
    for (size_t i = 0; i < box_voxels(&whole); i++) x[i] = (float)(i % 101);
    OK(prepare_back_part(&w, x, &whole, part, &all, NULL, &e));
    OK(prepare_back(&w, x, 1, (float[]){-7}, y, NULL, &e));
    size_t inside = 0;
    for (size_t i = 0; i < box_voxels(&all); i++)
        inside += y[box_voxel(&w.crop, w.whole, i)] == part[i];
    assert_int_equal(inside, box_voxels(&all));
    assert_true(y[0] == -7 && y[image_voxels(w.whole) - 1] == -7);
    mem_free(x);
    mem_free(part);
    mem_free(y);
    image_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_what_the_whole_is),
        cmocka_unit_test(the_whole_has_its_surroundings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
