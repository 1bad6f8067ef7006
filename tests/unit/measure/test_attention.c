/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured of a network's maps is what its predictions come to, done by hand. */
#include "measure/attention.h"

#include <math.h>

#include "measure/metrics.h"
#include "phantom/phantom.h"
#include "unit/predict/predict_test.h"

#define NET "arch=attunet dims=2 in=1 classes=2 widths=4,6,8 norm=instance gate=grid gated=all"

struct trial {
    struct dataset d;
    struct model m, random;
    struct attention a;
    struct host host;
};

static void make_trial(struct trial *t, const char *spec, double share)
{
    struct preparation prep = plain_preparation(1, 1, 32, 32);
    struct attention_options o = {.blank = share, .seed = 11, .predict = {.overlap = .5}};
    static const int list[2] = {0, 1};
    memset(t, 0, sizeof *t);
    t->host.kernels = best_kernels();
    prep.normalise[0].scheme = NORMALISE_ZSCORE;
    OK(phantom_write(
        "field", "set", &(struct phantom_wish){.seed = 3, .size = {1, 256, 300}}, 2, NULL, &e));
    OK(dataset_open("set", &t->d, NULL, &e));
    make_model(&t->m, spec, prep, t->d.labels);
    make_seeded(&t->random, spec, prep, t->d.labels, 11);
    OK(attention_run(&t->m, &t->d, list, 2, &o, &t->host, &t->a, &e));
    assert_int_equal(t->a.count, 2);
}

static void free_trial(struct trial *t)
{
    attention_free(&t->a);
    model_free(&t->m);
    model_free(&t->random);
    dataset_free(&t->d);
}

static void assert_measures(const struct map_measure *a, const struct map_measure *b)
{
    struct map_measure x = *a, y = *b;
    for (int i = 0; i < MAP_NUMBERS; i++) {
        double p = *map_number(&x, i), q = *map_number(&y, i);
        if (isnan(p) ? !isnan(q) : p != q) fail_msg("%s: %.9g, not %.9g", map_number_name[i], p, q);
    }
}

static double dice_with(const struct trial *t, const struct sample *x, const uint8_t *area)
{
    size_t voxels = image_voxels(x->image.size);
    struct image blanked = make_image(1, x->image.size[0], x->image.size[1], x->image.size[2]);
    struct prediction out;
    double mean = 0;
    for (size_t i = 0; i < voxels; i++) mean += (double)x->image.data[i] / (double)voxels;
    for (size_t i = 0; i < voxels; i++)
        blanked.data[i] = area && area[i] ? (float)mean : x->image.data[i];
    predict_with(&t->m, (struct predict_options){.overlap = .5}, NULL, &blanked, &out);
    struct overlap o =
        overlap_count(out.classes, x->classes, voxels, class_set_of(1), class_set_of(1));
    prediction_free(&out);
    image_free(&blanked);
    return overlap_dice(&o);
}

static void assert_gate(const struct trial *t, int index, int g, const struct sample *x,
    const struct prediction *trained, const struct prediction *random)
{
    const struct attention_gate *gate = &t->a.list[index].gate[g];
    size_t voxels = image_voxels(x->image.size), count = (voxels + 2) / 4;
    struct map_measure m;
    uint8_t *area = mem_alloc(voxels), *moved = mem_alloc(voxels);
    assert_string_equal(gate->name, trained->maps[g].name);
    OK(map_measure(trained->maps[g].data, x->classes, voxels, &m, &e));
    assert_measures(&gate->trained, &m);
    OK(map_measure(random->maps[g].data, x->classes, voxels, &m, &e));
    assert_measures(&gate->random, &m);
    OK(map_area(trained->maps[g].data, voxels, false, count, area, &e));
    assert_true(fabs(gate->dice[BLANK_UNIMPORTANT] - dice_with(t, x, area)) <
        1e-3); /* a mean summed in another order */
    OK(map_area(trained->maps[g].data, voxels, true, count, area, &e));
    assert_true(fabs(gate->dice[BLANK_IMPORTANT] - dice_with(t, x, area)) < 1e-3);
    map_area_elsewhere(area, x->image.size, 11, (uint32_t)index, (uint32_t)g, moved);
    assert_true(fabs(gate->dice[BLANK_ELSEWHERE] - dice_with(t, x, moved)) < 1e-3);
    for (int b = 0; b < BLANKS; b++)
        assert_true(fabs(gate->lost[b] - (t->a.list[index].dice - gate->dice[b])) < 1e-12);
    mem_free(area);
    mem_free(moved);
}

