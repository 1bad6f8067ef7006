/* SPDX-License-Identifier: Apache-2.0 */
#include "predict/predict_decode.h"

#include <math.h>

#include "unit/predict/predict_test.h"

/* whole = {1, 2} above 0.5, core = {2} above 1.5, odd = {1} below 1.5; value 0: only `odd`; 1:
 * whole, odd; 2: whole, core. Later ones win, and what is written counts: class 1 is a part of
 * whole, and whole has it also where its own logits deny it. */
static void regions_are_written_in_order(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct labelling l = plain_labels(3);
    static const double slope[] = {2, 2, -2}, bias[] = {-1, -3, 3};
    static const uint16_t value[] = {300, 7, 5};
    static const int class_of[] = {3, 3, 2};
    l.regions = 3;
    l.value[0] = 9;
    l.value[1] = value[2];
    l.value[2] = value[1];
    for (int k = 0; k < 3; k++) {
        l.region[k] = class_set_bits(k == 0 ? 6 : k == 1 ? 4 : 2);
        l.region_value[k] = value[k];
        snprintf(l.region_name[k], LABELLING_NAME, "r%d", k);
    }
    struct image x = make_image(1, 1, 21, 18);
    make_model(&m, "arch=unet dims=2 in=1 classes=3 widths=4,4", plain_preparation(1, 1, 8, 8), l);
    make_line(&m, 0, slope, bias);
    fill_image(&x, 3, 8);
    x.data[0] = 0;
    predict_with(&m, (struct predict_options){.probabilities = true}, NULL, &x, &out);
    int64_t count[3] = {0};
    for (int i = 0; i < 21 * 18; i++) {
        int v = (int)x.data[i];
        count[v]++;
        assert_int_equal(out.classes[i], class_of[v]);
        assert_int_equal(out.labels.data[i], value[class_of[v] - 1]);
        for (int k = 0; k < 3; k++)
            assert_true(fabs((double)out.probability[k * 21 * 18 + i] -
                            1 / (1 + exp(-slope[k] * v - bias[k]))) < 1e-5);
    }
    assert_int_equal(out.voxels[0], count[0] + count[1] + count[2]);
    assert_int_equal(out.voxels[1], count[2]);
    assert_int_equal(out.voxels[2], count[0] + count[1]);
    prediction_free(&out);
    for (int k = 0; k < 3; k++) put_number(&m, "head.0.bias", (size_t)k, -100);
    predict_with(&m, (struct predict_options){.overlap = 0.5}, NULL, &x, &out);
    assert_int_equal(out.labels.data[0], 9);
    assert_int_equal(out.classes[0], 0);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

static void one_output_is_the_foreground(void **state)
{
    (void)state;
    struct model m;
    struct prediction out;
    struct labelling l = plain_labels(2);
    l.value[1] = 255;
    struct image x = make_image(1, 1, 9, 9);
    make_model(&m, "arch=unet dims=2 in=1 classes=1 widths=4,4", plain_preparation(1, 1, 8, 8), l);
    make_line(&m, 0, (double[]){2}, (double[]){-1});
    fill_image(&x, 2, 9);
    predict_with(&m, (struct predict_options){.overlap = 0.5}, NULL, &x, &out);
    for (int i = 0; i < 81; i++) {
        assert_int_equal(out.labels.data[i], x.data[i] > 0 ? 255 : 0);
        assert_int_equal(out.classes[i], x.data[i] > 0);
    }
    assert_null(out.probability);
    prediction_free(&out);
    image_free(&x);
    model_free(&m);
}

/* One row, all channels at hand or one by one; no model but its labelling is needed. */
static void decode_row(const struct labelling *l, const float *logits, int channels, int voxels,
    bool at_hand, struct prediction *out)
{
    struct model *m = mem_alloc(sizeof *m);
    struct decoder d;
    float best[8];
    struct decode_part p = {
        .box = {{0, 0, 0}, {1, 1, voxels}}, .stride = at_hand ? (size_t)voxels : 0, .best = best};
    m->labels = *l;
    *out = (struct prediction){0};
    OK(decode_begin(&d, m, channels, p.box.size, NULL, out, &e));
    for (int c = 0; c < channels; c++) {
        p.data = logits + c * voxels;
        decode_channel(&d, c, &p);
    }
    OK(decode_end(&d, &(struct postprocess){0}, 0, out, &e));
    decode_free(&d);
    mem_free(m);
}

/* Both ways, which agree. */
static void decode(const struct labelling *l, const float *logits, int channels, int voxels,
    bool probabilities, struct prediction *out)
{
    struct prediction other;
    struct model *m = mem_alloc(sizeof *m);
    size_t count = (size_t)channels * (size_t)voxels;
    decode_row(l, logits, channels, voxels, false, &other);
    decode_row(l, logits, channels, voxels, true, out);
    assert_memory_equal(out->classes, other.classes, (size_t)voxels);
    assert_memory_equal(
        out->labels.data, other.labels.data, (size_t)voxels * sizeof *out->labels.data);
    assert_memory_equal(out->voxels, other.voxels, sizeof out->voxels);
    prediction_free(&other);
    m->labels = *l;
    if (probabilities) {
        out->probability = mem_array(count, sizeof *out->probability);
        memcpy(out->probability, logits, count * sizeof *logits);
        decode_probabilities(
            m, 1, out->probability, channels, (size_t)voxels, kernels_for(ISA_REF), NULL);
    }
    mem_free(m);
}

static void the_largest_logit_wins_the_first_of_equals(void **state)
{
    (void)state;
    static const float logits[] = {
        0, 5, -1, 3, 0, 5, -1, 4, 0, 4, -2, 4}; /* three classes, four voxels */
    static const uint8_t expected[] = {0, 0, 0, 1};
    struct labelling l = plain_labels(3);
    struct prediction out;
    l.value[0] = 1;
    decode(&l, logits, 3, 4, false, &out);
    assert_memory_equal(out.classes, expected, sizeof expected);
    for (int i = 0; i < 4; i++) assert_int_equal(out.labels.data[i], expected[i] ? 10 : 1);
    assert_true(out.voxels[0] == 3 && out.voxels[1] == 1 && out.voxels[2] == 0);
    assert_null(out.probability);
    prediction_free(&out);
}

static void probabilities_survive_extreme_logits(void **state)
{
    (void)state;
    static const float logits[] = {3e38f, -3e38f, 0, -3e38f, 3e38f, 0};
    static const float expected[] = {1, 0, 0.5f, 0, 1, 0.5f};
    struct labelling l = plain_labels(2);
    struct prediction out;
    decode(&l, logits, 2, 3, true, &out);
    assert_memory_equal(out.probability, expected, sizeof expected);
    assert_false(out.overflowed);
    prediction_free(&out);
    decode(&l, logits, 1, 3, true, &out); /* a half is not above a half */
    assert_true(out.probability[0] == 1 && out.probability[1] == 0 && out.probability[2] == 0.5f);
    assert_true(out.classes[0] == 1 && out.classes[1] == 0 && out.classes[2] == 0);
    prediction_free(&out);
}

/* inner = {2} is no part of outer = {1} here; its value is no class's at last. */
static void regions_have_the_voxels_that_the_mask_shows(void **state)
{
    (void)state;
    static const float logits[] = {1, 1, -1, -1, -1, 1, 1, -1}; /* outer, inner; four voxels */
    struct labelling l = plain_labels(3);
    struct prediction out;
    l.regions = 2;
    for (int k = 0; k < 2; k++) {
        l.region[k] = class_set_of(k + 1);
        l.region_value[k] = l.value[k + 1];
    }
    for (int i = 0; i < 2; i++) {
        decode(&l, logits, 2, 4, false, &out);
        assert_int_equal(out.voxels[0], 1);
        assert_int_equal(out.voxels[1], 2);
        prediction_free(&out);
        l.region_value[1] = 77;
    }
}

static void logits_that_are_no_numbers_are_background(void **state)
{
    (void)state;
    static const float logits[] = {NAN, NAN};
    struct labelling l = plain_labels(2);
    struct prediction out;
    for (int channels = 1; channels <= 2; channels++) {
        decode(&l, logits, channels, 1, true, &out);
        assert_int_equal(out.labels.data[0], 0);
        assert_true(out.overflowed);
        prediction_free(&out);
    }
}

/* Weights and image are finite, what comes out is not: no mask, unless it is asked for, of windows,
 * of networks whose logits go back to another grid, and of hard attention. */
static void logits_that_overflow_are_told(void **state)
{
    (void)state;
    struct model m;
    struct predictor *p;
    struct prediction out;
    static const char *const spec[] = {"arch=unet dims=2 in=1 classes=2 widths=4,4",
        "arch=unet dims=2 in=1 classes=2 widths=4,4",
        ("arch=hard tiles=9 dims=2 in=1 classes=2 scale=2 tile=8 halo=4 coarse=4,4 fine=4,4 "
         "policy=4 gate=none")};
    struct image x = make_image(1, 1, 9, 9);
    x.geometry.valid = true;
    fill_image(&x, 3, 8);
    for (int way = 0; way < 3; way++) {
        struct preparation prep = plain_preparation(1, 1, 8, 8);
        if (way == 1) prep.spacing[1] = prep.spacing[2] = 0.7;
        make_model(&m, spec[way], prep, plain_labels(2));
        if (way == 2)
            for (size_t i = 0; i < 4; i++) put_number(&m, "fine.head.0.weight", i, 3e38);
        else
            make_line(&m, 0, (double[]){0, 3e38}, (double[]){0, 3e38});
        for (int diverging = 0; diverging < 2; diverging++) {
            struct predict_options o = {.overlap = .5, .diverging = diverging};
            OK(predictor_create(&m, best_kernels(), NULL, &o, &p, &e));
            if (diverging) {
                OK(predict_image(p, &x, &out, NULL, &e));
                assert_true(out.overflowed);
                prediction_free(&out);
            } else {
                REFUSED(predict_image(p, &x, &out, NULL, &e), ATT_MODEL, "is not finite");
            }
            predictor_free(p);
        }
        model_free(&m);
    }
    image_free(&x);
}

/* Entropies of four classes over log 4, and of two regions. */
static void entropy_is_between_0_and_1(void **state)
{
    (void)state;
    struct model classes = {0}, regions = {0};
    regions.labels.regions = 2;
    float p[4 * 3] = {.25f, 1, .5f, .25f, 0, .5f, .25f, 0, 0, .25f, 0, 0};
    decode_entropy(&classes, p, 4, 3);
    assert_true(p[0] == 1 && p[1] == 0 && fabs((double)p[2] - .5) < 1e-6);
    float q[2 * 3] = {.5f, 1, .5f, .5f, 0, 1};
    decode_entropy(&regions, q, 2, 3);
    assert_true(fabs((double)q[0] - 1) < 1e-6 && q[1] == 0 && fabs((double)q[2] - .5) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_written_in_order),
        cmocka_unit_test(one_output_is_the_foreground),
        cmocka_unit_test(the_largest_logit_wins_the_first_of_equals),
        cmocka_unit_test(probabilities_survive_extreme_logits),
        cmocka_unit_test(regions_have_the_voxels_that_the_mask_shows),
        cmocka_unit_test(logits_that_are_no_numbers_are_background),
        cmocka_unit_test(logits_that_overflow_are_told),
        cmocka_unit_test(entropy_is_between_0_and_1),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
