/* SPDX-License-Identifier: Apache-2.0 */
/* Several models and mirror images: what they give together is the mean of what each gives alone.
 */
#include "predict/predict_passes.h"

#include <math.h>

#include "unit/predict/predict_test.h"

#include "attunet.h"

enum { H = 24, W = 40, D = 8 };

static struct pool *threads; /* two of them */

static void assert_same(const struct prediction *a, const struct prediction *b)
{
    size_t voxels = image_voxels(a->labels.size);
    assert_memory_equal(a->labels.size, b->labels.size, sizeof a->labels.size);
    assert_memory_equal(a->labels.data, b->labels.data, voxels * sizeof *a->labels.data);
    assert_memory_equal(a->classes, b->classes, voxels);
    assert_memory_equal(a->voxels, b->voxels, sizeof a->voxels);
    if (a->probability)
        assert_memory_equal(
            a->probability, b->probability, (size_t)a->channels * voxels * sizeof(float));
    assert_int_equal(a->nmaps, b->nmaps);
    for (int i = 0; i < a->nmaps; i++) {
        assert_memory_equal(a->maps[i].data, b->maps[i].data, voxels * sizeof(float));
        assert_memory_equal(
            a->maps[i].own_data, b->maps[i].own_data, image_voxels(a->maps[i].own) * sizeof(float));
    }
}

/* One, two, three and seven times the same: the same bits. */
static void a_model_agrees_with_itself(void **state)
{
    (void)state;
    struct model m, list[7];
    struct prediction one, all;
    struct image x = make_image(1, 1, 37, 53);
    struct predict_options o = {.probabilities = true, .attention = true};
    make_model(&m, "arch=attunet dims=2 in=1 classes=3 widths=16,16,16",
        plain_preparation(1, 1, 16, 16), plain_labels(3));
    fill_image(&x, 100, 1);
    predict_with(&m, o, NULL, &x, &one);
    assert_int_equal(one.passes, one.windows);
    for (int count = 2; count <= 7; count += count == 3 ? 4 : 1) {
        for (int i = 0; i < count; i++) list[i] = m; /* copies that share their weights */
        predict_with_all(list, count, o, threads, &x, &all);
        assert_int_equal(all.windows, one.windows);
        assert_int_equal(all.passes, count * one.windows);
        assert_same(&one, &all);
        prediction_free(&all);
    }
    prediction_free(&one);
    image_free(&x);
    model_free(&m);
}

static void assert_probability(const struct prediction *out, const double *logits, double divisor)
{
    for (size_t i = 0; i < image_voxels(out->labels.size); i++)
        assert_true(fabs((double)out->probability[i] - 1 / (1 + exp(-logits[i] / divisor))) < 2e-6);
}

static void add_logits(const struct model *m, const struct image *x, double *sum)
{
    float *logits = direct_logits(m, x);
    for (size_t i = 0; i < image_voxels(x->size); i++) sum[i] += (double)logits[i];
    mem_free(logits);
}

/* Two of one spec, which share a network, one of another, and one whose images are prepared
 * otherwise. */
static void logits_of_models_are_averaged(void **state)
{
    (void)state;
    struct model m[4];
    struct prediction out;
    struct image x = make_image(1, 1, H, W), shifted = make_image(1, 1, H, W);
    double sum[H * W] = {0};
    static const char spec[] = "arch=attunet dims=2 in=1 classes=1 widths=8,8,8";
    for (int i = 0; i < 4; i++)
        make_seeded(&m[i], i == 1 ? "arch=unet dims=2 in=1 classes=1 widths=8,16" : spec,
            plain_preparation(1, 1, 64, 64), plain_labels(2), (uint64_t)i);
    m[3].prep.normalise[0] =
        (struct normalise){.scheme = NORMALISE_CT, .lower = 0, .upper = 9, .mean = 3, .std = 2};
    fill_image(&x, 10, 2);
    for (int i = 0; i < H * W; i++) shifted.data[i] = (x.data[i] - 3) / 2;
    for (int i = 0; i < 4; i++) add_logits(&m[i], i == 3 ? &shifted : &x, sum);
    predict_with_all(m, 4, (struct predict_options){.probabilities = true}, NULL, &x, &out);
    assert_int_equal(out.windows, 3);
    assert_int_equal(out.passes, 4);
    assert_probability(&out, sum, 4);
    prediction_free(&out);
    for (int i = 0; i < 4; i++) model_free(&m[i]);
    image_free(&x);
    image_free(&shifted);
}

