/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny network learns one case by heart in a moment: every part of training points the right way.
 */
#include "unit/train/train_test.h"

#include <math.h>

#include "measure/metrics.h"
#include "predict/predict.h"

/* Dice of class 1 of the first case of a data set, predicted by the run's model as the command
 * would. */
static double dice(const char *data, const char *run)
{
    struct dataset d;
    struct sample s;
    struct model m;
    struct predictor *p;
    struct prediction out;
    OK(dataset_open(data, &d, NULL, &e));
    OK(dataset_load(&d, 0, &s, &e));
    OK(model_load(run, &m, &e));
    OK(predictor_create(
        &m, kernels_for(kernels_best()), NULL, &(struct predict_options){.overlap = .5}, &p, &e));
    OK(predict_image(p, &s.image, &out, NULL, &e));
    struct overlap o = overlap_count(
        out.classes, s.classes, image_voxels(s.image.size), class_set_of(1), class_set_of(1));
    prediction_free(&out);
    predictor_free(p);
    model_free(&m);
    sample_free(&s);
    dataset_free(&d);
    return overlap_dice(&o);
}

static void learn(const char *data, const char *run, double max_loss, const char *const *words)
{
    whole_run((struct how){1, kernels_best()}, data, run, words);
    json_t *row = last_row(run);
    double loss = json_number_value(json_object_get(row, "loss")), score = dice(data, run);
    json_decref(row);
    print_message("%s: loss %.4f, Dice %.4f\n", run, loss, score);
    if (!(loss < max_loss)) fail_msg("%s: the loss is %g", run, loss);
    if (!(score > .95)) fail_msg("%s: Dice is %g", run, score);
}
#define LEARN(data, run, max, ...) learn(data, run, max, (const char *const[]){__VA_ARGS__, NULL})

#define STILL "mirror=no", "intensity=no", "rotate=0", "scale=0", "warmup=0"

static void one_slice(void **state)
{
    (void)state;
    put_boxes("slice", 1, 1, 40, 48);
    LEARN("slice", "both", .2, "steps=60", "lr=0.01", "patch=40x48", "batch=2",
        "spec=widths=8,16 gated=all gate=same gate_norm=batch", STILL);
    LEARN("slice", "grid", .2, "steps=60", "lr=0.01", "patch=40x48", "batch=2",
        "spec=widths=8,12,16,16 gate=grid heads=side", STILL);
    LEARN("slice", "half", .2, "steps=60", "lr=0.01", "patch=40x48", "batch=2",
        "spec=widths=8,16 gated=all gate=same gate_norm=batch", "storage=bf16", STILL);
    LEARN("slice", "half_grid", .2, "steps=60", "lr=0.01", "patch=40x48", "batch=2",
        "spec=widths=8,12,16,16 gate=grid heads=side", "storage=bf16", STILL);
    LEARN("slice", "plain", .2, "steps=60", "lr=0.01", "patch=40x48", "batch=2",
        "spec=arch=unet widths=8,16", STILL);
    LEARN("slice", "one", .6, "steps=60", "lr=0.01", "patch=40x48", "batch=2",
        "spec=classes=1 widths=8,16 gated=all", STILL);
    LEARN("slice", "sgd", .2, "steps=80", "optimiser=sgd", "lr=0.05", "momentum=0.9",
        "schedule=cosine", "patch=32x32", "batch=3", "loss=dice(batch=yes)+ce",
        "spec=widths=8,16 gated=all", STILL);
}

/* With everything drawn at random, as in real training. */
static void one_slice_changed_at_random(void **state)
{
    (void)state;
    LEARN("slice", "changed", .5, "steps=150", "lr=0.01", "patch=32x32", "batch=4", "warmup=5",
        "spec=widths=8,16 gated=all");
}

static void one_volume(void **state)
{
    (void)state;
    put_boxes("volume", 1, 12, 20, 24);
    LEARN("volume", "solid", .3, "steps=50", "lr=0.01", "patch=12x20x24", "batch=2",
        "spec=widths=8,16 gated=all", STILL);
    LEARN("volume", "half_solid", .3, "steps=50", "lr=0.01", "patch=12x20x24", "batch=2",
        "spec=widths=8,16 gated=all", "storage=bf16", STILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_slice),
        cmocka_unit_test(one_slice_changed_at_random),
        cmocka_unit_test(one_volume),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
