/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict.h"

#include <math.h>

#include "base/kmath.h"
#include "unit/predict/predict_test.h"

static struct pool *threads; /* two of them */

/* Background below 0.5, class 1 up to 1.5, class 2 above: the upper envelope of three lines. */
static const double slope3[] = {0, 2, 4}, bias3[] = {0, -1, -4};

static double softmax3(double v, int k)
{
    double sum = 0;
    for (int i = 0; i < 3; i++) sum += exp(slope3[i] * v + bias3[i]);
    return exp(slope3[k] * v + bias3[k]) / sum;
}

static void assert_lines(const struct image *x, const struct prediction *out)
{
    size_t voxels = image_voxels(x->size);
    int64_t count[3] = {0};
    assert_memory_equal(out->labels.size, x->size, sizeof x->size);
    for (size_t i = 0; i < voxels; i++) {
        int v = (int)x->data[i];
        count[v]++;
        assert_int_equal(out->classes[i], v);
        assert_int_equal(out->labels.data[i], 10 * v);
        for (int k = 0; k < 3; k++)
            assert_true(
                fabs((double)out->probability[(size_t)k * voxels + i] - softmax3(v, k)) < 1e-5);
    }
    for (int k = 0; k < 3; k++) assert_int_equal(out->voxels[k], count[k]);
}

/* Many windows over a size that nothing divides: every voxel has the result of the voxel. */
static void blended_windows_are_known_exactly(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 1, 37, 53);
    make_model(&m, "arch=unet dims=2 in=1 classes=3 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(3));
    make_line(&m, 0, slope3, bias3);
    fill_image(&x, 3, 1);
    predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &out);
    assert_int_equal(out.windows, 4 * 6);
    assert_int_equal(out.channels, 3);
    assert_lines(&x, &out);
    prediction_free(&out);
    predict_with(&m,
        (struct predict_options){.window = {0, 9, 30}, .overlap = 0.25, .probabilities = true},
        NULL, &x, &out);
    assert_int_equal(out.windows, 5 * 3); /* windows of 10 x 30 */
    assert_lines(&x, &out);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

static void volumes_too(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 7, 11, 21); /* d smaller than the window, h and w larger */
    make_model(&m, "arch=unet dims=3 in=1 classes=3 widths=4,4", plain_preparation(1, 8, 8, 8),
        plain_labels(3));
    make_line(&m, 0, slope3, bias3);
    fill_image(&x, 3, 2);
    predict_with(&m, (struct predict_options){.probabilities = true}, threads, &x, &out);
    assert_int_equal(out.windows, 1 * 2 * 5);
    assert_lines(&x, &out);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

static void smaller_than_the_window(void **state)
{
    (void)state;
    static const int sizes[][3] = {{1, 1, 1}, {1, 5, 7}, {1, 3, 40}, {1, 16, 16}};
    struct model m;
    make_model(&m, "arch=unet dims=2 in=1 classes=3 widths=4,4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(3));
    make_line(&m, 0, slope3, bias3);
    for (size_t k = 0; k < COUNT(sizes); k++) {
        struct prediction out;
        struct image x = make_image(1, sizes[k][0], sizes[k][1], sizes[k][2]);
        fill_image(&x, 3, k);
        predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &out);
        assert_int_equal(out.windows, sizes[k][2] > 16 ? 4 : 1);
        assert_lines(&x, &out);
        prediction_free(&out);
        image_free(&x);
    }
    model_free(&m);
}

static void one_window_is_the_network_itself(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 1, 24, 40);
    size_t voxels = image_voxels(x.size);
    make_model(&m, "arch=attunet dims=2 in=1 classes=2 widths=8,8,8",
        plain_preparation(1, 1, 64, 64), plain_labels(2));
    fill_image(&x, 100, 3);
    float *logits = direct_logits(&m, &x);
    predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &out);
    assert_int_equal(out.windows, 1);
    for (size_t i = 0; i < voxels; i++) {
        double a = (double)logits[i], b = (double)logits[voxels + i], max = a > b ? a : b;
        double p = kmath_exp((double)((float)a - (float)max)),
               q = kmath_exp((double)((float)b - (float)max));
        assert_float_equal(out.probability[i], (float)(p / (p + q)), 1e-6);
        assert_int_equal(out.classes[i], b > a);
    }
    mem_free(logits);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* A random network on 20 x 24: rows at 0 and 4, columns at 0 and 8; the weighted mean of its
 * results in double. */
