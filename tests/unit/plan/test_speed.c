/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured is a rounded number; how large it is depends on the machine. */
#include "plan/speed.h"

#include "base/cpu.h"

#include <math.h>

#include "unit/plan/recipe_test.h"

static struct host host;

static void rounding(void **state)
{
    (void)state;
    static const double list[][2] = {{1, 1}, {1.08, 1}, {1.1, 1.2}, {1.25, 1.2}, {1.35, 1.4},
        {.75, .71}, {.5, .5}, {.43, .42}, {2.1, 2}, {100, 110}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        assert_true(speed_round(list[i][0]) == list[i][1]);
}

static att_status measure(
    const char *text, int d, int h, int w, bool half, double *speed, struct err *e)
{
    struct spec s;
    struct arch_facts f;
    TRY(spec_parse(&s, text, e));
    TRY(arch_describe(&s, &f, e));
    return speed_measure(
        &(struct speed_case){.spec = &s, .facts = &f, .half = half, .patch = {d, h, w}}, &host,
        speed, e);
}

/* Patches far larger than what is timed, one too long to halve, one class, side losses. */
static void networks(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        int d, h, w;
        bool half;
    } list[] = {
        {"arch=attunet dims=2 in=1 classes=1 widths=2,2,2", 1, 64, 64, false},
        {"arch=attunet dims=2 in=3 classes=4 widths=2,2,2,2,2 heads=side", 1, 4096, 4096, true},
        {"arch=attunet dims=3 in=1 classes=3 widths=2,2,2 strides=1x2x2,2x2x2 "
         "kernels=1x3x3,3x3x3,3x3x3",
            12, 256, 256, false},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        double speed = 0;
        OK(measure(list[i].spec, list[i].d, list[i].h, list[i].w, list[i].half, &speed, &e));
        assert_true(speed > 0 && speed < 1e6 && speed == speed_round(speed));
    }
}

static void stopped(void **state)
{
    (void)state;
    double speed = -1;
    host.stop = 1;
    REFUSED(
        measure("arch=attunet dims=2 in=1 classes=1 widths=2,2,2", 1, 16, 16, false, &speed, &e),
        ATT_INTERRUPTED, "stopped while measuring this machine");
    host.stop = 0;
    assert_true(speed == -1);
}

/* True if a reason is given. */
static bool measures(const struct made *m, const char *const *words, double *speed)
{
    static struct fingerprint_case cases[MADE_CASES];
    struct fingerprint f = make_print(m, cases);
    struct dataset d = m->dims == 2 ? flat_data() : volume_data();
    struct options o;
    struct recipe r;
    json_t *why = json_object();
    set_options(&o, words);
    OK(recipe_decide(
        &(struct recipe_sources){.o = &o, .d = &d, .f = &f, .host = &host, .why = why}, &r, &e));
    options_free(&o);
    const bool reason = json_object_get(why, "speed") != NULL;
    json_decref(why);
    *speed = r.speed;
    return reason;
}
#define MEASURES(m, speed, ...) measures(m, (const char *const[]){__VA_ARGS__, NULL}, speed)

/* Only where patch or grid follow from it. */
static void when(void **state)
{
    (void)state;
    double speed;
    assert_true(MEASURES(&flat_facts, &speed, "time=5m", "spec=widths=2,4") && speed > 0);
    assert_true(MEASURES(&flat_facts, &speed, "spec=widths=2,4") && speed > 0);
    assert_true(MEASURES(&volume_facts, &speed, "time=5m", "spec=widths=2,4", "spacing=none"));
    assert_false(MEASURES(&flat_facts, &speed, "time=5m", "speed=0.5"));
    assert_true(speed == .5);
    assert_false(MEASURES(&flat_facts, &speed, "steps=5"));
    assert_true(speed == 0);
    assert_false(MEASURES(&flat_facts, &speed, "epochs=5"));
    assert_false(MEASURES(&flat_facts, &speed, "patch=32x32", "resize=none"));
    assert_true(speed == 0);
    assert_false(MEASURES(&flat_facts, &speed, "time=5m", "max-memory=1GiB"));
    assert_false(MEASURES(&flat_facts, &speed, "spec=arch=hard"));
}

static bool decides_precision(const char *word, bool *bf16)
{
    static struct fingerprint_case cases[MADE_CASES];
    struct fingerprint f = make_print(&flat_facts, cases);
    struct dataset d = flat_data();
    struct options o;
    struct recipe r;
    json_t *why = json_object();
    set_options(&o, (const char *const[]){"spec=widths=2,4", "steps=5", word, NULL});
    OK(recipe_decide(
        &(struct recipe_sources){.o = &o, .d = &d, .f = &f, .host = &host, .why = why}, &r, &e));
    options_free(&o);
    const bool measured = json_object_get(why, "precision") != NULL;
    json_decref(why);
    *bf16 = r.bf16;
    return measured;
}

/* Only auto measures, and only where there is a matrix unit. */
static void precision(void **state)
{
    (void)state;
    bool bf16;
    assert_false(decides_precision("precision=f32", &bf16));
    assert_false(bf16);
    assert_false(decides_precision("precision=bf16", &bf16));
    assert_true(bf16);
    assert_int_equal(decides_precision("precision=auto", &bf16), cpu_matrix());
    host.kernels = kernels_for(ISA_REF);
    assert_false(decides_precision("precision=auto", &bf16));
    assert_false(bf16);
    host.kernels = kernels_for(kernels_best());
}

/* A gain above a quarter is taken, and no other. */
static void gain_decides(void **state)
{
    (void)state;
    struct spec s;
    struct arch_facts f;
    bool bf16 = true;
    double gain = -1;
    OK(spec_parse(&s, "arch=attunet dims=2 in=1 classes=1 widths=64,64 gated=all", &e));
    OK(arch_describe(&s, &f, &e));
    OK(speed_choose_bf16(&(struct speed_case){.spec = &s, .facts = &f, .patch = {1, 64, 64}}, &host,
        &bf16, &gain, &e));
    if (cpu_matrix())
        assert_true(gain > 0 && bf16 == (gain >= 1.25));
    else
        assert_true(gain == 0 && !bf16);
}

int main(void)
{
    host.kernels = kernels_for(kernels_best());
    const struct CMUnitTest tests[] = {cmocka_unit_test(rounding), cmocka_unit_test(networks),
        cmocka_unit_test(stopped), cmocka_unit_test(when), cmocka_unit_test(precision),
        cmocka_unit_test(gain_decides)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
