/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of a network whose masks are known: class 1 where a voxel is brighter than 50. */
#include "train/validate.h"

#include <math.h>

#include "unit/train/train_test.h"

enum { SIDE = 16 };

/* One number of a convolution's weights, of all others that are 0. */
static void put_weight(struct model *m, const char *name, size_t at, double value)
{
    int index = params_find(&m->params, name);
    const struct param *p = &m->params.list[index];
    real *all = mem_array(p->count, sizeof *all);
    params_export(p, params_at(&m->params, index), all);
    all[at] = (real)value;
    params_import(p, all, params_at(&m->params, index));
    mem_free(all);
}

/* Logits 0, x - 50 and -1000 for a positive x. */
static void make_model(struct model *m, const struct dataset *d)
{
    struct preparation prep = {.patch = {1, SIDE, SIDE}, .channels = 1};
    struct spec spec;
    prep.normalise[0].scheme = NORMALISE_NONE;
    OK(spec_parse(&spec, "arch=unet dims=2 in=1 classes=3 widths=2,2", &e));
    OK(model_create(&spec, &prep, &d->labels, 1, m, &e));
    for (int i = 0; i < m->params.count; i++) {
        const struct param *p = &m->params.list[i];
        real *data = params_at(&m->params, i);
        if (p->kind == PARAM_CONV) memset(data, 0, p->size * sizeof *data);
        for (size_t k = 0; strstr(p->name, "running_var") && k < p->count; k++)
            data[k] = (real)(1 - 1e-5);
    }
    static const char *const way[] = {
        "enc.0.conv1.weight", "enc.0.conv2.weight", "dec.0.conv1.weight", "dec.0.conv2.weight"};
    for (int i = 0; i < COUNT(way); i++)
        put_weight(m, way[i], 4, 1); /* the middle of the first 3x3 */
    put_weight(m, "head.0.weight", 2, 1);
    put_weight(m, "head.0.bias", 1, -50);
    put_weight(m, "head.0.bias", 2, -1000);
}

/* `bright` voxels of 60 from the first on; true are `from` to `to` - 1, with `value`. */
static void put_case(int k, int bright, int from, int to, uint16_t value)
{
    struct image m = {.channels = 1, .size = {1, SIDE, SIDE}};
    struct labelmap l = {.size = {1, SIDE, SIDE}};
    m.data = mem_array(SIDE * SIDE, sizeof *m.data);
    l.data = mem_array(SIDE * SIDE, sizeof *l.data);
    for (int i = 0; i < SIDE * SIDE; i++) {
        m.data[i] = i < bright ? 60 : 10;
        l.data[i] = i >= from && i < to ? value : 0;
    }
    for (int part = 0; part < 2; part++) {
        char *path = mem_text("set/%s/case_%d.nii", part ? "labels" : "images", k);
        make_parent(path);
        if (part)
            OK(format_save_labels(path, &l, &e));
        else
            OK(format_save_image(path, &m, &e));
        mem_free(path);
    }
    mem_free(m.data);
    mem_free(l.data);
}

static int make_set(void **state)
{
    if (make_scratch(state)) return -1;
    put_case(0, 40, 20, 60, 1); /* 20 of 40 and 40: Dice .5 */
    put_case(1, 30, 0, 30, 1);  /* 1 */
    put_case(2, 0, 0, 0, 0);    /* nothing there, nothing found: no Dice */
    put_case(3, 10, 100, 110, 2);
    return 0;
}

static struct train_context context(struct watch *w)
{
    watch_new(w);
    w->host.kernels = kernels_for(kernels_best());
    return (struct train_context){.host = &w->host};
}

static void dice_is_over_cases_then_over_classes(void **state)
{
    (void)state;
    struct watch w;
    struct train_context c = context(&w);
    struct dataset d;
    struct model m;
    struct validation v;
    OK(dataset_open("set", &d, &w.host, &e));
    make_model(&m, &d);
    OK(validation_run(&c,
        &(struct validation_job){.data = &d, .cases = (int[]){0, 1, 2}, .count = 3, .model = &m},
        &v, &e));
    assert_int_equal(v.count, 2);
    assert_true(v.dice[0] == .75 && isnan(v.dice[1]) && v.mean == .75);
    assert_true(v.truth[0] == 70 && v.truth[1] == 0);
    assert_false(file_exists("validation"));
    json_t *j = validation_to_json(&v, &d.labels);
    assert_true(json_is_null(json_object_get(json_object_get(j, "classes"), "label 2")));
    json_decref(j);
    /* Class 2 is there and not found: 0; class 1 is found and not there: 0. */
    OK(validation_run(&c,
        &(struct validation_job){.data = &d, .cases = (int[]){1, 3}, .count = 2, .model = &m}, &v,
        &e));
    assert_true(v.dice[0] == .5 && v.dice[1] == 0 && v.mean == .25);
    OK(validation_run(&c,
        &(struct validation_job){.data = &d, .cases = (int[]){2}, .count = 1, .model = &m}, &v,
        &e));
    assert_true(isnan(v.mean));
    model_free(&m);
    dataset_free(&d);
}

static void masks_are_left_in_the_run_s_folder(void **state)
{
    (void)state;
    struct watch w;
    struct train_context c = context(&w);
    struct dataset d;
    struct model m;
    struct validation v;
    OK(dataset_open("set", &d, &w.host, &e));
    make_model(&m, &d);
    put_text("run/validation/case_0.nii.tmp-0-1", "not of a process"); /* stays: 0 is no process */
    OK(validation_run(&c,
        &(struct validation_job){
            .data = &d, .cases = (int[]){0, 3}, .count = 2, .model = &m, .run = "run"},
        &v, &e));
    for (int k = 0; k < 4; k += 3) {
        char *path = validation_mask("run", &d.cases[k]), wanted[40];
        struct labelmap l;
        snprintf(wanted, sizeof wanted, "run/validation/case_%d.nii", k);
        assert_string_equal(path, wanted);
        OK(format_load_labels(path, &l, &e));
        for (int i = 0; i < SIDE * SIDE; i++) assert_int_equal(l.data[i], i < (k ? 10 : 40));
        labelmap_free(&l);
        mem_free(path);
    }
    model_free(&m);
    dataset_free(&d);
}

static void it_can_be_stopped(void **state)
{
    (void)state;
    struct watch w;
    struct train_context c = context(&w);
    struct dataset d;
    struct model m;
    struct validation v = {.count = 7, .mean = .5};
    OK(dataset_open("set", &d, &w.host, &e));
    make_model(&m, &d);
    w.stop_what = "validating";
    w.stop_at = 1;
    REFUSED(
        validation_run(&c,
            &(struct validation_job){.data = &d, .cases = (int[]){0, 1}, .count = 2, .model = &m},
            &v, &e),
        ATT_INTERRUPTED, "");
    assert_int_equal(v.count, 7); /* what was known before stays known */
    assert_true(v.mean == .5);
    model_free(&m);
    dataset_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dice_is_over_cases_then_over_classes),
        cmocka_unit_test(masks_are_left_in_the_run_s_folder),
        cmocka_unit_test(it_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, make_set, remove_scratch);
}
