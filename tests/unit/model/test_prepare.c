/* SPDX-License-Identifier: Apache-2.0 */
/* Images on their way into a network: normalised channel by channel, brought to the grid that the
 * model asks for. */
#include "model/prepare.h"

#include <limits.h>
#include <math.h>

#include "base/rng.h"
#include "image/resample.h"
#include "unit/dataset/dataset_test.h"

static struct image make_image(int channels, int d, int h, int w)
{
    struct image m = {.channels = channels, .size = {d, h, w}};
    m.data = mem_array(image_voxels(m.size), (size_t)channels * sizeof *m.data);
    for (int i = 0; i < 3; i++) {
        m.geometry.spacing[i] = (float)(1 + i);
        m.geometry.affine[i][i] = 1 + i;
    }
    for (size_t i = 0; i < image_voxels(m.size) * (size_t)channels; i++) m.data[i] = (float)i;
    return m;
}

static void the_grid_is_the_image_s_own_or_the_model_s(void **state)
{
    (void)state;
    static const struct {
        int resize[3], wanted[3];
    } list[] = {
        {{0, 0, 0}, {7, 20, 30}}, {{4, 16, 24}, {4, 16, 24}},
        {{1, 16, 24}, {7, 16, 24}}, /* in the plane only: slices stay as many as they are */
    };
    for (int k = 0; k < COUNT(list); k++) {
        struct preparation p = {.channels = 1};
        struct image m = make_image(1, 7, 20, 30);
        struct placed where;
        memcpy(p.resize, list[k].resize, sizeof p.resize);
        OK(prepare_image(&p, &m, NULL, &where, &e));
        assert_memory_equal(m.size, list[k].wanted, sizeof m.size);
        assert_memory_equal(where.size, list[k].wanted, sizeof m.size);
        assert_int_equal(prepare_moves(&where), k > 0);
        image_free(&m);
    }
}

/* Channels have schemes of their own; without resizing nothing is allocated, and the geometry is
 * left alone. */
static void channels_are_normalised_each_in_its_way(void **state)
{
    (void)state;
    struct image m = make_image(3, 1, 2, 2);
    float *data = m.data;
    struct geometry before = m.geometry;
    struct preparation p = {.channels = 3};
    p.normalise[0].scheme = NORMALISE_ZSCORE;
    p.normalise[1] = (struct normalise){NORMALISE_CT, 5, 6, 4, 2};
    p.normalise[2].scheme = NORMALISE_NONE;
    OK(prepare_image(&p, &m, NULL, NULL, &e));
    /* 0..3: mean 1.5, deviation sqrt(1.25); 4..7 cut to 5..6, less 4, halved. */
    static const double wanted[] = {
        -1.3416407865, -.4472135955, .4472135955, 1.3416407865, .5, .5, 1, 1, 8, 9, 10, 11};
    assert_true(m.data == data);
    for (int i = 0; i < 12; i++) assert_true(fabs((double)m.data[i] - wanted[i]) < 1e-6);
    assert_memory_equal(&m.geometry, &before, sizeof before);
    image_free(&m);
}

/* Normalised first, then resized: statistics are those of the samples in the file. */
static void resized_after_normalising(void **state)
{
    (void)state;
    struct image m = make_image(2, 2, 1, 4);
    struct preparation p = {.channels = 2, .resize = {2, 1, 8}};
    p.normalise[0].scheme = NORMALISE_NONE;
    p.normalise[1].scheme = NORMALISE_MINMAX01;
    OK(prepare_image(&p, &m, NULL, NULL, &e));
    assert_true(m.size[0] == 2 && m.size[1] == 1 && m.size[2] == 8);
    /* Places -1/4 (clamped), 1/4, 3/4, ..., 3 (clamped) of 0..3. */
    static const double line[] = {0, .25, .75, 1.25, 1.75, 2.25, 2.75, 3};
    for (int c = 0; c < 2; c++)
        for (int d = 0; d < 2; d++)
            for (int w = 0; w < 8; w++) {
                double wanted = line[w] + 4 * d;
                assert_true(
                    fabs((double)m.data[(c * 2 + d) * 8 + w] - (c ? wanted / 7 : wanted)) < 1e-6);
            }
    image_free(&m);
}