/* Voxel i of an image that was mirrored along the axes in `bits` (1 w, 2 h, 4 d). */
static size_t mirrored(size_t i, const int size[3], int bits)
{
    size_t w = i % (size_t)size[2], h = i / (size_t)size[2] % (size_t)size[1],
           d = i / (size_t)size[2] / (size_t)size[1];
    if (bits & 1) w = (size_t)size[2] - 1 - w;
    if (bits & 2) h = (size_t)size[1] - 1 - h;
    if (bits & 4) d = (size_t)size[0] - 1 - d;
    return (d * (size_t)size[1] + h) * (size_t)size[2] + w;
}

static void add_mirrored(const struct model *m, const struct image *x, int bits, double *sum)
{
    struct image y = make_image(1, x->size[0], x->size[1], x->size[2]);
    for (size_t i = 0; i < image_voxels(x->size); i++)
        y.data[mirrored(i, x->size, bits)] = x->data[i];
    float *logits = direct_logits(m, &y);
    for (size_t i = 0; i < image_voxels(x->size); i++)
        sum[i] += (double)logits[mirrored(i, x->size, bits)];
    mem_free(logits);
    image_free(&y);
}

static void check_mirroring(
    const char *spec, const struct image *x, const bool axes[3], int bits, int passes)
{
    struct model m;
    struct prediction out;
    double *sum = mem_array(image_voxels(x->size), sizeof *sum);
    make_model(&m, spec, plain_preparation(1, 64, 64, 64), plain_labels(2));
    for (int b = 0; b < 8; b++)
        if ((b & bits) == b) add_mirrored(&m, x, b, sum);
    struct predict_options o = {.probabilities = true, .mirror = {axes[0], axes[1], axes[2]}};
    predict_with(&m, o, NULL, x, &out);
    assert_int_equal(out.windows, 1);
    assert_int_equal(out.passes, passes);
    assert_probability(&out, sum, passes);
    prediction_free(&out);
    model_free(&m);
    mem_free(sum);
}

static void mirror_images_are_turned_back(void **state)
{
    (void)state;
    static const bool flat[3] = {false, true, true}, all[3] = {true, true, true},
                      last[3] = {false, false, true};
    struct image x = make_image(1, 1, H, W), volume = make_image(1, D, 16, H);
    fill_image(&x, 10, 3);
    fill_image(&volume, 10, 4);
    check_mirroring("arch=attunet dims=2 in=1 classes=1 widths=8,8,8", &x, flat, 3, 4);
    check_mirroring("arch=attunet dims=2 in=1 classes=1 widths=8,8,8", &x, last, 1, 2);
    check_mirroring("arch=attunet dims=2 in=1 classes=1 widths=8,8,8", &x, all, 3,
        4); /* one slice has no mirror image along d */
    check_mirroring("arch=unet dims=3 in=1 classes=1 widths=8,8", &volume, all, 7, 8);
    image_free(&x);
    image_free(&volume);
}

/* p: [pass][channel][voxel], softmax or sigmoid of `logits`. */
static void put_probabilities(
    const float *logits, int channels, size_t voxels, size_t turned, size_t i, double *p)
{
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += p[(size_t)c * voxels + i] = exp((double)logits[(size_t)c * voxels + turned]);
    for (int c = 0; c < channels; c++) p[(size_t)c * voxels + i] /= channels > 1 ? sum : 1 + sum;
}

/* Of all passes of a voxel, straight from the definition. */
static double variance_of(const double *p, int passes, int channels, size_t voxels, size_t i)
{
    double all = 0;
    for (int c = 0; c < channels; c++) {
        double mean = 0, squares = 0;
        for (int k = 0; k < passes; k++)
            mean += p[(size_t)(k * channels + c) * voxels + i] / passes;
        for (int k = 0; k < passes; k++) {
            const double d = p[(size_t)(k * channels + c) * voxels + i] - mean;
            squares += d * d;
        }
        all += squares / passes;
    }
    return all / (channels > 1 ? 1 - 1. / channels : .25);
}