static void figures_are_those_of_predictions(void **state)
{
    (void)state;
    struct trial t;
    make_trial(&t, NET, .25);
    assert_int_equal(t.a.gates, 2);
    for (int i = 0; i < 2; i++) {
        struct predict_options o = {.overlap = .5, .attention = true};
        struct prediction trained, random;
        struct sample x;
        struct map_measure m;
        OK(dataset_load(&t.d, i, &x, &e));
        predict_with(&t.m, o, NULL, &x.image, &trained);
        predict_with(&t.random, o, NULL, &x.image, &random);
        assert_string_equal(t.a.list[i].id, t.d.cases[i].id);
        assert_true(fabs(t.a.list[i].dice - dice_with(&t, &x, NULL)) < 1e-12);
        OK(map_measure(x.image.data, x.classes, image_voxels(x.image.size), &m, &e));
        assert_measures(&t.a.list[i].intensity, &m);
        for (int g = 0; g < 2; g++) assert_gate(&t, i, g, &x, &trained, &random);
        prediction_free(&trained);
        prediction_free(&random);
        sample_free(&x);
    }
    const struct attention_case *c = t.a.list;
    for (int g = 0; g < 2; g++) {
        assert_true(fabs(t.a.mean.gate[g].trained.auc -
                        (c[0].gate[g].trained.auc + c[1].gate[g].trained.auc) / 2) < 1e-12);
        assert_true(fabs(t.a.mean.gate[g].dice[0] -
                        (c[0].gate[g].dice[0] + c[1].gate[g].dice[0]) / 2) < 1e-12);
        assert_true(fabs(t.a.mean.gate[g].lost[0] -
                        (c[0].gate[g].lost[0] + c[1].gate[g].lost[0]) / 2) < 1e-12);
    }
    assert_true(fabs(t.a.mean.dice - (c[0].dice + c[1].dice) / 2) < 1e-12);
    free_trial(&t);
}

/* A disc in the middle is nearer to it than all else; one in a corner is not. */
static void the_centre_prior_prefers_the_middle(void **state)
{
    (void)state;
    struct trial t;
    make_trial(&t, NET, 0);
    double inside = 0, outside = 0, auc = t.a.list[0].centre.auc;
    struct sample x;
    OK(dataset_load(&t.d, 0, &x, &e));
    long max_int = 0, there = 0, others = 0;
    double *prior = mem_array(256 * 300, sizeof *prior);
    for (int i = 0; i < 256 * 300; i++) {
        double h = (2.0 * (i / 300) + 1) / 256 - 1, w = (2.0 * (i % 300) + 1) / 300 - 1;
        bool in = x.classes[i] == 1;
        prior[i] = 1 - sqrt((h * h + w * w) / 2);
        *(in ? &inside : &outside) += prior[i];
        there += in;
        others += !in;
    }
    for (int i = 0; i < 256 * 300; i++)
        for (int k = 0; x.classes[i] == 1 && k < 256 * 300; k++)
            max_int += x.classes[k] != 1 && prior[i] > prior[k];
    mem_free(prior);
    assert_true(fabs(t.a.list[0].centre.inside - inside / (double)there) < 1e-6);
    assert_true(fabs(t.a.list[0].centre.outside - outside / (double)others) < 1e-6);
    assert_true(fabs(auc - (double)max_int / ((double)there * (double)others)) < 1e-3);
    assert_true(isnan(t.a.list[0].gate[0].dice[0])); /* nothing was blanked */
    sample_free(&x);
    free_trial(&t);
}

static void states_of_gates(void **state)
{
    (void)state;
    assert_int_equal(gate_state(&(struct map_measure){.p1 = .95, .p99 = .99}), GATE_OPEN);
    assert_int_equal(gate_state(&(struct map_measure){.p1 = .001, .p99 = .05}), GATE_SHUT);
    assert_int_equal(gate_state(&(struct map_measure){.p1 = .5, .p99 = .51}), GATE_FLAT);
    assert_int_equal(gate_state(&(struct map_measure){.p1 = .2, .p99 = .7}), GATE_VARIES);
    assert_int_equal(gate_state(&(struct map_measure){.p1 = NAN, .p99 = NAN}), GATE_UNKNOWN);
}

static void without_gates_there_is_nothing(void **state)
{
    (void)state;
    struct trial t;
    make_trial(&t, NET, 0);
    struct attention a;
    struct attention_options o = {.predict = {.overlap = .5}};
    struct model plain;
    make_model(&plain, "arch=unet dims=2 in=1 classes=2 widths=4,6", t.m.prep, t.d.labels);
    REFUSED(attention_run(&plain, &t.d, (const int[]){0}, 1, &o, &t.host, &a, &e), ATT_USAGE,
        "no attention gates");
    REFUSED(attention_run(&t.m, &t.d, NULL, 0, &o, &t.host, &a, &e), ATT_DATA, "no labelled case");
    model_free(&plain);
    free_trial(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_are_those_of_predictions, enter, leave),
        cmocka_unit_test_setup_teardown(the_centre_prior_prefers_the_middle, enter, leave),
        cmocka_unit_test(states_of_gates),
        cmocka_unit_test_setup_teardown(without_gates_there_is_nothing, enter, leave),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