static void slices_stay_slices(void **state)
{
    (void)state;
    struct image m = make_image(1, 3, 2, 2);
    for (int i = 0; i < 12; i++) m.data[i] = (float)(i / 4); /* every slice has one value */
    struct preparation p = {.channels = 1, .resize = {1, 4, 6}};
    p.normalise[0].scheme = NORMALISE_NONE;
    OK(prepare_image(&p, &m, NULL, NULL, &e));
    assert_true(m.size[0] == 3 && m.size[1] == 4 && m.size[2] == 6);
    for (int i = 0; i < 3 * 24; i++) assert_true(m.data[i] == (float)(i / 24));
    image_free(&m);
}

static void any_number_of_threads_prepares_the_same(void **state)
{
    (void)state;
    struct preparation p = {.channels = 2, .resize = {9, 31, 17}};
    struct image a = make_image(2, 5, 13, 20), b = make_image(2, 5, 13, 20);
    struct pool *pool = pool_create(3);
    OK(prepare_image(&p, &a, NULL, NULL, &e));
    OK(prepare_image(&p, &b, pool, NULL, &e));
    assert_memory_equal(a.data, b.data, 2 * 9 * 31 * 17 * sizeof(float));
    pool_destroy(pool);
    image_free(&a);
    image_free(&b);
}

static void other_channels_are_refused(void **state)
{
    (void)state;
    struct image m = make_image(3, 1, 2, 2);
    struct preparation p = {.channels = 1};
    REFUSED(prepare_image(&p, &m, NULL, NULL, &e), ATT_DATA,
        "the image has 3 channels, but the model was trained on 1");
    image_free(&m);
}

/* ---- another spacing */

static struct image scan(int d, int h, int w, float sd, float sh, float sw)
{
    struct image m = make_image(1, d, h, w);
    struct rng r = rng_stream(4, RNG_TEST, 0, 0);
    m.geometry.valid = true;
    memcpy(m.geometry.spacing, (float[]){sd, sh, sw}, sizeof m.geometry.spacing);
    for (size_t i = 0; i < image_voxels(m.size); i++) m.data[i] = (float)(1 + rng_below(&r, 100));
    return m;
}

static void sizes_are_those_of_nnu_net(void **state)
{
    (void)state;
    assert_int_equal(resample_length(35, 1, 3), 12);
    assert_int_equal(resample_length(5, 1, 2), 2); /* 2.5: to even */
    assert_int_equal(resample_length(7, 1, 2), 4); /* 3.5 */
    assert_int_equal(resample_length(1, 1, 9), 1);
    assert_int_equal(resample_length(1 << 30, 9, 1), INT_MAX);
    assert_int_equal(resample_length(77, 1, 4.4), 18); /* 17.5, as Python divides */
    static const struct {
        double own[3], wanted[3];
        int axis;
    } list[] = {
        {{3, 1, 1}, {1, 1, 1}, -1}, {{3.1, 1, 1}, {1, 1, 1}, 0}, {{1, 1, 1}, {1, 1, 4}, 2},
        {{4, 4, 1}, {1, 1, 1}, -1}, {{1, 5, 1}, {9, 1, 1}, 1},    /* the image's own first */
        {{(double)2.4f, (double).8f, (double).8f}, {1, 1, 1}, 0}, /* of a header */
        {{1, 1, 1}, {2.4, .8, .8}, -1},                           /* of plans */
    };
    for (int k = 0; k < COUNT(list); k++)
        assert_int_equal(resample_thick_axis(list[k].own, list[k].wanted), list[k].axis);
    assert_int_equal(resample_source((int[]){60, 1, 1}, (int[]){11, 1, 1}, 0, 5),
        29); /* between 29 and 30, as numpy computes it just below */
}

/* 17.5 planes, if nothing is rounded to float on the way. */
static void sizes_in_the_middle(void **state)
{
    (void)state;
    const struct image m = {
        .channels = 1, .size = {77, 5, 5}, .geometry = {.valid = true, .spacing = {1, 1, 1}}};
    const struct preparation p = {.channels = 1, .spacing = {4.4, 1, 1}};
    struct placed where;
    OK(prepare_place(&p, &m, &where, &e));
    assert_int_equal(where.size[0], 18);
}