static void overlapping_windows_are_averaged(void **state)
{
    (void)state;
    enum { H = 20, W = 24, P = 16 };
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 1, H, W), window = make_image(1, 1, P, P);
    double top[H * W] = {0}, bottom[H * W] = {0};
    make_model(&m, "arch=attunet dims=2 in=1 classes=1 widths=8,8,8", plain_preparation(1, 1, P, P),
        plain_labels(2));
    fill_image(&x, 10, 14);
    for (int k = 0; k < 4; k++) {
        int h0 = k / 2 * 4, w0 = k % 2 * 8;
        for (int i = 0; i < P; i++)
            memcpy(window.data + i * P, x.data + (h0 + i) * W + w0, P * sizeof *x.data);
        float *logits = direct_logits(&m, &window);
        for (int i = 0; i < P * P; i++) {
            double dh = i / P - 8, dw = i % P - 8, weight = exp(-(dh * dh + dw * dw) / 8);
            int at = (h0 + i / P) * W + w0 + i % P;
            top[at] += weight * (double)logits[i];
            bottom[at] += weight;
        }
        mem_free(logits);
    }
    predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &out);
    assert_int_equal(out.windows, 4);
    for (int i = 0; i < H * W; i++)
        assert_true(fabs((double)out.probability[i] - 1 / (1 + exp(-top[i] / bottom[i]))) < 1e-5);
    prediction_free(&out);
    image_free(&x);
    image_free(&window);
    model_free(&m);
}

/* 5 x 10 in a network of multiple 4: one row of zeros above and two below, one column on either
   side.  Instance norm sees the whole window of 12 x 16, as in training: three rows above and four
   below, three columns on either side; nnU-Net's networks have it. */
static void padding_is_zero_on_both_sides(void **state)
{
    static const struct {
        const char *spec;
        int patch[2], seen[2];
    } list[] = {{"arch=unet dims=2 in=1 classes=1 widths=4,4,4", {64, 64}, {8, 12}},
        {"arch=unet dims=2 in=1 classes=1 widths=4,4,4 norm=instance", {12, 16}, {12, 16}},
        {"arch=nnunet dims=2 in=1 classes=1 widths=4,4,4", {12, 16}, {12, 16}}};
    (void)state;
    for (size_t k = 0; k < COUNT(list); k++) {
        const int height = list[k].seen[0], width = list[k].seen[1], above = (height - 5) / 2,
                  before = (width - 10) / 2;
        struct model m;
        struct prediction out;
        struct image x = make_image(1, 1, 5, 10), padded = make_image(1, 1, height, width);
        make_model(&m, list[k].spec, plain_preparation(1, 1, list[k].patch[0], list[k].patch[1]),
            plain_labels(2));
        fill_image(&x, 100, 4);
        for (int h = 0; h < 5; h++)
            memcpy(
                padded.data + (h + above) * width + before, x.data + h * 10, 10 * sizeof *x.data);
        float *logits = direct_logits(&m, &padded);
        predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &out);
        for (int h = 0; h < 5; h++)
            for (int w = 0; w < 10; w++)
                assert_float_equal(out.probability[h * 10 + w],
                    (float)kmath_sigmoid((double)logits[(h + above) * width + w + before]), 1e-6);
        mem_free(logits);
        prediction_free(&out);
        image_free(&x);
        image_free(&padded);
        model_free(&m);
    }
}

