/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_maps.h"

#include <math.h>

#include "unit/predict/predict_test.h"

/* alpha = sigmoid(v) at level 1, v being the value of a block of 2 x 2 voxels. */
static void make_gate_line(struct model *m)
{
    make_model(m, "arch=attunet dims=2 in=1 classes=2 widths=4,4,4 gate=same",
        plain_preparation(1, 1, 16, 16), plain_labels(2));
    clear_model(m);
    connect(m, "enc.0.conv1.weight", 0, 0, 1);
    connect(m, "enc.0.conv2.weight", 0, 0, 1);
    connect(m, "enc.1.conv1.weight", 0, 0, 1);
    connect(m, "enc.1.conv2.weight", 0, 0, 1);
    connect(m, "gate.1.wx.weight", 0, 0, 1);
    connect(m, "gate.1.psi.weight", 0, 0, 1);
}

static double own_alpha(const struct image *x, int h, int w)
{
    return 1 / (1 + exp(-(double)x->data[2 * h * x->size[2] + 2 * w]));
}

static void attention_lies_on_the_gate_s_grid(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x =
        make_image(1, 1, 28, 32); /* windows at 0, 6, 12 and 0, 8, 16: even, so blocks are whole */
    make_gate_line(&m);
    for (int i = 0; i < 28 * 32; i++) x.data[i] = (float)((i / 32 / 2 * 5 + i % 32 / 2 * 3) % 4);
    predict_with(&m, (struct predict_options){.attention = true}, NULL, &x, &out);
    assert_int_equal(out.windows, 9);
    assert_int_equal(out.nmaps, 1);
    const struct attention_map *a = &out.maps[0];
    assert_string_equal(a->name, "gate.1");
    assert_true(a->own[0] == 1 && a->own[1] == 14 && a->own[2] == 16);
    assert_true(a->step[0] == 1 && a->step[1] == 2 && a->start[0] == 0 && a->start[1] == 0.5);
    for (int h = 0; h < 14; h++)
        for (int w = 0; w < 16; w++)
            assert_true(fabs((double)a->own_data[h * 16 + w] - own_alpha(&x, h, w)) < 1e-5);
    for (int h = 1; h < 14; h++) /* voxels lie a quarter and three quarters between cells */
        for (int w = 1; w < 16; w++) {
            double top = own_alpha(&x, h - 1, w - 1) * 0.25 + own_alpha(&x, h - 1, w) * 0.75;
            double low = own_alpha(&x, h, w - 1) * 0.25 + own_alpha(&x, h, w) * 0.75;
            assert_true(
                fabs((double)a->data[2 * h * 32 + 2 * w] - (0.25 * top + 0.75 * low)) < 1e-5);
        }
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* 9 rows in a window of 12: one row of padding above, two below; voxel 0 of the gate's grid is
 * centred between the padding and the first row. */
static void attention_of_padded_images(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 1, 9, 16);
    make_gate_line(&m);
    for (int i = 0; i < 9 * 16; i++) x.data[i] = (float)((i / 16 + 1) / 2 % 3);
    predict_with(&m, (struct predict_options){.attention = true}, NULL, &x, &out);
    const struct attention_map *a = &out.maps[0];
    assert_true(a->own[1] == 6 && a->own[2] == 8);
    assert_true(a->start[1] == -0.5 && a->start[2] == 0.5);
    for (int h = 0; h < 6; h++) {
        double v = h < 5 ? h % 3 : 0;
        for (int w = 0; w < 8; w++)
            assert_true(fabs((double)a->own_data[h * 8 + w] - 1 / (1 + exp(-v))) < 1e-5);
    }
    /* Row 1 of the image is row 2 of the padded one: 3/4 of cell 1 and 1/4 of cell 0. */
    assert_true(fabs((double)a->data[16] - (0.75 / (1 + exp(-1)) + 0.25 * 0.5)) < 1e-5);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* Windows at odd places: a constant map stays constant, to the last partial cell. */
static void attention_between_cells_keeps_its_size(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct image x = make_image(1, 11, 19, 27);
    make_model(&m, "arch=attunet dims=3 in=1 classes=2 widths=4,4,4 gated=all",
        plain_preparation(1, 8, 8, 16), plain_labels(2));
    clear_model(&m);
    put_number(&m, "gate.0.psi.bias", 0, -1);
    put_number(&m, "gate.1.psi.bias", 0, 2);
    fill_image(&x, 9, 10);
    predict_with(&m, (struct predict_options){.attention = true}, NULL, &x, &out);
    assert_int_equal(out.nmaps, 2);
    for (int k = 0; k < 2; k++) {
        const struct attention_map *a = &out.maps[k];
        bool fine = strcmp(a->name, "gate.0") == 0;
        double want = 1 / (1 + exp(fine ? 1 : -2));
        assert_int_equal(a->own[0], fine ? 11 : 6);
        assert_int_equal(a->own[2], fine ? 27 : 14);
        for (size_t i = 0; i < image_voxels(a->own); i++)
            assert_true(fabs((double)a->own_data[i] - want) < 1e-5);
        for (size_t i = 0; i < image_voxels(x.size); i++)
            assert_true(fabs((double)a->data[i] - want) < 1e-5);
    }
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attention_lies_on_the_gate_s_grid),
        cmocka_unit_test(attention_of_padded_images),
        cmocka_unit_test(attention_between_cells_keeps_its_size),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