static void brought_to_a_spacing(void **state)
{
    (void)state;
    static const struct {
        double own[3], wanted[3];
        int size[3], thick_axis, thick_back;
    } list[] = {
        {{1, 1, 1}, {1, 1, 1}, {6, 11, 13}, -1, -1},
        {{1, 1, 1}, {.5, .5, .5}, {12, 22, 26}, -1, -1},
        {{2, 1, 1}, {1, 0, 2}, {12, 11, 6}, -1, -1}, /* 0 keeps; 6.5 to even */
        {{5, 1, 1}, {2.5, 1, 2}, {12, 11, 6}, 0, 0}, {{1, 1, 1}, {4, 1, .7}, {2, 11, 19}, 0, 0},
        {{1, 1, 2}, {2, 1, .5}, {3, 11, 52}, 0, 0}, {{1, 1, 4}, {4, 1, 4}, {2, 11, 13}, 2, 2},
        {{1, 1, 4}, {4, 1, 2}, {2, 11, 26}, 2,
            0}, /* on either way the voxels that it begins with are asked first */
    };
    for (int k = 0; k < COUNT(list); k++) {
        struct image m =
            scan(6, 11, 13, (float)list[k].own[0], (float)list[k].own[1], (float)list[k].own[2]);
        struct image wanted = scan(6, 11, 13, 1, 1, 1);
        struct preparation p = {.channels = 1};
        struct placed where;
        float y[12 * 22 * 26];
        p.normalise[0].scheme = NORMALISE_ZSCORE;
        memcpy(p.spacing, list[k].wanted, sizeof p.spacing);
        OK(prepare_image(&p, &m, NULL, &where, &e));
        assert_memory_equal(m.size, list[k].size, sizeof m.size);
        assert_memory_equal(where.size, list[k].size, sizeof m.size);
        assert_int_equal(where.thick_axis, list[k].thick_axis);
        assert_int_equal(where.thick_back, list[k].thick_back);
        assert_int_equal(prepare_moves(&where), k > 0);
        for (int i = 0; i < 3; i++)
            assert_true(
                where.spacing[i] == (list[k].wanted[i] > 0 ? list[k].wanted[i] : list[k].own[i]));
        image_normalise(&wanted, p.normalise, NULL); /* before it is resampled */
        OK(resample_order(wanted.data, 1, wanted.size, y, m.size, 3, list[k].thick_axis, NULL, &e));
        assert_memory_equal(m.data, y, image_voxels(m.size) * sizeof *y);
        image_free(&m);
        image_free(&wanted);
    }
}

/* Boxes and a ball of three classes, with a rim of background. */
static void draw_classes(const int size[3], uint8_t *classes)
{
    for (int d = 0; d < size[0]; d++)
        for (int h = 0; h < size[1]; h++)
            for (int w = 0; w < size[2]; w++) {
                int dh = h - size[1] / 4, dw = w - size[2] / 4;
                uint8_t c = 0;
                if (d > 0 && d < size[0] - 1 && h > size[1] / 2 && w > 1 && w < size[2] - 2)
                    c = w < size[2] / 2 ? 1 : 2;
                if (h < size[1] / 2 && dh * dh + dw * dw < size[1] * size[1] / 20) c = 3;
                *classes++ = c;
            }
}

enum { CLASSES = 4 };

/* Labels to the network's grid, as logits that are certain back to the image's own; returns the
 * share of voxels that came back. */
static double round_trip(
    const struct preparation *p, struct image *m, const uint8_t *classes, struct pool *pool)
{
    static const float outside[CLASSES] = {1, 0, 0, 0};
    struct placed where;
    OK(prepare_image(p, m, pool, &where, &e));
    size_t there = image_voxels(where.size), here = image_voxels(where.whole), same = 0;
    uint8_t *moved = mem_alloc(there);
    float *x = mem_array(there, CLASSES * sizeof *x), *y = mem_array(here, CLASSES * sizeof *y);
    OK(prepare_labels(&where, classes, moved, pool, &e));
    for (size_t i = 0; i < there; i++) x[moved[i] * there + i] = 1;
    OK(prepare_back(&where, x, CLASSES, outside, y, pool, &e));
    for (size_t i = 0; i < here; i++) {
        int best = 0;
        for (int c = 1; c < CLASSES; c++)
            if (y[(size_t)c * here + i] > y[(size_t)best * here + i]) best = c;
        same += best == classes[i];
    }
    mem_free(moved);
    mem_free(x);
    mem_free(y);
    return (double)same / (double)here;
}