/* Three models, two of one spec, with four mirror images each. */
static void check_variance(int channels)
{
    enum { MODELS = 3, PASSES = 4 * MODELS };
    struct model m[MODELS];
    struct prediction out, plain;
    struct image x = make_image(1, 1, H, W), y = make_image(1, 1, H, W);
    const size_t voxels = H * W;
    double *p = mem_array(PASSES * (size_t)channels * voxels, sizeof *p), max = 0;
    char spec[96];
    for (int i = 0; i < MODELS; i++) {
        snprintf(spec, sizeof spec, "arch=%s dims=2 in=1 classes=%d widths=8,16",
            i == 1 ? "unet" : "attunet gated=all", channels);
        make_seeded(&m[i], spec, plain_preparation(1, 1, 64, 64),
            plain_labels(channels > 1 ? channels : 2), (uint64_t)i);
    }
    fill_image(&x, 10, 8);
    for (int k = 0; k < PASSES; k++) {
        for (size_t i = 0; i < voxels; i++) y.data[mirrored(i, x.size, k % 4)] = x.data[i];
        float *logits = direct_logits(&m[k / 4], &y);
        for (size_t i = 0; i < voxels; i++)
            put_probabilities(logits, channels, voxels, mirrored(i, x.size, k % 4), i,
                p + (size_t)(k * channels) * voxels);
        mem_free(logits);
    }
    struct predict_options o = {.mirror = {false, true, true}};
    predict_with_all(m, MODELS, o, threads, &x, &plain);
    o.variance = true;
    predict_with_all(m, MODELS, o, threads, &x, &out);
    assert_int_equal(out.passes, PASSES);
    assert_same(&plain, &out);
    for (size_t i = 0; i < voxels; i++) {
        const double v = variance_of(p, PASSES, channels, voxels, i);
        assert_true(fabs((double)out.variance[i] - v) < 1e-5);
        max = fmax(max, v);
    }
    assert_true(max > 1e-3);
    prediction_free(&out);
    prediction_free(&plain);
    for (int i = 0; i < MODELS; i++) model_free(&m[i]);
    mem_free(p);
    image_free(&x);
    image_free(&y);
}

static void the_variance_is_that_of_all_passes(void **state)
{
    (void)state;
    check_variance(1);
    check_variance(3);
}

/* Two models of opposite opinion, 3/4 and 1/4 everywhere: 1/16 for each class, a quarter of what is
 * possible, in every window, and on the image's own grid; models that agree have none. */
static void the_variance_of_a_volume_is_that_of_its_windows(void **state)
{
    (void)state;
    struct model m[2];
    struct prediction out;
    struct predictor *p;
    struct image x = make_image(1, 13, 21, 34);
    for (int i = 0; i < 2; i++) {
        struct preparation prep = plain_preparation(1, 8, 16, 16);
        prep.resize[0] = 17;
        prep.resize[1] = 30;
        prep.resize[2] = 29;
        make_model(&m[i], "arch=unet dims=3 in=1 classes=2 widths=4,4", prep, plain_labels(2));
        make_line(&m[i], 0, (double[]){0, 0}, (double[]){0, i ? log(3) : -log(3)});
    }
    fill_image(&x, 10, 9);
    struct predict_options o = {.overlap = .5, .variance = true};
    predict_with_all(m, 2, o, threads, &x, &out);
    assert_true(out.windows > 8);
    for (size_t i = 0; i < image_voxels(x.size); i++)
        assert_true(fabs((double)out.variance[i] - .25) < 1e-5);
    prediction_free(&out);
    model_free(&m[0]);
    m[0] = m[1];
    predict_with_all(m, 2, o, threads, &x, &out);
    for (size_t i = 0; i < image_voxels(x.size); i++) assert_true(out.variance[i] < 1e-6f);
    prediction_free(&out);
    REFUSED(predictor_create_several(m, 1, best_kernels(), NULL, &o, &p, &e), ATT_USAGE,
        "one model predicts without mirror images; set `mirror`");
    model_free(&m[1]);
    image_free(&x);
}

/* One window of 16x32 takes 4 passes of a known number of multiply-adds: that many are allowed, one
 * less are not, and then the mask is that of one pass. */