static void flat_networks_take_volumes_slice_by_slice(void **state)
{
    (void)state;
    struct model m;
    struct prediction all, one;
    struct image x = make_image(1, 3, 20, 33);
    make_model(&m, "arch=attunet dims=2 in=1 classes=2 widths=4,4,4",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    fill_image(&x, 50, 5);
    struct predict_options o = {.window = {2, 16, 16}, .probabilities = true, .attention = true};
    predict_with(&m, o, NULL, &x, &all);
    for (size_t d = 0; d < 3; d++) {
        struct image slice = {.channels = 1, .size = {1, 20, 33}, .data = x.data + d * 20 * 33};
        predict_with(&m, o, NULL, &slice, &one);
        assert_int_equal(all.windows, 3 * one.windows);
        for (size_t k = 0; k < 2; k++)
            assert_memory_equal(all.probability + (k * 3 + d) * 20 * 33,
                one.probability + k * 20 * 33, 20 * 33 * sizeof(float));
        assert_memory_equal(
            all.labels.data + d * 20 * 33, one.labels.data, 20 * 33 * sizeof(uint16_t));
        assert_memory_equal(
            all.maps[0].data + d * 20 * 33, one.maps[0].data, 20 * 33 * sizeof(float));
        prediction_free(&one);
    }
    assert_int_equal(all.maps[0].own[0], 3);
    prediction_free(&all);
    image_free(&x);
    model_free(&m);
}

static void channels_are_told_apart(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct predictor *p;
    struct image x = make_image(2, 1, 19, 30);
    make_model(&m, "arch=unet dims=2 in=2 classes=3 widths=4,4", plain_preparation(2, 1, 16, 16),
        plain_labels(3));
    make_line(&m, 1, slope3, bias3);
    m.prep.normalise[0].scheme = NORMALISE_RGB;
    fill_image(&x, 3, 6);
    predict_with(&m, (struct predict_options){.overlap = 0.5}, NULL, &x, &out);
    for (size_t i = 0; i < 19 * 30; i++) assert_int_equal(out.classes[i], (int)x.data[19 * 30 + i]);
    prediction_free(&out);
    x.channels = 1;
    OK(predictor_create(
        &m, best_kernels(), NULL, &(struct predict_options){.overlap = 0.5}, &p, &e));
    REFUSED(predict_image(p, &x, &out, NULL, &e), ATT_DATA, "takes 2 (channel 0, channel 1)");
    prediction_free(&out); /* empty */
    predictor_free(p);
    image_free(&x);
    model_free(&m);
}

/* Values 0, 100, 200: without normalisation all but the first would be the highest class. */
static void images_are_normalised_and_left_alone(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 1, 20, 20);
    make_model(&m, "arch=unet dims=2 in=1 classes=3 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(3));
    make_line(&m, 0, slope3, bias3);
    m.prep.normalise[0] =
        (struct normalise){.scheme = NORMALISE_CT, .lower = 0, .upper = 300, .mean = 0, .std = 100};
    fill_image(&x, 3, 7);
    for (int i = 0; i < 400; i++) x.data[i] *= 100;
    predict_with(&m, (struct predict_options){.overlap = 0.5}, NULL, &x, &out);
    for (int i = 0; i < 400; i++) assert_true(x.data[i] == (float)(100 * out.classes[i]));
    assert_true(out.voxels[1] > 0 && out.voxels[2] > 0);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

static void geometry_is_the_image_s_own(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 4, 9, 10);
    static const double oblique[3][4] = {
        {0.5, -0.1, 0.9, -12.5}, {0.05, 0.49, -1.2, 30}, {-0.08, 0.2, 2.4, 100.25}};
    memcpy(x.geometry.affine, oblique, sizeof oblique);
    x.geometry.valid = true;
    x.geometry.spacing[0] = 3;
    x.geometry.spacing[1] = 0.55f;
    x.geometry.header = mem_alloc(348);
    x.geometry.header_size = 348;
    memset(x.geometry.header, 0x5a, 348);
    make_model(&m, "arch=unet dims=3 in=1 classes=2 widths=4,4", plain_preparation(1, 8, 8, 8),
        plain_labels(2));
    predict_with(&m, (struct predict_options){.overlap = 0.5}, NULL, &x, &out);
    assert_true(out.labels.geometry.valid);
    assert_memory_equal(out.labels.geometry.affine, oblique, sizeof oblique);
    assert_memory_equal(out.labels.geometry.spacing, x.geometry.spacing, sizeof x.geometry.spacing);
    assert_int_equal(out.labels.geometry.header_size, 348);
    assert_memory_equal(out.labels.geometry.header, x.geometry.header, 348);
    assert_ptr_not_equal(out.labels.geometry.header, x.geometry.header);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* The left half is 0, the right half 2: on 16 x 16 as on the image's own 40 x 20 the border is the
 * middle. */
static void resized_images_come_back(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 1, 40, 20);
    make_model(&m, "arch=attunet dims=2 in=1 classes=2 widths=4,4 gate=same gated=all",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    make_line(&m, 0, (double[]){0, 2}, (double[]){0, -2});
    put_number(&m, "gate.0.psi.bias", 0, 20); /* an open gate */
    m.prep.resize[1] = m.prep.resize[2] = 16;
    for (int i = 0; i < 800; i++) x.data[i] = i % 20 < 10 ? 0 : 2;
    predict_with(
        &m, (struct predict_options){.probabilities = true, .attention = true}, NULL, &x, &out);
    assert_int_equal(out.windows, 1);
    assert_memory_equal(out.labels.size, x.size, sizeof x.size);
    for (int i = 0; i < 800; i++) {
        assert_int_equal(out.classes[i], i % 20 >= 10);
        assert_true(out.maps[0].data[i] > 0.999f && out.maps[0].data[i] < 1.001f);
        double v = i % 20 < 8 ? 0 : i % 20 >= 12 ? 2 : -1; /* away from the border */
        if (v >= 0)
            assert_true(fabs((double)out.probability[800 + i] - 1 / (1 + exp(2 - 2 * v))) < 1e-5);
    }
    assert_int_equal(out.maps[0].own[1], 16);
    assert_true(
        fabs(out.maps[0].step[1] - 2.5) < 1e-12 && fabs(out.maps[0].step[2] - 1.25) < 1e-12);
    assert_true(
        fabs(out.maps[0].start[1] - 0.75) < 1e-12 && fabs(out.maps[0].start[2] - 0.125) < 1e-12);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* Slices of 3 x 1 x 1 mm through a network of 1.5 x 0.5 x 0.5 mm, with zeros around that are not
 * looked at. */
static void another_spacing_comes_back(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 5, 24, 30), unknown = make_image(1, 1, 8, 8);
    x.geometry.valid = true;
    memcpy(x.geometry.spacing, (float[]){3, 1, 1}, sizeof x.geometry.spacing);
    for (int i = 0; i < 5 * 24 * 30; i++) {
        int d = i / 30 / 24, h = i / 30 % 24, w = i % 30;
        x.data[i] = d == 0 || h < 4 || w < 6 ? 0 : d < 3 && w >= 16 ? 2 : 1;
    }
    make_model(&m, "arch=attunet dims=3 in=1 classes=2 widths=4,4 gate=same gated=all",
        plain_preparation(1, 8, 16, 16), plain_labels(2));
    make_line(&m, 0, (double[]){3, 5},
        (double[]){
            0, -3}); /* 1 where the value is above 1.5; never where 0 is, were it looked at */
    put_number(&m, "gate.0.psi.bias", 0, 20);
    memcpy(m.prep.spacing, (double[]){1.5, .5, .5}, sizeof m.prep.spacing);
    for (int k = 0; k < 2; k++) {
        predict_with(&m, (struct predict_options){.probabilities = true, .attention = true},
            k ? threads : NULL, &x, &out);
        assert_memory_equal(out.labels.size, x.size, sizeof x.size);
        for (size_t i = 0; i < 5 * 24 * 30; i++) {
            bool taken = x.data[i] > 0;
            assert_int_equal(out.classes[i], x.data[i] == 2);
            assert_true(taken ? out.maps[0].data[i] > .999f : out.maps[0].data[i] == 0);
            if (!taken)
                assert_true(out.probability[i] > .999999f && out.probability[3600 + i] < 1e-6f);
        }
        assert_true(out.maps[0].step[0] == .5 && out.maps[0].step[2] == .5);
        assert_true(out.maps[0].start[0] == .75 && out.maps[0].start[1] == 3.75 &&
            out.maps[0].start[2] == 5.75);
        assert_memory_equal(
            out.labels.geometry.affine, x.geometry.affine, sizeof x.geometry.affine);
        prediction_free(&out);
    }
    struct predictor *p;
    OK(predictor_create(
        &m, best_kernels(), NULL, &(struct predict_options){.overlap = 0.5}, &p, &e));
    REFUSED(predict_image(p, &unknown, &out, NULL, &e), ATT_DATA, "but the image has none");
    predictor_free(p);
    image_free(&x);
    image_free(&unknown);
    model_free(&m);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct model m;
    struct prediction one, two;
    struct image x = make_image(2, 13, 30, 41);
    make_model(&m, "arch=attunet dims=3 in=2 classes=3 widths=16,16,16",
        plain_preparation(2, 16, 16, 16), plain_labels(3));
    m.prep.normalise[0].scheme = m.prep.normalise[1].scheme = NORMALISE_ZSCORE;
    m.prep.resize[1] = 27;
    fill_image(&x, 1000, 11);
    struct predict_options o = {.probabilities = true, .attention = true};
    predict_with(&m, o, NULL, &x, &one);
    predict_with(&m, o, threads, &x, &two);
    size_t voxels = image_voxels(x.size);
    assert_int_equal(one.windows, two.windows);
    assert_memory_equal(one.labels.data, two.labels.data, voxels * sizeof *one.labels.data);
    assert_memory_equal(one.probability, two.probability, 3 * voxels * sizeof *one.probability);
    assert_memory_equal(one.maps[0].data, two.maps[0].data, voxels * sizeof(float));
    assert_memory_equal(
        one.maps[0].own_data, two.maps[0].own_data, image_voxels(one.maps[0].own) * sizeof(float));
    prediction_free(&one);
    prediction_free(&two);
    image_free(&x);
    model_free(&m);
}

/* What a predictor did before leaves no trace: 15 x 12 and 16 x 12 share a window, the others do
 * not. */
static void a_predictor_serves_any_size(void **state)
{
    (void)state;
    static const int sizes[][2] = {{20, 12}, {5, 30}, {16, 12}, {15, 12}, {20, 12}};
    struct model m;
    struct predictor *p;
    struct predict_options o = {.overlap = 0.5, .probabilities = true};
    make_model(&m, "arch=attunet dims=2 in=1 classes=2 widths=16,16 gated=all",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
    for (size_t k = 0; k < COUNT(sizes); k++) {
        struct prediction used, fresh;
        struct image x = make_image(1, 1, sizes[k][0], sizes[k][1]);
        fill_image(&x, 50, k);
        OK(predict_image(p, &x, &used, NULL, &e));
        predict_with(&m, o, NULL, &x, &fresh);
        assert_memory_equal(
            used.probability, fresh.probability, 2 * image_voxels(x.size) * sizeof(float));
        prediction_free(&used);
        prediction_free(&fresh);
        image_free(&x);
    }
    predictor_free(p);
    model_free(&m);
}

struct listener {
    struct host host;
    int64_t calls, last, total;
};

static void stop_at_three(
    void *user, const char *what, int64_t done, int64_t total, const char *detail)
{
    struct listener *l = user;
    (void)detail;
    assert_string_equal(what, "windows");
    l->calls++;
    l->last = done;
    l->total = total;
    if (done == 3) atomic_store(&l->host.stop, 1);
}

static void stopping_is_heard_between_windows(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    struct prediction out;
    struct listener l = {.host = {.log = {.progress = stop_at_three}}};
    struct image x = make_image(1, 1, 32, 32);
    l.host.log.user = &l;
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2));
    OK(predictor_create(&m, best_kernels(), NULL,
        &(struct predict_options){.overlap = 0.5, .progress = true}, &p, &e));
    REFUSED(predict_image(p, &x, &out, &l.host, &e), ATT_INTERRUPTED, "after 3 of 9 windows");
    assert_true(l.calls == 3 && l.last == 3 && l.total == 9);
    assert_null(out.labels.data);
    atomic_store(&l.host.stop, 0);
    l.host.log.progress = NULL;
    OK(predict_image(p, &x, &out, &l.host, &e));
    prediction_free(&out);
    predictor_free(p);
    image_free(&x);
    model_free(&m);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    make_model(&m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2));
    REFUSED(predictor_create(
                &m, best_kernels(), NULL, &(struct predict_options){.overlap = 0.95}, &p, &e),
        ATT_USAGE, "0.95");
    REFUSED(predictor_create(
                &m, best_kernels(), NULL, &(struct predict_options){.overlap = NAN}, &p, &e),
        ATT_USAGE, "overlap");
    REFUSED(predictor_create(
                &m, best_kernels(), NULL, &(struct predict_options){.window = {0, -1, 0}}, &p, &e),
        ATT_USAGE, "window");
    assert_null(p);
    predictor_free(p);
    model_free(&m);
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
        cmocka_unit_test(blended_windows_are_known_exactly),
        cmocka_unit_test(volumes_too),
        cmocka_unit_test(smaller_than_the_window),
        cmocka_unit_test(one_window_is_the_network_itself),
        cmocka_unit_test(overlapping_windows_are_averaged),
        cmocka_unit_test(padding_is_zero_on_both_sides),
        cmocka_unit_test(flat_networks_take_volumes_slice_by_slice),
        cmocka_unit_test(channels_are_told_apart),
        cmocka_unit_test(images_are_normalised_and_left_alone),
        cmocka_unit_test(geometry_is_the_image_s_own),
        cmocka_unit_test(resized_images_come_back),
        cmocka_unit_test(another_spacing_comes_back),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(a_predictor_serves_any_size),
        cmocka_unit_test(stopping_is_heard_between_windows),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, start, end);
}