static void labels_go_there_and_back(void **state)
{
    (void)state;
    static const struct {
        int size[3];
        float own[3];
        double wanted[3], min;
    } list[] = {
        {{11, 23, 31}, {1, 1, 1}, {1, 1, 1}, 1},
        {{11, 23, 31}, {1, 1, 1}, {.5, .5, .5}, 1},
        {{11, 23, 31}, {3, 1, 1}, {3, .5, .5}, 1},
        {{9, 40, 36}, {5, 1, 1}, {1, 1, 1}, 1},          /* thick slices are repeated */
        {{11, 23, 31}, {1, 1, 1}, {.7, .77, .93}, .985}, /* 16 x 30 x 33 */
        {{17, 40, 37}, {1, 1, 1}, {1, 1.3, 1.4}, .95},   /* coarser: edges suffer */
        {{1, 40, 37}, {1, 1, 1}, {0, .5, .5}, 1},
    };
    struct pool *pool = pool_create(3);
    for (int k = 0; k < COUNT(list); k++) {
        const int *s = list[k].size;
        uint8_t *classes = mem_alloc(image_voxels(s));
        draw_classes(s, classes);
        struct preparation p = {.channels = 1};
        memcpy(p.spacing, list[k].wanted, sizeof p.spacing);
        for (int threads = 0; threads < 2; threads++) {
            struct image m = scan(s[0], s[1], s[2], list[k].own[0], list[k].own[1], list[k].own[2]);
            double share = round_trip(&p, &m, classes, threads ? pool : NULL);
            if (share < list[k].min)
                fail_msg("case %d: %.4f came back, not %.4f", k, share, list[k].min);
            image_free(&m);
        }
        mem_free(classes);
    }
    pool_destroy(pool);
}

/* ---- what is zero around the image */

/* Zero but for a box, with a hole of zeros in it. */
static struct image framed(uint8_t *classes)
{
    struct image m = scan(8, 20, 24, 1, 1, 1);
    for (int i = 0; i < 8 * 20 * 24; i++) {
        int d = i / 24 / 20, h = i / 24 % 20, w = i % 24;
        bool in = d >= 2 && d < 7 && h >= 3 && h < 17 && w >= 4 && w < 21,
             hole = d == 4 && h == 9 && w > 9 && w < 13;
        if (!in || hole) m.data[i] = 0;
        classes[i] = in && h > 8 ? 2 : 0;
    }
    return m;
}

static void only_the_image_itself_is_taken(void **state)
{
    (void)state;
    static const int from[] = {2, 3, 4}, size[] = {5, 14, 17};
    uint8_t classes[8 * 20 * 24];
    for (int k = 0; k < 2; k++) {
        struct image m = framed(classes);
        struct preparation p = {.channels = 1, .nonzero = k == 0};
        struct placed where;
        double sum = 0, squares = 0;
        p.normalise[0].scheme = NORMALISE_ZSCORE;
        if (k) p.spacing[1] = p.spacing[2] = 1;
        OK(prepare_image(&p, &m, NULL, &where, &e));
        assert_memory_equal(where.crop.from, from, sizeof from);
        assert_memory_equal(where.crop.size, size, sizeof size);
        assert_memory_equal(m.size, size, sizeof size);
        for (int i = 0; i < 5 * 14 * 17; i++) {
            sum += (double)m.data[i];
            squares += (double)m.data[i] * (double)m.data[i];
        }
        assert_true(
            fabs(sum) < 1e-3 && fabs(squares / (5 * 14 * 17) - 1) < 1e-5); /* the hole counts */
        image_free(&m);
        m = framed(classes);
        assert_true(round_trip(&p, &m, classes, NULL) == 1);
        image_free(&m);
    }
    struct image m = framed(classes);
    struct preparation p = {.channels = 1, .spacing = {.5, .5, .5}};
    assert_true(round_trip(&p, &m, classes, NULL) == 1);
    assert_true(m.size[0] == 10 && m.size[1] == 28 && m.size[2] == 34);
    image_free(&m);
}