static void large_images_are_not_mirrored(void **state)
{
    (void)state;
    struct model m[2];
    struct prediction out, plain;
    struct image x = make_image(1, 1, 16, 32);
    make_model(&m[0], "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 32),
        plain_labels(2));
    m[1] = m[0];
    /* 3x3 convolutions: 1 to 4 and 4 to 4 channels; 4 to 4 twice on a quarter of the pixels; 8 to 4
     * and 4 to 4. Before the last two 2x2 upwards, in the end 1x1 to 2 classes. */
    const double once = 16 * 32 * (9 * (4 + 16 + 8 + 32 + 16) + 4 * 16 + 8);
    fill_image(&x, 10, 3);
    struct predict_options o = {.probabilities = true};
    predict_with(m, o, NULL, &x, &plain);
    o.mirror[1] = o.mirror[2] = true;
    for (int models = 1; models <= 2; models++)
        for (int less = 0; less <= 1; less++) {
            o.work = 4 * models * once - less;
            struct predictor *p;
            OK(predictor_create_several(m, models, best_kernels(), NULL, &o, &p, &e));
            OK(predict_image(p, &x, &out, NULL, &e));
            assert_int_equal(out.passes, models * (less ? 1 : 4));
            assert_true(out.work == (less ? 4 * models * once : 0));
            if (less && models == 1)
                assert_memory_equal(out.probability, plain.probability,
                    2 * image_voxels(x.size) * sizeof *out.probability);
            prediction_free(&out);
            predictor_free(p);
        }
    prediction_free(&plain);
    model_free(&m[0]);
    image_free(&x);
}

/* A predictor goes by the count of the window that its image has now. */
static void each_window_is_counted(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    struct prediction out;
    struct image small = make_image(1, 1, 16, 16), large = make_image(1, 1, 16, 32);
    const struct image *list[] = {&small, &large, &large, &small};
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 32),
        plain_labels(2));
    fill_image(&small, 10, 3);
    fill_image(&large, 10, 4);
    const double pixel = 9 * (4 + 16 + 8 + 32 + 16) + 4 * 16 + 8; /* as above */
    struct predict_options o = {
        .overlap = .5, .mirror = {false, true, true}, .work = 4 * 16 * 16 * pixel};
    OK(predictor_create_several(&m, 1, best_kernels(), NULL, &o, &p, &e));
    for (int i = 0; i < 4; i++) {
        OK(predict_image(p, list[i], &out, NULL, &e));
        assert_int_equal(out.passes, list[i] == &small ? 4 : 1);
        assert_true(out.work == (list[i] == &small ? 0 : 4 * 16 * 32 * pixel));
        prediction_free(&out);
    }
    predictor_free(p);
    model_free(&m);
    image_free(&small);
    image_free(&large);
}

/* The gate's map of an image is the mean of those of its mirror images, each turned back. */
static void maps_are_turned_back_too(void **state)
{
    (void)state;
    struct model m;
    struct prediction out, one;
    struct image x = make_image(1, 1, H, W), y = make_image(1, 1, H, W);
    double sum[H * W / 4] = {0};
    make_model(&m, "arch=attunet dims=2 in=1 classes=1 widths=8,8,8",
        plain_preparation(1, 1, 64, 64), plain_labels(2));
    fill_image(&x, 10, 5);
    predict_with(&m, (struct predict_options){.attention = true, .mirror = {false, true, true}},
        NULL, &x, &out);
    const int *own = out.maps[0].own;
    assert_true(own[1] == H / 2 && own[2] == W / 2);
    for (int b = 0; b < 4; b++) {
        for (size_t i = 0; i < H * W; i++) y.data[mirrored(i, x.size, b)] = x.data[i];
        predict_with(&m, (struct predict_options){.attention = true}, NULL, &y, &one);
        for (size_t i = 0; i < H * W / 4; i++)
            sum[i] += (double)one.maps[0].own_data[mirrored(i, own, b)];
        prediction_free(&one);
    }
    for (size_t i = 0; i < H * W / 4; i++)
        assert_true(fabs((double)out.maps[0].own_data[i] - sum[i] / 4) < 1e-6);
    prediction_free(&out);
    image_free(&x);
    image_free(&y);
    model_free(&m);
}

/* A network that looks at single voxels, on windows at odd places and with padding: mirroring
 * changes no bit. */
