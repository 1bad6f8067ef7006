/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_post.h"

#include "unit/predict/predict_test.h"

enum { H = 30, W = 40 };

/* A large block and a spot of class 1, two spots of class 2, of 12 and of 2 pixels. */
static void draw(struct image *x)
{
    for (int i = 0; i < H * W; i++) {
        int h = i / W, w = i % W;
        bool block = h >= 3 && h < 13 && w >= 3 && w < 13, spot = h == 20 && w < 3;
        bool large = h >= 20 && h < 23 && w >= 10 && w < 14, small = h == 27 && w >= 30 && w < 32;
        x->data[i] = block || spot ? 1 : large || small ? 2 : 0;
    }
}

static void plain_classes(void **state)
{
    (void)state;
    struct model m;
    struct prediction raw, out;
    struct image x = make_image(1, 1, H, W);
    make_model(&m, "arch=unet dims=2 in=1 classes=3 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(3));
    make_line(&m, 0, (double[]){0, 2, 4}, (double[]){0, -1, -4});
    draw(&x);
    m.post.largest = class_set_of(1);
    m.post.smallest[2] = 3;
    predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &raw);
    predict_with(
        &m, (struct predict_options){.probabilities = true, .post = m.post}, NULL, &x, &out);
    assert_true(!raw.post && raw.voxels[1] == 103 && raw.voxels[2] == 14);
    assert_true(
        out.post && out.voxels[0] == H * W - 112 && out.voxels[1] == 100 && out.voxels[2] == 12);
    assert_true(out.dropped[0] == 0 && out.dropped[1] == 3 && out.dropped[2] == 2);
    assert_memory_equal(out.probability, raw.probability, 3 * H * W * sizeof(float));
    OK(postprocess_apply(&m.post, raw.classes, x.size, &e));
    assert_memory_equal(out.classes, raw.classes, H * W);
    for (int i = 0; i < H * W; i++) assert_int_equal(out.labels.data[i], 10 * raw.classes[i]);
    prediction_free(&raw);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* A single channel: above 0 is class 1. */
static void one_channel(void **state)
{
    (void)state;
    struct model m;
    struct prediction raw, out;
    struct image x = make_image(1, 1, H, W);
    make_model(&m, "arch=unet dims=2 in=1 classes=1 widths=4,4", plain_preparation(1, 1, 16, 16),
        plain_labels(2));
    make_line(&m, 0, (double[]){2}, (double[]){-1});
    draw(&x);
    m.post.largest = class_set_of(1);
    predict_with(&m, (struct predict_options){0}, NULL, &x, &raw);
    predict_with(&m, (struct predict_options){.post = m.post}, NULL, &x, &out);
    assert_int_equal(raw.voxels[0], 117);
    assert_int_equal(out.voxels[0], 100);
    assert_int_equal(out.dropped[1], 17);
    for (int i = 0; i < H * W; i++)
        assert_int_equal(out.labels.data[i], i / W < 13 && x.data[i] > 0 ? 10 : 0);
    prediction_free(&raw);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* whole = {1, 2}, written as class 1's value, core = {2}, as class 2's; small components of class 2
 * go, and leave both regions. */
static void regions(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct predictor *p;
    struct labelling l = plain_labels(3);
    struct image x = make_image(1, 1, H, W);
    l.regions = 2;
    for (int k = 0; k < 2; k++) {
        l.region[k] = class_set_bits(k ? 4 : 6);
        l.region_value[k] = l.value[k + 1];
        snprintf(l.region_name[k], LABELLING_NAME, "r%d", k);
    }
    make_model(
        &m, "arch=unet dims=2 in=1 classes=2 widths=4,4", plain_preparation(1, 1, 16, 16), l);
    make_line(&m, 0, (double[]){2, 2}, (double[]){-1, -3});
    draw(&x);
    m.post.smallest[2] = 3;
    m.post.largest = class_set_of(1);
    predict_with(&m, (struct predict_options){.post = m.post}, NULL, &x, &out);
    assert_true(out.voxels[0] == 112 && out.voxels[1] == 12);
    assert_true(out.dropped[1] == 3 && out.dropped[2] == 2);
    for (int i = 0; i < H * W; i++) {
        assert_int_equal(out.labels.data[i],
            out.classes[i] == 2       ? 20
                : out.classes[i] == 1 ? 10
                                      : 0);
        if (i / W == 27 || (i / W == 20 && i % W < 3)) assert_int_equal(out.labels.data[i], 0);
    }
    prediction_free(&out);
    m.labels.region_value[1] = 77;
    OK(predictor_create(&m, best_kernels(), NULL,
        &(struct predict_options){.overlap = .5, .post = m.post}, &p, &e));
    REFUSED(predict_image(p, &x, &out, NULL, &e), ATT_MODEL,
        "the region r1 writes the value 77, which no class has");
    predictor_free(p);
    image_free(&x);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_classes), cmocka_unit_test(one_channel), cmocka_unit_test(regions)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