static void nothing_but_zeros(void **state)
{
    (void)state;
    struct image m = make_image(1, 3, 4, 5);
    struct preparation p = {.channels = 1, .nonzero = true};
    struct placed where;
    memset(m.data, 0, 60 * sizeof *m.data);
    OK(prepare_image(&p, &m, NULL, &where, &e));
    assert_false(prepare_moves(&where));
    for (int i = 0; i < 60; i++) assert_true(m.data[i] == 0);
    image_free(&m);
}

/* An image like the others stays as it is, one of other voxels goes where prep.spacing would take
 * it, all of it. */
static void strays_go_where_the_others_are(void **state)
{
    (void)state;
    static const struct {
        float spacing[3], trained[3];
        int resize, depth;
        enum spacing_fit fit;
    } list[] = {
        {{1, 1, 1}, {1, 1, 1}, 0, 6, SPACING_FITS},
        {{1.2f, .85f, 1}, {1, 1, 1}, 0, 6, SPACING_FITS},
        {{1, 1, 1.3f}, {1, 1, 1}, 0, 6, SPACING_RESAMPLED},
        {{1, 1, .75f}, {1, 1, 1}, 0, 6, SPACING_RESAMPLED},
        {{3, 1, 1}, {1, 1, 1}, 0, 6, SPACING_RESAMPLED},
        {{3, 1, 1}, {0, 1, 1}, 0, 6, SPACING_FITS}, /* a 2D network's */
        {{3, 2, 2}, {0, 1, 1}, 0, 6, SPACING_RESAMPLED},
        {{3, 1, 1}, {1, 1, 1}, 0, 1, SPACING_FITS}, /* one slice has no distance */
        {{3, 1, 1}, {0, 0, 0}, 0, 6, SPACING_FITS},
        {{3, 1, 1}, {1, 1, 1}, 8, 6, SPACING_FITS}, /* all images have one size */
        {{0, 0, 0}, {1, 1, 1}, 0, 6, SPACING_FITS},
        {{1, 9.9f, 1}, {1, 1, 1}, 0, 6, SPACING_RESAMPLED},
        {{1, 1, 10}, {1, 1, 1}, 0, 6, SPACING_FAR},
        {{.001f, .001f, .001f}, {1, 1, 1}, 0, 6, SPACING_FAR},
    };
    for (int k = 0; k < COUNT(list); k++) {
        const float *s = list[k].spacing;
        struct image a = scan(list[k].depth, 17, 19, s[0], s[1], s[2]),
                     b = scan(list[k].depth, 17, 19, s[0], s[1], s[2]);
        struct preparation own = {.channels = 1}, to = {.channels = 1};
        struct placed there, wanted;
        for (int i = 0; i < 3; i++)
            own.trained[i] = to.spacing[i] = list[k].trained[i], own.resize[i] = list[k].resize;
        own.normalise[0].scheme = to.normalise[0].scheme = NORMALISE_NONE;
        assert_int_equal(prepare_spacing_fit(&own, &a), list[k].fit);
        OK(prepare_image(&own, &a, NULL, &there, &e));
        assert_int_equal(
            prepare_moves(&there), list[k].fit == SPACING_RESAMPLED || list[k].resize > 0);
        if (list[k].fit == SPACING_RESAMPLED) {
            OK(prepare_image(&to, &b, NULL, &wanted, &e));
            assert_true(prepare_agree(&there, &wanted));
            assert_memory_equal(a.size, b.size, sizeof a.size);
            assert_memory_equal(a.data, b.data, image_voxels(a.size) * sizeof *a.data);
        }
        image_free(&a);
        image_free(&b);
    }
}