static void what_is_symmetric_stays(void **state)
{
    (void)state;
    struct model m;
    struct prediction one, all;
    struct image x = make_image(1, 5, 19, 27);
    make_model(&m, "arch=attunet dims=3 in=1 classes=2 widths=4,4 gated=all",
        plain_preparation(1, 8, 8, 16), plain_labels(2));
    make_line(&m, 0, (double[]){0, 2}, (double[]){0, -3});
    fill_image(&x, 4, 6);
    struct predict_options o = {.probabilities = true, .attention = true, .conv = "ref"};
    predict_with(&m, o, NULL, &x, &one);
    for (int i = 0; i < 3; i++) o.mirror[i] = true;
    predict_with(&m, o, NULL, &x, &all);
    assert_int_equal(all.passes, 8 * one.windows);
    assert_same(&one, &all);
    prediction_free(&one);
    prediction_free(&all);
    image_free(&x);
    model_free(&m);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct model m[3];
    struct prediction one, two;
    struct image x = make_image(2, 13, 30, 41);
    for (int i = 0; i < 3; i++) {
        make_seeded(&m[i], "arch=attunet dims=3 in=2 classes=3 widths=16,16 gated=all",
            plain_preparation(2, 8, 16, 16), plain_labels(3), (uint64_t)i);
        m[i].prep.normalise[0].scheme = i == 1 ? NORMALISE_ZSCORE : NORMALISE_NONE;
        m[i].prep.resize[1] = 27;
    }
    fill_image(&x, 10, 7);
    struct predict_options o = {
        .probabilities = true, .attention = true, .mirror = {false, true, true}};
    predict_with_all(m, 3, o, NULL, &x, &one);
    predict_with_all(m, 3, o, threads, &x, &two);
    assert_int_equal(one.passes, one.windows / 2 * 3 * 4);
    assert_same(&one, &two);
    prediction_free(&two);
    o.probabilities = false; /* plane by plane */
    predict_with_all(m, 3, o, threads, &x, &two);
    mem_free(one.probability);
    one.probability = NULL;
    assert_same(&one, &two);
    prediction_free(&one);
    prediction_free(&two);
    image_free(&x);
    for (int i = 0; i < 3; i++) model_free(&m[i]);
}

static void maps_of_unlike_networks_are_refused(void **state)
{
    (void)state;
    struct model m[3];
    struct predictor *p;
    struct predict_options o = {.overlap = .5, .attention = true};
    make_model(&m[0], "arch=attunet dims=2 in=1 classes=2 widths=4,4 gated=all",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    make_model(&m[1], "arch=attunet dims=2 in=1 classes=2 widths=4,4 gated=all",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    make_model(&m[2], "arch=attunet dims=2 in=1 classes=2 widths=4,8 gated=all",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    REFUSED(predictor_create_several(m, 3, best_kernels(), NULL, &o, &p, &e), ATT_USAGE,
        "models 1 and 3 are different networks");
    assert_null(p);
    m[1].prep.patch[1] = 32;
    REFUSED(predictor_create_several(m, 2, best_kernels(), NULL, &o, &p, &e), ATT_USAGE,
        "models 1 and 2 are different networks");
    o.window[0] = o.window[1] = o.window[2] = 16;
    OK(predictor_create_several(m, 2, best_kernels(), NULL, &o, &p, &e));
    predictor_free(p);
    REFUSED(
        predictor_create_several(m, 0, best_kernels(), NULL, &o, &p, &e), ATT_USAGE, "0 models");
    for (int i = 0; i < 3; i++) model_free(&m[i]);
}

/* Several models bring an image of other voxels to the same grid, whatever the order, or leave it
 * alone where they learnt from different ones. What one does not know another may. */
static void models_agree_where_strays_go(void **state)
{
    (void)state;
    static const struct {
        float first, second, there;
        enum spacing_fit spacing;
    } list[] = {{1, 1, 1, SPACING_RESAMPLED}, {1, 1.02f, 1, SPACING_RESAMPLED},
        {1.02f, 1, 1, SPACING_RESAMPLED}, {1, 2, 0, SPACING_FAR}, {1, 0, 1, SPACING_RESAMPLED},
        {0, 1, 1, SPACING_RESAMPLED}, {0, 0, 0, SPACING_FITS}, {2.9f, 3, 0, SPACING_FITS},
        {.29f, .29f, 0, SPACING_FAR}, {2.9f, 2, 0, SPACING_FAR}};
    struct image x = make_image(1, 1, 20, 24);
    x.geometry.valid = true;
    x.geometry.spacing[1] = x.geometry.spacing[2] = 3;
    for (int i = 0; i < 20 * 24; i++) x.data[i] = (float)(i % 7);
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        struct model m[2];
        struct prediction one, both, own;
        for (int i = 0; i < 2; i++) {
            struct preparation prep = plain_preparation(1, 1, 16, 16);
            for (int a = 0; a < 3; a++) prep.trained[a] = i ? list[k].second : list[k].first;
            make_model(&m[i], "arch=unet dims=2 in=1 classes=2 widths=4,4", prep, plain_labels(2));
            assert_true(m[i].prep.trained[0] == 0); /* also of models that earlier versions wrote */
        }
        predict_with_all(
            m, 2, (struct predict_options){.overlap = .5, .probabilities = true}, NULL, &x, &both);
        assert_int_equal(both.spacing, list[k].spacing);
        assert_true(both.target[1] == list[k].there && both.target[2] == list[k].there);
        predict_with_all(m, 2,
            (struct predict_options){.overlap = .5, .probabilities = true, .as_is = true}, NULL, &x,
            &own);
        assert_int_equal(own.spacing, SPACING_FITS);
        assert_int_equal(
            memcmp(own.probability, both.probability, 20 * 24 * sizeof *own.probability) == 0,
            list[k].spacing != SPACING_RESAMPLED);
        m[0].prep.trained[1] = m[0].prep.trained[2] = list[k].there;
        predict_with_all(
            m, 1, (struct predict_options){.overlap = .5, .probabilities = true}, NULL, &x, &one);
        assert_same(&one, &both); /* the weights are the same */
        prediction_free(&one);
        prediction_free(&both);
        prediction_free(&own);
        for (int i = 0; i < 2; i++) model_free(&m[i]);
    }
    image_free(&x);
}

static void count_strays(void *user, int level, const char *text)
{
    *(int *)user += level == 2 &&
        strstr(text,
            "the image has voxels of 3x3 mm but the model learnt from 1x1 mm; it was resampled "
            "to these") != NULL;
}

/* A program that says how large its voxels are gets the same, and is told so each time; one that
 * does not say it of every axis says nothing. */
static void strays_from_c(void **state)
{
    (void)state;
    static const struct {
        float spacing[3];
        bool strays;
    } list[] = {{{0, 0, 0}, false}, {{0, 3, 0}, false}, {{0, 3, 3}, true}, {{1, 3, 3}, true},
        {{1, 1, 1}, false}};
    struct model m;
    struct prediction there, here;
    struct preparation prep = plain_preparation(1, 1, 16, 16);
    struct image x = make_image(1, 1, 20, 24);
    int said = 0;
    const att_callbacks callbacks = {
        .struct_size = sizeof callbacks, .user = &said, .message = count_strays};
    att_context *c;
    att_model *model;
    uint16_t labels[20 * 24];
    fill_image(&x, 5, 3);
    prep.trained[1] = prep.trained[2] = 1;
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", prep, plain_labels(2));
    OK(model_save(&m, "strays.safetensors", &e));
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &here);
    x.geometry.valid = true;
    x.geometry.spacing[1] = x.geometry.spacing[2] = 3;
    predict_with(&m, (struct predict_options){.overlap = .5}, NULL, &x, &there);
    assert_memory_not_equal(there.labels.data, here.labels.data, sizeof labels);
    assert_int_equal(att_context_create(1, NULL, &callbacks, &c), ATT_OK);
    assert_int_equal(att_model_load(c, "strays.safetensors", &model), ATT_OK);
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        att_image image = {
            .struct_size = sizeof image, .data = x.data, .channels = 1, .size = {1, 20, 24}};
        memcpy(image.spacing, list[k].spacing, sizeof image.spacing);
        assert_int_equal(att_model_predict_image(c, model, &image, NULL, labels, NULL), ATT_OK);
        assert_memory_equal(labels, (list[k].strays ? &there : &here)->labels.data, sizeof labels);
    }
    assert_int_equal(said, 2);
    att_model_free(model);
    att_context_destroy(c);
    prediction_free(&here);
    prediction_free(&there);
    image_free(&x);
    model_free(&m);
}

/* Folds that planned voxels which are alike bring images to the same ones, the finest, whatever the
 * order. */
static void folds_agree_on_a_spacing(void **state)
{
    (void)state;
    struct model m[2];
    struct prediction one, both[2];
    struct image x = make_image(1, 1, 40, 44);
    x.geometry.valid = true;
    x.geometry.spacing[1] = x.geometry.spacing[2] = 1;
    fill_image(&x, 5, 3);
    for (int i = 0; i < 2; i++) {
        struct preparation prep = plain_preparation(1, 1, 16, 16);
        prep.spacing[1] = prep.spacing[2] = i ? 2 : 2.08f;
        make_model(&m[i], "arch=unet dims=2 in=1 classes=2 widths=4,4", prep, plain_labels(2));
    }
    predict_with_all(&m[1], 1, (struct predict_options){.overlap = .5}, NULL, &x, &one);
    for (int order = 0; order < 2; order++) {
        struct model list[2] = {m[order], m[1 - order]};
        predict_with_all(list, 2, (struct predict_options){.overlap = .5}, NULL, &x, &both[order]);
        assert_same(&one, &both[order]); /* the weights are the same */
        prediction_free(&both[order]);
    }
    prediction_free(&one);
    image_free(&x);
    for (int i = 0; i < 2; i++) model_free(&m[i]);
}