/* Headers that say nothing, sizes that are told, what is cut off, blocks. */
static void strays_are_prepared_as_in_training(void **state)
{
    (void)state;
    struct image m = scan(6, 7, 9, 3, 1, 1);
    struct preparation p = {.channels = 1, .trained = {1, 1, 1}, .shrink = {1, 1, 2}};
    struct placed where;
    for (int i = 0; i < 63; i++) m.data[i] = 0; /* nothing is cut off, as nothing was */
    p.normalise[0].scheme = NORMALISE_NONE;
    m.geometry.valid = false;
    assert_int_equal(prepare_spacing_fit(&p, &m), SPACING_FITS);
    memcpy(m.geometry.user_spacing, m.geometry.spacing, sizeof m.geometry.user_spacing);
    assert_int_equal(prepare_spacing_fit(&p, &m), SPACING_RESAMPLED);
    OK(prepare_place(&p, &m, &where, &e));
    assert_memory_equal(where.grid, ((int[]){18, 7, 9}), sizeof where.grid);
    assert_memory_equal(where.size, ((int[]){18, 7, 5}), sizeof where.size);
    assert_true(where.splines && where.spacing[0] == 1 && where.spacing[2] == 2);
    p.nonzero = true; /* what is zero was cut off there, too */
    OK(prepare_image(&p, &m, NULL, &where, &e));
    assert_memory_equal(where.crop.from, ((int[]){1, 0, 0}), sizeof where.crop.from);
    assert_memory_equal(m.size, ((int[]){15, 7, 5}), sizeof m.size);
    image_free(&m);
}

/* ---- blocks */

/* After normalising: the statistics are those of the file's samples. Voxels of the new grid are as
 * large as the blocks. */
static void blocks_are_averaged_last(void **state)
{
    (void)state;
    struct image m = make_image(1, 1, 3, 4);
    struct preparation p = {.channels = 1, .shrink = {1, 2, 2}};
    struct placed where;
    p.normalise[0].scheme = NORMALISE_MINMAX01;
    OK(prepare_image(&p, &m, NULL, &where, &e));
    assert_true(m.size[0] == 1 && m.size[1] == 2 && m.size[2] == 2 && where.grid[1] == 3 &&
        where.size[1] == 2);
    assert_true(where.spacing[0] == 1 && where.spacing[1] == 4 && where.spacing[2] == 6 &&
        prepare_moves(&where));
    static const double wanted[] = {
        2.5 / 11, 4.5 / 11, 8.5 / 11, 10.5 / 11}; /* 0 1 4 5, 2 3 6 7, 8 9, 10 11 */
    for (int i = 0; i < 4; i++) assert_true(fabs((double)m.data[i] - wanted[i]) < 1e-6);
    static const uint8_t classes[] = {0, 0, 2, 0, 0, 1, 0, 2, 3, LABELLING_IGNORE, 0, 0};
    uint8_t out[4];
    OK(prepare_labels(&where, classes, out, NULL, &e));
    assert_memory_equal(out, ((uint8_t[]){0, 2, 3, 0}), 4);
    float back[12];
    OK(prepare_back(&where, (float[]){0, 4, 8, 12}, 1, NULL, back, NULL, &e));
    static const float lines[3][4] = {{0, 1, 3, 4}, {2, 3, 5, 6},
        {6, 7, 9, 10}}; /* 0, 1/4 and 3/4 of the way from block to block */
    assert_memory_equal(back, lines, sizeof lines);
    image_free(&m);
}

/* Cropped, resampled, averaged; and the same way back: labels that lie on the blocks return
 * unchanged but for the blocks' rims. */
static void blocks_of_another_spacing(void **state)
{
    (void)state;
    struct preparation p = {.channels = 1, .spacing = {1, 1, 1}, .shrink = {2, 1, 2}};
    struct image m = scan(8, 6, 10, 2, 1, .5f);
    struct placed where;
    for (int i = 0; i < 60; i++) m.data[i] = 0; /* the first slice is cut off */
    p.normalise[0].scheme = NORMALISE_NONE;
    OK(prepare_image(&p, &m, NULL, &where, &e));
    assert_memory_equal(where.crop.from, ((int[]){1, 0, 0}), sizeof where.crop.from);
    assert_memory_equal(where.grid, ((int[]){14, 6, 5}), sizeof where.grid);
    assert_memory_equal(where.size, ((int[]){7, 6, 3}), sizeof where.size);
    assert_memory_equal(m.size, where.size, sizeof m.size);
    assert_true(where.spacing[0] == 2 && where.spacing[1] == 1 && where.spacing[2] == 2);
    uint8_t classes[480], out[126];
    memset(classes, 1, sizeof classes);
    OK(prepare_labels(&where, classes, out, NULL, &e));
    for (int i = 0; i < 126; i++) assert_int_equal(out[i], 1);
    float x[126], back[480];
    for (int i = 0; i < 126; i++) x[i] = 5;
    OK(prepare_back(&where, x, 1, (float[]){-3}, back, NULL, &e));
    for (int i = 0; i < 480; i++) assert_true(i < 60 ? back[i] == -3 : fabsf(back[i] - 5) < 1e-5f);
    image_free(&m);
}

/* ---- what is refused */

static void spacings_must_make_sense(void **state)
{
    (void)state;
    struct preparation p = {.channels = 1, .spacing = {1, 0, 1}};
    struct image m = scan(4, 5, 6, 1, 1, 1);
    m.geometry.valid = false;
    REFUSED(prepare_image(&p, &m, NULL, NULL, &e), ATT_DATA,
        "the model needs a spacing of 1x0x1 mm (0: any), but the image has none; use a file "
        "with spacing, such as NIfTI, or set `voxel-size`");
    image_free(&m);
    m = scan(4, 5, 6, 1e5f, 1, 1e5f);
    REFUSED(prepare_image(&p, &m, NULL, NULL, &e), ATT_DATA,
        "would have 400000x5x600000 at the model's spacing of 1x1x1 mm");
    image_free(&m);
    struct placed where;
    m = scan(2, 1, 1, 1e30f, 1, 1); /* few voxels, and a side that no window fits */
    REFUSED(prepare_place(&p, &m, &where, &e), ATT_DATA, "check its header");
    image_free(&m);
}

/* By hand, of two channels of 4000 voxels; beside what one is resampled by there is one more
 * channel on either grid. */
static void what_preparing_takes(void **state)
{
    (void)state;
    struct image m = {
        .channels = 2, .size = {10, 20, 20}, .geometry = {.spacing = {1, 1, 1}, .valid = true}};
    struct preparation p = {.channels = 2};
    struct placed where;
    double max, grown;
    OK(prepare_place(&p, &m, &where, &e));
    prepare_bytes(&p, &where, 2, 3, &max, &grown);
    assert_true(max == 0 && grown == 0);
    p.nonzero = true;
    prepare_bytes(&p, &where, 2, 3, &max, &grown);
    assert_true(max == 4000 + 500 && grown == 0);
    p.shrink[1] = p.shrink[2] = 2;
    OK(prepare_place(&p, &m, &where, &e));
    prepare_bytes(&p, &where, 2, 3, &max, &grown);
    assert_true(max == 8 * 1000 && grown == 8 * (1000 - 4000));
    p.spacing[0] = .5;
    OK(prepare_place(&p, &m, &where, &e));
    prepare_bytes(&p, &where, 2, 3, &max, &grown);
    /* Three threads with 16 lines of 20 doubles and two at either end (of an axis that stays, which
     * is the longest); 20 new samples with four weights and a place each. */
    assert_true(resample_bytes(true, 20, 20, 3) == 3 * 16 * 24 * 8 + 20 * (4 * 8 + 4));
    assert_true(max == 8 * 8000 + 2 * 4 * 8000 + resample_bytes(true, 20, 20, 3));
    assert_true(grown == 8 * (2000 - 4000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grid_is_the_image_s_own_or_the_model_s),
        cmocka_unit_test(channels_are_normalised_each_in_its_way),
        cmocka_unit_test(resized_after_normalising),
        cmocka_unit_test(slices_stay_slices),
        cmocka_unit_test(any_number_of_threads_prepares_the_same),
        cmocka_unit_test(other_channels_are_refused),
        cmocka_unit_test(sizes_are_those_of_nnu_net),
        cmocka_unit_test(sizes_in_the_middle),
        cmocka_unit_test(brought_to_a_spacing),
        cmocka_unit_test(labels_go_there_and_back),
        cmocka_unit_test(only_the_image_itself_is_taken),
        cmocka_unit_test(nothing_but_zeros),
        cmocka_unit_test(strays_go_where_the_others_are),
        cmocka_unit_test(strays_are_prepared_as_in_training),
        cmocka_unit_test(blocks_are_averaged_last),
        cmocka_unit_test(blocks_of_another_spacing),
        cmocka_unit_test(spacings_must_make_sense),
        cmocka_unit_test(what_preparing_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