/* A 2D network knows no distance of slices, and follows the 3D one. */
static void a_plane_network_follows_a_volume_one(void **state)
{
    (void)state;
    struct model m[2];
    struct prediction out;
    struct preparation flat = plain_preparation(1, 1, 16, 16),
                       deep = plain_preparation(1, 8, 16, 16);
    struct image x = make_image(1, 12, 20, 24);
    x.geometry.valid = true;
    x.geometry.spacing[0] = 1;
    x.geometry.spacing[1] = x.geometry.spacing[2] = 2;
    fill_image(&x, 5, 3);
    for (int a = 0; a < 3; a++) flat.trained[a] = deep.trained[a] = a ? 1 : 3;
    make_model(&m[0], "arch=unet dims=2 in=1 classes=2 widths=4,4", flat, plain_labels(2));
    make_model(&m[1], "arch=unet dims=3 in=1 classes=2 widths=4,4", deep, plain_labels(2));
    for (int order = 0; order < 2; order++) {
        struct model both[2] = {m[order], m[1 - order]};
        predict_with_all(both, 2, (struct predict_options){.overlap = .5}, NULL, &x, &out);
        assert_int_equal(out.spacing, SPACING_RESAMPLED);
        assert_true(out.target[0] == 3 && out.target[1] == 1 && out.target[2] == 1);
        assert_memory_equal(out.labels.size, x.size, sizeof x.size);
        prediction_free(&out);
    }
    image_free(&x);
    for (int i = 0; i < 2; i++) model_free(&m[i]);
}

struct listener {
    struct host host;
    int64_t calls;
};

static void stop_at_five(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct listener *l = user;
    (void)detail;
    assert_string_equal(what, "passes");
    assert_int_equal(total, 8);
    assert_int_equal(done, ++l->calls);
    if (done == 5) atomic_store(&l->host.stop, 1);
}

static void stopping_is_heard_between_passes(void **state)
{
    (void)state;
    struct model m[2];
    struct predictor *p;
    struct prediction out;
    struct listener l = {.host = {.log = {.progress = stop_at_five}}};
    struct image x = make_image(1, 1, 16, 16);
    l.host.log.user = &l;
    make_model(&m[0], "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2));
    m[1] = m[0];
    struct predict_options o = {.overlap = 0.5, .mirror = {true, true, true}, .progress = true};
    OK(predictor_create_several(m, 2, best_kernels(), NULL, &o, &p, &e));
    REFUSED(
        predict_image(p, &x, &out, &l.host, &e), ATT_INTERRUPTED, "stopped after 5 of 8 passes");
    predictor_free(p);
    image_free(&x);
    model_free(&m[0]);
}

static int start(void **state)
{
    threads = pool_create(2);
    return make_scratch(state);
}

static int end(void **state)
{
    pool_destroy(threads);
    return remove_scratch(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_agrees_with_itself),
        cmocka_unit_test(logits_of_models_are_averaged),
        cmocka_unit_test(mirror_images_are_turned_back),
        cmocka_unit_test(the_variance_is_that_of_all_passes),
        cmocka_unit_test(the_variance_of_a_volume_is_that_of_its_windows),
        cmocka_unit_test(large_images_are_not_mirrored),
        cmocka_unit_test(each_window_is_counted),
        cmocka_unit_test(maps_are_turned_back_too),
        cmocka_unit_test(what_is_symmetric_stays),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(maps_of_unlike_networks_are_refused),
        cmocka_unit_test(models_agree_where_strays_go),
        cmocka_unit_test(strays_from_c),
        cmocka_unit_test(folds_agree_on_a_spacing),
        cmocka_unit_test(a_plane_network_follows_a_volume_one),
        cmocka_unit_test(stopping_is_heard_between_passes),
    };
    return cmocka_run_group_tests(tests, start, end);
}
